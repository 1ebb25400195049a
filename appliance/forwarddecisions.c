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
 * One thread (carrier.c). It looks at the file once a second, and goes through all that waits
 * when there is a new decision, when the last time through got any further, and
 * else every RETRY_INTERVAL. A decision whose passage is not there yet waits and
 * holds up none about another hit; of each hit only the oldest that waits is sent,
 * so that they come there in order. It is connected only while something waits.
 *
 * Whatever fails, all begins anew after a pause that grows, up to half a minute.
 * A centre that has no anpr.ingest_decisions() yet is such a fault: decisions wait
 * until it is migrated, passages do not wait for that. A decision the centre
 * refuses is set apart in the file.
 *
 * The file is the page's, which makes it; until then there is nothing to do.
 */

#include "forwarddecisions.h"

#include "web/decisions.h"
#include "../plugins/anprsink/carrier.h"
#include "../plugins/anprsink/centralarray.h"
#include "../plugins/record/clock.h"
#include "../plugins/record/error.h"
#include "../plugins/record/jsonmember.h"

#include <string.h>

/* Microseconds */
#define LOOK_INTERVAL G_USEC_PER_SEC
#define RETRY_INTERVAL (2 * G_USEC_PER_SEC)
/* In one call */
#define BATCH 200

static const gchar command[] =
    "SELECT decision, outcome, reason FROM anpr.ingest_decisions ($1)";
enum { DECISION, OUTCOME, REASON, N_COLUMNS };

struct _AnprDecisionForwarder {
  AnprCarrier *carrier;
  gchar *path;

  /* of the carrier's thread only */
  AnprDecisions *decisions;
  gint64 newest; /* number of the newest when it went through last */
  gint64 due;    /* monotonic, to go through even if nothing is new */
  gchar *last_refusal;
};

/* --- what is told --------------------------------------------------------- */

static gboolean
count (AnprDecisionForwarder *forwarder, AnprDecisionBacklog *backlog,
    GError **error)
{
  AnprForwarderStats *stats;

  if (!anpr_decisions_get_backlog (forwarder->decisions, backlog, error))
    return FALSE;
  stats = anpr_carrier_lock_stats (forwarder->carrier);
  stats->waiting = backlog->waiting;
  stats->oldest_utc = backlog->oldest_utc;
  stats->set_apart = backlog->refused;
  anpr_carrier_unlock_stats (forwarder->carrier);
  return TRUE;
}

static void
tell_refusal (AnprDecisionForwarder *forwarder, const AnprDecision *decision,
    const gchar *reason)
{
  anpr_carrier_lock_stats (forwarder->carrier)->refused++;
  anpr_carrier_unlock_stats (forwarder->carrier);
  anpr_carrier_tell_refusal (forwarder->carrier, &forwarder->last_refusal,
      reason,
      "it is set apart, as are others for the same reason; the rest goes on",
      "The centre refuses the decision of %s on hit %s at position \"%s\": %s",
      decision->user, decision->hit, decision->position, reason);
}

static void
count_kept (AnprDecisionForwarder *forwarder, gboolean kept)
{
  AnprForwarderStats *stats = anpr_carrier_lock_stats (forwarder->carrier);

  stats->delivered += kept;
  stats->already += !kept;
  anpr_carrier_unlock_stats (forwarder->carrier);
}

/* --- the centre ----------------------------------------------------------- */

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
call (AnprDecisionForwarder *forwarder, GPtrArray *batch,
    AnprCentralConnection *connection, GError **error)
{
  g_autoptr (AnprCentralArray) lines =
      anpr_central_array_new (ANPR_CENTRAL_TEXTS);

  for (guint i = 0; i < batch->len; i++) {
    g_autofree gchar *line = make_line (g_ptr_array_index (batch, i));

    anpr_central_array_add_text (lines, line);
  }
  return anpr_central_query (connection, command,
      (AnprCentralParameter[]){ anpr_central_array_end (lines) }, 1,
      anpr_carrier_get_timeout (forwarder->carrier),
      anpr_carrier_get_cancellable (forwarder->carrier), error);
}

static gboolean
set_unfit (GError **error)
{
  g_set_error_literal (error, ANPR_ERROR, ANPR_ERROR_CENTRAL_SCHEMA,
      "The central database's answer does not fit the decisions sent");
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
    return set_unfit (error);
  if (g_str_equal (outcome, "waiting"))
    return TRUE;
  if (!kept && !g_str_equal (outcome, "already"))
    return set_unfit (error);
  if (!anpr_decisions_acknowledge (
          forwarder->decisions, decision->number, error))
    return FALSE;
  *progress = TRUE;
  count_kept (forwarder, kept);
  return TRUE;
}

static gboolean
send_batch (AnprDecisionForwarder *forwarder, GPtrArray *batch,
    gboolean *progress, GError **error)
{
  AnprCentralConnection *connection =
      anpr_carrier_connect (forwarder->carrier, error);
  g_autoptr (PGresult) result = NULL;

  if (connection)
    result = call (forwarder, batch, connection, error);
  if (!result)
    return FALSE;
  if (PQntuples (result) != (gint) batch->len
      || PQnfields (result) != N_COLUMNS)
    return set_unfit (error);
  anpr_carrier_answered (forwarder->carrier);
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

/* --- the carrier's work ---------------------------------------------------- */

static gboolean
open_file (AnprDecisionForwarder *forwarder, GError **error)
{
  if (!forwarder->decisions)
    forwarder->decisions = anpr_decisions_open (forwarder->path, error);
  return forwarder->decisions != NULL;
}

/* More to do is there when it got any further */
static gboolean
do_round (gpointer load, gboolean *ret_more, GError **error)
{
  AnprDecisionForwarder *forwarder = load;
  AnprDecisionBacklog backlog;

  if (!forwarder->decisions
      && !g_file_test (forwarder->path, G_FILE_TEST_EXISTS))
    return TRUE;
  if (!open_file (forwarder, error) || !count (forwarder, &backlog, error))
    return FALSE;
  if (backlog.waiting == 0) {
    anpr_carrier_disconnect (forwarder->carrier);
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
round_failed (gpointer load, const GError *error)
{
  AnprDecisionForwarder *forwarder = load;
  AnprDecisionBacklog unused;

  if (g_error_matches (error, ANPR_ERROR, ANPR_ERROR_WEB_LOG))
    g_clear_pointer (&forwarder->decisions, anpr_decisions_close);
  else if (forwarder->decisions)
    (void) count (forwarder, &unused, NULL);
  forwarder->due = 0;
  return TRUE;
}

static void
close_file (gpointer load)
{
  AnprDecisionForwarder *forwarder = load;

  g_clear_pointer (&forwarder->decisions, anpr_decisions_close);
}

static const AnprCarrierWork decisions = {
  .round = do_round,
  .failed = round_failed,
  .ended = close_file,
  .consequence =
      "decisions stay on the appliance and are sent when it works again",
  .interval = LOOK_INTERVAL,
};

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
  forwarder->carrier =
      anpr_carrier_new (settings, listener, user_data, &decisions, forwarder);
  anpr_carrier_start (forwarder->carrier, "anpr-decisions");
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
  anpr_carrier_end (forwarder->carrier, last);
  anpr_carrier_free (forwarder->carrier);
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
  anpr_carrier_get_stats (forwarder->carrier, stats);
}
