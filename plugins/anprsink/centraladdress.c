/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Addresses of the central database, docs/forwarding.md:
 *
 *   postgresql://[USER@]HOST[:PORT][,HOST...]/DATABASE[?SETTING=VALUE&...]
 *   NAME of a service in pg_service.conf
 *
 * with libpq's settings, and password-file= beside them. libpq reads URI,
 * service file and PG* variables; here is only what it would be too lenient
 * about:
 *
 * - A password never stands in an address, a service file or a variable. It
 *   comes from password-file= or libpq's passfile, which only their owner may
 *   read (a systemd credential shows its access list as read access of the
 *   group, and is taken too), and is read anew for each connection.
 * - TLS with verify-full, unless another mode that keeps its word is named.
 *   "prefer" and "allow" would go on in clear text when somebody asks for it:
 *   they are read as verify-full.
 * - No other way of encrypting (GSSAPI) and no question for a key's password on
 *   the terminal: both could block.
 */

#include "centraladdress.h"
#include "../record/error.h"
#include "../record/passwordfile.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_SERVICE_NAME 63

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PGconn, PQfinish)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PQconninfoOption, PQconninfoFree)

static gboolean
refuse (GError **error, const gchar *reason)
{
  g_set_error (error, ANPR_ERROR, ANPR_ERROR_CENTRAL_ADDRESS,
      "Address of the central database: %s", reason);
  return FALSE;
}

static gboolean
is_uri (const gchar *text)
{
  return g_str_has_prefix (text, "postgresql://")
         || g_str_has_prefix (text, "postgres://");
}

static gboolean
is_service_name (const gchar *text)
{
  gsize length = strlen (text);

  for (gsize i = 0; i < length; i++) {
    if (!g_ascii_isalnum (text[i]) && !strchr ("_.-", text[i]))
      return FALSE;
  }
  return length > 0 && length <= MAX_SERVICE_NAME;
}

/* Takes password-file= out of the URI, since libpq does not know it. */
static gboolean
take_password_file (
    AnprCentralAddress *address, const gchar *text, GError **error)
{
  static const gchar key[] = "password-file=";
  const gchar *query = strchr (text, '?');
  g_auto (GStrv) parts = g_strsplit (query ? query + 1 : "", "&", -1);
  g_autoptr (GString) uri =
      g_string_new_len (text, query ? query - text : (gssize) strlen (text));
  gchar separator = '?';

  for (guint i = 0; parts[i]; i++) {
    if (g_str_has_prefix (parts[i], key)) {
      g_free (address->password_file);
      address->password_file =
          g_uri_unescape_string (parts[i] + strlen (key), NULL);
      if (!address->password_file
          || !g_path_is_absolute (address->password_file))
        return refuse (error, "password-file= is no absolute path");
      continue;
    }
    g_string_append_c (uri, separator);
    g_string_append (uri, parts[i]);
    separator = '&';
  }
  address->uri = g_strdup (uri->str);
  return TRUE;
}

static const gchar *
option_value (const PQconninfoOption *options, const gchar *keyword)
{
  for (; options->keyword; options++) {
    if (strcmp (options->keyword, keyword) == 0)
      return options->val;
  }
  return NULL;
}

static gboolean
check_no_secret (const PQconninfoOption *options, GError **error)
{
  if (option_value (options, "password")
      || option_value (options, "sslpassword"))
    return refuse (error,
        "a password belongs in a file only its owner can read; name it with "
        "password-file= or passfile=");
  return TRUE;
}

static gboolean
check_uri (const gchar *uri, GError **error)
{
  g_autoptr (PQconninfoOption) options = PQconninfoParse (uri, NULL);

  /* libpq's own text would show parts of the URI */
  if (!options)
    return refuse (error,
        "not a valid URI, or a setting that libpq does not know; it is written "
        "postgresql://HOST/DATABASE?SETTING=VALUE");
  return check_no_secret (options, error);
}

/**
 * anpr_central_address_parse: (skip)
 * @text: a libpq URI or the name of a service
 * @error: %ANPR_ERROR_CENTRAL_ADDRESS; never shows @text, which may hold a
 *     password that should not be there
 *
 * Opens no file and asks no network.
 *
 * Returns: (transfer full) (nullable): the address
 */
AnprCentralAddress *
anpr_central_address_parse (const gchar *text, GError **error)
{
  g_autoptr (AnprCentralAddress) address = g_new0 (AnprCentralAddress, 1);

  g_return_val_if_fail (text != NULL, NULL);

  if (is_uri (text)) {
    if (!take_password_file (address, text, error)
        || !check_uri (address->uri, error))
      return NULL;
  } else if (is_service_name (text)) {
    address->service = g_strdup (text);
  } else {
    (void) refuse (error,
        "it is a URI, postgresql://HOST/DATABASE, or the name of a service in "
        "pg_service.conf");
    return NULL;
  }
  return g_steal_pointer (&address);
}

/**
 * anpr_central_address_free: (skip)
 * @address: (nullable) (transfer full): an address
 */
void
anpr_central_address_free (AnprCentralAddress *address)
{
  if (!address)
    return;
  g_free (address->uri);
  g_free (address->service);
  g_free (address->password_file);
  g_free (address);
}

/* libpq resolves services and variables only on the way to a connection. With a
 * mode of encryption that does not exist it does that and then gives up, before
 * it asks any name server. */
static PQconninfoOption *
ask_libpq (const AnprCentralAddress *address, GError **error)
{
  const char *keywords[] = { address->uri ? "dbname" : "service", "gssencmode",
    NULL };
  const char *values[] = { address->uri ? address->uri : address->service,
    "none-at-all", NULL };
  g_autoptr (PGconn) connection = PQconnectStartParams (keywords, values, 1);
  g_autoptr (PQconninfoOption) options =
      connection ? PQconninfo (connection) : NULL;

  /* a port there is always, if anything was understood */
  if (options && option_value (options, "port"))
    return g_steal_pointer (&options);
  (void) refuse (error,
      "the service is not in pg_service.conf, or that file has an error");
  return NULL;
}

static gboolean
check_private (const gchar *path, const gchar *what, GError **error)
{
  struct stat status;
  g_autofree gchar *reason = NULL;

  if (stat (path, &status) != 0)
    reason = g_strdup_printf ("the %s \"%s\" cannot be found", what, path);
  else if (!S_ISREG (status.st_mode))
    reason =
        g_strdup_printf ("the %s \"%s\" is not a regular file", what, path);
  else if (status.st_mode & (S_IRWXG | S_IRWXO))
    reason = g_strdup_printf (
        "the %s \"%s\" may be read by others; give it mode 0600", what, path);
  return reason ? refuse (error, reason) : TRUE;
}

static void
set_default (GHashTable *settings, const gchar *keyword, const gchar *value)
{
  if (!g_hash_table_contains (settings, keyword))
    g_hash_table_insert (settings, g_strdup (keyword), g_strdup (value));
}

static void
set_always (GHashTable *settings, const gchar *keyword, const gchar *value)
{
  g_hash_table_insert (settings, g_strdup (keyword), g_strdup (value));
}

static void
harden (GHashTable *settings)
{
  const gchar *mode = g_hash_table_lookup (settings, "sslmode");

  if (!mode || strcmp (mode, "prefer") == 0 || strcmp (mode, "allow") == 0)
    set_always (settings, "sslmode", "verify-full");
  set_always (settings, "gssencmode", "disable");
  set_always (settings, "client_encoding", "UTF8");
  /* an encrypted key fails, where OpenSSL would ask at the terminal */
  set_always (settings, "sslpassword", "-");
  /* a server that vanished is noticed within half a minute */
  set_default (settings, "keepalives_idle", "10");
  set_default (settings, "keepalives_interval", "5");
  set_default (settings, "keepalives_count", "3");
  set_default (settings, "tcp_user_timeout", "25000");
  set_default (settings, "fallback_application_name", "gst-anpr");
}

/**
 * anpr_central_address_get_settings: (skip)
 * @address: an address
 * @error: %ANPR_ERROR_CENTRAL_ADDRESS
 *
 * Reads the service file, the PG* variables and libpq's defaults as they are
 * now, and hardens the outcome. Blocks on local files at most.
 *
 * Returns: (transfer full) (nullable) (element-type utf8 utf8): libpq's
 *     settings, without a password
 */
GHashTable *
anpr_central_address_get_settings (
    const AnprCentralAddress *address, GError **error)
{
  g_autoptr (PQconninfoOption) options = ask_libpq (address, error);
  g_autoptr (GHashTable) settings =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  const gchar *passfile;

  if (!options || !check_no_secret (options, error))
    return NULL;
  for (PQconninfoOption *option = options; option->keyword; option++) {
    if (option->val && option->val[0])
      set_always (settings, option->keyword, option->val);
  }
  passfile = g_hash_table_lookup (settings, "passfile");
  /* libpq would leave it out and say so on standard error. The default one need
   * not be there. */
  if (passfile && g_file_test (passfile, G_FILE_TEST_EXISTS)
      && !check_private (passfile, "password file", error))
    return NULL;
  harden (settings);
  return g_steal_pointer (&settings);
}

/**
 * anpr_central_address_to_string: (skip)
 * @address: an address
 *
 * Returns: (transfer full): where it is, for messages; without settings
 */
gchar *
anpr_central_address_to_string (const AnprCentralAddress *address)
{
  g_autoptr (PQconninfoOption) options = NULL;
  const gchar *host;

  if (!address->uri)
    return g_strdup_printf ("service %s", address->service);
  options = PQconninfoParse (address->uri, NULL);
  host = options ? option_value (options, "host") : NULL;
  if (!host && options)
    host = option_value (options, "hostaddr");
  return g_strdup (host && host[0] ? host : "the local socket");
}

/**
 * anpr_central_address_read_password: (skip)
 * @address: an address
 * @password: (out) (nullable): to be freed with anpr_password_free();
 *     %NULL if password-file= names none
 * @error: %ANPR_ERROR_CENTRAL_ADDRESS, without the password
 *
 * Returns: %FALSE if one is named that cannot be used
 */
gboolean
anpr_central_address_read_password (
    const AnprCentralAddress *address, gchar **password, GError **error)
{
  const gchar *fault;

  *password = NULL;
  if (!address->password_file)
    return TRUE;
  *password = anpr_password_file_read (address->password_file, &fault);
  return *password || refuse (error, fault);
}
