/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Draws what does not move: sky, the port on the horizon, a road of two
 * lanes or more with its lines and kerbs, grass. Drawn once a scene, so it may be slow. The
 * surface of road and grass is grain in road coordinates: coarse near the
 * camera, fine at a distance. */

#include "road.h"

#include <math.h>

#include "picture.h"

#define SHOULDER_METRES 0.25
#define KERB_WIDTH 0.16
#define LINE_WIDTH 0.13
#define DASH_METRES 3.0
#define DASH_PERIOD 9.0
#define NEAREST_METRES 1.5
#define POST_METRES 1.05
#define POST_PERIOD 12.0

typedef struct {
  gdouble x;
  gdouble height;
  gdouble reach;
} Crane;

/* Shares of the picture's width, and of the sky's height */
static const Crane cranes[] = {
  { 0.16, 0.80, 0.07 },
  { 0.23, 0.72, -0.06 },
  { 0.84, 0.66, -0.08 },
};

/**
 * scene_lane_middle:
 * @lane: 0 for the leftmost one
 * @lanes: how many the road has
 *
 * Returns: metres right of the camera
 */
gdouble
scene_lane_middle (guint lane, guint lanes)
{
  return (lane - (lanes - 1) / 2.0) * SCENE_LANE_WIDTH;
}

/* Metres from the middle of the road to its kerbs */
static gdouble
kerb_metres (guint lanes)
{
  return lanes * SCENE_LANE_WIDTH / 2 + SHOULDER_METRES;
}

/* A strip of the ground between x0 and x1 from z0 to z1 */
static void
fill_strip (cairo_t *cr, const SceneCamera *camera, gdouble x0, gdouble x1,
    gdouble z0, gdouble z1)
{
  const gdouble corners[4][2] = { { x0, z0 }, { x1, z0 }, { x1, z1 },
    { x0, z1 } };

  for (guint i = 0; i < G_N_ELEMENTS (corners); i++) {
    gdouble x, y;

    scene_project (camera, corners[i][0], 0, corners[i][1], &x, &y);
    cairo_line_to (cr, x, y);
  }
  cairo_close_path (cr);
  cairo_fill (cr);
}

static void
draw_sky (cairo_t *cr, gdouble width, gdouble horizon)
{
  cairo_pattern_t *sky = cairo_pattern_create_linear (0, 0, 0, horizon);

  cairo_pattern_add_color_stop_rgb (sky, 0, 0.60, 0.70, 0.80);
  cairo_pattern_add_color_stop_rgb (sky, 1, 0.82, 0.85, 0.86);
  cairo_set_source (cr, sky);
  cairo_rectangle (cr, 0, 0, width, horizon);
  cairo_fill (cr);
  cairo_pattern_destroy (sky);
}

static void
draw_crane (cairo_t *cr, const Crane *crane, gdouble width, gdouble horizon)
{
  gdouble x = crane->x * width;
  gdouble top = horizon * (1 - crane->height);
  gdouble arm = top + horizon * 0.22;

  cairo_set_source_rgb (cr, 0.55, 0.60, 0.64);
  cairo_set_line_width (cr, width / 480);
  cairo_move_to (cr, x - width * 0.008, horizon);
  cairo_line_to (cr, x, top);
  cairo_line_to (cr, x + width * 0.008, horizon);
  cairo_move_to (cr, x - crane->reach * width * 0.4, arm);
  cairo_line_to (cr, x + crane->reach * width, arm);
  cairo_move_to (cr, x, top);
  cairo_line_to (cr, x + crane->reach * width * 0.8, arm);
  cairo_stroke (cr);
}

/* Sheds and trees along the horizon */
static void
draw_skyline (cairo_t *cr, gdouble width, gdouble horizon, guint64 seed)
{
  guint count = 48;

  for (guint i = 0; i < G_N_ELEMENTS (cranes); i++)
    draw_crane (cr, &cranes[i], width, horizon);
  for (guint i = 0; i < count; i++) {
    gdouble tall = horizon * (0.10 + scene_random (seed, i, 1) % 24 / 100.0);
    gdouble x = width * i / count;
    gdouble dark = 0.34 + scene_random (seed, i, 2) % 10 / 100.0;

    cairo_set_source_rgb (cr, dark * 0.85, dark, dark * 0.80);
    if (i % 7 < 2)
      cairo_rectangle (cr, x, horizon - tall, width / count + 1, tall + 1);
    else
      cairo_arc (cr, x + width / count / 2, horizon, tall, G_PI, 0);
    cairo_fill (cr);
  }
}

static void
draw_dashes (cairo_t *cr, const SceneCamera *camera, gdouble x)
{
  for (gdouble z = NEAREST_METRES; z < SCENE_HORIZON_METRES; z += DASH_PERIOD)
    fill_strip (
        cr, camera, x - LINE_WIDTH / 2, x + LINE_WIDTH / 2, z, z + DASH_METRES);
}

/* Two lines that nobody crosses */
static void
draw_double_line (cairo_t *cr, const SceneCamera *camera)
{
  for (gint side = -1; side <= 1; side += 2)
    fill_strip (cr, camera, side * LINE_WIDTH / 2, side * LINE_WIDTH * 3 / 2,
        NEAREST_METRES, SCENE_HORIZON_METRES * 4);
}

/* Between lanes; the middle of a road wider than two lanes is not crossed. */
static void
draw_lane_lines (cairo_t *cr, const SceneCamera *camera, guint lanes)
{
  for (guint lane = 1; lane < lanes; lane++)
    if (lanes > 2 && lane * 2 == lanes)
      draw_double_line (cr, camera);
    else
      draw_dashes (cr, camera, (lane - lanes / 2.0) * SCENE_LANE_WIDTH);
}

static void
draw_lines (cairo_t *cr, const SceneCamera *camera, guint lanes)
{
  gdouble kerb = kerb_metres (lanes);

  for (gint side = -1; side <= 1; side += 2) {
    cairo_set_source_rgb (cr, 0.62, 0.62, 0.60);
    fill_strip (cr, camera, side * kerb, side * (kerb + KERB_WIDTH),
        NEAREST_METRES, SCENE_HORIZON_METRES * 4);
    cairo_set_source_rgb (cr, 0.28, 0.28, 0.27);
    fill_strip (cr, camera, side * (kerb + KERB_WIDTH),
        side * (kerb + KERB_WIDTH + 0.04), NEAREST_METRES,
        SCENE_HORIZON_METRES * 4);
    cairo_set_source_rgb (cr, 0.80, 0.80, 0.77);
    fill_strip (cr, camera, side * (kerb - 0.35),
        side * (kerb - 0.35 + LINE_WIDTH), NEAREST_METRES,
        SCENE_HORIZON_METRES * 4);
  }
  draw_lane_lines (cr, camera, lanes);
}

/* Tyres polish two tracks in each lane */
static void
draw_tracks (cairo_t *cr, const SceneCamera *camera, guint lanes)
{
  cairo_set_source_rgba (cr, 0.16, 0.16, 0.17, 0.22);
  for (guint lane = 0; lane < lanes; lane++)
    for (gint side = -1; side <= 1; side += 2) {
      gdouble middle = scene_lane_middle (lane, lanes) + side * 0.75;

      fill_strip (cr, camera, middle - 0.28, middle + 0.28, NEAREST_METRES,
          SCENE_HORIZON_METRES * 4);
    }
}

static void
fill_upright (cairo_t *cr, const SceneCamera *camera, gdouble x, gdouble z,
    gdouble half_width, gdouble foot, gdouble top)
{
  gdouble x0, y0, x1, y1;

  scene_project (camera, x - half_width, top, z, &x0, &y0);
  scene_project (camera, x + half_width, foot, z, &x1, &y1);
  cairo_rectangle (cr, x0, y0, x1 - x0, y1 - y0);
  cairo_fill (cr);
}

/* White posts with a black band and a reflector, on both sides */
static void
draw_posts (cairo_t *cr, const SceneCamera *camera, guint lanes)
{
  for (gdouble z = SCENE_HORIZON_METRES - 4; z > POST_PERIOD; z -= POST_PERIOD)
    for (gint side = -1; side <= 1; side += 2) {
      gdouble x = side * (kerb_metres (lanes) + POST_METRES);

      cairo_set_source_rgb (cr, 0.80, 0.81, 0.80);
      fill_upright (cr, camera, x, z, 0.06, 0, 0.95);
      cairo_set_source_rgb (cr, 0.15, 0.15, 0.16);
      fill_upright (cr, camera, x, z, 0.06, 0.62, 0.84);
      cairo_set_source_rgb (cr, 0.78, 0.42, 0.20);
      fill_upright (cr, camera, x, z, 0.03, 0.65, 0.81);
    }
}

static void
draw_ground (cairo_t *cr, const SceneCamera *camera, guint lanes, gdouble width,
    gdouble height)
{
  gdouble kerb = kerb_metres (lanes);

  cairo_set_source_rgb (cr, 0.36, 0.42, 0.25);
  cairo_rectangle (cr, 0, camera->horizon, width, height - camera->horizon);
  cairo_fill (cr);
  cairo_set_source_rgb (cr, 0.37, 0.37, 0.38);
  fill_strip (
      cr, camera, -kerb, kerb, NEAREST_METRES, SCENE_HORIZON_METRES * 4);
  draw_tracks (cr, camera, lanes);
  draw_lines (cr, camera, lanes);
  draw_posts (cr, camera, lanes);
}

static guint32
shade_pixel (guint32 pixel, gint amount)
{
  gint red = CLAMP ((gint) (pixel >> 16 & 0xff) + amount, 0, 255);
  gint green = CLAMP ((gint) (pixel >> 8 & 0xff) + amount, 0, 255);
  gint blue = CLAMP ((gint) (pixel & 0xff) + amount, 0, 255);

  return (guint32) red << 16 | (guint32) green << 8 | (guint32) blue;
}

/* Stones of 3 cm and patches of 1.2 m; a fixed origin far to the left keeps
 * the places positive. */
static gint
grain (guint64 seed, gdouble x, gdouble z)
{
  guint64 stone =
      scene_random (seed, (guint64) ((x + 1000) / 0.03), (guint64) (z / 0.06));
  guint64 patch = scene_random (
      seed + 1, (guint64) ((x + 1000) / 1.2), (guint64) (z / 2.5));

  return (gint) (stone % 19) - 9 + (gint) (patch % 7) - 3;
}

static void
roughen_ground (
    cairo_surface_t *surface, const SceneCamera *camera, guint64 seed)
{
  guint width = cairo_image_surface_get_width (surface);
  guint height = cairo_image_surface_get_height (surface);
  guint stride = cairo_image_surface_get_stride (surface);
  guint8 *data;

  cairo_surface_flush (surface);
  data = cairo_image_surface_get_data (surface);
  for (guint y = (guint) camera->horizon + 1; y < height; y++) {
    guint32 *row = (guint32 *) (gpointer) (data + (gsize) y * stride);
    gdouble z = camera->focal * camera->height / (y - camera->horizon);

    for (guint x = 0; x < width; x++)
      row[x] = shade_pixel (
          row[x], grain (seed, (x - camera->centre_x) * z / camera->focal, z));
  }
  cairo_surface_mark_dirty (surface);
}

/**
 * scene_road_draw:
 * @surface: an RGB24 image surface
 * @camera: the camera
 * @lanes: how many lanes it has
 * @seed: chance
 *
 * Fills the surface with the empty road.
 */
void
scene_road_draw (cairo_surface_t *surface, const SceneCamera *camera,
    guint lanes, guint64 seed)
{
  gdouble width = cairo_image_surface_get_width (surface);
  gdouble height = cairo_image_surface_get_height (surface);
  cairo_t *cr = cairo_create (surface);

  draw_sky (cr, width, camera->horizon);
  draw_skyline (cr, width, camera->horizon, seed);
  draw_ground (cr, camera, lanes, width, height);
  cairo_destroy (cr);
  roughen_ground (surface, camera, seed);
}
