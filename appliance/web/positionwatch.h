/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_WEB_POSITION_WATCH_H
#define ANPR_WEB_POSITION_WATCH_H

#include "../fleet.h"
#include "auditlog.h"
#include "worker.h"

G_BEGIN_DECLS

/* Seconds between two looks */
#define ANPR_POSITION_WATCH_INTERVAL 2

typedef struct _AnprPositionWatch AnprPositionWatch;

AnprPositionWatch *anpr_position_watch_new (AnprFleet *fleet,
    const gchar *positions, const gchar *copies, AnprAuditLog *log,
    GMutex *editing, AnprWorkers *disk);
void anpr_position_watch_stop (AnprPositionWatch *watch);
void anpr_position_watch_free (AnprPositionWatch *watch);
void anpr_position_watch_look (AnprPositionWatch *watch);
gboolean anpr_position_watch_is_unseen (
    AnprPositionWatch *watch, const gchar *id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprPositionWatch, anpr_position_watch_free)

G_END_DECLS

#endif
