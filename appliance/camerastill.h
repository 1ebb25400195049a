/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_CAMERA_STILL_H
#define ANPR_CAMERA_STILL_H

#include <gst/gst.h>

G_BEGIN_DECLS

/* Width of a picture for people, pixels, unless it is narrower by itself */
#define ANPR_CAMERA_STILL_WIDTH 640

typedef struct _AnprCameraStill AnprCameraStill;

AnprCameraStill *anpr_camera_still_new (
    GstPad *pad, const gchar *path, guint interval, gboolean keep_plates);
void anpr_camera_still_free (AnprCameraStill *still);
void anpr_camera_still_ask (AnprCameraStill *still);
gint64 anpr_camera_still_get_utc (AnprCameraStill *still);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprCameraStill, anpr_camera_still_free)

G_END_DECLS

#endif
