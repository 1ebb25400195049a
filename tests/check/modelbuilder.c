/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "modelbuilder.h"
#include <string.h>

#define INPUT_SIDE 64

static const gchar *const usual_labels[] = { "plate", NULL };

struct _ModelBuilder {
  AnprModelPurpose purpose;
  guint step;
  guint input_width;
  guint input_height;
  const gchar *const *labels;
  GRand *random;
  GArray *channels;
  GByteArray *layers;
  GArray *weights;
};

static void
put (GByteArray *bytes, guint64 number, guint size)
{
  for (guint i = 0; i < size; i++) {
    guint8 byte = number >> (8 * i);

    g_byte_array_append (bytes, &byte, 1);
  }
}

static void
put_text (GByteArray *bytes, const gchar *text, guint size)
{
  g_byte_array_append (bytes, (const guint8 *) text, strlen (text));
  for (guint i = strlen (text); i < size; i++)
    put (bytes, 0, 1);
}

/* A model with an input of so many channels */
ModelBuilder *
model_builder_new (AnprModelPurpose purpose, guint channels, guint step)
{
  ModelBuilder *builder = g_new0 (ModelBuilder, 1);

  builder->purpose = purpose;
  builder->step = step;
  builder->input_width = builder->input_height = INPUT_SIDE;
  builder->labels = usual_labels;
  builder->random = g_rand_new_with_seed (7);
  builder->channels = g_array_new (FALSE, FALSE, sizeof (guint));
  g_array_append_val (builder->channels, channels);
  builder->layers = g_byte_array_new ();
  builder->weights = g_array_new (FALSE, FALSE, sizeof (gfloat));
  return builder;
}

void
model_builder_set_input (ModelBuilder *builder, guint width, guint height)
{
  builder->input_width = width;
  builder->input_height = height;
}

/* The labels, NULL behind the last, are looked at when the model is finished */
void
model_builder_set_labels (ModelBuilder *builder, const gchar *const *labels)
{
  builder->labels = labels;
}

static guint
add_layer (ModelBuilder *builder, const guint *numbers, guint channels)
{
  for (guint i = 0; i < 14; i++)
    put (builder->layers, numbers[i], 2);
  put (builder->layers, 0, 4);
  g_array_append_val (builder->channels, channels);
  return builder->channels->len - 1;
}

/* Returns the number of the value it makes, to be used as an input */
guint
model_builder_convolve (ModelBuilder *builder, guint input, guint channels,
    ModelKernel kernel, gboolean relu, guint output)
{
  guint inputs = g_array_index (builder->channels, guint, input);
  const guint numbers[] = { ANPR_LAYER_CONVOLUTION, relu, input, 0, channels,
    kernel.height, kernel.width, kernel.stride_down, kernel.stride_right,
    kernel.padding[0], kernel.padding[1], kernel.padding[2], kernel.padding[3],
    output };
  guint n = channels * kernel.height * kernel.width * inputs + channels;

  for (guint i = 0; i < n; i++) {
    gfloat weight = g_rand_double_range (builder->random, -0.3, 0.3);

    g_array_append_val (builder->weights, weight);
  }
  return add_layer (builder, numbers, channels);
}

guint
model_builder_add (
    ModelBuilder *builder, guint input, guint second, gboolean relu)
{
  guint channels = g_array_index (builder->channels, guint, input);
  const guint numbers[14] = { ANPR_LAYER_ADD, relu, input, second, channels };

  return add_layer (builder, numbers, channels);
}

guint
model_builder_upsample (ModelBuilder *builder, guint input)
{
  guint channels = g_array_index (builder->channels, guint, input);
  const guint numbers[14] = { ANPR_LAYER_UPSAMPLE, 0, input, 0, channels };

  return add_layer (builder, numbers, channels);
}

/* Weights are numbered as they lie in the file */
void
model_builder_set_weight (ModelBuilder *builder, guint index, gfloat weight)
{
  g_array_index (builder->weights, gfloat, index) = weight;
}

/* Makes the checksum right */
void
model_seal (guint8 *bytes, gsize size)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize digest_size = 32;

  if (size < ANPR_MODEL_HEADER_SIZE)
    return;
  memset (bytes + 96, 0, 32);
  g_checksum_update (checksum, bytes, size);
  g_checksum_get_digest (checksum, bytes + 96, &digest_size);
}

/* The file; frees the builder */
GBytes *
model_builder_finish (ModelBuilder *builder)
{
  GByteArray *bytes = g_byte_array_new ();
  guint channels = g_array_index (builder->channels, guint, 0);

  put_text (bytes, ANPR_MODEL_MAGIC, 8);
  put (bytes, ANPR_MODEL_VERSION, 4);
  put (bytes, builder->purpose, 4);
  put (bytes, builder->input_width, 4);
  put (bytes, builder->input_height, 4);
  put (bytes, channels, 4);
  put (bytes, builder->step, 4);
  put (bytes, builder->channels->len - 1, 4);
  put (bytes, g_strv_length ((gchar **) builder->labels), 4);
  put (bytes, builder->weights->len, 8);
  put_text (bytes, "test", ANPR_MODEL_ID_SIZE);
  put_text (bytes, "", 32);
  for (guint i = 0; builder->labels[i]; i++)
    put_text (bytes, builder->labels[i], ANPR_MODEL_LABEL_SIZE);
  g_byte_array_append (bytes, builder->layers->data, builder->layers->len);
  for (guint i = 0; i < builder->weights->len; i++) {
    guint32 bits;

    memcpy (&bits, &g_array_index (builder->weights, gfloat, i), sizeof (bits));
    put (bytes, bits, sizeof (bits));
  }
  model_seal (bytes->data, bytes->len);
  g_rand_free (builder->random);
  g_array_unref (builder->channels);
  g_byte_array_unref (builder->layers);
  g_array_unref (builder->weights);
  g_free (builder);
  return g_byte_array_free_to_bytes (bytes);
}
