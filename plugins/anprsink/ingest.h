/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_INGEST_H
#define ANPR_INGEST_H

#include "centralconnection.h"

G_BEGIN_DECLS

typedef enum {
  ANPR_INGEST_OPEN, /* not known yet */
  ANPR_INGEST_KEPT,
  ANPR_INGEST_ALREADY,
  ANPR_INGEST_REFUSED,
} AnprIngestOutcome;

/* What became of one delivery. reason is why it was refused, or for one that was
 * kept (nullable) what is to be said of it. */
typedef struct {
  AnprIngestOutcome outcome;
  gchar *reason;
} AnprIngestAnswer;

AnprIngestAnswer *anpr_ingest_answers_new (guint n);
void anpr_ingest_answers_free (AnprIngestAnswer *answers, guint n);
gboolean anpr_ingest (AnprCentralConnection *connection, GPtrArray *deliveries,
    AnprIngestAnswer *answers, guint timeout, GCancellable *cancellable,
    GError **error);

G_END_DECLS

#endif
