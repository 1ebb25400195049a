/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What has changed in the picture since it was last surveyed?
 *
 * The picture is divided in cells, smaller than the smallest plate, so no plate
 * comes into the picture between them. Of each cell two rows are looked at: an
 * eighth of the pixels. Their mean is compared with that of the picture kept,
 * not of the frame before: what changes too slowly to be seen from frame to
 * frame adds up.
 *
 * Noise of sensor and codec averages out in a cell. What is left of it is in
 * half of all cells, so their median change tells how much it is; a change
 * counts that is well above it, and not alone: in a cell beside it too.
 *
 * Cells that lie outside of the `include` polygons or inside of the `exclude`
 * ones, as far as points a quarter of a cell apart tell, are not watched: what
 * happens there counts for nothing, not as noise either. */

#include "motiongate.h"
#include <string.h>

/* Side of a cell: a CELLS-th of the longer side of the picture, but no less
 * than MIN_CELL; rows of it looked at */
#define CELLS 120
#define MIN_CELL 8
#define CELL_ROWS 2

/* A cell is tried at so many points, squared, whether to watch it */
#define CELL_POINTS 4

/* Means are kept in parts of a luma step */
#define PARTS 16

/* Change of a cell's mean that counts, luma: this much, and so many times the
 * median change, but never more than the largest */
#define LEAST_CHANGE (5 * PARTS)
#define MEDIAN_FACTOR 6
#define LARGEST_CHANGE (14 * PARTS)

/* A cut: mean change of the cells watched, luma, and the share that changed */
#define CUT_CHANGE (30 * PARTS)
#define CUT_SHARE 0.6

/* Cells around what changed that belong to its area */
#define MARGIN 2

static guint
n_cells (const AnprMotionGate *gate)
{
  return gate->columns * gate->rows;
}

static gboolean
point_is_watched (gfloat x, gfloat y, const AnprPolygons *include,
    const AnprPolygons *exclude)
{
  if (include->n_polygons > 0 && !anpr_polygons_contain (include, x, y))
    return FALSE;
  return !anpr_polygons_contain (exclude, x, y);
}

static gboolean
is_watched (const AnprMotionGate *gate, guint column, guint row,
    const AnprPolygons *include, const AnprPolygons *exclude)
{
  guint left = column * gate->cell, top = row * gate->cell;
  guint width = MIN (gate->cell, gate->width - left);
  guint height = MIN (gate->cell, gate->height - top);

  for (guint i = 0; i < CELL_POINTS * CELL_POINTS; i++) {
    gfloat x = left + (i % CELL_POINTS + 0.5f) * width / CELL_POINTS;
    gfloat y = top + (i / CELL_POINTS + 0.5f) * height / CELL_POINTS;

    if (point_is_watched (x / gate->width, y / gate->height, include, exclude))
      return TRUE;
  }
  return FALSE;
}

/**
 * anpr_motion_gate_reset: (skip)
 * @gate: a gate
 * @width: pixels of the pictures to come, 1..%ANPR_MAX_SIDE
 * @height: pixels, 1..%ANPR_MAX_SIDE
 * @include: where to watch; without polygons everywhere
 * @exclude: where not
 *
 * Forgets what it saw.
 */
void
anpr_motion_gate_reset (AnprMotionGate *gate, guint width, guint height,
    const AnprPolygons *include, const AnprPolygons *exclude)
{
  anpr_motion_gate_clear (gate);
  gate->width = width;
  gate->height = height;
  gate->cell = MAX (MIN_CELL, (MAX (width, height) + CELLS - 1) / CELLS);
  gate->columns = (width + gate->cell - 1) / gate->cell;
  gate->rows = (height + gate->cell - 1) / gate->cell;
  gate->kept = g_new0 (guint16, n_cells (gate));
  gate->last = g_new0 (guint16, n_cells (gate));
  gate->changed = g_new0 (guint8, n_cells (gate));
  gate->watched = g_new0 (guint8, n_cells (gate));
  for (guint row = 0; row < gate->rows; row++) {
    for (guint column = 0; column < gate->columns; column++) {
      gboolean watched = is_watched (gate, column, row, include, exclude);

      gate->watched[row * gate->columns + column] = watched;
      gate->n_watched += watched;
    }
  }
}

static guint
sum_of (const guint8 *pixels, guint n)
{
  guint sum = 0;

  for (guint x = 0; x < n; x++)
    sum += pixels[x];
  return sum;
}

/* The means of a row of cells */
static void
measure_row (const AnprMotionGate *gate, const AnprLuma *luma, guint row)
{
  guint top = row * gate->cell;
  guint height = MIN (gate->cell, gate->height - top);
  const guint8 *upper = luma->pixels + (top + height / 4) * luma->stride;
  const guint8 *lower = luma->pixels + (top + height * 3 / 4) * luma->stride;
  guint16 *means = gate->last + (gsize) row * gate->columns;

  for (guint column = 0; column < gate->columns; column++) {
    guint left = column * gate->cell;
    guint width = MIN (gate->cell, gate->width - left);
    guint sum = sum_of (upper + left, width) + sum_of (lower + left, width);

    means[column] = sum * PARTS / (width * CELL_ROWS);
  }
}

static guint
change_of (const AnprMotionGate *gate, guint cell)
{
  gint change = gate->last[cell] - gate->kept[cell];

  return ABS (change);
}

/* The median change of @n_counted cells, but LARGEST_CHANGE at most */
static guint
find_median (const AnprMotionGate *gate, gboolean watched_only, guint n_counted)
{
  guint histogram[LARGEST_CHANGE + 1] = { 0 };
  guint median = 0;

  for (guint cell = 0; cell < n_cells (gate); cell++)
    if (gate->watched[cell] || !watched_only)
      histogram[MIN (change_of (gate, cell), LARGEST_CHANGE)]++;
  for (guint n = histogram[0]; n < (n_counted + 1) / 2;)
    n += histogram[++median];
  return median;
}

/* The change that counts. Noise is everywhere: what moves in most of the
 * picture, but is not watched, is none, and nor is what fills a small part that
 * is. */
static guint
find_threshold (const AnprMotionGate *gate)
{
  guint median = find_median (gate, FALSE, n_cells (gate));

  if (gate->n_watched < n_cells (gate))
    median = MIN (median, find_median (gate, TRUE, gate->n_watched));
  return CLAMP (MEDIAN_FACTOR * median, LEAST_CHANGE, LARGEST_CHANGE);
}

static gboolean
has_changed_neighbour (const AnprMotionGate *gate, guint column, guint row)
{
  const guint8 *here = gate->changed + row * gate->columns + column;

  return (column > 0 && here[-1]) || (row > 0 && here[-(gint) gate->columns])
         || (column + 1 < gate->columns && here[1])
         || (row + 1 < gate->rows && here[gate->columns])
         || gate->n_watched == 1;
}

/* Marks the cells watched that changed; returns whether most of them did, by
 * much */
static gboolean
mark_changes (AnprMotionGate *gate, guint threshold)
{
  guint64 total = 0;
  guint n_changed = 0;

  for (guint cell = 0; cell < n_cells (gate); cell++) {
    guint change = gate->watched[cell] ? change_of (gate, cell) : 0;

    gate->changed[cell] = change >= threshold;
    n_changed += gate->changed[cell];
    total += change;
  }
  return total >= (guint64) CUT_CHANGE * gate->n_watched
         && n_changed >= CUT_SHARE * gate->n_watched;
}

/* Around the cells [left, right) x [top, bottom) */
static void
set_area (const AnprMotionGate *gate, guint left, guint top, guint right,
    guint bottom, AnprBox *area)
{
  left = left > MARGIN ? left - MARGIN : 0;
  top = top > MARGIN ? top - MARGIN : 0;
  *area = (AnprBox){ left * gate->cell, top * gate->cell,
    (right + MARGIN - left) * gate->cell,
    (bottom + MARGIN - top) * gate->cell };
  anpr_box_clip (area, gate->width, gate->height);
}

/* A cell that changed alone is noise. */
static gboolean
counts (const AnprMotionGate *gate, guint column, guint row)
{
  return gate->changed[row * gate->columns + column]
         && has_changed_neighbour (gate, column, row);
}

static gboolean
is_within_any (const AnprMotionGate *gate, guint column, guint row,
    const AnprBox *boxes, guint n_boxes)
{
  gdouble x = (column + 0.5) * gate->cell, y = (row + 0.5) * gate->cell;

  for (guint i = 0; i < n_boxes; i++)
    if (x >= boxes[i].x && x < boxes[i].x + boxes[i].width && y >= boxes[i].y
        && y < boxes[i].y + boxes[i].height)
      return TRUE;
  return FALSE;
}

/**
 * anpr_motion_gate_find_area: (skip)
 * @gate: a gate
 * @boxes: (array length=n_boxes): pixels of the picture compared last
 * @n_boxes: how many
 * @area: (out): around all that changed outside of @boxes, pixels
 *
 * Returns: %FALSE, and leaves @area alone, if nothing did
 */
gboolean
anpr_motion_gate_find_area (const AnprMotionGate *gate, const AnprBox *boxes,
    guint n_boxes, AnprBox *area)
{
  guint left = gate->columns, top = gate->rows, right = 0, bottom = 0;

  for (guint row = 0; row < gate->rows; row++) {
    for (guint column = 0; column < gate->columns; column++) {
      if (!counts (gate, column, row)
          || is_within_any (gate, column, row, boxes, n_boxes))
        continue;
      left = MIN (left, column);
      right = MAX (right, column + 1);
      top = MIN (top, row);
      bottom = row + 1;
    }
  }
  if (right <= left)
    return FALSE;
  set_area (gate, left, top, right, bottom, area);
  return TRUE;
}

/**
 * anpr_motion_gate_compare: (skip)
 * @gate: a gate, reset for the size of @luma
 * @luma: the picture
 * @motion: (out): what differs from the picture kept
 */
void
anpr_motion_gate_compare (
    AnprMotionGate *gate, const AnprLuma *luma, AnprMotion *motion)
{
  gboolean cut;

  *motion = (AnprMotion){ FALSE };
  for (guint row = 0; row < gate->rows; row++)
    measure_row (gate, luma, row);
  if (gate->n_watched == 0)
    return;
  cut = mark_changes (gate, find_threshold (gate));
  motion->moved = anpr_motion_gate_find_area (gate, NULL, 0, &motion->area);
  motion->cut = motion->moved && cut;
}

/**
 * anpr_motion_gate_has_changed: (skip)
 * @gate: a gate
 * @box: pixels of the picture compared last
 *
 * Returns: whether anything changed within @box
 */
gboolean
anpr_motion_gate_has_changed (const AnprMotionGate *gate, const AnprBox *box)
{
  AnprBox inside = *box;
  guint right, bottom;

  if (!anpr_box_clip (&inside, gate->width, gate->height))
    return FALSE;
  right = MIN ((inside.x + inside.width) / gate->cell + 1, gate->columns);
  bottom = MIN ((inside.y + inside.height) / gate->cell + 1, gate->rows);
  for (guint row = inside.y / gate->cell; row < bottom; row++)
    for (guint column = inside.x / gate->cell; column < right; column++)
      if (gate->changed[row * gate->columns + column])
        return TRUE;
  return FALSE;
}

/**
 * anpr_motion_gate_keep: (skip)
 * @gate: a gate; keeps the picture it compared last, for those to come
 */
void
anpr_motion_gate_keep (AnprMotionGate *gate)
{
  memcpy (gate->kept, gate->last, n_cells (gate) * sizeof (*gate->kept));
}

/**
 * anpr_motion_gate_clear: (skip)
 * @gate: a gate; forgets what it saw, frees its memory, may be used again
 */
void
anpr_motion_gate_clear (AnprMotionGate *gate)
{
  g_free (gate->kept);
  g_free (gate->last);
  g_free (gate->watched);
  g_free (gate->changed);
  memset (gate, 0, sizeof (*gate));
}
