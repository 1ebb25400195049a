/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Single passages and pages of them, for who looks at a spool while it is
 * written. Both go by the index of ids.
 */

#include "spoolpage.h"
#include "spool-private.h"

static gchar *
take_record (AnprSpoolRow *row)
{
  return g_steal_pointer (&row->record);
}

/**
 * anpr_spool_get_page: (skip)
 * @spool: a spool
 * @page: which passages
 * @error: %ANPR_ERROR_SPOOL_OPEN
 *
 * Returns: (transfer full) (nullable) (element-type utf8): their records, the
 *     largest id first, without those that @spool has no key for
 */
GPtrArray *
anpr_spool_get_page (
    AnprSpool *spool, const AnprSpoolPage *page, GError **error)
{
  g_autoptr (AnprStatement) statement = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  GPtrArray *records;

  g_return_val_if_fail (spool != NULL && page != NULL, NULL);

  statement = anpr_spool_prepare (spool,
      "SELECT " ANPR_SPOOL_ROW " FROM passage WHERE id < ?1 AND id >= ?2"
      " AND (NOT ?3 OR has_hits (hits, number)) ORDER BY id DESC LIMIT ?4");
  if (!statement) {
    anpr_spool_set_read_error (spool, error);
    return NULL;
  }
  anpr_statement_bind_text (statement, 1, page->before ? page->before : "~");
  anpr_statement_bind_text (statement, 2, page->from ? page->from : "");
  (void) sqlite3_bind_int (statement, 3, page->hits_only);
  (void) sqlite3_bind_int64 (statement, 4, page->limit);
  rows = anpr_spool_fetch (spool, statement, error);
  if (!rows)
    return NULL;
  records = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < rows->len; i++) {
    gchar *record = take_record (g_ptr_array_index (rows, i));

    if (record)
      g_ptr_array_add (records, record);
  }
  return records;
}

/**
 * anpr_spool_find_record: (skip)
 * @spool: a spool
 * @passage_id: id of a passage
 * @error: %ANPR_ERROR_SPOOL_OPEN
 *
 * Returns: (transfer full) (nullable): its record; %NULL without @error set if
 *     there is none
 */
gchar *
anpr_spool_find_record (
    AnprSpool *spool, const gchar *passage_id, GError **error)
{
  g_autoptr (AnprStatement) statement = NULL;
  g_autoptr (GPtrArray) rows = NULL;

  g_return_val_if_fail (spool != NULL && passage_id != NULL, NULL);

  statement = anpr_spool_prepare (
      spool, "SELECT " ANPR_SPOOL_ROW " FROM passage WHERE id = ?1");
  if (!statement) {
    anpr_spool_set_read_error (spool, error);
    return NULL;
  }
  anpr_statement_bind_text (statement, 1, passage_id);
  rows = anpr_spool_fetch (spool, statement, error);
  return rows && rows->len ? take_record (g_ptr_array_index (rows, 0)) : NULL;
}
