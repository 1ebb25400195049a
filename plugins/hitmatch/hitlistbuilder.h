/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_HIT_LIST_BUILDER_H
#define ANPR_HITMATCH_HIT_LIST_BUILDER_H

#include "hitlist.h"

G_BEGIN_DECLS

typedef enum {
  ANPR_HIT_LIST_SOUND,
  ANPR_HIT_LIST_FULL,
  ANPR_HIT_LIST_TOO_MANY_LOOK_ALIKES,
  ANPR_HIT_LIST_TOO_MANY_PATTERNS,
  ANPR_HIT_LIST_SAME_ENTRY_TWICE,
  ANPR_HIT_LIST_PLATE_TOO_OFTEN,
  ANPR_HIT_LIST_TOO_MUCH_ALIKE,
  ANPR_HIT_LIST_NOT_WRITTEN,
} AnprHitListFault;

typedef struct _AnprHitListBuilder AnprHitListBuilder;

AnprHitListBuilder *anpr_hit_list_builder_new (
    const AnprHitListHeader *header, const gchar *folder);
void anpr_hit_list_builder_free (AnprHitListBuilder *builder);
AnprHitListFault anpr_hit_list_builder_add (AnprHitListBuilder *builder,
    const AnprHitEntry *entry, const gchar *key, const AnprListPattern *pattern,
    const gchar *const texts[ANPR_N_HIT_TEXTS]);
AnprHitListFault anpr_hit_list_builder_finish (
    AnprHitListBuilder *builder, AnprHitList **list, guint *entry);
gint anpr_hit_list_builder_get_fault (const AnprHitListBuilder *builder);
gboolean anpr_hit_list_builder_keep (
    AnprHitListBuilder *builder, const gchar *file);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprHitListBuilder, anpr_hit_list_builder_free)

G_END_DECLS

#endif
