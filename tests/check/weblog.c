/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The log of the page, decisions about hits, and what is known of positions'
 * files. */

#include <gst/check/gstcheck.h>
#include "appliance/web/auditlog.h"
#include "appliance/web/decisions.h"
#include "appliance/web/positionseen.h"
#include "plugins/record/error.h"
#include "testfolder.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/resource.h>

static gchar *folder;

static void
set_up (void)
{
  folder = test_folder_new ();
}

static void
tear_down (void)
{
  test_folder_free (g_steal_pointer (&folder));
}

static AnprAuditLog *
open_log (void)
{
  g_autofree gchar *path = g_build_filename (folder, "audit", NULL);
  g_autoptr (GError) error = NULL;
  AnprAuditLog *log = anpr_audit_log_open (path, &error);

  fail_unless (log != NULL, "%s", error ? error->message : "");
  return log;
}

static void
add_entries (AnprAuditLog *log, guint n)
{
  g_autoptr (JsonNode) details =
      json_from_string ("{\"a\":\"\\\"hash\\\"\"}", NULL);
  AnprAuditEntry entry = { "an", "10.0.0.1", "tested", "it", details };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n; i++)
    fail_unless (anpr_audit_log_add (log, &entry, &error), "%s",
        error ? error->message : "");
}

/* Entries that follow each other; -1 with a fault */
static gint64
verify (void)
{
  g_autofree gchar *path = g_build_filename (folder, "audit", NULL);
  g_autofree gchar *fault = NULL;
  guint64 n;

  fail_unless (anpr_audit_log_verify (path, NULL, &n, NULL, &fault, NULL));
  return fault ? -1 : (gint64) n;
}

static gchar *
log_file (guint number)
{
  return g_strdup_printf ("%s/audit/log.%u", folder, number);
}

static void
replace (guint number, const gchar *old, const gchar *with)
{
  g_autofree gchar *path = log_file (number), *text = NULL;
  g_autoptr (GString) changed = NULL;

  fail_unless (g_file_get_contents (path, &text, NULL, NULL));
  changed = g_string_new (text);
  fail_unless (g_string_replace (changed, old, with, 1) == 1);
  fail_unless (g_file_set_contents (path, changed->str, -1, NULL));
}

GST_START_TEST (test_entries_are_a_chain_over_files_and_openings)
{
  g_autoptr (AnprAuditLog) log = open_log ();
  g_autoptr (GPtrArray) lines = NULL;

  anpr_audit_log_set_max_file (log, 1000);
  add_entries (log, 10);
  g_clear_pointer (&log, anpr_audit_log_free);
  log = open_log ();
  add_entries (log, 3);
  fail_unless_equals_int (verify (), 13);
  lines = anpr_audit_log_read (log, 5, NULL);
  fail_unless_equals_int (lines->len, 5);
  fail_unless (g_str_has_prefix (
      g_ptr_array_index (lines, 0), "{\"number\":13,\"time\":\"2"));
  fail_unless (g_str_has_prefix (
      g_ptr_array_index (lines, 4), "{\"number\":9,\"time\":\"2"));
  g_ptr_array_unref (lines);
  lines = anpr_audit_log_read (log, 100, NULL);
  fail_unless_equals_int (lines->len, 13);
}
GST_END_TEST;

GST_START_TEST (test_a_changed_or_missing_entry_is_found)
{
  static const gchar *const changes[][2] = { { "\"user\":\"an\"",
                                                 "\"user\":\"bo\"" },
    { "\"number\":2", "\"number\":4" }, { "10.0.0.1", "10.0.0.2" } };

  for (guint i = 0; i < G_N_ELEMENTS (changes); i++) {
    AnprAuditLog *log = open_log ();

    add_entries (log, 5);
    anpr_audit_log_free (log);
    fail_unless_equals_int (verify (), 5);
    replace (1, changes[i][0], changes[i][1]);
    fail_unless_equals_int (verify (), -1);
    tear_down ();
    set_up ();
  }
}
GST_END_TEST;

GST_START_TEST (test_an_entry_that_is_taken_out_is_found)
{
  AnprAuditLog *log = open_log ();
  g_autofree gchar *path = log_file (1), *text = NULL;
  gchar *second, *third;

  add_entries (log, 5);
  anpr_audit_log_free (log);
  fail_unless (g_file_get_contents (path, &text, NULL, NULL));
  second = strchr (text, '\n') + 1;
  third = strchr (second, '\n') + 1;
  memmove (second, third, strlen (third) + 1);
  fail_unless (g_file_set_contents (path, text, -1, NULL));
  fail_unless_equals_int (verify (), -1);
}
GST_END_TEST;

GST_START_TEST (test_a_line_that_was_cut_off_is_taken_off)
{
  AnprAuditLog *log = open_log ();
  g_autofree gchar *path = log_file (1), *text = NULL, *cut = NULL;

  add_entries (log, 3);
  anpr_audit_log_free (log);
  fail_unless (g_file_get_contents (path, &text, NULL, NULL));
  cut = g_strconcat (text, "{\"number\":4,\"ti", NULL);
  fail_unless (g_file_set_contents (path, cut, -1, NULL));
  log = open_log ();
  add_entries (log, 1);
  anpr_audit_log_free (log);
  fail_unless_equals_int (verify (), 4);
}
GST_END_TEST;

GST_START_TEST (test_entries_of_two_writers_are_one_chain)
{
  g_autoptr (AnprAuditLog) one = open_log (), other = open_log ();
  g_autoptr (GPtrArray) lines = NULL;

  anpr_audit_log_set_max_file (one, 1000);
  anpr_audit_log_set_max_file (other, 1000);
  for (guint i = 0; i < 10; i++) {
    add_entries (one, 2);
    add_entries (other, 1);
  }
  fail_unless_equals_int (verify (), 30);
  lines = anpr_audit_log_read (one, 1, NULL);
  fail_unless (g_str_has_prefix (
      g_ptr_array_index (lines, 0), "{\"number\":30,\"time\":\"2"));
}
GST_END_TEST;

static gpointer
write_many (gpointer unused)
{
  g_autoptr (AnprAuditLog) log = open_log ();

  anpr_audit_log_set_max_file (log, 3000);
  add_entries (log, 50);
  return NULL;
}

GST_START_TEST (test_writers_at_once_take_turns)
{
  GThread *writers[4];

  for (guint i = 0; i < G_N_ELEMENTS (writers); i++)
    writers[i] = g_thread_new ("writer", write_many, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (writers); i++)
    g_thread_join (writers[i]);
  fail_unless_equals_int (verify (), 4 * 50);
}
GST_END_TEST;

GST_START_TEST (test_what_another_writer_left_half_done_is_taken_off)
{
  g_autoptr (AnprAuditLog) log = open_log ();
  g_autofree gchar *path = log_file (1);
  FILE *other;

  add_entries (log, 2);
  other = fopen (path, "a");
  fail_unless (other && fputs ("{\"number\":3,\"ti", other) >= 0);
  fail_unless (fclose (other) == 0);
  add_entries (log, 1);
  fail_unless_equals_int (verify (), 3);
}
GST_END_TEST;

GST_START_TEST (test_entries_are_bounded)
{
  g_autoptr (AnprAuditLog) log = open_log ();
  g_autofree gchar *long_text = g_strnfill (2 * ANPR_AUDIT_MAX_ENTRY, 'x');
  g_autoptr (JsonNode) details = json_node_new (JSON_NODE_VALUE);
  AnprAuditEntry entry = { "an", "10.0.0.1", "tested", NULL, details };
  g_autoptr (GPtrArray) lines = NULL;

  json_node_set_string (details, long_text);
  fail_unless (anpr_audit_log_add (log, &entry, NULL));
  lines = anpr_audit_log_read (log, 1, NULL);
  fail_unless (strlen (g_ptr_array_index (lines, 0)) < ANPR_AUDIT_MAX_ENTRY);
  fail_unless (strstr (g_ptr_array_index (lines, 0), "too long") != NULL);
}
GST_END_TEST;

GST_START_TEST (test_the_oldest_files_go)
{
  g_autoptr (AnprAuditLog) log = open_log ();
  g_autofree gchar *first = log_file (1), *last = NULL;

  anpr_audit_log_set_max_file (log, 1);
  add_entries (log, ANPR_AUDIT_MAX_FILES + 10);
  last = log_file (ANPR_AUDIT_MAX_FILES + 10);
  fail_if (g_file_test (first, G_FILE_TEST_EXISTS));
  fail_unless (g_file_test (last, G_FILE_TEST_EXISTS));
  fail_unless_equals_int (verify (), ANPR_AUDIT_MAX_FILES);
}
GST_END_TEST;

GST_START_TEST (test_a_full_disk_is_an_error_and_nothing_half_is_left)
{
  AnprAuditLog *log = open_log ();
  struct rlimit before, limit;
  AnprAuditEntry entry = { "an", "10.0.0.1", "tested", NULL, NULL };
  g_autoptr (GError) error = NULL;

  add_entries (log, 3);
  fail_unless (getrlimit (RLIMIT_FSIZE, &before) == 0);
  (void) signal (SIGXFSZ, SIG_IGN);
  limit = before;
  limit.rlim_cur = 1100; /* in the middle of an entry */
  fail_unless (setrlimit (RLIMIT_FSIZE, &limit) == 0);
  while (anpr_audit_log_add (log, &entry, &error)) {
  }
  fail_unless (g_error_matches (error, ANPR_ERROR, ANPR_ERROR_WEB_LOG));
  fail_unless (setrlimit (RLIMIT_FSIZE, &before) == 0);
  add_entries (log, 1);
  anpr_audit_log_free (log);
  fail_unless (verify () >= 4);
}
GST_END_TEST;

/* --- decisions ------------------------------------------------------------ */

static AnprDecision *
make_decision (const gchar *hit, AnprVerdict verdict)
{
  AnprDecision *decision = g_new0 (AnprDecision, 1);

  decision->hit = g_strdup (hit);
  decision->passage = g_strdup ("p");
  decision->position = g_strdup ("gate");
  decision->list = g_strdup ("stolen");
  decision->version = g_strdup ("1");
  decision->verdict = verdict;
  decision->reason =
      verdict == ANPR_VERDICT_REJECTED ? g_strdup ("misread") : NULL;
  decision->seconds = 4.5;
  decision->user = g_strdup ("dora");
  decision->utc = 1700000000 * G_TIME_SPAN_SECOND;
  return decision;
}

static gboolean
decide (AnprDecisions *decisions, const gchar *hit, AnprVerdict verdict,
    const gchar *instead_of, gchar **id)
{
  g_autoptr (AnprDecision) decision = make_decision (hit, verdict);
  g_autoptr (GError) error = NULL;
  gboolean done = anpr_decisions_add (decisions, decision, instead_of, &error);

  fail_unless (
      done || g_error_matches (error, ANPR_ERROR, ANPR_ERROR_WEB_CONFLICT));
  if (id)
    *id = g_strdup (decision->id);
  return done;
}

GST_START_TEST (test_a_decision_is_kept_and_the_last_one_counts)
{
  g_autofree gchar *path = g_build_filename (folder, "d.sqlite", NULL);
  g_autofree gchar *id = NULL;
  AnprDecisions *decisions = anpr_decisions_open (path, NULL);
  g_autoptr (AnprDecision) found = NULL, none = NULL;
  GStatBuf status;

  fail_unless (decisions != NULL);
  fail_unless (decide (decisions, "h1", ANPR_VERDICT_UNDECIDED, NULL, NULL));
  fail_unless (decide (decisions, "h1", ANPR_VERDICT_CONFIRMED, NULL, &id));
  fail_if (decide (decisions, "h1", ANPR_VERDICT_REJECTED, NULL, NULL));
  fail_if (decide (decisions, "h1", ANPR_VERDICT_REJECTED, "other", NULL));
  fail_unless (decide (decisions, "h1", ANPR_VERDICT_REJECTED, id, NULL));
  anpr_decisions_close (decisions);
  decisions = anpr_decisions_open (path, NULL);
  found = anpr_decisions_find (decisions, "h1", NULL);
  fail_unless_equals_int (found->verdict, ANPR_VERDICT_REJECTED);
  fail_unless_equals_string (found->reason, "misread");
  fail_unless_equals_string (found->user, "dora");
  fail_unless (found->seconds == 4.5);
  none = anpr_decisions_find (decisions, "h2", NULL);
  fail_unless (none == NULL);
  fail_unless (g_stat (path, &status) == 0);
  fail_unless_equals_int (status.st_mode & 0777, 0600);
  anpr_decisions_close (decisions);
}
GST_END_TEST;

/* Hits of what waits, with a space between them */
static gchar *
get_waiting (AnprDecisions *decisions, gint64 after)
{
  g_autoptr (GPtrArray) waiting =
      anpr_decisions_get_undelivered (decisions, after, 100, NULL);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < waiting->len; i++) {
    const AnprDecision *decision = g_ptr_array_index (waiting, i);

    g_string_append_printf (text, "%s%" G_GINT64_FORMAT ":%s", i ? " " : "",
        decision->number, decision->hit);
  }
  return g_strdup (text->str);
}

static void
assert_waiting (AnprDecisions *decisions, gint64 after, const gchar *wanted)
{
  g_autofree gchar *waiting = get_waiting (decisions, after);

  fail_unless_equals_string (waiting, wanted);
}

GST_START_TEST (test_decisions_wait_in_order_until_they_are_acknowledged)
{
  g_autofree gchar *path = g_build_filename (folder, "d.sqlite", NULL);
  g_autoptr (AnprDecisions) decisions = anpr_decisions_open (path, NULL);
  AnprDecisionBacklog backlog;

  fail_unless (decide (decisions, "h1", ANPR_VERDICT_UNDECIDED, NULL, NULL));
  fail_unless (decide (decisions, "h2", ANPR_VERDICT_REJECTED, NULL, NULL));
  fail_unless (decide (decisions, "h1", ANPR_VERDICT_CONFIRMED, NULL, NULL));
  fail_unless (decide (decisions, "h3", ANPR_VERDICT_UNDECIDED, NULL, NULL));
  /* the second one about h1 comes after the first one has */
  assert_waiting (decisions, 0, "1:h1 2:h2 4:h3");
  assert_waiting (decisions, 2, "4:h3");
  fail_unless (anpr_decisions_acknowledge (decisions, 1, NULL));
  assert_waiting (decisions, 0, "2:h2 3:h1 4:h3");
  fail_unless (anpr_decisions_get_backlog (decisions, &backlog, NULL));
  fail_unless_equals_uint64 (backlog.waiting, 3);
  fail_unless_equals_uint64 (backlog.refused, 0);
  fail_unless_equals_int64 (backlog.newest, 4);
  fail_unless_equals_int64 (
      backlog.oldest_utc, 1700000000 * G_TIME_SPAN_SECOND);
}
GST_END_TEST;

GST_START_TEST (test_a_refused_decision_waits_again_unless_a_later_one_is_there)
{
  g_autofree gchar *path = g_build_filename (folder, "d.sqlite", NULL);
  g_autoptr (AnprDecisions) decisions = anpr_decisions_open (path, NULL);
  AnprDecisionBacklog backlog;
  guint n;

  for (guint i = 1; i <= 2; i++) {
    fail_unless (decide (decisions, "h1", ANPR_VERDICT_UNDECIDED, NULL, NULL));
    fail_unless (decide (decisions, "h2", ANPR_VERDICT_UNDECIDED, NULL, NULL));
  }
  fail_unless (anpr_decisions_refuse (decisions, 1, "not there", NULL));
  fail_unless (anpr_decisions_refuse (decisions, 2, "not there", NULL));
  assert_waiting (decisions, 0, "3:h1 4:h2");
  fail_unless (anpr_decisions_acknowledge (decisions, 3, NULL));
  fail_unless (anpr_decisions_get_backlog (decisions, &backlog, NULL));
  fail_unless_equals_uint64 (backlog.refused, 2);
  fail_unless (anpr_decisions_retry_refused (decisions, &n, NULL));
  fail_unless_equals_int (n, 1);
  assert_waiting (decisions, 0, "2:h2");
}
GST_END_TEST;

/* As version 1 made it */
static const gchar first_version[] =
    "PRAGMA journal_mode = WAL;"
    "CREATE TABLE decision ("
    " number INTEGER PRIMARY KEY AUTOINCREMENT,"
    " id TEXT NOT NULL UNIQUE, hit TEXT NOT NULL, passage TEXT NOT NULL,"
    " position TEXT NOT NULL, list TEXT, version TEXT, verdict TEXT NOT NULL,"
    " reason TEXT, seconds REAL NOT NULL, user TEXT NOT NULL,"
    " utc INTEGER NOT NULL, delivered INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX decision_hit ON decision (hit, number);"
    "CREATE INDEX decision_undelivered ON decision (number)"
    " WHERE NOT delivered;"
    "INSERT INTO decision VALUES (1, 'i', 'h1', 'p', 'gate', 'l', '1',"
    " 'rejected', 'misread', 2, 'dora', 5, 0);"
    "PRAGMA user_version = 1;";

GST_START_TEST (test_a_file_of_the_first_version_is_taken_over)
{
  g_autofree gchar *path = g_build_filename (folder, "d.sqlite", NULL);
  g_autoptr (AnprDecisions) decisions = NULL, again = NULL;
  sqlite3 *database;

  fail_unless (sqlite3_open (path, &database) == SQLITE_OK);
  fail_unless (
      sqlite3_exec (database, first_version, NULL, NULL, NULL) == SQLITE_OK);
  fail_unless (sqlite3_close (database) == SQLITE_OK);
  decisions = anpr_decisions_open (path, NULL);
  again = anpr_decisions_open (path, NULL);
  assert_waiting (decisions, 0, "1:h1");
  fail_unless (anpr_decisions_refuse (again, 1, "not there", NULL));
  assert_waiting (decisions, 0, "");
}
GST_END_TEST;

GST_START_TEST (test_a_file_that_is_no_database_is_refused)
{
  g_autofree gchar *path = g_build_filename (folder, "d.sqlite", NULL);
  g_autoptr (GError) error = NULL;

  fail_unless (
      g_file_set_contents (path, "this is no database, surely", -1, NULL));
  fail_if (anpr_decisions_open (path, &error));
  fail_unless (g_error_matches (error, ANPR_ERROR, ANPR_ERROR_WEB_LOG));
}
GST_END_TEST;

/* --- what is known of positions' files ------------------------------------ */

static guint
count_unseen (const gchar *copies, const gchar *text)
{
  g_autoptr (JsonArray) unseen =
      anpr_position_seen_compare (copies, "gate", text);

  return unseen ? json_array_get_length (unseen) : 0;
}

GST_START_TEST (test_what_two_persons_have_not_seen_is_known_over_a_restart)
{
  static const gchar before[] = "[permission]\ndecision=1\nplace=A\n";
  static const gchar after[] = "[permission]\ndecision=2\nplace=B\n";
  g_autofree gchar *copies = g_build_filename (folder, "positions", NULL);
  g_autofree gchar *noted = NULL, *none = NULL;
  g_autoptr (GPtrArray) ids = NULL;

  fail_unless_equals_int (count_unseen (copies, before), 2);
  fail_unless (anpr_position_seen_accept (copies, "gate", before, NULL));
  fail_unless_equals_int (count_unseen (copies, before), 0);
  fail_unless (anpr_position_seen_note (copies, "gate", after, NULL));
  /* that the log tells of it makes nobody have seen it */
  fail_unless_equals_int (count_unseen (copies, after), 2);
  noted = anpr_position_seen_get_noted (copies, "gate");
  fail_unless_equals_string (noted, after);
  ids = anpr_position_seen_list (copies);
  fail_unless_equals_int (ids->len, 1);
  fail_unless_equals_string (g_ptr_array_index (ids, 0), "gate");
  anpr_position_seen_forget (copies, "gate");
  none = anpr_position_seen_get_noted (copies, "gate");
  fail_unless (none == NULL);
  fail_unless_equals_int (count_unseen (copies, before), 2);
}
GST_END_TEST;

static Suite *
web_log_suite (void)
{
  Suite *suite = suite_create ("weblog");
  TCase *log = tcase_create ("log");
  TCase *decisions = tcase_create ("decisions");
  TCase *positions = tcase_create ("positions");

  suite_add_tcase (suite, log);
  tcase_add_checked_fixture (log, set_up, tear_down);
  tcase_add_test (log, test_entries_are_a_chain_over_files_and_openings);
  tcase_add_test (log, test_a_changed_or_missing_entry_is_found);
  tcase_add_test (log, test_an_entry_that_is_taken_out_is_found);
  tcase_add_test (log, test_a_line_that_was_cut_off_is_taken_off);
  tcase_add_test (log, test_entries_of_two_writers_are_one_chain);
  tcase_add_test (log, test_writers_at_once_take_turns);
  tcase_add_test (log, test_what_another_writer_left_half_done_is_taken_off);
  tcase_add_test (log, test_entries_are_bounded);
  tcase_add_test (log, test_the_oldest_files_go);
  tcase_add_test (log, test_a_full_disk_is_an_error_and_nothing_half_is_left);
  suite_add_tcase (suite, decisions);
  tcase_add_checked_fixture (decisions, set_up, tear_down);
  tcase_add_test (decisions, test_a_decision_is_kept_and_the_last_one_counts);
  tcase_add_test (
      decisions, test_decisions_wait_in_order_until_they_are_acknowledged);
  tcase_add_test (decisions,
      test_a_refused_decision_waits_again_unless_a_later_one_is_there);
  tcase_add_test (decisions, test_a_file_of_the_first_version_is_taken_over);
  tcase_add_test (decisions, test_a_file_that_is_no_database_is_refused);
  suite_add_tcase (suite, positions);
  tcase_add_checked_fixture (positions, set_up, tear_down);
  tcase_add_test (
      positions, test_what_two_persons_have_not_seen_is_known_over_a_restart);
  return suite;
}

GST_CHECK_MAIN (web_log);
