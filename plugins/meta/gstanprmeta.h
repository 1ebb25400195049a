/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef GST_ANPR_META_H
#define GST_ANPR_META_H

#include <gst/gst.h>
#include <gst/video/video.h>
#include "../record/plate.h"

G_BEGIN_DECLS

#define GST_ANPR_META_API_TYPE (gst_anpr_meta_api_get_type ())
#define GST_ANPR_META_INFO (gst_anpr_meta_get_info ())

/* roi_type of the GstVideoRegionOfInterestMeta beside each plate */
#define GST_ANPR_ROI_TYPE "license-plate"

/* Most plates one frame carries */
#define GST_ANPR_META_MAX_PLATES 64

typedef struct _GstAnprMeta GstAnprMeta;

/**
 * GstAnprMeta:
 * @meta: parent
 * @plates: (element-type AnprPlate): the plates of this frame; owned by the
 *     meta
 * @moment: when the frame was seen
 * @width: width of the frame the boxes are on, pixels
 * @height: height of the frame the boxes are on, pixels
 * @detected: whether a detector looked at this very frame; with FALSE no plate
 *     means nobody looked
 *
 * The plates of one frame. Boxes are in pixels of the buffer the meta sits on:
 * the transform scales them. Change it only on a writable buffer.
 */
struct _GstAnprMeta {
  GstMeta meta;

  GPtrArray *plates;
  AnprMoment moment;
  guint width;
  guint height;
  gboolean detected;
};

GType gst_anpr_meta_api_get_type (void);
const GstMetaInfo *gst_anpr_meta_get_info (void);

GstAnprMeta *gst_buffer_add_anpr_meta (
    GstBuffer *buffer, guint width, guint height);
GstAnprMeta *gst_buffer_get_anpr_meta (GstBuffer *buffer);
gboolean gst_anpr_meta_add_plate (
    GstAnprMeta *meta, GstBuffer *buffer, AnprPlate *plate);
guint gst_anpr_meta_get_n_plates (const GstAnprMeta *meta);
AnprPlate *gst_anpr_meta_get_plate (const GstAnprMeta *meta, guint i);

G_END_DECLS

#endif
