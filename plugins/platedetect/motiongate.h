/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_MOTION_GATE_H
#define ANPR_MOTION_GATE_H

#include "lumaview.h"
#include "polygon.h"
#include "../record/geometry.h"

G_BEGIN_DECLS

/* What changed between two pictures.
 *
 * moved  whether anything did
 * area   around all that did, pixels, within the picture
 * cut    whether it is another scene altogether */
typedef struct {
  gboolean moved;
  AnprBox area;
  gboolean cut;
} AnprMotion;

/* Pictures made small: the one kept, and the one compared last. All zero has
 * seen nothing. */
typedef struct {
  guint width;
  guint height;
  guint cell;
  guint columns;
  guint rows;
  guint n_watched;
  guint16 *kept;
  guint16 *last;
  guint8 *watched;
  guint8 *changed;
} AnprMotionGate;

void anpr_motion_gate_reset (AnprMotionGate *gate, guint width, guint height,
    const AnprPolygons *include, const AnprPolygons *exclude);
void anpr_motion_gate_compare (
    AnprMotionGate *gate, const AnprLuma *luma, AnprMotion *motion);
gboolean anpr_motion_gate_has_changed (
    const AnprMotionGate *gate, const AnprBox *box);
gboolean anpr_motion_gate_find_area (const AnprMotionGate *gate,
    const AnprBox *boxes, guint n_boxes, AnprBox *area);
void anpr_motion_gate_keep (AnprMotionGate *gate);
void anpr_motion_gate_clear (AnprMotionGate *gate);

G_END_DECLS

#endif
