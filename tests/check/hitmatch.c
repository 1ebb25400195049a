/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* hitmatch in a harness, with plates attached by hand. All plates are
 * invented. */

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <glib/gstdio.h>

#include "testfolder.h"
#include "plugins/hitmatch/comparememory.h"
#include "plugins/meta/gstanprmeta.h"
#include "plugins/meta/gstanprpassing.h"
#include "plugins/record/passage.h"

#define FORMAT                                                                 \
  "# list: %s\n# authority: Zone\n# category: stolen\n# purpose: J1\n"         \
  "# version: 7\n# valid-from: 2020-01-01T00:00:00Z\n"                         \
  "# valid-until: 2999-01-01T00:00:00Z\n"                                      \
  "entry,plate,valid-until,country,covert,measure,priority\n%s"
#define END "2998-01-01T00:00:00Z"

static gchar *folder;
static GstHarness *harness;
static GstBus *bus;

static void
write_list (const gchar *id, const gchar *entries)
{
  g_autofree gchar *name = g_strconcat (id, ".csv", NULL);
  g_autofree gchar *path = g_build_filename (folder, name, NULL);
  g_autofree gchar *text = g_strdup_printf (FORMAT, id, entries);

  fail_unless (g_file_set_contents (path, text, -1, NULL));
}

static void
set_up (void)
{
  folder = test_folder_new ();
  bus = gst_bus_new ();
}

static void
start_parsed (const gchar *description)
{
  harness = gst_harness_new_parse (description);
  gst_element_set_bus (harness->element, bus);
}

/* lists: a folder, NULL for none */
static void
start (const gchar *lists)
{
  GstElement *element = gst_element_factory_make ("hitmatch", NULL);

  fail_unless (element != NULL);
  g_object_set (element, "lists", lists, "position", "gate 1", NULL);
  gst_element_set_bus (element, bus);
  harness = gst_harness_new_with_element (element, "sink", "src");
  gst_harness_set_src_caps_str (harness, "application/x-anything");
  gst_object_unref (element);
}

static void
tear_down (void)
{
  gst_element_set_bus (harness->element, NULL);
  g_clear_pointer (&harness, gst_harness_teardown);
  gst_clear_object (&bus);
  g_clear_pointer (&folder, test_folder_free);
}

/* The next element message of a name, NULL if none is there */
static GstMessage *
pop_message (const gchar *name)
{
  GstMessage *message;

  while ((message = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT))) {
    if (gst_message_has_name (message, name))
      return message;
    gst_message_unref (message);
  }
  return NULL;
}

static void
wait_for_lists (guint n_entries)
{
  for (;;) {
    g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (
        bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_ELEMENT);
    guint64 entries;

    if (!gst_message_has_name (message, "anpr-lists"))
      continue;
    fail_unless (gst_structure_get_uint64 (
        gst_message_get_structure (message), "entries", &entries));
    if (entries == n_entries)
      return;
  }
}

static guint
count_messages (const gchar *name)
{
  GstMessage *message;
  guint n = 0;

  for (; (message = pop_message (name)); n++)
    gst_message_unref (message);
  return n;
}

static AnprMoment
now (void)
{
  AnprMoment moment = ANPR_MOMENT_INIT;

  moment.utc = g_get_real_time ();
  moment.stream_time = 5;
  moment.running_time = 6;
  return moment;
}

static void
add_read (AnprPassage *passage, const gchar *text)
{
  g_autoptr (AnprRead) read = anpr_read_new (
      text ? ANPR_READ_TEXT : ANPR_READ_NOT_READ, text, 0.9, "test");
  AnprMoment moment = now ();
  AnprBox box = { 1, 2, 30, 10 };
  AnprCountry country = { "BE", 0.9 };

  anpr_read_set_countries (read, &country, 1);
  (void) anpr_passage_add_read (passage, read, &moment, &box);
}

static AnprPassage *
make_passage (const gchar *text)
{
  AnprMoment moment = now ();
  AnprPassage *passage = anpr_passage_new (&moment);

  add_read (passage, text);
  return passage;
}

static GstBuffer *
make_buffer (AnprPassage *passage, const gchar *text)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 16, NULL);
  GstAnprMeta *meta = gst_buffer_add_anpr_meta (buffer, 64, 64);
  AnprBox box = { 1, 2, 30, 10 };
  AnprPlate *plate = anpr_plate_new (&box, 0.9);

  meta->moment = now ();
  if (passage)
    plate->passage = anpr_passage_ref (passage);
  if (text)
    plate->read = anpr_read_new (ANPR_READ_TEXT, text, 0.9, "test");
  fail_unless (gst_anpr_meta_add_plate (meta, buffer, plate));
  return buffer;
}

static void
push (AnprPassage *passage, const gchar *text)
{
  GstBuffer *buffer =
      gst_harness_push_and_pull (harness, make_buffer (passage, text));

  gst_buffer_unref (buffer);
}

static void
push_closing (AnprPassage *passage)
{
  fail_unless (
      gst_harness_push_event (harness, gst_anpr_event_new_closing (passage)));
}

static guint
count_compared (AnprPassage *passage)
{
  g_autoptr (JsonObject) record = anpr_passage_to_json (passage, NULL);

  if (!json_object_has_member (record, "compared")
      || json_object_get_null_member (record, "compared"))
    return 0;
  return json_array_get_length (
      json_object_get_array_member (record, "compared"));
}

GST_START_TEST (a_hit_is_posted_at_once_with_all_fields)
{
  g_autoptr (AnprPassage) passage = make_passage ("1-XQZ 001");
  g_autoptr (GstMessage) message = NULL;
  const GstStructure *hit;
  gint64 timestamp;
  guint64 time;
  gdouble likelihood;
  gboolean covert, stale;
  guint priority;

  anpr_passage_set_direction (passage, ANPR_DIRECTION_OUT);
  write_list ("local", "E1,1-XQZ-001," END ",BE,yes,observe,3\n");
  start (folder);
  push (passage, NULL);
  message = pop_message ("anpr-hit");
  fail_unless (message != NULL);
  hit = gst_message_get_structure (message);
  fail_unless_equals_string (
      gst_structure_get_string (hit, "passage"), anpr_passage_get_id (passage));
  fail_unless_equals_string (gst_structure_get_string (hit, "text"), "1XQZ001");
  fail_unless_equals_string (gst_structure_get_string (hit, "list"), "local");
  fail_unless_equals_string (gst_structure_get_string (hit, "version"), "7");
  fail_unless_equals_string (gst_structure_get_string (hit, "entry"), "E1");
  fail_unless_equals_string (
      gst_structure_get_string (hit, "plate"), "1-XQZ-001");
  fail_unless_equals_string (
      gst_structure_get_string (hit, "category"), "stolen");
  fail_unless_equals_string (
      gst_structure_get_string (hit, "measure"), "observe");
  fail_unless_equals_string (gst_structure_get_string (hit, "purpose"), "J1");
  fail_unless_equals_string (gst_structure_get_string (hit, "grade"), "exact");
  fail_unless_equals_string (
      gst_structure_get_string (hit, "matched"), "1XQZ001");
  fail_unless (gst_structure_get_double (hit, "likelihood", &likelihood)
               && likelihood > 0.5);
  fail_unless_equals_string (
      gst_structure_get_string (hit, "country-grade"), "agree");
  fail_unless_equals_string (
      gst_structure_get_string (hit, "state"), "unverified");
  fail_unless_equals_string (
      gst_structure_get_string (hit, "position"), "gate 1");
  fail_unless (gst_structure_get_boolean (hit, "covert", &covert) && covert);
  fail_unless (
      gst_structure_get_uint (hit, "priority", &priority) && priority == 3);
  fail_unless (gst_structure_get_int64 (hit, "timestamp", &timestamp));
  fail_unless (timestamp > 0);
  fail_unless (
      gst_structure_get_uint64 (hit, "stream-time", &time) && time == 5);
  fail_unless (
      gst_structure_get_uint64 (hit, "running-time", &time) && time == 6);
  fail_unless_equals_string (
      gst_structure_get_string (hit, "direction"), "out");
  fail_unless (gst_structure_get_boolean (hit, "stale", &stale) && stale);
  fail_unless (strstr (gst_structure_get_string (hit, "hit"), "\"covert\":true")
               != NULL);
  fail_unless (anpr_passage_has_hits (passage));
}
GST_END_TEST;

GST_START_TEST (a_hit_is_posted_once_for_each_entry)
{
  g_autoptr (AnprPassage) passage = make_passage ("XQ1");

  write_list ("a", "E1,XQ1," END ",,,,\nE2,XQ-1," END ",,,,\n");
  write_list ("b", "E1,XQ1," END ",,,,\n");
  start (folder);
  for (guint i = 0; i < 5; i++)
    push (passage, NULL);
  push_closing (passage);
  fail_unless_equals_int (count_messages ("anpr-hit"), 3);
}
GST_END_TEST;

GST_START_TEST (a_text_that_changes_is_compared_again)
{
  g_autoptr (AnprPassage) passage = make_passage ("XQ1");

  write_list ("a", "E1,XQ2," END ",,,,\n");
  start (folder);
  push (passage, NULL);
  fail_unless_equals_int (count_messages ("anpr-hit"), 0);
  for (guint i = 0; i < 3; i++)
    add_read (passage, "XQ2");
  push (passage, NULL);
  fail_unless_equals_int (count_messages ("anpr-hit"), 1);
}
GST_END_TEST;

/* The direction is known later than the text */
GST_START_TEST (an_entry_of_a_direction_hits_as_soon_as_that_is_known)
{
  g_autofree gchar *path = g_build_filename (folder, "area.csv", NULL);
  g_autoptr (AnprPassage) passage = make_passage ("1XQZ001");
  static const gchar list[] =
      "# list: area\n# authority: Zone\n# category: stolen\n# purpose: J1\n"
      "# version: 1\n# valid-from: 2020-01-01T00:00:00Z\n"
      "# valid-until: 2999-01-01T00:00:00Z\n"
      "entry,plate,valid-until,area\n"
      "E1,1XQZ001," END ",gate*1/in\nE2,1XQZ001," END ",gate*1/out\n"
      "E3,1XQZ001," END ",gate*2\n";

  fail_unless (g_file_set_contents (path, list, -1, NULL));
  start (folder);
  push (passage, NULL);
  fail_unless_equals_int (count_messages ("anpr-hit"), 0);
  anpr_passage_set_direction (passage, ANPR_DIRECTION_IN);
  push (passage, NULL);
  push (passage, NULL);
  fail_unless_equals_int (count_messages ("anpr-hit"), 1);
}
GST_END_TEST;

GST_START_TEST (a_read_that_comes_last_is_compared_before_the_closing_goes_on)
{
  g_autoptr (AnprPassage) passage = NULL;
  g_autoptr (GstMessage) message = NULL;
  AnprMoment moment = now ();
  GstEvent *event;
  gboolean forwarded = FALSE;

  write_list ("a", "E1,XQ1," END ",,,,\n");
  start (folder);
  passage = anpr_passage_new (&moment);
  push (passage, NULL);
  (void) count_messages ("anpr-passage");
  add_read (passage, "XQ1");
  push_closing (passage);
  while ((event = gst_harness_try_pull_event (harness))) {
    g_autoptr (AnprPassage) closed = NULL;

    forwarded |= gst_anpr_event_parse_closing (event, &closed);
    gst_event_unref (event);
  }
  fail_unless (forwarded);
  fail_unless_equals_int (count_compared (passage), 1);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT);
  fail_unless (gst_message_has_name (message, "anpr-hit"));
  gst_message_unref (message);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT);
  fail_unless (gst_message_has_name (message, "anpr-passage"));
  fail_unless_equals_string (
      gst_structure_get_string (gst_message_get_structure (message), "state"),
      "lost");
}
GST_END_TEST;

GST_START_TEST (only_the_last_element_closes_and_tells_of_passages)
{
  g_autoptr (AnprPassage) passage = make_passage ("XQ1");
  GstMessage *message;
  guint n = 0;

  start_parsed ("hitmatch name=a ! hitmatch name=b");
  gst_harness_set_src_caps_str (harness, "application/x-anything");
  push (passage, NULL);
  push_closing (passage);
  for (; (message = pop_message ("anpr-passage")); n++) {
    fail_unless_equals_string (GST_MESSAGE_SRC_NAME (message), "b");
    gst_message_unref (message);
  }
  fail_unless_equals_int (n, 2);
}
GST_END_TEST;

GST_START_TEST (a_passage_stays_open_for_the_elements_downstream)
{
  g_autoptr (AnprPassage) passage = make_passage ("XQ1");
  g_autofree gchar *description = g_strdup_printf (
      "hitmatch name=a ! hitmatch name=b lists=\"%s\"", folder);

  write_list ("a", "E1,XQ1," END ",,,,\n");
  start_parsed (description);
  gst_harness_set_src_caps_str (harness, "application/x-anything");
  push_closing (passage);
  fail_unless (anpr_passage_has_hits (passage));
  fail_unless_equals_int (count_compared (passage), 1);
}
GST_END_TEST;

GST_START_TEST (passages_are_wanted_and_stills_only_if_somebody_else_does)
{
  GstAnprWanted wanted;

  start (NULL);
  gst_anpr_pad_query_wanted (harness->srcpad, &wanted);
  fail_unless (wanted.passages);
  fail_unless (!wanted.stills);
}
GST_END_TEST;

GST_START_TEST (a_plate_that_was_not_read_is_compared)
{
  g_autoptr (AnprPassage) passage = make_passage (NULL);

  write_list ("a", "E1,XQ1," END ",,,,\n");
  write_list ("b", "E1,XQ1," END ",,,,\n");
  start (folder);
  push (passage, NULL);
  push_closing (passage);
  fail_unless_equals_int (count_messages ("anpr-hit"), 0);
  fail_unless_equals_int (count_compared (passage), 2);
}
GST_END_TEST;

GST_START_TEST (a_plate_without_passage_is_hit_once_while_in_sight)
{
  g_autoptr (GstMessage) message = NULL;

  write_list ("a", "E1,XQ1," END ",,,,\n");
  start (folder);
  for (guint i = 0; i < 5; i++)
    push (NULL, "x-q 1");
  message = pop_message ("anpr-hit");
  fail_unless (message != NULL);
  fail_unless_equals_string (
      gst_structure_get_string (gst_message_get_structure (message), "passage"),
      "");
  fail_unless_equals_int (count_messages ("anpr-hit"), 0);
}
GST_END_TEST;

GST_START_TEST (buffers_go_on_as_they_came_also_shared_ones)
{
  g_autoptr (AnprPassage) passage = make_passage ("XQ1");
  GstBuffer *in, *out;

  start (NULL);
  in = gst_buffer_ref (make_buffer (passage, NULL));
  out = gst_harness_push_and_pull (harness, in);
  fail_unless (out == in);
  gst_buffer_unref (out);
  gst_buffer_unref (in);
}
GST_END_TEST;

GST_START_TEST (one_bad_list_is_a_warning_and_the_others_work)
{
  g_autoptr (AnprPassage) passage = make_passage ("XQ1");
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) warning = NULL;
  const GstStructure *details;

  write_list ("a", "E1,XQ1," END ",,,,\n");
  write_list ("b", "E1,XQ1\n");
  start (folder);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING);
  fail_unless (message != NULL);
  gst_message_parse_warning (message, &warning, NULL);
  fail_unless (strstr (warning->message, "[ANPR-LIST-LINE]") != NULL);
  fail_unless (strstr (warning->message, "b.csv:9: ") != NULL);
  gst_message_parse_warning_details (message, &details);
  fail_unless_equals_string (
      gst_structure_get_string (details, "code"), "ANPR-LIST-LINE");
  push (passage, NULL);
  fail_unless_equals_int (count_messages ("anpr-hit"), 1);
}
GST_END_TEST;

static gboolean
has_warning (const gchar *code)
{
  GstMessage *message;
  gboolean found = FALSE;

  while ((message = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING))) {
    const GstStructure *details;

    gst_message_parse_warning_details (message, &details);
    found |= g_strcmp0 (gst_structure_get_string (details, "code"), code) == 0;
    gst_message_unref (message);
  }
  return found;
}

static gboolean
is_next_hit_stale (void)
{
  g_autoptr (GstMessage) message = pop_message ("anpr-hit");
  gboolean stale;

  fail_unless (message != NULL);
  fail_unless (gst_structure_get_boolean (
      gst_message_get_structure (message), "stale", &stale));
  return stale;
}

GST_START_TEST (an_old_list_is_a_warning_and_its_hits_are_stale)
{
  g_autoptr (AnprPassage) first = make_passage ("XQ1");
  g_autoptr (AnprPassage) second = make_passage ("XQ1");
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) issued = g_date_time_add_hours (now, -25);
  g_autofree gchar *path = g_build_filename (folder, "a.csv", NULL);
  g_autofree gchar *line =
      g_date_time_format (issued, "# issued: %Y-%m-%dT%H:%M:%SZ\n");
  g_autofree gchar *entries =
      g_strdup_printf (FORMAT, "a", "E1,XQ1," END ",,,,\n");
  g_autofree gchar *text = g_strconcat (line, entries, NULL);

  fail_unless (g_file_set_contents (path, text, -1, NULL));
  start (folder);
  fail_unless (has_warning ("ANPR-LIST-AGED"));
  g_object_set (harness->element, "repeat", 0, NULL);
  push (first, NULL);
  fail_unless (!is_next_hit_stale ());
  g_object_set (harness->element, "stale-after", 24 * 3600, NULL);
  push (second, NULL);
  fail_unless (is_next_hit_stale ());
}
GST_END_TEST;

GST_START_TEST (lists_that_are_not_there_do_not_stop_the_stream)
{
  g_autoptr (AnprPassage) passage = make_passage ("XQ1");
  g_autoptr (GstMessage) message = NULL;

  start ("/nonexistent/lists");
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING);
  fail_unless (message != NULL);
  push (passage, NULL);
  fail_unless_equals_int (count_messages ("anpr-hit"), 0);
}
GST_END_TEST;

GST_START_TEST (lists_are_swapped_while_playing)
{
  g_autoptr (AnprPassage) passage = make_passage ("XQ1");

  write_list ("a", "E1,XQ2," END ",,,,\n");
  start (folder);
  push (passage, NULL);
  fail_unless_equals_int (count_messages ("anpr-hit"), 0);
  write_list ("a", "E1,XQ2," END ",,,,\nE2,XQ1," END ",,,,\n");
  g_object_set (harness->element, "lists", folder, NULL);
  wait_for_lists (2);
  push (passage, NULL);
  fail_unless_equals_int (count_messages ("anpr-hit"), 1);
  g_object_set (harness->element, "lists", NULL, NULL);
  wait_for_lists (0);
  push (passage, NULL);
  fail_unless_equals_int (count_compared (passage), 0);
}
GST_END_TEST;

GST_START_TEST (every_passage_is_compared_while_lists_are_swapped)
{
  write_list ("a", "E1,XQ1," END ",,,,\n");
  start (folder);
  for (guint i = 0; i < 200; i++) {
    g_autoptr (AnprPassage) passage = make_passage ("XQ1");

    if (i % 10 == 0)
      g_object_set (harness->element, "lists", folder, NULL);
    push (passage, NULL);
    push_closing (passage);
    fail_unless_equals_int (count_compared (passage), 1);
    fail_unless (anpr_passage_has_hits (passage));
  }
}
GST_END_TEST;

GST_START_TEST (the_element_can_be_used_again)
{
  write_list ("a", "E1,XQ1," END ",,,,\n");
  start (folder);
  for (guint i = 0; i < 3; i++) {
    g_autoptr (AnprPassage) passage = make_passage ("XQ1");

    push (passage, NULL);
    fail_unless_equals_int (count_messages ("anpr-hit"), 1);
    g_object_set (harness->element, "lists", folder, NULL);
    gst_element_set_state (harness->element, GST_STATE_NULL);
    gst_element_set_state (harness->element, GST_STATE_PLAYING);
    gst_harness_set_src_caps_str (harness, "application/x-anything");
  }
}
GST_END_TEST;

GST_START_TEST (statistics_count_what_happened)
{
  g_autoptr (AnprPassage) passage = make_passage ("XQ1");
  g_autoptr (GstStructure) stats = NULL;
  guint64 passages, compared, hits, entries, time;
  guint lists, refused;

  write_list ("a", "E1,XQ1," END ",,,,\n");
  write_list ("b", "broken\n");
  start (folder);
  push (passage, NULL);
  push (passage, NULL);
  push_closing (passage);
  g_object_get (harness->element, "stats", &stats, NULL);
  fail_unless (gst_structure_get (stats, "passages", G_TYPE_UINT64, &passages,
      "compared", G_TYPE_UINT64, &compared, "hits", G_TYPE_UINT64, &hits,
      "lists", G_TYPE_UINT, &lists, "entries", G_TYPE_UINT64, &entries,
      "refused", G_TYPE_UINT, &refused, "lookup-time-max", G_TYPE_UINT64, &time,
      NULL));
  fail_unless_equals_uint64 (passages, 1);
  fail_unless_equals_uint64 (compared, 1);
  fail_unless_equals_uint64 (hits, 1);
  fail_unless_equals_int (lists, 1);
  fail_unless_equals_uint64 (entries, 1);
  fail_unless_equals_int (refused, 1);
  fail_unless (time > 0);
}
GST_END_TEST;

GST_START_TEST (what_is_remembered_of_passages_is_bounded)
{
  g_autoptr (AnprCompareMemory) memory = anpr_compare_memory_new ();

  for (guint i = 0; i < 3 * ANPR_COMPARE_MEMORY_MAX; i++) {
    g_autofree gchar *what = g_strdup_printf ("%u", i);

    fail_unless (anpr_compare_memory_is_new (memory, what, "XQ1", 1, 0));
    fail_unless (!anpr_compare_memory_is_new (memory, what, "XQ1", 1, 0));
  }
  fail_unless_equals_int (
      anpr_compare_memory_get_size (memory), ANPR_COMPARE_MEMORY_MAX);
  fail_unless (anpr_compare_memory_is_new (memory, "x", NULL, 1, 0));
  fail_unless (!anpr_compare_memory_is_new (memory, "x", NULL, 1, 0));
  fail_unless (anpr_compare_memory_is_new (memory, "x", NULL, 2, 0));
  fail_unless (anpr_compare_memory_is_new (memory, "x", "XQ1", 2, 0));
  fail_unless (anpr_compare_memory_is_new (
      memory, "x", "XQ1", 2, ANPR_COMPARE_MEMORY_TIME));
  anpr_compare_memory_forget (memory, "x");
  fail_unless (anpr_compare_memory_is_new (
      memory, "x", "XQ1", 2, ANPR_COMPARE_MEMORY_TIME));
  start (NULL);
}
GST_END_TEST;

static Suite *
hitmatch_suite (void)
{
  Suite *suite = suite_create ("hitmatch");
  TCase *tcase = tcase_create ("element");

  suite_add_tcase (suite, tcase);
  tcase_add_checked_fixture (tcase, set_up, tear_down);
  tcase_add_test (tcase, a_hit_is_posted_at_once_with_all_fields);
  tcase_add_test (tcase, a_hit_is_posted_once_for_each_entry);
  tcase_add_test (tcase, a_text_that_changes_is_compared_again);
  tcase_add_test (tcase, an_entry_of_a_direction_hits_as_soon_as_that_is_known);
  tcase_add_test (
      tcase, a_read_that_comes_last_is_compared_before_the_closing_goes_on);
  tcase_add_test (tcase, only_the_last_element_closes_and_tells_of_passages);
  tcase_add_test (tcase, a_passage_stays_open_for_the_elements_downstream);
  tcase_add_test (
      tcase, passages_are_wanted_and_stills_only_if_somebody_else_does);
  tcase_add_test (tcase, a_plate_that_was_not_read_is_compared);
  tcase_add_test (tcase, a_plate_without_passage_is_hit_once_while_in_sight);
  tcase_add_test (tcase, buffers_go_on_as_they_came_also_shared_ones);
  tcase_add_test (tcase, one_bad_list_is_a_warning_and_the_others_work);
  tcase_add_test (tcase, an_old_list_is_a_warning_and_its_hits_are_stale);
  tcase_add_test (tcase, lists_that_are_not_there_do_not_stop_the_stream);
  tcase_add_test (tcase, lists_are_swapped_while_playing);
  tcase_add_test (tcase, every_passage_is_compared_while_lists_are_swapped);
  tcase_add_test (tcase, the_element_can_be_used_again);
  tcase_add_test (tcase, statistics_count_what_happened);
  tcase_add_test (tcase, what_is_remembered_of_passages_is_bounded);
  return suite;
}

GST_CHECK_MAIN (hitmatch);
