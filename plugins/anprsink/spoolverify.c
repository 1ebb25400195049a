/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Verifying a spool, also while another process writes it: numbers, links,
 * hashes, pictures, and that the columns rows are found by agree with the
 * record. A chain is followed to where it ended when verifying began. */

#include "spool-private.h"

/* Where a chain stood when verifying began: the writer may go on meanwhile */
typedef struct {
  guint64 sequence;
  gchar *hash;
} ChainEnd;

static void
chain_end_free (ChainEnd *end)
{
  g_free (end->hash);
  g_free (end);
}

static GHashTable *
fetch_chain_ends (AnprSpool *spool, GError **error)
{
  g_autoptr (AnprStatement) statement =
      anpr_spool_prepare (spool, "SELECT name, sequence, hash FROM position");
  g_autoptr (GHashTable) ends = g_hash_table_new_full (
      g_str_hash, g_str_equal, g_free, (GDestroyNotify) chain_end_free);
  gint rc = statement ? SQLITE_ROW : SQLITE_ERROR;

  while (statement && (rc = sqlite3_step (statement)) == SQLITE_ROW) {
    ChainEnd *end = g_new0 (ChainEnd, 1);

    end->sequence = sqlite3_column_int64 (statement, 1);
    end->hash = g_strdup (anpr_statement_get_text (statement, 2));
    g_hash_table_insert (
        ends, g_strdup (anpr_statement_get_text (statement, 0)), end);
  }
  if (rc != SQLITE_DONE) {
    anpr_spool_set_read_error (spool, error);
    return NULL;
  }
  return g_steal_pointer (&ends);
}

static gboolean
record_has_hash (const gchar *record, const gchar *hash)
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

/* A record whose hash is right may still be a forger's, so nothing is taken for
 * granted of its members */
static JsonArray *
get_array (JsonObject *object, const gchar *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node)
                                              : NULL;
}

static const gchar *
get_string (JsonObject *object, const gchar *name)
{
  return json_object_get_string_member_with_default (object, name, NULL);
}

/* The columns that rows are found by say the same as the record */
static gboolean
columns_agree (const AnprSpoolRow *row, JsonObject *record)
{
  g_autofree gchar *utc = anpr_utc_to_string (row->utc);
  JsonArray *hits = get_array (record, "hits");

  return hits && (gint64) json_array_get_length (hits) == row->hits
         && g_strcmp0 (get_string (record, "id"), row->id) == 0
         && g_strcmp0 (get_string (record, "position"), row->position) == 0
         && g_strcmp0 (get_string (record, "best_seen"), utc) == 0
         && json_object_get_int_member_with_default (record, "sequence", 0)
                == (gint64) row->sequence;
}

/* kind -> checksum, as the record says */
static GHashTable *
described_images (JsonObject *record)
{
  GHashTable *described =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  JsonArray *images = get_array (record, "images");

  for (guint i = 0; images && i < json_array_get_length (images); i++) {
    JsonNode *node = json_array_get_element (images, i);
    JsonObject *image =
        JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
    const gchar *kind = image ? get_string (image, "kind") : NULL;
    const gchar *checksum = image ? get_string (image, "sha256") : NULL;

    if (kind && checksum)
      g_hash_table_insert (described, g_strdup (kind), g_strdup (checksum));
  }
  return described;
}

static gboolean
images_agree (AnprSpool *spool, const AnprSpoolRow *row, JsonObject *record)
{
  g_autoptr (GHashTable) described = described_images (record);
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (
      spool, "SELECT kind, jpeg FROM image WHERE passage = ?1");
  guint n_images = 0;

  if (!statement)
    return FALSE;
  (void) sqlite3_bind_int64 (statement, 1, row->number);
  for (; sqlite3_step (statement) == SQLITE_ROW; n_images++) {
    const gchar *checksum =
        g_hash_table_lookup (described, anpr_statement_get_text (statement, 0));
    g_autofree gchar *right = NULL;

    if (!checksum)
      return FALSE;
    if (sqlite3_column_type (statement, 1) == SQLITE_NULL)
      continue;
    right = g_compute_checksum_for_data (G_CHECKSUM_SHA256,
        sqlite3_column_blob (statement, 1),
        sqlite3_column_bytes (statement, 1));
    if (strcmp (right, checksum) != 0)
      return FALSE;
  }
  return n_images == g_hash_table_size (described);
}

/* What is wrong with a row whose chain stands at @sequence and @hash, or
 * NULL */
static const gchar *
find_fault (AnprSpool *spool, const AnprSpoolRow *row, guint64 sequence,
    const gchar *hash)
{
  g_autoptr (JsonNode) node = NULL;
  JsonObject *record;

  if (row->sequence != sequence + 1)
    return "records before it are missing";
  if (!record_has_hash (row->record, row->hash))
    return "the record was changed";
  node = json_from_string (row->record, NULL);
  if (!node || !JSON_NODE_HOLDS_OBJECT (node))
    return "the record is no JSON";
  record = json_node_get_object (node);
  if (g_strcmp0 (get_string (record, "previous_hash"), hash) != 0)
    return "the record before it is another one";
  if (!columns_agree (row, record))
    return "its columns differ from the record";
  if (!images_agree (spool, row, record))
    return "a picture was changed or removed";
  return NULL;
}

/* Where verifying stands */
typedef struct {
  AnprSpool *spool;
  GHashTable *ends;
  gchar *position;
  guint64 sequence;
  gchar *hash;
  guint64 n_verified;
} Verifying;

static const gchar *
verify_row (Verifying *verifying, const AnprSpoolRow *row)
{
  const ChainEnd *end;
  const gchar *fault;

  if (g_strcmp0 (verifying->position, row->position) != 0) {
    g_free (verifying->position);
    verifying->position = g_strdup (row->position);
    verifying->sequence = 0;
    g_clear_pointer (&verifying->hash, g_free);
  }
  fault =
      find_fault (verifying->spool, row, verifying->sequence, verifying->hash);
  if (fault)
    return fault;
  g_free (verifying->hash);
  verifying->hash = g_strdup (row->hash);
  verifying->sequence = row->sequence;
  verifying->n_verified++;
  end = g_hash_table_lookup (verifying->ends, row->position);
  if (end && end->sequence == row->sequence) {
    if (strcmp (end->hash, row->hash) != 0)
      return "the chain's end is another one";
    g_hash_table_remove (verifying->ends, row->position);
  }
  return NULL;
}

/* Chains whose end was never reached have lost their tail */
static gchar *
find_lost_tail (GHashTable *ends)
{
  GHashTableIter iterator;
  gpointer position, end;

  g_hash_table_iter_init (&iterator, ends);
  if (!g_hash_table_iter_next (&iterator, &position, &end))
    return NULL;
  return g_strdup_printf ("position \"%s\", sequence %" G_GUINT64_FORMAT
                          ": the last records are missing",
      (const gchar *) position, ((const ChainEnd *) end)->sequence);
}

static gboolean
verify_rows (Verifying *verifying, AnprStatement *statement, gchar **fault,
    GError **error)
{
  guint n_rows;

  do {
    g_autoptr (GPtrArray) rows = NULL;

    anpr_statement_bind_text (
        statement, 1, verifying->position ? verifying->position : "");
    (void) sqlite3_bind_int64 (statement, 2, (gint64) verifying->sequence);
    rows = anpr_spool_fetch (verifying->spool, statement, error);
    if (!rows)
      return FALSE;
    n_rows = rows->len;
    for (guint i = 0; i < n_rows; i++) {
      const AnprSpoolRow *row = g_ptr_array_index (rows, i);
      const gchar *found = verify_row (verifying, row);

      if (found) {
        *fault = g_strdup_printf ("position \"%s\", sequence %" G_GUINT64_FORMAT
                                  ": %s",
            row->position, row->sequence, found);
        return TRUE;
      }
    }
  } while (n_rows == ANPR_SPOOL_PAGE);
  *fault = find_lost_tail (verifying->ends);
  return TRUE;
}

/**
 * anpr_spool_verify: (skip)
 * @spool: a spool
 * @n_verified: (out) (optional): records found intact
 * @fault: (out) (transfer full) (nullable): the first place where a record, a
 *     picture or a chain was changed, and how; %NULL if all is intact
 * @error: %ANPR_ERROR_SPOOL_OPEN
 *
 * Reads and hashes everything. Whoever can write the file can also make a whole
 * new chain: compare the last hash with one that was handed out before.
 *
 * Returns: %FALSE if the spool could not be read to the end
 */
gboolean
anpr_spool_verify (
    AnprSpool *spool, guint64 *n_verified, gchar **fault, GError **error)
{
  g_autoptr (GHashTable) ends = NULL;
  g_autoptr (AnprStatement) statement = NULL;
  Verifying verifying = { spool };
  gboolean read;

  g_return_val_if_fail (spool != NULL && fault != NULL, FALSE);

  *fault = NULL;
  ends = fetch_chain_ends (spool, error);
  if (!ends)
    return FALSE;
  statement = anpr_spool_prepare (spool,
      "SELECT " ANPR_SPOOL_ROW
      " FROM passage WHERE (position, sequence) > (?1, ?2)"
      " ORDER BY position, sequence LIMIT " G_STRINGIFY (ANPR_SPOOL_PAGE));
  if (!statement) {
    anpr_spool_set_read_error (spool, error);
    return FALSE;
  }
  verifying.ends = ends;
  read = verify_rows (&verifying, statement, fault, error);
  if (n_verified)
    *n_verified = verifying.n_verified;
  g_free (verifying.position);
  g_free (verifying.hash);
  return read;
}
