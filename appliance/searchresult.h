/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SEARCH_RESULT_H
#define ANPR_SEARCH_RESULT_H

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef enum {
  ANPR_SEARCH_TABLE,
  ANPR_SEARCH_JSON,
  ANPR_SEARCH_CSV,
  ANPR_SEARCH_GEOJSON,
  ANPR_SEARCH_N_FORMATS,
} AnprSearchFormat;

/**
 * AnprSearchColumn:
 * @name: a field of the rows
 * @heading: above it in a table
 *
 * One column of a table; other formats have all fields.
 */
typedef struct {
  const gchar *name;
  const gchar *heading;
} AnprSearchColumn;

/* Given each line, without its end */
typedef void (*AnprSearchLineFunc) (const gchar *line, gpointer user_data);

gboolean anpr_search_format_parse (const gchar *text, AnprSearchFormat *format);
void anpr_search_write_table (JsonArray *rows, const AnprSearchColumn *columns,
    GTimeZone *zone, AnprSearchLineFunc func, gpointer user_data);
void anpr_search_write_csv (
    JsonArray *rows, AnprSearchLineFunc func, gpointer user_data);
gchar *anpr_search_to_json (
    const gchar *function, JsonArray *rows, gboolean cut);
gchar *anpr_search_to_geojson (
    const gchar *function, JsonArray *rows, gboolean cut);
gchar *anpr_search_utc (const gchar *time);

G_END_DECLS

#endif
