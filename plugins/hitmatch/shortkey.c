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

#define N_SIGNS ANPR_SHORT_KEY_N_SIGNS
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

/* The sign that stands at p, 0 if none does */
static guint8
sign_at (const gchar *p)
{
  gint umlaut;

  if (*p >= '0' && *p <= '9')
    return (guint8) (1 + (*p - '0'));
  if (*p >= 'A' && *p <= 'Z')
    return (guint8) (11 + (*p - 'A'));
  umlaut = find_umlaut (p);
  return umlaut >= 0 ? (guint8) umlauts[umlaut].value : 0;
}

/**
 * anpr_short_key_to_signs: (skip)
 * @key: any text
 * @signs: (out): its signs
 *
 * Returns: whether @key is a plate key of 1 to 12 signs
 */
gboolean
anpr_short_key_to_signs (const gchar *key, AnprKeySigns *signs)
{
  signs->n = 0;
  for (const gchar *p = key; *p; p++) {
    guint8 sign = sign_at (p);

    if (sign == 0 || signs->n == ANPR_SHORT_KEY_SIGNS)
      return FALSE;
    signs->signs[signs->n++] = sign;
    p += (guchar) *p >= 0x80;
  }
  return signs->n > 0;
}

/**
 * anpr_short_key_pack_signs: (skip)
 * @signs: a short key sign by sign
 *
 * Returns: its number
 */
guint64
anpr_short_key_pack_signs (const AnprKeySigns *signs)
{
  guint64 packed = 0;

  for (guint i = 0; i < signs->n; i++)
    packed = packed * N_SIGNS + signs->signs[i];
  return packed;
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
  AnprKeySigns signs;

  return anpr_short_key_to_signs (key, &signs)
             ? anpr_short_key_pack_signs (&signs)
             : 0;
}

/**
 * anpr_short_key_unpack: (skip)
 * @packed: any number
 * @signs: (out): the signs of the key that has it, or some signs if none has
 */
void
anpr_short_key_unpack (guint64 packed, AnprKeySigns *signs)
{
  guint8 backwards[ANPR_SHORT_KEY_SIGNS];
  guint n = 0;

  for (; packed > 0 && n < ANPR_SHORT_KEY_SIGNS; packed /= N_SIGNS)
    backwards[n++] = (guint8) (packed % N_SIGNS);
  signs->n = n;
  for (guint i = 0; i < n; i++)
    signs->signs[i] = backwards[n - 1 - i];
}

/**
 * anpr_short_key_sign_text: (skip)
 * @sign: a sign
 *
 * Returns: (transfer none): it as text, "" for none
 */
const gchar *
anpr_short_key_sign_text (guint8 sign)
{
  static const gchar texts[N_SIGNS][3] = { "", "0", "1", "2", "3", "4", "5",
    "6", "7", "8", "9", "A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K",
    "L", "M", "N", "O", "P", "Q", "R", "S", "T", "U", "V", "W", "X", "Y", "Z",
    CAPITAL_A_UMLAUT, CAPITAL_O_UMLAUT, CAPITAL_U_UMLAUT };

  return sign < N_SIGNS ? texts[sign] : "";
}

/**
 * anpr_short_key_sign: (skip)
 * @text: any text
 *
 * Returns: the sign that @text is, 0 if it is none
 */
guint8
anpr_short_key_sign (const gchar *text)
{
  guint8 sign = sign_at (text);

  return strcmp (anpr_short_key_sign_text (sign), text) == 0 ? sign : 0;
}

/**
 * anpr_short_key_sign_without_umlaut: (skip)
 * @sign: a sign
 *
 * Returns: the vowel of an umlaut, @sign itself if it is none
 */
guint8
anpr_short_key_sign_without_umlaut (guint8 sign)
{
  for (gsize i = 0; i < G_N_ELEMENTS (umlauts); i++)
    if (umlauts[i].value == sign)
      return sign_at (&umlauts[i].vowel);
  return sign;
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
