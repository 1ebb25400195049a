/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Tables of other layouts made into lists, by a mapping file:
 *
 *   [list]              header of the list, as its # lines
 *   [table]             separator= (a sign, or tab), encoding=, date= (as
 *                       strptime has it), zone= (such as Europe/Brussels)
 *   [columns]           column of the list = column of the table
 *   [constants]         column of the list = a value for all entries
 *   [values COLUMN]     value of the table = value of the list
 *
 * The table streams through, record by record, into a file beside the output,
 * which is then checked like any list and gets its name only if it is sound: a
 * wrong map leaves nothing behind. A value that is not as the map says (a date
 * of another form, a value it does not name) refuses the table with its line.
 */

#define _XOPEN_SOURCE 700 /* strptime() */

#include "listimport.h"
#include "csvtext.h"
#include "../plugins/hitmatch/listentry.h"
#include "../plugins/record/error.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define PIECE (256 * 1024)
#define NOWHERE G_MAXUINT

/* A column of the list: where its value comes from */
typedef struct {
  guint column;
  gchar *name; /* in the table, NULL a constant */
  guint field;
  gchar *constant;
  gchar *values; /* group of the map that translates it, NULL none */
  gboolean is_date;
  gboolean is_end;
} Source;

typedef struct {
  GKeyFile *map;
  gchar separator;
  gchar *encoding;
  gchar *date;
  GTimeZone *zone;
  GArray *sources;
  gboolean has_names;
  GString *line;
  FILE *output;
  guint64 n_entries;
} Import;

static void
source_clear (Source *source)
{
  g_free (source->name);
  g_free (source->constant);
  g_free (source->values);
}

static void
import_clear (Import *import)
{
  g_clear_pointer (&import->map, g_key_file_unref);
  g_clear_pointer (&import->zone, g_time_zone_unref);
  g_clear_pointer (&import->sources, g_array_unref);
  g_free (import->encoding);
  g_free (import->date);
  if (import->line)
    g_string_free (import->line, TRUE);
  if (import->output)
    fclose (import->output);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Import, import_clear)

static gboolean fail (GError **error, AnprError code, const gchar *format, ...)
    G_GNUC_PRINTF (3, 4);

static gboolean
fail (GError **error, AnprError code, const gchar *format, ...)
{
  g_autofree gchar *reason = NULL;
  va_list arguments;

  va_start (arguments, format);
  reason = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, ANPR_ERROR, code, "%s", reason);
  return FALSE;
}

/* --- the map ------------------------------------------------------------- */

static gboolean
is_date (const gchar *column)
{
  static const gchar *const dates[] = { "valid-from", "valid-until",
    "validated", "created", "changed", NULL };

  return g_strv_contains (dates, column);
}

static gboolean
add_source (Import *import, const gchar *column, gchar *name, gchar *constant,
    GError **error)
{
  g_autofree gchar *group = g_strconcat ("values ", column, NULL);
  Source source = { 0, name, NOWHERE, constant, NULL, FALSE, FALSE };

  if (g_key_file_has_group (import->map, group))
    source.values = g_steal_pointer (&group);
  source.is_date = is_date (column);
  source.is_end = g_str_equal (column, "valid-until");
  g_array_append_val (import->sources, source);
  if (anpr_list_column_find (column,
          &g_array_index (import->sources, Source, import->sources->len - 1)
               .column))
    return TRUE;
  return fail (error, ANPR_ERROR_LIST_HEADER,
      "the map names column \"%s\", which a list does not have", column);
}

static gboolean
read_group (
    Import *import, const gchar *group, gboolean constant, GError **error)
{
  g_auto (GStrv) columns = g_key_file_get_keys (import->map, group, NULL, NULL);

  for (guint i = 0; columns && columns[i]; i++) {
    gchar *value = g_key_file_get_string (import->map, group, columns[i], NULL);

    if (!add_source (import, columns[i], constant ? NULL : value,
            constant ? value : NULL, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
read_separator (Import *import, GError **error)
{
  g_autofree gchar *text =
      g_key_file_get_string (import->map, "table", "separator", NULL);

  import->separator = !text ? ',' : g_str_equal (text, "tab") ? '\t' : text[0];
  if (text && !g_str_equal (text, "tab")
      && (strlen (text) != 1 || strchr ("\"\r\n", text[0])))
    return fail (error, ANPR_ERROR_LIST_HEADER,
        "the map's separator is not one sign, or tab");
  return TRUE;
}

static gboolean
read_zone (Import *import, GError **error)
{
  g_autofree gchar *name =
      g_key_file_get_string (import->map, "table", "zone", NULL);

  import->zone = g_time_zone_new_identifier (name ? name : "UTC");
  return import->zone
         || fail (error, ANPR_ERROR_LIST_HEADER,
             "the map's zone \"%s\" is not known here", name);
}

static gboolean
read_map (Import *import, const gchar *file, GError **error)
{
  g_autoptr (GError) reason = NULL;

  import->map = g_key_file_new ();
  import->line = g_string_new (NULL);
  import->sources = g_array_new (FALSE, FALSE, sizeof (Source));
  g_array_set_clear_func (import->sources, (GDestroyNotify) source_clear);
  if (!g_key_file_load_from_file (import->map, file, G_KEY_FILE_NONE, &reason))
    return fail (error, ANPR_ERROR_LIST_OPEN, "%s", reason->message);
  import->encoding =
      g_key_file_get_string (import->map, "table", "encoding", NULL);
  import->date = g_key_file_get_string (import->map, "table", "date", NULL);
  return read_separator (import, error) && read_zone (import, error)
         && read_group (import, "columns", FALSE, error)
         && read_group (import, "constants", TRUE, error);
}

/* --- the header ---------------------------------------------------------- */

static gboolean
write_line (Import *import, GError **error)
{
  g_string_append_c (import->line, '\n');
  if (fwrite (import->line->str, 1, import->line->len, import->output)
      == import->line->len)
    return TRUE;
  return fail (error, ANPR_ERROR_OUTPUT, "%s", g_strerror (errno));
}

static gboolean
write_header (Import *import, GError **error)
{
  g_auto (GStrv) keys = g_key_file_get_keys (import->map, "list", NULL, NULL);

  for (guint i = 0; keys && keys[i]; i++) {
    g_autofree gchar *value =
        g_key_file_get_string (import->map, "list", keys[i], NULL);

    g_string_printf (import->line, "# %s: %s", keys[i], value);
    if (!write_line (import, error))
      return FALSE;
  }
  g_string_truncate (import->line, 0);
  for (guint i = 0; i < import->sources->len; i++)
    anpr_csv_append (
        import->line, anpr_list_column_get_name (
                          g_array_index (import->sources, Source, i).column));
  return write_line (import, error);
}

/* --- records ------------------------------------------------------------- */

static guint
find_field (const GPtrArray *names, const gchar *name)
{
  for (guint i = 0; i < names->len; i++)
    if (g_str_equal (g_strstrip (names->pdata[i]), name))
      return i;
  return NOWHERE;
}

static gboolean
take_names (Import *import, const GPtrArray *names, GError **error)
{
  for (guint i = 0; i < import->sources->len; i++) {
    Source *source = &g_array_index (import->sources, Source, i);

    if (!source->name)
      continue;
    source->field = find_field (names, source->name);
    if (source->field == NOWHERE)
      return fail (error, ANPR_ERROR_LIST_HEADER,
          "the table has no column \"%s\"", source->name);
  }
  import->has_names = TRUE;
  return TRUE;
}

/* A date without a time is its whole day: it begins at its start and ends at
 * its end. Returns NULL if it is not as the map says. */
static gchar *
convert_date (const Import *import, const gchar *value, gboolean is_end)
{
  struct tm tm = { .tm_hour = is_end ? 23 : 0,
    .tm_min = is_end ? 59 : 0,
    .tm_sec = is_end ? 59 : 0 };
  const gchar *end = strptime (value, import->date, &tm);
  g_autoptr (GDateTime) local = NULL, utc = NULL;

  if (!end || *end)
    return NULL;
  local = g_date_time_new (import->zone, tm.tm_year + 1900, tm.tm_mon + 1,
      tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
  utc = local ? g_date_time_to_utc (local) : NULL;
  return utc ? g_date_time_format (utc, "%Y-%m-%dT%H:%M:%SZ") : NULL;
}

/* What the list gets for a value of the table; NULL if the map does not say */
static gchar *
convert (const Import *import, const Source *source, const gchar *field)
{
  g_autofree gchar *value =
      g_strstrip (g_strdelimit (g_strdup (field), "\r\n\t", ' '));

  if (source->values && *value)
    return g_key_file_get_string (import->map, source->values, value, NULL);
  if (source->is_date && import->date && *value)
    return convert_date (import, value, source->is_end);
  return g_steal_pointer (&value);
}

static gboolean
add_value (Import *import, const Source *source, const GPtrArray *fields,
    guint64 line, GError **error)
{
  g_autofree gchar *value = NULL;

  if (source->constant)
    value = g_strdup (source->constant);
  else if (source->field < fields->len)
    value = convert (import, source, fields->pdata[source->field]);
  else
    return fail (error, ANPR_ERROR_LIST_LINE,
        "line %" G_GUINT64_FORMAT ": no field for column \"%s\"", line,
        source->name);
  if (!value)
    return fail (error, ANPR_ERROR_LIST_LINE,
        "line %" G_GUINT64_FORMAT ": the map does not cover the value of "
        "column \"%s\"",
        line, source->name);
  if (import->line->len == 0 && !*value)
    g_string_append (import->line, "\"\"");
  else
    anpr_csv_append (import->line, value);
  return TRUE;
}

static gboolean
take_record (
    GPtrArray *fields, guint64 line, gpointer user_data, GError **error)
{
  Import *import = user_data;

  if (!import->has_names)
    return take_names (import, fields, error);
  g_string_truncate (import->line, 0);
  for (guint i = 0; i < import->sources->len; i++)
    if (!add_value (import, &g_array_index (import->sources, Source, i), fields,
            line, error))
      return FALSE;
  import->n_entries++;
  return write_line (import, error);
}

/* --- the table ----------------------------------------------------------- */

static GInputStream *
open_table (const Import *import, const gchar *file, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (GFile) location = g_file_new_for_path (file);
  g_autoptr (GFileInputStream) stream = g_file_read (location, NULL, &reason);
  g_autoptr (GCharsetConverter) converter = NULL;

  if (stream)
    converter = g_charset_converter_new (
        "UTF-8", import->encoding ? import->encoding : "UTF-8", &reason);
  if (converter)
    return g_converter_input_stream_new (
        G_INPUT_STREAM (stream), G_CONVERTER (converter));
  (void) fail (error, ANPR_ERROR_LIST_OPEN, "%s", reason->message);
  return NULL;
}

static gboolean
read_pieces (Import *import, GInputStream *stream, const AnprListSource *table,
    GError **error)
{
  g_autoptr (AnprCsvReader) reader =
      anpr_csv_reader_new (import->separator, take_record, import);
  g_autofree gchar *piece = g_malloc (PIECE);
  g_autoptr (GError) reason = NULL;
  guint64 bytes = 0;
  gssize n;

  while ((n = g_input_stream_read (stream, piece, PIECE, NULL, &reason)) > 0) {
    const gchar *data = piece;

    if (bytes == 0 && n >= 3 && memcmp (piece, "\357\273\277", 3) == 0) {
      data += 3;
      n -= 3;
    }
    if (!anpr_csv_reader_feed (reader, data, (gsize) n, error))
      return FALSE;
    bytes += (guint64) n;
    if (table->progress)
      table->progress (bytes, table->user_data);
  }
  if (n < 0)
    return fail (error, ANPR_ERROR_LIST_LINE,
        "the table is not in the map's encoding, or cannot be read: %s",
        reason->message);
  return anpr_csv_reader_finish (reader, error);
}

static gboolean
write_list (Import *import, const AnprListSource *table, const gchar *output,
    GError **error)
{
  g_autoptr (GInputStream) stream = open_table (import, table->file, error);
  FILE *file;

  if (!stream)
    return FALSE;
  import->output = g_fopen (output, "w");
  if (!import->output)
    return fail (error, ANPR_ERROR_OUTPUT, "%s", g_strerror (errno));
  if (!write_header (import, error)
      || !read_pieces (import, stream, table, error))
    return FALSE;
  file = g_steal_pointer (&import->output);
  return fclose (file) == 0
         || fail (error, ANPR_ERROR_OUTPUT, "%s", g_strerror (errno));
}

static gboolean
check_list (const gchar *file, gint64 now, GError **error)
{
  const AnprListSource source = { .file = file, .now = now };
  g_autoptr (AnprHitList) list = anpr_list_verify (&source, error);

  return list != NULL;
}

/**
 * anpr_list_import:
 * @map: name of a mapping file
 * @table: the table; its keys are not looked at
 * @output: name of the list to write; replaced if all is well
 * @n_entries: (out): entries of the list
 * @error: of domain %ANPR_ERROR, with the line of the table, or of the list that
 *     came of it
 */
gboolean
anpr_list_import (const gchar *map, const AnprListSource *table,
    const gchar *output, guint64 *n_entries, GError **error)
{
  g_autofree gchar *part = g_strconcat (output, ".part", NULL);
  g_auto (Import) import = { 0 };

  if (read_map (&import, map, error) && write_list (&import, table, part, error)
      && check_list (part, table->now, error)) {
    *n_entries = import.n_entries;
    if (g_rename (part, output) == 0)
      return TRUE;
    (void) fail (error, ANPR_ERROR_OUTPUT, "%s", g_strerror (errno));
  }
  (void) g_unlink (part);
  return FALSE;
}
