/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/check/gstcheck.h>
#include "plugins/record/identifier.h"
#include "plugins/record/identifiersequence.h"

#include <string.h>

#define NOW G_GINT64_CONSTANT (1790000000000000)
#define HOUR (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)
#define THREADS 4
#define EACH 5000

/* Makes an id and fails unless it is one and sorts behind the one before. */
static void
step (AnprIdentifierSequence *sequence, gint64 utc, gchar **last)
{
  gchar *id = anpr_identifier_sequence_next (sequence, utc);

  fail_unless (g_uuid_string_is_valid (id), "%s", id);
  fail_unless_equals_int (id[14], '7');
  fail_unless (strchr ("89ab", id[19]) != NULL, "%s", id);
  fail_unless (!*last || strcmp (*last, id) < 0, "%s then %s", *last, id);
  g_free (*last);
  *last = id;
}

GST_START_TEST (test_an_id_begins_with_its_time)
{
  AnprIdentifierSequence sequence = { 0 };
  g_autofree gchar *id = NULL;

  step (&sequence, NOW, &id);
  fail_unless (g_str_has_prefix (id, "01a0c450-6c00-7"), "%s", id);
  step (&sequence, NOW + 1000, &id);
  fail_unless (g_str_has_prefix (id, "01a0c450-6c01-7"), "%s", id);
}
GST_END_TEST;

GST_START_TEST (test_ids_of_one_millisecond_sort_as_made)
{
  AnprIdentifierSequence sequence = { 0 };
  g_autofree gchar *id = NULL;

  /* more than a millisecond has counters for */
  for (guint i = 0; i < 10000; i++)
    step (&sequence, NOW, &id);
}
GST_END_TEST;

GST_START_TEST (test_ids_sort_as_made_when_the_clock_is_set_back)
{
  static const gint64 clock[] = { NOW, NOW + HOUR, NOW, NOW - 24 * HOUR, 0, -1,
    NOW + 1, NOW + HOUR + 1000, NOW + 24 * HOUR, NOW };
  AnprIdentifierSequence sequence = { 0 };
  g_autofree gchar *id = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (clock); i++)
    for (guint n = 0; n < 100; n++)
      step (&sequence, clock[i], &id);
}
GST_END_TEST;

GST_START_TEST (test_an_id_tells_the_time_again_once_the_clock_caught_up)
{
  AnprIdentifierSequence sequence = { 0 };
  g_autofree gchar *id = NULL;

  step (&sequence, NOW, &id);
  step (&sequence, NOW - HOUR, &id);
  step (&sequence, NOW + 1000, &id);
  fail_unless (g_str_has_prefix (id, "01a0c450-6c01-7"), "%s", id);
}
GST_END_TEST;

typedef struct {
  AnprIdentifierSequence *sequence;
  gchar *ids[EACH];
} Maker;

static gpointer
make_many (gpointer data)
{
  Maker *maker = data;

  for (guint i = 0; i < EACH; i++)
    maker->ids[i] = anpr_identifier_sequence_next (
        maker->sequence, NOW + ((gint64) (i % 7) - 3) * HOUR);
  return NULL;
}

GST_START_TEST (test_threads_share_a_sequence_without_making_an_id_twice)
{
  AnprIdentifierSequence sequence = { 0 };
  g_autoptr (GHashTable) seen =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Maker *makers = g_new0 (Maker, THREADS);
  GThread *threads[THREADS];

  for (guint i = 0; i < THREADS; i++) {
    makers[i].sequence = &sequence;
    threads[i] = g_thread_new ("make", make_many, &makers[i]);
  }
  for (guint i = 0; i < THREADS; i++)
    g_thread_join (threads[i]);
  for (guint i = 0; i < THREADS; i++)
    for (guint n = 0; n < EACH; n++) {
      fail_unless (
          n == 0 || strcmp (makers[i].ids[n - 1], makers[i].ids[n]) < 0);
      fail_unless (g_hash_table_add (seen, makers[i].ids[n]));
    }
  g_free (makers);
}
GST_END_TEST;

GST_START_TEST (test_the_process_has_one_sequence)
{
  g_autofree gchar *last = anpr_identifier_new ();

  for (guint i = 0; i < 1000; i++) {
    gchar *id = anpr_identifier_new ();

    fail_unless_equals_int (strlen (id), ANPR_IDENTIFIER_LENGTH);
    fail_unless (strcmp (last, id) < 0, "%s then %s", last, id);
    g_free (last);
    last = id;
  }
}
GST_END_TEST;

static Suite *
identifier_suite (void)
{
  Suite *suite = suite_create ("identifier");
  TCase *tc = tcase_create ("sequence");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_an_id_begins_with_its_time);
  tcase_add_test (tc, test_ids_of_one_millisecond_sort_as_made);
  tcase_add_test (tc, test_ids_sort_as_made_when_the_clock_is_set_back);
  tcase_add_test (tc, test_an_id_tells_the_time_again_once_the_clock_caught_up);
  tcase_add_test (tc, test_threads_share_a_sequence_without_making_an_id_twice);
  tcase_add_test (tc, test_the_process_has_one_sequence);
  return suite;
}

GST_CHECK_MAIN (identifier);
