/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_REDIS_LOOKUP_H
#define ANPR_HITMATCH_REDIS_LOOKUP_H

#include "hitlists.h"
#include "redisconnection.h"
#include "../record/read.h"

G_BEGIN_DECLS

/* Priority of the least urgent entries there can be: nothing is shed */
#define ANPR_REDIS_ALL_PRIORITIES 100

/* AnprRedisAnswer: what Redis knows about a read.
 *
 * lists    (element-type AnprHitList): every list that can be compared with,
 *          holding the entries that can concern the read and no others
 * removed  (element-type utf8): ids of lists that were taken out of use
 * shed     lists left out because their entries are not urgent enough
 * damaged  lists left out because what Redis holds of them is not sound
 * fault    (nullable) what is wrong with the last of these
 */
typedef struct {
  GPtrArray *lists;
  GPtrArray *removed;
  guint shed;
  guint damaged;
  gchar *fault;
} AnprRedisAnswer;

/* Lists as they are without entries, from one lookup to the next */
typedef struct _AnprRedisCache AnprRedisCache;

AnprRedisCache *anpr_redis_cache_new (void);
void anpr_redis_cache_free (AnprRedisCache *cache);
AnprRedisAnswer *anpr_redis_lookup (AnprRedisConnection *connection,
    AnprRedisCache *cache, const AnprRead *read, guint priority,
    gint64 deadline, GError **error);
AnprRedisAnswer *anpr_redis_answer_parse (
    const redisReply *reply, AnprRedisCache *cache);
AnprHitLists *anpr_redis_answer_join (
    const AnprRedisAnswer *answer, const AnprHitLists *files);
void anpr_redis_answer_free (AnprRedisAnswer *answer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprRedisCache, anpr_redis_cache_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprRedisAnswer, anpr_redis_answer_free)

G_END_DECLS

#endif
