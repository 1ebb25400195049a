/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Reading a spool back, also while another process writes it.
 *
 * Rows are fetched a page at a time and no transaction is open while the
 * caller looks at them: a slow reader (a pager, a pipe) would otherwise keep
 * the writer's log from being moved into the file, until the writer has to
 * stop.
 */

#include "spool-private.h"

static void
row_free (AnprSpoolRow *row)
{
  g_free (row->id);
  g_free (row->position);
  g_free (row->hash);
  g_free (row->record);
  g_free (row);
}

static AnprSpoolRow *
row_new (AnprSpool *spool, AnprStatement *statement)
{
  AnprSpoolRow *row = g_new0 (AnprSpoolRow, 1);

  row->number = sqlite3_column_int64 (statement, 0);
  row->sequence = sqlite3_column_int64 (statement, 1);
  row->utc = sqlite3_column_int64 (statement, 2);
  row->hits = sqlite3_column_int64 (statement, 3);
  row->id = g_strdup (anpr_statement_get_text (statement, 4));
  row->position = g_strdup (anpr_statement_get_text (statement, 5));
  row->hash = g_strdup (anpr_statement_get_text (statement, 6));
  row->record = anpr_spool_get_record (spool, statement, 7, row->id);
  return row;
}

void
anpr_spool_set_read_error (AnprSpool *spool, GError **error)
{
  anpr_spool_set_error (spool, ANPR_ERROR_SPOOL_OPEN, "cannot be read", error);
}

/**
 * anpr_spool_fetch: (skip)
 * @spool: a spool
 * @statement: selects %ANPR_SPOOL_ROW; it is reset, which ends the transaction
 * @error: %ANPR_ERROR_SPOOL_OPEN
 *
 * Returns: (transfer full) (nullable) (element-type AnprSpoolRow): all rows
 */
GPtrArray *
anpr_spool_fetch (AnprSpool *spool, AnprStatement *statement, GError **error)
{
  g_autoptr (GPtrArray) rows =
      g_ptr_array_new_with_free_func ((GDestroyNotify) row_free);
  gint rc;

  while ((rc = sqlite3_step (statement)) == SQLITE_ROW)
    g_ptr_array_add (rows, row_new (spool, statement));
  if (rc != SQLITE_DONE) {
    anpr_spool_set_read_error (spool, error);
    (void) sqlite3_reset (statement);
    return NULL;
  }
  (void) sqlite3_reset (statement);
  return g_steal_pointer (&rows);
}

/* --- visiting --- */

static const gchar *const visits[] = {
  [FALSE] = "SELECT " ANPR_SPOOL_ROW " FROM passage WHERE number > ?1"
            " AND (?2 IS NULL OR position = ?2) AND (?3 = 0 OR utc >= ?3)"
            " AND (?4 = 0 OR utc < ?4) AND (NOT ?5 OR has_hits (hits, number))"
            " ORDER BY number LIMIT ?6",
  [TRUE] = "SELECT " ANPR_SPOOL_ROW " FROM passage WHERE number < ?1"
           " AND (?2 IS NULL OR position = ?2) AND (?3 = 0 OR utc >= ?3)"
           " AND (?4 = 0 OR utc < ?4) AND (NOT ?5 OR has_hits (hits, number))"
           " ORDER BY number DESC LIMIT ?6",
};

static AnprStatement *
prepare_visit (AnprSpool *spool, const AnprSpoolFilter *filter)
{
  AnprStatement *statement =
      anpr_spool_prepare (spool, visits[!!filter->newest_first]);

  if (!statement)
    return NULL;
  anpr_statement_bind_text (statement, 2, filter->position);
  (void) sqlite3_bind_int64 (statement, 3, filter->from_utc);
  (void) sqlite3_bind_int64 (statement, 4, filter->to_utc);
  (void) sqlite3_bind_int (statement, 5, filter->hits_only);
  return statement;
}

/**
 * anpr_spool_visit: (skip)
 * @spool: a spool
 * @filter: (nullable): which passages, %NULL for all
 * @visitor: (scope call): called for each, in the order they were kept
 * @user_data: for @visitor
 * @error: %ANPR_ERROR_SPOOL_OPEN, %ANPR_ERROR_SPOOL_DAMAGED
 *
 * Passages kept meanwhile may be visited too. Records that cannot be decrypted
 * are left out, which is an error after the last.
 *
 * Returns: %FALSE if the spool could not be read to the end
 */
gboolean
anpr_spool_visit (AnprSpool *spool, const AnprSpoolFilter *filter,
    AnprSpoolVisitor visitor, gpointer user_data, GError **error)
{
  static const AnprSpoolFilter all = { 0 };
  g_autoptr (AnprStatement) statement = NULL;
  guint64 left;
  gint64 number;
  guint n_rows, n_damaged = 0;

  g_return_val_if_fail (spool != NULL && visitor != NULL, FALSE);

  filter = filter ? filter : &all;
  left = filter->limit ? filter->limit : G_MAXUINT64;
  number = filter->newest_first ? G_MAXINT64 : 0;
  statement = prepare_visit (spool, filter);
  if (!statement) {
    anpr_spool_set_read_error (spool, error);
    return FALSE;
  }
  do {
    g_autoptr (GPtrArray) rows = NULL;

    (void) sqlite3_bind_int64 (statement, 1, number);
    (void) sqlite3_bind_int64 (statement, 6, MIN (left, ANPR_SPOOL_PAGE));
    rows = anpr_spool_fetch (spool, statement, error);
    if (!rows)
      return FALSE;
    n_rows = rows->len;
    left -= n_rows;
    for (guint i = 0; i < n_rows; i++) {
      const AnprSpoolRow *row = g_ptr_array_index (rows, i);

      number = row->number;
      if (!row->record)
        n_damaged++;
      else if (!visitor (row->sequence, row->record, user_data))
        return TRUE;
    }
  } while (n_rows == ANPR_SPOOL_PAGE && left > 0);
  if (n_damaged > 0)
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_SPOOL_DAMAGED,
        "Spool \"%s\": %u records cannot be decrypted; anprctl verify names "
        "the "
        "first",
        spool->path, n_damaged);
  return n_damaged == 0;
}

/**
 * anpr_spool_get_image: (skip)
 * @spool: a spool
 * @passage_id: id of a passage
 * @kind: "plate" or "vehicle"
 * @error: %ANPR_ERROR_SPOOL_OPEN, %ANPR_ERROR_SPOOL_DAMAGED
 *
 * Returns: (transfer full) (nullable): the JPEG; %NULL without @error set if
 *     there is none, or none any more
 */
GBytes *
anpr_spool_get_image (AnprSpool *spool, const gchar *passage_id,
    const gchar *kind, GError **error)
{
  g_autoptr (AnprStatement) statement = NULL;
  GBytes *jpeg;
  gint rc;

  g_return_val_if_fail (spool != NULL, NULL);
  g_return_val_if_fail (passage_id != NULL && kind != NULL, NULL);

  statement = anpr_spool_prepare (spool,
      "SELECT jpeg FROM image JOIN passage ON passage.number = image.passage"
      " WHERE id = ?1 AND kind = ?2 AND jpeg IS NOT NULL");
  if (statement) {
    anpr_statement_bind_text (statement, 1, passage_id);
    anpr_statement_bind_text (statement, 2, kind);
  }
  rc = statement ? sqlite3_step (statement) : SQLITE_ERROR;
  if (rc == SQLITE_ROW) {
    jpeg = anpr_spool_get_jpeg (spool, statement, 0, passage_id, kind);
    if (!jpeg)
      g_set_error (error, ANPR_ERROR, ANPR_ERROR_SPOOL_DAMAGED,
          "Spool \"%s\": picture \"%s\" of %s cannot be decrypted", spool->path,
          kind, passage_id);
    return jpeg;
  }
  if (rc != SQLITE_DONE)
    anpr_spool_set_read_error (spool, error);
  return NULL;
}

/**
 * anpr_spool_summarise: (skip)
 * @spool: a spool
 * @summary: (out): figures; reads the whole table, so it takes a while in a
 *     large spool
 * @error: %ANPR_ERROR_SPOOL_OPEN
 *
 * Returns: whether @summary is filled
 */
gboolean
anpr_spool_summarise (
    AnprSpool *spool, AnprSpoolSummary *summary, GError **error)
{
  g_autoptr (AnprStatement) statement = NULL;

  g_return_val_if_fail (spool != NULL && summary != NULL, FALSE);

  statement = anpr_spool_prepare (spool,
      "SELECT count(*), total(has_hits(hits, number)),"
      " (SELECT count(*) FROM image WHERE jpeg IS NOT NULL),"
      " (SELECT value FROM counter WHERE name = 'images-freed'),"
      " (SELECT count(*) FROM position),"
      " (SELECT freelist_count * page_size"
      "  FROM pragma_freelist_count, pragma_page_size),"
      " min(CASE WHEN utc > 0 THEN utc END), max(utc) FROM passage");
  if (!statement || sqlite3_step (statement) != SQLITE_ROW) {
    anpr_spool_set_read_error (spool, error);
    return FALSE;
  }
  summary->passages = sqlite3_column_int64 (statement, 0);
  summary->hits = sqlite3_column_int64 (statement, 1);
  summary->images = sqlite3_column_int64 (statement, 2);
  summary->images_freed = sqlite3_column_int64 (statement, 3);
  summary->positions = sqlite3_column_int64 (statement, 4);
  summary->bytes = anpr_spool_get_bytes (spool);
  summary->bytes_free = sqlite3_column_int64 (statement, 5);
  summary->first_utc = sqlite3_column_int64 (statement, 6);
  summary->last_utc = sqlite3_column_int64 (statement, 7);
  return TRUE;
}
