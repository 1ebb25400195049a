/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The server of the page: what it consists of, and its life. Requests are in
 * webrequest.c, what the pages are told by themselves in webfleet.c.
 *
 * It lives on anprd's main loop, because all it shows is the fleet, which belongs
 * to that thread: no locks, no copies, and an event reaches the pages in the turn
 * in which it came. Whatever blocks (Argon2id, spools, files, the log) is done by
 * a few workers (worker.c), while libsoup waits with that one request.
 */

#include "web-private.h"
#include "positionseen.h"
#include "../log.h"

#include <string.h>

#define DISK_THREADS 2
#define DISK_WAITING 64
#define PASSWORD_WAITING 8
/* Between two seals of the log, seconds (R37) */
#define SEAL_TIME 3600

static gchar *
get_text (const AnprConfiguration *configuration, const gchar *key)
{
  return g_strdup (
      anpr_settings_get (configuration->settings, ANPR_WEB_GROUP, key));
}

static void
take_settings (AnprWeb *web, const AnprConfiguration *configuration)
{
  web->folder = g_strdup (configuration->folder);
  web->positions = g_build_filename (
      configuration->folder, ANPR_CONFIGURATION_POSITIONS, NULL);
  web->state =
      anpr_configuration_get_path (configuration, "appliance", "state");
  web->seen = g_build_filename (web->state, ANPR_POSITION_SEEN_FOLDER, NULL);
  web->key = anpr_configuration_get_key (configuration);
  web->host_names = get_text (configuration, "host-names");
  web->metrics_token = anpr_configuration_get_path (
      configuration, ANPR_WEB_GROUP, "metrics-token");
}

static gboolean
open_files (AnprWeb *web, GError **error)
{
  g_autofree gchar *accounts =
      g_build_filename (web->state, ANPR_ACCOUNTS_FILE, NULL);
  g_autofree gchar *log =
      g_build_filename (web->state, ANPR_AUDIT_FOLDER, NULL);
  g_autofree gchar *decisions =
      g_build_filename (web->state, ANPR_DECISIONS_FILE, NULL);

  web->accounts = anpr_accounts_open (accounts, error);
  web->log = web->accounts ? anpr_audit_log_open (log, error) : NULL;
  web->decisions = web->log ? anpr_decisions_open (decisions, error) : NULL;
  return web->decisions != NULL;
}

static gboolean
open_door (AnprWeb *web, const AnprConfiguration *configuration, GError **error)
{
  g_autofree gchar *address = get_text (configuration, "address");
  g_autofree gchar *certificate = anpr_configuration_get_path (
      configuration, ANPR_WEB_GROUP, "certificate");
  g_autofree gchar *key =
      anpr_configuration_get_path (configuration, ANPR_WEB_GROUP, "key");
  AnprDoorSettings settings = { address,
    anpr_settings_get_number (configuration->settings, ANPR_WEB_GROUP, "port"),
    certificate, key };

  web->door = anpr_door_open (web->server, &settings, error);
  if (!web->door)
    return FALSE;
  web->address =
      g_strdup_printf (strchr (address, ':') ? "%s://[%s]:%u/" : "%s://%s:%u/",
          certificate ? "https" : "http", address, settings.port);
  return TRUE;
}

static void
tell_first_token (AnprWeb *web)
{
  g_autofree gchar *token = NULL;

  if (anpr_accounts_get_n (web->accounts) > 0)
    return;
  token = anpr_first_token_make (&web->first_token, g_get_monotonic_time ());
  anpr_log_note (NULL,
      "there is no account yet: open %s within %d minutes and enter the token "
      "%s",
      web->address, ANPR_FIRST_TOKEN_LIFE / 60, token);
}

/* Where the log ends, into the journal: whoever could write the log anew could not
 * write that anew, too */
static void
tell_seal (AnprWeb *web)
{
  AnprAuditSeal seal = anpr_audit_log_get_seal (web->log);

  if (seal.hash)
    anpr_log_note (NULL,
        "the page's log ends with entry %" G_GUINT64_FORMAT
        "=%s; \"anprctl account --expect\" verifies it",
        seal.number, seal.hash);
  g_free (seal.hash);
}

static gboolean
on_seal_time (gpointer data)
{
  tell_seal (data);
  return G_SOURCE_CONTINUE;
}

/**
 * anpr_web_new:
 * @fleet: what is shown
 * @configuration: of anprd, for [page] and paths; not kept
 * @error: %ANPR_ERROR_WEB_LISTEN, %ANPR_ERROR_SECRET, %ANPR_ERROR_WEB_LOG
 *
 * Serves from the default main loop.
 *
 * Returns: (transfer full) (nullable): the server
 */
AnprWeb *
anpr_web_new (
    AnprFleet *fleet, const AnprConfiguration *configuration, GError **error)
{
  g_autoptr (AnprWeb) web = g_new0 (AnprWeb, 1);
  g_autofree gchar *learnt = NULL;

  web->fleet = g_object_ref (fleet);
  g_mutex_init (&web->editing);
  take_settings (web, configuration);
  /* paths as they were sent, see requesttext.c */
  web->server = soup_server_new ("raw-paths", TRUE, NULL);
  anpr_web_take_requests (web);
  web->disk = anpr_workers_new (DISK_THREADS, DISK_WAITING);
  web->passwords = anpr_workers_new (1, PASSWORD_WAITING);
  web->sessions = anpr_sessions_new ();
  web->attempts = anpr_attempts_new ();
  web->events = anpr_events_new (web->server, anpr_web_ask_session, web);
  if (!open_files (web, error) || !open_door (web, configuration, error))
    return NULL;
  learnt = g_build_filename (web->state, "lanes.json", NULL);
  web->lanes = anpr_lane_watch_new (fleet, learnt, web->disk);
  web->storage = anpr_storage_watch_new (
      fleet, web->folder, web->state, web->key, web->decisions, web->disk);
  web->files = anpr_position_watch_new (
      fleet, web->positions, web->seen, web->log, &web->editing, web->disk);
  anpr_web_watch_fleet (web);
  tell_first_token (web);
  tell_seal (web);
  web->seal_timer = g_timeout_add_seconds (SEAL_TIME, on_seal_time, web);
  return g_steal_pointer (&web);
}

/**
 * anpr_web_free:
 * @web: (nullable) (transfer full): the server; requests that were taken are
 *     done to their end
 */
void
anpr_web_free (AnprWeb *web)
{
  if (!web)
    return;
  g_signal_handlers_disconnect_by_data (web->fleet, web);
  g_clear_handle_id (&web->changes_timer, g_source_remove);
  g_clear_handle_id (&web->seal_timer, g_source_remove);
  g_clear_pointer (&web->changed, g_hash_table_unref);
  anpr_events_free (web->events);
  anpr_door_close (web->door);
  anpr_lane_watch_free (web->lanes);
  anpr_position_watch_stop (web->files);
  anpr_workers_free (web->passwords);
  anpr_workers_free (web->disk);
  /* what follows the workers' jobs is waiting on the main loop */
  while (g_main_context_pending (NULL))
    (void) g_main_context_iteration (NULL, FALSE);
  anpr_storage_watch_free (web->storage);
  anpr_position_watch_free (web->files);
  g_object_unref (web->server);
  if (web->log)
    tell_seal (web);
  anpr_accounts_free (web->accounts);
  anpr_sessions_free (web->sessions);
  anpr_attempts_free (web->attempts);
  anpr_first_token_clear (&web->first_token);
  anpr_audit_log_free (web->log);
  anpr_decisions_close (web->decisions);
  g_mutex_clear (&web->editing);
  g_object_unref (web->fleet);
  g_free (web->folder);
  g_free (web->positions);
  g_free (web->seen);
  g_free (web->state);
  g_free (web->key);
  g_free (web->address);
  g_free (web->host_names);
  g_free (web->metrics_token);
  g_free (web);
}

/**
 * anpr_web_get_address:
 * @web: the server
 *
 * Returns: (transfer none): as people enter it
 */
const gchar *
anpr_web_get_address (const AnprWeb *web)
{
  return web->address;
}
