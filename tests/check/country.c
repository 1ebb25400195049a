/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/check/gstcheck.h>
#include <string.h>
#include "plugins/record/country.h"
#include "plugins/record/platepattern.h"
#include "plugins/record/platetext.h"
#include "plugins/record/seriestable.h"

#include <gio/gio.h>

static gboolean
ranks (const gchar *key, const gchar *code)
{
  AnprCountry countries[ANPR_MAX_KNOWN_COUNTRIES];
  guint n =
      anpr_countries_rank (key, NULL, countries, ANPR_MAX_KNOWN_COUNTRIES);

  for (guint i = 0; i < n; i++)
    if (strcmp (countries[i].code, code) == 0)
      return TRUE;
  return FALSE;
}

GST_START_TEST (colliding_texts_give_all_their_countries)
{
  static const struct {
    const gchar *key;
    const gchar *codes[10];
  } collisions[] = {
    { "ABC123", { "BE", "LT", "DE", "HU", "SE", "FI", "CY", "MT" } },
    { "AB123CD", { "FR", "IT", "SK", "RS" } },
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
    { "1234BCD", "ES" },
    { "A123BC77", "RU" },
    { "131D1234", "IE" },
    { "AB51OBC", "GB" },
    { "WA12345", "PL" },
    { "IF12XYZ", "RO" },
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
  fail_unless (anpr_countries_fit ("G7H1ENT", NULL) < 0.1);
  /* a word is likelier than the same with a digit for a letter */
  fail_unless (anpr_countries_fit ("GHENTO", NULL) < 0.3);
  fail_unless (anpr_countries_fit ("GHENTO", NULL)
               > anpr_countries_fit ("GH3NTO", NULL));
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

/* The rows of a built-in table, its header left out */
static gchar **
load_rows (const gchar *path)
{
  g_autoptr (GBytes) bytes = g_resources_lookup_data (path, 0, NULL);
  g_autofree gchar *text =
      g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  gchar *header = strstr (text, "\n#\n");

  header = strchr (header + 3, '\n');
  return g_strsplit (g_strchomp (header + 1), "\n", -1);
}

static gboolean
has_form (const GArray *forms, const gchar *key)
{
  AnprKeySigns signs;

  anpr_key_signs_set (&signs, key);
  for (guint i = 0; i < forms->len; i++) {
    const AnprPlateForm *form = &g_array_index (forms, AnprPlateForm, i);

    if (form->n_signs == signs.n_signs && anpr_plate_form_match (form, &signs))
      return TRUE;
  }
  return FALSE;
}

static const AnprDistricts *
lookup_districts (const gchar *name, gpointer all)
{
  return g_hash_table_lookup (all, name);
}

static GHashTable *
load_districts (GHashTable *alternatives)
{
  GHashTable *all = g_hash_table_new_full (
      g_str_hash, g_str_equal, g_free, (GDestroyNotify) anpr_districts_free);
  g_auto (GStrv) rows = load_rows ("/gst-anpr/record/platedistricts.tsv");

  for (guint i = 0; rows[i]; i++) {
    g_auto (GStrv) fields = g_strsplit (rows[i], "\t", 2);

    g_hash_table_insert (
        all, g_strdup (fields[0]), anpr_districts_new (fields[1], NULL));
    g_hash_table_insert (alternatives, g_strdup (fields[0]),
        g_strdelimit (g_strdup (fields[1]), " ", '|'));
  }
  return all;
}

GST_START_TEST (each_row_has_an_example_that_fits_it_and_its_country)
{
  g_auto (GStrv) rows = load_rows ("/gst-anpr/record/plateseries.tsv");

  fail_unless (g_strv_length (rows) > 180);
  for (guint i = 0; rows[i]; i++) {
    g_auto (GStrv) fields = g_strsplit (rows[i], "\t", -1);
    g_autofree gchar *key = NULL;

    fail_unless_equals_int (g_strv_length (fields), 6);
    key = anpr_plate_key (fields[4]);
    fail_unless_equals_string (key, fields[4]);
    fail_unless (ranks (key, fields[0]), "%s is not of %s", key, fields[0]);
    fail_unless (anpr_countries_fit (key, NULL)
                 >= g_ascii_strtod (fields[3], NULL) - 1e-6);
    fail_unless (g_regex_match_simple (
        "^(?:[0-9]{4}-|[0-9]{4}-[0-9]{4}|-[0-9]{4}|\\?)$", fields[2], 0, 0));
  }
}

GST_END_TEST

/* One of what the pattern's own example says, signs changed now and then */
static void
vary (GRand *random, const gchar *example, gchar *key)
{
  static const gchar signs[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

  g_strlcpy (key, example, ANPR_PLATE_TEXT_MAX);
  for (gchar *p = key; *p; p++)
    if (g_rand_int_range (random, 0, 3) == 0)
      *p = signs[g_rand_int_range (random, 0, 36)];
  if (g_rand_int_range (random, 0, 8) == 0)
    key[strlen (key) - 1] = '\0';
}

GST_START_TEST (patterns_mean_what_they_mean_in_pcre)
{
  g_auto (GStrv) rows = load_rows ("/gst-anpr/record/plateseries.tsv");
  g_autoptr (GHashTable) choices =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) districts = load_districts (choices);
  g_autoptr (GRand) random = g_rand_new_with_seed (5);

  for (guint i = 0; rows[i]; i++) {
    g_auto (GStrv) fields = g_strsplit (rows[i], "\t", -1);
    g_autoptr (GString) pattern = g_string_new (fields[5]);
    g_autoptr (GRegex) regex = NULL;
    g_autoptr (GArray) forms = NULL;
    const gchar *named = strstr (fields[5], "(?&");
    gchar key[ANPR_PLATE_TEXT_MAX];

    if (named) {
      const gchar name[] = { named[3], named[4], '\0' };
      g_autofree gchar *group = g_strdup_printf (
          "(?:%s)", (gchar *) g_hash_table_lookup (choices, name));

      g_string_erase (pattern, named - fields[5], 6);
      g_string_insert (pattern, named - fields[5], group);
    }
    regex = g_regex_new (pattern->str, G_REGEX_DOLLAR_ENDONLY, 0, NULL);
    forms =
        anpr_plate_pattern_parse (fields[5], lookup_districts, districts, NULL);
    fail_unless (regex != NULL && forms != NULL, "%s", rows[i]);
    fail_unless (has_form (forms, fields[4]));
    for (guint n = 0; n < 200; n++) {
      vary (random, fields[4], key);
      if (g_utf8_validate (key, -1, NULL))
        fail_unless_equals_int (
            has_form (forms, key), g_regex_match (regex, key, 0, NULL));
    }
  }
}

GST_END_TEST

GST_START_TEST (rows_that_cannot_be_used_are_told_and_left_out)
{
  static const gchar *const bad[] = { "AA", "AA\ts\t?\t2\tA\t^A$",
    "AA\ts\t?\tx\tA\t^A$", "AA\ts\t?\t1\tA\tA$", "AA\ts\t?\t1\tA\t^A",
    "AA\ts\t?\t1\tA\t^[Z-A]$", "AA\ts\t?\t1\tA\t^[A$", "AA\ts\t?\t1\tA\t^A{9$",
    "AA\ts\t?\t1\tA\t^A{2,1}$", "AA\ts\t?\t1\tA\t^(?:A$",
    "AA\ts\t?\t1\tA\t^A{13}$", "AA\ts\t?\t1\tA\t^(?:A?){12}$",
    "AA\ts\t?\t1\tA\t^A?$", "AA\ts\t?\t1\tA\t^(?&XX)A$",
    "AA\ts\t?\t1\tA\t^(?&XX$", "AA\ts\t?\t1\tA\t^A|B$", "AA\ts\t?\t1\tA\t^a$",
    "AAA\ts\t?\t1\tA\t^A$", "AA\ts\t?\t1\tA\t^(?:(?:(?:(?:(?:A)))))$",
    "AA\ts\t?\t1\tA\t^(?=.*[)A$" };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autofree gchar *text =
        g_strdup_printf ("header\n%s\nBE\ts\t?\t0.5\tA1\t^(?&YY)1$\n", bad[i]);
    g_autoptr (AnprSeriesTable) table = NULL;
    gdouble weights[ANPR_MAX_KNOWN_COUNTRIES];

    g_test_expect_message (NULL, G_LOG_LEVEL_CRITICAL, "*ignoring*");
    table = anpr_series_table_new (text, "name\tcodes\nYY\tA BB\n");
    g_test_assert_expected_messages ();
    fail_unless_equals_int (anpr_series_table_get_n_countries (table), 1);
    fail_unless_equals_string (anpr_series_table_get_code (table, 0), "BE");
    anpr_series_table_weigh (table, "BB1", weights);
    fail_unless (weights[0] == 0.5);
    anpr_series_table_weigh (table, "B1", weights);
    fail_unless (weights[0] == 0);
  }
}

GST_END_TEST

GST_START_TEST (districts_that_cannot_be_used_are_told_and_left_out)
{
  static const gchar *const bad[] = { "YY", "YY\tABCD", "YY\tA  B", "YY\ta",
    "XX\tB" };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autofree gchar *text = g_strdup_printf ("name\nXX\tA\n%s\n", bad[i]);
    g_autoptr (AnprSeriesTable) table = NULL;

    g_test_expect_message (NULL, G_LOG_LEVEL_CRITICAL, "*ignoring*");
    table = anpr_series_table_new ("", text);
    g_test_assert_expected_messages ();
  }
}

GST_END_TEST

GST_START_TEST (every_country_of_europe_is_known)
{
  static const gchar *const codes[] = { "AD", "AL", "AM", "AT", "BA", "BE",
    "BG", "BY", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB",
    "GE", "GR", "HR", "HU", "IE", "IS", "IT", "KZ", "LI", "LT", "LU", "LV",
    "MC", "MD", "ME", "MK", "MT", "NL", "NO", "PL", "PT", "RO", "RS", "RU",
    "SE", "SI", "SK", "SM", "TR", "UA", "XK" };
  const AnprSeriesTable *table = anpr_series_table_get_default ();
  guint n = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    for (guint c = 0; c < anpr_series_table_get_n_countries (table); c++)
      n += strcmp (anpr_series_table_get_code (table, c), codes[i]) == 0;
  fail_unless_equals_int (n, G_N_ELEMENTS (codes));
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
  tcase_add_test (tests, each_row_has_an_example_that_fits_it_and_its_country);
  tcase_add_test (tests, patterns_mean_what_they_mean_in_pcre);
  tcase_add_test (tests, rows_that_cannot_be_used_are_told_and_left_out);
  tcase_add_test (tests, districts_that_cannot_be_used_are_told_and_left_out);
  tcase_add_test (tests, every_country_of_europe_is_known);
  return suite;
}

GST_CHECK_MAIN (country)
