/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_LOCAL_TIME_H
#define ANPR_LOCAL_TIME_H

#include <glib.h>

G_BEGIN_DECLS

GDateTime *anpr_local_time_parse (
    const gchar *text, GTimeZone *zone, GError **error);
gchar *anpr_local_time_to_utc (GDateTime *time);
gchar *anpr_local_time_show (const gchar *utc, GTimeZone *zone);
gchar *anpr_local_time_zone_name (GTimeZone *zone);

G_END_DECLS

#endif
