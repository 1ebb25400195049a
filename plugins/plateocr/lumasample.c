/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A part of a grey plane, seen through a perspective map, as a small picture.
 *
 * Each pixel of the picture is the mean of the plane around its place, weighted
 * by a triangle across and a triangle down that are as wide as one pixel of the
 * picture, at least one of the plane: bilinear where it enlarges, without
 * aliasing where it shrinks. The triangles' sizes are those in the part's
 * middle; they lie along the plane's axes, whatever the map turns.
 *
 * First the patch of the plane that is needed is copied, what is outside of the
 * plane repeating its edge: then the sampling needs no look at bounds. Where a
 * pixel of the picture covers three or more of the plane, the patch is made of
 * means of whole numbers of pixels. Weights come from a table of places between
 * two pixels; sums are exact integers. So work and memory are bounded by the
 * picture, and the plane is gone over once. */

#include "lumasample.h"

#include <math.h>
#include <string.h>

/* Places between two pixels that weights are known for: their error is at most
 * half a level of luma */
#define PHASES 256
/* Weights of a pixel across, and down, sum to this; 255 times its square fits
 * into 32 bits with the rounding */
#define UNIT 4096
/* Pixels of the plane, or of the patch, that a triangle reaches from its middle
 * at most, and pixels it weighs then */
#define MAX_REACH 3
#define MAX_TAPS (2 * MAX_REACH)
/* What a triangle of a shrunk patch reaches at least */
#define SHRUNK_REACH 1.5
/* Most pixels of a side of the patch */
#define MAX_PATCH 1024
/* Places farther away than this are nonsense */
#define FARTHEST 1e6

/* One direction: pixels first, first + shrink... of the plane are the patch's n
 * pixels; weights: of taps pixels for each phase */
typedef struct {
  gint first;
  gint shrink;
  gint n;
  gint reach;
  gint taps;
  guint16 weights[PHASES][MAX_TAPS];
} Axis;

/**
 * anpr_luma_map_from_quad: (skip)
 * @map: (out): what maps the unit square to @quad, corner by corner
 * @quad: corners in pixels
 *
 * P. S. Heckbert: Fundamentals of Texture Mapping and Image Warping, 1989,
 * section 2.2.3.
 *
 * Returns: %FALSE if the quad has no area or is no number, @map is nothing then
 */
gboolean
anpr_luma_map_from_quad (AnprLumaMap *map, const AnprQuad *quad)
{
  const gdouble *x = quad->x, *y = quad->y;
  gdouble x1 = x[1] - x[2], x2 = x[3] - x[2];
  gdouble y1 = y[1] - y[2], y2 = y[3] - y[2];
  gdouble x_sum = x[0] - x[1] + x[2] - x[3];
  gdouble y_sum = y[0] - y[1] + y[2] - y[3];
  gdouble area = x1 * y2 - x2 * y1;
  gdouble g = (x_sum * y2 - x2 * y_sum) / area;
  gdouble h = (x1 * y_sum - x_sum * y1) / area;
  const gdouble m[8] = { x[1] - x[0] + g * x[1], x[3] - x[0] + h * x[3], x[0],
    y[1] - y[0] + g * y[1], y[3] - y[0] + h * y[3], y[0], g, h };

  for (guint i = 0; i < 8; i++)
    if (!isfinite (m[i]))
      return FALSE;
  memcpy (map->m, m, sizeof (m));
  return TRUE;
}

/**
 * anpr_luma_map_place: (skip)
 * @map: a map
 * @u: across the unit square
 * @v: down
 * @x: (out): pixels from the left
 * @y: (out): pixels from the top
 */
void
anpr_luma_map_place (
    const AnprLumaMap *map, gdouble u, gdouble v, gdouble *x, gdouble *y)
{
  const gdouble *m = map->m;
  gdouble depth = m[6] * u + m[7] * v + 1;

  *x = (m[0] * u + m[1] * v + m[2]) / depth;
  *y = (m[3] * u + m[4] * v + m[5]) / depth;
}

/* Weights for a triangle that reaches radius, in pixels of the patch */
static void
fill_weights (Axis *axis, gdouble radius)
{
  axis->reach = (gint) ceil (radius);
  axis->taps = 2 * axis->reach;
  for (gint phase = 0; phase < PHASES; phase++) {
    guint16 *weights = axis->weights[phase];
    gdouble raw[MAX_TAPS], sum = 0, scale;
    gint left = UNIT;

    for (gint i = 0; i < axis->taps; i++) {
      gdouble away = i + 1 - axis->reach - (gdouble) phase / PHASES;

      raw[i] = MAX (radius - fabs (away), 0);
      sum += raw[i];
    }
    scale = UNIT / sum;
    for (gint i = 0; i < axis->taps; i++) {
      weights[i] = (guint16) (raw[i] * scale + 0.5);
      left -= weights[i];
    }
    /* what rounding left over, where it is least seen */
    weights[axis->reach - (phase < PHASES / 2)] += left;
  }
}

/* least, most: outermost places; step: pixels of the plane that a pixel of the
 * picture covers */
static void
set_axis (Axis *axis, gdouble least, gdouble most, gdouble step)
{
  gdouble radius = MAX (step, 1);

  axis->shrink = radius >= MAX_REACH ? (gint) (radius / SHRUNK_REACH) : 1;
  axis->shrink = MAX (
      axis->shrink, (gint) ceil ((most - least) / (MAX_PATCH - 4 * MAX_REACH)));
  fill_weights (axis, MAX (radius / axis->shrink, 1));
  axis->first = (gint) floor (least) - (axis->reach + 1) * axis->shrink;
  axis->n = (gint) ((most - axis->first) / axis->shrink) + axis->reach + 2;
}

/* How far a step of one pixel of the picture goes: the length of both steps'
 * parts along an axis of the plane */
static void
find_steps (const AnprLumaMap *map, const AnprBox *part, guint width,
    guint height, gdouble *across, gdouble *down)
{
  gdouble u = part->x + part->width / 2, v = part->y + part->height / 2;
  gdouble x[4], y[4];

  anpr_luma_map_place (map, part->x, v, &x[0], &y[0]);
  anpr_luma_map_place (map, part->x + part->width, v, &x[1], &y[1]);
  anpr_luma_map_place (map, u, part->y, &x[2], &y[2]);
  anpr_luma_map_place (map, u, part->y + part->height, &x[3], &y[3]);
  *across = hypot ((x[1] - x[0]) / width, (x[3] - x[2]) / height);
  *down = hypot ((y[1] - y[0]) / width, (y[3] - y[2]) / height);
}

/* The outermost places of the part are those of its corners, as long as all of
 * it lies in front of the eye. FALSE if it does not, or nothing can be there. */
static gboolean
set_axes (const AnprLumaMap *map, const AnprBox *part, guint width,
    guint height, Axis *across, Axis *down)
{
  gdouble least[2] = { FARTHEST, FARTHEST };
  gdouble most[2] = { -FARTHEST, -FARTHEST };
  gdouble steps[2];

  for (guint i = 0; i < 4; i++) {
    gdouble u = part->x + (i & 1) * part->width;
    gdouble v = part->y + (i >> 1) * part->height;
    gdouble place[2];

    if (!(map->m[6] * u + map->m[7] * v + 1 > 0))
      return FALSE;
    anpr_luma_map_place (map, u, v, &place[0], &place[1]);
    for (guint k = 0; k < 2; k++) {
      if (!(fabs (place[k]) < FARTHEST))
        return FALSE;
      least[k] = MIN (least[k], place[k]);
      most[k] = MAX (most[k], place[k]);
    }
  }
  find_steps (map, part, width, height, &steps[0], &steps[1]);
  set_axis (across, least[0], most[0], steps[0]);
  set_axis (down, least[1], most[1], steps[1]);
  return TRUE;
}

/* n pixels of a row of the plane from first on, which may lie outside */
static void
copy_row (
    const AnprLumaPlane *plane, gint row, gint first, gint n, guint8 *pixels)
{
  gint width = (gint) plane->width;
  const guint8 *from =
      plane->luma
      + (gsize) CLAMP (row, 0, (gint) plane->height - 1) * plane->stride;
  gint left = CLAMP (-first, 0, n);
  gint end = CLAMP (width - first, left, n);

  memset (pixels, from[0], left);
  if (end > left)
    memcpy (pixels + left, from + first + left, end - left);
  memset (pixels + end, from[width - 1], n - end);
}

/* Means of shrink x shrink pixels; row: room for a row of the plane */
static void
shrink_rows (const AnprLumaPlane *plane, const Axis *across, const Axis *down,
    gint patch_row, guint8 *row, guint8 *pixels)
{
  g_autofree guint32 *sums = g_new0 (guint32, across->n);
  guint32 count = (guint32) across->shrink * down->shrink;

  for (gint k = 0; k < down->shrink; k++) {
    const guint8 *from = row;

    copy_row (plane, down->first + patch_row * down->shrink + k, across->first,
        across->n * across->shrink, row);
    for (gint x = 0; x < across->n; x++)
      for (gint i = 0; i < across->shrink; i++)
        sums[x] += *from++;
  }
  for (gint x = 0; x < across->n; x++)
    pixels[x] = (guint8) ((sums[x] + count / 2) / count);
}

static guint8 *
copy_patch (const AnprLumaPlane *plane, const Axis *across, const Axis *down)
{
  guint8 *patch = g_malloc ((gsize) across->n * down->n);
  g_autofree guint8 *row = NULL;

  if (across->shrink > 1 || down->shrink > 1)
    row = g_malloc ((gsize) across->n * across->shrink);
  for (gint y = 0; y < down->n; y++) {
    guint8 *pixels = patch + (gsize) y * across->n;

    if (row)
      shrink_rows (plane, across, down, y, row, pixels);
    else
      copy_row (plane, down->first + y, across->first, across->n, pixels);
  }
  return patch;
}

/* From places in the plane to places in the patch, in phases from the middle of
 * its first pixel: those that have all that is weighed inside the patch */
typedef struct {
  gdouble scale;
  gdouble offset;
  gint least;
  gint most;
} Scale;

static Scale
scale_of (const Axis *axis)
{
  gdouble scale = (gdouble) PHASES / axis->shrink;

  return (Scale){ scale, 0.5 - 0.5 * PHASES - axis->first * scale,
    (axis->reach - 1) * PHASES, (axis->n - axis->reach) * PHASES - 1 };
}

static inline guint
to_phases (const Scale *scale, gdouble place)
{
  gint phases = (gint) (place * scale->scale + scale->offset);

  return (guint) CLAMP (phases, scale->least, scale->most);
}

static inline guint8
mean_at (const guint8 *patch, const Axis *across, const Axis *down, guint x,
    guint y, gint taps)
{
  const guint16 *along = across->weights[x % PHASES];
  const guint16 *below = down->weights[y % PHASES];
  const guint8 *pixels = patch
                         + (gsize) (y / PHASES + 1 - down->reach) * across->n
                         + (x / PHASES + 1 - across->reach);
  guint32 sum = UNIT * UNIT / 2;

  for (gint j = 0; j < down->taps; j++, pixels += across->n) {
    guint32 row = 0;

    for (gint i = 0; i < taps; i++)
      row += (guint32) along[i] * pixels[i];
    sum += row * below[j];
  }
  return (guint8) (sum / (UNIT * UNIT));
}

/* The map along one row of the picture: both numerators and the depth are a
 * value at column 0 and a step a column */
typedef struct {
  gdouble at[3];
  gdouble step[3];
} RowMap;

static RowMap
row_map (const AnprLumaMap *map, const AnprBox *part, guint row, guint width,
    guint height)
{
  const gdouble *m = map->m;
  gdouble step = part->width / width;
  gdouble u = part->x + 0.5 * step;
  gdouble v = part->y + (row + 0.5) * part->height / height;

  return (RowMap){
    { m[0] * u + m[1] * v + m[2], m[3] * u + m[4] * v + m[5],
        m[6] * u + m[7] * v + 1 },
    { m[0] * step, m[3] * step, m[6] * step },
  };
}

/* taps: those across, a constant where it is called so that the compiler can lay
 * the loop out */
static inline __attribute__ ((always_inline)) void
sample_row (const guint8 *patch, const Axis *across, const Axis *down,
    const RowMap *row, guint8 *picture, guint width, gint taps)
{
  const Scale x_scale = scale_of (across), y_scale = scale_of (down);

  for (guint column = 0; column < width; column++) {
    gdouble inverse = 1 / (row->at[2] + column * row->step[2]);
    gdouble x = (row->at[0] + column * row->step[0]) * inverse;
    gdouble y = (row->at[1] + column * row->step[1]) * inverse;

    picture[column] = mean_at (patch, across, down, to_phases (&x_scale, x),
        to_phases (&y_scale, y), taps);
  }
}

/**
 * anpr_luma_sample: (skip)
 * @plane: where to sample from, at least 1x1; nothing outside of it is read
 * @map: where the unit square lies in it
 * @part: what of the unit square to show; may reach outside of it
 * @picture: (out) (array length=width*height): the picture, row by row
 * @width: pixels, at least 1
 * @height: pixels, at least 1
 *
 * What lies outside of the plane is like the nearest pixel of its edge.
 *
 * Returns: %FALSE, and leaves @picture alone, if the map does not show all of
 *     @part, or shows it a million pixels away
 */
gboolean
anpr_luma_sample (const AnprLumaPlane *plane, const AnprLumaMap *map,
    const AnprBox *part, guint8 *picture, guint width, guint height)
{
  Axis across, down;
  g_autofree guint8 *patch = NULL;

  if (!set_axes (map, part, width, height, &across, &down))
    return FALSE;
  patch = copy_patch (plane, &across, &down);
  for (guint i = 0; i < height; i++, picture += width) {
    RowMap row = row_map (map, part, i, width, height);

    switch (across.taps) {
      case 2:
        sample_row (patch, &across, &down, &row, picture, width, 2);
        break;
      case 4:
        sample_row (patch, &across, &down, &row, picture, width, 4);
        break;
      default:
        sample_row (patch, &across, &down, &row, picture, width, MAX_TAPS);
        break;
    }
  }
  return TRUE;
}
