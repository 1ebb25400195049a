/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A reader's network worked out by hand, and plates that it can read: the tests
 * of all that is around it need no trained one.
 *
 * It knows two signs: A is a dark bar, 7 a light one, on mid grey ground. Its
 * first layer takes the mean of each 4 x 4 pixels, the second that of a column
 * of them, a step. */

#ifndef READER_MODEL_H
#define READER_MODEL_H

#include "modelbuilder.h"
#include <glib/gstdio.h>
#include <gst/check/gstcheck.h>
#include <math.h>

#define READER_MODEL_ROWS 10

/* What a step must be off the mean, in deviations, to show a sign; how sharply
 * that is told */
#define READER_MODEL_OFF 0.7
#define READER_MODEL_SHARP 20

/* Pixels of a frame a bar with its gap is wide, and of the ground before the
 * first, and how high plates are */
#define READER_PLATE_PITCH 44
#define READER_PLATE_BAR 26
#define READER_PLATE_EDGE 18
#define READER_PLATE_HEIGHT 80

static inline ModelBuilder *
reader_model_build (const gchar *const *labels)
{
  static const ModelKernel quarter = { 4, 4, 4, 4, { 0 } };
  static const ModelKernel column = { READER_MODEL_ROWS, 1, 1, 1, { 0 } };
  static const gfloat slopes[] = { 0, 0, -READER_MODEL_SHARP,
    READER_MODEL_SHARP };
  static const gfloat biases[] = { 0, -60,
    -READER_MODEL_SHARP * READER_MODEL_OFF,
    -READER_MODEL_SHARP * READER_MODEL_OFF };
  ModelBuilder *builder = model_builder_new (ANPR_MODEL_READER, 1, 4);
  guint weight = 0;

  model_builder_set_input (builder, 160, 40);
  model_builder_set_labels (builder, labels);
  model_builder_convolve (builder, 0, 1, quarter, FALSE, 0);
  model_builder_convolve (builder, 1, 4, column, FALSE, 1);
  for (guint i = 0; i < 16; i++)
    model_builder_set_weight (builder, weight++, 1 / 16.0);
  model_builder_set_weight (builder, weight++, 0);
  for (guint label = 0; label < 4; label++)
    for (guint i = 0; i < READER_MODEL_ROWS; i++)
      model_builder_set_weight (
          builder, weight++, slopes[label] / READER_MODEL_ROWS);
  for (guint label = 0; label < 4; label++)
    model_builder_set_weight (builder, weight++, biases[label]);
  return builder;
}

static inline GBytes *
reader_model_bytes (void)
{
  static const gchar *const labels[] = { "blank", " ", "A", "7", NULL };

  return model_builder_finish (reader_model_build (labels));
}

/* A file of those bytes; reader_model_remove() takes it away */
static inline gchar *
reader_model_write (GBytes *bytes)
{
  g_autofree gchar *folder = g_dir_make_tmp ("anpr-reader-XXXXXX", NULL);
  gchar *path = g_build_filename (folder, "hand.anprnet", NULL);

  fail_unless (g_file_set_contents (
      path, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL));
  g_bytes_unref (bytes);
  return path;
}

static inline gchar *
reader_model_new (void)
{
  return reader_model_write (reader_model_bytes ());
}

static inline void
reader_model_remove (gchar *path)
{
  g_autofree gchar *folder = g_path_get_dirname (path);

  g_remove (path);
  g_rmdir (folder);
  g_free (path);
}

static inline void
reader_plate_fill (
    guint8 *luma, gsize stride, guint width, guint height, guint8 value)
{
  for (guint y = 0; y < height; y++)
    memset (luma + y * stride, value, width);
}

static inline guint
reader_plate_width (const gchar *text)
{
  return READER_PLATE_PITCH * strlen (text) + READER_PLATE_EDGE;
}

/* Draws a plate with its top left corner at luma */
static inline void
reader_plate_draw (guint8 *luma, gsize stride, const gchar *text)
{
  reader_plate_fill (
      luma, stride, reader_plate_width (text), READER_PLATE_HEIGHT, 128);
  for (guint i = 0; text[i]; i++)
    reader_plate_fill (luma + READER_PLATE_EDGE + i * READER_PLATE_PITCH,
        stride, READER_PLATE_BAR, READER_PLATE_HEIGHT,
        text[i] == 'A' ? 28 : 228);
}

#endif
