/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Draws vehicles as a few flat panels in space, seen in perspective.
 *
 * A model is a table of panels in the order they are painted, far ones first.
 * Metres: x to the right of the vehicle's middle, y up from the road, z away
 * from the camera, with 0 at the nearer end. A vehicle is as good as
 * symmetric, so a panel is either drawn over the middle or once on each side.
 * Nothing nearer to the camera than SCENE_NEAR_METRES is drawn, which lets a
 * long vehicle drive past it. */

#include "vehicleart.h"

#include <math.h>

#include "perspective.h"

typedef enum {
  PAINT_BODY,
  PAINT_CARGO,
  PAINT_GLASS,
  PAINT_TRIM,
  PAINT_METAL,
  PAINT_LAMP,
  PAINT_TAIL,
  PAINT_TYRE,
  PAINT_SHADOW,
} Paint;

typedef struct {
  gdouble x;
  gdouble y;
  gdouble z;
} Point;

typedef struct {
  Paint paint;
  gdouble shade;
  gboolean pair;
  Point corners[4];
} Panel;

/* Clipping a quadrilateral at one plane gives at most one corner more. */
#define CORNERS_MAX 5

/* A turned plate is drawn this much larger before it is put into perspective. */
#define FLAT_SCALE 3.0

typedef struct {
  const Panel *panels;
  guint n_panels;
  gdouble plate_y;
  gdouble plate_z;
} Model;

/* Over the middle, from (y0, z0) where it is w0 wide to (y1, z1), w1 wide; the
 * widths are halves. */
#define ACROSS(w0, y0, z0, w1, y1, z1)                                         \
  FALSE,                                                                       \
  {                                                                            \
    { -(w0), y0, z0 }, { w0, y0, z0 }, { w1, y1, z1 }, { -(w1), y1, z1 },      \
  }
/* Facing the camera on both sides, x0 to x1 and y0 to y1 */
#define BOTH(x0, x1, y0, y1, z)                                                \
  TRUE,                                                                        \
  {                                                                            \
    { x0, y0, z }, { x1, y0, z }, { x1, y1, z }, { x0, y1, z },                \
  }
/* Along both sides, from z0 to z1; x0 at the foot, x1 at the top */
#define ALONG(x0, x1, y0, y1, z0, z1)                                          \
  TRUE,                                                                        \
  {                                                                            \
    { x0, y0, z0 }, { x0, y0, z1 }, { x1, y1, z1 }, { x1, y1, z0 },            \
  }

static const Panel car_front[] = {
  { PAINT_SHADOW, 1, ACROSS (1.02, 0, -0.30, 0.98, 0, 4.6) },
  { PAINT_TYRE, 1, BOTH (0.62, 0.88, 0.02, 0.36, 0.5) },
  { PAINT_TYRE, 1, ALONG (0.89, 0.89, 0.02, 0.40, 0.5, 1.2) },
  { PAINT_TYRE, 1, ALONG (0.89, 0.89, 0.02, 0.40, 3.0, 3.7) },
  { PAINT_BODY, 0.55, ALONG (0.90, 0.86, 0.28, 0.95, 0, 4.2) },
  { PAINT_GLASS, 0.5, ALONG (0.82, 0.64, 0.95, 1.40, 1.2, 3.9) },
  { PAINT_BODY, 0.90, ACROSS (0.62, 1.44, 1.95, 0.60, 1.40, 3.4) },
  { PAINT_BODY, 0.70, ACROSS (0.84, 0.93, 1.0, 0.66, 1.46, 1.95) },
  { PAINT_GLASS, 1, ACROSS (0.76, 0.96, 1.05, 0.59, 1.40, 1.9) },
  { PAINT_TRIM, 0.8, ACROSS (0.76, 0.94, 1.02, 0.76, 0.985, 1.08) },
  { PAINT_BODY, 0.60, BOTH (0.90, 1.06, 0.94, 1.08, 1.4) },
  { PAINT_BODY, 1.05, ACROSS (0.84, 0.76, 0.05, 0.80, 0.95, 1.05) },
  { PAINT_TRIM, 0.7, ACROSS (0.84, 0.18, 0.02, 0.88, 0.34, 0.0) },
  { PAINT_BODY, 0.88, ACROSS (0.90, 0.32, 0, 0.85, 0.79, 0.05) },
  { PAINT_TRIM, 0.9, ACROSS (0.42, 0.57, 0, 0.46, 0.70, 0.02) },
  { PAINT_METAL, 1, ACROSS (0.42, 0.625, 0, 0.42, 0.64, 0) },
  { PAINT_METAL, 1.1, ACROSS (0.06, 0.60, 0, 0.06, 0.68, 0) },
  { PAINT_TRIM, 1, ACROSS (0.55, 0.20, 0, 0.62, 0.33, 0) },
  { PAINT_TRIM, 0.6, BOTH (0.50, 0.88, 0.575, 0.735, 0.01) },
  { PAINT_LAMP, 1, BOTH (0.54, 0.84, 0.60, 0.71, 0) },
  { PAINT_LAMP, 0.8, BOTH (0.68, 0.80, 0.36, 0.42, 0) },
};

static const Panel car_rear[] = {
  { PAINT_SHADOW, 1, ACROSS (1.02, 0, -0.30, 0.98, 0, 4.6) },
  { PAINT_TYRE, 1, BOTH (0.62, 0.88, 0.02, 0.36, 0.6) },
  { PAINT_TYRE, 1, ALONG (0.89, 0.89, 0.02, 0.40, 0.6, 1.3) },
  { PAINT_TYRE, 1, ALONG (0.89, 0.89, 0.02, 0.40, 3.1, 3.8) },
  { PAINT_BODY, 0.55, ALONG (0.90, 0.86, 0.28, 1.0, 0, 4.2) },
  { PAINT_BODY, 0.60, BOTH (0.90, 1.04, 0.96, 1.08, 2.4) },
  { PAINT_GLASS, 0.5, ALONG (0.84, 0.66, 1.0, 1.40, 0.5, 3.0) },
  { PAINT_BODY, 0.90, ACROSS (0.64, 1.44, 0.95, 0.60, 1.40, 2.6) },
  { PAINT_BODY, 0.75, ACROSS (0.85, 0.98, 0.25, 0.67, 1.46, 0.95) },
  { PAINT_GLASS, 0.9, ACROSS (0.74, 1.03, 0.33, 0.58, 1.39, 0.88) },
  { PAINT_TRIM, 0.7, ACROSS (0.82, 0.18, 0.05, 0.86, 0.34, 0) },
  { PAINT_BODY, 0.86, ACROSS (0.90, 0.32, 0, 0.86, 1.0, 0.2) },
  { PAINT_BODY, 0.70, ACROSS (0.88, 0.49, 0, 0.88, 0.51, 0) },
  { PAINT_BODY, 0.74, ACROSS (0.38, 0.53, 0, 0.36, 0.74, 0) },
  { PAINT_METAL, 1, ACROSS (0.07, 0.82, 0, 0.07, 0.89, 0) },
  { PAINT_TAIL, 1, BOTH (0.56, 0.87, 0.72, 0.90, 0) },
  { PAINT_LAMP, 0.8, BOTH (0.58, 0.68, 0.74, 0.79, 0) },
  { PAINT_TAIL, 0.7, BOTH (0.66, 0.82, 0.36, 0.40, 0) },
};

static const Panel van_front[] = {
  { PAINT_SHADOW, 1, ACROSS (1.12, 0, -0.30, 1.05, 0, 5.6) },
  { PAINT_TYRE, 1, BOTH (0.70, 0.98, 0.02, 0.40, 0.5) },
  { PAINT_TYRE, 1, ALONG (0.99, 0.99, 0.02, 0.46, 0.5, 1.3) },
  { PAINT_TYRE, 1, ALONG (0.99, 0.99, 0.02, 0.46, 3.9, 4.7) },
  { PAINT_BODY, 0.55, ALONG (1.0, 0.94, 0.34, 2.05, 0.3, 5.3) },
  { PAINT_BODY, 0.85, ACROSS (0.86, 2.10, 1.2, 0.84, 2.10, 5.2) },
  { PAINT_BODY, 0.78, ACROSS (0.97, 1.12, 0.45, 0.85, 2.12, 1.25) },
  { PAINT_GLASS, 1, ACROSS (0.90, 1.17, 0.50, 0.80, 1.88, 1.05) },
  { PAINT_TRIM, 0.7, BOTH (1.0, 1.18, 1.15, 1.48, 0.8) },
  { PAINT_BODY, 1.05, ACROSS (0.94, 0.92, 0.05, 0.92, 1.14, 0.48) },
  { PAINT_TRIM, 0.7, ACROSS (0.94, 0.22, 0.02, 0.98, 0.42, 0) },
  { PAINT_BODY, 0.90, ACROSS (0.98, 0.40, 0, 0.94, 0.95, 0.05) },
  { PAINT_TRIM, 0.9, ACROSS (0.50, 0.66, 0, 0.54, 0.84, 0) },
  { PAINT_METAL, 1.1, ACROSS (0.08, 0.70, 0, 0.08, 0.80, 0) },
  { PAINT_TRIM, 0.6, BOTH (0.58, 0.95, 0.66, 0.91, 0.01) },
  { PAINT_LAMP, 1, BOTH (0.61, 0.92, 0.69, 0.88, 0) },
};

static const Panel van_rear[] = {
  { PAINT_SHADOW, 1, ACROSS (1.12, 0, -0.30, 1.05, 0, 5.6) },
  { PAINT_TYRE, 1, BOTH (0.70, 0.98, 0.02, 0.42, 0.7) },
  { PAINT_TYRE, 1, ALONG (0.99, 0.99, 0.02, 0.46, 0.7, 1.4) },
  { PAINT_TYRE, 1, ALONG (0.99, 0.99, 0.02, 0.46, 4.0, 4.8) },
  { PAINT_BODY, 0.55, ALONG (1.0, 0.94, 0.34, 2.10, 0, 5.2) },
  { PAINT_BODY, 0.85, ACROSS (0.92, 2.12, 0.02, 0.86, 2.12, 4.4) },
  { PAINT_TRIM, 0.7, ACROSS (0.96, 0.28, 0, 0.98, 0.42, 0) },
  { PAINT_BODY, 0.86, ACROSS (1.0, 0.40, 0, 0.93, 2.12, 0.02) },
  { PAINT_GLASS, 0.8, BOTH (0.10, 0.78, 1.32, 1.86, 0) },
  { PAINT_TRIM, 0.8, ACROSS (0.012, 0.46, 0, 0.012, 2.08, 0) },
  { PAINT_TRIM, 0.9, BOTH (0.05, 0.10, 1.0, 1.22, 0) },
  { PAINT_TAIL, 1, BOTH (0.86, 0.98, 0.75, 1.30, 0) },
  { PAINT_LAMP, 0.8, BOTH (0.88, 0.97, 0.66, 0.75, 0) },
};

static const Panel truck_front[] = {
  { PAINT_SHADOW, 1, ACROSS (1.40, 0, -0.40, 1.30, 0, 14.5) },
  { PAINT_TYRE, 1, BOTH (0.85, 1.20, 0.02, 0.60, 1.0) },
  { PAINT_TYRE, 1, ALONG (1.22, 1.22, 0.02, 0.95, 0.9, 1.9) },
  { PAINT_TYRE, 1, ALONG (1.22, 1.22, 0.02, 0.95, 4.4, 5.4) },
  { PAINT_TYRE, 1, ALONG (1.22, 1.22, 0.02, 0.95, 9.6, 12.6) },
  { PAINT_TRIM, 0.6, ALONG (1.15, 1.15, 0.45, 1.05, 5.4, 9.6) },
  { PAINT_CARGO, 0.70, ALONG (1.27, 1.27, 1.0, 3.9, 2.8, 14.0) },
  { PAINT_CARGO, 0.92, ACROSS (1.27, 1.0, 2.8, 1.27, 3.9, 2.8) },
  { PAINT_BODY, 0.55, ALONG (1.24, 1.22, 0.45, 3.0, 0.02, 2.2) },
  { PAINT_BODY, 0.80, ACROSS (1.16, 2.9, 0.05, 1.10, 3.6, 0.7) },
  { PAINT_BODY, 0.90, ACROSS (1.24, 0.75, 0, 1.22, 2.95, 0.05) },
  { PAINT_GLASS, 1, ACROSS (1.16, 1.70, 0, 1.12, 2.55, 0.02) },
  { PAINT_TRIM, 0.6, ACROSS (1.14, 2.55, 0, 1.12, 2.72, 0) },
  { PAINT_TRIM, 0.7, BOTH (1.25, 1.50, 1.70, 2.45, 0.1) },
  { PAINT_TRIM, 0.9, ACROSS (0.88, 0.92, 0, 0.94, 1.52, 0) },
  { PAINT_METAL, 0.7, ACROSS (0.90, 1.06, 0, 0.90, 1.09, 0) },
  { PAINT_METAL, 0.7, ACROSS (0.91, 1.22, 0, 0.91, 1.25, 0) },
  { PAINT_METAL, 0.7, ACROSS (0.92, 1.38, 0, 0.92, 1.41, 0) },
  { PAINT_TRIM, 1.1, ACROSS (1.22, 0.28, 0, 1.24, 0.82, 0) },
  { PAINT_TRIM, 0.5, BOTH (0.70, 1.18, 0.50, 0.74, 0) },
  { PAINT_LAMP, 1, BOTH (0.76, 1.12, 0.54, 0.70, 0) },
};

static const Panel truck_rear[] = {
  { PAINT_SHADOW, 1, ACROSS (1.40, 0, -0.40, 1.30, 0, 14.5) },
  { PAINT_TYRE, 1, BOTH (0.62, 1.20, 0.02, 0.95, 1.2) },
  { PAINT_TYRE, 1, ALONG (1.22, 1.22, 0.02, 0.95, 1.2, 4.2) },
  { PAINT_TYRE, 1, ALONG (1.22, 1.22, 0.02, 0.95, 9.4, 12.6) },
  { PAINT_TRIM, 0.6, ALONG (1.15, 1.15, 0.45, 1.05, 4.2, 9.4) },
  { PAINT_CARGO, 0.70, ALONG (1.27, 1.27, 1.0, 3.9, 0, 11.2) },
  { PAINT_TRIM, 0.6, BOTH (0.60, 1.18, 0.15, 0.95, 0.9) },
  { PAINT_CARGO, 0.95, ACROSS (1.27, 1.02, 0, 1.27, 3.9, 0) },
  { PAINT_TRIM, 1.2, ACROSS (0.015, 1.08, 0, 0.015, 3.85, 0) },
  { PAINT_METAL, 0.7, BOTH (0.30, 0.335, 1.08, 3.85, 0) },
  { PAINT_METAL, 0.7, BOTH (0.90, 0.935, 1.08, 3.85, 0) },
  { PAINT_TRIM, 1, ACROSS (1.25, 0.82, 0, 1.26, 1.04, 0) },
  { PAINT_TRIM, 0.8, ACROSS (0.36, 0.50, 0, 0.36, 0.82, 0) },
  { PAINT_METAL, 0.8, ACROSS (1.15, 0.42, 0, 1.15, 0.52, 0) },
  { PAINT_TAIL, 1, BOTH (0.82, 1.20, 0.86, 1.00, 0) },
  { PAINT_LAMP, 0.7, BOTH (0.74, 0.82, 0.86, 1.00, 0) },
};

#define MODEL(panels, y, z)                                                    \
  {                                                                            \
    panels, G_N_ELEMENTS (panels), y, z                                        \
  }

static const Model models[][2] = {
  [SCENE_CAR] = { [SCENE_FRONT] = MODEL (car_front, 0.45, -0.01),
      [SCENE_REAR] = MODEL (car_rear, 0.635, -0.01) },
  [SCENE_VAN] = { [SCENE_FRONT] = MODEL (van_front, 0.54, -0.01),
      [SCENE_REAR] = MODEL (van_rear, 0.66, -0.01) },
  [SCENE_TRUCK] = { [SCENE_FRONT] = MODEL (truck_front, 0.42, -0.01),
      [SCENE_REAR] = MODEL (truck_rear, 0.66, -0.01) },
};

static const gdouble lengths[] = {
  [SCENE_CAR] = 4.6,
  [SCENE_VAN] = 5.6,
  [SCENE_TRUCK] = 14.5,
};

/* PAINT_BODY takes the vehicle's own colour. */
static const guint32 paints[] = {
  [PAINT_CARGO] = 0xb9bcc0,
  [PAINT_GLASS] = 0x27323b,
  [PAINT_TRIM] = 0x1d1f22,
  [PAINT_METAL] = 0xa4a9ae,
  [PAINT_LAMP] = 0xe4e9ee,
  [PAINT_TAIL] = 0xa31318,
  [PAINT_TYRE] = 0x111213,
  [PAINT_SHADOW] = 0x0c0e12,
};

/* How much lighter the top and darker the foot of a panel is; glass mirrors
 * the sky. */
static const gdouble sheens[] = {
  [PAINT_BODY] = 0.10,
  [PAINT_CARGO] = 0.05,
  [PAINT_GLASS] = 0.65,
  [PAINT_TRIM] = 0.15,
  [PAINT_METAL] = 0.25,
  [PAINT_LAMP] = 0.10,
  [PAINT_TAIL] = 0.25,
  [PAINT_TYRE] = 0.10,
  [PAINT_SHADOW] = 0,
};

/**
 * scene_project:
 * @camera: the camera
 * @x: metres right of it
 * @y: metres above the road
 * @z: metres ahead of the camera, at least SCENE_NEAR_METRES
 * @screen_x: (out): pixels from the left
 * @screen_y: (out): pixels from the top
 */
void
scene_project (const SceneCamera *camera, gdouble x, gdouble y, gdouble z,
    gdouble *screen_x, gdouble *screen_y)
{
  *screen_x = camera->centre_x + camera->focal * x / z;
  *screen_y = camera->horizon + camera->focal * (camera->height - y) / z;
}

/**
 * scene_kind_length:
 * @kind: a kind of vehicle
 *
 * Returns: how long it is with its shadow, metres
 */
gdouble
scene_kind_length (SceneKind kind)
{
  return lengths[kind];
}

static Point
cut_at_near (const Point *a, const Point *b)
{
  gdouble part = (SCENE_NEAR_METRES - a->z) / (b->z - a->z);

  return (Point){ a->x + part * (b->x - a->x), a->y + part * (b->y - a->y),
    SCENE_NEAR_METRES };
}

/* From the vehicle's metres to the camera's */
static Point
place_point (const ScenePose *pose, gdouble x, gdouble y, gdouble z)
{
  gdouble angle = pose->yaw * G_PI / 180;

  return (Point){ pose->x + x * cos (angle) + z * sin (angle), y,
    pose->z + z * cos (angle) - x * sin (angle) };
}

/* Puts the panel into the scene and keeps what lies beyond the near plane;
 * @side is -1 for the mirrored half of a pair. Returns the number of corners. */
static guint
place_panel (
    const Panel *panel, const ScenePose *pose, gdouble side, Point *placed)
{
  guint count = 0;
  Point corners[4];

  for (guint i = 0; i < 4; i++)
    corners[i] = place_point (pose, side * panel->corners[i].x,
        panel->corners[i].y, panel->corners[i].z);
  for (guint i = 0; i < 4; i++) {
    const Point *here = &corners[i];
    const Point *next = &corners[(i + 1) % 4];
    gboolean here_seen = here->z >= SCENE_NEAR_METRES;
    gboolean next_seen = next->z >= SCENE_NEAR_METRES;

    if (here_seen && count < CORNERS_MAX)
      placed[count++] = *here;
    if (here_seen != next_seen && count < CORNERS_MAX)
      placed[count++] = cut_at_near (here, next);
  }
  return count;
}

static gboolean
outline_panel (cairo_t *cr, const SceneCamera *camera, const Panel *panel,
    const ScenePose *pose, gdouble side)
{
  Point corners[CORNERS_MAX];
  guint count = place_panel (panel, pose, side, corners);

  for (guint i = 0; i < count; i++) {
    gdouble x, y;

    scene_project (camera, corners[i].x, corners[i].y, corners[i].z, &x, &y);
    cairo_line_to (cr, x, y);
  }
  cairo_close_path (cr);
  return count >= 3;
}

static void
add_stop (cairo_pattern_t *pattern, gdouble at, guint32 colour, gdouble shade)
{
  gdouble red = MIN (1, shade * (colour >> 16 & 0xff) / 255);
  gdouble green = MIN (1, shade * (colour >> 8 & 0xff) / 255);
  gdouble blue = MIN (1, shade * (colour & 0xff) / 255);

  cairo_pattern_add_color_stop_rgb (pattern, at, red, green, blue);
}

static void
set_paint (cairo_t *cr, const Panel *panel, guint32 body)
{
  guint32 colour = panel->paint == PAINT_BODY ? body : paints[panel->paint];
  gdouble sheen = sheens[panel->paint];
  cairo_pattern_t *pattern;
  gdouble x0, y0, x1, y1;

  if (panel->paint == PAINT_SHADOW) {
    cairo_set_source_rgba (cr, 0.04, 0.05, 0.07, 0.55);
    return;
  }
  cairo_path_extents (cr, &x0, &y0, &x1, &y1);
  pattern = cairo_pattern_create_linear (0, y0, 0, y1);
  add_stop (pattern, 0, colour, panel->shade * (1 + sheen));
  add_stop (pattern, 1, colour, panel->shade * (1 - sheen));
  cairo_set_source (cr, pattern);
  cairo_pattern_destroy (pattern);
}

/* Whether the panel is a side of a turned vehicle that looks away from the
 * camera. What is not turned has its sides painted over by its end. */
static gboolean
looks_away (const Panel *panel, const ScenePose *pose, gdouble side)
{
  gdouble angle = pose->yaw * G_PI / 180;
  const Point *corner = &panel->corners[0];
  Point placed;

  if (pose->yaw == 0 || !panel->pair || corner->x != panel->corners[1].x)
    return FALSE;
  placed = place_point (pose, side * corner->x, corner->y, corner->z);
  return side * (sin (angle) * placed.z - cos (angle) * placed.x) <= 0;
}

/* A stroke of the same paint rounds the corners off. */
static void
paint_panel (cairo_t *cr, const SceneCamera *camera, const Panel *panel,
    const ScenePose *pose, gdouble side)
{
  gboolean round = panel->paint == PAINT_BODY || panel->paint == PAINT_LAMP
                   || panel->paint == PAINT_TAIL;

  cairo_new_path (cr);
  if (looks_away (panel, pose, side))
    return;
  if (!outline_panel (cr, camera, panel, pose, side)) {
    cairo_new_path (cr);
    return;
  }
  set_paint (cr, panel, pose->colour);
  if (round) {
    cairo_set_line_width (
        cr, 0.035 * camera->focal / MAX (pose->z, SCENE_NEAR_METRES));
    cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
    cairo_stroke_preserve (cr);
  }
  cairo_fill (cr);
}

static void
extend (SceneExtent *extent, gdouble x, gdouble y)
{
  extent->x0 = MIN (extent->x0, x);
  extent->y0 = MIN (extent->y0, y);
  extent->x1 = MAX (extent->x1, x);
  extent->y1 = MAX (extent->y1, y);
}

static void
extend_by_panel (SceneExtent *extent, const SceneCamera *camera,
    const Panel *panel, const ScenePose *pose, gdouble side)
{
  Point corners[CORNERS_MAX];
  guint count = place_panel (panel, pose, side, corners);

  for (guint i = 0; i < count; i++) {
    gdouble x, y;

    scene_project (camera, corners[i].x, corners[i].y, corners[i].z, &x, &y);
    extend (extent, x, y);
  }
}

/**
 * scene_vehicle_extent:
 * @camera: the camera
 * @pose: a vehicle
 * @extent: (out): what it covers of the picture, with its shadow; not cut at
 *   the picture's edges
 */
void
scene_vehicle_extent (
    const SceneCamera *camera, const ScenePose *pose, SceneExtent *extent)
{
  const Model *model = &models[pose->kind][pose->end];
  gdouble margin = 0.05 * camera->focal / MAX (pose->z, SCENE_NEAR_METRES);

  *extent =
      (SceneExtent){ G_MAXDOUBLE, G_MAXDOUBLE, -G_MAXDOUBLE, -G_MAXDOUBLE };
  for (guint i = 0; i < model->n_panels; i++) {
    extend_by_panel (extent, camera, &model->panels[i], pose, 1);
    if (model->panels[i].pair)
      extend_by_panel (extent, camera, &model->panels[i], pose, -1);
  }
  extent->x0 -= margin;
  extent->y0 -= margin;
  extent->x1 += margin;
  extent->y1 += margin;
}

/**
 * scene_vehicle_plate_height:
 * @pose: a vehicle
 *
 * Returns: how high the middle of its plate is above the road, metres
 */
gdouble
scene_vehicle_plate_height (const ScenePose *pose)
{
  return models[pose->kind][pose->end].plate_y;
}

/**
 * scene_vehicle_plate:
 * @camera: the camera
 * @pose: a vehicle
 * @plate: its plate
 * @corner_x: (out): its corners, clockwise from its top left one, pixels
 * @corner_y: (out): likewise
 *
 * Returns: %FALSE if the plate is behind the camera
 */
gboolean
scene_vehicle_plate (const SceneCamera *camera, const ScenePose *pose,
    const ScenePlate *plate, gdouble corner_x[4], gdouble corner_y[4])
{
  const Model *model = &models[pose->kind][pose->end];
  gdouble tilt = pose->tilt * G_PI / 180;
  gdouble width, height;

  scene_plate_size (plate, &width, &height);
  for (guint i = 0; i < 4; i++) {
    gdouble x = (i == 1 || i == 2 ? width : -width) / 2000;
    gdouble down = (i >= 2 ? height : -height) / 2000;
    Point corner = place_point (pose, x * cos (tilt) - down * sin (tilt),
        model->plate_y - x * sin (tilt) - down * cos (tilt), model->plate_z);

    if (corner.z < SCENE_NEAR_METRES)
      return FALSE;
    scene_project (
        camera, corner.x, corner.y, corner.z, &corner_x[i], &corner_y[i]);
  }
  return TRUE;
}

/* What faces the camera is only scaled and turned: cairo does that best. */
static void
draw_facing_plate (cairo_t *cr, const ScenePlate *plate,
    const gdouble corner_x[4], const gdouble corner_y[4])
{
  gdouble width, height;
  cairo_matrix_t matrix;

  scene_plate_size (plate, &width, &height);
  cairo_matrix_init (&matrix, (corner_x[1] - corner_x[0]) / width,
      (corner_y[1] - corner_y[0]) / width, (corner_x[3] - corner_x[0]) / height,
      (corner_y[3] - corner_y[0]) / height, corner_x[0], corner_y[0]);
  cairo_save (cr);
  cairo_transform (cr, &matrix);
  scene_plate_draw (cr, plate);
  cairo_restore (cr);
}

static void
draw_turned_plate (cairo_t *cr, const ScenePlate *plate,
    const gdouble corner_x[4], const gdouble corner_y[4])
{
  gdouble width, height, scale;
  cairo_surface_t *flat;
  cairo_t *flat_cr;

  scene_plate_size (plate, &width, &height);
  scale = FLAT_SCALE
          * MAX (hypot (corner_x[3] - corner_x[0], corner_y[3] - corner_y[0]),
              hypot (corner_x[2] - corner_x[1], corner_y[2] - corner_y[1]))
          / height;
  flat = cairo_image_surface_create (CAIRO_FORMAT_ARGB32,
      (gint) ceil (width * scale), (gint) ceil (height * scale));
  flat_cr = cairo_create (flat);
  cairo_scale (flat_cr, cairo_image_surface_get_width (flat) / width,
      cairo_image_surface_get_height (flat) / height);
  scene_plate_draw (flat_cr, plate);
  cairo_destroy (flat_cr);
  scene_perspective_paint (cr, flat, corner_x, corner_y);
  cairo_surface_destroy (flat);
}

/**
 * scene_vehicle_draw:
 * @cr: a context whose unit is the pixel
 * @camera: the camera
 * @pose: the vehicle
 * @plate: its plate
 *
 * Draws one vehicle over what is there. The state of @cr but for its source
 * and line settings is left as it was.
 */
void
scene_vehicle_draw (cairo_t *cr, const SceneCamera *camera,
    const ScenePose *pose, const ScenePlate *plate)
{
  const Model *model = &models[pose->kind][pose->end];
  gdouble corner_x[4], corner_y[4];

  for (guint i = 0; i < model->n_panels; i++) {
    paint_panel (cr, camera, &model->panels[i], pose, 1);
    if (model->panels[i].pair)
      paint_panel (cr, camera, &model->panels[i], pose, -1);
  }
  if (!scene_vehicle_plate (camera, pose, plate, corner_x, corner_y))
    return;
  if (pose->yaw == 0)
    draw_facing_plate (cr, plate, corner_x, corner_y);
  else
    draw_turned_plate (cr, plate, corner_x, corner_y);
}
