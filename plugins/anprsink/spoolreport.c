/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The report of what was erased: which numbers, why and when.
 *
 * An entry is written in the transaction that erases, so neither can be without
 * the other. Entries are lines of JSON, numbered and chained like records: the
 * hash is the SHA-256 of the line with `"hash":null` in its place. They hold
 * nothing of a passage but its number.
 *
 * Numbers are told as ranges, and a step erases a few hundred passages at most,
 * so an entry is some hundred bytes. The last MAX_ENTRIES stay.
 */

#include "spoolremove-private.h"
#include "spoolreport.h"
#include "../record/jsonmember.h"

#define SCHEMA "anpr.erasure/1"

/* Some 30 MB; with one step every ten minutes, two years */
#define MAX_ENTRIES 100000

static const gchar *const reasons[] = {
  [ANPR_ERASED_AT_LIMIT] = "limit",
  [ANPR_ERASED_DELIVERED] = "delivered",
  [ANPR_ERASED_FOR_ROOM] = "room",
  [ANPR_ERASED_DAMAGED] = "damaged",
};

static gint
compare_sequences (gconstpointer a, gconstpointer b)
{
  const guint64 *one = a, *other = b;

  return *one < *other ? -1 : *one > *other;
}

/* Numbers as [[from, to], ...] */
static JsonArray *
ranges_to_json (GArray *sequences)
{
  JsonArray *ranges = json_array_new ();
  guint i = 0;

  g_array_sort (sequences, compare_sequences);
  while (i < sequences->len) {
    guint64 from = g_array_index (sequences, guint64, i), to = from;
    JsonArray *range = json_array_new ();

    for (i++;
         i < sequences->len && g_array_index (sequences, guint64, i) <= to + 1;
         i++)
      to = g_array_index (sequences, guint64, i);
    json_array_add_int_element (range, (gint64) from);
    json_array_add_int_element (range, (gint64) to);
    json_array_add_array_element (ranges, range);
  }
  return ranges;
}

static JsonObject *
place_to_json (AnprErasedPlace *place)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "position", place->position);
  json_object_set_array_member (
      object, "passages", ranges_to_json (place->passages));
  json_object_set_int_member (object, "undelivered", place->undelivered);
  json_object_set_array_member (
      object, "pictures_only", ranges_to_json (place->pictures));
  if (place->anchor_hash) {
    json_object_set_int_member (
        object, "anchor", (gint64) place->anchor_sequence);
    json_object_set_string_member (object, "anchor_hash", place->anchor_hash);
  }
  return object;
}

static JsonObject *
entry_new (gint64 number, gint64 time, AnprErasedReason reason,
    GPtrArray *places, const gchar *previous)
{
  JsonObject *entry = json_object_new ();
  JsonArray *array = json_array_new ();
  g_autofree gchar *utc = anpr_utc_to_string (g_get_real_time ());
  g_autofree gchar *spool_time = anpr_utc_to_string (time);

  json_object_set_string_member (entry, "schema", SCHEMA);
  json_object_set_int_member (entry, "number", number);
  json_object_set_string_member (entry, "time", utc);
  json_object_set_string_member (entry, "spool_time", spool_time);
  json_object_set_string_member (entry, "reason", reasons[reason]);
  for (guint i = 0; i < places->len; i++)
    json_array_add_object_element (
        array, place_to_json (g_ptr_array_index (places, i)));
  json_object_set_array_member (entry, "positions", array);
  if (previous)
    json_object_set_string_member (entry, "previous_hash", previous);
  else
    json_object_set_null_member (entry, "previous_hash");
  json_object_set_null_member (entry, "hash");
  return entry;
}

static gint
insert (AnprSpool *spool, gint64 number, const gchar *hash, const gchar *entry)
{
  g_autoptr (AnprStatement) statement =
      anpr_spool_prepare (spool, "INSERT INTO report VALUES (?1, ?2, ?3)");
  g_autoptr (AnprStatement) oldest =
      anpr_spool_prepare (spool, "DELETE FROM report WHERE number <= ?1");
  gint rc;

  if (!statement || !oldest)
    return sqlite3_extended_errcode (spool->database);
  (void) sqlite3_bind_int64 (statement, 1, number);
  anpr_statement_bind_text (statement, 2, hash);
  anpr_statement_bind_text (statement, 3, entry);
  (void) sqlite3_bind_int64 (oldest, 1, number - MAX_ENTRIES);
  rc = sqlite3_step (statement);
  return rc == SQLITE_DONE ? sqlite3_step (oldest) : rc;
}

/**
 * anpr_spool_report: (skip)
 * @spool: a spool inside a transaction that erases
 * @reason: why
 * @time: spool time
 * @places: (element-type AnprErasedPlace): what, at each position
 *
 * Returns: SQLITE_DONE, or what went wrong
 */
gint
anpr_spool_report (
    AnprSpool *spool, AnprErasedReason reason, gint64 time, GPtrArray *places)
{
  g_autoptr (AnprStatement) last = anpr_spool_prepare (
      spool, "SELECT number, hash FROM report ORDER BY number DESC LIMIT 1");
  g_autofree gchar *previous = NULL;
  g_autofree gchar *unhashed = NULL;
  g_autofree gchar *hash = NULL;
  g_autofree gchar *line = NULL;
  g_autoptr (JsonObject) entry = NULL;
  gint64 number = 1;
  gint rc = last ? sqlite3_step (last) : SQLITE_ERROR;

  if (rc == SQLITE_ROW) {
    number = 1 + sqlite3_column_int64 (last, 0);
    previous = g_strdup (anpr_statement_get_text (last, 1));
  } else if (rc != SQLITE_DONE) {
    return sqlite3_extended_errcode (spool->database);
  }
  entry = entry_new (number, time, reason, places, previous);
  unhashed = anpr_json_to_line (entry);
  hash = anpr_record_hash (unhashed);
  json_object_set_string_member (entry, "hash", hash);
  line = anpr_json_to_line (entry);
  return insert (spool, number, hash, line);
}

/**
 * anpr_spool_visit_report: (skip)
 * @spool: a spool
 * @visitor: (scope call): called for each entry in order, with its number and
 *     its line of JSON
 * @user_data: for @visitor
 * @error: %ANPR_ERROR_SPOOL_OPEN
 *
 * Returns: %FALSE if it could not be read to the end
 */
gboolean
anpr_spool_visit_report (AnprSpool *spool, AnprSpoolVisitor visitor,
    gpointer user_data, GError **error)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (spool,
      "SELECT number, entry FROM report WHERE number > ?1"
      " ORDER BY number LIMIT 1");
  gint64 number = 0;
  gint rc = statement ? SQLITE_ROW : SQLITE_ERROR;

  while (rc == SQLITE_ROW) {
    g_autofree gchar *entry = NULL;

    (void) sqlite3_bind_int64 (statement, 1, number);
    rc = sqlite3_step (statement);
    if (rc != SQLITE_ROW)
      break;
    number = sqlite3_column_int64 (statement, 0);
    entry = g_strdup (anpr_statement_get_text (statement, 1));
    (void) sqlite3_reset (statement);
    if (!visitor ((guint64) number, entry, user_data))
      return TRUE;
  }
  if (rc != SQLITE_DONE)
    anpr_spool_set_read_error (spool, error);
  return rc == SQLITE_DONE;
}
