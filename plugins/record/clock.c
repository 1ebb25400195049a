/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What a moment tells. timeline.c makes them. */

#include "clock.h"

/**
 * anpr_moment_get_utc_by: (skip)
 * @moment: a moment
 * @reference: another one of the same stream
 *
 * The UTC of @moment by the clock that @reference was told by. Clocks are set,
 * and a stream may go over from the host's clock to the camera's: told by one
 * reference, moments have the order and the distance of their frames all the
 * same.
 *
 * Returns: microseconds since 1970, 0 unknown
 */
gint64
anpr_moment_get_utc_by (const AnprMoment *moment, const AnprMoment *reference)
{
  if (moment->monotonic == 0 || reference->monotonic == 0
      || reference->utc == 0)
    return moment->utc;
  return reference->utc + (moment->monotonic - reference->monotonic);
}

/**
 * anpr_moment_get_checked_utc: (skip)
 * @moment: a moment
 *
 * For what must not believe a camera whose date is wrong, such as the validity
 * of lists: the UTC by the host's clock where that is synchronised.
 *
 * Returns: microseconds since 1970, 0 unknown
 */
gint64
anpr_moment_get_checked_utc (const AnprMoment *moment)
{
  if (moment->source == ANPR_CLOCK_CAMERA
      && moment->offset != ANPR_OFFSET_UNKNOWN)
    return moment->utc - moment->offset;
  return moment->utc;
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
