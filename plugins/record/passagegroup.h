/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_RECORD_PASSAGEGROUP_H
#define ANPR_RECORD_PASSAGEGROUP_H

#include "passage.h"

G_BEGIN_DECLS

typedef struct _AnprPassageGroup AnprPassageGroup;

AnprPassageGroup *anpr_passage_group_new (void);
void anpr_passage_group_free (AnprPassageGroup *group);
AnprPassage *anpr_passage_group_open (
    AnprPassageGroup *group, const AnprMoment *moment);
void anpr_passage_group_leave (AnprPassageGroup *group, AnprPassage *passage);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprPassageGroup, anpr_passage_group_free)

G_END_DECLS

#endif
