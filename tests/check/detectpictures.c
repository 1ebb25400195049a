/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Pictures that platedetect takes: formats, sizes, memory, strides; none is
 * copied or changed. */

#include "detectfixture.h"

#include "plugins/meta/gstanprframe.h"
#include "plugins/meta/gstanprmeta.h"

static const gchar *formats[] = { "NV12", "I420", "YV12", "NV21", "GRAY8",
  "Y42B", "Y444", "Y41B", "NV16", "NV61", "NV24" };

GST_START_TEST (plate_is_attached_in_every_format)
{
  const gchar *format = formats[__i__];
  GstHarness *harness = harness_new (format, 640, 480);
  GstBuffer *buffer =
      gst_harness_push_and_pull (harness, buffer_new (format, 640, 480, TRUE));
  AnprBox expected = { 200, 250, 150, 32 };
  GstAnprMeta *meta = gst_buffer_get_anpr_meta (buffer);
  const AnprPlate *plate;

  fail_unless_equals_int (n_plates_of (buffer), 1);
  plate = gst_anpr_meta_get_plate (meta, 0);
  fail_unless (meta->detected);
  fail_unless_equals_int (meta->width, 640);
  fail_unless_equals_int (meta->height, 480);
  fail_unless (anpr_box_iou (&plate->box, &expected) > 0.6);
  fail_unless (plate->confidence >= 0.4 && plate->confidence <= 1);
  fail_unless (plate->quad.x[1] > plate->quad.x[0]);
  fail_unless (plate->quad.y[3] > plate->quad.y[0]);
  fail_unless (gst_buffer_get_video_region_of_interest_meta_id (buffer, 0));
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
}

GST_END_TEST;

static AnprBox
box_in_format (const gchar *format)
{
  GstHarness *harness = harness_new (format, 640, 480);
  GstBuffer *buffer =
      gst_harness_push_and_pull (harness, buffer_new (format, 640, 480, TRUE));
  AnprBox box;

  fail_unless_equals_int (n_plates_of (buffer), 1);
  box = gst_anpr_meta_get_plate (gst_buffer_get_anpr_meta (buffer), 0)->box;
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
  return box;
}

GST_START_TEST (formats_give_the_same_box)
{
  AnprBox grey = box_in_format ("GRAY8");
  AnprBox other = box_in_format (formats[__i__]);

  fail_unless (memcmp (&grey, &other, sizeof (grey)) == 0);
}

GST_END_TEST;

static const guint sides[][2] = { { 1, 1 }, { 1, 8192 }, { 8192, 1 }, { 3, 5 },
  { 33, 17 }, { 8192, 40 } };

GST_START_TEST (any_size_passes)
{
  guint width = sides[__i__][0], height = sides[__i__][1];
  GstHarness *harness = harness_new ("I420", width, height);
  GstBuffer *buffer = gst_harness_push_and_pull (
      harness, buffer_new ("I420", width, height, FALSE));

  fail_unless_equals_int (n_plates_of (buffer), 0);
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (largest_frame_passes)
{
  GstHarness *harness = harness_new ("GRAY8", 8192, 8192);
  GstBuffer *buffer = gst_harness_push_and_pull (
      harness, buffer_new ("GRAY8", 8192, 8192, FALSE));

  fail_unless_equals_int (n_plates_of (buffer), 0);
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (whole_frame_is_one_plate)
{
  GstHarness *harness = harness_new ("GRAY8", 200, 50);
  GstBuffer *buffer;
  const AnprPlate *plate;

  g_object_set (harness->element, "whole-frame", TRUE, NULL);
  buffer =
      gst_harness_push_and_pull (harness, buffer_new ("GRAY8", 200, 50, FALSE));
  fail_unless_equals_int (n_plates_of (buffer), 1);
  plate = gst_anpr_meta_get_plate (gst_buffer_get_anpr_meta (buffer), 0);
  fail_unless_equals_float (plate->box.width, 200);
  fail_unless_equals_float (plate->box.height, 50);
  fail_unless_equals_float (plate->quad.x[2], 200);
  fail_unless_equals_float (plate->quad.y[2], 50);
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (memory_of_a_shared_buffer_is_kept)
{
  GstHarness *harness = harness_new ("NV12", 640, 480);
  GstBuffer *input = buffer_new ("NV12", 640, 480, TRUE);
  GstBuffer *output;

  /* a second reference is what a tee makes */
  output = gst_harness_push_and_pull (harness, gst_buffer_ref (input));
  fail_unless (output != input);
  fail_unless (
      gst_buffer_peek_memory (output, 0) == gst_buffer_peek_memory (input, 0));
  fail_unless_equals_int (n_plates_of (output), 1);
  fail_unless (gst_buffer_get_anpr_meta (input) == NULL);
  gst_buffer_unref (output);
  output = gst_harness_push_and_pull (harness, input);
  fail_unless (output == input);
  gst_buffer_unref (output);
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (memory_that_may_not_be_written_is_read)
{
  GstHarness *harness = harness_new ("GRAY8", 640, 480);
  GstBuffer *drawn = buffer_new ("GRAY8", 640, 480, TRUE);
  GstBuffer *buffer = gst_buffer_new ();
  GstMapInfo map;

  fail_unless (gst_buffer_map (drawn, &map, GST_MAP_READ));
  gst_buffer_append_memory (
      buffer, gst_memory_new_wrapped (GST_MEMORY_FLAG_READONLY, map.data,
                  map.size, 0, map.size, NULL, NULL));
  buffer = gst_harness_push_and_pull (harness, buffer);
  fail_unless_equals_int (n_plates_of (buffer), 1);
  gst_buffer_unref (buffer);
  gst_buffer_unmap (drawn, &map);
  gst_buffer_unref (drawn);
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (strides_of_the_video_meta_are_used)
{
  GstHarness *harness = harness_new ("GRAY8", 640, 480);
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 1000 * 480 + 77, NULL);
  gsize offset[GST_VIDEO_MAX_PLANES] = { 77 };
  gint stride[GST_VIDEO_MAX_PLANES] = { 1000 };
  GstVideoInfo info;

  gst_buffer_memset (buffer, 0, 0, 1000 * 480 + 77);
  gst_buffer_add_video_meta_full (buffer, GST_VIDEO_FRAME_FLAG_NONE,
      GST_VIDEO_FORMAT_GRAY8, 640, 480, 1, offset, stride);
  gst_video_info_set_format (&info, GST_VIDEO_FORMAT_GRAY8, 640, 480);
  draw_on (buffer, &info, &drawn_plate);
  buffer = gst_harness_push_and_pull (harness, buffer);
  fail_unless_equals_int (n_plates_of (buffer), 1);
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* A decoder's memory is often larger than the picture */
GST_START_TEST (padding_that_the_video_meta_counts_in_is_not_looked_at)
{
  GstHarness *harness = harness_new ("GRAY8", 640, 480);
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 9000 * 500, NULL);
  gsize offset[GST_VIDEO_MAX_PLANES] = { 0 };
  gint stride[GST_VIDEO_MAX_PLANES] = { 9000 };
  GstVideoInfo info;

  gst_buffer_add_video_meta_full (buffer, GST_VIDEO_FRAME_FLAG_NONE,
      GST_VIDEO_FORMAT_GRAY8, 9000, 500, 1, offset, stride);
  gst_video_info_set_format (&info, GST_VIDEO_FORMAT_GRAY8, 9000, 500);
  draw_on (buffer, &info, &(const AnprBox){ 700, 250, 150, 32 });
  buffer = gst_harness_push_and_pull (harness, buffer);
  fail_unless_equals_int (n_plates_of (buffer), 0);
  fail_unless (gst_buffer_get_anpr_meta (buffer)->detected);
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
}

GST_END_TEST;

/* Strides of a frame that its memory does not hold, or no rows at all */
static const gint wrong_strides[] = { 1000, 639, -640 };

GST_START_TEST (memory_that_is_too_short_is_warned_about_once)
{
  GstHarness *harness = harness_new ("GRAY8", 640, 480);
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GstMessage) message = NULL;
  gsize offset[GST_VIDEO_MAX_PLANES] = { 0 };
  const GstStructure *details;

  gst_element_set_bus (harness->element, bus);
  for (guint i = 0; i < 3; i++) {
    GstBuffer *buffer = gst_buffer_new_allocate (NULL, 640 * 480, NULL);
    gint stride[GST_VIDEO_MAX_PLANES] = { wrong_strides[__i__] };

    gst_buffer_add_video_meta_full (buffer, GST_VIDEO_FRAME_FLAG_NONE,
        GST_VIDEO_FORMAT_GRAY8, 640, 480, 1, offset, stride);
    buffer = gst_harness_push_and_pull (harness, buffer);
    fail_unless_equals_int (n_plates_of (buffer), 0);
    fail_if (gst_buffer_get_anpr_meta (buffer)->detected);
    gst_buffer_unref (buffer);
  }
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING);
  fail_unless (message != NULL);
  gst_message_parse_warning_details (message, &details);
  fail_unless_equals_string (
      gst_structure_get_string (details, "code"), "ANPR-INPUT-FORMAT");
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING) == NULL);
  fail_unless_equals_uint64 (stat_of (harness, "skipped"), 3);
  gst_element_set_bus (harness->element, NULL);
  gst_harness_teardown (harness);
}

GST_END_TEST;

GST_START_TEST (upstream_is_offered_the_video_meta)
{
  GstHarness *harness = harness_new ("NV12", 640, 480);
  g_autofree gchar *text = caps_of ("NV12", 640, 480);
  g_autoptr (GstCaps) caps = gst_caps_from_string (text);
  GstQuery *query = gst_query_new_allocation (caps, FALSE);

  fail_unless (gst_pad_peer_query (harness->srcpad, query));
  fail_unless (
      gst_query_find_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL));
  gst_query_unref (query);
  gst_harness_teardown (harness);
}

GST_END_TEST;

static void
note_memory (GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer memory)
{
  GstMemory **noted = memory;

  if (!*noted)
    *noted = gst_memory_ref (gst_buffer_peek_memory (buffer, 0));
}

GST_START_TEST (both_branches_of_a_tee_see_the_same_memory)
{
  g_autoptr (GstElement) pipeline = gst_parse_launch (
      "videotestsrc num-buffers=1 ! video/x-raw,format=NV12 ! tee name=t "
      "t. ! queue ! fakesink name=plain signal-handoffs=true async=false "
      "t. ! queue ! platedetect ! fakesink name=detected signal-handoffs=true "
      "async=false",
      NULL);
  g_autoptr (GstElement) plain =
      gst_bin_get_by_name (GST_BIN (pipeline), "plain");
  g_autoptr (GstElement) detected =
      gst_bin_get_by_name (GST_BIN (pipeline), "detected");
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  GstMemory *memories[2] = { NULL, NULL };
  GstMessage *message;

  g_signal_connect (plain, "handoff", G_CALLBACK (note_memory), &memories[0]);
  g_signal_connect (
      detected, "handoff", G_CALLBACK (note_memory), &memories[1]);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (
      bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  fail_unless (memories[0] != NULL && memories[0] == memories[1]);
  gst_memory_unref (memories[0]);
  gst_memory_unref (memories[1]);
}

GST_END_TEST;

static Suite *
detectpictures_suite (void)
{
  Suite *suite = suite_create ("detectpictures");
  TCase *tests = tcase_create ("tests");

  suite_add_tcase (suite, tests);
  tcase_add_unchecked_fixture (tests, install_model, remove_model);
  tcase_add_loop_test (
      tests, plate_is_attached_in_every_format, 0, G_N_ELEMENTS (formats));
  tcase_add_loop_test (
      tests, formats_give_the_same_box, 0, G_N_ELEMENTS (formats));
  tcase_add_loop_test (tests, any_size_passes, 0, G_N_ELEMENTS (sides));
  tcase_add_test (tests, largest_frame_passes);
  tcase_add_test (tests, whole_frame_is_one_plate);
  tcase_add_test (tests, memory_of_a_shared_buffer_is_kept);
  tcase_add_test (tests, memory_that_may_not_be_written_is_read);
  tcase_add_test (tests, strides_of_the_video_meta_are_used);
  tcase_add_test (
      tests, padding_that_the_video_meta_counts_in_is_not_looked_at);
  tcase_add_loop_test (tests, memory_that_is_too_short_is_warned_about_once, 0,
      G_N_ELEMENTS (wrong_strides));
  tcase_add_test (tests, upstream_is_offered_the_video_meta);
  tcase_add_test (tests, both_branches_of_a_tee_see_the_same_memory);
  return suite;
}

GST_CHECK_MAIN (detectpictures);
