/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Pictures of what a camera sees, for people: small JPEGs with the plates drawn
 * in, one file that is replaced whole.
 *
 * A probe where frames leave reading takes one every so often, or when asked; a
 * frame with plates sooner, since that is what people want to see. The frame is
 * handed, by reference, to a pipeline of its own that scales, draws and encodes
 * in its own thread. While that is busy no other is taken, so the camera never
 * waits and at most one frame is held.
 *
 * Nothing is kept: each picture takes the place of the one before (R30).
 */

#include "camerastill.h"
#include "../plugins/meta/gstanprmeta.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <gst/app/app.h>
#include <gst/video/video.h>
#include <unistd.h>

/* A frame with plates is taken when this has passed, microseconds */
#define PLATES_INTERVAL (2 * G_USEC_PER_SEC)
#define OVERLAY "plateoverlay"

struct _AnprCameraStill {
  GstPad *pad;
  gulong probe;
  gchar *path;
  gint64 interval; /* microseconds, 0 only when asked */
  gboolean keep_plates;

  GstElement *pipeline; /* made with the first frame */
  GstElement *source;
  GstElement *scaled;

  GMutex lock;
  gboolean asked;
  gboolean busy;
  gboolean had_plates;
  gint64 last; /* monotonic */
  gint64 utc;
};

static gboolean
write_file (const gchar *path, const GstMapInfo *map)
{
  return g_file_set_contents_full (path, (const gchar *) map->data, map->size,
      G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL);
}

static GstFlowReturn
on_picture (GstAppSink *sink, gpointer data)
{
  AnprCameraStill *still = data;
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);
  GstBuffer *buffer = sample ? gst_sample_get_buffer (sample) : NULL;
  gboolean written = FALSE;
  GstMapInfo map;

  if (buffer && gst_buffer_map (buffer, &map, GST_MAP_READ)) {
    written = write_file (still->path, &map);
    gst_buffer_unmap (buffer, &map);
  }
  g_mutex_lock (&still->lock);
  still->busy = FALSE;
  if (written)
    still->utc = g_get_real_time ();
  g_mutex_unlock (&still->lock);
  return GST_FLOW_OK;
}

static gboolean
make_pipeline (AnprCameraStill *still)
{
  g_autoptr (GstElementFactory) overlay = gst_element_factory_find (OVERLAY);
  g_autofree gchar *text = g_strdup_printf (
      "appsrc name=in format=time ! videoscale ! capsfilter name=scaled "
      "! videoconvert ! %s jpegenc quality=80 "
      "! appsink name=out sync=false max-buffers=1",
      overlay ? OVERLAY " ! videoconvert !" : "");
  GstAppSinkCallbacks callbacks = { .new_sample = on_picture };
  g_autoptr (GstElement) sink = NULL;

  still->pipeline =
      gst_parse_launch_full (text, NULL, GST_PARSE_FLAG_FATAL_ERRORS, NULL);
  if (!still->pipeline)
    return FALSE;
  still->source = gst_bin_get_by_name (GST_BIN (still->pipeline), "in");
  still->scaled = gst_bin_get_by_name (GST_BIN (still->pipeline), "scaled");
  sink = gst_bin_get_by_name (GST_BIN (still->pipeline), "out");
  gst_app_sink_set_callbacks (GST_APP_SINK (sink), &callbacks, still, NULL);
  gst_element_set_state (still->pipeline, GST_STATE_PLAYING);
  return TRUE;
}

static void
set_size (AnprCameraStill *still, GstCaps *caps)
{
  GstVideoInfo info;
  gint width, height;
  g_autoptr (GstCaps) scaled = NULL;

  if (!gst_video_info_from_caps (&info, caps))
    return;
  width = MIN (ANPR_CAMERA_STILL_WIDTH, GST_VIDEO_INFO_WIDTH (&info));
  height = gst_util_uint64_scale_int_round (
      GST_VIDEO_INFO_HEIGHT (&info), width, GST_VIDEO_INFO_WIDTH (&info));
  scaled = gst_caps_new_simple ("video/x-raw", "width", G_TYPE_INT, width,
      "height", G_TYPE_INT, MAX (height & ~1, 2), NULL);
  g_object_set (still->scaled, "caps", scaled, NULL);
  g_object_set (still->source, "caps", caps, NULL);
}

static gboolean
has_plates (GstBuffer *buffer)
{
  GstAnprMeta *meta = gst_buffer_get_anpr_meta (buffer);

  return meta && gst_anpr_meta_get_n_plates (meta) > 0;
}

/* Whether this frame is to be shown; it is then under way */
static gboolean
take_turn (AnprCameraStill *still, GstBuffer *buffer)
{
  gint64 now = g_get_monotonic_time ();
  gint64 age = now - still->last;
  gboolean plates = has_plates (buffer);
  gboolean due;

  g_mutex_lock (&still->lock);
  due = !still->busy && (plates || !still->had_plates)
        && (still->asked || !still->last
            || (still->interval
                && (age >= still->interval
                    || (age >= MIN (PLATES_INTERVAL, still->interval)
                        && plates))));
  if (due) {
    still->asked = FALSE;
    still->busy = TRUE;
    still->had_plates = still->keep_plates && plates;
    still->last = now;
  }
  g_mutex_unlock (&still->lock);
  return due;
}

static void
give_up (AnprCameraStill *still)
{
  g_mutex_lock (&still->lock);
  still->busy = FALSE;
  g_mutex_unlock (&still->lock);
}

static GstPadProbeReturn
on_frame (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  AnprCameraStill *still = data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  g_autoptr (GstCaps) caps = NULL;

  if (!take_turn (still, buffer))
    return GST_PAD_PROBE_OK;
  caps = gst_pad_get_current_caps (pad);
  if (!caps || (!still->pipeline && !make_pipeline (still))) {
    give_up (still);
    return GST_PAD_PROBE_OK;
  }
  set_size (still, caps);
  if (gst_app_src_push_buffer (
          GST_APP_SRC (still->source), gst_buffer_ref (buffer))
      != GST_FLOW_OK)
    give_up (still);
  return GST_PAD_PROBE_OK;
}

/**
 * anpr_camera_still_new:
 * @pad: where frames leave reading
 * @path: of the JPEG
 * @interval: seconds between pictures, 0 only when asked
 * @keep_plates: a picture with plates gives way only to another with plates
 *
 * Returns: (transfer full): the maker of pictures
 */
AnprCameraStill *
anpr_camera_still_new (
    GstPad *pad, const gchar *path, guint interval, gboolean keep_plates)
{
  AnprCameraStill *still = g_new0 (AnprCameraStill, 1);

  g_mutex_init (&still->lock);
  still->pad = gst_object_ref (pad);
  still->path = g_strdup (path);
  still->interval = interval * G_USEC_PER_SEC;
  still->keep_plates = keep_plates;
  still->probe =
      gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_frame, still, NULL);
  return still;
}

/**
 * anpr_camera_still_free:
 * @still: (nullable) (transfer full): of a pipeline at rest
 */
void
anpr_camera_still_free (AnprCameraStill *still)
{
  if (!still)
    return;
  gst_pad_remove_probe (still->pad, still->probe);
  if (still->pipeline)
    gst_element_set_state (still->pipeline, GST_STATE_NULL);
  gst_clear_object (&still->source);
  gst_clear_object (&still->scaled);
  gst_clear_object (&still->pipeline);
  gst_object_unref (still->pad);
  g_mutex_clear (&still->lock);
  g_free (still->path);
  g_free (still);
}

/**
 * anpr_camera_still_ask:
 * @still: a maker of pictures
 *
 * The next frame becomes one.
 */
void
anpr_camera_still_ask (AnprCameraStill *still)
{
  g_mutex_lock (&still->lock);
  still->asked = TRUE;
  g_mutex_unlock (&still->lock);
}

/**
 * anpr_camera_still_get_utc:
 * @still: a maker of pictures
 *
 * Returns: when the last was written, microseconds since 1970, 0 none
 */
gint64
anpr_camera_still_get_utc (AnprCameraStill *still)
{
  gint64 utc;

  g_mutex_lock (&still->lock);
  utc = still->utc;
  g_mutex_unlock (&still->lock);
  return utc;
}
