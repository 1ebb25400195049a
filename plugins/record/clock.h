/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_RECORD_CLOCK_H
#define ANPR_RECORD_CLOCK_H

#include <glib.h>

G_BEGIN_DECLS

/* A clock further from UTC than this is not synchronised (R49), microseconds */
#define ANPR_CLOCK_TOLERANCE G_USEC_PER_SEC

#define ANPR_OFFSET_UNKNOWN G_MININT64

typedef enum {
  ANPR_CLOCK_UNKNOWN,
  ANPR_CLOCK_HOST,
  ANPR_CLOCK_CAMERA,
  ANPR_CLOCK_FILE,
} AnprClockSource;

/* AnprMoment: when a frame was seen.
 *
 * utc            microseconds since 1970 as the source tells it, 0 unknown
 * stream_time    nanoseconds in the stream, G_MAXUINT64 unknown
 * running_time   nanoseconds since the pipeline plays, G_MAXUINT64 unknown
 * source         where utc comes from (R49)
 * synchronised   utc is known to be within ANPR_CLOCK_TOLERANCE of UTC
 * offset         microseconds, ANPR_OFFSET_UNKNOWN; of the host's clock its
 *                estimated error; of a camera's how far it is ahead of the
 *                host's, which is synchronised then
 * monotonic      microseconds on a clock of the stream that nobody sets and
 *                that never falls, 0 unknown; differences of moments of one
 *                stream are those of their frames
 */
typedef struct {
  gint64 utc;
  guint64 stream_time;
  guint64 running_time;
  AnprClockSource source;
  gboolean synchronised;
  gint64 offset;
  gint64 monotonic;
} AnprMoment;

#define ANPR_MOMENT_INIT                                                       \
  {                                                                            \
    .stream_time = G_MAXUINT64, .running_time = G_MAXUINT64,                   \
    .offset = ANPR_OFFSET_UNKNOWN                                              \
  }

gint64 anpr_moment_get_utc_by (
    const AnprMoment *moment, const AnprMoment *reference);
gint64 anpr_moment_get_checked_utc (const AnprMoment *moment);
const gchar *anpr_clock_source_to_string (AnprClockSource source);
gchar *anpr_utc_to_string (gint64 utc);

G_END_DECLS

#endif
