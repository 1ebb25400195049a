/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Accounts: who may sign in to the page, in one file of mode 0600.
 *
 *     {"accounts":[{"user":"an","role":"technician","cleared":false,
 *       "language":"nl","password":"$argon2id$...","created":"...","by":"..."}]}
 *
 * The file is the truth: it is read again whenever it is another one, so that
 * what `anprctl account` writes counts at the next request of a running anprd.
 * It is replaced whole, after it was written through to the disk; who replaces
 * it holds a lock on a file beside it from before it is read, so that two
 * programs do not undo each other's change. A file that others may read, or that
 * cannot be understood, is refused, and what was read before stays.
 *
 * Any thread; what is given back is a copy. At least one technician always
 * remains: nobody else can make accounts.
 */

#include "account.h"
#include "ownedfile.h"
#include "../../plugins/record/clock.h"
#include "../../plugins/record/error.h"
#include "../../plugins/record/jsonmember.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct _AnprAccounts {
  gchar *path;
  GMutex lock;
  GPtrArray *accounts; /* by user */
  struct timespec changed;
  ino_t inode;
  off_t size;
};

static const gchar *const role_names[ANPR_N_ROLES] = {
  [ANPR_ROLE_TECHNICIAN] = "technician",
  [ANPR_ROLE_DISPATCHER] = "dispatcher",
  [ANPR_ROLE_SUPERVISOR] = "supervisor",
};

const gchar *
anpr_role_to_string (AnprRole role)
{
  return (guint) role < ANPR_N_ROLES ? role_names[role] : "";
}

/**
 * anpr_role_from_string:
 * @name: (nullable): of a role
 * @role: (out): that role
 *
 * Returns: whether there is one of that name
 */
gboolean
anpr_role_from_string (const gchar *name, AnprRole *role)
{
  for (guint i = 0; i < ANPR_N_ROLES; i++) {
    if (g_strcmp0 (name, role_names[i]) == 0) {
      *role = i;
      return TRUE;
    }
  }
  return FALSE;
}

/**
 * anpr_account_is_user:
 * @user: (nullable): a text
 *
 * Returns: whether somebody may be called so: small letters, digits and . _ -,
 *     beginning with a letter
 */
gboolean
anpr_account_is_user (const gchar *user)
{
  return user && strlen (user) <= ANPR_ACCOUNT_MAX_USER
         && g_regex_match_simple (
             "^[a-z][a-z0-9._-]*$", user, G_REGEX_DOLLAR_ENDONLY, 0);
}

/**
 * anpr_account_is_language:
 * @language: (nullable): a text
 *
 * Returns: whether the page speaks it
 */
gboolean
anpr_account_is_language (const gchar *language)
{
  return g_strcmp0 (language, "en") == 0 || g_strcmp0 (language, "nl") == 0;
}

AnprAccount *
anpr_account_copy (const AnprAccount *account)
{
  AnprAccount *copy = g_new0 (AnprAccount, 1);

  copy->user = g_strdup (account->user);
  copy->role = account->role;
  copy->cleared = account->cleared;
  copy->language = g_strdup (account->language);
  copy->password = g_strdup (account->password);
  copy->own_password = account->own_password;
  copy->created_utc = account->created_utc;
  copy->created_by = g_strdup (account->created_by);
  return copy;
}

/**
 * anpr_account_free:
 * @account: (nullable) (transfer full): an account
 */
void
anpr_account_free (AnprAccount *account)
{
  if (!account)
    return;
  g_free (account->user);
  g_free (account->language);
  g_free (account->password);
  g_free (account->created_by);
  g_free (account);
}

static GPtrArray *
new_list (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) anpr_account_free);
}

static AnprAccount *
find (GPtrArray *list, const gchar *user)
{
  for (guint i = 0; i < list->len; i++) {
    AnprAccount *account = g_ptr_array_index (list, i);

    if (g_str_equal (account->user, user))
      return account;
  }
  return NULL;
}

static gint
compare_users (gconstpointer a, gconstpointer b)
{
  return strcmp (
      (*(AnprAccount *const *) a)->user, (*(AnprAccount *const *) b)->user);
}

/* --- the file --- */

static AnprAccount *
account_from_json (JsonNode *node)
{
  g_autoptr (AnprAccount) account = g_new0 (AnprAccount, 1);
  JsonObject *object;
  g_autoptr (GDateTime) created = NULL;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return NULL;
  object = json_node_get_object (node);
  account->user = g_strdup (anpr_json_get_text (object, "user"));
  account->language = g_strdup (anpr_json_get_text (object, "language"));
  account->password = g_strdup (anpr_json_get_text (object, "password"));
  account->created_by = g_strdup (anpr_json_get_text (object, "by"));
  if (!anpr_account_is_user (account->user) || !account->password
      || !anpr_account_is_language (account->language)
      || !anpr_role_from_string (
          anpr_json_get_text (object, "role"), &account->role))
    return NULL;
  account->cleared = anpr_json_boolean (object, "cleared")
                     && account->role != ANPR_ROLE_TECHNICIAN;
  account->own_password = !json_object_has_member (object, "own_password")
                          || anpr_json_boolean (object, "own_password");
  if (anpr_json_get_text (object, "created"))
    created = g_date_time_new_from_iso8601 (
        anpr_json_get_text (object, "created"), NULL);
  account->created_utc =
      created ? g_date_time_to_unix (created) * G_USEC_PER_SEC : 0;
  return g_steal_pointer (&account);
}

static GPtrArray *
list_from_json (JsonNode *root)
{
  g_autoptr (GPtrArray) list = new_list ();
  JsonNode *node =
      root && JSON_NODE_HOLDS_OBJECT (root)
          ? json_object_get_member (json_node_get_object (root), "accounts")
          : NULL;
  JsonArray *array =
      node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  if (!array || json_array_get_length (array) > ANPR_ACCOUNTS_MAX)
    return NULL;
  for (guint i = 0; i < json_array_get_length (array); i++) {
    AnprAccount *account =
        account_from_json (json_array_get_element (array, i));

    if (!account)
      return NULL;
    g_ptr_array_add (list, account);
  }
  g_ptr_array_sort (list, compare_users);
  return g_steal_pointer (&list);
}

static gchar *
list_to_json (GPtrArray *list)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "accounts");
  json_builder_begin_array (builder);
  for (guint i = 0; i < list->len; i++) {
    const AnprAccount *account = g_ptr_array_index (list, i);
    g_autofree gchar *created = anpr_utc_to_string (account->created_utc);
    const gchar *texts[][2] = { { "user", account->user },
      { "role", anpr_role_to_string (account->role) },
      { "language", account->language }, { "password", account->password },
      { "created", created }, { "by", account->created_by } };

    json_builder_begin_object (builder);
    for (guint j = 0; j < G_N_ELEMENTS (texts); j++) {
      json_builder_set_member_name (builder, texts[j][0]);
      json_builder_add_string_value (builder, texts[j][1] ? texts[j][1] : "");
    }
    json_builder_set_member_name (builder, "cleared");
    json_builder_add_boolean_value (builder, account->cleared);
    json_builder_set_member_name (builder, "own_password");
    json_builder_add_boolean_value (builder, account->own_password);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, TRUE);
}

static gboolean
set_unusable (const AnprAccounts *accounts, const gchar *why, GError **error)
{
  g_set_error (error, ANPR_ERROR, ANPR_ERROR_SECRET,
      "Accounts \"%s\" are not used: %s", accounts->path, why);
  return FALSE;
}

static gboolean
is_private (
    const AnprAccounts *accounts, const struct stat *status, GError **error)
{
  if (!S_ISREG (status->st_mode))
    return set_unusable (accounts, "it is no file", error);
  if (status->st_mode & (S_IRWXG | S_IRWXO))
    return set_unusable (accounts, "others may read or write it", error);
  if (status->st_size > ANPR_ACCOUNTS_MAX_FILE)
    return set_unusable (accounts, "it is too large", error);
  return TRUE;
}

/* Reads the file of an open descriptor */
static GPtrArray *
read_file (AnprAccounts *accounts, int fd, off_t size, GError **error)
{
  g_autofree gchar *text = g_malloc (size + 1);
  g_autoptr (JsonParser) parser = json_parser_new ();
  GPtrArray *list;
  gssize n = pread (fd, text, size, 0);

  if (n < 0) {
    set_unusable (accounts, g_strerror (errno), error);
    return NULL;
  }
  list = json_parser_load_from_data (parser, text, n, NULL)
             ? list_from_json (json_parser_get_root (parser))
             : NULL;
  if (!list)
    set_unusable (accounts, "it cannot be understood", error);
  return list;
}

static gboolean
is_same_file (const AnprAccounts *accounts, const struct stat *status)
{
  return accounts->inode == status->st_ino && accounts->size == status->st_size
         && accounts->changed.tv_sec == status->st_ctim.tv_sec
         && accounts->changed.tv_nsec == status->st_ctim.tv_nsec;
}

static void
take_list (AnprAccounts *accounts, GPtrArray *list, const struct stat *status)
{
  g_ptr_array_unref (accounts->accounts);
  accounts->accounts = list;
  accounts->inode = status->st_ino;
  accounts->size = status->st_size;
  accounts->changed = status->st_ctim;
}

/* With the lock held */
static gboolean
refresh (AnprAccounts *accounts, GError **error)
{
  static const struct stat none = { 0 };
  struct stat status;
  GPtrArray *list = NULL;
  int fd;

  if (g_stat (accounts->path, &status) == 0 && is_same_file (accounts, &status))
    return TRUE;
  fd = g_open (accounts->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0);
  if (fd < 0 && errno == ENOENT) {
    take_list (accounts, new_list (), &none);
    return TRUE;
  }
  if (fd < 0)
    return set_unusable (accounts, g_strerror (errno), error);
  if (fstat (fd, &status) != 0)
    set_unusable (accounts, g_strerror (errno), error);
  else if (is_private (accounts, &status, error))
    list = read_file (accounts, fd, status.st_size, error);
  (void) close (fd);
  if (!list)
    return FALSE;
  take_list (accounts, list, &status);
  return TRUE;
}

/**
 * anpr_accounts_open:
 * @path: of the file of accounts; it need not exist yet
 * @error: %ANPR_ERROR_SECRET: it may be read by others, or is none of ours
 *
 * Returns: (transfer full) (nullable): the accounts
 */
AnprAccounts *
anpr_accounts_open (const gchar *path, GError **error)
{
  g_autoptr (AnprAccounts) accounts = g_new0 (AnprAccounts, 1);

  g_mutex_init (&accounts->lock);
  accounts->path = g_strdup (path);
  accounts->accounts = new_list ();
  return refresh (accounts, error) ? g_steal_pointer (&accounts) : NULL;
}

/**
 * anpr_accounts_free:
 * @accounts: (nullable) (transfer full): accounts
 */
void
anpr_accounts_free (AnprAccounts *accounts)
{
  if (!accounts)
    return;
  g_free (accounts->path);
  g_ptr_array_unref (accounts->accounts);
  g_mutex_clear (&accounts->lock);
  g_free (accounts);
}

/**
 * anpr_accounts_refresh:
 * @accounts: accounts
 * @error: as anpr_accounts_open(); what was read before stays
 *
 * Reads the file if it is another one than before.
 */
gboolean
anpr_accounts_refresh (AnprAccounts *accounts, GError **error)
{
  gboolean done;

  g_mutex_lock (&accounts->lock);
  done = refresh (accounts, error);
  g_mutex_unlock (&accounts->lock);
  return done;
}

guint
anpr_accounts_get_n (AnprAccounts *accounts)
{
  guint n;

  g_mutex_lock (&accounts->lock);
  n = accounts->accounts->len;
  g_mutex_unlock (&accounts->lock);
  return n;
}

/**
 * anpr_accounts_find:
 * @accounts: accounts
 * @user: a name
 *
 * Returns: (transfer full) (nullable): the account of that name
 */
AnprAccount *
anpr_accounts_find (AnprAccounts *accounts, const gchar *user)
{
  AnprAccount *account;

  g_mutex_lock (&accounts->lock);
  account = find (accounts->accounts, user);
  account = account ? anpr_account_copy (account) : NULL;
  g_mutex_unlock (&accounts->lock);
  return account;
}

static GPtrArray *
copy_list (GPtrArray *list)
{
  GPtrArray *copy = new_list ();

  for (guint i = 0; i < list->len; i++)
    g_ptr_array_add (copy, anpr_account_copy (g_ptr_array_index (list, i)));
  return copy;
}

/**
 * anpr_accounts_list:
 * @accounts: accounts
 *
 * Returns: (transfer full) (element-type AnprAccount): all of them, by user
 */
GPtrArray *
anpr_accounts_list (AnprAccounts *accounts)
{
  GPtrArray *list;

  g_mutex_lock (&accounts->lock);
  list = copy_list (accounts->accounts);
  g_mutex_unlock (&accounts->lock);
  return list;
}

/* --- changing --- */

/* Changes a list; FALSE with an error if it may not be */
typedef gboolean (*ChangeFunc) (
    GPtrArray *list, gconstpointer what, GError **error);

static gboolean
set_refused (GError **error, const gchar *why)
{
  g_set_error_literal (error, ANPR_ERROR, ANPR_ERROR_WEB_ACCOUNT, why);
  return FALSE;
}

static gboolean
has_technician (GPtrArray *list)
{
  for (guint i = 0; i < list->len; i++) {
    if (((AnprAccount *) g_ptr_array_index (list, i))->role
        == ANPR_ROLE_TECHNICIAN)
      return TRUE;
  }
  return FALSE;
}

static int
take_file_lock (const AnprAccounts *accounts, GError **error)
{
  g_autofree gchar *path = g_strconcat (accounts->path, ".lock", NULL);
  int fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd >= 0 && flock (fd, LOCK_EX) == 0) {
    anpr_owned_file_give (path);
    return fd;
  }
  set_unusable (accounts, g_strerror (errno), error);
  if (fd >= 0)
    (void) close (fd);
  return -1;
}

static gboolean
write_list (AnprAccounts *accounts, GPtrArray *list, GError **error)
{
  g_autofree gchar *text = list_to_json (list);
  g_autoptr (GError) failed = NULL;

  if (g_file_set_contents_full (accounts->path, text, -1,
          G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600,
          &failed)) {
    anpr_owned_file_give (accounts->path);
    return refresh (accounts, error);
  }
  return set_unusable (accounts, failed->message, error);
}

static gboolean
change_file (AnprAccounts *accounts, ChangeFunc change, gconstpointer what,
    GError **error)
{
  int lock = take_file_lock (accounts, error);
  g_autoptr (GPtrArray) list = NULL;
  gboolean done = FALSE;

  if (lock < 0)
    return FALSE;
  g_mutex_lock (&accounts->lock);
  if (refresh (accounts, error)) {
    list = copy_list (accounts->accounts);
    done = change (list, what, error)
           && (has_technician (list)
               || set_refused (error,
                   "One technician at least must remain, else nobody could "
                   "make accounts"))
           && write_list (accounts, list, error);
  }
  g_mutex_unlock (&accounts->lock);
  (void) close (lock);
  return done;
}

static gboolean
add (GPtrArray *list, gconstpointer what, GError **error)
{
  const AnprAccount *account = what;

  if (find (list, account->user))
    return set_refused (error, "There is an account of that name already");
  if (list->len >= ANPR_ACCOUNTS_MAX)
    return set_refused (error, "There are as many accounts as there may be");
  g_ptr_array_add (list, anpr_account_copy (account));
  g_ptr_array_sort (list, compare_users);
  return TRUE;
}

static gboolean
change (GPtrArray *list, gconstpointer what, GError **error)
{
  const AnprAccount *account = what;
  AnprAccount *old = find (list, account->user);

  if (!old)
    return set_refused (error, "There is no account of that name");
  g_ptr_array_remove (list, old);
  return add (list, account, error);
}

static gboolean
remove_account (GPtrArray *list, gconstpointer what, GError **error)
{
  AnprAccount *old = find (list, what);

  if (!old)
    return set_refused (error, "There is no account of that name");
  g_ptr_array_remove (list, old);
  return TRUE;
}

/**
 * anpr_accounts_add:
 * @accounts: accounts
 * @account: a new one
 * @error: %ANPR_ERROR_WEB_ACCOUNT if there is one of that name or no room,
 *     %ANPR_ERROR_SECRET if the file cannot be written
 *
 * Returns: whether it is on the disk
 */
gboolean
anpr_accounts_add (
    AnprAccounts *accounts, const AnprAccount *account, GError **error)
{
  return change_file (accounts, add, account, error);
}

/**
 * anpr_accounts_change:
 * @accounts: accounts
 * @account: what the account of that user is from now on
 * @error: as anpr_accounts_add()
 *
 * Returns: whether it is on the disk
 */
gboolean
anpr_accounts_change (
    AnprAccounts *accounts, const AnprAccount *account, GError **error)
{
  return change_file (accounts, change, account, error);
}

/**
 * anpr_accounts_remove:
 * @accounts: accounts
 * @user: whose account
 * @error: as anpr_accounts_add()
 *
 * Returns: whether it is gone from the disk
 */
gboolean
anpr_accounts_remove (AnprAccounts *accounts, const gchar *user, GError **error)
{
  return change_file (accounts, remove_account, user, error);
}
