/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/check/gstcheck.h>

#include "plugins/record/calendar.h"
#include "plugins/record/clock.h"

static gint64
parse (const gchar *text)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (text, NULL);

  fail_unless (time != NULL, "%s", text);
  return g_date_time_to_unix (time) * G_USEC_PER_SEC
         + g_date_time_get_microsecond (time);
}

static GTimeZone *
zone (const gchar *name)
{
  GTimeZone *found = g_time_zone_new_identifier (name);

  fail_unless (found != NULL, "no time zone data: %s", name);
  return found;
}

static void
assert_time (gint64 time, const gchar *expected)
{
  g_autofree gchar *text = anpr_utc_to_string (time);
  g_autofree gchar *right = anpr_utc_to_string (parse (expected));

  fail_unless_equals_string (text, right);
}

typedef struct {
  const gchar *zone;
  const gchar *from;
  guint months;
  const gchar *to;
} MonthCase;

GST_START_TEST (test_months_end_on_the_same_day_or_the_months_last)
{
  static const MonthCase cases[] = {
    { "UTC", "2027-01-31T12:00:00Z", 1, "2027-02-28T12:00:00Z" },
    { "UTC", "2028-01-31T12:00:00Z", 1, "2028-02-29T12:00:00Z" },
    { "UTC", "2028-01-29T00:00:00Z", 1, "2028-02-29T00:00:00Z" },
    { "UTC", "2028-02-29T23:59:59.999999Z", 12, "2029-02-28T23:59:59.999999Z" },
    { "UTC", "2027-02-28T10:00:00Z", 12, "2028-02-28T10:00:00Z" },
    { "UTC", "2026-08-31T10:00:00Z", 6, "2027-02-28T10:00:00Z" },
    { "UTC", "2026-08-31T10:00:00Z", 12, "2027-08-31T10:00:00Z" },
    { "UTC", "2026-12-31T23:59:59Z", 2, "2027-02-28T23:59:59Z" },
    { "UTC", "2026-05-31T00:00:00Z", 1, "2026-06-30T00:00:00Z" },
    /* 31 August in Ghent is 30 August in UTC for two hours */
    { "Europe/Brussels", "2026-08-30T22:30:00Z", 1, "2026-09-29T22:30:00Z" },
    { "UTC", "2026-08-30T22:30:00Z", 1, "2026-09-30T22:30:00Z" },
    { "Europe/Brussels", "2027-12-31T23:30:00Z", 1, "2028-01-31T23:30:00Z" },
    /* the same time of the clock: summer and winter differ by an hour */
    { "Europe/Brussels", "2026-10-01T10:00:00Z", 1, "2026-11-01T11:00:00Z" },
    { "Europe/Brussels", "2026-03-01T11:00:00Z", 1, "2026-04-01T10:00:00Z" },
    /* 02:30 on 28 March 2027 does not exist; on 31 October it is there twice */
    { "Europe/Brussels", "2027-02-28T01:30:00Z", 1, "2027-03-28T01:00:00Z" },
    { "Europe/Brussels", "2027-08-31T00:30:00Z", 2, "2027-10-31T00:30:00Z" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GTimeZone) place = zone (cases[i].zone);

    assert_time (anpr_calendar_add_months (
                     parse (cases[i].from), cases[i].months, place),
        cases[i].to);
  }
}
GST_END_TEST

GST_START_TEST (test_deadline_is_the_earliest_of_days_and_twelve_months)
{
  static const struct {
    const gchar *from;
    guint days;
    const gchar *to;
  } cases[] = {
    { "2026-11-25T12:00:00Z", 30, "2026-12-25T12:00:00Z" },
    /* a day has 24 hours also when the clock is set */
    { "2026-10-24T12:00:00Z", 1, "2026-10-25T12:00:00Z" },
    { "2026-01-10T12:00:00Z", 365, "2027-01-10T12:00:00Z" },
    /* from 29 February 12 months are 365 days, 366 would be beyond */
    { "2028-02-29T12:00:00Z", 365, "2029-02-28T12:00:00Z" },
    { "2028-02-29T12:00:00Z", 366, "2029-02-28T12:00:00Z" },
    /* in Ghent it is 1 March already, but UTC says 29 February */
    { "2028-02-29T23:30:00Z", 400, "2029-02-28T23:30:00Z" },
    { "2026-08-31T12:00:00Z", 400, "2027-08-31T12:00:00Z" },
  };
  g_autoptr (GTimeZone) ghent = zone ("Europe/Brussels");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_time (
        anpr_retention_deadline (parse (cases[i].from), cases[i].days, ghent),
        cases[i].to);
}
GST_END_TEST

/* Every hour of five years: never beyond 12 months by either calendar, and
 * days of the setting never beyond what is allowed */
GST_START_TEST (test_no_deadline_is_beyond_the_maximum)
{
  g_autoptr (GTimeZone) ghent = zone ("Europe/Brussels");
  g_autoptr (GTimeZone) universal = zone ("UTC");
  const gint64 end = parse ("2031-01-01T00:00:00Z");

  for (gint64 utc = parse ("2026-01-01T00:00:00Z"); utc < end;
       utc += G_TIME_SPAN_HOUR) {
    gint64 deadline =
        anpr_retention_deadline (utc, ANPR_RETENTION_MAX_DAYS, ghent);

    fail_unless (deadline <= anpr_calendar_add_months (utc, 12, universal));
    fail_unless (deadline <= anpr_calendar_add_months (utc, 12, ghent));
    fail_unless (deadline - utc >= 364 * G_TIME_SPAN_DAY);
  }
}
GST_END_TEST

static Suite *
calendar_suite (void)
{
  Suite *suite = suite_create ("calendar");
  TCase *months = tcase_create ("months");

  suite_add_tcase (suite, months);
  tcase_add_test (months, test_months_end_on_the_same_day_or_the_months_last);
  tcase_add_test (
      months, test_deadline_is_the_earliest_of_days_and_twelve_months);
  tcase_add_test (months, test_no_deadline_is_beyond_the_maximum);
  return suite;
}

GST_CHECK_MAIN (calendar)
