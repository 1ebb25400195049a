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

G_END_DECLS

#endif
