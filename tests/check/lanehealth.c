/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The health of a lane against its own past, over weeks of invented traffic. */

#include <gst/check/gstcheck.h>
#include "appliance/framehealth.h"
#include "appliance/web/lanehealth.h"

#include <math.h>
#include <string.h>

/* Monday, 5 January 2026, 0 h UTC */
#define MONDAY (G_GINT64_CONSTANT (1767571200) * G_TIME_SPAN_SECOND)
#define STEP (10 * G_TIME_SPAN_SECOND)

/* A lane: so many vehicles an hour by day, a tenth by night; every tenth or so
 * is not read */
typedef struct {
  AnprLaneHealth *health;
  AnprLaneSample sample;
  gdouble by_day;
  gdouble not_read;
  gdouble coming;
  gdouble missing;
  guint n_changes;
} Lane;

static void
lane_begin (Lane *lane)
{
  memset (lane, 0, sizeof *lane);
  lane->health = anpr_lane_health_new ();
  lane->by_day = 120;
  lane->not_read = 0.08;
  lane->sample.utc = MONDAY;
  lane->sample.seeing = TRUE;
  lane->sample.measured = TRUE;
  lane->sample.sharpness = 4;
  lane->sample.brightness = 110;
  lane->sample.contrast = 40;
}

static void
lane_end (Lane *lane)
{
  anpr_lane_health_free (lane->health);
}

static gboolean
is_day (gint64 utc)
{
  gint64 hour = utc / G_TIME_SPAN_HOUR % 24;

  return hour >= 6 && hour < 20;
}

static void
lane_go (Lane *lane, gint64 duration)
{
  gint64 end = lane->sample.utc + duration;

  while (lane->sample.utc < end) {
    guint n, missed;

    lane->sample.utc += STEP;
    lane->coming += lane->by_day * (is_day (lane->sample.utc) ? 1 : 0.1) * STEP
                    / G_TIME_SPAN_HOUR;
    n = (guint) lane->coming;
    lane->coming -= n;
    lane->missing += n * lane->not_read;
    missed = MIN ((guint) lane->missing, n);
    lane->missing -= missed;
    lane->sample.passages += n;
    lane->sample.not_read += missed;
    lane->n_changes += anpr_lane_health_add (lane->health, &lane->sample);
  }
}

static AnprHealthLevel
level (const Lane *lane, AnprHealthKind kind)
{
  return anpr_lane_health_get (lane->health, kind)->level;
}

static void
expect_good (const Lane *lane)
{
  for (guint i = 0; i < ANPR_N_HEALTH_KINDS; i++) {
    const AnprHealthFinding *finding = anpr_lane_health_get (lane->health, i);

    fail_unless (finding->level == ANPR_HEALTH_GOOD && !finding->message,
        "%s: %s", anpr_health_kind_to_string (i), finding->message);
  }
}

GST_START_TEST (test_usual_weeks_raise_no_alarm)
{
  Lane lane;

  lane_begin (&lane);
  lane_go (&lane, 15 * G_TIME_SPAN_DAY + 10 * G_TIME_SPAN_HOUR);
  expect_good (&lane);
  fail_unless_equals_int (lane.n_changes, 0);
  fail_unless (
      fabs (anpr_lane_health_get_passages_hour (lane.health) - 120) <= 2);
  fail_unless (
      fabs (anpr_lane_health_get_not_read_share (lane.health) - 0.08) < 0.02);
  lane_end (&lane);
}
GST_END_TEST;

GST_START_TEST (test_a_covered_lens_is_seen_from_the_first_minute_on)
{
  static const struct {
    gdouble brightness, contrast;
    const gchar *says;
  } pictures[] = { { 0, 0, "dark" }, { 2, 1, "dark" }, { 250, 3, "white" },
    { 90, 2, "nothing to see" } };

  for (guint i = 0; i < G_N_ELEMENTS (pictures); i++) {
    Lane lane;
    const AnprHealthFinding *finding;

    lane_begin (&lane);
    lane_go (&lane, G_TIME_SPAN_MINUTE);
    lane.sample.brightness = pictures[i].brightness;
    lane.sample.contrast = pictures[i].contrast;
    lane_go (&lane, 2 * STEP);
    expect_good (&lane); /* a lorry in front of it */
    lane_go (&lane, ANPR_HEALTH_PICTURE_TIME);
    finding = anpr_lane_health_get (lane.health, ANPR_HEALTH_PICTURE);
    fail_unless_equals_int (finding->level, ANPR_HEALTH_BAD);
    fail_unless (strstr (finding->message, pictures[i].says) != NULL);
    fail_unless (finding->since > MONDAY && finding->since <= lane.sample.utc);
    lane.sample.brightness = 110;
    lane.sample.contrast = 40;
    lane_go (&lane, STEP);
    expect_good (&lane);
    lane_end (&lane);
  }
}
GST_END_TEST;

GST_START_TEST (test_a_camera_that_blinks_is_still_judged)
{
  Lane lane;

  lane_begin (&lane);
  lane_go (&lane, G_TIME_SPAN_MINUTE);
  lane.sample.brightness = lane.sample.contrast = lane.sample.sharpness = 0;
  for (guint i = 0; i < 20; i++) {
    /* its stream is lost for a moment, again and again */
    lane.sample.utc += 4 * G_TIME_SPAN_SECOND;
    lane.sample.seeing = TRUE;
    (void) anpr_lane_health_add (lane.health, &lane.sample);
    lane.sample.utc += G_TIME_SPAN_SECOND;
    lane.sample.seeing = FALSE;
    (void) anpr_lane_health_add (lane.health, &lane.sample);
  }
  fail_unless_equals_int (level (&lane, ANPR_HEALTH_PICTURE), ANPR_HEALTH_BAD);
  lane_end (&lane);
}
GST_END_TEST;

GST_START_TEST (test_a_dirty_lens_is_seen_against_the_same_hour)
{
  Lane lane;

  lane_begin (&lane);
  lane.sample.sharpness = 1; /* nights are less sharp, as always */
  for (guint day = 0; day < 4; day++) {
    lane_go (&lane, 6 * G_TIME_SPAN_HOUR);
    lane.sample.sharpness = 4;
    lane_go (&lane, 14 * G_TIME_SPAN_HOUR);
    lane.sample.sharpness = 1;
    lane_go (&lane, 4 * G_TIME_SPAN_HOUR);
  }
  expect_good (&lane);
  lane_go (&lane, 6 * G_TIME_SPAN_HOUR + G_TIME_SPAN_MINUTE);
  fail_unless_equals_int (
      level (&lane, ANPR_HEALTH_SHARPNESS), ANPR_HEALTH_WARNING);
  /* dirt for days does not become the usual */
  lane_go (&lane, 13 * G_TIME_SPAN_HOUR);
  fail_unless_equals_int (
      level (&lane, ANPR_HEALTH_SHARPNESS), ANPR_HEALTH_WARNING);
  lane.sample.sharpness = 3.5;
  lane_go (&lane, STEP);
  expect_good (&lane);
  lane_end (&lane);
}
GST_END_TEST;

GST_START_TEST (test_more_vehicles_without_a_text_than_usual_are_seen)
{
  Lane lane;

  lane_begin (&lane);
  lane_go (&lane, 2 * G_TIME_SPAN_DAY + 8 * G_TIME_SPAN_HOUR);
  lane.not_read = 0.13; /* within what chance does */
  lane_go (&lane, 2 * G_TIME_SPAN_HOUR);
  expect_good (&lane);
  lane.not_read = 0.3;
  lane_go (&lane, G_TIME_SPAN_HOUR);
  fail_unless_equals_int (
      level (&lane, ANPR_HEALTH_NOT_READ), ANPR_HEALTH_WARNING);
  lane.not_read = 0.9;
  lane_go (&lane, G_TIME_SPAN_HOUR);
  fail_unless_equals_int (level (&lane, ANPR_HEALTH_NOT_READ), ANPR_HEALTH_BAD);
  lane.not_read = 0.08;
  lane_go (&lane, 2 * G_TIME_SPAN_HOUR);
  expect_good (&lane);
  lane_end (&lane);
}
GST_END_TEST;

GST_START_TEST (test_a_lane_on_which_nothing_comes_is_seen)
{
  Lane lane;

  lane_begin (&lane);
  lane_go (&lane, 8 * G_TIME_SPAN_DAY + 10 * G_TIME_SPAN_HOUR);
  lane.by_day = 0;
  lane_go (&lane, 3 * G_TIME_SPAN_MINUTE);
  expect_good (&lane); /* a red light */
  lane_go (&lane, 10 * G_TIME_SPAN_MINUTE);
  fail_unless_equals_int (level (&lane, ANPR_HEALTH_PASSAGES), ANPR_HEALTH_BAD);
  lane.by_day = 120;
  lane_go (&lane, 5 * G_TIME_SPAN_MINUTE);
  expect_good (&lane);
  lane_end (&lane);
}
GST_END_TEST;

GST_START_TEST (test_an_hour_with_a_few_vehicles_is_seen_at_its_end)
{
  Lane lane;

  lane_begin (&lane);
  lane_go (&lane, 8 * G_TIME_SPAN_DAY + 10 * G_TIME_SPAN_HOUR);
  lane.by_day = 70; /* a quiet day is none */
  lane_go (&lane, 2 * G_TIME_SPAN_HOUR);
  expect_good (&lane);
  lane.by_day = 20;
  lane_go (&lane, 2 * G_TIME_SPAN_HOUR);
  fail_unless_equals_int (
      level (&lane, ANPR_HEALTH_PASSAGES), ANPR_HEALTH_WARNING);
  fail_unless (
      strstr (anpr_lane_health_get (lane.health, ANPR_HEALTH_PASSAGES)->message,
          "in the last hour"));
  lane_end (&lane);
}
GST_END_TEST;

GST_START_TEST (test_nights_and_quiet_lanes_raise_no_alarm)
{
  Lane lane;

  lane_begin (&lane);
  lane.by_day = 10; /* one vehicle an hour by night */
  lane_go (&lane, 15 * G_TIME_SPAN_DAY);
  lane.by_day = 0;
  lane_go (&lane, 5 * G_TIME_SPAN_HOUR);
  expect_good (&lane);
  lane_end (&lane);
}
GST_END_TEST;

GST_START_TEST (test_nothing_is_said_of_time_that_was_not_watched)
{
  Lane lane;

  lane_begin (&lane);
  lane_go (&lane, 8 * G_TIME_SPAN_DAY + 10 * G_TIME_SPAN_HOUR);
  /* the camera is away for hours, the clock is set, the process begins anew */
  lane.sample.seeing = FALSE;
  lane.by_day = 0;
  lane_go (&lane, 3 * G_TIME_SPAN_HOUR);
  lane.sample.seeing = TRUE;
  lane.by_day = 120;
  lane_go (&lane, 5 * G_TIME_SPAN_MINUTE);
  expect_good (&lane);
  lane.sample.utc += 5 * G_TIME_SPAN_HOUR;
  lane_go (&lane, G_TIME_SPAN_MINUTE);
  lane.sample.utc -= 8 * G_TIME_SPAN_HOUR;
  lane_go (&lane, G_TIME_SPAN_MINUTE);
  lane.sample.passages = lane.sample.not_read = 0;
  lane_go (&lane, 2 * G_TIME_SPAN_HOUR);
  expect_good (&lane);
  lane_end (&lane);
}
GST_END_TEST;

GST_START_TEST (test_what_was_learnt_survives)
{
  Lane lane;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) node = NULL, wrong = NULL;
  AnprLaneHealth *again = anpr_lane_health_new ();

  lane_begin (&lane);
  lane_go (&lane, 8 * G_TIME_SPAN_DAY + 10 * G_TIME_SPAN_HOUR);
  json_builder_begin_object (builder);
  anpr_lane_health_write (lane.health, builder);
  json_builder_end_object (builder);
  node = json_builder_get_root (builder);
  fail_unless (anpr_lane_health_read (again, json_node_get_object (node)));
  anpr_lane_health_free (lane.health);
  lane.health = again;
  lane.by_day = 0;
  lane_go (&lane, 20 * G_TIME_SPAN_MINUTE);
  fail_unless_equals_int (level (&lane, ANPR_HEALTH_PASSAGES), ANPR_HEALTH_BAD);
  wrong =
      json_from_string ("{\"sharpness\":[1,2],\"not_read\":[\"a\",1]}", NULL);
  fail_if (anpr_lane_health_read (again, json_node_get_object (wrong)));
  lane_end (&lane);
}
GST_END_TEST;

/* A road with a pattern, and the same through a lens with something on it */
static void
draw (guint8 *luma, guint width, guint height, gdouble light, guint blur)
{
  for (guint y = 0; y < height; y++) {
    for (guint x = 0; x < width; x++) {
      gdouble value = 0;

      for (guint i = 0; i <= 2 * blur; i++) {
        guint at = (x + width + i - blur) % width;

        value += ((at / 7 + y / 9) % 3) * 60 + (at * 31 + y * 17) % 23;
      }
      luma[y * width + x] =
          (guint8) CLAMP (value / (2 * blur + 1) * light, 0, 255);
    }
  }
}

GST_START_TEST (test_darkened_and_blurred_pictures_are_measured_so)
{
  enum { WIDTH = 320, HEIGHT = 180 };
  static guint8 luma[WIDTH * HEIGHT];
  static const struct {
    gdouble light;
    guint blur;
    AnprHealthKind kind;
    AnprHealthLevel level;
  } lenses[] = { { 0.04, 0, ANPR_HEALTH_PICTURE, ANPR_HEALTH_BAD },
    { 0.5, 0, ANPR_HEALTH_PICTURE, ANPR_HEALTH_GOOD },
    { 0.5, 0, ANPR_HEALTH_SHARPNESS, ANPR_HEALTH_GOOD },
    { 1, 3, ANPR_HEALTH_SHARPNESS, ANPR_HEALTH_WARNING } };

  for (guint i = 0; i < G_N_ELEMENTS (lenses); i++) {
    AnprFrameHealth frame;
    Lane lane;

    lane_begin (&lane);
    draw (luma, WIDTH, HEIGHT, 1, 0);
    for (guint j = 0; j < 2; j++) {
      anpr_frame_health_measure (&frame, luma, WIDTH, HEIGHT, WIDTH);
      lane.sample.brightness = frame.brightness;
      lane.sample.contrast = frame.contrast;
      lane.sample.sharpness = frame.sharpness;
      lane_go (&lane, j == 0 ? 2 * G_TIME_SPAN_HOUR : 5 * G_TIME_SPAN_MINUTE);
      if (j == 0) { /* the same hour, after days */
        lane_go (&lane, 46 * G_TIME_SPAN_HOUR);
        expect_good (&lane);
      }
      draw (luma, WIDTH, HEIGHT, lenses[i].light, lenses[i].blur);
    }
    fail_unless (level (&lane, lenses[i].kind) == lenses[i].level,
        "lens %u: %d, brightness %g contrast %g sharpness %g", i,
        level (&lane, lenses[i].kind), frame.brightness, frame.contrast,
        frame.sharpness);
    lane_end (&lane);
  }
}
GST_END_TEST;

static Suite *
lane_health_suite (void)
{
  Suite *suite = suite_create ("lanehealth");
  TCase *tc = tcase_create ("lane");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_usual_weeks_raise_no_alarm);
  tcase_add_test (tc, test_a_covered_lens_is_seen_from_the_first_minute_on);
  tcase_add_test (tc, test_a_camera_that_blinks_is_still_judged);
  tcase_add_test (tc, test_a_dirty_lens_is_seen_against_the_same_hour);
  tcase_add_test (tc, test_more_vehicles_without_a_text_than_usual_are_seen);
  tcase_add_test (tc, test_a_lane_on_which_nothing_comes_is_seen);
  tcase_add_test (tc, test_an_hour_with_a_few_vehicles_is_seen_at_its_end);
  tcase_add_test (tc, test_nights_and_quiet_lanes_raise_no_alarm);
  tcase_add_test (tc, test_nothing_is_said_of_time_that_was_not_watched);
  tcase_add_test (tc, test_what_was_learnt_survives);
  tcase_add_test (tc, test_darkened_and_blurred_pictures_are_measured_so);
  return suite;
}

GST_CHECK_MAIN (lane_health);
