/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef GST_ANPR_PASSING_H
#define GST_ANPR_PASSING_H

#include <gst/gst.h>
#include "gstanprmeta.h"

G_BEGIN_DECLS

/* What the elements ask those downstream of them */
typedef struct {
  gboolean passages;
  gboolean stills;
} GstAnprWanted;

GstEvent *gst_anpr_event_new_closing (AnprPassage *passage);
gboolean gst_anpr_event_parse_closing (GstEvent *event, AnprPassage **passage);

void gst_anpr_pad_query_wanted (GstPad *src_pad, GstAnprWanted *wanted);
gboolean gst_anpr_query_answer_wanted (
    GstQuery *query, const GstAnprWanted *wanted);

void gst_anpr_element_tell_passage (
    GstElement *element, GstPad *src_pad, AnprPassage *passage);
void gst_anpr_element_tell_frame (
    GstElement *element, GstPad *src_pad, GstBuffer *buffer);
void gst_anpr_element_warn (
    GstElement *element, const GError *error, const gchar *consequence);
gboolean gst_anpr_pad_is_live (GstPad *sink_pad);
void gst_anpr_structure_set_moment (
    GstStructure *structure, const AnprMoment *moment);

G_END_DECLS

#endif
