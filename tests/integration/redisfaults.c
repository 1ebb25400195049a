/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* hitmatch and the list store when Redis, its lists or what is loaded into it
 * are at fault, and in overload. All plates are invented. */

#include "redisfixture.h"

#include <glib/gstdio.h>
#include <signal.h>

#include "plugins/hitmatch/hitlistparser.h"
#include "plugins/hitmatch/redisstore.h"
#include "plugins/record/error.h"

static void
wait_for_warnings (const gchar *code, guint n)
{
  guint found = 0;

  while ((found += count_warnings (code)) < n)
    g_usleep (2000);
  fail_unless_equals_int (found, n);
}

GST_START_TEST (only_a_higher_version_takes_the_place_of_another)
{
  static const gchar *const versions[] = { "7", "6", "6.9", "2" };

  publish ("stolen", "7", "E1,XQ1," END ",\n");
  for (guint i = 0; i < G_N_ELEMENTS (versions); i++) {
    g_autofree gchar *path =
        write_list ("stolen", versions[i], 10, "E1,XQ2," END ",\n");
    g_autoptr (GError) error = NULL;

    fail_unless (!publish_file (server, path, &error));
    fail_unless_equals_string (anpr_error_name (error), "ANPR-REDIS-REFUSED");
  }
  fail_unless_equals_int64 (redis_server_get_number (server, "DBSIZE"), 4);
  start (FALSE);
  check ("XQ1", TRUE, "stolen 7");
}

GST_END_TEST;

GST_START_TEST (what_cannot_be_added_is_refused_with_a_reason)
{
  g_autoptr (AnprRedisConnection) connection = redis_server_connect (server);
  const gchar *bad[] = { "entry=E1", "plate=XQ1", NULL };
  const gchar *good[] = { "entry=E1", "plate=XQ1", "valid-until=" END, NULL };
  g_autofree gchar *version = NULL;
  g_autoptr (GError) error = NULL;
  guint n;

  fail_unless (!anpr_redis_add (connection, "none", good, &version, &error));
  g_clear_error (&error);
  fail_unless (!anpr_redis_add (connection, "a:b", good, &version, &error));
  g_clear_error (&error);
  publish ("stolen", "7", "");
  fail_unless (!anpr_redis_add (connection, "stolen", bad, &version, &error));
  g_clear_error (&error);
  fail_unless (!anpr_redis_withdraw (
      connection, "stolen", "--", NULL, &n, &version, &error));
}

GST_END_TEST;

static void
cancel (guint64 done, guint64 total, gpointer cancellable)
{
  if (done > total / 2)
    g_cancellable_cancel (cancellable);
}

GST_START_TEST (an_interrupted_load_leaves_the_old_list_and_nothing_else)
{
  g_autofree gchar *entries = make_entries (0, 5000);
  g_autofree gchar *path = NULL;
  g_autoptr (AnprHitList) list = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (AnprRedisConnection) connection = redis_server_connect (server);

  publish ("stolen", "7", "E1,XQ1," END ",\n");
  path = write_list ("stolen", "8", 10, entries);
  list = anpr_hit_list_load (path, 0, NULL, NULL);
  fail_unless (!anpr_redis_publish (
      connection, list, cancellable, cancel, cancellable, NULL));
  fail_unless_equals_int64 (redis_server_get_number (server, "DBSIZE"), 4);
  g_remove (path);
  start (FALSE);
  check ("XQ1", TRUE, "stolen 7");
}

GST_END_TEST;

static gchar *
get_generation (const gchar *list)
{
  g_autofree gchar *command =
      g_strdup_printf ("HGET anpr:list:%s generation", list);
  g_autoptr (redisReply) reply = redis_server_call (server, command);

  return g_strdup_printf ("anpr:list:%s:%s", list, reply->str);
}

static void
damage (const gchar *format)
{
  g_autofree gchar *generation = get_generation ("stolen");
  gchar **parts = g_strsplit (format, "GEN", -1);
  g_autofree gchar *command = g_strjoinv (generation, parts);

  g_strfreev (parts);
  redis_server_do (server, command);
}

GST_START_TEST (a_damaged_list_is_told_and_compared_from_its_file)
{
  static const gchar *const damages[] = { "DEL GEN", "SET GEN x",
    "HDEL GEN '#'", "HSET GEN XQ1 nonsense", "HSET GEN XQ1 '[[[[[[[['",
    "HSET GEN XQ1 '[{\"entry\":1}]'", "SET anpr:list:stolen x",
    "HSET anpr:list:stolen version x", "HDEL anpr:list:stolen authority",
    "HSET anpr:list:stolen purpose J9", "DEL anpr:list:stolen",
    "HSET anpr:list:stolen valid-until never" };

  publish ("wanted", "1", "");
  g_free (write_list ("stolen", "7", 10, "E1,XQ1," END ",\n"));
  for (guint i = 0; i < G_N_ELEMENTS (damages); i++) {
    g_autofree gchar *file = g_build_filename (folder, "stolen.csv", NULL);

    redis_server_do (server, "DEL anpr:list:stolen");
    fail_unless (publish_file (server, file, NULL));
    damage (damages[i]);
    if (!harness)
      start (TRUE);
    check ("XQ1", TRUE, "wanted 1, stolen 7");
    fail_unless_equals_int (count_warnings ("ANPR-REDIS-DATA"), 1);
    redis_server_do (server, "DEL anpr:list:stolen");
    fail_unless (publish_file (server, file, NULL));
    check ("XQ1", TRUE, "stolen 7, wanted 1");
  }
  fail_unless_equals_uint64 (get_stat ("from-files"), 0);
}

GST_END_TEST;

GST_START_TEST (a_huge_answer_is_no_answer)
{
  g_autofree gchar *huge = g_strnfill (3 << 20, 'x');

  publish ("stolen", "7", "E1,XQ1," END ",\n");
  publish ("wanted", "7", "E1,XQ1," END ",\n");
  publish ("other", "7", "E1,XQ1," END ",\n");
  g_free (write_list ("stolen", "7", 10, "E1,XQ1," END ",\n"));
  for (guint i = 0; i < 3; i++) {
    g_autofree gchar *key =
        get_generation (((const gchar *[]){ "stolen", "wanted", "other" })[i]);
    g_autofree gchar *command = g_strdup_printf ("HSET %s XQ1 %s", key, huge);

    redis_server_do (server, command);
  }
  start (TRUE);
  check ("XQ1", TRUE, "stolen 7");
  fail_unless_equals_int (count_warnings ("ANPR-REDIS-AWAY"), 1);
}

GST_END_TEST;

GST_START_TEST (without_redis_the_files_are_used_and_that_is_told_once)
{
  g_free (write_list ("stolen", "7", 10, "E1,XQ1," END ",\n"));
  redis_server_kill (server);
  start (TRUE);
  for (guint i = 0; i < 20; i++) {
    check ("XQ1", TRUE, "stolen 7");
    g_usleep (10000);
  }
  /* one for lists, one for hits */
  fail_unless_equals_int (count_warnings ("ANPR-REDIS-AWAY"), 2);
  redis_server_start (server);
  g_usleep (100000);
  check ("XQ1", TRUE, "stolen 7");
  fail_unless_equals_uint64 (get_stat ("redis"), 0);
  publish ("other", "1", "E1,XQ2," END ",\n");
  g_free (write_list ("stolen", "7", 10, "E1,XQ1," END ",\n"));
  wait_for_stat ("redis", 1);
  check ("XQ2", TRUE, "other 1, stolen 7");
  wait_for_warnings ("ANPR-REDIS-BACK", 2);
  fail_unless_equals_int (count_warnings ("ANPR-REDIS-AWAY"), 0);
}

GST_END_TEST;

/* The header's validity began long ago, and it names no time of issue */
GST_START_TEST (a_list_in_redis_that_is_old_is_told_and_its_hits_are_stale)
{
  g_autoptr (AnprPassage) passage = NULL;
  g_autoptr (JsonObject) record = NULL;
  JsonArray *hits;

  publish ("a", "1", "E1,1XQZ001," END ",no\n");
  start (FALSE);
  passage = pass ("1XQZ001");
  wait_for_warnings ("ANPR-LIST-STALE", 1);
  record = anpr_passage_to_json (passage, NULL);
  hits = json_object_get_array_member (record, "hits");
  fail_unless_equals_int (json_array_get_length (hits), 1);
  fail_unless (json_object_get_boolean_member (
      json_array_get_object_element (hits, 0), "stale"));
}

GST_END_TEST;

GST_START_TEST (a_malformed_address_is_an_error_of_the_element)
{
  GstElement *element = gst_element_factory_make ("hitmatch", NULL);
  g_autoptr (GstMessage) message = NULL;

  g_object_set (element, "redis", "host:6379", NULL);
  gst_element_set_bus (element, bus);
  fail_unless_equals_int (gst_element_set_state (element, GST_STATE_PAUSED),
      GST_STATE_CHANGE_FAILURE);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_element_set_state (element, GST_STATE_NULL);
  gst_element_set_bus (element, NULL);
  gst_object_unref (element);
}

GST_END_TEST;

GST_START_TEST (overload_sheds_traffic_lists_and_never_wanted_ones)
{
  enum { N = 200 };
  AnprPassage *passages[N];
  guint n;
  g_autoptr (GHashTable) ids = NULL;

  publish_to (server, "traffic", "1", 80, "E1,XQ1," END ",\n");
  publish_to (server, "wanted", "1", 5, "E1,XQ1," END ",\n");
  start (FALSE);
  /* the server answers late, but within the deadline: all of these wait */
  redis_server_signal (server, SIGSTOP);
  for (guint i = 0; i < N; i++) {
    passages[i] = make_passage ("XQ1");
    push (passages[i]);
  }
  redis_server_signal (server, SIGCONT);
  wait_for_stat ("compared", N);
  fail_unless_equals_uint64 (get_stat ("from-redis"), N);
  fail_unless (get_stat ("shed") > 0);
  fail_unless_equals_int (count_warnings ("ANPR-HITS-SHED"), 1);
  ids = take_hits (&n);
  fail_unless_equals_uint64 (n, 2 * N - get_stat ("shed"));
  for (guint i = 0; i < N; i++) {
    fail_unless (anpr_passage_has_hits (passages[i]));
    anpr_passage_unref (passages[i]);
  }
}

GST_END_TEST;

GST_START_TEST (what_finds_no_room_is_compared_with_files)
{
  enum { N = 400 };
  AnprPassage *passages[N];

  g_free (write_list ("stolen", "7", 10, "E1,XQ1," END ",\n"));
  start (TRUE);
  publish ("other", "1", "");
  g_free (write_list ("stolen", "7", 10, "E1,XQ1," END ",\n"));
  wait_for_stat ("redis", 1);
  redis_server_signal (server, SIGSTOP);
  for (guint i = 0; i < N; i++) {
    passages[i] = make_passage ("XQ1");
    push (passages[i]);
  }
  redis_server_signal (server, SIGCONT);
  wait_for_stat ("compared", N);
  fail_unless (get_stat ("crowded") > 0);
  for (guint i = 0; i < N; i++) {
    fail_unless (anpr_passage_has_hits (passages[i]));
    anpr_passage_unref (passages[i]);
  }
}

GST_END_TEST;

static Suite *
redisfaults_suite (void)
{
  Suite *suite = suite_create ("redisfaults");
  TCase *tcase = tcase_create ("server");

  suite_add_tcase (suite, tcase);
  tcase_add_checked_fixture (tcase, redis_set_up, redis_tear_down);
  tcase_add_test (tcase, only_a_higher_version_takes_the_place_of_another);
  tcase_add_test (tcase, what_cannot_be_added_is_refused_with_a_reason);
  tcase_add_test (
      tcase, an_interrupted_load_leaves_the_old_list_and_nothing_else);
  tcase_add_test (tcase, a_damaged_list_is_told_and_compared_from_its_file);
  tcase_add_test (tcase, a_huge_answer_is_no_answer);
  tcase_add_test (
      tcase, without_redis_the_files_are_used_and_that_is_told_once);
  tcase_add_test (
      tcase, a_list_in_redis_that_is_old_is_told_and_its_hits_are_stale);
  tcase_add_test (tcase, a_malformed_address_is_an_error_of_the_element);
  tcase_add_test (tcase, overload_sheds_traffic_lists_and_never_wanted_ones);
  tcase_add_test (tcase, what_finds_no_room_is_compared_with_files);
  return suite;
}

GST_CHECK_MAIN (redisfaults);
