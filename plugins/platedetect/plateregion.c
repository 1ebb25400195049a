/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A closer look at a window: slope, line of text, edges of the plate, score.
 *
 * Edges are summed over short pieces of each row. The slope at which the sums
 * of the rows differ most is the slope of the line of text; there its rows are
 * told from those above and below, then its ends. That place is straightened
 * into a strip, where characters are looked for. From the characters' height
 * the search goes out to the edges of the plate.
 *
 * It works one pyramid level finer than the window was found on, where there is
 * one: characters are then 16 to 30 pixels high. */

#include "plateregion.h"
#include "platestrip.h"
#include <math.h>

/* Widest and highest place looked at: one and a half windows to each side.
 * A window is at most 10 x 3 cells of twice as many pixels. */
#define CHUNK 8
#define MAX_CHUNKS 40
#define MAX_ROWS 96

/* Slopes tried: (-N_SLOPES..N_SLOPES) * SLOPE_STEP */
#define SLOPE_STEP 0.04f
#define N_SLOPES 9

/* A row belongs to the text with this part of the edges of the window's rows */
#define ROW_PART 0.45f

/* A column belongs to the text with this part of the mean column's edges */
#define COLUMN_PART 0.3f

/* Gaps within a line of text and the strip's margins to both sides, in text
 * heights */
#define MAX_GAP 0.9f
#define SIDE_MARGIN 1.3f
#define MAX_TEXT_WIDTH 11.0f

/* With so many dark characters in line nobody looks for light ones */
#define SURE_CHARACTERS 5

typedef struct {
  const AnprLevel *level;
  gint left;
  gint top;
  guint n_chunks;
  guint n_rows;
  guint16 chunks[MAX_ROWS][MAX_CHUNKS];
  /* the window in this place: rows, and chunks */
  guint first_row;
  guint end_row;
  guint first_chunk;
  guint end_chunk;
  /* found, pixels of the place; the rows are those at the window's middle */
  gfloat slope;
  gint text_top;
  gint text_bottom;
  gint text_left;
  gint text_right;
} Place;

static inline guint
edge_at (const guint8 *pixels)
{
  gint step = pixels[1] - pixels[0];

  step = ABS (step);
  return step > 7 ? MIN (step - 7, 80) : 0;
}

static void
place_window (
    Place *place, const AnprPyramid *pyramid, const AnprWindow *window)
{
  guint factor = window->level > 0 ? 2 : 1;
  const AnprLevel *level = &pyramid->levels[window->level - (factor - 1)];
  gint x = window->x * ANPR_CELL * factor, y = window->y * ANPR_CELL * factor;
  gint width = window->width * ANPR_CELL * factor;
  gint height = window->height * ANPR_CELL * factor;
  gint left = MAX (0, x - width * 3 / 2), top = MAX (0, y - height * 3 / 2);
  gint right = MIN ((gint) level->width - 1, x + width * 5 / 2);
  gint bottom = MIN ((gint) level->height, y + height * 5 / 2);

  place->level = level;
  place->left = left;
  place->top = top;
  place->n_chunks = MIN ((right - left) / CHUNK, MAX_CHUNKS);
  place->n_rows = MIN (bottom - top, MAX_ROWS);
  place->first_row = y - top;
  place->end_row = MIN ((guint) (y - top + height), place->n_rows);
  place->first_chunk = (x - left) / CHUNK;
  place->end_chunk = MIN ((guint) (x - left + width) / CHUNK, place->n_chunks);
}

static void
sum_chunks (Place *place)
{
  for (guint row = 0; row < place->n_rows; row++) {
    const guint8 *pixels = place->level->pixels
                           + (gsize) (place->top + row) * place->level->stride
                           + place->left;

    for (guint chunk = 0; chunk < place->n_chunks; chunk++) {
      guint sum = 0;

      for (guint i = 0; i < CHUNK; i++)
        sum += edge_at (pixels++);
      place->chunks[row][chunk] = sum;
    }
  }
}

/* Sums of the rows over the window's columns, at a slope about its middle */
static void
sum_rows (const Place *place, gfloat slope, guint *rows)
{
  gfloat middle = (place->first_chunk + place->end_chunk) / 2.0f;

  memset (rows, 0, MAX_ROWS * sizeof (guint));
  for (guint chunk = place->first_chunk; chunk < place->end_chunk; chunk++) {
    gint shift = lrintf ((chunk + 0.5f - middle) * CHUNK * slope);
    gint first = MAX (0, -shift);
    gint end = MIN ((gint) place->n_rows, (gint) place->n_rows - shift);

    for (gint row = first; row < end; row++)
      rows[row] += place->chunks[row + shift][chunk];
  }
}

static void
find_slope (Place *place)
{
  guint rows[MAX_ROWS];
  gdouble best = -1;

  for (gint i = -N_SLOPES; i <= N_SLOPES; i++) {
    gdouble power = 0;

    sum_rows (place, i * SLOPE_STEP, rows);
    for (guint row = 0; row < place->n_rows; row++)
      power += (gdouble) rows[row] * rows[row];
    /* level is likelier than not */
    power *= 1 - 0.004 * ABS (i);
    if (power > best) {
      best = power;
      place->slope = i * SLOPE_STEP;
    }
  }
}

static gboolean
find_rows (Place *place)
{
  guint rows[MAX_ROWS];
  guint sum = 0, least;
  gint middle = (place->first_row + place->end_row) / 2;
  gint height = place->end_row - place->first_row;

  sum_rows (place, place->slope, rows);
  for (guint row = place->first_row; row < place->end_row; row++)
    sum += rows[row];
  least = sum * ROW_PART / MAX (1, height);
  if (least == 0)
    return FALSE;
  place->text_top = place->text_bottom = middle;
  while (place->text_top > 0
         && (rows[place->text_top - 1] >= least
             || (place->text_top > 1 && rows[place->text_top - 2] >= least)))
    place->text_top--;
  while (place->text_bottom < (gint) place->n_rows
         && (rows[place->text_bottom] >= least
             || (place->text_bottom + 1 < (gint) place->n_rows
                 && rows[place->text_bottom + 1] >= least)))
    place->text_bottom++;
  return place->text_bottom - place->text_top >= MAX (5, height * 2 / 5)
         && place->text_bottom - place->text_top <= height * 9 / 4;
}

static void
sum_columns (const Place *place, guint *columns)
{
  gfloat middle = (place->first_chunk + place->end_chunk) / 2.0f * CHUNK;
  gint width = place->n_chunks * CHUNK;

  for (gint x = 0; x < width; x++) {
    gint shift = lrintf ((x - middle) * place->slope);
    gint top = CLAMP (place->text_top + shift, 0, (gint) place->n_rows);
    gint bottom = CLAMP (place->text_bottom + shift, 0, (gint) place->n_rows);
    const guint8 *pixels = place->level->pixels
                           + (gsize) (place->top + top) * place->level->stride
                           + place->left + x;

    columns[x] = 0;
    for (gint y = top; y < bottom; y++, pixels += place->level->stride)
      columns[x] += edge_at (pixels);
  }
}

static gint
follow_columns (const guint *columns, gint from, gint end, gint step,
    guint least, gint max_gap)
{
  gint last = from;

  for (gint x = from; x != end && ABS (x - last) <= max_gap; x += step)
    if (columns[x] >= least)
      last = x;
  return last;
}

static gboolean
find_columns (Place *place)
{
  guint columns[MAX_CHUNKS * CHUNK];
  gint first = place->first_chunk * CHUNK, end = place->end_chunk * CHUNK;
  gint height = place->text_bottom - place->text_top;
  gint middle = (first + end) / 2;
  guint sum = 0, least;

  if (end - first < CHUNK)
    return FALSE;
  sum_columns (place, columns);
  for (gint x = first; x < end; x++)
    sum += columns[x];
  least = sum / (end - first) * COLUMN_PART;
  least = MAX (least, 1);
  place->text_left =
      follow_columns (columns, middle, -1, -1, least, height * MAX_GAP);
  place->text_right = follow_columns (
      columns, middle, place->n_chunks * CHUNK, 1, least, height * MAX_GAP);
  place->text_left =
      MAX (place->text_left, middle - height * MAX_TEXT_WIDTH / 2);
  place->text_right =
      MIN (place->text_right, middle + height * MAX_TEXT_WIDTH / 2);
  return place->text_right - place->text_left >= height * 3 / 2;
}

static void
take_strip (const Place *place, AnprStrip *strip)
{
  gfloat height = place->text_bottom - place->text_top;
  gfloat middle = (place->first_chunk + place->end_chunk) / 2.0f * CHUNK;
  gfloat left = place->text_left - SIDE_MARGIN * height;
  gfloat width =
      place->text_right + 1 - place->text_left + 2 * SIDE_MARGIN * height;
  AnprStripPlace where = {
    .left = place->left + left,
    .top = place->top + place->text_top + (left - middle) * place->slope,
    .scale = height / ANPR_STRIP_TEXT,
    .slope = place->slope,
  };

  anpr_strip_take (strip, place->level, &where, width / where.scale);
}

static gdouble
line_worth (const AnprLine *line)
{
  return line->n_characters * (1 - MIN (1, 2 * line->unlikeness))
         + MIN (1, line->changes / 4);
}

/* The sides of a plate, strip pixels, and how much each stands out: the step
 * in brightness, in parts of the contrast of its characters */
typedef struct {
  gfloat left;
  gfloat top;
  gfloat right;
  gfloat bottom;
  gfloat steps[4];
  gfloat brighter;
} Outline;

/* Where the mean brightness of the rows, or columns, steps most on the way from
 * @from out to @end, away from that of the plate's ground: down with dark
 * characters. So the edge of the characters themselves is none. Returns the side
 * beyond which it steps, @other if nowhere by @least */
static gfloat
strongest_step (const gfloat *means, gint from, gint end, gboolean dark,
    gfloat least, gfloat other, gfloat *ret_step)
{
  gint direction = end > from ? 1 : -1;
  gfloat found = other;

  *ret_step = 0;
  for (gint i = from; i != end; i += direction) {
    gfloat step = dark ? means[i] - means[i + direction]
                       : means[i + direction] - means[i];

    if (step <= MAX (least, *ret_step))
      continue;
    *ret_step = step;
    found = direction > 0 ? i + 1 : i;
  }
  return found;
}

static void
find_top_and_bottom (
    const AnprStrip *strip, const AnprLine *line, Outline *sides)
{
  gfloat means[ANPR_STRIP_HEIGHT];
  gint left = MAX (0, line->left), right = MIN (strip->width, line->right);
  gfloat height = line->bottom - line->top;
  gfloat contrast = MAX (1, line->contrast);
  gint top = CLAMP (line->top, 1, ANPR_STRIP_HEIGHT - 2);
  gint bottom = CLAMP (line->bottom, 1, ANPR_STRIP_HEIGHT - 2);

  for (guint y = 0; y < ANPR_STRIP_HEIGHT; y++) {
    guint sum = 0;

    for (gint x = left; x < right; x++)
      sum += strip->pixels[y][x];
    means[y] = (gfloat) sum / MAX (1, right - left);
  }
  sides->top = strongest_step (means, MAX (1, top - 2),
      MAX (0, (gint) (top - height * 0.45f)), line->dark, contrast * 0.12f,
      top - height * 0.2f, &sides->steps[0]);
  sides->bottom = strongest_step (means,
      MIN (bottom + 1, ANPR_STRIP_HEIGHT - 2),
      MIN (ANPR_STRIP_HEIGHT - 1, (gint) (bottom + height * 0.45f)), line->dark,
      contrast * 0.12f, bottom + height * 0.2f, &sides->steps[1]);
  sides->brighter = ((means[MAX (0, top - 1)]
                         + means[MIN (ANPR_STRIP_HEIGHT - 1, bottom + 1)])
                            / 2
                        - (means[0] + means[ANPR_STRIP_HEIGHT - 1]) / 2)
                    / contrast;
}

static void
find_left_and_right (
    const AnprStrip *strip, const AnprLine *line, Outline *sides)
{
  gfloat means[ANPR_STRIP_MAX_WIDTH];
  gfloat height = line->bottom - line->top;
  gfloat contrast = MAX (1, line->contrast);
  gint top = CLAMP (line->top, 0, ANPR_STRIP_HEIGHT - 1);
  gint bottom = CLAMP (line->bottom, top + 1, ANPR_STRIP_HEIGHT);
  gint last = strip->width - 1;
  gint left = CLAMP (line->left - 2, 1, last);
  gint right = CLAMP (line->right + 1, 0, last - 1);

  for (guint x = 0; x < strip->width; x++) {
    guint sum = 0;

    for (gint y = top; y < bottom; y++)
      sum += strip->pixels[y][x];
    means[x] = (gfloat) sum / (bottom - top);
  }
  sides->left = strongest_step (means, left,
      MAX (0, (gint) (left - height * 1.0f)), line->dark, contrast * 0.2f,
      line->left - height * 0.3f, &sides->steps[2]);
  sides->right = strongest_step (means, right,
      MIN (last, (gint) (right + height * 0.9f)), line->dark, contrast * 0.2f,
      line->right + height * 0.3f, &sides->steps[3]);
}

static void
set_corner (AnprRegion *region, guint i, const AnprStrip *strip,
    const AnprLine *line, gfloat x, gfloat y, gdouble factor)
{
  gfloat sunk = y + line->sink * (x - (line->left + line->right) / 2);

  region->quad.x[i] = (strip->place.left + x * strip->place.scale) * factor;
  region->quad.y[i] =
      (strip->place.top + (sunk - ANPR_STRIP_MARGIN) * strip->place.scale
          + strip->place.slope * x * strip->place.scale)
      * factor;
}

/**
 * anpr_region_fit_box: (skip)
 * @region: a region; its box becomes the upright one about its corners
 */
void
anpr_region_fit_box (AnprRegion *region)
{
  const AnprQuad *quad = &region->quad;
  gdouble left = MIN (quad->x[0], quad->x[3]);
  gdouble right = MAX (quad->x[1], quad->x[2]);
  gdouble top = MIN (quad->y[0], quad->y[1]);
  gdouble bottom = MAX (quad->y[2], quad->y[3]);

  region->box = (AnprBox){ left, top, right - left, bottom - top };
}

static void
outline (AnprRegion *region, const AnprStrip *strip, const AnprLine *line,
    Outline *sides, gdouble factor)
{
  find_top_and_bottom (strip, line, sides);
  find_left_and_right (strip, line, sides);
  for (guint i = 0; i < G_N_ELEMENTS (sides->steps); i++)
    sides->steps[i] = MIN (1, sides->steps[i] / MAX (1, line->contrast));
  set_corner (region, 0, strip, line, sides->left, sides->top, factor);
  set_corner (region, 1, strip, line, sides->right, sides->top, factor);
  set_corner (region, 2, strip, line, sides->right, sides->bottom, factor);
  set_corner (region, 3, strip, line, sides->left, sides->bottom, factor);
  anpr_region_fit_box (region);
  region->slope = strip->place.slope + line->sink;
  region->text_height =
      (line->bottom - line->top) * strip->place.scale * factor;
}

static void
gather_evidence (AnprRegion *region, const AnprLine *line, const Outline *sides)
{
  gfloat width = line->right - line->left;
  gfloat height = MAX (1, line->bottom - line->top);
  gfloat shape = width / height;
  gfloat *evidence = region->evidence;

  evidence[ANPR_EVIDENCE_CHARACTERS] = MIN (line->n_characters, 8) / 8.0f;
  evidence[ANPR_EVIDENCE_COVERED] = line->covered;
  evidence[ANPR_EVIDENCE_LIKENESS] = 1 - MIN (1, 4 * line->unlikeness);
  evidence[ANPR_EVIDENCE_QUIET] = 1 - MIN (1, line->quiet);
  evidence[ANPR_EVIDENCE_CONTRAST] = MIN (1, line->contrast / 100);
  evidence[ANPR_EVIDENCE_CHANGES] =
      1 - MIN (1, fabsf (line->changes - 3.6f) / 3.6f);
  evidence[ANPR_EVIDENCE_SHAPE] = 1 - MIN (1, fabsf (shape - 5.2f) / 5.2f);
  evidence[ANPR_EVIDENCE_ABOVE_BELOW] = (sides->steps[0] + sides->steps[1]) / 2;
  evidence[ANPR_EVIDENCE_BESIDE] = (sides->steps[2] + sides->steps[3]) / 2;
  evidence[ANPR_EVIDENCE_BRIGHTER] = CLAMP (sides->brighter, -2, 2) / 4 + 0.5f;
}

/* Reads the line of text of a strip, dark or light, whichever is likelier */
static void
read_line (const AnprStrip *strip, AnprLine *line)
{
  AnprLine light;

  anpr_strip_read_line (strip, TRUE, line);
  if (line->n_characters < SURE_CHARACTERS) {
    anpr_strip_read_line (strip, FALSE, &light);
    if (line_worth (&light) > line_worth (line))
      *line = light;
  }
  if (line->n_characters >= 3)
    return;
  line->left = SIDE_MARGIN * ANPR_STRIP_TEXT;
  line->right = MAX (line->left + 1, strip->width - line->left);
  line->top = ANPR_STRIP_MARGIN;
  line->bottom = ANPR_STRIP_MARGIN + ANPR_STRIP_TEXT;
  line->sink = 0;
}

/**
 * anpr_region_examine: (skip)
 * @region: (out): the possible plate
 * @pyramid: the picture
 * @window: where to look
 *
 * Returns: whether a line of text was found at all
 */
gboolean
anpr_region_examine (
    AnprRegion *region, const AnprPyramid *pyramid, const AnprWindow *window)
{
  Place place;
  AnprStrip strip;
  AnprLine line;
  Outline sides;

  place_window (&place, pyramid, window);
  sum_chunks (&place);
  find_slope (&place);
  if (!find_rows (&place) || !find_columns (&place))
    return FALSE;
  take_strip (&place, &strip);
  read_line (&strip, &line);
  outline (region, &strip, &line, &sides, 1 << (place.level - pyramid->levels));
  gather_evidence (region, &line, &sides);
  region->score = anpr_evidence_weigh (region->evidence);
  return TRUE;
}
