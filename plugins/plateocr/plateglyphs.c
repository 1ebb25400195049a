/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The signs of a plate, found by their ink.
 *
 * ink       every pixel against the mean and spread of its neighbourhood, so
 *           shadows and dirt over a part of the plate do not matter.
 * row       the largest set of pieces of ink with about one height that stand
 *           on one line. Band, frame, seals, stickers, screws and hyphens are
 *           of another height, so they fall out without being known.
 * separate  the same once more between the row's top and bottom only: that
 *           cuts signs loose that touch the frame or a screw above or below.
 *           At both ends what has the ground of the plate on one side only is
 *           the edge of the band or of the frame and goes.
 *
 * Nothing here knows a country, a colour or a number of signs. */

#include "plateglyphs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The neighbourhood, in parts of the picture's height: two strokes and the
 * ground between them must fit */
#define NEIGHBOURHOOD 0.55
/* How far below the local mean ink is where the local contrast is small */
#define INK_BIAS 0.25

/* Signs of a row: heights within this of each other, feet within this of one
 * line, both in parts of the height */
#define HEIGHT_TOLERANCE 0.18
#define FOOT_TOLERANCE 0.14
#define STEEPEST_SLOPE 0.35
/* Bars at one end of the row that may be edges of band, plate and frame */
#define MAX_EDGES 2
/* Luma from which on a pixel is ground, and how much of the ground that the
 * others show a piece must show. Measured: the fullest sign, W, shows 0.40 of
 * the median, seven bands in ten show less. */
#define GROUND_LUMA 160
#define LEAST_GROUND 0.4
/* Narrower pieces, in heights, are I or 1 and show no ground at all */
#define NARROW 0.3

typedef struct {
  guint width;
  gdouble *sums;
  gdouble *squares;
} AreaSums;

static void
area_sums_init (AreaSums *area, const AnprLumaPicture *picture)
{
  gsize columns = picture->width + 1;
  gsize n = columns * (picture->height + 1);

  area->width = picture->width;
  area->sums = g_new0 (gdouble, n);
  area->squares = g_new0 (gdouble, n);
  for (guint y = 0; y < picture->height; y++) {
    const guint8 *in = picture->luma + (gsize) y * picture->width;
    gdouble *sums = area->sums + (y + 1) * columns + 1;
    gdouble *squares = area->squares + (y + 1) * columns + 1;
    gdouble sum = 0, square = 0;

    for (guint x = 0; x < picture->width; x++) {
      sum += in[x];
      square += (gdouble) in[x] * in[x];
      sums[x] = sums[(gssize) x - (gssize) columns] + sum;
      squares[x] = squares[(gssize) x - (gssize) columns] + square;
    }
  }
}

static void
area_sums_clear (AreaSums *area)
{
  g_free (area->sums);
  g_free (area->squares);
}

static gdouble
area_sum (const gdouble *sums, guint width, guint left, guint top, guint right,
    guint bottom)
{
  gsize columns = width + 1;

  return sums[bottom * columns + right] - sums[bottom * columns + left]
         - sums[top * columns + right] + sums[top * columns + left];
}

/* Mean and spread of the neighbourhood of one pixel */
static void
area_around (const AreaSums *area, const AnprLumaPicture *picture, guint x,
    guint y, guint reach, gdouble *mean, gdouble *spread)
{
  guint left = x > reach ? x - reach : 0;
  guint top = y > reach ? y - reach : 0;
  guint right = MIN (x + reach + 1, picture->width);
  guint bottom = MIN (y + reach + 1, picture->height);
  gdouble n = (gdouble) (right - left) * (bottom - top);

  *mean = area_sum (area->sums, area->width, left, top, right, bottom) / n;
  *spread = sqrt (
      MAX (area_sum (area->squares, area->width, left, top, right, bottom) / n
               - *mean * *mean,
          0));
}

/**
 * anpr_plate_ink_new:
 * @picture: dark signs on a light ground, contrast stretched
 *
 * Returns: (transfer full): a picture of the same size, 1 where there is ink
 *     and 0 elsewhere
 */
AnprLumaPicture *
anpr_plate_ink_new (const AnprLumaPicture *picture)
{
  AnprLumaPicture *ink =
      anpr_luma_picture_new (picture->width, picture->height, 0);
  guint reach = MAX (2, (guint) (picture->height * NEIGHBOURHOOD / 2));
  AreaSums area;

  area_sums_init (&area, picture);
  for (guint y = 0; y < picture->height; y++)
    for (guint x = 0; x < picture->width; x++) {
      gsize at = (gsize) y * picture->width + x;
      gdouble mean, spread;

      area_around (&area, picture, x, y, reach, &mean, &spread);
      ink->luma[at] = picture->luma[at]
                      < mean - INK_BIAS * mean * (1 - MIN (spread / 96, 1));
    }
  area_sums_clear (&area);
  return ink;
}

/* Takes the piece of ink that holds the pixel at out of the picture. Each
 * pixel goes on the stack once, when it is erased. */
static AnprGlyph
take_piece (
    guint8 *ink, gint width, gint top, gint bottom, gint at, gint *stack)
{
  AnprGlyph glyph = { G_MAXINT, G_MAXINT, 0, 0, 0 };
  gint n = 0;

  ink[at] = 0;
  stack[n++] = at;
  while (n > 0) {
    gint x = stack[--n] % width;
    gint y = stack[n] / width;

    glyph.left = MIN (glyph.left, x);
    glyph.right = MAX (glyph.right, x + 1);
    glyph.top = MIN (glyph.top, y);
    glyph.bottom = MAX (glyph.bottom, y + 1);
    glyph.area++;
    for (gint j = MAX (y - 1, top); j <= MIN (y + 1, bottom - 1); j++)
      for (gint i = MAX (x - 1, 0); i <= MIN (x + 1, width - 1); i++)
        if (ink[j * width + i]) {
          ink[j * width + i] = 0;
          stack[n++] = j * width + i;
        }
  }
  return glyph;
}

/* The pieces of ink between two rows that are at least so high */
static guint
find_pieces (const AnprLumaPicture *ink, gint top, gint bottom,
    gdouble least_height, AnprGlyph *glyphs)
{
  gint width = ink->width;
  gsize n_pixels = (gsize) width * ink->height;
  g_autofree guint8 *left = g_memdup2 (ink->luma, n_pixels);
  g_autofree gint *stack = g_new (gint, n_pixels);
  guint n = 0;

  /* column by column, so the pieces come from left to right */
  for (gint x = 0; x < width; x++)
    for (gint y = top; y < bottom; y++)
      if (left[y * width + x] && n < ANPR_MAX_GLYPHS) {
        glyphs[n] = take_piece (left, width, top, bottom, y * width + x, stack);
        if (glyphs[n].bottom - glyphs[n].top >= least_height)
          n++;
      }
  return n;
}

static gboolean
has_shape_of_sign (const AnprGlyph *glyph, gdouble picture_height)
{
  gint width = glyph->right - glyph->left;
  gint height = glyph->bottom - glyph->top;

  return height <= 0.97 * picture_height && width >= 0.05 * height
         && width <= 1.6 * height && glyph->area >= 0.12 * width * height;
}

typedef struct {
  gdouble foot;
  gdouble slope;
  gdouble height;
} BaseLine;

static gboolean
base_line_through (BaseLine *line, const AnprGlyph *a, const AnprGlyph *b)
{
  gdouble height_a = a->bottom - a->top;
  gdouble height_b = b->bottom - b->top;
  gdouble centre_a = (a->left + a->right) / 2.0;
  gdouble centre_b = (b->left + b->right) / 2.0;

  if (fabs (height_a - height_b) > HEIGHT_TOLERANCE * height_a
      || fabs (centre_b - centre_a) < 0.1 * height_a)
    return FALSE;
  line->height = (height_a + height_b) / 2;
  line->slope = (b->bottom - a->bottom) / (centre_b - centre_a);
  line->foot = a->bottom - line->slope * centre_a;
  return fabs (line->slope) <= STEEPEST_SLOPE;
}

static gboolean
stands_on (const AnprGlyph *glyph, const BaseLine *line)
{
  gdouble centre = (glyph->left + glyph->right) / 2.0;
  gdouble height = glyph->bottom - glyph->top;

  return fabs (height - line->height) <= HEIGHT_TOLERANCE * line->height
         && fabs (glyph->bottom - line->foot - line->slope * centre)
                <= FOOT_TOLERANCE * line->height;
}

/* More signs win; of as many, the higher and the flatter row */
static gdouble
base_line_weight (const BaseLine *line, const AnprGlyph *glyphs, guint n,
    gdouble picture_height)
{
  guint standing = 0;

  for (guint i = 0; i < n; i++)
    standing += stands_on (&glyphs[i], line);
  return standing + 1.5 * line->height / picture_height
         - 2 * fabs (line->slope);
}

/* Least squares through feet and heads of the row's signs */
static void
fit_row (AnprGlyphRow *row, gdouble picture_width)
{
  gdouble sum_x = 0, sum_foot = 0, sum_head = 0, sum_xx = 0, sum_xy = 0;
  gdouble n = row->n_glyphs, middle, spread;

  for (guint i = 0; i < row->n_glyphs; i++) {
    const AnprGlyph *glyph = &row->glyphs[i];
    gdouble x = (glyph->left + glyph->right) / 2.0;

    sum_x += x;
    sum_xx += x * x;
    sum_foot += glyph->bottom;
    sum_head += glyph->top;
    sum_xy += x * (glyph->bottom + glyph->top) / 2.0;
  }
  middle = sum_x / n;
  spread = sum_xx - n * middle * middle;
  row->slope =
      spread > 1 ? (sum_xy - middle * (sum_foot + sum_head) / 2) / spread : 0;
  row->top = sum_head / n + row->slope * (picture_width / 2 - middle);
  row->bottom = sum_foot / n + row->slope * (picture_width / 2 - middle);
}

/**
 * anpr_glyph_row_find:
 * @row: (out): the row
 * @ink: the ink of a plate or of one half of a two-line plate
 *
 * Returns: %FALSE if no two pieces of ink stand in a row
 */
gboolean
anpr_glyph_row_find (AnprGlyphRow *row, const AnprLumaPicture *ink)
{
  AnprGlyph pieces[ANPR_MAX_GLYPHS];
  gdouble best_weight = 0;
  BaseLine best = { 0 };
  guint n_pieces =
      find_pieces (ink, 0, ink->height, 0.28 * ink->height, pieces);
  guint n = 0;

  for (guint i = 0; i < n_pieces; i++)
    if (has_shape_of_sign (&pieces[i], ink->height))
      pieces[n++] = pieces[i];
  for (guint i = 0; i < n; i++)
    for (guint j = i + 1; j < n; j++) {
      BaseLine line;
      gdouble weight;

      if (!base_line_through (&line, &pieces[i], &pieces[j]))
        continue;
      weight = base_line_weight (&line, pieces, n, ink->height);
      if (weight > best_weight) {
        best_weight = weight;
        best = line;
      }
    }
  row->n_glyphs = 0;
  if (best_weight <= 0)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (stands_on (&pieces[i], &best))
      row->glyphs[row->n_glyphs++] = pieces[i];
  if (row->n_glyphs < 2)
    return FALSE;
  fit_row (row, ink->width);
  return TRUE;
}

/* The mean luma of some columns between the row's top and bottom */
static gdouble
mean_of_columns (const AnprLumaPicture *picture, gint left, gint right,
    gint top, gint bottom)
{
  gdouble sum = 0;
  gint n = 0;

  for (gint y = MAX (top, 0); y < MIN (bottom, (gint) picture->height); y++)
    for (gint x = MAX (left, 0); x < MIN (right, (gint) picture->width); x++) {
      sum += picture->luma[(gsize) y * picture->width + x];
      n++;
    }
  return n > 0 ? sum / n : 0;
}

/* A bar at the end of the row whose outer side is dark is not an I or 1 but
 * the edge of the band, of the frame or of the plate. outwards is -1 at the
 * left end and 1 at the right end. */
static gboolean
is_edge (const AnprGlyphRow *row, const AnprGlyph *glyph,
    const AnprLumaPicture *picture, gint outwards)
{
  gint height = row->bottom - row->top;
  gint reach = MAX (2, height / 10);
  gint outer = outwards < 0 ? glyph->left - reach - 1 : glyph->right + 1;
  gint inner = outwards < 0 ? glyph->right + 1 : glyph->left - reach - 1;
  gdouble outside, inside;

  if (outer < 0 || outer + reach > (gint) picture->width)
    return glyph->right - glyph->left < 0.35 * height;
  if (glyph->right - glyph->left > 0.4 * height)
    return FALSE;
  outside =
      mean_of_columns (picture, outer, outer + reach, row->top, row->bottom);
  inside =
      mean_of_columns (picture, inner, inner + reach, row->top, row->bottom);
  return outside < 0.6 * inside;
}

/* The share of a piece's box that is as light as the ground */
static gdouble
ground_share (const AnprLumaPicture *picture, const AnprGlyph *glyph)
{
  gint n = 0;

  for (gint y = glyph->top; y < glyph->bottom; y++)
    for (gint x = glyph->left; x < glyph->right; x++)
      n += picture->luma[(gsize) y * picture->width + x] >= GROUND_LUMA;
  return (gdouble) n
         / ((glyph->right - glyph->left) * (glyph->bottom - glyph->top));
}

/* Whether the piece's ink goes on from row first to row last, step by step,
 * without leaving the piece's columns */
static gboolean
goes_on_to (const AnprGlyph *glyph, const AnprLumaPicture *ink, gint first,
    gint last, gint step)
{
  gint left = MAX (glyph->left - 2, 0);
  gint right = MIN (glyph->right + 2, (gint) ink->width);
  g_autofree guint8 *above = g_malloc (right - left);
  g_autofree guint8 *here = g_malloc (right - left);
  gint n = 1;

  if (MIN (first, last) < 0 || MAX (first, last) >= (gint) ink->height)
    return FALSE;
  memset (above, 1, right - left);
  for (gint y = first; y != last + step && n > 0; y += step) {
    n = 0;
    for (gint i = 0; i < right - left; i++) {
      here[i] = ink->luma[(gsize) y * ink->width + left + i]
                && (above[i] || (i > 0 && above[i - 1])
                    || (i + 1 < right - left && above[i + 1]));
      n += here[i];
    }
    memcpy (above, here, right - left);
  }
  return n > 0;
}

/* Whether the piece goes on past the row's signs, both up and down */
static gboolean
goes_on (
    const AnprGlyphRow *row, const AnprGlyph *glyph, const AnprLumaPicture *ink)
{
  gint beyond = MAX (3, 0.12 * (row->bottom - row->top));

  return goes_on_to (
             glyph, ink, (gint) row->top + 1, (gint) row->top - beyond, -1)
         && goes_on_to (glyph, ink, (gint) row->bottom - 1,
             (gint) row->bottom + beyond, 1);
}

static gint
compare_shares (gconstpointer a, gconstpointer b)
{
  gdouble x = *(const gdouble *) a, y = *(const gdouble *) b;

  return (x > y) - (x < y);
}

static gdouble
median (const gdouble *values, guint n)
{
  gdouble sorted[ANPR_MAX_GLYPHS];

  memcpy (sorted, values, n * sizeof (gdouble));
  qsort (sorted, n, sizeof (gdouble), compare_shares);
  return n > 0 ? sorted[n / 2] : 0;
}

/* Pieces much fuller of ink than the others are band or sticker */
static guint
drop_solid (AnprGlyph *pieces, guint n, const AnprGlyphRow *row,
    const AnprLumaPicture *picture)
{
  gdouble shares[ANPR_MAX_GLYPHS], wide[ANPR_MAX_GLYPHS], usual;
  gdouble height = row->bottom - row->top;
  guint n_wide = 0, kept = 0;

  for (guint i = 0; i < n; i++) {
    shares[i] = ground_share (picture, &pieces[i]);
    if (pieces[i].right - pieces[i].left >= NARROW * height)
      wide[n_wide++] = shares[i];
  }
  usual = median (wide, n_wide);
  for (guint i = 0; i < n; i++)
    if (pieces[i].right - pieces[i].left < NARROW * height
        || shares[i] >= LEAST_GROUND * usual)
      pieces[kept++] = pieces[i];
  return kept;
}

/**
 * anpr_glyph_row_separate:
 * @row: (inout): a row of slope near 0
 * @picture: the picture the row was found in
 * @ink: its ink
 *
 * Looks for the signs once more, between the row's top and bottom.
 */
void
anpr_glyph_row_separate (AnprGlyphRow *row, const AnprLumaPicture *picture,
    const AnprLumaPicture *ink)
{
  AnprGlyph pieces[ANPR_MAX_GLYPHS];
  gdouble height = row->bottom - row->top;
  gint top = (gint) CLAMP (row->top - 0.03 * height, 0, ink->height);
  gint bottom = (gint) CLAMP (row->bottom + 0.03 * height + 1, 0, ink->height);
  guint n_pieces = find_pieces (ink, top, bottom, 0.74 * height, pieces);
  guint first = 0, last, n = 0;

  for (guint i = 0; i < n_pieces; i++)
    if (pieces[i].right - pieces[i].left >= 0.04 * height
        && pieces[i].right - pieces[i].left <= 3 * height)
      pieces[n++] = pieces[i];
  last = drop_solid (pieces, n, row, picture);
  while (first < MIN (last, MAX_EDGES)
         && (is_edge (row, &pieces[first], picture, -1)
             || goes_on (row, &pieces[first], ink)))
    first++;
  for (guint i = 0; i < MAX_EDGES && last > first
                    && (is_edge (row, &pieces[last - 1], picture, 1)
                        || goes_on (row, &pieces[last - 1], ink));
       i++)
    last--;
  row->n_glyphs = last - first;
  memcpy (row->glyphs, pieces + first, row->n_glyphs * sizeof (AnprGlyph));
}
