/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_CENTRAL_ADDRESS_H
#define ANPR_CENTRAL_ADDRESS_H

#include <glib.h>

G_BEGIN_DECLS

/* AnprCentralAddress: where the central database is and who asks.
 *
 * uri            (nullable) postgresql://..., without password-file=
 * service        (nullable) name in pg_service.conf, where there is no uri
 * password_file  (nullable) file whose first line is the password
 */
typedef struct {
  gchar *uri;
  gchar *service;
  gchar *password_file;
} AnprCentralAddress;

AnprCentralAddress *anpr_central_address_parse (
    const gchar *text, GError **error);
void anpr_central_address_free (AnprCentralAddress *address);
GHashTable *anpr_central_address_get_settings (
    const AnprCentralAddress *address, GError **error);
gchar *anpr_central_address_to_string (const AnprCentralAddress *address);

gboolean anpr_central_address_read_password (
    const AnprCentralAddress *address, gchar **password, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprCentralAddress, anpr_central_address_free)

G_END_DECLS

#endif
