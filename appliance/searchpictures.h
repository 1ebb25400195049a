/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SEARCH_PICTURES_H
#define ANPR_SEARCH_PICTURES_H

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

gboolean anpr_search_write_pictures (
    JsonArray *rows, const gchar *folder, const gchar *passage, GError **error);

G_END_DECLS

#endif
