/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Model files are taken whole or refused with a reason, and a network computes
 * what plain arithmetic does. Models are made up here, with weights from a
 * seed. */

#include <gst/check/gstcheck.h>
#include <glib/gstdio.h>
#include <math.h>

#include "modelbuilder.h"
#include "plugins/inference/network.h"
#include "plugins/inference/networklayout.h"
#include "plugins/record/error.h"

#define MAX_VALUES 16

/* What a layer makes, by loops: height x width x channels */
typedef struct {
  guint width;
  guint height;
  guint channels;
  gfloat *data;
} Map;

static gfloat
map_at (const Map *map, gint x, gint y, guint channel)
{
  if (x < 0 || y < 0 || x >= (gint) map->width || y >= (gint) map->height)
    return 0;
  return map->data[((gsize) y * map->width + x) * map->channels + channel];
}

static gfloat
convolve_at (const AnprLayer *layer, const Map *from, guint x, guint y, guint o)
{
  const gfloat *weight =
      layer->weights
      + (gsize) o * layer->kernel_height * layer->kernel_width * from->channels;
  gdouble sum = layer->biases[o];

  for (guint j = 0; j < layer->kernel_height; j++)
    for (guint i = 0; i < layer->kernel_width; i++)
      for (guint c = 0; c < from->channels; c++)
        sum += *weight++
               * map_at (from,
                   (gint) (x * layer->stride_right + i) - layer->padding_left,
                   (gint) (y * layer->stride_down + j) - layer->padding_top, c);
  return sum;
}

/* Twice as large, places half a pixel off the edges (as PyTorch with
 * align_corners false) */
static gfloat
upsample_at (const Map *from, guint x, guint y, guint channel)
{
  gfloat u = CLAMP ((x + 0.5f) / 2 - 0.5f, 0, from->width - 1);
  gfloat v = CLAMP ((y + 0.5f) / 2 - 0.5f, 0, from->height - 1);
  guint left = floorf (u), top = floorf (v);
  guint right = MIN (left + 1, from->width - 1);
  guint bottom = MIN (top + 1, from->height - 1);
  gfloat across = u - left, down = v - top;

  return (1 - down)
             * ((1 - across) * map_at (from, left, top, channel)
                 + across * map_at (from, right, top, channel))
         + down
               * ((1 - across) * map_at (from, left, bottom, channel)
                   + across * map_at (from, right, bottom, channel));
}

static gfloat
value_at (const AnprLayer *layer, const Map *maps, guint x, guint y, guint c)
{
  const Map *from = &maps[layer->input];
  gfloat value;

  if (layer->operation == ANPR_LAYER_CONVOLUTION)
    value = convolve_at (layer, from, x, y, c);
  else if (layer->operation == ANPR_LAYER_ADD)
    value =
        map_at (from, x, y, c) + map_at (&maps[layer->second_input], x, y, c);
  else
    value = upsample_at (from, x, y, c);
  return layer->relu ? MAX (value, 0) : value;
}

static void
compute (const AnprModel *model, Map *maps)
{
  for (guint i = 0; i < model->n_layers; i++) {
    const AnprLayer *layer = &model->layers[i];
    const Map *from = &maps[layer->input];
    Map *to = &maps[i + 1];
    gfloat *value;

    *to = *from;
    to->channels = layer->channels;
    if (layer->operation == ANPR_LAYER_UPSAMPLE) {
      to->width *= 2;
      to->height *= 2;
    } else if (layer->operation == ANPR_LAYER_CONVOLUTION) {
      to->width = (from->width + layer->padding_left + layer->padding_right
                      - layer->kernel_width)
                      / layer->stride_right
                  + 1;
      to->height = (from->height + layer->padding_top + layer->padding_bottom
                       - layer->kernel_height)
                       / layer->stride_down
                   + 1;
    }
    value = to->data =
        g_new (gfloat, (gsize) to->width * to->height * to->channels);
    for (guint y = 0; y < to->height; y++)
      for (guint x = 0; x < to->width; x++)
        for (guint c = 0; c < to->channels; c++)
          *value++ = value_at (layer, maps, x, y, c);
  }
}

static void
check_output (AnprNetwork *network, guint number, const Map *expected)
{
  guint width, height, channels;
  const gfloat *output =
      anpr_network_output (network, number, &width, &height, &channels);

  fail_unless_equals_int (width, expected->width);
  fail_unless_equals_int (height, expected->height);
  fail_unless_equals_int (channels, expected->channels);
  for (gsize i = 0; i < (gsize) width * height * channels; i++)
    fail_unless (fabsf (output[i] - expected->data[i]) < 1e-3,
        "output %u at %" G_GSIZE_FORMAT ": %f, not %f", number, i, output[i],
        expected->data[i]);
}

static void
check_run (AnprNetwork *network, const AnprModel *model, guint width,
    guint height, guint seed)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  gsize n_input = (gsize) width * height * model->input_channels;
  Map maps[MAX_VALUES] = { { width, height, model->input_channels, NULL } };
  gfloat *input = anpr_network_input (network);

  for (gsize i = 0; i < n_input; i++)
    input[i] = g_rand_double_range (random, -1, 1);
  maps[0].data = g_memdup2 (input, n_input * sizeof (gfloat));
  compute (model, maps);
  fail_unless (anpr_network_run (network));
  for (guint i = 0; i < model->n_layers; i++)
    if (model->layers[i].output > 0)
      check_output (network, model->layers[i].output, &maps[i + 1]);
  for (guint i = 0; i <= model->n_layers; i++)
    g_free (maps[i].data);
}

static void
check_model_at (AnprModel *model, guint width, guint height, guint seed)
{
  g_autoptr (AnprNetwork) network =
      anpr_network_new (model, width, height, NULL);

  fail_unless (network != NULL);
  check_run (network, model, width, height, seed);
  check_run (network, model, width, height, seed + 1);
}

/* All there is: strides, uneven kernels and padding, ReLU, add, upsampling, two
 * outputs */
static GBytes *
build_example (void)
{
  ModelBuilder *builder = model_builder_new (ANPR_MODEL_DETECTOR, 1, 8);

  model_builder_convolve (
      builder, 0, 6, (ModelKernel){ 3, 3, 2, 2, { 1, 1, 1, 1 } }, TRUE, 0);
  model_builder_convolve (
      builder, 1, 8, (ModelKernel){ 3, 3, 2, 2, { 1, 1, 1, 1 } }, TRUE, 0);
  model_builder_convolve (
      builder, 2, 6, (ModelKernel){ 1, 1, 1, 1, { 0, 0, 0, 0 } }, FALSE, 0);
  model_builder_upsample (builder, 3);
  model_builder_add (builder, 1, 4, TRUE);
  model_builder_convolve (
      builder, 5, 5, (ModelKernel){ 1, 5, 1, 1, { 0, 0, 2, 2 } }, FALSE, 2);
  model_builder_convolve (
      builder, 2, 3, (ModelKernel){ 2, 3, 2, 1, { 1, 0, 0, 2 } }, TRUE, 1);
  return model_builder_finish (builder);
}

static AnprModel *
parse (GBytes *bytes, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  return anpr_model_parse (data, size, "test", ANPR_MODEL_DETECTOR, error);
}

GST_START_TEST (network_computes_what_plain_arithmetic_does)
{
  g_autoptr (GBytes) bytes = build_example ();
  g_autoptr (AnprModel) model = parse (bytes, NULL);

  fail_unless (model != NULL);
  fail_unless_equals_int (model->n_outputs, 2);
  check_model_at (model, 48, 32, 1);
  check_model_at (model, 8, 8, 2);
  check_model_at (model, 64, 16, 3);
}
GST_END_TEST;

/* First layers with @first and @second as kernels, which are computed in strips:
 * nothing else takes what is between. Behind them is one that takes value
 * @third. */
static AnprModel *
parse_striped (ModelKernel first, ModelKernel second, guint third)
{
  ModelBuilder *builder = model_builder_new (ANPR_MODEL_DETECTOR, 2, 8);
  g_autoptr (GBytes) bytes = NULL;
  AnprModel *model;

  model_builder_convolve (builder, 0, 64, first, TRUE, 0);
  model_builder_convolve (builder, 1, 3, second, FALSE, third == 0);
  model_builder_convolve (builder, third, 16,
      (ModelKernel){ 3, 3, 1, 1, { 1, 1, 1, 1 } }, TRUE, third == 0 ? 2 : 1);
  bytes = model_builder_finish (builder);
  model = parse (bytes, NULL);
  fail_unless (model != NULL);
  fail_unless (anpr_network_layout_has_strips (model));
  return model;
}

static guint
count_strips (const AnprModel *model, guint width, guint height)
{
  AnprNetworkLayout layout;

  fail_unless (anpr_network_layout_plan (&layout, model, width, height));
  return layout.strips.n;
}

/* Kernel height and width, strides, padding at the top, bottom, left, right */
static const ModelKernel striped[][2] = {
  { { 3, 3, 2, 2, { 1, 1, 1, 1 } }, { 3, 3, 2, 2, { 1, 1, 1, 1 } } },
  { { 3, 3, 1, 2, { 0, 2, 1, 1 } }, { 5, 1, 1, 1, { 4, 0, 0, 0 } } },
  { { 5, 3, 3, 2, { 0, 0, 0, 2 } }, { 2, 3, 2, 1, { 1, 1, 2, 0 } } },
  { { 1, 1, 1, 1, { 3, 7, 0, 0 } }, { 7, 3, 4, 2, { 7, 7, 1, 1 } } },
};

GST_START_TEST (network_computes_in_strips_what_plain_arithmetic_does)
{
  const ModelKernel *kernels = striped[__i__ / 2];
  g_autoptr (AnprModel) model =
      parse_striped (kernels[0], kernels[1], __i__ % 2 == 0 ? 0 : 2);

  fail_unless (count_strips (model, 512, 48) > 2);
  check_model_at (model, 512, 48, 1);
  check_model_at (model, 256, 40, 2);
  fail_unless_equals_int (count_strips (model, 16, 8), 1);
  check_model_at (model, 16, 8, 3);
}
GST_END_TEST;

GST_START_TEST (network_takes_one_size_after_the_other)
{
  static const guint sizes[][2] = { { 64, 16 }, { 16, 8 }, { 256, 40 },
    { 64, 16 }, { 512, 48 }, { 512, 48 }, { 16, 8 } };
  g_autoptr (AnprModel) model = parse_striped (striped[0][0], striped[0][1], 2);
  g_autoptr (AnprNetwork) network = anpr_network_new (model, 64, 16, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    fail_unless (anpr_network_resize (network, sizes[i][0], sizes[i][1], NULL));
    check_run (network, model, sizes[i][0], sizes[i][1], i);
  }
}
GST_END_TEST;

GST_START_TEST (network_stays_as_it_was_when_a_size_is_refused)
{
  g_autoptr (AnprModel) model = parse_striped (striped[0][0], striped[0][1], 2);
  g_autoptr (AnprNetwork) network = anpr_network_new (model, 64, 16, NULL);
  g_autoptr (GError) error = NULL;

  fail_if (anpr_network_resize (network, 20, 16, &error));
  fail_unless (g_error_matches (error, ANPR_ERROR, ANPR_ERROR_MODEL_FILE));
  check_run (network, model, 64, 16, 1);
}
GST_END_TEST;

static gpointer
check_in_thread (gpointer model)
{
  for (guint seed = 10; seed < 14; seed++)
    check_model_at (model, 40, 24, seed);
  return NULL;
}

GST_START_TEST (threads_with_a_network_each_share_a_model)
{
  g_autoptr (GBytes) bytes = build_example ();
  g_autoptr (AnprModel) model = parse (bytes, NULL);
  GThread *threads[3];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("network", check_in_thread, model);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}
GST_END_TEST;

GST_START_TEST (sizes_that_do_not_fit_are_an_error)
{
  const guint sizes[][2] = { { 0, 8 }, { 8, 0 }, { 20, 16 }, { 16, 4104 },
    { 4096, 4096 } };
  g_autoptr (GBytes) bytes = build_example ();
  g_autoptr (AnprModel) model = parse (bytes, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autoptr (GError) error = NULL;

    fail_unless (
        anpr_network_new (model, sizes[i][0], sizes[i][1], &error) == NULL);
    fail_unless (g_error_matches (error, ANPR_ERROR, ANPR_ERROR_MODEL_FILE));
  }
}
GST_END_TEST;

/* Layers whose results are of different sizes cannot be added */
GST_START_TEST (sums_of_different_sizes_are_an_error)
{
  ModelBuilder *builder = model_builder_new (ANPR_MODEL_DETECTOR, 2, 4);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (AnprModel) model = NULL;
  g_autoptr (GError) error = NULL;

  model_builder_convolve (
      builder, 0, 2, (ModelKernel){ 3, 3, 2, 2, { 1, 1, 1, 1 } }, TRUE, 0);
  model_builder_add (builder, 0, 1, FALSE);
  model_builder_convolve (
      builder, 2, 1, (ModelKernel){ 1, 1, 1, 1, { 0, 0, 0, 0 } }, FALSE, 1);
  bytes = model_builder_finish (builder);
  model = parse (bytes, NULL);
  fail_unless (model != NULL);
  fail_unless (anpr_network_new (model, 16, 16, &error) == NULL);
}
GST_END_TEST;

/* Offset, bytes to put there, whether the checksum is made right again, and a
 * part of what is said */
static const struct {
  guint offset;
  guint8 bytes[8];
  guint n_bytes;
  gboolean sealed;
  const gchar *said;
} damages[] = {
  { 0, "X", 1, TRUE, "is not a model" },
  { 8, { 9 }, 1, TRUE, "version" },
  { 12, { 2 }, 1, TRUE, "something else" },
  { 16, { 0, 0, 0, 0 }, 4, TRUE, "input size" },
  { 16, { 9, 0, 0, 0 }, 4, TRUE, "input size" },
  { 24, { 0, 0, 0, 0 }, 4, TRUE, "input channels" },
  { 24, { 2, 0, 0, 0 }, 4, TRUE, "fewer weights" },
  { 28, { 0 }, 1, TRUE, "step" },
  { 32, { 0, 0, 0, 0 }, 4, TRUE, "number of layers" },
  { 32, { 255, 255, 255, 255 }, 4, TRUE, "number of layers" },
  { 36, { 255, 255, 255, 255 }, 4, TRUE, "labels" },
  { 36, { 2, 0, 0, 0 }, 4, TRUE, "not as long" },
  { 40, { 255, 255, 255, 255, 255, 255, 255, 255 }, 8, TRUE, "weights" },
  { 48, { 0xff }, 1, TRUE, "training id" },
  { 128, { 0xff }, 1, TRUE, "label" },
  { 144, { 9 }, 1, TRUE, "unknown operation" },
  { 146, { 7 }, 1, TRUE, "unknown activation" },
  { 148, { 1 }, 1, TRUE, "later one" },
  { 152, { 0, 0 }, 2, TRUE, "channels" },
  { 154, { 99 }, 1, TRUE, "kernel or stride" },
  { 158, { 0 }, 1, TRUE, "kernel or stride" },
  { 162, { 99 }, 1, TRUE, "padding" },
  { 170, { 9 }, 1, TRUE, "numbers its outputs" },
  { 170, { 1 }, 1, TRUE, "numbers its outputs" },
  { 400, { 1 }, 1, FALSE, "checksum" },
  { 400, { 0, 0, 0xc0, 0x7f }, 4, TRUE, "no number" },
};

GST_START_TEST (damaged_files_are_refused_with_the_reason)
{
  g_autoptr (GBytes) right = build_example ();
  gsize size = g_bytes_get_size (right);
  g_autofree guint8 *bytes = g_memdup2 (g_bytes_get_data (right, NULL), size);
  g_autoptr (GError) error = NULL;

  memcpy (bytes + damages[__i__].offset, damages[__i__].bytes,
      damages[__i__].n_bytes);
  if (damages[__i__].sealed)
    model_seal (bytes, size);
  fail_unless (
      anpr_model_parse (bytes, size, "test", ANPR_MODEL_DETECTOR, &error)
      == NULL);
  fail_unless (g_error_matches (error, ANPR_ERROR, ANPR_ERROR_MODEL_FILE));
  fail_unless (strstr (error->message, damages[__i__].said) != NULL,
      "\"%s\" does not say \"%s\"", error->message, damages[__i__].said);
}
GST_END_TEST;

GST_START_TEST (cut_and_lengthened_files_are_refused)
{
  g_autoptr (GBytes) right = build_example ();
  gsize size = g_bytes_get_size (right);
  g_autofree guint8 *bytes = g_malloc0 (size + 8);

  memcpy (bytes, g_bytes_get_data (right, NULL), size);
  for (gsize length = 0; length < size; length += length < 400 ? 1 : 97)
    fail_unless (
        anpr_model_parse (bytes, length, "test", ANPR_MODEL_DETECTOR, NULL)
        == NULL);
  fail_unless (
      anpr_model_parse (bytes, size + 4, "test", ANPR_MODEL_DETECTOR, NULL)
      == NULL);
}
GST_END_TEST;

GST_START_TEST (files_that_are_none_are_refused)
{
  g_autofree gchar *folder = g_dir_make_tmp ("anpr-model-XXXXXX", NULL);
  g_autofree gchar *path = g_build_filename (folder, "model", NULL);
  g_autoptr (GBytes) bytes = build_example ();
  g_autoptr (AnprModel) model = NULL;

  fail_unless (anpr_model_load (folder, ANPR_MODEL_DETECTOR, NULL) == NULL);
  fail_unless (
      anpr_model_load ("/dev/zero", ANPR_MODEL_DETECTOR, NULL) == NULL);
  fail_unless (anpr_model_load (path, ANPR_MODEL_DETECTOR, NULL) == NULL);
  fail_unless (g_file_set_contents (path, "", 0, NULL));
  fail_unless (anpr_model_load (path, ANPR_MODEL_DETECTOR, NULL) == NULL);
  fail_unless (g_file_set_contents (
      path, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL));
  model = anpr_model_load (path, ANPR_MODEL_DETECTOR, NULL);
  fail_unless (model != NULL);
  fail_unless_equals_string (model->labels[0], "plate");
  fail_unless_equals_string (model->training_id, "test");
  g_unlink (path);
  g_rmdir (folder);
}
GST_END_TEST;

static Suite *
network_suite (void)
{
  Suite *suite = suite_create ("network");
  TCase *tests = tcase_create ("network");

  suite_add_tcase (suite, tests);
  tcase_add_test (tests, network_computes_what_plain_arithmetic_does);
  tcase_add_loop_test (tests,
      network_computes_in_strips_what_plain_arithmetic_does, 0,
      2 * G_N_ELEMENTS (striped));
  tcase_add_test (tests, network_takes_one_size_after_the_other);
  tcase_add_test (tests, network_stays_as_it_was_when_a_size_is_refused);
  tcase_add_test (tests, threads_with_a_network_each_share_a_model);
  tcase_add_test (tests, sizes_that_do_not_fit_are_an_error);
  tcase_add_test (tests, sums_of_different_sizes_are_an_error);
  tcase_add_loop_test (tests, damaged_files_are_refused_with_the_reason, 0,
      G_N_ELEMENTS (damages));
  tcase_add_test (tests, cut_and_lengthened_files_are_refused);
  tcase_add_test (tests, files_that_are_none_are_refused);
  return suite;
}

GST_CHECK_MAIN (network);
