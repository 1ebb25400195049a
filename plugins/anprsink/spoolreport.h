/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SPOOL_REPORT_H
#define ANPR_SPOOL_REPORT_H

#include "spool.h"

G_BEGIN_DECLS

gboolean anpr_spool_visit_report (AnprSpool *spool, AnprSpoolVisitor visitor,
    gpointer user_data, GError **error);

G_END_DECLS

#endif
