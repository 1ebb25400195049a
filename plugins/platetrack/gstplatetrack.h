/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef GST_PLATE_TRACK_H
#define GST_PLATE_TRACK_H

#include <gst/gst.h>
#include <gst/base/gstbasetransform.h>

G_BEGIN_DECLS

#define GST_TYPE_PLATE_TRACK (gst_plate_track_get_type ())
G_DECLARE_FINAL_TYPE (
    GstPlateTrack, gst_plate_track, GST, PLATE_TRACK, GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE (platetrack);

G_END_DECLS

#endif
