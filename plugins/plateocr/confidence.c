/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* From what an engine says to what it is worth: the probability that a text is
 * right, by a logistic function whose numbers were fitted to plates with known
 * texts when the engine's model was trained:
 *
 *   log-odds = offset + scale * logit (p) + margin * (ln p - ln p of the next)
 *              + height * ln (sign height / 20) + syntax * fit
 *              + two-lines, where the plate has two lines
 *
 * The numbers lie beside the model in a file of its name that ends in
 * .calibration; without one the probability is taken as it is. */

#include "confidence.h"
#include "../record/error.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define GROUP "calibration"
#define SUFFIX ".calibration"
#define MAX_FILE 65536
/* Numbers larger than this are mistakes */
#define MOST 100.0

#define LEAST_PROBABILITY 1e-6
#define MOST_MARGIN 8.0
#define LEAST_HEIGHT 6.0
#define MOST_HEIGHT 40.0
#define USUAL_HEIGHT 20.0

static const struct {
  const gchar *key;
  gsize offset;
} numbers[] = {
  { "offset", G_STRUCT_OFFSET (AnprCalibration, offset) },
  { "scale", G_STRUCT_OFFSET (AnprCalibration, scale) },
  { "margin", G_STRUCT_OFFSET (AnprCalibration, margin) },
  { "height", G_STRUCT_OFFSET (AnprCalibration, height) },
  { "syntax", G_STRUCT_OFFSET (AnprCalibration, syntax) },
  { "two-lines", G_STRUCT_OFFSET (AnprCalibration, two_lines) },
  { "agree", G_STRUCT_OFFSET (AnprCalibration, agree) },
  { "differ", G_STRUCT_OFFSET (AnprCalibration, differ) },
};

static gboolean
refuse (GError **error, const gchar *name, const gchar *fault)
{
  g_set_error (error, ANPR_ERROR, ANPR_ERROR_READER_DATA,
      "calibration \"%s\" %s: use the one that came with the model, or remove "
      "it",
      name, fault);
  return FALSE;
}

static gdouble *
find_number (AnprCalibration *calibration, const gchar *key)
{
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (strcmp (numbers[i].key, key) == 0)
      return G_STRUCT_MEMBER_P (calibration, numbers[i].offset);
  return NULL;
}

static gboolean
set_number (AnprCalibration *calibration, GKeyFile *file, const gchar *name,
    const gchar *key, GError **error)
{
  gdouble *number = find_number (calibration, key);
  g_autofree gchar *fault = NULL;
  g_autoptr (GError) reason = NULL;

  if (!number) {
    fault = g_strdup_printf ("has an unknown key \"%s\"", key);
    return refuse (error, name, fault);
  }
  *number = g_key_file_get_double (file, GROUP, key, &reason);
  if (reason || !(fabs (*number) <= MOST)) {
    fault = g_strdup_printf (
        "has a \"%s\" that is no number from -100 to 100", key);
    return refuse (error, name, fault);
  }
  return TRUE;
}

/**
 * anpr_calibration_parse: (skip)
 * @data: a calibration file
 * @size: its bytes
 * @name: what to call it in errors
 * @calibration: (out): its numbers; what it lacks is as without a file
 * @error: %ANPR_ERROR_READER_DATA
 *
 * Returns: %FALSE if it is none; @calibration is nothing then
 */
gboolean
anpr_calibration_parse (const gchar *data, gsize size, const gchar *name,
    AnprCalibration *calibration, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_auto (GStrv) keys = NULL;

  *calibration = ANPR_CALIBRATION_NONE;
  if (size > MAX_FILE)
    return refuse (error, name, "is too large");
  if (!g_utf8_validate_len (data, size, NULL)
      || !g_key_file_load_from_data (file, data, size, 0, NULL))
    return refuse (error, name, "is not a key file");
  keys = g_key_file_get_keys (file, GROUP, NULL, NULL);
  if (!keys)
    return refuse (error, name, "has no group [" GROUP "]");
  for (guint i = 0; keys[i]; i++)
    if (!set_number (calibration, file, name, keys[i], error))
      return FALSE;
  if (calibration->scale < 0)
    return refuse (error, name, "has a scale below 0");
  return TRUE;
}

static gchar *
path_beside (const gchar *model)
{
  const gchar *name = strrchr (model, G_DIR_SEPARATOR);
  const gchar *dot = strrchr (name ? name : model, '.');
  gint length = dot ? (gint) (dot - model) : (gint) strlen (model);

  return g_strdup_printf ("%.*s" SUFFIX, length, model);
}

/**
 * anpr_calibration_load: (skip)
 * @model: path of an engine's model
 * @calibration: (out): the numbers that lie beside it, or
 *     %ANPR_CALIBRATION_NONE if none do
 * @error: %ANPR_ERROR_READER_DATA
 *
 * Returns: %FALSE if there is a file that is no calibration
 */
gboolean
anpr_calibration_load (
    const gchar *model, AnprCalibration *calibration, GError **error)
{
  g_autofree gchar *path = path_beside (model);
  g_autofree gchar *name = g_filename_display_name (path);
  g_autofree gchar *data = NULL;
  g_autoptr (GError) reason = NULL;
  gsize size;

  if (g_file_get_contents (path, &data, &size, &reason))
    return anpr_calibration_parse (data, size, name, calibration, error);
  *calibration = ANPR_CALIBRATION_NONE;
  if (g_error_matches (reason, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    return TRUE;
  return refuse (error, name, "cannot be read");
}

static gdouble
to_log_odds (gdouble probability)
{
  gdouble p = CLAMP (probability, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY);

  return log (p / (1 - p));
}

static gdouble
to_probability (gdouble log_odds)
{
  return 1 / (1 + exp (-log_odds));
}

/**
 * anpr_calibration_get_confidence: (skip)
 * @calibration: an engine's
 * @evidence: what speaks for one of its texts
 *
 * Returns: 0..1, the probability that the text is right
 */
gdouble
anpr_calibration_get_confidence (
    const AnprCalibration *calibration, const AnprEvidence *evidence)
{
  gdouble p = MAX (evidence->probability, LEAST_PROBABILITY);
  gdouble next = MAX (evidence->next_probability, LEAST_PROBABILITY);
  gdouble margin = CLAMP (log (p / next), 0, MOST_MARGIN);
  gdouble height = CLAMP (evidence->sign_height, LEAST_HEIGHT, MOST_HEIGHT);

  return to_probability (
      calibration->offset
      + calibration->scale * to_log_odds (evidence->probability)
      + calibration->margin * margin
      + calibration->height * log (height / USUAL_HEIGHT)
      + calibration->syntax * CLAMP (evidence->fit, 0, 1)
      + (evidence->n_lines == 2 ? calibration->two_lines : 0));
}

/**
 * anpr_confidence_move: (skip)
 * @confidence: 0..1
 * @log_odds: what new evidence adds
 *
 * Returns: the confidence with that evidence
 */
gdouble
anpr_confidence_move (gdouble confidence, gdouble log_odds)
{
  return to_probability (to_log_odds (confidence) + log_odds);
}
