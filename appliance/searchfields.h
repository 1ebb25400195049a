/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SEARCH_FIELDS_H
#define ANPR_SEARCH_FIELDS_H

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

void anpr_search_set_text (
    JsonObject *object, const gchar *name, const gchar *text);
void anpr_search_set_texts (
    JsonObject *object, const gchar *name, gchar **texts);
void anpr_search_set_count (JsonObject *object, const gchar *name, gint count);

G_END_DECLS

#endif
