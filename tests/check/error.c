/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/check/gstcheck.h>
#include "plugins/record/error.h"

#include <string.h>

GST_START_TEST (test_every_code_has_a_name_of_its_own_and_advice)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint code = 0; code < ANPR_N_ERRORS; code++) {
    const gchar *name = anpr_error_code_name (code);

    fail_unless (name && g_str_has_prefix (name, "ANPR-"));
    fail_unless (g_hash_table_add (seen, (gpointer) name), "%s", name);
    fail_unless (g_str_has_suffix (anpr_error_code_advice (code), "."));
  }
}
GST_END_TEST;

GST_START_TEST (test_the_documentation_lists_every_code_with_its_advice)
{
  g_autofree gchar *path =
      g_build_filename (g_getenv ("ANPR_SOURCE_DIR"), "docs/errors.md", NULL);
  g_autofree gchar *text = NULL;

  fail_unless (g_file_get_contents (path, &text, NULL, NULL));
  for (guint code = 0; code < ANPR_N_ERRORS; code++) {
    g_autofree gchar *row = g_strdup_printf ("| `%s` | %s |",
        anpr_error_code_name (code), anpr_error_code_advice (code));

    fail_unless (strstr (text, row) != NULL, "missing: %s", row);
  }
}
GST_END_TEST;

static Suite *
error_suite (void)
{
  Suite *suite = suite_create ("error");
  TCase *tc = tcase_create ("codes");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_every_code_has_a_name_of_its_own_and_advice);
  tcase_add_test (tc, test_the_documentation_lists_every_code_with_its_advice);
  return suite;
}

GST_CHECK_MAIN (error);
