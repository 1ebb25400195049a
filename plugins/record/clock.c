/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "clock.h"

#include <sys/timex.h>

/**
 * anpr_clock_read:
 * @moment: utc, source, synchronised and offset are set, the rest is kept
 *
 * Reads the host clock and what the kernel knows of its quality (adjtimex(2),
 * no privilege needed). One system call; does not block.
 */
void
anpr_clock_read (AnprMoment *moment)
{
  struct timex state = { .modes = 0 };
  int rc = adjtimex (&state);

  moment->utc = g_get_real_time ();
  moment->source = ANPR_CLOCK_HOST;
  moment->synchronised =
      rc != -1 && rc != TIME_ERROR && !(state.status & STA_UNSYNC);
  moment->offset = moment->synchronised ? (gint64) state.esterror : -1;
}

const gchar *
anpr_clock_source_to_string (AnprClockSource source)
{
  static const gchar *const names[] = {
    [ANPR_CLOCK_UNKNOWN] = "unknown",
    [ANPR_CLOCK_HOST] = "host",
    [ANPR_CLOCK_CAMERA] = "camera",
    [ANPR_CLOCK_FILE] = "file",
  };

  return names[source];
}

/**
 * anpr_utc_to_string:
 * @utc: microseconds since 1970
 *
 * Returns: (transfer full) (nullable): ISO 8601 with microseconds and Z, %NULL
 *     for 0 and for times no calendar has
 */
gchar *
anpr_utc_to_string (gint64 utc)
{
  g_autoptr (GDateTime) seconds = NULL;
  g_autofree gchar *text = NULL;

  if (utc <= 0)
    return NULL;
  seconds = g_date_time_new_from_unix_utc (utc / G_USEC_PER_SEC);
  if (!seconds)
    return NULL;
  text = g_date_time_format (seconds, "%Y-%m-%dT%H:%M:%S");
  return g_strdup_printf (
      "%s.%06" G_GINT64_FORMAT "Z", text, utc % G_USEC_PER_SEC);
}
