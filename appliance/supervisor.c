/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Keeps a process running for each position that may (cameraunit.c), and one that
 * forwards for all of them (forwardchild.c).
 *
 * A new configuration is held against what runs: a unit whose task (pipeline,
 * settings, limits, credentials) is the same is left alone. A position whose file
 * has faults goes on as it was.
 *
 * Main thread only; nothing blocks.
 */

#include "supervisor-private.h"

/* Milliseconds between looks at everything */
#define TICK 250

typedef AnprCameraUnit Unit;

/**
 * anpr_supervisor_process_ended:
 * @supervisor: a supervisor
 *
 * Tells who waits for the end of all when it was the last one.
 */
void
anpr_supervisor_process_ended (AnprSupervisor *supervisor)
{
  GHashTableIter iter;
  gpointer unit;

  if (!supervisor->done || supervisor->forward_stops)
    return;
  g_hash_table_iter_init (&iter, supervisor->units);
  while (g_hash_table_iter_next (&iter, NULL, &unit)) {
    if (((AnprCameraUnit *) unit)->pid)
      return;
  }
  supervisor->done (supervisor->done_data);
  supervisor->done = NULL;
}

/**
 * anpr_supervisor_remove:
 * @supervisor: a supervisor
 * @unit: (transfer full): of a position that is gone, without a process
 */
void
anpr_supervisor_remove (AnprSupervisor *supervisor, AnprCameraUnit *unit)
{
  g_autofree gchar *id = g_strdup (unit->camera->id);

  g_hash_table_remove (supervisor->units, id);
  anpr_fleet_remove (supervisor->fleet, id);
}

static gboolean
on_tick (gpointer data)
{
  AnprSupervisor *supervisor = data;
  g_autoptr (GList) units = g_hash_table_get_values (supervisor->units);

  for (GList *at = units; at; at = at->next)
    anpr_camera_unit_check (at->data, g_get_monotonic_time ());
  return G_SOURCE_CONTINUE;
}

/* --- configuration -------------------------------------------------------- */

static Unit *
get_unit (AnprSupervisor *supervisor, const gchar *id)
{
  Unit *unit = g_hash_table_lookup (supervisor->units, id);

  if (unit)
    return unit;
  unit = g_new0 (Unit, 1);
  unit->supervisor = supervisor;
  unit->camera = anpr_fleet_add (supervisor->fleet, id);
  g_hash_table_insert (supervisor->units, g_strdup (id), unit);
  return unit;
}

static void
set_file_faults (Unit *unit, GPtrArray *faults)
{
  AnprConfiguration *configuration = unit->supervisor->configuration;
  g_autofree gchar *name =
      g_strconcat (unit->camera->id, ANPR_POSITION_SUFFIX, NULL);
  g_autofree gchar *path = g_build_filename (
      configuration->folder, ANPR_CONFIGURATION_POSITIONS, name, NULL);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < faults->len; i++) {
    const AnprSettingFault *fault = g_ptr_array_index (faults, i);
    g_autofree gchar *line = anpr_setting_fault_to_string (fault);

    if (g_str_equal (fault->file, path))
      g_string_append_printf (text, "%s%s", text->len ? "\n" : "", line);
  }
  g_free (unit->camera->file_faults);
  unit->camera->file_faults = text->len ? g_strdup (text->str) : NULL;
}

static void
apply_position (AnprSupervisor *supervisor, AnprPosition *position)
{
  Unit *unit = get_unit (supervisor, position->id);

  unit->gone = unit->broken = FALSE;
  anpr_position_unref (unit->camera->position);
  unit->camera->position = anpr_position_ref (position);
  g_clear_pointer (&unit->camera->file_faults, g_free);
}

static void
mark_all_gone (AnprSupervisor *supervisor)
{
  GHashTableIter iter;
  gpointer unit;

  g_hash_table_iter_init (&iter, supervisor->units);
  while (g_hash_table_iter_next (&iter, NULL, &unit))
    ((Unit *) unit)->gone = TRUE;
}

/* anprd.conf as it was, if the new one has faults */
static void
take_configuration (
    AnprSupervisor *supervisor, AnprConfiguration *configuration)
{
  AnprConfiguration *before = supervisor->configuration;

  if (before && !configuration->usable) {
    AnprSettings *faulty = configuration->settings;

    configuration->settings = before->settings;
    before->settings = faulty;
  }
  supervisor->configuration = configuration;
  anpr_configuration_free (before);
}

/* The state folder stays what it was at the beginning */
static void
begin_clock (AnprSupervisor *supervisor)
{
  g_autofree gchar *state = anpr_configuration_get_path (
      supervisor->configuration, "appliance", "state");
  g_autofree gchar *path =
      g_build_filename (state, ANPR_PERMISSION_CLOCK_FILE, NULL);

  supervisor->clock = anpr_permission_clock_new (path, NULL, NULL);
}

/**
 * anpr_supervisor_apply:
 * @supervisor: a supervisor
 * @configuration: (transfer full): what is to be, as it was loaded, with faults
 *
 * Brings what runs to what should run. A position whose file has faults goes on
 * as it was, and so does everything else of which nothing changed. If anprd.conf
 * itself has faults its settings stay those from before.
 */
void
anpr_supervisor_apply (
    AnprSupervisor *supervisor, AnprConfiguration *configuration)
{
  g_autoptr (GList) units = NULL;

  if (supervisor->stopping) {
    anpr_configuration_free (configuration);
    return;
  }
  take_configuration (supervisor, configuration);
  if (!supervisor->clock)
    begin_clock (supervisor);
  anpr_fleet_set_faults (supervisor->fleet, configuration->faults);
  mark_all_gone (supervisor);
  for (guint i = 0; i < configuration->positions->len; i++)
    apply_position (
        supervisor, g_ptr_array_index (configuration->positions, i));
  for (guint i = 0; i < configuration->broken->len; i++) {
    Unit *unit =
        get_unit (supervisor, g_ptr_array_index (configuration->broken, i));

    unit->gone = FALSE;
    unit->broken = TRUE;
    set_file_faults (unit, configuration->faults);
  }
  units = g_hash_table_get_values (supervisor->units);
  for (GList *at = units; at; at = at->next)
    anpr_camera_unit_apply (at->data);
  anpr_forward_child_apply (supervisor->forward, configuration,
      anpr_permission_clock_now (supervisor->clock));
}

/**
 * anpr_supervisor_get_configuration:
 * @supervisor: a supervisor
 *
 * Returns: (transfer none) (nullable): what is in force, until the next is
 *     applied
 */
const AnprConfiguration *
anpr_supervisor_get_configuration (AnprSupervisor *supervisor)
{
  return supervisor->configuration;
}

/**
 * anpr_supervisor_ask_still:
 * @supervisor: a supervisor
 * @id: of a position
 *
 * Asks for a new picture of what its camera sees; "changed" of the fleet tells
 * when its status has a later still_utc.
 *
 * Returns: whether there is a process to ask
 */
gboolean
anpr_supervisor_ask_still (AnprSupervisor *supervisor, const gchar *id)
{
  Unit *unit = g_hash_table_lookup (supervisor->units, id);

  return unit && unit->channel
         && anpr_line_channel_send (unit->channel, "{\"type\":\"still\"}");
}

/**
 * anpr_supervisor_new:
 * @fleet: what it writes to
 *
 * Returns: (transfer full): a supervisor without positions
 */
AnprSupervisor *
anpr_supervisor_new (AnprFleet *fleet)
{
  AnprSupervisor *supervisor = g_new0 (AnprSupervisor, 1);

  supervisor->fleet = g_object_ref (fleet);
  supervisor->units = g_hash_table_new_full (
      g_str_hash, g_str_equal, g_free, anpr_camera_unit_free);
  supervisor->forward = anpr_forward_child_new (fleet);
  supervisor->tick = g_timeout_add (TICK, on_tick, supervisor);
  return supervisor;
}

/**
 * anpr_supervisor_free:
 * @supervisor: (nullable) (transfer full): a supervisor; processes that still run
 *     are killed
 */
void
anpr_supervisor_free (AnprSupervisor *supervisor)
{
  if (!supervisor)
    return;
  g_source_remove (supervisor->tick);
  g_hash_table_unref (supervisor->units);
  anpr_forward_child_free (supervisor->forward);
  anpr_permission_clock_free (supervisor->clock);
  anpr_configuration_free (supervisor->configuration);
  g_object_unref (supervisor->fleet);
  g_free (supervisor);
}

static void
on_forward_stopped (gpointer data)
{
  AnprSupervisor *supervisor = data;

  supervisor->forward_stops = FALSE;
  anpr_supervisor_process_ended (supervisor);
}

/**
 * anpr_supervisor_stop:
 * @supervisor: a supervisor
 * @done: called when all processes have ended, within stop-timeout or ten
 *     seconds
 * @user_data: for it
 *
 * Ends all of them in order: what they have seen is kept. Final.
 */
void
anpr_supervisor_stop (
    AnprSupervisor *supervisor, AnprSupervisorDone done, gpointer user_data)
{
  g_autoptr (GList) units = g_hash_table_get_values (supervisor->units);

  supervisor->stopping = TRUE;
  supervisor->done = done;
  supervisor->done_data = user_data;
  supervisor->forward_stops = anpr_forward_child_stop (
      supervisor->forward, on_forward_stopped, supervisor);
  for (GList *at = units; at; at = at->next)
    anpr_camera_unit_consider (at->data);
  anpr_supervisor_process_ended (supervisor);
}
