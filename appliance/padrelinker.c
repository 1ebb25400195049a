/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Links again what comes again.
 *
 * gst_parse_launch() links what a source or decoder brings once only. When its
 * pad comes again, with the next connection, it is linked to what the one before
 * was linked to.
 *
 * Threads: pads come and go in any; the lock guards what is remembered.
 */

#include "padrelinker.h"

struct _AnprPadRelinker {
  GMutex lock;
  GHashTable *targets; /* element: pad that its pad was linked to */
};

static void
on_unlinked (GstPad *pad, GstPad *peer, gpointer data)
{
  AnprPadRelinker *relinker = data;
  g_autoptr (GstObject) element = gst_pad_get_parent (pad);

  if (!element)
    return;
  g_mutex_lock (&relinker->lock);
  g_hash_table_insert (relinker->targets, element, gst_object_ref (peer));
  g_mutex_unlock (&relinker->lock);
}

static void
on_pad_added (GstElement *element, GstPad *pad, gpointer data)
{
  AnprPadRelinker *relinker = data;
  g_autoptr (GstPad) target = NULL;

  if (!GST_PAD_IS_SRC (pad))
    return;
  g_signal_connect (pad, "unlinked", G_CALLBACK (on_unlinked), relinker);
  if (gst_pad_is_linked (pad))
    return;
  g_mutex_lock (&relinker->lock);
  target = g_hash_table_lookup (relinker->targets, element);
  if (target)
    gst_object_ref (target);
  g_mutex_unlock (&relinker->lock);
  /* another stream of the camera does not fit, which is no fault */
  if (target && !gst_pad_is_linked (target))
    (void) gst_pad_link (pad, target);
}

static void
watch (const GValue *item, gpointer data)
{
  g_signal_connect (
      g_value_get_object (item), "pad-added", G_CALLBACK (on_pad_added), data);
}

/**
 * anpr_pad_relinker_new:
 * @pipeline: with all its elements
 *
 * Returns: (transfer full): what looks after their pads; must outlive them
 */
AnprPadRelinker *
anpr_pad_relinker_new (GstBin *pipeline)
{
  AnprPadRelinker *relinker = g_new0 (AnprPadRelinker, 1);
  g_autoptr (GstIterator) elements = gst_bin_iterate_elements (pipeline);

  g_mutex_init (&relinker->lock);
  relinker->targets =
      g_hash_table_new_full (NULL, NULL, NULL, gst_object_unref);
  (void) gst_iterator_foreach (elements, watch, relinker);
  return relinker;
}

void
anpr_pad_relinker_free (AnprPadRelinker *relinker)
{
  if (!relinker)
    return;
  g_hash_table_unref (relinker->targets);
  g_mutex_clear (&relinker->lock);
  g_free (relinker);
}
