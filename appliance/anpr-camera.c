/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* anpr-camera: the process of one camera, begun by anprd.
 *
 * It is told what to run over its channel (descriptor 3, cameratask.h), runs it,
 * and tells how it is (cameratold.h). Its only argument is the position's name,
 * so that people see in ps which camera it is.
 *
 * Phases (camerastatus.h): connecting, playing, reconnecting, ended, stopping.
 * Whatever ends a connection (an error, the end of the stream, no picture for
 * stall-timeout) takes the same way: what has been seen is brought to an end and
 * kept, the pipeline goes to rest, and after a delay it plays again. Delays begin
 * at a quarter of a second, double up to one and differ by chance; a camera that
 * is away costs a refused connection every second. One that refuses the password
 * is left alone for half a minute: many lock a user out who tries on, also when the
 * password is corrected there. Trying again within the process is far cheaper than
 * beginning it, and models stay loaded.
 *
 * What does not come to rest in time hangs, and ends the process: being begun
 * again by anprd is the one cure for everything (crash-only). So is a parent that
 * is gone: the channel's end stops the process in order, and SIGHUP gives it
 * fifteen seconds for that even if its loop should hang.
 *
 * Exit status: 0 stopped as asked, 1 cannot run at all, 2 usage, 3 hangs.
 *
 * Threads: everything here is the main loop of the main thread.
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "camerapipeline.h"
#include "camerastill.h"
#include "cameratold.h"
#include "childprocess.h"
#include "fault.h"
#include "../plugins/record/error.h"

#include <glib-unix.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define EXIT_USAGE 2
#define EXIT_HANGS 3
/* Milliseconds between looks at everything */
#define TICK 100
/* Between two status lines, microseconds */
#define STATUS_INTERVAL G_USEC_PER_SEC
/* For the first picture; a camera may have to send a key frame first */
#define FIRST_PICTURE_TIME (15 * G_USEC_PER_SEC)
/* A connection that lasted so long is no passing one */
#define STEADY_TIME (5 * G_USEC_PER_SEC)
/* For open passages to be kept */
#define DRAIN_TIME (4 * G_USEC_PER_SEC)
/* For the pipeline to come to rest, milliseconds */
#define REST_TIME 3000
/* Longest delay before a connection, seconds */
#define LONGEST_DELAY 1.0
/* After a refused password, milliseconds */
#define REFUSED_DELAY 30000
/* Seconds a process may go on without its parent */
#define ORPHAN_TIME 15
#define FLUSH_TIME 500
/* Larger pieces of memory go back to the system when they are freed, bytes */
#define MMAP_THRESHOLD (128 * 1024)
#define MAX_ARENAS 2

typedef struct {
  GMainLoop *loop;
  AnprLineChannel *channel;
  AnprCameraTask *task;
  AnprCameraPipeline *pipeline;
  AnprCameraStill *still;
  AnprCameraStatus status;
  AnprCameraTold told;

  AnprBackOff back_off;
  guint retry;
  gint64 connected; /* monotonic, when the connection was begun */
  gint64 draining;  /* monotonic, when that began, 0 not */
  gint64 last_status;
  gboolean resting;
  gboolean ended;
  gboolean refused; /* the password */
  gboolean stopping;
  gint exit_status;
} Camera;

static void leave (Camera *camera);

static void
send_status (Camera *camera)
{
  gint64 utc = camera->still ? anpr_camera_still_get_utc (camera->still) : 0;

  if (camera->pipeline)
    anpr_camera_pipeline_get_status (camera->pipeline, &camera->status);
  camera->status.still_utc = utc;
  camera->last_status = g_get_monotonic_time ();
  anpr_camera_told_send_status (&camera->told);
}

static void
set_phase (Camera *camera, AnprCameraPhase phase)
{
  if (camera->status.phase == phase)
    return;
  camera->status.phase = phase;
  send_status (camera);
}

static void
quit (Camera *camera, gint exit_status)
{
  camera->exit_status = exit_status;
  g_main_loop_quit (camera->loop);
}

static void
connect_source (Camera *camera)
{
  camera->resting = FALSE;
  camera->ended = FALSE;
  camera->refused = FALSE;
  camera->connected = g_get_monotonic_time ();
  if (!anpr_camera_pipeline_play (camera->pipeline))
    leave (camera);
}

static gboolean
on_retry (gpointer data)
{
  Camera *camera = data;

  camera->retry = 0;
  connect_source (camera);
  return G_SOURCE_REMOVE;
}

/* A film that begins again was not lost */
static void
schedule_connection (Camera *camera)
{
  gboolean again =
      camera->ended && !anpr_camera_pipeline_is_network (camera->pipeline);
  guint delay;

  if (camera->status.phase == ANPR_CAMERA_PHASE_PLAYING && !again)
    camera->status.reconnections++;
  if (!again)
    set_phase (camera, ANPR_CAMERA_PHASE_RECONNECTING);
  delay = anpr_back_off_next (&camera->back_off, LONGEST_DELAY);
  camera->retry =
      g_timeout_add (camera->refused ? REFUSED_DELAY : delay, on_retry, camera);
}

static void handle_message (Camera *camera, GstMessage *message);

/* What was posted on the way to rest still counts */
static void
empty_bus (Camera *camera)
{
  g_autoptr (GstBus) bus = anpr_camera_pipeline_get_bus (camera->pipeline);
  GstMessage *message;

  while ((message = gst_bus_pop (bus))) {
    handle_message (camera, message);
    gst_message_unref (message);
  }
}

static void
rest (Camera *camera)
{
  camera->draining = 0;
  camera->resting = TRUE;
  if (!anpr_camera_pipeline_rest (
          camera->pipeline, REST_TIME, camera->stopping)) {
    anpr_camera_told_fault (&camera->told,
        anpr_error_code_name (ANPR_ERROR_CAMERA_HUNG),
        "the pipeline does not stop");
    quit (camera, EXIT_HANGS);
    return;
  }
  empty_bus (camera);
  if (camera->stopping)
    quit (camera, EXIT_SUCCESS);
  else if (camera->ended && camera->task->stop_at_end)
    set_phase (camera, ANPR_CAMERA_PHASE_ENDED);
  else
    schedule_connection (camera);
}

static gboolean
rest_later (gpointer data)
{
  Camera *camera = data;

  if (!camera->resting)
    rest (camera);
  return G_SOURCE_REMOVE;
}

/* Ends the connection: at once if nothing came, else when all is kept */
static void
leave (Camera *camera)
{
  if (camera->resting || camera->draining)
    return;
  camera->draining = g_get_monotonic_time ();
  if (anpr_camera_pipeline_get_frame_age (camera->pipeline) < 0)
    g_idle_add (rest_later, camera);
  else
    anpr_camera_pipeline_drain (camera->pipeline);
}

static void
lose (Camera *camera, AnprError code, const gchar *message)
{
  if (camera->resting || camera->draining)
    return;
  if (!camera->stopping)
    anpr_camera_told_fault (
        &camera->told, anpr_error_code_name (code), message);
  leave (camera);
}

static void
at_end_of_stream (Camera *camera)
{
  if (camera->resting)
    return;
  if (!camera->draining) {
    camera->ended = TRUE;
    if (anpr_camera_pipeline_is_network (camera->pipeline))
      anpr_camera_told_fault (&camera->told,
          anpr_error_code_name (ANPR_ERROR_CAMERA_AWAY),
          "the camera ended its stream");
    else
      anpr_back_off_reset (&camera->back_off);
  }
  camera->draining = MAX (camera->draining, 1);
  g_idle_add (rest_later, camera);
}

static void
handle_fault (Camera *camera, GstMessage *message)
{
  g_auto (AnprFault) fault = { 0 };

  if (!anpr_fault_parse (message, TRUE, &fault))
    return;
  if (!fault.fatal) {
    /* a decoder's remarks are not worth a line each */
    if (g_strcmp0 (fault.code, anpr_error_code_name (ANPR_ERROR_INPUT_FORMAT))
            != 0
        && g_strcmp0 (fault.code, anpr_error_code_name (ANPR_ERROR_INPUT_OPEN))
               != 0)
      anpr_camera_told_fault (&camera->told, fault.code, fault.message);
    return;
  }
  if (camera->resting || camera->draining || camera->stopping)
    return; /* follows from the first one */
  if (g_str_equal (fault.code, anpr_error_code_name (ANPR_ERROR_INPUT_OPEN))
      && anpr_camera_pipeline_is_network (camera->pipeline)) {
    camera->refused = fault.refused;
    lose (camera, ANPR_ERROR_CAMERA_AWAY, fault.message);
    return;
  }
  anpr_camera_told_fault (&camera->told, fault.code, fault.message);
  leave (camera);
}

static void
handle_message (Camera *camera, GstMessage *message)
{
  switch (GST_MESSAGE_TYPE (message)) {
    case GST_MESSAGE_ELEMENT:
      anpr_camera_told_take (&camera->told, gst_message_get_structure (message),
          anpr_camera_pipeline_get_running_time (camera->pipeline),
          anpr_camera_pipeline_keeps (camera->pipeline));
      break;
    case GST_MESSAGE_EOS:
      at_end_of_stream (camera);
      break;
    case GST_MESSAGE_LATENCY:
      anpr_camera_pipeline_handle_latency (camera->pipeline);
      break;
    case GST_MESSAGE_ERROR:
    case GST_MESSAGE_WARNING:
      handle_fault (camera, message);
      break;
    default:
      break;
  }
}

static gboolean
on_message (GstBus *bus, GstMessage *message, gpointer data)
{
  handle_message (data, message);
  return G_SOURCE_CONTINUE;
}

static void
check_pictures (Camera *camera, gint64 now)
{
  gint64 age = anpr_camera_pipeline_get_frame_age (camera->pipeline);
  gint64 stall = camera->task->stall_timeout * G_USEC_PER_SEC;

  if (age < 0) {
    if (now - camera->connected > MAX (stall, FIRST_PICTURE_TIME))
      lose (camera, ANPR_ERROR_CAMERA_AWAY, "no picture comes");
    return;
  }
  if (age > stall) {
    lose (camera, ANPR_ERROR_CAMERA_STALLED, "no picture comes any more");
    return;
  }
  set_phase (camera, ANPR_CAMERA_PHASE_PLAYING);
  /* not for one that comes and goes */
  if (now - camera->connected < STEADY_TIME)
    return;
  anpr_camera_told_forget_faults (&camera->told);
  anpr_back_off_reset (&camera->back_off);
}

/* Nothing plays, but something may still wait to be kept */
static void
stop_at_rest (Camera *camera)
{
  if (camera->pipeline)
    rest (camera);
  else
    quit (camera, EXIT_SUCCESS);
}

static void
stop (Camera *camera)
{
  if (camera->stopping)
    return;
  camera->stopping = TRUE;
  g_clear_handle_id (&camera->retry, g_source_remove);
  if (!camera->pipeline || camera->resting) {
    stop_at_rest (camera);
    return;
  }
  set_phase (camera, ANPR_CAMERA_PHASE_STOPPING);
  leave (camera);
}

static gboolean
on_tick (gpointer data)
{
  Camera *camera = data;
  gint64 now = g_get_monotonic_time ();

  if (!camera->pipeline)
    return G_SOURCE_CONTINUE;
  if (g_get_real_time () >= camera->task->valid_until)
    stop (camera);
  if (camera->draining && now - camera->draining > DRAIN_TIME)
    rest (camera);
  else if (!camera->resting && !camera->draining)
    check_pictures (camera, now);
  if (now - camera->last_status >= STATUS_INTERVAL)
    send_status (camera);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_terminate (gpointer data)
{
  stop (data);
  return G_SOURCE_CONTINUE;
}

/* Without a parent, and perhaps with a loop that hangs */
static void
on_orphaned (gint signal_number)
{
  alarm (ORPHAN_TIME);
}

static void
begin (Camera *camera, const gchar *line, gsize length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstBus) bus = NULL;

  camera->task = anpr_camera_task_parse (line, length);
  if (!camera->task) {
    quit (camera, EXIT_USAGE);
    return;
  }
  camera->told.secret = camera->task->password;
  camera->pipeline = anpr_camera_pipeline_new (camera->task, &error);
  if (!camera->pipeline) {
    anpr_camera_told_fault (
        &camera->told, anpr_error_name (error), error->message);
    quit (camera, EXIT_FAILURE);
    return;
  }
  if (camera->task->still_path)
    camera->still =
        anpr_camera_still_new (anpr_camera_pipeline_get_exit (camera->pipeline),
            camera->task->still_path, camera->task->still_interval,
            camera->task->keep_plates);
  bus = anpr_camera_pipeline_get_bus (camera->pipeline);
  gst_bus_add_watch (bus, on_message, camera);
  connect_source (camera);
}

static void
on_line (const gchar *line, gsize length, gpointer data)
{
  Camera *camera = data;

  if (!line)
    stop (camera);
  else if (!camera->task)
    begin (camera, line, length);
  else if (camera->still)
    anpr_camera_still_ask (camera->still);
}

static void
run (Camera *camera)
{
  guint tick = g_timeout_add (TICK, on_tick, camera);

  camera->loop = g_main_loop_new (NULL, FALSE);
  camera->channel = anpr_line_channel_new (ANPR_CHILD_CHANNEL, on_line, camera);
  camera->told.channel = camera->channel;
  camera->told.status = &camera->status;
  camera->status.clock_offset_us = 0;
  g_unix_signal_add (SIGTERM, on_terminate, camera);
  g_unix_signal_add (SIGINT, on_terminate, camera);
  signal (SIGHUP, on_orphaned);
  signal (SIGPIPE, SIG_IGN);
  g_main_loop_run (camera->loop);
  g_source_remove (tick);
  /* the last numbers find room when the events before them have gone */
  (void) anpr_line_channel_flush (camera->channel, FLUSH_TIME);
  send_status (camera);
  (void) anpr_line_channel_flush (camera->channel, FLUSH_TIME);
}

/* Frames are megabytes that come and go. Left to itself the allocator takes
 * them from heaps of its own after a while, one a thread, which fall to pieces: a
 * camera at 1080p then takes a fifth more. Settings, proxies and virtual file
 * systems of desktops only cost memory and a thread. */
static void
save_memory (void)
{
  (void) mallopt (M_MMAP_THRESHOLD, MMAP_THRESHOLD);
  (void) mallopt (M_TRIM_THRESHOLD, MMAP_THRESHOLD);
  (void) mallopt (M_ARENA_MAX, MAX_ARENAS);
  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
  g_setenv ("GIO_USE_VFS", "local", TRUE);
  g_setenv ("GIO_USE_PROXY_RESOLVER", "dummy", TRUE);
}

int
main (int argc, char **argv)
{
  Camera camera = { 0 };

  if (argc != 2) {
    fprintf (stderr, "anpr-camera is begun by anprd, not by people\n");
    return EXIT_USAGE;
  }
  g_set_prgname ("anpr-camera");
  save_memory ();
  gst_init (NULL, NULL);
  run (&camera);
  if (camera.exit_status != EXIT_SUCCESS)
    _exit (camera.exit_status); /* threads may hang that exit() waits for */
  anpr_camera_still_free (camera.still);
  anpr_camera_pipeline_free (camera.pipeline);
  anpr_line_channel_free (camera.channel);
  anpr_camera_task_free (camera.task);
  g_clear_pointer (&camera.told.faults, g_hash_table_unref);
  g_main_loop_unref (camera.loop);
  return EXIT_SUCCESS;
}
