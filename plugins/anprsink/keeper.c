/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The writer's hand on the spool: opens it with its key and its settings, keeps
 * what waits in transactions of a bounded size, erases what is due, and mends a
 * damaged file. It says what went wrong; what follows from that is the writer's.
 * Of the writer's thread alone.
 */

#include "keeper.h"

#include "../record/error.h"
#include "spoolrecover.h"

/* A disk that damages each new file, too, is not filled with copies */
#define MEND_INTERVAL (10 * G_TIME_SPAN_MINUTE)

struct _AnprKeeper {
  gchar *location;
  gchar *key;
  gchar *device;
  gchar *position;
  gchar *lane;
  guint64 max_size;
  guint retention;
  guint keep_delivered;

  AnprSpoolKeys *keys;
  AnprSpool *spool;
  guint64 freed_before;
  gint64 mended_at;
};

/**
 * anpr_keeper_new: (skip)
 * @settings: copied; with a location
 *
 * Returns: (transfer full): a keeper that has opened nothing yet
 */
AnprKeeper *
anpr_keeper_new (const AnprWriterSettings *settings)
{
  AnprKeeper *keeper = g_new0 (AnprKeeper, 1);

  keeper->location = g_strdup (settings->location);
  keeper->key = g_strdup (settings->key);
  keeper->device = g_strdup (settings->device);
  keeper->position = g_strdup (settings->position);
  keeper->lane = g_strdup (settings->lane);
  keeper->max_size = settings->max_size;
  keeper->retention = settings->retention;
  keeper->keep_delivered = settings->keep_delivered;
  return keeper;
}

void
anpr_keeper_free (AnprKeeper *keeper)
{
  if (!keeper)
    return;
  anpr_spool_close (keeper->spool);
  anpr_spool_keys_unref (keeper->keys);
  g_free (keeper->location);
  g_free (keeper->key);
  g_free (keeper->device);
  g_free (keeper->position);
  g_free (keeper->lane);
  g_free (keeper);
}

gboolean
anpr_keeper_is_open (const AnprKeeper *keeper)
{
  return keeper->spool != NULL;
}

void
anpr_keeper_close (AnprKeeper *keeper)
{
  g_clear_pointer (&keeper->spool, anpr_spool_close);
}

/**
 * anpr_keeper_open: (skip)
 * @keeper: a keeper
 * @error: as anpr_spool_keys_load(), anpr_spool_open() and
 *     anpr_spool_set_retention()
 *
 * Returns: whether the spool is open
 */
gboolean
anpr_keeper_open (AnprKeeper *keeper, GError **error)
{
  if (keeper->spool)
    return TRUE;
  if (keeper->key && !keeper->keys)
    keeper->keys = anpr_spool_keys_load (keeper->key, error);
  if (keeper->key && !keeper->keys)
    return FALSE;
  keeper->spool =
      anpr_spool_open (keeper->location, ANPR_SPOOL_WRITE, keeper->keys, error);
  if (!keeper->spool) {
    /* a key file that is set right counts with the next try */
    g_clear_pointer (&keeper->keys, anpr_spool_keys_unref);
    return FALSE;
  }
  anpr_spool_set_max_size (keeper->spool, keeper->max_size);
  keeper->freed_before = anpr_spool_get_images_freed (keeper->spool);
  if (anpr_spool_set_retention (keeper->spool, keeper->position,
          keeper->retention, keeper->keep_delivered, error))
    return TRUE;
  anpr_keeper_close (keeper);
  return FALSE;
}

static guint64
item_size (const AnprSpoolItem *item)
{
  guint64 bytes = 0;

  for (guint i = 0; i < item->n_images; i++)
    bytes += g_bytes_get_size (item->images[i].jpeg);
  return bytes;
}

/* How many of the items go into one transaction, at least one */
static guint
transaction_length (AnprKeeper *keeper, const AnprSpoolItem *items, guint n)
{
  guint64 most = anpr_spool_get_transaction_size (keeper->spool);
  guint64 bytes = item_size (&items[0]);
  guint length = 1;

  while (length < n && (bytes += item_size (&items[length])) <= most)
    length++;
  return length;
}

/**
 * anpr_keeper_keep: (skip)
 * @keeper: a keeper
 * @items: (array length=n): passages, kept in this order; what is set of them is
 *     the caller's
 * @n: how many
 * @error: as anpr_keeper_open() and anpr_spool_keep(), if not all are kept
 *
 * What has no room together may have it one by one.
 *
 * Returns: how many are kept, from the first on
 */
guint
anpr_keeper_keep (
    AnprKeeper *keeper, AnprSpoolItem *items, guint n, GError **error)
{
  AnprSpoolPlace place = { keeper->device, keeper->position, keeper->lane };
  guint n_kept = 0, most = n;

  if (!anpr_keeper_open (keeper, error))
    return 0;
  while (n_kept < n) {
    guint length =
        transaction_length (keeper, &items[n_kept], MIN (n - n_kept, most));
    GError *reason = NULL;

    if (anpr_spool_keep (
            keeper->spool, &place, &items[n_kept], length, &reason)) {
      n_kept += length;
      continue;
    }
    if (length == 1
        || !g_error_matches (reason, ANPR_ERROR, ANPR_ERROR_SPOOL_FULL)) {
      g_propagate_error (error, reason);
      break;
    }
    g_clear_error (&reason);
    most = 1;
  }
  return n_kept;
}

/* Whether there is room again, of an open spool: %ANPR_ERROR_SPOOL_FULL */
gboolean
anpr_keeper_check_room (AnprKeeper *keeper, GError **error)
{
  return anpr_spool_check_room (keeper->spool, error);
}

/* Erases what is due before the next run, as anpr_spool_expire() */
gboolean
anpr_keeper_expire (
    AnprKeeper *keeper, AnprSpoolExpired *expired, GError **error)
{
  return anpr_spool_expire (
      keeper->spool, ANPR_SPOOL_EXPIRE_INTERVAL, expired, error);
}

/**
 * anpr_keeper_mend: (skip)
 * @keeper: a keeper
 * @error: what went wrong with its spool
 * @told: (out): what to tell about it, if it is mended
 *
 * Closes the spool unless it is only full: opening it anew is the one way back
 * then. A damaged one is recovered, at most every ten minutes.
 *
 * Returns: whether it was, and may be opened at once
 */
gboolean
anpr_keeper_mend (AnprKeeper *keeper, const GError *error, GError **told)
{
  g_autoptr (GError) reason = NULL;
  AnprSpoolRecovered recovered = { 0 };
  gboolean done;

  if (g_error_matches (error, ANPR_ERROR, ANPR_ERROR_SPOOL_FULL))
    return FALSE;
  anpr_keeper_close (keeper);
  if (!g_error_matches (error, ANPR_ERROR, ANPR_ERROR_SPOOL_DAMAGED)
      || (keeper->mended_at > 0
          && g_get_monotonic_time () - keeper->mended_at < MEND_INTERVAL))
    return FALSE;
  done =
      anpr_spool_recover (keeper->location, keeper->keys, &recovered, &reason);
  /* held by another process, it is tried again soon */
  if (done || !g_error_matches (reason, ANPR_ERROR, ANPR_ERROR_SPOOL_OPEN))
    keeper->mended_at = g_get_monotonic_time ();
  if (done)
    g_set_error (told, ANPR_ERROR, ANPR_ERROR_SPOOL_DAMAGED,
        "Spool \"%s\" was damaged: %" G_GUINT64_FORMAT
        " passages could be copied to a new file, %" G_GUINT64_FORMAT
        " and %" G_GUINT64_FORMAT " pictures could not; it lies in \"%s\" now",
        keeper->location, recovered.copied, recovered.lost,
        recovered.pictures_lost, recovered.aside);
  g_free (recovered.aside);
  return done;
}

guint64
anpr_keeper_get_bytes (const AnprKeeper *keeper)
{
  return anpr_spool_get_bytes (keeper->spool);
}

guint64
anpr_keeper_get_images_freed (const AnprKeeper *keeper)
{
  return anpr_spool_get_images_freed (keeper->spool);
}

/* Whether pictures had to make room since it was opened */
gboolean
anpr_keeper_frees_images (const AnprKeeper *keeper)
{
  return anpr_spool_get_images_freed (keeper->spool) > keeper->freed_before;
}
