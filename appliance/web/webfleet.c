/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The fleet as pages see it: how a position is, and what happens.
 *
 * A position that changes is told to the pages at most once a second; its status
 * comes every second anyhow. Passages and hits are told in the turn they come in.
 */

#include "web-private.h"
#include "passageview.h"
#include "../../plugins/record/clock.h"
#include "../../plugins/record/jsonmember.h"

#include <math.h>
#include <string.h>

/* Milliseconds in which changes of a position are told once */
#define CHANGES_TIME 1000

/* --- positions ------------------------------------------------------------ */

static gdouble
get_coordinate (const AnprCamera *camera, const gchar *key)
{
  return camera->position
                 && anpr_settings_has (
                     camera->position->settings, "position", key)
             ? anpr_settings_get_real (
                 camera->position->settings, "position", key)
             : NAN;
}

static void
begin_health (JsonBuilder *builder, const gchar *what, AnprHealthLevel level,
    const gchar *message)
{
  json_builder_begin_object (builder);
  anpr_json_add_text (builder, "what", what);
  anpr_json_add_text (builder, "level", anpr_health_level_to_string (level));
  anpr_json_add_text (builder, "message", message);
}

/* Also while its camera is away: what it saw before waits */
static gboolean
cannot_keep (const AnprCamera *camera)
{
  return (camera->state == ANPR_CAMERA_RUNNING
             || camera->state == ANPR_CAMERA_AWAY)
         && !camera->status.keeping;
}

static void
add_spool_fault (const AnprCamera *camera, JsonBuilder *builder)
{
  g_autofree gchar *text = NULL;

  if (camera->spool_code)
    text = g_strdup_printf ("Passages cannot be kept: %s (%s)",
        camera->spool_reason, camera->spool_code);
  begin_health (builder, "spool", ANPR_HEALTH_BAD,
      text ? text : "Passages cannot be kept: look after the disk");
  json_builder_end_object (builder);
}

/* What is wrong beside the lane's own baseline */
static void
add_faults (const AnprCamera *camera, JsonBuilder *builder)
{
  if (camera->file_faults) {
    begin_health (
        builder, "configuration", ANPR_HEALTH_WARNING, camera->file_faults);
    json_builder_end_object (builder);
  }
  if (cannot_keep (camera))
    add_spool_fault (camera, builder);
  if (camera->state != ANPR_CAMERA_RUNNING)
    return;
  if (camera->status.clock_source != ANPR_CLOCK_UNKNOWN
      && !camera->status.clock_synchronised) {
    begin_health (builder, "clock", ANPR_HEALTH_WARNING,
        "The time of records is not known to be right");
    json_builder_end_object (builder);
  }
}

/* R41: told until two persons acknowledge it; the lane goes on */
static void
add_unseen (AnprWeb *web, const AnprCamera *camera, JsonBuilder *builder)
{
  if (!anpr_position_watch_is_unseen (web->files, camera->id))
    return;
  begin_health (builder, "outside", ANPR_HEALTH_WARNING,
      "Changed outside the page, not seen by a second person");
  json_builder_end_object (builder);
}

static void
add_health (AnprWeb *web, const AnprCamera *camera,
    const AnprLaneHealth *health, JsonBuilder *builder)
{
  json_builder_set_member_name (builder, "health");
  json_builder_begin_array (builder);
  add_faults (camera, builder);
  add_unseen (web, camera, builder);
  for (guint i = 0; health && i < ANPR_N_HEALTH_KINDS; i++) {
    const AnprHealthFinding *finding = anpr_lane_health_get (health, i);
    g_autofree gchar *since = NULL;

    if (finding->level == ANPR_HEALTH_GOOD)
      continue;
    since = anpr_utc_to_string (finding->since);
    begin_health (builder, anpr_health_kind_to_string (i), finding->level,
        finding->message);
    anpr_json_add_text (builder, "since", since);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

static void
add_figures (const AnprCamera *camera, const AnprLaneHealth *health,
    JsonBuilder *builder)
{
  const AnprCameraStatus *status = &camera->status;
  gboolean seen = camera->pid && status->decoded > 0
                  && status->frame_age_ms != ANPR_FRAME_AGE_NONE;
  gdouble share = health ? anpr_lane_health_get_not_read_share (health) : -1;

  anpr_json_add_real (builder, "fps", status->fps);
  anpr_json_add_real (
      builder, "last_frame_age_s", seen ? status->frame_age_ms / 1e3 : NAN);
  anpr_json_add_real (builder, "passages_hour",
      health ? anpr_lane_health_get_passages_hour (health) : NAN);
  anpr_json_add_real (builder, "not_read_share", share >= 0 ? share : NAN);
  anpr_json_add_number (
      builder, "hits", (gint64) anpr_camera_get_sum (camera, "hits"));
  anpr_json_add_number (
      builder, "restarts", MAX ((gint64) camera->starts - 1, 0));
}

/**
 * anpr_position_view:
 * @web: the server
 * @camera: a position
 * @builder: within an object, to which how it is is added
 */
void
anpr_position_view (
    AnprWeb *web, const AnprCamera *camera, JsonBuilder *builder)
{
  const AnprLaneHealth *health = anpr_lane_watch_find (web->lanes, camera->id);
  gboolean still = camera->still_path && camera->status.still_utc > 0;

  anpr_json_add_text (builder, "name", camera->id);
  anpr_json_add_text (builder, "title",
      camera->position ? anpr_position_get_name (camera->position)
                       : camera->id);
  anpr_json_add_text (
      builder, "state", anpr_camera_state_to_string (camera->state));
  anpr_json_add_text (builder, "code", camera->code);
  anpr_json_add_text (builder, "reason", camera->reason);
  add_figures (camera, health, builder);
  anpr_json_add_real (builder, "latitude", get_coordinate (camera, "latitude"));
  anpr_json_add_real (
      builder, "longitude", get_coordinate (camera, "longitude"));
  json_builder_set_member_name (builder, "still");
  if (still)
    json_builder_add_int_value (
        builder, (gint64) (camera->status.still_utc / 1000));
  else
    json_builder_add_null_value (builder);
  add_health (web, camera, health, builder);
}

/**
 * anpr_web_is_up:
 * @web: the server
 *
 * Returns: whether every position that should run has a process that keeps what
 *     it sees; that a camera is away or a permission is over is no fault of this
 *     machine
 */
gboolean
anpr_web_is_up (AnprWeb *web)
{
  guint n = anpr_fleet_get_n_cameras (web->fleet);

  for (guint i = 0; i < n; i++) {
    const AnprCamera *camera = anpr_fleet_get_camera (web->fleet, i);

    if (camera->state == ANPR_CAMERA_WAITING || cannot_keep (camera))
      return FALSE;
  }
  return TRUE;
}

/**
 * anpr_web_get_store:
 * @web: the server
 * @position: (nullable): only this one
 *
 * Returns: (transfer full) (nullable): the spools; %NULL if there is no such
 *     position
 */
AnprPassageStore *
anpr_web_get_store (AnprWeb *web, const gchar *position)
{
  AnprPassageStore *store;
  guint n = anpr_fleet_get_n_cameras (web->fleet);
  g_autoptr (GStrvBuilder) ids = g_strv_builder_new ();

  if (position && !anpr_fleet_find (web->fleet, position))
    return NULL;
  for (guint i = 0; i < n && !position; i++)
    g_strv_builder_add (ids, anpr_fleet_get_camera (web->fleet, i)->id);
  if (position)
    g_strv_builder_add (ids, position);
  store = g_new0 (AnprPassageStore, 1);
  store->state = g_strdup (web->state);
  store->key = g_strdup (web->key);
  store->positions = g_strv_builder_end (ids);
  return store;
}

/* --- telling the pages ---------------------------------------------------- */

static void
send_to_all (AnprWeb *web, const gchar *name, JsonBuilder *builder)
{
  g_autofree gchar *text = anpr_json_builder_to_line (builder);
  const gchar *texts[ANPR_N_VIEWERS] = { text, text, text };

  anpr_events_send (web->events, name, texts);
}

static void
send_position (AnprWeb *web, const gchar *id)
{
  const AnprCamera *camera = anpr_fleet_find (web->fleet, id);
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  if (camera) {
    anpr_position_view (web, camera, builder);
  } else {
    anpr_json_add_text (builder, "name", id);
    anpr_json_add_flag (builder, "removed", TRUE);
  }
  json_builder_end_object (builder);
  send_to_all (web, "position", builder);
}

static gboolean
send_changes (gpointer data)
{
  AnprWeb *web = data;
  GHashTableIter iter;
  gpointer id;

  web->changes_timer = 0;
  if (anpr_events_get_n (web->events) > 0) {
    g_hash_table_iter_init (&iter, web->changed);
    while (g_hash_table_iter_next (&iter, &id, NULL))
      send_position (web, id);
  }
  g_hash_table_remove_all (web->changed);
  return G_SOURCE_REMOVE;
}

static void
on_changed (AnprFleet *fleet, const gchar *id, gpointer data)
{
  AnprWeb *web = data;

  g_hash_table_add (web->changed, g_strdup (id));
  if (!web->changes_timer)
    web->changes_timer = g_timeout_add (CHANGES_TIME, send_changes, web);
}

static void
on_set_changed (AnprFleet *fleet, gpointer data)
{
  static const gchar *const texts[ANPR_N_VIEWERS] = { "{}", "{}", "{}" };
  AnprWeb *web = data;

  anpr_events_send (web->events, "positions", texts);
}

static void
send_views (AnprWeb *web, AnprFleetEventKind kind, JsonObject *object)
{
  gchar *texts[ANPR_N_VIEWERS] = { NULL };
  gboolean passage = kind == ANPR_FLEET_EVENT_PASSAGE;

  for (guint i = 0; i < ANPR_N_VIEWERS; i++) {
    g_autoptr (JsonObject) shown = passage ? anpr_passage_view (object, i)
                                           : anpr_hit_view (object, NULL, i);

    texts[i] = anpr_json_to_line (shown);
  }
  anpr_events_send (
      web->events, passage ? "passage" : "hit", (const gchar *const *) texts);
  for (guint i = 0; i < ANPR_N_VIEWERS; i++)
    g_free (texts[i]);
}

static void
on_event (AnprFleet *fleet, const AnprFleetEvent *event, gpointer data)
{
  AnprWeb *web = data;
  g_autoptr (JsonObject) object = NULL;

  if (event->kind == ANPR_FLEET_EVENT_FAULT
      || anpr_events_get_n (web->events) == 0)
    return;
  object = anpr_json_parse (event->json, -1);
  if (object)
    send_views (web, event->kind, object);
}

/**
 * anpr_web_watch_fleet:
 * @web: the server, which tells the pages of its fleet from now on
 */
void
anpr_web_watch_fleet (AnprWeb *web)
{
  web->changed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_signal_connect (web->fleet, "changed", G_CALLBACK (on_changed), web);
  g_signal_connect (
      web->fleet, "set-changed", G_CALLBACK (on_set_changed), web);
  g_signal_connect (web->fleet, "event", G_CALLBACK (on_event), web);
}

/* --- decisions ------------------------------------------------------------ */

/**
 * anpr_decision_view:
 * @decision: about a hit
 * @builder: gets it as a value
 */
void
anpr_decision_view (const AnprDecision *decision, JsonBuilder *builder)
{
  g_autofree gchar *utc = anpr_utc_to_string (decision->utc);

  json_builder_begin_object (builder);
  anpr_json_add_text (builder, "id", decision->id);
  anpr_json_add_text (
      builder, "decision", anpr_verdict_to_string (decision->verdict));
  anpr_json_add_text (builder, "reason", decision->reason);
  anpr_json_add_real (builder, "seconds", decision->seconds);
  anpr_json_add_text (builder, "user", decision->user);
  anpr_json_add_text (builder, "utc", utc);
  json_builder_end_object (builder);
}

/**
 * anpr_web_send_decision:
 * @web: the server
 * @decision: that was recorded. It names the hit by its id alone, so that who
 *     may not see the hit learns nothing of it; technicians are not told
 */
void
anpr_web_send_decision (AnprWeb *web, const AnprDecision *decision)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree gchar *text = NULL;
  const gchar *texts[ANPR_N_VIEWERS] = { NULL };

  json_builder_begin_object (builder);
  anpr_json_add_text (builder, "id", decision->hit);
  json_builder_set_member_name (builder, "decision");
  anpr_decision_view (decision, builder);
  json_builder_end_object (builder);
  text = anpr_json_builder_to_line (builder);
  texts[ANPR_VIEWER_CLEARED] = text;
  if (!decision->covert)
    texts[ANPR_VIEWER_USUAL] = text;
  anpr_events_send (web->events, "decision", texts);
}
