/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Makes a list's index, entry by entry.
 *
 * Each part of the index grows as a section of its own (listsection.c). In the
 * end the keys are sorted where they lie, what makes a list unsound is looked
 * for, and the parts are written behind one another into one file, which is
 * what a list is opened from. So a list of millions takes disk, or what the
 * kernel has to spare, and hardly any memory of the process.
 *
 * Made for a folder, that file has a hidden name until it is kept: it is
 * flushed to the disk, then renamed over the list that was in force, then the
 * folder is flushed. Whoever opens the list meanwhile gets the old one or the
 * new one, whole; so does a machine that loses power. Not kept, nothing stays.
 *
 * Used by one thread.
 */

#define _GNU_SOURCE /* memfd_create(), mkostemp() */

#include "hitlistbuilder.h"
#include "alike.h"
#include "listimage.h"
#include "../record/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct _AnprHitListBuilder {
  AnprListValues values;
  AnprListSection *parts[ANPR_N_LIST_PARTS];
  AnprListSection *ids; /* AnprListKey of a hash of the id */
  guint8 seed[crypto_shorthash_KEYBYTES];
  guint n_entries;
  guint n_look_alikes;
  guint n_patterns;
  gchar *folder;
  gchar *name; /* of the file while it has to be removed again */
  int fd;
  gint fault;
};

static void
append_text (AnprHitListBuilder *builder, const gchar *text)
{
  const gchar *value = text ? text : "";

  anpr_list_section_append (
      builder->parts[ANPR_LIST_PART_LIST], value, strlen (value) + 1);
}

static void
append_list_texts (AnprHitListBuilder *builder, const AnprHitListHeader *header)
{
  const gchar *const texts[ANPR_N_LIST_TEXTS] = {
    [ANPR_LIST_TEXT_FILE] = header->file,
    [ANPR_LIST_TEXT_ID] = header->id,
    [ANPR_LIST_TEXT_AUTHORITY] = header->authority,
    [ANPR_LIST_TEXT_CATEGORY] = header->category,
    [ANPR_LIST_TEXT_VERSION] = header->version,
    [ANPR_LIST_TEXT_CONTACT] = header->contact,
    [ANPR_LIST_TEXT_SIGNER] = header->signer,
  };

  for (guint i = 0; i < ANPR_N_LIST_TEXTS; i++)
    append_text (builder, texts[i]);
}

/**
 * anpr_hit_list_builder_new: (skip)
 * @header: what the list says of itself
 * @folder: (nullable): where the list is to be kept, %NULL for a list that
 *     lives as long as it is in use
 *
 * Returns: (transfer full): a list without entries
 */
AnprHitListBuilder *
anpr_hit_list_builder_new (const AnprHitListHeader *header, const gchar *folder)
{
  AnprHitListBuilder *builder = g_new0 (AnprHitListBuilder, 1);

  if (sodium_init () < 0)
    builder->fault = EIO;
  builder->fd = -1;
  builder->folder = g_strdup (folder);
  builder->values = (AnprListValues){
    .valid_from = header->valid_from,
    .valid_until = header->valid_until,
    .issued = header->issued,
    .accepted = header->accepted,
    .purpose = header->purpose,
    .priority = header->priority,
    .modes = header->modes,
    .look_alike_signs = header->look_alike_signs,
  };
  for (guint i = 0; i < ANPR_N_LIST_PARTS; i++)
    builder->parts[i] = anpr_list_section_new (folder);
  builder->ids = anpr_list_section_new (folder);
  crypto_shorthash_keygen (builder->seed);
  append_list_texts (builder, header);
  return builder;
}

/**
 * anpr_hit_list_builder_free: (skip)
 * @builder: (nullable): a builder; a file that was not kept is removed
 */
void
anpr_hit_list_builder_free (AnprHitListBuilder *builder)
{
  if (!builder)
    return;
  for (guint i = 0; i < ANPR_N_LIST_PARTS; i++)
    anpr_list_section_free (builder->parts[i]);
  anpr_list_section_free (builder->ids);
  if (builder->fd >= 0)
    close (builder->fd);
  if (builder->name)
    (void) g_unlink (builder->name);
  g_free (builder->name);
  g_free (builder->folder);
  g_free (builder);
}

/* --- entries ------------------------------------------------------------- */

static void
add_key (AnprHitListBuilder *builder, const gchar *text, gboolean indirect)
{
  AnprListKey key = { anpr_key_table_mix (anpr_short_key_pack (text)),
    builder->n_entries, indirect };

  anpr_list_section_append (
      builder->parts[ANPR_LIST_PART_KEYS], &key, sizeof key);
}

static void
add_keys (AnprHitListBuilder *builder, const gchar *key)
{
  gchar other[ANPR_SHORT_KEY_SIZE];

  add_key (builder, key, FALSE);
  if (anpr_short_key_without_umlauts (key, ANPR_UMLAUT_BARE, other))
    add_key (builder, other, TRUE);
  if (anpr_short_key_without_umlauts (key, ANPR_UMLAUT_TWO_LETTERS, other))
    add_key (builder, other, TRUE);
}

static void
add_fold (AnprHitListBuilder *builder, const gchar *text)
{
  AnprListKey key = { 0, builder->n_entries, FALSE };
  AnprKeySigns signs;

  if (!anpr_short_key_to_signs (text, &signs))
    return;
  anpr_alike_fold_signs (&signs);
  key.mixed = anpr_key_table_mix (anpr_short_key_pack_signs (&signs));
  anpr_list_section_append (
      builder->parts[ANPR_LIST_PART_FOLDS], &key, sizeof key);
}

static void
add_patterns (AnprHitListBuilder *builder, const AnprListPattern *pattern)
{
  AnprListSection *patterns = builder->parts[ANPR_LIST_PART_PATTERNS];
  AnprListPattern own = *pattern, other;

  own.entry = builder->n_entries;
  anpr_list_section_append (patterns, &own, sizeof own);
  for (guint writing = 0; writing <= ANPR_UMLAUT_TWO_LETTERS; writing++)
    if (anpr_list_pattern_without_umlauts (&own, writing, &other))
      anpr_list_section_append (patterns, &other, sizeof other);
}

static void
add_id (AnprHitListBuilder *builder, const gchar *id)
{
  AnprListKey key = { 0, builder->n_entries, FALSE };

  crypto_shorthash (
      (guint8 *) &key.mixed, (const guint8 *) id, strlen (id), builder->seed);
  anpr_list_section_append (builder->ids, &key, sizeof key);
}

static void
add_texts (
    AnprHitListBuilder *builder, const gchar *const texts[ANPR_N_HIT_TEXTS])
{
  AnprListSection *text = builder->parts[ANPR_LIST_PART_TEXT];

  for (guint8 i = 0; i < ANPR_N_HIT_TEXTS; i++) {
    guint8 tag = i + 1;

    if (!texts[i] || !texts[i][0])
      continue;
    anpr_list_section_append (text, &tag, 1);
    anpr_list_section_append (text, texts[i], strlen (texts[i]) + 1);
  }
  anpr_list_section_append (text, "", 1);
}

static void
add_row (AnprHitListBuilder *builder, const AnprHitEntry *entry)
{
  guint64 text =
      anpr_list_section_get_length (builder->parts[ANPR_LIST_PART_TEXT]);
  AnprListRow row = { .valid_from = entry->valid_from,
    .valid_until = entry->valid_until,
    .text = (guint32) text,
    .country = { entry->country[0], entry->country[1] },
    .priority = (guint8) entry->priority,
    .purpose = (guint8) entry->purpose,
    .hours = entry->hours,
    .covert = entry->covert != FALSE,
    .match = (guint8) entry->match };

  anpr_list_section_append (
      builder->parts[ANPR_LIST_PART_ROWS], &row, sizeof row);
}

static AnprHitListFault
check_room (const AnprHitListBuilder *builder, AnprListMatch match)
{
  if (builder->n_entries >= ANPR_HIT_LIST_MAX_ENTRIES
      || anpr_list_section_get_length (builder->parts[ANPR_LIST_PART_TEXT])
             >= ANPR_HIT_LIST_MAX_TEXT)
    return ANPR_HIT_LIST_FULL;
  if (match == ANPR_LIST_MATCH_LOOK_ALIKE
      && builder->n_look_alikes >= ANPR_HIT_LIST_MAX_LOOK_ALIKES)
    return ANPR_HIT_LIST_TOO_MANY_LOOK_ALIKES;
  if (match == ANPR_LIST_MATCH_PATTERN
      && builder->n_patterns >= ANPR_HIT_LIST_MAX_PATTERNS)
    return ANPR_HIT_LIST_TOO_MANY_PATTERNS;
  return ANPR_HIT_LIST_SOUND;
}

/**
 * anpr_hit_list_builder_add: (skip)
 * @builder: a builder that is not finished
 * @entry: the entry
 * @key: its short key; not looked at for a pattern
 * @pattern: its pattern; not looked at for another
 * @texts: its texts, %NULL or "" where there is none; the entry id is needed
 *
 * Returns: what is wrong; the list stays as it was then. A fault of the disk is
 *     told when the list is finished.
 */
AnprHitListFault
anpr_hit_list_builder_add (AnprHitListBuilder *builder,
    const AnprHitEntry *entry, const gchar *key, const AnprListPattern *pattern,
    const gchar *const texts[ANPR_N_HIT_TEXTS])
{
  AnprHitListFault fault = check_room (builder, entry->match);

  if (fault != ANPR_HIT_LIST_SOUND)
    return fault;
  add_row (builder, entry);
  add_texts (builder, texts);
  add_id (builder, texts[ANPR_HIT_TEXT_ENTRY]);
  if (entry->match == ANPR_LIST_MATCH_PATTERN) {
    add_patterns (builder, pattern);
    builder->n_patterns++;
  } else {
    add_keys (builder, key);
  }
  if (entry->match == ANPR_LIST_MATCH_LOOK_ALIKE) {
    add_fold (builder, key);
    builder->n_look_alikes++;
  }
  builder->n_entries++;
  return ANPR_HIT_LIST_SOUND;
}

/* --- the end ------------------------------------------------------------- */

/* Maps and sorts a section of keys */
static const AnprListKey *
sort_section (AnprListSection *section, gsize *n)
{
  AnprListKey *keys = anpr_list_section_map (section);

  *n = keys ? anpr_list_section_get_length (section) / sizeof (AnprListKey) : 0;
  anpr_key_table_sort (keys, *n);
  return keys;
}

/* A key that more than max entries have */
static gboolean
find_too_often (const AnprListKey *keys, gsize n, guint max, guint *entry)
{
  for (gsize i = max; i < n; i++)
    if (keys[i].mixed == keys[i - max].mixed) {
      *entry = keys[i].entry;
      return TRUE;
    }
  return FALSE;
}

static const gchar *
get_id (const AnprHitListBuilder *builder, guint entry)
{
  const AnprListRow *rows =
      anpr_list_section_map (builder->parts[ANPR_LIST_PART_ROWS]);
  const gchar *text =
      anpr_list_section_map (builder->parts[ANPR_LIST_PART_TEXT]);

  /* the id is the first of the texts and never empty */
  return text + rows[entry].text + 1;
}

/* The first entry in the order of the list whose id was there before. The hash
 * has a secret, so no list can be written to make many ids share one. */
static gboolean
find_same_entry (AnprHitListBuilder *builder, guint *entry)
{
  guint found = G_MAXUINT;
  gsize n;
  const AnprListKey *ids = sort_section (builder->ids, &n);

  for (gsize i = 1; i < n; i++)
    for (gsize k = i; k > 0 && ids[k - 1].mixed == ids[i].mixed; k--)
      if (strcmp (get_id (builder, ids[k - 1].entry),
              get_id (builder, ids[i].entry))
          == 0) {
        found = MIN (found, ids[i].entry);
        break;
      }
  *entry = found;
  return found != G_MAXUINT;
}

static guint
add_directory (AnprListSection *section, const AnprListKey *keys, gsize n)
{
  guint bits = anpr_key_table_bits (n);
  gsize length = anpr_key_table_directory_length (bits);
  g_autofree guint32 *directory = g_new (guint32, length);

  anpr_key_table_fill_directory (keys, n, bits, directory);
  anpr_list_section_append (section, directory, length * sizeof *directory);
  return bits;
}

static AnprHitListFault
sort_keys (AnprHitListBuilder *builder, guint *entry)
{
  AnprListSection **parts = builder->parts;
  gsize n_keys, n_folds;
  const AnprListKey *keys = sort_section (parts[ANPR_LIST_PART_KEYS], &n_keys);
  const AnprListKey *folds =
      sort_section (parts[ANPR_LIST_PART_FOLDS], &n_folds);

  if (find_too_often (keys, n_keys, ANPR_HIT_LIST_MAX_SAME_PLATE, entry))
    return ANPR_HIT_LIST_PLATE_TOO_OFTEN;
  if (find_too_often (folds, n_folds, ANPR_HIT_LIST_MAX_SAME_FOLD, entry))
    return ANPR_HIT_LIST_TOO_MUCH_ALIKE;
  builder->values.key_bits =
      add_directory (parts[ANPR_LIST_PART_KEY_DIRECTORY], keys, n_keys);
  builder->values.fold_bits =
      add_directory (parts[ANPR_LIST_PART_FOLD_DIRECTORY], folds, n_folds);
  return ANPR_HIT_LIST_SOUND;
}

static gboolean
has_fault (AnprHitListBuilder *builder)
{
  for (guint i = 0; i < ANPR_N_LIST_PARTS && builder->fault == 0; i++)
    builder->fault = anpr_list_section_get_fault (builder->parts[i]);
  if (builder->fault == 0)
    builder->fault = anpr_list_section_get_fault (builder->ids);
  return builder->fault != 0;
}

static void
open_file (AnprHitListBuilder *builder)
{
  if (!builder->folder) {
    builder->fd = memfd_create ("hit-list", MFD_CLOEXEC);
    return;
  }
  builder->name = g_build_filename (builder->folder, ".list-XXXXXX", NULL);
  builder->fd = mkostemp (builder->name, O_CLOEXEC);
  if (builder->fd < 0)
    g_clear_pointer (&builder->name, g_free);
}

static gboolean
write_file (AnprHitListBuilder *builder)
{
  gconstpointer parts[ANPR_N_LIST_PARTS];
  guint64 lengths[ANPR_N_LIST_PARTS];

  for (guint i = 0; i < ANPR_N_LIST_PARTS; i++) {
    parts[i] = anpr_list_section_map (builder->parts[i]);
    lengths[i] = anpr_list_section_get_length (builder->parts[i]);
  }
  if (has_fault (builder))
    return FALSE;
  open_file (builder);
  if (builder->fd >= 0
      && anpr_list_image_write (builder->fd, &builder->values, parts, lengths))
    return TRUE;
  builder->fault = errno;
  return FALSE;
}

/* What the list was made of is not needed any more */
static void
drop_sections (AnprHitListBuilder *builder)
{
  for (guint i = 0; i < ANPR_N_LIST_PARTS; i++)
    g_clear_pointer (&builder->parts[i], anpr_list_section_free);
  g_clear_pointer (&builder->ids, anpr_list_section_free);
}

/**
 * anpr_hit_list_builder_finish: (skip)
 * @builder: a builder with all its entries
 * @list: (out) (transfer full): the list, if it is sound
 * @entry: (out): the entry at fault, if one is
 *
 * A second or so for a million entries.
 *
 * Returns: what is wrong; anpr_hit_list_builder_get_fault() says more of what
 *     could not be written
 */
AnprHitListFault
anpr_hit_list_builder_finish (
    AnprHitListBuilder *builder, AnprHitList **list, guint *entry)
{
  const gchar *reason;
  AnprHitListFault fault;

  *list = NULL;
  /* whoever reads texts from anywhere stops at two zero bytes */
  anpr_list_section_append (builder->parts[ANPR_LIST_PART_TEXT], "\0", 2);
  (void) anpr_list_section_map (builder->parts[ANPR_LIST_PART_TEXT]);
  (void) anpr_list_section_map (builder->parts[ANPR_LIST_PART_ROWS]);
  if (has_fault (builder))
    return ANPR_HIT_LIST_NOT_WRITTEN;
  if (find_same_entry (builder, entry))
    return ANPR_HIT_LIST_SAME_ENTRY_TWICE;
  fault = sort_keys (builder, entry);
  if (fault != ANPR_HIT_LIST_SOUND)
    return fault;
  if (!write_file (builder))
    return ANPR_HIT_LIST_NOT_WRITTEN;
  drop_sections (builder);
  *list = anpr_hit_list_open_fd (builder->fd, &reason);
  if (*list)
    return ANPR_HIT_LIST_SOUND;
  builder->fault = EIO;
  return ANPR_HIT_LIST_NOT_WRITTEN;
}

/**
 * anpr_hit_list_builder_get_fault: (skip)
 * @builder: a builder
 *
 * Returns: errno of what could not be written, 0 if all could
 */
gint
anpr_hit_list_builder_get_fault (const AnprHitListBuilder *builder)
{
  return builder->fault;
}

/**
 * anpr_hit_list_builder_keep: (skip)
 * @builder: a finished builder, made for a folder
 * @file: name in that folder; what has it now is replaced
 *
 * When this returns the list is on the disk.
 *
 * Returns: %FALSE if it could not be kept, or nobody knows whether it outlives
 *     a loss of power; see anpr_hit_list_builder_get_fault()
 */
gboolean
anpr_hit_list_builder_keep (AnprHitListBuilder *builder, const gchar *file)
{
  if (fchmod (builder->fd, 0640) < 0 || fsync (builder->fd) < 0
      || rename (builder->name, file) < 0) {
    builder->fault = errno;
    return FALSE;
  }
  g_clear_pointer (&builder->name, g_free);
  if (!anpr_folder_sync (builder->folder)) {
    builder->fault = errno;
    return FALSE;
  }
  return TRUE;
}
