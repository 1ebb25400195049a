/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What passes of a camera's pictures: how many and how old they are, and what
 * they are like.
 *
 *     depayloader's sink packets, behind the jitter buffer
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
#include "framecount.h"
#include "framehealth.h"

#include <gst/video/video.h>

/* Between two measurements of what a picture is like */
#define HEALTH_INTERVAL G_USEC_PER_SEC
/* Pictures a second are told over this time */
#define RATE_TIME (5 * G_USEC_PER_SEC)

struct _AnprCameraFrames {
  gint64 rate_begin;
  guint64 rate_frames;
  gdouble fps;

  GMutex lock;
  AnprFrameCount count;
  gint64 last_frame; /* monotonic, 0 none in this connection */
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

/* RFC 3550, 5.1: the number is in octets 2 and 3, the sender in 8 to 11 */
static void
count_packet (AnprCameraFrames *frames, GstBuffer *packet)
{
  guint8 head[12];

  if (gst_buffer_extract (packet, 0, head, sizeof head) != sizeof head)
    return;
  g_mutex_lock (&frames->lock);
  anpr_frame_count_packet (&frames->count, GST_READ_UINT32_BE (head + 8),
      GST_READ_UINT16_BE (head + 2));
  g_mutex_unlock (&frames->lock);
}

static GstPadProbeReturn
count_packets (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  GstBufferList *list;

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    count_packet (data, GST_PAD_PROBE_INFO_BUFFER (info));
    return GST_PAD_PROBE_OK;
  }
  list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);
  for (guint i = 0; i < gst_buffer_list_length (list); i++)
    count_packet (data, gst_buffer_list_get (list, i));
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
count_in (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  AnprCameraFrames *frames = data;

  g_mutex_lock (&frames->lock);
  frames->count.frames_in++;
  g_mutex_unlock (&frames->lock);
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
count_decoded (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  AnprCameraFrames *frames = data;

  g_mutex_lock (&frames->lock);
  anpr_frame_count_decoded (
      &frames->count, GST_BUFFER_PTS (GST_PAD_PROBE_INFO_BUFFER (info)));
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
  anpr_frame_count_arrived (
      &frames->count, GST_BUFFER_PTS (GST_PAD_PROBE_INFO_BUFFER (info)));
  frames->last_frame = now;
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
    GstPadProbeType type, GstPadProbeCallback callback)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, name);

  if (pad)
    gst_pad_add_probe (pad, type, callback, frames, NULL);
}

/**
 * anpr_camera_frames_watch_depayloader:
 * @frames: frames
 * @depayloader: an element that takes packets of RTP; any thread
 */
void
anpr_camera_frames_watch_depayloader (
    AnprCameraFrames *frames, GstElement *depayloader)
{
  add_probe (frames, depayloader, "sink",
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST,
      count_packets);
}

/**
 * anpr_camera_frames_watch_decoder:
 * @frames: frames
 * @decoder: an element that decodes pictures; any thread
 */
void
anpr_camera_frames_watch_decoder (AnprCameraFrames *frames, GstElement *decoder)
{
  add_probe (frames, decoder, "sink", GST_PAD_PROBE_TYPE_BUFFER, count_in);
  add_probe (frames, decoder, "src", GST_PAD_PROBE_TYPE_BUFFER, count_decoded);
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
  anpr_frame_count_connect (&frames->count);
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

  g_mutex_lock (&frames->lock);
  status->frames_in = frames->count.frames_in;
  status->decoded = frames->count.decoded;
  status->dropped = frames->count.dropped;
  status->packets_lost = frames->count.packets_lost;
  status->sharpness = frames->health.sharpness;
  status->brightness = frames->health.brightness;
  status->contrast = frames->health.contrast;
  status->width = frames->width;
  status->height = frames->height;
  take_rate (frames, frames->count.arrived);
  g_mutex_unlock (&frames->lock);
  status->fps = frames->fps;
  status->frame_age_ms = age < 0 ? ANPR_FRAME_AGE_NONE : (guint64) age / 1000;
}
