/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Retention of the central database, one run: the steps stand at the head of
 * central/migrations/0008-retention.sql, and what is due is decided there. Each
 * step is a transaction of its own. Killed between any two, or in one, the next
 * run goes on where this one ended: a partition whose detaching was interrupted
 * is told of by the database, and detached to the end.
 *
 * Sessions of users whose transaction is old are ended first, because they would
 * hold up erasure. Deliveries are never held up: days go by DETACH CONCURRENTLY, and a lock that
 * somebody holds is waited for no longer than LOCK_TIMEOUT, after which that day
 * is left to the next run.
 */

#include "centralretain.h"

#include "../plugins/record/error.h"

#include <string.h>
#include <time.h>

/* Milliseconds for one step */
#define TIMEOUT 600000

#define LOCK_TIMEOUT "5s"
#define LOCK "SELECT pg_try_advisory_lock (1095651410, 2)"

/* Of users; a question takes seconds */
#define OLDEST_TRANSACTION "10 minutes"

#define BOOT_ID "/proc/sys/kernel/random/boot_id"

typedef struct {
  AnprCentralConnection *connection;
  AnprCentralRetainFunc tell;
  gpointer user_data;
  gchar *at;
} Run;

static void tell (Run *run, const gchar *format, ...) G_GNUC_PRINTF (2, 3);

static void
tell (Run *run, const gchar *format, ...)
{
  g_autofree gchar *line = NULL;
  va_list arguments;

  va_start (arguments, format);
  line = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  run->tell (line, run->user_data);
}

/* One text value of @command with one parameter */
static gchar *
ask (Run *run, const gchar *command, const gchar *value, GError **error)
{
  const AnprCentralParameter parameter = { 0, value, 0, FALSE };
  g_autoptr (PGresult) row = anpr_central_query (
      run->connection, command, &parameter, 1, TIMEOUT, NULL, error);

  return row ? g_strdup (PQntuples (row) ? PQgetvalue (row, 0, 0) : "") : NULL;
}

/* How late it surely is: the database's answer to a clock nobody can set */
static gboolean
advance_clock (Run *run, GError **error)
{
  struct timespec uptime;
  g_autofree gchar *boot = NULL, *interval = NULL;
  AnprCentralParameter values[2] = { { 0 } };
  g_autoptr (PGresult) row = NULL;

  clock_gettime (CLOCK_BOOTTIME, &uptime);
  if (!g_file_get_contents (BOOT_ID, &boot, NULL, error))
    return FALSE;
  g_strstrip (boot);
  interval =
      g_strdup_printf ("%" G_GINT64_FORMAT " seconds", (gint64) uptime.tv_sec);
  values[0].value = boot;
  values[1].value = interval;
  row = anpr_central_query (run->connection,
      "SELECT anpr_data.advance_clock ($1, $2::interval)", values,
      G_N_ELEMENTS (values), TIMEOUT, NULL, error);
  if (!row)
    return FALSE;
  run->at = g_strdup (PQgetvalue (row, 0, 0));
  return TRUE;
}

static gboolean
end_old_transactions (Run *run, GError **error)
{
  const AnprCentralParameter age = { 0, OLDEST_TRANSACTION, 0, FALSE };
  g_autoptr (PGresult) logins = anpr_central_query (run->connection,
      "SELECT * FROM anpr_data.end_old_transactions ($1::interval)", &age, 1,
      TIMEOUT, NULL, error);

  for (int i = 0; logins && i < PQntuples (logins); i++)
    tell (run, "%s: session ended, its transaction was older than %s",
        PQgetvalue (logins, i, 0), OLDEST_TRANSACTION);
  return logins != NULL;
}

/* A day that is over: out of the table, then gone */
static gboolean
drop_day (Run *run, const gchar *name, const gchar *detach, GError **error)
{
  g_autofree gchar *n = NULL;

  if (detach[0]
      && !anpr_central_execute (run->connection, detach, TIMEOUT, NULL, error))
    return FALSE;
  n = ask (run, "SELECT anpr_data.drop_detached ($1)", name, error);
  if (!n)
    return FALSE;
  tell (run, "%s: %s rows erased", name, n);
  return TRUE;
}

static gboolean
drop_days (Run *run, GError **error)
{
  const AnprCentralParameter at = { 0, run->at, 0, FALSE };
  g_autoptr (PGresult) days = anpr_central_query (run->connection,
      "SELECT name, command FROM anpr_data.due_partitions ($1)", &at, 1,
      TIMEOUT, NULL, error);
  gboolean all = TRUE;

  if (!days)
    return FALSE;
  for (int i = 0; i < PQntuples (days); i++) {
    g_autoptr (GError) reason = NULL;

    if (drop_day (
            run, PQgetvalue (days, i, 0), PQgetvalue (days, i, 1), &reason))
      continue;
    if (!anpr_central_connection_is_usable (run->connection)) {
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
    tell (run, "%s: left to the next run: %s", PQgetvalue (days, i, 0),
        reason->message);
    if (all)
      g_propagate_error (error, g_steal_pointer (&reason));
    all = FALSE;
  }
  return all;
}

static gboolean
erase_rows (Run *run, GError **error)
{
  for (;;) {
    g_autofree gchar *more =
        ask (run, "SELECT anpr_data.erase_expired ($1)", run->at, error);

    if (!more)
      return FALSE;
    if (!g_str_equal (more, "t"))
      return TRUE;
  }
}

static gboolean
finish (Run *run, GError **error)
{
  g_autofree gchar *rest =
      ask (run, "SELECT anpr_data.erase_rest ($1)", run->at, error);

  return rest != NULL;
}

/* Days to come, which are needed more than old ones hurt */
static gboolean
prepare (Run *run, GError **error)
{
  return anpr_central_execute (run->connection,
      "SET lock_timeout = '" LOCK_TIMEOUT "';"
      "SELECT anpr_data.prepare_partitions ()",
      TIMEOUT, NULL, error);
}

/* Each step is done whether or not the one before it was, unless the line is
 * broken. The first fault is told. */
static gboolean
run_steps (Run *run, GError **error)
{
  static gboolean (*const steps[]) (Run * run, GError * *error) = {
    end_old_transactions, prepare, advance_clock, drop_days, erase_rows, finish
  };
  gboolean done = TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++) {
    if (!anpr_central_connection_is_usable (run->connection))
      return FALSE;
    if (i > 2 && !run->at)
      return FALSE;
    done = steps[i](run, done ? error : NULL) && done;
  }
  return done;
}

/**
 * anpr_central_retain: (skip)
 * @connection: to the central database, as its superuser
 * @tell: told what was erased
 * @user_data: for @tell
 * @error: as of anpr_central_query(), the first of what failed
 *
 * What fails does not keep the rest from being erased.
 *
 * Returns: whether all that was due is gone
 */
gboolean
anpr_central_retain (AnprCentralConnection *connection,
    AnprCentralRetainFunc tell_func, gpointer user_data, GError **error)
{
  Run run = { connection, tell_func, user_data, NULL };
  g_autoptr (PGresult) lock =
      anpr_central_query (connection, LOCK, NULL, 0, TIMEOUT, NULL, error);
  gboolean done;

  if (!lock)
    return FALSE;
  if (!g_str_equal (PQgetvalue (lock, 0, 0), "t")) {
    tell (&run, "another one runs already");
    return TRUE;
  }
  done = run_steps (&run, error);
  g_free (run.at);
  return done;
}
