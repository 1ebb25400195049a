/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef GST_ANPR_FRAME_H
#define GST_ANPR_FRAME_H

#include <gst/gst.h>
#include <gst/video/video.h>
#include "gstanprmeta.h"
#include "../record/still.h"
#include "../record/timeline.h"

G_BEGIN_DECLS

/* Formats whose plane 0 is 8-bit luma: read where it lies, never converted */
#define GST_ANPR_LUMA_FORMATS                                                  \
  "{ NV12, I420, YV12, NV21, GRAY8, Y42B, Y444, Y41B, NV16, NV61, NV24 }"

GstAnprMeta *gst_anpr_buffer_ensure_meta (
    GstBuffer *buffer, const GstVideoInfo *info);
void gst_anpr_timeline_see (AnprTimeline *timeline, const AnprHostClock *host,
    GstElement *element, const GstSegment *segment, GstBuffer *buffer,
    gboolean live, AnprMoment *moment);
void gst_anpr_timeline_see_now (AnprTimeline *timeline, GstElement *element,
    const GstSegment *segment, GstBuffer *buffer, gboolean live,
    AnprMoment *moment);
AnprStill *gst_anpr_still_new_from_frame (
    GstVideoFrame *frame, const AnprBox *box);
AnprStill *gst_anpr_still_new_vehicle (
    GstVideoFrame *frame, const AnprBox *plate);

G_END_DECLS

#endif
