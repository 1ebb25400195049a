/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_FORWARD_SPOOL_H
#define ANPR_FORWARD_SPOOL_H

#include "ingest.h"
#include "spooldelivery.h"

G_BEGIN_DECLS

typedef struct _AnprForwardSpool AnprForwardSpool;

/* An answer that is written down now */
typedef void (*AnprForwardWritten) (const AnprSpoolDelivery *delivery,
    const AnprIngestAnswer *answer, gpointer user_data);

AnprForwardSpool *anpr_forward_spool_new (
    const gchar *location, const gchar *key);
void anpr_forward_spool_free (AnprForwardSpool *spool);
gboolean anpr_forward_spool_exists (AnprForwardSpool *spool);
gboolean anpr_forward_spool_open (AnprForwardSpool *spool, GError **error);
void anpr_forward_spool_close (AnprForwardSpool *spool);

gboolean anpr_forward_spool_read (
    AnprForwardSpool *spool, guint max_rows, gsize max_bytes, GError **error);
GPtrArray *anpr_forward_spool_get_batch (AnprForwardSpool *spool);
AnprIngestAnswer *anpr_forward_spool_get_answers (AnprForwardSpool *spool);
gsize anpr_forward_spool_get_bytes (const AnprForwardSpool *spool);
gboolean anpr_forward_spool_write_answers (AnprForwardSpool *spool,
    AnprForwardWritten written, gpointer user_data, GError **error);
gboolean anpr_forward_spool_count (
    AnprForwardSpool *spool, AnprSpoolBacklog *backlog);

G_END_DECLS

#endif
