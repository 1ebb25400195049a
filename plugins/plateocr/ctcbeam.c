/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Texts out of what a network shows at each step from left to right.
 *
 * A path picks a label a step; its text is what is left when repeated labels
 * are made one and blanks taken out (A. Graves et al.: Connectionist Temporal
 * Classification, 2006). A text's probability is the sum over its paths. The
 * separator tells nothing of the text, so that it is a second blank: what
 * repeats a sign across it is two signs.
 *
 * Search  Beginnings of texts are kept while steps pass, the WIDTH likeliest
 *         after each, with the probability of the paths that end in a blank and
 *         of those that end in the last sign (A. Hannun: Sequence Modeling with
 *         CTC, Distill 2017). Those found are then summed over all their paths,
 *         so what a probability says does not depend on what was dropped.
 * Spell   The likeliest path of one text tells at which steps each sign stands.
 *
 * Probabilities are plain numbers: 64 steps of 64 labels all alike are 1e-115,
 * far from the end of doubles, and what is less is nothing. All room is in the
 * object; nothing is allocated on the way. One thread at a time. */

#include "ctcbeam.h"

#include <math.h>
#include <string.h>

#define WIDTH 16
#define MAX_STATES (2 * ANPR_PLATE_TEXT_MAX + 1)
#define N_FIXED ANPR_CTC_FIRST_SIGN
/* Signs less likely than this at a step continue nothing */
#define NEGLIGIBLE 1e-7
/* Alternatives less likely than this are not told */
#define LEAST_ALTERNATIVE 1e-3

/* What a text may begin with: numbers of signs. ends_blank, ends_sign: the
 * probability of its paths so far that end so. parent: the beginning without
 * the last sign, -1 if it is not kept; children: a bit for each sign that
 * continues it to one that is. */
typedef struct {
  guint n;
  guint8 signs[ANPR_PLATE_TEXT_MAX];
  gdouble ends_blank;
  gdouble ends_sign;
  gint parent;
  guint64 children;
} Beginning;

/* A beginning after the next step: an old one, continued by a sign or not */
typedef struct {
  guint from;
  gint sign; /* -1: as it was */
  gdouble ends_blank;
  gdouble ends_sign;
} Step;

struct _AnprCtcBeam {
  guint n_signs;
  gchar names[ANPR_CTC_MAX_SIGNS][ANPR_CTC_SIGN_SIZE];
  guint n_steps;
  /* of the picture read last: of each step the probabilities of its signs, of
   * no sign, and whether that is rather a separator */
  gdouble signs[ANPR_CTC_MAX_STEPS][ANPR_CTC_MAX_SIGNS];
  gdouble blank[ANPR_CTC_MAX_STEPS];
  gboolean separates[ANPR_CTC_MAX_STEPS];

  guint n_kept;
  guint current; /* which of both is kept, the other is room */
  Beginning kept[2][WIDTH];
  guint n_next;
  Step next[WIDTH];
  guint8 came_from[ANPR_CTC_MAX_STEPS][MAX_STATES];
};

/**
 * anpr_ctc_beam_new: (skip)
 * @signs: (array length=n_signs): the signs, in the order of the labels behind
 *     blank and separator, each a plate sign, none twice
 * @n_signs: at most %ANPR_CTC_MAX_SIGNS
 *
 * Returns: (transfer full): room for reading, one thread at a time
 */
AnprCtcBeam *
anpr_ctc_beam_new (const gchar (*signs)[ANPR_CTC_SIGN_SIZE], guint n_signs)
{
  AnprCtcBeam *beam;

  g_return_val_if_fail (n_signs <= ANPR_CTC_MAX_SIGNS, NULL);
  beam = g_new0 (AnprCtcBeam, 1);
  beam->n_signs = n_signs;
  memcpy (beam->names, signs, n_signs * sizeof (*signs));
  return beam;
}

/**
 * anpr_ctc_beam_free: (skip)
 * @beam: (nullable) (transfer full): a beam
 */
void
anpr_ctc_beam_free (AnprCtcBeam *beam)
{
  g_free (beam);
}

/* Softmax of a step's logits; FALSE if they are no numbers */
static gboolean
take_step (AnprCtcBeam *beam, guint step, const gfloat *logits)
{
  guint n_labels = beam->n_signs + N_FIXED;
  gdouble odds[ANPR_CTC_MAX_SIGNS + N_FIXED] = { 0 };
  gfloat most = -INFINITY;
  gdouble sum = 0;

  for (guint i = 0; i < n_labels; i++)
    most = MAX (most, logits[i]);
  for (guint i = 0; i < n_labels; i++) {
    odds[i] = expf (logits[i] - most);
    sum += odds[i];
  }
  if (!isfinite (sum))
    return FALSE;
  beam->blank[step] = (odds[0] + odds[1]) / sum;
  beam->separates[step] = odds[1] > odds[0];
  for (guint i = 0; i < beam->n_signs; i++)
    beam->signs[step][i] = odds[N_FIXED + i] / sum;
  return TRUE;
}

static gboolean
take_logits (AnprCtcBeam *beam, const gfloat *logits, guint n_steps)
{
  beam->n_steps = 0;
  for (guint i = 0; i < n_steps; i++, logits += beam->n_signs + N_FIXED)
    if (!take_step (beam, i, logits))
      return FALSE;
  beam->n_steps = n_steps;
  return TRUE;
}

/* The probability of a text over all its paths. States are the text's signs,
 * a blank before, between and after them. */
static gdouble
sum_paths (const AnprCtcBeam *beam, const guint8 *signs, guint n)
{
  gdouble states[MAX_STATES] = { 1 };
  guint n_states = 2 * n + 1;

  for (guint step = 0; step < beam->n_steps; step++)
    for (gint i = n_states - 1; i >= 0; i--) {
      gdouble sum = states[i] + (i > 0 ? states[i - 1] : 0);

      if (i % 2 == 0) {
        /* before the first step only the first state is entered */
        states[i] = sum * beam->blank[step];
        continue;
      }
      if (i > 1 && signs[i / 2] != signs[i / 2 - 1])
        sum += states[i - 2];
      states[i] = sum * beam->signs[step][signs[i / 2]];
    }
  return states[n_states - 1] + (n > 0 ? states[n_states - 2] : 0);
}

static gboolean
continues (const Beginning *longer, const Beginning *shorter)
{
  return longer->n == shorter->n + 1
         && memcmp (longer->signs, shorter->signs, shorter->n) == 0;
}

/* Which kept beginnings continue each other: their paths meet at the next
 * step and must be summed */
static void
link_kept (AnprCtcBeam *beam)
{
  Beginning *kept = beam->kept[beam->current];

  for (guint i = 0; i < beam->n_kept; i++) {
    kept[i].parent = -1;
    kept[i].children = 0;
  }
  for (guint i = 0; i < beam->n_kept; i++)
    for (guint k = 0; k < beam->n_kept; k++)
      if (continues (&kept[i], &kept[k])) {
        kept[i].parent = k;
        kept[k].children |= G_GUINT64_CONSTANT (1) << kept[i].signs[kept[k].n];
      }
}

/* The probability of paths that a sign can come behind */
static gdouble
before_sign (const Beginning *beginning, guint sign)
{
  if (beginning->n > 0 && beginning->signs[beginning->n - 1] == sign)
    return beginning->ends_blank;
  return beginning->ends_blank + beginning->ends_sign;
}

/* Keeps the likeliest, of equal ones those that came first */
static void
offer (AnprCtcBeam *beam, const Step *step)
{
  gdouble probability = step->ends_blank + step->ends_sign;
  guint i;

  if (!(probability > 0))
    return;
  if (beam->n_next < WIDTH)
    beam->n_next++;
  else if (beam->next[WIDTH - 1].ends_blank + beam->next[WIDTH - 1].ends_sign
           >= probability)
    return;
  for (i = beam->n_next - 1; i > 0; i--) {
    const Step *before = &beam->next[i - 1];

    if (before->ends_blank + before->ends_sign >= probability)
      break;
    beam->next[i] = *before;
  }
  beam->next[i] = *step;
}

/* A beginning that stays as it is, with those paths of its parent that become
 * it */
static void
offer_same (AnprCtcBeam *beam, guint from, guint step)
{
  const Beginning *kept = beam->kept[beam->current];
  const Beginning *it = &kept[from];
  Step same = { from, -1, 0, 0 };

  same.ends_blank = (it->ends_blank + it->ends_sign) * beam->blank[step];
  if (it->n > 0) {
    guint last = it->signs[it->n - 1];
    gdouble paths = it->ends_sign;

    if (it->parent >= 0)
      paths += before_sign (&kept[it->parent], last);
    same.ends_sign = paths * beam->signs[step][last];
  }
  offer (beam, &same);
}

static void
offer_longer (AnprCtcBeam *beam, guint from, guint step)
{
  const Beginning *it = &beam->kept[beam->current][from];

  if (it->n == ANPR_PLATE_TEXT_MAX)
    return;
  for (guint sign = 0; sign < beam->n_signs; sign++) {
    gdouble probability = beam->signs[step][sign];
    Step longer = { from, sign, 0, before_sign (it, sign) * probability };

    if (probability >= NEGLIGIBLE
        && !(it->children & G_GUINT64_CONSTANT (1) << sign))
      offer (beam, &longer);
  }
}

static void
take_next (AnprCtcBeam *beam)
{
  const Beginning *old = beam->kept[beam->current];

  beam->current = 1 - beam->current;
  beam->n_kept = beam->n_next;
  for (guint i = 0; i < beam->n_next; i++) {
    const Step *step = &beam->next[i];
    Beginning *it = &beam->kept[beam->current][i];

    *it = old[step->from];
    it->ends_blank = step->ends_blank;
    it->ends_sign = step->ends_sign;
    if (step->sign >= 0)
      it->signs[it->n++] = step->sign;
  }
}

static void
search (AnprCtcBeam *beam)
{
  beam->n_kept = 1;
  beam->kept[beam->current][0] = (Beginning){ .ends_blank = 1 };
  for (guint step = 0; step < beam->n_steps; step++) {
    beam->n_next = 0;
    link_kept (beam);
    for (guint i = 0; i < beam->n_kept; i++)
      offer_same (beam, i, step);
    for (guint i = 0; i < beam->n_kept; i++)
      offer_longer (beam, i, step);
    take_next (beam);
  }
}

static void
insert_guess (AnprReading *reading, const AnprGuess *guess)
{
  guint i;

  if (reading->n_guesses < ANPR_MAX_CANDIDATES)
    reading->n_guesses++;
  else if (reading->guesses[ANPR_MAX_CANDIDATES - 1].probability
           >= guess->probability)
    return;
  for (i = reading->n_guesses - 1; i > 0; i--) {
    if (reading->guesses[i - 1].probability >= guess->probability)
      break;
    reading->guesses[i] = reading->guesses[i - 1];
  }
  reading->guesses[i] = *guess;
}

/**
 * anpr_ctc_beam_read: (skip)
 * @beam: a beam
 * @logits: (array length=n_steps): of each step one for blank, separator and
 *     each sign, before the softmax
 * @n_steps: at most %ANPR_CTC_MAX_STEPS
 * @reading: (out): what was seen; nothing if a logit is no number
 */
void
anpr_ctc_beam_read (AnprCtcBeam *beam, const gfloat *logits, guint n_steps,
    AnprReading *reading)
{
  g_return_if_fail (n_steps <= ANPR_CTC_MAX_STEPS);

  reading->n_guesses = 0;
  reading->empty = 0;
  if (!take_logits (beam, logits, n_steps))
    return;
  search (beam);
  reading->empty = sum_paths (beam, NULL, 0);
  for (guint i = 0; i < beam->n_kept; i++) {
    const Beginning *text = &beam->kept[beam->current][i];
    AnprGuess guess = { .probability = sum_paths (beam, text->signs, text->n) };

    for (guint k = 0; k < text->n; k++)
      g_strlcat (guess.text, beam->names[text->signs[k]], sizeof (guess.text));
    if (text->n > 0)
      insert_guess (reading, &guess);
  }
}

/* The text as numbers of signs; FALSE if it has one that is not known */
static gboolean
find_signs (const AnprCtcBeam *beam, const gchar *text, guint8 *signs, guint *n)
{
  for (*n = 0; *text; (*n)++) {
    const gchar *next = g_utf8_next_char (text);
    guint sign = 0;

    while (sign < beam->n_signs
           && (strncmp (beam->names[sign], text, next - text) != 0
               || beam->names[sign][next - text] != '\0'))
      sign++;
    if (sign == beam->n_signs || *n == ANPR_PLATE_TEXT_MAX)
      return FALSE;
    signs[*n] = sign;
    text = next;
  }
  return TRUE;
}

/* The likeliest path of the text: the state of each step. FALSE if the text has
 * none. */
static gboolean
find_path (AnprCtcBeam *beam, const guint8 *signs, guint n, guint8 *path)
{
  gdouble states[MAX_STATES] = { 1 };
  guint n_states = 2 * n + 1;
  guint state;

  for (guint step = 0; step < beam->n_steps; step++)
    for (gint i = n_states - 1; i >= 0; i--) {
      guint from = i;

      if (i > 0 && states[i - 1] > states[from])
        from = i - 1;
      if (i > 1 && i % 2 == 1 && signs[i / 2] != signs[i / 2 - 1]
          && states[i - 2] > states[from])
        from = i - 2;
      states[i] =
          states[from]
          * (i % 2 ? beam->signs[step][signs[i / 2]] : beam->blank[step]);
      beam->came_from[step][i] = from;
    }
  state = n_states - 1;
  if (states[n_states - 2] > states[state])
    state = n_states - 2;
  if (!(states[state] > 0))
    return FALSE;
  for (guint step = beam->n_steps; step-- > 0;) {
    path[step] = state;
    state = beam->came_from[step][state];
  }
  return TRUE;
}

/* What stands at a step, apart from nothing: the sign and what else it may be */
static void
describe_sign (
    const AnprCtcBeam *beam, guint step, guint sign, AnprCharacter *character)
{
  const gdouble *signs = beam->signs[step];
  gdouble sum = 0;

  for (guint i = 0; i < beam->n_signs; i++)
    sum += signs[i];
  memset (character, 0, sizeof (*character));
  memcpy (character->best.sign, beam->names[sign], ANPR_CTC_SIGN_SIZE);
  character->best.confidence = signs[sign] / sum;
  for (guint i = 0; i < beam->n_signs; i++) {
    AnprSign other = { .confidence = signs[i] / sum };

    if (i == sign || other.confidence < LEAST_ALTERNATIVE)
      continue;
    memcpy (other.sign, beam->names[i], ANPR_CTC_SIGN_SIZE);
    anpr_character_add_alternative (character, &other);
  }
}

/* From the step that the sign's part of the path begins with: the one of that
 * part that shows it most */
static guint
find_peak (const AnprCtcBeam *beam, const guint8 *path, guint step, guint sign)
{
  guint peak = step;

  for (guint i = step; i < beam->n_steps && path[i] == path[step]; i++)
    if (beam->signs[i][sign] > beam->signs[peak][sign])
      peak = i;
  return peak;
}

/**
 * anpr_ctc_beam_spell: (skip)
 * @beam: a beam
 * @text: a plate key
 * @spelling: (out): how it stands in what was read last: each sign against all
 *     others at the step that shows it most, at most 32 of them
 *
 * Returns: %FALSE if it cannot stand there
 */
gboolean
anpr_ctc_beam_spell (
    AnprCtcBeam *beam, const gchar *text, AnprSpelling *spelling)
{
  guint8 signs[ANPR_PLATE_TEXT_MAX];
  guint8 path[ANPR_CTC_MAX_STEPS];
  gboolean gap = FALSE;
  guint n;

  if (!find_signs (beam, text, signs, &n) || n == 0
      || !find_path (beam, signs, n, path))
    return FALSE;
  spelling->n_characters = 0;
  spelling->raw[0] = '\0';
  for (guint step = 0; step < beam->n_steps; step++) {
    guint sign;

    if (path[step] % 2 == 0) {
      gap = gap || beam->separates[step];
      continue;
    }
    if (step > 0 && path[step] == path[step - 1])
      continue;
    sign = signs[path[step] / 2];
    if (gap && spelling->n_characters > 0)
      g_strlcat (spelling->raw, " ", sizeof (spelling->raw));
    gap = FALSE;
    g_strlcat (spelling->raw, beam->names[sign], sizeof (spelling->raw));
    describe_sign (beam, find_peak (beam, path, step, sign), sign,
        &spelling->characters[spelling->n_characters++]);
  }
  return TRUE;
}
