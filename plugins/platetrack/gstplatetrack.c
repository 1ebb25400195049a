/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/**
 * SECTION:element-platetrack
 * @title: platetrack
 * @short_description: follow plates from frame to frame, one passage a vehicle
 *
 * Follows the plates that platedetect (or another detector) attached as
 * #GstAnprMeta and gives each a track id, a track state and the passage of its
 * vehicle. It looks at no pixel, so it takes any caps and works behind an
 * encoder too.
 *
 * ## Example
 * |[
 * gst-launch-1.0 -m filesrc location=sample.mp4 ! decodebin ! platedetect ! platetrack ! plateocr ! fakesink
 * ]|
 * shows `anpr-read` and `anpr-passage` messages.
 *
 * ## What it attaches
 * Each plate gets `track_id`, `track_state` (new, update) and, once it was seen
 * in #platetrack:min-reads frames, `passage`. When a vehicle is gone its last
 * plate is attached once more with state lost, and a serialised "closing" event
 * for its passage follows its last buffer. At EOS and when the caps change all
 * passages are closed so.
 *
 * A vehicle without a text is gone when it has not been seen for
 * #platetrack:max-gap. One with a text may only be hidden: it is waited for
 * until #platetrack:max-absence. Nobody waits for the text, nor for a hit: these
 * were told when they were read. What waits is the end of the passage, and with
 * it the record that is kept.
 *
 * ## One vehicle, one passage
 * Where a plate can be in a frame is told by how it moved; all plates of a
 * frame are given to tracks at once, at the greatest likelihood. A vehicle that
 * was hidden or jumped and is read again within #platetrack:max-absence goes on
 * as the passage it was, wherever it comes back. What nobody could read is
 * a passage only if it went its own width by itself: not a railing, nor
 * lettering that keeps its place beside a plate that was read.
 *
 * ## Direction
 * With #platetrack:direction-line a plate that crosses the line from its left
 * to its right, seen from the line's first point, travels `in`. Without it a
 * plate that grows by 1.15 over its passage travels `in` and one that shrinks
 * so `out`; of others those that go 1.5 widths down the picture travel `in`, up
 * `out`. A plate that does none of this is `unknown`.
 *
 * ## Messages
 * `anpr-passage`, but only when it is the last of the elements in its chain;
 * see plateocr for the fields.
 *
 * ## Bounds, threads, latency
 * Works on the streaming thread, some microseconds a plate; adds no latency,
 * makes no thread. At most 64 vehicles are followed at once; more plates stay
 * without a track and are counted in #platetrack:stats.
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstplatetrack.h"
#include "tracker.h"
#include "../meta/gstanprframe.h"
#include "../meta/gstanprpassing.h"
#include "../record/error.h"

GST_DEBUG_CATEGORY_STATIC (gst_plate_track_debug);
#define GST_CAT_DEFAULT gst_plate_track_debug

#define DEFAULT_MAX_GAP 1000
#define DEFAULT_MAX_ABSENCE 6000
#define DEFAULT_MIN_READS 2
#define DEFAULT_DIRECTION_LINE NULL

enum {
  PROP_0,
  PROP_MAX_GAP,
  PROP_MAX_ABSENCE,
  PROP_MIN_READS,
  PROP_DIRECTION_LINE,
  PROP_STATS,
};

struct _GstPlateTrack {
  GstBaseTransform parent;

  /* object lock: set by any thread, read at each buffer */
  guint max_gap;
  guint max_absence;
  guint min_reads;
  gchar *direction_line;
  AnprDirectionLine line;
  guint64 n_frames;
  guint64 n_plates;
  guint64 n_passages;
  guint n_tracks;
  guint64 n_dropped;

  /* streaming thread */
  AnprTracker *tracker;
  GPtrArray *closing; /* AnprPlate, events not sent yet */
  guint64 now;
  gboolean live;
  AnprTimeline timeline;
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

#define gst_plate_track_parent_class parent_class
G_DEFINE_FINAL_TYPE (GstPlateTrack, gst_plate_track, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE (
    platetrack, "platetrack", GST_RANK_NONE, GST_TYPE_PLATE_TRACK)

static void gst_plate_track_finalize (GObject *object);
static void gst_plate_track_set_property (
    GObject *object, guint id, const GValue *value, GParamSpec *spec);
static void gst_plate_track_get_property (
    GObject *object, guint id, GValue *value, GParamSpec *spec);
static gboolean gst_plate_track_start (GstBaseTransform *base);
static gboolean gst_plate_track_stop (GstBaseTransform *base);
static gboolean gst_plate_track_set_caps (
    GstBaseTransform *base, GstCaps *in, GstCaps *out);
static gboolean gst_plate_track_sink_event (
    GstBaseTransform *base, GstEvent *event);
static GstFlowReturn gst_plate_track_transform_ip (
    GstBaseTransform *base, GstBuffer *buffer);

static void
gst_plate_track_class_init (GstPlateTrackClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseTransformClass *base_class = GST_BASE_TRANSFORM_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (
      gst_plate_track_debug, "platetrack", 0, "Plate tracker");

  object_class->finalize = gst_plate_track_finalize;
  object_class->set_property = gst_plate_track_set_property;
  object_class->get_property = gst_plate_track_get_property;

  g_object_class_install_property (object_class, PROP_MAX_GAP,
      g_param_spec_uint ("max-gap", "Maximum gap",
          "A vehicle not seen for longer than this is not looked for where it "
          "should be any more; without a text it is gone. Milliseconds.",
          40, 60000, DEFAULT_MAX_GAP,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
              | GST_PARAM_MUTABLE_PLAYING));
  g_object_class_install_property (object_class, PROP_MAX_ABSENCE,
      g_param_spec_uint ("max-absence", "Maximum absence",
          "A vehicle whose text was read is gone when it was not seen for "
          "longer than this, milliseconds. Not less than max-gap.",
          0, 60000, DEFAULT_MAX_ABSENCE,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
              | GST_PARAM_MUTABLE_PLAYING));
  g_object_class_install_property (object_class, PROP_MIN_READS,
      g_param_spec_uint ("min-reads", "Minimum reads",
          "Frames a plate must be seen in before it counts as a vehicle.", 1,
          100, DEFAULT_MIN_READS,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
              | GST_PARAM_MUTABLE_PLAYING));
  g_object_class_install_property (object_class, PROP_DIRECTION_LINE,
      g_param_spec_string ("direction-line", "Direction line",
          "Line \"x1,y1 x2,y2\" in 0..1 of width and height; crossing it from "
          "its left to its right is direction in. Unset, growing plates "
          "travel in.",
          DEFAULT_DIRECTION_LINE,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
              | GST_PARAM_MUTABLE_PLAYING));
  g_object_class_install_property (object_class, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "Counts since the stream started: frames, plates, passages, tracks "
          "(open now), dropped (plates beyond the bound of tracks).",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "Plate tracker",
      "Filter/Analyzer/Video",
      "Follows number plates from frame to frame, one passage a vehicle",
      "gst-anpr");

  base_class->start = GST_DEBUG_FUNCPTR (gst_plate_track_start);
  base_class->stop = GST_DEBUG_FUNCPTR (gst_plate_track_stop);
  base_class->set_caps = GST_DEBUG_FUNCPTR (gst_plate_track_set_caps);
  base_class->sink_event = GST_DEBUG_FUNCPTR (gst_plate_track_sink_event);
  base_class->transform_ip = GST_DEBUG_FUNCPTR (gst_plate_track_transform_ip);
}

static void
gst_plate_track_init (GstPlateTrack *self)
{
  self->max_gap = DEFAULT_MAX_GAP;
  self->max_absence = DEFAULT_MAX_ABSENCE;
  self->min_reads = DEFAULT_MIN_READS;
  gst_base_transform_set_in_place (GST_BASE_TRANSFORM (self), TRUE);
  gst_base_transform_set_qos_enabled (GST_BASE_TRANSFORM (self), FALSE);
}

static void
gst_plate_track_finalize (GObject *object)
{
  GstPlateTrack *self = GST_PLATE_TRACK (object);

  g_free (self->direction_line);
  G_OBJECT_CLASS (parent_class)->finalize (object);
}

static void
set_direction_line (GstPlateTrack *self, const gchar *text)
{
  GError *error = NULL;

  GST_OBJECT_LOCK (self);
  if (anpr_direction_line_parse (text, &self->line)) {
    g_free (self->direction_line);
    self->direction_line = g_strdup (text);
  } else {
    error = g_error_new (ANPR_ERROR, ANPR_ERROR_PROPERTY,
        "direction-line \"%s\" is not \"x1,y1 x2,y2\" with numbers 0..1", text);
  }
  GST_OBJECT_UNLOCK (self);
  if (error)
    gst_anpr_element_warn (
        GST_ELEMENT (self), error, "keeping the line as it was");
  g_clear_error (&error);
}

static void
gst_plate_track_set_property (
    GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  GstPlateTrack *self = GST_PLATE_TRACK (object);

  switch (id) {
    case PROP_MAX_GAP:
      GST_OBJECT_LOCK (self);
      self->max_gap = g_value_get_uint (value);
      GST_OBJECT_UNLOCK (self);
      break;
    case PROP_MAX_ABSENCE:
      GST_OBJECT_LOCK (self);
      self->max_absence = g_value_get_uint (value);
      GST_OBJECT_UNLOCK (self);
      break;
    case PROP_MIN_READS:
      GST_OBJECT_LOCK (self);
      self->min_reads = g_value_get_uint (value);
      GST_OBJECT_UNLOCK (self);
      break;
    case PROP_DIRECTION_LINE:
      set_direction_line (self, g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
      break;
  }
}

static GstStructure *
make_stats (GstPlateTrack *self)
{
  return gst_structure_new ("platetrack-stats", "frames", G_TYPE_UINT64,
      self->n_frames, "plates", G_TYPE_UINT64, self->n_plates, "passages",
      G_TYPE_UINT64, self->n_passages, "tracks", G_TYPE_UINT, self->n_tracks,
      "dropped", G_TYPE_UINT64, self->n_dropped, NULL);
}

static void
gst_plate_track_get_property (
    GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  GstPlateTrack *self = GST_PLATE_TRACK (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_MAX_GAP:
      g_value_set_uint (value, self->max_gap);
      break;
    case PROP_MAX_ABSENCE:
      g_value_set_uint (value, self->max_absence);
      break;
    case PROP_MIN_READS:
      g_value_set_uint (value, self->min_reads);
      break;
    case PROP_DIRECTION_LINE:
      g_value_set_string (value, self->direction_line);
      break;
    case PROP_STATS:
      g_value_take_boxed (value, make_stats (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static gboolean
gst_plate_track_start (GstBaseTransform *base)
{
  GstPlateTrack *self = GST_PLATE_TRACK (base);

  self->tracker = anpr_tracker_new ();
  self->closing =
      g_ptr_array_new_with_free_func ((GDestroyNotify) anpr_plate_free);
  self->now = 0;
  self->live = FALSE;
  anpr_timeline_restart (&self->timeline);
  GST_OBJECT_LOCK (self);
  self->n_frames = self->n_plates = self->n_passages = self->n_dropped = 0;
  self->n_tracks = 0;
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

static gboolean
gst_plate_track_stop (GstBaseTransform *base)
{
  GstPlateTrack *self = GST_PLATE_TRACK (base);

  g_clear_pointer (&self->tracker, anpr_tracker_free);
  g_clear_pointer (&self->closing, g_ptr_array_unref);
  return TRUE;
}

/* Sends the closing events that wait. Streaming thread, no lock held. */
static void
push_closing (GstPlateTrack *self)
{
  GstPad *src = GST_BASE_TRANSFORM_SRC_PAD (self);

  for (guint i = 0; i < self->closing->len; i++) {
    AnprPlate *plate = g_ptr_array_index (self->closing, i);
    GstAnprWanted wanted;

    GST_INFO_OBJECT (
        self, "closing passage %s", anpr_passage_get_id (plate->passage));
    gst_anpr_pad_query_wanted (src, &wanted);
    if (!wanted.passages) {
      anpr_passage_close (plate->passage);
      gst_anpr_element_tell_passage (GST_ELEMENT (self), src, plate->passage);
    }
    gst_pad_push_event (src, gst_anpr_event_new_closing (plate->passage));
  }
  GST_OBJECT_LOCK (self);
  self->n_passages += self->closing->len;
  self->n_tracks = anpr_tracker_get_n_tracks (self->tracker);
  GST_OBJECT_UNLOCK (self);
  g_ptr_array_set_size (self->closing, 0);
}

/* A new picture size or format: boxes of before mean nothing any more. */
static gboolean
gst_plate_track_set_caps (GstBaseTransform *base, GstCaps *in, GstCaps *out)
{
  GstPlateTrack *self = GST_PLATE_TRACK (base);

  self->live = gst_anpr_pad_is_live (GST_BASE_TRANSFORM_SINK_PAD (base));
  anpr_tracker_close (self->tracker, self->closing);
  return TRUE;
}

static gboolean
gst_plate_track_sink_event (GstBaseTransform *base, GstEvent *event)
{
  GstPlateTrack *self = GST_PLATE_TRACK (base);

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_EOS:
      anpr_tracker_close (self->tracker, self->closing);
      push_closing (self);
      break;
    case GST_EVENT_FLUSH_STOP:
      /* time may go back now; the events wait for the next buffer */
      anpr_tracker_close (self->tracker, self->closing);
      self->now = 0;
      break;
    default:
      break;
  }
  return GST_BASE_TRANSFORM_CLASS (parent_class)->sink_event (base, event);
}

static void
get_options (GstPlateTrack *self, AnprTrackerOptions *options)
{
  GST_OBJECT_LOCK (self);
  options->max_gap = self->max_gap * GST_MSECOND;
  options->max_absence = self->max_absence * GST_MSECOND;
  options->min_reads = self->min_reads;
  options->line = self->line;
  GST_OBJECT_UNLOCK (self);
}

/* Another detector may have attached the plates without a time. */
static void
ensure_moment (GstPlateTrack *self, GstAnprMeta *meta, GstBuffer *buffer)
{
  if (meta->moment.utc == 0)
    gst_anpr_timeline_see_now (&self->timeline, GST_ELEMENT (self),
        &GST_BASE_TRANSFORM (self)->segment, buffer, self->live, &meta->moment);
}

/* Lost plates of the frame before are no plates of this one. */
static void
attach_lost (GstPlateTrack *self, GstAnprMeta *meta, GstBuffer *buffer)
{
  for (guint i = 0; i < self->closing->len; i++)
    gst_anpr_meta_add_plate (
        meta, buffer, anpr_plate_copy (g_ptr_array_index (self->closing, i)));
}

static GstFlowReturn
gst_plate_track_transform_ip (GstBaseTransform *base, GstBuffer *buffer)
{
  GstPlateTrack *self = GST_PLATE_TRACK (base);
  GstAnprMeta *meta = gst_buffer_get_anpr_meta (buffer);
  AnprTrackerOptions options;

  if (GST_BUFFER_PTS_IS_VALID (buffer))
    self->now = MAX (self->now, GST_BUFFER_PTS (buffer));
  if (!meta) {
    push_closing (self);
    return GST_FLOW_OK;
  }
  ensure_moment (self, meta, buffer);
  get_options (self, &options);
  anpr_tracker_update (self->tracker, &options, &meta->moment, self->now,
      meta->width, meta->height, meta->plates, self->closing);
  GST_OBJECT_LOCK (self);
  self->n_frames++;
  self->n_plates += meta->plates->len;
  self->n_dropped = anpr_tracker_get_n_dropped (self->tracker);
  GST_OBJECT_UNLOCK (self);
  attach_lost (self, meta, buffer);
  push_closing (self);
  gst_anpr_element_tell_frame (
      GST_ELEMENT (self), GST_BASE_TRANSFORM_SRC_PAD (self), buffer);
  return GST_FLOW_OK;
}
