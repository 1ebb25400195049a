/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_RECORD_PASSAGE_PRIVATE_H
#define ANPR_RECORD_PASSAGE_PRIVATE_H

#include "passage.h"
#include "vote.h"

G_BEGIN_DECLS

struct _AnprPassage {
  gchar *id; /* immutable */

  GMutex lock;
  gboolean closed;
  guint revision;
  guint told;

  AnprMoment first;
  AnprMoment best;
  AnprMoment last;
  guint n_frames;
  gdouble detection_sum;
  AnprBox last_box;
  AnprDirection direction;

  AnprVote *vote;
  gchar *told_text; /* by anpr_passage_take_new_text() */
  AnprBox best_box;
  gdouble best_score;
  gchar *best_text;
  AnprStill *plate_still;
  AnprStill *vehicle_still;

  GPtrArray *hits;
  GPtrArray *compared;
};

AnprPassageState anpr_passage_state_locked (const AnprPassage *passage);

G_END_DECLS

#endif
