/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Members of objects of JSON: what is not there, or of another type, is as if it
 * were none, so that readers of what others wrote need no other check.
 */

#include "jsonmember.h"

#include <math.h>

/**
 * anpr_json_parse: (skip)
 * @text: (array length=length): what others wrote
 * @length: bytes, -1 if it ends with a NUL
 *
 * Returns: (transfer full) (nullable): the object it is, %NULL if it is none
 */
JsonObject *
anpr_json_parse (const gchar *text, gssize length)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonNode *root;

  if (!json_parser_load_from_data (parser, text, length, NULL))
    return NULL;
  root = json_parser_get_root (parser);
  return root && JSON_NODE_HOLDS_OBJECT (root)
             ? json_object_ref (json_node_get_object (root))
             : NULL;
}

static JsonNode *
get_member (JsonObject *object, const gchar *name)
{
  return object ? json_object_get_member (object, name) : NULL;
}

static gboolean
holds (JsonNode *node, GType type)
{
  return node && JSON_NODE_HOLDS_VALUE (node)
         && json_node_get_value_type (node) == type;
}

/**
 * anpr_json_get_text: (skip)
 * @object: (nullable): an object
 * @name: of a member
 *
 * Returns: (transfer none) (nullable): the text it is, %NULL if it is none
 */
const gchar *
anpr_json_get_text (JsonObject *object, const gchar *name)
{
  JsonNode *node = get_member (object, name);

  return holds (node, G_TYPE_STRING) ? json_node_get_string (node) : NULL;
}

/**
 * anpr_json_string: (skip)
 * @object: (nullable): an object
 * @name: of a member
 *
 * Returns: (transfer none): the text it is, "" if it is none
 */
const gchar *
anpr_json_string (JsonObject *object, const gchar *name)
{
  const gchar *text = anpr_json_get_text (object, name);

  return text ? text : "";
}

/**
 * anpr_json_get_real: (skip)
 * @object: (nullable): an object
 * @name: of a member
 * @value: (out): the number it is
 *
 * Returns: whether it is a finite number
 */
gboolean
anpr_json_get_real (JsonObject *object, const gchar *name, gdouble *value)
{
  JsonNode *node = get_member (object, name);

  if (!holds (node, G_TYPE_DOUBLE) && !holds (node, G_TYPE_INT64))
    return FALSE;
  *value = json_node_get_double (node);
  return isfinite (*value);
}

/**
 * anpr_json_number: (skip)
 * @object: (nullable): an object
 * @name: of a member
 *
 * Returns: the number it is, 0 if it is none
 */
gdouble
anpr_json_number (JsonObject *object, const gchar *name)
{
  gdouble value;

  return anpr_json_get_real (object, name, &value) ? value : 0;
}

/**
 * anpr_json_boolean: (skip)
 * @object: (nullable): an object
 * @name: of a member
 *
 * Returns: whether it is true
 */
gboolean
anpr_json_boolean (JsonObject *object, const gchar *name)
{
  JsonNode *node = get_member (object, name);

  return holds (node, G_TYPE_BOOLEAN) && json_node_get_boolean (node);
}

/**
 * anpr_json_object: (skip)
 * @object: (nullable): an object
 * @name: of a member
 *
 * Returns: (transfer none) (nullable): the object it is, %NULL if it is none
 */
JsonObject *
anpr_json_object (JsonObject *object, const gchar *name)
{
  JsonNode *node = get_member (object, name);

  return node && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node)
                                               : NULL;
}

/**
 * anpr_json_array: (skip)
 * @object: (nullable): an object
 * @name: of a member
 *
 * Returns: (transfer none) (nullable): the array it is, %NULL if it is none
 */
JsonArray *
anpr_json_array (JsonObject *object, const gchar *name)
{
  JsonNode *node = get_member (object, name);

  return node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node)
                                              : NULL;
}

/**
 * anpr_json_element: (skip)
 * @array: an array
 * @i: which of its elements
 *
 * Returns: (transfer none) (nullable): the object it is, %NULL if it is none
 */
JsonObject *
anpr_json_element (JsonArray *array, guint i)
{
  JsonNode *node = json_array_get_element (array, i);

  return JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

/**
 * anpr_json_length: (skip)
 * @array: (nullable): an array
 *
 * Returns: number of its elements
 */
guint
anpr_json_length (JsonArray *array)
{
  return array ? json_array_get_length (array) : 0;
}

/**
 * anpr_json_set_text: (skip)
 * @object: an object
 * @name: of its new member
 * @value: (nullable): the text, %NULL for null
 */
void
anpr_json_set_text (JsonObject *object, const gchar *name, const gchar *value)
{
  if (value)
    json_object_set_string_member (object, name, value);
  else
    json_object_set_null_member (object, name);
}

/**
 * anpr_json_add_text: (skip)
 * @builder: within an object
 * @name: of its new member
 * @value: (nullable): the text, %NULL for null
 */
void
anpr_json_add_text (JsonBuilder *builder, const gchar *name, const gchar *value)
{
  json_builder_set_member_name (builder, name);
  if (value)
    json_builder_add_string_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

void
anpr_json_add_number (JsonBuilder *builder, const gchar *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

/**
 * anpr_json_add_real: (skip)
 * @builder: within an object
 * @name: of its new member
 * @value: the number; null if it is not finite, since JSON knows none that is not
 */
void
anpr_json_add_real (JsonBuilder *builder, const gchar *name, gdouble value)
{
  json_builder_set_member_name (builder, name);
  if (isfinite (value))
    json_builder_add_double_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

void
anpr_json_add_flag (JsonBuilder *builder, const gchar *name, gboolean value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

/**
 * anpr_json_to_line: (skip)
 * @object: (nullable): an object
 *
 * Returns: (transfer full) (nullable): it as one line of JSON, without the line's
 *     end; the same object always gives the same bytes
 */
gchar *
anpr_json_to_line (JsonObject *object)
{
  g_autoptr (JsonNode) node = NULL;

  if (!object)
    return NULL;
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_set_object (node, object);
  return json_to_string (node, FALSE);
}

/**
 * anpr_json_builder_to_line: (skip)
 * @builder: with all of a value in it
 *
 * Returns: (transfer full): it as one line of JSON, without the line's end
 */
gchar *
anpr_json_builder_to_line (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);

  return json_to_string (root, FALSE);
}
