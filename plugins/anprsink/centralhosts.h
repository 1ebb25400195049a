/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_CENTRAL_HOSTS_H
#define ANPR_CENTRAL_HOSTS_H

#include <gio/gio.h>

G_BEGIN_DECLS

/* AnprCentralHost: one place to try.
 *
 * name     (nullable) as configured: what the certificate must be for, or the
 *          folder of a unix socket; NULL is libpq's default socket
 * number   (nullable) address on the network
 * port     (nullable) NULL is libpq's default
 */
typedef struct {
  gchar *name;
  gchar *number;
  gchar *port;
} AnprCentralHost;

GPtrArray *anpr_central_find_hosts (GHashTable *settings, gint64 deadline,
    GCancellable *cancellable, GError **error);
gchar *anpr_central_host_to_string (const AnprCentralHost *host);

G_END_DECLS

#endif
