/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* anprctl read: pictures and videos in, one JSON object a plate out.
 *
 * Files go one after the other through a chain of the same elements as a
 * camera's: one chain for pictures, one for videos, each made when first
 * needed. Files are not live, so the elements wait for their workers and the
 * frame that leaves the chain carries its reads.
 *
 * This thread pulls frames from the chain's end and prints; nothing is kept but
 * what is under way. A file that brings no frame for `--stall-timeout` seconds
 * is given up.
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "command.h"
#include "chain.h"
#include "console.h"
#include "inputfile.h"
#include "readjson.h"
#include "../plugins/meta/gstanprmeta.h"
#include "../plugins/record/jsonmember.h"

#include <gst/app/gstappsink.h>

/* How often the bus and the stall timeout are looked at while no frame comes */
#define POLL_TIME (50 * GST_MSECOND)
/* Chains that may be left behind with a source that cannot be stopped */
#define MAX_LOST_CHAINS 8

static gboolean cropped;
static gboolean passages;
static gchar *countries;
static gchar *engine;
static gint stall_timeout = 30;

static const GOptionEntry entries[] = {
  { "cropped", 0, 0, G_OPTION_ARG_NONE, &cropped,
      "Take each picture as one plate", NULL },
  { "passages", 0, 0, G_OPTION_ARG_NONE, &passages,
      "Print one object a vehicle instead of one a plate and frame", NULL },
  { "countries", 0, 0, G_OPTION_ARG_STRING, &countries,
      "Countries to expect, likeliest first, such as BE,NL", "CODES" },
  { "engine", 0, 0, G_OPTION_ARG_STRING, &engine,
      "What reads the plates: an engine of plateocr", "NAME" },
  { "stall-timeout", 0, 0, G_OPTION_ARG_INT, &stall_timeout,
      "Give a file up that brings nothing for so long; 30 by default",
      "SECONDS" },
  { NULL },
};

/* The file being read */
typedef struct {
  const gchar *path;
  gboolean picture;
  AnprChain *chain;
  guint64 frame;
  gint64 last_news; /* monotonic, microseconds */
  gboolean failed;
  gboolean stalled;
} Reading;

/* Chains of this run, by whether they are for pictures */
static AnprChain *chains[2];
static guint n_lost_chains;
/* The chain itself does not work, so no file can be read */
static gboolean broken;
static gboolean wrong_usage;

static AnprChain *
make_chain (gboolean picture, GError **error)
{
  gboolean track = !picture || passages;
  g_autofree gchar *description = g_strdup_printf (
      "platedetect name=detect whole-frame=%s ! %s plateocr name=ocr ! "
      "appsink name=end sync=false max-buffers=2",
      cropped ? "true" : "false",
      !track    ? ""
      : picture ? "platetrack min-reads=1 !"
                : "platetrack !");

  return anpr_chain_new (description, error);
}

static gboolean
configure_chain (AnprChain *chain)
{
  if (engine && !anpr_chain_set (chain, "ocr", "engine", engine)) {
    anprctl_usage ("plateocr has no engine \"%s\"", engine);
    wrong_usage = TRUE;
    return FALSE;
  }
  return !countries || anpr_chain_set (chain, "ocr", "countries", countries);
}

static AnprChain *
get_chain (gboolean picture)
{
  g_autoptr (GError) error = NULL;

  if (chains[picture])
    return chains[picture];
  chains[picture] = make_chain (picture, &error);
  if (!chains[picture])
    anpr_console_fault ("anprctl", anpr_error_name (error), error->message,
        "Check with gst-inspect-1.0 that the plugins are installed.");
  return chains[picture];
}

static void
fail (Reading *reading, AnprError code, const gchar *message)
{
  anpr_console_fault (reading->path, anpr_error_code_name (code), message,
      anpr_error_code_advice (code));
  reading->failed = TRUE;
}

static void
print_object (JsonObject *object)
{
  g_autofree gchar *line = anpr_json_to_line (object);

  anpr_console_print (line);
}

/* A cut-out is one plate, whatever is on it. Else what neither detector nor
 * reader was sure of is left out, as it is everywhere. */
static gboolean
is_told (const AnprPlate *plate)
{
  if (plate->track_state == ANPR_TRACK_LOST)
    return FALSE;
  return cropped || !plate->passage || anpr_passage_is_vehicle (plate->passage);
}

static void
print_plates (Reading *reading, GstSample *sample)
{
  GstAnprMeta *meta = gst_buffer_get_anpr_meta (gst_sample_get_buffer (sample));
  guint64 time = gst_segment_to_stream_time (gst_sample_get_segment (sample),
      GST_FORMAT_TIME, GST_BUFFER_PTS (gst_sample_get_buffer (sample)));

  for (guint i = 0; meta && i < gst_anpr_meta_get_n_plates (meta); i++) {
    const AnprPlate *plate = gst_anpr_meta_get_plate (meta, i);
    g_autoptr (JsonObject) object = NULL;

    if (!is_told (plate))
      continue;
    object = anpr_plate_to_read_json (reading->path, plate);
    if (!reading->picture)
      anpr_read_json_set_frame (object, reading->frame, time);
    print_object (object);
  }
}

static void
print_passage (Reading *reading, GstMessage *message)
{
  const GstStructure *structure = gst_message_get_structure (message);
  g_autoptr (AnprPassage) passage = NULL;
  g_autoptr (JsonObject) object = NULL;

  if (!gst_structure_has_name (structure, "anpr-passage")
      || g_strcmp0 (gst_structure_get_string (structure, "state"), "lost") != 0
      || !gst_structure_get (
          structure, "passage", ANPR_TYPE_PASSAGE, &passage, NULL))
    return;
  object = anpr_passage_to_read_json (reading->path, passage);
  print_object (object);
}

static void
handle_fault (Reading *reading, GstMessage *message)
{
  g_auto (AnprFault) fault = { 0 };

  if (!anpr_chain_parse_fault (reading->chain, message, &fault))
    return;
  if (!fault.fatal && fault.of_input)
    return; /* a decoder's remark; whether enough came is checked at the end */
  if (reading->failed && fault.fatal)
    return; /* what follows from the first one */
  if (fault.fatal && fault.of_input
      && anpr_input_file_ends_early (reading->path)) {
    fail (reading, ANPR_ERROR_INPUT_TRUNCATED, fault.message);
    return;
  }
  anpr_console_fault (reading->path, fault.code, fault.message, fault.advice);
  reading->failed |= fault.fatal;
  broken |= fault.fatal && !fault.of_input;
}

static void
handle_messages (Reading *reading)
{
  g_autoptr (GstBus) bus = anpr_chain_get_bus (reading->chain);
  GstMessage *message;

  while ((message = gst_bus_pop (bus))) {
    if (passages && GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT)
      print_passage (reading, message);
    else
      handle_fault (reading, message);
    gst_message_unref (message);
  }
}

static gboolean
is_stalled (Reading *reading)
{
  gint64 waited = g_get_monotonic_time () - reading->last_news;

  return stall_timeout > 0 && waited > stall_timeout * G_USEC_PER_SEC;
}

static void
read_frames (Reading *reading)
{
  g_autoptr (GstElement) end = anpr_chain_get (reading->chain, "end");
  GstAppSink *sink = GST_APP_SINK (end);

  reading->last_news = g_get_monotonic_time ();
  while (!reading->failed && !reading->stalled) {
    g_autoptr (GstSample) sample =
        gst_app_sink_try_pull_sample (sink, POLL_TIME);

    if (sample) {
      if (!passages)
        print_plates (reading, sample);
      reading->frame++;
      reading->last_news = g_get_monotonic_time ();
    } else if (gst_app_sink_is_eos (sink)) {
      break;
    } else {
      reading->stalled = is_stalled (reading);
    }
    handle_messages (reading);
  }
  handle_messages (reading);
}

static void
check_end (Reading *reading)
{
  if (reading->failed)
    return;
  if (reading->stalled)
    fail (reading, ANPR_ERROR_INPUT_FORMAT, "nothing came of it any more");
  else if (anpr_input_file_ends_early (reading->path)
           || anpr_chain_ended_early (reading->chain))
    fail (reading, ANPR_ERROR_INPUT_TRUNCATED, "it is not complete");
  else if (reading->frame == 0)
    fail (reading, ANPR_ERROR_INPUT_FORMAT, "there are no pictures in it");
}

static void
close_chain (Reading *reading)
{
  g_autoptr (GstElement) end = NULL;
  g_autoptr (GstBus) bus = anpr_chain_get_bus (reading->chain);

  if (!anpr_chain_close (reading->chain)) {
    chains[reading->picture] = NULL;
    broken |= ++n_lost_chains >= MAX_LOST_CHAINS;
    return;
  }
  /* what is left is about this file */
  gst_bus_set_flushing (bus, TRUE);
  gst_bus_set_flushing (bus, FALSE);
  /* appsink forgets the end of the stream only on its way to READY */
  end = anpr_chain_get (reading->chain, "end");
  gst_element_set_state (end, GST_STATE_NULL);
}

/* Gives whether it was read to its end */
static gboolean
read_file (const gchar *path)
{
  Reading reading = { .path = path };
  g_autoptr (GError) error = NULL;

  if (!anpr_input_file_check (path, &error)) {
    anpr_console_error (path, error);
    return FALSE;
  }
  reading.picture = anpr_media_is_picture (path);
  reading.chain = get_chain (reading.picture);
  if (!reading.chain || !configure_chain (reading.chain)) {
    broken = TRUE;
    return FALSE;
  }
  if (anpr_chain_open_file (reading.chain, path) == GST_STATE_CHANGE_FAILURE) {
    handle_messages (&reading);
    if (!reading.failed)
      fail (&reading, ANPR_ERROR_INPUT_OPEN, "it could not be started");
  } else {
    read_frames (&reading);
    check_end (&reading);
  }
  close_chain (&reading);
  return !reading.failed;
}

static AnprctlStatus
check_options (gchar **arguments)
{
  static const gchar codes[] = "^[A-Za-z]{2}(,[A-Za-z]{2})*$";

  if (!arguments[0])
    return anprctl_usage ("no file is given");
  if (countries && !g_regex_match_simple (codes, countries, 0, 0))
    return anprctl_usage (
        "countries are codes of two letters with commas, not \"%s\"",
        countries);
  if (stall_timeout < 0)
    return anprctl_usage ("the stall timeout cannot be negative");
  return ANPRCTL_DONE;
}

static AnprctlStatus
run (gchar **arguments)
{
  AnprctlStatus status = check_options (arguments);

  if (status != ANPRCTL_DONE)
    return status;
  gst_init (NULL, NULL);
  for (guint i = 0; arguments[i]; i++) {
    if (broken && !wrong_usage)
      anpr_console_note ("%s: not read", arguments[i]);
    if (broken || !read_file (arguments[i]))
      status = wrong_usage ? ANPRCTL_USAGE : ANPRCTL_FAILED;
  }
  for (guint i = 0; i < G_N_ELEMENTS (chains); i++)
    g_clear_pointer (&chains[i], anpr_chain_free);
  return status;
}

const AnprctlCommand anprctl_command_read = {
  .name = "read",
  .arguments = "FILE…",
  .summary = "Read plates in pictures and videos, print them as JSON",
  .description =
      "Prints one JSON object a line: for a picture one a plate, for a video "
      "one a\nplate and frame, with --passages one a vehicle. Each file is "
      "read "
      "as it lies;\norientation notes of cameras are not followed.\n\n"
      "A file that cannot be read is named on standard error with a code, and "
      "the\nrest is read.",
  .entries = entries,
  .run = run,
};
