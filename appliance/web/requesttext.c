/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Texts of requests: any bytes that libsoup lets through. Whatever is not exactly
 * as it should be is refused; nothing is repaired. Functions of their arguments.
 */

#include "requesttext.h"
#include "../../plugins/record/error.h"
#include "../../plugins/record/identifier.h"
#include "../../plugins/record/jsonmember.h"

#include <string.h>

/**
 * anpr_request_path_is_plain:
 * @path: of a request, as it was sent, percent signs and all
 *
 * No name on this server needs an escape, so whatever could be read in two ways
 * by somebody is none: escapes, "..", names that begin with a dot, empty parts.
 *
 * Returns: whether it may name something
 */
gboolean
anpr_request_path_is_plain (const gchar *path)
{
  if (*path != '/' || strlen (path) > ANPR_REQUEST_MAX_PATH)
    return FALSE;
  for (const gchar *at = path; *at; at++) {
    if (*at == '/' ? at[1] == '/' || at[1] == '.'
                   : !g_ascii_isalnum (*at) && !strchr ("._-", *at))
      return FALSE;
  }
  return TRUE;
}

/**
 * anpr_request_parse_query:
 * @query: (nullable): what stands behind the "?" of an address
 *
 * Returns: (transfer full) (nullable): names and values, valid UTF-8 without
 *     control characters; %NULL if it is none, or names something twice
 */
GHashTable *
anpr_request_parse_query (const gchar *query)
{
  g_autoptr (GHashTable) table =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GUriParamsIter iter;
  gchar *name, *value;
  gboolean right = TRUE;

  g_uri_params_iter_init (
      &iter, query ? query : "", -1, "&", G_URI_PARAMS_WWW_FORM);
  while (right) {
    g_autoptr (GError) error = NULL;

    if (!g_uri_params_iter_next (&iter, &name, &value, &error))
      return error ? NULL : g_steal_pointer (&table);
    for (const gchar *at = value; *at; at++)
      right = right && !g_ascii_iscntrl (*at);
    right = right && g_hash_table_size (table) < ANPR_REQUEST_MAX_PARAMETERS;
    right = g_hash_table_insert (table, name, value) && right;
  }
  return NULL;
}

/**
 * anpr_request_get_cookie:
 * @header: (nullable): a Cookie header
 * @name: of a cookie
 *
 * Returns: (transfer full) (nullable): its value; %NULL if it is there twice, for
 *     nobody knows which one is meant
 */
gchar *
anpr_request_get_cookie (const gchar *header, const gchar *name)
{
  g_auto (GStrv) cookies = g_strsplit (header ? header : "", ";", -1);
  const gchar *found = NULL;

  for (guint i = 0; cookies[i]; i++) {
    gchar *cookie = g_strstrip (cookies[i]);
    gchar *equals = strchr (cookie, '=');

    if (!equals)
      continue;
    *equals = '\0';
    if (!g_str_equal (cookie, name))
      continue;
    if (found)
      return NULL;
    found = equals + 1;
  }
  return g_strdup (found);
}

/**
 * anpr_request_get_bearer:
 * @header: (nullable): an Authorization header
 *
 * Returns: (transfer full) (nullable): the token of scheme Bearer
 */
gchar *
anpr_request_get_bearer (const gchar *header)
{
  static const gchar scheme[] = "Bearer ";

  if (!header || g_ascii_strncasecmp (header, scheme, sizeof scheme - 1) != 0)
    return NULL;
  return g_strstrip (g_strdup (header + sizeof scheme - 1));
}

static gboolean
is_port (const gchar *text)
{
  guint64 port;

  return g_ascii_string_to_unsigned (text, 10, 1, G_MAXUINT16, &port, NULL);
}

/**
 * anpr_request_get_host:
 * @header: (nullable): a Host header
 *
 * Returns: (transfer full) (nullable): the host in it, in small letters, of IPv6
 *     without brackets; %NULL if it is no host with or without port
 */
gchar *
anpr_request_get_host (const gchar *header)
{
  g_autofree gchar *copy = header ? g_ascii_strdown (header, -1) : NULL;
  gchar *host = copy, *behind;

  if (!copy)
    return NULL;
  if (*copy == '[') {
    behind = strchr (copy, ']');
    if (!behind)
      return NULL;
    *behind++ = '\0';
    host = copy + 1;
  } else {
    behind = strchr (copy, ':');
  }
  if (behind && *behind && (*behind != ':' || !is_port (behind + 1)))
    return NULL;
  if (behind && *behind)
    *behind = '\0';
  if (!*host || host[strspn (host, "abcdefghijklmnopqrstuvwxyz0123456789.:-")])
    return NULL;
  return g_strdup (host);
}

/**
 * anpr_request_origin_is:
 * @origin: (nullable): an Origin header
 * @host: (nullable): the Host header of the same request
 *
 * Returns: whether the request comes from a page of this server, or from no page
 */
gboolean
anpr_request_origin_is (const gchar *origin, const gchar *host)
{
  const gchar *behind = origin ? strstr (origin, "://") : NULL;

  if (!origin)
    return TRUE;
  return behind && host && g_ascii_strcasecmp (behind + 3, host) == 0;
}

/**
 * anpr_request_get_tag:
 * @header: (nullable): an If-Match or If-None-Match header
 *
 * Returns: (transfer full) (nullable): the one tag in it, without quotation marks
 */
gchar *
anpr_request_get_tag (const gchar *header)
{
  gsize length = header ? strlen (header) : 0;

  if (length >= 2 && header[0] == '"' && header[length - 1] == '"'
      && !memchr (header + 1, '"', length - 2))
    return g_strndup (header + 1, length - 2);
  return NULL;
}

/**
 * anpr_identifier_get_time:
 * @identifier: (nullable): any text
 * @utc: (out): when it was made, microseconds since 1970
 *
 * Returns: whether it is an id of a passage, a hit or a decision (UUIDv7, RFC
 *     9562)
 */
gboolean
anpr_identifier_get_time (const gchar *identifier, gint64 *utc)
{
  gint64 time = 0;

  if (!identifier || strlen (identifier) != ANPR_IDENTIFIER_LENGTH
      || identifier[14] != '7')
    return FALSE;
  for (guint i = 0; i < ANPR_IDENTIFIER_LENGTH; i++) {
    gboolean dash = i == 8 || i == 13 || i == 18 || i == 23;

    if (dash ? identifier[i] != '-'
             : !g_ascii_isxdigit (identifier[i])
                   || g_ascii_isupper (identifier[i]))
      return FALSE;
    if (!dash && i < 13)
      time = time * 16 + g_ascii_xdigit_value (identifier[i]);
  }
  *utc = time * 1000;
  return TRUE;
}

/* --- JSON ----------------------------------------------------------------- */

/* json-glib's parser calls itself for each level, without a bound */
static gboolean
is_shallow (const gchar *text, gsize length)
{
  gboolean in_string = FALSE;
  guint depth = 0;

  for (gsize i = 0; i < length; i++) {
    if (in_string && text[i] == '\\')
      i++;
    else if (text[i] == '"')
      in_string = !in_string;
    else if (!in_string && strchr ("[{", text[i]) && text[i]
             && ++depth > ANPR_REQUEST_MAX_DEPTH)
      return FALSE;
    else if (!in_string && strchr ("]}", text[i]) && text[i] && depth > 0)
      depth--;
  }
  return TRUE;
}

/* json-glib takes comments and single quotation marks, in which is_shallow()
 * would count brackets otherwise; JSON has neither, outside strings. A text with
 * the escape of NUL would end there for who reads it */
static gboolean
is_json_text (const gchar *text, gsize length)
{
  gboolean in_string = FALSE;

  for (gsize i = 0; i < length; i++) {
    if (in_string && text[i] == '\\') {
      if (length - i > 5 && memcmp (text + i + 1, "u0000", 5) == 0)
        return FALSE;
      i++;
    } else if (text[i] == '"') {
      in_string = !in_string;
    } else if (!in_string
               && (strchr ("/'#", text[i]) || (guchar) text[i] >= 128)) {
      return FALSE;
    }
  }
  return !in_string;
}

/**
 * anpr_request_parse_json:
 * @text: (array length=length): any bytes
 * @length: bytes
 * @error: %ANPR_ERROR_WEB_REQUEST
 *
 * Returns: (transfer full) (nullable): the object it is
 */
JsonObject *
anpr_request_parse_json (const gchar *text, gsize length, GError **error)
{
  JsonObject *object = NULL;

  if (length > 0 && g_utf8_validate_len (text, length, NULL)
      && is_json_text (text, length) && is_shallow (text, length))
    object = anpr_json_parse (text, length);
  if (object)
    return object;
  g_set_error (error, ANPR_ERROR, ANPR_ERROR_WEB_REQUEST,
      "The request is no object of JSON with at most %d levels",
      ANPR_REQUEST_MAX_DEPTH);
  return NULL;
}
