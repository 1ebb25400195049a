/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SPOOL_RETENTION_H
#define ANPR_SPOOL_RETENTION_H

#include "spool.h"
#include "../record/calendar.h"

G_BEGIN_DECLS

/* Days a passage stays: at most, and once the centre has it */
#define ANPR_SPOOL_DEFAULT_RETENTION 30
#define ANPR_SPOOL_DEFAULT_KEEP_DELIVERED 7

/* How often a spool's keeper erases what has been kept long enough. A run takes
 * what would become too old before the next one, so nothing ever is. */
#define ANPR_SPOOL_EXPIRE_INTERVAL (10 * G_TIME_SPAN_MINUTE)

/**
 * AnprSpoolExpired:
 * @passages: erased
 * @undelivered: of them, those the centre never had
 */
typedef struct {
  guint64 passages;
  guint64 undelivered;
} AnprSpoolExpired;

gboolean anpr_spool_set_retention (AnprSpool *spool, const gchar *position,
    guint days, guint keep_delivered, GError **error);
gboolean anpr_spool_expire (
    AnprSpool *spool, gint64 ahead, AnprSpoolExpired *expired, GError **error);

G_END_DECLS

#endif
