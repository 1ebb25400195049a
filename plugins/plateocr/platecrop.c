/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* From a box in a frame to pictures of its text lines.
 *
 * The box is sampled at a fixed height, wide enough for any plate and never
 * wider than MAX_WIDTH, so work and memory do not depend on the frame. A box
 * higher than a one-line plate can be is split into two lines at the row with
 * the least ink near its middle. In each line the row of signs is looked for
 * (plateglyphs.h), dark on light first and the other way round where that finds
 * little; a slope of the row is taken out by sampling the frame again. The line
 * is then set anew from the columns of its signs alone: band, seals, stickers
 * and frame are left out and wide gaps closed. Where no row can be found the
 * line is the plain picture. */

#include "platecrop.h"
#include "plateglyphs.h"

#include <math.h>

/* Rows a line is looked at with, and the widest picture of it */
#define WORKING_HEIGHT 64
#define MAX_WIDTH 512
/* Height of the signs in a finished line, and the ground above and below */
#define SIGN_HEIGHT 32
#define LINE_PADDING 10
/* Boxes less wide than this, in heights, have two lines */
#define LEAST_ONE_LINE_ASPECT 2.2
/* What is added to the box at each side, in parts of its height */
#define MARGIN 0.04
/* Fewer signs than this in a row may be something else than the plate's text */
#define ENOUGH_SIGNS 3
#define FLAT_SLOPE 0.012
/* Where a plate's contrast is taken from: its middle part of width and height,
 * for a dark car or road may surround it. Shares of its pixels that become
 * black and white, and how far apart these must be for signs to be there. */
#define MIDDLE 0.6
#define DARK_SHARE 0.05
#define LIGHT_SHARE 0.8
#define LEAST_CONTRAST 12
/* Gaps between signs in a set line, in parts of their height. The engine
 * expects words: what is a word's end stays one, the rest moves closer. */
#define WORD_GAP 0.3
#define LEAST_WORD_GAP 0.5
#define WIDEST_GAP 0.8
#define GAP_SCALE 0.85
#define LEAST_GAP 0.08
/* In a set line: the share of pixels that becomes black, and the luma that
 * becomes white */
#define INK_SHARE 0.12
#define GROUND_LUMA 200

typedef struct {
  AnprLumaPicture *picture;
  AnprLumaPicture *ink;
  AnprGlyphRow row;
  gint contrast;
  gboolean dark_ground;
} Look;

static void
look_clear (Look *look)
{
  g_clear_pointer (&look->picture, anpr_luma_picture_free);
  g_clear_pointer (&look->ink, anpr_luma_picture_free);
}

static guint
width_for (const AnprSampling *sampling, guint height)
{
  gdouble width = sampling->width / sampling->height * height;

  return (guint) CLAMP (width + 0.5, 8, MAX_WIDTH);
}

static void
look_at (Look *look, const AnprLumaPlane *frame, const AnprSampling *sampling,
    gboolean invert)
{
  guint8 dark, light;

  look_clear (look);
  look->picture = anpr_luma_picture_sample (
      frame, sampling, width_for (sampling, WORKING_HEIGHT), WORKING_HEIGHT);
  if (invert)
    anpr_luma_picture_invert (look->picture);
  dark = anpr_luma_picture_get_percentile (look->picture, MIDDLE, DARK_SHARE);
  light = anpr_luma_picture_get_percentile (look->picture, MIDDLE, LIGHT_SHARE);
  look->contrast = light - dark;
  anpr_luma_picture_stretch (look->picture, dark, light);
  anpr_luma_picture_flatten (look->picture, WORKING_HEIGHT / 2);
  look->dark_ground =
      anpr_luma_picture_get_percentile (look->picture, MIDDLE, 0.5) < 128;
  look->ink = anpr_plate_ink_new (look->picture);
  if (!anpr_glyph_row_find (&look->row, look->ink))
    look->row.n_glyphs = 0;
}

/* Looks again with the slope of the row taken out */
static void
look_straight (Look *look, const AnprLumaPlane *frame, AnprSampling *sampling,
    gboolean invert)
{
  for (guint i = 0; i < 2; i++) {
    gdouble columns_per_pixel = look->picture->width / sampling->width;
    gdouble rows_per_pixel = look->picture->height / sampling->height;

    if (look->row.n_glyphs < ENOUGH_SIGNS
        || fabs (look->row.slope) < FLAT_SLOPE)
      return;
    sampling->slope += look->row.slope * columns_per_pixel / rows_per_pixel;
    look_at (look, frame, sampling, invert);
  }
}

/* Dark on light first. The other way round where that finds little, or where
 * most of the plate is dark: gaps between light signs look like signs too. */
static void
look_both_ways (Look *look, const AnprLumaPlane *frame, AnprSampling *sampling)
{
  Look other = { 0 };
  AnprSampling other_sampling = *sampling;

  look_at (look, frame, sampling, FALSE);
  look_straight (look, frame, sampling, FALSE);
  if (look->row.n_glyphs > ENOUGH_SIGNS && !look->dark_ground)
    return;
  look_at (&other, frame, &other_sampling, TRUE);
  look_straight (&other, frame, &other_sampling, TRUE);
  if (other.row.n_glyphs > look->row.n_glyphs + 1
      || (look->dark_ground && other.row.n_glyphs > ENOUGH_SIGNS)) {
    look_clear (look);
    *look = other;
    *sampling = other_sampling;
  } else {
    look_clear (&other);
  }
}

/* Copies columns of the picture, from row top on, to the canvas */
static void
copy_columns (AnprLumaPicture *canvas, gint at, const AnprLumaPicture *picture,
    gint left, gint right, gint top)
{
  for (gint y = 0; y < (gint) canvas->height; y++) {
    gint from = top + y;

    if (from < 0 || from >= (gint) picture->height)
      continue;
    for (gint x = MAX (left, 0); x < MIN (right, (gint) picture->width); x++)
      canvas->luma[(gsize) y * canvas->width + at + x - left] =
          picture->luma[(gsize) from * picture->width + x];
  }
}

/* The gap between two signs as it shall be in the line */
static gint
gap_before (const AnprGlyphRow *row, guint i, gdouble height)
{
  gint gap = row->glyphs[i].left - row->glyphs[i - 1].right;

  if (gap > WORD_GAP * height)
    return MAX (LEAST_WORD_GAP * height, MIN (gap, WIDEST_GAP * height));
  return MAX (gap * GAP_SCALE, LEAST_GAP * height);
}

static AnprLumaPicture *
set_signs (const Look *look)
{
  const AnprGlyphRow *row = &look->row;
  gint height = (gint) (row->bottom - row->top + 0.5);
  gint edge = MAX (1, height / 24);
  gint pad = MAX (2 * edge, height / 3);
  gint width = 2 * pad;
  AnprLumaPicture *canvas;
  gint at = pad;

  for (guint i = 0; i < row->n_glyphs; i++)
    width += row->glyphs[i].right - row->glyphs[i].left
             + (i > 0 ? gap_before (row, i, height) : 0);
  canvas = anpr_luma_picture_new (width, height + 2 * edge, 255);
  for (guint i = 0; i < row->n_glyphs; i++) {
    const AnprGlyph *glyph = &row->glyphs[i];

    at += i > 0 ? gap_before (row, i, height) : 0;
    copy_columns (canvas, at - edge, look->picture, glyph->left - edge,
        glyph->right + edge, (gint) (row->top - edge + 0.5));
    at += glyph->right - glyph->left;
  }
  anpr_luma_picture_stretch (canvas,
      anpr_luma_picture_get_percentile (canvas, 1, INK_SHARE), GROUND_LUMA);
  return canvas;
}

/* Scales the text to the height that reads best and puts ground round it */
static AnprLumaPicture *
finish_line (AnprLumaPicture *text, gdouble sign_height)
{
  gdouble scale = SIGN_HEIGHT / sign_height;
  AnprSampling sampling = { 0, 0, text->width, text->height, 0 };
  AnprLumaPlane plane = anpr_luma_picture_get_plane (text);
  guint width = (guint) CLAMP (text->width * scale, 8, MAX_WIDTH);
  guint height = (guint) CLAMP (text->height * scale + 0.5, 8, WORKING_HEIGHT);
  g_autoptr (AnprLumaPicture) scaled =
      anpr_luma_picture_sample (&plane, &sampling, width, height);
  AnprLumaPicture *line =
      anpr_luma_picture_new (width, height + 2 * LINE_PADDING, 255);

  copy_columns (line, 0, scaled, 0, width, -LINE_PADDING);
  return line;
}

static void
crop_line (
    AnprPlateLine *line, const AnprLumaPlane *frame, AnprSampling sampling)
{
  Look look = { 0 };
  g_autoptr (AnprLumaPicture) text = NULL;

  look_both_ways (&look, frame, &sampling);
  if (look.row.n_glyphs >= 2)
    anpr_glyph_row_separate (&look.row, look.picture, look.ink);
  line->n_signs = look.row.n_glyphs;
  if (line->n_signs >= 2) {
    line->sign_height = (look.row.bottom - look.row.top) * sampling.height
                        / look.picture->height;
    text = set_signs (&look);
    line->picture = finish_line (text, look.row.bottom - look.row.top);
  } else {
    line->n_signs = 0;
    if (look.contrast >= LEAST_CONTRAST)
      line->picture = finish_line (look.picture, 0.75 * WORKING_HEIGHT);
  }
  look_clear (&look);
}

/* The row, in parts of the height, where the plate has the least ink */
static gdouble
find_split (const AnprLumaPlane *frame, const AnprSampling *sampling)
{
  g_autoptr (AnprLumaPicture) picture = anpr_luma_picture_sample (
      frame, sampling, width_for (sampling, WORKING_HEIGHT), WORKING_HEIGHT);
  g_autoptr (AnprLumaPicture) ink = NULL;
  guint least = G_MAXUINT;
  guint best = WORKING_HEIGHT / 2;

  anpr_luma_picture_stretch (picture,
      anpr_luma_picture_get_percentile (picture, MIDDLE, DARK_SHARE),
      anpr_luma_picture_get_percentile (picture, MIDDLE, LIGHT_SHARE));
  ink = anpr_plate_ink_new (picture);
  for (guint y = 0.36 * WORKING_HEIGHT; y < 0.62 * WORKING_HEIGHT; y++) {
    guint n = 0;

    for (guint x = 0; x < ink->width; x++)
      n += ink->luma[(gsize) y * ink->width + x];
    if (n < least) {
      least = n;
      best = y;
    }
  }
  return (best + 0.5) / WORKING_HEIGHT;
}

static gdouble
slope_of (const AnprQuad *quad)
{
  gdouble run = quad->x[1] - quad->x[0] + quad->x[2] - quad->x[3];
  gdouble fall = quad->y[1] - quad->y[0] + quad->y[2] - quad->y[3];
  gdouble slope = run > 0 ? fall / run : 0;

  return isfinite (slope) && fabs (slope) < 0.5 ? slope : 0;
}

/* The part of the frame to look at; FALSE if less than a pixel is left */
static gboolean
area_of (AnprBox *area, const AnprBox *box, const AnprLumaPlane *frame)
{
  gdouble margin;

  if (!isfinite (box->x) || !isfinite (box->y) || !isfinite (box->width)
      || !isfinite (box->height))
    return FALSE;
  *area = *box;
  if (!anpr_box_clip (area, frame->width, frame->height) || area->width < 1
      || area->height < 1)
    return FALSE;
  margin = MARGIN * area->height;
  area->x -= margin;
  area->y -= margin;
  area->width += 2 * margin;
  area->height += 2 * margin;
  return anpr_box_clip (area, frame->width, frame->height);
}

/**
 * anpr_plate_crop_new:
 * @frame: luma of the whole frame, at least 1x1
 * @box: of the plate, pixels of @frame; what lies outside is left out
 * @quad: (nullable): the plate's corners, used for its slope only
 *
 * Returns: (transfer full) (nullable): the plate's text lines from top to
 *     bottom, or %NULL if @box shows less than
 *     a pixel of @frame
 */
AnprPlateCrop *
anpr_plate_crop_new (
    const AnprLumaPlane *frame, const AnprBox *box, const AnprQuad *quad)
{
  AnprBox area;
  AnprSampling sampling = { 0 };
  AnprPlateCrop *crop;
  gdouble split;

  if (!area_of (&area, box, frame))
    return NULL;
  sampling.x = area.x;
  sampling.y = area.y;
  sampling.width = area.width;
  sampling.height = area.height;
  sampling.slope = quad ? slope_of (quad) : 0;

  crop = g_new0 (AnprPlateCrop, 1);
  if (area.width >= LEAST_ONE_LINE_ASPECT * area.height) {
    crop->n_lines = 1;
    crop_line (&crop->lines[0], frame, sampling);
    return crop;
  }
  crop->n_lines = 2;
  split = find_split (frame, &sampling);
  sampling.height = area.height * (split + 0.02);
  crop_line (&crop->lines[0], frame, sampling);
  sampling.y = area.y + area.height * (split - 0.02);
  sampling.height = area.height * (1.02 - split);
  crop_line (&crop->lines[1], frame, sampling);
  return crop;
}

/**
 * anpr_plate_crop_free:
 * @crop: (nullable): a crop
 */
void
anpr_plate_crop_free (AnprPlateCrop *crop)
{
  if (!crop)
    return;
  for (guint i = 0; i < crop->n_lines; i++)
    anpr_luma_picture_free (crop->lines[i].picture);
  g_free (crop);
}
