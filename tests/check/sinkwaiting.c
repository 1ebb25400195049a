/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Streams that wait for anprsink, because nobody takes what it writes: they can
 * be stopped, flushed and ended, and live ones do not wait. */

#include "sinkfixture.h"

#include <gst/check/gstharness.h>
#include <unistd.h>

#include "plugins/anprsink/spool.h"
#include "plugins/anprsink/writer.h"
#include "plugins/meta/gstanprpassing.h"

static void
wait_until_full (GstElement *element)
{
  while (stat_of (element, "waiting") < ANPR_WRITER_MAX_PASSAGES)
    g_thread_yield ();
}

static gpointer
push_too_many (gpointer unused)
{
  push_passages (2 * ANPR_WRITER_MAX_PASSAGES, FALSE, NULL);
  return NULL;
}

GST_START_TEST (test_file_waits_for_a_full_queue_until_stopped)
{
  int reader = make_stuck_pipe ();
  GThread *pushing;

  start (NULL, json_path);
  pushing = g_thread_new ("pushing", push_too_many, NULL);
  wait_until_full (sink);
  stop ();
  (void) g_thread_join (pushing);
  fail_unless_equals_uint64 (stat_of (sink, "dropped"), 0);
  close (reader);
}

GST_END_TEST;

GST_START_TEST (test_flush_frees_a_stream_that_waits)
{
  int reader = make_stuck_pipe ();
  GThread *pushing;

  start (NULL, json_path);
  pushing = g_thread_new ("pushing", push_too_many, NULL);
  wait_until_full (sink);
  fail_unless (gst_pad_push_event (source, gst_event_new_flush_start ()));
  (void) g_thread_join (pushing);
  fail_unless (gst_pad_push_event (source, gst_event_new_flush_stop (TRUE)));
  close (reader);
}

GST_END_TEST;

/* refused if the sink is stopped first */
static gpointer
try_to_end (gpointer unused)
{
  (void) gst_pad_push_event (source, gst_event_new_eos ());
  return NULL;
}

GST_START_TEST (test_end_of_stream_that_waits_can_be_stopped)
{
  int reader = make_stuck_pipe ();
  GThread *pushing;

  start (NULL, json_path);
  push_passages (500, FALSE, NULL);
  pushing = g_thread_new ("eos", try_to_end, NULL);
  stop ();
  (void) g_thread_join (pushing);
  close (reader);
}

GST_END_TEST;

static AnprSpoolSummary
spool_summary (void)
{
  g_autoptr (AnprSpool) spool =
      anpr_spool_open (spool_path, ANPR_SPOOL_READ, NULL, NULL);
  AnprSpoolSummary summary;

  fail_unless (spool != NULL);
  fail_unless (anpr_spool_summarise (spool, &summary, NULL));
  return summary;
}

GST_START_TEST (test_live_stream_drops_the_oldest_without_a_hit)
{
  const guint n_passages = ANPR_WRITER_MAX_PASSAGES + 200;
  GstHarness *harness = gst_harness_new ("anprsink");
  int reader = make_stuck_pipe ();
  AnprSpoolSummary summary;
  guint64 dropped;

  make_spool_folder ();
  gst_element_set_bus (harness->element, bus);
  (void) gst_element_set_state (harness->element, GST_STATE_NULL);
  g_object_set (
      harness->element, "json", json_path, "location", spool_path, NULL);
  gst_harness_set_src_caps_str (harness, "application/x-any");
  gst_harness_play (harness);
  gst_harness_push (harness, gst_buffer_new ());
  for (guint i = 0; i < n_passages; i++) {
    g_autoptr (AnprPassage) passage = new_passage (i % 2, NULL);

    fail_unless (
        gst_harness_push_event (harness, gst_anpr_event_new_closing (passage)));
  }
  dropped = stat_of (harness->element, "dropped");
  fail_unless (dropped > 0);
  fail_unless (
      stat_of (harness->element, "waiting") <= ANPR_WRITER_MAX_PASSAGES);
  fail_unless_equals_int (count_warnings ("ANPR-SPOOL-OVERLOAD"), 1);
  gst_harness_teardown (harness);
  summary = spool_summary ();
  fail_unless_equals_uint64 (summary.hits, n_passages / 2);
  fail_unless_equals_uint64 (summary.passages, n_passages - dropped);
  close (reader);
}

GST_END_TEST;

static Suite *
sinkwaiting_suite (void)
{
  Suite *suite = suite_create ("sinkwaiting");
  TCase *waiting = tcase_create ("waiting");

  suite_add_tcase (suite, waiting);
  tcase_add_checked_fixture (waiting, sink_setup, sink_teardown);
  tcase_add_test (waiting, test_file_waits_for_a_full_queue_until_stopped);
  tcase_add_test (waiting, test_flush_frees_a_stream_that_waits);
  tcase_add_test (waiting, test_end_of_stream_that_waits_can_be_stopped);
  tcase_add_test (waiting, test_live_stream_drops_the_oldest_without_a_hit);
  return suite;
}

GST_CHECK_MAIN (sinkwaiting);
