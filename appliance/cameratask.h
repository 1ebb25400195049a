/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_CAMERA_TASK_H
#define ANPR_CAMERA_TASK_H

#include "configuration.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* AnprCameraProperty: value of a property of each element of a kind */
typedef struct {
  gchar *element;
  gchar *property;
  gchar *value;
} AnprCameraProperty;

/**
 * AnprCameraTask:
 * @position: id of the position
 * @elements: its pipeline, for gst_parse_launch()
 * @properties: (element-type AnprCameraProperty): to be set on its elements
 * @user: (nullable): of the camera
 * @password: (nullable): of the camera
 * @stall_timeout: seconds without a picture after which it is connected anew
 * @stop_at_end: do not begin again when the stream ends by itself
 * @valid_until: when the permission ends, microseconds since 1970
 * @still_path: (nullable): where pictures for people go
 * @still_interval: seconds between them, 0 only when asked
 * @keep_plates: a picture with plates gives way only to another, for trials
 *
 * All that a camera's process is told when it begins, over its channel.
 */
typedef struct {
  gchar *position;
  gchar *elements;
  GPtrArray *properties;
  gchar *user;
  gchar *password;
  guint stall_timeout;
  gboolean stop_at_end;
  gint64 valid_until;
  gchar *still_path;
  guint still_interval;
  gboolean keep_plates;
} AnprCameraTask;

AnprCameraTask *anpr_camera_task_new (const AnprConfiguration *configuration,
    const AnprPosition *position, const gchar *spool, GError **error);
AnprCameraTask *anpr_camera_task_parse (const gchar *line, gsize length);
gchar *anpr_camera_task_to_line (const AnprCameraTask *task);
void anpr_camera_task_free (AnprCameraTask *task);
void anpr_camera_task_line_free (gchar *line);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprCameraTask, anpr_camera_task_free)

G_END_DECLS

#endif
