/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Plates read by a network of convolutions, made for them, and a search for the
 * likeliest texts (ctcbeam.h).
 *
 * The network looks at a whole plate picture, 40 x 160 luma, less its mean and
 * in units of its deviation: signs of an unlit plate look like those of a lit
 * one. Its one output is a row of steps from left to right, and at each a number
 * a label: the first label is the blank, the second a separator, the others the
 * signs. The labels are in the model.
 *
 * The model is shared by all threads; what runs it is an instance's. */

#include "ctcreader.h"
#include "ctcbeam.h"
#include "../inference/network.h"
#include "../record/error.h"

#include <math.h>
#include <string.h>

/* A picture without contrast is not made one of noise */
#define LEAST_DEVIATION 4.0

#define BLANK "blank"
#define SEPARATOR " "

typedef struct {
  AnprNetwork *network;
  AnprCtcBeam *beam;
  guint n_steps;
} CtcReader;

static gboolean
refuse (GError **error, const gchar *what)
{
  g_set_error (error, ANPR_ERROR, ANPR_ERROR_READER_DATA,
      "%s: use the reader.anprnet that came with this version", what);
  return FALSE;
}

/* Each sign is a plate sign of its own */
static gboolean
signs_are_right (const AnprModel *model)
{
  for (guint i = ANPR_CTC_FIRST_SIGN; i < model->n_labels; i++) {
    const gchar *label = model->labels[i];
    g_autofree gchar *key = anpr_plate_key (label);

    if (g_utf8_strlen (key, -1) != 1 || strcmp (key, label) != 0)
      return FALSE;
    for (guint k = ANPR_CTC_FIRST_SIGN; k < i; k++)
      if (strcmp (model->labels[k], label) == 0)
        return FALSE;
  }
  return TRUE;
}

static gboolean
labels_are_right (const AnprModel *model)
{
  return model->n_labels > ANPR_CTC_FIRST_SIGN
         && model->n_labels <= ANPR_CTC_FIRST_SIGN + ANPR_CTC_MAX_SIGNS
         && strcmp (model->labels[0], BLANK) == 0
         && strcmp (model->labels[1], SEPARATOR) == 0
         && signs_are_right (model);
}

static gboolean
check_model (const AnprModel *model, GError **error)
{
  if (model->input_channels != 1
      || model->input_width != ANPR_PLATE_PICTURE_WIDTH
      || model->input_height != ANPR_PLATE_PICTURE_HEIGHT)
    return refuse (error, "does not look at plates of 160 x 40 pixels");
  if (!labels_are_right (model))
    return refuse (error, "has other labels than those of a plate reader");
  if (model->n_outputs != 1)
    return refuse (error, "has more than the one output of a plate reader");
  return TRUE;
}

static AnprNetwork *
build_network (AnprModel *model, guint *n_steps, GError **error)
{
  g_autoptr (AnprNetwork) network = NULL;
  g_autoptr (GError) reason = NULL;
  guint height, channels;

  network = anpr_network_new (
      model, ANPR_PLATE_PICTURE_WIDTH, ANPR_PLATE_PICTURE_HEIGHT, &reason);
  if (!network) {
    refuse (error, reason->message);
    return NULL;
  }
  (void) anpr_network_output (network, 1, n_steps, &height, &channels);
  if (height != 1 || *n_steps > ANPR_CTC_MAX_STEPS
      || channels != model->n_labels) {
    refuse (error, "has an output that is not a plate reader's");
    return NULL;
  }
  return g_steal_pointer (&network);
}

/**
 * anpr_ctc_model_new: (skip)
 * @model: a model of purpose reader
 * @error: set to READER_DATA, without the file's name
 *
 * Builds the network once too: what is wrong with a model is told before it is
 * used.
 *
 * Returns: (transfer full) (nullable): what the engine opens its instances with,
 *     %NULL if the model is none of a plate reader
 */
gpointer
anpr_ctc_model_new (AnprModel *model, GError **error)
{
  g_autoptr (AnprNetwork) network = NULL;
  guint n_steps;

  if (check_model (model, error))
    network = build_network (model, &n_steps, error);
  return network ? anpr_model_ref (model) : NULL;
}

static gpointer
load (const gchar *path, GError **error)
{
  g_autofree gchar *name = g_filename_display_name (path);
  g_autoptr (GError) reason = NULL;
  g_autoptr (AnprModel) model =
      anpr_model_load (path, ANPR_MODEL_READER, &reason);
  gpointer shared;

  if (!model) {
    refuse (error, reason->message);
    return NULL;
  }
  shared = anpr_ctc_model_new (model, error);
  if (!shared)
    g_prefix_error (error, "model \"%s\" ", name);
  return shared;
}

static gpointer
open_reader (gpointer shared, GError **error)
{
  AnprModel *model = shared;
  gchar signs[ANPR_CTC_MAX_SIGNS][ANPR_CTC_SIGN_SIZE];
  guint n_signs = model->n_labels - ANPR_CTC_FIRST_SIGN;
  CtcReader *reader;
  guint n_steps;
  AnprNetwork *network = build_network (model, &n_steps, error);

  if (!network)
    return NULL;
  for (guint i = 0; i < n_signs; i++)
    g_strlcpy (
        signs[i], model->labels[ANPR_CTC_FIRST_SIGN + i], sizeof (signs[i]));
  reader = g_new (CtcReader, 1);
  reader->network = network;
  reader->n_steps = n_steps;
  reader->beam = anpr_ctc_beam_new (signs, n_signs);
  return reader;
}

static void
fill_input (gfloat *input, const AnprPlatePicture *picture)
{
  const guint n = sizeof (picture->luma);
  guint64 sum = 0, squares = 0;
  gdouble mean, variance;
  gfloat scale;

  for (guint i = 0; i < n; i++) {
    sum += picture->luma[i];
    squares += picture->luma[i] * picture->luma[i];
  }
  mean = (gdouble) sum / n;
  variance = MAX ((gdouble) squares / n - mean * mean, 0);
  scale = 1 / MAX (sqrt (variance), LEAST_DEVIATION);
  for (guint i = 0; i < n; i++)
    input[i] = (picture->luma[i] - (gfloat) mean) * scale;
}

static void
read_picture (
    gpointer instance, const AnprPlatePicture *picture, AnprReading *reading)
{
  CtcReader *reader = instance;

  reading->n_guesses = 0;
  reading->empty = 0;
  fill_input (anpr_network_input (reader->network), picture);
  if (anpr_network_run (reader->network))
    anpr_ctc_beam_read (reader->beam,
        anpr_network_output (reader->network, 1, NULL, NULL, NULL),
        reader->n_steps, reading);
}

static gboolean
spell (gpointer instance, const gchar *text, AnprSpelling *spelling)
{
  CtcReader *reader = instance;

  return anpr_ctc_beam_spell (reader->beam, text, spelling);
}

static void
close_reader (gpointer instance)
{
  CtcReader *reader = instance;

  anpr_network_free (reader->network);
  anpr_ctc_beam_free (reader->beam);
  g_free (reader);
}

const AnprReadEngine anpr_ctc_engine = {
  .name = "ctc",
  .file = "reader.anprnet",
  .load = load,
  .unload = (GDestroyNotify) anpr_model_unref,
  .open = open_reader,
  .read = read_picture,
  .spell = spell,
  .close = close_reader,
};
