/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Brings decisions about hits, made on the page of the appliance, to the centre.
 *
 * As a passage (plugins/anprsink/forwarder.c), a decision is acknowledged in the
 * page's file when the centre has committed it; killed or cut off in between, it
 * is sent again and the centre says "already". What differs is that they are few,
 * made by people, and that each needs its passage to be at the centre, which
 * another thread brings there. So:
 *
 * One thread. It looks at the file once a second, and goes through all that waits
 * when there is a new decision, when the last time through got any further, and
 * else every RETRY_INTERVAL. A decision whose passage is not there yet waits and
 * holds up none about another hit; of each hit only the oldest that waits is sent,
 * so that they come there in order. It is connected only while something waits.
 *
 * Whatever fails, the connection is given up and all begins anew after a pause
 * that grows, up to half a minute. A centre that has no anpr.ingest_decisions()
 * yet is such a fault: decisions wait until it is migrated, passages do not wait
 * for that. A decision the centre refuses is set apart in the file.
 *
 * The file is the page's, which makes it; until then there is nothing to do.
 */

#include "forwarddecisions.h"

#include "web/decisions.h"
#include "../plugins/anprsink/backoff.h"
#include "../plugins/anprsink/centraladdress.h"
#include "../plugins/anprsink/centralarray.h"
#include "../plugins/anprsink/centralconnection.h"
#include "../plugins/record/clock.h"
#include "../plugins/record/error.h"
#include "../plugins/record/jsonmember.h"

#include <string.h>

/* Milliseconds */
#define CONNECT_TIMEOUT 10000
#define SERVER_TIMEOUT 120000
/* Microseconds */
#define LOOK_INTERVAL G_USEC_PER_SEC
#define RETRY_INTERVAL (2 * G_USEC_PER_SEC)
/* In one call */
#define BATCH 200

static const gchar command[] =
    "SELECT decision, outcome, reason FROM anpr.ingest_decisions ($1)";
enum { DECISION, OUTCOME, REASON, N_COLUMNS };

static const gchar *const consequence =
    "decisions stay on the appliance and are sent when it works again";

struct _AnprDecisionForwarder {
  gchar *path;
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
  gboolean stopping;
  AnprForwarderStats stats;

  /* of the thread only */
  AnprDecisions *decisions;
  AnprCentralConnection *connection;
  guint failures; /* in a row */
  gint64 newest;  /* number of the newest when it went through last */
  gint64 due;     /* monotonic, to go through even if nothing is new */
  gchar *last_refusal;
};

/* --- what is told --------------------------------------------------------- */

static gboolean
set_state (AnprDecisionForwarder *forwarder, AnprForwarderState state,
    const gchar *reason)
{
  AnprForwarderStats stats;
  gboolean changed;

  g_mutex_lock (&forwarder->lock);
  /* codes are static strings, one each */
  changed =
      forwarder->stats.state != state || forwarder->stats.reason != reason;
  forwarder->stats.state = state;
  forwarder->stats.reason = reason;
  stats = forwarder->stats;
  g_mutex_unlock (&forwarder->lock);
  if (changed)
    forwarder->listener.changed (&stats, forwarder->user_data);
  return changed;
}

static void
add_one (AnprDecisionForwarder *forwarder, guint64 *number)
{
  g_mutex_lock (&forwarder->lock);
  ++*number;
  g_mutex_unlock (&forwarder->lock);
}

static gboolean
count (AnprDecisionForwarder *forwarder, AnprDecisionBacklog *backlog,
    GError **error)
{
  if (!anpr_decisions_get_backlog (forwarder->decisions, backlog, error))
    return FALSE;
  g_mutex_lock (&forwarder->lock);
  forwarder->stats.waiting = backlog->waiting;
  forwarder->stats.oldest_utc = backlog->oldest_utc;
  forwarder->stats.set_apart = backlog->refused;
  g_mutex_unlock (&forwarder->lock);
  return TRUE;
}

static void
tell_refusal (AnprDecisionForwarder *forwarder, const AnprDecision *decision,
    const gchar *reason)
{
  g_autoptr (GError) error = NULL;

  add_one (forwarder, &forwarder->stats.refused);
  if (g_strcmp0 (reason, forwarder->last_refusal) == 0)
    return;
  g_free (forwarder->last_refusal);
  forwarder->last_refusal = g_strdup (reason);
  error = g_error_new (ANPR_ERROR, ANPR_ERROR_CENTRAL_REFUSED,
      "The centre refuses the decision of %s on hit %s at position \"%s\": %s",
      decision->user, decision->hit, decision->position, reason);
  forwarder->listener.failed (error,
      "it is set apart, as are others for the same reason; the rest goes on",
      forwarder->user_data);
}

/* --- the centre ----------------------------------------------------------- */

static gboolean
connect_to_centre (AnprDecisionForwarder *forwarder, GError **error)
{
  if (forwarder->connection)
    return TRUE;
  if (forwarder->address_fault) {
    g_propagate_error (error, g_error_copy (forwarder->address_fault));
    return FALSE;
  }
  forwarder->connection = anpr_central_connection_new (forwarder->address,
      MIN (forwarder->timeout, CONNECT_TIMEOUT), forwarder->cancellable, error);
  if (!forwarder->connection
      || !anpr_central_connection_set_statement_timeout (
          forwarder->connection, SERVER_TIMEOUT, forwarder->cancellable, error))
    return FALSE;
  add_one (forwarder, &forwarder->stats.connects);
  return TRUE;
}

/* The same text each time: the centre knows it again by that, too */
static gchar *
make_line (const AnprDecision *decision)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree gchar *utc = anpr_utc_to_string (decision->utc);

  anpr_json_set_text (object, "schema", "anpr.decision/1");
  anpr_json_set_text (object, "id", decision->id);
  anpr_json_set_text (object, "hit", decision->hit);
  anpr_json_set_text (object, "passage", decision->passage);
  anpr_json_set_text (object, "position", decision->position);
  anpr_json_set_text (
      object, "decision", anpr_verdict_to_string (decision->verdict));
  anpr_json_set_text (object, "reason", decision->reason);
  json_object_set_double_member (object, "seconds", decision->seconds);
  anpr_json_set_text (object, "user", decision->user);
  anpr_json_set_text (object, "utc", utc);
  return anpr_json_to_line (object);
}

static PGresult *
call (AnprDecisionForwarder *forwarder, GPtrArray *batch, GError **error)
{
  g_autoptr (AnprCentralArray) lines =
      anpr_central_array_new (ANPR_CENTRAL_TEXTS);

  for (guint i = 0; i < batch->len; i++) {
    g_autofree gchar *line = make_line (g_ptr_array_index (batch, i));

    anpr_central_array_add_text (lines, line);
  }
  return anpr_central_query (forwarder->connection, command,
      (AnprCentralParameter[]){ anpr_central_array_end (lines) }, 1,
      forwarder->timeout, forwarder->cancellable, error);
}

static gboolean
set_unfit (AnprDecisionForwarder *forwarder, GError **error)
{
  g_set_error (error, ANPR_ERROR, ANPR_ERROR_CENTRAL_SCHEMA,
      "Central database at %s: its answer does not fit the decisions sent",
      anpr_central_connection_get_name (forwarder->connection));
  return FALSE;
}

/* Writes one answer down. An answer about another decision would acknowledge what
 * was not kept; only of one that could not be read the id is not told. */
static gboolean
take_row (AnprDecisionForwarder *forwarder, const PGresult *result, gint row,
    const AnprDecision *decision, gboolean *progress, GError **error)
{
  const gchar *outcome = PQgetvalue (result, row, OUTCOME);
  const gchar *reason = PQgetvalue (result, row, REASON);
  gboolean kept = g_str_equal (outcome, "kept");

  if (g_str_equal (outcome, "refused")) {
    if (!anpr_decisions_refuse (
            forwarder->decisions, decision->number, reason, error))
      return FALSE;
    *progress = TRUE;
    tell_refusal (forwarder, decision, reason);
    return TRUE;
  }
  if (g_ascii_strcasecmp (PQgetvalue (result, row, DECISION), decision->id)
      != 0)
    return set_unfit (forwarder, error);
  if (g_str_equal (outcome, "waiting"))
    return TRUE;
  if (!kept && !g_str_equal (outcome, "already"))
    return set_unfit (forwarder, error);
  if (!anpr_decisions_acknowledge (
          forwarder->decisions, decision->number, error))
    return FALSE;
  *progress = TRUE;
  add_one (forwarder,
      kept ? &forwarder->stats.delivered : &forwarder->stats.already);
  return TRUE;
}

static gboolean
send_batch (AnprDecisionForwarder *forwarder, GPtrArray *batch,
    gboolean *progress, GError **error)
{
  g_autoptr (PGresult) result = NULL;

  if (!connect_to_centre (forwarder, error))
    return FALSE;
  result = call (forwarder, batch, error);
  if (!result)
    return FALSE;
  if (PQntuples (result) != (gint) batch->len
      || PQnfields (result) != N_COLUMNS)
    return set_unfit (forwarder, error);
  add_one (forwarder, &forwarder->stats.batches);
  for (guint i = 0; i < batch->len; i++) {
    if (!take_row (forwarder, result, (gint) i, g_ptr_array_index (batch, i),
            progress, error))
      return FALSE;
  }
  return TRUE;
}

/* Once through all that waits */
static gboolean
go_through (
    AnprDecisionForwarder *forwarder, gboolean *progress, GError **error)
{
  gint64 after = 0;

  for (;;) {
    g_autoptr (GPtrArray) batch = anpr_decisions_get_undelivered (
        forwarder->decisions, after, BATCH, error);
    const AnprDecision *last;

    if (!batch)
      return FALSE;
    if (batch->len == 0)
      return TRUE;
    if (!send_batch (forwarder, batch, progress, error))
      return FALSE;
    last = g_ptr_array_index (batch, batch->len - 1);
    after = last->number;
  }
}

/* --- the thread ----------------------------------------------------------- */

static gboolean
open_file (AnprDecisionForwarder *forwarder, GError **error)
{
  if (!forwarder->decisions)
    forwarder->decisions = anpr_decisions_open (forwarder->path, error);
  return forwarder->decisions != NULL;
}

/* One round. ret_more: whether it got any further, so that there may be more. */
static gboolean
do_round (AnprDecisionForwarder *forwarder, gboolean *ret_more, GError **error)
{
  AnprDecisionBacklog backlog;

  *ret_more = FALSE;
  if (!forwarder->decisions
      && !g_file_test (forwarder->path, G_FILE_TEST_EXISTS))
    return TRUE;
  if (!open_file (forwarder, error) || !count (forwarder, &backlog, error))
    return FALSE;
  if (backlog.waiting == 0) {
    g_clear_pointer (&forwarder->connection, anpr_central_connection_free);
    return TRUE;
  }
  if (backlog.newest == forwarder->newest
      && g_get_monotonic_time () < forwarder->due)
    return TRUE;
  if (!go_through (forwarder, ret_more, error))
    return FALSE;
  forwarder->newest = backlog.newest;
  forwarder->due = *ret_more ? 0 : g_get_monotonic_time () + RETRY_INTERVAL;
  return count (forwarder, &backlog, error);
}

static gboolean
is_stopping (AnprDecisionForwarder *forwarder)
{
  gboolean stopping;

  g_mutex_lock (&forwarder->lock);
  stopping = forwarder->stopping;
  g_mutex_unlock (&forwarder->lock);
  return stopping;
}

static void
wait_for (AnprDecisionForwarder *forwarder, gint64 pause)
{
  gint64 until = g_get_monotonic_time () + pause;

  g_mutex_lock (&forwarder->lock);
  while (!forwarder->stopping
         && g_cond_wait_until (&forwarder->wake, &forwarder->lock, until))
    ;
  g_mutex_unlock (&forwarder->lock);
}

static void
round_failed (AnprDecisionForwarder *forwarder, const GError *error)
{
  AnprDecisionBacklog unused;

  g_clear_pointer (&forwarder->connection, anpr_central_connection_free);
  if (g_error_matches (error, ANPR_ERROR, ANPR_ERROR_WEB_LOG))
    g_clear_pointer (&forwarder->decisions, anpr_decisions_close);
  else if (forwarder->decisions)
    (void) count (forwarder, &unused, NULL);
  forwarder->failures++;
  forwarder->due = 0;
  add_one (forwarder, &forwarder->stats.failures);
  if (set_state (forwarder, ANPR_FORWARDER_WAITING, anpr_error_name (error)))
    forwarder->listener.failed (error, consequence, forwarder->user_data);
}

static gboolean
work (AnprDecisionForwarder *forwarder)
{
  g_autoptr (GError) error = NULL;
  gboolean more;

  if (do_round (forwarder, &more, &error)) {
    forwarder->failures = 0;
    (void) set_state (forwarder, ANPR_FORWARDER_DELIVERING, "");
    if (!more && !forwarder->once)
      wait_for (forwarder, LOOK_INTERVAL);
    return more || !forwarder->once;
  }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return FALSE;
  round_failed (forwarder, error);
  if (forwarder->once)
    return FALSE;
  wait_for (
      forwarder, anpr_backoff_pause (forwarder->failures, g_random_double ()));
  return TRUE;
}

static gpointer
run (gpointer user_data)
{
  AnprDecisionForwarder *forwarder = user_data;

  (void) set_state (forwarder, ANPR_FORWARDER_CONNECTING, "");
  while (!is_stopping (forwarder) && work (forwarder))
    ;
  g_clear_pointer (&forwarder->connection, anpr_central_connection_free);
  g_clear_pointer (&forwarder->decisions, anpr_decisions_close);
  forwarder->listener.ended (forwarder->user_data);
  return NULL;
}

/* --- callers -------------------------------------------------------------- */

/**
 * anpr_decision_forwarder_new:
 * @settings: copied; @location is the page's file of decisions, @key is not used
 * @listener: copied; all functions are set
 * @user_data: for @listener
 *
 * Starts the thread; waits for neither disk nor network. With @once it ends when
 * nothing gets any further; decisions whose passage is not at the centre may be
 * left.
 *
 * Returns: (transfer full): a forwarder
 */
AnprDecisionForwarder *
anpr_decision_forwarder_new (const AnprForwarderSettings *settings,
    const AnprForwarderListener *listener, gpointer user_data)
{
  AnprDecisionForwarder *forwarder = g_new0 (AnprDecisionForwarder, 1);

  forwarder->path = g_strdup (settings->location);
  forwarder->address =
      anpr_central_address_parse (settings->address, &forwarder->address_fault);
  forwarder->once = settings->once;
  forwarder->timeout =
      1000 * (settings->timeout ? settings->timeout : ANPR_FORWARDER_TIMEOUT);
  forwarder->listener = *listener;
  forwarder->user_data = user_data;
  forwarder->cancellable = g_cancellable_new ();
  forwarder->stats.reason = "";
  g_mutex_init (&forwarder->lock);
  g_cond_init (&forwarder->wake);
  forwarder->thread = g_thread_new ("anpr-decisions", run, forwarder);
  return forwarder;
}

/**
 * anpr_decision_forwarder_free:
 * @forwarder: (transfer full): a forwarder no other thread uses any more
 * @last: (out): what it has done
 *
 * Ends it at once: waits for the disk at most.
 */
void
anpr_decision_forwarder_free (
    AnprDecisionForwarder *forwarder, AnprForwarderStats *last)
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
  g_free (forwarder->path);
  g_free (forwarder);
}

/**
 * anpr_decision_forwarder_get_stats:
 * @forwarder: a forwarder
 * @stats: (out): as of now, of decisions where it says passages; without hits and
 *     bytes; any thread
 */
void
anpr_decision_forwarder_get_stats (
    AnprDecisionForwarder *forwarder, AnprForwarderStats *stats)
{
  g_mutex_lock (&forwarder->lock);
  *stats = forwarder->stats;
  g_mutex_unlock (&forwarder->lock);
}
