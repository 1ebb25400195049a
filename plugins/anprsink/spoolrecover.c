/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A damaged spool: set aside, and what can be read goes on in a new file.
 *
 * The new file is made beside the old one as FILE.new, complete, and then renamed
 * to FILE.recovered: that is the moment it counts. Then the old file and its log
 * get the name FILE.damaged-TIME as well, lose their old ones, and the new file
 * gets its own. Killed before that moment nothing has changed; killed after it,
 * whoever opens the spool next finishes (anpr_spool_finish_recovery()). The old
 * log must be gone before the new file has the name, or SQLite would play it into
 * that.
 *
 * Rows are copied one by one under their numbers, so keys, codes and what was
 * delivered stay as they are. A record whose hash is wrong counts as damaged even
 * where SQLite saw nothing. What is lost is told by the report as "damaged", and
 * the chain goes on over it by its number, and by its hash where the record
 * behind it names that.
 *
 * Only one process recovers a spool at a time, by a lock beside it; others see
 * that the file was replaced and open it anew.
 */

#include "spoolrecover-private.h"
#include "spoolremove-private.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <unistd.h>

/* --- the rows --- */

typedef struct {
  AnprSpool *spool; /* the new one */
  sqlite3 *old;     /* the damaged one */
  gint64 most;      /* rows that can have been in it */
  AnprSpoolRecovered *recovered;
  gint64 kept; /* of the row before */
} Copying;

static AnprStatement *
prepare_old (sqlite3 *old, const gchar *query)
{
  sqlite3_stmt *statement = NULL;

  (void) sqlite3_prepare_v2 (old, query, -1, &statement, NULL);
  return statement;
}

static gint64
ask_old (sqlite3 *old, const gchar *query)
{
  g_autoptr (AnprStatement) statement = prepare_old (old, query);

  return statement && sqlite3_step (statement) == SQLITE_ROW
             ? sqlite3_column_int64 (statement, 0)
             : -1;
}

/* Rows that @select finds for the number are inserted as they are, as far as
 * they can be read. Returns how many. */
static guint
copy_rows (
    Copying *copying, const gchar *select, const gchar *insert, gint64 number)
{
  g_autoptr (AnprStatement) from = prepare_old (copying->old, select);
  g_autoptr (AnprStatement) to = anpr_spool_prepare (copying->spool, insert);
  guint n = 0;

  if (!from || !to)
    return 0;
  (void) sqlite3_bind_int64 (from, 1, number);
  while (sqlite3_step (from) == SQLITE_ROW) {
    for (gint i = 0; i < sqlite3_column_count (from); i++)
      (void) sqlite3_bind_value (to, i + 1, sqlite3_column_value (from, i));
    n += sqlite3_step (to) == SQLITE_DONE;
    (void) sqlite3_reset (to);
  }
  return n;
}

static gboolean
run_for (Copying *copying, const gchar *command, gint64 number)
{
  g_autoptr (AnprStatement) statement =
      anpr_spool_prepare (copying->spool, command);

  if (!statement)
    return FALSE;
  (void) sqlite3_bind_int64 (statement, 1, number);
  (void) sqlite3_bind_int64 (statement, 2, copying->kept);
  return sqlite3_step (statement) == SQLITE_DONE;
}

/* Whether the copied picture is the one the record describes. SQLite does not
 * see bytes that were changed within a picture. */
static gboolean
is_right_picture (Copying *copying, gint64 number, const gchar *id,
    const gchar *kind, const gchar *checksum)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (copying->spool,
      "SELECT jpeg FROM image WHERE passage = ?1 AND kind = ?2");
  g_autoptr (GBytes) jpeg = NULL;
  g_autofree gchar *right = NULL;

  if (!statement)
    return FALSE;
  (void) sqlite3_bind_int64 (statement, 1, number);
  anpr_statement_bind_text (statement, 2, kind);
  if (sqlite3_step (statement) != SQLITE_ROW)
    return FALSE;
  if (sqlite3_column_type (statement, 0) == SQLITE_NULL)
    return TRUE; /* given up before */
  jpeg = anpr_spool_get_jpeg (copying->spool, statement, 0, id, kind);
  right = jpeg ? g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, jpeg) : NULL;
  return g_strcmp0 (right, checksum) == 0;
}

/* Pictures that were not copied, or wrongly, are noted as given up */
static void
check_pictures (Copying *copying, gint64 number, JsonObject *record)
{
  JsonArray *images = json_object_get_array_member (record, "images");
  const gchar *id = json_object_get_string_member (record, "id");

  for (guint i = 0; images && i < json_array_get_length (images); i++) {
    JsonObject *image = json_array_get_object_element (images, i);
    const gchar *kind = json_object_get_string_member (image, "kind");
    g_autoptr (AnprStatement) statement = NULL;

    if (is_right_picture (copying, number, id, kind,
            json_object_get_string_member (image, "sha256")))
      continue;
    statement = anpr_spool_prepare (copying->spool,
        "INSERT INTO image (passage, kind, freeable, jpeg)"
        " VALUES (?1, ?2, 0, NULL)"
        " ON CONFLICT (passage, kind) DO UPDATE SET jpeg = NULL");
    if (!statement)
      continue;
    (void) sqlite3_bind_int64 (statement, 1, number);
    anpr_statement_bind_text (statement, 2, kind);
    copying->recovered->pictures_lost +=
        sqlite3_step (statement) == SQLITE_DONE;
  }
}

static void
copy_pictures (Copying *copying, gint64 number, const gchar *record)
{
  static const gchar *const selects[] = {
    "SELECT passage, kind, freeable, jpeg FROM image"
    " WHERE passage = ?1 AND kind = 'plate'",
    "SELECT passage, kind, freeable, jpeg FROM image"
    " WHERE passage = ?1 AND kind = 'vehicle'",
  };
  g_autoptr (JsonNode) node = json_from_string (record, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (selects); i++)
    (void) copy_rows (copying, selects[i],
        "INSERT INTO image (passage, kind, freeable, jpeg)"
        " VALUES (?1, ?2, ?3, ?4)",
        number);
  if (node)
    check_pictures (copying, number, json_node_get_object (node));
}

/* A record says itself where it belongs */
static gboolean
is_in_place (const gchar *record, guint64 sequence, const gchar *position)
{
  g_autoptr (JsonNode) node = json_from_string (record, NULL);
  JsonObject *object = node && JSON_NODE_HOLDS_OBJECT (node)
                           ? json_node_get_object (node)
                           : NULL;

  return object
         && json_object_get_int_member_with_default (object, "sequence", 0)
                == (gint64) sequence
         && g_strcmp0 (json_object_get_string_member_with_default (
                           object, "position", NULL),
                position)
                == 0;
}

/* The record just copied, if it is what its hash says and where it belongs */
static gchar *
read_copied (AnprSpool *spool, gint64 number)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (
      spool, "SELECT " ANPR_SPOOL_ROW " FROM passage WHERE number = ?1");
  g_autofree gchar *id = NULL;
  g_autofree gchar *record = NULL;

  if (!statement)
    return NULL;
  (void) sqlite3_bind_int64 (statement, 1, number);
  if (sqlite3_step (statement) != SQLITE_ROW)
    return NULL;
  id = g_strdup (anpr_statement_get_text (statement, 4));
  record = anpr_spool_get_record (spool, statement, 7, id);
  return record
                 && anpr_record_has_hash (
                     record, anpr_statement_get_text (statement, 6))
                 && is_in_place (record,
                     (guint64) sqlite3_column_int64 (statement, 1),
                     anpr_statement_get_text (statement, 5))
             ? g_steal_pointer (&record)
             : NULL;
}

static gint64
kept_of (Copying *copying, gint64 number)
{
  g_autofree gchar *query = g_strdup_printf (
      "SELECT kept FROM delivery WHERE number = %" G_GINT64_FORMAT, number);

  return anpr_spool_ask_number (copying->spool, query);
}

static void
copy_passage (Copying *copying, gint64 number)
{
  g_autofree gchar *record = NULL;

  if (copy_rows (copying,
          "SELECT number, id, position, sequence, utc, hits, hash, record"
          " FROM passage WHERE number = ?1",
          "INSERT INTO passage VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", number)
      == 0)
    return;
  record = read_copied (copying->spool, number);
  if (!record) {
    (void) run_for (copying, "DELETE FROM passage WHERE number = ?1", number);
    return;
  }
  /* unknown, it counts as kept with the one before it and not delivered */
  if (copy_rows (copying,
          "SELECT number, kept, bytes, state, utc, reason FROM delivery"
          " WHERE number = ?1",
          "INSERT INTO delivery VALUES (?1, ?2, ?3, ?4, ?5, ?6)", number)
      == 0)
    (void) run_for (copying,
        "INSERT INTO delivery SELECT number,"
        " CASE WHEN ?2 > 0 THEN ?2 ELSE utc END, length (record), 0, NULL,"
        " NULL FROM passage WHERE number = ?1",
        number);
  copying->kept = MAX (copying->kept, kept_of (copying, number));
  copy_pictures (copying, number, record);
  copying->recovered->copied++;
}

/* The largest number a row can have, by whatever of the tables can be read */
static gint64
find_last_number (sqlite3 *old)
{
  static const gchar *const queries[] = {
    "SELECT max (number) FROM passage",
    "SELECT max (number) FROM delivery",
    "SELECT max (passage) FROM image",
    "SELECT value FROM counter WHERE name = 'last-removed'",
    "SELECT sum (sequence) FROM position",
  };
  gint64 last = 0;

  for (guint i = 0; i < G_N_ELEMENTS (queries); i++)
    last = MAX (last, ask_old (old, queries[i]));
  return last;
}

/* No row takes less than this, so numbers beyond what the file has room for are
 * damage themselves */
#define SMALLEST_ROW 256

static gint64
most_rows (sqlite3 *old)
{
  return MAX (ask_old (old, "PRAGMA page_count"), 1)
         * MAX (ask_old (old, "PRAGMA page_size"), 512) / SMALLEST_ROW;
}

static gint64
find_first_number (sqlite3 *old)
{
  return MAX (1, ask_old (old, "SELECT min (number) FROM delivery"));
}

/* Those whose rows are few and small */
static void
copy_small_tables (Copying *copying)
{
  static const struct {
    const gchar *select;
    const gchar *insert;
  } tables[] = {
    { "SELECT * FROM counter WHERE name <> 'damaged'",
        "INSERT OR REPLACE INTO counter VALUES (?1, ?2)" },
    { "SELECT * FROM key", "INSERT OR REPLACE INTO key VALUES (?1, ?2)" },
    { "SELECT * FROM clock",
        "INSERT OR REPLACE INTO clock VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)" },
    { "SELECT * FROM position", "INSERT OR REPLACE INTO position"
                                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)" },
    { "SELECT * FROM removed",
        "INSERT OR REPLACE INTO removed VALUES (?1, ?2, ?3)" },
    { "SELECT * FROM report",
        "INSERT OR REPLACE INTO report VALUES (?1, ?2, ?3)" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    (void) copy_rows (copying, tables[i].select, tables[i].insert, 0);
  copying->spool->salt = anpr_spool_ask_number (
      copying->spool, "SELECT value FROM counter WHERE name = 'salt'");
}

/* When the oldest passage of the damaged file was kept: until its time is over
 * that file may lie there */
static gint
note_oldest (AnprSpool *spool)
{
  gint rc = anpr_spool_run (spool,
      "INSERT INTO counter SELECT 'aside-oldest', min (kept)"
      " FROM delivery WHERE true HAVING count (*) > 0"
      " ON CONFLICT DO UPDATE SET value = min (value, excluded.value)");

  return rc == SQLITE_OK ? SQLITE_DONE : rc;
}

/* --- the gaps --- */

/* A chain whose end cannot be read, or cannot be, ends with its last record; one
 * whose anchor cannot be begins at the beginning */
static gint
mend_positions (Copying *copying)
{
  static const gchar *const commands[] = {
    "DELETE FROM position WHERE sequence > ?1 + (SELECT coalesce"
    " (max (sequence), 0) FROM passage WHERE position = name)",
    "UPDATE position SET anchor_sequence = 0, anchor_hash = NULL"
    " WHERE anchor_sequence >= (SELECT min (sequence) FROM passage"
    "  WHERE position = name)",
    "UPDATE counter SET value = (SELECT coalesce (max (number), 0)"
    "  FROM passage) WHERE name = 'last-removed' AND value >"
    " ?1 + (SELECT coalesce (max (number), 0) FROM passage)",
    "INSERT INTO position (name, sequence, hash)"
    " SELECT position, max (sequence), hash FROM passage WHERE true"
    " GROUP BY position ON CONFLICT DO UPDATE"
    " SET sequence = excluded.sequence, hash = excluded.hash"
    " WHERE excluded.sequence > position.sequence",
  };

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++) {
    if (!run_for (copying, commands[i], copying->most))
      return sqlite3_extended_errcode (copying->spool->database);
  }
  return SQLITE_DONE;
}

static gint
note_gap (AnprErasing *erasing, const gchar *position, guint64 from, guint64 to,
    const gchar *last_hash)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (
      erasing->spool, "INSERT OR IGNORE INTO removed VALUES (?1, ?2, ?3)");
  AnprErasedPlace *place;

  if (!statement)
    return SQLITE_ERROR;
  for (guint64 sequence = from; sequence <= to; sequence++) {
    (void) sqlite3_reset (statement);
    anpr_statement_bind_text (statement, 1, position);
    (void) sqlite3_bind_int64 (statement, 2, (gint64) sequence);
    anpr_statement_bind_text (statement, 3, sequence == to ? last_hash : NULL);
    if (sqlite3_step (statement) != SQLITE_DONE)
      return sqlite3_extended_errcode (erasing->spool->database);
    if (sqlite3_changes (erasing->spool->database) == 0)
      continue; /* erased before */
    place = anpr_erasing_get_place (erasing, position);
    g_array_append_val (place->passages, sequence);
    erasing->passages++;
  }
  return SQLITE_DONE;
}

static gchar *
previous_hash_of (const gchar *record)
{
  g_autoptr (JsonNode) node = json_from_string (record, NULL);

  return node ? g_strdup (json_object_get_string_member_with_default (
             json_node_get_object (node), "previous_hash", NULL))
              : NULL;
}

/* Between the anchor, the records there are, and the chain's end */
static gint
note_gaps_of (AnprErasing *erasing, const gchar *position, guint64 anchor,
    guint64 end, const gchar *end_hash)
{
  AnprSpool *spool = erasing->spool;
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (spool,
      "SELECT sequence, record, id FROM passage WHERE position = ?1"
      " ORDER BY sequence");
  guint64 sequence = anchor;
  gint rc = SQLITE_DONE;

  if (!statement)
    return SQLITE_ERROR;
  anpr_statement_bind_text (statement, 1, position);
  while (rc == SQLITE_DONE && sqlite3_step (statement) == SQLITE_ROW) {
    guint64 next = sqlite3_column_int64 (statement, 0);

    if (next > sequence + 1) {
      g_autofree gchar *id = g_strdup (anpr_statement_get_text (statement, 2));
      g_autofree gchar *record =
          anpr_spool_get_record (spool, statement, 1, id);
      g_autofree gchar *hash = record ? previous_hash_of (record) : NULL;

      rc = note_gap (erasing, position, sequence + 1, next - 1, hash);
    }
    sequence = next;
  }
  if (rc == SQLITE_DONE && end > sequence)
    rc = note_gap (erasing, position, sequence + 1, end, end_hash);
  return rc;
}

static gint
note_gaps (AnprErasing *erasing)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (erasing->spool,
      "SELECT name, anchor_sequence, sequence, hash FROM position");
  gint rc = SQLITE_DONE;

  if (!statement)
    return SQLITE_ERROR;
  while (rc == SQLITE_DONE && sqlite3_step (statement) == SQLITE_ROW)
    rc = note_gaps_of (erasing, anpr_statement_get_text (statement, 0),
        (guint64) sqlite3_column_int64 (statement, 1),
        (guint64) sqlite3_column_int64 (statement, 2),
        anpr_statement_get_text (statement, 3));
  return rc;
}

static gint
copy_all (AnprSpool *spool, sqlite3 *old, AnprSpoolRecovered *recovered)
{
  Copying copying = { spool, old, .recovered = recovered };
  g_auto (AnprErasing) erasing = { 0 };
  gint64 first, last;
  gint rc = anpr_spool_run (spool, "BEGIN IMMEDIATE");

  if (rc != SQLITE_OK)
    return rc;
  copy_small_tables (&copying);
  copying.most = most_rows (old);
  first = find_first_number (old);
  last = MIN (find_last_number (old), first + copying.most);
  for (gint64 number = first; number <= last; number++)
    copy_passage (&copying, number);
  anpr_erasing_init (&erasing, spool, ANPR_ERASED_DAMAGED);
  rc = note_oldest (spool);
  if (rc == SQLITE_DONE)
    rc = mend_positions (&copying);
  if (rc == SQLITE_DONE)
    rc = note_gaps (&erasing);
  recovered->lost = erasing.passages;
  if (rc == SQLITE_DONE)
    rc = anpr_erasing_finish (&erasing);
  return rc == SQLITE_DONE ? anpr_spool_run (spool, "COMMIT") : rc;
}

static gboolean
make_new (const gchar *path, AnprSpoolKeys *keys, AnprSpoolRecovered *recovered,
    GError **error)
{
  static const gchar *const endings[] = { ANPR_SPOOL_NEW, ANPR_SPOOL_NEW "-wal",
    ANPR_SPOOL_NEW "-shm", ANPR_SPOOL_NEW ".reserve", ANPR_SPOOL_NEW ".lock" };
  g_autofree gchar *new_path = anpr_spool_name_beside (path, ANPR_SPOOL_NEW);
  g_autoptr (AnprSpool) spool = NULL;
  sqlite3 *old = NULL;
  gint rc = SQLITE_CANTOPEN;

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    anpr_spool_remove_beside (path, endings[i]);
  spool = anpr_spool_open (new_path, ANPR_SPOOL_WRITE, keys, error);
  if (!spool)
    return FALSE;
  /* a header that is gone leaves nothing to read: the new file is empty then */
  if (sqlite3_open_v2 (path, &old, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK)
    rc = copy_all (spool, old, recovered);
  (void) sqlite3_close (old);
  if (rc == SQLITE_OK)
    return TRUE;
  anpr_spool_set_write_error (spool, rc, error);
  anpr_spool_roll_back (spool);
  return FALSE;
}

static gboolean
recover_locked (const gchar *path, AnprSpoolKeys *keys,
    AnprSpoolRecovered *recovered, GError **error)
{
  g_autofree gchar *new_path = anpr_spool_name_beside (path, ANPR_SPOOL_NEW);
  g_autofree gchar *complete =
      anpr_spool_name_beside (path, ANPR_SPOOL_COMPLETE);

  if (!make_new (path, keys, recovered, error))
    return FALSE;
  /* closed, it has no log any more, and the reserve is made when it is opened */
  anpr_spool_remove_beside (path, ANPR_SPOOL_NEW ".reserve");
  anpr_spool_remove_beside (path, ANPR_SPOOL_NEW ".lock");
  if (g_rename (new_path, complete) != 0 || !anpr_spool_sync_folder (path))
    return anpr_spool_fail_recovery (path, "cannot be replaced", error);
  return anpr_spool_switch_files (path, &recovered->aside, error);
}

/**
 * anpr_spool_recover: (skip)
 * @path: of a damaged spool that this process has closed
 * @keys: (nullable): of it
 * @recovered: (out): what became of it; free its @aside
 * @error: %ANPR_ERROR_SPOOL_OPEN if another process has it in its hands,
 *     %ANPR_ERROR_SPOOL_DAMAGED, or as anpr_spool_open() and anpr_spool_keep()
 *
 * Makes a new spool of all that can be read and sets the damaged one aside.
 * Blocks while it copies, and needs room for both.
 *
 * Returns: whether @path is a sound spool now
 */
gboolean
anpr_spool_recover (const gchar *path, AnprSpoolKeys *keys,
    AnprSpoolRecovered *recovered, GError **error)
{
  g_autofree gchar *absolute = g_canonicalize_filename (path, NULL);
  int held = anpr_spool_lock_recovery (absolute, LOCK_EX);
  gboolean done;

  *recovered = (AnprSpoolRecovered){ 0 };
  if (held < 0)
    return anpr_spool_fail_locked (absolute, error);
  done = recover_locked (absolute, keys, recovered, error);
  close (held);
  return done;
}
