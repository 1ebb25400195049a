/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Where the one vehicle of a still stands. How wide its plate is, how far it is
 * turned and where it lies in the picture are chance of the seed and the number
 * of the still alone. Widths are spread evenly over their logarithm, so small
 * and large plates are as many. The camera is put as high as it must be for the
 * plate to lie there; the road behind stays as it was. */

#include "still.h"

#include <math.h>

#include "picture.h"

#define REFERENCE_WIDTH 1920.0
#define MARGIN_SHARE 0.02

typedef enum {
  CHANCE_WIDTH = 101,
  CHANCE_YAW,
  CHANCE_TILT,
  CHANCE_COLUMN,
  CHANCE_ROW,
} Chance;

/* 0 to 1 */
static gdouble
chance (guint64 seed, guint frame, Chance purpose)
{
  return scene_random (seed, frame, purpose) / (gdouble) G_MAXUINT32;
}

/* A place at which what reaches @reach to both sides does not leave the
 * picture; the middle if there is none. */
static gdouble
place_within (gdouble side, gdouble reach, gdouble share)
{
  gdouble first = reach + MARGIN_SHARE * side;

  return first + MAX (side - 2 * first, 0) * share;
}

/**
 * scene_still_place:
 * @vehicle: who stands there
 * @width: of the picture, pixels
 * @height: of the picture, pixels
 * @seed: chance
 * @frame: number of the still
 * @camera: (inout): the scene's camera; its height is set
 * @pose: (out): where the vehicle stands
 */
void
scene_still_place (const SceneVehicle *vehicle, guint width, guint height,
    guint64 seed, guint frame, SceneCamera *camera, ScenePose *pose)
{
  gdouble range = log (SCENE_STILL_MAX_WIDTH / SCENE_STILL_MIN_WIDTH);
  gdouble wide = SCENE_STILL_MIN_WIDTH * width / REFERENCE_WIDTH
                 * exp (range * chance (seed, frame, CHANCE_WIDTH));
  gdouble plate_width, plate_height, column, row;

  scene_plate_size (&vehicle->plate, &plate_width, &plate_height);
  pose->kind = vehicle->kind;
  pose->end =
      vehicle->direction == SCENE_APPROACHING ? SCENE_FRONT : SCENE_REAR;
  pose->colour = vehicle->colour;
  pose->yaw = SCENE_STILL_YAW * (2 * chance (seed, frame, CHANCE_YAW) - 1);
  pose->tilt = SCENE_STILL_TILT * (2 * chance (seed, frame, CHANCE_TILT) - 1);
  pose->z = camera->focal * plate_width / 1000 / wide;
  column =
      place_within (width, wide * 0.55, chance (seed, frame, CHANCE_COLUMN));
  row = place_within (height, wide * (plate_height / plate_width * 0.5 + 0.25),
      chance (seed, frame, CHANCE_ROW));
  pose->x = (column - camera->centre_x) * pose->z / camera->focal;
  camera->height = scene_vehicle_plate_height (pose)
                   + (row - camera->horizon) * pose->z / camera->focal;
}
