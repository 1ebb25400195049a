/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef GST_HIT_ALERT_H
#define GST_HIT_ALERT_H

#include <gst/gst.h>
#include "redisaddress.h"
#include "../record/clock.h"
#include "../record/hit.h"

G_BEGIN_DECLS

typedef struct _GstHitAlerts GstHitAlerts;

GstHitAlerts *gst_hit_alerts_new (GstElement *element);
void gst_hit_alerts_free (GstHitAlerts *alerts);
void gst_hit_alerts_start (
    GstHitAlerts *alerts, const AnprRedisAddress *address);
void gst_hit_alerts_stop (GstHitAlerts *alerts);
void gst_hit_alerts_end (GstHitAlerts *alerts);
void gst_hit_alerts_set_position (GstHitAlerts *alerts, const gchar *position);
gchar *gst_hit_alerts_get_position (GstHitAlerts *alerts);
void gst_hit_alerts_set_window (GstHitAlerts *alerts, guint seconds);
guint gst_hit_alerts_get_window (GstHitAlerts *alerts);
void gst_hit_alerts_tell (GstHitAlerts *alerts, AnprHit *hit,
    const gchar *passage_id, const gchar *text, const AnprMoment *moment,
    gint64 utc);
void gst_hit_alerts_add_stats (GstHitAlerts *alerts, GstStructure *structure);

G_END_DECLS

#endif
