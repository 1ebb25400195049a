/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Finding plates in single pictures, with a network made by hand. */

#include "platedetector.h"
#include "platemodel.h"

static const AnprDetectOptions usual = {
  .threshold = 0.4,
  .min_plate_width = 40,
  .max_plates = 16,
};

typedef struct {
  guint8 *pixels;
  AnprLuma luma;
} Picture;

static Picture
picture_new (guint width, guint height, gsize stride)
{
  Picture picture = { .pixels = g_malloc (stride * height) };

  memset (picture.pixels, 128, stride * height);
  picture.luma = (AnprLuma){ picture.pixels, stride, width, height };
  return picture;
}

static void
draw (Picture *picture, gdouble x, gdouble y, gdouble width)
{
  plate_model_draw (picture->pixels, picture->luma.stride, picture->luma.width,
      picture->luma.height, x, y, width);
}

static AnprPlateDetector *
detector_new (void)
{
  g_autoptr (AnprModel) model = plate_model_new ();
  AnprPlateDetector *detector = anpr_plate_detector_new (model, NULL);

  fail_unless (detector != NULL);
  return detector;
}

static guint
find (const Picture *picture, const AnprDetectOptions *options,
    AnprDetection *plates, guint n_plates)
{
  g_autoptr (AnprPlateDetector) detector = detector_new ();

  return anpr_plate_detector_find (
      detector, &picture->luma, options, plates, n_plates);
}

static AnprBox
bar (gdouble x, gdouble y, gdouble width)
{
  return (AnprBox){ x, y, width, width / PLATE_MODEL_SHAPE };
}

static const gdouble widths[] = { 80, 100, 120, 160, 220, 300, 450, 700, 1000 };

GST_START_TEST (plates_of_all_widths_are_found_in_their_place)
{
  gdouble width = widths[__i__];
  Picture picture = picture_new (1920, 1080, 1931);
  AnprBox expected = bar (301.3, 402.6, width);
  AnprDetection plates[4];

  draw (&picture, 301.3, 402.6, width);
  fail_unless_equals_int (find (&picture, &usual, plates, 4), 1);
  fail_unless (anpr_box_iou (&plates[0].box, &expected) > 0.9,
      "%.0f: %.1f,%.1f %.1f x %.1f", width, plates[0].box.x, plates[0].box.y,
      plates[0].box.width, plates[0].box.height);
  fail_unless (plates[0].score > 0.5 && plates[0].score <= 1);
  fail_unless (fabs (plates[0].quad.x[2] - 301.3 - width) < 0.05 * width);
  g_free (picture.pixels);
}

GST_END_TEST;

GST_START_TEST (nothing_is_found_where_nothing_is)
{
  Picture picture = picture_new (640, 480, 650);
  AnprDetection plates[16];

  fail_unless_equals_int (find (&picture, &usual, plates, 16), 0);
  memset (picture.pixels, 0, 650 * 480);
  fail_unless_equals_int (find (&picture, &usual, plates, 16), 0);
  g_free (picture.pixels);
}

GST_END_TEST;

static const guint noise_sizes[][3] = { { 1, 1, 1 }, { 1, 700, 3 },
  { 700, 1, 700 }, { 2, 2, 5 }, { 31, 8, 31 }, { 33, 9, 33 }, { 64, 64, 64 },
  { 127, 65, 131 }, { 641, 479, 643 }, { 3000, 9, 3001 }, { 33, 2000, 33 },
  { 7680, 4320, 7680 } };

GST_START_TEST (noise_of_any_size_is_survived)
{
  const guint *size = noise_sizes[__i__];
  Picture picture = picture_new (size[0], size[1], size[2]);
  AnprDetectOptions all = usual;
  AnprDetection plates[64];
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  gsize n_bytes = (gsize) size[2] * (size[1] - 1) + size[0];
  guint n_plates;

  all.threshold = 0;
  all.max_plates = 64;
  all.min_plate_width = 16;
  /* as large as it must be: a checker of memory sees the rest */
  picture.pixels = g_realloc (picture.pixels, n_bytes);
  picture.luma.pixels = picture.pixels;
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

/* A model that may be loaded, of weights that make sums beyond all numbers */
static AnprModel *
wild_model_new (guint seed)
{
  static const gfloat wild[] = { 0, 1, -1, 1e3, -1e3, 1e12, -1e12, 3e38,
    -3e38 };
  const gsize weights_offset = PLATE_MODEL_HEADER + 16 + 4 * 32;
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize size, digest_size = 32;
  guint8 *data = g_bytes_unref_to_data (plate_model_bytes (16), &size);
  AnprModel *model;

  for (gsize at = weights_offset; at < size; at += sizeof (gfloat))
    if (g_rand_int_range (random, 0, 1 + seed % 4) == 0)
      memcpy (data + at,
          &wild[g_rand_int_range (random, 0, G_N_ELEMENTS (wild))],
          sizeof (gfloat));
  memset (data + 96, 0, 32);
  g_checksum_update (checksum, data, size);
  g_checksum_get_digest (checksum, data + 96, &digest_size);
  model = anpr_model_parse (data, size, "wild", ANPR_MODEL_DETECTOR, NULL);
  fail_unless (model != NULL);
  g_free (data);
  return model;
}

GST_START_TEST (plates_of_a_wild_network_are_within_the_picture)
{
  g_autoptr (AnprModel) model = wild_model_new (__i__);
  g_autoptr (AnprPlateDetector) detector =
      anpr_plate_detector_new (model, NULL);
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  Picture picture = picture_new (320, 200, 320);
  AnprDetectOptions all = usual;
  AnprDetection plates[64];
  guint n_plates;

  all.threshold = 0;
  all.max_plates = 64;
  all.min_plate_width = 16;
  for (guint i = 0; i < 320 * 200; i++)
    picture.pixels[i] = g_rand_int (random);
  n_plates =
      anpr_plate_detector_find (detector, &picture.luma, &all, plates, 64);
  for (guint i = 0; i < n_plates; i++) {
    const AnprBox *box = &plates[i].box;

    fail_unless (box->x >= 0 && box->x + box->width <= 320);
    fail_unless (box->y >= 0 && box->y + box->height <= 200);
    fail_unless (box->width > 0 && box->height > 0);
    fail_unless (plates[i].score >= 0 && plates[i].score <= 1);
    for (guint corner = 0; corner < 4; corner++) {
      fail_unless (
          plates[i].quad.x[corner] >= 0 && plates[i].quad.x[corner] <= 320);
      fail_unless (
          plates[i].quad.y[corner] >= 0 && plates[i].quad.y[corner] <= 200);
    }
  }
  g_free (picture.pixels);
}

GST_END_TEST;

GST_START_TEST (plates_of_one_picture_are_each_found_once)
{
  Picture picture = picture_new (1280, 720, 1280);
  AnprDetection plates[16];

  draw (&picture, 100, 100, 120);
  draw (&picture, 700, 120, 100);
  draw (&picture, 400, 500, 250);
  fail_unless_equals_int (find (&picture, &usual, plates, 16), 3);
  for (guint i = 0; i < 3; i++)
    for (guint k = i + 1; k < 3; k++)
      fail_unless (anpr_box_iou (&plates[i].box, &plates[k].box) == 0);
  g_free (picture.pixels);
}

GST_END_TEST;

GST_START_TEST (plate_cut_by_the_edge_stays_within_the_picture)
{
  Picture picture = picture_new (640, 480, 640);
  AnprDetection plates[4];

  draw (&picture, -10, 200, 150);
  fail_unless_equals_int (find (&picture, &usual, plates, 4), 1);
  fail_unless (plates[0].box.x >= 0);
  for (guint corner = 0; corner < 4; corner++)
    fail_unless (plates[0].quad.x[corner] >= 0);
  g_free (picture.pixels);
}

GST_END_TEST;

GST_START_TEST (same_picture_gives_the_same_plates_whatever_came_before)
{
  g_autoptr (AnprPlateDetector) detector = detector_new ();
  Picture one = picture_new (640, 480, 640);
  Picture other = picture_new (320, 200, 333);
  AnprDetection first[4] = { 0 }, again[4] = { 0 };
  guint n_first, n_again;

  draw (&one, 200, 250, 150);
  draw (&other, 30, 50, 90);
  n_first = anpr_plate_detector_find (detector, &one.luma, &usual, first, 4);
  anpr_plate_detector_find (detector, &other.luma, &usual, again, 4);
  n_again = anpr_plate_detector_find (detector, &one.luma, &usual, again, 4);
  fail_unless_equals_int (n_first, 1);
  fail_unless_equals_int (n_again, 1);
  fail_unless (memcmp (first, again, sizeof (first[0])) == 0);
  g_free (one.pixels);
  g_free (other.pixels);
}

GST_END_TEST;

GST_START_TEST (stride_makes_no_difference)
{
  Picture dense = picture_new (640, 480, 640);
  Picture padded = picture_new (640, 480, 1001);
  AnprDetection one[4], other[4];

  draw (&dense, 200.4, 250.7, 150);
  draw (&padded, 200.4, 250.7, 150);
  fail_unless_equals_int (find (&dense, &usual, one, 4), 1);
  fail_unless_equals_int (find (&padded, &usual, other, 4), 1);
  fail_unless (memcmp (one, other, sizeof (one[0])) == 0);
  g_free (dense.pixels);
  g_free (padded.pixels);
}

GST_END_TEST;

GST_START_TEST (options_leave_plates_out)
{
  Picture picture = picture_new (640, 480, 640);
  AnprDetectOptions options = usual;
  AnprDetection plates[4];

  draw (&picture, 200, 250, 150);
  fail_unless_equals_int (find (&picture, &options, plates, 4), 1);
  options.min_plate_width = 260;
  fail_unless_equals_int (find (&picture, &options, plates, 4), 0);
  options = usual;
  options.threshold = 1;
  fail_unless_equals_int (find (&picture, &options, plates, 4), 0);
  options = usual;
  fail_unless (
      anpr_polygons_parse ("0,0 1,0 1,.4 0,.4", &options.include, NULL));
  fail_unless_equals_int (find (&picture, &options, plates, 4), 0);
  fail_unless (
      anpr_polygons_parse ("0,.5 1,.5 1,1 0,1", &options.include, NULL));
  fail_unless_equals_int (find (&picture, &options, plates, 4), 1);
  options.exclude = options.include;
  fail_unless_equals_int (find (&picture, &options, plates, 4), 0);
  options = usual;
  options.max_plates = 0;
  fail_unless_equals_int (find (&picture, &options, plates, 4), 0);
  g_free (picture.pixels);
}

GST_END_TEST;

/* Looks without a survey: at plates that are known alone */
static guint
look (const Picture *picture, AnprKnownPlate *known, guint n_known,
    AnprDetection *plates, guint n_plates)
{
  g_autoptr (AnprPlateDetector) detector = detector_new ();
  AnprSurvey none = { .n_views = 0 };

  return anpr_plate_detector_look (detector, &picture->luma, &usual, &none, 4,
      1, known, n_known, plates, n_plates);
}

static AnprKnownPlate
known_at (gdouble x, gdouble y, gdouble width)
{
  return (AnprKnownPlate){
    .plate = { .box = bar (x, y, width), .score = 0.9 },
    .look = TRUE,
  };
}

GST_START_TEST (known_plate_is_found_beside_where_it_is_expected)
{
  Picture picture = picture_new (1280, 720, 1280);
  AnprKnownPlate known[3] = { known_at (620, 410, 140),
    known_at (100, 100, 100), known_at (630, 420, 140) };
  AnprBox expected = bar (600, 400, 150);
  AnprDetection plates[4];

  draw (&picture, 600, 400, 150);
  draw (&picture, 105, 98, 100);
  known[1].look = FALSE;
  fail_unless_equals_int (look (&picture, known, 3, plates, 4), 1);
  fail_unless (known[0].found);
  fail_unless (anpr_box_iou (&known[0].plate.box, &expected) > 0.9);
  fail_unless (memcmp (&known[0].plate, &plates[0], sizeof (plates[0])) == 0);
  /* not to be looked at, and the same as another one */
  fail_if (known[1].found);
  fail_if (known[2].found);
  g_free (picture.pixels);
}

GST_END_TEST;

GST_START_TEST (known_plate_that_is_gone_is_not_found)
{
  Picture picture = picture_new (1280, 720, 1280);
  AnprKnownPlate known = known_at (600, 400, 140);
  AnprDetection plates[4];

  fail_unless_equals_int (look (&picture, &known, 1, plates, 4), 0);
  fail_if (known.found);
  /* nor is its neighbour taken for it */
  draw (&picture, 840, 400, 140);
  fail_unless_equals_int (look (&picture, &known, 1, plates, 4), 0);
  g_free (picture.pixels);
}

GST_END_TEST;

static Suite *
platedetector_suite (void)
{
  Suite *suite = suite_create ("platedetector");
  TCase *tests = tcase_create ("general");

  suite_add_tcase (suite, tests);
  tcase_add_loop_test (tests, plates_of_all_widths_are_found_in_their_place, 0,
      G_N_ELEMENTS (widths));
  tcase_add_test (tests, nothing_is_found_where_nothing_is);
  tcase_add_loop_test (
      tests, noise_of_any_size_is_survived, 0, G_N_ELEMENTS (noise_sizes));
  tcase_add_loop_test (
      tests, plates_of_a_wild_network_are_within_the_picture, 0, 60);
  tcase_add_test (tests, plates_of_one_picture_are_each_found_once);
  tcase_add_test (tests, plate_cut_by_the_edge_stays_within_the_picture);
  tcase_add_test (
      tests, same_picture_gives_the_same_plates_whatever_came_before);
  tcase_add_test (tests, stride_makes_no_difference);
  tcase_add_test (tests, options_leave_plates_out);
  tcase_add_test (tests, known_plate_is_found_beside_where_it_is_expected);
  tcase_add_test (tests, known_plate_that_is_gone_is_not_found);
  return suite;
}

GST_CHECK_MAIN (platedetector);
