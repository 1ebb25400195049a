/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Brings what is in a spool to the centre.
 *
 * One thread a spool (carrier.c) does everything in turn: reads a batch, hands it
 * to anpr.ingest(), writes down what the centre answered. It has a spool handle
 * and a connection of its own, so it may be a thread of the process that keeps
 * or another process. Callers never wait for it: they wake it, read its numbers
 * or end it, which interrupts whatever it waits for on the network.
 *
 * Once, and nothing lost. A passage is acknowledged in the spool when the answer
 * has come, which is after the centre's commit. What happens in between, a
 * killed process or a broken line, makes the same passage be sent again; the
 * centre knows it by its id and says "already". Answers that could not be
 * written to the spool are kept here and written first of all.
 *
 * Order. The spool hands out hits first, then each position in the order of its
 * numbers. A hit that comes while a backlog is sent waits for the batch under
 * way only, and batches are made so that one takes a fraction of a second:
 * their size (LEVEL) grows while they are quick and shrinks when they are slow
 * or fail after a long wait.
 *
 * Faults. Whatever fails on the way, the carrier begins anew after a pause. A
 * fault of the spool closes the spool alone (forwardspool.c), not the connection.
 * Records the centre refuses are set apart in the spool, and the rest goes on.
 * While there is nothing to send the connection is tried now and then, so that
 * the state told is true.
 *
 * Memory: one batch, in the spool's form, in ours and in libpq's: three times
 * BYTES_OF (MAX_LEVEL), or three times the largest passage.
 */

#include "forwarder.h"

#include "carrier.h"
#include "forwardspool.h"
#include "../record/error.h"

/* Microseconds. How often the spool is looked at for what another process kept,
 * and how often its backlog is counted. */
/* for a spool that is not there at the start to be made */
#define SPOOL_TO_COME (5 * G_USEC_PER_SEC)
#define LOOK_INTERVAL (G_USEC_PER_SEC / 4)
#define COUNT_INTERVAL G_USEC_PER_SEC

/* Of a batch, by its level */
#define MAX_LEVEL 8
#define FIRST_LEVEL 3
#define ROWS_OF(level) (2U << (level))
#define BYTES_OF(level) ((gsize) (32 << 10) << (level))

/* Microseconds a batch takes: twice as much would take no more than SLOW below
 * the one, half as much is sent above the other */
#define QUICK (SLOW / 2)
#define SLOW G_USEC_PER_SEC
/* A batch that failed after so long may have been too large for the line */
#define LONG_WAIT (5 * G_USEC_PER_SEC)

/* The slowest line on which a single passage still gets through, bytes/s */
#define SLOWEST_LINE 2048

struct _AnprForwarder {
  AnprCarrier *carrier;

  /* of the carrier's thread only */
  AnprForwardSpool *spool;
  guint level;
  gint64 started; /* monotonic */
  gint64 counted_at;
  gchar *last_refusal;
  gchar *last_note;
};

/* --- what is told --- */

static void
count_backlog (AnprForwarder *forwarder)
{
  gint64 now = g_get_monotonic_time ();
  AnprForwarderStats *stats;
  AnprSpoolBacklog backlog;

  if (now < forwarder->counted_at + COUNT_INTERVAL
      || !anpr_forward_spool_count (forwarder->spool, &backlog))
    return;
  forwarder->counted_at = now;
  stats = anpr_carrier_lock_stats (forwarder->carrier);
  stats->waiting = backlog.rows;
  stats->waiting_hits = backlog.rows_with_hits;
  stats->waiting_bytes = backlog.bytes;
  stats->set_apart = backlog.refused;
  stats->oldest_utc = backlog.oldest_utc;
  anpr_carrier_unlock_stats (forwarder->carrier);
}

static void
recount_backlog (AnprForwarder *forwarder)
{
  forwarder->counted_at = 0;
  count_backlog (forwarder);
}

static void
tell_refusal (AnprForwarder *forwarder, const AnprSpoolDelivery *delivery,
    const gchar *reason)
{
  anpr_carrier_tell_refusal (forwarder->carrier, &forwarder->last_refusal,
      reason,
      "it is set apart, as are others for the same reason; the rest goes on",
      "The centre refuses passage %" G_GUINT64_FORMAT " of position \"%s\": %s",
      delivery->sequence, delivery->position, reason);
}

/* A passage that was kept without one of its stills */
static void
tell_note (AnprForwarder *forwarder, const AnprSpoolDelivery *delivery,
    const gchar *note)
{
  if (note)
    anpr_carrier_tell_refusal (forwarder->carrier, &forwarder->last_note, note,
        "the passage itself is delivered",
        "Passage %" G_GUINT64_FORMAT " of position \"%s\": %s",
        delivery->sequence, delivery->position, note);
}

static void
take_written (const AnprSpoolDelivery *delivery, const AnprIngestAnswer *answer,
    gpointer user_data)
{
  AnprForwarder *forwarder = user_data;
  AnprForwarderStats *stats = anpr_carrier_lock_stats (forwarder->carrier);

  stats->delivered += answer->outcome == ANPR_INGEST_KEPT;
  stats->already += answer->outcome == ANPR_INGEST_ALREADY;
  stats->refused += answer->outcome == ANPR_INGEST_REFUSED;
  anpr_carrier_unlock_stats (forwarder->carrier);
  if (answer->outcome == ANPR_INGEST_REFUSED)
    tell_refusal (forwarder, delivery, answer->reason);
  else
    tell_note (forwarder, delivery, answer->reason);
}

static gboolean
write_answers (AnprForwarder *forwarder, GError **error)
{
  return anpr_forward_spool_write_answers (
      forwarder->spool, take_written, forwarder, error);
}

/* --- centre --- */

/* Small batches say nothing about how large ones would do. */
static void
adapt (AnprForwarder *forwarder, guint rows, gsize bytes, gint64 took,
    gboolean good)
{
  guint *level = &forwarder->level;
  gboolean full = rows == ROWS_OF (*level) || bytes > BYTES_OF (*level) / 2;

  if (!good && took >= LONG_WAIT)
    *level -= MIN (*level, 2);
  else if (good && took > SLOW && *level > 0)
    (*level)--;
  else if (good && took < QUICK && full && *level < MAX_LEVEL)
    (*level)++;
}

/* Sends the batch. What was answered before something failed counts. */
static gboolean
send_batch (AnprForwarder *forwarder, GPtrArray *batch,
    AnprCentralConnection *connection, GError **error)
{
  gsize bytes = anpr_forward_spool_get_bytes (forwarder->spool);
  guint timeout = anpr_carrier_get_timeout (forwarder->carrier);
  gint64 start = g_get_monotonic_time ();
  GError *reason = NULL;
  gboolean good;

  if (batch->len == 1)
    timeout += (guint) (bytes * 1000 / SLOWEST_LINE);
  good = anpr_ingest (connection, batch,
      anpr_forward_spool_get_answers (forwarder->spool), timeout,
      anpr_carrier_get_cancellable (forwarder->carrier), &reason);
  adapt (forwarder, batch->len, bytes, g_get_monotonic_time () - start, good);
  if (good) {
    anpr_carrier_answered (forwarder->carrier);
    return TRUE;
  }
  /* none goes through: among more of them one may, and then it is known which
   * of them are to blame */
  if (g_error_matches (reason, ANPR_ERROR, ANPR_ERROR_CENTRAL_REFUSED))
    forwarder->level = MIN (forwarder->level + 1, MAX_LEVEL);
  g_propagate_error (error, reason);
  return FALSE;
}

/* Who keeps makes the file, and may have started with this one just now */
static gboolean
is_spool_to_come (AnprForwarder *forwarder)
{
  return !anpr_carrier_is_once (forwarder->carrier)
         && !anpr_forward_spool_exists (forwarder->spool)
         && g_get_monotonic_time () < forwarder->started + SPOOL_TO_COME;
}

static gboolean
is_spool_fault (const GError *error)
{
  return g_str_has_prefix (anpr_error_name (error), "ANPR-SPOOL-");
}

/* --- the carrier's work --- */

static gboolean
do_round (gpointer load, gboolean *ret_more, GError **error)
{
  AnprForwarder *forwarder = load;
  AnprCentralConnection *connection;
  GPtrArray *batch;

  if (is_spool_to_come (forwarder))
    return anpr_carrier_connect (forwarder->carrier, error)
           && anpr_carrier_ping (forwarder->carrier, error);
  if (!anpr_forward_spool_open (forwarder->spool, error)
      || !write_answers (forwarder, error))
    return FALSE;
  connection = anpr_carrier_connect (forwarder->carrier, error);
  if (!connection
      || !anpr_forward_spool_read (forwarder->spool, ROWS_OF (forwarder->level),
          BYTES_OF (forwarder->level), error))
    return FALSE;
  batch = anpr_forward_spool_get_batch (forwarder->spool);
  if (!batch)
    return anpr_carrier_ping (forwarder->carrier, error);
  *ret_more = TRUE;
  return send_batch (forwarder, batch, connection, error)
         && write_answers (forwarder, error);
}

static void
round_worked (gpointer load, gboolean more)
{
  AnprForwarder *forwarder = load;

  if (more)
    count_backlog (forwarder);
  else
    recount_backlog (forwarder);
}

static gboolean
round_failed (gpointer load, const GError *error)
{
  AnprForwarder *forwarder = load;

  if (is_spool_fault (error)) {
    /* answers stay: they are written when the spool works again */
    anpr_forward_spool_close (forwarder->spool);
    return FALSE;
  }
  /* answers that are known already, when the rest of the batch is not */
  if (!write_answers (forwarder, NULL))
    anpr_forward_spool_close (forwarder->spool);
  recount_backlog (forwarder);
  return TRUE;
}

static void
close_spool (gpointer load)
{
  AnprForwarder *forwarder = load;

  anpr_forward_spool_close (forwarder->spool);
}

static const AnprCarrierWork passages = {
  .round = do_round,
  .worked = round_worked,
  .failed = round_failed,
  .ended = close_spool,
  .consequence = "passages stay in the spool and are sent when it works again",
  .interval = LOOK_INTERVAL,
};

/* --- callers --- */

/**
 * anpr_forwarder_new: (skip)
 * @settings: copied
 * @listener: copied; all functions are set
 * @user_data: for @listener
 *
 * Starts the thread; waits for neither disk nor network. An address that is
 * none is a state like any other fault.
 *
 * Returns: (transfer full): a forwarder
 */
AnprForwarder *
anpr_forwarder_new (const AnprForwarderSettings *settings,
    const AnprForwarderListener *listener, gpointer user_data)
{
  AnprForwarder *forwarder = g_new0 (AnprForwarder, 1);

  forwarder->spool = anpr_forward_spool_new (settings->location, settings->key);
  forwarder->level = FIRST_LEVEL;
  forwarder->started = g_get_monotonic_time ();
  forwarder->carrier =
      anpr_carrier_new (settings, listener, user_data, &passages, forwarder);
  anpr_carrier_start (forwarder->carrier, "anpr-forward");
  return forwarder;
}

/**
 * anpr_forwarder_free: (skip)
 * @forwarder: (transfer full): a forwarder no other thread uses any more
 * @last: (out): what it has done
 *
 * Ends it at once: waits for the disk at most. What is on its way to the centre
 * is sent again the next time, unless its answer was here.
 */
void
anpr_forwarder_free (AnprForwarder *forwarder, AnprForwarderStats *last)
{
  anpr_carrier_end (forwarder->carrier, last);
  anpr_carrier_free (forwarder->carrier);
  g_free (forwarder->last_refusal);
  g_free (forwarder->last_note);
  anpr_forward_spool_free (forwarder->spool);
  g_free (forwarder);
}

/**
 * anpr_forwarder_wake: (skip)
 * @forwarder: a forwarder
 *
 * Something was kept; any thread. It does not shorten the pause after a fault.
 */
void
anpr_forwarder_wake (AnprForwarder *forwarder)
{
  anpr_carrier_wake (forwarder->carrier);
}

/**
 * anpr_forwarder_get_stats: (skip)
 * @forwarder: a forwarder
 * @stats: (out): as of now; any thread
 */
void
anpr_forwarder_get_stats (AnprForwarder *forwarder, AnprForwarderStats *stats)
{
  anpr_carrier_get_stats (forwarder->carrier, stats);
}
