/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_LUMA_PYRAMID_H
#define ANPR_LUMA_PYRAMID_H

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

/* Side of a cell, pixels of its level */
#define ANPR_CELL 4

#define ANPR_MAX_LEVELS 8

/* Largest side of a frame, pixels */
#define ANPR_MAX_SIDE 8192

/* One size of the picture.
 *
 * edges is an integral image over the cells, (cells_x + 1) x (cells_y + 1),
 * row by row: the sum of a rectangle of cells is had with four look-ups. It
 * may wrap around; differences are right nevertheless. */
typedef struct {
  const guint8 *pixels;
  gsize stride;
  guint width;
  guint height;
  guint cells_x;
  guint cells_y;
  guint32 *edges;
} AnprLevel;

/* The picture and its halves; level 0 lies in the caller's memory */
typedef struct {
  AnprLevel levels[ANPR_MAX_LEVELS];
  guint n_levels;
  guint width;
  guint height;
  guint8 *memory;
  guint8 *row;
} AnprPyramid;

gboolean anpr_pyramid_set_picture (AnprPyramid *pyramid, const guint8 *luma,
    gsize stride, guint width, guint height);
void anpr_pyramid_clear (AnprPyramid *pyramid);

static inline guint32
anpr_level_sum (
    const AnprLevel *level, guint left, guint top, guint right, guint bottom)
{
  const guint32 *upper = level->edges + (gsize) top * (level->cells_x + 1);
  const guint32 *lower = level->edges + (gsize) bottom * (level->cells_x + 1);

  return lower[right] - lower[left] - upper[right] + upper[left];
}

G_END_DECLS

#endif
