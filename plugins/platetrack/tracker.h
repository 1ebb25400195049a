/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_TRACKER_H
#define ANPR_TRACKER_H

#include "platepath.h"
#include "../record/plate.h"

G_BEGIN_DECLS

/* Vehicles followed at once; further plates stay without a track */
#define ANPR_TRACKER_MAX_TRACKS 64

/**
 * AnprTrackerOptions:
 * @max_gap: a track not seen for longer is not looked for any more, nanoseconds
 * @max_absence: one with a text is lost after this, nanoseconds; one without,
 *     or if this is less, after @max_gap
 * @min_reads: frames a plate must be seen in before it counts as a vehicle
 * @line: tells the direction; without it growing plates travel "in"
 */
typedef struct {
  guint64 max_gap;
  guint64 max_absence;
  guint min_reads;
  AnprDirectionLine line;
} AnprTrackerOptions;

typedef struct _AnprTracker AnprTracker;

AnprTracker *anpr_tracker_new (void);
void anpr_tracker_free (AnprTracker *tracker);
void anpr_tracker_update (AnprTracker *tracker,
    const AnprTrackerOptions *options, const AnprMoment *moment, guint64 now,
    guint width, guint height, GPtrArray *plates, GPtrArray *lost);
void anpr_tracker_close (AnprTracker *tracker, GPtrArray *lost);
guint anpr_tracker_get_n_tracks (const AnprTracker *tracker);
guint64 anpr_tracker_get_n_started (const AnprTracker *tracker);
guint64 anpr_tracker_get_n_dropped (const AnprTracker *tracker);

G_END_DECLS

#endif
