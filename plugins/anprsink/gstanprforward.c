/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What the forwarder of an anprsink tells, as messages of the element. They are
 * posted from the forwarder's thread. Numbers outlive the forwarder, until it is
 * freed. A build without libpq has none and says so when one is asked for. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstanprforward.h"

#include "../meta/gstanprpassing.h"
#include "../record/error.h"
#include "forwarder.h"

struct _GstAnprForward {
  GstElement *element; /* not owned: it lives longer */

  GMutex lock;
  AnprForwarder *forwarder; /* (nullable): has been stopped */
  AnprForwarderStats last;  /* when it was */
};

static void
add_stats (GstStructure *structure, const AnprForwarderStats *stats)
{
  gst_structure_set (structure, "forward-state", G_TYPE_STRING,
      anpr_forwarder_state_to_string (stats->state), "forward-reason",
      G_TYPE_STRING, stats->reason, "delivered", G_TYPE_UINT64,
      stats->delivered, "already", G_TYPE_UINT64, stats->already, "refused",
      G_TYPE_UINT64, stats->refused, "undelivered", G_TYPE_UINT64,
      stats->waiting, "undelivered-hits", G_TYPE_UINT64, stats->waiting_hits,
      "undelivered-bytes", G_TYPE_UINT64, stats->waiting_bytes,
      "oldest-undelivered", G_TYPE_UINT64,
      (guint64) anpr_forwarder_get_oldest_age (stats) * GST_USECOND, NULL);
}

#ifdef HAVE_LIBPQ

static void
tell_changed (const AnprForwarderStats *stats, gpointer user_data)
{
  GstAnprForward *forward = user_data;
  GstStructure *structure = gst_structure_new_empty ("anpr-forward-state");

  add_stats (structure, stats);
  (void) gst_element_post_message (forward->element,
      gst_message_new_element (GST_OBJECT (forward->element), structure));
}

static void
tell_failed (const GError *error, const gchar *consequence, gpointer user_data)
{
  GstAnprForward *forward = user_data;

  gst_anpr_element_warn (forward->element, error, consequence);
}

static void
tell_ended (gpointer user_data)
{
}

static const AnprForwarderListener listener = {
  .changed = tell_changed,
  .failed = tell_failed,
  .ended = tell_ended,
};

static void
start (GstAnprForward *forward, const gchar *location, const gchar *key,
    const gchar *address)
{
  const AnprForwarderSettings settings = { location, key, address, FALSE, 0 };

  forward->forwarder = anpr_forwarder_new (&settings, &listener, forward);
}

#else

static void
start (GstAnprForward *forward, const gchar *location, const gchar *key,
    const gchar *address)
{
  g_autoptr (GError) error = g_error_new_literal (
      ANPR_ERROR, ANPR_ERROR_CENTRAL_ADDRESS, "This build has no libpq");

  gst_anpr_element_warn (forward->element, error, "nothing is forwarded");
}

void
anpr_forwarder_free (AnprForwarder *forwarder, AnprForwarderStats *last)
{
}

void
anpr_forwarder_wake (AnprForwarder *forwarder)
{
}

void
anpr_forwarder_get_stats (AnprForwarder *forwarder, AnprForwarderStats *stats)
{
}

#endif

/**
 * gst_anpr_forward_new: (skip)
 * @element: told by it, must live longer
 * @location: (nullable): the spool
 * @key: (nullable): file with the key it is encrypted with
 * @address: (nullable): of the central database
 *
 * Returns: (transfer full): a forwarder, at work if there are both
 */
GstAnprForward *
gst_anpr_forward_new (GstElement *element, const gchar *location,
    const gchar *key, const gchar *address)
{
  GstAnprForward *forward = g_new0 (GstAnprForward, 1);

  g_mutex_init (&forward->lock);
  forward->element = element;
  forward->last.reason = "";
  if (location && address)
    start (forward, location, key, address);
  return forward;
}

/**
 * gst_anpr_forward_stop: (skip)
 * @forward: (nullable): a forwarder
 *
 * Ends it and keeps its numbers. Waits for the disk at most, never for the
 * network; the element's lock must not be held, for it may still be telling.
 */
void
gst_anpr_forward_stop (GstAnprForward *forward)
{
  AnprForwarder *forwarder;
  AnprForwarderStats last;

  if (!forward)
    return;
  g_mutex_lock (&forward->lock);
  forwarder = g_steal_pointer (&forward->forwarder);
  if (forwarder)
    anpr_forwarder_get_stats (forwarder, &forward->last);
  g_mutex_unlock (&forward->lock);
  if (!forwarder)
    return;
  anpr_forwarder_free (forwarder, &last);
  g_mutex_lock (&forward->lock);
  forward->last = last;
  g_mutex_unlock (&forward->lock);
}

/**
 * gst_anpr_forward_free: (skip)
 * @forward: (transfer full) (nullable): a forwarder that was stopped
 */
void
gst_anpr_forward_free (GstAnprForward *forward)
{
  if (!forward)
    return;
  g_mutex_clear (&forward->lock);
  g_free (forward);
}

/**
 * gst_anpr_forward_wake: (skip)
 * @forward: (nullable): a forwarder
 *
 * Something was kept; any thread.
 */
void
gst_anpr_forward_wake (GstAnprForward *forward)
{
  if (!forward)
    return;
  g_mutex_lock (&forward->lock);
  if (forward->forwarder)
    anpr_forwarder_wake (forward->forwarder);
  g_mutex_unlock (&forward->lock);
}

/**
 * gst_anpr_forward_add_stats: (skip)
 * @forward: (nullable): a forwarder
 * @structure: gets its numbers; any thread
 */
void
gst_anpr_forward_add_stats (GstAnprForward *forward, GstStructure *structure)
{
  AnprForwarderStats stats = { .reason = "" };

  if (forward) {
    g_mutex_lock (&forward->lock);
    stats = forward->last;
    if (forward->forwarder)
      anpr_forwarder_get_stats (forward->forwarder, &stats);
    g_mutex_unlock (&forward->lock);
  }
  add_stats (structure, &stats);
}
