/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The network that is installed, on a road drawn by the scene renderer: a
 * vehicle comes, passes and is gone. */

#include "platewatch.h"
#include "scene.h"
#include <gst/check/gstcheck.h>

#define WIDTH 1280
#define HEIGHT 720
#define N_FRAMES 200

/* Plates of which nearly all must be found, pixels wide */
#define LEAST_WIDTH 60

static const AnprDetectOptions usual = {
  .threshold = 0.4,
  .min_plate_width = 40,
  .max_plates = 16,
};

static AnprModel *
load_model (void)
{
  g_autofree gchar *path =
      g_build_filename (g_getenv ("ANPR_MODELS"), "detector.anprnet", NULL);
  g_autoptr (GError) error = NULL;
  AnprModel *model = anpr_model_load (path, ANPR_MODEL_DETECTOR, &error);

  fail_unless (model != NULL, "%s", error ? error->message : "no model");
  return model;
}

typedef struct {
  guint n_plates;
  guint n_found;
  guint n_false;
} Result;

static void
judge_frame (const GArray *truth, const AnprDetection *plates, guint n_plates,
    Result *result)
{
  for (guint i = 0; i < truth->len; i++) {
    const SceneTruth *plate = &g_array_index (truth, SceneTruth, i);
    AnprBox box = { plate->x, plate->y, plate->width, plate->height };
    gboolean found = FALSE;

    for (guint k = 0; k < n_plates; k++)
      found |= anpr_box_iou (&plates[k].box, &box) >= 0.5;
    if (plate->width < LEAST_WIDTH)
      continue;
    result->n_plates++;
    result->n_found += found;
  }
  if (n_plates > truth->len)
    result->n_false += n_plates - truth->len;
}

static void
watch_scene (AnprWatchMode mode, Result *result)
{
  g_autoptr (AnprModel) model = load_model ();
  g_autoptr (AnprPlateWatch) watch = anpr_plate_watch_new (model, NULL);
  g_autoptr (GArray) truth = g_array_new (FALSE, FALSE, sizeof (SceneTruth));
  Scene *scene = scene_new (scene_scenario_find ("one"), WIDTH, HEIGHT, 1);
  ScenePicture *picture = scene_picture_new (WIDTH, HEIGHT);
  AnprLuma luma = { picture->planes[0], picture->strides[0], WIDTH, HEIGHT };

  *result = (Result){ 0 };
  for (guint i = 0; i < N_FRAMES; i++) {
    AnprDetection plates[ANPR_DETECTOR_MAX_PLATES];
    guint64 time = i * 40 * G_GUINT64_CONSTANT (1000000);
    gboolean looked;
    guint n_plates;

    g_array_set_size (truth, 0);
    scene_draw (scene, i, picture, truth);
    n_plates = anpr_plate_watch_next (watch, &luma, time, mode, &usual, &looked,
        plates, G_N_ELEMENTS (plates));
    judge_frame (truth, plates, n_plates, result);
  }
  scene_free (scene);
  scene_picture_free (picture);
}

GST_START_TEST (vehicle_on_a_drawn_road_is_found)
{
  Result result;

  watch_scene (__i__ ? ANPR_WATCH_THOROUGH : ANPR_WATCH_SPARING, &result);
  fail_unless (result.n_plates > 20, "%u plates", result.n_plates);
  fail_unless (result.n_found * 10 >= result.n_plates * 9, "%u of %u found",
      result.n_found, result.n_plates);
  fail_unless (
      result.n_false * 10 <= N_FRAMES, "%u false plates", result.n_false);
}

GST_END_TEST;

static Suite *
platescene_suite (void)
{
  Suite *suite = suite_create ("platescene");
  TCase *tests = tcase_create ("general");

  suite_add_tcase (suite, tests);
  tcase_add_loop_test (tests, vehicle_on_a_drawn_road_is_found, 0, 2);
  return suite;
}

GST_CHECK_MAIN (platescene);
