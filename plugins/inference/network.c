/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A model at one size of input, ready to run: a runtime of XNNPACK.
 *
 * Shapes are worked out and bounded before the library sees anything; it checks
 * little itself. The runtime keeps packed weights of its own, and a pointer to
 * the model's, so the model is held. Input and output lie in our memory with
 * the slack the library reads beyond them.
 *
 * Without a pool of threads: its threads would spin for each other whenever a
 * decoder has the other core, which costs ten times what it saves. Parallel
 * work is a network each. One thread at a time. */

#include "network.h"
#include "../record/error.h"
#include <math.h>
#include <xnnpack.h>

#define N_VALUES (ANPR_MODEL_MAX_LAYERS + 1)
#define INPUT_ID 0

/* What XNNPACK takes besides results, reckoned upwards: it packs weights for so
 * many channels together, and keeps a pointer a place of the kernel at each
 * place of the result; of upsampling four pointers and two factors a place */
#define PACKED_CHANNELS 32
#define UPSAMPLING_BYTES (4 * sizeof (gpointer) + 2 * sizeof (gfloat))

typedef struct {
  guint width;
  guint height;
  guint channels;
} Shape;

struct _AnprNetwork {
  AnprModel *model;
  xnn_runtime_t runtime;
  Shape shapes[N_VALUES];
  gfloat *input;
  gfloat *outputs[ANPR_MODEL_MAX_OUTPUTS];
  guint output_values[ANPR_MODEL_MAX_OUTPUTS];
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

static guint64
shape_bytes (const Shape *shape)
{
  return (guint64) shape->width * shape->height * shape->channels
         * sizeof (gfloat);
}

/* Size of one side after a convolution, 0 if nothing is left */
static guint
convolved_side (
    guint side, guint before, guint after, guint kernel, guint stride)
{
  guint padded = side + before + after;

  return padded < kernel ? 0 : (padded - kernel) / stride + 1;
}

static gboolean
is_possible (const Shape *shape)
{
  return shape->width >= 1 && shape->width <= ANPR_MODEL_MAX_SIDE
         && shape->height >= 1 && shape->height <= ANPR_MODEL_MAX_SIDE;
}

static gboolean
set_shape (Shape *shapes, const AnprLayer *layer, Shape *made)
{
  const Shape *from = &shapes[layer->input];
  const Shape *second = &shapes[layer->second_input];

  *made = *from;
  made->channels = layer->channels;
  switch (layer->operation) {
    case ANPR_LAYER_CONVOLUTION:
      made->width = convolved_side (from->width, layer->padding_left,
          layer->padding_right, layer->kernel_width, layer->stride_right);
      made->height = convolved_side (from->height, layer->padding_top,
          layer->padding_bottom, layer->kernel_height, layer->stride_down);
      break;
    case ANPR_LAYER_ADD:
      if (from->width != second->width || from->height != second->height)
        return FALSE;
      break;
    case ANPR_LAYER_UPSAMPLE:
      made->width *= 2;
      made->height *= 2;
      break;
  }
  return is_possible (made);
}

/* Bytes a layer takes to compute what is of shape @made. A model of a few
 * kilobytes can make this many gigabytes. */
static guint64
working_bytes (const AnprLayer *layer, guint inputs, const Shape *made)
{
  guint64 places = (guint64) made->width * made->height;
  guint64 kernel = layer->kernel_height * layer->kernel_width;
  guint64 channels = (layer->channels + PACKED_CHANNELS - 1) / PACKED_CHANNELS
                     * PACKED_CHANNELS;

  if (layer->operation == ANPR_LAYER_UPSAMPLE)
    return places * UPSAMPLING_BYTES;
  return places * kernel * sizeof (gpointer)
         + channels * (kernel * inputs + 1) * sizeof (gfloat);
}

static gboolean
set_shapes (AnprNetwork *network, guint width, guint height)
{
  const AnprModel *model = network->model;
  guint64 bytes;

  network->shapes[0] = (Shape){ width, height, model->input_channels };
  bytes = shape_bytes (&network->shapes[0]);
  for (guint i = 0; i < model->n_layers; i++) {
    const AnprLayer *layer = &model->layers[i];

    if (!set_shape (network->shapes, layer, &network->shapes[i + 1]))
      return FALSE;
    bytes += shape_bytes (&network->shapes[i + 1])
             + working_bytes (layer, network->shapes[layer->input].channels,
                 &network->shapes[i + 1]);
    if (bytes > ANPR_NETWORK_MAX_BYTES)
      return FALSE;
    if (layer->output > 0)
      network->output_values[layer->output - 1] = i + 1;
  }
  return TRUE;
}

static gboolean
define_input (const AnprNetwork *network, xnn_subgraph_t graph, guint32 *id)
{
  const Shape *shape = &network->shapes[0];
  const gsize sides[] = { 1, shape->height, shape->width, shape->channels };

  return xnn_define_tensor_value (graph, xnn_datatype_fp32, 4, sides, NULL,
             INPUT_ID, XNN_VALUE_FLAG_EXTERNAL_INPUT, id)
         == xnn_status_success;
}

static gboolean
define_value (
    const AnprNetwork *network, xnn_subgraph_t graph, guint value, guint32 *id)
{
  const Shape *shape = &network->shapes[value];
  guint output = network->model->layers[value - 1].output;
  const gsize sides[] = { 1, shape->height, shape->width, shape->channels };

  return xnn_define_tensor_value (graph, xnn_datatype_fp32, 4, sides, NULL,
             output > 0 ? output : XNN_INVALID_VALUE_ID,
             output > 0 ? XNN_VALUE_FLAG_EXTERNAL_OUTPUT : 0, id)
         == xnn_status_success;
}

static gboolean
define_weights (xnn_subgraph_t graph, const gsize *sides, guint n_sides,
    const gfloat *data, guint32 *id)
{
  return xnn_define_tensor_value (graph, xnn_datatype_fp32, n_sides, sides,
             data, XNN_INVALID_VALUE_ID, 0, id)
         == xnn_status_success;
}

static gboolean
define_convolution (const AnprNetwork *network, xnn_subgraph_t graph,
    const AnprLayer *layer, guint32 from, guint32 to)
{
  guint inputs = network->shapes[layer->input].channels;
  const gsize sides[] = { layer->channels, layer->kernel_height,
    layer->kernel_width, inputs };
  const gsize n_biases = layer->channels;
  guint32 weights, biases;

  return define_weights (graph, sides, 4, layer->weights, &weights)
         && define_weights (graph, &n_biases, 1, layer->biases, &biases)
         && xnn_define_convolution_2d (graph, layer->padding_top,
                layer->padding_right, layer->padding_bottom,
                layer->padding_left, layer->kernel_height, layer->kernel_width,
                layer->stride_down, layer->stride_right, 1, 1, 1, inputs,
                layer->channels, layer->relu ? 0 : -INFINITY, INFINITY, from,
                weights, biases, to, 0)
                == xnn_status_success;
}

static gboolean
define_layer (const AnprNetwork *network, xnn_subgraph_t graph, guint number,
    const guint32 *ids)
{
  const AnprLayer *layer = &network->model->layers[number];
  const Shape *made = &network->shapes[number + 1];
  guint32 from = ids[layer->input], to = ids[number + 1];

  switch (layer->operation) {
    case ANPR_LAYER_CONVOLUTION:
      return define_convolution (network, graph, layer, from, to);
    case ANPR_LAYER_ADD:
      return xnn_define_add2 (graph, layer->relu ? 0 : -INFINITY, INFINITY,
                 from, ids[layer->second_input], to, 0)
             == xnn_status_success;
    case ANPR_LAYER_UPSAMPLE:
      return xnn_define_static_resize_bilinear_2d (
                 graph, made->height, made->width, from, to, 0)
             == xnn_status_success;
  }
  g_return_val_if_reached (FALSE);
}

static gboolean
define_network (const AnprNetwork *network, xnn_subgraph_t graph)
{
  guint32 ids[N_VALUES];

  if (!define_input (network, graph, &ids[0]))
    return FALSE;
  for (guint i = 0; i < network->model->n_layers; i++)
    if (!define_value (network, graph, i + 1, &ids[i + 1])
        || !define_layer (network, graph, i, ids))
      return FALSE;
  return TRUE;
}

static gboolean
build_runtime (AnprNetwork *network)
{
  xnn_subgraph_t graph = NULL;
  gboolean built = FALSE;

  /* input 0, outputs from 1 */
  if (xnn_create_subgraph (network->model->n_outputs + 1, 0, &graph)
      != xnn_status_success)
    return FALSE;
  built = define_network (network, graph)
          && xnn_create_runtime_v2 (graph, NULL, 0, &network->runtime)
                 == xnn_status_success;
  xnn_delete_subgraph (graph);
  return built;
}

static gfloat *
new_values (const Shape *shape)
{
  return g_malloc0 (shape_bytes (shape) + XNN_EXTRA_BYTES);
}

static gboolean
connect_memory (AnprNetwork *network)
{
  struct xnn_external_value values[ANPR_MODEL_MAX_OUTPUTS + 1];
  guint n_outputs = network->model->n_outputs;

  network->input = new_values (&network->shapes[0]);
  values[0] = (struct xnn_external_value){ INPUT_ID, network->input };
  for (guint i = 0; i < n_outputs; i++) {
    network->outputs[i] =
        new_values (&network->shapes[network->output_values[i]]);
    values[i + 1] = (struct xnn_external_value){ i + 1, network->outputs[i] };
  }
  return xnn_setup_runtime (network->runtime, n_outputs + 1, values)
         == xnn_status_success;
}

/**
 * anpr_network_new: (skip)
 * @model: a model
 * @width: of the input, pixels, a multiple of the model's step
 * @height: of the input, likewise
 * @error: %ANPR_ERROR_MODEL_FILE: the model does not work at that size
 *
 * Takes milliseconds, and memory for all layers' results.
 *
 * Returns: (transfer full) (nullable): the network; one thread at a time
 */
AnprNetwork *
anpr_network_new (AnprModel *model, guint width, guint height, GError **error)
{
  g_autoptr (AnprNetwork) network = g_new0 (AnprNetwork, 1);

  network->model = anpr_model_ref (model);
  if (width < 1 || width > ANPR_MODEL_MAX_SIDE || height < 1
      || height > ANPR_MODEL_MAX_SIDE || width % model->step != 0
      || height % model->step != 0 || !set_shapes (network, width, height)) {
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_MODEL_FILE,
        "the model does not work on %u x %u pixels", width, height);
    return NULL;
  }
  if (!library_is_ready () || !build_runtime (network)
      || !connect_memory (network)) {
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_MODEL_FILE,
        "XNNPACK cannot run the model on this machine");
    return NULL;
  }
  return g_steal_pointer (&network);
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
  if (network->runtime)
    xnn_delete_runtime (network->runtime);
  g_free (network->input);
  for (guint i = 0; i < ANPR_MODEL_MAX_OUTPUTS; i++)
    g_free (network->outputs[i]);
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
  return network->input;
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
  return xnn_invoke_runtime (network->runtime) == xnn_status_success;
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
  const Shape *shape;

  g_return_val_if_fail (
      number >= 1 && number <= network->model->n_outputs, NULL);

  shape = &network->shapes[network->output_values[number - 1]];
  if (width)
    *width = shape->width;
  if (height)
    *height = shape->height;
  if (channels)
    *channels = shape->channels;
  return network->outputs[number - 1];
}
