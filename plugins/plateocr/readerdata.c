/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Which engines read, with which models. A model that was named is taken, the
 * others lie where the models of this version do; nothing else is taken in
 * their place. */

#include "readerdata.h"
#include "../inference/modelfile.h"
#include "../record/error.h"

#include <string.h>

#ifdef HAVE_TESSERACT
#define SECOND_ENGINE &anpr_tesseract_engine
#define SECOND_FILE_SUFFIX ".traineddata"
#endif

/**
 * anpr_reader_data_new: (skip)
 * @parts: (array length=n_parts): engines with loaded models, which are the
 *     data's from now on
 * @n_parts: 1 or 2
 *
 * Returns: (transfer full): the data
 */
AnprReaderData *
anpr_reader_data_new (const AnprReaderPart *parts, guint n_parts)
{
  AnprReaderData *data;

  g_return_val_if_fail (n_parts >= 1 && n_parts <= ANPR_MAX_ENGINES, NULL);
  data = g_new0 (AnprReaderData, 1);
  g_atomic_ref_count_init (&data->references);
  data->n_parts = n_parts;
  memcpy (data->parts, parts, n_parts * sizeof (*parts));
  return data;
}

/**
 * anpr_reader_data_ref: (skip)
 * @data: data
 *
 * Returns: (transfer full): the same
 */
AnprReaderData *
anpr_reader_data_ref (AnprReaderData *data)
{
  g_atomic_ref_count_inc (&data->references);
  return data;
}

/**
 * anpr_reader_data_unref: (skip)
 * @data: (transfer full): data
 */
void
anpr_reader_data_unref (AnprReaderData *data)
{
  if (!g_atomic_ref_count_dec (&data->references))
    return;
  for (guint i = 0; i < data->n_parts; i++)
    data->parts[i].engine->unload (data->parts[i].model);
  g_free (data);
}

static gboolean
load_part (AnprReaderPart *part, const AnprReadEngine *engine,
    const gchar *model, GError **error)
{
  g_autofree gchar *path = anpr_model_find (model, engine->file);

  part->engine = engine;
  if (!anpr_calibration_load (path, &part->calibration, error))
    return FALSE;
  part->model = engine->load (path, error);
  return part->model != NULL;
}

#ifdef HAVE_TESSERACT
static gboolean
is_there (const gchar *model, const AnprReadEngine *engine)
{
  g_autofree gchar *path = anpr_model_find (model, engine->file);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* A model that was named says by its name whose it is; else the network reads,
 * unless only the other's model is there. */
static AnprReaderEngine
choose_engine (const gchar *model)
{
  if (model && g_str_has_suffix (model, SECOND_FILE_SUFFIX))
    return ANPR_READER_TESSERACT;
  if (is_there (model, &anpr_ctc_engine) || !is_there (NULL, SECOND_ENGINE))
    return ANPR_READER_CTC;
  return model && *model ? ANPR_READER_CTC : ANPR_READER_TESSERACT;
}

static guint
list_engines (
    AnprReaderEngine engine, const gchar *model, const AnprReadEngine **engines)
{
  if (engine == ANPR_READER_AUTO)
    engine = choose_engine (model);
  switch (engine) {
    case ANPR_READER_CTC:
      engines[0] = &anpr_ctc_engine;
      return 1;
    case ANPR_READER_TESSERACT:
      engines[0] = SECOND_ENGINE;
      return 1;
    case ANPR_READER_BOTH:
      engines[0] = &anpr_ctc_engine;
      engines[1] = SECOND_ENGINE;
      return 2;
    default:
      return 0;
  }
}
#else
static guint
list_engines (
    AnprReaderEngine engine, const gchar *model, const AnprReadEngine **engines)
{
  engines[0] = &anpr_ctc_engine;
  return engine == ANPR_READER_AUTO || engine == ANPR_READER_CTC;
}
#endif

/**
 * anpr_reader_data_load: (skip)
 * @engine: which engines
 * @model: (nullable): path of the first one's model, %NULL or empty for the one
 *     of this version
 * @error: set to READER_ENGINE if this build lacks an engine, to READER_DATA
 *     with the file's name if a model or calibration is missing or damaged
 *
 * Reads the models whole, and tries whether they can be used, which takes some
 * 10 ms, with Tesseract about 100: never on a streaming thread.
 *
 * Returns: (transfer full) (nullable): the data
 */
AnprReaderData *
anpr_reader_data_load (
    AnprReaderEngine engine, const gchar *model, GError **error)
{
  const AnprReadEngine *engines[ANPR_MAX_ENGINES];
  guint n = list_engines (engine, model, engines);
  g_autoptr (AnprReaderData) data = NULL;

  if (n == 0) {
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_READER_ENGINE,
        "This build has no such plate reading engine");
    return NULL;
  }
  data = g_new0 (AnprReaderData, 1);
  g_atomic_ref_count_init (&data->references);
  for (guint i = 0; i < n; i++) {
    if (!load_part (&data->parts[i], engines[i], i == 0 ? model : NULL, error))
      return NULL;
    data->n_parts++;
  }
  return g_steal_pointer (&data);
}
