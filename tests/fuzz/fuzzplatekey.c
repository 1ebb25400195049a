/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Plates of any bytes. A key is made of plate signs, is its own key, and its
 * short key and number say the same. Its countries and look-alikes keep their bounds. */

#include "fuzz.h"
#include "plugins/hitmatch/shortkey.h"
#include "plugins/plateocr/lookalike.h"
#include "plugins/record/country.h"
#include "plugins/record/platetext.h"

#include <string.h>

static void
check_short_key (const gchar *key)
{
  gchar short_key[ANPR_SHORT_KEY_SIZE], other[ANPR_SHORT_KEY_SIZE];
  guint n_signs = anpr_short_key (key, short_key);

  g_assert_cmpint (n_signs, ==, g_utf8_strlen (key, -1));
  g_assert (g_str_has_prefix (key, short_key));
  g_assert ((anpr_short_key_pack (short_key) != 0) == (n_signs > 0));
  g_assert ((anpr_short_key_pack (key) != 0)
            == (n_signs > 0 && n_signs <= ANPR_SHORT_KEY_SIGNS));
  for (AnprUmlaut w = ANPR_UMLAUT_BARE; w <= ANPR_UMLAUT_TWO_LETTERS; w++)
    if (anpr_short_key_without_umlauts (short_key, w, other)) {
      g_assert (g_str_is_ascii (other));
      g_assert (anpr_short_key_pack (other) != 0);
      g_assert (anpr_short_key_pack (other) != anpr_short_key_pack (short_key));
    }
}

static void
check_countries (const gchar *key)
{
  AnprCountry countries[64];
  guint n = anpr_countries_rank (key, NULL, countries, 64);
  gdouble sum = 0;

  for (guint i = 0; i < n; i++)
    sum += countries[i].score;
  g_assert (sum < 1);
  g_assert ((n > 0) == (anpr_countries_fit (key, NULL) > 0));
}

static void
check_look_alikes (const gchar *key)
{
  AnprLookAlike found[ANPR_MAX_LOOK_ALIKES];
  guint n =
      anpr_look_alike_list (key, NULL, 0, NULL, found, ANPR_MAX_LOOK_ALIKES);

  for (guint i = 0; i < n; i++) {
    g_assert_cmpint (
        g_utf8_strlen (found[i].text, -1), ==, g_utf8_strlen (key, -1));
    g_assert (anpr_countries_fit (found[i].text, NULL)
              > anpr_countries_fit (key, NULL));
  }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree gchar *plate = g_strndup ((const gchar *) data, size);
  g_autofree gchar *key = anpr_plate_key (plate);
  g_autofree gchar *again = anpr_plate_key (key);
  g_autofree gchar *folded = anpr_plate_folded_key (key);
  g_autofree gchar *folded_again = anpr_plate_folded_key (folded);

  g_assert (g_utf8_validate (key, -1, NULL));
  g_assert_cmpint (g_utf8_strlen (key, -1), <=, ANPR_PLATE_TEXT_MAX);
  g_assert_cmpstr (key, ==, again);
  g_assert_cmpint (g_utf8_strlen (key, -1), ==, g_utf8_strlen (folded, -1));
  g_assert_cmpstr (folded, ==, folded_again);
  check_short_key (key);
  check_countries (key);
  check_countries (plate);
  check_look_alikes (key);
  if (g_utf8_validate (plate, -1, NULL)) {
    gchar direct[ANPR_SHORT_KEY_SIZE], by_key[ANPR_SHORT_KEY_SIZE];

    anpr_short_key (plate, direct);
    anpr_short_key (key, by_key);
    g_assert_cmpstr (direct, ==, by_key);
  }
  return 0;
}
