/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* In which views of a picture to look for plates.
 *
 * The network sees plates best that are 20 to 90 pixels wide at its input. So
 * the picture is looked at on several scales, each twice as coarse as the one
 * before. On the finest the narrowest plate wanted is LEAST_PLATE pixels wide;
 * on the coarsest the whole picture is a view of 160 x 96. Each scale is
 * covered by the smallest view it fits in, or by several of the largest, that
 * overlap so that each plate not found on the next scale lies whole in one of
 * them.
 *
 *   1920 x 1080, plates from 40 pixels:
 *   2:1  four views of 640 x 384    4:1  one of 480 x 288
 *   8:1  one of 320 x 192           16:1 one of 160 x 96
 *
 * Where only an area is of interest (something moved there), it gets one view:
 * of the smallest size that shows it on the finest scale, else of the largest
 * on the scale at which it fits. Beside it the whole picture is looked at on
 * coarse scales, for plates too large for that view.
 *
 * Plain arithmetic: the same sizes give the same views. */

#include "platesurvey.h"
#include <math.h>

/* Least width of a plate at the input on the finest scale, pixels */
#define LEAST_PLATE 20.0

/* From scale to scale: of a thorough look, of a quick one, and the most that
 * the last step of a quick one may be */
#define SCALE_STEP 2.0
#define AREA_SCALE_STEP 4.0
#define MAX_SCALE_STEP 6.0

/* Views of one scale overlap by this many of their pixels */
#define OVERLAP 64.0

/* Width of a plate in a view of its own, pixels: wide enough for good corners,
 * with room around for what is wrong about where it is thought to be. A plate
 * followed from frame to frame is not far from there. No plate is enlarged more
 * than twice. */
#define PLATE_WIDTH 68.0
#define KNOWN_PLATE_WIDTH 56.0
#define PLATE_LEAST_SCALE 0.5

/* The scale at which something fits in a view of a size */
static gdouble
fitting_scale (const AnprNetworkSize *size, gdouble width, gdouble height)
{
  return MAX (width / size->width, height / size->height);
}

/* At which the whole picture is a small view */
static gdouble
coarsest_scale (guint width, guint height)
{
  const AnprNetworkSize *size = &anpr_network_sizes[ANPR_NETWORK_CLOSE];

  return fitting_scale (size, width, height);
}

/* A picture that is small enough to be seen whole as it is need not be seen
 * larger */
static gdouble
finest_scale (guint width, guint height, guint min_plate_width)
{
  const AnprNetworkSize *largest = &anpr_network_sizes[ANPR_NETWORK_LARGE];
  gdouble whole = fitting_scale (largest, width, height);
  gdouble wanted = min_plate_width / LEAST_PLATE;

  return MAX (MIN (wanted, MAX (whole, 1)), PLATE_LEAST_SCALE);
}

static void
add_view (AnprSurvey *survey, const AnprNetworkSize *size, gdouble scale,
    gdouble x, gdouble y)
{
  if (survey->n_views < ANPR_SURVEY_MAX_VIEWS)
    survey->views[survey->n_views++] =
        (AnprView){ x, y, scale, size->width, size->height };
}

/* The smallest size in which something fits at a scale, or the largest */
static const AnprNetworkSize *
choose_size (gdouble width, gdouble height, gdouble scale)
{
  guint size = ANPR_NETWORK_CLOSE;

  while (size < ANPR_NETWORK_LARGE
         && fitting_scale (&anpr_network_sizes[size], width, height) > scale)
    size++;
  return &anpr_network_sizes[size];
}

/* How many views of @size cover @length, both in pixels of the view */
static guint
count_views (gdouble length, guint size)
{
  if (length <= size)
    return 1;
  return ceil ((length - OVERLAP) / (size - OVERLAP));
}

/* Where view @i of @n begins, so that they are spread evenly over @length,
 * pixels of the picture */
static gdouble
place_view (guint i, guint n, gdouble length, gdouble size)
{
  return n == 1 ? (length - size) / 2 : (length - size) * i / (n - 1);
}

static void
add_scale (AnprSurvey *survey, guint width, guint height, gdouble scale)
{
  const AnprNetworkSize *size = choose_size (width, height, scale);
  guint columns = count_views (width / scale, size->width);
  guint rows = count_views (height / scale, size->height);

  for (guint row = 0; row < rows; row++)
    for (guint column = 0; column < columns; column++)
      add_view (survey, size, scale,
          place_view (column, columns, width, size->width * scale),
          place_view (row, rows, height, size->height * scale));
}

static guint
count_of_scale (guint width, guint height, gdouble scale)
{
  const AnprNetworkSize *size = choose_size (width, height, scale);

  return count_views (width / scale, size->width)
         * count_views (height / scale, size->height);
}

/**
 * anpr_survey_plan: (skip)
 * @survey: (out): the views
 * @width: pixels of the picture, 1..%ANPR_MAX_SIDE
 * @height: pixels of the picture, 1..%ANPR_MAX_SIDE
 * @min_plate_width: of the narrowest plate looked for, pixels
 *
 * A thorough look at the whole picture. Where the finest scale would take more
 * views than there is room for, it is coarser.
 */
void
anpr_survey_plan (
    AnprSurvey *survey, guint width, guint height, guint min_plate_width)
{
  gdouble scale = finest_scale (width, height, min_plate_width);

  /* all coarser scales together are no more than half of the finest */
  while (count_of_scale (width, height, scale) > ANPR_SURVEY_MAX_VIEWS / 2)
    scale *= SCALE_STEP;
  survey->n_views = 0;
  do {
    add_scale (survey, width, height, scale);
    scale *= SCALE_STEP;
  } while (scale < coarsest_scale (width, height) * SCALE_STEP);
}

/**
 * anpr_survey_plan_area: (skip)
 * @survey: (out): the views
 * @width: pixels of the picture, 1..%ANPR_MAX_SIDE
 * @height: pixels of the picture, 1..%ANPR_MAX_SIDE
 * @min_plate_width: of the narrowest plate looked for, pixels
 * @area: within the picture, not empty
 *
 * A quick look at an area, and at the whole picture for large plates.
 */
void
anpr_survey_plan_area (AnprSurvey *survey, guint width, guint height,
    guint min_plate_width, const AnprBox *area)
{
  gdouble finest = finest_scale (width, height, min_plate_width);
  const AnprNetworkSize *size = choose_size (area->width, area->height, finest);
  gdouble fitting = fitting_scale (size, area->width, area->height);
  gdouble scale = MAX (finest, fitting);
  gdouble coarsest = coarsest_scale (width, height);

  survey->n_views = 0;
  add_view (survey, size, scale,
      area->x + (area->width - size->width * scale) / 2,
      area->y + (area->height - size->height * scale) / 2);
  for (; scale * MAX_SCALE_STEP < coarsest; scale *= AREA_SCALE_STEP)
    add_scale (survey, width, height, scale * AREA_SCALE_STEP);
  if (scale < coarsest)
    add_scale (survey, width, height, coarsest);
}

/**
 * anpr_survey_get_cost: (skip)
 *
 * Returns: pixels of all views together
 */
guint64
anpr_survey_get_cost (const AnprSurvey *survey)
{
  guint64 cost = 0;

  for (guint i = 0; i < survey->n_views; i++)
    cost += (guint64) survey->views[i].width * survey->views[i].height;
  return cost;
}

/**
 * anpr_view_of_plate: (skip)
 * @view: (out): the plate in its middle
 * @box: where the plate is thought to be, pixels of the picture
 * @known: whether it was seen there a frame ago
 * @wider: how many times as much around it is seen, 1 for the closest look
 *
 * A closer look at one plate.
 */
void
anpr_view_of_plate (
    AnprView *view, const AnprBox *box, gboolean known, gdouble wider)
{
  const AnprNetworkSize *size =
      &anpr_network_sizes[known ? ANPR_NETWORK_KNOWN : ANPR_NETWORK_CLOSE];
  gdouble plate_width = known ? KNOWN_PLATE_WIDTH : PLATE_WIDTH;
  gdouble scale = CLAMP (
      wider * box->width / plate_width, PLATE_LEAST_SCALE, ANPR_VIEW_MAX_SCALE);

  *view = (AnprView){
    .x = box->x + (box->width - size->width * scale) / 2,
    .y = box->y + (box->height - size->height * scale) / 2,
    .scale = scale,
    .width = size->width,
    .height = size->height,
  };
}
