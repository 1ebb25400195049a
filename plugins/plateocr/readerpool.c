/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The threads that read plates.
 *
 * Jobs  Pushed and popped by one thread, the streaming thread. They come back
 *       in the order they were pushed, whatever worker was faster, so that the
 *       same input gives the same votes each time.
 * Bound max_jobs wait or run at once; a push beyond it is refused and the
 *       caller decides what that means.
 * Threads  n_threads workers, each with its own reader; the readers share their
 *       models. One lock guards both queues; no reader is called with it held.
 * End   Freeing the pool lets running reads finish, at most one plate a
 *       worker, and drops the rest.
 */

#include "readerpool.h"

struct _AnprReaderPool {
  GPtrArray *threads;
  guint max_jobs;

  GMutex lock;
  GCond work; /* todo or stopping changed */
  GCond done; /* a job is done */
  GQueue todo;
  GQueue pending; /* all jobs not popped yet, oldest first; owns them */
  gdouble min_confidence;
  gboolean stopping;
};

typedef struct {
  AnprReaderPool *pool;
  AnprPlateReader *reader;
} Worker;

/**
 * anpr_reader_job_free: (skip)
 * @job: (transfer full) (nullable): a job that is in no pool
 */
void
anpr_reader_job_free (AnprReaderJob *job)
{
  if (!job)
    return;
  if (job->frame_unref)
    job->frame_unref (job->frame);
  g_clear_pointer (&job->passage, anpr_passage_unref);
  g_clear_pointer (&job->read, anpr_read_unref);
  g_free (job);
}

static AnprReaderJob *
take_job (AnprReaderPool *pool, gdouble *min_confidence)
{
  AnprReaderJob *job = NULL;

  g_mutex_lock (&pool->lock);
  while (!pool->stopping && g_queue_is_empty (&pool->todo))
    g_cond_wait (&pool->work, &pool->lock);
  if (!pool->stopping)
    job = g_queue_pop_head (&pool->todo);
  *min_confidence = pool->min_confidence;
  g_mutex_unlock (&pool->lock);
  return job;
}

static gpointer
worker_run (gpointer data)
{
  Worker *worker = data;
  AnprReaderPool *pool = worker->pool;
  AnprReaderJob *job;
  gdouble min_confidence;

  while ((job = take_job (pool, &min_confidence))) {
    AnprRead *read;

    anpr_plate_reader_set_min_confidence (worker->reader, min_confidence);
    read = anpr_plate_reader_read (worker->reader, job->luma, job->stride,
        job->width, job->height, &job->box, &job->quad);
    g_mutex_lock (&pool->lock);
    job->read = read;
    job->done = TRUE;
    g_cond_broadcast (&pool->done);
    g_mutex_unlock (&pool->lock);
  }
  anpr_plate_reader_free (worker->reader);
  g_free (worker);
  return NULL;
}

static gboolean
start_worker (AnprReaderPool *pool, AnprReaderData *data,
    const AnprReaderOptions *options, GError **error)
{
  AnprPlateReader *reader = anpr_plate_reader_new (data, options, error);
  Worker *worker;

  if (!reader)
    return FALSE;
  worker = g_new (Worker, 1);
  worker->pool = pool;
  worker->reader = reader;
  g_ptr_array_add (
      pool->threads, g_thread_new ("plate-reader", worker_run, worker));
  return TRUE;
}

/**
 * anpr_reader_pool_new: (skip)
 * @options: what the readers read with
 * @n_threads: workers, at least 1
 * @max_jobs: jobs that may wait or run, at least 1
 * @error: as anpr_reader_data_load()
 *
 * Loads the models once and opens the readers, which takes some 10 ms, with
 * Tesseract about 100 ms a reader.
 *
 * Returns: (transfer full) (nullable): the pool, its threads waiting for work
 */
AnprReaderPool *
anpr_reader_pool_new (const AnprReaderOptions *options, guint n_threads,
    guint max_jobs, GError **error)
{
  g_autoptr (AnprReaderData) data =
      anpr_reader_data_load (options->engine, options->model, error);
  AnprReaderPool *pool;

  if (!data)
    return NULL;
  pool = g_new0 (AnprReaderPool, 1);
  g_mutex_init (&pool->lock);
  g_cond_init (&pool->work);
  g_cond_init (&pool->done);
  g_queue_init (&pool->todo);
  g_queue_init (&pool->pending);
  pool->max_jobs = max_jobs;
  pool->min_confidence = options->min_confidence;
  pool->threads = g_ptr_array_new ();
  for (guint i = 0; i < n_threads; i++) {
    if (!start_worker (pool, data, options, error)) {
      anpr_reader_pool_free (pool);
      return NULL;
    }
  }
  return pool;
}

/**
 * anpr_reader_pool_free: (skip)
 * @pool: (transfer full) (nullable): a pool
 */
void
anpr_reader_pool_free (AnprReaderPool *pool)
{
  if (!pool)
    return;
  g_mutex_lock (&pool->lock);
  pool->stopping = TRUE;
  g_cond_broadcast (&pool->work);
  g_mutex_unlock (&pool->lock);
  for (guint i = 0; i < pool->threads->len; i++)
    g_thread_join (g_ptr_array_index (pool->threads, i));
  g_ptr_array_unref (pool->threads);
  g_queue_clear (&pool->todo);
  g_queue_clear_full (&pool->pending, (GDestroyNotify) anpr_reader_job_free);
  g_mutex_clear (&pool->lock);
  g_cond_clear (&pool->work);
  g_cond_clear (&pool->done);
  g_free (pool);
}

/**
 * anpr_reader_pool_set_min_confidence: (skip)
 * @pool: a pool
 * @min_confidence: 0..1, for the next jobs
 */
void
anpr_reader_pool_set_min_confidence (
    AnprReaderPool *pool, gdouble min_confidence)
{
  g_mutex_lock (&pool->lock);
  pool->min_confidence = min_confidence;
  g_mutex_unlock (&pool->lock);
}

/**
 * anpr_reader_pool_is_full: (skip)
 * @pool: a pool
 *
 * Returns: whether a push would be refused
 */
gboolean
anpr_reader_pool_is_full (AnprReaderPool *pool)
{
  gboolean full;

  g_mutex_lock (&pool->lock);
  full = pool->pending.length >= pool->max_jobs;
  g_mutex_unlock (&pool->lock);
  return full;
}

/**
 * anpr_reader_pool_push: (skip)
 * @pool: a pool
 * @job: (transfer full): a job without a read
 *
 * Never blocks.
 *
 * Returns: %FALSE, and frees @job, if the pool is full
 */
gboolean
anpr_reader_pool_push (AnprReaderPool *pool, AnprReaderJob *job)
{
  gboolean room;

  g_mutex_lock (&pool->lock);
  room = pool->pending.length < pool->max_jobs;
  if (room) {
    g_queue_push_tail (&pool->pending, job);
    g_queue_push_tail (&pool->todo, job);
    g_cond_signal (&pool->work);
  }
  g_mutex_unlock (&pool->lock);
  if (!room)
    anpr_reader_job_free (job);
  return room;
}

/**
 * anpr_reader_pool_pop: (skip)
 * @pool: a pool
 * @wait: wait for the oldest job if it is not done
 *
 * Returns: (transfer full) (nullable): the oldest job with its read, %NULL if
 *     there is no job or, without @wait, the oldest is not done
 */
AnprReaderJob *
anpr_reader_pool_pop (AnprReaderPool *pool, gboolean wait)
{
  AnprReaderJob *job;

  g_mutex_lock (&pool->lock);
  job = g_queue_peek_head (&pool->pending);
  while (job && wait && !job->done)
    g_cond_wait (&pool->done, &pool->lock);
  if (job && job->done)
    g_queue_pop_head (&pool->pending);
  else
    job = NULL;
  g_mutex_unlock (&pool->lock);
  return job;
}

/**
 * anpr_reader_pool_has_passage: (skip)
 * @pool: a pool
 * @passage: a passage
 *
 * Returns: whether a job for @passage was not popped yet
 */
gboolean
anpr_reader_pool_has_passage (AnprReaderPool *pool, const AnprPassage *passage)
{
  gboolean found = FALSE;

  g_mutex_lock (&pool->lock);
  for (const GList *l = pool->pending.head; l && !found; l = l->next)
    found = anpr_passage_is_same (
        ((const AnprReaderJob *) l->data)->passage, passage);
  g_mutex_unlock (&pool->lock);
  return found;
}
