/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_CAMERA_TOLD_H
#define ANPR_CAMERA_TOLD_H

#include "camerastatus.h"
#include "linechannel.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/* AnprCameraTold: what a camera's process tells, and what it remembers of what
 * it told. `secret` is taken out of every text, NULL for none. Plain data. */
typedef struct {
  AnprLineChannel *channel;
  AnprCameraStatus *status;
  const gchar *secret;
  GHashTable *faults; /* told since all was well; NULL for none */
} AnprCameraTold;

void anpr_camera_told_send_status (AnprCameraTold *told);
void anpr_camera_told_fault (
    AnprCameraTold *told, const gchar *code, const gchar *message);
void anpr_camera_told_forget_faults (AnprCameraTold *told);
void anpr_camera_told_take (AnprCameraTold *told, const GstStructure *message,
    gint64 running_time, gboolean keeps);

G_END_DECLS

#endif
