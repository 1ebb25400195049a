/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Where a plate will be, how sure that is, and whether a box can be it.
 *
 * A Kalman filter of constant velocity (Kalman 1960; Bar-Shalom, "Estimation
 * with Applications to Tracking and Navigation", 6.2) for the middle of the box
 * and the logarithm of its width. All uncertainties are in widths of the plate:
 * a plate is 520 mm wide at whatever distance, so braking, turning and a box
 * that is a little off look alike near and far.
 *
 * A vehicle may speed up or slow down by ACCELERATION at any time, and the
 * longer it is not seen the farther it may be; a new one may have any speed. So
 * cameras of few frames a second, that drop frames, or shake are followed by
 * the same numbers. */

#include "platemotion.h"

#include <math.h>

/* Standard deviations. Of a box's middle and of the logarithm of its width, as
 * a detector gives them from frame to frame, a shaking camera included */
#define MIDDLE_NOISE 0.1
#define SIZE_NOISE 0.1
/* Of the speed of a vehicle just seen, in widths and parts a second */
#define FIRST_SPEED 12.0
#define FIRST_GROWTH 1.5
/* Of what it may speed up, in widths and parts a second a second */
#define ACCELERATION 30.0
#define GROWTH_CHANGE 4.0
/* Squared distance, in standard deviations, of three numbers: one in 500 of
 * those that belong together is farther */
#define FARTHEST_SQUARED 14.8
/* And never farther from where it is expected, in widths */
#define FARTHEST_WIDTHS 2.5
/* Nearby: so many widths, and parts of the width more or less */
#define NEAR_WIDTHS 1.0
#define NEAR_SIZE 0.3
/* A part of the plate is narrower than it by this at least, and lies within it
 * so well, in widths */
#define WIDEST_PART 0.85
#define PART_BESIDE 0.1
#define PART_ABOVE 0.25

static gdouble
square (gdouble value)
{
  return value * value;
}

static void
axis_start (
    AnprMotionAxis *axis, gdouble value, gdouble noise, gdouble rate_noise)
{
  *axis = (AnprMotionAxis){
    .value = value,
    .value_variance = square (noise),
    .rate_variance = square (rate_noise),
  };
}

static void
axis_predict (AnprMotionAxis *axis, gdouble seconds, gdouble change)
{
  gdouble drift = square (change * seconds);

  axis->value += axis->rate * seconds;
  axis->value_variance += 2 * seconds * axis->covariance
                          + square (seconds) * axis->rate_variance
                          + drift * square (seconds) / 4;
  axis->covariance += seconds * axis->rate_variance + drift * seconds / 2;
  axis->rate_variance += drift;
}

static void
axis_see (AnprMotionAxis *axis, gdouble value, gdouble noise)
{
  gdouble total = axis->value_variance + square (noise);
  gdouble gain = axis->value_variance / total;
  gdouble rate_gain = axis->covariance / total;
  gdouble surprise = value - axis->value;

  axis->value += gain * surprise;
  axis->rate += rate_gain * surprise;
  axis->rate_variance -= rate_gain * axis->covariance;
  axis->covariance *= 1 - gain;
  axis->value_variance *= 1 - gain;
}

static gdouble
width_of (const AnprPlateMotion *motion)
{
  return exp (motion->size.value);
}

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

/**
 * anpr_plate_motion_start: (skip)
 * @motion: (out): of a plate just seen for the first time
 * @box: where, pixels
 * @time: when, nanoseconds
 */
void
anpr_plate_motion_start (
    AnprPlateMotion *motion, const AnprBox *box, guint64 time)
{
  gdouble width = MAX (box->width, 1);

  axis_start (
      &motion->x, middle_x (box), MIDDLE_NOISE * width, FIRST_SPEED * width);
  axis_start (
      &motion->y, middle_y (box), MIDDLE_NOISE * width, FIRST_SPEED * width);
  axis_start (&motion->size, log (width), SIZE_NOISE, FIRST_GROWTH);
  motion->time = time;
}

/**
 * anpr_plate_motion_predict: (skip)
 * @motion: a motion
 * @time: of a frame, nanoseconds; earlier ones count as now
 *
 * Moves on to @time.
 */
void
anpr_plate_motion_predict (AnprPlateMotion *motion, guint64 time)
{
  gdouble seconds, width = width_of (motion);

  if (time <= motion->time)
    return;
  seconds = (time - motion->time) / 1e9;
  axis_predict (&motion->x, seconds, ACCELERATION * width);
  axis_predict (&motion->y, seconds, ACCELERATION * width);
  axis_predict (&motion->size, seconds, GROWTH_CHANGE);
  motion->time = time;
}

/**
 * anpr_plate_motion_expects: (skip)
 * @motion: a motion, at the time of the frame
 * @box: of a detection in it, pixels
 * @unlikeliness: (out): twice the negative logarithm of the likelihood of @box
 *     there, 0 or more: the less, the better
 *
 * Returns: whether @box can be the plate
 */
gboolean
anpr_plate_motion_expects (
    const AnprPlateMotion *motion, const AnprBox *box, gdouble *unlikeliness)
{
  gdouble width = width_of (motion);
  gdouble noise = square (MIDDLE_NOISE * width);
  gdouble x = middle_x (box) - motion->x.value;
  gdouble y = middle_y (box) - motion->y.value;
  gdouble size = log (MAX (box->width, 1)) - motion->size.value;
  gdouble x_variance = motion->x.value_variance + noise;
  gdouble y_variance = motion->y.value_variance + noise;
  gdouble size_variance = motion->size.value_variance + square (SIZE_NOISE);
  gdouble distance = square (x) / x_variance + square (y) / y_variance
                     + square (size) / size_variance;

  if (!(distance <= FARTHEST_SQUARED)
      || hypot (x, y) > FARTHEST_WIDTHS * MAX (width, box->width))
    return FALSE;
  *unlikeliness = distance
                  + log (x_variance * y_variance * size_variance
                         / (square (noise) * square (SIZE_NOISE)));
  return TRUE;
}

/**
 * anpr_plate_motion_is_near: (skip)
 * @motion: a motion, at the time of the frame
 * @box: of a detection in it, pixels
 *
 * Returns: whether @box is close to where the plate is expected and of its
 *     size, however unsure that is
 */
gboolean
anpr_plate_motion_is_near (const AnprPlateMotion *motion, const AnprBox *box)
{
  gdouble width = width_of (motion);
  gdouble size = log (MAX (box->width, 1)) - motion->size.value;

  return fabs (size) <= NEAR_SIZE
         && hypot (middle_x (box) - motion->x.value,
                middle_y (box) - motion->y.value)
                <= NEAR_WIDTHS * width;
}

/**
 * anpr_plate_motion_has_part: (skip)
 * @motion: a motion, at the time of the frame
 * @box: of a detection in it, pixels
 *
 * Returns: whether @box lies within the plate as it is expected, and is too
 *     narrow to be all of it
 */
gboolean
anpr_plate_motion_has_part (const AnprPlateMotion *motion, const AnprBox *box)
{
  gdouble width = width_of (motion);
  gdouble x = fabs (middle_x (box) - motion->x.value);
  gdouble y = fabs (middle_y (box) - motion->y.value);

  return box->width <= WIDEST_PART * width
         && x + box->width / 2 <= (0.5 + PART_BESIDE) * width
         && y <= PART_ABOVE * width;
}

/**
 * anpr_plate_motion_see: (skip)
 * @motion: a motion, at the time of the frame
 * @box: the plate in it, pixels
 */
void
anpr_plate_motion_see (AnprPlateMotion *motion, const AnprBox *box)
{
  gdouble noise = MIDDLE_NOISE * width_of (motion);

  axis_see (&motion->x, middle_x (box), noise);
  axis_see (&motion->y, middle_y (box), noise);
  axis_see (&motion->size, log (MAX (box->width, 1)), SIZE_NOISE);
}
