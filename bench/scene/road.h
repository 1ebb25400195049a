/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SCENE_ROAD_H
#define ANPR_SCENE_ROAD_H

#include <cairo.h>
#include <glib.h>

#include "vehicleart.h"

G_BEGIN_DECLS

/* Metres. Lanes count from the left one, and half of them lie left of the
 * camera. */
#define SCENE_LANE_WIDTH 3.1
#define SCENE_HORIZON_METRES 160.0

gdouble scene_lane_middle (guint lane, guint lanes);
void scene_road_draw (cairo_surface_t *surface, const SceneCamera *camera,
    guint lanes, guint64 seed);

G_END_DECLS

#endif
