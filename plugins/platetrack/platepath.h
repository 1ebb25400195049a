/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PLATETRACK_PLATEPATH_H
#define ANPR_PLATETRACK_PLATEPATH_H

#include "../record/passage.h"

G_BEGIN_DECLS

/* A line across the picture in 0..1 of its width and height. A plate that
 * goes from the left of the line, seen from its first point to its second, to
 * the right of it travels "in". */
typedef struct {
  gboolean set;
  gdouble x[2];
  gdouble y[2];
} AnprDirectionLine;

gboolean anpr_direction_line_parse (const gchar *text, AnprDirectionLine *line);

/* AnprPlatePath: the way a plate has gone in the picture: its first and last
 * box, pixels, and what a line through its widths over time is made of. Plain
 * data; all zero before the first sighting. */
typedef struct {
  guint n;
  AnprBox first;
  AnprBox last;
  guint64 first_time;
  gdouble duration;
  gdouble time_sum;
  gdouble time_squares;
  gdouble size_sum;
  gdouble product_sum;
} AnprPlatePath;

void anpr_plate_path_prepend (AnprPlatePath *path, const AnprPlatePath *before);
void anpr_plate_path_add (
    AnprPlatePath *path, const AnprBox *box, guint64 time);
gdouble anpr_plate_path_get_travel (const AnprPlatePath *path);
AnprDirection anpr_plate_path_get_direction (const AnprPlatePath *path,
    const AnprDirectionLine *line, guint width, guint height);

G_END_DECLS

#endif
