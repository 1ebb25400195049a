/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Which looks at the frames of a stream are worth their cost?
 *
 *   motiongate     what has changed since the last survey?
 *   thorough look  of a picture of which nothing is known: the first one, one
 *                  that comes LONG_PAUSE after the one before, a cut
 *   quick survey   of the area that has changed, every SURVEY_INTERVAL while
 *                  something changes, after a dear one DEAR_INTERVAL later;
 *                  once more of the whole picture when it has come to rest
 *                  What a vehicle changes whose plate is followed belongs to the
 *                  area only every EXPLAINED_INTERVAL
 *   platefollow    closer looks at the plates of the last frames, in every frame
 *
 * Nothing is looked at while nothing changes, but for plates in view.
 *
 * Budget: each 40 ms bring BUDGET pixels of network input; what is not used is
 * kept, up to BUDGET_KEPT, or what the last frame brought. Each look is paid from it. A survey may run up a
 * debt, and the next one waits until it is paid. While there is debt,
 * LOOKS_IN_DEBT plates a frame are followed, which cost less than a frame
 * brings; otherwise as many as can be paid. So the mean cost of a second is 25
 * times BUDGET at most, whatever the number of frames. Where these are SLOW
 * plates jump too far to be followed, and each frame is surveyed. Thorough looks are beside it; of a picture that is
 * followed by others at short times there is one a LONG_PAUSE at most.
 *
 * Times are those of the frames, never of a clock: the same stream gives the
 * same plates each time. One thread at a time. */

#include "platewatch.h"
#include "motiongate.h"
#include "platefollow.h"

#define MILLISECOND G_GUINT64_CONSTANT (1000000)

/* Pixels of network input a frame of 25 a second. 26 ns each where decoding a
 * 1080p frame takes 2.8 ms: half of that */
#define BUDGET 56000
#define BUDGET_TIME (40 * MILLISECOND)
#define BUDGET_KEPT (2 * BUDGET)

/* Plates followed in a frame for which there is no budget left */
#define LOOKS_IN_DEBT 4

/* From survey to survey of what moves, from the last change to the survey of
 * what has come to rest; so long as a look at each is worth it, frames are
 * single pictures */
#define SURVEY_INTERVAL (240 * MILLISECOND)
#define DEAR_INTERVAL (480 * MILLISECOND)
#define EXPLAINED_INTERVAL (960 * MILLISECOND)
#define REST_INTERVAL (480 * MILLISECOND)
#define LONG_PAUSE (500 * MILLISECOND)
#define SLOW (100 * MILLISECOND)

/* Pixels of network input from which on a survey is dear: it takes the largest
 * view. What moves is near then, and was seen while it was far, or it is
 * several vehicles that are in view for long. */
#define DEAR_SURVEY (640 * 384)

/* Plates followed from which on traffic is dense: vehicles hide each other, and
 * what moves may be any of them. Then no survey is saved. */
#define DENSE_TRAFFIC 3

/* What a vehicle moves of the picture, around its plate, in widths of this: to
 * the sides, above, and below with its shadow. The next lane is farther off. */
#define REACH_BESIDE 4.0
#define REACH_ABOVE 5.0
#define REACH_BELOW 2.5

/* Least time from one thorough look to the next because of a cut */
#define CUT_INTERVAL (1000 * MILLISECOND)

/* Candidates of a quick survey that are looked at closely, and on how many
 * scales */
#define MAX_LOOKS 4
#define N_SCALES 2

struct _AnprPlateWatch {
  AnprPlateDetector *detector;
  AnprMotionGate gate;
  AnprPlateFollow follow;
  AnprSurvey survey;
  AnprKnownPlate known[ANPR_DETECTOR_MAX_PLATES];
  gboolean started;
  gboolean restless; /* something changed since the picture was at rest */
  guint64 last_time;
  guint64 elapsed;     /* from the frame before to this one */
  guint64 surveyed;    /* all that moved */
  guint64 survey_cost; /* of the views of the last survey */
  guint64 kept;        /* when the gate's picture was */
  /* reaches of the plates followed: when that was, and from n_kept on now */
  AnprBox reaches[2 * ANPR_DETECTOR_MAX_PLATES];
  guint n_kept;
  guint64 thorough;
  gint64 balance;
};

/**
 * anpr_plate_watch_new: (skip)
 * @model: a detector's model
 * @error: %ANPR_ERROR_MODEL_FILE
 *
 * Returns: (transfer full) (nullable): a watch that has seen nothing
 */
AnprPlateWatch *
anpr_plate_watch_new (AnprModel *model, GError **error)
{
  AnprPlateDetector *detector = anpr_plate_detector_new (model, error);
  AnprPlateWatch *watch;

  if (!detector)
    return NULL;
  watch = g_new0 (AnprPlateWatch, 1);
  watch->detector = detector;
  return watch;
}

/**
 * anpr_plate_watch_free: (skip)
 * @watch: (nullable) (transfer full): a watch
 */
void
anpr_plate_watch_free (AnprPlateWatch *watch)
{
  if (!watch)
    return;
  anpr_plate_detector_free (watch->detector);
  anpr_motion_gate_clear (&watch->gate);
  g_free (watch);
}

/**
 * anpr_plate_watch_forget: (skip)
 * @watch: a watch
 *
 * The next frame is the first of a new stream, or is looked at with other
 * options.
 */
void
anpr_plate_watch_forget (AnprPlateWatch *watch)
{
  anpr_motion_gate_clear (&watch->gate);
  watch->follow.n_plates = 0;
  watch->started = FALSE;
}

static guint
find_reaches (const AnprPlateFollow *follow, AnprBox *reaches)
{
  for (guint i = 0; i < follow->n_plates; i++) {
    const AnprBox *plate = &follow->plates[i].last.box;

    reaches[i] = (AnprBox){
      .x = plate->x - REACH_BESIDE * plate->width,
      .y = plate->y - REACH_ABOVE * plate->width,
      .width = (1 + 2 * REACH_BESIDE) * plate->width,
      .height = (REACH_ABOVE + REACH_BELOW) * plate->width + plate->height,
    };
  }
  return follow->n_plates;
}

/* The picture to compare those to come with */
static void
keep (AnprPlateWatch *watch, guint64 time)
{
  anpr_motion_gate_keep (&watch->gate);
  watch->kept = time;
  watch->n_kept = find_reaches (&watch->follow, watch->reaches);
}

/* Whether what moves cannot be told from what is followed */
static gboolean
is_dense (const AnprPlateWatch *watch)
{
  return watch->follow.n_plates >= DENSE_TRAFFIC || watch->elapsed >= SLOW;
}

/* Where something changed that no followed vehicle explains; FALSE if nowhere */
static gboolean
find_unexplained (AnprPlateWatch *watch, AnprBox *area)
{
  guint n = watch->n_kept;

  n += find_reaches (&watch->follow, watch->reaches + n);
  return anpr_motion_gate_find_area (&watch->gate, watch->reaches, n, area);
}

static guint
look_thoroughly (AnprPlateWatch *watch, const AnprLuma *luma, guint64 time,
    const AnprDetectOptions *options, AnprDetection *plates, guint n_plates)
{
  guint n_found = anpr_plate_detector_find (
      watch->detector, luma, options, plates, n_plates);

  watch->follow.n_plates = 0;
  anpr_plate_follow_update (&watch->follow, time, NULL, plates, n_found);
  keep (watch, time);
  watch->surveyed = watch->thorough = time;
  watch->survey_cost = 0;
  watch->balance = 0;
  watch->restless = FALSE;
  return n_found;
}

/* Whether this is another picture than the one before, not its successor */
static gboolean
is_new_picture (
    const AnprPlateWatch *watch, const AnprMotion *motion, guint64 time)
{
  if (!watch->started)
    return TRUE;
  if (motion->cut && time - watch->thorough >= CUT_INTERVAL)
    return TRUE;
  return motion->moved && time - watch->last_time >= LONG_PAUSE;
}

/* How long after the last survey there is another */
static guint64
survey_interval (const AnprPlateWatch *watch, const AnprMotion *motion)
{
  if (!motion->moved)
    return REST_INTERVAL;
  if (watch->elapsed >= SLOW)
    return 0;
  return watch->survey_cost >= DEAR_SURVEY && !is_dense (watch)
             ? DEAR_INTERVAL
             : SURVEY_INTERVAL;
}

/* The area to survey. That of all that moved now and then, and in dense
 * traffic always; else what followed vehicles do not explain. FALSE for none */
static gboolean
choose_area (AnprPlateWatch *watch, const AnprMotion *motion, guint64 time,
    AnprBox *area)
{
  *area = (AnprBox){ 0, 0, watch->gate.width, watch->gate.height };
  if (motion->moved)
    *area = motion->area;
  if (motion->moved && !is_dense (watch)
      && time - watch->surveyed < EXPLAINED_INTERVAL)
    return find_unexplained (watch, area);
  watch->surveyed = time;
  return TRUE;
}

/* Plans the survey that is due, if one is */
static void
plan_survey (AnprPlateWatch *watch, const AnprLuma *luma,
    const AnprMotion *motion, guint64 time, const AnprDetectOptions *options)
{
  AnprBox area;

  watch->survey.n_views = 0;
  if (watch->balance < 0 || (!motion->moved && !watch->restless)
      || time - watch->kept < survey_interval (watch, motion))
    return;
  if (choose_area (watch, motion, time, &area))
    anpr_survey_plan_area (&watch->survey, luma->width, luma->height,
        options->min_plate_width, &area);
  watch->survey_cost = anpr_survey_get_cost (&watch->survey);
  watch->restless = motion->moved;
  keep (watch, time);
}

/* How many plates can be followed in this frame */
static guint
count_looks (const AnprPlateWatch *watch)
{
  const AnprNetworkSize *size = &anpr_network_sizes[ANPR_NETWORK_KNOWN];
  gint64 looks = watch->balance / (gint64) (size->width * size->height);

  return CLAMP (looks, LOOKS_IN_DEBT, ANPR_DETECTOR_MAX_PLATES);
}

static guint
count_found (const AnprKnownPlate *known, guint n_known)
{
  guint n = 0;

  for (guint i = 0; i < n_known; i++)
    n += known[i].found;
  return n;
}

static void
earn (AnprPlateWatch *watch)
{
  gint64 earned =
      (gint64) (BUDGET * MIN (watch->elapsed, LONG_PAUSE) / BUDGET_TIME);

  watch->balance = MIN (watch->balance + earned, MAX (BUDGET_KEPT, earned));
}

static guint
look_sparingly (AnprPlateWatch *watch, const AnprLuma *luma,
    const AnprMotion *motion, guint64 time, const AnprDetectOptions *options,
    AnprDetection *plates, guint n_plates)
{
  guint64 cost = anpr_plate_detector_get_cost (watch->detector);
  guint n_known, n_found, n_again;

  earn (watch);
  n_known = anpr_plate_follow_expect (
      &watch->follow, time, &watch->gate, count_looks (watch), watch->known);
  plan_survey (watch, luma, motion, time, options);
  n_found =
      anpr_plate_detector_look (watch->detector, luma, options, &watch->survey,
          MAX_LOOKS, N_SCALES, watch->known, n_known, plates, n_plates);
  n_again = count_found (watch->known, n_known);
  anpr_plate_follow_update (
      &watch->follow, time, watch->known, plates + n_again, n_found - n_again);
  watch->balance -= anpr_plate_detector_get_cost (watch->detector) - cost;
  return n_found;
}

/**
 * anpr_plate_watch_next: (skip)
 * @watch: a watch
 * @luma: the frame, each side 1..%ANPR_MAX_SIDE pixels
 * @time: of the frame, nanoseconds, later than that of the frame before
 * @mode: how to look
 * @options: what to look for; anpr_plate_watch_forget() when they change
 * @looked: (out): whether the frame was looked at
 * @plates: (out) (array length=n_plates): its plates
 * @n_plates: room in @plates, at least %ANPR_DETECTOR_MAX_PLATES
 *
 * A frame of another size is the first of a new stream.
 *
 * Returns: how many plates were found
 */
guint
anpr_plate_watch_next (AnprPlateWatch *watch, const AnprLuma *luma,
    guint64 time, AnprWatchMode mode, const AnprDetectOptions *options,
    gboolean *looked, AnprDetection *plates, guint n_plates)
{
  guint64 cost = anpr_plate_detector_get_cost (watch->detector);
  AnprMotion motion;
  guint n_found;

  if (luma->width != watch->gate.width || luma->height != watch->gate.height) {
    anpr_plate_watch_forget (watch);
    anpr_motion_gate_reset (&watch->gate, luma->width, luma->height,
        &options->include, &options->exclude);
  }
  watch->elapsed = watch->started ? time - watch->last_time : 0;
  anpr_motion_gate_compare (&watch->gate, luma, &motion);
  if (mode == ANPR_WATCH_THOROUGH || is_new_picture (watch, &motion, time))
    n_found = look_thoroughly (watch, luma, time, options, plates, n_plates);
  else
    n_found =
        look_sparingly (watch, luma, &motion, time, options, plates, n_plates);
  watch->started = TRUE;
  watch->last_time = time;
  *looked = anpr_plate_detector_get_cost (watch->detector) > cost;
  return n_found;
}

/**
 * anpr_plate_watch_get_cost: (skip)
 *
 * Returns: pixels of network input run so far
 */
guint64
anpr_plate_watch_get_cost (const AnprPlateWatch *watch)
{
  return anpr_plate_detector_get_cost (watch->detector);
}
