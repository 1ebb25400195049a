/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef GST_ANPR_FORWARD_H
#define GST_ANPR_FORWARD_H

#include <gst/gst.h>

G_BEGIN_DECLS

/* A forwarder that tells by messages of an element. */
typedef struct _GstAnprForward GstAnprForward;

GstAnprForward *gst_anpr_forward_new (GstElement *element,
    const gchar *location, const gchar *key, const gchar *address);
void gst_anpr_forward_stop (GstAnprForward *forward);
void gst_anpr_forward_free (GstAnprForward *forward);
void gst_anpr_forward_wake (GstAnprForward *forward);
void gst_anpr_forward_add_stats (
    GstAnprForward *forward, GstStructure *structure);

G_END_DECLS

#endif
