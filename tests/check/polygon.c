/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "polygon.h"
#include "plugins/record/error.h"
#include <gst/check/gstcheck.h>

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

static Suite *
polygon_suite (void)
{
  Suite *suite = suite_create ("polygon");
  TCase *tests = tcase_create ("general");

  suite_add_tcase (suite, tests);
  tcase_add_test (tests, right_polygons_are_understood);
  tcase_add_loop_test (tests, wrong_polygons_are_refused_and_change_nothing, 0,
      G_N_ELEMENTS (wrong_polygons));
  tcase_add_test (tests, polygon_bounds_are_kept);
  return suite;
}

GST_CHECK_MAIN (polygon);
