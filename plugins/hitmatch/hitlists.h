/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_HIT_LISTS_H
#define ANPR_HITMATCH_HIT_LISTS_H

#include <gio/gio.h>
#include "hitlist.h"

G_BEGIN_DECLS

/* Lists of one folder; more are refused */
#define ANPR_HIT_LISTS_MAX 256

/* Entries of all lists together; lists beyond it are refused */
#define ANPR_HIT_LISTS_MAX_ENTRIES 24000000

typedef struct _AnprHitLists AnprHitLists;

AnprHitLists *anpr_hit_lists_load (const gchar *path, AnprHitLists *before,
    gint64 now, GCancellable *cancellable, GPtrArray **errors);
AnprHitLists *anpr_hit_lists_new_empty (void);
AnprHitLists *anpr_hit_lists_new_from (GPtrArray *lists);
AnprHitLists *anpr_hit_lists_ref (AnprHitLists *lists);
void anpr_hit_lists_unref (AnprHitLists *lists);

gboolean anpr_hit_lists_is_list_file (const gchar *name);
guint anpr_hit_lists_get_n_lists (const AnprHitLists *lists);
const AnprHitList *anpr_hit_lists_get_list (const AnprHitLists *lists, guint i);
guint64 anpr_hit_lists_get_n_entries (const AnprHitLists *lists);
gint64 anpr_hit_lists_get_age (const AnprHitLists *lists, gint64 utc);
guint anpr_hit_lists_get_n_refused (const AnprHitLists *lists);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprHitLists, anpr_hit_lists_unref)

G_END_DECLS

#endif
