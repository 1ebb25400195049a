/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Plates here are drawn as ground and upright bars or boxes: enough for what
 * cuts signs out, which knows no letters. */

#include <gst/check/gstcheck.h>
#include <math.h>
#include <string.h>
#include "plugins/plateocr/platecrop.h"
#include "plugins/plateocr/plateglyphs.h"

#define FRAME_WIDTH 400
#define FRAME_HEIGHT 200

typedef struct {
  guint8 luma[FRAME_WIDTH * FRAME_HEIGHT];
} Frame;

static void
fill (Frame *frame, gint x, gint y, gint width, gint height, guint8 luma)
{
  for (gint j = MAX (y, 0); j < MIN (y + height, FRAME_HEIGHT); j++)
    for (gint i = MAX (x, 0); i < MIN (x + width, FRAME_WIDTH); i++)
      frame->luma[j * FRAME_WIDTH + i] = luma;
}

/* A sign like a zero: a box with a hole */
static void
draw_sign (Frame *frame, gint x, gint y, gint width, gint height, guint8 ink,
    guint8 ground)
{
  fill (frame, x, y, width, height, ink);
  fill (frame, x + 4, y + 4, width - 8, height - 8, ground);
}

static void
draw_row (Frame *frame, guint n, gint x, gint y, gdouble slope, guint8 ink,
    guint8 ground)
{
  for (guint i = 0; i < n; i++)
    draw_sign (
        frame, x + 26 * i, y + (gint) (slope * 26 * i), 18, 34, ink, ground);
}

static AnprLumaPlane
plane_of (const Frame *frame)
{
  AnprLumaPlane plane = { frame->luma, FRAME_WIDTH, FRAME_WIDTH, FRAME_HEIGHT };

  return plane;
}

static AnprPlateCrop *
crop_of (
    const Frame *frame, gdouble x, gdouble y, gdouble width, gdouble height)
{
  AnprLumaPlane plane = plane_of (frame);
  AnprBox box = { x, y, width, height };

  return anpr_plate_crop_new (&plane, &box, NULL);
}

GST_START_TEST (signs_of_a_plain_plate_are_counted)
{
  g_autofree Frame *frame = g_new0 (Frame, 1);
  g_autoptr (AnprPlateCrop) crop = NULL;

  fill (frame, 50, 50, 220, 48, 230);
  draw_row (frame, 7, 66, 57, 0, 20, 230);
  crop = crop_of (frame, 50, 50, 220, 48);
  fail_unless_equals_int (crop->n_lines, 1);
  fail_unless_equals_int (crop->lines[0].n_signs, 7);
  fail_unless (fabs (crop->lines[0].sign_height - 34) < 3);
  fail_unless_equals_int (crop->lines[0].picture->luma[0], 255);
}

GST_END_TEST

GST_START_TEST (bands_at_both_ends_are_left_out)
{
  g_autofree Frame *frame = g_new0 (Frame, 1);
  g_autoptr (AnprPlateCrop) crop = NULL;

  fill (frame, 50, 50, 260, 48, 230);
  fill (frame, 50, 50, 24, 48, 60);
  fill (frame, 286, 50, 24, 48, 60);
  fill (frame, 56, 82, 10, 10, 220);
  draw_row (frame, 7, 92, 57, 0, 20, 230);
  crop = crop_of (frame, 50, 50, 260, 48);
  fail_unless_equals_int (crop->lines[0].n_signs, 7);
}

GST_END_TEST

GST_START_TEST (a_frame_round_the_plate_is_left_out)
{
  g_autofree Frame *frame = g_new0 (Frame, 1);
  g_autoptr (AnprPlateCrop) crop = NULL;

  memset (frame->luma, 90, sizeof frame->luma);
  fill (frame, 46, 46, 228, 56, 10);
  fill (frame, 50, 50, 220, 48, 230);
  draw_row (frame, 7, 66, 57, 0, 20, 230);
  crop = crop_of (frame, 44, 44, 232, 60);
  fail_unless_equals_int (crop->lines[0].n_signs, 7);
}

GST_END_TEST

GST_START_TEST (stickers_and_hyphens_between_signs_are_left_out)
{
  g_autofree Frame *frame = g_new0 (Frame, 1);
  g_autoptr (AnprPlateCrop) crop = NULL;

  fill (frame, 50, 50, 260, 48, 230);
  draw_row (frame, 3, 66, 57, 0, 20, 230);
  fill (frame, 144, 66, 14, 14, 90);
  fill (frame, 144, 84, 12, 4, 20);
  draw_row (frame, 4, 166, 57, 0, 20, 230);
  crop = crop_of (frame, 50, 50, 260, 48);
  fail_unless_equals_int (crop->lines[0].n_signs, 7);
}

GST_END_TEST

GST_START_TEST (light_signs_on_a_dark_ground_come_out_dark)
{
  g_autofree Frame *frame = g_new0 (Frame, 1);
  g_autoptr (AnprPlateCrop) crop = NULL;

  memset (frame->luma, 120, sizeof frame->luma);
  fill (frame, 50, 50, 220, 48, 20);
  draw_row (frame, 7, 66, 57, 0, 230, 20);
  crop = crop_of (frame, 50, 50, 220, 48);
  fail_unless_equals_int (crop->lines[0].n_signs, 7);
  fail_unless_equals_int (crop->lines[0].picture->luma[0], 255);
}

GST_END_TEST

GST_START_TEST (tilted_plates_keep_all_their_signs)
{
  static const gdouble slopes[] = { -0.12, -0.05, 0.05, 0.12 };

  for (gsize i = 0; i < G_N_ELEMENTS (slopes); i++) {
    g_autofree Frame *frame = g_new0 (Frame, 1);
    g_autoptr (AnprPlateCrop) crop = NULL;

    memset (frame->luma, 230, sizeof frame->luma);
    draw_row (frame, 7, 66, slopes[i] > 0 ? 60 : 80, slopes[i], 20, 230);
    crop = crop_of (frame, 50, 48, 220, 78);
    fail_unless_equals_int (crop->n_lines, 1);
    fail_unless (crop->lines[0].n_signs == 7, "slope %f: %u signs", slopes[i],
        crop->lines[0].n_signs);
  }
}

GST_END_TEST

GST_START_TEST (high_boxes_have_two_lines_split_between_the_texts)
{
  g_autofree Frame *frame = g_new0 (Frame, 1);
  g_autoptr (AnprPlateCrop) crop = NULL;

  fill (frame, 50, 50, 140, 98, 230);
  draw_row (frame, 3, 70, 58, 0, 20, 230);
  draw_row (frame, 4, 66, 106, 0, 20, 230);
  crop = crop_of (frame, 50, 50, 140, 98);
  fail_unless_equals_int (crop->n_lines, 2);
  fail_unless_equals_int (crop->lines[0].n_signs, 3);
  fail_unless_equals_int (crop->lines[1].n_signs, 4);
}

GST_END_TEST

GST_START_TEST (shadow_over_half_the_plate_hides_nothing)
{
  g_autofree Frame *frame = g_new0 (Frame, 1);
  g_autoptr (AnprPlateCrop) crop = NULL;

  fill (frame, 50, 50, 220, 48, 230);
  draw_row (frame, 7, 66, 57, 0, 30, 230);
  for (gint y = 50; y < 98; y++)
    for (gint x = 165; x < 270; x++)
      frame->luma[y * FRAME_WIDTH + x] /= 2;
  crop = crop_of (frame, 50, 50, 220, 48);
  fail_unless_equals_int (crop->lines[0].n_signs, 7);
}

GST_END_TEST

GST_START_TEST (plain_ground_has_no_line_picture)
{
  g_autofree Frame *frame = g_new0 (Frame, 1);
  g_autoptr (AnprPlateCrop) crop = NULL;

  memset (frame->luma, 128, sizeof frame->luma);
  crop = crop_of (frame, 50, 50, 220, 48);
  fail_unless_equals_int (crop->lines[0].n_signs, 0);
  fail_unless (crop->lines[0].picture == NULL);
}

GST_END_TEST

GST_START_TEST (boxes_outside_or_without_size_give_nothing)
{
  g_autofree Frame *frame = g_new0 (Frame, 1);
  static const AnprBox boxes[] = {
    { -50, 0, 40, 40 },
    { 500, 10, 40, 40 },
    { 10, 10, 0, 40 },
    { 10, 10, -5, -5 },
    { 10, 10, 0.001, 40 },
    { NAN, 10, 40, 40 },
    { 10, 10, INFINITY, 40 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (boxes); i++)
    fail_unless (
        crop_of (frame, boxes[i].x, boxes[i].y, boxes[i].width, boxes[i].height)
        == NULL);
}

GST_END_TEST

GST_START_TEST (line_pictures_of_any_box_stay_within_their_bounds)
{
  g_autofree Frame *frame = g_new0 (Frame, 1);
  g_autoptr (GRand) random = g_rand_new_with_seed (3);

  for (gsize i = 0; i < sizeof frame->luma; i++)
    frame->luma[i] = g_rand_int_range (random, 0, 256);
  for (guint i = 0; i < 60; i++) {
    AnprPlateCrop *crop =
        crop_of (frame, g_rand_double_range (random, -50, 400),
            g_rand_double_range (random, -50, 200),
            exp (g_rand_double_range (random, 0, 7)),
            exp (g_rand_double_range (random, 0, 7)));

    for (guint j = 0; crop && j < crop->n_lines; j++) {
      fail_unless (crop->lines[j].n_signs <= ANPR_MAX_GLYPHS);
      fail_unless (!crop->lines[j].picture
                   || (crop->lines[j].picture->width <= 512
                       && crop->lines[j].picture->height <= 84));
    }
    anpr_plate_crop_free (crop);
  }
}

GST_END_TEST

GST_START_TEST (nonsense_corners_do_no_harm)
{
  g_autofree Frame *frame = g_new0 (Frame, 1);
  AnprLumaPlane plane = plane_of (frame);
  AnprBox box = { 50, 50, 220, 48 };
  AnprQuad quads[] = {
    { { 0, 0, 0, 0 }, { 0, 0, 0, 0 } },
    { { NAN, 1, 2, 3 }, { 0, NAN, 0, 0 } },
    { { 0, 1e300, 1e300, 0 }, { 0, -1e308, 1e308, 0 } },
  };

  fill (frame, 50, 50, 220, 48, 230);
  draw_row (frame, 7, 66, 57, 0, 20, 230);
  for (gsize i = 0; i < G_N_ELEMENTS (quads); i++) {
    g_autoptr (AnprPlateCrop) crop =
        anpr_plate_crop_new (&plane, &box, &quads[i]);

    fail_unless_equals_int (crop->lines[0].n_signs, 7);
  }
}

GST_END_TEST

GST_START_TEST (a_frame_of_one_pixel_is_survived)
{
  guint8 luma = 77;
  AnprLumaPlane plane = { &luma, 1, 1, 1 };
  AnprBox box = { 0, 0, 1, 1 };
  g_autoptr (AnprPlateCrop) crop = anpr_plate_crop_new (&plane, &box, NULL);

  fail_unless (crop == NULL || crop->lines[0].n_signs == 0);
}

GST_END_TEST

static Suite *
platecrop_suite (void)
{
  Suite *suite = suite_create ("platecrop");
  TCase *tests = tcase_create ("drawn plates");

  suite_add_tcase (suite, tests);
  tcase_add_test (tests, signs_of_a_plain_plate_are_counted);
  tcase_add_test (tests, bands_at_both_ends_are_left_out);
  tcase_add_test (tests, a_frame_round_the_plate_is_left_out);
  tcase_add_test (tests, stickers_and_hyphens_between_signs_are_left_out);
  tcase_add_test (tests, light_signs_on_a_dark_ground_come_out_dark);
  tcase_add_test (tests, tilted_plates_keep_all_their_signs);
  tcase_add_test (tests, high_boxes_have_two_lines_split_between_the_texts);
  tcase_add_test (tests, shadow_over_half_the_plate_hides_nothing);
  tcase_add_test (tests, plain_ground_has_no_line_picture);
  tcase_add_test (tests, boxes_outside_or_without_size_give_nothing);
  tcase_add_test (tests, line_pictures_of_any_box_stay_within_their_bounds);
  tcase_add_test (tests, nonsense_corners_do_no_harm);
  tcase_add_test (tests, a_frame_of_one_pixel_is_survived);
  return suite;
}

GST_CHECK_MAIN (platecrop)
