/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Plate pictures of planes whose every value is known: where a picture shows
 * what, and that nothing outside a plane is read: planes here are as large as
 * they say and no larger, so that a checker of memory sees it. */

#include <gst/check/gstcheck.h>
#include <math.h>
#include "plugins/plateocr/platetilt.h"

#define WIDTH ANPR_PLATE_PICTURE_WIDTH
#define HEIGHT ANPR_PLATE_PICTURE_HEIGHT
#define FRAME_WIDTH 400
#define FRAME_HEIGHT 240

static guint8 *
new_noise (guint n, guint seed)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  guint8 *luma = g_malloc (n);

  for (guint i = 0; i < n; i++)
    luma[i] = g_rand_int_range (random, 0, 256);
  return luma;
}

static AnprLumaPlane
plane_of (const guint8 *luma)
{
  return (AnprLumaPlane){ luma, FRAME_WIDTH, FRAME_WIDTH, FRAME_HEIGHT };
}

static gboolean
cut (AnprPlatePicture *picture, const AnprLumaPlane *frame, const AnprBox *box,
    const AnprQuad *quad, AnprCropWay way, guint n_lines)
{
  AnprPlateArea area;

  if (!anpr_plate_area_find (&area, frame, box, quad, way))
    return FALSE;
  anpr_plate_picture_cut (picture, frame, &area, n_lines, ANPR_CUT_WITH_MARGIN);
  return TRUE;
}

/* The triangle's mean along one direction, as it is meant */
static gdouble
mean_along (const AnprLumaPlane *plane, gdouble x, gdouble y, gdouble reach_x,
    gdouble reach_y)
{
  gdouble sum = 0, weights = 0;

  for (gint j = floor (y - reach_y); j <= ceil (y + reach_y); j++)
    for (gint i = floor (x - reach_x); i <= ceil (x + reach_x); i++) {
      gdouble weight =
          MAX (reach_x - fabs (i - x), 0) * MAX (reach_y - fabs (j - y), 0);
      gint column = CLAMP (i, 0, (gint) plane->width - 1);
      gint row = CLAMP (j, 0, (gint) plane->height - 1);

      sum += weight * plane->luma[row * plane->stride + column];
      weights += weight;
    }
  return sum / weights;
}

static const AnprBox sampled[] = { { 100, 50, 90, 20 }, { 33.3, 41.7, 200, 49 },
  { -20, -8, 160, 40 }, { 300.4, 180.2, 380, 95 }, { 390, 230, 40, 30 } };

GST_START_TEST (samples_are_means_under_a_triangle)
{
  g_autofree guint8 *luma = new_noise (FRAME_WIDTH * FRAME_HEIGHT, 1);
  AnprLumaPlane plane = plane_of (luma);
  const AnprBox *box = &sampled[__i__];
  static const AnprBox all = { 0, 0, 1, 1 };
  gdouble step_x = box->width / WIDTH, step_y = box->height / HEIGHT;
  guint8 picture[WIDTH * HEIGHT];
  AnprLumaMap map;
  AnprQuad quad;

  anpr_quad_from_box (&quad, box);
  fail_unless (anpr_luma_map_from_quad (&map, &quad));
  fail_unless (anpr_luma_sample (&plane, &map, &all, picture, WIDTH, HEIGHT));
  for (guint y = 0; y < HEIGHT; y++)
    for (guint x = 0; x < WIDTH; x++) {
      gdouble meant = mean_along (&plane, box->x + (x + 0.5) * step_x - 0.5,
          box->y + (y + 0.5) * step_y - 0.5, MAX (step_x, 1), MAX (step_y, 1));

      fail_unless (fabs (picture[y * WIDTH + x] - meant) <= 2,
          "%u, %u: %u, not %f", x, y, picture[y * WIDTH + x], meant);
    }
}
GST_END_TEST;

/* A pattern of the unit square that a plane shows where a map puts it */
static gdouble
pattern (gdouble u, gdouble v)
{
  return 128 + 60 * sin (9 * u) + 50 * cos (5 * v);
}

/* Solves the map for u, v: Newton's way, a few steps of it */
static void
find_inverse (
    const AnprLumaMap *map, gdouble x, gdouble y, gdouble *u, gdouble *v)
{
  *u = *v = 0.5;
  for (guint i = 0; i < 20; i++) {
    gdouble px, py, ax, ay, bx, by, det;

    anpr_luma_map_place (map, *u, *v, &px, &py);
    anpr_luma_map_place (map, *u + 1e-5, *v, &ax, &ay);
    anpr_luma_map_place (map, *u, *v + 1e-5, &bx, &by);
    ax = (ax - px) * 1e5, ay = (ay - py) * 1e5;
    bx = (bx - px) * 1e5, by = (by - py) * 1e5;
    det = ax * by - bx * ay;
    *u += ((x - px) * by - bx * (y - py)) / det;
    *v += (ax * (y - py) - (x - px) * ay) / det;
  }
}

static guint8 *
draw_pattern (const AnprLumaMap *map)
{
  guint8 *luma = g_malloc (FRAME_WIDTH * FRAME_HEIGHT);

  for (guint y = 0; y < FRAME_HEIGHT; y++)
    for (guint x = 0; x < FRAME_WIDTH; x++) {
      gdouble u, v;

      find_inverse (map, x + 0.5, y + 0.5, &u, &v);
      luma[y * FRAME_WIDTH + x] = (guint8) CLAMP (pattern (u, v) + 0.5, 0, 255);
    }
  return luma;
}

static const AnprQuad tilted[] = {
  { { 80, 300, 310, 85 }, { 60, 90, 150, 105 } },
  { { 100, 270, 262, 94 }, { 120, 90, 130, 168 } },
  { { 90, 310, 310, 90 }, { 60, 60, 110, 110 } },
};

static AnprBox
bounds_of (const AnprQuad *quad)
{
  gdouble left = MIN (quad->x[0], quad->x[3]);
  gdouble right = MAX (quad->x[1], quad->x[2]);
  gdouble top = MIN (quad->y[0], quad->y[1]);
  gdouble bottom = MAX (quad->y[2], quad->y[3]);

  return (AnprBox){ left, top, right - left, bottom - top };
}

GST_START_TEST (corners_are_set_straight)
{
  const AnprQuad *quad = &tilted[__i__];
  AnprBox box = bounds_of (quad);
  AnprPlatePicture picture;
  AnprLumaMap map;
  g_autofree guint8 *luma = NULL;
  AnprLumaPlane plane;

  fail_unless (anpr_luma_map_from_quad (&map, quad));
  luma = draw_pattern (&map);
  plane = plane_of (luma);
  fail_unless (cut (&picture, &plane, &box, quad, ANPR_CROP_BY_CORNERS, 1));
  for (guint y = 0; y < HEIGHT; y++)
    for (guint x = 0; x < WIDTH; x++) {
      /* with 2 and 4 parts of 100 beyond the plate at each side */
      gdouble meant = pattern (
          (x + 0.5) / WIDTH * 1.04 - 0.02, (y + 0.5) / HEIGHT * 1.08 - 0.04);

      fail_unless (fabs (picture.luma[y * WIDTH + x] - meant) <= 4,
          "%u, %u: %u, not %f", x, y, picture.luma[y * WIDTH + x], meant);
    }
}
GST_END_TEST;

/* A parallelogram is what slopes and its upright box say too */
GST_START_TEST (slopes_alone_set_a_parallelogram_straight)
{
  static const AnprQuad quad = { { 80, 300, 310, 90 }, { 60, 82, 132, 110 } };
  AnprBox box = bounds_of (&quad);
  g_autofree guint8 *luma = new_noise (FRAME_WIDTH * FRAME_HEIGHT, 2);
  AnprLumaPlane plane = plane_of (luma);
  AnprPlatePicture corners, slopes;

  fail_unless (cut (&corners, &plane, &box, &quad, ANPR_CROP_BY_CORNERS, 1));
  fail_unless (cut (&slopes, &plane, &box, &quad, ANPR_CROP_BY_SLOPE, 1));
  for (guint i = 0; i < WIDTH * HEIGHT; i++)
    fail_unless (abs (corners.luma[i] - slopes.luma[i]) <= 2);
}
GST_END_TEST;

static const struct {
  gdouble width;
  gdouble height;
  guint n;
  guint first;
} shapes[] = { { 200, 44, 1, 1 }, { 90, 30, 1, 1 }, { 100, 40, 2, 1 },
  { 80, 40, 2, 2 }, { 60, 40, 1, 2 }, { 40, 60, 1, 2 } };

/* Bars as signs have them, along a line that goes down by slope a column */
static void
draw_bars (guint8 *luma, const AnprBox *box, gdouble slope)
{
  memset (luma, 220, FRAME_WIDTH * FRAME_HEIGHT);
  for (guint x = box->x + 10; x < box->x + box->width - 10; x++) {
    gdouble middle =
        box->y + box->height / 2 + (x - box->x - box->width / 2) * slope;

    for (gint y = middle - 12; y < middle + 12; y++)
      if (x / 5 % 2 == 0)
        luma[y * FRAME_WIDTH + x] = 20;
  }
}

/* A plate's line of signs is found whichever way it goes, and cut along it its
 * picture is level */
GST_START_TEST (a_tilted_line_is_found_and_set_level)
{
  static const gdouble slopes[] = { 0, 0.09, -0.09, 0.18, -0.18 };
  const AnprBox box = { 60, 60, 240, 60 };
  g_autofree guint8 *luma = g_malloc (FRAME_WIDTH * FRAME_HEIGHT);
  AnprLumaPlane plane = plane_of (luma);
  AnprPlatePicture picture;
  AnprPlateArea area;
  gdouble tilt;

  draw_bars (luma, &box, slopes[__i__]);
  fail_unless (
      anpr_plate_area_find (&area, &plane, &box, NULL, ANPR_CROP_BY_CORNERS));
  anpr_plate_picture_cut (&picture, &plane, &area, 1, ANPR_CUT_WITH_MARGIN);
  tilt = anpr_plate_picture_find_tilt (&picture);
  fail_unless (fabs (tilt - slopes[__i__]) < 0.02, "%f", tilt);
  fail_unless (anpr_plate_area_tilt (&area, tilt));
  anpr_plate_picture_cut (&picture, &plane, &area, 1, ANPR_CUT_WITH_MARGIN);
  fail_unless (fabs (anpr_plate_picture_find_tilt (&picture)) < 0.02);
}
GST_END_TEST;

GST_START_TEST (a_tilt_that_would_leave_little_is_refused)
{
  const AnprBox box = { 60, 60, 240, 60 };
  g_autofree guint8 *luma = new_noise (FRAME_WIDTH * FRAME_HEIGHT, 5);
  AnprLumaPlane plane = plane_of (luma);
  AnprPlateArea area, before;

  fail_unless (
      anpr_plate_area_find (&area, &plane, &box, NULL, ANPR_CROP_BY_CORNERS));
  before = area;
  fail_if (anpr_plate_area_tilt (&area, 0.6));
  fail_if (anpr_plate_area_tilt (&area, NAN));
  fail_unless (memcmp (&area, &before, sizeof (area)) == 0);
}
GST_END_TEST;

GST_START_TEST (the_shape_tells_how_many_lines_there_may_be)
{
  g_autofree guint8 *luma = new_noise (FRAME_WIDTH * FRAME_HEIGHT, 3);
  AnprLumaPlane plane = plane_of (luma);
  AnprBox box = { 50, 50, shapes[__i__].width, shapes[__i__].height };
  guint n_lines[ANPR_MAX_PLATE_LINES];
  AnprPlateArea area;

  fail_unless (
      anpr_plate_area_find (&area, &plane, &box, NULL, ANPR_CROP_BY_CORNERS));
  fail_unless_equals_int (
      anpr_plate_area_get_layouts (&area, n_lines), shapes[__i__].n);
  fail_unless_equals_int (n_lines[0], shapes[__i__].first);
  fail_unless_equals_int (n_lines[1], 3 - shapes[__i__].first);
  fail_unless (fabs (anpr_plate_area_get_sign_height (&area, 1)
                     - 0.7 * shapes[__i__].height)
               < 1e-6);
}
GST_END_TEST;

/* Upright stripes of half a plate each, a plain row between them: 4 pixels wide
 * above, 10 below */
GST_START_TEST (two_lines_are_divided_between_them_and_set_side_by_side)
{
  g_autofree guint8 *luma = g_malloc0 (FRAME_WIDTH * FRAME_HEIGHT);
  AnprLumaPlane plane = plane_of (luma);
  AnprBox box = { 50, 50, 160, 120 };
  AnprPlatePicture picture;
  guint changes[2] = { 0 };

  for (guint y = 50; y < 170; y++)
    for (guint x = 50; x < 210; x++) {
      guint8 upper = (x - 50) % 20 < 10 ? 30 : 220;
      guint8 lower = (x - 50) % 40 < 20 ? 30 : 220;

      luma[y * FRAME_WIDTH + x] = y < 103 ? upper : y > 112 ? lower : 130;
    }
  fail_unless (cut (&picture, &plane, &box, NULL, ANPR_CROP_BY_BOX, 2));
  for (guint half = 0; half < 2; half++)
    for (guint x = 3; x < WIDTH / 2 - 3; x++) {
      const guint8 *row = picture.luma + 20 * WIDTH + half * WIDTH / 2;

      changes[half] += (row[x] < 128) != (row[x + 1] < 128);
    }
  fail_unless (changes[0] >= 14 && changes[0] <= 16, "%u", changes[0]);
  fail_unless (changes[1] >= 6 && changes[1] <= 8, "%u", changes[1]);
}
GST_END_TEST;

GST_START_TEST (a_little_of_what_is_around_the_plate_is_seen)
{
  g_autofree guint8 *luma = g_malloc0 (FRAME_WIDTH * FRAME_HEIGHT);
  AnprLumaPlane plane = plane_of (luma);
  AnprBox box = { 100, 100, 200, 50 };
  AnprPlatePicture picture;

  for (guint y = 100; y < 150; y++)
    memset (luma + y * FRAME_WIDTH + 100, 200, 200);
  fail_unless (cut (&picture, &plane, &box, NULL, ANPR_CROP_BY_CORNERS, 1));
  fail_unless_equals_int (picture.luma[20 * WIDTH], 0);
  fail_unless_equals_int (picture.luma[20 * WIDTH + WIDTH - 1], 0);
  fail_unless_equals_int (picture.luma[WIDTH / 2], 0);
  fail_unless_equals_int (picture.luma[20 * WIDTH + 5], 200);
  fail_unless_equals_int (picture.luma[5 * WIDTH + WIDTH / 2], 200);
}
GST_END_TEST;

GST_START_TEST (the_edge_goes_on_outside_the_frame)
{
  g_autofree guint8 *luma = g_malloc (FRAME_WIDTH * FRAME_HEIGHT);
  AnprLumaPlane plane = plane_of (luma);
  AnprBox box = { 0, 0, FRAME_WIDTH, FRAME_HEIGHT };
  AnprPlatePicture picture;

  memset (luma, 77, FRAME_WIDTH * FRAME_HEIGHT);
  fail_unless (cut (&picture, &plane, &box, NULL, ANPR_CROP_BY_CORNERS, 1));
  for (guint i = 0; i < WIDTH * HEIGHT; i++)
    fail_unless_equals_int (picture.luma[i], 77);
}
GST_END_TEST;

GST_START_TEST (boxes_outside_or_without_size_give_nothing)
{
  static const AnprBox boxes[] = { { -50, 0, 40, 40 }, { 500, 10, 40, 40 },
    { 10, 10, 0, 40 }, { 10, 10, -5, -5 }, { 10, 10, 0.001, 40 },
    { NAN, 10, 40, 40 }, { 10, 10, INFINITY, 40 } };
  g_autofree guint8 *luma = new_noise (FRAME_WIDTH * FRAME_HEIGHT, 4);
  AnprLumaPlane plane = plane_of (luma);
  AnprPlatePicture picture;

  for (guint i = 0; i < G_N_ELEMENTS (boxes); i++)
    fail_if (cut (&picture, &plane, &boxes[i], NULL, ANPR_CROP_BY_CORNERS, 1));
}
GST_END_TEST;

GST_START_TEST (corners_that_cannot_be_the_plates_are_not_believed)
{
  static const AnprQuad quads[] = {
    { { 0, 0, 0, 0 }, { 0, 0, 0, 0 } },
    { { NAN, 270, 270, 50 }, { 50, 50, 98, 98 } },
    { { 0, 1e300, 1e300, 0 }, { 0, -1e308, 1e308, 0 } },
    /* mirrored, crossed, hollow, elsewhere, a triangle nearly */
    { { 270, 50, 50, 270 }, { 50, 50, 98, 98 } },
    { { 50, 270, 50, 270 }, { 50, 50, 98, 98 } },
    { { 50, 270, 100, 50 }, { 50, 50, 60, 98 } },
    { { 150, 370, 370, 150 }, { 150, 150, 198, 198 } },
    { { 50, 270, 270, 50 }, { 50, 73, 76, 98 } },
  };
  g_autofree guint8 *luma = new_noise (FRAME_WIDTH * FRAME_HEIGHT, 5);
  AnprLumaPlane plane = plane_of (luma);
  AnprBox box = { 50, 50, 220, 48 };
  AnprPlatePicture plain, picture;

  fail_unless (cut (&plain, &plane, &box, NULL, ANPR_CROP_BY_CORNERS, 1));
  for (guint i = 0; i < G_N_ELEMENTS (quads); i++) {
    fail_unless (
        cut (&picture, &plane, &box, &quads[i], ANPR_CROP_BY_CORNERS, 1));
    fail_unless (memcmp (&plain, &picture, sizeof (plain)) == 0, "%u", i);
  }
}
GST_END_TEST;

GST_START_TEST (any_box_and_corners_of_any_frame_are_survived)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (6);

  for (guint i = 0; i < 3000; i++) {
    guint width = g_rand_int_range (random, 1, 60);
    guint height = g_rand_int_range (random, 1, 40);
    g_autofree guint8 *luma = new_noise (width * height, i);
    AnprLumaPlane plane = { luma, width, width, height };
    AnprBox box = { g_rand_double_range (random, -30, 60),
      g_rand_double_range (random, -30, 40),
      exp (g_rand_double_range (random, -2, i % 10 ? 5 : 40)),
      exp (g_rand_double_range (random, -2, i % 10 ? 5 : 40)) };
    gdouble wild = exp (g_rand_double_range (random, -3, 1));
    AnprPlatePicture picture;
    AnprQuad quad;

    anpr_quad_from_box (&quad, &box);
    for (guint corner = 0; corner < 4; corner++) {
      quad.x[corner] += wild * g_rand_double_range (random, -1, 1) * box.width;
      quad.y[corner] += wild * g_rand_double_range (random, -1, 1) * box.height;
    }
    (void) cut (&picture, &plane, &box, &quad, i % 3, 1 + i % 2);
  }
}
GST_END_TEST;

static Suite *
platecrop_suite (void)
{
  Suite *suite = suite_create ("platecrop");
  TCase *tests = tcase_create ("pictures");

  suite_add_tcase (suite, tests);
  tcase_add_loop_test (
      tests, samples_are_means_under_a_triangle, 0, G_N_ELEMENTS (sampled));
  tcase_add_loop_test (
      tests, corners_are_set_straight, 0, G_N_ELEMENTS (tilted));
  tcase_add_loop_test (tests, a_tilted_line_is_found_and_set_level, 0, 5);
  tcase_add_test (tests, a_tilt_that_would_leave_little_is_refused);
  tcase_add_test (tests, slopes_alone_set_a_parallelogram_straight);
  tcase_add_loop_test (tests, the_shape_tells_how_many_lines_there_may_be, 0,
      G_N_ELEMENTS (shapes));
  tcase_add_test (
      tests, two_lines_are_divided_between_them_and_set_side_by_side);
  tcase_add_test (tests, a_little_of_what_is_around_the_plate_is_seen);
  tcase_add_test (tests, the_edge_goes_on_outside_the_frame);
  tcase_add_test (tests, boxes_outside_or_without_size_give_nothing);
  tcase_add_test (tests, corners_that_cannot_be_the_plates_are_not_believed);
  tcase_add_test (tests, any_box_and_corners_of_any_frame_are_survived);
  return suite;
}

GST_CHECK_MAIN (platecrop)
