/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Fields of a question as they were typed. What is no UTF-8 is made visible rather
 * than left out: the database has to write down what was asked. */

#include "searchfields.h"

/**
 * anpr_search_set_text:
 * @object: a question
 * @name: of a field
 * @text: (nullable): as typed, any bytes; %NULL sets nothing
 */
void
anpr_search_set_text (JsonObject *object, const gchar *name, const gchar *text)
{
  if (text) {
    g_autofree gchar *valid = g_utf8_make_valid (text, -1);

    json_object_set_string_member (object, name, valid);
  }
}

/**
 * anpr_search_set_texts:
 * @object: a question
 * @name: of a field
 * @texts: (nullable): as typed, any bytes; none sets nothing
 */
void
anpr_search_set_texts (JsonObject *object, const gchar *name, gchar **texts)
{
  JsonArray *array;

  if (!texts || !*texts)
    return;
  array = json_array_new ();
  for (; *texts; texts++) {
    g_autofree gchar *valid = g_utf8_make_valid (*texts, -1);

    json_array_add_string_element (array, valid);
  }
  json_object_set_array_member (object, name, array);
}

/**
 * anpr_search_set_count:
 * @object: a question
 * @name: of a field
 * @count: 0 sets nothing
 */
void
anpr_search_set_count (JsonObject *object, const gchar *name, gint count)
{
  if (count != 0)
    json_object_set_int_member (object, name, count);
}
