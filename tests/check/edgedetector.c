/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/check/gstcheck.h>
#include "motiongate.h"
#include "platedetector.h"
#include "platedetectpicture.h"
#include "polygon.h"
#include "modelfile.h"
#include "plugins/record/error.h"
#include <glib/gstdio.h>

static const AnprDetectOptions usual = {
  .threshold = 0.4,
  .min_plate_width = 40,
  .max_plates = 16,
};

static guint
find (const Picture *picture, const AnprDetectOptions *options,
    AnprDetection *plates, guint n_plates)
{
  g_autoptr (AnprPlateDetector) detector = anpr_plate_detector_new ();

  return anpr_plate_detector_find (detector, picture->pixels, picture->stride,
      picture->width, picture->height, options, plates, n_plates);
}

static AnprBox
drawn_box (const DrawnPlate *plate)
{
  gdouble sunk = plate->width * plate->slope;

  return (AnprBox){ plate->x, plate->y + MIN (0, sunk), plate->width,
    plate->width / 4.7 + fabs (sunk) };
}

static gdouble
best_overlap (const DrawnPlate *drawn, guint width, guint height)
{
  Picture picture = picture_new (width, height, width + 13);
  AnprDetection plates[16];
  AnprBox box = drawn_box (drawn);
  gdouble best = 0;
  guint n_plates;

  picture_draw (&picture, drawn);
  n_plates = find (&picture, &usual, plates, G_N_ELEMENTS (plates));
  for (guint i = 0; i < n_plates; i++)
    best = MAX (best, anpr_box_iou (&plates[i].box, &box));
  GST_INFO (
      "plate %.0f wide: %u found, overlap %.2f", drawn->width, n_plates, best);
  g_free (picture.pixels);
  return best;
}

static const guint widths[] = { 60, 75, 90, 110, 130, 160, 200, 240, 280, 330,
  400 };

GST_START_TEST (plates_are_found_in_all_sizes)
{
  DrawnPlate plate = {
    .x = 301.3,
    .y = 402.6,
    .width = widths[__i__],
    .ground = 225,
    .ink = 35,
  };

  fail_unless (best_overlap (&plate, 1280, 720) > 0.6);
}

GST_END_TEST;

GST_START_TEST (yellow_and_dim_plates_are_found)
{
  const guint8 grounds[] = { 190, 150, 115 };
  DrawnPlate plate = {
    .x = 210, .y = 260, .width = 120, .ground = grounds[__i__], .ink = 35
  };

  fail_unless (best_overlap (&plate, 640, 480) > 0.6);
}

GST_END_TEST;

GST_START_TEST (sloping_plates_are_found_with_their_corners)
{
  const gdouble slopes[] = { -0.2, -0.1, 0.1, 0.2 };
  DrawnPlate drawn = { .x = 200,
    .y = 250,
    .width = 180,
    .slope = slopes[__i__],
    .ground = 225,
    .ink = 35 };
  Picture picture = picture_new (640, 480, 640);
  AnprDetection plate;

  picture_draw (&picture, &drawn);
  fail_unless_equals_int (find (&picture, &usual, &plate, 1), 1);
  fail_unless (fabs (plate.quad.y[1] - plate.quad.y[0]
                     - slopes[__i__] * (plate.quad.x[1] - plate.quad.x[0]))
               < 9);
  g_free (picture.pixels);
}

GST_END_TEST;

/* Two lines of three and four characters on a plate three quarters as high as
 * wide */
static guint8
two_line_luma (gdouble u, gdouble v)
{
  guint line = v < 0.5 ? 0 : 1;
  gdouble text_x = (u - 0.08) / 0.84 * 4;
  gdouble text_y = (v - (line ? 0.53 : 0.08)) / 0.38;
  gdouble within = (text_x - floor (text_x)) / 0.8;
  guint glyph = (guint) MAX (0, text_x);

  if (text_x < 0 || glyph > 2 + line || within >= 1 || text_y < 0
      || text_y >= 1)
    return 225;
  glyph += 3 * line;
  return (picture_glyphs[glyph][(guint) (text_y * 7)]
             >> (4 - (guint) (within * 5)))
                 & 1
             ? 35
             : 225;
}

static void
draw_two_lines (Picture *picture, const AnprBox *box)
{
  for (guint y = 0; y < picture->height; y++) {
    for (guint x = 0; x < picture->width; x++) {
      guint sum = 0;

      for (guint i = 0; i < 16; i++) {
        gdouble u = (x + (i % 4 + 0.5) / 4 - box->x) / box->width;
        gdouble v = (y + (i / 4 + 0.5) / 4 - box->y) / box->height;
        gboolean inside = u >= 0 && u < 1 && v >= 0 && v < 1;

        sum += inside ? two_line_luma (u, v) : 50;
      }
      picture->pixels[y * picture->stride + x] = sum / 16;
    }
  }
}

GST_START_TEST (two_lines_are_one_plate)
{
  Picture picture = picture_new (640, 480, 640);
  AnprBox box = { 200, 200, 80 + 60 * __i__, 0 };
  AnprDetection plates[4];

  box.height = box.width * 0.75;
  draw_two_lines (&picture, &box);
  fail_unless_equals_int (find (&picture, &usual, plates, 4), 1);
  fail_unless (anpr_box_iou (&plates[0].box, &box) > 0.6);
  g_free (picture.pixels);
}

GST_END_TEST;

GST_START_TEST (nothing_is_found_where_nothing_is)
{
  Picture picture = picture_new (640, 480, 650);
  DrawnPlate none = { .width = 0 };
  AnprDetection plates[16];

  fail_unless_equals_int (find (&picture, &usual, plates, 16), 0);
  picture_draw (&picture, &none);
  fail_unless_equals_int (find (&picture, &usual, plates, 16), 0);
  g_free (picture.pixels);
}

GST_END_TEST;

GST_START_TEST (noise_of_any_size_is_survived)
{
  static const guint sizes[][3] = { { 1, 1, 1 }, { 1, 700, 3 }, { 700, 1, 700 },
    { 2, 2, 5 }, { 31, 8, 31 }, { 32, 7, 40 }, { 32, 8, 32 }, { 33, 9, 33 },
    { 41, 13, 47 }, { 63, 33, 64 }, { 127, 65, 131 }, { 641, 479, 643 },
    { 3000, 9, 3001 }, { 33, 2000, 33 } };
  const guint *size = sizes[__i__];
  Picture picture = picture_new (size[0], size[1], size[2]);
  AnprDetectOptions all = usual;
  AnprDetection plates[64];
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  gsize n_bytes = (gsize) size[2] * (size[1] - 1) + size[0];
  guint n_plates;

  all.threshold = 0;
  all.max_plates = 64;
  all.min_plate_width = 16;
  picture.pixels = g_realloc (picture.pixels, n_bytes);
  for (gsize i = 0; i < n_bytes; i++)
    picture.pixels[i] = g_rand_int (random);
  n_plates = find (&picture, &all, plates, 64);
  for (guint i = 0; i < n_plates; i++) {
    fail_unless (plates[i].box.x >= 0 && plates[i].box.y >= 0);
    fail_unless (plates[i].box.x + plates[i].box.width <= size[0]);
    fail_unless (plates[i].box.y + plates[i].box.height <= size[1]);
    fail_unless (plates[i].score >= 0 && plates[i].score <= 1);
  }
  g_free (picture.pixels);
}

GST_END_TEST;

GST_START_TEST (largest_picture_is_taken_and_larger_is_not)
{
  guint side = ANPR_DETECTOR_MAX_SIDE;
  Picture picture = picture_new (side, 64, side);
  AnprDetection plates[4];

  find (&picture, &usual, plates, 4);
  picture.width = 64;
  picture.height = side;
  picture.stride = 64;
  find (&picture, &usual, plates, 4);
  picture.width = picture.stride = side + 1;
  picture.height = 1;
  fail_unless_equals_int (find (&picture, &usual, plates, 4), 0);
  g_free (picture.pixels);
}

GST_END_TEST;

GST_START_TEST (same_picture_gives_the_same_plates_whatever_came_before)
{
  g_autoptr (AnprPlateDetector) detector = anpr_plate_detector_new ();
  Picture one = picture_new (640, 480, 640),
          other = picture_new (320, 200, 333);
  DrawnPlate drawn = { 200, 250, 150, 0, 225, 35 };
  AnprDetection first[4] = { 0 }, again[4] = { 0 };
  guint n_first, n_again;

  picture_draw (&one, &drawn);
  n_first = anpr_plate_detector_find (
      detector, one.pixels, 640, 640, 480, &usual, first, 4);
  anpr_plate_detector_find (
      detector, other.pixels, 333, 320, 200, &usual, again, 4);
  n_again = anpr_plate_detector_find (
      detector, one.pixels, 640, 640, 480, &usual, again, 4);
  fail_unless_equals_int (n_first, n_again);
  fail_unless (n_first > 0);
  fail_unless (memcmp (first, again, n_first * sizeof (first[0])) == 0);
  g_free (one.pixels);
  g_free (other.pixels);
}

GST_END_TEST;

GST_START_TEST (options_leave_plates_out)
{
  Picture picture = picture_new (640, 480, 640);
  DrawnPlate drawn = { 200, 250, 150, 0, 225, 35 };
  AnprDetectOptions options = usual;
  AnprDetection plates[4];

  picture_draw (&picture, &drawn);
  fail_unless (find (&picture, &options, plates, 4) > 0);
  options.min_plate_width = 260;
  fail_unless_equals_int (find (&picture, &options, plates, 4), 0);
  options = usual;
  fail_unless (
      anpr_polygons_parse ("0,0 1,0 1,.4 0,.4", &options.include, NULL));
  fail_unless_equals_int (find (&picture, &options, plates, 4), 0);
  fail_unless (
      anpr_polygons_parse ("0,.5 1,.5 1,1 0,1", &options.include, NULL));
  fail_unless (find (&picture, &options, plates, 4) > 0);
  options.exclude = options.include;
  fail_unless_equals_int (find (&picture, &options, plates, 4), 0);
  options = usual;
  options.max_plates = 0;
  fail_unless_equals_int (find (&picture, &options, plates, 4), 0);
  g_free (picture.pixels);
}

GST_END_TEST;

GST_START_TEST (right_polygons_are_understood)
{
  AnprPolygons polygons;

  fail_unless (anpr_polygons_parse (NULL, &polygons, NULL));
  fail_unless_equals_int (polygons.n_polygons, 0);
  fail_unless (anpr_polygons_parse (
      " 0,0  .5,0 0,.5 ;\n.6,.6 1,.6 1,1 .6,1; ", &polygons, NULL));
  fail_unless_equals_int (polygons.n_polygons, 2);
  fail_unless_equals_int (polygons.ends[1], 7);
  fail_unless (anpr_polygons_contain (&polygons, 0.1f, 0.1f));
  fail_unless (anpr_polygons_contain (&polygons, 0.8f, 0.8f));
  fail_if (anpr_polygons_contain (&polygons, 0.4f, 0.4f));
}

GST_END_TEST;

static const gchar *wrong_polygons[] = { "x", "0,0", "0,0 1,1", "0,0 1,0 1,1;;",
  "0,0 1,0 1,1.1", "0,0 1,0 -1,1", "0,0 1,0 nan,1", "0,0 1,0 0x1,1",
  "0,0 1,0 1,1x", "0,0 1,0 1,", "0 0 1 0 1 1", ";", "0,0 1,0 1e-1,inf",
  "0,0 1,0 1,1 ; 0,0 1,1", "0,0,1,0,1,1", "\xff\xfe" };

GST_START_TEST (wrong_polygons_are_refused_and_change_nothing)
{
  AnprPolygons polygons, before;
  GError *error = NULL;

  fail_unless (anpr_polygons_parse ("0,0 1,0 1,1", &polygons, NULL));
  before = polygons;
  fail_if (anpr_polygons_parse (wrong_polygons[__i__], &polygons, &error));
  fail_unless (g_error_matches (error, ANPR_ERROR, ANPR_ERROR_PROPERTY));
  fail_unless (memcmp (&before, &polygons, sizeof (before)) == 0);
  g_error_free (error);
}

GST_END_TEST;

GST_START_TEST (polygon_bounds_are_kept)
{
  g_autoptr (GString) many_points = g_string_new (NULL);
  g_autoptr (GString) many_polygons = g_string_new (NULL);
  AnprPolygons polygons;

  for (guint i = 0; i < ANPR_MAX_POLYGON_POINTS; i++)
    g_string_append (many_points, "0.5,0.5 ");
  fail_unless (anpr_polygons_parse (many_points->str, &polygons, NULL));
  g_string_append (many_points, "0.5,0.5");
  fail_if (anpr_polygons_parse (many_points->str, &polygons, NULL));
  for (guint i = 0; i < ANPR_MAX_POLYGONS; i++)
    g_string_append (many_polygons, "0,0 1,0 1,1;");
  fail_unless (anpr_polygons_parse (many_polygons->str, &polygons, NULL));
  g_string_append (many_polygons, "0,0 1,0 1,1");
  fail_if (anpr_polygons_parse (many_polygons->str, &polygons, NULL));
}

GST_END_TEST;

GST_START_TEST (motion_gate_sees_a_small_plate_and_no_noise)
{
  AnprMotionGate gate = { 0 };
  Picture picture = picture_new (200, 101, 207);

  fail_unless (anpr_motion_gate_changed (&gate, picture.pixels, 207, 200, 101));
  anpr_motion_gate_look (&gate, picture.pixels, 207, 200, 101);
  fail_if (anpr_motion_gate_changed (&gate, picture.pixels, 207, 200, 101));
  for (gsize i = 0; i < 207 * 101; i++)
    picture.pixels[i] = i * 7 % 5;
  fail_if (anpr_motion_gate_changed (&gate, picture.pixels, 207, 200, 101));
  for (guint y = 80; y < 90; y++)
    memset (picture.pixels + y * 207 + 150, 200, 40);
  fail_unless (anpr_motion_gate_changed (&gate, picture.pixels, 207, 200, 101));
  fail_unless (anpr_motion_gate_changed (&gate, picture.pixels, 100, 100, 100));
  anpr_motion_gate_clear (&gate);
  g_free (picture.pixels);
}

GST_END_TEST;

typedef struct {
  guint offset;
  guint8 flip;
  gssize length;
  gboolean right;
} ModelCase;

static const ModelCase model_cases[] = {
  { 0, 0, -1, TRUE },     /* as it should be */
  { 0, 1, -1, FALSE },    /* magic */
  { 8, 2, -1, FALSE },    /* version */
  { 12, 3, -1, FALSE },   /* purpose */
  { 16, 1, -1, FALSE },   /* size */
  { 23, 255, -1, FALSE }, /* size beyond all bounds */
  { 24, 1, -1, FALSE },   /* checksum */
  { 60, 1, -1, FALSE },   /* weights */
  { 0, 0, 0, FALSE },     /* cut short */
  { 0, 0, 55, FALSE },
  { 0, 0, 56, FALSE },
  { 0, 0, 60, FALSE },
};

GST_START_TEST (only_whole_model_files_are_right)
{
  const ModelCase *test = &model_cases[__i__];
  guint8 bytes[ANPR_MODEL_HEADER_SIZE + 8] = ANPR_MODEL_MAGIC;
  g_autofree gchar *path =
      g_build_filename (g_get_tmp_dir (), "anpr-model-XXXXXX", NULL);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  GError *error = NULL;
  gsize size = 32;
  gint file = g_mkstemp (path);

  bytes[8] = ANPR_MODEL_VERSION;
  bytes[12] = ANPR_MODEL_DETECTOR;
  bytes[16] = 8;
  g_checksum_update (checksum, bytes + ANPR_MODEL_HEADER_SIZE, 8);
  g_checksum_get_digest (checksum, bytes + 24, &size);
  bytes[test->offset] ^= test->flip;
  fail_unless (g_file_set_contents (path, (gchar *) bytes,
      test->length < 0 ? (gssize) sizeof (bytes) : test->length, NULL));
  fail_unless_equals_int (
      anpr_model_file_check (path, ANPR_MODEL_DETECTOR, &error), test->right);
  fail_unless (test->right
               || g_error_matches (error, ANPR_ERROR, ANPR_ERROR_MODEL_FILE));
  g_clear_error (&error);
  g_close (file, NULL);
  g_unlink (path);
}

GST_END_TEST;

GST_START_TEST (what_is_no_file_is_no_model)
{
  GError *error = NULL;

  fail_if (anpr_model_file_check ("/dev/zero", ANPR_MODEL_DETECTOR, &error));
  g_clear_error (&error);
  fail_if (anpr_model_file_check ("/nowhere", ANPR_MODEL_DETECTOR, &error));
  fail_unless (g_error_matches (error, ANPR_ERROR, ANPR_ERROR_MODEL_FILE));
  g_clear_error (&error);
}

GST_END_TEST;

static Suite *
edgedetector_suite (void)
{
  Suite *suite = suite_create ("edgedetector");
  TCase *tests = tcase_create ("general");

  suite_add_tcase (suite, tests);
  tcase_add_loop_test (
      tests, plates_are_found_in_all_sizes, 0, G_N_ELEMENTS (widths));
  tcase_add_loop_test (tests, yellow_and_dim_plates_are_found, 0, 3);
  tcase_add_loop_test (
      tests, sloping_plates_are_found_with_their_corners, 0, 4);
  tcase_add_loop_test (tests, two_lines_are_one_plate, 0, 4);
  tcase_add_test (tests, nothing_is_found_where_nothing_is);
  tcase_add_loop_test (tests, noise_of_any_size_is_survived, 0, 14);
  tcase_add_test (tests, largest_picture_is_taken_and_larger_is_not);
  tcase_add_test (
      tests, same_picture_gives_the_same_plates_whatever_came_before);
  tcase_add_test (tests, options_leave_plates_out);
  tcase_add_test (tests, right_polygons_are_understood);
  tcase_add_loop_test (tests, wrong_polygons_are_refused_and_change_nothing, 0,
      G_N_ELEMENTS (wrong_polygons));
  tcase_add_test (tests, polygon_bounds_are_kept);
  tcase_add_test (tests, motion_gate_sees_a_small_plate_and_no_noise);
  tcase_add_loop_test (
      tests, only_whole_model_files_are_right, 0, G_N_ELEMENTS (model_cases));
  tcase_add_test (tests, what_is_no_file_is_no_model);
  return suite;
}

GST_CHECK_MAIN (edgedetector);
