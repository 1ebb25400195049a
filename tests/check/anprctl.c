/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The plain parts of anprctl: records in words and in HTML, ends of files, and
 * the objects that anprctl read prints. All plates are invented. */

#include <gst/check/gstcheck.h>
#include "../../appliance/console.h"
#include "../../appliance/html.h"
#include "../../appliance/inputfile.h"
#include "../../appliance/readjson.h"
#include "../../appliance/recordtext.h"
#include "../../appliance/report.h"
#include "../../plugins/record/plate.h"
#include "plugins/record/jsonmember.h"

#include <string.h>

#define HIT                                                                    \
  "{\"list\":\"l1\",\"version\":\"7\",\"entry\":\"E1\",\"authority\":\"A\","   \
  "\"reference\":\"R\",\"category\":\"stolen\",\"measure\":\"stop\","          \
  "\"warning\":\"armed\",\"reason\":null,\"grade\":\"exact\","                 \
  "\"country_grade\":\"conflict\",\"covert\":%s}"

#define WRONG_TYPES                                                            \
  "{\"plates\":[{\"countries\":[1],\"candidates\":[[]],\"text\":4}],"          \
  "\"compared\":[false],\"position\":[],\"best_seen\":\"yesterday\"}"

/* The first box of an MP4 file: octal, as "f" is a hexadecimal digit */
#define MP4 "\0\0\0\020ftypisom...."

#define RECORD                                                                 \
  "{\"id\":\"i\",\"position\":\"p<1>\",\"sequence\":3,"                        \
  "\"best_seen\":\"2026-01-02T03:04:05.000000Z\",\"direction\":\"in\","        \
  "\"plates\":[{\"state\":\"read\",\"text\":\"1ABC234\",\"raw\":\"1-ABC-234\"" \
  ",\"confidence\":0.999,\"frames\":4,"                                        \
  "\"countries\":[{\"code\":\"BE\",\"score\":0.8}]}],\"hits\":[" HIT "]}"

static AnprRecordView *
record (const gchar *covert)
{
  g_autofree gchar *line = g_strdup_printf (RECORD, covert);
  AnprRecordView *view = anpr_record_view_parse (line, NULL);

  fail_unless (view);
  return view;
}

static void
assert_contains (const gchar *text, const gchar *part)
{
  fail_unless (strstr (text, part), "no \"%s\" in %s", part, text);
}

static void
assert_lacks (const gchar *text, const gchar *part)
{
  fail_if (strstr (text, part), "\"%s\" in %s", part, text);
}

GST_START_TEST (test_a_line_tells_when_where_and_what)
{
  g_autoptr (AnprRecordView) view = record ("false");
  g_autofree gchar *line = anpr_record_text_passage (view, FALSE);

  g_assert_cmpstr (line, ==,
      "2026-01-02 03:04:05  p<1>          1-ABC-234     BE   99 %   in       "
      "HIT stop: stolen; caution: armed");
}

GST_END_TEST
GST_START_TEST (test_covert_hits_show_only_when_asked_for)
{
  g_autoptr (AnprRecordView) view = record ("true");
  g_autofree gchar *hidden = anpr_record_text_passage (view, FALSE);
  g_autofree gchar *shown = anpr_record_text_passage (view, TRUE);
  g_autofree gchar *page = anpr_report_passage (view, NULL, NULL, FALSE);
  g_autofree gchar *cleared = anpr_report_passage (view, NULL, NULL, TRUE);

  g_assert_cmpuint (anpr_record_view_count_hits (view, FALSE), ==, 0);
  g_assert_cmpuint (anpr_record_view_count_hits (view, TRUE), ==, 1);
  assert_lacks (hidden, "HIT");
  assert_contains (shown, "HIT");
  assert_lacks (page, "stolen");
  assert_lacks (page, "has-hit");
  assert_contains (cleared, "COVERT");
}

GST_END_TEST
GST_START_TEST (test_a_hit_says_that_it_is_unverified_and_in_conflict)
{
  g_autoptr (AnprRecordView) view = record ("false");
  g_autofree gchar *text =
      anpr_record_text_hit (anpr_json_element (view->hits, 0), "1ABC234",
          "2026-01-02T03:04:05Z", "gate");

  assert_contains (text, "HIT  1ABC234");
  assert_contains (text, "stop: stolen; caution: armed");
  assert_contains (text, "list l1, version 7, entry E1, A, reference R");
  assert_contains (text, "CONFLICT: not actionable");
  assert_contains (text, "unverified");
}

GST_END_TEST
GST_START_TEST (test_a_look_alike_names_its_signs_and_what_the_reader_thought)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree gchar *text = NULL;

  fail_unless (json_parser_load_from_data (parser,
      "{\"grade\":\"look-alike\",\"country_grade\":\"agree\",\"signs\":["
      "{\"at\":2,\"read\":\"8\",\"listed\":\"B\",\"read_confidence\":0.6,"
      "\"listed_confidence\":0.3}]}",
      -1, NULL));
  text = anpr_record_text_grade (
      json_node_get_object (json_parser_get_root (parser)));
  g_assert_cmpstr (text, ==,
      "look-alike text, sign 3 read 8 (60 %) and listed B (30 %), country "
      "agrees");
}

GST_END_TEST
GST_START_TEST (test_records_that_lack_everything_can_be_shown)
{
  static const gchar *const records[] = { "{}", "{\"plates\":7,\"hits\":{}}",
    "{\"plates\":[null],\"hits\":[3,null]}", WRONG_TYPES };

  for (guint i = 0; i < G_N_ELEMENTS (records); i++) {
    g_autoptr (AnprRecordView) view = anpr_record_view_parse (records[i], NULL);
    g_autofree gchar *line = anpr_record_text_passage (view, TRUE);
    g_autofree gchar *page = anpr_report_passage (view, NULL, NULL, TRUE);

    assert_contains (line, "unknown time");
    assert_contains (page, "not read");
  }
  fail_if (anpr_record_view_parse ("[]", NULL));
  fail_if (anpr_record_view_parse ("{", NULL));
}

GST_END_TEST
GST_START_TEST (test_text_from_outside_cannot_drive_terminal_or_page)
{
  g_autofree gchar *clean =
      anpr_console_clean ("a\033[31m\xff\xe2\x80\xae_\n\xc3\xa9");
  g_autofree gchar *html = anpr_html_fill ("<p title=\"{{a}}\">{{{b}}}</p>",
      "a", "\"><script>{{b}}", "b", "<b>x</b>", NULL);

  assert_lacks (clean, "\033");
  assert_lacks (clean, "\n");
  assert_lacks (clean, "\xe2\x80\xae");
  assert_contains (clean, "\xc3\xa9");
  g_assert_cmpstr (
      html, ==, "<p title=\"&quot;&gt;&lt;script&gt;{{b}}\"><b>x</b></p>");
}

GST_END_TEST
GST_START_TEST (test_pages_refer_to_nothing_outside)
{
  g_autoptr (AnprRecordView) view = record ("false");
  g_autoptr (GBytes) jpeg = g_bytes_new_static ("abc", 3);
  g_auto (AnprReportCounts) counts = { 0 };
  g_autofree gchar *passage = anpr_report_passage (view, jpeg, jpeg, FALSE);
  g_autofree gchar *page = NULL;

  anpr_report_counts_init (&counts);
  anpr_report_counts_add (&counts, view, FALSE);
  page = anpr_report_page (&counts, passage, "", 2, 3);
  assert_contains (page, "data:image/jpeg;base64,YWJj");
  assert_contains (page, "p&lt;1&gt;");
  assert_contains (page, "href=\"index.html\"");
  assert_contains (page, "href=\"page-3.html\"");
  assert_lacks (page, "{{");
  assert_lacks (page, "http:");
  assert_lacks (page, "https:");
  assert_lacks (page, "<script");
}

GST_END_TEST
GST_START_TEST (test_report_without_passages_says_so)
{
  g_auto (AnprReportCounts) counts = { 0 };
  g_autofree gchar *page = NULL;

  anpr_report_counts_init (&counts);
  page = anpr_report_page (&counts, "", "", 1, 1);
  assert_contains (page, "No passages");
  assert_lacks (page, "<nav");
}

GST_END_TEST
GST_START_TEST (test_files_that_end_early_are_known_by_their_own_marks)
{
  static const struct {
    const gchar *data;
    gsize size;
    gboolean early;
  } files[] = {
    { "\xFF\xD8\xFF\xE0....\xFF\xDA....\xFF\xD9", 16, FALSE },
    { "\xFF\xD8\xFF\xE0..\xFF\xD9\xFF\xDA......", 16, TRUE },
    { "\x89PNG\r\n\x1A\n\0\0\0\0IEND....", 20, FALSE },
    { "\x89PNG\r\n\x1A\n\0\0\0\x09IDAT....", 20, TRUE },
    { "\x89PNG\r\n\x1A\n\xFF\xFF\xFF\xFFIDAT....", 20, TRUE },
    { MP4, 16, FALSE },
    { MP4 "\0\0\0\x20mdat........", 32, TRUE },
    { MP4 "\0\0\0\0mdat........", 32, FALSE },
    { MP4 "\0\0\0\1mdat\0\0\0\0\0\0\0\0", 32, FALSE },
    { MP4 "\0\0\0\1mdat\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 32, TRUE },
    { "RIFF\x08\0\0\0AVI LIST", 16, FALSE },
    { "RIFF\xFF\0\0\0AVI LIST", 16, TRUE },
    { "text that has no end", 20, FALSE },
    { "", 0, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree guint8 *exact = g_memdup2 (files[i].data, files[i].size);

    fail_unless_equals_int (
        anpr_input_data_ends_early (exact, files[i].size), files[i].early);
  }
}

GST_END_TEST
GST_START_TEST (test_plates_print_whole_and_without_a_read)
{
  const AnprBox box = { 10.1, 20, 100, 25.5 };
  g_autoptr (AnprPlate) plate = anpr_plate_new (&box, 0.5);
  g_autoptr (JsonObject) object = anpr_plate_to_read_json ("a\xff.jpg", plate);

  g_assert_cmpfloat (anpr_json_number (object, "x"), ==, 10.0);
  g_assert_cmpfloat (anpr_json_number (object, "h"), ==, 25.5);
  g_assert_cmpstr (anpr_json_string (object, "text"), ==, "");
  fail_unless (g_utf8_validate (anpr_json_string (object, "file"), -1, NULL));
  g_assert_cmpuint (anpr_json_length (anpr_json_array (object, "quad")), ==, 8);
  fail_if (json_object_has_member (object, "frame"));
  anpr_read_json_set_frame (object, 4, 160000000);
  g_assert_cmpfloat (anpr_json_number (object, "time_s"), ==, 0.16);
}

GST_END_TEST

static Suite *
anprctl_suite (void)
{
  Suite *suite = suite_create ("anprctl");
  TCase *cases = tcase_create ("general");

  g_setenv ("TZ", "UTC", TRUE);
  suite_add_tcase (suite, cases);
  tcase_add_test (cases, test_a_line_tells_when_where_and_what);
  tcase_add_test (cases, test_covert_hits_show_only_when_asked_for);
  tcase_add_test (cases, test_a_hit_says_that_it_is_unverified_and_in_conflict);
  tcase_add_test (
      cases, test_a_look_alike_names_its_signs_and_what_the_reader_thought);
  tcase_add_test (cases, test_records_that_lack_everything_can_be_shown);
  tcase_add_test (cases, test_text_from_outside_cannot_drive_terminal_or_page);
  tcase_add_test (cases, test_pages_refer_to_nothing_outside);
  tcase_add_test (cases, test_report_without_passages_says_so);
  tcase_add_test (
      cases, test_files_that_end_early_are_known_by_their_own_marks);
  tcase_add_test (cases, test_plates_print_whole_and_without_a_read);
  return suite;
}

GST_CHECK_MAIN (anprctl)
