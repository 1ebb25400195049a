/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_CAMERA_PIPELINE_H
#define ANPR_CAMERA_PIPELINE_H

#include "camerastatus.h"
#include "cameratask.h"

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _AnprCameraPipeline AnprCameraPipeline;

AnprCameraPipeline *anpr_camera_pipeline_new (
    const AnprCameraTask *task, GError **error);
void anpr_camera_pipeline_free (AnprCameraPipeline *pipeline);

GstBus *anpr_camera_pipeline_get_bus (AnprCameraPipeline *pipeline);
gboolean anpr_camera_pipeline_play (AnprCameraPipeline *pipeline);
void anpr_camera_pipeline_drain (AnprCameraPipeline *pipeline);
gboolean anpr_camera_pipeline_rest (
    AnprCameraPipeline *pipeline, guint milliseconds, gboolean for_good);

gint64 anpr_camera_pipeline_get_frame_age (AnprCameraPipeline *pipeline);
void anpr_camera_pipeline_get_status (
    AnprCameraPipeline *pipeline, AnprCameraStatus *status);
gboolean anpr_camera_pipeline_keeps (AnprCameraPipeline *pipeline);
gboolean anpr_camera_pipeline_is_network (AnprCameraPipeline *pipeline);
void anpr_camera_pipeline_handle_latency (AnprCameraPipeline *pipeline);
gint64 anpr_camera_pipeline_get_running_time (AnprCameraPipeline *pipeline);
GstPad *anpr_camera_pipeline_get_exit (AnprCameraPipeline *pipeline);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprCameraPipeline, anpr_camera_pipeline_free)

G_END_DECLS

#endif
