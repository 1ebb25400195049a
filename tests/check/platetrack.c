/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include "plugins/meta/gstanprmeta.h"
#include "plugins/meta/gstanprpassing.h"

#define CAPS "video/x-raw,format=I420,width=320,height=240,framerate=25/1"
#define OTHER_CAPS "video/x-raw,format=I420,width=640,height=480,framerate=25/1"
#define FRAME (40 * GST_MSECOND)

static GstBuffer *
new_frame (guint n, gboolean with_plate)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 16, NULL);
  GstAnprMeta *meta = gst_buffer_add_anpr_meta (buffer, 320, 240);
  AnprBox box = { 40, 60 + 4.0 * n, 60 + n, 15 };

  GST_BUFFER_PTS (buffer) = n * FRAME;
  GST_BUFFER_DURATION (buffer) = FRAME;
  meta->detected = TRUE;
  if (with_plate)
    gst_anpr_meta_add_plate (meta, buffer, anpr_plate_new (&box, 0.9));
  return buffer;
}

static GstHarness *
new_harness (void)
{
  GstHarness *harness = gst_harness_new ("platetrack");

  gst_harness_set_src_caps_str (harness, CAPS);
  return harness;
}

/* The number of closing events among those that came out since the last call.
 */
static guint
count_closings (GstHarness *harness)
{
  guint n = 0;
  GstEvent *event;

  while ((event = gst_harness_try_pull_event (harness))) {
    AnprPassage *passage;

    if (gst_anpr_event_parse_closing (event, &passage)) {
      n++;
      anpr_passage_unref (passage);
    }
    gst_event_unref (event);
  }
  return n;
}

static void
push (GstHarness *harness, guint from, guint to, gboolean with_plate)
{
  for (guint n = from; n < to; n++)
    fail_unless_equals_int (
        gst_harness_push (harness, new_frame (n, with_plate)), GST_FLOW_OK);
}

GST_START_TEST (test_plates_of_a_vehicle_share_track_and_passage)
{
  GstHarness *harness = new_harness ();
  AnprPassage *passage = NULL;

  push (harness, 0, 10, TRUE);
  for (guint n = 0; n < 10; n++) {
    GstBuffer *buffer = gst_harness_pull (harness);
    AnprPlate *plate =
        gst_anpr_meta_get_plate (gst_buffer_get_anpr_meta (buffer), 0);

    fail_unless_equals_uint64 (plate->track_id, 1);
    fail_unless_equals_int (
        plate->track_state, n <= 1 ? ANPR_TRACK_NEW : ANPR_TRACK_UPDATE);
    if (n == 0) {
      fail_unless (plate->passage == NULL);
    } else {
      fail_unless (passage == NULL || passage == plate->passage);
      passage = plate->passage;
    }
    gst_buffer_unref (buffer);
  }
  gst_harness_teardown (harness);
}
GST_END_TEST;

GST_START_TEST (test_eos_closes_open_passages_before_it)
{
  GstHarness *harness = new_harness ();

  push (harness, 0, 5, TRUE);
  fail_unless_equals_int (count_closings (harness), 0);
  fail_unless (gst_harness_push_event (harness, gst_event_new_eos ()));
  fail_unless_equals_int (count_closings (harness), 1);
  gst_harness_teardown (harness);
}
GST_END_TEST;

GST_START_TEST (test_a_vehicle_that_left_is_closed_and_shown_lost_once)
{
  GstHarness *harness = new_harness ();
  guint lost = 0;
  GstBuffer *buffer;

  g_object_set (harness->element, "max-gap", 200, NULL);
  push (harness, 0, 5, TRUE);
  push (harness, 5, 30, FALSE);
  while ((buffer = gst_harness_try_pull (harness))) {
    GstAnprMeta *meta = gst_buffer_get_anpr_meta (buffer);

    for (guint i = 0; i < meta->plates->len; i++)
      lost += gst_anpr_meta_get_plate (meta, i)->track_state == ANPR_TRACK_LOST;
    gst_buffer_unref (buffer);
  }
  fail_unless_equals_int (lost, 1);
  fail_unless_equals_int (count_closings (harness), 1);
  gst_harness_teardown (harness);
}
GST_END_TEST;

GST_START_TEST (test_a_new_picture_size_closes_open_passages)
{
  GstHarness *harness = new_harness ();

  push (harness, 0, 5, TRUE);
  gst_harness_set_src_caps_str (harness, OTHER_CAPS);
  push (harness, 5, 6, FALSE);
  fail_unless_equals_int (count_closings (harness), 1);
  gst_harness_teardown (harness);
}
GST_END_TEST;

GST_START_TEST (test_a_flush_keeps_the_passage_and_closes_it)
{
  GstHarness *harness = new_harness ();
  GstSegment segment;

  push (harness, 0, 5, TRUE);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (harness, gst_event_new_flush_start ());
  gst_harness_push_event (harness, gst_event_new_flush_stop (TRUE));
  gst_harness_push_event (harness, gst_event_new_segment (&segment));
  push (harness, 0, 1, FALSE);
  fail_unless_equals_int (count_closings (harness), 1);
  gst_harness_teardown (harness);
}
GST_END_TEST;

/* The number of anpr-passage messages of @state on @bus. */
static guint
count_passages (GstBus *bus, const gchar *state)
{
  guint n = 0;
  GstMessage *message;

  while ((message = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT))) {
    const GstStructure *structure = gst_message_get_structure (message);

    if (gst_structure_has_name (structure, "anpr-passage")
        && g_strcmp0 (gst_structure_get_string (structure, "state"), state)
               == 0) {
      fail_unless (gst_structure_has_field (structure, "record"));
      fail_unless (gst_structure_has_field (structure, "timestamp"));
      fail_unless (gst_structure_has_field (structure, "stream-time"));
      fail_unless (gst_structure_has_field (structure, "running-time"));
      n++;
    }
    gst_message_unref (message);
  }
  return n;
}

GST_START_TEST (test_alone_it_posts_each_passage_once)
{
  GstHarness *harness = new_harness ();
  GstBus *bus = gst_bus_new ();

  gst_element_set_bus (harness->element, bus);
  push (harness, 0, 5, TRUE);
  gst_harness_push_event (harness, gst_event_new_eos ());
  fail_unless_equals_int (count_passages (bus, "lost"), 1);
  gst_element_set_bus (harness->element, NULL);
  gst_object_unref (bus);
  gst_harness_teardown (harness);
}
GST_END_TEST;

GST_START_TEST (test_it_takes_frames_without_plates_or_time)
{
  GstHarness *harness = new_harness ();
  GstBuffer *bare = gst_buffer_new_allocate (NULL, 16, NULL);
  GstBuffer *timeless = new_frame (0, TRUE);

  GST_BUFFER_PTS (timeless) = GST_CLOCK_TIME_NONE;
  fail_unless_equals_int (gst_harness_push (harness, bare), GST_FLOW_OK);
  fail_unless_equals_int (gst_harness_push (harness, timeless), GST_FLOW_OK);
  gst_harness_teardown (harness);
}
GST_END_TEST;

GST_START_TEST (test_after_stop_nothing_is_remembered)
{
  GstHarness *harness = new_harness ();
  GstStructure *stats;
  guint64 frames;

  push (harness, 0, 5, TRUE);
  gst_element_set_state (harness->element, GST_STATE_READY);
  gst_harness_play (harness);
  gst_harness_set_src_caps_str (harness, CAPS);
  push (harness, 0, 3, TRUE);
  g_object_get (harness->element, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, "frames", &frames));
  fail_unless_equals_uint64 (frames, 3);
  gst_structure_free (stats);
  gst_harness_teardown (harness);
}
GST_END_TEST;

GST_START_TEST (test_a_bad_line_is_refused_and_the_old_one_stays)
{
  GstHarness *harness = new_harness ();
  GstBus *bus = gst_bus_new ();
  GstMessage *message;
  const GstStructure *details;
  gchar *line;

  gst_element_set_bus (harness->element, bus);
  g_object_set (harness->element, "direction-line", "0,0.5 1,0.5", NULL);
  g_object_set (harness->element, "direction-line", "across", NULL);
  g_object_get (harness->element, "direction-line", &line, NULL);
  fail_unless_equals_string (line, "0,0.5 1,0.5");
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING);
  fail_unless (message != NULL);
  gst_message_parse_warning_details (message, &details);
  fail_unless_equals_string (
      gst_structure_get_string (details, "code"), "ANPR-PROPERTY");
  gst_message_unref (message);
  g_free (line);
  gst_element_set_bus (harness->element, NULL);
  gst_object_unref (bus);
  gst_harness_teardown (harness);
}
GST_END_TEST;

static Suite *
platetrack_suite (void)
{
  Suite *suite = suite_create ("platetrack");
  TCase *tc = tcase_create ("element");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_plates_of_a_vehicle_share_track_and_passage);
  tcase_add_test (tc, test_eos_closes_open_passages_before_it);
  tcase_add_test (tc, test_a_vehicle_that_left_is_closed_and_shown_lost_once);
  tcase_add_test (tc, test_a_new_picture_size_closes_open_passages);
  tcase_add_test (tc, test_a_flush_keeps_the_passage_and_closes_it);
  tcase_add_test (tc, test_alone_it_posts_each_passage_once);
  tcase_add_test (tc, test_it_takes_frames_without_plates_or_time);
  tcase_add_test (tc, test_after_stop_nothing_is_remembered);
  tcase_add_test (tc, test_a_bad_line_is_refused_and_the_old_one_stays);
  return suite;
}

GST_CHECK_MAIN (platetrack);
