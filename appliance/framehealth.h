/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_FRAME_HEALTH_H
#define ANPR_FRAME_HEALTH_H

#include <glib.h>

G_BEGIN_DECLS

/**
 * AnprFrameHealth:
 * @brightness: mean of luma, 0 to 255
 * @contrast: standard deviation of luma
 * @sharpness: mean square of the second difference of luma along rows, over the
 *     variance of luma, times 100: a share, so that it says little of the light.
 *     A lens out of focus, wet or dirty lowers it; noise raises it
 *
 * What a picture as a whole is like (R51).
 */
typedef struct {
  gdouble brightness;
  gdouble contrast;
  gdouble sharpness;
} AnprFrameHealth;

void anpr_frame_health_measure (AnprFrameHealth *health, const guint8 *luma,
    guint width, guint height, gsize stride);

G_END_DECLS

#endif
