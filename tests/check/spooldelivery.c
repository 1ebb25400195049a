/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib/gstdio.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugins/anprsink/spooldelivery.h"
#include "spoolfixture.h"

static GPtrArray *
undelivered (AnprSpool *spool, guint max_rows, gsize max_bytes)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *found =
      anpr_spool_get_undelivered (spool, max_rows, max_bytes, &error);

  fail_unless (found != NULL, "%s", error ? error->message : "no error");
  return found;
}

static void
assert_sequences (GPtrArray *deliveries, const guint64 *expected, guint n)
{
  fail_unless_equals_int (deliveries->len, n);
  for (guint i = 0; i < n; i++) {
    const AnprSpoolDelivery *delivery = g_ptr_array_index (deliveries, i);

    fail_unless_equals_uint64 (delivery->sequence, expected[i]);
  }
}

static void
acknowledge (AnprSpool *spool, GPtrArray *deliveries)
{
  g_autofree gint64 *numbers = g_new (gint64, deliveries->len);

  for (guint i = 0; i < deliveries->len; i++) {
    const AnprSpoolDelivery *delivery = g_ptr_array_index (deliveries, i);

    numbers[i] = delivery->number;
  }
  fail_unless (
      anpr_spool_acknowledge (spool, numbers, deliveries->len, 7, NULL));
}

static void
assert_backlog (AnprSpool *spool, guint64 rows, guint64 hits, guint64 refused)
{
  AnprSpoolBacklog backlog;

  fail_unless (anpr_spool_get_backlog (spool, &backlog, NULL));
  fail_unless_equals_uint64 (backlog.rows, rows);
  fail_unless_equals_uint64 (backlog.rows_with_hits, hits);
  fail_unless_equals_uint64 (backlog.refused, refused);
  fail_unless ((backlog.bytes > 0) == (rows > 0));
  fail_unless ((backlog.oldest_utc > 0) == (rows > 0));
}

GST_START_TEST (test_hits_are_handed_out_first_then_the_order_of_keeping)
{
  static const guint64 order[] = { 3, 6, 1, 2, 4, 5 };
  static const guint64 rest[] = { 7, 4, 5 };
  g_autoptr (AnprSpool) spool = open_spool (ANPR_SPOOL_WRITE);
  g_autoptr (AnprSpool) forwarder = open_spool (ANPR_SPOOL_WRITE);
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GPtrArray) some = NULL;
  g_autoptr (GPtrArray) later = NULL;

  for (guint i = 1; i <= 6; i++)
    (void) keep_one (spool, "east", i, i % 3 == 0);
  all = undelivered (forwarder, 100, G_MAXSIZE);
  assert_sequences (all, order, 6);
  fail_unless (((AnprSpoolDelivery *) all->pdata[0])->has_hits);
  fail_if (((AnprSpoolDelivery *) all->pdata[2])->has_hits);
  assert_backlog (forwarder, 6, 2, 0);

  some = undelivered (forwarder, 4, G_MAXSIZE);
  assert_sequences (some, order, 4);
  acknowledge (forwarder, some);
  /* a hit that comes later still overtakes */
  (void) keep_one (spool, "east", 7, TRUE);
  later = undelivered (forwarder, 100, G_MAXSIZE);
  assert_sequences (later, rest, 3);
  assert_backlog (forwarder, 3, 1, 0);
  acknowledge (forwarder, later);
  assert_backlog (forwarder, 0, 0, 0);
}
GST_END_TEST

GST_START_TEST (test_what_is_handed_out_is_what_was_kept)
{
  g_autoptr (AnprSpool) spool = open_spool (ANPR_SPOOL_WRITE);
  g_autofree gchar *record = keep_new (spool, "east", 9, FALSE, 5000, NULL);
  g_autoptr (GBytes) picture = new_picture (5000, 9);
  g_autoptr (GPtrArray) found = undelivered (spool, 10, G_MAXSIZE);
  const AnprSpoolDelivery *delivery = g_ptr_array_index (found, 0);
  const AnprSpoolImage *image = g_ptr_array_index (delivery->images, 0);

  fail_unless_equals_string (delivery->record, record);
  fail_unless_equals_string (delivery->position, "east");
  fail_unless (strstr (record, delivery->id) != NULL);
  fail_unless_equals_int (delivery->images->len, 1);
  fail_unless_equals_string (image->kind, "plate");
  fail_unless (g_bytes_equal (image->jpeg, picture));
}
GST_END_TEST

GST_START_TEST (test_a_batch_is_bounded_but_never_empty)
{
  g_autoptr (AnprSpool) spool = open_spool (ANPR_SPOOL_WRITE);
  g_autoptr (GPtrArray) one = NULL;
  g_autoptr (GPtrArray) three = NULL;

  for (guint i = 1; i <= 5; i++)
    g_free (keep_new (spool, "east", i, FALSE, 100000, NULL));
  one = undelivered (spool, 100, 1);
  fail_unless_equals_int (one->len, 1);
  three = undelivered (spool, 100, 350000);
  fail_unless_equals_int (three->len, 3);
}
GST_END_TEST

GST_START_TEST (test_what_is_acknowledged_stays_so_after_opening_again)
{
  AnprSpool *spool = open_spool (ANPR_SPOOL_WRITE);
  const gint64 gone[] = { 4000, -1 };
  GPtrArray *found;

  keep_many (spool, "east", 3);
  found = undelivered (spool, 2, G_MAXSIZE);
  acknowledge (spool, found);
  acknowledge (spool, found);
  g_ptr_array_unref (found);
  fail_unless (anpr_spool_acknowledge (spool, gone, 2, 7, NULL));
  fail_unless (anpr_spool_acknowledge (spool, NULL, 0, 7, NULL));
  anpr_spool_close (spool);
  spool = open_spool (ANPR_SPOOL_WRITE);
  assert_backlog (spool, 1, 0, 0);
  assert_intact (spool, 3);
  anpr_spool_close (spool);
}
GST_END_TEST

GST_START_TEST (test_refused_is_kept_and_not_handed_out_until_retried)
{
  g_autoptr (AnprSpool) spool = open_spool (ANPR_SPOOL_WRITE);
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GPtrArray) without = NULL;
  g_autoptr (GPtrArray) retried = NULL;
  g_autofree gchar *reason = g_strnfill (1000, 'x');
  guint n;

  memcpy (reason + ANPR_SPOOL_MAX_REASON - 1, "\xC3\xA9", 2);
  for (guint i = 1; i <= 3; i++)
    (void) keep_one (spool, "east", i, i == 2);
  found = undelivered (spool, 1, G_MAXSIZE);
  fail_unless (anpr_spool_refuse (
      spool, ((AnprSpoolDelivery *) found->pdata[0])->number, reason, 8, NULL));
  assert_backlog (spool, 2, 0, 1);
  without = undelivered (spool, 10, G_MAXSIZE);
  fail_unless_equals_int (without->len, 2);
  fail_unless (anpr_spool_retry_refused (spool, &n, NULL));
  fail_unless_equals_int (n, 1);
  retried = undelivered (spool, 10, G_MAXSIZE);
  fail_unless_equals_int (retried->len, 3);
  fail_unless (((AnprSpoolDelivery *) retried->pdata[0])->has_hits);
}
GST_END_TEST

GST_START_TEST (test_replaced_file_is_told_to_the_forwarder)
{
  g_autoptr (AnprSpool) keeper = open_spool (ANPR_SPOOL_WRITE);
  g_autoptr (AnprSpool) forwarder = open_spool (ANPR_SPOOL_WRITE);
  g_autofree gchar *moved = g_strconcat (path, ".moved", NULL);
  g_autoptr (GError) error = NULL;
  AnprSpoolBacklog backlog;
  const gint64 number = 1;

  keep_many (keeper, "east", 1);
  fail_unless_equals_int (g_rename (path, moved), 0);
  fail_unless (
      anpr_spool_get_undelivered (forwarder, 1, G_MAXSIZE, &error) == NULL);
  fail_unless (g_error_matches (error, ANPR_ERROR, ANPR_ERROR_SPOOL_WRITE));
  fail_if (anpr_spool_acknowledge (forwarder, &number, 1, 7, NULL));
  fail_if (anpr_spool_get_backlog (forwarder, &backlog, NULL));
}
GST_END_TEST

/* --- files of version 1 --- */

/* The tables as the first version made them */
static const gchar version_1[] =
    "CREATE TABLE passage (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " position TEXT NOT NULL, sequence INTEGER NOT NULL, utc INTEGER NOT NULL,"
    " hits INTEGER NOT NULL, hash TEXT NOT NULL, record TEXT NOT NULL,"
    " UNIQUE (position, sequence));"
    "CREATE INDEX passage_utc ON passage (utc);"
    "CREATE TABLE image (number INTEGER PRIMARY KEY,"
    " passage INTEGER NOT NULL REFERENCES passage (number),"
    " kind TEXT NOT NULL, freeable INTEGER NOT NULL, jpeg BLOB,"
    " UNIQUE (passage, kind));"
    "CREATE INDEX image_freeable ON image (number)"
    " WHERE freeable AND jpeg IS NOT NULL;"
    "CREATE TABLE position (name TEXT PRIMARY KEY, sequence INTEGER NOT NULL,"
    " hash TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL)"
    " WITHOUT ROWID;"
    "INSERT INTO counter VALUES ('images-freed', 3);"
    "PRAGMA application_id = 0x414E5052; PRAGMA user_version = 1;"
    "PRAGMA journal_mode = WAL;";

static void
add_version_1_row (sqlite3 *database, guint i, gchar **previous)
{
  guint8 sign = i % 127 ? i % 127 : 1;
  g_autofree gchar *utc = anpr_utc_to_string (i * G_USEC_PER_SEC);
  g_autoptr (GBytes) picture = new_picture (3000, sign);
  g_autofree gchar *checksum =
      g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, picture);
  g_autofree gchar *link =
      *previous ? g_strdup_printf ("\"%s\"", *previous) : g_strdup ("null");
  g_autofree gchar *start = g_strdup_printf (
      "{\"id\":\"id-%u\",\"position\":\"gate\",\"sequence\":%u,"
      "\"best_seen\":\"%s\",\"hits\":[%s],\"images\":[{\"kind\":\"plate\","
      "\"sha256\":\"%s\",\"bytes\":3000}],\"previous_hash\":%s,\"hash\":",
      i, i, utc, i % 5 == 0 ? "{}" : "", checksum, link);
  g_autofree gchar *unhashed = g_strconcat (start, "null}", NULL);
  gchar *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, unhashed, -1);
  gchar *command = sqlite3_mprintf (
      "INSERT INTO passage VALUES (%u, 'id-%u', 'gate', %u, %lld, %d, %Q,"
      " '%q\"%q\"}');"
      "INSERT INTO image VALUES (%u, %u, 'plate', %d,"
      " (SELECT CAST (replace (hex (zeroblob (1500)), '0', char (%u)) AS BLOB)"
      " ));"
      "INSERT OR REPLACE INTO position VALUES ('gate', %u, %Q)",
      i, i, i, (long long) i * G_USEC_PER_SEC, i % 5 == 0, hash, start, hash, i,
      i, i % 5 != 0, sign, i, hash);

  fail_unless_equals_int (
      sqlite3_exec (database, command, NULL, NULL, NULL), SQLITE_OK);
  sqlite3_free (command);
  g_free (*previous);
  *previous = hash;
}

static void
make_version_1 (guint n)
{
  sqlite3 *database = NULL;
  gchar *previous = NULL;

  fail_unless_equals_int (sqlite3_open (path, &database), SQLITE_OK);
  fail_unless_equals_int (
      sqlite3_exec (database, version_1, NULL, NULL, NULL), SQLITE_OK);
  fail_unless_equals_int (
      sqlite3_exec (database, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
  for (guint i = 1; i <= n; i++)
    add_version_1_row (database, i, &previous);
  fail_unless_equals_int (
      sqlite3_exec (database, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
  (void) sqlite3_close (database);
  g_free (previous);
}

GST_START_TEST (test_version_1_goes_on_where_it_was)
{
  static const guint64 first[] = { 5, 10, 1 };
  g_autoptr (AnprSpool) spool = NULL;
  g_autoptr (GPtrArray) found = NULL;
  const AnprSpoolDelivery *delivery;

  make_version_1 (10);
  spool = open_spool (ANPR_SPOOL_WRITE);
  assert_intact (spool, 10);
  fail_unless_equals_uint64 (anpr_spool_get_images_freed (spool), 3);
  assert_backlog (spool, 10, 2, 0);
  found = undelivered (spool, 3, G_MAXSIZE);
  assert_sequences (found, first, 3);
  delivery = g_ptr_array_index (found, 0);
  fail_unless_equals_int (delivery->images->len, 1);
  fail_unless_equals_uint64 (keep_one (spool, "gate", 11, FALSE), 11);
  assert_intact (spool, 11);
}
GST_END_TEST

GST_START_TEST (test_version_1_is_brought_up_to_date_for_a_reader)
{
  g_autoptr (AnprSpool) spool = NULL;

  make_version_1 (3);
  spool = open_spool (ANPR_SPOOL_READ);
  assert_intact (spool, 3);
  assert_backlog (spool, 3, 0, 0);
}
GST_END_TEST

static gint64
version_of_file (void)
{
  sqlite3 *database = NULL;
  sqlite3_stmt *statement = NULL;
  gint64 version;

  fail_unless_equals_int (sqlite3_open (path, &database), SQLITE_OK);
  (void) sqlite3_prepare_v2 (
      database, "PRAGMA user_version", -1, &statement, NULL);
  fail_unless_equals_int (sqlite3_step (statement), SQLITE_ROW);
  version = sqlite3_column_int64 (statement, 0);
  (void) sqlite3_finalize (statement);
  (void) sqlite3_close (database);
  return version;
}

/* Killed ever later, until it was killed on both sides of the change */
GST_START_TEST (test_killed_while_version_1_is_changed_it_is_old_or_new)
{
  guint n_old = 0, n_new = 0;

  make_version_1 (2000);
  for (gulong wait = 200; n_new == 0; wait += wait / 4) {
    pid_t child = fork ();

    fail_if (child < 0);
    if (child == 0) {
      (void) anpr_spool_open (path, ANPR_SPOOL_WRITE, NULL, NULL);
      pause ();
    }
    g_usleep (wait);
    (void) kill (child, SIGKILL);
    fail_unless (waitpid (child, NULL, 0) == child);
    if (version_of_file () == 1)
      n_old++;
    else
      n_new++;
    fail_unless (wait < 30 * G_USEC_PER_SEC);
  }
  fail_unless (n_old > 0);
  {
    g_autoptr (AnprSpool) spool = open_spool (ANPR_SPOOL_WRITE);

    assert_intact (spool, 2000);
    assert_backlog (spool, 2000, 400, 0);
  }
}
GST_END_TEST

static Suite *
spooldelivery_suite (void)
{
  Suite *suite = suite_create ("spooldelivery");
  TCase *delivery = tcase_create ("delivery");
  TCase *version = tcase_create ("version");

  suite_add_tcase (suite, delivery);
  tcase_add_checked_fixture (delivery, spool_setup, spool_teardown);
  tcase_add_test (
      delivery, test_hits_are_handed_out_first_then_the_order_of_keeping);
  tcase_add_test (delivery, test_what_is_handed_out_is_what_was_kept);
  tcase_add_test (delivery, test_a_batch_is_bounded_but_never_empty);
  tcase_add_test (
      delivery, test_what_is_acknowledged_stays_so_after_opening_again);
  tcase_add_test (
      delivery, test_refused_is_kept_and_not_handed_out_until_retried);

  tcase_add_test (delivery, test_replaced_file_is_told_to_the_forwarder);

  suite_add_tcase (suite, version);
  tcase_add_checked_fixture (version, spool_setup, spool_teardown);
  tcase_add_test (version, test_version_1_goes_on_where_it_was);
  tcase_add_test (version, test_version_1_is_brought_up_to_date_for_a_reader);
  tcase_add_test (
      version, test_killed_while_version_1_is_changed_it_is_old_or_new);
  return suite;
}

GST_CHECK_MAIN (spooldelivery)
