/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Texts of properties: polygons and direction lines. What is taken lies within
 * the frame, what is refused changes nothing. */

#include "fuzz.h"
#include "plugins/platedetect/polygon.h"
#include "plugins/platetrack/platepath.h"

#include <string.h>

static void
check_polygons (const gchar *text)
{
  AnprPolygons polygons = { 0 };
  g_autoptr (GError) error = NULL;
  guint end = 0;

  if (!anpr_polygons_parse (text, &polygons, &error)) {
    g_assert (error != NULL);
    return;
  }
  g_assert_cmpuint (polygons.n_polygons, <=, ANPR_MAX_POLYGONS);
  for (guint i = 0; i < polygons.n_polygons; i++) {
    g_assert_cmpuint (polygons.ends[i], >, end);
    end = polygons.ends[i];
  }
  g_assert_cmpuint (end, <=, ANPR_MAX_POLYGON_POINTS);
  for (guint i = 0; i < end; i++)
    g_assert (polygons.x[i] >= 0 && polygons.x[i] <= 1 && polygons.y[i] >= 0
              && polygons.y[i] <= 1);
  (void) anpr_polygons_contain (&polygons, 0.5, 0.5);
}

static void
check_line (const gchar *text)
{
  AnprDirectionLine line = { 0 }, before = line;

  if (!anpr_direction_line_parse (text, &line)) {
    g_assert (memcmp (&line, &before, sizeof (line)) == 0);
    return;
  }
  for (guint i = 0; i < 2; i++)
    g_assert (
        line.x[i] >= 0 && line.x[i] <= 1 && line.y[i] >= 0 && line.y[i] <= 1);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree gchar *text = g_strndup ((const gchar *) data, size);

  check_polygons (text);
  check_line (text);
  return 0;
}
