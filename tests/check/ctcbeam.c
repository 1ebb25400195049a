/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The search for texts against all paths there are, where these are few. */

#include <gst/check/gstcheck.h>
#include <math.h>
#include "plugins/plateocr/ctcbeam.h"

#define N_SIGNS 3
#define N_LABELS (N_SIGNS + 2)
#define N_STEPS 5

static const gchar signs[N_SIGNS][ANPR_CTC_SIGN_SIZE] = { "A", "1", "Ü" };

/* A label a step, by their numbers; the one shown is as likely as it gets */
static void
show (const gchar *labels, gfloat strength, gfloat *logits)
{
  for (guint step = 0; labels[step]; step++)
    for (guint i = 0; i < N_LABELS; i++)
      logits[step * N_LABELS + i] =
          labels[step] - '0' == (gint) i ? strength : 0;
}

static void
read_labels (const gchar *labels, gfloat strength, AnprReading *reading,
    AnprCtcBeam **beam)
{
  gfloat logits[ANPR_CTC_MAX_STEPS * N_LABELS];

  show (labels, strength, logits);
  *beam = anpr_ctc_beam_new (signs, N_SIGNS);
  anpr_ctc_beam_read (*beam, logits, strlen (labels), reading);
}

static void
softmax (const gfloat *logits, gdouble *probabilities)
{
  gdouble sum = 0;

  for (guint i = 0; i < N_LABELS; i++)
    sum += probabilities[i] = exp (logits[i]);
  for (guint i = 0; i < N_LABELS; i++)
    probabilities[i] /= sum;
}

/* The probability of each text, over all paths of N_STEPS labels */
static GHashTable *
sum_all_paths (const gfloat *logits)
{
  GHashTable *sums =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  guint n_paths = pow (N_LABELS, N_STEPS);

  for (guint path = 0; path < n_paths; path++) {
    g_autoptr (GString) text = g_string_new (NULL);
    gdouble probability = 1;
    guint last = 0, rest = path;
    gdouble *sum;

    for (guint step = 0; step < N_STEPS; step++, rest /= N_LABELS) {
      gdouble probabilities[N_LABELS];
      guint label = rest % N_LABELS;

      softmax (logits + step * N_LABELS, probabilities);
      probability *= probabilities[label];
      if (label >= 2 && label != last)
        g_string_append (text, signs[label - 2]);
      last = label;
    }
    sum = g_hash_table_lookup (sums, text->str);
    if (!sum) {
      sum = g_new0 (gdouble, 1);
      g_hash_table_insert (sums, g_strdup (text->str), sum);
    }
    *sum += probability;
  }
  return sums;
}

GST_START_TEST (texts_have_the_probability_of_all_their_paths)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (__i__);
  g_autoptr (AnprCtcBeam) beam = anpr_ctc_beam_new (signs, N_SIGNS);
  g_autoptr (GHashTable) sums = NULL;
  gfloat logits[N_STEPS * N_LABELS];
  AnprReading reading;
  gdouble best = 0;
  GHashTableIter iter;
  gpointer text, sum;

  for (guint i = 0; i < G_N_ELEMENTS (logits); i++)
    logits[i] = g_rand_double_range (random, -3, 3);
  sums = sum_all_paths (logits);
  anpr_ctc_beam_read (beam, logits, N_STEPS, &reading);
  fail_unless (
      fabs (reading.empty - *(gdouble *) g_hash_table_lookup (sums, ""))
      < 1e-6);
  fail_unless (reading.n_guesses > 3);
  for (guint i = 0; i < reading.n_guesses; i++) {
    gdouble *meant = g_hash_table_lookup (sums, reading.guesses[i].text);

    fail_unless (meant != NULL, "%s", reading.guesses[i].text);
    fail_unless (fabs (*meant - reading.guesses[i].probability) < 1e-6);
    fail_unless (i == 0
                 || reading.guesses[i - 1].probability
                        >= reading.guesses[i].probability);
    g_hash_table_remove (sums, reading.guesses[i].text);
  }
  g_hash_table_remove (sums, "");
  g_hash_table_iter_init (&iter, sums);
  while (g_hash_table_iter_next (&iter, &text, &sum))
    best = MAX (best, *(gdouble *) sum);
  fail_unless (best <= reading.guesses[0].probability + 1e-6);
}
GST_END_TEST;

static const struct {
  const gchar *labels;
  const gchar *text;
  const gchar *raw;
} shown[] = {
  { "0220330", "A1", "A1" },
  { "2020200", "AAA", "AAA" },
  { "2210233", "AA1", "A A1" },
  { "1231410", "A1Ü", "A1 Ü" },
  { "2222222", "A", "A" },
  { "1104401", "Ü", "Ü" },
};

GST_START_TEST (signs_and_gaps_are_read_from_left_to_right)
{
  g_autoptr (AnprCtcBeam) beam = NULL;
  AnprReading reading;
  AnprSpelling spelling;

  read_labels (shown[__i__].labels, 12, &reading, &beam);
  fail_unless (reading.n_guesses >= 1);
  fail_unless_equals_string (reading.guesses[0].text, shown[__i__].text);
  fail_unless (reading.guesses[0].probability > 0.9);
  fail_unless (anpr_ctc_beam_spell (beam, reading.guesses[0].text, &spelling));
  fail_unless_equals_string (spelling.raw, shown[__i__].raw);
  fail_unless_equals_int (
      spelling.n_characters, g_utf8_strlen (shown[__i__].text, -1));
  for (guint i = 0; i < spelling.n_characters; i++)
    fail_unless (spelling.characters[i].best.confidence > 0.9);
}
GST_END_TEST;

GST_START_TEST (blanks_and_separators_alone_are_no_text)
{
  g_autoptr (AnprCtcBeam) beam = NULL;
  AnprReading reading;

  read_labels ("0010110", 12, &reading, &beam);
  fail_unless (reading.empty > 0.99);
  fail_unless (reading.n_guesses == 0 || reading.guesses[0].probability < 0.01);
}
GST_END_TEST;

GST_START_TEST (what_a_sign_may_be_else_is_told_without_blanks)
{
  g_autoptr (AnprCtcBeam) beam = anpr_ctc_beam_new (signs, N_SIGNS);
  gfloat logits[3 * N_LABELS];
  AnprSpelling spelling;
  AnprReading reading;
  gdouble share = 1 / (1 + exp (-1));

  show ("030", 9, logits);
  logits[N_LABELS + 2] = 8;
  logits[N_LABELS + 4] = -9;
  logits[N_LABELS + 0] = 8.5;
  anpr_ctc_beam_read (beam, logits, 3, &reading);
  fail_unless (anpr_ctc_beam_spell (beam, "1", &spelling));
  fail_unless_equals_int (spelling.n_characters, 1);
  fail_unless_equals_string (spelling.characters[0].best.sign, "1");
  fail_unless (fabs (spelling.characters[0].best.confidence - share) < 1e-4);
  fail_unless_equals_int (spelling.characters[0].n_alternatives, 1);
  fail_unless_equals_string (spelling.characters[0].alternatives[0].sign, "A");
  fail_unless (
      fabs (spelling.characters[0].alternatives[0].confidence - 1 + share)
      < 1e-4);
}
GST_END_TEST;

GST_START_TEST (texts_that_cannot_stand_there_are_not_spelled)
{
  g_autoptr (AnprCtcBeam) beam = NULL;
  AnprSpelling spelling;
  AnprReading reading;

  read_labels ("0203", 3, &reading, &beam);
  fail_if (anpr_ctc_beam_spell (beam, "", &spelling));
  fail_if (anpr_ctc_beam_spell (beam, "B", &spelling));
  fail_if (anpr_ctc_beam_spell (beam, "A1A1A", &spelling));
  fail_if (anpr_ctc_beam_spell (beam, "AAA", &spelling));
  fail_unless (anpr_ctc_beam_spell (beam, "A1A1", &spelling));
}
GST_END_TEST;

GST_START_TEST (numbers_that_are_none_give_no_text)
{
  static const gfloat odd[] = { NAN, INFINITY, -INFINITY };
  g_autoptr (AnprCtcBeam) beam = anpr_ctc_beam_new (signs, N_SIGNS);
  gfloat logits[ANPR_CTC_MAX_STEPS * N_LABELS];
  AnprReading reading;

  for (guint i = 0; i < G_N_ELEMENTS (logits); i++)
    logits[i] = odd[__i__];
  anpr_ctc_beam_read (beam, logits, ANPR_CTC_MAX_STEPS, &reading);
  fail_unless_equals_int (reading.n_guesses, 0);
  fail_unless (reading.empty == 0);
}
GST_END_TEST;

GST_START_TEST (a_text_is_never_longer_than_the_longest)
{
  g_autoptr (GString) labels = g_string_new (NULL);
  g_autoptr (AnprCtcBeam) beam = NULL;
  AnprSpelling spelling;
  AnprReading reading;

  for (guint i = 0; i < ANPR_CTC_MAX_STEPS; i++)
    g_string_append_c (labels, i % 2 ? '2' : '4');
  read_labels (labels->str, 3, &reading, &beam);
  for (guint i = 0; i < reading.n_guesses; i++)
    fail_unless (
        g_utf8_strlen (reading.guesses[i].text, -1) <= ANPR_PLATE_TEXT_MAX);
  fail_unless (reading.n_guesses > 0);
  fail_unless (anpr_ctc_beam_spell (beam, reading.guesses[0].text, &spelling));
}
GST_END_TEST;

static Suite *
ctcbeam_suite (void)
{
  Suite *suite = suite_create ("ctcbeam");
  TCase *tests = tcase_create ("texts");

  suite_add_tcase (suite, tests);
  tcase_add_loop_test (
      tests, texts_have_the_probability_of_all_their_paths, 0, 8);
  tcase_add_loop_test (tests, signs_and_gaps_are_read_from_left_to_right, 0,
      G_N_ELEMENTS (shown));
  tcase_add_test (tests, blanks_and_separators_alone_are_no_text);
  tcase_add_test (tests, what_a_sign_may_be_else_is_told_without_blanks);
  tcase_add_test (tests, texts_that_cannot_stand_there_are_not_spelled);
  tcase_add_loop_test (tests, numbers_that_are_none_give_no_text, 0, 3);
  tcase_add_test (tests, a_text_is_never_longer_than_the_longest);
  return suite;
}

GST_CHECK_MAIN (ctcbeam)
