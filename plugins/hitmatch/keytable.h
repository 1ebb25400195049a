/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_KEY_TABLE_H
#define ANPR_HITMATCH_KEY_TABLE_H

#include <glib.h>

G_BEGIN_DECLS

/* A key and an entry that has it; mixed: see keytable.c. indirect: a writing of
 * an umlaut that is not the entry's own. Lies in files as it is. */
typedef struct {
  guint64 mixed;
  guint32 entry;
  guint32 indirect;
} AnprListKey;

/* Sorted keys, and where the keys of each bucket begin: (1 << bits) + 1
 * numbers. Points into memory of others. */
typedef struct {
  const AnprListKey *keys;
  gsize n;
  const guint32 *directory;
  guint bits;
} AnprKeyTable;

guint64 anpr_key_table_mix (guint64 packed);
void anpr_key_table_sort (AnprListKey *keys, gsize n);
guint anpr_key_table_bits (gsize n);
gsize anpr_key_table_directory_length (guint bits);
void anpr_key_table_fill_directory (
    const AnprListKey *keys, gsize n, guint bits, guint32 *directory);
void anpr_key_table_expect (
    const AnprKeyTable *table, guint64 packed, gboolean soon);
guint anpr_key_table_find (const AnprKeyTable *table, guint64 packed, guint max,
    const AnprListKey **first);

G_END_DECLS

#endif
