/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* rtspserve: a camera for tests. Serves one H.264, H.265 or MJPEG film at
 * rtsp://127.0.0.1:PORT/cam, in real time, to any number of clients, which all
 * see the same moment, as with a camera. When the last one has left, the film
 * begins anew for the next.
 *
 * The film's access units are read into memory first (at most FILM_MAX_BYTES),
 * parameter sets at each key frame, and handed to the server one by one with
 * times that run on from pass to pass, so clients do not notice the end of a
 * pass. With --passes the stream ends behind the last of them.
 *
 * Sender reports tell clients the host's time; with --dateless, as by cameras
 * without a clock, that since the stream began.
 *
 * The main loop's thread accepts clients; GstRTSPServer's threads stream. A
 * Feed belongs to one source and is touched by that source's thread only; the
 * film does not change once it is read.
 *
 * Ends on SIGTERM, SIGINT and after --seconds.
 * Exit status: 0 ended as asked, 1 cannot serve, 2 usage. */

#include <glib-unix.h>
#include <gst/app/app.h>
#include <gst/gst.h>
#include <gst/rtsp-server/rtsp-server.h>
#include <stdio.h>
#include <stdlib.h>

#define EXIT_USAGE 2
#define ADDRESS "127.0.0.1"
#define MOUNT "/cam"
#define FILM_MAX_BYTES (G_GUINT64_CONSTANT (512) << 20)

typedef struct {
  const gchar *parser;
  const gchar *caps;
  const gchar *payloader;
} Codec;

typedef struct {
  GPtrArray *units;
  GstCaps *caps;
  const Codec *codec;
  GstClockTime duration;
} Film;

typedef struct {
  const Film *film;
  guint last_pass; /* 0 for none */
  gboolean dateless;
  guint next;
  guint passes;
} Feed;

typedef struct {
  gint port;
  gint seconds;
  gint passes;
  gboolean dateless;
  gchar **files;
} Options;

static const Codec codecs[] = {
  { "h264parse config-interval=-1",
      "video/x-h264,stream-format=byte-stream,alignment=au", "rtph264pay" },
  { "h265parse config-interval=-1",
      "video/x-h265,stream-format=byte-stream,alignment=au", "rtph265pay" },
  { "identity", "image/jpeg", "rtpjpegpay" },
};

static void
film_clear (Film *film)
{
  g_clear_pointer (&film->units, g_ptr_array_unref);
  gst_clear_caps (&film->caps);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Film, film_clear)

static void
options_clear (Options *options)
{
  g_strfreev (options->files);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* Takes what the pipeline gives until it ends. */
static gboolean
collect_units (Film *film, GstAppSink *sink)
{
  guint64 bytes = 0;
  GstSample *sample;

  while (bytes < FILM_MAX_BYTES && (sample = gst_app_sink_pull_sample (sink))) {
    GstBuffer *unit = gst_buffer_ref (gst_sample_get_buffer (sample));

    bytes += gst_buffer_get_size (unit);
    film->duration = MAX (
        film->duration, GST_BUFFER_PTS (unit) + GST_BUFFER_DURATION (unit));
    g_ptr_array_add (film->units, unit);
    gst_caps_replace (&film->caps, gst_sample_get_caps (sample));
    gst_sample_unref (sample);
  }
  return film->units->len > 0 && bytes < FILM_MAX_BYTES
         && GST_CLOCK_TIME_IS_VALID (film->duration) && film->duration > 0;
}

static gboolean
read_with (Film *film, const gchar *path, const Codec *codec)
{
  g_autofree gchar *launch =
      g_strdup_printf ("filesrc name=file ! qtdemux ! %s ! %s ! "
                       "appsink name=sink sync=false max-buffers=16",
          codec->parser, codec->caps);
  g_autoptr (GstElement) pipeline = gst_parse_launch (launch, NULL);
  g_autoptr (GstElement) file = NULL;
  g_autoptr (GstElement) sink = NULL;
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstMessage) message = NULL;
  gboolean read;

  if (!pipeline)
    return FALSE;
  bus = gst_element_get_bus (pipeline);
  file = gst_bin_get_by_name (GST_BIN (pipeline), "file");
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  g_object_set (file, "location", path, NULL);
  film->codec = codec;
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  /* a film of another codec is an error, and never comes to be paused */
  message = gst_bus_timed_pop_filtered (
      bus, 10 * GST_SECOND, GST_MESSAGE_ASYNC_DONE | GST_MESSAGE_ERROR);
  read = message && GST_MESSAGE_TYPE (message) == GST_MESSAGE_ASYNC_DONE
         && collect_units (film, GST_APP_SINK (sink));
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return read;
}

/* The codec is the one whose parser the film goes through. */
static gboolean
film_read (Film *film, const gchar *path)
{
  for (guint i = 0; i < G_N_ELEMENTS (codecs); i++) {
    film->units =
        g_ptr_array_new_with_free_func ((GDestroyNotify) gst_buffer_unref);
    if (read_with (film, path, &codecs[i]))
      return TRUE;
    film_clear (film);
  }
  return FALSE;
}

static GstBuffer *
next_unit (Feed *feed)
{
  GstClockTime passed = feed->passes * feed->film->duration;
  GstBuffer *unit;

  unit = gst_buffer_copy (g_ptr_array_index (feed->film->units, feed->next));
  GST_BUFFER_PTS (unit) += passed;
  if (GST_BUFFER_DTS_IS_VALID (unit))
    GST_BUFFER_DTS (unit) += passed;
  feed->next = (feed->next + 1) % feed->film->units->len;
  feed->passes += feed->next == 0;
  return unit;
}

static void
need_data (GstAppSrc *source, guint length, gpointer data)
{
  Feed *feed = data;

  if (feed->last_pass && feed->passes >= feed->last_pass)
    gst_app_src_end_of_stream (source);
  else
    gst_app_src_push_buffer (source, next_unit (feed));
}

static void
count_from_beginning (const GValue *value, gpointer unused)
{
  gst_util_set_object_arg (
      g_value_get_object (value), "ntp-time-source", "running-time");
}

/* The media's bin lies beside the server's rtpbin in one pipeline. */
static void
send_no_date (GstRTSPMedia *media, gpointer unused)
{
  g_autoptr (GstElement) element = gst_rtsp_media_get_element (media);
  g_autoptr (GstObject) pipeline = gst_object_get_parent (GST_OBJECT (element));
  GstIterator *bins = gst_bin_iterate_all_by_element_factory_name (
      GST_BIN (pipeline), "rtpbin");

  (void) gst_iterator_foreach (bins, count_from_beginning, NULL);
  gst_iterator_free (bins);
}

static void
configure_media (
    GstRTSPMediaFactory *factory, GstRTSPMedia *media, gpointer data)
{
  GstAppSrcCallbacks callbacks = { .need_data = need_data };
  const Feed *begin = data;
  g_autoptr (GstElement) element = gst_rtsp_media_get_element (media);
  g_autoptr (GstElement) source =
      gst_bin_get_by_name (GST_BIN (element), "source");

  g_object_set (
      source, "caps", begin->film->caps, "format", GST_FORMAT_TIME, NULL);
  gst_app_src_set_callbacks (GST_APP_SRC (source), &callbacks,
      g_memdup2 (begin, sizeof (Feed)), g_free);
  if (begin->dateless)
    g_signal_connect (media, "prepared", G_CALLBACK (send_no_date), NULL);
}

static GstRTSPServer *
make_server (gint port, const Feed *begin)
{
  GstRTSPServer *server = gst_rtsp_server_new ();
  g_autoptr (GstRTSPMountPoints) mounts =
      gst_rtsp_server_get_mount_points (server);
  GstRTSPMediaFactory *factory = gst_rtsp_media_factory_new ();
  g_autofree gchar *service = g_strdup_printf ("%d", port);
  g_autofree gchar *launch =
      g_strdup_printf ("( appsrc name=source ! %s name=pay0 pt=96 )",
          begin->film->codec->payloader);

  gst_rtsp_server_set_address (server, ADDRESS);
  gst_rtsp_server_set_service (server, service);
  gst_rtsp_media_factory_set_launch (factory, launch);
  gst_rtsp_media_factory_set_shared (factory, TRUE);
  g_signal_connect (factory, "media-configure", G_CALLBACK (configure_media),
      (gpointer) begin);
  gst_rtsp_mount_points_add_factory (mounts, MOUNT, factory);
  return server;
}

static gboolean
quit_loop (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_CONTINUE;
}

static gboolean
serve (const Options *options, const Film *film)
{
  const Feed begin = { .film = film,
    .last_pass = (guint) options->passes,
    .dateless = options->dateless };
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GstRTSPServer) server = make_server (options->port, &begin);

  if (!gst_rtsp_server_attach (server, NULL))
    return FALSE;
  g_unix_signal_add (SIGTERM, quit_loop, loop);
  g_unix_signal_add (SIGINT, quit_loop, loop);
  if (options->seconds > 0)
    g_timeout_add_seconds ((guint) options->seconds, quit_loop, loop);
  printf ("rtsp://" ADDRESS ":%d" MOUNT "\n",
      gst_rtsp_server_get_bound_port (server));
  fflush (stdout);
  g_main_loop_run (loop);
  return TRUE;
}

static gboolean
parse_options (Options *options, gint *argc, gchar ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "port", 0, 0, G_OPTION_ARG_INT, &options->port,
        "TCP port (default: 0, any free one)", "PORT" },
    { "seconds", 0, 0, G_OPTION_ARG_INT, &options->seconds,
        "End after this time (default: only on SIGTERM)", "N" },
    { "passes", 0, 0, G_OPTION_ARG_INT, &options->passes,
        "End the stream when the film was shown so often (default: never)",
        "N" },
    { "dateless", 0, 0, G_OPTION_ARG_NONE, &options->dateless,
        "Tell clients no date, as cameras without a clock", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->files,
        NULL, "FILE.mp4" },
    { NULL },
  };
  g_autoptr (GOptionContext) context =
      g_option_context_new ("- serve a film as a camera does");

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (options->files && !options->files[1] && options->passes >= 0
      && options->port >= 0 && options->port <= 65535)
    return TRUE;
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
      "one FILE.mp4 is needed, passes from 0, and a port from 0 to 65535");
  return FALSE;
}

int
main (int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  g_auto (Film) film = { 0 };
  g_autoptr (GError) error = NULL;

  if (!parse_options (&options, &argc, &argv, &error)) {
    fprintf (stderr, "rtspserve: %s\n", error->message);
    return EXIT_USAGE;
  }
  gst_init (NULL, NULL);
  if (!film_read (&film, options.files[0])) {
    fprintf (stderr,
        "rtspserve: \"%s\" is no H.264, H.265 or MJPEG film in MP4\n",
        options.files[0]);
    return EXIT_FAILURE;
  }
  if (!serve (&options, &film)) {
    fprintf (stderr, "rtspserve: cannot listen on port %d\n", options.port);
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
