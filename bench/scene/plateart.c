/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Draws a number plate, in millimetres, upright, with its top left corner at
 * the origin. How a country's plates look is one row of a table: ground, signs,
 * bands at the ends, and whether seals stand in the first gap. Text that would
 * not fit is narrowed, as plate makers do. */

#include "plateart.h"

#include <string.h>

#include "glyph.h"

typedef struct {
  gdouble red;
  gdouble green;
  gdouble blue;
} Colour;

typedef struct {
  const gchar *country;
  const gchar *band;
  Colour ground;
  Colour signs;
  gboolean right_band;
  gboolean seals;
} Style;

#define STROKE 10.5
#define SIGN_GAP 8.0
#define SPACE_WIDTH 24.0
#define SEAL_WIDTH 46.0
#define BAND_WIDTH 42.0
#define BORDER 5.0
#define TEXT_MARGIN 14.0

static const Colour white = { 0.95, 0.95, 0.94 };
static const Colour band_blue = { 0.06, 0.20, 0.60 };
static const Colour star_yellow = { 0.95, 0.80, 0.10 };

/* The last row serves every other country, and its band says the code. */
static const Style styles[] = {
  { "BE", "B", { 0.95, 0.95, 0.94 }, { 0.50, 0.05, 0.10 }, FALSE, FALSE },
  { "NL", "NL", { 0.96, 0.74, 0.06 }, { 0.07, 0.07, 0.07 }, FALSE, FALSE },
  { "LU", "L", { 0.96, 0.76, 0.08 }, { 0.07, 0.07, 0.07 }, FALSE, FALSE },
  { "DE", "D", { 0.95, 0.95, 0.94 }, { 0.06, 0.06, 0.07 }, FALSE, TRUE },
  { "FR", "F", { 0.95, 0.95, 0.94 }, { 0.06, 0.06, 0.07 }, TRUE, FALSE },
  { NULL, NULL, { 0.95, 0.95, 0.94 }, { 0.06, 0.06, 0.07 }, FALSE, FALSE },
};

static const struct {
  gdouble width;
  gdouble height;
} sizes[] = {
  [SCENE_LAYOUT_ONE_LINE] = { 520, 110 },
  [SCENE_LAYOUT_TWO_LINE] = { 340, 210 },
};

static const Style *
style_of (const gchar *country)
{
  guint i;

  for (i = 0; styles[i].country; i++)
    if (g_strcmp0 (styles[i].country, country) == 0)
      break;
  return &styles[i];
}

static void
set_colour (cairo_t *cr, const Colour *colour)
{
  cairo_set_source_rgb (cr, colour->red, colour->green, colour->blue);
}

static void
rounded_rectangle (cairo_t *cr, gdouble x, gdouble y, gdouble width,
    gdouble height, gdouble radius)
{
  cairo_new_sub_path (cr);
  cairo_arc (cr, x + width - radius, y + radius, radius, -G_PI_2, 0);
  cairo_arc (cr, x + width - radius, y + height - radius, radius, 0, G_PI_2);
  cairo_arc (cr, x + radius, y + height - radius, radius, G_PI_2, G_PI);
  cairo_arc (cr, x + radius, y + radius, radius, G_PI, 3 * G_PI_2);
  cairo_close_path (cr);
}

static void
draw_stars (cairo_t *cr, gdouble x, gdouble y)
{
  set_colour (cr, &star_yellow);
  for (guint i = 0; i < 12; i++) {
    cairo_save (cr);
    cairo_translate (cr, x, y);
    cairo_rotate (cr, i * G_PI / 6);
    cairo_rectangle (cr, 11.5, -1.8, 3.6, 3.6);
    cairo_fill (cr);
    cairo_restore (cr);
  }
}

/* The country letters are as tall as a quarter of the plate. */
static void
draw_band (cairo_t *cr, gdouble x, gdouble height, const gchar *letters)
{
  gdouble scale = 0.32;
  gdouble room = 0;

  set_colour (cr, &band_blue);
  cairo_rectangle (cr, x, BORDER, BAND_WIDTH - BORDER, height - 2 * BORDER);
  cairo_fill (cr);
  draw_stars (cr, x + (BAND_WIDTH - BORDER) / 2, height * 0.30);
  for (const gchar *at = letters; *at; at++)
    room += scene_glyph_width (g_utf8_get_char (at)) + SIGN_GAP;
  scale = MIN (scale, (BAND_WIDTH - BORDER - 8) / room);
  cairo_save (cr);
  cairo_translate (
      cr, x + (BAND_WIDTH - BORDER - room * scale) / 2, height * 0.60);
  cairo_scale (cr, scale, scale);
  set_colour (cr, &white);
  for (const gchar *at = letters; *at; at++) {
    scene_glyph_draw (cr, g_utf8_get_char (at), STROKE);
    cairo_translate (
        cr, scene_glyph_width (g_utf8_get_char (at)) + SIGN_GAP, 0);
  }
  cairo_restore (cr);
}

/* Inspection seal above, registration seal below */
static void
draw_seals (cairo_t *cr)
{
  gdouble middle = SEAL_WIDTH / 2 - SIGN_GAP / 2;

  cairo_save (cr);
  cairo_set_source_rgb (cr, 0.55, 0.66, 0.45);
  cairo_arc (cr, middle, 17, 15, 0, 2 * G_PI);
  cairo_fill (cr);
  cairo_set_source_rgb (cr, 0.66, 0.66, 0.70);
  cairo_arc (cr, middle, 56, 18, 0, 2 * G_PI);
  cairo_fill (cr);
  cairo_restore (cr);
}

static gdouble
sign_advance (const Style *style, gunichar sign, gboolean first_gap)
{
  if (sign == ' ')
    return style->seals && first_gap ? SEAL_WIDTH : SPACE_WIDTH;
  return scene_glyph_width (sign) + SIGN_GAP;
}

static gdouble
line_width (const Style *style, const gchar *line)
{
  gdouble width = -SIGN_GAP;
  gboolean first_gap = TRUE;

  for (const gchar *at = line; *at; at = g_utf8_next_char (at)) {
    gunichar sign = g_utf8_get_char (at);

    width += sign_advance (style, sign, first_gap);
    first_gap = first_gap && sign != ' ';
  }
  return width;
}

static void
draw_signs (cairo_t *cr, const Style *style, const gchar *line)
{
  gboolean first_gap = TRUE;

  for (const gchar *at = line; *at; at = g_utf8_next_char (at)) {
    gunichar sign = g_utf8_get_char (at);

    if (sign == ' ' && first_gap && style->seals)
      draw_seals (cr);
    set_colour (cr, &style->signs);
    scene_glyph_draw (cr, sign, STROKE);
    cairo_translate (cr, sign_advance (style, sign, first_gap), 0);
    first_gap = first_gap && sign != ' ';
  }
}

/* Centres one line of text in the room from @left to @right. */
static void
draw_line (cairo_t *cr, const Style *style, const gchar *line, gdouble left,
    gdouble right, gdouble top)
{
  gdouble width = line_width (style, line);
  gdouble room = right - left;
  gdouble narrow = MIN (1, room / width);

  cairo_save (cr);
  cairo_translate (cr, left + (room - width * narrow) / 2, top);
  cairo_scale (cr, narrow, 1);
  draw_signs (cr, style, line);
  cairo_restore (cr);
}

static void
draw_text (cairo_t *cr, const ScenePlate *plate, const Style *style,
    gdouble width, gdouble height)
{
  g_auto (GStrv) lines = g_strsplit (plate->raw, "/", 2);
  guint count = g_strv_length (lines);
  gdouble left = BAND_WIDTH + TEXT_MARGIN;
  gdouble right = width - TEXT_MARGIN - (style->right_band ? BAND_WIDTH : 0);
  gdouble spare = (height - count * SCENE_GLYPH_HEIGHT) / (count + 1);

  for (guint i = 0; i < count; i++)
    draw_line (cr, style, lines[i], left, right,
        spare + i * (SCENE_GLYPH_HEIGHT + spare));
}

/**
 * scene_plate_size:
 * @plate: a plate
 * @width: (out): its width, millimetres
 * @height: (out): its height, millimetres
 */
void
scene_plate_size (const ScenePlate *plate, gdouble *width, gdouble *height)
{
  *width = sizes[plate->layout].width;
  *height = sizes[plate->layout].height;
}

/**
 * scene_plate_draw:
 * @cr: a context whose unit is a millimetre on the plate and whose origin is
 *   the plate's top left corner
 * @plate: the plate
 *
 * Draws the whole plate. The state of @cr is left as it was.
 */
void
scene_plate_draw (cairo_t *cr, const ScenePlate *plate)
{
  const Style *style = style_of (plate->country);
  gdouble width = sizes[plate->layout].width;
  gdouble height = sizes[plate->layout].height;

  cairo_save (cr);
  set_colour (cr, &style->ground);
  rounded_rectangle (cr, 0, 0, width, height, 10);
  cairo_fill (cr);
  draw_band (cr, BORDER, height, style->band ? style->band : plate->country);
  if (style->right_band)
    draw_band (cr, width - BAND_WIDTH, height, "");
  draw_text (cr, plate, style, width, height);
  set_colour (cr, &style->signs);
  cairo_set_line_width (cr, 3);
  rounded_rectangle (cr, 2.5, 2.5, width - 5, height - 5, 9);
  cairo_stroke (cr);
  cairo_restore (cr);
}

/**
 * scene_plate_text:
 * @plate: a plate
 *
 * Returns: (transfer full): its signs alone, without separators, UTF-8: what
 * a reader has to report
 */
gchar *
scene_plate_text (const ScenePlate *plate)
{
  GString *text = g_string_new (NULL);

  for (const gchar *at = plate->raw; *at; at = g_utf8_next_char (at))
    if (g_unichar_isalnum (g_utf8_get_char (at)))
      g_string_append_unichar (text, g_utf8_get_char (at));
  return g_string_free (text, FALSE);
}
