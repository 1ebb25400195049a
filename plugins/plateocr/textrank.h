/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PLATEOCR_TEXTRANK_H
#define ANPR_PLATEOCR_TEXTRANK_H

#include "lookalike.h"
#include "readengine.h"

G_BEGIN_DECLS

/* A reading's texts and look-alikes of the best */
#define ANPR_MAX_RANKED (ANPR_MAX_CANDIDATES + ANPR_MAX_LOOK_ALIKES)

/* AnprRankedText: probability: the engine's; score: what it is ranked by */
typedef struct {
  gchar text[ANPR_GUESS_SIZE];
  gdouble probability;
  gdouble score;
} AnprRankedText;

guint anpr_texts_rank (const AnprReading *reading,
    const gchar *const *countries, AnprRankedText ranked[ANPR_MAX_RANKED]);

G_END_DECLS

#endif
