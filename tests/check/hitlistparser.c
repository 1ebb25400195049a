/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Hit lists: what is taken, what is refused and how that is said. All plates
 * are invented. */

#include "listfixture.h"

#include "plugins/hitmatch/hitcompare.h"
#include "plugins/hitmatch/listvalue.h"
#include "plugins/record/error.h"

#define HEADER_LINES 9

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
hitlistparser_suite (void)
{
  Suite *suite = suite_create ("hitlistparser");
  TCase *parser = tcase_create ("parser");

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
  return suite;
}

GST_CHECK_MAIN (hitlistparser);
