/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PLATETRACK_PLATEMOTION_H
#define ANPR_PLATETRACK_PLATEMOTION_H

#include "../record/geometry.h"

G_BEGIN_DECLS

/* AnprMotionAxis: one number that changes with time: its value, its change a
 * second, and their variances and covariance */
typedef struct {
  gdouble value;
  gdouble rate;
  gdouble value_variance;
  gdouble covariance;
  gdouble rate_variance;
} AnprMotionAxis;

/* AnprPlateMotion: how a plate moves: the middle of its box in pixels, and the
 * natural logarithm of its width in pixels; time in nanoseconds. Plain data. */
typedef struct {
  AnprMotionAxis x;
  AnprMotionAxis y;
  AnprMotionAxis size;
  guint64 time;
} AnprPlateMotion;

void anpr_plate_motion_start (
    AnprPlateMotion *motion, const AnprBox *box, guint64 time);
void anpr_plate_motion_predict (AnprPlateMotion *motion, guint64 time);
gboolean anpr_plate_motion_expects (
    const AnprPlateMotion *motion, const AnprBox *box, gdouble *unlikeliness);
gboolean anpr_plate_motion_is_near (
    const AnprPlateMotion *motion, const AnprBox *box);
gboolean anpr_plate_motion_has_part (
    const AnprPlateMotion *motion, const AnprBox *box);
void anpr_plate_motion_see (AnprPlateMotion *motion, const AnprBox *box);

G_END_DECLS

#endif
