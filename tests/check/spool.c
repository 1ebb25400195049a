/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <errno.h>
#include <glib/gstdio.h>
#include <gst/check/gstcheck.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spoolfixture.h"

static void
assert_cannot_open (AnprSpoolMode mode, AnprError code)
{
  g_autoptr (GError) error = NULL;

  fail_unless (anpr_spool_open (path, mode, NULL, &error) == NULL);
  fail_unless (
      g_error_matches (error, ANPR_ERROR, (gint) code), "%s", error->message);
}

GST_START_TEST (test_each_position_counts_from_one_without_a_gap)
{
  g_autoptr (AnprSpool) spool = open_spool (ANPR_SPOOL_WRITE);

  for (guint i = 1; i <= 3; i++) {
    fail_unless_equals_uint64 (keep_one (spool, "east", i, FALSE), i);
    fail_unless_equals_uint64 (keep_one (spool, "west", i, FALSE), i);
  }
  assert_intact (spool, 6);
}
GST_END_TEST

GST_START_TEST (test_hash_is_that_of_the_line_with_a_null_hash)
{
  g_autoptr (AnprSpool) spool = open_spool (ANPR_SPOOL_WRITE);
  g_autofree gchar *first = keep_new (spool, "east", 1, FALSE, 0, NULL);
  g_autofree gchar *second = keep_new (spool, "east", 2, FALSE, 0, NULL);
  gchar *at = g_strrstr (first, "\"hash\":\"");
  g_autofree gchar *hash = g_strndup (at + strlen ("\"hash\":\""), 64);
  g_autofree gchar *unhashed =
      g_strdup_printf ("%.*s\"hash\":null}", (int) (at - first), first);
  g_autofree gchar *right =
      g_compute_checksum_for_string (G_CHECKSUM_SHA256, unhashed, -1);
  g_autofree gchar *link = g_strdup_printf ("\"previous_hash\":\"%s\"", hash);

  fail_unless_equals_string (hash, right);
  fail_unless (strstr (first, "\"previous_hash\":null") != NULL);
  fail_unless (strstr (second, link) != NULL);
}
GST_END_TEST

GST_START_TEST (test_same_passage_is_kept_once)
{
  g_autoptr (AnprSpool) spool = open_spool (ANPR_SPOOL_WRITE);
  g_autoptr (AnprPassage) passage = new_passage (1, FALSE);
  AnprSpoolItem item = { passage };
  AnprSpoolItem again = { passage };

  fail_unless (keep (spool, "east", &item, NULL));
  keep_many (spool, "east", 2);
  fail_unless (keep (spool, "east", &again, NULL));
  fail_unless_equals_string (item.record, again.record);
  fail_unless_equals_uint64 (again.sequence, 1);
  assert_intact (spool, 3);
  g_free (item.record);
  g_free (again.record);
}
GST_END_TEST

GST_START_TEST (test_opened_again_the_chain_goes_on)
{
  AnprSpool *spool = open_spool (ANPR_SPOOL_WRITE);

  keep_many (spool, "east", 2);
  anpr_spool_close (spool);
  spool = open_spool (ANPR_SPOOL_WRITE);
  fail_unless_equals_uint64 (keep_one (spool, "east", 9, FALSE), 3);
  assert_intact (spool, 3);
  anpr_spool_close (spool);
}
GST_END_TEST

GST_START_TEST (test_nobody_else_can_read_the_files)
{
  static const gchar *const endings[] = { "", "-wal", "-shm" };
  g_autoptr (AnprSpool) spool = open_spool (ANPR_SPOOL_WRITE);

  keep_many (spool, "east", 1);
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++) {
    g_autofree gchar *file = g_strconcat (path, endings[i], NULL);
    GStatBuf info;

    fail_unless_equals_int (g_stat (file, &info), 0);
    fail_unless_equals_int (info.st_mode & 0777, 0600);
  }
}
GST_END_TEST

GST_START_TEST (test_filter_chooses_and_orders)
{
  g_autoptr (AnprSpool) spool = open_spool (ANPR_SPOOL_WRITE);
  const struct {
    AnprSpoolFilter filter;
    guint n;
  } cases[] = {
    { { NULL }, 200 },
    { { .position = "west" }, 100 },
    { { .hits_only = TRUE }, 20 },
    { { .from_utc = 50, .to_utc = 60 }, 20 },
    { { .position = "east", .from_utc = 91 }, 10 },
    { { .limit = 70 }, 70 },
    { { .limit = 64, .newest_first = TRUE }, 64 },
    { { .position = "nowhere" }, 0 },
  };

  for (guint i = 1; i <= 100; i++) {
    keep_one (spool, "east", i, i % 10 == 0);
    keep_one (spool, "west", i, i % 10 == 0);
  }
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GPtrArray) records = visit (spool, &cases[i].filter);
    const gchar *first = records->len ? g_ptr_array_index (records, 0) : "";

    fail_unless_equals_int (records->len, cases[i].n);
    if (cases[i].filter.newest_first)
      fail_unless (strstr (first, "\"sequence\":100,") != NULL);
  }
}
GST_END_TEST

GST_START_TEST (test_images_come_back_as_they_were)
{
  g_autoptr (AnprSpool) spool = open_spool (ANPR_SPOOL_WRITE);
  g_autoptr (AnprPassage) passage = new_passage (1, FALSE);
  g_autoptr (GBytes) plate = new_picture (5000, 1);
  g_autoptr (GBytes) vehicle = new_picture (50000, 2);
  AnprSpoolImage images[] = { { "plate", plate }, { "vehicle", vehicle } };
  AnprSpoolItem item = { passage, images, 2 };
  const gchar *id = anpr_passage_get_id (passage);
  g_autoptr (GBytes) plate_back = NULL;
  g_autoptr (GBytes) vehicle_back = NULL;
  g_autoptr (GError) error = NULL;

  fail_unless (keep (spool, "east", &item, NULL));
  plate_back = anpr_spool_get_image (spool, id, "plate", &error);
  vehicle_back = anpr_spool_get_image (spool, id, "vehicle", &error);
  fail_unless (g_bytes_equal (plate, plate_back));
  fail_unless (g_bytes_equal (vehicle, vehicle_back));
  fail_unless (anpr_spool_get_image (spool, id, "driver", &error) == NULL);
  fail_unless (anpr_spool_get_image (spool, "none", "plate", &error) == NULL);
  fail_unless (error == NULL);
  assert_intact (spool, 1);
  g_free (item.record);
}
GST_END_TEST

GST_START_TEST (test_summary_counts)
{
  g_autoptr (AnprSpool) spool = open_spool (ANPR_SPOOL_WRITE);
  AnprSpoolSummary summary;

  keep_one (spool, "east", 7, TRUE);
  keep_many (spool, "west", 2);
  fail_unless (anpr_spool_summarise (spool, &summary, NULL));
  fail_unless_equals_uint64 (summary.passages, 3);
  fail_unless_equals_uint64 (summary.hits, 1);
  fail_unless_equals_uint64 (summary.images, 3);
  fail_unless_equals_uint64 (summary.images_freed, 0);
  fail_unless_equals_uint64 (summary.positions, 2);
  fail_unless_equals_int64 (summary.first_utc, 7);
  fail_unless_equals_int64 (summary.last_utc, 1001);
  fail_unless (summary.bytes > 0);
}
GST_END_TEST

GST_START_TEST (test_verification_names_what_was_changed)
{
  static const struct {
    const gchar *command;
    const gchar *where;
  } cases[] = {
    { "UPDATE passage SET record = replace(record, 'TST', 'TSU')"
      " WHERE sequence = 3",
        "sequence 3: the record was changed" },
    { "DELETE FROM image WHERE passage = 4; DELETE FROM passage"
      " WHERE sequence = 4",
        "sequence 5: records before it are missing" },
    { "DELETE FROM passage WHERE sequence = 5",
        "sequence 5: the last records are missing" },
    { "UPDATE image SET jpeg = x'00' WHERE passage = 2",
        "sequence 2: a picture was changed or removed" },
    { "DELETE FROM image WHERE passage = 2",
        "sequence 2: a picture was changed or removed" },
    { "UPDATE passage SET utc = 5 WHERE sequence = 1",
        "sequence 1: its columns differ from the record" },
    { "UPDATE position SET hash = 'x'", "sequence 5: the chain's end" },
    { "UPDATE passage SET record = '{}' WHERE sequence = 1",
        "sequence 1: the record was changed" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    AnprSpool *spool = open_spool (ANPR_SPOOL_WRITE);
    g_autofree gchar *fault = NULL;

    keep_many (spool, "east", 5);
    assert_intact (spool, 5);
    anpr_spool_close (spool);
    alter (cases[i].command);
    spool = open_spool (ANPR_SPOOL_READ);
    fault = verify (spool, 5);
    fail_unless (fault && strstr (fault, cases[i].where), "%s", fault);
    anpr_spool_close (spool);
    (void) g_remove (path);
  }
}
GST_END_TEST

GST_START_TEST (test_forged_record_with_a_right_hash_is_no_crash)
{
  static const gchar *const forgeries[] = { "{\"hash\":null}",
    "{\"previous_hash\":null,\"hits\":7,\"images\":[3,{}],\"hash\":null}",
    "[\"hash\":null}" };

  for (guint i = 0; i < G_N_ELEMENTS (forgeries); i++) {
    AnprSpool *spool = open_spool (ANPR_SPOOL_WRITE);
    g_autofree gchar *hash =
        g_compute_checksum_for_string (G_CHECKSUM_SHA256, forgeries[i], -1);
    g_autofree gchar *command = g_strdup_printf (
        "UPDATE passage SET hash = '%s',"
        " record = replace('%s', '\"hash\":null', '\"hash\":\"%s\"')",
        hash, forgeries[i], hash);
    g_autofree gchar *fault = NULL;

    keep_many (spool, "east", 1);
    alter (command);
    fault = verify (spool, 1);
    fail_unless (fault != NULL);
    anpr_spool_close (spool);
    (void) g_remove (path);
  }
}
GST_END_TEST

GST_START_TEST (test_file_of_another_program_is_left_alone)
{
  static const gchar *const makers[] = { "CREATE TABLE letters (a)",
    "PRAGMA journal_mode = WAL; CREATE TABLE letters (a)",
    "PRAGMA application_id = 7; CREATE TABLE letters (a)",
    "PRAGMA application_id = 0x414E5052; PRAGMA user_version = 99" };

  for (guint i = 0; i <= G_N_ELEMENTS (makers); i++) {
    g_autofree gchar *before = NULL;
    g_autofree gchar *after = NULL;
    gsize size_before, size_after;

    if (i < G_N_ELEMENTS (makers))
      alter (makers[i]);
    else
      g_file_set_contents (path, "Dear diary, this is no database.", -1, NULL);
    g_file_get_contents (path, &before, &size_before, NULL);
    assert_cannot_open (ANPR_SPOOL_WRITE, ANPR_ERROR_SPOOL_SCHEMA);
    assert_cannot_open (ANPR_SPOOL_READ, ANPR_ERROR_SPOOL_SCHEMA);
    g_file_get_contents (path, &after, &size_after, NULL);
    fail_unless_equals_uint64 (size_before, size_after);
    fail_unless (memcmp (before, after, size_after) == 0);
    (void) g_remove (path);
  }
}
GST_END_TEST

GST_START_TEST (test_what_cannot_be_opened_is_said)
{
  assert_cannot_open (ANPR_SPOOL_READ, ANPR_ERROR_SPOOL_OPEN);
  fail_unless_equals_int (g_mkdir (path, 0700), 0);
  assert_cannot_open (ANPR_SPOOL_WRITE, ANPR_ERROR_SPOOL_OPEN);
  fail_unless_equals_int (g_rmdir (path), 0);
  g_free (path);
  path = g_build_filename (folder, "missing", "passages.spool", NULL);
  assert_cannot_open (ANPR_SPOOL_WRITE, ANPR_ERROR_SPOOL_OPEN);
}
GST_END_TEST

GST_START_TEST (test_full_spool_frees_oldest_pictures_without_a_hit)
{
  const guint64 max_size = 4 << 20;
  g_autoptr (AnprSpool) spool = open_spool (ANPR_SPOOL_WRITE);
  g_autofree gchar *hit = NULL;
  AnprSpoolSummary summary;

  anpr_spool_set_max_size (spool, max_size);
  hit = keep_new (spool, "east", 1, TRUE, 50000, NULL);
  for (guint i = 2; i <= 200; i++) {
    g_autofree gchar *record = keep_new (spool, "east", i, FALSE, 50000, NULL);

    fail_unless (record != NULL);
    fail_unless (anpr_spool_get_bytes (spool) <= max_size);
  }
  fail_unless (anpr_spool_get_images_freed (spool) > 120);
  fail_unless (anpr_spool_summarise (spool, &summary, NULL));
  fail_unless_equals_uint64 (summary.passages, 200);
  fail_unless_equals_uint64 (summary.images + summary.images_freed, 200);
  /* the hit's picture is still there, and the chain holds without the others */
  {
    g_autoptr (JsonNode) node = json_from_string (hit, NULL);
    const gchar *id =
        json_object_get_string_member (json_node_get_object (node), "id");
    g_autoptr (GBytes) picture =
        anpr_spool_get_image (spool, id, "plate", NULL);

    fail_unless (picture != NULL);
  }
  assert_intact (spool, 200);
}
GST_END_TEST

GST_START_TEST (test_spool_full_of_hits_says_so_and_stays_intact)
{
  g_autoptr (AnprSpool) spool = open_spool (ANPR_SPOOL_WRITE);
  g_autoptr (GError) error = NULL;
  guint n = 0;

  anpr_spool_set_max_size (spool, 1 << 20);
  while (!error) {
    g_autofree gchar *record =
        keep_new (spool, "east", n + 1, TRUE, 50000, &error);

    n += record != NULL;
    fail_unless (n < 100);
  }
  fail_unless (g_error_matches (error, ANPR_ERROR, ANPR_ERROR_SPOOL_FULL));
  assert_intact (spool, n);
  /* more room, and it goes on where it was */
  anpr_spool_set_max_size (spool, 0);
  fail_unless_equals_uint64 (keep_one (spool, "east", 9, FALSE), n + 1);
}
GST_END_TEST

GST_START_TEST (test_log_held_by_a_reader_stays_bounded)
{
  const guint64 max_size = 4 << 20;
  g_autoptr (AnprSpool) spool = open_spool (ANPR_SPOOL_WRITE);
  g_autoptr (GError) error = NULL;
  sqlite3 *reader = NULL;
  guint n = 1;

  anpr_spool_set_max_size (spool, max_size);
  keep_many (spool, "east", 1);
  fail_unless_equals_int (sqlite3_open (path, &reader), SQLITE_OK);
  fail_unless_equals_int (
      sqlite3_exec (reader, "BEGIN; SELECT * FROM passage", NULL, NULL, NULL),
      SQLITE_OK);
  while (!error && n < 1000) {
    g_autofree gchar *record =
        keep_new (spool, "east", n, FALSE, 20000, &error);

    n += record != NULL;
  }
  fail_unless (g_error_matches (error, ANPR_ERROR, ANPR_ERROR_SPOOL_FULL));
  fail_unless (anpr_spool_get_bytes (spool) <= max_size);
  fail_unless_equals_int (
      sqlite3_exec (reader, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
  (void) sqlite3_close (reader);
  keep_many (spool, "east", 1);
  assert_intact (spool, n + 1);
}
GST_END_TEST

GST_START_TEST (test_removed_file_is_no_place_to_keep)
{
  AnprSpool *spool = open_spool (ANPR_SPOOL_WRITE);
  g_autofree gchar *moved = g_strconcat (path, ".moved", NULL);
  g_autofree gchar *record = NULL;
  g_autoptr (GError) error = NULL;

  keep_many (spool, "east", 1);
  fail_unless_equals_int (g_rename (path, moved), 0);
  record = keep_new (spool, "east", 2, FALSE, 0, &error);
  fail_unless (record == NULL);
  fail_unless (g_error_matches (error, ANPR_ERROR, ANPR_ERROR_SPOOL_WRITE));
  anpr_spool_close (spool);
}
GST_END_TEST

typedef struct {
  AnprSpool *writer;
  guint n;
} KeepingReader;

static gboolean
keep_while_reading (guint64 sequence, const gchar *record, gpointer user_data)
{
  KeepingReader *reader = user_data;

  reader->n++;
  if (reader->n <= 100)
    keep_many (reader->writer, "east", 1);
  return TRUE;
}

GST_START_TEST (test_reader_and_writer_do_not_wait_for_each_other)
{
  g_autoptr (AnprSpool) writer = open_spool (ANPR_SPOOL_WRITE);
  g_autoptr (AnprSpool) reader = NULL;
  KeepingReader reading = { writer, 0 };

  keep_many (writer, "east", 100);
  reader = open_spool (ANPR_SPOOL_READ);
  fail_unless (
      anpr_spool_visit (reader, NULL, keep_while_reading, &reading, NULL));
  fail_unless (reading.n >= 100);
  assert_intact (reader, 200);
}
GST_END_TEST

/* Keeps for ever; tells of each kept passage on the pipe once it is kept */
static void
keep_until_killed (int pipe)
{
  AnprSpool *spool = anpr_spool_open (path, ANPR_SPOOL_WRITE, NULL, NULL);

  for (gint64 i = 1; spool; i++) {
    guint64 sequence;
    gchar *record =
        keep_numbered (spool, "east", i, i % 7 == 0, 30000, &sequence, NULL);

    if (!record || write (pipe, &sequence, sizeof sequence) < 0)
      break;
    g_free (record);
  }
  _exit (1);
}

static pid_t
start_keeper (int *told)
{
  int ends[2];
  pid_t child;

  fail_unless_equals_int (pipe (ends), 0);
  child = fork ();
  fail_if (child < 0);
  if (child == 0) {
    close (ends[0]);
    keep_until_killed (ends[1]);
  }
  close (ends[1]);
  *told = ends[0];
  return child;
}

static guint64
next_told (int told)
{
  guint64 sequence = 0;

  fail_unless_equals_int (
      (gint) read (told, &sequence, sizeof sequence), sizeof sequence);
  return sequence;
}

/* Returns the last passage the keeper told of */
static guint64
kill_keeper (pid_t child, int told, guint64 last)
{
  guint64 sequence;

  (void) kill (child, SIGKILL);
  while (read (told, &sequence, sizeof sequence) == sizeof sequence)
    last = sequence;
  close (told);
  fail_unless (waitpid (child, NULL, 0) == child);
  return last;
}

static guint64
kill_a_keeper (guint n)
{
  guint64 last = 0;
  int told;
  pid_t child = start_keeper (&told);

  for (guint i = 0; i < n; i++)
    last = next_told (told);
  return kill_keeper (child, told, last);
}

GST_START_TEST (test_chain_is_intact_while_another_process_keeps)
{
  int told;
  pid_t child = start_keeper (&told);
  guint64 last = next_told (told);
  g_autoptr (AnprSpool) reader = open_spool (ANPR_SPOOL_READ);

  for (guint i = 0; i < 10; i++) {
    g_auto (AnprSpoolVerdict) verdict = { 0 };

    last = next_told (told);
    fail_unless (anpr_spool_verify (reader, NULL, &verdict, NULL));
    fail_unless (verdict.fault == NULL, "%s", verdict.fault);
    fail_unless (verdict.n_verified >= last);
  }
  (void) kill_keeper (child, told, last);
}
GST_END_TEST

GST_START_TEST (test_killed_keeper_loses_nothing_it_kept)
{
  for (guint round = 0; round < 12; round++) {
    guint64 told = kill_a_keeper (round == 0 ? 0 : 1 + round * 3);
    AnprSpool *spool;
    AnprSpoolSummary summary;

    if (!g_file_test (path, G_FILE_TEST_EXISTS))
      continue;
    spool = open_spool (ANPR_SPOOL_WRITE);
    fail_unless (anpr_spool_summarise (spool, &summary, NULL));
    /* the last one may have been kept before it could be told */
    fail_unless (
        summary.passages == told || summary.passages == told + 1 || told == 0,
        "told %" G_GUINT64_FORMAT " kept %" G_GUINT64_FORMAT, told,
        summary.passages);
    assert_intact (spool, summary.passages);
    anpr_spool_close (spool);
  }
}
GST_END_TEST

static Suite *
spool_suite (void)
{
  Suite *suite = suite_create ("spool");
  TCase *chain = tcase_create ("chain");
  TCase *file = tcase_create ("file");

  suite_add_tcase (suite, chain);
  tcase_add_checked_fixture (chain, spool_setup, spool_teardown);
  tcase_add_test (chain, test_each_position_counts_from_one_without_a_gap);
  tcase_add_test (chain, test_hash_is_that_of_the_line_with_a_null_hash);
  tcase_add_test (chain, test_same_passage_is_kept_once);
  tcase_add_test (chain, test_opened_again_the_chain_goes_on);
  tcase_add_test (chain, test_verification_names_what_was_changed);
  tcase_add_test (chain, test_forged_record_with_a_right_hash_is_no_crash);
  tcase_add_test (chain, test_filter_chooses_and_orders);
  tcase_add_test (chain, test_images_come_back_as_they_were);
  tcase_add_test (chain, test_summary_counts);

  suite_add_tcase (suite, file);
  tcase_add_checked_fixture (file, spool_setup, spool_teardown);
  tcase_add_test (file, test_nobody_else_can_read_the_files);
  tcase_add_test (file, test_file_of_another_program_is_left_alone);
  tcase_add_test (file, test_what_cannot_be_opened_is_said);
  tcase_add_test (file, test_full_spool_frees_oldest_pictures_without_a_hit);
  tcase_add_test (file, test_spool_full_of_hits_says_so_and_stays_intact);
  tcase_add_test (file, test_log_held_by_a_reader_stays_bounded);
  tcase_add_test (file, test_removed_file_is_no_place_to_keep);
  tcase_add_test (file, test_reader_and_writer_do_not_wait_for_each_other);
  tcase_add_test (file, test_chain_is_intact_while_another_process_keeps);
  tcase_add_test (file, test_killed_keeper_loses_nothing_it_kept);
  return suite;
}

GST_CHECK_MAIN (spool)
