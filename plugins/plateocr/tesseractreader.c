/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Plates read by Tesseract's LSTM through its C interface, with a model trained
 * on plate pictures: the engine of another kind, for a second opinion.
 *
 * It is given the plate picture as one raw line, as it was trained on
 * (models/train/tesseract.py): at the height its networks take and of one
 * brightness and contrast, light on dark or dark on light, so that it neither
 * looks for lines, nor scales, nor inverts. What it says of each sign becomes
 * whole texts (textcombine.h).
 *
 * A handle belongs to the thread that reads with it. OpenMP is switched off in
 * that thread at each read (it is one store): the library would start its own
 * threads for loops of microseconds and be seven times slower. Nothing is
 * written to stderr. */

#include "textcombine.h"
#include "../record/error.h"

#include <leptonica/allheaders.h>
#include <math.h>
#include <omp.h>
#include <string.h>
#include <tesseract/capi.h>

#define MODEL_SUFFIX ".traineddata"
/* What the networks take; the picture's shape */
#define LINE_HEIGHT 36
#define LINE_WIDTH                                                             \
  (LINE_HEIGHT * ANPR_PLATE_PICTURE_WIDTH / ANPR_PLATE_PICTURE_HEIGHT)
/* Mean and standard deviation of its luma; pictures with hardly any contrast are
 * not blown up further */
#define LINE_MEAN 128
#define LINE_DEVIATION 48
#define LEAST_DEVIATION 4
/* Spares the library a guess it warns about; any value near prints will do */
#define RESOLUTION 300

/* The model's path, as the library wants it */
typedef struct {
  gchar *folder;
  gchar *language;
} TesseractModel;

typedef struct {
  TessBaseAPI *api;
  AnprSpelling seen;
} TesseractReader;

static void
unload (gpointer shared)
{
  TesseractModel *model = shared;

  g_free (model->folder);
  g_free (model->language);
  g_free (model);
}

static TessBaseAPI *
open_api (const TesseractModel *model)
{
  TessBaseAPI *api = TessBaseAPICreate ();

  setMsgSeverity (L_SEVERITY_NONE);
  TessBaseAPISetVariable (api, "debug_file", "/dev/null");
  if (TessBaseAPIInit2 (api, model->folder, model->language, OEM_LSTM_ONLY)
      == 0)
    return api;
  TessBaseAPIDelete (api);
  return NULL;
}

static void
close_api (TessBaseAPI *api)
{
  TessBaseAPIEnd (api);
  TessBaseAPIDelete (api);
}

static gboolean
refuse (GError **error, const gchar *path, const gchar *fault)
{
  g_autofree gchar *name = g_filename_display_name (path);

  g_set_error (error, ANPR_ERROR, ANPR_ERROR_READER_DATA,
      "model \"%s\" %s: use the plate.traineddata that came with this version",
      name, fault);
  return FALSE;
}

/* Opened once too: what is wrong with a model is told before it is used */
static gpointer
load (const gchar *path, GError **error)
{
  g_autofree gchar *name = g_path_get_basename (path);
  TesseractModel *model;
  TessBaseAPI *api;

  if (!g_str_has_suffix (name, MODEL_SUFFIX)) {
    refuse (error, path, "is not a " MODEL_SUFFIX " file");
    return NULL;
  }
  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR)) {
    refuse (error, path, "is missing");
    return NULL;
  }
  model = g_new (TesseractModel, 1);
  model->folder = g_path_get_dirname (path);
  model->language = g_strndup (name, strlen (name) - strlen (MODEL_SUFFIX));
  api = open_api (model);
  if (api) {
    close_api (api);
    return model;
  }
  unload (model);
  refuse (error, path, "cannot be read by Tesseract");
  return NULL;
}

static void
set_variables (TessBaseAPI *api)
{
  static const struct {
    const gchar *name;
    const gchar *value;
  } variables[] = {
    { "lstm_choice_mode", "2" },
    { "tessedit_do_invert", "0" },
    { "load_system_dawg", "0" },
    { "load_freq_dawg", "0" },
    { "user_defined_dpi", G_STRINGIFY (RESOLUTION) },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (variables); i++)
    TessBaseAPISetVariable (api, variables[i].name, variables[i].value);
  TessBaseAPISetPageSegMode (api, PSM_RAW_LINE);
}

static gpointer
open_reader (gpointer shared, GError **error)
{
  const TesseractModel *model = shared;
  TessBaseAPI *api = open_api (model);
  TesseractReader *reader;

  if (!api) {
    refuse (error, model->language, "cannot be read by Tesseract any more");
    return NULL;
  }
  set_variables (api);
  reader = g_new0 (TesseractReader, 1);
  reader->api = api;
  return reader;
}

static void
close_reader (gpointer instance)
{
  TesseractReader *reader = instance;

  close_api (reader->api);
  g_free (reader);
}

static gboolean
set_sign (AnprSign *sign, const gchar *text, gdouble percent)
{
  g_autofree gchar *key = anpr_plate_key (text);

  if (g_utf8_strlen (key, -1) != 1)
    return FALSE;
  g_strlcpy (sign->sign, key, sizeof (sign->sign));
  sign->confidence = CLAMP (percent / 100, 0.0, 1.0);
  return TRUE;
}

/* Which of the character's choices is the sign, NULL if none */
static AnprSign *
find_sign (AnprCharacter *character, const AnprSign *sign)
{
  if (strcmp (character->best.sign, sign->sign) == 0)
    return &character->best;
  for (guint i = 0; i < character->n_alternatives; i++)
    if (strcmp (character->alternatives[i].sign, sign->sign) == 0)
      return &character->alternatives[i];
  return NULL;
}

/* The choices' figures are shares of one whole, those of the result are not: it
 * takes its share from among the choices where it is one. */
static void
add_choices (AnprCharacter *character, TessChoiceIterator *choices)
{
  do {
    AnprSign *known;
    AnprSign sign;

    if (!set_sign (&sign, TessChoiceIteratorGetUTF8Text (choices),
            TessChoiceIteratorConfidence (choices)))
      continue;
    known = find_sign (character, &sign);
    if (known)
      known->confidence = sign.confidence;
    else if (sign.confidence > 0)
      anpr_character_add_alternative (character, &sign);
  } while (TessChoiceIteratorNext (choices));
}

static void
add_character (
    AnprSpelling *seen, TessResultIterator *result, gboolean begins_word)
{
  AnprCharacter *character = &seen->characters[seen->n_characters];
  gchar *sign = TessResultIteratorGetUTF8Text (result, RIL_SYMBOL);
  TessChoiceIterator *choices;

  memset (character, 0, sizeof (*character));
  if (sign
      && set_sign (&character->best, sign,
          TessResultIteratorConfidence (result, RIL_SYMBOL))) {
    if (begins_word && seen->n_characters > 0)
      g_strlcat (seen->raw, " ", sizeof (seen->raw));
    g_strlcat (seen->raw, character->best.sign, sizeof (seen->raw));
    seen->n_characters++;
    choices = TessResultIteratorGetChoiceIterator (result);
    if (choices)
      add_choices (character, choices);
    TessChoiceIteratorDelete (choices);
  }
  TessDeleteText (sign);
}

static void
take_result (AnprSpelling *seen, TessResultIterator *result)
{
  gboolean begins_word = FALSE;

  do {
    guint n = seen->n_characters;

    begins_word = begins_word
                  || TessPageIteratorIsAtBeginningOf (
                      TessResultIteratorGetPageIterator (result), RIL_WORD);
    add_character (seen, result, begins_word);
    if (seen->n_characters > n)
      begins_word = FALSE;
  } while (seen->n_characters < ANPR_PLATE_TEXT_MAX
           && TessResultIteratorNext (result, RIL_SYMBOL));
}

static void
level (guint8 *luma, guint n)
{
  gdouble sum = 0, squares = 0;
  gdouble mean, gain;

  for (guint i = 0; i < n; i++) {
    sum += luma[i];
    squares += (gdouble) luma[i] * luma[i];
  }
  mean = sum / n;
  gain = LINE_DEVIATION
         / MAX (sqrt (MAX (squares / n - mean * mean, 0)), LEAST_DEVIATION);
  for (guint i = 0; i < n; i++)
    luma[i] =
        (guint8) CLAMP (LINE_MEAN + gain * (luma[i] - mean) + 0.5, 0.0, 255.0);
}

static void
read_picture (
    gpointer instance, const AnprPlatePicture *picture, AnprReading *reading)
{
  static const AnprLumaMap map = { { ANPR_PLATE_PICTURE_WIDTH, 0, 0, 0,
      ANPR_PLATE_PICTURE_HEIGHT, 0, 0, 0 } };
  static const AnprBox all = { 0, 0, 1, 1 };
  const AnprLumaPlane plane = { picture->luma, ANPR_PLATE_PICTURE_WIDTH,
    ANPR_PLATE_PICTURE_WIDTH, ANPR_PLATE_PICTURE_HEIGHT };
  TesseractReader *reader = instance;
  guint8 line[LINE_HEIGHT * LINE_WIDTH];
  TessResultIterator *result = NULL;

  omp_set_max_active_levels (0);
  anpr_luma_sample (&plane, &map, &all, line, LINE_WIDTH, LINE_HEIGHT);
  level (line, G_N_ELEMENTS (line));
  TessBaseAPISetImage (
      reader->api, line, LINE_WIDTH, LINE_HEIGHT, 1, LINE_WIDTH);
  TessBaseAPISetSourceResolution (reader->api, RESOLUTION);
  reader->seen.n_characters = 0;
  reader->seen.raw[0] = '\0';
  if (TessBaseAPIRecognize (reader->api, NULL) == 0)
    result = TessBaseAPIGetIterator (reader->api);
  if (result)
    take_result (&reader->seen, result);
  TessResultIteratorDelete (result);
  TessBaseAPIClear (reader->api);
  anpr_texts_combine (
      reader->seen.characters, reader->seen.n_characters, reading);
}

/* Texts of the same length as what was seen stand there sign by sign */
static gboolean
spell (gpointer instance, const gchar *text, AnprSpelling *spelling)
{
  const TesseractReader *reader = instance;

  return anpr_spelling_replace (&reader->seen, text, spelling);
}

const AnprReadEngine anpr_tesseract_engine = {
  .name = "tesseract",
  .file = "plate" MODEL_SUFFIX,
  .load = load,
  .unload = unload,
  .open = open_reader,
  .read = read_picture,
  .spell = spell,
  .close = close_reader,
};
