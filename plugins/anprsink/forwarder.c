/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Brings what is in a spool to the centre.
 *
 * One thread a spool does everything in turn: reads a batch, hands it to
 * anpr.ingest(), writes down what the centre answered. It has a spool handle
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
 * Faults. Whatever fails on the way, the connection is given up and all of it
 * begins anew after a pause (backoff.c): name, server, login and rights may have
 * changed. A fault of the spool closes the spool alone (forwardspool.c).
 * Records the centre refuses are set apart in the spool, and the rest goes on.
 * While there is nothing to send the connection is tried now and then, so that
 * the state told is true.
 *
 * Memory: one batch, in the spool's form, in ours and in libpq's: three times
 * BYTES_OF (MAX_LEVEL), or three times the largest passage.
 */

#include "forwarder.h"

#include "backoff.h"
#include "forwardspool.h"
#include "../record/error.h"

/* Milliseconds: a batch may take the whole time limit, anything else this */
#define SHORT_TIMEOUT 10000
/* after which the server itself ends a batch that nobody waits for any more */
#define SERVER_TIMEOUT 120000

/* Microseconds. How often the spool is looked at for what another process kept,
 * and how often its backlog is counted. */
#define LOOK_INTERVAL (G_USEC_PER_SEC / 4)
#define COUNT_INTERVAL G_USEC_PER_SEC
#define PING_INTERVAL (15 * G_USEC_PER_SEC)

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
  AnprCentralAddress *address;
  GError *address_fault;
  gboolean once;
  guint timeout; /* milliseconds */
  AnprForwarderListener listener;
  gpointer user_data;
  GThread *thread;
  GCancellable *cancellable;

  GMutex lock;
  GCond wake;
  gboolean woken;
  gboolean stopping;
  AnprForwarderStats stats;

  /* of the thread only */
  AnprForwardSpool *spool;
  AnprCentralConnection *connection;
  guint level;
  guint failures; /* in a row */
  gint64 used_at; /* when the centre answered last */
  gint64 counted_at;
  gchar *last_refusal;
  gchar *last_note;
};

/* --- what is told --- */

static const gchar *const consequence =
    "passages stay in the spool and are sent when it works again";

static void
set_state (AnprForwarder *forwarder, AnprForwarderState state,
    const gchar *reason, gboolean *changed)
{
  AnprForwarderStats stats;

  g_mutex_lock (&forwarder->lock);
  /* codes are static strings, one each */
  *changed =
      forwarder->stats.state != state || forwarder->stats.reason != reason;
  forwarder->stats.state = state;
  forwarder->stats.reason = reason;
  stats = forwarder->stats;
  g_mutex_unlock (&forwarder->lock);
  if (*changed)
    forwarder->listener.changed (&stats, forwarder->user_data);
}

static void
count_backlog (AnprForwarder *forwarder)
{
  gint64 now = g_get_monotonic_time ();
  AnprSpoolBacklog backlog;

  if (now < forwarder->counted_at + COUNT_INTERVAL
      || !anpr_forward_spool_count (forwarder->spool, &backlog))
    return;
  forwarder->counted_at = now;
  g_mutex_lock (&forwarder->lock);
  forwarder->stats.waiting = backlog.rows;
  forwarder->stats.waiting_hits = backlog.rows_with_hits;
  forwarder->stats.waiting_bytes = backlog.bytes;
  forwarder->stats.set_apart = backlog.refused;
  forwarder->stats.oldest_utc = backlog.oldest_utc;
  g_mutex_unlock (&forwarder->lock);
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
  g_autoptr (GError) error = NULL;

  if (g_strcmp0 (reason, forwarder->last_refusal) == 0)
    return;
  g_free (forwarder->last_refusal);
  forwarder->last_refusal = g_strdup (reason);
  error = g_error_new (ANPR_ERROR, ANPR_ERROR_CENTRAL_REFUSED,
      "The centre refuses passage %" G_GUINT64_FORMAT " of position \"%s\": %s",
      delivery->sequence, delivery->position, reason);
  forwarder->listener.failed (error,
      "it is set apart, as are others for the same reason; the rest goes on",
      forwarder->user_data);
}

/* A passage that was kept without one of its stills */
static void
tell_note (AnprForwarder *forwarder, const AnprSpoolDelivery *delivery,
    const gchar *note)
{
  g_autoptr (GError) error = NULL;

  if (!note || g_strcmp0 (note, forwarder->last_note) == 0)
    return;
  g_free (forwarder->last_note);
  forwarder->last_note = g_strdup (note);
  error = g_error_new (ANPR_ERROR, ANPR_ERROR_CENTRAL_REFUSED,
      "Passage %" G_GUINT64_FORMAT " of position \"%s\": %s",
      delivery->sequence, delivery->position, note);
  forwarder->listener.failed (
      error, "the passage itself is delivered", forwarder->user_data);
}

static void
take_written (const AnprSpoolDelivery *delivery, const AnprIngestAnswer *answer,
    gpointer user_data)
{
  AnprForwarder *forwarder = user_data;

  g_mutex_lock (&forwarder->lock);
  forwarder->stats.delivered += answer->outcome == ANPR_INGEST_KEPT;
  forwarder->stats.already += answer->outcome == ANPR_INGEST_ALREADY;
  forwarder->stats.refused += answer->outcome == ANPR_INGEST_REFUSED;
  g_mutex_unlock (&forwarder->lock);
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

static gboolean
connect_to_centre (AnprForwarder *forwarder, GError **error)
{
  if (forwarder->connection)
    return TRUE;
  if (forwarder->address_fault) {
    g_propagate_error (error, g_error_copy (forwarder->address_fault));
    return FALSE;
  }
  forwarder->connection = anpr_central_connection_new (forwarder->address,
      MIN (forwarder->timeout, SHORT_TIMEOUT), forwarder->cancellable, error);
  if (!forwarder->connection
      || !anpr_central_connection_set_statement_timeout (
          forwarder->connection, SERVER_TIMEOUT, forwarder->cancellable, error))
    return FALSE;
  forwarder->used_at = g_get_monotonic_time ();
  g_mutex_lock (&forwarder->lock);
  forwarder->stats.connects++;
  g_mutex_unlock (&forwarder->lock);
  return TRUE;
}

/* Whether the centre is still there, when nothing was asked of it for a while */
static gboolean
ping (AnprForwarder *forwarder, GError **error)
{
  gint64 now = g_get_monotonic_time ();

  if (now < forwarder->used_at + PING_INTERVAL)
    return TRUE;
  if (!anpr_central_execute (forwarder->connection, "SELECT",
          MIN (forwarder->timeout, SHORT_TIMEOUT), forwarder->cancellable,
          error))
    return FALSE;
  forwarder->used_at = g_get_monotonic_time ();
  return TRUE;
}

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
send_batch (AnprForwarder *forwarder, GPtrArray *batch, GError **error)
{
  gsize bytes = anpr_forward_spool_get_bytes (forwarder->spool);
  guint timeout = forwarder->timeout;
  gint64 start = g_get_monotonic_time ();
  GError *reason = NULL;
  gboolean good;

  if (batch->len == 1)
    timeout += (guint) (bytes * 1000 / SLOWEST_LINE);
  good = anpr_ingest (forwarder->connection, batch,
      anpr_forward_spool_get_answers (forwarder->spool), timeout,
      forwarder->cancellable, &reason);
  adapt (forwarder, batch->len, bytes, g_get_monotonic_time () - start, good);
  if (good) {
    forwarder->used_at = g_get_monotonic_time ();
    g_mutex_lock (&forwarder->lock);
    forwarder->stats.batches++;
    g_mutex_unlock (&forwarder->lock);
    return TRUE;
  }
  /* none goes through: among more of them one may, and then it is known which
   * of them are to blame */
  if (g_error_matches (reason, ANPR_ERROR, ANPR_ERROR_CENTRAL_REFUSED))
    forwarder->level = MIN (forwarder->level + 1, MAX_LEVEL);
  g_propagate_error (error, reason);
  return FALSE;
}

/* One round. ret_more: whether there may be more to send at once. */
static gboolean
do_round (AnprForwarder *forwarder, gboolean *ret_more, GError **error)
{
  GPtrArray *batch;

  *ret_more = FALSE;
  if (!anpr_forward_spool_open (forwarder->spool, error)
      || !write_answers (forwarder, error)
      || !connect_to_centre (forwarder, error)
      || !anpr_forward_spool_read (forwarder->spool, ROWS_OF (forwarder->level),
          BYTES_OF (forwarder->level), error))
    return FALSE;
  batch = anpr_forward_spool_get_batch (forwarder->spool);
  if (!batch)
    return ping (forwarder, error);
  *ret_more = TRUE;
  return send_batch (forwarder, batch, error)
         && write_answers (forwarder, error);
}

/* --- the thread --- */

static gboolean
is_stopping (AnprForwarder *forwarder)
{
  gboolean stopping;

  g_mutex_lock (&forwarder->lock);
  stopping = forwarder->stopping;
  g_mutex_unlock (&forwarder->lock);
  return stopping;
}

/* Returns at `until` (monotonic), when it is to stop, or if `early` when woken */
static void
wait_until (AnprForwarder *forwarder, gint64 until, gboolean early)
{
  g_mutex_lock (&forwarder->lock);
  while (!forwarder->stopping && !(early && forwarder->woken)
         && g_cond_wait_until (&forwarder->wake, &forwarder->lock, until))
    ;
  forwarder->woken = FALSE;
  g_mutex_unlock (&forwarder->lock);
}

static void
round_worked (AnprForwarder *forwarder, gboolean more)
{
  gboolean changed;

  forwarder->failures = 0;
  if (more)
    count_backlog (forwarder);
  else
    recount_backlog (forwarder);
  set_state (forwarder, ANPR_FORWARDER_DELIVERING, "", &changed);
}

static gboolean
is_spool_fault (const GError *error)
{
  return g_str_has_prefix (anpr_error_name (error), "ANPR-SPOOL-");
}

static void
round_failed (AnprForwarder *forwarder, const GError *error)
{
  gboolean changed;

  if (is_spool_fault (error)) {
    /* answers stay: they are written when the spool works again */
    anpr_forward_spool_close (forwarder->spool);
  } else {
    g_clear_pointer (&forwarder->connection, anpr_central_connection_free);
    recount_backlog (forwarder);
  }
  forwarder->failures++;
  g_mutex_lock (&forwarder->lock);
  forwarder->stats.failures++;
  g_mutex_unlock (&forwarder->lock);
  set_state (
      forwarder, ANPR_FORWARDER_WAITING, anpr_error_name (error), &changed);
  if (changed)
    forwarder->listener.failed (error, consequence, forwarder->user_data);
}

static gboolean
work (AnprForwarder *forwarder)
{
  g_autoptr (GError) error = NULL;
  gboolean more;

  if (do_round (forwarder, &more, &error)) {
    round_worked (forwarder, more);
    if (more)
      return TRUE;
    if (!forwarder->once)
      wait_until (forwarder, g_get_monotonic_time () + LOOK_INTERVAL, TRUE);
    return !forwarder->once;
  }
  /* answers that are known already, when the rest of the batch is not */
  if (!is_spool_fault (error) && !write_answers (forwarder, NULL))
    anpr_forward_spool_close (forwarder->spool);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return FALSE;
  round_failed (forwarder, error);
  if (forwarder->once)
    return FALSE;
  wait_until (forwarder,
      g_get_monotonic_time ()
          + anpr_backoff_pause (forwarder->failures, g_random_double ()),
      FALSE);
  return TRUE;
}

static gpointer
run (gpointer user_data)
{
  AnprForwarder *forwarder = user_data;
  gboolean changed;

  set_state (forwarder, ANPR_FORWARDER_CONNECTING, "", &changed);
  while (!is_stopping (forwarder) && work (forwarder))
    ;
  g_clear_pointer (&forwarder->connection, anpr_central_connection_free);
  anpr_forward_spool_close (forwarder->spool);
  forwarder->listener.ended (forwarder->user_data);
  return NULL;
}

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
  forwarder->address =
      anpr_central_address_parse (settings->address, &forwarder->address_fault);
  forwarder->once = settings->once;
  forwarder->timeout =
      1000 * (settings->timeout ? settings->timeout : ANPR_FORWARDER_TIMEOUT);
  forwarder->listener = *listener;
  forwarder->user_data = user_data;
  forwarder->cancellable = g_cancellable_new ();
  forwarder->level = FIRST_LEVEL;
  forwarder->stats.reason = "";
  g_mutex_init (&forwarder->lock);
  g_cond_init (&forwarder->wake);
  forwarder->thread = g_thread_new ("anpr-forward", run, forwarder);
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
  g_mutex_lock (&forwarder->lock);
  forwarder->stopping = TRUE;
  g_cond_broadcast (&forwarder->wake);
  g_mutex_unlock (&forwarder->lock);
  g_cancellable_cancel (forwarder->cancellable);
  (void) g_thread_join (forwarder->thread);
  *last = forwarder->stats;
  last->state = ANPR_FORWARDER_OFF;
  last->reason = "";
  g_object_unref (forwarder->cancellable);
  anpr_central_address_free (forwarder->address);
  g_clear_error (&forwarder->address_fault);
  g_mutex_clear (&forwarder->lock);
  g_cond_clear (&forwarder->wake);
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
  g_mutex_lock (&forwarder->lock);
  forwarder->woken = TRUE;
  g_cond_broadcast (&forwarder->wake);
  g_mutex_unlock (&forwarder->lock);
}

/**
 * anpr_forwarder_get_stats: (skip)
 * @forwarder: a forwarder
 * @stats: (out): as of now; any thread
 */
void
anpr_forwarder_get_stats (AnprForwarder *forwarder, AnprForwarderStats *stats)
{
  g_mutex_lock (&forwarder->lock);
  *stats = forwarder->stats;
  g_mutex_unlock (&forwarder->lock);
}
