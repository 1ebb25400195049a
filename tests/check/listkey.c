/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Keys, signatures and the folder of accepted lists: what gets in, what is
 * refused and that the list before stays. All plates are invented. */

#include <gst/check/gstcheck.h>
#include <glib/gstdio.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "testfolder.h"
#include "plugins/hitmatch/acceptedlists.h"
#include "plugins/hitmatch/listkey.h"
#include "plugins/record/error.h"

#include <signal.h>
#include <string.h>

/* 2026-06-01T00:00:00Z */
#define NOW (G_GINT64_CONSTANT (1780272000) * G_USEC_PER_SEC)

#define LIST                                                                   \
  "# list: local\n# authority: Zone\n# category: stolen\n# purpose: J1\n"      \
  "# version: %s\n# valid-from: 2026-01-01T00:00:00Z\n"                        \
  "# valid-until: 2027-01-01T00:00:00Z\nentry,plate,valid-until\n"             \
  "E1,%s,2026-12-31T00:00:00Z\n"

static gchar *folder, *list, *keys, *accepted, *secret;

static void
make_folder (void)
{
  g_autofree gchar *public = NULL;

  folder = test_folder_new ();
  list = g_build_filename (folder, "list.csv", NULL);
  keys = g_build_filename (folder, "keys", NULL);
  accepted = g_build_filename (folder, "accepted", NULL);
  secret = g_build_filename (folder, "zone.key", NULL);
  public = g_build_filename (keys, "zone.pub", NULL);
  g_mkdir (keys, 0700);
  fail_unless (anpr_list_key_generate (secret, public, NULL));
}

static void
remove_folder (void)
{
  g_clear_pointer (&folder, test_folder_free);
  g_clear_pointer (&list, g_free);
  g_clear_pointer (&keys, g_free);
  g_clear_pointer (&accepted, g_free);
  g_clear_pointer (&secret, g_free);
}

static void
write_list (const gchar *version, const gchar *plate)
{
  g_autofree gchar *text = g_strdup_printf (LIST, version, plate);

  fail_unless (g_file_set_contents (list, text, -1, NULL));
}

static AnprListSource
get_source (void)
{
  return (AnprListSource){ .file = list, .keys = keys, .now = NOW };
}

static void
sign (void)
{
  AnprListSource source = get_source ();

  fail_unless (anpr_list_sign (&source, secret, NULL));
}

static void
load_good (void)
{
  AnprListSource source = get_source ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AnprHitList) loaded =
      anpr_accepted_lists_load (accepted, &source, &error);

  fail_unless (loaded != NULL, "%s", error ? error->message : "?");
}

static void
load_refused (const gchar *code)
{
  AnprListSource source = get_source ();
  g_autoptr (GError) error = NULL;

  fail_unless (anpr_accepted_lists_load (accepted, &source, &error) == NULL);
  fail_unless_equals_string (anpr_error_name (error), code);
}

static void
assert_in_force (const gchar *version)
{
  g_autofree gchar *file = anpr_accepted_lists_get_file (accepted, "local");
  g_autoptr (AnprHitList) in_force = anpr_hit_list_open (file, NULL);

  fail_unless_equals_string (
      in_force ? anpr_hit_list_get_header (in_force)->version : "", version);
}

static guint
count_hidden (void)
{
  g_autoptr (GDir) dir = g_dir_open (accepted, 0, NULL);
  const gchar *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir)))
    n += name[0] == '.' && strcmp (name, ".lock") != 0;
  return n;
}

GST_START_TEST (only_its_owner_can_read_a_secret_key)
{
  AnprListSecretKey key;
  g_autoptr (GError) error = NULL;
  GStatBuf status;

  fail_unless_equals_int (g_stat (secret, &status), 0);
  fail_unless_equals_int (status.st_mode & 0777, 0600);
  fail_unless (anpr_list_secret_key_read (secret, &key, NULL));
  g_chmod (secret, 0640);
  fail_unless (!anpr_list_secret_key_read (secret, &key, &error));
  fail_unless_equals_string (anpr_error_name (error), "ANPR-LIST-KEY");
}
GST_END_TEST;

GST_START_TEST (a_key_that_is_there_is_never_overwritten)
{
  g_autofree gchar *other = g_build_filename (folder, "other.pub", NULL);
  g_autofree gchar *before = NULL, *after = NULL;
  g_autoptr (GError) error = NULL;

  fail_unless (g_file_get_contents (secret, &before, NULL, NULL));
  fail_unless (!anpr_list_key_generate (secret, other, &error));
  fail_unless (g_file_get_contents (secret, &after, NULL, NULL));
  fail_unless_equals_string (before, after);
  fail_unless (!g_file_test (other, G_FILE_TEST_EXISTS));
}
GST_END_TEST;

GST_START_TEST (a_signed_list_gets_into_force_and_a_newer_one_takes_its_place)
{
  write_list ("2.9", "XQ1");
  sign ();
  load_good ();
  assert_in_force ("2.9");
  write_list ("2.10", "XQ1");
  sign ();
  load_good ();
  assert_in_force ("2.10");
  fail_unless_equals_int (count_hidden (), 0);
}
GST_END_TEST;

GST_START_TEST (an_altered_or_truncated_list_is_refused_at_every_byte)
{
  g_autofree gchar *text = NULL;
  gsize length;

  write_list ("1", "XQ1");
  sign ();
  load_good ();
  write_list ("2", "XQ2");
  sign ();
  fail_unless (g_file_get_contents (list, &text, &length, NULL));
  for (gsize i = 0; i < length; i++) {
    text[i] ^= 1;
    fail_unless (g_file_set_contents (list, text, (gssize) length, NULL));
    load_refused ("ANPR-LIST-SIGNATURE");
    text[i] ^= 1;
  }
  for (gsize i = 0; i < length; i++) {
    fail_unless (g_file_set_contents (list, text, (gssize) i, NULL));
    load_refused ("ANPR-LIST-SIGNATURE");
  }
  assert_in_force ("1");
  fail_unless_equals_int (count_hidden (), 0);
}
GST_END_TEST;

GST_START_TEST (a_damaged_signature_is_refused)
{
  g_autofree gchar *file = g_strconcat (list, ".sig", NULL);
  g_autofree gchar *text = NULL;
  gsize length;

  write_list ("1", "XQ1");
  load_refused ("ANPR-LIST-SIGNATURE");
  sign ();
  fail_unless (g_file_get_contents (file, &text, &length, NULL));
  for (gsize i = 0; i < length - 1; i++) {
    text[i] ^= 1;
    fail_unless (g_file_set_contents (file, text, (gssize) length, NULL));
    load_refused ("ANPR-LIST-SIGNATURE");
    text[i] ^= 1;
  }
  fail_unless (g_file_set_contents (file, text, (gssize) length - 1, NULL));
  load_good ();
}
GST_END_TEST;

GST_START_TEST (a_list_of_a_key_that_is_not_trusted_is_refused)
{
  g_autofree gchar *other = g_build_filename (folder, "other.key", NULL);
  g_autofree gchar *public = g_build_filename (folder, "other.pub", NULL);
  AnprListSource source = get_source ();

  fail_unless (anpr_list_key_generate (other, public, NULL));
  write_list ("1", "XQ1");
  fail_unless (anpr_list_sign (&source, other, NULL));
  load_refused ("ANPR-LIST-SIGNATURE");
}
GST_END_TEST;

GST_START_TEST (no_older_version_comes_back_not_even_when_the_list_was_removed)
{
  write_list ("2", "XQ1");
  sign ();
  load_good ();
  load_refused ("ANPR-LIST-OLDER");
  write_list ("1.9", "XQ1");
  sign ();
  load_refused ("ANPR-LIST-OLDER");
  assert_in_force ("2");
  fail_unless (anpr_accepted_lists_remove (accepted, "local", NULL));
  assert_in_force ("");
  load_refused ("ANPR-LIST-OLDER");
  write_list ("2", "XQ1");
  sign ();
  load_refused ("ANPR-LIST-OLDER");
  write_list ("2.0.1", "XQ1");
  sign ();
  load_good ();
  fail_unless (!anpr_accepted_lists_remove (accepted, "other", NULL));
  fail_unless (!anpr_accepted_lists_remove (accepted, "../keys/zone", NULL));
}
GST_END_TEST;

GST_START_TEST (a_list_out_of_date_does_not_take_the_place_of_one_in_date)
{
  AnprListSource source = get_source ();
  g_autoptr (GError) error = NULL;

  write_list ("1", "XQ1");
  sign ();
  source.now = NOW - G_GINT64_CONSTANT (200) * 86400 * G_USEC_PER_SEC;
  fail_unless (anpr_accepted_lists_load (accepted, &source, &error) == NULL);
  fail_unless_equals_string (anpr_error_name (error), "ANPR-LIST-DATE");
  g_clear_error (&error);
  source.now = NOW + G_GINT64_CONSTANT (300) * 86400 * G_USEC_PER_SEC;
  fail_unless (anpr_accepted_lists_load (accepted, &source, &error) == NULL);
  fail_unless_equals_string (anpr_error_name (error), "ANPR-LIST-DATE");
  assert_in_force ("");
}
GST_END_TEST;

GST_START_TEST (a_signed_list_with_a_broken_line_is_refused_by_that_line)
{
  AnprListSource source = get_source ();
  g_autoptr (GError) error = NULL;

  write_list ("1", "");
  fail_unless (!anpr_list_sign (&source, secret, &error));
  fail_unless_equals_string (anpr_error_name (error), "ANPR-LIST-LINE");
  fail_unless (strstr (error->message, "list.csv:9: ") != NULL);
}
GST_END_TEST;

GST_START_TEST (a_damaged_index_does_not_let_an_older_version_in)
{
  g_autofree gchar *file = anpr_accepted_lists_get_file (accepted, "local");

  write_list ("2", "XQ1");
  sign ();
  load_good ();
  fail_unless (g_file_set_contents (file, "damaged", -1, NULL));
  load_refused ("ANPR-LIST-OLDER");
  write_list ("3", "XQ1");
  sign ();
  load_good ();
  assert_in_force ("3");
}
GST_END_TEST;

GST_START_TEST (what_a_killed_process_left_is_removed)
{
  g_autofree gchar *left = g_build_filename (accepted, ".list-abc", NULL);

  write_list ("1", "XQ1");
  sign ();
  g_mkdir (accepted, 0700);
  fail_unless (g_file_set_contents (left, "half", -1, NULL));
  load_good ();
  fail_unless_equals_int (count_hidden (), 0);
}
GST_END_TEST;

/* A file that may not grow is what a full disk is: a write that fails */
GST_START_TEST (a_full_disk_leaves_the_list_before_in_force)
{
  const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };
  g_autoptr (GString) text = NULL;

  write_list ("1", "XQ1");
  sign ();
  load_good ();
  text = g_string_new (NULL);
  g_string_append_printf (text, LIST, "2", "XQ2");
  for (guint i = 0; i < 20000; i++)
    g_string_append_printf (text, "F%u,XR%u,2026-12-31T00:00:00Z\n", i, i);
  fail_unless (g_file_set_contents (list, text->str, (gssize) text->len, NULL));
  sign ();
  signal (SIGXFSZ, SIG_IGN);
  for (rlim_t size = 1; size < 1000000; size = size * 3 + 1) {
    const struct rlimit limit = { size, RLIM_INFINITY };

    fail_unless_equals_int (setrlimit (RLIMIT_FSIZE, &limit), 0);
    load_refused ("ANPR-LIST-STORE");
    fail_unless_equals_int (setrlimit (RLIMIT_FSIZE, &none), 0);
    assert_in_force ("1");
    fail_unless_equals_int (count_hidden (), 0);
  }
  load_good ();
  assert_in_force ("2");
}
GST_END_TEST;

static Suite *
listkey_suite (void)
{
  Suite *suite = suite_create ("listkey");
  TCase *cases = tcase_create ("general");

  suite_add_tcase (suite, cases);
  tcase_add_checked_fixture (cases, make_folder, remove_folder);
  tcase_add_test (cases, only_its_owner_can_read_a_secret_key);
  tcase_add_test (cases, a_key_that_is_there_is_never_overwritten);
  tcase_add_test (
      cases, a_signed_list_gets_into_force_and_a_newer_one_takes_its_place);
  tcase_add_test (cases, an_altered_or_truncated_list_is_refused_at_every_byte);
  tcase_add_test (cases, a_damaged_signature_is_refused);
  tcase_add_test (cases, a_list_of_a_key_that_is_not_trusted_is_refused);
  tcase_add_test (
      cases, no_older_version_comes_back_not_even_when_the_list_was_removed);
  tcase_add_test (
      cases, a_list_out_of_date_does_not_take_the_place_of_one_in_date);
  tcase_add_test (
      cases, a_signed_list_with_a_broken_line_is_refused_by_that_line);
  tcase_add_test (cases, a_damaged_index_does_not_let_an_older_version_in);
  tcase_add_test (cases, what_a_killed_process_left_is_removed);
  tcase_add_test (cases, a_full_disk_leaves_the_list_before_in_force);
  return suite;
}

GST_CHECK_MAIN (listkey);
