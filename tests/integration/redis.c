/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* hitmatch and the list store with real Redis servers: what is found, while
 * lists are loaded, changed, swapped and replicated. All plates are invented.
 */

#include "redisfixture.h"

#include <glib/gstdio.h>

#include "plugins/hitmatch/hitlistparser.h"
#include "plugins/hitmatch/redisstore.h"
#include "plugins/record/error.h"

static void
add (RedisServer *to, const gchar *list, const gchar *entry, const gchar *plate)
{
  g_autoptr (AnprRedisConnection) connection = redis_server_connect (to);
  g_autofree gchar *entry_column = g_strconcat ("entry=", entry, NULL);
  g_autofree gchar *plate_column = g_strconcat ("plate=", plate, NULL);
  g_autofree gchar *version = NULL;
  g_autoptr (GError) error = NULL;
  const gchar *columns[] = { entry_column, plate_column, "valid-until=" END,
    NULL };

  fail_unless (anpr_redis_add (connection, list, columns, &version, &error),
      "%s", error ? error->message : "");
}

static guint
withdraw (const gchar *list, const gchar *plate, const gchar *entry)
{
  g_autoptr (AnprRedisConnection) connection = redis_server_connect (server);
  g_autofree gchar *version = NULL;
  guint n;

  fail_unless (
      anpr_redis_withdraw (connection, list, plate, entry, &n, &version, NULL));
  fail_unless ((n > 0) == (version != NULL));
  return n;
}

GST_START_TEST (lists_in_redis_are_compared_without_any_file)
{
  publish ("stolen", "7", "E1,1-XQZ-001," END ",\nE2,XQ-2," END ",\n");
  publish ("wanted", "1.2", "");
  start (FALSE);
  check ("1XQZ001", TRUE, "stolen 7, wanted 1.2");
  check ("XQ3", FALSE, "stolen 7, wanted 1.2");
  check (NULL, FALSE, "stolen 7, wanted 1.2");
  fail_unless_equals_uint64 (get_stat ("from-files"), 0);
  fail_unless_equals_int (count_warnings ("ANPR-REDIS-AWAY"), 0);
}

GST_END_TEST;

GST_START_TEST (a_stream_that_is_not_live_waits_for_each_comparison)
{
  g_autoptr (AnprPassage) passage = make_passage ("XQ1");

  publish ("stolen", "7", "E1,XQ1," END ",\n");
  start_live (redis_server_get_uri (server), NULL, FALSE, FALSE);
  push (passage);
  fail_unless (anpr_passage_has_hits (passage));
}

GST_END_TEST;

GST_START_TEST (umlauts_find_one_another_as_in_files)
{
  publish ("a", "1", "E1,BÖ-XQ 1," END ",\n");
  publish ("b", "1", "E1,BO-XQ 2," END ",\nE2,BOE-XQ 3," END ",\n");
  start (FALSE);
  check ("BÖXQ1", TRUE, "a 1, b 1");
  check ("BOXQ1", TRUE, "a 1, b 1");
  check ("BOEXQ1", TRUE, "a 1, b 1");
  check ("BÖXQ2", TRUE, "a 1, b 1");
  check ("BÖXQ3", TRUE, "a 1, b 1");
  check ("BÜXQ3", FALSE, "a 1, b 1");
}

GST_END_TEST;

static void
publish_text (const gchar *text)
{
  g_autofree gchar *path = g_build_filename (folder, "text.csv", NULL);
  g_autoptr (GError) error = NULL;

  fail_unless (g_file_set_contents (path, text, -1, NULL));
  fail_unless (
      publish_file (server, path, &error), "%s", error ? error->message : "");
  g_remove (path);
}

GST_START_TEST (look_alikes_and_patterns_are_found_as_in_files)
{
  g_autoptr (AnprRedisConnection) connection = redis_server_connect (server);
  const gchar *pattern[] = { "entry=P2", "plate=1-QQ?-2*", "valid-until=" END,
    "match=pattern", "validator=V", "validated=2026-01-01T00:00:00Z", NULL };
  g_autofree gchar *version = NULL, *later = NULL;
  g_autoptr (GError) error = NULL;
  guint n;

  publish_text ("# list: alike\n# authority: Zone\n# category: stolen\n"
                "# purpose: J1\n# version: 1\n# match: look-alike, pattern\n"
                "# valid-from: 2020-01-01T00:00:00Z\n"
                "# valid-until: 2999-01-01T00:00:00Z\n"
                "entry,plate,valid-until,match,validator,validated\n"
                "L1,1-XQZ-081," END ",look-alike,,\n"
                "P1,2-QQ?-1*," END ",pattern,V,2026-01-01T00:00:00Z\n");
  start (FALSE);
  check ("1XQZ081", TRUE, "alike 1");
  confidence = 0.4;
  check ("1XQZO81", TRUE, "alike 1");
  check ("1XQZ999", FALSE, "alike 1");
  check ("2QQA123", TRUE, "alike 1");
  check ("1QQA223", FALSE, "alike 1");
  fail_unless (anpr_redis_add (connection, "alike", pattern, &version, &error),
      "%s", error ? error->message : "");
  check ("1QQA223", TRUE, "alike 1+1");
  check ("2QQA123", TRUE, "alike 1+1");
  fail_unless (anpr_redis_withdraw (
      connection, "alike", "2-QQ?-1*", NULL, &n, &later, &error));
  fail_unless_equals_int (n, 1);
  check ("2QQA123", FALSE, "alike 1+2");
  check ("1QQA223", TRUE, "alike 1+2");
  fail_unless_equals_int (withdraw ("alike", "1XQZ081", NULL), 1);
  check ("1XQZO81", FALSE, "alike 1+3");
  fail_unless_equals_uint64 (get_stat ("from-files"), 0);
}

GST_END_TEST;

GST_START_TEST (an_entry_added_or_withdrawn_counts_from_the_next_read)
{
  publish ("stolen", "7", "E1,XQ1," END ",\nE2,XQ1," END ",\n");
  start (FALSE);
  check ("BÖXQ9", FALSE, "stolen 7");
  add (server, "stolen", "L1", "BÖ-XQ-9");
  check ("BÖXQ9", TRUE, "stolen 7+1");
  check ("BOXQ9", TRUE, "stolen 7+1");
  fail_unless_equals_int (withdraw ("stolen", "boe xq 9", NULL), 0);
  fail_unless_equals_int (withdraw ("stolen", "bö-xq 9", NULL), 1);
  check ("BÖXQ9", FALSE, "stolen 7+2");
  check ("BOXQ9", FALSE, "stolen 7+2");
  fail_unless_equals_int (withdraw ("stolen", "XQ1", "E2"), 1);
  check ("XQ1", TRUE, "stolen 7+3");
  fail_unless_equals_int (withdraw ("stolen", "XQ1", "E2"), 0);
  fail_unless_equals_int (withdraw ("stolen", "XQ1", NULL), 1);
  check ("XQ1", FALSE, "stolen 7+4");
  publish ("stolen", "8", "E1,XQ1," END ",\n");
  check ("XQ1", TRUE, "stolen 8");
}

GST_END_TEST;

GST_START_TEST (an_entry_added_while_the_vehicle_is_in_view_is_found_at_its_end)
{
  g_autoptr (AnprPassage) passage = make_passage ("XQ9");

  publish ("stolen", "7", "");
  start (FALSE);
  push (passage);
  wait_for_stat ("compared", 1);
  add (server, "stolen", "L1", "XQ9");
  close_passage (passage);
  fail_unless (anpr_passage_has_hits (passage));
}

GST_END_TEST;

GST_START_TEST (a_list_that_redis_lacks_is_compared_from_its_file)
{
  g_free (write_list ("local", "3", 10, "E1,XQ3," END ",\n"));
  g_free (write_list ("newer", "9", 10, "E1,XQ9," END ",\n"));
  g_free (write_list ("older", "7", 10, "E1,XQ7," END ",\n"));
  start (TRUE);
  publish ("stolen", "7", "E1,XQ1," END ",\n");
  {
    g_autofree gchar *keep = g_strdup (folder);

    folder = g_dir_make_tmp ("anpr-redis-lists-XXXXXX", NULL);
    publish ("newer", "8", "E1,XQ8," END ",\n");
    publish ("older", "8", "E1,XQ8," END ",\n");
    g_rmdir (folder);
    g_free (folder);
    folder = g_steal_pointer (&keep);
  }
  wait_for_stat ("redis", 1);
  check ("XQ1", TRUE, "older 8, stolen 7, local 3, newer 9");
  check ("XQ3", TRUE, "older 8, stolen 7, local 3, newer 9");
  check ("XQ7", FALSE, "older 8, stolen 7, local 3, newer 9");
  check ("XQ8", TRUE, "older 8, stolen 7, local 3, newer 9");
}

GST_END_TEST;

GST_START_TEST (a_list_that_is_removed_is_not_compared_from_its_file_either)
{
  g_autoptr (AnprRedisConnection) connection = redis_server_connect (server);

  publish ("stolen", "7", "E1,XQ1," END ",\n");
  publish ("wanted", "1", "");
  g_free (write_list ("stolen", "7", 10, "E1,XQ1," END ",\n"));
  start (TRUE);
  check ("XQ1", TRUE, "stolen 7, wanted 1");
  fail_unless (anpr_redis_remove (connection, "stolen", NULL));
  check ("XQ1", FALSE, "wanted 1");
  publish ("stolen", "7", "E1,XQ1," END ",\n");
  check ("XQ1", TRUE, "stolen 7, wanted 1");
}

GST_END_TEST;

static gpointer
publish_again_and_again (gpointer stop)
{
  g_autofree gchar *entries = make_entries (0, 2000);

  for (guint i = 2; !g_atomic_int_get ((gint *) stop); i++) {
    g_autofree gchar *version = g_strdup_printf ("%u", i);

    publish ("stolen", version, entries);
  }
  return NULL;
}

GST_START_TEST (every_passage_is_compared_while_lists_are_swapped)
{
  gint stop = 0;
  guint n;
  GThread *thread;
  g_autoptr (GHashTable) ids = NULL;
  g_autoptr (GHashTable) versions =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gint64 end = g_get_monotonic_time () + 3 * G_TIME_SPAN_SECOND;
  guint n_passages = 0;

  publish ("stolen", "1", "E1,XQ0001," END ",\n");
  start (FALSE);
  thread = g_thread_new ("publish", publish_again_and_again, &stop);
  for (; g_get_monotonic_time () < end; n_passages++) {
    g_autoptr (AnprPassage) passage = pass ("XQ0001");
    gchar *compared = describe_compared (passage);

    fail_unless (g_str_has_prefix (compared, "stolen "), "%s", compared);
    fail_unless (strchr (compared, ',') == NULL);
    fail_unless (anpr_passage_has_hits (passage));
    g_hash_table_add (versions, compared);
  }
  g_atomic_int_set (&stop, 1);
  g_thread_join (thread);
  ids = take_hits (&n);
  GST_INFO (
      "%u passages, %u versions", n_passages, g_hash_table_size (versions));
  fail_unless (g_hash_table_size (versions) > 3);
  fail_unless_equals_int (g_hash_table_size (ids), n);
  fail_unless_equals_uint64 (get_stat ("from-files"), 0);
}

GST_END_TEST;

GST_START_TEST (users_with_no_more_rights_than_needed_are_enough)
{
  static const gchar *const options[] = { "--user", "default", "off", "--user",
    "publisher", "on", ">p1", "~anpr:list*", "~anpr:changes", "resetchannels",
    "-@all", "+eval", "+multi", "+exec", "+watch", "+hset", "+hget", "+hmget",
    "+hdel", "+hlen", "+hexists", "+hincrby", "+sadd", "+del", "+unlink",
    "+expire", "+persist", "+xadd", "--user", "camera", "on", ">p2",
    "~anpr:list*", "~anpr:hit*", "resetchannels", "-@all", "+eval_ro", "+eval",
    "+smembers", "+hmget", "+set", "+xadd", NULL };
  g_autoptr (RedisServer) closed = redis_server_new (options);
  g_autofree gchar *file = g_build_filename (folder, "password", NULL);
  g_autofree gchar *socket =
      g_build_filename (redis_server_get_folder (closed), "socket", NULL);
  g_autofree gchar *camera =
      g_strdup_printf ("unix://camera@%s?password-file=%s", socket, file);
  g_autofree gchar *publisher = g_strdup_printf ("unix://publisher@%s", socket);
  g_autoptr (AnprRedisAddress) address =
      anpr_redis_address_parse (publisher, NULL);
  g_autoptr (AnprRedisConnection) connection = NULL;
  g_autofree gchar *path = write_list ("stolen", "7", 10, "E1,XQ1," END ",\n");
  g_autoptr (AnprHitList) list = anpr_hit_list_load (path, 0, NULL, NULL);
  const gchar *columns[] = { "entry=E9", "plate=XQ9", "valid-until=" END,
    NULL };
  g_autofree gchar *version = NULL, *out = NULL;
  g_autoptr (GError) error = NULL;
  guint n;

  g_remove (path);
  fail_unless (anpr_redis_connection_new (address, 1000, &error) == NULL);
  fail_unless_equals_string (anpr_error_name (error), "ANPR-REDIS-AWAY");
  g_clear_error (&error);
  g_setenv ("ANPR_REDIS_PASSWORD", "p1", TRUE);
  connection = anpr_redis_connection_new (address, 1000, &error);
  fail_unless (connection != NULL, "%s", error ? error->message : "");
  fail_unless (anpr_redis_publish (connection, list, NULL, NULL, NULL, &error),
      "%s", error ? error->message : "");
  fail_unless (anpr_redis_add (connection, "stolen", columns, &version, &error),
      "%s", error ? error->message : "");
  fail_unless (
      anpr_redis_withdraw (connection, "stolen", "XQ9", NULL, &n, &out, &error),
      "%s", error ? error->message : "");
  g_unsetenv ("ANPR_REDIS_PASSWORD");
  fail_unless (g_file_set_contents (file, "p2\n", -1, NULL));
  g_chmod (file, 0600);
  start_live (camera, NULL, FALSE, TRUE);
  check ("XQ1", TRUE, "stolen 7+2");
  wait_for_stat ("delivered", 1);
}

GST_END_TEST;

static guint
find_port (void)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();

  return g_socket_listener_add_any_inet_port (listener, NULL, NULL);
}

static void
wait_for_info (RedisServer *server, const gchar *section, const gchar *line)
{
  g_autofree gchar *command = g_strconcat ("INFO ", section, NULL);

  for (;;) {
    g_autoptr (redisReply) reply = redis_server_call (server, command);

    if (strstr (reply->str, line))
      return;
    g_usleep (10000);
  }
}

static void
wait_until_linked (RedisServer *replica)
{
  wait_for_info (replica, "replication", "master_link_status:up");
}

GST_START_TEST (a_replica_follows_the_centre_through_cut_links)
{
  g_autofree gchar *port = g_strdup_printf ("%u", find_port ());
  const gchar *primary_options[] = { "--port", port, "--bind", "127.0.0.1",
    "--appendonly", "yes", "--repl-diskless-sync-delay", "0", NULL };
  const gchar *replica_options[] = { "--replicaof", "127.0.0.1", port,
    "--repl-timeout", "2", "--appendonly", "yes", NULL };
  g_autoptr (RedisServer) primary = redis_server_new (primary_options);
  g_autoptr (RedisServer) replica = redis_server_new (replica_options);

  g_free (write_list ("stolen", "6", 10, "E1,XQ1," END ",\n"));
  start_live (redis_server_get_uri (replica), redis_server_get_uri (primary),
      TRUE, TRUE);
  /* it starts empty: files */
  check ("XQ1", TRUE, "stolen 6");
  wait_until_linked (replica);
  publish_to (primary, "stolen", "7", 10, "E1,XQ2," END ",\n");
  g_free (write_list ("stolen", "6", 10, "E1,XQ1," END ",\n"));
  wait_for_stat ("redis", 1);
  check ("XQ2", TRUE, "stolen 7");
  check ("XQ1", FALSE, "stolen 7");
  /* the link is cut: the replica goes on with what it has */
  redis_server_kill (primary);
  check ("XQ2", TRUE, "stolen 7");
  fail_unless_equals_uint64 (get_stat ("redis"), 1);
  redis_server_start (primary);
  wait_until_linked (replica);
  add (primary, "stolen", "L1", "XQ9");
  while (redis_server_get_number (replica, "HEXISTS anpr:list:stolen changes")
         == 0)
    g_usleep (1000);
  check ("XQ9", TRUE, "stolen 7+1");
  /* hits go to the centre, those of the time without it later */
  wait_for_stat ("delivered", 4);
  fail_unless_equals_int64 (
      redis_server_get_number (primary, "XLEN anpr:hits"), 4);
  /* killed while the link is cut, it comes back with what it had; its disk
   * follows a whole copy of the centre a moment later */
  wait_for_info (replica, "persistence", "aof_rewrite_scheduled:0");
  wait_for_info (replica, "persistence", "aof_rewrite_in_progress:0");
  redis_server_kill (primary);
  redis_server_kill (replica);
  check ("XQ9", FALSE, "stolen 6");
  redis_server_start (replica);
  wait_for_stat ("redis", 1);
  check ("XQ9", TRUE, "stolen 7+1");
}

GST_END_TEST;

static Suite *
redis_suite (void)
{
  Suite *suite = suite_create ("redis");
  TCase *tcase = tcase_create ("server");

  suite_add_tcase (suite, tcase);
  tcase_add_checked_fixture (tcase, redis_set_up, redis_tear_down);
  tcase_add_test (tcase, lists_in_redis_are_compared_without_any_file);
  tcase_add_test (tcase, a_stream_that_is_not_live_waits_for_each_comparison);
  tcase_add_test (tcase, umlauts_find_one_another_as_in_files);
  tcase_add_test (tcase, look_alikes_and_patterns_are_found_as_in_files);
  tcase_add_test (tcase, an_entry_added_or_withdrawn_counts_from_the_next_read);
  tcase_add_test (
      tcase, an_entry_added_while_the_vehicle_is_in_view_is_found_at_its_end);
  tcase_add_test (tcase, a_list_that_redis_lacks_is_compared_from_its_file);
  tcase_add_test (
      tcase, a_list_that_is_removed_is_not_compared_from_its_file_either);
  tcase_add_test (tcase, every_passage_is_compared_while_lists_are_swapped);
  tcase_add_test (tcase, users_with_no_more_rights_than_needed_are_enough);
  tcase_add_test (tcase, a_replica_follows_the_centre_through_cut_links);
  return suite;
}

GST_CHECK_MAIN (redis);
