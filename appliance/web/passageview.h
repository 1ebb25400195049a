/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_WEB_PASSAGE_VIEW_H
#define ANPR_WEB_PASSAGE_VIEW_H

#include "events.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

JsonObject *anpr_passage_view (JsonObject *record, AnprViewer viewer);
JsonObject *anpr_hit_view (
    JsonObject *hit, JsonObject *record, AnprViewer viewer);
JsonObject *anpr_hit_find (JsonObject *record, const gchar *id);
gboolean anpr_hit_is_covert (JsonObject *hit);

G_END_DECLS

#endif
