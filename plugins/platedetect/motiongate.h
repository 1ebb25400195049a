/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_MOTION_GATE_H
#define ANPR_MOTION_GATE_H

#include <glib.h>

G_BEGIN_DECLS

/* The picture as last looked at, made small. All zero has seen nothing. */
typedef struct {
  guint8 *seen;
  guint width;
  guint height;
  gboolean valid;
} AnprMotionGate;

gboolean anpr_motion_gate_changed (AnprMotionGate *gate, const guint8 *luma,
    gsize stride, guint width, guint height);
void anpr_motion_gate_look (AnprMotionGate *gate, const guint8 *luma,
    gsize stride, guint width, guint height);
void anpr_motion_gate_clear (AnprMotionGate *gate);

G_END_DECLS

#endif
