/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_LIST_TRAFFIC_H
#define ANPR_LIST_TRAFFIC_H

#include "listexplain.h"

G_BEGIN_DECLS

/* Passages of a spool that are looked at, the latest */
#define ANPR_LIST_TRAFFIC_MAX 100000

gboolean anpr_list_traffic_read (
    AnprListTraffic *traffic, const gchar *spool, GError **error);
void anpr_list_traffic_clear (AnprListTraffic *traffic);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AnprListTraffic, anpr_list_traffic_clear)

G_END_DECLS

#endif
