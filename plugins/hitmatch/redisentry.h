/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_REDIS_ENTRY_H
#define ANPR_HITMATCH_REDIS_ENTRY_H

#include "hitlist.h"
#include "../record/read.h"

G_BEGIN_DECLS

/* Bytes of the entries under one name; more is refused before it is parsed */
#define ANPR_REDIS_MAX_ENTRIES_TEXT (2 << 20)

/* What is kept of a list's header, each under the name it has in the file */
#define ANPR_N_REDIS_HEADERS 11

/* Where version is among these */
#define ANPR_REDIS_HEADER_VERSION 6

/* Names under which an entry is kept: three writings and what it looks like */
#define ANPR_REDIS_MAX_ENTRY_FIELDS 4

/* Names under which a read is looked for */
#define ANPR_REDIS_MAX_READ_FIELDS 64

/* Bytes of a name */
#define ANPR_REDIS_FIELD_SIZE 32

/* The name of all patterns of a list */
#define ANPR_REDIS_PATTERNS "?"

typedef gchar AnprRedisField[ANPR_REDIS_FIELD_SIZE];

/* A list that is made of what Redis holds */
typedef struct _AnprRedisList AnprRedisList;

/* An entry given by its columns: its JSON text, id, fields and priority */
typedef struct {
  GString *text;
  gchar *id;
  guint priority;
  guint n_fields;
  AnprRedisField fields[ANPR_REDIS_MAX_ENTRY_FIELDS];
} AnprRedisEntry;

const gchar *anpr_redis_header_get_name (guint i);
gchar *anpr_redis_header_get_value (const AnprHitListHeader *header, guint i);

AnprRedisList *anpr_redis_list_new (const gchar *id,
    const gchar *const values[ANPR_N_REDIS_HEADERS], const gchar *version,
    gchar **fault);
void anpr_redis_list_free (AnprRedisList *list);
const AnprHitListHeader *anpr_redis_list_get_header (const AnprRedisList *list);
gboolean anpr_redis_list_add (
    AnprRedisList *list, const gchar *text, gsize length, gchar **fault);
AnprHitList *anpr_redis_list_finish (AnprRedisList *list, gchar **fault);

void anpr_redis_entry_append (
    GString *text, const AnprHitList *list, guint entry);
gboolean anpr_redis_entry_take (AnprRedisEntry *entry,
    const AnprHitListHeader *header, const gchar *const *columns,
    gchar **fault);
void anpr_redis_entry_clear (AnprRedisEntry *entry);

guint anpr_redis_entry_fields (const AnprHitList *list, guint entry,
    AnprRedisField fields[ANPR_REDIS_MAX_ENTRY_FIELDS]);
guint anpr_redis_plate_fields (
    const gchar *plate, AnprRedisField fields[ANPR_REDIS_MAX_ENTRY_FIELDS]);
guint anpr_redis_read_fields (
    const AnprRead *read, AnprRedisField fields[ANPR_REDIS_MAX_READ_FIELDS]);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprRedisList, anpr_redis_list_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AnprRedisEntry, anpr_redis_entry_clear)

G_END_DECLS

#endif
