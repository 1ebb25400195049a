/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_RECORD_TEXT_H
#define ANPR_RECORD_TEXT_H

#include "recordview.h"

G_BEGIN_DECLS

gchar *anpr_record_text_plate (const AnprRecordView *view);
gchar *anpr_record_text_time (const gchar *utc);
gchar *anpr_record_text_rate (gdouble rate);
gchar *anpr_record_text_passage (
    const AnprRecordView *view, gboolean with_covert);
gchar *anpr_record_text_hit (JsonObject *hit, const gchar *text,
    const gchar *utc, const gchar *position);
gchar *anpr_record_text_reason (JsonObject *hit);
gchar *anpr_record_text_source (JsonObject *hit);
gchar *anpr_record_text_grade (JsonObject *hit);

#define ANPR_RECORD_UNVERIFIED "unverified: decide on the picture"

G_END_DECLS

#endif
