/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Months of the calendar, for terms that the law counts in them.
 *
 * A term of months ends at the same time of the clock on the same day of the
 * month; in a month that has no such day, on its last. Which day it is depends on
 * the time zone, and local time jumps twice a year, so a term is counted in UTC
 * and in local time and the earlier end holds: never longer than either reading.
 */

#include "calendar.h"

/**
 * anpr_calendar_add_months: (skip)
 * @utc: microseconds since 1970
 * @months: how many to go on
 * @zone: whose calendar
 *
 * Returns: the same time of the clock so many months later, at the month's end
 *     if it has no such day; of a time that the clock leaps over, the moment of the
 *     leap
 */
gint64
anpr_calendar_add_months (gint64 utc, guint months, GTimeZone *zone)
{
  const gint64 seconds = utc / G_USEC_PER_SEC;
  const gint64 rest = utc % G_USEC_PER_SEC;
  g_autoptr (GDateTime) start = g_date_time_new_from_unix_utc (seconds);
  g_autoptr (GDateTime) local =
      start ? g_date_time_to_timezone (start, zone) : NULL;
  g_autoptr (GDateTime) end =
      local ? g_date_time_add_months (local, (gint) months) : NULL;

  /* beyond the year 9999: nothing is that late */
  return end ? g_date_time_to_unix (end) * G_USEC_PER_SEC + rest : G_MAXINT64;
}

/**
 * anpr_retention_deadline: (skip)
 * @utc: when it was registered, microseconds since 1970
 * @days: how long it may stay, of 24 hours
 * @zone: of the place
 *
 * Returns: until when it may be there: @days, but not beyond 12 calendar months
 *     by UTC or by local time
 */
gint64
anpr_retention_deadline (gint64 utc, guint days, GTimeZone *zone)
{
  g_autoptr (GTimeZone) universal = g_time_zone_new_utc ();
  gint64 deadline = utc + days * G_TIME_SPAN_DAY;

  deadline = MIN (deadline,
      anpr_calendar_add_months (utc, ANPR_RETENTION_MAX_MONTHS, universal));
  return MIN (deadline,
      anpr_calendar_add_months (utc, ANPR_RETENTION_MAX_MONTHS, zone));
}
