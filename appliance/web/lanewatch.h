/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_WEB_LANE_WATCH_H
#define ANPR_WEB_LANE_WATCH_H

#include "../fleet.h"
#include "lanehealth.h"
#include "worker.h"

G_BEGIN_DECLS

/* Seconds between two times that what was learnt is written down */
#define ANPR_LANE_WATCH_SAVE 600

typedef struct _AnprLaneWatch AnprLaneWatch;

AnprLaneWatch *anpr_lane_watch_new (
    AnprFleet *fleet, const gchar *path, AnprWorkers *disk);
void anpr_lane_watch_free (AnprLaneWatch *watch);
const AnprLaneHealth *anpr_lane_watch_find (
    AnprLaneWatch *watch, const gchar *id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprLaneWatch, anpr_lane_watch_free)

G_END_DECLS

#endif
