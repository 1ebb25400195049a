/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What anprsink keeps and tells, and what it does when the disk fails. */

#include "sinkfixture.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "plugins/anprsink/spool.h"
#include "plugins/anprsink/stilljpeg.h"
#include "plugins/meta/gstanprpassing.h"

static gboolean
is_named (GstMessage *message, const gchar *name)
{
  return GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT
         && gst_message_has_name (message, name);
}

/* Waits for the next message of that name and returns it */
static GstMessage *
wait_for (const gchar *name)
{
  while (TRUE) {
    GstMessage *message = gst_bus_timed_pop_filtered (
        bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_ELEMENT | GST_MESSAGE_ERROR);

    fail_if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR);
    if (is_named (message, name))
      return message;
    gst_message_unref (message);
  }
}

static void
wait_for_state (const gchar *state, const gchar *reason)
{
  GstMessage *message = wait_for ("anpr-sink-state");
  const GstStructure *structure = gst_message_get_structure (message);

  fail_unless_equals_string (
      gst_structure_get_string (structure, "state"), state);
  fail_unless_equals_string (
      gst_structure_get_string (structure, "reason"), reason);
  gst_message_unref (message);
}

/* Messages of that name that are on the bus already; takes all */
static guint
count_messages (const gchar *name)
{
  GstMessage *message;
  guint n = 0;

  while ((message = gst_bus_pop (bus))) {
    n += is_named (message, name);
    gst_message_unref (message);
  }
  return n;
}

static gboolean
collect (guint64 sequence, const gchar *record, gpointer user_data)
{
  g_ptr_array_add (user_data, g_strdup (record));
  return TRUE;
}

/* The spool's records, its chain verified */
static GPtrArray *
spool_records (void)
{
  g_autoptr (AnprSpool) spool =
      anpr_spool_open (spool_path, ANPR_SPOOL_READ, NULL, NULL);
  GPtrArray *records = g_ptr_array_new_with_free_func (g_free);
  g_auto (AnprSpoolVerdict) verdict = { 0 };

  fail_unless (spool != NULL);
  fail_unless (anpr_spool_verify (spool, NULL, &verdict, NULL));
  fail_unless (verdict.fault == NULL, "%s", verdict.fault);
  fail_unless (anpr_spool_visit (spool, NULL, collect, records, NULL));
  return records;
}

static guint
count_spool_records (void)
{
  g_autoptr (GPtrArray) records = spool_records ();

  return records->len;
}

static GStrv
json_lines (void)
{
  g_autofree gchar *text = NULL;

  fail_unless (g_file_get_contents (json_path, &text, NULL, NULL));
  if (g_str_has_suffix (text, "\n"))
    text[strlen (text) - 1] = '\0';
  return g_strsplit (text, "\n", -1);
}

GST_START_TEST (test_end_of_stream_means_kept)
{
  make_spool_folder ();
  start (spool_path, NULL);
  push_passages (50, FALSE, NULL);
  push_eos ();
  fail_unless_equals_int (count_spool_records (), 50);
  fail_unless_equals_uint64 (stat_of (sink, "kept"), 50);
  fail_unless_equals_int (count_messages ("anpr-kept"), 50);
}

GST_END_TEST;

GST_START_TEST (test_each_kept_passage_is_told_with_its_sequence)
{
  make_spool_folder ();
  start (spool_path, NULL);
  wait_for_state ("keeping", "");
  for (guint64 i = 1; i <= 3; i++) {
    g_autoptr (AnprPassage) passage = new_passage (FALSE, NULL);
    GstMessage *message;
    guint64 sequence;

    gst_pad_push_event (source, gst_anpr_event_new_closing (passage));
    message = wait_for ("anpr-kept");
    fail_unless (gst_structure_get_uint64 (
        gst_message_get_structure (message), "sequence", &sequence));
    fail_unless_equals_uint64 (sequence, i);
    fail_unless_equals_string (
        gst_structure_get_string (gst_message_get_structure (message), "id"),
        anpr_passage_get_id (passage));
    gst_message_unref (message);
  }
}

GST_END_TEST;

GST_START_TEST (test_lines_are_the_records_as_kept)
{
  g_autoptr (GPtrArray) records = NULL;
  g_auto (GStrv) lines = NULL;

  make_spool_folder ();
  start (spool_path, json_path);
  push_passages (20, TRUE, NULL);
  push_eos ();
  records = spool_records ();
  lines = json_lines ();
  fail_unless_equals_int (g_strv_length (lines), 20);
  fail_unless_equals_int (records->len, 20);
  for (guint i = 0; i < 20; i++) {
    g_autoptr (JsonNode) node = json_from_string (lines[i], NULL);

    fail_unless (node && JSON_NODE_HOLDS_OBJECT (node));
    fail_unless_equals_string (lines[i], g_ptr_array_index (records, i));
  }
}

GST_END_TEST;

GST_START_TEST (test_used_again_it_continues_the_sequence)
{
  make_spool_folder ();
  for (guint run = 1; run <= 3; run++) {
    start (spool_path, NULL);
    push_passages (10, FALSE, NULL);
    push_eos ();
    stop ();
    fail_unless_equals_int (count_spool_records (), 10 * run);
    fail_unless_equals_uint64 (stat_of (sink, "kept"), 10);
  }
}

GST_END_TEST;

GST_START_TEST (test_stopped_in_the_middle_it_keeps_what_it_has)
{
  make_spool_folder ();
  start (spool_path, NULL);
  push_passages (200, FALSE, NULL);
  stop ();
  fail_unless_equals_int (count_spool_records (), 200);
}

GST_END_TEST;

GST_START_TEST (test_without_location_it_still_writes_lines)
{
  g_auto (GStrv) lines = NULL;

  start (NULL, json_path);
  push_passages (5, FALSE, NULL);
  push_eos ();
  lines = json_lines ();
  fail_unless_equals_int (g_strv_length (lines), 5);
  fail_unless (strstr (lines[0], "\"position\":\"gate\"") != NULL);
  fail_unless_equals_uint64 (stat_of (sink, "kept"), 0);
  fail_unless_equals_int (count_messages ("anpr-sink-state"), 0);
}

GST_END_TEST;

GST_START_TEST (test_location_that_cannot_be_written_is_a_state)
{
  g_auto (GStrv) lines = NULL;

  start (spool_path, json_path);
  wait_for_state ("not-keeping", "ANPR-SPOOL-OPEN");
  push_passages (5, FALSE, NULL);
  push_eos ();
  lines = json_lines ();
  fail_unless_equals_int (g_strv_length (lines), 5);
  fail_unless (strstr (lines[4], "\"sequence\":null") != NULL);
  fail_unless_equals_int (count_warnings ("ANPR-SPOOL-OPEN"), 1);
  fail_unless_equals_uint64 (stat_of (sink, "waiting"), 5);
  stop ();
  fail_unless_equals_uint64 (stat_of (sink, "not-kept"), 5);
  fail_unless_equals_int (count_warnings ("ANPR-SPOOL-WRITE"), 1);
}

GST_END_TEST;

GST_START_TEST (test_foreign_file_is_a_state_and_left_alone)
{
  g_autofree gchar *text = NULL;

  make_spool_folder ();
  g_file_set_contents (spool_path, "Dear diary, no database here.", -1, NULL);
  start (spool_path, NULL);
  wait_for_state ("not-keeping", "ANPR-SPOOL-SCHEMA");
  push_passages (5, FALSE, NULL);
  push_eos ();
  fail_unless (g_file_get_contents (spool_path, &text, NULL, NULL));
  fail_unless_equals_string (text, "Dear diary, no database here.");
}

GST_END_TEST;

GST_START_TEST (test_what_waited_is_kept_when_the_location_comes_back)
{
  g_auto (GStrv) lines = NULL;

  start (spool_path, json_path);
  wait_for_state ("not-keeping", "ANPR-SPOOL-OPEN");
  push_passages (5, FALSE, NULL);
  make_spool_folder ();
  wait_for_state ("keeping", "");
  push_eos ();
  fail_unless_equals_int (count_spool_records (), 5);
  lines = json_lines ();
  fail_unless_equals_int (g_strv_length (lines), 5);
}

GST_END_TEST;

GST_START_TEST (test_removed_spool_is_made_anew)
{
  make_spool_folder ();
  start (spool_path, NULL);
  push_passages (1, FALSE, NULL);
  gst_message_unref (wait_for ("anpr-kept"));
  fail_unless_equals_int (g_remove (spool_path), 0);
  push_passages (1, FALSE, NULL);
  wait_for_state ("not-keeping", "ANPR-SPOOL-WRITE");
  wait_for_state ("keeping", "");
  push_eos ();
  fail_unless_equals_int (count_spool_records (), 1);
}

GST_END_TEST;

GST_START_TEST (test_full_spool_frees_pictures_and_goes_on)
{
  g_autoptr (AnprStill) still = new_still (320, 240, 20, 200);

  make_spool_folder ();
  g_object_set (sink, "max-size", (guint64) 1 << 20, NULL);
  start (spool_path, NULL);
  push_passages (40, FALSE, still);
  push_eos ();
  fail_unless_equals_int (count_spool_records (), 40);
  fail_unless (stat_of (sink, "images-freed") > 0);
  fail_unless (stat_of (sink, "bytes") < 3 << 20);
  fail_unless_equals_int (count_warnings ("ANPR-SPOOL-FULL"), 1);
}

GST_END_TEST;

GST_START_TEST (test_spool_full_of_hits_is_a_state)
{
  g_autoptr (AnprStill) still = new_still (320, 240, 20, 200);
  g_auto (GStrv) lines = NULL;

  make_spool_folder ();
  g_object_set (sink, "max-size", (guint64) 1 << 20, NULL);
  start (spool_path, json_path);
  wait_for_state ("keeping", "");
  push_passages (40, TRUE, still);
  push_eos ();
  wait_for_state ("not-keeping", "ANPR-SPOOL-FULL");
  fail_unless (stat_of (sink, "waiting") > 0);
  fail_unless_equals_uint64 (
      stat_of (sink, "waiting") + stat_of (sink, "kept"), 40);
  lines = json_lines ();
  fail_unless_equals_int (g_strv_length (lines), 40);
}

GST_END_TEST;

GST_START_TEST (test_plates_without_passages_are_not_kept)
{
  GstBuffer *buffer = gst_buffer_new ();
  GstAnprMeta *meta = gst_buffer_add_anpr_meta (buffer, 640, 480);
  AnprBox box = { 1, 2, 30, 40 };

  gst_anpr_meta_add_plate (meta, buffer, anpr_plate_new (&box, 0.5));
  make_spool_folder ();
  start (spool_path, NULL);
  fail_unless_equals_int (gst_pad_push (source, buffer), GST_FLOW_OK);
  push_eos ();
  fail_unless_equals_int (count_spool_records (), 0);
}

GST_END_TEST;

GST_START_TEST (test_passage_is_told_when_seen_and_when_closed)
{
  GstBuffer *buffer = gst_buffer_new ();
  GstAnprMeta *meta = gst_buffer_add_anpr_meta (buffer, 640, 480);
  g_autoptr (AnprPassage) passage = new_passage (FALSE, NULL);
  AnprBox box = { 1, 2, 30, 40 };
  AnprPlate *plate = anpr_plate_new (&box, 0.5);
  static const gchar *const states[] = { "new", "lost" };

  plate->passage = anpr_passage_ref (passage);
  gst_anpr_meta_add_plate (meta, buffer, plate);
  start (NULL, NULL);
  fail_unless_equals_int (gst_pad_push (source, buffer), GST_FLOW_OK);
  gst_pad_push_event (source, gst_anpr_event_new_closing (passage));
  for (guint i = 0; i < G_N_ELEMENTS (states); i++) {
    GstMessage *message = wait_for ("anpr-passage");

    fail_unless_equals_string (
        gst_structure_get_string (gst_message_get_structure (message), "state"),
        states[i]);
    gst_message_unref (message);
  }
}

GST_END_TEST;

GST_START_TEST (test_it_says_what_it_wants)
{
  GstAnprWanted wanted;

  start (NULL, NULL);
  gst_anpr_pad_query_wanted (source, &wanted);
  fail_unless (wanted.passages);
  fail_unless_equals_int (wanted.stills, anpr_still_jpeg_is_available ());
  stop ();
  g_object_set (sink, "images", FALSE, NULL);
  start (NULL, NULL);
  gst_anpr_pad_query_wanted (source, &wanted);
  fail_unless (wanted.passages);
  fail_if (wanted.stills);
}

GST_END_TEST;

GST_START_TEST (test_reader_that_goes_away_is_a_warning)
{
  int reader = make_stuck_pipe ();

  start (NULL, json_path);
  push_passages (500, FALSE, NULL);
  close (reader);
  push_eos ();
  fail_unless (stat_of (sink, "lines-lost") > 0);
  fail_unless_equals_int (count_warnings ("ANPR-OUTPUT"), 1);
}

GST_END_TEST;

static Suite *
anprsink_suite (void)
{
  Suite *suite = suite_create ("anprsink");
  TCase *keeping = tcase_create ("keeping");
  TCase *failing = tcase_create ("failing");

  suite_add_tcase (suite, keeping);
  tcase_add_checked_fixture (keeping, sink_setup, sink_teardown);
  tcase_add_test (keeping, test_end_of_stream_means_kept);
  tcase_add_test (keeping, test_each_kept_passage_is_told_with_its_sequence);
  tcase_add_test (keeping, test_lines_are_the_records_as_kept);
  tcase_add_test (keeping, test_used_again_it_continues_the_sequence);
  tcase_add_test (keeping, test_stopped_in_the_middle_it_keeps_what_it_has);
  tcase_add_test (keeping, test_without_location_it_still_writes_lines);
  tcase_add_test (keeping, test_plates_without_passages_are_not_kept);
  tcase_add_test (keeping, test_passage_is_told_when_seen_and_when_closed);
  tcase_add_test (keeping, test_it_says_what_it_wants);

  suite_add_tcase (suite, failing);
  tcase_add_checked_fixture (failing, sink_setup, sink_teardown);
  tcase_add_test (failing, test_location_that_cannot_be_written_is_a_state);
  tcase_add_test (failing, test_foreign_file_is_a_state_and_left_alone);
  tcase_add_test (
      failing, test_what_waited_is_kept_when_the_location_comes_back);
  tcase_add_test (failing, test_removed_spool_is_made_anew);
  if (anpr_still_jpeg_is_available ()) {
    tcase_add_test (failing, test_full_spool_frees_pictures_and_goes_on);
    tcase_add_test (failing, test_spool_full_of_hits_is_a_state);
  }
  tcase_add_test (failing, test_reader_that_goes_away_is_a_warning);
  return suite;
}

GST_CHECK_MAIN (anprsink);
