/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Reads a trained network: header, labels, layers, weights, as
 * docs/model-format.md lays them down. Numbers are little-endian.
 *
 * A file from outside may say what it likes, so nothing is used before it was
 * checked: sizes first, the checksum over all, then each layer against those
 * before it. What is taken can be built (network.c) unless it is too large at
 * the size asked for. The weights are copied, so that they lie aligned and with
 * the slack the inference library reads beyond them. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "modelfile.h"
#include "../record/error.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHA256_SIZE 32
#define CHECKSUM_OFFSET 96

/* Read beyond the last weight, never used: XNN_EXTRA_BYTES is 16 */
#define SLACK 64

#define MAX_KERNEL 15
#define MAX_STRIDE 4
#define MAX_PADDING 7

/* A file while it is read; fault is what is wrong with it, NULL if nothing is
 * yet */
typedef struct {
  const guint8 *bytes;
  gsize size;
  guint64 n_weights;
  guint64 used_weights;
  const gchar *fault;
} ModelFile;

static guint
read_u16 (const guint8 *bytes)
{
  return bytes[0] | bytes[1] << 8;
}

static guint32
read_u32 (const guint8 *bytes)
{
  return read_u16 (bytes) | (guint32) read_u16 (bytes + 2) << 16;
}

static guint64
read_u64 (const guint8 *bytes)
{
  return read_u32 (bytes) | (guint64) read_u32 (bytes + 4) << 32;
}

static gboolean
refuse (ModelFile *file, const gchar *fault)
{
  file->fault = fault;
  return FALSE;
}

static gboolean
checksum_is_right (const ModelFile *file)
{
  static const guint8 nothing[SHA256_SIZE];
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[SHA256_SIZE];
  gsize digest_size = sizeof (digest);

  g_checksum_update (checksum, file->bytes, CHECKSUM_OFFSET);
  g_checksum_update (checksum, nothing, SHA256_SIZE);
  g_checksum_update (checksum, file->bytes + ANPR_MODEL_HEADER_SIZE,
      file->size - ANPR_MODEL_HEADER_SIZE);
  g_checksum_get_digest (checksum, digest, &digest_size);
  return memcmp (digest, file->bytes + CHECKSUM_OFFSET, SHA256_SIZE) == 0;
}

static gboolean
check_beginning (ModelFile *file, AnprModelPurpose purpose)
{
  if (file->size < ANPR_MODEL_HEADER_SIZE)
    return refuse (file, "is too short to be a model");
  if (memcmp (file->bytes, ANPR_MODEL_MAGIC, strlen (ANPR_MODEL_MAGIC)) != 0)
    return refuse (file, "is not a model");
  if (read_u32 (file->bytes + 8) != ANPR_MODEL_VERSION)
    return refuse (file, "is of a version this build does not know");
  if (read_u32 (file->bytes + 12) != purpose)
    return refuse (file, "is a model for something else");
  if (file->size > ANPR_MODEL_MAX_FILE)
    return refuse (file, "is too large");
  return TRUE;
}

/* Text in a fixed field, NULs from its end on, at least one */
static gboolean
copy_text (gchar *text, const guint8 *bytes, gsize size)
{
  memcpy (text, bytes, size);
  if (!memchr (text, '\0', size) || !g_utf8_validate (text, -1, NULL))
    return FALSE;
  for (gsize i = strlen (text); i < size; i++)
    if (text[i] != '\0')
      return FALSE;
  return TRUE;
}

static gboolean
read_header (ModelFile *file, AnprModel *model)
{
  const guint8 *bytes = file->bytes;

  model->input_width = read_u32 (bytes + 16);
  model->input_height = read_u32 (bytes + 20);
  model->input_channels = read_u32 (bytes + 24);
  model->step = read_u32 (bytes + 28);
  model->n_layers = read_u32 (bytes + 32);
  model->n_labels = read_u32 (bytes + 36);
  file->n_weights = read_u64 (bytes + 40);
  if (model->step < 1 || model->step > ANPR_MODEL_MAX_STEP)
    return refuse (file, "has an input step out of range");
  if (model->input_width < 1 || model->input_width > ANPR_MODEL_MAX_SIDE
      || model->input_height < 1 || model->input_height > ANPR_MODEL_MAX_SIDE
      || model->input_width % model->step != 0
      || model->input_height % model->step != 0)
    return refuse (file, "has an input size out of range");
  if (model->input_channels < 1
      || model->input_channels > ANPR_MODEL_MAX_CHANNELS)
    return refuse (file, "has a number of input channels out of range");
  if (model->n_layers < 1 || model->n_layers > ANPR_MODEL_MAX_LAYERS)
    return refuse (file, "has a number of layers out of range");
  if (model->n_labels > ANPR_MODEL_MAX_LABELS)
    return refuse (file, "has too many labels");
  if (file->n_weights < 1
      || file->n_weights > ANPR_MODEL_MAX_FILE / sizeof (gfloat))
    return refuse (file, "has no weights, or too many");
  if (!copy_text (model->training_id, bytes + 48, ANPR_MODEL_ID_SIZE))
    return refuse (file, "has a training id that is no text");
  return TRUE;
}

static gsize
layers_offset (const AnprModel *model)
{
  return ANPR_MODEL_HEADER_SIZE
         + (gsize) model->n_labels * ANPR_MODEL_LABEL_SIZE;
}

static gsize
weights_offset (const AnprModel *model)
{
  return layers_offset (model)
         + (gsize) model->n_layers * ANPR_MODEL_LAYER_SIZE;
}

static gboolean
check_whole (ModelFile *file, const AnprModel *model)
{
  if (weights_offset (model) + file->n_weights * sizeof (gfloat) != file->size)
    return refuse (file, "is not as long as it says");
  if (!checksum_is_right (file))
    return refuse (file, "is damaged: its checksum is wrong");
  return TRUE;
}

static gboolean
read_labels (ModelFile *file, AnprModel *model)
{
  const guint8 *bytes = file->bytes + ANPR_MODEL_HEADER_SIZE;

  model->labels = g_malloc0_n (MAX (model->n_labels, 1), ANPR_MODEL_LABEL_SIZE);
  for (guint i = 0; i < model->n_labels; i++, bytes += ANPR_MODEL_LABEL_SIZE)
    if (!copy_text (model->labels[i], bytes, ANPR_MODEL_LABEL_SIZE))
      return refuse (file, "has a label that is no text");
  return TRUE;
}

static gboolean
read_weights (ModelFile *file, AnprModel *model)
{
  const guint8 *bytes = file->bytes + weights_offset (model);

  model->weights = g_malloc0 (file->n_weights * sizeof (gfloat) + SLACK);
  for (guint64 i = 0; i < file->n_weights; i++) {
    guint32 bits = read_u32 (bytes + i * sizeof (gfloat));

    memcpy (&model->weights[i], &bits, sizeof (bits));
    if (!isfinite (model->weights[i]))
      return refuse (file, "has a weight that is no number");
  }
  return TRUE;
}

static gboolean
within (guint value, guint least, guint most)
{
  return value >= least && value <= most;
}

static void
read_layer (const guint8 *bytes, AnprLayer *layer)
{
  layer->operation = read_u16 (bytes);
  layer->relu = read_u16 (bytes + 2);
  layer->input = read_u16 (bytes + 4);
  layer->second_input = read_u16 (bytes + 6);
  layer->channels = read_u16 (bytes + 8);
  layer->kernel_height = read_u16 (bytes + 10);
  layer->kernel_width = read_u16 (bytes + 12);
  layer->stride_down = read_u16 (bytes + 14);
  layer->stride_right = read_u16 (bytes + 16);
  layer->padding_top = read_u16 (bytes + 18);
  layer->padding_bottom = read_u16 (bytes + 20);
  layer->padding_left = read_u16 (bytes + 22);
  layer->padding_right = read_u16 (bytes + 24);
  layer->output = read_u16 (bytes + 26);
}

/**
 * anpr_model_value_channels: (skip)
 * @model: a model
 * @value: 0 for the network's input, n for what layer n - 1 makes
 *
 * Returns: its channels
 */
guint
anpr_model_value_channels (const AnprModel *model, guint value)
{
  return value == 0 ? model->input_channels : model->layers[value - 1].channels;
}

/* Weights lie in the order of the layers */
static gboolean
take_weights (ModelFile *file, const AnprModel *model, AnprLayer *layer)
{
  guint64 n = (guint64) layer->channels * layer->kernel_height
              * layer->kernel_width
              * anpr_model_value_channels (model, layer->input);

  if (n + layer->channels > file->n_weights - file->used_weights)
    return refuse (file, "has fewer weights than its layers need");
  layer->weights = model->weights + file->used_weights;
  layer->biases = layer->weights + n;
  file->used_weights += n + layer->channels;
  return TRUE;
}

static gboolean
check_convolution (ModelFile *file, const AnprModel *model, AnprLayer *layer)
{
  if (!within (layer->kernel_height, 1, MAX_KERNEL)
      || !within (layer->kernel_width, 1, MAX_KERNEL)
      || !within (layer->stride_down, 1, MAX_STRIDE)
      || !within (layer->stride_right, 1, MAX_STRIDE))
    return refuse (file, "has a layer with a kernel or stride out of range");
  if (layer->padding_top > MAX_PADDING || layer->padding_bottom > MAX_PADDING
      || layer->padding_left > MAX_PADDING
      || layer->padding_right > MAX_PADDING)
    return refuse (file, "has a layer with too much padding");
  return take_weights (file, model, layer);
}

static gboolean
check_add (ModelFile *file, const AnprModel *model, const AnprLayer *layer,
    guint number)
{
  if (layer->second_input > number)
    return refuse (file, "has a layer that takes what a later one makes");
  if (anpr_model_value_channels (model, layer->input) != layer->channels
      || anpr_model_value_channels (model, layer->second_input)
             != layer->channels)
    return refuse (file, "adds layers of different channels");
  return TRUE;
}

/* What only a convolution has, and the second input that only an add has, are
 * zero elsewhere: so that a later version can give them a meaning */
static gboolean
has_only_its_own (const AnprLayer *layer)
{
  if (layer->operation != ANPR_LAYER_ADD && layer->second_input)
    return FALSE;
  return layer->operation == ANPR_LAYER_CONVOLUTION
         || !(layer->kernel_height || layer->kernel_width || layer->stride_down
              || layer->stride_right || layer->padding_top
              || layer->padding_bottom || layer->padding_left
              || layer->padding_right);
}

static gboolean
check_layer (ModelFile *file, AnprModel *model, guint number)
{
  AnprLayer *layer = &model->layers[number];

  if (!within (layer->operation, ANPR_LAYER_CONVOLUTION, ANPR_LAYER_UPSAMPLE))
    return refuse (file, "has a layer with an unknown operation");
  if (layer->relu > 1)
    return refuse (file, "has a layer with an unknown activation");
  if (layer->input > number)
    return refuse (file, "has a layer that takes what a later one makes");
  if (!within (layer->channels, 1, ANPR_MODEL_MAX_CHANNELS))
    return refuse (file, "has a layer with too many channels, or none");
  if (!has_only_its_own (layer))
    return refuse (file, "has a layer with numbers that should be zero");
  switch (layer->operation) {
    case ANPR_LAYER_CONVOLUTION:
      return check_convolution (file, model, layer);
    case ANPR_LAYER_ADD:
      return check_add (file, model, layer, number);
    case ANPR_LAYER_UPSAMPLE:
      if (anpr_model_value_channels (model, layer->input) == layer->channels
          && !layer->relu)
        return TRUE;
      return refuse (file, "has an upsampling layer that does more");
  }
  g_return_val_if_reached (FALSE);
}

static gboolean
is_used (const AnprModel *model, guint value)
{
  for (guint i = value; i < model->n_layers; i++)
    if (model->layers[i].input == value
        || model->layers[i].second_input == value)
      return TRUE;
  return FALSE;
}

/* Outputs are numbered from 1, each number once; every layer is for something */
static gboolean
check_outputs (ModelFile *file, AnprModel *model)
{
  guint seen = 0;

  for (guint i = 0; i < model->n_layers; i++) {
    guint output = model->layers[i].output;

    /* XNNPACK gives such a layer no memory, and ends the program */
    if (output == 0 && !is_used (model, i + 1))
      return refuse (file, "has a layer whose result nothing uses");
    if (output == 0)
      continue;
    if (output > ANPR_MODEL_MAX_OUTPUTS || seen & 1u << output)
      return refuse (file, "numbers its outputs wrongly");
    seen |= 1u << output;
    model->n_outputs++;
  }
  if (model->n_outputs == 0 || seen != (1u << (model->n_outputs + 1)) - 2)
    return refuse (file, "numbers its outputs wrongly");
  return TRUE;
}

static gboolean
read_layers (ModelFile *file, AnprModel *model)
{
  const guint8 *bytes = file->bytes + layers_offset (model);

  for (guint i = 0; i < model->n_layers; i++) {
    const guint8 *row = bytes + i * ANPR_MODEL_LAYER_SIZE;

    read_layer (row, &model->layers[i]);
    if (read_u32 (row + 28) != 0)
      return refuse (file, "has a layer with numbers that should be zero");
    if (!check_layer (file, model, i))
      return FALSE;
  }
  if (file->used_weights != file->n_weights)
    return refuse (file, "has more weights than its layers need");
  return check_outputs (file, model);
}

/**
 * anpr_model_parse: (skip)
 * @bytes: (array length=size): a model file
 * @size: its bytes
 * @name: what to call it in errors
 * @purpose: what the network must be for
 * @error: %ANPR_ERROR_MODEL_FILE
 *
 * Nothing of @bytes is used afterwards. Any thread.
 *
 * Returns: (transfer full) (nullable): the network
 */
AnprModel *
anpr_model_parse (const guint8 *bytes, gsize size, const gchar *name,
    AnprModelPurpose purpose, GError **error)
{
  g_autoptr (AnprModel) model = g_new0 (AnprModel, 1);
  ModelFile file = { .bytes = bytes, .size = size };

  g_atomic_ref_count_init (&model->references);
  if (check_beginning (&file, purpose) && read_header (&file, model)
      && check_whole (&file, model) && read_labels (&file, model)
      && read_weights (&file, model) && read_layers (&file, model))
    return g_steal_pointer (&model);
  g_set_error (error, ANPR_ERROR, ANPR_ERROR_MODEL_FILE, "model \"%s\" %s",
      name, file.fault);
  return NULL;
}

/* Non-blocking, so that a pipe put where a model should be cannot hold us */
static int
open_regular (const gchar *path, gsize *size, GError **error)
{
  struct stat status;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

  if (fd < 0 || fstat (fd, &status) < 0) {
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_MODEL_FILE,
        "cannot be opened: %s", g_strerror (errno));
  } else if (!S_ISREG (status.st_mode)) {
    g_set_error_literal (
        error, ANPR_ERROR, ANPR_ERROR_MODEL_FILE, "is not a regular file");
  } else if (status.st_size > ANPR_MODEL_MAX_FILE) {
    g_set_error_literal (
        error, ANPR_ERROR, ANPR_ERROR_MODEL_FILE, "is too large");
  } else {
    *size = status.st_size;
    return fd;
  }
  if (fd >= 0)
    close (fd);
  return -1;
}

static gboolean
read_all (int fd, GByteArray *bytes, GError **error)
{
  for (guint at = 0; at < bytes->len;) {
    gssize n = read (fd, bytes->data + at, bytes->len - at);

    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0) {
      g_set_error (error, ANPR_ERROR, ANPR_ERROR_MODEL_FILE,
          "cannot be read: %s", g_strerror (errno));
      return FALSE;
    }
    at += n;
    /* it has become shorter: the parser will say so */
    if (n == 0)
      g_byte_array_set_size (bytes, at);
  }
  return TRUE;
}

/* Read and not mapped: what was checked cannot change any more */
static GByteArray *
read_file (const gchar *path, GError **error)
{
  g_autoptr (GByteArray) bytes = NULL;
  gsize size = 0;
  int fd = open_regular (path, &size, error);
  gboolean whole;

  if (fd < 0)
    return NULL;
  bytes = g_byte_array_new ();
  g_byte_array_set_size (bytes, size);
  whole = read_all (fd, bytes, error);
  close (fd);
  return whole ? g_steal_pointer (&bytes) : NULL;
}

/**
 * anpr_model_find: (skip)
 * @path: (nullable): the file the user named, if any
 * @name: of a model of this version
 *
 * Returns: (transfer full): @path if there is one, else @name in the folder of
 *     the models, which the environment variable ANPR_MODELS may name; whether
 *     the file is there or not
 */
gchar *
anpr_model_find (const gchar *path, const gchar *name)
{
  const gchar *folder = g_getenv ("ANPR_MODELS");

  if (path && *path)
    return g_strdup (path);
  if (!folder || !*folder)
    folder = ANPR_DATA_DIR "/models";
  return g_build_filename (folder, name, NULL);
}

/**
 * anpr_model_load: (skip)
 * @path: a file
 * @purpose: what the network must be for
 * @error: %ANPR_ERROR_MODEL_FILE
 *
 * Reads the whole file, at most %ANPR_MODEL_MAX_FILE bytes: never on a
 * streaming thread. Only a regular file is taken.
 *
 * Returns: (transfer full) (nullable): the network
 */
AnprModel *
anpr_model_load (const gchar *path, AnprModelPurpose purpose, GError **error)
{
  g_autofree gchar *name = g_filename_display_name (path);
  g_autoptr (GByteArray) bytes = read_file (path, error);

  if (!bytes) {
    g_prefix_error (error, "model \"%s\" ", name);
    return NULL;
  }
  return anpr_model_parse (bytes->data, bytes->len, name, purpose, error);
}

/**
 * anpr_model_ref: (skip)
 * @model: a model
 *
 * Returns: (transfer full): the same. Any thread.
 */
AnprModel *
anpr_model_ref (AnprModel *model)
{
  g_atomic_ref_count_inc (&model->references);
  return model;
}

/**
 * anpr_model_unref: (skip)
 * @model: (transfer full): a model. Any thread.
 */
void
anpr_model_unref (AnprModel *model)
{
  if (!g_atomic_ref_count_dec (&model->references))
    return;
  g_free (model->labels);
  g_free (model->weights);
  g_free (model);
}
