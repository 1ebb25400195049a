/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The spool's own time, which says when something has been kept long enough.
 *
 * The system's clock can be set, so it must not decide alone: set back it would
 * let passages stay, set forward it would delete them early. Spool time is a
 * number that only grows, and it grows by what is known to have passed:
 *
 *   in one boot   by the kernel's boot time, which nobody can set and which goes
 *                 on in suspend. What the system's clock does meanwhile, in
 *                 either direction, changes nothing.
 *   over a boot   by the boot time since that boot, and by the time the machine
 *                 was off: the difference of the system's clock, but only
 *                 between two moments at which a time service confirmed it
 *                 (two sources that agree). Until it is confirmed again, the
 *                 time off does not count yet; then it does, all of it.
 *
 * Each passage is stamped with spool time when it is kept, so a clock that was
 * wrong at that moment changes nothing either: what counts is the difference.
 * Spool time begins at the system's clock and shows about the same.
 *
 * Table `clock` has one row: spool time, the boot and its boot time when it was
 * noted, and the last pair of spool time and UTC that was sure. It is noted once
 * a minute; of an unconfirmed boot that is killed, at most that minute is lost.
 * Any process may compute the time, and writes it down inside a transaction.
 */

#include "spool-private.h"
#include "../record/hostclock.h"

#include <time.h>

/* So much boot time may pass before it is noted again, microseconds */
#define NOTE_INTERVAL (60 * G_USEC_PER_SEC)

/* What the clocks of this host say */
static void
read_host (AnprSpoolClock *clock, gpointer user_data)
{
  static gchar *boot;
  struct timespec elapsed;
  AnprHostClock host;

  if (g_once_init_enter (&boot)) {
    gchar *id = NULL;

    if (!g_file_get_contents (
            "/proc/sys/kernel/random/boot_id", &id, NULL, NULL))
      id = g_strdup ("");
    g_once_init_leave (&boot, g_strstrip (id));
  }
  anpr_host_clock_read (&host);
  (void) clock_gettime (CLOCK_BOOTTIME, &elapsed);
  clock->utc = host.utc;
  clock->synchronised = host.synchronised;
  clock->boot = boot;
  clock->elapsed = elapsed.tv_sec * G_USEC_PER_SEC + elapsed.tv_nsec / 1000;
}

/**
 * anpr_spool_set_clock: (skip)
 * @spool: a spool
 * @read: (nullable): what to read instead of this host's clocks, for tests
 * @user_data: for @read
 */
void
anpr_spool_set_clock (
    AnprSpool *spool, AnprSpoolReadClock read, gpointer user_data)
{
  spool->read_clock = read ? read : read_host;
  spool->read_clock_data = user_data;
}

/* Spool time at a reading, from what was noted last */
static gint64
go_on (const AnprSpoolClock *now, gint64 time, const gchar *boot,
    gint64 elapsed, gint64 sure_time, gint64 sure_utc, gboolean sure_before)
{
  if (g_strcmp0 (boot, now->boot) == 0)
    time += MAX (now->elapsed - elapsed, 0);
  else
    time += MAX (now->elapsed, 0);
  if (now->synchronised && sure_before)
    time = MAX (time, sure_time + (now->utc - sure_utc));
  return time;
}

/* Writes the time down. @sure: by a synchronised clock */
static gint
note (AnprSpool *spool, const AnprSpoolClock *now, gint64 time, gboolean sure)
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
    AnprSpool *spool, const AnprSpoolClock *now, gint64 *time, gboolean *due)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (spool,
      "SELECT time, boot, elapsed, sure_time, sure_utc, sure_boot FROM clock");
  const gchar *boot, *sure_boot;
  gint rc;

  *time = now->utc;
  *due = TRUE;
  if (!statement)
    return sqlite3_extended_errcode (spool->database);
  rc = sqlite3_step (statement);
  if (rc != SQLITE_ROW)
    return rc;
  boot = anpr_statement_get_text (statement, 1);
  sure_boot = anpr_statement_get_text (statement, 5);
  *time = go_on (now, sqlite3_column_int64 (statement, 0), boot,
      sqlite3_column_int64 (statement, 2), sqlite3_column_int64 (statement, 3),
      sqlite3_column_int64 (statement, 4),
      *sure_boot != '\0' && strcmp (sure_boot, now->boot) != 0);
  *due = !spool->time_noted || strcmp (boot, now->boot) != 0
         || (now->synchronised && strcmp (sure_boot, now->boot) != 0)
         || now->elapsed - sqlite3_column_int64 (statement, 2) >= NOTE_INTERVAL;
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
  AnprSpoolClock now;
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
  AnprSpoolClock now;
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
