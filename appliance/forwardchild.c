/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The one process that brings all positions' passages, and decisions about hits, to
 * the central database: anprctl forward, kept running like a camera.
 *
 * It gets every spool in the state folder, also of positions that are off or
 * gone, because what they have seen is owed to the centre; and the spools that
 * cameras are about to make. When that set changes it is begun anew, which costs
 * nothing: what is under way is asked for again and not kept twice.
 *
 * What it prints, a line of JSON a spool, is put into the fleet as it is; the
 * centre being away is its own affair. It has no password from here: libpq takes
 * that from a file (docs/forwarding.md).
 *
 * Main thread only.
 */

#include "forwardchild.h"
#include "childprocess.h"
#include "log.h"
#include "recordview.h"
#include "web/decisions.h"
#include "../plugins/record/folder.h"
#include "../plugins/record/jsonmember.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#define PROGRAM "anprctl"
#define SPOOL_SUFFIX ".spool"
/* Between looks for new spools, and whether it ends as asked, seconds */
#define TICK 5
/* For it to end, microseconds */
#define STOP_TIME (10 * G_USEC_PER_SEC)
/* One that lived so long was not begun in vain, microseconds */
#define WORKED_TIME (30 * G_USEC_PER_SEC)
#define LONGEST_DELAY 30
#define MEMORY (G_GUINT64_CONSTANT (512) << 20)

struct _AnprForwardChild {
  AnprFleet *fleet;
  gchar *address; /* NULL if nothing is to be forwarded */
  gchar *key;
  gchar *folder;
  GPtrArray *enabled; /* spools of positions that may run */
  gchar **arguments;  /* of the process */
  gint pid;
  guint child_watch;
  AnprLineChannel *channel;
  gint64 begun;
  gint64 kill_at;
  AnprBackOff back_off;
  guint delay;
  guint tick;
  AnprForwardDone done;
  gpointer done_data;
};

static void consider (AnprForwardChild *child);

/* --- what it is told ------------------------------------------------------ */

static void
add_once (GPtrArray *paths, const gchar *path)
{
  if (!g_ptr_array_find_with_equal_func (paths, path, g_str_equal, NULL))
    g_ptr_array_add (paths, g_strdup (path));
}

static GPtrArray *
find_spools (const AnprForwardChild *child)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) entries = g_dir_open (child->folder, 0, NULL);
  const gchar *name;

  while (entries && (name = g_dir_read_name (entries))) {
    g_autofree gchar *path = g_build_filename (child->folder, name, NULL);

    if (g_str_has_suffix (name, SPOOL_SUFFIX))
      add_once (paths, path);
  }
  for (guint i = 0; i < child->enabled->len; i++)
    add_once (paths, g_ptr_array_index (child->enabled, i));
  g_ptr_array_sort (paths, anpr_folder_compare_names);
  return paths;
}

/* NULL if there is nothing to forward */
static gchar **
make_arguments (const AnprForwardChild *child)
{
  g_autoptr (GPtrArray) spools = NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree gchar *program = anpr_child_process_find (PROGRAM);
  g_autofree gchar *decisions = NULL;

  if (!child->address || child->done)
    return NULL;
  spools = find_spools (child);
  if (spools->len == 0)
    return NULL;
  g_strv_builder_add_many (
      builder, program, "forward", "--to", child->address, NULL);
  if (child->key)
    g_strv_builder_add_many (builder, "--key", child->key, NULL);
  decisions = g_build_filename (child->folder, ANPR_DECISIONS_FILE, NULL);
  g_strv_builder_add_many (builder, "--decisions", decisions, NULL);
  for (guint i = 0; i < spools->len; i++)
    g_strv_builder_add (builder, g_ptr_array_index (spools, i));
  return g_strv_builder_end (builder);
}

static gboolean
are_same (gchar **a, gchar **b)
{
  return a && b
         && g_strv_equal ((const gchar *const *) a, (const gchar *const *) b);
}

/* --- what it tells -------------------------------------------------------- */

static void
on_line (const gchar *line, gsize length, gpointer data)
{
  AnprForwardChild *child = data;
  g_autoptr (JsonObject) object = line ? anpr_json_parse (line, length) : NULL;
  g_autofree gchar *name = NULL;

  if (!object)
    return;
  if (json_object_has_member (object, "decisions")) {
    anpr_fleet_set_decisions (child->fleet, line);
    return;
  }
  name = g_path_get_basename (anpr_json_string (object, "spool"));
  if (!g_str_has_suffix (name, SPOOL_SUFFIX))
    return;
  name[strlen (name) - strlen (SPOOL_SUFFIX)] = '\0';
  anpr_fleet_set_delivery (child->fleet, name, line);
}

/* --- its life ------------------------------------------------------------- */

static void
ask_to_stop (AnprForwardChild *child)
{
  if (!child->pid || child->kill_at)
    return;
  child->kill_at = g_get_monotonic_time () + STOP_TIME;
  (void) kill (child->pid, SIGTERM);
}

static gboolean
on_delay (gpointer data)
{
  AnprForwardChild *child = data;

  child->delay = 0;
  consider (child);
  return G_SOURCE_REMOVE;
}

static void
on_process_end (GPid pid, gint wait_status, gpointer data)
{
  AnprForwardChild *child = data;
  g_autofree gchar *how = anpr_child_process_explain_end (wait_status);
  gboolean asked = child->kill_at != 0;

  child->pid = 0;
  child->child_watch = 0;
  child->kill_at = 0;
  anpr_line_channel_read_rest (child->channel);
  g_clear_pointer (&child->channel, anpr_line_channel_free);
  g_clear_pointer (&child->arguments, g_strfreev);
  if (child->done) {
    child->done (child->done_data);
    return;
  }
  if (asked) {
    consider (child);
    return;
  }
  anpr_log_fault (NULL, anpr_error_code_name (ANPR_ERROR_FORWARD_DIED), how,
      anpr_error_code_advice (ANPR_ERROR_FORWARD_DIED));
  if (g_get_monotonic_time () - child->begun > WORKED_TIME)
    anpr_back_off_reset (&child->back_off);
  child->delay = g_timeout_add (
      anpr_back_off_next (&child->back_off, LONGEST_DELAY), on_delay, child);
}

static void
start (AnprForwardChild *child, gchar **arguments)
{
  const AnprChildLimits limits = { .memory = MEMORY,
    .channel = ANPR_CHILD_STANDARD_OUTPUT };
  g_autoptr (GError) error = NULL;
  gint channel;

  child->begun = g_get_monotonic_time ();
  child->pid = anpr_child_process_spawn (
      (const gchar *const *) arguments, &limits, &channel, &error);
  if (!child->pid) {
    anpr_log_fault (NULL, anpr_error_code_name (ANPR_ERROR_FORWARD_DIED),
        error->message, NULL);
    child->delay = g_timeout_add (
        anpr_back_off_next (&child->back_off, LONGEST_DELAY), on_delay, child);
    g_strfreev (arguments);
    return;
  }
  child->arguments = arguments;
  child->channel = anpr_line_channel_new (channel, on_line, child);
  child->child_watch = g_child_watch_add (child->pid, on_process_end, child);
}

/* Brings it to what it should be: the one place that decides */
static void
consider (AnprForwardChild *child)
{
  gchar **arguments = make_arguments (child);

  if (child->pid && !are_same (arguments, child->arguments))
    ask_to_stop (child);
  if (arguments && !child->pid && !child->delay)
    start (child, arguments);
  else
    g_strfreev (arguments);
}

static gboolean
on_tick (gpointer data)
{
  AnprForwardChild *child = data;

  if (child->kill_at && g_get_monotonic_time () > child->kill_at)
    (void) kill (-child->pid, SIGKILL);
  if (child->folder)
    consider (child);
  return G_SOURCE_CONTINUE;
}

/**
 * anpr_forward_child_new:
 * @fleet: where it is put what is told of deliveries
 *
 * Returns: (transfer full): without a process yet
 */
AnprForwardChild *
anpr_forward_child_new (AnprFleet *fleet)
{
  AnprForwardChild *child = g_new0 (AnprForwardChild, 1);

  child->fleet = g_object_ref (fleet);
  child->enabled = g_ptr_array_new_with_free_func (g_free);
  child->tick = g_timeout_add_seconds (TICK, on_tick, child);
  return child;
}

/**
 * anpr_forward_child_free:
 * @child: (nullable) (transfer full): it; a process that still runs is killed
 */
void
anpr_forward_child_free (AnprForwardChild *child)
{
  if (!child)
    return;
  g_source_remove (child->tick);
  g_clear_handle_id (&child->delay, g_source_remove);
  g_clear_handle_id (&child->child_watch, g_source_remove);
  if (child->pid)
    (void) kill (-child->pid, SIGKILL);
  anpr_line_channel_free (child->channel);
  g_strfreev (child->arguments);
  g_free (child->address);
  g_free (child->key);
  g_free (child->folder);
  g_ptr_array_unref (child->enabled);
  g_object_unref (child->fleet);
  g_free (child);
}

static void
take_positions (
    AnprForwardChild *child, const AnprConfiguration *configuration, gint64 now)
{
  g_ptr_array_set_size (child->enabled, 0);
  for (guint i = 0; i < configuration->positions->len; i++) {
    const AnprPosition *position =
        g_ptr_array_index (configuration->positions, i);

    if (anpr_settings_get_boolean (position->settings, "position", "enabled")
        && anpr_permission_judge (&position->permission, now)
               == ANPR_PERMISSION_VALID)
      g_ptr_array_add (child->enabled,
          anpr_configuration_get_spool (configuration, position->id));
  }
}

/**
 * anpr_forward_child_apply:
 * @child: it
 * @configuration: what is in force
 * @now: the time that permissions are judged by
 */
void
anpr_forward_child_apply (
    AnprForwardChild *child, const AnprConfiguration *configuration, gint64 now)
{
  const gchar *address =
      anpr_settings_get (configuration->settings, "forward", "central");

  g_free (child->address);
  g_free (child->key);
  g_free (child->folder);
  child->address = *address ? g_strdup (address) : NULL;
  child->key = anpr_configuration_get_key (configuration);
  child->folder =
      anpr_configuration_get_path (configuration, "appliance", "state");
  take_positions (child, configuration, now);
  consider (child);
}

/**
 * anpr_forward_child_stop:
 * @child: it
 * @done: called when its process has ended
 * @user_data: for it
 *
 * Final.
 *
 * Returns: %FALSE if there is none, and @done will not be called
 */
gboolean
anpr_forward_child_stop (
    AnprForwardChild *child, AnprForwardDone done, gpointer user_data)
{
  child->done = done;
  child->done_data = user_data;
  g_clear_handle_id (&child->delay, g_source_remove);
  ask_to_stop (child);
  return child->pid != 0;
}
