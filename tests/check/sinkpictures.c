/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Pictures that anprsink keeps. */

#include "sinkfixture.h"

#include <string.h>
#ifdef HAVE_TURBOJPEG
#include <turbojpeg.h>
#endif

#include "plugins/anprsink/spool.h"
#include "plugins/anprsink/stilljpeg.h"
#include "plugins/meta/gstanprpassing.h"

#ifdef HAVE_TURBOJPEG
/* Mean red, green and blue of a JPEG of that size */
static void
decode (GBytes *jpeg, gint width, gint height, gint *mean)
{
  tjhandle decoder = tjInitDecompress ();
  g_autofree guint8 *pixels = g_malloc ((gsize) width * height * 3);
  gint64 sums[3] = { 0 };
  gsize size;
  const guchar *data = g_bytes_get_data (jpeg, &size);
  gint w, h, subsampling, colours;

  fail_unless_equals_int (
      tjDecompressHeader3 (decoder, data, size, &w, &h, &subsampling, &colours),
      0);
  fail_unless_equals_int (w, width);
  fail_unless_equals_int (h, height);
  fail_unless_equals_int (
      tjDecompress2 (decoder, data, size, pixels, w, 0, h, TJPF_RGB, 0), 0);
  for (gsize i = 0; i < (gsize) width * height * 3; i++)
    sums[i % 3] += pixels[i];
  for (guint i = 0; i < 3; i++)
    mean[i] = (gint) (sums[i] / ((gint64) width * height));
  (void) tjDestroy (decoder);
}

static void
fill (AnprStill *still, guint8 luma, guint8 cb, guint8 cr)
{
  gsize pixels = (gsize) still->width * still->height;

  memset (still->i420, luma, pixels);
  memset (still->i420 + pixels, cb, pixels / 4);
  memset (still->i420 + pixels * 5 / 4, cr, pixels / 4);
}

GST_START_TEST (test_picture_has_the_colours_of_the_video)
{
  static const struct {
    guint8 yuv[3];
    gboolean full_range, bt709;
    gint rgb[3];
  } cases[] = {
    { { 16, 128, 128 }, FALSE, FALSE, { 0, 0, 0 } },
    { { 235, 128, 128 }, FALSE, FALSE, { 255, 255, 255 } },
    { { 255, 128, 128 }, TRUE, FALSE, { 255, 255, 255 } },
    { { 0, 128, 128 }, TRUE, TRUE, { 0, 0, 0 } },
    { { 235, 128, 128 }, FALSE, TRUE, { 255, 255, 255 } },
    /* 75 % red and 75 % blue of colour bars, in either matrix */
    { { 65, 100, 212 }, FALSE, FALSE, { 191, 0, 0 } },
    { { 51, 109, 212 }, FALSE, TRUE, { 191, 0, 0 } },
    { { 35, 212, 114 }, FALSE, FALSE, { 0, 0, 191 } },
    { { 28, 212, 120 }, FALSE, TRUE, { 0, 0, 191 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (AnprStill) still = anpr_still_new (34, 18);
    g_autoptr (GBytes) jpeg = NULL;
    gint mean[3];

    fill (still, cases[i].yuv[0], cases[i].yuv[1], cases[i].yuv[2]);
    still->full_range = cases[i].full_range;
    still->bt709 = cases[i].bt709;
    jpeg = anpr_still_to_jpeg (still, NULL);
    fail_unless (jpeg != NULL);
    decode (jpeg, 34, 18, mean);
    for (guint j = 0; j < 3; j++)
      fail_unless (ABS (mean[j] - cases[i].rgb[j]) <= 4,
          "case %u colour %u: %d, not %d", i, j, mean[j], cases[i].rgb[j]);
  }
}

GST_END_TEST;

GST_START_TEST (test_stills_are_kept_as_pictures)
{
  g_autoptr (AnprStill) still = new_still (320, 240, 100, 50);
  g_autoptr (AnprPassage) passage = new_passage (FALSE, still);
  g_autoptr (AnprSpool) spool = NULL;
  static const gchar *const kinds[] = { "plate", "vehicle" };

  make_spool_folder ();
  start (spool_path, NULL);
  gst_pad_push_event (source, gst_anpr_event_new_closing (passage));
  push_eos ();
  spool = anpr_spool_open (spool_path, ANPR_SPOOL_READ, NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    g_autoptr (GBytes) jpeg = anpr_spool_get_image (
        spool, anpr_passage_get_id (passage), kinds[i], NULL);
    gint mean[3];

    fail_unless (jpeg != NULL);
    decode (jpeg, 320, 240, mean);
  }
}

GST_END_TEST;

GST_START_TEST (test_without_images_none_are_kept)
{
  g_autoptr (AnprStill) still = new_still (64, 32, 100, 50);
  g_autoptr (AnprSpool) spool = NULL;
  AnprSpoolSummary summary;

  make_spool_folder ();
  g_object_set (sink, "images", FALSE, NULL);
  start (spool_path, NULL);
  push_passages (2, FALSE, still);
  push_eos ();
  spool = anpr_spool_open (spool_path, ANPR_SPOOL_READ, NULL, NULL);
  fail_unless (anpr_spool_summarise (spool, &summary, NULL));
  fail_unless_equals_uint64 (summary.passages, 2);
  fail_unless_equals_uint64 (summary.images, 0);
}

GST_END_TEST;
#endif

static Suite *
sinkpictures_suite (void)
{
  Suite *suite = suite_create ("sinkpictures");
  TCase *pictures = tcase_create ("pictures");

  suite_add_tcase (suite, pictures);
  tcase_add_checked_fixture (pictures, sink_setup, sink_teardown);
#ifdef HAVE_TURBOJPEG
  tcase_add_test (pictures, test_picture_has_the_colours_of_the_video);
  tcase_add_test (pictures, test_stills_are_kept_as_pictures);
  tcase_add_test (pictures, test_without_images_none_are_kept);
#endif
  return suite;
}

GST_CHECK_MAIN (sinkpictures);
