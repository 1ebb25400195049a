/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_RECORD_CLOCK_H
#define ANPR_RECORD_CLOCK_H

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  ANPR_CLOCK_UNKNOWN,
  ANPR_CLOCK_HOST,
  ANPR_CLOCK_CAMERA,
  ANPR_CLOCK_FILE,
} AnprClockSource;

/* AnprMoment: when a frame was seen.
 *
 * utc            microseconds since 1970, 0 unknown
 * stream_time    nanoseconds in the stream, G_MAXUINT64 unknown
 * running_time   nanoseconds since the pipeline plays, G_MAXUINT64 unknown
 * source         where utc comes from (R49)
 * synchronised   the kernel says the host clock is disciplined
 * offset         estimated error of utc, microseconds, -1 unknown
 */
typedef struct {
  gint64 utc;
  guint64 stream_time;
  guint64 running_time;
  AnprClockSource source;
  gboolean synchronised;
  gint64 offset;
} AnprMoment;

#define ANPR_MOMENT_INIT                                                       \
  {                                                                            \
    0, G_MAXUINT64, G_MAXUINT64, ANPR_CLOCK_UNKNOWN, FALSE, -1                 \
  }

void anpr_clock_read (AnprMoment *moment);
const gchar *anpr_clock_source_to_string (AnprClockSource source);
gchar *anpr_utc_to_string (gint64 utc);

G_END_DECLS

#endif
