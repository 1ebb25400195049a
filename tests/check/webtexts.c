/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Texts of requests, what of records is shown, the editing of a position's file,
 * and the text of metrics. */

#include <gst/check/gstcheck.h>
#include "appliance/web/metrics.h"
#include "appliance/web/passageview.h"
#include "appliance/web/positionedit.h"
#include "appliance/web/requesttext.h"
#include "plugins/record/error.h"
#include "plugins/record/jsonmember.h"

#include <math.h>
#include <string.h>

GST_START_TEST (test_only_plain_paths_name_something)
{
  static const gchar *const good[] = { "/", "/index.html", "/api/positions/a-b",
    "/js/views/a.js" };
  static const gchar *const bad[] = { "", "x", "//", "/a//b", "/..", "/a/../b",
    "/.git", "/a/.", "/a%2fb", "/a b", "/a\\b", "/a;b", "/a\n", "/\xc3\xa9",
    "/a?b", "/a~" };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    fail_unless (anpr_request_path_is_plain (good[i]), "%s", good[i]);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    fail_if (anpr_request_path_is_plain (bad[i]), "%s", bad[i]);
}
GST_END_TEST;

GST_START_TEST (test_queries_are_taken_whole_or_not)
{
  static const gchar *const bad[] = { "a=%ff", "a=%00", "a=1&a=2", "a=%0a",
    "a=1&b=2&c=3&d=4&e=5&f=6&g=7&h=8&i=9&j=1&k=2&l=3&m=4&n=5&o=6&p=7&q=8" };
  g_autoptr (GHashTable) query =
      anpr_request_parse_query ("limit=5&position=a%20b&x=1+2");
  g_autoptr (GHashTable) none = anpr_request_parse_query (NULL);

  fail_unless_equals_string (g_hash_table_lookup (query, "limit"), "5");
  fail_unless_equals_string (g_hash_table_lookup (query, "position"), "a b");
  fail_unless_equals_string (g_hash_table_lookup (query, "x"), "1 2");
  fail_unless_equals_int (g_hash_table_size (none), 0);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    fail_if (anpr_request_parse_query (bad[i]), "%s", bad[i]);
}
GST_END_TEST;

static void
expect_text (gchar *got, const gchar *expected)
{
  fail_unless_equals_string (got, expected);
  g_free (got);
}

GST_START_TEST (test_headers_say_one_thing_or_nothing)
{
  expect_text (anpr_request_get_cookie ("a=1; b=2 ;c=3", "b"), "2");
  expect_text (anpr_request_get_cookie ("ab=1; b", "b"), NULL);
  expect_text (anpr_request_get_cookie ("b=1; b=1", "b"), NULL);
  expect_text (anpr_request_get_cookie (NULL, "b"), NULL);
  expect_text (anpr_request_get_bearer ("bearer  abc "), "abc");
  expect_text (anpr_request_get_bearer ("Basic abc"), NULL);
  expect_text (anpr_request_get_bearer (NULL), NULL);
  expect_text (anpr_request_get_host ("Gate.example:8480"), "gate.example");
  expect_text (anpr_request_get_host ("[::1]:80"), "::1");
  expect_text (anpr_request_get_host ("127.0.0.1"), "127.0.0.1");
  expect_text (anpr_request_get_host ("a:b"), NULL);
  expect_text (anpr_request_get_host ("[::1"), NULL);
  expect_text (anpr_request_get_host ("a/b"), NULL);
  expect_text (anpr_request_get_host (""), NULL);
  expect_text (anpr_request_get_tag ("\"abc\""), "abc");
  expect_text (anpr_request_get_tag ("abc"), NULL);
  expect_text (anpr_request_get_tag ("\"a\",\"b\""), NULL);
  expect_text (anpr_request_get_tag ("\""), NULL);
  fail_unless (anpr_request_origin_is (NULL, "a"));
  fail_unless (anpr_request_origin_is ("http://a:1", "a:1"));
  fail_if (anpr_request_origin_is ("http://a:2", "a:1"));
  fail_if (anpr_request_origin_is ("null", "a"));
  fail_if (anpr_request_origin_is ("http://a", NULL));
}
GST_END_TEST;

GST_START_TEST (test_ids_tell_when_they_were_made)
{
  gint64 utc;

  fail_unless (
      anpr_identifier_get_time ("019a0000-0000-7abc-8def-0123456789ab", &utc));
  fail_unless (utc == G_GINT64_CONSTANT (0x019a00000000) * 1000);
  fail_if (
      anpr_identifier_get_time ("019a0000-0000-4abc-8def-0123456789ab", &utc));
  fail_if (
      anpr_identifier_get_time ("019A0000-0000-7abc-8def-0123456789ab", &utc));
  fail_if (
      anpr_identifier_get_time ("019a0000_0000-7abc-8def-0123456789ab", &utc));
  fail_if (anpr_identifier_get_time ("019a", &utc));
  fail_if (anpr_identifier_get_time (NULL, &utc));
}
GST_END_TEST;

GST_START_TEST (test_deep_json_is_refused_before_it_is_parsed)
{
  static const gchar *const bad[] = { "", "[]", "1", "null", "{", "{'a':1}",
    "/*[*/{}", "{}//", "{\"a\":\"\\u0000\"}", "{\"a\":[[[[[[[[1]]]]]]]]}" };
  g_autofree gchar *deep = g_strnfill (100000, '[');
  g_autoptr (JsonObject) object = anpr_request_parse_json (
      "{\"a\":\"x[{\\\"[\",\"b\":1.5,\"c\":true}", 31, NULL);
  gdouble number;

  fail_unless_equals_string (anpr_json_get_text (object, "a"), "x[{\"[");
  fail_unless (anpr_json_get_real (object, "b", &number) && number == 1.5);
  fail_unless (anpr_json_boolean (object, "c"));
  fail_if (anpr_json_get_text (object, "b"));
  fail_if (anpr_json_get_real (object, "a", &number));
  fail_if (anpr_json_object (object, "a"));
  fail_if (anpr_json_array (object, "none"));
  fail_if (anpr_json_get_text (NULL, "a"));
  fail_if (anpr_request_parse_json (deep, strlen (deep), NULL));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    fail_if (
        anpr_request_parse_json (bad[i], strlen (bad[i]), NULL), "%s", bad[i]);
}
GST_END_TEST;

/* --- what is shown -------------------------------------------------------- */

static JsonObject *
make_record (void)
{
  g_autoptr (JsonNode) node = json_from_string (
      "{\"id\":\"p\",\"position\":\"gate\",\"best_seen\":\"now\","
      "\"plates\":[{\"text\":\"1ABC234\",\"confidence\":0.9}],"
      "\"hits\":[{\"id\":\"h1\",\"covert\":false,\"plate\":\"1ABC234\"},"
      "{\"id\":\"h2\",\"covert\":true},{\"id\":\"h3\"},7],"
      "\"compared\":[{\"list\":\"secret\"}],\"hash\":\"x\"}",
      NULL);

  return json_object_ref (json_node_get_object (node));
}

GST_START_TEST (test_each_sees_of_a_passage_what_they_may)
{
  static const gint expected[] = { [ANPR_VIEWER_TECHNICIAN] = -1,
    [ANPR_VIEWER_USUAL] = 1,
    [ANPR_VIEWER_CLEARED] = 3 };
  g_autoptr (JsonObject) record = make_record ();

  for (guint i = 0; i < ANPR_N_VIEWERS; i++) {
    g_autoptr (JsonObject) shown = anpr_passage_view (record, i);
    JsonArray *hits = anpr_json_array (shown, "hits");

    fail_unless_equals_int (
        hits ? (gint) json_array_get_length (hits) : -1, expected[i]);
    fail_unless_equals_string (anpr_json_get_text (shown, "id"), "p");
    fail_unless (json_object_has_member (shown, "compared")
                 == (i != ANPR_VIEWER_TECHNICIAN));
  }
  fail_unless_equals_int (
      json_array_get_length (anpr_json_array (record, "hits")), 4);
}
GST_END_TEST;

GST_START_TEST (test_each_sees_of_a_hit_what_they_may)
{
  g_autoptr (JsonObject) record = make_record ();
  JsonObject *open = anpr_hit_find (record, "h1");
  JsonObject *covert = anpr_hit_find (record, "h2");
  JsonObject *unsaid = anpr_hit_find (record, "h3");

  fail_if (anpr_hit_find (record, "h4"));
  for (guint i = 0; i < ANPR_N_VIEWERS; i++) {
    g_autoptr (JsonObject) shown = anpr_hit_view (open, record, i);
    g_autoptr (JsonObject) hidden = anpr_hit_view (covert, record, i);
    g_autoptr (JsonObject) unknown = anpr_hit_view (unsaid, record, i);

    fail_unless ((hidden != NULL) == (i == ANPR_VIEWER_CLEARED));
    fail_unless ((unknown != NULL) == (i == ANPR_VIEWER_CLEARED));
    fail_unless_equals_string (anpr_json_get_text (shown, "position"), "gate");
    fail_unless (json_object_has_member (shown, "plate")
                 == (i != ANPR_VIEWER_TECHNICIAN));
    fail_unless (json_object_has_member (shown, "text")
                 == (i != ANPR_VIEWER_TECHNICIAN));
  }
}
GST_END_TEST;

/* --- a position's file ---------------------------------------------------- */

static const gchar file[] =
    "# top\n[position]\n# the name\nname=Gate\n"
    "place=Road 1\n\n[detection]\nexclude=0,0 1,0 1,1\n";

static gchar *
edit (const gchar *settings, guint *n_changes, GError **error)
{
  g_autoptr (JsonNode) node = json_from_string (settings, NULL);
  g_autoptr (JsonArray) changes = json_array_new ();
  gchar *text =
      anpr_position_edit (file, json_node_get_object (node), changes, error);

  *n_changes = json_array_get_length (changes);
  return text;
}

GST_START_TEST (test_an_edit_changes_what_it_names_and_nothing_else)
{
  guint n;
  g_autofree gchar *same =
      edit ("{\"position\":{\"name\":\"Gate\"}}", &n, NULL);
  g_autofree gchar *changed = NULL, *removed = NULL;

  fail_unless_equals_string (same, file);
  fail_unless_equals_int (n, 0);
  changed =
      edit ("{\"position\":{\"name\":\"Yard\"},\"spool\":{\"size\":\"100\"}}",
          &n, NULL);
  fail_unless_equals_int (n, 2);
  fail_unless (strstr (changed, "# top\n")
               && strstr (changed, "# the name\nname=Yard\n")
               && strstr (changed, "place=Road 1\n")
               && strstr (changed, "[spool]\nsize=100\n"));
  removed =
      edit ("{\"detection\":{\"exclude\":null,\"include\":\"\"}}", &n, NULL);
  fail_unless_equals_int (n, 1);
  fail_if (strstr (removed, "exclude") || strstr (removed, "include"));
}
GST_END_TEST;

GST_START_TEST (test_an_edit_cannot_break_the_file)
{
  static const gchar *const bad[] = { "{\"position\":1}",
    "{\"position\":{\"name\":1}}", "{\"a]b\":{\"c\":\"d\"}}",
    "{\"\":{\"c\":\"d\"}}", "{\"position\":{\"a=b\":\"c\"}}",
    "{\"position\":{\"a\\nb\":\"c\"}}", "{\"position\":{\"name\":\"a\\nb\"}}",
    "{\"position\":{\"name\":{}}}" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;
    guint n;

    fail_if (edit (bad[i], &n, &error), "%s", bad[i]);
    fail_unless (g_error_matches (error, ANPR_ERROR, ANPR_ERROR_WEB_REQUEST));
  }
}
GST_END_TEST;

static gboolean
needs_second (const gchar *before, const gchar *after)
{
  g_autoptr (JsonArray) changes = anpr_position_edit_compare (before, after);

  return anpr_position_edit_needs_second (changes);
}

GST_START_TEST (test_permission_retention_and_lists_take_a_second_person)
{
  static const gchar *const sensitive[] = { "[permission]\ndecision=2\n",
    "[spool]\nretention=9\n", "[spool]\nkeep-delivered=9\n",
    "[spool]\nsize=9\n", "[lists]\npath=other\n", "[lists]\nrepeat=9\n",
    "[lists]\nredis=redis://other\n", "[lists]\nhits-redis=redis://other\n",
    "[pipeline]\nname=film\n", "[parameters]\nfile=a.mp4\n" };
  static const gchar *const usual[] = { "", "# a remark\n",
    "[spool]\nimages=false\n", "[source]\nuri=rtsp://other/\n",
    "[detection]\nexclude=0,0 1,0 1,1\n" };

  for (guint i = 0; i < G_N_ELEMENTS (sensitive); i++) {
    fail_unless (needs_second ("", sensitive[i]), "%s", sensitive[i]);
    fail_unless (needs_second (sensitive[i], ""), "%s", sensitive[i]);
    fail_if (needs_second (sensitive[i], sensitive[i]), "%s", sensitive[i]);
  }
  for (guint i = 0; i < G_N_ELEMENTS (usual); i++)
    fail_if (needs_second ("", usual[i]), "%s", usual[i]);
}
GST_END_TEST;

GST_START_TEST (test_what_may_be_secret_is_not_told_of_a_change)
{
  static const gchar before[] = "[permission]\ndecision=1\n"
                                "[source]\nuri=rtsp://a:secret@b/\n";
  static const gchar after[] = "[permission]\ndecision = 2 \n"
                               "[lists]\nredis=redis://:secret@c\n";
  g_autoptr (JsonArray) changes = anpr_position_edit_compare (before, after);
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  g_autofree gchar *text = NULL;

  json_node_set_array (node, changes);
  text = json_to_string (node, FALSE);
  fail_unless_equals_string (text,
      "[{\"section\":\"permission\",\"key\":\"decision\","
      "\"before\":\"1\",\"after\":\"2\"},"
      "{\"section\":\"lists\",\"key\":\"redis\"},"
      "{\"section\":\"source\",\"key\":\"uri\"}]");
}
GST_END_TEST;

GST_START_TEST (test_faults_say_where_they_are)
{
  static const gchar text[] = "[position]\nlatitude=91\n\n[detection]\n"
                              "threshhold=1\n";
  g_autoptr (GPtrArray) faults = anpr_setting_faults_new ();
  G_GNUC_UNUSED g_autoptr (AnprPosition) position = anpr_position_parse (
      "gate", "/somewhere/gate.conf", text, strlen (text), faults);
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) node = NULL;
  g_autofree gchar *json = NULL;

  anpr_position_edit_add_faults (faults, text, builder);
  node = json_builder_get_root (builder);
  json = json_to_string (node, FALSE);
  fail_unless (strstr (json, "\"line\":2,\"section\":\"position\",\"key\":"
                             "\"latitude\",\"code\":\"ANPR-CONFIG-VALUE\""));
  fail_unless (
      strstr (json, "\"line\":5,\"section\":\"detection\",\"key\":"
                    "\"threshhold\",\"code\":\"ANPR-CONFIG-UNKNOWN\""));
  fail_unless (strstr (json, "\"line\":0,\"section\":\"position\",\"key\":"
                             "\"place\",\"code\":\"ANPR-CONFIG-MISSING\""));
  fail_if (strstr (json, "somewhere"));
}
GST_END_TEST;

GST_START_TEST (test_the_schema_tells_all_settings)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) node = NULL;
  JsonArray *array;

  anpr_position_edit_add_schema (builder);
  node = json_builder_get_root (builder);
  array = json_node_get_array (node);
  fail_unless_equals_int (
      json_array_get_length (array), anpr_position_get_schema ()->n_settings);
  for (guint i = 0; i < json_array_get_length (array); i++) {
    JsonObject *setting = json_array_get_object_element (array, i);

    fail_unless (*json_object_get_string_member (setting, "type"));
    fail_unless (*json_object_get_string_member (setting, "description"));
  }
}
GST_END_TEST;

/* --- metrics -------------------------------------------------------------- */

GST_START_TEST (test_metrics_are_written_as_prometheus_reads_them)
{
  AnprMetrics *metrics = anpr_metrics_new ();
  g_autofree gchar *text = NULL;

  anpr_metrics_begin (metrics, "a_total", ANPR_METRIC_COUNTER, "What.");
  anpr_metrics_add (metrics, 1.5, "x", "q\"\\\n", "y", "z", NULL);
  anpr_metrics_add (metrics, INFINITY, NULL);
  anpr_metrics_add (metrics, NAN, NULL);
  anpr_metrics_add (metrics, 12345678901.0, NULL);
  text = anpr_metrics_finish (metrics);
  fail_unless_equals_string (text,
      "# HELP a_total What.\n# TYPE a_total counter\n"
      "a_total{x=\"q\\\"\\\\\\n\",y=\"z\"} 1.5\na_total +Inf\na_total NaN\n"
      "a_total 12345678901\n");
}
GST_END_TEST;

GST_START_TEST (test_metrics_of_a_camera_add_up_over_its_processes)
{
  g_autoptr (AnprFleet) fleet = anpr_fleet_new ();
  AnprCamera *camera = anpr_fleet_add (fleet, "gate");
  AnprCameraStatus status = { .decoded = 10, .passages = 3 };
  AnprCameraFigures figures = { .camera = camera };
  AnprMetrics *metrics = anpr_metrics_new ();
  g_autofree gchar *text = NULL;

  anpr_fleet_process_began (fleet, camera, 1);
  anpr_camera_status_add_latency (&status, 90);
  anpr_camera_status_add_latency (&status, 9000);
  anpr_fleet_set_status (fleet, camera, &status);
  anpr_fleet_process_ended (fleet, camera, ANPR_CAMERA_END_DIED);
  anpr_fleet_process_began (fleet, camera, 2);
  anpr_fleet_set_status (fleet, camera, &status);
  anpr_metrics_add_cameras (metrics, &figures, 1);
  text = anpr_metrics_finish (metrics);
  fail_unless (strstr (
      text, "\nanpr_camera_frames_decoded_total{position=\"gate\"} 20\n"));
  fail_unless (
      strstr (text, "\nanpr_camera_passages_total{position=\"gate\"} 6\n"));
  fail_unless (strstr (text, "_bucket{position=\"gate\",le=\"0.1\"} 2\n"));
  fail_unless (strstr (text, "_bucket{position=\"gate\",le=\"5\"} 2\n"));
  fail_unless (strstr (text, "_bucket{position=\"gate\",le=\"+Inf\"} 4\n"));
  fail_unless (strstr (text, "seconds_count{position=\"gate\"} 4\n"));
  fail_unless (strstr (text, "seconds_sum{position=\"gate\"} 18.18\n"));
  fail_unless (
      strstr (text, "_ends_total{position=\"gate\",cause=\"died\"} 1\n"));
  fail_if (strstr (text, "anpr_spool_undelivered_passages{"));
}
GST_END_TEST;

static Suite *
web_texts_suite (void)
{
  Suite *suite = suite_create ("webtexts");
  TCase *tc = tcase_create ("texts");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_only_plain_paths_name_something);
  tcase_add_test (tc, test_queries_are_taken_whole_or_not);
  tcase_add_test (tc, test_headers_say_one_thing_or_nothing);
  tcase_add_test (tc, test_ids_tell_when_they_were_made);
  tcase_add_test (tc, test_deep_json_is_refused_before_it_is_parsed);
  tcase_add_test (tc, test_each_sees_of_a_passage_what_they_may);
  tcase_add_test (tc, test_each_sees_of_a_hit_what_they_may);
  tcase_add_test (tc, test_an_edit_changes_what_it_names_and_nothing_else);
  tcase_add_test (tc, test_an_edit_cannot_break_the_file);
  tcase_add_test (tc, test_permission_retention_and_lists_take_a_second_person);
  tcase_add_test (tc, test_what_may_be_secret_is_not_told_of_a_change);
  tcase_add_test (tc, test_faults_say_where_they_are);
  tcase_add_test (tc, test_the_schema_tells_all_settings);
  tcase_add_test (tc, test_metrics_are_written_as_prometheus_reads_them);
  tcase_add_test (tc, test_metrics_of_a_camera_add_up_over_its_processes);
  return suite;
}

GST_CHECK_MAIN (web_texts);
