/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_POLYGON_H
#define ANPR_POLYGON_H

#include <glib.h>

G_BEGIN_DECLS

/* Most polygons in a list, and most points of all of them together */
#define ANPR_MAX_POLYGONS 16
#define ANPR_MAX_POLYGON_POINTS 256

/* Polygons in parts of the frame's width and height, 0..1. Plain data, all zero
 * is none; ends[i] is the number of the point after the last one of polygon
 * i. */
typedef struct {
  gfloat x[ANPR_MAX_POLYGON_POINTS];
  gfloat y[ANPR_MAX_POLYGON_POINTS];
  guint ends[ANPR_MAX_POLYGONS];
  guint n_polygons;
} AnprPolygons;

gboolean anpr_polygons_parse (
    const gchar *text, AnprPolygons *polygons, GError **error);
gboolean anpr_polygons_contain (
    const AnprPolygons *polygons, gfloat x, gfloat y);

G_END_DECLS

#endif
