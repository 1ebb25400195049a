/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* anpr-scene: draws a scenario into a film or stills, with its truth and its
 * hit list, or one plate into a still.
 * Exit status: 0 done, 1 something could not be written, 2 usage. */

#include <cairo.h>
#include <gst/gst.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scene.h"
#include "writer.h"

#define EXIT_USAGE 2
#define SIZE_MAX_PIXELS 7680
#define SIZE_MIN_PIXELS 64
#define PLATE_MARGIN 40
#define PLATE_HEIGHT_PIXELS 64

typedef struct {
  gchar *scenario;
  gchar *output;
  gchar *truth;
  gchar *list;
  gchar *codec;
  gchar *size;
  gchar *plate;
  gint first;
  gint frames;
  gint64 seed;
  gint plate_height;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->scenario);
  g_free (options->output);
  g_free (options->truth);
  g_free (options->list);
  g_free (options->codec);
  g_free (options->size);
  g_free (options->plate);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
parse_options (Options *options, gint *argc, gchar ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "scenario", 0, 0, G_OPTION_ARG_STRING, &options->scenario,
        "What to draw: sample, bench, traffic, lanes, stills, one or empty "
        "(default: sample)",
        "NAME" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options->output,
        "File to write: .mp4, .avi, or .png or .jpg with a pattern such as "
        "%03d for the number",
        "FILE" },
    { "truth", 0, 0, G_OPTION_ARG_FILENAME, &options->truth,
        "Write the plates of each frame, one JSON object a line", "FILE" },
    { "list", 0, 0, G_OPTION_ARG_FILENAME, &options->list,
        "Write the hit list for the scenarios sample and bench", "FILE" },
    { "first", 0, 0, G_OPTION_ARG_INT, &options->first,
        "Number of the first frame drawn (default: 0)", "N" },
    { "frames", 0, 0, G_OPTION_ARG_INT, &options->frames,
        "How many frames (default: the whole scenario)", "N" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &options->seed,
        "Seed of texture, noise and the traffic of lanes (default: 1)", "N" },
    { "size", 0, 0, G_OPTION_ARG_STRING, &options->size,
        "Size of the picture (default: the scenario's)", "WxH" },
    { "codec", 0, 0, G_OPTION_ARG_STRING, &options->codec,
        "Of an .mp4 file: h264 or h265 (default: h264)", "NAME" },
    { "plate", 0, 0, G_OPTION_ARG_FILENAME, &options->plate,
        "Draw this plate alone, such as BE:1-ABC-234; a / begins a second "
        "line",
        "COUNTRY:TEXT" },
    { "plate-height", 0, 0, G_OPTION_ARG_INT, &options->plate_height,
        "How high a --plate is, pixels (default: 64)", "PIXELS" },
    { NULL },
  };
  g_autoptr (GOptionContext) context =
      g_option_context_new ("- draw road scenes with number plates");

  g_option_context_add_main_entries (context, entries, NULL);
  return g_option_context_parse (context, argc, argv, error);
}

static gboolean
usage_error (GError **error, const gchar *message)
{
  g_set_error_literal (
      error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, message);
  return FALSE;
}

static gboolean
parse_size (const gchar *size, guint *width, guint *height, GError **error)
{
  guint64 sides[2] = { 0, 0 };
  g_auto (GStrv) parts = NULL;

  if (!size)
    return TRUE;
  parts = g_strsplit (size, "x", 2);
  for (guint i = 0; i < 2; i++)
    if (!parts[i]
        || !g_ascii_string_to_unsigned (
            parts[i], 10, SIZE_MIN_PIXELS, SIZE_MAX_PIXELS, &sides[i], NULL)
        || sides[i] % 2)
      return usage_error (
          error, "--size takes WxH, two even numbers from 64 to 7680");
  *width = (guint) sides[0];
  *height = (guint) sides[1];
  return TRUE;
}

static gboolean
parse_codec (const gchar *name, SceneCodec *codec, GError **error)
{
  *codec = SCENE_CODEC_H264;
  if (!name || strcmp (name, "h264") == 0)
    return TRUE;
  *codec = SCENE_CODEC_H265;
  return strcmp (name, "h265") == 0
         || usage_error (error, "--codec takes h264 or h265");
}

static gboolean
append_truth (GArray *truths, FILE *file)
{
  for (guint i = 0; file && i < truths->len; i++) {
    g_autofree gchar *line =
        scene_truth_to_json (&g_array_index (truths, SceneTruth, i));

    fprintf (file, "%s\n", line);
  }
  g_array_set_size (truths, 0);
  return !file || !ferror (file);
}

static gboolean
draw_frames (const Options *options, Scene *scene, ScenePicture *picture,
    guint frames, SceneWriter *writer, FILE *file, GError **error)
{
  g_autoptr (GArray) truths = g_array_new (FALSE, FALSE, sizeof (SceneTruth));

  for (guint i = 0; i < frames; i++) {
    scene_draw (
        scene, (guint) options->first + i, writer ? picture : NULL, truths);
    if (!append_truth (truths, file)) {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_IO, "cannot write \"%s\"",
          options->truth);
      return FALSE;
    }
    if (writer && !scene_writer_push (writer, picture, error))
      return FALSE;
  }
  return !writer || scene_writer_finish (writer, error);
}

static gboolean
open_truth (const gchar *path, FILE **file, GError **error)
{
  if (!path)
    return TRUE;
  *file = fopen (path, "w");
  if (!*file)
    g_set_error (
        error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "cannot write \"%s\"", path);
  return *file != NULL;
}

/* A truth file can also be made without a film. */
static gboolean
draw_scenario (
    const Options *options, const SceneScenario *scenario, GError **error)
{
  guint width = scenario->width, height = scenario->height;
  guint frames = options->frames > 0
                     ? (guint) options->frames
                     : (guint) (scenario->seconds * scenario->fps);
  g_autoptr (SceneWriter) writer = NULL;
  g_autoptr (Scene) scene = NULL;
  g_autoptr (ScenePicture) picture = NULL;
  FILE *file = NULL;
  SceneCodec codec;
  gboolean done;

  if (!parse_size (options->size, &width, &height, error)
      || !parse_codec (options->codec, &codec, error))
    return FALSE;
  if (options->output) {
    writer = scene_writer_new (
        options->output, codec, width, height, scenario->fps, error);
    if (!writer)
      return FALSE;
  }
  if (!open_truth (options->truth, &file, error))
    return FALSE;
  scene = scene_new (scenario, width, height, (guint64) options->seed);
  picture = scene_picture_new (width, height);
  done = draw_frames (options, scene, picture, frames, writer, file, error);
  if (file && fclose (file) != 0 && done) {
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_IO, "cannot write \"%s\"",
        options->truth);
    return FALSE;
  }
  return done;
}

/* Millimetres, with a margin of grey, as a plate on a vehicle has */
static cairo_surface_t *
paint_plate (const ScenePlate *plate, gdouble pixels)
{
  gdouble width, height, scale;
  cairo_surface_t *surface;
  cairo_t *cr;

  scene_plate_size (plate, &width, &height);
  scale = pixels / height;
  surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24,
      (gint) ((width + PLATE_MARGIN) * scale),
      (gint) ((height + PLATE_MARGIN) * scale));
  cr = cairo_create (surface);
  cairo_set_source_rgb (cr, 0.35, 0.36, 0.38);
  cairo_paint (cr);
  cairo_scale (cr, scale, scale);
  cairo_translate (cr, PLATE_MARGIN / 2.0, PLATE_MARGIN / 2.0);
  scene_plate_draw (cr, plate);
  cairo_destroy (cr);
  return surface;
}

static gboolean
draw_plate (const Options *options, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (options->plate, ":", 2);
  ScenePlate plate = { 0 };
  cairo_surface_t *surface;
  cairo_status_t status;

  if (!g_utf8_validate (options->plate, -1, NULL) || !parts[0] || !parts[1]
      || !parts[1][0])
    return usage_error (error, "--plate takes COUNTRY:TEXT");
  if (!options->output || !g_str_has_suffix (options->output, ".png"))
    return usage_error (error, "--plate needs --output FILE.png");
  if (options->plate_height < 8 || options->plate_height > 2048)
    return usage_error (error, "--plate-height takes 8 to 2048");
  plate.country = parts[0];
  plate.raw = parts[1];
  plate.layout =
      strchr (plate.raw, '/') ? SCENE_LAYOUT_TWO_LINE : SCENE_LAYOUT_ONE_LINE;
  surface = paint_plate (&plate, options->plate_height);
  status = cairo_surface_write_to_png (surface, options->output);
  cairo_surface_destroy (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
      "cannot write \"%s\": %s", options->output,
      cairo_status_to_string (status));
  return FALSE;
}

static gboolean
draw (const Options *options, GError **error)
{
  const SceneScenario *scenario =
      scene_scenario_find (options->scenario ? options->scenario : "sample");
  g_autofree gchar *list = scene_sample_list ();

  if (options->plate)
    return draw_plate (options, error);
  if (!scenario)
    return usage_error (error,
        "--scenario takes sample, bench, traffic, lanes, stills, one or empty");
  if (options->first < 0 || options->frames < 0)
    return usage_error (error, "--first and --frames take no negative number");
  if (!options->output && !options->truth && !options->list)
    return usage_error (error, "--output, --truth or --list is needed");
  if (options->list && !g_file_set_contents (options->list, list, -1, error))
    return FALSE;
  if (!options->output && !options->truth)
    return TRUE;
  return draw_scenario (options, scenario, error);
}

int
main (int argc, char **argv)
{
  g_auto (Options) options = { .seed = 1, .plate_height = PLATE_HEIGHT_PIXELS };
  g_autoptr (GError) error = NULL;

  if (parse_options (&options, &argc, &argv, &error)) {
    gst_init (NULL, NULL);
    if (draw (&options, &error))
      return EXIT_SUCCESS;
  }
  fprintf (stderr, "anpr-scene: %s\n", error->message);
  return error->domain == G_OPTION_ERROR ? EXIT_USAGE : EXIT_FAILURE;
}
