/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SCENE_SCENE_H
#define ANPR_SCENE_SCENE_H

#include <glib.h>

#include "picture.h"
#include "plateart.h"
#include "vehicleart.h"

G_BEGIN_DECLS

typedef enum {
  SCENE_APPROACHING,
  SCENE_RECEDING,
} SceneDirection;

/* One drive through the scene. @entry_s is when its nearer end is first seen:
 * at the horizon if it approaches, beside the camera if it recedes; it may lie
 * before the clip. With @stand_s over 0 it brakes, stands that long with its
 * nearer end @stand_at_m from the camera, and drives on. With @change_at_m over
 * 0 it moves to @change_to from there on. */
typedef struct {
  ScenePlate plate;
  SceneKind kind;
  guint32 colour;
  guint lane;
  SceneDirection direction;
  gdouble entry_s;
  gdouble speed_kmh;
  gdouble tilt;
  gdouble stand_at_m;
  gdouble stand_s;
  gdouble change_at_m;
  guint change_to;
} SceneVehicle;

/* How hard a vehicle that stands brakes and starts again, m/s^2 */
#define SCENE_BRAKING 3.0

/* Stills have the vehicles in turn, one each, and of these only the plate, kind,
 * colour and direction count; all else of a still is chance. Lanes are a film of
 * a road of SCENE_LANES_COUNT lanes, whose vehicles come from lanes.h and not
 * from the scenario, and whose camera shakes now and then. */
typedef enum {
  SCENE_FILM,
  SCENE_STILLS,
  SCENE_LANES,
} SceneMode;

/* A clip. After @seconds it begins again, with other vehicle ids. If it is
 * @endless, vehicles still on the road then drive on: each must be off it within
 * @seconds of its entry, and none may enter before 0. */
typedef struct {
  const gchar *name;
  guint width;
  guint height;
  guint fps;
  gdouble seconds;
  const SceneVehicle *vehicles;
  guint n_vehicles;
  gboolean endless;
  SceneMode mode;
} SceneScenario;

/* Plates narrower than this many pixels are no truth, nor are partly hidden ones
 * but those of lanes, which are said to be @hidden: who follows vehicles may still
 * see them. */
#define SCENE_TRUTH_MIN_WIDTH 24

/* A plate in a frame. Pixels; corners from the top left one clockwise. @text
 * and what @vehicle_data points to belong to the scene. @vehicle counts from
 * 0 over the whole clip; one that comes again is another @vehicle. Degrees as in #ScenePose. */
typedef struct {
  guint frame;
  gdouble time_s;
  guint vehicle;
  const SceneVehicle *vehicle_data;
  const gchar *text;
  gdouble x;
  gdouble y;
  gdouble width;
  gdouble height;
  gdouble corner_x[4];
  gdouble corner_y[4];
  gdouble yaw;
  gdouble tilt;
  gboolean hidden;
} SceneTruth;

typedef struct _Scene Scene;

const SceneScenario *scene_scenario_find (const gchar *name);
const gchar *const *scene_scenario_names (void);
gchar *scene_sample_list (void);

Scene *scene_new (
    const SceneScenario *scenario, guint width, guint height, guint64 seed);
void scene_free (Scene *scene);
void scene_draw (
    Scene *scene, guint frame, ScenePicture *picture, GArray *truth);
gchar *scene_truth_to_json (const SceneTruth *truth);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Scene, scene_free)

G_END_DECLS

#endif
