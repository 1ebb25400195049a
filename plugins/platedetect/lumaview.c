/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Cuts a part of a picture out, in any size, as a network wants it.
 *
 * Each pixel of a view is the mean of the area it covers, parts of pixels
 * included, so that nothing aliases however small the view is. Where the view
 * is larger than the picture the area is still one pixel wide, which is linear
 * interpolation.
 *
 * For each row of the view the rows of the picture that it covers are added up,
 * each by its weight: on 16 bits, which is what lets the compiler turn it into
 * vector instructions. Running totals of those sums then give the mean over any
 * columns by two look-ups, whatever the scale.
 *
 * What lies outside the picture is mid grey: it adds nothing. No memory is
 * taken. Any thread, each with its own room. */

#include "lumaview.h"
#include <math.h>
#include <string.h>

/* Luma of mid grey */
#define MIDDLE 128.0f

/* Weights of rows are whole numbers: a row counts so much at most, and all rows
 * of a pixel together no more than keeps their sum in 16 bits */
#define MAX_ROW_WEIGHT 64
#define MAX_WEIGHT 256

/* The columns [first, last) of the picture that a view covers */
typedef struct {
  guint first;
  guint last;
} Columns;

/* Where pixel @i of a side that begins at @start begins and ends */
static void
find_bounds (
    gdouble start, gdouble scale, guint i, gdouble *begin, gdouble *end)
{
  gdouble middle = start + (i + 0.5) * scale;
  gdouble half = MAX (scale, 1) / 2;

  *begin = middle - half;
  *end = middle + half;
}

static Columns
find_columns (const AnprView *view, const AnprLuma *luma)
{
  gdouble first, last, unused;

  find_bounds (view->x, view->scale, 0, &first, &unused);
  find_bounds (view->x, view->scale, view->width - 1, &unused, &last);
  first = CLAMP (floor (first), 0, luma->width);
  last = CLAMP (ceil (last), first, luma->width);
  return (Columns){ (guint) first, (guint) last };
}

/* Which totals each pixel of a row of the view is made of */
static void
set_columns (const AnprView *view, const Columns *columns, AnprViewRoom *room)
{
  for (guint x = 0; x < view->width; x++) {
    gdouble bounds[2];

    find_bounds (view->x, view->scale, x, &bounds[0], &bounds[1]);
    for (guint side = 0; side < 2; side++) {
      gdouble bound = CLAMP (bounds[side], columns->first, columns->last);

      bound -= columns->first;
      room->column[side][x] = (guint) bound;
      room->part[side][x] = bound - (guint) bound;
      bounds[side] = bound;
    }
    room->inside[x] = bounds[1] - bounds[0];
  }
}

static void
add_row (guint16 *restrict sums, const guint8 *restrict pixels, guint n,
    guint16 weight)
{
  for (guint x = 0; x < n; x++)
    sums[x] += (guint16) (weight * pixels[x]);
}

/* Rows begin to end in parts of @unit of a row; returns the sum of weights */
static guint
add_rows (const AnprLuma *luma, const Columns *columns, gint64 begin,
    gint64 end, gint64 unit, guint16 *sums)
{
  guint n = columns->last - columns->first;
  guint total = 0;

  memset (sums, 0, n * sizeof (*sums));
  begin = MAX (begin, 0);
  end = MIN (end, luma->height * unit);
  for (gint64 at = begin; at < end;) {
    gint64 row = at / unit;
    gint64 next = MIN ((row + 1) * unit, end);

    add_row (
        sums, luma->pixels + row * luma->stride + columns->first, n, next - at);
    total += next - at;
    at = next;
  }
  return total;
}

static void
set_row (const AnprView *view, AnprViewRoom *room, guint n, guint weight,
    gfloat norm, gfloat *values)
{
  guint32 *totals = room->totals;
  guint16 *sums = room->sums;

  sums[n] = 0;
  totals[0] = 0;
  for (guint x = 0; x < n; x++)
    totals[x + 1] = totals[x] + sums[x];
  for (guint x = 0; x < view->width; x++) {
    guint left = room->column[0][x], right = room->column[1][x];
    gfloat sum = totals[right] - totals[left];

    sum += room->part[1][x] * sums[right] - room->part[0][x] * sums[left];
    values[x] = (sum - MIDDLE * weight * room->inside[x]) * norm;
  }
}

/**
 * anpr_view_cut: (skip)
 * @view: a part of the picture, at most %ANPR_VIEW_MAX_WIDTH wide, its scale
 *     %ANPR_VIEW_MIN_SCALE to %ANPR_VIEW_MAX_SCALE
 * @luma: the picture, at most %ANPR_MAX_SIDE wide and high
 * @room: memory to work in
 * @values: (out): height x width, dense: (luma - 128) / 128
 */
void
anpr_view_cut (const AnprView *view, const AnprLuma *luma, AnprViewRoom *room,
    gfloat *values)
{
  Columns columns = find_columns (view, luma);
  gdouble support = MAX (view->scale, 1);
  gint64 unit = CLAMP (MAX_WEIGHT / support, 1, MAX_ROW_WEIGHT);

  set_columns (view, &columns, room);
  for (guint y = 0; y < view->height; y++) {
    gdouble begin, end;
    guint weight;

    find_bounds (view->y, view->scale, y, &begin, &end);
    begin = floor (begin * unit + 0.5);
    end = floor (end * unit + 0.5);
    weight = add_rows (luma, &columns, begin, end, unit, room->sums);
    set_row (view, room, columns.last - columns.first, weight,
        1 / (MIDDLE * (end - begin) * support),
        values + (gsize) y * view->width);
  }
}
