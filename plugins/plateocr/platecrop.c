/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* From a plate in a frame to the picture that engines look at.
 *
 * The picture is always of one size, so work and memory do not depend on the
 * frame, and made as the pictures that the engines were trained on: the plate's
 * area with a little margin, for first and last characters stand near the edge
 * and no detector is exact; no contrast is stretched and nothing inverted.
 *
 * The area is the quadrilateral of the detector's corners where they can be
 * those of a plate, else the upright box. Plates less wide than 2.2 times their
 * height have two lines: these are looked at as a square, divided at the row of
 * least contrast near its middle, and the halves set side by side. */

#include "platecrop.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Areas less wide than this, in heights, have two lines; between the other two
 * either can be */
#define LEAST_ONE_LINE_ASPECT 2.2
#define LEAST_UNSURE_ASPECT 1.7
#define MOST_UNSURE_ASPECT 2.9
/* What is added at each side, in parts of the plate's width and height */
#define MARGIN_ACROSS 0.02
#define MARGIN_DOWN 0.04
/* What is left out at its ends, and added above and below, where it is cut
 * narrow */
#define NARROW_ACROSS 0.025
#define NARROW_DOWN 0.02
/* Height of signs in parts of the plate's, one line and two */
#define SIGN_OF_ONE_LINE 0.7
#define SIGN_OF_TWO_LINES 0.38
/* Corners are believed if their upright box is so much like the plate's, and
 * opposite sides differ by no more than this */
#define LEAST_IOU 0.5
#define MOST_SIDE_RATIO 2.0
/* Steepest slopes taken from corners: rows a column, columns a row */
#define MOST_SLOPE 0.6
/* Of an area's height, what must be left of it along a tilted line */
#define LEAST_TILTED_HEIGHT 0.5
/* Side of the square that two lines are looked at in; each line's picture */
#define SQUARE 80
#define LINE_WIDTH (ANPR_PLATE_PICTURE_WIDTH / 2)
/* Where the rows between two lines are looked for, in parts of the height, and
 * what both lines get of the other's side */
#define FIRST_SPLIT 0.36
#define LAST_SPLIT 0.62
#define SPLIT_OVERLAP 0.02
/* The part of the width at each side that the split does not look at */
#define SPLIT_EDGE 0.1

static const AnprBox parts[] = {
  [ANPR_CUT_WITH_MARGIN] = { -MARGIN_ACROSS, -MARGIN_DOWN,
      1 + 2 * MARGIN_ACROSS, 1 + 2 * MARGIN_DOWN },
  [ANPR_CUT_CLOSE] = { 0, 0, 1, 1 },
  [ANPR_CUT_NARROW] = { NARROW_ACROSS, -NARROW_DOWN, 1 - 2 * NARROW_ACROSS,
      1 + 2 * NARROW_DOWN },
};

static gdouble
side (const AnprQuad *quad, guint from, guint to)
{
  return hypot (quad->x[to] - quad->x[from], quad->y[to] - quad->y[from]);
}

static gboolean
are_alike (gdouble a, gdouble b)
{
  return a < b * MOST_SIDE_RATIO && b < a * MOST_SIDE_RATIO;
}

/* All turns to the right: neither crossed, nor mirrored, nor hollow */
static gboolean
is_convex (const AnprQuad *quad)
{
  for (guint i = 0; i < 4; i++) {
    guint j = (i + 1) % 4, k = (i + 2) % 4;
    gdouble turn = (quad->x[j] - quad->x[i]) * (quad->y[k] - quad->y[j])
                   - (quad->y[j] - quad->y[i]) * (quad->x[k] - quad->x[j]);

    if (!(turn > 0))
      return FALSE;
  }
  return TRUE;
}

static void
bounds_of (const AnprQuad *quad, AnprBox *bounds)
{
  gdouble right = quad->x[0], bottom = quad->y[0];

  *bounds = (AnprBox){ quad->x[0], quad->y[0], 0, 0 };
  for (guint i = 1; i < 4; i++) {
    bounds->x = MIN (bounds->x, quad->x[i]);
    bounds->y = MIN (bounds->y, quad->y[i]);
    right = MAX (right, quad->x[i]);
    bottom = MAX (bottom, quad->y[i]);
  }
  bounds->width = right - bounds->x;
  bounds->height = bottom - bounds->y;
}

/* Whether these can be the corners of the plate in the box; then they reach no
 * farther from it than its own size */
static gboolean
is_sane (const AnprQuad *quad, const AnprBox *box)
{
  AnprBox bounds;

  for (guint i = 0; i < 4; i++)
    if (!isfinite (quad->x[i]) || !isfinite (quad->y[i]))
      return FALSE;
  bounds_of (quad, &bounds);
  return is_convex (quad) && anpr_box_iou (&bounds, box) >= LEAST_IOU
         && are_alike (side (quad, 0, 1), side (quad, 3, 2))
         && are_alike (side (quad, 0, 3), side (quad, 1, 2));
}

/* The parallelogram that has the slopes of the corners' sides and just fills
 * the box; the box where there is none */
static void
lean (AnprQuad *shape, const AnprBox *box, const AnprQuad *quad)
{
  gdouble run = quad->x[1] - quad->x[0] + quad->x[2] - quad->x[3];
  gdouble rise = quad->y[1] - quad->y[0] + quad->y[2] - quad->y[3];
  gdouble drift = quad->x[3] - quad->x[0] + quad->x[2] - quad->x[1];
  gdouble fall = quad->y[3] - quad->y[0] + quad->y[2] - quad->y[1];
  gdouble down = rise / run, right = drift / fall;
  gdouble scale = 1 - fabs (down * right);
  gdouble width, height, x, y;

  anpr_quad_from_box (shape, box);
  if (!(fabs (down) <= MOST_SLOPE && fabs (right) <= MOST_SLOPE))
    return;
  width = (box->width - fabs (right) * box->height) / scale;
  height = (box->height - fabs (down) * box->width) / scale;
  if (!(width > 0 && height > 0))
    return;
  x = box->x + MAX (-right * height, 0);
  y = box->y + MAX (-down * width, 0);
  *shape = (AnprQuad){
    { x, x + width, x + width + right * height, x + right * height },
    { y, y + down * width, y + down * width + height, y + height },
  };
}

/* The part of the box that the frame shows; FALSE if less than a pixel */
static gboolean
visible_part (AnprBox *part, const AnprBox *box, const AnprLumaPlane *frame)
{
  if (!isfinite (box->x) || !isfinite (box->y) || !isfinite (box->width)
      || !isfinite (box->height))
    return FALSE;
  *part = *box;
  return anpr_box_clip (part, frame->width, frame->height) && part->width >= 1
         && part->height >= 1;
}

/**
 * anpr_plate_area_find: (skip)
 * @area: (out): where the plate is
 * @frame: luma of the whole frame, at least 1x1
 * @box: of the plate, pixels of @frame; what lies outside is left out
 * @quad: (nullable): the plate's corners; used if they can be those of @box
 * @way: what to take of them
 *
 * Returns: %FALSE if @box shows less than a pixel of @frame
 */
gboolean
anpr_plate_area_find (AnprPlateArea *area, const AnprLumaPlane *frame,
    const AnprBox *box, const AnprQuad *quad, AnprCropWay way)
{
  AnprBox part;
  AnprQuad shape;

  if (!visible_part (&part, box, frame))
    return FALSE;
  anpr_quad_from_box (&shape, &part);
  if (quad && is_sane (quad, &part)) {
    if (way == ANPR_CROP_BY_CORNERS)
      shape = *quad;
    else if (way == ANPR_CROP_BY_SLOPE)
      lean (&shape, &part, quad);
  }
  area->width = (side (&shape, 0, 1) + side (&shape, 3, 2)) / 2;
  area->height = (side (&shape, 0, 3) + side (&shape, 1, 2)) / 2;
  return anpr_luma_map_from_quad (&area->map, &shape);
}

/**
 * anpr_plate_area_tilt: (skip)
 * @area: where a plate was taken to be
 * @slope: rows a column, of the picture cut from it with a margin, by which the
 *   plate's line of signs goes down
 *
 * Turns @area along that line. It becomes lower, by a third of how far the line
 * goes down: between what is left of a plate that fills its box, and of signs
 * that do.
 *
 * Returns: %FALSE, and @area is as it was, if little of it would be left
 */
gboolean
anpr_plate_area_tilt (AnprPlateArea *area, gdouble slope)
{
  const AnprBox *part = &parts[ANPR_CUT_WITH_MARGIN];
  gdouble down = slope * ANPR_PLATE_PICTURE_WIDTH / ANPR_PLATE_PICTURE_HEIGHT
                 * part->height / part->width;
  gdouble height = 1 - fabs (down) / 3, start = (1 - down - height) / 2;
  gdouble *m = area->map.m, last = 1 + m[7] * start;

  if (!(height >= LEAST_TILTED_HEIGHT && last > 0))
    return FALSE;
  /* the map after one that moves each column up or down and shrinks it */
  m[2] += m[1] * start;
  m[5] += m[4] * start;
  for (guint row = 0; row < 9; row += 3) {
    m[row] += m[row + 1] * down;
    m[row + 1] *= height;
  }
  for (guint i = 0; i < 8; i++)
    m[i] /= last;
  area->height *= height;
  return TRUE;
}

/**
 * anpr_plate_area_get_layouts: (skip)
 * @area: a plate's area
 * @n_lines: (out): how many lines the plate may have, likeliest first
 *
 * Returns: how many of @n_lines were set, 1 or 2
 */
guint
anpr_plate_area_get_layouts (
    const AnprPlateArea *area, guint n_lines[ANPR_MAX_PLATE_LINES])
{
  gdouble aspect = area->width / area->height;

  n_lines[0] = aspect < LEAST_ONE_LINE_ASPECT ? 2 : 1;
  n_lines[1] = 3 - n_lines[0];
  return aspect >= LEAST_UNSURE_ASPECT && aspect <= MOST_UNSURE_ASPECT ? 2 : 1;
}

/**
 * anpr_plate_area_get_sign_height: (skip)
 * @area: a plate's area
 * @n_lines: how many lines it has
 *
 * Returns: about how high its signs are, pixels of the frame
 */
gdouble
anpr_plate_area_get_sign_height (const AnprPlateArea *area, guint n_lines)
{
  return area->height * (n_lines == 1 ? SIGN_OF_ONE_LINE : SIGN_OF_TWO_LINES);
}

/* Mean difference of neighbours in a row, edges left out, as a sum */
static guint
contrast_of_row (const guint8 *row)
{
  guint sum = 0;

  for (guint x = SPLIT_EDGE * SQUARE; x < (1 - SPLIT_EDGE) * SQUARE - 1; x++)
    sum += abs (row[x + 1] - row[x]);
  return sum;
}

/* Where the upper line ends, in parts of the square's height */
static gdouble
find_split (const guint8 *square)
{
  guint least = G_MAXUINT, best = SQUARE / 2;
  guint contrasts[SQUARE];

  for (guint y = 0; y < SQUARE; y++)
    contrasts[y] = contrast_of_row (square + y * SQUARE);
  for (guint y = FIRST_SPLIT * SQUARE; y < (guint) (LAST_SPLIT * SQUARE); y++) {
    guint contrast = contrasts[y - 1] + contrasts[y] + contrasts[y + 1];

    if (contrast < least) {
      least = contrast;
      best = y;
    }
  }
  return (best + 0.5) / SQUARE;
}

static void
set_line (AnprPlatePicture *picture, guint left, const AnprLumaPlane *square,
    gdouble top, gdouble bottom)
{
  static const AnprLumaMap map = { { SQUARE, 0, 0, 0, SQUARE, 0, 0, 0 } };
  AnprBox part = { 0, top, 1, bottom - top };
  guint8 line[ANPR_PLATE_PICTURE_HEIGHT * LINE_WIDTH];

  anpr_luma_sample (
      square, &map, &part, line, LINE_WIDTH, ANPR_PLATE_PICTURE_HEIGHT);
  for (guint y = 0; y < ANPR_PLATE_PICTURE_HEIGHT; y++)
    memcpy (picture->luma + y * ANPR_PLATE_PICTURE_WIDTH + left,
        line + y * LINE_WIDTH, LINE_WIDTH);
}

static gboolean
cut_two_lines (AnprPlatePicture *picture, const AnprLumaPlane *frame,
    const AnprPlateArea *area, const AnprBox *part)
{
  guint8 luma[SQUARE * SQUARE];
  AnprLumaPlane square = { luma, SQUARE, SQUARE, SQUARE };
  gdouble split;

  if (!anpr_luma_sample (frame, &area->map, part, luma, SQUARE, SQUARE))
    return FALSE;
  split = find_split (luma);
  set_line (picture, 0, &square, 0, split + SPLIT_OVERLAP);
  set_line (picture, LINE_WIDTH, &square, split - SPLIT_OVERLAP, 1);
  return TRUE;
}

/**
 * anpr_plate_picture_cut: (skip)
 * @picture: (out): the plate; plain grey if the area cannot be seen
 * @frame: luma of the whole frame
 * @area: the plate's area in it
 * @n_lines: 1 or 2
 * @cut: how much around the area is shown
 */
void
anpr_plate_picture_cut (AnprPlatePicture *picture, const AnprLumaPlane *frame,
    const AnprPlateArea *area, guint n_lines, AnprCut cut)
{
  gboolean seen;

  if (n_lines == 1)
    seen = anpr_luma_sample (frame, &area->map, &parts[cut], picture->luma,
        ANPR_PLATE_PICTURE_WIDTH, ANPR_PLATE_PICTURE_HEIGHT);
  else
    seen = cut_two_lines (picture, frame, area, &parts[cut]);
  if (!seen)
    memset (picture->luma, 128, sizeof (picture->luma));
}
