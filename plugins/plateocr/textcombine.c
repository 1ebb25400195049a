/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Whole texts out of signs that are each known with alternatives, likeliest
 * first: a text's probability is the product of its signs'.
 *
 * A text is a number a sign: which of its choices is taken, 0 the likeliest.
 * Of all texts not told yet the likeliest is always among those that differ from
 * one told by the next choice of a single sign. To meet each once, only signs
 * from the last changed one on are changed. */

#include "textcombine.h"

#include <string.h>

#define MAX_CHOICES (1 + ANPR_MAX_ALTERNATIVES)
/* Each text told leaves one more a sign at most */
#define MAX_WAITING (ANPR_MAX_CANDIDATES * ANPR_PLATE_TEXT_MAX)

typedef struct {
  guint8 chosen[ANPR_PLATE_TEXT_MAX];
  guint last_changed;
  gdouble probability;
} Choice;

typedef struct {
  guint n;
  guint n_choices[ANPR_PLATE_TEXT_MAX];
  const AnprSign *choices[ANPR_PLATE_TEXT_MAX][MAX_CHOICES];
  gdouble shares[ANPR_PLATE_TEXT_MAX][MAX_CHOICES];
  guint n_waiting;
  Choice waiting[MAX_WAITING];
} Search;

/* The choices of a sign, the likeliest first whatever the engine put first, as
 * shares of their sum */
static void
add_sign (Search *search, const AnprCharacter *character)
{
  const AnprSign **choices = search->choices[search->n];
  gdouble *shares = search->shares[search->n];
  gdouble sum = character->best.confidence;
  guint n = 1;

  choices[0] = &character->best;
  for (guint i = 0; i < character->n_alternatives; i++) {
    const AnprSign *sign = &character->alternatives[i];
    guint at = n++;

    for (; at > 0 && choices[at - 1]->confidence < sign->confidence; at--)
      choices[at] = choices[at - 1];
    choices[at] = sign;
    sum += sign->confidence;
  }
  for (guint i = 0; i < n; i++)
    shares[i] = sum > 0 ? choices[i]->confidence / sum : i == 0;
  search->n_choices[search->n++] = n;
}

static void
add_waiting (Search *search, const Choice *choice)
{
  if (choice->probability > 0 && search->n_waiting < MAX_WAITING)
    search->waiting[search->n_waiting++] = *choice;
}

/* The likeliest that waits, of equal ones the first */
static Choice
take_best (Search *search)
{
  guint best = 0;
  Choice choice;

  for (guint i = 1; i < search->n_waiting; i++)
    if (search->waiting[i].probability > search->waiting[best].probability)
      best = i;
  choice = search->waiting[best];
  search->n_waiting--;
  memmove (&search->waiting[best], &search->waiting[best + 1],
      (search->n_waiting - best) * sizeof (Choice));
  return choice;
}

static void
add_changed (Search *search, const Choice *told)
{
  for (guint i = told->last_changed; i < search->n; i++) {
    const gdouble *shares = search->shares[i];
    guint chosen = told->chosen[i];
    Choice changed = *told;

    if (chosen + 1 >= search->n_choices[i])
      continue;
    changed.chosen[i]++;
    changed.last_changed = i;
    changed.probability *= shares[chosen + 1] / shares[chosen];
    add_waiting (search, &changed);
  }
}

static void
tell (const Search *search, const Choice *choice, AnprReading *reading)
{
  AnprGuess *guess = &reading->guesses[reading->n_guesses++];

  guess->text[0] = '\0';
  guess->probability = choice->probability;
  for (guint i = 0; i < search->n; i++)
    g_strlcat (guess->text, search->choices[i][choice->chosen[i]]->sign,
        sizeof (guess->text));
}

/**
 * anpr_texts_combine: (skip)
 * @characters: (array length=n_characters): plate signs with alternatives, no
 *     sign twice at a place; their confidences count as shares of their sum
 * @n_characters: at most %ANPR_PLATE_TEXT_MAX; 0 gives the empty text
 * @reading: (out): the likeliest texts
 */
void
anpr_texts_combine (
    const AnprCharacter *characters, guint n_characters, AnprReading *reading)
{
  g_autofree Search *search = g_new0 (Search, 1);
  Choice first = { .probability = 1 };

  reading->n_guesses = 0;
  reading->empty = n_characters == 0;
  if (n_characters == 0)
    return;
  for (guint i = 0; i < n_characters; i++) {
    add_sign (search, &characters[i]);
    first.probability *= search->shares[i][0];
  }
  add_waiting (search, &first);
  while (search->n_waiting > 0 && reading->n_guesses < ANPR_MAX_CANDIDATES) {
    Choice told = take_best (search);

    tell (search, &told, reading);
    add_changed (search, &told);
  }
}
