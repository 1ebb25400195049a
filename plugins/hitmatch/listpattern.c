/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Patterns of plates: `?` is one sign, `*` any number of them.
 *
 * A pattern is compared sign by sign; at a `*` the place is noted, and where
 * the rest does not fit it is tried one sign further. Only the last `*` is ever
 * gone back to, so twelve signs and eighteen of a pattern are at most some two
 * hundred steps, whatever the pattern.
 */

#include "listpattern.h"

#include <string.h>

/**
 * anpr_list_pattern_is_one: (skip)
 * @plate: a plate as a list writes it
 *
 * Returns: whether it has a `?` or `*`
 */
gboolean
anpr_list_pattern_is_one (const gchar *plate)
{
  return strpbrk (plate, "?*") != NULL;
}

static gboolean
add_sign (AnprListPattern *pattern, guint8 sign)
{
  if (sign == ANPR_LIST_PATTERN_ANY && pattern->n > 0
      && pattern->signs[pattern->n - 1] == sign)
    return TRUE;
  if (pattern->n == ANPR_LIST_PATTERN_SIGNS)
    return FALSE;
  pattern->signs[pattern->n++] = sign;
  return TRUE;
}

/* What stands between two wildcards, written as people write plates */
static gboolean
add_text (AnprListPattern *pattern, const gchar *text, gsize length)
{
  g_autofree gchar *part = g_strndup (text, length);
  gchar key[ANPR_SHORT_KEY_SIZE];
  AnprKeySigns signs;
  guint n = anpr_short_key (part, key);

  if (n > ANPR_SHORT_KEY_SIGNS)
    return FALSE;
  if (n == 0)
    return TRUE;
  if (!anpr_short_key_to_signs (key, &signs))
    return FALSE;
  for (guint i = 0; i < signs.n; i++)
    if (!add_sign (pattern, signs.signs[i]))
      return FALSE;
  return TRUE;
}

static guint
count_signs (const AnprListPattern *pattern, gboolean with_one)
{
  guint n = 0;

  for (guint i = 0; i < pattern->n; i++)
    n += pattern->signs[i] < ANPR_SHORT_KEY_N_SIGNS
         || (with_one && pattern->signs[i] == ANPR_LIST_PATTERN_ONE);
  return n;
}

/**
 * anpr_list_pattern_parse: (skip)
 * @pattern: (out): the pattern, of no entry yet
 * @plate: a plate as a list writes it, with `?` and `*`
 *
 * Returns: whether it is a pattern: of a text that a plate can have, with at
 *     least %ANPR_LIST_PATTERN_LEAST_SIGNS letters and digits
 */
gboolean
anpr_list_pattern_parse (AnprListPattern *pattern, const gchar *plate)
{
  memset (pattern, 0, sizeof *pattern);
  for (const gchar *p = plate; *p;) {
    gsize length = strcspn (p, "?*");

    if (!add_text (pattern, p, length))
      return FALSE;
    p += length;
    if (*p
        && !add_sign (pattern,
            *p++ == '?' ? ANPR_LIST_PATTERN_ONE : ANPR_LIST_PATTERN_ANY))
      return FALSE;
  }
  return count_signs (pattern, FALSE) >= ANPR_LIST_PATTERN_LEAST_SIGNS
         && count_signs (pattern, TRUE) <= ANPR_SHORT_KEY_SIGNS;
}

/**
 * anpr_list_pattern_without_umlauts: (skip)
 * @pattern: a pattern
 * @writing: as the bare vowel, or as two letters
 * @other: (out): @pattern with its umlauts written so, marked indirect
 *
 * Returns: %FALSE if @pattern has no umlaut or becomes too long
 */
gboolean
anpr_list_pattern_without_umlauts (
    const AnprListPattern *pattern, AnprUmlaut writing, AnprListPattern *other)
{
  guint8 letter_e = anpr_short_key_sign ("E");
  gboolean changed = FALSE;

  memset (other, 0, sizeof *other);
  other->entry = pattern->entry;
  other->indirect = TRUE;
  for (guint i = 0; i < pattern->n; i++) {
    guint8 sign = pattern->signs[i];
    guint8 vowel = sign < ANPR_SHORT_KEY_N_SIGNS
                       ? anpr_short_key_sign_without_umlaut (sign)
                       : sign;

    if (!add_sign (other, vowel))
      return FALSE;
    if (vowel == sign)
      continue;
    changed = TRUE;
    if (writing == ANPR_UMLAUT_TWO_LETTERS && !add_sign (other, letter_e))
      return FALSE;
  }
  return changed && count_signs (other, TRUE) <= ANPR_SHORT_KEY_SIGNS;
}

/**
 * anpr_list_pattern_matches: (skip)
 * @pattern: a pattern, of a file perhaps: whatever is in it, nothing outside it
 *     is looked at
 * @signs: text of a read
 */
gboolean
anpr_list_pattern_matches (
    const AnprListPattern *pattern, const AnprKeySigns *signs)
{
  guint n = MIN (pattern->n, ANPR_LIST_PATTERN_SIGNS);
  guint at = 0, i = 0, star = G_MAXUINT, resume = 0;

  while (i < signs->n) {
    if (at < n && pattern->signs[at] == ANPR_LIST_PATTERN_ANY) {
      star = at++;
      resume = i;
    } else if (at < n
               && (pattern->signs[at] == ANPR_LIST_PATTERN_ONE
                   || pattern->signs[at] == signs->signs[i])) {
      at++;
      i++;
    } else if (star != G_MAXUINT) {
      at = star + 1;
      i = ++resume;
    } else {
      return FALSE;
    }
  }
  while (at < n && pattern->signs[at] == ANPR_LIST_PATTERN_ANY)
    at++;
  return at == n;
}
