/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* anprd: runs an appliance. See supervisor.c for how processes are kept.
 *
 * Threads: one, in a GLib main loop. What it does beside supervising:
 *
 * - reads the configuration: at the beginning, at SIGHUP, and when a file of it
 *   changed. Editors write several times, so it is read when nothing has changed
 *   for a quarter of a second. Faults are told, and what runs goes on.
 * - tells systemd, if that began it: ready, reloading, stopping, a line of
 *   status, and its watchdog, which is fed by the main loop.
 * - answers on its status socket.
 * - serves the page, see web/web.c. Cameras go on without it; it is tried again
 *   every 10 seconds.
 *
 * It ends for two reasons: it was asked to, or it cannot begin (anprd.conf has
 * faults, or its folders cannot be made). No camera ends it.
 *
 * Exit status: 0 ended as asked, or --check found nothing; 1 cannot begin, or
 * faults were found; 2 usage.
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "log.h"
#include "statusserver.h"
#include "supervisor.h"
#include "web/web.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

#define EXIT_USAGE 2
/* Milliseconds without a change before the configuration is read, and microseconds
 * after which it is read though changes do not cease */
#define QUIET_TIME 100
#define LONGEST_CHANGE (2 * G_USEC_PER_SEC)
/* Between two lines of status for systemd, seconds */
#define STATUS_INTERVAL 10

static gchar *configuration_path;
static gboolean check_only;
static gboolean show_settings;
static gboolean show_version;

static const GOptionEntry entries[] = {
  { "config", 'c', 0, G_OPTION_ARG_FILENAME, &configuration_path,
      "Configuration; by default " ANPR_CONFIGURATION_DEFAULT, "FILE" },
  { "check", 0, 0, G_OPTION_ARG_NONE, &check_only,
      "Only tell what is wrong with the configuration, all of it", NULL },
  { "settings", 0, 0, G_OPTION_ARG_NONE, &show_settings,
      "Print every setting with what it takes, as Markdown", NULL },
  { "version", 0, 0, G_OPTION_ARG_NONE, &show_version, "Show the version",
      NULL },
  { NULL },
};

typedef struct {
  GMainLoop *loop;
  AnprFleet *fleet;
  AnprSupervisor *supervisor;
  AnprStatusServer *status_server;
  AnprWeb *web;
  gchar *web_fault; /* why there is no page, as it was told last */
  guint web_retry;
  GPtrArray *monitors;
  guint reload;
  gint64 changing;     /* monotonic, the first change that was not read yet */
  gboolean has_faults; /* the configuration that was read last */
  gboolean stopping;
} Daemon;

/* --- systemd -------------------------------------------------------------- */

static void
notify_systemd (const gchar *state)
{
#ifdef HAVE_SYSTEMD
  (void) sd_notify (FALSE, state);
#endif
}

static gboolean
feed_watchdog (gpointer unused)
{
  notify_systemd ("WATCHDOG=1");
  return G_SOURCE_CONTINUE;
}

static gboolean
tell_status (gpointer data)
{
  Daemon *daemon = data;
  guint n = anpr_fleet_get_n_cameras (daemon->fleet), running = 0;
  g_autofree gchar *line = NULL;

  for (guint i = 0; i < n; i++)
    running +=
        anpr_fleet_get_camera (daemon->fleet, i)->state == ANPR_CAMERA_RUNNING;
  line = g_strdup_printf ("STATUS=%u of %u cameras running%s", running, n,
      anpr_fleet_get_faults (daemon->fleet)->len
          ? "; the configuration has faults"
          : "");
  notify_systemd (line);
  return G_SOURCE_CONTINUE;
}

static void
begin_watchdog (void)
{
#ifdef HAVE_SYSTEMD
  guint64 interval;

  if (sd_watchdog_enabled (FALSE, &interval) > 0)
    g_timeout_add (MAX (interval / 3000, 1), feed_watchdog, NULL);
#endif
}

/* --- configuration -------------------------------------------------------- */

static void
print_faults (const AnprConfiguration *configuration)
{
  for (guint i = 0; i < configuration->faults->len; i++) {
    g_autofree gchar *line = anpr_setting_fault_to_string (
        g_ptr_array_index (configuration->faults, i));

    fprintf (stderr, "%s\n", line);
  }
}

static void
log_faults (const AnprConfiguration *configuration)
{
  for (guint i = 0; i < configuration->faults->len; i++) {
    const AnprSettingFault *fault =
        g_ptr_array_index (configuration->faults, i);
    g_autofree gchar *place = anpr_setting_fault_place (fault);
    g_autofree gchar *message =
        g_strdup_printf ("%s: %s", place, fault->message);

    anpr_log_fault (NULL, anpr_error_code_name (fault->code), message,
        anpr_error_code_advice (fault->code));
  }
}

static void
reload (Daemon *daemon)
{
  AnprConfiguration *configuration;
  g_autofree gchar *state = g_strdup_printf (
      "RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT, g_get_monotonic_time ());

  if (daemon->stopping)
    return;
  notify_systemd (state);
  configuration = anpr_configuration_load (configuration_path);
  log_faults (configuration);
  if (configuration->faults->len > 0)
    anpr_log_note (NULL,
        "the configuration has faults; what they concern goes on as it was");
  else if (daemon->has_faults)
    anpr_log_note (NULL, "the configuration has no faults any more");
  daemon->has_faults = configuration->faults->len > 0;
  anpr_supervisor_apply (daemon->supervisor, configuration);
  notify_systemd ("READY=1");
  tell_status (daemon);
}

static gboolean
on_quiet (gpointer data)
{
  Daemon *daemon = data;

  daemon->reload = 0;
  reload (daemon);
  return G_SOURCE_REMOVE;
}

static void
on_changed (GFileMonitor *monitor, GFile *file, GFile *other,
    GFileMonitorEvent event, gpointer data)
{
  Daemon *daemon = data;

  if (event == G_FILE_MONITOR_EVENT_ATTRIBUTE_CHANGED)
    return;
  if (!daemon->reload)
    daemon->changing = g_get_monotonic_time ();
  else if (g_get_monotonic_time () > daemon->changing + LONGEST_CHANGE)
    return;
  g_clear_handle_id (&daemon->reload, g_source_remove);
  daemon->reload = g_timeout_add (QUIET_TIME, on_quiet, daemon);
}

static void
watch_folder (Daemon *daemon, const gchar *path)
{
  g_autoptr (GFile) folder = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  GFileMonitor *monitor = g_file_monitor_directory (
      folder, G_FILE_MONITOR_WATCH_MOVES, NULL, &error);

  if (!monitor) {
    anpr_log_note (NULL, "changes in \"%s\" are seen only at SIGHUP: %s", path,
        error->message);
    return;
  }
  g_signal_connect (monitor, "changed", G_CALLBACK (on_changed), daemon);
  g_ptr_array_add (daemon->monitors, monitor);
}

static void
watch_configuration (Daemon *daemon)
{
  const AnprConfiguration *configuration =
      anpr_supervisor_get_configuration (daemon->supervisor);
  g_autofree gchar *positions = g_build_filename (
      configuration->folder, ANPR_CONFIGURATION_POSITIONS, NULL);

  watch_folder (daemon, configuration->folder);
  watch_folder (daemon, positions);
}

/* --- the page ------------------------------------------------------------- */

/* Seconds between attempts to serve it */
#define WEB_RETRY 10

static void
tell_web_fault (Daemon *daemon, const GError *error)
{
  if (g_strcmp0 (daemon->web_fault, error->message) == 0)
    return;
  g_free (daemon->web_fault);
  daemon->web_fault = g_strdup (error->message);
  anpr_log_fault (NULL, anpr_error_name (error), error->message,
      error->domain == ANPR_ERROR ? anpr_error_code_advice (error->code)
                                  : NULL);
}

static gboolean
begin_web (gpointer data)
{
  Daemon *daemon = data;
  const AnprConfiguration *configuration =
      anpr_supervisor_get_configuration (daemon->supervisor);
  g_autoptr (GError) error = NULL;

  if (!anpr_settings_get_boolean (
          configuration->settings, ANPR_WEB_GROUP, "enabled")) {
    daemon->web_retry = 0;
    return G_SOURCE_REMOVE;
  }
  daemon->web = anpr_web_new (daemon->fleet, configuration, &error);
  if (daemon->web) {
    anpr_log_note (
        NULL, "the page is at %s", anpr_web_get_address (daemon->web));
    daemon->web_retry = 0;
    return G_SOURCE_REMOVE;
  }
  tell_web_fault (daemon, error);
  if (!daemon->web_retry)
    daemon->web_retry = g_timeout_add_seconds (WEB_RETRY, begin_web, daemon);
  return G_SOURCE_CONTINUE;
}

static void
end_web (Daemon *daemon)
{
  g_clear_handle_id (&daemon->web_retry, g_source_remove);
  g_clear_pointer (&daemon->web, anpr_web_free);
  g_clear_pointer (&daemon->web_fault, g_free);
}

/* --- life ----------------------------------------------------------------- */

static gboolean
on_hangup (gpointer data)
{
  reload (data);
  return G_SOURCE_CONTINUE;
}

static void
on_all_stopped (gpointer data)
{
  g_main_loop_quit (((Daemon *) data)->loop);
}

static gboolean
on_terminate (gpointer data)
{
  Daemon *daemon = data;

  if (daemon->stopping)
    return G_SOURCE_CONTINUE;
  daemon->stopping = TRUE;
  anpr_log_note (NULL, "stopping; what was seen is being kept");
  notify_systemd ("STOPPING=1");
  anpr_supervisor_stop (daemon->supervisor, on_all_stopped, daemon);
  return G_SOURCE_CONTINUE;
}

static gboolean
make_folder (const AnprConfiguration *configuration, const gchar *key)
{
  g_autofree gchar *path =
      anpr_configuration_get_path (configuration, "appliance", key);

  if (g_mkdir_with_parents (path, 0700) == 0)
    return TRUE;
  anpr_log_fault (NULL, anpr_error_code_name (ANPR_ERROR_CONFIG_OPEN),
      g_strerror (errno), path);
  return FALSE;
}

/* Two of them would write the same spools. The lock goes with the process. */
static gboolean
lock_state (const AnprConfiguration *configuration)
{
  g_autofree gchar *state =
      anpr_configuration_get_path (configuration, "appliance", "state");
  g_autofree gchar *path = g_build_filename (state, "anprd.lock", NULL);
  gint descriptor = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  if (descriptor >= 0 && flock (descriptor, LOCK_EX | LOCK_NB) == 0)
    return TRUE;
  anpr_log_fault (NULL, anpr_error_code_name (ANPR_ERROR_CONFIG_CONFLICT),
      descriptor < 0 ? g_strerror (errno)
                     : "another anprd runs with the same state folder",
      path);
  return FALSE;
}

static gboolean
begin (Daemon *daemon, AnprConfiguration *configuration)
{
  g_autofree gchar *run =
      anpr_configuration_get_path (configuration, "appliance", "run");
  g_autoptr (GError) error = NULL;

  log_faults (configuration);
  daemon->has_faults = configuration->faults->len > 0;
  if (!configuration->usable || !make_folder (configuration, "state")
      || !make_folder (configuration, "run") || !lock_state (configuration))
    return FALSE;
  daemon->status_server = anpr_status_server_new (daemon->fleet, run, &error);
  if (!daemon->status_server)
    anpr_log_note (NULL, "nobody can ask for the status: %s", error->message);
  return TRUE;
}

static void
run_loop (Daemon *daemon)
{
  daemon->loop = g_main_loop_new (NULL, FALSE);
  signal (SIGPIPE, SIG_IGN);
  g_unix_signal_add (SIGHUP, on_hangup, daemon);
  g_unix_signal_add (SIGTERM, on_terminate, daemon);
  g_unix_signal_add (SIGINT, on_terminate, daemon);
  g_timeout_add_seconds (STATUS_INTERVAL, tell_status, daemon);
  begin_watchdog ();
  watch_configuration (daemon);
  notify_systemd ("READY=1");
  tell_status (daemon);
  g_main_loop_run (daemon->loop);
  g_main_loop_unref (daemon->loop);
}

static gint
run (void)
{
  Daemon daemon = { .fleet = anpr_fleet_new (),
    .monitors = g_ptr_array_new_with_free_func (g_object_unref) };
  AnprConfiguration *configuration =
      anpr_configuration_load (configuration_path);
  gboolean begun;

  daemon.supervisor = anpr_supervisor_new (daemon.fleet);
  begun = begin (&daemon, configuration);
  if (begun) {
    anpr_log_note (NULL, "anprd " PACKAGE_VERSION " with %u positions",
        configuration->positions->len + configuration->broken->len);
    anpr_supervisor_apply (daemon.supervisor, configuration);
    (void) begin_web (&daemon);
    run_loop (&daemon);
    end_web (&daemon);
  } else {
    anpr_configuration_free (configuration);
  }
  g_ptr_array_unref (daemon.monitors);
  anpr_status_server_free (daemon.status_server);
  anpr_supervisor_free (daemon.supervisor);
  g_object_unref (daemon.fleet);
  return begun ? EXIT_SUCCESS : EXIT_FAILURE;
}

static gint
check (void)
{
  g_autoptr (AnprConfiguration) configuration =
      anpr_configuration_load (configuration_path);

  print_faults (configuration);
  if (configuration->faults->len > 0) {
    fprintf (stderr, "%s: %u faults\n", configuration_path,
        configuration->faults->len);
    return EXIT_FAILURE;
  }
  printf ("%s: %u positions, no faults\n", configuration_path,
      configuration->positions->len);
  return EXIT_SUCCESS;
}

static void
print_settings (void)
{
  g_autofree gchar *appliance =
      anpr_schema_describe (anpr_configuration_get_schema ());
  g_autofree gchar *position =
      anpr_schema_describe (anpr_position_get_schema ());

  printf ("## anprd.conf\n\n%s\n## positions.d/NAME.conf\n\n%s", appliance,
      position);
}

static gboolean
parse_options (gint *argc, gchar ***argv, GError **error)
{
  g_autoptr (GOptionContext) context =
      g_option_context_new ("- run the cameras of an appliance");

  g_option_context_set_summary (context,
      "Runs a process for each position in positions.d beside the "
      "configuration.\nSIGHUP reads it again, SIGTERM stops in order.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (*argc == 1)
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
      "\"%s\" is not understood", (*argv)[1]);
  return FALSE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  g_set_prgname ("anprd");
  if (!parse_options (&argc, &argv, &error)) {
    fprintf (stderr, "anprd: %s\n\"anprd --help\" shows what it takes.\n",
        error->message);
    return EXIT_USAGE;
  }
  if (!configuration_path)
    configuration_path = g_strdup (ANPR_CONFIGURATION_DEFAULT);
  if (show_version) {
    printf ("anprd " PACKAGE_VERSION "\n");
    return EXIT_SUCCESS;
  }
  if (show_settings) {
    print_settings ();
    return EXIT_SUCCESS;
  }
  if (check_only)
    return check ();
  anpr_log_set_up ();
  return run ();
}
