/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* anprctl forward: brings the passages of spools to the central database.
 *
 * One forwarder, with a thread and a connection, for each spool; a spool that
 * is broken holds up no other. They tell from their threads; everything told
 * goes through the main loop to the console and to systemd. What a line of
 * output says is the interface docs/forwarding.md describes.
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "command.h"
#include "console.h"
#include "spoolopen.h"
#include "../plugins/anprsink/centraladdress.h"
#include "../plugins/anprsink/forwarder.h"
#include "../plugins/anprsink/spooldelivery.h"
#include "../plugins/record/jsonmember.h"
#include "../plugins/record/passage.h"

#include <glib-unix.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

#define ADDRESS_VARIABLE "ANPR_CENTRAL"
#define DEFAULT_INTERVAL 60
#define MAX_TIMEOUT 3600

static gchar *address;
static gboolean once;
static gboolean status_only;
static gboolean retry_refused;
static gint interval = DEFAULT_INTERVAL;
static gint timeout = ANPR_FORWARDER_TIMEOUT;

static const GOptionEntry entries[] = {
  { "to", 't', 0, G_OPTION_ARG_STRING, &address,
      "Central database: a URI, postgresql://…, or the name of a service in "
      "pg_service.conf; by default what " ADDRESS_VARIABLE " holds",
      "ADDRESS" },
  { "once", '1', 0, G_OPTION_ARG_NONE, &once,
      "End when all is delivered, or with status 1 when something fails",
      NULL },
  { "interval", 'i', 0, G_OPTION_ARG_INT, &interval,
      "Seconds between lines when nothing changes, 0 for none; by default 60",
      "SECONDS" },
  { "timeout", 0, 0, G_OPTION_ARG_INT, &timeout,
      "Seconds after which a centre that does not answer counts as away; by "
      "default 30",
      "SECONDS" },
  { "status", 's', 0, G_OPTION_ARG_NONE, &status_only,
      "Only print what waits in each spool; connects to nothing", NULL },
  { "retry-refused", 0, 0, G_OPTION_ARG_NONE, &retry_refused,
      "Send what the centre has refused once more", NULL },
  ANPR_SPOOL_KEY_ENTRY,
  { NULL },
};

typedef struct {
  GMainLoop *loop;
  GPtrArray *spools;
  guint n_running;
} Run;

typedef struct {
  Run *run;
  const gchar *path;
  AnprForwarder *forwarder;
  gboolean failed;
} Spool;

/* Something a forwarder told, on its way to the main loop */
typedef struct {
  Spool *spool;
  AnprForwarderStats stats;
  GError *error;
  gchar *consequence;
} Told;

static void
told_free (Told *told)
{
  g_clear_error (&told->error);
  g_free (told->consequence);
  g_free (told);
}

/* --- lines --- */

static gchar *
time_text (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  return g_date_time_format (now, "%Y-%m-%dT%H:%M:%SZ");
}

static void
add_backlog (JsonObject *object, const AnprForwarderStats *stats)
{
  json_object_set_int_member (object, "waiting", (gint64) stats->waiting);
  json_object_set_int_member (
      object, "waiting_hits", (gint64) stats->waiting_hits);
  json_object_set_int_member (
      object, "waiting_bytes", (gint64) stats->waiting_bytes);
  json_object_set_int_member (object, "oldest_age_s",
      anpr_forwarder_get_oldest_age (stats) / G_USEC_PER_SEC);
  json_object_set_int_member (object, "set_apart", (gint64) stats->set_apart);
}

static JsonObject *
line_new (const gchar *path)
{
  JsonObject *object = json_object_new ();
  g_autofree gchar *time = time_text ();

  json_object_set_string_member (object, "time", time);
  json_object_set_string_member (object, "spool", path);
  return object;
}

static void
print_stats (const Spool *spool, const AnprForwarderStats *stats)
{
  g_autoptr (JsonObject) object = line_new (spool->path);
  g_autofree gchar *line = NULL;

  json_object_set_string_member (
      object, "state", anpr_forwarder_state_to_string (stats->state));
  json_object_set_string_member (object, "reason", stats->reason);
  json_object_set_int_member (object, "delivered", (gint64) stats->delivered);
  json_object_set_int_member (object, "already", (gint64) stats->already);
  json_object_set_int_member (object, "refused", (gint64) stats->refused);
  add_backlog (object, stats);
  json_object_set_int_member (object, "batches", (gint64) stats->batches);
  json_object_set_int_member (object, "connects", (gint64) stats->connects);
  json_object_set_int_member (object, "failures", (gint64) stats->failures);
  line = anpr_json_to_line (object);
  anpr_console_print (line);
}

/* --- systemd --- */

static void
notify_systemd (const gchar *text)
{
#ifdef HAVE_SYSTEMD
  (void) sd_notify (0, text);
#endif
}

static void
notify_status (const Run *run)
{
  guint n_waiting = 0;
  guint64 waiting = 0;
  g_autofree gchar *text = NULL;

  for (guint i = 0; i < run->spools->len; i++) {
    const Spool *spool = run->spools->pdata[i];
    AnprForwarderStats stats;

    anpr_forwarder_get_stats (spool->forwarder, &stats);
    n_waiting += stats.state == ANPR_FORWARDER_WAITING;
    waiting += stats.waiting;
  }
  text = g_strdup_printf (
      "STATUS=%u of %u spools cannot deliver; %" G_GUINT64_FORMAT
      " passages wait",
      n_waiting, run->spools->len, waiting);
  notify_systemd (text);
}

/* --- what forwarders tell, first in their threads, then in the main loop --- */

static gboolean
show_changed (gpointer user_data)
{
  Told *told = user_data;

  print_stats (told->spool, &told->stats);
  notify_status (told->spool->run);
  return G_SOURCE_REMOVE;
}

static gboolean
show_failed (gpointer user_data)
{
  Told *told = user_data;
  g_autofree gchar *text =
      g_strdup_printf ("%s; %s", told->error->message, told->consequence);

  anpr_console_fault (told->spool->path, anpr_error_name (told->error), text,
      told->error->domain == ANPR_ERROR
          ? anpr_error_code_advice (told->error->code)
          : NULL);
  told->spool->failed = TRUE;
  return G_SOURCE_REMOVE;
}

static gboolean
show_ended (gpointer user_data)
{
  Told *told = user_data;
  Run *run = told->spool->run;

  if (--run->n_running == 0)
    g_main_loop_quit (run->loop);
  return G_SOURCE_REMOVE;
}

/* Never runs it here: g_main_context_invoke() would while no loop runs yet */
static void
pass_on (Spool *spool, GSourceFunc show, Told *told)
{
  told->spool = spool;
  (void) g_idle_add_full (
      G_PRIORITY_DEFAULT, show, told, (GDestroyNotify) told_free);
}

static void
on_changed (const AnprForwarderStats *stats, gpointer user_data)
{
  Told *told = g_new0 (Told, 1);

  told->stats = *stats;
  pass_on (user_data, show_changed, told);
}

static void
on_failed (const GError *error, const gchar *consequence, gpointer user_data)
{
  Told *told = g_new0 (Told, 1);

  told->error = g_error_copy (error);
  told->consequence = g_strdup (consequence);
  pass_on (user_data, show_failed, told);
}

static void
on_ended (gpointer user_data)
{
  pass_on (user_data, show_ended, g_new0 (Told, 1));
}

static const AnprForwarderListener listener = {
  .changed = on_changed,
  .failed = on_failed,
  .ended = on_ended,
};

static gboolean
on_interval (gpointer user_data)
{
  Run *run = user_data;

  for (guint i = 0; i < run->spools->len; i++) {
    Spool *spool = run->spools->pdata[i];
    AnprForwarderStats stats;

    anpr_forwarder_get_stats (spool->forwarder, &stats);
    print_stats (spool, &stats);
  }
  notify_status (run);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_signal (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_CONTINUE;
}

/* --- running --- */

static void
start (Run *run, gchar **paths)
{
  for (guint i = 0; paths[i]; i++) {
    Spool *spool = g_new0 (Spool, 1);
    const AnprForwarderSettings settings = { paths[i], anpr_spool_key_option,
      address, once, (guint) timeout };

    spool->run = run;
    spool->path = paths[i];
    run->n_running++;
    g_ptr_array_add (run->spools, spool);
    spool->forwarder = anpr_forwarder_new (&settings, &listener, spool);
  }
}

/* Ends all forwarders, then shows what they told last. Returns whether any has
 * failed. */
static gboolean
stop (Run *run)
{
  g_autofree AnprForwarderStats *last =
      g_new0 (AnprForwarderStats, run->spools->len);
  gboolean failed = FALSE;

  for (guint i = 0; i < run->spools->len; i++) {
    Spool *spool = run->spools->pdata[i];

    anpr_forwarder_free (spool->forwarder, &last[i]);
  }
  while (g_main_context_iteration (NULL, FALSE))
    ;
  for (guint i = 0; i < run->spools->len; i++) {
    Spool *spool = run->spools->pdata[i];

    print_stats (spool, &last[i]);
    failed |= spool->failed;
  }
  return failed;
}

static AnprctlStatus
forward (gchar **paths)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GPtrArray) spools = g_ptr_array_new_with_free_func (g_free);
  Run run = { loop, spools, 0 };
  guint interrupt = g_unix_signal_add (SIGINT, on_signal, loop);
  guint terminate = g_unix_signal_add (SIGTERM, on_signal, loop);
  guint timer =
      interval > 0 ? g_timeout_add_seconds (interval, on_interval, &run) : 0;
  gboolean failed;

  start (&run, paths);
  notify_systemd ("READY=1");
  g_main_loop_run (loop);
  notify_systemd ("STOPPING=1");
  g_source_remove (interrupt);
  g_source_remove (terminate);
  if (timer)
    g_source_remove (timer);
  failed = stop (&run);
  return once && failed ? ANPRCTL_FAILED : ANPRCTL_DONE;
}

/* --- without the centre --- */

static gboolean
print_status (const gchar *path, GError **error)
{
  g_autoptr (AnprSpool) spool =
      anpr_spool_open_with_option (path, ANPR_SPOOL_READ, error);
  g_autoptr (JsonObject) object = NULL;
  g_autofree gchar *line = NULL;
  AnprForwarderStats stats = { 0 };
  AnprSpoolBacklog backlog;

  if (!spool || !anpr_spool_get_backlog (spool, &backlog, error))
    return FALSE;
  stats.waiting = backlog.rows;
  stats.waiting_hits = backlog.rows_with_hits;
  stats.waiting_bytes = backlog.bytes;
  stats.oldest_utc = backlog.oldest_utc;
  stats.set_apart = backlog.refused;
  object = line_new (path);
  add_backlog (object, &stats);
  line = anpr_json_to_line (object);
  anpr_console_print (line);
  return TRUE;
}

static gboolean
send_refused_again (const gchar *path, GError **error)
{
  g_autoptr (AnprSpool) spool =
      anpr_spool_open_with_option (path, ANPR_SPOOL_WRITE, error);
  guint n;

  if (!spool || !anpr_spool_retry_refused (spool, &n, error))
    return FALSE;
  anpr_console_note ("%s: %u passages are sent again", path, n);
  return TRUE;
}

static AnprctlStatus
each_spool (gchar **paths, gboolean (*function) (const gchar *, GError **))
{
  AnprctlStatus status = ANPRCTL_DONE;

  for (guint i = 0; paths[i]; i++) {
    g_autoptr (GError) error = NULL;

    if (function (paths[i], &error))
      continue;
    anpr_console_error (paths[i], error);
    status = ANPRCTL_FAILED;
  }
  return status;
}

static AnprctlStatus
run (gchar **arguments)
{
  g_autoptr (AnprCentralAddress) parsed = NULL;
  g_autoptr (GError) error = NULL;

  if (!arguments[0])
    return anprctl_usage ("give at least one spool");
  if (timeout < 1 || timeout > MAX_TIMEOUT)
    return anprctl_usage ("--timeout is from 1 to %d", MAX_TIMEOUT);
  if (status_only)
    return each_spool (arguments, print_status);
  if (!address)
    address = g_strdup (g_getenv (ADDRESS_VARIABLE));
  if (!address)
    return anprctl_usage (
        "give the central database with --to or " ADDRESS_VARIABLE);
  parsed = anpr_central_address_parse (address, &error);
  if (!parsed)
    return anprctl_usage ("%s", error->message);
  if (retry_refused
      && each_spool (arguments, send_refused_again) != ANPRCTL_DONE)
    return ANPRCTL_FAILED;
  return forward (arguments);
}

const AnprctlCommand anprctl_command_forward = {
  .name = "forward",
  .arguments = "SPOOL…",
  .summary = "Bring the passages of spools to the central database",
  .description =
      "Delivers what each spool holds: passages with hits first, then in the\n"
      "order they were kept; each once. What cannot be delivered stays in the\n"
      "spool and is tried again. Runs until it is interrupted, beside the\n"
      "process that keeps or without it.\n\n"
      "Prints a line of JSON for each change of a spool's state, and one now "
      "and\nthen: state (connecting, delivering, waiting), reason (a stable "
      "code while\nwaiting), delivered, already, refused, waiting, "
      "oldest_age_s "
      "and others.\n\n"
      "The address holds no password; docs/forwarding.md shows how a "
      "certificate, or\na file with a password, is given.",
  .entries = entries,
  .run = run,
};
