/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_HIT_OUTBOX_H
#define ANPR_HITMATCH_HIT_OUTBOX_H

#include "redisaddress.h"
#include "../record/hit.h"

G_BEGIN_DECLS

/* The stream that dispatchers read, and how many it keeps, or some more */
#define ANPR_HITS_STREAM "anpr:hits"
#define ANPR_HITS_STREAM_LENGTH "100000"

/* Hits that may wait for Redis */
#define ANPR_HIT_OUTBOX_MAX 10000

/* A hit that waited longer than this is late */
#define ANPR_HIT_LATE_TIME (2 * G_TIME_SPAN_SECOND)

/* AnprHitNote: a hit for dispatchers.
 *
 * hit       the hit
 * passage   (nullable) id of its passage
 * text      the plate key that was read
 * position  (nullable) the camera's place
 * utc       when the plate was seen, microseconds since 1970
 * first     (nullable) id of the hit that this one repeats
 * count     how often that entry was hit by now, 1 for the first time
 */
typedef struct {
  AnprHit *hit;
  const gchar *passage;
  const gchar *text;
  const gchar *position;
  gint64 utc;
  const gchar *first;
  guint count;
} AnprHitNote;

/* Told from the outbox' thread, never with a lock held */
typedef void (*AnprHitOutboxFault) (const GError *error, gpointer user_data);

typedef struct {
  guint64 delivered;
  guint64 late;
  guint64 dropped;
  guint waiting;
} AnprHitOutboxStats;

typedef struct _AnprHitOutbox AnprHitOutbox;

AnprHitOutbox *anpr_hit_outbox_new (const AnprRedisAddress *address,
    AnprHitOutboxFault fault, gpointer user_data);
void anpr_hit_outbox_free (AnprHitOutbox *outbox);
gboolean anpr_hit_outbox_goes_to (
    const AnprHitOutbox *outbox, const AnprRedisAddress *address);
void anpr_hit_outbox_put (AnprHitOutbox *outbox, const AnprHitNote *note);
void anpr_hit_outbox_get_stats (
    AnprHitOutbox *outbox, AnprHitOutboxStats *stats);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprHitOutbox, anpr_hit_outbox_free)

G_END_DECLS

#endif
