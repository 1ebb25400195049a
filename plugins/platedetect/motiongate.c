/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Has the picture changed since it was last looked at?
 *
 * Means of small cells are compared with those of the frame last looked at, not
 * of the frame before: what changes too slowly to be seen from frame to frame
 * adds up. A cell is smaller than the smallest plate, so no plate comes into
 * the picture between cells. Sensor noise averages out in a cell. */

#include "motiongate.h"
#include <string.h>

/* Side of a cell, and how many of its rows are looked at: every fourth */
#define CELL 16
#define ROW_STEP 4

/* Change of a cell's mean that counts, luma */
#define LEAST_CHANGE 5

static guint8
cell_mean (const guint8 *luma, gsize stride, guint width, guint height)
{
  guint sum = 0, n = 0;

  for (guint y = 0; y < height; y += ROW_STEP) {
    const guint8 *row = luma + (gsize) y * stride;

    for (guint x = 0; x < width; x++)
      sum += row[x];
    n += width;
  }
  return sum / n;
}

static guint8
mean_at (const guint8 *luma, gsize stride, guint width, guint height, guint x,
    guint y)
{
  return cell_mean (luma + (gsize) y * CELL * stride + x * CELL, stride,
      MIN (CELL, width - x * CELL), MIN (CELL, height - y * CELL));
}

static guint
n_cells (guint side)
{
  return (side + CELL - 1) / CELL;
}

/**
 * anpr_motion_gate_changed: (skip)
 * @gate: a gate
 * @luma: (array): height rows of width bytes
 * @stride: bytes from row to row
 * @width: pixels, 1..
 * @height: pixels, 1..
 *
 * Returns: whether the picture differs from the one last looked at; %TRUE
 *     where there was none, or one of another size
 */
gboolean
anpr_motion_gate_changed (AnprMotionGate *gate, const guint8 *luma,
    gsize stride, guint width, guint height)
{
  const guint8 *seen = gate->seen;

  if (!gate->valid || gate->width != width || gate->height != height)
    return TRUE;
  for (guint y = 0; y < n_cells (height); y++) {
    for (guint x = 0; x < n_cells (width); x++) {
      gint change = *seen++ - mean_at (luma, stride, width, height, x, y);

      if (ABS (change) >= LEAST_CHANGE)
        return TRUE;
    }
  }
  return FALSE;
}

/**
 * anpr_motion_gate_look: (skip)
 * @gate: a gate
 * @luma: (array): height rows of width bytes
 * @stride: bytes from row to row
 * @width: pixels, 1..
 * @height: pixels, 1..
 *
 * Remembers the picture as looked at. Allocates when its size changes.
 */
void
anpr_motion_gate_look (AnprMotionGate *gate, const guint8 *luma, gsize stride,
    guint width, guint height)
{
  guint8 *seen;

  if (!gate->seen || gate->width != width || gate->height != height) {
    g_free (gate->seen);
    gate->seen = g_malloc ((gsize) n_cells (width) * n_cells (height));
    gate->width = width;
    gate->height = height;
  }
  seen = gate->seen;
  for (guint y = 0; y < n_cells (height); y++)
    for (guint x = 0; x < n_cells (width); x++)
      *seen++ = mean_at (luma, stride, width, height, x, y);
  gate->valid = TRUE;
}

/**
 * anpr_motion_gate_clear: (skip)
 * @gate: a gate; forgets what it saw, frees its memory, may be used again
 */
void
anpr_motion_gate_clear (AnprMotionGate *gate)
{
  g_free (gate->seen);
  memset (gate, 0, sizeof (*gate));
}
