/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SCENE_GLYPH_H
#define ANPR_SCENE_GLYPH_H

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

/* All glyphs are as tall as this; widths and advances use the same unit, which
 * is a millimetre on a full-size plate */
#define SCENE_GLYPH_HEIGHT 75.0

gdouble scene_glyph_width (gunichar sign);
gboolean scene_glyph_draw (cairo_t *cr, gunichar sign, gdouble stroke);
const gchar *scene_glyph_signs (void);

G_END_DECLS

#endif
