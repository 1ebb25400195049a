/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_LOG_H
#define ANPR_LOG_H

#include "../plugins/record/error.h"

G_BEGIN_DECLS

void anpr_log_set_up (void);
void anpr_log_note (const gchar *position, const gchar *format, ...)
    G_GNUC_PRINTF (2, 3);
void anpr_log_fault (const gchar *position, const gchar *code,
    const gchar *message, const gchar *advice);

G_END_DECLS

#endif
