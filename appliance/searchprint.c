/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Rows of an answer on standard output, and on standard error what has to be known
 * of them: whether there are more, how many there are, whose times they have. */

#include "searchprint.h"
#include "console.h"
#include "localtime.h"

static void
print_line (const gchar *line, gpointer user_data)
{
  anpr_console_print (line);
}

static gboolean
is_cut (JsonArray *rows)
{
  guint n = json_array_get_length (rows);
  JsonObject *last = n > 0 ? json_array_get_object_element (rows, n - 1) : NULL;

  return last
         && json_object_get_boolean_member_with_default (last, "cut", FALSE);
}

static void
print_table (JsonArray *rows, const AnprSearchColumn *columns, GTimeZone *zone)
{
  g_autofree gchar *name = anpr_local_time_zone_name (zone);

  if (json_array_get_length (rows) == 0)
    return;
  anpr_search_write_table (rows, columns, zone, print_line, NULL);
  anpr_console_note ("times are local: %s", name);
}

/**
 * anpr_search_print:
 * @name: what was asked
 * @rows: the answer; times in it become UTC for JSON and GeoJSON
 * @format: how
 * @columns: of a table
 * @zone: of the times in a table
 */
void
anpr_search_print (const gchar *name, JsonArray *rows, AnprSearchFormat format,
    const AnprSearchColumn *columns, GTimeZone *zone)
{
  gboolean cut = is_cut (rows);
  guint n = json_array_get_length (rows);
  g_autofree gchar *text = NULL;

  if (format == ANPR_SEARCH_TABLE)
    print_table (rows, columns, zone);
  else if (format == ANPR_SEARCH_CSV)
    anpr_search_write_csv (rows, print_line, NULL);
  else if (format == ANPR_SEARCH_JSON)
    text = anpr_search_to_json (name, rows, cut);
  else
    text = anpr_search_to_geojson (name, rows, cut);
  if (text)
    anpr_console_print (text);
  if (cut)
    anpr_console_note ("there are more: these are the first %u", n);
  else if (format == ANPR_SEARCH_TABLE)
    anpr_console_note ("%u in all", n);
}
