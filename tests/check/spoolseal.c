/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE /* memmem */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugins/anprsink/spooldelivery.h"
#include "plugins/anprsink/spoolkey-private.h"
#include "spoolfixture.h"

static gchar *key_file;

static void
setup (void)
{
  spool_setup ();
  key_file = g_build_filename (folder, "spool.key", NULL);
  fail_unless (anpr_spool_key_make (key_file, NULL));
}

static void
teardown (void)
{
  g_clear_pointer (&key_file, g_free);
  spool_teardown ();
}

static AnprSpool *
open_with (const gchar *file, AnprSpoolMode mode)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnprSpoolKeys) keys = anpr_spool_keys_load (file, &error);
  AnprSpool *spool;

  fail_unless (keys != NULL, "%s", error ? error->message : "no error");
  spool = anpr_spool_open (path, mode, keys, &error);
  fail_unless (spool != NULL, "%s", error ? error->message : "no error");
  return spool;
}

static AnprSpool *
open_sealed (AnprSpoolMode mode)
{
  return open_with (key_file, mode);
}

static void
assert_refused (const gchar *file, AnprSpoolMode mode)
{
  g_autoptr (AnprSpoolKeys) keys =
      file ? anpr_spool_keys_load (file, NULL) : NULL;
  g_autoptr (GError) error = NULL;

  fail_unless (anpr_spool_open (path, mode, keys, &error) == NULL);
  fail_unless (g_error_matches (error, ANPR_ERROR, ANPR_ERROR_SPOOL_KEY), "%s",
      error->message);
}

static gint64
ask (const gchar *query)
{
  sqlite3 *database = NULL;
  sqlite3_stmt *statement = NULL;
  gint64 answer;

  fail_unless_equals_int (sqlite3_open (path, &database), SQLITE_OK);
  fail_unless_equals_int (
      sqlite3_prepare_v2 (database, query, -1, &statement, NULL), SQLITE_OK);
  fail_unless_equals_int (sqlite3_step (statement), SQLITE_ROW);
  answer = sqlite3_column_int64 (statement, 0);
  (void) sqlite3_finalize (statement);
  (void) sqlite3_close (database);
  return answer;
}

GST_START_TEST (test_with_the_key_all_is_as_without_encryption)
{
  AnprSpool *spool = open_sealed (ANPR_SPOOL_WRITE);
  const AnprSpoolFilter hits = { .hits_only = TRUE };
  g_autofree gchar *record = NULL;
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GPtrArray) with_hits = NULL;
  g_autoptr (GPtrArray) waiting = NULL;
  g_autoptr (GBytes) picture = new_picture (5000, 100);
  const AnprSpoolDelivery *delivery;
  AnprSpoolSummary summary;

  for (guint i = 1; i <= 99; i++)
    (void) keep_one (spool, "east", i, i % 9 == 0);
  record = keep_new (spool, "east", 100, FALSE, 5000, NULL);
  anpr_spool_close (spool);

  spool = open_sealed (ANPR_SPOOL_WRITE);
  assert_intact (spool, 100);
  all = visit (spool, NULL);
  fail_unless_equals_int (all->len, 100);
  fail_unless_equals_string (g_ptr_array_index (all, 99), record);
  with_hits = visit (spool, &hits);
  fail_unless_equals_int (with_hits->len, 11);
  fail_unless (anpr_spool_summarise (spool, &summary, NULL));
  fail_unless_equals_uint64 (summary.hits, 11);
  waiting = anpr_spool_get_undelivered (spool, 100, G_MAXSIZE, NULL);
  fail_unless_equals_int (waiting->len, 100);
  delivery = g_ptr_array_index (waiting, 10);
  fail_unless (delivery->has_hits && delivery->sequence == 99);
  delivery = g_ptr_array_index (waiting, 99);
  fail_unless (!delivery->has_hits && delivery->sequence == 100);
  fail_unless_equals_string (delivery->record, record);
  {
    const AnprSpoolImage *image = g_ptr_array_index (delivery->images, 0);
    g_autoptr (GBytes) alone =
        anpr_spool_get_image (spool, delivery->id, "plate", NULL);

    fail_unless (g_bytes_equal (image->jpeg, picture));
    fail_unless (g_bytes_equal (alone, picture));
  }
  anpr_spool_close (spool);
}
GST_END_TEST

GST_START_TEST (test_without_the_right_key_the_file_is_refused)
{
  g_autofree gchar *other = g_build_filename (folder, "other.key", NULL);
  AnprSpool *spool = open_sealed (ANPR_SPOOL_WRITE);

  keep_many (spool, "east", 2);
  anpr_spool_close (spool);
  fail_unless (anpr_spool_key_make (other, NULL));
  for (AnprSpoolMode mode = ANPR_SPOOL_READ; mode <= ANPR_SPOOL_WRITE; mode++) {
    assert_refused (NULL, mode);
    assert_refused (other, mode);
  }
  spool = open_sealed (ANPR_SPOOL_WRITE);
  assert_intact (spool, 2);
  anpr_spool_close (spool);
}
GST_END_TEST

GST_START_TEST (test_open_file_is_not_continued_with_a_key)
{
  AnprSpool *spool = open_spool (ANPR_SPOOL_WRITE);

  keep_many (spool, "east", 1);
  anpr_spool_close (spool);
  assert_refused (key_file, ANPR_SPOOL_WRITE);
  assert_refused (key_file, ANPR_SPOOL_READ);
}
GST_END_TEST

GST_START_TEST (test_file_that_nothing_was_kept_in_takes_a_key)
{
  AnprSpool *spool = open_spool (ANPR_SPOOL_WRITE);

  anpr_spool_close (spool);
  spool = open_sealed (ANPR_SPOOL_WRITE);
  keep_many (spool, "east", 1);
  anpr_spool_close (spool);
  assert_refused (NULL, ANPR_SPOOL_WRITE);
}
GST_END_TEST

GST_START_TEST (test_changed_key_seals_what_is_new_and_opens_what_is_old)
{
  g_autofree gchar *newest = g_build_filename (folder, "newest.key", NULL);
  g_autofree gchar *before = NULL;
  g_autofree gchar *after = NULL;
  g_auto (GStrv) lines = NULL;
  AnprSpool *spool = open_sealed (ANPR_SPOOL_WRITE);

  (void) keep_one (spool, "east", 1, TRUE);
  anpr_spool_close (spool);
  fail_unless (g_file_get_contents (key_file, &before, NULL, NULL));
  fail_unless (anpr_spool_key_change (key_file, NULL));
  fail_unless (g_file_get_contents (key_file, &after, NULL, NULL));
  fail_unless (g_str_has_suffix (after, before));
  spool = open_sealed (ANPR_SPOOL_WRITE);
  (void) keep_one (spool, "east", 2, TRUE);
  assert_intact (spool, 2);
  {
    const AnprSpoolFilter hits = { .hits_only = TRUE };
    g_autoptr (GPtrArray) found = visit (spool, &hits);

    fail_unless_equals_int (found->len, 2);
  }
  anpr_spool_close (spool);
  fail_unless_equals_int (
      ask ("SELECT count (DISTINCT substr (record, 2, 16)) FROM passage"), 2);
  /* the new key alone cannot read what the old one sealed */
  lines = g_strsplit (after, "\n", 2);
  fail_unless (g_file_set_contents_full (
      newest, lines[0], -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  assert_refused (newest, ANPR_SPOOL_WRITE);
}
GST_END_TEST

/* --- what the disk shows --- */

#define SECRET_PICTURE "\xFF\xD8\xFF\xE0JFIF secret picture"

static void
keep_secrets (AnprSpool *spool, guint i)
{
  g_autoptr (AnprPassage) passage = new_passage (i, i % 3 == 0);
  g_autoptr (GBytes) jpeg =
      g_bytes_new_static (SECRET_PICTURE, sizeof SECRET_PICTURE);
  AnprSpoolImage images[] = { { "plate", jpeg }, { "vehicle", jpeg } };
  AnprSpoolItem item = { passage, images, 2 };

  fail_unless (keep (spool, "east", &item, NULL));
  g_free (item.record);
}

static void
assert_tells_nothing (const gchar *file)
{
  /* long enough not to stand in sealed bytes by chance */
  static const gchar *const secrets[] = { "1-TST-001", "1TST001", "\"plates\"",
    "\"candidates\"", "JFIF secret", "anpr.passage" };
  g_autofree gchar *content = NULL;
  gsize size;

  fail_unless (g_file_get_contents (file, &content, &size, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (secrets); i++)
    fail_unless (
        memmem (content, size, secrets[i], strlen (secrets[i])) == NULL,
        "%s: %s", file, secrets[i]);
}

/* The keeper is killed while its log is full, so nothing was tidied up */
GST_START_TEST (test_killed_keeper_leaves_nothing_readable)
{
  static const gchar *const endings[] = { "", "-wal", "-shm" };
  int ends[2];
  gchar told;
  pid_t child;

  fail_unless_equals_int (pipe (ends), 0);
  child = fork ();
  fail_if (child < 0);
  if (child == 0) {
    AnprSpool *spool = open_sealed (ANPR_SPOOL_WRITE);

    for (guint i = 1; i <= 50; i++)
      keep_secrets (spool, i);
    (void) !write (ends[1], "x", 1);
    pause ();
  }
  fail_unless_equals_int ((gint) read (ends[0], &told, 1), 1);
  (void) kill (child, SIGKILL);
  fail_unless (waitpid (child, NULL, 0) == child);
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++) {
    g_autofree gchar *file = g_strconcat (path, endings[i], NULL);

    assert_tells_nothing (file);
  }
  {
    g_autoptr (AnprSpool) spool = open_sealed (ANPR_SPOOL_WRITE);

    assert_intact (spool, 50);
  }
  close (ends[0]);
  close (ends[1]);
}
GST_END_TEST

GST_START_TEST (test_file_does_not_tell_which_passages_have_hits)
{
  AnprSpool *spool = open_sealed (ANPR_SPOOL_WRITE);

  for (guint i = 1; i <= 60; i++)
    keep_secrets (spool, i);
  anpr_spool_close (spool);
  fail_unless_equals_int (
      ask ("SELECT count (DISTINCT length (record)) FROM passage"), 1);
  fail_unless_equals_int (
      ask ("SELECT count (DISTINCT hits) FROM passage"), 60);
  fail_unless_equals_int (
      ask ("SELECT count (*) FROM passage WHERE hits BETWEEN -99 AND 99"), 0);
  fail_unless_equals_int (
      ask ("SELECT count (DISTINCT freeable) FROM image"), 60);
}
GST_END_TEST

GST_START_TEST (test_changed_or_moved_values_are_found)
{
  static const struct {
    const gchar *command;
    const gchar *where;
  } cases[] = {
    { "UPDATE passage SET record = CAST (substr (record, 1, 100) || x'00' ||"
      " substr (record, 102) AS BLOB) WHERE sequence = 3",
        "sequence 3: the encrypted record was changed" },
    { "UPDATE passage SET record = (SELECT record FROM passage WHERE"
      " sequence = 1) WHERE sequence = 2",
        "sequence 2: the encrypted record was changed" },
    { "UPDATE passage SET record = x'01' WHERE sequence = 4",
        "sequence 4: the encrypted record was changed" },
    { "UPDATE image SET jpeg = (SELECT jpeg FROM image WHERE passage = 1"
      " AND kind = 'plate') WHERE passage = 1 AND kind = 'vehicle'",
        "sequence 1: a picture was changed" },
    { "UPDATE passage SET hits = (SELECT hits FROM passage WHERE sequence = 3)"
      " WHERE sequence = 6",
        "sequence 6: its columns differ" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    AnprSpool *spool = open_sealed (ANPR_SPOOL_WRITE);
    g_autofree gchar *fault = NULL;

    for (guint j = 1; j <= 6; j++)
      keep_secrets (spool, j);
    anpr_spool_close (spool);
    alter (cases[i].command);
    spool = open_sealed (ANPR_SPOOL_READ);
    fault = verify (spool, 6);
    fail_unless (fault && strstr (fault, cases[i].where), "%s", fault);
    anpr_spool_close (spool);
    (void) g_remove (path);
  }
}
GST_END_TEST

GST_START_TEST (test_record_that_cannot_be_decrypted_holds_up_no_other)
{
  g_autoptr (AnprSpool) spool = open_sealed (ANPR_SPOOL_WRITE);
  g_autoptr (GPtrArray) waiting = NULL;
  AnprSpoolBacklog backlog;

  keep_many (spool, "east", 4);
  alter ("UPDATE passage SET record = x'0123' WHERE sequence = 2");
  {
    g_autoptr (GPtrArray) seen = g_ptr_array_new_with_free_func (g_free);
    g_autoptr (GError) error = NULL;

    fail_if (anpr_spool_visit (spool, NULL, collect_record, seen, &error));
    fail_unless (g_error_matches (error, ANPR_ERROR, ANPR_ERROR_SPOOL_DAMAGED));
    fail_unless_equals_int (seen->len, 3);
  }
  waiting = anpr_spool_get_undelivered (spool, 10, G_MAXSIZE, NULL);
  fail_unless_equals_int (waiting->len, 3);
  fail_unless (anpr_spool_get_backlog (spool, &backlog, NULL));
  fail_unless_equals_uint64 (backlog.refused, 1);
}
GST_END_TEST

GST_START_TEST (test_full_encrypted_spool_frees_pictures_without_a_hit)
{
  g_autoptr (AnprSpool) spool = open_sealed (ANPR_SPOOL_WRITE);
  AnprSpoolSummary summary;

  anpr_spool_set_max_size (spool, 4 << 20);
  for (guint i = 1; i <= 150; i++)
    g_free (keep_new (spool, "east", i, i % 10 == 0, 50000, NULL));
  fail_unless (anpr_spool_summarise (spool, &summary, NULL));
  fail_unless_equals_uint64 (summary.passages, 150);
  fail_unless (summary.images_freed > 60);
  assert_intact (spool, 150);
}
GST_END_TEST

/* --- the key file --- */

GST_START_TEST (test_key_file_of_others_is_refused)
{
  static const mode_t modes[] = { 0640, 0604, 0666, 0660 };
  g_autofree gchar *missing = g_build_filename (folder, "none.key", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (modes); i++) {
    g_autoptr (GError) error = NULL;

    fail_unless_equals_int (g_chmod (key_file, modes[i]), 0);
    fail_unless (anpr_spool_keys_load (key_file, &error) == NULL);
    fail_unless (g_error_matches (error, ANPR_ERROR, ANPR_ERROR_SPOOL_KEY));
  }
  fail_unless (anpr_spool_keys_load (missing, NULL) == NULL);
  fail_unless (anpr_spool_keys_load (folder, NULL) == NULL);
}
GST_END_TEST

GST_START_TEST (test_what_is_no_key_file_is_refused)
{
  static const gchar *const texts[] = { "", "\n", "gst-anpr-spool-key-1 ",
    "gst-anpr-spool-key-1 AAAA\n",
    "gst-anpr-spool-key-2 "
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
    "gst-anpr-spool-key-1 "
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=x\n",
    "gst-anpr-spool-key-1 "
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    fail_unless (
        anpr_spool_keys_parse (texts[i], strlen (texts[i]), "test", NULL)
            == NULL,
        "%s", texts[i]);
}
GST_END_TEST

GST_START_TEST (test_making_a_key_leaves_files_alone)
{
  g_autofree gchar *before = NULL;
  g_autofree gchar *after = NULL;
  struct stat info;

  fail_unless (g_file_get_contents (key_file, &before, NULL, NULL));
  fail_if (anpr_spool_key_make (key_file, NULL));
  fail_unless (g_file_get_contents (key_file, &after, NULL, NULL));
  fail_unless_equals_string (before, after);
  fail_unless_equals_int (stat (key_file, &info), 0);
  fail_unless_equals_int (info.st_mode & 0777, 0600);
}
GST_END_TEST

GST_START_TEST (test_oldest_key_leaves_when_there_are_too_many)
{
  g_autofree gchar *text = NULL;
  g_auto (GStrv) lines = NULL;

  for (guint i = 0; i < ANPR_SPOOL_MAX_KEYS + 2; i++)
    fail_unless (anpr_spool_key_change (key_file, NULL));
  fail_unless (g_file_get_contents (key_file, &text, NULL, NULL));
  lines = g_strsplit (g_strstrip (text), "\n", -1);
  fail_unless_equals_int (g_strv_length (lines), ANPR_SPOOL_MAX_KEYS);
}
GST_END_TEST

GST_START_TEST (test_key_comes_from_the_credentials_of_the_service)
{
  g_autoptr (AnprSpoolKeys) keys = NULL;
  g_autoptr (AnprSpoolKeys) same = NULL;
  g_autofree gchar *id = NULL;
  g_autofree gchar *same_id = NULL;

  same = anpr_spool_keys_load (key_file, NULL);
  g_setenv ("CREDENTIALS_DIRECTORY", folder, TRUE);
  /* by an access control list, which shows as the group's */
  fail_unless_equals_int (g_chmod (key_file, 0440), 0);
  keys = anpr_spool_keys_load ("spool.key", NULL);
  fail_unless (keys != NULL);
  id = anpr_spool_keys_get_id (keys);
  same_id = anpr_spool_keys_get_id (same);
  fail_unless_equals_string (id, same_id);
  fail_unless_equals_int (g_chmod (key_file, 0444), 0);
  fail_unless (anpr_spool_keys_load ("spool.key", NULL) == NULL);
  fail_unless (anpr_spool_keys_load ("missing.key", NULL) == NULL);
  g_unsetenv ("CREDENTIALS_DIRECTORY");
}
GST_END_TEST

/* --- what a core dump would hold --- */

/* The bytes turned over, so that this copy is not found */
static gboolean
holds (const guint8 *memory, gsize size, const guint8 *turned, gsize n)
{
  for (gsize i = 0; i + n <= size; i++) {
    gsize j = 0;

    while (j < n && memory[i + j] + turned[j] == 0xFF)
      j++;
    if (j == n)
      return TRUE;
  }
  return FALSE;
}

/* Whether a mapping that a core dump takes in holds it. /proc/self/smaps tells
 * for each mapping, in VmFlags, whether it is left out ("dd"). */
static guint
count_in_core (const guint8 *turned, gsize n, guint *n_left_out)
{
  FILE *maps = fopen ("/proc/self/smaps", "re");
  int memory = open ("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  gchar line[4096];
  gulong from = 0, to = 0;
  guint found = 0;

  fail_unless (maps && memory >= 0);
  *n_left_out = 0;
  while (fgets (line, sizeof line, maps)) {
    gulong start, end;
    g_autofree guint8 *copy = NULL;

    if (sscanf (line, "%lx-%lx ", &start, &end) == 2) {
      from = start;
      to = end;
      continue;
    }
    if (!g_str_has_prefix (line, "VmFlags:") || !strstr (line, " rd ")
        || to - from > (64 << 20))
      continue;
    copy = g_malloc (to - from);
    if (pread (memory, copy, to - from, (off_t) from) != (gssize) (to - from))
      continue;
    if (holds (copy, to - from, turned, n)) {
      if (strstr (line, " dd"))
        (*n_left_out)++;
      else
        found++;
    }
    sodium_memzero (copy, to - from);
  }
  fclose (maps);
  close (memory);
  return found;
}

GST_START_TEST (test_keys_are_on_no_page_that_a_core_dump_takes)
{
  g_autoptr (AnprSpoolKeys) keys = anpr_spool_keys_load (key_file, NULL);
  g_autoptr (AnprSpool) spool =
      anpr_spool_open (path, ANPR_SPOOL_WRITE, keys, NULL);
  guint8 turned[sizeof keys->keys[0].seal];
  gchar line[200];
  guint n_left_out;
  int file;

  for (guint i = 1; i <= 20; i++)
    keep_secrets (spool, i);
  assert_intact (spool, 20);
  for (guint i = 0; i < sizeof turned; i++)
    turned[i] = (guint8) ~keys->keys[0].seal[i];
  fail_unless_equals_int (
      count_in_core (turned, sizeof turned, &n_left_out), 0);
  /* the search does find what is there */
  fail_unless_equals_int (n_left_out, 1);

  file = open (key_file, O_RDONLY | O_CLOEXEC);
  fail_unless (read (file, line, sizeof line) > 60);
  close (file);
  for (guint i = 0; i < sizeof line; i++)
    line[i] = (gchar) ~line[i];
  fail_unless_equals_int (
      count_in_core ((guint8 *) line + 25, 30, &n_left_out), 0);
}
GST_END_TEST

static Suite *
spoolseal_suite (void)
{
  Suite *suite = suite_create ("spoolseal");
  TCase *sealed = tcase_create ("sealed");
  TCase *key = tcase_create ("key");

  suite_add_tcase (suite, sealed);
  tcase_add_checked_fixture (sealed, setup, teardown);
  tcase_add_test (sealed, test_with_the_key_all_is_as_without_encryption);
  tcase_add_test (sealed, test_without_the_right_key_the_file_is_refused);
  tcase_add_test (sealed, test_open_file_is_not_continued_with_a_key);
  tcase_add_test (sealed, test_file_that_nothing_was_kept_in_takes_a_key);
  tcase_add_test (
      sealed, test_changed_key_seals_what_is_new_and_opens_what_is_old);
  tcase_add_test (sealed, test_killed_keeper_leaves_nothing_readable);
  tcase_add_test (sealed, test_file_does_not_tell_which_passages_have_hits);
  tcase_add_test (sealed, test_changed_or_moved_values_are_found);
  tcase_add_test (
      sealed, test_record_that_cannot_be_decrypted_holds_up_no_other);
  tcase_add_test (
      sealed, test_full_encrypted_spool_frees_pictures_without_a_hit);

  suite_add_tcase (suite, key);
  tcase_add_checked_fixture (key, setup, teardown);
  tcase_add_test (key, test_key_file_of_others_is_refused);
  tcase_add_test (key, test_what_is_no_key_file_is_refused);
  tcase_add_test (key, test_making_a_key_leaves_files_alone);
  tcase_add_test (key, test_oldest_key_leaves_when_there_are_too_many);
  tcase_add_test (key, test_key_comes_from_the_credentials_of_the_service);
  tcase_add_test (key, test_keys_are_on_no_page_that_a_core_dump_takes);
  return suite;
}

GST_CHECK_MAIN (spoolseal)
