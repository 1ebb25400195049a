/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SPOOL_REMOVE_PRIVATE_H
#define ANPR_SPOOL_REMOVE_PRIVATE_H

#include "spool-private.h"

G_BEGIN_DECLS

/* Passages that one transaction erases at most, so that none takes long */
#define ANPR_ERASE_STEP 256

typedef enum {
  ANPR_ERASED_AT_LIMIT,
  ANPR_ERASED_DELIVERED,
  ANPR_ERASED_FOR_ROOM,
  ANPR_ERASED_DAMAGED,
} AnprErasedReason;

/**
 * AnprErasedPlace:
 * @position: camera place
 * @passages: (element-type guint64): numbers of passages that were erased
 * @undelivered: how many of them the centre never had
 * @pictures: (element-type guint64): numbers of passages that lost a picture
 * @anchor_sequence: where its chain begins behind now, if @anchor_hash is set
 * @anchor_hash: (nullable): hash of that record
 *
 * What one transaction erased at one position.
 */
typedef struct {
  gchar *position;
  GArray *passages;
  guint undelivered;
  GArray *pictures;
  guint64 anchor_sequence;
  gchar *anchor_hash;
} AnprErasedPlace;

/**
 * AnprErasing:
 * @spool: inside a transaction
 * @reason: why
 * @places: (element-type AnprErasedPlace): what so far
 * @passages: how many passages so far
 * @undelivered: of them, never delivered
 * @bytes: of records and pictures
 *
 * An erasure under way. anpr_erasing_finish() belongs into the same transaction.
 */
typedef struct {
  AnprSpool *spool;
  AnprErasedReason reason;
  GPtrArray *places;
  guint64 passages;
  guint64 undelivered;
  guint64 bytes;
} AnprErasing;

void anpr_erasing_init (
    AnprErasing *erasing, AnprSpool *spool, AnprErasedReason reason);
void anpr_erasing_clear (AnprErasing *erasing);
AnprErasedPlace *anpr_erasing_get_place (
    AnprErasing *erasing, const gchar *position);
gint anpr_erasing_remove (AnprErasing *erasing, gint64 number);
gint anpr_erasing_finish (AnprErasing *erasing);

gint anpr_spool_report (
    AnprSpool *spool, AnprErasedReason reason, gint64 time, GPtrArray *places);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AnprErasing, anpr_erasing_clear)

G_END_DECLS

#endif
