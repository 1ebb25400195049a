/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "still.h"

G_DEFINE_BOXED_TYPE (AnprStill, anpr_still, anpr_still_ref, anpr_still_unref)

/**
 * anpr_still_new:
 * @width: pixels, even, at most %ANPR_STILL_MAX_SIDE
 * @height: pixels, even, at most %ANPR_STILL_MAX_SIDE
 *
 * Returns: (transfer full): a still whose pixels the caller fills in
 */
AnprStill *
anpr_still_new (guint width, guint height)
{
  AnprStill *still;

  g_return_val_if_fail (width > 0 && width % 2 == 0, NULL);
  g_return_val_if_fail (height > 0 && height % 2 == 0, NULL);
  g_return_val_if_fail (MAX (width, height) <= ANPR_STILL_MAX_SIDE, NULL);

  still = g_atomic_rc_box_new0 (AnprStill);
  still->width = width;
  still->height = height;
  still->i420 = g_malloc (anpr_still_size (still));
  return still;
}

/**
 * anpr_still_ref:
 * @still: a still
 *
 * Returns: (transfer full): @still
 */
AnprStill *
anpr_still_ref (AnprStill *still)
{
  return g_atomic_rc_box_acquire (still);
}

static void
still_clear (AnprStill *still)
{
  g_free (still->i420);
}

/**
 * anpr_still_unref:
 * @still: (transfer full): a still
 */
void
anpr_still_unref (AnprStill *still)
{
  g_atomic_rc_box_release_full (still, (GDestroyNotify) still_clear);
}

/**
 * anpr_still_size:
 * @still: a still
 *
 * Returns: bytes of the pixels
 */
gsize
anpr_still_size (const AnprStill *still)
{
  return (gsize) still->width * still->height * 3 / 2;
}
