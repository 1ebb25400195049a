/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The folder of accepted lists: how a list gets into it (R11).
 *
 *   ID.anprlist  index of the list in force
 *   ID.version   the highest version that ever was in force; it stays when the
 *                list is removed, so that no older one comes back
 *   .lock        held while a list is loaded or removed
 *
 * The list is read once. Each piece goes into the hash that the signature is
 * verified with and into the parser, so what is verified is what is indexed,
 * whatever happens to the file meanwhile. A list that breaks off in the parser
 * is hashed to its end all the same: if the signature does not fit, that is what
 * is wrong, and the broken line only follows from it.
 *
 * Only then is the index given its name, in one rename: at every moment there
 * is the old list or the new one, for every process. Whatever goes wrong
 * before, the old list stays and nothing else does.
 *
 * One process at a time loads, so that of two versions handed in at once the
 * older cannot come last. What a process that was killed left is removed by the
 * next.
 */

#include "acceptedlists.h"
#include "listkey.h"
#include "listvalue.h"
#include "../record/error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define VERSION_SUFFIX ".version"

/* A list may come from a clock that is ahead of this one */
#define ISSUED_AHEAD (5 * G_TIME_SPAN_MINUTE)

/* A list on its way in */
typedef struct {
  const AnprListSource *source;
  crypto_sign_state state;
  AnprListSignature signature;
  gchar *signer;
  AnprHitListParser *parser;
  GError *fault; /* what the parser found */
  guint64 bytes;
} Incoming;

static void
incoming_clear (Incoming *incoming)
{
  g_free (incoming->signer);
  g_clear_pointer (&incoming->parser, anpr_hit_list_parser_free);
  g_clear_error (&incoming->fault);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Incoming, incoming_clear)

static gboolean fail (GError **error, AnprError code, const gchar *file,
    const gchar *format, ...) G_GNUC_PRINTF (4, 5);

static gboolean
fail (
    GError **error, AnprError code, const gchar *file, const gchar *format, ...)
{
  g_autofree gchar *name = g_filename_display_name (file);
  g_autofree gchar *reason = NULL;
  va_list arguments;

  va_start (arguments, format);
  reason = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, ANPR_ERROR, code, "%s: %s", name, reason);
  return FALSE;
}

/* --- reading a list ------------------------------------------------------ */

static gboolean
take_piece (const gchar *data, gsize length, gpointer user_data, GError **error)
{
  Incoming *incoming = user_data;

  crypto_sign_update (&incoming->state, (const guint8 *) data, length);
  if (incoming->parser && !incoming->fault)
    (void) anpr_hit_list_parser_feed (
        incoming->parser, data, length, &incoming->fault);
  incoming->bytes += length;
  if (incoming->source->progress)
    incoming->source->progress (incoming->bytes, incoming->source->user_data);
  /* without a signature the first fault is the one that counts */
  if (!incoming->fault || incoming->source->keys)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&incoming->fault));
  return FALSE;
}

static gboolean
read_signature (Incoming *incoming, GError **error)
{
  g_autofree gchar *file =
      g_strconcat (incoming->source->file, ANPR_LIST_SIGNATURE_SUFFIX, NULL);

  if (!anpr_list_signature_read (file, &incoming->signature, error))
    return FALSE;
  incoming->signer = anpr_list_key_find_trusted (
      incoming->source->keys, &incoming->signature.key, error);
  return incoming->signer != NULL;
}

/* Reads, verifies and parses the list; made in folder if it is to be kept */
static AnprHitList *
read_list (Incoming *incoming, const gchar *folder, GError **error)
{
  const AnprListSource *source = incoming->source;

  if (sodium_init () < 0 || crypto_sign_init (&incoming->state) < 0) {
    (void) fail (error, ANPR_ERROR_LIST_SIGNATURE, source->file,
        "libsodium does not work on this machine");
    return NULL;
  }
  if (source->keys && !read_signature (incoming, error))
    return NULL;
  incoming->parser = anpr_hit_list_parser_new (source->file, source->now);
  if (folder)
    anpr_hit_list_parser_accept (incoming->parser, folder, incoming->signer);
  if (!anpr_hit_list_read (source->file, NULL, take_piece, incoming, error))
    return NULL;
  if (source->keys
      && !anpr_list_signature_fits (&incoming->signature, &incoming->state)) {
    (void) fail (error, ANPR_ERROR_LIST_SIGNATURE, source->file,
        "the list is not what key \"%s\" signed: it was altered, or is not "
        "whole",
        incoming->signer);
    return NULL;
  }
  if (incoming->fault) {
    g_propagate_error (error, g_steal_pointer (&incoming->fault));
    return NULL;
  }
  return anpr_hit_list_parser_finish (incoming->parser, error);
}

/**
 * anpr_list_sign: (skip)
 * @source: a list; its keys are not looked at
 * @secret_key: file of the key to sign with
 * @error: of domain %ANPR_ERROR
 *
 * Writes the signature beside the list. Only a list that could be loaded is
 * signed.
 */
gboolean
anpr_list_sign (
    const AnprListSource *source, const gchar *secret_key, GError **error)
{
  AnprListSource unsigned_source = *source;
  g_auto (Incoming) incoming = { .source = &unsigned_source };
  g_auto (AnprListSecretKey) key = { 0 };
  g_autoptr (AnprHitList) list = NULL;
  g_autofree gchar *file =
      g_strconcat (source->file, ANPR_LIST_SIGNATURE_SUFFIX, NULL);
  AnprListSignature signature;

  unsigned_source.keys = NULL;
  if (!anpr_list_secret_key_read (secret_key, &key, error))
    return FALSE;
  list = read_list (&incoming, NULL, error);
  if (!list)
    return FALSE;
  anpr_list_signature_make (&signature, &incoming.state, &key);
  return anpr_list_signature_write (file, &signature, error);
}

/**
 * anpr_list_verify: (skip)
 * @source: a list
 * @error: of domain %ANPR_ERROR, with line and reason if a line is wrong
 *
 * Returns: (transfer full) (nullable): the list, if it is signed by a trusted
 *     key (unless its source has no keys), complete and in date
 */
AnprHitList *
anpr_list_verify (const AnprListSource *source, GError **error)
{
  g_auto (Incoming) incoming = { .source = source };

  return read_list (&incoming, NULL, error);
}

/* --- the folder ---------------------------------------------------------- */

static gchar *
get_file (const gchar *folder, const gchar *id, const gchar *suffix)
{
  g_autofree gchar *name = g_strconcat (id, suffix, NULL);

  return g_build_filename (folder, name, NULL);
}

/**
 * anpr_accepted_lists_get_file: (skip)
 * @folder: of accepted lists
 * @id: of a list
 *
 * Returns: (transfer full): name of its index, there or not
 */
gchar *
anpr_accepted_lists_get_file (const gchar *folder, const gchar *id)
{
  return get_file (folder, id, ANPR_HIT_LIST_INDEX_SUFFIX);
}

/* Returns the lock, -1 on an error */
static int
lock_folder (const gchar *folder, GError **error)
{
  g_autofree gchar *file = g_build_filename (folder, ".lock", NULL);
  int fd, status;

  if (g_mkdir_with_parents (folder, 0750) < 0) {
    (void) fail (
        error, ANPR_ERROR_LIST_STORE, folder, "%s", g_strerror (errno));
    return -1;
  }
  fd = open (file, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (fd < 0) {
    (void) fail (error, ANPR_ERROR_LIST_STORE, file, "%s", g_strerror (errno));
    return -1;
  }
  do
    status = flock (fd, LOCK_EX);
  while (status < 0 && errno == EINTR);
  if (status == 0)
    return fd;
  (void) fail (error, ANPR_ERROR_LIST_STORE, file, "%s", g_strerror (errno));
  close (fd);
  return -1;
}

/* What a process left that was killed while it loaded */
static void
remove_remains (const gchar *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const gchar *name;

  while (dir && (name = g_dir_read_name (dir))) {
    g_autofree gchar *file = g_build_filename (folder, name, NULL);

    if (g_str_has_prefix (name, ".list-")
        || g_str_has_prefix (name, ".section-"))
      (void) g_unlink (file);
  }
}

/* The version somebody wrote down, NULL if there is none; FALSE if there is one
 * and nobody can tell which */
static gboolean
read_version (
    const gchar *folder, const gchar *id, gchar **version, GError **error)
{
  g_autofree gchar *file = get_file (folder, id, VERSION_SUFFIX);
  g_autoptr (GError) reason = NULL;

  if (!g_file_get_contents (file, version, NULL, &reason))
    return g_error_matches (reason, G_FILE_ERROR, G_FILE_ERROR_NOENT)
           || fail (error, ANPR_ERROR_LIST_STORE, file, "%s", reason->message);
  if (anpr_list_value_version (g_strchomp (*version)))
    return TRUE;
  return fail (error, ANPR_ERROR_LIST_STORE, file,
      "does not tell which version was in force last");
}

static gboolean
write_version (
    const gchar *folder, const gchar *id, const gchar *version, GError **error)
{
  g_autofree gchar *file = get_file (folder, id, VERSION_SUFFIX);
  g_autofree gchar *line = g_strconcat (version, "\n", NULL);
  g_autoptr (GError) reason = NULL;

  return g_file_set_contents_full (file, line, -1,
             G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0640,
             &reason)
         || fail (error, ANPR_ERROR_LIST_STORE, file, "%s", reason->message);
}

static gboolean
check_newer (
    const AnprHitListHeader *header, const gchar *before, GError **error)
{
  if (!before || anpr_list_value_compare_versions (header->version, before) > 0)
    return TRUE;
  return fail (error, ANPR_ERROR_LIST_OLDER, header->file,
      "version %s of list \"%s\" is not newer than %s, which is or was in "
      "force",
      header->version, header->id, before);
}

/* Both are asked: the file may be older than the index by one loss of power,
 * and the index may be gone or damaged */
static gboolean
check_version (
    const gchar *folder, const AnprHitListHeader *header, GError **error)
{
  g_autofree gchar *file = anpr_accepted_lists_get_file (folder, header->id);
  g_autofree gchar *before = NULL;
  g_autoptr (AnprHitList) in_force = anpr_hit_list_open (file, NULL);

  return read_version (folder, header->id, &before, error)
         && check_newer (header, before, error)
         && check_newer (header,
             in_force ? anpr_hit_list_get_header (in_force)->version : NULL,
             error);
}

/* A list that claims to be of later would never be old. Clocks differ by less
 * than ISSUED_AHEAD, or somebody has to look after them. */
static gboolean
check_in_date (const AnprHitListHeader *header, gint64 now, GError **error)
{
  if (header->valid_from > now)
    return fail (error, ANPR_ERROR_LIST_DATE, header->file,
        "the list's validity has not begun; it would take the place of the "
        "one in force");
  return header->issued <= now + ISSUED_AHEAD
         || fail (error, ANPR_ERROR_LIST_DATE, header->file,
             "the list says that it was issued later than now");
}

static AnprHitList *
load_locked (const gchar *folder, const AnprListSource *source, GError **error)
{
  g_auto (Incoming) incoming = { .source = source };
  g_autoptr (AnprHitList) list = read_list (&incoming, folder, error);
  const AnprHitListHeader *header;
  g_autofree gchar *file = NULL;

  if (!list)
    return NULL;
  header = anpr_hit_list_get_header (list);
  file = anpr_accepted_lists_get_file (folder, header->id);
  if (!check_in_date (header, source->now, error)
      || !check_version (folder, header, error)
      || !anpr_hit_list_parser_keep (incoming.parser, file, error))
    return NULL;
  /* only in case the index is damaged some day, which tells it too */
  (void) write_version (folder, header->id, header->version, NULL);
  return g_steal_pointer (&list);
}

/**
 * anpr_accepted_lists_load: (skip)
 * @folder: of accepted lists, made if it is not there
 * @source: a list, with keys
 * @error: of domain %ANPR_ERROR, with line and reason if a line is wrong
 *
 * Returns: (transfer full) (nullable): the list, which is in force now; %NULL
 *     if it is refused and what was in force still is
 */
AnprHitList *
anpr_accepted_lists_load (
    const gchar *folder, const AnprListSource *source, GError **error)
{
  AnprHitList *list;
  int lock;

  g_return_val_if_fail (source->keys != NULL, NULL);
  lock = lock_folder (folder, error);
  if (lock < 0)
    return NULL;
  remove_remains (folder);
  list = load_locked (folder, source, error);
  close (lock);
  return list;
}

static gboolean
remove_locked (const gchar *folder, const gchar *id, GError **error)
{
  g_autofree gchar *file = anpr_accepted_lists_get_file (folder, id);
  g_autoptr (AnprHitList) list = anpr_hit_list_open (file, error);

  /* what is damaged can be removed too; its version was written down */
  if (!list && !g_file_test (file, G_FILE_TEST_EXISTS))
    return FALSE;
  if (list
      && !write_version (
          folder, id, anpr_hit_list_get_header (list)->version, error))
    return FALSE;
  if (!list)
    g_clear_error (error);
  return g_unlink (file) == 0
         || fail (error, ANPR_ERROR_LIST_STORE, file, "%s", g_strerror (errno));
}

/**
 * anpr_accepted_lists_remove: (skip)
 * @folder: of accepted lists
 * @id: of a list
 * @error: of domain %ANPR_ERROR
 *
 * Its version is remembered: no older one is ever accepted.
 *
 * Returns: whether the list was there and is not in force any more
 */
gboolean
anpr_accepted_lists_remove (
    const gchar *folder, const gchar *id, GError **error)
{
  gboolean done;
  int lock;

  if (!anpr_list_value_identifier (id))
    return fail (error, ANPR_ERROR_LIST_OPEN, id, "not the id of a list");
  lock = lock_folder (folder, error);
  if (lock < 0)
    return FALSE;
  done = remove_locked (folder, id, error);
  close (lock);
  return done;
}
