/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_STATUS_SERVER_H
#define ANPR_STATUS_SERVER_H

#include "fleet.h"

G_BEGIN_DECLS

#define ANPR_STATUS_SOCKET "status.sock"

typedef struct _AnprStatusServer AnprStatusServer;

AnprStatusServer *anpr_status_server_new (
    AnprFleet *fleet, const gchar *folder, GError **error);
void anpr_status_server_free (AnprStatusServer *server);
gchar *anpr_status_server_ask (const gchar *folder, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprStatusServer, anpr_status_server_free)

G_END_DECLS

#endif
