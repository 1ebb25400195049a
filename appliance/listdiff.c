/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What changed between two issues of a list, entry by entry, told by its id.
 *
 * The ids of one are sorted by a hash and looked up in the order of the other,
 * so that lists of millions take 16 bytes an entry and a second. A hash that
 * two ids share is settled by the ids themselves.
 */

#include "listdiff.h"
#include "listtext.h"
#include "../plugins/hitmatch/keytable.h"

#include <sodium.h>
#include <string.h>

typedef struct {
  const AnprHitList *list;
  AnprListKey *keys;
  guint32 *directory;
  AnprKeyTable table;
  guint8 seed[crypto_shorthash_KEYBYTES];
} Ids;

/* Numbers of texts that tell an entry apart, with the names of their columns */
static const struct {
  AnprHitText text;
  const gchar *name;
} texts[] = {
  { ANPR_HIT_TEXT_PLATE, "plate" },
  { ANPR_HIT_TEXT_ROLE, "role" },
  { ANPR_HIT_TEXT_CATEGORY, "category" },
  { ANPR_HIT_TEXT_REASON, "reason" },
  { ANPR_HIT_TEXT_LEGAL_BASIS, "legal-basis" },
  { ANPR_HIT_TEXT_MEASURE, "measure" },
  { ANPR_HIT_TEXT_WARNING, "warning" },
  { ANPR_HIT_TEXT_HANDLING, "handling" },
  { ANPR_HIT_TEXT_AUTHORITY, "authority" },
  { ANPR_HIT_TEXT_REFERENCE, "reference" },
  { ANPR_HIT_TEXT_VALIDATOR, "validator" },
  { ANPR_HIT_TEXT_VALIDATED, "validated" },
  { ANPR_HIT_TEXT_CONTACT, "contact" },
  { ANPR_HIT_TEXT_MAKE, "make" },
  { ANPR_HIT_TEXT_MODEL, "model" },
  { ANPR_HIT_TEXT_COLOUR, "colour" },
  { ANPR_HIT_TEXT_CLASS, "class" },
  { ANPR_HIT_TEXT_NOTE, "note" },
  { ANPR_HIT_TEXT_CREATED, "created" },
  { ANPR_HIT_TEXT_CREATED_BY, "created-by" },
  { ANPR_HIT_TEXT_CHANGED, "changed" },
  { ANPR_HIT_TEXT_CHANGED_BY, "changed-by" },
};

static guint64
hash_id (const Ids *ids, const gchar *id)
{
  guint64 hash;

  crypto_shorthash (
      (guint8 *) &hash, (const guint8 *) id, strlen (id), ids->seed);
  return hash;
}

static void
ids_init (Ids *ids, const AnprHitList *list)
{
  guint n = anpr_hit_list_get_n_entries (list);
  guint bits = anpr_key_table_bits (n);

  crypto_shorthash_keygen (ids->seed);
  ids->list = list;
  ids->keys = g_new (AnprListKey, n);
  for (guint i = 0; i < n; i++)
    ids->keys[i] =
        (AnprListKey){ anpr_key_table_mix (hash_id (ids,
                           anpr_list_text_of (list, i, ANPR_HIT_TEXT_ENTRY))),
          i, 0 };
  anpr_key_table_sort (ids->keys, n);
  ids->directory = g_new (guint32, anpr_key_table_directory_length (bits));
  anpr_key_table_fill_directory (ids->keys, n, bits, ids->directory);
  ids->table = (AnprKeyTable){ ids->keys, n, ids->directory, bits };
}

static void
ids_clear (Ids *ids)
{
  g_free (ids->keys);
  g_free (ids->directory);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Ids, ids_clear)

static gboolean
find_id (const Ids *ids, const gchar *id, guint *entry)
{
  const AnprListKey *keys;
  guint n =
      anpr_key_table_find (&ids->table, hash_id (ids, id), G_MAXUINT, &keys);

  for (guint i = 0; i < n; i++)
    if (strcmp (
            anpr_list_text_of (ids->list, keys[i].entry, ANPR_HIT_TEXT_ENTRY),
            id)
        == 0) {
      *entry = keys[i].entry;
      return TRUE;
    }
  return FALSE;
}

static void
add_name (GString *names, gboolean differs, const gchar *name)
{
  if (differs)
    g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", name);
}

/* Names the columns that are not the same */
static gchar *
name_changes (const AnprHitList *before, guint old_entry,
    const AnprHitList *after, guint new_entry)
{
  GString *names = g_string_new (NULL);
  AnprHitEntry a, b;

  anpr_hit_list_get_entry (before, old_entry, &a);
  anpr_hit_list_get_entry (after, new_entry, &b);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    add_name (names,
        strcmp (anpr_list_text_of (before, old_entry, texts[i].text),
            anpr_list_text_of (after, new_entry, texts[i].text))
            != 0,
        texts[i].name);
  add_name (names, a.valid_from != b.valid_from, "valid-from");
  add_name (names, a.valid_until != b.valid_until, "valid-until");
  add_name (names, a.purpose != b.purpose, "purpose");
  add_name (names, a.priority != b.priority, "priority");
  add_name (names, a.covert != b.covert, "covert");
  add_name (names, strcmp (a.country, b.country) != 0, "country");
  add_name (names, a.match != b.match, "match");
  add_name (names, memcmp (&a.hours, &b.hours, sizeof a.hours) != 0, "hours");
  return g_string_free (names, FALSE);
}

static gboolean
is_covert (const AnprHitList *list, guint entry)
{
  AnprHitEntry values;

  anpr_hit_list_get_entry (list, entry, &values);
  return values.covert;
}

static void
tell (const AnprHitList *list, guint entry, const gchar *sign,
    const gchar *changes, gboolean covert, AnprListChangeFunc func,
    gpointer user_data)
{
  g_autofree gchar *text = anpr_list_text_entry (list, entry);
  g_autofree gchar *line = g_strconcat (
      sign, " ", text, *changes ? "; changed: " : "", changes, NULL);

  func (line, covert, user_data);
}

/**
 * anpr_list_diff:
 * @before: a list
 * @after: a later issue of it
 * @func: told of each entry that was removed, added or changed: "-", "+" or "~"
 *     and the entry
 * @user_data: for @func
 * @changes: (out): how many
 */
void
anpr_list_diff (const AnprHitList *before, const AnprHitList *after,
    AnprListChangeFunc func, gpointer user_data, AnprListChanges *changes)
{
  g_auto (Ids) old_ids = { 0 }, new_ids = { 0 };
  guint other;

  *changes = (AnprListChanges){ 0 };
  ids_init (&old_ids, before);
  ids_init (&new_ids, after);
  for (guint i = 0; i < anpr_hit_list_get_n_entries (before); i++) {
    if (find_id (&new_ids, anpr_list_text_of (before, i, ANPR_HIT_TEXT_ENTRY),
            &other))
      continue;
    changes->removed++;
    tell (before, i, "-", "", is_covert (before, i), func, user_data);
  }
  for (guint i = 0; i < anpr_hit_list_get_n_entries (after); i++) {
    g_autofree gchar *names = NULL;

    if (!find_id (&old_ids, anpr_list_text_of (after, i, ANPR_HIT_TEXT_ENTRY),
            &other)) {
      changes->added++;
      tell (after, i, "+", "", is_covert (after, i), func, user_data);
      continue;
    }
    names = name_changes (before, other, after, i);
    if (!*names)
      continue;
    changes->changed++;
    tell (after, i, "~", names,
        is_covert (before, other) || is_covert (after, i), func, user_data);
  }
}
