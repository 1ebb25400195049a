/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/check/gstcheck.h>
#include <math.h>
#include "plugins/platetrack/assignment.h"
#include "plugins/platetrack/tracker.h"

#define FRAME                                                                  \
  G_GUINT64_CONSTANT (40000000) /* nanoseconds, 25 frames a second */

/* One frame after the other through a tracker, with boxes by hand. */
typedef struct {
  AnprTracker *tracker;
  AnprTrackerOptions options;
  guint64 now;
  GPtrArray *plates;
  GPtrArray *lost;
} Road;

static void
road_init (Road *road)
{
  road->tracker = anpr_tracker_new ();
  road->options = (AnprTrackerOptions){ .max_gap = 5 * FRAME, .min_reads = 1 };
  road->now = 0;
  road->plates =
      g_ptr_array_new_with_free_func ((GDestroyNotify) anpr_plate_free);
  road->lost =
      g_ptr_array_new_with_free_func ((GDestroyNotify) anpr_plate_free);
}

static void
road_clear (Road *road)
{
  anpr_tracker_free (road->tracker);
  g_ptr_array_unref (road->plates);
  g_ptr_array_unref (road->lost);
}

static void
put (Road *road, gdouble x, gdouble y, gdouble width)
{
  AnprBox box = { x, y, width, width / 4.7 };

  g_ptr_array_add (road->plates, anpr_plate_new (&box, 0.9));
}

/* Tracks the plates put since the last step; they stay until the next one. */
static AnprPlate *
step (Road *road)
{
  AnprMoment moment = ANPR_MOMENT_INIT;

  road->now += FRAME;
  anpr_tracker_update (road->tracker, &road->options, &moment, road->now, 1920,
      1080, road->plates, road->lost);
  return road->plates->len ? g_ptr_array_index (road->plates, 0) : NULL;
}

static void
clear (Road *road)
{
  g_ptr_array_set_size (road->plates, 0);
}

GST_START_TEST (test_a_plate_that_moves_its_own_height_a_frame_is_one_vehicle)
{
  Road road;

  road_init (&road);
  for (guint i = 0; i < 20; i++) {
    clear (&road);
    put (&road, 400 + 3 * i, 200 + 25.0 * i, 100 + 4 * i);
    fail_unless_equals_uint64 (step (&road)->track_id, 1);
  }
  fail_unless_equals_int (
      anpr_passage_get_n_frames (
          ((AnprPlate *) g_ptr_array_index (road.plates, 0))->passage),
      20);
  road_clear (&road);
}
GST_END_TEST;

GST_START_TEST (test_two_vehicles_side_by_side_stay_two)
{
  Road road;

  road_init (&road);
  for (guint i = 0; i < 20; i++) {
    clear (&road);
    put (&road, 400, 200 + 10.0 * i, 120);
    put (&road, 700, 210 + 12.0 * i, 120);
    step (&road);
    for (guint p = 0; p < 2; p++)
      fail_unless_equals_uint64 (
          ((AnprPlate *) g_ptr_array_index (road.plates, p))->track_id, p + 1);
  }
  road_clear (&road);
}
GST_END_TEST;

GST_START_TEST (test_crossing_vehicles_keep_their_tracks)
{
  Road road;

  road_init (&road);
  for (guint i = 0; i < 40; i++) {
    clear (&road);
    put (&road, 200 + 20.0 * i, 300, 100);
    put (&road, 1000 - 20.0 * i, 380, 100);
    step (&road);
    for (guint p = 0; p < 2; p++)
      fail_unless_equals_uint64 (
          ((AnprPlate *) g_ptr_array_index (road.plates, p))->track_id, p + 1);
  }
  road_clear (&road);
}
GST_END_TEST;

GST_START_TEST (test_a_gap_shorter_than_max_gap_is_bridged)
{
  Road road;

  road_init (&road);
  for (guint i = 0; i < 20; i++) {
    clear (&road);
    if (i < 8 || i > 11)
      put (&road, 400, 200 + 12.0 * i, 120);
    if (step (&road))
      fail_unless_equals_uint64 (
          ((AnprPlate *) g_ptr_array_index (road.plates, 0))->track_id, 1);
  }
  fail_unless_equals_int (road.lost->len, 0);
  road_clear (&road);
}
GST_END_TEST;

GST_START_TEST (test_a_vehicle_gone_longer_than_max_gap_is_lost_once)
{
  Road road;
  AnprPlate *lost;

  road_init (&road);
  put (&road, 400, 200, 120);
  step (&road);
  clear (&road);
  for (guint i = 0; i < 20; i++)
    step (&road);
  fail_unless_equals_int (road.lost->len, 1);
  lost = g_ptr_array_index (road.lost, 0);
  fail_unless_equals_int (lost->track_state, ANPR_TRACK_LOST);
  fail_unless_equals_int (anpr_tracker_get_n_tracks (road.tracker), 0);
  road_clear (&road);
}
GST_END_TEST;

GST_START_TEST (test_a_plate_seen_too_few_times_leaves_nothing_behind)
{
  Road road;

  road_init (&road);
  road.options.min_reads = 3;
  for (guint i = 0; i < 2; i++) {
    clear (&road);
    put (&road, 400, 200, 120);
    fail_unless (step (&road)->passage == NULL);
  }
  anpr_tracker_close (road.tracker, road.lost);
  fail_unless_equals_int (road.lost->len, 0);
  road_clear (&road);
}
GST_END_TEST;

GST_START_TEST (test_a_detection_inside_another_is_no_vehicle)
{
  Road road;

  road_init (&road);
  for (guint i = 0; i < 5; i++) {
    AnprPlate *part;

    clear (&road);
    put (&road, 400, 200, 120);
    put (&road, 440, 205, 70);
    step (&road);
    part = g_ptr_array_index (road.plates, 1);
    fail_unless_equals_uint64 (part->track_id, 0);
    fail_unless_equals_int (part->track_state, ANPR_TRACK_UPDATE);
    fail_unless (part->passage == NULL);
  }
  fail_unless_equals_int (anpr_tracker_get_n_tracks (road.tracker), 1);
  road_clear (&road);
}
GST_END_TEST;

static AnprDirection
drive (const AnprDirectionLine *line, gdouble dy, gdouble growth)
{
  Road road;
  AnprDirection direction;

  road_init (&road);
  if (line)
    road.options.line = *line;
  for (guint i = 0; i < 30; i++) {
    clear (&road);
    put (&road, 900, 540 + dy * ((gdouble) i - 15), 120 + growth * i);
    step (&road);
  }
  anpr_tracker_close (road.tracker, road.lost);
  direction = anpr_passage_get_direction (
      ((AnprPlate *) g_ptr_array_index (road.lost, 0))->passage);
  road_clear (&road);
  return direction;
}

GST_START_TEST (test_growth_tells_the_direction_without_a_line)
{
  fail_unless_equals_int (drive (NULL, 10, 3), ANPR_DIRECTION_IN);
  fail_unless_equals_int (drive (NULL, -10, -2), ANPR_DIRECTION_OUT);
  fail_unless_equals_int (drive (NULL, 0, 0), ANPR_DIRECTION_UNKNOWN);
}
GST_END_TEST;

GST_START_TEST (test_crossing_the_line_tells_the_direction)
{
  AnprDirectionLine line = { 0 };

  fail_unless (anpr_direction_line_parse ("0,0.5 1,0.5", &line));
  fail_unless_equals_int (drive (&line, 10, 0), ANPR_DIRECTION_IN);
  fail_unless_equals_int (drive (&line, -10, 0), ANPR_DIRECTION_OUT);
  fail_unless_equals_int (drive (&line, 0, 3), ANPR_DIRECTION_UNKNOWN);
  fail_unless (anpr_direction_line_parse ("1,0.5 0,0.5", &line));
  fail_unless_equals_int (drive (&line, 10, 0), ANPR_DIRECTION_OUT);
}
GST_END_TEST;

GST_START_TEST (test_what_is_no_line_is_refused_and_changes_nothing)
{
  static const gchar *const bad[] = { "1", "0,0 1", "0,0,1,1", "0,0 1,1 ",
    "0,0 2,1", "-0.1,0 1,1", "nan,0 1,1", "0.5,0.5 0.5,0.5", "a,b c,d", " " };
  AnprDirectionLine line = { 0 };

  fail_unless (anpr_direction_line_parse ("0.25,0 1,1", &line));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    fail_if (anpr_direction_line_parse (bad[i], &line), "%s", bad[i]);
  fail_unless (line.set && line.x[0] == 0.25);
  fail_unless (anpr_direction_line_parse (NULL, &line));
  fail_if (line.set);
}
GST_END_TEST;

GST_START_TEST (test_more_plates_than_the_bound_are_counted_not_tracked)
{
  Road road;

  road_init (&road);
  for (guint i = 0; i < ANPR_TRACKER_MAX_TRACKS + 6; i++)
    put (&road, 100.0 * i, 100, 80);
  step (&road);
  fail_unless_equals_int (
      anpr_tracker_get_n_tracks (road.tracker), ANPR_TRACKER_MAX_TRACKS);
  fail_unless_equals_uint64 (anpr_tracker_get_n_dropped (road.tracker), 6);
  road_clear (&road);
}
GST_END_TEST;

/* The least cost of pairing rows from row on, by trying everything */
static gdouble
try_all (
    const gdouble *costs, guint n_rows, guint n_columns, guint row, guint taken)
{
  gdouble least = G_MAXDOUBLE;

  if (row == n_rows)
    return 0;
  for (guint column = 0; column < n_columns; column++)
    if (!(taken & (1u << column)))
      least = MIN (least, costs[row * n_columns + column]
                              + try_all (costs, n_rows, n_columns, row + 1,
                                  taken | (1u << column)));
  return least;
}

GST_START_TEST (test_pairs_are_the_cheapest_that_there_are)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (3);

  for (guint round = 0; round < 300; round++) {
    guint n_rows = g_rand_int_range (random, 1, 6);
    guint n_columns = g_rand_int_range (random, n_rows, 7);
    gdouble costs[36], sum = 0;
    gint columns[6];

    for (guint i = 0; i < n_rows * n_columns; i++)
      costs[i] = g_rand_double (random);
    anpr_assignment_solve (costs, n_rows, n_columns, columns);
    for (guint row = 0; row < n_rows; row++) {
      fail_unless (columns[row] >= 0);
      sum += costs[row * n_columns + columns[row]];
    }
    fail_unless (fabs (sum - try_all (costs, n_rows, n_columns, 0, 0)) < 1e-9);
  }
}
GST_END_TEST;

GST_START_TEST (test_what_is_never_paired_is_left_alone)
{
  const gdouble costs[] = { 1, ANPR_ASSIGNMENT_NEVER, 2, ANPR_ASSIGNMENT_NEVER,
    ANPR_ASSIGNMENT_NEVER, ANPR_ASSIGNMENT_NEVER };
  gint columns[3];

  anpr_assignment_solve (costs, 3, 2, columns);
  fail_unless_equals_int (columns[0], 0);
  fail_unless_equals_int (columns[1], -1);
  fail_unless_equals_int (columns[2], -1);
  anpr_assignment_solve (NULL, 0, 2, columns);
  anpr_assignment_solve (costs, 2, 0, columns);
  fail_unless_equals_int (columns[0], -1);
}
GST_END_TEST;

/* Four pictures a second, in which a plate goes nearly its own width */
GST_START_TEST (test_jumps_of_a_slow_camera_are_one_vehicle)
{
  Road road;

  road_init (&road);
  road.options.max_gap = 25 * FRAME;
  for (guint i = 0; i < 8; i++) {
    clear (&road);
    put (&road, 100 + 150.0 * i, 500 - 60.0 * i, 180 * pow (0.88, i));
    road.now += 5 * FRAME;
    fail_unless_equals_uint64 (step (&road)->track_id, 1);
  }
  road_clear (&road);
}
GST_END_TEST;

GST_START_TEST (test_a_shaking_camera_changes_no_tracks)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (9);
  Road road;

  road_init (&road);
  for (guint i = 0; i < 60; i++) {
    gdouble x = g_rand_double_range (random, -12, 12);
    gdouble y = g_rand_double_range (random, -12, 12);

    clear (&road);
    put (&road, 400 + x, 200 + 9.0 * i + y, 100 + i);
    put (&road, 700 + x, 900 - 9.0 * i + y, 160 - i);
    step (&road);
    for (guint p = 0; p < 2; p++)
      fail_unless_equals_uint64 (
          ((AnprPlate *) g_ptr_array_index (road.plates, p))->track_id, p + 1);
  }
  road_clear (&road);
}
GST_END_TEST;

/* The same plate of a detector that knows no bounds */
GST_START_TEST (test_boxes_that_are_none_do_no_harm)
{
  static const gdouble odd[] = { 0, -5, NAN, INFINITY, 1e300 };
  Road road;

  road_init (&road);
  for (guint i = 0; i < 20; i++) {
    clear (&road);
    for (guint k = 0; k < G_N_ELEMENTS (odd); k++) {
      put (&road, 100, 100, odd[k]);
      put (&road, odd[k], odd[k], 80);
    }
    step (&road);
  }
  anpr_tracker_close (road.tracker, road.lost);
  road_clear (&road);
}
GST_END_TEST;

static AnprPassage *
nth_passage (Road *road, guint n)
{
  return ((AnprPlate *) g_ptr_array_index (road->plates, n))->passage;
}

static void
read_as (AnprPassage *passage, const gchar *text, gint64 at)
{
  g_autoptr (AnprRead) read =
      anpr_read_new (text ? ANPR_READ_TEXT : ANPR_READ_NOT_READ, text,
          text ? 0.95 : 0, "test");
  AnprMoment moment = ANPR_MOMENT_INIT;
  AnprBox box = { 0, 0, 150, 32 };

  moment.monotonic = at;
  anpr_passage_add_read (passage, read, &moment, &box);
}

static void
step_at (Road *road, gint64 at)
{
  AnprMoment moment = ANPR_MOMENT_INIT;

  moment.monotonic = at;
  road->now += FRAME;
  anpr_tracker_update (road->tracker, &road->options, &moment, road->now, 1920,
      1080, road->plates, road->lost);
}

/* Where it comes out again no motion could have told */
GST_START_TEST (test_a_vehicle_found_again_by_its_text_is_one_passage)
{
  g_autofree gchar *id = NULL;
  Road road;

  road_init (&road);
  put (&road, 100, 100, 100);
  step_at (&road, 1);
  read_as (nth_passage (&road, 0), "1ABC123", 1);
  id = g_strdup (anpr_passage_get_id (nth_passage (&road, 0)));
  clear (&road);
  put (&road, 1500, 900, 100);
  step_at (&road, 2);
  fail_unless_equals_int (anpr_tracker_get_n_tracks (road.tracker), 2);
  read_as (nth_passage (&road, 0), "1ABC123", 2);
  fail_unless_equals_string (anpr_passage_get_id (nth_passage (&road, 0)), id);
  step_at (&road, 3);
  fail_unless_equals_int (anpr_tracker_get_n_tracks (road.tracker), 1);
  anpr_tracker_close (road.tracker, road.lost);
  fail_unless_equals_int (road.lost->len, 1);
  road_clear (&road);
}
GST_END_TEST;

GST_START_TEST (test_two_vehicles_seen_at_once_are_two_whatever_they_read)
{
  Road road;

  road_init (&road);
  put (&road, 100, 100, 100);
  put (&road, 1500, 900, 100);
  step_at (&road, 1);
  read_as (nth_passage (&road, 0), "1ABC123", 1);
  read_as (nth_passage (&road, 1), "1ABC123", 1);
  fail_if (
      anpr_passage_is_same (nth_passage (&road, 0), nth_passage (&road, 1)));
  road_clear (&road);
}
GST_END_TEST;

/* A vehicle read as @text, unseen for so many frames, and one far off */
static void
come_back_after (Road *road, const gchar *text, guint n_unseen)
{
  gint64 at = 1;

  road_init (road);
  road->options.max_absence = 50 * FRAME;
  put (road, 100, 100, 100);
  step_at (road, at++);
  read_as (nth_passage (road, 0), text, 1);
  clear (road);
  for (guint i = 0; i < n_unseen; i++)
    step_at (road, at++);
  put (road, 1500, 900, 100);
  step_at (road, at++);
}

GST_START_TEST (test_a_vehicle_with_a_text_is_waited_for_until_max_absence)
{
  Road road;

  come_back_after (&road, "1ABC123", 49);
  fail_unless_equals_int (road.lost->len, 0);
  read_as (nth_passage (&road, 0), "1ABC123", 100);
  step_at (&road, 101);
  fail_unless_equals_int (anpr_tracker_get_n_tracks (road.tracker), 1);
  anpr_tracker_close (road.tracker, road.lost);
  fail_unless_equals_int (road.lost->len, 1);
  road_clear (&road);

  come_back_after (&road, "1ABC123", 51);
  fail_unless_equals_int (road.lost->len, 1);
  read_as (nth_passage (&road, 0), "1ABC123", 100);
  anpr_tracker_close (road.tracker, road.lost);
  fail_unless_equals_int (road.lost->len, 2);
  road_clear (&road);

  /* nothing could tell that it is the same one */
  come_back_after (&road, NULL, 7);
  fail_unless_equals_int (road.lost->len, 1);
  road_clear (&road);
}
GST_END_TEST;

/* Half hidden still, or cut off by the picture's edge */
GST_START_TEST (test_a_part_of_a_text_is_the_vehicle_that_has_it)
{
  static const struct {
    const gchar *before;
    const gchar *after;
    guint n_passages;
  } cases[] = {
    { "1ABC123", "BC123", 1 },
    { "1ABC123", "1ABC", 1 },
    { "1ABC123", "123", 2 },
    { "1ABC123", "BC128", 2 },
    { "BC123", "1ABC123", 2 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    Road road;

    come_back_after (&road, cases[i].before, 10);
    read_as (nth_passage (&road, 0), cases[i].after, 100);
    anpr_tracker_close (road.tracker, road.lost);
    fail_unless_equals_int (road.lost->len, cases[i].n_passages);
    road_clear (&road);
  }
}
GST_END_TEST;

/* The lorry's plate is where the hidden one might have come by now. */
GST_START_TEST (test_a_vehicle_is_not_taken_for_the_one_that_it_hides)
{
  Road road;

  road_init (&road);
  road.options.max_gap = 25 * FRAME;
  for (guint i = 0; i < 10; i++) {
    clear (&road);
    put (&road, 1800 - 8 * i, 480 - 3.5 * i, 102 - i);
    step_at (&road, 1 + i);
    read_as (nth_passage (&road, 0), "1ABC123", 1 + i);
  }
  clear (&road);
  for (guint i = 0; i < 21; i++)
    step_at (&road, 11 + i);
  put (&road, 1338, 653, 155);
  step_at (&road, 32);
  fail_if (((AnprPlate *) g_ptr_array_index (road.plates, 0))->track_id == 1);
  /* but what stood still and was not looked at is the same one */
  clear (&road);
  put (&road, 1540, 350, 80);
  step_at (&road, 33);
  fail_unless_equals_uint64 (
      ((AnprPlate *) g_ptr_array_index (road.plates, 0))->track_id, 1);
  road_clear (&road);
}
GST_END_TEST;

GST_START_TEST (test_a_plate_that_is_partly_hidden_is_no_other_vehicle)
{
  Road road;

  road_init (&road);
  for (guint i = 0; i < 20; i++) {
    gdouble x = 300 - 15 * i;

    clear (&road);
    put (&road, MAX (x, 0) + (i > 14 ? 40 : 0), 400 + 8 * i,
        i > 14 ? 50 : 100 + 2 * i);
    step (&road);
    fail_unless_equals_uint64 (
        ((AnprPlate *) g_ptr_array_index (road.plates, 0))->track_id, 1);
  }
  /* it grew, whatever its parts look like */
  fail_unless_equals_int (
      anpr_passage_get_direction (nth_passage (&road, 0)), ANPR_DIRECTION_IN);
  road_clear (&road);
}
GST_END_TEST;

GST_START_TEST (test_absent_vehicles_take_no_room_from_those_that_are_there)
{
  Road road;

  road_init (&road);
  road.options.max_absence = 1000 * FRAME;
  for (guint i = 0; i < 2 * ANPR_TRACKER_MAX_TRACKS; i++) {
    g_autofree gchar *text = g_strdup_printf ("%03uABC", i);

    clear (&road);
    put (&road, (i % 16) * 110, (i / 16 % 4) * 200, 100);
    step_at (&road, 1 + i);
    fail_if (((AnprPlate *) g_ptr_array_index (road.plates, 0))->track_id == 0);
    read_as (nth_passage (&road, 0), text, 1 + i);
    clear (&road);
    for (guint k = 0; k < 6; k++)
      step (&road);
  }
  fail_unless_equals_uint64 (anpr_tracker_get_n_dropped (road.tracker), 0);
  fail_unless (
      anpr_tracker_get_n_tracks (road.tracker) <= ANPR_TRACKER_MAX_TRACKS);
  road_clear (&road);
}
GST_END_TEST;

GST_START_TEST (test_two_parts_of_a_way_are_the_whole_way)
{
  AnprPlatePath whole = { 0 }, before = { 0 }, after = { 0 };

  for (guint i = 0; i < 30; i++) {
    AnprBox box = { 10.0 * i, 5.0 * i * i, 50 + i * i, 20 };

    anpr_plate_path_add (&whole, &box, (i + 7) * FRAME);
    anpr_plate_path_add (i < 11 ? &before : &after, &box, (i + 7) * FRAME);
  }
  anpr_plate_path_prepend (&after, &before);
  fail_unless_equals_int (after.n, whole.n);
  fail_unless_equals_uint64 (after.first_time, whole.first_time);
  fail_unless (fabs (after.duration - whole.duration) < 1e-9);
  fail_unless (fabs (after.time_sum - whole.time_sum) < 1e-9);
  fail_unless (fabs (after.time_squares - whole.time_squares) < 1e-9);
  fail_unless (fabs (after.size_sum - whole.size_sum) < 1e-9);
  fail_unless (fabs (after.product_sum - whole.product_sum) < 1e-9);
  fail_unless (anpr_plate_path_get_travel (&after)
               == anpr_plate_path_get_travel (&whole));
}
GST_END_TEST;

/* Another plate, at the place where the first one was lost */
GST_START_TEST (test_another_text_is_another_passage)
{
  Road road;

  road_init (&road);
  put (&road, 100, 100, 100);
  step_at (&road, 1);
  read_as (nth_passage (&road, 0), "1ABC123", 1);
  g_ptr_array_set_size (road.plates, 0);
  put (&road, 1500, 900, 100);
  step_at (&road, 2);
  read_as (nth_passage (&road, 0), "1ABC128", 2);
  step_at (&road, 3);
  fail_unless_equals_int (anpr_tracker_get_n_tracks (road.tracker), 2);
  road_clear (&road);
}
GST_END_TEST;

/* Beside a read plate at 400, 500: what moves with it, by itself, or nowhere */
static gboolean
is_kept (gdouble x, gdouble y, gdouble own_step, gdouble step_of_vehicle)
{
  Road road;
  gboolean kept = FALSE;

  road_init (&road);
  for (guint i = 0; i < 12; i++) {
    clear (&road);
    put (&road, 400, 500 + step_of_vehicle * i, 100);
    put (&road, x, y + own_step * i, 60);
    step_at (&road, 1 + i);
    read_as (nth_passage (&road, 0), "1ABC123", 1 + i);
    read_as (nth_passage (&road, 1), NULL, 1 + i);
  }
  anpr_tracker_close (road.tracker, road.lost);
  fail_unless_equals_int (road.lost->len, 2);
  for (guint i = 0; i < 2; i++) {
    AnprPassage *passage =
        ((AnprPlate *) g_ptr_array_index (road.lost, i))->passage;

    if (!anpr_passage_has_text (passage))
      kept = anpr_passage_is_vehicle (passage);
    else
      fail_unless (anpr_passage_is_vehicle (passage));
  }
  road_clear (&road);
  return kept;
}

GST_START_TEST (test_what_cannot_be_read_is_a_vehicle_if_it_passes_by_itself)
{
  fail_unless (is_kept (1200, 100, 20, 10));
  /* lettering on the vehicle whose plate was read */
  fail_if (is_kept (480, 440, 10, 10));
  /* a railing */
  fail_if (is_kept (1200, 100, 0, 10));
}
GST_END_TEST;

static Suite *
tracker_suite (void)
{
  Suite *suite = suite_create ("tracker");
  TCase *tc = tcase_create ("tracker");

  suite_add_tcase (suite, tc);
  tcase_add_test (
      tc, test_a_plate_that_moves_its_own_height_a_frame_is_one_vehicle);
  tcase_add_test (tc, test_two_vehicles_side_by_side_stay_two);
  tcase_add_test (tc, test_crossing_vehicles_keep_their_tracks);
  tcase_add_test (tc, test_a_gap_shorter_than_max_gap_is_bridged);
  tcase_add_test (tc, test_a_vehicle_gone_longer_than_max_gap_is_lost_once);
  tcase_add_test (tc, test_a_plate_seen_too_few_times_leaves_nothing_behind);
  tcase_add_test (tc, test_a_detection_inside_another_is_no_vehicle);
  tcase_add_test (tc, test_growth_tells_the_direction_without_a_line);
  tcase_add_test (tc, test_crossing_the_line_tells_the_direction);
  tcase_add_test (tc, test_what_is_no_line_is_refused_and_changes_nothing);
  tcase_add_test (tc, test_more_plates_than_the_bound_are_counted_not_tracked);
  tcase_add_test (tc, test_pairs_are_the_cheapest_that_there_are);
  tcase_add_test (tc, test_what_is_never_paired_is_left_alone);
  tcase_add_test (tc, test_jumps_of_a_slow_camera_are_one_vehicle);
  tcase_add_test (tc, test_a_shaking_camera_changes_no_tracks);
  tcase_add_test (tc, test_boxes_that_are_none_do_no_harm);
  tcase_add_test (tc, test_a_vehicle_found_again_by_its_text_is_one_passage);
  tcase_add_test (
      tc, test_two_vehicles_seen_at_once_are_two_whatever_they_read);
  tcase_add_test (
      tc, test_a_vehicle_with_a_text_is_waited_for_until_max_absence);
  tcase_add_test (tc, test_a_part_of_a_text_is_the_vehicle_that_has_it);
  tcase_add_test (tc, test_a_vehicle_is_not_taken_for_the_one_that_it_hides);
  tcase_add_test (tc, test_a_plate_that_is_partly_hidden_is_no_other_vehicle);
  tcase_add_test (
      tc, test_absent_vehicles_take_no_room_from_those_that_are_there);
  tcase_add_test (tc, test_two_parts_of_a_way_are_the_whole_way);
  tcase_add_test (tc, test_another_text_is_another_passage);
  tcase_add_test (
      tc, test_what_cannot_be_read_is_a_vehicle_if_it_passes_by_itself);
  return suite;
}

GST_CHECK_MAIN (tracker);
