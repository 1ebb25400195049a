/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What Prometheus reads, https://prometheus.io/docs/instrumenting/exposition_formats/
 *
 * All samples of a metric stand together behind its HELP and TYPE, so cameras are
 * gone through once a metric. Names follow Prometheus' conventions: base units,
 * _total for what only grows. Labels are ids, versions and states, bounded by the
 * number of positions and lists; a plate or an address never is one.
 *
 * Functions of their arguments, but for anpr_metrics_add_process(), which asks
 * the kernel about this process.
 */

#include "metrics.h"
#include "../../plugins/record/clock.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct _AnprMetrics {
  GString *text;
  const gchar *name;
};

static const gchar *const types[] = {
  [ANPR_METRIC_COUNTER] = "counter",
  [ANPR_METRIC_GAUGE] = "gauge",
  [ANPR_METRIC_HISTOGRAM] = "histogram",
};

/**
 * anpr_metrics_new:
 *
 * Returns: (transfer full): no metric; freed by anpr_metrics_finish()
 */
AnprMetrics *
anpr_metrics_new (void)
{
  AnprMetrics *metrics = g_new0 (AnprMetrics, 1);

  metrics->text = g_string_new (NULL);
  return metrics;
}

/**
 * anpr_metrics_begin:
 * @metrics: metrics
 * @name: of a metric, which samples follow; static
 * @type: of it
 * @help: what it is, one line
 */
void
anpr_metrics_begin (AnprMetrics *metrics, const gchar *name,
    AnprMetricType type, const gchar *help)
{
  metrics->name = name;
  g_string_append_printf (metrics->text, "# HELP %s %s\n# TYPE %s %s\n", name,
      help, name, types[type]);
}

static void
append_value (GString *text, gdouble value)
{
  gchar number[G_ASCII_DTOSTR_BUF_SIZE];

  if (isnan (value))
    g_string_append (text, "NaN");
  else if (isinf (value))
    g_string_append (text, value > 0 ? "+Inf" : "-Inf");
  else
    g_string_append (
        text, g_ascii_formatd (number, sizeof number, "%.15g", value));
}

static void
append_label (
    GString *text, const gchar *name, const gchar *value, gchar before)
{
  g_string_append_printf (text, "%c%s=\"", before, name);
  for (; *value; value++) {
    if (*value == '\n')
      g_string_append (text, "\\n");
    else if (*value == '\\' || *value == '"')
      g_string_append_printf (text, "\\%c", *value);
    else
      g_string_append_c (text, *value);
  }
  g_string_append_c (text, '"');
}

static void
add_sample (
    AnprMetrics *metrics, const gchar *suffix, gdouble value, va_list labels)
{
  GString *text = metrics->text;
  gchar before = '{';
  const gchar *label;

  g_string_append (text, metrics->name);
  g_string_append (text, suffix);
  while ((label = va_arg (labels, const gchar *))) {
    append_label (text, label, va_arg (labels, const gchar *), before);
    before = ',';
  }
  g_string_append (text, before == ',' ? "} " : " ");
  append_value (text, value);
  g_string_append_c (text, '\n');
}

/**
 * anpr_metrics_add:
 * @metrics: metrics
 * @value: of a sample of the metric that was begun last
 * @...: names and values of labels, valid UTF-8; %NULL ends them
 */
void
anpr_metrics_add (AnprMetrics *metrics, gdouble value, ...)
{
  va_list labels;

  va_start (labels, value);
  add_sample (metrics, "", value, labels);
  va_end (labels);
}

static void
add_part (AnprMetrics *metrics, const gchar *suffix, gdouble value, ...)
{
  va_list labels;

  va_start (labels, value);
  add_sample (metrics, suffix, value, labels);
  va_end (labels);
}

/**
 * anpr_metrics_finish:
 * @metrics: (transfer full): metrics
 *
 * Returns: (transfer full): their text
 */
gchar *
anpr_metrics_finish (AnprMetrics *metrics)
{
  gchar *text = g_string_free (metrics->text, FALSE);

  g_free (metrics);
  return text;
}

/* --- cameras -------------------------------------------------------------- */

/* Numbers of a camera's status that are told as they are */
static const struct {
  const gchar *field;
  const gchar *name;
  AnprMetricType type;
  gdouble unit;
  const gchar *help;
} told[] = {
  { "frames_in", "anpr_camera_frames_received_total", ANPR_METRIC_COUNTER, 1,
      "Access units that came from the camera." },
  { "decoded", "anpr_camera_frames_decoded_total", ANPR_METRIC_COUNTER, 1,
      "Pictures that were decoded." },
  { "dropped", "anpr_camera_frames_dropped_total", ANPR_METRIC_COUNTER, 1,
      "Pictures left out because reading was behind." },
  { "packets_lost", "anpr_camera_packets_lost_total", ANPR_METRIC_COUNTER, 1,
      "Packets of the camera's stream that never came, or too late." },
  { "looked_at", "anpr_camera_frames_searched_total", ANPR_METRIC_COUNTER, 1,
      "Pictures in which plates were looked for." },
  { "detections", "anpr_camera_plates_detected_total", ANPR_METRIC_COUNTER, 1,
      "Plates found in pictures." },
  { "reads", "anpr_camera_plates_read_total", ANPR_METRIC_COUNTER, 1,
      "Plates read in pictures." },
  { "passages", "anpr_camera_passages_total", ANPR_METRIC_COUNTER, 1,
      "Vehicles." },
  { "not_read", "anpr_camera_passages_not_read_total", ANPR_METRIC_COUNTER, 1,
      "Vehicles without a text." },
  { "hits", "anpr_camera_hits_total", ANPR_METRIC_COUNTER, 1,
      "Hits with lists, all unverified; covert ones are not counted." },
  { "kept", "anpr_camera_passages_kept_total", ANPR_METRIC_COUNTER, 1,
      "Vehicles that are safe on the disk." },
  { "not_kept", "anpr_camera_passages_lost_total", ANPR_METRIC_COUNTER, 1,
      "Vehicles that could not be kept." },
  { "waiting", "anpr_camera_passages_waiting", ANPR_METRIC_GAUGE, 1,
      "Vehicles that wait for the disk." },
  { "keeping", "anpr_camera_keeping", ANPR_METRIC_GAUGE, 1,
      "1 while the spool can be written." },
  { "reconnections", "anpr_camera_reconnections_total", ANPR_METRIC_COUNTER, 1,
      "Times the camera's stream was lost." },
  { "fps", "anpr_camera_frames_per_second", ANPR_METRIC_GAUGE, 1,
      "Pictures a second over the last seconds." },
  { "width", "anpr_camera_picture_width_pixels", ANPR_METRIC_GAUGE, 1,
      "Width of the picture." },
  { "height", "anpr_camera_picture_height_pixels", ANPR_METRIC_GAUGE, 1,
      "Height of the picture." },
  { "sharpness", "anpr_camera_sharpness", ANPR_METRIC_GAUGE, 1,
      "Sharpness of the picture, a share without unit; compare with itself." },
  { "brightness", "anpr_camera_brightness", ANPR_METRIC_GAUGE, 1,
      "Mean brightness of the picture, 0 to 255." },
  { "contrast", "anpr_camera_contrast", ANPR_METRIC_GAUGE, 1,
      "Standard deviation of the picture's brightness." },
  { "clock_synchronised", "anpr_camera_clock_synchronised", ANPR_METRIC_GAUGE,
      1, "1 while the time of records is known to be right." },
  { "spool_rows", "anpr_spool_last_sequence", ANPR_METRIC_GAUGE, 1,
      "Sequence number of the last passage kept." },
  { "spool_bytes", "anpr_spool_bytes", ANPR_METRIC_GAUGE, 1,
      "Room the spool takes on the disk." },
  { "list_count", "anpr_camera_lists", ANPR_METRIC_GAUGE, 1,
      "Hit lists the camera compares with." },
  { "list_entries", "anpr_camera_list_entries", ANPR_METRIC_GAUGE, 1,
      "Entries of these lists." },
  { "events_dropped", "anpr_camera_events_dropped_total", ANPR_METRIC_COUNTER,
      1,
      "Events that found no room on their way to the page; records are "
      "whole." },
  { "cpu_us", "anpr_camera_process_cpu_seconds_total", ANPR_METRIC_COUNTER,
      1e-6, "Processor time of the camera's processes." },
  { "memory_bytes", "anpr_camera_process_resident_memory_bytes",
      ANPR_METRIC_GAUGE, 1, "Resident memory of the camera's process." },
};

static gdouble
get_value (const AnprCamera *camera, const AnprStatusField *field)
{
  const gchar *at = (const gchar *) &camera->status + field->offset;

  switch (field->kind) {
    case ANPR_STATUS_COUNTER:
      return anpr_camera_get_counter (camera, field);
    case ANPR_STATUS_REAL:
      return *(const gdouble *) at;
    case ANPR_STATUS_SIGNED:
      return *(const gint64 *) at;
    case ANPR_STATUS_BOOLEAN:
      return *(const gboolean *) at != 0;
    default:
      return *(const guint64 *) at;
  }
}

static void
add_told (AnprMetrics *metrics, const AnprCameraFigures *figures, guint n)
{
  for (guint i = 0; i < G_N_ELEMENTS (told); i++) {
    const AnprStatusField *field =
        anpr_camera_status_find_field (told[i].field);

    if (!field)
      continue;
    anpr_metrics_begin (metrics, told[i].name, told[i].type, told[i].help);
    for (guint j = 0; j < n; j++)
      anpr_metrics_add (metrics,
          get_value (figures[j].camera, field) * told[i].unit, "position",
          figures[j].camera->id, NULL);
  }
}

static void
add_states (AnprMetrics *metrics, const AnprCameraFigures *figures, guint n)
{
  anpr_metrics_begin (metrics, "anpr_camera_up", ANPR_METRIC_GAUGE,
      "1 while pictures come and are read.");
  for (guint i = 0; i < n; i++)
    anpr_metrics_add (metrics, figures[i].camera->state == ANPR_CAMERA_RUNNING,
        "position", figures[i].camera->id, NULL);
  anpr_metrics_begin (metrics, "anpr_camera_state", ANPR_METRIC_GAUGE,
      "1 of the state a position is in.");
  for (guint i = 0; i < n; i++) {
    for (guint state = 0; state < ANPR_N_CAMERA_STATES; state++)
      anpr_metrics_add (metrics, figures[i].camera->state == state, "position",
          figures[i].camera->id, "state", anpr_camera_state_to_string (state),
          NULL);
  }
  anpr_metrics_begin (metrics, "anpr_position_changed_outside",
      ANPR_METRIC_GAUGE,
      "1 while a change outside the page waits for a second person.");
  for (guint i = 0; i < n; i++)
    anpr_metrics_add (
        metrics, figures[i].unseen, "position", figures[i].camera->id, NULL);
  anpr_metrics_begin (metrics, "anpr_camera_process_starts_total",
      ANPR_METRIC_COUNTER, "Processes begun for a position.");
  for (guint i = 0; i < n; i++)
    anpr_metrics_add (metrics, figures[i].camera->starts, "position",
        figures[i].camera->id, NULL);
  anpr_metrics_begin (metrics, "anpr_camera_process_ends_total",
      ANPR_METRIC_COUNTER, "Processes of a position that ended, by cause.");
  for (guint i = 0; i < n; i++) {
    for (guint end = 0; end < ANPR_N_CAMERA_ENDS; end++)
      anpr_metrics_add (metrics, figures[i].camera->ends[end], "position",
          figures[i].camera->id, "cause", anpr_camera_end_to_string (end),
          NULL);
  }
}

static void
add_ages (AnprMetrics *metrics, const AnprCameraFigures *figures, guint n)
{
  anpr_metrics_begin (metrics, "anpr_camera_last_frame_age_seconds",
      ANPR_METRIC_GAUGE, "Time since the last picture; absent before it.");
  for (guint i = 0; i < n; i++) {
    const AnprCamera *camera = figures[i].camera;

    if (camera->pid && camera->status.frame_age_ms != ANPR_FRAME_AGE_NONE
        && camera->status.decoded > 0)
      anpr_metrics_add (metrics, camera->status.frame_age_ms / 1e3, "position",
          camera->id, NULL);
  }
  anpr_metrics_begin (metrics, "anpr_camera_clock_offset_seconds",
      ANPR_METRIC_GAUGE,
      "Offset of the clock that records are timed by; absent if unknown.");
  for (guint i = 0; i < n; i++) {
    const AnprCamera *camera = figures[i].camera;

    if (camera->pid && camera->status.clock_source != ANPR_CLOCK_UNKNOWN
        && camera->status.clock_offset_us != ANPR_OFFSET_UNKNOWN)
      anpr_metrics_add (metrics, camera->status.clock_offset_us / 1e6,
          "position", camera->id, NULL);
  }
}

static void
add_latency (AnprMetrics *metrics, const AnprCamera *camera)
{
  guint64 sum = 0;
  gchar bound[G_ASCII_DTOSTR_BUF_SIZE];

  for (guint i = 0; i < ANPR_N_LATENCIES; i++) {
    sum += camera->status.latency[i] + camera->before.latency[i];
    if (i < ANPR_N_LATENCIES - 1)
      g_ascii_formatd (bound, sizeof bound, "%g", anpr_latency_bounds[i] / 1e3);
    else
      (void) g_strlcpy (bound, "+Inf", sizeof bound);
    add_part (
        metrics, "_bucket", sum, "position", camera->id, "le", bound, NULL);
  }
  add_part (metrics, "_sum",
      (camera->status.latency_sum_ms + camera->before.latency_sum_ms) / 1e3,
      "position", camera->id, NULL);
  add_part (metrics, "_count", sum, "position", camera->id, NULL);
}

static void
add_lanes (AnprMetrics *metrics, const AnprCameraFigures *figures, guint n)
{
  anpr_metrics_begin (metrics, "anpr_lane_passages_last_hour",
      ANPR_METRIC_GAUGE, "Vehicles in the last 60 minutes.");
  for (guint i = 0; i < n; i++)
    if (figures[i].health)
      anpr_metrics_add (metrics,
          anpr_lane_health_get_passages_hour (figures[i].health), "position",
          figures[i].camera->id, NULL);
  anpr_metrics_begin (metrics, "anpr_lane_not_read_ratio", ANPR_METRIC_GAUGE,
      "Share of the last 100 vehicles without a text; absent before any.");
  for (guint i = 0; i < n; i++)
    if (figures[i].health
        && anpr_lane_health_get_not_read_share (figures[i].health) >= 0)
      anpr_metrics_add (metrics,
          anpr_lane_health_get_not_read_share (figures[i].health), "position",
          figures[i].camera->id, NULL);
  anpr_metrics_begin (metrics, "anpr_lane_health", ANPR_METRIC_GAUGE,
      "Against the lane's own baseline: 0 good, 1 warning, 2 bad.");
  for (guint i = 0; i < n; i++) {
    for (guint kind = 0; figures[i].health && kind < ANPR_N_HEALTH_KINDS;
         kind++)
      anpr_metrics_add (metrics,
          anpr_lane_health_get (figures[i].health, kind)->level, "position",
          figures[i].camera->id, "what", anpr_health_kind_to_string (kind),
          NULL);
  }
}

static const struct {
  const gchar *name;
  gsize offset;
  gboolean real;
  const gchar *help;
} storage_told[] = {
  { "anpr_spool_undelivered_passages",
      G_STRUCT_OFFSET (AnprStorageFigures, rows), FALSE,
      "Passages the centre has not taken yet." },
  { "anpr_spool_undelivered_bytes", G_STRUCT_OFFSET (AnprStorageFigures, bytes),
      FALSE, "Records and pictures of these." },
  { "anpr_spool_refused_passages",
      G_STRUCT_OFFSET (AnprStorageFigures, refused), FALSE,
      "Passages the centre refused for good." },
  { "anpr_spool_delivery_lag_seconds",
      G_STRUCT_OFFSET (AnprStorageFigures, lag), TRUE,
      "Time since the oldest undelivered passage was seen, 0 if none." },
};

static void
add_storage (AnprMetrics *metrics, const AnprCameraFigures *figures, guint n)
{
  for (guint i = 0; i < G_N_ELEMENTS (storage_told); i++) {
    anpr_metrics_begin (
        metrics, storage_told[i].name, ANPR_METRIC_GAUGE, storage_told[i].help);
    for (guint j = 0; j < n; j++) {
      const gchar *at =
          (const gchar *) &figures[j].storage + storage_told[i].offset;

      if (figures[j].storage.known)
        anpr_metrics_add (metrics,
            storage_told[i].real ? *(const gdouble *) at
                                 : (gdouble) * (const guint64 *) at,
            "position", figures[j].camera->id, NULL);
    }
  }
}

/**
 * anpr_metrics_add_cameras:
 * @metrics: metrics
 * @figures: (array length=n): of all cameras
 * @n: how many
 */
void
anpr_metrics_add_cameras (
    AnprMetrics *metrics, const AnprCameraFigures *figures, guint n)
{
  add_states (metrics, figures, n);
  add_told (metrics, figures, n);
  add_ages (metrics, figures, n);
  anpr_metrics_begin (metrics, "anpr_camera_read_latency_seconds",
      ANPR_METRIC_HISTOGRAM, "From a picture to the text read from it.");
  for (guint i = 0; i < n; i++)
    add_latency (metrics, figures[i].camera);
  add_lanes (metrics, figures, n);
  add_storage (metrics, figures, n);
}

/**
 * anpr_metrics_add_decisions:
 * @metrics: metrics
 * @figures: of decisions about hits
 */
void
anpr_metrics_add_decisions (
    AnprMetrics *metrics, const AnprStorageFigures *figures)
{
  if (!figures->known)
    return;
  anpr_metrics_begin (metrics, "anpr_decisions_undelivered", ANPR_METRIC_GAUGE,
      "Decisions about hits the centre has not taken yet.");
  anpr_metrics_add (metrics, (gdouble) figures->rows, NULL);
  anpr_metrics_begin (metrics, "anpr_decisions_refused", ANPR_METRIC_GAUGE,
      "Decisions about hits the centre refused for good.");
  anpr_metrics_add (metrics, (gdouble) figures->refused, NULL);
  anpr_metrics_begin (metrics, "anpr_decisions_delivery_lag_seconds",
      ANPR_METRIC_GAUGE,
      "Time since the oldest undelivered decision was made, 0 if none.");
  anpr_metrics_add (metrics, figures->lag, NULL);
}

/**
 * anpr_metrics_add_lists:
 * @metrics: metrics
 * @lists: (array length=n): lists of all positions, each id once
 * @n: how many
 */
void
anpr_metrics_add_lists (
    AnprMetrics *metrics, const AnprListFigures *lists, guint n)
{
  anpr_metrics_begin (metrics, "anpr_list_age_seconds", ANPR_METRIC_GAUGE,
      "Time since a hit list was issued.");
  for (guint i = 0; i < n; i++)
    anpr_metrics_add (metrics, lists[i].age, "list", lists[i].id, NULL);
  anpr_metrics_begin (metrics, "anpr_list_entries", ANPR_METRIC_GAUGE,
      "Entries of a hit list.");
  for (guint i = 0; i < n; i++)
    anpr_metrics_add (metrics, lists[i].entries, "list", lists[i].id, NULL);
}

static gdouble
read_resident (void)
{
  g_autofree gchar *text = NULL;
  gulong size, resident;

  if (!g_file_get_contents ("/proc/self/statm", &text, NULL, NULL)
      || sscanf (text, "%lu %lu", &size, &resident) != 2)
    return NAN;
  return (gdouble) resident * sysconf (_SC_PAGESIZE);
}

static guint
count_descriptors (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (dir && g_dir_read_name (dir))
    n++;
  return n;
}

/**
 * anpr_metrics_add_process:
 * @metrics: metrics
 *
 * Adds what Prometheus' own libraries tell of a process, of this one.
 */
void
anpr_metrics_add_process (AnprMetrics *metrics)
{
  struct rusage usage;

  (void) getrusage (RUSAGE_SELF, &usage);
  anpr_metrics_begin (metrics, "process_cpu_seconds_total", ANPR_METRIC_COUNTER,
      "Processor time of anprd itself.");
  anpr_metrics_add (metrics,
      usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
          + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
      NULL);
  anpr_metrics_begin (metrics, "process_resident_memory_bytes",
      ANPR_METRIC_GAUGE, "Resident memory of anprd itself.");
  anpr_metrics_add (metrics, read_resident (), NULL);
  anpr_metrics_begin (metrics, "process_open_fds", ANPR_METRIC_GAUGE,
      "Open file descriptors of anprd itself.");
  anpr_metrics_add (metrics, count_descriptors (), NULL);
}
