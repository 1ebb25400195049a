/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "redisfixture.h"

#include <glib/gstdio.h>

#include "plugins/hitmatch/hitlistparser.h"
#include "plugins/hitmatch/redisstore.h"
#include "plugins/meta/gstanprmeta.h"
#include "plugins/meta/gstanprpassing.h"

#define HEADER                                                                 \
  "# list: %s\n# authority: Zone\n# category: stolen\n# purpose: J1\n"         \
  "# version: %s\n# priority: %u\n# valid-from: 2020-01-01T00:00:00Z\n"        \
  "# valid-until: 2999-01-01T00:00:00Z\nentry,plate,valid-until,covert\n"

gchar *folder;

RedisServer *server;

GstHarness *harness;

GstBus *bus;

gdouble confidence = 0.9; /* of reads */

static GQueue messages; /* taken from the bus and not looked at yet */

void
redis_set_up (void)
{
  static const gchar *const durable[] = { "--appendonly", "yes",
    "--appendfsync", "always", NULL };

  folder = g_dir_make_tmp ("anpr-redis-lists-XXXXXX", NULL);
  bus = gst_bus_new ();
  server = redis_server_new (durable);
}

void
redis_tear_down (void)
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

gchar *
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

gboolean
publish_file (RedisServer *to, const gchar *path, GError **error)
{
  g_autoptr (AnprRedisConnection) connection = redis_server_connect (to);
  g_autoptr (AnprHitList) list = anpr_hit_list_load (path, 0, NULL, NULL);

  fail_unless (list != NULL);
  return anpr_redis_publish (connection, list, NULL, NULL, NULL, error);
}

void
publish_to (RedisServer *to, const gchar *id, const gchar *version,
    guint priority, const gchar *entries)
{
  g_autofree gchar *path = write_list (id, version, priority, entries);
  g_autoptr (GError) error = NULL;

  fail_unless (
      publish_file (to, path, &error), "%s", error ? error->message : "");
  g_remove (path);
}

void
publish (const gchar *id, const gchar *version, const gchar *entries)
{
  publish_to (server, id, version, 10, entries);
}

void
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

void
start (gboolean files)
{
  start_live (redis_server_get_uri (server), NULL, files, TRUE);
}

AnprPassage *
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

void
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

void
close_passage (AnprPassage *passage)
{
  fail_unless (
      gst_harness_push_event (harness, gst_anpr_event_new_closing (passage)));
}

AnprPassage *
pass (const gchar *text)
{
  AnprPassage *passage = make_passage (text);

  push (passage);
  close_passage (passage);
  return passage;
}

gchar *
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

void
check (const gchar *text, gboolean hit, const gchar *compared)
{
  g_autoptr (AnprPassage) passage = pass (text);
  g_autofree gchar *found = describe_compared (passage);

  fail_unless_equals_string (found, compared);
  fail_unless (anpr_passage_has_hits (passage) == hit, "%s", text);
}

guint64
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

void
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

guint
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

GHashTable *
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

gchar *
make_entries (guint from, guint n)
{
  GString *text = g_string_new (NULL);

  for (guint i = from; i < from + n; i++)
    g_string_append_printf (text, "E%u,XQ%04u," END ",\n", i, i);
  return g_string_free (text, FALSE);
}
