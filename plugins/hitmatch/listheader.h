/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_LIST_HEADER_H
#define ANPR_HITMATCH_LIST_HEADER_H

#include "hitlist.h"
#include "../record/error.h"

G_BEGIN_DECLS

typedef enum {
  ANPR_LIST_HEADER_LIST,
  ANPR_LIST_HEADER_AUTHORITY,
  ANPR_LIST_HEADER_CATEGORY,
  ANPR_LIST_HEADER_PURPOSE,
  ANPR_LIST_HEADER_MATCH,
  ANPR_LIST_HEADER_LOOK_ALIKE_SIGNS,
  ANPR_LIST_HEADER_PRIORITY,
  ANPR_LIST_HEADER_VERSION,
  ANPR_LIST_HEADER_VALID_FROM,
  ANPR_LIST_HEADER_VALID_UNTIL,
  ANPR_LIST_HEADER_ISSUED,
  ANPR_LIST_HEADER_CONTACT,
  ANPR_N_LIST_HEADERS,
} AnprListHeaderKey;

/* The # lines of a list as they come in */
typedef struct {
  AnprHitListHeader values;
  gboolean seen[ANPR_N_LIST_HEADERS];
} AnprListHeader;

void anpr_list_header_init (AnprListHeader *header, const gchar *file);
void anpr_list_header_clear (AnprListHeader *header);
gchar *anpr_list_header_take (
    AnprListHeader *header, const gchar *key, const gchar *value);
gchar *anpr_list_header_complete (
    AnprListHeader *header, gint64 now, AnprError *code);

G_END_DECLS

#endif
