/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A unit: a position with its process. It is always in one of these:
 *
 *     no process    may not run (off, refused), or waits until it begins again
 *     process       runs; tells how it is every second
 *     ending        asked to stop, or killed; gone when the child watch says so
 *
 * Whatever is wrong with a process, the cure is the same: it ends and another is
 * begun, at first at once, then ever later, up to restart-delay-max, until one
 * has worked for a while. What is looked at every quarter of a second:
 *
 * - no sign of life for heartbeat-timeout: killed (it may be stopped or hang)
 * - more memory than max-memory: asked to stop, so that open passages are kept
 * - asked to stop, and not gone within stop-timeout: killed
 * - away for ten minutes: asked to stop and begun anew, in case the fault is its
 *   own
 * - the permission: judged anew, so it ends at its moment
 *
 * Of a task only a digest is kept, since it may hold a password.
 *
 * Processes are never begun in the same instant, since beginning one costs most.
 *
 * Main thread only; nothing blocks.
 */

#include "cameratask.h"
#include "log.h"
#include "recordview.h"
#include "supervisor-private.h"
#include "../plugins/record/jsonmember.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#define PROGRAM "anpr-camera"
/* A process that worked for so long was not begun in vain, microseconds */
#define WORKED_TIME (10 * G_USEC_PER_SEC)
/* For a process to give its first sign of life: models and plugins are loaded */
#define FIRST_LIFE_TIME (30 * G_USEC_PER_SEC)
/* A process that could not reach its camera for so long is begun anew, in case the
 * fault is its own, microseconds */
#define AWAY_TIME (10 * 60 * G_USEC_PER_SEC)
/* Between two notes that a camera runs, microseconds */
#define BETWEEN_NOTES (10 * G_USEC_PER_SEC)
/* For a process to end that speaks no more, microseconds */
#define LAST_MOMENT (2 * G_USEC_PER_SEC)
/* Between beginning two processes, milliseconds */
#define BETWEEN_STARTS 100

typedef AnprCameraUnit Unit;

static guint64
get_number (const AnprSupervisor *supervisor, const gchar *key)
{
  return anpr_settings_get_number (
      supervisor->configuration->settings, "cameras", key);
}

/* --- telling -------------------------------------------------------------- */

static gchar *
fault_to_json (const gchar *code, const gchar *message, const gchar *advice)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  const gchar *const members[][2] = { { "code", code }, { "message", message },
    { "advice", advice } };

  json_builder_begin_object (builder);
  for (guint i = 0; i < G_N_ELEMENTS (members); i++) {
    json_builder_set_member_name (builder, members[i][0]);
    json_builder_add_string_value (builder, members[i][1]);
  }
  json_builder_end_object (builder);
  return anpr_json_builder_to_line (builder);
}

static void
tell_fault (Unit *unit, const gchar *code, const gchar *message)
{
  const gchar *advice = anpr_error_advice_of_name (code);
  g_autofree gchar *json = fault_to_json (code, message, advice);

  anpr_log_fault (unit->camera->id, code, message, advice);
  anpr_fleet_add_event (unit->supervisor->fleet, unit->camera,
      ANPR_FLEET_EVENT_FAULT, g_get_real_time (), json, FALSE);
}

static void
tell_error (Unit *unit, AnprError code, const gchar *message)
{
  tell_fault (unit, anpr_error_code_name (code), message);
}

static void
set_state (
    Unit *unit, AnprCameraState state, const gchar *code, const gchar *reason)
{
  anpr_fleet_set_state (
      unit->supervisor->fleet, unit->camera, state, code, reason);
}

/* --- ending a process ----------------------------------------------------- */

static void
kill_process (Unit *unit, AnprCameraEnd end)
{
  if (!unit->pid || unit->killed)
    return;
  unit->killed = TRUE;
  unit->end = end;
  /* the group: whatever it may have begun goes with it */
  if (kill (-unit->pid, SIGKILL) != 0)
    (void) kill (unit->pid, SIGKILL);
}

static void
ask_to_stop (Unit *unit, AnprCameraEnd end)
{
  if (!unit->pid || unit->kill_at || unit->killed)
    return;
  unit->end = end;
  unit->kill_at =
      g_get_monotonic_time ()
      + get_number (unit->supervisor, "stop-timeout") * G_USEC_PER_SEC;
  set_state (unit, ANPR_CAMERA_STOPPING, NULL, NULL);
  (void) kill (unit->pid, SIGTERM);
}

/* --- what it tells -------------------------------------------------------- */

/* Not each time of a camera that comes and goes, but what runs in the end is told
 * of: also called every now and then */
static void
tell_running (Unit *unit)
{
  gint64 now = g_get_monotonic_time ();

  if (unit->running_is_told
      || (unit->told_running && now - unit->told_running < BETWEEN_NOTES))
    return;
  unit->told_running = now;
  unit->running_is_told = TRUE;
  anpr_log_note (unit->camera->id, "running");
}

/* What ends a connection is told while it still runs, and is why it is away then */
static void
remember_fault (Unit *unit, const gchar *code, const gchar *message)
{
  unit->fault_code = code;
  g_free (unit->fault_reason);
  unit->fault_reason = g_strdup (message);
}

static gboolean
is_of_connection (const gchar *code)
{
  return g_str_has_prefix (code, "ANPR-CAMERA-")
         || g_str_has_prefix (code, "ANPR-INPUT-");
}

static void
take_phase (Unit *unit)
{
  static const AnprCameraState states[ANPR_N_CAMERA_PHASES] = {
    [ANPR_CAMERA_PHASE_CONNECTING] = ANPR_CAMERA_STARTING,
    [ANPR_CAMERA_PHASE_PLAYING] = ANPR_CAMERA_RUNNING,
    [ANPR_CAMERA_PHASE_RECONNECTING] = ANPR_CAMERA_AWAY,
    [ANPR_CAMERA_PHASE_ENDED] = ANPR_CAMERA_ENDED,
    [ANPR_CAMERA_PHASE_STOPPING] = ANPR_CAMERA_STOPPING,
  };
  AnprCameraState state = states[MIN (
      unit->camera->status.phase, (guint64) ANPR_CAMERA_PHASE_STOPPING)];
  AnprCameraState before = unit->camera->state;

  if (unit->kill_at || state == before)
    return;
  unit->since = g_get_monotonic_time ();
  unit->running_is_told = FALSE;
  if (state == ANPR_CAMERA_RUNNING) {
    tell_running (unit);
    set_state (unit, state, NULL, NULL);
  } else if (unit->camera->code) {
    set_state (unit, state, unit->camera->code, unit->camera->reason);
  } else {
    set_state (unit, state, unit->fault_code, unit->fault_reason);
  }
  remember_fault (unit, NULL, NULL);
}

static gboolean
take_status (Unit *unit, JsonObject *object)
{
  AnprCameraStatus status;

  if (!anpr_camera_status_read (&status, object)
      || status.phase >= ANPR_N_CAMERA_PHASES)
    return FALSE;
  anpr_fleet_set_status (unit->supervisor->fleet, unit->camera, &status);
  take_phase (unit);
  return TRUE;
}

static gboolean
take_event (Unit *unit, JsonObject *object)
{
  const gchar *name = anpr_json_string (object, "kind");
  gint64 utc = json_object_get_int_member_with_default (object, "utc", 0);

  for (guint kind = 0; kind < ANPR_N_FLEET_EVENTS; kind++) {
    if (!g_str_equal (anpr_fleet_event_kind_to_string (kind), name))
      continue;
    anpr_fleet_add_event (unit->supervisor->fleet, unit->camera, kind, utc,
        anpr_json_string (object, "json"),
        anpr_json_boolean (object, "covert"));
    return TRUE;
  }
  return FALSE;
}

static gboolean
take_fault (Unit *unit, JsonObject *object)
{
  const gchar *code = anpr_error_find_name (anpr_json_string (object, "code"));
  const gchar *message = anpr_json_string (object, "message");

  if (!anpr_json_boolean (object, "again"))
    tell_fault (unit, code, message);
  if (g_str_has_prefix (code, "ANPR-SPOOL-"))
    anpr_fleet_set_spool_fault (
        unit->supervisor->fleet, unit->camera, code, message);
  else if (unit->camera->state != ANPR_CAMERA_RUNNING)
    set_state (unit, unit->camera->state, code, message);
  else if (is_of_connection (code))
    remember_fault (unit, code, message);
  return TRUE;
}

static const struct {
  const gchar *type;
  gboolean (*take) (Unit *unit, JsonObject *object);
} told[] = {
  { "status", take_status },
  { "event", take_event },
  { "fault", take_fault },
};

static gboolean
take_line (Unit *unit, const gchar *line, gsize length)
{
  g_autoptr (JsonObject) object = anpr_json_parse (line, length);
  const gchar *type;

  if (!object)
    return FALSE;
  type = anpr_json_string (object, "type");
  for (guint i = 0; i < G_N_ELEMENTS (told); i++) {
    if (g_str_equal (told[i].type, type))
      return told[i].take (unit, object);
  }
  return FALSE;
}

/* A process that talks nonsense has lost its mind. One that has closed its channel
 * is about to end, or gets a moment for it. */
static void
on_line (const gchar *line, gsize length, gpointer data)
{
  Unit *unit = data;
  gint64 now = g_get_monotonic_time ();

  if (line && take_line (unit, line, length)) {
    unit->last_life = now;
  } else if (line) {
    tell_error (unit, ANPR_ERROR_CAMERA_HUNG, "its process talks nonsense");
    kill_process (unit, ANPR_CAMERA_END_DIED);
  } else if (!unit->kill_at) {
    unit->kill_at = now + LAST_MOMENT;
  }
}

/* --- beginning a process -------------------------------------------------- */

static gchar *
digest_of_task (const AnprSupervisor *supervisor, const gchar *line)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  const guint64 limits[] = { get_number (supervisor, "max-memory"),
    get_number (supervisor, "nice") };

  g_checksum_update (checksum, (const guchar *) line, strlen (line));
  g_checksum_update (checksum, (const guchar *) limits, sizeof limits);
  return g_strdup (g_checksum_get_string (checksum));
}

/* Gives the line of the unit's task; free with anpr_camera_task_line_free() */
static gchar *
make_task (Unit *unit, GError **error)
{
  const AnprConfiguration *configuration = unit->supervisor->configuration;
  g_autofree gchar *spool =
      anpr_configuration_get_spool (configuration, unit->camera->id);
  g_autoptr (AnprCameraTask) task = anpr_camera_task_new (
      configuration, unit->camera->position, spool, error);

  return task ? anpr_camera_task_to_line (task) : NULL;
}

static gboolean
on_delay (gpointer data)
{
  Unit *unit = data;

  unit->delay = 0;
  anpr_camera_unit_consider (unit);
  return G_SOURCE_REMOVE;
}

static void
consider_later (Unit *unit, guint milliseconds)
{
  g_clear_handle_id (&unit->delay, g_source_remove);
  unit->delay = g_timeout_add (milliseconds, on_delay, unit);
}

static void
wait_to_restart (Unit *unit)
{
  gdouble longest =
      anpr_settings_get_real (unit->supervisor->configuration->settings,
          "cameras", "restart-delay-max");

  set_state (
      unit, ANPR_CAMERA_WAITING, unit->camera->code, unit->camera->reason);
  consider_later (unit, anpr_back_off_next (&unit->back_off, longest));
}

static const AnprError end_codes[ANPR_N_CAMERA_ENDS] = {
  [ANPR_CAMERA_END_DIED] = ANPR_ERROR_CAMERA_DIED,
  [ANPR_CAMERA_END_HUNG] = ANPR_ERROR_CAMERA_HUNG,
  [ANPR_CAMERA_END_MEMORY] = ANPR_ERROR_CAMERA_MEMORY,
};

/* The others were told of when they were ended */
static void
explain_end (Unit *unit, gint wait_status)
{
  g_autofree gchar *how = anpr_child_process_explain_end (wait_status);

  if (unit->end == ANPR_CAMERA_END_ASKED) {
    anpr_log_note (unit->camera->id, "stopped");
    return;
  }
  if (unit->end == ANPR_CAMERA_END_DIED)
    tell_error (unit, ANPR_ERROR_CAMERA_DIED, how);
  set_state (unit, ANPR_CAMERA_WAITING,
      anpr_error_code_name (end_codes[unit->end]), how);
}

static void
on_process_end (GPid pid, gint wait_status, gpointer data)
{
  Unit *unit = data;
  AnprSupervisor *supervisor = unit->supervisor;

  unit->child_watch = 0;
  unit->pid = 0;
  /* it stops by itself, in order, when its permission ends */
  if (unit->end == ANPR_CAMERA_END_DIED && WIFEXITED (wait_status)
      && WEXITSTATUS (wait_status) == 0)
    unit->end = ANPR_CAMERA_END_ASKED;
  /* passages that were closed at the end are told of last */
  anpr_line_channel_read_rest (unit->channel);
  g_clear_pointer (&unit->channel, anpr_line_channel_free);
  g_clear_pointer (&unit->digest, g_free);
  explain_end (unit, wait_status);
  anpr_fleet_process_ended (supervisor->fleet, unit->camera, unit->end);
  if (unit->end == ANPR_CAMERA_END_ASKED) {
    anpr_back_off_reset (&unit->back_off);
    anpr_camera_unit_consider (unit);
  } else {
    wait_to_restart (unit);
  }
  anpr_supervisor_process_ended (supervisor);
}

static gboolean
spawn (Unit *unit, const gchar *task, GError **error)
{
  AnprSupervisor *supervisor = unit->supervisor;
  g_autofree gchar *program = anpr_child_process_find (PROGRAM);
  const gchar *arguments[] = { program, unit->camera->id, NULL };
  const AnprChildLimits limits = {
    .memory = get_number (supervisor, "max-memory") << 20,
    .nice = get_number (supervisor, "nice"),
  };
  gint channel = -1;

  unit->pid = anpr_child_process_spawn (arguments, &limits, &channel, error);
  if (!unit->pid)
    return FALSE;
  unit->digest = digest_of_task (supervisor, task);
  unit->begun = g_get_monotonic_time ();
  unit->last_life = unit->kill_at = 0;
  remember_fault (unit, NULL, NULL);
  unit->told_running = 0; /* that its process ended was told, too */
  unit->killed = FALSE;
  unit->end = ANPR_CAMERA_END_DIED;
  unit->channel = anpr_line_channel_new (channel, on_line, unit);
  unit->child_watch = g_child_watch_add (unit->pid, on_process_end, unit);
  (void) anpr_line_channel_send (unit->channel, task);
  anpr_fleet_process_began (supervisor->fleet, unit->camera, unit->pid);
  return TRUE;
}

static void
start (Unit *unit)
{
  g_autoptr (GError) error = NULL;
  gchar *task = make_task (unit, &error);

  g_free (unit->camera->still_path);
  unit->camera->still_path = anpr_configuration_get_still (
      unit->supervisor->configuration, unit->camera->id);
  if (task && spawn (unit, task, &error)) {
    set_state (unit, ANPR_CAMERA_STARTING, NULL, NULL);
  } else {
    tell_fault (unit, anpr_error_name (error), error->message);
    set_state (unit, ANPR_CAMERA_WAITING, NULL, error->message);
    wait_to_restart (unit);
  }
  anpr_camera_task_line_free (task);
}

/* --- whether it may run --------------------------------------------------- */

/* Says why not, in the unit's state */
static gchar *
explain_permission (const AnprPermission *permission, AnprPermissionState state)
{
  gchar *reason = anpr_permission_explain (permission, state);
  gchar *longer;

  if (anpr_permission_judge (permission, g_get_real_time ())
      != ANPR_PERMISSION_VALID)
    return reason;
  /* the same text each time: another one is told anew */
  longer = g_strconcat (reason, "; the clock of this host is behind", NULL);
  g_free (reason);
  return longer;
}

static gboolean
may_run (Unit *unit)
{
  const AnprPosition *position = unit->camera->position;
  AnprPermissionState permission;
  g_autofree gchar *reason = NULL;
  const gchar *code;

  if (unit->supervisor->stopping || unit->gone)
    return FALSE;
  if (!position) {
    set_state (unit, ANPR_CAMERA_REFUSED,
        anpr_error_code_name (ANPR_ERROR_CONFIG_VALUE),
        "its file has faults and was never right");
    return FALSE;
  }
  if (!anpr_settings_get_boolean (position->settings, "position", "enabled")) {
    set_state (unit, ANPR_CAMERA_OFF, NULL, NULL);
    return FALSE;
  }
  permission = anpr_permission_judge (&position->permission,
      anpr_permission_clock_now (unit->supervisor->clock));
  if (permission == ANPR_PERMISSION_VALID)
    return TRUE;
  code = anpr_error_code_name (anpr_permission_get_code (permission));
  reason = explain_permission (&position->permission, permission);
  if (g_strcmp0 (unit->camera->code, code) != 0
      || g_strcmp0 (unit->camera->reason, reason) != 0)
    tell_fault (unit, code, reason);
  set_state (unit, ANPR_CAMERA_REFUSED, code, reason);
  return FALSE;
}

/* Begins it, or lets it wait until no other has just been begun */
static void
start_in_turn (Unit *unit)
{
  AnprSupervisor *supervisor = unit->supervisor;
  gint64 now = g_get_monotonic_time ();

  if (now < supervisor->next_start) {
    consider_later (unit, (supervisor->next_start - now) / 1000 + 1);
    return;
  }
  supervisor->next_start = now + BETWEEN_STARTS * 1000;
  start (unit);
}

/**
 * anpr_camera_unit_consider:
 * @unit: a unit; may be gone afterwards
 *
 * Brings it to what it should be: the one place that decides.
 */
void
anpr_camera_unit_consider (Unit *unit)
{
  gboolean may = may_run (unit);

  if (unit->pid) {
    if (!may)
      ask_to_stop (unit, ANPR_CAMERA_END_ASKED);
    return;
  }
  if (may) {
    if (!unit->delay)
      start_in_turn (unit);
    return;
  }
  g_clear_handle_id (&unit->delay, g_source_remove);
  if (unit->gone)
    anpr_supervisor_remove (unit->supervisor, unit);
}

/* --- looking after them --------------------------------------------------- */

static void
check_life (Unit *unit, gint64 now)
{
  gint64 timeout =
      get_number (unit->supervisor, "heartbeat-timeout") * G_USEC_PER_SEC;
  gboolean silent = unit->last_life ? now - unit->last_life > timeout
                                    : now - unit->begun > FIRST_LIFE_TIME;

  if (!silent || unit->killed || unit->kill_at)
    return;
  tell_error (
      unit, ANPR_ERROR_CAMERA_HUNG, "its process gives no sign of life");
  kill_process (unit, ANPR_CAMERA_END_HUNG);
}

static void
check_memory (Unit *unit)
{
  guint64 most = get_number (unit->supervisor, "max-memory") << 20;
  guint64 memory = anpr_child_process_get_memory (unit->pid);
  g_autofree gchar *text = NULL;

  if (memory <= most || unit->kill_at || unit->killed)
    return;
  text = g_strdup_printf ("its process has %" G_GUINT64_FORMAT
                          " MiB of memory, more than %" G_GUINT64_FORMAT,
      memory >> 20, most >> 20);
  tell_error (unit, ANPR_ERROR_CAMERA_MEMORY, text);
  ask_to_stop (unit, ANPR_CAMERA_END_MEMORY);
}

/**
 * anpr_camera_unit_check:
 * @unit: a unit
 * @now: monotonic, microseconds
 *
 * To be called every now and then: whether all is well with its process.
 */
void
anpr_camera_unit_check (Unit *unit, gint64 now)
{
  if (!unit->pid) {
    /* a permission may have begun, or ended while it waited */
    if (!unit->delay)
      anpr_camera_unit_consider (unit);
    return;
  }
  check_life (unit, now);
  check_memory (unit);
  if (unit->kill_at && now > unit->kill_at)
    kill_process (unit, unit->end);
  if (unit->camera->state == ANPR_CAMERA_RUNNING) {
    tell_running (unit);
    if (now - unit->begun > WORKED_TIME)
      anpr_back_off_reset (&unit->back_off);
  }
  if (unit->camera->state == ANPR_CAMERA_AWAY && now - unit->since > AWAY_TIME)
    ask_to_stop (unit, ANPR_CAMERA_END_ASKED);
  if (!unit->kill_at && !unit->killed && !may_run (unit))
    ask_to_stop (unit, ANPR_CAMERA_END_ASKED);
}

/* --- configuration -------------------------------------------------------- */

/* Whether something else should run than what does. A task that cannot be made
 * now, as by credentials that cannot be read any more, is no reason to stop */
static gboolean
has_another_task (Unit *unit)
{
  gchar *task = make_task (unit, NULL);
  g_autofree gchar *digest =
      task ? digest_of_task (unit->supervisor, task) : NULL;

  anpr_camera_task_line_free (task);
  return digest && g_strcmp0 (digest, unit->digest) != 0;
}

/**
 * anpr_camera_unit_apply:
 * @unit: a unit whose position, or what it runs with, may be another; may be gone
 *     afterwards
 */
void
anpr_camera_unit_apply (Unit *unit)
{
  anpr_fleet_changed (unit->supervisor->fleet, unit->camera);
  if (unit->pid && !unit->kill_at && !unit->gone && has_another_task (unit)) {
    anpr_log_note (unit->camera->id, "its settings changed");
    ask_to_stop (unit, ANPR_CAMERA_END_ASKED);
  }
  /* a change is tried at once, however long it would have waited */
  g_clear_handle_id (&unit->delay, g_source_remove);
  anpr_camera_unit_consider (unit);
}

/**
 * anpr_camera_unit_free:
 * @data: (transfer full): a unit; a process that still runs is killed
 */
void
anpr_camera_unit_free (gpointer data)
{
  Unit *unit = data;

  g_clear_handle_id (&unit->delay, g_source_remove);
  g_clear_handle_id (&unit->child_watch, g_source_remove);
  if (unit->pid)
    (void) kill (-unit->pid, SIGKILL);
  anpr_line_channel_free (unit->channel);
  g_free (unit->digest);
  g_free (unit->fault_reason);
  g_free (unit);
}
