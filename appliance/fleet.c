/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The fleet: see fleet.h.
 *
 * Changes are collected and told once when the main loop is idle, so that a
 * burst of status lines costs those who listen one turn. Events are told at
 * once, and the newest are kept, a bounded number a camera.
 */

#include "fleet.h"
#include "../plugins/record/jsonmember.h"

#include <string.h>

/* Spools that may be told of, those of positions that are gone included */
#define MAX_DELIVERIES 256

struct _AnprFleet {
  GObject parent;

  GPtrArray *cameras; /* by id */
  GPtrArray *faults;
  GHashTable *deliveries; /* id: JSON */
  gchar *decisions;       /* JSON of their delivery, NULL if none was told */
  GHashTable *changed;    /* ids, until they are told */
  guint idle;
  guint64 n_events;
};

enum {
  SIGNAL_CHANGED,
  SIGNAL_EVENT,
  SIGNAL_SET_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (AnprFleet, anpr_fleet, G_TYPE_OBJECT)

static const gchar *const state_names[ANPR_N_CAMERA_STATES] = {
  [ANPR_CAMERA_OFF] = "off",
  [ANPR_CAMERA_REFUSED] = "refused",
  [ANPR_CAMERA_STARTING] = "starting",
  [ANPR_CAMERA_RUNNING] = "running",
  [ANPR_CAMERA_AWAY] = "away",
  [ANPR_CAMERA_ENDED] = "ended",
  [ANPR_CAMERA_WAITING] = "waiting",
  [ANPR_CAMERA_STOPPING] = "stopping",
};

static const gchar *const end_names[ANPR_N_CAMERA_ENDS] = {
  [ANPR_CAMERA_END_ASKED] = "asked",
  [ANPR_CAMERA_END_DIED] = "died",
  [ANPR_CAMERA_END_HUNG] = "hung",
  [ANPR_CAMERA_END_MEMORY] = "memory",
};

static const gchar *const event_names[ANPR_N_FLEET_EVENTS] = {
  [ANPR_FLEET_EVENT_PASSAGE] = "passage",
  [ANPR_FLEET_EVENT_HIT] = "hit",
  [ANPR_FLEET_EVENT_FAULT] = "fault",
};

const gchar *
anpr_camera_state_to_string (AnprCameraState state)
{
  return (guint) state < ANPR_N_CAMERA_STATES ? state_names[state] : "";
}

const gchar *
anpr_camera_end_to_string (AnprCameraEnd end)
{
  return (guint) end < ANPR_N_CAMERA_ENDS ? end_names[end] : "";
}

const gchar *
anpr_fleet_event_kind_to_string (AnprFleetEventKind kind)
{
  return (guint) kind < ANPR_N_FLEET_EVENTS ? event_names[kind] : "";
}

static void
event_free (gpointer data)
{
  AnprFleetEvent *event = data;

  g_free (event->camera_id);
  g_free (event->json);
  g_free (event);
}

static void
camera_free (gpointer data)
{
  AnprCamera *camera = data;

  g_free (camera->id);
  anpr_position_unref (camera->position);
  g_free (camera->reason);
  g_free (camera->spool_reason);
  g_free (camera->file_faults);
  g_free (camera->still_path);
  g_queue_clear_full (&camera->events, event_free);
  g_free (camera);
}

static void
anpr_fleet_finalize (GObject *object)
{
  AnprFleet *fleet = ANPR_FLEET (object);

  g_clear_handle_id (&fleet->idle, g_source_remove);
  g_ptr_array_unref (fleet->cameras);
  g_ptr_array_unref (fleet->faults);
  g_hash_table_unref (fleet->deliveries);
  g_free (fleet->decisions);
  g_hash_table_unref (fleet->changed);
  G_OBJECT_CLASS (anpr_fleet_parent_class)->finalize (object);
}

static void
anpr_fleet_class_init (AnprFleetClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = anpr_fleet_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0,
      NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_EVENT] = g_signal_new ("event", type, G_SIGNAL_RUN_LAST, 0,
      NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[SIGNAL_SET_CHANGED] = g_signal_new ("set-changed", type,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
anpr_fleet_init (AnprFleet *fleet)
{
  fleet->cameras = g_ptr_array_new_with_free_func (camera_free);
  fleet->faults = g_ptr_array_new_with_free_func (g_free);
  fleet->deliveries =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  fleet->changed =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/**
 * anpr_fleet_new:
 *
 * Returns: (transfer full): a fleet without cameras
 */
AnprFleet *
anpr_fleet_new (void)
{
  return g_object_new (ANPR_TYPE_FLEET, NULL);
}

guint
anpr_fleet_get_n_cameras (AnprFleet *fleet)
{
  return fleet->cameras->len;
}

/**
 * anpr_fleet_get_camera:
 * @fleet: a fleet
 * @i: which, in the order of ids
 *
 * Returns: (transfer none): the camera; valid until the main loop's next turn
 */
const AnprCamera *
anpr_fleet_get_camera (AnprFleet *fleet, guint i)
{
  g_return_val_if_fail (i < fleet->cameras->len, NULL);
  return g_ptr_array_index (fleet->cameras, i);
}

/**
 * anpr_fleet_find:
 * @fleet: a fleet
 * @id: of a position
 *
 * Returns: (transfer none) (nullable): its camera; valid until the main loop's
 *     next turn
 */
const AnprCamera *
anpr_fleet_find (AnprFleet *fleet, const gchar *id)
{
  for (guint i = 0; i < fleet->cameras->len; i++) {
    AnprCamera *camera = g_ptr_array_index (fleet->cameras, i);

    if (g_str_equal (camera->id, id))
      return camera;
  }
  return NULL;
}

static gint
compare_ids (gconstpointer a, gconstpointer b)
{
  return strcmp (
      (*(AnprCamera *const *) a)->id, (*(AnprCamera *const *) b)->id);
}

/**
 * anpr_fleet_add:
 * @fleet: a fleet
 * @id: of a position it does not have
 *
 * Returns: (transfer none): its camera, to be written by the supervisor alone
 */
AnprCamera *
anpr_fleet_add (AnprFleet *fleet, const gchar *id)
{
  AnprCamera *camera = g_new0 (AnprCamera, 1);

  camera->id = g_strdup (id);
  g_queue_init (&camera->events);
  g_ptr_array_add (fleet->cameras, camera);
  g_ptr_array_sort (fleet->cameras, compare_ids);
  g_signal_emit (fleet, signals[SIGNAL_SET_CHANGED], 0);
  return camera;
}

/**
 * anpr_fleet_remove:
 * @fleet: a fleet
 * @id: of a position whose process has ended
 */
void
anpr_fleet_remove (AnprFleet *fleet, const gchar *id)
{
  const AnprCamera *camera = anpr_fleet_find (fleet, id);

  if (!camera)
    return;
  g_hash_table_remove (fleet->changed, camera->id);
  g_ptr_array_remove (fleet->cameras, (gpointer) camera);
  g_signal_emit (fleet, signals[SIGNAL_SET_CHANGED], 0);
}

static gboolean
tell_changes (gpointer data)
{
  AnprFleet *fleet = data;
  g_autofree gpointer *ids = NULL;
  guint n;

  fleet->idle = 0;
  ids = g_hash_table_get_keys_as_array (fleet->changed, &n);
  g_hash_table_steal_all (fleet->changed);
  for (guint i = 0; i < n; i++) {
    g_signal_emit (fleet, signals[SIGNAL_CHANGED], 0, ids[i]);
    g_free (ids[i]);
  }
  return G_SOURCE_REMOVE;
}

/**
 * anpr_fleet_changed:
 * @fleet: a fleet
 * @camera: something of it is other than it was
 */
void
anpr_fleet_changed (AnprFleet *fleet, AnprCamera *camera)
{
  g_hash_table_add (fleet->changed, g_strdup (camera->id));
  if (!fleet->idle)
    fleet->idle = g_idle_add (tell_changes, fleet);
}

/**
 * anpr_fleet_set_faults:
 * @fleet: a fleet
 * @faults: (transfer none) (element-type AnprSettingFault): of the configuration
 *     that was read last
 */
void
anpr_fleet_set_faults (AnprFleet *fleet, GPtrArray *faults)
{
  g_ptr_array_set_size (fleet->faults, 0);
  for (guint i = 0; i < faults->len; i++)
    g_ptr_array_add (fleet->faults,
        anpr_setting_fault_to_string (g_ptr_array_index (faults, i)));
}

/**
 * anpr_fleet_get_faults:
 * @fleet: a fleet
 *
 * Returns: (transfer none) (element-type utf8): faults of the configuration that
 *     was read last, a line each
 */
GPtrArray *
anpr_fleet_get_faults (AnprFleet *fleet)
{
  return fleet->faults;
}

/**
 * anpr_fleet_set_delivery:
 * @fleet: a fleet
 * @id: of a position, perhaps one that is gone
 * @json: the line anprctl forward printed of its spool
 */
void
anpr_fleet_set_delivery (AnprFleet *fleet, const gchar *id, const gchar *json)
{
  const AnprCamera *camera = anpr_fleet_find (fleet, id);

  if (g_hash_table_size (fleet->deliveries) >= MAX_DELIVERIES
      && !g_hash_table_contains (fleet->deliveries, id))
    return;
  g_hash_table_replace (fleet->deliveries, g_strdup (id), g_strdup (json));
  if (camera)
    anpr_fleet_changed (fleet, (AnprCamera *) camera);
}

/**
 * anpr_fleet_get_delivery:
 * @fleet: a fleet
 * @id: of a position
 *
 * Returns: (transfer none) (nullable): what was told last of the delivery of its
 *     passages, a line of JSON as docs/forwarding.md describes it
 */
const gchar *
anpr_fleet_get_delivery (AnprFleet *fleet, const gchar *id)
{
  return g_hash_table_lookup (fleet->deliveries, id);
}

/**
 * anpr_fleet_set_decisions:
 * @fleet: a fleet
 * @json: the line anprctl forward printed of decisions about hits
 */
void
anpr_fleet_set_decisions (AnprFleet *fleet, const gchar *json)
{
  g_free (fleet->decisions);
  fleet->decisions = g_strdup (json);
}

/**
 * anpr_fleet_set_state:
 * @fleet: a fleet
 * @camera: one of its cameras
 * @state: its state from now on
 * @code: (nullable): why it does not run
 * @reason: (nullable): the same in words; may be that of @camera
 */
void
anpr_fleet_set_state (AnprFleet *fleet, AnprCamera *camera,
    AnprCameraState state, const gchar *code, const gchar *reason)
{
  gchar *before = camera->reason;

  if (camera->state == state && g_strcmp0 (camera->code, code) == 0
      && g_strcmp0 (before, reason) == 0)
    return;
  camera->state = state;
  camera->code = code;
  camera->reason = g_strdup (reason);
  g_free (before);
  anpr_fleet_changed (fleet, camera);
}

/**
 * anpr_fleet_set_spool_fault:
 * @fleet: a fleet
 * @camera: one of its cameras
 * @code: (nullable): why its passages cannot be kept, until its status tells that
 *     they are; %NULL for no reason
 * @reason: (nullable): the same in words
 */
void
anpr_fleet_set_spool_fault (AnprFleet *fleet, AnprCamera *camera,
    const gchar *code, const gchar *reason)
{
  camera->spool_code = code;
  g_free (camera->spool_reason);
  camera->spool_reason = g_strdup (reason);
  anpr_fleet_changed (fleet, camera);
}

void
anpr_fleet_set_status (
    AnprFleet *fleet, AnprCamera *camera, const AnprCameraStatus *status)
{
  camera->status = *status;
  if (status->keeping && camera->spool_code)
    anpr_fleet_set_spool_fault (fleet, camera, NULL, NULL);
  anpr_fleet_changed (fleet, camera);
}

/**
 * anpr_fleet_process_began:
 * @fleet: a fleet
 * @camera: one of its cameras
 * @pid: of its new process
 */
void
anpr_fleet_process_began (AnprFleet *fleet, AnprCamera *camera, gint pid)
{
  camera->pid = pid;
  camera->started_utc = g_get_real_time ();
  camera->starts++;
  anpr_fleet_changed (fleet, camera);
}

static void
add_counters (AnprCameraStatus *sum, const AnprCameraStatus *status)
{
  guint n;
  const AnprStatusField *fields = anpr_camera_status_fields (&n);

  for (guint i = 0; i < n; i++) {
    if (fields[i].kind == ANPR_STATUS_COUNTER)
      *(guint64 *) ((gchar *) sum + fields[i].offset) +=
          *(const guint64 *) ((const gchar *) status + fields[i].offset);
  }
  for (guint i = 0; i < ANPR_N_LATENCIES; i++)
    sum->latency[i] += status->latency[i];
}

/**
 * anpr_fleet_process_ended:
 * @fleet: a fleet
 * @camera: one of its cameras
 * @end: why
 */
void
anpr_fleet_process_ended (
    AnprFleet *fleet, AnprCamera *camera, AnprCameraEnd end)
{
  camera->pid = 0;
  camera->started_utc = 0;
  camera->ends[end]++;
  add_counters (&camera->before, &camera->status);
  memset (&camera->status, 0, sizeof camera->status);
  anpr_fleet_changed (fleet, camera);
}

/**
 * anpr_camera_get_counter:
 * @camera: a camera
 * @field: a counter of its status
 *
 * Returns: its value over all processes since anprd began; never falls
 */
guint64
anpr_camera_get_counter (const AnprCamera *camera, const AnprStatusField *field)
{
  return *(const guint64 *) ((const gchar *) &camera->before + field->offset)
         + *(const guint64 *) ((const gchar *) &camera->status + field->offset);
}

/**
 * anpr_camera_get_sum:
 * @camera: a camera
 * @name: of a counter of its status
 *
 * Returns: as anpr_camera_get_counter(); 0 if there is no such counter
 */
guint64
anpr_camera_get_sum (const AnprCamera *camera, const gchar *name)
{
  const AnprStatusField *field = anpr_camera_status_find_field (name);

  return field ? anpr_camera_get_counter (camera, field) : 0;
}

/**
 * anpr_fleet_add_event:
 * @fleet: a fleet
 * @camera: one of its cameras
 * @kind: what happened
 * @utc: when, microseconds since 1970
 * @json: one line
 * @covert: only cleared users may see it
 */
void
anpr_fleet_add_event (AnprFleet *fleet, AnprCamera *camera,
    AnprFleetEventKind kind, gint64 utc, const gchar *json, gboolean covert)
{
  AnprFleetEvent *event = g_new0 (AnprFleetEvent, 1);

  event->number = ++fleet->n_events;
  event->kind = kind;
  event->camera_id = g_strdup (camera->id);
  event->utc = utc;
  event->json = g_strdup (json);
  event->covert = covert;
  if (g_queue_get_length (&camera->events) >= ANPR_FLEET_MAX_EVENTS)
    event_free (g_queue_pop_head (&camera->events));
  g_queue_push_tail (&camera->events, event);
  g_signal_emit (fleet, signals[SIGNAL_EVENT], 0, event);
}

static void
add_totals (JsonBuilder *builder, const AnprCamera *camera)
{
  guint n;
  const AnprStatusField *fields = anpr_camera_status_fields (&n);

  json_builder_set_member_name (builder, "total");
  json_builder_begin_object (builder);
  for (guint i = 0; i < n; i++) {
    if (fields[i].kind == ANPR_STATUS_COUNTER)
      anpr_json_add_number (builder, fields[i].name,
          (gint64) anpr_camera_get_counter (camera, &fields[i]));
  }
  json_builder_end_object (builder);
}

static void
add_delivery (JsonBuilder *builder, const gchar *name, const gchar *json)
{
  g_autoptr (JsonNode) node = json ? json_from_string (json, NULL) : NULL;

  json_builder_set_member_name (builder, name);
  if (node)
    json_builder_add_value (builder, g_steal_pointer (&node));
  else
    json_builder_add_null_value (builder);
}

static void
add_camera (AnprFleet *fleet, JsonBuilder *builder, const AnprCamera *camera)
{
  json_builder_begin_object (builder);
  anpr_json_add_text (builder, "id", camera->id);
  anpr_json_add_text (builder, "name",
      camera->position ? anpr_position_get_name (camera->position)
                       : camera->id);
  anpr_json_add_text (
      builder, "state", anpr_camera_state_to_string (camera->state));
  anpr_json_add_text (builder, "code", camera->code);
  anpr_json_add_text (builder, "reason", camera->reason);
  anpr_json_add_text (builder, "spool_code", camera->spool_code);
  anpr_json_add_text (builder, "spool_reason", camera->spool_reason);
  anpr_json_add_text (builder, "file_faults", camera->file_faults);
  anpr_json_add_number (builder, "pid", camera->pid);
  anpr_json_add_number (builder, "starts", (gint64) camera->starts);
  json_builder_set_member_name (builder, "ends");
  json_builder_begin_object (builder);
  for (guint i = 0; i < ANPR_N_CAMERA_ENDS; i++)
    anpr_json_add_number (
        builder, anpr_camera_end_to_string (i), (gint64) camera->ends[i]);
  json_builder_end_object (builder);
  anpr_json_add_text (
      builder, "phase", anpr_camera_phase_to_string (camera->status.phase));
  json_builder_set_member_name (builder, "status");
  json_builder_begin_object (builder);
  anpr_camera_status_write (&camera->status, builder);
  json_builder_end_object (builder);
  add_totals (builder, camera);
  anpr_json_add_text (builder, "still", camera->still_path);
  add_delivery (
      builder, "delivery", anpr_fleet_get_delivery (fleet, camera->id));
  json_builder_end_object (builder);
}

/**
 * anpr_fleet_to_json:
 * @fleet: a fleet
 *
 * Returns: (transfer full): all of it but the events as one line of JSON, as
 *     `anprctl status --json` prints it
 */
gchar *
anpr_fleet_to_json (AnprFleet *fleet)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "faults");
  json_builder_begin_array (builder);
  for (guint i = 0; i < fleet->faults->len; i++)
    json_builder_add_string_value (
        builder, g_ptr_array_index (fleet->faults, i));
  json_builder_end_array (builder);
  add_delivery (builder, "decisions", fleet->decisions);
  json_builder_set_member_name (builder, "cameras");
  json_builder_begin_array (builder);
  for (guint i = 0; i < fleet->cameras->len; i++)
    add_camera (fleet, builder, g_ptr_array_index (fleet->cameras, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  return anpr_json_builder_to_line (builder);
}
