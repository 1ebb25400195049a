/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Comparing with the lists in Redis, off the streaming thread.
 *
 * Threads. The streaming thread puts comparisons into a bounded queue and goes
 * on. One worker takes them out, asks Redis, compares, and tells. A connector
 * does nothing but connect: the worker never waits for a server that is away,
 * it finds a connection or compares with the lists from files.
 *
 * States of Redis. In use: there is a connection; the worker borrows it for a
 * lookup. Away: none; the connector tries again, after pauses of 50 ms to 1 s.
 * One lookup that fails or takes longer than the deadline makes it away, and
 * that comparison is made with files at once, so the worst a slow server costs
 * is one deadline. A server is in use again once it has answered a lookup
 * within the deadline; a pause is short again only after a connection that
 * lasted, so that a server that comes and goes is not told of in each second.
 *
 * Nothing is lost. Every comparison is made, with what there is. The queue is
 * full only if comparisons come faster than they are made from memory; the
 * caller then makes its own with the lists from files. Before that, from 32
 * waiting, lists without an urgent entry are left out of the question (R18);
 * one that is there as a file is compared from there.
 *
 * Nothing is doubled. A passage takes a hit of an entry once, whoever adds it,
 * and what it does not take is not told.
 *
 * Order. Comparisons are made as they came; those of a passage that ends go
 * first, in their order. Its last one is waited for, at most two deadlines and
 * a bit: if it was not made by then, the caller makes it with files. A hit that
 * the late one still finds comes after the passage was closed and is dropped.
 */

#include "hitcomparer.h"
#include "redislookup.h"
#include "../record/error.h"

#define MIN_PAUSE (50 * G_TIME_SPAN_MILLISECOND)
#define MAX_PAUSE G_TIME_SPAN_SECOND

/* A connection that lasted so long was a good one */
#define LASTING (10 * G_TIME_SPAN_SECOND)

/* What is waited for above two deadlines: that threads get to run */
#define SLACK (200 * G_TIME_SPAN_MILLISECOND)

/* How often the ages of lists in Redis are looked at, when there are reads */
#define AGES_PERIOD (10 * G_TIME_SPAN_SECOND)

/* For connecting, and for the end of the stream, milliseconds */
#define CONNECT_TIMEOUT 500
#define DRAIN_TIME (2 * G_TIME_SPAN_SECOND)

/* A comparison in the queue; the one who waits for it has a reference too */
typedef struct {
  AnprComparison comparison;
  gchar *position;
  gboolean done; /* lock */
} Job;

struct _AnprComparer {
  AnprRedisAddress *address;
  AnprComparerListener listener;
  GThread *worker;
  GThread *connector;
  guint deadline;        /* atomic, milliseconds */
  AnprRedisCache *cache; /* the worker's, as the next two */
  AnprListFreshness *freshness;
  gint64 ages_checked; /* monotonic */

  GMutex lock;
  GCond work;   /* for the worker */
  GCond absent; /* for the connector */
  GCond done;   /* for those who wait for comparisons or the first connection */
  GQueue jobs;
  gboolean busy;
  gboolean stop;
  gboolean hurry; /* Redis is not asked any more */
  gboolean overloaded;
  gboolean damaged;
  gboolean tried;
  gboolean in_use;
  gboolean told_away;
  AnprRedisConnection *connection; /* NULL while borrowed, too */
  gint64 connected;
  gint64 next_try;
  gint64 pause;
  AnprHitLists *files;
  AnprComparerStats stats;
};

/* --- comparisons -------------------------------------------------------- */

static Job *
job_new (const AnprComparison *comparison)
{
  Job *job = g_atomic_rc_box_new0 (Job);

  job->comparison = *comparison;
  if (comparison->passage)
    job->comparison.passage = anpr_passage_ref (comparison->passage);
  if (comparison->read)
    job->comparison.read = anpr_read_ref (comparison->read);
  job->position = g_strdup (comparison->place.position);
  job->comparison.place.position = job->position;
  return job;
}

static void
job_clear (Job *job)
{
  g_clear_pointer (&job->comparison.passage, anpr_passage_unref);
  g_clear_pointer (&job->comparison.read, anpr_read_unref);
  g_free (job->position);
}

static void
job_unref (Job *job)
{
  g_atomic_rc_box_release_full (job, (GDestroyNotify) job_clear);
}

static void
compare_with (AnprComparer *comparer, const AnprComparison *comparison,
    const AnprHitLists *lists)
{
  anpr_comparison_make (
      comparison, lists, comparer->listener.hit, comparer->listener.user_data);
}

static AnprHitLists *
get_files (AnprComparer *comparer)
{
  AnprHitLists *files;

  g_mutex_lock (&comparer->lock);
  files = anpr_hit_lists_ref (comparer->files);
  g_mutex_unlock (&comparer->lock);
  return files;
}

/* On the caller's thread */
static void
compare_here (AnprComparer *comparer, const AnprComparison *comparison)
{
  g_autoptr (AnprHitLists) files = get_files (comparer);

  compare_with (comparer, comparison, files);
  g_mutex_lock (&comparer->lock);
  comparer->stats.compared++;
  comparer->stats.from_files++;
  comparer->stats.crowded++;
  g_mutex_unlock (&comparer->lock);
}

/* --- Redis comes and goes ----------------------------------------------- */

static void
tell (AnprComparer *comparer, const GError *error)
{
  comparer->listener.fault (error, comparer->listener.user_data);
}

/* Call with the lock held. Returns whether that must be told. */
static gboolean
set_away (AnprComparer *comparer)
{
  gint64 now = g_get_monotonic_time ();
  gboolean news = !comparer->told_away;

  if (comparer->in_use) {
    comparer->stats.losses++;
    if (now - comparer->connected >= LASTING)
      comparer->pause = MIN_PAUSE;
  }
  comparer->in_use = FALSE;
  comparer->told_away = TRUE;
  comparer->next_try = now + comparer->pause;
  comparer->pause = MIN (2 * comparer->pause, MAX_PAUSE);
  g_cond_signal (&comparer->absent);
  return news;
}

/* Call with the lock held. Returns whether that must be told. */
static gboolean
set_in_use (AnprComparer *comparer, AnprRedisConnection *connection)
{
  gboolean news = comparer->told_away;

  comparer->connection = connection;
  comparer->in_use = TRUE;
  comparer->told_away = FALSE;
  comparer->connected = g_get_monotonic_time ();
  return news;
}

static void
lose (AnprComparer *comparer, const GError *error)
{
  gboolean news;

  g_mutex_lock (&comparer->lock);
  news = set_away (comparer);
  g_mutex_unlock (&comparer->lock);
  if (news)
    tell (comparer, error);
}

static guint
get_deadline (AnprComparer *comparer)
{
  return (guint) g_atomic_int_get (&comparer->deadline);
}

/* A server is good if it answers a lookup as fast as lookups must be */
static AnprRedisConnection *
connect_and_try (AnprComparer *comparer, GError **error)
{
  g_autoptr (AnprRedisConnection) connection =
      anpr_redis_connection_new (comparer->address, CONNECT_TIMEOUT, error);
  g_autoptr (AnprRedisCache) cache = anpr_redis_cache_new ();
  g_autoptr (AnprRedisAnswer) answer = NULL;

  if (!connection)
    return NULL;
  answer =
      anpr_redis_lookup (connection, cache, NULL, ANPR_REDIS_ALL_PRIORITIES,
          anpr_redis_deadline (get_deadline (comparer)), error);
  return answer ? g_steal_pointer (&connection) : NULL;
}

static void
try_to_connect (AnprComparer *comparer)
{
  g_autoptr (GError) error = NULL;
  AnprRedisConnection *connection = connect_and_try (comparer, &error);
  gboolean news;

  g_mutex_lock (&comparer->lock);
  news = connection ? set_in_use (comparer, connection) : set_away (comparer);
  comparer->tried = TRUE;
  g_cond_broadcast (&comparer->done);
  g_mutex_unlock (&comparer->lock);
  if (!news)
    return;
  if (!error)
    error =
        g_error_new (ANPR_ERROR, ANPR_ERROR_REDIS_BACK, "Redis answers again");
  tell (comparer, error);
}

static gpointer
run_connector (gpointer data)
{
  AnprComparer *comparer = data;

  g_mutex_lock (&comparer->lock);
  while (!comparer->stop) {
    if (comparer->in_use)
      g_cond_wait (&comparer->absent, &comparer->lock);
    else if (g_get_monotonic_time () < comparer->next_try)
      (void) g_cond_wait_until (
          &comparer->absent, &comparer->lock, comparer->next_try);
    else {
      g_mutex_unlock (&comparer->lock);
      try_to_connect (comparer);
      g_mutex_lock (&comparer->lock);
    }
  }
  g_mutex_unlock (&comparer->lock);
  return NULL;
}

/* --- the worker --------------------------------------------------------- */

/* What a comparison is made with, taken under the lock */
typedef struct {
  AnprRedisConnection *connection;
  AnprHitLists *files;
  guint priority;
  gboolean began_shedding;
} Means;

/* Call with the lock held */
static void
take_means (AnprComparer *comparer, Means *means)
{
  guint waiting = comparer->jobs.length;

  *means = (Means){ .files = anpr_hit_lists_ref (comparer->files),
    .priority = ANPR_REDIS_ALL_PRIORITIES };
  if (!comparer->hurry)
    means->connection = g_steal_pointer (&comparer->connection);
  if (waiting >= ANPR_COMPARER_OVERLOADED) {
    means->began_shedding = !comparer->overloaded;
    comparer->overloaded = TRUE;
  } else if (waiting <= ANPR_COMPARER_RELIEVED)
    comparer->overloaded = FALSE;
  if (comparer->overloaded)
    means->priority = ANPR_COMPARER_SHED_PRIORITY;
}

static void
tell_shed (AnprComparer *comparer)
{
  g_autoptr (GError) error = g_error_new (ANPR_ERROR, ANPR_ERROR_HITS_SHED,
      "more than %d reads wait to be compared: lists without urgent entries "
      "are left out",
      ANPR_COMPARER_OVERLOADED);

  tell (comparer, error);
}

static void
note_damage (AnprComparer *comparer, const AnprRedisAnswer *answer)
{
  g_autoptr (GError) error = NULL;
  gboolean news;

  g_mutex_lock (&comparer->lock);
  news = answer->damaged > 0 && !comparer->damaged;
  comparer->damaged = answer->damaged > 0;
  g_mutex_unlock (&comparer->lock);
  if (!news)
    return;
  error = g_error_new (ANPR_ERROR, ANPR_ERROR_REDIS_DATA, "%s", answer->fault);
  tell (comparer, error);
}

/* Lists from files are looked after by the one who loads them */
static void
check_ages (AnprComparer *comparer, const AnprRedisAnswer *answer,
    const AnprListAges *ages)
{
  gint64 now = g_get_monotonic_time (), utc = g_get_real_time ();
  g_autoptr (AnprHitLists) lists = NULL;
  g_autoptr (GPtrArray) errors = NULL;

  if (comparer->ages_checked && now - comparer->ages_checked < AGES_PERIOD)
    return;
  comparer->ages_checked = now;
  lists = anpr_hit_lists_new_from (answer->lists);
  errors = anpr_list_freshness_check (comparer->freshness, lists, utc, ages);
  for (guint i = 0; i < errors->len; i++)
    tell (comparer, g_ptr_array_index (errors, i));
  g_mutex_lock (&comparer->lock);
  comparer->stats.list_age = anpr_hit_lists_get_age (lists, utc);
  g_mutex_unlock (&comparer->lock);
}

/* NULL if there is no connection, or there is none any more */
static AnprRedisAnswer *
ask (AnprComparer *comparer, const AnprComparison *comparison, Means *means)
{
  g_autoptr (GError) error = NULL;
  AnprRedisAnswer *answer;

  if (!means->connection)
    return NULL;
  answer = anpr_redis_lookup (means->connection, comparer->cache,
      comparison->read, means->priority,
      anpr_redis_deadline (get_deadline (comparer)), &error);
  if (answer) {
    note_damage (comparer, answer);
    check_ages (comparer, answer, &comparison->ages);
    return answer;
  }
  g_clear_pointer (&means->connection, anpr_redis_connection_free);
  lose (comparer, error);
  return NULL;
}

static void
count (AnprComparer *comparer, const AnprRedisAnswer *answer, gint64 time)
{
  AnprComparerStats *stats = &comparer->stats;

  g_mutex_lock (&comparer->lock);
  stats->compared++;
  if (answer) {
    stats->from_redis++;
    stats->redis_time += (guint64) time;
    stats->redis_time_max = MAX (stats->redis_time_max, (guint64) time);
    if (answer->shed > 0)
      stats->shed++;
  } else
    stats->from_files++;
  g_mutex_unlock (&comparer->lock);
}

static void
make_comparison (
    AnprComparer *comparer, const AnprComparison *comparison, Means *means)
{
  gint64 start = g_get_monotonic_time ();
  g_autoptr (AnprRedisAnswer) answer = ask (comparer, comparison, means);
  gint64 time = g_get_monotonic_time () - start;
  g_autoptr (AnprHitLists) lists =
      answer ? anpr_redis_answer_join (answer, means->files)
             : anpr_hit_lists_ref (means->files);

  if (means->began_shedding && answer && answer->shed > 0)
    tell_shed (comparer);
  compare_with (comparer, comparison, lists);
  /* last, so that what is counted has been told */
  count (comparer, answer, time);
}

static gpointer
run_worker (gpointer data)
{
  AnprComparer *comparer = data;

  g_mutex_lock (&comparer->lock);
  while (!comparer->stop || comparer->jobs.length > 0) {
    Job *job = g_queue_pop_head (&comparer->jobs);
    Means means;

    if (!job) {
      g_cond_wait (&comparer->work, &comparer->lock);
      continue;
    }
    comparer->busy = TRUE;
    take_means (comparer, &means);
    g_mutex_unlock (&comparer->lock);
    make_comparison (comparer, &job->comparison, &means);
    anpr_hit_lists_unref (means.files);
    g_mutex_lock (&comparer->lock);
    if (means.connection)
      comparer->connection = means.connection;
    job->done = TRUE;
    comparer->busy = FALSE;
    g_cond_broadcast (&comparer->done);
    job_unref (job);
  }
  g_mutex_unlock (&comparer->lock);
  return NULL;
}

/* --- life --------------------------------------------------------------- */

/**
 * anpr_comparer_new: (skip)
 * @address: of the Redis server with the lists
 * @deadline: for a lookup, milliseconds
 * @files: lists that stand in for it
 * @listener: copied
 *
 * Returns: (transfer full): a comparer, its threads running
 */
AnprComparer *
anpr_comparer_new (const AnprRedisAddress *address, guint deadline,
    AnprHitLists *files, const AnprComparerListener *listener)
{
  AnprComparer *comparer = g_new0 (AnprComparer, 1);

  comparer->address = anpr_redis_address_copy (address);
  comparer->listener = *listener;
  comparer->deadline = deadline;
  comparer->pause = MIN_PAUSE;
  comparer->cache = anpr_redis_cache_new ();
  comparer->freshness = anpr_list_freshness_new ();
  comparer->stats.list_age = -1;
  comparer->files = anpr_hit_lists_ref (files);
  g_mutex_init (&comparer->lock);
  g_cond_init (&comparer->work);
  g_cond_init (&comparer->absent);
  g_cond_init (&comparer->done);
  g_queue_init (&comparer->jobs);
  comparer->worker = g_thread_new ("hitmatch-worker", run_worker, comparer);
  comparer->connector =
      g_thread_new ("hitmatch-connect", run_connector, comparer);
  return comparer;
}

static gboolean
is_idle (const AnprComparer *comparer)
{
  return comparer->jobs.length == 0 && !comparer->busy;
}

/**
 * anpr_comparer_drain: (skip)
 * @comparer: a comparer
 *
 * Returns when nothing waits any more, for the end of a stream. What has
 * waited for two seconds is compared with the lists from files.
 */
void
anpr_comparer_drain (AnprComparer *comparer)
{
  gint64 end = g_get_monotonic_time () + DRAIN_TIME;

  g_mutex_lock (&comparer->lock);
  while (!is_idle (comparer)) {
    if (!comparer->hurry
        && !g_cond_wait_until (&comparer->done, &comparer->lock, end))
      comparer->hurry = TRUE;
    if (comparer->hurry && !is_idle (comparer))
      g_cond_wait (&comparer->done, &comparer->lock);
  }
  comparer->hurry = FALSE;
  g_mutex_unlock (&comparer->lock);
}

/**
 * anpr_comparer_free: (skip)
 * @comparer: (nullable) (transfer full): a comparer
 *
 * What still waits is compared first, as by anpr_comparer_drain(). Nobody may
 * ask for comparisons any more.
 */
void
anpr_comparer_free (AnprComparer *comparer)
{
  if (!comparer)
    return;
  anpr_comparer_drain (comparer);
  g_mutex_lock (&comparer->lock);
  comparer->stop = TRUE;
  g_cond_signal (&comparer->work);
  g_cond_signal (&comparer->absent);
  g_mutex_unlock (&comparer->lock);
  g_thread_join (comparer->worker);
  g_thread_join (comparer->connector);
  anpr_redis_connection_free (comparer->connection);
  anpr_redis_cache_free (comparer->cache);
  anpr_list_freshness_free (comparer->freshness);
  anpr_hit_lists_unref (comparer->files);
  anpr_redis_address_free (comparer->address);
  g_mutex_clear (&comparer->lock);
  g_cond_clear (&comparer->work);
  g_cond_clear (&comparer->absent);
  g_cond_clear (&comparer->done);
  g_free (comparer);
}

/**
 * anpr_comparer_wait_for_redis: (skip)
 * @comparer: a comparer
 *
 * Waits until the first attempt to reach Redis has come to an end, at most a
 * second or so: so that what is read first is compared with what is there.
 */
void
anpr_comparer_wait_for_redis (AnprComparer *comparer)
{
  gint64 end = g_get_monotonic_time () + 2 * CONNECT_TIMEOUT * 1000 + SLACK;

  g_mutex_lock (&comparer->lock);
  while (!comparer->tried
         && g_cond_wait_until (&comparer->done, &comparer->lock, end))
    ;
  g_mutex_unlock (&comparer->lock);
}

/**
 * anpr_comparer_set_files: (skip)
 * @comparer: a comparer
 * @files: lists that stand in for Redis from now on
 */
void
anpr_comparer_set_files (AnprComparer *comparer, AnprHitLists *files)
{
  AnprHitLists *before;

  g_mutex_lock (&comparer->lock);
  before = comparer->files;
  comparer->files = anpr_hit_lists_ref (files);
  g_mutex_unlock (&comparer->lock);
  anpr_hit_lists_unref (before);
}

void
anpr_comparer_set_deadline (AnprComparer *comparer, guint deadline)
{
  g_atomic_int_set (&comparer->deadline, deadline);
}

/**
 * anpr_comparer_get_stats: (skip)
 * @comparer: a comparer
 * @stats: (out): its counts
 */
void
anpr_comparer_get_stats (AnprComparer *comparer, AnprComparerStats *stats)
{
  g_mutex_lock (&comparer->lock);
  *stats = comparer->stats;
  stats->in_use = comparer->in_use;
  g_mutex_unlock (&comparer->lock);
}

/* --- asking for comparisons --------------------------------------------- */

/**
 * anpr_comparer_compare: (skip)
 * @comparer: a comparer
 * @comparison: copied
 *
 * Returns at once; what is found is told later. If too many wait already, this
 * one is made here with the lists from files.
 */
void
anpr_comparer_compare (AnprComparer *comparer, const AnprComparison *comparison)
{
  gboolean room;

  g_mutex_lock (&comparer->lock);
  room = comparer->jobs.length < ANPR_COMPARER_MAX_WAITING;
  if (room) {
    g_queue_push_tail (&comparer->jobs, job_new (comparison));
    g_cond_signal (&comparer->work);
  }
  g_mutex_unlock (&comparer->lock);
  if (!room)
    compare_here (comparer, comparison);
}

/* Puts job first, and before it what waits of the same passage, in its order.
 * Call with the lock held. */
static void
put_first (AnprComparer *comparer, Job *job)
{
  GQueue first = G_QUEUE_INIT;
  GList *link = comparer->jobs.head;

  while (link) {
    GList *next = link->next;
    Job *other = link->data;

    if (job->comparison.passage && other->comparison.passage
        && anpr_passage_is_same (
            other->comparison.passage, job->comparison.passage)) {
      g_queue_unlink (&comparer->jobs, link);
      g_queue_push_tail_link (&first, link);
    }
    link = next;
  }
  g_queue_push_head (&comparer->jobs, g_atomic_rc_box_acquire (job));
  while ((link = g_queue_pop_tail_link (&first)))
    g_queue_push_head_link (&comparer->jobs, link);
}

/**
 * anpr_comparer_finish: (skip)
 * @comparer: a comparer
 * @comparison: the last of a passage; copied
 *
 * Returns when the passage has its result. Waits for Redis two deadlines and
 * 200 ms at most, and is made with the lists from files then.
 */
void
anpr_comparer_finish (AnprComparer *comparer, const AnprComparison *comparison)
{
  gint64 wait = 2 * get_deadline (comparer) * G_TIME_SPAN_MILLISECOND + SLACK;
  gint64 end = g_get_monotonic_time () + wait;
  Job *job = job_new (comparison);
  gboolean done;

  g_mutex_lock (&comparer->lock);
  put_first (comparer, job);
  g_cond_signal (&comparer->work);
  while (
      !job->done && g_cond_wait_until (&comparer->done, &comparer->lock, end))
    ;
  done = job->done;
  if (!done && g_queue_remove (&comparer->jobs, job))
    job_unref (job);
  g_mutex_unlock (&comparer->lock);
  if (!done)
    compare_here (comparer, comparison);
  job_unref (job);
}
