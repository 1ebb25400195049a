/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The second person (R41): another technician or a supervisor, who enters name and
 * password in the request of the first.
 *
 * It is an attempt to sign in like any other: it waits as one (attempts.c), and a
 * wrong one is in the log, for else whoever is signed in could guess at others
 * unseen. A password that somebody else has chosen does not count, since that one
 * knows it, too, and would be both persons.
 *
 * Taken and ended on the main thread, checked by the worker for passwords.
 */

#include "approval.h"
#include "password.h"
#include "../../plugins/record/jsonmember.h"

#include <string.h>

/**
 * anpr_approval_is_delayed:
 * @request: a request
 * @user: whose password is to be looked at
 *
 * Returns: whether that has to wait, which is the answer then
 */
gboolean
anpr_approval_is_delayed (AnprRequest *request, const gchar *user)
{
  guint wait = anpr_attempts_get_delay (
      request->web->attempts, user, request->address, g_get_monotonic_time ());

  if (wait == 0)
    return FALSE;
  anpr_answer_set_delay (&request->answer, wait);
  return TRUE;
}

/**
 * anpr_approval_take:
 * @request: a request that may take a second person
 * @approval: (out caller-allocates): who that is; all zero if nobody is named
 *
 * An attempt has begun if somebody is named: anpr_approval_end() must follow.
 *
 * Returns: %FALSE if it has to wait, which is the answer then
 */
gboolean
anpr_approval_take (AnprRequest *request, AnprApproval *approval)
{
  JsonObject *entered = anpr_json_object (request->body, "approval");
  const gchar *user = anpr_json_get_text (entered, "user");
  const gchar *password = anpr_json_get_text (entered, "password");
  g_autoptr (AnprAccount) account = NULL;

  if (!user || !password || strlen (password) > ANPR_PASSWORD_MOST
      || !anpr_account_is_user (user))
    return TRUE;
  if (anpr_approval_is_delayed (request, user))
    return FALSE;
  account = anpr_accounts_find (request->web->accounts, user);
  approval->user = g_strdup (user);
  approval->password = g_strdup (password);
  if (account && account->role != ANPR_ROLE_DISPATCHER
      && !g_str_equal (user, request->account->user)) {
    approval->hash = g_strdup (account->password);
    approval->own = account->own_password;
  }
  anpr_attempts_begin (
      request->web->attempts, user, request->address, g_get_monotonic_time ());
  return TRUE;
}

/**
 * anpr_approval_check:
 * @request: a request, at a worker
 * @approval: of it
 *
 * Returns: whether a second person approves; else that is the answer
 */
gboolean
anpr_approval_check (AnprRequest *request, AnprApproval *approval)
{
  const gchar *why = "That takes a second person";

  if (approval->user) {
    approval->looked_at = TRUE;
    approval->right = anpr_password_verify (approval->hash, approval->password);
    if (!approval->right)
      (void) anpr_request_log_texts (
          request, "sign-in-failed", approval->user, "for", "approval", NULL);
    if (approval->right && approval->own)
      return TRUE;
    why = approval->right
              ? "Somebody else has chosen the second person's password; they "
                "sign in and change it first"
              : "The second person's name or password is wrong, or it is not a "
                "technician or supervisor other than you";
  }
  anpr_answer_set_fault (&request->answer, ANPR_ERROR_WEB_APPROVAL, "%s", why);
  return FALSE;
}

/**
 * anpr_approval_end:
 * @request: a request that is done
 * @approval: of it
 *
 * Ends the attempt.
 */
void
anpr_approval_end (AnprRequest *request, const AnprApproval *approval)
{
  AnprAttempts *attempts = request->web->attempts;

  if (!approval->user)
    return;
  if (!approval->looked_at)
    anpr_attempts_unused (attempts, approval->user, request->address);
  else if (approval->right)
    anpr_attempts_succeeded (
        attempts, approval->user, request->address, g_get_monotonic_time ());
  else
    anpr_attempts_failed (
        attempts, approval->user, request->address, g_get_monotonic_time ());
}

void
anpr_approval_clear (AnprApproval *approval)
{
  g_free (approval->user);
  anpr_password_free (approval->password);
  g_free (approval->hash);
}
