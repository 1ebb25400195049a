/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_LIST_FRESHNESS_H
#define ANPR_HITMATCH_LIST_FRESHNESS_H

#include "hitlists.h"

G_BEGIN_DECLS

/* AnprListAges: how old a list may be, microseconds since it was issued (R19).
 *
 * warning  from then on people are told
 * stale    from then on its hits are stale, which nobody may act on
 */
typedef struct {
  gint64 warning;
  gint64 stale;
} AnprListAges;

/* What was told of the ages of which lists */
typedef struct _AnprListFreshness AnprListFreshness;

AnprListFreshness *anpr_list_freshness_new (void);
void anpr_list_freshness_free (AnprListFreshness *freshness);
GPtrArray *anpr_list_freshness_check (AnprListFreshness *freshness,
    const AnprHitLists *lists, gint64 utc, const AnprListAges *ages);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprListFreshness, anpr_list_freshness_free)

G_END_DECLS

#endif
