/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Plates read by a network worked out by hand (readermodel.h), and by engines
 * that say what they are told to. */

#include <gst/check/gstcheck.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include "readermodel.h"
#include "plugins/plateocr/lookalike.h"
#include "plugins/plateocr/platereader.h"
#include "plugins/record/error.h"

#define FRAME_WIDTH 480
#define FRAME_HEIGHT 240

static AnprPlateReader *
make_reader (AnprReaderData *data, gdouble min_confidence)
{
  AnprReaderOptions options = { .min_confidence = min_confidence };
  g_autoptr (GError) error = NULL;
  AnprPlateReader *reader = anpr_plate_reader_new (data, &options, &error);

  g_assert_no_error (error);
  return reader;
}

static AnprPlateReader *
make_hand_reader (void)
{
  g_autoptr (GError) error = NULL;
  gchar *path = reader_model_new ();
  g_autoptr (AnprReaderData) data =
      anpr_reader_data_load (ANPR_READER_CTC, path, &error);

  g_assert_no_error (error);
  reader_model_remove (path);
  return make_reader (data, 0);
}

static AnprRead *
read_box (AnprPlateReader *reader, const guint8 *luma, gdouble x, gdouble y,
    gdouble width, gdouble height)
{
  AnprBox box = { x, y, width, height };

  return anpr_plate_reader_read (
      reader, luma, FRAME_WIDTH, FRAME_WIDTH, FRAME_HEIGHT, &box, NULL);
}

static guint8 *
new_frame (void)
{
  guint8 *luma = g_malloc (FRAME_WIDTH * FRAME_HEIGHT);

  memset (luma, 128, FRAME_WIDTH * FRAME_HEIGHT);
  return luma;
}

/* A plate at x, y of the frame, read */
static AnprRead *
read_plate (AnprPlateReader *reader, const guint8 *luma, gdouble x, gdouble y,
    const gchar *text)
{
  return read_box (
      reader, luma, x, y, reader_plate_width (text), READER_PLATE_HEIGHT);
}

static void
draw (guint8 *luma, guint x, guint y, const gchar *text)
{
  reader_plate_draw (luma + y * FRAME_WIDTH + x, FRAME_WIDTH, text);
}

static const gchar *const texts[] = { "A7A7A7", "7A7A7A", "AA77A7", "77AAA7" };

GST_START_TEST (a_drawn_plate_is_read_right)
{
  g_autoptr (AnprPlateReader) reader = make_hand_reader ();
  g_autofree guint8 *luma = new_frame ();
  const gchar *text = texts[__i__];
  g_autoptr (AnprRead) read = NULL;

  draw (luma, 20, 20, text);
  read = read_plate (reader, luma, 20, 20, text);
  fail_unless_equals_int (read->state, ANPR_READ_TEXT);
  fail_unless_equals_string (read->text, text);
  fail_unless_equals_string (read->raw, text);
  fail_unless_equals_string (read->engine, "ctc");
  fail_unless (read->second_engine == NULL);
  fail_unless_equals_int (read->lines, 1);
  fail_unless (read->duration >= 0);
  fail_unless_equals_int (anpr_read_get_n_characters (read), 6);
  fail_unless_equals_string (anpr_read_get_candidate (read, 0)->text, text);
  fail_unless (read->confidence > 0.9 && read->confidence <= 1);
}
GST_END_TEST;

GST_START_TEST (two_lines_are_read_from_top_to_bottom)
{
  g_autoptr (AnprPlateReader) reader = make_hand_reader ();
  g_autofree guint8 *luma = new_frame ();
  g_autoptr (AnprRead) read = NULL;

  draw (luma, 20, 20, "A7A");
  draw (luma, 20, 20 + READER_PLATE_HEIGHT + 10, "77A");
  read = read_box (reader, luma, 20, 20, reader_plate_width ("A7A"),
      2 * READER_PLATE_HEIGHT + 10);
  fail_unless_equals_int (read->lines, 2);
  fail_unless_equals_string (read->text, "A7A77A");
}
GST_END_TEST;

GST_START_TEST (two_plates_in_one_frame_never_swap_their_texts)
{
  g_autoptr (AnprPlateReader) reader = make_hand_reader ();
  g_autofree guint8 *luma = new_frame ();

  draw (luma, 20, 20, "A7A7A7");
  draw (luma, 60, 130, "7AA7A");
  for (guint i = 0; i < 50; i++) {
    g_autoptr (AnprRead) one = read_plate (reader, luma, 20, 20, "A7A7A7");
    g_autoptr (AnprRead) other = read_plate (reader, luma, 60, 130, "7AA7A");

    fail_unless_equals_string (one->text, "A7A7A7");
    fail_unless_equals_string (other->text, "7AA7A");
  }
}
GST_END_TEST;

GST_START_TEST (reading_again_gives_the_same)
{
  g_autoptr (AnprPlateReader) reader = make_hand_reader ();
  g_autofree guint8 *luma = new_frame ();
  g_autoptr (AnprRead) before = NULL, between = NULL, after = NULL;

  draw (luma, 20, 20, "A7A7A7");
  before = read_plate (reader, luma, 20, 20, "A7A7A7");
  between = read_box (reader, luma, 0, 0, 100, 45);
  after = read_plate (reader, luma, 20, 20, "A7A7A7");
  fail_unless_equals_string (before->text, after->text);
  fail_unless (before->confidence == after->confidence);
}
GST_END_TEST;

GST_START_TEST (a_box_without_a_plate_says_so)
{
  g_autoptr (AnprPlateReader) reader = make_hand_reader ();
  g_autofree guint8 *luma = new_frame ();
  g_autoptr (AnprRead) plain = read_box (reader, luma, 20, 20, 200, 50);
  g_autoptr (AnprRead) outside = read_box (reader, luma, 900, 20, 200, 50);

  fail_unless_equals_int (plain->state, ANPR_READ_NO_PLATE);
  fail_unless (plain->text == NULL);
  fail_unless_equals_int (outside->state, ANPR_READ_NO_PLATE);
}
GST_END_TEST;

GST_START_TEST (ten_thousand_boxes_of_any_size_always_give_a_read)
{
  g_autoptr (AnprPlateReader) reader = make_hand_reader ();
  g_autofree guint8 *luma = g_malloc (FRAME_WIDTH * FRAME_HEIGHT);
  g_autoptr (GRand) random = g_rand_new_with_seed (11);

  for (gint i = 0; i < FRAME_WIDTH * FRAME_HEIGHT; i++)
    luma[i] = g_rand_int_range (random, 0, 256);
  for (guint i = 0; i < 10000; i++) {
    g_autoptr (AnprRead) read =
        read_box (reader, luma, g_rand_double_range (random, -60, 480),
            g_rand_double_range (random, -60, 240),
            i == 0 ? 1 : exp (g_rand_double_range (random, 0, 7)),
            i == 0 ? 1 : exp (g_rand_double_range (random, 0, 6)));

    fail_unless (read != NULL);
    fail_unless (read->confidence >= 0 && read->confidence <= 1);
    fail_unless ((read->text != NULL) == (read->state == ANPR_READ_TEXT));
  }
}
GST_END_TEST;

/* --- engines that say what they are told to ------------------------------ */

static AnprReading said[2];
static guint n_looks[2];
/* What the first says from its second look on, where it has guesses */
static AnprReading said_later;

static gpointer
fake_open (gpointer model, GError **error)
{
  return model;
}

static void
fake_done (gpointer unused)
{
}

static void
fake_read (
    gpointer instance, const AnprPlatePicture *picture, AnprReading *reading)
{
  guint which = GPOINTER_TO_UINT (instance) - 1;

  *reading = which == 0 && n_looks[0] > 0 && said_later.n_guesses > 0
                 ? said_later
                 : said[which];
  n_looks[which]++;
}

static gboolean
fake_spell (gpointer instance, const gchar *text, AnprSpelling *spelling)
{
  return FALSE;
}

static const AnprReadEngine fakes[2] = {
  { "ctc", "a", NULL, fake_done, fake_open, fake_read, fake_spell, fake_done },
  { "tesseract", "b", NULL, fake_done, fake_open, fake_read, fake_spell,
      fake_done },
};

static AnprRead *
read_fakes (guint n_engines, gdouble min_confidence)
{
  AnprReaderPart parts[2] = {
    { &fakes[0], GUINT_TO_POINTER (1), ANPR_CALIBRATION_NONE },
    { &fakes[1], GUINT_TO_POINTER (2), ANPR_CALIBRATION_NONE },
  };
  g_autoptr (AnprReaderData) data = NULL;
  g_autoptr (AnprPlateReader) reader = NULL;
  g_autofree guint8 *luma = new_frame ();

  for (guint i = 0; i < 2; i++) {
    parts[i].calibration.agree = 1.5;
    parts[i].calibration.differ = -1;
    n_looks[i] = 0;
  }
  data = anpr_reader_data_new (parts, n_engines);
  reader = make_reader (data, min_confidence);
  return read_box (reader, luma, 20, 20, 200, 45);
}

static void
say (guint which, const gchar *text, gdouble probability, const gchar *other,
    gdouble other_probability)
{
  said[which] = (AnprReading){ 0 };
  if (text) {
    g_strlcpy (said[which].guesses[0].text, text, ANPR_GUESS_SIZE);
    said[which].guesses[0].probability = probability;
    said[which].n_guesses = 1;
  }
  if (other) {
    g_strlcpy (said[which].guesses[1].text, other, ANPR_GUESS_SIZE);
    said[which].guesses[1].probability = other_probability;
    said[which].n_guesses = 2;
  }
}

GST_START_TEST (candidates_come_in_order_and_share_what_is_left)
{
  g_autoptr (AnprRead) read = NULL;
  gdouble sum = 0;

  say (0, "QQ11", 0.7, "QQ77", 0.2);
  read = read_fakes (1, 0);
  fail_unless_equals_string (read->text, "QQ11");
  fail_unless (fabs (read->confidence - 0.7) < 1e-6);
  fail_unless (anpr_read_get_n_candidates (read) >= 2);
  fail_unless_equals_string (anpr_read_get_candidate (read, 1)->text, "QQ77");
  fail_unless (
      fabs (anpr_read_get_candidate (read, 1)->confidence - 0.2) < 1e-6);
  for (guint i = 0; i < anpr_read_get_n_candidates (read); i++) {
    sum += anpr_read_get_candidate (read, i)->confidence;
    fail_unless (i == 0
                 || anpr_read_get_candidate (read, i)->confidence
                        <= anpr_read_get_candidate (read, i - 1)->confidence);
  }
  fail_unless (sum < 1.01);
}
GST_END_TEST;

GST_START_TEST (what_is_clear_is_looked_at_once)
{
  g_autoptr (AnprRead) read = NULL;

  say (0, "QQ11", 0.95, "QQ77", 0.04);
  read = read_fakes (1, 0);
  fail_unless_equals_int (n_looks[0], 1);
  fail_unless_equals_string (read->text, "QQ11");
}
GST_END_TEST;

GST_START_TEST (looks_at_what_is_unclear_are_averaged)
{
  g_autoptr (AnprRead) read = NULL;

  say (0, "QQ77", 0.9, NULL, 0);
  said_later = said[0];
  say (0, "QQ11", 0.6, "QQ77", 0.3);
  read = read_fakes (1, 0);
  said_later.n_guesses = 0;
  /* close and narrow, and one to tell how the text stands */
  fail_unless_equals_int (n_looks[0], 4);
  fail_unless_equals_string (read->text, "QQ77");
  fail_unless (fabs (read->confidence - (0.3 + 2 * 0.9) / 3) < 1e-6);
  fail_unless_equals_string (anpr_read_get_candidate (read, 1)->text, "QQ11");
}
GST_END_TEST;

GST_START_TEST (a_text_below_the_confidence_asked_for_is_not_read)
{
  g_autoptr (AnprRead) strict = NULL, lax = NULL;

  say (0, "QQ11", 0.7, NULL, 0);
  strict = read_fakes (1, 0.75);
  fail_unless_equals_int (strict->state, ANPR_READ_NOT_READ);
  fail_unless (strict->text == NULL);
  lax = read_fakes (1, 0.65);
  fail_unless_equals_int (lax->state, ANPR_READ_TEXT);
}
GST_END_TEST;

GST_START_TEST (no_text_is_no_plate_only_if_that_is_likely)
{
  g_autoptr (AnprRead) none = NULL, unsure = NULL, single = NULL, dead = NULL;

  say (0, "QQ11", 0.3, NULL, 0);
  said[0].empty = 0.6;
  none = read_fakes (1, 0);
  fail_unless_equals_int (none->state, ANPR_READ_NO_PLATE);
  said[0].empty = 0.4;
  unsure = read_fakes (1, 0);
  fail_unless_equals_int (unsure->state, ANPR_READ_TEXT);
  say (0, "Q", 0.9, NULL, 0);
  single = read_fakes (1, 0);
  fail_unless_equals_int (single->state, ANPR_READ_NOT_READ);
  say (0, NULL, 0, NULL, 0);
  dead = read_fakes (1, 0);
  fail_unless_equals_int (dead->state, ANPR_READ_NOT_READ);
}
GST_END_TEST;

GST_START_TEST (a_sure_engine_needs_no_second_opinion)
{
  g_autoptr (AnprRead) read = NULL;

  say (0, "QQ11", 0.95, NULL, 0);
  say (1, "QQ77", 0.95, NULL, 0);
  read = read_fakes (2, 0);
  fail_unless_equals_int (n_looks[1], 0);
  fail_unless_equals_string (read->engine, "ctc");
  fail_unless (read->second_engine == NULL);
}
GST_END_TEST;

GST_START_TEST (engines_that_agree_make_it_surer)
{
  g_autoptr (AnprRead) read = NULL;

  say (0, "QQ11", 0.7, NULL, 0);
  say (1, "QQ11", 0.5, "QQ77", 0.5);
  read = read_fakes (2, 0);
  fail_unless_equals_string (read->text, "QQ11");
  fail_unless_equals_string (read->engine, "ctc+tesseract");
  fail_unless_equals_string (read->second_engine, "tesseract");
  fail_unless_equals_string (read->second_text, "QQ11");
  fail_unless (fabs (read->second_confidence - 0.5) < 1e-6);
  fail_unless (read->confidence > 0.85);
  fail_unless_equals_string (anpr_read_get_candidate (read, 1)->text, "QQ77");
}
GST_END_TEST;

static const struct {
  gdouble first;
  gdouble second;
  const gchar *text;
  const gchar *engine;
  const gchar *other;
} differing[] = { { 0.7, 0.6, "QQ11", "ctc", "QQ77" },
  { 0.4, 0.8, "QQ77", "tesseract", "QQ11" } };

GST_START_TEST (engines_that_differ_make_it_less_sure_and_the_surer_is_heard)
{
  g_autoptr (AnprRead) read = NULL;

  say (0, "QQ11", differing[__i__].first, NULL, 0);
  say (1, "QQ77", differing[__i__].second, NULL, 0);
  read = read_fakes (2, 0);
  fail_unless_equals_string (read->text, differing[__i__].text);
  fail_unless_equals_string (read->engine, differing[__i__].engine);
  fail_unless_equals_string (read->second_text, differing[__i__].other);
  fail_unless (
      read->confidence < MAX (differing[__i__].first, differing[__i__].second));
  fail_unless_equals_string (
      anpr_read_get_candidate (read, 1)->text, differing[__i__].other);
}
GST_END_TEST;

GST_START_TEST (no_plate_takes_both_or_one_that_nobody_contradicts)
{
  g_autoptr (AnprRead) both = NULL, one = NULL, contradicted = NULL;

  say (0, NULL, 0, NULL, 0);
  say (1, NULL, 0, NULL, 0);
  said[0].empty = said[1].empty = 0.9;
  both = read_fakes (2, 0);
  fail_unless_equals_int (both->state, ANPR_READ_NO_PLATE);
  said[1].empty = 0;
  one = read_fakes (2, 0);
  fail_unless_equals_int (one->state, ANPR_READ_NO_PLATE);
  say (1, "QQ11", 0.9, NULL, 0);
  contradicted = read_fakes (2, 0);
  fail_unless_equals_string (contradicted->text, "QQ11");
  fail_unless_equals_string (contradicted->engine, "tesseract");
}
GST_END_TEST;

/* --- models that are missing or damaged ---------------------------------- */

static void
check_refused (AnprReaderEngine engine, const gchar *path, const gchar *told)
{
  AnprReaderOptions options = { .engine = engine, .model = path };
  g_autoptr (GError) error = NULL;

  fail_if (anpr_plate_reader_check_data (&options, &error));
  fail_unless (g_error_matches (error, ANPR_ERROR, ANPR_ERROR_READER_DATA));
  fail_unless (strstr (error->message, told) != NULL, error->message);
}

GST_START_TEST (missing_models_are_told_by_name)
{
  g_autofree gchar *models = g_strdup (g_getenv ("ANPR_MODELS"));

  check_refused (ANPR_READER_CTC, "/nowhere/x.anprnet", "/nowhere/x.anprnet");
  check_refused (ANPR_READER_AUTO, "/nowhere/x.anprnet", "/nowhere/x.anprnet");
  g_setenv ("ANPR_MODELS", "/nowhere", TRUE);
  check_refused (ANPR_READER_AUTO, NULL, "/nowhere/reader.anprnet");
#ifdef HAVE_TESSERACT
  check_refused (ANPR_READER_TESSERACT, "/nowhere/x.traineddata",
      "/nowhere/x.traineddata");
  check_refused (
      ANPR_READER_AUTO, "/nowhere/x.traineddata", "/nowhere/x.traineddata");
  check_refused (ANPR_READER_TESSERACT, NULL, "/nowhere/plate.traineddata");
#endif
  g_setenv ("ANPR_MODELS", models, TRUE);
}
GST_END_TEST;

static const struct {
  const gchar *const labels[6];
  guint width;
  const gchar *told;
} wrong[] = {
  { { "blank", " ", "A", "7" }, 164, "160 x 40" },
  { { "blank", "A", " ", "7" }, 160, "labels" },
  { { "blank", " ", "A", "A" }, 160, "labels" },
  { { "blank", " ", "a", "7" }, 160, "labels" },
  { { "blank", " ", "AB", "7" }, 160, "labels" },
  { { "blank", " " }, 160, "labels" },
  { { "blank", " ", "A" }, 160, "output" },
};

GST_START_TEST (networks_that_are_no_readers_are_refused)
{
  ModelBuilder *builder = reader_model_build (wrong[__i__].labels);
  gchar *path;

  model_builder_set_input (builder, wrong[__i__].width, 40);
  path = reader_model_write (model_builder_finish (builder));
  check_refused (ANPR_READER_CTC, path, "hand.anprnet");
  check_refused (ANPR_READER_CTC, path, wrong[__i__].told);
  reader_model_remove (path);
}
GST_END_TEST;

GST_START_TEST (a_damaged_model_is_refused)
{
  g_autoptr (GBytes) whole = reader_model_bytes ();
  gchar *path = reader_model_write (
      g_bytes_new_from_bytes (whole, 0, g_bytes_get_size (whole) - 9));

  check_refused (ANPR_READER_CTC, path, "hand.anprnet");
  reader_model_remove (path);
}
GST_END_TEST;

GST_START_TEST (a_broken_calibration_is_refused_a_right_one_used)
{
  gchar *path = reader_model_new ();
  g_autofree gchar *folder = g_path_get_dirname (path);
  g_autofree gchar *name = g_build_filename (folder, "hand.calibration", NULL);
  g_autoptr (AnprReaderData) data = NULL;

  fail_unless (g_file_set_contents (name, "[calibration]\nx=1\n", -1, NULL));
  check_refused (ANPR_READER_CTC, path, "hand.calibration");
  fail_unless (
      g_file_set_contents (name, "[calibration]\noffset=-3\n", -1, NULL));
  data = anpr_reader_data_load (ANPR_READER_CTC, path, NULL);
  fail_unless (data != NULL);
  fail_unless (data->parts[0].calibration.offset == -3);
  g_remove (name);
  reader_model_remove (path);
}
GST_END_TEST;

#ifdef HAVE_TESSERACT
GST_START_TEST (tesseract_data_that_is_none_is_refused)
{
  g_autofree gchar *folder = g_dir_make_tmp ("anpr-reader-XXXXXX", NULL);
  g_autofree gchar *path = g_build_filename (folder, "bad.traineddata", NULL);

  fail_unless (g_file_set_contents (path, "not a model", -1, NULL));
  check_refused (ANPR_READER_TESSERACT, path, "bad.traineddata");
  check_refused (ANPR_READER_TESSERACT, folder, folder);
  fail_unless_equals_int (g_remove (path), 0);
  fail_unless_equals_int (g_rmdir (folder), 0);
}
GST_END_TEST;

/* Any model will do to see that pictures go in and texts come out */
GST_START_TEST (tesseract_looks_at_plates)
{
  static const gchar *const path =
      "/usr/share/tesseract-ocr/5/tessdata/eng.traineddata";
  g_autoptr (AnprReaderData) data = NULL;
  g_autoptr (AnprPlateReader) reader = NULL;
  g_autoptr (AnprRead) read = NULL, plain = NULL;
  g_autofree guint8 *luma = new_frame ();

  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    GST_WARNING ("%s is missing, Tesseract is not tested", path);
    return;
  }
  data = anpr_reader_data_load (ANPR_READER_AUTO, path, NULL);
  fail_unless (data != NULL);
  reader = make_reader (data, 0);
  plain = read_box (reader, luma, 20, 20, 200, 45);
  fail_unless_equals_string (plain->engine, "tesseract");
  draw (luma, 20, 20, "A7A7A7");
  read = read_plate (reader, luma, 20, 20, "A7A7A7");
  fail_unless (read->confidence >= 0 && read->confidence <= 1);
}
GST_END_TEST;
#endif

GST_START_TEST (engines_this_build_lacks_are_named_as_such)
{
  AnprReaderOptions options = { .engine = (AnprReaderEngine) 99 };
  g_autoptr (GError) error = NULL;

  fail_if (anpr_plate_reader_check_data (&options, &error));
  fail_unless (g_error_matches (error, ANPR_ERROR, ANPR_ERROR_READER_ENGINE));
}
GST_END_TEST;

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
  tcase_add_loop_test (
      tests, a_drawn_plate_is_read_right, 0, G_N_ELEMENTS (texts));
  tcase_add_test (tests, two_lines_are_read_from_top_to_bottom);
  tcase_add_test (tests, two_plates_in_one_frame_never_swap_their_texts);
  tcase_add_test (tests, reading_again_gives_the_same);
  tcase_add_test (tests, a_box_without_a_plate_says_so);
  tcase_add_test (tests, ten_thousand_boxes_of_any_size_always_give_a_read);
  tests = tcase_create ("engines");
  suite_add_tcase (suite, tests);
  tcase_add_test (tests, candidates_come_in_order_and_share_what_is_left);
  tcase_add_test (tests, what_is_clear_is_looked_at_once);
  tcase_add_test (tests, looks_at_what_is_unclear_are_averaged);
  tcase_add_test (tests, a_text_below_the_confidence_asked_for_is_not_read);
  tcase_add_test (tests, no_text_is_no_plate_only_if_that_is_likely);
  tcase_add_test (tests, a_sure_engine_needs_no_second_opinion);
  tcase_add_test (tests, engines_that_agree_make_it_surer);
  tcase_add_loop_test (tests,
      engines_that_differ_make_it_less_sure_and_the_surer_is_heard, 0,
      G_N_ELEMENTS (differing));
  tcase_add_test (tests, no_plate_takes_both_or_one_that_nobody_contradicts);
  tests = tcase_create ("models");
  suite_add_tcase (suite, tests);
  tcase_add_test (tests, missing_models_are_told_by_name);
  tcase_add_loop_test (
      tests, networks_that_are_no_readers_are_refused, 0, G_N_ELEMENTS (wrong));
  tcase_add_test (tests, a_damaged_model_is_refused);
  tcase_add_test (tests, a_broken_calibration_is_refused_a_right_one_used);
#ifdef HAVE_TESSERACT
  tcase_add_test (tests, tesseract_data_that_is_none_is_refused);
  tcase_add_test (tests, tesseract_looks_at_plates);
#endif
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
