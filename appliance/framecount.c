/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Counts exactly which frames of a camera are missing, and where they went.
 *
 * On the network: packets carry numbers without a gap. They are looked at where
 * they leave the jitter buffer, in order, so what the network lost and what came
 * too late is one number.
 *
 * In the appliance: a frame keeps its time from the decoder to where plates are
 * looked for, so each that arrives tells of those before it that did not. A
 * pipeline that gives frames other times in between, as videorate does, has its
 * frames told as dropped when they are the oldest of ANPR_FRAME_COUNT_UNDER_WAY.
 *
 * Plain data; the caller locks.
 */

#include "framecount.h"

#include <string.h>

/* A number that is further ahead is one from before, RFC 3550, A.1 */
#define HALF_OF_NUMBERS 0x8000

/**
 * anpr_frame_count_connect:
 * @count: of a camera
 *
 * Another connection begins; what was under way in the one before is no loss.
 */
void
anpr_frame_count_connect (AnprFrameCount *count)
{
  count->n_under_way = 0;
  count->has_packet = FALSE;
}

/**
 * anpr_frame_count_packet:
 * @count: of a camera
 * @sender: of the packet: another one begins to count anew
 * @number: of the packet
 */
void
anpr_frame_count_packet (AnprFrameCount *count, guint32 sender, guint16 number)
{
  guint16 gap = number - count->packet - 1;
  gboolean goes_on = count->has_packet && sender == count->sender;

  if (goes_on && gap >= HALF_OF_NUMBERS)
    return; /* twice, or out of order */
  if (goes_on)
    count->packets_lost += gap;
  count->has_packet = TRUE;
  count->sender = sender;
  count->packet = number;
}

static void
forget_oldest (AnprFrameCount *count, guint n)
{
  count->n_under_way -= n;
  memmove (count->under_way, count->under_way + n,
      count->n_under_way * sizeof *count->under_way);
}

/**
 * anpr_frame_count_decoded:
 * @count: of a camera
 * @time: of the frame
 */
void
anpr_frame_count_decoded (AnprFrameCount *count, guint64 time)
{
  count->decoded++;
  if (count->n_under_way == ANPR_FRAME_COUNT_UNDER_WAY) {
    count->dropped++;
    forget_oldest (count, 1);
  }
  count->under_way[count->n_under_way++] = time;
}

/**
 * anpr_frame_count_arrived:
 * @count: of a camera
 * @time: of the frame
 */
void
anpr_frame_count_arrived (AnprFrameCount *count, guint64 time)
{
  count->arrived++;
  for (guint i = 0; i < count->n_under_way; i++) {
    if (count->under_way[i] != time)
      continue;
    count->dropped += i;
    forget_oldest (count, i + 1);
    return;
  }
}
