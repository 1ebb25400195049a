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
 * and in two letters; one that may be hit by what looks alike also under "~" and
 * its folded key (alike.h); a pattern under "?" with all others of the list. A
 * read is looked for under its own writings, those of its candidates, and what
 * it looks like. Two that mean one another always meet, and hitfind.c sorts out
 * which do.
 *
 * Threads: any. What is malformed is refused with a reason that never shows
 * what an entry holds.
 */

#include "redisentry.h"
#include "alike.h"
#include "flatjson.h"
#include "hitfind.h"
#include "hitlistbuilder.h"
#include "listentry.h"
#include "listheader.h"

#include <string.h>
#include <time.h>

#define DATE_SIZE sizeof "2026-11-23T18:30:00Z"

/* Entries that one read can find, patterns included */
#define MAX_ENTRIES 8192

typedef enum {
  HEADER_AUTHORITY,
  HEADER_CATEGORY,
  HEADER_PURPOSE,
  HEADER_MATCH,
  HEADER_LOOK_ALIKE_SIGNS,
  HEADER_PRIORITY,
  HEADER_VERSION,
  HEADER_VALID_FROM,
  HEADER_VALID_UNTIL,
  HEADER_ISSUED,
  HEADER_CONTACT,
} Header;

G_STATIC_ASSERT (HEADER_VERSION == ANPR_REDIS_HEADER_VERSION);

static const gchar *const header_names[ANPR_N_REDIS_HEADERS] = {
  [HEADER_AUTHORITY] = "authority",
  [HEADER_CATEGORY] = "category",
  [HEADER_PURPOSE] = "purpose",
  [HEADER_MATCH] = "match",
  [HEADER_LOOK_ALIKE_SIGNS] = "look-alike-signs",
  [HEADER_PRIORITY] = "priority",
  [HEADER_VERSION] = "version",
  [HEADER_VALID_FROM] = "valid-from",
  [HEADER_VALID_UNTIL] = "valid-until",
  [HEADER_ISSUED] = "issued",
  [HEADER_CONTACT] = "contact",
};

/* Texts of an entry by the names of their columns */
static const gchar *const text_names[ANPR_N_HIT_TEXTS] = {
  [ANPR_HIT_TEXT_AREA] = "area",
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

static gchar *
modes_to_string (guint modes)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < ANPR_N_LIST_MATCHES; i++)
    if (modes & 1 << i)
      g_string_append_printf (
          text, "%s%s", text->len ? "," : "", anpr_list_match_to_string (i));
  return g_string_free (text, FALSE);
}

/* Days as a list of their numbers: "1,2,3 22:00-06:00" */
static gchar *
hours_to_string (const AnprHours *hours)
{
  GString *text = g_string_new (NULL);

  for (guint day = 0; day < 7; day++)
    if (hours->days & 1 << day)
      g_string_append_printf (text, "%s%u", text->len ? "," : "", day + 1);
  g_string_append_printf (text, " %02u:%02u-%02u:%02u", hours->from / 60,
      hours->from % 60, hours->until / 60, hours->until % 60);
  return g_string_free (text, FALSE);
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
    case HEADER_MATCH:
      return modes_to_string (header->modes);
    case HEADER_LOOK_ALIKE_SIGNS:
      return header->modes & 1 << ANPR_LIST_MATCH_LOOK_ALIKE
                 ? g_strdup_printf ("%u", header->look_alike_signs)
                 : NULL;
    case HEADER_PRIORITY:
      return g_strdup_printf ("%u", header->priority);
    case HEADER_VERSION:
      return g_strdup (header->version);
    case HEADER_VALID_FROM:
      return date_to_string (header->valid_from);
    case HEADER_VALID_UNTIL:
      return date_to_string (header->valid_until);
    case HEADER_ISSUED:
      return date_to_string (header->issued);
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
  return fault ? fault : anpr_list_header_complete (header, G_MININT64, &code);
}

/* --- a list in the making ------------------------------------------------ */

struct _AnprRedisList {
  AnprListHeader header;
  AnprHitListBuilder *builder;
  GHashTable *seen; /* ids of entries */
};

/**
 * anpr_redis_list_new: (skip)
 * @id: of the list
 * @values: of its header's fields, %NULL for those that are not there
 * @version: (nullable): what stands for the version, %NULL if that does
 * @fault: (out) (transfer full): why it is refused
 *
 * Returns: (transfer full) (nullable): a list without entries, %NULL if the
 *     header is not that of a list
 */
AnprRedisList *
anpr_redis_list_new (const gchar *id,
    const gchar *const values[ANPR_N_REDIS_HEADERS], const gchar *version,
    gchar **fault)
{
  g_autoptr (AnprRedisList) list = g_new0 (AnprRedisList, 1);

  anpr_list_header_init (&list->header, "Redis");
  list->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  *fault = take_headers (&list->header, id, values);
  if (*fault)
    return NULL;
  if (version) {
    g_free (list->header.values.version);
    list->header.values.version = g_strdup (version);
  }
  list->builder = anpr_hit_list_builder_new (&list->header.values, NULL);
  return g_steal_pointer (&list);
}

/**
 * anpr_redis_list_free: (skip)
 * @list: (nullable) (transfer full): a list, finished or not
 */
void
anpr_redis_list_free (AnprRedisList *list)
{
  if (!list)
    return;
  anpr_list_header_clear (&list->header);
  g_hash_table_unref (list->seen);
  g_clear_pointer (&list->builder, anpr_hit_list_builder_free);
  g_free (list);
}

/**
 * anpr_redis_list_get_header: (skip)
 * @list: a list
 *
 * Returns: (transfer none): its header
 */
const AnprHitListHeader *
anpr_redis_list_get_header (const AnprRedisList *list)
{
  return &list->header.values;
}

/**
 * anpr_redis_list_finish: (skip)
 * @list: a list with all its entries; only free it afterwards
 * @fault: (out) (transfer full): why it is refused
 *
 * Returns: (transfer full) (nullable): the list to compare with
 */
AnprHitList *
anpr_redis_list_finish (AnprRedisList *list, gchar **fault)
{
  AnprHitList *made;
  guint entry;

  *fault = NULL;
  if (anpr_hit_list_builder_finish (list->builder, &made, &entry)
      == ANPR_HIT_LIST_SOUND)
    return made;
  *fault = g_strdup ("too many entries for one plate");
  return NULL;
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

static void
append_hours (GString *text, const AnprHours *hours)
{
  g_autofree gchar *value = NULL;

  if (hours->days == 0)
    return;
  value = hours_to_string (hours);
  append_member (text, "hours", value);
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
  if (header->modes != 1 << ANPR_LIST_MATCH_EXACT)
    append_member (text, "match", anpr_list_match_to_string (entry->match));
  append_hours (text, &entry->hours);
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
check_incoming (
    Incoming *incoming, const AnprHitListHeader *header, gchar **fault)
{
  for (guint i = 0; i < ANPR_N_NEEDED_LIST_COLUMNS; i++)
    if (!incoming->seen[i]) {
      *fault =
          g_strdup_printf ("no column \"%s\"", anpr_list_column_get_name (i));
      return FALSE;
    }
  *fault = anpr_list_entry_check (&incoming->entry, header);
  return *fault == NULL;
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

static guint get_fields (AnprListMatch match, const gchar *key,
    AnprRedisField fields[ANPR_REDIS_MAX_ENTRY_FIELDS]);

static gboolean
take_arguments (Incoming *incoming, AnprRedisEntry *entry,
    const AnprHitListHeader *header, const gchar *const *columns, gchar **fault)
{
  for (guint i = 0; columns[i]; i++)
    if (!take_argument (incoming, entry->text, columns[i], fault))
      return FALSE;
  return check_incoming (incoming, header, fault);
}

/**
 * anpr_redis_entry_take: (skip)
 * @entry: (out): the entry
 * @header: of the list the entry is for
 * @columns: (array zero-terminated=1): NAME=VALUE each
 * @fault: (out) (transfer full): why it is refused
 *
 * Returns: whether the columns are an entry; if not, there is nothing to clear
 */
gboolean
anpr_redis_entry_take (AnprRedisEntry *entry, const AnprHitListHeader *header,
    const gchar *const *columns, gchar **fault)
{
  Incoming incoming = { 0 };

  *fault = NULL;
  *entry = (AnprRedisEntry){ .text = g_string_new ("{") };
  anpr_list_entry_init (&incoming.entry, header);
  if (!take_arguments (&incoming, entry, header, columns, fault)) {
    anpr_redis_entry_clear (entry);
    return FALSE;
  }
  g_string_append_c (entry->text, '}');
  entry->id = g_strdup (incoming.entry.texts[ANPR_HIT_TEXT_ENTRY]);
  entry->priority = incoming.entry.values.priority;
  entry->n_fields = get_fields (
      incoming.entry.values.match, incoming.entry.key, entry->fields);
  return TRUE;
}

/**
 * anpr_redis_entry_clear: (skip)
 * @entry: an entry that was taken
 */
void
anpr_redis_entry_clear (AnprRedisEntry *entry)
{
  if (entry->text)
    g_string_free (entry->text, TRUE);
  g_free (entry->id);
  *entry = (AnprRedisEntry){ 0 };
}

static gboolean
parse_entry (AnprFlatJson *json, Incoming *incoming,
    const AnprHitListHeader *header, gchar **fault)
{
  const gchar *name, *value;

  for (;;) {
    if (!anpr_flat_json_next_member (json, &name, &value)) {
      *fault = g_strdup ("an entry is not an object of strings");
      return FALSE;
    }
    if (!name)
      return check_incoming (incoming, header, fault);
    if (!take_column (incoming, name, value, fault))
      return FALSE;
  }
}

/* The same entry is found under several of its names and counts once */
static gboolean
add_entry (AnprRedisList *list, Incoming *incoming, gchar **fault)
{
  AnprListEntry *entry = &incoming->entry;

  if (!g_hash_table_add (
          list->seen, g_strdup (entry->texts[ANPR_HIT_TEXT_ENTRY])))
    return TRUE;
  if (g_hash_table_size (list->seen) <= MAX_ENTRIES
      && anpr_hit_list_builder_add (list->builder, &entry->values, entry->key,
             &entry->pattern, entry->texts)
             == ANPR_HIT_LIST_SOUND)
    return TRUE;
  *fault = g_strdup ("more entries than one read can find");
  return FALSE;
}

static gboolean
parse_entries (AnprRedisList *list, gchar *text, gchar **fault)
{
  const AnprHitListHeader *header = &list->header.values;
  AnprFlatJson json;
  gboolean more = anpr_flat_json_begin (&json, text), sound = more;

  while (sound && more) {
    Incoming incoming = { 0 };

    sound = anpr_flat_json_next_object (&json, &more);
    if (!sound || !more)
      break;
    anpr_list_entry_init (&incoming.entry, header);
    if (!parse_entry (&json, &incoming, header, fault)
        || !add_entry (list, &incoming, fault))
      return FALSE;
  }
  if (!sound)
    *fault = g_strdup ("not an array of entries");
  return sound;
}

/**
 * anpr_redis_list_add: (skip)
 * @list: a list that is not finished
 * @text: what Redis holds under one name: a JSON array of entries
 * @length: its bytes
 * @fault: (out) (transfer full): why it is refused
 *
 * Returns: whether all of @text was sound; @list is of no use otherwise
 */
gboolean
anpr_redis_list_add (
    AnprRedisList *list, const gchar *text, gsize length, gchar **fault)
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
  return parse_entries (list, own, fault);
}

/* --- names --------------------------------------------------------------- */

static guint
get_writings (const gchar *key, AnprRedisField *fields)
{
  guint n = 0;

  if (anpr_short_key_pack (key) == 0)
    return 0;
  g_strlcpy (fields[n++], key, ANPR_REDIS_FIELD_SIZE);
  if (anpr_short_key_without_umlauts (key, ANPR_UMLAUT_BARE, fields[n]))
    n++;
  if (anpr_short_key_without_umlauts (key, ANPR_UMLAUT_TWO_LETTERS, fields[n]))
    n++;
  return n;
}

static void
write_fold (guint64 fold, AnprRedisField field)
{
  g_snprintf (field, ANPR_REDIS_FIELD_SIZE, "~%" G_GINT64_MODIFIER "x", fold);
}

static guint
get_fold (const gchar *key, AnprRedisField field)
{
  AnprKeySigns signs;

  if (!anpr_short_key_to_signs (key, &signs))
    return 0;
  anpr_alike_fold_signs (&signs);
  write_fold (anpr_short_key_pack_signs (&signs), field);
  return 1;
}

static guint
get_fields (AnprListMatch match, const gchar *key,
    AnprRedisField fields[ANPR_REDIS_MAX_ENTRY_FIELDS])
{
  guint n;

  if (match == ANPR_LIST_MATCH_PATTERN) {
    g_strlcpy (fields[0], ANPR_REDIS_PATTERNS, ANPR_REDIS_FIELD_SIZE);
    return 1;
  }
  n = get_writings (key, fields);
  if (match == ANPR_LIST_MATCH_LOOK_ALIKE)
    n += get_fold (key, fields[n]);
  return n;
}

/**
 * anpr_redis_entry_fields: (skip)
 * @list: a list
 * @entry: which entry of it
 * @fields: (out): the names it is kept under
 *
 * Returns: how many
 */
guint
anpr_redis_entry_fields (const AnprHitList *list, guint entry,
    AnprRedisField fields[ANPR_REDIS_MAX_ENTRY_FIELDS])
{
  gchar key[ANPR_SHORT_KEY_SIZE];
  AnprHitEntry values;

  anpr_hit_list_get_entry (list, entry, &values);
  (void) anpr_short_key (
      anpr_hit_list_get_text (list, entry, ANPR_HIT_TEXT_PLATE), key);
  return get_fields (values.match, key, fields);
}

/**
 * anpr_redis_plate_fields: (skip)
 * @plate: a plate as anyone writes it, or a pattern
 * @fields: (out): all names that an entry for it can be kept under
 *
 * Returns: how many; 0 if it is no plate
 */
guint
anpr_redis_plate_fields (
    const gchar *plate, AnprRedisField fields[ANPR_REDIS_MAX_ENTRY_FIELDS])
{
  gchar key[ANPR_SHORT_KEY_SIZE];
  guint n_signs;

  if (!g_utf8_validate (plate, -1, NULL))
    return 0;
  if (anpr_list_pattern_is_one (plate))
    return get_fields (ANPR_LIST_MATCH_PATTERN, "", fields);
  n_signs = anpr_short_key (plate, key);
  if (n_signs == 0 || n_signs > ANPR_SHORT_KEY_SIGNS)
    return 0;
  return get_fields (ANPR_LIST_MATCH_LOOK_ALIKE, key, fields);
}

static gboolean
has_field (AnprRedisField *fields, guint n, const gchar *field)
{
  for (guint i = 0; i < n; i++)
    if (strcmp (fields[i], field) == 0)
      return TRUE;
  return FALSE;
}

static void
add_text (const gchar *text, AnprRedisField *fields, guint *n)
{
  AnprRedisField writings[ANPR_REDIS_MAX_ENTRY_FIELDS];
  guint n_writings = get_writings (text, writings);

  for (guint i = 0; i < n_writings; i++)
    if (*n < ANPR_REDIS_MAX_READ_FIELDS && !has_field (fields, *n, writings[i]))
      memcpy (fields[(*n)++], writings[i], ANPR_REDIS_FIELD_SIZE);
}

static void
add_folds (const AnprRead *read, AnprRedisField *fields, guint *n)
{
  guint64 folds[ANPR_HIT_MAX_FOLDS];
  AnprAlikeRead alike;
  guint n_folds;

  if (!anpr_alike_read_init (&alike, read))
    return;
  n_folds = anpr_alike_read_folds (&alike, folds, ANPR_HIT_MAX_FOLDS);
  for (guint i = 0; i < n_folds && *n < ANPR_REDIS_MAX_READ_FIELDS; i++)
    write_fold (folds[i], fields[(*n)++]);
}

/**
 * anpr_redis_read_fields: (skip)
 * @read: (nullable): what was read
 * @fields: (out): the names under which entries for it can be
 *
 * Returns: how many, 0 without a text; patterns are not among them
 */
guint
anpr_redis_read_fields (
    const AnprRead *read, AnprRedisField fields[ANPR_REDIS_MAX_READ_FIELDS])
{
  guint n = 0;

  if (!read || !read->text)
    return 0;
  add_text (read->text, fields, &n);
  add_folds (read, fields, &n);
  for (guint i = 0; i < anpr_read_get_n_candidates (read); i++)
    add_text (anpr_read_get_candidate (read, i)->text, fields, &n);
  return n;
}
