/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_FRAME_COUNT_H
#define ANPR_FRAME_COUNT_H

#include <glib.h>

G_BEGIN_DECLS

/* Frames that may be between decoder and reading: sixteen times what the queue
 * there holds in the ready pipelines */
#define ANPR_FRAME_COUNT_UNDER_WAY 256

/**
 * AnprFrameCount:
 * @frames_in: access units that went into the decoder
 * @decoded: frames that came out of it
 * @arrived: of these, that came to where plates are looked for
 * @dropped: of these, that never will
 * @packets_lost: packets of the stream that never came, or too late
 *
 * What becomes of a camera's frames, over all its connections. All zero at first.
 */
typedef struct {
  guint64 frames_in;
  guint64 decoded;
  guint64 arrived;
  guint64 dropped;
  guint64 packets_lost;

  /*< private >*/
  guint64 under_way[ANPR_FRAME_COUNT_UNDER_WAY]; /* times, oldest first */
  guint n_under_way;
  gboolean has_packet;
  guint32 sender;
  guint16 packet;
} AnprFrameCount;

void anpr_frame_count_connect (AnprFrameCount *count);
void anpr_frame_count_packet (
    AnprFrameCount *count, guint32 sender, guint16 number);
void anpr_frame_count_decoded (AnprFrameCount *count, guint64 time);
void anpr_frame_count_arrived (AnprFrameCount *count, guint64 time);

G_END_DECLS

#endif
