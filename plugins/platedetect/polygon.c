/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Parts of the frame: "x,y x,y x,y; x,y x,y x,y ...", each number 0..1. */

#include "polygon.h"
#include "../record/error.h"
#include <string.h>

static const gchar *
skip_blanks (const gchar *text)
{
  while (g_ascii_isspace (*text))
    text++;
  return text;
}

static gboolean
parse_number (const gchar **text, gfloat *number)
{
  gchar *end;
  gdouble value;

  /* no signs, no hexadecimal numbers, no "nan" */
  if ((!g_ascii_isdigit (**text) && **text != '.')
      || g_ascii_tolower ((*text)[1]) == 'x')
    return FALSE;
  value = g_ascii_strtod (*text, &end);
  if (end == *text || !(value >= 0 && value <= 1))
    return FALSE;
  *number = value;
  *text = end;
  return TRUE;
}

static gboolean
parse_point (const gchar **text, gfloat *x, gfloat *y)
{
  if (!parse_number (text, x) || **text != ',')
    return FALSE;
  (*text)++;
  return parse_number (text, y);
}

static gboolean
end_polygon (AnprPolygons *polygons, guint n_points)
{
  guint first =
      polygons->n_polygons > 0 ? polygons->ends[polygons->n_polygons - 1] : 0;

  if (n_points - first < 3 || polygons->n_polygons == ANPR_MAX_POLYGONS)
    return FALSE;
  polygons->ends[polygons->n_polygons++] = n_points;
  return TRUE;
}

static gboolean
parse_all (const gchar **text, AnprPolygons *polygons)
{
  guint n_points = 0;

  *text = skip_blanks (*text);
  while (**text) {
    if (**text == ';') {
      if (!end_polygon (polygons, n_points))
        return FALSE;
      (*text)++;
    } else {
      if (n_points == ANPR_MAX_POLYGON_POINTS
          || !parse_point (
              text, &polygons->x[n_points], &polygons->y[n_points]))
        return FALSE;
      n_points++;
      if (**text && **text != ';' && !g_ascii_isspace (**text))
        return FALSE;
    }
    *text = skip_blanks (*text);
  }
  /* a semicolon after the last polygon is allowed */
  return n_points == 0
         || (polygons->n_polygons > 0
             && polygons->ends[polygons->n_polygons - 1] == n_points)
         || end_polygon (polygons, n_points);
}

/**
 * anpr_polygons_parse: (skip)
 * @text: (nullable): polygons separated by semicolons, each of three or more
 *     points "x,y" separated by blanks
 * @polygons: (out): the polygons; none for an empty @text; untouched on error
 * @error: %ANPR_ERROR_PROPERTY
 *
 * Any thread. The time taken is linear in the length of @text.
 *
 * Returns: whether @text is right
 */
gboolean
anpr_polygons_parse (const gchar *text, AnprPolygons *polygons, GError **error)
{
  AnprPolygons parsed = { 0 };
  const gchar *at = text ? text : "";
  const gchar *begin = at;

  if (parse_all (&at, &parsed)) {
    *polygons = parsed;
    return TRUE;
  }
  g_set_error (error, ANPR_ERROR, ANPR_ERROR_PROPERTY,
      "polygons are not right at character %" G_GSIZE_FORMAT
      ": each is three or more points x,y of 0..1, at most %d polygons and %d "
      "points",
      (gsize) (at - begin) + 1, ANPR_MAX_POLYGONS, ANPR_MAX_POLYGON_POINTS);
  return FALSE;
}

static gboolean
polygon_contains (
    const AnprPolygons *polygons, guint first, guint end, gfloat x, gfloat y)
{
  gboolean inside = FALSE;

  for (guint i = first, before = end - 1; i < end; before = i++) {
    gfloat y1 = polygons->y[i], y2 = polygons->y[before];
    gfloat x1 = polygons->x[i], x2 = polygons->x[before];

    if ((y1 > y) != (y2 > y) && x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
      inside = !inside;
  }
  return inside;
}

/**
 * anpr_polygons_contain: (skip)
 * @polygons: polygons
 * @x: part of the frame's width, 0..1
 * @y: part of the frame's height, 0..1
 *
 * Returns: whether the point lies in any of them
 */
gboolean
anpr_polygons_contain (const AnprPolygons *polygons, gfloat x, gfloat y)
{
  guint first = 0;

  for (guint i = 0; i < polygons->n_polygons; i++) {
    if (polygon_contains (polygons, first, polygons->ends[i], x, y))
      return TRUE;
    first = polygons->ends[i];
  }
  return FALSE;
}
