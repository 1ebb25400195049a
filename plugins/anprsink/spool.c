/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The spool: passages and their pictures, safe on the appliance's own disk.
 *
 * One SQLite file with a write-ahead log and synchronous=FULL. A passage with
 * its pictures is one transaction, and it is on the disk when
 * anpr_spool_keep() returns: a process killed at any instruction, or a machine
 * that loses power, loses nothing that was kept.
 *
 * Chain. The records of a position are numbered 1, 2, 3... without a gap, and
 * each carries the hash of the one before it. A record's hash is the SHA-256 of
 * its own line with `"hash":null` in the place of the hash. Table `position`
 * holds the end of each chain, so a tail that was cut off is seen as well.
 *
 * Size is the business of spoolroom.c.
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

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* How long a transaction waits for another process's, milliseconds */
#define BUSY_TIMEOUT 2000

static const gchar schema[] =
    "CREATE TABLE passage ("
    " number INTEGER PRIMARY KEY,"
    " id TEXT NOT NULL UNIQUE,"
    " position TEXT NOT NULL,"
    " sequence INTEGER NOT NULL,"
    " utc INTEGER NOT NULL,"
    " hits INTEGER NOT NULL,"
    " hash TEXT NOT NULL,"
    " record TEXT NOT NULL,"
    " UNIQUE (position, sequence));"
    "CREATE INDEX passage_utc ON passage (utc);"
    "CREATE TABLE image ("
    " number INTEGER PRIMARY KEY,"
    " passage INTEGER NOT NULL REFERENCES passage (number),"
    " kind TEXT NOT NULL,"
    " freeable INTEGER NOT NULL,"
    " jpeg BLOB,"
    " UNIQUE (passage, kind));"
    "CREATE INDEX image_freeable ON image (number)"
    " WHERE freeable AND jpeg IS NOT NULL;"
    "CREATE TABLE position ("
    " name TEXT PRIMARY KEY,"
    " sequence INTEGER NOT NULL,"
    " hash TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE counter ("
    " name TEXT PRIMARY KEY,"
    " value INTEGER NOT NULL) WITHOUT ROWID;"
    "INSERT INTO counter VALUES ('images-freed', 0);"
    "PRAGMA application_id = 0x414E5052;"
    "PRAGMA user_version = 1;";
G_STATIC_ASSERT (ANPR_SPOOL_APPLICATION_ID == 0x414E5052);
G_STATIC_ASSERT (ANPR_SPOOL_VERSION == 1);

void
anpr_spool_set_error (
    AnprSpool *spool, AnprError code, const gchar *consequence, GError **error)
{
  g_set_error (error, ANPR_ERROR, code, "Spool \"%s\" %s: %s", spool->path,
      consequence, sqlite3_errmsg (spool->database));
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

static gboolean
check_schema (AnprSpool *spool, gboolean *empty, GError **error)
{
  gint64 application, version, tables;

  tables = anpr_spool_ask_number (spool, "SELECT count(*) FROM sqlite_schema");
  if (tables < 0) {
    anpr_spool_set_error (spool,
        sqlite3_errcode (spool->database) == SQLITE_NOTADB
            ? ANPR_ERROR_SPOOL_SCHEMA
            : ANPR_ERROR_SPOOL_OPEN,
        "cannot be opened", error);
    return FALSE;
  }
  application = anpr_spool_ask_number (spool, "PRAGMA application_id");
  version = anpr_spool_ask_number (spool, "PRAGMA user_version");
  *empty = tables == 0 && application == 0 && version == 0;
  if (*empty)
    return TRUE;
  if (application != ANPR_SPOOL_APPLICATION_ID) {
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_SPOOL_SCHEMA,
        "Spool \"%s\" is a file of another program", spool->path);
    return FALSE;
  }
  if (version != ANPR_SPOOL_VERSION) {
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_SPOOL_SCHEMA,
        "Spool \"%s\" has schema %" G_GINT64_FORMAT
        ", this version knows schema %d",
        spool->path, version, ANPR_SPOOL_VERSION);
    return FALSE;
  }
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
  gboolean empty, foreign;

  if (!connect_to_file (spool, SQLITE_OPEN_READONLY, NULL))
    return FALSE;
  foreign = !check_schema (spool, &empty, &reason)
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
make_tables (AnprSpool *spool, GError **error)
{
  gboolean empty;

  if (anpr_spool_run (spool, "BEGIN IMMEDIATE") != SQLITE_OK)
    goto failed;
  if (!check_schema (spool, &empty, error)) {
    anpr_spool_roll_back (spool);
    return FALSE;
  }
  if ((empty && anpr_spool_run (spool, schema) != SQLITE_OK)
      || anpr_spool_run (spool, "COMMIT") != SQLITE_OK)
    goto failed;
  return TRUE;

failed:
  anpr_spool_set_error (
      spool, ANPR_ERROR_SPOOL_OPEN, "cannot be written", error);
  anpr_spool_roll_back (spool);
  return FALSE;
}

static gboolean
prepare_to_write (AnprSpool *spool, GError **error)
{
  g_autoptr (AnprStatement) mode = NULL;

  if (!make_tables (spool, error))
    return FALSE;
  mode = anpr_spool_prepare (spool, "PRAGMA journal_mode = WAL");
  if (!mode || sqlite3_step (mode) != SQLITE_ROW
      || strcmp (anpr_statement_get_text (mode, 0), "wal") != 0
      || anpr_spool_run (spool,
             "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
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

static gboolean
open_to_write (AnprSpool *spool, GError **error)
{
  GStatBuf info;
  gboolean made;

  if (!make_file (spool, &made, error)
      || (!made && refuse_foreign (spool, error))
      || !connect_to_file (spool, SQLITE_OPEN_READWRITE, error)
      || !prepare_to_write (spool, error))
    return FALSE;
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
open_to_read (AnprSpool *spool, GError **error)
{
  gboolean empty;

  if (!connect_to_file (spool, SQLITE_OPEN_READONLY, error)
      || !check_schema (spool, &empty, error))
    return FALSE;
  if (empty) {
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_SPOOL_SCHEMA,
        "\"%s\" is no spool: it is empty", spool->path);
    return FALSE;
  }
  return TRUE;
}

/**
 * anpr_spool_open: (skip)
 * @path: file
 * @mode: to write makes the file if there is none
 * @error: %ANPR_ERROR_SPOOL_OPEN, %ANPR_ERROR_SPOOL_SCHEMA
 *
 * Blocks on the disk, and up to 2 s on other processes that write.
 *
 * Returns: (transfer full) (nullable): the spool, for one thread at a time
 */
AnprSpool *
anpr_spool_open (const gchar *path, AnprSpoolMode mode, GError **error)
{
  g_autoptr (AnprSpool) spool = NULL;
  gboolean opened;

  g_return_val_if_fail (path != NULL, NULL);

  spool = g_new0 (AnprSpool, 1);
  /* absolute, SQLite reads no special meaning into it (":memory:") */
  spool->path = g_canonicalize_filename (path, NULL);
  opened = mode == ANPR_SPOOL_WRITE ? open_to_write (spool, error)
                                    : open_to_read (spool, error);
  if (!opened)
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
  g_free (spool->path);
  g_free (spool);
}

/* --- keeping --- */

static gboolean
is_still_there (AnprSpool *spool, GError **error)
{
  GStatBuf info;

  if (g_stat (spool->path, &info) == 0 && info.st_dev == spool->device
      && info.st_ino == spool->inode)
    return TRUE;
  g_set_error (error, ANPR_ERROR, ANPR_ERROR_SPOOL_WRITE,
      "Spool \"%s\" was removed or replaced", spool->path);
  return FALSE;
}

/* The record that is kept already, if @id is. Returns SQLITE_ROW or
 * SQLITE_DONE, or what went wrong. */
static gint
find_kept (AnprSpool *spool, const gchar *id, gchar **record)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (
      spool, "SELECT sequence, record FROM passage WHERE id = ?1");
  gint rc;

  if (!statement)
    return sqlite3_extended_errcode (spool->database);
  anpr_statement_bind_text (statement, 1, id);
  rc = sqlite3_step (statement);
  if (rc == SQLITE_ROW) {
    spool->sequence = sqlite3_column_int64 (statement, 0);
    *record = g_strdup (anpr_statement_get_text (statement, 1));
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
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (
      spool, "INSERT OR REPLACE INTO position VALUES (?1, ?2, ?3)");

  if (!statement)
    return sqlite3_extended_errcode (spool->database);
  anpr_statement_bind_text (statement, 1, keeping->position);
  (void) sqlite3_bind_int64 (statement, 2, (gint64) keeping->sequence);
  anpr_statement_bind_text (statement, 3, keeping->hash);
  return sqlite3_step (statement);
}

static gint
insert_passage (AnprSpool *spool, AnprPassage *passage,
    const AnprKeeping *keeping, const gchar *record)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (spool,
      "INSERT INTO passage (id, position, sequence, utc, hits, hash, record)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
  g_autoptr (GPtrArray) hits = anpr_passage_get_hits (passage);
  AnprMoment best;

  if (!statement)
    return sqlite3_extended_errcode (spool->database);
  anpr_passage_get_moments (passage, NULL, &best, NULL);
  anpr_statement_bind_text (statement, 1, anpr_passage_get_id (passage));
  anpr_statement_bind_text (statement, 2, keeping->position);
  (void) sqlite3_bind_int64 (statement, 3, (gint64) keeping->sequence);
  (void) sqlite3_bind_int64 (statement, 4, best.utc);
  (void) sqlite3_bind_int64 (statement, 5, hits->len);
  anpr_statement_bind_text (statement, 6, keeping->hash);
  anpr_statement_bind_text (statement, 7, record);
  return sqlite3_step (statement);
}

static gint
insert_image (AnprSpool *spool, gint64 passage, gboolean freeable,
    const AnprSpoolImage *image)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (spool,
      "INSERT INTO image (passage, kind, freeable, jpeg)"
      " VALUES (?1, ?2, ?3, ?4)");
  gconstpointer data;
  gsize size;

  if (!statement)
    return sqlite3_extended_errcode (spool->database);
  data = g_bytes_get_data (image->jpeg, &size);
  (void) sqlite3_bind_int64 (statement, 1, passage);
  anpr_statement_bind_text (statement, 2, image->kind);
  (void) sqlite3_bind_int (statement, 3, freeable);
  (void) sqlite3_bind_blob64 (statement, 4, data, size, SQLITE_STATIC);
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

/* One try, inside a transaction. Returns SQLITE_DONE if all is in. */
static gint
insert_all (AnprSpool *spool, AnprPassage *passage, AnprKeeping *keeping,
    const AnprSpoolImage *images, guint n_images, gchar **record)
{
  g_autofree gchar *previous_hash = NULL;
  g_autofree gchar *hash = NULL;
  gint64 number;
  gint rc = find_kept (spool, anpr_passage_get_id (passage), record);

  if (rc == SQLITE_ROW)
    return SQLITE_DONE;
  if (rc == SQLITE_DONE)
    rc = find_chain_end (
        spool, keeping->position, &keeping->sequence, &previous_hash);
  if (rc != SQLITE_DONE)
    return rc;
  keeping->sequence++;
  keeping->previous_hash = previous_hash;
  *record = make_record (passage, keeping, &hash);
  rc = insert_passage (spool, passage, keeping, *record);
  number = sqlite3_last_insert_rowid (spool->database);
  for (guint i = 0; rc == SQLITE_DONE && i < n_images; i++)
    rc = insert_image (
        spool, number, !anpr_passage_has_hits (passage), &images[i]);
  if (rc == SQLITE_DONE)
    rc = set_chain_end (spool, keeping);
  spool->sequence = keeping->sequence;
  return rc;
}

static gint
keep_once (AnprSpool *spool, AnprPassage *passage, const AnprKeeping *keeping,
    const AnprSpoolImage *images, guint n_images, gchar **record)
{
  AnprKeeping now = *keeping;
  gint rc = anpr_spool_run (spool, "BEGIN IMMEDIATE");

  if (rc == SQLITE_OK)
    rc = insert_all (spool, passage, &now, images, n_images, record);
  if (rc == SQLITE_DONE)
    rc = anpr_spool_run (spool, "COMMIT");
  if (rc != SQLITE_OK)
    g_clear_pointer (record, g_free);
  return rc;
}

static JsonArray *
describe_images (const AnprSpoolImage *images, guint n_images, guint64 *bytes)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < n_images; i++) {
    g_autofree gchar *checksum =
        g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, images[i].jpeg);
    JsonObject *object = json_object_new ();

    json_object_set_string_member (object, "kind", images[i].kind);
    json_object_set_string_member (object, "sha256", checksum);
    json_object_set_int_member (
        object, "bytes", (gint64) g_bytes_get_size (images[i].jpeg));
    json_array_add_object_element (array, object);
    *bytes += g_bytes_get_size (images[i].jpeg);
  }
  return array;
}

static void
set_keep_error (AnprSpool *spool, gint rc, GError **error)
{
  if (rc == SQLITE_FULL)
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_SPOOL_FULL,
        "Spool \"%s\" has no room left", spool->path);
  else
    anpr_spool_set_error (
        spool, ANPR_ERROR_SPOOL_WRITE, "cannot be written", error);
}

/**
 * anpr_spool_keep: (skip)
 * @spool: a spool open for writing
 * @passage: a closed passage
 * @device: (nullable): name of the appliance
 * @position: whose chain the record joins
 * @lane: (nullable): lane at the position
 * @images: (array length=n_images): its pictures, each of another kind
 * @n_images: how many
 * @record: (out) (optional) (transfer full): the line as kept
 * @error: %ANPR_ERROR_SPOOL_WRITE, %ANPR_ERROR_SPOOL_FULL
 *
 * Blocks until the passage is on the disk. A passage that is kept already is
 * not kept twice: @record is then the line of the first time. After an error
 * nothing of it is kept, and it may be tried again.
 *
 * Returns: whether it is kept
 */
gboolean
anpr_spool_keep (AnprSpool *spool, AnprPassage *passage, const gchar *device,
    const gchar *position, const gchar *lane, const AnprSpoolImage *images,
    guint n_images, gchar **record, GError **error)
{
  AnprKeeping keeping = { device, position, lane };
  g_autoptr (JsonArray) described = NULL;
  g_autofree gchar *line = NULL;
  guint64 bytes = 0;
  gint rc;

  g_return_val_if_fail (spool != NULL && passage != NULL, FALSE);
  g_return_val_if_fail (position != NULL, FALSE);

  if (!is_still_there (spool, error) || !anpr_spool_bound_log (spool, error))
    return FALSE;
  keeping.images = described = describe_images (images, n_images, &bytes);
  do {
    rc = anpr_spool_has_room (spool, bytes)
             ? keep_once (spool, passage, &keeping, images, n_images, &line)
             : SQLITE_FULL;
    if (rc == SQLITE_OK)
      break;
    set_keep_error (spool, rc, error);
    anpr_spool_roll_back (spool);
    if (rc != SQLITE_FULL || !anpr_spool_make_room (spool, bytes))
      return FALSE;
    g_clear_error (error);
    if (!anpr_spool_bound_log (spool, error))
      return FALSE;
  } while (TRUE);
  if (record)
    *record = g_steal_pointer (&line);
  return TRUE;
}

/**
 * anpr_spool_get_sequence: (skip)
 * @spool: a spool
 *
 * Returns: the number of the record anpr_spool_keep() gave last, 0 before
 */
guint64
anpr_spool_get_sequence (AnprSpool *spool)
{
  return spool->sequence;
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
  static const gchar *const endings[] = { "", "-wal", "-shm" };
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
