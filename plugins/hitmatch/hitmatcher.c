/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What is compared with which lists, and when.
 *
 * A passage is compared when its text is another than the last time, when its
 * direction becomes known, when the lists may be others, and once more at its end;
 * a read of nobody's passage when its text has not been seen for a while. With
 * files alone that is done at once; with Redis it is handed to the comparer, and
 * waited for at a passage's end, or always where the stream is not live, so that
 * what is found does not depend on who is faster.
 *
 * Threads. The caller's streaming thread alone uses lists, generation, memory and
 * live. Watcher and comparer have threads of their own and are there from the
 * beginning to the end. The watcher has the set of lists loaded last; the
 * streaming thread takes it over when it likes. Sets are immutable, so only ages
 * and stats need the lock. No lock is held while something is told.
 */

#include "hitmatcher.h"
#include "comparememory.h"

#include <time.h>

/* With Redis, whose lists change unseen, a text is compared again after that */
#define REDIS_INTERVAL (2 * G_TIME_SPAN_SECOND)

#define N_DIRECTIONS 3

struct _AnprHitMatcher {
  AnprHitMatcherListener listener;
  AnprListWatcher *watcher;
  AnprComparer *comparer; /* NULL without Redis */

  /* streaming thread */
  AnprHitLists *lists;
  guint generation;
  AnprCompareMemory *memory;
  gboolean live;

  GMutex lock;
  AnprListAges ages;
  AnprHitMatcherStats stats;
};

static void
start_comparer (
    AnprHitMatcher *matcher, const AnprRedisAddress *address, guint deadline)
{
  const AnprComparerListener listener = { matcher->listener.hit,
    matcher->listener.fault, matcher->listener.user_data };

  matcher->comparer =
      anpr_comparer_new (address, deadline, matcher->lists, &listener);
  anpr_comparer_wait_for_redis (matcher->comparer);
}

/**
 * anpr_hit_matcher_new: (skip)
 * @settings: what to compare with
 * @listener: copied; all functions are set
 *
 * Reads the lists, and waits for Redis for as long as the comparer does.
 *
 * Returns: (transfer full): a matcher
 */
AnprHitMatcher *
anpr_hit_matcher_new (const AnprHitMatcherSettings *settings,
    const AnprHitMatcherListener *listener)
{
  AnprHitMatcher *matcher = g_new0 (AnprHitMatcher, 1);
  const AnprListWatcherListener watching = { listener->loaded, listener->fault,
    listener->user_data };

  g_mutex_init (&matcher->lock);
  matcher->listener = *listener;
  matcher->ages = settings->ages;
  matcher->memory = anpr_compare_memory_new ();
  matcher->watcher =
      anpr_list_watcher_new (settings->path, &settings->ages, &watching);
  anpr_hit_matcher_take_newest (matcher);
  if (settings->address)
    start_comparer (matcher, settings->address, settings->deadline);
  return matcher;
}

/**
 * anpr_hit_matcher_free: (skip)
 * @matcher: (nullable) (transfer full): a matcher no other thread uses any more
 *
 * What still waits is compared and told before.
 */
void
anpr_hit_matcher_free (AnprHitMatcher *matcher)
{
  if (!matcher)
    return;
  anpr_list_watcher_free (matcher->watcher);
  g_clear_pointer (&matcher->comparer, anpr_comparer_free);
  anpr_hit_lists_unref (matcher->lists);
  anpr_compare_memory_free (matcher->memory);
  g_mutex_clear (&matcher->lock);
  g_free (matcher);
}

/* --- any thread --- */

/**
 * anpr_hit_matcher_set_path: (skip)
 * @matcher: a matcher
 * @path: (nullable): where lists are from now on, or are to be read again
 */
void
anpr_hit_matcher_set_path (AnprHitMatcher *matcher, const gchar *path)
{
  anpr_list_watcher_set_path (matcher->watcher, path);
}

void
anpr_hit_matcher_set_ages (AnprHitMatcher *matcher, const AnprListAges *ages)
{
  g_mutex_lock (&matcher->lock);
  matcher->ages = *ages;
  g_mutex_unlock (&matcher->lock);
  anpr_list_watcher_set_ages (matcher->watcher, ages);
}

void
anpr_hit_matcher_set_deadline (AnprHitMatcher *matcher, guint deadline)
{
  if (matcher->comparer)
    anpr_comparer_set_deadline (matcher->comparer, deadline);
}

void
anpr_hit_matcher_get_stats (AnprHitMatcher *matcher, AnprHitMatcherStats *stats)
{
  g_mutex_lock (&matcher->lock);
  *stats = matcher->stats;
  g_mutex_unlock (&matcher->lock);
}

/**
 * anpr_hit_matcher_get_redis_stats: (skip)
 * @matcher: a matcher
 * @stats: (out): of Redis
 *
 * Returns: whether it has one
 */
gboolean
anpr_hit_matcher_get_redis_stats (
    AnprHitMatcher *matcher, AnprComparerStats *stats)
{
  if (matcher->comparer)
    anpr_comparer_get_stats (matcher->comparer, stats);
  return matcher->comparer != NULL;
}

/**
 * anpr_hit_matcher_get_lists: (skip)
 * @matcher: a matcher
 *
 * Returns: (transfer full): the lists that were loaded last
 */
AnprHitLists *
anpr_hit_matcher_get_lists (AnprHitMatcher *matcher)
{
  return anpr_list_watcher_get_lists (matcher->watcher);
}

/* --- the streaming thread --- */

/**
 * anpr_hit_matcher_set_live: (skip)
 * @matcher: a matcher
 * @live: do not wait for Redis before a passage ends
 */
void
anpr_hit_matcher_set_live (AnprHitMatcher *matcher, gboolean live)
{
  matcher->live = live;
}

/**
 * anpr_hit_matcher_take_newest: (skip)
 * @matcher: a matcher
 *
 * From now on reads are compared with the lists that were loaded last.
 */
void
anpr_hit_matcher_take_newest (AnprHitMatcher *matcher)
{
  g_autoptr (AnprHitLists) newest =
      anpr_list_watcher_get_lists (matcher->watcher);
  AnprHitLists *before = matcher->lists;

  if (newest == before)
    return;
  matcher->lists = g_steal_pointer (&newest);
  matcher->generation++;
  if (before && matcher->comparer)
    anpr_comparer_set_files (matcher->comparer, matcher->lists);
  if (before)
    matcher->listener.let_go (before, matcher->listener.user_data);
}

/* Lists and entries count if they are valid when the plate was seen, whatever
 * date the camera believes it is; where nobody knows when that was, now */
static gint64
utc_of (const AnprMoment *moment)
{
  gint64 utc = anpr_moment_get_checked_utc (moment);

  return utc > 0 ? utc : g_get_real_time ();
}

static void
compare_in_redis (
    AnprHitMatcher *matcher, const AnprComparison *comparison, gboolean last)
{
  if (last || !matcher->live)
    anpr_comparer_finish (matcher->comparer, comparison);
  else
    anpr_comparer_compare (matcher->comparer, comparison);
}

static gint64
get_nanoseconds (void)
{
  struct timespec now;

  (void) clock_gettime (CLOCK_MONOTONIC, &now);
  return (gint64) now.tv_sec * 1000 * 1000 * 1000 + now.tv_nsec;
}

static void
compare_in_files (AnprHitMatcher *matcher, const AnprComparison *comparison)
{
  AnprHitMatcherStats *stats = &matcher->stats;
  gint64 start = get_nanoseconds (), time;

  anpr_comparison_make (comparison, matcher->lists, matcher->listener.hit,
      matcher->listener.user_data);
  time = get_nanoseconds () - start;
  g_mutex_lock (&matcher->lock);
  stats->compared++;
  stats->lookup_time += time;
  stats->lookup_time_max = MAX (stats->lookup_time_max, time);
  g_mutex_unlock (&matcher->lock);
}

static void
compare (AnprHitMatcher *matcher, AnprComparison *comparison, gboolean last)
{
  g_mutex_lock (&matcher->lock);
  comparison->ages = matcher->ages;
  g_mutex_unlock (&matcher->lock);
  if (matcher->comparer)
    compare_in_redis (matcher, comparison, last);
  else
    compare_in_files (matcher, comparison);
}

/* Changes when what a text is compared with may be another, or its direction
 * is known now, which an entry may ask for */
static guint
get_generation (AnprHitMatcher *matcher, gint64 utc, AnprDirection direction)
{
  guint generation = matcher->generation
                     + (matcher->comparer ? (guint) (utc / REDIS_INTERVAL) : 0);

  return generation * N_DIRECTIONS + direction;
}

static void
compare_passage (AnprHitMatcher *matcher, AnprPassage *passage,
    const gchar *position, gboolean last)
{
  g_autoptr (AnprRead) read = anpr_passage_get_read (passage);
  AnprComparison comparison = { .passage = passage, .read = read };
  gint64 seen;
  AnprMoment moment;
  gboolean fresh;

  anpr_passage_get_moments (passage, NULL, &comparison.moment, &moment);
  comparison.place.position = position;
  comparison.place.direction = anpr_passage_get_direction (passage);
  seen = utc_of (&moment);
  fresh = anpr_compare_memory_is_new (matcher->memory,
      anpr_passage_get_id (passage), read ? read->text : NULL,
      get_generation (matcher, seen, comparison.place.direction), seen);
  if (!fresh && !(matcher->comparer && last))
    return;
  comparison.utc = utc_of (&comparison.moment);
  compare (matcher, &comparison, last);
}

/**
 * anpr_hit_matcher_see_passage: (skip)
 * @matcher: a matcher
 * @passage: that goes on
 * @position: (nullable): name of the place
 */
void
anpr_hit_matcher_see_passage (
    AnprHitMatcher *matcher, AnprPassage *passage, const gchar *position)
{
  compare_passage (matcher, passage, position, FALSE);
}

/**
 * anpr_hit_matcher_see_read: (skip)
 * @matcher: a matcher
 * @read: of nobody's passage: nothing but the hits comes of it
 * @moment: of its picture
 * @position: (nullable): name of the place
 */
void
anpr_hit_matcher_see_read (AnprHitMatcher *matcher, AnprRead *read,
    const AnprMoment *moment, const gchar *position)
{
  AnprComparison comparison = { .read = read, .moment = *moment };

  comparison.place.position = position;
  comparison.utc = utc_of (moment);
  if (!read->text
      || !anpr_compare_memory_is_new (matcher->memory, read->text, read->text,
          matcher->generation, comparison.utc))
    return;
  compare (matcher, &comparison, FALSE);
}

/**
 * anpr_hit_matcher_end_passage: (skip)
 * @matcher: a matcher
 * @passage: that is about to be closed
 * @position: (nullable): name of the place
 *
 * Every passage is compared once more, whatever came before (R9).
 */
void
anpr_hit_matcher_end_passage (
    AnprHitMatcher *matcher, AnprPassage *passage, const gchar *position)
{
  compare_passage (matcher, passage, position, TRUE);
  anpr_compare_memory_forget (matcher->memory, anpr_passage_get_id (passage));
  g_mutex_lock (&matcher->lock);
  matcher->stats.passages++;
  g_mutex_unlock (&matcher->lock);
}

/**
 * anpr_hit_matcher_drain: (skip)
 * @matcher: a matcher
 *
 * Waits until everything that was handed over is compared and told.
 */
void
anpr_hit_matcher_drain (AnprHitMatcher *matcher)
{
  if (matcher->comparer)
    anpr_comparer_drain (matcher->comparer);
}
