/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_HIT_COMPARISON_H
#define ANPR_HITMATCH_HIT_COMPARISON_H

#include "hitlists.h"
#include "listarea.h"
#include "listfreshness.h"
#include "../record/passage.h"

G_BEGIN_DECLS

/* AnprComparison: one read to be compared.
 *
 * passage  (nullable) whose it is; it gets the result
 * read     (nullable) what was read; a passage without is compared too
 * moment   when the plate was seen
 * utc      the same, checked; lists and entries count if they are valid then
 * place    where; entries with an area count only in it
 * ages     that lists may have
 */
typedef struct {
  AnprPassage *passage;
  AnprRead *read;
  AnprMoment moment;
  gint64 utc;
  AnprHitPlace place;
  AnprListAges ages;
} AnprComparison;

/* A hit that is news. It is in the passage already, if there is one. */
typedef void (*AnprComparisonHit) (
    const AnprComparison *comparison, AnprHit *hit, gpointer user_data);

void anpr_comparison_make (const AnprComparison *comparison,
    const AnprHitLists *lists, AnprComparisonHit tell, gpointer user_data);

G_END_DECLS

#endif
