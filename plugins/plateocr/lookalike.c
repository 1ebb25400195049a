/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Letters and digits that readers take for each other, told apart by the slot
 * they stand in: GB AB12CDE read as ABI2CDE fits no common series until its I
 * is a 1.
 *
 * The list tries every text that differs in one or two signs, each taken from
 * the classes of domain.md 5.5 or from what the reader says that it may be.
 * With the bound on the length that is some thousand texts at worst, and none
 * for a text that fits a common series as it is. */

#include "lookalike.h"
#include "../record/country.h"
#include "../record/platetext.h"

#include <string.h>

/* Letter to digit and back; where one sign has several, the likeliest */
static const struct {
  gchar seen;
  gchar instead;
} pairs[] = {
  { 'O', '0' },
  { '0', 'O' },
  { 'I', '1' },
  { '1', 'I' },
  { 'S', '5' },
  { '5', 'S' },
  { 'B', '8' },
  { '8', 'B' },
  { 'Z', '2' },
  { '2', 'Z' },
  { 'G', '6' },
  { '6', 'G' },
  { 'Q', '0' },
  { 'D', '0' },
};

/* Series heavier than this are of real plates, lighter ones fit anything */
#define PERSONALISED_WEIGHT 0.06
#define COMMON_WEIGHT 0.5

/* How likely another sign of a class is the right one, where the reader does
 * not say; letter and digit first, for there the slot decides */
#define ALIKE_LETTER_DIGIT 0.5
#define ALIKE_OTHER 0.1
#define ALIKE_O_I 1.0
/* A plate has at most 12 signs; longer texts fit no series */
#define MAX_SIGNS 12
#define MAX_CHANGES 40
/* Changes less likely than this turn words into plates */
#define LEAST_LIKELY 0.04
/* What only a common series of a country to expect weighs */
#define EXPECTED_WEIGHT 1.5

/* Each class of domain.md 5.5; a sign may be in several */
static const gchar *const classes[] = { "0OQD", "1IL", "8B3", "5S", "2Z7",
  "6GC", "4A", "7TY", "UV", "MNWH", "EF", "KX", "PR" };

typedef struct {
  guint at;
  gchar sign[8];
  gdouble likely;
} Change;

typedef struct {
  const gchar *key;
  const gchar *const *preferred;
  Change changes[MAX_CHANGES];
  guint n_changes;
  AnprLookAlike *found;
  guint n_found;
  guint room;
  gdouble least_weight;
} Search;

/**
 * anpr_look_alike_replace:
 * @key: a plate key
 * @i: which sign, in characters
 * @sign: what to put there
 *
 * Returns: (transfer full): @key with its sign @i replaced, @key itself if it
 *     is shorter
 */
gchar *
anpr_look_alike_replace (const gchar *key, guint i, const gchar *sign)
{
  const gchar *at;

  if ((glong) i >= g_utf8_strlen (key, -1))
    return g_strdup (key);
  at = g_utf8_offset_to_pointer (key, i);
  return g_strdup_printf (
      "%.*s%s%s", (gint) (at - key), key, sign, g_utf8_next_char (at));
}

/**
 * anpr_look_alike_fitting:
 * @key: a plate key, at most %ANPR_PLATE_TEXT_MAX signs
 * @preferred: (nullable): as anpr_countries_rank()
 *
 * A text that fits a series of its own is taken as it is.
 *
 * Returns: (transfer full) (nullable): the one that fits a common series best
 *     of the texts that differ from @key in one sign between letter and digit;
 *     %NULL if @key fits a series or none of them does
 */
gchar *
anpr_look_alike_fitting (const gchar *key, const gchar *const *preferred)
{
  gchar *best = NULL;
  gdouble best_fit = 0;
  guint n = (guint) g_utf8_strlen (key, -1);

  if (anpr_countries_fit (key, NULL) > PERSONALISED_WEIGHT
      || n > ANPR_PLATE_TEXT_MAX)
    return NULL;
  for (guint i = 0; i < n; i++)
    for (gsize pair = 0; pair < G_N_ELEMENTS (pairs); pair++) {
      const gchar sign[2] = { pairs[pair].instead, '\0' };
      g_autofree gchar *text = NULL;
      gdouble fit;

      if (*g_utf8_offset_to_pointer (key, i) != pairs[pair].seen)
        continue;
      text = anpr_look_alike_replace (key, i, sign);
      if (anpr_countries_fit (text, NULL) < COMMON_WEIGHT)
        continue;
      fit = anpr_countries_fit (text, preferred);
      if (fit > best_fit) {
        best_fit = fit;
        g_free (best);
        best = g_steal_pointer (&text);
      }
    }
  return best;
}

static void
add_change (Search *search, guint at, const gchar *sign, gdouble likely)
{
  Change *change = &search->changes[search->n_changes];

  for (guint i = 0; i < search->n_changes; i++)
    if (search->changes[i].at == at
        && strcmp (search->changes[i].sign, sign) == 0)
      return;
  if (search->n_changes == MAX_CHANGES)
    return;
  change->at = at;
  g_strlcpy (change->sign, sign, sizeof change->sign);
  change->likely = likely;
  search->n_changes++;
}

static gdouble
class_likely (gchar seen, gchar instead)
{
  if (g_ascii_isdigit (seen) == g_ascii_isdigit (instead))
    return ALIKE_OTHER;
  for (gsize i = 0; i < 4; i++)
    if (pairs[i].seen == seen && pairs[i].instead == instead)
      return ALIKE_O_I;
  return ALIKE_LETTER_DIGIT;
}

/* Those of the classes; first the ones between letter and digit, then the
 * others, so that the bound leaves out the unlikely ones */
static void
add_class_changes (Search *search, guint at, gchar seen, gboolean digits)
{
  for (gsize i = 0; i < G_N_ELEMENTS (classes); i++) {
    if (!strchr (classes[i], seen))
      continue;
    for (const gchar *p = classes[i]; *p; p++) {
      const gchar sign[] = { *p, '\0' };

      if (*p != seen
          && (!g_ascii_isdigit (seen) != !g_ascii_isdigit (*p)) == digits)
        add_change (search, at, sign, class_likely (seen, *p));
    }
  }
}

static void
add_reader_changes (Search *search, const AnprCharacter *characters, guint n)
{
  for (guint i = 0; i < n; i++) {
    const AnprCharacter *character = &characters[i];

    for (guint j = 0; j < character->n_alternatives; j++) {
      const AnprSign *sign = &character->alternatives[j];
      g_autofree gchar *key = anpr_plate_key (sign->sign);

      if (strcmp (key, sign->sign) != 0 || g_utf8_strlen (key, -1) != 1
          || strcmp (key, character->best.sign) == 0)
        continue;
      add_change (search, i, key,
          CLAMP (sign->confidence / MAX (character->best.confidence, 0.01),
              0.01, 1));
    }
  }
}

static void
add_changes (Search *search, gboolean digits)
{
  const gchar *p = search->key;

  for (guint i = 0; *p; p = g_utf8_next_char (p), i++)
    if ((guchar) *p < 0x80)
      add_class_changes (search, i, *p, digits);
}

/* Puts it where its score belongs; the last falls out if there is no room */
static void
insert_found (Search *search, const AnprLookAlike *one)
{
  guint at = search->n_found;

  while (at > 0 && search->found[at - 1].score < one->score)
    at--;
  if (at == search->room)
    return;
  if (search->n_found < search->room)
    search->n_found++;
  memmove (search->found + at + 1, search->found + at,
      (search->n_found - at - 1) * sizeof *one);
  search->found[at] = *one;
}

static void
try_text (Search *search, const gchar *text, gdouble likely)
{
  AnprLookAlike one;

  if (likely < LEAST_LIKELY)
    return;
  one.weight = anpr_countries_fit (text, search->preferred);
  if (one.weight < search->least_weight
      || anpr_countries_fit (text, NULL) < COMMON_WEIGHT)
    return;
  one.score = one.weight * likely;
  g_strlcpy (one.text, text, sizeof one.text);
  insert_found (search, &one);
}

static void
try_changes (Search *search)
{
  for (guint i = 0; i < search->n_changes; i++) {
    const Change *first = &search->changes[i];
    g_autofree gchar *text =
        anpr_look_alike_replace (search->key, first->at, first->sign);

    try_text (search, text, first->likely);
    for (guint j = i + 1; j < search->n_changes; j++) {
      const Change *second = &search->changes[j];
      g_autofree gchar *both =
          anpr_look_alike_replace (text, second->at, second->sign);

      /* two changes are half as likely as their product says alone */
      if (second->at != first->at)
        try_text (search, both, first->likely * second->likely / 2);
    }
  }
}

/**
 * anpr_look_alike_list:
 * @key: a plate key
 * @characters: (nullable) (array length=n_characters): what the reader says
 *     that each sign of @key may be
 * @n_characters: as many as @key has signs; otherwise they are not looked at
 * @preferred: (nullable): as anpr_countries_rank(); those countries' texts come
 *     first
 * @found: (out caller-allocates) (array length=n_found): the texts that differ
 *     from @key in one or two signs that look alike and fit a common series,
 *     best first
 * @n_found: how many fit into @found; at most %ANPR_MAX_LOOK_ALIKES are given
 *
 * The slot of a series decides first, likeness second. Umlauts stay. What is
 * found is something to weigh against @key, which a personalised plate may be.
 *
 * Returns: how many were found; 0 if @key fits a common series as it is, of
 *     @preferred if there are any
 */
guint
anpr_look_alike_list (const gchar *key, const AnprCharacter *characters,
    guint n_characters, const gchar *const *preferred, AnprLookAlike *found,
    guint n_found)
{
  Search search = { key, preferred, .found = found };
  glong n;

  g_return_val_if_fail (key != NULL && (found != NULL || n_found == 0), 0);
  n = g_utf8_strlen (key, -1);
  search.room = MIN (n_found, ANPR_MAX_LOOK_ALIKES);
  if (n > MAX_SIGNS || anpr_countries_fit (key, preferred) >= EXPECTED_WEIGHT)
    return 0;
  /* a plate of a country not to expect yields to those of one that is */
  if (anpr_countries_fit (key, NULL) >= COMMON_WEIGHT) {
    if (!preferred)
      return 0;
    search.least_weight = EXPECTED_WEIGHT;
  }
  if (characters && (glong) n_characters == n)
    add_reader_changes (&search, characters, n_characters);
  add_changes (&search, TRUE);
  add_changes (&search, FALSE);
  try_changes (&search);
  return search.n_found;
}
