/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SPOOL_DELIVERY_H
#define ANPR_SPOOL_DELIVERY_H

#include "spool.h"

G_BEGIN_DECLS

/* A reason of a refusal is cut here, bytes */
#define ANPR_SPOOL_MAX_REASON 300

/**
 * AnprSpoolDelivery:
 * @number: of the row, for anpr_spool_acknowledge() and anpr_spool_refuse();
 *     never used for another passage
 * @id: of the passage
 * @position: camera place
 * @sequence: number at its position
 * @has_hits: whether it has any
 * @record: the line as kept
 * @images: (element-type AnprSpoolImage): its pictures, without those given up
 *
 * A passage that is to be delivered.
 */
typedef struct {
  gint64 number;
  gchar *id;
  gchar *position;
  guint64 sequence;
  gboolean has_hits;
  gchar *record;
  GPtrArray *images;
} AnprSpoolDelivery;

/**
 * AnprSpoolBacklog:
 * @rows: not delivered yet, without those refused
 * @rows_with_hits: of these, with a hit
 * @bytes: of their records and pictures
 * @oldest_utc: best shot of the one kept first, microseconds since 1970, 0 if
 *     there is none
 * @refused: refused by the centre for good
 */
typedef struct {
  guint64 rows;
  guint64 rows_with_hits;
  guint64 bytes;
  gint64 oldest_utc;
  guint64 refused;
} AnprSpoolBacklog;

void anpr_spool_delivery_free (AnprSpoolDelivery *delivery);

GPtrArray *anpr_spool_get_undelivered (
    AnprSpool *spool, guint max_rows, gsize max_bytes, GError **error);
gboolean anpr_spool_acknowledge (AnprSpool *spool, const gint64 *numbers,
    guint n, gint64 utc, GError **error);
gboolean anpr_spool_refuse (AnprSpool *spool, gint64 number,
    const gchar *reason, gint64 utc, GError **error);
gboolean anpr_spool_retry_refused (
    AnprSpool *spool, guint *n_retried, GError **error);
gboolean anpr_spool_get_backlog (
    AnprSpool *spool, AnprSpoolBacklog *backlog, GError **error);

G_END_DECLS

#endif
