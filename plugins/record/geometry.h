/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_RECORD_GEOMETRY_H
#define ANPR_RECORD_GEOMETRY_H

#include <glib.h>

G_BEGIN_DECLS

/* Upright rectangle; x, y is the top left corner; pixels */
typedef struct {
  gdouble x;
  gdouble y;
  gdouble width;
  gdouble height;
} AnprBox;

/* Corners in reading order of the plate: top left, top right, bottom right,
 * bottom left; pixels */
typedef struct {
  gdouble x[4];
  gdouble y[4];
} AnprQuad;

gdouble anpr_box_iou (const AnprBox *a, const AnprBox *b);
gdouble anpr_box_cover (const AnprBox *a, const AnprBox *b);
gboolean anpr_box_clip (AnprBox *box, gdouble width, gdouble height);
void anpr_quad_from_box (AnprQuad *quad, const AnprBox *box);

G_END_DECLS

#endif
