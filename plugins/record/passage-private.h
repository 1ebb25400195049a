/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_RECORD_PASSAGE_PRIVATE_H
#define ANPR_RECORD_PASSAGE_PRIVATE_H

#include "passagegroup.h"
#include "vote.h"

#include <string.h>

G_BEGIN_DECLS

/* Confidence from which on a text is told, and believed to be the vehicle's */
#define ANPR_PASSAGE_SURE_READ 0.3

struct _AnprPassageGroup {
  GMutex lock;
  GPtrArray *open; /* AnprPassage, in the order they were opened */
};

struct _AnprPassage {
  gchar *id;               /* immutable */
  AnprPassageGroup *group; /* immutable, NULL none */
  AnprPassage *joined;     /* atomic, set once: what this is another name of */

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
  gboolean scenery;

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

AnprPassage *anpr_passage_actual (AnprPassage *passage);
AnprPassage *anpr_passage_lock (AnprPassage *passage);
void anpr_passage_unlock (AnprPassage *passage);
AnprPassageState anpr_passage_state_locked (const AnprPassage *passage);

void anpr_passage_group_unref (AnprPassageGroup *group);
void anpr_passage_group_compare (
    AnprPassage *passage, const AnprMoment *moment);

G_END_DECLS

#endif
