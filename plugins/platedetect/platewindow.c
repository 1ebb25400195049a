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

typedef struct {
  const AnprLevel *level;
  guint shape;
  guint x;
  guint y;
} Place;

static gfloat
strip_density (const AnprLevel *level, guint left, guint right, gint row)
{
  if (row < 0 || row >= (gint) level->cells_y)
    return 0;
  return anpr_level_sum (level, left, row, right, row + 1)
         / (gfloat) ((right - left) * ANPR_CELL * ANPR_CELL);
}

static gfloat
place_score (const Place *place)
{
  const AnprLevel *level = place->level;
  const guint *pieces = shapes[place->shape].pieces;
  guint bottom = place->y + shapes[place->shape].height;
  guint height = shapes[place->shape].height;
  gfloat density, evenness, surround;
  gfloat least = G_MAXFLOAT;
  guint32 sum =
      anpr_level_sum (level, place->x, place->y, place->x + pieces[2], bottom);
  guint left = 0;

  density = sum / (gfloat) (pieces[2] * height * ANPR_CELL * ANPR_CELL);
  if (density < MIN_DENSITY)
    return 0;
  for (guint i = 0; i < G_N_ELEMENTS (shapes[0].pieces); i++) {
    gfloat part =
        anpr_level_sum (
            level, place->x + left, place->y, place->x + pieces[i], bottom)
        / (gfloat) ((pieces[i] - left) * height * ANPR_CELL * ANPR_CELL);

    least = MIN (least, part);
    left = pieces[i];
  }
  evenness = least / density;
  if (evenness < MIN_EVENNESS)
    return 0;
  surround = (strip_density (
                  level, place->x, place->x + pieces[2], (gint) place->y - 2)
                 + strip_density (
                     level, place->x, place->x + pieces[2], (gint) bottom + 1))
             / 2;
  if (surround > MAX_SURROUND * density)
    return 0;
  return (density - surround) / (density + 4) * (0.5f + evenness)
         * sqrtf (density);
}

static void
list_add (AnprWindowList *list, guint level, const Place *place, gfloat score)
{
  if (list->n_windows == list->n_allocated) {
    list->n_allocated = MAX (1024, list->n_allocated * 2);
    list->windows = g_renew (AnprWindow, list->windows, list->n_allocated);
  }
  list->windows[list->n_windows++] = (AnprWindow){
    .level = level,
    .x = place->x,
    .y = place->y,
    .width = shapes[place->shape].pieces[2],
    .height = shapes[place->shape].height,
    .score = score,
  };
}

static void
scan_block (AnprWindowList *list, guint level_number, Place place, guint end_x,
    guint end_y)
{
  guint left = place.x;
  Place best = place;
  gfloat best_score = 0;

  for (; place.y < end_y; place.y++) {
    for (place.x = left; place.x < end_x; place.x++) {
      gfloat score = place_score (&place);

      if (score > best_score) {
        best_score = score;
        best = place;
      }
    }
  }
  if (best_score > 0)
    list_add (list, level_number, &best, best_score);
}

static void
scan_level (
    AnprWindowList *list, const AnprPyramid *pyramid, guint number, guint shape)
{
  const AnprLevel *level = &pyramid->levels[number];
  guint end_x, end_y;

  if (level->cells_x < shapes[shape].pieces[2]
      || level->cells_y < shapes[shape].height)
    return;
  end_x = level->cells_x - shapes[shape].pieces[2] + 1;
  end_y = level->cells_y - shapes[shape].height + 1;
  for (guint y = 0; y < end_y; y += BLOCK_Y)
    for (guint x = 0; x < end_x; x += BLOCK_X)
      scan_block (list, number, (Place){ level, shape, x, y },
          MIN (end_x, x + BLOCK_X), MIN (end_y, y + BLOCK_Y));
}

static gint
compare_windows (gconstpointer a, gconstpointer b)
{
  const AnprWindow *one = a, *other = b;

  if (one->score != other->score)
    return one->score < other->score ? 1 : -1;
  /* the same order each time */
  if (one->level != other->level)
    return one->level < other->level ? -1 : 1;
  if (one->y != other->y)
    return one->y < other->y ? -1 : 1;
  return one->x < other->x ? -1 : one->x > other->x;
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

  qsort (list->windows, list->n_windows, sizeof (AnprWindow), compare_windows);
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
 * @list: all zero, or used before; its windows are replaced
 * @pyramid: the picture
 * @first_level: the finest level to look at
 * @max_windows: most windows kept
 */
void
anpr_window_list_find (AnprWindowList *list, const AnprPyramid *pyramid,
    guint first_level, guint max_windows)
{
  list->n_windows = 0;
  for (guint level = first_level; level < pyramid->n_levels; level++)
    for (guint shape = 0; shape < G_N_ELEMENTS (shapes); shape++)
      scan_level (list, pyramid, level, shape);
  keep_best (list, max_windows);
}

/**
 * anpr_window_list_clear: (skip)
 * @list: a list; its memory is freed, it may be used again
 */
void
anpr_window_list_clear (AnprWindowList *list)
{
  g_free (list->windows);
  memset (list, 0, sizeof (*list));
}
