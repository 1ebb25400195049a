/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A still as JPEG.
 *
 * Video has luma from 16 to 235 and, from HD on, BT.709 colours; JPEG (JFIF)
 * has luma from 0 to 255 and BT.601 colours. Without the conversion black
 * plates would be grey and red cars orange. It is done here and not where the
 * still is cut out, because here is the writer thread and there the thread that
 * reads plates; the planes go to the encoder as they are, still I420.
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "stilljpeg.h"
#include "../record/error.h"

/* 85: a sign of 12 pixels keeps its edges; 95 would take twice the room */
#define QUALITY 85

/* BT.709 to BT.601, both as difference signals, times 2^16; derived from the
 * luma weights .2126 .7152 .0722 and .299 .587 .114 */
#define LUMA_FROM_CB 6657
#define LUMA_FROM_CR 12850
#define CB_FROM_CB 64872
#define CB_FROM_CR -7252
#define CR_FROM_CR 64448
#define CR_FROM_CB -4748

#ifdef HAVE_TURBOJPEG

#include <turbojpeg.h>

typedef struct {
  guint8 luma[256];
  gint8 chroma[256];
} RangeTable;

static void
range_table_init (RangeTable *table, gboolean full_range)
{
  for (gint i = 0; i < 256; i++) {
    gint luma = full_range ? i : ((i - 16) * 255 + 109) / 219;
    gint chroma = full_range ? i - 128 : (i - 128) * 255 / 224;

    table->luma[i] = CLAMP (luma, 0, 255);
    table->chroma[i] = CLAMP (chroma, -128, 127);
  }
}

static void
expand_luma (guint8 *picture, const AnprStill *still, const RangeTable *table)
{
  const gsize size = (gsize) still->width * still->height;

  for (gsize i = 0; i < size; i++)
    picture[i] = table->luma[still->i420[i]];
}

static void
add_to_luma (guint8 *luma, guint stride, gint difference)
{
  luma[0] = CLAMP (luma[0] + difference, 0, 255);
  luma[1] = CLAMP (luma[1] + difference, 0, 255);
  luma[stride] = CLAMP (luma[stride] + difference, 0, 255);
  luma[stride + 1] = CLAMP (luma[stride + 1] + difference, 0, 255);
}

/* One pair of chroma samples and the four pixels that share it */
static void
convert_colours (guint8 *luma, guint stride, gint *cb, gint *cr)
{
  const gint half = 1 << 15;
  gint new_cb = (CB_FROM_CB * *cb + CB_FROM_CR * *cr + half) >> 16;
  gint new_cr = (CR_FROM_CR * *cr + CR_FROM_CB * *cb + half) >> 16;

  add_to_luma (
      luma, stride, (LUMA_FROM_CB * *cb + LUMA_FROM_CR * *cr + half) >> 16);
  *cb = new_cb;
  *cr = new_cr;
}

static void
convert_chroma (
    guint8 *picture, const AnprStill *still, const RangeTable *table)
{
  const guint width = still->width / 2;
  const gsize cb_plane = (gsize) still->width * still->height;
  const gsize cr_plane = cb_plane * 5 / 4;

  for (guint y = 0; y < still->height / 2; y++) {
    for (guint x = 0; x < width; x++) {
      gsize i = (gsize) y * width + x;
      gint cb = table->chroma[still->i420[cb_plane + i]];
      gint cr = table->chroma[still->i420[cr_plane + i]];

      if (still->bt709)
        convert_colours (picture + (gsize) 2 * y * still->width + 2 * x,
            still->width, &cb, &cr);
      picture[cb_plane + i] = CLAMP (cb + 128, 0, 255);
      picture[cr_plane + i] = CLAMP (cr + 128, 0, 255);
    }
  }
}

static guint8 *
jpeg_picture (const AnprStill *still)
{
  guint8 *picture = g_malloc (anpr_still_size (still));
  RangeTable table;

  range_table_init (&table, still->full_range);
  expand_luma (picture, still, &table);
  convert_chroma (picture, still, &table);
  return picture;
}

static void
free_jpeg (gpointer jpeg)
{
  tjFree (jpeg);
}

/**
 * anpr_still_jpeg_is_available: (skip)
 *
 * Returns: whether this build can make JPEGs
 */
gboolean
anpr_still_jpeg_is_available (void)
{
  return TRUE;
}

/**
 * anpr_still_to_jpeg: (skip)
 * @still: a still
 * @error: %ANPR_ERROR_STILL
 *
 * Any thread; takes a few milliseconds for a large still.
 *
 * Returns: (transfer full) (nullable): JPEG, 4:2:0, of the still's size
 */
GBytes *
anpr_still_to_jpeg (const AnprStill *still, GError **error)
{
  g_autofree guint8 *picture = jpeg_picture (still);
  const gsize luma = (gsize) still->width * still->height;
  const guchar *planes[] = { picture, picture + luma, picture + luma * 5 / 4 };
  const gint half = (gint) still->width / 2;
  const gint strides[] = { (gint) still->width, half, half };
  tjhandle encoder = tjInitCompress ();
  guchar *jpeg = NULL;
  gulong size = 0;

  if (!encoder
      || tjCompressFromYUVPlanes (encoder, planes, (gint) still->width, strides,
             (gint) still->height, TJSAMP_420, &jpeg, &size, QUALITY, 0)
             != 0) {
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_STILL,
        "Still of %u x %u cannot be made a JPEG: %s", still->width,
        still->height, tjGetErrorStr2 (encoder));
    tjFree (jpeg);
    if (encoder)
      tjDestroy (encoder);
    return NULL;
  }
  tjDestroy (encoder);
  return g_bytes_new_with_free_func (jpeg, size, free_jpeg, jpeg);
}

#else

gboolean
anpr_still_jpeg_is_available (void)
{
  return FALSE;
}

GBytes *
anpr_still_to_jpeg (const AnprStill *still, GError **error)
{
  g_set_error (error, ANPR_ERROR, ANPR_ERROR_STILL,
      "This build has no libjpeg-turbo, so no stills are kept");
  return NULL;
}

#endif
