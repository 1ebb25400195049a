/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_WEB_PASSAGE_VIEW_H
#define ANPR_WEB_PASSAGE_VIEW_H

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* AnprViewer: what somebody may see of passages and hits
 *
 * TECHNICIAN  that a camera works
 * USUAL       everything but covert hits
 * CLEARED     everything
 */
typedef enum {
  ANPR_VIEWER_TECHNICIAN,
  ANPR_VIEWER_USUAL,
  ANPR_VIEWER_CLEARED,
  ANPR_N_VIEWERS,
} AnprViewer;

JsonObject *anpr_passage_view (JsonObject *record, AnprViewer viewer);
JsonObject *anpr_hit_view (
    JsonObject *hit, JsonObject *record, AnprViewer viewer);
JsonObject *anpr_hit_find (JsonObject *record, const gchar *id);
gboolean anpr_hit_is_covert (JsonObject *hit);
gint anpr_view_compare_newest (gconstpointer a, gconstpointer b);

G_END_DECLS

#endif
