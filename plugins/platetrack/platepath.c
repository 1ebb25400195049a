/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Which way a vehicle went, and whether it went anywhere.
 *
 * With a line, the side of it that the plate was first seen on and the one it
 * was last seen on tell. Without one, its growth does: the slope of a straight
 * line through the logarithms of its widths (least squares), so that one box
 * that is a little off, or cut off at the picture's edge, changes little. A
 * plate that hardly grows but goes far down or up the picture comes or goes
 * too, as seen from above the road.
 *
 * Plain data, constant memory whatever the number of sightings. */

#include "platepath.h"

#include <math.h>

/* Change of width over a path that tells coming from going */
#define DIRECTION_GROWTH 1.15
/* Else, widths down or up the picture that do */
#define DIRECTION_DROP 1.5

static gdouble
middle_x (const AnprBox *box)
{
  return box->x + box->width / 2;
}

static gdouble
middle_y (const AnprBox *box)
{
  return box->y + box->height / 2;
}

/**
 * anpr_plate_path_add: (skip)
 * @path: a path
 * @box: where the plate is now, pixels
 * @time: nanoseconds, never falling
 */
void
anpr_plate_path_add (AnprPlatePath *path, const AnprBox *box, guint64 time)
{
  gdouble seconds, size = log (MAX (box->width, 1));

  if (path->n == 0) {
    path->first = *box;
    path->first_time = time;
  }
  seconds = (time - path->first_time) / 1e9;
  path->n++;
  path->last = *box;
  path->duration = seconds;
  path->time_sum += seconds;
  path->time_squares += seconds * seconds;
  path->size_sum += size;
  path->product_sum += seconds * size;
}

/**
 * anpr_plate_path_prepend: (skip)
 * @path: a path with a sighting
 * @before: that of the same vehicle up to then, with a sighting
 *
 * Makes @path the whole way, as if all sightings had been added to it.
 */
void
anpr_plate_path_prepend (AnprPlatePath *path, const AnprPlatePath *before)
{
  gdouble later = ((gdouble) path->first_time - before->first_time) / 1e9;

  path->product_sum += before->product_sum + later * path->size_sum;
  path->time_squares += before->time_squares + 2 * later * path->time_sum
                        + later * later * path->n;
  path->time_sum += before->time_sum + later * path->n;
  path->size_sum += before->size_sum;
  path->duration += later;
  path->n += before->n;
  path->first = before->first;
  path->first_time = before->first_time;
}

/**
 * anpr_plate_path_get_travel: (skip)
 * @path: a path with a sighting
 *
 * Returns: how far the plate is from where it was first seen, in its mean
 *     widths
 */
gdouble
anpr_plate_path_get_travel (const AnprPlatePath *path)
{
  return hypot (middle_x (&path->last) - middle_x (&path->first),
             middle_y (&path->last) - middle_y (&path->first))
         / exp (path->size_sum / path->n);
}

/* How many times as wide the plate has become, by the line of least squares */
static gdouble
growth_of (const AnprPlatePath *path)
{
  gdouble n = path->n;
  gdouble spread = n * path->time_squares - path->time_sum * path->time_sum;

  if (!(spread > 0))
    return 1;
  return exp ((n * path->product_sum - path->time_sum * path->size_sum) / spread
              * path->duration);
}

static AnprDirection
direction_by_growth (const AnprPlatePath *path)
{
  gdouble growth = growth_of (path);
  gdouble right = middle_x (&path->last) - middle_x (&path->first);
  gdouble down = middle_y (&path->last) - middle_y (&path->first);
  gdouble far = DIRECTION_DROP * exp (path->size_sum / path->n);

  if (growth > DIRECTION_GROWTH)
    return ANPR_DIRECTION_IN;
  if (growth < 1 / DIRECTION_GROWTH)
    return ANPR_DIRECTION_OUT;
  if (fabs (down) < far || fabs (down) < fabs (right))
    return ANPR_DIRECTION_UNKNOWN;
  return down > 0 ? ANPR_DIRECTION_IN : ANPR_DIRECTION_OUT;
}

static gdouble
side_of_line (const AnprDirectionLine *line, gdouble x, gdouble y)
{
  return (line->x[1] - line->x[0]) * (y - line->y[0])
         - (line->y[1] - line->y[0]) * (x - line->x[0]);
}

static AnprDirection
direction_by_line (const AnprPlatePath *path, const AnprDirectionLine *line,
    gdouble width, gdouble height)
{
  gdouble before = side_of_line (
      line, middle_x (&path->first) / width, middle_y (&path->first) / height);
  gdouble after = side_of_line (
      line, middle_x (&path->last) / width, middle_y (&path->last) / height);

  if (before < 0 && after > 0)
    return ANPR_DIRECTION_IN;
  if (before > 0 && after < 0)
    return ANPR_DIRECTION_OUT;
  return ANPR_DIRECTION_UNKNOWN;
}

/**
 * anpr_plate_path_get_direction: (skip)
 * @path: a path with a sighting
 * @line: what to cross; not set, growing plates travel in
 * @width: pixels of the frame
 * @height: pixels of the frame
 *
 * Returns: the direction by now, unknown as long as it cannot be told
 */
AnprDirection
anpr_plate_path_get_direction (const AnprPlatePath *path,
    const AnprDirectionLine *line, guint width, guint height)
{
  return line->set ? direction_by_line (path, line, width, height)
                   : direction_by_growth (path);
}

/**
 * anpr_direction_line_parse: (skip)
 * @text: (nullable): "x1,y1 x2,y2", each 0..1; %NULL or empty unsets the line
 * @line: (out): the line
 *
 * Returns: %FALSE, and leaves @line alone, if @text is no line
 */
gboolean
anpr_direction_line_parse (const gchar *text, AnprDirectionLine *line)
{
  AnprDirectionLine parsed = { .set = TRUE };
  gdouble *const values[] = { &parsed.x[0], &parsed.y[0], &parsed.x[1],
    &parsed.y[1] };
  const gchar separators[] = { ',', ' ', ',', '\0' };
  const gchar *p = text;

  if (!text || text[0] == '\0') {
    line->set = FALSE;
    return TRUE;
  }
  for (guint i = 0; i < G_N_ELEMENTS (values); i++) {
    gchar *end;

    *values[i] = g_ascii_strtod (p, &end);
    if (end == p || *end != separators[i] || !(*values[i] >= 0)
        || *values[i] > 1)
      return FALSE;
    p = end + 1;
  }
  if (parsed.x[0] == parsed.x[1] && parsed.y[0] == parsed.y[1])
    return FALSE;
  *line = parsed;
  return TRUE;
}
