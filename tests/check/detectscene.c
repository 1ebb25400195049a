/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The element with the network that is installed, on drawn scenes: the same
 * picture in other formats and memory, in all sizes; what it looks at in films
 * where little happens. */

#include "scene.h"
#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <gst/video/video.h>
#include "plugins/meta/gstanprmeta.h"

#define FPS 25

/* Network input of the cheapest look at a plate */
#define LOOK (96 * 64)

static GstHarness *
harness_new (const gchar *format, guint width, guint height)
{
  GstHarness *harness = gst_harness_new ("platedetect");
  g_autofree gchar *caps = g_strdup_printf (
      "video/x-raw, format=%s, width=%u, height=%u, framerate=25/1", format,
      width, height);

  gst_harness_set_live (harness, FALSE);
  gst_harness_set_src_caps_str (harness, caps);
  return harness;
}

static guint64
stat_of (GstHarness *harness, const gchar *name)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 value = 0;

  g_object_get (harness->element, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, name, &value));
  return value;
}

/* A part of a drawn frame, each of its pixels @enlarged times as wide and high;
 * the vehicle's plate is whole in all of them */
typedef struct {
  guint drawn_width;
  guint drawn_height;
  guint x;
  guint y;
  guint width;
  guint height;
  guint enlarged;
} Part;

static const Part parts[] = {
  { 640, 360, 185, 148, 64, 64, 1 },
  { 640, 360, 185, 148, 65, 61, 1 },
  { 640, 360, 0, 0, 640, 360, 1 },
  { 640, 360, 3, 1, 637, 355, 1 },
  { 1280, 720, 101, 201, 1001, 517, 1 },
  { 1920, 1080, 0, 0, 1920, 1080, 1 },
  { 1920, 1080, 11, 33, 1903, 1045, 1 },
  { 1920, 1080, 0, 0, 1920, 1080, 2 },
  { 1920, 1080, 0, 0, 1920, 1080, 4 },
};

/* How a picture lies in memory: with so many pixels around it, at least */
typedef struct {
  const gchar *format;
  guint padding;
} Layout;

static const Layout layouts[] = {
  { "GRAY8", 0 },
  { "NV12", 0 },
  { "I420", 0 },
  { "GRAY8", 57 },
  { "NV12", 24 },
  { "I420", 98 },
};

/* A frame of which @truth is the plate */
static ScenePicture *
draw_frame (guint width, guint height, SceneTruth *truth)
{
  g_autoptr (Scene) scene =
      scene_new (scene_scenario_find ("one"), width, height, 1);
  g_autoptr (GArray) truths = g_array_new (FALSE, FALSE, sizeof (SceneTruth));
  ScenePicture *picture = scene_picture_new (width, height);

  scene_draw (scene, 60, picture, truths);
  fail_unless_equals_int (truths->len, 1);
  *truth = g_array_index (truths, SceneTruth, 0);
  return picture;
}

static void
copy_part (const Part *part, const ScenePicture *picture, GstVideoFrame *frame)
{
  guint8 *to = GST_VIDEO_FRAME_PLANE_DATA (frame, 0);
  guint stride = GST_VIDEO_FRAME_PLANE_STRIDE (frame, 0);

  for (guint y = 0; y < part->height * part->enlarged; y++) {
    const guint8 *from = picture->planes[0]
                         + (part->y + y / part->enlarged) * picture->strides[0]
                         + part->x;

    for (guint x = 0; x < part->width * part->enlarged; x++)
      to[y * stride + x] = from[x / part->enlarged];
  }
}

/* What is not luma of the picture is black and white in turn */
static GstBuffer *
buffer_new (const Part *part, const ScenePicture *picture, const Layout *layout)
{
  guint pad = layout->padding;
  GstVideoAlignment around = { pad, pad, pad, pad, { 0 } };
  GstVideoInfo info;
  GstVideoFrame frame;
  GstBuffer *buffer;
  GstMapInfo map;

  gst_video_info_set_format (&info,
      gst_video_format_from_string (layout->format),
      part->width * part->enlarged, part->height * part->enlarged);
  if (pad > 0)
    fail_unless (gst_video_info_align (&info, &around));
  buffer = gst_buffer_new_allocate (NULL, info.size, NULL);
  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_WRITE));
  for (gsize i = 0; i < map.size; i++)
    map.data[i] = i / 7 % 2 ? 255 : 0;
  gst_buffer_unmap (buffer, &map);
  gst_buffer_add_video_meta_full (buffer, GST_VIDEO_FRAME_FLAG_NONE,
      GST_VIDEO_INFO_FORMAT (&info), info.width, info.height,
      GST_VIDEO_INFO_N_PLANES (&info), info.offset, info.stride);
  fail_unless (gst_video_frame_map (&frame, &info, buffer, GST_MAP_WRITE));
  copy_part (part, picture, &frame);
  gst_video_frame_unmap (&frame);
  GST_BUFFER_PTS (buffer) = 0;
  return buffer;
}

/* The one plate of a picture */
static AnprPlate *
find_plate (const Part *part, const ScenePicture *picture, const Layout *layout)
{
  GstHarness *harness = harness_new (layout->format,
      part->width * part->enlarged, part->height * part->enlarged);
  GstAnprMeta *meta;
  GstBuffer *buffer;
  AnprPlate *plate;

  /* in the smallest of the pictures it is 35 */
  g_object_set (harness->element, "min-plate-width", 30, NULL);
  buffer =
      gst_harness_push_and_pull (harness, buffer_new (part, picture, layout));
  meta = gst_buffer_get_anpr_meta (buffer);
  fail_unless_equals_int (gst_anpr_meta_get_n_plates (meta), 1);
  plate = anpr_plate_copy (gst_anpr_meta_get_plate (meta, 0));
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
  return plate;
}

GST_START_TEST (plate_is_the_same_in_each_format_and_memory)
{
  const Part *part = &parts[__i__];
  SceneTruth truth;
  g_autoptr (ScenePicture) picture =
      draw_frame (part->drawn_width, part->drawn_height, &truth);
  g_autoptr (AnprPlate) plain = find_plate (part, picture, &layouts[0]);
  AnprBox expected = { (truth.x - part->x) * part->enlarged,
    (truth.y - part->y) * part->enlarged, truth.width * part->enlarged,
    truth.height * part->enlarged };

  fail_unless (anpr_box_iou (&plain->box, &expected) > 0.6, "%.2f",
      anpr_box_iou (&plain->box, &expected));
  for (guint i = 1; i < G_N_ELEMENTS (layouts); i++) {
    g_autoptr (AnprPlate) other = find_plate (part, picture, &layouts[i]);

    fail_unless (memcmp (&plain->box, &other->box, sizeof (AnprBox)) == 0);
    fail_unless (memcmp (&plain->quad, &other->quad, sizeof (AnprQuad)) == 0);
    fail_unless (plain->confidence == other->confidence);
  }
}

GST_END_TEST;

/* A film that is drawn as it is pushed */
typedef struct {
  GstHarness *harness;
  Scene *scene;
  ScenePicture *picture;
  GArray *truths;
  guint frame;
} Film;

static const Layout film_layout = { "GRAY8", 0 };

static void
film_begin (Film *film, const SceneScenario *scenario)
{
  film->harness = harness_new ("GRAY8", scenario->width, scenario->height);
  film->scene = scene_new (scenario, scenario->width, scenario->height, 1);
  film->picture = scene_picture_new (scenario->width, scenario->height);
  film->truths = g_array_new (FALSE, FALSE, sizeof (SceneTruth));
  film->frame = 0;
}

static void
film_end (Film *film)
{
  gst_harness_teardown (film->harness);
  scene_free (film->scene);
  scene_picture_free (film->picture);
  g_array_unref (film->truths);
}

/* Whether a plate of the truth was found in the next frame */
static gboolean
film_show (Film *film)
{
  Part whole = { 0, 0, 0, 0, film->picture->width, film->picture->height, 1 };
  GstBuffer *buffer;
  GstAnprMeta *meta;
  gboolean found = FALSE;

  g_array_set_size (film->truths, 0);
  scene_draw (film->scene, film->frame, film->picture, film->truths);
  buffer = buffer_new (&whole, film->picture, &film_layout);
  GST_BUFFER_PTS (buffer) = film->frame++ * GST_SECOND / FPS;
  buffer = gst_harness_push_and_pull (film->harness, buffer);
  meta = gst_buffer_get_anpr_meta (buffer);
  for (guint i = 0; i < film->truths->len; i++) {
    const SceneTruth *truth = &g_array_index (film->truths, SceneTruth, i);
    AnprBox box = { truth->x, truth->y, truth->width, truth->height };

    for (guint k = 0; k < gst_anpr_meta_get_n_plates (meta); k++)
      found |=
          anpr_box_iou (&gst_anpr_meta_get_plate (meta, k)->box, &box) >= 0.5;
  }
  gst_buffer_unref (buffer);
  return found;
}

/* How many of so many frames had a plate found */
static guint
film_play (Film *film, guint n_frames)
{
  guint n_found = 0;

  for (guint i = 0; i < n_frames; i++)
    n_found += film_show (film);
  return n_found;
}

/* Stands 12 m off when the film begins, until long after it */
static const SceneVehicle parked_vehicle[] = {
  { { "1-KPX-294", "BE", SCENE_LAYOUT_ONE_LINE }, SCENE_CAR, 0xb0b4b8, 0,
      SCENE_APPROACHING, -60, 45, 0.5, 12, 600 },
};

/* Comes into an empty road beside the camera */
static const SceneVehicle coming_vehicle[] = {
  { { "KS-814-G", "NL", SCENE_LAYOUT_ONE_LINE }, SCENE_CAR, 0x2040a0, 1,
      SCENE_RECEDING, 4, 45, -0.5 },
};

static const SceneScenario parked = { "parked", 1280, 720, FPS, 20,
  parked_vehicle, 1 };
static const SceneScenario coming = { "coming", 1280, 720, FPS, 20,
  coming_vehicle, 1 };

GST_START_TEST (parked_vehicle_does_not_keep_the_detector_busy)
{
  guint64 looks, pixels;
  Film film;
  guint n_found;

  film_begin (&film, &parked);
  fail_unless (film_show (&film));
  film_play (&film, 2 * FPS);
  looks = stat_of (film.harness, "detections");
  pixels = stat_of (film.harness, "network-pixels");
  n_found = film_play (&film, 4 * FPS);
  looks = stat_of (film.harness, "detections") - looks;
  pixels = stat_of (film.harness, "network-pixels") - pixels;
  /* twice a second, and a little more where noise looks like a change */
  fail_unless (n_found >= 7, "%u found", n_found);
  fail_unless (looks <= 12, "%" G_GUINT64_FORMAT " looks", looks);
  fail_unless (
      pixels <= 12 * LOOK, "%" G_GUINT64_FORMAT " network pixels", pixels);
  film_end (&film);
}

GST_END_TEST;

GST_START_TEST (vehicle_that_comes_wakes_the_detector)
{
  guint64 pixels;
  Film film;
  guint n_found;

  film_begin (&film, &coming);
  film_show (&film);
  pixels = stat_of (film.harness, "network-pixels");
  fail_unless_equals_int (film_play (&film, 4 * FPS - 1), 0);
  fail_unless_equals_uint64 (stat_of (film.harness, "detections"), 1);
  fail_unless_equals_uint64 (stat_of (film.harness, "network-pixels"), pixels);
  n_found = film_play (&film, 2 * FPS);
  fail_unless (n_found >= FPS / 2, "%u found", n_found);
  film_end (&film);
}

GST_END_TEST;

static Suite *
detectscene_suite (void)
{
  Suite *suite = suite_create ("detectscene");
  TCase *tests = tcase_create ("general");

  suite_add_tcase (suite, tests);
  tcase_add_loop_test (tests, plate_is_the_same_in_each_format_and_memory, 0,
      G_N_ELEMENTS (parts));
  tcase_add_test (tests, parked_vehicle_does_not_keep_the_detector_busy);
  tcase_add_test (tests, vehicle_that_comes_wakes_the_detector);
  return suite;
}

GST_CHECK_MAIN (detectscene);
