/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Signs that readers take for each other, domain.md 5.5, and how likely that is
 * in one read.
 *
 * A list's look-alike entries are found by a folded key, in which every sign is
 * replaced by the first of its class. Classes overlap (7 is like Z and like T)
 * and are one for folding; whether two signs really are alike is asked
 * afterwards.
 *
 * That they are alike in shape is not enough: 310,000 passages a day have a
 * thousand plates that are one shape away from a listed one and are read
 * perfectly well. So each difference is weighed by what the reader itself
 * thought of it. Where it names the listed sign among what the sign may be, its
 * confidence in that counts; where it does not, a part of what it left open.
 * A reader that is sure of a sign makes it differ for good.
 *
 * Plain functions without memory of their own: any thread.
 */

#include "alike.h"

#include <string.h>

/* Both texts are one plate at least so likely, or it is no hit */
#define LEAST_LIKELY 0.02

/* Part of what the reader left open that goes to a sign it did not name */
#define SHARE_LETTER_DIGIT 0.4
#define SHARE_UMLAUT 0.4
#define SHARE_OTHER 0.15

static const gchar *const classes[] = { "0OQD", "1IL", "8B3", "5S", "2Z7",
  "6GC", "4A", "7TY", "UV", "MNWH", "EF", "KX", "PR" };

/* The classes of umlauts are those of their vowels */
static const gchar vowels[] = { 'A', 'O', 'U' };
#define FIRST_UMLAUT 37

typedef struct {
  guint8 folded[ANPR_SHORT_KEY_N_SIGNS];
  gdouble share[ANPR_SHORT_KEY_N_SIGNS][ANPR_SHORT_KEY_N_SIGNS];
} Table;

static guint8
letter_sign (gchar letter)
{
  const gchar text[] = { letter, '\0' };

  return anpr_short_key_sign (text);
}

static gboolean
is_digit (guint8 sign)
{
  return sign >= 1 && sign <= 10;
}

static void
add_pair (Table *table, guint8 a, guint8 b)
{
  gdouble share =
      is_digit (a) != is_digit (b) ? SHARE_LETTER_DIGIT : SHARE_OTHER;

  table->share[a][b] = MAX (table->share[a][b], share);
}

/* The signs of one class, and of the classes that it overlaps, become one */
static void
join (Table *table, guint8 a, guint8 b)
{
  guint8 from = table->folded[a], to = table->folded[b];

  for (guint sign = 0; sign < ANPR_SHORT_KEY_N_SIGNS; sign++)
    if (table->folded[sign] == from)
      table->folded[sign] = to;
}

static void
add_class (Table *table, const gchar *signs)
{
  for (const gchar *a = signs; *a; a++)
    for (const gchar *b = signs; *b; b++)
      if (a != b) {
        add_pair (table, letter_sign (*a), letter_sign (*b));
        join (table, letter_sign (*a), letter_sign (*b));
      }
}

static Table *
make_table (void)
{
  Table *table = g_new0 (Table, 1);

  for (guint sign = 0; sign < ANPR_SHORT_KEY_N_SIGNS; sign++)
    table->folded[sign] = (guint8) sign;
  for (gsize i = 0; i < G_N_ELEMENTS (classes); i++)
    add_class (table, classes[i]);
  for (guint i = 0; i < G_N_ELEMENTS (vowels); i++) {
    guint8 umlaut = (guint8) (FIRST_UMLAUT + i);
    guint8 vowel = letter_sign (vowels[i]);

    table->share[umlaut][vowel] = SHARE_UMLAUT;
    table->share[vowel][umlaut] = SHARE_UMLAUT;
    join (table, umlaut, vowel);
  }
  return table;
}

static const Table *
get_table (void)
{
  static gsize table;

  if (g_once_init_enter (&table))
    g_once_init_leave (&table, (gsize) make_table ());
  return (const Table *) table;
}

/**
 * anpr_alike_fold: (skip)
 * @sign: a sign
 *
 * Returns: the sign that stands for its class
 */
guint8
anpr_alike_fold (guint8 sign)
{
  return get_table ()->folded[sign];
}

/**
 * anpr_alike_fold_signs: (skip)
 * @signs: each becomes the one that stands for its class
 */
void
anpr_alike_fold_signs (AnprKeySigns *signs)
{
  for (guint i = 0; i < signs->n; i++)
    signs->signs[i] = anpr_alike_fold (signs->signs[i]);
}

/* What the reader leaves open goes in parts to the signs of the same class */
static void
share_rest (AnprAlikeRead *alike, guint i)
{
  const gdouble *share = get_table ()->share[alike->text.signs[i]];
  gdouble rest = MAX (1 - alike->confidence[i], 0);

  for (guint sign = 1; sign < ANPR_SHORT_KEY_N_SIGNS; sign++)
    alike->other[i][sign] = share[sign] * rest;
}

static void
take_alternatives (
    AnprAlikeRead *alike, guint i, const AnprCharacter *character)
{
  for (guint k = 0; k < character->n_alternatives; k++) {
    guint8 sign = anpr_short_key_sign (character->alternatives[k].sign);

    if (sign > 0)
      alike->other[i][sign] = character->alternatives[k].confidence;
  }
}

/**
 * anpr_alike_read_init: (skip)
 * @alike: (out): what the read holds possible
 * @read: a read
 *
 * Where the reader tells nothing of its signs, what it leaves open in the text
 * is shared by all of them alike.
 *
 * Returns: %FALSE if the read has no text that a plate can have
 */
gboolean
anpr_alike_read_init (AnprAlikeRead *alike, const AnprRead *read)
{
  guint n = anpr_read_get_n_characters (read);

  if (!read->text || !anpr_short_key_to_signs (read->text, &alike->text))
    return FALSE;
  for (guint i = 0; i < alike->text.n; i++) {
    const AnprCharacter *character =
        n == alike->text.n ? anpr_read_get_character (read, i) : NULL;

    alike->confidence[i] = character
                               ? character->best.confidence
                               : 1 - (1 - read->confidence) / alike->text.n;
    share_rest (alike, i);
    if (character)
      take_alternatives (alike, i, character);
  }
  return TRUE;
}

static guint
add_fold (guint64 *folds, guint n, guint max, const AnprKeySigns *signs)
{
  guint64 fold = anpr_short_key_pack_signs (signs);

  for (guint i = 0; i < n; i++)
    if (folds[i] == fold)
      return n;
  if (n < max)
    folds[n++] = fold;
  return n;
}

/**
 * anpr_alike_read_folds: (skip)
 * @alike: what a read holds possible
 * @folds: (out): numbers of folded keys
 * @max: room in @folds, at least 1
 *
 * The first is the read's own. The others are for signs that the reader itself
 * names and that are of no class with what it read.
 *
 * Returns: how many
 */
guint
anpr_alike_read_folds (const AnprAlikeRead *alike, guint64 *folds, guint max)
{
  AnprKeySigns folded = alike->text;
  guint n;

  anpr_alike_fold_signs (&folded);
  n = add_fold (folds, 0, max, &folded);
  for (guint i = 0; i < folded.n; i++) {
    guint8 own = folded.signs[i];

    for (guint8 sign = 1; sign < ANPR_SHORT_KEY_N_SIGNS; sign++) {
      if (alike->other[i][sign] < LEAST_LIKELY || anpr_alike_fold (sign) == own)
        continue;
      folded.signs[i] = anpr_alike_fold (sign);
      n = add_fold (folds, n, max, &folded);
    }
    folded.signs[i] = own;
  }
  return n;
}

/**
 * anpr_alike_compare: (skip)
 * @alike: what a read holds possible
 * @listed: the text of an entry
 * @max_signs: most signs that may differ, at most %ANPR_ALIKE_MAX_SIGNS
 * @result: (out): what differs
 *
 * Returns: whether the plate that was read may be the one that is listed;
 *     %FALSE for the very same text
 */
gboolean
anpr_alike_compare (const AnprAlikeRead *alike, const AnprKeySigns *listed,
    guint max_signs, AnprAlike *result)
{
  result->n = 0;
  result->likelihood = 1;
  if (listed->n != alike->text.n)
    return FALSE;
  for (guint i = 0; i < listed->n; i++) {
    AnprAlikeSign *sign = &result->signs[result->n];

    if (listed->signs[i] == alike->text.signs[i])
      continue;
    if (result->n == MIN (max_signs, ANPR_ALIKE_MAX_SIGNS))
      return FALSE;
    *sign = (AnprAlikeSign){ i, alike->text.signs[i], listed->signs[i],
      alike->confidence[i], alike->other[i][listed->signs[i]] };
    result->likelihood *= sign->listed_confidence;
    result->n++;
  }
  return result->n > 0 && result->likelihood >= LEAST_LIKELY;
}
