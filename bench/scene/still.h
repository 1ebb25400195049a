/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SCENE_STILL_H
#define ANPR_SCENE_STILL_H

#include <glib.h>

#include "scene.h"

G_BEGIN_DECLS

/* Between these a still's plate is wide, in pixels of a picture 1920 wide, when
 * it faces the camera; degrees it is turned and tilted at most, either way */
#define SCENE_STILL_MIN_WIDTH 40.0
#define SCENE_STILL_MAX_WIDTH 600.0
#define SCENE_STILL_YAW 45.0
#define SCENE_STILL_TILT 8.0

void scene_still_place (const SceneVehicle *vehicle, guint width, guint height,
    guint64 seed, guint frame, SceneCamera *camera, ScenePose *pose);

G_END_DECLS

#endif
