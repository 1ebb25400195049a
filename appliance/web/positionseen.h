/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_WEB_POSITION_SEEN_H
#define ANPR_WEB_POSITION_SEEN_H

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Of the state folder, for the copies */
#define ANPR_POSITION_SEEN_FOLDER "positions"

gchar *anpr_position_seen_get_noted (const gchar *folder, const gchar *id);
gboolean anpr_position_seen_note (
    const gchar *folder, const gchar *id, const gchar *text, GError **error);
gboolean anpr_position_seen_accept (
    const gchar *folder, const gchar *id, const gchar *text, GError **error);
void anpr_position_seen_forget (const gchar *folder, const gchar *id);
GPtrArray *anpr_position_seen_list (const gchar *folder);
JsonArray *anpr_position_seen_compare (
    const gchar *folder, const gchar *id, const gchar *text);

G_END_DECLS

#endif
