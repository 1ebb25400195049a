/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Plate keys, domain.md 5.1, mostly as properties over made-up plates. */

#include <gst/check/gstcheck.h>
#include "plugins/record/platetext.h"

#include <string.h>

#define N_PLATES 2000

static const gchar signs[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
static const gchar *const umlauts[] = { "\303\204", "\303\226", "\303\234" };
static const gchar *const small_umlauts[] = { "\303\244", "\303\266",
  "\303\274" };
static const gchar *const decomposed[] = { "A\314\210", "O\314\210",
  "U\314\210" };
static const gchar *const noise[] = { " ", "-", ".", "\302\267", "\342\200\223",
  "\302\240", "\t", "/", "\342\200\242", "_" };

/* The Cyrillic capital of the same shape, NULL if there is none */
static const gchar *
cyrillic (gchar sign)
{
  static const gchar shapes[] = "ABEKMHOPCTYXI";
  static const gchar *const letters[] = { "\320\220", "\320\222", "\320\225",
    "\320\232", "\320\234", "\320\235", "\320\236", "\320\240", "\320\241",
    "\320\242", "\320\243", "\320\245", "\320\206" };
  const gchar *found = sign ? strchr (shapes, sign) : NULL;

  return found ? letters[found - shapes] : NULL;
}

static void
append_noise (GRand *rand, GString *written)
{
  while (g_rand_int_range (rand, 0, 3) == 0)
    g_string_append (
        written, noise[g_rand_int_range (rand, 0, G_N_ELEMENTS (noise))]);
}

/* One sign in any of the ways somebody may write it */
static void
append_disguised (GRand *rand, GString *written, gchar sign)
{
  const gchar *other = cyrillic (sign);
  gint way = g_rand_int_range (rand, 0, 4);

  if (way == 0 && other)
    g_string_append (written, other);
  else if (way == 1)
    g_string_append_c (written, g_ascii_tolower (sign));
  else if (way == 2) /* full-width form */
    g_string_append_unichar (written, 0xFEE0 + (guchar) sign);
  else
    g_string_append_c (written, sign);
}

static void
append_umlaut (GRand *rand, GString *plain, GString *written)
{
  const gchar *const *way[] = { umlauts, small_umlauts, decomposed };
  guint which = g_rand_int_range (rand, 0, 3);

  g_string_append (plain, umlauts[which]);
  g_string_append (written, way[g_rand_int_range (rand, 0, 3)][which]);
}

GST_START_TEST (test_spacing_case_and_alphabet_never_change_the_key)
{
  GRand *rand = g_rand_new_with_seed (1);

  for (guint n = 0; n < N_PLATES; n++) {
    GString *plain = g_string_new (NULL);
    GString *written = g_string_new (NULL);
    guint length = g_rand_int_range (rand, 1, 11);
    gchar *key, *again;

    for (guint i = 0; i < length; i++) {
      gchar sign = signs[g_rand_int_range (rand, 0, sizeof (signs) - 1)];

      append_noise (rand, written);
      if (g_rand_int_range (rand, 0, 20) == 0) {
        append_umlaut (rand, plain, written);
        continue;
      }
      g_string_append_c (plain, sign);
      append_disguised (rand, written, sign);
    }
    append_noise (rand, written);
    key = anpr_plate_key (written->str);
    fail_unless_equals_string (key, plain->str);
    again = anpr_plate_key (key);
    fail_unless_equals_string (again, key);
    g_free (again);
    g_free (key);
    g_string_free (plain, TRUE);
    g_string_free (written, TRUE);
  }
  g_rand_free (rand);
}
GST_END_TEST;

static void
assert_key (const gchar *raw, const gchar *expected)
{
  gchar *key = anpr_plate_key (raw);

  fail_unless_equals_string (key, expected);
  g_free (key);
}

GST_START_TEST (test_cyrillic_folds_by_shape_never_by_sound)
{
  assert_key ("\320\241\320\222 0000 \320\235\320\240", "CB0000HP");
}
GST_END_TEST;

GST_START_TEST (test_letter_o_and_digit_0_stay_different)
{
  gchar *letter = anpr_plate_folded_key ("OABC");
  gchar *digit = anpr_plate_folded_key ("0ABC");

  assert_key ("O-123", "O123");
  assert_key ("0-123", "0123");
  fail_unless_equals_string (letter, digit);
  g_free (letter);
  g_free (digit);
}
GST_END_TEST;

GST_START_TEST (test_umlauts_stay_in_the_key)
{
  assert_key ("B\303\226 A 1", "B\303\226A1");
  assert_key ("bo a 1", "BOA1");
}
GST_END_TEST;

GST_START_TEST (test_what_is_no_plate_gives_an_empty_key)
{
  assert_key (NULL, "");
  assert_key ("", "");
  assert_key (" - . \302\267 !", "");
  assert_key ("\377\376\200", "");
}
GST_END_TEST;

GST_START_TEST (test_a_hostile_text_is_cut_off)
{
  gchar *huge = g_strnfill (1000000, 'A');
  gchar *key = anpr_plate_key (huge);

  fail_unless_equals_int (strlen (key), ANPR_PLATE_TEXT_MAX);
  g_free (key);
  g_free (huge);
}
GST_END_TEST;

GST_START_TEST (test_random_bytes_never_give_anything_but_plate_signs)
{
  GRand *rand = g_rand_new_with_seed (2);

  for (guint n = 0; n < N_PLATES; n++) {
    gchar raw[33] = { 0 };
    gchar *key, *again;

    for (guint i = 0; i < 32; i++)
      raw[i] = (gchar) g_rand_int_range (rand, 1, 256);
    key = anpr_plate_key (raw);
    fail_unless (g_utf8_validate (key, -1, NULL));
    again = anpr_plate_key (key);
    fail_unless_equals_string (key, again);
    g_free (again);
    g_free (key);
  }
  g_rand_free (rand);
}
GST_END_TEST;

static Suite *
platetext_suite (void)
{
  Suite *suite = suite_create ("platetext");
  TCase *tc = tcase_create ("keys");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_spacing_case_and_alphabet_never_change_the_key);
  tcase_add_test (tc, test_cyrillic_folds_by_shape_never_by_sound);
  tcase_add_test (tc, test_letter_o_and_digit_0_stay_different);
  tcase_add_test (tc, test_umlauts_stay_in_the_key);
  tcase_add_test (tc, test_what_is_no_plate_gives_an_empty_key);
  tcase_add_test (tc, test_a_hostile_text_is_cut_off);
  tcase_add_test (tc, test_random_bytes_never_give_anything_but_plate_signs);
  return suite;
}

GST_CHECK_MAIN (platetext);
