/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Hit lists of a folder: what is in force while files come, change, break and
 * go. */

#include "listfixture.h"

#include <glib/gstdio.h>
#include <sys/stat.h>

#include "testfolder.h"
#include "plugins/hitmatch/hitcompare.h"
#include "plugins/record/error.h"

static gchar *folder;

static void
make_folder (void)
{
  folder = test_folder_new ();
}

static void
remove_folder (void)
{
  g_clear_pointer (&folder, test_folder_free);
}

static void
write_list (const gchar *name, const gchar *id, const gchar *entries)
{
  g_autofree gchar *path = g_build_filename (folder, name, NULL);
  g_autoptr (GString) text = g_string_new (HEADER COLUMNS);

  g_string_replace (text, "local", id, 1);
  g_string_append (text, entries);
  fail_unless (g_file_set_contents (path, text->str, -1, NULL));
}

static AnprHitLists *
load_folder (AnprHitLists *before, guint n_errors)
{
  GPtrArray *errors;
  AnprHitLists *lists =
      anpr_hit_lists_load (folder, before, NOW, NULL, &errors);

  fail_unless_equals_int (errors->len, n_errors);
  fail_unless_equals_int (anpr_hit_lists_get_n_refused (lists), n_errors);
  g_ptr_array_unref (errors);
  return lists;
}

static guint
count_hits (const AnprHitLists *lists, const gchar *plate)
{
  g_autoptr (GPtrArray) hits = compare_at (lists, plate, NOW);

  return hits->len;
}

GST_START_TEST (a_broken_list_leaves_the_others_and_its_own_older_issue)
{
  g_autoptr (AnprHitLists) older = NULL, newer = NULL, third = NULL;

  write_list ("a.csv", "a", "E1,XQ1," END "\n");
  write_list ("b.csv", "b", "E1,XQ2," END "\n");
  write_list ("ignored.txt", "c", "broken\n");
  older = load_folder (NULL, 0);
  fail_unless_equals_int (anpr_hit_lists_get_n_lists (older), 2);

  write_list ("a.csv", "a", "broken\n");
  write_list ("b.csv", "b", "E1,XQ3," END "\n");
  newer = load_folder (older, 1);
  fail_unless_equals_int (count_hits (newer, "XQ1"), 1);
  fail_unless_equals_int (count_hits (newer, "XQ2"), 0);
  fail_unless_equals_int (count_hits (newer, "XQ3"), 1);

  third = load_folder (NULL, 1);
  fail_unless_equals_int (count_hits (third, "XQ1"), 0);
  fail_unless_equals_int (count_hits (third, "XQ3"), 1);
}

GST_END_TEST;

GST_START_TEST (a_file_that_is_gone_takes_its_list_with_it)
{
  g_autofree gchar *path = g_build_filename (folder, "a.csv", NULL);
  g_autoptr (AnprHitLists) older = NULL, newer = NULL;

  write_list ("a.csv", "a", "E1,XQ1," END "\n");
  write_list ("b.csv", "b", "E1,XQ2," END "\n");
  older = load_folder (NULL, 0);
  g_remove (path);
  newer = load_folder (older, 0);
  fail_unless_equals_int (count_hits (newer, "XQ1"), 0);
  fail_unless_equals_int (anpr_hit_lists_get_n_entries (newer), 1);
}

GST_END_TEST;

GST_START_TEST (a_folder_that_cannot_be_read_leaves_the_lists_in_force)
{
  g_autoptr (AnprHitLists) older = NULL, newer = NULL, none = NULL;
  GPtrArray *errors;

  write_list ("a.csv", "a", "E1,XQ1," END "\n");
  older = load_folder (NULL, 0);
  newer = anpr_hit_lists_load ("/nonexistent", older, NOW, NULL, &errors);
  fail_unless_equals_int (errors->len, 1);
  fail_unless_equals_string (
      anpr_error_name (g_ptr_array_index (errors, 0)), "ANPR-LIST-OPEN");
  fail_unless_equals_int (count_hits (newer, "XQ1"), 1);
  g_ptr_array_unref (errors);
  none = anpr_hit_lists_load (NULL, older, NOW, NULL, &errors);
  fail_unless_equals_int (errors->len, 0);
  fail_unless_equals_int (anpr_hit_lists_get_n_lists (none), 0);
  g_ptr_array_unref (errors);
}

GST_END_TEST;

GST_START_TEST (a_list_id_is_taken_once)
{
  g_autoptr (AnprHitLists) lists = NULL;

  write_list ("a.csv", "same", "E1,XQ1," END "\n");
  write_list ("b.csv", "same", "E1,XQ2," END "\n");
  lists = load_folder (NULL, 1);
  fail_unless_equals_int (count_hits (lists, "XQ1"), 1);
  fail_unless_equals_int (count_hits (lists, "XQ2"), 0);
}

GST_END_TEST;

GST_START_TEST (what_is_not_a_file_is_refused_and_holds_nobody_up)
{
  g_autofree gchar *pipe = g_build_filename (folder, "p.csv", NULL);
  g_autofree gchar *sub = g_build_filename (folder, "s.csv", NULL);
  g_autoptr (AnprHitLists) lists = NULL, empty = NULL;

  empty = load_folder (NULL, 1);
  fail_unless_equals_int (mkfifo (pipe, 0600), 0);
  fail_unless_equals_int (g_mkdir (sub, 0700), 0);
  lists = load_folder (NULL, 2);
  fail_unless_equals_int (anpr_hit_lists_get_n_lists (lists), 0);
}

GST_END_TEST;

GST_START_TEST (loading_can_be_given_up)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree gchar *path = g_build_filename (folder, "a.csv", NULL);
  g_autoptr (GError) error = NULL;

  write_list ("a.csv", "a", "E1,XQ1," END "\n");
  g_cancellable_cancel (cancellable);
  fail_unless (anpr_hit_list_load (path, NOW, cancellable, &error) == NULL);
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}

GST_END_TEST;

GST_START_TEST (the_examples_are_good_lists)
{
  g_autofree gchar *path =
      g_build_filename (g_getenv ("ANPR_SOURCE_DIR"), "conf", "lists", NULL);
  GPtrArray *errors;
  g_autoptr (AnprHitLists) lists =
      anpr_hit_lists_load (path, NULL, NOW, NULL, &errors);

  fail_unless_equals_int (errors->len, 0);
  fail_unless_equals_int (anpr_hit_lists_get_n_lists (lists), 2);
  fail_unless_equals_int (count_hits (lists, "1XQZ001"), 1);
  g_ptr_array_unref (errors);
}

GST_END_TEST;

static Suite *
hitlistfolder_suite (void)
{
  Suite *suite = suite_create ("hitlistfolder");
  TCase *folders = tcase_create ("folders");

  suite_add_tcase (suite, folders);
  tcase_add_checked_fixture (folders, make_folder, remove_folder);
  tcase_add_test (
      folders, a_broken_list_leaves_the_others_and_its_own_older_issue);
  tcase_add_test (folders, a_file_that_is_gone_takes_its_list_with_it);
  tcase_add_test (
      folders, a_folder_that_cannot_be_read_leaves_the_lists_in_force);
  tcase_add_test (folders, a_list_id_is_taken_once);
  tcase_add_test (folders, what_is_not_a_file_is_refused_and_holds_nobody_up);
  tcase_add_test (folders, loading_can_be_given_up);
  tcase_add_test (folders, the_examples_are_good_lists);
  return suite;
}

GST_CHECK_MAIN (hitlistfolder);
