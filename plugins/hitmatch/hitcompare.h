/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_HIT_COMPARE_H
#define ANPR_HITMATCH_HIT_COMPARE_H

#include "hitfind.h"
#include "hitlists.h"
#include "../record/hit.h"
#include "../record/read.h"

G_BEGIN_DECLS

GPtrArray *anpr_hit_lists_compare (const AnprHitLists *lists,
    const AnprRead *read, gint64 utc, const AnprHitPlace *place,
    GPtrArray **compared);

G_END_DECLS

#endif
