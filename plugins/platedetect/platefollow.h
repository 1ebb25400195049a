/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PLATE_FOLLOW_H
#define ANPR_PLATE_FOLLOW_H

#include "motiongate.h"
#include "platedetector.h"

G_BEGIN_DECLS

/* A plate of the frames before; times in nanoseconds.
 *
 * last        as seen last
 * seen        when that was
 * velocity_x  pixels a nanosecond, of its middle
 * anchor      as it was when it last moved
 * anchored    when that was
 * n_missed    times it was looked for in vain since it was seen
 * looked      when it was last looked for */
typedef struct {
  AnprDetection last;
  guint64 seen;
  gdouble velocity_x;
  gdouble velocity_y;
  AnprBox anchor;
  guint64 anchored;
  guint n_missed;
  guint64 looked;
} AnprFollowed;

/* All zero follows nothing */
typedef struct {
  AnprFollowed plates[ANPR_DETECTOR_MAX_PLATES];
  guint n_plates;
} AnprPlateFollow;

guint anpr_plate_follow_expect (const AnprPlateFollow *follow, guint64 time,
    const AnprMotionGate *gate, guint max_looks, AnprKnownPlate *known);
void anpr_plate_follow_update (AnprPlateFollow *follow, guint64 time,
    const AnprKnownPlate *known, const AnprDetection *fresh, guint n_fresh);

G_END_DECLS

#endif
