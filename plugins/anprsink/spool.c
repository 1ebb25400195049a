/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The spool: passages and their pictures, safe on the appliance's own disk.
 *
 * One SQLite file with a write-ahead log and synchronous=FULL. A passage with
 * its pictures is one transaction, and it is on the disk when
 * anpr_spool_keep() returns (spoolkeep.c): a process killed at any instruction,
 * or a machine that loses power, loses nothing that was kept.
 *
 * Chain. The records of a position are numbered 1, 2, 3... without a gap, and
 * each carries the hash of the one before it. A record's hash is the SHA-256 of
 * its own line with `"hash":null` in the place of the hash. Table `position`
 * holds the end of each chain, so a tail that was cut off is seen as well.
 *
 * The tables are in spoolschema.c, encryption in spoolseal.c, reading in spoolread.c, verifying in
 * spoolverify.c, what the forwarder needs in spooldelivery.c, size in
 * spoolroom.c.
 *
 * Files are made with mode 0600. A file of another program, or of a newer
 * version, is looked at with a reader's rights only and never changed: nothing
 * is opened for writing before its application_id is known. The file is never
 * opened but by SQLite, because closing any descriptor of it would drop the
 * locks this process has on it.
 *
 * A spool belongs to one thread at a time. Several processes may have the same
 * file open; writers take turns.
 */

#include "spool-private.h"
#include "spoolrecover-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* How long a transaction waits for another process's, milliseconds */
#define BUSY_TIMEOUT 2000

void
anpr_spool_set_error (
    AnprSpool *spool, AnprError code, const gchar *consequence, GError **error)
{
  gint reason = sqlite3_errcode (spool->database) & 0xFF;

  /* of a file that is ours by its header */
  if (code != ANPR_ERROR_SPOOL_SCHEMA
      && (reason == SQLITE_CORRUPT || reason == SQLITE_NOTADB))
    code = ANPR_ERROR_SPOOL_DAMAGED;
  g_set_error (error, ANPR_ERROR, code, "Spool \"%s\" %s: %s", spool->path,
      consequence, sqlite3_errmsg (spool->database));
}

/* Says why a transaction failed; @rc is what SQLite said */
void
anpr_spool_set_write_error (AnprSpool *spool, gint rc, GError **error)
{
  if (rc == SQLITE_FULL)
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_SPOOL_FULL,
        "Spool \"%s\" has no room left", spool->path);
  else
    anpr_spool_set_error (
        spool, ANPR_ERROR_SPOOL_WRITE, "cannot be written", error);
}

AnprStatement *
anpr_spool_prepare (AnprSpool *spool, const gchar *query)
{
  sqlite3_stmt *statement = NULL;

  (void) sqlite3_prepare_v2 (spool->database, query, -1, &statement, NULL);
  return statement;
}

void
anpr_statement_bind_text (
    AnprStatement *statement, gint index, const gchar *text)
{
  (void) sqlite3_bind_text (statement, index, text, -1, SQLITE_STATIC);
}

const gchar *
anpr_statement_get_text (AnprStatement *statement, gint column)
{
  const gchar *text = (const gchar *) sqlite3_column_text (statement, column);

  return text ? text : "";
}

/**
 * anpr_record_hash: (skip)
 * @unhashed: a record that ends with %ANPR_RECORD_UNHASHED_END
 *
 * Returns: (transfer full): its hash, 64 hexadecimal digits
 */
gchar *
anpr_record_hash (const gchar *unhashed)
{
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, unhashed, -1);
}

/**
 * anpr_record_has_hash: (skip)
 * @record: a line that ends with its hash
 * @hash: what it should be
 *
 * Returns: whether the hash is @hash, and right
 */
gboolean
anpr_record_has_hash (const gchar *record, const gchar *hash)
{
  g_autofree gchar *end = g_strdup_printf ("\"hash\":\"%s\"}", hash);
  g_autofree gchar *unhashed = NULL;
  g_autofree gchar *right = NULL;

  if (!g_str_has_suffix (record, end))
    return FALSE;
  unhashed = g_strdup_printf ("%.*s" ANPR_RECORD_UNHASHED_END,
      (int) (strlen (record) - strlen (end)), record);
  right = anpr_record_hash (unhashed);
  return strcmp (right, hash) == 0;
}

gint
anpr_spool_run (AnprSpool *spool, const gchar *commands)
{
  return sqlite3_exec (spool->database, commands, NULL, NULL, NULL);
}

gint64
anpr_spool_ask_number (AnprSpool *spool, const gchar *query)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (spool, query);

  if (!statement || sqlite3_step (statement) != SQLITE_ROW)
    return -1;
  return sqlite3_column_int64 (statement, 0);
}

void
anpr_spool_roll_back (AnprSpool *spool)
{
  if (!sqlite3_get_autocommit (spool->database))
    (void) anpr_spool_run (spool, "ROLLBACK");
}

/* Which rows have hits is to be found out anew */
void
anpr_spool_forget_hits (AnprSpool *spool)
{
  spool->hits_seen = 0;
  g_array_set_size (spool->hits_waiting, 0);
}

/* --- opening --- */

static gint
note_log_pages (
    gpointer user_data, sqlite3 *database, const char *name, int pages)
{
  ((AnprSpool *) user_data)->log_pages = pages;
  return SQLITE_OK;
}

static gboolean
connect_to_file (AnprSpool *spool, gint flags, GError **error)
{
  gint rc = sqlite3_open_v2 (
      spool->path, &spool->database, flags | SQLITE_OPEN_NOMUTEX, NULL);

  if (rc != SQLITE_OK) {
    anpr_spool_set_error (
        spool, ANPR_ERROR_SPOOL_OPEN, "cannot be opened", error);
    g_clear_pointer (&spool->database, sqlite3_close);
    return FALSE;
  }
  (void) sqlite3_extended_result_codes (spool->database, TRUE);
  (void) sqlite3_busy_timeout (spool->database, BUSY_TIMEOUT);
  return TRUE;
}

/* A writer that only means to look would still recover the other program's
 * journal. If a look does not tell, the file is not foreign: a spool whose
 * writer was killed while it made the tables cannot be read before it is
 * recovered. */
static gboolean
refuse_foreign (AnprSpool *spool, GError **error)
{
  GError *reason = NULL;
  gint64 version;
  gboolean foreign;

  if (!connect_to_file (spool, SQLITE_OPEN_READONLY, NULL))
    return FALSE;
  foreign = !anpr_spool_check_schema (spool, &version, &reason)
            && reason->code == ANPR_ERROR_SPOOL_SCHEMA;
  g_clear_pointer (&spool->database, sqlite3_close);
  if (foreign)
    g_propagate_error (error, reason);
  else
    g_clear_error (&reason);
  return foreign;
}

static gboolean
make_file (AnprSpool *spool, gboolean *made, GError **error)
{
  gint file =
      g_open (spool->path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

  *made = file >= 0;
  if (file < 0 && errno != EEXIST) {
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_SPOOL_OPEN,
        "Spool \"%s\" cannot be made: %s", spool->path, g_strerror (errno));
    return FALSE;
  }
  if (file >= 0)
    (void) g_close (file, NULL);
  return TRUE;
}

static gboolean
prepare_to_write (AnprSpool *spool, GError **error)
{
  g_autoptr (AnprStatement) mode = NULL;

  if (!anpr_spool_make_tables (spool, error))
    return FALSE;
  mode = anpr_spool_prepare (spool, "PRAGMA journal_mode = WAL");
  if (!mode || sqlite3_step (mode) != SQLITE_ROW
      || strcmp (anpr_statement_get_text (mode, 0), "wal") != 0
      || anpr_spool_run (spool,
             "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
             "PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY;"
             "PRAGMA foreign_keys = ON")
             != SQLITE_OK) {
    anpr_spool_set_error (
        spool, ANPR_ERROR_SPOOL_OPEN, "takes no write-ahead log", error);
    return FALSE;
  }
  sqlite3_wal_hook (spool->database, note_log_pages, spool);
  anpr_spool_set_max_size (spool, 0);
  return TRUE;
}

/* To see it replaced later */
static gboolean
note_file (AnprSpool *spool, GError **error)
{
  GStatBuf info;

  if (g_stat (spool->path, &info) != 0) {
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_SPOOL_OPEN,
        "Spool \"%s\" is gone: %s", spool->path, g_strerror (errno));
    return FALSE;
  }
  spool->device = info.st_dev;
  spool->inode = info.st_ino;
  return TRUE;
}

static gboolean
make_and_connect (AnprSpool *spool, GError **error)
{
  gboolean made;

  return make_file (spool, &made, error)
         && (made || !refuse_foreign (spool, error))
         && connect_to_file (spool, SQLITE_OPEN_READWRITE, error)
         && prepare_to_write (spool, error) && note_file (spool, error);
}

/* A recovery by another process waits until it is open, or is waited for */
static gboolean
open_to_write (AnprSpool *spool, GError **error)
{
  gboolean opened;
  int held;

  if (!anpr_spool_finish_recovery (spool->path, error))
    return FALSE;
  held = anpr_spool_lock_recovery (spool->path, LOCK_SH);
  if (held < 0 && errno == EWOULDBLOCK)
    return anpr_spool_fail_locked (spool->path, error);
  /* without rights in the folder, making the file says so */
  opened = make_and_connect (spool, error);
  if (held >= 0)
    close (held);
  return opened;
}

/* The tables of an older version are brought up to date, as by a writer */
static gboolean
open_to_read (AnprSpool *spool, GError **error)
{
  gint64 version;

  if (!connect_to_file (spool, SQLITE_OPEN_READONLY, error)
      || !anpr_spool_check_schema (spool, &version, error))
    return FALSE;
  if (version == 0) {
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_SPOOL_SCHEMA,
        "\"%s\" is no spool: it is empty", spool->path);
    return FALSE;
  }
  if (version == ANPR_SPOOL_VERSION)
    return note_file (spool, error);
  g_clear_pointer (&spool->database, sqlite3_close);
  return connect_to_file (spool, SQLITE_OPEN_READWRITE, error)
         && prepare_to_write (spool, error) && note_file (spool, error);
}

/**
 * anpr_spool_open: (skip)
 * @path: file
 * @mode: to write makes the file if there is none
 * @keys: (nullable): what records and pictures are sealed with, %NULL for a
 *     file that is not encrypted
 * @error: %ANPR_ERROR_SPOOL_OPEN, %ANPR_ERROR_SPOOL_SCHEMA,
 *     %ANPR_ERROR_SPOOL_KEY
 *
 * Blocks on the disk, and up to 2 s on other processes that write.
 *
 * Returns: (transfer full) (nullable): the spool, for one thread at a time
 */
AnprSpool *
anpr_spool_open (
    const gchar *path, AnprSpoolMode mode, AnprSpoolKeys *keys, GError **error)
{
  g_autoptr (AnprSpool) spool = NULL;
  gboolean opened;

  g_return_val_if_fail (path != NULL, NULL);

  spool = g_new0 (AnprSpool, 1);
  /* absolute, SQLite reads no special meaning into it (":memory:") */
  spool->path = g_canonicalize_filename (path, NULL);
  anpr_spool_set_clock (spool, NULL, NULL);
  spool->hits_waiting = g_array_new (FALSE, FALSE, sizeof (gint64));
  spool->keys = keys ? anpr_spool_keys_ref (keys) : NULL;
  opened = mode == ANPR_SPOOL_WRITE ? open_to_write (spool, error)
                                    : open_to_read (spool, error);
  if (!opened || !anpr_spool_check_keys (spool, mode, error))
    return NULL;
  spool->images_freed =
      MAX (0, anpr_spool_ask_number (spool,
                  "SELECT value FROM counter WHERE name = 'images-freed'"));
  return g_steal_pointer (&spool);
}

/**
 * anpr_spool_close: (skip)
 * @spool: (transfer full) (nullable): a spool
 */
void
anpr_spool_close (AnprSpool *spool)
{
  if (!spool)
    return;
  (void) sqlite3_close (spool->database);
  anpr_spool_keys_unref (spool->keys);
  g_array_unref (spool->hits_waiting);
  g_free (spool->path);
  g_free (spool);
}

/**
 * anpr_spool_get_bytes: (skip)
 * @spool: a spool
 *
 * Returns: size of its files
 */
guint64
anpr_spool_get_bytes (AnprSpool *spool)
{
  static const gchar *const endings[] = { "", "-wal", "-shm", ".reserve" };
  guint64 bytes = 0;

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++) {
    g_autofree gchar *path = g_strconcat (spool->path, endings[i], NULL);
    GStatBuf info;

    if (g_stat (path, &info) == 0)
      bytes += info.st_size;
  }
  return bytes;
}

/**
 * anpr_spool_get_images_freed: (skip)
 * @spool: a spool
 *
 * Returns: pictures given up for want of room since the spool was made, as far
 *     as @spool knows: those it gave up itself and those before it was opened
 */
guint64
anpr_spool_get_images_freed (AnprSpool *spool)
{
  return spool->images_freed;
}
