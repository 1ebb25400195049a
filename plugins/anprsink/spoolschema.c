/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The spool's tables, and how a file of an older version gets them.
 *
 * Each version is a step of SQL behind the one before it. A new file takes all
 * steps, an older one those it lacks, in one transaction together with its new
 * user_version: killed in between, the file is of the old version or of the
 * new one. Large tables are never rewritten, so a step takes seconds at most;
 * that is why the state of delivery has a table of its own, which is also small
 * enough to be changed for each passage that is acknowledged.
 *
 * Tables of version 2:
 *   passage   the records; `record` is text, or sealed (spoolseal.c)
 *   image     their pictures, NULL where one was given up
 *   delivery  of each passage: when it was kept (spool time, spoolclock.c), what
 *             it weighs, and what the centre said
 *   position  the end of each chain, the anchor it begins behind, and how long
 *             its passages may stay
 *   removed   number and hash of records that were removed while one before
 *             them is still there; the anchor swallows them when it gets there
 *   report    what was removed, why and when: a chain of its own
 *   clock     the spool's own time
 *   key       ids of the keys that rows are sealed with; 'none' if they are not
 *   counter   images-freed; last-removed, so that no number is used twice;
 *             salt of what may be seen without the key
 */

#include "spool-private.h"

#define NOW "CAST (strftime ('%s', 'now') AS INTEGER) * 1000000"

static const gchar *const steps[ANPR_SPOOL_VERSION] = {
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
  "PRAGMA user_version = 1;",

  "DROP INDEX image_freeable;"
  "CREATE INDEX image_kept ON image (number) WHERE jpeg IS NOT NULL;"
  "CREATE TABLE delivery ("
  " number INTEGER PRIMARY KEY REFERENCES passage (number),"
  " kept INTEGER NOT NULL,"
  " bytes INTEGER NOT NULL,"
  " state INTEGER NOT NULL,"
  " utc INTEGER,"
  " reason TEXT);"
  "INSERT INTO delivery SELECT number,"
  " CASE WHEN utc BETWEEN 1 AND " NOW " THEN utc ELSE " NOW " END,"
  " length (record) + coalesce ((SELECT sum (length (jpeg)) FROM image"
  "  WHERE passage = passage.number), 0), 0, NULL, NULL FROM passage;"
  "CREATE INDEX delivery_state ON delivery (state);"
  "ALTER TABLE position ADD COLUMN anchor_sequence INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE position ADD COLUMN anchor_hash TEXT;"
  "ALTER TABLE position ADD COLUMN retention INTEGER;"
  "ALTER TABLE position ADD COLUMN keep_delivered INTEGER;"
  "CREATE TABLE removed ("
  " position TEXT NOT NULL,"
  " sequence INTEGER NOT NULL,"
  " hash TEXT,"
  " PRIMARY KEY (position, sequence)) WITHOUT ROWID;"
  "CREATE TABLE report ("
  " number INTEGER PRIMARY KEY,"
  " hash TEXT NOT NULL,"
  " entry TEXT NOT NULL);"
  "CREATE TABLE clock ("
  " number INTEGER PRIMARY KEY,"
  " time INTEGER NOT NULL,"
  " boot TEXT NOT NULL,"
  " elapsed INTEGER NOT NULL,"
  " sure_time INTEGER,"
  " sure_utc INTEGER,"
  " sure_boot TEXT);"
  "CREATE TABLE key ("
  " id TEXT PRIMARY KEY,"
  " last INTEGER NOT NULL) WITHOUT ROWID;"
  "INSERT INTO key SELECT 'none', 0 WHERE EXISTS (SELECT 1 FROM passage);"
  "INSERT INTO counter VALUES ('last-removed', 0), ('salt', random ());"
  "PRAGMA user_version = 2;",
};
G_STATIC_ASSERT (ANPR_SPOOL_APPLICATION_ID == 0x414E5052);
G_STATIC_ASSERT (ANPR_SPOOL_VERSION == 2);

/**
 * anpr_spool_check_schema: (skip)
 * @spool: a spool with a connection
 * @version: (out): of the file, 0 if it is empty
 * @error: %ANPR_ERROR_SPOOL_SCHEMA, %ANPR_ERROR_SPOOL_OPEN
 *
 * Returns: whether the file is ours and not of a newer version
 */
gboolean
anpr_spool_check_schema (AnprSpool *spool, gint64 *version, GError **error)
{
  gint64 application, tables;

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
  *version = anpr_spool_ask_number (spool, "PRAGMA user_version");
  if (tables == 0 && application == 0 && *version == 0)
    return TRUE;
  if (application != ANPR_SPOOL_APPLICATION_ID) {
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_SPOOL_SCHEMA,
        "Spool \"%s\" is a file of another program", spool->path);
    return FALSE;
  }
  if (*version < 1 || *version > ANPR_SPOOL_VERSION) {
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_SPOOL_SCHEMA,
        "Spool \"%s\" has schema %" G_GINT64_FORMAT
        ", this version knows schema %d",
        spool->path, *version, ANPR_SPOOL_VERSION);
    return FALSE;
  }
  return TRUE;
}

/**
 * anpr_spool_make_tables: (skip)
 * @spool: a spool with a connection that may write
 * @error: %ANPR_ERROR_SPOOL_SCHEMA, %ANPR_ERROR_SPOOL_OPEN
 *
 * Makes the tables, or brings those of an older version up to date.
 *
 * Returns: whether the file is of this version now
 */
gboolean
anpr_spool_make_tables (AnprSpool *spool, GError **error)
{
  gint64 version;

  if (!anpr_spool_check_schema (spool, &version, error))
    return FALSE;
  if (version == ANPR_SPOOL_VERSION)
    return TRUE;
  if (anpr_spool_run (spool, "BEGIN IMMEDIATE") != SQLITE_OK)
    goto failed;
  /* another process may have been faster */
  if (!anpr_spool_check_schema (spool, &version, error)) {
    anpr_spool_roll_back (spool);
    return FALSE;
  }
  for (; version < ANPR_SPOOL_VERSION; version++) {
    if (anpr_spool_run (spool, steps[version]) != SQLITE_OK)
      goto failed;
  }
  if (anpr_spool_run (spool, "COMMIT") != SQLITE_OK)
    goto failed;
  return TRUE;

failed:
  anpr_spool_set_error (
      spool, ANPR_ERROR_SPOOL_OPEN, "cannot be written", error);
  anpr_spool_roll_back (spool);
  return FALSE;
}
