/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* film-camera: one camera of the load bench, with the pipeline that reads it.
 *
 * Plays a film as a live camera would, over and over, and tells as one JSON
 * object what became of its frames:
 *
 *   film -> appsrc, live -> decoder -> queue -> platedetect .. anprsink
 *
 * The film's access units (no B frames) lie in memory. Each is handed over when
 * it is due by the pipeline's clock, never later because of what happens
 * downstream: appsrc takes any number. Its time stamp is that moment, also in
 * later passes. The queue behind the decoder is that of the pipeline
 * `rtsp-h264`: a quarter of a second, then it leaves out the oldest frame.
 *
 *   dropped  frames that were due and never came to the sink
 *   lag      from the moment a frame is due to that it comes to the sink
 *   latency  of a passage: from the moment the frame of its best shot is due to
 *            that the bus hands over the message that first tells its last
 *            text. Passages without a text have none.
 *
 * The camera's thread alone touches Feed until it is joined, the streaming
 * thread Arrivals until the pipeline is stopped, the main thread the rest.
 *
 * Exit status: 0 played, 1 the pipeline failed, 2 usage. */

#include <gst/app/app.h>
#include <gst/gst.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define EXIT_USAGE 2
#define FILM_MAX_BYTES (G_GUINT64_CONSTANT (512) << 20)
#define LOAD_TIME (30 * GST_SECOND)
#define START_TIME GST_SECOND
#define END_TIME (30 * GST_SECOND)
#define LEAST_SAMPLE_INTERVAL GST_SECOND
#define MEMORY_SAMPLES 180

#define DECODE                                                                 \
  "appsrc name=camera is-live=true format=time max-bytes=0 ! h264parse ! "     \
  "avdec_h264 max-threads=1 ! queue max-size-buffers=16 max-size-bytes=0 "     \
  "max-size-time=250000000 leaky=downstream ! "

typedef struct {
  GPtrArray *units;
  GstCaps *caps;
  GstClockTime duration;
  guint64 bytes;
} Film;

typedef struct {
  gchar *film;
  gchar *elements;
  gint seconds;
  gdouble begin;
} Options;

/* stop_at: running time */
typedef struct {
  const Film *film;
  GstElement *pipeline;
  GstAppSrc *source;
  GstClockTime stop_at;
  guint first;
  guint64 n_pushed;
} Feed;

/* lags: gdouble, milliseconds, one a frame */
typedef struct {
  GstElement *pipeline;
  GArray *lags;
} Arrivals;

typedef struct {
  gchar *text;
  gdouble latency;
} Told;

typedef struct {
  GHashTable *passages; /* id: Told */
  GArray *memory;       /* gint64, KiB */
  GstClockTime sample_interval;
  GstClockTime next_sample;
  gboolean failed;
} Watch;

static void
film_clear (Film *film)
{
  g_clear_pointer (&film->units, g_ptr_array_unref);
  gst_clear_caps (&film->caps);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Film, film_clear)

static void
told_free (gpointer told)
{
  g_free (((Told *) told)->text);
  g_free (told);
}

/* --- the film ------------------------------------------------------------ */

static gboolean
collect_units (Film *film, GstAppSink *sink)
{
  GstSample *sample;

  while (film->bytes < FILM_MAX_BYTES
         && (sample = gst_app_sink_try_pull_sample (sink, LOAD_TIME))) {
    GstBuffer *unit = gst_buffer_copy_deep (gst_sample_get_buffer (sample));

    film->bytes += gst_buffer_get_size (unit);
    film->duration = MAX (
        film->duration, GST_BUFFER_PTS (unit) + GST_BUFFER_DURATION (unit));
    g_ptr_array_add (film->units, unit);
    gst_caps_replace (&film->caps, gst_sample_get_caps (sample));
    gst_sample_unref (sample);
  }
  return film->units->len > 0 && film->bytes < FILM_MAX_BYTES
         && GST_CLOCK_TIME_IS_VALID (film->duration) && film->duration > 0;
}

static gboolean
film_read (Film *film, const gchar *path)
{
  g_autoptr (GstElement) pipeline =
      gst_parse_launch ("filesrc name=file ! qtdemux ! h264parse "
                        "config-interval=-1 ! video/x-h264,"
                        "stream-format=byte-stream,alignment=au ! "
                        "appsink name=sink sync=false max-buffers=16",
          NULL);
  g_autoptr (GstElement) file = NULL;
  g_autoptr (GstElement) sink = NULL;
  gboolean read;

  if (!pipeline)
    return FALSE;
  file = gst_bin_get_by_name (GST_BIN (pipeline), "file");
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  g_object_set (file, "location", path, NULL);
  film->units =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_buffer_unref);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  read = collect_units (film, GST_APP_SINK (sink));
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return read;
}

/* The first access unit at or after a time that can be decoded by itself */
static guint
find_key_unit (const Film *film, gdouble seconds)
{
  for (guint i = 0; i < film->units->len; i++) {
    GstBuffer *unit = g_ptr_array_index (film->units, i);

    if (!GST_BUFFER_FLAG_IS_SET (unit, GST_BUFFER_FLAG_DELTA_UNIT)
        && GST_BUFFER_PTS (unit) >= seconds * GST_SECOND)
      return i;
  }
  return 0;
}

/* --- the camera's thread ------------------------------------------------- */

static void
wait_until (GstElement *pipeline, GstClockTime running_time)
{
  g_autoptr (GstClock) clock = gst_system_clock_obtain ();
  GstClockID id = gst_clock_new_single_shot_id (
      clock, gst_element_get_base_time (pipeline) + running_time);

  gst_clock_id_wait (id, NULL);
  gst_clock_id_unref (id);
}

/* Unit @n since the camera began, its time as if the film had no end */
static GstBuffer *
unit_of_camera (const Feed *feed, guint64 n)
{
  const Film *film = feed->film;
  guint64 at = feed->first + n;
  GstBuffer *first = g_ptr_array_index (film->units, feed->first);
  GstBuffer *unit =
      gst_buffer_copy (g_ptr_array_index (film->units, at % film->units->len));

  GST_BUFFER_PTS (unit) +=
      at / film->units->len * film->duration - GST_BUFFER_PTS (first);
  GST_BUFFER_DTS (unit) = GST_BUFFER_PTS (unit);
  return unit;
}

static gpointer
run_camera (gpointer data)
{
  Feed *feed = data;

  for (;;) {
    GstBuffer *unit = unit_of_camera (feed, feed->n_pushed);

    if (GST_BUFFER_PTS (unit) >= feed->stop_at) {
      gst_buffer_unref (unit);
      break;
    }
    wait_until (feed->pipeline, GST_BUFFER_PTS (unit));
    feed->n_pushed++;
    if (gst_app_src_push_buffer (feed->source, unit) != GST_FLOW_OK)
      break;
  }
  gst_app_src_end_of_stream (feed->source);
  return NULL;
}

/* --- what comes of it ---------------------------------------------------- */

static GstClockTime
running_time_now (GstElement *pipeline)
{
  GstClockTime now = gst_element_get_current_running_time (pipeline);

  return GST_CLOCK_TIME_IS_VALID (now) ? now : 0;
}

static gdouble
milliseconds_since (GstElement *pipeline, GstClockTime due)
{
  return GST_CLOCK_DIFF (due, running_time_now (pipeline))
         / (gdouble) GST_MSECOND;
}

static GstPadProbeReturn
frame_arrives (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Arrivals *arrivals = data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  gdouble lag =
      milliseconds_since (arrivals->pipeline, GST_BUFFER_PTS (buffer));

  g_array_append_val (arrivals->lags, lag);
  return GST_PAD_PROBE_OK;
}

/* The sink is the last element: the one whose source pads are none */
static GstPad *
find_sink_pad (GstElement *pipeline)
{
  g_autoptr (GstIterator) sinks = gst_bin_iterate_sinks (GST_BIN (pipeline));
  g_auto (GValue) value = G_VALUE_INIT;

  if (gst_iterator_next (sinks, &value) != GST_ITERATOR_OK)
    return NULL;
  return gst_element_get_static_pad (g_value_get_object (&value), "sink");
}

static void
take_passage (Watch *watch, GstElement *pipeline, const GstStructure *told)
{
  const gchar *id = gst_structure_get_string (told, "id");
  const gchar *text = gst_structure_get_string (told, "text");
  GstClockTime best;
  Told *before;

  if (!id || !text || !*text
      || !gst_structure_get_uint64 (told, "running-time", &best))
    return;
  before = g_hash_table_lookup (watch->passages, id);
  if (before && g_str_equal (before->text, text))
    return;
  before = g_new (Told, 1);
  before->text = g_strdup (text);
  before->latency = milliseconds_since (pipeline, best);
  g_hash_table_replace (watch->passages, g_strdup (id), before);
}

static gint64
resident_kib (void)
{
  g_autofree gchar *text = NULL;
  gulong size, resident;

  if (!g_file_get_contents ("/proc/self/statm", &text, NULL, NULL)
      || sscanf (text, "%lu %lu", &size, &resident) != 2)
    return 0;
  return (gint64) resident * sysconf (_SC_PAGESIZE) / 1024;
}

static void
sample_memory (Watch *watch, GstElement *pipeline)
{
  gint64 resident;

  if (running_time_now (pipeline) < watch->next_sample)
    return;
  resident = resident_kib ();
  g_array_append_val (watch->memory, resident);
  watch->next_sample += watch->sample_interval;
}

/* Returns whether the pipeline goes on. */
static gboolean
take_message (Watch *watch, GstElement *pipeline, GstMessage *message)
{
  const GstStructure *structure = gst_message_get_structure (message);
  g_autoptr (GError) error = NULL;

  switch (GST_MESSAGE_TYPE (message)) {
    case GST_MESSAGE_EOS:
      return FALSE;
    case GST_MESSAGE_ERROR:
      gst_message_parse_error (message, &error, NULL);
      fprintf (stderr, "film-camera: %s\n", error->message);
      watch->failed = TRUE;
      return FALSE;
    case GST_MESSAGE_ELEMENT:
      if (gst_structure_has_name (structure, "anpr-passage"))
        take_passage (watch, pipeline, structure);
      return TRUE;
    default:
      return TRUE;
  }
}

/* Until the stream has ended, or should have long ago */
static void
watch_pipeline (Watch *watch, GstElement *pipeline, GstClockTime end)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  gboolean goes_on = TRUE;

  while (goes_on) {
    g_autoptr (GstMessage) message =
        gst_bus_timed_pop (bus, watch->sample_interval / 4);

    sample_memory (watch, pipeline);
    if (message)
      goes_on = take_message (watch, pipeline, message);
    if (running_time_now (pipeline) > end + END_TIME) {
      fprintf (stderr, "film-camera: the stream does not end\n");
      watch->failed = TRUE;
      return;
    }
  }
}

/* --- the report ---------------------------------------------------------- */

static void
add_doubles (JsonBuilder *builder, const gchar *name, const GArray *values)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; i < values->len; i++)
    json_builder_add_double_value (builder, g_array_index (values, gdouble, i));
  json_builder_end_array (builder);
}

static void
add_int (JsonBuilder *builder, const gchar *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static void
add_watch (JsonBuilder *builder, const Watch *watch)
{
  g_autoptr (GArray) latencies = g_array_new (FALSE, FALSE, sizeof (gdouble));
  GHashTableIter iter;
  gpointer told;

  g_hash_table_iter_init (&iter, watch->passages);
  while (g_hash_table_iter_next (&iter, NULL, &told))
    g_array_append_val (latencies, ((Told *) told)->latency);
  add_doubles (builder, "latency_ms", latencies);
  json_builder_set_member_name (builder, "memory_kib");
  json_builder_begin_array (builder);
  for (guint i = 0; i < watch->memory->len; i++)
    json_builder_add_int_value (
        builder, g_array_index (watch->memory, gint64, i));
  json_builder_end_array (builder);
}

static gdouble
cpu_seconds (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
         + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void
report (
    const Feed *feed, const Arrivals *arrivals, const Watch *watch, gdouble cpu)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree gchar *text = NULL;

  json_builder_begin_object (builder);
  add_int (builder, "frames", feed->n_pushed);
  add_int (builder, "arrived", arrivals->lags->len);
  add_int (builder, "film_kib", feed->film->bytes / 1024);
  json_builder_set_member_name (builder, "cpu_seconds");
  json_builder_add_double_value (builder, cpu);
  add_doubles (builder, "lag_ms", arrivals->lags);
  add_watch (builder, watch);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, FALSE);
  puts (text);
}

/* --- life ---------------------------------------------------------------- */

static GstElement *
make_pipeline (const Options *options, const Film *film)
{
  g_autofree gchar *text = g_strconcat (DECODE, options->elements, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) source = NULL;
  GstElement *pipeline = gst_parse_launch (text, &error);

  if (error) {
    fprintf (stderr, "film-camera: %s\n", error->message);
    gst_clear_object (&pipeline);
    return NULL;
  }
  source = gst_bin_get_by_name (GST_BIN (pipeline), "camera");
  g_object_set (source, "caps", film->caps, NULL);
  return pipeline;
}

/* Running time is told before the pipeline plays: the camera does not wait for
 * it. Until then models are loaded. */
static void
set_time (GstElement *pipeline)
{
  g_autoptr (GstClock) clock = gst_system_clock_obtain ();

  gst_pipeline_use_clock (GST_PIPELINE (pipeline), clock);
  gst_element_set_start_time (pipeline, GST_CLOCK_TIME_NONE);
  gst_element_set_base_time (pipeline, gst_clock_get_time (clock) + START_TIME);
}

static gboolean
play (const Options *options, const Film *film, GstElement *pipeline)
{
  g_autoptr (GstElement) source =
      gst_bin_get_by_name (GST_BIN (pipeline), "camera");
  g_autoptr (GstPad) pad = find_sink_pad (pipeline);
  g_autoptr (GHashTable) passages =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, told_free);
  g_autoptr (GArray) memory = g_array_new (FALSE, FALSE, sizeof (gint64));
  guint64 most_frames = (guint64) options->seconds * film->units->len
                            * GST_SECOND / film->duration
                        + film->units->len;
  g_autoptr (GArray) lags =
      g_array_sized_new (FALSE, TRUE, sizeof (gdouble), most_frames);
  Feed feed = { film, pipeline, GST_APP_SRC (source),
    options->seconds * GST_SECOND, find_key_unit (film, options->begin) };
  Arrivals arrivals = { pipeline, lags };
  Watch watch = { passages, memory,
    MAX (LEAST_SAMPLE_INTERVAL, feed.stop_at / MEMORY_SAMPLES) };
  gdouble cpu = cpu_seconds ();
  GThread *camera;

  /* so that what is kept here does not look like growth */
  memset (lags->data, 0, most_frames * sizeof (gdouble));
  gst_pad_add_probe (
      pad, GST_PAD_PROBE_TYPE_BUFFER, frame_arrives, &arrivals, NULL);
  set_time (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  camera = g_thread_new ("camera", run_camera, &feed);
  watch_pipeline (&watch, pipeline, feed.stop_at);
  cpu = cpu_seconds () - cpu;
  gst_element_set_state (pipeline, GST_STATE_NULL);
  g_thread_join (camera);
  if (!watch.failed)
    report (&feed, &arrivals, &watch, cpu);
  return !watch.failed;
}

static gboolean
parse_options (Options *options, gint *argc, gchar ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "film", 0, 0, G_OPTION_ARG_FILENAME, &options->film,
        "H.264 film in MP4, without B frames", "FILE" },
    { "elements", 0, 0, G_OPTION_ARG_STRING, &options->elements,
        "What follows the decoder (default: fakesink)", "PIPELINE" },
    { "seconds", 0, 0, G_OPTION_ARG_INT, &options->seconds,
        "How long (default: 20)", "N" },
    { "begin", 0, 0, G_OPTION_ARG_DOUBLE, &options->begin,
        "Where in the film to begin (default: 0)", "SECONDS" },
    { NULL },
  };
  g_autoptr (GOptionContext) context =
      g_option_context_new ("- play a film as a camera");

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (options->film && options->seconds > 0)
    return TRUE;
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
      "--film is needed, and a positive number of --seconds");
  return FALSE;
}

int
main (int argc, char **argv)
{
  Options options = { .seconds = 20,
    .elements = g_strdup ("fakesink sync=false") };
  g_auto (Film) film = { 0 };
  g_autoptr (GstElement) pipeline = NULL;
  g_autoptr (GError) error = NULL;
  gboolean played = FALSE;

  if (!parse_options (&options, &argc, &argv, &error)) {
    fprintf (stderr, "film-camera: %s\n", error->message);
    return EXIT_USAGE;
  }
  gst_init (NULL, NULL);
  if (film_read (&film, options.film))
    pipeline = make_pipeline (&options, &film);
  else
    fprintf (stderr, "film-camera: \"%s\" is no H.264 film\n", options.film);
  if (pipeline)
    played = play (&options, &film, pipeline);
  g_free (options.film);
  g_free (options.elements);
  return played ? EXIT_SUCCESS : EXIT_FAILURE;
}
