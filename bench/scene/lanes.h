/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SCENE_LANES_H
#define ANPR_SCENE_LANES_H

#include <glib.h>

#include "scene.h"

G_BEGIN_DECLS

/* Two lanes come on the left, two leave on the right; the slow ones are the
 * outer ones. */
#define SCENE_LANES_COUNT 4

typedef struct _SceneLanes SceneLanes;

SceneLanes *scene_lanes_new (gdouble seconds, guint64 seed);
void scene_lanes_free (SceneLanes *lanes);
const SceneVehicle *scene_lanes_vehicles (
    const SceneLanes *lanes, guint *n_vehicles);
void scene_lanes_shake (gdouble time, guint64 seed, gint *dx, gint *dy);

G_END_DECLS

#endif
