/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Plates are drawn with cairo in a plain sans face. Where the engine, its data
 * or cairo is missing the tests that need them say so and pass. */

#include <gst/check/gstcheck.h>
#include <glib/gstdio.h>
#include <string.h>
#include "plugins/plateocr/lookalike.h"
#include "plugins/plateocr/platereader.h"
#include "plugins/record/error.h"
#ifdef HAVE_CAIRO
#include <cairo.h>
#endif

#define FRAME_WIDTH 480
#define FRAME_HEIGHT 240

static AnprPlateReader *
make_reader (const gchar *const *countries, gdouble min_confidence)
{
  AnprReaderOptions options = { ANPR_READER_AUTO, NULL, countries,
    min_confidence };
  g_autoptr (GError) error = NULL;
  AnprPlateReader *reader = anpr_plate_reader_new (&options, &error);

  if (!reader)
    GST_WARNING ("no reader, not tested: %s", error->message);
  return reader;
}

static gboolean
have_reader (void)
{
  AnprReaderOptions options = { 0 };

  return anpr_plate_reader_check_data (&options, NULL);
}

static AnprRead *
read_box (AnprPlateReader *reader, const guint8 *luma, gdouble x, gdouble y,
    gdouble width, gdouble height)
{
  AnprBox box = { x, y, width, height };

  return anpr_plate_reader_read (
      reader, luma, FRAME_WIDTH, FRAME_WIDTH, FRAME_HEIGHT, &box, NULL);
}

#ifdef HAVE_CAIRO
static void
draw_text (cairo_t *cairo, const gchar *text, gdouble x, gdouble foot)
{
  cairo_select_font_face (
      cairo, "Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
  cairo_set_font_size (cairo, 52);
  cairo_move_to (cairo, x, foot);
  cairo_show_text (cairo, text);
}

static guint8 *
take_luma (cairo_surface_t *surface)
{
  guint8 *luma = g_malloc (FRAME_WIDTH * FRAME_HEIGHT);
  const guint8 *pixels;

  cairo_surface_flush (surface);
  pixels = cairo_image_surface_get_data (surface);
  for (gint y = 0; y < FRAME_HEIGHT; y++)
    for (gint x = 0; x < FRAME_WIDTH; x++)
      luma[y * FRAME_WIDTH + x] =
          pixels[y * cairo_image_surface_get_stride (surface) + 4 * x + 1];
  return luma;
}

/* A plate at 20, 20 on a grey car; second may be NULL. tilt in radians */
static guint8 *
draw_plate (const gchar *first, const gchar *second, gdouble width, gdouble ink,
    gdouble ground, gdouble tilt)
{
  cairo_surface_t *surface = cairo_image_surface_create (
      CAIRO_FORMAT_RGB24, FRAME_WIDTH, FRAME_HEIGHT);
  cairo_t *cairo = cairo_create (surface);
  gdouble height = second ? 120 : 62;
  guint8 *luma;

  cairo_set_source_rgb (cairo, 0.4, 0.4, 0.4);
  cairo_paint (cairo);
  cairo_translate (cairo, 20, 20);
  cairo_rotate (cairo, tilt);
  cairo_set_source_rgb (cairo, ground, ground, ground);
  cairo_rectangle (cairo, 0, 0, width, height);
  cairo_fill (cairo);
  cairo_set_source_rgb (cairo, 0.1, 0.1, 0.1);
  cairo_rectangle (cairo, 0, 0, 28, second ? 0 : height);
  cairo_fill (cairo);
  cairo_set_source_rgb (cairo, ink, ink, ink);
  draw_text (cairo, first, second ? 24 : 42, 50);
  if (second)
    draw_text (cairo, second, 24, 108);
  luma = take_luma (surface);
  cairo_destroy (cairo);
  cairo_surface_destroy (surface);
  return luma;
}

GST_START_TEST (a_drawn_plate_is_read_right)
{
  g_autoptr (AnprPlateReader) reader = make_reader (NULL, 0);
  g_autofree guint8 *luma = draw_plate ("KLM 356", NULL, 320, 0.05, 0.95, 0);
  g_autoptr (AnprRead) read = NULL;

  if (!reader)
    return;
  read = read_box (reader, luma, 20, 20, 320, 62);
  fail_unless_equals_int (read->state, ANPR_READ_TEXT);
  fail_unless_equals_string (read->text, "KLM356");
  fail_unless_equals_string (read->engine, "tesseract");
  fail_unless_equals_int (read->lines, 1);
  fail_unless (read->duration >= 0);
  fail_unless_equals_int (anpr_read_get_n_characters (read), 6);
  fail_unless_equals_string (anpr_read_get_character (read, 0)->best.sign, "K");
  fail_unless_equals_string (anpr_read_get_candidate (read, 0)->text, "KLM356");
  fail_unless (anpr_read_get_n_countries (read) > 0);
  fail_unless (read->confidence > 0.5 && read->confidence <= 1);
}

GST_END_TEST

GST_START_TEST (light_on_dark_is_read_like_dark_on_light)
{
  g_autoptr (AnprPlateReader) reader = make_reader (NULL, 0);
  g_autofree guint8 *luma = draw_plate ("KLM 356", NULL, 320, 0.95, 0.05, 0);
  g_autoptr (AnprRead) read = NULL;

  if (!reader)
    return;
  read = read_box (reader, luma, 20, 20, 320, 62);
  fail_unless_equals_string (read->text, "KLM356");
}

GST_END_TEST

GST_START_TEST (a_tilted_plate_is_read_right)
{
  g_autoptr (AnprPlateReader) reader = make_reader (NULL, 0);
  g_autofree guint8 *luma = draw_plate ("KLM 356", NULL, 320, 0.05, 0.95, 0.08);
  g_autoptr (AnprRead) read = NULL;

  if (!reader)
    return;
  read = read_box (reader, luma, 15, 20, 325, 90);
  fail_unless_equals_string (read->text, "KLM356");
}

GST_END_TEST

GST_START_TEST (two_lines_are_joined_from_top_to_bottom)
{
  g_autoptr (AnprPlateReader) reader = make_reader (NULL, 0);
  g_autofree guint8 *luma = draw_plate ("KLM", "3567", 190, 0.05, 0.95, 0);
  g_autoptr (AnprRead) read = NULL;

  if (!reader)
    return;
  read = read_box (reader, luma, 20, 20, 190, 120);
  fail_unless_equals_int (read->lines, 2);
  fail_unless_equals_string (read->text, "KLM3567");
  fail_unless (g_str_has_prefix (read->raw, "KLM "));
  fail_unless_equals_int (anpr_read_get_n_characters (read), 7);
}

GST_END_TEST

GST_START_TEST (reading_again_gives_the_same)
{
  g_autoptr (AnprPlateReader) reader = make_reader (NULL, 0);
  g_autofree guint8 *first = draw_plate ("KLM 356", NULL, 320, 0.05, 0.95, 0);
  g_autofree guint8 *other = draw_plate ("3 XYV 89", NULL, 340, 0.05, 0.95, 0);
  g_autoptr (AnprRead) before = NULL, between = NULL, after = NULL;

  if (!reader)
    return;
  before = read_box (reader, first, 20, 20, 320, 62);
  between = read_box (reader, other, 20, 20, 340, 62);
  after = read_box (reader, first, 20, 20, 320, 62);
  fail_unless (strcmp (before->text, between->text) != 0);
  fail_unless_equals_string (before->text, after->text);
  fail_unless (before->confidence == after->confidence);
}

GST_END_TEST

GST_START_TEST (texts_below_the_confidence_asked_for_are_not_read)
{
  g_autoptr (AnprPlateReader) reader = make_reader (NULL, 1.0);
  g_autofree guint8 *luma = draw_plate ("KLM 356", NULL, 320, 0.05, 0.95, 0);
  g_autoptr (AnprRead) strict = NULL, lax = NULL;

  if (!reader)
    return;
  strict = read_box (reader, luma, 20, 20, 320, 62);
  fail_unless_equals_int (strict->state, ANPR_READ_NOT_READ);
  fail_unless (strict->text == NULL);
  anpr_plate_reader_set_min_confidence (reader, 0);
  lax = read_box (reader, luma, 20, 20, 320, 62);
  fail_unless_equals_int (lax->state, ANPR_READ_TEXT);
}

GST_END_TEST
#endif

GST_START_TEST (a_box_without_a_plate_says_so)
{
  g_autoptr (AnprPlateReader) reader = make_reader (NULL, 0);
  g_autofree guint8 *luma = g_malloc (FRAME_WIDTH * FRAME_HEIGHT);
  g_autoptr (AnprRead) plain = NULL, outside = NULL;

  if (!reader)
    return;
  memset (luma, 140, FRAME_WIDTH * FRAME_HEIGHT);
  plain = read_box (reader, luma, 20, 20, 200, 50);
  fail_unless_equals_int (plain->state, ANPR_READ_NO_PLATE);
  fail_unless (plain->text == NULL);
  outside = read_box (reader, luma, 900, 20, 200, 50);
  fail_unless_equals_int (outside->state, ANPR_READ_NO_PLATE);
}

GST_END_TEST

GST_START_TEST (noise_in_boxes_of_any_size_always_gives_a_read)
{
  g_autoptr (AnprPlateReader) reader = make_reader (NULL, 0);
  g_autofree guint8 *luma = g_malloc (FRAME_WIDTH * FRAME_HEIGHT);
  g_autoptr (GRand) random = g_rand_new_with_seed (11);

  if (!reader)
    return;
  for (gint i = 0; i < FRAME_WIDTH * FRAME_HEIGHT; i++)
    luma[i] = g_rand_int_range (random, 0, 256);
  for (guint i = 0; i < 24; i++) {
    g_autoptr (AnprRead) read =
        read_box (reader, luma, g_rand_double_range (random, -60, 480),
            g_rand_double_range (random, -60, 240),
            i == 0 ? 1 : g_rand_double_range (random, 1, 500),
            i == 0 ? 1 : g_rand_double_range (random, 1, 200));

    fail_unless (read != NULL);
    fail_unless (read->confidence >= 0 && read->confidence <= 1);
    fail_unless ((read->text != NULL) == (read->state == ANPR_READ_TEXT));
  }
}

GST_END_TEST

GST_START_TEST (missing_data_is_told_with_the_folders_searched)
{
  AnprReaderOptions stock = { ANPR_READER_TESSERACT, NULL, NULL, 0 };
  AnprReaderOptions named = { ANPR_READER_TESSERACT,
    "/nowhere/plate.traineddata", NULL, 0 };
  g_autoptr (GError) error = NULL;
  g_autofree gchar *before = g_strdup (g_getenv ("TESSDATA_PREFIX"));

  if (!have_reader ())
    return;
  g_setenv ("TESSDATA_PREFIX", "/nowhere", TRUE);
  fail_if (anpr_plate_reader_check_data (&stock, &error));
  fail_unless (g_error_matches (error, ANPR_ERROR, ANPR_ERROR_READER_DATA));
  fail_unless (strstr (error->message, "/nowhere") != NULL);
  fail_unless (strstr (error->message, "tesseract-ocr-eng") != NULL);
  g_clear_error (&error);
  fail_unless (anpr_plate_reader_new (&stock, &error) == NULL);
  fail_unless (g_error_matches (error, ANPR_ERROR, ANPR_ERROR_READER_DATA));
  g_clear_error (&error);
  fail_unless (anpr_plate_reader_new (&named, &error) == NULL);
  fail_unless (g_error_matches (error, ANPR_ERROR, ANPR_ERROR_READER_DATA));
  g_unsetenv ("TESSDATA_PREFIX");
  if (before)
    g_setenv ("TESSDATA_PREFIX", before, TRUE);
}

GST_END_TEST

GST_START_TEST (data_that_is_no_data_is_refused)
{
  g_autofree gchar *folder = g_dir_make_tmp ("anpr-reader-XXXXXX", NULL);
  g_autofree gchar *path = g_build_filename (folder, "bad.traineddata", NULL);
  AnprReaderOptions options = { ANPR_READER_TESSERACT, path, NULL, 0 };
  g_autoptr (GError) error = NULL;

  fail_unless (g_file_set_contents (path, "not a model", -1, NULL));
  if (have_reader ()) {
    fail_unless (anpr_plate_reader_check_data (&options, NULL));
    fail_unless (anpr_plate_reader_new (&options, &error) == NULL);
    fail_unless (g_error_matches (error, ANPR_ERROR, ANPR_ERROR_READER_DATA));
  }
  fail_unless_equals_int (g_remove (path), 0);
  fail_unless_equals_int (g_rmdir (folder), 0);
}

GST_END_TEST

GST_START_TEST (engines_this_build_lacks_are_named_as_such)
{
  AnprReaderOptions options = { (AnprReaderEngine) 99, NULL, NULL, 0 };
  g_autoptr (GError) error = NULL;

  fail_if (anpr_plate_reader_check_data (&options, &error));
  fail_unless (g_error_matches (error, ANPR_ERROR, ANPR_ERROR_READER_ENGINE));
  g_clear_error (&error);
  fail_unless (anpr_plate_reader_new (&options, &error) == NULL);
  fail_unless (g_error_matches (error, ANPR_ERROR, ANPR_ERROR_READER_ENGINE));
}

GST_END_TEST

GST_START_TEST (look_alikes_are_resolved_only_where_nothing_else_fits)
{
  static const gchar *const cases[][2] = {
    { "1ABC234", NULL },
    { "1ABC2O4", "1ABC204" },
    { "AEO2RYB", "AE02RYB" },
    { "GHENT", NULL },
    { "ABCDEFGHIJKL", NULL },
    { "", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree gchar *fitting = anpr_look_alike_fitting (cases[i][0], NULL);

    fail_unless (g_strcmp0 (fitting, cases[i][1]) == 0, "%s gave %s",
        cases[i][0], fitting);
  }
}

GST_END_TEST

static gboolean
lists (const gchar *key, const gchar *const *preferred, const gchar *text)
{
  AnprLookAlike found[ANPR_MAX_LOOK_ALIKES];
  guint n = anpr_look_alike_list (key, NULL, 0, preferred, found, 5);

  for (guint i = 0; i < n; i++)
    if (strcmp (found[i].text, text) == 0)
      return TRUE;
  return FALSE;
}

GST_START_TEST (the_slot_of_a_series_decides_between_letter_and_digit)
{
  static const gchar *const cases[][3] = {
    { "ABI2CDE", "AB12CDE", "GB" },
    { "AB5ICOE", "AB51COE", "GB" },
    { "IA23456", "1A23456", "CZ" },
    { "1ABC2O4", "1ABC204", "BE" },
    { "I234BCD", "1234BCD", "ES" },
    { "AAO12BB", "AA012BB", "FR" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    const gchar *preferred[] = { cases[i][2], NULL };
    AnprLookAlike best;

    fail_unless_equals_int (
        anpr_look_alike_list (cases[i][0], NULL, 0, preferred, &best, 1), 1);
    fail_unless_equals_string (best.text, cases[i][1]);
    fail_unless (best.weight > 1);
    fail_unless (lists (cases[i][0], preferred, cases[i][1]));
  }
}

GST_END_TEST

GST_START_TEST (texts_that_fit_or_can_fit_nothing_list_nothing)
{
  static const gchar *const keys[] = { "1ABC234", "AB12CDE", "BÖA123", "GHENT",
    "", "ABCDEFGHIJKL", "0000000000000", "OOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOO" };
  AnprLookAlike found[ANPR_MAX_LOOK_ALIKES];

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    fail_unless_equals_int (
        anpr_look_alike_list (keys[i], NULL, 0, NULL, found, 5), 0);
}

GST_END_TEST

GST_START_TEST (look_alikes_of_any_text_are_few_sorted_and_near)
{
  static const gchar *const signs[] = { "0", "O", "1", "I", "B", "8", "Z", "2",
    "S", "5", "M", "W", "D", "7", "\303\226", "\303\234" };
  static const gchar *const preferred[] = { "BE", "DE", NULL };
  g_autoptr (GRand) random = g_rand_new_with_seed (3);

  for (guint n = 0; n < 100; n++) {
    g_autoptr (GString) key = g_string_new (NULL);
    AnprLookAlike found[ANPR_MAX_LOOK_ALIKES + 1] = { 0 };
    guint n_signs = g_rand_int_range (random, 0, 10), n_found;

    for (guint i = 0; i < n_signs; i++)
      g_string_append (
          key, signs[g_rand_int_range (random, 0, G_N_ELEMENTS (signs))]);
    n_found = anpr_look_alike_list (
        key->str, NULL, 0, preferred, found, ANPR_MAX_LOOK_ALIKES + 1);
    fail_unless (n_found <= ANPR_MAX_LOOK_ALIKES);
    for (guint i = 0; i < n_found; i++) {
      guint differ = 0;

      fail_unless_equals_int (g_utf8_strlen (found[i].text, -1), n_signs);
      for (guint j = 0; j < n_signs; j++)
        differ += g_utf8_get_char (g_utf8_offset_to_pointer (found[i].text, j))
                  != g_utf8_get_char (g_utf8_offset_to_pointer (key->str, j));
      fail_unless (differ == 1 || differ == 2);
      fail_unless (i == 0 || found[i].score <= found[i - 1].score);
      for (guint j = 0; j < i; j++)
        fail_unless (strcmp (found[i].text, found[j].text) != 0);
    }
  }
}

GST_END_TEST

GST_START_TEST (what_the_reader_says_orders_the_list)
{
  static const gchar *const preferred[] = { "BE", NULL };
  static const gchar key[] = "1ABC2O4";
  AnprCharacter characters[7] = { 0 };
  AnprLookAlike best;

  for (guint i = 0; i < 7; i++) {
    characters[i].best.sign[0] = key[i];
    characters[i].best.confidence = 0.5;
  }
  characters[5].n_alternatives = 2;
  characters[5].alternatives[0] = (AnprSign){ "9", 0.5 };
  characters[5].alternatives[1] = (AnprSign){ "0", 0.05 };
  fail_unless_equals_int (
      anpr_look_alike_list (key, characters, 7, preferred, &best, 1), 1);
  fail_unless_equals_string (best.text, "1ABC294");
  fail_unless_equals_int (
      anpr_look_alike_list (key, characters, 6, preferred, &best, 1), 1);
  fail_unless_equals_string (best.text, "1ABC204");
}

GST_END_TEST

GST_START_TEST (signs_are_replaced_by_character_not_by_byte)
{
  g_autofree gchar *middle = anpr_look_alike_replace ("BÖA1", 2, "4");
  g_autofree gchar *umlaut = anpr_look_alike_replace ("BÖA1", 1, "O");
  g_autofree gchar *beyond = anpr_look_alike_replace ("BÖA1", 4, "X");

  fail_unless_equals_string (middle, "BÖ41");
  fail_unless_equals_string (umlaut, "BOA1");
  fail_unless_equals_string (beyond, "BÖA1");
}

GST_END_TEST

static Suite *
platereader_suite (void)
{
  Suite *suite = suite_create ("platereader");
  TCase *tests = tcase_create ("reading");

  suite_add_tcase (suite, tests);
#ifdef HAVE_CAIRO
  tcase_add_test (tests, a_drawn_plate_is_read_right);
  tcase_add_test (tests, light_on_dark_is_read_like_dark_on_light);
  tcase_add_test (tests, a_tilted_plate_is_read_right);
  tcase_add_test (tests, two_lines_are_joined_from_top_to_bottom);
  tcase_add_test (tests, reading_again_gives_the_same);
  tcase_add_test (tests, texts_below_the_confidence_asked_for_are_not_read);
#endif
  tcase_add_test (tests, a_box_without_a_plate_says_so);
  tcase_add_test (tests, noise_in_boxes_of_any_size_always_gives_a_read);
  tcase_add_test (tests, missing_data_is_told_with_the_folders_searched);
  tcase_add_test (tests, data_that_is_no_data_is_refused);
  tcase_add_test (tests, engines_this_build_lacks_are_named_as_such);
  tcase_add_test (tests, look_alikes_are_resolved_only_where_nothing_else_fits);
  tcase_add_test (tests, the_slot_of_a_series_decides_between_letter_and_digit);
  tcase_add_test (tests, texts_that_fit_or_can_fit_nothing_list_nothing);
  tcase_add_test (tests, look_alikes_of_any_text_are_few_sorted_and_near);
  tcase_add_test (tests, what_the_reader_says_orders_the_list);
  tcase_add_test (tests, signs_are_replaced_by_character_not_by_byte);
  return suite;
}

GST_CHECK_MAIN (platereader)
