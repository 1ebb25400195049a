/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A model ready to run: an operator of XNNPACK a layer.
 *
 * Weights  Packed once, by the operators, and good for any size of input.
 * Memory   One block for the input and all results, laid out by
 *          networklayout.h; it grows to what the largest size took, with the
 *          slack the library reads beyond the end. Each operator has a table of
 *          pointers too, which it makes anew when the size changes.
 * Running  Layer by layer, the first two strip by strip (networklayout.h).
 *          Their operators pad to the left and right alone; rows of zeros above
 *          and below are in the memory.
 *
 * The library's own runtimes would each pack the weights again and keep all of
 * this for each size.
 *
 * Without a pool of threads: its threads would spin for each other whenever a
 * decoder has the other core, which costs ten times what it saves. Parallel
 * work is a network each. One thread at a time. */

#include "network.h"
#include "networklayout.h"
#include "../record/error.h"
#include <math.h>
#include <string.h>
#include <xnnpack.h>

#define ALIGNMENT 64

struct _AnprNetwork {
  AnprModel *model;
  xnn_operator_t operators[ANPR_MODEL_MAX_LAYERS];
  gboolean has_strips;
  AnprNetworkLayout layout;
  guint8 *memory;
  gsize capacity;
  gboolean ready; /* operators are set up for the layout */
};

static gboolean
library_is_ready (void)
{
  static gsize state = 0;

  if (g_once_init_enter (&state)) {
    gboolean ready = xnn_initialize (NULL) == xnn_status_success;

    g_once_init_leave (&state, ready ? 1 : 2);
  }
  return state == 1;
}

/* --- operators ------------------------------------------------------------ */

static gboolean
create_convolution (AnprNetwork *network, guint number)
{
  const AnprLayer *layer = &network->model->layers[number];
  guint inputs = anpr_model_value_channels (network->model, layer->input);
  gboolean in_strips = network->has_strips && number < 2;

  return xnn_create_convolution2d_nhwc_f32 (in_strips ? 0 : layer->padding_top,
             layer->padding_right, in_strips ? 0 : layer->padding_bottom,
             layer->padding_left, layer->kernel_height, layer->kernel_width,
             layer->stride_down, layer->stride_right, 1, 1, 1, inputs,
             layer->channels, inputs, layer->channels, layer->weights,
             layer->biases, layer->relu ? 0 : -INFINITY, INFINITY, 0,
             &network->operators[number])
         == xnn_status_success;
}

static gboolean
create_operator (AnprNetwork *network, guint number)
{
  const AnprLayer *layer = &network->model->layers[number];

  switch (layer->operation) {
    case ANPR_LAYER_CONVOLUTION:
      return create_convolution (network, number);
    case ANPR_LAYER_ADD:
      return xnn_create_add_nd_f32 (layer->relu ? 0 : -INFINITY, INFINITY, 0,
                 &network->operators[number])
             == xnn_status_success;
    case ANPR_LAYER_UPSAMPLE:
      return xnn_create_resize_bilinear2d_nhwc_f32 (layer->channels,
                 layer->channels, layer->channels, 0,
                 &network->operators[number])
             == xnn_status_success;
  }
  g_return_val_if_reached (FALSE);
}

static gboolean
create_operators (AnprNetwork *network)
{
  for (guint i = 0; i < network->model->n_layers; i++)
    if (!create_operator (network, i))
      return FALSE;
  return TRUE;
}

static gfloat *
values_of (const AnprNetwork *network, guint value)
{
  return (gfloat *) (network->memory + network->layout.places[value]);
}

/* Where a row of a value lies, counted from its first in memory */
static gfloat *
row_of (const AnprNetwork *network, guint value, guint row)
{
  const AnprShape *shape = &network->layout.shapes[value];

  return values_of (network, value)
         + (gsize) row * shape->width * shape->channels;
}

static gboolean
set_up_operator (AnprNetwork *network, guint number)
{
  const AnprLayer *layer = &network->model->layers[number];
  const AnprShape *from = &network->layout.shapes[layer->input];
  const AnprShape *made = &network->layout.shapes[number + 1];
  gfloat *input = layer->input == 0 ? anpr_network_input (network)
                                    : values_of (network, layer->input);
  gfloat *output = values_of (network, number + 1);
  gsize n_values = (gsize) made->width * made->height * made->channels;
  xnn_operator_t operator= network->operators[number];

  switch (layer->operation) {
    case ANPR_LAYER_CONVOLUTION:
      return xnn_setup_convolution2d_nhwc_f32 (operator, 1, from->height,
                 from->width, input, output, NULL)
             == xnn_status_success;
    case ANPR_LAYER_ADD:
      return xnn_setup_add_nd_f32 (operator, 1, &n_values, 1, &n_values, input,
                 layer->second_input == 0
                     ? anpr_network_input (network)
                     : values_of (network, layer->second_input),
                 output, NULL)
             == xnn_status_success;
    case ANPR_LAYER_UPSAMPLE:
      return xnn_setup_resize_bilinear2d_nhwc_f32 (operator, 1, from->height,
                 from->width, made->height, made->width, input, output, NULL)
             == xnn_status_success;
  }
  g_return_val_if_reached (FALSE);
}

/* --- strips --------------------------------------------------------------- */

static void
clear_rows (AnprNetwork *network, guint value, guint first, guint n_rows)
{
  const AnprShape *shape = &network->layout.shapes[value];

  memset (row_of (network, value, first), 0,
      (gsize) n_rows * shape->width * shape->channels * sizeof (gfloat));
}

/* Rows of the middle that lie outside the first layer's result are padding of
 * the second: @first may be before it and @first + rows behind it */
static void
clear_padding (AnprNetwork *network, gint first)
{
  guint n_rows = network->layout.strips.middle_rows;
  gint height = network->layout.shapes[1].height;
  guint above = CLAMP (-first, 0, (gint) n_rows);
  guint below = CLAMP (first + (gint) n_rows - height, 0, (gint) n_rows);

  clear_rows (network, 1, 0, above);
  clear_rows (network, 1, n_rows - below, below);
}

static gboolean
run_part (AnprNetwork *network, guint number, guint n_rows, const gfloat *input,
    gfloat *output)
{
  xnn_operator_t operator= network->operators[number];
  guint width = network->layout.shapes[number].width;

  return xnn_setup_convolution2d_nhwc_f32 (operator, 1, n_rows, width, input,
             output, NULL)
             == xnn_status_success
         && xnn_run_operator (operator, NULL) == xnn_status_success;
}

static gboolean
run_strip (AnprNetwork *network, guint strip)
{
  const AnprLayer *layers = network->model->layers;
  const AnprStrips *strips = &network->layout.strips;
  guint row = anpr_network_layout_strip_row (&network->layout, strip);
  guint padded = row * layers[1].stride_down;
  gfloat *middle = values_of (network, 1);

  if (!run_part (network, 0, strips->input_rows,
          row_of (network, 0, padded * layers[0].stride_down), middle))
    return FALSE;
  clear_padding (network, (gint) padded - (gint) layers[1].padding_top);
  return run_part (
      network, 1, strips->middle_rows, middle, row_of (network, 2, row));
}

static gboolean
run_strips (AnprNetwork *network)
{
  const AnprStrips *strips = &network->layout.strips;

  clear_rows (network, 0, 0, strips->input_above);
  clear_rows (network, 0,
      strips->input_above + network->layout.shapes[0].height,
      strips->input_below);
  for (guint i = 0; i < strips->n; i++)
    if (!run_strip (network, i))
      return FALSE;
  return TRUE;
}

/* --- the network ---------------------------------------------------------- */

static void
take_memory (AnprNetwork *network)
{
  if (network->layout.bytes <= network->capacity)
    return;
  g_aligned_free (network->memory);
  network->capacity = network->layout.bytes;
  network->memory =
      g_aligned_alloc0 (1, network->capacity + XNN_EXTRA_BYTES, ALIGNMENT);
}

static gboolean
set_up_operators (AnprNetwork *network)
{
  for (guint i = network->has_strips ? 2 : 0; i < network->model->n_layers; i++)
    if (!set_up_operator (network, i))
      return FALSE;
  return TRUE;
}

static gboolean
refuse_machine (GError **error)
{
  g_set_error (error, ANPR_ERROR, ANPR_ERROR_MODEL_FILE,
      "XNNPACK cannot run the model on this machine");
  return FALSE;
}

/**
 * anpr_network_new: (skip)
 * @model: a model
 * @width: of the input, pixels, a multiple of the model's step
 * @height: of the input, likewise
 * @error: %ANPR_ERROR_MODEL_FILE: the model does not work at that size
 *
 * Takes milliseconds, and memory for the weights again and for results.
 *
 * Returns: (transfer full) (nullable): the network; one thread at a time
 */
AnprNetwork *
anpr_network_new (AnprModel *model, guint width, guint height, GError **error)
{
  g_autoptr (AnprNetwork) network = g_new0 (AnprNetwork, 1);
  AnprNetworkLayout layout;

  network->model = anpr_model_ref (model);
  network->has_strips = anpr_network_layout_has_strips (model);
  /* what is too large is refused before anything is packed */
  if (anpr_network_layout_plan (&layout, model, width, height)
      && (!library_is_ready () || !create_operators (network))) {
    refuse_machine (error);
    return NULL;
  }
  if (!anpr_network_resize (network, width, height, error))
    return NULL;
  return g_steal_pointer (&network);
}

/**
 * anpr_network_resize: (skip)
 * @network: a network
 * @width: of the input, pixels, a multiple of the model's step
 * @height: of the input, likewise
 * @error: %ANPR_ERROR_MODEL_FILE: the model does not work at that size, and the
 *     network is as it was
 *
 * Input and outputs are elsewhere afterwards, and what was in them is gone,
 * unless the size is the one it has. No memory is taken for results if there
 * was a size before that took as much.
 *
 * Returns: whether the network has that size
 */
gboolean
anpr_network_resize (
    AnprNetwork *network, guint width, guint height, GError **error)
{
  const AnprShape *input = &network->layout.shapes[0];
  AnprNetworkLayout layout;

  if (network->ready && width == input->width && height == input->height)
    return TRUE;
  if (!anpr_network_layout_plan (&layout, network->model, width, height)) {
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_MODEL_FILE,
        "the model does not work on %u x %u pixels", width, height);
    return FALSE;
  }
  network->layout = layout;
  take_memory (network);
  network->ready = set_up_operators (network);
  return network->ready ? TRUE : refuse_machine (error);
}

/**
 * anpr_network_free: (skip)
 * @network: (nullable) (transfer full): a network
 */
void
anpr_network_free (AnprNetwork *network)
{
  if (!network)
    return;
  for (guint i = 0; i < network->model->n_layers; i++)
    if (network->operators[i])
      (void) xnn_delete_operator (network->operators[i]);
  g_aligned_free (network->memory);
  anpr_model_unref (network->model);
  g_free (network);
}

/**
 * anpr_network_input: (skip)
 * @network: a network
 *
 * Returns: (transfer none): room for the input: height x width x channels, row
 *     by row, to be filled before each run
 */
gfloat *
anpr_network_input (AnprNetwork *network)
{
  return row_of (network, 0, network->layout.strips.input_above);
}

/**
 * anpr_network_run: (skip)
 * @network: a network
 *
 * Returns: whether the outputs are new
 */
gboolean
anpr_network_run (AnprNetwork *network)
{
  guint n_striped = network->has_strips ? 2 : 0;

  if (!network->ready || (network->has_strips && !run_strips (network)))
    return FALSE;
  for (guint i = n_striped; i < network->model->n_layers; i++)
    if (xnn_run_operator (network->operators[i], NULL) != xnn_status_success)
      return FALSE;
  return TRUE;
}

static guint
value_of_output (const AnprModel *model, guint number)
{
  guint layer = 0;

  while (model->layers[layer].output != number)
    layer++;
  return layer + 1;
}

/**
 * anpr_network_output: (skip)
 * @network: a network
 * @number: 1..the model's number of outputs
 * @width: (out) (optional): columns
 * @height: (out) (optional): rows
 * @channels: (out) (optional): numbers a place
 *
 * Returns: (transfer none): height x width x channels, row by row, as the last
 *     run left them
 */
const gfloat *
anpr_network_output (const AnprNetwork *network, guint number, guint *width,
    guint *height, guint *channels)
{
  const AnprShape *shape;
  guint value;

  g_return_val_if_fail (
      number >= 1 && number <= network->model->n_outputs, NULL);

  value = value_of_output (network->model, number);
  shape = &network->layout.shapes[value];
  if (width)
    *width = shape->width;
  if (height)
    *height = shape->height;
  if (channels)
    *channels = shape->channels;
  return values_of (network, value);
}
