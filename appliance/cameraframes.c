/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What passes of a camera's pictures: how many and how old they are, and what
 * they are like.
 *
 *     decoder's sink     access units that came
 *     decoder's source   pictures
 *     entrance           pictures that are read; between the two, old ones are
 *                        left out while reading is behind
 *
 * One picture a second is measured, where reading begins.
 *
 * Threads: one caller. Probes run on the streaming threads and touch what is
 * under the lock.
 */

#include "cameraframes.h"
#include "framehealth.h"

#include <gst/video/video.h>

/* Between two measurements of what a picture is like */
#define HEALTH_INTERVAL G_USEC_PER_SEC
/* Pictures a second are told over this time */
#define RATE_TIME (5 * G_USEC_PER_SEC)
/* Decoded pictures that may be on their way to the entrance */
#define ON_THEIR_WAY 8

struct _AnprCameraFrames {
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

/**
 * anpr_camera_frames_new:
 *
 * Returns: (transfer full): of no picture; must outlive what it watches
 */
AnprCameraFrames *
anpr_camera_frames_new (void)
{
  AnprCameraFrames *frames = g_new0 (AnprCameraFrames, 1);

  g_mutex_init (&frames->lock);
  return frames;
}

void
anpr_camera_frames_free (AnprCameraFrames *frames)
{
  if (!frames)
    return;
  g_mutex_clear (&frames->lock);
  g_free (frames);
}

static GstPadProbeReturn
count_in (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  AnprCameraFrames *frames = data;

  g_mutex_lock (&frames->lock);
  frames->frames_in++;
  g_mutex_unlock (&frames->lock);
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
count_decoded (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  AnprCameraFrames *frames = data;

  g_mutex_lock (&frames->lock);
  frames->decoded++;
  frames->waiting_frames++;
  g_mutex_unlock (&frames->lock);
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
take_health (AnprCameraFrames *frames, GstPad *pad, GstBuffer *buffer)
{
  AnprFrameHealth health;
  GstVideoInfo info;

  if (!measure (pad, buffer, &health, &info))
    return;
  g_mutex_lock (&frames->lock);
  frames->health = health;
  frames->width = GST_VIDEO_INFO_WIDTH (&info);
  frames->height = GST_VIDEO_INFO_HEIGHT (&info);
  g_mutex_unlock (&frames->lock);
}

static GstPadProbeReturn
frame_arrives (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  AnprCameraFrames *frames = data;
  gint64 now = g_get_monotonic_time ();
  gboolean due;

  g_mutex_lock (&frames->lock);
  frames->arrived++;
  frames->last_frame = now;
  if (frames->waiting_frames > 0)
    frames->waiting_frames--;
  due = now - frames->last_health >= HEALTH_INTERVAL;
  if (due)
    frames->last_health = now;
  g_mutex_unlock (&frames->lock);
  if (due)
    take_health (frames, pad, GST_PAD_PROBE_INFO_BUFFER (info));
  return GST_PAD_PROBE_OK;
}

static void
add_probe (AnprCameraFrames *frames, GstElement *element, const gchar *name,
    GstPadProbeCallback callback)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, name);

  if (pad)
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, callback, frames, NULL);
}

/**
 * anpr_camera_frames_watch_decoder:
 * @frames: frames
 * @decoder: an element that decodes pictures; any thread
 */
void
anpr_camera_frames_watch_decoder (AnprCameraFrames *frames, GstElement *decoder)
{
  add_probe (frames, decoder, "sink", count_in);
  add_probe (frames, decoder, "src", count_decoded);
}

/**
 * anpr_camera_frames_watch_entrance:
 * @frames: frames
 * @entrance: where pictures come into reading
 */
void
anpr_camera_frames_watch_entrance (AnprCameraFrames *frames, GstPad *entrance)
{
  gst_pad_add_probe (
      entrance, GST_PAD_PROBE_TYPE_BUFFER, frame_arrives, frames, NULL);
}

/**
 * anpr_camera_frames_begin:
 * @frames: frames
 *
 * A new connection begins: no picture of it has come.
 */
void
anpr_camera_frames_begin (AnprCameraFrames *frames)
{
  g_mutex_lock (&frames->lock);
  frames->last_frame = 0;
  frames->waiting_frames = 0;
  g_mutex_unlock (&frames->lock);
}

/**
 * anpr_camera_frames_get_age:
 * @frames: frames
 *
 * Returns: microseconds since the last picture of this connection, -1 if none
 *     came yet
 */
gint64
anpr_camera_frames_get_age (AnprCameraFrames *frames)
{
  gint64 last;

  g_mutex_lock (&frames->lock);
  last = frames->last_frame;
  g_mutex_unlock (&frames->lock);
  return last ? g_get_monotonic_time () - last : -1;
}

static void
take_rate (AnprCameraFrames *frames, guint64 arrived)
{
  gint64 now = g_get_monotonic_time ();

  if (frames->rate_begin && now - frames->rate_begin < RATE_TIME)
    return;
  if (frames->rate_begin)
    frames->fps =
        (arrived - frames->rate_frames) / ((now - frames->rate_begin) / 1e6);
  frames->rate_begin = now;
  frames->rate_frames = arrived;
}

/**
 * anpr_camera_frames_get_status:
 * @frames: frames
 * @status: (inout): what is known of pictures is set
 */
void
anpr_camera_frames_get_status (
    AnprCameraFrames *frames, AnprCameraStatus *status)
{
  gint64 age = anpr_camera_frames_get_age (frames);
  guint64 arriving;

  g_mutex_lock (&frames->lock);
  arriving = frames->arrived + MIN (frames->waiting_frames, ON_THEIR_WAY);
  status->frames_in = frames->frames_in;
  status->decoded = frames->decoded;
  status->dropped = frames->decoded - MIN (frames->decoded, arriving);
  status->sharpness = frames->health.sharpness;
  status->brightness = frames->health.brightness;
  status->contrast = frames->health.contrast;
  status->width = frames->width;
  status->height = frames->height;
  take_rate (frames, frames->arrived);
  g_mutex_unlock (&frames->lock);
  status->fps = frames->fps;
  status->frame_age_ms = age < 0 ? ANPR_FRAME_AGE_NONE : (guint64) age / 1000;
}
