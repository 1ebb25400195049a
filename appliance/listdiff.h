/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_LIST_DIFF_H
#define ANPR_LIST_DIFF_H

#include "../plugins/hitmatch/hitlist.h"

G_BEGIN_DECLS

typedef struct {
  guint added;
  guint removed;
  guint changed;
} AnprListChanges;

/* Told of each change; covert: of an entry for cleared users only */
typedef void (*AnprListChangeFunc) (
    const gchar *line, gboolean covert, gpointer user_data);

void anpr_list_diff (const AnprHitList *before, const AnprHitList *after,
    AnprListChangeFunc func, gpointer user_data, AnprListChanges *changes);

G_END_DECLS

#endif
