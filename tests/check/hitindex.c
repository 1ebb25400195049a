/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Indexes of hit lists: that they are whole or refused, and that every text
 * finds the entries it should and no others. All plates are invented. */

#define _GNU_SOURCE /* memfd_create() */

#include <gst/check/gstcheck.h>
#include <glib/gstdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "testfolder.h"
#include "plugins/hitmatch/hitcompare.h"
#include "plugins/hitmatch/hitlistparser.h"
#include "plugins/hitmatch/listvalue.h"
#include "plugins/record/error.h"

#include <string.h>

/* 2026-06-01T00:00:00Z, a Monday */
#define NOW (G_GINT64_CONSTANT (1780272000) * G_USEC_PER_SEC)
#define HOUR (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)
#define DAY (24 * HOUR)

#define HEADER                                                                 \
  "# list: local\n# authority: Zone\n# category: stolen\n# purpose: J1\n"      \
  "# version: 3.1\n"                                                           \
  "# valid-from: 2026-01-01T00:00:00Z\n# valid-until: 2027-01-01T00:00:00Z\n"
#define LOOK_ALIKE HEADER "# match: look-alike\n"
#define PATTERN HEADER "# match: pattern\n"
#define COLUMNS "entry,plate,valid-until\n"
#define PATTERN_COLUMNS "entry,plate,valid-until,validator,validated\n"
#define END "2026-12-31T00:00:00Z"
#define VALIDATED "," END ",officer,2026-05-01T00:00:00Z\n"

static gchar *folder;

static void
make_folder (void)
{
  folder = test_folder_new ();
}

static void
remove_folder (void)
{
  g_clear_pointer (&folder, test_folder_free);
}

static guint
count_files (void)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir))
    n++;
  return n;
}

static AnprHitListParser *
feed (const gchar *text, gboolean keep)
{
  AnprHitListParser *parser = anpr_hit_list_parser_new ("a.csv", NOW);

  if (keep)
    anpr_hit_list_parser_accept (parser, folder, "zone");
  fail_unless (anpr_hit_list_parser_feed (parser, text, strlen (text), NULL));
  return parser;
}

static gchar *
keep_index (const gchar *text)
{
  g_autoptr (AnprHitListParser) parser = feed (text, TRUE);
  g_autoptr (AnprHitList) list = anpr_hit_list_parser_finish (parser, NULL);
  gchar *file = g_build_filename (folder, "local.anprlist", NULL);

  fail_unless (list != NULL);
  fail_unless (anpr_hit_list_parser_keep (parser, file, NULL));
  return file;
}

static AnprHitLists *
load (const gchar *text)
{
  g_autoptr (GPtrArray) errors = NULL;
  AnprHitLists *lists;

  g_free (keep_index (text));
  lists = anpr_hit_lists_load (folder, NULL, NOW, NULL, &errors);

  fail_unless_equals_int (errors->len, 0);
  return lists;
}

static GPtrArray *
compare (const AnprHitLists *lists, const AnprRead *read, gint64 utc)
{
  g_autoptr (GPtrArray) compared = NULL;

  return anpr_hit_lists_compare (lists, read, utc, NULL, &compared);
}

/* A read of which sign `at` is best with confidence, and may be another */
static AnprRead *
make_read (const gchar *text, guint at, gdouble confidence, const gchar *other,
    gdouble other_confidence)
{
  AnprRead *read = anpr_read_new (ANPR_READ_TEXT, text, 0.9, "test");

  for (guint i = 0; text[i]; i++) {
    AnprCharacter character = { .best = { { text[i], '\0' }, 0.999 } };

    if (i == at) {
      AnprSign sign = { "", other_confidence };

      character.best.confidence = confidence;
      g_strlcpy (sign.sign, other, sizeof sign.sign);
      if (other[0])
        anpr_character_add_alternative (&character, &sign);
    }
    anpr_read_add_character (read, &character);
  }
  return read;
}

/* --- key tables ---------------------------------------------------------- */

static AnprListKey *
make_keys (gsize n, guint64 spread, GRand *rand, guint64 *packed)
{
  AnprListKey *keys = g_new0 (AnprListKey, n);

  for (gsize i = 0; i < n; i++) {
    packed[i] =
        ((guint64) g_rand_int (rand) << 32 | g_rand_int (rand)) % spread;
    keys[i] =
        (AnprListKey){ anpr_key_table_mix (packed[i]), (guint32) (n - i), 0 };
  }
  return keys;
}

GST_START_TEST (keys_are_sorted_and_every_one_is_found)
{
  static const gsize sizes[] = { 0, 1, 2, 5, 49, 1000, 100000 };
  static const guint64 spreads[] = { 1, 7, 1000, G_MAXUINT64 };
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);

  for (guint i = 0; i < G_N_ELEMENTS (sizes) * G_N_ELEMENTS (spreads); i++) {
    gsize n = sizes[i / G_N_ELEMENTS (spreads)];
    g_autofree guint64 *packed = g_new (guint64, n);
    g_autofree AnprListKey *keys =
        make_keys (n, spreads[i % G_N_ELEMENTS (spreads)], rand, packed);
    guint bits = anpr_key_table_bits (n);
    g_autofree guint32 *directory =
        g_new (guint32, anpr_key_table_directory_length (bits));
    AnprKeyTable table = { keys, n, directory, bits };
    const AnprListKey *first;

    anpr_key_table_sort (keys, n);
    anpr_key_table_fill_directory (keys, n, bits, directory);
    for (gsize k = 1; k < n; k++)
      fail_unless (keys[k - 1].mixed < keys[k].mixed
                   || (keys[k - 1].mixed == keys[k].mixed
                       && keys[k - 1].entry < keys[k].entry));
    for (gsize k = 0; k < n; k++) {
      fail_unless (anpr_key_table_find (&table, packed[k], 1, &first) == 1);
      fail_unless (first->mixed == anpr_key_table_mix (packed[k]));
    }
    fail_unless (anpr_key_table_find (&table, G_MAXUINT64 - 1, 1, &first) == 0);
  }
}
GST_END_TEST;

GST_START_TEST (a_short_key_comes_back_from_its_number)
{
  static const gchar *const keys[] = { "A", "0", "1XQZ001", "ZZZZZZZZZZZZ",
    "000000000000", "B\303\226XQ1", "\303\204\303\226\303\234" };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    g_autoptr (GString) text = g_string_new (NULL);
    AnprKeySigns signs;

    anpr_short_key_unpack (anpr_short_key_pack (keys[i]), &signs);
    for (guint k = 0; k < signs.n; k++)
      g_string_append (text, anpr_short_key_sign_text (signs.signs[k]));
    fail_unless_equals_string (text->str, keys[i]);
  }
}
GST_END_TEST;

/* --- index files --------------------------------------------------------- */

GST_START_TEST (an_index_holds_what_the_list_holds)
{
  g_autofree gchar *file = keep_index (HEADER
      "# contact: desk\nentry,plate,valid-until,covert,note,hours\n"
      "E1,1-XQZ-001," END ",yes,\"a, b\",1-5 08:00-18:00\nE2,XQ2," END ",,,\n");
  g_autoptr (AnprHitList) list = anpr_hit_list_open (file, NULL);
  const AnprHitListHeader *header = anpr_hit_list_get_header (list);
  const AnprListKey *keys;
  AnprHitEntry entry;

  fail_unless_equals_string (header->id, "local");
  fail_unless_equals_string (header->authority, "Zone");
  fail_unless_equals_string (header->version, "3.1");
  fail_unless_equals_string (header->contact, "desk");
  fail_unless_equals_string (header->signer, "zone");
  fail_unless (header->accepted == NOW);
  fail_unless_equals_int (anpr_hit_list_get_n_entries (list), 2);
  fail_unless (anpr_key_table_find (anpr_hit_list_get_keys (list),
                   anpr_short_key_pack ("1XQZ001"), 2, &keys)
               == 1);
  anpr_hit_list_get_entry (list, keys->entry, &entry);
  fail_unless (entry.covert);
  fail_unless_equals_int (entry.hours.days, 0x1f);
  fail_unless_equals_string (
      anpr_hit_list_get_text (list, 0, ANPR_HIT_TEXT_NOTE), "a, b");
  fail_unless (anpr_hit_list_get_text (list, 1, ANPR_HIT_TEXT_NOTE) == NULL);
  fail_unless_equals_int (count_files (), 1);
}
GST_END_TEST;

static void
assert_damaged (const gchar *file, const gchar *data, gsize size)
{
  g_autoptr (GError) error = NULL;

  fail_unless (g_file_set_contents (file, data, (gssize) size, NULL));
  fail_unless (anpr_hit_list_open (file, &error) == NULL, "taken");
  fail_unless_equals_string (anpr_error_name (error), "ANPR-LIST-INDEX");
}

GST_START_TEST (a_damaged_or_truncated_index_is_refused)
{
  g_autofree gchar *file =
      keep_index (LOOK_ALIKE COLUMNS "E1,1-XQZ-001," END "\nE2,XQ2," END "\n");
  g_autofree gchar *data = NULL, *more = NULL;
  gsize size;

  fail_unless (g_file_get_contents (file, &data, &size, NULL));
  for (gsize i = 0; i < size; i++) {
    data[i] ^= 0x10;
    assert_damaged (file, data, size);
    data[i] ^= 0x10;
  }
  for (gsize length = 0; length < size; length += 13)
    assert_damaged (file, data, length);
  more = g_malloc0 (size + 16);
  memcpy (more, data, size);
  assert_damaged (file, more, size + 16);
}
GST_END_TEST;

GST_START_TEST (a_list_that_is_not_kept_leaves_nothing)
{
  {
    g_autoptr (AnprHitListParser) parser =
        feed (HEADER COLUMNS "E1,XQ1," END "\n", TRUE);
    g_autoptr (AnprHitList) list = anpr_hit_list_parser_finish (parser, NULL);

    fail_unless (list != NULL);
    fail_unless_equals_int (count_files (), 1);
  }
  {
    g_autoptr (AnprHitListParser) parser =
        feed (HEADER COLUMNS "E1,XQ1," END "\nE1,XQ1," END "\n", TRUE);

    fail_unless (anpr_hit_list_parser_finish (parser, NULL) == NULL);
  }
  fail_unless_equals_int (count_files (), 0);
}
GST_END_TEST;

GST_START_TEST (an_accepted_list_that_has_ended_is_refused)
{
  g_autofree gchar *file = keep_index (HEADER COLUMNS "E1,XQ1," END "\n");
  g_autoptr (GError) error = NULL;

  fail_unless (
      anpr_hit_list_load (file, NOW + 300 * DAY, NULL, &error) == NULL);
  fail_unless_equals_string (anpr_error_name (error), "ANPR-LIST-DATE");
}
GST_END_TEST;

GST_START_TEST (a_list_that_is_not_signed_is_refused_beside_accepted_ones)
{
  g_autofree gchar *text = g_build_filename (folder, "b.csv", NULL);
  g_autoptr (GPtrArray) errors = NULL;
  g_autoptr (AnprHitLists) lists = NULL;

  g_free (keep_index (HEADER COLUMNS "E1,XQ1," END "\n"));
  fail_unless (
      g_file_set_contents (text, HEADER COLUMNS "E1,XQ2," END "\n", -1, NULL));
  lists = anpr_hit_lists_load (folder, NULL, NOW, NULL, &errors);
  fail_unless_equals_int (errors->len, 1);
  fail_unless_equals_string (
      anpr_error_name (g_ptr_array_index (errors, 0)), "ANPR-LIST-SIGNATURE");
  fail_unless_equals_int (anpr_hit_lists_get_n_lists (lists), 1);
}
GST_END_TEST;

/* --- candidates ---------------------------------------------------------- */

GST_START_TEST (a_candidate_that_is_listed_is_a_hit_and_says_so)
{
  g_autoptr (AnprHitLists) lists =
      load (HEADER COLUMNS "E1,1-XBZ-001," END "\n");
  g_autoptr (AnprRead) read = make_read ("1X8Z001", 2, 0.6, "B", 0.3);
  g_autoptr (GPtrArray) hits = NULL, none = NULL;
  g_autoptr (AnprRead) unlikely = make_read ("1X8Z001", 2, 0.9, "B", 0.05);
  const AnprHitSign *sign;
  AnprHit *hit;

  anpr_read_add_candidate (read, "1X8Z001", 0.6);
  anpr_read_add_candidate (read, "1XBZ001", 0.3);
  hits = compare (lists, read, NOW);
  fail_unless_equals_int (hits->len, 1);
  hit = g_ptr_array_index (hits, 0);
  fail_unless_equals_int (hit->grade, ANPR_GRADE_CANDIDATE);
  fail_unless_equals_string (hit->matched, "1XBZ001");
  fail_unless_equals_string (hit->differing, "2");
  fail_unless_equals_float (hit->likelihood, 0.3);
  fail_unless_equals_int (anpr_hit_get_n_signs (hit), 1);
  sign = anpr_hit_get_sign (hit, 0);
  fail_unless_equals_string (sign->read, "8");
  fail_unless_equals_string (sign->listed, "B");
  fail_unless_equals_float (sign->read_confidence, 0.6);
  fail_unless_equals_float (sign->listed_confidence, 0.3);

  anpr_read_add_candidate (unlikely, "1XBZ001", 0.05);
  none = compare (lists, unlikely, NOW);
  fail_unless_equals_int (none->len, 0);
}
GST_END_TEST;

/* --- look-alikes --------------------------------------------------------- */

static const struct {
  const gchar *header;
  const gchar *read;
  guint at;
  gdouble confidence;
  const gchar *other;
  gdouble other_confidence;
  const gchar *differing; /* NULL no hit */
} look_alikes[] = {
  /* the reader says itself that it may be the other */
  { LOOK_ALIKE, "1X8Z001", 2, 0.7, "B", 0.2, "2" },
  /* it leaves much open, and the two are of one class */
  { LOOK_ALIKE, "1X8Z001", 2, 0.7, "", 0, "2" },
  /* it is sure, and likeness is not enough */
  { LOOK_ALIKE, "1X8Z001", 2, 0.999, "", 0, NULL },
  { LOOK_ALIKE, "1X8Z001", 2, 0.99, "B", 0.005, NULL },
  /* of no class, but the reader names it */
  { LOOK_ALIKE, "1XTZ001", 2, 0.7, "B", 0.2, "2" },
  { LOOK_ALIKE, "1XTZ001", 2, 0.7, "", 0, NULL },
  /* the list does not allow it */
  { HEADER, "1X8Z001", 2, 0.7, "B", 0.2, NULL },
  /* two signs where one is allowed */
  { LOOK_ALIKE, "1X82001", 2, 0.7, "B", 0.2, NULL },
  /* another length */
  { LOOK_ALIKE, "1XBZ00", 2, 0.5, "", 0, NULL },
};

GST_START_TEST (a_look_alike_is_weighed_by_what_the_reader_thinks)
{
  g_autofree gchar *text = g_strconcat (
      look_alikes[__i__].header, COLUMNS "E1,1-XBZ-001," END "\n", NULL);
  g_autoptr (AnprHitLists) lists = load (text);
  g_autoptr (AnprRead) read = make_read (look_alikes[__i__].read,
      look_alikes[__i__].at, look_alikes[__i__].confidence,
      look_alikes[__i__].other, look_alikes[__i__].other_confidence);
  g_autoptr (GPtrArray) hits = compare (lists, read, NOW);
  AnprHit *hit;

  fail_unless_equals_int (hits->len, look_alikes[__i__].differing ? 1 : 0);
  if (hits->len == 0)
    return;
  hit = g_ptr_array_index (hits, 0);
  fail_unless_equals_int (hit->grade, ANPR_GRADE_LOOK_ALIKE);
  fail_unless_equals_string (hit->differing, look_alikes[__i__].differing);
  fail_unless_equals_string (anpr_hit_get_sign (hit, 0)->listed, "B");
}
GST_END_TEST;

/* Every sign with the same doubt */
static AnprRead *
make_doubtful_read (const gchar *text)
{
  AnprRead *read = anpr_read_new (ANPR_READ_TEXT, text, 0.1, "test");

  for (guint i = 0; text[i]; i++) {
    AnprCharacter character = { .best = { { text[i], '\0' }, 0.5 } };

    anpr_read_add_character (read, &character);
  }
  return read;
}

GST_START_TEST (a_reader_that_tells_nothing_of_its_signs_shares_its_doubt)
{
  g_autoptr (AnprHitLists) lists =
      load (LOOK_ALIKE COLUMNS "E1,1-XBZ-001," END "\n");
  static const gdouble confidences[] = { 0.99, 0.9, 0.5 };

  for (guint i = 0; i < G_N_ELEMENTS (confidences); i++) {
    g_autoptr (AnprRead) read =
        anpr_read_new (ANPR_READ_TEXT, "1X8Z001", confidences[i], "test");
    g_autoptr (GPtrArray) hits = compare (lists, read, NOW);

    fail_unless_equals_int (hits->len, i == 2);
  }
}
GST_END_TEST;

GST_START_TEST (two_signs_differ_only_where_the_list_says_two)
{
  g_autoptr (AnprHitLists) lists = load (
      LOOK_ALIKE "# look-alike-signs: 2\n" COLUMNS "E1,1-XBZ-001," END "\n");
  static const gchar *const texts[] = { "1X8Z001", "1X82001", "1X82O01" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (AnprRead) read = make_doubtful_read (texts[i]);
    g_autoptr (GPtrArray) hits = compare (lists, read, NOW);

    fail_unless_equals_int (hits->len, i < 2 ? 1 : 0);
  }
}
GST_END_TEST;

GST_START_TEST (every_sign_of_a_class_finds_every_other)
{
  static const gchar *const classes[] = { "0OQD", "1IL", "8B3", "5S", "2Z7",
    "6GC", "4A", "7TY", "UV", "MNWH", "EF", "KX", "PR" };

  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    for (const gchar *a = classes[i]; *a; a++)
      for (const gchar *b = classes[i]; *b; b++) {
        g_autofree gchar *text =
            g_strdup_printf (LOOK_ALIKE COLUMNS "E1,9%c9," END "\n", *a);
        const gchar key[] = { '9', *b, '9', '\0' };
        g_autoptr (AnprHitLists) lists = load (text);
        g_autoptr (AnprRead) read = make_read (key, 1, 0.5, "", 0);
        g_autoptr (GPtrArray) hits = compare (lists, read, NOW);
        AnprHit *hit;

        fail_unless_equals_int (hits->len, 1);
        hit = g_ptr_array_index (hits, 0);
        fail_unless_equals_int (
            hit->grade, *a == *b ? ANPR_GRADE_EXACT : ANPR_GRADE_LOOK_ALIKE);
      }
}
GST_END_TEST;

GST_START_TEST (a_mass_list_has_no_look_alikes)
{
  g_autoptr (AnprHitListParser) parser = feed (LOOK_ALIKE COLUMNS, FALSE);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i <= ANPR_HIT_LIST_MAX_LOOK_ALIKES; i++)
    g_string_append_printf (text, "E%u,XQ%06u," END "\n", i, i);
  fail_unless (
      !anpr_hit_list_parser_feed (parser, text->str, text->len, &error));
  fail_unless_equals_string (anpr_error_name (error), "ANPR-LIST-BOUND");
  fail_unless (strstr (error->message, "mass list") != NULL);
}
GST_END_TEST;

/* --- patterns ------------------------------------------------------------ */

static const struct {
  const gchar *pattern;
  const gchar *text;
  gboolean fits;
} patterns[] = {
  { "1-XB?-001", "1XBZ001", TRUE },
  { "1-XB?-001", "1XB001", FALSE },
  { "1-XB?-001", "1XBZZ001", FALSE },
  { "1XB*", "1XB", TRUE },
  { "1XB*", "1XBZ001", TRUE },
  { "1XB*", "01XBZ001", FALSE },
  { "*1XB*", "01XBZ001", TRUE },
  { "*001", "1XB0001", TRUE },
  { "*0*0*1", "1XB0001", TRUE },
  { "*0*0*0*0*1", "1XB0001", FALSE },
  { "1?B*1", "1XB1", TRUE },
  { "1?B**1", "1XB2", FALSE },
  { "B\303\226 ?1", "BOX1", TRUE },
  { "B\303\226 ?1", "BOEX1", TRUE },
  { "BO?11", "B\303\226X11", TRUE },
  { "\320\220\320\222*1", "AB991", TRUE },
};

GST_START_TEST (a_pattern_fits_what_it_says)
{
  g_autofree gchar *text = g_strdup_printf (
      PATTERN PATTERN_COLUMNS "E1,%s" VALIDATED, patterns[__i__].pattern);
  g_autoptr (AnprHitLists) lists = load (text);
  g_autoptr (AnprRead) read =
      anpr_read_new (ANPR_READ_TEXT, patterns[__i__].text, 0.9, "test");
  g_autoptr (GPtrArray) hits = compare (lists, read, NOW);
  AnprHit *hit;

  fail_unless_equals_int (hits->len, patterns[__i__].fits);
  if (hits->len == 0)
    return;
  hit = g_ptr_array_index (hits, 0);
  fail_unless_equals_int (hit->grade, ANPR_GRADE_PATTERN);
  fail_unless_equals_string (hit->plate, patterns[__i__].pattern);
}
GST_END_TEST;

GST_START_TEST (a_pattern_needs_somebody_who_validated_it)
{
  g_autoptr (AnprHitListParser) parser = feed (PATTERN PATTERN_COLUMNS, FALSE);
  const gchar *line = "E1,1XB*," END ",,2026-05-01T00:00:00Z\n";
  g_autoptr (GError) error = NULL;

  fail_unless (
      !anpr_hit_list_parser_feed (parser, line, strlen (line), &error));
  fail_unless_equals_string (anpr_error_name (error), "ANPR-LIST-LINE");
  fail_unless (strstr (error->message, "validator") != NULL);
}
GST_END_TEST;

/* The plain definition, which may take any time */
static gboolean
fits_slowly (const guint8 *pattern, guint n, const guint8 *signs, guint m)
{
  if (n == 0)
    return m == 0;
  if (pattern[0] == ANPR_LIST_PATTERN_ANY)
    return fits_slowly (pattern + 1, n - 1, signs, m)
           || (m > 0 && fits_slowly (pattern, n, signs + 1, m - 1));
  return m > 0
         && (pattern[0] == ANPR_LIST_PATTERN_ONE || pattern[0] == signs[0])
         && fits_slowly (pattern + 1, n - 1, signs + 1, m - 1);
}

GST_START_TEST (patterns_fit_by_their_definition)
{
  static const guint8 parts[] = { 1, 2, ANPR_LIST_PATTERN_ONE,
    ANPR_LIST_PATTERN_ANY };
  g_autoptr (GRand) rand = g_rand_new_with_seed (4);

  for (guint i = 0; i < 100000; i++) {
    AnprListPattern pattern = { .n = (guint8) g_rand_int_range (rand, 1, 9) };
    AnprKeySigns signs = { .n = (guint) g_rand_int_range (rand, 1, 9) };

    for (guint k = 0; k < pattern.n; k++)
      pattern.signs[k] = parts[g_rand_int_range (rand, 0, 4)];
    for (guint k = 0; k < signs.n; k++)
      signs.signs[k] = parts[g_rand_int_range (rand, 0, 2)];
    fail_unless (
        anpr_list_pattern_matches (&pattern, &signs)
        == fits_slowly (pattern.signs, pattern.n, signs.signs, signs.n));
  }
}
GST_END_TEST;

/* Steps are counted by time: a million of the worst take a second, where going
 * back to every star would take hours */
GST_START_TEST (no_pattern_explodes)
{
  AnprListPattern pattern = { .n = ANPR_LIST_PATTERN_SIGNS };
  AnprKeySigns signs = { .n = ANPR_SHORT_KEY_SIGNS };
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < pattern.n; i++)
    pattern.signs[i] = i % 2 == 0 ? ANPR_LIST_PATTERN_ANY : 1;
  pattern.signs[ANPR_LIST_PATTERN_SIGNS - 1] = 2;
  memset (signs.signs, 1, signs.n);
  for (guint i = 0; i < 1000000; i++)
    fail_unless (!anpr_list_pattern_matches (&pattern, &signs));
  fail_unless (g_get_monotonic_time () - start < 20 * G_USEC_PER_SEC);
}
GST_END_TEST;

/* --- area ---------------------------------------------------------------- */

GST_START_TEST (an_entry_counts_only_in_its_area)
{
  static const struct {
    const gchar *area;
    const gchar *position;
    AnprDirection direction;
    gboolean holds;
  } cases[] = {
    { "", NULL, ANPR_DIRECTION_UNKNOWN, TRUE },
    { "gate-1", "gate-1", ANPR_DIRECTION_UNKNOWN, TRUE },
    { "gate-1", "gate-11", ANPR_DIRECTION_IN, FALSE },
    { "gate-1", NULL, ANPR_DIRECTION_IN, FALSE },
    { "gate-*", "gate-11", ANPR_DIRECTION_IN, TRUE },
    { "gate-1  kennedy-*", "kennedy-3", ANPR_DIRECTION_OUT, TRUE },
    { "gate-1/in", "gate-1", ANPR_DIRECTION_IN, TRUE },
    { "gate-1/in", "gate-1", ANPR_DIRECTION_OUT, FALSE },
    { "gate-1/in", "gate-1", ANPR_DIRECTION_UNKNOWN, FALSE },
    { "gate-1/in gate-1/out", "gate-1", ANPR_DIRECTION_OUT, TRUE },
    { "*/out", NULL, ANPR_DIRECTION_OUT, TRUE },
    { "*/out", "gate-1", ANPR_DIRECTION_IN, FALSE },
    { "*", NULL, ANPR_DIRECTION_UNKNOWN, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    AnprHitPlace place = { cases[i].position, cases[i].direction };
    g_autofree gchar *text = g_strdup_printf (HEADER
        "entry,plate,valid-until,area\nE1,1-XQZ-001," END ",%s\n",
        cases[i].area);
    g_autoptr (AnprHitLists) lists = load (text);
    g_autoptr (AnprRead) read =
        anpr_read_new (ANPR_READ_TEXT, "1XQZ001", 0.9, "test");
    g_autoptr (GPtrArray) compared = NULL;
    g_autoptr (GPtrArray) hits =
        anpr_hit_lists_compare (lists, read, NOW, &place, &compared);

    fail_unless_equals_int (hits->len, cases[i].holds);
    /* compared it was all the same (R9) */
    fail_unless_equals_int (compared->len, 1);
  }
}
GST_END_TEST;

/* --- hours --------------------------------------------------------------- */

GST_START_TEST (an_entry_counts_only_in_its_hours)
{
  static const struct {
    const gchar *hours;
    gint64 after; /* Monday 00:00 */
    gboolean holds;
  } cases[] = {
    { "", 0, TRUE },
    { "08:00-18:00", 8 * HOUR - 1, FALSE },
    { "08:00-18:00", 8 * HOUR, TRUE },
    { "08:00-18:00", 18 * HOUR - 1, TRUE },
    { "08:00-18:00", 18 * HOUR, FALSE },
    { "00:00-24:00", DAY - 1, TRUE },
    { "22:00-06:00", 23 * HOUR, TRUE },
    { "22:00-06:00", 5 * HOUR, TRUE },
    { "22:00-06:00", 12 * HOUR, FALSE },
    { "1-5 08:00-18:00", 4 * DAY + 9 * HOUR, TRUE },
    { "1-5 08:00-18:00", 5 * DAY + 9 * HOUR, FALSE },
    { "6,7 08:00-18:00", 6 * DAY + 9 * HOUR, TRUE },
    /* the night from Sunday belongs to Sunday */
    { "7 22:00-06:00", 5 * HOUR, TRUE },
    { "1 22:00-06:00", 5 * HOUR, FALSE },
    { "1 22:00-06:00", DAY + 5 * HOUR, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    AnprHours hours;

    fail_unless (anpr_list_value_hours (cases[i].hours, &hours));
    fail_unless (
        anpr_hours_hold (&hours, NOW + cases[i].after) == cases[i].holds, "%s",
        cases[i].hours);
  }
}
GST_END_TEST;

/* --- versions ------------------------------------------------------------ */

GST_START_TEST (versions_are_compared_number_by_number)
{
  static const gchar *const rising[] = { "1", "2", "2.1", "2.9", "2.9.1",
    "2.10", "10", "2026.11.1", "2026.11.23", "99999999999999999999999" };

  for (guint i = 0; i < G_N_ELEMENTS (rising); i++)
    for (guint k = 0; k < G_N_ELEMENTS (rising); k++) {
      gint order = anpr_list_value_compare_versions (rising[i], rising[k]);

      fail_unless ((order < 0) == (i < k));
      fail_unless ((order > 0) == (i > k));
    }
  fail_unless_equals_int (anpr_list_value_compare_versions ("01.2", "1.02"), 0);
}
GST_END_TEST;

static Suite *
hitindex_suite (void)
{
  Suite *suite = suite_create ("hitindex");
  TCase *tables = tcase_create ("tables");
  TCase *files = tcase_create ("files");
  TCase *matching = tcase_create ("matching");

  g_setenv ("TZ", "UTC", TRUE);
  suite_add_tcase (suite, tables);
  tcase_add_test (tables, keys_are_sorted_and_every_one_is_found);
  tcase_add_test (tables, a_short_key_comes_back_from_its_number);
  tcase_add_test (tables, patterns_fit_by_their_definition);
  tcase_add_test (tables, no_pattern_explodes);
  tcase_add_test (tables, an_entry_counts_only_in_its_hours);

  tcase_add_test (tables, versions_are_compared_number_by_number);

  suite_add_tcase (suite, files);
  tcase_add_checked_fixture (files, make_folder, remove_folder);
  tcase_add_test (files, an_index_holds_what_the_list_holds);
  tcase_add_test (files, a_damaged_or_truncated_index_is_refused);
  tcase_add_test (files, a_list_that_is_not_kept_leaves_nothing);
  tcase_add_test (files, an_accepted_list_that_has_ended_is_refused);
  tcase_add_test (
      files, a_list_that_is_not_signed_is_refused_beside_accepted_ones);

  suite_add_tcase (suite, matching);
  tcase_add_checked_fixture (matching, make_folder, remove_folder);
  tcase_add_test (matching, a_candidate_that_is_listed_is_a_hit_and_says_so);
  tcase_add_test (matching, an_entry_counts_only_in_its_area);
  tcase_add_loop_test (matching,
      a_look_alike_is_weighed_by_what_the_reader_thinks, 0,
      G_N_ELEMENTS (look_alikes));
  tcase_add_test (
      matching, a_reader_that_tells_nothing_of_its_signs_shares_its_doubt);
  tcase_add_test (matching, two_signs_differ_only_where_the_list_says_two);
  tcase_add_test (matching, every_sign_of_a_class_finds_every_other);
  tcase_add_test (matching, a_mass_list_has_no_look_alikes);
  tcase_add_loop_test (
      matching, a_pattern_fits_what_it_says, 0, G_N_ELEMENTS (patterns));
  tcase_add_test (matching, a_pattern_needs_somebody_who_validated_it);
  return suite;
}

GST_CHECK_MAIN (hitindex);
