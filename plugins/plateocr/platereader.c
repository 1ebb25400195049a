/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A plate is read in four steps: its picture is cut out (platecrop.h), an engine
 * tells which texts it sees (readengine.h), these are ranked with what is known
 * of number plates (textrank.h), and what the best is worth is worked out
 * (confidence.h). Where the number of lines cannot be told from the shape, both
 * ways are looked at and the one that shows a text more clearly is kept. Where
 * no text is clear the plate is looked at again, along its line of signs if that
 * is tilted, without the margin around it, with less of its ends, and by its upright box instead of its corners, and the
 * probabilities of all looks are averaged: what is wrong in one is seldom wrong
 * the same way in another.
 *
 * With two engines the second is asked where the first is unsure. What they say
 * moves both confidences, up if it is the same, down if not; the higher one's
 * text is the read's, the other's stands in the read as second opinion.
 *
 * A reader belongs to one thread. It keeps nothing of a plate, so the same
 * picture gives the same read whatever came before. */

#include "platereader.h"
#include "platetilt.h"
#include "textrank.h"
#include "../record/country.h"

#include <math.h>
#include <string.h>

/* Another -DANPR_CROP_WAY measures what the detector's corners are worth, and
 * -DLOOK_AGAIN_BELOW=0 what more looks are */
#ifndef ANPR_CROP_WAY
#define ANPR_CROP_WAY ANPR_CROP_BY_CORNERS
#endif
/* Where the likeliest text is less likely, there are more looks */
#ifndef LOOK_AGAIN_BELOW
#define LOOK_AGAIN_BELOW 0.9
#endif

/* Signs that go up or down less, in rows a column, are level */
#define LEAST_TILT 0.03
/* Fewer signs than this are no plate's text */
#define LEAST_CHARACTERS 2
/* From this probability of no text on, there is no plate */
#define NO_PLATE 0.5
/* Below this confidence a second engine is asked */
#define ASK_BELOW 0.9
/* Names of both engines that say the same */
#define BOTH_ENGINES "ctc+tesseract"

struct _AnprPlateReader {
  AnprReaderData *data;
  gpointer instances[ANPR_MAX_ENGINES];
  gchar **countries;
  gdouble min_confidence;
};

/* The picture that is looked at */
typedef struct {
  AnprPlatePicture picture;
  guint n_lines;
  gdouble sign_height;
  gboolean is_last; /* what the first engine looked at last */
} View;

/* What one engine says, and how sure one can be */
typedef struct {
  guint part;
  AnprReading reading;
  guint n_ranked;
  AnprRankedText ranked[ANPR_MAX_RANKED];
  gdouble confidence;
} Opinion;

/**
 * anpr_plate_reader_check_data:
 * @options: the options a reader is going to be made with
 * @error: as anpr_reader_data_load()
 *
 * Loads and drops the models; not on a streaming thread.
 *
 * Returns: whether anpr_plate_reader_new() can be expected to succeed
 */
gboolean
anpr_plate_reader_check_data (const AnprReaderOptions *options, GError **error)
{
  g_autoptr (AnprReaderData) data = NULL;

  g_return_val_if_fail (options != NULL, FALSE);
  data = anpr_reader_data_load (options->engine, options->model, error);
  return data != NULL;
}

/**
 * anpr_plate_reader_new:
 * @data: engines and models
 * @options: what else to read with
 * @error: set to READER_DATA
 *
 * Takes some milliseconds, with Tesseract a tenth of a second.
 *
 * Returns: (transfer full) (nullable): a reader, for one thread
 */
AnprPlateReader *
anpr_plate_reader_new (
    AnprReaderData *data, const AnprReaderOptions *options, GError **error)
{
  g_autoptr (AnprPlateReader) reader = NULL;

  g_return_val_if_fail (data != NULL && options != NULL, NULL);
  reader = g_new0 (AnprPlateReader, 1);
  reader->data = anpr_reader_data_ref (data);
  reader->countries = g_strdupv ((gchar **) options->countries);
  reader->min_confidence = options->min_confidence;
  for (guint i = 0; i < data->n_parts; i++) {
    reader->instances[i] =
        data->parts[i].engine->open (data->parts[i].model, error);
    if (!reader->instances[i])
      return NULL;
  }
  return g_steal_pointer (&reader);
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
  for (guint i = 0; i < reader->data->n_parts; i++)
    if (reader->instances[i])
      reader->data->parts[i].engine->close (reader->instances[i]);
  anpr_reader_data_unref (reader->data);
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

static const AnprReaderPart *
part_of (const AnprPlateReader *reader, const Opinion *opinion)
{
  return &reader->data->parts[opinion->part];
}

static void
look (AnprPlateReader *reader, guint part, const AnprPlatePicture *picture,
    AnprReading *reading)
{
  reader->data->parts[part].engine->read (
      reader->instances[part], picture, reading);
}

static gdouble
clearness (const AnprReading *reading)
{
  return reading->n_guesses > 0 ? reading->guesses[0].probability : 0;
}

/* Cuts the plate out as the lines that show a text most clearly to the first
 * engine */
static void
find_view (AnprPlateReader *reader, const AnprLumaPlane *frame,
    const AnprPlateArea *area, View *view, AnprReading *reading)
{
  guint n_lines[ANPR_MAX_PLATE_LINES];
  guint n = anpr_plate_area_get_layouts (area, n_lines);
  AnprPlatePicture other;
  AnprReading other_reading;

  view->n_lines = n_lines[0];
  view->is_last = TRUE;
  anpr_plate_picture_cut (
      &view->picture, frame, area, n_lines[0], ANPR_CUT_WITH_MARGIN);
  look (reader, 0, &view->picture, reading);
  if (n > 1) {
    anpr_plate_picture_cut (
        &other, frame, area, n_lines[1], ANPR_CUT_WITH_MARGIN);
    look (reader, 0, &other, &other_reading);
    view->is_last = clearness (&other_reading) > clearness (reading);
    if (view->is_last) {
      view->picture = other;
      view->n_lines = n_lines[1];
      *reading = other_reading;
    }
  }
  view->sign_height = anpr_plate_area_get_sign_height (area, view->n_lines);
}

/* Best first; a stable insertion sort */
static void
sort_guesses (AnprGuess *guesses, guint n)
{
  for (guint i = 1; i < n; i++)
    for (guint k = i;
         k > 0 && guesses[k].probability > guesses[k - 1].probability; k--) {
      AnprGuess swap = guesses[k];

      guesses[k] = guesses[k - 1];
      guesses[k - 1] = swap;
    }
}

/* Takes one more look into the mean of n; a text has 0 where it is not seen */
static void
average (AnprReading *mean, guint n_looks, const AnprReading *look)
{
  AnprGuess guesses[2 * ANPR_MAX_CANDIDATES];
  gdouble old = n_looks / (n_looks + 1.0), share = 1 - old;
  guint n = mean->n_guesses;

  memcpy (guesses, mean->guesses, n * sizeof (AnprGuess));
  for (guint i = 0; i < n; i++)
    guesses[i].probability *= old;
  for (guint i = 0; i < look->n_guesses; i++) {
    guint k = 0;

    while (k < mean->n_guesses
           && strcmp (guesses[k].text, look->guesses[i].text) != 0)
      k++;
    if (k == mean->n_guesses) {
      k = n++;
      guesses[k] = look->guesses[i];
      guesses[k].probability = 0;
    }
    guesses[k].probability += look->guesses[i].probability * share;
  }
  mean->empty = mean->empty * old + look->empty * share;
  sort_guesses (guesses, n);
  mean->n_guesses = MIN (n, ANPR_MAX_CANDIDATES);
  memcpy (mean->guesses, guesses, mean->n_guesses * sizeof (AnprGuess));
}

static gboolean
is_upright (const AnprQuad *quad, const AnprBox *box)
{
  AnprQuad upright;

  anpr_quad_from_box (&upright, box);
  return memcmp (quad, &upright, sizeof (upright)) == 0;
}

static void
look_once_more (AnprPlateReader *reader, const AnprLumaPlane *frame,
    const AnprPlateArea *area, AnprCut cut, View *view, guint n_looks,
    AnprReading *reading)
{
  AnprPlatePicture picture;
  AnprReading other;

  anpr_plate_picture_cut (&picture, frame, area, view->n_lines, cut);
  look (reader, 0, &picture, &other);
  view->is_last = FALSE;
  average (reading, n_looks, &other);
}

/* Takes the view's area along its line of signs where that is tilted, and one
 * more look at it so; FALSE where it is level */
static gboolean
look_along (AnprPlateReader *reader, const AnprLumaPlane *frame,
    AnprPlateArea *area, View *view, AnprReading *reading)
{
  gdouble tilt;

  if (view->n_lines != 1)
    return FALSE;
  tilt = anpr_plate_picture_find_tilt (&view->picture);
  if (fabs (tilt) < LEAST_TILT || !anpr_plate_area_tilt (area, tilt))
    return FALSE;
  look_once_more (reader, frame, area, ANPR_CUT_WITH_MARGIN, view, 1, reading);
  anpr_plate_picture_cut (&view->picture, frame, area, 1, ANPR_CUT_WITH_MARGIN);
  view->sign_height = anpr_plate_area_get_sign_height (area, 1);
  return TRUE;
}

/* More looks at what the first one saw no clear text in; area is as the first
 * saw it */
static void
look_again (AnprPlateReader *reader, const AnprLumaPlane *frame,
    const AnprPlateArea *area, const AnprBox *box, const AnprQuad *quad,
    View *view, AnprReading *reading)
{
  AnprPlateArea along = *area, upright;
  guint n_looks = 1;

  if (clearness (reading) >= LOOK_AGAIN_BELOW)
    return;
  if (look_along (reader, frame, &along, view, reading))
    n_looks++;
  look_once_more (
      reader, frame, &along, ANPR_CUT_CLOSE, view, n_looks++, reading);
  look_once_more (
      reader, frame, &along, ANPR_CUT_NARROW, view, n_looks++, reading);
  if (quad && !is_upright (quad, box)
      && anpr_plate_area_find (&upright, frame, box, NULL, ANPR_CROP_BY_BOX))
    look_once_more (
        reader, frame, &upright, ANPR_CUT_WITH_MARGIN, view, n_looks, reading);
}

/* Ranks an opinion's texts and works out what the best is worth */
static void
form (AnprPlateReader *reader, const View *view, Opinion *opinion)
{
  const gchar *const *countries = (const gchar *const *) reader->countries;
  const AnprReading *reading = &opinion->reading;
  AnprEvidence evidence = { .next_probability = reading->empty };
  const AnprRankedText *best = &opinion->ranked[0];

  opinion->n_ranked = anpr_texts_rank (reading, countries, opinion->ranked);
  opinion->confidence = 0;
  if (opinion->n_ranked == 0)
    return;
  for (guint i = 0; i < reading->n_guesses; i++)
    if (strcmp (reading->guesses[i].text, best->text) != 0)
      evidence.next_probability =
          MAX (evidence.next_probability, reading->guesses[i].probability);
  evidence.probability = best->probability;
  evidence.sign_height = view->sign_height;
  evidence.fit = anpr_countries_fit (best->text, NULL);
  evidence.n_lines = view->n_lines;
  opinion->confidence = anpr_calibration_get_confidence (
      &part_of (reader, opinion)->calibration, &evidence);
}

/* The best text, NULL if there is none that could be a plate's */
static const gchar *
text_of (const Opinion *opinion)
{
  if (opinion->n_ranked == 0
      || g_utf8_strlen (opinion->ranked[0].text, -1) < LEAST_CHARACTERS)
    return NULL;
  return opinion->ranked[0].text;
}

/* --- candidates ---------------------------------------------------------- */

#define MAX_POOL (ANPR_MAX_ENGINES * ANPR_MAX_RANKED)

typedef struct {
  guint n;
  AnprCandidate all[MAX_POOL];
} Candidates;

/* An opinion's first text has its confidence, the others share the rest by their
 * probabilities, none more than the one before it */
static void
collect_candidates (Candidates *candidates, Opinion *opinion)
{
  gdouble rest = MAX (1 - opinion->ranked[0].probability, 1e-6);
  gdouble most = opinion->confidence;

  for (guint i = 0; i < opinion->n_ranked; i++) {
    AnprRankedText *text = &opinion->ranked[i];
    gdouble share = (1 - opinion->confidence) * text->probability / rest;

    most = i == 0 ? most : MIN (most, share);
    candidates->all[candidates->n++] = (AnprCandidate){ text->text, most };
  }
}

/* A stable order: an insertion sort */
static void
sort_candidates (Candidates *candidates)
{
  AnprCandidate *all = candidates->all;

  for (guint i = 1; i < candidates->n; i++)
    for (guint k = i; k > 0 && all[k].confidence > all[k - 1].confidence; k--) {
      AnprCandidate swap = all[k];

      all[k] = all[k - 1];
      all[k - 1] = swap;
    }
}

static void
add_candidates (AnprRead *read, Opinion *best, Opinion *second)
{
  Candidates candidates = { 0 };

  anpr_read_add_candidate (read, read->text, read->confidence);
  collect_candidates (&candidates, best);
  if (second && second->n_ranked > 0)
    collect_candidates (&candidates, second);
  sort_candidates (&candidates);
  for (guint i = 0; i < candidates.n; i++)
    anpr_read_add_candidate (read, candidates.all[i].text,
        MIN (candidates.all[i].confidence, read->confidence));
}

/* --- the read ------------------------------------------------------------ */

/* How the best text stands in the picture. One that the engine cannot find there
 * is told without its signs. */
static void
spell (AnprPlateReader *reader, const View *view, const Opinion *opinion,
    AnprSpelling *spelling)
{
  const AnprReadEngine *engine = part_of (reader, opinion)->engine;
  gpointer instance = reader->instances[opinion->part];
  const gchar *text = opinion->ranked[0].text;
  AnprReading again;

  if (opinion->part == 0 && !view->is_last)
    look (reader, 0, &view->picture, &again);
  if (engine->spell (instance, text, spelling))
    return;
  spelling->n_characters = 0;
  g_strlcpy (spelling->raw, text, sizeof (spelling->raw));
}

static void
describe (AnprPlateReader *reader, AnprRead *read, const AnprSpelling *spelling)
{
  AnprCountry countries[ANPR_MAX_COUNTRIES];
  guint n;

  for (guint i = 0; i < spelling->n_characters; i++)
    anpr_read_add_character (read, &spelling->characters[i]);
  n = anpr_countries_rank (read->text, (const gchar *const *) reader->countries,
      countries, G_N_ELEMENTS (countries));
  anpr_read_set_countries (read, countries, n);
}

static AnprRead *
make_text (AnprPlateReader *reader, const View *view, Opinion *best,
    Opinion *second, const gchar *engine)
{
  AnprSpelling spelling;
  AnprRead *read;

  if (!text_of (best) || best->confidence < reader->min_confidence)
    return anpr_read_new (ANPR_READ_NOT_READ, NULL, best->confidence, engine);
  spell (reader, view, best, &spelling);
  read = anpr_read_new (ANPR_READ_TEXT, spelling.raw, best->confidence, engine);
  add_candidates (read, best, second);
  describe (reader, read, &spelling);
  return read;
}

static AnprRead *
read_alone (AnprPlateReader *reader, const View *view, Opinion *opinion)
{
  const gchar *engine = part_of (reader, opinion)->engine->name;

  if (opinion->reading.empty >= NO_PLATE)
    return anpr_read_new (ANPR_READ_NO_PLATE, NULL, 0, engine);
  return make_text (reader, view, opinion, NULL, engine);
}

static gboolean
agree (const Opinion *first, const Opinion *second)
{
  const gchar *text = text_of (first);

  return text && g_strcmp0 (text, text_of (second)) == 0;
}

static void
move (AnprPlateReader *reader, Opinion *opinion, gboolean same)
{
  const AnprCalibration *calibration = &part_of (reader, opinion)->calibration;

  if (opinion->n_ranked > 0)
    opinion->confidence = anpr_confidence_move (
        opinion->confidence, same ? calibration->agree : calibration->differ);
}

/* No plate is what both say, or one where the other sees no text */
static gboolean
see_no_plate (const Opinion *first, const Opinion *second)
{
  gboolean one = first->reading.empty >= NO_PLATE;
  gboolean other = second->reading.empty >= NO_PLATE;

  return (one && (other || !text_of (second))) || (other && !text_of (first));
}

/* Asks the second engine too. One that sees no plate counts against the other's
 * text like one that says another. */
static AnprRead *
read_together (AnprPlateReader *reader, const View *view, Opinion *first)
{
  Opinion second = { .part = 1 };
  const gchar *names[ANPR_MAX_ENGINES];
  const Opinion *other;
  gdouble own[ANPR_MAX_ENGINES];
  gboolean same;
  AnprRead *read;

  look (reader, 1, &view->picture, &second.reading);
  form (reader, view, &second);
  names[0] = part_of (reader, first)->engine->name;
  names[1] = part_of (reader, &second)->engine->name;
  if (see_no_plate (first, &second))
    return anpr_read_new (ANPR_READ_NO_PLATE, NULL, 0, names[0]);
  own[0] = first->confidence;
  own[1] = second.confidence;
  same = agree (first, &second);
  move (reader, first, same);
  move (reader, &second, same);
  if (same)
    first->confidence = MAX (first->confidence, second.confidence);
  if (same || first->confidence >= second.confidence) {
    read = make_text (
        reader, view, first, &second, same ? BOTH_ENGINES : names[0]);
    other = &second;
  } else {
    read = make_text (reader, view, &second, first, names[1]);
    other = first;
  }
  anpr_read_set_second (
      read, names[other->part], text_of (other), own[other->part]);
  return read;
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
  Opinion first = { .part = 0 };
  View view = { .n_lines = 0 };
  AnprPlateArea area;
  AnprRead *read;

  if (!anpr_plate_area_find (&area, &frame, box, quad, ANPR_CROP_WAY)) {
    first.reading.empty = 1;
    read = read_alone (reader, &view, &first);
  } else {
    find_view (reader, &frame, &area, &view, &first.reading);
    look_again (reader, &frame, &area, box, quad, &view, &first.reading);
    form (reader, &view, &first);
    if (reader->data->n_parts > 1 && first.confidence < ASK_BELOW)
      read = read_together (reader, &view, &first);
    else
      read = read_alone (reader, &view, &first);
  }
  read->lines = view.n_lines;
  read->duration = g_get_monotonic_time () - start;
  return read;
}
