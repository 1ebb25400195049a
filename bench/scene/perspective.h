/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SCENE_PERSPECTIVE_H
#define ANPR_SCENE_PERSPECTIVE_H

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

void scene_perspective_paint (cairo_t *cr, cairo_surface_t *source,
    const gdouble corner_x[4], const gdouble corner_y[4]);

G_END_DECLS

#endif
