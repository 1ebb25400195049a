/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_RECORD_TIMELINE_H
#define ANPR_RECORD_TIMELINE_H

#include "clock.h"
#include "hostclock.h"

G_BEGIN_DECLS

/**
 * AnprFrameTime:
 * @stream_time: nanoseconds in the stream, %G_MAXUINT64 unknown
 * @running_time: nanoseconds since the pipeline plays, %G_MAXUINT64 unknown
 * @backwards: the stream is played backwards
 * @live: it comes from a live source
 * @age: microseconds since the frame was seen, of a live source
 * @camera: UTC by the camera, microseconds since 1970, 0 not told
 *
 * What a frame tells of its time.
 */
typedef struct {
  guint64 stream_time;
  guint64 running_time;
  gboolean backwards;
  gboolean live;
  gint64 age;
  gint64 camera;
} AnprFrameTime;

typedef enum {
  ANPR_CAMERA_CLOCK_UNKNOWN,
  ANPR_CAMERA_CLOCK_RIGHT,
  ANPR_CAMERA_CLOCK_OFF,
  ANPR_CAMERA_CLOCK_DATELESS,
} AnprCameraClock;

/* AnprTimelineNews: what anybody should hear of, flags */
typedef enum {
  ANPR_TIMELINE_NO_NEWS = 0,
  ANPR_TIMELINE_HOST_SET = 1 << 0,
  ANPR_TIMELINE_CAMERA_CHANGED = 1 << 1,
} AnprTimelineNews;

/**
 * AnprTimeline:
 * @monotonic: of the last frame, 0 before the first
 * @stream_time: of the last frame
 * @file_epoch: UTC of stream time 0 of a file, 0 before the first frame
 * @host_epoch: UTC of the host at monotonic time 0, 0 before the first frame
 * @host_step: by how much the host's clock was set last, microseconds
 * @camera: what is known of the camera's clock
 * @camera_offset: how far it was ahead when that was told, microseconds
 *
 * Times of the frames of one stream. Starts as all zero. One thread at a time.
 */
typedef struct {
  gint64 monotonic;
  guint64 stream_time;
  gint64 file_epoch;
  gint64 host_epoch;
  gint64 host_step;
  AnprCameraClock camera;
  gint64 camera_offset;
} AnprTimeline;

void anpr_timeline_restart (AnprTimeline *timeline);
AnprTimelineNews anpr_timeline_place (AnprTimeline *timeline,
    const AnprHostClock *host, const AnprFrameTime *frame, AnprMoment *moment);

G_END_DECLS

#endif
