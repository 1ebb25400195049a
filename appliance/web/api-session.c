/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Signing in and out. See attempts.c for the delays and password.c for the work.
 *
 * The first account: while there is none, the token of the log, a name and a
 * password make a technician's, and the token is used up.
 */

#include "approval.h"
#include "password.h"
#include "../log.h"
#include "../../plugins/record/jsonmember.h"

#include <string.h>

/* What a sign-in takes to the worker and back */
typedef struct {
  gchar *user;
  gchar *password;
  gchar *hash; /* of the account, or of the new one */
  gchar *language;
  gboolean right;
} SignIn;

static void
sign_in_free (gpointer data)
{
  SignIn *sign_in = data;

  g_free (sign_in->user);
  anpr_password_free (sign_in->password);
  g_free (sign_in->hash);
  g_free (sign_in->language);
  g_free (sign_in);
}

static gboolean
is_first_run (AnprWeb *web)
{
  return anpr_accounts_get_n (web->accounts) == 0
         && anpr_first_token_is_open (
             &web->first_token, g_get_monotonic_time ());
}

static void
set_session (
    AnprRequest *request, const AnprAccount *account, const gchar *csrf)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  anpr_json_add_text (builder, "user", account->user);
  anpr_json_add_text (builder, "role", anpr_role_to_string (account->role));
  anpr_json_add_flag (builder, "cleared", account->cleared);
  anpr_json_add_text (builder, "csrf", csrf);
  anpr_json_add_text (builder, "language", account->language);
  anpr_json_add_flag (builder, "first_run", FALSE);
  json_builder_end_object (builder);
  anpr_answer_set_json (&request->answer, SOUP_STATUS_OK, builder);
}

static void
set_nobody (AnprRequest *request, AnprError code, const gchar *message)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  anpr_answer_begin_fault (builder, code, message);
  anpr_json_add_flag (builder, "first_run", is_first_run (request->web));
  json_builder_end_object (builder);
  anpr_answer_set_json (
      &request->answer, anpr_answer_get_status_of (code), builder);
}

static void
get_session (AnprRequest *request)
{
  if (request->account)
    set_session (request, request->account, request->csrf);
  else
    set_nobody (request, ANPR_ERROR_WEB_SIGN_IN, "Nobody is signed in");
}

/* A new session, whatever the request had before */
static void
begin_session (AnprRequest *request, const SignIn *sign_in)
{
  AnprWeb *web = request->web;
  g_autoptr (AnprAccount) account =
      anpr_accounts_find (web->accounts, sign_in->user);
  g_autofree gchar *name = anpr_web_cookie_name (web);
  g_autofree gchar *secret = NULL;
  const AnprSession *session;

  if (!account) {
    set_nobody (request, ANPR_ERROR_WEB_SIGN_IN, "The account is gone");
    return;
  }
  if (request->session)
    anpr_sessions_end (web->sessions, request->session);
  secret = anpr_sessions_begin (
      web->sessions, account->user, account->password, g_get_monotonic_time ());
  session = anpr_sessions_find (
      web->sessions, secret, g_get_monotonic_time (), FALSE);
  web->n_signed_in++;
  request->answer.cookie =
      g_strdup_printf ("%s=%s; Path=/; HttpOnly; SameSite=Strict%s", name,
          secret, anpr_door_is_encrypted (web->door) ? "; Secure" : "");
  set_session (request, account, session->csrf);
  anpr_events_check (web->events);
}

/* --- with name and password ----------------------------------------------- */

static void
check_password (AnprRequest *request)
{
  SignIn *sign_in = request->data;

  sign_in->right = anpr_password_verify (sign_in->hash, sign_in->password);
  (void) anpr_request_log_texts (request,
      sign_in->right ? "signed-in" : "sign-in-failed", sign_in->user, NULL);
}

static void
end_sign_in (AnprRequest *request)
{
  SignIn *sign_in = request->data;
  AnprWeb *web = request->web;

  if (request->answer.status != 0)
    return; /* it could not be logged */
  if (!sign_in->right) {
    web->n_sign_ins_failed++;
    anpr_attempts_failed (web->attempts, sign_in->user, request->address,
        g_get_monotonic_time ());
    set_nobody (request, ANPR_ERROR_WEB_SIGN_IN,
        "There is no such user, or the password is another one");
    return;
  }
  anpr_attempts_succeeded (
      web->attempts, sign_in->user, request->address, g_get_monotonic_time ());
  begin_session (request, sign_in);
}

/* Has a password looked at, unless it has to wait */
static void
begin_attempt (
    AnprRequest *request, const gchar *user, AnprHandler work, AnprHandler then)
{
  if (anpr_approval_is_delayed (request, user))
    return;
  anpr_request_work (request, request->web->passwords, work, then);
  if (request->paused)
    anpr_attempts_begin (request->web->attempts, user, request->address,
        g_get_monotonic_time ());
}

static void
sign_in (AnprRequest *request)
{
  SignIn *sign_in = request->data;
  g_autoptr (AnprAccount) account = NULL;

  if (anpr_accounts_refresh (request->web->accounts, NULL))
    account = anpr_accounts_find (request->web->accounts, sign_in->user);
  sign_in->hash = account ? g_strdup (account->password) : NULL;
  begin_attempt (request, sign_in->user, check_password, end_sign_in);
}

/* --- the first account ---------------------------------------------------- */

static void
make_account (AnprRequest *request)
{
  SignIn *sign_in = request->data;
  g_autoptr (GError) error = NULL;
  AnprAccount account = {
    .user = sign_in->user,
    .role = ANPR_ROLE_TECHNICIAN,
    .language = sign_in->language,
    .own_password = TRUE,
    .created_utc = g_get_real_time (),
    .created_by = (gchar *) "first token",
  };

  sign_in->hash = anpr_password_hash (sign_in->password, &error);
  account.password = sign_in->hash;
  if (!account.password) {
    anpr_answer_set_error (&request->answer, error);
    return;
  }
  if (!anpr_request_log_texts (request, "account-added", sign_in->user, "role",
          anpr_role_to_string (account.role), "by", account.created_by, NULL))
    return;
  sign_in->right = anpr_accounts_add (request->web->accounts, &account, &error);
  if (!sign_in->right)
    anpr_answer_set_error (&request->answer, error);
}

static void
end_first (AnprRequest *request)
{
  if (((SignIn *) request->data)->right)
    begin_session (request, request->data);
}

static void
begin_first (AnprRequest *request, const gchar *token)
{
  SignIn *sign_in = request->data;
  g_autofree gchar *wrong = NULL;

  if (anpr_accounts_get_n (request->web->accounts) > 0
      || !anpr_first_token_check (
          &request->web->first_token, token, g_get_monotonic_time ())) {
    set_nobody (request, ANPR_ERROR_WEB_TOKEN,
        "The token is wrong, was used, or is too old");
    return;
  }
  wrong = anpr_account_is_user (sign_in->user)
              ? anpr_password_judge (sign_in->user, sign_in->password)
              : g_strdup ("A user's name has small letters, digits and . _ -, "
                          "and begins with a letter");
  if (wrong) {
    anpr_answer_set_fault (
        &request->answer, ANPR_ERROR_WEB_ACCOUNT, "%s", wrong);
    return;
  }
  anpr_request_work (request, request->web->passwords, make_account, end_first);
  if (request->paused)
    anpr_first_token_clear (&request->web->first_token);
}

static void
post_session (AnprRequest *request)
{
  const gchar *user = anpr_json_get_text (request->body, "user");
  const gchar *password = anpr_json_get_text (request->body, "password");
  const gchar *token = anpr_json_get_text (request->body, "token");
  const gchar *language = anpr_json_get_text (request->body, "language");
  SignIn *data;

  if (!user || !password || strlen (password) > ANPR_PASSWORD_MOST
      || strlen (user) > ANPR_ACCOUNT_MAX_USER) {
    anpr_answer_set_fault (&request->answer, ANPR_ERROR_WEB_REQUEST,
        "A sign-in has \"user\" and \"password\", of usual length");
    return;
  }
  data = g_new0 (SignIn, 1);
  data->user = g_strdup (user);
  data->password = g_strdup (password);
  data->language =
      g_strdup (anpr_account_is_language (language) ? language : "en");
  request->data = data;
  request->free_data = sign_in_free;
  if (token)
    begin_first (request, token);
  else
    sign_in (request);
}

/* --- out, and another password -------------------------------------------- */

static void
log_sign_out (AnprRequest *request)
{
  if (anpr_request_log_texts (
          request, "signed-out", request->account->user, NULL))
    request->answer.status = SOUP_STATUS_NO_CONTENT;
}

static void
delete_session (AnprRequest *request)
{
  g_autofree gchar *name = anpr_web_cookie_name (request->web);

  if (!request->account) {
    set_nobody (request, ANPR_ERROR_WEB_SIGN_IN, "Nobody is signed in");
    return;
  }
  /* it ends at once, whether it can be logged or not */
  anpr_sessions_end (request->web->sessions, request->session);
  anpr_events_check (request->web->events);
  request->answer.cookie =
      g_strdup_printf ("%s=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0%s",
          name, anpr_door_is_encrypted (request->web->door) ? "; Secure" : "");
  anpr_request_work (request, request->web->disk, log_sign_out, NULL);
}

static void
change_password (AnprRequest *request)
{
  const gchar *old = anpr_json_get_text (request->body, "password");
  const gchar *wanted = anpr_json_get_text (request->body, "new_password");
  SignIn *sign_in = request->data;
  g_autofree gchar *wrong = anpr_password_judge (sign_in->user, wanted);
  g_autoptr (AnprAccount) account =
      anpr_accounts_find (request->web->accounts, sign_in->user);
  g_autoptr (GError) error = NULL;

  if (!account || !anpr_password_verify (account->password, old)) {
    (void) anpr_request_log_texts (
        request, "sign-in-failed", sign_in->user, "for", "password", NULL);
    anpr_answer_set_fault (&request->answer, ANPR_ERROR_WEB_ROLE,
        "The old password is another one");
    return;
  }
  sign_in->right = TRUE;
  if (wrong) {
    anpr_answer_set_fault (
        &request->answer, ANPR_ERROR_WEB_ACCOUNT, "%s", wrong);
    return;
  }
  if (g_strcmp0 (old, wanted) == 0) {
    anpr_answer_set_fault (
        &request->answer, ANPR_ERROR_WEB_ACCOUNT, "That is the old password");
    return;
  }
  g_free (account->password);
  account->own_password = TRUE;
  account->password = anpr_password_hash (wanted, &error);
  if (account->password
      && !anpr_request_log_texts (
          request, "password-changed", account->user, NULL))
    return;
  if (!account->password
      || !anpr_accounts_change (request->web->accounts, account, &error)) {
    anpr_answer_set_error (&request->answer, error);
    return;
  }
  sign_in->hash = g_strdup (account->password);
}

static void
end_change (AnprRequest *request)
{
  SignIn *sign_in = request->data;

  if (sign_in->right)
    anpr_attempts_succeeded (request->web->attempts, sign_in->user,
        request->address, g_get_monotonic_time ());
  else
    anpr_attempts_failed (request->web->attempts, sign_in->user,
        request->address, g_get_monotonic_time ());
  if (!sign_in->hash)
    return;
  /* sessions of the old password end by themselves */
  anpr_sessions_end_user (request->web->sessions, sign_in->user);
  begin_session (request, sign_in);
}

static void
put_session (AnprRequest *request)
{
  SignIn *data;

  if (!request->account) {
    set_nobody (request, ANPR_ERROR_WEB_SIGN_IN, "Nobody is signed in");
    return;
  }
  if (!anpr_json_get_text (request->body, "password")
      || !anpr_json_get_text (request->body, "new_password")) {
    anpr_answer_set_fault (&request->answer, ANPR_ERROR_WEB_REQUEST,
        "Give \"password\" and \"new_password\"");
    return;
  }
  data = g_new0 (SignIn, 1);
  data->user = g_strdup (request->account->user);
  request->data = data;
  request->free_data = sign_in_free;
  begin_attempt (request, data->user, change_password, end_change);
}

const AnprRoute anpr_session_routes[] = {
  { "GET", "/api/session", ANPR_FOR_ANYBODY, get_session },
  { "POST", "/api/session", ANPR_FOR_ANYBODY, post_session },
  { "PUT", "/api/session", ANPR_FOR_ANYBODY, put_session, TRUE },
  { "DELETE", "/api/session", ANPR_FOR_ANYBODY, delete_session },
  { NULL },
};
