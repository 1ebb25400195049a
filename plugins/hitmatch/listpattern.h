/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_LIST_PATTERN_H
#define ANPR_HITMATCH_LIST_PATTERN_H

#include "shortkey.h"

G_BEGIN_DECLS

/* Signs of a pattern, wildcards included */
#define ANPR_LIST_PATTERN_SIGNS 18

/* Letters and digits that a pattern must name: fewer are no plate but a
 * country */
#define ANPR_LIST_PATTERN_LEAST_SIGNS 3

/* In place of a sign: any one sign; any signs, or none */
#define ANPR_LIST_PATTERN_ONE 0xfe
#define ANPR_LIST_PATTERN_ANY 0xff

/* A pattern and the entry that has it. Lies in files as it is. */
typedef struct {
  guint32 entry;
  guint8 indirect;
  guint8 n;
  guint8 signs[ANPR_LIST_PATTERN_SIGNS];
} AnprListPattern;

gboolean anpr_list_pattern_is_one (const gchar *plate);
gboolean anpr_list_pattern_parse (AnprListPattern *pattern, const gchar *plate);
gboolean anpr_list_pattern_without_umlauts (
    const AnprListPattern *pattern, AnprUmlaut writing, AnprListPattern *other);
gboolean anpr_list_pattern_matches (
    const AnprListPattern *pattern, const AnprKeySigns *signs);

G_END_DECLS

#endif
