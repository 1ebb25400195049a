/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Room for a spool: its own bounds, and the disk's.
 *
 * The file may take what max_page_count allows, and the log three shares beside
 * it (set_bounds()). When there is no room, pictures of the oldest passages
 * without a hit are given up, in a transaction of their own; only when none are
 * left nothing more is kept. Records are never given up, and the record still
 * names the picture and its hash.
 *
 * A disk that is really full lets nothing be freed, because freeing writes to
 * the log. So the spool stops growing while there is still room to move the log
 * into the file and for a few transactions (anpr_spool_has_room()), and goes on
 * in the pages that freeing gives back.
 */

#include "spool-private.h"

#include <sys/statvfs.h>

/* A smaller bound than this would not hold the tables and a few passages */
#define MIN_SIZE (1 << 20)

/* Shares of the write-ahead log, bytes: one is moved into the file, at two
 * nothing more is kept, and the third is room for the last transaction. A
 * reader that holds a transaction open keeps the log from being moved. */
#define LOG_SHARE_MIN (64 << 10)
#define LOG_SHARE_MAX (4 << 20)
#define LOG_UNLIMITED (64 << 20)

/* Give up this much more than is needed, so that not each passage has to */
#define FREE_AHEAD (64 << 10)

/* What the spool leaves free on the disk, to be able to free pictures */
#define DISK_RESERVE (1 << 20)

static void
set_bounds (AnprSpool *spool, guint64 bytes)
{
  g_autofree gchar *command = NULL;
  gint64 page_size = anpr_spool_ask_number (spool, "PRAGMA page_size");
  gint64 share, pages = G_MAXUINT32 - 1;

  if (page_size <= 0)
    return;
  if (bytes > 0) {
    bytes = MAX (bytes, MIN_SIZE);
    share = CLAMP (bytes / 16, LOG_SHARE_MIN, LOG_SHARE_MAX);
    spool->log_pages_hard = 2 * share / page_size;
    pages = MIN (pages, (gint64) ((bytes - 3 * share) / page_size));
  } else {
    share = LOG_SHARE_MAX;
    spool->log_pages_hard = LOG_UNLIMITED / page_size;
  }
  spool->log_pages_soft = share / page_size;
  command = g_strdup_printf ("PRAGMA max_page_count = %" G_GINT64_FORMAT
                             "; PRAGMA journal_size_limit = %" G_GINT64_FORMAT,
      pages, share);
  (void) anpr_spool_run (spool, command);
}

/**
 * anpr_spool_set_max_size: (skip)
 * @spool: a spool open for writing
 * @bytes: of all its files together; 0 is unlimited, less than 1 MiB counts as
 *     1 MiB
 *
 * A spool that is larger already does not shrink, but grows no more. Exact as
 * long as the pictures of a passage take less than 1/32 of it; else the last
 * transaction may stand in the log on top. Holds until the spool is closed.
 */
void
anpr_spool_set_max_size (AnprSpool *spool, guint64 bytes)
{
  set_bounds (spool, bytes);
}

static gboolean
empty_log (AnprSpool *spool)
{
  if (sqlite3_wal_checkpoint_v2 (
          spool->database, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL)
      != SQLITE_OK)
    return FALSE;
  spool->log_pages = 0;
  return TRUE;
}

/**
 * anpr_spool_bound_log: (skip)
 * @spool: a spool
 * @error: %ANPR_ERROR_SPOOL_FULL
 *
 * Returns: whether the log may take another transaction
 */
gboolean
anpr_spool_bound_log (AnprSpool *spool, GError **error)
{
  if (spool->log_pages < spool->log_pages_soft)
    return TRUE;
  /* in use by readers is no fault: it is tried again with the next passage */
  (void) sqlite3_wal_checkpoint_v2 (
      spool->database, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
  if (spool->log_pages < spool->log_pages_hard)
    return TRUE;
  if (sqlite3_wal_checkpoint_v2 (
          spool->database, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL)
      == SQLITE_OK) {
    spool->log_pages = 0;
    return TRUE;
  }
  anpr_spool_set_error (spool, ANPR_ERROR_SPOOL_FULL,
      "has a full log that a reader holds", error);
  return FALSE;
}

static guint64
disk_space (AnprSpool *spool)
{
  struct statvfs disk;

  if (statvfs (spool->path, &disk) != 0)
    return G_MAXUINT64;
  return (guint64) disk.f_bavail * disk.f_frsize;
}

/**
 * anpr_spool_has_room: (skip)
 * @spool: a spool
 * @bytes: to keep, pictures and ANPR_SPOOL_RECORD_SIZE for each record
 *
 * Each byte is written twice, to the log and from there to the file.
 *
 * Returns: whether the disk has room for a passage and is left able to free
 */
gboolean
anpr_spool_has_room (AnprSpool *spool, guint64 bytes)
{
  gint64 page_size = anpr_spool_ask_number (spool, "PRAGMA page_size");
  guint64 log = (guint64) spool->log_pages * MAX (page_size, 0);
  gint64 reusable;

  if (disk_space (spool) >= log + 2 * bytes + DISK_RESERVE)
    return TRUE;
  if (!empty_log (spool))
    return FALSE;
  if (disk_space (spool) >= 2 * bytes + DISK_RESERVE)
    return TRUE;
  reusable = anpr_spool_ask_number (spool, "PRAGMA freelist_count") * page_size;
  return reusable >= (gint64) bytes && disk_space (spool) >= bytes;
}

static gint
free_one_image (AnprSpool *spool, gint64 number)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (
      spool, "UPDATE image SET jpeg = NULL WHERE number = ?1");

  if (!statement)
    return sqlite3_extended_errcode (spool->database);
  (void) sqlite3_bind_int64 (statement, 1, number);
  return sqlite3_step (statement);
}

static gboolean
free_oldest_images (AnprSpool *spool, guint64 bytes, guint *n_freed)
{
  g_autoptr (AnprStatement) oldest = anpr_spool_prepare (spool,
      "SELECT number, length(jpeg) FROM image"
      " WHERE freeable AND jpeg IS NOT NULL ORDER BY number LIMIT 1");
  guint64 freed = 0;
  gint rc = oldest ? SQLITE_ROW : SQLITE_ERROR;

  while (freed < bytes) {
    gint64 number;

    rc = sqlite3_step (oldest);
    if (rc != SQLITE_ROW)
      break;
    number = sqlite3_column_int64 (oldest, 0);
    freed += sqlite3_column_int64 (oldest, 1);
    (void) sqlite3_reset (oldest);
    rc = free_one_image (spool, number);
    if (rc != SQLITE_DONE)
      break;
    (*n_freed)++;
  }
  return rc == SQLITE_DONE && *n_freed > 0;
}

/**
 * anpr_spool_make_room: (skip)
 * @spool: a spool
 * @bytes: to keep; somewhat more is freed
 *
 * Gives up pictures of the oldest passages without a hit.
 *
 * Returns: whether some were
 */
gboolean
anpr_spool_make_room (AnprSpool *spool, guint64 bytes)
{
  g_autofree gchar *count = NULL;
  guint n_freed = 0;

  if (anpr_spool_run (spool, "BEGIN IMMEDIATE") != SQLITE_OK
      || !free_oldest_images (spool, bytes + FREE_AHEAD, &n_freed))
    goto failed;
  count = g_strdup_printf ("UPDATE counter SET value = value + %u"
                           " WHERE name = 'images-freed'",
      n_freed);
  if (anpr_spool_run (spool, count) != SQLITE_OK
      || anpr_spool_run (spool, "COMMIT") != SQLITE_OK)
    goto failed;
  spool->images_freed += n_freed;
  return TRUE;

failed:
  anpr_spool_roll_back (spool);
  return FALSE;
}
