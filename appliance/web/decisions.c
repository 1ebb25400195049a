/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Decisions about hits, in one SQLite file: write-ahead log, synchronous=FULL.
 *
 * A decision is recorded when anpr_decisions_add() returns, and never changed
 * after. What counts for a hit is the last one. A hit that is confirmed or
 * rejected can be decided again only by somebody who says which decision the new
 * one stands in for, so two people at once do not overrule each other unseen.
 *
 * The way on to the centre: anpr_decisions_get_undelivered() gives what the centre
 * has not answered for good, of each hit the oldest alone, so that they come there
 * in the order they were made whatever becomes of each. What it has taken is
 * acknowledged, what it refuses is set apart with its reason. Nothing here knows
 * how they travel (../forwarddecisions.c, which runs in another process).
 *
 * Any thread, and several processes: a lock and SQLite let one in at a time, for a
 * short transaction. What is old goes when there are more than ANPR_DECISIONS_MAX,
 * but none that waits.
 */

#include "decisions.h"
#include "../../plugins/record/error.h"
#include "../../plugins/record/identifier.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <unistd.h>

typedef sqlite3_stmt AnprQuery;
static void
query_finalize (AnprQuery *query)
{
  (void) sqlite3_finalize (query);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprQuery, query_finalize)

struct _AnprDecisions {
  sqlite3 *database;
  gchar *path;
  GMutex lock;
};

#define COLUMNS                                                                \
  "number, id, hit, passage, position, list, version, verdict, reason,"        \
  " seconds, user, utc"

/* delivered: 0 waits, 1 the centre has it, 2 refused */
static const gchar schema[] =
    "CREATE TABLE IF NOT EXISTS decision ("
    " number INTEGER PRIMARY KEY AUTOINCREMENT,"
    " id TEXT NOT NULL UNIQUE, hit TEXT NOT NULL, passage TEXT NOT NULL,"
    " position TEXT NOT NULL, list TEXT, version TEXT, verdict TEXT NOT NULL,"
    " reason TEXT, seconds REAL NOT NULL, user TEXT NOT NULL,"
    " utc INTEGER NOT NULL, delivered INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX IF NOT EXISTS decision_hit ON decision (hit, number);"
    "CREATE INDEX IF NOT EXISTS decision_undelivered ON decision (number)"
    " WHERE NOT delivered;";

/* The versions' steps; the first makes an empty file one of version 1 */
static const gchar *const steps[] = {
  schema,
  "ALTER TABLE decision ADD COLUMN refusal TEXT;"
  "CREATE INDEX decision_refused ON decision (number) WHERE delivered = 2;",
};

/* R17, and what is none of these */
const gchar *const anpr_decision_reasons[] = { "misread", "wrong country",
  "stale", "wrong vehicle", "other", NULL };

static const gchar *const verdicts[ANPR_N_VERDICTS] = {
  [ANPR_VERDICT_CONFIRMED] = "confirmed",
  [ANPR_VERDICT_REJECTED] = "rejected",
  [ANPR_VERDICT_UNDECIDED] = "undecided",
};

const gchar *
anpr_verdict_to_string (AnprVerdict verdict)
{
  return (guint) verdict < ANPR_N_VERDICTS ? verdicts[verdict] : "";
}

/**
 * anpr_verdict_from_string:
 * @name: (nullable): of a verdict
 * @verdict: (out): that verdict
 *
 * Returns: whether there is one of that name
 */
gboolean
anpr_verdict_from_string (const gchar *name, AnprVerdict *verdict)
{
  for (guint i = 0; i < ANPR_N_VERDICTS; i++) {
    if (g_strcmp0 (name, verdicts[i]) == 0) {
      *verdict = i;
      return TRUE;
    }
  }
  return FALSE;
}

/**
 * anpr_decision_free:
 * @decision: (nullable) (transfer full): a decision
 */
void
anpr_decision_free (AnprDecision *decision)
{
  if (!decision)
    return;
  g_free (decision->id);
  g_free (decision->hit);
  g_free (decision->passage);
  g_free (decision->position);
  g_free (decision->list);
  g_free (decision->version);
  g_free (decision->reason);
  g_free (decision->user);
  g_free (decision);
}

static gboolean
set_failed (AnprDecisions *decisions, GError **error)
{
  g_set_error (error, ANPR_ERROR, ANPR_ERROR_WEB_LOG,
      "Decisions \"%s\" cannot be used: %s", decisions->path,
      decisions->database ? sqlite3_errmsg (decisions->database)
                          : g_strerror (errno));
  return FALSE;
}

/* SQLite makes files as the umask says; these are nobody else's */
static gboolean
make_private (const gchar *path)
{
  int fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd < 0)
    return FALSE;
  return close (fd) == 0;
}

static gboolean
run (AnprDecisions *decisions, const gchar *sql)
{
  return sqlite3_exec (decisions->database, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static AnprQuery *
prepare (AnprDecisions *decisions, const gchar *sql)
{
  AnprQuery *query = NULL;

  (void) sqlite3_prepare_v2 (decisions->database, sql, -1, &query, NULL);
  return query;
}

static gint
get_version (AnprDecisions *decisions)
{
  g_autoptr (AnprQuery) query = prepare (decisions, "PRAGMA user_version");

  return query && sqlite3_step (query) == SQLITE_ROW
             ? sqlite3_column_int (query, 0)
             : -1;
}

/* Inside a transaction */
static gboolean
take_steps (AnprDecisions *decisions)
{
  gint version = get_version (decisions);
  g_autofree gchar *told =
      g_strdup_printf ("PRAGMA user_version = %d", (gint) G_N_ELEMENTS (steps));

  for (guint i = MAX (version, 0); i < G_N_ELEMENTS (steps); i++) {
    if (!run (decisions, steps[i]))
      return FALSE;
  }
  return version >= (gint) G_N_ELEMENTS (steps) || run (decisions, told);
}

/* Another process may do the same at this moment */
static gboolean
prepare_file (AnprDecisions *decisions)
{
  if (!run (decisions, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"))
    return FALSE;
  if (get_version (decisions) >= (gint) G_N_ELEMENTS (steps))
    return TRUE;
  if (run (decisions, "BEGIN IMMEDIATE") && take_steps (decisions)
      && run (decisions, "COMMIT"))
    return TRUE;
  (void) run (decisions, "ROLLBACK");
  return FALSE;
}

/**
 * anpr_decisions_open:
 * @path: of the file; made if it does not exist
 * @error: %ANPR_ERROR_WEB_LOG
 *
 * Returns: (transfer full) (nullable): the decisions
 */
AnprDecisions *
anpr_decisions_open (const gchar *path, GError **error)
{
  g_autoptr (AnprDecisions) decisions = g_new0 (AnprDecisions, 1);

  g_mutex_init (&decisions->lock);
  decisions->path = g_strdup (path);
  if (!make_private (path)
      || sqlite3_open_v2 (
             path, &decisions->database, SQLITE_OPEN_READWRITE, NULL)
             != SQLITE_OK
      || sqlite3_busy_timeout (decisions->database, 2000) != SQLITE_OK
      || !prepare_file (decisions)) {
    set_failed (decisions, error);
    return NULL;
  }
  return g_steal_pointer (&decisions);
}

/**
 * anpr_decisions_close:
 * @decisions: (nullable) (transfer full): decisions
 */
void
anpr_decisions_close (AnprDecisions *decisions)
{
  if (!decisions)
    return;
  (void) sqlite3_close_v2 (decisions->database);
  g_free (decisions->path);
  g_mutex_clear (&decisions->lock);
  g_free (decisions);
}

static void
bind_text (AnprQuery *query, gint i, const gchar *text)
{
  (void) sqlite3_bind_text (query, i, text, -1, SQLITE_TRANSIENT);
}

static gchar *
get_text (AnprQuery *query, gint i)
{
  return g_strdup ((const gchar *) sqlite3_column_text (query, i));
}

static AnprDecision *
decision_of_row (AnprQuery *query)
{
  AnprDecision *decision = g_new0 (AnprDecision, 1);
  g_autofree gchar *verdict = get_text (query, 7);

  decision->number = sqlite3_column_int64 (query, 0);
  decision->id = get_text (query, 1);
  decision->hit = get_text (query, 2);
  decision->passage = get_text (query, 3);
  decision->position = get_text (query, 4);
  decision->list = get_text (query, 5);
  decision->version = get_text (query, 6);
  if (!anpr_verdict_from_string (verdict, &decision->verdict))
    decision->verdict = ANPR_VERDICT_UNDECIDED;
  decision->reason = get_text (query, 8);
  decision->seconds = sqlite3_column_double (query, 9);
  decision->user = get_text (query, 10);
  decision->utc = sqlite3_column_int64 (query, 11);
  return decision;
}

/* With the lock held */
static gboolean
find_last (AnprDecisions *decisions, const gchar *hit, AnprDecision **decision)
{
  g_autoptr (AnprQuery) query =
      prepare (decisions, "SELECT " COLUMNS " FROM decision WHERE hit = ?1"
                          " ORDER BY number DESC LIMIT 1");
  gint rc;

  *decision = NULL;
  if (!query)
    return FALSE;
  bind_text (query, 1, hit);
  rc = sqlite3_step (query);
  if (rc == SQLITE_ROW)
    *decision = decision_of_row (query);
  return rc == SQLITE_ROW || rc == SQLITE_DONE;
}

static gboolean
may_follow (const AnprDecision *last, const gchar *instead_of, GError **error)
{
  if (!last || last->verdict == ANPR_VERDICT_UNDECIDED
      || g_strcmp0 (last->id, instead_of) == 0)
    return TRUE;
  g_set_error (error, ANPR_ERROR, ANPR_ERROR_WEB_CONFLICT,
      "%s has decided about this hit already: %s", last->user,
      anpr_verdict_to_string (last->verdict));
  return FALSE;
}

static gboolean
insert (AnprDecisions *decisions, AnprDecision *decision)
{
  g_autoptr (AnprQuery) query = prepare (decisions,
      "INSERT INTO decision (id, hit, passage, position, list, version,"
      " verdict, reason, seconds, user, utc)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");

  if (!query)
    return FALSE;
  bind_text (query, 1, decision->id);
  bind_text (query, 2, decision->hit);
  bind_text (query, 3, decision->passage);
  bind_text (query, 4, decision->position);
  bind_text (query, 5, decision->list);
  bind_text (query, 6, decision->version);
  bind_text (query, 7, anpr_verdict_to_string (decision->verdict));
  bind_text (query, 8, decision->reason);
  (void) sqlite3_bind_double (query, 9, decision->seconds);
  bind_text (query, 10, decision->user);
  (void) sqlite3_bind_int64 (query, 11, decision->utc);
  if (sqlite3_step (query) != SQLITE_DONE)
    return FALSE;
  decision->number = sqlite3_last_insert_rowid (decisions->database);
  return TRUE;
}

static gboolean
drop_old (AnprDecisions *decisions, gint64 newest)
{
  g_autoptr (AnprQuery) query = prepare (
      decisions, "DELETE FROM decision WHERE number <= ?1 AND delivered");

  if (!query)
    return FALSE;
  (void) sqlite3_bind_int64 (query, 1, newest - ANPR_DECISIONS_MAX);
  return sqlite3_step (query) == SQLITE_DONE;
}

static gboolean
add_in_transaction (AnprDecisions *decisions, AnprDecision *decision,
    const gchar *instead_of, GError **error)
{
  g_autoptr (AnprDecision) last = NULL;

  if (!run (decisions, "BEGIN IMMEDIATE"))
    return set_failed (decisions, error);
  if (!find_last (decisions, decision->hit, &last))
    goto failed;
  if (!may_follow (last, instead_of, error)) {
    (void) run (decisions, "ROLLBACK");
    return FALSE;
  }
  if (insert (decisions, decision) && drop_old (decisions, decision->number)
      && run (decisions, "COMMIT"))
    return TRUE;

failed:
  set_failed (decisions, error);
  (void) run (decisions, "ROLLBACK");
  return FALSE;
}

/**
 * anpr_decisions_add:
 * @decisions: decisions
 * @decision: what to record; its number and id are set
 * @instead_of: (nullable): id of the decision that it stands in for
 * @error: %ANPR_ERROR_WEB_CONFLICT if the hit is decided already,
 *     %ANPR_ERROR_WEB_LOG if it is not recorded
 *
 * Returns: whether it is on the disk
 */
gboolean
anpr_decisions_add (AnprDecisions *decisions, AnprDecision *decision,
    const gchar *instead_of, GError **error)
{
  gboolean done;

  g_free (decision->id);
  decision->id = anpr_identifier_new ();
  g_mutex_lock (&decisions->lock);
  done = add_in_transaction (decisions, decision, instead_of, error);
  g_mutex_unlock (&decisions->lock);
  return done;
}

/**
 * anpr_decisions_find:
 * @decisions: decisions
 * @hit: id of a hit
 * @error: %ANPR_ERROR_WEB_LOG
 *
 * Returns: (transfer full) (nullable): the last decision about it; %NULL without
 *     @error set if there is none
 */
AnprDecision *
anpr_decisions_find (AnprDecisions *decisions, const gchar *hit, GError **error)
{
  AnprDecision *decision;

  g_mutex_lock (&decisions->lock);
  if (!find_last (decisions, hit, &decision))
    set_failed (decisions, error);
  g_mutex_unlock (&decisions->lock);
  return decision;
}

/**
 * anpr_decisions_get_undelivered:
 * @decisions: decisions
 * @after: number of the last one that was given, 0 to begin
 * @max: at most so many
 * @error: %ANPR_ERROR_WEB_LOG
 *
 * Returns: (transfer full) (nullable) (element-type AnprDecision): those that wait
 *     for the centre, in order, of each hit the oldest
 */
GPtrArray *
anpr_decisions_get_undelivered (
    AnprDecisions *decisions, gint64 after, guint max, GError **error)
{
  g_autoptr (GPtrArray) rows =
      g_ptr_array_new_with_free_func ((GDestroyNotify) anpr_decision_free);
  g_autoptr (AnprQuery) query = NULL;
  gint rc = SQLITE_ERROR;

  g_mutex_lock (&decisions->lock);
  query = prepare (decisions,
      "SELECT " COLUMNS " FROM decision AS d"
      " WHERE NOT delivered AND number > ?1 AND NOT EXISTS ("
      "  SELECT 1 FROM decision AS e WHERE e.hit = d.hit"
      "  AND e.number < d.number AND NOT e.delivered)"
      " ORDER BY number LIMIT ?2");
  if (query) {
    (void) sqlite3_bind_int64 (query, 1, after);
    (void) sqlite3_bind_int64 (query, 2, max);
  }
  while (query && (rc = sqlite3_step (query)) == SQLITE_ROW)
    g_ptr_array_add (rows, decision_of_row (query));
  if (rc != SQLITE_DONE)
    set_failed (decisions, error);
  g_clear_pointer (&query, query_finalize);
  g_mutex_unlock (&decisions->lock);
  return rc == SQLITE_DONE ? g_steal_pointer (&rows) : NULL;
}

/* Writes an answer of the centre down */
static gboolean
set_delivered (AnprDecisions *decisions, gint64 number, gint delivered,
    const gchar *refusal, GError **error)
{
  g_autoptr (AnprQuery) query = NULL;
  gboolean done;

  g_mutex_lock (&decisions->lock);
  query = prepare (decisions,
      "UPDATE decision SET delivered = ?2, refusal = ?3 WHERE number = ?1");
  if (query) {
    (void) sqlite3_bind_int64 (query, 1, number);
    (void) sqlite3_bind_int (query, 2, delivered);
    bind_text (query, 3, refusal);
  }
  done = query && sqlite3_step (query) == SQLITE_DONE;
  if (!done)
    set_failed (decisions, error);
  g_clear_pointer (&query, query_finalize);
  g_mutex_unlock (&decisions->lock);
  return done;
}

/**
 * anpr_decisions_acknowledge:
 * @decisions: decisions
 * @number: of a decision the centre has taken
 * @error: %ANPR_ERROR_WEB_LOG
 *
 * Returns: whether that is on the disk
 */
gboolean
anpr_decisions_acknowledge (
    AnprDecisions *decisions, gint64 number, GError **error)
{
  return set_delivered (decisions, number, 1, NULL, error);
}

/**
 * anpr_decisions_refuse:
 * @decisions: decisions
 * @number: of a decision the centre will not take
 * @reason: why
 * @error: %ANPR_ERROR_WEB_LOG
 *
 * Sets it apart.
 *
 * Returns: whether that is on the disk
 */
gboolean
anpr_decisions_refuse (AnprDecisions *decisions, gint64 number,
    const gchar *reason, GError **error)
{
  return set_delivered (decisions, number, 2, reason, error);
}

/**
 * anpr_decisions_retry_refused:
 * @decisions: decisions
 * @n: (out): how many wait again
 * @error: %ANPR_ERROR_WEB_LOG
 *
 * Lets what was set apart wait again, but for decisions that a later one the
 * centre has taken stands in for: they would come after it.
 *
 * Returns: whether that is on the disk
 */
gboolean
anpr_decisions_retry_refused (
    AnprDecisions *decisions, guint *n, GError **error)
{
  gboolean done;

  g_mutex_lock (&decisions->lock);
  done = run (decisions,
      "UPDATE decision SET delivered = 0 WHERE delivered = 2"
      " AND NOT EXISTS (SELECT 1 FROM decision AS e"
      "  WHERE e.hit = decision.hit AND e.number > decision.number"
      "  AND e.delivered = 1)");
  *n = done ? (guint) sqlite3_changes (decisions->database) : 0;
  if (!done)
    set_failed (decisions, error);
  g_mutex_unlock (&decisions->lock);
  return done;
}

/**
 * anpr_decisions_get_backlog:
 * @decisions: decisions
 * @backlog: (out): what waits for the centre, and what it has refused
 * @error: %ANPR_ERROR_WEB_LOG
 *
 * Returns: whether it could be counted
 */
gboolean
anpr_decisions_get_backlog (
    AnprDecisions *decisions, AnprDecisionBacklog *backlog, GError **error)
{
  g_autoptr (AnprQuery) query = NULL;
  gboolean done;

  g_mutex_lock (&decisions->lock);
  query = prepare (decisions,
      "SELECT count(*), coalesce(min(utc), 0), coalesce(max(number), 0),"
      " (SELECT count(*) FROM decision WHERE delivered = 2)"
      " FROM decision WHERE NOT delivered");
  done = query && sqlite3_step (query) == SQLITE_ROW;
  if (done)
    *backlog = (AnprDecisionBacklog){ (guint64) sqlite3_column_int64 (query, 0),
      sqlite3_column_int64 (query, 1), sqlite3_column_int64 (query, 2),
      (guint64) sqlite3_column_int64 (query, 3) };
  else
    set_failed (decisions, error);
  g_clear_pointer (&query, query_finalize);
  g_mutex_unlock (&decisions->lock);
  return done;
}
