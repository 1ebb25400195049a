/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Hands a batch of deliveries to anpr.ingest() at the centre.
 *
 * One call is one transaction: an answer means that all of it is committed. A
 * record the centre does not want is "refused" in the answer and the others go
 * through. A record that makes the whole call fail (a byte that is no UTF-8,
 * JSON the server cannot parse, an error in a function at the centre) is found
 * by halving: each half is a call of its own, down to the one record that fails
 * alone.
 *
 * A record that fails alone says nothing of itself while no other goes through:
 * the fault may be the centre's, and then all of them would be set apart. So it
 * counts as refused only if another record of the batch was taken. If all fail,
 * the batch fails, with nothing known of any.
 */

#include "ingest.h"

#include "centralarray.h"
#include "spooldelivery.h"
#include "../record/error.h"

#include <string.h>

static const gchar command[] =
    "SELECT passage, outcome, reason FROM anpr.ingest ($1, $2, $3, $4)";

enum { PASSAGE, OUTCOME, REASON, N_COLUMNS };

typedef struct {
  AnprCentralConnection *connection;
  GPtrArray *deliveries;
  AnprIngestAnswer *answers;
  guint timeout;
  GCancellable *cancellable;
  gboolean any_taken;
  guint last_failed;
} Batch;

/**
 * anpr_ingest_answers_new: (skip)
 * @n: how many
 *
 * Returns: (transfer full) (array length=n): answers, all open
 */
AnprIngestAnswer *
anpr_ingest_answers_new (guint n)
{
  return g_new0 (AnprIngestAnswer, n);
}

/**
 * anpr_ingest_answers_free: (skip)
 * @answers: (nullable) (transfer full) (array length=n): answers
 * @n: how many
 */
void
anpr_ingest_answers_free (AnprIngestAnswer *answers, guint n)
{
  for (guint i = 0; answers && i < n; i++)
    g_free (answers[i].reason);
  g_free (answers);
}

static void
forget (AnprIngestAnswer *answers, guint n)
{
  for (guint i = 0; i < n; i++) {
    g_clear_pointer (&answers[i].reason, g_free);
    answers[i].outcome = ANPR_INGEST_OPEN;
  }
}

static PGresult *
call (const Batch *batch, guint first, guint n, GError **error)
{
  g_autoptr (AnprCentralArray) records =
      anpr_central_array_new (ANPR_CENTRAL_TEXTS);
  g_autoptr (AnprCentralArray) passages =
      anpr_central_array_new (ANPR_CENTRAL_UUIDS);
  g_autoptr (AnprCentralArray) kinds =
      anpr_central_array_new (ANPR_CENTRAL_TEXTS);
  g_autoptr (AnprCentralArray) jpegs =
      anpr_central_array_new (ANPR_CENTRAL_BYTES);

  for (guint i = first; i < first + n; i++) {
    const AnprSpoolDelivery *delivery = batch->deliveries->pdata[i];

    anpr_central_array_add_text (records, delivery->record);
    for (guint j = 0; j < delivery->images->len; j++) {
      const AnprSpoolImage *image = delivery->images->pdata[j];

      /* a record with a damaged id is refused; its stills go nowhere */
      if (!anpr_central_array_add_uuid (passages, delivery->id))
        continue;
      anpr_central_array_add_text (kinds, image->kind);
      anpr_central_array_add_bytes (jpegs, image->jpeg);
    }
  }
  return anpr_central_query (batch->connection, command,
      (AnprCentralParameter[]){ anpr_central_array_end (records),
          anpr_central_array_end (passages), anpr_central_array_end (kinds),
          anpr_central_array_end (jpegs) },
      4, batch->timeout, batch->cancellable, error);
}

static gboolean
read_outcome (const gchar *text, AnprIngestOutcome *outcome)
{
  static const gchar *const names[] = {
    [ANPR_INGEST_KEPT] = "kept",
    [ANPR_INGEST_ALREADY] = "already",
    [ANPR_INGEST_REFUSED] = "refused",
  };

  for (guint i = ANPR_INGEST_KEPT; i < G_N_ELEMENTS (names); i++) {
    if (strcmp (text, names[i]) == 0) {
      *outcome = i;
      return TRUE;
    }
  }
  return FALSE;
}

/* The answer has a row for each record, in the order of the records. A row for
 * another passage would acknowledge what was not kept. */
static gboolean
take_row (const PGresult *result, gint row, const AnprSpoolDelivery *delivery,
    AnprIngestAnswer *answer)
{
  const gchar *passage = PQgetvalue (result, row, PASSAGE);
  const gchar *reason = PQgetvalue (result, row, REASON);

  if (!read_outcome (PQgetvalue (result, row, OUTCOME), &answer->outcome))
    return FALSE;
  if (answer->outcome == ANPR_INGEST_REFUSED || reason[0])
    answer->reason = g_strdup (reason);
  /* the id of a record that cannot be read is not told */
  return answer->outcome == ANPR_INGEST_REFUSED
         || g_ascii_strcasecmp (passage, delivery->id) == 0;
}

static gboolean
take_answer (const Batch *batch, const PGresult *result, guint first, guint n,
    GError **error)
{
  gboolean good =
      PQntuples (result) == (gint) n && PQnfields (result) == N_COLUMNS;

  for (guint i = 0; good && i < n; i++)
    good = take_row (result, (gint) i, batch->deliveries->pdata[first + i],
        &batch->answers[first + i]);
  if (good)
    return TRUE;
  forget (&batch->answers[first], n);
  g_set_error (error, ANPR_ERROR, ANPR_ERROR_CENTRAL_SCHEMA,
      "Central database at %s: its answer does not fit the records sent",
      anpr_central_connection_get_name (batch->connection));
  return FALSE;
}

static gboolean
is_about_data (const GError *error)
{
  return g_error_matches (error, ANPR_ERROR, ANPR_ERROR_CENTRAL_REFUSED);
}

static gboolean try_part (Batch *batch, guint first, guint n, GError **error);

/* Part of a batch whose call failed for @reason, which is about the data */
static gboolean
try_halves (Batch *batch, guint first, guint n, GError *reason, GError **error)
{
  if (n > 1)
    return try_part (batch, first, n / 2, error)
           && try_part (batch, first + n / 2, n - n / 2, error);
  batch->answers[first].outcome = ANPR_INGEST_REFUSED;
  batch->answers[first].reason = g_strdup_printf ("%s: %s",
      anpr_central_connection_get_sqlstate (batch->connection),
      reason->message);
  batch->last_failed = first;
  return TRUE;
}

/* Tries records first to first + n, halves where it fails, which are at most ten
 * deep. Returns FALSE for what is not about the data. */
static gboolean
try_part (Batch *batch, guint first, guint n, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (PGresult) result = call (batch, first, n, &reason);

  if (result) {
    batch->any_taken = TRUE;
    return take_answer (batch, result, first, n, error);
  }
  if (is_about_data (reason))
    return try_halves (batch, first, n, reason, error);
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

/**
 * anpr_ingest: (skip)
 * @connection: a usable connection
 * @deliveries: (element-type AnprSpoolDelivery): at least one
 * @answers: (array): as many, all open; filled as far as they are known, also
 *     if it fails in the middle
 * @timeout: for each call, milliseconds
 * @cancellable: (nullable): ends it from any thread
 * @error: as for anpr_central_query(); %ANPR_ERROR_CENTRAL_SCHEMA also for an
 *     answer that does not fit; %ANPR_ERROR_CENTRAL_REFUSED if no record goes
 *     through
 *
 * Returns: whether the outcome of all is known
 */
gboolean
anpr_ingest (AnprCentralConnection *connection, GPtrArray *deliveries,
    AnprIngestAnswer *answers, guint timeout, GCancellable *cancellable,
    GError **error)
{
  Batch batch = { connection, deliveries, answers, timeout, cancellable };
  gboolean good = try_part (&batch, 0, deliveries->len, error);

  if (batch.any_taken)
    return good;
  if (good)
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_CENTRAL_REFUSED,
        "No record goes through, the last one for: %s",
        answers[batch.last_failed].reason);
  forget (answers, deliveries->len);
  return FALSE;
}
