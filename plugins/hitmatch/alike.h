/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_ALIKE_H
#define ANPR_HITMATCH_ALIKE_H

#include "shortkey.h"
#include "../record/read.h"

G_BEGIN_DECLS

/* A list may ask for so many differing signs at most, never more (R14) */
#define ANPR_ALIKE_MAX_SIGNS 2

/* A sign that stands otherwise in the list than it was read */
typedef struct {
  guint at;
  guint8 read;
  guint8 listed;
  gdouble read_confidence;
  gdouble listed_confidence;
} AnprAlikeSign;

/* What differs, and how likely the listed text is for all of that */
typedef struct {
  guint n;
  AnprAlikeSign signs[ANPR_ALIKE_MAX_SIGNS];
  gdouble likelihood;
} AnprAlike;

/* What a read holds possible, sign by sign: made once for all lists */
typedef struct {
  AnprKeySigns text;
  gdouble confidence[ANPR_SHORT_KEY_SIGNS];
  gdouble other[ANPR_SHORT_KEY_SIGNS][ANPR_SHORT_KEY_N_SIGNS];
} AnprAlikeRead;

guint8 anpr_alike_fold (guint8 sign);
void anpr_alike_fold_signs (AnprKeySigns *signs);
gboolean anpr_alike_read_init (AnprAlikeRead *alike, const AnprRead *read);
guint anpr_alike_read_folds (
    const AnprAlikeRead *alike, guint64 *folds, guint max);
gboolean anpr_alike_compare (const AnprAlikeRead *alike,
    const AnprKeySigns *listed, guint max_signs, AnprAlike *result);

G_END_DECLS

#endif
