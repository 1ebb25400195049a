/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Verifying a spool, also while other processes keep and erase: numbers, links,
 * hashes, pictures, and that the columns rows are found by agree with the
 * record.
 *
 * A chain is followed from its anchor to where it ended when verifying began.
 * Where a record is missing, its number and hash must be among those that were
 * erased, and the report must say so (spoolverifyreport.c). An erasure that goes
 * on meanwhile moves the anchor, so it is looked up again before a gap counts.
 *
 * What was handed out before can be asked for: a whole new chain, with right
 * hashes, is still another chain.
 */

#include "spoolverify-private.h"

/* Where a chain stood when verifying began, and how far it is verified */
typedef struct {
  guint64 end_sequence;
  gchar *end_hash;
  guint64 sequence;
  gchar *hash; /* "" at the beginning, or where it was lost to damage */
} Chain;

static void
chain_free (Chain *chain)
{
  g_free (chain->end_hash);
  g_free (chain->hash);
  g_free (chain);
}

static void
go_to (Chain *chain, guint64 sequence, const gchar *hash)
{
  chain->sequence = sequence;
  g_free (chain->hash);
  chain->hash = g_strdup (hash);
}

static GHashTable *
fetch_chains (AnprSpool *spool, GError **error)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (spool,
      "SELECT name, sequence, hash, anchor_sequence, anchor_hash FROM position"
      " WHERE sequence > 0");
  g_autoptr (GHashTable) chains = g_hash_table_new_full (
      g_str_hash, g_str_equal, g_free, (GDestroyNotify) chain_free);
  gint rc = statement ? SQLITE_ROW : SQLITE_ERROR;

  while (statement && (rc = sqlite3_step (statement)) == SQLITE_ROW) {
    Chain *chain = g_new0 (Chain, 1);

    chain->end_sequence = sqlite3_column_int64 (statement, 1);
    chain->end_hash = g_strdup (anpr_statement_get_text (statement, 2));
    go_to (chain, sqlite3_column_int64 (statement, 3),
        anpr_statement_get_text (statement, 4));
    g_hash_table_insert (
        chains, g_strdup (anpr_statement_get_text (statement, 0)), chain);
  }
  if (rc != SQLITE_DONE) {
    anpr_spool_set_read_error (spool, error);
    return NULL;
  }
  return g_steal_pointer (&chains);
}

/* --- what was erased --- */

/* The anchor may have been moved meanwhile */
static void
go_to_anchor (AnprSpool *spool, const gchar *position, Chain *chain)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (spool,
      "SELECT anchor_sequence, anchor_hash FROM position WHERE name = ?1"
      " AND anchor_sequence > ?2");

  if (!statement)
    return;
  anpr_statement_bind_text (statement, 1, position);
  (void) sqlite3_bind_int64 (statement, 2, (gint64) chain->sequence);
  if (sqlite3_step (statement) == SQLITE_ROW)
    go_to (chain, sqlite3_column_int64 (statement, 0),
        anpr_statement_get_text (statement, 1));
}

/* Goes over erased records up to before @sequence, as far as there is no gap */
static void
go_over_removed (
    AnprSpool *spool, const gchar *position, guint64 sequence, Chain *chain)
{
  g_autoptr (AnprStatement) statement = NULL;

  if (chain->sequence + 1 >= sequence)
    return;
  go_to_anchor (spool, position, chain);
  statement = anpr_spool_prepare (spool,
      "SELECT sequence, hash FROM removed WHERE position = ?1"
      " AND sequence > ?2 AND sequence < ?3 ORDER BY sequence");
  if (!statement)
    return;
  anpr_statement_bind_text (statement, 1, position);
  (void) sqlite3_bind_int64 (statement, 2, (gint64) chain->sequence);
  (void) sqlite3_bind_int64 (statement, 3, (gint64) sequence);
  while (
      sqlite3_step (statement) == SQLITE_ROW
      && (guint64) sqlite3_column_int64 (statement, 0) == chain->sequence + 1)
    go_to (chain, chain->sequence + 1, anpr_statement_get_text (statement, 1));
}

/* --- a record --- */

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
columns_agree (AnprSpool *spool, const AnprSpoolRow *row, JsonObject *record)
{
  g_autofree gchar *utc = anpr_utc_to_string (row->utc);
  JsonArray *hits = get_array (record, "hits");

  return hits
         && (json_array_get_length (hits) > 0)
                == anpr_spool_decode (
                    spool, row->number, ANPR_SPOOL_HITS, row->hits)
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
    const gchar *kind = anpr_statement_get_text (statement, 0);
    const gchar *checksum = g_hash_table_lookup (described, kind);
    g_autoptr (GBytes) jpeg = NULL;
    g_autofree gchar *right = NULL;

    if (!checksum)
      return FALSE;
    if (sqlite3_column_type (statement, 1) == SQLITE_NULL)
      continue;
    jpeg = anpr_spool_get_jpeg (spool, statement, 1, row->id, kind);
    right =
        jpeg ? g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, jpeg) : NULL;
    if (!right || strcmp (right, checksum) != 0)
      return FALSE;
  }
  return n_images == g_hash_table_size (described);
}

/* What is wrong with a row behind @chain, or NULL */
static const gchar *
find_fault (AnprSpool *spool, const AnprSpoolRow *row, const Chain *chain)
{
  g_autoptr (JsonNode) node = NULL;
  JsonObject *record;

  if (row->sequence != chain->sequence + 1)
    return "records before it are missing";
  if (!row->record)
    return "the encrypted record was changed";
  if (!anpr_record_has_hash (row->record, row->hash))
    return "the record was changed";
  node = json_from_string (row->record, NULL);
  if (!node || !JSON_NODE_HOLDS_OBJECT (node))
    return "the record is no JSON";
  record = json_node_get_object (node);
  if ((*chain->hash || chain->sequence == 0)
      && g_strcmp0 (get_string (record, "previous_hash"),
             *chain->hash ? chain->hash : NULL)
             != 0)
    return "the record before it is another one";
  if (!columns_agree (spool, row, record))
    return "its columns differ from the record";
  if (!images_agree (spool, row, record))
    return "a picture was changed or removed";
  return NULL;
}

/* Where verifying stands */
typedef struct {
  AnprSpool *spool;
  GHashTable *chains;
  GHashTable *expected; /* position -> hash that must be found */
  AnprSpoolVerdict *verdict;
  gchar *position;
  guint64 sequence;
} Verifying;

static void
find_expected (Verifying *verifying, const gchar *position, const gchar *hash)
{
  const gchar *expected = g_hash_table_lookup (verifying->expected, position);

  if (expected && strcmp (expected, hash) == 0)
    g_hash_table_remove (verifying->expected, position);
}

static gchar *
fault_at (const gchar *position, guint64 sequence, const gchar *fault)
{
  return g_strdup_printf ("position \"%s\", sequence %" G_GUINT64_FORMAT ": %s",
      position, sequence, fault);
}

static Chain *
get_chain (Verifying *verifying, const gchar *position)
{
  Chain *chain = g_hash_table_lookup (verifying->chains, position);

  /* its end was removed, or its first record is newer than the start */
  if (!chain) {
    chain = g_new0 (Chain, 1);
    chain->end_hash = g_strdup ("");
    chain->hash = g_strdup ("");
    g_hash_table_insert (verifying->chains, g_strdup (position), chain);
  }
  return chain;
}

static const gchar *
verify_row (Verifying *verifying, const AnprSpoolRow *row)
{
  Chain *chain = get_chain (verifying, row->position);
  const gchar *fault;

  find_expected (verifying, row->position, chain->hash);
  go_over_removed (verifying->spool, row->position, row->sequence, chain);
  find_expected (verifying, row->position, chain->hash);
  fault = find_fault (verifying->spool, row, chain);
  if (fault)
    return fault;
  go_to (chain, row->sequence, row->hash);
  find_expected (verifying, row->position, row->hash);
  verifying->verdict->n_verified++;
  if (chain->end_sequence == row->sequence
      && strcmp (chain->end_hash, row->hash) != 0)
    return "the chain's end is another one";
  return NULL;
}

static gboolean
verify_rows (Verifying *verifying, AnprStatement *statement, GError **error)
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
      const gchar *fault = verify_row (verifying, row);

      if (fault) {
        verifying->verdict->fault =
            fault_at (row->position, row->sequence, fault);
        return TRUE;
      }
      g_free (verifying->position);
      verifying->position = g_strdup (row->position);
      verifying->sequence = row->sequence;
    }
  } while (n_rows == ANPR_SPOOL_PAGE);
  return TRUE;
}

/* --- the ends --- */

/* Behind the last row there may be erased ones; else the tail is missing */
static gchar *
find_lost_tail (Verifying *verifying)
{
  GHashTableIter iterator;
  gpointer key, value;

  g_hash_table_iter_init (&iterator, verifying->chains);
  while (g_hash_table_iter_next (&iterator, &key, &value)) {
    Chain *chain = value;

    go_over_removed (verifying->spool, key, chain->end_sequence + 1, chain);
    find_expected (verifying, key, chain->hash);
    if (chain->sequence < chain->end_sequence)
      return fault_at (
          key, chain->end_sequence, "the last records are missing");
    if (chain->sequence == chain->end_sequence
        && strcmp (chain->hash, chain->end_hash) != 0)
      return fault_at (
          key, chain->end_sequence, "the chain's end is another one");
    anpr_spool_verdict_add_head (
        verifying->verdict, key, chain->sequence, chain->hash);
  }
  return NULL;
}

/* Erased records that wait for the anchor are known by their hash */
static gboolean
was_removed (AnprSpool *spool, const gchar *position, const gchar *hash)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (
      spool, "SELECT 1 FROM removed WHERE position = ?1 AND hash = ?2");

  if (!statement)
    return FALSE;
  anpr_statement_bind_text (statement, 1, position);
  anpr_statement_bind_text (statement, 2, hash);
  return sqlite3_step (statement) == SQLITE_ROW;
}

static gchar *
find_missing_expected (Verifying *verifying)
{
  GHashTableIter iterator;
  gpointer position, hash;

  g_hash_table_iter_init (&iterator, verifying->expected);
  do {
    if (!g_hash_table_iter_next (&iterator, &position, &hash))
      return NULL;
  } while (was_removed (verifying->spool, position, hash));
  return g_strdup_printf (
      "position \"%s\": no record has the hash %s. Either it was erased and "
      "others since, or this is not the chain it was handed out from",
      (const gchar *) position, (const gchar *) hash);
}

static gboolean
verify_all (Verifying *verifying, GError **error)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (verifying->spool,
      "SELECT " ANPR_SPOOL_ROW
      " FROM passage WHERE (position, sequence) > (?1, ?2)"
      " ORDER BY position, sequence LIMIT " G_STRINGIFY (ANPR_SPOOL_PAGE));
  AnprSpoolVerdict *verdict = verifying->verdict;

  if (!statement) {
    anpr_spool_set_read_error (verifying->spool, error);
    return FALSE;
  }
  if (!verify_rows (verifying, statement, error))
    return FALSE;
  if (!verdict->fault)
    verdict->fault = find_lost_tail (verifying);
  if (!verdict->fault)
    verdict->fault = find_missing_expected (verifying);
  return verdict->fault
         || anpr_spool_verify_report (verifying->spool, verdict, error);
}

/**
 * anpr_spool_verify: (skip)
 * @spool: a spool
 * @expected: (nullable) (element-type utf8 utf8): of positions, hashes that were
 *     handed out before
 * @verdict: (out): what was found, for anpr_spool_verdict_clear()
 * @error: %ANPR_ERROR_SPOOL_OPEN
 *
 * Reads and hashes everything. The fault is the first place where a record, a
 * picture, a chain or the report was changed, and how; %NULL if all is intact.
 * Whoever can write the file can also make a whole new chain: compare with a
 * hash that was handed out before.
 *
 * Returns: %FALSE if the spool could not be read to the end
 */
gboolean
anpr_spool_verify (AnprSpool *spool, GHashTable *expected,
    AnprSpoolVerdict *verdict, GError **error)
{
  Verifying verifying = { spool, .verdict = verdict };
  GHashTableIter iterator;
  gpointer position, hash;
  gboolean read = FALSE;

  g_return_val_if_fail (spool != NULL && verdict != NULL, FALSE);

  *verdict = (AnprSpoolVerdict){ 0 };
  verdict->heads = g_ptr_array_new_with_free_func (g_free);
  verifying.expected =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (expected) {
    g_hash_table_iter_init (&iterator, expected);
    while (g_hash_table_iter_next (&iterator, &position, &hash))
      g_hash_table_insert (
          verifying.expected, g_strdup (position), g_strdup (hash));
  }
  verifying.chains = fetch_chains (spool, error);
  if (verifying.chains) {
    read = verify_all (&verifying, error);
    g_hash_table_unref (verifying.chains);
  }
  g_hash_table_unref (verifying.expected);
  g_free (verifying.position);
  return read;
}

/* Adds where a chain ends, as a line */
void
anpr_spool_verdict_add_head (AnprSpoolVerdict *verdict, const gchar *position,
    guint64 sequence, const gchar *hash)
{
  g_ptr_array_add (
      verdict->heads, g_strdup_printf ("%s=%s sequence %" G_GUINT64_FORMAT,
                          position, hash, sequence));
}

void
anpr_spool_verdict_clear (AnprSpoolVerdict *verdict)
{
  g_clear_pointer (&verdict->heads, g_ptr_array_unref);
  g_clear_pointer (&verdict->fault, g_free);
}
