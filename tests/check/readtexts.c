/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What is done with the texts an engine sees: combined, spelled, ranked, and
 * what they are worth. */

#include <gst/check/gstcheck.h>
#include <math.h>
#include "plugins/plateocr/confidence.h"
#include "plugins/plateocr/textcombine.h"
#include "plugins/plateocr/textrank.h"
#include "plugins/record/error.h"

static const AnprCharacter seen[] = {
  { { "1", 0.9 }, 1, { { "I", 0.1 } } },
  { { "A", 1 }, 0, { { "", 0 } } },
  { { "O", 0.3 }, 2, { { "0", 0.6 }, { "Q", 0.1 } } },
};

GST_START_TEST (texts_are_combined_likeliest_first)
{
  static const struct {
    const gchar *text;
    gdouble probability;
  } meant[] = { { "1A0", 0.54 }, { "1AO", 0.27 }, { "1AQ", 0.09 },
    { "IA0", 0.06 }, { "IAO", 0.03 }, { "IAQ", 0.01 } };
  AnprReading reading;

  anpr_texts_combine (seen, G_N_ELEMENTS (seen), &reading);
  fail_unless_equals_int (reading.n_guesses, G_N_ELEMENTS (meant));
  for (guint i = 0; i < G_N_ELEMENTS (meant); i++) {
    fail_unless_equals_string (reading.guesses[i].text, meant[i].text);
    fail_unless (
        fabs (reading.guesses[i].probability - meant[i].probability) < 1e-9);
  }
}
GST_END_TEST;

GST_START_TEST (many_signs_give_ten_texts_and_none_the_empty_one)
{
  AnprCharacter characters[ANPR_PLATE_TEXT_MAX];
  AnprReading reading;

  for (guint i = 0; i < ANPR_PLATE_TEXT_MAX; i++)
    characters[i] = (AnprCharacter){ { "Ö", 0.6 }, 1, { { "O", 0.4 } } };
  anpr_texts_combine (characters, ANPR_PLATE_TEXT_MAX, &reading);
  fail_unless_equals_int (reading.n_guesses, ANPR_MAX_CANDIDATES);
  fail_unless_equals_int (
      g_utf8_strlen (reading.guesses[9].text, -1), ANPR_PLATE_TEXT_MAX);
  anpr_texts_combine (characters, 0, &reading);
  fail_unless_equals_int (reading.n_guesses, 0);
  fail_unless (reading.empty == 1);
}
GST_END_TEST;

GST_START_TEST (another_text_stands_in_the_same_places)
{
  AnprSpelling spelling, other;

  spelling.n_characters = 3;
  memcpy (spelling.characters, seen, sizeof (seen));
  strcpy (spelling.raw, "1 AO");
  fail_if (anpr_spelling_replace (&spelling, "1A", &other));
  fail_unless (anpr_spelling_replace (&spelling, "1Ä0", &other));
  fail_unless_equals_string (other.raw, "1 Ä0");
  fail_unless_equals_string (other.characters[1].best.sign, "Ä");
  fail_unless_equals_string (other.characters[1].alternatives[0].sign, "A");
  fail_unless_equals_string (other.characters[2].best.sign, "0");
  fail_unless (other.characters[2].best.confidence == 0.6);
  fail_unless_equals_int (other.characters[2].n_alternatives, 2);
  fail_unless_equals_string (other.characters[2].alternatives[0].sign, "O");
}
GST_END_TEST;

static void
rank_two (gdouble first, gdouble second, AnprRankedText *ranked, guint *n)
{
  AnprReading reading = { .n_guesses = 2,
    .guesses = { { "1ABCZ34", first }, { "1ABC234", second } } };

  *n = anpr_texts_rank (&reading, NULL, ranked);
}

GST_START_TEST (syntax_chooses_among_what_cannot_be_told_apart)
{
  AnprRankedText ranked[ANPR_MAX_RANKED];
  guint n;

  rank_two (0.5, 0.4, ranked, &n);
  fail_unless_equals_string (ranked[0].text, "1ABC234");
  fail_unless (ranked[0].probability == 0.4);
  rank_two (0.9, 0.001, ranked, &n);
  fail_unless_equals_string (ranked[0].text, "1ABCZ34");
}
GST_END_TEST;

GST_START_TEST (signs_of_one_shape_are_told_by_their_slots)
{
  AnprReading reading = { .n_guesses = 2,
    .guesses = { { "ABI2CDE", 0.5 }, { "AB12CDE", 0.4 } } };
  AnprReading personalised = { .n_guesses = 2,
    .guesses = { { "GHENTO", 0.85 }, { "GHENT0", 0.1 } } };
  AnprRankedText ranked[ANPR_MAX_RANKED];

  fail_unless (anpr_texts_rank (&reading, NULL, ranked) >= 2);
  fail_unless_equals_string (ranked[0].text, "AB12CDE");
  fail_unless (anpr_texts_rank (&personalised, NULL, ranked) >= 2);
  fail_unless_equals_string (ranked[0].text, "GHENTO");
}
GST_END_TEST;

GST_START_TEST (what_is_clear_stays_as_it_was_read)
{
  AnprReading reading = { .n_guesses = 2,
    .guesses = { { "GHENTO", 0.985 }, { "1ABC234", 0.014 } } };
  AnprRankedText ranked[ANPR_MAX_RANKED];

  fail_unless (anpr_texts_rank (&reading, NULL, ranked) >= 2);
  fail_unless_equals_string (ranked[0].text, "GHENTO");
}
GST_END_TEST;

GST_START_TEST (a_look_alike_takes_part_behind)
{
  AnprReading reading = { .n_guesses = 1, .guesses = { { "1ABC2O4", 0.999 } } };
  AnprRankedText ranked[ANPR_MAX_RANKED];

  fail_unless (anpr_texts_rank (&reading, NULL, ranked) >= 2);
  fail_unless_equals_string (ranked[0].text, "1ABC2O4");
  fail_unless_equals_string (ranked[1].text, "1ABC204");
  fail_unless (ranked[1].probability < 0.02);
}
GST_END_TEST;

GST_START_TEST (no_text_ranks_as_none)
{
  AnprReading reading = { .empty = 1 };
  AnprRankedText ranked[ANPR_MAX_RANKED];

  fail_unless_equals_int (anpr_texts_rank (&reading, NULL, ranked), 0);
}
GST_END_TEST;

/* --- confidence ---------------------------------------------------------- */

static gboolean
parse (const gchar *text, AnprCalibration *calibration, GError **error)
{
  return anpr_calibration_parse (
      text, strlen (text), "plate.calibration", calibration, error);
}

GST_START_TEST (without_a_file_probabilities_are_taken_as_they_are)
{
  AnprCalibration calibration = { 0 };

  fail_unless (
      anpr_calibration_load ("/nowhere.d/reader.anprnet", &calibration, NULL));
  for (gdouble p = 0.05; p < 1; p += 0.05) {
    AnprEvidence evidence = { p, 0.01, 12, 1, 2 };

    fail_unless (
        fabs (anpr_calibration_get_confidence (&calibration, &evidence) - p)
        < 1e-9);
  }
}
GST_END_TEST;

GST_START_TEST (all_evidence_moves_the_confidence)
{
  AnprCalibration calibration;
  AnprEvidence evidence = { 0.5, 0.25, 40, 0.5, 2 };
  gdouble meant = -1 + 0 + 0.5 * log (2) + 2 * log (2) + 3 * 0.5 - 0.25;

  fail_unless (parse ("[calibration]\noffset=-1\nscale=0.8\nmargin=0.5\n"
                      "height=2\nsyntax=3\ntwo-lines=-0.25\nagree=2\n"
                      "differ=-1.5\n",
      &calibration, NULL));
  fail_unless (fabs (anpr_calibration_get_confidence (&calibration, &evidence)
                     - 1 / (1 + exp (-meant)))
               < 1e-9);
  fail_unless (calibration.agree == 2 && calibration.differ == -1.5);
  fail_unless (anpr_confidence_move (0.5, calibration.agree) > 0.8);
  fail_unless (anpr_confidence_move (0.5, calibration.differ) < 0.2);
}
GST_END_TEST;

GST_START_TEST (more_probability_is_never_less_confidence_nor_no_number)
{
  AnprCalibration calibration;
  gdouble last = 0;

  fail_unless (parse ("[calibration]\noffset=-100\nscale=1.3\nmargin=100\n"
                      "height=-100\n",
      &calibration, NULL));
  for (gint i = -2; i <= 102; i++) {
    AnprEvidence evidence = { i / 100.0, 0.2, 0, 0, 1 };
    gdouble confidence =
        anpr_calibration_get_confidence (&calibration, &evidence);

    fail_unless (confidence >= last && confidence <= 1);
    last = confidence;
  }
  fail_unless (isfinite (anpr_confidence_move (0, -100)));
  fail_unless (isfinite (anpr_confidence_move (1, 100)));
}
GST_END_TEST;

static const struct {
  const gchar *text;
  const gchar *told;
} faults[] = {
  { "", "no group" },
  { "scale=1\n", "not a key file" },
  { "[other]\nscale=1\n", "no group" },
  { "[calibration]\nscale=much\n", "\"scale\"" },
  { "[calibration]\noffset=nan\n", "\"offset\"" },
  { "[calibration]\noffset=1e9\n", "\"offset\"" },
  { "[calibration]\nscale=-1\n", "scale below 0" },
  { "[calibration]\nhight=1\n", "\"hight\"" },
  { "[calibration]\nscale=\xff\n", "not a key file" },
};

GST_START_TEST (files_that_are_no_calibration_are_refused_by_name)
{
  AnprCalibration calibration;
  g_autoptr (GError) error = NULL;

  fail_if (parse (faults[__i__].text, &calibration, &error));
  fail_unless (g_error_matches (error, ANPR_ERROR, ANPR_ERROR_READER_DATA));
  fail_unless (strstr (error->message, "plate.calibration") != NULL);
  fail_unless (
      strstr (error->message, faults[__i__].told) != NULL, error->message);
}
GST_END_TEST;

static Suite *
readtexts_suite (void)
{
  Suite *suite = suite_create ("readtexts");
  TCase *tests = tcase_create ("texts");

  suite_add_tcase (suite, tests);
  tcase_add_test (tests, texts_are_combined_likeliest_first);
  tcase_add_test (tests, many_signs_give_ten_texts_and_none_the_empty_one);
  tcase_add_test (tests, another_text_stands_in_the_same_places);
  tcase_add_test (tests, syntax_chooses_among_what_cannot_be_told_apart);
  tcase_add_test (tests, signs_of_one_shape_are_told_by_their_slots);
  tcase_add_test (tests, what_is_clear_stays_as_it_was_read);
  tcase_add_test (tests, a_look_alike_takes_part_behind);
  tcase_add_test (tests, no_text_ranks_as_none);
  tests = tcase_create ("confidence");
  suite_add_tcase (suite, tests);
  tcase_add_test (tests, without_a_file_probabilities_are_taken_as_they_are);
  tcase_add_test (tests, all_evidence_moves_the_confidence);
  tcase_add_test (
      tests, more_probability_is_never_less_confidence_nor_no_number);
  tcase_add_loop_test (tests, files_that_are_no_calibration_are_refused_by_name,
      0, G_N_ELEMENTS (faults));
  return suite;
}

GST_CHECK_MAIN (readtexts)
