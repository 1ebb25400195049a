/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The log of who did what on the page: lines of JSON, each with the hash of the
 * one before.
 *
 *     {"number":7,"time":"...","user":"an","address":"127.0.0.1",
 *      "what":"position-changed","object":"gate","details":{...},
 *      "previous_hash":"...","hash":"..."}
 *
 * The hash is made as that of a passage (docs/spool.md): SHA-256 of the line with
 * the hash null. An entry is on the disk before anpr_audit_log_add() returns, and
 * whoever logs what is to be done logs before it is done: nothing happens without
 * an entry, though an entry may be of what then failed, and another one says so.
 *
 * Files are log.1, log.2, ...; the chain goes on from one to the next. The
 * newest ANPR_AUDIT_MAX_FILES stay, so the log takes at most 256 MiB, about a
 * million entries. A line that was cut off by a loss of power has told nobody of
 * success; it is taken off when the log is opened.
 *
 * Any thread, and several processes (the page, anprctl account): who adds an entry
 * holds a lock on the folder meanwhile, and looks first whether another process has
 * added some, which are read then, so that the chain goes on behind them. What is
 * read is not verified; that is anpr_audit_log_verify().
 *
 * Whoever may write the files could write all of them anew, with other hashes. So
 * anprd tells the journal every hour where the log ends (web.c), which the verifier
 * takes: entries before that are then as they were, or gone as a whole.
 */

#include "auditlog.h"
#include "ownedfile.h"
#include "../../plugins/record/clock.h"
#include "../../plugins/record/error.h"
#include "../../plugins/record/jsonmember.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "log."
#define UNHASHED ",\"hash\":null}"
/* For the lock of another process, which writes one entry, and between two tries;
 * microseconds */
#define LOCK_TIME (5 * G_USEC_PER_SEC)
#define LOCK_PAUSE 5000

struct _AnprAuditLog {
  gchar *folder;
  GMutex lock;
  int folder_fd; /* locked by who writes */
  gsize max_file;
  guint64 file; /* number of the one that grows */
  int fd;
  gsize size;
  guint64 number; /* of the last entry */
  gchar *hash;    /* of the last entry, NULL if there is none */
};

static gboolean
set_failed (const AnprAuditLog *log, const gchar *why, GError **error)
{
  g_set_error (error, ANPR_ERROR, ANPR_ERROR_WEB_LOG,
      "The log in \"%s\" cannot be used: %s", log->folder, why);
  return FALSE;
}

static gchar *
file_path (const gchar *folder, guint64 file)
{
  return g_strdup_printf ("%s/" PREFIX "%" G_GUINT64_FORMAT, folder, file);
}

static gint
compare_numbers (gconstpointer a, gconstpointer b)
{
  guint64 x = *(const guint64 *) a, y = *(const guint64 *) b;

  return (x > y) - (x < y);
}

/* Numbers of the log's files, in order */
static GArray *
find_files (const gchar *folder, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  GArray *files;
  const gchar *name;

  if (!dir)
    return NULL;
  files = g_array_new (FALSE, FALSE, sizeof (guint64));
  while ((name = g_dir_read_name (dir))) {
    guint64 number;

    if (g_str_has_prefix (name, PREFIX)
        && g_ascii_string_to_unsigned (
            name + strlen (PREFIX), 10, 1, G_MAXUINT64, &number, NULL))
      g_array_append_val (files, number);
  }
  g_array_sort (files, compare_numbers);
  return files;
}

/* --- opening --- */

static gboolean
parse_entry (const gchar *line, guint64 *number, gchar **previous, gchar **hash)
{
  g_autoptr (JsonObject) object =
      strlen (line) <= ANPR_AUDIT_MAX_ENTRY ? anpr_json_parse (line, -1) : NULL;

  if (!object)
    return FALSE;
  *number = json_object_get_int_member_with_default (object, "number", 0);
  *previous = g_strdup (anpr_json_get_text (object, "previous_hash"));
  *hash = g_strdup (anpr_json_get_text (object, "hash"));
  return *number > 0 && *hash;
}

/* Takes the end of the newest file: the last whole line tells where the chain
 * is */
static gboolean
take_end (AnprAuditLog *log, const gchar *path, GError **error)
{
  g_autofree gchar *text = NULL, *previous = NULL;
  g_autoptr (GError) failed = NULL;
  gchar *line;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, &failed))
    return set_failed (log, failed->message, error);
  log->size = length;
  while (log->size > 0 && text[log->size - 1] != '\n')
    log->size--;
  if (log->size == 0)
    return TRUE;
  text[log->size - 1] = '\0';
  line = strrchr (text, '\n');
  line = line ? line + 1 : text;
  if (!parse_entry (line, &log->number, &previous, &log->hash))
    return set_failed (log, "its last line cannot be understood", error);
  return TRUE;
}

static gboolean
open_file (AnprAuditLog *log, GError **error)
{
  g_autofree gchar *path = file_path (log->folder, log->file);

  log->fd = g_open (
      path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (log->fd < 0)
    return set_failed (log, g_strerror (errno), error);
  if (ftruncate (log->fd, log->size) != 0)
    return set_failed (log, g_strerror (errno), error);
  anpr_owned_file_give (path);
  return TRUE;
}

/* The newest file, or the one before if that has nothing yet */
static gboolean
find_end (AnprAuditLog *log, GArray *files, GError **error)
{
  log->file = 1;
  for (guint i = files->len; i > 0 && !log->hash; i--) {
    guint64 file = g_array_index (files, guint64, i - 1);
    g_autofree gchar *path = file_path (log->folder, file);

    if (!take_end (log, path, error))
      return FALSE;
    if (i == files->len || log->hash)
      log->file = file;
  }
  return TRUE;
}

/* Reads where the log ends, with the folder locked */
static gboolean
load_end (AnprAuditLog *log, GError **error)
{
  g_autoptr (GError) failed = NULL;
  g_autoptr (GArray) files = find_files (log->folder, &failed);

  if (log->fd >= 0)
    (void) close (log->fd);
  log->fd = -1;
  log->number = 0;
  log->size = 0;
  g_clear_pointer (&log->hash, g_free);
  if (!files)
    return set_failed (log, failed->message, error);
  return find_end (log, files, error) && open_file (log, error);
}

/* Nothing tells when another process lets go of a lock, but trying. One that was
 * stopped meanwhile must not stop this one for ever. */
static gboolean
lock_folder (AnprAuditLog *log, GError **error)
{
  gint64 until = g_get_monotonic_time () + LOCK_TIME;

  while (flock (log->folder_fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR)
      return set_failed (log, g_strerror (errno), error);
    if (g_get_monotonic_time () > until)
      return set_failed (log, "another process holds it", error);
    g_usleep (LOCK_PAUSE);
  }
  return TRUE;
}

static void
unlock_folder (AnprAuditLog *log)
{
  (void) flock (log->folder_fd, LOCK_UN);
}

/**
 * anpr_audit_log_open:
 * @folder: for its files; made if it does not exist
 * @error: %ANPR_ERROR_WEB_LOG
 *
 * Returns: (transfer full) (nullable): the log; others may write it, too
 */
AnprAuditLog *
anpr_audit_log_open (const gchar *folder, GError **error)
{
  g_autoptr (AnprAuditLog) log = g_new0 (AnprAuditLog, 1);
  gboolean loaded;

  g_mutex_init (&log->lock);
  log->folder = g_strdup (folder);
  log->fd = -1;
  log->max_file = ANPR_AUDIT_MAX_FILE;
  if (g_mkdir (folder, 0700) == 0)
    anpr_owned_file_give (folder);
  log->folder_fd =
      g_open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW, 0);
  if (log->folder_fd < 0) {
    set_failed (log, g_strerror (errno), error);
    return NULL;
  }
  if (!lock_folder (log, error))
    return NULL;
  loaded = load_end (log, error);
  unlock_folder (log);
  return loaded ? g_steal_pointer (&log) : NULL;
}

/**
 * anpr_audit_log_free:
 * @log: (nullable) (transfer full): a log
 */
void
anpr_audit_log_free (AnprAuditLog *log)
{
  if (!log)
    return;
  if (log->fd >= 0)
    (void) close (log->fd);
  if (log->folder_fd >= 0)
    (void) close (log->folder_fd);
  g_free (log->folder);
  g_free (log->hash);
  g_mutex_clear (&log->lock);
  g_free (log);
}

/**
 * anpr_audit_log_set_max_file:
 * @log: a log
 * @bytes: size at which a file is closed, in place of %ANPR_AUDIT_MAX_FILE
 */
void
anpr_audit_log_set_max_file (AnprAuditLog *log, gsize bytes)
{
  log->max_file = bytes;
}

/* --- writing --- */

static gchar *
print_entry (const AnprAuditEntry *entry, guint64 number, const gchar *previous,
    gboolean whole)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree gchar *time = anpr_utc_to_string (g_get_real_time ());

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "number");
  json_builder_add_int_value (builder, (gint64) number);
  anpr_json_add_text (builder, "time", time);
  anpr_json_add_text (builder, "user", entry->user);
  anpr_json_add_text (builder, "address", entry->address);
  anpr_json_add_text (builder, "what", entry->what);
  anpr_json_add_text (builder, "object", entry->object);
  json_builder_set_member_name (builder, "details");
  if (entry->details && whole)
    json_builder_add_value (builder, json_node_copy (entry->details));
  else if (entry->details)
    json_builder_add_string_value (builder, "too long");
  else
    json_builder_add_null_value (builder);
  anpr_json_add_text (builder, "previous_hash", previous);
  anpr_json_add_text (builder, "hash", NULL);
  json_builder_end_object (builder);
  return anpr_json_builder_to_line (builder);
}

/* Gives the line with its hash and the line's end */
static gchar *
finish_line (const gchar *unhashed, gchar **hash)
{
  gsize length = strlen (unhashed) - strlen (UNHASHED);

  g_assert (g_str_has_suffix (unhashed, UNHASHED));
  *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, unhashed, -1);
  return g_strdup_printf (
      "%.*s,\"hash\":\"%s\"}\n", (int) length, unhashed, *hash);
}

static gboolean
write_whole (AnprAuditLog *log, const gchar *line, GError **error)
{
  gsize length = strlen (line), done = 0;
  int failed;

  while (done < length) {
    gssize n = write (log->fd, line + done, length - done);

    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      goto failed;
    done += n;
  }
  if (fdatasync (log->fd) == 0) {
    log->size += length;
    return TRUE;
  }

failed:
  failed = errno;
  (void) ftruncate (log->fd, log->size);
  return set_failed (log, g_strerror (failed), error);
}

static void
remove_oldest (AnprAuditLog *log)
{
  g_autoptr (GArray) files = find_files (log->folder, NULL);

  for (guint i = 0; files && files->len - i > ANPR_AUDIT_MAX_FILES; i++) {
    g_autofree gchar *path =
        file_path (log->folder, g_array_index (files, guint64, i));

    (void) g_unlink (path);
  }
}

static gboolean
begin_file (AnprAuditLog *log, GError **error)
{
  (void) close (log->fd);
  log->file++;
  log->size = 0;
  if (!open_file (log, error)) {
    /* the next entry looks for the end anew */
    if (log->fd >= 0)
      (void) close (log->fd);
    log->fd = -1;
    return FALSE;
  }
  remove_oldest (log);
  return TRUE;
}

/* Whether the log ends where this process wrote last */
static gboolean
is_at_end (const AnprAuditLog *log)
{
  g_autofree gchar *next = file_path (log->folder, log->file + 1);
  struct stat status;

  return log->fd >= 0 && fstat (log->fd, &status) == 0 && status.st_nlink > 0
         && (gsize) status.st_size == log->size
         && !g_file_test (next, G_FILE_TEST_EXISTS);
}

/* With both locks held */
static gboolean
append (AnprAuditLog *log, const AnprAuditEntry *entry, GError **error)
{
  g_autofree gchar *line = NULL, *unhashed = NULL, *hash = NULL;

  if (!is_at_end (log) && !load_end (log, error))
    return FALSE;
  unhashed = print_entry (entry, log->number + 1, log->hash, TRUE);
  if (strlen (unhashed) > ANPR_AUDIT_MAX_ENTRY - 100) {
    g_free (unhashed);
    unhashed = print_entry (entry, log->number + 1, log->hash, FALSE);
  }
  line = finish_line (unhashed, &hash);
  if ((log->size >= log->max_file && !begin_file (log, error))
      || !write_whole (log, line, error))
    return FALSE;
  log->number++;
  g_free (log->hash);
  log->hash = g_steal_pointer (&hash);
  return TRUE;
}

/**
 * anpr_audit_log_add:
 * @log: a log
 * @entry: what is, or is to be, done
 * @error: %ANPR_ERROR_WEB_LOG: it is not in the log, so it must not be done
 *
 * Blocks for the disk, and for another process that writes.
 *
 * Returns: whether it is on the disk
 */
gboolean
anpr_audit_log_add (
    AnprAuditLog *log, const AnprAuditEntry *entry, GError **error)
{
  gboolean done;

  g_mutex_lock (&log->lock);
  done = lock_folder (log, error);
  if (done) {
    done = append (log, entry, error);
    unlock_folder (log);
  }
  g_mutex_unlock (&log->lock);
  return done;
}

/**
 * anpr_audit_log_get_seal:
 * @log: a log
 *
 * Returns: (transfer full): the last entry this log object knows of; nothing is
 *     read for that
 */
AnprAuditSeal
anpr_audit_log_get_seal (AnprAuditLog *log)
{
  AnprAuditSeal seal;

  g_mutex_lock (&log->lock);
  seal = (AnprAuditSeal){ log->number, g_strdup (log->hash) };
  g_mutex_unlock (&log->lock);
  return seal;
}

/* --- reading --- */

static gchar **
read_lines (const gchar *folder, guint64 file, GError **error)
{
  g_autofree gchar *path = file_path (folder, file);
  g_autofree gchar *text = NULL;
  gchar **lines;
  guint n;

  if (!g_file_get_contents (path, &text, NULL, error))
    return NULL;
  lines = g_strsplit (text, "\n", -1);
  /* behind the last line's end; if it is not empty, the line is being written */
  n = g_strv_length (lines);
  if (n > 0)
    g_clear_pointer (&lines[n - 1], g_free);
  return lines;
}

/**
 * anpr_audit_log_read:
 * @log: a log
 * @n: how many at most
 * @error: %ANPR_ERROR_WEB_LOG
 *
 * Returns: (transfer full) (nullable) (element-type utf8): the newest entries as
 *     lines of JSON, newest first
 */
GPtrArray *
anpr_audit_log_read (AnprAuditLog *log, guint n, GError **error)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) failed = NULL;
  g_autoptr (GArray) files = find_files (log->folder, &failed);

  for (guint i = files ? files->len : 0; i > 0 && entries->len < n; i--) {
    g_auto (GStrv) lines = read_lines (
        log->folder, g_array_index (files, guint64, i - 1), &failed);
    guint n_lines = lines ? g_strv_length (lines) : 0;

    if (!lines)
      break;
    for (guint j = n_lines; j > 0 && entries->len < n; j--)
      g_ptr_array_add (entries, g_strdup (lines[j - 1]));
  }
  if (failed) {
    set_failed (log, failed->message, error);
    return NULL;
  }
  return g_steal_pointer (&entries);
}

/* --- verifying --- */

static gboolean
check_hash (const gchar *line, const gchar *hash)
{
  g_autofree gchar *end = g_strdup_printf (",\"hash\":\"%s\"}", hash);
  g_autofree gchar *unhashed = NULL, *right = NULL;

  if (!g_str_has_suffix (line, end))
    return FALSE;
  unhashed = g_strdup_printf (
      "%.*s" UNHASHED, (int) (strlen (line) - strlen (end)), line);
  right = g_compute_checksum_for_string (G_CHECKSUM_SHA256, unhashed, -1);
  return g_str_equal (right, hash);
}

/* A chain as far as it was followed; nothing is known before the first entry */
typedef struct {
  AnprAuditSeal end;
  const AnprAuditSeal *expected;
} Chain;

static gboolean
is_expected (const Chain *chain, guint64 number, const gchar *hash)
{
  return !chain->expected || number != chain->expected->number
         || g_str_equal (hash, chain->expected->hash);
}

static gchar *
follow (Chain *chain, const gchar *line)
{
  g_autofree gchar *previous = NULL, *hash = NULL;
  AnprAuditSeal *end = &chain->end;
  guint64 number;

  if (!parse_entry (line, &number, &previous, &hash))
    return g_strdup ("is no entry");
  if (!check_hash (line, hash))
    return g_strdup ("is not as it was written");
  if (end->hash
      && (number != end->number + 1 || g_strcmp0 (previous, end->hash) != 0))
    return g_strdup_printf (
        "does not follow entry %" G_GUINT64_FORMAT, end->number);
  if (!is_expected (chain, number, hash))
    return g_strdup ("is another entry than was sealed");
  end->number = number;
  g_free (end->hash);
  end->hash = g_steal_pointer (&hash);
  return NULL;
}

/**
 * anpr_audit_log_verify:
 * @folder: of a log
 * @expected: (nullable): an entry as it was sealed: it must be the same, if it is
 *     not so old that it is gone
 * @n_entries: (out): entries that follow each other
 * @end: (out) (nullable): the last one; free its hash
 * @fault: (out) (nullable) (transfer full): the first place that does not, and
 *     why; %NULL if there is none
 * @error: the files cannot be read
 *
 * Returns: whether it could be read
 */
gboolean
anpr_audit_log_verify (const gchar *folder, const AnprAuditSeal *expected,
    guint64 *n_entries, AnprAuditSeal *end, gchar **fault, GError **error)
{
  g_autoptr (GArray) files = find_files (folder, error);
  Chain chain = { { 0, NULL }, expected };
  gboolean read = files != NULL;

  *n_entries = 0;
  *fault = NULL;
  for (guint i = 0; read && i < files->len && !*fault; i++) {
    guint64 file = g_array_index (files, guint64, i);
    g_auto (GStrv) lines = read_lines (folder, file, error);

    read = lines != NULL;
    for (guint j = 0; read && lines[j] && !*fault; j++) {
      g_autofree gchar *why = follow (&chain, lines[j]);

      if (why)
        *fault = g_strdup_printf (
            PREFIX "%" G_GUINT64_FORMAT ":%u %s", file, j + 1, why);
      else
        ++*n_entries;
    }
  }
  if (read && !*fault && expected && expected->number > chain.end.number)
    *fault = g_strdup_printf ("the log ends at entry %" G_GUINT64_FORMAT
                              ", before the one that was sealed",
        chain.end.number);
  if (end)
    *end = chain.end;
  else
    g_free (chain.end.hash);
  return read;
}
