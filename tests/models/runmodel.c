/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Runs a model file once: the input's numbers from standard input, the outputs'
 * to standard output, one behind the other, as they lie in memory. Says on
 * standard error why it cannot, with exit status 1. */

#include <stdio.h>

#include "plugins/inference/network.h"

static gboolean
fill_input (AnprNetwork *network, gsize n_values)
{
  return fread (anpr_network_input (network), sizeof (gfloat), n_values, stdin)
         == n_values;
}

static gboolean
print_outputs (const AnprNetwork *network, guint n_outputs)
{
  for (guint i = 1; i <= n_outputs; i++) {
    guint width, height, channels;
    const gfloat *values =
        anpr_network_output (network, i, &width, &height, &channels);
    gsize n_values = (gsize) width * height * channels;

    if (fwrite (values, sizeof (gfloat), n_values, stdout) != n_values)
      return FALSE;
  }
  return TRUE;
}

static AnprNetwork *
load (gchar **arguments, AnprModel **model, GError **error)
{
  guint width = g_ascii_strtoull (arguments[2], NULL, 10);
  guint height = g_ascii_strtoull (arguments[3], NULL, 10);

  *model = anpr_model_load (arguments[1], ANPR_MODEL_DETECTOR, error);
  if (!*model)
    return NULL;
  return anpr_network_new (*model, width, height, error);
}

static gboolean
run (gchar **arguments, AnprNetwork *network, const AnprModel *model)
{
  gsize n_values = (gsize) g_ascii_strtoull (arguments[2], NULL, 10)
                   * g_ascii_strtoull (arguments[3], NULL, 10)
                   * model->input_channels;

  return fill_input (network, n_values) && anpr_network_run (network)
         && print_outputs (network, model->n_outputs);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnprModel) model = NULL;
  g_autoptr (AnprNetwork) network = NULL;

  if (argc != 4) {
    fprintf (stderr, "usage: %s MODEL WIDTH HEIGHT\n", argv[0]);
    return 2;
  }
  network = load (argv, &model, &error);
  if (!network) {
    fprintf (stderr, "%s\n", error->message);
    return 1;
  }
  return run (argv, network, model) ? 0 : 3;
}
