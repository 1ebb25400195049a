/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Plate text and its keys, domain.md 5.1.
 *
 * key     NFKC, upper case, Cyrillic folded by shape, only A-Z 0-9 and the
 *         three umlauts. The key is what lists and reads are compared by:
 *         spacing, hyphens, dots, case and alphabet never tell two plates
 *         apart, letter O and digit 0 do.
 * folded  the key with every sign replaced by one of its look-alike class
 *         (domain.md 5.5). For look-alike matching only.
 */

#include "platetext.h"

#include <string.h>

#define CAPITAL_A_UMLAUT 0x00C4
#define CAPITAL_O_UMLAUT 0x00D6
#define CAPITAL_U_UMLAUT 0x00DC

/* Cyrillic and Greek capitals that plates write with the Latin shape beside
 * them. By shape, never by sound: Cyrillic ER is P, ES is C, EN is H. */
static const struct {
  gunichar from;
  gchar to;
} same_shape[] = {
  { 0x0410, 'A' },
  { 0x0412, 'B' },
  { 0x0415, 'E' },
  { 0x041A, 'K' },
  { 0x041C, 'M' },
  { 0x041D, 'H' },
  { 0x041E, 'O' },
  { 0x0420, 'P' },
  { 0x0421, 'C' },
  { 0x0422, 'T' },
  { 0x0423, 'Y' },
  { 0x0425, 'X' },
  { 0x0406, 'I' },
  { 0x0391, 'A' },
  { 0x0392, 'B' },
  { 0x0395, 'E' },
  { 0x0396, 'Z' },
  { 0x0397, 'H' },
  { 0x0399, 'I' },
  { 0x039A, 'K' },
  { 0x039C, 'M' },
  { 0x039D, 'N' },
  { 0x039F, 'O' },
  { 0x03A1, 'P' },
  { 0x03A4, 'T' },
  { 0x03A5, 'Y' },
  { 0x03A7, 'X' },
};

static gunichar
fold_shape (gunichar c)
{
  for (gsize i = 0; i < G_N_ELEMENTS (same_shape); i++)
    if (same_shape[i].from == c)
      return same_shape[i].to;
  return c;
}

static gboolean
is_plate_sign (gunichar c)
{
  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
         || c == CAPITAL_A_UMLAUT || c == CAPITAL_O_UMLAUT
         || c == CAPITAL_U_UMLAUT;
}

/**
 * anpr_plate_key:
 * @raw: (nullable): a plate as written or read, UTF-8; what is not valid UTF-8
 *     is left out
 *
 * Returns: (transfer full): the key, empty if @raw holds no plate sign
 */
gchar *
anpr_plate_key (const gchar *raw)
{
  g_autofree gchar *valid = g_utf8_make_valid (raw ? raw : "", -1);
  g_autofree gchar *composed = g_utf8_normalize (valid, -1, G_NORMALIZE_NFKC);
  g_autofree gchar *upper = g_utf8_strup (composed, -1);
  /* upper-casing can decompose, so compose again before looking at signs */
  g_autofree gchar *text = g_utf8_normalize (upper, -1, G_NORMALIZE_NFKC);
  GString *key = g_string_sized_new (ANPR_PLATE_TEXT_MAX);
  guint n = 0;

  for (const gchar *p = text; *p && n < ANPR_PLATE_TEXT_MAX;
       p = g_utf8_next_char (p)) {
    gunichar c = fold_shape (g_utf8_get_char (p));

    if (!is_plate_sign (c))
      continue;
    g_string_append_unichar (key, c);
    n++;
  }
  return g_string_free (key, FALSE);
}

static gunichar
look_alike (gunichar c)
{
  /* each class written as its first sign followed by the others */
  static const gchar *const classes[] = { "0OQD", "1IL", "8B3", "5S", "2Z7TY",
    "6GC", "4A", "UV", "MNWH", "EF", "KX", "PR" };

  if (c == CAPITAL_A_UMLAUT)
    c = 'A';
  else if (c == CAPITAL_O_UMLAUT)
    c = 'O';
  else if (c == CAPITAL_U_UMLAUT)
    c = 'U';
  for (gsize i = 0; i < G_N_ELEMENTS (classes); i++)
    if (strchr (classes[i], (int) c))
      return classes[i][0];
  return c;
}

/**
 * anpr_plate_folded_key:
 * @key: a plate key
 *
 * Returns: (transfer full): the look-alike key: two texts with the same one
 *     differ only in signs that a reader may take for each other
 */
gchar *
anpr_plate_folded_key (const gchar *key)
{
  GString *folded = g_string_sized_new (ANPR_PLATE_TEXT_MAX);

  for (const gchar *p = key; *p; p = g_utf8_next_char (p))
    g_string_append_unichar (folded, look_alike (g_utf8_get_char (p)));
  return g_string_free (folded, FALSE);
}
