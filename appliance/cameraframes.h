/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_CAMERA_FRAMES_H
#define ANPR_CAMERA_FRAMES_H

#include "camerastatus.h"

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _AnprCameraFrames AnprCameraFrames;

AnprCameraFrames *anpr_camera_frames_new (void);
void anpr_camera_frames_free (AnprCameraFrames *frames);

void anpr_camera_frames_watch_depayloader (
    AnprCameraFrames *frames, GstElement *depayloader);
void anpr_camera_frames_watch_decoder (
    AnprCameraFrames *frames, GstElement *decoder);
void anpr_camera_frames_watch_entrance (
    AnprCameraFrames *frames, GstPad *entrance);

void anpr_camera_frames_begin (AnprCameraFrames *frames);
gint64 anpr_camera_frames_get_age (AnprCameraFrames *frames);
void anpr_camera_frames_get_status (
    AnprCameraFrames *frames, AnprCameraStatus *status);

G_END_DECLS

#endif
