/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The plate signs, drawn by strokes.
 *
 * A glyph is the centre line of a pen of constant width, in the proportions of
 * DIN 1451: 75 units tall, a pen of about 10. No font file is needed, so a
 * clip is the same on every machine, and nobody's font is copied.
 *
 * The lines are written as in an SVG path, with absolute M, L, C and Z only.
 * Every glyph is clipped to its cell, so slanted strokes are simply drawn
 * beyond it and end flat at the top and bottom, as they do on a plate.
 *
 * Shapes that readers mix up are kept apart on purpose: 0 is narrower than O,
 * 1 has a flag and I has bars, 8 has a waist where B has corners. */

#include "glyph.h"

typedef struct {
  gunichar sign;
  gdouble width;
  const gchar *lines;
} Glyph;

/* An umlaut is its base letter, made lower, below two dots */
typedef struct {
  gunichar sign;
  gunichar base;
} Umlaut;

#define UMLAUT_SCALE 0.80

static const Glyph glyphs[] = {
  { '0', 40,
      "M20 5 C30 5 35 11 35 25 L35 50 C35 64 30 70 20 70 "
      "C10 70 5 64 5 50 L5 25 C5 11 10 5 20 5 Z" },
  { '1', 30, "M3 27 L24 7 M23 0 L23 75" },
  { '2', 42,
      "M5 24 C5 11 11 5 20 5 C30 5 36 11 36 21 C36 30 31 36 25 43 "
      "L7 64 L7 70 L41 70" },
  { '3', 42,
      "M5 20 C6 10 12 5 20 5 C29 5 35 11 35 19 C35 28 29 34 21 34 "
      "L15 34 M20 34 C31 34 37 41 37 52 C37 63 30 70 20 70 "
      "C11 70 5 64 4 54" },
  { '4', 44, "M29 -12 L7 54 L44 54 M32 33 L32 75" },
  { '5', 42,
      "M38 5 L11 5 L9 33 C13 29 17 28 22 28 C32 28 37 36 37 48 "
      "C37 62 31 70 20 70 C13 70 8 69 3 65" },
  { '6', 42,
      "M35 18 C33 9 29 5 22 5 C11 5 5 14 5 32 L5 50 "
      "C5 63 11 70 21 70 C31 70 37 62 37 50 C37 38 31 31 22 31 "
      "C13 31 6 37 5 48" },
  { '7', 42, "M3 5 L36 5 L15 85" },
  { '8', 42,
      "M21 5 C30 5 35 11 35 19 C35 28 30 34 21 34 C12 34 7 28 7 19 "
      "C7 11 12 5 21 5 Z M21 34 C31 34 37 41 37 52 C37 63 31 70 21 70 "
      "C11 70 5 63 5 52 C5 41 11 34 21 34 Z" },
  { '9', 42,
      "M7 57 C9 66 13 70 20 70 C31 70 37 61 37 43 L37 25 "
      "C37 12 31 5 21 5 C11 5 5 13 5 25 C5 37 11 44 20 44 "
      "C29 44 36 38 37 27" },
  { 'A', 50, "M2 90 L25 4 L48 90 M13 54 L37 54" },
  { 'B', 46,
      "M5 70 L5 5 L24 5 C33 5 38 10 38 19 C38 29 33 35 24 35 "
      "C35 35 41 41 41 52 C41 63 35 70 24 70 Z M5 35 L24 35" },
  { 'C', 46,
      "M40 24 C39 11 33 5 23 5 C12 5 5 13 5 28 L5 47 "
      "C5 62 12 70 23 70 C33 70 39 64 40 51" },
  { 'D', 46, "M5 70 L5 5 L21 5 C34 5 41 13 41 27 L41 48 C41 62 34 70 21 70 Z" },
  { 'E', 43, "M41 5 L5 5 L5 70 L41 70 M5 36 L37 36" },
  { 'F', 42, "M41 5 L5 5 L5 75 M5 37 L36 37" },
  { 'G', 46,
      "M40 22 C38 11 33 5 23 5 C12 5 5 13 5 28 L5 47 "
      "C5 62 12 70 23 70 C34 70 41 63 41 50 L41 42 L24 42" },
  { 'H', 46, "M5 0 L5 75 M41 0 L41 75 M5 36 L41 36" },
  { 'I', 32, "M3 5 L29 5 M16 5 L16 70 M3 70 L29 70" },
  { 'J', 38, "M33 0 L33 51 C33 64 28 70 18 70 C9 70 5 64 4 51" },
  { 'K', 47, "M5 0 L5 75 M46 -8 L7 46 M18 29 L46 88" },
  { 'L', 40, "M5 0 L5 70 L39 70" },
  { 'M', 54, "M5 75 L5 3 L27 51 L49 3 L49 75" },
  { 'N', 46, "M5 75 L5 3 L41 72 L41 0" },
  { 'O', 50,
      "M25 5 C38 5 45 13 45 28 L45 47 C45 62 38 70 25 70 "
      "C12 70 5 62 5 47 L5 28 C5 13 12 5 25 5 Z" },
  { 'P', 45, "M5 75 L5 5 L23 5 C35 5 40 12 40 23 C40 34 35 41 23 41 L5 41" },
  { 'Q', 50,
      "M25 5 C38 5 45 13 45 28 L45 47 C45 62 38 70 25 70 "
      "C12 70 5 62 5 47 L5 28 C5 13 12 5 25 5 Z M27 50 L47 76" },
  { 'R', 46,
      "M5 75 L5 5 L23 5 C35 5 40 12 40 23 C40 34 35 41 23 41 L5 41 "
      "M23 41 L45 92" },
  { 'S', 45,
      "M39 22 C38 11 32 5 22 5 C12 5 6 11 6 20 C6 29 12 33 22 36 "
      "C34 40 40 44 40 54 C40 64 33 70 22 70 C12 70 6 64 5 52" },
  { 'T', 44, "M1 5 L43 5 M22 5 L22 75" },
  { 'U', 46, "M5 0 L5 49 C5 63 11 70 23 70 C35 70 41 63 41 49 L41 0" },
  { 'V', 48, "M2 -15 L24 71 L46 -15" },
  { 'W', 66, "M2 -15 L18 70 L33 14 L48 70 L64 -15" },
  { 'X', 46, "M3 -8 L43 83 M43 -8 L3 83" },
  { 'Y', 46, "M1 -12 L23 40 L45 -12 M23 38 L23 75" },
  { 'Z', 46, "M4 5 L38 5 L8 70 L44 70" },
  { '-', 26, "M4 38 L22 38" },
};

static const Umlaut umlauts[] = {
  { 0xC4, 'A' },
  { 0xD6, 'O' },
  { 0xDC, 'U' },
};

static const Glyph *
glyph_find (gunichar sign)
{
  for (guint i = 0; i < G_N_ELEMENTS (glyphs); i++)
    if (glyphs[i].sign == sign)
      return &glyphs[i];
  return NULL;
}

static gunichar
umlaut_base (gunichar sign)
{
  for (guint i = 0; i < G_N_ELEMENTS (umlauts); i++)
    if (umlauts[i].sign == sign)
      return umlauts[i].base;
  return 0;
}

/* Reads one number and moves @at behind it. The tables are ours and right. */
static gdouble
next_number (const gchar **at)
{
  gchar *end;
  gdouble number = g_ascii_strtod (*at, &end);

  *at = end;
  return number;
}

static void
add_curve (cairo_t *cr, const gchar **at)
{
  gdouble points[6];

  for (guint i = 0; i < G_N_ELEMENTS (points); i++)
    points[i] = next_number (at);
  cairo_curve_to (
      cr, points[0], points[1], points[2], points[3], points[4], points[5]);
}

static void
add_point (cairo_t *cr, const gchar **at, gboolean line)
{
  gdouble x = next_number (at);
  gdouble y = next_number (at);

  if (line)
    cairo_line_to (cr, x, y);
  else
    cairo_move_to (cr, x, y);
}

static void
add_lines (cairo_t *cr, const gchar *lines)
{
  const gchar *at = lines;

  while (*at) {
    gchar command = *at++;

    if (command == 'M' || command == 'L')
      add_point (cr, &at, command == 'L');
    else if (command == 'C')
      add_curve (cr, &at);
    else if (command == 'Z')
      cairo_close_path (cr);
  }
}

static void
add_umlaut (cairo_t *cr, const Glyph *base)
{
  gdouble middle = base->width / 2;

  cairo_save (cr);
  cairo_translate (cr, 0, SCENE_GLYPH_HEIGHT * (1 - UMLAUT_SCALE));
  cairo_scale (cr, 1, UMLAUT_SCALE);
  add_lines (cr, base->lines);
  cairo_restore (cr);
  cairo_move_to (cr, middle - 11, 0);
  cairo_rel_line_to (cr, 0, 10);
  cairo_move_to (cr, middle + 11, 0);
  cairo_rel_line_to (cr, 0, 10);
}

/**
 * scene_glyph_width:
 * @sign: a capital letter, a digit, an umlaut or the hyphen
 *
 * Returns: the width of its cell without any gap, in glyph units; 0 if there
 * is no such glyph
 */
gdouble
scene_glyph_width (gunichar sign)
{
  gunichar base = umlaut_base (sign);
  const Glyph *glyph = glyph_find (base ? base : sign);

  return glyph ? glyph->width : 0;
}

/**
 * scene_glyph_draw:
 * @cr: a context whose unit is the glyph unit and whose origin is the top left
 *   corner of the cell
 * @sign: the sign
 * @stroke: width of the pen, glyph units; about 10
 *
 * Strokes one sign in the current source colour. The state of @cr is left as
 * it was, but for its current path, which is empty afterwards.
 *
 * Returns: %FALSE if there is no such glyph; nothing is drawn then
 */
gboolean
scene_glyph_draw (cairo_t *cr, gunichar sign, gdouble stroke)
{
  gunichar base = umlaut_base (sign);
  const Glyph *glyph = glyph_find (base ? base : sign);

  if (!glyph)
    return FALSE;
  cairo_save (cr);
  cairo_rectangle (cr, 0, 0, glyph->width, SCENE_GLYPH_HEIGHT);
  cairo_clip (cr);
  if (base)
    add_umlaut (cr, glyph);
  else
    add_lines (cr, glyph->lines);
  cairo_set_line_width (cr, stroke);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_BUTT);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_MITER);
  cairo_set_miter_limit (cr, 10);
  cairo_stroke (cr);
  cairo_restore (cr);
  return TRUE;
}

/**
 * scene_glyph_signs:
 *
 * Returns: (transfer none): all signs of plate texts that can be drawn, UTF-8
 */
const gchar *
scene_glyph_signs (void)
{
  return "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÜ0123456789";
}
