/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* plateocr with a network worked out by hand (readermodel.h) and plates that it
 * reads, so that neither a detector nor a trained network is needed. */

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include "readermodel.h"
#include "plugins/meta/gstanprmeta.h"
#include "plugins/meta/gstanprpassing.h"

#define WIDTH 1280
#define HEIGHT 720
#define CAPS "video/x-raw,format=I420,width=1280,height=720,framerate=25/1"
#define FRAME (40 * GST_MSECOND)
#define TEXT "A7A77A"

static gchar *model;

static void
set_up (void)
{
  model = reader_model_new ();
}

static void
tear_down (void)
{
  reader_model_remove (model);
}

/* Frames in which a plate drives on */
typedef struct {
  guint frame;
} Road;

static GstBuffer *
next_frame (Road *road, AnprPassage *passage)
{
  AnprBox box = { 100 + 8 * road->frame, 300, reader_plate_width (TEXT),
    READER_PLATE_HEIGHT };
  GstBuffer *buffer =
      gst_buffer_new_allocate (NULL, WIDTH * HEIGHT * 3 / 2, NULL);
  GstAnprMeta *meta;
  AnprPlate *plate;
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_WRITE);
  memset (map.data, 0x60, map.size);
  reader_plate_draw (
      map.data + (gsize) box.y * WIDTH + (gsize) box.x, WIDTH, TEXT);
  gst_buffer_unmap (buffer, &map);
  GST_BUFFER_PTS (buffer) = ++road->frame * FRAME;
  GST_BUFFER_DURATION (buffer) = FRAME;
  meta = gst_buffer_add_anpr_meta (buffer, WIDTH, HEIGHT);
  plate = anpr_plate_new (&box, 0.9);
  if (passage) {
    plate->passage = anpr_passage_ref (passage);
    plate->track_id = 1;
    plate->track_state = ANPR_TRACK_UPDATE;
    anpr_passage_see (passage, &meta->moment, &box, 0.9);
  }
  gst_anpr_meta_add_plate (meta, buffer, plate);
  return buffer;
}

static GstHarness *
new_harness (gboolean live)
{
  GstElement *element = gst_element_factory_make ("plateocr", NULL);
  GstHarness *harness;

  g_object_set (element, "model", model, NULL);
  harness = gst_harness_new_with_element (element, "sink", "src");
  gst_object_unref (element);
  gst_harness_set_live (harness, live);
  gst_harness_set_src_caps_str (harness, CAPS);
  return harness;
}

static AnprPassage *
new_passage (void)
{
  AnprMoment moment = ANPR_MOMENT_INIT;

  moment.utc = 1;
  return anpr_passage_new (&moment);
}

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

GST_START_TEST (test_a_plate_is_read_on_its_own_frame_when_not_live)
{
  Road road = { 0 };
  GstHarness *harness = new_harness (FALSE);
  GstBuffer *buffer;
  AnprPlate *plate;

  gst_harness_push (harness, next_frame (&road, NULL));
  buffer = gst_harness_pull (harness);
  plate = gst_anpr_meta_get_plate (gst_buffer_get_anpr_meta (buffer), 0);
  fail_unless (plate->read != NULL);
  fail_unless_equals_string (plate->read->text, TEXT);
  gst_buffer_unref (buffer);
  gst_harness_push_event (harness, gst_event_new_eos ());
  fail_unless_equals_int (count_closings (harness), 1);
  gst_harness_teardown (harness);
}
GST_END_TEST;

GST_START_TEST (test_live_reads_ride_on_later_frames_and_are_in_before_the_end)
{
  Road road = { 0 };
  GstHarness *harness = new_harness (TRUE);
  AnprPassage *passage = new_passage ();
  AnprRead *read;

  for (guint i = 0; i < 5; i++)
    gst_harness_push (harness, next_frame (&road, passage));
  gst_harness_push_event (harness, gst_anpr_event_new_closing (passage));
  gst_harness_push_event (harness, gst_event_new_eos ());
  fail_unless_equals_int (count_closings (harness), 1);
  read = anpr_passage_get_read (passage);
  fail_unless (read != NULL);
  fail_unless_equals_string (read->text, TEXT);
  anpr_read_unref (read);
  anpr_passage_unref (passage);
  gst_harness_teardown (harness);
}
GST_END_TEST;

/* A frame without plates */
static GstBuffer *
empty_frame (Road *road)
{
  GstBuffer *buffer =
      gst_buffer_new_allocate (NULL, WIDTH * HEIGHT * 3 / 2, NULL);

  gst_buffer_memset (buffer, 0, 0x60, WIDTH * HEIGHT * 3 / 2);
  GST_BUFFER_PTS (buffer) = ++road->frame * FRAME;
  GST_BUFFER_DURATION (buffer) = FRAME;
  gst_buffer_add_anpr_meta (buffer, WIDTH, HEIGHT);
  return buffer;
}

/* A vehicle in one frame only whose read was not there in time for that one */
static AnprPassage *
drive_past (GstHarness *harness, Road *road)
{
  for (;;) {
    AnprPassage *passage = new_passage ();
    GstBuffer *buffer;
    gboolean read;

    gst_harness_push (harness, next_frame (road, passage));
    buffer = gst_harness_pull (harness);
    read = gst_anpr_meta_get_plate (gst_buffer_get_anpr_meta (buffer), 0)->read
           != NULL;
    gst_buffer_unref (buffer);
    if (!read)
      return passage;
    anpr_passage_unref (passage);
  }
}

/* Its text must not wait for the tracker to give it up. */
GST_START_TEST (
    test_a_live_read_of_a_vehicle_out_of_sight_rides_on_the_next_frame)
{
  Road road = { 0 };
  GstHarness *harness = new_harness (TRUE);
  AnprPassage *passage = drive_past (harness, &road);
  guint n_attached = 0;

  /* and once only: it has some frames' time to come again */
  for (guint i = 0, n_left = 500; i < n_left; i++) {
    GstBuffer *buffer;
    GstAnprMeta *meta;

    g_usleep (10000);
    gst_harness_push (harness, empty_frame (&road));
    buffer = gst_harness_pull (harness);
    meta = gst_buffer_get_anpr_meta (buffer);
    if (gst_anpr_meta_get_n_plates (meta) > 0) {
      const AnprPlate *plate = gst_anpr_meta_get_plate (meta, 0);

      fail_unless_equals_int (plate->track_state, ANPR_TRACK_ABSENT);
      fail_unless_equals_uint64 (plate->track_id, 1);
      fail_unless (anpr_passage_is_same (plate->passage, passage));
      fail_unless_equals_string (plate->read->text, TEXT);
      fail_if (gst_buffer_get_video_region_of_interest_meta_id (buffer, 0));
      n_attached++;
      n_left = i + 5;
    }
    gst_buffer_unref (buffer);
  }
  fail_unless_equals_int (n_attached, 1);
  anpr_passage_unref (passage);
  gst_harness_teardown (harness);
}
GST_END_TEST;

GST_START_TEST (test_a_settled_vehicle_is_not_read_again)
{
  Road road = { 0 };
  GstHarness *harness = new_harness (FALSE);
  AnprPassage *passage = new_passage ();
  GstStructure *stats;
  guint64 reads;

  for (guint i = 0; i < 12; i++)
    gst_harness_push (harness, next_frame (&road, passage));
  g_object_get (harness->element, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, "reads", &reads));
  fail_unless (reads < 12, "%" G_GUINT64_FORMAT " reads", reads);
  gst_structure_free (stats);
  anpr_passage_unref (passage);
  gst_harness_teardown (harness);
}
GST_END_TEST;

static guint
count_messages (GstBus *bus, const gchar *name, const gchar *text)
{
  guint n = 0;
  GstMessage *message;

  while ((message = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT))) {
    const GstStructure *structure = gst_message_get_structure (message);

    if (gst_structure_has_name (structure, name)) {
      fail_unless_equals_string (
          gst_structure_get_string (structure, "text"), text);
      fail_unless (gst_structure_has_field (structure, "timestamp"));
      fail_unless (gst_structure_has_field (structure, "stream-time"));
      fail_unless (gst_structure_has_field (structure, "running-time"));
      n++;
    }
    gst_message_unref (message);
  }
  return n;
}

GST_START_TEST (test_a_text_is_told_once)
{
  Road road = { 0 };
  GstHarness *harness = new_harness (FALSE);
  GstBus *bus = gst_bus_new ();
  AnprPassage *passage = new_passage ();

  gst_element_set_bus (harness->element, bus);
  for (guint i = 0; i < 6; i++)
    gst_harness_push (harness, next_frame (&road, passage));
  fail_unless_equals_int (count_messages (bus, "anpr-read", TEXT), 1);
  gst_element_set_bus (harness->element, NULL);
  gst_object_unref (bus);
  anpr_passage_unref (passage);
  gst_harness_teardown (harness);
}
GST_END_TEST;

GST_START_TEST (test_pixels_are_shared_not_copied)
{
  Road road = { 0 };
  GstHarness *harness = new_harness (FALSE);
  GstBuffer *in, *out;
  GstMemory *memory;

  in = next_frame (&road, NULL);
  memory = gst_buffer_peek_memory (in, 0);
  gst_harness_push (harness, gst_buffer_ref (in));
  out = gst_harness_pull (harness);
  fail_unless (gst_buffer_peek_memory (out, 0) == memory);
  gst_buffer_unref (in);
  gst_buffer_unref (out);
  gst_harness_teardown (harness);
}
GST_END_TEST;

/* A flat wall that a detector took for a plate: what it was sure of is a vehicle
 * nobody could read, what it was not is none */
static const struct {
  gdouble confidence;
  guint passages;
} walls[] = { { 0.55, 0 }, { 0.9, 1 } };

GST_START_TEST (test_what_nobody_is_sure_of_makes_no_passage)
{
  GstHarness *harness = new_harness (FALSE);
  GstBuffer *buffer =
      gst_buffer_new_allocate (NULL, WIDTH * HEIGHT * 3 / 2, NULL);
  GstAnprMeta *meta = gst_buffer_add_anpr_meta (buffer, WIDTH, HEIGHT);
  AnprBox box = { 400, 400, 200, 44 };

  gst_buffer_memset (buffer, 0, 0x60, WIDTH * HEIGHT * 3 / 2);
  gst_anpr_meta_add_plate (
      meta, buffer, anpr_plate_new (&box, walls[__i__].confidence));
  gst_harness_push (harness, buffer);
  gst_harness_push_event (harness, gst_event_new_eos ());
  fail_unless_equals_int (count_closings (harness), walls[__i__].passages);
  gst_harness_teardown (harness);
}
GST_END_TEST;

GST_START_TEST (test_boxes_at_and_beyond_the_edge_do_no_harm)
{
  static const AnprBox boxes[] = { { -100, -20, 200, 44 },
    { WIDTH - 30, HEIGHT - 10, 200, 44 }, { 5000, 5000, 100, 20 },
    { 0, 0, WIDTH, HEIGHT }, { 100, 100, 30, 0 }, { 100, 100, 0.5, 600 } };
  GstHarness *harness = new_harness (FALSE);
  GstBuffer *buffer =
      gst_buffer_new_allocate (NULL, WIDTH * HEIGHT * 3 / 2, NULL);
  GstAnprMeta *meta = gst_buffer_add_anpr_meta (buffer, WIDTH, HEIGHT);

  gst_buffer_memset (buffer, 0, 0x60, WIDTH * HEIGHT * 3 / 2);
  for (guint i = 0; i < G_N_ELEMENTS (boxes); i++)
    gst_anpr_meta_add_plate (meta, buffer, anpr_plate_new (&boxes[i], 0.9));
  fail_unless_equals_int (gst_harness_push (harness, buffer), GST_FLOW_OK);
  gst_harness_teardown (harness);
}
GST_END_TEST;

GST_START_TEST (test_another_picture_size_in_mid_stream_is_read_on)
{
  Road road = { 0 };
  GstHarness *harness = new_harness (TRUE);
  GstBuffer *small = gst_buffer_new_allocate (NULL, 64 * 48, NULL);
  GstAnprMeta *meta = gst_buffer_add_anpr_meta (small, 64, 48);
  AnprBox box = { 4, 4, 50, 12 };
  AnprPassage *passage = new_passage ();

  gst_harness_push (harness, next_frame (&road, passage));
  gst_harness_set_src_caps_str (
      harness, "video/x-raw,format=GRAY8,width=64,height=48,framerate=25/1");
  gst_buffer_memset (small, 0, 0x40, 64 * 48);
  gst_anpr_meta_add_plate (meta, small, anpr_plate_new (&box, 0.5));
  fail_unless_equals_int (gst_harness_push (harness, small), GST_FLOW_OK);
  gst_harness_set_src_caps_str (harness, CAPS);
  fail_unless_equals_int (
      gst_harness_push (harness, next_frame (&road, passage)), GST_FLOW_OK);
  gst_harness_push_event (harness, gst_anpr_event_new_closing (passage));
  gst_harness_push_event (harness, gst_event_new_eos ());
  fail_unless_equals_int (count_closings (harness), 1);
  anpr_passage_unref (passage);
  gst_harness_teardown (harness);
}
GST_END_TEST;

GST_START_TEST (test_it_runs_again_after_stop_with_work_left)
{
  Road road = { 0 };
  GstHarness *harness = new_harness (TRUE);
  AnprPassage *passage = new_passage ();

  for (guint i = 0; i < 3; i++)
    gst_harness_push (harness, next_frame (&road, passage));
  gst_element_set_state (harness->element, GST_STATE_NULL);
  gst_harness_play (harness);
  gst_harness_set_src_caps_str (harness, CAPS);
  fail_unless_equals_int (
      gst_harness_push (harness, next_frame (&road, passage)), GST_FLOW_OK);
  anpr_passage_unref (passage);
  gst_harness_teardown (harness);
}
GST_END_TEST;

GST_START_TEST (test_missing_reader_data_is_an_error_in_ready)
{
  GstElement *element = gst_element_factory_make ("plateocr", NULL);
  GstBus *bus = gst_bus_new ();
  GstMessage *message;
  const GstStructure *details;

  gst_element_set_bus (element, bus);
  g_object_set (element, "model", "/nonexistent/reader.anprnet", NULL);
  fail_unless_equals_int (gst_element_set_state (element, GST_STATE_READY),
      GST_STATE_CHANGE_FAILURE);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_parse_error_details (message, &details);
  fail_unless (g_str_has_prefix (
      gst_structure_get_string (details, "code"), "ANPR-READER-"));
  gst_message_unref (message);
  gst_element_set_bus (element, NULL);
  gst_object_unref (bus);
  gst_element_set_state (element, GST_STATE_NULL);
  gst_object_unref (element);
}
GST_END_TEST;

static Suite *
plateocr_suite (void)
{
  Suite *suite = suite_create ("plateocr");
  TCase *tc = tcase_create ("without data");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_missing_reader_data_is_an_error_in_ready);
  tc = tcase_create ("reading");
  tcase_add_checked_fixture (tc, set_up, tear_down);
  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_a_plate_is_read_on_its_own_frame_when_not_live);
  tcase_add_test (
      tc, test_live_reads_ride_on_later_frames_and_are_in_before_the_end);
  tcase_add_test (
      tc, test_a_live_read_of_a_vehicle_out_of_sight_rides_on_the_next_frame);
  tcase_add_test (tc, test_a_settled_vehicle_is_not_read_again);
  tcase_add_test (tc, test_a_text_is_told_once);
  tcase_add_test (tc, test_pixels_are_shared_not_copied);
  tcase_add_loop_test (tc, test_what_nobody_is_sure_of_makes_no_passage, 0,
      G_N_ELEMENTS (walls));
  tcase_add_test (tc, test_boxes_at_and_beyond_the_edge_do_no_harm);
  tcase_add_test (tc, test_another_picture_size_in_mid_stream_is_read_on);
  tcase_add_test (tc, test_it_runs_again_after_stop_with_work_left);
  return suite;
}

GST_CHECK_MAIN (plateocr);
