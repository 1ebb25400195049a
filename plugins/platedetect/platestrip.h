/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PLATE_STRIP_H
#define ANPR_PLATE_STRIP_H

#include "lumapyramid.h"

G_BEGIN_DECLS

/* A row of characters straightened and scaled to one height: rows of the
 * strip, and where in it the row of characters is expected */
#define ANPR_STRIP_TEXT 20
#define ANPR_STRIP_MARGIN 10
#define ANPR_STRIP_HEIGHT (ANPR_STRIP_TEXT + 2 * ANPR_STRIP_MARGIN)
#define ANPR_STRIP_MAX_WIDTH 288

/* More pieces than this are texture */
#define ANPR_STRIP_MAX_PIECES 96

/* Where a strip lies in the picture, pixels of its level: the left end of its
 * line of text's upper edge, pixels a strip pixel, and how far the line sinks a
 * pixel to the right */
typedef struct {
  gfloat left;
  gfloat top;
  gfloat scale;
  gfloat slope;
} AnprStripPlace;

typedef struct {
  guint8 pixels[ANPR_STRIP_HEIGHT][ANPR_STRIP_MAX_WIDTH];
  guint width;
  AnprStripPlace place;
} AnprStrip;

/* Connected ink: half-open in strip pixels */
typedef struct {
  gint16 left;
  gint16 top;
  gint16 right;
  gint16 bottom;
  gint area;
} AnprPiece;

/* What a strip shows.
 *
 * dark         the characters are darker than the plate
 * n_characters pieces in one line with the height of characters
 * left..bottom the line of characters, strip pixels
 * sink         how far the line still sinks a pixel to the right
 * covered      part of the line's width that characters take, 0..1
 * unlikeness   mean deviation of the characters' heights and positions, in
 *              parts of their height
 * contrast     luma from ink to plate
 * changes      changes between ink and plate, a character height of width
 * quiet        ink changes just outside the line, in parts of those inside */
typedef struct {
  gboolean dark;
  guint n_characters;
  gfloat left;
  gfloat top;
  gfloat right;
  gfloat bottom;
  gfloat sink;
  gfloat covered;
  gfloat unlikeness;
  gfloat contrast;
  gfloat changes;
  gfloat quiet;
} AnprLine;

void anpr_strip_take (AnprStrip *strip, const AnprLevel *level,
    const AnprStripPlace *place, guint width);
void anpr_strip_read_line (
    const AnprStrip *strip, gboolean dark, AnprLine *line);

G_END_DECLS

#endif
