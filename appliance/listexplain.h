/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_LIST_EXPLAIN_H
#define ANPR_LIST_EXPLAIN_H

#include "../plugins/hitmatch/hitlists.h"
#include "../plugins/record/read.h"

G_BEGIN_DECLS

/* Traffic that false hits are estimated from.
 *
 * reads      (element-type AnprRead) (nullable): what was read of it; NULL where
 *            nothing is known but how much there is
 * days       that the reads are of
 * passages   a day
 */
typedef struct {
  GPtrArray *reads;
  gdouble days;
  gdouble passages;
} AnprListTraffic;

/* Told of each entry; covert: for cleared users only */
typedef void (*AnprListExplainFunc) (
    const gchar *text, gboolean covert, gpointer user_data);

guint anpr_list_explain (const AnprHitLists *lists, const gchar *plate,
    gint64 now, const AnprListTraffic *traffic, AnprListExplainFunc func,
    gpointer user_data);

G_END_DECLS

#endif
