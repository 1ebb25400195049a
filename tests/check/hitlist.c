/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Which plates find which entries of hit lists, and what a hit says. All plates
 * are invented. */

#include "listfixture.h"

#include <glib/gstdio.h>

#include "plugins/hitmatch/hitcompare.h"
#include "plugins/hitmatch/listvalue.h"
#include "plugins/record/platetext.h"

#define DAY (G_GINT64_CONSTANT (86400) * G_USEC_PER_SEC)

/* Writes a key as people write plates: any case, separators, other alphabets */
static gchar *
write_somehow (const gchar *key, GRand *rand)
{
  static const gchar *const separators[] = { " ", "-", ".", "\302\267",
    "\342\200\211", "/" };
  static const gchar latin[] = "ABEKMHOPCTYX";
  static const gchar *const cyrillic[] = { "\320\220", "\320\222", "\320\225",
    "\320\232", "\320\234", "\320\235", "\320\236", "\320\240", "\320\241",
    "\320\242", "\320\243", "\320\245" };
  GString *text = g_string_new (NULL);

  for (const gchar *p = key; *p; p++) {
    const gchar *same = strchr (latin, *p);

    if (same && g_rand_boolean (rand))
      g_string_append (text, cyrillic[same - latin]);
    else if (g_rand_boolean (rand))
      g_string_append_c (text, g_ascii_tolower (*p));
    else
      g_string_append_c (text, *p);
    if (g_rand_boolean (rand))
      g_string_append (text,
          separators[g_rand_int_range (rand, 0, G_N_ELEMENTS (separators))]);
  }
  return g_string_free (text, FALSE);
}

static gchar *
make_key (GRand *rand)
{
  static const gchar signs[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  gint n = g_rand_int_range (rand, 1, ANPR_SHORT_KEY_SIGNS + 1);
  GString *key = g_string_new (NULL);

  for (gint i = 0; i < n; i++)
    g_string_append_c (
        key, signs[g_rand_int_range (rand, 0, sizeof signs - 1)]);
  return g_string_free (key, FALSE);
}

GST_START_TEST (the_writing_of_a_plate_never_changes_the_hit)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  for (guint i = 0; i < 500; i++) {
    g_autofree gchar *key = make_key (rand);
    g_autofree gchar *listed = write_somehow (key, rand);
    g_autofree gchar *read = write_somehow (key, rand);
    g_autofree gchar *text =
        g_strdup_printf (HEADER COLUMNS "E1,%s," END "\n", listed);
    g_autoptr (AnprHitList) list = parse_good (text);

    fail_unless_equals_int (count_matches (list, read), 1);
  }
}

GST_END_TEST;

GST_START_TEST (letter_o_and_digit_0_are_two_plates)
{
  g_autoptr (AnprHitList) list =
      parse_good (HEADER COLUMNS "E1,XQO1," END "\n");

  fail_unless_equals_int (count_matches (list, "XQO1"), 1);
  fail_unless_equals_int (count_matches (list, "XQ01"), 0);
}

GST_END_TEST;

GST_START_TEST (different_keys_have_different_numbers)
{
  g_autoptr (GHashTable) seen =
      g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  g_autoptr (GRand) rand = g_rand_new_with_seed (2);

  for (guint i = 0; i < 20000; i++) {
    g_autofree gchar *key = make_key (rand);
    guint64 packed = anpr_short_key_pack (key);
    const gchar *same = g_hash_table_lookup (seen, &packed);

    fail_unless (packed != 0);
    fail_unless (!same || strcmp (same, key) == 0);
    g_hash_table_insert (
        seen, g_memdup2 (&packed, sizeof packed), g_strdup (key));
  }
  fail_unless (anpr_short_key_pack ("") == 0);
  fail_unless (anpr_short_key_pack ("a") == 0);
  fail_unless (anpr_short_key_pack ("ABCDEFGHIJKLM") == 0);
  fail_unless (anpr_short_key_pack ("\303\234\303\234\303\234\303\234\303\234"
                                    "\303\234\303\234\303\234\303\234\303\234"
                                    "\303\234\303\234")
               > anpr_short_key_pack ("ZZZZZZZZZZZZ"));
}

GST_END_TEST;

GST_START_TEST (the_short_key_is_the_plate_key)
{
  static const gchar *const plates[] = { "1-xqz-001", " a b.C", "b\303\266 1",
    "\320\220\320\222 12", "\357\274\241\357\274\2421", "---", "", "\tX\t",
    "\303\237 1" };

  for (guint i = 0; i < G_N_ELEMENTS (plates); i++) {
    g_autofree gchar *key = anpr_plate_key (plates[i]);
    gchar short_key[ANPR_SHORT_KEY_SIZE];

    fail_unless_equals_int (
        anpr_short_key (plates[i], short_key), g_utf8_strlen (key, -1));
    fail_unless_equals_string (short_key, key);
  }
}

GST_END_TEST;

static AnprHitLists *
load_text (const gchar *text)
{
  g_autofree gchar *path = NULL;
  GPtrArray *errors;
  AnprHitLists *lists;
  gint fd = g_file_open_tmp ("hitlist-XXXXXX.csv", &path, NULL);

  g_close (fd, NULL);
  fail_unless (g_file_set_contents (path, text, -1, NULL));
  lists = anpr_hit_lists_load (path, NULL, NOW, NULL, &errors);
  fail_unless_equals_int (errors->len, 0);
  g_ptr_array_unref (errors);
  g_unlink (path);
  return lists;
}

GST_START_TEST (umlauts_are_found_in_each_writing_and_graded)
{
  static const struct {
    const gchar *listed;
    const gchar *read;
    AnprGrade grade;
    const gchar *differing;
    guint n;
  } cases[] = {
    { "B\303\226 XQ 1", "B\303\226XQ1", ANPR_GRADE_EXACT, "", 1 },
    { "B\303\226 XQ 1", "BOXQ1", ANPR_GRADE_LOOK_ALIKE, "1", 1 },
    { "B\303\226 XQ 1", "BOEXQ1", ANPR_GRADE_LOOK_ALIKE, "1,2", 1 },
    { "BO XQ 1", "B\303\226XQ1", ANPR_GRADE_LOOK_ALIKE, "1", 1 },
    { "BOE XQ 1", "B\303\226XQ1", ANPR_GRADE_LOOK_ALIKE, "1", 1 },
    { "BO XQ 1", "BOEXQ1", ANPR_GRADE_EXACT, "", 0 },
    { "B\303\226 XQ 1", "B\303\204XQ1", ANPR_GRADE_EXACT, "", 0 },
    { "\303\234\303\226 1", "UEOE1", ANPR_GRADE_LOOK_ALIKE, "0,1,2,3", 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree gchar *text =
        g_strdup_printf (HEADER COLUMNS "E1,%s," END "\n", cases[i].listed);
    g_autoptr (AnprHitLists) lists = load_text (text);
    g_autoptr (GPtrArray) hits = compare_at (lists, cases[i].read, NOW);
    AnprHit *hit;

    fail_unless_equals_int (hits->len, cases[i].n);
    if (cases[i].n == 0)
      continue;
    hit = g_ptr_array_index (hits, 0);
    fail_unless_equals_int (hit->grade, cases[i].grade);
    fail_unless_equals_string (hit->differing, cases[i].differing);
  }
}

GST_END_TEST;

GST_START_TEST (hits_come_most_urgent_first_and_are_bounded)
{
  g_autoptr (GString) text =
      g_string_new (HEADER "entry,plate,valid-until,priority\n");
  g_autoptr (AnprHitLists) lists = NULL;
  g_autoptr (GPtrArray) hits = NULL;

  for (guint i = 0; i < 40; i++)
    g_string_append_printf (text, "E%u,XQ1," END ",%u\n", i, 40 - i);
  lists = load_text (text->str);
  hits = compare_at (lists, "XQ-1", NOW);
  fail_unless_equals_int (hits->len, ANPR_PASSAGE_MAX_HITS);
  for (guint i = 0; i < hits->len; i++) {
    AnprHit *hit = g_ptr_array_index (hits, i);

    fail_unless_equals_int (hit->priority, i + 1);
  }
}

GST_END_TEST;

GST_START_TEST (an_entry_counts_only_while_it_is_valid)
{
  g_autoptr (AnprHitLists) lists =
      load_text (HEADER "entry,plate,valid-from,valid-until\n"
                        "E1,XQ1,2026-07-01T00:00:00Z,2026-08-01T00:00:00Z\n");
  static const struct {
    const gchar *when;
    guint n;
  } cases[] = { { "2026-06-30T23:59:59Z", 0 }, { "2026-07-01T00:00:00Z", 1 },
    { "2026-07-31T23:59:59Z", 1 }, { "2026-08-01T00:00:00Z", 0 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GPtrArray) hits = NULL;
    gint64 utc;

    fail_unless (anpr_list_value_date (cases[i].when, &utc));
    hits = compare_at (lists, "XQ1", utc);
    fail_unless_equals_int (hits->len, cases[i].n);
  }
}

GST_END_TEST;

GST_START_TEST (a_list_that_begins_later_sleeps_until_then)
{
  g_autoptr (GString) text = g_string_new (HEADER COLUMNS "E1,XQ1," END "\n");
  g_autoptr (AnprHitLists) lists = NULL;
  g_autoptr (GPtrArray) compared = NULL, later = NULL, hits = NULL;

  g_string_replace (text, "2026-01-01", "2026-06-02", 1);
  lists = load_text (text->str);
  hits = anpr_hit_lists_compare (lists, NULL, NOW, NULL, &compared);
  fail_unless_equals_int (compared->len, 0);
  g_ptr_array_unref (hits);
  hits = anpr_hit_lists_compare (lists, NULL, NOW + DAY, NULL, &later);
  fail_unless_equals_int (later->len, 1);
}

GST_END_TEST;

GST_START_TEST (a_list_counts_no_longer_than_it_is_valid)
{
  g_autoptr (AnprHitLists) lists =
      load_text (HEADER COLUMNS "E1,XQ1,2030-01-01T00:00:00Z\n");
  g_autoptr (GPtrArray) before = NULL, after = NULL;
  gint64 end;

  fail_unless (anpr_list_value_date ("2027-01-01T00:00:00Z", &end));
  before = compare_at (lists, "XQ1", end - 1);
  after = compare_at (lists, "XQ1", end);
  fail_unless_equals_int (before->len, 1);
  fail_unless_equals_int (after->len, 0);
}

GST_END_TEST;

GST_START_TEST (a_plate_that_was_not_read_is_compared_all_the_same)
{
  g_autoptr (AnprHitLists) lists =
      load_text (HEADER COLUMNS "E1,XQ1," END "\n");
  g_autoptr (AnprRead) read =
      anpr_read_new (ANPR_READ_NOT_READ, NULL, 0, "test");
  g_autoptr (GPtrArray) compared = NULL;
  g_autoptr (GPtrArray) hits =
      anpr_hit_lists_compare (lists, read, NOW, NULL, &compared);
  AnprCompared *one;

  fail_unless_equals_int (hits->len, 0);
  fail_unless_equals_int (compared->len, 1);
  one = g_ptr_array_index (compared, 0);
  fail_unless_equals_string (one->list, "local");
  fail_unless_equals_string (one->version, "3.1");
}

GST_END_TEST;

GST_START_TEST (a_country_agrees_is_unknown_or_conflicts)
{
  static const struct {
    AnprCountry ranked[2];
    guint n;
    const gchar *country;
    AnprCountryGrade grade;
  } cases[] = {
    { { { "BE", 0.9 } }, 1, "BE", ANPR_COUNTRY_AGREE },
    { { { "BE", 0.9 } }, 1, "FR", ANPR_COUNTRY_CONFLICT },
    { { { "BE", 0.9 } }, 1, "", ANPR_COUNTRY_UNKNOWN },
    { { { "BE", 0.3 } }, 1, "ES", ANPR_COUNTRY_UNKNOWN },
    { { { "BG", 0.5 }, { "UA", 0.4 } }, 2, "UA", ANPR_COUNTRY_AGREE },
    { { { "FR", 0.8 }, { "DE", 0.1 } }, 2, "DE", ANPR_COUNTRY_UNKNOWN },
    { { { "UK", 0.8 } }, 1, "GB", ANPR_COUNTRY_AGREE },
    { { { "BE", 0 } }, 0, "BE", ANPR_COUNTRY_UNKNOWN },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (AnprRead) read =
        anpr_read_new (ANPR_READ_TEXT, "XQ1", 1.0, "test");

    anpr_read_set_countries (read, cases[i].ranked, cases[i].n);
    fail_unless_equals_int (
        anpr_country_grade (read, cases[i].country), cases[i].grade);
  }
  fail_unless_equals_int (
      anpr_country_grade (NULL, "BE"), ANPR_COUNTRY_UNKNOWN);
}

GST_END_TEST;

GST_START_TEST (a_hit_says_who_wants_what_and_why)
{
  g_autoptr (AnprHitLists) lists = load_text (
      HEADER "entry,plate,valid-until,country,measure,reason,handling,warning,"
             "reference,covert\n"
             "E1,X-Q 1," END ",BE,observe,fraud,be quiet,armed,R/1,yes\n");
  g_autoptr (GPtrArray) hits = compare_at (lists, "XQ1", NOW);
  AnprHit *hit = g_ptr_array_index (hits, 0);

  fail_unless_equals_string (hit->list, "local");
  fail_unless_equals_string (hit->version, "3.1");
  fail_unless_equals_string (hit->entry, "E1");
  fail_unless_equals_string (hit->plate, "X-Q 1");
  fail_unless_equals_string (hit->authority, "Zone");
  fail_unless_equals_string (hit->category, "stolen");
  fail_unless_equals_string (hit->measure, "observe");
  fail_unless_equals_string (hit->reason, "fraud: be quiet");
  fail_unless_equals_string (hit->warning, "armed");
  fail_unless_equals_string (hit->reference, "R/1");
  fail_unless_equals_string (hit->purpose, "J1");
  fail_unless_equals_int (hit->country_grade, ANPR_COUNTRY_UNKNOWN);
  fail_unless_equals_int (hit->list_age, 151 * 86400);
  fail_unless (hit->covert);
}

GST_END_TEST;

static Suite *
hitlist_suite (void)
{
  Suite *suite = suite_create ("hitlist");
  TCase *plates = tcase_create ("plates");

  suite_add_tcase (suite, plates);
  tcase_add_test (plates, the_writing_of_a_plate_never_changes_the_hit);
  tcase_add_test (plates, letter_o_and_digit_0_are_two_plates);
  tcase_add_test (plates, different_keys_have_different_numbers);
  tcase_add_test (plates, the_short_key_is_the_plate_key);
  tcase_add_test (plates, umlauts_are_found_in_each_writing_and_graded);
  tcase_add_test (plates, hits_come_most_urgent_first_and_are_bounded);
  tcase_add_test (plates, an_entry_counts_only_while_it_is_valid);
  tcase_add_test (plates, a_list_that_begins_later_sleeps_until_then);
  tcase_add_test (plates, a_list_counts_no_longer_than_it_is_valid);
  tcase_add_test (plates, a_plate_that_was_not_read_is_compared_all_the_same);
  tcase_add_test (plates, a_country_agrees_is_unknown_or_conflicts);
  tcase_add_test (plates, a_hit_says_who_wants_what_and_why);
  return suite;
}

GST_CHECK_MAIN (hitlist);
