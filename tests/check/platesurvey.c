/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Which views of a picture are looked at. */

#include "platesurvey.h"
#include <gst/check/gstcheck.h>
#include <math.h>

/* What the network sees well, pixels of its input */
#define LEAST 19.0
#define MOST 115.0

static const guint sizes[][2] = { { 1920, 1080 }, { 1280, 720 }, { 640, 480 },
  { 64, 64 }, { 7680, 4320 }, { 1080, 1920 }, { 2000, 400 }, { 400, 2000 },
  { 8192, 8192 }, { 8192, 40 }, { 33, 17 } };

static gboolean
view_holds (const AnprView *view, const AnprBox *box)
{
  gdouble right = view->x + view->width * view->scale;
  gdouble bottom = view->y + view->height * view->scale;

  /* but for rounding */
  return box->x >= view->x - 0.01 && box->y >= view->y - 0.01
         && box->x + box->width <= right + 0.01
         && box->y + box->height <= bottom + 0.01;
}

/* Whether a view holds the box whole and at a width that is seen well */
static gboolean
is_seen (const AnprSurvey *survey, const AnprBox *box)
{
  for (guint i = 0; i < survey->n_views; i++) {
    gdouble width = box->width / survey->views[i].scale;

    if (view_holds (&survey->views[i], box) && width >= LEAST && width <= MOST)
      return TRUE;
  }
  return FALSE;
}

static void
expect_plates_seen (const AnprSurvey *survey, const AnprBox *area,
    gdouble narrowest, gdouble widest)
{
  for (gdouble width = narrowest; width <= widest; width *= 1.07) {
    gdouble room_x = area->width - width;
    gdouble room_y = area->height - width / 4;

    for (guint i = 0; i < 441; i++) {
      AnprBox box = { area->x + room_x * (i % 21) / 20,
        area->y + room_y * (i / 21) / 20, width, width / 4 };

      fail_unless (is_seen (survey, &box), "%.0f wide at %.0f,%.0f", width,
          box.x, box.y);
    }
  }
}

GST_START_TEST (thorough_look_sees_plates_of_all_widths_everywhere)
{
  guint width = sizes[__i__][0], height = sizes[__i__][1];
  AnprBox whole = { 0, 0, width, height };
  gdouble narrowest = MAX (width, height) > 8000 ? 80 : 40;
  AnprSurvey survey;

  anpr_survey_plan (&survey, width, height, 40);
  expect_plates_seen (
      &survey, &whole, narrowest, MIN (0.6 * width, 2.0 * height));
}

GST_END_TEST;

GST_START_TEST (views_are_of_the_networks_sizes_and_bounded)
{
  guint width = sizes[__i__][0], height = sizes[__i__][1];
  AnprSurvey survey;

  for (guint least = 16; least <= 8192; least *= 2) {
    anpr_survey_plan (&survey, width, height, least);
    fail_unless (survey.n_views >= 1);
    fail_unless (survey.n_views < ANPR_SURVEY_MAX_VIEWS);
    for (guint i = 0; i < survey.n_views; i++) {
      const AnprView *view = &survey.views[i];
      guint size = ANPR_NETWORK_CLOSE;

      while (anpr_network_sizes[size].width != view->width)
        fail_unless (++size < ANPR_N_NETWORK_SIZES);
      fail_unless_equals_int (anpr_network_sizes[size].height, view->height);
      fail_unless (view->scale >= ANPR_VIEW_MIN_SCALE);
      fail_unless (view->scale <= ANPR_VIEW_MAX_SCALE);
    }
  }
}

GST_END_TEST;

GST_START_TEST (wider_plates_alone_are_cheaper)
{
  AnprSurvey fine, coarse;

  anpr_survey_plan (&fine, 1920, 1080, 40);
  anpr_survey_plan (&coarse, 1920, 1080, 160);
  fail_unless (
      anpr_survey_get_cost (&fine) > 3 * anpr_survey_get_cost (&coarse));
}

GST_END_TEST;

static const AnprBox areas[] = { { 0, 0, 300, 180 }, { 1620, 900, 300, 180 },
  { 700, 300, 600, 380 }, { 100, 200, 1200, 700 }, { 0, 0, 1920, 1080 },
  { 300, 0, 100, 1080 }, { 0, 500, 1920, 60 } };

GST_START_TEST (plates_in_an_area_are_seen_and_large_ones_everywhere)
{
  const AnprBox *area = &areas[__i__];
  AnprBox whole = { 0, 0, 1920, 1080 };
  AnprSurvey survey;

  anpr_survey_plan_area (&survey, 1920, 1080, 40, area);
  expect_plates_seen (&survey, area, 60, MIN (200, 0.9 * area->width));
  expect_plates_seen (&survey, &whole, 260, 1152);
  /* a large view and a small one at most */
  fail_unless (anpr_survey_get_cost (&survey) <= 640 * 384 + 160 * 96);
}

GST_END_TEST;

GST_START_TEST (small_area_is_cheap_and_seen_finely)
{
  AnprSurvey survey;

  anpr_survey_plan_area (&survey, 1920, 1080, 40, &areas[0]);
  fail_unless (anpr_survey_get_cost (&survey) <= 2 * 160 * 96);
  expect_plates_seen (&survey, &areas[0], 40, 200);
}

GST_END_TEST;

GST_START_TEST (plate_lies_in_the_middle_of_its_own_view)
{
  const AnprBox boxes[] = { { 100, 100, 60, 15 }, { 500, 700, 900, 300 },
    { 3, 3, 20, 10 } };

  for (guint i = 0; i < G_N_ELEMENTS (boxes); i++) {
    for (guint known = 0; known < 2; known++) {
      AnprView view;

      anpr_view_of_plate (&view, &boxes[i], known, 1);
      fail_unless (view_holds (&view, &boxes[i]));
      fail_unless (view.scale >= 0.5);
      fail_unless (fabs (view.x + view.width * view.scale / 2 - boxes[i].x
                         - boxes[i].width / 2)
                   < 1e-6);
      fail_unless (boxes[i].width / view.scale <= 70);
    }
  }
}

GST_END_TEST;

static Suite *
platesurvey_suite (void)
{
  Suite *suite = suite_create ("platesurvey");
  TCase *tests = tcase_create ("general");

  suite_add_tcase (suite, tests);
  tcase_add_loop_test (tests,
      thorough_look_sees_plates_of_all_widths_everywhere, 0,
      G_N_ELEMENTS (sizes));
  tcase_add_loop_test (tests, views_are_of_the_networks_sizes_and_bounded, 0,
      G_N_ELEMENTS (sizes));
  tcase_add_test (tests, wider_plates_alone_are_cheaper);
  tcase_add_loop_test (tests,
      plates_in_an_area_are_seen_and_large_ones_everywhere, 0,
      G_N_ELEMENTS (areas));
  tcase_add_test (tests, small_area_is_cheap_and_seen_finely);
  tcase_add_test (tests, plate_lies_in_the_middle_of_its_own_view);
  return suite;
}

GST_CHECK_MAIN (platesurvey);
