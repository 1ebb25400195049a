/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A camera's pipeline, with pictures that the test itself gives. */

#include "camerapipeline.h"
#include "testfolder.h"

#include <gst/app/gstappsrc.h>
#include <gst/check/gstcheck.h>

/* Until something must have happened, microseconds */
#define LIMIT (30 * G_USEC_PER_SEC)
/* Long enough for what happens without end to have happened often */
#define MOMENT (300 * 1000)
/* For a pipeline to come to rest, milliseconds */
#define REST_TIME 30000

#define WIDTH 320
#define HEIGHT 240

typedef struct {
  gchar *folder;
  AnprCameraTask task;
  AnprCameraPipeline *pipeline;
  GstElement *source;
  GstBus *bus;
} Fixture;

static void
set_up (Fixture *fixture)
{
  g_autoptr (GstObject) owner = NULL;
  GError *error = NULL;

  fixture->folder = test_folder_new ();
  fixture->task = (AnprCameraTask){
    .position = (gchar *) "gate",
    .elements = g_strdup_printf (
        "appsrc name=source is-live=true do-timestamp=true format=time"
        " caps=video/x-raw,format=GRAY8,width=%d,height=%d,framerate=10/1"
        " ! queue ! platedetect ! platetrack"
        " ! anprsink position=gate location=%s/gate.spool",
        WIDTH, HEIGHT, fixture->folder),
    .properties = g_ptr_array_new (),
  };
  fixture->pipeline = anpr_camera_pipeline_new (&fixture->task, &error);
  g_assert_no_error (error);
  fixture->bus = anpr_camera_pipeline_get_bus (fixture->pipeline);
  owner =
      gst_pad_get_parent (anpr_camera_pipeline_get_exit (fixture->pipeline));
  {
    g_autoptr (GstObject) bin = gst_object_get_parent (owner);

    fixture->source = gst_bin_get_by_name (GST_BIN (bin), "source");
  }
}

static void
tear_down (Fixture *fixture)
{
  fail_unless (anpr_camera_pipeline_rest (fixture->pipeline, REST_TIME, TRUE));
  gst_object_unref (fixture->source);
  gst_object_unref (fixture->bus);
  anpr_camera_pipeline_free (fixture->pipeline);
  g_ptr_array_unref (fixture->task.properties);
  g_free (fixture->task.elements);
  test_folder_free (fixture->folder);
}

static void
give_picture (Fixture *fixture)
{
  GstBuffer *picture = gst_buffer_new_allocate (NULL, WIDTH * HEIGHT, NULL);

  gst_buffer_memset (picture, 0, 0x80, WIDTH * HEIGHT);
  fail_unless_equals_int (
      gst_app_src_push_buffer (GST_APP_SRC (fixture->source), picture),
      GST_FLOW_OK);
}

static void
wait_for_picture (Fixture *fixture)
{
  gint64 end = g_get_monotonic_time () + LIMIT;

  while (anpr_camera_pipeline_get_frame_age (fixture->pipeline) < 0) {
    fail_unless (g_get_monotonic_time () < end, "no picture arrives");
    g_usleep (1000);
  }
}

static guint
count_messages (Fixture *fixture, GstMessageType type)
{
  guint n = 0;

  while (TRUE) {
    g_autoptr (GstMessage) message = gst_bus_pop_filtered (fixture->bus, type);

    if (!message)
      return n;
    n++;
  }
}

GST_START_TEST (test_pipeline_waits_for_its_first_picture_without_work)
{
  Fixture fixture;

  set_up (&fixture);
  fail_unless (anpr_camera_pipeline_play (fixture.pipeline));
  g_usleep (MOMENT);
  fail_unless (count_messages (&fixture, GST_MESSAGE_ASYNC_DONE) <= 2);
  give_picture (&fixture);
  wait_for_picture (&fixture);
  tear_down (&fixture);
}
GST_END_TEST

GST_START_TEST (test_pictures_come_after_each_rest)
{
  Fixture fixture;

  set_up (&fixture);
  for (guint i = 0; i < 3; i++) {
    fail_unless (anpr_camera_pipeline_play (fixture.pipeline));
    fail_unless (anpr_camera_pipeline_get_frame_age (fixture.pipeline) < 0);
    give_picture (&fixture);
    wait_for_picture (&fixture);
    fail_unless (
        anpr_camera_pipeline_rest (fixture.pipeline, REST_TIME, FALSE));
  }
  tear_down (&fixture);
}
GST_END_TEST

static Suite *
camerapipeline_suite (void)
{
  Suite *suite = suite_create ("camerapipeline");
  TCase *tests = tcase_create ("life");

  suite_add_tcase (suite, tests);
  tcase_add_test (
      tests, test_pipeline_waits_for_its_first_picture_without_work);
  tcase_add_test (tests, test_pictures_come_after_each_rest);
  return suite;
}

GST_CHECK_MAIN (camerapipeline)
