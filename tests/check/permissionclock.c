/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The time that permissions are judged by: what the system's clock may do. */

#include <gst/check/gstcheck.h>
#include "appliance/permissionclock.h"
#include "testfolder.h"

#include <glib/gstdio.h>

#define DAY G_TIME_SPAN_DAY
#define HOUR G_TIME_SPAN_HOUR
#define MINUTE G_TIME_SPAN_MINUTE
/* 25 November 2026, noon */
#define START (G_GINT64_CONSTANT (1795608000) * G_USEC_PER_SEC)

static gchar *folder, *file;
static AnprSteadyReading host;

static void
set_up (void)
{
  folder = test_folder_new ();
  file = g_build_filename (folder, "clock", NULL);
  host = (AnprSteadyReading){ START, TRUE, "first", HOUR };
}

static void
tear_down (void)
{
  g_clear_pointer (&file, g_free);
  test_folder_free (g_steal_pointer (&folder));
}

static void
read_host (AnprSteadyReading *reading, gpointer unused)
{
  *reading = host;
}

static AnprPermissionClock *
open_clock (void)
{
  return anpr_permission_clock_new (file, read_host, NULL);
}

/* Time passes as it should: each clock sees it */
static void
pass (gint64 time)
{
  host.utc += time;
  host.elapsed += time;
}

static void
reboot (const gchar *boot, gint64 off)
{
  host.boot = boot;
  host.elapsed = 0;
  host.utc += off;
}

static void
expect (AnprPermissionClock *clock, gint64 time)
{
  fail_unless_equals_int64 (anpr_permission_clock_now (clock), time);
}

GST_START_TEST (test_a_right_clock_is_followed)
{
  g_autoptr (AnprPermissionClock) clock = open_clock ();

  expect (clock, START);
  pass (3 * DAY);
  expect (clock, START + 3 * DAY);
}
GST_END_TEST;

GST_START_TEST (test_a_clock_set_back_takes_nothing_back)
{
  g_autoptr (AnprPermissionClock) clock = open_clock ();

  expect (clock, START);
  pass (DAY);
  host.utc = START - 300 * DAY;
  host.synchronised = FALSE;
  expect (clock, START + DAY);
  pass (HOUR);
  expect (clock, START + DAY + HOUR);
}
GST_END_TEST;

GST_START_TEST (test_nor_while_nothing_runs_or_over_a_boot)
{
  AnprPermissionClock *clock = open_clock ();

  expect (clock, START);
  pass (DAY);
  expect (clock, START + DAY);
  anpr_permission_clock_free (clock);
  /* anprd begun anew, in the same boot */
  pass (2 * HOUR);
  host.utc = START - 300 * DAY;
  host.synchronised = FALSE;
  clock = open_clock ();
  expect (clock, START + DAY + 2 * HOUR);
  pass (MINUTE);
  expect (clock, START + DAY + 2 * HOUR + MINUTE);
  anpr_permission_clock_free (clock);
  /* the machine, with a clock that nobody confirms */
  reboot ("second", -DAY);
  pass (HOUR);
  clock = open_clock ();
  expect (clock, START + DAY + 3 * HOUR + MINUTE);
  anpr_permission_clock_free (clock);
}
GST_END_TEST;

GST_START_TEST (test_time_off_counts_when_it_is_confirmed)
{
  AnprPermissionClock *clock = open_clock ();

  expect (clock, START);
  anpr_permission_clock_free (clock);
  reboot ("second", 20 * DAY);
  clock = open_clock ();
  expect (clock, START + 20 * DAY);
  host.utc -= 30 * DAY;
  host.synchronised = FALSE;
  expect (clock, START + 20 * DAY);
  anpr_permission_clock_free (clock);
}
GST_END_TEST;

GST_START_TEST (test_a_clock_wrongly_ahead_ends_nothing_for_ever)
{
  g_autoptr (AnprPermissionClock) clock = open_clock ();

  expect (clock, START);
  /* for a moment; and for long enough to be noted, even confirmed */
  host.utc += 5000 * DAY;
  expect (clock, START + 5000 * DAY);
  pass (HOUR);
  expect (clock, START + 5000 * DAY + HOUR);
  host.utc -= 5000 * DAY;
  expect (clock, START + HOUR);
}
GST_END_TEST;

GST_START_TEST (test_the_first_confirmed_time_replaces_one_nobody_confirmed)
{
  AnprPermissionClock *clock;

  host.synchronised = FALSE;
  host.utc = START + 5000 * DAY;
  clock = open_clock ();
  expect (clock, START + 5000 * DAY);
  anpr_permission_clock_free (clock);
  clock = open_clock ();
  host.utc = START;
  expect (clock, START + 5000 * DAY);
  host.synchronised = TRUE;
  expect (clock, START);
  host.synchronised = FALSE;
  host.utc = START - DAY;
  expect (clock, START);
  anpr_permission_clock_free (clock);
}
GST_END_TEST;

GST_START_TEST (test_a_file_that_cannot_be_understood_counts_as_none)
{
  static const gchar *const damaged[] = { "", "nonsense", "[clock]\ntime=1\n",
    ("[clock]\ntime=-1\nboot=a\nelapsed=1\nsure-time=1\nsure-utc=1\n"
     "sure-boot=a\n") };

  for (guint i = 0; i < G_N_ELEMENTS (damaged); i++) {
    AnprPermissionClock *clock;
    GStatBuf status;

    fail_unless (g_file_set_contents (file, damaged[i], -1, NULL));
    clock = open_clock ();
    expect (clock, START);
    anpr_permission_clock_free (clock);
    /* and is made anew, for nobody else */
    clock = open_clock ();
    host.utc -= DAY;
    expect (clock, START);
    host.utc += DAY;
    anpr_permission_clock_free (clock);
    fail_unless (g_stat (file, &status) == 0);
    fail_unless_equals_int (status.st_mode & 0777, 0600);
  }
}
GST_END_TEST;

static Suite *
permission_clock_suite (void)
{
  Suite *suite = suite_create ("permissionclock");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_test (tc, test_a_right_clock_is_followed);
  tcase_add_test (tc, test_a_clock_set_back_takes_nothing_back);
  tcase_add_test (tc, test_nor_while_nothing_runs_or_over_a_boot);
  tcase_add_test (tc, test_time_off_counts_when_it_is_confirmed);
  tcase_add_test (tc, test_a_clock_wrongly_ahead_ends_nothing_for_ever);
  tcase_add_test (
      tc, test_the_first_confirmed_time_replaces_one_nobody_confirmed);
  tcase_add_test (tc, test_a_file_that_cannot_be_understood_counts_as_none);
  return suite;
}

GST_CHECK_MAIN (permission_clock);
