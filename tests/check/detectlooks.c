/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* When platedetect looks at a picture, and when it does not: motion, intervals,
 * time. */

#include "detectfixture.h"

#include "plugins/meta/gstanprmeta.h"

/* A still frame, that the one before makes worth no look */
static gboolean
is_looked_at (GstHarness *harness)
{
  gboolean detected;

  push_and_count (harness, FALSE, &detected);
  return detected;
}

GST_START_TEST (ways_to_look_change_while_playing)
{
  GstHarness *harness = harness_new ("GRAY8", 640, 480);
  GstElement *element = harness->element;

  fail_unless (is_looked_at (harness));
  fail_if (is_looked_at (harness));
  g_object_set (element, "motion-gate", FALSE, NULL);
  for (guint i = 0; i < 3; i++)
    fail_unless (is_looked_at (harness));
  g_object_set (element, "interval", 2, NULL);
  for (guint i = 0; i < 6; i++)
    fail_unless_equals_int (is_looked_at (harness), i % 2 == 0);
  g_object_set (element, "whole-frame", TRUE, NULL);
  fail_unless_equals_int (push_and_count (harness, FALSE, NULL), 1);
  g_object_set (
      element, "whole-frame", FALSE, "interval", 0, "motion-gate", TRUE, NULL);
  fail_unless (is_looked_at (harness));
  fail_if (is_looked_at (harness));
  fail_unless_equals_uint64 (stat_of (harness, "frames"), 14);
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (every_frame_is_looked_at_without_motion_gate)
{
  GstHarness *harness = harness_new ("GRAY8", 640, 480);
  gboolean detected;

  g_object_set (harness->element, "motion-gate", FALSE, NULL);
  for (guint i = 0; i < 30; i++) {
    push_and_count (harness, FALSE, &detected);
    fail_unless (detected);
  }
  fail_unless_equals_uint64 (stat_of (harness, "frames"), 30);
  fail_unless_equals_uint64 (stat_of (harness, "detections"), 30);
  fail_unless_equals_uint64 (stat_of (harness, "skipped"), 0);
  fail_unless_equals_uint64 (stat_of (harness, "network-pixels") % 30, 0);
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (interval_leaves_frames_out_and_counts_them)
{
  GstHarness *harness = harness_new ("GRAY8", 640, 480);
  gboolean detected;

  g_object_set (harness->element, "interval", 3, NULL);
  for (guint i = 0; i < 9; i++) {
    guint n_plates = push_and_count (harness, TRUE, &detected);

    fail_unless_equals_int (detected, i % 3 == 0);
    fail_unless_equals_int (n_plates, i % 3 == 0);
  }
  fail_unless_equals_uint64 (stat_of (harness, "frames"), 9);
  fail_unless_equals_uint64 (stat_of (harness, "detections"), 3);
  fail_unless_equals_uint64 (stat_of (harness, "skipped"), 6);
  fail_unless_equals_uint64 (stat_of (harness, "plates"), 3);
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (still_picture_is_looked_at_once)
{
  GstHarness *harness = harness_new ("GRAY8", 640, 480);
  gboolean detected;

  gst_harness_set_live (harness, __i__);
  push_and_count (harness, FALSE, &detected);
  fail_unless (detected);
  for (guint i = 0; i < 40; i++) {
    push_and_count (harness, FALSE, &detected);
    fail_if (detected);
  }
  /* what comes into it is seen at once, and followed */
  for (guint i = 0; i < 20; i++) {
    fail_unless_equals_int (push_and_count (harness, TRUE, &detected), 1);
    fail_unless (detected);
  }
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (parked_plate_is_looked_at_twice_a_second)
{
  GstHarness *harness = harness_new ("GRAY8", 640, 480);
  guint64 looks;
  guint n_plates = 0;

  for (guint i = 0; i < 50; i++)
    push_and_count (harness, TRUE, NULL);
  looks = stat_of (harness, "detections");
  for (guint i = 0; i < 48; i++)
    n_plates += push_and_count (harness, TRUE, NULL);
  fail_unless_equals_int (n_plates, 4);
  fail_unless_equals_uint64 (stat_of (harness, "detections") - looks, 4);
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (pictures_without_frame_rate_are_each_looked_at)
{
  GstHarness *harness = gst_harness_new ("platedetect");

  gst_harness_set_live (harness, FALSE);
  gst_harness_set_src_caps_str (harness,
      "video/x-raw, format=GRAY8, width=640, height=480, framerate=0/1");
  for (guint i = 0; i < 6; i++) {
    GstBuffer *buffer = buffer_new ("GRAY8", 640, 480, i % 2);

    GST_BUFFER_PTS (buffer) = GST_CLOCK_TIME_NONE;
    buffer = gst_harness_push_and_pull (harness, buffer);
    fail_unless_equals_int (n_plates_of (buffer), i % 2);
    fail_unless (gst_buffer_get_anpr_meta (buffer)->detected);
    gst_buffer_unref (buffer);
  }
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (interval_counts_pictures_without_frame_rate_too)
{
  GstHarness *harness = gst_harness_new ("platedetect");

  gst_harness_set_live (harness, FALSE);
  gst_harness_set_src_caps_str (harness,
      "video/x-raw, format=GRAY8, width=640, height=480, framerate=0/1");
  g_object_set (harness->element, "interval", 3, NULL);
  for (guint i = 0; i < 6; i++) {
    GstBuffer *buffer = buffer_new ("GRAY8", 640, 480, TRUE);

    GST_BUFFER_PTS (buffer) = GST_CLOCK_TIME_NONE;
    buffer = gst_harness_push_and_pull (harness, buffer);
    fail_unless_equals_int (n_plates_of (buffer), i % 3 == 0);
    gst_buffer_unref (buffer);
  }
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* A film that goes back is another; one that goes backwards is none */
GST_START_TEST (time_that_steps_back_begins_anew)
{
  GstHarness *harness = harness_new ("GRAY8", 640, 480);

  for (guint i = 0; i < 10; i++) {
    GstBuffer *buffer = buffer_new ("GRAY8", 640, 480, FALSE);

    GST_BUFFER_PTS (buffer) =
        i < 5 ? (10 + i) * GST_SECOND / 10 : (12 - i) * GST_SECOND / 25;
    if (i == 4)
      GST_BUFFER_PTS (buffer) = 20 * GST_SECOND;
    buffer = gst_harness_push_and_pull (harness, buffer);
    fail_unless_equals_int (
        gst_buffer_get_anpr_meta (buffer)->detected, i == 0 || i == 5);
    gst_buffer_unref (buffer);
  }
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (still_live_picture_is_looked_at_with_new_settings)
{
  GstHarness *harness = live_harness_new ();

  g_object_set (harness->element, "threshold", 1.0, NULL);
  fail_unless_equals_int (push_and_count (harness, TRUE, NULL), 0);
  g_object_set (harness->element, "threshold", 0.4, NULL);
  fail_unless_equals_int (push_and_count (harness, TRUE, NULL), 1);
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (gap_frame_is_not_looked_at)
{
  GstHarness *harness = harness_new ("GRAY8", 640, 480);
  GstBuffer *buffer = buffer_new ("GRAY8", 640, 480, TRUE);

  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_GAP);
  buffer = gst_harness_push_and_pull (harness, buffer);
  fail_unless_equals_int (n_plates_of (buffer), 0);
  fail_if (gst_buffer_get_anpr_meta (buffer)->detected);
  gst_buffer_unref (buffer);
  fail_unless (
      gst_harness_push_event (harness, gst_event_new_gap (0, GST_SECOND)));
  fail_unless_equals_int (push_and_count (harness, TRUE, NULL), 1);
  gst_harness_teardown (harness);
}

GST_END_TEST;

static Suite *
detectlooks_suite (void)
{
  Suite *suite = suite_create ("detectlooks");
  TCase *tests = tcase_create ("tests");

  suite_add_tcase (suite, tests);
  tcase_add_unchecked_fixture (tests, install_model, remove_model);
  tcase_add_test (tests, ways_to_look_change_while_playing);
  tcase_add_test (tests, every_frame_is_looked_at_without_motion_gate);
  tcase_add_test (tests, interval_leaves_frames_out_and_counts_them);
  tcase_add_loop_test (tests, still_picture_is_looked_at_once, 0, 2);
  tcase_add_test (tests, parked_plate_is_looked_at_twice_a_second);
  tcase_add_test (tests, pictures_without_frame_rate_are_each_looked_at);
  tcase_add_test (tests, interval_counts_pictures_without_frame_rate_too);
  tcase_add_test (tests, time_that_steps_back_begins_anew);
  tcase_add_test (tests, still_live_picture_is_looked_at_with_new_settings);
  tcase_add_test (tests, gap_frame_is_not_looked_at);
  return suite;
}

GST_CHECK_MAIN (detectlooks);
