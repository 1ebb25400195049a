/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_FLEET_H
#define ANPR_FLEET_H

#include "camerastatus.h"
#include "configuration.h"

#include <glib-object.h>

G_BEGIN_DECLS

/* Newest events that are remembered of a camera */
#define ANPR_FLEET_MAX_EVENTS 100

/* AnprCameraState: how it is with a position */
typedef enum {
  ANPR_CAMERA_OFF,      /* enabled=false */
  ANPR_CAMERA_REFUSED,  /* no valid permission, or its file has faults and never
                           ran without */
  ANPR_CAMERA_STARTING, /* its process runs, no picture yet */
  ANPR_CAMERA_RUNNING,  /* pictures come and are read */
  ANPR_CAMERA_AWAY,     /* its process runs, the camera brings nothing */
  ANPR_CAMERA_ENDED,    /* a film that is over */
  ANPR_CAMERA_WAITING,  /* its process ended; started again after a delay */
  ANPR_CAMERA_STOPPING, /* its process keeps its last passages */
  ANPR_N_CAMERA_STATES,
} AnprCameraState;

/* AnprCameraEnd: why a camera's process ended */
typedef enum {
  ANPR_CAMERA_END_ASKED,  /* by anprd */
  ANPR_CAMERA_END_DIED,   /* by itself or a signal */
  ANPR_CAMERA_END_HUNG,   /* gave no sign of life, killed */
  ANPR_CAMERA_END_MEMORY, /* took too much, stopped */
  ANPR_N_CAMERA_ENDS,
} AnprCameraEnd;

typedef enum {
  ANPR_FLEET_EVENT_PASSAGE, /* a vehicle is gone: its complete record */
  ANPR_FLEET_EVENT_HIT,     /* a hit, at once; unverified (R17) */
  ANPR_FLEET_EVENT_FAULT,   /* what the log says, too */
  ANPR_N_FLEET_EVENTS,
} AnprFleetEventKind;

/**
 * AnprFleetEvent:
 * @number: from 1, of all cameras, without a gap
 * @kind: what happened
 * @camera_id: where
 * @utc: when, microseconds since 1970
 * @json: as one line of JSON: of a passage the record, schema anpr.passage/1; of
 *     a hit the hit with "passage", "text", "position", "timestamp" beside it; of
 *     a fault "code", "message", "advice"
 * @covert: a hit, or a passage with one, that only cleared users may see
 */
typedef struct {
  guint64 number;
  AnprFleetEventKind kind;
  gchar *camera_id;
  gint64 utc;
  gchar *json;
  gboolean covert;
} AnprFleetEvent;

/**
 * AnprCamera:
 * @id: of the position
 * @position: (nullable): what it runs with, %NULL if its file was never right
 * @state: how it is
 * @code: (nullable): why it is not running, a stable code
 * @reason: (nullable): the same in words
 * @spool_code: (nullable): why passages cannot be kept, a stable code
 * @spool_reason: (nullable): the same in words
 * @file_faults: (nullable): faults of its file, if the position as it was before
 *     goes on because of them; a line each
 * @pid: of its process, 0 none
 * @started_utc: when that began, microseconds since 1970, 0 none
 * @starts: processes begun since anprd began
 * @ends: processes that ended, by cause
 * @status: what its process told last
 * @before: sums of the counters of all its processes that ended, so that
 *     @before + @status never falls
 * @still_path: JPEG of at most 640 pixels width that shows what it saw last, with
 *     plates drawn in; may not be there yet
 * @events: (element-type AnprFleetEvent): the newest, oldest first
 *
 * A position as it is now. Read only.
 */
typedef struct {
  gchar *id;
  AnprPosition *position;
  AnprCameraState state;
  const gchar *code;
  gchar *reason;
  const gchar *spool_code;
  gchar *spool_reason;
  gchar *file_faults;
  gint pid;
  gint64 started_utc;
  guint64 starts;
  guint64 ends[ANPR_N_CAMERA_ENDS];
  AnprCameraStatus status;
  AnprCameraStatus before;
  gchar *still_path;
  GQueue events;
} AnprCamera;

/**
 * AnprFleet:
 *
 * All positions of this appliance as they are now: the model that page, metrics
 * and `anprctl status` show. anprd's supervisor writes it, everyone else reads.
 * Main thread only. It has no clock and touches no file.
 *
 * Signals:
 *
 * - "changed" (const gchar *camera_id): its state, status or faults are others.
 *   Emitted at most once a turn of the main loop for a camera, when it is idle.
 * - "event" (AnprFleetEvent *event): it happened; borrowed, valid in the handler
 * - "set-changed": positions came or went, or their order changed
 */
#define ANPR_TYPE_FLEET (anpr_fleet_get_type ())
G_DECLARE_FINAL_TYPE (AnprFleet, anpr_fleet, ANPR, FLEET, GObject)

/* For those who show it */
guint anpr_fleet_get_n_cameras (AnprFleet *fleet);
const AnprCamera *anpr_fleet_get_camera (AnprFleet *fleet, guint i);
const AnprCamera *anpr_fleet_find (AnprFleet *fleet, const gchar *id);
guint64 anpr_camera_get_counter (
    const AnprCamera *camera, const AnprStatusField *field);
guint64 anpr_camera_get_sum (const AnprCamera *camera, const gchar *name);
const gchar *anpr_camera_state_to_string (AnprCameraState state);
const gchar *anpr_camera_end_to_string (AnprCameraEnd end);
const gchar *anpr_fleet_event_kind_to_string (AnprFleetEventKind kind);
GPtrArray *anpr_fleet_get_faults (AnprFleet *fleet);
const gchar *anpr_fleet_get_delivery (AnprFleet *fleet, const gchar *id);
gchar *anpr_fleet_to_json (AnprFleet *fleet);

/* For the supervisor */
AnprFleet *anpr_fleet_new (void);
AnprCamera *anpr_fleet_add (AnprFleet *fleet, const gchar *id);
void anpr_fleet_remove (AnprFleet *fleet, const gchar *id);
void anpr_fleet_set_faults (AnprFleet *fleet, GPtrArray *faults);
void anpr_fleet_set_state (AnprFleet *fleet, AnprCamera *camera,
    AnprCameraState state, const gchar *code, const gchar *reason);
void anpr_fleet_set_spool_fault (AnprFleet *fleet, AnprCamera *camera,
    const gchar *code, const gchar *reason);
void anpr_fleet_set_status (
    AnprFleet *fleet, AnprCamera *camera, const AnprCameraStatus *status);
void anpr_fleet_process_began (AnprFleet *fleet, AnprCamera *camera, gint pid);
void anpr_fleet_process_ended (
    AnprFleet *fleet, AnprCamera *camera, AnprCameraEnd end);
void anpr_fleet_set_delivery (
    AnprFleet *fleet, const gchar *id, const gchar *json);
void anpr_fleet_set_decisions (AnprFleet *fleet, const gchar *json);
void anpr_fleet_changed (AnprFleet *fleet, AnprCamera *camera);
void anpr_fleet_add_event (AnprFleet *fleet, AnprCamera *camera,
    AnprFleetEventKind kind, gint64 utc, const gchar *json, gboolean covert);

G_END_DECLS

#endif
