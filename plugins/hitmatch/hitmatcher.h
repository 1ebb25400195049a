/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_HIT_MATCHER_H
#define ANPR_HITMATCH_HIT_MATCHER_H

#include "hitcomparer.h"
#include "hitcomparison.h"
#include "listwatcher.h"

G_BEGIN_DECLS

/**
 * AnprHitMatcherSettings:
 * @path: (nullable): of the lists' file or folder
 * @ages: from which on lists are old
 * @deadline: of Redis for a read, milliseconds
 * @address: (nullable): of Redis, %NULL for the lists from files alone
 */
typedef struct {
  const gchar *path;
  AnprListAges ages;
  guint deadline;
  const AnprRedisAddress *address;
} AnprHitMatcherSettings;

/**
 * AnprHitMatcherListener:
 * @hit: something was found; in any thread of the matcher
 * @loaded: lists were read from files; the first time before the matcher is made
 * @fault: of a list or of Redis
 * @let_go: takes over the reference to a set of lists, to drop it in another
 *     thread: that takes milliseconds
 * @user_data: for all of them
 *
 * Told with no lock held.
 */
typedef struct {
  AnprComparisonHit hit;
  void (*loaded) (
      const AnprHitLists *lists, const GPtrArray *errors, gpointer user_data);
  void (*fault) (const GError *error, gpointer user_data);
  void (*let_go) (AnprHitLists *lists, gpointer user_data);
  gpointer user_data;
} AnprHitMatcherListener;

/**
 * AnprHitMatcherStats:
 * @passages: that ended
 * @compared: comparisons with the lists from files; not counted with Redis
 * @lookup_time: of these in all, nanoseconds
 * @lookup_time_max: of the longest, nanoseconds
 */
typedef struct {
  guint64 passages;
  guint64 compared;
  gint64 lookup_time;
  gint64 lookup_time_max;
} AnprHitMatcherStats;

typedef struct _AnprHitMatcher AnprHitMatcher;

AnprHitMatcher *anpr_hit_matcher_new (const AnprHitMatcherSettings *settings,
    const AnprHitMatcherListener *listener);
void anpr_hit_matcher_free (AnprHitMatcher *matcher);

void anpr_hit_matcher_set_path (AnprHitMatcher *matcher, const gchar *path);
void anpr_hit_matcher_set_ages (
    AnprHitMatcher *matcher, const AnprListAges *ages);
void anpr_hit_matcher_set_deadline (AnprHitMatcher *matcher, guint deadline);
void anpr_hit_matcher_get_stats (
    AnprHitMatcher *matcher, AnprHitMatcherStats *stats);
gboolean anpr_hit_matcher_get_redis_stats (
    AnprHitMatcher *matcher, AnprComparerStats *stats);
AnprHitLists *anpr_hit_matcher_get_lists (AnprHitMatcher *matcher);

void anpr_hit_matcher_set_live (AnprHitMatcher *matcher, gboolean live);
void anpr_hit_matcher_take_newest (AnprHitMatcher *matcher);
void anpr_hit_matcher_see_passage (
    AnprHitMatcher *matcher, AnprPassage *passage, const gchar *position);
void anpr_hit_matcher_see_read (AnprHitMatcher *matcher, AnprRead *read,
    const AnprMoment *moment, const gchar *position);
void anpr_hit_matcher_end_passage (
    AnprHitMatcher *matcher, AnprPassage *passage, const gchar *position);
void anpr_hit_matcher_drain (AnprHitMatcher *matcher);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprHitMatcher, anpr_hit_matcher_free)

G_END_DECLS

#endif
