/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_RECORD_STILL_H
#define ANPR_RECORD_STILL_H

#include <glib-object.h>

G_BEGIN_DECLS

/* Largest side of a still, pixels; larger crops are scaled down to it */
#define ANPR_STILL_MAX_SIDE 1280

#define ANPR_TYPE_STILL (anpr_still_get_type ())

/**
 * AnprStill:
 * @width: pixels, even
 * @height: pixels, even
 * @i420: luma width x height, then Cb and Cr of half the width and height, all
 *     without padding between rows
 * @full_range: luma is 0..255, not 16..235 (set by the maker)
 * @bt709: the colour matrix is BT.709, not BT.601 (set by the maker)
 *
 * A cut-out of the very frame that was read, kept until it is written as JPEG.
 * Immutable once shared; reference counted.
 */
typedef struct {
  guint width;
  guint height;
  guint8 *i420;
  gboolean full_range;
  gboolean bt709;
} AnprStill;

GType anpr_still_get_type (void) G_GNUC_CONST;
AnprStill *anpr_still_new (guint width, guint height);
AnprStill *anpr_still_ref (AnprStill *still);
void anpr_still_unref (AnprStill *still);
gsize anpr_still_size (const AnprStill *still);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprStill, anpr_still_unref)

G_END_DECLS

#endif
