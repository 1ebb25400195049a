/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_MODEL_FILE_H
#define ANPR_MODEL_FILE_H

#include <glib.h>

G_BEGIN_DECLS

/* First bytes of a model file, and the format this version knows */
#define ANPR_MODEL_MAGIC "ANPRNET\n"
#define ANPR_MODEL_VERSION 1

/* Bytes of the parts of a file */
#define ANPR_MODEL_HEADER_SIZE 128
#define ANPR_MODEL_LABEL_SIZE 16
#define ANPR_MODEL_LAYER_SIZE 32
#define ANPR_MODEL_ID_SIZE 48

/* Most of what a file may have */
#define ANPR_MODEL_MAX_FILE (64 * 1024 * 1024)
#define ANPR_MODEL_MAX_LAYERS 64
#define ANPR_MODEL_MAX_LABELS 256
#define ANPR_MODEL_MAX_OUTPUTS 4
#define ANPR_MODEL_MAX_CHANNELS 1024
#define ANPR_MODEL_MAX_STEP 64

/* Longest side of an input, pixels */
#define ANPR_MODEL_MAX_SIDE 4096

/* What a network is for */
typedef enum {
  ANPR_MODEL_DETECTOR = 1,
  ANPR_MODEL_READER = 2,
} AnprModelPurpose;

typedef enum {
  ANPR_LAYER_CONVOLUTION = 1,
  ANPR_LAYER_ADD = 2,
  ANPR_LAYER_UPSAMPLE = 3,
} AnprLayerOperation;

/* One layer. Inputs are numbers of values: 0 is the network's input, n what
 * layer n - 1 makes. weights: channels x kernel_height x kernel_width x
 * channels of the input, then as many biases as channels; of convolutions
 * only. output: number of the network's output that this is, 0 for none. */
typedef struct {
  AnprLayerOperation operation;
  gboolean relu;
  guint input;
  guint second_input;
  guint channels;
  guint kernel_height;
  guint kernel_width;
  guint stride_down;
  guint stride_right;
  guint padding_top;
  guint padding_bottom;
  guint padding_left;
  guint padding_right;
  guint output;
  const gfloat *weights;
  const gfloat *biases;
} AnprLayer;

/* A network's description and weights; not changed once loaded, any thread */
typedef struct {
  gatomicrefcount references;
  guint input_width;
  guint input_height;
  guint input_channels;
  guint step;
  guint n_layers;
  guint n_labels;
  guint n_outputs;
  gchar training_id[ANPR_MODEL_ID_SIZE];
  AnprLayer layers[ANPR_MODEL_MAX_LAYERS];
  gchar (*labels)[ANPR_MODEL_LABEL_SIZE];
  gfloat *weights;
} AnprModel;

gchar *anpr_model_find (const gchar *path, const gchar *name);
AnprModel *anpr_model_load (
    const gchar *path, AnprModelPurpose purpose, GError **error);
AnprModel *anpr_model_parse (const guint8 *bytes, gsize size, const gchar *name,
    AnprModelPurpose purpose, GError **error);
AnprModel *anpr_model_ref (AnprModel *model);
void anpr_model_unref (AnprModel *model);
guint anpr_model_value_channels (const AnprModel *model, guint value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprModel, anpr_model_unref)

G_END_DECLS

#endif
