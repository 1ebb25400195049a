/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "geometry.h"

static gdouble
box_area (const AnprBox *box)
{
  return box->width > 0 && box->height > 0 ? box->width * box->height : 0;
}

static gdouble
box_intersection (const AnprBox *a, const AnprBox *b)
{
  gdouble w = MIN (a->x + a->width, b->x + b->width) - MAX (a->x, b->x);
  gdouble h = MIN (a->y + a->height, b->y + b->height) - MAX (a->y, b->y);

  return w > 0 && h > 0 ? w * h : 0;
}

/**
 * anpr_box_iou:
 * @a: a box
 * @b: another, in the same pixels
 *
 * Returns: intersection over union, 0..1; 0 if either is empty
 */
gdouble
anpr_box_iou (const AnprBox *a, const AnprBox *b)
{
  gdouble common = box_intersection (a, b);

  return common > 0 ? common / (box_area (a) + box_area (b) - common) : 0;
}

/**
 * anpr_box_cover:
 * @a: a box
 * @b: another, in the same pixels
 *
 * Returns: how much of the smaller box the other one covers, 0..1
 */
gdouble
anpr_box_cover (const AnprBox *a, const AnprBox *b)
{
  gdouble common = box_intersection (a, b);

  return common > 0 ? common / MIN (box_area (a), box_area (b)) : 0;
}

/**
 * anpr_box_clip:
 * @box: (inout): a box
 * @width: width of the frame, pixels
 * @height: height of the frame, pixels
 *
 * Cuts off what lies outside the frame.
 *
 * Returns: %FALSE if nothing is left, @box is empty then
 */
gboolean
anpr_box_clip (AnprBox *box, gdouble width, gdouble height)
{
  gdouble right = MIN (box->x + box->width, width);
  gdouble bottom = MIN (box->y + box->height, height);

  box->x = MAX (box->x, 0);
  box->y = MAX (box->y, 0);
  box->width = MAX (right - box->x, 0);
  box->height = MAX (bottom - box->y, 0);
  return box->width > 0 && box->height > 0;
}

/**
 * anpr_quad_from_box:
 * @quad: (out): the box's corners
 * @box: a box
 */
void
anpr_quad_from_box (AnprQuad *quad, const AnprBox *box)
{
  quad->x[0] = quad->x[3] = box->x;
  quad->x[1] = quad->x[2] = box->x + box->width;
  quad->y[0] = quad->y[1] = box->y;
  quad->y[2] = quad->y[3] = box->y + box->height;
}
