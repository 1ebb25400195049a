/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Hit lists: what is taken, what is refused and how that is said, which plates
 * find which entries. All plates are invented. */

#include <gst/check/gstcheck.h>
#include <glib/gstdio.h>
#include <sys/stat.h>

#include "testfolder.h"
#include "plugins/hitmatch/hitcompare.h"
#include "plugins/hitmatch/hitlistparser.h"
#include "plugins/hitmatch/listvalue.h"
#include "plugins/record/error.h"
#include "plugins/record/passage.h"
#include "plugins/record/platetext.h"

#define DAY (G_GINT64_CONSTANT (86400) * G_USEC_PER_SEC)

/* 2026-06-01T00:00:00Z */
#define NOW (G_GINT64_CONSTANT (1780272000) * G_USEC_PER_SEC)

#define HEADER                                                                 \
  "# list: local\n# authority: Zone\n# category: stolen\n# purpose: J1\n"      \
  "# match: exact\n# priority: 20\n# version: 3.1\n"                           \
  "# valid-from: 2026-01-01T00:00:00Z\n# valid-until: 2027-01-01T00:00:00Z\n"
#define HEADER_LINES 9
#define COLUMNS "entry,plate,valid-until\n"
#define END "2026-12-31T00:00:00Z"

static AnprHitList *
parse_bytes (const gchar *data, gsize length, gsize piece, GError **error)
{
  g_autoptr (AnprHitListParser) parser =
      anpr_hit_list_parser_new ("folder/a.csv", NOW);

  for (gsize i = 0; i < length; i += piece)
    if (!anpr_hit_list_parser_feed (
            parser, data + i, MIN (piece, length - i), error))
      return NULL;
  return anpr_hit_list_parser_finish (parser, error);
}

static AnprHitList *
parse (const gchar *text, GError **error)
{
  return parse_bytes (text, strlen (text), 4096, error);
}

static AnprHitList *
parse_good (const gchar *text)
{
  GError *error = NULL;
  AnprHitList *list = parse (text, &error);

  fail_unless (list != NULL, "refused: %s", error ? error->message : "?");
  return list;
}

static void
assert_refused (
    const gchar *text, guint line, AnprError code, const gchar *reason)
{
  g_autofree gchar *place = g_strdup_printf ("folder/a.csv:%u: ", line);
  g_autoptr (GError) error = NULL;

  fail_unless (parse (text, &error) == NULL, "taken: %s", reason);
  fail_unless_equals_string (
      anpr_error_name (error), anpr_error_code_name (code));
  fail_unless (g_str_has_prefix (error->message, place), "%s, not at line %u",
      error->message, line);
  fail_unless (strstr (error->message, reason) != NULL, "%s does not say %s",
      error->message, reason);
}

static guint
count_matches (const AnprHitList *list, const gchar *plate)
{
  g_autoptr (AnprRead) read =
      anpr_read_new (ANPR_READ_TEXT, plate, 0.9, "test");
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (AnprHitFound));
  AnprHitQuery query;

  anpr_hit_query_init (&query, read, NOW, NULL);
  anpr_hit_query_find (&query, list, found);
  return found->len;
}

GST_START_TEST (a_list_is_taken_with_all_its_columns)
{
  g_autoptr (AnprHitList) list = parse_good (HEADER
      "# contact: 24/7 desk\n"
      "plate,covert,entry,valid-until,valid-from,country,role,match,category,"
      "reason,purpose,legal-basis,measure,priority,warning,handling,hours,"
      "area,authority,reference,validator,validated,contact,make,model,colour,"
      "class,note,created,created-by,changed,changed-by\n"
      "1-XQZ-001,yes,E1," END ",2026-02-01T00:00:00Z,UK,trailer,exact,wanted,"
      "why,B1,law,stop,3,armed,\"say \"\"no\"\", then wait\",,,Other,ref,val,"
      "2026-01-05T00:00:00Z,desk,mk,md,red,car,n,2026-01-01T00:00:00Z,a,"
      "2026-01-02T00:00:00Z,b\n");
  const AnprHitListHeader *header = anpr_hit_list_get_header (list);
  AnprHitEntry entry;

  fail_unless_equals_string (header->id, "local");
  fail_unless_equals_string (header->contact, "24/7 desk");
  fail_unless_equals_string (header->version, "3.1");
  fail_unless_equals_int (anpr_hit_list_get_n_entries (list), 1);
  anpr_hit_list_get_entry (list, 0, &entry);
  fail_unless (entry.covert);
  fail_unless_equals_int (entry.priority, 3);
  fail_unless_equals_int (entry.purpose, ANPR_PURPOSE_B1);
  fail_unless_equals_string (entry.country, "GB");
  fail_unless_equals_string (
      anpr_hit_list_get_text (list, 0, ANPR_HIT_TEXT_HANDLING),
      "say \"no\", then wait");
  fail_unless_equals_string (
      anpr_hit_list_get_text (list, 0, ANPR_HIT_TEXT_CHANGED_BY), "b");
}
GST_END_TEST;

GST_START_TEST (an_entry_without_a_value_has_the_lists)
{
  g_autoptr (AnprHitList) list =
      parse_good (HEADER "entry,plate,valid-until,priority,purpose,valid-from\n"
                         "E1,XQ1," END ",,,\n");
  AnprHitEntry entry;

  anpr_hit_list_get_entry (list, 0, &entry);
  fail_unless_equals_int (entry.priority, 20);
  fail_unless_equals_int (entry.purpose, ANPR_PURPOSE_J1);
  fail_unless (entry.valid_from == anpr_hit_list_get_header (list)->valid_from);
  fail_unless (!entry.covert);
}
GST_END_TEST;

GST_START_TEST (byte_order_mark_remarks_and_crlf_do_not_matter)
{
  g_autoptr (GString) text = g_string_new ("\357\273\277## a remark\n");
  g_autoptr (AnprHitList) list = NULL;

  g_string_append (text, HEADER COLUMNS "E1,XQ1," END "\n\"E2\",XQ2," END);
  g_string_replace (text, "\n", "\r\n", 0);
  list = parse_good (text->str);
  fail_unless_equals_int (anpr_hit_list_get_n_entries (list), 2);
  fail_unless_equals_int (count_matches (list, "XQ2"), 1);
}
GST_END_TEST;

GST_START_TEST (a_list_without_entries_is_a_list)
{
  g_autoptr (AnprHitList) list = parse_good (HEADER COLUMNS);

  fail_unless_equals_int (anpr_hit_list_get_n_entries (list), 0);
  fail_unless_equals_int (count_matches (list, "XQ1"), 0);
}
GST_END_TEST;

/* Each is a line in place of or behind the header, and what must be said */
static const struct {
  const gchar *line;
  const gchar *reason;
} bad_header_lines[] = {
  { "# purpose: J1", "twice" },
  { "# contact:", "\"contact\" is not" },
  { "# colour: red", "unknown key \"colour\"" },
  { "# no key", "key: value" },
  { "# \001: x", "control character" },
  { "# contact: \377", "UTF-8" },
  { "entry,plate", "no column \"valid-until\"" },
  { "entry,valid-until", "no column \"plate\"" },
  { "plate,valid-until", "no column \"entry\"" },
  { "entry,plate,valid-until,plate", "twice" },
  { "entry,plate,valid-until,owner", "unknown column \"owner\"" },
  { "entry,plate,valid-until,\"", "quotes of field 4" },
  { "", "unknown column \"\"" },
};

GST_START_TEST (a_wrong_header_line_is_named)
{
  g_autofree gchar *text =
      g_strdup_printf (HEADER "%s\n" COLUMNS, bad_header_lines[__i__].line);

  assert_refused (text, HEADER_LINES + 1, ANPR_ERROR_LIST_HEADER,
      bad_header_lines[__i__].reason);
}
GST_END_TEST;

static const struct {
  const gchar *good;
  const gchar *bad;
  guint line;
  const gchar *reason;
} bad_values[] = {
  { "# list: local", "# list: lo cal", 1, "\"list\" is not an id" },
  { "# list: local", "# list: ../local", 1, "\"list\" is not an id" },
  { "# list: local", "# list: .local", 1, "\"list\" is not an id" },
  { "# list: local", "# list:", 1, "\"list\" is not an id" },
  { "# authority: Zone", "# authority:  ", 2, "\"authority\" is not" },
  { "J1", "J4", 4, "J1, J2, J3 or B1" },
  { "J1", "j1", 4, "J1, J2, J3 or B1" },
  { "exact", "alike", 5, "\"match\" is not exact, look-alike" },
  { "exact", "", 5, "\"match\" is not exact, look-alike" },
  { "exact", "look-alike,", 5, "\"match\" is not exact, look-alike" },
  { "exact", "look-alike\n# look-alike-signs: 3", 6, "is not 1 or 2" },
  { "exact", "look-alike\n# look-alike-signs: 0", 6, "is not 1 or 2" },
  { "exact", "exact\n# look-alike-signs: 1", 11, "does not name look-alike" },
  { "# priority: 20", "# priority: 101", 6, "0 to 100" },
  { "# priority: 20", "# priority: -1", 6, "0 to 100" },
  { "# version: 3.1", "# version: 3.", 7, "numbers with dots" },
  { "# version: 3.1", "# version: v3", 7, "numbers with dots" },
  { "2026-01-01T00:00:00Z", "2026-01-01", 8, "a time such as" },
  { "2026-01-01T00:00:00Z", "2026-02-29T00:00:00Z", 8, "a time such as" },
  { "2027-01-01T00:00:00Z", "2027-01-01T00:00:00+01:00", 9, "a time such" },
  { "# list: local\n", "## gone\n", 10, "no line \"# list: \"" },
  { "# purpose: J1\n", "## gone\n", 10, "no line \"# purpose: \"" },
  { "# version: 3.1\n", "## gone\n", 10, "no line \"# version: \"" },
  { "# valid-until: 2027-01-01T00:00:00Z\n", "## gone\n", 10, "valid-until" },
  { "2027-01-01T00:00:00Z", "2025-01-01T00:00:00Z", 10, "before it begins" },
};

GST_START_TEST (a_wrong_header_value_is_named)
{
  g_autoptr (GString) text = g_string_new (HEADER COLUMNS);

  g_string_replace (text, bad_values[__i__].good, bad_values[__i__].bad, 1);
  assert_refused (text->str, bad_values[__i__].line, ANPR_ERROR_LIST_HEADER,
      bad_values[__i__].reason);
}
GST_END_TEST;

GST_START_TEST (a_list_out_of_date_is_refused)
{
  g_autoptr (GString) text = g_string_new (HEADER COLUMNS);

  g_string_replace (text, "2027-01-01", "2026-06-01", 1);
  assert_refused (text->str, 10, ANPR_ERROR_LIST_DATE, "validity has ended");
}
GST_END_TEST;

static const struct {
  const gchar *columns;
  const gchar *line;
  const gchar *reason;
} bad_entries[] = {
  { "", "E2,XQ2", "2 fields where the columns are 3" },
  { "", "E2,XQ2," END ",", "4 fields where the columns are 3" },
  { "", "", "1 fields where the columns are 3" },
  { "", "# more", "# line below" },
  { "", "E1,XQ2," END, "was there before" },
  { "", ",XQ2," END, "\"entry\" is not" },
  { "", "E2,--- ," END, "\"plate\" is not" },
  { "", "E2,," END, "\"plate\" is not" },
  { "", "E2,ABCDEFGH12345," END, "1 to 12 letters" },
  { "", "E2,XQ2,", "every entry has an end" },
  { "", "E2,XQ2,soon", "every entry has an end" },
  { "", "E2,XQ2,2025-12-31T00:00:00Z", "before it begins" },
  { "", "E2,XQ2,2026-13-01T00:00:00Z", "\"valid-until\" is not" },
  { "", "E2,\"XQ2," END, "quotes of field 2" },
  { "", "E2,X\"Q2," END, "quotes of field 2" },
  { "", "E2,\"XQ\"2," END, "quotes of field 2" },
  { "", "E2,XQ\3772," END, "UTF-8" },
  { "", "E2,XQ\0012," END, "control character" },
  { ",purpose", "E2,XQ2," END ",J9", "J1, J2, J3, B1" },
  { ",priority", "E2,XQ2," END ",1e1", "0 to 100" },
  { ",covert", "E2,XQ2," END ",maybe", "yes, no" },
  { ",country", "E2,XQ2," END ",BEL", "ISO 3166" },
  { ",country", "E2,XQ2," END ",b", "ISO 3166" },
  { ",role", "E2,XQ2," END ",tractor", "vehicle, trailer" },
  { ",match", "E2,XQ2," END ",pattern", "does not name pattern" },
  { ",match", "E2,XQ2," END ",look-alike", "does not name look-alike" },
  { ",match", "E2,XQ2," END ",alike", "\"match\" is not exact" },
  { ",match", "E2,XQ2?," END ",exact", "? and * go with" },
  { "", "E2,XQ12?," END, "does not name pattern" },
  { "", "E2,XQ*," END, "a pattern with at least 3" },
  { ",hours", "E2,XQ2," END ",22-06", "hours such as" },
  { ",hours", "E2,XQ2," END ",22:00-22:00", "hours such as" },
  { ",hours", "E2,XQ2," END ",0-5 22:00-23:00", "hours such as" },
  { ",hours", "E2,XQ2," END ",5-1 22:00-23:00", "hours such as" },
  { ",hours", "E2,XQ2," END ",\"1-5, 22:00-23:00\"", "hours such as" },
  { ",hours", "E2,XQ2," END ",24:00-23:00", "hours such as" },
  { ",hours", "E2,XQ2," END ",22:00-24:01", "hours such as" },
  { ",area", "E2,XQ2," END ",gate/up", "positions with spaces" },
  { ",area", "E2,XQ2," END ",/in", "positions with spaces" },
  { ",area", "E2,XQ2," END ",gate?1", "positions with spaces" },
  { ",area", "E2,XQ2," END ", ", "positions with spaces" },
  { ",validated", "E2,XQ2," END ",yesterday", "\"validated\" is not" },
  { ",valid-from", "E2,XQ2," END ",2027-01-01T00:00:00Z", "before it begins" },
};

GST_START_TEST (one_broken_entry_refuses_the_list_and_is_named)
{
  gboolean extra = bad_entries[__i__].columns[0] != '\0';
  g_autofree gchar *text = g_strdup_printf (HEADER
      "entry,plate,valid-until%s\nE1,XQ1," END "%s\n%s\nE3,XQ3," END "%s\n",
      bad_entries[__i__].columns, extra ? "," : "", bad_entries[__i__].line,
      extra ? "," : "");

  assert_refused (
      text, HEADER_LINES + 3, ANPR_ERROR_LIST_LINE, bad_entries[__i__].reason);
}
GST_END_TEST;

GST_START_TEST (an_error_does_not_show_what_an_entry_holds)
{
  g_autoptr (GError) error = NULL;

  fail_unless (parse (HEADER "entry,plate,valid-until,covert\n"
                             "SECRET,XQ77," END ",perhaps\n",
                   &error)
               == NULL);
  fail_unless (strstr (error->message, "SECRET") == NULL);
  fail_unless (strstr (error->message, "XQ77") == NULL);
  fail_unless (strstr (error->message, "perhaps") == NULL);
}
GST_END_TEST;

GST_START_TEST (a_long_unknown_name_is_shown_in_whole_characters)
{
  g_autoptr (GString) text = g_string_new ("# a");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 100; i++)
    g_string_append (text, "\303\226");
  g_string_append (text, ": x\n");
  fail_unless (parse (text->str, &error) == NULL);
  fail_unless (g_utf8_validate (error->message, -1, NULL));
}
GST_END_TEST;

GST_START_TEST (a_nul_byte_refuses_the_list)
{
  static const gchar text[] = HEADER COLUMNS "E1,XQ\0001," END "\n";
  g_autoptr (GError) error = NULL;

  fail_unless (parse_bytes (text, sizeof text - 1, 4096, &error) == NULL);
  fail_unless (strstr (error->message, "a.csv:11: a NUL byte") != NULL);
}
GST_END_TEST;

GST_START_TEST (an_overlong_line_refuses_the_list_before_it_is_read)
{
  g_autoptr (GString) text = g_string_new (HEADER COLUMNS "E1,");

  for (guint i = 0; i < ANPR_HIT_LIST_MAX_LINE; i++)
    g_string_append_c (text, '-');
  assert_refused (text->str, 11, ANPR_ERROR_LIST_BOUND, "more than 16384");
}
GST_END_TEST;

GST_START_TEST (a_header_without_end_refuses_the_list)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i <= ANPR_HIT_LIST_MAX_HEADER_LINES; i++)
    g_string_append (text, "## remark\n");
  assert_refused (text->str, ANPR_HIT_LIST_MAX_HEADER_LINES + 1,
      ANPR_ERROR_LIST_BOUND, "# lines");
}
GST_END_TEST;

GST_START_TEST (a_file_that_ends_too_early_is_refused)
{
  assert_refused ("", 0, ANPR_ERROR_LIST_HEADER, "ends before");
  assert_refused (HEADER, HEADER_LINES, ANPR_ERROR_LIST_HEADER, "ends before");
}
GST_END_TEST;

GST_START_TEST (one_plate_has_a_bounded_number_of_entries)
{
  g_autoptr (GString) text = g_string_new (HEADER COLUMNS);
  g_autoptr (AnprHitList) list = NULL;

  for (guint i = 0; i < ANPR_HIT_LIST_MAX_SAME_PLATE; i++)
    g_string_append_printf (text, "E%u,XQ1," END "\n", i);
  list = parse_good (text->str);
  fail_unless_equals_int (
      count_matches (list, "XQ1"), ANPR_HIT_LIST_MAX_SAME_PLATE);
  g_string_append (text, "LAST,XQ-1," END "\n");
  assert_refused (text->str, HEADER_LINES + 2 + ANPR_HIT_LIST_MAX_SAME_PLATE,
      ANPR_ERROR_LIST_BOUND, "more than 64 times");
}
GST_END_TEST;

GST_START_TEST (how_the_file_was_cut_does_not_matter)
{
  const gchar *text = HEADER "entry,plate,note,valid-until\n"
                             "E1,XQ1,\"a, \"\"b\"\"\"," END "\n"
                             "E2,\303\226X 2,," END;

  for (gsize piece = 1; piece < 64; piece++) {
    g_autoptr (AnprHitList) list =
        parse_bytes (text, strlen (text), piece, NULL);

    fail_unless (list != NULL);
    fail_unless_equals_int (anpr_hit_list_get_n_entries (list), 2);
    fail_unless_equals_string (
        anpr_hit_list_get_text (list, 0, ANPR_HIT_TEXT_NOTE), "a, \"b\"");
  }
}
GST_END_TEST;

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

static GPtrArray *
compare_at (const AnprHitLists *lists, const gchar *plate, gint64 utc)
{
  g_autoptr (AnprRead) read =
      anpr_read_new (ANPR_READ_TEXT, plate, 0.9, "test");
  g_autoptr (GPtrArray) compared = NULL;

  return anpr_hit_lists_compare (lists, read, utc, NULL, &compared);
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

static void
write_list (const gchar *name, const gchar *id, const gchar *entries)
{
  g_autofree gchar *path = g_build_filename (folder, name, NULL);
  g_autoptr (GString) text = g_string_new (HEADER COLUMNS);

  g_string_replace (text, "local", id, 1);
  g_string_append (text, entries);
  fail_unless (g_file_set_contents (path, text->str, -1, NULL));
}

static AnprHitLists *
load_folder (AnprHitLists *before, guint n_errors)
{
  GPtrArray *errors;
  AnprHitLists *lists =
      anpr_hit_lists_load (folder, before, NOW, NULL, &errors);

  fail_unless_equals_int (errors->len, n_errors);
  fail_unless_equals_int (anpr_hit_lists_get_n_refused (lists), n_errors);
  g_ptr_array_unref (errors);
  return lists;
}

static guint
count_hits (const AnprHitLists *lists, const gchar *plate)
{
  g_autoptr (GPtrArray) hits = compare_at (lists, plate, NOW);

  return hits->len;
}

GST_START_TEST (a_broken_list_leaves_the_others_and_its_own_older_issue)
{
  g_autoptr (AnprHitLists) older = NULL, newer = NULL, third = NULL;

  write_list ("a.csv", "a", "E1,XQ1," END "\n");
  write_list ("b.csv", "b", "E1,XQ2," END "\n");
  write_list ("ignored.txt", "c", "broken\n");
  older = load_folder (NULL, 0);
  fail_unless_equals_int (anpr_hit_lists_get_n_lists (older), 2);

  write_list ("a.csv", "a", "broken\n");
  write_list ("b.csv", "b", "E1,XQ3," END "\n");
  newer = load_folder (older, 1);
  fail_unless_equals_int (count_hits (newer, "XQ1"), 1);
  fail_unless_equals_int (count_hits (newer, "XQ2"), 0);
  fail_unless_equals_int (count_hits (newer, "XQ3"), 1);

  third = load_folder (NULL, 1);
  fail_unless_equals_int (count_hits (third, "XQ1"), 0);
  fail_unless_equals_int (count_hits (third, "XQ3"), 1);
}
GST_END_TEST;

GST_START_TEST (a_file_that_is_gone_takes_its_list_with_it)
{
  g_autofree gchar *path = g_build_filename (folder, "a.csv", NULL);
  g_autoptr (AnprHitLists) older = NULL, newer = NULL;

  write_list ("a.csv", "a", "E1,XQ1," END "\n");
  write_list ("b.csv", "b", "E1,XQ2," END "\n");
  older = load_folder (NULL, 0);
  g_remove (path);
  newer = load_folder (older, 0);
  fail_unless_equals_int (count_hits (newer, "XQ1"), 0);
  fail_unless_equals_int (anpr_hit_lists_get_n_entries (newer), 1);
}
GST_END_TEST;

GST_START_TEST (a_folder_that_cannot_be_read_leaves_the_lists_in_force)
{
  g_autoptr (AnprHitLists) older = NULL, newer = NULL, none = NULL;
  GPtrArray *errors;

  write_list ("a.csv", "a", "E1,XQ1," END "\n");
  older = load_folder (NULL, 0);
  newer = anpr_hit_lists_load ("/nonexistent", older, NOW, NULL, &errors);
  fail_unless_equals_int (errors->len, 1);
  fail_unless_equals_string (
      anpr_error_name (g_ptr_array_index (errors, 0)), "ANPR-LIST-OPEN");
  fail_unless_equals_int (count_hits (newer, "XQ1"), 1);
  g_ptr_array_unref (errors);
  none = anpr_hit_lists_load (NULL, older, NOW, NULL, &errors);
  fail_unless_equals_int (errors->len, 0);
  fail_unless_equals_int (anpr_hit_lists_get_n_lists (none), 0);
  g_ptr_array_unref (errors);
}
GST_END_TEST;

GST_START_TEST (a_list_id_is_taken_once)
{
  g_autoptr (AnprHitLists) lists = NULL;

  write_list ("a.csv", "same", "E1,XQ1," END "\n");
  write_list ("b.csv", "same", "E1,XQ2," END "\n");
  lists = load_folder (NULL, 1);
  fail_unless_equals_int (count_hits (lists, "XQ1"), 1);
  fail_unless_equals_int (count_hits (lists, "XQ2"), 0);
}
GST_END_TEST;

GST_START_TEST (what_is_not_a_file_is_refused_and_holds_nobody_up)
{
  g_autofree gchar *pipe = g_build_filename (folder, "p.csv", NULL);
  g_autofree gchar *sub = g_build_filename (folder, "s.csv", NULL);
  g_autoptr (AnprHitLists) lists = NULL, empty = NULL;

  empty = load_folder (NULL, 1);
  fail_unless_equals_int (mkfifo (pipe, 0600), 0);
  fail_unless_equals_int (g_mkdir (sub, 0700), 0);
  lists = load_folder (NULL, 2);
  fail_unless_equals_int (anpr_hit_lists_get_n_lists (lists), 0);
}
GST_END_TEST;

GST_START_TEST (loading_can_be_given_up)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree gchar *path = g_build_filename (folder, "a.csv", NULL);
  g_autoptr (GError) error = NULL;

  write_list ("a.csv", "a", "E1,XQ1," END "\n");
  g_cancellable_cancel (cancellable);
  fail_unless (anpr_hit_list_load (path, NOW, cancellable, &error) == NULL);
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}
GST_END_TEST;

GST_START_TEST (the_examples_are_good_lists)
{
  g_autofree gchar *path =
      g_build_filename (g_getenv ("ANPR_SOURCE_DIR"), "conf", "lists", NULL);
  GPtrArray *errors;
  g_autoptr (AnprHitLists) lists =
      anpr_hit_lists_load (path, NULL, NOW, NULL, &errors);

  fail_unless_equals_int (errors->len, 0);
  fail_unless_equals_int (anpr_hit_lists_get_n_lists (lists), 2);
  fail_unless_equals_int (count_hits (lists, "1XQZ001"), 1);
  g_ptr_array_unref (errors);
}
GST_END_TEST;

GST_START_TEST (dates_are_those_of_the_calendar)
{
  static const struct {
    const gchar *text;
    gint64 seconds;
  } good[] = {
    { "1970-01-01T00:00:00Z", 0 },
    { "2000-02-29T12:00:00Z", 951825600 },
    { "2026-06-01T00:00:00Z", 1780272000 },
    { "9999-12-31T23:59:59Z", G_GINT64_CONSTANT (253402300799) },
  };
  static const gchar *const bad[] = { "", "2026-06-01T00:00:00",
    "2026-06-01 00:00:00Z", "2026-6-1T00:00:00Z", "2100-02-29T00:00:00Z",
    "2026-04-31T00:00:00Z", "2026-00-01T00:00:00Z", "1969-12-31T23:59:59Z",
    "2026-06-01T24:00:00Z", "2026-06-01T00:00:60Z", "2026-06-01T00:00:00Zx" };
  gint64 utc;

  for (guint i = 0; i < G_N_ELEMENTS (good); i++) {
    fail_unless (anpr_list_value_date (good[i].text, &utc));
    fail_unless (utc == good[i].seconds * G_USEC_PER_SEC);
  }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    fail_unless (!anpr_list_value_date (bad[i], &utc), "%s", bad[i]);
}
GST_END_TEST;

static Suite *
hitlist_suite (void)
{
  Suite *suite = suite_create ("hitlist");
  TCase *parser = tcase_create ("parser");
  TCase *plates = tcase_create ("plates");
  TCase *folders = tcase_create ("folders");

  suite_add_tcase (suite, parser);
  tcase_add_test (parser, a_list_is_taken_with_all_its_columns);
  tcase_add_test (parser, an_entry_without_a_value_has_the_lists);
  tcase_add_test (parser, byte_order_mark_remarks_and_crlf_do_not_matter);
  tcase_add_test (parser, a_list_without_entries_is_a_list);
  tcase_add_loop_test (
      parser, a_wrong_header_line_is_named, 0, G_N_ELEMENTS (bad_header_lines));
  tcase_add_loop_test (
      parser, a_wrong_header_value_is_named, 0, G_N_ELEMENTS (bad_values));
  tcase_add_test (parser, a_list_out_of_date_is_refused);
  tcase_add_loop_test (parser, one_broken_entry_refuses_the_list_and_is_named,
      0, G_N_ELEMENTS (bad_entries));
  tcase_add_test (parser, an_error_does_not_show_what_an_entry_holds);
  tcase_add_test (parser, a_long_unknown_name_is_shown_in_whole_characters);
  tcase_add_test (parser, a_nul_byte_refuses_the_list);
  tcase_add_test (parser, an_overlong_line_refuses_the_list_before_it_is_read);
  tcase_add_test (parser, a_header_without_end_refuses_the_list);
  tcase_add_test (parser, a_file_that_ends_too_early_is_refused);
  tcase_add_test (parser, one_plate_has_a_bounded_number_of_entries);
  tcase_add_test (parser, how_the_file_was_cut_does_not_matter);
  tcase_add_test (parser, dates_are_those_of_the_calendar);

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

  suite_add_tcase (suite, folders);
  tcase_add_checked_fixture (folders, make_folder, remove_folder);
  tcase_add_test (
      folders, a_broken_list_leaves_the_others_and_its_own_older_issue);
  tcase_add_test (folders, a_file_that_is_gone_takes_its_list_with_it);
  tcase_add_test (
      folders, a_folder_that_cannot_be_read_leaves_the_lists_in_force);
  tcase_add_test (folders, a_list_id_is_taken_once);
  tcase_add_test (folders, what_is_not_a_file_is_refused_and_holds_nobody_up);
  tcase_add_test (folders, loading_can_be_given_up);
  tcase_add_test (folders, the_examples_are_good_lists);
  return suite;
}

GST_CHECK_MAIN (hitlist);
