/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/**
 * SECTION:element-anprsink
 * @title: anprsink
 *
 * The last element: keeps each passage with its stills in a spool on disk,
 * writes it as a line of JSON, and tells the bus. It looks at no pixels and
 * takes any caps.
 *
 * ## Example
 * |[
 * gst-launch-1.0 -m filesrc location=sample.mp4 ! decodebin ! platedetect ! platetrack ! plateocr ! anprsink location=gate.sqlite json=- position=gate
 * ]|
 * keeps what passes in a file, and prints it.
 *
 * A passage is kept when its vehicle is gone and every element has added what
 * it had. The elements before it make the passages: without `platetrack` or
 * another element that does, plates pass and nothing is kept.
 *
 * ## Messages
 *
 * `anpr-passage` for each passage that is new, changed or lost, as the other
 * elements post it where there is no anprsink.
 *
 * `anpr-kept` when a passage is safe on the disk: `id` (string), `sequence`
 * (uint64, gap-free at the position), `position` (string), `record` (string,
 * the line as kept), and of its best shot `timestamp` (int64, UTC,
 * microseconds), `stream-time` and `running-time` (uint64, nanoseconds).
 *
 * `anpr-sink-state` when keeping begins, stops or stops for another reason:
 * `state` (string: "keeping", "not-keeping"), `reason` (string: a stable code
 * such as "ANPR-SPOOL-FULL", "" while keeping), `passages`, `kept`, `not-kept`,
 * `dropped`, `images-freed`, `erased`, `erased-undelivered`, `bytes` (uint64)
 * and `waiting` (uint).
 *
 * ## Encryption and retention
 *
 * With `key` the spool is encrypted by a key that `anprctl spool key` makes.
 * Without it nothing is, which is for trials. A key that is missing or wrong is
 * the state ANPR-SPOOL-KEY: nothing is kept in clear instead.
 *
 * Passages are erased after `retention` days, and those that the centre has after
 * `keep-delivered` days, every ten minutes and whether vehicles pass or not.
 * Setting the system's clock changes nothing about that. docs/spool.md tells how.
 *
 * ## When the disk fails
 *
 * A spool that cannot be opened, is full or cannot be written is a state, never
 * an error of the stream: the state and a warning with a stable code are
 * posted, reading goes on, records are still written as JSON (with no
 * sequence), and passages wait. Keeping is tried again after a quarter of a
 * second, then ever more rarely up to every 5 seconds; when it works again all
 * that wait are kept in their order and `anpr-kept` is posted, but no second
 * line is written. A damaged file is set aside and all that can be read of it
 * goes on in a new one (ANPR-SPOOL-DAMAGED).
 *
 * At most 1024 passages and 64 MiB of stills wait. From a live source the
 * oldest passage without a hit is then dropped, counted, and warned of once as
 * ANPR-SPOOL-OVERLOAD. From a file the stream waits, unless the spool does not
 * work: then the oldest that has been written as JSON is dropped.
 *
 * End of stream waits until all is kept that can be, so EOS on the bus means
 * kept. So does going to READY; what cannot be kept then is lost and said.
 *
 * The element adds no latency and one thread, which alone touches the disk.
 *
 * ## Forwarding
 *
 * With `forward` a second thread brings what the spool holds to the central
 * database: passages with hits first, then in their order, each once, also
 * those of earlier runs. `anpr-forward-state` tells of each change:
 * `forward-state` (string: "connecting", "delivering", "waiting"),
 * `forward-reason` (string: a stable code such as "ANPR-CENTRAL-AWAY" while
 * waiting, else ""), `delivered`, `already`, `refused`, `undelivered`,
 * `undelivered-hits`, `undelivered-bytes` and `oldest-undelivered` (uint64; the
 * last one an age in nanoseconds). Faults of server or line are warnings, tried
 * again after up to half a minute. Neither end of stream nor going to READY
 * waits for the network: what is not delivered then is the next time, or by
 * `anprctl forward`. docs/forwarding.md tells how it is set up.
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstanprsink.h"

#include "../meta/gstanprpassing.h"
#include "gstanprforward.h"
#include "spoolretention.h"
#include "stilljpeg.h"
#include "writer.h"

GST_DEBUG_CATEGORY_STATIC (anprsink_debug);
#define GST_CAT_DEFAULT anprsink_debug

#define DEFAULT_LOCATION NULL
#define DEFAULT_FORWARD NULL
#define DEFAULT_KEY NULL
#define DEFAULT_JSON NULL
#define DEFAULT_POSITION "unknown"
#define DEFAULT_DEVICE NULL
#define DEFAULT_LANE NULL
#define DEFAULT_IMAGES TRUE
#define DEFAULT_MAX_SIZE G_GUINT64_CONSTANT (0)
#define DEFAULT_RETENTION ANPR_SPOOL_DEFAULT_RETENTION
#define DEFAULT_KEEP_DELIVERED ANPR_SPOOL_DEFAULT_KEEP_DELIVERED

enum {
  PROP_0,
  PROP_LOCATION,
  PROP_FORWARD,
  PROP_KEY,
  PROP_JSON,
  PROP_POSITION,
  PROP_DEVICE,
  PROP_LANE,
  PROP_IMAGES,
  PROP_MAX_SIZE,
  PROP_RETENTION,
  PROP_KEEP_DELIVERED,
  PROP_STATS,
};

struct _GstAnprSink {
  GstBaseSink parent;

  /* under the object lock */
  gchar *location;
  gchar *forward_address;
  gchar *key;
  gchar *json;
  gchar *position;
  gchar *device;
  gchar *lane;
  gboolean images;
  guint64 max_size;
  guint retention;
  guint keep_delivered;
  AnprWriterStats last; /* of the writer before, for stats in READY */

  /* from READY to PAUSED and back; the pointer under the object lock */
  AnprWriter *writer;
  GstAnprForward *forward; /* freed when the next one starts */
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

#define gst_anpr_sink_parent_class parent_class
G_DEFINE_TYPE_WITH_CODE (GstAnprSink, gst_anpr_sink, GST_TYPE_BASE_SINK,
    GST_DEBUG_CATEGORY_INIT (
        anprsink_debug, "anprsink", 0, "Keeps number plate passages"));
GST_ELEMENT_REGISTER_DEFINE (
    anprsink, "anprsink", GST_RANK_NONE, GST_TYPE_ANPR_SINK);

static void gst_anpr_sink_finalize (GObject *object);
static void gst_anpr_sink_set_property (
    GObject *object, guint id, const GValue *value, GParamSpec *spec);
static void gst_anpr_sink_get_property (
    GObject *object, guint id, GValue *value, GParamSpec *spec);
static GstStateChangeReturn gst_anpr_sink_change_state (
    GstElement *element, GstStateChange transition);
static gboolean gst_anpr_sink_query (GstBaseSink *base, GstQuery *query);
static gboolean gst_anpr_sink_propose_allocation (
    GstBaseSink *base, GstQuery *query);
static gboolean gst_anpr_sink_event (GstBaseSink *base, GstEvent *event);
static GstFlowReturn gst_anpr_sink_render (
    GstBaseSink *base, GstBuffer *buffer);

#define READY_FLAGS                                                            \
  (G_PARAM_READWRITE | GST_PARAM_MUTABLE_READY | G_PARAM_STATIC_STRINGS)

static void
install_string (GObjectClass *object_class, guint id, const gchar *name,
    const gchar *nick, const gchar *blurb, const gchar *value)
{
  g_object_class_install_property (object_class, id,
      g_param_spec_string (name, nick, blurb, value, READY_FLAGS));
}

static void
install_days (GObjectClass *object_class, guint id, const gchar *name,
    const gchar *nick, const gchar *blurb, guint minimum, guint value)
{
  g_object_class_install_property (object_class, id,
      g_param_spec_uint (name, nick, blurb, minimum, ANPR_RETENTION_MAX_DAYS,
          value, READY_FLAGS));
}

static void
install_properties (GObjectClass *object_class)
{
  install_string (object_class, PROP_LOCATION, "location", "Location",
      "Spool file that passages are kept in, made if there is none; unset, "
      "nothing is kept.",
      DEFAULT_LOCATION);
  install_string (object_class, PROP_FORWARD, "forward", "Forward",
      "Central database that passages are brought to from the spool: a libpq "
      "URI without a password, or the name of a service; unset, none.",
      DEFAULT_FORWARD);
  install_string (object_class, PROP_KEY, "key", "Key",
      "File with the key that the spool is encrypted with, from anprctl spool "
      "key, or the name of a systemd credential; unset, the spool is not "
      "encrypted.",
      DEFAULT_KEY);
  install_string (object_class, PROP_JSON, "json", "JSON",
      "File that each closed passage is appended to as one line of JSON, or - "
      "for the standard output; unset, no lines are written.",
      DEFAULT_JSON);
  install_string (object_class, PROP_POSITION, "position", "Position",
      "Name of the permitted camera place; its records are numbered and "
      "chained on their own.",
      DEFAULT_POSITION);
  install_string (object_class, PROP_DEVICE, "device", "Device",
      "Name of the appliance in the records; unset, the host's name.",
      DEFAULT_DEVICE);
  install_string (object_class, PROP_LANE, "lane", "Lane",
      "Lane at the position, in the records.", DEFAULT_LANE);
  g_object_class_install_property (object_class, PROP_IMAGES,
      g_param_spec_boolean ("images", "Images",
          "Keep a still of the plate and of the vehicle with each passage, as "
          "JPEG.",
          DEFAULT_IMAGES, READY_FLAGS));
  g_object_class_install_property (object_class, PROP_MAX_SIZE,
      g_param_spec_uint64 ("max-size", "Maximum size",
          "Size of the spool's files in bytes, at least 1 MiB; 0 is unlimited. "
          "When it is reached, the oldest passages that are delivered make "
          "room, then pictures of the oldest without a hit.",
          0, G_MAXUINT64, DEFAULT_MAX_SIZE, READY_FLAGS));
  install_days (object_class, PROP_RETENTION, "retention", "Retention",
      "Days after which a passage is erased from the spool, delivered or not. "
      "The law allows 12 months.",
      1, DEFAULT_RETENTION);
  install_days (object_class, PROP_KEEP_DELIVERED, "keep-delivered",
      "Keep delivered",
      "Days after which a passage that the centre has is erased from the "
      "spool.",
      0, DEFAULT_KEEP_DELIVERED);
  g_object_class_install_property (object_class, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "What has been kept since READY: state, reason, passages, kept, "
          "not-kept, dropped, waiting, images-failed, images-freed, erased, "
          "erased-undelivered, bytes, lines, lines-lost; and of forwarding: "
          "forward-state, forward-reason, delivered, already, refused, "
          "undelivered, undelivered-hits, undelivered-bytes, "
          "oldest-undelivered (nanoseconds).",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
gst_anpr_sink_class_init (GstAnprSinkClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSinkClass *base_class = GST_BASE_SINK_CLASS (klass);

  object_class->finalize = gst_anpr_sink_finalize;
  object_class->set_property = gst_anpr_sink_set_property;
  object_class->get_property = gst_anpr_sink_get_property;
  install_properties (object_class);

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_set_static_metadata (element_class, "ANPR sink",
      "Sink/Video/Metadata",
      "Keeps number plate passages in a spool and writes them as JSON",
      "gst-anpr");
  element_class->change_state = gst_anpr_sink_change_state;

  base_class->query = gst_anpr_sink_query;
  base_class->propose_allocation = gst_anpr_sink_propose_allocation;
  base_class->event = gst_anpr_sink_event;
  base_class->render = gst_anpr_sink_render;
}

static void
gst_anpr_sink_init (GstAnprSink *self)
{
  GstBaseSink *base = GST_BASE_SINK (self);

  self->position = g_strdup (DEFAULT_POSITION);
  self->images = DEFAULT_IMAGES;
  self->max_size = DEFAULT_MAX_SIZE;
  self->retention = DEFAULT_RETENTION;
  self->keep_delivered = DEFAULT_KEEP_DELIVERED;
  self->last.reason = "";
  /* nothing is shown: frames go as fast as they come, and none is held back
   * from the decoder's pool */
  gst_base_sink_set_sync (base, FALSE);
  gst_base_sink_set_last_sample_enabled (base, FALSE);
}

static void
gst_anpr_sink_finalize (GObject *object)
{
  GstAnprSink *self = GST_ANPR_SINK (object);

  gst_anpr_forward_free (self->forward);
  g_free (self->location);
  g_free (self->forward_address);
  g_free (self->key);
  g_free (self->json);
  g_free (self->position);
  g_free (self->device);
  g_free (self->lane);
  G_OBJECT_CLASS (parent_class)->finalize (object);
}

static void
set_string (gchar **string, const GValue *value)
{
  g_free (*string);
  *string = g_value_dup_string (value);
}

static void
gst_anpr_sink_set_property (
    GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  GstAnprSink *self = GST_ANPR_SINK (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_LOCATION:
      set_string (&self->location, value);
      break;
    case PROP_FORWARD:
      set_string (&self->forward_address, value);
      break;
    case PROP_KEY:
      set_string (&self->key, value);
      break;
    case PROP_JSON:
      set_string (&self->json, value);
      break;
    case PROP_POSITION:
      set_string (&self->position, value);
      if (!self->position)
        self->position = g_strdup (DEFAULT_POSITION);
      break;
    case PROP_DEVICE:
      set_string (&self->device, value);
      break;
    case PROP_LANE:
      set_string (&self->lane, value);
      break;
    case PROP_IMAGES:
      self->images = g_value_get_boolean (value);
      break;
    case PROP_MAX_SIZE:
      self->max_size = g_value_get_uint64 (value);
      break;
    case PROP_RETENTION:
      self->retention = g_value_get_uint (value);
      break;
    case PROP_KEEP_DELIVERED:
      self->keep_delivered = g_value_get_uint (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static GstStructure *
stats_structure (const gchar *name, const AnprWriterStats *stats)
{
  return gst_structure_new (name, "state", G_TYPE_STRING,
      anpr_writer_state_to_string (stats->state), "reason", G_TYPE_STRING,
      stats->reason, "passages", G_TYPE_UINT64, stats->passages, "kept",
      G_TYPE_UINT64, stats->kept, "not-kept", G_TYPE_UINT64, stats->not_kept,
      "dropped", G_TYPE_UINT64, stats->dropped, "waiting", G_TYPE_UINT,
      stats->waiting, "images-failed", G_TYPE_UINT64, stats->images_failed,
      "images-freed", G_TYPE_UINT64, stats->images_freed, "erased",
      G_TYPE_UINT64, stats->erased, "erased-undelivered", G_TYPE_UINT64,
      stats->erased_undelivered, "bytes", G_TYPE_UINT64, stats->bytes, "lines",
      G_TYPE_UINT64, stats->lines, "lines-lost", G_TYPE_UINT64,
      stats->lines_lost, NULL);
}

static GstStructure *
current_stats (GstAnprSink *self)
{
  AnprWriterStats stats = self->last;
  GstStructure *structure;

  if (self->writer)
    anpr_writer_get_stats (self->writer, &stats);
  structure = stats_structure ("anprsink-stats", &stats);
  gst_anpr_forward_add_stats (self->forward, structure);
  return structure;
}

static void
gst_anpr_sink_get_property (
    GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  GstAnprSink *self = GST_ANPR_SINK (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_LOCATION:
      g_value_set_string (value, self->location);
      break;
    case PROP_FORWARD:
      g_value_set_string (value, self->forward_address);
      break;
    case PROP_KEY:
      g_value_set_string (value, self->key);
      break;
    case PROP_JSON:
      g_value_set_string (value, self->json);
      break;
    case PROP_POSITION:
      g_value_set_string (value, self->position);
      break;
    case PROP_DEVICE:
      g_value_set_string (value, self->device);
      break;
    case PROP_LANE:
      g_value_set_string (value, self->lane);
      break;
    case PROP_IMAGES:
      g_value_set_boolean (value, self->images);
      break;
    case PROP_MAX_SIZE:
      g_value_set_uint64 (value, self->max_size);
      break;
    case PROP_RETENTION:
      g_value_set_uint (value, self->retention);
      break;
    case PROP_KEEP_DELIVERED:
      g_value_set_uint (value, self->keep_delivered);
      break;
    case PROP_STATS:
      g_value_take_boxed (value, current_stats (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

/* --- what the writer tells; mostly in its thread --- */

static void
tell_kept (AnprPassage *passage, guint64 sequence, const gchar *record,
    gpointer user_data)
{
  GstAnprSink *self = user_data;
  GstStructure *structure;
  AnprMoment best;

  GST_DEBUG_OBJECT (self, "kept %s as %" G_GUINT64_FORMAT,
      anpr_passage_get_id (passage), sequence);
  GST_OBJECT_LOCK (self);
  gst_anpr_forward_wake (self->forward);
  structure = gst_structure_new ("anpr-kept", "id", G_TYPE_STRING,
      anpr_passage_get_id (passage), "sequence", G_TYPE_UINT64, sequence,
      "position", G_TYPE_STRING, self->position, "record", G_TYPE_STRING,
      record, NULL);
  GST_OBJECT_UNLOCK (self);
  anpr_passage_get_moments (passage, NULL, &best, NULL);
  gst_anpr_structure_set_moment (structure, &best);
  (void) gst_element_post_message (GST_ELEMENT (self),
      gst_message_new_element (GST_OBJECT (self), structure));
}

static void
tell_changed (const AnprWriterStats *stats, gpointer user_data)
{
  GstAnprSink *self = user_data;

  GST_INFO_OBJECT (
      self, "%s %s", anpr_writer_state_to_string (stats->state), stats->reason);
  (void) gst_element_post_message (
      GST_ELEMENT (self), gst_message_new_element (GST_OBJECT (self),
                              stats_structure ("anpr-sink-state", stats)));
}

static void
tell_failed (const GError *error, const gchar *consequence, gpointer user_data)
{
  gst_anpr_element_warn (GST_ELEMENT (user_data), error, consequence);
}

static const AnprWriterListener listener = {
  .kept = tell_kept,
  .changed = tell_changed,
  .failed = tell_failed,
};

/* --- life cycle --- */

static void
start_writer (GstAnprSink *self)
{
  AnprWriterSettings settings;

  GST_OBJECT_LOCK (self);
  settings = (AnprWriterSettings){
    .location = self->location,
    .key = self->key,
    .json = self->json,
    .device = self->device ? self->device : g_get_host_name (),
    .position = self->position,
    .lane = self->lane,
    .images = self->images,
    .max_size = self->max_size,
    .retention = self->retention,
    .keep_delivered = self->keep_delivered,
  };
  self->writer = anpr_writer_new (&settings, &listener, self);
  GST_OBJECT_UNLOCK (self);
}

/* It tells without the lock, so it starts without it */
static void
start_forward (GstAnprSink *self)
{
  g_autofree gchar *location = NULL, *key = NULL, *address = NULL;
  GstAnprForward *forward, *before;

  GST_OBJECT_LOCK (self);
  location = g_strdup (self->location);
  key = g_strdup (self->key);
  address = g_strdup (self->forward_address);
  GST_OBJECT_UNLOCK (self);
  forward = gst_anpr_forward_new (GST_ELEMENT (self), location, key, address);
  GST_OBJECT_LOCK (self);
  before = self->forward;
  self->forward = forward;
  GST_OBJECT_UNLOCK (self);
  gst_anpr_forward_free (before);
}

/* The writer may still be telling, so it ends without the lock. Only then
 * does stats look at `last` again. */
static void
stop_writer (GstAnprSink *self)
{
  AnprWriter *writer;
  AnprWriterStats last;

  GST_OBJECT_LOCK (self);
  writer = g_steal_pointer (&self->writer);
  if (writer)
    anpr_writer_get_stats (writer, &self->last);
  GST_OBJECT_UNLOCK (self);
  if (!writer)
    return;
  anpr_writer_free (writer, &last);
  GST_OBJECT_LOCK (self);
  self->last = last;
  GST_OBJECT_UNLOCK (self);
  /* what was kept last is on its way no longer than the disk takes */
  gst_anpr_forward_stop (self->forward);
}

static GstStateChangeReturn
gst_anpr_sink_change_state (GstElement *element, GstStateChange transition)
{
  GstAnprSink *self = GST_ANPR_SINK (element);
  GstStateChangeReturn result;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
    start_writer (self);
    start_forward (self);
  }
  /* wakes the streaming thread, which the base class waits for */
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY && self->writer)
    anpr_writer_set_flushing (self->writer, TRUE);
  result = GST_ELEMENT_CLASS (parent_class)->change_state (element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY
      || (transition == GST_STATE_CHANGE_READY_TO_PAUSED
          && result == GST_STATE_CHANGE_FAILURE))
    stop_writer (self);
  return result;
}

/* --- the stream --- */

static gboolean
gst_anpr_sink_query (GstBaseSink *base, GstQuery *query)
{
  GstAnprSink *self = GST_ANPR_SINK (base);
  GstAnprWanted wanted = { .passages = TRUE };

  GST_OBJECT_LOCK (self);
  wanted.stills = self->images && anpr_still_jpeg_is_available ();
  GST_OBJECT_UNLOCK (self);
  return gst_anpr_query_answer_wanted (query, &wanted)
         || GST_BASE_SINK_CLASS (parent_class)->query (base, query);
}

/* A pool beside the meta, though it costs nothing here: without one libav's
 * decoders copy each frame out of their own */
static void
propose_pool (GstQuery *query)
{
  GstCaps *caps;
  gboolean need_pool;
  GstVideoInfo info;
  GstBufferPool *pool;
  GstStructure *config;

  gst_query_parse_allocation (query, &caps, &need_pool);
  if (!need_pool || !caps || !gst_video_info_from_caps (&info, caps))
    return;
  pool = gst_video_buffer_pool_new ();
  config = gst_buffer_pool_get_config (pool);
  gst_buffer_pool_config_set_params (
      config, caps, GST_VIDEO_INFO_SIZE (&info), 0, 0);
  if (gst_buffer_pool_set_config (pool, config))
    gst_query_add_allocation_pool (
        query, pool, GST_VIDEO_INFO_SIZE (&info), 0, 0);
  gst_object_unref (pool);
}

/* No pixel is looked at, so any padding will do: without this some decoders copy
 * each frame */
static gboolean
gst_anpr_sink_propose_allocation (GstBaseSink *base, GstQuery *query)
{
  propose_pool (query);
  gst_query_add_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL);
  gst_query_add_allocation_meta (query, GST_ANPR_META_API_TYPE, NULL);
  return TRUE;
}

/* The base class hands over serialised events with the preroll lock held, which
 * each change of state wants. Here may be waited, asked and told, so it is let
 * go meanwhile; the stream lock still keeps the order. */
static void
close_passage (GstAnprSink *self, AnprPassage *passage)
{
  GstPad *pad = GST_BASE_SINK_PAD (self);

  GST_BASE_SINK_PREROLL_UNLOCK (self);
  anpr_passage_close (passage);
  gst_anpr_element_tell_passage (GST_ELEMENT (self), NULL, passage);
  anpr_writer_add (self->writer, passage, gst_anpr_pad_is_live (pad));
  GST_BASE_SINK_PREROLL_LOCK (self);
}

/* The base class looks whether it is flushing before it hands over an event, and
 * not again: what began meanwhile must be seen here, or the EOS would wait for a
 * preroll that nobody ends. */
static gboolean
drain (GstAnprSink *self)
{
  GST_BASE_SINK_PREROLL_UNLOCK (self);
  anpr_writer_drain (self->writer);
  GST_BASE_SINK_PREROLL_LOCK (self);
  return !GST_BASE_SINK (self)->flushing;
}

static gboolean
gst_anpr_sink_event (GstBaseSink *base, GstEvent *event)
{
  GstAnprSink *self = GST_ANPR_SINK (base);
  AnprPassage *passage;

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_FLUSH_START:
      anpr_writer_set_flushing (self->writer, TRUE);
      break;
    case GST_EVENT_FLUSH_STOP:
      anpr_writer_set_flushing (self->writer, FALSE);
      break;
    case GST_EVENT_EOS:
      if (drain (self))
        break;
      gst_event_unref (event);
      return FALSE;
    default:
      if (gst_anpr_event_parse_closing (event, &passage)) {
        close_passage (self, passage);
        anpr_passage_unref (passage);
      }
      break;
  }
  return GST_BASE_SINK_CLASS (parent_class)->event (base, event);
}

static GstFlowReturn
gst_anpr_sink_render (GstBaseSink *base, GstBuffer *buffer)
{
  gst_anpr_element_tell_frame (GST_ELEMENT (base), NULL, buffer);
  return GST_FLOW_OK;
}
