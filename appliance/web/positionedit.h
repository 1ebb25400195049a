/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_WEB_POSITION_EDIT_H
#define ANPR_WEB_POSITION_EDIT_H

#include "../position.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

gchar *anpr_position_edit (const gchar *text, JsonObject *settings,
    JsonArray *changes, GError **error);
gboolean anpr_position_edit_needs_second (JsonArray *changes);
JsonArray *anpr_position_edit_compare (const gchar *before, const gchar *after);
gchar *anpr_position_edit_get_version (const gchar *text);
void anpr_position_edit_add_settings (
    const AnprSettings *settings, JsonBuilder *builder);
void anpr_position_edit_add_schema (JsonBuilder *builder);
void anpr_position_edit_add_faults (
    GPtrArray *faults, const gchar *text, JsonBuilder *builder);

G_END_DECLS

#endif
