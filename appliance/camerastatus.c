/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A camera's status as JSON, by one table.
 *
 *     {"frames_in":120,...,"latency":[0,3,...]}
 *
 * Reading takes what it knows and passes over the rest, so that a process of the
 * version before can be understood while the appliance is upgraded. A number of
 * the wrong type is no status.
 */

#include "camerastatus.h"

#include <stddef.h>
#include <string.h>

const guint anpr_latency_bounds[ANPR_N_LATENCIES - 1] = { 50, 100, 200, 300,
  500, 750, 1000, 1500, 2000, 5000 };

static const gchar *const phases[ANPR_N_CAMERA_PHASES] = {
  [ANPR_CAMERA_PHASE_CONNECTING] = "connecting",
  [ANPR_CAMERA_PHASE_PLAYING] = "playing",
  [ANPR_CAMERA_PHASE_RECONNECTING] = "reconnecting",
  [ANPR_CAMERA_PHASE_ENDED] = "ended",
  [ANPR_CAMERA_PHASE_STOPPING] = "stopping",
};

#define FIELD(kind, name, what)                                                \
  {                                                                            \
#name, ANPR_STATUS_##kind, offsetof(AnprCameraStatus, name), what          \
  }

static const AnprStatusField fields[] = {
  FIELD (GAUGE, phase, "what the process does, see camerastatus.h"),
  FIELD (COUNTER, frames_in, "access units that came from the camera"),
  FIELD (COUNTER, decoded, "pictures that were decoded"),
  FIELD (COUNTER, dropped, "pictures left out because reading was behind"),
  FIELD (COUNTER, packets_lost,
      "packets of the stream that never came, or too late"),
  FIELD (COUNTER, looked_at, "pictures in which plates were looked for"),
  FIELD (COUNTER, detections, "plates found in pictures"),
  FIELD (COUNTER, reads, "plates read"),
  FIELD (COUNTER, passages, "vehicles"),
  FIELD (COUNTER, not_read, "vehicles without a text"),
  FIELD (COUNTER, hits, "hits with lists, covert ones not counted"),
  FIELD (COUNTER, reconnections, "times the source was lost"),
  FIELD (GAUGE, frame_age_ms, "milliseconds since the last picture"),
  FIELD (GAUGE, width, "width of the picture, pixels"),
  FIELD (GAUGE, height, "height of the picture, pixels"),
  FIELD (REAL, fps, "pictures a second"),
  FIELD (REAL, sharpness, "sharpness of the last picture measured"),
  FIELD (REAL, brightness, "mean brightness, 0 to 255"),
  FIELD (REAL, contrast, "standard deviation of brightness"),
  FIELD (SIGNED, clock_source, "where the time of the last record is from"),
  FIELD (
      BOOLEAN, clock_synchronised, "the time of records is known to be right"),
  FIELD (SIGNED, clock_offset_us, "offset of that clock, microseconds"),
  FIELD (COUNTER, kept, "passages that are safe on the disk"),
  FIELD (COUNTER, not_kept, "passages lost"),
  FIELD (GAUGE, waiting, "passages not kept yet"),
  FIELD (BOOLEAN, keeping, "the spool works"),
  FIELD (GAUGE, spool_rows, "sequence number of the last record kept"),
  FIELD (GAUGE, spool_bytes, "room the spool takes on the disk, bytes"),
  FIELD (GAUGE, list_count, "lists in force"),
  FIELD (GAUGE, list_entries, "entries of these"),
  FIELD (COUNTER, cpu_us, "processor time of the process, microseconds"),
  FIELD (GAUGE, memory_bytes, "resident memory of the process"),
  FIELD (GAUGE, still_utc, "when the last picture for people was made"),
  FIELD (COUNTER, events_dropped, "events that found no room on their way"),
  FIELD (COUNTER, latency_sum_ms, "sum of all latencies, milliseconds"),
};

/**
 * anpr_camera_status_fields:
 * @n: (out): number of fields
 *
 * Returns: (transfer none) (array length=n): all fields but the histogram
 */
const AnprStatusField *
anpr_camera_status_fields (guint *n)
{
  *n = G_N_ELEMENTS (fields);
  return fields;
}

/**
 * anpr_camera_status_find_field:
 * @name: of a field
 *
 * Returns: (transfer none) (nullable): the field
 */
const AnprStatusField *
anpr_camera_status_find_field (const gchar *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++) {
    if (g_str_equal (fields[i].name, name))
      return &fields[i];
  }
  return NULL;
}

const gchar *
anpr_camera_phase_to_string (AnprCameraPhase phase)
{
  return (guint) phase < ANPR_N_CAMERA_PHASES ? phases[phase] : "";
}

/**
 * anpr_camera_status_add_latency:
 * @status: of a camera
 * @milliseconds: from a picture to the text read from it
 */
void
anpr_camera_status_add_latency (AnprCameraStatus *status, guint64 milliseconds)
{
  guint i = 0;

  while (i < ANPR_N_LATENCIES - 1 && milliseconds > anpr_latency_bounds[i])
    i++;
  status->latency[i]++;
  status->latency_sum_ms += milliseconds;
}

static void
write_field (const AnprCameraStatus *status, const AnprStatusField *field,
    JsonBuilder *builder)
{
  const gchar *at = (const gchar *) status + field->offset;

  switch (field->kind) {
    case ANPR_STATUS_REAL:
      json_builder_add_double_value (builder, *(const gdouble *) at);
      break;
    case ANPR_STATUS_BOOLEAN:
      json_builder_add_boolean_value (builder, *(const gboolean *) at);
      break;
    default: /* the unsigned ones stay below 2^63, but for "none" */
      json_builder_add_int_value (builder, *(const gint64 *) at);
      break;
  }
}

/**
 * anpr_camera_status_write:
 * @status: of a camera
 * @builder: within an object, to which its members are added
 */
void
anpr_camera_status_write (const AnprCameraStatus *status, JsonBuilder *builder)
{
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++) {
    json_builder_set_member_name (builder, fields[i].name);
    write_field (status, &fields[i], builder);
  }
  json_builder_set_member_name (builder, "latency");
  json_builder_begin_array (builder);
  for (guint i = 0; i < ANPR_N_LATENCIES; i++)
    json_builder_add_int_value (builder, (gint64) status->latency[i]);
  json_builder_end_array (builder);
}

static gboolean
read_field (
    AnprCameraStatus *status, const AnprStatusField *field, JsonNode *node)
{
  gchar *at = (gchar *) status + field->offset;
  GType type = json_node_get_value_type (node);

  if (!JSON_NODE_HOLDS_VALUE (node))
    return FALSE;
  switch (field->kind) {
    case ANPR_STATUS_REAL:
      *(gdouble *) at = json_node_get_double (node);
      return type == G_TYPE_DOUBLE || type == G_TYPE_INT64;
    case ANPR_STATUS_BOOLEAN:
      *(gboolean *) at = json_node_get_boolean (node);
      return type == G_TYPE_BOOLEAN;
    default:
      *(gint64 *) at = json_node_get_int (node);
      return type == G_TYPE_INT64;
  }
}

static gboolean
read_latency (AnprCameraStatus *status, JsonNode *node)
{
  JsonArray *array;

  if (!JSON_NODE_HOLDS_ARRAY (node))
    return FALSE;
  array = json_node_get_array (node);
  if (json_array_get_length (array) != ANPR_N_LATENCIES)
    return FALSE;
  for (guint i = 0; i < ANPR_N_LATENCIES; i++)
    status->latency[i] = json_array_get_int_element (array, i);
  return TRUE;
}

/**
 * anpr_camera_status_read:
 * @status: (out caller-allocates): what it says
 * @object: as anpr_camera_status_write() makes it
 *
 * Returns: whether everything there has its type
 */
gboolean
anpr_camera_status_read (AnprCameraStatus *status, JsonObject *object)
{
  JsonNode *node;

  memset (status, 0, sizeof *status);
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++) {
    node = json_object_get_member (object, fields[i].name);
    if (node && !read_field (status, &fields[i], node))
      return FALSE;
  }
  node = json_object_get_member (object, "latency");
  return !node || read_latency (status, node);
}
