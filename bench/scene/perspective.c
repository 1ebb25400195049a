/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Paints a flat picture as it looks from aside, which cairo's own matrices
 * cannot: they keep parallel lines parallel. Each pixel of the result is the
 * mean of a grid of points, and each point is looked up in the source, which
 * should have two pixels or more for each pixel of the result. Points outside
 * of the source are transparent, so edges come out smooth. */

#include "perspective.h"

#include <math.h>

#define GRID 4

/* From the result's pixels to shares of the source's sides:
 * (a x + b y + c, d x + e y + f) / (g x + h y + i) */
typedef struct {
  gdouble a, b, c;
  gdouble d, e, f;
  gdouble g, h, i;
} Mapping;

/* From the unit square to the quadrilateral (Heckbert, 1989, section 2.2.3) */
static Mapping
square_to_corners (const gdouble x[4], const gdouble y[4])
{
  gdouble dx1 = x[1] - x[2], dx2 = x[3] - x[2];
  gdouble dy1 = y[1] - y[2], dy2 = y[3] - y[2];
  gdouble sum_x = x[0] - x[1] + x[2] - x[3];
  gdouble sum_y = y[0] - y[1] + y[2] - y[3];
  gdouble area = dx1 * dy2 - dx2 * dy1;
  gdouble g = (sum_x * dy2 - dx2 * sum_y) / area;
  gdouble h = (dx1 * sum_y - sum_x * dy1) / area;

  return (Mapping){ x[1] - x[0] + g * x[1], x[3] - x[0] + h * x[3], x[0],
    y[1] - y[0] + g * y[1], y[3] - y[0] + h * y[3], y[0], g, h, 1 };
}

/* The adjugate: the scale does not matter, as it is divided away. */
static Mapping
inverse_of (const Mapping *m)
{
  return (Mapping){ m->e * m->i - m->f * m->h, m->c * m->h - m->b * m->i,
    m->b * m->f - m->c * m->e, m->f * m->g - m->d * m->i,
    m->a * m->i - m->c * m->g, m->c * m->d - m->a * m->f,
    m->d * m->h - m->e * m->g, m->b * m->g - m->a * m->h,
    m->a * m->e - m->b * m->d };
}

/* The pixel of the source, or 0, transparent, beside it */
static guint32
look_up (cairo_surface_t *source, const Mapping *mapping, gdouble x, gdouble y)
{
  gdouble depth = mapping->g * x + mapping->h * y + mapping->i;
  gdouble u = (mapping->a * x + mapping->b * y + mapping->c) / depth;
  gdouble v = (mapping->d * x + mapping->e * y + mapping->f) / depth;
  gint column = (gint) floor (u * cairo_image_surface_get_width (source));
  gint row = (gint) floor (v * cairo_image_surface_get_height (source));
  const guint8 *data = cairo_image_surface_get_data (source);

  if (column < 0 || column >= cairo_image_surface_get_width (source) || row < 0
      || row >= cairo_image_surface_get_height (source))
    return 0;
  data += (gsize) row * cairo_image_surface_get_stride (source);
  return ((const guint32 *) (gconstpointer) data)[column];
}

static guint32
mean_of_grid (
    cairo_surface_t *source, const Mapping *mapping, gdouble x, gdouble y)
{
  guint sums[4] = { 0 };
  guint32 pixel = 0;

  for (guint i = 0; i < GRID * GRID; i++) {
    guint32 point = look_up (source, mapping, x + (i % GRID + 0.5) / GRID,
        y + (i / GRID + 0.5) / GRID);

    for (guint channel = 0; channel < 4; channel++)
      sums[channel] += point >> (8 * channel) & 0xff;
  }
  for (guint channel = 0; channel < 4; channel++)
    pixel |= sums[channel] / (GRID * GRID) << (8 * channel);
  return pixel;
}

static cairo_surface_t *
map_pixels (cairo_surface_t *source, const Mapping *mapping, gdouble left,
    gdouble top, guint width, guint height)
{
  cairo_surface_t *mapped =
      cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);
  guint8 *data = cairo_image_surface_get_data (mapped);
  gint stride = cairo_image_surface_get_stride (mapped);

  for (guint y = 0; y < height; y++) {
    guint32 *row = (guint32 *) (gpointer) (data + (gsize) y * stride);

    for (guint x = 0; x < width; x++)
      row[x] = mean_of_grid (source, mapping, left + x, top + y);
  }
  cairo_surface_mark_dirty (mapped);
  return mapped;
}

/**
 * scene_perspective_paint:
 * @cr: a context whose unit is the pixel
 * @source: an ARGB32 image surface
 * @corner_x: where its corners come to lie, clockwise from the top left, pixels
 * @corner_y: likewise
 *
 * Paints @source into the quadrilateral, which must be convex, over what is
 * there. The state of @cr but for its source is left as it was.
 */
void
scene_perspective_paint (cairo_t *cr, cairo_surface_t *source,
    const gdouble corner_x[4], const gdouble corner_y[4])
{
  Mapping forward = square_to_corners (corner_x, corner_y);
  Mapping mapping = inverse_of (&forward);
  gdouble left = corner_x[0], top = corner_y[0];
  gdouble right = left, bottom = top;
  cairo_surface_t *mapped;

  for (guint i = 1; i < 4; i++) {
    left = MIN (left, corner_x[i]);
    top = MIN (top, corner_y[i]);
    right = MAX (right, corner_x[i]);
    bottom = MAX (bottom, corner_y[i]);
  }
  left = floor (left);
  top = floor (top);
  cairo_surface_flush (source);
  mapped = map_pixels (source, &mapping, left, top,
      (guint) (ceil (right) - left), (guint) (ceil (bottom) - top));
  cairo_set_source_surface (cr, mapped, left, top);
  cairo_paint (cr);
  cairo_surface_destroy (mapped);
}
