/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/check/gstcheck.h>
#include <string.h>
#include "plugins/record/country.h"
#include "plugins/record/platetext.h"

static gboolean
ranks (const gchar *key, const gchar *code)
{
  AnprCountry countries[ANPR_MAX_COUNTRIES];
  guint n = anpr_countries_rank (key, NULL, countries, ANPR_MAX_COUNTRIES);

  for (guint i = 0; i < n; i++)
    if (strcmp (countries[i].code, code) == 0)
      return TRUE;
  return FALSE;
}

GST_START_TEST (colliding_texts_give_all_their_countries)
{
  static const struct {
    const gchar *key;
    const gchar *codes[5];
  } collisions[] = {
    { "ABC123", { "BE", "LT", "DE" } },
    { "AB123CD", { "FR" } },
    { "CA22ABC", { "GB", "RO" } },
    { "WX16ABC", { "BE", "GB", "RO" } },
    { "CB0000HP", { "BG", "UA" } },
    { "AA1234BB", { "UA", "BG" } },
    { "QABC123", { "BE", "DE" } },
    { "XY3456", { "NL", "LU", "DE", "PL" } },
    { "B123ABC", { "RO", "GB" } },
    { "B0123", { "RO", "LU", "BE" } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (collisions); i++)
    for (guint j = 0; collisions[i].codes[j]; j++)
      fail_unless (ranks (collisions[i].key, collisions[i].codes[j]),
          "%s lacks %s", collisions[i].key, collisions[i].codes[j]);
}

GST_END_TEST

GST_START_TEST (each_series_ranks_its_country_first)
{
  static const gchar *const plates[][2] = {
    { "1ABC234", "BE" },
    { "TXAB123", "BE" },
    { "12GBK3", "NL" },
    { "HHOD1234", "DE" },
    { "BÖA123E", "DE" },
    { "W123AB", "FR" },
    { "AB51OBC", "GB" },
    { "WA12345", "PL" },
    { "B123XYZ", "RO" },
    { "1AB2345", "CZ" },
    { "12345AB", "UA" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (plates); i++) {
    AnprCountry best;

    fail_unless (anpr_countries_rank (plates[i][0], NULL, &best, 1) == 1,
        "%s fits nothing", plates[i][0]);
    fail_unless_equals_string (best.code, plates[i][1]);
  }
}

GST_END_TEST

static void
check_ranking (const gchar *key, const gchar *const *preferred)
{
  AnprCountry countries[64];
  guint n = anpr_countries_rank (key, preferred, countries, 64);
  gdouble sum = 0;

  for (guint i = 0; i < n; i++) {
    fail_unless (countries[i].score > 0 && countries[i].score <= 1);
    fail_unless (i == 0 || countries[i].score <= countries[i - 1].score);
    fail_unless (strlen (countries[i].code) == 2);
    for (guint j = 0; j < i; j++)
      fail_unless (strcmp (countries[i].code, countries[j].code) != 0);
    sum += countries[i].score;
  }
  fail_unless (sum < 1);
}

GST_START_TEST (scores_of_any_text_fall_and_sum_to_less_than_one)
{
  static const gchar signs[] = "ABDOQIZ0123589XY";
  static const gchar *const preferred[] = { "BE", "NL", "XX", NULL };
  g_autoptr (GRand) random = g_rand_new_with_seed (7);

  for (guint i = 0; i < 2000; i++) {
    gchar key[ANPR_PLATE_TEXT_MAX + 1] = { 0 };
    guint n = g_rand_int_range (random, 0, 13);

    for (guint j = 0; j < n; j++)
      key[j] = signs[g_rand_int_range (random, 0, sizeof signs - 1)];
    check_ranking (key, i % 2 ? preferred : NULL);
  }
}

GST_END_TEST

GST_START_TEST (expected_countries_rank_higher_and_nobody_is_dropped)
{
  static const gchar *const preferred[] = { "UA", NULL };
  AnprCountry plain[8], expecting[8];
  guint n = anpr_countries_rank ("AA1234BB", NULL, plain, 8);

  fail_unless_equals_int (
      anpr_countries_rank ("AA1234BB", preferred, expecting, 8), n);
  fail_unless_equals_string (expecting[0].code, "UA");
  fail_unless (expecting[0].score > plain[0].score);
  fail_unless (anpr_countries_fit ("AA1234BB", preferred)
               > anpr_countries_fit ("AA1234BB", NULL));
}

GST_END_TEST

GST_START_TEST (texts_that_fit_nothing_have_no_country)
{
  AnprCountry countries[8];

  fail_unless_equals_int (
      anpr_countries_rank ("ABCDEFGHIJKL", NULL, countries, 8), 0);
  fail_unless_equals_int (anpr_countries_rank ("", NULL, countries, 8), 0);
  fail_unless_equals_int (anpr_countries_rank (NULL, NULL, countries, 8), 0);
  fail_unless_equals_int (
      anpr_countries_rank ("\xff\xfe", NULL, countries, 8), 0);
  fail_unless (anpr_countries_fit ("ABCDEFGHIJKL", NULL) == 0);
}

GST_END_TEST

GST_START_TEST (personalised_plates_fit_weakly_but_fit)
{
  fail_unless (ranks ("GHENT", "BE"));
  fail_unless (anpr_countries_fit ("GHENT", NULL) > 0);
  fail_unless (anpr_countries_fit ("GHENT", NULL) < 0.1);
  fail_unless (anpr_countries_fit ("1ABC234", NULL) >= 1);
}

GST_END_TEST

GST_START_TEST (no_more_countries_are_written_than_fit)
{
  AnprCountry countries[2] = { { "", 0 }, { "??", 7 } };

  fail_unless_equals_int (
      anpr_countries_rank ("XY3456", NULL, countries, 1), 1);
  fail_unless_equals_string (countries[1].code, "??");
  fail_unless_equals_int (anpr_countries_rank ("XY3456", NULL, NULL, 0), 0);
}

GST_END_TEST

static gpointer
rank_many (gpointer unused)
{
  AnprCountry countries[8];
  gsize n = 0;

  for (guint i = 0; i < 200; i++)
    n += anpr_countries_rank ("XY3456", NULL, countries, 8);
  return GSIZE_TO_POINTER (n);
}

GST_START_TEST (many_threads_rank_alike)
{
  GThread *threads[4];
  gpointer first;

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("rank", rank_many, NULL);
  first = g_thread_join (threads[0]);
  fail_unless (first != NULL);
  for (guint i = 1; i < G_N_ELEMENTS (threads); i++)
    fail_unless (g_thread_join (threads[i]) == first);
}

GST_END_TEST

static Suite *
country_suite (void)
{
  Suite *suite = suite_create ("country");
  TCase *tests = tcase_create ("ranking");

  suite_add_tcase (suite, tests);
  tcase_add_test (tests, colliding_texts_give_all_their_countries);
  tcase_add_test (tests, each_series_ranks_its_country_first);
  tcase_add_test (tests, scores_of_any_text_fall_and_sum_to_less_than_one);
  tcase_add_test (tests, expected_countries_rank_higher_and_nobody_is_dropped);
  tcase_add_test (tests, texts_that_fit_nothing_have_no_country);
  tcase_add_test (tests, personalised_plates_fit_weakly_but_fit);
  tcase_add_test (tests, no_more_countries_are_written_than_fit);
  tcase_add_test (tests, many_threads_rank_alike);
  return suite;
}

GST_CHECK_MAIN (country)
