/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Erasing whole passages without breaking their chain.
 *
 * Of an erased record its number and hash stay, so that the one behind it can
 * still be verified. At the beginning of a chain one pair is enough: the anchor,
 * which each chain begins behind. Records that leave while one before them is
 * still there (an undelivered one among delivered ones) wait in table `removed`
 * until the anchor gets to them.
 *
 * SQLite overwrites what it frees (secure_delete), in the file and, because the
 * log is emptied after a run, there as well.
 */

#include "spoolremove-private.h"

static void
place_free (AnprErasedPlace *place)
{
  g_free (place->position);
  g_array_unref (place->passages);
  g_array_unref (place->pictures);
  g_free (place->anchor_hash);
  g_free (place);
}

/**
 * anpr_erasing_init: (skip)
 * @erasing: (out): nothing erased yet
 * @spool: a spool inside a transaction that writes
 * @reason: why
 */
void
anpr_erasing_init (
    AnprErasing *erasing, AnprSpool *spool, AnprErasedReason reason)
{
  *erasing = (AnprErasing){ .spool = spool, .reason = reason };
  erasing->places =
      g_ptr_array_new_with_free_func ((GDestroyNotify) place_free);
}

void
anpr_erasing_clear (AnprErasing *erasing)
{
  g_clear_pointer (&erasing->places, g_ptr_array_unref);
}

/* What was erased at that position, to add to */
AnprErasedPlace *
anpr_erasing_get_place (AnprErasing *erasing, const gchar *position)
{
  AnprErasedPlace *place;

  for (guint i = 0; i < erasing->places->len; i++) {
    place = g_ptr_array_index (erasing->places, i);
    if (strcmp (place->position, position) == 0)
      return place;
  }
  place = g_new0 (AnprErasedPlace, 1);
  place->position = g_strdup (position);
  place->passages = g_array_new (FALSE, FALSE, sizeof (guint64));
  place->pictures = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_ptr_array_add (erasing->places, place);
  return place;
}

static gint
run_for (AnprSpool *spool, const gchar *command, gint64 number)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (spool, command);

  if (!statement)
    return sqlite3_extended_errcode (spool->database);
  (void) sqlite3_bind_int64 (statement, 1, number);
  return sqlite3_step (statement);
}

/* Takes down what is known of the passage. Returns SQLITE_ROW if it is there. */
static gint
note_passage (AnprErasing *erasing, gint64 number)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (erasing->spool,
      "SELECT position, sequence, coalesce (state, 0), coalesce (bytes, 0)"
      " FROM passage LEFT JOIN delivery USING (number) WHERE number = ?1");
  AnprErasedPlace *place;
  guint64 sequence;
  gboolean delivered;
  gint rc;

  if (!statement)
    return sqlite3_extended_errcode (erasing->spool->database);
  (void) sqlite3_bind_int64 (statement, 1, number);
  rc = sqlite3_step (statement);
  if (rc != SQLITE_ROW)
    return rc;
  place =
      anpr_erasing_get_place (erasing, anpr_statement_get_text (statement, 0));
  sequence = sqlite3_column_int64 (statement, 1);
  delivered = sqlite3_column_int64 (statement, 2) == ANPR_SPOOL_DELIVERED;
  g_array_append_val (place->passages, sequence);
  place->undelivered += !delivered;
  erasing->passages++;
  erasing->undelivered += !delivered;
  erasing->bytes += sqlite3_column_int64 (statement, 3);
  return rc;
}

/**
 * anpr_erasing_remove: (skip)
 * @erasing: an erasure
 * @number: row of a passage
 *
 * Returns: SQLITE_DONE, also if there is no such row, or what went wrong
 */
gint
anpr_erasing_remove (AnprErasing *erasing, gint64 number)
{
  static const gchar *const commands[] = {
    ("INSERT OR REPLACE INTO removed SELECT position, sequence, hash"
     " FROM passage WHERE number = ?1"),
    "DELETE FROM image WHERE passage = ?1",
    "DELETE FROM delivery WHERE number = ?1",
    "DELETE FROM passage WHERE number = ?1",
    "UPDATE counter SET value = max (value, ?1) WHERE name = 'last-removed'",
  };
  gint rc = note_passage (erasing, number);

  if (rc != SQLITE_ROW)
    return rc;
  rc = SQLITE_DONE;
  for (guint i = 0; rc == SQLITE_DONE && i < G_N_ELEMENTS (commands); i++)
    rc = run_for (erasing->spool, commands[i], number);
  return rc;
}

/* --- the anchor --- */

static gint
find_anchor (AnprSpool *spool, AnprErasedPlace *place)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (spool,
      "SELECT anchor_sequence, anchor_hash FROM position WHERE name = ?1");
  gint rc;

  if (!statement)
    return sqlite3_extended_errcode (spool->database);
  anpr_statement_bind_text (statement, 1, place->position);
  rc = sqlite3_step (statement);
  if (rc == SQLITE_ROW) {
    place->anchor_sequence = sqlite3_column_int64 (statement, 0);
    place->anchor_hash =
        g_strdup ((const gchar *) sqlite3_column_text (statement, 1));
  }
  return rc == SQLITE_ROW ? SQLITE_DONE : rc;
}

/* Goes on over what is removed behind the anchor, as far as there is no gap */
static gint
find_new_anchor (AnprSpool *spool, AnprErasedPlace *place)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (spool,
      "SELECT sequence, hash FROM removed WHERE position = ?1"
      " AND sequence > ?2 ORDER BY sequence");
  gint rc;

  if (!statement)
    return sqlite3_extended_errcode (spool->database);
  anpr_statement_bind_text (statement, 1, place->position);
  (void) sqlite3_bind_int64 (statement, 2, (gint64) place->anchor_sequence);
  while ((rc = sqlite3_step (statement)) == SQLITE_ROW
         && (guint64) sqlite3_column_int64 (statement, 0)
                == place->anchor_sequence + 1) {
    place->anchor_sequence++;
    g_free (place->anchor_hash);
    place->anchor_hash = g_strdup (anpr_statement_get_text (statement, 1));
  }
  return rc == SQLITE_ROW ? SQLITE_DONE : rc;
}

static gint
set_anchor (AnprSpool *spool, const AnprErasedPlace *place)
{
  static const gchar *const commands[] = {
    "UPDATE position SET anchor_sequence = ?2, anchor_hash = ?3"
    " WHERE name = ?1 AND ?3 IS NOT NULL",
    "DELETE FROM removed WHERE position = ?1 AND sequence <= ?2"
    " AND ?3 IS NOT NULL",
  };
  gint rc = SQLITE_DONE;

  for (guint i = 0; rc == SQLITE_DONE && i < G_N_ELEMENTS (commands); i++) {
    g_autoptr (AnprStatement) statement =
        anpr_spool_prepare (spool, commands[i]);

    if (!statement)
      return sqlite3_extended_errcode (spool->database);
    anpr_statement_bind_text (statement, 1, place->position);
    (void) sqlite3_bind_int64 (statement, 2, (gint64) place->anchor_sequence);
    anpr_statement_bind_text (statement, 3, place->anchor_hash);
    rc = sqlite3_step (statement);
  }
  return rc;
}

/**
 * anpr_erasing_finish: (skip)
 * @erasing: an erasure
 *
 * Moves the anchors and writes the report, if anything was erased.
 *
 * Returns: SQLITE_DONE, or what went wrong
 */
gint
anpr_erasing_finish (AnprErasing *erasing)
{
  gint64 time;
  gint rc = anpr_spool_note_time (erasing->spool, &time);

  if (rc != SQLITE_DONE || erasing->places->len == 0)
    return rc;
  for (guint i = 0; rc == SQLITE_DONE && i < erasing->places->len; i++) {
    AnprErasedPlace *place = g_ptr_array_index (erasing->places, i);

    rc = find_anchor (erasing->spool, place);
    if (rc == SQLITE_DONE)
      rc = find_new_anchor (erasing->spool, place);
    if (rc == SQLITE_DONE)
      rc = set_anchor (erasing->spool, place);
  }
  return rc == SQLITE_DONE ? anpr_spool_report (
             erasing->spool, erasing->reason, time, erasing->places)
                           : rc;
}
