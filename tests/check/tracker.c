/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/check/gstcheck.h>
#include "plugins/platetrack/tracker.h"

#define FRAME (40 * 1000 * 1000) /* nanoseconds, 25 frames a second */

/* One frame after the other through a tracker, with boxes by hand. */
typedef struct {
  AnprTracker *tracker;
  AnprTrackerOptions options;
  guint64 now;
  GPtrArray *plates;
  GPtrArray *lost;
} Road;

static void
road_init (Road *road)
{
  road->tracker = anpr_tracker_new ();
  road->options = (AnprTrackerOptions){ .max_gap = 5 * FRAME, .min_reads = 1 };
  road->now = 0;
  road->plates =
      g_ptr_array_new_with_free_func ((GDestroyNotify) anpr_plate_free);
  road->lost =
      g_ptr_array_new_with_free_func ((GDestroyNotify) anpr_plate_free);
}

static void
road_clear (Road *road)
{
  anpr_tracker_free (road->tracker);
  g_ptr_array_unref (road->plates);
  g_ptr_array_unref (road->lost);
}

static void
put (Road *road, gdouble x, gdouble y, gdouble width)
{
  AnprBox box = { x, y, width, width / 4.7 };

  g_ptr_array_add (road->plates, anpr_plate_new (&box, 0.9));
}

/* Tracks the plates put since the last step; they stay until the next one. */
static AnprPlate *
step (Road *road)
{
  AnprMoment moment = ANPR_MOMENT_INIT;

  road->now += FRAME;
  anpr_tracker_update (road->tracker, &road->options, &moment, road->now, 1920,
      1080, road->plates, road->lost);
  return road->plates->len ? g_ptr_array_index (road->plates, 0) : NULL;
}

static void
clear (Road *road)
{
  g_ptr_array_set_size (road->plates, 0);
}

GST_START_TEST (test_a_plate_that_moves_its_own_height_a_frame_is_one_vehicle)
{
  Road road;

  road_init (&road);
  for (guint i = 0; i < 20; i++) {
    clear (&road);
    put (&road, 400 + 3 * i, 200 + 25.0 * i, 100 + 4 * i);
    fail_unless_equals_uint64 (step (&road)->track_id, 1);
  }
  fail_unless_equals_int (
      anpr_passage_get_n_frames (
          ((AnprPlate *) g_ptr_array_index (road.plates, 0))->passage),
      20);
  road_clear (&road);
}
GST_END_TEST;

GST_START_TEST (test_two_vehicles_side_by_side_stay_two)
{
  Road road;

  road_init (&road);
  for (guint i = 0; i < 20; i++) {
    clear (&road);
    put (&road, 400, 200 + 10.0 * i, 120);
    put (&road, 700, 210 + 12.0 * i, 120);
    step (&road);
    for (guint p = 0; p < 2; p++)
      fail_unless_equals_uint64 (
          ((AnprPlate *) g_ptr_array_index (road.plates, p))->track_id, p + 1);
  }
  road_clear (&road);
}
GST_END_TEST;

GST_START_TEST (test_crossing_vehicles_keep_their_tracks)
{
  Road road;

  road_init (&road);
  for (guint i = 0; i < 40; i++) {
    clear (&road);
    put (&road, 200 + 20.0 * i, 300, 100);
    put (&road, 1000 - 20.0 * i, 380, 100);
    step (&road);
    for (guint p = 0; p < 2; p++)
      fail_unless_equals_uint64 (
          ((AnprPlate *) g_ptr_array_index (road.plates, p))->track_id, p + 1);
  }
  road_clear (&road);
}
GST_END_TEST;

GST_START_TEST (test_a_gap_shorter_than_max_gap_is_bridged)
{
  Road road;

  road_init (&road);
  for (guint i = 0; i < 20; i++) {
    clear (&road);
    if (i < 8 || i > 11)
      put (&road, 400, 200 + 12.0 * i, 120);
    if (step (&road))
      fail_unless_equals_uint64 (
          ((AnprPlate *) g_ptr_array_index (road.plates, 0))->track_id, 1);
  }
  fail_unless_equals_int (road.lost->len, 0);
  road_clear (&road);
}
GST_END_TEST;

GST_START_TEST (test_a_vehicle_gone_longer_than_max_gap_is_lost_once)
{
  Road road;
  AnprPlate *lost;

  road_init (&road);
  put (&road, 400, 200, 120);
  step (&road);
  clear (&road);
  for (guint i = 0; i < 20; i++)
    step (&road);
  fail_unless_equals_int (road.lost->len, 1);
  lost = g_ptr_array_index (road.lost, 0);
  fail_unless_equals_int (lost->track_state, ANPR_TRACK_LOST);
  fail_unless_equals_int (anpr_tracker_get_n_tracks (road.tracker), 0);
  road_clear (&road);
}
GST_END_TEST;

GST_START_TEST (test_a_plate_seen_too_few_times_leaves_nothing_behind)
{
  Road road;

  road_init (&road);
  road.options.min_reads = 3;
  for (guint i = 0; i < 2; i++) {
    clear (&road);
    put (&road, 400, 200, 120);
    fail_unless (step (&road)->passage == NULL);
  }
  anpr_tracker_close (road.tracker, road.lost);
  fail_unless_equals_int (road.lost->len, 0);
  road_clear (&road);
}
GST_END_TEST;

GST_START_TEST (test_a_detection_inside_another_is_no_vehicle)
{
  Road road;

  road_init (&road);
  for (guint i = 0; i < 5; i++) {
    AnprPlate *part;

    clear (&road);
    put (&road, 400, 200, 120);
    put (&road, 440, 205, 70);
    step (&road);
    part = g_ptr_array_index (road.plates, 1);
    fail_unless_equals_uint64 (part->track_id, 0);
    fail_unless_equals_int (part->track_state, ANPR_TRACK_UPDATE);
    fail_unless (part->passage == NULL);
  }
  fail_unless_equals_int (anpr_tracker_get_n_tracks (road.tracker), 1);
  road_clear (&road);
}
GST_END_TEST;

static AnprDirection
drive (const AnprDirectionLine *line, gdouble dy, gdouble growth)
{
  Road road;
  AnprDirection direction;

  road_init (&road);
  if (line)
    road.options.line = *line;
  for (guint i = 0; i < 30; i++) {
    clear (&road);
    put (&road, 900, 540 + dy * ((gdouble) i - 15), 120 + growth * i);
    step (&road);
  }
  anpr_tracker_close (road.tracker, road.lost);
  direction = anpr_passage_get_direction (
      ((AnprPlate *) g_ptr_array_index (road.lost, 0))->passage);
  road_clear (&road);
  return direction;
}

GST_START_TEST (test_growth_tells_the_direction_without_a_line)
{
  fail_unless_equals_int (drive (NULL, 10, 3), ANPR_DIRECTION_IN);
  fail_unless_equals_int (drive (NULL, -10, -2), ANPR_DIRECTION_OUT);
  fail_unless_equals_int (drive (NULL, 0, 0), ANPR_DIRECTION_UNKNOWN);
}
GST_END_TEST;

GST_START_TEST (test_crossing_the_line_tells_the_direction)
{
  AnprDirectionLine line = { 0 };

  fail_unless (anpr_direction_line_parse ("0,0.5 1,0.5", &line));
  fail_unless_equals_int (drive (&line, 10, 0), ANPR_DIRECTION_IN);
  fail_unless_equals_int (drive (&line, -10, 0), ANPR_DIRECTION_OUT);
  fail_unless_equals_int (drive (&line, 0, 3), ANPR_DIRECTION_UNKNOWN);
  fail_unless (anpr_direction_line_parse ("1,0.5 0,0.5", &line));
  fail_unless_equals_int (drive (&line, 10, 0), ANPR_DIRECTION_OUT);
}
GST_END_TEST;

GST_START_TEST (test_what_is_no_line_is_refused_and_changes_nothing)
{
  static const gchar *const bad[] = { "1", "0,0 1", "0,0,1,1", "0,0 1,1 ",
    "0,0 2,1", "-0.1,0 1,1", "nan,0 1,1", "0.5,0.5 0.5,0.5", "a,b c,d", " " };
  AnprDirectionLine line = { 0 };

  fail_unless (anpr_direction_line_parse ("0.25,0 1,1", &line));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    fail_if (anpr_direction_line_parse (bad[i], &line), "%s", bad[i]);
  fail_unless (line.set && line.x[0] == 0.25);
  fail_unless (anpr_direction_line_parse (NULL, &line));
  fail_if (line.set);
}
GST_END_TEST;

GST_START_TEST (test_more_plates_than_the_bound_are_counted_not_tracked)
{
  Road road;

  road_init (&road);
  for (guint i = 0; i < ANPR_TRACKER_MAX_TRACKS + 6; i++)
    put (&road, 100.0 * i, 100, 80);
  step (&road);
  fail_unless_equals_int (
      anpr_tracker_get_n_tracks (road.tracker), ANPR_TRACKER_MAX_TRACKS);
  fail_unless_equals_uint64 (anpr_tracker_get_n_dropped (road.tracker), 6);
  road_clear (&road);
}
GST_END_TEST;

static Suite *
tracker_suite (void)
{
  Suite *suite = suite_create ("tracker");
  TCase *tc = tcase_create ("tracker");

  suite_add_tcase (suite, tc);
  tcase_add_test (
      tc, test_a_plate_that_moves_its_own_height_a_frame_is_one_vehicle);
  tcase_add_test (tc, test_two_vehicles_side_by_side_stay_two);
  tcase_add_test (tc, test_crossing_vehicles_keep_their_tracks);
  tcase_add_test (tc, test_a_gap_shorter_than_max_gap_is_bridged);
  tcase_add_test (tc, test_a_vehicle_gone_longer_than_max_gap_is_lost_once);
  tcase_add_test (tc, test_a_plate_seen_too_few_times_leaves_nothing_behind);
  tcase_add_test (tc, test_a_detection_inside_another_is_no_vehicle);
  tcase_add_test (tc, test_growth_tells_the_direction_without_a_line);
  tcase_add_test (tc, test_crossing_the_line_tells_the_direction);
  tcase_add_test (tc, test_what_is_no_line_is_refused_and_changes_nothing);
  tcase_add_test (tc, test_more_plates_than_the_bound_are_counted_not_tracked);
  return suite;
}

GST_CHECK_MAIN (tracker);
