/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE /* memmem */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugins/anprsink/spooldelivery.h"
#include "plugins/anprsink/spoolreport.h"
#include "plugins/anprsink/spoolretention.h"
#include "spoolfixture.h"

#define DAY G_TIME_SPAN_DAY
#define HOUR G_TIME_SPAN_HOUR

/* 25 November 2026, noon */
#define START (G_GINT64_CONSTANT (1795608000) * G_USEC_PER_SEC)

/* The host's clocks, as the test wants them */
static AnprSteadyReading host;

static void
read_test_clock (AnprSteadyReading *clock, gpointer user_data)
{
  *clock = host;
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
setup (void)
{
  spool_setup ();
  host = (AnprSteadyReading){ START, TRUE, "first", HOUR };
}

static AnprSpool *
open_at (guint days, guint keep_delivered)
{
  AnprSpool *spool = open_spool (ANPR_SPOOL_WRITE);

  anpr_spool_set_clock (spool, read_test_clock, NULL);
  fail_unless (
      anpr_spool_set_retention (spool, "east", days, keep_delivered, NULL));
  return spool;
}

static AnprSpoolExpired
expire (AnprSpool *spool)
{
  g_autoptr (GError) error = NULL;
  AnprSpoolExpired expired;

  fail_unless (anpr_spool_expire (spool, 0, &expired, &error), "%s",
      error ? error->message : "no error");
  return expired;
}

static void
assert_left (AnprSpool *spool, guint n)
{
  g_autoptr (GPtrArray) records = NULL;

  (void) expire (spool);
  records = visit (spool, NULL);
  fail_unless_equals_int (records->len, n);
  assert_intact (spool, n);
}

static void
deliver (AnprSpool *spool, guint n)
{
  g_autoptr (GPtrArray) found =
      anpr_spool_get_undelivered (spool, n, G_MAXSIZE, NULL);

  for (guint i = 0; i < found->len; i++) {
    const AnprSpoolDelivery *delivery = g_ptr_array_index (found, i);

    fail_unless (
        anpr_spool_acknowledge (spool, &delivery->number, 1, host.utc, NULL));
  }
}

static GPtrArray *
report (AnprSpool *spool)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func (g_free);

  fail_unless (anpr_spool_visit_report (spool, collect_record, entries, NULL));
  return entries;
}

/* --- what goes when --- */

GST_START_TEST (test_nothing_stays_beyond_the_limit_and_nothing_goes_before)
{
  g_autoptr (AnprSpool) spool = open_at (2, 1);

  keep_many (spool, "east", 3);
  pass (DAY);
  keep_many (spool, "east", 2);
  pass (DAY - 1);
  assert_left (spool, 5);
  pass (1);
  fail_unless_equals_uint64 (expire (spool).undelivered, 3);
  assert_left (spool, 2);
  pass (DAY);
  assert_left (spool, 0);
  /* the chain goes on behind what is gone */
  fail_unless_equals_uint64 (keep_one (spool, "east", 1, FALSE), 6);
  assert_intact (spool, 1);
}
GST_END_TEST

GST_START_TEST (test_run_takes_what_would_be_too_old_before_the_next)
{
  g_autoptr (AnprSpool) spool = open_at (2, 1);
  AnprSpoolExpired expired;

  keep_many (spool, "east", 1);
  pass (2 * DAY - ANPR_SPOOL_EXPIRE_INTERVAL);
  fail_unless_equals_uint64 (expire (spool).passages, 0);
  fail_unless (
      anpr_spool_expire (spool, ANPR_SPOOL_EXPIRE_INTERVAL, &expired, NULL));
  fail_unless_equals_uint64 (expired.passages, 1);
}
GST_END_TEST

GST_START_TEST (test_delivered_ones_go_earlier_and_leave_no_gap)
{
  g_autoptr (AnprSpool) spool = open_at (10, 1);

  (void) keep_one (spool, "east", 1, FALSE);
  (void) keep_one (spool, "east", 2, FALSE);
  (void) keep_one (spool, "east", 3, TRUE);
  (void) keep_one (spool, "east", 4, TRUE);
  (void) keep_one (spool, "east", 5, FALSE);
  deliver (spool, 2); /* the hits, 3 and 4 */
  pass (DAY);
  fail_unless_equals_uint64 (expire (spool).passages, 2);
  assert_left (spool, 3);
  deliver (spool, 1);
  assert_left (spool, 2);
  deliver (spool, 1);
  assert_left (spool, 1);
  /* 1 to 4 are gone; the chain begins behind 4 */
  {
    g_auto (AnprSpoolVerdict) verdict = { 0 };

    fail_unless (anpr_spool_verify (spool, NULL, &verdict, NULL));
    fail_unless (verdict.fault == NULL, "%s", verdict.fault);
    fail_unless_equals_uint64 (verdict.n_erased, 4);
    fail_unless_equals_uint64 (verdict.n_entries, 3);
  }
}
GST_END_TEST

GST_START_TEST (test_each_position_has_its_own_limit)
{
  g_autoptr (AnprSpool) spool = open_at (2, 1);

  keep_many (spool, "east", 2);
  keep_many (spool, "west", 3); /* of no setting: the default */
  fail_unless (anpr_spool_set_retention (spool, "north", 5, 1, NULL));
  keep_many (spool, "north", 4);
  pass (3 * DAY);
  assert_left (spool, 7);
  pass (2 * DAY);
  assert_left (spool, 3);
  pass ((ANPR_SPOOL_DEFAULT_RETENTION - 5) * DAY);
  assert_left (spool, 0);
}
GST_END_TEST

GST_START_TEST (test_number_of_an_erased_row_is_used_for_no_other)
{
  g_autoptr (AnprSpool) spool = open_at (1, 1);
  g_autoptr (GPtrArray) before = NULL;
  gint64 number;
  AnprSpoolBacklog backlog;

  keep_many (spool, "east", 3);
  before = anpr_spool_get_undelivered (spool, 3, G_MAXSIZE, NULL);
  number = ((AnprSpoolDelivery *) before->pdata[2])->number;
  pass (DAY);
  assert_left (spool, 0);
  keep_many (spool, "east", 1);
  /* a forwarder's answer that comes late */
  fail_unless (anpr_spool_acknowledge (spool, &number, 1, 7, NULL));
  fail_unless (anpr_spool_get_backlog (spool, &backlog, NULL));
  fail_unless_equals_uint64 (backlog.rows, 1);
}
GST_END_TEST

GST_START_TEST (test_long_chain_goes_in_steps)
{
  g_autoptr (AnprSpool) spool = open_at (1, 1);
  AnprSpoolItem items[100];
  AnprSpoolPlace place = { "box-1", "east", NULL };

  for (guint round = 0; round < 7; round++) {
    for (guint i = 0; i < G_N_ELEMENTS (items); i++)
      items[i] = (AnprSpoolItem){ new_passage (i + 1, i % 9 == 0) };
    fail_unless (
        anpr_spool_keep (spool, &place, items, G_N_ELEMENTS (items), NULL));
    for (guint i = 0; i < G_N_ELEMENTS (items); i++) {
      anpr_passage_unref (items[i].passage);
      g_free (items[i].record);
    }
  }
  pass (DAY);
  fail_unless_equals_uint64 (expire (spool).passages, 700);
  assert_left (spool, 0);
  {
    g_autoptr (GPtrArray) entries = report (spool);

    fail_unless_equals_int (entries->len, 3);
    fail_unless (
        strstr (g_ptr_array_index (entries, 0), "\"passages\":[[1,256]]"), "%s",
        (gchar *) g_ptr_array_index (entries, 0));
  }
}
GST_END_TEST

/* --- what is left of it --- */

GST_START_TEST (test_erased_text_and_pictures_are_in_no_file)
{
  static const gchar *const endings[] = { "", "-wal" };
  g_autoptr (AnprSpool) spool = open_at (1, 1);
  g_autoptr (GBytes) picture = new_picture (20000, 0xA7);

  for (guint i = 0; i < 20; i++)
    g_free (keep_new (spool, "east", 0xA7, FALSE, 20000, NULL));
  pass (DAY);
  assert_left (spool, 0);
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++) {
    g_autofree gchar *file = g_strconcat (path, endings[i], NULL);
    g_autofree gchar *content = NULL;
    gsize size;

    fail_unless (g_file_get_contents (file, &content, &size, NULL));
    fail_unless (memmem (content, size, "TST", 3) == NULL);
    fail_unless (
        memmem (content, size, g_bytes_get_data (picture, NULL), 64) == NULL);
  }
}
GST_END_TEST

GST_START_TEST (test_report_is_chained_and_names_what_was_erased)
{
  static const struct {
    const gchar *command;
    const gchar *fault;
  } cases[] = {
    { "UPDATE report SET entry = replace (entry, '[1,2]', '[1,3]')"
      " WHERE number = 1",
        "entry 1: it was changed" },
    { "DELETE FROM report WHERE number = 2",
        "entry 3: entries before it are missing" },
    { "DELETE FROM report WHERE number = 3",
        "sequence 5: it was erased, and no entry" },
    { "DELETE FROM report", "sequence 1: it was erased, and no entry" },
    { "UPDATE position SET anchor_hash = 'x'",
        "sequence 7: the record before it is another one" },
    { "UPDATE position SET anchor_sequence = 5",
        "sequence 7: records before it are missing" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    AnprSpool *spool = open_at (1, 1);
    g_autofree gchar *fault = NULL;

    for (guint j = 0; j < 3; j++) {
      keep_many (spool, "east", 2);
      pass (DAY);
      (void) expire (spool);
    }
    keep_many (spool, "east", 2);
    assert_intact (spool, 2);
    anpr_spool_close (spool);
    alter (cases[i].command);
    spool = open_spool (ANPR_SPOOL_READ);
    fault = verify (spool, 2);
    fail_unless (fault && strstr (fault, cases[i].fault), "%s", fault);
    anpr_spool_close (spool);
    (void) g_remove (path);
  }
}
GST_END_TEST

GST_START_TEST (test_removed_prefix_without_a_report_is_a_fault)
{
  AnprSpool *spool = open_at (10, 1);
  g_autofree gchar *fault = NULL;

  keep_many (spool, "east", 4);
  anpr_spool_close (spool);
  /* a forger who knows of anchors, and has no entry to show */
  alter ("UPDATE position SET anchor_sequence = 2, anchor_hash ="
         " (SELECT hash FROM passage WHERE sequence = 2);"
         "DELETE FROM image WHERE passage <= 2;"
         "DELETE FROM delivery WHERE number <= 2;"
         "DELETE FROM passage WHERE number <= 2");
  spool = open_spool (ANPR_SPOOL_READ);
  fault = verify (spool, 2);
  fail_unless (
      fault && strstr (fault, "sequence 1: it was erased, and no entry"), "%s",
      fault);
  anpr_spool_close (spool);
}
GST_END_TEST

static gchar *
hash_of (const gchar *record)
{
  return g_strndup (g_strrstr (record, "\"hash\":\"") + 8, 64);
}

GST_START_TEST (test_hash_that_was_handed_out_is_asked_for)
{
  g_autoptr (AnprSpool) spool = open_at (1, 1);
  g_autoptr (GHashTable) expected =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_auto (AnprSpoolVerdict) found = { 0 };
  g_auto (AnprSpoolVerdict) anchor = { 0 };
  g_auto (AnprSpoolVerdict) other = { 0 };
  g_autofree gchar *record = NULL;
  g_autofree gchar *head = NULL;

  keep_many (spool, "east", 2);
  record = keep_new (spool, "east", 3, FALSE, 0, NULL);
  g_hash_table_insert (expected, g_strdup ("east"), hash_of (record));
  fail_unless (anpr_spool_verify (spool, expected, &found, NULL));
  fail_unless (found.fault == NULL, "%s", found.fault);
  head = g_strdup_printf (
      "east=%s sequence 3", (gchar *) g_hash_table_lookup (expected, "east"));
  fail_unless_equals_string (g_ptr_array_index (found.heads, 0), head);
  /* it is the anchor, when all up to it is erased */
  pass (DAY);
  (void) expire (spool);
  keep_many (spool, "east", 1);
  fail_unless (anpr_spool_verify (spool, expected, &anchor, NULL));
  fail_unless (anchor.fault == NULL, "%s", anchor.fault);
  g_hash_table_insert (expected, g_strdup ("east"), g_strdup ("0123"));
  fail_unless (anpr_spool_verify (spool, expected, &other, NULL));
  fail_unless (other.fault && strstr (other.fault, "no record has the hash"));
}
GST_END_TEST

/* --- clocks --- */

GST_START_TEST (test_clock_set_back_extends_nothing)
{
  g_autoptr (AnprSpool) spool = open_at (2, 1);

  keep_many (spool, "east", 1);
  pass (DAY);
  host.utc -= 365 * DAY;
  assert_left (spool, 1);
  pass (DAY);
  assert_left (spool, 0);
  /* nor does one that was wrong when it was kept */
  host.utc = 0;
  keep_many (spool, "east", 1);
  host.utc = START;
  pass (2 * DAY);
  assert_left (spool, 0);
}
GST_END_TEST

GST_START_TEST (test_clock_set_forward_deletes_nothing_early)
{
  g_autoptr (AnprSpool) spool = open_at (2, 1);

  keep_many (spool, "east", 1);
  /* a time service agrees, and still only an hour has passed in this boot */
  pass (HOUR);
  host.utc += 1000 * DAY;
  assert_left (spool, 1);
  host.synchronised = FALSE;
  host.utc += 1000 * DAY;
  assert_left (spool, 1);
  pass (2 * DAY - HOUR - 1);
  assert_left (spool, 1);
  pass (1);
  assert_left (spool, 0);
}
GST_END_TEST

GST_START_TEST (test_time_off_counts_when_both_clocks_were_confirmed)
{
  AnprSpool *spool = open_at (3, 1);

  keep_many (spool, "east", 1);
  pass (HOUR);
  (void) expire (spool);
  anpr_spool_close (spool);
  reboot ("second", 2 * DAY);
  spool = open_at (3, 1);
  pass (20 * HOUR);
  assert_left (spool, 1);
  pass (3 * HOUR);
  assert_left (spool, 0);
  anpr_spool_close (spool);
}
GST_END_TEST

GST_START_TEST (test_unconfirmed_time_off_counts_only_when_confirmed)
{
  AnprSpool *spool = open_at (3, 1);

  keep_many (spool, "east", 1);
  anpr_spool_close (spool);
  /* the battery is empty: the clock shows next year, and nobody confirms it */
  reboot ("second", 365 * DAY);
  host.synchronised = FALSE;
  spool = open_at (3, 1);
  pass (HOUR);
  assert_left (spool, 1);
  /* then the service sets it: two days have passed */
  host.utc = START + 2 * DAY;
  host.synchronised = TRUE;
  assert_left (spool, 1);
  pass (DAY - 1);
  assert_left (spool, 1);
  pass (1);
  assert_left (spool, 0);
  anpr_spool_close (spool);
}
GST_END_TEST

GST_START_TEST (test_without_any_confirmation_running_time_counts)
{
  AnprSpool *spool;

  host.synchronised = FALSE;
  spool = open_at (3, 1);
  keep_many (spool, "east", 1);
  pass (DAY);
  assert_left (spool, 1);
  anpr_spool_close (spool);
  reboot ("second", 30 * DAY);
  spool = open_at (3, 1);
  pass (2 * DAY - 1);
  assert_left (spool, 1);
  pass (1);
  assert_left (spool, 0);
  anpr_spool_close (spool);
}
GST_END_TEST

/* --- room --- */

GST_START_TEST (test_full_spool_gives_up_delivered_passages_first)
{
  const guint64 max_size = 4 << 20;
  g_autoptr (AnprSpool) spool = open_at (30, 7);
  AnprSpoolSummary summary;
  guint n = 0;

  anpr_spool_set_max_size (spool, max_size);
  for (; n < 60; n++)
    g_free (keep_new (spool, "east", n + 1, n % 5 == 0, 50000, NULL));
  deliver (spool, 30);
  for (; n < 90; n++) {
    g_autofree gchar *record = keep_new (spool, "east", n, FALSE, 50000, NULL);

    fail_unless (record != NULL);
    fail_unless (anpr_spool_get_bytes (spool) <= max_size);
  }
  fail_unless (anpr_spool_summarise (spool, &summary, NULL));
  fail_unless (summary.passages < 90 && summary.passages >= 60);
  fail_unless_equals_uint64 (summary.images_freed, 0);
  assert_intact (spool, summary.passages);
  /* none of those is left: now pictures go */
  for (; n < 150; n++)
    g_free (keep_new (spool, "east", n, FALSE, 50000, NULL));
  fail_unless (anpr_spool_summarise (spool, &summary, NULL));
  fail_unless_equals_uint64 (summary.passages, 120);
  fail_unless (summary.images_freed > 0);
  assert_intact (spool, 120);
}
GST_END_TEST

/* --- killed --- */

static void
expire_until_killed (void)
{
  AnprSpool *spool = open_at (1, 1);

  pass (DAY);
  (void) expire (spool);
  pause ();
}

/* Killed at ever later moments, what is gone is in the report and nothing else
 * is gone */
GST_START_TEST (test_killed_while_erasing_the_report_tells_what_is_gone)
{
  for (gulong wait = 2000; wait < 60000; wait *= 2) {
    AnprSpool *spool = open_at (1, 1);
    g_auto (AnprSpoolVerdict) verdict = { 0 };
    pid_t child;

    for (guint i = 0; i < 8; i++) {
      AnprSpoolItem items[80];
      AnprSpoolPlace place = { "box-1", "east", NULL };

      for (guint j = 0; j < G_N_ELEMENTS (items); j++)
        items[j] = (AnprSpoolItem){ new_passage (j + 1, FALSE) };
      fail_unless (
          anpr_spool_keep (spool, &place, items, G_N_ELEMENTS (items), NULL));
      for (guint j = 0; j < G_N_ELEMENTS (items); j++) {
        anpr_passage_unref (items[j].passage);
        g_free (items[j].record);
      }
    }
    anpr_spool_close (spool);
    child = fork ();
    fail_if (child < 0);
    if (child == 0)
      expire_until_killed ();
    g_usleep (wait);
    (void) kill (child, SIGKILL);
    fail_unless (waitpid (child, NULL, 0) == child);
    spool = open_spool (ANPR_SPOOL_WRITE);
    fail_unless (anpr_spool_verify (spool, NULL, &verdict, NULL));
    fail_unless (verdict.fault == NULL, "%s", verdict.fault);
    fail_unless_equals_uint64 (verdict.n_verified + verdict.n_erased, 640);
    anpr_spool_close (spool);
    (void) g_remove (path);
  }
}
GST_END_TEST

static Suite *
spoolretention_suite (void)
{
  Suite *suite = suite_create ("spoolretention");
  TCase *erased = tcase_create ("erased");
  TCase *clocks = tcase_create ("clocks");

  suite_add_tcase (suite, erased);
  tcase_add_checked_fixture (erased, setup, spool_teardown);
  tcase_add_test (
      erased, test_nothing_stays_beyond_the_limit_and_nothing_goes_before);
  tcase_add_test (erased, test_run_takes_what_would_be_too_old_before_the_next);
  tcase_add_test (erased, test_delivered_ones_go_earlier_and_leave_no_gap);
  tcase_add_test (erased, test_each_position_has_its_own_limit);
  tcase_add_test (erased, test_number_of_an_erased_row_is_used_for_no_other);
  tcase_add_test (erased, test_long_chain_goes_in_steps);
  tcase_add_test (erased, test_erased_text_and_pictures_are_in_no_file);
  tcase_add_test (erased, test_report_is_chained_and_names_what_was_erased);
  tcase_add_test (erased, test_removed_prefix_without_a_report_is_a_fault);
  tcase_add_test (erased, test_hash_that_was_handed_out_is_asked_for);
  tcase_add_test (erased, test_full_spool_gives_up_delivered_passages_first);
  tcase_add_test (
      erased, test_killed_while_erasing_the_report_tells_what_is_gone);

  suite_add_tcase (suite, clocks);
  tcase_add_checked_fixture (clocks, setup, spool_teardown);
  tcase_add_test (clocks, test_clock_set_back_extends_nothing);
  tcase_add_test (clocks, test_clock_set_forward_deletes_nothing_early);
  tcase_add_test (clocks, test_time_off_counts_when_both_clocks_were_confirmed);
  tcase_add_test (clocks, test_unconfirmed_time_off_counts_only_when_confirmed);
  tcase_add_test (clocks, test_without_any_confirmation_running_time_counts);
  return suite;
}

GST_CHECK_MAIN (spoolretention)
