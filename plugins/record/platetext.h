/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_RECORD_PLATETEXT_H
#define ANPR_RECORD_PLATETEXT_H

#include <glib.h>

G_BEGIN_DECLS

/* Longest text looked at, in characters; plates have at most 12 signs. What a
 * hostile list or reader gives beyond it is cut off. */
#define ANPR_PLATE_TEXT_MAX 32

gchar *anpr_plate_key (const gchar *raw);
gchar *anpr_plate_folded_key (const gchar *key);

G_END_DECLS

#endif
