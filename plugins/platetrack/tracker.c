/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Following plates from frame to frame.
 *
 * Each track tells where its plate can be by now (platemotion.h). The pairs of
 * tracks and detections are chosen all at once, as many as are possible and the
 * likeliest in sum (assignment.h): vehicles that meet, or drive side by side,
 * do not take each other's plates because one of them was looked at first. What
 * is left starts a track.
 *
 * A detection that lies within a plate that is expected and was not found is the
 * part of it that can be seen. One that lies on a plate already taken in this
 * frame is a part of it or a frame around it, and starts no track: it keeps
 * track id 0 and state update, so that nobody takes it for a vehicle of its own.
 *
 * A track is tentative until it was seen in min_reads frames: its plates carry
 * a track id and no passage. Then it gets its passage. A track not seen for
 * max_gap is not looked for any more. It is lost then, a tentative one leaving
 * nothing behind; but one with a text is absent first, until max_absence: it may
 * be hidden by a lorry, and nobody can say where it comes back. If its text is
 * read again by then, the passages become one (passagegroup.h), and so do the
 * tracks.
 *
 * Lettering, couplings, railings and trees are detected too. What has no text
 * is told to be scenery when it is lost, if it never went anywhere, or rode
 * along with a plate that has one, as a part of that vehicle does.
 *
 * One thread at a time. Memory is bounded by ANPR_TRACKER_MAX_TRACKS.
 */

#include "tracker.h"
#include "assignment.h"
#include "platemotion.h"
#include "../record/passagegroup.h"

#include <math.h>
#include <string.h>

/* Two plates of one frame do not cover each other by more than this */
#define LARGEST_COVER 0.4
/* Frames, and nanoseconds, after which one that is not seen may be hidden */
#define LONG_UNSEEN_FRAMES 4
#define LONG_UNSEEN (300 * G_GUINT64_CONSTANT (1000000))
/* Widths that a plate nobody could read has to go to be a vehicle's, and the
 * frames it has to be seen in */
#define LEAST_TRAVEL 1.0
#define LEAST_SIGHTINGS 3
/* The reach of a vehicle around its plate, in widths of this: to the sides,
 * above and below */
#define REACH_BESIDE 2.5
#define REACH_ABOVE 2.8
#define REACH_BELOW 1.5
/* What rides along keeps its place there, in the same widths */
#define LARGEST_DRIFT 0.4

/* Something that keeps its place beside a plate with a text: that track, its
 * place when this began, in widths from that plate's middle, and in how many
 * frames it was seen there */
typedef struct {
  guint64 id;
  gdouble x;
  gdouble y;
  guint n_frames;
} Companion;

typedef struct {
  guint64 id;
  guint n_seen;
  guint64 last_time;
  AnprMoment first_moment;
  AnprPlateMotion motion;
  AnprPlateMotion expected; /* in the present frame */
  AnprPlatePath path;
  Companion companion;
  guint n_unseen;   /* frames since it was seen, 0 in the present one */
  gboolean absent;  /* not looked for any more */
  AnprPlate *plate; /* the last sighting, owned */
} Track;

struct _AnprTracker {
  GArray *tracks;
  AnprPassageGroup *group;
  guint64 next_id;
  guint64 n_started;
  guint64 n_dropped;
};

static void
track_clear (Track *track)
{
  g_clear_pointer (&track->plate, anpr_plate_free);
}

AnprTracker *
anpr_tracker_new (void)
{
  AnprTracker *tracker = g_new0 (AnprTracker, 1);

  tracker->tracks = g_array_new (FALSE, TRUE, sizeof (Track));
  g_array_set_clear_func (tracker->tracks, (GDestroyNotify) track_clear);
  tracker->group = anpr_passage_group_new ();
  tracker->next_id = 1;
  return tracker;
}

void
anpr_tracker_free (AnprTracker *tracker)
{
  if (!tracker)
    return;
  g_array_unref (tracker->tracks);
  anpr_passage_group_free (tracker->group);
  g_free (tracker);
}

static Track *
get_track (const AnprTracker *tracker, guint i)
{
  return &g_array_index (tracker->tracks, Track, i);
}

static AnprPassage *
passage_of (const Track *track)
{
  return track->plate ? track->plate->passage : NULL;
}

static gboolean
has_text (const Track *track)
{
  return passage_of (track) && anpr_passage_has_text (passage_of (track));
}

/* --- one vehicle, one track ---------------------------------------------- */

/* A track whose passage has become another's takes that one's place */
static void
join (AnprTracker *tracker, guint older, guint newer)
{
  Track *old = get_track (tracker, older), *track = get_track (tracker, newer);

  track->id = old->id;
  track->first_moment = old->first_moment;
  anpr_plate_path_prepend (&track->path, &old->path);
  track->plate->track_id = old->id;
  g_array_remove_index (tracker->tracks, older);
}

static gboolean
share_passage (const Track *a, const Track *b)
{
  return passage_of (a) && passage_of (b)
         && anpr_passage_is_same (passage_of (a), passage_of (b));
}

/* Plates read since the last frame may have shown that a vehicle is one seen
 * before */
static void
join_tracks (AnprTracker *tracker)
{
  for (guint newer = tracker->tracks->len; newer-- > 1;)
    for (guint older = newer; older-- > 0;)
      if (share_passage (
              get_track (tracker, older), get_track (tracker, newer))) {
        join (tracker, older, newer);
        newer--;
      }
}

/* --- pairs of tracks and plates ------------------------------------------ */

static void
expect (AnprTracker *tracker, guint64 now)
{
  for (guint t = 0; t < tracker->tracks->len; t++) {
    Track *track = get_track (tracker, t);

    track->n_unseen++;
    track->expected = track->motion;
    anpr_plate_motion_predict (&track->expected, now);
  }
}

/* Long unseen, a track with a text is looked for nearby only: what is farther
 * off is more likely the vehicle that hid it. Should it be this one, its text
 * will tell. */
static gboolean
may_be (const Track *track, const AnprBox *box, guint64 now, gdouble *cost)
{
  if (track->absent || !anpr_plate_motion_expects (&track->expected, box, cost))
    return FALSE;
  return track->n_unseen <= LONG_UNSEEN_FRAMES
         || now - track->last_time <= LONG_UNSEEN || !has_text (track)
         || anpr_plate_motion_is_near (&track->expected, box);
}

/* The track of each of the first n plates, -1 for none */
static void
pair (const AnprTracker *tracker, const GPtrArray *plates, guint n, guint64 now,
    gint *tracks)
{
  guint n_tracks = tracker->tracks->len;
  g_autofree gdouble *costs = g_new (gdouble, MAX (1, n * n_tracks));

  for (guint p = 0; p < n; p++) {
    const AnprPlate *plate = g_ptr_array_index (plates, p);

    for (guint t = 0; t < n_tracks; t++) {
      gdouble *cost = &costs[p * n_tracks + t];

      if (!may_be (get_track (tracker, t), &plate->box, now, cost))
        *cost = ANPR_ASSIGNMENT_NEVER;
    }
  }
  anpr_assignment_solve (costs, n, n_tracks, tracks);
}

static void
set_direction (
    Track *track, const AnprTrackerOptions *options, guint width, guint height)
{
  AnprDirection direction = anpr_plate_path_get_direction (
      &track->path, &options->line, width, height);

  if (direction != ANPR_DIRECTION_UNKNOWN)
    anpr_passage_set_direction (track->plate->passage, direction);
}

static void
remember (Track *track, const AnprPlate *plate)
{
  anpr_plate_free (track->plate);
  track->plate = anpr_plate_copy (plate);
}

/* The plate is one more sighting of the track. */
static void
see (AnprTracker *tracker, Track *track, AnprPlate *plate,
    const AnprTrackerOptions *options, const AnprMoment *moment, guint64 now)
{
  gboolean fresh = FALSE;

  track->last_time = now;
  track->n_unseen = 0;
  track->n_seen++;

  plate->track_id = track->id;
  /* it may have been through another tracker */
  g_clear_pointer (&plate->passage, anpr_passage_unref);
  if (passage_of (track)) {
    plate->passage = anpr_passage_ref (passage_of (track));
  } else if (track->n_seen >= options->min_reads) {
    plate->passage =
        anpr_passage_group_open (tracker->group, &track->first_moment);
    fresh = TRUE;
  }
  plate->track_state = fresh ? ANPR_TRACK_NEW : ANPR_TRACK_UPDATE;
  if (plate->passage)
    anpr_passage_see (plate->passage, moment, &plate->box, plate->confidence);
  remember (track, plate);
}

static void
see_again (AnprTracker *tracker, Track *track, AnprPlate *plate,
    const AnprTrackerOptions *options, const AnprMoment *moment, guint64 now)
{
  track->motion = track->expected;
  anpr_plate_motion_see (&track->motion, &plate->box);
  anpr_plate_path_add (&track->path, &plate->box, now);
  see (tracker, track, plate, options, moment, now);
}

/* Of a plate partly hidden, or cut off by the picture's edge, only that it is
 * still there is learnt. */
static void
see_part (AnprTracker *tracker, AnprPlate *plate,
    const AnprTrackerOptions *options, const AnprMoment *moment, guint64 now)
{
  for (guint t = 0; t < tracker->tracks->len; t++) {
    Track *track = get_track (tracker, t);

    if (track->n_unseen == 0 || track->absent
        || !anpr_plate_motion_has_part (&track->expected, &plate->box))
      continue;
    track->motion = track->expected;
    see (tracker, track, plate, options, moment, now);
    return;
  }
}

static gboolean
is_part_of_another (const GPtrArray *plates, const AnprPlate *plate)
{
  for (guint p = 0; p < plates->len; p++) {
    const AnprPlate *other = g_ptr_array_index (plates, p);

    if (other->track_id != 0
        && anpr_box_cover (&plate->box, &other->box) > LARGEST_COVER)
      return TRUE;
  }
  return FALSE;
}

static void
start_track (AnprTracker *tracker, AnprPlate *plate,
    const AnprTrackerOptions *options, const AnprMoment *moment, guint64 now)
{
  Track track = { 0 };

  if (tracker->tracks->len >= ANPR_TRACKER_MAX_TRACKS) {
    tracker->n_dropped++;
    plate->track_state = ANPR_TRACK_UPDATE;
    return;
  }
  track.id = tracker->next_id++;
  track.first_moment = *moment;
  anpr_plate_motion_start (&track.motion, &plate->box, now);
  anpr_plate_path_add (&track.path, &plate->box, now);
  see (tracker, &track, plate, options, moment, now);
  plate->track_state = ANPR_TRACK_NEW;
  g_array_append_val (tracker->tracks, track);
  tracker->n_started++;
}

static void
start_tracks (AnprTracker *tracker, const AnprTrackerOptions *options,
    const AnprMoment *moment, guint64 now, const GPtrArray *plates)
{
  for (guint p = 0; p < plates->len; p++) {
    AnprPlate *plate = g_ptr_array_index (plates, p);

    if (plate->track_id == 0)
      see_part (tracker, plate, options, moment, now);
    if (plate->track_id != 0)
      continue;
    if (is_part_of_another (plates, plate))
      plate->track_state = ANPR_TRACK_UPDATE;
    else
      start_track (tracker, plate, options, moment, now);
  }
}

/* --- what is no vehicle of its own --------------------------------------- */

/* Whether it is within a vehicle's reach, and where, seen from its plate */
static gboolean
is_beside (const Track *track, const Track *vehicle, gdouble *x, gdouble *y)
{
  const AnprBox *box = &track->plate->box, *plate = &vehicle->plate->box;

  *x = (box->x + box->width / 2 - plate->x - plate->width / 2) / plate->width;
  *y = (box->y + box->height / 2 - plate->y - plate->height / 2) / plate->width;
  return fabs (*x) <= REACH_BESIDE && *y >= -REACH_ABOVE && *y <= REACH_BELOW;
}

static void
accompany (Track *track, const Track *vehicle)
{
  Companion *companion = &track->companion;
  gdouble x, y;

  if (!is_beside (track, vehicle, &x, &y))
    return;
  if (companion->id == vehicle->id
      && hypot (x - companion->x, y - companion->y) <= LARGEST_DRIFT)
    companion->n_frames++;
  else if (companion->id == 0 || companion->id == vehicle->id)
    *companion = (Companion){ vehicle->id, x, y, 1 };
}

static void
find_companions (AnprTracker *tracker)
{
  for (guint t = 0; t < tracker->tracks->len; t++) {
    Track *track = get_track (tracker, t);

    if (track->n_unseen > 0 || has_text (track))
      continue;
    for (guint v = 0; v < tracker->tracks->len; v++) {
      const Track *vehicle = get_track (tracker, v);

      if (vehicle->n_unseen == 0 && v != t && has_text (vehicle))
        accompany (track, vehicle);
    }
  }
}

/* A text makes it a vehicle all the same: that is for the passage to say */
static gboolean
is_scenery (const Track *track)
{
  return track->n_seen < LEAST_SIGHTINGS
         || anpr_plate_path_get_travel (&track->path) < LEAST_TRAVEL
         || track->companion.n_frames * 2 >= track->n_seen;
}

static void
lose (AnprTracker *tracker, guint i, GPtrArray *lost)
{
  Track *track = get_track (tracker, i);

  if (track->plate->passage) {
    AnprPlate *plate = g_steal_pointer (&track->plate);

    if (is_scenery (track))
      anpr_passage_set_scenery (plate->passage);
    anpr_passage_group_leave (tracker->group, plate->passage);
    plate->track_state = ANPR_TRACK_LOST;
    g_ptr_array_add (lost, plate);
  }
  g_array_remove_index (tracker->tracks, i);
}

/* Whether the track is to be lost now; one with a text is absent first. */
static gboolean
is_over (Track *track, const AnprTrackerOptions *options, guint64 now)
{
  guint64 unseen = now - track->last_time;

  if (unseen <= options->max_gap)
    return FALSE;
  track->absent = TRUE;
  return unseen > options->max_absence || !has_text (track);
}

static void
lose_old_tracks (AnprTracker *tracker, const AnprTrackerOptions *options,
    guint64 now, GPtrArray *lost)
{
  for (guint t = tracker->tracks->len; t > 0; t--)
    if (is_over (get_track (tracker, t - 1), options, now))
      lose (tracker, t - 1, lost);
}

/* Absent tracks take no room from vehicles that are there: the oldest goes. */
static void
make_room (AnprTracker *tracker, GPtrArray *lost)
{
  guint t = 0;

  if (tracker->tracks->len < ANPR_TRACKER_MAX_TRACKS)
    return;
  while (t < tracker->tracks->len && !get_track (tracker, t)->absent)
    t++;
  if (t < tracker->tracks->len)
    lose (tracker, t, lost);
}

/**
 * anpr_tracker_update: (skip)
 * @tracker: a tracker
 * @options: may differ from call to call
 * @moment: when the frame was seen
 * @now: time of the frame in nanoseconds, never falling
 * @width: pixels of the frame
 * @height: pixels of the frame
 * @plates: (element-type AnprPlate): the frame's plates; get track id, state
 *     and passage
 * @lost: (element-type AnprPlate): plates of vehicles that are gone are added,
 *     owned by the array
 *
 * Of more plates than %ANPR_ASSIGNMENT_MAX, those beyond start tracks at most.
 */
void
anpr_tracker_update (AnprTracker *tracker, const AnprTrackerOptions *options,
    const AnprMoment *moment, guint64 now, guint width, guint height,
    GPtrArray *plates, GPtrArray *lost)
{
  guint n = MIN (plates->len, ANPR_ASSIGNMENT_MAX);
  gint tracks[ANPR_ASSIGNMENT_MAX];

  join_tracks (tracker);
  expect (tracker, now);
  pair (tracker, plates, n, now, tracks);
  for (guint p = 0; p < n; p++) {
    Track *track;

    if (tracks[p] < 0)
      continue;
    track = get_track (tracker, tracks[p]);
    see_again (
        tracker, track, g_ptr_array_index (plates, p), options, moment, now);
    if (passage_of (track))
      set_direction (track, options, width, height);
  }
  start_tracks (tracker, options, moment, now, plates);
  find_companions (tracker);
  lose_old_tracks (tracker, options, now, lost);
  make_room (tracker, lost);
}

/**
 * anpr_tracker_close: (skip)
 * @tracker: a tracker
 * @lost: (element-type AnprPlate): gets a plate of every open passage
 *
 * The stream ends or breaks off: all tracks are lost.
 */
void
anpr_tracker_close (AnprTracker *tracker, GPtrArray *lost)
{
  join_tracks (tracker);
  while (tracker->tracks->len > 0)
    lose (tracker, 0, lost);
}

guint
anpr_tracker_get_n_tracks (const AnprTracker *tracker)
{
  return tracker->tracks->len;
}

/**
 * anpr_tracker_get_n_started: (skip)
 *
 * Returns: tracks started so far, tentative ones included
 */
guint64
anpr_tracker_get_n_started (const AnprTracker *tracker)
{
  return tracker->n_started;
}

/**
 * anpr_tracker_get_n_dropped: (skip)
 *
 * Returns: plates left without a track because of the bound
 */
guint64
anpr_tracker_get_n_dropped (const AnprTracker *tracker)
{
  return tracker->n_dropped;
}
