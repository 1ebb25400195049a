/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Which alerts repeat one that was given a short time ago (R18).
 *
 * A vehicle that turns and comes back, or that a tracker takes for two, would
 * alarm a dispatcher again and again. What was hit is a list's entry, so that is
 * what is remembered: the id of the hit that alarmed, since when, how often.
 * The window counts from the first alert, so that a vehicle that keeps coming
 * is told of again.
 *
 * Bounded: the oldest is forgotten, which costs an alert and loses none. Used
 * with a lock held.
 */

#include "repeatmemory.h"

typedef struct {
  gchar *key;
  gchar *first;
  gint64 utc;
  guint count;
  GList link;
} Alert;

struct _AnprRepeatMemory {
  GHashTable *alerts; /* owns them */
  GQueue order;
};

static void
alert_free (Alert *alert)
{
  g_free (alert->key);
  g_free (alert->first);
  g_free (alert);
}

/**
 * anpr_repeat_memory_new: (skip)
 *
 * Returns: (transfer full): a memory of no alert
 */
AnprRepeatMemory *
anpr_repeat_memory_new (void)
{
  AnprRepeatMemory *memory = g_new0 (AnprRepeatMemory, 1);

  memory->alerts = g_hash_table_new_full (
      g_str_hash, g_str_equal, NULL, (GDestroyNotify) alert_free);
  g_queue_init (&memory->order);
  return memory;
}

/**
 * anpr_repeat_memory_free: (skip)
 * @memory: (nullable) (transfer full): a memory
 */
void
anpr_repeat_memory_free (AnprRepeatMemory *memory)
{
  if (!memory)
    return;
  g_hash_table_unref (memory->alerts);
  g_free (memory);
}

static void
drop (AnprRepeatMemory *memory, Alert *alert)
{
  g_queue_unlink (&memory->order, &alert->link);
  g_hash_table_remove (memory->alerts, alert->key);
}

static void
remember (AnprRepeatMemory *memory, gchar *key, const AnprHit *hit, gint64 utc)
{
  Alert *alert = g_new0 (Alert, 1);

  if (g_hash_table_size (memory->alerts) >= ANPR_REPEAT_MEMORY_MAX)
    drop (memory, g_queue_peek_head (&memory->order));
  alert->key = key;
  alert->first = g_strdup (hit->id);
  alert->utc = utc;
  alert->count = 1;
  alert->link.data = alert;
  g_queue_push_tail_link (&memory->order, &alert->link);
  g_hash_table_insert (memory->alerts, key, alert);
}

/**
 * anpr_repeat_memory_count: (skip)
 * @memory: a memory
 * @hit: a hit
 * @utc: when its plate was seen, microseconds since 1970
 * @window: how long an alert stands for those that follow, microseconds
 * @first: (out) (transfer full) (nullable): id of the hit that this one
 *     repeats, %NULL if it is an alert of its own
 *
 * Returns: how often the entry was hit since that alert, this one included
 */
guint
anpr_repeat_memory_count (AnprRepeatMemory *memory, const AnprHit *hit,
    gint64 utc, gint64 window, gchar **first)
{
  g_autofree gchar *key = g_strconcat (hit->list, "/", hit->entry, NULL);
  Alert *alert = g_hash_table_lookup (memory->alerts, key);

  *first = NULL;
  if (alert && ABS (utc - alert->utc) < window) {
    *first = g_strdup (alert->first);
    return ++alert->count;
  }
  if (alert)
    drop (memory, alert);
  if (window > 0)
    remember (memory, g_steal_pointer (&key), hit, utc);
  return 1;
}
