/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Brightness, contrast and sharpness of a picture.
 *
 * At most 64 rows are looked at, spread over the picture: a fraction of a
 * millisecond at 1080p.
 */

#include "framehealth.h"

#include <math.h>
#include <string.h>

#define ROWS 64
/* Below this variance nothing is seen, and its sharpness means nothing */
#define LEAST_VARIANCE 1.0

typedef struct {
  guint64 n;
  guint64 sum;
  guint64 squares;
  guint64 n_bends;
  guint64 bends;
} Sums;

static void
add_row (Sums *sums, const guint8 *row, guint width)
{
  guint32 sum = 0;
  guint64 squares = 0, bends = 0;

  for (guint x = 0; x < width; x++) {
    sum += row[x];
    squares += (guint) row[x] * row[x];
  }
  for (guint x = 2; x < width; x++) {
    gint bend = row[x - 2] - 2 * row[x - 1] + row[x];

    bends += bend * bend;
  }
  sums->n += width;
  sums->sum += sum;
  sums->squares += squares;
  sums->n_bends += width > 2 ? width - 2 : 0;
  sums->bends += bends;
}

/**
 * anpr_frame_health_measure:
 * @health: (out caller-allocates): what the picture is like
 * @luma: rows of 8-bit luma
 * @width: pixels
 * @height: rows
 * @stride: bytes from row to row
 */
void
anpr_frame_health_measure (AnprFrameHealth *health, const guint8 *luma,
    guint width, guint height, gsize stride)
{
  guint step = MAX (height / ROWS, 1);
  Sums sums = { 0 };
  gdouble mean, variance;

  memset (health, 0, sizeof *health);
  for (guint y = step / 2; y < height; y += step)
    add_row (&sums, luma + y * stride, width);
  if (sums.n == 0)
    return;
  mean = (gdouble) sums.sum / sums.n;
  variance = MAX ((gdouble) sums.squares / sums.n - mean * mean, 0);
  health->brightness = mean;
  health->contrast = sqrt (variance);
  if (sums.n_bends > 0 && variance >= LEAST_VARIANCE)
    health->sharpness = 100 * ((gdouble) sums.bends / sums.n_bends) / variance;
}
