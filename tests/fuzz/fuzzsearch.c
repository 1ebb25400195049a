/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Times and facts that people type, and rows that a database tells. The first
 * byte says which. A time is taken as one that, shown and typed again, is the same
 * moment; rows become lines of valid UTF-8 that no terminal and no spreadsheet
 * obeys, and JSON that can be read. */

#include "fuzz.h"
#include "appliance/localtime.h"
#include "appliance/searchfacts.h"
#include "appliance/searchresult.h"

#include <string.h>

static void
check_time (const gchar *text, GTimeZone *zone)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDateTime) time = anpr_local_time_parse (text, zone, &error);
  g_autoptr (GDateTime) again = NULL;
  g_autofree gchar *utc = NULL;

  g_assert ((time != NULL) == (error == NULL));
  if (!time || g_str_equal (text, "now"))
    return;
  utc = anpr_local_time_to_utc (time);
  /* a year of four digits in UTC, too */
  if (strlen (utc) != strlen ("2026-01-31T17:30:00.000000Z"))
    return;
  again = anpr_local_time_parse (utc, zone, NULL);
  g_assert (again && g_date_time_equal (time, again));
}

static void
check_facts (const gchar *text, GTimeZone *zone)
{
  gchar *texts[] = { (gchar *) text, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonArray) facts = anpr_search_facts_parse (texts, zone, &error);

  g_assert ((facts != NULL) == (error == NULL));
  g_assert (!facts || json_array_get_length (facts) == 1);
}

static void
check_clean (const gchar *line, gpointer user_data)
{
  g_assert (g_utf8_validate (line, -1, NULL));
  for (const gchar *at = line; *at; at = g_utf8_next_char (at))
    g_assert (!g_unichar_iscntrl (g_utf8_get_char (at)));
}

static void
check_csv (const gchar *line, gpointer user_data)
{
  check_clean (line, NULL);
  g_assert (!*line || !strchr ("=+-@", *line));
}

static void
check_json (const gchar *text)
{
  g_autoptr (JsonNode) node = json_from_string (text, NULL);

  g_assert (node && JSON_NODE_HOLDS_OBJECT (node));
}

/* A row of one plate, with what was given as its texts */
static JsonArray *
make_rows (const gchar *text)
{
  JsonArray *rows = json_array_new ();
  JsonObject *row = json_object_new ();

  json_object_set_string_member (row, "plate", text);
  json_object_set_string_member (row, "seen", text);
  json_object_set_double_member (row, "latitude", (gdouble) strlen (text));
  json_object_set_double_member (row, "longitude", 3.7);
  json_array_add_object_element (rows, row);
  return rows;
}

static void
check_rows (const gchar *text, GTimeZone *zone)
{
  static const AnprSearchColumn columns[] = { { "seen", "TIME" },
    { "plate", "PLATE" }, { NULL } };
  g_autofree gchar *valid = g_utf8_make_valid (text, -1);
  g_autoptr (JsonArray) rows = make_rows (valid);
  g_autofree gchar *json = NULL, *map = NULL;

  anpr_search_write_csv (rows, check_csv, NULL);
  anpr_search_write_table (rows, columns, zone, check_clean, NULL);
  json = anpr_search_to_json ("plate", rows, FALSE);
  map = anpr_search_to_geojson ("plate", rows, TRUE);
  check_json (json);
  check_json (map);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  static void (*const checks[]) (
      const gchar *, GTimeZone *) = { check_time, check_facts, check_rows };
  g_autoptr (GTimeZone) zone =
      g_time_zone_new_identifier ("CET-1CEST,M3.5.0,M10.5.0/3");
  g_autofree gchar *text = NULL;

  if (size == 0 || !zone)
    return 0;
  text = g_strndup ((const gchar *) data + 1, size - 1);
  checks[data[0] % G_N_ELEMENTS (checks)](text, zone);
  return 0;
}
