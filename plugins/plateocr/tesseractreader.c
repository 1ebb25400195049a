/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Text lines read by Tesseract's LSTM through its C interface.
 *
 * An instance belongs to the thread that reads with it. OpenMP is switched off
 * in that thread at each read (it is one store): the library would start its
 * own threads for loops of microseconds and be seven times slower. Nothing is
 * written to stderr. Boxes of single signs are not asked for; the library
 * gives the whole line's box for one sign in eight. */

#include "linereader.h"
#include "../record/error.h"

#include <leptonica/allheaders.h>
#include <omp.h>
#include <string.h>
#include <tesseract/capi.h>

#define STOCK_LANGUAGE "eng"
#define MODEL_SUFFIX ".traineddata"
#define WHITELIST "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
/* Spares the library a guess it warns about; any value near prints will do */
#define RESOLUTION 300

/* Where the library looks; the first is the user's, the rest Debian's */
static const gchar *const stock_folders[] = {
  "/usr/share/tesseract-ocr/5/tessdata",
  "/usr/share/tesseract-ocr/4.00/tessdata",
  "/usr/share/tessdata",
  "/usr/local/share/tessdata",
};

static gboolean
folder_has (const gchar *folder, const gchar *language)
{
  g_autofree gchar *name = g_strconcat (language, MODEL_SUFFIX, NULL);
  g_autofree gchar *path = g_build_filename (folder, name, NULL);

  return g_file_test (path, G_FILE_TEST_IS_REGULAR);
}

/* The folder of the stock data. searched collects the names. */
static gchar *
find_stock_folder (GString *searched)
{
  const gchar *prefix = g_getenv ("TESSDATA_PREFIX");

  if (prefix && prefix[0] != '\0') {
    g_autofree gchar *below = g_build_filename (prefix, "tessdata", NULL);

    g_string_append_printf (searched, "%s, %s", prefix, below);
    if (folder_has (prefix, STOCK_LANGUAGE))
      return g_strdup (prefix);
    return folder_has (below, STOCK_LANGUAGE) ? g_steal_pointer (&below) : NULL;
  }
  for (gsize i = 0; i < G_N_ELEMENTS (stock_folders); i++) {
    g_string_append_printf (
        searched, "%s%s", i > 0 ? ", " : "", stock_folders[i]);
    if (folder_has (stock_folders[i], STOCK_LANGUAGE))
      return g_strdup (stock_folders[i]);
  }
  return NULL;
}

/* Splits the model's path into what the library wants */
static gboolean
find_data (const gchar *model, gchar **folder, gchar **language, GError **error)
{
  g_autoptr (GString) searched = g_string_new (NULL);
  g_autofree gchar *name = NULL;

  if (!model || model[0] == '\0') {
    *folder = find_stock_folder (searched);
    *language = g_strdup (STOCK_LANGUAGE);
    if (!*folder)
      g_set_error (error, ANPR_ERROR, ANPR_ERROR_READER_DATA,
          "No " STOCK_LANGUAGE MODEL_SUFFIX " in %s: install the package "
          "tesseract-ocr-eng or name a " MODEL_SUFFIX " file",
          searched->str);
    return *folder != NULL;
  }
  name = g_path_get_basename (model);
  if (!g_str_has_suffix (name, MODEL_SUFFIX)
      || !g_file_test (model, G_FILE_TEST_IS_REGULAR)) {
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_READER_DATA,
        "\"%s\" is not a " MODEL_SUFFIX " file: name one, or leave the model "
        "unset and install the package tesseract-ocr-eng",
        model);
    return FALSE;
  }
  *folder = g_path_get_dirname (model);
  *language = g_strndup (name, strlen (name) - strlen (MODEL_SUFFIX));
  return TRUE;
}

static gboolean
check_data (const gchar *model, GError **error)
{
  g_autofree gchar *folder = NULL;
  g_autofree gchar *language = NULL;

  return find_data (model, &folder, &language, error);
}

static void
close_engine (gpointer engine)
{
  TessBaseAPIEnd (engine);
  TessBaseAPIDelete (engine);
}

static void
set_variables (TessBaseAPI *api)
{
  static const struct {
    const gchar *name;
    const gchar *value;
  } variables[] = {
    { "debug_file", "/dev/null" },
    { "tessedit_char_whitelist", WHITELIST },
    { "lstm_choice_mode", "2" },
    { "load_system_dawg", "0" },
    { "load_freq_dawg", "0" },
    { "user_defined_dpi", G_STRINGIFY (RESOLUTION) },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (variables); i++)
    TessBaseAPISetVariable (api, variables[i].name, variables[i].value);
}

static gpointer
open_engine (const gchar *model, GError **error)
{
  g_autofree gchar *folder = NULL;
  g_autofree gchar *language = NULL;
  TessBaseAPI *api;

  if (!find_data (model, &folder, &language, error))
    return NULL;
  setMsgSeverity (L_SEVERITY_NONE);
  api = TessBaseAPICreate ();
  TessBaseAPISetVariable (api, "debug_file", "/dev/null");
  if (TessBaseAPIInit2 (api, folder, language, OEM_LSTM_ONLY) != 0) {
    TessBaseAPIDelete (api);
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_READER_DATA,
        "\"%s/%s" MODEL_SUFFIX "\" cannot be read by Tesseract", folder,
        language);
    return NULL;
  }
  set_variables (api);
  return api;
}

static gboolean
set_sign (AnprSign *sign, const gchar *text, gdouble percent)
{
  g_autofree gchar *key = anpr_plate_key (text);

  if (g_utf8_strlen (key, -1) != 1)
    return FALSE;
  g_strlcpy (sign->sign, key, sizeof sign->sign);
  sign->confidence = CLAMP (percent / 100, 0.0, 1.0);
  return TRUE;
}

static void
add_alternatives (AnprCharacter *character, TessChoiceIterator *choices)
{
  do {
    AnprSign sign;

    if (set_sign (&sign, TessChoiceIteratorGetUTF8Text (choices),
            TessChoiceIteratorConfidence (choices))
        && sign.confidence > 0 && strcmp (sign.sign, character->best.sign) != 0
        && character->n_alternatives < ANPR_MAX_ALTERNATIVES)
      character->alternatives[character->n_alternatives++] = sign;
  } while (TessChoiceIteratorNext (choices));
}

static void
add_character (AnprLineText *text, TessResultIterator *result)
{
  AnprCharacter *character = &text->characters[text->n_characters];
  char *sign = TessResultIteratorGetUTF8Text (result, RIL_SYMBOL);
  TessChoiceIterator *choices;

  memset (character, 0, sizeof *character);
  if (sign
      && set_sign (&character->best, sign,
          TessResultIteratorConfidence (result, RIL_SYMBOL))) {
    text->n_characters++;
    g_string_append (text->raw, character->best.sign);
    choices = TessResultIteratorGetChoiceIterator (result);
    if (choices)
      add_alternatives (character, choices);
    TessChoiceIteratorDelete (choices);
  }
  TessDeleteText (sign);
}

static void
add_characters (AnprLineText *text, TessResultIterator *result)
{
  do {
    if (text->n_characters > 0
        && TessPageIteratorIsAtBeginningOf (
            TessResultIteratorGetPageIterator (result), RIL_WORD))
      g_string_append_c (text->raw, ' ');
    add_character (text, result);
  } while (text->n_characters < ANPR_PLATE_TEXT_MAX
           && TessResultIteratorNext (result, RIL_SYMBOL));
}

/* How far a text is from having as many characters as the line has signs */
static guint
miscount (const AnprPlateLine *line, const AnprLineText *text)
{
  if (line->n_signs == 0)
    return text->n_characters == 0;
  return ABS ((gint) line->n_signs - (gint) text->n_characters);
}

static void
recognise (TessBaseAPI *api, TessPageSegMode mode,
    const AnprLumaPicture *picture, AnprLineText *text)
{
  TessResultIterator *result;

  TessBaseAPISetImage (
      api, picture->luma, picture->width, picture->height, 1, picture->width);
  TessBaseAPISetSourceResolution (api, RESOLUTION);
  text->n_characters = 0;
  g_string_truncate (text->raw, 0);
  TessBaseAPISetPageSegMode (api, mode);
  if (TessBaseAPIRecognize (api, NULL) != 0)
    return;
  result = TessBaseAPIGetIterator (api);
  if (result)
    add_characters (text, result);
  TessResultIteratorDelete (result);
}

/* A line is read with the library's own search for words, which reads best.
 * Where that finds more or fewer characters than the line has signs, or
 * nothing, it is read once more as it is, and the text nearer to the number of
 * signs is kept. */
static void
read_line (gpointer engine, const AnprPlateLine *line, AnprLineText *text)
{
  AnprLineText again = { 0 };

  omp_set_max_active_levels (0);
  recognise (engine, PSM_SINGLE_LINE, line->picture, text);
  if (miscount (line, text) > 0) {
    again.raw = g_string_new (NULL);
    recognise (engine, PSM_RAW_LINE, line->picture, &again);
    if (miscount (line, &again) < miscount (line, text)) {
      g_string_free (text->raw, TRUE);
      *text = again;
    } else {
      g_string_free (again.raw, TRUE);
    }
  }
  TessBaseAPIClear (engine);
}

const AnprLineEngine anpr_tesseract_engine = {
  .name = "tesseract",
  .check_data = check_data,
  .open = open_engine,
  .read_line = read_line,
  .close = close_engine,
};
