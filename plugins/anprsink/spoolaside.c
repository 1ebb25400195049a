/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The files of a recovery: how a new spool takes the place of a damaged one, in
 * steps that whoever comes next can finish. spoolrecover.c tells the order. */

#include "spoolrecover-private.h"
#include "../record/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define ASIDE ".damaged-"
#define LOCK ".lock"

gboolean
anpr_spool_fail_recovery (const gchar *path, const gchar *what, GError **error)
{
  g_set_error (error, ANPR_ERROR, ANPR_ERROR_SPOOL_DAMAGED,
      "Spool \"%s\" is damaged and %s: %s", path, what, g_strerror (errno));
  return FALSE;
}

gchar *
anpr_spool_name_beside (const gchar *path, const gchar *ending)
{
  return g_strconcat (path, ending, NULL);
}

void
anpr_spool_remove_beside (const gchar *path, const gchar *ending)
{
  g_autofree gchar *file = anpr_spool_name_beside (path, ending);

  (void) g_unlink (file);
}

gboolean
anpr_spool_sync_folder (const gchar *path)
{
  g_autofree gchar *folder = g_path_get_dirname (path);

  return anpr_folder_sync (folder);
}

/* A name of its own, also when the clock stands still */
static gchar *
aside_name (const gchar *path)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree gchar *time = g_date_time_format (now, "%Y%m%dT%H%M%SZ");

  for (guint i = 1;; i++) {
    gchar *name = i == 1 ? g_strconcat (path, ASIDE, time, NULL)
                         : g_strdup_printf ("%s" ASIDE "%s.%u", path, time, i);

    if (!g_file_test (name, G_FILE_TEST_EXISTS))
      return name;
    g_free (name);
  }
}

static gboolean
link_aside (const gchar *path, const gchar *aside, const gchar *ending)
{
  g_autofree gchar *from = anpr_spool_name_beside (path, ending);
  g_autofree gchar *to = anpr_spool_name_beside (aside, ending);

  return link (from, to) == 0 || errno == ENOENT;
}

/* With the lock held. Whoever waited for it looks again what there is to do. */
static gboolean
switch_files (const gchar *path, gchar **aside, GError **error)
{
  g_autofree gchar *complete =
      anpr_spool_name_beside (path, ANPR_SPOOL_COMPLETE);
  g_autofree gchar *name = NULL;

  if (!g_file_test (complete, G_FILE_TEST_EXISTS))
    return TRUE;
  name = aside_name (path);
  /* the log first: a damaged file without its log is worth less */
  if (!link_aside (path, name, "-wal") || !link_aside (path, name, "")
      || !anpr_spool_sync_folder (path))
    return anpr_spool_fail_recovery (path, "cannot be set aside", error);
  anpr_spool_remove_beside (path, "");
  anpr_spool_remove_beside (path, "-wal");
  anpr_spool_remove_beside (path, "-shm");
  if (!anpr_spool_sync_folder (path) || g_rename (complete, path) != 0
      || !anpr_spool_sync_folder (path))
    return anpr_spool_fail_recovery (path, "cannot be replaced", error);
  if (aside)
    *aside = g_steal_pointer (&name);
  return TRUE;
}

/**
 * anpr_spool_lock_recovery: (skip)
 * @path: of a spool
 * @operation: LOCK_EX to recover it, LOCK_SH to open it for writing meanwhile
 *
 * Whoever opens a spool must not make a file, or a log, of that name while a
 * recovery changes names. The lock's file stays: were it removed, two processes
 * might hold two of them.
 *
 * Returns: a descriptor to close; -1 with errno, EWOULDBLOCK if another process
 *     has the lock
 */
int
anpr_spool_lock_recovery (const gchar *path, int operation)
{
  g_autofree gchar *file = anpr_spool_name_beside (path, LOCK);
  int fd = open (file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd >= 0 && flock (fd, operation | LOCK_NB) != 0) {
    close (fd);
    errno = EWOULDBLOCK;
    return -1;
  }
  return fd;
}

/* Says that another process has the lock */
gboolean
anpr_spool_fail_locked (const gchar *path, GError **error)
{
  g_set_error (error, ANPR_ERROR, ANPR_ERROR_SPOOL_OPEN,
      "Spool \"%s\" is being recovered or opened by another process", path);
  return FALSE;
}

/**
 * anpr_spool_switch_files: (skip)
 * @path: of a spool whose lock is held
 * @aside: (out) (optional) (transfer full) (nullable): where the damaged file is
 * @error: %ANPR_ERROR_SPOOL_DAMAGED
 *
 * Puts a complete new file, if there is one, in the place of the damaged one.
 *
 * Returns: whether @path is the spool to open
 */
gboolean
anpr_spool_switch_files (const gchar *path, gchar **aside, GError **error)
{
  if (aside)
    *aside = NULL;
  return switch_files (path, aside, error);
}

/**
 * anpr_spool_finish_recovery: (skip)
 * @path: of a spool
 * @error: %ANPR_ERROR_SPOOL_DAMAGED, %ANPR_ERROR_SPOOL_OPEN
 *
 * Finishes what a killed process left when it had recovered the spool.
 *
 * Returns: whether @path is the spool to open
 */
gboolean
anpr_spool_finish_recovery (const gchar *path, GError **error)
{
  g_autofree gchar *complete =
      anpr_spool_name_beside (path, ANPR_SPOOL_COMPLETE);
  gboolean done;
  int held;

  if (!g_file_test (complete, G_FILE_TEST_EXISTS))
    return TRUE;
  held = anpr_spool_lock_recovery (path, LOCK_EX);
  if (held < 0)
    return anpr_spool_fail_locked (path, error);
  done = switch_files (path, NULL, error);
  close (held);
  return done;
}

static void
overwrite (const gchar *file)
{
  static const gchar zeros[1 << 16];
  int fd = open (file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
  struct stat info;

  if (fd < 0)
    return;
  if (fstat (fd, &info) == 0) {
    for (off_t at = 0; at < info.st_size; at += sizeof zeros) {
      if (write (fd, zeros, MIN ((gsize) (info.st_size - at), sizeof zeros))
          < 0)
        break;
    }
    (void) fsync (fd);
  }
  close (fd);
}

/**
 * anpr_spool_erase_set_aside: (skip)
 * @path: of a spool
 *
 * Overwrites and removes the damaged files that were set aside.
 *
 * Returns: whether all of them are gone
 */
gboolean
anpr_spool_erase_set_aside (const gchar *path)
{
  g_autofree gchar *folder = g_path_get_dirname (path);
  g_autofree gchar *name = g_path_get_basename (path);
  g_autofree gchar *start = anpr_spool_name_beside (name, ASIDE);
  g_autoptr (GDir) files = g_dir_open (folder, 0, NULL);
  gboolean done = files != NULL;
  const gchar *found;

  while (files && (found = g_dir_read_name (files))) {
    g_autofree gchar *file = NULL;

    if (!g_str_has_prefix (found, start))
      continue;
    file = g_build_filename (folder, found, NULL);
    overwrite (file);
    done &= g_unlink (file) == 0;
  }
  return done;
}
