/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_RECORD_HOST_CLOCK_H
#define ANPR_RECORD_HOST_CLOCK_H

#include <glib.h>
#include <sys/timex.h>

G_BEGIN_DECLS

/**
 * AnprHostClock:
 * @utc: microseconds since 1970
 * @monotonic: microseconds on the clock that nobody sets, greater than 0
 * @synchronised: the kernel says that @utc is kept right, within
 *     %ANPR_CLOCK_TOLERANCE
 * @offset: estimated error of @utc, microseconds, %ANPR_OFFSET_UNKNOWN
 *
 * What the host's clocks say at one moment.
 */
typedef struct {
  gint64 utc;
  gint64 monotonic;
  gboolean synchronised;
  gint64 offset;
} AnprHostClock;

void anpr_host_clock_read (AnprHostClock *clock);
void anpr_host_clock_judge (
    AnprHostClock *clock, gint state, const struct timex *kernel);

G_END_DECLS

#endif
