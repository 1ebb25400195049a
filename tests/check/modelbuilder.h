/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Makes small model files for tests: layer by layer, weights from a seed. */

#ifndef ANPR_TESTS_MODEL_BUILDER_H
#define ANPR_TESTS_MODEL_BUILDER_H

#include "plugins/inference/modelfile.h"

G_BEGIN_DECLS

/* padding: top, bottom, left, right */
typedef struct {
  guint height;
  guint width;
  guint stride_down;
  guint stride_right;
  guint padding[4];
} ModelKernel;

typedef struct _ModelBuilder ModelBuilder;

ModelBuilder *model_builder_new (
    AnprModelPurpose purpose, guint channels, guint step);
void model_builder_set_input (ModelBuilder *builder, guint width, guint height);
void model_builder_set_labels (
    ModelBuilder *builder, const gchar *const *labels);
guint model_builder_convolve (ModelBuilder *builder, guint input,
    guint channels, ModelKernel kernel, gboolean relu, guint output);
guint model_builder_add (
    ModelBuilder *builder, guint input, guint second, gboolean relu);
guint model_builder_upsample (ModelBuilder *builder, guint input);
void model_builder_set_weight (
    ModelBuilder *builder, guint index, gfloat weight);
GBytes *model_builder_finish (ModelBuilder *builder);
void model_seal (guint8 *bytes, gsize size);

G_END_DECLS

#endif
