/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef GST_HIT_STRUCTURE_H
#define GST_HIT_STRUCTURE_H

#include <gst/gst.h>
#include "../record/clock.h"
#include "../record/hit.h"

G_BEGIN_DECLS

GstStructure *gst_hit_structure_new (const AnprHit *hit,
    const gchar *passage_id, const gchar *text, const gchar *position,
    const AnprMoment *moment);

G_END_DECLS

#endif
