/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A scene: the empty road, drawn once, and the vehicles, drawn a frame.
 *
 * The road is kept both as a surface and as an I420 picture. A frame starts as
 * a copy of the picture; each vehicle, the farthest first, is drawn over the
 * working surface, and only the area it covers is converted. Afterwards the
 * surface gets the road back in these areas. So an empty frame costs a copy
 * and the noise.
 *
 * Where a vehicle is depends on the time alone, and all chance on the seed and
 * the frame number: frames may be drawn in any order. A scene is used by one
 * thread at a time. */

#include "scene.h"

#include <math.h>

#include "lanes.h"
#include "road.h"
#include "still.h"

/* The camera of a picture 1920 pixels wide; a plate is 220 pixels wide where
 * it leaves the picture and 50 at 42 m */
#define REFERENCE_WIDTH 1920.0
#define FOCAL 4000.0
#define CAMERA_METRES 2.5
#define HORIZON_SHARE 0.12

#define HAZE_METRES 30.0
#define FOCUS_METRES 14.0
#define BLUR_METRES 45.0
#define CHANGE_METRES 25.0
#define NOISE_TABLE 65536

struct _Scene {
  const SceneScenario *scenario;
  SceneLanes *generated;
  const SceneVehicle *vehicles;
  guint n_vehicles;
  guint lanes;
  SceneCamera camera;
  guint64 seed;
  guint width;
  guint height;
  cairo_surface_t *road;
  cairo_surface_t *surface;
  ScenePicture *empty;
  gint8 *noise;
  GPtrArray *texts;
};

/* A vehicle in the frame being drawn */
typedef struct {
  guint index;
  guint vehicle;
  ScenePose pose;
  SceneArea area;
} Seen;

/* Metres driven after @time seconds with a stand after @before metres. Braking
 * and starting again take the same time and way. */
static gdouble
way_driven (gdouble speed, gdouble time, gdouble before, gdouble stand)
{
  gdouble braking_s = speed / SCENE_BRAKING;
  gdouble braking_m = speed * speed / (2 * SCENE_BRAKING);
  gdouble brake_at = (before - braking_m) / speed;

  if (stand <= 0 || time < brake_at)
    return speed * time;
  time -= brake_at;
  if (time < braking_s)
    return before - braking_m + speed * time - SCENE_BRAKING * time * time / 2;
  time -= braking_s + stand;
  if (time < 0)
    return before;
  if (time < braking_s)
    return before + SCENE_BRAKING * time * time / 2;
  return before + braking_m + speed * (time - braking_s);
}

/* Metres from the camera to the nearer end */
static gdouble
distance_at (const SceneVehicle *vehicle, gdouble time)
{
  gdouble start = vehicle->direction == SCENE_APPROACHING
                      ? SCENE_HORIZON_METRES
                      : SCENE_NEAR_METRES - scene_kind_length (vehicle->kind);
  gdouble sign = vehicle->direction == SCENE_APPROACHING ? -1 : 1;

  return start
         + sign
               * way_driven (vehicle->speed_kmh / 3.6, time - vehicle->entry_s,
                   sign * (vehicle->stand_at_m - start), vehicle->stand_s);
}

/* Metres right of the camera. What changes lanes keeps facing the camera. */
static gdouble
column_at (const SceneVehicle *vehicle, guint lanes, gdouble distance)
{
  gdouble from = scene_lane_middle (vehicle->lane, lanes);
  gdouble sign = vehicle->direction == SCENE_APPROACHING ? -1 : 1;
  gdouble share = sign * (distance - vehicle->change_at_m) / CHANGE_METRES;

  if (vehicle->change_at_m <= 0)
    return from;
  share = CLAMP (share, 0, 1);
  return from
         + (scene_lane_middle (vehicle->change_to, lanes) - from) * share
               * share * (3 - 2 * share);
}

static gboolean
extent_to_area (
    const SceneExtent *extent, guint width, guint height, SceneArea *area)
{
  gdouble x0 = CLAMP (floor (extent->x0), 0, width);
  gdouble y0 = CLAMP (floor (extent->y0), 0, height);
  gdouble x1 = CLAMP (ceil (extent->x1), 0, width);
  gdouble y1 = CLAMP (ceil (extent->y1), 0, height);

  if (!(x0 < x1 && y0 < y1))
    return FALSE;
  area->x = (guint) x0 & ~1u;
  area->y = (guint) y0 & ~1u;
  area->width = (((guint) x1 + 1) & ~1u) - area->x;
  area->height = (((guint) y1 + 1) & ~1u) - area->y;
  return TRUE;
}

static gboolean
find_area (const Scene *scene, Seen *seen)
{
  SceneExtent extent;

  scene_vehicle_extent (&scene->camera, &seen->pose, &extent);
  return extent_to_area (&extent, scene->width, scene->height, &seen->area);
}

static gboolean
see_vehicle (const Scene *scene, guint index, gdouble time, Seen *seen)
{
  const SceneVehicle *vehicle = &scene->vehicles[index];

  gdouble distance = distance_at (vehicle, time);

  seen->pose = (ScenePose){ vehicle->kind,
    vehicle->direction == SCENE_APPROACHING ? SCENE_FRONT : SCENE_REAR,
    vehicle->colour, vehicle->tilt, 0,
    column_at (vehicle, scene->lanes, distance), distance };
  if (time < vehicle->entry_s || seen->pose.z > SCENE_HORIZON_METRES
      || seen->pose.z + scene_kind_length (vehicle->kind) <= SCENE_NEAR_METRES)
    return FALSE;
  return find_area (scene, seen);
}

static gint
farther_first (gconstpointer a, gconstpointer b)
{
  const Seen *one = a;
  const Seen *other = b;

  if (one->pose.z != other->pose.z)
    return one->pose.z > other->pose.z ? -1 : 1;
  return one->index < other->index ? -1 : 1;
}

/* Restricts drawing and haze to what the vehicle covers. */
static void
draw_seen (Scene *scene, const Seen *seen)
{
  const SceneVehicle *vehicle = &scene->vehicles[seen->index];
  gdouble haze = (SCENE_HORIZON_METRES - seen->pose.z) / HAZE_METRES;
  cairo_t *cr = cairo_create (scene->surface);

  cairo_rectangle (
      cr, seen->area.x, seen->area.y, seen->area.width, seen->area.height);
  cairo_clip (cr);
  if (haze < 1)
    cairo_push_group (cr);
  scene_vehicle_draw (cr, &scene->camera, &seen->pose, &vehicle->plate);
  if (haze < 1) {
    cairo_pop_group_to_source (cr);
    cairo_paint_with_alpha (cr, MAX (haze, 0));
  }
  cairo_destroy (cr);
}

static void
restore_road (Scene *scene, const SceneArea *area)
{
  cairo_t *cr = cairo_create (scene->surface);

  cairo_set_operator (cr, CAIRO_OPERATOR_SOURCE);
  cairo_set_source_surface (cr, scene->road, 0, 0);
  cairo_rectangle (cr, area->x, area->y, area->width, area->height);
  cairo_fill (cr);
  cairo_destroy (cr);
}

/* How much a vehicle is out of focus, for scene_picture_soften() */
static guint
blur_at (gdouble z)
{
  gdouble share = (z - FOCUS_METRES) / (BLUR_METRES - FOCUS_METRES);

  return (guint) (CLAMP (share, 0, 1) * 160);
}

static gboolean
hides (const SceneArea *area, const SceneTruth *truth)
{
  return truth->x < area->x + area->width && area->x < truth->x + truth->width
         && truth->y < area->y + area->height
         && area->y < truth->y + truth->height;
}

static void
enclose_corners (SceneTruth *truth)
{
  gdouble x1 = truth->corner_x[0], y1 = truth->corner_y[0];

  truth->x = x1;
  truth->y = y1;
  for (guint i = 1; i < 4; i++) {
    truth->x = MIN (truth->x, truth->corner_x[i]);
    truth->y = MIN (truth->y, truth->corner_y[i]);
    x1 = MAX (x1, truth->corner_x[i]);
    y1 = MAX (y1, truth->corner_y[i]);
  }
  truth->width = x1 - truth->x;
  truth->height = y1 - truth->y;
}

/* Pixels that the shaking camera moves the frame by */
static void
find_shake (const Scene *scene, gdouble time, gint *dx, gint *dy)
{
  *dx = *dy = 0;
  if (scene->scenario->mode == SCENE_LANES)
    scene_lanes_shake (time, scene->seed, dx, dy);
  *dx = *dx * (gint) scene->width / (gint) REFERENCE_WIDTH;
  *dy = *dy * (gint) scene->width / (gint) REFERENCE_WIDTH;
}

static gboolean
lies_in_picture (const Scene *scene, const SceneTruth *truth)
{
  return truth->x >= 0 && truth->y >= 0
         && truth->x + truth->width <= scene->width
         && truth->y + truth->height <= scene->height;
}

/* What the shake moves out of the picture is no truth. */
static gboolean
shift_truth (const Scene *scene, SceneTruth *truth, gint dx, gint dy)
{
  truth->x += dx;
  truth->y += dy;
  for (guint i = 0; i < 4; i++) {
    truth->corner_x[i] += dx;
    truth->corner_y[i] += dy;
  }
  return lies_in_picture (scene, truth);
}

static gboolean
locate_plate (const Scene *scene, const Seen *seen, SceneTruth *truth)
{
  const SceneVehicle *vehicle = &scene->vehicles[seen->index];

  if (!scene_vehicle_plate (&scene->camera, &seen->pose, &vehicle->plate,
          truth->corner_x, truth->corner_y))
    return FALSE;
  enclose_corners (truth);
  return truth->width >= SCENE_TRUTH_MIN_WIDTH
         && lies_in_picture (scene, truth);
}

/* @seen is in the order of drawing: only those after @index can hide its plate. */
static gboolean
is_hidden (const GArray *seen, guint index, const SceneTruth *truth)
{
  for (guint i = index + 1; i < seen->len; i++)
    if (hides (&g_array_index (seen, Seen, i).area, truth))
      return TRUE;
  return FALSE;
}

static void
collect_truth (const Scene *scene, const GArray *seen, guint frame,
    gdouble time, GArray *truths)
{
  gint dx, dy;

  find_shake (scene, time, &dx, &dy);
  for (guint i = 0; i < seen->len; i++) {
    const Seen *here = &g_array_index (seen, Seen, i);
    SceneTruth truth = { 0 };

    if (!locate_plate (scene, here, &truth))
      continue;
    truth.hidden = is_hidden (seen, i, &truth);
    if ((truth.hidden && scene->scenario->mode != SCENE_LANES)
        || !shift_truth (scene, &truth, dx, dy))
      continue;
    truth.frame = frame;
    truth.time_s = time;
    truth.vehicle = here->vehicle;
    truth.yaw = here->pose.yaw;
    truth.tilt = here->pose.tilt;
    truth.vehicle_data = &scene->vehicles[here->index];
    truth.text = g_ptr_array_index (scene->texts, here->index);
    g_array_append_val (truths, truth);
  }
}

/* @time counts from the beginning of the round, @first is the id of the round's
 * first vehicle. */
static void
see_round (const Scene *scene, gdouble time, guint first, GArray *seen)
{
  for (guint i = 0; i < scene->n_vehicles; i++) {
    Seen one = { .index = i, .vehicle = first + i };

    if (see_vehicle (scene, i, time, &one))
      g_array_append_val (seen, one);
  }
}

/* The first round of an endless clip, too, has vehicles of one before it. */
static void
see_traffic (const Scene *scene, gdouble time, GArray *seen)
{
  const SceneScenario *scenario = scene->scenario;
  guint round = (guint) (time / scenario->seconds);
  gdouble within = time - round * scenario->seconds;
  guint first = round * scene->n_vehicles;

  if (scenario->endless) {
    see_round (scene, within + scenario->seconds, first, seen);
    first += scene->n_vehicles;
  }
  see_round (scene, within, first, seen);
  g_array_sort (seen, farther_first);
}

static void
see_still (Scene *scene, guint frame, GArray *seen)
{
  Seen one = { .index = frame % scene->n_vehicles, .vehicle = frame };

  scene_still_place (&scene->vehicles[one.index], scene->width, scene->height,
      scene->seed, frame, &scene->camera, &one.pose);
  if (find_area (scene, &one))
    g_array_append_val (seen, one);
}

static void
draw_frame (Scene *scene, const GArray *seen, guint frame, gdouble time,
    ScenePicture *picture)
{
  gint dx, dy;

  scene_picture_copy (picture, scene->empty);
  for (guint i = 0; i < seen->len; i++) {
    const Seen *one = &g_array_index (seen, Seen, i);

    draw_seen (scene, one);
    scene_picture_take (picture, scene->surface, &one->area);
    scene_picture_soften (picture, &one->area, blur_at (one->pose.z));
  }
  for (guint i = 0; i < seen->len; i++)
    restore_road (scene, &g_array_index (seen, Seen, i).area);
  find_shake (scene, time, &dx, &dy);
  if (dx || dy)
    scene_picture_shift (picture, dx, dy);
  scene_picture_add_noise (
      picture, scene->noise, NOISE_TABLE, scene->seed + frame);
}

/**
 * scene_draw:
 * @scene: a scene
 * @frame: which frame, from 0
 * @picture: (out caller-allocates) (nullable): a picture of the scene's size;
 *   all of it is written; %NULL to learn the truth alone, which is fast
 * @truth: (nullable) (element-type SceneTruth): the plates that can be seen are
 *   appended here
 */
void
scene_draw (Scene *scene, guint frame, ScenePicture *picture, GArray *truth)
{
  gdouble time = (gdouble) frame / scene->scenario->fps;
  g_autoptr (GArray) seen = g_array_new (FALSE, FALSE, sizeof (Seen));

  if (scene->scenario->mode == SCENE_STILLS)
    see_still (scene, frame, seen);
  else
    see_traffic (scene, time, seen);
  if (picture)
    draw_frame (scene, seen, frame, time, picture);
  if (truth)
    collect_truth (scene, seen, frame, time, truth);
}

/* The sum of three dice is near enough to what a sensor does. */
static gint8 *
make_noise (guint64 seed)
{
  gint8 *noise = g_new (gint8, NOISE_TABLE);

  for (guint i = 0; i < NOISE_TABLE; i++) {
    guint32 dice = scene_random (seed, i, 5);

    noise[i] = (gint8) (dice % 3 + dice / 3 % 3 + dice / 9 % 3) - 3;
  }
  return noise;
}

static void
take_vehicles (Scene *scene)
{
  scene->lanes = 2;
  scene->vehicles = scene->scenario->vehicles;
  scene->n_vehicles = scene->scenario->n_vehicles;
  if (scene->scenario->mode != SCENE_LANES)
    return;
  scene->generated = scene_lanes_new (scene->scenario->seconds, scene->seed);
  scene->lanes = SCENE_LANES_COUNT;
  scene->vehicles = scene_lanes_vehicles (scene->generated, &scene->n_vehicles);
}

/**
 * scene_new:
 * @scenario: what happens; must outlive the scene
 * @width: pixels, even; 0 for the scenario's own
 * @height: pixels, even; 0 for the scenario's own
 * @seed: chance; the same seed gives the same bytes
 *
 * Returns: (transfer full): the scene, its road drawn
 */
Scene *
scene_new (
    const SceneScenario *scenario, guint width, guint height, guint64 seed)
{
  Scene *scene = g_new0 (Scene, 1);
  SceneArea whole = { 0 };

  scene->scenario = scenario;
  scene->seed = seed;
  take_vehicles (scene);
  whole.width = scene->width = width ? width : scenario->width;
  whole.height = scene->height = height ? height : scenario->height;
  scene->camera = (SceneCamera){ FOCAL * scene->width / REFERENCE_WIDTH,
    scene->width / 2.0, HORIZON_SHARE * scene->height, CAMERA_METRES };
  scene->road = cairo_image_surface_create (
      CAIRO_FORMAT_RGB24, scene->width, scene->height);
  scene->surface = cairo_image_surface_create (
      CAIRO_FORMAT_RGB24, scene->width, scene->height);
  scene_road_draw (scene->road, &scene->camera, scene->lanes, seed);
  restore_road (scene, &whole);
  scene->empty = scene_picture_new (scene->width, scene->height);
  scene_picture_take (scene->empty, scene->road, &whole);
  scene->noise = make_noise (seed);
  scene->texts = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < scene->n_vehicles; i++)
    g_ptr_array_add (
        scene->texts, scene_plate_text (&scene->vehicles[i].plate));
  return scene;
}

/**
 * scene_free:
 * @scene: (nullable) (transfer full): a scene
 */
void
scene_free (Scene *scene)
{
  if (!scene)
    return;
  cairo_surface_destroy (scene->road);
  cairo_surface_destroy (scene->surface);
  scene_picture_free (scene->empty);
  g_free (scene->noise);
  scene_lanes_free (scene->generated);
  g_ptr_array_unref (scene->texts);
  g_free (scene);
}

static void
append_number (GString *json, const gchar *format, gdouble number)
{
  gchar digits[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append (
      json, g_ascii_formatd (digits, sizeof (digits), format, number));
}

/**
 * scene_truth_to_json:
 * @truth: a plate in a frame
 *
 * Returns: (transfer full): one JSON object on one line, without a line feed:
 * frame, time_s, vehicle, text, raw, country, direction (approaching or
 * receding), lane, x, y, w, h, yaw, tilt and quad (x and y of the four corners);
 * hidden, true, only where it is
 */
gchar *
scene_truth_to_json (const SceneTruth *truth)
{
  const SceneVehicle *vehicle = truth->vehicle_data;
  const gdouble values[] = { truth->x, truth->y, truth->width, truth->height,
    truth->yaw, truth->tilt };
  static const gchar *const names[] = { "x", "y", "w", "h", "yaw", "tilt" };
  GString *json = g_string_new (NULL);

  g_string_append_printf (json, "{\"frame\":%u,\"time_s\":", truth->frame);
  append_number (json, "%.3f", truth->time_s);
  g_string_append_printf (json,
      ",\"vehicle\":%u,\"text\":\"%s\",\"raw\":\"%s\",\"country\":\"%s\","
      "\"direction\":\"%s\",\"lane\":%u",
      truth->vehicle, truth->text, vehicle->plate.raw, vehicle->plate.country,
      vehicle->direction == SCENE_APPROACHING ? "approaching" : "receding",
      vehicle->lane);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_string_append_printf (json, ",\"%s\":", names[i]);
    append_number (json, "%.2f", values[i]);
  }
  g_string_append (json, ",\"quad\":[");
  for (guint i = 0; i < 4; i++) {
    g_string_append (json, i ? "," : "");
    append_number (json, "%.2f", truth->corner_x[i]);
    g_string_append_c (json, ',');
    append_number (json, "%.2f", truth->corner_y[i]);
  }
  g_string_append (json, truth->hidden ? "],\"hidden\":true}" : "]}");
  return g_string_free (json, FALSE);
}
