/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SCENE_PLATEART_H
#define ANPR_SCENE_PLATEART_H

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  SCENE_LAYOUT_ONE_LINE,
  SCENE_LAYOUT_TWO_LINE,
} SceneLayout;

/* What a plate says and looks like. @raw is the text as printed: the signs of
 * the text, hyphens, spaces, and for two lines a '/' where the line ends. */
typedef struct {
  const gchar *raw;
  const gchar *country;
  SceneLayout layout;
} ScenePlate;

void scene_plate_size (
    const ScenePlate *plate, gdouble *width, gdouble *height);
void scene_plate_draw (cairo_t *cr, const ScenePlate *plate);
gchar *scene_plate_text (const ScenePlate *plate);

G_END_DECLS

#endif
