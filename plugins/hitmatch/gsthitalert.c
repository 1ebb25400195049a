/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Telling of hits: on the bus, and to the outbox for dispatchers.
 *
 * An entry that is hit again within the window is no new alert: `anpr-hit-repeat`
 * names the first one and counts (R18).
 *
 * Threads: any. The lock guards what is remembered and counted. The outbox has
 * its own, and is there from start to stop, and so before and after anyone tells
 * a hit. If hits wait in it when the stream ends, it goes on until they are
 * delivered, the element is shut down or another server is to take them: a camera
 * that connects anew while Redis is away loses no alert. No lock is held while a
 * message is posted.
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthitalert.h"
#include "gsthitstructure.h"
#include "hitoutbox.h"
#include "repeatmemory.h"
#include "../meta/gstanprpassing.h"

struct _GstHitAlerts {
  GstElement *element; /* owns this */
  AnprHitOutbox *outbox;

  GMutex lock;
  gchar *position;
  guint window;
  AnprRepeatMemory *repeats;
  guint64 n_hits;
  guint64 n_covert; /* of these */
  guint64 n_repeats;
  AnprHitOutboxStats delivered; /* of the outbox that was stopped */
};

/**
 * gst_hit_alerts_new: (skip)
 * @element: posts the messages; owns what is returned
 *
 * Returns: (transfer full): alerts of @element
 */
GstHitAlerts *
gst_hit_alerts_new (GstElement *element)
{
  GstHitAlerts *alerts = g_new0 (GstHitAlerts, 1);

  alerts->element = element;
  g_mutex_init (&alerts->lock);
  alerts->repeats = anpr_repeat_memory_new ();
  return alerts;
}

/**
 * gst_hit_alerts_free: (skip)
 * @alerts: (transfer full): alerts that are stopped
 */
void
gst_hit_alerts_free (GstHitAlerts *alerts)
{
  g_free (alerts->position);
  anpr_repeat_memory_free (alerts->repeats);
  g_mutex_clear (&alerts->lock);
  g_free (alerts);
}

static void
tell_fault (const GError *error, gpointer data)
{
  GstHitAlerts *alerts = data;

  gst_anpr_element_warn (alerts->element, error,
      "hits are on the bus and in the records of their passages");
}

/**
 * gst_hit_alerts_end: (skip)
 * @alerts: alerts, stopped
 *
 * What waits for Redis has a second.
 */
void
gst_hit_alerts_end (GstHitAlerts *alerts)
{
  AnprHitOutbox *outbox;

  g_mutex_lock (&alerts->lock);
  outbox = g_steal_pointer (&alerts->outbox);
  if (outbox)
    anpr_hit_outbox_get_stats (outbox, &alerts->delivered);
  g_mutex_unlock (&alerts->lock);
  anpr_hit_outbox_free (outbox);
}

/**
 * gst_hit_alerts_start: (skip)
 * @alerts: alerts
 * @address: (nullable): of the Redis server that takes hits
 */
void
gst_hit_alerts_start (GstHitAlerts *alerts, const AnprRedisAddress *address)
{
  if (!address || !anpr_hit_outbox_goes_to (alerts->outbox, address))
    gst_hit_alerts_end (alerts);
  if (address && !alerts->outbox)
    alerts->outbox = anpr_hit_outbox_new (address, tell_fault, alerts);
  g_mutex_lock (&alerts->lock);
  alerts->n_hits = alerts->n_covert = alerts->n_repeats = 0;
  alerts->delivered = (AnprHitOutboxStats){ 0 };
  g_mutex_unlock (&alerts->lock);
}

/**
 * gst_hit_alerts_stop: (skip)
 * @alerts: alerts, started or not
 *
 * What was told is forgotten; what waits for Redis goes on waiting.
 */
void
gst_hit_alerts_stop (GstHitAlerts *alerts)
{
  AnprHitOutboxStats stats = { 0 };

  g_mutex_lock (&alerts->lock);
  anpr_repeat_memory_free (alerts->repeats);
  alerts->repeats = anpr_repeat_memory_new ();
  if (alerts->outbox)
    anpr_hit_outbox_get_stats (alerts->outbox, &stats);
  g_mutex_unlock (&alerts->lock);
  if (stats.waiting == 0)
    gst_hit_alerts_end (alerts);
}

void
gst_hit_alerts_set_position (GstHitAlerts *alerts, const gchar *position)
{
  g_mutex_lock (&alerts->lock);
  g_free (alerts->position);
  alerts->position = g_strdup (position);
  g_mutex_unlock (&alerts->lock);
}

/**
 * gst_hit_alerts_get_position: (skip)
 * @alerts: alerts
 *
 * Returns: (transfer full) (nullable): the camera's place
 */
gchar *
gst_hit_alerts_get_position (GstHitAlerts *alerts)
{
  gchar *position;

  g_mutex_lock (&alerts->lock);
  position = g_strdup (alerts->position);
  g_mutex_unlock (&alerts->lock);
  return position;
}

/**
 * gst_hit_alerts_set_window: (skip)
 * @alerts: alerts
 * @seconds: for which an alert stands for those that follow, 0 for none
 */
void
gst_hit_alerts_set_window (GstHitAlerts *alerts, guint seconds)
{
  g_mutex_lock (&alerts->lock);
  alerts->window = seconds;
  g_mutex_unlock (&alerts->lock);
}

guint
gst_hit_alerts_get_window (GstHitAlerts *alerts)
{
  guint window;

  g_mutex_lock (&alerts->lock);
  window = alerts->window;
  g_mutex_unlock (&alerts->lock);
  return window;
}

static void
post (GstHitAlerts *alerts, const AnprHitNote *note, const AnprMoment *moment)
{
  GstStructure *structure = gst_hit_structure_new (
      note->hit, note->passage, note->text, note->position, moment);

  if (note->first) {
    gst_structure_set_name (structure, "anpr-hit-repeat");
    gst_structure_set (structure, "first", G_TYPE_STRING, note->first, "count",
        G_TYPE_UINT, note->count, NULL);
  }
  gst_element_post_message (alerts->element,
      gst_message_new_element (GST_OBJECT (alerts->element), structure));
}

/**
 * gst_hit_alerts_tell: (skip)
 * @alerts: alerts
 * @hit: a hit
 * @passage_id: (nullable): of its passage
 * @text: the plate key that was read
 * @moment: when the plate was seen
 * @utc: the same, checked, microseconds since 1970
 *
 * Threads: any. Waits for nothing.
 */
void
gst_hit_alerts_tell (GstHitAlerts *alerts, AnprHit *hit,
    const gchar *passage_id, const gchar *text, const AnprMoment *moment,
    gint64 utc)
{
  AnprHitNote note = {
    .hit = hit, .passage = passage_id, .text = text, .utc = utc
  };
  g_autofree gchar *position = NULL, *first = NULL;

  g_mutex_lock (&alerts->lock);
  note.position = position = g_strdup (alerts->position);
  note.count = anpr_repeat_memory_count (
      alerts->repeats, hit, utc, alerts->window * G_TIME_SPAN_SECOND, &first);
  note.first = first;
  alerts->n_hits += first == NULL;
  alerts->n_covert += first == NULL && hit->covert;
  alerts->n_repeats += first != NULL;
  g_mutex_unlock (&alerts->lock);
  if (alerts->outbox)
    anpr_hit_outbox_put (alerts->outbox, &note);
  post (alerts, &note, moment);
}

/**
 * gst_hit_alerts_add_stats: (skip)
 * @alerts: alerts
 * @structure: statistics; gets what was told since the start
 */
void
gst_hit_alerts_add_stats (GstHitAlerts *alerts, GstStructure *structure)
{
  AnprHitOutboxStats stats;
  guint64 n_hits, n_covert, n_repeats;

  g_mutex_lock (&alerts->lock);
  n_hits = alerts->n_hits;
  n_covert = alerts->n_covert;
  n_repeats = alerts->n_repeats;
  stats = alerts->delivered;
  if (alerts->outbox)
    anpr_hit_outbox_get_stats (alerts->outbox, &stats);
  g_mutex_unlock (&alerts->lock);
  gst_structure_set (structure, "hits", G_TYPE_UINT64, n_hits, "covert",
      G_TYPE_UINT64, n_covert, "repeats", G_TYPE_UINT64, n_repeats, "delivered",
      G_TYPE_UINT64, stats.delivered, "delivered-late", G_TYPE_UINT64,
      stats.late, "undelivered", G_TYPE_UINT64, stats.dropped, "waiting",
      G_TYPE_UINT, stats.waiting, NULL);
}
