/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Watches the health of all lanes (lanehealth.c): takes a sample of each camera
 * every second, tells the log when one becomes ill or well, and keeps what was
 * learnt in one file, written every ten minutes by a worker and at the end.
 * A file that cannot be understood is what a new appliance has: nothing learnt.
 *
 * Main thread only.
 */

#include "lanewatch.h"
#include "../log.h"
#include "../../plugins/record/jsonmember.h"

#include <string.h>

#define MAX_FILE (4 * 1024 * 1024)

struct _AnprLaneWatch {
  AnprFleet *fleet;
  gchar *path;
  AnprWorkers *disk;
  GHashTable *lanes; /* id -> AnprLaneHealth */
  guint timer;
  guint save_timer;
};

static AnprLaneHealth *
get_lane (AnprLaneWatch *watch, const gchar *id)
{
  AnprLaneHealth *health = g_hash_table_lookup (watch->lanes, id);

  if (!health) {
    health = anpr_lane_health_new ();
    g_hash_table_insert (watch->lanes, g_strdup (id), health);
  }
  return health;
}

static void
tell (const gchar *id, const AnprLaneHealth *health,
    const AnprHealthLevel before[ANPR_N_HEALTH_KINDS])
{
  for (guint i = 0; i < ANPR_N_HEALTH_KINDS; i++) {
    const AnprHealthFinding *finding = anpr_lane_health_get (health, i);

    if (finding->level == before[i])
      continue;
    if (finding->level == ANPR_HEALTH_GOOD)
      anpr_log_note (
          id, "%s is as usual again", anpr_health_kind_to_string (i));
    else
      anpr_log_fault (id, anpr_error_code_name (ANPR_ERROR_LANE_HEALTH),
          finding->message, anpr_error_code_advice (ANPR_ERROR_LANE_HEALTH));
  }
}

static void
take_sample (AnprLaneWatch *watch, const AnprCamera *camera)
{
  AnprLaneHealth *health = get_lane (watch, camera->id);
  AnprHealthLevel before[ANPR_N_HEALTH_KINDS];
  AnprLaneSample sample = {
    .utc = g_get_real_time (),
    .seeing = camera->state == ANPR_CAMERA_RUNNING,
    .passages = anpr_camera_get_sum (camera, "passages"),
    .not_read = anpr_camera_get_sum (camera, "not_read"),
    .measured = camera->status.width > 0,
    .sharpness = camera->status.sharpness,
    .brightness = camera->status.brightness,
    .contrast = camera->status.contrast,
  };

  for (guint i = 0; i < ANPR_N_HEALTH_KINDS; i++)
    before[i] = anpr_lane_health_get (health, i)->level;
  if (anpr_lane_health_add (health, &sample))
    tell (camera->id, health, before);
}

static gboolean
on_second (gpointer data)
{
  AnprLaneWatch *watch = data;
  guint n = anpr_fleet_get_n_cameras (watch->fleet);

  for (guint i = 0; i < n; i++)
    take_sample (watch, anpr_fleet_get_camera (watch->fleet, i));
  return G_SOURCE_CONTINUE;
}

/* --- the file ------------------------------------------------------------- */

static gchar *
to_json (AnprLaneWatch *watch)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  guint n = anpr_fleet_get_n_cameras (watch->fleet);

  json_builder_begin_object (builder);
  for (guint i = 0; i < n; i++) {
    const gchar *id = anpr_fleet_get_camera (watch->fleet, i)->id;

    json_builder_set_member_name (builder, id);
    json_builder_begin_object (builder);
    anpr_lane_health_write (get_lane (watch, id), builder);
    json_builder_end_object (builder);
  }
  json_builder_end_object (builder);
  return anpr_json_builder_to_line (builder);
}

typedef struct {
  gchar *path;
  gchar *text;
  GError *error;
} Saving;

static void
save (gpointer data)
{
  Saving *saving = data;

  (void) g_file_set_contents_full (saving->path, saving->text, -1,
      G_FILE_SET_CONTENTS_CONSISTENT, 0600, &saving->error);
}

static void
end_saving (gpointer data)
{
  Saving *saving = data;

  if (saving->error)
    anpr_log_note (NULL, "what is usual for the lanes is not kept: %s",
        saving->error->message);
  g_clear_error (&saving->error);
  g_free (saving->path);
  g_free (saving->text);
  g_free (saving);
}

static Saving *
begin_saving (AnprLaneWatch *watch)
{
  Saving *saving = g_new0 (Saving, 1);

  saving->path = g_strdup (watch->path);
  saving->text = to_json (watch);
  return saving;
}

static gboolean
on_save (gpointer data)
{
  AnprLaneWatch *watch = data;
  Saving *saving = begin_saving (watch);

  if (!anpr_workers_do (watch->disk, save, end_saving, saving))
    end_saving (saving); /* it is much too busy; the next time, then */
  return G_SOURCE_CONTINUE;
}

static void
load (AnprLaneWatch *watch)
{
  g_autofree gchar *text = NULL;
  g_autoptr (JsonObject) lanes = NULL;
  gsize length;
  JsonObjectIter iter;
  const gchar *id;
  JsonNode *node;

  if (!g_file_get_contents (watch->path, &text, &length, NULL)
      || length > MAX_FILE || !(lanes = anpr_json_parse (text, length)))
    return;
  json_object_iter_init (&iter, lanes);
  while (json_object_iter_next (&iter, &id, &node)) {
    if (JSON_NODE_HOLDS_OBJECT (node) && anpr_position_is_id (id))
      (void) anpr_lane_health_read (
          get_lane (watch, id), json_node_get_object (node));
  }
}

/* Lanes of positions that are gone are forgotten, or the table would grow */
static void
on_set_changed (AnprFleet *fleet, gpointer data)
{
  AnprLaneWatch *watch = data;
  GHashTableIter iter;
  gpointer id;

  if (g_hash_table_size (watch->lanes) < 4 * ANPR_CONFIGURATION_MAX_POSITIONS)
    return; /* a position that is taken out and put back goes on */
  g_hash_table_iter_init (&iter, watch->lanes);
  while (g_hash_table_iter_next (&iter, &id, NULL)) {
    if (!anpr_fleet_find (fleet, id))
      g_hash_table_iter_remove (&iter);
  }
}

/**
 * anpr_lane_watch_new:
 * @fleet: whose lanes
 * @path: of the file with what was learnt; need not exist
 * @disk: (transfer none): writes it
 *
 * Returns: (transfer full): a watch that has begun
 */
AnprLaneWatch *
anpr_lane_watch_new (AnprFleet *fleet, const gchar *path, AnprWorkers *disk)
{
  AnprLaneWatch *watch = g_new0 (AnprLaneWatch, 1);

  watch->fleet = g_object_ref (fleet);
  watch->path = g_strdup (path);
  watch->disk = disk;
  watch->lanes = g_hash_table_new_full (
      g_str_hash, g_str_equal, g_free, (GDestroyNotify) anpr_lane_health_free);
  load (watch);
  watch->timer = g_timeout_add_seconds (1, on_second, watch);
  watch->save_timer =
      g_timeout_add_seconds (ANPR_LANE_WATCH_SAVE, on_save, watch);
  g_signal_connect (fleet, "set-changed", G_CALLBACK (on_set_changed), watch);
  return watch;
}

/**
 * anpr_lane_watch_free:
 * @watch: (nullable) (transfer full): a watch; writes down what was learnt
 */
void
anpr_lane_watch_free (AnprLaneWatch *watch)
{
  Saving *saving;

  if (!watch)
    return;
  g_source_remove (watch->timer);
  g_source_remove (watch->save_timer);
  g_signal_handlers_disconnect_by_data (watch->fleet, watch);
  if (anpr_fleet_get_n_cameras (watch->fleet) > 0) {
    saving = begin_saving (watch);
    save (saving);
    end_saving (saving);
  }
  g_hash_table_unref (watch->lanes);
  g_object_unref (watch->fleet);
  g_free (watch->path);
  g_free (watch);
}

/**
 * anpr_lane_watch_find:
 * @watch: a watch
 * @id: of a position
 *
 * Returns: (transfer none) (nullable): health of its lane
 */
const AnprLaneHealth *
anpr_lane_watch_find (AnprLaneWatch *watch, const gchar *id)
{
  return g_hash_table_lookup (watch->lanes, id);
}
