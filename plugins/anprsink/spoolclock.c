/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The spool's own time, which says when something has been kept long enough: steady
 * time (record/steadyclock.c), which setting the system's clock does not change.
 *
 * Each passage is stamped with it when it is kept, so a clock that was wrong at that
 * moment changes nothing either: what counts is the difference.
 *
 * Table `clock` has one row: spool time, the boot and its boot time when it was
 * noted, and the last pair of spool time and UTC that was sure. Any process may
 * compute the time, and writes it down inside a transaction.
 */

#include "spool-private.h"

/**
 * anpr_spool_set_clock: (skip)
 * @spool: a spool
 * @read: (nullable): what to read instead of this host's clocks, for tests
 * @user_data: for @read
 */
void
anpr_spool_set_clock (AnprSpool *spool, AnprSteadyRead read, gpointer user_data)
{
  spool->read_clock = read ? read : anpr_steady_clock_read;
  spool->read_clock_data = user_data;
}

/* Writes the time down. @sure: by a synchronised clock */
static gint
note (
    AnprSpool *spool, const AnprSteadyReading *now, gint64 time, gboolean sure)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (spool,
      "INSERT INTO clock VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)"
      " ON CONFLICT DO UPDATE SET time = ?1, boot = ?2, elapsed = ?3,"
      " sure_time = coalesce (?4, sure_time),"
      " sure_utc = coalesce (?5, sure_utc),"
      " sure_boot = coalesce (?6, sure_boot)");

  if (!statement)
    return sqlite3_extended_errcode (spool->database);
  (void) sqlite3_bind_int64 (statement, 1, time);
  anpr_statement_bind_text (statement, 2, now->boot);
  (void) sqlite3_bind_int64 (statement, 3, now->elapsed);
  if (sure) {
    (void) sqlite3_bind_int64 (statement, 4, time);
    (void) sqlite3_bind_int64 (statement, 5, now->utc);
    anpr_statement_bind_text (statement, 6, now->boot);
  }
  return sqlite3_step (statement);
}

/* Reads the row. Returns SQLITE_ROW, SQLITE_DONE if there is none yet, or what
 * went wrong. */
static gint
find_time (
    AnprSpool *spool, const AnprSteadyReading *now, gint64 *time, gboolean *due)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (spool,
      "SELECT time, boot, elapsed, sure_time, sure_utc, sure_boot FROM clock");
  AnprSteadyNote note;
  gint rc;

  *time = now->utc;
  *due = TRUE;
  if (!statement)
    return sqlite3_extended_errcode (spool->database);
  rc = sqlite3_step (statement);
  if (rc != SQLITE_ROW)
    return rc;
  note = (AnprSteadyNote){ sqlite3_column_int64 (statement, 0),
    anpr_statement_get_text (statement, 1), sqlite3_column_int64 (statement, 2),
    sqlite3_column_int64 (statement, 3), sqlite3_column_int64 (statement, 4),
    anpr_statement_get_text (statement, 5) };
  *time = anpr_steady_clock_go_on (&note, now);
  *due = !spool->time_noted || anpr_steady_clock_is_due (&note, now);
  return rc;
}

/**
 * anpr_spool_get_time: (skip)
 * @spool: a spool
 * @time: (out): spool time now, microseconds since 1970 about
 *
 * Only reads.
 *
 * Returns: whether it is known
 */
gboolean
anpr_spool_get_time (AnprSpool *spool, gint64 *time)
{
  AnprSteadyReading now;
  gboolean due;
  gint rc;

  spool->read_clock (&now, spool->read_clock_data);
  rc = find_time (spool, &now, time, &due);
  return rc == SQLITE_ROW || rc == SQLITE_DONE;
}

/**
 * anpr_spool_note_time: (skip)
 * @spool: a spool inside a transaction that writes
 * @time: (out): spool time now
 *
 * Notes it, if that is due.
 *
 * Returns: SQLITE_DONE, or what went wrong
 */
gint
anpr_spool_note_time (AnprSpool *spool, gint64 *time)
{
  AnprSteadyReading now;
  gboolean due;
  gint rc;

  spool->read_clock (&now, spool->read_clock_data);
  rc = find_time (spool, &now, time, &due);
  if (rc != SQLITE_ROW && rc != SQLITE_DONE)
    return rc;
  if (!due)
    return SQLITE_DONE;
  spool->time_noted = TRUE;
  rc = note (spool, &now, *time, now.synchronised);
  return rc == SQLITE_DONE ? anpr_spool_note_key_use (spool, *time) : rc;
}
