/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What is not delivered to the centre yet.
 *
 * The forwarder is another thread or another process than the one that keeps,
 * with a spool of its own on the same file. Reading holds no transaction open
 * when a function returns; what the centre said is written in one short
 * transaction, durable like a passage. A forwarder that is killed between the
 * centre's answer and that transaction delivers again, and the centre knows the
 * passage by its id.
 *
 * Passages with hits come first. Which ones have hits is found out once for
 * each row, and only for new rows after that (`hits_seen`): a spool that was cut
 * off for a week holds some hundred thousand.
 */

#include "spooldelivery.h"
#include "spool-private.h"

/**
 * anpr_spool_delivery_free: (skip)
 * @delivery: (transfer full) (nullable): a passage to deliver
 */
void
anpr_spool_delivery_free (AnprSpoolDelivery *delivery)
{
  if (!delivery)
    return;
  g_free (delivery->id);
  g_free (delivery->position);
  g_free (delivery->record);
  g_clear_pointer (&delivery->images, g_ptr_array_unref);
  g_free (delivery);
}

static void
image_free (AnprSpoolImage *image)
{
  g_free ((gchar *) image->kind);
  g_bytes_unref (image->jpeg);
  g_free (image);
}

/* --- which ones --- */

/* Notes the rows with hits that were kept since it was asked last */
static gboolean
see_hits (AnprSpool *spool)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (spool,
      "SELECT number, has_hits (hits, number) FROM delivery JOIN passage USING "
      "(number)"
      " WHERE state = 0 AND number > ?1 ORDER BY number");
  gint rc = statement ? SQLITE_ROW : SQLITE_ERROR;

  if (statement)
    (void) sqlite3_bind_int64 (statement, 1, spool->hits_seen);
  while (rc == SQLITE_ROW && (rc = sqlite3_step (statement)) == SQLITE_ROW) {
    gint64 number = sqlite3_column_int64 (statement, 0);

    spool->hits_seen = number;
    if (sqlite3_column_int64 (statement, 1) > 0)
      g_array_append_val (spool->hits_waiting, number);
  }
  return rc == SQLITE_DONE;
}

/* Returns TRUE, FALSE, or -1 if it could not be read */
static gint
is_waiting (AnprSpool *spool, gint64 number)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (
      spool, "SELECT 1 FROM delivery WHERE number = ?1 AND state = 0");
  gint rc;

  if (!statement)
    return -1;
  (void) sqlite3_bind_int64 (statement, 1, number);
  rc = sqlite3_step (statement);
  return rc == SQLITE_ROW ? TRUE : rc == SQLITE_DONE ? FALSE : -1;
}

/* Hits that still wait, oldest first; those that do not any more are forgotten */
static gboolean
collect_hits (AnprSpool *spool, guint max_rows, GArray *numbers)
{
  GArray *hits = spool->hits_waiting;
  guint i;

  for (i = 0; i < hits->len && numbers->len < max_rows;) {
    gint64 number = g_array_index (hits, gint64, i);
    gint waiting = is_waiting (spool, number);

    if (waiting < 0)
      return FALSE;
    if (waiting) {
      g_array_append_val (numbers, number);
      i++;
    } else {
      g_array_remove_index (hits, i);
    }
  }
  return TRUE;
}

static gboolean
contains (const GArray *numbers, guint n, gint64 number)
{
  guint low = 0, high = n;

  while (low < high) {
    guint middle = (low + high) / 2;
    gint64 found = g_array_index (numbers, gint64, middle);

    if (found == number)
      return TRUE;
    if (found < number)
      low = middle + 1;
    else
      high = middle;
  }
  return FALSE;
}

static gboolean
collect_others (AnprSpool *spool, guint max_rows, GArray *numbers)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (
      spool, "SELECT number FROM delivery WHERE state = 0 ORDER BY number");
  guint n_hits = numbers->len;
  gint rc = statement ? SQLITE_ROW : SQLITE_ERROR;

  while (rc == SQLITE_ROW && numbers->len < max_rows
         && (rc = sqlite3_step (statement)) == SQLITE_ROW) {
    gint64 number = sqlite3_column_int64 (statement, 0);

    if (!contains (numbers, n_hits, number))
      g_array_append_val (numbers, number);
  }
  return rc == SQLITE_DONE || rc == SQLITE_ROW;
}

/* --- what they hold --- */

static gboolean
read_images (AnprSpool *spool, AnprSpoolDelivery *delivery, gsize *bytes)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (spool,
      "SELECT kind, jpeg FROM image WHERE passage = ?1 AND jpeg IS NOT NULL"
      " ORDER BY kind");
  gint rc;

  if (!statement)
    return FALSE;
  (void) sqlite3_bind_int64 (statement, 1, delivery->number);
  while ((rc = sqlite3_step (statement)) == SQLITE_ROW) {
    const gchar *kind = anpr_statement_get_text (statement, 0);
    GBytes *jpeg =
        anpr_spool_get_jpeg (spool, statement, 1, delivery->id, kind);
    AnprSpoolImage *image;

    if (!jpeg)
      continue;
    image = g_new0 (AnprSpoolImage, 1);
    image->kind = g_strdup (kind);
    image->jpeg = jpeg;
    *bytes += g_bytes_get_size (image->jpeg);
    g_ptr_array_add (delivery->images, image);
  }
  return rc == SQLITE_DONE;
}

/* Returns SQLITE_ROW, SQLITE_DONE if it is gone meanwhile, or what went wrong */
static gint
read_delivery (
    AnprSpool *spool, gint64 number, AnprSpoolDelivery **delivery, gsize *bytes)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (
      spool, "SELECT " ANPR_SPOOL_ROW " FROM passage WHERE number = ?1");
  AnprSpoolDelivery *found;
  gint rc;

  if (!statement)
    return SQLITE_ERROR;
  (void) sqlite3_bind_int64 (statement, 1, number);
  rc = sqlite3_step (statement);
  if (rc != SQLITE_ROW)
    return rc;
  found = g_new0 (AnprSpoolDelivery, 1);
  found->number = number;
  found->sequence = sqlite3_column_int64 (statement, 1);
  found->has_hits = anpr_spool_decode (
      spool, number, ANPR_SPOOL_HITS, sqlite3_column_int64 (statement, 3));
  found->id = g_strdup (anpr_statement_get_text (statement, 4));
  found->position = g_strdup (anpr_statement_get_text (statement, 5));
  found->record = anpr_spool_get_record (spool, statement, 7, found->id);
  found->images = g_ptr_array_new_with_free_func ((GDestroyNotify) image_free);
  *delivery = found;
  if (!found->record)
    return SQLITE_ROW;
  *bytes += strlen (found->record);
  return read_images (spool, found, bytes) ? SQLITE_ROW : SQLITE_ERROR;
}

/* One that cannot be decrypted must not hold up those behind it. It stays
 * visible as refused; a reader that may not write just goes past it. */
static void
set_aside_damaged (AnprSpool *spool, AnprSpoolDelivery *delivery)
{
  (void) anpr_spool_refuse (spool, delivery->number, "it cannot be decrypted",
      g_get_real_time (), NULL);
  anpr_spool_delivery_free (delivery);
}

static gboolean
read_deliveries (AnprSpool *spool, const GArray *numbers, gsize max_bytes,
    GPtrArray *deliveries)
{
  gsize bytes = 0;

  for (guint i = 0; i < numbers->len; i++) {
    AnprSpoolDelivery *delivery = NULL;
    gint rc = read_delivery (
        spool, g_array_index (numbers, gint64, i), &delivery, &bytes);

    if (rc == SQLITE_ROW && !delivery->record) {
      set_aside_damaged (spool, delivery);
      continue;
    }
    if (rc == SQLITE_ROW && (deliveries->len == 0 || bytes <= max_bytes)) {
      g_ptr_array_add (deliveries, delivery);
      continue;
    }
    anpr_spool_delivery_free (delivery);
    if (rc == SQLITE_ROW)
      return TRUE;
    if (rc != SQLITE_DONE)
      return FALSE;
  }
  return TRUE;
}

/**
 * anpr_spool_get_undelivered: (skip)
 * @spool: a spool
 * @max_rows: at most so many, at least 1
 * @max_bytes: at most so many bytes of records and pictures; one passage may
 *     have more
 * @error: %ANPR_ERROR_SPOOL_OPEN; %ANPR_ERROR_SPOOL_WRITE: the file was
 *     replaced, open it anew; %ANPR_ERROR_SPOOL_DAMAGED: its keeper is told, and
 *     recovers it
 *
 * What the centre has neither taken nor refused: passages with hits first, then
 * in the order they were kept, which is that of sequence at each position.
 *
 * Returns: (transfer full) (nullable) (element-type AnprSpoolDelivery): empty if
 *     all is delivered
 */
GPtrArray *
anpr_spool_get_undelivered (
    AnprSpool *spool, guint max_rows, gsize max_bytes, GError **error)
{
  g_autoptr (GPtrArray) deliveries = g_ptr_array_new_with_free_func (
      (GDestroyNotify) anpr_spool_delivery_free);
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (gint64));
  gboolean mark_damaged = FALSE;

  g_return_val_if_fail (spool != NULL && max_rows > 0, NULL);

  if (!anpr_spool_is_still_there (spool, error))
    return NULL;
  if (!see_hits (spool) || !collect_hits (spool, max_rows, numbers)
      || !collect_others (spool, max_rows, numbers)
      || !read_deliveries (spool, numbers, max_bytes, deliveries)) {
    if ((sqlite3_errcode (spool->database) & 0xFF) == SQLITE_CORRUPT)
      mark_damaged = TRUE;
    anpr_spool_set_read_error (spool, error);
    if (mark_damaged)
      (void) anpr_spool_run (
          spool, "INSERT OR REPLACE INTO counter VALUES ('damaged', 1)");
    return NULL;
  }
  return g_steal_pointer (&deliveries);
}

/* --- what the centre said --- */

static gint
set_state (AnprSpool *spool, gint64 number, AnprSpoolState state, gint64 utc,
    const gchar *reason)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (spool,
      "UPDATE delivery SET state = ?2, utc = ?3, reason = ?4"
      " WHERE number = ?1");

  if (!statement)
    return sqlite3_extended_errcode (spool->database);
  (void) sqlite3_bind_int64 (statement, 1, number);
  (void) sqlite3_bind_int (statement, 2, state);
  (void) sqlite3_bind_int64 (statement, 3, utc);
  anpr_statement_bind_text (statement, 4, reason);
  return sqlite3_step (statement);
}

static gboolean
set_states (AnprSpool *spool, const gint64 *numbers, guint n,
    AnprSpoolState state, gint64 utc, const gchar *reason, GError **error)
{
  gint rc;

  if (!anpr_spool_is_still_there (spool, error)
      || !anpr_spool_bound_log (spool, error))
    return FALSE;
  rc = anpr_spool_run (spool, "BEGIN IMMEDIATE");
  if (rc == SQLITE_OK)
    rc = SQLITE_DONE;
  for (guint i = 0; rc == SQLITE_DONE && i < n; i++)
    rc = set_state (spool, numbers[i], state, utc, reason);
  if (rc == SQLITE_DONE)
    rc = anpr_spool_run (spool, "COMMIT");
  if (rc == SQLITE_OK)
    return TRUE;
  anpr_spool_set_write_error (spool, rc, error);
  anpr_spool_roll_back (spool);
  return FALSE;
}

/**
 * anpr_spool_acknowledge: (skip)
 * @spool: a spool open for writing
 * @numbers: (array length=n): rows the centre has
 * @n: how many
 * @utc: when it said so, microseconds since 1970
 * @error: %ANPR_ERROR_SPOOL_WRITE, %ANPR_ERROR_SPOOL_FULL
 *
 * One transaction, on the disk when it returns. Rows that are gone, or
 * acknowledged already, are no error.
 *
 * Returns: whether it is written; if not, they count as not delivered
 */
gboolean
anpr_spool_acknowledge (AnprSpool *spool, const gint64 *numbers, guint n,
    gint64 utc, GError **error)
{
  g_return_val_if_fail (spool != NULL && (numbers != NULL || n == 0), FALSE);

  return n == 0
         || set_states (
             spool, numbers, n, ANPR_SPOOL_DELIVERED, utc, NULL, error);
}

/**
 * anpr_spool_refuse: (skip)
 * @spool: a spool open for writing
 * @number: a row the centre will not take
 * @reason: why, cut at %ANPR_SPOOL_MAX_REASON bytes
 * @utc: when it said so, microseconds since 1970
 * @error: %ANPR_ERROR_SPOOL_WRITE, %ANPR_ERROR_SPOOL_FULL
 *
 * The row stays, is not handed out any more until anpr_spool_retry_refused(),
 * and leaves at the retention limit like one that was never delivered.
 *
 * Returns: whether it is written
 */
gboolean
anpr_spool_refuse (AnprSpool *spool, gint64 number, const gchar *reason,
    gint64 utc, GError **error)
{
  g_autofree gchar *valid = NULL, *cut = NULL;
  const gchar *end;

  g_return_val_if_fail (spool != NULL && reason != NULL, FALSE);

  valid = g_utf8_make_valid (reason, -1);
  end = valid + MIN (strlen (valid), ANPR_SPOOL_MAX_REASON);
  while ((*end & 0xC0) == 0x80)
    end--;
  cut = g_strndup (valid, end - valid);
  return set_states (spool, &number, 1, ANPR_SPOOL_REFUSED, utc, cut, error);
}

/**
 * anpr_spool_retry_refused: (skip)
 * @spool: a spool open for writing
 * @n_retried: (out) (optional): how many there were
 * @error: %ANPR_ERROR_SPOOL_WRITE, %ANPR_ERROR_SPOOL_FULL
 *
 * What the centre refused is to be delivered again, for when a person has set
 * right what was wrong there.
 *
 * Returns: whether it is written
 */
gboolean
anpr_spool_retry_refused (AnprSpool *spool, guint *n_retried, GError **error)
{
  gint rc;

  g_return_val_if_fail (spool != NULL, FALSE);

  if (!anpr_spool_is_still_there (spool, error)
      || !anpr_spool_bound_log (spool, error))
    return FALSE;
  rc = anpr_spool_run (spool,
      "UPDATE delivery SET state = 0, utc = NULL, reason = NULL"
      " WHERE state = 2");
  if (rc != SQLITE_OK) {
    anpr_spool_set_write_error (spool, rc, error);
    return FALSE;
  }
  /* they are older than what was looked through */
  anpr_spool_forget_hits (spool);
  if (n_retried)
    *n_retried = sqlite3_changes (spool->database);
  return TRUE;
}

/**
 * anpr_spool_get_backlog: (skip)
 * @spool: a spool
 * @backlog: (out): how much waits
 * @error: %ANPR_ERROR_SPOOL_OPEN, %ANPR_ERROR_SPOOL_WRITE
 *
 * Looks at each row that waits, in a small table: some milliseconds for a
 * hundred thousand.
 *
 * Returns: whether @backlog is filled
 */
gboolean
anpr_spool_get_backlog (
    AnprSpool *spool, AnprSpoolBacklog *backlog, GError **error)
{
  g_autoptr (AnprStatement) statement = NULL;
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (gint64));

  g_return_val_if_fail (spool != NULL && backlog != NULL, FALSE);

  if (!anpr_spool_is_still_there (spool, error))
    return FALSE;
  statement = anpr_spool_prepare (spool,
      "SELECT count (*), total (bytes),"
      " (SELECT utc FROM passage WHERE number ="
      "  (SELECT min (number) FROM delivery WHERE state = 0)),"
      " (SELECT count (*) FROM delivery WHERE state = 2)"
      " FROM delivery WHERE state = 0");
  if (!statement || sqlite3_step (statement) != SQLITE_ROW || !see_hits (spool)
      || !collect_hits (spool, G_MAXUINT, hits)) {
    anpr_spool_set_read_error (spool, error);
    return FALSE;
  }
  backlog->rows = sqlite3_column_int64 (statement, 0);
  backlog->bytes = sqlite3_column_int64 (statement, 1);
  backlog->oldest_utc = sqlite3_column_int64 (statement, 2);
  backlog->refused = sqlite3_column_int64 (statement, 3);
  backlog->rows_with_hits = hits->len;
  return TRUE;
}
