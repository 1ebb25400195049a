/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Following plates from frame to frame.
 *
 * A track predicts where its plate will be by the velocity between its last two
 * sightings. A detection and a track agree by the IoU of their boxes, made as
 * high as they are wide first: plates are flat, and a plate that moved by its
 * own height is the same one. The best agreeing pair is taken first, then the
 * next among the rest, until no pair agrees; what is left starts a track.
 *
 * A detection that lies on a plate already taken in this frame is a part of it
 * or a frame around it, and starts no track: it keeps track id 0 and state
 * update, so that nobody takes it for a vehicle of its own.
 *
 * A track is tentative until it was seen in min_reads frames: its plates carry
 * a track id and no passage. Then it gets its passage. A track not seen for
 * max_gap is lost; a tentative one leaves nothing behind.
 *
 * One thread at a time. Memory is bounded by ANPR_TRACKER_MAX_TRACKS.
 */

#include "tracker.h"

#include <string.h>

/* Least IoU of the heightened boxes: a plate may move by half its width beside
 * the prediction */
#define LEAST_AGREEMENT 0.2
/* The same plate does not change its width by more from sighting to sighting */
#define LARGEST_RATIO 1.8
/* Change of width over a track that tells coming from going */
#define DIRECTION_GROWTH 1.15
/* Two plates of one frame do not cover each other by more than this */
#define LARGEST_COVER 0.4

typedef struct {
  guint64 id;
  guint n_seen;
  guint64 last_time;
  AnprMoment first_moment;
  AnprBox first;
  AnprBox last;
  gdouble velocity_x; /* pixels a nanosecond, of the box's centre */
  gdouble velocity_y;
  gboolean matched;
  AnprPlate *plate; /* the last sighting, owned */
} Track;

struct _AnprTracker {
  GArray *tracks;
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
  tracker->next_id = 1;
  return tracker;
}

void
anpr_tracker_free (AnprTracker *tracker)
{
  if (!tracker)
    return;
  g_array_unref (tracker->tracks);
  g_free (tracker);
}

static Track *
get_track (const AnprTracker *tracker, guint i)
{
  return &g_array_index (tracker->tracks, Track, i);
}

static gdouble
centre_x (const AnprBox *box)
{
  return box->x + box->width / 2;
}

static gdouble
centre_y (const AnprBox *box)
{
  return box->y + box->height / 2;
}

static AnprBox
heightened (const AnprBox *box)
{
  AnprBox square = *box;

  if (box->height < box->width) {
    square.y = centre_y (box) - box->width / 2;
    square.height = box->width;
  }
  return square;
}

static AnprBox
predict (const Track *track, guint64 now)
{
  gdouble elapsed = now > track->last_time ? now - track->last_time : 0;
  AnprBox box = track->last;

  box.x += track->velocity_x * elapsed;
  box.y += track->velocity_y * elapsed;
  return heightened (&box);
}

static gdouble
agreement (const Track *track, const AnprPlate *plate, guint64 now)
{
  AnprBox expected = predict (track, now);
  AnprBox seen = heightened (&plate->box);
  gdouble ratio = plate->box.width / track->last.width;

  if (ratio > LARGEST_RATIO || ratio < 1 / LARGEST_RATIO)
    return 0;
  return anpr_box_iou (&expected, &seen);
}

/* The best pair of a track and a plate that are both free, FALSE if none
 * agrees. Ties go to the older track and the earlier plate, so that the same
 * input always gives the same tracks. */
static gboolean
find_best_pair (const AnprTracker *tracker, const GPtrArray *plates,
    guint64 now, guint *best_track, guint *best_plate)
{
  gdouble best = LEAST_AGREEMENT;
  gboolean found = FALSE;

  for (guint t = 0; t < tracker->tracks->len; t++) {
    const Track *track = get_track (tracker, t);

    if (track->matched)
      continue;
    for (guint p = 0; p < plates->len; p++) {
      const AnprPlate *plate = g_ptr_array_index (plates, p);
      gdouble value;

      if (plate->track_id != 0)
        continue;
      value = agreement (track, plate, now);
      if (value > best) {
        best = value;
        *best_track = t;
        *best_plate = p;
        found = TRUE;
      }
    }
  }
  return found;
}

static void
set_velocity (Track *track, const AnprBox *box, guint64 now)
{
  gdouble elapsed = now > track->last_time ? now - track->last_time : 0;

  if (elapsed <= 0)
    return;
  track->velocity_x = (centre_x (box) - centre_x (&track->last)) / elapsed;
  track->velocity_y = (centre_y (box) - centre_y (&track->last)) / elapsed;
}

static gdouble
side_of_line (const AnprDirectionLine *line, gdouble x, gdouble y)
{
  return (line->x[1] - line->x[0]) * (y - line->y[0])
         - (line->y[1] - line->y[0]) * (x - line->x[0]);
}

static AnprDirection
line_direction (
    const Track *track, const AnprDirectionLine *line, guint w, guint h)
{
  gdouble before = side_of_line (
      line, centre_x (&track->first) / w, centre_y (&track->first) / h);
  gdouble after = side_of_line (
      line, centre_x (&track->last) / w, centre_y (&track->last) / h);

  if (before < 0 && after > 0)
    return ANPR_DIRECTION_IN;
  if (before > 0 && after < 0)
    return ANPR_DIRECTION_OUT;
  return ANPR_DIRECTION_UNKNOWN;
}

static AnprDirection
growth_direction (const Track *track)
{
  gdouble growth = track->last.width / track->first.width;

  if (growth > DIRECTION_GROWTH)
    return ANPR_DIRECTION_IN;
  if (growth < 1 / DIRECTION_GROWTH)
    return ANPR_DIRECTION_OUT;
  return ANPR_DIRECTION_UNKNOWN;
}

static void
set_direction (
    Track *track, const AnprDirectionLine *line, guint width, guint height)
{
  AnprDirection direction = line->set
                                ? line_direction (track, line, width, height)
                                : growth_direction (track);

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
see (Track *track, AnprPlate *plate, const AnprTrackerOptions *options,
    const AnprMoment *moment, guint64 now)
{
  gboolean fresh = FALSE;

  if (track->n_seen > 0)
    set_velocity (track, &plate->box, now);
  track->last = plate->box;
  track->last_time = now;
  track->matched = TRUE;
  track->n_seen++;

  plate->track_id = track->id;
  if (track->plate && track->plate->passage) {
    plate->passage = anpr_passage_ref (track->plate->passage);
  } else if (track->n_seen >= options->min_reads) {
    plate->passage = anpr_passage_new (&track->first_moment);
    fresh = TRUE;
  }
  plate->track_state = fresh ? ANPR_TRACK_NEW : ANPR_TRACK_UPDATE;
  if (plate->passage)
    anpr_passage_see (plate->passage, moment, &plate->box, plate->confidence);
  remember (track, plate);
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
  track.first = plate->box;
  track.first_moment = *moment;
  see (&track, plate, options, moment, now);
  plate->track_state = ANPR_TRACK_NEW;
  g_array_append_val (tracker->tracks, track);
  tracker->n_started++;
}

static void
lose (AnprTracker *tracker, guint i, GPtrArray *lost)
{
  Track *track = get_track (tracker, i);

  if (track->plate->passage) {
    AnprPlate *plate = g_steal_pointer (&track->plate);

    plate->track_state = ANPR_TRACK_LOST;
    g_ptr_array_add (lost, plate);
  }
  g_array_remove_index (tracker->tracks, i);
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
 */
void
anpr_tracker_update (AnprTracker *tracker, const AnprTrackerOptions *options,
    const AnprMoment *moment, guint64 now, guint width, guint height,
    GPtrArray *plates, GPtrArray *lost)
{
  guint t, p;

  for (t = 0; t < tracker->tracks->len; t++)
    get_track (tracker, t)->matched = FALSE;
  while (find_best_pair (tracker, plates, now, &t, &p)) {
    Track *track = get_track (tracker, t);

    see (track, g_ptr_array_index (plates, p), options, moment, now);
    if (track->plate->passage)
      set_direction (track, &options->line, width, height);
  }
  for (p = 0; p < plates->len; p++) {
    AnprPlate *plate = g_ptr_array_index (plates, p);

    if (plate->track_id != 0)
      continue;
    if (is_part_of_another (plates, plate))
      plate->track_state = ANPR_TRACK_UPDATE;
    else
      start_track (tracker, plate, options, moment, now);
  }
  for (t = tracker->tracks->len; t > 0; t--)
    if (now > get_track (tracker, t - 1)->last_time + options->max_gap)
      lose (tracker, t - 1, lost);
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

/**
 * anpr_direction_line_parse: (skip)
 * @text: (nullable): "x1,y1 x2,y2", each 0..1; %NULL or empty unsets the line
 * @line: (out): the line
 *
 * Returns: %FALSE, and leaves @line alone, if @text is no line
 */
gboolean
anpr_direction_line_parse (const gchar *text, AnprDirectionLine *line)
{
  AnprDirectionLine parsed = { .set = TRUE };
  gdouble *const values[] = { &parsed.x[0], &parsed.y[0], &parsed.x[1],
    &parsed.y[1] };
  const gchar separators[] = { ',', ' ', ',', '\0' };
  const gchar *p = text;

  if (!text || text[0] == '\0') {
    line->set = FALSE;
    return TRUE;
  }
  for (guint i = 0; i < G_N_ELEMENTS (values); i++) {
    gchar *end;

    *values[i] = g_ascii_strtod (p, &end);
    if (end == p || *end != separators[i] || !(*values[i] >= 0)
        || *values[i] > 1)
      return FALSE;
    p = end + 1;
  }
  if (parsed.x[0] == parsed.x[1] && parsed.y[0] == parsed.y[1])
    return FALSE;
  *line = parsed;
  return TRUE;
}
