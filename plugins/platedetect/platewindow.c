/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Where may a row of characters be?
 *
 * A window slides over the cells of every pyramid level. A row of characters
 * fills it with vertical edges evenly from left to right, and has quieter
 * bodywork above and below. The best window of each small block of cells is
 * kept, then the best of those that overlap. This finds nearly every plate and
 * much else: plateregion looks closer at the few dozen best. */

#include "platewindow.h"
#include <math.h>

/* Windows, cells. Three pieces, left to right, end at these columns. The
 * pyramid doubles the sizes, so two heights are enough. */
static const struct {
  guint height;
  guint pieces[3];
} shapes[] = {
  { 2, { 2, 5, 7 } },
  { 3, { 3, 7, 10 } },
};

/* Blocks of which the best window is kept, cells */
#define BLOCK_X 4
#define BLOCK_Y 2

/* Mean edge a pixel below which nothing stands out */
#define MIN_DENSITY 1.2f

/* The emptiest third of a window has at least this part of the mean */
#define MIN_EVENNESS 0.3f

/* Density of the surroundings above and below, in parts of the window's,
 * beyond which it is texture rather than a row */
#define MAX_SURROUND 0.95f

/* A shape on a level, and what its sums are multiplied with to be densities */
typedef struct {
  const AnprLevel *level;
  guint number;
  const guint *pieces;
  guint height;
  guint32 least_sum;
  gfloat whole;
  gfloat parts[3];
  gfloat strip;
} Scan;

static void
scan_init (Scan *scan, const AnprPyramid *pyramid, guint number, guint shape)
{
  const guint *pieces = shapes[shape].pieces;
  guint height = shapes[shape].height;
  guint area = ANPR_CELL * ANPR_CELL;

  scan->level = &pyramid->levels[number];
  scan->number = number;
  scan->pieces = pieces;
  scan->height = height;
  scan->least_sum = MIN_DENSITY * pieces[2] * height * area;
  scan->whole = 1.0f / (pieces[2] * height * area);
  scan->parts[0] = 1.0f / (pieces[0] * height * area);
  scan->parts[1] = 1.0f / ((pieces[1] - pieces[0]) * height * area);
  scan->parts[2] = 1.0f / ((pieces[2] - pieces[1]) * height * area);
  scan->strip = 1.0f / (pieces[2] * area);
}

static inline gfloat
score_of (gfloat density, gfloat surround, gfloat evenness)
{
  return (density - surround) / (density + 4) * (0.5f + evenness)
         * sqrtf (density);
}

static inline gfloat
strip_density (const Scan *scan, guint x, gint row)
{
  if (row < 0 || row >= (gint) scan->level->cells_y)
    return 0;
  return anpr_level_sum (scan->level, x, row, x + scan->pieces[2], row + 1)
         * scan->strip;
}

/* @upper and @lower are the integral image's rows above and below the window;
 * returns 0 if it is not worth a look */
static inline gfloat
place_score (const Scan *scan, const guint32 *upper, const guint32 *lower,
    guint x, guint y)
{
  guint32 sums[3];
  guint32 sum = lower[x + scan->pieces[2]] - lower[x]
                - upper[x + scan->pieces[2]] + upper[x];
  gfloat density, least, surround;

  if (sum < scan->least_sum)
    return 0;
  sums[0] = lower[x + scan->pieces[0]] - lower[x] - upper[x + scan->pieces[0]]
            + upper[x];
  sums[2] = lower[x + scan->pieces[2]] - lower[x + scan->pieces[1]]
            - upper[x + scan->pieces[2]] + upper[x + scan->pieces[1]];
  sums[1] = sum - sums[0] - sums[2];
  density = sum * scan->whole;
  least = MIN (MIN (sums[0] * scan->parts[0], sums[1] * scan->parts[1]),
      sums[2] * scan->parts[2]);
  if (least < MIN_EVENNESS * density)
    return 0;
  surround = (strip_density (scan, x, (gint) y - 2)
                 + strip_density (scan, x, y + scan->height + 1))
             / 2;
  if (surround > MAX_SURROUND * density)
    return 0;
  return score_of (density, surround, least / density);
}

/* Best first, and the same order each time */
static gboolean
is_better (const AnprWindow *one, const AnprWindow *other)
{
  if (one->score != other->score)
    return one->score > other->score;
  if (one->level != other->level)
    return one->level < other->level;
  if (one->y != other->y)
    return one->y < other->y;
  return one->x < other->x;
}

/* Puts @window where the heap's first one was */
static void
sink (AnprWindowList *list, guint n_windows, AnprWindow window)
{
  guint at = 0;

  for (guint child = 1; child < n_windows; child = 2 * at + 1) {
    if (child + 1 < n_windows
        && is_better (&list->windows[child], &list->windows[child + 1]))
      child++;
    if (!is_better (&window, &list->windows[child]))
      break;
    list->windows[at] = list->windows[child];
    at = child;
  }
  list->windows[at] = window;
}

static void
list_add (AnprWindowList *list, AnprWindow window)
{
  guint at = list->n_windows;

  if (at == ANPR_MAX_WINDOWS) {
    if (is_better (&window, &list->windows[0]))
      sink (list, at, window);
    return;
  }
  list->n_windows++;
  while (at > 0 && is_better (&list->windows[(at - 1) / 2], &window)) {
    list->windows[at] = list->windows[(at - 1) / 2];
    at = (at - 1) / 2;
  }
  list->windows[at] = window;
}

static void
sort (AnprWindowList *list)
{
  for (guint n = list->n_windows; n > 1; n--) {
    AnprWindow worst = list->windows[0];

    sink (list, n - 1, list->windows[n - 1]);
    list->windows[n - 1] = worst;
  }
}

/* When the list is full, windows with too few edges to get into it even with
 * quiet surroundings need no look */
static void
raise_least_sum (Scan *scan, const AnprWindowList *list)
{
  gfloat low = MIN_DENSITY, high = G_MAXUINT8;

  if (list->n_windows < ANPR_MAX_WINDOWS)
    return;
  for (guint i = 0; i < 12; i++) {
    gfloat middle = (low + high) / 2;

    if (score_of (middle, 0, 1) < list->windows[0].score)
      low = middle;
    else
      high = middle;
  }
  scan->least_sum = low / scan->whole;
}

/* Whether any window that begins in a block can have enough edges */
static gboolean
block_is_busy (
    const Scan *scan, guint left, guint top, guint end_x, guint end_y)
{
  return anpr_level_sum (scan->level, left, top, end_x - 1 + scan->pieces[2],
             end_y - 1 + scan->height)
         >= scan->least_sum;
}

static void
scan_block (AnprWindowList *list, const Scan *scan, guint left, guint top,
    guint end_x, guint end_y)
{
  gsize pitch = scan->level->cells_x + 1;
  AnprWindow best = { .score = 0 };

  if (!block_is_busy (scan, left, top, end_x, end_y))
    return;
  for (guint y = top; y < end_y; y++) {
    const guint32 *upper = scan->level->edges + y * pitch;
    const guint32 *lower = upper + scan->height * pitch;

    for (guint x = left; x < end_x; x++) {
      gfloat score = place_score (scan, upper, lower, x, y);

      if (score > best.score)
        best = (AnprWindow){ scan->number, x, y, scan->pieces[2], scan->height,
          score };
    }
  }
  if (best.score > 0)
    list_add (list, best);
}

static void
scan_level (
    AnprWindowList *list, const AnprPyramid *pyramid, guint number, guint shape)
{
  Scan scan;
  guint end_x, end_y;

  scan_init (&scan, pyramid, number, shape);
  if (scan.level->cells_x < scan.pieces[2] || scan.level->cells_y < scan.height)
    return;
  end_x = scan.level->cells_x - scan.pieces[2] + 1;
  end_y = scan.level->cells_y - scan.height + 1;
  for (guint y = 0; y < end_y; y += BLOCK_Y) {
    raise_least_sum (&scan, list);
    for (guint x = 0; x < end_x; x += BLOCK_X)
      scan_block (list, &scan, x, y, MIN (end_x, x + BLOCK_X),
          MIN (end_y, y + BLOCK_Y));
  }
}

static gboolean
same_place (const AnprWindow *one, const AnprWindow *other)
{
  gint x = (gint) ((2 * one->x + one->width) << one->level)
           - (gint) ((2 * other->x + other->width) << other->level);
  gint y = (gint) ((2 * one->y + one->height) << one->level)
           - (gint) ((2 * other->y + other->height) << other->level);
  gint height = MAX (one->height << one->level, other->height << other->level);
  gint least = MIN (one->height << one->level, other->height << other->level);

  /* x and y are twice the distance of the centres */
  return height < 2 * least && ABS (x) < 4 * least && ABS (y) < height;
}

static void
keep_best (AnprWindowList *list, guint max_windows)
{
  guint n_kept = 0;

  sort (list);
  for (guint i = 0; i < list->n_windows && n_kept < max_windows; i++) {
    guint other = 0;

    while (other < n_kept
           && !same_place (&list->windows[i], &list->windows[other]))
      other++;
    if (other == n_kept)
      list->windows[n_kept++] = list->windows[i];
  }
  list->n_windows = n_kept;
}

/**
 * anpr_window_list_find: (skip)
 * @list: (out): the windows
 * @pyramid: the picture
 * @first_level: the finest level to look at
 * @max_windows: most windows kept
 */
void
anpr_window_list_find (AnprWindowList *list, const AnprPyramid *pyramid,
    guint first_level, guint max_windows)
{
  list->n_windows = 0;
  /* coarse first: they are small, and fill the list */
  for (guint level = pyramid->n_levels; level > first_level; level--)
    for (guint shape = 0; shape < G_N_ELEMENTS (shapes); shape++)
      scan_level (list, pyramid, level - 1, shape);
  keep_best (list, max_windows);
}
