/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/check/gstcheck.h>
#include "../../appliance/pipelinefile.h"
#include "../../plugins/record/error.h"

#include <string.h>

#define HEADER                                                                 \
  "# SPDX-License-Identifier: LGPL-2.1-or-later\n"                             \
  "# Reads a file.\n#\n# And more.\n#\n"                                       \
  "# file (path): what to\n#   read\n"                                         \
  "# lists (path): what to compare with\n"                                     \
  "# width (number): pixels\n"

#define BODY                                                                   \
  "filesrc location=${file} ! a lists=${lists:-}\n  width=${width:-4} ! b\n"

static AnprPipelineFile *
parse (const gchar *text, GError **error)
{
  return anpr_pipeline_file_parse (text, strlen (text), error);
}

static void
assert_prints (const gchar *const *assignments, const gchar *line)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnprPipelineFile) file = parse (HEADER BODY, &error);
  g_autofree gchar *printed = NULL;

  g_assert_no_error (error);
  printed = anpr_pipeline_file_print (file, assignments, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (printed, ==, line);
}

static void
assert_refuses (const gchar *const *assignments, const gchar *reason)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnprPipelineFile) file = parse (HEADER BODY, NULL);

  fail_if (anpr_pipeline_file_print (file, assignments, &error));
  g_assert_error (error, ANPR_ERROR, ANPR_ERROR_PIPELINE_PARAMETER);
  fail_unless (strstr (error->message, reason), "%s", error->message);
}

static void
assert_malformed (const gchar *text, const gchar *reason)
{
  g_autoptr (GError) error = NULL;

  fail_if (parse (text, &error), "%s", text);
  g_assert_error (error, ANPR_ERROR, ANPR_ERROR_PIPELINE_PARAMETER);
  fail_unless (strstr (error->message, reason), "%s", error->message);
}

GST_START_TEST (test_header_gives_purpose_and_parameters)
{
  g_autoptr (AnprPipelineFile) file = parse (HEADER BODY, NULL);
  const AnprPipelineParameter *parameter;

  g_assert_cmpstr (anpr_pipeline_file_get_summary (file), ==, "Reads a file.");
  g_assert_cmpstr (anpr_pipeline_file_get_description (file), ==, "And more.");
  g_assert_cmpuint (anpr_pipeline_file_get_n_parameters (file), ==, 3);
  parameter = anpr_pipeline_file_get_parameter (file, 0);
  g_assert_cmpstr (parameter->name, ==, "file");
  g_assert_cmpstr (parameter->description, ==, "what to read");
  fail_if (parameter->fallback);
  parameter = anpr_pipeline_file_get_parameter (file, 2);
  g_assert_cmpstr (parameter->fallback, ==, "4");
}

GST_END_TEST
GST_START_TEST (test_values_and_defaults_are_put_in)
{
  const gchar *only_file[] = { "file=a.mp4", NULL };
  const gchar *all[] = { "width=9", "file=a.mp4", "lists=l.csv", NULL };

  assert_prints (only_file, "filesrc location=a.mp4 ! a width=4 ! b");
  assert_prints (all, "filesrc location=a.mp4 ! a lists=l.csv width=9 ! b");
}

GST_END_TEST
GST_START_TEST (test_values_cannot_leave_their_place)
{
  const gchar *spaces[] = { "file=my film ! x.mp4", NULL };
  const gchar *shell[] = { "file=$(id)`id`'x", NULL };
  const gchar *quote[] = { "file=a\"b", NULL };
  const gchar *backslash[] = { "file=a\\b", NULL };
  const gchar *newline[] = { "file=a\nb", NULL };
  const gchar *bytes[] = { "file=\xff", NULL };

  assert_prints (
      spaces, "filesrc location=\"my film ! x.mp4\" ! a width=4 ! b");
  assert_prints (
      shell, "filesrc location=\"\\$(id)\\`id\\`\\'x\" ! a width=4 ! b");
  assert_refuses (quote, "quotation marks");
  assert_refuses (backslash, "backslashes");
  assert_refuses (newline, "control characters");
  assert_refuses (bytes, "UTF-8");
}

GST_END_TEST
GST_START_TEST (test_elements_take_properties_but_no_other_elements)
{
  static const gchar text[] = "# out (element): where to\na ! ${out:-b}";
  const gchar *properties[] = { "out=fakesink sync=true name=x", NULL };
  const gchar *others[] = { "out=fakesink ! filesink", NULL };
  g_autoptr (AnprPipelineFile) file = parse (text, NULL);
  g_autofree gchar *plain = anpr_pipeline_file_print (file, NULL, NULL);
  g_autofree gchar *line = anpr_pipeline_file_print (file, properties, NULL);

  g_assert_cmpstr (plain, ==, "a ! b");
  g_assert_cmpstr (line, ==, "a ! fakesink sync=true name=x");
  fail_if (anpr_pipeline_file_print (file, others, NULL));
}

GST_END_TEST
GST_START_TEST (test_wrong_parameters_are_named)
{
  const gchar *missing[] = { "width=3", NULL };
  const gchar *unknown[] = { "file=a", "depth=3", NULL };
  const gchar *not_assigned[] = { "file", NULL };
  const gchar *twice[] = { "file=a", "file=b", NULL };
  const gchar *not_a_number[] = { "file=a", "width=3 ! b", NULL };
  const gchar *empty[] = { "file=", NULL };
  g_autofree gchar *longest = g_strnfill (ANPR_PIPELINE_FILE_MAX_VALUE, 'a');
  g_autofree gchar *too_long = g_strconcat ("file=a", longest, NULL);
  const gchar *too_long_value[] = { too_long, NULL };

  assert_refuses (NULL, "\"file\" is missing");
  assert_refuses (missing, "\"file\" is missing");
  assert_refuses (unknown, "there are file, lists, width");
  assert_refuses (not_assigned, "\"file\" is not NAME=VALUE");
  assert_refuses (twice, "twice");
  assert_refuses (not_a_number, "must be a whole number");
  assert_refuses (empty, "must be a file name");
  assert_refuses (too_long_value, "longer than");
}

GST_END_TEST
GST_START_TEST (test_malformed_files_are_refused_with_the_reason)
{
  assert_malformed ("", "no pipeline");
  assert_malformed ("# only\n# comments", "no pipeline");
  assert_malformed ("a b=${c}", "not described");
  assert_malformed ("# c (path): d\na", "not used");
  assert_malformed ("# c (path): d\n# c (path): d\na b=${c}", "twice");
  assert_malformed ("# c (paths): d\na b=${c}", "not the description");
  assert_malformed ("# c (path): d\na b=${c", "must end behind");
  assert_malformed ("# c (path): d\na b=${c}x", "must end behind");
  assert_malformed ("# c (path): d\na b=${C}", "must end behind");
  assert_malformed ("# c (path): d\na b=${}", "must end behind");
  assert_malformed ("# c (path): d\na b=${c:-x}y}", "must end behind");
  assert_malformed ("# c (path): d\na b=x${c}", "alone or behind");
  assert_malformed ("# c (number): d\na b=${c:-x}", "whole number");
  assert_malformed ("# c (number): d\na b=${c:-1} d=${c:-2}", "two defaults");
  assert_malformed ("a \xff", "UTF-8");
}

GST_END_TEST
GST_START_TEST (test_too_large_files_are_refused)
{
  g_autofree gchar *large = g_strnfill (ANPR_PIPELINE_FILE_MAX_SIZE + 1, 'a');
  g_autoptr (GString) many = g_string_new (NULL);

  assert_malformed (large, "larger than");
  for (guint i = 0; i <= ANPR_PIPELINE_FILE_MAX_PARAMETERS; i++)
    g_string_append_printf (many, "# a%u (path): b\n", i);
  assert_malformed (many->str, "more than");
}

GST_END_TEST
GST_START_TEST (test_missing_file_is_told)
{
  g_autoptr (GError) error = NULL;

  fail_if (anpr_pipeline_file_load ("/nonexistent/x.launch", &error));
  g_assert_error (error, ANPR_ERROR, ANPR_ERROR_PIPELINE_NAME);
}

GST_END_TEST

static Suite *
pipeline_file_suite (void)
{
  Suite *suite = suite_create ("pipelinefile");
  TCase *cases = tcase_create ("general");

  suite_add_tcase (suite, cases);
  tcase_add_test (cases, test_header_gives_purpose_and_parameters);
  tcase_add_test (cases, test_values_and_defaults_are_put_in);
  tcase_add_test (cases, test_values_cannot_leave_their_place);
  tcase_add_test (cases, test_elements_take_properties_but_no_other_elements);
  tcase_add_test (cases, test_wrong_parameters_are_named);
  tcase_add_test (cases, test_malformed_files_are_refused_with_the_reason);
  tcase_add_test (cases, test_too_large_files_are_refused);
  tcase_add_test (cases, test_missing_file_is_told);
  return suite;
}

GST_CHECK_MAIN (pipeline_file)
