/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/check/gstcheck.h>
#include "plugins/record/timeline.h"

#define START G_GINT64_CONSTANT (1790000000000000)
#define SECOND ((gint64) G_USEC_PER_SEC)
#define HOUR (3600 * SECOND)
#define YEAR (365 * 24 * HOUR)
#define FRAME 40000

/* A host and a camera that go on by a frame at a time. */
typedef struct {
  AnprTimeline timeline;
  AnprHostClock host;
  AnprFrameTime frame;
  AnprMoment moment;
} Scene;

static void
scene_init (Scene *scene, gboolean live)
{
  *scene = (Scene){ .host = { START, 7 * SECOND, TRUE, 50 } };
  scene->frame.live = live;
}

/* The next frame; what is to be told of it */
static AnprTimelineNews
next (Scene *scene)
{
  scene->host.utc += FRAME;
  scene->host.monotonic += FRAME;
  scene->frame.stream_time += FRAME * 1000;
  if (scene->frame.camera)
    scene->frame.camera += FRAME;
  return anpr_timeline_place (
      &scene->timeline, &scene->host, &scene->frame, &scene->moment);
}

static void
expect (const Scene *scene, AnprClockSource source, gboolean synchronised,
    gint64 offset)
{
  fail_unless_equals_int (scene->moment.source, source);
  fail_unless_equals_int (scene->moment.synchronised, synchronised);
  fail_unless_equals_int64 (scene->moment.offset, offset);
}

GST_START_TEST (test_a_live_frame_was_seen_when_it_arrived)
{
  Scene scene;

  scene_init (&scene, TRUE);
  scene.frame.age = 250000;
  fail_unless_equals_int (next (&scene), ANPR_TIMELINE_NO_NEWS);
  fail_unless_equals_int64 (scene.moment.utc, scene.host.utc - 250000);
  expect (&scene, ANPR_CLOCK_HOST, TRUE, 50);
}
GST_END_TEST;

GST_START_TEST (test_a_host_clock_that_is_set_changes_utc_and_no_duration)
{
  static const gint64 steps[] = { 2 * SECOND, -3 * SECOND, YEAR, -10 * YEAR };
  AnprMoment before;
  Scene scene;

  scene_init (&scene, TRUE);
  (void) next (&scene);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++) {
    before = scene.moment;
    scene.host.utc += steps[i];
    fail_unless_equals_int (next (&scene), ANPR_TIMELINE_HOST_SET);
    fail_unless_equals_int64 (scene.timeline.host_step, steps[i]);
    fail_unless_equals_int64 (scene.moment.utc, scene.host.utc);
    fail_unless_equals_int64 (scene.moment.monotonic - before.monotonic, FRAME);
    fail_unless_equals_int64 (
        anpr_moment_get_utc_by (&scene.moment, &before), before.utc + FRAME);
    fail_unless_equals_int64 (anpr_moment_get_utc_by (&before, &scene.moment),
        scene.moment.utc - FRAME);
    fail_unless_equals_int (next (&scene), ANPR_TIMELINE_NO_NEWS);
  }
}
GST_END_TEST;

GST_START_TEST (test_a_host_clock_that_is_slewed_is_not_told)
{
  Scene scene;

  scene_init (&scene, TRUE);
  for (guint i = 0; i < 10000; i++) {
    scene.host.utc += 20;
    fail_unless_equals_int (next (&scene), ANPR_TIMELINE_NO_NEWS);
  }
}
GST_END_TEST;

GST_START_TEST (test_frames_that_arrive_in_a_lump_never_go_back_in_time)
{
  static const gint64 ages[] = { 0, 9 * SECOND, 100, 0, -5, SECOND, 0 };
  gint64 before = 0;
  Scene scene;

  scene_init (&scene, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (ages); i++) {
    scene.frame.age = ages[i];
    (void) next (&scene);
    fail_unless (scene.moment.monotonic >= before);
    fail_unless (scene.moment.monotonic <= scene.host.monotonic);
    fail_unless_equals_int64 (scene.host.utc - scene.moment.utc,
        scene.host.monotonic - scene.moment.monotonic);
    before = scene.moment.monotonic;
  }
}
GST_END_TEST;

GST_START_TEST (test_the_cameras_first_report_changes_the_source_and_no_order)
{
  AnprMoment before;
  Scene scene;

  scene_init (&scene, TRUE);
  (void) next (&scene);
  before = scene.moment;
  scene.frame.camera = scene.host.utc - 80000;
  fail_unless_equals_int (next (&scene), ANPR_TIMELINE_NO_NEWS);
  expect (&scene, ANPR_CLOCK_CAMERA, TRUE, -80000);
  /* by their own clocks the later frame would be the earlier one */
  fail_unless (scene.moment.utc < before.utc);
  fail_unless_equals_int64 (anpr_moment_get_utc_by (&before, &scene.moment),
      scene.moment.utc - FRAME);
}
GST_END_TEST;

GST_START_TEST (test_a_camera_off_by_more_than_a_second_is_told_and_stated)
{
  static const gint64 offsets[] = { SECOND + 1, -SECOND - 1, 6 * YEAR,
    -3 * YEAR, 2 * SECOND };
  Scene scene;

  for (guint i = 0; i < G_N_ELEMENTS (offsets); i++) {
    scene_init (&scene, TRUE);
    scene.frame.camera = scene.host.utc + offsets[i];
    fail_unless_equals_int (next (&scene), ANPR_TIMELINE_CAMERA_CHANGED);
    fail_unless_equals_int (scene.timeline.camera, ANPR_CAMERA_CLOCK_OFF);
    fail_unless_equals_int64 (scene.timeline.camera_offset, offsets[i]);
    expect (&scene, ANPR_CLOCK_CAMERA, FALSE, offsets[i]);
    fail_unless_equals_int64 (scene.moment.utc, scene.frame.camera);
    fail_unless_equals_int64 (
        anpr_moment_get_checked_utc (&scene.moment), scene.host.utc);
    fail_unless_equals_int (next (&scene), ANPR_TIMELINE_NO_NEWS);
  }
}
GST_END_TEST;

GST_START_TEST (test_each_change_of_a_cameras_clock_is_told_once)
{
  static const struct {
    gint64 offset;
    AnprTimelineNews news;
    AnprCameraClock camera;
  } steps[] = {
    { 0, ANPR_TIMELINE_NO_NEWS, ANPR_CAMERA_CLOCK_RIGHT },
    { 1100000, ANPR_TIMELINE_CAMERA_CHANGED, ANPR_CAMERA_CLOCK_OFF },
    { 1900000, ANPR_TIMELINE_NO_NEWS, ANPR_CAMERA_CLOCK_OFF },
    { 2200000, ANPR_TIMELINE_CAMERA_CHANGED, ANPR_CAMERA_CLOCK_OFF },
    /* about the bound, nobody is told again and again */
    { 1010000, ANPR_TIMELINE_CAMERA_CHANGED, ANPR_CAMERA_CLOCK_OFF },
    { 990000, ANPR_TIMELINE_NO_NEWS, ANPR_CAMERA_CLOCK_OFF },
    { 1010000, ANPR_TIMELINE_NO_NEWS, ANPR_CAMERA_CLOCK_OFF },
    { 890000, ANPR_TIMELINE_CAMERA_CHANGED, ANPR_CAMERA_CLOCK_RIGHT },
    { 990000, ANPR_TIMELINE_NO_NEWS, ANPR_CAMERA_CLOCK_RIGHT },
  };
  Scene scene;

  scene_init (&scene, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    for (guint n = 0; n < 5; n++) {
      scene.frame.camera = scene.host.utc + steps[i].offset;
      fail_unless_equals_int (
          next (&scene), n == 0 ? steps[i].news : ANPR_TIMELINE_NO_NEWS);
      fail_unless_equals_int (scene.timeline.camera, steps[i].camera);
      fail_unless_equals_int (scene.moment.synchronised,
          steps[i].camera == ANPR_CAMERA_CLOCK_RIGHT);
    }
}
GST_END_TEST;

GST_START_TEST (test_a_camera_without_a_date_is_not_asked)
{
  /* counted from when it was switched on, and from 2000 */
  static const gint64 cameras[] = { 1, 90 * SECOND,
    G_GINT64_CONSTANT (946684800000000) };
  Scene scene;

  for (guint i = 0; i < G_N_ELEMENTS (cameras); i++) {
    scene_init (&scene, TRUE);
    scene.frame.camera = cameras[i];
    fail_unless_equals_int (next (&scene), ANPR_TIMELINE_CAMERA_CHANGED);
    fail_unless_equals_int (scene.timeline.camera, ANPR_CAMERA_CLOCK_DATELESS);
    expect (&scene, ANPR_CLOCK_HOST, TRUE, 50);
    fail_unless_equals_int64 (scene.moment.utc, scene.host.utc);
    fail_unless_equals_int (next (&scene), ANPR_TIMELINE_NO_NEWS);
  }
}
GST_END_TEST;

GST_START_TEST (test_a_host_that_is_not_synchronised_vouches_for_no_camera)
{
  Scene scene;

  scene_init (&scene, TRUE);
  scene.host.synchronised = FALSE;
  scene.host.offset = ANPR_OFFSET_UNKNOWN;
  (void) next (&scene);
  expect (&scene, ANPR_CLOCK_HOST, FALSE, ANPR_OFFSET_UNKNOWN);
  scene.frame.camera = scene.host.utc + HOUR;
  fail_unless_equals_int (next (&scene), ANPR_TIMELINE_NO_NEWS);
  expect (&scene, ANPR_CLOCK_CAMERA, FALSE, ANPR_OFFSET_UNKNOWN);
  fail_unless_equals_int64 (
      anpr_moment_get_checked_utc (&scene.moment), scene.frame.camera);
  /* the time service was found */
  scene.host.synchronised = TRUE;
  scene.host.utc += HOUR;
  fail_unless_equals_int (next (&scene), ANPR_TIMELINE_HOST_SET);
  expect (&scene, ANPR_CLOCK_CAMERA, TRUE, 0);
}
GST_END_TEST;

GST_START_TEST (test_a_file_counts_from_when_it_was_opened)
{
  gint64 opened;
  Scene scene;

  scene_init (&scene, FALSE);
  (void) next (&scene);
  opened = scene.host.utc;
  fail_unless_equals_int64 (scene.moment.utc, opened + FRAME);
  scene.host.utc += HOUR;
  fail_unless_equals_int (next (&scene), ANPR_TIMELINE_NO_NEWS);
  fail_unless_equals_int64 (scene.moment.utc, opened + 2 * FRAME);
  expect (&scene, ANPR_CLOCK_FILE, FALSE, ANPR_OFFSET_UNKNOWN);
}
GST_END_TEST;

GST_START_TEST (test_in_a_file_durations_are_those_of_its_own_time)
{
  AnprMoment before;
  Scene scene;

  scene_init (&scene, FALSE);
  (void) next (&scene);
  before = scene.moment;
  scene.host.monotonic += HOUR;
  (void) next (&scene);
  fail_unless_equals_int64 (scene.moment.monotonic - before.monotonic, FRAME);
  /* played backwards, the later frame is the earlier one of the file */
  before = scene.moment;
  scene.frame.backwards = TRUE;
  scene.frame.stream_time -= 3 * FRAME * 1000;
  (void) next (&scene);
  fail_unless_equals_int64 (
      scene.moment.monotonic - before.monotonic, 2 * FRAME);
}
GST_END_TEST;

GST_START_TEST (test_in_a_file_time_that_jumps_back_stands_still)
{
  static const guint64 times[] = { 40000000, 80000000, 0, 40000000, G_MAXUINT64,
    G_MAXUINT64, 120000000, 160000000 };
  gint64 before = 0;
  Scene scene;

  scene_init (&scene, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (times); i++) {
    scene.frame.stream_time = times[i];
    (void) anpr_timeline_place (
        &scene.timeline, &scene.host, &scene.frame, &scene.moment);
    fail_unless (scene.moment.monotonic >= before);
    fail_unless (scene.moment.monotonic - 7 * SECOND <= 3 * FRAME);
    before = scene.moment.monotonic;
  }
}
GST_END_TEST;

GST_START_TEST (test_another_stream_begins_anew_and_later)
{
  gint64 before;
  Scene scene;

  scene_init (&scene, FALSE);
  scene.frame.stream_time = 0;
  (void) next (&scene);
  scene.frame.stream_time = G_GUINT64_CONSTANT (3600000000000);
  (void) next (&scene);
  before = scene.moment.monotonic;
  anpr_timeline_restart (&scene.timeline);
  scene.frame.stream_time = 0;
  (void) next (&scene);
  fail_unless (scene.moment.monotonic >= before);
  fail_unless_equals_int64 (scene.moment.utc, scene.host.utc + FRAME);
}
GST_END_TEST;

/* As the kernel tells it; times in microseconds, or nanoseconds by STA_NANO */
GST_START_TEST (test_the_kernel_says_whether_the_host_is_synchronised)
{
  static const struct {
    gint state;
    struct timex kernel;
    gboolean synchronised;
    gint64 offset;
  } cases[] = {
    { TIME_OK, { .status = STA_PLL, .esterror = 300, .maxerror = 40000 }, TRUE,
        300 },
    { TIME_INS, { .status = STA_PLL, .esterror = 300 }, TRUE, 300 },
    { TIME_OK, { .status = STA_NANO, .offset = -700000, .esterror = 1 }, TRUE,
        700 },
    { TIME_OK, { .status = STA_PLL, .offset = -700 }, TRUE, 700 },
    { TIME_OK, { .status = STA_PLL, .maxerror = 1024000 }, TRUE, 0 },
    { TIME_OK, { .status = STA_PLL, .maxerror = 1500001 }, FALSE, 0 },
    { TIME_OK, { .status = STA_PLL, .esterror = 1000001 }, FALSE, 0 },
    { TIME_OK, { .status = STA_PLL, .offset = 1000001 }, FALSE, 0 },
    { TIME_OK, { .status = STA_UNSYNC }, FALSE, 0 },
    { TIME_ERROR, { .status = STA_PLL }, FALSE, 0 },
    { -1, { .status = 0 }, FALSE, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    AnprHostClock clock;

    anpr_host_clock_judge (&clock, cases[i].state, &cases[i].kernel);
    fail_unless_equals_int (clock.synchronised, cases[i].synchronised);
    fail_unless_equals_int64 (clock.offset,
        cases[i].synchronised ? cases[i].offset : ANPR_OFFSET_UNKNOWN);
  }
}
GST_END_TEST;

static Suite *
timeline_suite (void)
{
  Suite *suite = suite_create ("timeline");
  TCase *tc = tcase_create ("host");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_a_live_frame_was_seen_when_it_arrived);
  tcase_add_test (
      tc, test_a_host_clock_that_is_set_changes_utc_and_no_duration);
  tcase_add_test (tc, test_a_host_clock_that_is_slewed_is_not_told);
  tcase_add_test (tc, test_frames_that_arrive_in_a_lump_never_go_back_in_time);
  tcase_add_test (tc, test_the_kernel_says_whether_the_host_is_synchronised);
  tc = tcase_create ("camera");
  suite_add_tcase (suite, tc);
  tcase_add_test (
      tc, test_the_cameras_first_report_changes_the_source_and_no_order);
  tcase_add_test (
      tc, test_a_camera_off_by_more_than_a_second_is_told_and_stated);
  tcase_add_test (tc, test_each_change_of_a_cameras_clock_is_told_once);
  tcase_add_test (tc, test_a_camera_without_a_date_is_not_asked);
  tcase_add_test (
      tc, test_a_host_that_is_not_synchronised_vouches_for_no_camera);
  tc = tcase_create ("file");
  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_a_file_counts_from_when_it_was_opened);
  tcase_add_test (tc, test_in_a_file_durations_are_those_of_its_own_time);
  tcase_add_test (tc, test_in_a_file_time_that_jumps_back_stands_still);
  tcase_add_test (tc, test_another_stream_begins_anew_and_later);
  return suite;
}

GST_CHECK_MAIN (timeline);
