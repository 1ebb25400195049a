/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Lists of plates for tests, all invented. The functions fail the test
 * themselves. */

#ifndef TEST_LIST_FIXTURE_H
#define TEST_LIST_FIXTURE_H

#include <gst/check/gstcheck.h>

#include "plugins/hitmatch/hitlistparser.h"
#include "plugins/hitmatch/hitlists.h"

/* 2026-06-01T00:00:00Z */
#define NOW (G_GINT64_CONSTANT (1780272000) * G_USEC_PER_SEC)

#define HEADER                                                                 \
  "# list: local\n# authority: Zone\n# category: stolen\n# purpose: J1\n"      \
  "# match: exact\n# priority: 20\n# version: 3.1\n"                           \
  "# valid-from: 2026-01-01T00:00:00Z\n# valid-until: 2027-01-01T00:00:00Z\n"

#define COLUMNS "entry,plate,valid-until\n"

#define END "2026-12-31T00:00:00Z"

AnprHitList *parse_bytes (
    const gchar *data, gsize length, gsize piece, GError **error);
AnprHitList *parse (const gchar *text, GError **error);
AnprHitList *parse_good (const gchar *text);
guint count_matches (const AnprHitList *list, const gchar *plate);
GPtrArray *compare_at (
    const AnprHitLists *lists, const gchar *plate, gint64 utc);

#endif
