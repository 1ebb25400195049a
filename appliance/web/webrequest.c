/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Requests to the page: who may ask what, and who answers.
 *
 * A request goes through these, and the first that objects answers it:
 *
 *   door.c          number of connections, time
 *   on_head()       size of the body
 *   on_request()    path, name of the host
 *   session         anything of the API without one is 401, be it there or not
 *   route, role     a table says which roles each is for: 404, 405, 403
 *   origin, token   of requests that change something
 *   pace            of requests that are logged
 *   query, body     one form each
 *   handler         of the route
 *
 * Who signs in gets a cookie no script can read and no other site's request
 * carries, and a token to repeat in a header, which no other site can send.
 */

#include "web-private.h"
#include "pagefiles.h"

#include <string.h>

/* A body that is too large is read on to here, so that the answer is seen, and
 * cut off then, bytes */
#define MAX_DISCARDED (4 * ANPR_WEB_MAX_BODY)

static const AnprRoute *const tables[] = { anpr_session_routes,
  anpr_account_routes, anpr_position_routes, anpr_passage_routes,
  anpr_hit_routes, anpr_other_routes };

/* --- requests ------------------------------------------------------------- */

static void
request_free (AnprRequest *request)
{
  if (request->free_data)
    request->free_data (request->data);
  anpr_answer_clear (&request->answer);
  g_object_unref (request->message);
  g_clear_pointer (&request->query, g_hash_table_unref);
  g_clear_pointer (&request->body, json_object_unref);
  anpr_account_free (request->account);
  g_free (request->csrf);
  g_free (request->object);
  g_free (request->part);
  g_free (request->address);
  g_free (request);
}

static gchar *
get_address (SoupServerMessage *message)
{
  GSocketAddress *remote = soup_server_message_get_remote_address (message);

  return G_IS_INET_SOCKET_ADDRESS (remote) ? g_inet_address_to_string (
             g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote)))
                                           : g_strdup ("unknown");
}

static void
on_gone (SoupServerMessage *message, gpointer data)
{
  g_object_set_data (G_OBJECT (message), "anpr-gone", message);
}

static AnprRequest *
request_new (AnprWeb *web, SoupServerMessage *message)
{
  AnprRequest *request = g_new0 (AnprRequest, 1);

  request->web = web;
  request->message = g_object_ref (message);
  request->address = get_address (message);
  return request;
}

static void
send_answer (AnprRequest *request)
{
  gboolean gone =
      g_object_get_data (G_OBJECT (request->message), "anpr-gone") != NULL;

  if (!gone && !request->streaming) {
    anpr_answer_send (&request->answer, request->message);
    if (request->paused)
      soup_server_message_unpause (request->message);
  }
  request_free (request);
}

static void
do_work (gpointer data)
{
  AnprRequest *request = data;

  request->work (request);
}

static void
end_work (gpointer data)
{
  AnprRequest *request = data;

  if (request->then)
    request->then (request);
  if (request->answer.status == 0)
    anpr_answer_set_fault (
        &request->answer, ANPR_ERROR_WEB_LOG, "The request was not answered");
  send_answer (request);
}

/**
 * anpr_request_work:
 * @request: a request whose handler runs
 * @workers: who do it
 * @work: what blocks; sets the answer
 * @then: (nullable): what follows on the main thread before it is sent
 */
void
anpr_request_work (AnprRequest *request, AnprWorkers *workers, AnprHandler work,
    AnprHandler then)
{
  request->work = work;
  request->then = then;
  request->paused = anpr_workers_do (workers, do_work, end_work, request);
  if (request->paused)
    soup_server_message_pause (request->message);
  else
    anpr_answer_set_fault (&request->answer, ANPR_ERROR_WEB_BUSY,
        "There is too much to do at the moment");
}

const gchar *
anpr_request_get (AnprRequest *request, const gchar *parameter)
{
  return g_hash_table_lookup (request->query, parameter);
}

/**
 * anpr_request_get_limit:
 * @request: a request
 * @usual: if it does not say
 * @most: and more is not given
 *
 * Returns: how many things to give, from 1
 */
guint
anpr_request_get_limit (AnprRequest *request, guint usual, guint most)
{
  const gchar *text = anpr_request_get (request, "limit");
  guint64 limit;

  if (!text
      || !g_ascii_string_to_unsigned (text, 10, 1, G_MAXUINT32, &limit, NULL))
    return usual;
  return MIN (limit, most);
}

/**
 * anpr_request_log:
 * @request: a request
 * @what: is done, or is to be done
 * @object: (nullable): with what
 * @details: (nullable) (transfer none): more
 * @error: %ANPR_ERROR_WEB_LOG: it must not be done
 *
 * Blocks; for workers.
 *
 * Returns: whether it is in the log
 */
gboolean
anpr_request_log (AnprRequest *request, const gchar *what, const gchar *object,
    JsonNode *details, GError **error)
{
  AnprAuditEntry entry = {
    .user = request->account ? request->account->user : NULL,
    .address = request->address,
    .what = what,
    .object = object,
    .details = details,
  };

  return anpr_audit_log_add (request->web->log, &entry, error);
}

/**
 * anpr_request_log_texts:
 * @request: a request
 * @what: as anpr_request_log()
 * @object: (nullable): as anpr_request_log()
 * @...: names and values (nullable) of details, %NULL ends them
 *
 * Returns: whether it is in the log; else that is the answer
 */
gboolean
anpr_request_log_texts (
    AnprRequest *request, const gchar *what, const gchar *object, ...)
{
  g_autoptr (JsonNode) details = json_node_new (JSON_NODE_OBJECT);
  JsonObject *texts = json_object_new ();
  g_autoptr (GError) error = NULL;
  const gchar *name;
  va_list arguments;

  va_start (arguments, object);
  while ((name = va_arg (arguments, const gchar *))) {
    const gchar *value = va_arg (arguments, const gchar *);

    if (value)
      json_object_set_string_member (texts, name, value);
  }
  va_end (arguments);
  json_node_take_object (details, texts);
  if (anpr_request_log (request, what, object, details, &error))
    return TRUE;
  anpr_answer_set_error (&request->answer, error);
  return FALSE;
}

/* --- who it is ------------------------------------------------------------ */

/**
 * anpr_web_cookie_name:
 * @web: the server
 *
 * Returns: (transfer full): of the session's cookie. With the prefix, browsers
 *     take it over TLS and from this very host only
 */
gchar *
anpr_web_cookie_name (AnprWeb *web)
{
  return g_strdup (anpr_door_is_encrypted (web->door) ? "__Host-anpr-session"
                                                      : "anpr-session");
}

/**
 * anpr_account_get_viewer:
 * @account: an account
 *
 * Returns: what of passages and hits they may see
 */
AnprViewer
anpr_account_get_viewer (const AnprAccount *account)
{
  if (account->role == ANPR_ROLE_TECHNICIAN)
    return ANPR_VIEWER_TECHNICIAN;
  return account->cleared ? ANPR_VIEWER_CLEARED : ANPR_VIEWER_USUAL;
}

static AnprAccount *
find_account (AnprWeb *web, const AnprSession *session)
{
  g_autoptr (AnprAccount) account = NULL;
  g_autoptr (GError) error = NULL;

  if (!anpr_accounts_refresh (web->accounts, &error)) {
    g_debug ("%s", error->message);
    return NULL;
  }
  account = anpr_accounts_find (web->accounts, session->user);
  if (!account || g_strcmp0 (account->password, session->password) != 0)
    return NULL;
  return g_steal_pointer (&account);
}

/* Finds out who asks; nobody if there is no session, or no such account any
 * more */
static void
find_session (AnprRequest *request)
{
  AnprWeb *web = request->web;
  SoupMessageHeaders *headers =
      soup_server_message_get_request_headers (request->message);
  g_autofree gchar *name = anpr_web_cookie_name (web);
  g_autofree gchar *secret = anpr_request_get_cookie (
      soup_message_headers_get_list (headers, "Cookie"), name);
  const AnprSession *session =
      anpr_sessions_find (web->sessions, secret, g_get_monotonic_time (), TRUE);

  if (!session)
    return;
  request->account = find_account (web, session);
  if (!request->account) {
    anpr_sessions_end (web->sessions, session->number);
    return;
  }
  request->session = session->number;
  anpr_door_know (request->message);
  request->csrf = g_strdup (session->csrf);
}

/**
 * anpr_web_ask_session:
 * @number: of a session
 * @viewer: (out): what it may see now
 * @data: the server
 *
 * Returns: whether it has not ended, as #AnprEventsAsk
 */
gboolean
anpr_web_ask_session (guint64 number, AnprViewer *viewer, gpointer data)
{
  AnprWeb *web = data;
  const AnprSession *session = anpr_sessions_find_number (
      web->sessions, number, g_get_monotonic_time ());
  g_autoptr (AnprAccount) account =
      session ? find_account (web, session) : NULL;

  if (!account)
    return FALSE;
  *viewer = anpr_account_get_viewer (account);
  return TRUE;
}

/* --- routes --------------------------------------------------------------- */

/* Whether a path is that of a route; "*" is any part */
static gboolean
match_path (const AnprRoute *route, gchar **parts, AnprRequest *request)
{
  g_auto (GStrv) wanted = g_strsplit (route->path, "/", -1);
  guint i, n_names = 0;
  const gchar *names[2] = { NULL, NULL };

  for (i = 0; wanted[i] && parts[i]; i++) {
    if (g_str_equal (wanted[i], "*") && *parts[i] && n_names < 2)
      names[n_names++] = parts[i];
    else if (!g_str_equal (wanted[i], parts[i]))
      return FALSE;
  }
  if (wanted[i] || parts[i])
    return FALSE;
  g_free (request->object);
  g_free (request->part);
  request->object = g_strdup (names[0]);
  request->part = g_strdup (names[1]);
  return TRUE;
}

static const gchar *
get_method (AnprRequest *request)
{
  const gchar *method = soup_server_message_get_method (request->message);

  return g_str_equal (method, "HEAD") ? "GET" : method;
}

/* Gives the route, or sets the answer */
static const AnprRoute *
find_route (AnprRequest *request, const gchar *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  gboolean known = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++) {
    for (const AnprRoute *route = tables[i]; route->path; route++) {
      if (!match_path (route, parts, request))
        continue;
      known = TRUE;
      if (g_str_equal (route->method, get_method (request)))
        return route;
    }
  }
  if (known)
    anpr_answer_set_fault (
        &request->answer, ANPR_ERROR_WEB_METHOD, "This cannot be asked so");
  else
    anpr_answer_set_fault (
        &request->answer, ANPR_ERROR_WEB_MISSING, "There is no such thing");
  return NULL;
}

static gboolean
check_role (AnprRequest *request, const AnprRoute *route)
{
  if (route->roles == ANPR_FOR_ANYBODY
      || (request->account && route->roles & (1u << request->account->role)))
    return TRUE;
  anpr_answer_set_fault (&request->answer, ANPR_ERROR_WEB_ROLE,
      "A %s may not do this", anpr_role_to_string (request->account->role));
  return FALSE;
}

static gboolean
is_change (AnprRequest *request)
{
  return !g_str_equal (get_method (request), "GET");
}

static gboolean
check_origin (AnprRequest *request)
{
  SoupMessageHeaders *headers =
      soup_server_message_get_request_headers (request->message);
  const gchar *site = soup_message_headers_get_one (headers, "Sec-Fetch-Site");

  if (anpr_request_origin_is (soup_message_headers_get_one (headers, "Origin"),
          soup_message_headers_get_one (headers, "Host"))
      && (!site || g_str_equal (site, "same-origin")
          || g_str_equal (site, "none")))
    return TRUE;
  anpr_answer_set_fault (&request->answer, ANPR_ERROR_WEB_CSRF,
      "The request comes from another page");
  return FALSE;
}

static gboolean
check_token (AnprRequest *request)
{
  const gchar *token = soup_message_headers_get_one (
      soup_server_message_get_request_headers (request->message),
      "X-CSRF-Token");

  if (!request->account || anpr_secret_equal (request->csrf, token))
    return TRUE;
  anpr_answer_set_fault (&request->answer, ANPR_ERROR_WEB_CSRF,
      "The header X-CSRF-Token is not that of the session");
  return FALSE;
}

static gboolean
check_pace (AnprRequest *request, const AnprRoute *route)
{
  guint wait = route->logged && request->account
                   ? anpr_sessions_pace (request->web->sessions,
                       request->account->user, g_get_monotonic_time ())
                   : 0;

  if (wait == 0)
    return TRUE;
  anpr_answer_set_fault (&request->answer, ANPR_ERROR_WEB_DELAY,
      "There were too many requests; %d a second are answered",
      ANPR_PACE_SECOND);
  request->answer.wait = wait;
  return FALSE;
}

static gboolean
take_body (AnprRequest *request)
{
  SoupMessageBody *body =
      soup_server_message_get_request_body (request->message);
  const gchar *type = soup_message_headers_get_content_type (
      soup_server_message_get_request_headers (request->message), NULL);
  g_autoptr (GBytes) bytes = soup_message_body_flatten (body);
  g_autoptr (GError) error = NULL;

  if (g_bytes_get_size (bytes) == 0)
    return TRUE;
  if (g_strcmp0 (type, "application/json") != 0) {
    anpr_answer_set_fault (&request->answer, ANPR_ERROR_WEB_REQUEST,
        "The Content-Type is not application/json");
    return FALSE;
  }
  request->body = anpr_request_parse_json (
      g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &error);
  if (request->body)
    return TRUE;
  anpr_answer_set_error (&request->answer, error);
  return FALSE;
}

static gboolean
take_query (AnprRequest *request)
{
  GUri *uri = soup_server_message_get_uri (request->message);

  request->query = anpr_request_parse_query (g_uri_get_query (uri));
  if (request->query)
    return TRUE;
  anpr_answer_set_fault (&request->answer, ANPR_ERROR_WEB_REQUEST,
      "What stands behind the ? is wrong");
  return FALSE;
}

/* --- letting through ------------------------------------------------------ */

/* A page of somebody else whose name was made to lead here (DNS rebinding) has
 * that name as its host */
static gboolean
is_our_name (AnprWeb *web, const gchar *header)
{
  g_autofree gchar *host = anpr_request_get_host (header);
  g_auto (GStrv) names = g_strsplit (web->host_names, " ", -1);

  return host
         && (g_hostname_is_ip_address (host) || g_str_equal (host, "localhost")
             || g_ascii_strcasecmp (host, g_get_host_name ()) == 0
             || g_strv_contains ((const gchar *const *) names, host));
}

static gboolean
check_name (AnprRequest *request)
{
  if (is_our_name (request->web,
          /* two are a list, which is no name */
          soup_message_headers_get_list (
              soup_server_message_get_request_headers (request->message),
              "Host")))
    return TRUE;
  anpr_answer_set_fault (&request->answer, ANPR_ERROR_WEB_REQUEST,
      "The page has another name; host-names= in [page] of anprd.conf tells "
      "which");
  return FALSE;
}

static void
serve_file (AnprRequest *request, const gchar *path)
{
  g_autofree gchar *tag = anpr_request_get_tag (soup_message_headers_get_one (
      soup_server_message_get_request_headers (request->message),
      "If-None-Match"));

  if (is_change (request))
    anpr_answer_set_fault (
        &request->answer, ANPR_ERROR_WEB_METHOD, "A page can only be read");
  else
    anpr_page_files_get (path, tag, &request->answer);
}

static gboolean
needs_session (const gchar *path)
{
  return g_str_has_prefix (path, "/api/")
         && !g_str_equal (path, "/api/session");
}

static void
serve (AnprRequest *request, const gchar *path)
{
  const AnprRoute *route;
  gboolean api = g_str_has_prefix (path, "/api")
                 || g_str_equal (path, "/healthz")
                 || g_str_equal (path, "/metrics");

  if (!api) {
    serve_file (request, path);
    return;
  }
  find_session (request);
  if (needs_session (path) && !request->account) {
    anpr_answer_set_fault (
        &request->answer, ANPR_ERROR_WEB_SIGN_IN, "Nobody is signed in");
    return;
  }
  route = find_route (request, path);
  if (!route || !check_role (request, route))
    return;
  if (is_change (request)
      && (!check_origin (request) || !check_token (request)))
    return;
  if (!check_pace (request, route))
    return;
  if (take_query (request) && take_body (request))
    route->handler (request);
}

static void
on_request (SoupServer *server, SoupServerMessage *message, const gchar *unused,
    GHashTable *query, gpointer data)
{
  AnprRequest *request = request_new (data, message);
  const gchar *path = g_uri_get_path (soup_server_message_get_uri (message));

  g_signal_connect (message, "finished", G_CALLBACK (on_gone), NULL);
  g_signal_connect (message, "disconnected", G_CALLBACK (on_gone), NULL);
  if (!anpr_request_path_is_plain (path))
    anpr_answer_set_fault (
        &request->answer, ANPR_ERROR_WEB_MISSING, "There is no such thing");
  else if (check_name (request))
    serve (request, path);
  if (request->paused)
    return; /* a worker has it */
  send_answer (request);
}

static void
refuse_body (SoupServerMessage *message)
{
  AnprAnswer answer = { 0 };

  anpr_answer_set_fault (&answer, ANPR_ERROR_WEB_SIZE,
      "The request has more than %d bytes", ANPR_WEB_MAX_BODY);
  soup_message_body_set_accumulate (
      soup_server_message_get_request_body (message), FALSE);
  anpr_answer_send (&answer, message);
  anpr_answer_clear (&answer);
}

static void
on_chunk (SoupServerMessage *message, GBytes *chunk, gpointer unused)
{
  gsize size =
      GPOINTER_TO_SIZE (g_object_get_data (G_OBJECT (message), "anpr-size"))
      + g_bytes_get_size (chunk);
  gboolean refused = soup_server_message_get_status (message) != 0;

  g_object_set_data (G_OBJECT (message), "anpr-size", GSIZE_TO_POINTER (size));
  if (size > ANPR_WEB_MAX_BODY && !refused)
    refuse_body (message);
  if (size > MAX_DISCARDED)
    anpr_door_cut (message);
}

/* The head of a request is there, its body is not */
static void
on_head (SoupServer *server, SoupServerMessage *message, const gchar *path,
    GHashTable *query, gpointer data)
{
  SoupMessageHeaders *headers =
      soup_server_message_get_request_headers (message);

  /* libsoup would answer any number of overlapping parts */
  soup_message_headers_remove (headers, "Range");
  g_signal_connect (message, "got-chunk", G_CALLBACK (on_chunk), NULL);
  if (soup_message_headers_get_encoding (headers)
          == SOUP_ENCODING_CONTENT_LENGTH
      && soup_message_headers_get_content_length (headers) > ANPR_WEB_MAX_BODY)
    refuse_body (message);
}

/**
 * anpr_web_take_requests:
 * @web: the server, which answers requests from now on
 */
void
anpr_web_take_requests (AnprWeb *web)
{
  soup_server_add_early_handler (web->server, NULL, on_head, web, NULL);
  soup_server_add_handler (web->server, NULL, on_request, web, NULL);
}
