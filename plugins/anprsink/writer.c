/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Keeps closed passages, away from the thread that brings them.
 *
 * One thread takes passages from one bounded queue in the order they came:
 * makes JPEGs of the stills, keeps the passages in the spool, writes the records
 * as lines and tells the listener. Only that thread touches spool and lines.
 * What waits is kept together, up to MAX_BATCH passages a transaction, and none
 * is told of before its transaction is on the disk.
 *
 * A spool that cannot be opened, is full or cannot be written is a state. The
 * passage stays in the queue and is tried again with a growing pause (RETRY_*),
 * also without a new passage; meanwhile the ones behind it are written as
 * lines, as not kept, so each record is one line, whatever becomes of it later.
 * When the spool is back all are kept in their order.
 *
 * Bounds: %ANPR_WRITER_MAX_PASSAGES and %ANPR_WRITER_MAX_BYTES. With a live
 * source the oldest passage without a hit makes room, and if all have one the
 * oldest. Else the caller waits; but not for a spool that does not work: then
 * the same rule holds for those that were written as lines already.
 *
 * Jobs being worked on stay in the queue, marked busy, and are not dropped.
 */

#include "writer.h"

#include <signal.h>

#include "../record/error.h"
#include "../record/jsonmember.h"
#include "keeper.h"
#include "keepjob.h"
#include "lines.h"

/* Pause before the spool is tried again, microseconds: doubled each time */
#define RETRY_MIN (G_USEC_PER_SEC / 4)
#define RETRY_MAX (5 * G_USEC_PER_SEC)

/* Passages a transaction has at most */
#define MAX_BATCH 64

typedef AnprKeepJob Job;

struct _AnprWriter {
  gchar *location;
  gchar *device;
  gchar *position;
  gchar *lane;
  gboolean images;
  AnprWriterListener listener;
  gpointer user_data;
  GThread *thread;

  GMutex lock;
  GCond work; /* for the thread: something to do */
  GCond done; /* for callers: room, or nothing left to do */
  GQueue jobs;
  guint64 bytes; /* of stills */
  gboolean idle;
  gboolean flushing;
  gboolean stopping;
  gboolean overloaded;
  gint64 retry_at;
  gint64 expire_at;
  AnprWriterStats stats;

  /* of the thread only */
  AnprKeeper *keeper; /* NULL without a location */
  AnprLines *lines;
  gint64 pause;
  gboolean lines_failed;
  gboolean stills_failed;
  gboolean freeing_told;
};

/* --- the queue; all with the lock held --- */

static void
remove_job (AnprWriter *writer, Job *job)
{
  (void) g_queue_remove (&writer->jobs, job);
  writer->bytes -= job->bytes;
  anpr_keep_job_free (job);
}

static gboolean
is_full (const AnprWriter *writer, const Job *job)
{
  return writer->jobs.length >= ANPR_WRITER_MAX_PASSAGES
         || (writer->jobs.length > 0
             && writer->bytes + job->bytes > ANPR_WRITER_MAX_BYTES);
}

static gboolean
drop_one (AnprWriter *writer, gboolean told_only)
{
  Job *dropped = NULL;

  for (GList *link = writer->jobs.head; link; link = link->next) {
    Job *job = link->data;

    if (job->busy || (told_only && !job->told))
      continue;
    if (!job->hit) {
      dropped = job;
      break;
    }
    if (!dropped)
      dropped = job;
  }
  if (!dropped)
    return FALSE;
  remove_job (writer, dropped);
  writer->stats.dropped++;
  return TRUE;
}

static gboolean
is_retry_due (const AnprWriter *writer)
{
  return writer->stats.state != ANPR_WRITER_NOT_KEEPING
         || g_get_monotonic_time () >= writer->retry_at;
}

/* The oldest ones; while the spool does not work, the oldest that has no line */
static guint
next_jobs (AnprWriter *writer, gboolean try_spool, Job *batch[MAX_BATCH])
{
  guint n = 0, most = try_spool ? MAX_BATCH : 1;

  for (GList *link = writer->jobs.head; link && n < most; link = link->next) {
    Job *job = link->data;

    if (try_spool || !job->told)
      batch[n++] = job;
  }
  return n;
}

static gboolean
is_expiry_due (const AnprWriter *writer)
{
  return writer->stats.state == ANPR_WRITER_KEEPING
         && g_get_monotonic_time () >= writer->expire_at;
}

static void
wait_for_work (AnprWriter *writer)
{
  writer->idle = TRUE;
  g_cond_broadcast (&writer->done);
  if (writer->stats.state == ANPR_WRITER_NOT_KEEPING)
    (void) g_cond_wait_until (&writer->work, &writer->lock, writer->retry_at);
  else if (writer->location)
    (void) g_cond_wait_until (&writer->work, &writer->lock, writer->expire_at);
  else
    g_cond_wait (&writer->work, &writer->lock);
}

/* --- the thread's work; all without the lock --- */

static void
set_state (AnprWriter *writer, AnprWriterState state, const gchar *reason,
    gboolean *changed)
{
  AnprWriterStats stats;

  g_mutex_lock (&writer->lock);
  /* codes are static strings, one each */
  *changed = writer->stats.state != state || writer->stats.reason != reason;
  writer->stats.state = state;
  writer->stats.reason = reason;
  if (anpr_keeper_is_open (writer->keeper)) {
    writer->stats.bytes = anpr_keeper_get_bytes (writer->keeper);
    writer->stats.images_freed = anpr_keeper_get_images_freed (writer->keeper);
  }
  stats = writer->stats;
  stats.waiting = writer->jobs.length;
  g_mutex_unlock (&writer->lock);
  if (*changed)
    writer->listener.changed (&stats, writer->user_data);
}

static void
spool_works (AnprWriter *writer)
{
  gboolean changed;

  writer->pause = RETRY_MIN;
  set_state (writer, ANPR_WRITER_KEEPING, "", &changed);
}

static void
spool_fails (AnprWriter *writer, const GError *error)
{
  g_autoptr (GError) told = NULL;
  gboolean mended = anpr_keeper_mend (writer->keeper, error, &told);
  gboolean changed;

  g_mutex_lock (&writer->lock);
  writer->retry_at = g_get_monotonic_time () + (mended ? 0 : writer->pause);
  g_mutex_unlock (&writer->lock);
  writer->pause = MIN (writer->pause * 2, RETRY_MAX);
  set_state (
      writer, ANPR_WRITER_NOT_KEEPING, anpr_error_name (error), &changed);
  if (changed)
    writer->listener.failed (error,
        "reading goes on, passages wait and keeping is tried again",
        writer->user_data);
  if (mended)
    writer->listener.failed (
        told, "keeping goes on in the new file", writer->user_data);
}

static void
stills_failed (AnprWriter *writer, guint n, const GError *error)
{
  g_mutex_lock (&writer->lock);
  writer->stats.images_failed += n;
  g_mutex_unlock (&writer->lock);
  if (!writer->stills_failed)
    writer->listener.failed (
        error, "the passage is kept without it", writer->user_data);
  writer->stills_failed = TRUE;
}

static void
encode_stills (AnprWriter *writer, Job *batch[], guint n)
{
  for (guint i = 0; writer->images && i < n; i++) {
    g_autoptr (GError) error = NULL;
    guint n_failed = anpr_keep_job_encode (batch[i], &error);

    if (n_failed > 0)
      stills_failed (writer, n_failed, error);
  }
}

static void
tell_of_freed_images (AnprWriter *writer)
{
  g_autoptr (GError) error = NULL;

  if (writer->freeing_told || !anpr_keeper_frees_images (writer->keeper))
    return;
  writer->freeing_told = TRUE;
  error = g_error_new (ANPR_ERROR, ANPR_ERROR_SPOOL_FULL,
      "Spool \"%s\" has reached its size", writer->location);
  writer->listener.failed (error,
      "pictures of the oldest passages without a hit make room from now on",
      writer->user_data);
}

/* Returns how many are kept */
static guint
keep (AnprWriter *writer, AnprSpoolItem *items, guint n)
{
  g_autoptr (GError) error = NULL;
  guint n_kept = anpr_keeper_keep (writer->keeper, items, n, &error);

  if (n_kept > 0) {
    g_mutex_lock (&writer->lock);
    writer->stats.kept += n_kept;
    g_mutex_unlock (&writer->lock);
    spool_works (writer);
    tell_of_freed_images (writer);
  }
  if (error)
    spool_fails (writer, error);
  return n_kept;
}

static gchar *
unkept_record (const AnprWriter *writer, AnprPassage *passage)
{
  AnprKeeping keeping = { writer->device, writer->position, writer->lane };
  g_autoptr (JsonObject) object = anpr_passage_to_json (passage, &keeping);

  return anpr_json_to_line (object);
}

static void
write_line (AnprWriter *writer, const gchar *record)
{
  g_autoptr (GError) error = NULL;
  gboolean written = anpr_lines_write (writer->lines, record, &error);

  g_mutex_lock (&writer->lock);
  if (written)
    writer->stats.lines++;
  else
    writer->stats.lines_lost++;
  g_mutex_unlock (&writer->lock);
  if (error && !writer->lines_failed)
    writer->listener.failed (error,
        "records are not written there until it works again",
        writer->user_data);
  writer->lines_failed = !written;
}

static void
tell (AnprWriter *writer, Job *job, const gchar *record)
{
  if (job->told)
    return;
  if (writer->lines && record) {
    write_line (writer, record);
  } else if (writer->lines) {
    g_autofree gchar *unkept = unkept_record (writer, job->passage);

    write_line (writer, unkept);
  }
  job->told = TRUE;
}

/* Returns for how many, from the first on, nothing is left to do */
static guint
work_on (AnprWriter *writer, Job *batch[], guint n, gboolean try_spool)
{
  AnprSpoolItem items[MAX_BATCH];
  guint n_kept = 0;

  for (guint i = 0; i < n; i++)
    items[i] = (AnprSpoolItem){ batch[i]->passage };
  if (try_spool && writer->location) {
    encode_stills (writer, batch, n);
    for (guint i = 0; i < n; i++) {
      items[i].images = batch[i]->images;
      items[i].n_images = batch[i]->n_images;
    }
    n_kept = keep (writer, items, n);
  }
  for (guint i = 0; i < n; i++) {
    tell (writer, batch[i], items[i].record);
    if (i < n_kept)
      writer->listener.kept (items[i].passage, items[i].sequence,
          items[i].record, writer->user_data);
    g_free (items[i].record);
  }
  return writer->location ? n_kept : n;
}

static void
tell_of_undelivered (AnprWriter *writer, guint64 n)
{
  g_autoptr (GError) error = g_error_new (ANPR_ERROR, ANPR_ERROR_SPOOL_EXPIRED,
      "%" G_GUINT64_FORMAT " passages of \"%s\" reached the end of their time",
      n, writer->location);

  writer->listener.failed (error,
      "they are erased, and the centre never had them", writer->user_data);
}

/* What has been kept long enough goes, whether passages come or not */
static gboolean
expire (AnprWriter *writer)
{
  g_autoptr (GError) error = NULL;
  AnprSpoolExpired expired = { 0 };
  gboolean done = anpr_keeper_expire (writer->keeper, &expired, &error);

  if (!done)
    spool_fails (writer, error);
  g_mutex_lock (&writer->lock);
  writer->stats.erased += expired.passages;
  writer->stats.erased_undelivered += expired.undelivered;
  writer->expire_at = g_get_monotonic_time () + ANPR_SPOOL_EXPIRE_INTERVAL;
  g_mutex_unlock (&writer->lock);
  if (expired.undelivered > 0)
    tell_of_undelivered (writer, expired.undelivered);
  return done;
}

/* What the spool's state is, is said at once and not with the next passage */
static void
open_early (AnprWriter *writer)
{
  g_autoptr (GError) error = NULL;

  if (!writer->location)
    return;
  if (anpr_keeper_open (writer->keeper, &error))
    spool_works (writer);
  else
    spool_fails (writer, error);
}

/* Whether it works again although nothing waits to be kept: its state is to be
 * right, and time that is over does not wait for the next vehicle */
static void
try_again (AnprWriter *writer)
{
  g_autoptr (GError) error = NULL;

  if (!anpr_keeper_is_open (writer->keeper))
    open_early (writer);
  else if (!anpr_keeper_check_room (writer->keeper, &error))
    spool_fails (writer, error);
  else if (expire (writer))
    spool_works (writer);
}

static void
block_sigpipe (void)
{
  sigset_t signals;

  sigemptyset (&signals);
  sigaddset (&signals, SIGPIPE);
  (void) pthread_sigmask (SIG_BLOCK, &signals, NULL);
}

static void
do_jobs (AnprWriter *writer, Job *batch[], guint n, gboolean try_spool)
{
  guint n_finished;

  for (guint i = 0; i < n; i++)
    batch[i]->busy = TRUE;
  g_mutex_unlock (&writer->lock);
  n_finished = work_on (writer, batch, n, try_spool);
  g_mutex_lock (&writer->lock);
  for (guint i = 0; i < n; i++) {
    batch[i]->busy = FALSE;
    if (i < n_finished)
      remove_job (writer, batch[i]);
  }
  g_cond_broadcast (&writer->done);
}

static gpointer
run (gpointer user_data)
{
  AnprWriter *writer = user_data;

  block_sigpipe ();
  open_early (writer);
  g_mutex_lock (&writer->lock);
  while (TRUE) {
    gboolean try_spool = is_retry_due (writer);
    Job *batch[MAX_BATCH];
    guint n;

    if (is_expiry_due (writer)) {
      g_mutex_unlock (&writer->lock);
      expire (writer);
      g_mutex_lock (&writer->lock);
      continue;
    }
    n = next_jobs (writer, try_spool, batch);
    if (n > 0) {
      do_jobs (writer, batch, n, try_spool);
    } else if (writer->stopping) {
      break;
    } else if (try_spool && writer->stats.state == ANPR_WRITER_NOT_KEEPING) {
      g_mutex_unlock (&writer->lock);
      try_again (writer);
      g_mutex_lock (&writer->lock);
    } else {
      wait_for_work (writer);
    }
  }
  g_mutex_unlock (&writer->lock);
  g_clear_pointer (&writer->keeper, anpr_keeper_free);
  return NULL;
}

/* --- callers --- */

/**
 * anpr_writer_new: (skip)
 * @settings: copied
 * @listener: copied; all functions are set
 * @user_data: for @listener
 *
 * Starts the thread; does not wait for the disk.
 *
 * Returns: (transfer full): a writer
 */
AnprWriter *
anpr_writer_new (const AnprWriterSettings *settings,
    const AnprWriterListener *listener, gpointer user_data)
{
  AnprWriter *writer = g_new0 (AnprWriter, 1);

  writer->location = g_strdup (settings->location);
  writer->device = g_strdup (settings->device);
  writer->position = g_strdup (settings->position);
  writer->lane = g_strdup (settings->lane);
  writer->images = settings->images;
  if (settings->location)
    writer->keeper = anpr_keeper_new (settings);
  if (settings->json)
    writer->lines = anpr_lines_new (settings->json);
  writer->listener = *listener;
  writer->user_data = user_data;
  writer->stats.reason = "";
  writer->pause = RETRY_MIN;
  g_mutex_init (&writer->lock);
  g_cond_init (&writer->work);
  g_cond_init (&writer->done);
  g_queue_init (&writer->jobs);
  writer->thread = g_thread_new ("anprsink", run, writer);
  return writer;
}

static void
give_up_rest (AnprWriter *writer)
{
  guint n = writer->jobs.length;
  g_autoptr (GError) error = NULL;

  writer->stats.not_kept += n;
  g_queue_clear_full (&writer->jobs, (GDestroyNotify) anpr_keep_job_free);
  if (n == 0)
    return;
  error = g_error_new (ANPR_ERROR, ANPR_ERROR_SPOOL_WRITE,
      "%u passages could not be kept in \"%s\"", n, writer->location);
  writer->listener.failed (error, "they are lost here", writer->user_data);
}

/**
 * anpr_writer_free: (skip)
 * @writer: (transfer full): a writer no other thread uses any more
 * @last: (out): what it has done
 *
 * Waits until each waiting passage has been tried once more; what cannot be
 * kept then is counted as not kept.
 */
void
anpr_writer_free (AnprWriter *writer, AnprWriterStats *last)
{
  if (writer->lines)
    anpr_lines_hurry (writer->lines);
  g_mutex_lock (&writer->lock);
  writer->stopping = TRUE;
  writer->retry_at = 0;
  g_cond_broadcast (&writer->work);
  g_mutex_unlock (&writer->lock);
  (void) g_thread_join (writer->thread);
  give_up_rest (writer);
  *last = writer->stats;
  g_clear_pointer (&writer->lines, anpr_lines_free);
  g_mutex_clear (&writer->lock);
  g_cond_clear (&writer->work);
  g_cond_clear (&writer->done);
  g_free (writer->location);
  g_free (writer->device);
  g_free (writer->position);
  g_free (writer->lane);
  g_free (writer);
}

static void
say_overloaded (AnprWriter *writer)
{
  g_autoptr (GError) error = g_error_new_literal (ANPR_ERROR,
      ANPR_ERROR_SPOOL_OVERLOAD, "Too many passages wait to be kept");

  writer->listener.failed (error,
      "the oldest ones without a hit are dropped from now on",
      writer->user_data);
}

/* Returns whether one was dropped for it */
static gboolean
make_room (AnprWriter *writer, const Job *job, gboolean live)
{
  gboolean dropped = FALSE;

  while (is_full (writer, job) && !writer->flushing) {
    gboolean broken = writer->stats.state == ANPR_WRITER_NOT_KEEPING;

    if ((live || broken) && drop_one (writer, !live))
      dropped = TRUE;
    else
      g_cond_wait (&writer->done, &writer->lock);
  }
  return dropped;
}

/**
 * anpr_writer_add: (skip)
 * @writer: a writer
 * @passage: a closed passage
 * @live: drop the oldest rather than wait
 *
 * While flushing it does not wait, and the queue may grow beyond its bound by
 * those few that were on their way.
 */
void
anpr_writer_add (AnprWriter *writer, AnprPassage *passage, gboolean live)
{
  Job *job = anpr_keep_job_new (passage);
  gboolean dropped, first;

  g_mutex_lock (&writer->lock);
  dropped = make_room (writer, job, live);
  first = dropped && !writer->overloaded;
  writer->overloaded |= dropped;
  g_queue_push_tail (&writer->jobs, job);
  writer->bytes += job->bytes;
  writer->stats.passages++;
  writer->idle = FALSE;
  g_cond_broadcast (&writer->work);
  g_mutex_unlock (&writer->lock);
  if (first)
    say_overloaded (writer);
}

/**
 * anpr_writer_drain: (skip)
 * @writer: a writer
 *
 * Waits until each passage is kept or, with a spool that does not work, has
 * been tried again and written as a line; or until flushing.
 */
void
anpr_writer_drain (AnprWriter *writer)
{
  g_mutex_lock (&writer->lock);
  writer->idle = FALSE;
  writer->retry_at = 0;
  g_cond_broadcast (&writer->work);
  while (!writer->idle && !writer->flushing)
    g_cond_wait (&writer->done, &writer->lock);
  g_mutex_unlock (&writer->lock);
}

/**
 * anpr_writer_set_flushing: (skip)
 * @writer: a writer
 * @flushing: whether nobody may wait in it; any thread
 */
void
anpr_writer_set_flushing (AnprWriter *writer, gboolean flushing)
{
  g_mutex_lock (&writer->lock);
  writer->flushing = flushing;
  g_cond_broadcast (&writer->done);
  g_mutex_unlock (&writer->lock);
}

/**
 * anpr_writer_get_stats: (skip)
 * @writer: a writer
 * @stats: (out): as of now; any thread
 */
void
anpr_writer_get_stats (AnprWriter *writer, AnprWriterStats *stats)
{
  g_mutex_lock (&writer->lock);
  *stats = writer->stats;
  stats->waiting = writer->jobs.length;
  g_mutex_unlock (&writer->lock);
}

const gchar *
anpr_writer_state_to_string (AnprWriterState state)
{
  static const gchar *const names[] = {
    [ANPR_WRITER_OFF] = "off",
    [ANPR_WRITER_KEEPING] = "keeping",
    [ANPR_WRITER_NOT_KEEPING] = "not-keeping",
  };

  return names[state];
}
