/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_POSITION_TRIAL_H
#define ANPR_POSITION_TRIAL_H

#include "camerastatus.h"
#include "configuration.h"

G_BEGIN_DECLS

/**
 * AnprPositionTrial:
 * @status: what the camera's process told last
 * @faults: (element-type utf8): what was wrong, a line each
 * @texts: (element-type utf8): plates that were read, each once, with their
 *     confidence
 * @still: whether a picture was written
 */
typedef struct {
  AnprCameraStatus status;
  GPtrArray *faults;
  GPtrArray *texts;
  gboolean still;
} AnprPositionTrial;

gboolean anpr_position_trial_run (const AnprConfiguration *configuration,
    const AnprPosition *position, guint seconds, const gchar *still_path,
    AnprPositionTrial *trial, GError **error);
void anpr_position_trial_clear (AnprPositionTrial *trial);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AnprPositionTrial, anpr_position_trial_clear)

G_END_DECLS

#endif
