/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugins/anprsink/spooldelivery.h"
#include "plugins/anprsink/spoolrecover.h"
#include "plugins/anprsink/spoolretention.h"
#include "plugins/anprsink/writer.h"
#include "spoolfixture.h"

#define PAGE 4096

/* Passages of the damaged spools */
#define N 200

/* A transaction for so many of them */
#define TOGETHER 20

static void
keep_with_pictures (AnprSpool *spool, guint n)
{
  AnprSpoolPlace place = { "box-1", "east", NULL };

  for (guint i = 1; i <= n;) {
    AnprSpoolItem items[TOGETHER];
    AnprSpoolImage images[TOGETHER][2];
    guint length = 0;

    for (; i <= n && length < TOGETHER; i++, length++) {
      images[length][0] =
          (AnprSpoolImage){ "plate", new_picture (3000, (guint8) i) };
      images[length][1] =
          (AnprSpoolImage){ "vehicle", new_picture (9000, (guint8) i) };
      items[length] =
          (AnprSpoolItem){ new_passage (i, i % 10 == 0), images[length], 2 };
    }
    fail_unless (anpr_spool_keep (spool, &place, items, length, NULL));
    for (guint j = 0; j < length; j++) {
      anpr_passage_unref (items[j].passage);
      g_bytes_unref (images[j][0].jpeg);
      g_bytes_unref (images[j][1].jpeg);
      g_free (items[j].record);
    }
  }
}

static void
make_spool (void)
{
  AnprSpool *spool = open_spool (ANPR_SPOOL_WRITE);

  keep_with_pictures (spool, N);
  anpr_spool_close (spool);
}

static guint
count_pages (void)
{
  GStatBuf info;

  fail_unless_equals_int (g_stat (path, &info), 0);
  return (guint) (info.st_size / PAGE);
}

/* Writes noise over some pages; @n of them, spread from @first on */
static void
damage (guint first, guint n)
{
  guint8 noise[PAGE];
  guint pages = count_pages ();
  int file = open (path, O_WRONLY | O_CLOEXEC);

  fail_unless (file >= 0 && pages > first + n);
  for (guint i = 0; i < sizeof noise; i++)
    noise[i] = (guint8) (i * 7 + 13);
  for (guint i = 0; i < n; i++) {
    guint page = first + i * ((pages - first) / n);

    fail_unless (
        pwrite (file, noise, PAGE, (off_t) page * PAGE) == (gssize) PAGE);
  }
  close (file);
}

static guint
count_set_aside (void)
{
  g_autoptr (GDir) files = g_dir_open (folder, 0, NULL);
  const gchar *name;
  guint n = 0;

  while ((name = g_dir_read_name (files)))
    n += strstr (name, ".damaged-") != NULL && !g_str_has_suffix (name, "-wal")
         && !g_str_has_suffix (name, "-shm");
  return n;
}

static void
assert_sound (guint64 n_total, guint64 *n_damaged)
{
  g_autoptr (AnprSpool) spool = open_spool (ANPR_SPOOL_WRITE);
  g_auto (AnprSpoolVerdict) verdict = { 0 };

  fail_unless (anpr_spool_verify (spool, NULL, &verdict, NULL));
  fail_unless (verdict.fault == NULL, "%s", verdict.fault);
  fail_unless_equals_uint64 (verdict.n_verified + verdict.n_damaged, n_total);
  *n_damaged = verdict.n_damaged;
}

/* --- damaged files --- */

GST_START_TEST (test_what_can_be_read_of_a_damaged_spool_goes_on)
{
  static const guint n_damaged_pages[] = { 1, 5, 40 };

  for (guint i = 0; i < G_N_ELEMENTS (n_damaged_pages); i++) {
    g_autoptr (GError) error = NULL;
    AnprSpoolRecovered recovered;
    AnprSpool *spool;
    AnprSpoolBacklog backlog;
    guint64 n_damaged;

    make_spool ();
    damage (20, n_damaged_pages[i]);
    fail_unless (anpr_spool_recover (path, NULL, &recovered, &error), "%s",
        error ? error->message : "no error");
    fail_unless (g_file_test (recovered.aside, G_FILE_TEST_EXISTS));
    fail_unless_equals_uint64 (recovered.copied + recovered.lost, N);
    /* a page holds a picture, or a few records */
    fail_unless (recovered.lost <= 8 * n_damaged_pages[i],
        "%u pages, lost %" G_GUINT64_FORMAT, n_damaged_pages[i],
        recovered.lost);
    fail_unless (recovered.copied > 0);
    assert_sound (N, &n_damaged);
    fail_unless_equals_uint64 (n_damaged, recovered.lost);
    spool = open_spool (ANPR_SPOOL_WRITE);
    fail_unless (anpr_spool_get_backlog (spool, &backlog, NULL));
    fail_unless_equals_uint64 (backlog.rows, recovered.copied);
    fail_unless_equals_uint64 (keep_one (spool, "east", 1, FALSE), N + 1);
    anpr_spool_close (spool);
    (void) g_remove (recovered.aside);
    (void) g_remove (path);
    g_free (recovered.aside);
  }
}
GST_END_TEST

GST_START_TEST (test_changed_bytes_that_sqlite_does_not_see_are_found)
{
  AnprSpoolRecovered recovered;
  guint64 n_damaged;

  make_spool ();
  alter ("UPDATE passage SET record = replace (record, 'TST', 'TSU')"
         " WHERE sequence IN (7, 8, 100)");
  fail_unless (anpr_spool_recover (path, NULL, &recovered, NULL));
  fail_unless_equals_uint64 (recovered.lost, 3);
  assert_sound (N, &n_damaged);
  fail_unless_equals_uint64 (n_damaged, 3);
  g_free (recovered.aside);
}
GST_END_TEST

GST_START_TEST (test_numbers_that_cannot_be_are_not_followed)
{
  static const gchar *const commands[] = {
    "UPDATE position SET sequence = 4000000000000000000",
    "UPDATE position SET anchor_sequence = 4000000000000000000,"
    " anchor_hash = 'x'",
    "UPDATE counter SET value = 4000000000000000000"
    " WHERE name = 'last-removed'",
    "DELETE FROM position",
    "UPDATE passage SET sequence = 4000000000000000000 WHERE sequence = 5",
  };

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++) {
    AnprSpoolRecovered recovered;
    guint64 n_damaged;

    make_spool ();
    alter (commands[i]);
    fail_unless (anpr_spool_recover (path, NULL, &recovered, NULL));
    fail_unless_equals_uint64 (recovered.copied + recovered.lost, N);
    fail_unless (recovered.lost <= 1);
    assert_sound (N, &n_damaged);
    (void) g_remove (path);
    g_free (recovered.aside);
  }
}
GST_END_TEST

GST_START_TEST (test_delivered_stays_delivered_in_the_new_file)
{
  AnprSpool *spool = open_spool (ANPR_SPOOL_WRITE);
  const gint64 numbers[] = { 1, 2, 3 };
  AnprSpoolRecovered recovered;
  AnprSpoolBacklog backlog;

  keep_with_pictures (spool, 10);
  fail_unless (anpr_spool_acknowledge (spool, numbers, 3, 7, NULL));
  fail_unless (anpr_spool_refuse (spool, 4, "no", 7, NULL));
  anpr_spool_close (spool);
  fail_unless (anpr_spool_recover (path, NULL, &recovered, NULL));
  spool = open_spool (ANPR_SPOOL_WRITE);
  fail_unless (anpr_spool_get_backlog (spool, &backlog, NULL));
  fail_unless_equals_uint64 (backlog.rows, 6);
  fail_unless_equals_uint64 (backlog.refused, 1);
  anpr_spool_close (spool);
  g_free (recovered.aside);
}
GST_END_TEST

GST_START_TEST (test_encrypted_spool_is_recovered_with_its_key)
{
  g_autofree gchar *file = g_build_filename (folder, "spool.key", NULL);
  g_autoptr (AnprSpoolKeys) keys = NULL;
  AnprSpool *spool;
  AnprSpoolRecovered recovered;
  AnprSpoolSummary summary;
  g_auto (AnprSpoolVerdict) verdict = { 0 };

  fail_unless (anpr_spool_key_make (file, NULL));
  keys = anpr_spool_keys_load (file, NULL);
  spool = anpr_spool_open (path, ANPR_SPOOL_WRITE, keys, NULL);
  keep_with_pictures (spool, N);
  anpr_spool_close (spool);
  damage (20, 3);
  fail_unless (anpr_spool_recover (path, keys, &recovered, NULL));
  spool = anpr_spool_open (path, ANPR_SPOOL_WRITE, keys, NULL);
  fail_unless (anpr_spool_verify (spool, NULL, &verdict, NULL));
  fail_unless (verdict.fault == NULL, "%s", verdict.fault);
  fail_unless (anpr_spool_summarise (spool, &summary, NULL));
  fail_unless (summary.hits > 0 && summary.hits < summary.passages / 5);
  anpr_spool_close (spool);
  g_free (recovered.aside);
}
GST_END_TEST

/* Killed ever later; before, it is the damaged file still, and is recovered by
 * the next try; after, it is the new one */
GST_START_TEST (test_killed_while_recovering_nothing_more_is_lost)
{
  guint64 n_damaged, first = 0;

  for (gulong wait = 2000; wait < 300000; wait *= 2) {
    g_autoptr (GError) error = NULL;
    AnprSpoolRecovered recovered = { 0 };
    pid_t child;

    make_spool ();
    damage (20, 5);
    child = fork ();
    fail_if (child < 0);
    if (child == 0) {
      (void) anpr_spool_recover (path, NULL, &recovered, NULL);
      pause ();
    }
    g_usleep (wait);
    (void) kill (child, SIGKILL);
    fail_unless (waitpid (child, NULL, 0) == child);
    fail_unless (anpr_spool_finish_recovery (path, NULL));
    if (count_set_aside () == 0)
      fail_unless (anpr_spool_recover (path, NULL, &recovered, &error), "%s",
          error ? error->message : "no error");
    assert_sound (N, &n_damaged);
    if (first == 0)
      first = n_damaged;
    fail_unless_equals_uint64 (n_damaged, first);
    g_free (recovered.aside);
    fail_unless (anpr_spool_erase_set_aside (path));
    (void) g_remove (path);
  }
}
GST_END_TEST

GST_START_TEST (test_damage_a_forwarder_finds_is_mended_by_the_keeper)
{
  g_autoptr (GError) error = NULL;
  AnprSpool *spool;
  AnprSpoolExpired expired;

  make_spool ();
  damage (6, 60);
  spool = open_spool (ANPR_SPOOL_WRITE);
  {
    g_autoptr (GPtrArray) found =
        anpr_spool_get_undelivered (spool, N, G_MAXSIZE, &error);

    fail_unless (found == NULL);
    fail_unless (g_error_matches (error, ANPR_ERROR, ANPR_ERROR_SPOOL_DAMAGED),
        "%s", error->message);
    g_clear_error (&error);
  }
  fail_if (anpr_spool_expire (spool, 0, &expired, &error));
  fail_unless (g_error_matches (error, ANPR_ERROR, ANPR_ERROR_SPOOL_DAMAGED));
  anpr_spool_close (spool);
}
GST_END_TEST

GST_START_TEST (test_set_aside_file_goes_with_the_oldest_passage_in_it)
{
  AnprSpoolRecovered recovered;
  AnprSpool *spool;
  AnprSpoolExpired expired;

  make_spool ();
  fail_unless (anpr_spool_recover (path, NULL, &recovered, NULL));
  spool = open_spool (ANPR_SPOOL_WRITE);
  fail_unless (anpr_spool_set_retention (spool, "east", 2, 2, NULL));
  fail_unless (anpr_spool_expire (spool, G_TIME_SPAN_DAY, &expired, NULL));
  fail_unless_equals_int (count_set_aside (), 1);
  fail_unless (anpr_spool_expire (spool, 2 * G_TIME_SPAN_DAY, &expired, NULL));
  fail_unless_equals_int (count_set_aside (), 0);
  fail_unless_equals_uint64 (expired.passages, N);
  anpr_spool_close (spool);
  g_free (recovered.aside);
}
GST_END_TEST

/* --- the keeping thread --- */

typedef struct {
  GMutex lock;
  GCond told;
  guint n_kept;
  guint n_damaged;
  guint64 last;
  int pipe;
} Listening;

static void
note_kept (AnprPassage *passage, guint64 sequence, const gchar *record,
    gpointer user_data)
{
  Listening *listening = user_data;

  g_mutex_lock (&listening->lock);
  listening->n_kept++;
  listening->last = sequence;
  if (listening->pipe >= 0)
    (void) !write (listening->pipe, &sequence, sizeof sequence);
  g_cond_broadcast (&listening->told);
  g_mutex_unlock (&listening->lock);
}

static void
note_changed (const AnprWriterStats *stats, gpointer user_data)
{
}

static void
note_failed (const GError *error, const gchar *consequence, gpointer user_data)
{
  Listening *listening = user_data;

  g_mutex_lock (&listening->lock);
  listening->n_damaged +=
      g_error_matches (error, ANPR_ERROR, ANPR_ERROR_SPOOL_DAMAGED);
  g_mutex_unlock (&listening->lock);
}

static AnprWriter *
start_writer (Listening *listening)
{
  static const AnprWriterListener listener = { note_kept, note_changed,
    note_failed };
  AnprWriterSettings settings = { .location = path,
    .device = "box-1",
    .position = "east",
    .images = TRUE,
    .retention = 30,
    .keep_delivered = 7 };

  g_mutex_init (&listening->lock);
  g_cond_init (&listening->told);
  return anpr_writer_new (&settings, &listener, listening);
}

static AnprStill *
new_still (guint width, guint height)
{
  AnprStill *still = anpr_still_new (width, height);

  memset (still->i420, 100, anpr_still_size (still));
  return still;
}

static void
add_passage (AnprWriter *writer, gint64 utc)
{
  g_autoptr (AnprStill) plate = new_still (160, 40);
  g_autoptr (AnprStill) vehicle = new_still (320, 240);
  g_autoptr (AnprPassage) passage =
      new_passage_with_stills (utc, utc % 10 == 0, plate, vehicle);

  anpr_writer_add (writer, passage, FALSE);
}

GST_START_TEST (test_keeper_goes_on_in_a_new_file_when_its_file_is_damaged)
{
  Listening listening = { .pipe = -1 };
  AnprWriter *writer;
  AnprWriterStats last;

  make_spool ();
  damage (1, count_pages () - 3);
  writer = start_writer (&listening);
  for (guint i = 1; i <= 20; i++)
    add_passage (writer, i);
  anpr_writer_drain (writer);
  anpr_writer_free (writer, &last);
  fail_unless_equals_uint64 (last.kept, 20);
  fail_unless_equals_int (listening.n_kept, 20);
  fail_unless (listening.n_damaged > 0);
  fail_unless_equals_int (count_set_aside (), 1);
  {
    g_autoptr (AnprSpool) spool = open_spool (ANPR_SPOOL_READ);
    AnprSpoolSummary summary;

    assert_intact (spool, 20);
    fail_unless (anpr_spool_summarise (spool, &summary, NULL));
    fail_unless_equals_uint64 (summary.images, 40);
  }
}
GST_END_TEST

/* --- killed --- */

/* Fifty passages a second, until it is killed */
static void
keep_until_killed (int pipe)
{
  Listening listening = { .pipe = pipe };
  AnprWriter *writer = start_writer (&listening);

  for (gint64 i = 1;; i++) {
    add_passage (writer, i);
    g_usleep (G_USEC_PER_SEC / 50);
  }
}

/* From its begin, or from the first number that it told. Returns the last one. */
static guint64
kill_keeper_after (gulong wait, gboolean from_first)
{
  guint64 last = 0, sequence;
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
  if (from_first)
    fail_unless (read (ends[0], &last, sizeof last) == sizeof last);
  g_usleep (wait);
  (void) kill (child, SIGKILL);
  while (read (ends[0], &sequence, sizeof sequence) == sizeof sequence) {
    fail_unless (last == 0 || sequence == last + 1);
    last = sequence;
  }
  close (ends[0]);
  fail_unless (waitpid (child, NULL, 0) == child);
  return last;
}

static void
assert_ids_differ (AnprSpool *spool, guint64 n)
{
  g_autoptr (GPtrArray) records = visit (spool, NULL);
  g_autoptr (GHashTable) ids =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < records->len; i++) {
    g_autoptr (JsonNode) node =
        json_from_string (g_ptr_array_index (records, i), NULL);

    g_hash_table_add (ids, g_strdup (json_object_get_string_member (
                               json_node_get_object (node), "id")));
  }
  fail_unless_equals_uint64 (g_hash_table_size (ids), n);
}

/* ANPR_KILL_ROUNDS for more than the suite has time for */
GST_START_TEST (test_killed_at_any_moment_nothing_told_is_lost_or_doubled)
{
  const gchar *wanted = g_getenv ("ANPR_KILL_ROUNDS");
  guint rounds = wanted ? (guint) atoi (wanted) : 12;
  g_autoptr (GRand) random = g_rand_new_with_seed (20261125);
  guint64 told_last = 0;

  for (guint round = 0; round < rounds; round++) {
    guint64 told = kill_keeper_after (
        (gulong) g_rand_int_range (random, 0, 400000), round % 2 == 1);
    AnprSpool *spool;
    AnprSpoolSummary summary;

    if (!g_file_test (path, G_FILE_TEST_EXISTS))
      continue;
    told_last = MAX (told_last, told);
    spool = open_spool (ANPR_SPOOL_WRITE);
    fail_unless (anpr_spool_summarise (spool, &summary, NULL));
    fail_unless (summary.passages >= told_last);
    assert_intact (spool, summary.passages);
    assert_ids_differ (spool, summary.passages);
    told_last = summary.passages;
    anpr_spool_close (spool);
  }
  fail_unless (told_last > 0);
}
GST_END_TEST

/* --- a disk that is full --- */

static void
fill_disk (const gchar *file)
{
  static const gchar zeros[PAGE];
  int fd = open (file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

  while (write (fd, zeros, sizeof zeros) > 0)
    continue;
  fail_unless_equals_int (errno, ENOSPC);
  close (fd);
}

GST_START_TEST (test_disk_filled_by_others_is_a_state_and_loses_nothing)
{
  g_autofree gchar *filler = NULL;
  g_autoptr (GError) error = NULL;
  AnprSpool *spool;
  guint n = 20;

  if (mount ("tmpfs", folder, "tmpfs", 0, "size=4m,mode=0700") != 0) {
    g_print ("SKIP: a tmpfs cannot be mounted here: %s\n", g_strerror (errno));
    return;
  }
  filler = g_build_filename (folder, "filler", NULL);
  spool = open_spool (ANPR_SPOOL_WRITE);
  keep_with_pictures (spool, 20);
  fill_disk (filler);
  while (!error && n < 1000) {
    g_autofree gchar *record = keep_new (spool, "east", 1, TRUE, 20000, &error);

    n += record != NULL;
  }
  fail_unless (g_error_matches (error, ANPR_ERROR, ANPR_ERROR_SPOOL_FULL), "%s",
      error ? error->message : "no error");
  assert_intact (spool, n);
  fail_unless_equals_int (g_remove (filler), 0);
  keep_many (spool, "east", 1);
  assert_intact (spool, n + 1);
  anpr_spool_close (spool);
  (void) g_remove (path);
  fail_unless_equals_int (umount2 (folder, MNT_DETACH), 0);
}
GST_END_TEST

GST_START_TEST (test_time_is_over_also_on_a_full_disk)
{
  g_autofree gchar *filler = NULL;
  g_autoptr (GError) error = NULL;
  AnprSpool *spool;
  AnprSpoolExpired expired;

  if (mount ("tmpfs", folder, "tmpfs", 0, "size=8m,mode=0700") != 0) {
    g_print ("SKIP: a tmpfs cannot be mounted here: %s\n", g_strerror (errno));
    return;
  }
  filler = g_build_filename (folder, "filler", NULL);
  spool = open_spool (ANPR_SPOOL_WRITE);
  fail_unless (anpr_spool_set_retention (spool, "east", 1, 1, NULL));
  keep_with_pictures (spool, N);
  fill_disk (filler);
  fail_unless (anpr_spool_expire (spool, G_TIME_SPAN_DAY, &expired, &error),
      "%s", error ? error->message : "no error");
  fail_unless_equals_uint64 (expired.passages, N);
  assert_intact (spool, 0);
  anpr_spool_close (spool);
  (void) g_remove (path);
  (void) g_remove (filler);
  fail_unless_equals_int (umount2 (folder, MNT_DETACH), 0);
}
GST_END_TEST

static Suite *
spoolfaults_suite (void)
{
  Suite *suite = suite_create ("spoolfaults");
  TCase *damaged = tcase_create ("damaged");
  TCase *killed = tcase_create ("killed");
  TCase *full = tcase_create ("full");

  suite_add_tcase (suite, damaged);
  tcase_add_checked_fixture (damaged, spool_setup, spool_teardown);
  tcase_add_test (damaged, test_what_can_be_read_of_a_damaged_spool_goes_on);
  tcase_add_test (
      damaged, test_changed_bytes_that_sqlite_does_not_see_are_found);
  tcase_add_test (damaged, test_numbers_that_cannot_be_are_not_followed);
  tcase_add_test (damaged, test_delivered_stays_delivered_in_the_new_file);
  tcase_add_test (damaged, test_encrypted_spool_is_recovered_with_its_key);
  tcase_add_test (damaged, test_killed_while_recovering_nothing_more_is_lost);
  tcase_add_test (
      damaged, test_damage_a_forwarder_finds_is_mended_by_the_keeper);
  tcase_add_test (
      damaged, test_set_aside_file_goes_with_the_oldest_passage_in_it);
  tcase_add_test (
      damaged, test_keeper_goes_on_in_a_new_file_when_its_file_is_damaged);

  suite_add_tcase (suite, killed);
  tcase_add_checked_fixture (killed, spool_setup, spool_teardown);
  tcase_set_timeout (killed, 1200);
  tcase_add_test (
      killed, test_killed_at_any_moment_nothing_told_is_lost_or_doubled);

  suite_add_tcase (suite, full);
  tcase_add_checked_fixture (full, spool_setup, spool_teardown);
  tcase_add_test (
      full, test_disk_filled_by_others_is_a_state_and_loses_nothing);
  tcase_add_test (full, test_time_is_over_also_on_a_full_disk);
  return suite;
}

GST_CHECK_MAIN (spoolfaults)
