/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A plate is read in three steps: its text lines are cut out (platecrop.h), an
 * engine reads each (linereader.h), and what the lines gave is joined into one
 * read with its candidates and countries.
 *
 * A reader belongs to one thread. It keeps nothing of a plate, so the same
 * picture gives the same read whatever came before. */

#include "platereader.h"
#include "linereader.h"
#include "lookalike.h"
#include "../record/country.h"
#include "../record/error.h"

#include <string.h>

/* Weight in the table of series from which on one is no rare form */
#define COMMON_SERIES 0.3
/* A box with fewer shows no plate: a lamp, a badge, a pole */
#define LEAST_CHARACTERS 2

struct _AnprPlateReader {
  const AnprLineEngine *engine;
  gpointer instance;
  gchar **countries;
  gdouble min_confidence;
};

static const AnprLineEngine *
find_engine (AnprReaderEngine engine, GError **error)
{
#ifdef HAVE_TESSERACT
  if (engine == ANPR_READER_AUTO || engine == ANPR_READER_TESSERACT)
    return &anpr_tesseract_engine;
#endif
  g_set_error (error, ANPR_ERROR, ANPR_ERROR_READER_ENGINE,
      "This build has no such plate reading engine");
  return NULL;
}

/**
 * anpr_plate_reader_check_data:
 * @options: the options a reader is going to be made with
 * @error: set to READER_ENGINE if this build lacks the engine, to READER_DATA
 *     if its data cannot be found, with the folders searched
 *
 * A few looks into folders; may be called on any thread.
 *
 * Returns: whether anpr_plate_reader_new() can be expected to succeed
 */
gboolean
anpr_plate_reader_check_data (const AnprReaderOptions *options, GError **error)
{
  const AnprLineEngine *engine;

  g_return_val_if_fail (options != NULL, FALSE);
  engine = find_engine (options->engine, error);
  return engine && engine->check_data (options->model, error);
}

/**
 * anpr_plate_reader_new:
 * @options: what to read with
 * @error: set to READER_ENGINE or READER_DATA
 *
 * Loads the engine's data, which takes about a tenth of a second: call it on
 * the thread that will read.
 *
 * Returns: (transfer full) (nullable): a reader, for one thread
 */
AnprPlateReader *
anpr_plate_reader_new (const AnprReaderOptions *options, GError **error)
{
  const AnprLineEngine *engine;
  AnprPlateReader *reader;
  gpointer instance;

  g_return_val_if_fail (options != NULL, NULL);
  engine = find_engine (options->engine, error);
  if (!engine)
    return NULL;
  instance = engine->open (options->model, error);
  if (!instance)
    return NULL;
  reader = g_new0 (AnprPlateReader, 1);
  reader->engine = engine;
  reader->instance = instance;
  reader->countries = g_strdupv ((gchar **) options->countries);
  reader->min_confidence = options->min_confidence;
  return reader;
}

/**
 * anpr_plate_reader_free:
 * @reader: (nullable): a reader
 */
void
anpr_plate_reader_free (AnprPlateReader *reader)
{
  if (!reader)
    return;
  reader->engine->close (reader->instance);
  g_strfreev (reader->countries);
  g_free (reader);
}

/**
 * anpr_plate_reader_set_min_confidence:
 * @reader: a reader
 * @min_confidence: 0..1; a text below it makes the read "not read"
 *
 * Holds from the next read on.
 */
void
anpr_plate_reader_set_min_confidence (
    AnprPlateReader *reader, gdouble min_confidence)
{
  g_return_if_fail (reader != NULL);
  reader->min_confidence = min_confidence;
}

/* The second line's characters behind the first's */
static void
join_line (AnprLineText *all, const AnprLineText *line)
{
  guint n = MIN (line->n_characters, ANPR_PLATE_TEXT_MAX - all->n_characters);

  if (all->raw->len > 0 && line->raw->len > 0)
    g_string_append_c (all->raw, ' ');
  g_string_append (all->raw, line->raw->str);
  memcpy (all->characters + all->n_characters, line->characters,
      n * sizeof (AnprCharacter));
  all->n_characters += n;
}

/* How far the evidence speaks for the text. The engine's own figures do not
 * tell right from wrong (measured: they fall where it is right), so these are
 * shares of right texts among 1233 plates, taken as independent: the count of
 * characters against signs, a series that fits, the size of the signs. */
static gdouble
trust_line (const AnprPlateLine *line, const AnprLineText *text)
{
  gdouble trust = 1;

  if (text->n_characters != line->n_signs)
    trust *= 0.25;
  if (line->sign_height < 8)
    trust *= 0.3;
  else if (line->sign_height < 12)
    trust *= 0.75;
  return trust;
}

static gdouble
trust_text (const gchar *key)
{
  if (g_utf8_strlen (key, -1) < 4)
    return 0.2;
  return anpr_countries_fit (key, NULL) >= COMMON_SERIES ? 0.85 : 0.43;
}

/* Sets the text to another than what was seen; raw stays */
static void
set_text (AnprRead *read, AnprLineText *text, const gchar *key)
{
  guint i = 0;

  for (const gchar *p = key; *p && i < text->n_characters;
       p = g_utf8_next_char (p), i++) {
    AnprCharacter *character = &text->characters[i];
    AnprSign seen = character->best;
    gint length = g_utf8_next_char (p) - p;

    if (strlen (seen.sign) == (gsize) length
        && memcmp (seen.sign, p, length) == 0)
      continue;
    memcpy (character->best.sign, p, length);
    character->best.sign[length] = '\0';
    character->alternatives[0] = seen;
    character->n_alternatives = 1;
  }
  g_free (read->text);
  read->text = g_strdup (key);
}

/* A text that no series fits but a personalised one may be a look-alike of a
 * common plate. That text comes second: of the plates measured, as many would
 * be harmed as helped by putting it first. Where the countries to expect are
 * known and it is common in one of them it comes first. */
static void
add_candidates (AnprPlateReader *reader, AnprRead *read, AnprLineText *text)
{
  const gchar *const *countries = (const gchar *const *) reader->countries;
  g_autofree gchar *seen = g_strdup (read->text);
  g_autofree gchar *fitting = anpr_look_alike_fitting (seen, countries);

  if (fitting
      && anpr_countries_fit (fitting, countries)
             > anpr_countries_fit (fitting, NULL))
    set_text (read, text, fitting);
  else
    anpr_read_add_candidate (read, seen, read->confidence);
  if (fitting)
    anpr_read_add_candidate (read, fitting, read->confidence / 2);
  anpr_read_add_candidate (read, seen, read->confidence / 2);
  for (guint i = 0; i < text->n_characters; i++)
    if (text->characters[i].n_alternatives > 0) {
      g_autofree gchar *other = anpr_look_alike_replace (
          read->text, i, text->characters[i].alternatives[0].sign);

      anpr_read_add_candidate (read, other, read->confidence / 4);
    }
}

static AnprRead *
make_read (AnprPlateReader *reader, AnprLineText *text)
{
  AnprRead *read = anpr_read_new (
      ANPR_READ_TEXT, text->raw->str, text->confidence, reader->engine->name);
  AnprCountry countries[ANPR_MAX_COUNTRIES];
  guint n;

  if (read->state != ANPR_READ_TEXT)
    return read;
  read->confidence *= trust_text (read->text);
  if (read->confidence < reader->min_confidence) {
    read->state = ANPR_READ_NOT_READ;
    g_clear_pointer (&read->text, g_free);
    return read;
  }
  add_candidates (reader, read, text);
  for (guint i = 0; i < text->n_characters; i++)
    anpr_read_add_character (read, &text->characters[i]);
  n = anpr_countries_rank (read->text, (const gchar *const *) reader->countries,
      countries, G_N_ELEMENTS (countries));
  anpr_read_set_countries (read, countries, n);
  return read;
}

static void
read_lines (
    AnprPlateReader *reader, const AnprPlateCrop *crop, AnprLineText *all)
{
  for (guint i = 0; i < crop->n_lines; i++) {
    AnprLineText line = { 0 };

    if (!crop->lines[i].picture)
      continue;
    line.raw = g_string_new (NULL);
    reader->engine->read_line (reader->instance, &crop->lines[i], &line);
    join_line (all, &line);
    all->confidence *= trust_line (&crop->lines[i], &line);
    g_string_free (line.raw, TRUE);
  }
}

/**
 * anpr_plate_reader_read:
 * @reader: a reader
 * @luma: plane 0 of the whole frame
 * @stride: bytes from one row to the next, at least @width
 * @width: pixels
 * @height: pixels
 * @box: the plate, pixels; any size, may reach outside the frame
 * @quad: (nullable): its corners
 *
 * Returns: (transfer full): the read, never %NULL; of state "no plate" if the
 *     box shows nothing like one, "not read" if the text is missing or too
 *     uncertain
 */
AnprRead *
anpr_plate_reader_read (AnprPlateReader *reader, const guint8 *luma,
    gsize stride, guint width, guint height, const AnprBox *box,
    const AnprQuad *quad)
{
  AnprLumaPlane frame = { luma, stride, width, height };
  gint64 start = g_get_monotonic_time ();
  g_autoptr (AnprPlateCrop) crop = NULL;
  AnprLineText all = { .confidence = 1 };
  AnprRead *read;

  crop = anpr_plate_crop_new (&frame, box, quad);
  all.raw = g_string_new (NULL);
  if (crop)
    read_lines (reader, crop, &all);
  if (all.n_characters < LEAST_CHARACTERS)
    read = anpr_read_new (ANPR_READ_NO_PLATE, NULL, 0, reader->engine->name);
  else
    read = make_read (reader, &all);
  read->lines = crop ? crop->n_lines : 0;
  read->duration = g_get_monotonic_time () - start;
  g_string_free (all.raw, TRUE);
  return read;
}
