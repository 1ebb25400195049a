/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/**
 * SECTION:element-platedetect
 * @title: platedetect
 * @short_description: finds number plates in video
 *
 * Finds the number plates of each frame and attaches them to its buffer as
 * #GstAnprMeta, each with a #GstVideoRegionOfInterestMeta of type
 * "license-plate" beside it. A frame without plates gets the meta too; its
 * field `detected` tells whether the frame was looked at.
 *
 * ## Examples
 * |[
 * gst-launch-1.0 filesrc location=sample.mp4 ! decodebin ! platedetect ! fakesink
 * ]|
 *
 * Any format whose first plane is 8-bit luma is taken and read where it lies:
 * pixels are never copied, converted or written to, also behind a tee.
 *
 * Plates are found by a network (docs/model-format.md) that comes with the
 * package. `model` names another one; the environment variable ANPR_MODELS names
 * another folder to find `detector.anprnet` in. A model that is missing, damaged
 * or no detector is an error ANPR-MODEL-FILE when the element goes to READY.
 *
 * The network sees plates best that are 20 to 90 pixels wide, so it looks at the
 * picture on several scales: plates from `min-plate-width` to 60 % of the frame
 * are found. Each candidate is looked at again by itself, on four scales in a
 * thorough look and two in a quick one; the confidence is the mean of all that.
 * Of real plates nearly all have 0.5 and more; plateocr and what follows judge
 * those below 0.62 by their text too. What is found and missed: docs/figures.md.
 * How to set it up for a site: docs/pipelines.md.
 *
 * A box belongs to its frame, so the work is done on the streaming thread
 * before the buffer goes on: that is the latency added. No thread is made. The
 * `stats` property tells what it costs.
 *
 * ## Which frames are looked at
 *
 * A picture by itself gets a thorough look: the first of a stream, one that
 * differs and comes half a second or more after the one before, or, once a
 * second, one that shows another scene. `interval=1` gives each frame one, for
 * pictures that have nothing to do with each other; `interval=N` each N-th, and
 * the others none.
 *
 * With `interval=0`, the default, video from a file or a camera is looked at as
 * is worth it:
 *
 * - Where something moves, plates are looked for four times a second; twice, if
 *   that takes a look as large as for several vehicles or a near one; once, if
 *   all that moves is within reach of one or two plates that are followed.
 *   At less than 10 frames a second, in each frame.
 * - Plates that were found are followed from frame to frame by closer looks.
 * - Plates that stay where they are for a second, of parked vehicles, are looked
 *   at twice a second. In between they are not attached.
 * - While nothing moves nothing is looked at. Noise is no movement.
 *
 * Each frame brings a budget of 56000 pixels of network input, from which all
 * this is paid: on average no frame takes more. (1080p and a core that decodes a
 * frame in 2.8 ms: at most 1.5 ms.) With more plates in view than the budget
 * allows each is looked at in turn. Thorough looks are beside it.
 *
 * `motion-gate=false` gives each frame a thorough look, the most that can be
 * found.
 *
 * What is looked at is decided by pictures and timestamps alone, so the same
 * input gives the same plates each time. No frame is dropped, ever: one not
 * looked at goes on with `detected` unset. Frames flagged as gap are not looked
 * at.
 *
 * Properties changed while playing take effect at the next buffer, which gets a
 * thorough look. `model` alone is read when the element goes to READY or PAUSED.
 *
 * `include` and `exclude` tell where the middle of a plate may lie; what moves
 * elsewhere is no reason to look. A polygon string that is not right gives a
 * warning ANPR-PROPERTY and is ignored.
 *
 * Frames whose memory cannot be read, or is shorter than its video meta says, go
 * on unseen; a warning ANPR-INPUT-FORMAT tells so once a stream.
 *
 * `stats` is a structure "platedetect-stats", counted from when the element went
 * to PAUSED:
 *
 * - frames (uint64): frames that came by
 * - detections (uint64): frames looked at
 * - skipped (uint64): frames not looked at
 * - plates (uint64): plates found in all
 * - network-pixels (uint64): pixels of input run through the network in all
 * - mean-time (double): microseconds a frame looked at took
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstplatedetect.h"
#include "platewatch.h"
#include "../meta/gstanprframe.h"
#include "../meta/gstanprpassing.h"
#include "../record/error.h"

GST_DEBUG_CATEGORY_STATIC (gst_plate_detect_debug);
#define GST_CAT_DEFAULT gst_plate_detect_debug

#define DEFAULT_MODEL NULL
#define DEFAULT_THRESHOLD 0.4
#define DEFAULT_MIN_PLATE_WIDTH 40
#define DEFAULT_INTERVAL 0
#define DEFAULT_MOTION_GATE TRUE
#define DEFAULT_INCLUDE NULL
#define DEFAULT_EXCLUDE NULL
#define DEFAULT_MAX_PLATES 16
#define DEFAULT_WHOLE_FRAME FALSE

#define MODEL_NAME "detector.anprnet"

/* A frame whose timestamp lies so far before that of the frame before, or is
 * not set while the frame rate is unknown, is the first of another stream */
#define LARGEST_STEP_BACK GST_SECOND

/* Time of a frame where the frame rate is unknown */
#define USUAL_DURATION (40 * GST_MSECOND)

enum {
  PROP_0,
  PROP_MODEL,
  PROP_THRESHOLD,
  PROP_MIN_PLATE_WIDTH,
  PROP_INTERVAL,
  PROP_MOTION_GATE,
  PROP_INCLUDE,
  PROP_EXCLUDE,
  PROP_MAX_PLATES,
  PROP_WHOLE_FRAME,
  PROP_STATS,
};

/* What the user sets and a buffer is worked on with; plain data */
typedef struct {
  AnprDetectOptions options;
  guint interval;
  gboolean motion_gate;
  gboolean whole_frame;
} Settings;

typedef struct {
  guint64 frames;
  guint64 detections;
  guint64 plates;
  guint64 network_pixels;
  gint64 time;
} Counts;

struct _GstPlateDetect {
  GstBaseTransform parent;

  /* under the object lock */
  gchar *model;
  gchar *include;
  gchar *exclude;
  Settings settings;
  gboolean settings_changed;
  Counts counts;

  /* of the streaming thread, and of state changes while there is none */
  AnprPlateWatch *watch;
  gchar *watch_model; /* file that watch was made with */
  GstVideoInfo info;
  gboolean live;
  gboolean live_known;
  AnprTimeline timeline;
  gboolean map_warned;
  guint since_look;
  GstClockTime last_pts;
  GstClockTime last_time; /* as the frames' times go on */
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("video/x-raw, format = (string) " GST_ANPR_LUMA_FORMATS
                     ", width = (int) [ 1, 8192 ], height = (int) [ 1, 8192 ]"
                     ", framerate = " GST_VIDEO_FPS_RANGE));

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("video/x-raw, format = (string) " GST_ANPR_LUMA_FORMATS
                     ", width = (int) [ 1, 8192 ], height = (int) [ 1, 8192 ]"
                     ", framerate = " GST_VIDEO_FPS_RANGE));

#define gst_plate_detect_parent_class parent_class
G_DEFINE_TYPE (GstPlateDetect, gst_plate_detect, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE (
    platedetect, "platedetect", GST_RANK_NONE, GST_TYPE_PLATE_DETECT)

static void gst_plate_detect_finalize (GObject *object);
static void gst_plate_detect_set_property (
    GObject *object, guint id, const GValue *value, GParamSpec *spec);
static void gst_plate_detect_get_property (
    GObject *object, guint id, GValue *value, GParamSpec *spec);
static GstStateChangeReturn gst_plate_detect_change_state (
    GstElement *element, GstStateChange transition);
static gboolean gst_plate_detect_start (GstBaseTransform *transform);
static gboolean gst_plate_detect_stop (GstBaseTransform *transform);
static gboolean gst_plate_detect_set_caps (
    GstBaseTransform *transform, GstCaps *in_caps, GstCaps *out_caps);
static gboolean gst_plate_detect_propose_allocation (
    GstBaseTransform *transform, GstQuery *decide_query, GstQuery *query);
static gboolean gst_plate_detect_sink_event (
    GstBaseTransform *transform, GstEvent *event);
static GstFlowReturn gst_plate_detect_prepare_output_buffer (
    GstBaseTransform *transform, GstBuffer *input, GstBuffer **output);
static GstFlowReturn gst_plate_detect_transform_ip (
    GstBaseTransform *transform, GstBuffer *buffer);

static void
install_string (GObjectClass *class, guint id, const gchar *name,
    const gchar *nick, const gchar *blurb, GParamFlags mutable)
{
  g_object_class_install_property (class, id,
      g_param_spec_string (name, nick, blurb, NULL,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | mutable));
}

static void
install_properties (GObjectClass *class)
{
  const GParamFlags flags =
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING;

  install_string (class, PROP_MODEL, "model", "Model",
      "File of the network that finds plates; unset for the installed one.",
      GST_PARAM_MUTABLE_READY);
  g_object_class_install_property (class, PROP_THRESHOLD,
      g_param_spec_double ("threshold", "Threshold",
          "Least confidence of a plate, 0 to 1; lower finds more plates and "
          "more of what is none.",
          0, 1, DEFAULT_THRESHOLD, flags));
  g_object_class_install_property (class, PROP_MIN_PLATE_WIDTH,
      g_param_spec_uint ("min-plate-width", "Least plate width",
          "Width of the narrowest plate to find, in pixels; larger is faster.",
          16, ANPR_MAX_SIDE, DEFAULT_MIN_PLATE_WIDTH, flags));
  g_object_class_install_property (class, PROP_INTERVAL,
      g_param_spec_uint ("interval", "Interval",
          "Give one frame in this many a thorough look and the others none; 0 "
          "to look as is worth it, within a budget.",
          0, 1000, DEFAULT_INTERVAL, flags));
  g_object_class_install_property (class, PROP_MOTION_GATE,
      g_param_spec_boolean ("motion-gate", "Motion gate",
          "With interval=0: look where something moves, and at plates in view. "
          "Unset to give each frame a thorough look.",
          DEFAULT_MOTION_GATE, flags));
  install_string (class, PROP_INCLUDE, "include", "Include",
      "Polygons in which the middle of a plate must lie, \"x,y x,y x,y; x,y "
      "...\" in parts of the frame, 0 to 1; unset for the whole frame.",
      GST_PARAM_MUTABLE_PLAYING);
  install_string (class, PROP_EXCLUDE, "exclude", "Exclude",
      "Polygons in which no plate is looked for, \"x,y x,y x,y; x,y ...\" in "
      "parts of the frame, 0 to 1.",
      GST_PARAM_MUTABLE_PLAYING);
  g_object_class_install_property (class, PROP_MAX_PLATES,
      g_param_spec_uint ("max-plates", "Most plates",
          "Most plates of one frame: those followed, then the likeliest.", 1,
          ANPR_DETECTOR_MAX_PLATES, DEFAULT_MAX_PLATES, flags));
  g_object_class_install_property (class, PROP_WHOLE_FRAME,
      g_param_spec_boolean ("whole-frame", "Whole frame",
          "Every frame is one plate, cut out already: nothing is looked for.",
          DEFAULT_WHOLE_FRAME, flags));
  g_object_class_install_property (class, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "Frames, detections, skipped frames, plates, pixels of network "
          "input, "
          "and the mean time a detection takes in microseconds.",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
gst_plate_detect_class_init (GstPlateDetectClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GstElementClass *element_class = GST_ELEMENT_CLASS (class);
  GstBaseTransformClass *transform_class = GST_BASE_TRANSFORM_CLASS (class);

  GST_DEBUG_CATEGORY_INIT (
      gst_plate_detect_debug, "platedetect", 0, "number plate detector");

  object_class->finalize = gst_plate_detect_finalize;
  object_class->set_property = gst_plate_detect_set_property;
  object_class->get_property = gst_plate_detect_get_property;
  install_properties (object_class);

  gst_element_class_set_static_metadata (element_class, "Number plate detector",
      "Filter/Analyzer/Video",
      "Finds number plates and attaches them to the frame", "gst-anpr");
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  element_class->change_state =
      GST_DEBUG_FUNCPTR (gst_plate_detect_change_state);

  transform_class->start = GST_DEBUG_FUNCPTR (gst_plate_detect_start);
  transform_class->stop = GST_DEBUG_FUNCPTR (gst_plate_detect_stop);
  transform_class->set_caps = GST_DEBUG_FUNCPTR (gst_plate_detect_set_caps);
  transform_class->propose_allocation =
      GST_DEBUG_FUNCPTR (gst_plate_detect_propose_allocation);
  transform_class->sink_event = GST_DEBUG_FUNCPTR (gst_plate_detect_sink_event);
  transform_class->prepare_output_buffer =
      GST_DEBUG_FUNCPTR (gst_plate_detect_prepare_output_buffer);
  transform_class->transform_ip =
      GST_DEBUG_FUNCPTR (gst_plate_detect_transform_ip);
  transform_class->transform_ip_on_passthrough = FALSE;
}

static void
gst_plate_detect_init (GstPlateDetect *self)
{
  GstBaseTransform *transform = GST_BASE_TRANSFORM (self);

  self->model = g_strdup (DEFAULT_MODEL);
  self->include = g_strdup (DEFAULT_INCLUDE);
  self->exclude = g_strdup (DEFAULT_EXCLUDE);
  self->settings = (Settings) {
    .options = {
      .threshold = DEFAULT_THRESHOLD,
      .min_plate_width = DEFAULT_MIN_PLATE_WIDTH,
      .max_plates = DEFAULT_MAX_PLATES,
    },
    .interval = DEFAULT_INTERVAL,
    .motion_gate = DEFAULT_MOTION_GATE,
    .whole_frame = DEFAULT_WHOLE_FRAME,
  };
  gst_base_transform_set_in_place (transform, TRUE);
  gst_base_transform_set_passthrough (transform, FALSE);
  /* every frame goes on, late or not: it is evidence */
  gst_base_transform_set_qos_enabled (transform, FALSE);
  gst_base_transform_set_gap_aware (transform, TRUE);
}

static void
gst_plate_detect_finalize (GObject *object)
{
  GstPlateDetect *self = GST_PLATE_DETECT (object);

  anpr_plate_watch_free (self->watch);
  g_free (self->watch_model);
  g_free (self->model);
  g_free (self->include);
  g_free (self->exclude);
  G_OBJECT_CLASS (parent_class)->finalize (object);
}

static void
set_polygons (GstPlateDetect *self, const gchar *text, gchar **kept_text,
    AnprPolygons *kept)
{
  g_autoptr (GError) error = NULL;
  AnprPolygons polygons;

  if (!anpr_polygons_parse (text, &polygons, &error)) {
    gst_anpr_element_warn (GST_ELEMENT (self), error, "ignoring it");
    return;
  }
  GST_OBJECT_LOCK (self);
  g_free (*kept_text);
  *kept_text = g_strdup (text);
  *kept = polygons;
  self->settings_changed = TRUE;
  GST_OBJECT_UNLOCK (self);
}

static void
set_plain_property (GstPlateDetect *self, guint id, const GValue *value)
{
  Settings *settings = &self->settings;

  switch (id) {
    case PROP_MODEL:
      g_free (self->model);
      self->model = g_value_dup_string (value);
      break;
    case PROP_THRESHOLD:
      settings->options.threshold = g_value_get_double (value);
      break;
    case PROP_MIN_PLATE_WIDTH:
      settings->options.min_plate_width = g_value_get_uint (value);
      break;
    case PROP_INTERVAL:
      settings->interval = g_value_get_uint (value);
      break;
    case PROP_MOTION_GATE:
      settings->motion_gate = g_value_get_boolean (value);
      break;
    case PROP_MAX_PLATES:
      settings->options.max_plates = g_value_get_uint (value);
      break;
    case PROP_WHOLE_FRAME:
      settings->whole_frame = g_value_get_boolean (value);
      break;
  }
}

static void
gst_plate_detect_set_property (
    GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  GstPlateDetect *self = GST_PLATE_DETECT (object);

  switch (id) {
    case PROP_INCLUDE:
      set_polygons (self, g_value_get_string (value), &self->include,
          &self->settings.options.include);
      break;
    case PROP_EXCLUDE:
      set_polygons (self, g_value_get_string (value), &self->exclude,
          &self->settings.options.exclude);
      break;
    case PROP_MODEL:
    case PROP_THRESHOLD:
    case PROP_MIN_PLATE_WIDTH:
    case PROP_INTERVAL:
    case PROP_MOTION_GATE:
    case PROP_MAX_PLATES:
    case PROP_WHOLE_FRAME:
      GST_OBJECT_LOCK (self);
      set_plain_property (self, id, value);
      self->settings_changed = TRUE;
      GST_OBJECT_UNLOCK (self);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
      break;
  }
}

static GstStructure *
stats_of (const Counts *counts)
{
  gdouble mean =
      counts->detections > 0 ? (gdouble) counts->time / counts->detections : 0;

  return gst_structure_new ("platedetect-stats", "frames", G_TYPE_UINT64,
      counts->frames, "detections", G_TYPE_UINT64, counts->detections,
      "skipped", G_TYPE_UINT64, counts->frames - counts->detections, "plates",
      G_TYPE_UINT64, counts->plates, "network-pixels", G_TYPE_UINT64,
      counts->network_pixels, "mean-time", G_TYPE_DOUBLE, mean, NULL);
}

static void
gst_plate_detect_get_property (
    GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  GstPlateDetect *self = GST_PLATE_DETECT (object);
  const Settings *settings = &self->settings;

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_MODEL:
      g_value_set_string (value, self->model);
      break;
    case PROP_THRESHOLD:
      g_value_set_double (value, settings->options.threshold);
      break;
    case PROP_MIN_PLATE_WIDTH:
      g_value_set_uint (value, settings->options.min_plate_width);
      break;
    case PROP_INTERVAL:
      g_value_set_uint (value, settings->interval);
      break;
    case PROP_MOTION_GATE:
      g_value_set_boolean (value, settings->motion_gate);
      break;
    case PROP_INCLUDE:
      g_value_set_string (value, self->include);
      break;
    case PROP_EXCLUDE:
      g_value_set_string (value, self->exclude);
      break;
    case PROP_MAX_PLATES:
      g_value_set_uint (value, settings->options.max_plates);
      break;
    case PROP_WHOLE_FRAME:
      g_value_set_boolean (value, settings->whole_frame);
      break;
    case PROP_STATS:
      g_value_take_boxed (value, stats_of (&self->counts));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

/* Returns: (transfer full): the model's file, whether it is there or not */
static gchar *
find_model (GstPlateDetect *self)
{
  gchar *path;

  GST_OBJECT_LOCK (self);
  path = anpr_model_find (self->model, MODEL_NAME);
  GST_OBJECT_UNLOCK (self);
  return path;
}

static void
drop_model (GstPlateDetect *self)
{
  g_clear_pointer (&self->watch, anpr_plate_watch_free);
  g_clear_pointer (&self->watch_model, g_free);
}

/* Loads the model, if it is not the one that is loaded */
static gboolean
take_model (GstPlateDetect *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnprModel) model = NULL;
  g_autofree gchar *path = find_model (self);

  if (self->watch && g_str_equal (path, self->watch_model))
    return TRUE;
  drop_model (self);
  model = anpr_model_load (path, ANPR_MODEL_DETECTOR, &error);
  if (model)
    self->watch = anpr_plate_watch_new (model, &error);
  if (self->watch) {
    self->watch_model = g_steal_pointer (&path);
    return TRUE;
  }
  GST_ELEMENT_ERROR_WITH_DETAILS (self, RESOURCE, SETTINGS,
      ("[%s] %s", anpr_error_name (error), error->message),
      ("%s", anpr_error_code_advice (error->code)),
      ("code", G_TYPE_STRING, anpr_error_name (error), NULL));
  return FALSE;
}

static GstStateChangeReturn
gst_plate_detect_change_state (GstElement *element, GstStateChange transition)
{
  GstPlateDetect *self = GST_PLATE_DETECT (element);
  GstStateChangeReturn result;

  if (transition == GST_STATE_CHANGE_NULL_TO_READY && !take_model (self))
    return GST_STATE_CHANGE_FAILURE;
  result = GST_ELEMENT_CLASS (parent_class)->change_state (element, transition);
  if (transition == GST_STATE_CHANGE_READY_TO_NULL)
    drop_model (self);
  return result;
}

/* The next frame is no successor of the last one */
static void
forget_picture (GstPlateDetect *self)
{
  if (self->watch)
    anpr_plate_watch_forget (self->watch);
  self->last_pts = GST_CLOCK_TIME_NONE;
  self->last_time = GST_CLOCK_TIME_NONE;
}

/* And it is to be looked at, whatever the interval */
static void
start_over (GstPlateDetect *self)
{
  forget_picture (self);
  self->since_look = 0;
}

static void
forget_stream (GstPlateDetect *self)
{
  start_over (self);
  self->live_known = FALSE;
  anpr_timeline_restart (&self->timeline);
  self->map_warned = FALSE;
}

static gboolean
gst_plate_detect_start (GstBaseTransform *transform)
{
  GstPlateDetect *self = GST_PLATE_DETECT (transform);

  /* another one may have been set in READY */
  if (!take_model (self))
    return FALSE;
  gst_video_info_init (&self->info);
  forget_stream (self);
  GST_OBJECT_LOCK (self);
  self->counts = (Counts){ 0 };
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

static gboolean
gst_plate_detect_stop (GstBaseTransform *transform)
{
  GstPlateDetect *self = GST_PLATE_DETECT (transform);

  forget_stream (self);
  return TRUE;
}

static gboolean
gst_plate_detect_set_caps (
    GstBaseTransform *transform, GstCaps *in_caps, GstCaps *out_caps)
{
  GstPlateDetect *self = GST_PLATE_DETECT (transform);

  GST_DEBUG_OBJECT (self, "caps %" GST_PTR_FORMAT, in_caps);
  start_over (self);
  return gst_video_info_from_caps (&self->info, in_caps);
}

static gboolean
gst_plate_detect_propose_allocation (
    GstBaseTransform *transform, GstQuery *decide_query, GstQuery *query)
{
  if (!GST_BASE_TRANSFORM_CLASS (parent_class)
           ->propose_allocation (transform, decide_query, query))
    return FALSE;
  if (!gst_query_find_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL))
    gst_query_add_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL);
  return TRUE;
}

static gboolean
gst_plate_detect_sink_event (GstBaseTransform *transform, GstEvent *event)
{
  GstPlateDetect *self = GST_PLATE_DETECT (transform);

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_STREAM_START:
      forget_stream (self);
      break;
    case GST_EVENT_FLUSH_STOP:
      start_over (self);
      break;
    default:
      break;
  }
  return GST_BASE_TRANSFORM_CLASS (parent_class)->sink_event (transform, event);
}

/* A buffer that others hold too gets a twin with the same memory: only the
 * metadata is new */
static GstFlowReturn
gst_plate_detect_prepare_output_buffer (
    GstBaseTransform *transform, GstBuffer *input, GstBuffer **output)
{
  *output = gst_buffer_is_writable (input) ? input : gst_buffer_copy (input);
  return GST_FLOW_OK;
}

static void
add_plate (GstAnprMeta *meta, GstBuffer *buffer, const AnprDetection *found)
{
  AnprPlate *plate = anpr_plate_new (&found->box, found->score);

  plate->quad = found->quad;
  gst_anpr_meta_add_plate (meta, buffer, plate);
}

static guint
add_whole_frame (GstPlateDetect *self, GstAnprMeta *meta, GstBuffer *buffer)
{
  AnprDetection whole = {
    .box = { 0, 0, GST_VIDEO_INFO_WIDTH (&self->info),
        GST_VIDEO_INFO_HEIGHT (&self->info) },
    .score = 1,
  };

  anpr_quad_from_box (&whole.quad, &whole.box);
  add_plate (meta, buffer, &whole);
  return 1;
}

static guint64
frame_duration (const GstPlateDetect *self)
{
  gint n = GST_VIDEO_INFO_FPS_N (&self->info);
  gint d = GST_VIDEO_INFO_FPS_D (&self->info);

  return n > 0 ? gst_util_uint64_scale_int (GST_SECOND, d, n) : USUAL_DURATION;
}

/* Whether a frame is no successor of the one before */
static gboolean
begins_anew (const GstPlateDetect *self, GstClockTime pts)
{
  if (!GST_CLOCK_TIME_IS_VALID (pts))
    return GST_VIDEO_INFO_FPS_N (&self->info) == 0;
  return GST_CLOCK_TIME_IS_VALID (self->last_pts)
         && pts + LARGEST_STEP_BACK < self->last_pts;
}

/* The frame's time, later than that of the frame before: where timestamps do
 * not go on, it goes on by the frame rate */
static GstClockTime
take_time (GstPlateDetect *self, const GstBuffer *buffer)
{
  GstClockTime pts = GST_BUFFER_PTS (buffer);
  GstClockTime next;

  if (begins_anew (self, pts))
    forget_picture (self);
  next = GST_CLOCK_TIME_IS_VALID (self->last_time)
             ? self->last_time + frame_duration (self)
             : 0;
  if (GST_CLOCK_TIME_IS_VALID (pts)
      && (!GST_CLOCK_TIME_IS_VALID (self->last_time) || pts > self->last_time))
    next = pts;
  self->last_pts = pts;
  self->last_time = next;
  return next;
}

static gboolean
is_due (GstPlateDetect *self, const Settings *settings)
{
  gboolean due = settings->interval == 0 || self->since_look == 0;

  if (settings->interval > 0)
    self->since_look = (self->since_look + 1) % settings->interval;
  return due;
}

/* The picture as large as the caps say: a video meta may count padding in. FALSE
 * if it tells of more than there is memory. */
static gboolean
take_luma (
    const GstPlateDetect *self, const GstVideoFrame *frame, AnprLuma *luma)
{
  const GstMapInfo *map = &frame->map[0];
  const guint8 *pixels = GST_VIDEO_FRAME_PLANE_DATA (frame, 0);
  gint stride = GST_VIDEO_FRAME_PLANE_STRIDE (frame, 0);
  gint width = GST_VIDEO_INFO_WIDTH (&self->info);
  gint height = GST_VIDEO_INFO_HEIGHT (&self->info);

  if (stride < width
      || (height - 1) * (gsize) stride + width
             > (gsize) (map->data + map->size - pixels))
    return FALSE;
  *luma = (AnprLuma){ pixels, stride, width, height };
  return TRUE;
}

static guint
find_plates (GstPlateDetect *self, const Settings *settings,
    const AnprLuma *luma, GstAnprMeta *meta, GstBuffer *buffer)
{
  AnprDetection found[ANPR_DETECTOR_MAX_PLATES];
  AnprWatchMode mode = settings->interval == 0 && settings->motion_gate
                           ? ANPR_WATCH_SPARING
                           : ANPR_WATCH_THOROUGH;
  GstClockTime time = take_time (self, buffer);
  guint n_found;

  if (!is_due (self, settings))
    return 0;
  n_found = anpr_plate_watch_next (self->watch, luma, time, mode,
      &settings->options, &meta->detected, found, ANPR_DETECTOR_MAX_PLATES);
  for (guint i = 0; i < n_found; i++)
    add_plate (meta, buffer, &found[i]);
  return n_found;
}

static void
count_frame (GstPlateDetect *self, gboolean looked, guint n_plates,
    guint64 network_pixels, gint64 time)
{
  GST_OBJECT_LOCK (self);
  self->counts.frames++;
  self->counts.detections += looked;
  self->counts.plates += n_plates;
  self->counts.network_pixels += network_pixels;
  self->counts.time += time;
  GST_OBJECT_UNLOCK (self);
}

/* Once a stream: a source whose frames cannot be read stays so */
static void
warn_unmapped (GstPlateDetect *self)
{
  g_autoptr (GError) error = NULL;

  if (self->map_warned)
    return;
  self->map_warned = TRUE;
  g_set_error (&error, ANPR_ERROR, ANPR_ERROR_INPUT_FORMAT,
      "a frame's memory cannot be read");
  gst_anpr_element_warn (GST_ELEMENT (self), error,
      "passing such frames on without looking at them");
}

static guint
look_at_memory (GstPlateDetect *self, const Settings *settings,
    GstAnprMeta *meta, GstBuffer *buffer)
{
  guint n_plates = 0;
  GstVideoFrame frame;
  AnprLuma luma;

  if (!gst_video_frame_map (&frame, &self->info, buffer,
          GST_MAP_READ | GST_VIDEO_FRAME_MAP_FLAG_NO_REF)) {
    warn_unmapped (self);
    return 0;
  }
  if (take_luma (self, &frame, &luma))
    n_plates = find_plates (self, settings, &luma, meta, buffer);
  else
    warn_unmapped (self);
  gst_video_frame_unmap (&frame);
  return n_plates;
}

static void
look_at_frame (GstPlateDetect *self, const Settings *settings,
    GstAnprMeta *meta, GstBuffer *buffer)
{
  gint64 begin = g_get_monotonic_time ();
  guint64 cost = anpr_plate_watch_get_cost (self->watch);
  guint n_plates;

  meta->detected = FALSE;
  if (settings->whole_frame) {
    n_plates = add_whole_frame (self, meta, buffer);
    meta->detected = TRUE;
  } else {
    n_plates = look_at_memory (self, settings, meta, buffer);
  }
  count_frame (self, meta->detected, n_plates,
      anpr_plate_watch_get_cost (self->watch) - cost,
      meta->detected ? g_get_monotonic_time () - begin : 0);
  GST_LOG_OBJECT (self, "%u plates, looked %d", n_plates, meta->detected);
}

/* What was seen with other settings tells nothing about what is seen now */
static void
take_settings (GstPlateDetect *self, Settings *settings)
{
  gboolean changed;

  GST_OBJECT_LOCK (self);
  *settings = self->settings;
  changed = self->settings_changed;
  self->settings_changed = FALSE;
  GST_OBJECT_UNLOCK (self);
  if (changed)
    start_over (self);
}

static GstFlowReturn
gst_plate_detect_transform_ip (GstBaseTransform *transform, GstBuffer *buffer)
{
  GstPlateDetect *self = GST_PLATE_DETECT (transform);
  GstAnprMeta *meta = gst_anpr_buffer_ensure_meta (buffer, &self->info);
  Settings settings;

  take_settings (self, &settings);
  if (!self->live_known) {
    self->live = gst_anpr_pad_is_live (GST_BASE_TRANSFORM_SINK_PAD (transform));
    self->live_known = TRUE;
    GST_INFO_OBJECT (self, "%s stream", self->live ? "live" : "stored");
  }
  gst_anpr_timeline_see_now (&self->timeline, GST_ELEMENT (self),
      &transform->segment, buffer, self->live, &meta->moment);
  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP))
    count_frame (self, FALSE, 0, 0, 0);
  else
    look_at_frame (self, &settings, meta, buffer);
  return GST_FLOW_OK;
}
