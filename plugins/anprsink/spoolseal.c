/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Sealing: what a removed disk must not tell.
 *
 * With keys, each record and each picture is sealed by itself, by
 * XChaCha20-Poly1305 of libsodium with a random nonce, and bound to the
 * passage's id and to what it is, so that none can stand in for another. A
 * sealed value begins with a sign and the id of its key, so one file may hold
 * rows of several keys. It is sealed before SQLite gets it: file, log and shared
 * memory are alike. Records are filled up to multiples of RECORD_BLOCK, because
 * their length would tell which ones have hits.
 *
 * Whether a passage has a hit, and whether its pictures may be given up, has to
 * be asked in SQL. There it is a code: SipHash of the file's salt, the row's
 * number and the answer, which only the key can tell from noise. The functions
 * has_hits() and may_free() read it.
 *
 * What stays readable without the key: ids, position names, times, numbers,
 * sizes of pictures, the hashes of the chain, what was delivered when. The hash
 * covers the whole record, which holds far too much that nobody knows to be
 * guessed at.
 *
 * Without keys nothing is sealed: for trials. A file is one or the other; a row
 * in table `key` tells which.
 */

#include "spool-private.h"
#include "spoolkey-private.h"

/* Typical records fill one block, with hits, too */
#define RECORD_BLOCK 4000

/* Of a sealed value: sign, id of the key, nonce */
#define SIGN 1
#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define HEAD_SIZE (1 + ANPR_SPOOL_KEY_ID_SIZE + NONCE_SIZE)
#define TAG_SIZE crypto_aead_xchacha20poly1305_ietf_ABYTES

/* In table `key`, of a file that is not sealed */
#define NOT_SEALED "none"

/* --- values --- */

/* What a value is bound to */
static gchar *
binding (const gchar *what, const gchar *id)
{
  return g_strconcat (what, " of ", id, NULL);
}

static guint8 *
seal (const AnprSpoolKey *key, const guint8 *plain, gsize size,
    const gchar *what, const gchar *id, gsize *sealed_size)
{
  g_autofree gchar *bound = binding (what, id);
  guint8 *sealed = g_malloc (HEAD_SIZE + size + TAG_SIZE);
  guint8 *nonce = sealed + 1 + ANPR_SPOOL_KEY_ID_SIZE;

  sealed[0] = SIGN;
  memcpy (sealed + 1, key->id, ANPR_SPOOL_KEY_ID_SIZE);
  randombytes_buf (nonce, NONCE_SIZE);
  (void) crypto_aead_xchacha20poly1305_ietf_encrypt (sealed + HEAD_SIZE, NULL,
      plain, size, (const guint8 *) bound, strlen (bound), NULL, nonce,
      key->seal);
  *sealed_size = HEAD_SIZE + size + TAG_SIZE;
  return sealed;
}

/* NULL if it was changed, moved or sealed with another key */
static guint8 *
unseal (const AnprSpoolKeys *keys, const guint8 *sealed, gsize sealed_size,
    const gchar *what, const gchar *id, gsize *size)
{
  g_autofree gchar *bound = binding (what, id);
  const AnprSpoolKey *key;
  g_autofree guint8 *plain = NULL;

  if (!keys || sealed_size < HEAD_SIZE + TAG_SIZE || sealed[0] != SIGN)
    return NULL;
  key = anpr_spool_keys_find (keys, sealed + 1);
  if (!key)
    return NULL;
  *size = sealed_size - HEAD_SIZE - TAG_SIZE;
  plain = g_malloc (*size + 1);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt (plain, NULL, NULL,
          sealed + HEAD_SIZE, sealed_size - HEAD_SIZE, (const guint8 *) bound,
          strlen (bound), sealed + 1 + ANPR_SPOOL_KEY_ID_SIZE, key->seal)
      != 0)
    return NULL;
  plain[*size] = '\0';
  return g_steal_pointer (&plain);
}

/**
 * anpr_spool_bind_record: (skip)
 * @spool: a spool
 * @statement: where to bind it
 * @index: as which parameter
 * @id: of the passage
 * @record: text; it must live as long as the statement
 */
void
anpr_spool_bind_record (AnprSpool *spool, AnprStatement *statement, gint index,
    const gchar *id, const gchar *record)
{
  g_autofree guint8 *padded = NULL;
  guint8 *sealed;
  gsize length = strlen (record), size;

  if (!spool->keys) {
    anpr_statement_bind_text (statement, index, record);
    return;
  }
  padded = g_malloc (length + RECORD_BLOCK);
  memcpy (padded, record, length);
  (void) sodium_pad (
      &size, padded, length, RECORD_BLOCK, length + RECORD_BLOCK);
  sealed = seal (&spool->keys->keys[0], padded, size, "record", id, &size);
  (void) sqlite3_bind_blob64 (statement, index, sealed, size, g_free);
}

/**
 * anpr_spool_bind_image: (skip)
 * @spool: a spool
 * @statement: where to bind it
 * @index: as which parameter
 * @id: of the passage
 * @image: a picture; it must live as long as the statement
 */
void
anpr_spool_bind_image (AnprSpool *spool, AnprStatement *statement, gint index,
    const gchar *id, const AnprSpoolImage *image)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (image->jpeg, &size);
  guint8 *sealed;

  if (!spool->keys) {
    (void) sqlite3_bind_blob64 (statement, index, data, size, SQLITE_STATIC);
    return;
  }
  sealed = seal (&spool->keys->keys[0], data, size, image->kind, id, &size);
  (void) sqlite3_bind_blob64 (statement, index, sealed, size, g_free);
}

/**
 * anpr_spool_get_record: (skip)
 * @spool: a spool
 * @statement: stands on a row
 * @column: of the record
 * @id: of the passage
 *
 * Returns: (transfer full) (nullable): the text; %NULL if it cannot be unsealed
 */
gchar *
anpr_spool_get_record (
    AnprSpool *spool, AnprStatement *statement, gint column, const gchar *id)
{
  g_autofree guint8 *plain = NULL;
  gsize size;

  if (sqlite3_column_type (statement, column) != SQLITE_BLOB)
    return g_strdup (anpr_statement_get_text (statement, column));
  plain = unseal (spool->keys, sqlite3_column_blob (statement, column),
      sqlite3_column_bytes (statement, column), "record", id, &size);
  if (!plain || sodium_unpad (&size, plain, size, RECORD_BLOCK) != 0)
    return NULL;
  plain[size] = '\0';
  return (gchar *) g_steal_pointer (&plain);
}

/**
 * anpr_spool_get_jpeg: (skip)
 * @spool: a spool
 * @statement: stands on a row
 * @column: of the picture, not NULL
 * @id: of the passage
 * @kind: of the picture
 *
 * Returns: (transfer full) (nullable): the JPEG; %NULL if it cannot be unsealed
 */
GBytes *
anpr_spool_get_jpeg (AnprSpool *spool, AnprStatement *statement, gint column,
    const gchar *id, const gchar *kind)
{
  const guint8 *data = sqlite3_column_blob (statement, column);
  gsize size = sqlite3_column_bytes (statement, column);
  guint8 *plain;

  if (!spool->keys)
    return g_bytes_new (data, size);
  plain = unseal (spool->keys, data, size, kind, id, &size);
  return plain ? g_bytes_new_take (plain, size) : NULL;
}

/* --- codes of columns --- */

static gint64
make_code (
    const AnprSpoolKey *key, gint64 salt, gint64 number, gchar what, gint value)
{
  struct {
    gint64 salt;
    gint64 number;
    gint64 question;
  } input = { salt, number, what << 1 | (value != 0) };
  gint64 code;

  (void) crypto_shorthash (
      (guint8 *) &code, (const guint8 *) &input, sizeof input, key->code);
  return code;
}

/**
 * anpr_spool_encode: (skip)
 * @spool: a spool
 * @number: of the passage's row
 * @what: %ANPR_SPOOL_HITS or %ANPR_SPOOL_FREEABLE
 * @value: what to tell those who have the key
 *
 * Returns: what to put into the column
 */
gint64
anpr_spool_encode (AnprSpool *spool, gint64 number, gchar what, gint value)
{
  return spool->keys ? make_code (
             &spool->keys->keys[0], spool->salt, number, what, value)
                     : value;
}

/* Whether the column says yes */
gboolean
anpr_spool_decode (AnprSpool *spool, gint64 number, gchar what, gint64 column)
{
  if (!spool->keys)
    return column > 0;
  for (guint i = 0; i < spool->keys->n_keys; i++) {
    if (make_code (&spool->keys->keys[i], spool->salt, number, what, TRUE)
        == column)
      return TRUE;
  }
  return FALSE;
}

static void
decode_hits (sqlite3_context *context, int n, sqlite3_value **values)
{
  sqlite3_result_int (
      context, anpr_spool_decode (sqlite3_user_data (context),
                   sqlite3_value_int64 (values[1]), ANPR_SPOOL_HITS,
                   sqlite3_value_int64 (values[0])));
}

static void
decode_freeable (sqlite3_context *context, int n, sqlite3_value **values)
{
  sqlite3_result_int (
      context, anpr_spool_decode (sqlite3_user_data (context),
                   sqlite3_value_int64 (values[1]), ANPR_SPOOL_FREEABLE,
                   sqlite3_value_int64 (values[0])));
}

/* --- whether the keys fit the file --- */

static gboolean
is_known (const AnprSpoolKeys *keys, const gchar *id)
{
  for (guint i = 0; keys && i < keys->n_keys; i++) {
    g_autofree gchar *known = anpr_spool_key_id_to_string (keys->keys[i].id);

    if (strcmp (known, id) == 0)
      return TRUE;
  }
  return !keys && strcmp (id, NOT_SEALED) == 0;
}

static gboolean
refuse (AnprSpool *spool, const gchar *id, GError **error)
{
  if (!spool->keys)
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_SPOOL_KEY,
        "Spool \"%s\" is encrypted and no key was given", spool->path);
  else if (strcmp (id, NOT_SEALED) == 0)
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_SPOOL_KEY,
        "Spool \"%s\" has passages that are not encrypted", spool->path);
  else
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_SPOOL_KEY,
        "Spool \"%s\" is encrypted with key %s, which is not in the key file",
        spool->path, id);
  return FALSE;
}

/**
 * anpr_spool_note_key_use: (skip)
 * @spool: a spool inside a transaction that writes
 * @time: spool time
 *
 * The key in use was used now. One that was used last an hour before the oldest
 * passage was kept is not needed any more; it is noted once a minute.
 *
 * Returns: SQLITE_DONE, or what went wrong
 */
gint
anpr_spool_note_key_use (AnprSpool *spool, gint64 time)
{
  g_autoptr (AnprStatement) use = NULL;
  g_autoptr (AnprStatement) forget = NULL;
  g_autofree gchar *id = NULL;
  gint rc;

  if (!spool->keys)
    return SQLITE_DONE;
  id = anpr_spool_keys_get_id (spool->keys);
  use = anpr_spool_prepare (spool, "UPDATE key SET last = ?2 WHERE id = ?1");
  forget = anpr_spool_prepare (spool,
      "DELETE FROM key WHERE id <> ?1 AND last <> 0"
      " AND last + 3600000000 < coalesce ((SELECT kept FROM delivery"
      "  ORDER BY number LIMIT 1), ?2)");
  if (!use || !forget)
    return sqlite3_extended_errcode (spool->database);
  anpr_statement_bind_text (use, 1, id);
  (void) sqlite3_bind_int64 (use, 2, time);
  anpr_statement_bind_text (forget, 1, id);
  (void) sqlite3_bind_int64 (forget, 2, time);
  rc = sqlite3_step (use);
  return rc == SQLITE_DONE ? sqlite3_step (forget) : rc;
}

static gboolean
note_key (AnprSpool *spool, GError **error)
{
  g_autofree gchar *id = spool->keys ? anpr_spool_keys_get_id (spool->keys)
                                     : g_strdup (NOT_SEALED);
  g_autoptr (AnprStatement) find =
      anpr_spool_prepare (spool, "SELECT 1 FROM key WHERE id = ?1");
  g_autoptr (AnprStatement) insert =
      anpr_spool_prepare (spool, "INSERT OR IGNORE INTO key VALUES (?1, 0)");

  if (find && insert) {
    anpr_statement_bind_text (find, 1, id);
    anpr_statement_bind_text (insert, 1, id);
    if (sqlite3_step (find) == SQLITE_ROW
        || sqlite3_step (insert) == SQLITE_DONE)
      return TRUE;
  }
  anpr_spool_set_error (
      spool, ANPR_ERROR_SPOOL_OPEN, "cannot be written", error);
  return FALSE;
}

/**
 * anpr_spool_check_keys: (skip)
 * @spool: a spool of this version, with its keys set
 * @mode: what it is opened for
 * @error: %ANPR_ERROR_SPOOL_KEY, %ANPR_ERROR_SPOOL_OPEN
 *
 * A file that is sealed is opened with each key its rows need, and never
 * continued without; one that is not sealed is never continued with a key, unless
 * nothing was ever kept in it.
 *
 * Returns: whether the keys are right
 */
gboolean
anpr_spool_check_keys (AnprSpool *spool, AnprSpoolMode mode, GError **error)
{
  g_autoptr (AnprStatement) statement =
      anpr_spool_prepare (spool, "SELECT id FROM key");
  gint rc = statement ? SQLITE_ROW : SQLITE_ERROR;

  if (mode == ANPR_SPOOL_WRITE && spool->keys)
    (void) anpr_spool_run (spool, "DELETE FROM key WHERE id = '" NOT_SEALED "'"
                                  " AND NOT EXISTS (SELECT 1 FROM passage)");
  while (statement && (rc = sqlite3_step (statement)) == SQLITE_ROW) {
    const gchar *id = anpr_statement_get_text (statement, 0);

    if (!is_known (spool->keys, id))
      return refuse (spool, id, error);
  }
  if (rc != SQLITE_DONE) {
    anpr_spool_set_read_error (spool, error);
    return FALSE;
  }
  spool->salt = anpr_spool_ask_number (
      spool, "SELECT value FROM counter WHERE name = 'salt'");
  (void) sqlite3_create_function (spool->database, "has_hits", 2, SQLITE_UTF8,
      spool, decode_hits, NULL, NULL);
  (void) sqlite3_create_function (spool->database, "may_free", 2, SQLITE_UTF8,
      spool, decode_freeable, NULL, NULL);
  return mode == ANPR_SPOOL_READ || note_key (spool, error);
}
