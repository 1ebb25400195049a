/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "hitcomparison.h"
#include "hitcompare.h"

/* What the lists do not know of a hit. It is nobody else's yet. */
static void
complete (AnprHit *hit, const AnprComparison *comparison)
{
  hit->direction = comparison->place.direction;
  hit->stale = hit->list_age * G_USEC_PER_SEC >= comparison->ages.stale;
}

/**
 * anpr_comparison_make: (skip)
 * @comparison: what to compare
 * @lists: with what
 * @tell: gets each hit that the passage did not have
 * @user_data: for @tell
 *
 * The passage has its result when this returns: the lists that were active, and
 * what was found on them.
 *
 * Threads: any, at the same time. Waits for nothing but @tell.
 */
void
anpr_comparison_make (const AnprComparison *comparison,
    const AnprHitLists *lists, AnprComparisonHit tell, gpointer user_data)
{
  AnprPassage *passage = comparison->passage;
  g_autoptr (GPtrArray) compared = NULL;
  g_autoptr (GPtrArray) hits = anpr_hit_lists_compare (
      lists, comparison->read, comparison->utc, &comparison->place, &compared);

  if (passage)
    anpr_passage_set_compared (passage, compared);
  for (guint i = 0; i < hits->len; i++) {
    AnprHit *hit = g_ptr_array_index (hits, i);

    complete (hit, comparison);
    if (!passage || anpr_passage_add_hit (passage, hit))
      tell (comparison, hit, user_data);
  }
}
