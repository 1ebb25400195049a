/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Entries and headers of lists as Redis keeps them.
 *
 * What is in Redis has the names and forms of a list file: a header is a hash
 * whose fields are the keys of the # lines, an entry is a JSON object whose
 * members are the columns, all strings. So what comes back is checked by the
 * very same tables that check a file, and made into an AnprHitList again:
 * matching and grading do not know where a list came from.
 *
 * An entry is kept under its plate key and under its key without umlauts, bare
 * and in two letters; a read is looked for under its own three. Two that mean
 * one another always meet, and hitlist.c sorts out which do.
 *
 * Threads: any. What is malformed is refused with a reason that never shows
 * what an entry holds.
 */

#include "redisentry.h"
#include "flatjson.h"
#include "listentry.h"
#include "listheader.h"

#include <string.h>
#include <time.h>

#define DATE_SIZE sizeof "2026-11-23T18:30:00Z"

/* Entries of one plate: as many as the keys of a list may hold for it, for
 * each of its writings */
#define MAX_ENTRIES (ANPR_REDIS_MAX_FIELDS * ANPR_HIT_LIST_MAX_SAME_PLATE)

typedef enum {
  HEADER_AUTHORITY,
  HEADER_CATEGORY,
  HEADER_PURPOSE,
  HEADER_PRIORITY,
  HEADER_VERSION,
  HEADER_VALID_FROM,
  HEADER_VALID_UNTIL,
  HEADER_CONTACT,
} Header;

static const gchar *const header_names[ANPR_N_REDIS_HEADERS] = {
  [HEADER_AUTHORITY] = "authority",
  [HEADER_CATEGORY] = "category",
  [HEADER_PURPOSE] = "purpose",
  [HEADER_PRIORITY] = "priority",
  [HEADER_VERSION] = "version",
  [HEADER_VALID_FROM] = "valid-from",
  [HEADER_VALID_UNTIL] = "valid-until",
  [HEADER_CONTACT] = "contact",
};

/* Texts of an entry by the names of their columns */
static const gchar *const text_names[ANPR_N_HIT_TEXTS] = {
  [ANPR_HIT_TEXT_ENTRY] = "entry",
  [ANPR_HIT_TEXT_PLATE] = "plate",
  [ANPR_HIT_TEXT_ROLE] = "role",
  [ANPR_HIT_TEXT_CATEGORY] = "category",
  [ANPR_HIT_TEXT_REASON] = "reason",
  [ANPR_HIT_TEXT_LEGAL_BASIS] = "legal-basis",
  [ANPR_HIT_TEXT_MEASURE] = "measure",
  [ANPR_HIT_TEXT_WARNING] = "warning",
  [ANPR_HIT_TEXT_HANDLING] = "handling",
  [ANPR_HIT_TEXT_AUTHORITY] = "authority",
  [ANPR_HIT_TEXT_REFERENCE] = "reference",
  [ANPR_HIT_TEXT_VALIDATOR] = "validator",
  [ANPR_HIT_TEXT_VALIDATED] = "validated",
  [ANPR_HIT_TEXT_CONTACT] = "contact",
  [ANPR_HIT_TEXT_MAKE] = "make",
  [ANPR_HIT_TEXT_MODEL] = "model",
  [ANPR_HIT_TEXT_COLOUR] = "colour",
  [ANPR_HIT_TEXT_CLASS] = "class",
  [ANPR_HIT_TEXT_NOTE] = "note",
  [ANPR_HIT_TEXT_CREATED] = "created",
  [ANPR_HIT_TEXT_CREATED_BY] = "created-by",
  [ANPR_HIT_TEXT_CHANGED] = "changed",
  [ANPR_HIT_TEXT_CHANGED_BY] = "changed-by",
};

static void
write_date (gint64 utc, gchar text[DATE_SIZE])
{
  time_t seconds = (time_t) (utc / G_USEC_PER_SEC);
  struct tm parts;

  gmtime_r (&seconds, &parts);
  (void) strftime (text, DATE_SIZE, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

static gchar *
date_to_string (gint64 utc)
{
  gchar text[DATE_SIZE];

  write_date (utc, text);
  return g_strdup (text);
}

/* --- headers ------------------------------------------------------------ */

/**
 * anpr_redis_header_get_name: (skip)
 * @i: which, below %ANPR_N_REDIS_HEADERS
 *
 * Returns: (transfer none): the field's name
 */
const gchar *
anpr_redis_header_get_name (guint i)
{
  g_return_val_if_fail (i < ANPR_N_REDIS_HEADERS, NULL);
  return header_names[i];
}

/**
 * anpr_redis_header_get_value: (skip)
 * @header: of a list
 * @i: which, below %ANPR_N_REDIS_HEADERS
 *
 * Returns: (transfer full) (nullable): the field's value, %NULL if it has none
 */
gchar *
anpr_redis_header_get_value (const AnprHitListHeader *header, guint i)
{
  switch ((Header) i) {
    case HEADER_AUTHORITY:
      return g_strdup (header->authority);
    case HEADER_CATEGORY:
      return g_strdup (header->category);
    case HEADER_PURPOSE:
      return g_strdup (anpr_purpose_to_string (header->purpose));
    case HEADER_PRIORITY:
      return g_strdup_printf ("%u", header->priority);
    case HEADER_VERSION:
      return g_strdup (header->version);
    case HEADER_VALID_FROM:
      return date_to_string (header->valid_from);
    case HEADER_VALID_UNTIL:
      return date_to_string (header->valid_until);
    case HEADER_CONTACT:
      return g_strdup (header->contact);
  }
  g_return_val_if_reached (NULL);
}

static gchar *
take_headers (AnprListHeader *header, const gchar *id,
    const gchar *const values[ANPR_N_REDIS_HEADERS])
{
  gchar *fault = anpr_list_header_take (header, "list", id);
  AnprError code;

  for (guint i = 0; i < ANPR_N_REDIS_HEADERS && !fault; i++)
    if (values[i] && !g_utf8_validate (values[i], -1, NULL))
      fault = g_strdup_printf ("\"%s\" is not UTF-8", header_names[i]);
    else if (values[i])
      fault = anpr_list_header_take (header, header_names[i], values[i]);
  /* one that has ended is sound, and not active */
  return fault ? fault : anpr_list_header_check (header, G_MININT64, &code);
}

/**
 * anpr_redis_header_parse: (skip)
 * @id: of the list
 * @values: of its header's fields, %NULL for those that are not there
 * @version: (nullable): what stands for the version, %NULL if that does
 * @fault: (out) (transfer full): why it is refused
 *
 * Returns: (transfer full) (nullable): a list without entries, not sealed; %NULL
 *     if the header is not that of a list
 */
AnprHitList *
anpr_redis_header_parse (const gchar *id,
    const gchar *const values[ANPR_N_REDIS_HEADERS], const gchar *version,
    gchar **fault)
{
  AnprListHeader header;
  AnprHitList *list = NULL;

  anpr_list_header_init (&header, "Redis");
  *fault = take_headers (&header, id, values);
  if (!*fault && version) {
    g_free (header.values.version);
    header.values.version = g_strdup (version);
  }
  if (!*fault)
    list = anpr_hit_list_new (&header.values);
  anpr_list_header_clear (&header);
  return list;
}

/* --- entries ------------------------------------------------------------ */

static void
append_member (GString *text, const gchar *name, const gchar *value)
{
  if (text->str[text->len - 1] != '{')
    g_string_append_c (text, ',');
  anpr_flat_json_append (text, name);
  g_string_append_c (text, ':');
  anpr_flat_json_append (text, value);
}

static void
append_date (GString *text, const gchar *name, gint64 utc)
{
  gchar date[DATE_SIZE];

  write_date (utc, date);
  append_member (text, name, date);
}

/* What is not text, where it is not the same as the list's own */
static void
append_values (
    GString *text, const AnprHitListHeader *header, const AnprHitEntry *entry)
{
  gchar number[12];

  append_date (text, "valid-until", entry->valid_until);
  if (entry->valid_from != header->valid_from)
    append_date (text, "valid-from", entry->valid_from);
  if (entry->country[0])
    append_member (text, "country", entry->country);
  if (entry->purpose != header->purpose)
    append_member (text, "purpose", anpr_purpose_to_string (entry->purpose));
  if (entry->covert)
    append_member (text, "covert", "yes");
  if (entry->priority == header->priority)
    return;
  g_snprintf (number, sizeof number, "%u", entry->priority);
  append_member (text, "priority", number);
}

/**
 * anpr_redis_entry_append: (skip)
 * @text: what the entry is appended to
 * @list: a list
 * @entry: which entry of it
 */
void
anpr_redis_entry_append (GString *text, const AnprHitList *list, guint entry)
{
  AnprHitEntry values;

  g_string_append_c (text, '{');
  for (guint i = 0; i < ANPR_N_HIT_TEXTS; i++) {
    const gchar *value = anpr_hit_list_get_text (list, entry, i);

    if (value)
      append_member (text, text_names[i], value);
  }
  anpr_hit_list_get_entry (list, entry, &values);
  append_values (text, anpr_hit_list_get_header (list), &values);
  g_string_append_c (text, '}');
}

/* An entry that is coming in, column by column */
typedef struct {
  AnprListEntry entry;
  gboolean seen[ANPR_N_LIST_COLUMNS];
} Incoming;

static gboolean
take_column (
    Incoming *incoming, const gchar *name, const gchar *value, gchar **fault)
{
  const gchar *wanted;
  guint column;

  if (!anpr_list_column_find (name, &column)) {
    *fault = g_strdup ("an unknown column");
    return FALSE;
  }
  if (incoming->seen[column]) {
    *fault = g_strdup_printf ("column \"%s\" is there twice", name);
    return FALSE;
  }
  incoming->seen[column] = TRUE;
  wanted = anpr_list_entry_take (&incoming->entry, column, value);
  if (!wanted)
    return TRUE;
  *fault = g_strdup_printf ("column \"%s\" is not %s", name, wanted);
  return FALSE;
}

static gboolean
check_incoming (const Incoming *incoming, gchar **fault)
{
  const AnprHitEntry *values = &incoming->entry.values;

  for (guint i = 0; i < ANPR_N_NEEDED_LIST_COLUMNS; i++)
    if (!incoming->seen[i]) {
      *fault =
          g_strdup_printf ("no column \"%s\"", anpr_list_column_get_name (i));
      return FALSE;
    }
  if (values->valid_until > values->valid_from)
    return TRUE;
  *fault = g_strdup ("the entry's validity ends before it begins");
  return FALSE;
}

static gboolean
take_argument (
    Incoming *incoming, GString *text, const gchar *argument, gchar **fault)
{
  const gchar *sign = strchr (argument, '=');
  g_autofree gchar *name = NULL;

  if (!sign || !g_utf8_validate (argument, -1, NULL)) {
    *fault = g_strdup ("columns are written NAME=VALUE, in UTF-8");
    return FALSE;
  }
  for (const gchar *p = argument; *p; p++)
    if (((guchar) *p < 0x20 && *p != '\t') || *p == 0x7f) {
      *fault = g_strdup ("a control character");
      return FALSE;
    }
  name = g_strndup (argument, sign - argument);
  if (!take_column (incoming, name, sign + 1, fault))
    return FALSE;
  if (sign[1])
    append_member (text, name, sign + 1);
  return TRUE;
}

/**
 * anpr_redis_entry_from_columns: (skip)
 * @header: of the list the entry is for
 * @columns: (array zero-terminated=1): NAME=VALUE each
 * @text: the entry is appended to it
 * @key: (out): its plate key
 * @priority: (out): its priority
 * @fault: (out) (transfer full): why it is refused
 *
 * Returns: whether the columns are an entry
 */
gboolean
anpr_redis_entry_from_columns (const AnprHitListHeader *header,
    const gchar *const *columns, GString *text, gchar key[ANPR_SHORT_KEY_SIZE],
    guint *priority, gchar **fault)
{
  Incoming incoming = { 0 };

  *fault = NULL;
  anpr_list_entry_init (&incoming.entry, header);
  g_string_append_c (text, '{');
  for (guint i = 0; columns[i]; i++)
    if (!take_argument (&incoming, text, columns[i], fault))
      return FALSE;
  if (!check_incoming (&incoming, fault))
    return FALSE;
  g_string_append_c (text, '}');
  memcpy (key, incoming.entry.key, ANPR_SHORT_KEY_SIZE);
  *priority = incoming.entry.values.priority;
  return TRUE;
}

static gboolean
parse_entry (AnprFlatJson *json, Incoming *incoming, gchar **fault)
{
  const gchar *name, *value;

  for (;;) {
    if (!anpr_flat_json_next_member (json, &name, &value)) {
      *fault = g_strdup ("an entry is not an object of strings");
      return FALSE;
    }
    if (!name)
      return check_incoming (incoming, fault);
    if (!take_column (incoming, name, value, fault))
      return FALSE;
  }
}

/* The same entry is found under several of its writings and counts once */
static gboolean
add_entry (
    AnprHitList *list, GHashTable *seen, Incoming *incoming, gchar **fault)
{
  AnprListEntry *entry = &incoming->entry;
  const gchar *id = entry->texts[ANPR_HIT_TEXT_ENTRY];

  if (!g_hash_table_add (seen, g_strdup (id)))
    return TRUE;
  if (g_hash_table_size (seen) <= MAX_ENTRIES
      && anpr_hit_list_add (list, &entry->values, entry->key, entry->texts))
    return TRUE;
  *fault = g_strdup_printf ("more than %d entries for a plate", MAX_ENTRIES);
  return FALSE;
}

static gboolean
parse_entries (AnprHitList *list, GHashTable *seen, gchar *text, gchar **fault)
{
  AnprFlatJson json;
  gboolean more = anpr_flat_json_begin (&json, text), sound = more;

  while (sound && more) {
    Incoming incoming = { 0 };

    sound = anpr_flat_json_next_object (&json, &more);
    if (!sound || !more)
      break;
    anpr_list_entry_init (&incoming.entry, anpr_hit_list_get_header (list));
    if (!parse_entry (&json, &incoming, fault)
        || !add_entry (list, seen, &incoming, fault))
      return FALSE;
  }
  if (!sound)
    *fault = g_strdup ("not an array of entries");
  return sound;
}

/**
 * anpr_redis_entries_parse: (skip)
 * @list: a list that is not sealed; what is found is added
 * @seen: (element-type utf8): ids of entries added already; owns its keys
 * @text: what Redis holds for a plate: a JSON array
 * @length: its bytes
 * @fault: (out) (transfer full): why it is refused
 *
 * Returns: whether all of @text was sound; @list is of no use otherwise
 */
gboolean
anpr_redis_entries_parse (AnprHitList *list, GHashTable *seen,
    const gchar *text, gsize length, gchar **fault)
{
  g_autofree gchar *own = NULL;

  *fault = NULL;
  if (length > ANPR_REDIS_MAX_ENTRIES_TEXT)
    *fault = g_strdup ("more text than the entries of a plate can have");
  else if (memchr (text, '\0', length)
           || !g_utf8_validate (text, (gssize) length, NULL))
    *fault = g_strdup ("not UTF-8");
  if (*fault)
    return FALSE;
  own = g_strndup (text, length);
  return parse_entries (list, seen, own, fault);
}

/**
 * anpr_redis_fields: (skip)
 * @key: a plate key
 * @fields: (out): the names it is kept under, and looked for
 *
 * Returns: how many; 0 if @key is longer than that of any plate
 */
guint
anpr_redis_fields (
    const gchar *key, gchar fields[ANPR_REDIS_MAX_FIELDS][ANPR_SHORT_KEY_SIZE])
{
  guint n = 0;

  if (anpr_short_key_pack (key) == 0)
    return 0;
  g_strlcpy (fields[n++], key, ANPR_SHORT_KEY_SIZE);
  if (anpr_short_key_without_umlauts (key, ANPR_UMLAUT_BARE, fields[n]))
    n++;
  if (anpr_short_key_without_umlauts (key, ANPR_UMLAUT_TWO_LETTERS, fields[n]))
    n++;
  return n;
}
