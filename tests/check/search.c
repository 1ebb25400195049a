/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "localtime.h"
#include "searchfacts.h"
#include "searchresult.h"

#include <gst/check/gstcheck.h>

static GTimeZone *
brussels (void)
{
  return g_time_zone_new_identifier ("CET-1CEST,M3.5.0,M10.5.0/3");
}

static gchar *
utc_of (const gchar *text)
{
  g_autoptr (GTimeZone) zone = brussels ();
  g_autoptr (GDateTime) time = anpr_local_time_parse (text, zone, NULL);

  return time ? anpr_local_time_to_utc (time) : g_strdup ("refused");
}

GST_START_TEST (test_times_are_local_unless_they_say_their_offset)
{
  static const struct {
    const gchar *text;
    const gchar *utc;
  } cases[] = {
    { "2026-01-31 18:30", "2026-01-31T17:30:00.000000Z" },
    { "2026-07-01T00:00:01.25", "2026-06-30T22:00:01.250000Z" },
    { "2026-07-01", "2026-06-30T22:00:00.000000Z" },
    { "2026-07-01 10:00Z", "2026-07-01T10:00:00.000000Z" },
    { "2026-10-25 02:30+02:00", "2026-10-25T00:30:00.000000Z" },
    { "2026-10-25 02:30+01", "2026-10-25T01:30:00.000000Z" },
    { "2026-10-25 01:59", "2026-10-24T23:59:00.000000Z" },
    { "2026-10-25 03:00", "2026-10-25T02:00:00.000000Z" },
    { "2026-10-25 02:00", "refused" },
    { "2026-10-25 02:59:59", "refused" },
    { "2026-03-29 01:59", "2026-03-29T00:59:00.000000Z" },
    { "2026-03-29 02:00", "refused" },
    { "2026-03-29 03:00", "2026-03-29T01:00:00.000000Z" },
    { "2026-02-29", "refused" },
    { "2026-01-31 24:00", "refused" },
    { "2026-01-31 10", "refused" },
    { "2026-01-31 10:00 ", "refused" },
    { "2026-01-31 10:00+25", "refused" },
    { " 2026-01-31", "refused" },
    { "", "refused" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree gchar *utc = utc_of (cases[i].text);

    fail_unless_equals_string (utc, cases[i].utc);
  }
}
GST_END_TEST;

GST_START_TEST (test_a_fact_may_end_at_a_time_of_its_own_day)
{
  g_autoptr (GTimeZone) zone = brussels ();
  gchar *texts[] = { (gchar *) "gate, tunnel@2026-03-03 01:30/02:15", NULL };
  g_autoptr (JsonArray) facts = anpr_search_facts_parse (texts, zone, NULL);
  JsonObject *fact = json_array_get_object_element (facts, 0);

  fail_unless_equals_string (json_object_get_string_member (fact, "to"),
      "2026-03-03T01:15:00.000000Z");
  fail_unless_equals_string (
      json_array_get_string_element (
          json_object_get_array_member (fact, "positions"), 1),
      "tunnel");
  texts[0] = (gchar *) "gate@2026-03-03 01:30";
  fail_unless (anpr_search_facts_parse (texts, zone, NULL) == NULL);
}
GST_END_TEST;

static void
collect (const gchar *line, gpointer lines)
{
  g_ptr_array_add (lines, g_strdup (line));
}

GST_START_TEST (test_csv_has_no_formulas_and_numbers_stay_numbers)
{
  g_autoptr (JsonNode) node = json_from_string (
      "[{\"a\":\"\",\"b\":\"=1+1\",\"c\":-5.5,\"d\":\"x\\n,\\\"y\","
      "\"e\":\"2026-07-01T10:00:00+02:00\",\"f\":[1,2],\"g\":null,"
      "\"h\":true}]",
      NULL);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  anpr_search_write_csv (json_node_get_array (node), collect, lines);
  fail_unless_equals_int (lines->len, 2);
  fail_unless_equals_string (lines->pdata[0], "a,b,c,d,e,f,g,h");
  fail_unless_equals_string (lines->pdata[1],
      "\"\",'=1+1,-5.5,\"x?,\"\"y\",2026-07-01T08:00:00.000000Z,1 2,,yes");
}
GST_END_TEST;

GST_START_TEST (test_a_route_is_drawn_of_one_plate_alone)
{
  g_autoptr (JsonNode) node =
      json_from_string ("[{\"plate\":\"A\",\"latitude\":51,\"longitude\":3.5},"
                        "{\"plate\":\"B\",\"latitude\":52,\"longitude\":3.5}]",
          NULL);
  JsonArray *rows = json_node_get_array (node);
  g_autofree gchar *two = anpr_search_to_geojson ("plate", rows, FALSE);
  g_autofree gchar *one = NULL;

  fail_unless (strstr (two, "LineString") == NULL);
  json_object_set_string_member (
      json_array_get_object_element (rows, 1), "plate", "A");
  one = anpr_search_to_geojson ("plate", rows, FALSE);
  fail_unless (strstr (one, "LineString") != NULL);
}
GST_END_TEST;

static Suite *
search_suite (void)
{
  Suite *suite = suite_create ("search");
  TCase *tc = tcase_create ("texts");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_times_are_local_unless_they_say_their_offset);
  tcase_add_test (tc, test_a_fact_may_end_at_a_time_of_its_own_day);
  tcase_add_test (tc, test_csv_has_no_formulas_and_numbers_stay_numbers);
  tcase_add_test (tc, test_a_route_is_drawn_of_one_plate_alone);
  return suite;
}

GST_CHECK_MAIN (search);
