/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The thread that carries something to the centre: passages out of a spool
 * (forwarder.c), decisions out of the page's file.
 *
 * Rounds   One after the other, at once while there is more, else after the
 *          work's interval or when the carrier is woken.
 * Faults   Whatever fails, the connection is given up, unless the fault is not
 *          its own, and all begins anew after a pause (backoff.c): name, server,
 *          login and rights may have changed. With @once the first fault is the
 *          end. A fault is told once for each change.
 * Ending   Interrupts whatever the thread waits for on the network, and waits for
 *          the disk at most.
 *
 * The lock guards numbers and wishes; it is never held over work, listener,
 * network or disk. Everything else is the thread's own.
 */

#include "carrier.h"

#include "backoff.h"
#include "../record/error.h"

/* Milliseconds: for what is no batch */
#define SHORT_TIMEOUT 10000
/* after which the server itself ends what nobody waits for any more */
#define SERVER_TIMEOUT 120000
/* Microseconds without an answer after which the centre is asked for one */
#define PING_INTERVAL (15 * G_USEC_PER_SEC)

struct _AnprCarrier {
  AnprCentralAddress *address;
  GError *address_fault;
  gboolean once;
  guint timeout; /* milliseconds */
  AnprForwarderListener listener;
  gpointer user_data;
  AnprCarrierWork work;
  gpointer load;
  GThread *thread;
  GCancellable *cancellable;

  GMutex lock;
  GCond wake;
  gboolean woken;
  gboolean stopping;
  AnprForwarderStats stats;

  /* of the thread only */
  AnprCentralConnection *connection;
  guint failures; /* in a row */
  gint64 used_at; /* monotonic, when the centre answered last */
};

/* --- numbers and what is told --------------------------------------------- */

/**
 * anpr_carrier_lock_stats: (skip)
 * @carrier: a carrier
 *
 * Returns: (transfer none): its numbers, to be changed, until
 *     anpr_carrier_unlock_stats()
 */
AnprForwarderStats *
anpr_carrier_lock_stats (AnprCarrier *carrier)
{
  g_mutex_lock (&carrier->lock);
  return &carrier->stats;
}

/**
 * anpr_carrier_unlock_stats: (skip)
 * @carrier: a carrier whose numbers are locked
 */
void
anpr_carrier_unlock_stats (AnprCarrier *carrier)
{
  g_mutex_unlock (&carrier->lock);
}

/**
 * anpr_carrier_get_stats: (skip)
 * @carrier: a carrier
 * @stats: (out): as of now; any thread
 */
void
anpr_carrier_get_stats (AnprCarrier *carrier, AnprForwarderStats *stats)
{
  *stats = *anpr_carrier_lock_stats (carrier);
  anpr_carrier_unlock_stats (carrier);
}

/* Returns whether it is another state */
static gboolean
set_state (AnprCarrier *carrier, AnprForwarderState state, const gchar *reason)
{
  AnprForwarderStats *stats = anpr_carrier_lock_stats (carrier);
  /* codes are static strings, one each */
  gboolean changed = stats->state != state || stats->reason != reason;
  AnprForwarderStats now;

  stats->state = state;
  stats->reason = reason;
  now = *stats;
  anpr_carrier_unlock_stats (carrier);
  if (changed)
    carrier->listener.changed (&now, carrier->user_data);
  return changed;
}

/**
 * anpr_carrier_tell_refusal: (skip)
 * @carrier: a carrier
 * @last: (inout): the reason that was told last
 * @reason: of this one; the same as the last is not told again
 * @consequence: for people
 * @format: what the centre refuses, and why
 */
void
anpr_carrier_tell_refusal (AnprCarrier *carrier, gchar **last,
    const gchar *reason, const gchar *consequence, const gchar *format, ...)
{
  g_autoptr (GError) error = NULL;
  va_list arguments;

  if (g_strcmp0 (reason, *last) == 0)
    return;
  g_free (*last);
  *last = g_strdup (reason);
  va_start (arguments, format);
  error = g_error_new_valist (
      ANPR_ERROR, ANPR_ERROR_CENTRAL_REFUSED, format, arguments);
  va_end (arguments);
  carrier->listener.failed (error, consequence, carrier->user_data);
}

/* --- the centre ----------------------------------------------------------- */

/**
 * anpr_carrier_is_once: (skip)
 *
 * Returns: whether it ends by itself
 */
gboolean
anpr_carrier_is_once (const AnprCarrier *carrier)
{
  return carrier->once;
}

/**
 * anpr_carrier_get_timeout: (skip)
 *
 * Returns: for a batch, milliseconds
 */
guint
anpr_carrier_get_timeout (const AnprCarrier *carrier)
{
  return carrier->timeout;
}

/**
 * anpr_carrier_get_cancellable: (skip)
 *
 * Returns: (transfer none): cancelled when the carrier is to end
 */
GCancellable *
anpr_carrier_get_cancellable (const AnprCarrier *carrier)
{
  return carrier->cancellable;
}

static guint
short_timeout (const AnprCarrier *carrier)
{
  return MIN (carrier->timeout, SHORT_TIMEOUT);
}

static gboolean
make_connection (AnprCarrier *carrier, GError **error)
{
  if (carrier->address_fault) {
    g_propagate_error (error, g_error_copy (carrier->address_fault));
    return FALSE;
  }
  carrier->connection = anpr_central_connection_new (
      carrier->address, short_timeout (carrier), carrier->cancellable, error);
  return carrier->connection
         && anpr_central_connection_set_statement_timeout (
             carrier->connection, SERVER_TIMEOUT, carrier->cancellable, error);
}

/**
 * anpr_carrier_connect: (skip)
 * @carrier: a carrier
 * @error: why it could not be reached
 *
 * Returns: (transfer none) (nullable): the connection there is, or a new one
 */
AnprCentralConnection *
anpr_carrier_connect (AnprCarrier *carrier, GError **error)
{
  if (carrier->connection)
    return carrier->connection;
  if (!make_connection (carrier, error)) {
    anpr_carrier_disconnect (carrier);
    return NULL;
  }
  carrier->used_at = g_get_monotonic_time ();
  anpr_carrier_lock_stats (carrier)->connects++;
  anpr_carrier_unlock_stats (carrier);
  return carrier->connection;
}

/**
 * anpr_carrier_disconnect: (skip)
 * @carrier: a carrier
 */
void
anpr_carrier_disconnect (AnprCarrier *carrier)
{
  g_clear_pointer (&carrier->connection, anpr_central_connection_free);
}

/**
 * anpr_carrier_answered: (skip)
 * @carrier: a carrier whose batch the centre has answered
 */
void
anpr_carrier_answered (AnprCarrier *carrier)
{
  carrier->used_at = g_get_monotonic_time ();
  anpr_carrier_lock_stats (carrier)->batches++;
  anpr_carrier_unlock_stats (carrier);
}

/**
 * anpr_carrier_ping: (skip)
 * @carrier: a carrier that is connected
 * @error: why not
 *
 * Returns: whether the centre is still there, when nothing was asked of it for a
 *     while
 */
gboolean
anpr_carrier_ping (AnprCarrier *carrier, GError **error)
{
  if (g_get_monotonic_time () < carrier->used_at + PING_INTERVAL)
    return TRUE;
  if (!anpr_central_execute (carrier->connection, "SELECT",
          short_timeout (carrier), carrier->cancellable, error))
    return FALSE;
  carrier->used_at = g_get_monotonic_time ();
  return TRUE;
}

/* --- the thread ----------------------------------------------------------- */

static gboolean
is_stopping (AnprCarrier *carrier)
{
  gboolean stopping;

  g_mutex_lock (&carrier->lock);
  stopping = carrier->stopping;
  g_mutex_unlock (&carrier->lock);
  return stopping;
}

/* Returns after `pause`, when it is to stop, or if `early` when woken */
static void
wait_for (AnprCarrier *carrier, gint64 pause, gboolean early)
{
  gint64 until = g_get_monotonic_time () + pause;

  g_mutex_lock (&carrier->lock);
  while (!carrier->stopping && !(early && carrier->woken)
         && g_cond_wait_until (&carrier->wake, &carrier->lock, until))
    ;
  carrier->woken = FALSE;
  g_mutex_unlock (&carrier->lock);
}

static void
round_worked (AnprCarrier *carrier, gboolean more)
{
  carrier->failures = 0;
  if (carrier->work.worked)
    carrier->work.worked (carrier->load, more);
  (void) set_state (carrier, ANPR_FORWARDER_DELIVERING, "");
}

static void
round_failed (AnprCarrier *carrier, const GError *error)
{
  carrier->failures++;
  anpr_carrier_lock_stats (carrier)->failures++;
  anpr_carrier_unlock_stats (carrier);
  if (set_state (carrier, ANPR_FORWARDER_WAITING, anpr_error_name (error)))
    carrier->listener.failed (
        error, carrier->work.consequence, carrier->user_data);
}

/* One round and the pause behind it. Returns FALSE when it is to end. */
static gboolean
go_round (AnprCarrier *carrier)
{
  g_autoptr (GError) error = NULL;
  gboolean more = FALSE;

  if (carrier->work.round (carrier->load, &more, &error)) {
    round_worked (carrier, more);
    if (!more && !carrier->once)
      wait_for (carrier, carrier->work.interval, TRUE);
    return more || !carrier->once;
  }
  if (carrier->work.failed (carrier->load, error))
    anpr_carrier_disconnect (carrier);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return FALSE;
  round_failed (carrier, error);
  if (carrier->once)
    return FALSE;
  wait_for (carrier, anpr_backoff_pause (carrier->failures, g_random_double ()),
      FALSE);
  return TRUE;
}

static gpointer
run (gpointer user_data)
{
  AnprCarrier *carrier = user_data;

  (void) set_state (carrier, ANPR_FORWARDER_CONNECTING, "");
  while (!is_stopping (carrier) && go_round (carrier))
    ;
  anpr_carrier_disconnect (carrier);
  carrier->work.ended (carrier->load);
  carrier->listener.ended (carrier->user_data);
  return NULL;
}

/* --- callers -------------------------------------------------------------- */

/**
 * anpr_carrier_new: (skip)
 * @settings: copied; @location and @key are the work's own affair
 * @listener: copied; all functions are set
 * @user_data: for @listener
 * @work: copied
 * @load: for @work
 *
 * An address that is none is a fault like any other.
 *
 * Returns: (transfer full): a carrier that has not begun
 */
AnprCarrier *
anpr_carrier_new (const AnprForwarderSettings *settings,
    const AnprForwarderListener *listener, gpointer user_data,
    const AnprCarrierWork *work, gpointer load)
{
  AnprCarrier *carrier = g_new0 (AnprCarrier, 1);

  carrier->address =
      anpr_central_address_parse (settings->address, &carrier->address_fault);
  carrier->once = settings->once;
  carrier->timeout =
      1000 * (settings->timeout ? settings->timeout : ANPR_FORWARDER_TIMEOUT);
  carrier->listener = *listener;
  carrier->user_data = user_data;
  carrier->work = *work;
  carrier->load = load;
  carrier->cancellable = g_cancellable_new ();
  carrier->stats.reason = "";
  g_mutex_init (&carrier->lock);
  g_cond_init (&carrier->wake);
  return carrier;
}

/**
 * anpr_carrier_start: (skip)
 * @carrier: a carrier that has not begun
 * @name: of its thread
 *
 * Waits for neither disk nor network.
 */
void
anpr_carrier_start (AnprCarrier *carrier, const gchar *name)
{
  carrier->thread = g_thread_new (name, run, carrier);
}

/**
 * anpr_carrier_end: (skip)
 * @carrier: a carrier no other thread uses any more
 * @last: (out): what it has done
 *
 * Ends its thread at once: waits for the disk at most.
 */
void
anpr_carrier_end (AnprCarrier *carrier, AnprForwarderStats *last)
{
  g_mutex_lock (&carrier->lock);
  carrier->stopping = TRUE;
  g_cond_broadcast (&carrier->wake);
  g_mutex_unlock (&carrier->lock);
  g_cancellable_cancel (carrier->cancellable);
  (void) g_thread_join (g_steal_pointer (&carrier->thread));
  *last = carrier->stats;
  last->state = ANPR_FORWARDER_OFF;
  last->reason = "";
}

/**
 * anpr_carrier_free: (skip)
 * @carrier: (transfer full): a carrier that has ended
 */
void
anpr_carrier_free (AnprCarrier *carrier)
{
  g_object_unref (carrier->cancellable);
  anpr_central_address_free (carrier->address);
  g_clear_error (&carrier->address_fault);
  g_mutex_clear (&carrier->lock);
  g_cond_clear (&carrier->wake);
  g_free (carrier);
}

/**
 * anpr_carrier_wake: (skip)
 * @carrier: a carrier
 *
 * There is something to carry; any thread. It does not shorten the pause after a
 * fault.
 */
void
anpr_carrier_wake (AnprCarrier *carrier)
{
  g_mutex_lock (&carrier->lock);
  carrier->woken = TRUE;
  g_cond_broadcast (&carrier->wake);
  g_mutex_unlock (&carrier->lock);
}
