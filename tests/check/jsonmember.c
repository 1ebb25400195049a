/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* JSON of others: what is not there, or of another type, is as if it were none. */

#include "plugins/record/jsonmember.h"

#include <gst/check/gstcheck.h>
#include <math.h>

GST_START_TEST (test_what_is_no_object_is_none)
{
  static const gchar *const none[] = { "", " ", "null", "1", "\"{}\"", "[{}]",
    "{", "{\"a\":}" };

  for (guint i = 0; i < G_N_ELEMENTS (none); i++) {
    g_autoptr (JsonObject) object = anpr_json_parse (none[i], -1);

    fail_if (object, "%s", none[i]);
  }
}

GST_END_TEST;

GST_START_TEST (test_text_ends_where_it_is_said_to)
{
  g_autoptr (JsonObject) object = anpr_json_parse ("{\"a\":1}\nrest", 7);

  fail_unless (object && anpr_json_number (object, "a") == 1);
}

GST_END_TEST;

static void
expect_none (JsonObject *object, const gchar *name)
{
  gdouble real;

  fail_unless (anpr_json_get_text (object, name) == NULL);
  fail_unless_equals_string (anpr_json_string (object, name), "");
  fail_if (anpr_json_get_real (object, name, &real));
  fail_unless (anpr_json_number (object, name) == 0);
  fail_if (anpr_json_boolean (object, name));
  fail_if (anpr_json_object (object, name));
  fail_if (anpr_json_array (object, name));
}

GST_START_TEST (test_members_are_of_their_type_or_none)
{
  g_autoptr (JsonObject) object = anpr_json_parse (
      "{\"text\":\"x\",\"int\":3,\"real\":0.5,\"true\":true,\"null\":null,"
      "\"object\":{\"a\":\"b\"},\"array\":[{},1,null]}",
      -1);
  JsonArray *array = anpr_json_array (object, "array");
  gdouble real;

  fail_unless_equals_string (anpr_json_get_text (object, "text"), "x");
  fail_unless (anpr_json_get_real (object, "int", &real) && real == 3);
  fail_unless (anpr_json_number (object, "real") == 0.5);
  fail_unless (anpr_json_boolean (object, "true"));
  fail_unless_equals_string (
      anpr_json_string (anpr_json_object (object, "object"), "a"), "b");
  fail_unless_equals_int (anpr_json_length (array), 3);
  fail_unless (anpr_json_element (array, 0) != NULL);
  fail_if (anpr_json_element (array, 1));
  fail_if (anpr_json_element (array, 2));
  fail_unless_equals_int (anpr_json_length (NULL), 0);
  expect_none (object, "null");
  expect_none (object, "nothing");
  expect_none (NULL, "text");
  fail_if (anpr_json_get_text (object, "int"));
  fail_if (anpr_json_get_text (object, "object"));
  fail_if (anpr_json_get_real (object, "text", &real));
  fail_if (anpr_json_boolean (object, "int"));
}

GST_END_TEST;

GST_START_TEST (test_what_json_does_not_know_is_null)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree gchar *built = NULL, *set = NULL;

  json_builder_begin_object (builder);
  anpr_json_add_text (builder, "a", NULL);
  anpr_json_add_text (builder, "b", "\"\n");
  anpr_json_add_real (builder, "c", NAN);
  anpr_json_add_real (builder, "d", INFINITY);
  anpr_json_add_number (builder, "e", -1);
  anpr_json_add_flag (builder, "f", TRUE);
  json_builder_end_object (builder);
  built = anpr_json_builder_to_line (builder);
  fail_unless_equals_string (built,
      "{\"a\":null,\"b\":\"\\\"\\n\",\"c\":null,\"d\":null,\"e\":-1,"
      "\"f\":true}");
  anpr_json_set_text (object, "a", NULL);
  anpr_json_set_text (object, "b", "x");
  set = anpr_json_to_line (object);
  fail_unless_equals_string (set, "{\"a\":null,\"b\":\"x\"}");
  fail_if (anpr_json_to_line (NULL));
}

GST_END_TEST;

static Suite *
jsonmember_suite (void)
{
  Suite *suite = suite_create ("jsonmember");
  TCase *members = tcase_create ("members");

  suite_add_tcase (suite, members);
  tcase_add_test (members, test_what_is_no_object_is_none);
  tcase_add_test (members, test_text_ends_where_it_is_said_to);
  tcase_add_test (members, test_members_are_of_their_type_or_none);
  tcase_add_test (members, test_what_json_does_not_know_is_null);
  return suite;
}

GST_CHECK_MAIN (jsonmember);
