/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The pipeline of one camera, whatever it is made of.
 *
 * It is made once and goes to PLAYING and back to READY for every connection:
 * models stay loaded, and anprsink goes on keeping what the disk did not take. It must have one platedetect, where frames come into
 * reading, and one anprsink, where they leave it. What the position says is set
 * on elements by their kind, wherever they are in the pipeline; decoders are
 * found as they are made, also within a decodebin.
 *
 * Numbers come from probes, and from the stats of elements. Those begin at zero
 * with each connection, so what they add is summed here.
 *
 * Threads: one caller. Probes run on the streaming threads and touch what is
 * under the lock. Draining and resting wait for others and are done by threads
 * of their own: a decoder may hang in a way that nothing but the end of the
 * process cures, which anpr_camera_pipeline_rest() tells.
 */

#include "camerapipeline.h"
#include "framehealth.h"
#include "../plugins/meta/gstanprmeta.h"
#include "../plugins/record/error.h"

#include <gst/video/video.h>
#include <string.h>

/* Between two measurements of what a picture is like */
#define HEALTH_INTERVAL G_USEC_PER_SEC
/* Pictures a second are told over this time */
#define RATE_TIME (5 * G_USEC_PER_SEC)

/* A number of an element, summed over connections */
typedef struct {
  guint64 last;
  guint64 sum;
} Sum;

enum {
  SUM_LOOKED_AT,
  SUM_DETECTIONS,
  SUM_READS,
  SUM_PASSAGES,
  SUM_HITS,
  SUM_KEPT,
  SUM_NOT_KEPT,
  SUM_DROPPED_PASSAGES,
  N_SUMS,
};

struct _AnprCameraPipeline {
  GstElement *pipeline;
  GstElement *detect;
  GstElement *ocr;   /* may be NULL */
  GstElement *match; /* may be NULL */
  GstElement *sink;
  GstPad *entrance;
  GstPad *exit;
  gboolean network;
  GHashTable *targets; /* element: pad that its pad was linked to */
  const AnprCameraTask *task;
  Sum sums[N_SUMS];
  gint64 rate_begin;
  guint64 rate_frames;
  gdouble fps;

  GMutex lock;
  guint64 frames_in;
  guint64 decoded;
  guint64 arrived;
  guint64 waiting_frames; /* decoded in this connection and not arrived yet */
  gint64 last_frame;      /* monotonic, 0 none in this connection */
  gint64 last_health;
  AnprFrameHealth health;
  guint width;
  guint height;
};

static const struct {
  gsize offset;
  const gchar *name;
} kinds[] = {
  { G_STRUCT_OFFSET (AnprCameraPipeline, detect), "platedetect" },
  { G_STRUCT_OFFSET (AnprCameraPipeline, ocr), "plateocr" },
  { G_STRUCT_OFFSET (AnprCameraPipeline, match), "hitmatch" },
  { G_STRUCT_OFFSET (AnprCameraPipeline, sink), "anprsink" },
};

/* --- what passes ---------------------------------------------------------- */

static GstPadProbeReturn
count_in (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  AnprCameraPipeline *pipeline = data;

  g_mutex_lock (&pipeline->lock);
  pipeline->frames_in++;
  g_mutex_unlock (&pipeline->lock);
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
count_decoded (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  AnprCameraPipeline *pipeline = data;

  g_mutex_lock (&pipeline->lock);
  pipeline->decoded++;
  pipeline->waiting_frames++;
  g_mutex_unlock (&pipeline->lock);
  return GST_PAD_PROBE_OK;
}

static gboolean
measure (
    GstPad *pad, GstBuffer *buffer, AnprFrameHealth *health, GstVideoInfo *info)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  GstVideoFrame frame;

  if (!caps || !gst_video_info_from_caps (info, caps)
      || !gst_video_frame_map (
          &frame, info, buffer, GST_MAP_READ | GST_VIDEO_FRAME_MAP_FLAG_NO_REF))
    return FALSE;
  anpr_frame_health_measure (health, GST_VIDEO_FRAME_PLANE_DATA (&frame, 0),
      GST_VIDEO_FRAME_WIDTH (&frame), GST_VIDEO_FRAME_HEIGHT (&frame),
      GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0));
  gst_video_frame_unmap (&frame);
  return TRUE;
}

static void
take_health (AnprCameraPipeline *pipeline, GstPad *pad, GstBuffer *buffer)
{
  AnprFrameHealth health;
  GstVideoInfo info;

  if (!measure (pad, buffer, &health, &info))
    return;
  g_mutex_lock (&pipeline->lock);
  pipeline->health = health;
  pipeline->width = GST_VIDEO_INFO_WIDTH (&info);
  pipeline->height = GST_VIDEO_INFO_HEIGHT (&info);
  g_mutex_unlock (&pipeline->lock);
}

static GstPadProbeReturn
frame_arrives (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  AnprCameraPipeline *pipeline = data;
  gint64 now = g_get_monotonic_time ();
  gboolean due;

  g_mutex_lock (&pipeline->lock);
  pipeline->arrived++;
  pipeline->last_frame = now;
  if (pipeline->waiting_frames > 0)
    pipeline->waiting_frames--;
  due = now - pipeline->last_health >= HEALTH_INTERVAL;
  if (due)
    pipeline->last_health = now;
  g_mutex_unlock (&pipeline->lock);
  if (due)
    take_health (pipeline, pad, GST_PAD_PROBE_INFO_BUFFER (info));
  return GST_PAD_PROBE_OK;
}

/* --- making it ------------------------------------------------------------ */

static const gchar *
kind_of (GstElement *element)
{
  GstElementFactory *factory = gst_element_get_factory (element);

  return factory ? GST_OBJECT_NAME (factory) : "";
}

static gboolean
is_decoder (GstElement *element)
{
  GstElementFactory *factory = gst_element_get_factory (element);

  return factory
         && gst_element_factory_list_is_type (
             factory, GST_ELEMENT_FACTORY_TYPE_DECODER
                          | GST_ELEMENT_FACTORY_TYPE_MEDIA_VIDEO
                          | GST_ELEMENT_FACTORY_TYPE_MEDIA_IMAGE)
         && !GST_IS_BIN (element);
}

static gboolean
is_network_source (GstElement *element)
{
  const gchar *kind = gst_element_get_metadata (element, "klass");

  return kind && strstr (kind, "Source/Network");
}

static void
add_probe (AnprCameraPipeline *pipeline, GstElement *element, const gchar *name,
    GstPadProbeCallback callback)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, name);

  if (pad)
    gst_pad_add_probe (
        pad, GST_PAD_PROBE_TYPE_BUFFER, callback, pipeline, NULL);
}

static void
set_text (GstElement *element, const gchar *property, const gchar *value)
{
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (element), property))
    gst_util_set_object_arg (G_OBJECT (element), property, value);
}

/* Texts are set as they are: gst_util_set_object_arg() would read quotes */
static void
set_value (GstElement *element, const gchar *property, const gchar *value)
{
  GParamSpec *spec =
      g_object_class_find_property (G_OBJECT_GET_CLASS (element), property);

  if (spec && spec->value_type == G_TYPE_STRING)
    g_object_set (element, property, value, NULL);
  else if (spec)
    gst_util_set_object_arg (G_OBJECT (element), property, value);
}

static void
set_up_source (AnprCameraPipeline *pipeline, GstElement *element)
{
  if (!g_str_equal (kind_of (element), "rtspsrc"))
    return;
  if (pipeline->task->user)
    g_object_set (element, "user-id", pipeline->task->user, "user-pw",
        pipeline->task->password, NULL);
  /* a server that takes connections and says nothing is given up; the RTCP of
   * the camera tells its time (R49) */
  set_text (element, "tcp-timeout", "3000000");
  set_text (element, "timeout", "3000000");
  set_text (element, "add-reference-timestamp-meta", "true");
}

/* Called for each element, also for those that come later within a bin */
static void
set_up_element (AnprCameraPipeline *pipeline, GstElement *element)
{
  const GPtrArray *properties = pipeline->task->properties;

  for (guint i = 0; i < properties->len; i++) {
    const AnprCameraProperty *property = g_ptr_array_index (properties, i);

    if (g_str_equal (kind_of (element), property->element))
      set_value (element, property->property, property->value);
  }
  set_up_source (pipeline, element);
  pipeline->network |= is_network_source (element);
  if (is_decoder (element)) {
    /* threads of libav decode a frame each and hold it back for as long: at five
     * frames a second that is a fifth of one for each thread */
    set_text (element, "max-threads", "1");
    add_probe (pipeline, element, "sink", count_in);
    add_probe (pipeline, element, "src", count_decoded);
  }
}

static void
on_element_added (
    GstBin *bin, GstBin *sub_bin, GstElement *element, gpointer data)
{
  set_up_element (data, element);
}

/* gst_parse_launch() links what a source or decoder brings once only. When it
 * comes again, with the next connection, it is linked to what it was linked to
 * before. */
static void
on_unlinked (GstPad *pad, GstPad *peer, gpointer data)
{
  AnprCameraPipeline *pipeline = data;
  g_autoptr (GstObject) element = gst_pad_get_parent (pad);

  if (!element)
    return;
  g_mutex_lock (&pipeline->lock);
  g_hash_table_insert (pipeline->targets, element, gst_object_ref (peer));
  g_mutex_unlock (&pipeline->lock);
}

static void
on_pad_added (GstElement *element, GstPad *pad, gpointer data)
{
  AnprCameraPipeline *pipeline = data;
  g_autoptr (GstPad) target = NULL;

  if (!GST_PAD_IS_SRC (pad))
    return;
  g_signal_connect (pad, "unlinked", G_CALLBACK (on_unlinked), pipeline);
  if (gst_pad_is_linked (pad))
    return;
  g_mutex_lock (&pipeline->lock);
  target = g_hash_table_lookup (pipeline->targets, element);
  if (target)
    gst_object_ref (target);
  g_mutex_unlock (&pipeline->lock);
  /* another stream of the camera does not fit, which is no fault */
  if (target && !gst_pad_is_linked (target))
    (void) gst_pad_link (pad, target);
}

static gboolean
take_kind (AnprCameraPipeline *pipeline, GstElement *element, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    GstElement **place = (GstElement **) ((gchar *) pipeline + kinds[i].offset);

    if (!g_str_equal (kind_of (element), kinds[i].name))
      continue;
    if (*place) {
      g_set_error (error, ANPR_ERROR, ANPR_ERROR_PIPELINE_NAME,
          "the pipeline has more than one %s", kinds[i].name);
      return FALSE;
    }
    *place = element;
  }
  return TRUE;
}

static gboolean
set_up_elements (AnprCameraPipeline *pipeline, GError **error)
{
  g_autoptr (GstIterator) elements =
      gst_bin_iterate_recurse (GST_BIN (pipeline->pipeline));
  g_auto (GValue) item = G_VALUE_INIT;

  while (gst_iterator_next (elements, &item) == GST_ITERATOR_OK) {
    GstElement *element = g_value_get_object (&item);

    if (!take_kind (pipeline, element, error))
      return FALSE;
    set_up_element (pipeline, element);
    if (GST_OBJECT_PARENT (element) == GST_OBJECT (pipeline->pipeline))
      g_signal_connect (
          element, "pad-added", G_CALLBACK (on_pad_added), pipeline);
    g_value_reset (&item);
  }
  if (!pipeline->detect || !pipeline->sink) {
    g_set_error_literal (error, ANPR_ERROR, ANPR_ERROR_PIPELINE_NAME,
        "the pipeline has no platedetect or no anprsink");
    return FALSE;
  }
  return TRUE;
}

/**
 * anpr_camera_pipeline_new:
 * @task: what to run; must outlive the pipeline
 * @error: what is missing
 *
 * Returns: (transfer full) (nullable): the pipeline, at rest
 */
AnprCameraPipeline *
anpr_camera_pipeline_new (const AnprCameraTask *task, GError **error)
{
  g_autoptr (AnprCameraPipeline) pipeline = g_new0 (AnprCameraPipeline, 1);

  g_mutex_init (&pipeline->lock);
  pipeline->targets =
      g_hash_table_new_full (NULL, NULL, NULL, gst_object_unref);
  pipeline->task = task;
  pipeline->pipeline = gst_parse_launch_full (
      task->elements, NULL, GST_PARSE_FLAG_FATAL_ERRORS, error);
  if (!pipeline->pipeline)
    return NULL;
  if (!GST_IS_PIPELINE (pipeline->pipeline)) {
    g_set_error_literal (error, ANPR_ERROR, ANPR_ERROR_PIPELINE_NAME,
        "it is one element, not a pipeline");
    return NULL;
  }
  g_signal_connect (pipeline->pipeline, "deep-element-added",
      G_CALLBACK (on_element_added), pipeline);
  if (!set_up_elements (pipeline, error))
    return NULL;
  pipeline->entrance = gst_element_get_static_pad (pipeline->detect, "sink");
  pipeline->exit = gst_element_get_static_pad (pipeline->sink, "sink");
  gst_pad_add_probe (pipeline->entrance, GST_PAD_PROBE_TYPE_BUFFER,
      frame_arrives, pipeline, NULL);
  /* it goes on keeping what waits while the rest is at rest */
  gst_element_set_locked_state (pipeline->sink, TRUE);
  return g_steal_pointer (&pipeline);
}

/**
 * anpr_camera_pipeline_free:
 * @pipeline: (nullable) (transfer full): a pipeline at rest
 */
void
anpr_camera_pipeline_free (AnprCameraPipeline *pipeline)
{
  if (!pipeline)
    return;
  if (pipeline->sink)
    gst_element_set_locked_state (pipeline->sink, FALSE);
  if (pipeline->pipeline)
    gst_element_set_state (pipeline->pipeline, GST_STATE_NULL);
  gst_clear_object (&pipeline->entrance);
  gst_clear_object (&pipeline->exit);
  gst_clear_object (&pipeline->pipeline);
  g_hash_table_unref (pipeline->targets);
  g_mutex_clear (&pipeline->lock);
  g_free (pipeline);
}

/**
 * anpr_camera_pipeline_get_bus:
 * @pipeline: a pipeline
 *
 * Returns: (transfer full): its bus
 */
GstBus *
anpr_camera_pipeline_get_bus (AnprCameraPipeline *pipeline)
{
  return gst_element_get_bus (pipeline->pipeline);
}

/**
 * anpr_camera_pipeline_get_exit:
 * @pipeline: a pipeline
 *
 * Returns: (transfer none): the pad where frames leave with all that was found
 */
GstPad *
anpr_camera_pipeline_get_exit (AnprCameraPipeline *pipeline)
{
  return pipeline->exit;
}

/* --- life ----------------------------------------------------------------- */

/**
 * anpr_camera_pipeline_play:
 * @pipeline: a pipeline at rest
 *
 * Returns: %FALSE if it cannot begin; the bus tells why
 */
gboolean
anpr_camera_pipeline_play (AnprCameraPipeline *pipeline)
{
  g_mutex_lock (&pipeline->lock);
  pipeline->last_frame = 0;
  pipeline->waiting_frames = 0;
  g_mutex_unlock (&pipeline->lock);
  return gst_element_set_state (pipeline->sink, GST_STATE_PLAYING)
             != GST_STATE_CHANGE_FAILURE
         && gst_element_set_state (pipeline->pipeline, GST_STATE_PLAYING)
                != GST_STATE_CHANGE_FAILURE;
}

static gpointer
send_eos (gpointer data)
{
  g_autoptr (GstPad) entrance = data;

  gst_pad_send_event (entrance, gst_event_new_eos ());
  return NULL;
}

/**
 * anpr_camera_pipeline_drain:
 * @pipeline: one that plays
 *
 * Ends the stream where reading begins, whatever the source still gives: open
 * passages are closed and kept, and then EOS comes on the bus.
 */
void
anpr_camera_pipeline_drain (AnprCameraPipeline *pipeline)
{
  g_thread_unref (g_thread_new (
      "camera-drain", send_eos, gst_object_ref (pipeline->entrance)));
}

typedef struct {
  gatomicrefcount count;
  GMutex lock;
  GCond cond;
  gboolean done;
  GstElement *pipeline;
  GstElement *sink;
  GstPad *exit;
  gboolean for_good;
} Resting;

static void
resting_unref (Resting *resting)
{
  if (!g_atomic_ref_count_dec (&resting->count))
    return;
  gst_object_unref (resting->pipeline);
  gst_object_unref (resting->sink);
  gst_object_unref (resting->exit);
  g_mutex_clear (&resting->lock);
  g_cond_clear (&resting->cond);
  g_free (resting);
}

static gpointer
go_to_rest (gpointer data)
{
  Resting *resting = data;

  gst_element_set_state (resting->pipeline, GST_STATE_READY);
  if (resting->for_good) {
    gst_element_set_state (resting->sink, GST_STATE_READY);
  } else {
    /* it has seen the end of a stream and would take no other */
    gst_pad_send_event (resting->exit, gst_event_new_flush_start ());
    gst_pad_send_event (resting->exit, gst_event_new_flush_stop (TRUE));
  }
  g_mutex_lock (&resting->lock);
  resting->done = TRUE;
  g_cond_signal (&resting->cond);
  g_mutex_unlock (&resting->lock);
  resting_unref (resting);
  return NULL;
}

/**
 * anpr_camera_pipeline_rest:
 * @pipeline: a pipeline
 * @milliseconds: it may take
 * @for_good: it will not play again
 *
 * Disconnects from the source. The sink goes on until it is for good, because
 * what it could not keep yet would be lost.
 *
 * Returns: %FALSE if that hangs: end the process
 */
gboolean
anpr_camera_pipeline_rest (
    AnprCameraPipeline *pipeline, guint milliseconds, gboolean for_good)
{
  gint64 deadline = g_get_monotonic_time () + milliseconds * 1000;
  Resting *resting = g_new0 (Resting, 1);
  gboolean done;

  g_atomic_ref_count_init (&resting->count);
  g_atomic_ref_count_inc (&resting->count);
  g_mutex_init (&resting->lock);
  g_cond_init (&resting->cond);
  resting->pipeline = gst_object_ref (pipeline->pipeline);
  resting->sink = gst_object_ref (pipeline->sink);
  resting->exit = gst_object_ref (pipeline->exit);
  resting->for_good = for_good;
  g_thread_unref (g_thread_new ("camera-rest", go_to_rest, resting));
  g_mutex_lock (&resting->lock);
  while (!resting->done
         && g_cond_wait_until (&resting->cond, &resting->lock, deadline))
    ;
  done = resting->done;
  g_mutex_unlock (&resting->lock);
  resting_unref (resting);
  return done;
}

/**
 * anpr_camera_pipeline_is_network:
 * @pipeline: a pipeline
 *
 * Returns: whether pictures come over the network, so that the end of the stream
 *     is a fault
 */
gboolean
anpr_camera_pipeline_is_network (AnprCameraPipeline *pipeline)
{
  return pipeline->network;
}

/**
 * anpr_camera_pipeline_handle_latency:
 * @pipeline: one whose bus told that its latency changed
 */
void
anpr_camera_pipeline_handle_latency (AnprCameraPipeline *pipeline)
{
  gst_bin_recalculate_latency (GST_BIN (pipeline->pipeline));
}

/**
 * anpr_camera_pipeline_get_running_time:
 * @pipeline: a pipeline
 *
 * Returns: now, nanoseconds since it plays, -1 if it does not
 */
gint64
anpr_camera_pipeline_get_running_time (AnprCameraPipeline *pipeline)
{
  GstClockTime now = gst_element_get_current_running_time (pipeline->pipeline);

  return GST_CLOCK_TIME_IS_VALID (now) ? (gint64) now : -1;
}

/**
 * anpr_camera_pipeline_get_frame_age:
 * @pipeline: a pipeline
 *
 * Returns: microseconds since the last picture of this connection, -1 if none
 *     came yet
 */
gint64
anpr_camera_pipeline_get_frame_age (AnprCameraPipeline *pipeline)
{
  gint64 last;

  g_mutex_lock (&pipeline->lock);
  last = pipeline->last_frame;
  g_mutex_unlock (&pipeline->lock);
  return last ? g_get_monotonic_time () - last : -1;
}

/**
 * anpr_camera_pipeline_keeps:
 * @pipeline: a pipeline
 *
 * Returns: whether passages are kept in a spool that works now
 */
gboolean
anpr_camera_pipeline_keeps (AnprCameraPipeline *pipeline)
{
  g_autoptr (GstStructure) stats = NULL;

  g_object_get (pipeline->sink, "stats", &stats, NULL);
  return stats
         && g_strcmp0 (gst_structure_get_string (stats, "state"), "keeping")
                == 0;
}

/* --- status --------------------------------------------------------------- */

static guint64
get_number (const GstStructure *stats, const gchar *name)
{
  const GValue *value = gst_structure_get_value (stats, name);
  guint64 number = 0;

  if (value && G_VALUE_HOLDS_UINT64 (value))
    number = g_value_get_uint64 (value);
  else if (value && G_VALUE_HOLDS_UINT (value))
    number = g_value_get_uint (value);
  return number;
}

static guint64
sum_up (AnprCameraPipeline *pipeline, guint which, guint64 now)
{
  Sum *sum = &pipeline->sums[which];

  sum->sum += now >= sum->last ? now - sum->last : now;
  sum->last = now;
  return sum->sum;
}

static GstStructure *
get_stats (GstElement *element)
{
  GstStructure *stats = NULL;

  if (element)
    g_object_get (element, "stats", &stats, NULL);
  return stats ? stats : gst_structure_new_empty ("none");
}

static void
take_reading (AnprCameraPipeline *pipeline, AnprCameraStatus *status)
{
  g_autoptr (GstStructure) detect = get_stats (pipeline->detect);
  g_autoptr (GstStructure) ocr = get_stats (pipeline->ocr);
  g_autoptr (GstStructure) match = get_stats (pipeline->match);

  status->looked_at =
      sum_up (pipeline, SUM_LOOKED_AT, get_number (detect, "detections"));
  status->detections =
      sum_up (pipeline, SUM_DETECTIONS, get_number (detect, "plates"));
  status->reads = sum_up (pipeline, SUM_READS, get_number (ocr, "reads"));
  status->hits = sum_up (pipeline, SUM_HITS, get_number (match, "hits"));
  status->list_count = get_number (match, "lists");
  status->list_entries = get_number (match, "entries");
}

static void
take_keeping (AnprCameraPipeline *pipeline, AnprCameraStatus *status)
{
  g_autoptr (GstStructure) sink = get_stats (pipeline->sink);

  status->passages =
      sum_up (pipeline, SUM_PASSAGES, get_number (sink, "passages"));
  status->kept = sum_up (pipeline, SUM_KEPT, get_number (sink, "kept"));
  status->not_kept =
      sum_up (pipeline, SUM_NOT_KEPT, get_number (sink, "not-kept"))
      + sum_up (pipeline, SUM_DROPPED_PASSAGES, get_number (sink, "dropped"));
  status->waiting = get_number (sink, "waiting");
  status->spool_bytes = get_number (sink, "bytes");
  status->keeping =
      g_strcmp0 (gst_structure_get_string (sink, "state"), "keeping") == 0;
}

static void
take_rate (AnprCameraPipeline *pipeline, guint64 frames)
{
  gint64 now = g_get_monotonic_time ();

  if (pipeline->rate_begin && now - pipeline->rate_begin < RATE_TIME)
    return;
  if (pipeline->rate_begin)
    pipeline->fps =
        (frames - pipeline->rate_frames) / ((now - pipeline->rate_begin) / 1e6);
  pipeline->rate_begin = now;
  pipeline->rate_frames = frames;
}

/**
 * anpr_camera_pipeline_get_status:
 * @pipeline: a pipeline
 * @status: (inout): what is known of pictures, plates and keeping is set
 */
void
anpr_camera_pipeline_get_status (
    AnprCameraPipeline *pipeline, AnprCameraStatus *status)
{
  gint64 age = anpr_camera_pipeline_get_frame_age (pipeline);

  take_reading (pipeline, status);
  take_keeping (pipeline, status);
  g_mutex_lock (&pipeline->lock);
  status->frames_in = pipeline->frames_in;
  status->decoded = pipeline->decoded;
  status->dropped = pipeline->decoded
                    - MIN (pipeline->decoded,
                        pipeline->arrived + MIN (pipeline->waiting_frames, 8));
  status->sharpness = pipeline->health.sharpness;
  status->brightness = pipeline->health.brightness;
  status->contrast = pipeline->health.contrast;
  status->width = pipeline->width;
  status->height = pipeline->height;
  take_rate (pipeline, pipeline->arrived);
  g_mutex_unlock (&pipeline->lock);
  status->fps = pipeline->fps;
  status->frame_age_ms = age < 0 ? ANPR_FRAME_AGE_NONE : (guint64) age / 1000;
}
