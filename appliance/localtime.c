/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Times as people type and read them.
 *
 * What is typed is local unless it says its offset from UTC. A local time that
 * the clock shows twice, or never, when summer time ends or begins is refused:
 * to guess would ask for another hour than was meant. Whatever leaves here for
 * other programs is in UTC. */

#include "localtime.h"
#include "../plugins/record/error.h"

#include <stdio.h>
#include <string.h>

typedef struct {
  gint year, month, day, hour, minute;
  gdouble second;
} Clock;

static GDateTime *
refuse (const gchar *text, const gchar *reason, GError **error)
{
  g_set_error (
      error, ANPR_ERROR, ANPR_ERROR_PROPERTY, "time \"%s\" %s", text, reason);
  return NULL;
}

/* Takes digits only: strtol and scanf take signs and spaces, too */
static gboolean
take_number (const gchar **at, guint digits, gint *number)
{
  *number = 0;
  for (guint i = 0; i < digits; i++) {
    if (!g_ascii_isdigit (**at))
      return FALSE;
    *number = 10 * *number + g_ascii_digit_value (*(*at)++);
  }
  return TRUE;
}

static gboolean
take_sign (const gchar **at, const gchar *signs)
{
  if (!**at || !strchr (signs, **at))
    return FALSE;
  (*at)++;
  return TRUE;
}

static gboolean
take_fraction (const gchar **at, gdouble *second)
{
  gdouble unit = 0.1;
  guint n;

  for (n = 0; n < 6 && g_ascii_isdigit (**at); n++, unit /= 10)
    *second += unit * g_ascii_digit_value (*(*at)++);
  return n > 0;
}

/* YYYY-MM-DD, alone or with HH:MM[:SS[.ffffff]] behind T or a space */
static gboolean
take_clock (const gchar **at, Clock *clock)
{
  gint second;

  *clock = (Clock){ 0 };
  if (!take_number (at, 4, &clock->year) || !take_sign (at, "-")
      || !take_number (at, 2, &clock->month) || !take_sign (at, "-")
      || !take_number (at, 2, &clock->day))
    return FALSE;
  if (!**at)
    return TRUE;
  if (!take_sign (at, "T ") || !take_number (at, 2, &clock->hour)
      || !take_sign (at, ":") || !take_number (at, 2, &clock->minute))
    return FALSE;
  if (!take_sign (at, ":"))
    return TRUE;
  if (!take_number (at, 2, &second))
    return FALSE;
  clock->second = second;
  return !take_sign (at, ".") || take_fraction (at, &clock->second);
}

/* Z, +HH, +HHMM or +HH:MM; NULL if it is none */
static GTimeZone *
take_offset (const gchar **at)
{
  gboolean west = **at == '-';
  gint hours, minutes = 0;

  if (take_sign (at, "Zz"))
    return g_time_zone_new_utc ();
  if (!take_sign (at, "+-") || !take_number (at, 2, &hours))
    return NULL;
  if (**at && (take_sign (at, ":"), !take_number (at, 2, &minutes)))
    return NULL;
  if (hours > 14 || minutes > 59)
    return NULL;
  return g_time_zone_new_offset (
      (west ? -1 : 1) * (hours * 3600 + minutes * 60));
}

static gboolean
shows (GDateTime *time, const Clock *clock)
{
  return g_date_time_get_hour (time) == clock->hour
         && g_date_time_get_minute (time) == clock->minute
         && g_date_time_get_day_of_month (time) == clock->day;
}

/* Whether the clock shows the same once more up to two hours before or after */
static gboolean
comes_twice (GDateTime *time, const Clock *clock)
{
  for (gint minutes = -120; minutes <= 120; minutes += 30) {
    g_autoptr (GDateTime) other = g_date_time_add_minutes (time, minutes);

    if (minutes != 0 && other && shows (other, clock))
      return TRUE;
  }
  return FALSE;
}

/**
 * anpr_local_time_parse:
 * @text: "2026-01-31 18:30", with seconds or without, a day alone for its first
 *     moment, or "now"; local, or with an offset such as Z or +01:00 behind it
 * @zone: of local times
 * @error: %ANPR_ERROR_PROPERTY, with what is wrong
 *
 * Returns: (transfer full) (nullable): the moment
 */
GDateTime *
anpr_local_time_parse (const gchar *text, GTimeZone *zone, GError **error)
{
  g_autoptr (GTimeZone) offset = NULL;
  g_autoptr (GDateTime) time = NULL;
  const gchar *at = text;
  Clock clock;

  if (g_str_equal (text, "now"))
    return g_date_time_new_now_utc ();
  if (!take_clock (&at, &clock))
    return refuse (text, "has not the form 2026-01-31 18:30", error);
  if (*at) {
    offset = take_offset (&at);
    if (!offset || *at)
      return refuse (text, "does not end with an offset as +01:00", error);
  }
  time = g_date_time_new (offset ? offset : zone, clock.year, clock.month,
      clock.day, clock.hour, clock.minute, clock.second);
  if (!time)
    return refuse (text, "is none that a calendar has", error);
  if (offset)
    return g_steal_pointer (&time);
  if (!shows (time, &clock))
    return refuse (text,
        "does not exist: summer time begins; add the offset, as +01:00", error);
  if (comes_twice (time, &clock))
    return refuse (text,
        "comes twice: summer time ends; add the offset, as +01:00", error);
  return g_steal_pointer (&time);
}

/**
 * anpr_local_time_to_utc:
 * @time: a moment
 *
 * Returns: (transfer full): it as 2026-01-31T17:30:00.000000Z
 */
gchar *
anpr_local_time_to_utc (GDateTime *time)
{
  g_autoptr (GDateTime) utc = g_date_time_to_utc (time);
  g_autofree gchar *seconds = g_date_time_format (utc, "%Y-%m-%dT%H:%M:%S");

  return g_strdup_printf (
      "%s.%06dZ", seconds, g_date_time_get_microsecond (utc));
}

/**
 * anpr_local_time_show:
 * @utc: a moment in ISO 8601, with its offset
 * @zone: to show it in
 *
 * Returns: (transfer full): date, time and offset, "unknown time" if @utc is none
 */
gchar *
anpr_local_time_show (const gchar *utc, GTimeZone *zone)
{
  g_autoptr (GDateTime) there = g_date_time_new_from_iso8601 (utc, NULL);
  g_autoptr (GDateTime) here =
      there ? g_date_time_to_timezone (there, zone) : NULL;

  return here ? g_date_time_format (here, "%Y-%m-%d %H:%M:%S%:z")
              : g_strdup ("unknown time");
}

/**
 * anpr_local_time_zone_name:
 * @zone: a zone
 *
 * Returns: (transfer full): what people call it, with its offset now
 */
gchar *
anpr_local_time_zone_name (GTimeZone *zone)
{
  g_autoptr (GDateTime) now = g_date_time_new_now (zone);
  g_autofree gchar *offset = g_date_time_format (now, "%:z");

  return g_strdup_printf (
      "%s, now UTC%s", g_time_zone_get_identifier (zone), offset);
}
