/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* anprctl run: the whole job on one machine.
 *
 * Inputs go one after the other through one chain up to anprsink; then the
 * spool is exported to the same folder. A camera is an input that never ends:
 * when it fails, what it has shown is brought to an end and kept, and it is
 * tried again ever more rarely.
 *
 * An input is in one of three phases: playing; draining, when the stream has
 * been ended here and open passages are on their way to the disk; and resting,
 * between inputs and tries. It leaves playing by its own end, by an error, by
 * standing still or by the user's signal, and always passes draining if it has
 * shown anything.
 *
 * Everything runs in the main loop of this thread: bus, signals, and a tick for
 * progress and stall. A second signal ends the program at once; the spool then
 * has what was closed before.
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "command.h"
#include "chain.h"
#include "console.h"
#include "export.h"
#include "inputfile.h"
#include "runview.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>

#define DEFAULT_OUTPUT "anpr-output"
#define DEFAULT_LATENCY 200
#define DEFAULT_STALL_TIMEOUT 30

/* Milliseconds between looks at progress and stall */
#define TICK 500
/* Time to end a stream, microseconds; then it is given up */
#define DRAIN_TIMEOUT (20 * G_USEC_PER_SEC)
/* Lines of progress where there is no terminal, microseconds apart */
#define PLAIN_PROGRESS (60 * G_USEC_PER_SEC)
/* Seconds until a camera that failed is tried again: doubled each time */
#define FIRST_RETRY 1
#define LAST_RETRY 30

static gchar *output;
static gchar *lists;
static gchar *position;
static gboolean realtime;
static gboolean show_covert;
static gint latency = DEFAULT_LATENCY;
static gint stall_timeout = DEFAULT_STALL_TIMEOUT;

static const GOptionEntry entries[] = {
  { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
      "Folder for spool, records and report; anpr-output by default",
      "FOLDER" },
  { "lists", 'l', 0, G_OPTION_ARG_FILENAME, &lists,
      "Hit list, or folder of hit lists, to compare with", "PATH" },
  { "position", 'p', 0, G_OPTION_ARG_STRING, &position,
      "Name of the camera place that is written into the records", "NAME" },
  { "realtime", 0, 0, G_OPTION_ARG_NONE, &realtime,
      "Play files no faster than they were filmed", NULL },
  { "latency", 0, 0, G_OPTION_ARG_INT, &latency,
      "Time to wait for late packets of a camera; 200 by default",
      "MILLISECONDS" },
  { "stall-timeout", 0, 0, G_OPTION_ARG_INT, &stall_timeout,
      "Give an input up that brings nothing for so long; 30 by default",
      "SECONDS" },
  { "show-covert", 0, 0, G_OPTION_ARG_NONE, &show_covert,
      "Show covert hits, too: for cleared users only", NULL },
  { NULL },
};

typedef enum {
  PHASE_RESTING,
  PHASE_PLAYING,
  PHASE_DRAINING,
} Phase;

typedef struct {
  GMainLoop *loop;
  AnprChain *chain;
  gchar **inputs;
  guint n_inputs;
  guint current;
  gboolean camera;
  gchar *name; /* of the current input, without a password */

  Phase phase;
  gboolean input_failed;
  guint min_reads;      /* of platetrack, for videos */
  gint64 phase_start;   /* monotonic, microseconds */
  gint64 last_news;     /* a frame came */
  gint64 last_progress; /* a plain line was written */
  guint64 n_frames;
  guint retry_delay;
  gboolean any_frame;

  gboolean stopping;
  gboolean failed;
  AnprRunView view;
} Run;

static void start_input (Run *run);

static void
set_phase (Run *run, Phase phase)
{
  run->phase = phase;
  run->phase_start = run->last_news = g_get_monotonic_time ();
}

static void
report_fault (Run *run, AnprError code, const gchar *message)
{
  anpr_console_fault (run->name, anpr_error_code_name (code), message,
      anpr_error_code_advice (code));
  run->input_failed = TRUE;
}

/* Inputs are closed only from the main loop, never from within a message */
static gboolean
retry (gpointer user_data)
{
  Run *run = user_data;

  if (!run->stopping)
    start_input (run);
  return G_SOURCE_REMOVE;
}

static void
schedule_retry (Run *run)
{
  if (run->n_frames > 0)
    run->retry_delay = FIRST_RETRY;
  anpr_console_note ("%s: trying again in %u s", run->name, run->retry_delay);
  g_timeout_add_seconds (run->retry_delay, retry, run);
  run->retry_delay = MIN (run->retry_delay * 2, LAST_RETRY);
}

static void handle_message (Run *run, GstMessage *message);

static gboolean
close_input (Run *run)
{
  g_autoptr (GstBus) bus = anpr_chain_get_bus (run->chain);
  GstMessage *message;

  run->n_frames = anpr_chain_get_n_frames (run->chain);
  run->any_frame |= run->n_frames > 0;
  set_phase (run, PHASE_RESTING);
  if (!anpr_chain_close (run->chain)) {
    report_fault (run, ANPR_ERROR_INPUT_FORMAT,
        "its decoder cannot be stopped; no further input is read");
    run->chain = NULL;
    return FALSE;
  }
  while ((message = gst_bus_pop (bus))) {
    handle_message (run, message);
    gst_message_unref (message);
  }
  return TRUE;
}

static void
end_input (Run *run)
{
  gboolean go_on = close_input (run);

  run->failed |= run->input_failed && !run->camera;
  if (!go_on || run->stopping) {
    g_main_loop_quit (run->loop);
    return;
  }
  if (run->camera) {
    schedule_retry (run);
    return;
  }
  if (++run->current < run->n_inputs)
    start_input (run);
  else
    g_main_loop_quit (run->loop);
}

static void
leave_input (Run *run)
{
  if (run->phase != PHASE_PLAYING)
    return;
  if (anpr_chain_get_n_frames (run->chain) == 0) {
    end_input (run);
    return;
  }
  set_phase (run, PHASE_DRAINING);
  anpr_chain_drain (run->chain);
}

static void
at_end_of_stream (Run *run)
{
  const gchar *path = run->inputs[run->current];
  gboolean by_itself = run->phase == PHASE_PLAYING && !run->stopping;

  if (by_itself && run->camera)
    report_fault (run, ANPR_ERROR_INPUT_OPEN, "the camera ended its stream");
  else if (by_itself
           && (anpr_input_file_ends_early (path)
               || anpr_chain_ended_early (run->chain)))
    report_fault (run, ANPR_ERROR_INPUT_TRUNCATED, "it is not complete");
  if (run->phase != PHASE_RESTING)
    end_input (run);
}

static void
handle_error (Run *run, const AnprFault *fault)
{
  if (run->input_failed || run->phase != PHASE_PLAYING)
    return; /* follows from the first one */
  anpr_console_fault (run->name, fault->code, fault->message, fault->advice);
  run->input_failed = TRUE;
  if (!fault->of_input) {
    run->failed = run->stopping = TRUE;
    end_input (run);
    return;
  }
  leave_input (run);
}

/* An old list is compared with all the same: the run is whole */
static gboolean
is_of_old_list (const AnprFault *fault)
{
  return g_strcmp0 (fault->code, anpr_error_code_name (ANPR_ERROR_LIST_AGED))
             == 0
         || g_strcmp0 (
                fault->code, anpr_error_code_name (ANPR_ERROR_LIST_STALE))
                == 0;
}

static void
handle_fault (Run *run, GstMessage *message)
{
  g_auto (AnprFault) fault = { 0 };

  if (!anpr_chain_parse_fault (run->chain, message, &fault))
    return;
  if (fault.fatal) {
    handle_error (run, &fault);
    return;
  }
  if (fault.of_input)
    return; /* a decoder's remark */
  anpr_console_fault (run->name, fault.code, fault.message, fault.advice);
  run->failed |= !is_of_old_list (&fault);
}

static void
handle_message (Run *run, GstMessage *message)
{
  switch (GST_MESSAGE_TYPE (message)) {
    case GST_MESSAGE_ELEMENT:
      anpr_run_view_show (&run->view, gst_message_get_structure (message));
      break;
    case GST_MESSAGE_EOS:
      at_end_of_stream (run);
      break;
    case GST_MESSAGE_LATENCY:
      gst_bin_recalculate_latency (
          GST_BIN (anpr_chain_get_pipeline (run->chain)));
      break;
    case GST_MESSAGE_ERROR:
    case GST_MESSAGE_WARNING:
      handle_fault (run, message);
      break;
    default:
      break;
  }
}

static gboolean
on_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  handle_message (user_data, message);
  return G_SOURCE_CONTINUE;
}

static void
show_progress (Run *run)
{
  gint64 now = g_get_monotonic_time ();
  g_autofree gchar *progress =
      anpr_run_view_progress (&run->view, anpr_chain_get_pipeline (run->chain),
          anpr_chain_get_n_frames (run->chain));
  g_autofree gchar *text = g_strdup_printf ("%s  %s (%u of %u)", progress,
      run->name, run->current + 1, run->n_inputs);
  g_autofree gchar *clean = anpr_console_clean (text);

  if (anpr_console_has_status ()) {
    anpr_console_status (clean);
  } else if (now - run->last_progress >= PLAIN_PROGRESS) {
    anpr_console_note ("%s", clean);
    run->last_progress = now;
  }
}

static void
check_stall (Run *run)
{
  gint64 now = g_get_monotonic_time ();
  guint64 n_frames = anpr_chain_get_n_frames (run->chain);

  if (n_frames != run->n_frames) {
    run->n_frames = n_frames;
    run->last_news = now;
  } else if (stall_timeout > 0
             && now - run->last_news > stall_timeout * G_USEC_PER_SEC) {
    report_fault (run,
        run->camera ? ANPR_ERROR_INPUT_OPEN : ANPR_ERROR_INPUT_FORMAT,
        "nothing comes any more");
    leave_input (run);
  }
}

static gboolean
on_tick (gpointer user_data)
{
  Run *run = user_data;

  if (run->phase == PHASE_PLAYING) {
    show_progress (run);
    check_stall (run);
  } else if (run->phase == PHASE_DRAINING
             && g_get_monotonic_time () - run->phase_start > DRAIN_TIMEOUT) {
    report_fault (
        run, ANPR_ERROR_SPOOL_WRITE, "the last passages could not be kept");
    run->failed = TRUE;
    end_input (run);
  }
  return G_SOURCE_CONTINUE;
}

static gboolean
on_signal (gpointer user_data)
{
  Run *run = user_data;
  gboolean at_once = run->stopping || run->phase == PHASE_RESTING;

  run->stopping = TRUE;
  if (at_once) {
    g_main_loop_quit (run->loop);
    return G_SOURCE_CONTINUE;
  }
  anpr_console_note (
      "Stopping: what is open is kept. Once more to stop at once.");
  leave_input (run);
  return G_SOURCE_CONTINUE;
}

/* Addresses of cameras carry passwords, which no log should have */
static gchar *
display_name (const gchar *input, gboolean is_uri)
{
  g_autoptr (GUri) uri =
      is_uri ? g_uri_parse (
          input, G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_PARSE_RELAXED, NULL)
             : NULL;

  return uri ? g_uri_to_string_partial (uri, G_URI_HIDE_USERINFO)
             : g_strdup (input);
}

static gboolean
open_input (Run *run, GError **error)
{
  const gchar *input = run->inputs[run->current];
  g_autoptr (GstElement) track = anpr_chain_get (run->chain, "track");

  if (run->camera) {
    anpr_chain_open_uri (run->chain, input, latency);
    return TRUE;
  }
  if (!anpr_input_file_check (input, error))
    return FALSE;
  g_object_set (track, "min-reads",
      anpr_media_is_picture (input) ? 1 : run->min_reads, NULL);
  anpr_chain_open_file (run->chain, input);
  return TRUE;
}

static gboolean
skip_input (gpointer user_data)
{
  end_input (user_data);
  return G_SOURCE_REMOVE;
}

static void
start_input (Run *run)
{
  g_autoptr (GError) error = NULL;

  g_free (run->name);
  run->name = display_name (run->inputs[run->current], run->camera);
  run->input_failed = FALSE;
  run->n_frames = 0;
  run->last_progress = g_get_monotonic_time ();
  if (!anpr_console_has_status ())
    anpr_console_note ("%s: reading", run->name);
  set_phase (run, PHASE_PLAYING);
  if (!open_input (run, &error)) {
    anpr_console_error (run->name, error);
    run->input_failed = TRUE;
    set_phase (run, PHASE_RESTING);
    g_idle_add (skip_input, run);
  }
}

static gboolean
set_up_chain (Run *run, GError **error)
{
  g_autofree gchar *spool = g_build_filename (output, "spool.sqlite", NULL);
  g_autofree gchar *lines = g_build_filename (output, "passages.jsonl", NULL);
  g_autofree gchar *description = g_strdup_printf (
      "%s platedetect ! platetrack name=track ! plateocr ! hitmatch name=match "
      "! anprsink name=sink",
      run->camera ? "queue max-size-buffers=16 max-size-bytes=0 "
                    "max-size-time=250000000 leaky=downstream !"
      : realtime  ? "identity sync=true !"
                  : "");
  g_autoptr (GstElement) track = NULL, match = NULL, sink = NULL;

  run->chain = anpr_chain_new (description, error);
  if (!run->chain)
    return FALSE;
  track = anpr_chain_get (run->chain, "track");
  match = anpr_chain_get (run->chain, "match");
  sink = anpr_chain_get (run->chain, "sink");
  g_object_get (track, "min-reads", &run->min_reads, NULL);
  g_object_set (match, "lists", lists, "position", position, NULL);
  g_object_set (sink, "location", spool, "json", lines, NULL);
  if (position)
    g_object_set (sink, "position", position, NULL);
  return TRUE;
}

static void
run_loop (Run *run)
{
  g_autoptr (GstBus) bus = anpr_chain_get_bus (run->chain);
  guint watch = gst_bus_add_watch (bus, on_message, run);
  guint tick = g_timeout_add (TICK, on_tick, run);
  guint interrupt = g_unix_signal_add (SIGINT, on_signal, run);
  guint terminate = g_unix_signal_add (SIGTERM, on_signal, run);

  start_input (run);
  g_main_loop_run (run->loop);
  g_source_remove (interrupt);
  g_source_remove (terminate);
  g_source_remove (tick);
  g_source_remove (watch);
  anpr_console_status (NULL);
  run->failed |= run->camera && !run->any_frame;
  if (run->chain && anpr_chain_close (run->chain))
    g_clear_pointer (&run->chain, anpr_chain_free);
}

static gboolean
write_report (Run *run)
{
  static const AnprSpoolFilter everything = { .newest_first = TRUE };
  g_autofree gchar *spool = g_build_filename (output, "spool.sqlite", NULL);
  g_auto (AnprExported) exported = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree gchar *index = NULL, *text = NULL;

  if (!anpr_export (
          spool, output, &everything, show_covert, &exported, &error)) {
    anpr_console_error (spool, error);
    return FALSE;
  }
  index = g_canonicalize_filename (exported.index, NULL);
  text = g_strdup_printf ("\n%" G_GUINT64_FORMAT
                          " passages kept, %" G_GUINT64_FORMAT
                          " read, %" G_GUINT64_FORMAT " with a hit\nReport: %s",
      exported.passages, exported.read, exported.with_hits, index);
  anpr_console_print (text);
  return TRUE;
}

static AnprctlStatus
check_usage (Run *run, gchar **arguments)
{
  guint n_cameras = 0;

  run->inputs = arguments;
  run->n_inputs = g_strv_length (arguments);
  for (guint i = 0; arguments[i]; i++)
    n_cameras += gst_uri_is_valid (arguments[i]);
  if (run->n_inputs == 0)
    return anprctl_usage ("no input is given");
  if (n_cameras > 0 && run->n_inputs > 1)
    return anprctl_usage (
        "a camera never ends, so it must be the only input; see "
        "\"anprctl pipeline show two-cameras\"");
  if (latency < 0 || stall_timeout < 0)
    return anprctl_usage ("times cannot be negative");
  run->camera = n_cameras == 1;
  return ANPRCTL_DONE;
}

static gboolean
prepare (Run *run)
{
  g_autoptr (GError) error = NULL;

  if (g_mkdir_with_parents (output, 0700) != 0) {
    anpr_console_fault (output, anpr_error_code_name (ANPR_ERROR_OUTPUT),
        g_strerror (errno), anpr_error_code_advice (ANPR_ERROR_OUTPUT));
    return FALSE;
  }
  if (!set_up_chain (run, &error)) {
    anpr_console_fault ("anprctl", anpr_error_name (error), error->message,
        "Check with gst-inspect-1.0 that the plugins are installed.");
    return FALSE;
  }
  return TRUE;
}

static AnprctlStatus
run_command (gchar **arguments)
{
  Run run = { .retry_delay = FIRST_RETRY };
  AnprctlStatus status;

  gst_init (NULL, NULL);
  status = check_usage (&run, arguments);
  if (status != ANPRCTL_DONE)
    return status;
  run.view.position = position;
  run.view.show_covert = show_covert;
  if (!output)
    output = g_strdup (DEFAULT_OUTPUT);
  /* what is open is kept, also when nobody reads the results any more */
  signal (SIGPIPE, SIG_IGN);
  if (!prepare (&run))
    return ANPRCTL_FAILED;
  run.loop = g_main_loop_new (NULL, FALSE);
  run_loop (&run);
  g_main_loop_unref (run.loop);
  g_free (run.name);
  return write_report (&run) && !run.failed ? ANPRCTL_DONE : ANPRCTL_FAILED;
}

const AnprctlCommand anprctl_command_run = {
  .name = "run",
  .arguments = "INPUT…",
  .summary = "Read videos, pictures or a camera, match lists, keep passages",
  .description =
      "Reads each INPUT, compares every vehicle with the hit lists and keeps "
      "its\n"
      "passage in the folder: spool.sqlite, passages.jsonl, and at the end "
      "stills/\nand index.html. Hits are told at once. An INPUT is a video, a "
      "picture, or the\naddress of one camera such as "
      "rtsp://camera.example/stream, which is read\nuntil an interrupt and "
      "tried again when it fails.",
  .entries = entries,
  .run = run_command,
};
