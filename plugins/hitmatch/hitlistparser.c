/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Hit list files, docs/lists.md.
 *
 * A push parser: pieces of the file in, whole lines out, each line looked at
 * once and never again. So a file needs no more memory than the list it makes
 * and one line, and the result does not depend on how the file was cut.
 *
 * A line is checked as text first (length, NUL, UTF-8, control characters),
 * then given to what the file has come to: the # lines, the line that names the
 * columns, the entries. One table says what each # line means, another what
 * each column means.
 *
 * The first thing wrong refuses the whole list. The error names file, line and
 * column and never shows what an entry holds: errors end in logs, and who is
 * wanted does not belong there.
 */

#include "hitlistparser.h"
#include "listvalue.h"
#include "../record/error.h"

#include <string.h>

#define MAX_ENTRY_ID 128
#define MAX_QUOTED 64 /* bytes of an unknown name shown in a message */
#define DEFAULT_PRIORITY 50
#define BYTE_ORDER_MARK "\357\273\277"
#define DATE_FORM "a time such as 2026-11-23T18:30:00Z"

typedef enum {
  HEADER_LIST,
  HEADER_AUTHORITY,
  HEADER_CATEGORY,
  HEADER_PURPOSE,
  HEADER_MATCH,
  HEADER_PRIORITY,
  HEADER_VERSION,
  HEADER_VALID_FROM,
  HEADER_VALID_UNTIL,
  HEADER_CONTACT,
  N_HEADERS,
} Header;

typedef enum {
  KIND_TEXT,
  KIND_ENTRY,
  KIND_PLATE,
  KIND_COUNTRY,
  KIND_ROLE,
  KIND_MATCH,
  KIND_PURPOSE,
  KIND_PRIORITY,
  KIND_COVERT,
  KIND_VALID_FROM,
  KIND_VALID_UNTIL,
  KIND_DATE,
  KIND_NOT_YET,
  N_KINDS,
} Kind;

/* A column; text is where its value is kept as it is, NOT_KEPT if it is not */
#define NOT_KEPT ANPR_N_HIT_TEXTS

static const struct {
  const gchar *name;
  Kind kind;
  AnprHitText text;
} columns[] = {
  { "entry", KIND_ENTRY, ANPR_HIT_TEXT_ENTRY },
  { "plate", KIND_PLATE, ANPR_HIT_TEXT_PLATE },
  { "valid-until", KIND_VALID_UNTIL, NOT_KEPT },
  { "valid-from", KIND_VALID_FROM, NOT_KEPT },
  { "country", KIND_COUNTRY, NOT_KEPT },
  { "role", KIND_ROLE, ANPR_HIT_TEXT_ROLE },
  { "match", KIND_MATCH, NOT_KEPT },
  { "category", KIND_TEXT, ANPR_HIT_TEXT_CATEGORY },
  { "reason", KIND_TEXT, ANPR_HIT_TEXT_REASON },
  { "purpose", KIND_PURPOSE, NOT_KEPT },
  { "legal-basis", KIND_TEXT, ANPR_HIT_TEXT_LEGAL_BASIS },
  { "measure", KIND_TEXT, ANPR_HIT_TEXT_MEASURE },
  { "priority", KIND_PRIORITY, NOT_KEPT },
  { "warning", KIND_TEXT, ANPR_HIT_TEXT_WARNING },
  { "handling", KIND_TEXT, ANPR_HIT_TEXT_HANDLING },
  { "covert", KIND_COVERT, NOT_KEPT },
  { "hours", KIND_NOT_YET, NOT_KEPT },
  { "area", KIND_NOT_YET, NOT_KEPT },
  { "authority", KIND_TEXT, ANPR_HIT_TEXT_AUTHORITY },
  { "reference", KIND_TEXT, ANPR_HIT_TEXT_REFERENCE },
  { "validator", KIND_TEXT, ANPR_HIT_TEXT_VALIDATOR },
  { "validated", KIND_DATE, ANPR_HIT_TEXT_VALIDATED },
  { "contact", KIND_TEXT, ANPR_HIT_TEXT_CONTACT },
  { "make", KIND_TEXT, ANPR_HIT_TEXT_MAKE },
  { "model", KIND_TEXT, ANPR_HIT_TEXT_MODEL },
  { "colour", KIND_TEXT, ANPR_HIT_TEXT_COLOUR },
  { "class", KIND_TEXT, ANPR_HIT_TEXT_CLASS },
  { "note", KIND_TEXT, ANPR_HIT_TEXT_NOTE },
  { "created", KIND_DATE, ANPR_HIT_TEXT_CREATED },
  { "created-by", KIND_TEXT, ANPR_HIT_TEXT_CREATED_BY },
  { "changed", KIND_DATE, ANPR_HIT_TEXT_CHANGED },
  { "changed-by", KIND_TEXT, ANPR_HIT_TEXT_CHANGED_BY },
};

#define N_COLUMNS G_N_ELEMENTS (columns)

/* The first of the table are the ones a list cannot be without */
#define N_NEEDED_COLUMNS 3

struct _AnprHitListParser {
  gint64 now;
  guint64 line;
  GString *text; /* the line that is coming in */

  AnprHitListHeader header;
  gboolean header_seen[N_HEADERS];

  guint n_columns;
  guint order[N_COLUMNS]; /* column of each field */
  guint64 columns_line;

  AnprHitList *list; /* from the column line on */

  /* the entry of this line */
  AnprHitEntry entry;
  gchar key[ANPR_SHORT_KEY_SIZE];
  const gchar *texts[ANPR_N_HIT_TEXTS];
};

static gboolean refuse (AnprHitListParser *parser, AnprErrorCode code,
    GError **error, const gchar *format, ...) G_GNUC_PRINTF (4, 5);

static gboolean
refuse (AnprHitListParser *parser, AnprErrorCode code, GError **error,
    const gchar *format, ...)
{
  g_autofree gchar *reason = NULL;
  va_list arguments;

  va_start (arguments, format);
  reason = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, ANPR_ERROR, code, "%s:%" G_GUINT64_FORMAT ": %s",
      parser->header.file, parser->line, reason);
  return FALSE;
}

/* Bytes to show of a name, so that no character is cut in two */
static int
quoted_length (const gchar *name)
{
  gsize length = strlen (name);

  if (length <= MAX_QUOTED)
    return (int) length;
  return (int) (g_utf8_find_prev_char (name, name + MAX_QUOTED) - name);
}

static gboolean
refuse_value (AnprHitListParser *parser, GError **error, const gchar *column,
    const gchar *wanted)
{
  return refuse (parser, ANPR_ERROR_LIST_LINE, error, "column \"%s\" is not %s",
      column, wanted);
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
  parser->header.file = g_filename_display_name (file);
  parser->header.priority = DEFAULT_PRIORITY;
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
  anpr_hit_list_header_clear (&parser->header);
  g_clear_pointer (&parser->list, anpr_hit_list_unref);
  g_free (parser);
}

/* --- # lines ------------------------------------------------------------ */

static gboolean
take_name (gchar **name, const gchar *value)
{
  if (value[0] == '\0')
    return FALSE;
  *name = g_strdup (value);
  return TRUE;
}

static gboolean
take_list (AnprHitListHeader *header, const gchar *value)
{
  return anpr_list_value_identifier (value) && take_name (&header->id, value);
}

static gboolean
take_authority (AnprHitListHeader *header, const gchar *value)
{
  return take_name (&header->authority, value);
}

static gboolean
take_category (AnprHitListHeader *header, const gchar *value)
{
  return take_name (&header->category, value);
}

static gboolean
take_contact (AnprHitListHeader *header, const gchar *value)
{
  return take_name (&header->contact, value);
}

static gboolean
take_purpose (AnprHitListHeader *header, const gchar *value)
{
  return anpr_purpose_from_string (value, &header->purpose);
}

static gboolean
take_match (AnprHitListHeader *header, const gchar *value)
{
  return strcmp (value, "exact") == 0;
}

static gboolean
take_priority (AnprHitListHeader *header, const gchar *value)
{
  return anpr_list_value_priority (value, &header->priority);
}

static gboolean
take_version (AnprHitListHeader *header, const gchar *value)
{
  return anpr_list_value_version (value) && take_name (&header->version, value);
}

static gboolean
take_valid_from (AnprHitListHeader *header, const gchar *value)
{
  return anpr_list_value_date (value, &header->valid_from);
}

static gboolean
take_valid_until (AnprHitListHeader *header, const gchar *value)
{
  return anpr_list_value_date (value, &header->valid_until);
}

#define MATCH_FORM                                                             \
  "exact: this version matches exactly only; look-alike and pattern lists "    \
  "are refused"

static const struct {
  const gchar *name;
  gboolean needed;
  gboolean (*take) (AnprHitListHeader *header, const gchar *value);
  const gchar *wanted;
} headers[N_HEADERS] = {
  [HEADER_LIST] = { "list", TRUE, take_list,
      "an id of at most 64 letters, digits, '.', '_' and '-'" },
  [HEADER_AUTHORITY] = { "authority", TRUE, take_authority, "a name" },
  [HEADER_CATEGORY] = { "category", TRUE, take_category, "a name" },
  [HEADER_PURPOSE] = { "purpose", TRUE, take_purpose, "J1, J2, J3 or B1" },
  [HEADER_MATCH] = { "match", FALSE, take_match, MATCH_FORM },
  [HEADER_PRIORITY] = { "priority", FALSE, take_priority, "a number 0 to 100" },
  [HEADER_VERSION] = { "version", TRUE, take_version,
      "a number, or numbers with dots" },
  [HEADER_VALID_FROM] = { "valid-from", TRUE, take_valid_from, DATE_FORM },
  [HEADER_VALID_UNTIL] = { "valid-until", TRUE, take_valid_until, DATE_FORM },
  [HEADER_CONTACT] = { "contact", FALSE, take_contact, "a name" },
};

static gboolean
header_value (
    AnprHitListParser *parser, Header which, const gchar *value, GError **error)
{
  if (parser->header_seen[which])
    return refuse (parser, ANPR_ERROR_LIST_HEADER, error,
        "\"%s\" is there twice", headers[which].name);
  parser->header_seen[which] = TRUE;
  if (!headers[which].take (&parser->header, value))
    return refuse (parser, ANPR_ERROR_LIST_HEADER, error, "\"%s\" is not %s",
        headers[which].name, headers[which].wanted);
  return TRUE;
}

static gboolean
header_line (AnprHitListParser *parser, gchar *line, GError **error)
{
  gchar *colon, *key;

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
  key = g_strstrip (line + 1);
  for (guint i = 0; i < N_HEADERS; i++)
    if (strcmp (headers[i].name, key) == 0)
      return header_value (parser, i, g_strstrip (colon + 1), error);
  return refuse (parser, ANPR_ERROR_LIST_HEADER, error, "unknown key \"%.*s\"",
      quoted_length (key), key);
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
          parser->list ? ANPR_ERROR_LIST_LINE : ANPR_ERROR_LIST_HEADER, error,
          "the quotes of field %u are wrong", *n + 1);
    if (*n < max)
      fields[*n] = field;
  }
  return TRUE;
}

/* --- the line that names the columns ------------------------------------- */

static gboolean
check_header (AnprHitListParser *parser, GError **error)
{
  const AnprHitListHeader *header = &parser->header;

  for (guint i = 0; i < N_HEADERS; i++)
    if (headers[i].needed && !parser->header_seen[i])
      return refuse (parser, ANPR_ERROR_LIST_HEADER, error,
          "no line \"# %s: \" above the columns", headers[i].name);
  if (header->valid_until <= header->valid_from)
    return refuse (parser, ANPR_ERROR_LIST_HEADER, error,
        "the list's validity ends before it begins");
  if (header->valid_until <= parser->now)
    return refuse (
        parser, ANPR_ERROR_LIST_DATE, error, "the list's validity has ended");
  return TRUE;
}

static gboolean
add_column (AnprHitListParser *parser, const gchar *name, GError **error)
{
  guint column = 0;

  while (column < N_COLUMNS && strcmp (columns[column].name, name) != 0)
    column++;
  if (column == N_COLUMNS)
    return refuse (parser, ANPR_ERROR_LIST_HEADER, error,
        "unknown column \"%.*s\"", quoted_length (name), name);
  for (guint i = 0; i < parser->n_columns; i++)
    if (parser->order[i] == column)
      return refuse (parser, ANPR_ERROR_LIST_HEADER, error,
          "column \"%s\" is there twice", name);
  parser->order[parser->n_columns++] = column;
  return TRUE;
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
columns_line (AnprHitListParser *parser, gchar *line, GError **error)
{
  gchar *fields[N_COLUMNS];
  guint n;

  if (!check_header (parser, error)
      || !cut_line (parser, line, fields, N_COLUMNS, &n, error))
    return FALSE;
  for (guint i = 0; i < MIN (n, N_COLUMNS); i++)
    if (!add_column (parser, fields[i], error))
      return FALSE;
  if (n > N_COLUMNS)
    return refuse (parser, ANPR_ERROR_LIST_HEADER, error,
        "%u columns, more than there are names for", n);
  for (guint i = 0; i < N_NEEDED_COLUMNS; i++)
    if (!has_column (parser, i))
      return refuse (parser, ANPR_ERROR_LIST_HEADER, error, "no column \"%s\"",
          columns[i].name);
  parser->columns_line = parser->line;
  parser->list = anpr_hit_list_new (&parser->header);
  return TRUE;
}

/* --- entries ------------------------------------------------------------- */

static gboolean
field_text (AnprHitListParser *parser, const gchar *value)
{
  return TRUE;
}

static gboolean
field_entry (AnprHitListParser *parser, const gchar *value)
{
  return value[0] && strlen (value) <= MAX_ENTRY_ID;
}

static gboolean
field_plate (AnprHitListParser *parser, const gchar *value)
{
  guint n_signs = anpr_short_key (value, parser->key);

  return n_signs > 0 && n_signs <= ANPR_SHORT_KEY_SIGNS;
}

static gboolean
field_country (AnprHitListParser *parser, const gchar *value)
{
  return anpr_list_value_country (value, parser->entry.country);
}

static gboolean
field_role (AnprHitListParser *parser, const gchar *value)
{
  return value[0] == '\0' || strcmp (value, "vehicle") == 0
         || strcmp (value, "trailer") == 0;
}

static gboolean
field_match (AnprHitListParser *parser, const gchar *value)
{
  return value[0] == '\0' || strcmp (value, "exact") == 0;
}

static gboolean
field_purpose (AnprHitListParser *parser, const gchar *value)
{
  return value[0] == '\0'
         || anpr_purpose_from_string (value, &parser->entry.purpose);
}

static gboolean
field_priority (AnprHitListParser *parser, const gchar *value)
{
  return value[0] == '\0'
         || anpr_list_value_priority (value, &parser->entry.priority);
}

static gboolean
field_covert (AnprHitListParser *parser, const gchar *value)
{
  return anpr_list_value_truth (value, &parser->entry.covert);
}

static gboolean
field_valid_from (AnprHitListParser *parser, const gchar *value)
{
  return value[0] == '\0'
         || anpr_list_value_date (value, &parser->entry.valid_from);
}

static gboolean
field_valid_until (AnprHitListParser *parser, const gchar *value)
{
  return anpr_list_value_date (value, &parser->entry.valid_until);
}

static gboolean
field_date (AnprHitListParser *parser, const gchar *value)
{
  gint64 utc;

  return value[0] == '\0' || anpr_list_value_date (value, &utc);
}

static gboolean
field_not_yet (AnprHitListParser *parser, const gchar *value)
{
  return value[0] == '\0';
}

static const struct {
  gboolean (*take) (AnprHitListParser *parser, const gchar *value);
  const gchar *wanted;
} kinds[N_KINDS] = {
  [KIND_TEXT] = { field_text, "a text" },
  [KIND_ENTRY] = { field_entry, "an id of 1 to 128 bytes" },
  [KIND_PLATE] = { field_plate, "a plate of 1 to 12 letters and digits" },
  [KIND_COUNTRY] = { field_country,
      "an ISO 3166 code of two capital letters, or empty" },
  [KIND_ROLE] = { field_role, "vehicle, trailer or empty" },
  [KIND_MATCH] = { field_match, MATCH_FORM },
  [KIND_PURPOSE] = { field_purpose, "J1, J2, J3, B1 or empty" },
  [KIND_PRIORITY] = { field_priority, "a number 0 to 100, or empty" },
  [KIND_COVERT] = { field_covert, "yes, no or empty" },
  [KIND_VALID_FROM] = { field_valid_from, DATE_FORM ", or empty" },
  [KIND_VALID_UNTIL] = { field_valid_until,
      DATE_FORM "; every entry has an end of validity" },
  [KIND_DATE] = { field_date, DATE_FORM ", or empty" },
  [KIND_NOT_YET] = { field_not_yet,
      "empty: this version cannot restrict an entry to hours or an area" },
};

static gboolean
take_field (
    AnprHitListParser *parser, guint column, const gchar *value, GError **error)
{
  Kind kind = columns[column].kind;

  if (!kinds[kind].take (parser, value))
    return refuse_value (
        parser, error, columns[column].name, kinds[kind].wanted);
  if (columns[column].text != NOT_KEPT)
    parser->texts[columns[column].text] = value;
  return TRUE;
}

static void
begin_entry (AnprHitListParser *parser)
{
  memset (parser->texts, 0, sizeof parser->texts);
  parser->entry = (AnprHitEntry){
    .valid_from = parser->header.valid_from,
    .purpose = parser->header.purpose,
    .priority = parser->header.priority,
  };
}

static gboolean
entry_line (AnprHitListParser *parser, gchar *line, GError **error)
{
  gchar *fields[N_COLUMNS];
  guint n;

  if (line[0] == '#')
    return refuse (
        parser, ANPR_ERROR_LIST_LINE, error, "a # line below the columns");
  if (!cut_line (parser, line, fields, N_COLUMNS, &n, error))
    return FALSE;
  if (n != parser->n_columns)
    return refuse (parser, ANPR_ERROR_LIST_LINE, error,
        "%u fields where the columns are %u", n, parser->n_columns);
  begin_entry (parser);
  for (guint i = 0; i < n; i++)
    if (!take_field (parser, parser->order[i], fields[i], error))
      return FALSE;
  if (parser->entry.valid_until <= parser->entry.valid_from)
    return refuse (parser, ANPR_ERROR_LIST_LINE, error,
        "the entry's validity ends before it begins");
  if (!anpr_hit_list_add (
          parser->list, &parser->entry, parser->key, parser->texts))
    return refuse (parser, ANPR_ERROR_LIST_BOUND, error,
        "more than %d entries or 2 GiB of text", ANPR_HIT_LIST_MAX_ENTRIES);
  return TRUE;
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
        parser->list ? ANPR_ERROR_LIST_LINE : ANPR_ERROR_LIST_HEADER, error,
        "%s in the line", fault);
  if (parser->line == 1 && g_str_has_prefix (line, BYTE_ORDER_MARK))
    line += strlen (BYTE_ORDER_MARK);
  if (parser->list)
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
seal (AnprHitListParser *parser, GError **error)
{
  guint entry;
  AnprHitListFault fault = anpr_hit_list_seal (parser->list, &entry);

  if (fault == ANPR_HIT_LIST_SOUND)
    return TRUE;
  parser->line = parser->columns_line + 1 + entry;
  if (fault == ANPR_HIT_LIST_SAME_ENTRY_TWICE)
    return refuse (
        parser, ANPR_ERROR_LIST_LINE, error, "the entry's id was there before");
  return refuse (parser, ANPR_ERROR_LIST_BOUND, error,
      "the entry's plate is in the list more than %d times",
      ANPR_HIT_LIST_MAX_SAME_PLATE);
}

/**
 * anpr_hit_list_parser_finish: (skip)
 * @parser: a parser that was given the whole file; only free it afterwards
 * @error: of domain %ANPR_ERROR, with file, line and reason
 *
 * Returns: (transfer full): the list, %NULL if it is refused
 */
AnprHitList *
anpr_hit_list_parser_finish (AnprHitListParser *parser, GError **error)
{
  if (parser->text->len > 0 && !take_line (parser, error))
    return NULL;
  if (!parser->list) {
    refuse (parser, ANPR_ERROR_LIST_HEADER, error,
        "the file ends before the line that names the columns");
    return NULL;
  }
  if (!seal (parser, error))
    return NULL;
  return g_steal_pointer (&parser->list);
}
