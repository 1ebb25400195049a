/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Parts of a picture, made smaller and larger. */

#include "lumaview.h"
#include <gst/check/gstcheck.h>
#include <math.h>

#define STRIDE 337
#define WIDTH 320
#define HEIGHT 200

/* A slope: the mean of any area is the value at its middle */
static gdouble
slope (gdouble x, gdouble y)
{
  return 20 + x * 0.4 + y * 0.5;
}

static AnprLuma
slope_new (void)
{
  guint8 *pixels = g_malloc0 (STRIDE * HEIGHT);

  for (guint y = 0; y < HEIGHT; y++)
    for (guint x = 0; x < WIDTH; x++)
      pixels[y * STRIDE + x] = slope (x + 0.5, y + 0.5) + 0.5;
  return (AnprLuma){ pixels, STRIDE, WIDTH, HEIGHT };
}

static void
free_luma (AnprLuma *luma)
{
  g_free ((gpointer) luma->pixels);
}

static gfloat *
cut (const AnprLuma *luma, const AnprView *view)
{
  g_autofree AnprViewRoom *room = g_new (AnprViewRoom, 1);
  gfloat *values = g_new (gfloat, (gsize) view->width * view->height);

  anpr_view_cut (view, luma, room, values);
  return values;
}

static const AnprView views[] = {
  { 0, 0, 1, 160, 96 },
  { 7, 11, 1, 160, 96 },
  { 7.3, 11.8, 1, 160, 96 },
  { 0, 0, 2, 160, 96 },
  { 3.5, 1.25, 1.5, 200, 120 },
  { 1, 2, 3, 96, 64 },
  { 10.7, 5.1, 2.97, 96, 64 },
  { 50, 60, 0.5, 160, 96 },
  { 50.2, 60.9, 0.73, 160, 96 },
  { 0, 0, 50, 6, 4 },
};

GST_START_TEST (view_shows_the_picture_where_it_lies)
{
  const AnprView *view = &views[__i__];
  AnprLuma luma = slope_new ();
  g_autofree gfloat *values = cut (&luma, view);

  for (guint y = 0; y < view->height; y++) {
    for (guint x = 0; x < view->width; x++) {
      gdouble expected = slope (
          view->x + (x + 0.5) * view->scale, view->y + (y + 0.5) * view->scale);

      fail_unless (
          fabs (values[y * view->width + x] * 128 + 128 - expected) < 0.6,
          "%u,%u: %.2f, not %.2f", x, y,
          values[y * view->width + x] * 128 + 128, expected);
    }
  }
  free_luma (&luma);
}

GST_END_TEST;

GST_START_TEST (outside_of_the_picture_is_mid_grey)
{
  guint8 white[16];
  AnprLuma luma = { white, 4, 4, 4 };
  AnprView view = { -8, -4, 2, 12, 6 };
  g_autofree gfloat *values = NULL;

  memset (white, 255, sizeof (white));
  values = cut (&luma, &view);
  for (guint y = 0; y < 6; y++)
    for (guint x = 0; x < 12; x++) {
      gboolean inside = x >= 4 && x < 6 && y >= 2 && y < 4;

      fail_unless_equals_float (values[y * 12 + x], inside ? 127 / 128.0f : 0);
    }
}

GST_END_TEST;

/* Views far off, beside and around pictures of odd sizes, at the ends of what
 * scales there are: nothing is read that is not there */
static const AnprView odd_views[] = {
  { -5000, -5000, 1, 640, 384 },
  { 9000, 9000, 250, 640, 384 },
  { -80000, -48000, 250, 640, 384 },
  { -0.5, -0.5, 0.25, 640, 384 },
  { 0, 0, 85.4, 96, 64 },
};

static const guint odd_sizes[][2] = { { 1, 1 }, { 1, 8192 }, { 8192, 1 },
  { 3, 5 }, { 8191, 33 } };

GST_START_TEST (nothing_is_read_outside_of_the_picture)
{
  const AnprView *view = &odd_views[__i__];

  for (guint i = 0; i < G_N_ELEMENTS (odd_sizes); i++) {
    guint width = odd_sizes[i][0], height = odd_sizes[i][1];
    gsize size = (gsize) width * height;
    /* as large as it must be: a checker of memory sees the rest */
    g_autofree guint8 *pixels = g_malloc (size);
    AnprLuma luma = { pixels, width, width, height };
    g_autofree gfloat *values = NULL;

    memset (pixels, 255, size);
    values = cut (&luma, view);
    for (guint k = 0; k < view->width * view->height; k++)
      fail_unless (values[k] > -0.01 && values[k] < 1.01);
  }
}

GST_END_TEST;

static Suite *
lumaview_suite (void)
{
  Suite *suite = suite_create ("lumaview");
  TCase *tests = tcase_create ("general");

  suite_add_tcase (suite, tests);
  tcase_add_loop_test (
      tests, view_shows_the_picture_where_it_lies, 0, G_N_ELEMENTS (views));
  tcase_add_test (tests, outside_of_the_picture_is_mid_grey);
  tcase_add_loop_test (tests, nothing_is_read_outside_of_the_picture, 0,
      G_N_ELEMENTS (odd_views));
  return suite;
}

GST_CHECK_MAIN (lumaview);
