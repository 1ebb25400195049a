/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* anprctl forward: brings the passages of spools, and what people decided about
 * hits on the page, to the central database.
 *
 * One forwarder, with a thread and a connection, for each spool, and one for
 * decisions; a spool that is broken holds up no other. They tell from their threads; everything told
 * goes through the main loop to the console and to systemd. What a line of
 * output says is the interface docs/forwarding.md describes.
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "command.h"
#include "console.h"
#include "forwarddecisions.h"
#include "spoolopen.h"
#include "web/decisions.h"
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
static gchar *decisions_path;
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
  { "decisions", 0, 0, G_OPTION_ARG_FILENAME, &decisions_path,
      "Bring the decisions about hits in the page's file, too; it is waited "
      "for",
      "FILE" },
  ANPR_SPOOL_KEY_ENTRY,
  { NULL },
};

typedef struct {
  GMainLoop *loop;
  GPtrArray *spools;
  guint n_running;
} Run;

/* A spool, or the page's file of decisions: one of the two forwarders, or none yet */
typedef struct {
  Run *run;
  const gchar *path;
  gboolean of_decisions;
  AnprForwarder *forwarder;
  AnprDecisionForwarder *decisions;
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
add_backlog (
    JsonObject *object, const AnprForwarderStats *stats, gboolean of_decisions)
{
  json_object_set_int_member (object, "waiting", (gint64) stats->waiting);
  if (!of_decisions) {
    json_object_set_int_member (
        object, "waiting_hits", (gint64) stats->waiting_hits);
    json_object_set_int_member (
        object, "waiting_bytes", (gint64) stats->waiting_bytes);
  }
  json_object_set_int_member (object, "oldest_age_s",
      anpr_forwarder_get_oldest_age (stats) / G_USEC_PER_SEC);
  json_object_set_int_member (object, "set_apart", (gint64) stats->set_apart);
}

static JsonObject *
line_new (const gchar *path, gboolean of_decisions)
{
  JsonObject *object = json_object_new ();
  g_autofree gchar *time = time_text ();

  json_object_set_string_member (object, "time", time);
  json_object_set_string_member (
      object, of_decisions ? "decisions" : "spool", path);
  return object;
}

static void
print_stats (const Spool *spool, const AnprForwarderStats *stats)
{
  g_autoptr (JsonObject) object = line_new (spool->path, spool->of_decisions);
  g_autofree gchar *line = NULL;

  json_object_set_string_member (
      object, "state", anpr_forwarder_state_to_string (stats->state));
  json_object_set_string_member (object, "reason", stats->reason);
  json_object_set_int_member (object, "delivered", (gint64) stats->delivered);
  json_object_set_int_member (object, "already", (gint64) stats->already);
  json_object_set_int_member (object, "refused", (gint64) stats->refused);
  add_backlog (object, stats, spool->of_decisions);
  json_object_set_int_member (object, "batches", (gint64) stats->batches);
  json_object_set_int_member (object, "connects", (gint64) stats->connects);
  json_object_set_int_member (object, "failures", (gint64) stats->failures);
  line = anpr_json_to_line (object);
  anpr_console_print (line);
}

/* --- forwarders of both kinds --- */

/* Whether it has begun */
static gboolean
get_stats (const Spool *spool, AnprForwarderStats *stats)
{
  if (spool->forwarder)
    anpr_forwarder_get_stats (spool->forwarder, stats);
  else if (spool->decisions)
    anpr_decision_forwarder_get_stats (spool->decisions, stats);
  return spool->forwarder || spool->decisions;
}

static gboolean
end_forwarder (Spool *spool, AnprForwarderStats *last)
{
  gboolean begun = spool->forwarder || spool->decisions;

  if (spool->forwarder)
    anpr_forwarder_free (spool->forwarder, last);
  else if (spool->decisions)
    anpr_decision_forwarder_free (spool->decisions, last);
  return begun;
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
  guint n_waiting = 0, n = 0;
  guint64 waiting = 0, decisions = 0;
  g_autofree gchar *text = NULL;

  for (guint i = 0; i < run->spools->len; i++) {
    const Spool *spool = run->spools->pdata[i];
    AnprForwarderStats stats;

    if (!get_stats (spool, &stats))
      continue;
    n += !spool->of_decisions;
    n_waiting += !spool->of_decisions && stats.state == ANPR_FORWARDER_WAITING;
    *(spool->of_decisions ? &decisions : &waiting) += stats.waiting;
  }
  text = g_strdup_printf (
      "STATUS=%u of %u spools cannot deliver; %" G_GUINT64_FORMAT
      " passages and %" G_GUINT64_FORMAT " decisions wait",
      n_waiting, n, waiting, decisions);
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

static void begin_decisions (Run *run);

static gboolean
show_ended (gpointer user_data)
{
  Told *told = user_data;
  Run *run = told->spool->run;

  if (--run->n_running == 0)
    begin_decisions (run);
  if (run->n_running == 0)
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

    if (get_stats (spool, &stats))
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

static Spool *
add_spool (Run *run, const gchar *path, gboolean of_decisions)
{
  Spool *spool = g_new0 (Spool, 1);

  spool->run = run;
  spool->path = path;
  spool->of_decisions = of_decisions;
  g_ptr_array_add (run->spools, spool);
  return spool;
}

/* If there are some to bring, and that has not begun */
static void
begin_decisions (Run *run)
{
  const AnprForwarderSettings settings = { decisions_path, NULL, address, once,
    (guint) timeout };
  Spool *spool = run->spools->pdata[run->spools->len - 1];

  if (!spool->of_decisions || spool->decisions)
    return;
  run->n_running++;
  spool->decisions = anpr_decision_forwarder_new (&settings, &listener, spool);
}

static void
start (Run *run, gchar **paths)
{
  for (guint i = 0; paths[i]; i++) {
    const AnprForwarderSettings settings = { paths[i], anpr_spool_key_option,
      address, once, (guint) timeout };
    Spool *spool = add_spool (run, paths[i], FALSE);

    run->n_running++;
    spool->forwarder = anpr_forwarder_new (&settings, &listener, spool);
  }
  if (decisions_path)
    (void) add_spool (run, decisions_path, TRUE);
  /* the passages they are about go first, and with --once all of them */
  if (!once || run->n_running == 0)
    begin_decisions (run);
}

/* Ends all forwarders, then shows what they told last. Returns whether any has
 * failed. */
static gboolean
stop (Run *run)
{
  g_autofree AnprForwarderStats *last =
      g_new0 (AnprForwarderStats, run->spools->len);
  g_autofree gboolean *begun = g_new0 (gboolean, run->spools->len);
  gboolean failed = FALSE;

  for (guint i = 0; i < run->spools->len; i++)
    begun[i] = end_forwarder (run->spools->pdata[i], &last[i]);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  for (guint i = 0; i < run->spools->len; i++) {
    Spool *spool = run->spools->pdata[i];

    if (begun[i])
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

static void
print_backlog (
    const gchar *path, const AnprForwarderStats *stats, gboolean of_decisions)
{
  g_autoptr (JsonObject) object = line_new (path, of_decisions);
  g_autofree gchar *line = NULL;

  add_backlog (object, stats, of_decisions);
  line = anpr_json_to_line (object);
  anpr_console_print (line);
}

static gboolean
print_status (const gchar *path, GError **error)
{
  g_autoptr (AnprSpool) spool =
      anpr_spool_open_with_option (path, ANPR_SPOOL_READ, error);
  AnprForwarderStats stats = { 0 };
  AnprSpoolBacklog backlog;

  if (!spool || !anpr_spool_get_backlog (spool, &backlog, error))
    return FALSE;
  stats.waiting = backlog.rows;
  stats.waiting_hits = backlog.rows_with_hits;
  stats.waiting_bytes = backlog.bytes;
  stats.oldest_utc = backlog.oldest_utc;
  stats.set_apart = backlog.refused;
  print_backlog (path, &stats, FALSE);
  return TRUE;
}

static gboolean
print_decisions_status (const gchar *path, GError **error)
{
  g_autoptr (AnprDecisions) decisions = anpr_decisions_open (path, error);
  AnprForwarderStats stats = { 0 };
  AnprDecisionBacklog backlog;

  if (!decisions || !anpr_decisions_get_backlog (decisions, &backlog, error))
    return FALSE;
  stats.waiting = backlog.waiting;
  stats.oldest_utc = backlog.oldest_utc;
  stats.set_apart = backlog.refused;
  print_backlog (path, &stats, TRUE);
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

static gboolean
send_refused_decisions_again (const gchar *path, GError **error)
{
  g_autoptr (AnprDecisions) decisions = anpr_decisions_open (path, error);
  guint n;

  if (!decisions || !anpr_decisions_retry_refused (decisions, &n, error))
    return FALSE;
  anpr_console_note ("%s: %u decisions are sent again", path, n);
  return TRUE;
}

typedef gboolean (*FileFunc) (const gchar *path, GError **error);

static gboolean
do_for (const gchar *path, FileFunc function)
{
  g_autoptr (GError) error = NULL;

  if (function (path, &error))
    return TRUE;
  anpr_console_error (path, error);
  return FALSE;
}

static AnprctlStatus
do_for_all (gchar **paths, FileFunc of_spool, FileFunc of_decisions)
{
  gboolean done = TRUE;

  for (guint i = 0; paths[i]; i++)
    done &= do_for (paths[i], of_spool);
  /* the page makes it; nothing has been decided before */
  if (decisions_path && g_file_test (decisions_path, G_FILE_TEST_EXISTS))
    done &= do_for (decisions_path, of_decisions);
  return done ? ANPRCTL_DONE : ANPRCTL_FAILED;
}

static AnprctlStatus
run (gchar **arguments)
{
  g_autoptr (AnprCentralAddress) parsed = NULL;
  g_autoptr (GError) error = NULL;

  if (!arguments[0] && !decisions_path)
    return anprctl_usage ("give at least one spool");
  if (timeout < 1 || timeout > MAX_TIMEOUT)
    return anprctl_usage ("--timeout is from 1 to %d", MAX_TIMEOUT);
  if (status_only)
    return do_for_all (arguments, print_status, print_decisions_status);
  if (!address)
    address = g_strdup (g_getenv (ADDRESS_VARIABLE));
  if (!address)
    return anprctl_usage (
        "give the central database with --to or " ADDRESS_VARIABLE);
  parsed = anpr_central_address_parse (address, &error);
  if (!parsed)
    return anprctl_usage ("%s", error->message);
  if (retry_refused
      && do_for_all (
             arguments, send_refused_again, send_refused_decisions_again)
             != ANPRCTL_DONE)
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
      "process that keeps or without it. With --decisions what people decided\n"
      "about hits on the page goes there, too.\n\n"
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
