/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef ANPR_SPOOL_VERIFY_PRIVATE_H
#define ANPR_SPOOL_VERIFY_PRIVATE_H

#include "spool-private.h"

G_BEGIN_DECLS

void anpr_spool_verdict_add_head (AnprSpoolVerdict *verdict,
    const gchar *position, guint64 sequence, const gchar *hash);
gboolean anpr_spool_verify_report (
    AnprSpool *spool, AnprSpoolVerdict *verdict, GError **error);

G_END_DECLS

#endif
