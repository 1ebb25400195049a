/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/check/gstcheck.h>
#include "plugins/record/passage.h"
#include "plugins/record/passagegroup.h"

static const AnprBox box = { 100, 200, 120, 26 };
static const AnprBox larger = { 100, 220, 180, 40 };

static AnprMoment
moment_at (gint64 utc)
{
  AnprMoment moment = ANPR_MOMENT_INIT;

  moment.utc = moment.monotonic = utc;
  moment.source = ANPR_CLOCK_HOST;
  return moment;
}

static gboolean
add_read (AnprPassage *passage, const gchar *text, gdouble confidence,
    gint64 utc, const AnprBox *where)
{
  AnprMoment moment = moment_at (utc);
  AnprRead *read = anpr_read_new (ANPR_READ_TEXT, text, confidence, "test");
  gboolean best = anpr_passage_add_read (passage, read, &moment, where);

  anpr_read_unref (read);
  return best;
}

static AnprPassage *
new_passage (void)
{
  AnprMoment moment = moment_at (1000000);

  return anpr_passage_new (&moment);
}

GST_START_TEST (test_the_best_shot_shows_the_voted_text)
{
  AnprPassage *passage = new_passage ();
  AnprMoment best;

  fail_unless (add_read (passage, "1ABC123", 0.5, 1, &box));
  fail_unless (add_read (passage, "1ABC123", 0.9, 2, &box));
  fail_if (add_read (passage, "1ABC12B", 0.99, 3, &box));
  anpr_passage_get_moments (passage, NULL, &best, NULL);
  fail_unless_equals_int64 (best.utc, 2);
  fail_unless (add_read (passage, "1ABC12B", 0.99, 4, &box));
  anpr_passage_get_moments (passage, NULL, &best, NULL);
  fail_unless_equals_int64 (best.utc, 4);
  anpr_passage_unref (passage);
}
GST_END_TEST;

GST_START_TEST (test_a_larger_plate_is_the_better_shot)
{
  AnprPassage *passage = new_passage ();

  fail_unless (add_read (passage, "1ABC123", 0.9, 1, &box));
  fail_unless (add_read (passage, "1ABC123", 0.9, 2, &larger));
  fail_if (add_read (passage, "1ABC123", 0.9, 3, &box));
  anpr_passage_unref (passage);
}
GST_END_TEST;

GST_START_TEST (test_news_is_told_once_new_then_update_then_lost)
{
  AnprPassage *passage = new_passage ();
  AnprPassageState state;

  fail_if (anpr_passage_take_news (passage, &state));
  add_read (passage, "1ABC123", 0.5, 1, &box);
  fail_unless (anpr_passage_take_news (passage, &state));
  fail_unless_equals_int (state, ANPR_PASSAGE_NEW);
  fail_if (anpr_passage_take_news (passage, &state));
  add_read (passage, "1ABC123", 0.6, 2, &box);
  fail_if (anpr_passage_has_news (passage));
  anpr_passage_set_direction (passage, ANPR_DIRECTION_IN);
  fail_unless (anpr_passage_take_news (passage, &state));
  fail_unless_equals_int (state, ANPR_PASSAGE_UPDATE);
  anpr_passage_close (passage);
  fail_unless (anpr_passage_take_news (passage, &state));
  fail_unless_equals_int (state, ANPR_PASSAGE_LOST);
  anpr_passage_close (passage);
  fail_if (anpr_passage_take_news (passage, &state));
  anpr_passage_unref (passage);
}
GST_END_TEST;

/* Only when it is over is it known that nothing better came */
GST_START_TEST (test_what_is_unread_or_doubtful_is_told_once_at_the_end)
{
  static const gchar *const texts[] = { NULL, "1ABC123" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    AnprMoment moment = moment_at (1);
    AnprPassage *passage = new_passage ();
    AnprRead *read =
        anpr_read_new (texts[i] ? ANPR_READ_TEXT : ANPR_READ_NOT_READ, texts[i],
            texts[i] ? 0.2 : 0, "test");
    AnprPassageState state;

    anpr_passage_see (passage, &moment, &box, 0.9);
    anpr_passage_add_read (passage, read, &moment, &box);
    anpr_passage_set_direction (passage, ANPR_DIRECTION_IN);
    fail_if (anpr_passage_has_news (passage));
    fail_unless (anpr_passage_is_vehicle (passage));
    anpr_passage_close (passage);
    fail_unless (anpr_passage_take_news (passage, &state));
    fail_unless_equals_int (state, ANPR_PASSAGE_LOST);
    fail_if (anpr_passage_take_news (passage, &state));
    anpr_read_unref (read);
    anpr_passage_unref (passage);
  }
}
GST_END_TEST;

/* The detector's word, and so many reads of the text with this confidence */
static gboolean
is_vehicle (gdouble detection, guint n_reads, gdouble confidence)
{
  AnprPassage *passage = new_passage ();
  AnprMoment moment = moment_at (1);
  gboolean vehicle;

  for (guint i = 0; i < MAX (n_reads, 1); i++)
    anpr_passage_see (passage, &moment, &box, detection);
  for (guint i = 0; i < n_reads; i++)
    add_read (passage, "1ABC123", confidence, 1 + i, &box);
  if (n_reads == 0) {
    AnprRead *read = anpr_read_new (ANPR_READ_NOT_READ, NULL, 0, "test");

    anpr_passage_add_read (passage, read, &moment, &box);
    anpr_read_unref (read);
  }
  vehicle = anpr_passage_is_vehicle (passage);
  anpr_passage_unref (passage);
  return vehicle;
}

GST_START_TEST (test_detector_and_reader_decide_together_what_is_a_vehicle)
{
  fail_unless (is_vehicle (0.8, 0, 0));
  fail_if (is_vehicle (0.55, 0, 0));
  fail_unless (is_vehicle (0.55, 1, 0.5));
  fail_if (is_vehicle (0.55, 1, 0.1));
  fail_if (is_vehicle (0.3, 2, 0.5));
  fail_if (is_vehicle (0.3, 1, 0.95));
  fail_unless (is_vehicle (0.3, 2, 0.95));
}
GST_END_TEST;

GST_START_TEST (test_a_closed_passage_does_not_change)
{
  AnprPassage *passage = new_passage ();
  AnprHit *hit = anpr_hit_new ();
  AnprRead *read;

  add_read (passage, "1ABC123", 0.5, 1, &box);
  anpr_passage_close (passage);
  fail_if (add_read (passage, "1XYZ789", 1.0, 2, &box));
  fail_if (anpr_passage_add_hit (passage, hit));
  read = anpr_passage_get_read (passage);
  fail_unless_equals_string (read->text, "1ABC123");
  anpr_read_unref (read);
  anpr_hit_unref (hit);
  anpr_passage_unref (passage);
}
GST_END_TEST;

GST_START_TEST (test_a_list_entry_hits_a_passage_once)
{
  AnprPassage *passage = new_passage ();
  AnprHit *hit = anpr_hit_new ();
  AnprHit *again = anpr_hit_new ();

  hit->list = g_strdup ("stolen");
  hit->entry = g_strdup ("7");
  again->list = g_strdup ("stolen");
  again->entry = g_strdup ("7");
  fail_unless (anpr_passage_add_hit (passage, hit));
  fail_if (anpr_passage_add_hit (passage, again));
  fail_unless (anpr_passage_has_hits (passage));
  anpr_hit_unref (hit);
  anpr_hit_unref (again);
  anpr_passage_unref (passage);
}
GST_END_TEST;

/* The fields design.md 4.2 and 4.3 name, as other programs rely on them */
GST_START_TEST (test_the_record_has_every_field_of_its_schema)
{
  static const gchar *const fields[] = { "schema", "id", "device", "position",
    "sequence", "state", "first_seen", "best_seen", "last_seen", "clock",
    "direction", "lane", "plates", "hits", "compared", "images",
    "previous_hash", "hash" };
  static const gchar *const plate_fields[] = { "role", "text", "raw",
    "confidence", "characters", "candidates", "countries", "box", "frames",
    "agreeing" };
  AnprPassage *passage = new_passage ();
  AnprHit *hit = anpr_hit_new ();
  AnprMoment moment = moment_at (1790000000123456);
  AnprKeeping keeping = { .device = "box", .position = "gate", .sequence = 3 };
  JsonObject *object, *plate;

  anpr_passage_see (passage, &moment, &box, 0.9);
  add_read (passage, "1-ABC-123", 0.75, moment.utc, &box);
  anpr_passage_add_hit (passage, hit);
  anpr_passage_close (passage);
  object = anpr_passage_to_json (passage, &keeping);
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    fail_unless (json_object_has_member (object, fields[i]), "%s", fields[i]);
  fail_unless_equals_string (
      json_object_get_string_member (object, "last_seen"),
      "2026-09-21T14:13:20.123456Z");
  fail_unless_equals_string (
      json_object_get_string_member (object, "state"), "lost");
  fail_unless_equals_int64 (json_object_get_int_member (object, "sequence"), 3);
  plate = json_array_get_object_element (
      json_object_get_array_member (object, "plates"), 0);
  for (guint i = 0; i < G_N_ELEMENTS (plate_fields); i++)
    fail_unless (
        json_object_has_member (plate, plate_fields[i]), "%s", plate_fields[i]);
  fail_unless_equals_string (
      json_object_get_string_member (
          json_array_get_object_element (
              json_object_get_array_member (object, "hits"), 0),
          "state"),
      "unverified");
  json_object_unref (object);
  anpr_hit_unref (hit);
  anpr_passage_unref (passage);
}
GST_END_TEST;

/* The passage of three frames 40 ms apart, the second its best shot, while the
 * clocks told these times */
static JsonObject *
record_of (const gint64 *utc)
{
  AnprMoment moments[3];
  AnprPassage *passage;
  AnprRead *read = anpr_read_new (ANPR_READ_TEXT, "1ABC123", 0.9, "test");
  JsonObject *object;

  for (guint i = 0; i < 3; i++) {
    moments[i] = moment_at (utc[i]);
    moments[i].monotonic = 1000000 + i * 40000;
  }
  passage = anpr_passage_new (&moments[0]);
  for (guint i = 0; i < 3; i++)
    anpr_passage_see (passage, &moments[i], &box, 0.9);
  anpr_passage_add_read (passage, read, &moments[1], &box);
  anpr_passage_close (passage);
  object = anpr_passage_to_json (passage, NULL);
  anpr_read_unref (read);
  anpr_passage_unref (passage);
  return object;
}

GST_START_TEST (test_a_clock_set_in_mid_passage_breaks_no_order_and_no_duration)
{
  /* nothing, set forward, set back before and behind the best shot */
  static const gint64 clocks[][3] = {
    { 1790000000000000, 1790000000040000, 1790000000080000 },
    { 1790000000000000, 1790000000040000, 1790003600080000 },
    { 1790003600000000, 1790000000040000, 1790000000080000 },
    { 1790000000000000, 1790000000040000, 1780000000080000 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (clocks); i++) {
    JsonObject *record = record_of (clocks[i]);

    fail_unless_equals_string (
        json_object_get_string_member (record, "first_seen"),
        "2026-09-21T14:13:20.000000Z");
    fail_unless_equals_string (
        json_object_get_string_member (record, "best_seen"),
        "2026-09-21T14:13:20.040000Z");
    fail_unless_equals_string (
        json_object_get_string_member (record, "last_seen"),
        "2026-09-21T14:13:20.080000Z");
    json_object_unref (record);
  }
}
GST_END_TEST;

GST_START_TEST (test_the_record_states_its_clock)
{
  AnprMoment moment = moment_at (1790000000000000);
  AnprPassage *passage;
  JsonObject *record, *clock;

  moment.source = ANPR_CLOCK_CAMERA;
  moment.offset = -2500000;
  passage = anpr_passage_new (&moment);
  record = anpr_passage_to_json (passage, NULL);
  clock = json_object_get_object_member (record, "clock");
  fail_unless_equals_string (
      json_object_get_string_member (clock, "source"), "camera");
  fail_if (json_object_get_boolean_member (clock, "synchronised"));
  fail_unless_equals_int64 (
      json_object_get_int_member (clock, "offset_us"), -2500000);
  json_object_unref (record);
  anpr_passage_unref (passage);
  passage = new_passage ();
  record = anpr_passage_to_json (passage, NULL);
  clock = json_object_get_object_member (record, "clock");
  fail_unless (json_object_get_null_member (clock, "offset_us"));
  json_object_unref (record);
  anpr_passage_unref (passage);
}
GST_END_TEST;

static gpointer
add_many (gpointer data)
{
  for (guint i = 0; i < 2000; i++) {
    AnprRead *read;

    add_read (data, i % 3 ? "1ABC123" : "1ABC12B", 0.5, i, &box);
    read = anpr_passage_get_read (data);
    anpr_read_unref (read);
  }
  return NULL;
}

GST_START_TEST (test_threads_may_share_a_passage)
{
  AnprPassage *passage = new_passage ();
  GThread *threads[4];
  AnprRead *read;

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("add", add_many, passage);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  read = anpr_passage_get_read (passage);
  fail_unless_equals_string (read->text, "1ABC123");
  anpr_read_unref (read);
  anpr_passage_unref (passage);
}
GST_END_TEST;

static gpointer
read_often (gpointer data)
{
  AnprPassage *passage = data;

  for (guint i = 0; i < 50; i++) {
    add_read (passage, "1ABC123", 0.9, 1000, &box);
    anpr_passage_set_direction (passage, ANPR_DIRECTION_IN);
    fail_unless (anpr_passage_get_id (passage) != NULL);
  }
  return NULL;
}

/* The same vehicle thrice; that the first was read is known to all */
GST_START_TEST (test_passages_that_threads_find_to_be_one_are_one)
{
  for (guint round = 0; round < 200; round++) {
    AnprPassageGroup *group = anpr_passage_group_new ();
    AnprPassage *passages[3];
    GThread *threads[G_N_ELEMENTS (passages)];

    for (guint i = 0; i < G_N_ELEMENTS (passages); i++) {
      AnprMoment moment = moment_at (1 + i);

      passages[i] = anpr_passage_group_open (group, &moment);
      anpr_passage_see (passages[i], &moment, &box, 0.9);
    }
    add_read (passages[0], "1ABC123", 0.9, 1, &box);
    for (guint i = 0; i < G_N_ELEMENTS (passages); i++)
      threads[i] = g_thread_new ("read", read_often, passages[i]);
    for (guint i = 0; i < G_N_ELEMENTS (passages); i++)
      g_thread_join (threads[i]);
    for (guint i = 1; i < G_N_ELEMENTS (passages); i++)
      fail_unless (anpr_passage_is_same (passages[0], passages[i]));
    fail_unless_equals_int (anpr_passage_get_n_frames (passages[0]), 3);
    for (guint i = 0; i < G_N_ELEMENTS (passages); i++) {
      anpr_passage_group_leave (group, passages[i]);
      anpr_passage_unref (passages[i]);
    }
    anpr_passage_group_free (group);
  }
}
GST_END_TEST;

static Suite *
passage_suite (void)
{
  Suite *suite = suite_create ("passage");
  TCase *tc = tcase_create ("passage");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_the_best_shot_shows_the_voted_text);
  tcase_add_test (tc, test_a_larger_plate_is_the_better_shot);
  tcase_add_test (tc, test_news_is_told_once_new_then_update_then_lost);
  tcase_add_test (tc, test_what_is_unread_or_doubtful_is_told_once_at_the_end);
  tcase_add_test (
      tc, test_detector_and_reader_decide_together_what_is_a_vehicle);
  tcase_add_test (tc, test_a_closed_passage_does_not_change);
  tcase_add_test (tc, test_a_list_entry_hits_a_passage_once);
  tcase_add_test (tc, test_the_record_has_every_field_of_its_schema);
  tcase_add_test (
      tc, test_a_clock_set_in_mid_passage_breaks_no_order_and_no_duration);
  tcase_add_test (tc, test_the_record_states_its_clock);
  tcase_add_test (tc, test_threads_may_share_a_passage);
  tcase_add_test (tc, test_passages_that_threads_find_to_be_one_are_one);
  return suite;
}

GST_CHECK_MAIN (passage);
