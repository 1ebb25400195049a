/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The scene renderer of bench/scene: other tests and the bench believe what it
 * says about its pictures, so that is what is tested here. */

#include <cairo.h>
#include <glib/gstdio.h>
#include <gst/check/gstcheck.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "glyph.h"
#include "scene.h"
#include "writer.h"

#define WIDTH 640
#define HEIGHT 360
#define PICTURE_SIZE (WIDTH * HEIGHT * 3 / 2)

static const gchar *const driven_scenarios[] = { "sample", "bench", "one" };

static guint
frame_count (const SceneScenario *scenario)
{
  return (guint) (scenario->seconds * scenario->fps);
}

static Scene *
small_scene (const gchar *name, guint64 seed)
{
  const SceneScenario *scenario = scene_scenario_find (name);

  fail_unless (scenario != NULL);
  return scene_new (scenario, WIDTH, HEIGHT, seed);
}

/* All plates of a clip, at a third of full HD */
static GArray *
collect_truths (const gchar *name)
{
  const SceneScenario *scenario = scene_scenario_find (name);
  GArray *truths = g_array_new (FALSE, FALSE, sizeof (SceneTruth));
  g_autoptr (Scene) scene = small_scene (name, 1);
  g_autoptr (ScenePicture) picture = scene_picture_new (WIDTH, HEIGHT);

  for (guint frame = 0; frame < frame_count (scenario); frame++)
    scene_draw (scene, frame, picture, truths);
  /* The texts belong to the scene, which ends here. */
  for (guint i = 0; i < truths->len; i++)
    g_array_index (truths, SceneTruth, i).text = NULL;
  return truths;
}

GST_START_TEST (same_seed_gives_same_bytes_in_any_order)
{
  g_autoptr (Scene) scene = small_scene ("one", 7);
  g_autoptr (Scene) again = small_scene ("one", 7);
  g_autoptr (Scene) other = small_scene ("one", 8);
  g_autoptr (ScenePicture) first = scene_picture_new (WIDTH, HEIGHT);
  g_autoptr (ScenePicture) second = scene_picture_new (WIDTH, HEIGHT);

  scene_draw (scene, 50, first, NULL);
  scene_draw (again, 10, second, NULL);
  fail_if (memcmp (first->planes[0], second->planes[0], PICTURE_SIZE) == 0);
  scene_draw (again, 50, second, NULL);
  fail_unless (memcmp (first->planes[0], second->planes[0], PICTURE_SIZE) == 0);
  scene_draw (other, 50, second, NULL);
  fail_if (memcmp (first->planes[0], second->planes[0], PICTURE_SIZE) == 0);
}

GST_END_TEST

GST_START_TEST (road_is_restored_behind_a_vehicle)
{
  g_autoptr (Scene) scene = small_scene ("one", 1);
  g_autoptr (Scene) fresh = small_scene ("one", 1);
  g_autoptr (ScenePicture) after = scene_picture_new (WIDTH, HEIGHT);
  g_autoptr (ScenePicture) before = scene_picture_new (WIDTH, HEIGHT);

  for (guint frame = 40; frame < 60; frame++)
    scene_draw (scene, frame, after, NULL);
  scene_draw (scene, 20, after, NULL);
  scene_draw (fresh, 20, before, NULL);
  fail_unless (memcmp (after->planes[0], before->planes[0], PICTURE_SIZE) == 0);
}

GST_END_TEST

/* Share of the box, but its outermost tenth, that is as bright as a plate */
static gdouble
bright_share (
    const ScenePicture *picture, const SceneTruth *truth, gdouble shift)
{
  guint bright = 0, all = 0;
  gdouble left = truth->x + shift;

  for (gdouble y = truth->y + truth->height / 10;
       y < truth->y + truth->height * 0.9; y++)
    for (gdouble x = left + truth->width / 10; x < left + truth->width * 0.9;
         x++) {
      all++;
      bright +=
          picture->planes[0][(guint) y * picture->strides[0] + (guint) x] > 150;
    }
  return (gdouble) bright / all;
}

GST_START_TEST (truth_box_lies_on_the_plate)
{
  const SceneScenario *scenario = scene_scenario_find ("one");
  g_autoptr (Scene) scene = small_scene ("one", 1);
  g_autoptr (ScenePicture) picture = scene_picture_new (WIDTH, HEIGHT);
  g_autoptr (GArray) truths = g_array_new (FALSE, FALSE, sizeof (SceneTruth));
  guint looked_at = 0;

  for (guint frame = 0; frame < frame_count (scenario); frame++) {
    g_array_set_size (truths, 0);
    scene_draw (scene, frame, picture, truths);
    for (guint i = 0; i < truths->len; i++) {
      const SceneTruth *truth = &g_array_index (truths, SceneTruth, i);

      fail_unless (bright_share (picture, truth, 0) > 0.4);
      fail_unless (bright_share (picture, truth, -truth->width) < 0.2);
      fail_unless (bright_share (picture, truth, truth->width) < 0.2);
      looked_at++;
    }
  }
  fail_unless (looked_at > 20);
}

GST_END_TEST

GST_START_TEST (truth_box_encloses_the_corners_and_lies_in_the_picture)
{
  g_autoptr (GArray) truths = collect_truths ("sample");

  for (guint i = 0; i < truths->len; i++) {
    const SceneTruth *truth = &g_array_index (truths, SceneTruth, i);

    fail_unless (truth->width >= SCENE_TRUTH_MIN_WIDTH);
    fail_unless (truth->x >= 0 && truth->x + truth->width <= WIDTH);
    fail_unless (truth->y >= 0 && truth->y + truth->height <= HEIGHT);
    for (guint corner = 0; corner < 4; corner++) {
      fail_unless (truth->corner_x[corner] >= truth->x - 1e-6);
      fail_unless (truth->corner_x[corner] <= truth->x + truth->width + 1e-6);
      fail_unless (truth->corner_y[corner] >= truth->y - 1e-6);
      fail_unless (truth->corner_y[corner] <= truth->y + truth->height + 1e-6);
    }
  }
}

GST_END_TEST

GST_START_TEST (every_vehicle_of_a_scenario_shows_its_plate)
{
  const SceneScenario *scenario = scene_scenario_find (driven_scenarios[__i__]);
  g_autoptr (GArray) truths = collect_truths (scenario->name);
  g_autofree guint *frames = g_new0 (guint, scenario->n_vehicles);

  for (guint i = 0; i < truths->len; i++) {
    guint vehicle = g_array_index (truths, SceneTruth, i).vehicle;

    fail_unless (vehicle < scenario->n_vehicles);
    frames[vehicle]++;
  }
  for (guint i = 0; i < scenario->n_vehicles; i++)
    fail_unless (frames[i] >= 15, "vehicle %u of %s shows in %u frames", i,
        scenario->name, frames[i]);
}

GST_END_TEST

GST_START_TEST (sample_shows_two_plates_side_by_side)
{
  g_autoptr (GArray) truths = collect_truths ("sample");
  guint abreast = 0;

  for (guint i = 1; i < truths->len; i++) {
    const SceneTruth *one = &g_array_index (truths, SceneTruth, i - 1);
    const SceneTruth *other = &g_array_index (truths, SceneTruth, i);

    abreast += one->frame == other->frame && one->y < other->y + 20
               && other->y < one->y + 20;
  }
  fail_unless (abreast >= 3);
}

GST_END_TEST

GST_START_TEST (empty_road_has_no_plates)
{
  g_autoptr (GArray) truths = collect_truths ("empty");

  fail_unless_equals_int (truths->len, 0);
}

GST_END_TEST

/* Share of points within the corners, but near none of the edges, that are as
 * bright as a plate */
static gdouble
bright_share_in_corners (const ScenePicture *picture, const SceneTruth *truth)
{
  guint bright = 0, all = 0;

  for (gdouble v = 0.1; v < 0.9; v += 0.05)
    for (gdouble u = 0.1; u < 0.9; u += 0.01) {
      gdouble x =
          (1 - v) * ((1 - u) * truth->corner_x[0] + u * truth->corner_x[1])
          + v * ((1 - u) * truth->corner_x[3] + u * truth->corner_x[2]);
      gdouble y =
          (1 - v) * ((1 - u) * truth->corner_y[0] + u * truth->corner_y[1])
          + v * ((1 - u) * truth->corner_y[3] + u * truth->corner_y[2]);

      all++;
      bright +=
          picture->planes[0][(guint) y * picture->strides[0] + (guint) x] > 140;
    }
  return (gdouble) bright / all;
}

GST_START_TEST (turned_plates_of_stills_lie_within_their_corners)
{
  const SceneScenario *scenario = scene_scenario_find ("stills");
  g_autoptr (Scene) scene = scene_new (scenario, 0, 0, 1);
  g_autoptr (ScenePicture) picture =
      scene_picture_new (scenario->width, scenario->height);
  g_autoptr (GArray) truths = g_array_new (FALSE, FALSE, sizeof (SceneTruth));
  gdouble left = 0, right = 0;

  for (guint frame = 0; frame < 24; frame++) {
    const SceneTruth *truth;

    g_array_set_size (truths, 0);
    scene_draw (scene, frame, picture, truths);
    fail_unless_equals_int (truths->len, 1);
    truth = &g_array_index (truths, SceneTruth, 0);
    fail_unless (bright_share_in_corners (picture, truth) > 0.4,
        "still %u shows no plate in its corners", frame);
    left = MIN (left, truth->yaw);
    right = MAX (right, truth->yaw);
  }
  fail_unless (left < -30 && right > 30);
}

GST_END_TEST

GST_START_TEST (traffic_always_shows_a_plate_also_where_it_begins_again)
{
  const SceneScenario *scenario = scene_scenario_find ("traffic");
  g_autoptr (Scene) scene = small_scene ("traffic", 1);
  g_autoptr (ScenePicture) picture = scene_picture_new (WIDTH, HEIGHT);
  g_autoptr (GArray) truths = g_array_new (FALSE, FALSE, sizeof (SceneTruth));

  for (guint frame = 0; frame < frame_count (scenario) + 75; frame += 3) {
    g_array_set_size (truths, 0);
    scene_draw (scene, frame, picture, truths);
    fail_unless (truths->len > 0, "no plate in frame %u", frame);
  }
}

GST_END_TEST

GST_START_TEST (endless_traffic_drives_on_where_it_begins_again)
{
  const SceneScenario *scenario = scene_scenario_find ("traffic");
  g_autoptr (Scene) scene = small_scene ("traffic", 1);
  g_autoptr (ScenePicture) picture = scene_picture_new (WIDTH, HEIGHT);
  g_autoptr (GArray) before = g_array_new (FALSE, FALSE, sizeof (SceneTruth));
  g_autoptr (GArray) after = g_array_new (FALSE, FALSE, sizeof (SceneTruth));
  guint same = 0;

  scene_draw (scene, frame_count (scenario) - 1, picture, before);
  scene_draw (scene, frame_count (scenario), picture, after);
  for (guint i = 0; i < before->len; i++)
    for (guint j = 0; j < after->len; j++) {
      const SceneTruth *one = &g_array_index (before, SceneTruth, i);
      const SceneTruth *other = &g_array_index (after, SceneTruth, j);

      same += one->vehicle == other->vehicle
              && ABS (one->x - other->x) < one->width
              && ABS (one->y - other->y) < one->width;
    }
  fail_unless (same > 0);
}

GST_END_TEST

GST_START_TEST (clip_begins_again_with_other_vehicles)
{
  const SceneScenario *scenario = scene_scenario_find ("one");
  g_autoptr (Scene) scene = small_scene ("one", 1);
  g_autoptr (ScenePicture) picture = scene_picture_new (WIDTH, HEIGHT);
  g_autoptr (GArray) truths = g_array_new (FALSE, FALSE, sizeof (SceneTruth));

  scene_draw (scene, 60, picture, truths);
  scene_draw (scene, 60 + frame_count (scenario), picture, truths);
  fail_unless_equals_int (truths->len, 2);
  fail_unless_equals_int (g_array_index (truths, SceneTruth, 0).vehicle, 0);
  fail_unless_equals_int (g_array_index (truths, SceneTruth, 1).vehicle, 1);
}

GST_END_TEST

GST_START_TEST (standing_vehicle_shows_its_plate_longer)
{
  const SceneScenario *scenario = scene_scenario_find ("bench");
  g_autoptr (GArray) truths = collect_truths ("bench");
  gdouble last_x = -1;
  guint standing = 0;

  for (guint i = 0; i < truths->len; i++) {
    const SceneTruth *truth = &g_array_index (truths, SceneTruth, i);

    if (scenario->vehicles[truth->vehicle].stand_s <= 0)
      continue;
    standing += ABS (truth->x - last_x) < 1e-6;
    last_x = truth->x;
  }
  fail_unless (standing >= 48);
}

GST_END_TEST

/* The plates of the whole clip of lanes, without drawing it */
static GArray *
collect_lanes (Scene *scene)
{
  guint frames = frame_count (scene_scenario_find ("lanes"));
  GArray *truths = g_array_new (FALSE, FALSE, sizeof (SceneTruth));

  for (guint frame = 0; frame < frames; frame++)
    scene_draw (scene, frame, NULL, truths);
  return truths;
}

static Scene *
lanes_scene (guint64 seed)
{
  return scene_new (scene_scenario_find ("lanes"), 0, 0, seed);
}

#define DRIVES_MAX 1000

/* A vehicle's way through the picture, frames */
typedef struct {
  const gchar *text;
  guint first;
  guint last;
  guint legible;
  guint hidden;
  guint standing;
  gdouble x;
} Drive;

static void
drive_on (Drive *drive, const SceneTruth *truth)
{
  if (!drive->text)
    drive->first = truth->frame;
  drive->text = truth->text;
  drive->last = truth->frame;
  drive->legible += truth->width >= 60 && !truth->hidden;
  drive->hidden += truth->width >= 60 && truth->hidden;
  drive->standing += ABS (truth->x - drive->x) <= 10;
  drive->x = truth->x;
}

static void
collect_drives (Scene *scene, Drive drives[DRIVES_MAX])
{
  g_autoptr (GArray) truths = collect_lanes (scene);

  memset (drives, 0, sizeof (Drive) * DRIVES_MAX);
  for (guint i = 0; i < truths->len; i++) {
    const SceneTruth *truth = &g_array_index (truths, SceneTruth, i);

    fail_unless (truth->vehicle < DRIVES_MAX);
    drive_on (&drives[truth->vehicle], truth);
  }
}

static guint
differing_signs (const gchar *one, const gchar *other)
{
  guint count = 0;

  if (strlen (one) != strlen (other))
    return G_MAXUINT;
  for (; *one; one++, other++)
    count += *one != *other;
  return count;
}

/* The clip is made to be hard; that it is, and does not get easier. */
GST_START_TEST (lanes_have_what_is_hard_to_follow)
{
  g_autoptr (Scene) scene = lanes_scene (1);
  g_autofree Drive *drives = g_new (Drive, DRIVES_MAX);
  guint legible = 0, hidden = 0, standing = 0, again = 0, alike = 0;

  collect_drives (scene, drives);
  for (guint i = 0; i < DRIVES_MAX; i++) {
    legible += drives[i].legible >= 8;
    hidden += drives[i].legible >= 8 && drives[i].hidden >= 8;
    standing += drives[i].standing >= 100;
    for (guint j = 0; j < i && drives[i].text; j++) {
      guint signs = drives[j].text
                        ? differing_signs (drives[i].text, drives[j].text)
                        : G_MAXUINT;

      again += signs == 0;
      alike += signs == 1;
    }
  }
  fail_unless (legible >= 200, "%u legible", legible);
  fail_unless (hidden >= 10, "%u hidden", hidden);
  fail_unless (standing >= 5, "%u stand", standing);
  fail_unless (again >= 10, "%u come again", again);
  fail_unless (alike >= 10, "%u nearly the same", alike);
}

GST_END_TEST

GST_START_TEST (vehicle_of_lanes_comes_again_only_when_long_gone)
{
  g_autoptr (Scene) scene = lanes_scene (1);
  g_autofree Drive *drives = g_new (Drive, DRIVES_MAX);

  collect_drives (scene, drives);
  for (guint i = 0; i < DRIVES_MAX; i++)
    for (guint j = 0; j < DRIVES_MAX && drives[i].text; j++) {
      if (i == j || !drives[j].text || drives[j].first < drives[i].first
          || strcmp (drives[i].text, drives[j].text) != 0)
        continue;
      fail_unless (drives[j].first > drives[i].last + 5 * 25,
          "%s is away from frame %u to %u", drives[i].text, drives[i].last,
          drives[j].first);
    }
}

GST_END_TEST

GST_START_TEST (seed_makes_other_traffic_of_lanes)
{
  g_autoptr (Scene) scene = lanes_scene (1);
  g_autoptr (Scene) same = lanes_scene (1);
  g_autoptr (Scene) other = lanes_scene (2);
  g_autofree Drive *drives = g_new (Drive, DRIVES_MAX);
  g_autofree Drive *same_drives = g_new (Drive, DRIVES_MAX);
  g_autofree Drive *other_drives = g_new (Drive, DRIVES_MAX);
  guint equal = 0;

  collect_drives (scene, drives);
  collect_drives (same, same_drives);
  collect_drives (other, other_drives);
  for (guint i = 0; i < DRIVES_MAX; i++) {
    fail_unless_equals_string (drives[i].text, same_drives[i].text);
    fail_unless_equals_int (drives[i].last, same_drives[i].last);
    equal += drives[i].text && other_drives[i].text
             && strcmp (drives[i].text, other_drives[i].text) == 0;
  }
  fail_unless_equals_int (equal, 0);
}

GST_END_TEST

/* The camera shakes in the first seconds. */
GST_START_TEST (plates_lie_within_their_corners_when_the_camera_shakes)
{
  g_autoptr (Scene) scene = lanes_scene (1);
  g_autoptr (ScenePicture) picture = scene_picture_new (1920, 1080);
  g_autoptr (GArray) truths = g_array_new (FALSE, FALSE, sizeof (SceneTruth));
  guint looked_at = 0;

  for (guint frame = 80; frame < 124; frame += 4) {
    g_array_set_size (truths, 0);
    scene_draw (scene, frame, picture, truths);
    for (guint i = 0; i < truths->len; i++) {
      const SceneTruth *truth = &g_array_index (truths, SceneTruth, i);

      if (truth->hidden || truth->width < 60)
        continue;
      fail_unless (bright_share_in_corners (picture, truth) > 0.4,
          "frame %u shows no plate of vehicle %u", frame, truth->vehicle);
      looked_at++;
    }
  }
  fail_unless (looked_at >= 10, "%u plates", looked_at);
}

GST_END_TEST

GST_START_TEST (truth_line_is_json)
{
  g_autoptr (Scene) scene = small_scene ("one", 1);
  g_autoptr (ScenePicture) picture = scene_picture_new (WIDTH, HEIGHT);
  g_autoptr (GArray) truths = g_array_new (FALSE, FALSE, sizeof (SceneTruth));
  g_autoptr (JsonNode) node = NULL;
  g_autofree gchar *line = NULL;
  JsonObject *object;

  scene_draw (scene, 60, picture, truths);
  line = scene_truth_to_json (&g_array_index (truths, SceneTruth, 0));
  fail_unless (strchr (line, '\n') == NULL);
  node = json_from_string (line, NULL);
  object = json_node_get_object (node);
  fail_unless_equals_string (
      json_object_get_string_member (object, "text"), "1KPX294");
  fail_unless_equals_string (
      json_object_get_string_member (object, "raw"), "1-KPX-294");
  fail_unless (json_object_get_double_member (object, "w") > 24);
  fail_unless_equals_int (
      json_array_get_length (json_object_get_array_member (object, "quad")), 8);
}

GST_END_TEST

GST_START_TEST (list_names_a_vehicle_of_a_clip_but_not_its_look_alike)
{
  const SceneScenario *scenario = scene_scenario_find (driven_scenarios[__i__]);
  g_autofree gchar *list = scene_sample_list ();
  guint named = 0;

  for (guint i = 0; i < scenario->n_vehicles; i++)
    named += strstr (list, scenario->vehicles[i].plate.raw) != NULL;
  fail_unless_equals_int (named, 1);
}

GST_END_TEST

#define CELL_WIDTH 80
#define CELL_HEIGHT 75

static cairo_surface_t *
glyph_surface (gunichar sign)
{
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_RGB24, CELL_WIDTH, CELL_HEIGHT);
  cairo_t *cr = cairo_create (surface);

  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_translate (cr, (CELL_WIDTH - scene_glyph_width (sign)) / 2, 0);
  fail_unless (scene_glyph_draw (cr, sign, 10));
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  return surface;
}

static guint
differing_pixels (cairo_surface_t *one, cairo_surface_t *other)
{
  gsize size = (gsize) cairo_image_surface_get_stride (one) * CELL_HEIGHT;
  const guint8 *a = cairo_image_surface_get_data (one);
  const guint8 *b = cairo_image_surface_get_data (other);
  guint count = 0;

  for (gsize i = 0; i < size; i += 4)
    count += ABS (a[i] - b[i]) > 128;
  return count;
}

GST_START_TEST (all_glyphs_are_distinct)
{
  g_autoptr (GPtrArray) drawn =
      g_ptr_array_new_with_free_func ((GDestroyNotify) cairo_surface_destroy);

  for (const gchar *at = scene_glyph_signs (); *at; at = g_utf8_next_char (at))
    g_ptr_array_add (drawn, glyph_surface (g_utf8_get_char (at)));
  fail_unless_equals_int (drawn->len, 39);
  for (guint i = 0; i < drawn->len; i++)
    for (guint j = 0; j < i; j++)
      fail_unless (differing_pixels (drawn->pdata[i], drawn->pdata[j]) > 100,
          "signs %u and %u look alike", i, j);
}

GST_END_TEST

GST_START_TEST (unknown_sign_has_no_glyph)
{
  fail_unless (scene_glyph_width ('?') == 0);
  fail_unless (scene_glyph_width ('a') == 0);
}

GST_END_TEST

static void
write_film (const gchar *path, gboolean finish)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ScenePicture) picture = scene_picture_new (64, 64);
  g_autoptr (SceneWriter) writer =
      scene_writer_new (path, SCENE_CODEC_H264, 64, 64, 25, &error);

  fail_unless (writer != NULL, "%s", error ? error->message : "");
  memset (picture->planes[0], 128, 64 * 64 * 3 / 2);
  for (guint i = 0; i < 3; i++)
    fail_unless (scene_writer_push (writer, picture, &error));
  fail_if (g_file_test (path, G_FILE_TEST_EXISTS));
  if (finish)
    fail_unless (scene_writer_finish (writer, &error));
}

GST_START_TEST (film_is_in_its_place_only_when_complete)
{
  g_autofree gchar *folder = g_dir_make_tmp ("scene-XXXXXX", NULL);
  g_autofree gchar *path = g_build_filename (folder, "film.avi", NULL);

  write_film (path, FALSE);
  fail_if (g_file_test (path, G_FILE_TEST_EXISTS));
  write_film (path, TRUE);
  fail_unless (g_file_test (path, G_FILE_TEST_EXISTS));
  fail_unless_equals_int (g_unlink (path), 0);
  /* Fails if half a film was left behind. */
  fail_unless_equals_int (g_rmdir (folder), 0);
}

GST_END_TEST

GST_START_TEST (film_in_a_missing_folder_is_an_error_at_once)
{
  g_autoptr (GError) error = NULL;

  fail_if (scene_writer_new (
      "/nonexistent/film.avi", SCENE_CODEC_H264, 64, 64, 25, &error));
  fail_unless (error != NULL);
}

GST_END_TEST

GST_START_TEST (film_of_an_unknown_kind_is_refused)
{
  g_autoptr (GError) error = NULL;

  fail_if (
      scene_writer_new ("film.webm", SCENE_CODEC_H264, 64, 64, 25, &error));
  fail_unless (g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_INVAL));
}

GST_END_TEST

/* Not part of what a film needs where it is not written */
static gboolean
have_avi (void)
{
  g_autoptr (GstElementFactory) encoder = gst_element_factory_find ("jpegenc");
  g_autoptr (GstElementFactory) muxer = gst_element_factory_find ("avimux");

  return encoder != NULL && muxer != NULL;
}

static Suite *
scene_suite (void)
{
  Suite *suite = suite_create ("scene");
  TCase *drawing = tcase_create ("drawing");
  TCase *writing = tcase_create ("writing");

  suite_add_tcase (suite, drawing);
  tcase_add_test (drawing, same_seed_gives_same_bytes_in_any_order);
  tcase_add_test (drawing, road_is_restored_behind_a_vehicle);
  tcase_add_test (drawing, truth_box_lies_on_the_plate);
  tcase_add_test (
      drawing, truth_box_encloses_the_corners_and_lies_in_the_picture);
  tcase_add_loop_test (drawing, every_vehicle_of_a_scenario_shows_its_plate, 0,
      G_N_ELEMENTS (driven_scenarios));
  tcase_add_test (drawing, sample_shows_two_plates_side_by_side);
  tcase_add_test (drawing, empty_road_has_no_plates);
  tcase_add_test (drawing, clip_begins_again_with_other_vehicles);
  tcase_add_test (drawing, standing_vehicle_shows_its_plate_longer);
  tcase_add_test (drawing, turned_plates_of_stills_lie_within_their_corners);
  tcase_add_test (
      drawing, traffic_always_shows_a_plate_also_where_it_begins_again);
  tcase_add_test (drawing, endless_traffic_drives_on_where_it_begins_again);
  tcase_add_test (drawing, lanes_have_what_is_hard_to_follow);
  tcase_add_test (drawing, vehicle_of_lanes_comes_again_only_when_long_gone);
  tcase_add_test (drawing, seed_makes_other_traffic_of_lanes);
  tcase_add_test (
      drawing, plates_lie_within_their_corners_when_the_camera_shakes);
  tcase_add_test (drawing, truth_line_is_json);
  tcase_add_loop_test (
      drawing, list_names_a_vehicle_of_a_clip_but_not_its_look_alike, 0, 2);
  tcase_add_test (drawing, all_glyphs_are_distinct);
  tcase_add_test (drawing, unknown_sign_has_no_glyph);
  suite_add_tcase (suite, writing);
  tcase_add_test (writing, film_of_an_unknown_kind_is_refused);
  if (have_avi ()) {
    tcase_add_test (writing, film_is_in_its_place_only_when_complete);
    tcase_add_test (writing, film_in_a_missing_folder_is_an_error_at_once);
  }
  return suite;
}

GST_CHECK_MAIN (scene)
