/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <gst/video/video.h>
#include <glib/gstdio.h>
#include "platemodel.h"
#include "plugins/meta/gstanprframe.h"
#include "plugins/meta/gstanprmeta.h"

/* Where the plate of a picture is; on mid grey, see platemodel.h */
static const AnprBox drawn_plate = { 200, 250, 150, 150 / PLATE_MODEL_SHAPE };

static gchar *models;

/* A folder with the model made by hand, found by the environment */
static void
install_model (void)
{
  g_autoptr (GBytes) bytes = plate_model_bytes (16);
  g_autofree gchar *path = NULL;
  gsize size;
  const gchar *data = g_bytes_get_data (bytes, &size);

  models = g_dir_make_tmp ("anpr-models-XXXXXX", NULL);
  path = g_build_filename (models, "detector.anprnet", NULL);
  fail_unless (g_file_set_contents (path, data, size, NULL));
  g_setenv ("ANPR_MODELS", models, TRUE);
}

static void
remove_model (void)
{
  g_autofree gchar *path = g_build_filename (models, "detector.anprnet", NULL);

  g_unlink (path);
  g_rmdir (models);
  g_clear_pointer (&models, g_free);
}

static gchar *
caps_of (const gchar *format, guint width, guint height)
{
  return g_strdup_printf ("video/x-raw, format=%s, width=%u, height=%u, "
                          "framerate=25/1",
      format, width, height);
}

static void
set_caps (GstHarness *harness, const gchar *format, guint width, guint height)
{
  g_autofree gchar *caps = caps_of (format, width, height);

  gst_harness_set_src_caps_str (harness, caps);
}

static GstHarness *
harness_new (const gchar *format, guint width, guint height)
{
  GstHarness *harness = gst_harness_new ("platedetect");

  /* as from a file; a harness is live otherwise */
  gst_harness_set_live (harness, FALSE);
  set_caps (harness, format, width, height);
  return harness;
}

/* Mid grey, with a plate at @box unless NULL */
static void
draw_on (GstBuffer *buffer, const GstVideoInfo *info, const AnprBox *box)
{
  GstVideoFrame frame;
  guint8 *pixels;
  gsize stride;

  fail_unless (gst_video_frame_map (&frame, info, buffer, GST_MAP_WRITE));
  pixels = GST_VIDEO_FRAME_PLANE_DATA (&frame, 0);
  stride = GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0);
  for (gint y = 0; y < info->height; y++)
    memset (pixels + y * stride, 128, info->width);
  if (box)
    plate_model_draw (
        pixels, stride, info->width, info->height, box->x, box->y, box->width);
  gst_video_frame_unmap (&frame);
}

/* A frame with a plate, or an empty one. All have the same timestamp: then time
 * goes on by the frame rate. */
static GstBuffer *
buffer_new (const gchar *format, guint width, guint height, gboolean plate)
{
  GstVideoInfo info;
  GstBuffer *buffer;

  gst_video_info_set_format (
      &info, gst_video_format_from_string (format), width, height);
  buffer = gst_buffer_new_allocate (NULL, info.size, NULL);
  gst_buffer_memset (buffer, 0, 0, info.size);
  GST_BUFFER_PTS (buffer) = 0;
  draw_on (buffer, &info, plate ? &drawn_plate : NULL);
  return buffer;
}

static guint
n_plates_of (GstBuffer *buffer)
{
  GstAnprMeta *meta = gst_buffer_get_anpr_meta (buffer);

  fail_unless (meta != NULL);
  return gst_anpr_meta_get_n_plates (meta);
}

static guint
push_and_count (GstHarness *harness, gboolean plate, gboolean *detected)
{
  GstBuffer *buffer = gst_harness_push_and_pull (
      harness, buffer_new ("GRAY8", 640, 480, plate));
  guint n_plates = n_plates_of (buffer);

  if (detected)
    *detected = gst_buffer_get_anpr_meta (buffer)->detected;
  gst_buffer_unref (buffer);
  return n_plates;
}

static guint64
stat_of (GstHarness *harness, const gchar *name)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 value = 0;

  g_object_get (harness->element, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, name, &value));
  return value;
}

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

static GstHarness *
live_harness_new (void)
{
  GstHarness *harness = harness_new ("GRAY8", 640, 480);

  gst_harness_set_live (harness, TRUE);
  return harness;
}

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
platedetect_suite (void)
{
  Suite *suite = suite_create ("platedetect");
  TCase *tests = tcase_create ("general");

  suite_add_tcase (suite, tests);
  tcase_add_unchecked_fixture (tests, install_model, remove_model);
  tcase_add_loop_test (
      tests, plate_is_attached_in_every_format, 0, G_N_ELEMENTS (formats));
  tcase_add_loop_test (
      tests, formats_give_the_same_box, 0, G_N_ELEMENTS (formats));
  tcase_add_test (tests, frame_without_plate_gets_a_meta_too);
  tcase_add_test (tests, frame_tells_when_it_was_seen);
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
  tcase_add_test (tests, properties_take_effect_at_the_next_buffer);
  tcase_add_test (tests, ways_to_look_change_while_playing);
  tcase_add_test (tests, wrong_polygon_is_warned_about_and_ignored);
  tcase_add_test (tests, every_frame_is_looked_at_without_motion_gate);
  tcase_add_test (tests, interval_leaves_frames_out_and_counts_them);
  tcase_add_loop_test (tests, still_picture_is_looked_at_once, 0, 2);
  tcase_add_test (tests, parked_plate_is_looked_at_twice_a_second);
  tcase_add_test (tests, pictures_without_frame_rate_are_each_looked_at);
  tcase_add_test (tests, interval_counts_pictures_without_frame_rate_too);
  tcase_add_test (tests, time_that_steps_back_begins_anew);
  tcase_add_test (tests, still_live_picture_is_looked_at_with_new_settings);
  tcase_add_test (tests, gap_frame_is_not_looked_at);
  tcase_add_test (tests, flush_and_new_caps_are_survived);
  tcase_add_test (tests, element_is_used_again_after_stop);
  tcase_add_test (tests, model_is_loaded_once_for_all_films);
  tcase_add_test (tests, other_detectors_plates_are_kept);
  tcase_add_test (tests, model_that_is_missing_is_an_error_in_ready);
  tcase_add_loop_test (tests, model_that_is_no_detector_is_an_error_in_ready, 0,
      G_N_ELEMENTS (wrong_models));
  tcase_add_test (tests, upstream_is_offered_the_video_meta);
  tcase_add_test (tests, both_branches_of_a_tee_see_the_same_memory);
  return suite;
}

GST_CHECK_MAIN (platedetect);
