/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* How long to wait before a server is tried again: anything up to a bound that
 * doubles with each failure ("full jitter"), so that appliances that lost the
 * same server at once do not come back to it at once. */

#include "backoff.h"

/* Bound after the first failure, microseconds */
#define FIRST (G_USEC_PER_SEC / 2)
/* Doublings after which the bound is certainly above the maximum */
#define MAX_DOUBLINGS 16

/**
 * anpr_backoff_pause: (skip)
 * @attempt: failures in a row, from 1
 * @chance: drawn evenly from 0 to 1
 *
 * Returns: the pause in microseconds, from %ANPR_BACKOFF_MIN to
 *     %ANPR_BACKOFF_MAX
 */
gint64
anpr_backoff_pause (guint attempt, gdouble chance)
{
  guint doublings = CLAMP (attempt, 1, MAX_DOUBLINGS + 1) - 1;
  gint64 bound = MIN ((gint64) FIRST << doublings, ANPR_BACKOFF_MAX);

  return MAX (ANPR_BACKOFF_MIN, (gint64) (chance * bound));
}
