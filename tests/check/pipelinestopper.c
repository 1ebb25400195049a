/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Draining and stopping of pipelines that end, that hang, and that never had a
 * source. What hangs is let go by the test itself, so that nothing is left when it
 * ends. */

#include "pipelinestopper.h"

#include <gst/check/gstcheck.h>

/* Until something must have happened, milliseconds and nanoseconds */
#define LIMIT 30000
#define LIMIT_NS (30 * GST_SECOND)
/* Long enough to see that something does not happen, milliseconds */
#define MOMENT 100

typedef struct {
  GstElement *pipeline;
  GstPad *entrance;
  GstBus *bus;
  AnprPipelineStopper *stopper;
} Fixture;

static void
set_up (Fixture *fixture, const gchar *description)
{
  g_autoptr (GstElement) sink = NULL;

  fixture->pipeline = gst_parse_launch (description, NULL);
  fail_unless (fixture->pipeline != NULL);
  sink = gst_bin_get_by_name (GST_BIN (fixture->pipeline), "sink");
  fixture->entrance = gst_element_get_static_pad (sink, "sink");
  fixture->bus = gst_element_get_bus (fixture->pipeline);
  fixture->stopper =
      anpr_pipeline_stopper_new (fixture->pipeline, fixture->entrance);
}

static void
tear_down (Fixture *fixture)
{
  anpr_pipeline_stopper_free (fixture->stopper);
  gst_element_set_state (fixture->pipeline, GST_STATE_NULL);
  gst_object_unref (fixture->entrance);
  gst_object_unref (fixture->bus);
  gst_object_unref (fixture->pipeline);
}

static void
play (Fixture *fixture)
{
  fail_if (gst_element_set_state (fixture->pipeline, GST_STATE_PLAYING)
           == GST_STATE_CHANGE_FAILURE);
}

/* A buffer has come through */
static void
wait_until_it_streams (Fixture *fixture)
{
  fail_unless_equals_int (
      gst_element_get_state (fixture->pipeline, NULL, NULL, LIMIT_NS),
      GST_STATE_CHANGE_SUCCESS);
}

static gboolean
has_ended (Fixture *fixture, GstClockTime limit)
{
  g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (
      fixture->bus, limit, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);

  return message && GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS;
}

static gboolean
stop (Fixture *fixture, guint milliseconds)
{
  return anpr_pipeline_stopper_stop (
      fixture->stopper, NULL, NULL, milliseconds);
}

GST_START_TEST (test_drain_ends_a_stream_whose_source_goes_on)
{
  Fixture fixture;

  set_up (&fixture, "videotestsrc ! fakesink name=sink");
  play (&fixture);
  wait_until_it_streams (&fixture);
  anpr_pipeline_stopper_drain (fixture.stopper);
  anpr_pipeline_stopper_drain (fixture.stopper);
  fail_unless (has_ended (&fixture, LIMIT_NS));
  fail_unless (stop (&fixture, LIMIT));
  fail_unless_equals_int (GST_STATE (fixture.pipeline), GST_STATE_READY);
  fail_if (anpr_pipeline_stopper_any_left_behind ());
  tear_down (&fixture);
}

GST_END_TEST;

GST_START_TEST (test_stopped_pipeline_plays_and_drains_again)
{
  Fixture fixture;

  set_up (&fixture, "videotestsrc ! fakesink name=sink");
  for (guint i = 0; i < 20; i++) {
    play (&fixture);
    wait_until_it_streams (&fixture);
    /* what was drained before has not ended this one */
    fail_if (has_ended (&fixture, 0));
    anpr_pipeline_stopper_drain (fixture.stopper);
    /* stopped on the way, or when it has ended */
    if (i % 2 == 0)
      fail_unless (has_ended (&fixture, LIMIT_NS));
    fail_unless (stop (&fixture, LIMIT));
    while (has_ended (&fixture, 0))
      ;
  }
  tear_down (&fixture);
}

GST_END_TEST;

GST_START_TEST (test_stream_that_ends_by_itself_is_stopped)
{
  Fixture fixture;

  set_up (&fixture, "videotestsrc num-buffers=3 ! fakesink name=sink");
  play (&fixture);
  fail_unless (has_ended (&fixture, LIMIT_NS));
  fail_unless (stop (&fixture, LIMIT));
  fail_unless (stop (&fixture, LIMIT));
  tear_down (&fixture);
}

GST_END_TEST;

GST_START_TEST (test_pipeline_without_source_is_stopped)
{
  Fixture fixture;

  /* nothing ever comes, and the state is never reached */
  set_up (&fixture, "identity ! fakesink name=sink");
  fail_unless (stop (&fixture, LIMIT));
  play (&fixture);
  fail_unless (stop (&fixture, LIMIT));
  play (&fixture);
  anpr_pipeline_stopper_drain (fixture.stopper);
  fail_unless (has_ended (&fixture, LIMIT_NS));
  fail_unless (stop (&fixture, LIMIT));
  tear_down (&fixture);
}

GST_END_TEST;

GST_START_TEST (test_drain_of_what_does_not_play_is_nothing)
{
  Fixture fixture;

  set_up (&fixture, "videotestsrc ! fakesink name=sink");
  anpr_pipeline_stopper_drain (fixture.stopper);
  fail_unless (stop (&fixture, LIMIT));
  play (&fixture);
  wait_until_it_streams (&fixture);
  fail_if (has_ended (&fixture, 0));
  fail_unless (stop (&fixture, LIMIT));
  tear_down (&fixture);
}

GST_END_TEST;

static void
expect_ready (GstObject *pipeline)
{
  fail_unless_equals_int (GST_STATE (pipeline), GST_STATE_READY);
  g_object_set_data (G_OBJECT (pipeline), "seen", GINT_TO_POINTER (TRUE));
}

GST_START_TEST (test_what_follows_is_done_when_all_is_at_rest)
{
  Fixture fixture;

  set_up (&fixture, "videotestsrc ! fakesink name=sink");
  play (&fixture);
  wait_until_it_streams (&fixture);
  fail_unless (anpr_pipeline_stopper_stop (
      fixture.stopper, expect_ready, GST_OBJECT (fixture.pipeline), LIMIT));
  fail_unless (g_object_get_data (G_OBJECT (fixture.pipeline), "seen") != NULL);
  tear_down (&fixture);
}

GST_END_TEST;

/* --- an element that blocks ----------------------------------------------- */

typedef struct {
  GMutex lock;
  GCond cond;
  gboolean blocked;
  gboolean let_go;
} Block;

static void
wait_to_be_let_go (Block *block)
{
  g_mutex_lock (&block->lock);
  block->blocked = TRUE;
  g_cond_broadcast (&block->cond);
  while (!block->let_go)
    g_cond_wait (&block->cond, &block->lock);
  g_mutex_unlock (&block->lock);
}

static void
on_handoff (GstElement *identity, GstBuffer *buffer, gpointer block)
{
  wait_to_be_let_go (block);
}

static void
wait_until_blocked (Block *block)
{
  gint64 deadline = g_get_monotonic_time () + LIMIT * 1000;

  g_mutex_lock (&block->lock);
  while (!block->blocked)
    fail_unless (g_cond_wait_until (&block->cond, &block->lock, deadline));
  g_mutex_unlock (&block->lock);
}

static void
let_go (Block *block)
{
  g_mutex_lock (&block->lock);
  block->let_go = TRUE;
  g_cond_broadcast (&block->cond);
  g_mutex_unlock (&block->lock);
}

/* Plays, and does not come out of the element before the sink any more */
static void
set_up_blocked (Fixture *fixture, Block *block)
{
  g_autoptr (GstElement) identity = NULL;

  set_up (fixture, "videotestsrc ! identity name=block signal-handoffs=true "
                   "! fakesink name=sink");
  identity = gst_bin_get_by_name (GST_BIN (fixture->pipeline), "block");
  g_signal_connect (identity, "handoff", G_CALLBACK (on_handoff), block);
  play (fixture);
  wait_until_blocked (block);
}

GST_START_TEST (test_pipeline_that_hangs_is_left_behind_until_it_ends)
{
  Block block = { 0 };
  Fixture fixture;

  set_up_blocked (&fixture, &block);
  fail_if (stop (&fixture, MOMENT));
  fail_unless (anpr_pipeline_stopper_any_left_behind ());
  /* waited for again, not stopped again */
  fail_if (stop (&fixture, MOMENT));
  let_go (&block);
  fail_unless (stop (&fixture, LIMIT));
  fail_unless_equals_int (GST_STATE (fixture.pipeline), GST_STATE_READY);
  fail_if (anpr_pipeline_stopper_any_left_behind ());
  tear_down (&fixture);
}

GST_END_TEST;

static void
hang (GstObject *object)
{
  wait_to_be_let_go (g_object_get_data (G_OBJECT (object), "block"));
}

GST_START_TEST (test_what_follows_may_hang_as_well)
{
  Block block = { 0 };
  Fixture fixture;

  set_up (&fixture, "videotestsrc ! fakesink name=sink");
  g_object_set_data (G_OBJECT (fixture.pipeline), "block", &block);
  play (&fixture);
  fail_if (anpr_pipeline_stopper_stop (
      fixture.stopper, hang, GST_OBJECT (fixture.pipeline), MOMENT));
  fail_unless (anpr_pipeline_stopper_any_left_behind ());
  wait_until_blocked (&block);
  let_go (&block);
  fail_unless (stop (&fixture, LIMIT));
  tear_down (&fixture);
}

GST_END_TEST;

static GstPadProbeReturn
hold_eos (GstPad *pad, GstPadProbeInfo *info, gpointer block)
{
  if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_EOS)
    wait_to_be_let_go (block);
  return GST_PAD_PROBE_OK;
}

/* As of a disk that does not answer: the caller waits neither for the end of the
 * stream nor, for long, for the stop */
GST_START_TEST (test_drain_that_hangs_holds_nobody_up)
{
  Block block = { 0 };
  Fixture fixture;

  set_up (&fixture, "videotestsrc ! fakesink name=sink");
  gst_pad_add_probe (fixture.entrance, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      hold_eos, &block, NULL);
  play (&fixture);
  wait_until_it_streams (&fixture);
  anpr_pipeline_stopper_drain (fixture.stopper);
  wait_until_blocked (&block);
  fail_if (has_ended (&fixture, 0));
  fail_if (stop (&fixture, MOMENT));
  let_go (&block);
  fail_unless (stop (&fixture, LIMIT));
  fail_if (anpr_pipeline_stopper_any_left_behind ());
  tear_down (&fixture);
}

GST_END_TEST;

GST_START_TEST (test_what_is_left_behind_outlives_its_owner)
{
  Block block = { 0 };
  Fixture fixture;
  gint64 deadline = g_get_monotonic_time () + LIMIT * 1000;

  set_up_blocked (&fixture, &block);
  fail_if (stop (&fixture, MOMENT));
  anpr_pipeline_stopper_free (g_steal_pointer (&fixture.stopper));
  let_go (&block);
  while (anpr_pipeline_stopper_any_left_behind ()) {
    fail_unless (g_get_monotonic_time () < deadline);
    g_usleep (1000);
  }
  tear_down (&fixture);
}

GST_END_TEST;

static Suite *
pipelinestopper_suite (void)
{
  Suite *suite = suite_create ("pipelinestopper");
  TCase *ends = tcase_create ("ends");
  TCase *hangs = tcase_create ("hangs");

  suite_add_tcase (suite, ends);
  tcase_add_test (ends, test_drain_ends_a_stream_whose_source_goes_on);
  tcase_add_test (ends, test_stopped_pipeline_plays_and_drains_again);
  tcase_add_test (ends, test_stream_that_ends_by_itself_is_stopped);
  tcase_add_test (ends, test_pipeline_without_source_is_stopped);
  tcase_add_test (ends, test_drain_of_what_does_not_play_is_nothing);
  tcase_add_test (ends, test_what_follows_is_done_when_all_is_at_rest);
  suite_add_tcase (suite, hangs);
  tcase_add_test (hangs, test_pipeline_that_hangs_is_left_behind_until_it_ends);
  tcase_add_test (hangs, test_what_follows_may_hang_as_well);
  tcase_add_test (hangs, test_drain_that_hangs_holds_nobody_up);
  tcase_add_test (hangs, test_what_is_left_behind_outlives_its_owner);
  return suite;
}

GST_CHECK_MAIN (pipelinestopper);
