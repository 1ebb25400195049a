/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Addresses of Redis servers, docs/redis.md:
 *
 *   redis://[USER@]HOST[:PORT][/DATABASE][?password-file=FILE]
 *   unix://[USER@]/PATH[?database=NUMBER&password-file=FILE]
 *
 * A password never stands in an address: addresses are arguments and
 * properties, which every account of the machine can read, and end in logs. It
 * comes from a file that only its owner may read, or from the environment, and
 * is read anew for each connection, so that it can be changed while running.
 */

#include "redisaddress.h"
#include "../record/error.h"
#include "../record/passwordfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_PORT 6379
#define MAX_DATABASE 1023

static gboolean
refuse (GError **error, const gchar *reason)
{
  g_set_error (
      error, ANPR_ERROR, ANPR_ERROR_REDIS_ADDRESS, "Redis address: %s", reason);
  return FALSE;
}

static gboolean
take_database (AnprRedisAddress *address, const gchar *text, GError **error)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (text, 10, 0, MAX_DATABASE, &number, NULL))
    return refuse (error, "the database is not a number");
  address->database = (guint) number;
  return TRUE;
}

static gboolean
take_parameter (AnprRedisAddress *address, const gchar *name,
    const gchar *value, GError **error)
{
  if (strcmp (name, "database") == 0)
    return take_database (address, value, error);
  if (strcmp (name, "password-file") != 0)
    return refuse (
        error, "behind '?' there can be password-file= and database= only");
  g_free (address->password_file);
  address->password_file = g_strdup (value);
  return TRUE;
}

static gboolean
take_parameters (AnprRedisAddress *address, const gchar *query, GError **error)
{
  GUriParamsIter iter;
  gchar *name, *value;

  if (!query)
    return TRUE;
  g_uri_params_iter_init (&iter, query, -1, "&", G_URI_PARAMS_NONE);
  while (g_uri_params_iter_next (&iter, &name, &value, NULL)) {
    g_autofree gchar *own_name = name, *own_value = value;

    if (!take_parameter (address, own_name, own_value, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
take_socket (AnprRedisAddress *address, GUri *uri, GError **error)
{
  const gchar *path = g_uri_get_path (uri), *host = g_uri_get_host (uri);

  if ((host && host[0]) || path[0] != '/' || path[1] == '\0')
    return refuse (error, "a unix socket is written unix:///path/to/socket");
  address->socket = g_strdup (path);
  return TRUE;
}

static gboolean
take_host (AnprRedisAddress *address, GUri *uri, GError **error)
{
  const gchar *path = g_uri_get_path (uri), *host = g_uri_get_host (uri);

  if (!host || host[0] == '\0')
    return refuse (error, "no host");
  address->host = g_strdup (host);
  address->port = DEFAULT_PORT;
  if (g_uri_get_port (uri) > 0)
    address->port = (guint) g_uri_get_port (uri);
  return path[0] == '\0' || path[1] == '\0'
         || take_database (address, path + 1, error);
}

static gboolean
take_place (AnprRedisAddress *address, GUri *uri, GError **error)
{
  const gchar *scheme = g_uri_get_scheme (uri);

  if (strcmp (scheme, "unix") == 0)
    return take_socket (address, uri, error);
  if (strcmp (scheme, "redis") == 0)
    return take_host (address, uri, error);
  return refuse (error, "it begins with redis:// or unix://");
}

/**
 * anpr_redis_address_parse: (skip)
 * @uri: the address
 * @error: of domain %ANPR_ERROR; never shows @uri, which may hold a password
 *     that should not be there
 *
 * Returns: (transfer full): the address, %NULL if it is none
 */
AnprRedisAddress *
anpr_redis_address_parse (const gchar *uri, GError **error)
{
  g_autoptr (AnprRedisAddress) address = g_new0 (AnprRedisAddress, 1);
  g_autoptr (GUri) parsed = g_uri_parse (uri, G_URI_FLAGS_HAS_PASSWORD, NULL);

  if (!parsed) {
    refuse (error, "it is written redis://HOST or unix:///path/to/socket");
    return NULL;
  }
  if (g_uri_get_password (parsed)) {
    refuse (error, "a password does not belong there; use password-file= or "
                   "the environment variable " ANPR_REDIS_PASSWORD_VARIABLE);
    return NULL;
  }
  address->user = g_strdup (g_uri_get_user (parsed));
  if (address->user && address->user[0] == '\0')
    g_clear_pointer (&address->user, g_free);
  if (!take_place (address, parsed, error)
      || !take_parameters (address, g_uri_get_query (parsed), error))
    return NULL;
  return g_steal_pointer (&address);
}

/**
 * anpr_redis_address_copy: (skip)
 * @address: an address
 *
 * Returns: (transfer full): the same
 */
AnprRedisAddress *
anpr_redis_address_copy (const AnprRedisAddress *address)
{
  AnprRedisAddress *copy = g_new0 (AnprRedisAddress, 1);

  *copy = *address;
  copy->socket = g_strdup (address->socket);
  copy->host = g_strdup (address->host);
  copy->user = g_strdup (address->user);
  copy->password_file = g_strdup (address->password_file);
  return copy;
}

/**
 * anpr_redis_address_free: (skip)
 * @address: (nullable) (transfer full): an address
 */
void
anpr_redis_address_free (AnprRedisAddress *address)
{
  if (!address)
    return;
  g_free (address->socket);
  g_free (address->host);
  g_free (address->user);
  g_free (address->password_file);
  g_free (address);
}

/**
 * anpr_redis_address_to_string: (skip)
 * @address: an address
 *
 * Returns: (transfer full): where the server is, for messages
 */
gchar *
anpr_redis_address_to_string (const AnprRedisAddress *address)
{
  if (address->socket)
    return g_strdup (address->socket);
  return g_strdup_printf ("%s:%u", address->host, address->port);
}

/**
 * anpr_redis_address_read_password: (skip)
 * @address: an address
 * @password: (out) (nullable): to be freed with anpr_password_free();
 *     %NULL if none is configured
 * @error: of domain %ANPR_ERROR, without the password
 *
 * Returns: %FALSE if one is configured that cannot be used
 */
gboolean
anpr_redis_address_read_password (
    const AnprRedisAddress *address, gchar **password, GError **error)
{
  const gchar *fault;

  *password = NULL;
  if (!address->password_file) {
    *password = g_strdup (g_getenv (ANPR_REDIS_PASSWORD_VARIABLE));
    return TRUE;
  }
  *password = anpr_password_file_read (address->password_file, &fault);
  return *password || refuse (error, fault);
}
