/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What a network's results look like at a size of input, and where they lie.
 *
 * Shapes   Worked out and bounded before anything is taken.
 * Strips   What the first layer makes is as large as all else together, and the
 *          second makes it small again. Where these are two convolutions and
 *          nothing else takes what is between, both are computed for some rows
 *          at a time, so that only those rows of it are ever there, and in the
 *          cache still. All strips have the same shape: the last ends where the
 *          result ends, and computes some rows again if it must.
 *
 *              input    ######          0   padding that is above the input
 *                        ######         1   rows of a strip
 *              middle      ####         rows for the strip; those outside the
 *                                       result are made zero, its padding
 *              result       ##          rows of the strip
 *
 * Places   Each value lies where no other does while both are needed: from the
 *          layer that makes it to the last that takes it, for outputs to the
 *          end. First fit, in the order of layers.
 *
 * Plain arithmetic, any thread. */

#include "networklayout.h"

/* Rows of the first layer's result that are there at a time, bytes */
#define STRIP_BYTES (256 * 1024)

#define ALIGNMENT 64

/* What XNNPACK takes besides results, reckoned upwards: it packs weights for so
 * many channels together, and keeps a pointer a place of the kernel at each
 * place of the result; of upsampling four pointers and two factors a place */
#define PACKED_CHANNELS 32
#define UPSAMPLING_BYTES (4 * sizeof (gpointer) + 2 * sizeof (gfloat))

/* --- shapes --------------------------------------------------------------- */

static guint64
row_bytes (const AnprShape *shape)
{
  return (guint64) shape->width * shape->channels * sizeof (gfloat);
}

static guint64
shape_bytes (const AnprShape *shape)
{
  return shape->height * row_bytes (shape);
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
is_possible (const AnprShape *shape)
{
  return shape->width >= 1 && shape->width <= ANPR_MODEL_MAX_SIDE
         && shape->height >= 1 && shape->height <= ANPR_MODEL_MAX_SIDE;
}

static gboolean
set_shape (AnprShape *shapes, const AnprLayer *layer, AnprShape *made)
{
  const AnprShape *from = &shapes[layer->input];
  const AnprShape *second = &shapes[layer->second_input];

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
working_bytes (const AnprLayer *layer, guint inputs, const AnprShape *made)
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
set_shapes (AnprNetworkLayout *layout, const AnprModel *model, guint width,
    guint height)
{
  AnprShape *shapes = layout->shapes;
  guint64 bytes;

  shapes[0] = (AnprShape){ width, height, model->input_channels };
  bytes = shape_bytes (&shapes[0]);
  for (guint i = 0; i < model->n_layers; i++) {
    const AnprLayer *layer = &model->layers[i];

    if (!set_shape (shapes, layer, &shapes[i + 1]))
      return FALSE;
    bytes +=
        shape_bytes (&shapes[i + 1])
        + working_bytes (layer, shapes[layer->input].channels, &shapes[i + 1]);
    if (bytes > ANPR_NETWORK_MAX_BYTES)
      return FALSE;
  }
  return TRUE;
}

/* --- strips --------------------------------------------------------------- */

static gboolean
takes (const AnprLayer *layer, guint value)
{
  return layer->input == value
         || (layer->operation == ANPR_LAYER_ADD
             && layer->second_input == value);
}

/**
 * anpr_network_layout_has_strips: (skip)
 * @model: a model
 *
 * Returns: whether the first two layers are computed in strips
 */
gboolean
anpr_network_layout_has_strips (const AnprModel *model)
{
  const AnprLayer *first = &model->layers[0], *second = &model->layers[1];

  if (model->n_layers < 2 || first->operation != ANPR_LAYER_CONVOLUTION
      || second->operation != ANPR_LAYER_CONVOLUTION || second->input != 1
      || first->output > 0)
    return FALSE;
  for (guint i = 2; i < model->n_layers; i++)
    if (takes (&model->layers[i], 1))
      return FALSE;
  return TRUE;
}

/* Rows that make @rows of a layer's result, padding included */
static guint
rows_for (const AnprLayer *layer, guint rows)
{
  return (rows - 1) * layer->stride_down + layer->kernel_height;
}

static void
plan_strips (AnprNetworkLayout *layout, const AnprModel *model)
{
  const AnprLayer *first = &model->layers[0], *second = &model->layers[1];
  const AnprShape *shapes = layout->shapes;
  guint64 fitting = STRIP_BYTES / row_bytes (&shapes[1]);
  AnprStrips *strips = &layout->strips;
  guint end;

  strips->rows = 1;
  while (strips->rows < shapes[2].height
         && rows_for (second, strips->rows + 1) <= fitting)
    strips->rows++;
  strips->n = (shapes[2].height + strips->rows - 1) / strips->rows;
  strips->middle_rows = rows_for (second, strips->rows);
  strips->input_rows = rows_for (first, strips->middle_rows);
  strips->input_above =
      second->padding_top * first->stride_down + first->padding_top;
  end = rows_for (first, rows_for (second, shapes[2].height));
  strips->input_below = MAX (end, strips->input_above + shapes[0].height)
                        - strips->input_above - shapes[0].height;
}

/**
 * anpr_network_layout_strip_row: (skip)
 * @layout: a layout with strips
 * @strip: its number
 *
 * Returns: the first row of the second layer's result in the strip
 */
gint
anpr_network_layout_strip_row (const AnprNetworkLayout *layout, guint strip)
{
  return MIN (strip * layout->strips.rows,
      layout->shapes[2].height - layout->strips.rows);
}

/* Bytes of the operators' tables for a strip. Strips of a low result have more
 * rows than it has. */
static guint64
strip_table_bytes (const AnprNetworkLayout *layout, const AnprModel *model)
{
  const AnprStrips *strips = &layout->strips;
  const guint rows[] = { strips->middle_rows, strips->rows };
  guint64 bytes = 0;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    bytes += (guint64) rows[i] * layout->shapes[i + 1].width
             * model->layers[i].kernel_height * model->layers[i].kernel_width
             * sizeof (gpointer);
  return bytes;
}

/* --- places --------------------------------------------------------------- */

/* A value's bytes, and from which to which layer it is needed */
typedef struct {
  gsize bytes;
  guint begin;
  guint end;
} Need;

static void
find_needs (
    const AnprNetworkLayout *layout, const AnprModel *model, Need *needs)
{
  for (guint i = 0; i <= model->n_layers; i++)
    needs[i] = (Need){ shape_bytes (&layout->shapes[i]), i, i };
  for (guint i = 0; i < model->n_layers; i++) {
    const AnprLayer *layer = &model->layers[i];

    needs[layer->input].end = i + 1;
    if (layer->operation == ANPR_LAYER_ADD)
      needs[layer->second_input].end = i + 1;
  }
  for (guint i = 0; i < model->n_layers; i++)
    if (model->layers[i].output > 0)
      needs[i + 1].end = model->n_layers;
}

/* The second layer begins before the first has ended */
static void
set_needs_of_strips (const AnprNetworkLayout *layout, Need *needs)
{
  const AnprStrips *strips = &layout->strips;

  needs[0].bytes += (strips->input_above + strips->input_below)
                    * row_bytes (&layout->shapes[0]);
  needs[1].bytes = strips->middle_rows * row_bytes (&layout->shapes[1]);
  needs[2].begin = 1;
}

static gsize
end_of (const AnprNetworkLayout *layout, const Need *needs, guint value)
{
  gsize end = layout->places[value] + needs[value].bytes;

  return (end + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* The first value placed before that is in the way of @value where it is, or
 * @value */
static guint
find_obstacle (const AnprNetworkLayout *layout, const Need *needs, guint value)
{
  for (guint i = 0; i < value; i++)
    if (needs[i].begin <= needs[value].end && needs[value].begin <= needs[i].end
        && layout->places[i] < end_of (layout, needs, value)
        && layout->places[value] < end_of (layout, needs, i))
      return i;
  return value;
}

static void
place_values (AnprNetworkLayout *layout, const Need *needs, guint n_values)
{
  layout->bytes = 0;
  for (guint i = 0; i < n_values; i++) {
    guint obstacle;

    layout->places[i] = 0;
    while ((obstacle = find_obstacle (layout, needs, i)) != i)
      layout->places[i] = end_of (layout, needs, obstacle);
    layout->bytes = MAX (layout->bytes, end_of (layout, needs, i));
  }
}

/**
 * anpr_network_layout_plan: (skip)
 * @layout: (out): what is planned
 * @model: a model
 * @width: of the input, pixels
 * @height: of the input
 *
 * Returns: whether the model works at that size, within
 *     %ANPR_NETWORK_MAX_BYTES
 */
gboolean
anpr_network_layout_plan (AnprNetworkLayout *layout, const AnprModel *model,
    guint width, guint height)
{
  Need needs[ANPR_NETWORK_MAX_VALUES];
  guint64 table_bytes = 0;

  *layout = (AnprNetworkLayout){ 0 };
  if (width < 1 || width > ANPR_MODEL_MAX_SIDE || height < 1
      || height > ANPR_MODEL_MAX_SIDE || width % model->step != 0
      || height % model->step != 0
      || !set_shapes (layout, model, width, height))
    return FALSE;
  find_needs (layout, model, needs);
  if (anpr_network_layout_has_strips (model)) {
    plan_strips (layout, model);
    set_needs_of_strips (layout, needs);
    table_bytes = strip_table_bytes (layout, model);
  }
  place_values (layout, needs, model->n_layers + 1);
  return layout->bytes + table_bytes <= ANPR_NETWORK_MAX_BYTES;
}
