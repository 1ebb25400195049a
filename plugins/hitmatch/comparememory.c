/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What has been compared already.
 *
 * A vehicle is in some thirty frames and its text seldom changes, so comparing
 * and telling again is saved by remembering, for each passage, what was
 * compared last. To forget too early costs a comparison and never a hit, so the
 * memory is small and drops its oldest. Used by one thread.
 */

#include "comparememory.h"

/* The link lies in the entry, so that dropping the oldest and forgetting one by
 * name both take no search */
typedef struct {
  gchar *what;
  gchar *text;
  guint generation;
  gint64 seen;
  GList link;
} Entry;

struct _AnprCompareMemory {
  GHashTable *entries; /* owns them */
  GQueue order;
};

static void
entry_free (Entry *entry)
{
  g_free (entry->what);
  g_free (entry->text);
  g_free (entry);
}

/**
 * anpr_compare_memory_new: (skip)
 *
 * Returns: (transfer full): a memory of nothing
 */
AnprCompareMemory *
anpr_compare_memory_new (void)
{
  AnprCompareMemory *memory = g_new0 (AnprCompareMemory, 1);

  memory->entries = g_hash_table_new_full (
      g_str_hash, g_str_equal, NULL, (GDestroyNotify) entry_free);
  g_queue_init (&memory->order);
  return memory;
}

/**
 * anpr_compare_memory_free: (skip)
 * @memory: (nullable) (transfer full): a memory
 */
void
anpr_compare_memory_free (AnprCompareMemory *memory)
{
  if (!memory)
    return;
  g_hash_table_unref (memory->entries);
  g_free (memory);
}

static void
drop (AnprCompareMemory *memory, Entry *entry)
{
  g_queue_unlink (&memory->order, &entry->link);
  g_hash_table_remove (memory->entries, entry->what);
}

static Entry *
remember (AnprCompareMemory *memory, const gchar *what)
{
  Entry *entry = g_new0 (Entry, 1);

  if (g_hash_table_size (memory->entries) >= ANPR_COMPARE_MEMORY_MAX)
    drop (memory, g_queue_peek_head (&memory->order));
  entry->what = g_strdup (what);
  entry->link.data = entry;
  g_queue_push_tail_link (&memory->order, &entry->link);
  g_hash_table_insert (memory->entries, entry->what, entry);
  return entry;
}

/**
 * anpr_compare_memory_is_new: (skip)
 * @memory: a memory
 * @what: whose text it is: a passage id, or what stands for it
 * @text: (nullable): the text to compare
 * @generation: of the lists it would be compared with
 * @utc: when it was seen, microseconds since 1970
 *
 * Remembers the text.
 *
 * Returns: whether it must be compared: it is new, or its text or the lists
 *     changed, or it was out of sight for %ANPR_COMPARE_MEMORY_TIME
 */
gboolean
anpr_compare_memory_is_new (AnprCompareMemory *memory, const gchar *what,
    const gchar *text, guint generation, gint64 utc)
{
  Entry *entry = g_hash_table_lookup (memory->entries, what);
  gboolean known = entry && g_strcmp0 (entry->text, text) == 0
                   && entry->generation == generation
                   && ABS (utc - entry->seen) < ANPR_COMPARE_MEMORY_TIME;

  if (!entry)
    entry = remember (memory, what);
  entry->seen = utc;
  if (known)
    return FALSE;
  entry->generation = generation;
  g_free (entry->text);
  entry->text = g_strdup (text);
  return TRUE;
}

/**
 * anpr_compare_memory_forget: (skip)
 * @memory: a memory
 * @what: what will not be seen again
 */
void
anpr_compare_memory_forget (AnprCompareMemory *memory, const gchar *what)
{
  Entry *entry = g_hash_table_lookup (memory->entries, what);

  if (entry)
    drop (memory, entry);
}

guint
anpr_compare_memory_get_size (const AnprCompareMemory *memory)
{
  return g_hash_table_size (memory->entries);
}
