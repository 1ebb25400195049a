/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Tries a position as anprd would run it: the same process with the same task,
 * but for a spool of its own that is thrown away. So what the trial shows is what
 * the appliance will do, and nothing of it is kept but the picture (R1: the
 * caller has made sure that the permission holds).
 */

#include "positiontrial.h"
#include "cameratask.h"
#include "childprocess.h"
#include "recordview.h"
#include "../plugins/record/jsonmember.h"

#include <glib/gstdio.h>
#include <signal.h>

#define MEMORY (G_GUINT64_CONSTANT (512) << 20)
/* For the first picture, seconds */
#define FIRST_PICTURE_TIME 20
/* For the process to end, seconds */
#define END_TIME 10
#define MAX_TEXTS 50

typedef struct {
  AnprPositionTrial *trial;
  GMainLoop *loop;
  guint seconds;
  guint timer;
  gint pid;
} Run;

static gboolean
on_time (gpointer data)
{
  Run *run = data;

  /* the second time it did not end as asked */
  (void) kill (run->pid, run->timer ? SIGTERM : SIGKILL);
  run->timer = 0;
  g_timeout_add_seconds (END_TIME, on_time, run);
  return G_SOURCE_REMOVE;
}

static void
add_once (GPtrArray *texts, const gchar *text)
{
  if (texts->len < MAX_TEXTS
      && !g_ptr_array_find_with_equal_func (texts, text, g_str_equal, NULL))
    g_ptr_array_add (texts, g_strdup (text));
}

static void
take_status (Run *run, JsonObject *object)
{
  gboolean before = run->trial->status.decoded > 0;

  if (!anpr_camera_status_read (&run->trial->status, object))
    return;
  run->trial->still |= run->trial->status.still_utc > 0;
  if (before || run->trial->status.decoded == 0 || !run->timer)
    return;
  g_source_remove (run->timer);
  run->timer = g_timeout_add_seconds (run->seconds, on_time, run);
}

static void
take_passage (Run *run, JsonObject *object)
{
  g_autoptr (AnprRecordView) view =
      anpr_record_view_parse (anpr_json_string (object, "json"), NULL);
  g_autofree gchar *text = NULL;

  if (!view || !*view->text)
    return;
  text = g_strdup_printf ("%s (%.2f)", view->text, view->confidence);
  add_once (run->trial->texts, text);
}

static void
take_fault (Run *run, JsonObject *object)
{
  g_autofree gchar *text = g_strdup_printf ("%s: %s",
      anpr_json_string (object, "code"), anpr_json_string (object, "message"));

  add_once (run->trial->faults, text);
}

static void
on_line (const gchar *line, gsize length, gpointer data)
{
  Run *run = data;
  g_autoptr (JsonObject) object = line ? anpr_json_parse (line, length) : NULL;
  const gchar *type;

  if (!object)
    return;
  type = anpr_json_string (object, "type");
  if (g_str_equal (type, "status"))
    take_status (run, object);
  else if (g_str_equal (type, "fault"))
    take_fault (run, object);
  else if (g_str_equal (anpr_json_string (object, "kind"), "passage"))
    take_passage (run, object);
}

static void
on_end (GPid pid, gint wait_status, gpointer data)
{
  g_main_loop_quit (((Run *) data)->loop);
}

static gboolean
run_process (Run *run, const gchar *id, const gchar *line, GError **error)
{
  g_autofree gchar *program = anpr_child_process_find ("anpr-camera");
  const gchar *arguments[] = { program, id, NULL };
  const AnprChildLimits limits = { MEMORY, 0 };
  AnprLineChannel *channel;
  gint descriptor;

  run->pid = anpr_child_process_spawn (arguments, &limits, &descriptor, error);
  if (!run->pid)
    return FALSE;
  run->loop = g_main_loop_new (NULL, FALSE);
  channel = anpr_line_channel_new (descriptor, on_line, run);
  (void) anpr_line_channel_send (channel, line);
  g_child_watch_add (run->pid, on_end, run);
  run->timer = g_timeout_add_seconds (FIRST_PICTURE_TIME, on_time, run);
  g_main_loop_run (run->loop);
  anpr_line_channel_read_rest (channel);
  anpr_line_channel_free (channel);
  g_main_loop_unref (run->loop);
  return TRUE;
}

static void
remove_spool (gchar *folder)
{
  g_autoptr (GDir) entries = g_dir_open (folder, 0, NULL);
  const gchar *name;

  while (entries && (name = g_dir_read_name (entries))) {
    g_autofree gchar *path = g_build_filename (folder, name, NULL);

    (void) g_unlink (path);
  }
  (void) g_rmdir (folder);
  g_free (folder);
}

/**
 * anpr_position_trial_run:
 * @configuration: of the appliance
 * @position: one without faults whose permission holds
 * @seconds: for how long, from the first picture on
 * @still_path: where a picture goes, with the plates drawn in
 * @trial: (out caller-allocates): what came of it; free with
 *     anpr_position_trial_clear()
 * @error: why it could not be tried at all
 *
 * Returns: whether it was tried
 */
gboolean
anpr_position_trial_run (const AnprConfiguration *configuration,
    const AnprPosition *position, guint seconds, const gchar *still_path,
    AnprPositionTrial *trial, GError **error)
{
  gchar *folder = g_dir_make_tmp ("anpr-trial-XXXXXX", error);
  g_autofree gchar *spool =
      folder ? g_build_filename (folder, "spool.sqlite", NULL) : NULL;
  g_autoptr (AnprCameraTask) task = NULL;
  Run run = { .trial = trial, .seconds = seconds };
  gchar *line = NULL;
  gboolean tried = FALSE;

  trial->faults = g_ptr_array_new_with_free_func (g_free);
  trial->texts = g_ptr_array_new_with_free_func (g_free);
  if (!folder)
    return FALSE;
  task = anpr_camera_task_new (configuration, position, spool, error);
  if (task) {
    g_free (task->still_path);
    task->still_path = g_canonicalize_filename (still_path, NULL);
    task->still_interval = 1;
    task->keep_plates = TRUE;
    line = anpr_camera_task_to_line (task);
    tried = run_process (&run, position->id, line, error);
    anpr_camera_task_line_free (line);
  }
  remove_spool (folder);
  return tried;
}

/**
 * anpr_position_trial_clear:
 * @trial: filled by anpr_position_trial_run(), or all zero
 */
void
anpr_position_trial_clear (AnprPositionTrial *trial)
{
  g_clear_pointer (&trial->faults, g_ptr_array_unref);
  g_clear_pointer (&trial->texts, g_ptr_array_unref);
}
