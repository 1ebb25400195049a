/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_HIT_COMPARER_H
#define ANPR_HITMATCH_HIT_COMPARER_H

#include "hitcomparison.h"
#include "redisaddress.h"

G_BEGIN_DECLS

/* Comparisons that may wait */
#define ANPR_COMPARER_MAX_WAITING 256

/* So many waiting are too many: lists that are not urgent are left out until
 * the fewer are left */
#define ANPR_COMPARER_OVERLOADED 32
#define ANPR_COMPARER_RELIEVED 8

/* Lists without an entry as urgent as this are shed in overload */
#define ANPR_COMPARER_SHED_PRIORITY 50

/* Told from threads of the comparer and from those that call it, never with a
 * lock held */
typedef void (*AnprComparerFault) (const GError *error, gpointer user_data);

typedef struct {
  AnprComparisonHit hit;
  AnprComparerFault fault;
  gpointer user_data;
} AnprComparerListener;

/* AnprComparerStats: counts since the comparer was made.
 *
 * compared     comparisons made
 * from_redis   of these, with what Redis answered
 * from_files   of these, with the lists from files alone
 * crowded      of these, on the caller's own thread for want of room
 * shed         comparisons that left out a list for want of time
 * losses       times that Redis went away
 * redis_time, redis_time_max   of the lookups that were answered, microseconds
 * list_age     of the oldest list in Redis, microseconds since it was issued;
 *              -1 not known yet
 * in_use       whether Redis is in use now
 */
typedef struct {
  guint64 compared;
  guint64 from_redis;
  guint64 from_files;
  guint64 crowded;
  guint64 shed;
  guint64 losses;
  guint64 redis_time;
  guint64 redis_time_max;
  gint64 list_age;
  gboolean in_use;
} AnprComparerStats;

typedef struct _AnprComparer AnprComparer;

AnprComparer *anpr_comparer_new (const AnprRedisAddress *address,
    guint deadline, AnprHitLists *files, const AnprComparerListener *listener);
void anpr_comparer_free (AnprComparer *comparer);
void anpr_comparer_wait_for_redis (AnprComparer *comparer);
void anpr_comparer_set_files (AnprComparer *comparer, AnprHitLists *files);
void anpr_comparer_set_deadline (AnprComparer *comparer, guint deadline);
void anpr_comparer_compare (
    AnprComparer *comparer, const AnprComparison *comparison);
void anpr_comparer_finish (
    AnprComparer *comparer, const AnprComparison *comparison);
void anpr_comparer_drain (AnprComparer *comparer);
void anpr_comparer_get_stats (AnprComparer *comparer, AnprComparerStats *stats);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprComparer, anpr_comparer_free)

G_END_DECLS

#endif
