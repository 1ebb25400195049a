/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The order of the texts that an engine sees.
 *
 * A text counts by the logarithm of its probability, and by a bonus for how well
 * it fits a series of number plates: the bonus is bounded, so it chooses among
 * what the engine cannot tell apart, O and 0 in front, and never rejects. It is
 * small, for the network has learned the layouts too. Where
 * the pixels are clear nothing is chosen at all: personalised plates come out as
 * read. Last, texts that fit a series where what was seen fits none take part as
 * texts that are hardly likely. */

#include "textrank.h"
#include "../record/country.h"

#include <math.h>
#include <string.h>

/* What fitting the standard plates of a country adds to ln p */
#define SYNTAX_BONUS 1.0
/* From this probability on a text is clear */
#define CLEAR 0.98
/* Of the best text's probability, what the first look-alike that the engine did
 * not see is given, the next half as much each: never more than that text */
#define LOOK_ALIKE_SHARE 0.001
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
add_look_alikes (AnprRankedText *ranked, guint n, const gchar *const *countries)
{
  AnprLookAlike alike[ANPR_MAX_LOOK_ALIKES];
  guint n_alike = anpr_look_alike_list (
      ranked[0].text, NULL, 0, countries, alike, ANPR_MAX_LOOK_ALIKES);
  gdouble probability = ranked[0].probability * LOOK_ALIKE_SHARE;
  gdouble most = ranked[0].score - 1;

  for (guint i = 0; i < n_alike; i++, probability /= 2) {
    AnprRankedText text = { .probability = probability };

    if (is_known (ranked, n, alike[i].text))
      continue;
    g_strlcpy (text.text, alike[i].text, sizeof (text.text));
    /* a clear text was given no bonus */
    text.score = MIN (score (text.text, probability, countries), most);
    insert (ranked, n++, &text);
  }
  return n;
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
  return add_look_alikes (ranked, reading->n_guesses, countries);
}
