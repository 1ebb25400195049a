/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sinkfixture.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "plugins/meta/gstanprpassing.h"

static gchar *folder;

gchar *spool_path;

gchar *json_path;

GstElement *sink;

GstPad *source;

GstBus *bus;

static GstStaticPadTemplate source_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

void
sink_setup (void)
{
  folder = g_dir_make_tmp ("anpr-sink-XXXXXX", NULL);
  spool_path = g_build_filename (folder, "spool", "passages.spool", NULL);
  json_path = g_build_filename (folder, "passages.json", NULL);
  sink = gst_check_setup_element ("anprsink");
  source = gst_check_setup_src_pad (sink, &source_template);
  bus = gst_bus_new ();
  gst_element_set_bus (sink, bus);
}

static void
remove_folder (const gchar *path)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  const gchar *name;

  while (dir && (name = g_dir_read_name (dir))) {
    g_autofree gchar *child = g_build_filename (path, name, NULL);

    if (g_file_test (child, G_FILE_TEST_IS_DIR))
      remove_folder (child);
    else
      (void) g_remove (child);
  }
  if (dir)
    g_dir_close (dir);
  fail_unless_equals_int (g_rmdir (path), 0);
}

void
sink_teardown (void)
{
  (void) gst_element_set_state (sink, GST_STATE_NULL);
  gst_pad_set_active (source, FALSE);
  gst_bus_set_flushing (bus, TRUE);
  gst_element_set_bus (sink, NULL);
  gst_object_unref (bus);
  gst_check_teardown_src_pad (sink);
  gst_check_teardown_element (sink);
  remove_folder (folder);
  g_free (spool_path);
  g_free (json_path);
  g_free (folder);
}

void
make_spool_folder (void)
{
  g_autofree gchar *path = g_path_get_dirname (spool_path);

  fail_unless_equals_int (g_mkdir (path, 0700), 0);
}

static void
start_stream (void)
{
  GstSegment segment;

  gst_pad_set_active (source, TRUE);
  (void) gst_element_set_state (sink, GST_STATE_PLAYING);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  fail_unless (gst_pad_push_event (source, gst_event_new_stream_start ("s")));
  fail_unless (gst_pad_push_event (source, gst_event_new_segment (&segment)));
  fail_unless_equals_int (
      gst_pad_push (source, gst_buffer_new ()), GST_FLOW_OK);
}

void
start (const gchar *location, const gchar *json)
{
  g_object_set (sink, "location", location, "json", json, "position", "gate",
      "device", "box-1", NULL);
  start_stream ();
}

void
stop (void)
{
  fail_unless_equals_int (
      gst_element_set_state (sink, GST_STATE_READY), GST_STATE_CHANGE_SUCCESS);
  gst_pad_set_active (source, FALSE);
}

AnprStill *
new_still (guint width, guint height, guint8 luma, guint8 noise)
{
  AnprStill *still = anpr_still_new (width, height);
  gsize pixels = (gsize) width * height;

  memset (still->i420, 128, anpr_still_size (still));
  for (gsize i = 0; i < pixels; i++)
    still->i420[i] = luma + (noise ? g_random_int_range (0, noise) : 0);
  return still;
}

AnprPassage *
new_passage (gboolean hit, AnprStill *still)
{
  AnprMoment moment = ANPR_MOMENT_INIT;
  AnprBox box = { 10, 20, 100, 25 };
  g_autoptr (AnprRead) read =
      anpr_read_new (ANPR_READ_TEXT, "1-TST-001", 0.9, "tesseract");
  AnprPassage *passage;

  moment.utc = 1000000;
  passage = anpr_passage_new (&moment);
  anpr_passage_see (passage, &moment, &box, 0.9);
  anpr_passage_add_read (passage, read, &moment, &box);
  if (still)
    anpr_passage_set_stills (passage, still, still);
  if (hit) {
    g_autoptr (AnprHit) found = anpr_hit_new ();

    found->list = g_strdup ("test");
    found->version = g_strdup ("1");
    found->entry = g_strdup ("e1");
    anpr_passage_add_hit (passage, found);
  }
  return passage;
}

void
push_passages (guint n, gboolean hit, AnprStill *still)
{
  for (guint i = 0; i < n; i++) {
    g_autoptr (AnprPassage) passage = new_passage (hit, still);

    (void) gst_pad_push_event (source, gst_anpr_event_new_closing (passage));
  }
}

void
push_eos (void)
{
  fail_unless (gst_pad_push_event (source, gst_event_new_eos ()));
}

guint
count_warnings (const gchar *code)
{
  g_autofree gchar *start = g_strdup_printf ("[%s]", code);
  GstMessage *message;
  guint n = 0;

  while ((message = gst_bus_pop (bus))) {
    fail_if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR);
    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING) {
      g_autoptr (GError) error = NULL;

      gst_message_parse_warning (message, &error, NULL);
      n += g_str_has_prefix (error->message, start);
    }
    gst_message_unref (message);
  }
  return n;
}

guint64
stat_of (GstElement *element, const gchar *name)
{
  GstStructure *stats;
  guint64 value = 0;
  guint small;

  g_object_get (element, "stats", &stats, NULL);
  if (gst_structure_get_uint (stats, name, &small))
    value = small;
  else
    fail_unless (gst_structure_get_uint64 (stats, name, &value));
  gst_structure_free (stats);
  return value;
}

int
make_stuck_pipe (void)
{
  int reader;

  fail_unless_equals_int (mkfifo (json_path, 0600), 0);
  reader = open (json_path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  fail_if (reader < 0);
  return reader;
}
