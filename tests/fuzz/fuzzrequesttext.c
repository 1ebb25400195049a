/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What requests to the page hold, of any bytes. The first byte says what the rest
 * is: a path, a query, a header, or the JSON of a change of settings, which then
 * changes a position's file or is refused, and cannot break the file. Records are
 * shown to each kind of viewer; who is not cleared sees no covert hit. */

#include "fuzz.h"
#include "appliance/web/passageview.h"
#include "appliance/web/positionedit.h"
#include "appliance/web/requesttext.h"
#include "plugins/record/jsonmember.h"

#include <string.h>

static const gchar file[] = "# top\n[position]\n# the name\nname=Gate\n"
                            "place=Road 1\nlatitude=51\nlongitude=3\n\n"
                            "[source]\nuri=rtsp://a/b\n";

static void
check_path (const gchar *text)
{
  if (!anpr_request_path_is_plain (text))
    return;
  g_assert (*text == '/' && !strstr (text, "//"));
  g_assert (!strpbrk (text, "%\\?#\n ") && !strstr (text, "/."));
}

static void
check_query (const gchar *text)
{
  g_autoptr (GHashTable) query = anpr_request_parse_query (text);
  GHashTableIter iter;
  gpointer name, value;

  if (!query)
    return;
  g_assert (g_hash_table_size (query) <= ANPR_REQUEST_MAX_PARAMETERS);
  g_hash_table_iter_init (&iter, query);
  while (g_hash_table_iter_next (&iter, &name, &value))
    g_assert (g_utf8_validate (value, -1, NULL) && !strpbrk (value, "\r\n"));
}

static void
check_headers (const gchar *text)
{
  g_autofree gchar *cookie = anpr_request_get_cookie (text, "anpr-session");
  g_autofree gchar *bearer = anpr_request_get_bearer (text);
  g_autofree gchar *host = anpr_request_get_host (text);
  g_autofree gchar *tag = anpr_request_get_tag (text);
  gint64 utc;

  g_assert (!cookie || !strchr (cookie, ';'));
  g_assert (!bearer || !g_ascii_isspace (*bearer));
  g_assert (!host || (*host && !strpbrk (host, "/@ []")));
  g_assert (!tag || !strchr (tag, '"'));
  (void) anpr_request_origin_is (text, text);
  g_assert (!anpr_identifier_get_time (text, &utc) || utc >= 0);
}

/* A value that was let through stands alone: no other setting comes with it */
static void
check_edit (JsonObject *settings)
{
  g_autoptr (JsonArray) changes = json_array_new ();
  g_autoptr (GPtrArray) faults = anpr_setting_faults_new ();
  g_autofree gchar *text = anpr_position_edit (file, settings, changes, NULL);
  g_autoptr (AnprPosition) position = NULL;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GKeyFile) keys = g_key_file_new ();

  if (!text)
    return;
  g_assert (strstr (text, "# top\n"));
  g_assert (g_key_file_load_from_data (keys, text, -1, G_KEY_FILE_NONE, NULL));
  for (guint i = 0; i < json_array_get_length (changes); i++) {
    JsonObject *change = json_array_get_object_element (changes, i);
    const gchar *after = json_object_get_string_member (change, "after");
    g_autofree gchar *now = g_key_file_get_string (keys,
        json_object_get_string_member (change, "section"),
        json_object_get_string_member (change, "key"), NULL);

    g_assert (g_strcmp0 (now, *after ? after : NULL) == 0);
  }
  position =
      anpr_position_parse ("gate", "gate.conf", text, strlen (text), faults);
  anpr_position_edit_add_faults (faults, text, builder);
  node = json_builder_get_root (builder);
  g_assert (json_array_get_length (json_node_get_array (node)) == faults->len);
}

static void
check_views (JsonObject *record)
{
  for (guint i = 0; i < ANPR_N_VIEWERS; i++) {
    g_autoptr (JsonObject) shown = anpr_passage_view (record, i);
    g_autoptr (JsonObject) hit = anpr_hit_view (record, record, i);
    JsonArray *hits = anpr_json_array (shown, "hits");

    g_assert (i != ANPR_VIEWER_TECHNICIAN || !hits);
    g_assert (i == ANPR_VIEWER_CLEARED || !hit || !anpr_hit_is_covert (record));
    for (guint j = 0; hits && j < json_array_get_length (hits); j++)
      g_assert (
          i == ANPR_VIEWER_CLEARED
          || !anpr_hit_is_covert (json_array_get_object_element (hits, j)));
  }
}

static void
check_json (const gchar *text, gsize length)
{
  g_autoptr (JsonObject) object = anpr_request_parse_json (text, length, NULL);

  if (!object)
    return;
  (void) anpr_json_get_text (object, "user");
  check_edit (object);
  check_views (object);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree gchar *text = NULL;

  if (size == 0)
    return 0;
  text = g_strndup ((const gchar *) data + 1, size - 1);
  switch (*data) {
    case '/':
      check_path (text);
      break;
    case '?':
      check_query (text);
      break;
    case ':':
      check_headers (text);
      break;
    default:
      check_json ((const gchar *) data + 1, size - 1);
      break;
  }
  return 0;
}
