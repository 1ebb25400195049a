/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef GST_PLATE_DETECT_H
#define GST_PLATE_DETECT_H

#include <gst/base/gstbasetransform.h>
#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_PLATE_DETECT (gst_plate_detect_get_type ())
G_DECLARE_FINAL_TYPE (
    GstPlateDetect, gst_plate_detect, GST, PLATE_DETECT, GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE (platedetect);

G_END_DECLS

#endif
