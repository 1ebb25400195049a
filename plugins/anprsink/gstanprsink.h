/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef GST_ANPR_SINK_H
#define GST_ANPR_SINK_H

#include <gst/base/gstbasesink.h>
#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_ANPR_SINK (gst_anpr_sink_get_type ())
G_DECLARE_FINAL_TYPE (GstAnprSink, gst_anpr_sink, GST, ANPR_SINK, GstBaseSink)

GST_ELEMENT_REGISTER_DECLARE (anprsink);

G_END_DECLS

#endif
