/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Keeping passages: several in one transaction, all of them or none.
 *
 * Writing through to the disk costs the same for one passage as for fifty, so
 * whoever has several that wait hands them over together. Nobody may call one
 * kept before the function has returned.
 */

#include "spool-private.h"
#include "../record/jsonmember.h"

#include <glib/gstdio.h>

/**
 * anpr_spool_is_still_there: (skip)
 * @spool: a spool
 * @error: %ANPR_ERROR_SPOOL_WRITE
 *
 * Returns: whether the file has not been removed or replaced since it was opened
 */
gboolean
anpr_spool_is_still_there (AnprSpool *spool, GError **error)
{
  GStatBuf info;

  if (g_stat (spool->path, &info) == 0 && info.st_dev == spool->device
      && info.st_ino == spool->inode)
    return TRUE;
  g_set_error (error, ANPR_ERROR, ANPR_ERROR_SPOOL_WRITE,
      "Spool \"%s\" was removed or replaced", spool->path);
  return FALSE;
}

/* The record that is kept already, if the passage is. Returns SQLITE_ROW or
 * SQLITE_DONE, or what went wrong. */
static gint
find_kept (AnprSpool *spool, AnprSpoolItem *item)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (
      spool, "SELECT sequence, record FROM passage WHERE id = ?1");
  gint rc;

  if (!statement)
    return sqlite3_extended_errcode (spool->database);
  anpr_statement_bind_text (statement, 1, anpr_passage_get_id (item->passage));
  rc = sqlite3_step (statement);
  if (rc == SQLITE_ROW) {
    item->sequence = sqlite3_column_int64 (statement, 0);
    item->record = anpr_spool_get_record (
        spool, statement, 1, anpr_passage_get_id (item->passage));
    if (!item->record)
      return SQLITE_CORRUPT;
  }
  return rc;
}

static gint
find_chain_end (
    AnprSpool *spool, const gchar *position, guint64 *sequence, gchar **hash)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (
      spool, "SELECT sequence, hash FROM position WHERE name = ?1");
  gint rc;

  if (!statement)
    return sqlite3_extended_errcode (spool->database);
  anpr_statement_bind_text (statement, 1, position);
  rc = sqlite3_step (statement);
  if (rc == SQLITE_ROW) {
    *sequence = sqlite3_column_int64 (statement, 0);
    *hash = g_strdup (anpr_statement_get_text (statement, 1));
  }
  return rc == SQLITE_ROW ? SQLITE_DONE : rc;
}

static gint
set_chain_end (AnprSpool *spool, const AnprKeeping *keeping)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (spool,
      "INSERT INTO position (name, sequence, hash) VALUES (?1, ?2, ?3)"
      " ON CONFLICT DO UPDATE SET sequence = ?2, hash = ?3");

  if (!statement)
    return sqlite3_extended_errcode (spool->database);
  anpr_statement_bind_text (statement, 1, keeping->position);
  (void) sqlite3_bind_int64 (statement, 2, (gint64) keeping->sequence);
  anpr_statement_bind_text (statement, 3, keeping->hash);
  return sqlite3_step (statement);
}

static gint64
next_number (AnprSpool *spool)
{
  return anpr_spool_ask_number (spool,
      "SELECT 1 + max ((SELECT coalesce (max (number), 0) FROM passage),"
      " (SELECT value FROM counter WHERE name = 'last-removed'))");
}

static gint
insert_passage (AnprSpool *spool, gint64 number, AnprPassage *passage,
    const AnprKeeping *keeping, const gchar *record)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (spool,
      "INSERT INTO passage"
      " (number, id, position, sequence, utc, hits, hash, record)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
  g_autoptr (GPtrArray) hits = anpr_passage_get_hits (passage);
  const gchar *id = anpr_passage_get_id (passage);
  AnprMoment best;

  if (!statement)
    return sqlite3_extended_errcode (spool->database);
  anpr_passage_get_moments (passage, NULL, &best, NULL);
  (void) sqlite3_bind_int64 (statement, 1, number);
  anpr_statement_bind_text (statement, 2, id);
  anpr_statement_bind_text (statement, 3, keeping->position);
  (void) sqlite3_bind_int64 (statement, 4, (gint64) keeping->sequence);
  (void) sqlite3_bind_int64 (statement, 5, best.utc);
  (void) sqlite3_bind_int64 (statement, 6,
      anpr_spool_encode (spool, number, ANPR_SPOOL_HITS, (gint) hits->len));
  anpr_statement_bind_text (statement, 7, keeping->hash);
  anpr_spool_bind_record (spool, statement, 8, id, record);
  return sqlite3_step (statement);
}

static gint
insert_delivery (AnprSpool *spool, gint64 number, gint64 time, guint64 bytes)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (spool,
      "INSERT INTO delivery (number, kept, bytes, state)"
      " VALUES (?1, ?2, ?3, 0)");

  if (!statement)
    return sqlite3_extended_errcode (spool->database);
  (void) sqlite3_bind_int64 (statement, 1, number);
  (void) sqlite3_bind_int64 (statement, 2, time);
  (void) sqlite3_bind_int64 (statement, 3, (gint64) bytes);
  return sqlite3_step (statement);
}

static gint
insert_image (AnprSpool *spool, gint64 passage, const AnprSpoolItem *item,
    const AnprSpoolImage *image)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (spool,
      "INSERT INTO image (passage, kind, freeable, jpeg)"
      " VALUES (?1, ?2, ?3, ?4)");
  gboolean freeable = !anpr_passage_has_hits (item->passage);

  if (!statement)
    return sqlite3_extended_errcode (spool->database);
  (void) sqlite3_bind_int64 (statement, 1, passage);
  anpr_statement_bind_text (statement, 2, image->kind);
  (void) sqlite3_bind_int64 (statement, 3,
      anpr_spool_encode (spool, passage, ANPR_SPOOL_FREEABLE, freeable));
  anpr_spool_bind_image (
      spool, statement, 4, anpr_passage_get_id (item->passage), image);
  return sqlite3_step (statement);
}

static gchar *
make_record (AnprPassage *passage, AnprKeeping *keeping, gchar **hash)
{
  g_autoptr (JsonObject) object = anpr_passage_to_json (passage, keeping);
  g_autofree gchar *unhashed = anpr_json_to_line (object);

  keeping->hash = *hash = anpr_record_hash (unhashed);
  json_object_set_string_member (object, "hash", *hash);
  return anpr_json_to_line (object);
}

static JsonArray *
describe_images (const AnprSpoolItem *item)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < item->n_images; i++) {
    const AnprSpoolImage *image = &item->images[i];
    g_autofree gchar *checksum =
        g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, image->jpeg);
    JsonObject *object = json_object_new ();

    json_object_set_string_member (object, "kind", image->kind);
    json_object_set_string_member (object, "sha256", checksum);
    json_object_set_int_member (
        object, "bytes", (gint64) g_bytes_get_size (image->jpeg));
    json_array_add_object_element (array, object);
  }
  return array;
}

static guint64
images_size (const AnprSpoolItem *items, guint n_items)
{
  guint64 bytes = 0;

  for (guint i = 0; i < n_items; i++) {
    for (guint j = 0; j < items[i].n_images; j++)
      bytes += g_bytes_get_size (items[i].images[j].jpeg);
  }
  return bytes;
}

/* One of a transaction. Returns SQLITE_DONE if it is in. */
static gint
insert_item (AnprSpool *spool, const AnprSpoolPlace *place, gint64 time,
    AnprSpoolItem *item)
{
  g_autoptr (JsonArray) images = describe_images (item);
  AnprKeeping keeping = { place->device, place->position, place->lane,
    .images = images };
  g_autofree gchar *previous_hash = NULL;
  g_autofree gchar *hash = NULL;
  gint64 number;
  gint rc = find_kept (spool, item);

  if (rc == SQLITE_ROW)
    return SQLITE_DONE;
  if (rc == SQLITE_DONE)
    rc = find_chain_end (
        spool, keeping.position, &keeping.sequence, &previous_hash);
  if (rc != SQLITE_DONE)
    return rc;
  item->sequence = ++keeping.sequence;
  keeping.previous_hash =
      previous_hash && *previous_hash ? previous_hash : NULL;
  item->record = make_record (item->passage, &keeping, &hash);
  number = next_number (spool);
  rc = insert_passage (spool, number, item->passage, &keeping, item->record);
  if (rc == SQLITE_DONE)
    rc = insert_delivery (
        spool, number, time, strlen (item->record) + images_size (item, 1));
  for (guint i = 0; rc == SQLITE_DONE && i < item->n_images; i++)
    rc = insert_image (spool, number, item, &item->images[i]);
  return rc == SQLITE_DONE ? set_chain_end (spool, &keeping) : rc;
}

static gint
keep_once (AnprSpool *spool, const AnprSpoolPlace *place, AnprSpoolItem *items,
    guint n_items)
{
  gint64 time;
  gint rc = anpr_spool_run (spool, "BEGIN IMMEDIATE");

  if (rc != SQLITE_OK)
    return rc;
  rc = anpr_spool_note_time (spool, &time);
  for (guint i = 0; rc == SQLITE_DONE && i < n_items; i++)
    rc = insert_item (spool, place, time, &items[i]);
  if (rc == SQLITE_DONE)
    rc = anpr_spool_run (spool, "COMMIT");
  for (guint i = 0; rc != SQLITE_OK && i < n_items; i++)
    g_clear_pointer (&items[i].record, g_free);
  return rc;
}

/**
 * anpr_spool_keep: (skip)
 * @spool: a spool open for writing
 * @place: whose chain the records join
 * @items: (array length=n_items): closed passages with their pictures, each of
 *     another kind; record and sequence are set
 * @n_items: how many, at least one
 * @error: %ANPR_ERROR_SPOOL_WRITE, %ANPR_ERROR_SPOOL_FULL
 *
 * Blocks until all are on the disk, in one transaction. A passage that is kept
 * already is not kept twice: its record is then the line of the first time.
 * After an error nothing of them is kept, and they may be tried again.
 *
 * Returns: whether they are kept
 */
gboolean
anpr_spool_keep (AnprSpool *spool, const AnprSpoolPlace *place,
    AnprSpoolItem *items, guint n_items, GError **error)
{
  guint64 bytes;
  gint rc;

  g_return_val_if_fail (spool != NULL && place != NULL, FALSE);
  g_return_val_if_fail (place->position != NULL && n_items > 0, FALSE);

  if (!anpr_spool_is_still_there (spool, error)
      || !anpr_spool_bound_log (spool, error))
    return FALSE;
  bytes = images_size (items, n_items) + n_items * ANPR_SPOOL_RECORD_SIZE;
  do {
    rc = anpr_spool_has_room (spool, bytes)
             ? keep_once (spool, place, items, n_items)
             : SQLITE_FULL;
    if (rc == SQLITE_OK)
      return TRUE;
    anpr_spool_set_write_error (spool, rc, error);
    anpr_spool_roll_back (spool);
    if (rc != SQLITE_FULL || !anpr_spool_make_room (spool, bytes))
      return FALSE;
    g_clear_error (error);
  } while (anpr_spool_bound_log (spool, error));
  return FALSE;
}
