/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_JSON_MEMBER_H
#define ANPR_JSON_MEMBER_H

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

JsonObject *anpr_json_parse (const gchar *text, gssize length);
const gchar *anpr_json_get_text (JsonObject *object, const gchar *name);
const gchar *anpr_json_string (JsonObject *object, const gchar *name);
gboolean anpr_json_get_real (
    JsonObject *object, const gchar *name, gdouble *value);
gdouble anpr_json_number (JsonObject *object, const gchar *name);
gboolean anpr_json_boolean (JsonObject *object, const gchar *name);
JsonObject *anpr_json_object (JsonObject *object, const gchar *name);
JsonArray *anpr_json_array (JsonObject *object, const gchar *name);
JsonObject *anpr_json_element (JsonArray *array, guint i);
guint anpr_json_length (JsonArray *array);

void anpr_json_set_text (
    JsonObject *object, const gchar *name, const gchar *value);
void anpr_json_add_text (
    JsonBuilder *builder, const gchar *name, const gchar *value);
void anpr_json_add_number (
    JsonBuilder *builder, const gchar *name, gint64 value);
void anpr_json_add_real (
    JsonBuilder *builder, const gchar *name, gdouble value);
void anpr_json_add_flag (
    JsonBuilder *builder, const gchar *name, gboolean value);
gchar *anpr_json_to_line (JsonObject *object);
gchar *anpr_json_builder_to_line (JsonBuilder *builder);

G_END_DECLS

#endif
