/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Writes pictures to a file through a GStreamer pipeline, chosen by the end of
 * the file name. A film is written beside its place and renamed when it is
 * complete, so a file of that name is never half a film; if the writer is freed
 * before, the half film is removed.
 *
 * One encoder thread: how many there are changes what x264 writes, and a clip
 * should be the same on every machine. appsrc blocks when 8 frames wait. */

#include "writer.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <gst/app/app.h>
#include <gst/gst.h>
#include <gst/video/video.h>
#include <string.h>

typedef struct {
  const gchar *suffix;
  SceneCodec codec;
  gboolean film;
  const gchar *pipeline;
} Format;

struct _SceneWriter {
  GstElement *pipeline;
  GstElement *source;
  gchar *path;
  gchar *part;
  guint fps;
  guint frames;
};

#define QUEUED_FRAMES 8

static const Format formats[] = {
  { ".mp4", SCENE_CODEC_H264, TRUE,
      "x264enc speed-preset=veryfast bframes=0 key-int-max=50 threads=1 "
      "pass=qual quantizer=23 ! video/x-h264,profile=high ! h264parse ! "
      "mp4mux ! filesink name=sink" },
  { ".mp4", SCENE_CODEC_H265, TRUE,
      "x265enc speed-preset=ultrafast key-int-max=50 log-level=error "
      "option-string=bframes=0:pools=1:frame-threads=1:crf=25 ! h265parse ! "
      "mp4mux ! filesink name=sink" },
  { ".png", SCENE_CODEC_H264, FALSE,
      "videoconvert ! pngenc ! multifilesink name=sink" },
  { ".jpg", SCENE_CODEC_H264, FALSE,
      "jpegenc quality=92 ! multifilesink name=sink" },
  { ".avi", SCENE_CODEC_H264, TRUE,
      "jpegenc quality=92 ! avimux ! filesink name=sink" },
};

static const Format *
find_format (const gchar *path, SceneCodec codec)
{
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (g_str_has_suffix (path, formats[i].suffix)
        && (formats[i].codec == codec
            || !g_str_equal (formats[i].suffix, ".mp4")))
      return &formats[i];
  return NULL;
}

static void
configure_source (SceneWriter *writer, guint width, guint height)
{
  GstCaps *caps = gst_caps_new_simple ("video/x-raw", "format", G_TYPE_STRING,
      "I420", "width", G_TYPE_INT, (gint) width, "height", G_TYPE_INT,
      (gint) height, "framerate", GST_TYPE_FRACTION, (gint) writer->fps, 1,
      "colorimetry", G_TYPE_STRING, "bt709", "pixel-aspect-ratio",
      GST_TYPE_FRACTION, 1, 1, NULL);
  guint64 frame = (guint64) width * height * 3 / 2;

  g_object_set (writer->source, "caps", caps, "format", GST_FORMAT_TIME,
      "block", TRUE, "max-bytes", frame * QUEUED_FRAMES, NULL);
  gst_caps_unref (caps);
}

/* Waits for the end or takes the error that stopped the pipeline. */
static gboolean
wait_for_end (SceneWriter *writer, GError **error)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (writer->pipeline);
  g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (
      bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
    return TRUE;
  gst_message_parse_error (message, error, NULL);
  return FALSE;
}

/**
 * scene_writer_new:
 * @path: the file: .mp4, .avi (Motion JPEG), or .png or .jpg, where a pattern
 *   such as %03d stands for the number of the picture
 * @codec: of an .mp4 file
 * @width: pixels, even
 * @height: pixels, even
 * @fps: frames a second
 * @error: (out): what is wrong with the name, what element is missing, or why
 *   the file cannot be opened
 *
 * GStreamer must have been initialised.
 *
 * Returns: (transfer full): a writer, or %NULL
 */
SceneWriter *
scene_writer_new (const gchar *path, SceneCodec codec, guint width,
    guint height, guint fps, GError **error)
{
  const Format *format = find_format (path, codec);
  g_autofree gchar *launch = NULL;
  g_autoptr (SceneWriter) writer = g_new0 (SceneWriter, 1);
  g_autoptr (GstElement) sink = NULL;

  if (!format) {
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
        "\"%s\" does not end in .mp4, .avi, .png or .jpg", path);
    return NULL;
  }
  launch = g_strdup_printf ("appsrc name=source ! %s", format->pipeline);
  writer->pipeline = gst_parse_launch (launch, error);
  if (!writer->pipeline)
    return NULL;
  writer->fps = fps;
  writer->path = g_strdup (path);
  writer->part = format->film ? g_strconcat (path, ".part", NULL) : NULL;
  writer->source = gst_bin_get_by_name (GST_BIN (writer->pipeline), "source");
  configure_source (writer, width, height);
  sink = gst_bin_get_by_name (GST_BIN (writer->pipeline), "sink");
  g_object_set (
      sink, "location", writer->part ? writer->part : writer->path, NULL);
  if (gst_element_set_state (writer->pipeline, GST_STATE_PLAYING)
      == GST_STATE_CHANGE_FAILURE) {
    (void) wait_for_end (writer, error);
    return NULL;
  }
  return g_steal_pointer (&writer);
}

/**
 * scene_writer_free:
 * @writer: (nullable) (transfer full): a writer
 */
void
scene_writer_free (SceneWriter *writer)
{
  if (!writer)
    return;
  if (writer->pipeline)
    gst_element_set_state (writer->pipeline, GST_STATE_NULL);
  if (writer->part)
    (void) g_unlink (writer->part);
  gst_clear_object (&writer->source);
  gst_clear_object (&writer->pipeline);
  g_free (writer->path);
  g_free (writer->part);
  g_free (writer);
}

/**
 * scene_writer_push:
 * @writer: a writer
 * @picture: the next frame, from scene_picture_new()
 * @error: (out): why it could not be written
 *
 * The pixels are copied; waits while too many frames are on their way.
 *
 * Returns: %TRUE if the frame was taken
 */
gboolean
scene_writer_push (
    SceneWriter *writer, const ScenePicture *picture, GError **error)
{
  gsize size = (gsize) picture->width * picture->height * 3 / 2;
  GstBuffer *buffer = gst_buffer_new_memdup (picture->planes[0], size);

  GST_BUFFER_PTS (buffer) =
      gst_util_uint64_scale (writer->frames, GST_SECOND, writer->fps);
  GST_BUFFER_DURATION (buffer) =
      gst_util_uint64_scale (1, GST_SECOND, writer->fps);
  writer->frames++;
  if (gst_app_src_push_buffer (GST_APP_SRC (writer->source), buffer)
      == GST_FLOW_OK)
    return TRUE;
  return wait_for_end (writer, error);
}

/**
 * scene_writer_finish:
 * @writer: a writer
 * @error: (out): why the file is not complete
 *
 * Returns: %TRUE if all is in the file and the file is in its place
 */
gboolean
scene_writer_finish (SceneWriter *writer, GError **error)
{
  gst_app_src_end_of_stream (GST_APP_SRC (writer->source));
  if (!wait_for_end (writer, error))
    return FALSE;
  gst_element_set_state (writer->pipeline, GST_STATE_NULL);
  if (writer->part && g_rename (writer->part, writer->path) != 0) {
    gint code = errno;

    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code),
        "cannot rename \"%s\": %s", writer->part, g_strerror (code));
    return FALSE;
  }
  return TRUE;
}
