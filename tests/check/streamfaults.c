/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What happens to a stream while a vehicle passes: flush, seek, EOS, other caps,
 * time that jumps, gaps, consumers that are slow or stop.
 *
 * Each test drives vehicles through platetrack and plateocr (a network worked
 * out by hand, plates that it reads) and then looks at what was told: every
 * passage is closed exactly once, and nothing is told of it afterwards; closing
 * events come in the order in which the passages were closed.
 *
 * No test waits for a time to pass: streams that wait are freed by the test, and
 * a deadlock ends with the time limit. */

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include "readermodel.h"
#include "plugins/meta/gstanprmeta.h"
#include "plugins/meta/gstanprpassing.h"

#define WIDTH 640
#define HEIGHT 360
#define CAPS "video/x-raw,format=GRAY8,width=640,height=360,framerate=25/1"
#define OTHER_CAPS                                                             \
  "video/x-raw,format=GRAY8,width=640,height=352,framerate=25/1"
#define FRAME (40 * GST_MSECOND)
#define TEXT "A7A7"
#define MAX_GAP 200

static gchar *model;

/* What was told of passages */
typedef struct {
  GHashTable *told;    /* id: state, as last told */
  GPtrArray *closed;   /* ids, in the order they were told to be lost */
  GPtrArray *closings; /* ids, in the order their events came out */
} Story;

/* A chain with a harness around it */
typedef struct {
  GstHarness *harness;
  GstBus *bus;
  Story story;
  GstClockTime time; /* of the next frame */
  guint place;       /* of the next plate, in steps to the right */
} Chain;

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

/* --- what was told ------------------------------------------------------- */

static void
story_init (Story *story)
{
  story->told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  story->closed = g_ptr_array_new_with_free_func (g_free);
  story->closings = g_ptr_array_new_with_free_func (g_free);
}

static void
story_clear (Story *story)
{
  g_hash_table_unref (story->told);
  g_ptr_array_unref (story->closed);
  g_ptr_array_unref (story->closings);
}

/* A passage may be told as often as it has news, and never after it was lost */
static void
note_passage (Story *story, const GstStructure *structure)
{
  const gchar *id = gst_structure_get_string (structure, "id");
  const gchar *state = gst_structure_get_string (structure, "state");
  const gchar *before = g_hash_table_lookup (story->told, id);

  fail_unless (
      g_strcmp0 (before, "lost") != 0, "%s told %s after lost", id, state);
  g_hash_table_insert (
      story->told, g_strdup (id), (gpointer) g_intern_string (state));
  if (g_str_equal (state, "lost"))
    g_ptr_array_add (story->closed, g_strdup (id));
}

static void
note_message (Story *story, GstMessage *message)
{
  fail_if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT
      && gst_message_has_name (message, "anpr-passage"))
    note_passage (story, gst_message_get_structure (message));
}

static void
note_messages (Story *story, GstBus *bus)
{
  GstMessage *message;

  while ((message = gst_bus_pop (bus))) {
    note_message (story, message);
    gst_message_unref (message);
  }
}

static void
note_event (Story *story, GstEvent *event)
{
  AnprPassage *passage;

  if (!gst_anpr_event_parse_closing (event, &passage))
    return;
  g_ptr_array_add (story->closings, g_strdup (anpr_passage_get_id (passage)));
  anpr_passage_unref (passage);
}

/* Closing events come as the passages were closed */
static void
expect_same_order (const Story *story)
{
  fail_unless_equals_int (story->closings->len, story->closed->len);
  for (guint i = 0; i < story->closed->len; i++)
    fail_unless_equals_string (g_ptr_array_index (story->closings, i),
        g_ptr_array_index (story->closed, i));
}

/* --- driving ------------------------------------------------------------- */

/* The chain ends with plateocr, or with what is @behind it */
static void
chain_start (
    Chain *chain, const gchar *before, const gchar *behind, gboolean live)
{
  g_autofree gchar *launch =
      g_strdup_printf ("%s platetrack name=track max-gap=%d max-absence=0 ! "
                       "plateocr name=ocr model=%s %s",
          before, MAX_GAP, model, behind);

  *chain = (Chain){ .harness = gst_harness_new_parse (launch) };
  chain->bus = gst_bus_new ();
  story_init (&chain->story);
  gst_element_set_bus (chain->harness->element, chain->bus);
  gst_harness_set_live (chain->harness, live);
  gst_harness_set_src_caps_str (chain->harness, CAPS);
  gst_harness_play (chain->harness);
}

static void
expect_closed (Chain *chain, guint n_passages)
{
  GstEvent *event;

  while ((event = gst_harness_try_pull_event (chain->harness))) {
    note_event (&chain->story, event);
    gst_event_unref (event);
  }
  note_messages (&chain->story, chain->bus);
  fail_unless_equals_int (chain->story.closed->len, n_passages);
}

static void
chain_free (Chain *chain)
{
  gst_element_set_bus (chain->harness->element, NULL);
  gst_harness_teardown (chain->harness);
  gst_object_unref (chain->bus);
  story_clear (&chain->story);
}

static void
chain_await_end (Chain *chain)
{
  gboolean ended = FALSE;

  fail_unless (gst_harness_push_event (chain->harness, gst_event_new_eos ()));
  while (!ended) {
    GstEvent *event = gst_harness_pull_event (chain->harness);

    fail_unless (event != NULL);
    note_event (&chain->story, event);
    ended = GST_EVENT_TYPE (event) == GST_EVENT_EOS;
    gst_event_unref (event);
  }
}

/* Of that many vehicles each was told to be lost */
static void
chain_expect_end (Chain *chain, guint n_passages)
{
  expect_closed (chain, n_passages);
  expect_same_order (&chain->story);
  fail_unless_equals_int (g_hash_table_size (chain->story.told), n_passages);
  chain_free (chain);
}

static void
draw_plate (GstBuffer *buffer, guint place)
{
  AnprBox box = { 16 + 4.0 * place, 100, reader_plate_width (TEXT),
    READER_PLATE_HEIGHT };
  GstAnprMeta *meta = gst_buffer_add_anpr_meta (buffer, WIDTH, HEIGHT);
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_WRITE);
  memset (map.data, 0x60, map.size);
  reader_plate_draw (
      map.data + (gsize) box.y * WIDTH + (gsize) box.x, WIDTH, TEXT);
  gst_buffer_unmap (buffer, &map);
  gst_anpr_meta_add_plate (meta, buffer, anpr_plate_new (&box, 0.9));
}

static GstBuffer *
next_frame (Chain *chain, gboolean with_plate)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, WIDTH * HEIGHT, NULL);

  if (with_plate) {
    draw_plate (buffer, chain->place++);
  } else {
    gst_buffer_memset (buffer, 0, 0x60, WIDTH * HEIGHT);
    gst_buffer_add_anpr_meta (buffer, WIDTH, HEIGHT);
  }
  GST_BUFFER_PTS (buffer) = chain->time;
  GST_BUFFER_DURATION (buffer) = FRAME;
  chain->time += FRAME;
  return buffer;
}

static void
drive (Chain *chain, guint n_frames)
{
  for (guint i = 0; i < n_frames; i++)
    fail_unless_equals_int (
        gst_harness_push (chain->harness, next_frame (chain, TRUE)),
        GST_FLOW_OK);
}

static void
drive_past (Chain *chain)
{
  for (guint i = 0; i < 2 + MAX_GAP * GST_MSECOND / FRAME; i++)
    fail_unless_equals_int (
        gst_harness_push (chain->harness, next_frame (chain, FALSE)),
        GST_FLOW_OK);
}

static void
end_flush (Chain *chain)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  fail_unless (
      gst_harness_push_event (chain->harness, gst_event_new_flush_stop (TRUE)));
  fail_unless (gst_harness_push_event (
      chain->harness, gst_event_new_segment (&segment)));
  chain->time = 0;
}

static void
flush (Chain *chain)
{
  fail_unless (
      gst_harness_push_event (chain->harness, gst_event_new_flush_start ()));
  end_flush (chain);
}

static void
chain_end (Chain *chain, guint n_passages)
{
  chain_await_end (chain);
  chain_expect_end (chain, n_passages);
}

/* --- faults, from a file (0) and live (1) -------------------------------- */

GST_START_TEST (test_eos_closes_the_passage)
{
  Chain chain;

  chain_start (&chain, "", "", __i__);
  drive (&chain, 5);
  chain_end (&chain, 1);
}
GST_END_TEST;

GST_START_TEST (test_nothing_at_all_can_end)
{
  Chain chain;

  chain_start (&chain, "", "", __i__);
  chain_end (&chain, 0);
}
GST_END_TEST;

GST_START_TEST (test_a_flush_closes_the_passage_and_the_next_is_another)
{
  Chain chain;

  chain_start (&chain, "", "", __i__);
  for (guint i = 0; i < 4; i++) {
    drive (&chain, 5);
    flush (&chain);
  }
  drive (&chain, 5);
  chain_end (&chain, 5);
}
GST_END_TEST;

GST_START_TEST (test_a_flush_just_before_the_end_loses_no_passage)
{
  Chain chain;

  chain_start (&chain, "", "", __i__);
  drive (&chain, 5);
  flush (&chain);
  chain_end (&chain, 1);
}
GST_END_TEST;

GST_START_TEST (test_other_caps_close_the_passage_and_the_next_is_another)
{
  Chain chain;

  chain_start (&chain, "", "", __i__);
  drive (&chain, 5);
  gst_harness_set_src_caps_str (chain.harness, OTHER_CAPS);
  drive (&chain, 5);
  gst_harness_set_src_caps_str (chain.harness, CAPS);
  drive (&chain, 5);
  chain_end (&chain, 3);
}
GST_END_TEST;

GST_START_TEST (test_other_caps_just_before_the_end_lose_no_passage)
{
  Chain chain;

  chain_start (&chain, "", "", __i__);
  drive (&chain, 5);
  gst_harness_set_src_caps_str (chain.harness, OTHER_CAPS);
  chain_end (&chain, 1);
}
GST_END_TEST;

GST_START_TEST (test_the_same_caps_again_go_on)
{
  Chain chain;

  chain_start (&chain, "", "", __i__);
  drive (&chain, 5);
  gst_harness_set_src_caps_str (chain.harness, CAPS);
  drive (&chain, 5);
  chain_end (&chain, 1);
}
GST_END_TEST;

GST_START_TEST (test_a_discontinuity_goes_on)
{
  Chain chain;

  chain_start (&chain, "", "", __i__);
  for (guint i = 0; i < 6; i++) {
    GstBuffer *buffer = next_frame (&chain, TRUE);

    if (i % 2)
      GST_BUFFER_FLAG_SET (
          buffer, GST_BUFFER_FLAG_DISCONT | GST_BUFFER_FLAG_RESYNC);
    fail_unless_equals_int (
        gst_harness_push (chain.harness, buffer), GST_FLOW_OK);
  }
  chain_end (&chain, 1);
}
GST_END_TEST;

GST_START_TEST (test_time_that_jumps_ahead_closes_the_passage)
{
  Chain chain;

  chain_start (&chain, "", "", __i__);
  drive (&chain, 5);
  chain.time += 3600 * GST_SECOND;
  drive_past (&chain);
  /* live, its reads may be under way yet */
  if (!__i__)
    expect_closed (&chain, 1);
  drive (&chain, 5);
  chain_end (&chain, 2);
}
GST_END_TEST;

GST_START_TEST (test_time_that_jumps_back_loses_no_passage)
{
  Chain chain;

  chain_start (&chain, "", "", __i__);
  chain.time = 3600 * GST_SECOND;
  drive (&chain, 5);
  chain.time = 0;
  drive (&chain, 5);
  chain_end (&chain, 1);
}
GST_END_TEST;

GST_START_TEST (test_frames_without_time_lose_no_passage)
{
  Chain chain;

  chain_start (&chain, "", "", __i__);
  for (guint i = 0; i < 6; i++) {
    GstBuffer *buffer = next_frame (&chain, TRUE);

    GST_BUFFER_PTS (buffer) = GST_CLOCK_TIME_NONE;
    fail_unless_equals_int (
        gst_harness_push (chain.harness, buffer), GST_FLOW_OK);
  }
  chain_end (&chain, 1);
}
GST_END_TEST;

GST_START_TEST (test_a_gap_shorter_than_the_longest_goes_on)
{
  Chain chain;

  chain_start (&chain, "", "", __i__);
  drive (&chain, 5);
  fail_unless (gst_harness_push_event (
      chain.harness, gst_event_new_gap (chain.time, 2 * FRAME)));
  chain.time += 2 * FRAME;
  chain.place += 2;
  drive (&chain, 5);
  chain_end (&chain, 1);
}
GST_END_TEST;

GST_START_TEST (test_a_segment_that_begins_anew_loses_no_passage)
{
  GstSegment segment;
  Chain chain;

  chain_start (&chain, "", "", __i__);
  drive (&chain, 5);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.base = 5 * FRAME;
  gst_harness_push_event (chain.harness, gst_event_new_segment (&segment));
  chain.time = 0;
  drive (&chain, 5);
  chain_end (&chain, 1);
}
GST_END_TEST;

GST_START_TEST (test_it_goes_on_after_eos_and_flush)
{
  Chain chain;

  chain_start (&chain, "", "", __i__);
  drive (&chain, 5);
  fail_unless (gst_harness_push_event (chain.harness, gst_event_new_eos ()));
  expect_closed (&chain, 1);
  flush (&chain);
  drive (&chain, 5);
  chain_end (&chain, 2);
}
GST_END_TEST;

/* --- consumers that are slow, or stop ------------------------------------ */

/* A pad where a stream waits until the test lets it go */
typedef struct {
  GstPad *pad;
  gboolean (*matches) (GstPadProbeInfo *info);
  gulong probe;
  GMutex lock;
  GCond arrived;
  gboolean waits;
} Barrier;

static gboolean
is_frame (GstPadProbeInfo *info)
{
  return (info->type & GST_PAD_PROBE_TYPE_BUFFER) != 0;
}

static gboolean
is_closing (GstPadProbeInfo *info)
{
  AnprPassage *passage;

  if (!(info->type & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM)
      || !gst_anpr_event_parse_closing (
          GST_PAD_PROBE_INFO_EVENT (info), &passage))
    return FALSE;
  anpr_passage_unref (passage);
  return TRUE;
}

static GstPadProbeReturn
on_barrier (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Barrier *barrier = data;

  if (!barrier->matches (info))
    return GST_PAD_PROBE_PASS;
  g_mutex_lock (&barrier->lock);
  barrier->waits = TRUE;
  g_cond_signal (&barrier->arrived);
  g_mutex_unlock (&barrier->lock);
  return GST_PAD_PROBE_OK;
}

static void
barrier_close (
    Barrier *barrier, GstPad *pad, gboolean (*matches) (GstPadProbeInfo *info))
{
  *barrier = (Barrier){ .pad = pad, .matches = matches };
  g_mutex_init (&barrier->lock);
  g_cond_init (&barrier->arrived);
  barrier->probe = gst_pad_add_probe (pad,
      GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_BUFFER
          | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      on_barrier, barrier, NULL);
}

static void
barrier_await (Barrier *barrier)
{
  g_mutex_lock (&barrier->lock);
  while (!barrier->waits)
    g_cond_wait (&barrier->arrived, &barrier->lock);
  g_mutex_unlock (&barrier->lock);
}

static void
barrier_open (Barrier *barrier)
{
  gst_pad_remove_probe (barrier->pad, barrier->probe);
}

static guint
count_frames (Chain *chain)
{
  guint n = 0;
  GstBuffer *buffer;

  while ((buffer = gst_harness_try_pull (chain->harness))) {
    gst_buffer_unref (buffer);
    n++;
  }
  return n;
}

static guint64
stat_of (Chain *chain, const gchar *element_name, const gchar *name)
{
  GstElement *element =
      gst_bin_get_by_name (GST_BIN (chain->harness->element), element_name);
  GstStructure *stats;
  guint64 value;

  g_object_get (element, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, name, &value));
  gst_structure_free (stats);
  gst_object_unref (element);
  return value;
}

GST_START_TEST (test_live_frames_that_nobody_takes_are_left_out)
{
  const guint n_frames = 40;
  Barrier barrier;
  guint64 seen;
  Chain chain;

  chain_start (&chain, "queue max-size-buffers=3 leaky=downstream !", "", TRUE);
  barrier_close (&barrier, chain.harness->sinkpad, is_frame);
  drive (&chain, n_frames);
  barrier_await (&barrier);
  barrier_open (&barrier);
  chain_await_end (&chain);
  seen = stat_of (&chain, "track", "frames");
  fail_unless (seen < n_frames, "%" G_GUINT64_FORMAT " seen", seen);
  fail_unless_equals_uint64 (seen, count_frames (&chain));
  chain_expect_end (&chain, 1);
}
GST_END_TEST;

static gpointer
drive_on (gpointer data)
{
  Chain *chain = data;

  drive (chain, 40);
  drive_past (chain);
  return NULL;
}

GST_START_TEST (test_a_file_waits_for_who_takes_its_frames)
{
  Barrier barrier;
  GThread *driver;
  Chain chain;

  chain_start (&chain, "queue max-size-buffers=3 !", "", FALSE);
  barrier_close (&barrier, chain.harness->sinkpad, is_frame);
  driver = g_thread_new ("driver", drive_on, &chain);
  barrier_await (&barrier);
  fail_unless (count_frames (&chain) == 0);
  barrier_open (&barrier);
  g_thread_join (driver);
  for (guint i = 0; i < 47; i++)
    gst_buffer_unref (gst_harness_pull (chain.harness));
  fail_unless_equals_uint64 (stat_of (&chain, "track", "frames"), 47);
  chain_end (&chain, 1);
}
GST_END_TEST;

/* What is pushed while it is flushed is refused */
static gpointer
drive_until_refused (gpointer data)
{
  Chain *chain = data;

  while (gst_harness_push (chain->harness, next_frame (chain, FALSE))
         == GST_FLOW_OK)
    ;
  return NULL;
}

GST_START_TEST (test_a_flush_frees_a_stream_that_waits_and_loses_no_passage)
{
  GstElement *ocr;
  Barrier barrier;
  GThread *driver;
  GstPad *pad;
  Chain chain;

  chain_start (&chain, "", "! anprsink name=sink", __i__);
  ocr = gst_bin_get_by_name (GST_BIN (chain.harness->element), "ocr");
  pad = gst_element_get_static_pad (ocr, "src");
  drive (&chain, 5);
  barrier_close (&barrier, pad, is_closing);
  driver = g_thread_new ("driver", drive_until_refused, &chain);
  barrier_await (&barrier);
  gst_harness_push_event (chain.harness, gst_event_new_flush_start ());
  g_thread_join (driver);
  barrier_open (&barrier);
  end_flush (&chain);
  drive_past (&chain);
  expect_closed (&chain, 1);
  fail_unless (gst_harness_push_event (chain.harness, gst_event_new_eos ()));
  expect_closed (&chain, 1);
  fail_unless_equals_int (g_hash_table_size (chain.story.told), 1);
  gst_object_unref (pad);
  gst_object_unref (ocr);
  chain_free (&chain);
}
GST_END_TEST;

/* --- a file that is sought in -------------------------------------------- */

/* Two seconds a vehicle, the last ten frames of them without one */
static GstPadProbeReturn
add_plate (GstPad *pad, GstPadProbeInfo *info, gpointer unused)
{
  GstBuffer *buffer = gst_buffer_make_writable (info->data);
  guint place = GST_BUFFER_PTS (buffer) / FRAME % 50;

  info->data = buffer;
  if (place < 40)
    draw_plate (buffer, place);
  else
    gst_buffer_add_anpr_meta (buffer, WIDTH, HEIGHT);
  return GST_PAD_PROBE_OK;
}

static GstElement *
new_film (const gchar *end)
{
  g_autofree gchar *launch = g_strdup_printf (
      "videotestsrc pattern=black ! " CAPS " ! identity name=detector ! "
      "platetrack max-gap=%d max-absence=0 ! plateocr model=%s ! %s",
      MAX_GAP, model, end);
  GstElement *pipeline = gst_parse_launch (launch, NULL);
  GstElement *detector = gst_bin_get_by_name (GST_BIN (pipeline), "detector");
  GstPad *pad = gst_element_get_static_pad (detector, "src");

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, add_plate, NULL, NULL);
  gst_object_unref (pad);
  gst_object_unref (detector);
  return pipeline;
}

static void
seek (GstElement *pipeline, GstSeekFlags flags, guint from_s, guint to_s)
{
  fail_unless (gst_element_seek (pipeline, 1.0, GST_FORMAT_TIME, flags,
      GST_SEEK_TYPE_SET, from_s * GST_SECOND, GST_SEEK_TYPE_SET,
      to_s * GST_SECOND));
}

static void
pause_film (GstElement *pipeline)
{
  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  fail_unless_equals_int (
      gst_element_get_state (pipeline, NULL, NULL, GST_CLOCK_TIME_NONE),
      GST_STATE_CHANGE_SUCCESS);
}

/* Plays until @n_passages more were told, or to the end */
static void
play (GstElement *pipeline, Story *story, guint n_passages)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  guint until = g_hash_table_size (story->told) + n_passages;
  gboolean ended = FALSE;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  while (!ended && g_hash_table_size (story->told) < until) {
    GstMessage *message = gst_bus_timed_pop (bus, GST_CLOCK_TIME_NONE);

    note_message (story, message);
    ended = GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS;
    gst_message_unref (message);
  }
}

static void
expect_all_lost (const Story *story)
{
  GHashTableIter iter;
  gpointer id, state;

  g_hash_table_iter_init (&iter, story->told);
  while (g_hash_table_iter_next (&iter, &id, &state))
    fail_unless_equals_string (state, "lost");
}

GST_START_TEST (test_a_film_that_is_sought_in_loses_no_passage)
{
  static const guint places_s[] = { 30, 4, 4, 18, 0, 90 };
  GstElement *film = new_film ("anprsink");
  Story story;

  story_init (&story);
  pause_film (film);
  seek (film, GST_SEEK_FLAG_FLUSH, 0, 100);
  for (guint i = 0; i < G_N_ELEMENTS (places_s); i++) {
    play (film, &story, 1);
    seek (film, GST_SEEK_FLAG_FLUSH, places_s[i], 100);
  }
  play (film, &story, G_MAXINT);
  fail_unless (story.closed->len >= 5 + G_N_ELEMENTS (places_s));
  expect_all_lost (&story);
  gst_element_set_state (film, GST_STATE_NULL);
  gst_object_unref (film);
  story_clear (&story);
}
GST_END_TEST;

GST_START_TEST (test_a_film_that_is_ended_from_outside_loses_no_passage)
{
  GstElement *film = new_film ("anprsink");
  Story story;

  story_init (&story);
  play (film, &story, 3);
  fail_unless (gst_element_send_event (film, gst_event_new_eos ()));
  play (film, &story, G_MAXINT);
  expect_all_lost (&story);
  gst_element_set_state (film, GST_STATE_NULL);
  gst_object_unref (film);
  story_clear (&story);
}
GST_END_TEST;

GST_START_TEST (test_a_film_whose_sink_waits_can_be_stopped)
{
  GstElement *film = new_film ("queue max-size-buffers=3 ! fakesink name=end");
  GstElement *end = gst_bin_get_by_name (GST_BIN (film), "end");
  GstPad *pad = gst_element_get_static_pad (end, "sink");
  Barrier barrier;

  barrier_close (&barrier, pad, is_closing);
  gst_element_set_state (film, GST_STATE_PLAYING);
  barrier_await (&barrier);
  fail_unless_equals_int (
      gst_element_set_state (film, GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
  gst_object_unref (pad);
  gst_object_unref (end);
  gst_object_unref (film);
}
GST_END_TEST;

static void
add_fault_tests (TCase *tc)
{
  tcase_add_loop_test (tc, test_eos_closes_the_passage, 0, 2);
  tcase_add_loop_test (tc, test_nothing_at_all_can_end, 0, 2);
  tcase_add_loop_test (
      tc, test_a_flush_closes_the_passage_and_the_next_is_another, 0, 2);
  tcase_add_loop_test (
      tc, test_a_flush_just_before_the_end_loses_no_passage, 0, 2);
  tcase_add_loop_test (
      tc, test_other_caps_close_the_passage_and_the_next_is_another, 0, 2);
  tcase_add_loop_test (
      tc, test_other_caps_just_before_the_end_lose_no_passage, 0, 2);
  tcase_add_loop_test (tc, test_the_same_caps_again_go_on, 0, 2);
  tcase_add_loop_test (tc, test_a_discontinuity_goes_on, 0, 2);
  tcase_add_loop_test (tc, test_time_that_jumps_ahead_closes_the_passage, 0, 2);
  tcase_add_loop_test (tc, test_time_that_jumps_back_loses_no_passage, 0, 2);
  tcase_add_loop_test (tc, test_frames_without_time_lose_no_passage, 0, 2);
  tcase_add_loop_test (tc, test_a_gap_shorter_than_the_longest_goes_on, 0, 2);
  tcase_add_loop_test (
      tc, test_a_segment_that_begins_anew_loses_no_passage, 0, 2);
  tcase_add_loop_test (tc, test_it_goes_on_after_eos_and_flush, 0, 2);
}

static Suite *
streamfaults_suite (void)
{
  Suite *suite = suite_create ("streamfaults");
  TCase *tc = tcase_create ("faults");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  add_fault_tests (tc);
  tc = tcase_create ("consumers");
  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_test (tc, test_live_frames_that_nobody_takes_are_left_out);
  tcase_add_test (tc, test_a_file_waits_for_who_takes_its_frames);
  tcase_add_loop_test (
      tc, test_a_flush_frees_a_stream_that_waits_and_loses_no_passage, 0, 2);
  tc = tcase_create ("films");
  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_test (tc, test_a_film_that_is_sought_in_loses_no_passage);
  tcase_add_test (tc, test_a_film_that_is_ended_from_outside_loses_no_passage);
  tcase_add_test (tc, test_a_film_whose_sink_waits_can_be_stopped);
  return suite;
}

GST_CHECK_MAIN (streamfaults);
