/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Short keys: plate keys of at most 12 signs, as a number.
 *
 * A key is made of 39 signs (A-Z, 0-9, three umlauts), and 40^12 < 2^64: every
 * key that a plate can have fits a 64-bit number without loss. A list keeps the
 * numbers sorted and needs neither the keys' text nor a hash that a hostile
 * list could make collide.
 */

#include "shortkey.h"
#include "../record/platetext.h"

#include <string.h>

#define N_SIGNS 40
#define CAPITAL_A_UMLAUT "\303\204"
#define CAPITAL_O_UMLAUT "\303\226"
#define CAPITAL_U_UMLAUT "\303\234"

static const struct {
  const gchar *umlaut;
  gchar vowel;
  guint value;
} umlauts[] = {
  { CAPITAL_A_UMLAUT, 'A', 37 },
  { CAPITAL_O_UMLAUT, 'O', 38 },
  { CAPITAL_U_UMLAUT, 'U', 39 },
};

static gint
find_umlaut (const gchar *p)
{
  for (gsize i = 0; i < G_N_ELEMENTS (umlauts); i++)
    if (p[0] == umlauts[i].umlaut[0] && p[1] == umlauts[i].umlaut[1])
      return (gint) i;
  return -1;
}

/* Normalisation leaves ASCII as it is, so the usual plate needs none of it:
 * this is what makes a list of a million lines load in a second. */
static gboolean
short_key_of_ascii (
    const gchar *plate, gchar key[ANPR_SHORT_KEY_SIZE], guint *n_signs)
{
  guint n = 0;

  for (const gchar *p = plate; *p; p++) {
    if ((guchar) *p >= 0x80)
      return FALSE;
    if (!g_ascii_isalnum (*p))
      continue;
    if (n < ANPR_SHORT_KEY_SIGNS)
      key[n] = g_ascii_toupper (*p);
    n++;
  }
  key[MIN (n, ANPR_SHORT_KEY_SIGNS)] = '\0';
  *n_signs = n;
  return TRUE;
}

/**
 * anpr_short_key: (skip)
 * @plate: a plate as written, UTF-8
 * @key: (out): its key (anpr_plate_key()), cut after 12 signs
 *
 * Returns: the signs of the whole key; a plate of more than
 *     %ANPR_SHORT_KEY_SIGNS has no short key
 */
guint
anpr_short_key (const gchar *plate, gchar key[ANPR_SHORT_KEY_SIZE])
{
  g_autofree gchar *whole = NULL;
  const gchar *end;
  guint n_signs;

  if (short_key_of_ascii (plate, key, &n_signs))
    return n_signs;
  whole = anpr_plate_key (plate);
  n_signs = (guint) g_utf8_strlen (whole, -1);
  end = g_utf8_offset_to_pointer (whole, MIN (n_signs, ANPR_SHORT_KEY_SIGNS));
  memcpy (key, whole, end - whole);
  key[end - whole] = '\0';
  return n_signs;
}

/**
 * anpr_short_key_pack: (skip)
 * @key: any text
 *
 * Returns: the number of @key, 0 if @key is not a plate key of 1 to 12 signs
 */
guint64
anpr_short_key_pack (const gchar *key)
{
  guint64 packed = 0;
  guint n = 0;

  for (const gchar *p = key; *p; p++, n++) {
    guint value;
    gint umlaut = find_umlaut (p);

    if (*p >= '0' && *p <= '9')
      value = 1 + (*p - '0');
    else if (*p >= 'A' && *p <= 'Z')
      value = 11 + (*p - 'A');
    else if (umlaut >= 0)
      value = umlauts[umlaut].value;
    else
      return 0;
    p += umlaut >= 0;
    packed = packed * N_SIGNS + value;
  }
  return n <= ANPR_SHORT_KEY_SIGNS ? packed : 0;
}

/**
 * anpr_short_key_without_umlauts: (skip)
 * @key: a short key
 * @writing: as the bare vowel, or as two letters
 * @other: (out): @key with its umlauts written so
 *
 * Returns: %FALSE if @key has no umlaut or becomes too long
 */
gboolean
anpr_short_key_without_umlauts (
    const gchar *key, AnprUmlaut writing, gchar other[ANPR_SHORT_KEY_SIZE])
{
  gboolean changed = FALSE;
  guint n = 0;

  for (const gchar *p = key; *p; p++) {
    gint umlaut = find_umlaut (p);

    if (n + 2 > ANPR_SHORT_KEY_SIZE - 1)
      return FALSE;
    if (umlaut < 0) {
      other[n++] = *p;
      continue;
    }
    other[n++] = umlauts[umlaut].vowel;
    if (writing == ANPR_UMLAUT_TWO_LETTERS)
      other[n++] = 'E';
    changed = TRUE;
    p++;
  }
  other[n] = '\0';
  return changed && n <= ANPR_SHORT_KEY_SIGNS;
}
