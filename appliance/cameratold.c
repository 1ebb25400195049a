/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What a camera's process tells anprd, a line of JSON each:
 *
 *     {"type":"status", ...}                     every second, camerastatus.h
 *     {"type":"event","kind":"passage","utc":...,"covert":...,"json":"..."}
 *     {"type":"event","kind":"hit",...}
 *     {"type":"fault","code":"ANPR-...","message":"...","again":false}
 *
 * A passage is told when it is safe in the spool, with its sequence number; when
 * it ends, if the spool does not work or there is none. Events that find no room
 * are counted and left out: the spool and Redis hold them all.
 *
 * Main thread only.
 */

#include "cameratold.h"
#include "recordview.h"
#include "../plugins/record/clock.h"
#include "../plugins/record/error.h"
#include "../plugins/record/jsonmember.h"

#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

/* A text on the screen is of a picture no older than this, milliseconds; older
 * ones come of sources that are no camera */
#define MAX_LATENCY 60000

/* Different faults told of one outage */
#define MAX_FAULTS 16

static JsonBuilder *
begin_line (const gchar *type)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "type");
  json_builder_add_string_value (builder, type);
  return builder;
}

static gboolean
send_line (AnprCameraTold *told, JsonBuilder *builder)
{
  g_autofree gchar *line = NULL;

  json_builder_end_object (builder);
  line = anpr_json_builder_to_line (builder);
  return anpr_line_channel_send (told->channel, line);
}

static void
take_process (AnprCameraStatus *status)
{
  g_autofree gchar *text = NULL;
  gulong size, resident;
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  status->cpu_us =
      (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * G_USEC_PER_SEC
      + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
  if (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL)
      && sscanf (text, "%lu %lu", &size, &resident) == 2)
    status->memory_bytes = (guint64) resident * sysconf (_SC_PAGESIZE);
}

/**
 * anpr_camera_told_send_status:
 * @told: what is told; its status is up to date but for the process itself
 */
void
anpr_camera_told_send_status (AnprCameraTold *told)
{
  g_autoptr (JsonBuilder) builder = begin_line ("status");

  take_process (told->status);
  anpr_camera_status_write (told->status, builder);
  (void) send_line (told, builder);
}

static gchar *
without_secret (const gchar *text, const gchar *secret)
{
  g_auto (GStrv) parts = NULL;

  if (!secret || !*secret)
    return g_strdup (text);
  parts = g_strsplit (text, secret, -1);
  return g_strjoinv ("***", parts);
}

/* What is over may come again, and end again */
static gboolean
is_of_code (gpointer fault, gpointer unused, gpointer code)
{
  return g_str_has_prefix (fault, code);
}

static void
forget_opposite (AnprCameraTold *told, const gchar *code)
{
  const gchar *away = anpr_error_code_name (ANPR_ERROR_REDIS_AWAY);
  const gchar *back = anpr_error_code_name (ANPR_ERROR_REDIS_BACK);

  if (g_str_equal (code, away))
    g_hash_table_foreach_remove (told->faults, is_of_code, (gpointer) back);
  else if (g_str_equal (code, back))
    g_hash_table_foreach_remove (told->faults, is_of_code, (gpointer) away);
}

/**
 * anpr_camera_told_fault:
 * @told: what is told
 * @code: stable code
 * @message: what is wrong; the camera's password is taken out of it
 *
 * Tells it; from the second time on, until all is well again, only for the
 * camera's state, which has to say why it is as it is.
 */
void
anpr_camera_told_fault (
    AnprCameraTold *told, const gchar *code, const gchar *message)
{
  g_autofree gchar *text = without_secret (message, told->secret);
  g_autoptr (JsonBuilder) builder = begin_line ("fault");
  gboolean again;

  if (!told->faults)
    told->faults =
        g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  forget_opposite (told, code);
  again =
      g_hash_table_size (told->faults) >= MAX_FAULTS
      || !g_hash_table_add (told->faults, g_strconcat (code, " ", text, NULL));
  anpr_json_add_text (builder, "code", code);
  anpr_json_add_text (builder, "message", text);
  json_builder_set_member_name (builder, "again");
  json_builder_add_boolean_value (builder, again);
  (void) send_line (told, builder);
}

/* Lists are read again with each connection, and say the same */
static gboolean
is_forgotten (gpointer fault, gpointer unused, gpointer unused_data)
{
  return !g_str_has_prefix (fault, "ANPR-LIST-");
}

/**
 * anpr_camera_told_forget_faults:
 * @told: what is told
 *
 * All is well again: the same faults would be new ones, but for those of lists.
 */
void
anpr_camera_told_forget_faults (AnprCameraTold *told)
{
  if (told->faults)
    g_hash_table_foreach_remove (told->faults, is_forgotten, NULL);
}

static void
send_event (AnprCameraTold *told, const gchar *kind, gint64 utc,
    gboolean covert, const gchar *json)
{
  g_autoptr (JsonBuilder) builder = begin_line ("event");

  anpr_json_add_text (builder, "kind", kind);
  json_builder_set_member_name (builder, "utc");
  json_builder_add_int_value (builder, utc);
  json_builder_set_member_name (builder, "covert");
  json_builder_add_boolean_value (builder, covert);
  anpr_json_add_text (builder, "json", json);
  if (!send_line (told, builder))
    told->status->events_dropped++;
}

static gint64
get_utc (const GstStructure *message)
{
  gint64 utc = 0;

  gst_structure_get_int64 (message, "timestamp", &utc);
  return utc;
}

static gint
clock_source_of (const gchar *name)
{
  for (gint source = ANPR_CLOCK_UNKNOWN; source <= ANPR_CLOCK_FILE; source++) {
    if (g_strcmp0 (anpr_clock_source_to_string (source), name) == 0)
      return source;
  }
  return ANPR_CLOCK_UNKNOWN;
}

static void
take_clock (AnprCameraStatus *status, JsonObject *record)
{
  JsonNode *node = json_object_get_member (record, "clock");
  JsonObject *clock = node && JSON_NODE_HOLDS_OBJECT (node)
                          ? json_node_get_object (node)
                          : NULL;

  if (!clock)
    return;
  status->clock_source = clock_source_of (anpr_json_string (clock, "source"));
  status->clock_synchronised = anpr_json_boolean (clock, "synchronised");
  node = json_object_get_member (clock, "offset_us");
  status->clock_offset_us = node && JSON_NODE_HOLDS_VALUE (node)
                                ? json_node_get_int (node)
                                : ANPR_OFFSET_UNKNOWN;
}

static void
tell_passage (
    AnprCameraTold *told, const gchar *record, gint64 utc, gboolean event)
{
  g_autoptr (AnprRecordView) view = anpr_record_view_parse (record, NULL);

  if (!view)
    return;
  take_clock (told->status, view->object);
  if (event)
    send_event (told, "passage", utc,
        anpr_record_view_count_hits (view, TRUE)
            > anpr_record_view_count_hits (view, FALSE),
        record);
}

static void
take_passage (AnprCameraTold *told, const GstStructure *message, gboolean keeps)
{
  const gchar *record = gst_structure_get_string (message, "record");
  const gchar *text = gst_structure_get_string (message, "text");

  if (g_strcmp0 (gst_structure_get_string (message, "state"), "lost") != 0
      || !record)
    return;
  if (!text || !*text)
    told->status->not_read++;
  tell_passage (told, record, get_utc (message), !keeps);
}

static void
take_kept (AnprCameraTold *told, const GstStructure *message)
{
  const gchar *record = gst_structure_get_string (message, "record");

  gst_structure_get_uint64 (message, "sequence", &told->status->spool_rows);
  if (record)
    tell_passage (told, record, get_utc (message), TRUE);
}

static void
add_member (JsonObject *object, const GstStructure *message, const gchar *name)
{
  const gchar *value = gst_structure_get_string (message, name);

  if (value)
    json_object_set_string_member (object, name, value);
}

static void
take_hit (AnprCameraTold *told, const GstStructure *message)
{
  const gchar *text = gst_structure_get_string (message, "hit");
  g_autoptr (JsonNode) node = text ? json_from_string (text, NULL) : NULL;
  g_autofree gchar *json = NULL;
  JsonObject *hit;

  if (!node || !JSON_NODE_HOLDS_OBJECT (node))
    return;
  hit = json_node_get_object (node);
  add_member (hit, message, "passage");
  add_member (hit, message, "text");
  add_member (hit, message, "position");
  json_object_set_int_member (hit, "timestamp", get_utc (message));
  json = json_to_string (node, FALSE);
  send_event (
      told, "hit", get_utc (message), anpr_json_boolean (hit, "covert"), json);
}

static void
take_read (
    AnprCameraTold *told, const GstStructure *message, gint64 running_time)
{
  guint64 then;
  gint64 milliseconds;

  if (running_time < 0
      || !gst_structure_get_uint64 (message, "running-time", &then)
      || then > (guint64) running_time)
    return;
  milliseconds = (running_time - (gint64) then) / GST_MSECOND;
  if (milliseconds < MAX_LATENCY)
    anpr_camera_status_add_latency (told->status, milliseconds);
}

/**
 * anpr_camera_told_take:
 * @told: what is told
 * @message: of an element message
 * @running_time: now, nanoseconds, -1 unknown
 * @keeps: passages are being kept in a spool
 *
 * Counts and passes on what anprd wants to know of.
 */
void
anpr_camera_told_take (AnprCameraTold *told, const GstStructure *message,
    gint64 running_time, gboolean keeps)
{
  if (gst_structure_has_name (message, "anpr-read"))
    take_read (told, message, running_time);
  else if (gst_structure_has_name (message, "anpr-passage"))
    take_passage (told, message, keeps);
  else if (gst_structure_has_name (message, "anpr-kept"))
    take_kept (told, message);
  else if (gst_structure_has_name (message, "anpr-hit"))
    take_hit (told, message);
}
