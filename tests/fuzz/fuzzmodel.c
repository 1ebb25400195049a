/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Model files of any bytes, their checksum made right. One is taken or refused
 * with a reason; what is taken can be built and run at a small size, or says
 * that it cannot. A reader's can also be opened as an engine, or says that it
 * cannot, and what that sees in a picture is in order. */

#include "fuzz.h"
#include "plugins/inference/network.h"
#include "plugins/plateocr/ctcreader.h"
#include "plugins/record/error.h"
#include "tests/check/modelbuilder.h"

/* Larger networks are right too, but slow to fuzz */
#define MAX_WEIGHTS_SIZE 20000

static void
check_error (const GError *error)
{
  g_assert (error->domain == ANPR_ERROR);
  g_assert (g_utf8_validate (error->message, -1, NULL));
}

static void
check_reading (gpointer instance)
{
  AnprPlatePicture picture;
  AnprReading reading;
  AnprSpelling spelling;
  gdouble last = 1 + 1e-6;

  for (guint i = 0; i < sizeof (picture.luma); i++)
    picture.luma[i] = i * 37 % 251;
  anpr_ctc_engine.read (instance, &picture, &reading);
  g_assert (reading.empty >= 0 && reading.empty <= last);
  for (guint i = 0; i < reading.n_guesses; i++) {
    const AnprGuess *guess = &reading.guesses[i];

    g_assert (guess->probability >= 0 && guess->probability <= last);
    g_assert (g_utf8_validate (guess->text, -1, NULL));
    last = guess->probability;
    if (anpr_ctc_engine.spell (instance, guess->text, &spelling))
      g_assert_cmpint (
          spelling.n_characters, ==, g_utf8_strlen (guess->text, -1));
  }
}

static void
check_engine (AnprModel *model)
{
  g_autoptr (GError) error = NULL;
  gpointer shared = anpr_ctc_model_new (model, &error);
  gpointer instance;

  g_assert ((shared == NULL) == (error != NULL));
  if (!shared) {
    check_error (error);
    return;
  }
  instance = anpr_ctc_engine.open (shared, &error);
  g_assert (instance != NULL);
  check_reading (instance);
  anpr_ctc_engine.close (instance);
  anpr_ctc_engine.unload (shared);
}

/* Whether the model is a reader's, by what the file says */
static gboolean
is_reader (const guint8 *data, size_t size)
{
  return size > 12 && data[12] == ANPR_MODEL_READER;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree guint8 *bytes = g_memdup2 (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (AnprModel) model = NULL;
  g_autoptr (AnprNetwork) network = NULL;
  gboolean reads = is_reader (data, size);
  guint side;

  model_seal (bytes, size);
  model = anpr_model_parse (bytes, size, "file",
      reads ? ANPR_MODEL_READER : ANPR_MODEL_DETECTOR, &error);
  g_assert ((model == NULL) == (error != NULL));
  if (!model) {
    check_error (error);
    return 0;
  }
  if (size > MAX_WEIGHTS_SIZE)
    return 0;
  if (reads)
    check_engine (model);
  side = model->step * (1 + 15 / model->step);
  network = anpr_network_new (model, side, side, &error);
  g_assert ((network == NULL) == (error != NULL));
  if (network)
    g_assert (anpr_network_run (network));
  return 0;
}
