/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The order of the texts that an engine sees.
 *
 * A text counts by the logarithm of its probability, and by a bonus for how well
 * it fits a series of number plates: the bonus is bounded, so it chooses among
 * what the engine cannot tell apart, O and 0 in front, and never rejects. Where
 * the pixels are clear nothing is chosen at all: personalised plates come out as
 * read. Last, a text that fits a series where what was seen fits none takes
 * part as a text that is hardly likely. */

#include "textrank.h"
#include "lookalike.h"
#include "../record/country.h"

#include <math.h>
#include <string.h>

/* What fitting the standard plates of a country adds to ln p */
#define SYNTAX_BONUS 2.0
/* From this probability on a text is clear */
#define CLEAR 0.98
/* Of the likeliest's probability, what a look-alike that the engine did not see
 * is given: with the bonus less than that text has without */
#define LOOK_ALIKE_SHARE 0.01
#define LEAST_PROBABILITY 1e-12

static gdouble
score (const gchar *text, gdouble probability, const gchar *const *countries)
{
  return log (MAX (probability, LEAST_PROBABILITY))
         + SYNTAX_BONUS * MIN (anpr_countries_fit (text, countries), 1);
}

static gboolean
is_known (const AnprRankedText *ranked, guint n, const gchar *text)
{
  for (guint i = 0; i < n; i++)
    if (strcmp (ranked[i].text, text) == 0)
      return TRUE;
  return FALSE;
}

/* Those of the same score stay in the order they came in */
static void
insert (AnprRankedText *ranked, guint n, const AnprRankedText *text)
{
  guint i;

  for (i = n; i > 0 && ranked[i - 1].score < text->score; i--)
    ranked[i] = ranked[i - 1];
  ranked[i] = *text;
}

static guint
add_look_alike (AnprRankedText *ranked, guint n, const gchar *const *countries)
{
  g_autofree gchar *fitting =
      anpr_look_alike_fitting (ranked[0].text, countries);
  AnprRankedText text;

  if (!fitting || is_known (ranked, n, fitting))
    return n;
  g_strlcpy (text.text, fitting, sizeof (text.text));
  text.probability = ranked[0].probability * LOOK_ALIKE_SHARE;
  text.score = score (fitting, text.probability, countries);
  /* a clear text was given no bonus */
  text.score = MIN (text.score, ranked[0].score - 1);
  insert (ranked, n, &text);
  return n + 1;
}

/**
 * anpr_texts_rank: (skip)
 * @reading: what an engine sees
 * @countries: (nullable) (array zero-terminated=1): countries to expect, as
 *     anpr_countries_rank()
 * @ranked: (out): its texts, the best first
 *
 * Returns: how many of @ranked were filled, 0 if there is no text
 */
guint
anpr_texts_rank (const AnprReading *reading, const gchar *const *countries,
    AnprRankedText ranked[ANPR_MAX_RANKED])
{
  gboolean clear =
      reading->n_guesses > 0 && reading->guesses[0].probability >= CLEAR;

  for (guint i = 0; i < reading->n_guesses; i++) {
    const AnprGuess *guess = &reading->guesses[i];
    AnprRankedText text = { .probability = guess->probability };

    g_strlcpy (text.text, guess->text, sizeof (text.text));
    text.score = clear ? log (MAX (guess->probability, LEAST_PROBABILITY))
                       : score (guess->text, guess->probability, countries);
    insert (ranked, i, &text);
  }
  if (reading->n_guesses == 0)
    return 0;
  return add_look_alike (ranked, reading->n_guesses, countries);
}
