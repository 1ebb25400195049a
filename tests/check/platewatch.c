/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Which frames of a stream are looked at, and at what cost. Films are drawn
 * frame by frame: textured ground with noise, plates that move over it. */

#include "motiongate.h"
#include "platewatch.h"
#include "platemodel.h"

#define WIDTH 1280
#define HEIGHT 720
#define FRAME (40 * G_GUINT64_CONSTANT (1000000))

/* Network pixels that a frame brings, as the documentation says */
#define BUDGET 56000

/* Least of a thorough look at a frame */
#define THOROUGH (640 * 384 + 320 * 192 + 160 * 96)

static const AnprDetectOptions usual = {
  .threshold = 0.4,
  .min_plate_width = 40,
  .max_plates = 16,
};

typedef struct {
  AnprPlateWatch *watch;
  GRand *random;
  guint8 *pixels;
  AnprLuma luma;
  guint64 time;
  gboolean looked;
  guint n_plates;
  AnprDetection plates[ANPR_DETECTOR_MAX_PLATES];
} Film;

static Film *
film_new (void)
{
  g_autoptr (AnprModel) model = plate_model_new ();
  Film *film = g_new0 (Film, 1);

  film->watch = anpr_plate_watch_new (model, NULL);
  fail_unless (film->watch != NULL);
  film->random = g_rand_new_with_seed (11);
  film->pixels = g_malloc (WIDTH * HEIGHT);
  film->luma = (AnprLuma){ film->pixels, WIDTH, WIDTH, HEIGHT };
  return film;
}

static void
film_free (Film *film)
{
  anpr_plate_watch_free (film->watch);
  g_rand_free (film->random);
  g_free (film->pixels);
  g_free (film);
}

/* Ground; @noise: most that a pixel is off */
static void
film_clear (Film *film, guint noise)
{
  for (guint i = 0; i < WIDTH * HEIGHT; i++)
    film->pixels[i] = 128 - noise + g_rand_int (film->random) % (2 * noise + 1);
}

static void
film_draw (Film *film, gdouble x, gdouble y, gdouble width)
{
  plate_model_draw (film->pixels, WIDTH, WIDTH, HEIGHT, x, y, width);
}

static void
film_show (Film *film)
{
  film->n_plates = anpr_plate_watch_next (film->watch, &film->luma, film->time,
      ANPR_WATCH_SPARING, &usual, &film->looked, film->plates,
      ANPR_DETECTOR_MAX_PLATES);
  film->time += FRAME;
}

static guint64
cost_of (const Film *film)
{
  return anpr_plate_watch_get_cost (film->watch);
}

static gboolean
film_found (const Film *film, gdouble x, gdouble y, gdouble width)
{
  AnprBox box = { x, y, width, width / PLATE_MODEL_SHAPE };

  for (guint i = 0; i < film->n_plates; i++)
    if (anpr_box_iou (&film->plates[i].box, &box) > 0.6)
      return TRUE;
  return FALSE;
}

static const guint noises[] = { 0, 3, 8, 20 };

GST_START_TEST (noise_is_not_looked_at)
{
  Film *film = film_new ();

  for (guint i = 0; i < 50; i++) {
    film_clear (film, noises[__i__]);
    film_show (film);
    fail_unless_equals_int (film->looked, i == 0);
  }
  film_free (film);
}

GST_END_TEST;

GST_START_TEST (moving_plate_is_found_and_followed)
{
  Film *film = film_new ();
  gint first = -1;

  for (gint i = -5; i < 60; i++) {
    gdouble x = 100 + 12 * i, y = 200 + 3 * i, width = 90 + i / 2;

    film_clear (film, 4);
    if (i >= 0)
      film_draw (film, x, y, width);
    film_show (film);
    if (i < 0)
      continue;
    if (first < 0 && film->n_plates > 0)
      first = i;
    if (first >= 0)
      fail_unless (film_found (film, x, y, width), "frame %d", i);
  }
  fail_unless (first >= 0 && first <= 6, "found in frame %d", first);
  film_free (film);
}

GST_END_TEST;

/* Five frames a second: a plate is never where the last one could tell */
GST_START_TEST (plates_that_jump_in_a_slow_stream_are_found_in_each_frame)
{
  Film *film = film_new ();

  for (gint i = -3; i < 6; i++) {
    film_clear (film, 4);
    for (gint k = 0; i >= 0 && k < 2; k++)
      film_draw (film, 60 + 150 * i, 150 + 240 * k + 20 * i, 90 + 3 * i);
    film_show (film);
    film->time += 4 * FRAME;
    for (gint k = 0; i >= 0 && k < 2; k++)
      fail_unless (
          film_found (film, 60 + 150 * i, 150 + 240 * k + 20 * i, 90 + 3 * i),
          "plate %d in frame %d", k, i);
  }
  film_free (film);
}

GST_END_TEST;

GST_START_TEST (plates_that_leave_are_forgotten)
{
  Film *film = film_new ();

  for (guint i = 0; i < 40; i++) {
    film_clear (film, 4);
    if (i < 20)
      film_draw (film, 100 + 10 * i, 300, 110);
    film_show (film);
    fail_unless (film->n_plates <= 1);
    if (i >= 20)
      fail_unless_equals_int (film->n_plates, 0);
  }
  /* and at rest nothing is looked at any more */
  fail_if (film->looked);
  film_free (film);
}

GST_END_TEST;

GST_START_TEST (budget_holds_with_many_moving_plates)
{
  Film *film = film_new ();
  guint64 first_cost;
  guint n_plates = 0;

  film_clear (film, 4);
  film_show (film);
  first_cost = cost_of (film);
  for (guint i = 0; i < 100; i++) {
    film_clear (film, 4);
    for (guint k = 0; k < 12; k++)
      film_draw (film, 40 + 300 * (k % 4) + 2.5 * i * (k % 2 ? 1 : 0.4),
          60 + 200 * (k / 4) + i * 0.3, 100);
    film_show (film);
    n_plates += film->n_plates;
  }
  /* as many as there is budget to follow */
  fail_unless (n_plates >= 100 * 3, "%u", n_plates);
  /* what was kept at the beginning, and a survey's debt at the end */
  fail_unless (cost_of (film) - first_cost < 100 * BUDGET + 2 * BUDGET + 400000,
      "%" G_GUINT64_FORMAT, cost_of (film) - first_cost);
  film_free (film);
}

GST_END_TEST;

static void
draw_block (Film *film, guint left, guint top)
{
  for (guint y = top; y < top + 80; y++)
    memset (film->pixels + y * WIDTH + left, 60, 80);
}

/* How often in two seconds something is looked for where one block moves, and
 * another in the far corner if @far_too */
static guint
count_surveys (gboolean far_too)
{
  Film *film = film_new ();
  guint n_looked = 0;

  for (guint i = 0; i < 100; i++) {
    film_clear (film, 4);
    if (i >= 50)
      draw_block (film, 20 + 4 * (i - 50), 20);
    if (i >= 50 && far_too)
      draw_block (film, WIDTH - 100 - 4 * (i - 50), HEIGHT - 100);
    film_show (film);
    n_looked += i >= 50 && film->looked;
  }
  film_free (film);
  return n_looked;
}

GST_START_TEST (large_areas_are_surveyed_half_as_often)
{
  guint n_small = count_surveys (FALSE), n_large = count_surveys (TRUE);

  fail_unless (n_small >= 7 && n_small <= 9, "%u", n_small);
  fail_unless (n_large >= 4 && n_large <= 5, "%u", n_large);
}

GST_END_TEST;

/* Surveys in four seconds of so many plates that drive along, and of a block
 * that does so far from them if @stranger */
static guint
count_surveys_beside_plates (guint n_plates, gboolean stranger)
{
  Film *film = film_new ();
  guint n_surveys = 0;

  for (guint i = 0; i < 150; i++) {
    guint64 before = cost_of (film);

    film_clear (film, 4);
    for (guint k = 0; k < n_plates; k++)
      film_draw (film, 100 + 5 * i, 560 + 40 * k, 100);
    if (stranger && i >= 50)
      draw_block (film, 20 + 4 * (i - 50), 10);
    film_show (film);
    n_surveys +=
        i >= 50 && cost_of (film) - before > n_plates * 96 * 64 + 160 * 96 / 2;
  }
  film_free (film);
  return n_surveys;
}

/* But a stranger is, at once; and so is everything in dense traffic, where one
 * vehicle may hide another. */
GST_START_TEST (what_a_followed_vehicle_moves_is_seldom_surveyed)
{
  guint n_alone = count_surveys_beside_plates (1, FALSE);
  guint n_with_stranger = count_surveys_beside_plates (1, TRUE);
  guint n_dense = count_surveys_beside_plates (3, FALSE);

  fail_unless (n_alone >= 3 && n_alone <= 5, "%u", n_alone);
  fail_unless (n_with_stranger >= 8, "%u", n_with_stranger);
  fail_unless (n_dense >= 8, "%u", n_dense);
}

GST_END_TEST;

GST_START_TEST (every_plate_gets_its_turn)
{
  Film *film = film_new ();
  guint seen[12] = { 0 };

  for (guint i = 0; i < 50; i++) {
    film_clear (film, 4);
    for (guint k = 0; k < 12; k++)
      film_draw (film, 40 + 300 * (k % 4) + 2.5 * i, 60 + 200 * (k / 4), 100);
    film_show (film);
    for (guint k = 0; k < 12; k++)
      seen[k] += film_found (
          film, 40 + 300 * (k % 4) + 2.5 * i, 60 + 200 * (k / 4), 100);
  }
  for (guint k = 0; k < 12; k++)
    fail_unless (seen[k] >= 10, "plate %u: %u times", k, seen[k]);
  film_free (film);
}

GST_END_TEST;

GST_START_TEST (parked_plate_costs_little)
{
  Film *film = film_new ();
  guint n_found = 0;
  guint64 cost;

  for (guint i = 0; i < 50; i++) {
    film_clear (film, 4);
    film_draw (film, 500, 300, 120);
    film_show (film);
  }
  cost = cost_of (film);
  for (guint i = 0; i < 48; i++) {
    film_clear (film, 4);
    film_draw (film, 500, 300, 120);
    film_show (film);
    n_found += film->n_plates;
  }
  fail_unless_equals_int (n_found, 4);
  fail_unless (cost_of (film) - cost <= 4 * 96 * 64);
  film_free (film);
}

GST_END_TEST;

GST_START_TEST (parked_plate_that_starts_is_followed)
{
  Film *film = film_new ();

  for (guint i = 0; i < 80; i++) {
    gdouble x = i < 45 ? 300 : 300 + 8 * (i - 45.0);

    film_clear (film, 4);
    film_draw (film, x, 300, 120);
    film_show (film);
    if (i >= 55)
      fail_unless (film_found (film, x, 300, 120), "frame %u", i);
  }
  film_free (film);
}

GST_END_TEST;

GST_START_TEST (single_pictures_are_each_looked_at_thoroughly)
{
  Film *film = film_new ();
  guint64 cost = 0;

  for (guint i = 0; i < 4; i++) {
    film_clear (film, 0);
    film_draw (film, 100 + 200 * i, 300, 100);
    film_show (film);
    fail_unless_equals_int (film->n_plates, 1);
    fail_unless (cost_of (film) - cost >= THOROUGH);
    cost = cost_of (film);
    film->time += 24 * FRAME;
  }
  film_free (film);
}

GST_END_TEST;

GST_START_TEST (cut_to_another_scene_is_looked_at_thoroughly)
{
  Film *film = film_new ();
  guint64 cost;

  for (guint i = 0; i < 60; i++) {
    film_clear (film, 4);
    film_show (film);
  }
  memset (film->pixels, 40, WIDTH * HEIGHT);
  cost = cost_of (film);
  film_show (film);
  fail_unless (cost_of (film) - cost >= THOROUGH);
  film_free (film);
}

GST_END_TEST;

/* The costs and plates of a film */
static GArray *
record_film (void)
{
  GArray *record = g_array_new (FALSE, FALSE, sizeof (gdouble));
  Film *film = film_new ();

  for (guint i = 0; i < 40; i++) {
    gdouble cost;

    film_clear (film, 6);
    film_draw (film, 100 + 9 * i, 200, 90);
    film_draw (film, 900 - 7 * (gdouble) i, 400, 120);
    film_show (film);
    cost = cost_of (film);
    g_array_append_val (record, cost);
    for (guint k = 0; k < film->n_plates; k++) {
      g_array_append_val (record, film->plates[k].box.x);
      g_array_append_val (record, film->plates[k].score);
    }
  }
  film_free (film);
  return record;
}

GST_START_TEST (same_film_gives_the_same_plates_at_the_same_cost)
{
  g_autoptr (GArray) one = record_film ();
  g_autoptr (GArray) other = record_film ();

  fail_unless_equals_int (one->len, other->len);
  fail_unless (one->len > 100);
  fail_unless (memcmp (one->data, other->data, one->len * 8) == 0);
}

GST_END_TEST;

GST_START_TEST (motion_gate_tells_where_something_moved)
{
  static const AnprPolygons everywhere;
  AnprMotionGate gate = { 0 };
  AnprMotion motion;
  Film *film = film_new ();

  film_clear (film, 4);
  anpr_motion_gate_reset (&gate, WIDTH, HEIGHT, &everywhere, &everywhere);
  anpr_motion_gate_compare (&gate, &film->luma, &motion);
  anpr_motion_gate_keep (&gate);
  film_draw (film, 800, 400, 60);
  anpr_motion_gate_compare (&gate, &film->luma, &motion);
  fail_unless (motion.moved);
  fail_if (motion.cut);
  fail_unless (motion.area.x <= 800 && motion.area.y <= 400);
  fail_unless (motion.area.x + motion.area.width >= 860);
  fail_unless (motion.area.y + motion.area.height >= 412);
  fail_unless (motion.area.width < 200 && motion.area.height < 120);
  anpr_motion_gate_clear (&gate);
  film_free (film);
}

GST_END_TEST;

GST_START_TEST (motion_gate_tells_whether_something_else_moved)
{
  static const AnprPolygons everywhere;
  static const AnprBox around = { 760, 380, 160, 80 };
  static const AnprBox elsewhere = { 100, 380, 160, 80 };
  AnprMotionGate gate = { 0 };
  AnprMotion motion;
  AnprBox area;
  Film *film = film_new ();

  film_clear (film, 4);
  anpr_motion_gate_reset (&gate, WIDTH, HEIGHT, &everywhere, &everywhere);
  anpr_motion_gate_compare (&gate, &film->luma, &motion);
  anpr_motion_gate_keep (&gate);
  anpr_motion_gate_compare (&gate, &film->luma, &motion);
  fail_if (anpr_motion_gate_find_area (&gate, NULL, 0, &area));
  film_draw (film, 800, 400, 60);
  anpr_motion_gate_compare (&gate, &film->luma, &motion);
  fail_unless (anpr_motion_gate_find_area (&gate, NULL, 0, &area));
  fail_unless (anpr_motion_gate_find_area (&gate, &elsewhere, 1, &area));
  fail_if (anpr_motion_gate_find_area (&gate, &around, 1, &area));
  film_draw (film, 150, 400, 60);
  anpr_motion_gate_compare (&gate, &film->luma, &motion);
  fail_unless (anpr_motion_gate_find_area (&gate, &around, 1, &area));
  fail_unless (area.x <= 150 && area.x + area.width < 400);
  anpr_motion_gate_clear (&gate);
  film_free (film);
}

GST_END_TEST;

GST_START_TEST (motion_gate_watches_the_polygons_alone)
{
  AnprPolygons include = { .n_polygons = 0 }, none = { .n_polygons = 0 };
  AnprMotionGate gate = { 0 };
  AnprMotion motion;
  Film *film = film_new ();

  fail_unless (anpr_polygons_parse ("0,0 .5,0 .5,1 0,1", &include, NULL));
  film_clear (film, 4);
  anpr_motion_gate_reset (&gate, WIDTH, HEIGHT, &include, &none);
  anpr_motion_gate_compare (&gate, &film->luma, &motion);
  anpr_motion_gate_keep (&gate);
  film_draw (film, 800, 400, 100);
  anpr_motion_gate_compare (&gate, &film->luma, &motion);
  fail_if (motion.moved);
  film_draw (film, 200, 400, 100);
  anpr_motion_gate_compare (&gate, &film->luma, &motion);
  fail_unless (motion.moved);
  fail_unless (motion.area.x + motion.area.width < 800);
  anpr_motion_gate_clear (&gate);
  film_free (film);
}

GST_END_TEST;

/* A gate that has kept ground, for frames of which the polygons show a part */
static void
watch_part (Film *film, AnprMotionGate *gate, const gchar *polygons)
{
  AnprPolygons include, none = { .n_polygons = 0 };
  AnprMotion motion;

  fail_unless (anpr_polygons_parse (polygons, &include, NULL));
  anpr_motion_gate_reset (gate, WIDTH, HEIGHT, &include, &none);
  film_clear (film, 2);
  anpr_motion_gate_compare (gate, &film->luma, &motion);
  anpr_motion_gate_keep (gate);
}

GST_START_TEST (what_moves_elsewhere_hides_no_movement)
{
  AnprMotionGate gate = { 0 };
  AnprMotion motion;
  Film *film = film_new ();

  watch_part (film, &gate, "0,0 .3,0 .3,1 0,1");
  film_clear (film, 2);
  for (guint y = 0; y < HEIGHT; y++)
    memset (film->pixels + y * WIDTH + WIDTH / 3, 200, WIDTH * 2 / 3);
  anpr_motion_gate_compare (&gate, &film->luma, &motion);
  fail_if (motion.moved);
  /* a little darker than the ground */
  for (guint y = 300; y < 400; y++)
    memset (film->pixels + y * WIDTH + 100, 120, 100);
  anpr_motion_gate_compare (&gate, &film->luma, &motion);
  fail_unless (motion.moved);
  anpr_motion_gate_clear (&gate);
  film_free (film);
}

GST_END_TEST;

GST_START_TEST (movement_that_fills_a_small_part_is_no_noise)
{
  AnprMotionGate gate = { 0 };
  AnprMotion motion;
  Film *film = film_new ();

  watch_part (film, &gate, "0,0 .1,0 .1,1 0,1");
  film_clear (film, 2);
  for (guint y = 0; y < HEIGHT; y++)
    memset (film->pixels + y * WIDTH, 120, WIDTH / 8);
  anpr_motion_gate_compare (&gate, &film->luma, &motion);
  fail_unless (motion.moved);
  fail_if (motion.cut);
  anpr_motion_gate_clear (&gate);
  film_free (film);
}

GST_END_TEST;

GST_START_TEST (cut_shows_in_a_small_part_too)
{
  AnprMotionGate gate = { 0 };
  AnprMotion motion;
  Film *film = film_new ();

  watch_part (film, &gate, "0,0 .3,0 .3,1 0,1");
  memset (film->pixels, 40, WIDTH * HEIGHT);
  anpr_motion_gate_compare (&gate, &film->luma, &motion);
  fail_unless (motion.cut);
  anpr_motion_gate_clear (&gate);
  film_free (film);
}

GST_END_TEST;

/* Lines a few pixels high, at a height where no cell has its middle */
static const gchar *const thin_parts[] = {
  "0,.5 1,.5 1,.506 0,.506",
  "0,.497 1,.497 1,.503 0,.503",
};

GST_START_TEST (thin_line_is_watched)
{
  AnprMotionGate gate = { 0 };
  AnprMotion motion;
  Film *film = film_new ();

  watch_part (film, &gate, thin_parts[__i__]);
  film_draw (film, 500, HEIGHT / 2 - 10, 100);
  anpr_motion_gate_compare (&gate, &film->luma, &motion);
  fail_unless (motion.moved);
  anpr_motion_gate_clear (&gate);
  film_free (film);
}

GST_END_TEST;

GST_START_TEST (nothing_moves_where_nothing_is_watched)
{
  AnprPolygons everywhere, none = { .n_polygons = 0 };
  AnprMotionGate gate = { 0 };
  AnprMotion motion;
  /* cells that reach out of the picture: 9 pixels each */
  guint8 pixels[121 * 120] = { 0 };
  AnprLuma luma = { pixels, 121, 121, 120 };

  fail_unless (anpr_polygons_parse ("0,0 1,0 1,1 0,1", &everywhere, NULL));
  anpr_motion_gate_reset (&gate, 121, 120, &none, &everywhere);
  anpr_motion_gate_compare (&gate, &luma, &motion);
  anpr_motion_gate_keep (&gate);
  memset (pixels, 200, sizeof (pixels));
  anpr_motion_gate_compare (&gate, &luma, &motion);
  fail_if (motion.moved || motion.cut);
  anpr_motion_gate_clear (&gate);
}

GST_END_TEST;

static const guint odd_sizes[][2] = { { 1, 1 }, { 1, 8192 }, { 8192, 1 },
  { 7, 9 }, { 121, 120 }, { 8192, 8191 } };

GST_START_TEST (motion_gate_takes_any_size)
{
  static const AnprPolygons everywhere;
  guint width = odd_sizes[__i__][0], height = odd_sizes[__i__][1];
  g_autofree guint8 *pixels = g_malloc0 ((gsize) width * height);
  AnprLuma luma = { pixels, width, width, height };
  AnprMotionGate gate = { 0 };
  AnprMotion motion;

  anpr_motion_gate_reset (&gate, width, height, &everywhere, &everywhere);
  anpr_motion_gate_compare (&gate, &luma, &motion);
  fail_if (motion.moved);
  anpr_motion_gate_keep (&gate);
  memset (pixels, 200, (gsize) width * height);
  anpr_motion_gate_compare (&gate, &luma, &motion);
  fail_unless (motion.moved);
  fail_unless_equals_float (motion.area.width, width);
  fail_unless_equals_float (motion.area.height, height);
  anpr_motion_gate_clear (&gate);
}

GST_END_TEST;

static Suite *
platewatch_suite (void)
{
  Suite *suite = suite_create ("platewatch");
  TCase *tests = tcase_create ("general");

  suite_add_tcase (suite, tests);
  tcase_add_loop_test (tests, noise_is_not_looked_at, 0, G_N_ELEMENTS (noises));
  tcase_add_test (tests, moving_plate_is_found_and_followed);
  tcase_add_test (
      tests, plates_that_jump_in_a_slow_stream_are_found_in_each_frame);
  tcase_add_test (tests, plates_that_leave_are_forgotten);
  tcase_add_test (tests, budget_holds_with_many_moving_plates);
  tcase_add_test (tests, large_areas_are_surveyed_half_as_often);
  tcase_add_test (tests, what_a_followed_vehicle_moves_is_seldom_surveyed);
  tcase_add_test (tests, every_plate_gets_its_turn);
  tcase_add_test (tests, parked_plate_costs_little);
  tcase_add_test (tests, parked_plate_that_starts_is_followed);
  tcase_add_test (tests, single_pictures_are_each_looked_at_thoroughly);
  tcase_add_test (tests, cut_to_another_scene_is_looked_at_thoroughly);
  tcase_add_test (tests, same_film_gives_the_same_plates_at_the_same_cost);
  tcase_add_test (tests, motion_gate_tells_where_something_moved);
  tcase_add_test (tests, motion_gate_tells_whether_something_else_moved);
  tcase_add_test (tests, motion_gate_watches_the_polygons_alone);
  tcase_add_test (tests, what_moves_elsewhere_hides_no_movement);
  tcase_add_test (tests, movement_that_fills_a_small_part_is_no_noise);
  tcase_add_test (tests, cut_shows_in_a_small_part_too);
  tcase_add_loop_test (
      tests, thin_line_is_watched, 0, G_N_ELEMENTS (thin_parts));
  tcase_add_test (tests, nothing_moves_where_nothing_is_watched);
  tcase_add_loop_test (
      tests, motion_gate_takes_any_size, 0, G_N_ELEMENTS (odd_sizes));
  return suite;
}

GST_CHECK_MAIN (platewatch);
