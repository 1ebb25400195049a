/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_RECORD_VOTE_H
#define ANPR_RECORD_VOTE_H

#include "read.h"

G_BEGIN_DECLS

/* Different texts weighed for one vehicle; what is thought of later is left out */
#define ANPR_VOTE_MAX_TEXTS 32

typedef struct _AnprVote AnprVote;

AnprVote *anpr_vote_new (void);
void anpr_vote_free (AnprVote *vote);
void anpr_vote_add (AnprVote *vote, AnprRead *read, gdouble plate_width);
void anpr_vote_join (AnprVote *vote, const AnprVote *other);
AnprRead *anpr_vote_get_read (const AnprVote *vote);
gdouble anpr_vote_get_support (const AnprVote *vote, const AnprRead *read);
guint anpr_vote_get_n_reads (const AnprVote *vote);
guint anpr_vote_get_n_agreeing (const AnprVote *vote);
gboolean anpr_vote_wants (AnprVote *vote, gdouble plate_width);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprVote, anpr_vote_free)

G_END_DECLS

#endif
