/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Where will the plates of the last frames be in this one, and which of them
 * are worth a look?
 *
 * A plate is expected where its velocity between the last two looks takes it.
 * One that has stayed in its place for PARKED_AFTER is parked: it is looked at
 * every PARKED_INTERVAL only, often enough for a tracker that forgets a plate
 * after a second, and when the picture changes there; it is not told of in
 * between. A plate looked for MAX_MISSED times in vain is forgotten: if it is
 * still there, a survey finds it again.
 *
 * Where not all that are due can be looked at, those go first that were not for
 * the longest time.
 *
 * This is no tracker: a plate has no number and no history, see platetrack.
 * Plain data, no memory taken. */

#include "platefollow.h"
#include <string.h>

/* A plate that moves no more than this, in its widths and in pixels beside, has
 * not moved */
#define STILL_WIDTHS 0.05
#define STILL_PIXELS 1.0

#define PARKED_AFTER (1000 * G_GUINT64_CONSTANT (1000000))
#define PARKED_INTERVAL (480 * G_GUINT64_CONSTANT (1000000))

#define MAX_MISSED 3

static gdouble
middle_x (const AnprBox *box)
{
  return box->x + box->width / 2;
}

static gdouble
middle_y (const AnprBox *box)
{
  return box->y + box->height / 2;
}

static void
expect_plate (
    const AnprFollowed *followed, guint64 time, AnprDetection *expected)
{
  gdouble elapsed = time - followed->seen;
  gdouble x = followed->velocity_x * elapsed;
  gdouble y = followed->velocity_y * elapsed;

  *expected = followed->last;
  expected->box.x += x;
  expected->box.y += y;
  for (guint corner = 0; corner < 4; corner++) {
    expected->quad.x[corner] += x;
    expected->quad.y[corner] += y;
  }
}

static gboolean
is_due (const AnprFollowed *followed, guint64 time, const AnprMotionGate *gate)
{
  return followed->seen - followed->anchored < PARKED_AFTER
         || time - followed->looked >= PARKED_INTERVAL
         || anpr_motion_gate_has_changed (gate, &followed->last.box);
}

/* The plate not looked at for the longest time among those due and not chosen,
 * -1 if there is none */
static gint
find_oldest (const AnprPlateFollow *follow, guint64 time,
    const AnprMotionGate *gate, const AnprKnownPlate *known)
{
  gint oldest = -1;

  for (guint i = 0; i < follow->n_plates; i++)
    if (!known[i].look && is_due (&follow->plates[i], time, gate)
        && (oldest < 0
            || follow->plates[i].looked < follow->plates[oldest].looked))
      oldest = i;
  return oldest;
}

/**
 * anpr_plate_follow_expect: (skip)
 * @follow: plates of the frames before
 * @time: of this frame, nanoseconds, later than that of the frames before
 * @gate: has compared this frame
 * @max_looks: most plates to look at
 * @known: (out): a place for each plate followed, at most
 *     %ANPR_DETECTOR_MAX_PLATES: where it is expected, and whether to look
 *
 * Returns: how many plates are followed
 */
guint
anpr_plate_follow_expect (const AnprPlateFollow *follow, guint64 time,
    const AnprMotionGate *gate, guint max_looks, AnprKnownPlate *known)
{
  for (guint i = 0; i < follow->n_plates; i++) {
    known[i] = (AnprKnownPlate){ .look = FALSE };
    expect_plate (&follow->plates[i], time, &known[i].plate);
  }
  for (guint n = 0; n < max_looks; n++) {
    gint oldest = find_oldest (follow, time, gate, known);

    if (oldest < 0)
      break;
    known[oldest].look = TRUE;
  }
  return follow->n_plates;
}

static void
see_plate (AnprFollowed *followed, const AnprDetection *plate, guint64 time)
{
  gdouble elapsed = time - followed->seen;
  gdouble still = STILL_WIDTHS * plate->box.width + STILL_PIXELS;
  gdouble away_x = middle_x (&plate->box) - middle_x (&followed->anchor);
  gdouble away_y = middle_y (&plate->box) - middle_y (&followed->anchor);

  followed->velocity_x =
      (middle_x (&plate->box) - middle_x (&followed->last.box)) / elapsed;
  followed->velocity_y =
      (middle_y (&plate->box) - middle_y (&followed->last.box)) / elapsed;
  if (ABS (away_x) > still || ABS (away_y) > still) {
    followed->anchor = plate->box;
    followed->anchored = time;
  }
  followed->last = *plate;
  followed->seen = time;
  followed->n_missed = 0;
}

/* @known tells about the plates in their order; those gone make room */
static void
update_known (
    AnprPlateFollow *follow, guint64 time, const AnprKnownPlate *known)
{
  guint n_kept = 0;

  for (guint i = 0; i < follow->n_plates; i++) {
    AnprFollowed followed = follow->plates[i];

    if (known[i].look) {
      followed.looked = time;
      followed.n_missed++;
    }
    if (known[i].found)
      see_plate (&followed, &known[i].plate, time);
    if (followed.n_missed < MAX_MISSED)
      follow->plates[n_kept++] = followed;
  }
  follow->n_plates = n_kept;
}

/**
 * anpr_plate_follow_update: (skip)
 * @follow: plates of the frames before
 * @time: of this frame, as was told to anpr_plate_follow_expect()
 * @known: what that gave, with what was found
 * @fresh: (array length=n_fresh): plates not known before
 * @n_fresh: how many; those for which there is no room are not followed
 */
void
anpr_plate_follow_update (AnprPlateFollow *follow, guint64 time,
    const AnprKnownPlate *known, const AnprDetection *fresh, guint n_fresh)
{
  update_known (follow, time, known);
  for (guint i = 0; i < n_fresh && follow->n_plates < ANPR_DETECTOR_MAX_PLATES;
       i++)
    follow->plates[follow->n_plates++] = (AnprFollowed){
      .last = fresh[i],
      .seen = time,
      .anchor = fresh[i].box,
      .anchored = time,
      .looked = time,
    };
}
