/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A network worked out by hand, and pictures that it can find plates in: the
 * tests of all that is around the network need no trained one.
 *
 * It finds bright bars on mid grey ground, 4.7 times as wide as high and 37 to
 * 80 pixels wide at its input. Four layers:
 *
 *   1  of each 4 x 4 pixels the mean, and how far right and down of their middle
 *      what is bright in them lies
 *   2  the same of each 8 x 8 pixels, a cell
 *   3  the sums of that over 13 x 7 cells: area and middle of the bar. Each as
 *      the part above and the part below what is expected, since nothing is
 *      below zero after an activation
 *   4  the score falls with what is unexpected; box from area and middle */

#ifndef PLATE_MODEL_H
#define PLATE_MODEL_H

#include "plugins/inference/modelfile.h"
#include <gst/check/gstcheck.h>
#include <math.h>

#define PLATE_MODEL_SHAPE 4.7

/* The bar the network is made for: its width in pixels; its area in cells, of
 * luma 255 */
#define PLATE_MODEL_WIDTH 62.0
#define PLATE_MODEL_AREA                                                       \
  (PLATE_MODEL_WIDTH * PLATE_MODEL_WIDTH / PLATE_MODEL_SHAPE / 64 * 127 / 128)

#define PLATE_MODEL_COLUMNS 13
#define PLATE_MODEL_ROWS 7
#define PLATE_MODEL_HEADER 128

static inline void
plate_model_add_16 (GByteArray *bytes, guint value)
{
  guint8 two[2] = { value & 255, value >> 8 };

  g_byte_array_append (bytes, two, 2);
}

static inline void
plate_model_add_32 (GByteArray *bytes, guint value)
{
  plate_model_add_16 (bytes, value & 65535);
  plate_model_add_16 (bytes, value >> 16);
}

static inline void
plate_model_add_weight (GByteArray *bytes, gfloat weight)
{
  guint32 bits;

  memcpy (&bits, &weight, sizeof (bits));
  plate_model_add_32 (bytes, bits);
}

static inline void
plate_model_add_header (GByteArray *bytes, guint n_weights)
{
  const gchar training[48] = "by hand";
  const guint8 no_checksum[32] = { 0 };
  const gchar label[16] = "plate";

  g_byte_array_append (bytes, (const guint8 *) "ANPRNET\n", 8);
  plate_model_add_32 (bytes, 1); /* version */
  plate_model_add_32 (bytes, ANPR_MODEL_DETECTOR);
  plate_model_add_32 (bytes, 320);
  plate_model_add_32 (bytes, 192);
  plate_model_add_32 (bytes, 1);  /* channels */
  plate_model_add_32 (bytes, 16); /* step */
  plate_model_add_32 (bytes, 4);  /* layers */
  plate_model_add_32 (bytes, 1);  /* labels */
  plate_model_add_32 (bytes, n_weights);
  plate_model_add_32 (bytes, 0);
  g_byte_array_append (bytes, (const guint8 *) training, sizeof (training));
  g_byte_array_append (bytes, no_checksum, sizeof (no_checksum));
  g_byte_array_append (bytes, (const guint8 *) label, sizeof (label));
}

/* A convolution of layer @input */
static inline void
plate_model_add_layer (GByteArray *bytes, guint input, gboolean relu,
    guint channels, guint rows, guint columns, guint stride, gboolean output)
{
  const guint fields[] = { 1, relu, input, 0, channels, rows, columns, stride,
    stride };
  guint pad = stride == 1;

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    plate_model_add_16 (bytes, fields[i]);
  for (guint i = 0; i < 4; i++)
    plate_model_add_16 (bytes, pad * (i < 2 ? rows / 2 : columns / 2));
  plate_model_add_16 (bytes, output);
  plate_model_add_32 (bytes, 0);
}

/* How far the middle of part @i of @n of a cell is from the cell's, in cells of
 * 8 pixels, if the parts are @size pixels */
static inline gfloat
plate_model_place (guint i, guint n, guint size)
{
  return (i + 0.5f - n / 2.0f) * size / 8;
}

static inline void
plate_model_add_quarters (GByteArray *bytes)
{
  for (guint channel = 0; channel < 3; channel++)
    for (guint y = 0; y < 4; y++)
      for (guint x = 0; x < 4; x++)
        plate_model_add_weight (
            bytes, (channel == 0      ? 1
                       : channel == 1 ? plate_model_place (x, 4, 1)
                                      : plate_model_place (y, 4, 1))
                       / 16);
  for (guint channel = 0; channel < 3; channel++)
    plate_model_add_weight (bytes, 0);
}

/* What a part that is @x right and @y below of the middle adds, by its own
 * three values, to one of three: the area, how far right, how far down */
static inline gfloat
plate_model_part (guint what, gfloat x, gfloat y, guint value)
{
  if (value == 0)
    return what == 0 ? 1 : what == 1 ? x : y;
  return value == what;
}

static inline void
plate_model_add_cells (GByteArray *bytes)
{
  for (guint channel = 0; channel < 3; channel++)
    for (guint y = 0; y < 2; y++)
      for (guint x = 0; x < 2; x++)
        for (guint value = 0; value < 3; value++)
          plate_model_add_weight (
              bytes, plate_model_part (channel, plate_model_place (x, 2, 4),
                         plate_model_place (y, 2, 4), value)
                         / 4);
  for (guint channel = 0; channel < 3; channel++)
    plate_model_add_weight (bytes, 0);
}

static inline void
plate_model_add_sums (GByteArray *bytes)
{
  for (guint channel = 0; channel < 6; channel++)
    for (gint y = 0; y < PLATE_MODEL_ROWS; y++)
      for (gint x = 0; x < PLATE_MODEL_COLUMNS; x++)
        for (guint value = 0; value < 3; value++)
          plate_model_add_weight (
              bytes, plate_model_part (channel / 2, x - PLATE_MODEL_COLUMNS / 2,
                         y - PLATE_MODEL_ROWS / 2, value)
                         * (channel % 2 ? -1 : 1) / PLATE_MODEL_AREA);
  for (guint channel = 0; channel < 6; channel++)
    plate_model_add_weight (bytes, channel > 1 ? 0 : channel ? 1 : -1);
}

static inline void
plate_model_add_box (GByteArray *bytes, guint channels)
{
  /* by more area, less, right, left, down, up */
  static const gfloat weights[5][6] = {
    { -6, -6, -1.5, -1.5, -1.5, -1.5 },
    { 0, 0, 1, -1, 0, 0 },
    { 0, 0, 0, 0, 1, -1 },
    /* the logarithm of the square root, nearly */
    { 0.384, -0.7, 0, 0, 0, 0 },
    { 0.384, -0.7, 0, 0, 0, 0 },
  };
  const gfloat biases[5] = { 4, 0, 0, log (PLATE_MODEL_WIDTH / 32),
    log (PLATE_MODEL_WIDTH / PLATE_MODEL_SHAPE / 8) };

  for (guint channel = 0; channel < channels; channel++)
    for (guint i = 0; i < 6; i++)
      plate_model_add_weight (bytes, channel < 5 ? weights[channel][i] : 0);
  for (guint channel = 0; channel < channels; channel++)
    plate_model_add_weight (bytes, channel < 5 ? biases[channel] : 0);
}

/* The model's file; with other than 16 @channels it is no detector's */
static inline GBytes *
plate_model_bytes (guint channels)
{
  GByteArray *bytes = g_byte_array_new ();
  g_autoptr (GByteArray) weights = g_byte_array_new ();
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize size = 32;

  plate_model_add_quarters (weights);
  plate_model_add_cells (weights);
  plate_model_add_sums (weights);
  plate_model_add_box (weights, channels);
  plate_model_add_header (bytes, weights->len / sizeof (gfloat));
  plate_model_add_layer (bytes, 0, FALSE, 3, 4, 4, 4, FALSE);
  plate_model_add_layer (bytes, 1, FALSE, 3, 2, 2, 2, FALSE);
  plate_model_add_layer (
      bytes, 2, TRUE, 6, PLATE_MODEL_ROWS, PLATE_MODEL_COLUMNS, 1, FALSE);
  plate_model_add_layer (bytes, 3, FALSE, channels, 1, 1, 1, TRUE);
  g_byte_array_append (bytes, weights->data, weights->len);
  g_checksum_update (checksum, bytes->data, bytes->len);
  g_checksum_get_digest (checksum, bytes->data + 96, &size);
  return g_byte_array_free_to_bytes (bytes);
}

static inline AnprModel *
plate_model_new (void)
{
  g_autoptr (GBytes) bytes = plate_model_bytes (16);
  g_autoptr (GError) error = NULL;
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  AnprModel *model =
      anpr_model_parse (data, size, "by hand", ANPR_MODEL_DETECTOR, &error);

  fail_unless (model != NULL, "%s", error ? error->message : "no model");
  return model;
}

/* How much of pixel @i lies in [from, to) */
static inline gdouble
plate_model_inside (guint i, gdouble from, gdouble to)
{
  return MAX (0, MIN (i + 1, to) - MAX (i, from));
}

/* A bar on what is there, its top left corner at @x, @y */
static inline void
plate_model_draw (guint8 *pixels, gsize stride, guint width, guint height,
    gdouble x, gdouble y, gdouble bar_width)
{
  gdouble bar_height = bar_width / PLATE_MODEL_SHAPE;

  for (guint row = MAX (0, y); row < MIN (height, y + bar_height); row++)
    for (guint column = MAX (0, x); column < MIN (width, x + bar_width);
         column++) {
      guint8 *pixel = pixels + row * stride + column;
      gdouble share = plate_model_inside (column, x, x + bar_width)
                      * plate_model_inside (row, y, y + bar_height);

      *pixel = *pixel + share * (255 - *pixel) + 0.5;
    }
}

#endif
