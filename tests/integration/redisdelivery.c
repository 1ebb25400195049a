/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Hits on their way to the stream of a real Redis server, which is stopped,
 * killed and flushed meanwhile: each is there once. All plates are invented. */

#include "redisfixture.h"

#include <signal.h>

typedef struct {
  GPtrArray *passages;
  guint expected;
} Drive;

/* One read of fifty in a second; every second one is on the list */
static void
drive_one (Drive *drive, guint i)
{
  g_autofree gchar *text = g_strdup_printf ("XQ%04u", i);
  g_autofree gchar *compared = NULL;
  gint64 start = g_get_monotonic_time (), time;
  AnprPassage *passage = pass (text);

  g_ptr_array_add (drive->passages, passage);
  compared = describe_compared (passage);
  fail_unless (g_str_has_prefix (compared, "stolen "), "%u: %s", i, compared);
  fail_unless (anpr_passage_has_hits (passage) == (i % 2 == 0), "%u", i);
  drive->expected += i % 2 == 0;
  time = g_get_monotonic_time () - start;
  fail_unless (time < G_USEC_PER_SEC, "%u: %d ms", i, (int) (time / 1000));
  if (time < 20000)
    g_usleep ((gulong) (20000 - time));
}

static gchar *
make_every_second_entry (guint n)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n; i += 2)
    g_string_append_printf (text, "E%u,XQ%04u," END ",\n", i, i);
  return g_string_free (text, FALSE);
}

/* Both servers, that of the lists and that of hits, go through all of it; hits
 * are lost with a server that is flushed, so that one is not */
static void
disturb (RedisServer *hits, guint i, const gchar *list)
{
  switch (i) {
    case 50:
      redis_server_signal (server, SIGSTOP);
      redis_server_signal (hits, SIGSTOP);
      break;
    case 100:
      redis_server_signal (server, SIGCONT);
      redis_server_signal (hits, SIGCONT);
      break;
    case 150:
      redis_server_kill (server);
      redis_server_kill (hits);
      break;
    case 200:
      redis_server_start (server);
      redis_server_start (hits);
      break;
    case 250:
      redis_server_do (server, "FLUSHALL");
      break;
    case 300:
      fail_unless (publish_file (server, list, NULL));
      break;
    case 350:
      redis_server_kill (server);
      redis_server_start (server);
      break;
  }
}

static void
check_stream (RedisServer *hits, GHashTable *ids)
{
  g_autoptr (redisReply) reply =
      redis_server_call (hits, "XRANGE anpr:hits - +");

  fail_unless_equals_int (reply->elements, g_hash_table_size (ids));
  for (gsize i = 0; i < reply->elements; i++) {
    const redisReply *fields = reply->element[i]->element[1];

    fail_unless_equals_string (fields->element[2]->str, "id");
    fail_unless (g_hash_table_remove (ids, fields->element[3]->str));
  }
}

GST_START_TEST (nothing_is_lost_or_doubled_whatever_redis_does)
{
  static const gchar *const durable[] = { "--appendonly", "yes",
    "--appendfsync", "always", NULL };
  g_autoptr (RedisServer) hits = redis_server_new (durable);
  g_autofree gchar *entries = make_every_second_entry (450);
  g_autofree gchar *list = write_list ("stolen", "7", 10, entries);
  g_autoptr (GPtrArray) passages =
      g_ptr_array_new_with_free_func ((GDestroyNotify) anpr_passage_unref);
  g_autoptr (GHashTable) ids = NULL;
  Drive drive = { passages, 0 };
  guint n;

  fail_unless (publish_file (server, list, NULL));
  start_live (
      redis_server_get_uri (server), redis_server_get_uri (hits), TRUE, TRUE);
  for (guint i = 0; i < 450; i++) {
    disturb (hits, i, list);
    drive_one (&drive, i);
  }
  wait_for_stat ("waiting", 0);
  fail_unless_equals_uint64 (get_stat ("passages"), 450);
  fail_unless (get_stat ("losses") >= 3);
  fail_unless (get_stat ("from-redis") > 200);
  fail_unless (get_stat ("from-files") > 100);
  ids = take_hits (&n);
  fail_unless_equals_int (n, drive.expected);
  fail_unless_equals_int (g_hash_table_size (ids), drive.expected);
  fail_unless_equals_uint64 (get_stat ("delivered"), drive.expected);
  check_stream (hits, ids);
}

GST_END_TEST;

GST_START_TEST (hits_wait_for_a_server_that_is_away_and_are_marked_late)
{
  g_autoptr (RedisServer) hits = redis_server_new (NULL);
  g_autoptr (AnprPassage) first = NULL, second = NULL;
  g_autoptr (redisReply) reply = NULL;

  publish ("stolen", "7", "E1,XQ1," END ",yes\nE2,XQ2," END ",\n");
  start_live (
      redis_server_get_uri (server), redis_server_get_uri (hits), FALSE, TRUE);
  redis_server_kill (hits);
  first = pass ("XQ1");
  fail_unless (anpr_passage_has_hits (first));
  g_usleep (2100000);
  fail_unless_equals_uint64 (get_stat ("waiting"), 1);
  redis_server_start (hits);
  wait_for_stat ("delivered", 1);
  second = pass ("XQ2");
  wait_for_stat ("delivered", 2);
  fail_unless_equals_uint64 (get_stat ("delivered-late"), 1);
  reply = redis_server_call (hits, "XRANGE anpr:hits - +");
  fail_unless_equals_int (reply->elements, 2);
  for (guint i = 0; i < 2; i++) {
    const redisReply *fields = reply->element[i]->element[1];

    fail_unless_equals_int (fields->elements, 30);
    fail_unless_equals_string (fields->element[1]->str, "hit");
    fail_unless_equals_string (fields->element[11]->str, "gate 1");
    fail_unless_equals_string (fields->element[18]->str, "covert");
    fail_unless_equals_string (fields->element[19]->str, i == 0 ? "1" : "0");
    fail_unless_equals_string (fields->element[20]->str, "stale");
    fail_unless_equals_string (fields->element[21]->str, "1");
    fail_unless_equals_string (fields->element[22]->str, "direction");
    fail_unless_equals_string (fields->element[23]->str, "unknown");
    fail_unless_equals_string (fields->element[24]->str, "late");
    fail_unless_equals_string (fields->element[25]->str, i == 0 ? "1" : "0");
    fail_unless (strstr (fields->element[29]->str,
                     i == 0 ? "\"late\":true" : "\"late\":false")
                 != NULL);
  }
}

GST_END_TEST;

GST_START_TEST (what_waits_at_the_end_of_the_stream_is_compared_and_delivered)
{
  AnprPassage *passages[20];

  publish ("stolen", "7", "E1,XQ1," END ",\n");
  start (FALSE);
  for (guint i = 0; i < 20; i++) {
    passages[i] = make_passage ("XQ1");
    push (passages[i]);
  }
  fail_unless (gst_harness_push_event (harness, gst_event_new_eos ()));
  for (guint i = 0; i < 20; i++) {
    fail_unless (anpr_passage_has_hits (passages[i]));
    anpr_passage_unref (passages[i]);
  }
  gst_element_set_state (harness->element, GST_STATE_NULL);
  fail_unless_equals_int64 (
      redis_server_get_number (server, "XLEN anpr:hits"), 20);
}

GST_END_TEST;

GST_START_TEST (flushes_and_state_changes_lose_nothing)
{
  publish ("stolen", "7", "E1,XQ1," END ",\n");
  start (FALSE);
  for (guint i = 0; i < 3; i++) {
    g_autoptr (AnprPassage) passage = make_passage ("XQ1");
    g_autoptr (AnprPassage) other = NULL;

    push (passage);
    fail_unless (
        gst_harness_push_event (harness, gst_event_new_flush_start ()));
    fail_unless (
        gst_harness_push_event (harness, gst_event_new_flush_stop (TRUE)));
    gst_element_set_state (harness->element, GST_STATE_NULL);
    fail_unless (
        anpr_passage_has_hits (passage) || get_stat ("from-files") > 0);
    gst_element_set_state (harness->element, GST_STATE_PLAYING);
    gst_harness_set_src_caps_str (harness, "application/x-anything");
    other = pass ("XQ1");
    fail_unless (anpr_passage_has_hits (other));
  }
}

GST_END_TEST;

GST_START_TEST (a_plate_that_comes_back_is_counted_and_not_told_anew)
{
  guint n;
  g_autoptr (GHashTable) ids = NULL;
  g_autoptr (redisReply) reply = NULL;

  publish ("stolen", "7", "E1,XQ1," END ",\n");
  start (FALSE);
  g_object_set (harness->element, "repeat", 60, NULL);
  for (guint i = 0; i < 3; i++)
    check ("XQ1", TRUE, "stolen 7");
  ids = take_hits (&n);
  fail_unless_equals_int (n, 1);
  fail_unless_equals_uint64 (get_stat ("repeats"), 2);
  wait_for_stat ("delivered", 3);
  reply = redis_server_call (server, "XREVRANGE anpr:hits + - COUNT 1");
  {
    const redisReply *fields = reply->element[0]->element[1];

    fail_unless_equals_string (fields->element[1]->str, "repeat");
    fail_unless (g_hash_table_contains (ids, fields->element[5]->str));
    fail_unless_equals_string (fields->element[7]->str, "3");
  }
}

GST_END_TEST;

static Suite *
redisdelivery_suite (void)
{
  Suite *suite = suite_create ("redisdelivery");
  TCase *tcase = tcase_create ("server");

  suite_add_tcase (suite, tcase);
  tcase_add_checked_fixture (tcase, redis_set_up, redis_tear_down);
  tcase_add_test (tcase, nothing_is_lost_or_doubled_whatever_redis_does);
  tcase_add_test (
      tcase, hits_wait_for_a_server_that_is_away_and_are_marked_late);
  tcase_add_test (
      tcase, what_waits_at_the_end_of_the_stream_is_compared_and_delivered);
  tcase_add_test (tcase, flushes_and_state_changes_lose_nothing);
  tcase_add_test (tcase, a_plate_that_comes_back_is_counted_and_not_told_anew);
  return suite;
}

GST_CHECK_MAIN (redisdelivery);
