/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_REPEAT_MEMORY_H
#define ANPR_HITMATCH_REPEAT_MEMORY_H

#include "../record/hit.h"

G_BEGIN_DECLS

/* Entries whose alerts are remembered */
#define ANPR_REPEAT_MEMORY_MAX 1024

typedef struct _AnprRepeatMemory AnprRepeatMemory;

AnprRepeatMemory *anpr_repeat_memory_new (void);
void anpr_repeat_memory_free (AnprRepeatMemory *memory);
guint anpr_repeat_memory_count (AnprRepeatMemory *memory, const AnprHit *hit,
    gint64 utc, gint64 window, gchar **first);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprRepeatMemory, anpr_repeat_memory_free)

G_END_DECLS

#endif
