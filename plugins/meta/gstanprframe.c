/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What several elements do with a frame: its meta, its time, its stills. */

#include "gstanprframe.h"
#include "gstanprpassing.h"
#include "../record/error.h"

/* The vehicle still reaches this many plate widths from the plate. A plate is
 * 520 mm wide and a windscreen begins 0.6 m or more above it, so nobody behind
 * the glass is in the picture (R7). */
#define VEHICLE_ABOVE 1.1
#define VEHICLE_BELOW 0.6
#define VEHICLE_BESIDE 1.4

/* A buffer is never older than this when it arrives from a live source; beyond
 * it the stream's clock is broken and the time of arrival is the better guess */
#define MAX_LATENESS (10 * GST_SECOND)

/* Seconds from 1900 (NTP) to 1970 (Unix) */
#define NTP_TO_UNIX G_GUINT64_CONSTANT (2208988800)

/**
 * gst_anpr_buffer_ensure_meta: (skip)
 * @buffer: a writable buffer
 * @info: the frame on it
 *
 * Returns: (transfer none): the meta of @buffer, made if there is none
 */
GstAnprMeta *
gst_anpr_buffer_ensure_meta (GstBuffer *buffer, const GstVideoInfo *info)
{
  GstAnprMeta *meta = gst_buffer_get_anpr_meta (buffer);

  if (meta)
    return meta;
  return gst_buffer_add_anpr_meta (
      buffer, GST_VIDEO_INFO_WIDTH (info), GST_VIDEO_INFO_HEIGHT (info));
}

/* 1 where it counts from something else than a date */
static gint64
ntp_to_utc (guint64 ntp)
{
  if (ntp <= NTP_TO_UNIX * GST_SECOND)
    return 1;
  return (gint64) ((ntp - NTP_TO_UNIX * GST_SECOND) / GST_USECOND);
}

static gint64
camera_utc (GstBuffer *buffer)
{
  static GstStaticCaps ntp = GST_STATIC_CAPS ("timestamp/x-ntp");
  static GstStaticCaps unix_time = GST_STATIC_CAPS ("timestamp/x-unix");
  g_autoptr (GstCaps) ntp_caps = gst_static_caps_get (&ntp);
  g_autoptr (GstCaps) unix_caps = gst_static_caps_get (&unix_time);
  GstReferenceTimestampMeta *meta =
      gst_buffer_get_reference_timestamp_meta (buffer, ntp_caps);

  if (meta)
    return ntp_to_utc (meta->timestamp);
  meta = gst_buffer_get_reference_timestamp_meta (buffer, unix_caps);
  return meta ? (gint64) (meta->timestamp / GST_USECOND) : 0;
}

static gint64
lateness (GstElement *element, guint64 running_time)
{
  GstClockTime now = gst_element_get_current_running_time (element);

  if (!GST_CLOCK_TIME_IS_VALID (now) || !GST_CLOCK_TIME_IS_VALID (running_time)
      || now < running_time || now - running_time > MAX_LATENESS)
    return 0;
  return (now - running_time) / GST_USECOND;
}

static void
read_frame_time (AnprFrameTime *frame, GstElement *element,
    const GstSegment *segment, GstBuffer *buffer, gboolean live)
{
  GstClockTime time = GST_BUFFER_PTS (buffer);

  frame->stream_time = frame->running_time = GST_CLOCK_TIME_NONE;
  if (segment->format == GST_FORMAT_TIME && GST_CLOCK_TIME_IS_VALID (time)) {
    frame->stream_time =
        gst_segment_to_stream_time (segment, GST_FORMAT_TIME, time);
    frame->running_time =
        gst_segment_to_running_time (segment, GST_FORMAT_TIME, time);
  }
  frame->backwards = segment->rate < 0;
  frame->live = live;
  frame->age = live ? lateness (element, frame->running_time) : 0;
  frame->camera = camera_utc (buffer);
}

static void
warn_of_host (GstElement *element, const AnprTimeline *timeline)
{
  g_autoptr (GError) error = g_error_new (ANPR_ERROR, ANPR_ERROR_CLOCK_STEP,
      "the host's clock was set by %+.3f s",
      (gdouble) timeline->host_step / G_USEC_PER_SEC);

  gst_anpr_element_warn (
      element, error, "each record keeps to the clock of its best shot");
}

static void
warn_of_camera (GstElement *element, const AnprTimeline *timeline)
{
  gdouble offset = (gdouble) timeline->camera_offset / G_USEC_PER_SEC;
  g_autoptr (GError) error = NULL;

  if (timeline->camera == ANPR_CAMERA_CLOCK_RIGHT) {
    GST_INFO_OBJECT (element, "the camera's clock is right again");
    return;
  }
  if (timeline->camera == ANPR_CAMERA_CLOCK_DATELESS) {
    g_set_error_literal (&error, ANPR_ERROR, ANPR_ERROR_CLOCK_CAMERA,
        "the camera sends no date");
    gst_anpr_element_warn (element, error, "using the host's clock");
    return;
  }
  error = g_error_new (ANPR_ERROR, ANPR_ERROR_CLOCK_CAMERA,
      "the camera's clock is %.3f s %s the host's", ABS (offset),
      offset > 0 ? "ahead of" : "behind");
  gst_anpr_element_warn (
      element, error, "its records are marked as not synchronised");
}

/**
 * gst_anpr_timeline_see: (skip)
 * @timeline: of the stream, kept by @element
 * @host: what the host's clocks say now
 * @element: for the pipeline's clock, and to warn
 * @segment: the segment @buffer is in
 * @buffer: the next frame
 * @live: whether the source is live
 * @moment: (out): when @buffer was seen
 *
 * The camera's UTC is taken from a #GstReferenceTimestampMeta of
 * timestamp/x-ntp or timestamp/x-unix: rtspsrc attaches it from RTCP with
 * add-reference-timestamp-meta. Posts a warning, once, when the host's clock
 * was set and when the camera's is found to be wrong. Streaming thread, no
 * lock held.
 */
void
gst_anpr_timeline_see (AnprTimeline *timeline, const AnprHostClock *host,
    GstElement *element, const GstSegment *segment, GstBuffer *buffer,
    gboolean live, AnprMoment *moment)
{
  AnprFrameTime frame;
  AnprTimelineNews news;

  read_frame_time (&frame, element, segment, buffer, live);
  news = anpr_timeline_place (timeline, host, &frame, moment);
  if (news & ANPR_TIMELINE_HOST_SET)
    warn_of_host (element, timeline);
  if (news & ANPR_TIMELINE_CAMERA_CHANGED)
    warn_of_camera (element, timeline);
}

/**
 * gst_anpr_timeline_see_now: (skip)
 *
 * gst_anpr_timeline_see() with the host's clocks as they are now.
 */
void
gst_anpr_timeline_see_now (AnprTimeline *timeline, GstElement *element,
    const GstSegment *segment, GstBuffer *buffer, gboolean live,
    AnprMoment *moment)
{
  AnprHostClock host;

  anpr_host_clock_read (&host);
  gst_anpr_timeline_see (
      timeline, &host, element, segment, buffer, live, moment);
}

static guint
even_side (gdouble side)
{
  return MAX (2, (guint) side & ~1u);
}

/**
 * gst_anpr_still_new_from_frame: (skip)
 * @frame: a frame mapped for reading
 * @box: the part to cut out, pixels; clipped to the frame
 *
 * Any thread.
 *
 * Returns: (transfer full) (nullable): the still, scaled down if larger than
 *     %ANPR_STILL_MAX_SIDE; %NULL if @box lies outside the frame or the format
 *     cannot be converted
 */
AnprStill *
gst_anpr_still_new_from_frame (GstVideoFrame *frame, const AnprBox *box)
{
  AnprBox part = *box;
  GstVideoInfo from = frame->info;
  GstVideoInfo info;
  GstVideoFrame picture = { 0 };
  GstVideoConverter *converter;
  GstBuffer *buffer;
  AnprStill *still;
  gdouble shrink;
  guint x, y, width, height;

  if (!anpr_box_clip (
          &part, GST_VIDEO_FRAME_WIDTH (frame), GST_VIDEO_FRAME_HEIGHT (frame))
      || part.width < 2 || part.height < 2)
    return NULL;
  x = (guint) part.x & ~1u;
  y = (guint) part.y & ~1u;
  width = MIN (even_side (part.width + 1), GST_VIDEO_FRAME_WIDTH (frame) - x);
  height =
      MIN (even_side (part.height + 1), GST_VIDEO_FRAME_HEIGHT (frame) - y);
  shrink = MIN (1.0, (gdouble) ANPR_STILL_MAX_SIDE / MAX (width, height));
  still =
      anpr_still_new (even_side (width * shrink), even_side (height * shrink));
  still->full_range =
      frame->info.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
  still->bt709 = frame->info.colorimetry.matrix == GST_VIDEO_COLOR_MATRIX_BT709;

  gst_video_info_set_format (
      &info, GST_VIDEO_FORMAT_I420, still->width, still->height);
  info.colorimetry = frame->info.colorimetry;
  info.chroma_site = frame->info.chroma_site;
  /* the still's planes have no padding, GStreamer's default strides do */
  info.stride[0] = still->width;
  info.stride[1] = info.stride[2] = still->width / 2;
  info.offset[1] = (gsize) still->width * still->height;
  info.offset[2] = info.offset[1] * 5 / 4;
  info.size = anpr_still_size (still);

  /* the converter refuses streams of different rate or interlacing; a still has
   * neither */
  from.fps_n = info.fps_n;
  from.fps_d = info.fps_d;
  from.interlace_mode = info.interlace_mode;
  converter = gst_video_converter_new (&from, &info,
      gst_structure_new ("still", GST_VIDEO_CONVERTER_OPT_SRC_X, G_TYPE_INT,
          (gint) x, GST_VIDEO_CONVERTER_OPT_SRC_Y, G_TYPE_INT, (gint) y,
          GST_VIDEO_CONVERTER_OPT_SRC_WIDTH, G_TYPE_INT, (gint) width,
          GST_VIDEO_CONVERTER_OPT_SRC_HEIGHT, G_TYPE_INT, (gint) height,
          GST_VIDEO_CONVERTER_OPT_MATRIX_MODE, GST_TYPE_VIDEO_MATRIX_MODE,
          GST_VIDEO_MATRIX_MODE_NONE, NULL));
  if (!converter) {
    anpr_still_unref (still);
    return NULL;
  }
  buffer = gst_buffer_new_wrapped_full (
      0, still->i420, info.size, 0, info.size, NULL, NULL);
  if (gst_video_frame_map (&picture, &info, buffer, GST_MAP_WRITE)) {
    gst_video_converter_frame (converter, frame, &picture);
    gst_video_frame_unmap (&picture);
  } else {
    g_clear_pointer (&still, anpr_still_unref);
  }
  gst_buffer_unref (buffer);
  gst_video_converter_free (converter);
  return still;
}

/**
 * gst_anpr_still_new_vehicle: (skip)
 * @frame: a frame mapped for reading
 * @plate: the plate, pixels
 *
 * Returns: (transfer full) (nullable): the vehicle around the plate, cut off
 *     below the windscreen
 */
AnprStill *
gst_anpr_still_new_vehicle (GstVideoFrame *frame, const AnprBox *plate)
{
  AnprBox box;

  box.x = plate->x - VEHICLE_BESIDE * plate->width;
  box.width = (1 + 2 * VEHICLE_BESIDE) * plate->width;
  box.y = plate->y - VEHICLE_ABOVE * plate->width;
  box.height = (VEHICLE_ABOVE + VEHICLE_BELOW) * plate->width + plate->height;
  return gst_anpr_still_new_from_frame (frame, &box);
}
