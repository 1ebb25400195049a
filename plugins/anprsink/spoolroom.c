/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Room for a spool: its own bounds, and the disk's.
 *
 * The file may take what max_page_count allows, and the log three shares beside
 * it (set_bounds()). When there is no room, passages that the centre has go
 * first, the oldest before the others, as a whole; then pictures of the oldest
 * passages without a hit; only when none are left nothing more is kept. What was
 * given up is in the report, and pictures are counted. The record still names a
 * picture that is gone, and its hash.
 *
 * What is due by time is erased on a disk that others have filled, too: a file of
 * 1 MiB beside the spool is given up for it and made again afterwards.
 *
 * A disk that is really full lets nothing be freed, because freeing writes to
 * the log. So the spool stops growing while there is still room to move the log
 * into the file and for a few transactions (anpr_spool_has_room()), and goes on
 * in the pages that freeing gives back.
 */

#include "spoolremove-private.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* A smaller bound than this would not hold the tables and a few passages */
#define MIN_SIZE (1 << 20)

/* Shares of the write-ahead log, bytes: one is moved into the file, at two
 * nothing more is kept, and the third is room for the last transaction. A
 * reader that holds a transaction open keeps the log from being moved. */
#define LOG_SHARE_MIN (64 << 10)
#define LOG_SHARE_MAX (16 << 20)
#define LOG_UNLIMITED (64 << 20)

/* Pictures in one transaction; writing them through costs about the same for a
 * few as for so many. SQLite's cache (prepare_to_write()) holds twice that. */
#define TRANSACTION_MAX (4 << 20)

/* Give up this much more than is needed, as a share of the size and at most, so
 * that not each passage has to */
#define FREE_AHEAD_SHARE 64
#define FREE_AHEAD_MAX (256 << 10)

/* What the spool leaves free on the disk, to be able to free pictures */
#define DISK_RESERVE (1 << 20)

/* Size of FILE.reserve, which is given up to erase what is due on a disk that
 * others have filled; a spool that may be smaller than RESERVE_FROM has none */
#define RESERVE (1 << 20)
#define RESERVE_FROM (64 << 20)

/* Gives the room back to the disk. Returns whether there was any. */
gboolean
anpr_spool_take_reserve (AnprSpool *spool)
{
  g_autofree gchar *file = g_strconcat (spool->path, ".reserve", NULL);

  return g_unlink (file) == 0;
}

/* Without room for it there is none, until the next time */
void
anpr_spool_make_reserve (AnprSpool *spool)
{
  g_autofree gchar *file = g_strconcat (spool->path, ".reserve", NULL);
  int fd;

  if (!spool->has_reserve)
    return;
  fd = open (file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0)
    return;
  if (posix_fallocate (fd, 0, RESERVE) != 0)
    (void) g_unlink (file);
  close (fd);
}

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
    pages = MIN (pages,
        (gint64) ((bytes - 3 * share - (bytes >= RESERVE_FROM ? RESERVE : 0))
                  / page_size));
  } else {
    share = LOG_SHARE_MAX;
    spool->log_pages_hard = LOG_UNLIMITED / page_size;
  }
  spool->free_ahead =
      MIN ((guint64) (pages * page_size) / FREE_AHEAD_SHARE, FREE_AHEAD_MAX);
  spool->log_share = share;
  spool->log_pages_soft = share / page_size;
  command = g_strdup_printf ("PRAGMA max_page_count = %" G_GINT64_FORMAT
                             "; PRAGMA journal_size_limit = %" G_GINT64_FORMAT,
      pages, share);
  (void) anpr_spool_run (spool, command);
  spool->has_reserve = bytes == 0 || bytes >= RESERVE_FROM;
  if (spool->has_reserve)
    anpr_spool_make_reserve (spool);
  else
    (void) anpr_spool_take_reserve (spool);
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

/**
 * anpr_spool_get_transaction_size: (skip)
 * @spool: a spool open for writing
 *
 * Returns: bytes of pictures that one transaction should not have more of, for
 *     the bounds to hold
 */
guint64
anpr_spool_get_transaction_size (AnprSpool *spool)
{
  return MIN (spool->log_share / 2, TRANSACTION_MAX);
}

static gboolean
truncate_log (AnprSpool *spool)
{
  if (sqlite3_wal_checkpoint_v2 (
          spool->database, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL)
      != SQLITE_OK)
    return FALSE;
  spool->log_pages = 0;
  return TRUE;
}

/* Nothing of what was written stays in the log, if no reader holds it */
void
anpr_spool_empty_log (AnprSpool *spool)
{
  (void) truncate_log (spool);
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
  if (!truncate_log (spool))
    return FALSE;
  if (disk_space (spool) >= 2 * bytes + DISK_RESERVE)
    return TRUE;
  reusable = anpr_spool_ask_number (spool, "PRAGMA freelist_count") * page_size;
  return reusable >= (gint64) bytes && disk_space (spool) >= bytes;
}

/**
 * anpr_spool_check_room: (skip)
 * @spool: a spool open for writing
 * @error: %ANPR_ERROR_SPOOL_FULL
 *
 * Returns: whether the disk has room for a passage without pictures
 */
gboolean
anpr_spool_check_room (AnprSpool *spool, GError **error)
{
  if (anpr_spool_has_room (spool, ANPR_SPOOL_RECORD_SIZE))
    return TRUE;
  anpr_spool_set_write_error (spool, SQLITE_FULL, error);
  return FALSE;
}

/* Whole passages that the centre has. Returns SQLITE_DONE, or what went wrong. */
static gint
erase_delivered (AnprErasing *erasing, guint64 bytes)
{
  g_autoptr (AnprStatement) oldest = anpr_spool_prepare (erasing->spool,
      "SELECT number FROM delivery WHERE state = 1 ORDER BY number LIMIT 1");
  gint rc = oldest ? SQLITE_DONE : SQLITE_ERROR;

  while (rc == SQLITE_DONE && erasing->bytes < bytes
         && erasing->passages < ANPR_ERASE_STEP
         && (rc = sqlite3_step (oldest)) == SQLITE_ROW) {
    gint64 number = sqlite3_column_int64 (oldest, 0);

    (void) sqlite3_reset (oldest);
    rc = anpr_erasing_remove (erasing, number);
  }
  return rc;
}

/* The picture's row as it is found */
typedef struct {
  gint64 number;
  gint64 passage;
  guint64 sequence;
  gint64 bytes;
  gchar *position;
} Picture;

static gint
free_picture (AnprSpool *spool, const Picture *picture)
{
  g_autoptr (AnprStatement) weigh = anpr_spool_prepare (
      spool, "UPDATE delivery SET bytes = bytes - ?2 WHERE number = ?1");
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (
      spool, "UPDATE image SET jpeg = NULL WHERE number = ?1");
  gint rc;

  if (!weigh || !statement)
    return sqlite3_extended_errcode (spool->database);
  (void) sqlite3_bind_int64 (weigh, 1, picture->passage);
  (void) sqlite3_bind_int64 (weigh, 2, picture->bytes);
  (void) sqlite3_bind_int64 (statement, 1, picture->number);
  rc = sqlite3_step (weigh);
  return rc == SQLITE_DONE ? sqlite3_step (statement) : rc;
}

/* The search begins behind what is known not to be freeable, or it would look at
 * all pictures of hits each time */
static gint
find_picture (AnprSpool *spool, AnprStatement *oldest, Picture *picture)
{
  gint rc;

  (void) sqlite3_bind_int64 (oldest, 1, spool->free_seen);
  rc = sqlite3_step (oldest);
  if (rc == SQLITE_ROW) {
    picture->number = sqlite3_column_int64 (oldest, 0);
    picture->passage = sqlite3_column_int64 (oldest, 1);
    picture->bytes = sqlite3_column_int64 (oldest, 2);
    picture->sequence = sqlite3_column_int64 (oldest, 3);
    picture->position = g_strdup (anpr_statement_get_text (oldest, 4));
    spool->free_seen = picture->number;
  }
  (void) sqlite3_reset (oldest);
  return rc;
}

static gint
free_pictures (AnprErasing *erasing, guint64 bytes, guint *n_freed)
{
  AnprSpool *spool = erasing->spool;
  g_autoptr (AnprStatement) oldest = anpr_spool_prepare (spool,
      "SELECT image.number, passage, length (jpeg), sequence, position"
      " FROM image JOIN passage ON passage.number = passage"
      " WHERE jpeg IS NOT NULL AND image.number > ?1"
      " AND may_free (freeable, passage) ORDER BY image.number LIMIT 1");
  gint rc = oldest ? SQLITE_DONE : SQLITE_ERROR;

  while (rc == SQLITE_DONE && erasing->bytes < bytes) {
    Picture picture = { 0 };
    AnprErasedPlace *place;

    rc = find_picture (spool, oldest, &picture);
    if (rc != SQLITE_ROW)
      break;
    place = anpr_erasing_get_place (erasing, picture.position);
    g_free (picture.position);
    g_array_append_val (place->pictures, picture.sequence);
    erasing->bytes += picture.bytes;
    rc = free_picture (spool, &picture);
    (*n_freed)++;
  }
  return rc;
}

static gint
count_freed (AnprSpool *spool, guint n_freed)
{
  g_autofree gchar *count =
      g_strdup_printf ("UPDATE counter SET value = value + %u"
                       " WHERE name = 'images-freed'",
          n_freed);
  gint rc = n_freed ? anpr_spool_run (spool, count) : SQLITE_OK;

  return rc == SQLITE_OK ? SQLITE_DONE : rc;
}

/**
 * anpr_spool_make_room: (skip)
 * @spool: a spool
 * @bytes: to keep; somewhat more is freed
 *
 * Gives up passages that are delivered, then pictures of the oldest passages
 * without a hit.
 *
 * Returns: whether something was
 */
gboolean
anpr_spool_make_room (AnprSpool *spool, guint64 bytes)
{
  g_auto (AnprErasing) erasing = { 0 };
  guint n_freed = 0;
  gint rc = anpr_spool_run (spool, "BEGIN IMMEDIATE");

  anpr_erasing_init (&erasing, spool, ANPR_ERASED_FOR_ROOM);
  bytes += spool->free_ahead;
  if (rc == SQLITE_OK)
    rc = erase_delivered (&erasing, bytes);
  if (rc == SQLITE_DONE)
    rc = free_pictures (&erasing, bytes, &n_freed);
  if (rc == SQLITE_DONE)
    rc = count_freed (spool, n_freed);
  if (rc == SQLITE_DONE)
    rc = anpr_erasing_finish (&erasing);
  if (rc == SQLITE_DONE)
    rc = anpr_spool_run (spool, "COMMIT");
  if (rc == SQLITE_OK && erasing.bytes > 0) {
    spool->images_freed += n_freed;
    return TRUE;
  }
  spool->free_seen = 0;
  anpr_spool_roll_back (spool);
  return FALSE;
}
