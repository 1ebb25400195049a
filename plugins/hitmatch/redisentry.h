/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_REDIS_ENTRY_H
#define ANPR_HITMATCH_REDIS_ENTRY_H

#include "hitlist.h"

G_BEGIN_DECLS

/* Bytes of the entries of one plate; more is refused before it is parsed */
#define ANPR_REDIS_MAX_ENTRIES_TEXT (2 << 20)

/* Names under which one plate is kept or looked for */
#define ANPR_REDIS_MAX_FIELDS 3

/* What is kept of a list's header, each under the name it has in the file */
#define ANPR_N_REDIS_HEADERS 8

const gchar *anpr_redis_header_get_name (guint i);
gchar *anpr_redis_header_get_value (const AnprHitListHeader *header, guint i);
AnprHitList *anpr_redis_header_parse (const gchar *id,
    const gchar *const values[ANPR_N_REDIS_HEADERS], const gchar *version,
    gchar **fault);

void anpr_redis_entry_append (
    GString *text, const AnprHitList *list, guint entry);
gboolean anpr_redis_entry_from_columns (const AnprHitListHeader *header,
    const gchar *const *columns, GString *text, gchar key[ANPR_SHORT_KEY_SIZE],
    guint *priority, gchar **fault);
gboolean anpr_redis_entries_parse (AnprHitList *list, GHashTable *seen,
    const gchar *text, gsize length, gchar **fault);

guint anpr_redis_fields (
    const gchar *key, gchar fields[ANPR_REDIS_MAX_FIELDS][ANPR_SHORT_KEY_SIZE]);

G_END_DECLS

#endif
