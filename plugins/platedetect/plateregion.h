/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PLATE_REGION_H
#define ANPR_PLATE_REGION_H

#include "platewindow.h"
#include "../record/geometry.h"

G_BEGIN_DECLS

/* What speaks for or against a plate; each is 0..1.
 *
 * characters   how many characters stand in line
 * covered      part of the line's width that they take
 * likeness     how much alike their heights and positions are
 * quiet        how little ink there is just above and below the line
 * contrast     of the characters
 * changes      whether strokes follow one another as closely as in letters
 * shape        whether the line is as long as that of a plate
 * above-below  whether the plate ends above and below the line
 * beside       whether the plate ends left and right of it
 * brighter     whether the plate is brighter than what is above and below it */
typedef enum {
  ANPR_EVIDENCE_CHARACTERS,
  ANPR_EVIDENCE_COVERED,
  ANPR_EVIDENCE_LIKENESS,
  ANPR_EVIDENCE_QUIET,
  ANPR_EVIDENCE_CONTRAST,
  ANPR_EVIDENCE_CHANGES,
  ANPR_EVIDENCE_SHAPE,
  ANPR_EVIDENCE_ABOVE_BELOW,
  ANPR_EVIDENCE_BESIDE,
  ANPR_EVIDENCE_BRIGHTER,
  ANPR_N_EVIDENCE,
} AnprEvidence;

/* A place looked at closely: a possible plate, in pixels of the picture.
 *
 * text_height is the characters'; slope is how far the plate sinks a pixel to
 * the right */
typedef struct {
  AnprQuad quad;
  AnprBox box;
  gdouble text_height;
  gdouble slope;
  gfloat evidence[ANPR_N_EVIDENCE];
  gdouble score;
} AnprRegion;

gfloat anpr_evidence_weigh (const gfloat *evidence);
void anpr_region_fit_box (AnprRegion *region);
gboolean anpr_region_examine (
    AnprRegion *region, const AnprPyramid *pyramid, const AnprWindow *window);

G_END_DECLS

#endif
