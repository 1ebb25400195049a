/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Rows of the central database for people and for other programs.
 *
 * A row is a JSON object as the database wrote it: fields in the order of its
 * columns, times in ISO 8601 with an offset. A table is for people: chosen
 * columns, local times. JSON, CSV and GeoJSON (RFC 7946) are for programs: all
 * fields, times in UTC.
 *
 * Texts are of plates, lists and places and may hold anything. In a table and in
 * CSV control and format characters become "?". A text in CSV that a spreadsheet
 * would take for a formula gets an apostrophe in front (OWASP, "CSV Injection").
 */

#include "searchresult.h"
#include "console.h"
#include "csvtext.h"
#include "localtime.h"
#include "../plugins/record/jsonmember.h"

#include <string.h>

static const gchar *const format_names[ANPR_SEARCH_N_FORMATS] = {
  [ANPR_SEARCH_TABLE] = "table",
  [ANPR_SEARCH_JSON] = "json",
  [ANPR_SEARCH_CSV] = "csv",
  [ANPR_SEARCH_GEOJSON] = "geojson",
};

/* Places of a row for GeoJSON: where a second one is, the row is a line */
static const struct {
  const gchar *latitude;
  const gchar *longitude;
} places[] = {
  { "latitude", "longitude" },
  { "next_latitude", "next_longitude" },
};

/**
 * anpr_search_format_parse:
 * @text: table, json, csv or geojson
 * @format: (out): which
 *
 * Returns: whether it is one of them
 */
gboolean
anpr_search_format_parse (const gchar *text, AnprSearchFormat *format)
{
  for (guint i = 0; i < ANPR_SEARCH_N_FORMATS; i++) {
    if (g_str_equal (text, format_names[i])) {
      *format = (AnprSearchFormat) i;
      return TRUE;
    }
  }
  return FALSE;
}

/**
 * anpr_search_utc:
 * @time: a moment in ISO 8601
 *
 * Returns: (transfer full) (nullable): it in UTC, %NULL if it is none
 */
gchar *
anpr_search_utc (const gchar *time)
{
  g_autoptr (GDateTime) moment = NULL;

  /* what the database writes; a plate of 20 digits is no time */
  if (strlen (time) < 20 || time[4] != '-' || time[10] != 'T')
    return NULL;
  moment = g_date_time_new_from_iso8601 (time, NULL);
  return moment ? anpr_local_time_to_utc (moment) : NULL;
}

/* --- values --------------------------------------------------------------- */

static gboolean
is_text (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node)
         && json_node_get_value_type (node) == G_TYPE_STRING;
}

static gchar *
number_text (JsonNode *node)
{
  gchar digits[G_ASCII_DTOSTR_BUF_SIZE];

  if (json_node_get_value_type (node) != G_TYPE_DOUBLE)
    return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
  return g_strdup (g_ascii_formatd (
      digits, sizeof digits, "%.9g", json_node_get_double (node)));
}

static gchar *value_text (JsonNode *node, GTimeZone *zone);

static gchar *
array_text (JsonArray *array, GTimeZone *zone)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (array); i++) {
    g_autofree gchar *one =
        value_text (json_array_get_element (array, i), zone);

    g_string_append_printf (text, "%s%s", i > 0 ? " " : "", one);
  }
  return g_string_free (text, FALSE);
}

/* @zone: of times, NULL for UTC */
static gchar *
value_text (JsonNode *node, GTimeZone *zone)
{
  g_autofree gchar *utc = NULL;

  if (JSON_NODE_HOLDS_NULL (node))
    return g_strdup ("");
  if (JSON_NODE_HOLDS_ARRAY (node))
    return array_text (json_node_get_array (node), zone);
  if (JSON_NODE_HOLDS_OBJECT (node))
    return json_to_string (node, FALSE);
  if (json_node_get_value_type (node) == G_TYPE_BOOLEAN)
    return g_strdup (json_node_get_boolean (node) ? "yes" : "no");
  if (!is_text (node))
    return number_text (node);
  utc = anpr_search_utc (json_node_get_string (node));
  if (utc)
    return zone ? anpr_local_time_show (utc, zone) : g_steal_pointer (&utc);
  return g_strdup (json_node_get_string (node));
}

static gchar *
field_text (JsonObject *row, const gchar *name, GTimeZone *zone)
{
  JsonNode *node = json_object_get_member (row, name);
  g_autofree gchar *text = node ? value_text (node, zone) : g_strdup ("");

  return anpr_console_clean (text);
}

/* --- table ---------------------------------------------------------------- */

static glong
column_width (JsonArray *rows, const AnprSearchColumn *column, GTimeZone *zone)
{
  glong width = g_utf8_strlen (column->heading, -1);

  for (guint i = 0; i < json_array_get_length (rows); i++) {
    g_autofree gchar *text = field_text (
        json_array_get_object_element (rows, i), column->name, zone);

    width = MAX (width, g_utf8_strlen (text, -1));
  }
  return width;
}

static void
append_cell (GString *line, const gchar *text, glong width)
{
  if (line->len > 0)
    g_string_append (line, "  ");
  g_string_append (line, text);
  for (glong i = g_utf8_strlen (text, -1); i < width; i++)
    g_string_append_c (line, ' ');
}

/* @row: NULL for the headings */
static gchar *
table_line (JsonObject *row, const AnprSearchColumn *columns,
    const glong *widths, GTimeZone *zone)
{
  GString *line = g_string_new (NULL);

  for (guint i = 0; columns[i].name; i++) {
    g_autofree gchar *text = row ? field_text (row, columns[i].name, zone)
                                 : g_strdup (columns[i].heading);

    append_cell (line, text, widths[i]);
  }
  return g_strchomp (g_string_free (line, FALSE));
}

/**
 * anpr_search_write_table:
 * @rows: objects
 * @columns: which fields, ended by one without a name
 * @zone: of the times in it
 * @func: given each line
 * @user_data: for @func
 */
void
anpr_search_write_table (JsonArray *rows, const AnprSearchColumn *columns,
    GTimeZone *zone, AnprSearchLineFunc func, gpointer user_data)
{
  g_autofree glong *widths = NULL;
  g_autofree gchar *headings = NULL;
  guint n = 0;

  while (columns[n].name)
    n++;
  widths = g_new0 (glong, n + 1);
  for (guint i = 0; i < n; i++)
    widths[i] = column_width (rows, &columns[i], zone);
  headings = table_line (NULL, columns, widths, zone);
  func (headings, user_data);
  for (guint i = 0; i < json_array_get_length (rows); i++) {
    g_autofree gchar *line = table_line (
        json_array_get_object_element (rows, i), columns, widths, zone);

    func (line, user_data);
  }
}

/* --- CSV ------------------------------------------------------------------ */

/* A text that a spreadsheet would run; numbers are none */
static gboolean
is_formula (const gchar *text)
{
  return *text && strchr ("=+-@\t\r", *text);
}

static gchar *
csv_value (JsonObject *row, const gchar *name)
{
  JsonNode *node = json_object_get_member (row, name);
  g_autofree gchar *text = field_text (row, name, NULL);

  if (node && is_formula (text)
      && (!JSON_NODE_HOLDS_VALUE (node) || is_text (node)))
    return g_strconcat ("'", text, NULL);
  return g_steal_pointer (&text);
}

static void
append_csv (GString *line, const gchar *value, gboolean first)
{
  /* an empty first value ends the line as if nothing had been written */
  if (first && !*value)
    g_string_append (line, "\"\"");
  else
    anpr_csv_append (line, value);
}

/**
 * anpr_search_write_csv:
 * @rows: objects with the same fields
 * @func: given each line, the first with the names; none without rows
 * @user_data: for @func
 */
void
anpr_search_write_csv (
    JsonArray *rows, AnprSearchLineFunc func, gpointer user_data)
{
  g_autoptr (GList) names = NULL;
  g_autoptr (GString) line = g_string_new (NULL);

  if (json_array_get_length (rows) == 0)
    return;
  names = json_object_get_members (json_array_get_object_element (rows, 0));
  for (GList *name = names; name; name = name->next)
    append_csv (line, name->data, name == names);
  func (line->str, user_data);
  for (guint i = 0; i < json_array_get_length (rows); i++) {
    JsonObject *row = json_array_get_object_element (rows, i);

    g_string_truncate (line, 0);
    for (GList *name = names; name; name = name->next) {
      g_autofree gchar *value = csv_value (row, name->data);

      append_csv (line, value, name == names);
    }
    func (line->str, user_data);
  }
}

/* --- JSON ----------------------------------------------------------------- */

static void times_to_utc (JsonNode *node);

static void
member_to_utc (
    JsonObject *object, const gchar *name, JsonNode *node, gpointer user_data)
{
  times_to_utc (node);
}

static void
element_to_utc (JsonArray *array, guint i, JsonNode *node, gpointer user_data)
{
  times_to_utc (node);
}

/* In place: the rows are ours */
static void
times_to_utc (JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node)) {
    json_object_foreach_member (
        json_node_get_object (node), member_to_utc, NULL);
  } else if (JSON_NODE_HOLDS_ARRAY (node)) {
    json_array_foreach_element (
        json_node_get_array (node), element_to_utc, NULL);
  } else if (is_text (node)) {
    g_autofree gchar *utc = anpr_search_utc (json_node_get_string (node));

    if (utc)
      json_node_set_string (node, utc);
  }
}

/**
 * anpr_search_to_json:
 * @function: what was asked
 * @rows: objects; their times become UTC
 * @cut: whether there were more
 *
 * Returns: (transfer full): one object, schema anpr.search/1, on one line
 */
gchar *
anpr_search_to_json (const gchar *function, JsonArray *rows, gboolean cut)
{
  g_autoptr (JsonObject) object = json_object_new ();

  for (guint i = 0; i < json_array_get_length (rows); i++)
    times_to_utc (json_array_get_element (rows, i));
  json_object_set_string_member (object, "schema", "anpr.search/1");
  json_object_set_string_member (object, "function", function);
  json_object_set_boolean_member (object, "cut", cut);
  json_object_set_array_member (object, "rows", json_array_ref (rows));
  return anpr_json_to_line (object);
}

/* --- GeoJSON -------------------------------------------------------------- */

/* Longitude first (RFC 7946, 3.1.1); NULL without a place */
static JsonArray *
row_point (JsonObject *row, guint which)
{
  JsonNode *latitude = json_object_get_member (row, places[which].latitude);
  JsonNode *longitude = json_object_get_member (row, places[which].longitude);
  JsonArray *point;

  if (!latitude || !longitude || JSON_NODE_HOLDS_NULL (latitude)
      || JSON_NODE_HOLDS_NULL (longitude))
    return NULL;
  point = json_array_new ();
  json_array_add_double_element (point, json_node_get_double (longitude));
  json_array_add_double_element (point, json_node_get_double (latitude));
  return point;
}

static JsonObject *
geometry_new (const gchar *type, JsonArray *coordinates)
{
  JsonObject *geometry = json_object_new ();

  json_object_set_string_member (geometry, "type", type);
  json_object_set_array_member (geometry, "coordinates", coordinates);
  return geometry;
}

static JsonObject *
row_geometry (JsonObject *row)
{
  JsonArray *from = row_point (row, 0), *to = row_point (row, 1), *line;

  if (!from)
    return NULL;
  if (!to)
    return geometry_new ("Point", from);
  line = json_array_new ();
  json_array_add_array_element (line, from);
  json_array_add_array_element (line, to);
  return geometry_new ("LineString", line);
}

/* @geometry: (transfer full) (nullable); @properties: (transfer none) */
static void
add_feature (JsonArray *features, JsonObject *geometry, JsonObject *properties)
{
  JsonObject *feature = json_object_new ();

  json_object_set_string_member (feature, "type", "Feature");
  if (geometry)
    json_object_set_object_member (feature, "geometry", geometry);
  else
    json_object_set_null_member (feature, "geometry");
  json_object_set_object_member (
      feature, "properties", json_object_ref (properties));
  json_array_add_object_element (features, feature);
}

static gboolean
is_of_one_plate (JsonArray *rows)
{
  const gchar *first = NULL;

  for (guint i = 0; i < json_array_get_length (rows); i++) {
    const gchar *plate = json_object_get_string_member_with_default (
        json_array_get_object_element (rows, i), "plate", "");

    if (first && !g_str_equal (first, plate))
      return FALSE;
    first = plate;
  }
  return TRUE;
}

/* The way of one plate through its places, in the order of time */
static void
add_route (JsonArray *features, JsonArray *rows)
{
  g_autoptr (JsonObject) properties = json_object_new ();
  JsonArray *line;

  if (!is_of_one_plate (rows))
    return;
  line = json_array_new ();
  for (guint i = 0; i < json_array_get_length (rows); i++) {
    JsonArray *point = row_point (json_array_get_object_element (rows, i), 0);

    if (point)
      json_array_add_array_element (line, point);
  }
  if (json_array_get_length (line) < 2) {
    json_array_unref (line);
    return;
  }
  json_object_set_string_member (properties, "kind", "movements");
  add_feature (features, geometry_new ("LineString", line), properties);
}

/**
 * anpr_search_to_geojson:
 * @function: what was asked
 * @rows: objects; their times become UTC
 * @cut: whether there were more
 *
 * Returns: (transfer full): a FeatureCollection on one line: a feature for each
 *     row, without a geometry where it has no place; of a plate also its way
 */
gchar *
anpr_search_to_geojson (const gchar *function, JsonArray *rows, gboolean cut)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonArray *features = json_array_new ();

  for (guint i = 0; i < json_array_get_length (rows); i++) {
    JsonObject *row = json_array_get_object_element (rows, i);

    times_to_utc (json_array_get_element (rows, i));
    add_feature (features, row_geometry (row), row);
  }
  if (g_str_equal (function, "plate"))
    add_route (features, rows);
  json_object_set_string_member (object, "type", "FeatureCollection");
  json_object_set_string_member (object, "function", function);
  json_object_set_boolean_member (object, "cut", cut);
  json_object_set_array_member (object, "features", features);
  return anpr_json_to_line (object);
}
