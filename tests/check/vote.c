/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/check/gstcheck.h>
#include "plugins/record/vote.h"

#define WIDTH 170.0

static void
add (AnprVote *vote, const gchar *text, gdouble confidence)
{
  AnprRead *read = anpr_read_new (ANPR_READ_TEXT, text, confidence, "test");

  anpr_vote_add (vote, read, WIDTH);
  anpr_read_unref (read);
}

static void
add_without_text (AnprVote *vote, AnprReadState state)
{
  AnprRead *read = anpr_read_new (state, NULL, 0, "test");

  anpr_vote_add (vote, read, WIDTH);
  anpr_read_unref (read);
}

GST_START_TEST (test_no_read_gives_no_text)
{
  AnprVote *vote = anpr_vote_new ();

  fail_unless (anpr_vote_get_read (vote) == NULL);
  fail_unless (anpr_vote_wants (vote, WIDTH));
  anpr_vote_free (vote);
}
GST_END_TEST;

GST_START_TEST (test_one_read_keeps_its_confidence)
{
  AnprVote *vote = anpr_vote_new ();

  add (vote, "1-ABC-123", 0.8);
  fail_unless_equals_string (anpr_vote_get_read (vote)->text, "1ABC123");
  fail_unless_equals_string (anpr_vote_get_read (vote)->raw, "1-ABC-123");
  fail_unless_equals_float (anpr_vote_get_read (vote)->confidence, 0.8);
  anpr_vote_free (vote);
}
GST_END_TEST;

GST_START_TEST (test_the_winner_keeps_its_second_opinion)
{
  AnprVote *vote = anpr_vote_new ();
  AnprRead *read = anpr_read_new (ANPR_READ_TEXT, "1ABC123", 0.8, "one");
  const AnprRead *result;

  anpr_read_set_second (read, "other", "1ABC12Z", 0.4);
  anpr_vote_add (vote, read, WIDTH);
  anpr_read_unref (read);
  add (vote, "1ABC128", 0.3);
  result = anpr_vote_get_read (vote);
  fail_unless_equals_string (result->second_engine, "other");
  fail_unless_equals_string (result->second_text, "1ABC12Z");
  fail_unless_equals_float (result->second_confidence, 0.4);
  anpr_vote_free (vote);
}
GST_END_TEST;

GST_START_TEST (test_several_sure_reads_outvote_one)
{
  AnprVote *vote = anpr_vote_new ();
  const AnprRead *read;

  add (vote, "1ABC12B", 0.9);
  add (vote, "1ABC128", 0.7);
  add (vote, "1ABC128", 0.6);
  read = anpr_vote_get_read (vote);
  fail_unless_equals_string (read->text, "1ABC128");
  fail_unless (read->confidence < 0.7);
  fail_unless_equals_int (anpr_vote_get_n_agreeing (vote), 2);
  fail_unless_equals_string (
      anpr_read_get_candidate (read, 0)->text, "1ABC128");
  fail_unless_equals_string (
      anpr_read_get_candidate (read, 1)->text, "1ABC12B");
  anpr_vote_free (vote);
}
GST_END_TEST;

GST_START_TEST (test_candidates_fall_in_confidence)
{
  AnprVote *vote = anpr_vote_new ();
  AnprRead *sure = anpr_read_new (ANPR_READ_TEXT, "1ABC128", 0.8, "test");
  const AnprRead *read;

  anpr_read_add_candidate (sure, "1ABC128", 0.8);
  anpr_read_add_candidate (sure, "1A8C128", 0.5);
  anpr_vote_add (vote, sure, WIDTH);
  add (vote, "1ABC12B", 0.7);
  add (vote, "1ABC12S", 0.1);
  read = anpr_vote_get_read (vote);
  fail_unless_equals_int (anpr_read_get_n_candidates (read), 4);
  for (guint i = 1; i < anpr_read_get_n_candidates (read); i++)
    fail_unless (anpr_read_get_candidate (read, i)->confidence
                 <= anpr_read_get_candidate (read, i - 1)->confidence);
  anpr_read_unref (sure);
  anpr_vote_free (vote);
}
GST_END_TEST;

GST_START_TEST (test_reads_without_text_never_outvote_a_text)
{
  AnprVote *vote = anpr_vote_new ();

  for (guint i = 0; i < 5; i++)
    add_without_text (vote, ANPR_READ_NO_PLATE);
  fail_unless_equals_int (anpr_vote_get_read (vote)->state, ANPR_READ_NO_PLATE);
  add (vote, "1ABC123", 0.4);
  fail_unless_equals_string (anpr_vote_get_read (vote)->text, "1ABC123");
  fail_unless_equals_int (anpr_vote_get_n_reads (vote), 6);
  anpr_vote_free (vote);
}
GST_END_TEST;

GST_START_TEST (test_the_more_frequent_state_decides_without_a_text)
{
  AnprVote *vote = anpr_vote_new ();

  add_without_text (vote, ANPR_READ_NO_PLATE);
  add_without_text (vote, ANPR_READ_NOT_READ);
  fail_unless_equals_int (anpr_vote_get_read (vote)->state, ANPR_READ_NOT_READ);
  add_without_text (vote, ANPR_READ_NO_PLATE);
  fail_unless_equals_int (anpr_vote_get_read (vote)->state, ANPR_READ_NO_PLATE);
  anpr_vote_free (vote);
}
GST_END_TEST;

GST_START_TEST (test_a_wide_plate_outvotes_more_reads_of_the_distance)
{
  AnprVote *vote = anpr_vote_new ();
  AnprRead *far = anpr_read_new (ANPR_READ_TEXT, "1ABC12B", 0.5, "test");
  AnprRead *near = anpr_read_new (ANPR_READ_TEXT, "1ABC128", 0.8, "test");

  for (guint i = 0; i < 4; i++)
    anpr_vote_add (vote, far, 45);
  fail_unless (anpr_vote_wants (vote, 80));
  anpr_vote_add (vote, near, 200);
  fail_unless_equals_string (anpr_vote_get_read (vote)->text, "1ABC128");
  anpr_read_unref (far);
  anpr_read_unref (near);
  anpr_vote_free (vote);
}
GST_END_TEST;

GST_START_TEST (test_agreeing_reads_settle_the_vote)
{
  AnprVote *vote = anpr_vote_new ();

  for (guint i = 0; i < 3; i++)
    add (vote, "1ABC123", 0.9);
  fail_unless (anpr_vote_wants (vote, WIDTH));
  add (vote, "1ABC123", 0.9);
  fail_if (anpr_vote_wants (vote, WIDTH));
  fail_unless (anpr_vote_wants (vote, 2 * WIDTH));
  anpr_vote_free (vote);
}
GST_END_TEST;

GST_START_TEST (test_what_gives_no_text_is_looked_at_again_only_when_it_grows)
{
  AnprVote *vote = anpr_vote_new ();
  guint n = 0;

  for (; anpr_vote_wants (vote, WIDTH); n++) {
    fail_unless (n < 10);
    add_without_text (vote, ANPR_READ_NOT_READ);
  }
  fail_unless (anpr_vote_wants (vote, 2 * WIDTH));
  anpr_vote_free (vote);
}
GST_END_TEST;

GST_START_TEST (test_a_plate_that_never_agrees_stops_costing_work)
{
  AnprVote *vote = anpr_vote_new ();
  guint n = 0;

  for (; anpr_vote_wants (vote, WIDTH + n * n); n++) {
    g_autofree gchar *text = g_strdup_printf ("X%u", n);

    fail_unless (n < 100);
    add (vote, text, 0.5);
  }
  fail_unless (anpr_read_get_n_candidates (anpr_vote_get_read (vote))
               <= ANPR_MAX_CANDIDATES);
  anpr_vote_free (vote);
}
GST_END_TEST;

static void
add_candidates (AnprVote *vote, const gchar *first, gdouble confidence,
    const gchar *second, gdouble other)
{
  g_autoptr (AnprRead) read =
      anpr_read_new (ANPR_READ_TEXT, first, confidence, "test");

  anpr_read_add_candidate (read, first, confidence);
  anpr_read_add_candidate (read, second, other);
  anpr_vote_add (vote, read, WIDTH);
}

/* Each frame reads something else, and all think of the same text second */
GST_START_TEST (test_what_all_reads_think_possible_outvotes_what_each_says)
{
  g_autoptr (AnprVote) vote = anpr_vote_new ();

  add_candidates (vote, "1ABC12B", 0.5, "1ABC128", 0.4);
  add_candidates (vote, "1A8C128", 0.5, "1ABC128", 0.4);
  add_candidates (vote, "IABC128", 0.5, "1ABC128", 0.4);
  fail_unless_equals_string (anpr_vote_get_read (vote)->text, "1ABC128");
}
GST_END_TEST;

/* Signs are sure where both texts have the same; else they may be the other's */
static void
add_spelled (AnprVote *vote, const gchar *text, const gchar *other)
{
  g_autoptr (AnprRead) read =
      anpr_read_new (ANPR_READ_TEXT, text, 0.06, "test");

  for (guint i = 0; text[i]; i++) {
    AnprCharacter character = { { { text[i] }, 0.99 }, 0, { { { 0 }, 0 } } };
    AnprSign sign = { { other[i] }, 0.3 };

    if (other[i] != text[i]) {
      character.best.confidence = 0.4;
      anpr_character_add_alternative (&character, &sign);
    }
    anpr_read_add_character (read, &character);
  }
  anpr_vote_add (vote, read, WIDTH);
}

/* One frame shows the left half, the other the right half */
GST_START_TEST (test_halves_seen_in_different_frames_make_one_text)
{
  g_autoptr (AnprVote) vote = anpr_vote_new ();

  for (guint i = 0; i < 2; i++) {
    add_spelled (vote, "ABC771", "ABC123");
    add_spelled (vote, "HBG123", "ABC123");
  }
  fail_unless_equals_string (anpr_vote_get_read (vote)->text, "ABC123");
}
GST_END_TEST;

GST_START_TEST (test_one_wrong_read_changes_nothing)
{
  g_autoptr (AnprVote) vote = anpr_vote_new ();

  for (guint i = 0; i < 3; i++)
    add (vote, "1ABC123", 0.9);
  add (vote, "XYZ999", 0.99);
  fail_unless_equals_string (anpr_vote_get_read (vote)->text, "1ABC123");
  fail_unless (anpr_vote_get_support (vote, anpr_vote_get_read (vote)) > 0.5);
}
GST_END_TEST;

GST_START_TEST (test_two_sure_reads_that_agree_settle_the_vote)
{
  g_autoptr (AnprVote) vote = anpr_vote_new ();

  add (vote, "1ABC123", 0.99);
  fail_unless (anpr_vote_wants (vote, WIDTH));
  add (vote, "1ABC123", 0.99);
  fail_if (anpr_vote_wants (vote, WIDTH));
}
GST_END_TEST;

GST_START_TEST (test_joined_votes_are_one)
{
  g_autoptr (AnprVote) vote = anpr_vote_new (), other = anpr_vote_new ();

  add (vote, "1ABC12B", 0.6);
  add (other, "1ABC128", 0.6);
  add (other, "1ABC128", 0.6);
  add_without_text (other, ANPR_READ_NOT_READ);
  anpr_vote_join (vote, other);
  fail_unless_equals_string (anpr_vote_get_read (vote)->text, "1ABC128");
  fail_unless_equals_int (anpr_vote_get_n_reads (vote), 4);
  fail_unless_equals_int (anpr_vote_get_n_agreeing (vote), 2);
}
GST_END_TEST;

static Suite *
vote_suite (void)
{
  Suite *suite = suite_create ("vote");
  TCase *tc = tcase_create ("vote");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_no_read_gives_no_text);
  tcase_add_test (tc, test_one_read_keeps_its_confidence);
  tcase_add_test (tc, test_the_winner_keeps_its_second_opinion);
  tcase_add_test (tc, test_several_sure_reads_outvote_one);
  tcase_add_test (tc, test_candidates_fall_in_confidence);
  tcase_add_test (tc, test_reads_without_text_never_outvote_a_text);
  tcase_add_test (tc, test_the_more_frequent_state_decides_without_a_text);
  tcase_add_test (tc, test_a_wide_plate_outvotes_more_reads_of_the_distance);
  tcase_add_test (tc, test_agreeing_reads_settle_the_vote);
  tcase_add_test (
      tc, test_what_gives_no_text_is_looked_at_again_only_when_it_grows);
  tcase_add_test (tc, test_a_plate_that_never_agrees_stops_costing_work);
  tcase_add_test (
      tc, test_what_all_reads_think_possible_outvotes_what_each_says);
  tcase_add_test (tc, test_halves_seen_in_different_frames_make_one_text);
  tcase_add_test (tc, test_one_wrong_read_changes_nothing);
  tcase_add_test (tc, test_two_sure_reads_that_agree_settle_the_vote);
  tcase_add_test (tc, test_joined_votes_are_one);
  return suite;
}

GST_CHECK_MAIN (vote);
