/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* anprctl account: accounts of the page, on the machine itself; also the way back
 * in when every password is forgotten. A running anprd takes a change up at the
 * next request.
 *
 * As on the page, what is done is in the log (web/auditlog.c) before it is done:
 * what cannot be recorded is not done, and what failed after that is recorded, too.
 * Who did it is a user of the system, "unix:NAME", which no account of the page can
 * be called; and where the system knows it, who signed in to become that user.
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "command.h"
#include "configuration.h"
#include "console.h"
#include "web/account.h"
#include "web/auditlog.h"
#include "web/password.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* Digits of a hash */
#define HASH_LENGTH 64
#define DEFAULT_CONFIGURATION "/etc/anpr/anprd.conf"

static gchar *configuration_path;
static gchar *role_name;
static gchar *language;
static gchar *expectation;
static gboolean cleared;

static const GOptionEntry entries[] = {
  { "config", 'c', 0, G_OPTION_ARG_FILENAME, &configuration_path,
      "Configuration of anprd; by default " DEFAULT_CONFIGURATION, "FILE" },
  { "role", 'r', 0, G_OPTION_ARG_STRING, &role_name,
      "technician, dispatcher or supervisor; by default technician", "ROLE" },
  { "cleared", 0, 0, G_OPTION_ARG_NONE, &cleared,
      "May see covert hits; not with role technician", NULL },
  { "language", 0, 0, G_OPTION_ARG_STRING, &language,
      "Language of the page, en or nl; by default en", "LANGUAGE" },
  { "expect", 0, 0, G_OPTION_ARG_STRING, &expectation,
      "With verify: an entry of the log as the journal has it", "NUMBER=HASH" },
  { NULL },
};

static AnprctlStatus
fail (const gchar *what, const GError *error)
{
  anpr_console_error (what, error);
  return ANPRCTL_FAILED;
}

/* The files that are changed */
typedef struct {
  AnprAccounts *accounts;
  AnprAuditLog *log;
} Files;

static void
files_clear (Files *files)
{
  anpr_accounts_free (files->accounts);
  anpr_audit_log_free (files->log);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Files, files_clear)

static gchar *
find_state (GError **error)
{
  g_autoptr (AnprConfiguration) configuration = anpr_configuration_load (
      configuration_path ? configuration_path : DEFAULT_CONFIGURATION);
  const AnprSettingFault *fault;

  if (configuration->usable)
    return anpr_configuration_get_path (configuration, "appliance", "state");
  fault = g_ptr_array_index (configuration->faults, 0);
  g_set_error (
      error, ANPR_ERROR, fault->code, "%s: %s", fault->file, fault->message);
  return NULL;
}

static gboolean
open_files (Files *files, gboolean change, GError **error)
{
  g_autofree gchar *state = find_state (error);
  g_autofree gchar *file = NULL, *log = NULL;

  if (!state)
    return FALSE;
  file = g_build_filename (state, ANPR_ACCOUNTS_FILE, NULL);
  log = g_build_filename (state, ANPR_AUDIT_FOLDER, NULL);
  files->accounts = anpr_accounts_open (file, error);
  if (files->accounts && change)
    files->log = anpr_audit_log_open (log, error);
  return files->accounts && (files->log || !change);
}

/* --- the log -------------------------------------------------------------- */

static gchar *
get_user_name (uid_t user)
{
  const struct passwd *entry = getpwuid (user);

  return entry ? g_strdup_printf ("unix:%s", entry->pw_name)
               : g_strdup_printf ("unix:%lu", (gulong) user);
}

/* Who signed in, as the kernel remembers over su and sudo; NULL if it does not */
static gchar *
get_signed_in (void)
{
  g_autofree gchar *text = NULL;
  guint64 user;

  if (!g_file_get_contents ("/proc/self/loginuid", &text, NULL, NULL)
      || !g_ascii_string_to_unsigned (
          g_strstrip (text), 10, 0, G_MAXUINT32 - 1, &user, NULL))
    return NULL;
  return get_user_name ((uid_t) user);
}

/* Names and values to NULL are details */
static gboolean G_GNUC_NULL_TERMINATED
write_log (const Files *files, const gchar *what, const gchar *user,
    GError **error, ...)
{
  g_autofree gchar *name = get_user_name (getuid ());
  g_autofree gchar *signed_in = get_signed_in ();
  g_autoptr (JsonNode) details = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  const AnprAuditEntry entry = { name, "anprctl", what, user, details };
  va_list texts;
  const gchar *member;

  va_start (texts, error);
  while ((member = va_arg (texts, const gchar *)))
    json_object_set_string_member (
        object, member, va_arg (texts, const gchar *));
  va_end (texts);
  if (signed_in)
    json_object_set_string_member (object, "signed_in_as", signed_in);
  json_node_take_object (details, object);
  return anpr_audit_log_add (files->log, &entry, error);
}

/* Fails, with what was announced in the log */
static AnprctlStatus
fail_announced (const Files *files, const gchar *user, const GError *error)
{
  (void) write_log (
      files, "change-failed", user, NULL, "error", error->message, NULL);
  return fail (user, error);
}

/* --- passwords ------------------------------------------------------------ */

/* One line of standard input, not shown where it is a terminal */
static gchar *
read_line (const gchar *prompt)
{
  gchar line[ANPR_PASSWORD_MOST + 2];
  struct termios usual, silent;
  gboolean terminal = tcgetattr (STDIN_FILENO, &usual) == 0;
  gboolean read;

  if (terminal) {
    silent = usual;
    silent.c_lflag &= ~(tcflag_t) ECHO;
    fprintf (stderr, "%s: ", prompt);
    fflush (stderr);
    (void) tcsetattr (STDIN_FILENO, TCSAFLUSH, &silent);
  }
  read = fgets (line, sizeof line, stdin) != NULL;
  if (terminal) {
    (void) tcsetattr (STDIN_FILENO, TCSAFLUSH, &usual);
    fputc ('\n', stderr);
  }
  if (read)
    line[strcspn (line, "\n")] = '\0';
  return read && g_utf8_validate (line, -1, NULL) ? g_strdup (line) : NULL;
}

static gchar *
read_password (const gchar *user, GError **error)
{
  gchar *password = read_line ("Password");
  g_autofree gchar *wrong =
      password ? anpr_password_judge (user, password)
               : g_strdup ("Give the password as a line of standard input");

  if (!wrong && isatty (STDIN_FILENO)) {
    gchar *again = read_line ("Again");

    if (g_strcmp0 (password, again) != 0)
      wrong = g_strdup ("These were two different passwords");
    anpr_password_free (again);
  }
  if (!wrong)
    return password;
  anpr_password_free (password);
  g_set_error_literal (error, ANPR_ERROR, ANPR_ERROR_WEB_ACCOUNT, wrong);
  return NULL;
}

static gchar *
make_hash (const gchar *user, GError **error)
{
  gchar *password = read_password (user, error);
  gchar *hash = password ? anpr_password_hash (password, error) : NULL;

  anpr_password_free (password);
  return hash;
}

/* --- commands ------------------------------------------------------------- */

static AnprctlStatus
add_account (const Files *files, const gchar *user)
{
  g_autoptr (AnprAccount) account = g_new0 (AnprAccount, 1);
  g_autoptr (GError) error = NULL;

  if (!anpr_account_is_user (user))
    return anprctl_usage ("\"%s\" names no user: small letters, digits and . _ "
                          "-, a letter first",
        user);
  if (role_name && !anpr_role_from_string (role_name, &account->role))
    return anprctl_usage ("there is no role \"%s\"", role_name);
  if (language && !anpr_account_is_language (language))
    return anprctl_usage ("the page does not speak \"%s\"", language);
  if (cleared && account->role == ANPR_ROLE_TECHNICIAN)
    return anprctl_usage ("a technician is not cleared for covert hits");
  account->user = g_strdup (user);
  account->cleared = cleared;
  account->language = g_strdup (language ? language : "en");
  account->created_utc = g_get_real_time ();
  account->created_by = g_strdup ("anprctl");
  account->password = make_hash (user, &error);
  if (!account->password
      || !write_log (files, "account-added", user, &error, "role",
          anpr_role_to_string (account->role), "cleared",
          account->cleared ? "yes" : "no", NULL))
    return fail (user, error);
  if (!anpr_accounts_add (files->accounts, account, &error))
    return fail_announced (files, user, error);
  return ANPRCTL_DONE;
}

static AnprctlStatus
change_password (const Files *files, const gchar *user)
{
  g_autoptr (AnprAccount) account = anpr_accounts_find (files->accounts, user);
  g_autoptr (GError) error = NULL;

  if (!account) {
    g_set_error (&error, ANPR_ERROR, ANPR_ERROR_WEB_ACCOUNT,
        "There is no account of that name");
    return fail (user, error);
  }
  g_free (account->password);
  account->own_password = FALSE; /* for all that is known here */
  account->password = make_hash (user, &error);
  if (!account->password
      || !write_log (files, "password-changed", user, &error, NULL))
    return fail (user, error);
  if (!anpr_accounts_change (files->accounts, account, &error))
    return fail_announced (files, user, error);
  return ANPRCTL_DONE;
}

static AnprctlStatus
remove_account (const Files *files, const gchar *user)
{
  g_autoptr (GError) error = NULL;

  if (!write_log (files, "account-removed", user, &error, NULL))
    return fail (user, error);
  if (!anpr_accounts_remove (files->accounts, user, &error))
    return fail_announced (files, user, error);
  return ANPRCTL_DONE;
}

static AnprctlStatus
list_accounts (const Files *files, const gchar *unused)
{
  g_autoptr (GPtrArray) list = anpr_accounts_list (files->accounts);

  for (guint i = 0; i < list->len; i++) {
    const AnprAccount *account = g_ptr_array_index (list, i);
    g_autofree gchar *line = g_strdup_printf ("%-24s %-12s%s", account->user,
        anpr_role_to_string (account->role),
        account->cleared ? " cleared" : "");

    anpr_console_print (line);
  }
  return ANPRCTL_DONE;
}

static gboolean
take_expectation (AnprAuditSeal *seal)
{
  gchar *equals = expectation ? strchr (expectation, '=') : NULL;

  if (!equals)
    return FALSE;
  *equals = '\0';
  seal->hash = equals + 1;
  return g_ascii_string_to_unsigned (
             expectation, 10, 1, G_MAXUINT64, &seal->number, NULL)
         && strlen (seal->hash) == HASH_LENGTH;
}

static AnprctlStatus
verify_log (const Files *unused, const gchar *unused_user)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *state = find_state (&error);
  g_autofree gchar *folder =
      state ? g_build_filename (state, ANPR_AUDIT_FOLDER, NULL) : NULL;
  g_autofree gchar *fault = NULL, *line = NULL, *hash = NULL;
  AnprAuditSeal expected = { 0 }, end = { 0 };
  guint64 n;

  if (expectation && !take_expectation (&expected))
    return anprctl_usage ("--expect takes NUMBER=HASH");
  if (!folder
      || !anpr_audit_log_verify (
          folder, expectation ? &expected : NULL, &n, &end, &fault, &error))
    return fail ("log", error);
  hash = end.hash;
  if (fault) {
    anpr_console_fault (folder, anpr_error_code_name (ANPR_ERROR_WEB_LOG),
        fault, "Somebody has changed it, or the disk has lost it.");
    return ANPRCTL_FAILED;
  }
  line = g_strdup_printf ("intact: %" G_GUINT64_FORMAT
                          " entries\n%" G_GUINT64_FORMAT "=%s",
      n, end.number, hash ? hash : "");
  anpr_console_print (line);
  return ANPRCTL_DONE;
}

static const struct {
  const gchar *name;
  guint n_arguments;
  AnprctlStatus (*run) (const Files *files, const gchar *user);
} commands[] = {
  { "add", 1, add_account },
  { "password", 1, change_password },
  { "remove", 1, remove_account },
  { "list", 0, list_accounts },
  { "verify", 0, verify_log },
};

static AnprctlStatus
run (gchar **arguments)
{
  guint n = g_strv_length (arguments);

  for (guint i = 0; n > 0 && i < G_N_ELEMENTS (commands); i++) {
    g_autoptr (GError) error = NULL;
    g_auto (Files) files = { NULL, NULL };

    if (!g_str_equal (commands[i].name, arguments[0])
        || commands[i].n_arguments != n - 1)
      continue;
    return open_files (&files, n > 1, &error)
               ? commands[i].run (&files, arguments[1])
               : fail ("accounts", error);
  }
  return anprctl_usage (
      "give list, verify, or add, password or remove and one user");
}

const AnprctlCommand anprctl_command_account = {
  .name = "account",
  .arguments = "list | verify | add USER | password USER | remove USER",
  .summary = "Accounts of the appliance's page",
  .description =
      "Lists, makes and removes accounts of the page, and gives one another "
      "password,\n"
      "which is read from standard input, a line. A running anprd takes it up "
      "at the\n"
      "next request; sessions of an account that is removed or has another "
      "password\n"
      "end. Each change is in the page's log, with who made it. Run it as the "
      "user\n"
      "anprd runs as, or as root.\n\n"
      "verify looks whether that log is as it was written, and prints its last "
      "entry.\n"
      "With --expect of an entry that the journal has, it also finds a log "
      "that "
      "was\n"
      "written anew as a whole.",
  .entries = entries,
  .run = run,
};
