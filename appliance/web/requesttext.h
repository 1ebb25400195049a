/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_WEB_REQUEST_TEXT_H
#define ANPR_WEB_REQUEST_TEXT_H

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define ANPR_REQUEST_MAX_PATH 256
/* Deepest nesting of JSON in a request, and most parameters of an address */
#define ANPR_REQUEST_MAX_DEPTH 8
#define ANPR_REQUEST_MAX_PARAMETERS 16

gboolean anpr_request_path_is_plain (const gchar *path);
GHashTable *anpr_request_parse_query (const gchar *query);
gchar *anpr_request_get_cookie (const gchar *header, const gchar *name);
gchar *anpr_request_get_bearer (const gchar *header);
gchar *anpr_request_get_host (const gchar *header);
gboolean anpr_request_origin_is (const gchar *origin, const gchar *host);
gchar *anpr_request_get_tag (const gchar *header);
gboolean anpr_identifier_get_time (const gchar *identifier, gint64 *utc);

JsonObject *anpr_request_parse_json (
    const gchar *text, gsize length, GError **error);

G_END_DECLS

#endif
