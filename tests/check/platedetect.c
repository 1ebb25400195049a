/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* platedetect: what it attaches, its properties, its life and its model. */

#include "detectfixture.h"

#include <glib/gstdio.h>

#include "plugins/meta/gstanprframe.h"
#include "plugins/meta/gstanprmeta.h"

GST_START_TEST (frame_without_plate_gets_a_meta_too)
{
  GstHarness *harness = harness_new ("GRAY8", 640, 480);
  gboolean detected;

  fail_unless_equals_int (push_and_count (harness, FALSE, &detected), 0);
  fail_unless (detected);
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (frame_tells_when_it_was_seen)
{
  GstHarness *harness = harness_new ("GRAY8", 64, 48);
  GstBuffer *buffer = buffer_new ("GRAY8", 64, 48, FALSE);
  GstAnprMeta *meta;

  GST_BUFFER_PTS (buffer) = 3 * GST_SECOND;
  buffer = gst_harness_push_and_pull (harness, buffer);
  meta = gst_buffer_get_anpr_meta (buffer);
  fail_unless (meta->moment.utc > 0);
  fail_unless_equals_uint64 (meta->moment.stream_time, 3 * GST_SECOND);
  fail_unless_equals_uint64 (meta->moment.running_time, 3 * GST_SECOND);
  fail_unless_equals_int (meta->moment.source, ANPR_CLOCK_FILE);
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (properties_take_effect_at_the_next_buffer)
{
  GstHarness *harness = harness_new ("GRAY8", 640, 480);
  GstElement *element = harness->element;

  fail_unless_equals_int (push_and_count (harness, TRUE, NULL), 1);
  g_object_set (element, "threshold", 1.0, NULL);
  fail_unless_equals_int (push_and_count (harness, TRUE, NULL), 0);
  g_object_set (element, "threshold", 0.4, "min-plate-width", 300, NULL);
  fail_unless_equals_int (push_and_count (harness, TRUE, NULL), 0);
  g_object_set (
      element, "min-plate-width", 40, "include", "0,0 1,0 1,.2", NULL);
  fail_unless_equals_int (push_and_count (harness, TRUE, NULL), 0);
  g_object_set (element, "include", NULL, "exclude", "0,0 1,0 1,1 0,1", NULL);
  fail_unless_equals_int (push_and_count (harness, TRUE, NULL), 0);
  g_object_set (element, "exclude", "", NULL);
  fail_unless_equals_int (push_and_count (harness, TRUE, NULL), 1);
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (wrong_polygon_is_warned_about_and_ignored)
{
  GstHarness *harness = harness_new ("GRAY8", 640, 480);
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GstMessage) message = NULL;
  g_autofree gchar *include = NULL;
  const GstStructure *details;

  gst_element_set_bus (harness->element, bus);
  g_object_set (harness->element, "include", "0,.5 1,.5 1,1 0,1", NULL);
  g_object_set (harness->element, "include", "nonsense", NULL);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING);
  fail_unless (message != NULL);
  gst_message_parse_warning_details (message, &details);
  fail_unless_equals_string (
      gst_structure_get_string (details, "code"), "ANPR-PROPERTY");
  g_object_get (harness->element, "include", &include, NULL);
  fail_unless_equals_string (include, "0,.5 1,.5 1,1 0,1");
  fail_unless_equals_int (push_and_count (harness, TRUE, NULL), 1);
  gst_element_set_bus (harness->element, NULL);
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (flush_and_new_caps_are_survived)
{
  GstHarness *harness = live_harness_new ();
  GstBuffer *buffer;
  GstSegment segment;

  fail_unless_equals_int (push_and_count (harness, TRUE, NULL), 1);
  fail_unless (gst_harness_push_event (harness, gst_event_new_flush_start ()));
  fail_unless (
      gst_harness_push_event (harness, gst_event_new_flush_stop (TRUE)));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  fail_unless (
      gst_harness_push_event (harness, gst_event_new_segment (&segment)));
  fail_unless_equals_int (push_and_count (harness, TRUE, NULL), 1);
  set_caps (harness, "NV12", 800, 600);
  buffer =
      gst_harness_push_and_pull (harness, buffer_new ("NV12", 800, 600, TRUE));
  fail_unless_equals_int (n_plates_of (buffer), 1);
  fail_unless_equals_int (gst_buffer_get_anpr_meta (buffer)->width, 800);
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (element_is_used_again_after_stop)
{
  GstHarness *harness = harness_new ("GRAY8", 640, 480);
  GstElement *element = gst_object_ref (harness->element);

  fail_unless_equals_int (push_and_count (harness, TRUE, NULL), 1);
  gst_harness_teardown (harness);
  gst_element_set_state (element, GST_STATE_NULL);
  harness = gst_harness_new_with_element (element, "sink", "src");
  set_caps (harness, "GRAY8", 640, 480);
  fail_unless_equals_int (push_and_count (harness, TRUE, NULL), 1);
  fail_unless_equals_uint64 (stat_of (harness, "frames"), 1);
  gst_harness_teardown (harness);
  gst_object_unref (element);
}

GST_END_TEST;

static void
set_state (GstHarness *harness, GstState state)
{
  fail_unless (gst_element_set_state (harness->element, state)
               == GST_STATE_CHANGE_SUCCESS);
}

/* The file is gone when the first film begins */
GST_START_TEST (model_is_loaded_once_for_all_films)
{
  g_autoptr (GBytes) bytes = plate_model_bytes (16);
  g_autofree gchar *path = g_build_filename (models, "own.anprnet", NULL);
  GstElement *element = gst_element_factory_make ("platedetect", NULL);
  GstHarness *harness;
  guint64 cost = 0;
  gsize size;
  const gchar *data = g_bytes_get_data (bytes, &size);

  fail_unless (g_file_set_contents (path, data, size, NULL));
  g_object_set (element, "model", path, NULL);
  gst_element_set_state (element, GST_STATE_READY);
  g_unlink (path);
  harness = gst_harness_new_with_element (element, "sink", "src");
  for (guint i = 0; i < 4; i++) {
    set_caps (harness, "GRAY8", 640, 480);
    fail_unless_equals_int (push_and_count (harness, TRUE, NULL), 1);
    fail_unless_equals_uint64 (stat_of (harness, "frames"), 1);
    fail_unless (stat_of (harness, "network-pixels") > 0);
    if (i > 0)
      fail_unless_equals_uint64 (stat_of (harness, "network-pixels"), cost);
    cost = stat_of (harness, "network-pixels");
    set_state (harness, GST_STATE_READY);
    set_state (harness, GST_STATE_PLAYING);
  }
  gst_harness_teardown (harness);
  gst_object_unref (element);
}

GST_END_TEST;

GST_START_TEST (other_detectors_plates_are_kept)
{
  GstHarness *harness = harness_new ("GRAY8", 640, 480);
  GstBuffer *buffer = buffer_new ("GRAY8", 640, 480, TRUE);
  AnprBox box = { 10, 10, 90, 20 };

  gst_anpr_meta_add_plate (gst_buffer_add_anpr_meta (buffer, 640, 480), buffer,
      anpr_plate_new (&box, 0.7));
  buffer = gst_harness_push_and_pull (harness, buffer);
  fail_unless_equals_int (n_plates_of (buffer), 2);
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
}

GST_END_TEST;

static void
expect_model_error (GstElement *element)
{
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GstMessage) message = NULL;
  const GstStructure *details;

  gst_element_set_bus (element, bus);
  fail_unless_equals_int (gst_element_set_state (element, GST_STATE_READY),
      GST_STATE_CHANGE_FAILURE);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_parse_error_details (message, &details);
  fail_unless_equals_string (
      gst_structure_get_string (details, "code"), "ANPR-MODEL-FILE");
  gst_element_set_bus (element, NULL);
}

GST_START_TEST (model_that_is_missing_is_an_error_in_ready)
{
  GstElement *element = gst_element_factory_make ("platedetect", NULL);

  g_object_set (element, "model", "/nowhere/plates.anprnet", NULL);
  expect_model_error (element);
  g_object_set (element, "model", NULL, NULL);
  fail_unless_equals_int (gst_element_set_state (element, GST_STATE_READY),
      GST_STATE_CHANGE_SUCCESS);
  gst_element_set_state (element, GST_STATE_NULL);
  g_setenv ("ANPR_MODELS", "/nowhere", TRUE);
  expect_model_error (element);
  g_setenv ("ANPR_MODELS", models, TRUE);
  gst_object_unref (element);
}

GST_END_TEST;

/* Channels of the output, and how much of the file there is */
static const guint wrong_models[][2] = { { 16, 50 }, { 15, 100 } };

GST_START_TEST (model_that_is_no_detector_is_an_error_in_ready)
{
  GstElement *element = gst_element_factory_make ("platedetect", NULL);
  g_autoptr (GBytes) bytes = plate_model_bytes (wrong_models[__i__][0]);
  g_autofree gchar *path = g_build_filename (models, "wrong.anprnet", NULL);
  gsize size;
  const gchar *data = g_bytes_get_data (bytes, &size);

  fail_unless (g_file_set_contents (
      path, data, size * wrong_models[__i__][1] / 100, NULL));
  g_object_set (element, "model", path, NULL);
  expect_model_error (element);
  g_unlink (path);
  gst_object_unref (element);
}

GST_END_TEST;

static Suite *
platedetect_suite (void)
{
  Suite *suite = suite_create ("platedetect");
  TCase *tests = tcase_create ("tests");

  suite_add_tcase (suite, tests);
  tcase_add_unchecked_fixture (tests, install_model, remove_model);
  tcase_add_test (tests, frame_without_plate_gets_a_meta_too);
  tcase_add_test (tests, frame_tells_when_it_was_seen);
  tcase_add_test (tests, properties_take_effect_at_the_next_buffer);
  tcase_add_test (tests, wrong_polygon_is_warned_about_and_ignored);
  tcase_add_test (tests, flush_and_new_caps_are_survived);
  tcase_add_test (tests, element_is_used_again_after_stop);
  tcase_add_test (tests, model_is_loaded_once_for_all_films);
  tcase_add_test (tests, other_detectors_plates_are_kept);
  tcase_add_test (tests, model_that_is_missing_is_an_error_in_ready);
  tcase_add_loop_test (tests, model_that_is_no_detector_is_an_error_in_ready, 0,
      G_N_ELEMENTS (wrong_models));
  return suite;
}

GST_CHECK_MAIN (platedetect);
