/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_CAMERA_SOURCE_H
#define ANPR_CAMERA_SOURCE_H

#include "cameratask.h"

#include <gst/gst.h>

G_BEGIN_DECLS

void anpr_camera_source_set_up (
    GstElement *element, const AnprCameraTask *task);
void anpr_camera_source_begin (GstBin *pipeline);

G_END_DECLS

#endif
