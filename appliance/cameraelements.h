/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_CAMERA_ELEMENTS_H
#define ANPR_CAMERA_ELEMENTS_H

#include "cameraframes.h"
#include "cameratask.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * AnprCameraElements:
 * @detect: (transfer none): where frames come into reading
 * @ocr: (transfer none) (nullable):
 * @match: (transfer none) (nullable):
 * @sink: (transfer none): where they leave it
 * @task: what is set on elements
 * @frames: what watches decoders
 * @network: (atomic): whether any of them brings pictures over the network
 *
 * The elements of a camera's pipeline that matter. Must outlive the pipeline,
 * whose later elements are set up, too.
 */
typedef struct {
  GstElement *detect;
  GstElement *ocr;
  GstElement *match;
  GstElement *sink;
  const AnprCameraTask *task;
  AnprCameraFrames *frames;
  gint network;
} AnprCameraElements;

gboolean anpr_camera_elements_set_up (
    AnprCameraElements *elements, GstBin *pipeline, GError **error);

G_END_DECLS

#endif
