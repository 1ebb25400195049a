/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Keeps the lists of a path as its files are.
 *
 * Threads. One of its own, which alone reads files once the watcher is made;
 * what it looks at the files by (names, sizes, times) and what it told of ages is
 * its own. Path, ages and the newest set are under the lock; sets are immutable.
 * Letting go of a large set takes milliseconds: the watcher holds the newest, so
 * that whoever lets go of an older one should not be in a hurry.
 *
 * Failure. A disk that hangs makes this thread hang, and the lists in force stay
 * in force. A folder that cannot be read is one without files, and so one where
 * nothing is found: hitlists.c keeps the lists before.
 */

#include "listwatcher.h"

#include <glib/gstdio.h>
#include <string.h>

struct _AnprListWatcher {
  AnprListWatcherListener listener;
  GCancellable *cancellable;
  GThread *thread;

  GMutex lock;
  GCond wake;
  gboolean stop;
  gboolean reload;
  gchar *path;
  AnprListAges ages;
  AnprHitLists *newest;

  /* the thread's */
  AnprListFreshness *freshness;
  guint64 looks_loaded; /* of the files when they were loaded last */
  guint64 looks_before; /* when they were looked at last */
};

/* --- what the files look like -------------------------------------------- */

/* FNV-1a: that two looks are alike by chance is as good as impossible, and
 * would cost a reload at worst when the next change comes */
static guint64
mix (guint64 hash, gconstpointer data, gsize size)
{
  const guint8 *bytes = data;

  for (gsize i = 0; i < size; i++)
    hash = (hash ^ bytes[i]) * G_GUINT64_CONSTANT (0x100000001b3);
  return hash;
}

static guint64
look_at_file (const gchar *file)
{
  guint64 hash =
      mix (G_GUINT64_CONSTANT (0xcbf29ce484222325), file, strlen (file));
  GStatBuf status;

  if (g_stat (file, &status) < 0)
    return 0;
  hash = mix (hash, &status.st_ino, sizeof status.st_ino);
  hash = mix (hash, &status.st_size, sizeof status.st_size);
  return mix (hash, &status.st_mtim, sizeof status.st_mtim);
}

/* The order in which a folder names its files does not matter */
static guint64
look_at (const gchar *path)
{
  guint64 looks;
  GDir *dir;
  const gchar *name;

  if (!path || !path[0])
    return 0;
  dir = g_dir_open (path, 0, NULL);
  if (!dir)
    return look_at_file (path);
  looks = 1;
  while ((name = g_dir_read_name (dir))) {
    g_autofree gchar *file = g_build_filename (path, name, NULL);

    if (anpr_hit_lists_is_list_file (name))
      looks += look_at_file (file);
  }
  g_dir_close (dir);
  return looks;
}

/* --- loading ------------------------------------------------------------- */

static void
load (AnprListWatcher *watcher)
{
  g_autoptr (AnprHitLists) before = NULL, lists = NULL;
  g_autoptr (GPtrArray) errors = NULL;
  g_autofree gchar *path = NULL;

  g_mutex_lock (&watcher->lock);
  watcher->reload = FALSE;
  path = g_strdup (watcher->path);
  before = watcher->newest ? anpr_hit_lists_ref (watcher->newest) : NULL;
  g_mutex_unlock (&watcher->lock);

  /* before the files are read: what changes meanwhile is a change */
  watcher->looks_loaded = watcher->looks_before = look_at (path);
  lists = anpr_hit_lists_load (
      path, before, g_get_real_time (), watcher->cancellable, &errors);
  if (g_cancellable_is_cancelled (watcher->cancellable))
    return;

  g_mutex_lock (&watcher->lock);
  g_clear_pointer (&watcher->newest, anpr_hit_lists_unref);
  watcher->newest = anpr_hit_lists_ref (lists);
  g_mutex_unlock (&watcher->lock);
  watcher->listener.loaded (lists, errors, watcher->listener.user_data);
}

static gboolean
have_files_changed (AnprListWatcher *watcher)
{
  g_autofree gchar *path = NULL;
  guint64 before = watcher->looks_before;

  g_mutex_lock (&watcher->lock);
  path = g_strdup (watcher->path);
  g_mutex_unlock (&watcher->lock);
  watcher->looks_before = look_at (path);
  return watcher->looks_before == before
         && watcher->looks_before != watcher->looks_loaded;
}

static void
check_ages (AnprListWatcher *watcher)
{
  g_autoptr (AnprHitLists) lists = anpr_list_watcher_get_lists (watcher);
  g_autoptr (GPtrArray) errors = NULL;
  AnprListAges ages;

  g_mutex_lock (&watcher->lock);
  ages = watcher->ages;
  g_mutex_unlock (&watcher->lock);
  errors = anpr_list_freshness_check (
      watcher->freshness, lists, g_get_real_time (), &ages);
  for (guint i = 0; i < errors->len; i++)
    watcher->listener.aged (
        g_ptr_array_index (errors, i), watcher->listener.user_data);
}

/* Returns when there is something to do, or a period later; %FALSE to stop */
static gboolean
wait_for_work (AnprListWatcher *watcher, gboolean *reload)
{
  gint64 end = g_get_monotonic_time () + ANPR_LIST_WATCHER_PERIOD;
  gboolean go_on;

  g_mutex_lock (&watcher->lock);
  while (!watcher->stop && !watcher->reload
         && g_cond_wait_until (&watcher->wake, &watcher->lock, end))
    ;
  go_on = !watcher->stop;
  *reload = watcher->reload;
  g_mutex_unlock (&watcher->lock);
  return go_on;
}

static gpointer
run (gpointer data)
{
  AnprListWatcher *watcher = data;
  gboolean reload;

  while (wait_for_work (watcher, &reload)) {
    if (reload || have_files_changed (watcher))
      load (watcher);
    check_ages (watcher);
  }
  return NULL;
}

/* --- life ---------------------------------------------------------------- */

/**
 * anpr_list_watcher_new: (skip)
 * @path: (nullable): a list file or a folder of them, %NULL or "" for no list
 * @ages: that lists may have
 * @listener: copied
 *
 * Reads the files, and tells of them, before it returns; then they are watched.
 *
 * Returns: (transfer full): a watcher
 */
AnprListWatcher *
anpr_list_watcher_new (const gchar *path, const AnprListAges *ages,
    const AnprListWatcherListener *listener)
{
  AnprListWatcher *watcher = g_new0 (AnprListWatcher, 1);

  watcher->listener = *listener;
  watcher->cancellable = g_cancellable_new ();
  watcher->path = g_strdup (path);
  watcher->ages = *ages;
  watcher->freshness = anpr_list_freshness_new ();
  g_mutex_init (&watcher->lock);
  g_cond_init (&watcher->wake);
  load (watcher);
  check_ages (watcher);
  watcher->thread = g_thread_new ("hitmatch-lists", run, watcher);
  return watcher;
}

/**
 * anpr_list_watcher_free: (skip)
 * @watcher: (nullable) (transfer full): a watcher
 *
 * Loading is given up; nothing is told any more when this returns.
 */
void
anpr_list_watcher_free (AnprListWatcher *watcher)
{
  if (!watcher)
    return;
  g_cancellable_cancel (watcher->cancellable);
  g_mutex_lock (&watcher->lock);
  watcher->stop = TRUE;
  g_cond_signal (&watcher->wake);
  g_mutex_unlock (&watcher->lock);
  g_thread_join (watcher->thread);
  g_object_unref (watcher->cancellable);
  anpr_list_freshness_free (watcher->freshness);
  anpr_hit_lists_unref (watcher->newest);
  g_mutex_clear (&watcher->lock);
  g_cond_clear (&watcher->wake);
  g_free (watcher->path);
  g_free (watcher);
}

/**
 * anpr_list_watcher_set_path: (skip)
 * @watcher: a watcher
 * @path: (nullable): as for anpr_list_watcher_new(); the same one to read its
 *     files again now
 */
void
anpr_list_watcher_set_path (AnprListWatcher *watcher, const gchar *path)
{
  g_mutex_lock (&watcher->lock);
  g_free (watcher->path);
  watcher->path = g_strdup (path);
  watcher->reload = TRUE;
  g_cond_signal (&watcher->wake);
  g_mutex_unlock (&watcher->lock);
}

/**
 * anpr_list_watcher_set_ages: (skip)
 * @watcher: a watcher
 * @ages: that lists may have from now on; told within a period
 */
void
anpr_list_watcher_set_ages (AnprListWatcher *watcher, const AnprListAges *ages)
{
  g_mutex_lock (&watcher->lock);
  watcher->ages = *ages;
  g_mutex_unlock (&watcher->lock);
}

/**
 * anpr_list_watcher_get_lists: (skip)
 * @watcher: a watcher
 *
 * Threads: any. Does not wait for files.
 *
 * Returns: (transfer full): the lists in force
 */
AnprHitLists *
anpr_list_watcher_get_lists (AnprListWatcher *watcher)
{
  AnprHitLists *lists;

  g_mutex_lock (&watcher->lock);
  lists = anpr_hit_lists_ref (watcher->newest);
  g_mutex_unlock (&watcher->lock);
  return lists;
}
