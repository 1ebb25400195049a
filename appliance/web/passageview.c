/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What of a record somebody may see.
 *
 * A technician sees what the camera made of a vehicle, nothing of lists: no hit
 * of a passage, and of hits that are not covert only that they are there. Others
 * see all but covert hits, unless they are cleared. What is left out leaves no
 * trace: a passage with a covert hit looks like one without. So its hashes are left
 * out, too: who computes one again would find that something is missing.
 *
 * Functions of their arguments.
 */

#include "passageview.h"
#include "requesttext.h"
#include "../../plugins/record/jsonmember.h"

#include <string.h>

/* What a technician sees of a passage, and of a hit */
static const gchar *const technician_passage[] = { "schema", "id", "position",
  "sequence", "state", "first_seen", "best_seen", "last_seen", "clock",
  "direction", "lane", "plates", "images", NULL };
static const gchar *const technician_hit[] = { "id", "passage", "position",
  "timestamp", "state", "covert", NULL };

static JsonObject *
take_members (JsonObject *object, const gchar *const *names)
{
  JsonObject *copy = json_object_new ();

  for (guint i = 0; names[i]; i++) {
    JsonNode *node = json_object_get_member (object, names[i]);

    if (node)
      json_object_set_member (copy, names[i], json_node_copy (node));
  }
  return copy;
}

static JsonObject *
copy_object (JsonObject *object)
{
  JsonObject *copy = json_object_new ();
  JsonObjectIter iter;
  const gchar *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    json_object_set_member (copy, name, json_node_copy (node));
  return copy;
}

/**
 * anpr_hit_is_covert:
 * @hit: of a record
 *
 * Returns: whether it is; one that does not say so is taken for covert
 */
gboolean
anpr_hit_is_covert (JsonObject *hit)
{
  JsonNode *node = json_object_get_member (hit, "covert");

  return !node || !JSON_NODE_HOLDS_VALUE (node)
         || json_node_get_value_type (node) != G_TYPE_BOOLEAN
         || json_node_get_boolean (node);
}

static JsonArray *
show_hits (JsonObject *record, AnprViewer viewer)
{
  JsonArray *hits = anpr_json_array (record, "hits");
  JsonArray *shown = json_array_new ();

  for (guint i = 0; hits && i < json_array_get_length (hits); i++) {
    JsonObject *hit = anpr_json_element (hits, i);

    if (hit && (viewer == ANPR_VIEWER_CLEARED || !anpr_hit_is_covert (hit)))
      json_array_add_object_element (shown, json_object_ref (hit));
  }
  return shown;
}

/**
 * anpr_passage_view:
 * @record: schema anpr.passage/1
 * @viewer: who looks at it
 *
 * Returns: (transfer full): what they see
 */
JsonObject *
anpr_passage_view (JsonObject *record, AnprViewer viewer)
{
  JsonObject *shown;

  if (viewer == ANPR_VIEWER_TECHNICIAN)
    return take_members (record, technician_passage);
  shown = copy_object (record);
  if (viewer != ANPR_VIEWER_CLEARED) {
    json_object_remove_member (shown, "hash");
    json_object_remove_member (shown, "previous_hash");
  }
  json_object_set_array_member (shown, "hits", show_hits (record, viewer));
  return shown;
}

static void
add_from_plate (JsonObject *shown, JsonObject *record)
{
  JsonArray *plates = anpr_json_array (record, "plates");
  JsonObject *plate = plates && json_array_get_length (plates)
                          ? anpr_json_element (plates, 0)
                          : NULL;
  const gchar *text = anpr_json_get_text (plate, "text");
  gdouble confidence;

  if (text)
    json_object_set_string_member (shown, "text", text);
  if (anpr_json_get_real (plate, "confidence", &confidence))
    json_object_set_double_member (shown, "confidence", confidence);
}

static void
add_text (JsonObject *shown, const gchar *name, const gchar *value)
{
  if (value)
    json_object_set_string_member (shown, name, value);
}

/**
 * anpr_hit_view:
 * @hit: of a record, or as an event tells it
 * @record: (nullable): the passage it is of, if it is closed
 * @viewer: who looks at it
 *
 * Returns: (transfer full) (nullable): what they see, with position, text,
 *     confidence and timestamp of the passage; %NULL if they see none of it
 */
JsonObject *
anpr_hit_view (JsonObject *hit, JsonObject *record, AnprViewer viewer)
{
  g_autoptr (JsonObject) shown = NULL;

  if (anpr_hit_is_covert (hit) && viewer != ANPR_VIEWER_CLEARED)
    return NULL;
  shown = copy_object (hit);
  if (record) {
    add_text (shown, "passage", anpr_json_get_text (record, "id"));
    add_text (shown, "position", anpr_json_get_text (record, "position"));
    add_text (shown, "timestamp", anpr_json_get_text (record, "best_seen"));
    add_text (shown, "direction", anpr_json_get_text (record, "direction"));
    add_text (shown, "lane", anpr_json_get_text (record, "lane"));
    add_from_plate (shown, record);
  }
  if (viewer == ANPR_VIEWER_TECHNICIAN)
    return take_members (shown, technician_hit);
  return g_steal_pointer (&shown);
}

/**
 * anpr_hit_find:
 * @record: schema anpr.passage/1
 * @id: of a hit
 *
 * Returns: (transfer none) (nullable): that hit of the record
 */
JsonObject *
anpr_hit_find (JsonObject *record, const gchar *id)
{
  JsonArray *hits = anpr_json_array (record, "hits");

  for (guint i = 0; hits && i < json_array_get_length (hits); i++) {
    JsonObject *hit = anpr_json_element (hits, i);

    if (hit && g_strcmp0 (anpr_json_get_text (hit, "id"), id) == 0)
      return hit;
  }
  return NULL;
}

/**
 * anpr_view_compare_newest:
 * @a: pointer to a passage or hit
 * @b: pointer to another
 *
 * Returns: for g_ptr_array_sort(): the newest first, since ids begin with a time
 */
gint
anpr_view_compare_newest (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (anpr_json_get_text (*(JsonObject *const *) b, "id"),
      anpr_json_get_text (*(JsonObject *const *) a, "id"));
}
