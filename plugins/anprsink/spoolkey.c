/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Keys of a spool, and the file they come from.
 *
 * A key file has one key a line: what it is, a space, 32 bytes in base64. The
 * first one seals what is kept from now on; those behind it only open what was
 * sealed before they were replaced. The file is its owner's alone, and does not
 * belong on the medium the spool is on. A name without a slash is looked for in
 * systemd's $CREDENTIALS_DIRECTORY first, where the service manager puts what
 * LoadCredential= names, in memory.
 *
 * Keys are never in an argument, a message or a log. In memory they are on
 * guarded pages of libsodium: locked, left out of core dumps, wiped when freed.
 * What is read of the file goes nowhere else.
 *
 * From each key two are derived: one to seal with, one for the codes of
 * spoolseal.c. A key's id is a hash of it, so that a row can name its key.
 */

#include "spoolkey-private.h"

#include "../record/error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE "gst-anpr-spool-key-1 "
#define BASE64 sodium_base64_VARIANT_ORIGINAL
#define KEY_SIZE crypto_kdf_KEYBYTES
#define LINE_SIZE                                                              \
  (sizeof LINE - 1 + sodium_base64_ENCODED_LEN (KEY_SIZE, BASE64))
#define CONTEXT "ANPRSPOL"

enum { DERIVED_ID = 1, DERIVED_SEAL, DERIVED_CODE };

G_STATIC_ASSERT (sizeof CONTEXT - 1 == crypto_kdf_CONTEXTBYTES);

static gboolean
fail (GError **error, AnprError code, const gchar *file, const gchar *reason)
{
  g_autofree gchar *name = g_filename_display_name (file);

  g_set_error (error, ANPR_ERROR, code, "Key file \"%s\": %s", name, reason);
  return FALSE;
}

/* --- the file --- */

static gchar *
find_file (const gchar *file, gboolean *credential)
{
  const gchar *folder = g_getenv ("CREDENTIALS_DIRECTORY");
  g_autofree gchar *found = NULL;

  *credential = FALSE;
  if (folder && !strchr (file, '/')) {
    found = g_build_filename (folder, file, NULL);
    *credential = g_file_test (found, G_FILE_TEST_EXISTS);
  }
  return *credential ? g_steal_pointer (&found) : g_strdup (file);
}

/* systemd gives a service its credentials by an access control list, which
 * shows as rights of the group */
static gboolean
is_private (int fd, gboolean credential)
{
  struct stat info;

  return fstat (fd, &info) == 0 && S_ISREG (info.st_mode)
         && (info.st_mode & (credential ? 0007 : 0077)) == 0;
}

/* Reads it into guarded memory; -1 with errno, or how much there is */
static gssize
read_all (int fd, gchar *text)
{
  gsize length = 0;
  gssize n;

  do {
    n = read (fd, text + length, ANPR_SPOOL_MAX_KEY_FILE - length);
    if (n > 0)
      length += (gsize) n;
  } while (
      (n < 0 && errno == EINTR) || (n > 0 && length < ANPR_SPOOL_MAX_KEY_FILE));
  return n < 0 ? -1 : (gssize) length;
}

/* Returns the file's text in guarded memory, for sodium_free() */
static gchar *
read_file (const gchar *file, gsize *length, GError **error)
{
  gboolean credential;
  g_autofree gchar *found = find_file (file, &credential);
  int fd = open (found, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  gchar *text = NULL;
  gssize n = -1;

  if (fd < 0) {
    (void) fail (error, ANPR_ERROR_SPOOL_KEY, found, g_strerror (errno));
    return NULL;
  }
  if (!is_private (fd, credential)) {
    (void) fail (error, ANPR_ERROR_SPOOL_KEY, found,
        "it must be a file that its owner alone can read (mode 0600)");
  } else if (sodium_init () < 0
             || !(text = sodium_malloc (ANPR_SPOOL_MAX_KEY_FILE))) {
    (void) fail (error, ANPR_ERROR_SPOOL_KEY, found, "no guarded memory");
  } else {
    n = read_all (fd, text);
    if (n < 0)
      (void) fail (error, ANPR_ERROR_SPOOL_KEY, found, g_strerror (errno));
  }
  close (fd);
  if (n < 0)
    g_clear_pointer (&text, sodium_free);
  *length = MAX (n, 0);
  return text;
}

static gboolean
derive (AnprSpoolKey *key, const guint8 *master)
{
  return crypto_kdf_derive_from_key (
             key->id, sizeof key->id, DERIVED_ID, CONTEXT, master)
             == 0
         && crypto_kdf_derive_from_key (
                key->seal, sizeof key->seal, DERIVED_SEAL, CONTEXT, master)
                == 0
         && crypto_kdf_derive_from_key (
                key->code, sizeof key->code, DERIVED_CODE, CONTEXT, master)
                == 0;
}

/* One line without its end, to the keys behind those that are there */
static gboolean
parse_line (
    AnprSpoolKeys *keys, guint8 *master, const gchar *line, gsize length)
{
  const gsize start = sizeof LINE - 1;
  const gchar *end;
  gsize n_bytes;

  if (keys->n_keys == ANPR_SPOOL_MAX_KEYS || length <= start
      || memcmp (line, LINE, start) != 0
      || sodium_base642bin (master, KEY_SIZE, line + start, length - start,
             NULL, &n_bytes, &end, BASE64)
             != 0
      || n_bytes != KEY_SIZE || end != line + length)
    return FALSE;
  return derive (&keys->keys[keys->n_keys++], master);
}

static gboolean
parse_lines (AnprSpoolKeys *keys, const gchar *text, gsize length)
{
  guint8 *master = sodium_malloc (KEY_SIZE);
  gboolean parsed = master != NULL;

  while (parsed && length > 0) {
    const gchar *end = memchr (text, '\n', length);
    gsize n = end ? (gsize) (end - text) : length;

    parsed = parse_line (keys, master, text, n);
    n = MIN (n + 1, length);
    text += n;
    length -= n;
  }
  sodium_free (master);
  return parsed && keys->n_keys > 0;
}

/**
 * anpr_spool_keys_parse: (skip)
 * @text: (array length=length): what a key file holds
 * @length: its size
 * @name: what to call it in an error
 * @error: %ANPR_ERROR_SPOOL_KEY
 *
 * Returns: (transfer full) (nullable): the keys
 */
AnprSpoolKeys *
anpr_spool_keys_parse (
    const gchar *text, gsize length, const gchar *name, GError **error)
{
  AnprSpoolKeys *keys =
      sodium_init () < 0 ? NULL : sodium_malloc (sizeof (AnprSpoolKeys));

  if (!keys) {
    (void) fail (error, ANPR_ERROR_SPOOL_KEY, name, "no guarded memory");
    return NULL;
  }
  memset (keys, 0, sizeof *keys);
  keys->references = 1;
  if (parse_lines (keys, text, length))
    return keys;
  (void) fail (error, ANPR_ERROR_SPOOL_KEY, name,
      "it is no key file; anprctl spool key makes one");
  anpr_spool_keys_unref (keys);
  return NULL;
}

/**
 * anpr_spool_keys_load: (skip)
 * @file: a key file; without a slash, the name of a systemd credential, too
 * @error: %ANPR_ERROR_SPOOL_KEY
 *
 * Returns: (transfer full) (nullable): its keys, for any thread
 */
AnprSpoolKeys *
anpr_spool_keys_load (const gchar *file, GError **error)
{
  AnprSpoolKeys *keys;
  gsize length;
  gchar *text;

  g_return_val_if_fail (file != NULL, NULL);

  text = read_file (file, &length, error);
  if (!text)
    return NULL;
  keys = anpr_spool_keys_parse (text, length, file, error);
  sodium_free (text);
  return keys;
}

AnprSpoolKeys *
anpr_spool_keys_ref (AnprSpoolKeys *keys)
{
  g_atomic_int_inc (&keys->references);
  return keys;
}

/**
 * anpr_spool_keys_unref: (skip)
 * @keys: (transfer full) (nullable): keys, wiped with the last reference
 */
void
anpr_spool_keys_unref (AnprSpoolKeys *keys)
{
  if (keys && g_atomic_int_dec_and_test (&keys->references))
    sodium_free (keys);
}

/* Returns the name a key has in messages and in the file; it tells nothing
 * of the key */
gchar *
anpr_spool_key_id_to_string (const guint8 *id)
{
  gchar text[2 * ANPR_SPOOL_KEY_ID_SIZE + 1];

  return g_strdup (
      sodium_bin2hex (text, sizeof text, id, ANPR_SPOOL_KEY_ID_SIZE));
}

/**
 * anpr_spool_keys_get_id: (skip)
 * @keys: keys
 *
 * Returns: (transfer full): the id of the one that seals
 */
gchar *
anpr_spool_keys_get_id (const AnprSpoolKeys *keys)
{
  return anpr_spool_key_id_to_string (keys->keys[0].id);
}

/* The key of that id, or NULL */
const AnprSpoolKey *
anpr_spool_keys_find (const AnprSpoolKeys *keys, const guint8 *id)
{
  for (guint i = 0; i < keys->n_keys; i++) {
    if (memcmp (keys->keys[i].id, id, ANPR_SPOOL_KEY_ID_SIZE) == 0)
      return &keys->keys[i];
  }
  return NULL;
}

/* --- making keys --- */

/* Writes a new key and, behind it, what is given, to a file that is not there */
static gboolean
write_new (const gchar *file, const gchar *behind, gsize length, GError **error)
{
  gchar *line = sodium_malloc (LINE_SIZE + 1);
  guint8 *master = sodium_malloc (KEY_SIZE);
  int fd =
      open (file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  gboolean done = fd >= 0 && line && master;

  if (done) {
    crypto_kdf_keygen (master);
    memcpy (line, LINE, sizeof LINE - 1);
    sodium_bin2base64 (line + sizeof LINE - 1, LINE_SIZE - sizeof LINE + 1,
        master, KEY_SIZE, BASE64);
    line[LINE_SIZE - 1] = '\n';
    done = write (fd, line, LINE_SIZE) == (gssize) LINE_SIZE
           && (length == 0 || write (fd, behind, length) == (gssize) length)
           && fsync (fd) == 0;
  }
  if (!done)
    (void) fail (error, ANPR_ERROR_OUTPUT, file, g_strerror (errno));
  if (fd >= 0)
    close (fd);
  if (fd >= 0 && !done)
    (void) unlink (file);
  sodium_free (line);
  sodium_free (master);
  return done;
}

/**
 * anpr_spool_key_make: (skip)
 * @file: a file that is not there; only its owner can read it then
 * @error: %ANPR_ERROR_OUTPUT
 *
 * Returns: whether it holds a new key
 */
gboolean
anpr_spool_key_make (const gchar *file, GError **error)
{
  g_return_val_if_fail (file != NULL, FALSE);

  if (sodium_init () < 0)
    return fail (error, ANPR_ERROR_OUTPUT, file, "no random numbers");
  return write_new (file, NULL, 0, error);
}

/* The first lines of a key file, as many as leave room for one more */
static gsize
length_to_keep (const gchar *text, gsize length)
{
  gsize kept = 0;

  for (guint i = 1; i < ANPR_SPOOL_MAX_KEYS && kept < length; i++) {
    const gchar *end = memchr (text + kept, '\n', length - kept);

    kept = end ? (gsize) (end - text) + 1 : length;
  }
  return kept;
}

/**
 * anpr_spool_key_change: (skip)
 * @file: a key file
 * @error: %ANPR_ERROR_SPOOL_KEY, %ANPR_ERROR_OUTPUT
 *
 * Puts a new key before those that are there; the oldest of
 * %ANPR_SPOOL_MAX_KEYS leaves. The file is replaced at once or not at all.
 *
 * Returns: whether the new key is there
 */
gboolean
anpr_spool_key_change (const gchar *file, GError **error)
{
  g_autofree gchar *temporary = NULL;
  g_autoptr (AnprSpoolKeys) keys = NULL;
  gsize length;
  gchar *text;
  gboolean done;

  g_return_val_if_fail (file != NULL, FALSE);

  keys = anpr_spool_keys_load (file, error);
  text = keys ? read_file (file, &length, error) : NULL;
  if (!text)
    return FALSE;
  temporary = g_strconcat (file, ".new", NULL);
  done = write_new (temporary, text, length_to_keep (text, length), error);
  sodium_free (text);
  if (done && g_rename (temporary, file) != 0) {
    done = fail (error, ANPR_ERROR_OUTPUT, file, g_strerror (errno));
    (void) unlink (temporary);
  }
  return done;
}
