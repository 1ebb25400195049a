/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Pictures with a plate, drawn by the tests themselves: a dark vehicle on a
 * lighter road, on it a plate with a blue band and seven characters of blocks.
 * Every pixel is the mean of 4 x 4 points, as a lens would make it. */

#ifndef PLATE_DETECT_PICTURE_H
#define PLATE_DETECT_PICTURE_H

#include <glib.h>
#include <math.h>

typedef struct {
  guint8 *pixels;
  gsize stride;
  guint width;
  guint height;
} Picture;

/* x, y is the top left corner, height a 4.7th of width; it sinks by slope a
 * pixel to the right */
typedef struct {
  gdouble x;
  gdouble y;
  gdouble width;
  gdouble slope;
  guint8 ground;
  guint8 ink;
} DrawnPlate;

/* Rows of 5 bits: M 4 7 S P R 2 */
static const guint8 picture_glyphs[7][7] = {
  { 17, 27, 21, 21, 17, 17, 17 },
  { 2, 6, 10, 18, 31, 2, 2 },
  { 31, 1, 2, 4, 8, 8, 8 },
  { 15, 16, 16, 14, 1, 1, 30 },
  { 30, 17, 17, 30, 16, 16, 16 },
  { 30, 17, 17, 30, 20, 18, 17 },
  { 14, 17, 1, 2, 4, 8, 31 },
};

static inline guint8
picture_plate_luma (const DrawnPlate *plate, gdouble u, gdouble v)
{
  /* the plate is 4.7 high and 22 wide here; glyphs are 3.2 high */
  gdouble x = u * 22, y = v * 4.7;
  gdouble text_x = x - 3.6, text_y = y - 0.75;
  gint glyph, column, row;

  if (x < 0.25 || y < 0.25 || x > 21.75 || y > 4.45)
    return plate->ink;
  if (x < 2.4)
    return 60;
  glyph = (gint) floor (text_x / 2.5);
  if (glyph < 0 || glyph > 6 || text_y < 0 || text_y >= 3.2)
    return plate->ground;
  column = (gint) ((text_x - glyph * 2.5) / 0.37);
  row = (gint) (text_y / 3.2 * 7);
  if (column > 4)
    return plate->ground;
  return (picture_glyphs[glyph][row] >> (4 - column)) & 1 ? plate->ink
                                                          : plate->ground;
}

static inline guint8
picture_luma (
    const Picture *picture, const DrawnPlate *plate, gdouble x, gdouble y)
{
  gdouble height = plate->width / 4.7;
  gdouble u = (x - plate->x) / plate->width;
  gdouble v = (y - plate->y - (x - plate->x) * plate->slope) / height;

  if (plate->width > 0 && u >= 0 && u < 1 && v >= 0 && v < 1)
    return picture_plate_luma (plate, u, v);
  /* the vehicle, three plates wide and two plates' width above it */
  if (u > -1 && u < 2 && v > -7 && v < 2.5)
    return 45;
  return 90 + 60 * y / picture->height;
}

static inline void
picture_draw (Picture *picture, const DrawnPlate *plate)
{
  for (guint y = 0; y < picture->height; y++) {
    for (guint x = 0; x < picture->width; x++) {
      guint sum = 0;

      for (guint i = 0; i < 16; i++)
        sum += picture_luma (
            picture, plate, x + (i % 4 + 0.5) / 4, y + (i / 4 + 0.5) / 4);
      picture->pixels[y * picture->stride + x] = sum / 16;
    }
  }
}

static inline Picture
picture_new (guint width, guint height, gsize stride)
{
  return (Picture){ g_malloc0 (stride * height), stride, width, height };
}

#endif
