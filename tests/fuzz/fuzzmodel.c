/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Model files of any bytes, their checksum made right. One is taken or refused
 * with a reason; what is taken can be built and run at a small size, or says
 * that it cannot. */

#include "fuzz.h"
#include "plugins/inference/network.h"
#include "plugins/record/error.h"
#include "tests/check/modelbuilder.h"

/* Larger networks are right too, but slow to fuzz */
#define MAX_WEIGHTS_SIZE 20000

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree guint8 *bytes = g_memdup2 (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (AnprModel) model = NULL;
  g_autoptr (AnprNetwork) network = NULL;
  guint side;

  model_seal (bytes, size);
  model = anpr_model_parse (bytes, size, "file", ANPR_MODEL_DETECTOR, &error);
  g_assert ((model == NULL) == (error != NULL));
  if (!model) {
    g_assert (error->domain == ANPR_ERROR);
    g_assert (g_utf8_validate (error->message, -1, NULL));
    return 0;
  }
  if (size > MAX_WEIGHTS_SIZE)
    return 0;
  side = model->step * (1 + 15 / model->step);
  network = anpr_network_new (model, side, side, &error);
  g_assert ((network == NULL) == (error != NULL));
  if (network)
    g_assert (anpr_network_run (network));
  return 0;
}
