/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Lists that grow old, and files of lists that change under a watcher. All
 * plates are invented. */

#include <gst/check/gstcheck.h>
#include <glib/gstdio.h>

#include "testfolder.h"
#include "plugins/hitmatch/hitcomparison.h"
#include "plugins/hitmatch/hitlistparser.h"
#include "plugins/hitmatch/listwatcher.h"
#include "plugins/record/error.h"

#include <string.h>

/* 2026-06-01T00:00:00Z */
#define NOW (G_GINT64_CONSTANT (1780272000) * G_USEC_PER_SEC)
#define HEADER                                                                 \
  "# list: local\n# authority: Zone\n# category: stolen\n# purpose: J1\n"      \
  "# valid-from: 2026-01-01T00:00:00Z\n# valid-until: 2999-01-01T00:00:00Z\n"
#define ENTRY "entry,plate,valid-until\nE1,1XQZ001,2998-01-01T00:00:00Z\n"
#define LIST HEADER "# version: 1\n" ENTRY

static const AnprListAges ages = { 24 * G_TIME_SPAN_HOUR,
  48 * G_TIME_SPAN_HOUR };

static gchar *folder;
static gchar *file;

/* What the watcher told */
static GMutex lock;
static GCond told;
static guint n_loaded;
static guint n_entries;
static guint n_refused;
static GQueue codes = G_QUEUE_INIT;

static void
set_up (void)
{
  folder = test_folder_new ();
  file = g_build_filename (folder, "local.csv", NULL);
  n_loaded = 0;
  g_queue_clear (&codes);
}

static void
tear_down (void)
{
  g_clear_pointer (&file, g_free);
  g_clear_pointer (&folder, test_folder_free);
}

static AnprHitLists *
make_lists (const gchar *text)
{
  g_autoptr (AnprHitListParser) parser =
      anpr_hit_list_parser_new ("a.csv", NOW);
  g_autoptr (AnprHitList) list = NULL;
  g_autoptr (GPtrArray) lists = g_ptr_array_new ();

  fail_unless (anpr_hit_list_parser_feed (parser, text, strlen (text), NULL));
  list = anpr_hit_list_parser_finish (parser, NULL);
  fail_unless (list != NULL);
  g_ptr_array_add (lists, list);
  return anpr_hit_lists_new_from (lists);
}

/* The code that is told at a time, -1 for none */
static gint
check (AnprListFreshness *freshness, const AnprHitLists *lists, gint64 utc)
{
  g_autoptr (GPtrArray) errors =
      anpr_list_freshness_check (freshness, lists, utc, &ages);

  fail_unless (errors->len <= 1);
  return errors->len ? ((GError *) g_ptr_array_index (errors, 0))->code : -1;
}

/* --- ages ---------------------------------------------------------------- */

GST_START_TEST (a_list_that_grows_old_is_told_twice)
{
  g_autoptr (AnprHitLists) lists = make_lists (
      HEADER "# version: 1\n# issued: 2026-06-01T00:00:00Z\n" ENTRY);
  g_autoptr (AnprListFreshness) freshness = anpr_list_freshness_new ();

  fail_unless_equals_int (check (freshness, lists, NOW), -1);
  fail_unless_equals_int (check (freshness, lists, NOW + ages.warning - 1), -1);
  fail_unless_equals_int (
      check (freshness, lists, NOW + ages.warning), ANPR_ERROR_LIST_AGED);
  fail_unless_equals_int (check (freshness, lists, NOW + ages.warning + 1), -1);
  fail_unless_equals_int (check (freshness, lists, NOW + ages.stale - 1), -1);
  fail_unless_equals_int (
      check (freshness, lists, NOW + ages.stale), ANPR_ERROR_LIST_STALE);
  /* a clock that is set back and forth tells nothing twice */
  fail_unless_equals_int (check (freshness, lists, NOW), -1);
  fail_unless_equals_int (check (freshness, lists, NOW + ages.stale), -1);
}
GST_END_TEST;

GST_START_TEST (a_new_version_is_fresh_and_grows_old_by_itself)
{
  g_autoptr (AnprHitLists) old = make_lists (
      HEADER "# version: 1\n# issued: 2026-05-01T00:00:00Z\n" ENTRY);
  g_autoptr (AnprHitLists) new = make_lists (
      HEADER "# version: 2\n# issued: 2026-06-01T00:00:00Z\n" ENTRY);
  g_autoptr (AnprListFreshness) freshness = anpr_list_freshness_new ();

  fail_unless_equals_int (check (freshness, old, NOW), ANPR_ERROR_LIST_STALE);
  fail_unless_equals_int (check (freshness, new, NOW), -1);
  fail_unless_equals_int (
      check (freshness, new, NOW + ages.stale), ANPR_ERROR_LIST_STALE);
}
GST_END_TEST;

GST_START_TEST (without_a_time_of_issue_validity_counts)
{
  g_autoptr (AnprHitLists) lists = make_lists (LIST);
  const gint64 begin = NOW - 151 * 24 * G_TIME_SPAN_HOUR;

  fail_unless_equals_int64 (
      anpr_hit_list_get_header (anpr_hit_lists_get_list (lists, 0))->issued,
      begin);
  fail_unless_equals_int64 (anpr_hit_lists_get_age (lists, NOW), NOW - begin);
  /* not in force, no age */
  fail_unless_equals_int64 (anpr_hit_lists_get_age (lists, begin - 1), 0);
}
GST_END_TEST;

static void
keep_hit (const AnprComparison *comparison, AnprHit *hit, gpointer data)
{
  AnprHit **kept = data;

  fail_unless (*kept == NULL);
  *kept = anpr_hit_ref (hit);
}

static AnprHit *
find_hit (const AnprHitLists *lists, gint64 utc, AnprDirection direction)
{
  g_autoptr (AnprRead) read =
      anpr_read_new (ANPR_READ_TEXT, "1XQZ001", 0.9, "test");
  const AnprComparison comparison = {
    .read = read, .utc = utc, .place.direction = direction, .ages = ages
  };
  AnprHit *hit = NULL;

  anpr_comparison_make (&comparison, lists, keep_hit, &hit);
  fail_unless (hit != NULL);
  return hit;
}

GST_START_TEST (a_hit_of_an_old_list_is_stale_and_tells_where_the_vehicle_goes)
{
  g_autoptr (AnprHitLists) lists = make_lists (
      HEADER "# version: 1\n# issued: 2026-06-01T00:00:00Z\n" ENTRY);
  g_autoptr (AnprHit) fresh =
      find_hit (lists, NOW + ages.stale - G_USEC_PER_SEC, ANPR_DIRECTION_IN);
  g_autoptr (AnprHit) stale =
      find_hit (lists, NOW + ages.stale, ANPR_DIRECTION_UNKNOWN);
  g_autoptr (JsonObject) object = anpr_hit_to_json (fresh, NULL);

  fail_unless (!fresh->stale);
  fail_unless_equals_int (fresh->list_age, 48 * 3600 - 1);
  fail_unless (!json_object_get_boolean_member (object, "stale"));
  fail_unless_equals_string (
      json_object_get_string_member (object, "direction"), "in");
  fail_unless (stale->stale);
  json_object_unref (g_steal_pointer (&object));
  object = anpr_hit_to_json (stale, NULL);
  fail_unless (json_object_get_boolean_member (object, "stale"));
  fail_unless_equals_string (
      json_object_get_string_member (object, "direction"), "unknown");
}
GST_END_TEST;

/* --- files --------------------------------------------------------------- */

static void
on_loaded (const AnprHitLists *lists, const GPtrArray *errors, gpointer data)
{
  g_mutex_lock (&lock);
  n_loaded++;
  n_entries = (guint) anpr_hit_lists_get_n_entries (lists);
  n_refused = errors->len;
  g_cond_broadcast (&told);
  g_mutex_unlock (&lock);
}

static void
on_aged (const GError *error, gpointer data)
{
  g_mutex_lock (&lock);
  g_queue_push_tail (&codes, GINT_TO_POINTER (error->code));
  g_cond_broadcast (&told);
  g_mutex_unlock (&lock);
}

static AnprListWatcher *
watch (const gchar *path)
{
  const AnprListWatcherListener listener = { on_loaded, on_aged, NULL };

  return anpr_list_watcher_new (path, &ages, &listener);
}

static void
write_list (const gchar *text)
{
  fail_unless (g_file_set_contents (file, text, -1, NULL));
}

static void
wait_for_load (guint n)
{
  g_mutex_lock (&lock);
  while (n_loaded < n)
    g_cond_wait (&told, &lock);
  g_mutex_unlock (&lock);
}

GST_START_TEST (a_file_that_changes_is_read_again)
{
  g_autoptr (AnprListWatcher) watcher = NULL;
  g_autoptr (AnprHitLists) lists = NULL;

  write_list (LIST);
  watcher = watch (folder);
  fail_unless_equals_int (n_loaded, 1);
  fail_unless_equals_int (n_entries, 1);
  write_list (LIST "E2,1XQZ002,2998-01-01T00:00:00Z\n");
  wait_for_load (2);
  fail_unless_equals_int (n_entries, 2);
  /* what is broken is refused, and what was in force stays */
  write_list ("broken\n");
  wait_for_load (3);
  fail_unless_equals_int (n_refused, 1);
  lists = anpr_list_watcher_get_lists (watcher);
  fail_unless_equals_uint64 (anpr_hit_lists_get_n_entries (lists), 2);
}
GST_END_TEST;

GST_START_TEST (a_file_that_comes_and_goes_is_noticed)
{
  G_GNUC_UNUSED g_autoptr (AnprListWatcher) watcher = watch (file);

  fail_unless_equals_int (n_refused, 1);
  write_list (LIST);
  wait_for_load (2);
  fail_unless_equals_int (n_entries, 1);
  fail_unless_equals_int (n_refused, 0);
}
GST_END_TEST;

GST_START_TEST (files_that_do_not_change_are_read_once)
{
  g_autoptr (AnprListWatcher) watcher = NULL;

  write_list (LIST);
  watcher = watch (folder);
  g_usleep (3 * ANPR_LIST_WATCHER_PERIOD);
  fail_unless_equals_int (n_loaded, 1);
  /* set again, they are */
  anpr_list_watcher_set_path (watcher, folder);
  wait_for_load (2);
}
GST_END_TEST;

GST_START_TEST (ages_are_told_also_when_nothing_is_compared)
{
  g_autoptr (AnprListWatcher) watcher = NULL;
  const AnprListAges short_ages = { G_TIME_SPAN_SECOND,
    300 * 366 * 24 * G_TIME_SPAN_HOUR };
  const AnprListAges long_ages = { 300 * 366 * 24 * G_TIME_SPAN_HOUR,
    300 * 366 * 24 * G_TIME_SPAN_HOUR };
  const AnprListWatcherListener listener = { on_loaded, on_aged, NULL };

  write_list (LIST);
  watcher = anpr_list_watcher_new (folder, &long_ages, &listener);
  fail_unless_equals_int (codes.length, 0);
  anpr_list_watcher_set_ages (watcher, &short_ages);
  g_mutex_lock (&lock);
  while (codes.length == 0)
    g_cond_wait (&told, &lock);
  fail_unless_equals_int (
      GPOINTER_TO_INT (g_queue_pop_head (&codes)), ANPR_ERROR_LIST_AGED);
  g_mutex_unlock (&lock);
}
GST_END_TEST;

static Suite *
listwatcher_suite (void)
{
  Suite *suite = suite_create ("listwatcher");
  TCase *tcase = tcase_create ("ages");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, a_list_that_grows_old_is_told_twice);
  tcase_add_test (tcase, a_new_version_is_fresh_and_grows_old_by_itself);
  tcase_add_test (tcase, without_a_time_of_issue_validity_counts);
  tcase_add_test (
      tcase, a_hit_of_an_old_list_is_stale_and_tells_where_the_vehicle_goes);

  tcase = tcase_create ("files");
  suite_add_tcase (suite, tcase);
  tcase_add_checked_fixture (tcase, set_up, tear_down);
  tcase_add_test (tcase, a_file_that_changes_is_read_again);
  tcase_add_test (tcase, a_file_that_comes_and_goes_is_noticed);
  tcase_add_test (tcase, files_that_do_not_change_are_read_once);
  tcase_add_test (tcase, ages_are_told_also_when_nothing_is_compared);
  return suite;
}

GST_CHECK_MAIN (listwatcher);
