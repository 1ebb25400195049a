/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_CAMERA_SUMS_H
#define ANPR_CAMERA_SUMS_H

#include "cameraelements.h"
#include "camerastatus.h"

G_BEGIN_DECLS

typedef struct _AnprCameraSums AnprCameraSums;

AnprCameraSums *anpr_camera_sums_new (const AnprCameraElements *elements);
void anpr_camera_sums_free (AnprCameraSums *sums);

void anpr_camera_sums_update (AnprCameraSums *sums);
void anpr_camera_sums_begin (AnprCameraSums *sums);
void anpr_camera_sums_get_status (
    AnprCameraSums *sums, AnprCameraStatus *status);
gboolean anpr_camera_sums_keeps (AnprCameraSums *sums);

G_END_DECLS

#endif
