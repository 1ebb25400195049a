/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Keys and signatures of lists.
 *
 * A list is signed by Ed25519ph of RFC 8032, made by libsodium: the whole file
 * is hashed piece by piece, so that a list of any size is verified while it is
 * read, once, and what was verified is what was read.
 *
 * Each file is one line of text: what it is, a space, bytes in base64. A
 * signature names the public key it was made with, which is not to be believed:
 * it only tells which of the trusted keys to try. A key is trusted because it
 * lies in the folder of trusted keys and is called by its name there.
 *
 * Secret keys are in files that only their owner can read, never in arguments,
 * and wiped from memory after use. Nothing here is random but by libsodium.
 */

#include "listkey.h"
#include "../record/error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_KEY "gst-anpr-secret-key-1 "
#define PUBLIC_KEY "gst-anpr-public-key-1 "
#define SIGNATURE "gst-anpr-signature-1 "

/* No file of these is longer */
#define MAX_FILE 1024

#define BASE64 sodium_base64_VARIANT_ORIGINAL

static gboolean
fail (GError **error, AnprError code, const gchar *file, const gchar *reason)
{
  g_autofree gchar *name = g_filename_display_name (file);

  g_set_error (error, ANPR_ERROR, code, "%s: %s", name, reason);
  return FALSE;
}

/* One line: what it is and so many bytes, nothing else */
static gboolean
parse_line (const gchar *text, gsize length, const gchar *what, guint8 *bytes,
    gsize size)
{
  gsize n = strlen (what), n_bytes;
  const gchar *end;

  if (length > 0 && text[length - 1] == '\n')
    length--;
  if (length < n || memcmp (text, what, n) != 0)
    return FALSE;
  return sodium_base642bin (
             bytes, size, text + n, length - n, NULL, &n_bytes, &end, BASE64)
             == 0
         && n_bytes == size && end == text + length;
}

/* Reads a small file into text. Returns the bytes read, -1 with errno. */
static gssize
read_file (int fd, gchar text[MAX_FILE])
{
  gsize length = 0;
  gssize n;

  do {
    n = read (fd, text + length, MAX_FILE - length);
    if (n > 0)
      length += (gsize) n;
  } while ((n < 0 && errno == EINTR) || (n > 0 && length < MAX_FILE));
  return n < 0 ? -1 : (gssize) length;
}

static gssize
read_named (const gchar *file, gchar text[MAX_FILE])
{
  int fd = open (file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  gssize n;

  if (fd < 0)
    return -1;
  n = read_file (fd, text);
  close (fd);
  return n;
}

/* Writes a new file of that mode; one that is there is left alone */
static gboolean
write_new (const gchar *file, mode_t mode, const gchar *what,
    const guint8 *bytes, gsize size, GError **error)
{
  gchar base64[sodium_base64_ENCODED_LEN (crypto_sign_SECRETKEYBYTES, BASE64)];
  int fd = open (file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  gboolean done;

  if (fd < 0)
    return fail (error, ANPR_ERROR_OUTPUT, file, g_strerror (errno));
  sodium_bin2base64 (base64, sizeof base64, bytes, size, BASE64);
  done = dprintf (fd, "%s%s\n", what, base64) > 0 && fsync (fd) == 0;
  sodium_memzero (base64, sizeof base64);
  if (!done)
    (void) fail (error, ANPR_ERROR_OUTPUT, file, g_strerror (errno));
  close (fd);
  if (!done)
    (void) unlink (file);
  return done;
}

/* --- keys ---------------------------------------------------------------- */

/**
 * anpr_list_key_generate: (skip)
 * @secret_file: a file that is not there; only its owner can read it then
 * @public_file: a file that is not there
 * @error: %ANPR_ERROR_OUTPUT
 *
 * Returns: whether there is a new pair of keys
 */
gboolean
anpr_list_key_generate (
    const gchar *secret_file, const gchar *public_file, GError **error)
{
  g_auto (AnprListSecretKey) secret = { 0 };
  AnprListPublicKey public;

  if (sodium_init () < 0)
    return fail (error, ANPR_ERROR_OUTPUT, secret_file,
        "this machine has no random numbers");
  crypto_sign_keypair (public.bytes, secret.bytes);
  if (!write_new (secret_file, 0600, SECRET_KEY, secret.bytes,
          sizeof secret.bytes, error))
    return FALSE;
  if (write_new (public_file, 0644, PUBLIC_KEY, public.bytes,
          sizeof public.bytes, error))
    return TRUE;
  (void) unlink (secret_file);
  return FALSE;
}

static gboolean
read_secret (int fd, const gchar *file, AnprListSecretKey *key, GError **error)
{
  gchar text[MAX_FILE];
  struct stat status;
  gboolean done;
  gssize n;

  if (fstat (fd, &status) < 0)
    return fail (error, ANPR_ERROR_LIST_KEY, file, g_strerror (errno));
  if (!S_ISREG (status.st_mode) || (status.st_mode & 077) != 0)
    return fail (error, ANPR_ERROR_LIST_KEY, file,
        "not a file that only its owner can read; chmod 600 it, and think of "
        "who may have read it");
  n = read_file (fd, text);
  done = n >= 0
         && parse_line (
             text, (gsize) n, SECRET_KEY, key->bytes, sizeof key->bytes);
  sodium_memzero (text, sizeof text);
  return done || fail (error, ANPR_ERROR_LIST_KEY, file, "not a secret key");
}

/**
 * anpr_list_secret_key_read: (skip)
 * @file: name of a secret key's file
 * @key: (out): the key, to be wiped
 * @error: %ANPR_ERROR_LIST_KEY
 *
 * Returns: %FALSE also if anybody but its owner can read the file
 */
gboolean
anpr_list_secret_key_read (
    const gchar *file, AnprListSecretKey *key, GError **error)
{
  int fd = open (file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  gboolean done;

  memset (key, 0, sizeof *key);
  if (fd < 0)
    return fail (error, ANPR_ERROR_LIST_KEY, file, g_strerror (errno));
  done = read_secret (fd, file, key, error);
  close (fd);
  return done;
}

/**
 * anpr_list_secret_key_clear: (skip)
 * @key: a key; it is wiped
 */
void
anpr_list_secret_key_clear (AnprListSecretKey *key)
{
  sodium_memzero (key, sizeof *key);
}

/**
 * anpr_list_public_key_parse: (skip)
 * @text: any bytes
 * @length: how many
 * @key: (out): the key
 *
 * Returns: whether @text is what a public key's file holds
 */
gboolean
anpr_list_public_key_parse (
    const gchar *text, gsize length, AnprListPublicKey *key)
{
  return parse_line (text, length, PUBLIC_KEY, key->bytes, sizeof key->bytes);
}

static gboolean
is_key_in (const gchar *file, const AnprListPublicKey *key)
{
  gchar text[MAX_FILE];
  gssize n = read_named (file, text);
  AnprListPublicKey other;

  return n >= 0 && anpr_list_public_key_parse (text, (gsize) n, &other)
         && memcmp (&other, key, sizeof other) == 0;
}

/**
 * anpr_list_key_find_trusted: (skip)
 * @folder: of trusted keys, *.pub
 * @key: a public key that nobody vouches for
 * @error: %ANPR_ERROR_LIST_KEY if the folder cannot be read,
 *     %ANPR_ERROR_LIST_SIGNATURE if the key is not in it
 *
 * Returns: (transfer full) (nullable): what the key is called there
 */
gchar *
anpr_list_key_find_trusted (
    const gchar *folder, const AnprListPublicKey *key, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &reason);
  const gchar *name;

  if (!dir) {
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_LIST_KEY, "%s", reason->message);
    return NULL;
  }
  while ((name = g_dir_read_name (dir))) {
    g_autofree gchar *file = g_build_filename (folder, name, NULL);

    if (name[0] != '.' && g_str_has_suffix (name, ANPR_LIST_PUBLIC_KEY_SUFFIX)
        && is_key_in (file, key)) {
      g_autofree gchar *bare = g_strndup (
          name, strlen (name) - strlen (ANPR_LIST_PUBLIC_KEY_SUFFIX));

      return g_filename_display_name (bare);
    }
  }
  (void) fail (error, ANPR_ERROR_LIST_SIGNATURE, folder,
      "no key there is the one that signed the list");
  return NULL;
}

/* --- signatures ---------------------------------------------------------- */

/**
 * anpr_list_signature_parse: (skip)
 * @text: any bytes
 * @length: how many
 * @signature: (out): the signature
 *
 * Returns: whether @text is what a signature's file holds
 */
gboolean
anpr_list_signature_parse (
    const gchar *text, gsize length, AnprListSignature *signature)
{
  guint8 bytes[sizeof signature->key.bytes + sizeof signature->bytes];

  if (!parse_line (text, length, SIGNATURE, bytes, sizeof bytes))
    return FALSE;
  memcpy (signature->key.bytes, bytes, sizeof signature->key.bytes);
  memcpy (signature->bytes, bytes + sizeof signature->key.bytes,
      sizeof signature->bytes);
  return TRUE;
}

/**
 * anpr_list_signature_read: (skip)
 * @file: name of a signature's file
 * @signature: (out): the signature
 * @error: %ANPR_ERROR_LIST_SIGNATURE
 */
gboolean
anpr_list_signature_read (
    const gchar *file, AnprListSignature *signature, GError **error)
{
  gchar text[MAX_FILE];
  gssize n = read_named (file, text);

  if (n < 0 && errno == ENOENT)
    return fail (error, ANPR_ERROR_LIST_SIGNATURE, file,
        "there is no signature; the list is not signed");
  if (n < 0)
    return fail (error, ANPR_ERROR_LIST_SIGNATURE, file, g_strerror (errno));
  if (!anpr_list_signature_parse (text, (gsize) n, signature))
    return fail (error, ANPR_ERROR_LIST_SIGNATURE, file, "not a signature");
  return TRUE;
}

/**
 * anpr_list_signature_write: (skip)
 * @file: name of a signature's file; what is there is replaced
 * @signature: a signature
 * @error: %ANPR_ERROR_OUTPUT
 */
gboolean
anpr_list_signature_write (
    const gchar *file, const AnprListSignature *signature, GError **error)
{
  guint8 bytes[sizeof signature->key.bytes + sizeof signature->bytes];
  gchar base64[sodium_base64_ENCODED_LEN (sizeof bytes, BASE64)];
  g_autofree gchar *line = NULL;
  g_autoptr (GError) reason = NULL;

  memcpy (bytes, signature->key.bytes, sizeof signature->key.bytes);
  memcpy (bytes + sizeof signature->key.bytes, signature->bytes,
      sizeof signature->bytes);
  sodium_bin2base64 (base64, sizeof base64, bytes, sizeof bytes, BASE64);
  line = g_strconcat (SIGNATURE, base64, "\n", NULL);
  if (g_file_set_contents (file, line, -1, &reason))
    return TRUE;
  g_set_error (error, ANPR_ERROR, ANPR_ERROR_OUTPUT, "%s", reason->message);
  return FALSE;
}

/**
 * anpr_list_signature_make: (skip)
 * @signature: (out): the signature
 * @state: that was given the whole list
 * @key: the secret key
 */
void
anpr_list_signature_make (AnprListSignature *signature,
    crypto_sign_state *state, const AnprListSecretKey *key)
{
  crypto_sign_ed25519_sk_to_pk (signature->key.bytes, key->bytes);
  crypto_sign_final_create (state, signature->bytes, NULL, key->bytes);
}

/**
 * anpr_list_signature_fits: (skip)
 * @signature: a signature by a key that is trusted
 * @state: that was given the whole list
 *
 * Returns: whether the list is, bit by bit, what was signed
 */
gboolean
anpr_list_signature_fits (
    const AnprListSignature *signature, crypto_sign_state *state)
{
  return crypto_sign_final_verify (
             state, signature->bytes, signature->key.bytes)
         == 0;
}
