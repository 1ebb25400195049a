/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* I420 pictures and what a camera does to them. All arithmetic is whole
 * numbers, and chance comes from a hash of the seed and the place, so the same
 * seed gives the same bytes in whatever order frames are drawn. */

#include "picture.h"

#include <string.h>

/* BT.709, limited range, 16 bits after the point */
#define LUMA(r, g, b) (16 + ((11966 * (r) + 40254 * (g) + 4064 * (b)) >> 16))
#define CHROMA_U(r, g, b)                                                      \
  (128 + ((-6596 * (r) -22189 * (g) + 28784 * (b)) >> 16))
#define CHROMA_V(r, g, b) (128 + ((28784 * (r) -26145 * (g) -2639 * (b)) >> 16))

#define RED(pixel) ((gint) ((pixel) >> 16 & 0xff))
#define GREEN(pixel) ((gint) ((pixel) >> 8 & 0xff))
#define BLUE(pixel) ((gint) ((pixel) &0xff))

/**
 * scene_random:
 * @seed: the scene's seed
 * @a: place, or what the number is for
 * @b: place
 *
 * Returns: a number that looks random and depends on the arguments only
 */
guint32
scene_random (guint64 seed, guint64 a, guint64 b)
{
  guint64 mixed = seed * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)
                  + a * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9)
                  + b * G_GUINT64_CONSTANT (0x94d049bb133111eb);

  mixed = (mixed ^ mixed >> 30) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  mixed = (mixed ^ mixed >> 27) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return (mixed ^ mixed >> 31) >> 16;
}

/**
 * scene_picture_new:
 * @width: pixels, even
 * @height: pixels, even
 *
 * Returns: (transfer full): a picture of undefined content; its planes lie one
 * behind the other without gaps, so planes[0] is also a whole I420 frame
 */
ScenePicture *
scene_picture_new (guint width, guint height)
{
  ScenePicture *picture = g_new0 (ScenePicture, 1);
  gsize luma = (gsize) width * height;

  picture->width = width;
  picture->height = height;
  picture->planes[0] = g_malloc (luma * 3 / 2);
  picture->planes[1] = picture->planes[0] + luma;
  picture->planes[2] = picture->planes[1] + luma / 4;
  picture->strides[0] = width;
  picture->strides[1] = picture->strides[2] = width / 2;
  return picture;
}

/**
 * scene_picture_free:
 * @picture: (nullable) (transfer full): a picture of scene_picture_new()
 */
void
scene_picture_free (ScenePicture *picture)
{
  if (picture)
    g_free (picture->planes[0]);
  g_free (picture);
}

/**
 * scene_picture_copy:
 * @to: a picture
 * @from: another of the same size
 */
void
scene_picture_copy (ScenePicture *to, const ScenePicture *from)
{
  for (guint plane = 0; plane < 3; plane++) {
    guint rows = plane ? from->height / 2 : from->height;
    guint width = plane ? from->width / 2 : from->width;

    for (guint row = 0; row < rows; row++)
      memcpy (to->planes[plane] + row * to->strides[plane],
          from->planes[plane] + row * from->strides[plane], width);
  }
}

static void
take_luma (guint8 *out, const guint32 *pixels, guint count)
{
  for (guint i = 0; i < count; i++)
    out[i] = LUMA (RED (pixels[i]), GREEN (pixels[i]), BLUE (pixels[i]));
}

/* Two rows of pixels give one of chroma; each sample is the mean of four. */
static void
take_chroma (guint8 *u, guint8 *v, const guint32 *upper, const guint32 *lower,
    guint count)
{
  for (guint i = 0; i < count; i++) {
    const guint32 *a = upper + 2 * i;
    const guint32 *b = lower + 2 * i;
    gint red = (RED (a[0]) + RED (a[1]) + RED (b[0]) + RED (b[1]) + 2) / 4;
    gint green =
        (GREEN (a[0]) + GREEN (a[1]) + GREEN (b[0]) + GREEN (b[1]) + 2) / 4;
    gint blue = (BLUE (a[0]) + BLUE (a[1]) + BLUE (b[0]) + BLUE (b[1]) + 2) / 4;

    u[i] = CHROMA_U (red, green, blue);
    v[i] = CHROMA_V (red, green, blue);
  }
}

/**
 * scene_picture_take:
 * @picture: the picture to write
 * @surface: an RGB24 image surface of the same size
 * @area: the part to take
 */
void
scene_picture_take (
    ScenePicture *picture, cairo_surface_t *surface, const SceneArea *area)
{
  guint stride = cairo_image_surface_get_stride (surface);
  const guint8 *data;

  cairo_surface_flush (surface);
  data = cairo_image_surface_get_data (surface);
  for (guint y = area->y; y < area->y + area->height; y += 2) {
    const guint32 *upper =
        (const guint32 *) (gconstpointer) (data + (gsize) y * stride);
    const guint32 *lower = upper + stride / 4;
    guint8 *luma = picture->planes[0] + y * picture->strides[0] + area->x;
    gsize chroma = y / 2 * picture->strides[1] + area->x / 2;

    take_luma (luma, upper + area->x, area->width);
    take_luma (luma + picture->strides[0], lower + area->x, area->width);
    take_chroma (picture->planes[1] + chroma, picture->planes[2] + chroma,
        upper + area->x, lower + area->x, area->width / 2);
  }
}

/* @here is the row before it was changed, with one pixel more at each end. */
static void
soften_row (guint8 *row, const guint8 *above, const guint8 *here,
    const guint8 *below, guint width, guint amount)
{
  for (guint x = 0; x < width; x++) {
    guint mean =
        (4 * here[x + 1] + here[x] + here[x + 2] + above[x] + below[x]) / 8;

    row[x] = (here[x + 1] * (256 - amount) + mean * amount) / 256;
  }
}

/**
 * scene_picture_soften:
 * @picture: a picture
 * @area: the part of it; nothing happens at the picture's outermost pixels
 * @amount: 0, sharp, to 256, each pixel is half itself and half its neighbours
 *
 * Blurs the luma a little, as a lens that is focused elsewhere.
 */
void
scene_picture_soften (
    ScenePicture *picture, const SceneArea *area, guint amount)
{
  guint x0 = MAX (area->x, 1), y0 = MAX (area->y, 1);
  guint x1 = MIN (area->x + area->width, picture->width - 1);
  guint y1 = MIN (area->y + area->height, picture->height - 1);
  guint stride = picture->strides[0];
  g_autofree guint8 *above = NULL;
  g_autofree guint8 *here = NULL;

  if (x0 >= x1 || y0 >= y1 || !amount)
    return;
  above = g_malloc (x1 - x0 + 2);
  here = g_malloc (x1 - x0 + 2);
  memcpy (above, picture->planes[0] + (y0 - 1) * stride + x0 - 1, x1 - x0 + 2);
  for (guint y = y0; y < y1; y++) {
    guint8 *row = picture->planes[0] + y * stride + x0;
    guint8 *swap = above;

    memcpy (here, row - 1, x1 - x0 + 2);
    soften_row (row, above + 1, here, row + stride, x1 - x0, amount);
    above = here;
    here = swap;
  }
}

static void
shift_plane (
    guint8 *plane, gint stride, gint width, gint height, gint dx, gint dy)
{
  g_autofree guint8 *before = g_memdup2 (plane, (gsize) stride * height);

  for (gint y = 0; y < height; y++) {
    const guint8 *from = before + CLAMP (y - dy, 0, height - 1) * stride;
    guint8 *to = plane + y * stride;

    for (gint x = 0; x < width; x++)
      to[x] = from[CLAMP (x - dx, 0, width - 1)];
  }
}

/**
 * scene_picture_shift:
 * @picture: a picture
 * @dx: pixels to the right
 * @dy: pixels down
 *
 * Moves all of it; what comes in at the edges repeats them. Chroma is moved by
 * whole samples, so by an odd number of pixels it is half a sample off.
 */
void
scene_picture_shift (ScenePicture *picture, gint dx, gint dy)
{
  for (guint i = 0; i < 3; i++)
    shift_plane (picture->planes[i], (gint) picture->strides[i],
        (gint) (i ? picture->width / 2 : picture->width),
        (gint) (i ? picture->height / 2 : picture->height), i ? dx / 2 : dx,
        i ? dy / 2 : dy);
}

/**
 * scene_picture_add_noise:
 * @picture: a picture whose luma stays at least the largest noise away from 0
 *   and 255
 * @noise: numbers to add; a long table, of which each row takes a random piece
 * @n_noise: length of it, more than the picture's width
 * @seed: chance
 *
 * Adds the sensor's noise to the luma.
 */
void
scene_picture_add_noise (
    ScenePicture *picture, const gint8 *noise, gsize n_noise, guint64 seed)
{
  for (guint y = 0; y < picture->height; y++) {
    guint8 *row = picture->planes[0] + (gsize) y * picture->strides[0];
    const gint8 *piece =
        noise + scene_random (seed, y, 77) % (n_noise - picture->width);

    for (guint x = 0; x < picture->width; x++)
      row[x] += piece[x];
  }
}
