/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* anpr-read-cost: CPU time that reading a plate takes, from the frame's luma to
 * the read, without decoding and without what an engine needs once.
 *
 * Plates are pictures of one plate each, or drawn: those of a film of traffic.
 * All are in memory before anything is measured, and one thread reads them over
 * and over. Prints one JSON object an engine.
 * Exit status: 0 done, also where an engine or its model is absent; 1 an engine
 * or a picture did not work; 2 usage. */

#include <gst/app/gstappsink.h>
#include <gst/gst.h>
#include <gst/video/video.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../plugins/inference/modelfile.h"
#include "../../plugins/plateocr/platereader.h"
#include "../../plugins/record/error.h"
#include "../scene/scene.h"

#define EXIT_USAGE 2
#define DRAWN_SCENARIO "traffic"
#define DRAWN_FRAMES 12
#define DRAWN_EVERY 40
/* A round reads so many plates at least */
#define ROUND_PLATES 120
#define DECODE_TIME (30 * GST_SECOND)

/* luma: of the whole frame, owned; stride is its width */
typedef struct {
  guint8 *luma;
  guint width;
  guint height;
} Frame;

typedef struct {
  guint frame;
  AnprBox box;
  AnprQuad quad;
} Plate;

typedef struct {
  GArray *frames;
  GArray *plates;
} Plates;

typedef struct {
  gchar **engines;
  gchar **files;
  gint rounds;
} Options;

static void
clear_frame (gpointer frame)
{
  g_free (((Frame *) frame)->luma);
}

static void
plates_init (Plates *plates)
{
  plates->frames = g_array_new (FALSE, FALSE, sizeof (Frame));
  plates->plates = g_array_new (FALSE, FALSE, sizeof (Plate));
  g_array_set_clear_func (plates->frames, clear_frame);
}

static void
plates_clear (Plates *plates)
{
  g_array_unref (plates->frames);
  g_array_unref (plates->plates);
}

static void
options_clear (Options *options)
{
  g_strfreev (options->engines);
  g_strfreev (options->files);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Plates, plates_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
parse_options (Options *options, gint *argc, gchar ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "engine", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->engines,
        "auto, ctc, tesseract or both; may be given again (default: auto)",
        "NAME" },
    { "rounds", 0, 0, G_OPTION_ARG_INT, &options->rounds,
        "Rounds, of which the median counts; 0 only tells the engine "
        "(default: 5)",
        "N" },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->files,
        "Pictures of one plate each (default: plates are drawn)",
        "[PICTURE…]" },
    { NULL },
  };
  g_autoptr (GOptionContext) context =
      g_option_context_new ("- tell what reading a plate costs");

  g_option_context_add_main_entries (context, entries, NULL);
  return g_option_context_parse (context, argc, argv, error);
}

static gboolean
parse_engine (const gchar *name, AnprReaderEngine *engine)
{
  static const gchar *const names[] = { [ANPR_READER_AUTO] = "auto",
    [ANPR_READER_CTC] = "ctc",
    [ANPR_READER_TESSERACT] = "tesseract",
    [ANPR_READER_BOTH] = "both" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (name, names[i]) == 0) {
      *engine = (AnprReaderEngine) i;
      return TRUE;
    }
  return FALSE;
}

/* --- plates -------------------------------------------------------------- */

static void
take_frame (
    Plates *plates, const guint8 *luma, gsize stride, guint width, guint height)
{
  Frame frame = { g_malloc ((gsize) width * height), width, height };

  for (guint y = 0; y < height; y++)
    memcpy (frame.luma + (gsize) y * width, luma + y * stride, width);
  g_array_append_val (plates->frames, frame);
}

static gboolean
take_picture (Plates *plates, GstSample *sample)
{
  Plate plate = { .frame = plates->frames->len };
  GstVideoFrame video;
  GstVideoInfo info;

  if (!gst_video_info_from_caps (&info, gst_sample_get_caps (sample))
      || !gst_video_frame_map (
          &video, &info, gst_sample_get_buffer (sample), GST_MAP_READ))
    return FALSE;
  plate.box.width = GST_VIDEO_FRAME_WIDTH (&video);
  plate.box.height = GST_VIDEO_FRAME_HEIGHT (&video);
  anpr_quad_from_box (&plate.quad, &plate.box);
  take_frame (plates, GST_VIDEO_FRAME_PLANE_DATA (&video, 0),
      GST_VIDEO_FRAME_PLANE_STRIDE (&video, 0), GST_VIDEO_FRAME_WIDTH (&video),
      GST_VIDEO_FRAME_HEIGHT (&video));
  g_array_append_val (plates->plates, plate);
  gst_video_frame_unmap (&video);
  return TRUE;
}

static gboolean
load_picture (Plates *plates, const gchar *path, GError **error)
{
  g_autoptr (GstElement) chain = gst_parse_launch (
      "filesrc name=file ! decodebin ! videoconvert ! "
      "video/x-raw,format=GRAY8 ! appsink name=end sync=false",
      error);
  g_autoptr (GstElement) source = NULL;
  g_autoptr (GstElement) end = NULL;
  g_autoptr (GstSample) sample = NULL;
  gboolean taken;

  if (!chain)
    return FALSE;
  source = gst_bin_get_by_name (GST_BIN (chain), "file");
  end = gst_bin_get_by_name (GST_BIN (chain), "end");
  g_object_set (source, "location", path, NULL);
  gst_element_set_state (chain, GST_STATE_PLAYING);
  sample = gst_app_sink_try_pull_sample (GST_APP_SINK (end), DECODE_TIME);
  taken = sample && take_picture (plates, sample);
  gst_element_set_state (chain, GST_STATE_NULL);
  if (!taken)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
        "\"%s\" is no picture that can be decoded", path);
  return taken;
}

static void
draw_plates (Plates *plates)
{
  const SceneScenario *scenario = scene_scenario_find (DRAWN_SCENARIO);
  g_autoptr (Scene) scene =
      scene_new (scenario, scenario->width, scenario->height, 1);
  g_autoptr (ScenePicture) picture =
      scene_picture_new (scenario->width, scenario->height);
  g_autoptr (GArray) truths = g_array_new (FALSE, FALSE, sizeof (SceneTruth));

  for (guint i = 0; i < DRAWN_FRAMES; i++) {
    g_array_set_size (truths, 0);
    scene_draw (scene, i * DRAWN_EVERY, picture, truths);
    for (guint k = 0; k < truths->len; k++) {
      const SceneTruth *truth = &g_array_index (truths, SceneTruth, k);
      Plate plate = { plates->frames->len,
        { truth->x, truth->y, truth->width, truth->height } };

      memcpy (plate.quad.x, truth->corner_x, sizeof (plate.quad.x));
      memcpy (plate.quad.y, truth->corner_y, sizeof (plate.quad.y));
      g_array_append_val (plates->plates, plate);
    }
    take_frame (plates, picture->planes[0], picture->strides[0], picture->width,
        picture->height);
  }
}

/* --- cost ---------------------------------------------------------------- */

static gdouble
cpu_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static void
read_all (AnprPlateReader *reader, const Plates *plates)
{
  for (guint i = 0; i < plates->plates->len; i++) {
    const Plate *plate = &g_array_index (plates->plates, Plate, i);
    const Frame *frame = &g_array_index (plates->frames, Frame, plate->frame);

    anpr_read_unref (anpr_plate_reader_read (reader, frame->luma, frame->width,
        frame->width, frame->height, &plate->box, &plate->quad));
  }
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  gdouble one = *(const gdouble *) a, other = *(const gdouble *) b;

  return (one > other) - (one < other);
}

/* Milliseconds a plate: the median of the rounds after a first pass */
static gdouble
measure (AnprPlateReader *reader, const Plates *plates, guint rounds)
{
  guint repeats =
      (ROUND_PLATES + plates->plates->len - 1) / plates->plates->len;
  g_autofree gdouble *costs = g_new (gdouble, rounds);

  read_all (reader, plates);
  for (guint i = 0; i < rounds; i++) {
    gdouble start = cpu_ms ();

    for (guint k = 0; k < repeats; k++)
      read_all (reader, plates);
    costs[i] = (cpu_ms () - start) / (repeats * plates->plates->len);
  }
  qsort (costs, rounds, sizeof (gdouble), compare);
  return (costs[(rounds - 1) / 2] + costs[rounds / 2]) / 2;
}

/* --- engines ------------------------------------------------------------- */

static gboolean
is_there (const AnprReadEngine *engine)
{
  g_autofree gchar *path = anpr_model_find (NULL, engine->file);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* Whether an engine could not be loaded because there is none or no model, not
 * because a model is damaged */
static gboolean
is_absent (AnprReaderEngine engine, const GError *reason)
{
  gboolean ctc = is_there (&anpr_ctc_engine);
  gboolean tesseract = FALSE;

  if (g_error_matches (reason, ANPR_ERROR, ANPR_ERROR_READER_ENGINE))
    return TRUE;
#ifdef HAVE_TESSERACT
  tesseract = is_there (&anpr_tesseract_engine);
#endif
  switch (engine) {
    case ANPR_READER_CTC:
      return !ctc;
    case ANPR_READER_TESSERACT:
      return !tesseract;
    case ANPR_READER_BOTH:
      return !ctc || !tesseract;
    default:
      return !ctc && !tesseract;
  }
}

static void
tell_models (JsonBuilder *json, const AnprReaderData *data)
{
  g_autoptr (GString) names = g_string_new (NULL);
  g_autofree gchar *path = anpr_model_find (NULL, anpr_ctc_engine.file);
  g_autoptr (AnprModel) model = NULL;

  for (guint i = 0; i < data->n_parts; i++) {
    g_string_append_printf (
        names, "%s%s", i > 0 ? "+" : "", data->parts[i].engine->name);
    if (data->parts[i].engine == &anpr_ctc_engine)
      model = anpr_model_load (path, ANPR_MODEL_READER, NULL);
  }
  json_builder_set_member_name (json, "reads_with");
  json_builder_add_string_value (json, names->str);
  json_builder_set_member_name (json, "training_id");
  if (model)
    json_builder_add_string_value (json, model->training_id);
  else
    json_builder_add_null_value (json);
}

/* Adds what the engine costs, or why it cannot be told; gives FALSE if it is
 * there and fails. */
static gboolean
try_engine (JsonBuilder *json, AnprReaderEngine engine, const Plates *plates,
    guint rounds)
{
  AnprReaderOptions options = { .engine = engine };
  g_autoptr (GError) reason = NULL;
  g_autoptr (AnprReaderData) data =
      anpr_reader_data_load (engine, NULL, &reason);
  g_autoptr (AnprPlateReader) reader =
      data ? anpr_plate_reader_new (data, &options, &reason) : NULL;

  if (!reader) {
    gboolean absent = is_absent (engine, reason);

    json_builder_set_member_name (json, absent ? "absent" : "failed");
    json_builder_add_string_value (
        json, absent ? "no model, or not in this build" : reason->message);
    return absent;
  }
  tell_models (json, data);
  if (rounds == 0)
    return TRUE;
  json_builder_set_member_name (json, "plates");
  json_builder_add_int_value (json, plates->plates->len);
  json_builder_set_member_name (json, "cpu_ms_per_plate");
  json_builder_add_double_value (json, measure (reader, plates, rounds));
  return TRUE;
}

static gboolean
tell_engine (const gchar *name, AnprReaderEngine engine, const Plates *plates,
    guint rounds)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree gchar *line = NULL;
  gboolean worked;

  json_builder_begin_object (json);
  json_builder_set_member_name (json, "engine");
  json_builder_add_string_value (json, name);
  worked = try_engine (json, engine, plates, rounds);
  json_builder_end_object (json);
  root = json_builder_get_root (json);
  line = json_to_string (root, FALSE);
  printf ("%s\n", line);
  return worked;
}

static gboolean
collect_plates (const Options *options, Plates *plates, GError **error)
{
  if (options->rounds == 0)
    return TRUE;
  if (!options->files)
    draw_plates (plates);
  for (guint i = 0; options->files && options->files[i]; i++)
    if (!load_picture (plates, options->files[i], error))
      return FALSE;
  return TRUE;
}

static gint
run (const Options *options, GError **error)
{
  static const gchar *const best[] = { "auto", NULL };
  const gchar *const *names =
      options->engines ? (const gchar *const *) options->engines : best;
  g_auto (Plates) plates = { NULL, NULL };
  AnprReaderEngine engine = ANPR_READER_AUTO;
  gint status = EXIT_SUCCESS;

  plates_init (&plates);
  for (guint i = 0; names[i]; i++)
    if (!parse_engine (names[i], &engine)) {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
          "there is no engine \"%s\"", names[i]);
      return EXIT_USAGE;
    }
  if (!collect_plates (options, &plates, error))
    return EXIT_FAILURE;
  for (guint i = 0; names[i]; i++) {
    parse_engine (names[i], &engine);
    if (!tell_engine (names[i], engine, &plates, (guint) options->rounds))
      status = EXIT_FAILURE;
  }
  return status;
}

int
main (int argc, char **argv)
{
  g_auto (Options) options = { .rounds = 5 };
  g_autoptr (GError) error = NULL;
  gint status = EXIT_USAGE;

  if (parse_options (&options, &argc, &argv, &error)) {
    if (options.rounds < 0 || options.rounds > 1000)
      g_set_error_literal (&error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
          "--rounds takes 0 to 1000");
    else {
      gst_init (NULL, NULL);
      status = run (&options, &error);
    }
  }
  if (error)
    fprintf (stderr, "anpr-read-cost: %s\n", error->message);
  return status;
}
