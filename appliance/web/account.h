/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_WEB_ACCOUNT_H
#define ANPR_WEB_ACCOUNT_H

#include <glib.h>

G_BEGIN_DECLS

/* Name of the file, in the state folder */
#define ANPR_ACCOUNTS_FILE "accounts.json"
/* Accounts of one appliance; more are refused */
#define ANPR_ACCOUNTS_MAX 200
/* Longest name of a user, bytes */
#define ANPR_ACCOUNT_MAX_USER 40
/* A larger file of accounts is refused, bytes */
#define ANPR_ACCOUNTS_MAX_FILE (256 * 1024)

/* AnprRole: what somebody may do on the page
 *
 * TECHNICIAN  changes positions and accounts; sees what is needed to see that a
 *             camera works, no hits
 * DISPATCHER  sees passages and hits, and decides about hits (R17)
 * SUPERVISOR  reads everything, changes nothing (R39)
 */
typedef enum {
  ANPR_ROLE_TECHNICIAN,
  ANPR_ROLE_DISPATCHER,
  ANPR_ROLE_SUPERVISOR,
  ANPR_N_ROLES,
} AnprRole;

/**
 * AnprAccount:
 * @user: name, see anpr_account_is_user()
 * @role: what they may do
 * @cleared: they may see covert hits; never with role technician
 * @language: "en" or "nl"
 * @password: Argon2id, as libsodium's crypto_pwhash_str() writes it
 * @own_password: they chose it themselves, so that nobody else knows it
 * @created_utc: when, microseconds since 1970
 * @created_by: who made it
 *
 * One person who may sign in.
 */
typedef struct {
  gchar *user;
  AnprRole role;
  gboolean cleared;
  gchar *language;
  gchar *password;
  gboolean own_password;
  gint64 created_utc;
  gchar *created_by;
} AnprAccount;

typedef struct _AnprAccounts AnprAccounts;

const gchar *anpr_role_to_string (AnprRole role);
gboolean anpr_role_from_string (const gchar *name, AnprRole *role);
gboolean anpr_account_is_user (const gchar *user);
gboolean anpr_account_is_language (const gchar *language);
AnprAccount *anpr_account_copy (const AnprAccount *account);
void anpr_account_free (AnprAccount *account);

AnprAccounts *anpr_accounts_open (const gchar *path, GError **error);
void anpr_accounts_free (AnprAccounts *accounts);
gboolean anpr_accounts_refresh (AnprAccounts *accounts, GError **error);
guint anpr_accounts_get_n (AnprAccounts *accounts);
AnprAccount *anpr_accounts_find (AnprAccounts *accounts, const gchar *user);
GPtrArray *anpr_accounts_list (AnprAccounts *accounts);
gboolean anpr_accounts_add (
    AnprAccounts *accounts, const AnprAccount *account, GError **error);
gboolean anpr_accounts_change (
    AnprAccounts *accounts, const AnprAccount *account, GError **error);
gboolean anpr_accounts_remove (
    AnprAccounts *accounts, const gchar *user, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprAccount, anpr_account_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprAccounts, anpr_accounts_free)

G_END_DECLS

#endif
