/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PLATEOCR_PLATEGLYPHS_H
#define ANPR_PLATEOCR_PLATEGLYPHS_H

#include "lumapicture.h"

G_BEGIN_DECLS

/* Pieces of ink looked at in one picture; what is left over is dropped */
#define ANPR_MAX_GLYPHS 64

/* AnprGlyph: a piece of connected ink, pixels; right and bottom are the first
 * column and row outside it */
typedef struct {
  gint left;
  gint top;
  gint right;
  gint bottom;
  guint area;
} AnprGlyph;

/* AnprGlyphRow: the signs of one text line, from left to right. top, bottom:
 * of the signs at the middle of the picture; slope: rows down per column. */
typedef struct {
  gdouble top;
  gdouble bottom;
  gdouble slope;
  guint n_glyphs;
  AnprGlyph glyphs[ANPR_MAX_GLYPHS];
} AnprGlyphRow;

AnprLumaPicture *anpr_plate_ink_new (const AnprLumaPicture *picture);
gboolean anpr_glyph_row_find (AnprGlyphRow *row, const AnprLumaPicture *ink);
void anpr_glyph_row_separate (AnprGlyphRow *row, const AnprLumaPicture *picture,
    const AnprLumaPicture *ink);

G_END_DECLS

#endif
