/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Accounts, passwords, sessions, attempts and the first token of the page. */

#include <gst/check/gstcheck.h>
#include "appliance/web/account.h"
#include "appliance/web/attempts.h"
#include "appliance/web/firsttoken.h"
#include "appliance/web/password.h"
#include "appliance/web/session.h"
#include "plugins/record/error.h"
#include "testfolder.h"

#include <glib/gstdio.h>
#include <string.h>

#define SECOND G_TIME_SPAN_SECOND

static gchar *folder, *file;

static void
set_up (void)
{
  folder = test_folder_new ();
  file = g_build_filename (folder, "accounts.json", NULL);
}

static void
tear_down (void)
{
  g_clear_pointer (&file, g_free);
  test_folder_free (g_steal_pointer (&folder));
}

static AnprAccount *
make_account (const gchar *user, AnprRole role)
{
  AnprAccount *account = g_new0 (AnprAccount, 1);

  account->user = g_strdup (user);
  account->role = role;
  account->language = g_strdup ("nl");
  account->password = g_strdup ("$argon2id$not-a-real-one");
  account->created_utc = 1700000000 * SECOND;
  account->created_by = g_strdup ("an");
  return account;
}

static void
add (AnprAccounts *accounts, const gchar *user, AnprRole role)
{
  g_autoptr (AnprAccount) account = make_account (user, role);
  g_autoptr (GError) error = NULL;

  fail_unless (anpr_accounts_add (accounts, account, &error), "%s",
      error ? error->message : "");
}

static AnprAccounts *
open_accounts (void)
{
  g_autoptr (GError) error = NULL;
  AnprAccounts *accounts = anpr_accounts_open (file, &error);

  fail_unless (accounts != NULL, "%s", error ? error->message : "");
  return accounts;
}

GST_START_TEST (test_accounts_are_kept_whole_in_a_private_file)
{
  g_autoptr (AnprAccounts) accounts = open_accounts (), again = NULL;
  g_autoptr (AnprAccount) account = make_account ("dora", ANPR_ROLE_DISPATCHER);
  g_autoptr (AnprAccount) found = NULL, gone = NULL;
  GStatBuf status;

  fail_unless_equals_int (anpr_accounts_get_n (accounts), 0);
  add (accounts, "tess", ANPR_ROLE_TECHNICIAN);
  account->cleared = TRUE;
  fail_unless (anpr_accounts_add (accounts, account, NULL));
  fail_unless (g_stat (file, &status) == 0);
  fail_unless_equals_int (status.st_mode & 0777, 0600);
  again = open_accounts ();
  found = anpr_accounts_find (again, "dora");
  fail_unless (found && found->cleared);
  fail_unless_equals_int (found->role, ANPR_ROLE_DISPATCHER);
  fail_unless_equals_string (found->language, "nl");
  fail_unless_equals_string (found->password, account->password);
  fail_unless_equals_string (found->created_by, "an");
  fail_unless (found->created_utc == account->created_utc);
  gone = anpr_accounts_find (again, "nobody");
  fail_unless (gone == NULL);
}
GST_END_TEST;

GST_START_TEST (test_what_another_program_writes_counts_at_once)
{
  g_autoptr (AnprAccounts) daemon = open_accounts (), tool = NULL;
  g_autoptr (AnprAccount) found = NULL, changed = NULL;

  add (daemon, "tess", ANPR_ROLE_TECHNICIAN);
  tool = open_accounts ();
  add (tool, "sam", ANPR_ROLE_SUPERVISOR);
  /* a change of one does not undo that of the other */
  add (daemon, "dora", ANPR_ROLE_DISPATCHER);
  fail_unless_equals_int (anpr_accounts_get_n (daemon), 3);
  fail_unless (anpr_accounts_refresh (tool, NULL));
  fail_unless_equals_int (anpr_accounts_get_n (tool), 3);
  fail_unless (anpr_accounts_remove (tool, "sam", NULL));
  fail_unless (anpr_accounts_refresh (daemon, NULL));
  found = anpr_accounts_find (daemon, "sam");
  fail_unless (found == NULL);
  changed = anpr_accounts_find (daemon, "dora");
  changed->role = ANPR_ROLE_SUPERVISOR;
  fail_unless (anpr_accounts_change (daemon, changed, NULL));
  fail_unless (anpr_accounts_refresh (tool, NULL));
  found = anpr_accounts_find (tool, "dora");
  fail_unless_equals_int (found->role, ANPR_ROLE_SUPERVISOR);
}
GST_END_TEST;

static void
expect_refused (gboolean done, GError **error)
{
  fail_if (done);
  fail_unless (g_error_matches (*error, ANPR_ERROR, ANPR_ERROR_WEB_ACCOUNT));
  g_clear_error (error);
}

GST_START_TEST (test_a_technician_always_remains)
{
  g_autoptr (AnprAccounts) accounts = open_accounts ();
  g_autoptr (AnprAccount) tess = make_account ("tess", ANPR_ROLE_SUPERVISOR);
  g_autoptr (AnprAccount) first = make_account ("sam", ANPR_ROLE_SUPERVISOR);
  GError *error = NULL;

  expect_refused (anpr_accounts_add (accounts, first, &error), &error);
  add (accounts, "tess", ANPR_ROLE_TECHNICIAN);
  expect_refused (anpr_accounts_remove (accounts, "tess", &error), &error);
  expect_refused (anpr_accounts_change (accounts, tess, &error), &error);
  expect_refused (anpr_accounts_add (accounts, tess, &error), &error);
  expect_refused (anpr_accounts_remove (accounts, "nobody", &error), &error);
}
GST_END_TEST;

GST_START_TEST (test_files_that_are_not_ours_alone_are_refused)
{
  static const gchar *const wrong[] = { "", "{}", "[]", "{\"accounts\":{}}",
    "{\"accounts\":[1]}", "{\"accounts\":[{\"user\":\"a\"}]}",
    "{\"accounts\":[{\"user\":\"A b\",\"role\":\"technician\","
    "\"language\":\"en\",\"password\":\"x\"}]}",
    "{\"accounts\":[{\"user\":\"a\",\"role\":\"root\",\"language\":\"en\","
    "\"password\":\"x\"}]}" };
  g_autoptr (AnprAccounts) accounts = open_accounts ();

  add (accounts, "tess", ANPR_ROLE_TECHNICIAN);
  fail_unless (g_chmod (file, 0640) == 0);
  fail_if (anpr_accounts_open (file, NULL));
  fail_if (anpr_accounts_refresh (accounts, NULL));
  fail_unless_equals_int (anpr_accounts_get_n (accounts), 1);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    fail_unless (g_file_set_contents (file, wrong[i], -1, NULL));
    fail_unless (g_chmod (file, 0600) == 0);
    fail_if (anpr_accounts_open (file, NULL), "%s", wrong[i]);
    /* what was read before stays */
    fail_if (anpr_accounts_refresh (accounts, NULL));
    fail_unless_equals_int (anpr_accounts_get_n (accounts), 1);
  }
}
GST_END_TEST;

GST_START_TEST (test_names_and_roles_are_what_they_are)
{
  static const gchar *const good[] = { "an", "a", "jan.de-wit_2" };
  static const gchar *const bad[] = { "", "An", "1a", "a b", "a/b", "a\n", "-a",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };
  AnprRole role;

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    fail_unless (anpr_account_is_user (good[i]), "%s", good[i]);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    fail_if (anpr_account_is_user (bad[i]), "%s", bad[i]);
  fail_if (anpr_account_is_user (NULL));
  for (guint i = 0; i < ANPR_N_ROLES; i++)
    fail_unless (
        anpr_role_from_string (anpr_role_to_string (i), &role) && role == i);
  fail_if (anpr_role_from_string ("root", &role));
  fail_if (anpr_role_from_string (NULL, &role));
}
GST_END_TEST;

GST_START_TEST (test_a_password_is_judged_and_verified)
{
  static const gchar *const bad[] = { "", "short", "aaaaaaaaaaaaaaaa",
    "xx-Tess-xx-yy", "abababababab" };
  g_autofree gchar *hash = anpr_password_hash ("correct-horse", NULL);
  g_autofree gchar *other = anpr_password_hash ("correct-horse", NULL);
  g_autofree gchar *good = anpr_password_judge ("tess", "correct-horse");
  g_autofree gchar *too_long = g_strnfill (300, 'x');
  g_autofree gchar *judged = anpr_password_judge ("tess", too_long);

  fail_unless (good == NULL && judged != NULL);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autofree gchar *wrong = anpr_password_judge ("tess", bad[i]);

    fail_unless (wrong != NULL, "%s", bad[i]);
  }
  fail_unless (g_str_has_prefix (hash, "$argon2id$"));
  fail_if (g_str_equal (hash, other)); /* a salt of its own */
  fail_unless (anpr_password_verify (hash, "correct-horse"));
  fail_if (anpr_password_verify (hash, "correct-horsf"));
  fail_if (anpr_password_verify (hash, ""));
  fail_if (anpr_password_verify (NULL, "correct-horse"));
  fail_if (anpr_password_verify ("no hash", "correct-horse"));
}
GST_END_TEST;

GST_START_TEST (test_a_session_ends_when_idle_and_when_old)
{
  g_autoptr (AnprSessions) sessions = anpr_sessions_new ();
  gint64 now = 1000 * SECOND, begun = now;
  g_autofree gchar *secret = anpr_sessions_begin (sessions, "an", "hash", now);
  const AnprSession *session = anpr_sessions_find (sessions, secret, now, TRUE);

  fail_unless_equals_int (strlen (secret), ANPR_SECRET_LENGTH);
  fail_unless (session && g_str_equal (session->user, "an"));
  fail_unless_equals_int (strlen (session->csrf), ANPR_SECRET_LENGTH);
  fail_if (g_str_equal (session->csrf, secret));
  /* a look that is no use does not prolong it */
  now += (ANPR_SESSION_IDLE - 1) * SECOND;
  fail_unless (anpr_sessions_find (sessions, secret, now, FALSE) != NULL);
  fail_if (anpr_sessions_find (sessions, secret, now + 2 * SECOND, FALSE));
  g_free (secret);
  secret = anpr_sessions_begin (sessions, "an", "hash", begun);
  for (now = begun; now - begun <= ANPR_SESSION_WHOLE * SECOND;
       now += ANPR_SESSION_IDLE / 2 * SECOND)
    fail_unless (anpr_sessions_find (sessions, secret, now, TRUE) != NULL);
  fail_if (anpr_sessions_find (sessions, secret, now, TRUE));
}
GST_END_TEST;

GST_START_TEST (test_sessions_are_bounded_and_end_by_number_and_user)
{
  g_autoptr (AnprSessions) sessions = anpr_sessions_new ();
  gchar *secrets[ANPR_SESSIONS_MAX_USER + 1];
  const AnprSession *session;

  for (guint i = 0; i < G_N_ELEMENTS (secrets); i++)
    secrets[i] = anpr_sessions_begin (sessions, "an", "hash", i);
  fail_unless_equals_int (
      anpr_sessions_get_n (sessions), ANPR_SESSIONS_MAX_USER);
  fail_if (anpr_sessions_find (sessions, secrets[0], 100, TRUE)); /* oldest */
  session = anpr_sessions_find (sessions, secrets[1], 100, TRUE);
  fail_unless (session == anpr_sessions_find_number (sessions, 2, 100));
  anpr_sessions_end (sessions, session->number);
  fail_if (anpr_sessions_find (sessions, secrets[1], 100, TRUE));
  fail_if (anpr_sessions_find (sessions, "short", 100, TRUE));
  fail_if (anpr_sessions_find (sessions, NULL, 100, TRUE));
  for (guint i = 0; i < 2 * ANPR_SESSIONS_MAX; i++) {
    g_autofree gchar *user = g_strdup_printf ("user%u", i);

    g_free (anpr_sessions_begin (sessions, user, "hash", 200 + i));
  }
  fail_unless_equals_int (anpr_sessions_get_n (sessions), ANPR_SESSIONS_MAX);
  anpr_sessions_end_user (sessions, "user127");
  fail_unless_equals_int (
      anpr_sessions_get_n (sessions), ANPR_SESSIONS_MAX - 1);
  for (guint i = 0; i < G_N_ELEMENTS (secrets); i++)
    g_free (secrets[i]);
}
GST_END_TEST;

GST_START_TEST (test_secrets_compare_whole)
{
  g_autofree gchar *one = anpr_secret_new (), *other = anpr_secret_new ();

  fail_if (g_str_equal (one, other));
  fail_unless (anpr_secret_equal (one, one));
  fail_if (anpr_secret_equal (one, other));
  fail_if (anpr_secret_equal (one, ""));
  fail_if (anpr_secret_equal (NULL, NULL));
}
GST_END_TEST;

GST_START_TEST (test_the_wait_of_an_account_grows_and_is_bounded)
{
  static const guint expected[] = { 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60 };
  g_autoptr (AnprAttempts) attempts = anpr_attempts_new ();
  gint64 now = 5000 * SECOND;

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++) {
    guint delay = anpr_attempts_get_delay (attempts, "an", "10.0.0.1", now);

    fail_unless_equals_int (delay, expected[i]);
    anpr_attempts_begin (attempts, "an", "10.0.0.1", now);
  }
  fail_unless_equals_int (
      anpr_attempts_get_delay (attempts, "bo", "10.0.0.2", now), 0);
  now += 61 * SECOND;
  fail_unless_equals_int (
      anpr_attempts_get_delay (attempts, "an", "10.0.0.1", now), 0);
  anpr_attempts_succeeded (attempts, "an", "10.0.0.1", now);
  anpr_attempts_begin (attempts, "an", "10.0.0.1", now);
  fail_unless_equals_int (
      anpr_attempts_get_delay (attempts, "an", "10.0.0.3", now), 0);
}
GST_END_TEST;

GST_START_TEST (test_an_address_waits_whoever_it_says_to_be)
{
  g_autoptr (AnprAttempts) attempts = anpr_attempts_new ();

  for (guint i = 0; i < 20; i++) {
    g_autofree gchar *user = g_strdup_printf ("user%u", i);

    fail_unless_equals_int (
        anpr_attempts_get_delay (attempts, user, "10.0.0.1", 0), 0);
    anpr_attempts_begin (attempts, user, "10.0.0.1", 0);
  }
  fail_unless_equals_int (
      anpr_attempts_get_delay (attempts, "new", "10.0.0.1", 0), 1);
  /* an account of one's own does not open the door to others */
  anpr_attempts_begin (attempts, "own", "10.0.0.1", 0);
  anpr_attempts_succeeded (attempts, "own", "10.0.0.1", 0);
  fail_unless_equals_int (
      anpr_attempts_get_delay (attempts, "own", "10.0.0.1", 0), 0);
  fail_unless_equals_int (
      anpr_attempts_get_delay (attempts, "new", "10.0.0.1", 0), 1);
  fail_unless_equals_int (
      anpr_attempts_get_delay (attempts, "new", "10.0.0.2", 0), 0);
  /* an hour later all is forgotten */
  for (guint i = 0; i < 10; i++)
    anpr_attempts_begin (attempts, "an", "10.0.0.1", 0);
  anpr_attempts_begin (attempts, "an", "10.0.0.1", 2 * G_TIME_SPAN_HOUR);
  fail_unless_equals_int (anpr_attempts_get_delay (
                              attempts, "an", "10.0.0.1", 2 * G_TIME_SPAN_HOUR),
      0);
}
GST_END_TEST;

GST_START_TEST (test_guesses_from_elsewhere_do_not_keep_the_owner_out)
{
  g_autoptr (AnprAttempts) attempts = anpr_attempts_new ();

  anpr_attempts_begin (attempts, "an", "10.0.0.1", 0);
  anpr_attempts_succeeded (attempts, "an", "10.0.0.1", 0);
  for (guint i = 0; i < 10; i++)
    anpr_attempts_begin (attempts, "an", "10.0.0.2", 0);
  fail_unless_equals_int (
      anpr_attempts_get_delay (attempts, "an", "10.0.0.2", 0), 60);
  fail_unless_equals_int (
      anpr_attempts_get_delay (attempts, "an", "10.0.0.1", 0), 0);
  /* who guesses where the owner comes from waits as ever */
  for (guint i = 0; i < 4; i++)
    anpr_attempts_begin (attempts, "an", "10.0.0.1", 0);
  fail_unless_equals_int (
      anpr_attempts_get_delay (attempts, "an", "10.0.0.1", 0), 1);
}
GST_END_TEST;

GST_START_TEST (test_an_attempt_counts_from_its_beginning)
{
  g_autoptr (AnprAttempts) attempts = anpr_attempts_new ();

  for (guint i = 0; i < 4; i++)
    anpr_attempts_begin (attempts, "an", "10.0.0.1", 0);
  fail_unless_equals_int (
      anpr_attempts_get_delay (attempts, "an", "10.0.0.1", 0), 1);
  /* the wait begins when it has failed */
  anpr_attempts_failed (attempts, "an", "10.0.0.1", SECOND);
  fail_unless_equals_int (
      anpr_attempts_get_delay (attempts, "an", "10.0.0.1", SECOND), 1);
  anpr_attempts_unused (attempts, "an", "10.0.0.1");
  fail_unless_equals_int (
      anpr_attempts_get_delay (attempts, "an", "10.0.0.1", SECOND), 0);
}
GST_END_TEST;

GST_START_TEST (test_an_ipv6_network_is_one_address)
{
  g_autoptr (AnprAttempts) attempts = anpr_attempts_new ();

  for (guint i = 0; i < 20; i++) {
    g_autofree gchar *user = g_strdup_printf ("user%u", i);
    g_autofree gchar *address = g_strdup_printf ("2001:db8::%u", i);

    anpr_attempts_begin (attempts, user, address, 0);
  }
  fail_unless_equals_int (
      anpr_attempts_get_delay (attempts, "new", "2001:db8::ff", 0), 1);
  fail_unless_equals_int (
      anpr_attempts_get_delay (attempts, "new", "2001:db9::ff", 0), 0);
}
GST_END_TEST;

GST_START_TEST (test_a_user_asks_for_what_is_logged_at_a_pace)
{
  g_autoptr (AnprSessions) sessions = anpr_sessions_new ();

  for (guint i = 0; i < ANPR_PACE_BURST; i++)
    fail_unless_equals_int (anpr_sessions_pace (sessions, "an", 0), 0);
  fail_unless_equals_int (anpr_sessions_pace (sessions, "an", 0), 1);
  fail_unless_equals_int (anpr_sessions_pace (sessions, "bo", 0), 0);
  for (guint i = 0; i < ANPR_PACE_SECOND; i++)
    fail_unless_equals_int (anpr_sessions_pace (sessions, "an", SECOND), 0);
  fail_unless_equals_int (anpr_sessions_pace (sessions, "an", SECOND), 1);
}
GST_END_TEST;

GST_START_TEST (test_a_flood_of_names_takes_no_memory_without_end)
{
  g_autoptr (AnprAttempts) attempts = anpr_attempts_new ();

  for (guint i = 0; i < 10; i++)
    anpr_attempts_begin (attempts, "an", "10.0.0.1", 3 * ANPR_ATTEMPTS_MAX);
  for (guint i = 0; i < 3 * ANPR_ATTEMPTS_MAX; i++) {
    g_autofree gchar *user = g_strdup_printf ("user%u", i);

    anpr_attempts_begin (attempts, user, "10.0.0.2", i);
  }
  /* the newest stay */
  fail_unless (anpr_attempts_get_delay (
                   attempts, "an", "10.0.0.3", 3 * ANPR_ATTEMPTS_MAX)
               > 0);
}
GST_END_TEST;

GST_START_TEST (test_the_first_token_counts_once_for_an_hour_and_few_tries)
{
  AnprFirstToken token = { 0 };
  g_autofree gchar *text = anpr_first_token_make (&token, 0);
  g_autofree gchar *small = g_ascii_strdown (text, -1);
  gint64 late = (gint64) ANPR_FIRST_TOKEN_LIFE * SECOND;

  fail_unless (
      g_regex_match_simple ("^([0-9A-Z]{4}-){4}[0-9A-Z]{4}$", text, 0, 0));
  fail_unless (anpr_first_token_check (&token, text, 1));
  fail_unless (anpr_first_token_check (&token, small, 1));
  fail_if (anpr_first_token_check (&token, "", 1));
  fail_if (anpr_first_token_check (&token, text, late));
  anpr_first_token_clear (&token);
  fail_if (anpr_first_token_check (&token, text, 1));
  g_free (text);
  text = anpr_first_token_make (&token, 0);
  for (guint i = 0; i < ANPR_FIRST_TOKEN_TRIES; i++)
    fail_if (anpr_first_token_check (&token, "0000", 1));
  fail_if (anpr_first_token_check (&token, text, 1));
  anpr_first_token_clear (&token);
}
GST_END_TEST;

static Suite *
web_accounts_suite (void)
{
  Suite *suite = suite_create ("webaccounts");
  TCase *accounts = tcase_create ("accounts");
  TCase *sessions = tcase_create ("sessions");

  suite_add_tcase (suite, accounts);
  tcase_add_checked_fixture (accounts, set_up, tear_down);
  tcase_add_test (accounts, test_accounts_are_kept_whole_in_a_private_file);
  tcase_add_test (accounts, test_what_another_program_writes_counts_at_once);
  tcase_add_test (accounts, test_a_technician_always_remains);
  tcase_add_test (accounts, test_files_that_are_not_ours_alone_are_refused);
  suite_add_tcase (suite, sessions);
  tcase_add_test (sessions, test_names_and_roles_are_what_they_are);
  tcase_add_test (sessions, test_a_password_is_judged_and_verified);
  tcase_add_test (sessions, test_a_session_ends_when_idle_and_when_old);
  tcase_add_test (
      sessions, test_sessions_are_bounded_and_end_by_number_and_user);
  tcase_add_test (sessions, test_secrets_compare_whole);
  tcase_add_test (sessions, test_the_wait_of_an_account_grows_and_is_bounded);
  tcase_add_test (sessions, test_an_address_waits_whoever_it_says_to_be);
  tcase_add_test (
      sessions, test_guesses_from_elsewhere_do_not_keep_the_owner_out);
  tcase_add_test (sessions, test_an_attempt_counts_from_its_beginning);
  tcase_add_test (sessions, test_an_ipv6_network_is_one_address);
  tcase_add_test (sessions, test_a_user_asks_for_what_is_logged_at_a_pace);
  tcase_add_test (sessions, test_a_flood_of_names_takes_no_memory_without_end);
  tcase_add_test (
      sessions, test_the_first_token_counts_once_for_an_hour_and_few_tries);
  return suite;
}

GST_CHECK_MAIN (web_accounts);
