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
 * The detector is built in and works without a network: it looks for rows of
 * characters on a plate by their edges. Plates are found from about 40 pixels
 * to most of the frame in width. Text that is not a plate, such as signs and
 * lettering on vehicles, is found too at times: the reader behind tells them
 * apart. On 389 pictures of European, Brazilian and American vehicles with 426
 * plates it finds 87 % of the plates (intersection over union of 0.5 or more)
 * with 0.9 boxes a picture that are none, or are on no list; on daylight
 * pictures of European cars nearly all. (It was developed while looking at the
 * same pictures, so expect less of others.) It is weakest on small, blurred
 * plates by night and on plates hidden in part. The `model` property is the
 * place for a trained network; this version has no runtime for one, so a set
 * model is an error when the element goes to READY.
 *
 * A box belongs to its frame, so the work is done on the streaming thread
 * before the buffer goes on: that is the latency added, about 6 ms for a 1080p
 * frame; docs/figures.md has the measurement. No thread is made. The `stats` property
 * tells what it costs.
 *
 * Which frames are looked at, with `interval=0`: of files and pictures every
 * one, so the same input gives the same plates each time. Of a live stream
 * every one while there was a plate or something moved within the last 25
 * frames, else every fifth. `motion-gate` leaves out frames of live streams in
 * which nothing has changed since one without plates was looked at. No frame is
 * dropped, ever: one not looked at goes on with `detected` unset. Frames flagged
 * as gap are not looked at.
 *
 * Properties changed while playing take effect at the next buffer. A polygon
 * string that is not right gives a warning ANPR-PROPERTY and is ignored.
 *
 * `stats` is a structure "platedetect-stats" with the uint64
 * fields frames (that came by), detections (frames looked at), skipped (frames
 * not looked at) and plates (found in all), and mean-time (microseconds a frame
 * looked at, a double).
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstplatedetect.h"
#include "motiongate.h"
#include "platedetector.h"
#include "../inference/modelfile.h"
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

/* interval=0 on a live stream: frames without plate or movement after which
 * only each IDLE_INTERVAL-th is looked at */
#define IDLE_AFTER 25
#define IDLE_INTERVAL 5

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

  /* of the streaming thread */
  AnprPlateDetector *detector;
  AnprMotionGate gate;
  GstVideoInfo info;
  gboolean live;
  gboolean live_known;
  gint64 file_epoch;
  gboolean map_warned;
  gboolean found_last;
  guint since_look;
  guint since_event;
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
      "File of a trained network; unset for the built-in detector, the only "
      "one this version can run.",
      GST_PARAM_MUTABLE_READY);
  g_object_class_install_property (class, PROP_THRESHOLD,
      g_param_spec_double ("threshold", "Threshold",
          "Least confidence of a plate, 0 to 1; lower finds more plates and "
          "more of what is none.",
          0, 1, DEFAULT_THRESHOLD, flags));
  g_object_class_install_property (class, PROP_MIN_PLATE_WIDTH,
      g_param_spec_uint ("min-plate-width", "Least plate width",
          "Width of the narrowest plate to find, in pixels; larger is faster.",
          16, ANPR_DETECTOR_MAX_SIDE, DEFAULT_MIN_PLATE_WIDTH, flags));
  g_object_class_install_property (class, PROP_INTERVAL,
      g_param_spec_uint ("interval", "Interval",
          "Look at one frame in this many; 0 for every one of a file, and of a "
          "live stream as many as are worth it.",
          0, 1000, DEFAULT_INTERVAL, flags));
  g_object_class_install_property (class, PROP_MOTION_GATE,
      g_param_spec_boolean ("motion-gate", "Motion gate",
          "Leave out frames of a live stream that have not changed since one "
          "without plates.",
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
          "Most plates of one frame; the likeliest are kept.", 1,
          ANPR_DETECTOR_MAX_PLATES, DEFAULT_MAX_PLATES, flags));
  g_object_class_install_property (class, PROP_WHOLE_FRAME,
      g_param_spec_boolean ("whole-frame", "Whole frame",
          "Every frame is one plate, cut out already: nothing is looked for.",
          DEFAULT_WHOLE_FRAME, flags));
  g_object_class_install_property (class, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "Frames, detections, skipped frames, plates, and the mean time a "
          "detection takes in microseconds.",
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
      "Finds number plates and attaches them to the frame",
      "gst-anpr developers");
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
      G_TYPE_UINT64, counts->plates, "mean-time", G_TYPE_DOUBLE, mean, NULL);
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

/* A whole model is refused too: nothing here can run it, and going on without
 * it would look as if it did */
static gboolean
check_model (GstPlateDetect *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnprModel) network = NULL;
  g_autofree gchar *model = NULL;

  GST_OBJECT_LOCK (self);
  model = g_strdup (self->model);
  GST_OBJECT_UNLOCK (self);
  if (!model || !*model)
    return TRUE;
  network = anpr_model_load (model, ANPR_MODEL_DETECTOR, &error);
  if (network)
    g_set_error (&error, ANPR_ERROR, ANPR_ERROR_MODEL_FILE,
        "model \"%s\" is right, but this version cannot run networks", model);
  GST_ELEMENT_ERROR_WITH_DETAILS (self, RESOURCE, SETTINGS,
      ("[%s] %s", anpr_error_name (error), error->message),
      ("%s", anpr_error_code_advice (error->code)),
      ("code", G_TYPE_STRING, anpr_error_name (error), NULL));
  return FALSE;
}

static GstStateChangeReturn
gst_plate_detect_change_state (GstElement *element, GstStateChange transition)
{
  if (transition == GST_STATE_CHANGE_NULL_TO_READY
      && !check_model (GST_PLATE_DETECT (element)))
    return GST_STATE_CHANGE_FAILURE;
  return GST_ELEMENT_CLASS (parent_class)->change_state (element, transition);
}

static void
forget_picture (GstPlateDetect *self)
{
  anpr_motion_gate_clear (&self->gate);
  self->found_last = FALSE;
  self->since_look = 0;
  self->since_event = 0;
}

static void
forget_stream (GstPlateDetect *self)
{
  forget_picture (self);
  self->live_known = FALSE;
  self->file_epoch = 0;
  self->map_warned = FALSE;
}

static gboolean
gst_plate_detect_start (GstBaseTransform *transform)
{
  GstPlateDetect *self = GST_PLATE_DETECT (transform);

  self->detector = anpr_plate_detector_new ();
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

  g_clear_pointer (&self->detector, anpr_plate_detector_free);
  forget_stream (self);
  return TRUE;
}

static gboolean
gst_plate_detect_set_caps (
    GstBaseTransform *transform, GstCaps *in_caps, GstCaps *out_caps)
{
  GstPlateDetect *self = GST_PLATE_DETECT (transform);

  GST_DEBUG_OBJECT (self, "caps %" GST_PTR_FORMAT, in_caps);
  forget_picture (self);
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
      forget_picture (self);
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

static guint
find_plates (GstPlateDetect *self, const Settings *settings,
    const GstVideoFrame *frame, GstAnprMeta *meta, GstBuffer *buffer)
{
  AnprDetection found[ANPR_DETECTOR_MAX_PLATES];
  guint n_found = anpr_plate_detector_find (self->detector,
      GST_VIDEO_FRAME_PLANE_DATA (frame, 0),
      GST_VIDEO_FRAME_PLANE_STRIDE (frame, 0), GST_VIDEO_FRAME_WIDTH (frame),
      GST_VIDEO_FRAME_HEIGHT (frame), &settings->options, found,
      ANPR_DETECTOR_MAX_PLATES);

  for (guint i = 0; i < n_found; i++)
    add_plate (meta, buffer, &found[i]);
  return n_found;
}

/* Whether the interval says so; @moved: since the last look */
static gboolean
is_due (const GstPlateDetect *self, const Settings *settings, gboolean moved)
{
  if (settings->interval > 0)
    return self->since_look + 1 >= settings->interval;
  return moved || self->since_event < IDLE_AFTER
         || self->since_look + 1 >= IDLE_INTERVAL;
}

/* Whether to look at this frame of a live stream, and what there is to remember
 * about it */
static gboolean
live_frame_is_due (
    GstPlateDetect *self, const Settings *settings, const GstVideoFrame *frame)
{
  gboolean moved = anpr_motion_gate_changed (&self->gate,
      GST_VIDEO_FRAME_PLANE_DATA (frame, 0),
      GST_VIDEO_FRAME_PLANE_STRIDE (frame, 0), GST_VIDEO_FRAME_WIDTH (frame),
      GST_VIDEO_FRAME_HEIGHT (frame));

  if (moved || self->found_last)
    self->since_event = 0;
  else
    self->since_event = MIN (self->since_event + 1, IDLE_AFTER);
  if (settings->motion_gate && !moved && !self->found_last)
    return FALSE;
  if (!is_due (self, settings, moved))
    return FALSE;
  anpr_motion_gate_look (&self->gate, GST_VIDEO_FRAME_PLANE_DATA (frame, 0),
      GST_VIDEO_FRAME_PLANE_STRIDE (frame, 0), GST_VIDEO_FRAME_WIDTH (frame),
      GST_VIDEO_FRAME_HEIGHT (frame));
  return TRUE;
}

static gboolean
frame_is_due (
    GstPlateDetect *self, const Settings *settings, const GstVideoFrame *frame)
{
  gboolean due;

  if (self->live)
    due = live_frame_is_due (self, settings, frame);
  else
    due = settings->interval == 0 || self->since_look == 0;
  if (self->live)
    self->since_look = due ? 0 : self->since_look + 1;
  else if (settings->interval > 0)
    self->since_look = (self->since_look + 1) % settings->interval;
  return due;
}

static void
count_frame (GstPlateDetect *self, gboolean looked, guint n_plates, gint64 time)
{
  GST_OBJECT_LOCK (self);
  self->counts.frames++;
  self->counts.detections += looked;
  self->counts.plates += n_plates;
  self->counts.time += time;
  GST_OBJECT_UNLOCK (self);
}

/* Once a stream: a source that cannot be mapped stays so */
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

static void
look_at_frame (GstPlateDetect *self, const Settings *settings,
    GstAnprMeta *meta, GstBuffer *buffer)
{
  gint64 begin = g_get_monotonic_time ();
  gboolean looked = FALSE;
  guint n_plates = 0;
  GstVideoFrame frame;

  if (settings->whole_frame) {
    n_plates = add_whole_frame (self, meta, buffer);
    looked = TRUE;
  } else if (gst_video_frame_map (&frame, &self->info, buffer,
                 GST_MAP_READ | GST_VIDEO_FRAME_MAP_FLAG_NO_REF)) {
    looked = frame_is_due (self, settings, &frame);
    if (looked) {
      n_plates = find_plates (self, settings, &frame, meta, buffer);
      self->found_last = n_plates > 0;
    }
    gst_video_frame_unmap (&frame);
  } else {
    warn_unmapped (self);
  }
  meta->detected = looked;
  count_frame (
      self, looked, n_plates, looked ? g_get_monotonic_time () - begin : 0);
  GST_LOG_OBJECT (self, "%u plates, looked %d", n_plates, looked);
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
    forget_picture (self);
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
  gst_anpr_moment_init (&meta->moment, GST_ELEMENT (self), &transform->segment,
      buffer, self->live, &self->file_epoch);
  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP))
    count_frame (self, FALSE, 0, 0);
  else
    look_at_frame (self, &settings, meta, buffer);
  return GST_FLOW_OK;
}
