/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A read is built by one thread and then shared: the add and set functions
 * assert that nobody else holds it yet. */

#include "read.h"
#include "platetext.h"

#include <string.h>

G_DEFINE_BOXED_TYPE (AnprRead, anpr_read, anpr_read_ref, anpr_read_unref)

static void
candidate_clear (AnprCandidate *candidate)
{
  g_clear_pointer (&candidate->text, g_free);
}

static void
read_clear (AnprRead *read)
{
  g_free (read->text);
  g_free (read->raw);
  g_free (read->second_text);
  g_array_unref (read->characters);
  g_array_unref (read->candidates);
  g_array_unref (read->countries);
}

/**
 * anpr_character_add_alternative: (skip)
 * @character: a character
 * @sign: what else it may be
 *
 * Alternatives stay likeliest first; the least likely makes room beyond
 * %ANPR_MAX_ALTERNATIVES.
 */
void
anpr_character_add_alternative (AnprCharacter *character, const AnprSign *sign)
{
  AnprSign *all = character->alternatives;
  guint i;

  if (character->n_alternatives < ANPR_MAX_ALTERNATIVES)
    character->n_alternatives++;
  else if (all[ANPR_MAX_ALTERNATIVES - 1].confidence >= sign->confidence)
    return;
  for (i = character->n_alternatives - 1; i > 0; i--) {
    if (all[i - 1].confidence >= sign->confidence)
      break;
    all[i] = all[i - 1];
  }
  all[i] = *sign;
}

/**
 * anpr_read_new:
 * @state: whether there is a text
 * @raw: (nullable): the text as seen, UTF-8, separators included
 * @confidence: 0..1
 * @engine: static name of the reader
 *
 * The plate key is made from @raw. A text without a letter or digit makes the
 * read one of state "not read".
 *
 * Returns: (transfer full): a new read
 */
AnprRead *
anpr_read_new (AnprReadState state, const gchar *raw, gdouble confidence,
    const gchar *engine)
{
  AnprRead *read = g_atomic_rc_box_new0 (AnprRead);

  read->state = state;
  read->raw = g_strdup (raw);
  read->confidence = CLAMP (confidence, 0.0, 1.0);
  read->engine = engine;
  if (state == ANPR_READ_TEXT)
    read->text = anpr_plate_key (raw);
  if (state == ANPR_READ_TEXT && read->text[0] == '\0') {
    read->state = ANPR_READ_NOT_READ;
    g_clear_pointer (&read->text, g_free);
  }
  read->characters = g_array_new (FALSE, FALSE, sizeof (AnprCharacter));
  read->candidates = g_array_new (FALSE, FALSE, sizeof (AnprCandidate));
  g_array_set_clear_func (read->candidates, (GDestroyNotify) candidate_clear);
  read->countries = g_array_new (FALSE, FALSE, sizeof (AnprCountry));
  return read;
}

/**
 * anpr_read_ref:
 * @read: a read
 *
 * Returns: (transfer full): @read
 */
AnprRead *
anpr_read_ref (AnprRead *read)
{
  return g_atomic_rc_box_acquire (read);
}

/**
 * anpr_read_unref:
 * @read: (transfer full): a read
 */
void
anpr_read_unref (AnprRead *read)
{
  g_atomic_rc_box_release_full (read, (GDestroyNotify) read_clear);
}

/**
 * anpr_read_add_character:
 * @read: a read nobody else holds yet
 * @character: the next character of the text, copied
 */
void
anpr_read_add_character (AnprRead *read, const AnprCharacter *character)
{
  g_array_append_val (read->characters, *character);
}

/**
 * anpr_read_add_candidate:
 * @read: a read nobody else holds yet
 * @text: a whole-text reading, normalised here
 * @confidence: 0..1
 *
 * Candidates come in order of falling confidence. A text already there and
 * candidates beyond %ANPR_MAX_CANDIDATES are left out.
 */
void
anpr_read_add_candidate (AnprRead *read, const gchar *text, gdouble confidence)
{
  g_autofree gchar *key = anpr_plate_key (text);
  AnprCandidate candidate;

  if (key[0] == '\0' || read->candidates->len >= ANPR_MAX_CANDIDATES)
    return;
  for (guint i = 0; i < read->candidates->len; i++)
    if (strcmp (g_array_index (read->candidates, AnprCandidate, i).text, key)
        == 0)
      return;
  candidate.text = g_steal_pointer (&key);
  candidate.confidence = CLAMP (confidence, 0.0, 1.0);
  g_array_append_val (read->candidates, candidate);
}

/**
 * anpr_read_set_countries:
 * @read: a read nobody else holds yet
 * @countries: (array length=n): ranked, most likely first; copied
 * @n: how many; at most %ANPR_MAX_COUNTRIES are kept
 */
void
anpr_read_set_countries (AnprRead *read, const AnprCountry *countries, guint n)
{
  g_array_set_size (read->countries, 0);
  g_array_append_vals (read->countries, countries, MIN (n, ANPR_MAX_COUNTRIES));
}

/**
 * anpr_read_set_second:
 * @read: a read nobody else holds yet
 * @engine: static name of another reader that was asked
 * @text: (nullable): the plate key that one says, %NULL if none
 * @confidence: 0..1, that one's own
 */
void
anpr_read_set_second (
    AnprRead *read, const gchar *engine, const gchar *text, gdouble confidence)
{
  g_autofree gchar *copy = g_strdup (text);

  g_free (read->second_text);
  read->second_engine = engine;
  read->second_text = g_steal_pointer (&copy);
  read->second_confidence = CLAMP (confidence, 0.0, 1.0);
}

guint
anpr_read_get_n_characters (const AnprRead *read)
{
  return read->characters->len;
}

/**
 * anpr_read_get_character: (skip)
 */
const AnprCharacter *
anpr_read_get_character (const AnprRead *read, guint i)
{
  g_return_val_if_fail (i < read->characters->len, NULL);
  return &g_array_index (read->characters, AnprCharacter, i);
}

guint
anpr_read_get_n_candidates (const AnprRead *read)
{
  return read->candidates->len;
}

/**
 * anpr_read_get_candidate:
 * @read: a read
 * @i: which, 0 is the best
 *
 * Returns: (transfer none): the candidate, owned by @read
 */
const AnprCandidate *
anpr_read_get_candidate (const AnprRead *read, guint i)
{
  g_return_val_if_fail (i < read->candidates->len, NULL);
  return &g_array_index (read->candidates, AnprCandidate, i);
}

guint
anpr_read_get_n_countries (const AnprRead *read)
{
  return read->countries->len;
}

/**
 * anpr_read_get_country: (skip)
 */
const AnprCountry *
anpr_read_get_country (const AnprRead *read, guint i)
{
  g_return_val_if_fail (i < read->countries->len, NULL);
  return &g_array_index (read->countries, AnprCountry, i);
}

/**
 * anpr_read_state_to_string:
 * @state: a state
 *
 * Returns: the state's name in records: "read", "not read" or "no plate"
 */
const gchar *
anpr_read_state_to_string (AnprReadState state)
{
  static const gchar *const names[] = {
    [ANPR_READ_TEXT] = "read",
    [ANPR_READ_NOT_READ] = "not read",
    [ANPR_READ_NO_PLATE] = "no plate",
  };

  return names[state];
}
