/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_LUMA_VIEW_H
#define ANPR_LUMA_VIEW_H

#include <glib.h>

G_BEGIN_DECLS

/* Largest side of a picture and widest view, pixels */
#define ANPR_MAX_SIDE 8192
#define ANPR_VIEW_MAX_WIDTH 640

/* Picture pixels to a pixel of a view */
#define ANPR_VIEW_MIN_SCALE 0.25
#define ANPR_VIEW_MAX_SCALE 250.0

/* A picture of 8-bit luma, height rows of width bytes, stride apart; somebody
 * else's memory, only looked at */
typedef struct {
  const guint8 *pixels;
  gsize stride;
  guint width;
  guint height;
} AnprLuma;

/* A part of a picture, made smaller or larger.
 *
 * x, y           top left corner, picture pixels; may lie outside
 * scale          picture pixels to a pixel of the view
 * width, height  pixels of the view */
typedef struct {
  gdouble x;
  gdouble y;
  gdouble scale;
  guint width;
  guint height;
} AnprView;

/* Memory to make views in; nothing in it lasts */
typedef struct {
  guint16 sums[ANPR_MAX_SIDE + 1];
  guint32 totals[ANPR_MAX_SIDE + 1];
  guint column[2][ANPR_VIEW_MAX_WIDTH];
  gfloat part[2][ANPR_VIEW_MAX_WIDTH];
  gfloat inside[ANPR_VIEW_MAX_WIDTH];
} AnprViewRoom;

void anpr_view_cut (const AnprView *view, const AnprLuma *luma,
    AnprViewRoom *room, gfloat *values);

G_END_DECLS

#endif
