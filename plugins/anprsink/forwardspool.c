/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The forwarder's side of a spool: a batch that is on its way, and what the
 * centre answered.
 *
 * Answers outlive the spool's handle. If they cannot be written down because
 * another process holds the file or the disk is full, the file is closed, and
 * they are written when it has been opened again. Rows are known by numbers that
 * are of one file only, so answers are dropped when the file is another one: the
 * centre will say "already".
 *
 * One thread.
 */

#include "forwardspool.h"
#include "../record/error.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

struct _AnprForwardSpool {
  gchar *location;
  gchar *key;
  AnprSpool *opened;
  dev_t device; /* of its file, to see it replaced */
  ino_t inode;

  GPtrArray *batch; /* (nullable): with answers not written down */
  AnprIngestAnswer *answers;
};

/**
 * anpr_forward_spool_new: (skip)
 * @location: file
 * @key: (nullable): file with the key it is encrypted with
 *
 * Returns: (transfer full): not open yet
 */
AnprForwardSpool *
anpr_forward_spool_new (const gchar *location, const gchar *key)
{
  AnprForwardSpool *spool = g_new0 (AnprForwardSpool, 1);

  spool->location = g_strdup (location);
  spool->key = g_strdup (key);
  return spool;
}

static void
forget_batch (AnprForwardSpool *spool)
{
  if (!spool->batch)
    return;
  anpr_ingest_answers_free (spool->answers, spool->batch->len);
  spool->answers = NULL;
  g_clear_pointer (&spool->batch, g_ptr_array_unref);
}

/**
 * anpr_forward_spool_free: (skip)
 * @spool: (transfer full) (nullable): closed, with what was not written down
 */
void
anpr_forward_spool_free (AnprForwardSpool *spool)
{
  if (!spool)
    return;
  forget_batch (spool);
  anpr_forward_spool_close (spool);
  g_free (spool->location);
  g_free (spool->key);
  g_free (spool);
}

/**
 * anpr_forward_spool_close: (skip)
 * @spool: a spool; keeps its batch and answers
 */
void
anpr_forward_spool_close (AnprForwardSpool *spool)
{
  g_clear_pointer (&spool->opened, anpr_spool_close);
}

static void
note_file (AnprForwardSpool *spool, const GStatBuf *info)
{
  if (info->st_dev == spool->device && info->st_ino == spool->inode)
    return;
  anpr_forward_spool_close (spool);
  forget_batch (spool);
  spool->device = info->st_dev;
  spool->inode = info->st_ino;
}

/**
 * anpr_forward_spool_exists:
 * @spool: a spool to forward
 *
 * Returns: whether its file is there
 */
gboolean
anpr_forward_spool_exists (AnprForwardSpool *spool)
{
  return g_file_test (spool->location, G_FILE_TEST_EXISTS);
}

/**
 * anpr_forward_spool_open: (skip)
 * @spool: a spool
 * @error: as of anpr_spool_open() and anpr_spool_keys_load()
 *
 * Opens it unless it is open. The file is looked at first: if it is replaced in
 * between, the next call takes it for another one, never this one for the old.
 * Who keeps makes the file, with its own rights.
 *
 * Returns: whether it is open
 */
gboolean
anpr_forward_spool_open (AnprForwardSpool *spool, GError **error)
{
  g_autoptr (AnprSpoolKeys) keys = NULL;
  GStatBuf info;

  if (g_stat (spool->location, &info) != 0) {
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_SPOOL_OPEN,
        "Spool \"%s\" is not there: %s", spool->location, g_strerror (errno));
    return FALSE;
  }
  note_file (spool, &info);
  if (spool->opened)
    return TRUE;
  if (spool->key && !(keys = anpr_spool_keys_load (spool->key, error)))
    return FALSE;
  spool->opened =
      anpr_spool_open (spool->location, ANPR_SPOOL_WRITE, keys, error);
  return spool->opened != NULL;
}

/**
 * anpr_forward_spool_read: (skip)
 * @spool: an open spool, with no answers left to write down
 * @max_rows: as for anpr_spool_get_undelivered()
 * @max_bytes: as for anpr_spool_get_undelivered()
 * @error: as for anpr_spool_get_undelivered()
 *
 * Reads the next batch, %NULL if all is delivered, with answers all open.
 *
 * Returns: whether it could be read
 */
gboolean
anpr_forward_spool_read (
    AnprForwardSpool *spool, guint max_rows, gsize max_bytes, GError **error)
{
  g_autoptr (GPtrArray) batch =
      anpr_spool_get_undelivered (spool->opened, max_rows, max_bytes, error);

  forget_batch (spool);
  if (batch && batch->len > 0) {
    spool->answers = anpr_ingest_answers_new (batch->len);
    spool->batch = g_ptr_array_ref (batch);
  }
  return batch != NULL;
}

/**
 * anpr_forward_spool_get_batch: (skip)
 * @spool: a spool
 *
 * Returns: (transfer none) (nullable) (element-type AnprSpoolDelivery): what is
 *     on its way
 */
GPtrArray *
anpr_forward_spool_get_batch (AnprForwardSpool *spool)
{
  return spool->batch;
}

/**
 * anpr_forward_spool_get_answers: (skip)
 * @spool: a spool with a batch
 *
 * Returns: (transfer none): one for each of the batch, to be filled
 */
AnprIngestAnswer *
anpr_forward_spool_get_answers (AnprForwardSpool *spool)
{
  return spool->answers;
}

/**
 * anpr_forward_spool_get_bytes: (skip)
 * @spool: a spool with a batch
 *
 * Returns: of its records and pictures
 */
gsize
anpr_forward_spool_get_bytes (const AnprForwardSpool *spool)
{
  gsize bytes = 0;

  for (guint i = 0; i < spool->batch->len; i++) {
    const AnprSpoolDelivery *delivery = spool->batch->pdata[i];

    bytes += strlen (delivery->record);
    for (guint j = 0; j < delivery->images->len; j++) {
      const AnprSpoolImage *image = delivery->images->pdata[j];

      bytes += g_bytes_get_size (image->jpeg);
    }
  }
  return bytes;
}

static gboolean
is_taken (const AnprIngestAnswer *answer)
{
  return answer->outcome == ANPR_INGEST_KEPT
         || answer->outcome == ANPR_INGEST_ALREADY;
}

static gboolean
acknowledge (AnprForwardSpool *spool, GError **error)
{
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (guint i = 0; i < spool->batch->len; i++) {
    const AnprSpoolDelivery *delivery = spool->batch->pdata[i];

    if (is_taken (&spool->answers[i]))
      g_array_append_val (numbers, delivery->number);
  }
  return anpr_spool_acknowledge (spool->opened, (gint64 *) numbers->data,
      numbers->len, g_get_real_time (), error);
}

/**
 * anpr_forward_spool_write_answers: (skip)
 * @spool: an open spool
 * @written: told of each answer
 * @user_data: for @written
 * @error: as of anpr_spool_acknowledge() and anpr_spool_refuse()
 *
 * Writes down what the centre answered, in one transaction for all it has taken,
 * and lets the batch go. What is open in it will be read again.
 *
 * Returns: whether nothing is left to write down
 */
gboolean
anpr_forward_spool_write_answers (AnprForwardSpool *spool,
    AnprForwardWritten written, gpointer user_data, GError **error)
{
  if (!spool->batch)
    return TRUE;
  if (!acknowledge (spool, error))
    return FALSE;
  for (guint i = 0; i < spool->batch->len; i++) {
    if (!is_taken (&spool->answers[i]))
      continue;
    written (spool->batch->pdata[i], &spool->answers[i], user_data);
    spool->answers[i].outcome = ANPR_INGEST_OPEN;
  }
  for (guint i = 0; i < spool->batch->len; i++) {
    const AnprSpoolDelivery *delivery = spool->batch->pdata[i];
    AnprIngestAnswer *answer = &spool->answers[i];

    if (answer->outcome != ANPR_INGEST_REFUSED)
      continue;
    if (!anpr_spool_refuse (spool->opened, delivery->number, answer->reason,
            g_get_real_time (), error))
      return FALSE;
    written (delivery, answer, user_data);
    answer->outcome = ANPR_INGEST_OPEN;
  }
  forget_batch (spool);
  return TRUE;
}

/**
 * anpr_forward_spool_count: (skip)
 * @spool: a spool
 * @backlog: (out): what waits in it
 *
 * Returns: whether it is open and could be counted
 */
gboolean
anpr_forward_spool_count (AnprForwardSpool *spool, AnprSpoolBacklog *backlog)
{
  return spool->opened && anpr_spool_get_backlog (spool->opened, backlog, NULL);
}
