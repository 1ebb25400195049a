/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef GST_PLATE_OVERLAY_H
#define GST_PLATE_OVERLAY_H

#include <gst/gst.h>
#include <gst/video/gstvideofilter.h>

G_BEGIN_DECLS

#define GST_TYPE_PLATE_OVERLAY (gst_plate_overlay_get_type ())
G_DECLARE_FINAL_TYPE (
    GstPlateOverlay, gst_plate_overlay, GST, PLATE_OVERLAY, GstVideoFilter)

GST_ELEMENT_REGISTER_DECLARE (plateoverlay);

G_END_DECLS

#endif
