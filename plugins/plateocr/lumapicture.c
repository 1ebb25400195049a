/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Grey pictures: cut out of a frame, scaled, sheared, stretched.
 *
 * Scaling is separable with a triangle as wide as one output pixel (at least
 * one input pixel): bilinear where it enlarges, without aliasing where it
 * shrinks. What lies outside the plane repeats its edge. The picture between
 * the passes has the output's width and at most the plane's height. */

#include "lumapicture.h"

#include <math.h>
#include <string.h>

/**
 * anpr_luma_picture_new:
 * @width: pixels, at least 1
 * @height: pixels, at least 1
 * @fill: luma of every pixel
 *
 * Returns: (transfer full): a new picture
 */
AnprLumaPicture *
anpr_luma_picture_new (guint width, guint height, guint8 fill)
{
  AnprLumaPicture *picture = g_new (AnprLumaPicture, 1);

  picture->width = width;
  picture->height = height;
  picture->luma = g_malloc ((gsize) width * height);
  memset (picture->luma, fill, (gsize) width * height);
  return picture;
}

/**
 * anpr_luma_picture_free:
 * @picture: (nullable): a picture
 */
void
anpr_luma_picture_free (AnprLumaPicture *picture)
{
  if (!picture)
    return;
  g_free (picture->luma);
  g_free (picture);
}

/**
 * anpr_luma_picture_get_plane:
 * @picture: a picture
 *
 * Returns: a view of @picture, valid as long as it is
 */
AnprLumaPlane
anpr_luma_picture_get_plane (const AnprLumaPicture *picture)
{
  AnprLumaPlane plane = { picture->luma, picture->width, picture->width,
    picture->height };

  return plane;
}

/* The weighted mean of samples step bytes apart around centre, in samples */
static gdouble
triangle_mean (const guint8 *samples, gsize step, gint n_samples,
    gdouble centre, gdouble radius)
{
  gint first = (gint) ceil (centre - radius);
  gint last = (gint) floor (centre + radius);
  gdouble sum = 0, weights = 0;

  for (gint i = first; i <= last; i++) {
    gdouble weight = radius - fabs (i - centre);

    if (weight <= 0)
      continue;
    sum += weight * samples[(gsize) CLAMP (i, 0, n_samples - 1) * step];
    weights += weight;
  }
  if (weights <= 0)
    return samples[(gsize) CLAMP (first, 0, n_samples - 1) * step];
  return sum / weights;
}

/* The rows of the plane that the part needs, scaled to the output's width */
static AnprLumaPicture *
scale_columns (const AnprLumaPlane *plane, const AnprSampling *sampling,
    gint first_row, gint n_rows, guint width)
{
  AnprLumaPicture *picture = anpr_luma_picture_new (width, n_rows, 0);
  gdouble step = sampling->width / width;
  guint8 *out = picture->luma;

  for (gint row = 0; row < n_rows; row++) {
    const guint8 *in = plane->luma + (gsize) (first_row + row) * plane->stride;

    for (guint i = 0; i < width; i++)
      *out++ =
          (guint8) (triangle_mean (in, 1, plane->width,
                        sampling->x + (i + 0.5) * step - 0.5, MAX (step, 1.0))
                    + 0.5);
  }
  return picture;
}

/**
 * anpr_luma_picture_sample:
 * @plane: where to sample from, at least 1x1
 * @sampling: which part; its sizes are above 0
 * @width: of the picture, pixels, at least 1
 * @height: of the picture, pixels, at least 1
 *
 * Returns: (transfer full): the part of @plane as a picture of that size
 */
AnprLumaPicture *
anpr_luma_picture_sample (const AnprLumaPlane *plane,
    const AnprSampling *sampling, guint width, guint height)
{
  AnprLumaPicture *picture = anpr_luma_picture_new (width, height, 0);
  gdouble step = sampling->height / height;
  gdouble radius = MAX (step, 1.0);
  gdouble reach = fabs (sampling->slope) * sampling->width / 2 + radius + 1;
  gdouble last_line = plane->height - 1.0;
  gint first_row = (gint) CLAMP (floor (sampling->y - reach), 0, last_line);
  gint last_row = (gint) CLAMP (
      ceil (sampling->y + sampling->height + reach), first_row, last_line);
  g_autoptr (AnprLumaPicture) columns = scale_columns (
      plane, sampling, first_row, last_row - first_row + 1, width);

  for (guint x = 0; x < width; x++) {
    gdouble from_centre = ((x + 0.5) / width - 0.5) * sampling->width;
    gdouble top = sampling->y + sampling->slope * from_centre - first_row - 0.5;

    for (guint y = 0; y < height; y++)
      picture->luma[(gsize) y * width + x] =
          (guint8) (triangle_mean (columns->luma + x, width, columns->height,
                        top + (y + 0.5) * step, radius)
                    + 0.5);
  }
  return picture;
}

/**
 * anpr_luma_picture_get_percentile:
 * @picture: a picture
 * @middle: 0..1, the middle part of width and height to look at
 * @share: 0..1
 *
 * Returns: the luma that @share of these pixels do not exceed
 */
guint8
anpr_luma_picture_get_percentile (
    const AnprLumaPicture *picture, gdouble middle, gdouble share)
{
  guint left = (guint) (picture->width * (1 - middle) / 2);
  guint top = (guint) (picture->height * (1 - middle) / 2);
  guint counts[256] = { 0 };
  guint seen = 0, n = 0, level = 0;

  for (guint y = top; y < picture->height - top; y++)
    for (guint x = left; x < picture->width - left; x++) {
      counts[picture->luma[(gsize) y * picture->width + x]]++;
      n++;
    }
  for (level = 0; level < 255; level++) {
    seen += counts[level];
    if (seen >= share * n)
      break;
  }
  return (guint8) level;
}

/**
 * anpr_luma_picture_stretch:
 * @picture: a picture
 * @black: what becomes 0
 * @white: what becomes 255; a picture without contrast is left alone
 */
void
anpr_luma_picture_stretch (AnprLumaPicture *picture, guint8 black, guint8 white)
{
  gsize n_pixels = (gsize) picture->width * picture->height;
  guint8 map[256];

  if (white <= black)
    return;
  for (gint i = 0; i < 256; i++)
    map[i] = (guint8) CLAMP ((i - black) * 255 / (white - black), 0, 255);
  for (gsize i = 0; i < n_pixels; i++)
    picture->luma[i] = map[picture->luma[i]];
}

/* The luma that one pixel in eight of a column exceeds */
static guint8
ground_of_column (const AnprLumaPicture *picture, guint x)
{
  guint counts[16] = { 0 };
  guint seen = 0;
  guint level = 15;

  for (guint y = 0; y < picture->height; y++)
    counts[picture->luma[(gsize) y * picture->width + x] >> 4]++;
  for (; level > 0; level--) {
    seen += counts[level];
    if (seen * 8 >= picture->height)
      break;
  }
  return (guint8) (level * 16 + 15);
}

/**
 * anpr_luma_picture_flatten:
 * @picture: dark signs on a light ground
 * @reach: columns to each side in which some ground must show
 *
 * Takes shadows out that differ from column to column: the ground becomes about
 * as light everywhere. A column is made at most four times as light.
 */
void
anpr_luma_picture_flatten (AnprLumaPicture *picture, guint reach)
{
  g_autofree guint8 *columns = g_new (guint8, picture->width);
  g_autofree guint8 *ground = g_new (guint8, picture->width);

  for (guint x = 0; x < picture->width; x++)
    columns[x] = ground_of_column (picture, x);
  for (guint x = 0; x < picture->width; x++) {
    guint first = x > reach ? x - reach : 0;
    guint last = MIN (x + reach, picture->width - 1);

    ground[x] = 64;
    for (guint i = first; i <= last; i++)
      ground[x] = MAX (ground[x], columns[i]);
  }
  for (guint x = 0; x < picture->width; x++) {
    guint first = x > reach ? x - reach : 0;
    guint last = MIN (x + reach, picture->width - 1);
    guint sum = 0;

    for (guint i = first; i <= last; i++)
      sum += ground[i];
    sum /= last - first + 1;
    for (guint y = 0; y < picture->height; y++) {
      guint8 *luma = &picture->luma[(gsize) y * picture->width + x];

      *luma = (guint8) MIN (*luma * 240 / sum, 255);
    }
  }
}

/**
 * anpr_luma_picture_invert:
 * @picture: a picture
 *
 * Makes light signs on a dark ground dark ones on a light ground.
 */
void
anpr_luma_picture_invert (AnprLumaPicture *picture)
{
  gsize n_pixels = (gsize) picture->width * picture->height;

  for (gsize i = 0; i < n_pixels; i++)
    picture->luma[i] = 255 - picture->luma[i];
}
