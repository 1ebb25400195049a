/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_REDIS_ADDRESS_H
#define ANPR_HITMATCH_REDIS_ADDRESS_H

#include <glib.h>

G_BEGIN_DECLS

/* Environment variable that holds the password, if no file does */
#define ANPR_REDIS_PASSWORD_VARIABLE "ANPR_REDIS_PASSWORD"

/* AnprRedisAddress: where a Redis server is and who asks.
 *
 * socket         (nullable) path of a unix socket
 * host, port     of a server on the network, if there is no socket
 * database       number
 * user           (nullable) ACL user, NULL for the default one
 * password_file  (nullable) file whose first line is the password
 */
typedef struct {
  gchar *socket;
  gchar *host;
  guint port;
  guint database;
  gchar *user;
  gchar *password_file;
} AnprRedisAddress;

AnprRedisAddress *anpr_redis_address_parse (const gchar *uri, GError **error);
AnprRedisAddress *anpr_redis_address_copy (const AnprRedisAddress *address);
void anpr_redis_address_free (AnprRedisAddress *address);
gchar *anpr_redis_address_to_string (const AnprRedisAddress *address);
gboolean anpr_redis_address_read_password (
    const AnprRedisAddress *address, gchar **password, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprRedisAddress, anpr_redis_address_free)

G_END_DECLS

#endif
