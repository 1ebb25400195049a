/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/**
 * SECTION:element-plateocr
 * @title: plateocr
 * @short_description: read the plates that a detector found
 *
 * Reads the plates attached as #GstAnprMeta and adds what it reads to their
 * vehicle's passage, which votes over all reads.
 *
 * ## Examples
 * |[
 * gst-launch-1.0 -m filesrc location=example.jpg ! jpegdec ! platedetect ! plateocr ! fakesink
 * ]|
 * reads a picture: without platetrack every plate is a passage of its own.
 * |[
 * gst-launch-1.0 -m filesrc location=sample.mp4 ! decodebin ! platedetect ! platetrack ! plateocr countries=BE,NL ! fakesink
 * ]|
 * reads a video and posts one closed `anpr-passage` a vehicle.
 *
 * ## Caps
 * Raw video whose first plane is 8-bit luma (NV12, I420, GRAY8 and their kin):
 * it is read where it lies, nothing is converted or copied. Put `videoconvert`
 * before platedetect for other formats.
 *
 * ## What it attaches
 * Each plate gets `read`, the vehicle's voted read by now. Files and images:
 * on the very frame that was read. Live: on the next frame. Where the vehicle
 * is not in that any more, its plate is attached all the same, with track state
 * absent, as it was in the frame that was read: no text waits for the vehicle's
 * passage to be over.
 *
 * ## Messages
 * `anpr-read`, when the text of a vehicle appears or changes:
 *
 * * `passage` G_TYPE_STRING: id of the passage
 * * `track` G_TYPE_UINT64: track id, 0 without platetrack
 * * `text` G_TYPE_STRING: the plate key
 * * `raw` G_TYPE_STRING: the text as seen, with separators
 * * `confidence` G_TYPE_DOUBLE: 0..1
 * * `country` G_TYPE_STRING: the likeliest country, "" if none is likely
 * * `engine` G_TYPE_STRING: who read it: ctc, tesseract, or ctc+tesseract if both
 *   say so
 * * `x`, `y`, `width`, `height` G_TYPE_DOUBLE: the plate, pixels
 * * `timestamp` G_TYPE_INT64: UTC, microseconds since 1970, 0 unknown
 * * `stream-time`, `running-time` G_TYPE_UINT64: nanoseconds
 *
 * `anpr-passage`, posted by the last of the elements in a chain, when a vehicle
 * is first read (state new), when something changes (update) and when it is
 * gone (lost; the record is complete):
 *
 * * `id`, `state`, `text`, `country`, `direction` G_TYPE_STRING
 * * `confidence` G_TYPE_DOUBLE
 * * `record` G_TYPE_STRING: the whole record as JSON, schema anpr.passage/1
 * * `passage` #AnprPassage: the passage itself
 * * `timestamp`, `stream-time`, `running-time`: of the best shot
 *
 * ## Threads, bounds, latency
 * #plateocr:threads workers read. A vehicle is read until 2 reads of 0.97 or 4
 * of any confidence agree and 0.8 is left for their text, and again when its
 * plate has become 1.3 times as wide; without agreement 12 times, then only as
 * its plate grows, 40 times at most. Where 5 reads gave no text of 0.15
 * confidence the next come after 6 more frames, 12, 24 and so on. A vehicle that
 * stands costs nothing more.
 *
 * A live stream never waits: at most 4 plates a worker are under way, a plate
 * that finds no room is left to a later frame and counted as `skipped`. Other
 * streams wait, so that every frame is read. Latency added: none live, the
 * reading time otherwise.
 *
 * A passage whose detections were of less than 0.62 confidence on average, or of
 * less than 0.5 with a text of 0.3 or more and no two reads that agree at 0.9,
 * ends here and is counted as `rejected`: a grille, a sign. So is what has no
 * text and passed nowhere, see platetrack. Other vehicles that could not be read
 * are passages all the same, "not read", told once, when they are gone.
 *
 * ## Engines
 * `ctc` reads with a small network made for plates, `tesseract` with Tesseract's
 * LSTM engine and a model trained on plates. `auto` is `ctc` if its model is
 * there, else `tesseract`. `both` reads with ctc and asks Tesseract too where ctc
 * is less than 0.9 sure: the same text makes it surer, another less sure, and
 * the read tells who said what.
 *
 * Models are `reader.anprnet` and `plate.traineddata` of the package, or of the
 * folder that the environment variable ANPR_MODELS names; `model` names another
 * file for the first engine. Confidences are calibrated by the file of the
 * model's name that ends in `.calibration`; without one an engine's own
 * probabilities are told.
 *
 * The corners of a detector set the plate straight where they can be those of a
 * plate. Texts are ranked by what the pixels show and by how well they fit a
 * country's plates; where the pixels are clear, by these alone. A box that shows
 * nothing like a text is "no plate", a text below #plateocr:min-confidence is
 * "not read".
 *
 * ## Faults
 * A missing or damaged model or calibration is an error in READY
 * (`ANPR-READER-DATA`) that names the file.
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstplateocr.h"
#include "readerpool.h"
#include "../meta/gstanprframe.h"
#include "../meta/gstanprpassing.h"
#include "../record/error.h"

GST_DEBUG_CATEGORY_STATIC (gst_plate_ocr_debug);
#define GST_CAT_DEFAULT gst_plate_ocr_debug

#define DEFAULT_ENGINE ANPR_READER_AUTO
#define DEFAULT_MODEL NULL
#define DEFAULT_COUNTRIES NULL
#define DEFAULT_THREADS 1
#define DEFAULT_MIN_CONFIDENCE 0.15
#define JOBS_PER_THREAD 4
#define MIN_WIDTH 24

enum {
  PROP_0,
  PROP_ENGINE,
  PROP_MODEL,
  PROP_COUNTRIES,
  PROP_THREADS,
  PROP_MIN_CONFIDENCE,
  PROP_STATS,
};

struct _GstPlateOcr {
  GstBaseTransform parent;

  /* object lock */
  AnprReaderEngine engine;
  gchar *model;
  gchar *countries;
  guint threads;
  gdouble min_confidence;
  guint64 n_reads;
  guint64 n_skipped;
  guint64 n_rejected;
  guint64 n_passages;
  gint64 reading_time;

  /* streaming thread */
  AnprReaderPool *pool;
  GstVideoInfo info;
  gboolean live;
  AnprTimeline timeline;
  GPtrArray *closing; /* AnprPassage whose closing event waits */
  GPtrArray *fresh;   /* AnprPlate, read since the last frame with a meta */
};

static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE ("sink", GST_PAD_SINK, GST_PAD_ALWAYS,
        GST_STATIC_CAPS (GST_VIDEO_CAPS_MAKE (GST_ANPR_LUMA_FORMATS)));
static GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC, GST_PAD_ALWAYS,
        GST_STATIC_CAPS (GST_VIDEO_CAPS_MAKE (GST_ANPR_LUMA_FORMATS)));

#define gst_plate_ocr_parent_class parent_class
G_DEFINE_FINAL_TYPE (GstPlateOcr, gst_plate_ocr, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE (
    plateocr, "plateocr", GST_RANK_NONE, GST_TYPE_PLATE_OCR)

GType
gst_plate_ocr_engine_get_type (void)
{
  static const GEnumValue values[] = {
    { ANPR_READER_AUTO, "The best that there is a model for", "auto" },
    { ANPR_READER_CTC, "A small network made for plates", "ctc" },
    { ANPR_READER_TESSERACT, "Tesseract's LSTM engine, trained on plates",
        "tesseract" },
    { ANPR_READER_BOTH, "The network, and Tesseract where it is unsure",
        "both" },
    { 0, NULL, NULL },
  };
  static GType type = 0;

  if (g_once_init_enter (&type)) {
    GType registered = g_enum_register_static ("GstPlateOcrEngine", values);

    g_once_init_leave (&type, registered);
  }
  return type;
}

static void gst_plate_ocr_finalize (GObject *object);
static void gst_plate_ocr_set_property (
    GObject *object, guint id, const GValue *value, GParamSpec *spec);
static void gst_plate_ocr_get_property (
    GObject *object, guint id, GValue *value, GParamSpec *spec);
static GstStateChangeReturn gst_plate_ocr_change_state (
    GstElement *element, GstStateChange transition);
static gboolean gst_plate_ocr_start (GstBaseTransform *base);
static gboolean gst_plate_ocr_stop (GstBaseTransform *base);
static gboolean gst_plate_ocr_set_caps (
    GstBaseTransform *base, GstCaps *in, GstCaps *out);
static gboolean gst_plate_ocr_propose_allocation (
    GstBaseTransform *base, GstQuery *decide, GstQuery *query);
static gboolean gst_plate_ocr_query (
    GstBaseTransform *base, GstPadDirection direction, GstQuery *query);
static gboolean gst_plate_ocr_sink_event (
    GstBaseTransform *base, GstEvent *event);
static GstFlowReturn gst_plate_ocr_transform_ip (
    GstBaseTransform *base, GstBuffer *buffer);

static void
install_properties (GObjectClass *object_class)
{
  g_object_class_install_property (object_class, PROP_ENGINE,
      g_param_spec_enum ("engine", "Engine", "What reads the plates.",
          GST_TYPE_PLATE_OCR_ENGINE, DEFAULT_ENGINE,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
              | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (object_class, PROP_MODEL,
      g_param_spec_string ("model", "Model",
          "Path of a .anprnet file for ctc and both, of a .traineddata file "
          "for tesseract; unset, the models that came with the package.",
          DEFAULT_MODEL,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
              | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (object_class, PROP_COUNTRIES,
      g_param_spec_string ("countries", "Countries",
          "Countries to expect, as ISO 3166 codes with commas, likeliest "
          "first. They weigh in the ranking and never exclude a plate.",
          DEFAULT_COUNTRIES,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
              | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (object_class, PROP_THREADS,
      g_param_spec_uint ("threads", "Threads", "Plates read at the same time.",
          1, 16, DEFAULT_THREADS,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
              | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (object_class, PROP_MIN_CONFIDENCE,
      g_param_spec_double ("min-confidence", "Minimum confidence",
          "A text of lower confidence makes the read \"not read\", 0..1.", 0, 1,
          DEFAULT_MIN_CONFIDENCE,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
              | GST_PARAM_MUTABLE_PLAYING));
  g_object_class_install_property (object_class, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "Counts since the stream started: reads, skipped (no worker was "
          "free), rejected (passages without a plate), passages, "
          "mean-read-time (microseconds).",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
gst_plate_ocr_class_init (GstPlateOcrClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseTransformClass *base_class = GST_BASE_TRANSFORM_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (gst_plate_ocr_debug, "plateocr", 0, "Plate reader");

  object_class->finalize = gst_plate_ocr_finalize;
  object_class->set_property = gst_plate_ocr_set_property;
  object_class->get_property = gst_plate_ocr_get_property;
  install_properties (object_class);
  gst_type_mark_as_plugin_api (GST_TYPE_PLATE_OCR_ENGINE, 0);

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "Plate reader",
      "Filter/Analyzer/Video", "Reads the number plates that a detector found",
      "gst-anpr");

  element_class->change_state = GST_DEBUG_FUNCPTR (gst_plate_ocr_change_state);
  base_class->start = GST_DEBUG_FUNCPTR (gst_plate_ocr_start);
  base_class->stop = GST_DEBUG_FUNCPTR (gst_plate_ocr_stop);
  base_class->set_caps = GST_DEBUG_FUNCPTR (gst_plate_ocr_set_caps);
  base_class->propose_allocation =
      GST_DEBUG_FUNCPTR (gst_plate_ocr_propose_allocation);
  base_class->query = GST_DEBUG_FUNCPTR (gst_plate_ocr_query);
  base_class->sink_event = GST_DEBUG_FUNCPTR (gst_plate_ocr_sink_event);
  base_class->transform_ip = GST_DEBUG_FUNCPTR (gst_plate_ocr_transform_ip);
}

static void
gst_plate_ocr_init (GstPlateOcr *self)
{
  self->engine = DEFAULT_ENGINE;
  self->threads = DEFAULT_THREADS;
  self->min_confidence = DEFAULT_MIN_CONFIDENCE;
  gst_base_transform_set_in_place (GST_BASE_TRANSFORM (self), TRUE);
  gst_base_transform_set_qos_enabled (GST_BASE_TRANSFORM (self), FALSE);
}

static void
gst_plate_ocr_finalize (GObject *object)
{
  GstPlateOcr *self = GST_PLATE_OCR (object);

  g_free (self->model);
  g_free (self->countries);
  G_OBJECT_CLASS (parent_class)->finalize (object);
}

static void
gst_plate_ocr_set_property (
    GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  GstPlateOcr *self = GST_PLATE_OCR (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_ENGINE:
      self->engine = g_value_get_enum (value);
      break;
    case PROP_MODEL:
      g_free (self->model);
      self->model = g_value_dup_string (value);
      break;
    case PROP_COUNTRIES:
      g_free (self->countries);
      self->countries = g_value_dup_string (value);
      break;
    case PROP_THREADS:
      self->threads = g_value_get_uint (value);
      break;
    case PROP_MIN_CONFIDENCE:
      self->min_confidence = g_value_get_double (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static GstStructure *
make_stats (GstPlateOcr *self)
{
  return gst_structure_new ("plateocr-stats", "reads", G_TYPE_UINT64,
      self->n_reads, "skipped", G_TYPE_UINT64, self->n_skipped, "rejected",
      G_TYPE_UINT64, self->n_rejected, "passages", G_TYPE_UINT64,
      self->n_passages, "mean-read-time", G_TYPE_INT64,
      self->n_reads ? self->reading_time / (gint64) self->n_reads : 0, NULL);
}

static void
gst_plate_ocr_get_property (
    GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  GstPlateOcr *self = GST_PLATE_OCR (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_ENGINE:
      g_value_set_enum (value, self->engine);
      break;
    case PROP_MODEL:
      g_value_set_string (value, self->model);
      break;
    case PROP_COUNTRIES:
      g_value_set_string (value, self->countries);
      break;
    case PROP_THREADS:
      g_value_set_uint (value, self->threads);
      break;
    case PROP_MIN_CONFIDENCE:
      g_value_set_double (value, self->min_confidence);
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

/* The options as they are set now; model and countries are the caller's. */
static guint
get_options (GstPlateOcr *self, AnprReaderOptions *options, gchar **model,
    gchar ***countries)
{
  guint threads;

  GST_OBJECT_LOCK (self);
  *model = g_strdup (self->model);
  *countries =
      self->countries ? g_strsplit_set (self->countries, ", ", -1) : NULL;
  options->engine = self->engine;
  options->min_confidence = self->min_confidence;
  threads = self->threads;
  GST_OBJECT_UNLOCK (self);
  options->model = *model;
  options->countries = (const gchar *const *) *countries;
  return threads;
}

static void
report_reader_error (GstPlateOcr *self, const GError *error)
{
  gst_element_message_full_with_details (GST_ELEMENT (self), GST_MESSAGE_ERROR,
      GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND,
      g_strdup_printf ("[%s] %s", anpr_error_name (error), error->message),
      g_strdup (error->domain == ANPR_ERROR
                    ? anpr_error_code_advice (error->code)
                    : ""),
      __FILE__, GST_FUNCTION, __LINE__,
      gst_structure_new (
          "details", "code", G_TYPE_STRING, anpr_error_name (error), NULL));
}

/* What is missing is told in READY, before anything plays. */
static GstStateChangeReturn
gst_plate_ocr_change_state (GstElement *element, GstStateChange transition)
{
  GstPlateOcr *self = GST_PLATE_OCR (element);

  if (transition == GST_STATE_CHANGE_NULL_TO_READY) {
    g_autofree gchar *model = NULL;
    g_auto (GStrv) countries = NULL;
    g_autoptr (GError) error = NULL;
    AnprReaderOptions options;

    get_options (self, &options, &model, &countries);
    if (!anpr_plate_reader_check_data (&options, &error)) {
      report_reader_error (self, error);
      return GST_STATE_CHANGE_FAILURE;
    }
  }
  return GST_ELEMENT_CLASS (parent_class)->change_state (element, transition);
}

static gboolean
gst_plate_ocr_start (GstBaseTransform *base)
{
  GstPlateOcr *self = GST_PLATE_OCR (base);
  g_autofree gchar *model = NULL;
  g_auto (GStrv) countries = NULL;
  g_autoptr (GError) error = NULL;
  AnprReaderOptions options;
  guint threads = get_options (self, &options, &model, &countries);

  self->pool = anpr_reader_pool_new (
      &options, threads, threads * JOBS_PER_THREAD, &error);
  if (!self->pool) {
    report_reader_error (self, error);
    return FALSE;
  }
  self->closing =
      g_ptr_array_new_with_free_func ((GDestroyNotify) anpr_passage_unref);
  self->fresh =
      g_ptr_array_new_with_free_func ((GDestroyNotify) anpr_plate_free);
  gst_video_info_init (&self->info);
  self->live = FALSE;
  anpr_timeline_restart (&self->timeline);
  GST_OBJECT_LOCK (self);
  self->n_reads = self->n_skipped = self->n_rejected = self->n_passages = 0;
  self->reading_time = 0;
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

static gboolean
gst_plate_ocr_stop (GstBaseTransform *base)
{
  GstPlateOcr *self = GST_PLATE_OCR (base);

  g_clear_pointer (&self->pool, anpr_reader_pool_free);
  g_clear_pointer (&self->closing, g_ptr_array_unref);
  g_clear_pointer (&self->fresh, g_ptr_array_unref);
  return TRUE;
}

static gboolean
gst_plate_ocr_set_caps (GstBaseTransform *base, GstCaps *in, GstCaps *out)
{
  GstPlateOcr *self = GST_PLATE_OCR (base);

  self->live = gst_anpr_pad_is_live (GST_BASE_TRANSFORM_SINK_PAD (base));
  return gst_video_info_from_caps (&self->info, in);
}

static gboolean
gst_plate_ocr_propose_allocation (
    GstBaseTransform *base, GstQuery *decide, GstQuery *query)
{
  if (!GST_BASE_TRANSFORM_CLASS (parent_class)
           ->propose_allocation (base, decide, query))
    return FALSE;
  if (!gst_query_find_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL))
    gst_query_add_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL);
  return TRUE;
}

static gboolean
gst_plate_ocr_query (
    GstBaseTransform *base, GstPadDirection direction, GstQuery *query)
{
  if (direction == GST_PAD_SINK && GST_QUERY_TYPE (query) == GST_QUERY_CUSTOM) {
    GstAnprWanted wanted;

    gst_anpr_pad_query_wanted (GST_BASE_TRANSFORM_SRC_PAD (base), &wanted);
    wanted.passages = TRUE;
    if (gst_anpr_query_answer_wanted (query, &wanted))
      return TRUE;
  }
  return GST_BASE_TRANSFORM_CLASS (parent_class)
      ->query (base, direction, query);
}

/* --- frames under way ---------------------------------------------------- */

/* A frame's pixels, shared by the jobs of its plates. */
typedef struct {
  GstVideoFrame video;
} Frame;

static void
frame_clear (Frame *frame)
{
  gst_video_frame_unmap (&frame->video);
}

static void
frame_unref (Frame *frame)
{
  g_atomic_rc_box_release_full (frame, (GDestroyNotify) frame_clear);
}

/* Maps a shallow copy, so that the stream's own buffer stays writable. */
static Frame *
frame_new (GstPlateOcr *self, GstBuffer *buffer)
{
  Frame *frame = g_atomic_rc_box_new0 (Frame);
  GstBuffer *copy = gst_buffer_copy (buffer);
  gboolean mapped =
      gst_video_frame_map (&frame->video, &self->info, copy, GST_MAP_READ);

  gst_buffer_unref (copy);
  if (mapped)
    return frame;
  g_atomic_rc_box_release (frame);
  return NULL;
}

static AnprReaderJob *
job_new (Frame *frame, const AnprPlate *plate, const AnprMoment *moment)
{
  AnprReaderJob *job = g_new0 (AnprReaderJob, 1);

  job->luma = GST_VIDEO_FRAME_PLANE_DATA (&frame->video, 0);
  job->stride = GST_VIDEO_FRAME_PLANE_STRIDE (&frame->video, 0);
  job->width = GST_VIDEO_FRAME_WIDTH (&frame->video);
  job->height = GST_VIDEO_FRAME_HEIGHT (&frame->video);
  job->frame = g_atomic_rc_box_acquire (frame);
  job->frame_unref = (GDestroyNotify) frame_unref;
  job->box = plate->box;
  job->quad = plate->quad;
  job->confidence = plate->confidence;
  job->moment = *moment;
  job->track_id = plate->track_id;
  job->passage = anpr_passage_ref (plate->passage);
  return job;
}

/* --- results ------------------------------------------------------------- */

static void
post_read (GstPlateOcr *self, const AnprPlate *plate, const AnprMoment *moment)
{
  const AnprRead *read = plate->read;
  const gchar *country = anpr_read_get_n_countries (read) > 0
                             ? anpr_read_get_country (read, 0)->code
                             : "";
  GstStructure *structure = gst_structure_new ("anpr-read", "passage",
      G_TYPE_STRING, anpr_passage_get_id (plate->passage), "track",
      G_TYPE_UINT64, plate->track_id, "text", G_TYPE_STRING, read->text, "raw",
      G_TYPE_STRING, read->raw, "confidence", G_TYPE_DOUBLE, read->confidence,
      "country", G_TYPE_STRING, country, "engine", G_TYPE_STRING, read->engine,
      "x", G_TYPE_DOUBLE, plate->box.x, "y", G_TYPE_DOUBLE, plate->box.y,
      "width", G_TYPE_DOUBLE, plate->box.width, "height", G_TYPE_DOUBLE,
      plate->box.height, NULL);

  gst_anpr_structure_set_moment (structure, moment);
  gst_element_post_message (GST_ELEMENT (self),
      gst_message_new_element (GST_OBJECT (self), structure));
}

static void
make_stills (GstPlateOcr *self, const AnprReaderJob *job)
{
  GstVideoFrame *video = &((Frame *) job->frame)->video;
  g_autoptr (AnprStill) plate = NULL;
  g_autoptr (AnprStill) vehicle = NULL;
  GstAnprWanted wanted;

  gst_anpr_pad_query_wanted (GST_BASE_TRANSFORM_SRC_PAD (self), &wanted);
  if (!wanted.stills)
    return;
  plate = gst_anpr_still_new_from_frame (video, &job->box);
  vehicle = gst_anpr_still_new_vehicle (video, &job->box);
  anpr_passage_set_stills (job->passage, plate, vehicle);
}

/* The plate as it was when it was read */
static AnprPlate *
plate_of_job (const AnprReaderJob *job)
{
  AnprPlate *plate = anpr_plate_new (&job->box, job->confidence);

  plate->quad = job->quad;
  plate->track_id = job->track_id;
  plate->track_state = ANPR_TRACK_ABSENT;
  plate->passage = anpr_passage_ref (job->passage);
  return plate;
}

/* Adds what the workers have read, in the order the plates came. */
static void
collect (GstPlateOcr *self, gboolean wait)
{
  AnprReaderJob *job;

  while ((job = anpr_reader_pool_pop (self->pool, wait))) {
    GST_LOG_OBJECT (self, "passage %s: %s \"%s\" %.2f",
        anpr_passage_get_id (job->passage),
        anpr_read_state_to_string (job->read->state),
        GST_STR_NULL (job->read->text), job->read->confidence);
    if (anpr_passage_add_read (
            job->passage, job->read, &job->moment, &job->box))
      make_stills (self, job);
    g_ptr_array_add (self->fresh, plate_of_job (job));
    GST_OBJECT_LOCK (self);
    self->n_reads++;
    self->reading_time += job->read->duration;
    GST_OBJECT_UNLOCK (self);
    anpr_reader_job_free (job);
  }
}

/* --- the end of a passage ------------------------------------------------ */

static void
count_end (GstPlateOcr *self, gboolean rejected)
{
  GST_OBJECT_LOCK (self);
  if (rejected)
    self->n_rejected++;
  else
    self->n_passages++;
  GST_OBJECT_UNLOCK (self);
}

/* FALSE if the stream is flushed, which loses events: then it is to be done
 * again behind the flush */
static gboolean
close_passage (GstPlateOcr *self, AnprPassage *passage)
{
  GstPad *src = GST_BASE_TRANSFORM_SRC_PAD (self);
  GstAnprWanted wanted;

  if (!anpr_passage_is_vehicle (passage)) {
    GST_DEBUG_OBJECT (
        self, "passage %s: no plate", anpr_passage_get_id (passage));
    count_end (self, TRUE);
    return TRUE;
  }
  gst_anpr_pad_query_wanted (src, &wanted);
  if (!wanted.passages) {
    anpr_passage_close (passage);
    gst_anpr_element_tell_passage (GST_ELEMENT (self), src, passage);
  }
  if (!gst_pad_push_event (src, gst_anpr_event_new_closing (passage))
      && GST_PAD_IS_FLUSHING (GST_BASE_TRANSFORM_SINK_PAD (self)))
    return FALSE;
  count_end (self, FALSE);
  return TRUE;
}

static void
forget_reads (GstPlateOcr *self, const AnprPassage *passage)
{
  for (guint i = self->fresh->len; i-- > 0;) {
    const AnprPlate *plate = g_ptr_array_index (self->fresh, i);

    if (anpr_passage_is_same (plate->passage, passage))
      g_ptr_array_remove_index (self->fresh, i);
  }
}

/* Closes, in order, the passages that wait for it and have no read under way;
 * one that has keeps those behind it waiting. */
static void
close_finished (GstPlateOcr *self)
{
  while (self->closing->len > 0) {
    AnprPassage *passage = g_ptr_array_index (self->closing, 0);

    if (anpr_reader_pool_has_passage (self->pool, passage))
      return;
    if (!close_passage (self, passage))
      return;
    forget_reads (self, passage);
    g_ptr_array_remove_index (self->closing, 0);
  }
}

static gboolean
gst_plate_ocr_sink_event (GstBaseTransform *base, GstEvent *event)
{
  GstPlateOcr *self = GST_PLATE_OCR (base);
  AnprPassage *passage;

  if (gst_anpr_event_parse_closing (event, &passage)) {
    g_ptr_array_add (self->closing, passage);
    collect (self, !self->live);
    close_finished (self);
    gst_event_unref (event);
    return TRUE;
  }
  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS) {
    collect (self, TRUE);
    close_finished (self);
  }
  return GST_BASE_TRANSFORM_CLASS (parent_class)->sink_event (base, event);
}

/* --- frames -------------------------------------------------------------- */

/* Without a tracker each plate is a vehicle of its own, closed behind this
 * buffer. A plate that a tracker saw and gave no passage is still tentative, or
 * part of another. */
static void
ensure_passage (GstPlateOcr *self, AnprPlate *plate, const AnprMoment *moment)
{
  if (plate->passage || plate->track_state != ANPR_TRACK_NONE)
    return;
  plate->passage = anpr_passage_new (moment);
  anpr_passage_see (plate->passage, moment, &plate->box, plate->confidence);
  g_ptr_array_add (self->closing, anpr_passage_ref (plate->passage));
}

static gboolean
is_worth_reading (GstPlateOcr *self, const AnprPlate *plate)
{
  if (!plate->passage || !anpr_plate_is_in_frame (plate))
    return FALSE;
  if (plate->box.width < MIN_WIDTH
      || !anpr_passage_wants_read (plate->passage, &plate->box))
    return FALSE;
  /* live: one look at a vehicle at a time, the next one at a later frame */
  return !self->live
         || !anpr_reader_pool_has_passage (self->pool, plate->passage);
}

static void
push_job (GstPlateOcr *self, AnprReaderJob *job)
{
  if (!self->live && anpr_reader_pool_is_full (self->pool))
    collect (self, TRUE);
  if (anpr_reader_pool_push (self->pool, job))
    return;
  GST_OBJECT_LOCK (self);
  self->n_skipped++;
  GST_OBJECT_UNLOCK (self);
}

static void
read_plates (GstPlateOcr *self, GstBuffer *buffer, GstAnprMeta *meta)
{
  Frame *frame = NULL;

  for (guint i = 0; i < meta->plates->len; i++) {
    AnprPlate *plate = gst_anpr_meta_get_plate (meta, i);

    ensure_passage (self, plate, &meta->moment);
    if (!is_worth_reading (self, plate))
      continue;
    if (!frame && !(frame = frame_new (self, buffer))) {
      GST_WARNING_OBJECT (self, "frame cannot be mapped, not reading it");
      return;
    }
    push_job (self, job_new (frame, plate, &meta->moment));
  }
  g_clear_pointer (&frame, frame_unref);
}

static gboolean
has_passage (GstAnprMeta *meta, const AnprPassage *passage)
{
  for (guint i = 0; i < meta->plates->len; i++) {
    const AnprPlate *plate = gst_anpr_meta_get_plate (meta, i);

    if (plate->passage && anpr_passage_is_same (plate->passage, passage))
      return TRUE;
  }
  return FALSE;
}

/* What was read of vehicles that are not in this frame is for those behind this
 * element to see now, not when the passages are over. */
static void
attach_absent (GstPlateOcr *self, GstAnprMeta *meta, GstBuffer *buffer)
{
  for (guint i = 0; i < self->fresh->len; i++) {
    const AnprPlate *plate = g_ptr_array_index (self->fresh, i);

    if (!has_passage (meta, plate->passage))
      gst_anpr_meta_add_plate (meta, buffer, anpr_plate_copy (plate));
  }
  g_ptr_array_set_size (self->fresh, 0);
}

static void
attach_reads (GstPlateOcr *self, GstAnprMeta *meta)
{
  for (guint i = 0; i < meta->plates->len; i++) {
    AnprPlate *plate = gst_anpr_meta_get_plate (meta, i);

    if (!plate->passage)
      continue;
    anpr_plate_set_read (plate, anpr_passage_get_read (plate->passage));
    if (anpr_passage_take_new_text (plate->passage))
      post_read (self, plate, &meta->moment);
  }
}

static GstFlowReturn
gst_plate_ocr_transform_ip (GstBaseTransform *base, GstBuffer *buffer)
{
  GstPlateOcr *self = GST_PLATE_OCR (base);
  GstAnprMeta *meta = gst_buffer_get_anpr_meta (buffer);

  collect (self, FALSE);
  close_finished (self);
  if (!meta)
    return GST_FLOW_OK;
  if (meta->moment.utc == 0)
    gst_anpr_timeline_see_now (&self->timeline, GST_ELEMENT (self),
        &base->segment, buffer, self->live, &meta->moment);
  GST_OBJECT_LOCK (self);
  anpr_reader_pool_set_min_confidence (self->pool, self->min_confidence);
  GST_OBJECT_UNLOCK (self);
  read_plates (self, buffer, meta);
  collect (self, !self->live);
  attach_absent (self, meta, buffer);
  attach_reads (self, meta);
  gst_anpr_element_tell_frame (
      GST_ELEMENT (self), GST_BASE_TRANSFORM_SRC_PAD (self), buffer);
  return GST_FLOW_OK;
}
