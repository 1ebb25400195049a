/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A hit list in memory.
 *
 * Filled by its maker, sealed once, immutable from then on: threads share it
 * without a lock, reference counted.
 *
 * A list may have millions of entries, so there is no allocation an entry.
 * Three blocks grow by half and are cut to size in the end:
 *
 *   rows  what is not text, and where the entry's texts begin
 *   text  for each text an entry has: one byte (which + 1), the text, NUL; a
 *         zero byte ends the entry
 *   keys  packed key (shortkey.h) and entry, sorted; an entry with umlauts has
 *         up to two more, marked indirect
 *
 * A lookup is a binary search, 23 steps in the largest list, and up to three of
 * them if the read has an umlaut. It allocates nothing.
 */

#include "hitlist.h"

#include <string.h>

typedef struct {
  gint64 valid_from;
  gint64 valid_until;
  guint32 text;
  gchar country[2];
  guint8 priority;
  guint8 purpose : 4;
  guint8 covert : 1;
} Row;

typedef struct {
  guint64 packed;
  guint32 entry;
  guint32 indirect;
} Key;

typedef struct {
  guint8 *data;
  gsize length;
  gsize capacity;
} Block;

struct _AnprHitList {
  AnprHitListHeader header;
  Block rows;
  Block keys;
  Block text;
};

static gpointer
block_append (Block *block, gconstpointer data, gsize size)
{
  gpointer place;

  if (block->capacity - block->length < size) {
    block->capacity =
        MAX (block->capacity + block->capacity / 2, block->length + size);
    block->capacity = MAX (block->capacity, 256);
    block->data = g_realloc (block->data, block->capacity);
  }
  place = block->data + block->length;
  memcpy (place, data, size);
  block->length += size;
  return place;
}

static void
block_cut (Block *block)
{
  if (block->length == block->capacity)
    return;
  block->data = g_realloc (block->data, block->length);
  block->capacity = block->length;
}

static const Row *
get_row (const AnprHitList *list, guint i)
{
  return (const Row *) list->rows.data + i;
}

static const Key *
get_key (const AnprHitList *list, gsize i)
{
  return (const Key *) list->keys.data + i;
}

static gsize
get_n_keys (const AnprHitList *list)
{
  return list->keys.length / sizeof (Key);
}

/**
 * anpr_hit_list_new: (skip)
 * @header: copied
 *
 * Returns: (transfer full): a list without entries
 */
AnprHitList *
anpr_hit_list_new (const AnprHitListHeader *header)
{
  AnprHitList *list = g_atomic_rc_box_new0 (AnprHitList);

  list->header = *header;
  list->header.file = g_strdup (header->file);
  list->header.id = g_strdup (header->id);
  list->header.authority = g_strdup (header->authority);
  list->header.category = g_strdup (header->category);
  list->header.version = g_strdup (header->version);
  list->header.contact = g_strdup (header->contact);
  return list;
}

static void
add_key (AnprHitList *list, const gchar *text, guint32 entry, gboolean indirect)
{
  Key key = { anpr_short_key_pack (text), entry, indirect };

  block_append (&list->keys, &key, sizeof key);
}

static void
add_keys (AnprHitList *list, const gchar *key, guint32 entry)
{
  gchar other[ANPR_SHORT_KEY_SIZE];

  add_key (list, key, entry, FALSE);
  if (anpr_short_key_without_umlauts (key, ANPR_UMLAUT_BARE, other))
    add_key (list, other, entry, TRUE);
  if (anpr_short_key_without_umlauts (key, ANPR_UMLAUT_TWO_LETTERS, other))
    add_key (list, other, entry, TRUE);
}

static void
add_texts (AnprHitList *list, const gchar *const texts[ANPR_N_HIT_TEXTS])
{
  for (guint8 i = 0; i < ANPR_N_HIT_TEXTS; i++) {
    guint8 tag = i + 1;

    if (!texts[i] || !texts[i][0])
      continue;
    block_append (&list->text, &tag, 1);
    block_append (&list->text, texts[i], strlen (texts[i]) + 1);
  }
  block_append (&list->text, "", 1);
}

/**
 * anpr_hit_list_add: (skip)
 * @list: a list that is not sealed yet
 * @entry: the entry
 * @key: its short key, not empty
 * @texts: its texts, %NULL or "" where there is none; the entry id is needed
 *
 * Returns: %FALSE if the list is full and stays as it was
 */
gboolean
anpr_hit_list_add (AnprHitList *list, const AnprHitEntry *entry,
    const gchar *key, const gchar *const texts[ANPR_N_HIT_TEXTS])
{
  guint n = anpr_hit_list_get_n_entries (list);
  Row row = { .valid_from = entry->valid_from,
    .valid_until = entry->valid_until,
    .text = (guint32) list->text.length,
    .country = { entry->country[0], entry->country[1] },
    .priority = (guint8) entry->priority,
    .purpose = entry->purpose,
    .covert = entry->covert != FALSE };

  if (n >= ANPR_HIT_LIST_MAX_ENTRIES
      || list->text.length >= ANPR_HIT_LIST_MAX_TEXT)
    return FALSE;
  add_texts (list, texts);
  add_keys (list, key, n);
  block_append (&list->rows, &row, sizeof row);
  return TRUE;
}

static gint
compare_keys (gconstpointer a, gconstpointer b, gpointer unused)
{
  const Key *left = a, *right = b;

  if (left->packed != right->packed)
    return left->packed < right->packed ? -1 : 1;
  return left->entry < right->entry ? -1 : left->entry > right->entry;
}

static gboolean
find_plate_too_often (const AnprHitList *list, guint *entry)
{
  gsize n = get_n_keys (list);

  for (gsize i = ANPR_HIT_LIST_MAX_SAME_PLATE; i < n; i++) {
    const Key *key = get_key (list, i);

    if (key->packed
        == get_key (list, i - ANPR_HIT_LIST_MAX_SAME_PLATE)->packed) {
      *entry = key->entry;
      return TRUE;
    }
  }
  return FALSE;
}

/* Entry ids, to find one that is there twice. Sorted by a hash because ids of
 * one list begin alike, and by the id itself where hashes agree, so that
 * hostile ids cost no more than honest ones. */
typedef struct {
  guint64 hash;
  guint32 entry;
} Id;

static guint64
hash_id (const gchar *id)
{
  guint64 hash = G_GUINT64_CONSTANT (14695981039346656037);

  for (const gchar *p = id; *p; p++)
    hash = (hash ^ (guchar) *p) * G_GUINT64_CONSTANT (1099511628211);
  return hash;
}

static gint
compare_ids (gconstpointer a, gconstpointer b, gpointer list)
{
  const Id *left = a, *right = b;
  gint order;

  if (left->hash != right->hash)
    return left->hash < right->hash ? -1 : 1;
  order =
      strcmp (anpr_hit_list_get_text (list, left->entry, ANPR_HIT_TEXT_ENTRY),
          anpr_hit_list_get_text (list, right->entry, ANPR_HIT_TEXT_ENTRY));
  if (order != 0)
    return order;
  return left->entry < right->entry ? -1 : left->entry > right->entry;
}

static gboolean
is_same_id (const AnprHitList *list, const Id *a, const Id *b)
{
  return a->hash == b->hash
         && strcmp (
                anpr_hit_list_get_text (list, a->entry, ANPR_HIT_TEXT_ENTRY),
                anpr_hit_list_get_text (list, b->entry, ANPR_HIT_TEXT_ENTRY))
                == 0;
}

/* The first entry in the order of the list whose id was there before */
static gboolean
find_same_entry (AnprHitList *list, guint *entry)
{
  guint n = anpr_hit_list_get_n_entries (list);
  g_autofree Id *ids = g_new (Id, n);
  guint found = G_MAXUINT;

  for (guint i = 0; i < n; i++) {
    ids[i].hash =
        hash_id (anpr_hit_list_get_text (list, i, ANPR_HIT_TEXT_ENTRY));
    ids[i].entry = i;
  }
  g_qsort_with_data (ids, (gint) n, sizeof (Id), compare_ids, list);
  for (guint i = 1; i < n; i++)
    if (is_same_id (list, &ids[i - 1], &ids[i]))
      found = MIN (found, ids[i].entry);
  *entry = found;
  return found != G_MAXUINT;
}

/**
 * anpr_hit_list_seal: (skip)
 * @list: a list with all its entries
 * @entry: (out): the entry at fault, if any
 *
 * Makes @list ready to be searched and shared. A second or so for a million
 * entries.
 *
 * Returns: whether the list is sound; one that is not must not be used
 */
AnprHitListFault
anpr_hit_list_seal (AnprHitList *list, guint *entry)
{
  block_cut (&list->rows);
  block_cut (&list->keys);
  block_cut (&list->text);
  if (find_same_entry (list, entry))
    return ANPR_HIT_LIST_SAME_ENTRY_TWICE;
  g_qsort_with_data (list->keys.data, (gint) get_n_keys (list), sizeof (Key),
      compare_keys, NULL);
  if (find_plate_too_often (list, entry))
    return ANPR_HIT_LIST_PLATE_TOO_OFTEN;
  return ANPR_HIT_LIST_SOUND;
}

/**
 * anpr_hit_list_ref: (skip)
 * @list: a list
 *
 * Returns: (transfer full): @list
 */
AnprHitList *
anpr_hit_list_ref (AnprHitList *list)
{
  return g_atomic_rc_box_acquire (list);
}

/**
 * anpr_hit_list_header_clear: (skip)
 * @header: its texts are freed
 */
void
anpr_hit_list_header_clear (AnprHitListHeader *header)
{
  g_clear_pointer (&header->file, g_free);
  g_clear_pointer (&header->id, g_free);
  g_clear_pointer (&header->authority, g_free);
  g_clear_pointer (&header->category, g_free);
  g_clear_pointer (&header->version, g_free);
  g_clear_pointer (&header->contact, g_free);
}

static void
hit_list_clear (AnprHitList *list)
{
  anpr_hit_list_header_clear (&list->header);
  g_free (list->rows.data);
  g_free (list->keys.data);
  g_free (list->text.data);
}

/**
 * anpr_hit_list_unref: (skip)
 * @list: (transfer full): a list
 */
void
anpr_hit_list_unref (AnprHitList *list)
{
  g_atomic_rc_box_release_full (list, (GDestroyNotify) hit_list_clear);
}

/**
 * anpr_hit_list_get_header: (skip)
 * @list: a list
 *
 * Returns: (transfer none): what its # lines say
 */
const AnprHitListHeader *
anpr_hit_list_get_header (const AnprHitList *list)
{
  return &list->header;
}

/**
 * anpr_hit_list_get_n_entries: (skip)
 * @list: a list
 *
 * Returns: its entries, valid now or not
 */
guint
anpr_hit_list_get_n_entries (const AnprHitList *list)
{
  return (guint) (list->rows.length / sizeof (Row));
}

/**
 * anpr_hit_list_is_active: (skip)
 * @list: a list
 * @utc: microseconds since 1970
 *
 * Returns: whether the list is valid at @utc
 */
gboolean
anpr_hit_list_is_active (const AnprHitList *list, gint64 utc)
{
  return utc >= list->header.valid_from && utc < list->header.valid_until;
}

/* Index of the first key that is not below packed */
static gsize
find_key (const AnprHitList *list, guint64 packed)
{
  gsize low = 0, high = get_n_keys (list);

  while (low < high) {
    gsize middle = low + (high - low) / 2;

    if (get_key (list, middle)->packed < packed)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static guint
find_direct (const AnprHitList *list, const gchar *key, AnprHitMatch *matches)
{
  guint64 packed = anpr_short_key_pack (key);
  gsize n_keys = get_n_keys (list);
  guint n = 0;

  if (packed == 0)
    return 0;
  for (gsize i = find_key (list, packed);
       i < n_keys && get_key (list, i)->packed == packed; i++) {
    matches[n].entry = get_key (list, i)->entry;
    matches[n++].indirect = get_key (list, i)->indirect;
  }
  return n;
}

/* The read has an umlaut and the list may have it in another writing. Entries
 * that have an umlaut themselves are not meant: theirs is another one. */
static guint
find_indirect (const AnprHitList *list, const gchar *key, AnprUmlaut writing,
    AnprHitMatch *matches)
{
  gchar other[ANPR_SHORT_KEY_SIZE];
  guint n_found, n = 0;

  if (!anpr_short_key_without_umlauts (key, writing, other))
    return 0;
  n_found = find_direct (list, other, matches);
  for (guint i = 0; i < n_found; i++) {
    if (matches[i].indirect)
      continue;
    matches[n].entry = matches[i].entry;
    matches[n++].indirect = TRUE;
  }
  return n;
}

/**
 * anpr_hit_list_find: (skip)
 * @list: a sealed list
 * @key: plate key of a read
 * @matches: (out): the entries for that plate
 *
 * Allocates nothing and blocks nowhere.
 *
 * Returns: how many; a key of more than 12 signs has none
 */
guint
anpr_hit_list_find (const AnprHitList *list, const gchar *key,
    AnprHitMatch matches[ANPR_HIT_LIST_MAX_MATCHES])
{
  guint n;

  if (anpr_short_key_pack (key) == 0)
    return 0;
  n = find_direct (list, key, matches);
  n += find_indirect (list, key, ANPR_UMLAUT_BARE, matches + n);
  n += find_indirect (list, key, ANPR_UMLAUT_TWO_LETTERS, matches + n);
  return n;
}

/**
 * anpr_hit_list_get_entry: (skip)
 * @list: a list
 * @i: which entry, in the order of the file
 * @entry: (out): the entry
 */
void
anpr_hit_list_get_entry (const AnprHitList *list, guint i, AnprHitEntry *entry)
{
  const Row *row;

  g_return_if_fail (i < anpr_hit_list_get_n_entries (list));
  row = get_row (list, i);
  *entry = (AnprHitEntry){
    .valid_from = row->valid_from,
    .valid_until = row->valid_until,
    .purpose = row->purpose,
    .priority = row->priority,
    .covert = row->covert,
    .country = { row->country[0], row->country[1], '\0' },
  };
}

/**
 * anpr_hit_list_get_text: (skip)
 * @list: a list
 * @i: which entry, in the order of the file
 * @text: which text
 *
 * Returns: (transfer none) (nullable): the text, %NULL if the entry has none
 */
const gchar *
anpr_hit_list_get_text (const AnprHitList *list, guint i, AnprHitText text)
{
  const gchar *p;

  g_return_val_if_fail (i < anpr_hit_list_get_n_entries (list), NULL);
  for (p = (const gchar *) list->text.data + get_row (list, i)->text; *p;
       p += strlen (p) + 1)
    if (*p == (gchar) (text + 1))
      return p + 1;
  return NULL;
}

static const gchar *const purposes[ANPR_N_PURPOSES] = {
  [ANPR_PURPOSE_J1] = "J1",
  [ANPR_PURPOSE_J2] = "J2",
  [ANPR_PURPOSE_J3] = "J3",
  [ANPR_PURPOSE_B1] = "B1",
};

const gchar *
anpr_purpose_to_string (AnprPurpose purpose)
{
  return purposes[purpose];
}

/**
 * anpr_purpose_from_string: (skip)
 * @name: any text
 * @purpose: (out): the purpose of that name
 *
 * Returns: whether the law knows it
 */
gboolean
anpr_purpose_from_string (const gchar *name, AnprPurpose *purpose)
{
  for (guint i = 0; i < ANPR_N_PURPOSES; i++)
    if (strcmp (purposes[i], name) == 0) {
      *purpose = i;
      return TRUE;
    }
  return FALSE;
}
