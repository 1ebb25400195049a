/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Workers: what blocks is done in one of a few threads, and what follows is done
 * on the main loop again. The number of threads bounds what runs at once, and
 * with it memory (a sign-in takes 64 MiB) and the disk's queue; max_waiting
 * bounds what waits. Work that was taken is done to its end, also when the
 * workers are freed; what follows is done then, too.
 */

#include "worker.h"

typedef struct {
  AnprWork work;
  AnprWork then;
  gpointer data;
} Job;

struct _AnprWorkers {
  GThreadPool *pool;
  guint max_waiting;
};

static gboolean
end_job (gpointer data)
{
  Job *job = data;

  job->then (job->data);
  g_free (job);
  return G_SOURCE_REMOVE;
}

static void
do_job (gpointer data, gpointer unused)
{
  Job *job = data;

  job->work (job->data);
  g_idle_add_full (G_PRIORITY_DEFAULT, end_job, job, NULL);
}

/**
 * anpr_workers_new:
 * @n_threads: how many
 * @max_waiting: jobs that may wait for them
 *
 * Returns: (transfer full): workers
 */
AnprWorkers *
anpr_workers_new (guint n_threads, guint max_waiting)
{
  AnprWorkers *workers = g_new0 (AnprWorkers, 1);

  workers->pool =
      g_thread_pool_new (do_job, NULL, (gint) n_threads, FALSE, NULL);
  workers->max_waiting = max_waiting;
  return workers;
}

/**
 * anpr_workers_free:
 * @workers: (nullable) (transfer full): workers; waits for what they have taken
 */
void
anpr_workers_free (AnprWorkers *workers)
{
  if (!workers)
    return;
  g_thread_pool_free (workers->pool, FALSE, TRUE);
  g_free (workers);
}

/**
 * anpr_workers_do:
 * @workers: workers
 * @work: done in a thread
 * @then: done on the main loop after it
 * @data: for both
 *
 * Returns: whether it is taken; %FALSE if too much waits
 */
gboolean
anpr_workers_do (
    AnprWorkers *workers, AnprWork work, AnprWork then, gpointer data)
{
  Job *job;

  if (g_thread_pool_unprocessed (workers->pool) >= workers->max_waiting)
    return FALSE;
  job = g_new0 (Job, 1);
  job->work = work;
  job->then = then;
  job->data = data;
  return g_thread_pool_push (workers->pool, job, NULL);
}
