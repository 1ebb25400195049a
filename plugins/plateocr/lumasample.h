/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PLATEOCR_LUMASAMPLE_H
#define ANPR_PLATEOCR_LUMASAMPLE_H

#include "../record/geometry.h"

G_BEGIN_DECLS

/* AnprLumaPlane: somebody else's grey picture, 8 bit, only looked at */
typedef struct {
  const guint8 *luma;
  gsize stride;
  guint width;
  guint height;
} AnprLumaPlane;

/* AnprLumaMap: from the unit square to a plane, by perspective:
 * x = (m0 u + m1 v + m2) / (m6 u + m7 v + 1), y = (m3 u + m4 v + m5) / (...).
 * Places are in pixels from the top left corner of the plane, so that the
 * middle of its first pixel is at 0.5, 0.5. */
typedef struct {
  gdouble m[8];
} AnprLumaMap;

gboolean anpr_luma_map_from_quad (AnprLumaMap *map, const AnprQuad *quad);
void anpr_luma_map_place (
    const AnprLumaMap *map, gdouble u, gdouble v, gdouble *x, gdouble *y);
gboolean anpr_luma_sample (const AnprLumaPlane *plane, const AnprLumaMap *map,
    const AnprBox *part, guint8 *picture, guint width, guint height);

G_END_DECLS

#endif
