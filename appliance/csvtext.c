/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Tables of others: separated values as RFC 4180 has them, with any separator.
 *
 * A push reader: pieces in, whole records out, each field in memory of its own.
 * Line breaks end a record, but not inside quotes; a quote inside quotes is
 * doubled. What stands behind closing quotes, or a quote inside a bare value, is
 * an error: to guess where a value ends would put one into another's column. */

#include "csvtext.h"
#include "../plugins/record/error.h"

#include <string.h>

/* Where in a field the reader is */
typedef enum {
  AT_START,
  IN_BARE,
  IN_QUOTES,
  AFTER_QUOTE,
} Place;

struct _AnprCsvReader {
  gchar separator;
  AnprCsvRecordFunc func;
  gpointer user_data;
  Place place;
  guint64 line;
  guint64 record_line;
  gsize size;
  GString *field;
  GPtrArray *fields;
};

/**
 * anpr_csv_reader_new:
 * @separator: between fields
 * @func: given each record
 * @user_data: for @func
 *
 * Returns: (transfer full): a reader at the start of a table
 */
AnprCsvReader *
anpr_csv_reader_new (
    gchar separator, AnprCsvRecordFunc func, gpointer user_data)
{
  AnprCsvReader *reader = g_new0 (AnprCsvReader, 1);

  reader->separator = separator;
  reader->func = func;
  reader->user_data = user_data;
  reader->line = 1;
  reader->record_line = 1;
  reader->field = g_string_new (NULL);
  reader->fields = g_ptr_array_new_with_free_func (g_free);
  return reader;
}

/**
 * anpr_csv_reader_free:
 * @reader: (nullable): a reader
 */
void
anpr_csv_reader_free (AnprCsvReader *reader)
{
  if (!reader)
    return;
  g_string_free (reader->field, TRUE);
  g_ptr_array_unref (reader->fields);
  g_free (reader);
}

static gboolean
fail (const AnprCsvReader *reader, const gchar *reason, GError **error)
{
  g_set_error (error, ANPR_ERROR, ANPR_ERROR_LIST_LINE,
      "line %" G_GUINT64_FORMAT ": %s", reader->record_line, reason);
  return FALSE;
}

static gboolean
end_field (AnprCsvReader *reader, GError **error)
{
  if (reader->fields->len == ANPR_CSV_MAX_FIELDS)
    return fail (reader, "too many fields", error);
  g_ptr_array_add (
      reader->fields, g_strndup (reader->field->str, reader->field->len));
  g_string_truncate (reader->field, 0);
  reader->place = AT_START;
  return TRUE;
}

/* A line without anything on it is no record */
static gboolean
end_record (AnprCsvReader *reader, GError **error)
{
  gboolean done = TRUE;

  if (reader->fields->len > 0 || reader->field->len > 0
      || reader->place != AT_START)
    done = end_field (reader, error)
           && reader->func (
               reader->fields, reader->record_line, reader->user_data, error);
  g_ptr_array_set_size (reader->fields, 0);
  reader->size = 0;
  reader->record_line = reader->line;
  return done;
}

static gboolean
take_quoted (AnprCsvReader *reader, gchar c)
{
  if (c == '"')
    reader->place = AFTER_QUOTE;
  else
    g_string_append_c (reader->field, c);
  return TRUE;
}

/* Not in quotes */
static gboolean
take_plain (AnprCsvReader *reader, gchar c, GError **error)
{
  if (c == reader->separator)
    return end_field (reader, error);
  if (c == '\n')
    return end_record (reader, error);
  if (c == '\r')
    return TRUE;
  if (c == '"' && reader->place == AT_START) {
    reader->place = IN_QUOTES;
    return TRUE;
  }
  if (c == '"' && reader->place == AFTER_QUOTE) {
    reader->place = IN_QUOTES;
  } else if (c == '"' || reader->place == AFTER_QUOTE) {
    return fail (reader, "the quotes of a field are wrong", error);
  } else {
    reader->place = IN_BARE;
  }
  g_string_append_c (reader->field, c);
  return TRUE;
}

static gboolean
take (AnprCsvReader *reader, gchar c, GError **error)
{
  if (c == '\0')
    return fail (reader, "a NUL byte", error);
  if (++reader->size > ANPR_CSV_MAX_RECORD)
    return fail (
        reader, "the record is too long, or quotes do not close", error);
  reader->line += c == '\n';
  return reader->place == IN_QUOTES ? take_quoted (reader, c)
                                    : take_plain (reader, c, error);
}

/**
 * anpr_csv_reader_feed:
 * @reader: a reader that has not failed
 * @data: the next piece, cut anywhere
 * @length: its bytes
 * @error: of domain %ANPR_ERROR, or of the function
 *
 * Returns: %FALSE if the table is refused; then only free the reader
 */
gboolean
anpr_csv_reader_feed (
    AnprCsvReader *reader, const gchar *data, gsize length, GError **error)
{
  for (gsize i = 0; i < length; i++)
    if (!take (reader, data[i], error))
      return FALSE;
  return TRUE;
}

/**
 * anpr_csv_reader_finish:
 * @reader: a reader that was given the whole table
 * @error: of domain %ANPR_ERROR, or of the function
 */
gboolean
anpr_csv_reader_finish (AnprCsvReader *reader, GError **error)
{
  if (reader->place == IN_QUOTES)
    return fail (reader, "quotes do not close", error);
  return end_record (reader, error);
}

/**
 * anpr_csv_append:
 * @line: a line of comma-separated values; empty, or the last value ends it
 * @value: a value without line breaks
 *
 * Appends the value, in quotes where it needs them, and the comma before it.
 */
void
anpr_csv_append (GString *line, const gchar *value)
{
  if (line->len > 0)
    g_string_append_c (line, ',');
  if (!strpbrk (value, ",\"")) {
    g_string_append (line, value);
    return;
  }
  g_string_append_c (line, '"');
  for (const gchar *p = value; *p; p++) {
    if (*p == '"')
      g_string_append_c (line, '"');
    g_string_append_c (line, *p);
  }
  g_string_append_c (line, '"');
}
