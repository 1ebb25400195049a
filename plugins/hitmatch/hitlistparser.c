/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Hit list files, docs/lists.md.
 *
 * A push parser: pieces of the file in, whole lines out, each line looked at
 * once and never again. So a file of any size needs the memory of one line, and
 * the result does not depend on how the file was cut.
 *
 * A line is checked as text first (length, NUL, UTF-8, control characters),
 * then given to what the file has come to: the # lines, the line that names the
 * columns, the entries.
 *
 * The first thing wrong refuses the whole list. The error names file, line and
 * column and never shows what an entry holds: errors end in logs, and who is
 * wanted does not belong there.
 */

#include "hitlistparser.h"
#include "hitlistbuilder.h"
#include "listentry.h"
#include "listheader.h"
#include "listvalue.h"
#include "../record/error.h"

#include <string.h>

#define BYTE_ORDER_MARK "\357\273\277"

struct _AnprHitListParser {
  gint64 now;
  guint64 line;
  GString *text; /* the line that is coming in */

  AnprListHeader header;

  guint n_columns;
  guint order[ANPR_N_LIST_COLUMNS]; /* column of each field */
  guint64 columns_line;

  gchar *folder;               /* to keep the list in, NULL not to keep it */
  AnprHitListBuilder *builder; /* from the column line on */
};

static gboolean refuse (AnprHitListParser *parser, AnprError code,
    GError **error, const gchar *format, ...) G_GNUC_PRINTF (4, 5);

static gboolean
refuse (AnprHitListParser *parser, AnprError code, GError **error,
    const gchar *format, ...)
{
  g_autofree gchar *reason = NULL;
  va_list arguments;

  va_start (arguments, format);
  reason = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, ANPR_ERROR, code, "%s:%" G_GUINT64_FORMAT ": %s",
      parser->header.values.file, parser->line, reason);
  return FALSE;
}

/**
 * anpr_hit_list_parser_new: (skip)
 * @file: name for messages, in the encoding of file names
 * @now: UTC, microseconds since 1970: a list that has ended by then is refused
 *
 * Returns: (transfer full): a parser at the start of a list
 */
AnprHitListParser *
anpr_hit_list_parser_new (const gchar *file, gint64 now)
{
  AnprHitListParser *parser = g_new0 (AnprHitListParser, 1);

  parser->now = now;
  parser->text = g_string_sized_new (512);
  anpr_list_header_init (&parser->header, file);
  return parser;
}

/**
 * anpr_hit_list_parser_free: (skip)
 * @parser: (nullable): a parser, finished or not
 */
void
anpr_hit_list_parser_free (AnprHitListParser *parser)
{
  if (!parser)
    return;
  g_string_free (parser->text, TRUE);
  anpr_list_header_clear (&parser->header);
  g_free (parser->folder);
  g_clear_pointer (&parser->builder, anpr_hit_list_builder_free);
  g_free (parser);
}

/**
 * anpr_hit_list_parser_accept: (skip)
 * @parser: a parser that was given nothing yet
 * @folder: where the list is made, and kept if all is well
 * @signer: name of the key that is said to have signed it
 */
void
anpr_hit_list_parser_accept (
    AnprHitListParser *parser, const gchar *folder, const gchar *signer)
{
  parser->folder = g_strdup (folder);
  parser->header.values.signer = g_strdup (signer);
  parser->header.values.accepted = parser->now;
}

/* --- # lines ------------------------------------------------------------ */

static gboolean
header_line (AnprHitListParser *parser, gchar *line, GError **error)
{
  g_autofree gchar *fault = NULL;
  gchar *colon;

  if (parser->line > ANPR_HIT_LIST_MAX_HEADER_LINES)
    return refuse (parser, ANPR_ERROR_LIST_BOUND, error, "more than %d # lines",
        ANPR_HIT_LIST_MAX_HEADER_LINES);
  if (line[1] == '#')
    return TRUE;
  colon = strchr (line, ':');
  if (!colon)
    return refuse (parser, ANPR_ERROR_LIST_HEADER, error,
        "not of the form \"# key: value\"");
  *colon = '\0';
  fault = anpr_list_header_take (
      &parser->header, g_strstrip (line + 1), g_strstrip (colon + 1));
  if (fault)
    return refuse (parser, ANPR_ERROR_LIST_HEADER, error, "%s", fault);
  return TRUE;
}

/* --- fields -------------------------------------------------------------- */

/* Takes the quotes off a field, in place. Returns what stands behind it, NULL
 * if the quotes do not close. */
static gchar *
unquote (gchar *field)
{
  gchar *to = field, *from = field + 1;

  for (; *from; from++) {
    if (*from == '"' && *++from != '"') {
      *to = '\0';
      return from;
    }
    *to++ = *from;
  }
  return NULL;
}

/* Cuts the line's next field off, in place. Returns FALSE if its quoting is
 * wrong; rest becomes NULL behind the last field. */
static gboolean
cut_field (gchar **rest, gchar **field)
{
  gchar *end;

  *field = *rest;
  if (**rest == '"') {
    gchar behind;

    end = unquote (*rest);
    if (!end)
      return FALSE;
    behind = *end;
    *rest = behind == ',' ? end + 1 : NULL;
    return behind == ',' || behind == '\0';
  }
  end = *rest + strcspn (*rest, ",\"");
  if (*end == '"')
    return FALSE;
  *rest = *end ? end + 1 : NULL;
  *end = '\0';
  return TRUE;
}

/* Cuts a line into at most max fields; n counts those beyond it too */
static gboolean
cut_line (AnprHitListParser *parser, gchar *line, gchar **fields, guint max,
    guint *n, GError **error)
{
  gchar *rest = line, *field;

  for (*n = 0; rest; (*n)++) {
    if (!cut_field (&rest, &field))
      return refuse (parser,
          parser->builder ? ANPR_ERROR_LIST_LINE : ANPR_ERROR_LIST_HEADER,
          error, "the quotes of field %u are wrong", *n + 1);
    if (*n < max)
      fields[*n] = field;
  }
  return TRUE;
}

/* --- the line that names the columns ------------------------------------- */

static gboolean
check_header (AnprHitListParser *parser, GError **error)
{
  AnprError code;
  g_autofree gchar *fault =
      anpr_list_header_complete (&parser->header, parser->now, &code);

  return !fault || refuse (parser, code, error, "%s", fault);
}

static gboolean
has_column (const AnprHitListParser *parser, guint column)
{
  for (guint i = 0; i < parser->n_columns; i++)
    if (parser->order[i] == column)
      return TRUE;
  return FALSE;
}

static gboolean
add_column (AnprHitListParser *parser, const gchar *name, GError **error)
{
  g_autofree gchar *shown = anpr_list_value_shorten (name);
  guint column;

  if (!anpr_list_column_find (name, &column))
    return refuse (
        parser, ANPR_ERROR_LIST_HEADER, error, "unknown column \"%s\"", shown);
  if (has_column (parser, column))
    return refuse (parser, ANPR_ERROR_LIST_HEADER, error,
        "column \"%s\" is there twice", shown);
  parser->order[parser->n_columns++] = column;
  return TRUE;
}

static gboolean
check_columns (AnprHitListParser *parser, GError **error)
{
  for (guint i = 0; i < ANPR_N_NEEDED_LIST_COLUMNS; i++)
    if (!has_column (parser, i))
      return refuse (parser, ANPR_ERROR_LIST_HEADER, error, "no column \"%s\"",
          anpr_list_column_get_name (i));
  return TRUE;
}

static gboolean
columns_line (AnprHitListParser *parser, gchar *line, GError **error)
{
  gchar *fields[ANPR_N_LIST_COLUMNS];
  guint n;

  if (!check_header (parser, error)
      || !cut_line (parser, line, fields, ANPR_N_LIST_COLUMNS, &n, error))
    return FALSE;
  for (guint i = 0; i < MIN (n, ANPR_N_LIST_COLUMNS); i++)
    if (!add_column (parser, fields[i], error))
      return FALSE;
  if (n > ANPR_N_LIST_COLUMNS)
    return refuse (parser, ANPR_ERROR_LIST_HEADER, error,
        "%u columns, more than there are names for", n);
  if (!check_columns (parser, error))
    return FALSE;
  parser->columns_line = parser->line;
  parser->builder =
      anpr_hit_list_builder_new (&parser->header.values, parser->folder);
  return TRUE;
}

/* --- entries ------------------------------------------------------------- */

static gboolean
take_fields (AnprHitListParser *parser, AnprListEntry *entry, gchar **fields,
    GError **error)
{
  g_autofree gchar *fault = NULL;

  anpr_list_entry_init (entry, &parser->header.values);
  for (guint i = 0; i < parser->n_columns; i++) {
    guint column = parser->order[i];
    const gchar *wanted = anpr_list_entry_take (entry, column, fields[i]);

    if (wanted)
      return refuse (parser, ANPR_ERROR_LIST_LINE, error,
          "column \"%s\" is not %s", anpr_list_column_get_name (column),
          wanted);
  }
  fault = anpr_list_entry_check (entry, &parser->header.values);
  if (fault)
    return refuse (parser, ANPR_ERROR_LIST_LINE, error, "%s", fault);
  return TRUE;
}

static gboolean
add_entry (
    AnprHitListParser *parser, const AnprListEntry *entry, GError **error)
{
  switch (anpr_hit_list_builder_add (parser->builder, &entry->values,
      entry->key, &entry->pattern, entry->texts)) {
    case ANPR_HIT_LIST_SOUND:
      return TRUE;
    case ANPR_HIT_LIST_TOO_MANY_LOOK_ALIKES:
      return refuse (parser, ANPR_ERROR_LIST_BOUND, error,
          "more than %d look-alike entries; a mass list matches exactly only",
          ANPR_HIT_LIST_MAX_LOOK_ALIKES);
    case ANPR_HIT_LIST_TOO_MANY_PATTERNS:
      return refuse (parser, ANPR_ERROR_LIST_BOUND, error,
          "more than %d patterns", ANPR_HIT_LIST_MAX_PATTERNS);
    default:
      return refuse (parser, ANPR_ERROR_LIST_BOUND, error,
          "more than %d entries or 2 GiB of text", ANPR_HIT_LIST_MAX_ENTRIES);
  }
}

static gboolean
entry_line (AnprHitListParser *parser, gchar *line, GError **error)
{
  gchar *fields[ANPR_N_LIST_COLUMNS];
  AnprListEntry entry;
  guint n;

  if (line[0] == '#')
    return refuse (
        parser, ANPR_ERROR_LIST_LINE, error, "a # line below the columns");
  if (!cut_line (parser, line, fields, ANPR_N_LIST_COLUMNS, &n, error))
    return FALSE;
  if (n != parser->n_columns)
    return refuse (parser, ANPR_ERROR_LIST_LINE, error,
        "%u fields where the columns are %u", n, parser->n_columns);
  if (!take_fields (parser, &entry, fields, error))
    return FALSE;
  return add_entry (parser, &entry, error);
}

/* --- lines --------------------------------------------------------------- */

static gboolean
has_control_character (const gchar *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (((guchar) text[i] < 0x20 && text[i] != '\t') || text[i] == 0x7f)
      return TRUE;
  return FALSE;
}

static const gchar *
find_fault_in_text (const gchar *text, gsize length)
{
  if (memchr (text, '\0', length))
    return "a NUL byte";
  if (!g_utf8_validate (text, (gssize) length, NULL))
    return "not valid UTF-8";
  if (has_control_character (text, length))
    return "a control character";
  return NULL;
}

/* A whole line is in parser->text */
static gboolean
take_line (AnprHitListParser *parser, GError **error)
{
  GString *text = parser->text;
  gchar *line = text->str;
  const gchar *fault;

  parser->line++;
  if (text->len > 0 && text->str[text->len - 1] == '\r')
    g_string_truncate (text, text->len - 1);
  fault = find_fault_in_text (text->str, text->len);
  if (fault)
    return refuse (parser,
        parser->builder ? ANPR_ERROR_LIST_LINE : ANPR_ERROR_LIST_HEADER, error,
        "%s in the line", fault);
  if (parser->line == 1 && g_str_has_prefix (line, BYTE_ORDER_MARK))
    line += strlen (BYTE_ORDER_MARK);
  if (parser->builder)
    return entry_line (parser, line, error);
  if (line[0] == '#')
    return header_line (parser, line, error);
  return columns_line (parser, line, error);
}

/**
 * anpr_hit_list_parser_feed: (skip)
 * @parser: a parser that has not failed
 * @data: the next piece of the file, cut anywhere
 * @length: its bytes
 * @error: of domain %ANPR_ERROR, with file, line and reason
 *
 * Returns: %FALSE if the list is refused; then only free the parser
 */
gboolean
anpr_hit_list_parser_feed (
    AnprHitListParser *parser, const gchar *data, gsize length, GError **error)
{
  while (length > 0) {
    const gchar *end = memchr (data, '\n', length);
    gsize part = end ? (gsize) (end - data) : length;

    if (parser->text->len + part > ANPR_HIT_LIST_MAX_LINE) {
      parser->line++;
      return refuse (parser, ANPR_ERROR_LIST_BOUND, error,
          "the line has more than %d bytes", ANPR_HIT_LIST_MAX_LINE);
    }
    g_string_append_len (parser->text, data, (gssize) part);
    if (!end)
      return TRUE;
    if (!take_line (parser, error))
      return FALSE;
    g_string_truncate (parser->text, 0);
    data += part + 1;
    length -= part + 1;
  }
  return TRUE;
}

static gboolean
refuse_unwritten (AnprHitListParser *parser, GError **error)
{
  g_set_error (error, ANPR_ERROR, ANPR_ERROR_LIST_STORE,
      "%s: the index of the list could not be written: %s",
      parser->header.values.file,
      g_strerror (anpr_hit_list_builder_get_fault (parser->builder)));
  return FALSE;
}

static gboolean
refuse_unsound (AnprHitListParser *parser, AnprHitListFault fault, guint entry,
    GError **error)
{
  if (fault == ANPR_HIT_LIST_NOT_WRITTEN)
    return refuse_unwritten (parser, error);
  parser->line = parser->columns_line + 1 + entry;
  if (fault == ANPR_HIT_LIST_SAME_ENTRY_TWICE)
    return refuse (
        parser, ANPR_ERROR_LIST_LINE, error, "the entry's id was there before");
  if (fault == ANPR_HIT_LIST_TOO_MUCH_ALIKE)
    return refuse (parser, ANPR_ERROR_LIST_BOUND, error,
        "more than %d look-alike entries are alike in every sign",
        ANPR_HIT_LIST_MAX_SAME_FOLD);
  return refuse (parser, ANPR_ERROR_LIST_BOUND, error,
      "the entry's plate is in the list more than %d times",
      ANPR_HIT_LIST_MAX_SAME_PLATE);
}

/**
 * anpr_hit_list_parser_finish: (skip)
 * @parser: a parser that was given the whole file; only keep or free it
 *     afterwards
 * @error: of domain %ANPR_ERROR, with file, line and reason
 *
 * Returns: (transfer full): the list, %NULL if it is refused
 */
AnprHitList *
anpr_hit_list_parser_finish (AnprHitListParser *parser, GError **error)
{
  AnprHitList *list;
  AnprHitListFault fault;
  guint entry = 0;

  if (parser->text->len > 0 && !take_line (parser, error))
    return NULL;
  if (!parser->builder) {
    refuse (parser, ANPR_ERROR_LIST_HEADER, error,
        "the file ends before the line that names the columns");
    return NULL;
  }
  fault = anpr_hit_list_builder_finish (parser->builder, &list, &entry);
  if (fault != ANPR_HIT_LIST_SOUND)
    refuse_unsound (parser, fault, entry, error);
  return list;
}

/**
 * anpr_hit_list_parser_keep: (skip)
 * @parser: a parser that made a list to be accepted
 * @file: name in the folder of accepted lists
 * @error: %ANPR_ERROR_LIST_STORE
 *
 * Returns: whether the list is on the disk and in force
 */
gboolean
anpr_hit_list_parser_keep (
    AnprHitListParser *parser, const gchar *file, GError **error)
{
  return anpr_hit_list_builder_keep (parser->builder, file)
         || refuse_unwritten (parser, error);
}
