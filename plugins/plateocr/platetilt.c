/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* How far a plate's line of signs goes up or down in its picture.
 *
 * Signs are where neighbours in a row differ. Along lines of the right slope
 * the differences gather in the rows of signs, and few are above and below, so
 * the profile of the sums over such lines has the greatest variance (projection
 * profiles; Postl, "Detection of linear oblique structures and skew scan in
 * digitized documents", ICPR 1986). Frames and bands weigh little: their upper
 * edges have no differences along a row. */

#include "platetilt.h"

#include <math.h>
#include <stdlib.h>

#define WIDTH ANPR_PLATE_PICTURE_WIDTH
#define HEIGHT ANPR_PLATE_PICTURE_HEIGHT
/* Slopes tried to each side, and rows a column between them */
#define N_SLOPES 14
#define SLOPE_STEP 0.015
/* Columns at each end that show what is beside the plate */
#define EDGE 8

static gdouble
variance (const guint *sums)
{
  gdouble sum = 0, squares = 0;

  for (guint y = 0; y < HEIGHT; y++) {
    sum += sums[y];
    squares += (gdouble) sums[y] * sums[y];
  }
  return squares / HEIGHT - sum * sum / (HEIGHT * HEIGHT);
}

/* How unevenly differences lie in rows that go down by slope a column */
static gdouble
unevenness (const guint8 *differences, gdouble slope)
{
  guint sums[HEIGHT] = { 0 };

  for (guint x = EDGE; x < WIDTH - EDGE; x++) {
    gint down = lrint ((x - WIDTH / 2.0) * slope);

    for (gint y = 0; y < HEIGHT; y++)
      sums[y] += differences[CLAMP (y + down, 0, HEIGHT - 1) * WIDTH + x];
  }
  return variance (sums);
}

/**
 * anpr_plate_picture_find_tilt: (skip)
 * @picture: a plate of one line
 *
 * Returns: rows that its signs' line goes down a column, of the picture; 0 if
 * it is level, at most 0.21 to either side
 */
gdouble
anpr_plate_picture_find_tilt (const AnprPlatePicture *picture)
{
  guint8 differences[HEIGHT * WIDTH] = { 0 };
  gdouble most = 0, tilt = 0;

  for (guint y = 0; y < HEIGHT; y++)
    for (guint x = 0; x + 1 < WIDTH; x++)
      differences[y * WIDTH + x] =
          abs (picture->luma[y * WIDTH + x + 1] - picture->luma[y * WIDTH + x]);
  for (gint i = -N_SLOPES; i <= N_SLOPES; i++) {
    gdouble found = unevenness (differences, i * SLOPE_STEP);

    if (found > most) {
      most = found;
      tilt = i * SLOPE_STEP;
    }
  }
  return tilt;
}
