/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_READ_JSON_H
#define ANPR_READ_JSON_H

#include <json-glib/json-glib.h>
#include "../plugins/record/passage.h"
#include "../plugins/record/plate.h"

G_BEGIN_DECLS

JsonObject *anpr_plate_to_read_json (const gchar *path, const AnprPlate *plate);
void anpr_read_json_set_frame (
    JsonObject *object, guint64 frame, guint64 stream_time);
JsonObject *anpr_passage_to_read_json (const gchar *path, AnprPassage *passage);

G_END_DECLS

#endif
