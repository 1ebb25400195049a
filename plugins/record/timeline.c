/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* From clocks that may be wrong, and may be set, to the moment of a frame.
 *
 * Each moment has two times. `utc` is what the best clock at hand says: the
 * camera's where the frame carries it, else the host's when the frame arrived;
 * a file tells no date, so its frames count from when it was opened. It jumps
 * when a clock is set, and when the first report of a camera arrives in
 * mid-stream. `monotonic` never does: live it is the host's monotonic clock, of
 * a file the time passed in it. A record takes its order and durations from
 * that (anpr_moment_get_utc_by()).
 *
 * The two clocks of the host run at the same rate, so their difference changes
 * only when somebody sets one of them, or when the host slept.
 *
 * A camera's clock is compared with the host's while that is synchronised; it
 * is never the other way round, since nobody vouches for a camera.
 *
 * No clock is read here and nothing is told: the caller passes what the clocks
 * say and tells the news. */

#include "timeline.h"

/* A clock that moved by more was set, microseconds (R49: 100 ms) */
#define LEAST_STEP 100000

/* A camera that was off is right again below this, so that one at the bound is
 * not told of again and again, microseconds */
#define RIGHT_AGAIN (ANPR_CLOCK_TOLERANCE / 10 * 9)

/* 2020-01-01. A sender without a calendar counts from when it was switched on
 * (RFC 3550, 6.4.1), or from 1970 or 2000 when its battery is empty. */
#define FIRST_DATE G_GINT64_CONSTANT (1577836800000000)

#define NANOSECONDS 1000

static AnprTimelineNews
watch_host (AnprTimeline *timeline, const AnprHostClock *host)
{
  gint64 epoch = host->utc - host->monotonic;
  gint64 step = timeline->host_epoch ? epoch - timeline->host_epoch : 0;

  timeline->host_epoch = epoch;
  if (ABS (step) <= LEAST_STEP)
    return ANPR_TIMELINE_NO_NEWS;
  timeline->host_step = step;
  return ANPR_TIMELINE_HOST_SET;
}

/* The time passed in the file since the frame before, microseconds; 0 where it
 * jumps back */
static gint64
passed (const AnprTimeline *timeline, const AnprFrameTime *frame)
{
  guint64 before =
      frame->backwards ? frame->stream_time : timeline->stream_time;
  guint64 after = frame->backwards ? timeline->stream_time : frame->stream_time;

  if (timeline->monotonic == 0 || before == G_MAXUINT64 || after == G_MAXUINT64
      || after <= before)
    return 0;
  return (gint64) ((after - before) / NANOSECONDS);
}

static void
place_in_file (AnprTimeline *timeline, const AnprHostClock *host,
    const AnprFrameTime *frame, AnprMoment *moment)
{
  gint64 start = timeline->monotonic ? timeline->monotonic : host->monotonic;

  moment->monotonic = start + passed (timeline, frame);
  if (timeline->file_epoch == 0)
    timeline->file_epoch = host->utc;
  moment->utc = timeline->file_epoch;
  if (frame->stream_time != G_MAXUINT64)
    moment->utc += (gint64) (frame->stream_time / NANOSECONDS);
  moment->source = ANPR_CLOCK_FILE;
}

static void
place_live (AnprTimeline *timeline, const AnprHostClock *host,
    const AnprFrameTime *frame, AnprMoment *moment)
{
  moment->monotonic =
      MAX (timeline->monotonic, host->monotonic - MAX (frame->age, 0));
  moment->utc = host->utc - (host->monotonic - moment->monotonic);
  moment->source = ANPR_CLOCK_HOST;
  moment->synchronised = host->synchronised;
  moment->offset = host->offset;
}

static AnprTimelineNews
tell_camera (AnprTimeline *timeline, AnprCameraClock camera, gint64 offset)
{
  gboolean news =
      camera != timeline->camera
      || ABS (offset - timeline->camera_offset) > ANPR_CLOCK_TOLERANCE;

  if (!news)
    return ANPR_TIMELINE_NO_NEWS;
  /* that it is right is what everybody expects at first */
  news = camera != ANPR_CAMERA_CLOCK_RIGHT
         || timeline->camera != ANPR_CAMERA_CLOCK_UNKNOWN;
  timeline->camera = camera;
  timeline->camera_offset = offset;
  return news ? ANPR_TIMELINE_CAMERA_CHANGED : ANPR_TIMELINE_NO_NEWS;
}

static AnprTimelineNews
check_camera (AnprTimeline *timeline, AnprMoment *moment)
{
  gint64 bound = timeline->camera == ANPR_CAMERA_CLOCK_OFF
                     ? RIGHT_AGAIN
                     : ANPR_CLOCK_TOLERANCE;

  moment->synchronised = ABS (moment->offset) <= bound;
  if (moment->synchronised)
    return tell_camera (timeline, ANPR_CAMERA_CLOCK_RIGHT, 0);
  return tell_camera (timeline, ANPR_CAMERA_CLOCK_OFF, moment->offset);
}

/* @moment has the host's time yet, or a file's */
static AnprTimelineNews
place_by_camera (
    AnprTimeline *timeline, const AnprFrameTime *frame, AnprMoment *moment)
{
  gboolean checked = frame->live && moment->synchronised;

  if (frame->camera < FIRST_DATE)
    return tell_camera (timeline, ANPR_CAMERA_CLOCK_DATELESS, 0);
  moment->source = ANPR_CLOCK_CAMERA;
  moment->offset = checked ? frame->camera - moment->utc : ANPR_OFFSET_UNKNOWN;
  moment->utc = frame->camera;
  moment->synchronised = FALSE;
  return checked ? check_camera (timeline, moment) : ANPR_TIMELINE_NO_NEWS;
}

/**
 * anpr_timeline_restart: (skip)
 * @timeline: a timeline
 *
 * Another stream begins. The timeline does not fall, since passages of the
 * stream before may be open yet.
 */
void
anpr_timeline_restart (AnprTimeline *timeline)
{
  gint64 monotonic = timeline->monotonic;

  *timeline = (AnprTimeline){ 0 };
  timeline->monotonic = monotonic;
  timeline->stream_time = G_MAXUINT64;
}

/**
 * anpr_timeline_place: (skip)
 * @timeline: of the stream
 * @host: what the host's clocks say now
 * @frame: the next frame
 * @moment: (out): when it was seen
 *
 * Returns: what changed since the frame before
 */
AnprTimelineNews
anpr_timeline_place (AnprTimeline *timeline, const AnprHostClock *host,
    const AnprFrameTime *frame, AnprMoment *moment)
{
  AnprTimelineNews news = watch_host (timeline, host);

  *moment = (AnprMoment) ANPR_MOMENT_INIT;
  moment->stream_time = frame->stream_time;
  moment->running_time = frame->running_time;
  if (frame->live)
    place_live (timeline, host, frame, moment);
  else
    place_in_file (timeline, host, frame, moment);
  timeline->monotonic = moment->monotonic;
  timeline->stream_time = frame->stream_time;
  if (frame->camera > 0)
    news |= place_by_camera (timeline, frame, moment);
  return frame->live ? news : ANPR_TIMELINE_NO_NEWS;
}
