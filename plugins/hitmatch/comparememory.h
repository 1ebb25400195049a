/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_COMPARE_MEMORY_H
#define ANPR_HITMATCH_COMPARE_MEMORY_H

#include <glib.h>

G_BEGIN_DECLS

/* Passages remembered; beyond it the one that was first is forgotten */
#define ANPR_COMPARE_MEMORY_MAX 1024

/* What was not seen for so long is new again, microseconds */
#define ANPR_COMPARE_MEMORY_TIME (10 * G_USEC_PER_SEC)

typedef struct _AnprCompareMemory AnprCompareMemory;

AnprCompareMemory *anpr_compare_memory_new (void);
void anpr_compare_memory_free (AnprCompareMemory *memory);
gboolean anpr_compare_memory_is_new (AnprCompareMemory *memory,
    const gchar *what, const gchar *text, guint generation, gint64 utc);
void anpr_compare_memory_forget (AnprCompareMemory *memory, const gchar *what);
guint anpr_compare_memory_get_size (const AnprCompareMemory *memory);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprCompareMemory, anpr_compare_memory_free)

G_END_DECLS

#endif
