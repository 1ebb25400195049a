/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Finds plates in a picture, by their edges and characters, without a network.
 *
 *   lumapyramid   the picture in halving sizes, edges counted in cells
 *   platewindow   where are evenly filled rows of upright edges?
 *   plateregion   a closer look at each: slope, line of text, plate's edges
 *   platestrip    are there characters in it?
 *   platescore    how likely is it a plate?
 *
 * This file keeps, of all that overlap, the best; it is drawn a little towards
 * the others, since their errors are not the same. Two lines of text one below
 * the other, together of the shape of a two-line plate, are one plate.
 *
 * No memory is taken after the first picture of a size. One thread at a time.
 * The same picture gives the same plates each time. */

#include "platedetector.h"
#include "plateregion.h"
#include <math.h>

/* How many windows are looked at closely. Plates among the first 16, 32, 64 and
 * 128: 89, 95, 97 and 97 % of 426 real ones. */
#define MAX_WINDOWS 64

/* Widest plate found on the finest level, pixels: it doubles with each */
#define LEVEL_MAX_PLATE 96u

/* Regions that overlap so much are one plate: in parts of both together, or of
 * the smaller one */
#define SAME_PLATE 0.3
#define SAME_PLATE_WITHIN 0.6

/* Those that overlap so much draw the best one towards them */
#define NEARLY_SAME 0.4

/* Two lines of one plate: heights of text, distance in text heights, overlap of
 * the narrower one, and the shape of both together */
#define LINE_HEIGHT_RATIO 1.35
#define LINE_MAX_DISTANCE 2.0
#define LINE_OVERLAP 0.7
#define TWO_LINE_MIN_SHAPE 0.8
#define TWO_LINE_MAX_SHAPE 2.4

struct _AnprPlateDetector {
  AnprPyramid pyramid;
  AnprWindowList windows;
  AnprRegion regions[MAX_WINDOWS];
  guint n_regions;
};

/**
 * anpr_plate_detector_new: (skip)
 *
 * Returns: (transfer full): a detector
 */
AnprPlateDetector *
anpr_plate_detector_new (void)
{
  return g_new0 (AnprPlateDetector, 1);
}

/**
 * anpr_plate_detector_free: (skip)
 * @detector: (nullable) (transfer full): a detector
 */
void
anpr_plate_detector_free (AnprPlateDetector *detector)
{
  if (!detector)
    return;
  anpr_pyramid_clear (&detector->pyramid);
  g_free (detector);
}

static guint
first_level (const AnprPyramid *pyramid, guint min_plate_width)
{
  guint level = 0;

  while (level + 1 < pyramid->n_levels
         && LEVEL_MAX_PLATE << level < min_plate_width)
    level++;
  return level;
}

static gboolean
is_better (const AnprRegion *one, const AnprRegion *other)
{
  if (one->score != other->score)
    return one->score > other->score;
  if (one->box.y != other->box.y)
    return one->box.y < other->box.y;
  return one->box.x < other->box.x;
}

/* In order, best first */
static void
insert_region (AnprPlateDetector *detector, const AnprRegion *region)
{
  guint at = detector->n_regions++;

  for (; at > 0 && is_better (region, &detector->regions[at - 1]); at--)
    detector->regions[at] = detector->regions[at - 1];
  detector->regions[at] = *region;
}

static void
examine_windows (AnprPlateDetector *detector)
{
  detector->n_regions = 0;
  for (guint i = 0; i < detector->windows.n_windows; i++) {
    AnprRegion region;

    if (anpr_region_examine (
            &region, &detector->pyramid, &detector->windows.windows[i]))
      insert_region (detector, &region);
  }
}

static gdouble
overlap_within (const AnprBox *a, const AnprBox *b)
{
  gdouble width = MIN (a->x + a->width, b->x + b->width) - MAX (a->x, b->x);
  gdouble height = MIN (a->y + a->height, b->y + b->height) - MAX (a->y, b->y);
  gdouble least = MIN (a->width * a->height, b->width * b->height);

  return width > 0 && height > 0 && least > 0 ? width * height / least : 0;
}

/* Weighted mean of the corners of a region and of those nearly the same */
static void
draw_together (AnprPlateDetector *detector, AnprRegion *best)
{
  AnprQuad sum = { { 0 }, { 0 } };
  gdouble total = 0;

  for (guint i = 0; i < detector->n_regions; i++) {
    const AnprRegion *region = &detector->regions[i];
    gdouble weight;

    if (anpr_box_iou (&region->box, &best->box) < NEARLY_SAME)
      continue;
    /* the square root of the odds */
    weight = sqrt (region->score / (1.0001 - region->score));
    total += weight;
    for (guint corner = 0; corner < 4; corner++) {
      sum.x[corner] += weight * region->quad.x[corner];
      sum.y[corner] += weight * region->quad.y[corner];
    }
  }
  if (!(total > 0))
    return;
  for (guint corner = 0; corner < 4; corner++) {
    best->quad.x[corner] = sum.x[corner] / total;
    best->quad.y[corner] = sum.y[corner] / total;
  }
  anpr_region_fit_box (best);
}

static gboolean
is_taken (const AnprRegion *kept, guint n_kept, const AnprRegion *region)
{
  for (guint i = 0; i < n_kept; i++)
    if (anpr_box_iou (&kept[i].box, &region->box) >= SAME_PLATE
        || overlap_within (&kept[i].box, &region->box) >= SAME_PLATE_WITHIN)
      return TRUE;
  return FALSE;
}

static guint
keep_best (AnprPlateDetector *detector, gdouble threshold, AnprRegion *kept)
{
  guint n_kept = 0;

  for (guint i = 0; i < detector->n_regions; i++) {
    const AnprRegion *region = &detector->regions[i];

    if (region->score < threshold)
      break;
    if (!is_taken (kept, n_kept, region))
      kept[n_kept++] = *region;
  }
  for (guint i = 0; i < n_kept; i++)
    draw_together (detector, &kept[i]);
  return n_kept;
}

static gboolean
are_two_lines (const AnprRegion *upper, const AnprRegion *lower)
{
  gdouble left = MAX (upper->box.x, lower->box.x);
  gdouble right =
      MIN (upper->box.x + upper->box.width, lower->box.x + lower->box.width);
  gdouble narrower = MIN (upper->box.width, lower->box.width);
  gdouble width =
      MAX (upper->box.x + upper->box.width, lower->box.x + lower->box.width)
      - MIN (upper->box.x, lower->box.x);
  gdouble height = lower->box.y + lower->box.height - upper->box.y;
  gdouble taller = MAX (upper->text_height, lower->text_height);
  gdouble distance = lower->box.y + lower->box.height / 2 - upper->box.y
                     - upper->box.height / 2;

  return taller
             < LINE_HEIGHT_RATIO * MIN (upper->text_height, lower->text_height)
         && distance > 0.8 * taller && distance < LINE_MAX_DISTANCE * taller
         && right - left > LINE_OVERLAP * narrower
         && width > TWO_LINE_MIN_SHAPE * height
         && width < TWO_LINE_MAX_SHAPE * height;
}

static void
join_lines (AnprRegion *upper, const AnprRegion *lower)
{
  for (guint corner = 2; corner < 4; corner++) {
    upper->quad.x[corner] = lower->quad.x[corner];
    upper->quad.y[corner] = lower->quad.y[corner];
  }
  upper->quad.x[0] = upper->quad.x[3] =
      MIN (upper->quad.x[0], lower->quad.x[3]);
  upper->quad.x[1] = upper->quad.x[2] =
      MAX (upper->quad.x[1], lower->quad.x[2]);
  upper->score = MAX (upper->score, lower->score);
  anpr_region_fit_box (upper);
}

static guint
join_two_lines (AnprRegion *kept, guint n_kept)
{
  for (guint i = 0; i < n_kept; i++) {
    for (guint j = 0; j < n_kept; j++) {
      if (i == j || !are_two_lines (&kept[i], &kept[j]))
        continue;
      join_lines (&kept[i], &kept[j]);
      memmove (&kept[j], &kept[j + 1], (n_kept - j - 1) * sizeof (AnprRegion));
      n_kept--;
      /* the two are one now, which joins no third line */
      break;
    }
  }
  return n_kept;
}

static gboolean
is_wanted (const AnprRegion *region, const AnprDetectOptions *options,
    guint width, guint height)
{
  gfloat x = (region->box.x + region->box.width / 2) / width;
  gfloat y = (region->box.y + region->box.height / 2) / height;

  if (region->box.width < options->min_plate_width)
    return FALSE;
  if (options->include.n_polygons > 0
      && !anpr_polygons_contain (&options->include, x, y))
    return FALSE;
  return !anpr_polygons_contain (&options->exclude, x, y);
}

static gboolean
set_detection (
    AnprDetection *plate, const AnprRegion *region, guint width, guint height)
{
  plate->box = region->box;
  plate->quad = region->quad;
  plate->score = region->score;
  for (guint corner = 0; corner < 4; corner++) {
    plate->quad.x[corner] = CLAMP (plate->quad.x[corner], 0, width);
    plate->quad.y[corner] = CLAMP (plate->quad.y[corner], 0, height);
  }
  return anpr_box_clip (&plate->box, width, height);
}

/**
 * anpr_plate_detector_find: (skip)
 * @detector: a detector
 * @luma: (array): @height rows of @width bytes, @stride apart; read only
 * @stride: bytes from row to row, at least @width
 * @width: pixels, 1..%ANPR_DETECTOR_MAX_SIDE; other sizes hold no plate
 * @height: pixels, 1..%ANPR_DETECTOR_MAX_SIDE
 * @options: what to look for
 * @plates: (out) (array length=n_plates): the plates, best first
 * @n_plates: room in @plates
 *
 * Returns: how many plates were found
 */
guint
anpr_plate_detector_find (AnprPlateDetector *detector, const guint8 *luma,
    gsize stride, guint width, guint height, const AnprDetectOptions *options,
    AnprDetection *plates, guint n_plates)
{
  AnprRegion kept[MAX_WINDOWS];
  guint n_kept, n_found = 0;

  g_return_val_if_fail (stride >= width, 0);

  n_plates = MIN (n_plates, options->max_plates);
  if (width > ANPR_DETECTOR_MAX_SIDE || height > ANPR_DETECTOR_MAX_SIDE
      || !anpr_pyramid_set_picture (
          &detector->pyramid, luma, stride, width, height))
    return 0;
  anpr_window_list_find (&detector->windows, &detector->pyramid,
      first_level (&detector->pyramid, options->min_plate_width), MAX_WINDOWS);
  examine_windows (detector);
  n_kept = keep_best (detector, options->threshold, kept);
  n_kept = join_two_lines (kept, n_kept);
  for (guint i = 0; i < n_kept && n_found < n_plates; i++)
    if (is_wanted (&kept[i], options, width, height)
        && set_detection (&plates[n_found], &kept[i], width, height))
      n_found++;
  return n_found;
}
