/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The picture in halving sizes and how many vertical edges are where.
 *
 * Characters of a plate are a dense row of upright strokes, so the number of
 * vertical edges in small cells tells where plates may be. Halving the picture
 * makes a few window sizes serve all plate sizes, for a third more work.
 *
 * The inner loops are on bytes throughout: that is what lets the compiler turn
 * them into vector instructions, 16 pixels at a time and more.
 *
 * Memory is kept from frame to frame and only taken anew when the size
 * changes. */

#include "lumapyramid.h"

/* Brightness steps up to this are sensor noise, or coding noise */
#define NOISE_FLOOR 7

/* A step counts no more than this: a lamp must not outweigh a dim plate, and
 * ANPR_CELL rows of it fit in a byte */
#define MAX_STEP 48

/* A smaller picture than this holds no plate */
#define MIN_LEVEL_WIDTH 32
#define MIN_LEVEL_HEIGHT 8

static gsize
edges_size (const AnprLevel *level)
{
  return (gsize) (level->cells_x + 1) * (level->cells_y + 1) * sizeof (guint32);
}

static void
set_level_size (AnprLevel *level, guint width, guint height)
{
  level->width = width;
  level->height = height;
  level->cells_x = width / ANPR_CELL;
  level->cells_y = height / ANPR_CELL;
}

static void
resize (AnprPyramid *pyramid, guint width, guint height)
{
  gsize size = 0;
  guint8 *next;

  anpr_pyramid_clear (pyramid);
  pyramid->width = width;
  pyramid->height = height;
  for (guint i = 0; i < ANPR_MAX_LEVELS; i++) {
    AnprLevel *level = &pyramid->levels[i];

    set_level_size (level, width >> i, height >> i);
    if (level->width < MIN_LEVEL_WIDTH || level->height < MIN_LEVEL_HEIGHT)
      break;
    pyramid->n_levels = i + 1;
    size += edges_size (level);
    if (i > 0)
      size += (gsize) level->width * level->height;
  }
  pyramid->memory = next = g_malloc (size + width);
  /* the integral images first: they want to be aligned */
  for (guint i = 0; i < pyramid->n_levels; i++) {
    pyramid->levels[i].edges = (guint32 *) next;
    next += edges_size (&pyramid->levels[i]);
  }
  for (guint i = 1; i < pyramid->n_levels; i++) {
    AnprLevel *level = &pyramid->levels[i];

    level->pixels = next;
    level->stride = level->width;
    next += (gsize) level->width * level->height;
  }
  pyramid->row = next;
}

static void
halve_row (guint8 *restrict to, const guint8 *restrict upper,
    const guint8 *restrict lower, guint width)
{
  for (guint x = 0; x < width; x++)
    to[x] =
        (upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1] + 2)
        >> 2;
}

static void
halve (const AnprLevel *from, AnprLevel *to)
{
  guint8 *row = (guint8 *) to->pixels;

  for (guint y = 0; y < to->height; y++) {
    const guint8 *upper = from->pixels + (gsize) 2 * y * from->stride;

    halve_row (row, upper, upper + from->stride, to->width);
    row += to->stride;
  }
}

static void
add_steps (guint8 *restrict sums, const guint8 *restrict pixels, guint n)
{
  for (guint x = 0; x < n; x++) {
    guint8 here = pixels[x], beside = pixels[x + 1];
    guint8 step = MAX (here, beside) - MIN (here, beside);

    step = MAX (step, NOISE_FLOOR) - NOISE_FLOOR;
    sums[x] += MIN (step, MAX_STEP);
  }
}

static void
measure_edges (AnprLevel *level, guint8 *row)
{
  guint pitch = level->cells_x + 1;
  guint n = level->cells_x * ANPR_CELL;

  memset (level->edges, 0, pitch * sizeof (guint32));
  for (guint cell_y = 0; cell_y < level->cells_y; cell_y++) {
    const guint32 *above = level->edges + (gsize) cell_y * pitch;
    guint32 *here = level->edges + (gsize) (cell_y + 1) * pitch;
    const guint8 *sums = row;
    guint32 total = 0;

    memset (row, 0, n);
    for (guint y = 0; y < ANPR_CELL; y++)
      /* the last pixel of a row has none beside it */
      add_steps (row,
          level->pixels + (gsize) (cell_y * ANPR_CELL + y) * level->stride,
          MIN (n, level->width - 1));
    here[0] = 0;
    for (guint x = 1; x < pitch; x++, sums += ANPR_CELL) {
      total += sums[0] + sums[1] + sums[2] + sums[3];
      here[x] = above[x] + total;
    }
  }
}

/**
 * anpr_pyramid_set_picture: (skip)
 * @pyramid: all zero, or used before
 * @luma: (array): height rows of width bytes; must stay while the pyramid is
 *     looked at
 * @stride: bytes from row to row, at least @width
 * @width: pixels, 1..%ANPR_MAX_SIDE
 * @height: pixels, 1..%ANPR_MAX_SIDE
 *
 * One thread at a time.
 *
 * Returns: whether the picture is large enough to hold a plate
 */
gboolean
anpr_pyramid_set_picture (AnprPyramid *pyramid, const guint8 *luma,
    gsize stride, guint width, guint height)
{
  if (width < MIN_LEVEL_WIDTH || height < MIN_LEVEL_HEIGHT)
    return FALSE;
  if (width != pyramid->width || height != pyramid->height)
    resize (pyramid, width, height);
  pyramid->levels[0].pixels = luma;
  pyramid->levels[0].stride = stride;
  for (guint i = 0; i < pyramid->n_levels; i++) {
    if (i > 0)
      halve (&pyramid->levels[i - 1], &pyramid->levels[i]);
    measure_edges (&pyramid->levels[i], pyramid->row);
  }
  return TRUE;
}

/**
 * anpr_pyramid_clear: (skip)
 * @pyramid: a pyramid
 *
 * Frees its memory; it may be used again.
 */
void
anpr_pyramid_clear (AnprPyramid *pyramid)
{
  g_free (pyramid->memory);
  memset (pyramid, 0, sizeof (*pyramid));
}
