/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Makes GLib's locks visible to the thread sanitizer.
 *
 * GLib as distributions build it is not instrumented, and its GMutex and GCond
 * are futexes of its own, so the sanitizer sees neither and takes everything
 * they guard for a race. This stands between all callers, GStreamer's libraries
 * too, and GLib: each function calls GLib's own and tells the sanitizer which
 * order it makes between threads. Linked into a test program with its symbols
 * exported, in builds with -Db_sanitize=thread alone.
 *
 * What GLib does inside itself is not seen; it need not be, since memory that
 * only code without instruments touches is never reported. */

#include <dlfcn.h>
#include <glib.h>

void __tsan_acquire (void *address);
void __tsan_release (void *address);

static gpointer
next_of (gpointer *found, const gchar *name)
{
  gpointer next = g_atomic_pointer_get (found);

  if (!next) {
    next = dlsym (RTLD_NEXT, name);
    g_atomic_pointer_set (found, next);
  }
  return next;
}

/* The next definition of the function that this is in: GLib's */
#define NEXT(name)                                                             \
  static gpointer found;                                                       \
  __typeof__ (&name) next = next_of (&found, #name)

void
g_mutex_lock (GMutex *mutex)
{
  NEXT (g_mutex_lock);
  next (mutex);
  __tsan_acquire (mutex);
}

gboolean
g_mutex_trylock (GMutex *mutex)
{
  NEXT (g_mutex_trylock);
  if (!next (mutex))
    return FALSE;
  __tsan_acquire (mutex);
  return TRUE;
}

void
g_mutex_unlock (GMutex *mutex)
{
  NEXT (g_mutex_unlock);
  __tsan_release (mutex);
  next (mutex);
}

void
g_cond_wait (GCond *cond, GMutex *mutex)
{
  NEXT (g_cond_wait);
  __tsan_release (mutex);
  next (cond, mutex);
  __tsan_acquire (mutex);
}

gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_time)
{
  NEXT (g_cond_wait_until);
  gboolean signalled;

  __tsan_release (mutex);
  signalled = next (cond, mutex, end_time);
  __tsan_acquire (mutex);
  return signalled;
}

/* The reader's side is an atomic load in the caller, which the sanitizer sees */
void (g_once_init_leave) (volatile void *location, gsize result)
{
  NEXT (g_once_init_leave);
  __tsan_release ((void *) location);
  next (location, result);
}

void
g_atomic_rc_box_release (gpointer block)
{
  NEXT (g_atomic_rc_box_release);
  __tsan_release (block);
  next (block);
}

static __thread GDestroyNotify clear_block;

static void
clear_acquired (gpointer block)
{
  __tsan_acquire (block);
  clear_block (block);
}

/* Clearing one block may release others */
void
g_atomic_rc_box_release_full (gpointer block, GDestroyNotify clear)
{
  NEXT (g_atomic_rc_box_release_full);
  GDestroyNotify outer = clear_block;

  __tsan_release (block);
  clear_block = clear;
  next (block, clear_acquired);
  clear_block = outer;
}

/* Queues, and pools of threads: what is pushed is seen by who pops it. */

void
g_async_queue_push (GAsyncQueue *queue, gpointer data)
{
  NEXT (g_async_queue_push);
  __tsan_release (queue);
  next (queue, data);
}

gpointer
g_async_queue_pop (GAsyncQueue *queue)
{
  NEXT (g_async_queue_pop);
  gpointer data = next (queue);

  __tsan_acquire (queue);
  return data;
}

gpointer
g_async_queue_try_pop (GAsyncQueue *queue)
{
  NEXT (g_async_queue_try_pop);
  gpointer data = next (queue);

  __tsan_acquire (queue);
  return data;
}

gpointer
g_async_queue_timeout_pop (GAsyncQueue *queue, guint64 timeout)
{
  NEXT (g_async_queue_timeout_pop);
  gpointer data = next (queue, timeout);

  __tsan_acquire (queue);
  return data;
}

typedef struct {
  GFunc run;
  gpointer user_data;
} PoolWork;

static void
run_acquired (gpointer data, gpointer user_data)
{
  const PoolWork *work = user_data;

  __tsan_acquire (user_data);
  work->run (data, work->user_data);
}

/* The work lives as long as the program, as pools of libraries do. */
GThreadPool *
g_thread_pool_new (GFunc run, gpointer user_data, gint max_threads,
    gboolean exclusive, GError **error)
{
  NEXT (g_thread_pool_new);
  PoolWork *work = g_new (PoolWork, 1);

  *work = (PoolWork){ run, user_data };
  return next (run_acquired, work, max_threads, exclusive, error);
}

gboolean
g_thread_pool_push (GThreadPool *pool, gpointer data, GError **error)
{
  NEXT (g_thread_pool_push);

  if (pool->func == run_acquired)
    __tsan_release (pool->user_data);
  return next (pool, data, error);
}

typedef struct {
  GSourceFunc run;
  gpointer user_data;
  GDestroyNotify notify;
} IdleWork;

static gboolean
run_idle (gpointer data)
{
  IdleWork *work = data;

  __tsan_acquire (work);
  return work->run (work->user_data);
}

static void
free_idle (gpointer data)
{
  IdleWork *work = data;

  if (work->notify)
    work->notify (work->user_data);
  g_free (work);
}

guint
g_idle_add_full (
    gint priority, GSourceFunc run, gpointer user_data, GDestroyNotify notify)
{
  NEXT (g_idle_add_full);
  IdleWork *work = g_new (IdleWork, 1);

  *work = (IdleWork){ run, user_data, notify };
  __tsan_release (work);
  return next (priority, run_idle, work, free_idle);
}
