/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Passwords, by Argon2id of libsodium.
 *
 * Hashing takes 64 MiB and about a tenth of a second, on purpose: it never runs
 * on the main thread, and whoever calls it bounds how many run at once.
 */

#include "password.h"
#include "../../plugins/record/error.h"

#include <sodium.h>
#include <string.h>

/* Other signs that a password needs at least */
#define LEAST_DIFFERENT 5

static guint
count_different (const gchar *password)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  for (const gchar *at = password; *at; at = g_utf8_next_char (at))
    g_hash_table_add (seen, GUINT_TO_POINTER (g_utf8_get_char (at)));
  return g_hash_table_size (seen);
}

/**
 * anpr_password_judge:
 * @user: whose
 * @password: valid UTF-8
 *
 * Returns: (transfer full) (nullable): why it is none to have, %NULL if it is
 *     one
 */
gchar *
anpr_password_judge (const gchar *user, const gchar *password)
{
  g_autofree gchar *small = g_utf8_strdown (password, -1);

  if (g_utf8_strlen (password, -1) < ANPR_PASSWORD_LEAST)
    return g_strdup_printf (
        "A password has at least %d characters", ANPR_PASSWORD_LEAST);
  if (strlen (password) > ANPR_PASSWORD_MOST)
    return g_strdup_printf (
        "A password has at most %d bytes", ANPR_PASSWORD_MOST);
  if (count_different (password) < LEAST_DIFFERENT)
    return g_strdup_printf (
        "A password has at least %d different characters", LEAST_DIFFERENT);
  if (strlen (user) >= 3 && strstr (small, user))
    return g_strdup ("A password does not contain the user's name");
  return NULL;
}

/**
 * anpr_password_hash:
 * @password: a password
 * @error: there is not enough memory
 *
 * Returns: (transfer full) (nullable): what to keep of it
 */
gchar *
anpr_password_hash (const gchar *password, GError **error)
{
  gchar hash[crypto_pwhash_STRBYTES];

  if (sodium_init () < 0
      || crypto_pwhash_str (hash, password, strlen (password),
             crypto_pwhash_OPSLIMIT_INTERACTIVE,
             crypto_pwhash_MEMLIMIT_INTERACTIVE)
             != 0) {
    g_set_error_literal (error, ANPR_ERROR, ANPR_ERROR_WEB_BUSY,
        "There is not enough memory to check passwords");
    return NULL;
  }
  return g_strdup (hash);
}

/* A hash that no password has, so that a user who does not exist takes as long */
static gpointer
make_decoy (gpointer data)
{
  gchar random[33];
  guchar bytes[16];

  randombytes_buf (bytes, sizeof bytes);
  sodium_bin2hex (random, sizeof random, bytes, sizeof bytes);
  return anpr_password_hash (random, NULL);
}

/**
 * anpr_password_verify:
 * @hash: (nullable): as anpr_password_hash() made it, %NULL for a user who does
 *     not exist, which takes as long
 * @password: what was entered
 *
 * Returns: whether it is the password
 */
gboolean
anpr_password_verify (const gchar *hash, const gchar *password)
{
  static GOnce decoy = G_ONCE_INIT;
  gboolean right;

  if (sodium_init () < 0)
    return FALSE;
  (void) g_once (&decoy, make_decoy, NULL);
  if (!hash && !decoy.retval)
    return FALSE;
  right = crypto_pwhash_str_verify (
              hash ? hash : decoy.retval, password, strlen (password))
          == 0;
  return hash && right;
}
