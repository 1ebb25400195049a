/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Passages of all positions, out of their spools, while cameras write them.
 *
 * Spools are opened for each question: that takes a fraction of a millisecond,
 * and nobody has to know when one was replaced. One that is not there yet, or is
 * of another version, is passed over; only if none can be read is that an error.
 * Everything blocks: not for the main thread.
 */

#include "passagestore.h"
#include "passageview.h"
#include "requesttext.h"
#include "../../plugins/record/jsonmember.h"

#include <string.h>

/**
 * anpr_web_open_spool:
 * @path: of a spool
 * @key: (nullable): file or systemd credential with its key; read each time, so
 *     that one that was changed counts
 * @error: as anpr_spool_open() and anpr_spool_keys_load()
 *
 * Returns: (transfer full) (nullable): it, for reading
 */
AnprSpool *
anpr_web_open_spool (const gchar *path, const gchar *key, GError **error)
{
  g_autoptr (AnprSpoolKeys) keys =
      key ? anpr_spool_keys_load (key, error) : NULL;

  return key && !keys ? NULL
                      : anpr_spool_open (path, ANPR_SPOOL_READ, keys, error);
}

/**
 * anpr_passage_store_free:
 * @store: (nullable) (transfer full): a store
 */
void
anpr_passage_store_free (AnprPassageStore *store)
{
  if (!store)
    return;
  g_free (store->state);
  g_strfreev (store->positions);
  g_free (store->key);
  g_free (store);
}

static AnprSpool *
open_position (const AnprPassageStore *store, guint i, GError **error)
{
  g_autofree gchar *path =
      g_strdup_printf ("%s/%s.spool", store->state, store->positions[i]);

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return NULL;
  return anpr_web_open_spool (path, store->key, error);
}

static gboolean
add_page (GPtrArray *passages, AnprSpool *spool, const AnprSpoolPage *page,
    GError **error)
{
  g_autoptr (GPtrArray) records = anpr_spool_get_page (spool, page, error);

  for (guint i = 0; records && i < records->len; i++) {
    JsonObject *object = anpr_json_parse (g_ptr_array_index (records, i), -1);

    if (object)
      g_ptr_array_add (passages, object);
  }
  return records != NULL;
}

/**
 * anpr_passage_store_get_page:
 * @store: a store
 * @page: which passages
 * @error: not one spool could be read
 *
 * Returns: (transfer full) (nullable) (element-type JsonObject): records of all
 *     positions, those that began last first
 */
GPtrArray *
anpr_passage_store_get_page (
    const AnprPassageStore *store, const AnprSpoolPage *page, GError **error)
{
  g_autoptr (GPtrArray) passages =
      g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  g_autoptr (GError) failed = NULL;
  guint n_read = 0;

  for (guint i = 0; store->positions[i]; i++) {
    g_autoptr (GError) why = NULL;
    g_autoptr (AnprSpool) spool = open_position (store, i, &why);

    if (spool)
      n_read += add_page (passages, spool, page, &why);
    if (why && !failed)
      failed = g_steal_pointer (&why);
  }
  if (failed && n_read == 0) {
    g_propagate_error (error, g_steal_pointer (&failed));
    return NULL;
  }
  g_ptr_array_sort (passages, anpr_view_compare_newest);
  if (passages->len > page->limit)
    g_ptr_array_set_size (passages, page->limit);
  return g_steal_pointer (&passages);
}

/**
 * anpr_passage_store_find:
 * @store: a store
 * @id: of a passage
 * @error: a spool could not be read
 *
 * Returns: (transfer full) (nullable): its record; %NULL without @error set if
 *     there is none
 */
JsonObject *
anpr_passage_store_find (
    const AnprPassageStore *store, const gchar *id, GError **error)
{
  g_autofree gchar *record = NULL;
  g_autoptr (GError) failed = NULL;

  for (guint i = 0; store->positions[i] && !record; i++) {
    g_autoptr (AnprSpool) spool =
        open_position (store, i, failed ? NULL : &failed);

    if (spool)
      record = anpr_spool_find_record (spool, id, failed ? NULL : &failed);
  }
  if (!record && failed)
    g_propagate_error (error, g_steal_pointer (&failed));
  return record ? anpr_json_parse (record, -1) : NULL;
}

/**
 * anpr_passage_store_get_image:
 * @store: a store
 * @id: of a passage
 * @kind: "plate" or "vehicle"
 * @error: a spool could not be read
 *
 * Returns: (transfer full) (nullable): the JPEG; %NULL without @error set if
 *     there is none, or none any more
 */
GBytes *
anpr_passage_store_get_image (const AnprPassageStore *store, const gchar *id,
    const gchar *kind, GError **error)
{
  GBytes *image = NULL;
  g_autoptr (GError) failed = NULL;

  for (guint i = 0; store->positions[i] && !image; i++) {
    g_autoptr (AnprSpool) spool =
        open_position (store, i, failed ? NULL : &failed);

    if (spool)
      image = anpr_spool_get_image (spool, id, kind, failed ? NULL : &failed);
  }
  if (!image && failed)
    g_propagate_error (error, g_steal_pointer (&failed));
  return image;
}

/**
 * anpr_identifier_from_time:
 * @utc: microseconds since 1970
 *
 * Returns: (transfer full): smaller than every id (UUIDv7) that was made then or
 *     later, larger than every one made a millisecond before
 */
gchar *
anpr_identifier_from_time (gint64 utc)
{
  guint64 time = MAX (utc, 0) / 1000;

  return g_strdup_printf ("%08" G_GINT64_MODIFIER "x-%04" G_GINT64_MODIFIER
                          "x-7",
      (time >> 16) & 0xffffffff, time & 0xffff);
}
