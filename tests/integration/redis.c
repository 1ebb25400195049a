/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* hitmatch and the list store with real Redis servers, whole, stopped, killed,
 * flushed, replicated. All plates are invented. */

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <glib/gstdio.h>
#include <signal.h>

#include "redisserver.h"
#include "plugins/hitmatch/hitlistparser.h"
#include "plugins/hitmatch/redisstore.h"
#include "plugins/meta/gstanprmeta.h"
#include "plugins/meta/gstanprpassing.h"
#include "plugins/record/error.h"
#include "plugins/record/passage.h"

#define END "2998-01-01T00:00:00Z"
#define HEADER                                                                 \
  "# list: %s\n# authority: Zone\n# category: stolen\n# purpose: J1\n"         \
  "# version: %s\n# priority: %u\n# valid-from: 2020-01-01T00:00:00Z\n"        \
  "# valid-until: 2999-01-01T00:00:00Z\nentry,plate,valid-until,covert\n"

static gchar *folder;
static RedisServer *server;
static GstHarness *harness;
static GstBus *bus;
static gdouble confidence = 0.9; /* of reads */
static GQueue messages;          /* taken from the bus and not looked at yet */

static void
set_up (void)
{
  static const gchar *const durable[] = { "--appendonly", "yes",
    "--appendfsync", "always", NULL };

  folder = g_dir_make_tmp ("anpr-redis-lists-XXXXXX", NULL);
  bus = gst_bus_new ();
  server = redis_server_new (durable);
}

static void
tear_down (void)
{
  g_autofree gchar *command = g_strdup_printf ("rm -r '%s'", folder);

  if (harness)
    gst_element_set_bus (harness->element, NULL);
  g_clear_pointer (&harness, gst_harness_teardown);
  g_queue_clear_full (&messages, (GDestroyNotify) gst_message_unref);
  gst_clear_object (&bus);
  g_clear_pointer (&server, redis_server_free);
  fail_unless (system (command) == 0);
  g_clear_pointer (&folder, g_free);
}

/* --- lists -------------------------------------------------------------- */

static gchar *
write_list (
    const gchar *id, const gchar *version, guint priority, const gchar *entries)
{
  g_autofree gchar *name = g_strconcat (id, ".csv", NULL);
  g_autofree gchar *header = g_strdup_printf (HEADER, id, version, priority);
  g_autofree gchar *text = g_strconcat (header, entries, NULL);
  gchar *path = g_build_filename (folder, name, NULL);

  fail_unless (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static gboolean
publish_file (RedisServer *to, const gchar *path, GError **error)
{
  g_autoptr (AnprRedisConnection) connection = redis_server_connect (to);
  g_autoptr (AnprHitList) list = anpr_hit_list_load (path, 0, NULL, NULL);

  fail_unless (list != NULL);
  return anpr_redis_publish (connection, list, NULL, NULL, NULL, error);
}

static void
publish_to (RedisServer *to, const gchar *id, const gchar *version,
    guint priority, const gchar *entries)
{
  g_autofree gchar *path = write_list (id, version, priority, entries);
  g_autoptr (GError) error = NULL;

  fail_unless (
      publish_file (to, path, &error), "%s", error ? error->message : "");
  g_remove (path);
}

static void
publish (const gchar *id, const gchar *version, const gchar *entries)
{
  publish_to (server, id, version, 10, entries);
}

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

/* --- the element -------------------------------------------------------- */

static void
start_live (
    const gchar *redis, const gchar *hits, gboolean files, gboolean live)
{
  GstElement *element = gst_element_factory_make ("hitmatch", NULL);

  fail_unless (element != NULL);
  /* the default deadline is for machines that are not shared with others */
  g_object_set (element, "lists", files ? folder : NULL, "redis", redis,
      "hits-redis", hits, "position", "gate 1", "repeat", 0, "deadline", 200,
      NULL);
  gst_element_set_bus (element, bus);
  harness = gst_harness_new_with_element (element, "sink", "src");
  gst_harness_set_live (harness, live);
  gst_harness_set_src_caps_str (harness, "application/x-anything");
  gst_object_unref (element);
}

static void
start (gboolean files)
{
  start_live (redis_server_get_uri (server), NULL, files, TRUE);
}

static AnprPassage *
make_passage (const gchar *text)
{
  AnprMoment moment = ANPR_MOMENT_INIT;
  g_autoptr (AnprRead) read = anpr_read_new (
      text ? ANPR_READ_TEXT : ANPR_READ_NOT_READ, text, confidence, "test");
  AnprBox box = { 1, 2, 30, 10 };
  AnprPassage *passage;

  moment.utc = g_get_real_time ();
  passage = anpr_passage_new (&moment);
  (void) anpr_passage_add_read (passage, read, &moment, &box);
  return passage;
}

static void
push (AnprPassage *passage)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 16, NULL);
  GstAnprMeta *meta = gst_buffer_add_anpr_meta (buffer, 64, 64);
  AnprBox box = { 1, 2, 30, 10 };
  AnprPlate *plate = anpr_plate_new (&box, 0.9);

  plate->passage = anpr_passage_ref (passage);
  fail_unless (gst_anpr_meta_add_plate (meta, buffer, plate));
  gst_buffer_unref (gst_harness_push_and_pull (harness, buffer));
}

static void
close_passage (AnprPassage *passage)
{
  fail_unless (
      gst_harness_push_event (harness, gst_anpr_event_new_closing (passage)));
}

/* One passage from its first frame to its end */
static AnprPassage *
pass (const gchar *text)
{
  AnprPassage *passage = make_passage (text);

  push (passage);
  close_passage (passage);
  return passage;
}

static gchar *
describe_compared (AnprPassage *passage)
{
  g_autoptr (JsonObject) record = anpr_passage_to_json (passage, NULL);
  GString *text = g_string_new (NULL);
  JsonArray *lists;

  if (!json_object_has_member (record, "compared")
      || json_object_get_null_member (record, "compared"))
    return g_string_free (text, FALSE);
  lists = json_object_get_array_member (record, "compared");
  for (guint i = 0; i < json_array_get_length (lists); i++) {
    JsonObject *list = json_array_get_object_element (lists, i);

    g_string_append_printf (text, "%s%s %s", i ? ", " : "",
        json_object_get_string_member (list, "list"),
        json_object_get_string_member (list, "version"));
  }
  return g_string_free (text, FALSE);
}

static void
check (const gchar *text, gboolean hit, const gchar *compared)
{
  g_autoptr (AnprPassage) passage = pass (text);
  g_autofree gchar *found = describe_compared (passage);

  fail_unless_equals_string (found, compared);
  fail_unless (anpr_passage_has_hits (passage) == hit, "%s", text);
}

static guint64
get_stat (const gchar *name)
{
  g_autoptr (GstStructure) stats = NULL;
  const GValue *value;

  g_object_get (harness->element, "stats", &stats, NULL);
  value = gst_structure_get_value (stats, name);
  fail_unless (value != NULL, "%s", name);
  if (G_VALUE_HOLDS_BOOLEAN (value))
    return g_value_get_boolean (value) ? 1 : 0;
  return G_VALUE_HOLDS_UINT (value) ? g_value_get_uint (value)
                                    : g_value_get_uint64 (value);
}

/* A test that waits in vain is ended by its time limit */
static void
wait_for_stat (const gchar *name, guint64 value)
{
  while (get_stat (name) != value)
    g_usleep (2000);
}

static void
take_messages (void)
{
  GstMessage *message;

  while ((message = gst_bus_pop (bus)))
    g_queue_push_tail (&messages, message);
}

static gboolean
is_warning (GstMessage *message, const gchar *code)
{
  const GstStructure *details;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_WARNING)
    return FALSE;
  gst_message_parse_warning_details (message, &details);
  return g_str_equal (gst_structure_get_string (details, "code"), code);
}

/* Those since the last time */
static guint
count_warnings (const gchar *code)
{
  guint n = 0;

  take_messages ();
  for (GList *link = messages.head, *next; link; link = next) {
    next = link->next;
    if (!is_warning (link->data, code))
      continue;
    gst_message_unref (link->data);
    g_queue_delete_link (&messages, link);
    n++;
  }
  return n;
}

static void
wait_for_warnings (const gchar *code, guint n)
{
  guint found = 0;

  while ((found += count_warnings (code)) < n)
    g_usleep (2000);
  fail_unless_equals_int (found, n);
}

/* Ids of the hits on the bus, each once */
static GHashTable *
take_hits (guint *n)
{
  GHashTable *ids =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  *n = 0;
  take_messages ();
  for (GList *link = messages.head; link; link = link->next) {
    const GstStructure *structure = gst_message_get_structure (link->data);

    if (!gst_message_has_name (link->data, "anpr-hit"))
      continue;
    (*n)++;
    g_hash_table_add (
        ids, g_strdup (gst_structure_get_string (structure, "id")));
  }
  return ids;
}

/* --- lookups ------------------------------------------------------------ */

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

/* --- what is refused, and what is damaged ------------------------------- */

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

static gchar *
make_entries (guint from, guint n)
{
  GString *text = g_string_new (NULL);

  for (guint i = from; i < from + n; i++)
    g_string_append_printf (text, "E%u,XQ%04u," END ",\n", i, i);
  return g_string_free (text, FALSE);
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

/* --- swap --------------------------------------------------------------- */

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

/* --- faults ------------------------------------------------------------- */

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

/* --- overload ----------------------------------------------------------- */

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

/* --- delivery ----------------------------------------------------------- */

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

/* --- users -------------------------------------------------------------- */

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

/* --- replicas ----------------------------------------------------------- */

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
  tcase_add_checked_fixture (tcase, set_up, tear_down);
  tcase_add_test (tcase, lists_in_redis_are_compared_without_any_file);
  tcase_add_test (tcase, a_stream_that_is_not_live_waits_for_each_comparison);
  tcase_add_test (tcase, look_alikes_and_patterns_are_found_as_in_files);
  tcase_add_test (tcase, umlauts_find_one_another_as_in_files);
  tcase_add_test (tcase, an_entry_added_or_withdrawn_counts_from_the_next_read);
  tcase_add_test (
      tcase, an_entry_added_while_the_vehicle_is_in_view_is_found_at_its_end);
  tcase_add_test (tcase, a_list_that_redis_lacks_is_compared_from_its_file);
  tcase_add_test (
      tcase, a_list_that_is_removed_is_not_compared_from_its_file_either);
  tcase_add_test (tcase, only_a_higher_version_takes_the_place_of_another);
  tcase_add_test (tcase, what_cannot_be_added_is_refused_with_a_reason);
  tcase_add_test (
      tcase, an_interrupted_load_leaves_the_old_list_and_nothing_else);
  tcase_add_test (tcase, a_damaged_list_is_told_and_compared_from_its_file);
  tcase_add_test (tcase, a_huge_answer_is_no_answer);
  tcase_add_test (tcase, every_passage_is_compared_while_lists_are_swapped);
  tcase_add_test (
      tcase, without_redis_the_files_are_used_and_that_is_told_once);
  tcase_add_test (
      tcase, a_list_in_redis_that_is_old_is_told_and_its_hits_are_stale);
  tcase_add_test (tcase, a_malformed_address_is_an_error_of_the_element);
  tcase_add_test (tcase, nothing_is_lost_or_doubled_whatever_redis_does);
  tcase_add_test (tcase, overload_sheds_traffic_lists_and_never_wanted_ones);
  tcase_add_test (tcase, what_finds_no_room_is_compared_with_files);
  tcase_add_test (
      tcase, hits_wait_for_a_server_that_is_away_and_are_marked_late);
  tcase_add_test (
      tcase, what_waits_at_the_end_of_the_stream_is_compared_and_delivered);
  tcase_add_test (tcase, flushes_and_state_changes_lose_nothing);
  tcase_add_test (tcase, a_plate_that_comes_back_is_counted_and_not_told_anew);
  tcase_add_test (tcase, users_with_no_more_rights_than_needed_are_enough);
  tcase_add_test (tcase, a_replica_follows_the_centre_through_cut_links);
  return suite;
}

GST_CHECK_MAIN (redis);
