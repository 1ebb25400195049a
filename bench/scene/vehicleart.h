/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SCENE_VEHICLEART_H
#define ANPR_SCENE_VEHICLEART_H

#include <cairo.h>
#include <glib.h>

#include "plateart.h"

G_BEGIN_DECLS

typedef enum {
  SCENE_CAR,
  SCENE_VAN,
  SCENE_TRUCK,
} SceneKind;

/* The end of the vehicle that the camera sees */
typedef enum {
  SCENE_FRONT,
  SCENE_REAR,
} SceneEnd;

/* A level camera beside the road that shifts its picture instead of tilting,
 * so what faces it keeps its shape. Pixels, and metres above the road. */
typedef struct {
  gdouble focal;
  gdouble centre_x;
  gdouble horizon;
  gdouble height;
} SceneCamera;

/* Where a vehicle is: middle of its nearer end, metres right of the camera and
 * ahead of it; degrees its plate is tilted clockwise, and degrees it is turned
 * about that middle; over 0 it shows the side that is right in the picture */
typedef struct {
  SceneKind kind;
  SceneEnd end;
  guint32 colour;
  gdouble tilt;
  gdouble yaw;
  gdouble x;
  gdouble z;
} ScenePose;

/* Upright rectangle, pixels; empty if x0 >= x1 */
typedef struct {
  gdouble x0;
  gdouble y0;
  gdouble x1;
  gdouble y1;
} SceneExtent;

#define SCENE_NEAR_METRES 1.0

void scene_project (const SceneCamera *camera, gdouble x, gdouble y, gdouble z,
    gdouble *screen_x, gdouble *screen_y);
gdouble scene_kind_length (SceneKind kind);
void scene_vehicle_extent (
    const SceneCamera *camera, const ScenePose *pose, SceneExtent *extent);
void scene_vehicle_draw (cairo_t *cr, const SceneCamera *camera,
    const ScenePose *pose, const ScenePlate *plate);
gdouble scene_vehicle_plate_height (const ScenePose *pose);
gboolean scene_vehicle_plate (const SceneCamera *camera, const ScenePose *pose,
    const ScenePlate *plate, gdouble corner_x[4], gdouble corner_y[4]);

G_END_DECLS

#endif
