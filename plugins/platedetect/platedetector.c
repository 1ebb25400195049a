/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Finds plates in a picture, by a network.
 *
 *   survey        platesurvey    which parts of the picture on which scales?
 *                 lumaview       cuts them out of the luma plane
 *                 platenetwork   runs the network: candidates, even weak ones
 *   closer looks  this file      each candidate by itself, first on the scale
 *                                where the network is at its best, which gives
 *                                the corners, then with more around it: that
 *                                tells false ones apart
 *   choice        this file      of all that overlap the likeliest; score,
 *                                width, polygons
 *
 * A candidate that the closest look does not find again is none. The score is
 * the mean of the survey's and all closer looks', 0 for one that does not see
 * it. What stands around a plate tells more about it than its lettering seen
 * from near: the closest look by itself takes words on vehicles for plates.
 *
 * Plates known from the frame before are candidates too, ahead of those of the
 * survey; platewatch decides about them. They get one look each, a narrow one,
 * and their score follows it slowly.
 *
 * What a look costs is counted in pixels of network input. No memory is taken
 * after the first picture. One thread at a time. The same picture gives the
 * same plates each time. */

#include "platedetector.h"
#include <stdlib.h>

/* Least score of a candidate in the survey, and in the closer look */
#define SURVEY_THRESHOLD 0.2
#define LOOK_THRESHOLD 0.2

/* Share of one more look in the score of a known plate */
#define KNOWN_SHARE 0.3

/* How much more than the closest look the others see, in the order of their
 * worth */
static const gdouble wider_looks[ANPR_DETECTOR_MAX_SCALES] = { 1, 2, G_SQRT2,
  2 * G_SQRT2 };

/* A quick look is one on so many scales at most. Most candidates of a survey
 * are none, so a look in the narrow view of a known plate tells first whether
 * there is anything: it costs 0.4 of the closest one. */
#define QUICK_SCALES 2

/* A survey tells the width of a plate to a fifth. */
#define SURE_WIDTH 0.8

/* A closer look sees the candidate, not its neighbour, if their middles are no
 * farther apart, in widths of the candidate, and their widths no more
 * different */
#define MAX_AWAY_X 0.75
#define MAX_AWAY_Y 0.5
#define MAX_WIDTH_RATIO 2.5

/* Plates seen in one view, candidates of a survey before the same are joined,
 * and most closer looks of a thorough search */
#define MAX_VIEW_PLATES 32
#define MAX_CANDIDATES 512
#define MAX_LOOKS 24

/* known: number among the known plates, or -1 */
typedef struct {
  AnprDetection plate;
  gint known;
  gboolean look;
} Candidate;

struct _AnprPlateDetector {
  AnprPlateNetwork *network;
  AnprSurvey survey;
  Candidate candidates[ANPR_DETECTOR_MAX_PLATES + MAX_CANDIDATES];
  guint n_candidates;
  guint64 cost;
};

/**
 * anpr_plate_detector_new: (skip)
 * @model: a detector's model
 * @error: %ANPR_ERROR_MODEL_FILE
 *
 * Returns: (transfer full) (nullable): a detector
 */
AnprPlateDetector *
anpr_plate_detector_new (AnprModel *model, GError **error)
{
  AnprPlateNetwork *network = anpr_plate_network_new (model, error);
  AnprPlateDetector *detector;

  if (!network)
    return NULL;
  detector = g_new0 (AnprPlateDetector, 1);
  detector->network = network;
  return detector;
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
  anpr_plate_network_free (detector->network);
  g_free (detector);
}

static guint
look_at_view (AnprPlateDetector *detector, const AnprLuma *luma,
    const AnprView *view, gdouble threshold, AnprDetection *plates,
    guint n_plates)
{
  detector->cost += (guint64) view->width * view->height;
  return anpr_plate_network_look (
      detector->network, luma, view, threshold, plates, n_plates);
}

static gboolean
is_in_place (
    const AnprBox *box, const AnprDetectOptions *options, const AnprLuma *luma)
{
  gfloat x = (box->x + box->width / 2) / luma->width;
  gfloat y = (box->y + box->height / 2) / luma->height;

  if (options->include.n_polygons > 0
      && !anpr_polygons_contain (&options->include, x, y))
    return FALSE;
  return !anpr_polygons_contain (&options->exclude, x, y);
}

static void
take_known (AnprPlateDetector *detector, AnprKnownPlate *known, guint n_known)
{
  detector->n_candidates = 0;
  for (guint i = 0; i < n_known; i++) {
    known[i].found = FALSE;
    detector->candidates[detector->n_candidates++] =
        (Candidate){ known[i].plate, i, known[i].look };
  }
}

static void
take_survey (AnprPlateDetector *detector, const AnprLuma *luma,
    const AnprDetectOptions *options, const AnprSurvey *survey)
{
  AnprDetection seen[MAX_VIEW_PLATES];

  for (guint i = 0; i < survey->n_views; i++) {
    guint n_seen = look_at_view (detector, luma, &survey->views[i],
        SURVEY_THRESHOLD, seen, MAX_VIEW_PLATES);

    for (guint k = 0; k < n_seen; k++)
      if (detector->n_candidates < G_N_ELEMENTS (detector->candidates)
          && is_in_place (&seen[k].box, options, luma))
        detector->candidates[detector->n_candidates++] =
            (Candidate){ seen[k], -1, TRUE };
  }
}

/* Known ones first, in their order, then by score */
static gint
compare_candidates (gconstpointer a, gconstpointer b)
{
  const Candidate *one = a, *other = b;

  if (one->known >= 0 && other->known >= 0)
    return one->known - other->known;
  if ((one->known >= 0) != (other->known >= 0))
    return one->known >= 0 ? -1 : 1;
  if (one->plate.score != other->plate.score)
    return one->plate.score > other->plate.score ? -1 : 1;
  if (one->plate.box.y != other->plate.box.y)
    return one->plate.box.y < other->plate.box.y ? -1 : 1;
  return (one->plate.box.x > other->plate.box.x)
         - (one->plate.box.x < other->plate.box.x);
}

/* Sorts candidates and leaves out those that are the same as one before */
static void
join_candidates (AnprPlateDetector *detector)
{
  Candidate *candidates = detector->candidates;
  guint n_kept = 0;

  qsort (candidates, detector->n_candidates, sizeof (Candidate),
      compare_candidates);
  for (guint i = 0; i < detector->n_candidates; i++) {
    gboolean taken = FALSE;

    for (guint k = 0; k < n_kept && !taken; k++)
      taken =
          anpr_detections_are_same (&candidates[k].plate, &candidates[i].plate);
    if (!taken)
      candidates[n_kept++] = candidates[i];
  }
  detector->n_candidates = n_kept;
}

static gboolean
may_be_same (const AnprBox *seen, const AnprBox *expected)
{
  gdouble away_x =
      seen->x + seen->width / 2 - expected->x - expected->width / 2;
  gdouble away_y =
      seen->y + seen->height / 2 - expected->y - expected->height / 2;

  return ABS (away_x) <= MAX_AWAY_X * expected->width
         && ABS (away_y) <= MAX_AWAY_Y * expected->width
         && seen->width <= MAX_WIDTH_RATIO * expected->width
         && expected->width <= MAX_WIDTH_RATIO * seen->width;
}

/* The plate as one look sees it, FALSE if it does not */
static gboolean
look_at_plate (AnprPlateDetector *detector, const AnprLuma *luma,
    const AnprBox *expected, gboolean known, gdouble wider,
    AnprDetection *plate)
{
  AnprDetection seen[MAX_VIEW_PLATES];
  AnprView view;
  guint n_seen;

  anpr_view_of_plate (&view, expected, known, wider);
  n_seen = look_at_view (
      detector, luma, &view, LOOK_THRESHOLD, seen, MAX_VIEW_PLATES);
  for (guint i = 0; i < n_seen; i++) {
    if (!may_be_same (&seen[i].box, expected))
      continue;
    *plate = seen[i];
    return TRUE;
  }
  return FALSE;
}

/* What a known plate's score is now: it follows slowly */
static gboolean
look_again (
    AnprPlateDetector *detector, const AnprLuma *luma, AnprDetection *plate)
{
  gdouble before = plate->score;

  if (!look_at_plate (detector, luma, &plate->box, TRUE, 1, plate))
    return FALSE;
  plate->score = KNOWN_SHARE * plate->score + (1 - KNOWN_SHARE) * before;
  return TRUE;
}

static gboolean
look_closer (AnprPlateDetector *detector, const AnprLuma *luma, guint n_scales,
    AnprDetection *plate)
{
  gdouble sum = plate->score;

  if (n_scales <= QUICK_SCALES
      && !look_at_plate (
          detector, luma, &plate->box, TRUE, 1, &(AnprDetection){ 0 }))
    return FALSE;
  if (!look_at_plate (detector, luma, &plate->box, FALSE, 1, plate))
    return FALSE;
  sum += plate->score;
  for (guint i = 1; i < n_scales; i++) {
    AnprDetection seen;

    if (look_at_plate (
            detector, luma, &plate->box, FALSE, wider_looks[i], &seen))
      sum += seen.score;
  }
  plate->score = sum / (1 + n_scales);
  return TRUE;
}

static gboolean
examine (AnprPlateDetector *detector, const AnprLuma *luma, guint n_scales,
    Candidate *candidate)
{
  if (candidate->known >= 0)
    return look_again (detector, luma, &candidate->plate);
  return look_closer (detector, luma, n_scales, &candidate->plate);
}

/* Not worth a look: it would not be told of */
static gboolean
is_too_narrow (const Candidate *candidate, const AnprDetectOptions *options)
{
  return candidate->known < 0
         && candidate->plate.box.width < SURE_WIDTH * options->min_plate_width;
}

/* Keeps the candidates that were looked at and found again, in order */
static void
examine_candidates (AnprPlateDetector *detector, const AnprLuma *luma,
    const AnprDetectOptions *options, guint max_looks, guint n_scales)
{
  Candidate *candidates = detector->candidates;
  guint n_kept = 0, n_looks = 0;

  for (guint i = 0; i < detector->n_candidates; i++) {
    if (!candidates[i].look || is_too_narrow (&candidates[i], options))
      continue;
    /* the known ones do not count: whoever knows them bounds them */
    if (candidates[i].known < 0 && n_looks++ >= max_looks)
      break;
    if (examine (detector, luma, n_scales, &candidates[i])
        && candidates[i].plate.score >= options->threshold
        && candidates[i].plate.box.width >= options->min_plate_width
        && is_in_place (&candidates[i].plate.box, options, luma))
      candidates[n_kept++] = candidates[i];
  }
  detector->n_candidates = n_kept;
}

static gboolean
clip (AnprDetection *plate, const AnprLuma *luma)
{
  for (guint corner = 0; corner < 4; corner++) {
    plate->quad.x[corner] = CLAMP (plate->quad.x[corner], 0, luma->width);
    plate->quad.y[corner] = CLAMP (plate->quad.y[corner], 0, luma->height);
  }
  return anpr_box_clip (&plate->box, luma->width, luma->height);
}

/* The plates first that are known: they shall not swap for another box */
static guint
give_plates (AnprPlateDetector *detector, const AnprLuma *luma,
    AnprKnownPlate *known, AnprDetection *plates, guint n_plates)
{
  guint n_given = 0;

  join_candidates (detector);
  for (guint i = 0; i < detector->n_candidates && n_given < n_plates; i++) {
    Candidate *candidate = &detector->candidates[i];

    if (!clip (&candidate->plate, luma))
      continue;
    plates[n_given++] = candidate->plate;
    if (candidate->known < 0)
      continue;
    known[candidate->known].plate = candidate->plate;
    known[candidate->known].found = TRUE;
  }
  return n_given;
}

/**
 * anpr_plate_detector_look: (skip)
 * @detector: a detector
 * @luma: the picture, each side 1..%ANPR_MAX_SIDE pixels
 * @options: what to look for
 * @survey: where to look for plates; may be empty
 * @max_looks: most candidates of the survey to be looked at closely
 * @n_scales: on how many scales each, 1..%ANPR_DETECTOR_MAX_SCALES
 * @known: (inout) (array length=n_known): plates known already
 * @n_known: at most %ANPR_DETECTOR_MAX_PLATES
 * @plates: (out) (array length=n_plates): the plates, those known first, in
 *     the order of @known, then the others, likeliest first
 * @n_plates: room in @plates
 *
 * Returns: how many plates were found
 */
guint
anpr_plate_detector_look (AnprPlateDetector *detector, const AnprLuma *luma,
    const AnprDetectOptions *options, const AnprSurvey *survey, guint max_looks,
    guint n_scales, AnprKnownPlate *known, guint n_known, AnprDetection *plates,
    guint n_plates)
{
  g_return_val_if_fail (n_scales <= ANPR_DETECTOR_MAX_SCALES, 0);
  g_return_val_if_fail (luma->stride >= luma->width, 0);
  g_return_val_if_fail (n_known <= ANPR_DETECTOR_MAX_PLATES, 0);

  take_known (detector, known, n_known);
  take_survey (detector, luma, options, survey);
  join_candidates (detector);
  examine_candidates (detector, luma, options, max_looks, n_scales);
  return give_plates (
      detector, luma, known, plates, MIN (n_plates, options->max_plates));
}

/**
 * anpr_plate_detector_find: (skip)
 * @detector: a detector
 * @luma: the picture, each side 1..%ANPR_MAX_SIDE pixels
 * @options: what to look for
 * @plates: (out) (array length=n_plates): the plates, likeliest first
 * @n_plates: room in @plates
 *
 * A thorough look at a picture of which nothing is known.
 *
 * Returns: how many plates were found
 */
guint
anpr_plate_detector_find (AnprPlateDetector *detector, const AnprLuma *luma,
    const AnprDetectOptions *options, AnprDetection *plates, guint n_plates)
{
  anpr_survey_plan (
      &detector->survey, luma->width, luma->height, options->min_plate_width);
  return anpr_plate_detector_look (detector, luma, options, &detector->survey,
      MAX_LOOKS, ANPR_DETECTOR_MAX_SCALES, NULL, 0, plates, n_plates);
}

/**
 * anpr_plate_detector_get_cost: (skip)
 *
 * Returns: pixels of network input run so far
 */
guint64
anpr_plate_detector_get_cost (const AnprPlateDetector *detector)
{
  return detector->cost;
}
