/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Is this a row of characters?
 *
 * The place is straightened and scaled so that characters would be
 * ANPR_STRIP_TEXT pixels high; every measure below is then free of the plate's
 * size. Ink is told from plate by the mean around it, so a shadow across the
 * plate does no harm. Connected ink of the right height that stands in one line
 * counts as characters.
 *
 * Nothing is allocated: a strip has a fixed size. */

#include "platestrip.h"
#include <math.h>

#define MAX_RUNS 160

/* Ink must differ from the mean around it by this much, luma */
#define INK_MARGIN 4

/* Half the width over which that mean goes, strip pixels */
#define MEAN_REACH 18

/* Height and width of a character, strip pixels */
#define MIN_CHARACTER_HEIGHT 11
#define MAX_CHARACTER_HEIGHT 27
#define MAX_CHARACTER_WIDTH 22

/* Characters of one line differ no more than this: height and middle, strip
 * pixels; and the gap to the next one */
#define MAX_HEIGHT_DIFFERENCE 4.5f
#define MAX_MIDDLE_DIFFERENCE 3.0f
#define MAX_GAP 26

/* Ink beside the line belongs to it across gaps of this, strip pixels, unless it
 * fills a column by more than this many rows of its height: that is a band or
 * the plate's end */
#define EXTEND_GAP 9
#define EXTEND_LEAST 2

typedef struct {
  gint16 left;
  gint16 right;
  gint16 piece;
} Run;

typedef struct {
  AnprPiece pieces[ANPR_STRIP_MAX_PIECES];
  gint16 parents[ANPR_STRIP_MAX_PIECES];
  guint n_pieces;
} Pieces;

typedef guint8 Ink[ANPR_STRIP_HEIGHT][ANPR_STRIP_MAX_WIDTH];

static inline guint8
mix (const guint8 *upper, const guint8 *lower, gint part_x, gint part_y)
{
  gint up = upper[0] * (256 - part_x) + upper[1] * part_x;
  gint down = lower[0] * (256 - part_x) + lower[1] * part_x;

  return (up * (256 - part_y) + down * part_y + 32768) >> 16;
}

/* Between four pixels, fixed point with 8 bits */
static inline guint8
sample (const AnprLevel *level, gint x, gint y)
{
  const guint8 *upper =
      level->pixels + (gsize) (y >> 8) * level->stride + (x >> 8);

  return mix (upper, upper + level->stride, x & 255, y & 255);
}

/* The same outside the picture, where its border goes on */
static guint8
sample_anywhere (const AnprLevel *level, gint x, gint y)
{
  gint right = level->width - 1, bottom = level->height - 1;
  gint x0 = CLAMP (x >> 8, 0, right), x1 = CLAMP ((x >> 8) + 1, 0, right);
  gint y0 = CLAMP (y >> 8, 0, bottom), y1 = CLAMP ((y >> 8) + 1, 0, bottom);
  const guint8 *upper = level->pixels + (gsize) y0 * level->stride;
  const guint8 *lower = level->pixels + (gsize) y1 * level->stride;

  return mix ((guint8[]){ upper[x0], upper[x1] },
      (guint8[]){ lower[x0], lower[x1] }, x & 255, y & 255);
}

/* Whether sample() may be used from x, y to the end of a row of the strip */
static gboolean
row_is_inside (const AnprLevel *level, gint x, gint y, gint end_x, gint end_y)
{
  gint right = (gint) (level->width - 1) << 8;
  gint bottom = (gint) (level->height - 1) << 8;

  return x >= 0 && end_x < right && MIN (y, end_y) >= 0
         && MAX (y, end_y) < bottom;
}

static void
take_row (guint8 *row, guint width, const AnprLevel *level, gint x, gint y,
    gint step_x, gint step_y)
{
  gint end_x = x + (gint) width * step_x, end_y = y + (gint) width * step_y;

  if (row_is_inside (level, x, y, end_x, end_y))
    for (guint i = 0; i < width; i++, x += step_x, y += step_y)
      row[i] = sample (level, x, y);
  else
    for (guint i = 0; i < width; i++, x += step_x, y += step_y)
      row[i] = sample_anywhere (level, x, y);
}

/**
 * anpr_strip_take: (skip)
 * @strip: (out): the straightened piece of picture
 * @level: the picture
 * @place: where
 * @width: strip pixels, at most %ANPR_STRIP_MAX_WIDTH
 */
void
anpr_strip_take (AnprStrip *strip, const AnprLevel *level,
    const AnprStripPlace *place, guint width)
{
  gint step_x = lrintf (place->scale * 256);
  gint step_y = lrintf (place->scale * place->slope * 256);

  strip->width = MIN (width, ANPR_STRIP_MAX_WIDTH);
  strip->place = *place;
  for (guint row = 0; row < ANPR_STRIP_HEIGHT; row++) {
    gfloat top = place->top + ((gfloat) row - ANPR_STRIP_MARGIN) * place->scale;

    take_row (strip->pixels[row], strip->width, level,
        lrintf (place->left * 256), lrintf (top * 256), step_x, step_y);
  }
}

/* What tells ink from plate in each column: the mean of the line of text
 * around it, and a bit beyond */
static void
find_thresholds (const AnprStrip *strip, gboolean dark, guint8 *thresholds)
{
  guint16 columns[ANPR_STRIP_MAX_WIDTH] = { 0 };
  guint totals[ANPR_STRIP_MAX_WIDTH + 1];
  gint margin = dark ? -INK_MARGIN : INK_MARGIN;

  for (guint y = 0; y < ANPR_STRIP_TEXT; y++)
    for (guint x = 0; x < strip->width; x++)
      columns[x] += strip->pixels[ANPR_STRIP_MARGIN + y][x];
  totals[0] = 0;
  for (guint x = 0; x < strip->width; x++)
    totals[x + 1] = totals[x] + columns[x];
  for (guint x = 0; x < strip->width; x++) {
    guint left = x > MEAN_REACH ? x - MEAN_REACH : 0;
    guint right = MIN (strip->width, x + MEAN_REACH + 1);
    gint mean =
        (totals[right] - totals[left]) / ((right - left) * ANPR_STRIP_TEXT);

    thresholds[x] = CLAMP (mean + margin, 0, 255);
  }
}

static void
split_row (guint8 *restrict ink, const guint8 *restrict pixels,
    const guint8 *restrict thresholds, guint width, gboolean dark)
{
  if (dark)
    for (guint x = 0; x < width; x++)
      ink[x] = pixels[x] < thresholds[x];
  else
    for (guint x = 0; x < width; x++)
      ink[x] = pixels[x] > thresholds[x];
}

/* Returns the contrast of ink to plate in the line of text */
static gfloat
find_ink (const AnprStrip *strip, gboolean dark, Ink ink)
{
  guint8 thresholds[ANPR_STRIP_MAX_WIDTH];
  guint all = 0, inked = 0, n_inked = 0;
  guint n_all = strip->width * ANPR_STRIP_TEXT;

  find_thresholds (strip, dark, thresholds);
  for (guint y = 0; y < ANPR_STRIP_HEIGHT; y++)
    split_row (ink[y], strip->pixels[y], thresholds, strip->width, dark);
  for (guint y = 0; y < ANPR_STRIP_TEXT; y++) {
    const guint8 *row = ink[ANPR_STRIP_MARGIN + y];
    const guint8 *pixels = strip->pixels[ANPR_STRIP_MARGIN + y];

    for (guint x = 0; x < strip->width; x++) {
      all += pixels[x];
      inked += row[x] * pixels[x];
      n_inked += row[x];
    }
  }
  if (n_inked == 0 || n_inked == n_all)
    return 0;
  return fabsf (
      (gfloat) inked / n_inked - (gfloat) (all - inked) / (n_all - n_inked));
}

static guint
find_runs (const guint8 *ink, guint width, Run *runs)
{
  guint n_runs = 0;
  guint x = 0;

  while (x < width && n_runs < MAX_RUNS) {
    while (x < width && !ink[x])
      x++;
    if (x == width)
      break;
    runs[n_runs].left = x;
    while (x < width && ink[x])
      x++;
    runs[n_runs].right = x;
    runs[n_runs++].piece = -1;
  }
  return n_runs;
}

static gint16
root_of (const Pieces *pieces, gint16 piece)
{
  while (pieces->parents[piece] != piece)
    piece = pieces->parents[piece];
  return piece;
}

static void
join (AnprPiece *piece, gint left, gint top, gint right, gint bottom, gint area)
{
  piece->left = MIN (piece->left, left);
  piece->top = MIN (piece->top, top);
  piece->right = MAX (piece->right, right);
  piece->bottom = MAX (piece->bottom, bottom);
  piece->area += area;
}

static void
merge (Pieces *pieces, gint16 one, gint16 other)
{
  const AnprPiece *from = &pieces->pieces[other];

  if (one == other)
    return;
  pieces->parents[other] = one;
  join (&pieces->pieces[one], from->left, from->top, from->right, from->bottom,
      from->area);
}

static gint16
add_piece (Pieces *pieces)
{
  gint16 number = pieces->n_pieces++;

  pieces->parents[number] = number;
  pieces->pieces[number] =
      (AnprPiece){ G_MAXINT16, G_MAXINT16, G_MININT16, G_MININT16, 0 };
  return number;
}

/* Gives the runs of a row their pieces, by those of the row above */
static void
connect_row (Pieces *pieces, Run *runs, guint n_runs, const Run *above,
    guint n_above, guint row)
{
  guint first = 0;

  for (guint i = 0; i < n_runs; i++) {
    Run *run = &runs[i];

    while (first < n_above && above[first].right <= run->left)
      first++;
    for (guint j = first; j < n_above && above[j].left < run->right; j++) {
      gint16 root;

      if (above[j].piece < 0)
        continue;
      root = root_of (pieces, above[j].piece);
      if (run->piece < 0)
        run->piece = root;
      else
        merge (pieces, root_of (pieces, run->piece), root);
    }
    if (run->piece < 0 && pieces->n_pieces < ANPR_STRIP_MAX_PIECES)
      run->piece = add_piece (pieces);
    if (run->piece >= 0)
      join (&pieces->pieces[root_of (pieces, run->piece)], run->left, row,
          run->right, row + 1, run->right - run->left);
  }
}

static void
find_pieces (Ink ink, guint width, Pieces *pieces)
{
  Run runs[2][MAX_RUNS];
  guint n_runs[2] = { 0, 0 };

  pieces->n_pieces = 0;
  for (guint row = 0; row < ANPR_STRIP_HEIGHT; row++) {
    guint here = row & 1;

    n_runs[here] = find_runs (ink[row], width, runs[here]);
    connect_row (
        pieces, runs[here], n_runs[here], runs[!here], n_runs[!here], row);
  }
}

static gboolean
is_character (const AnprPiece *piece, guint strip_width)
{
  gint width = piece->right - piece->left;
  gint height = piece->bottom - piece->top;

  return height >= MIN_CHARACTER_HEIGHT && height <= MAX_CHARACTER_HEIGHT
         && width <= MAX_CHARACTER_WIDTH && width <= height * 5 / 4
         && piece->area * 6 >= width * height && piece->left > 0
         && piece->right < (gint) strip_width;
}

static gint
compare_pieces (gconstpointer a, gconstpointer b)
{
  return ((const AnprPiece *) a)->left - ((const AnprPiece *) b)->left;
}

static guint
keep_characters (Pieces *pieces, guint strip_width)
{
  guint n_kept = 0;

  for (guint i = 0; i < pieces->n_pieces; i++)
    if (pieces->parents[i] == (gint16) i
        && is_character (&pieces->pieces[i], strip_width))
      pieces->pieces[n_kept++] = pieces->pieces[i];
  qsort (pieces->pieces, n_kept, sizeof (AnprPiece), compare_pieces);
  return n_kept;
}

static gfloat
middle_of (const AnprPiece *piece)
{
  return (piece->top + piece->bottom) / 2.0f;
}

static gfloat
height_of (const AnprPiece *piece)
{
  return piece->bottom - piece->top;
}

/* The characters that stand in line with number @first: fills @members and
 * returns how many */
static guint
follow_line (
    const AnprPiece *pieces, guint n_pieces, guint first, guint8 *members)
{
  guint n_members = 1;
  guint last = first;

  members[0] = first;
  for (guint i = first + 1; i < n_pieces; i++) {
    const AnprPiece *before = &pieces[last], *here = &pieces[i];

    if (here->left - before->right > MAX_GAP)
      break;
    if (here->left + 2 < before->right)
      continue;
    if (fabsf (height_of (here) - height_of (before)) > MAX_HEIGHT_DIFFERENCE
        || fabsf (middle_of (here) - middle_of (before))
               > MAX_MIDDLE_DIFFERENCE)
      continue;
    members[n_members++] = i;
    last = i;
  }
  return n_members;
}

static guint
longest_line (const AnprPiece *pieces, guint n_pieces, guint8 *members)
{
  guint8 tried[ANPR_STRIP_MAX_PIECES];
  guint longest = 0;

  for (guint i = 0; i < n_pieces && n_pieces - i > longest; i++) {
    guint n = follow_line (pieces, n_pieces, i, tried);

    if (n > longest) {
      longest = n;
      memcpy (members, tried, n);
    }
  }
  return longest;
}

/* Straight line through the characters' middles */
static gfloat
fit_sink (const AnprPiece *pieces, const guint8 *members, guint n_members)
{
  gfloat mean_x = 0, mean_y = 0, across = 0, along = 0;

  for (guint i = 0; i < n_members; i++) {
    const AnprPiece *piece = &pieces[members[i]];

    mean_x += (piece->left + piece->right) / 2.0f / n_members;
    mean_y += middle_of (piece) / n_members;
  }
  for (guint i = 0; i < n_members; i++) {
    const AnprPiece *piece = &pieces[members[i]];
    gfloat x = (piece->left + piece->right) / 2.0f - mean_x;

    across += x * (middle_of (piece) - mean_y);
    along += x * x;
  }
  return along > 0 ? across / along : 0;
}

static void
measure_line (AnprLine *line, const AnprPiece *pieces, const guint8 *members,
    guint n_members)
{
  gfloat top = 0, bottom = 0, taken = 0, deviation = 0;
  gfloat middle_x, height;

  line->left = pieces[members[0]].left;
  line->right = pieces[members[n_members - 1]].right;
  line->sink = n_members >= 3 ? fit_sink (pieces, members, n_members) : 0;
  middle_x = (line->left + line->right) / 2;
  for (guint i = 0; i < n_members; i++) {
    const AnprPiece *piece = &pieces[members[i]];
    gfloat shift =
        line->sink * ((piece->left + piece->right) / 2.0f - middle_x);

    top += (piece->top - shift) / n_members;
    bottom += (piece->bottom - shift) / n_members;
    taken += piece->right - piece->left;
  }
  height = bottom - top;
  for (guint i = 0; i < n_members; i++) {
    const AnprPiece *piece = &pieces[members[i]];
    gfloat shift =
        line->sink * ((piece->left + piece->right) / 2.0f - middle_x);

    deviation += fabsf (piece->top - shift - top)
                 + fabsf (piece->bottom - shift - bottom);
  }
  line->top = top;
  line->bottom = bottom;
  line->covered = taken / MAX (1, line->right - line->left);
  line->unlikeness = deviation / (2 * n_members * MAX (1, height));
}

static guint
row_changes (const guint8 *row, guint left, guint right)
{
  guint changes = 0;

  for (guint x = left + 1; x < right; x++)
    changes += row[x] != row[x - 1];
  return changes;
}

static void
count_changes (AnprLine *line, Ink ink)
{
  guint left = line->left, right = line->right;
  gint top = lrintf (line->top), bottom = lrintf (line->bottom);
  guint inside = 0, outside = 0, n_inside = 0, n_outside = 0;

  for (gint y = 0; y < ANPR_STRIP_HEIGHT; y++) {
    if (y >= top + 2 && y < bottom - 2) {
      inside += row_changes (ink[y], left, right);
      n_inside++;
    } else if ((y >= top - 3 && y <= top - 2)
               || (y >= bottom + 1 && y <= bottom + 2)) {
      outside += row_changes (ink[y], left, right);
      n_outside++;
    }
  }
  if (n_inside == 0 || inside == 0)
    return;
  line->changes =
      (gfloat) inside / n_inside * ANPR_STRIP_TEXT / MAX (1, right - left);
  if (n_outside > 0)
    line->quiet = ((gfloat) outside / n_outside) / ((gfloat) inside / n_inside);
}

static gint
extend_line (Ink ink, gint from, gint end, gint top, gint bottom)
{
  gint step = end > from ? 1 : -1;
  gint last = from;

  for (gint x = from; x != end && ABS (x - last) <= EXTEND_GAP; x += step) {
    gint n_ink = 0;

    for (gint y = top; y < bottom; y++)
      n_ink += ink[y][x];
    if (n_ink >= bottom - top - EXTEND_LEAST)
      break;
    if (n_ink >= EXTEND_LEAST)
      last = x;
  }
  return last;
}

/* Characters that were not told apart, from one another or from the plate's
 * edge, leave ink beside those that were */
static void
extend (AnprLine *line, Ink ink, gint width)
{
  gint top = CLAMP (line->top + 1, 0, ANPR_STRIP_HEIGHT - 1);
  gint bottom = CLAMP (line->bottom - 1, top + 1, ANPR_STRIP_HEIGHT);
  gint left = CLAMP (line->left - 1, 0, width - 1);
  gint right = CLAMP (line->right, 0, width - 1);

  line->left = MIN (line->left, extend_line (ink, left, -1, top, bottom));
  line->right = MAX (line->right, extend_line (ink, right, width, top, bottom));
}

/**
 * anpr_strip_read_line: (skip)
 * @strip: a strip
 * @dark: whether to look for dark characters on a light plate, or the reverse
 * @line: (out): the longest line of characters in it; without any it is the
 *     place where one was expected
 */
void
anpr_strip_read_line (const AnprStrip *strip, gboolean dark, AnprLine *line)
{
  Ink ink;
  Pieces pieces;
  guint8 members[ANPR_STRIP_MAX_PIECES];
  guint n_pieces;

  *line = (AnprLine){ .dark = dark,
    .top = ANPR_STRIP_MARGIN,
    .bottom = ANPR_STRIP_MARGIN + ANPR_STRIP_TEXT,
    .right = strip->width,
    .unlikeness = 1 };
  line->contrast = find_ink (strip, dark, ink);
  find_pieces (ink, strip->width, &pieces);
  n_pieces = keep_characters (&pieces, strip->width);
  line->n_characters = longest_line (pieces.pieces, n_pieces, members);
  if (line->n_characters > 0)
    measure_line (line, pieces.pieces, members, line->n_characters);
  if (line->n_characters >= 3)
    extend (line, ink, strip->width);
  count_changes (line, ink);
}
