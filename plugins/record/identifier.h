/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_RECORD_IDENTIFIER_H
#define ANPR_RECORD_IDENTIFIER_H

#include <glib.h>

G_BEGIN_DECLS

#define ANPR_IDENTIFIER_LENGTH 36

gchar *anpr_identifier_new (void);
gchar *anpr_identifier_new_at (gint64 unix_us);

G_END_DECLS

#endif
