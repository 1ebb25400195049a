/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_BACKOFF_H
#define ANPR_BACKOFF_H

#include <glib.h>

G_BEGIN_DECLS

/* Longest and shortest pause, microseconds */
#define ANPR_BACKOFF_MAX (30 * G_USEC_PER_SEC)
#define ANPR_BACKOFF_MIN (G_USEC_PER_SEC / 20)

gint64 anpr_backoff_pause (guint attempt, gdouble chance);

G_END_DECLS

#endif
