/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_LIST_TEXT_H
#define ANPR_LIST_TEXT_H

#include "../plugins/hitmatch/hitlist.h"

G_BEGIN_DECLS

const gchar *anpr_list_text_of (
    const AnprHitList *list, guint entry, AnprHitText text);
gchar *anpr_list_text_line (const AnprHitList *list);
gchar *anpr_list_text_whole (const AnprHitList *list, gint64 now);
gchar *anpr_list_text_entry (const AnprHitList *list, guint entry);
gchar *anpr_list_text_time (gint64 utc);

G_END_DECLS

#endif
