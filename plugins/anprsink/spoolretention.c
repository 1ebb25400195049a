/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Retention: what has been kept long enough is erased, by time alone.
 *
 * Each position has its own limit, stored in the file: a position that is not
 * recorded any more is erased just the same, by whoever has the file open. At
 * the limit everything goes, delivered or not; what the centre has goes earlier.
 * How long something has been kept is told by spool time (spoolclock.c).
 *
 * A run is a row of short transactions, each with its entry in the report, so a
 * writer waits for none of them long and a killed run has done what it reported.
 */

#include "spoolretention.h"
#include "spoolrecover.h"
#include "spoolremove-private.h"

typedef struct {
  gchar *name;
  guint days;
  guint keep_delivered;
} Place;

static void
place_free (Place *place)
{
  g_free (place->name);
  g_free (place);
}

/**
 * anpr_spool_set_retention: (skip)
 * @spool: a spool open for writing
 * @position: a camera place
 * @days: how long its passages may stay, 1 to %ANPR_RETENTION_MAX_DAYS
 * @keep_delivered: how many days they stay once the centre has them
 * @error: %ANPR_ERROR_SPOOL_WRITE, %ANPR_ERROR_SPOOL_FULL
 *
 * Holds for what is in the file, too.
 *
 * Returns: whether it is stored
 */
gboolean
anpr_spool_set_retention (AnprSpool *spool, const gchar *position, guint days,
    guint keep_delivered, GError **error)
{
  g_autoptr (AnprStatement) statement = NULL;
  gint rc;

  g_return_val_if_fail (spool != NULL && position != NULL, FALSE);
  g_return_val_if_fail (days > 0 && days <= ANPR_RETENTION_MAX_DAYS, FALSE);

  statement = anpr_spool_prepare (spool,
      "INSERT INTO position (name, sequence, hash, retention, keep_delivered)"
      " VALUES (?1, 0, '', ?2, ?3) ON CONFLICT DO UPDATE"
      " SET retention = ?2, keep_delivered = ?3"
      " WHERE retention IS NOT ?2 OR keep_delivered IS NOT ?3");
  rc = statement ? SQLITE_DONE : SQLITE_ERROR;
  if (statement) {
    anpr_statement_bind_text (statement, 1, position);
    (void) sqlite3_bind_int (statement, 2, (gint) days);
    (void) sqlite3_bind_int (statement, 3, (gint) keep_delivered);
    rc = sqlite3_step (statement);
  }
  if (rc != SQLITE_DONE)
    anpr_spool_set_write_error (spool, rc, error);
  return rc == SQLITE_DONE;
}

static GPtrArray *
find_places (AnprSpool *spool)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (
      spool, "SELECT name, retention, keep_delivered FROM position");
  g_autoptr (GPtrArray) places =
      g_ptr_array_new_with_free_func ((GDestroyNotify) place_free);
  gint rc = SQLITE_ERROR;

  while (statement && (rc = sqlite3_step (statement)) == SQLITE_ROW) {
    Place *place = g_new0 (Place, 1);
    gint64 days = sqlite3_column_int64 (statement, 1);

    place->name = g_strdup (anpr_statement_get_text (statement, 0));
    place->days = days > 0 && days <= ANPR_RETENTION_MAX_DAYS
                      ? (guint) days
                      : ANPR_SPOOL_DEFAULT_RETENTION;
    place->keep_delivered =
        sqlite3_column_type (statement, 2) == SQLITE_NULL
            ? ANPR_SPOOL_DEFAULT_KEEP_DELIVERED
            : (guint) MAX (sqlite3_column_int64 (statement, 2), 0);
    g_ptr_array_add (places, place);
  }
  return rc == SQLITE_DONE ? g_steal_pointer (&places) : NULL;
}

/* Numbers of rows that go, how many at most, and whether the search has come to
 * the end */
typedef struct {
  GArray *numbers;
  guint most;
  gboolean finished;
} Due;

/* At the limit: by the number at the position, because that is the order they
 * were kept in. Deadlines of neighbours may be an hour out of order where months
 * count, so those still to come are looked at one by one. */
static gint
find_at_limit (AnprSpool *spool, const Place *place, gint64 time, Due *due)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (spool,
      "SELECT number, kept FROM passage JOIN delivery USING (number)"
      " WHERE position = ?1 ORDER BY sequence");
  const gint64 surely_allowed =
      MIN (place->days, ANPR_RETENTION_MAX_DAYS - 1) * G_TIME_SPAN_DAY;
  gint rc;

  if (!statement)
    return sqlite3_extended_errcode (spool->database);
  anpr_statement_bind_text (statement, 1, place->name);
  while ((rc = sqlite3_step (statement)) == SQLITE_ROW
         && due->numbers->len < due->most) {
    gint64 number = sqlite3_column_int64 (statement, 0);
    gint64 kept = sqlite3_column_int64 (statement, 1);

    if (kept + surely_allowed > time)
      break;
    if (anpr_retention_deadline (kept, place->days, zone) <= time)
      g_array_append_val (due->numbers, number);
  }
  due->finished = due->numbers->len < due->most;
  return rc == SQLITE_ROW ? SQLITE_DONE : rc;
}

static gint
find_delivered (AnprSpool *spool, const Place *place, gint64 time, Due *due)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (spool,
      "SELECT number, kept FROM delivery JOIN passage USING (number)"
      " WHERE state = 1 AND position = ?1 ORDER BY number");
  const gint64 keep = place->keep_delivered * G_TIME_SPAN_DAY;
  gint rc;

  if (!statement)
    return sqlite3_extended_errcode (spool->database);
  anpr_statement_bind_text (statement, 1, place->name);
  while ((rc = sqlite3_step (statement)) == SQLITE_ROW
         && due->numbers->len < due->most) {
    gint64 number = sqlite3_column_int64 (statement, 0);

    if (sqlite3_column_int64 (statement, 1) + keep > time)
      break;
    g_array_append_val (due->numbers, number);
  }
  due->finished = due->numbers->len < due->most;
  return rc == SQLITE_ROW ? SQLITE_DONE : rc;
}

static gint
find_due (AnprSpool *spool, const Place *place, AnprErasedReason reason,
    gint64 time, Due *due)
{
  return reason == ANPR_ERASED_AT_LIMIT
             ? find_at_limit (spool, place, time, due)
             : find_delivered (spool, place, time, due);
}

/* One transaction. Returns SQLITE_OK, or what went wrong. */
static gint
erase_step (AnprSpool *spool, const Place *place, AnprErasedReason reason,
    gint64 ahead, guint most, AnprSpoolExpired *expired, gboolean *finished)
{
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (gint64));
  Due due = { numbers, most, TRUE };
  g_auto (AnprErasing) erasing = { 0 };
  gint64 time;
  gint rc = anpr_spool_run (spool, "BEGIN IMMEDIATE");

  if (rc == SQLITE_OK)
    rc = anpr_spool_note_time (spool, &time);
  if (rc == SQLITE_DONE)
    rc = find_due (spool, place, reason, time + ahead, &due);
  anpr_erasing_init (&erasing, spool, reason);
  for (guint i = 0; rc == SQLITE_DONE && i < numbers->len; i++)
    rc = anpr_erasing_remove (&erasing, g_array_index (numbers, gint64, i));
  if (rc == SQLITE_DONE)
    rc = anpr_erasing_finish (&erasing);
  if (rc == SQLITE_DONE)
    rc = anpr_spool_run (spool, "COMMIT");
  if (rc != SQLITE_OK)
    return rc;
  expired->passages += erasing.passages;
  expired->undelivered += erasing.undelivered;
  *finished = due.finished;
  return rc;
}

/* On a full disk it goes on with the room of the reserve, in the smallest steps
 * and without leaving them in the log */
static gboolean
erase_place (AnprSpool *spool, const Place *place, AnprErasedReason reason,
    gint64 ahead, AnprSpoolExpired *expired, GError **error)
{
  gboolean finished = FALSE, on_reserve = FALSE;

  while (!finished) {
    gint rc;

    if (!anpr_spool_bound_log (spool, error))
      return FALSE;
    rc = erase_step (spool, place, reason, ahead,
        on_reserve ? 1 : ANPR_ERASE_STEP, expired, &finished);
    if (rc != SQLITE_OK) {
      anpr_spool_set_write_error (spool, rc, error);
      anpr_spool_roll_back (spool);
    }
    if (on_reserve)
      anpr_spool_empty_log (spool);
    if (rc == SQLITE_OK)
      continue;
    if (rc != SQLITE_FULL || on_reserve || !anpr_spool_take_reserve (spool))
      return FALSE;
    g_clear_error (error);
    on_reserve = TRUE;
    anpr_spool_empty_log (spool);
  }
  anpr_spool_make_reserve (spool);
  return TRUE;
}

/* A damaged file that was set aside holds passages, too: it goes with the oldest
 * of them */
static void
erase_set_aside (AnprSpool *spool, GPtrArray *places, gint64 ahead)
{
  gint64 oldest = anpr_spool_ask_number (
      spool, "SELECT value FROM counter WHERE name = 'aside-oldest'");
  guint days = ANPR_RETENTION_MAX_DAYS;
  gint64 time;

  if (oldest < 0 || !anpr_spool_get_time (spool, &time))
    return;
  for (guint i = 0; i < places->len; i++)
    days = MIN (days, ((Place *) g_ptr_array_index (places, i))->days);
  if (oldest + days * G_TIME_SPAN_DAY <= time + ahead
      && anpr_spool_erase_set_aside (spool->path))
    (void) anpr_spool_run (
        spool, "DELETE FROM counter WHERE name = 'aside-oldest'");
}

/* A process that only reads cannot mend what it found damaged */
static gboolean
is_marked_damaged (AnprSpool *spool, GError **error)
{
  if (anpr_spool_ask_number (
          spool, "SELECT value FROM counter WHERE name = 'damaged'")
      <= 0)
    return FALSE;
  g_set_error (error, ANPR_ERROR, ANPR_ERROR_SPOOL_DAMAGED,
      "Spool \"%s\" was found damaged by a reader", spool->path);
  return TRUE;
}

/**
 * anpr_spool_expire: (skip)
 * @spool: a spool open for writing
 * @ahead: erases what becomes due within so many microseconds, too
 * @expired: (out): how much was erased, also if it failed on the way
 * @error: %ANPR_ERROR_SPOOL_WRITE, %ANPR_ERROR_SPOOL_FULL,
 *     %ANPR_ERROR_SPOOL_DAMAGED
 *
 * Erases, at all positions, what has been kept for as long as it may: record,
 * pictures, and in the end the log they were written through. Blocks on the
 * disk; other writers get their turn in between.
 *
 * Returns: whether nothing that is due is left
 */
gboolean
anpr_spool_expire (
    AnprSpool *spool, gint64 ahead, AnprSpoolExpired *expired, GError **error)
{
  g_autoptr (GPtrArray) places = NULL;

  g_return_val_if_fail (spool != NULL && expired != NULL, FALSE);

  *expired = (AnprSpoolExpired){ 0 };
  if (is_marked_damaged (spool, error))
    return FALSE;
  places = find_places (spool);
  if (!places) {
    anpr_spool_set_read_error (spool, error);
    return FALSE;
  }
  for (guint i = 0; i < places->len; i++) {
    const Place *place = g_ptr_array_index (places, i);

    if (!erase_place (spool, place, ANPR_ERASED_AT_LIMIT, ahead, expired, error)
        || !erase_place (
            spool, place, ANPR_ERASED_DELIVERED, 0, expired, error))
      return FALSE;
  }
  erase_set_aside (spool, places, ahead);
  if (expired->passages > 0)
    anpr_spool_empty_log (spool);
  return TRUE;
}
