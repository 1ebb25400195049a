/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SUPERVISOR_PRIVATE_H
#define ANPR_SUPERVISOR_PRIVATE_H

#include "childprocess.h"
#include "forwardchild.h"
#include "permissionclock.h"
#include "supervisor.h"

G_BEGIN_DECLS

/* AnprCameraUnit: a position with its process, cameraunit.c */
typedef struct {
  AnprSupervisor *supervisor;
  AnprCamera *camera;
  gboolean broken; /* its file has faults; position is what was there before */
  gboolean gone;   /* its file is gone */

  gint pid;
  guint child_watch;
  AnprLineChannel *channel;
  gchar *digest;       /* of the task it runs */
  gint64 begun;        /* monotonic */
  gint64 last_life;    /* monotonic, 0 none yet */
  gint64 since;        /* monotonic, when it came to its phase */
  gint64 told_running; /* monotonic, 0 not of this process */
  gboolean running_is_told;
  const gchar *fault_code; /* of its connection while it runs, NULL none */
  gchar *fault_reason;
  gint64 kill_at; /* monotonic, 0 not asked to stop */
  AnprCameraEnd end;
  gboolean killed;

  AnprBackOff back_off;
  guint delay; /* until it is considered again, 0 none */
} AnprCameraUnit;

/* The supervisor, supervisor.c */
struct _AnprSupervisor {
  AnprFleet *fleet;
  AnprConfiguration *configuration;
  GHashTable *units; /* id: AnprCameraUnit */
  AnprPermissionClock *clock;
  AnprForwardChild *forward;
  gboolean forward_stops;
  guint tick;
  gint64 next_start; /* monotonic */
  gboolean stopping;
  AnprSupervisorDone done;
  gpointer done_data;
};

void anpr_supervisor_process_ended (AnprSupervisor *supervisor);
void anpr_supervisor_remove (AnprSupervisor *supervisor, AnprCameraUnit *unit);

void anpr_camera_unit_consider (AnprCameraUnit *unit);
void anpr_camera_unit_apply (AnprCameraUnit *unit);
void anpr_camera_unit_check (AnprCameraUnit *unit, gint64 now);
void anpr_camera_unit_free (gpointer unit);

G_END_DECLS

#endif
