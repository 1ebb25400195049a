/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What the elements of a pipeline do to the plates of a frame: each crossing is
 * one test, through the real element. */

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include "plugins/meta/gstanprframe.h"
#include "plugins/meta/gstanprmeta.h"
#include "plugins/meta/gstanprpassing.h"

#define WIDTH 320
#define HEIGHT 240
#define CAPS "video/x-raw,format=I420,width=320,height=240,framerate=25/1"

static const AnprBox box = { 40, 60, 100, 20 };

static GstBuffer *
new_frame (void)
{
  GstBuffer *buffer =
      gst_buffer_new_allocate (NULL, WIDTH * HEIGHT * 3 / 2, NULL);
  GstAnprMeta *meta;
  AnprPlate *plate = anpr_plate_new (&box, 0.9);

  gst_buffer_memset (buffer, 0, 0x80, WIDTH * HEIGHT * 3 / 2);
  GST_BUFFER_PTS (buffer) = 0;
  GST_BUFFER_DURATION (buffer) = 40 * GST_MSECOND;
  meta = gst_buffer_add_anpr_meta (buffer, WIDTH, HEIGHT);
  meta->moment.utc = 1790000000000000;
  meta->detected = TRUE;
  plate->read = anpr_read_new (ANPR_READ_TEXT, "1-ABC-123", 0.8, "test");
  plate->passage = anpr_passage_new (&meta->moment);
  gst_anpr_meta_add_plate (meta, buffer, plate);
  return buffer;
}

/* Sends one frame through @launch, a chain of elements, and gives what comes
 * out; NULL where an element is not installed. */
static GstBuffer *
send_through (const gchar *launch, const gchar *out_caps)
{
  GstHarness *harness = gst_harness_new_parse (launch);
  GstBuffer *out;

  gst_harness_set_src_caps_str (harness, CAPS);
  if (out_caps)
    gst_harness_set_sink_caps_str (harness, out_caps);
  fail_unless_equals_int (
      gst_harness_push (harness, new_frame ()), GST_FLOW_OK);
  fail_unless (gst_harness_push_event (harness, gst_event_new_eos ()));
  out = gst_harness_pull (harness);
  gst_harness_teardown (harness);
  return out;
}

static void
assert_plate (GstBuffer *buffer, gdouble factor_x, gdouble factor_y)
{
  GstAnprMeta *meta = gst_buffer_get_anpr_meta (buffer);
  const AnprPlate *plate;

  fail_unless (meta != NULL, "the plates are gone");
  fail_unless_equals_int (gst_anpr_meta_get_n_plates (meta), 1);
  plate = gst_anpr_meta_get_plate (meta, 0);
  fail_unless_equals_float (plate->box.x, box.x * factor_x);
  fail_unless_equals_float (plate->box.y, box.y * factor_y);
  fail_unless_equals_float (plate->box.width, box.width * factor_x);
  fail_unless_equals_float (plate->box.height, box.height * factor_y);
  fail_unless_equals_float (plate->quad.x[2], (box.x + box.width) * factor_x);
  fail_unless_equals_float (plate->quad.y[2], (box.y + box.height) * factor_y);
  fail_unless_equals_string (plate->read->text, "1ABC123");
  fail_unless (plate->passage != NULL);
  fail_unless_equals_int64 (meta->moment.utc, 1790000000000000);
  fail_unless_equals_int (meta->width, (guint) (WIDTH * factor_x));
  fail_unless (meta->detected);
  gst_buffer_unref (buffer);
}

GST_START_TEST (test_plates_cross_a_queue)
{
  assert_plate (send_through ("queue", NULL), 1, 1);
}
GST_END_TEST;

GST_START_TEST (test_plates_cross_a_converter)
{
  assert_plate (
      send_through (
          "videoconvert ! capsfilter caps=video/x-raw,format=BGRx", NULL),
      1, 1);
}
GST_END_TEST;

GST_START_TEST (test_a_scaler_scales_the_boxes)
{
  assert_plate (
      send_through ("videoscale add-borders=false ! "
                    "capsfilter caps=video/x-raw,width=640,height=120",
          NULL),
      2, 0.5);
}
GST_END_TEST;

GST_START_TEST (test_scaling_with_the_same_aspect_needs_no_borders)
{
  assert_plate (
      send_through (
          "videoscale ! capsfilter caps=video/x-raw,width=160,height=120",
          NULL),
      0.5, 0.5);
}
GST_END_TEST;

GST_START_TEST (test_plates_cross_an_h264_encoder)
{
  assert_plate (send_through ("x264enc tune=zerolatency", NULL), 1, 1);
}
GST_END_TEST;

GST_START_TEST (test_plates_cross_a_jpeg_encoder)
{
  assert_plate (send_through ("jpegenc", NULL), 1, 1);
}
GST_END_TEST;

/* GStreamer 1.22's videocrop keeps no meta with a size, later ones shift it;
 * wrong boxes would be worse than none. */
GST_START_TEST (test_a_crop_never_leaves_wrong_boxes)
{
  GstBuffer *buffer = send_through ("videocrop left=40 top=20", NULL);
  GstAnprMeta *meta = gst_buffer_get_anpr_meta (buffer);

  if (meta)
    fail_unless_equals_float (
        gst_anpr_meta_get_plate (meta, 0)->box.x, box.x - 40);
  gst_buffer_unref (buffer);
}
GST_END_TEST;

GST_START_TEST (test_a_flip_never_leaves_wrong_boxes)
{
  GstBuffer *buffer = send_through ("videoflip video-direction=horiz", NULL);

  fail_unless (gst_buffer_get_anpr_meta (buffer) == NULL);
  gst_buffer_unref (buffer);
}
GST_END_TEST;

/* Both branches see the same memory; a plate added on one stays off the other.
 */
GST_START_TEST (test_a_tee_shares_pixels_and_not_plates)
{
  GstBuffer *frame = new_frame ();
  GstBuffer *branch = gst_buffer_ref (frame);
  GstMemory *memory = gst_buffer_peek_memory (frame, 0);
  GstAnprMeta *meta;

  branch = gst_buffer_make_writable (branch);
  fail_unless (branch != frame);
  fail_unless (gst_buffer_peek_memory (branch, 0) == memory);
  meta = gst_buffer_get_anpr_meta (branch);
  gst_anpr_meta_add_plate (meta, branch, anpr_plate_new (&box, 0.5));
  fail_unless_equals_int (gst_anpr_meta_get_n_plates (meta), 2);
  fail_unless_equals_int (
      gst_anpr_meta_get_n_plates (gst_buffer_get_anpr_meta (frame)), 1);
  gst_buffer_unref (branch);
  gst_buffer_unref (frame);
}
GST_END_TEST;

GST_START_TEST (test_plates_cross_a_tee_to_every_branch)
{
  GstElement *pipeline = gst_parse_launch (
      "tee name=t ! queue ! fakesink name=a sync=false enable-last-sample=true "
      "t. ! queue ! fakesink name=b sync=false enable-last-sample=true",
      NULL);
  GstElement *tee = gst_bin_get_by_name (GST_BIN (pipeline), "t");
  GstPad *sink = gst_element_get_static_pad (tee, "sink");
  GstCaps *caps = gst_caps_from_string (CAPS);
  GstSegment segment;
  GstMessage *message;
  const gchar *const names[] = { "a", "b" };

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_send_event (sink, gst_event_new_stream_start ("test"));
  gst_pad_send_event (sink, gst_event_new_caps (caps));
  gst_pad_send_event (sink, gst_event_new_segment (&segment));
  fail_unless_equals_int (gst_pad_chain (sink, new_frame ()), GST_FLOW_OK);
  gst_pad_send_event (sink, gst_event_new_eos ());
  message = gst_bus_timed_pop_filtered (GST_ELEMENT_BUS (pipeline),
      30 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
  gst_message_unref (message);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    GstElement *element = gst_bin_get_by_name (GST_BIN (pipeline), names[i]);
    GstSample *sample;

    g_object_get (element, "last-sample", &sample, NULL);
    assert_plate (gst_buffer_ref (gst_sample_get_buffer (sample)), 1, 1);
    gst_sample_unref (sample);
    gst_object_unref (element);
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_caps_unref (caps);
  gst_object_unref (sink);
  gst_object_unref (tee);
  gst_object_unref (pipeline);
}
GST_END_TEST;

GST_START_TEST (test_a_region_of_interest_lies_beside_each_plate)
{
  GstBuffer *buffer = new_frame ();
  GstVideoRegionOfInterestMeta *roi =
      gst_buffer_get_video_region_of_interest_meta_id (buffer, 0);

  fail_unless (roi != NULL);
  fail_unless_equals_string (
      g_quark_to_string (roi->roi_type), GST_ANPR_ROI_TYPE);
  fail_unless_equals_int (roi->x, 40);
  fail_unless_equals_int (roi->h, 20);
  gst_buffer_unref (buffer);
}
GST_END_TEST;

GST_START_TEST (test_a_frame_carries_at_most_its_bound_of_plates)
{
  GstBuffer *buffer = new_frame ();
  GstAnprMeta *meta = gst_buffer_get_anpr_meta (buffer);

  for (guint i = 1; i < GST_ANPR_META_MAX_PLATES; i++)
    fail_unless (
        gst_anpr_meta_add_plate (meta, buffer, anpr_plate_new (&box, 0.5)));
  fail_if (gst_anpr_meta_add_plate (meta, buffer, anpr_plate_new (&box, 0.5)));
  gst_buffer_unref (buffer);
}
GST_END_TEST;

GST_START_TEST (test_part_of_a_buffer_is_no_frame_with_plates)
{
  GstBuffer *buffer = new_frame ();
  GstBuffer *part =
      gst_buffer_copy_region (buffer, GST_BUFFER_COPY_ALL, 0, 100);

  fail_unless (gst_buffer_get_anpr_meta (part) == NULL);
  gst_buffer_unref (part);
  gst_buffer_unref (buffer);
}
GST_END_TEST;

/* --- passages in the stream, stills of frames ------------------------------ */

GST_START_TEST (test_a_closing_event_carries_its_passage)
{
  AnprMoment moment = ANPR_MOMENT_INIT;
  AnprPassage *passage = anpr_passage_new (&moment);
  AnprPassage *parsed = NULL;
  GstEvent *event = gst_anpr_event_new_closing (passage);
  GstEvent *other = gst_event_new_eos ();

  fail_unless (GST_EVENT_IS_SERIALIZED (event));
  fail_unless (gst_anpr_event_parse_closing (event, &parsed));
  fail_unless (parsed == passage);
  fail_if (gst_anpr_event_parse_closing (other, &parsed));
  gst_event_unref (other);
  gst_event_unref (event);
  anpr_passage_unref (parsed);
  anpr_passage_unref (passage);
}
GST_END_TEST;

static void
map_frame (GstVideoFrame *frame, GstVideoFormat format, guint w, guint h)
{
  GstVideoInfo info;
  GstBuffer *buffer;

  gst_video_info_set_format (&info, format, w, h);
  info.fps_n = 25;
  info.interlace_mode = GST_VIDEO_INTERLACE_MODE_MIXED;
  buffer = gst_buffer_new_allocate (NULL, info.size, NULL);
  gst_buffer_memset (buffer, 0, 0x50, info.size);
  fail_unless (gst_video_frame_map (frame, &info, buffer, GST_MAP_READ));
  gst_buffer_unref (buffer);
}

GST_START_TEST (test_stills_are_cut_from_every_format)
{
  static const GstVideoFormat formats[] = { GST_VIDEO_FORMAT_I420,
    GST_VIDEO_FORMAT_NV12, GST_VIDEO_FORMAT_NV21, GST_VIDEO_FORMAT_YV12,
    GST_VIDEO_FORMAT_GRAY8, GST_VIDEO_FORMAT_Y42B, GST_VIDEO_FORMAT_Y444,
    GST_VIDEO_FORMAT_Y41B, GST_VIDEO_FORMAT_NV16, GST_VIDEO_FORMAT_NV24 };

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++) {
    GstVideoFrame frame;
    AnprStill *still;

    map_frame (&frame, formats[i], 321, 243);
    still = gst_anpr_still_new_from_frame (&frame, &box);
    fail_unless (still != NULL);
    fail_unless (still->width >= 100 && still->width <= 102);
    fail_unless_equals_int (still->i420[0], 0x50);
    anpr_still_unref (still);
    gst_video_frame_unmap (&frame);
  }
}
GST_END_TEST;

GST_START_TEST (test_stills_at_and_beyond_the_edge_of_a_frame)
{
  static const AnprBox boxes[] = { { -50, -50, 60, 60 }, { 300, 230, 90, 90 },
    { -10, -10, 1000, 1000 }, { 319, 239, 1, 1 }, { 500, 500, 10, 10 },
    { 10, 10, 0, 0 }, { 317.5, 10, 8, 3.2 } };
  GstVideoFrame frame;

  map_frame (&frame, GST_VIDEO_FORMAT_I420, WIDTH, HEIGHT);
  for (guint i = 0; i < G_N_ELEMENTS (boxes); i++) {
    AnprStill *still = gst_anpr_still_new_from_frame (&frame, &boxes[i]);
    AnprStill *vehicle = gst_anpr_still_new_vehicle (&frame, &boxes[i]);

    g_clear_pointer (&still, anpr_still_unref);
    g_clear_pointer (&vehicle, anpr_still_unref);
  }
  gst_video_frame_unmap (&frame);
  map_frame (&frame, GST_VIDEO_FORMAT_I420, 1, 1);
  fail_unless (gst_anpr_still_new_from_frame (&frame, &box) == NULL);
  gst_video_frame_unmap (&frame);
}
GST_END_TEST;

GST_START_TEST (test_a_huge_still_is_scaled_down)
{
  static const AnprBox whole = { 0, 0, 8000, 4000 };
  GstVideoFrame frame;
  AnprStill *still;

  map_frame (&frame, GST_VIDEO_FORMAT_GRAY8, 8000, 4000);
  still = gst_anpr_still_new_from_frame (&frame, &whole);
  fail_unless_equals_int (still->width, ANPR_STILL_MAX_SIDE);
  fail_unless_equals_int (still->height, ANPR_STILL_MAX_SIDE / 2);
  anpr_still_unref (still);
  gst_video_frame_unmap (&frame);
}
GST_END_TEST;

GST_START_TEST (test_the_vehicle_still_ends_below_the_windscreen)
{
  static const AnprBox plate = { 500, 800, 200, 44 };
  GstVideoFrame frame;
  AnprStill *still;

  map_frame (&frame, GST_VIDEO_FORMAT_I420, 1920, 1080);
  still = gst_anpr_still_new_vehicle (&frame, &plate);
  /* a plate is 0.52 m wide, a windscreen begins 0.6 m or more above it */
  fail_unless (still->height < 0.6 / 0.52 * 200 + 44 + 0.65 * 200);
  fail_unless (still->width > 3 * 200);
  anpr_still_unref (still);
  gst_video_frame_unmap (&frame);
}
GST_END_TEST;

#define NOW G_GINT64_CONSTANT (1790000000000000)
#define NTP_1970 (G_GUINT64_CONSTANT (2208988800) * GST_SECOND)

/* What the host says when it is synchronised */
static const AnprHostClock host = { NOW, 5000000, TRUE, 20 };

static void
see_frame (GstElement *element, AnprTimeline *timeline,
    const AnprHostClock *clock, const gchar *kind, guint64 camera,
    gboolean live, AnprMoment *moment)
{
  GstBuffer *buffer = gst_buffer_new ();
  GstCaps *caps = gst_caps_from_string (kind);
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  GST_BUFFER_PTS (buffer) = 3 * GST_SECOND;
  if (camera)
    gst_buffer_add_reference_timestamp_meta (
        buffer, caps, camera, GST_CLOCK_TIME_NONE);
  gst_anpr_timeline_see (
      timeline, clock, element, &segment, buffer, live, moment);
  gst_caps_unref (caps);
  gst_buffer_unref (buffer);
}

GST_START_TEST (test_the_cameras_clock_is_preferred)
{
  GstElement *element = gst_element_factory_make ("fakesink", NULL);
  AnprTimeline file = { 0 }, live = { 0 };
  AnprMoment moment;

  see_frame (element, &file, &host, "timestamp/x-ntp", 0, FALSE, &moment);
  fail_unless_equals_int (moment.source, ANPR_CLOCK_FILE);
  fail_unless_equals_int64 (moment.utc, NOW + 3 * G_USEC_PER_SEC);
  see_frame (element, &live, &host, "timestamp/x-ntp", 0, TRUE, &moment);
  fail_unless_equals_int (moment.source, ANPR_CLOCK_HOST);
  see_frame (element, &live, &host, "timestamp/x-ntp",
      NTP_1970 + (NOW - 30000) * GST_USECOND, TRUE, &moment);
  fail_unless_equals_int (moment.source, ANPR_CLOCK_CAMERA);
  fail_unless_equals_int64 (moment.utc, NOW - 30000);
  see_frame (element, &live, &host, "timestamp/x-unix",
      (NOW - 40000) * GST_USECOND, TRUE, &moment);
  fail_unless_equals_int (moment.source, ANPR_CLOCK_CAMERA);
  fail_unless_equals_int64 (moment.utc, NOW - 40000);
  /* a camera that counts from when it was switched on */
  see_frame (
      element, &live, &host, "timestamp/x-ntp", 90 * GST_SECOND, TRUE, &moment);
  fail_unless_equals_int (moment.source, ANPR_CLOCK_HOST);
  gst_object_unref (element);
}
GST_END_TEST;

/* Fails unless just one warning waits on @bus, and that has @code. */
static void
expect_warning (GstBus *bus, const gchar *code)
{
  GstMessage *message = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING);
  const GstStructure *details;

  fail_unless (message != NULL);
  gst_message_parse_warning_details (message, &details);
  fail_unless_equals_string (gst_structure_get_string (details, "code"), code);
  gst_message_unref (message);
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING) == NULL);
}

GST_START_TEST (test_wrong_clocks_are_warned_about_once)
{
  GstElement *element = gst_element_factory_make ("fakesink", NULL);
  GstBus *bus = gst_bus_new ();
  AnprHostClock set = host;
  AnprTimeline timeline = { 0 };
  AnprMoment moment;

  gst_element_set_bus (element, bus);
  for (guint i = 0; i < 3; i++)
    see_frame (element, &timeline, &host, "timestamp/x-unix",
        (NOW + 3600 * G_GINT64_CONSTANT (1000000)) * GST_USECOND, TRUE,
        &moment);
  expect_warning (bus, "ANPR-CLOCK-CAMERA");
  set.utc += 2 * G_USEC_PER_SEC;
  for (guint i = 0; i < 3; i++)
    see_frame (element, &timeline, &set, "timestamp/x-unix", 0, TRUE, &moment);
  expect_warning (bus, "ANPR-CLOCK-STEP");
  for (guint i = 0; i < 3; i++)
    see_frame (element, &timeline, &set, "timestamp/x-unix", 90 * GST_SECOND,
        TRUE, &moment);
  expect_warning (bus, "ANPR-CLOCK-CAMERA");
  gst_element_set_bus (element, NULL);
  gst_object_unref (bus);
  gst_object_unref (element);
}
GST_END_TEST;

GST_START_TEST (test_the_hosts_clocks_can_be_read)
{
  AnprHostClock first, second;

  anpr_host_clock_read (&first);
  anpr_host_clock_read (&second);
  fail_unless (first.monotonic > 0 && second.monotonic >= first.monotonic);
  fail_unless (first.utc > G_GINT64_CONSTANT (1577836800000000));
  fail_unless (first.synchronised == (first.offset != ANPR_OFFSET_UNKNOWN));
}
GST_END_TEST;

static Suite *
meta_suite (void)
{
  Suite *suite = suite_create ("meta");
  TCase *tc = tcase_create ("crossings");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_plates_cross_a_queue);
  tcase_add_test (tc, test_plates_cross_a_converter);
  tcase_add_test (tc, test_a_scaler_scales_the_boxes);
  tcase_add_test (tc, test_scaling_with_the_same_aspect_needs_no_borders);
  tcase_add_test (tc, test_plates_cross_an_h264_encoder);
  tcase_add_test (tc, test_plates_cross_a_jpeg_encoder);
  tcase_add_test (tc, test_a_crop_never_leaves_wrong_boxes);
  tcase_add_test (tc, test_a_flip_never_leaves_wrong_boxes);
  tcase_add_test (tc, test_a_tee_shares_pixels_and_not_plates);
  tcase_add_test (tc, test_plates_cross_a_tee_to_every_branch);
  tcase_add_test (tc, test_a_region_of_interest_lies_beside_each_plate);
  tcase_add_test (tc, test_a_frame_carries_at_most_its_bound_of_plates);
  tcase_add_test (tc, test_part_of_a_buffer_is_no_frame_with_plates);
  tc = tcase_create ("passing");
  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_a_closing_event_carries_its_passage);
  tcase_add_test (tc, test_stills_are_cut_from_every_format);
  tcase_add_test (tc, test_stills_at_and_beyond_the_edge_of_a_frame);
  tcase_add_test (tc, test_a_huge_still_is_scaled_down);
  tcase_add_test (tc, test_the_vehicle_still_ends_below_the_windscreen);
  tcase_add_test (tc, test_the_cameras_clock_is_preferred);
  tcase_add_test (tc, test_wrong_clocks_are_warned_about_once);
  tcase_add_test (tc, test_the_hosts_clocks_can_be_read);
  return suite;
}

GST_CHECK_MAIN (meta);
