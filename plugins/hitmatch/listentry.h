/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_LIST_ENTRY_H
#define ANPR_HITMATCH_LIST_ENTRY_H

#include "hitlist.h"

G_BEGIN_DECLS

#define ANPR_N_LIST_COLUMNS 32

/* The first of the columns are the ones a list cannot be without */
#define ANPR_N_NEEDED_LIST_COLUMNS 3

/* An entry as its fields come in; texts point into the line */
typedef struct {
  AnprHitEntry values;
  gboolean has_match;
  gboolean is_pattern;
  gchar key[ANPR_SHORT_KEY_SIZE];
  AnprListPattern pattern;
  const gchar *texts[ANPR_N_HIT_TEXTS];
} AnprListEntry;

gboolean anpr_list_column_find (const gchar *name, guint *column);
const gchar *anpr_list_column_get_name (guint column);
void anpr_list_entry_init (
    AnprListEntry *entry, const AnprHitListHeader *header);
const gchar *anpr_list_entry_take (
    AnprListEntry *entry, guint column, const gchar *value);
gchar *anpr_list_entry_check (
    AnprListEntry *entry, const AnprHitListHeader *header);

G_END_DECLS

#endif
