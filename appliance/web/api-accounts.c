/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Accounts, as technicians manage them. Nobody sees a password or its hash.
 *
 * Whoever could make accounts alone could be both persons of R41, or somebody who
 * sees what a technician does not. So a second person (approval.c) agrees with each
 * new account, with another password, role or clearance of an account, and with
 * taking away one that may agree itself. As long as there is nobody who could,
 * which is how an appliance begins, it takes one. To take a clearance away, or a
 * dispatcher's account, always takes one: that may be urgent.
 */

#include "approval.h"
#include "password.h"
#include "../../plugins/record/clock.h"
#include "../../plugins/record/jsonmember.h"

#include <string.h>

/* What was asked, and the account it leads to */
typedef struct {
  AnprAccount *account;
  gchar *password; /* NULL: as it is */
  gboolean second; /* takes a second person */
  AnprApproval approval;
  gboolean done;
} Change;

static void
change_free (gpointer data)
{
  Change *change = data;

  anpr_account_free (change->account);
  anpr_password_free (change->password);
  anpr_approval_clear (&change->approval);
  g_free (change);
}

/* --- the second person ---------------------------------------------------- */

static gboolean
may_approve (const AnprAccount *account)
{
  return account->role != ANPR_ROLE_DISPATCHER;
}

/* Whether there is anybody but who asks */
static gboolean
has_second (AnprRequest *request)
{
  g_autoptr (GPtrArray) accounts = anpr_accounts_list (request->web->accounts);
  gboolean found = FALSE;

  for (guint i = 0; i < accounts->len && !found; i++) {
    const AnprAccount *account = g_ptr_array_index (accounts, i);

    found = may_approve (account)
            && !g_str_equal (account->user, request->account->user);
  }
  return found;
}

static gboolean
check_second (AnprRequest *request, Change *change)
{
  return !change->second || anpr_approval_check (request, &change->approval);
}

/* Who has agreed, for the log; NULL if nobody had to */
static const gchar *
get_second (const Change *change)
{
  return change->second ? change->approval.user : NULL;
}

static void
start (AnprRequest *request, Change *change, gboolean second, AnprHandler work,
    AnprHandler then)
{
  change->second = second && has_second (request);
  if (change->second && !anpr_approval_take (request, &change->approval))
    return;
  anpr_request_work (request, request->web->passwords, work, then);
  if (!request->paused)
    anpr_approval_end (request, &change->approval);
}

/* --- accounts ------------------------------------------------------------- */

static void
add_account (JsonBuilder *builder, const AnprAccount *account)
{
  g_autofree gchar *created = anpr_utc_to_string (account->created_utc);

  json_builder_begin_object (builder);
  anpr_json_add_text (builder, "user", account->user);
  anpr_json_add_text (builder, "role", anpr_role_to_string (account->role));
  anpr_json_add_flag (builder, "cleared", account->cleared);
  anpr_json_add_text (builder, "language", account->language);
  anpr_json_add_text (builder, "created", created);
  anpr_json_add_text (builder, "by", account->created_by);
  json_builder_end_object (builder);
}

static void
get_accounts (AnprRequest *request)
{
  g_autoptr (GPtrArray) accounts = anpr_accounts_list (request->web->accounts);
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < accounts->len; i++)
    add_account (builder, g_ptr_array_index (accounts, i));
  json_builder_end_array (builder);
  anpr_answer_set_json (&request->answer, SOUP_STATUS_OK, builder);
}

static gboolean
refuse (AnprRequest *request, const gchar *why)
{
  anpr_answer_set_fault (&request->answer, ANPR_ERROR_WEB_ACCOUNT, "%s", why);
  return FALSE;
}

/* Takes what the request says into an account; what it does not say stays */
static gboolean
take_account (AnprRequest *request, AnprAccount *account)
{
  const gchar *role = anpr_json_get_text (request->body, "role");
  const gchar *language = anpr_json_get_text (request->body, "language");

  if (role && !anpr_role_from_string (role, &account->role))
    return refuse (request, "A role is technician, dispatcher or supervisor");
  if (language && !anpr_account_is_language (language))
    return refuse (request, "A language is en or nl");
  if (language) {
    g_free (account->language);
    account->language = g_strdup (language);
  }
  if (json_object_has_member (request->body, "cleared"))
    account->cleared = anpr_json_boolean (request->body, "cleared");
  if (account->cleared && account->role == ANPR_ROLE_TECHNICIAN)
    return refuse (request, "A technician is not cleared for covert hits");
  return TRUE;
}

static gboolean
take_password (AnprRequest *request, Change *change)
{
  const gchar *password = anpr_json_get_text (request->body, "password");
  g_autofree gchar *wrong =
      password ? anpr_password_judge (change->account->user, password) : NULL;

  if (wrong)
    return refuse (request, wrong);
  change->password = g_strdup (password);
  return TRUE;
}

static gboolean
hash_password (AnprRequest *request, Change *change)
{
  g_autoptr (GError) error = NULL;

  if (!change->password)
    return TRUE;
  g_free (change->account->password);
  change->account->own_password = FALSE;
  change->account->password = anpr_password_hash (change->password, &error);
  if (!change->account->password)
    anpr_answer_set_error (&request->answer, error);
  return change->account->password != NULL;
}

static void
end_work (AnprRequest *request, gboolean done, guint status, GError *error)
{
  Change *change = request->data;
  g_autoptr (JsonBuilder) builder = NULL;

  change->done = done;
  if (!done) {
    anpr_answer_set_error (&request->answer, error);
    return;
  }
  builder = json_builder_new ();
  add_account (builder, change->account);
  anpr_answer_set_json (&request->answer, status, builder);
}

static void
do_add (AnprRequest *request)
{
  Change *change = request->data;
  g_autoptr (GError) error = NULL;
  gboolean done;

  if (!check_second (request, change) || !hash_password (request, change)
      || !anpr_request_log_texts (request, "account-added",
          change->account->user, "role",
          anpr_role_to_string (change->account->role), "cleared",
          change->account->cleared ? "yes" : "no", "approved_by",
          get_second (change), NULL))
    return;
  done = anpr_accounts_add (request->web->accounts, change->account, &error);
  end_work (request, done, SOUP_STATUS_CREATED, error);
}

/* What is shown may be other now; who lost the account is out at once */
static void
end_change (AnprRequest *request)
{
  Change *change = request->data;

  anpr_approval_end (request, &change->approval);
  if (change->done && change->password)
    anpr_sessions_end_user (request->web->sessions, change->account->user);
  anpr_events_check (request->web->events);
}

static Change *
begin_change (AnprRequest *request, AnprAccount *account)
{
  Change *change = g_new0 (Change, 1);

  change->account = account;
  request->data = change;
  request->free_data = change_free;
  return change;
}

static void
post_account (AnprRequest *request)
{
  const gchar *user = anpr_json_get_text (request->body, "user");
  AnprAccount *account;
  Change *change;

  if (!anpr_account_is_user (user)
      || !anpr_json_get_text (request->body, "role")
      || !anpr_json_get_text (request->body, "password")) {
    refuse (request,
        "An account has \"user\" (small letters, digits and . _ -), "
        "\"role\" and \"password\"");
    return;
  }
  account = g_new0 (AnprAccount, 1);
  account->user = g_strdup (user);
  account->language = g_strdup ("en");
  account->created_utc = g_get_real_time ();
  account->created_by = g_strdup (request->account->user);
  change = begin_change (request, account);
  if (take_account (request, account) && take_password (request, change))
    start (request, change, TRUE, do_add, end_change);
}

static void
do_change (AnprRequest *request)
{
  Change *change = request->data;
  g_autoptr (GError) error = NULL;
  gboolean done;

  if (!check_second (request, change) || !hash_password (request, change)
      || !anpr_request_log_texts (request, "account-changed",
          change->account->user, "role",
          anpr_role_to_string (change->account->role), "cleared",
          change->account->cleared ? "yes" : "no", "password",
          change->password ? "changed" : NULL, "approved_by",
          get_second (change), NULL))
    return;
  done = anpr_accounts_change (request->web->accounts, change->account, &error);
  end_work (request, done, SOUP_STATUS_OK, error);
}

static AnprAccount *
find_account (AnprRequest *request)
{
  AnprAccount *account =
      anpr_accounts_find (request->web->accounts, request->object);

  if (!account)
    anpr_answer_set_fault (&request->answer, ANPR_ERROR_WEB_MISSING,
        "There is no account of that name");
  return account;
}

static void
put_account (AnprRequest *request)
{
  AnprAccount *account = find_account (request);
  AnprRole role = account ? account->role : ANPR_ROLE_DISPATCHER;
  gboolean cleared = account && account->cleared;
  Change *change;

  if (!account)
    return;
  change = begin_change (request, account);
  if (!request->body) {
    anpr_answer_set_fault (
        &request->answer, ANPR_ERROR_WEB_REQUEST, "Give what is to be other");
    return;
  }
  if (take_account (request, account) && take_password (request, change))
    start (request, change,
        change->password || account->role != role
            || (account->cleared && !cleared),
        do_change, end_change);
}

static void
do_remove (AnprRequest *request)
{
  Change *change = request->data;
  g_autoptr (GError) error = NULL;

  if (!check_second (request, change)
      || !anpr_request_log_texts (request, "account-removed",
          change->account->user, "approved_by", get_second (change), NULL))
    return;
  change->done = anpr_accounts_remove (
      request->web->accounts, change->account->user, &error);
  if (change->done)
    request->answer.status = SOUP_STATUS_NO_CONTENT;
  else
    anpr_answer_set_error (&request->answer, error);
}

static void
delete_account (AnprRequest *request)
{
  AnprAccount *account = find_account (request);

  if (!account)
    return;
  start (request, begin_change (request, account), may_approve (account),
      do_remove, end_change);
}

const AnprRoute anpr_account_routes[] = {
  { "GET", "/api/accounts", ANPR_FOR (TECHNICIAN) | ANPR_FOR (SUPERVISOR),
      get_accounts },
  { "POST", "/api/accounts", ANPR_FOR (TECHNICIAN), post_account, TRUE },
  { "PUT", "/api/accounts/*", ANPR_FOR (TECHNICIAN), put_account, TRUE },
  { "DELETE", "/api/accounts/*", ANPR_FOR (TECHNICIAN), delete_account, TRUE },
  { NULL },
};
