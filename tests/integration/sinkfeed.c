/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* An anprsink that passages come to, for tests that kill it:
 *
 *   sinkfeed SPOOL PER-SECOND N HIT-EVERY [PROPERTY=VALUE...]
 *
 * Pushes N passages with two stills, 0 without end, so many a second, every
 * HIT-EVERYth with a hit. Prints "kept ID SEQUENCE" when the sink has told that
 * a passage is kept, and its other messages. Each line is one write().
 */

#include <gst/gst.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugins/meta/gstanprpassing.h"

static void
print_line (const gchar *format, ...)
{
  va_list arguments;
  g_autofree gchar *line = NULL;

  va_start (arguments, format);
  line = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  if (write (STDOUT_FILENO, line, strlen (line)) < 0)
    exit (1);
}

static GstBusSyncReply
on_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  const GstStructure *structure = gst_message_get_structure (message);

  if (gst_message_has_name (message, "anpr-kept")) {
    guint64 sequence;

    gst_structure_get_uint64 (structure, "sequence", &sequence);
    print_line ("kept %s %" G_GUINT64_FORMAT "\n",
        gst_structure_get_string (structure, "id"), sequence);
  } else if (gst_message_has_name (message, "anpr-forward-state")) {
    print_line ("forward %s %s\n",
        gst_structure_get_string (structure, "forward-state"),
        gst_structure_get_string (structure, "forward-reason"));
  } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING) {
    g_autoptr (GError) error = NULL;

    gst_message_parse_warning (message, &error, NULL);
    print_line ("warning %s\n", error->message);
  }
  return GST_BUS_PASS;
}

static void
add_hit (AnprPassage *passage)
{
  g_autoptr (AnprHit) hit = anpr_hit_new ();

  hit->list = g_strdup ("wanted");
  hit->version = g_strdup ("1");
  hit->entry = g_strdup ("e1");
  hit->plate = g_strdup ("1-TST-001");
  hit->authority = g_strdup ("Zone");
  hit->reference = g_strdup ("r1");
  hit->category = g_strdup ("stolen");
  hit->measure = g_strdup ("stop");
  hit->purpose = g_strdup ("J1");
  (void) anpr_passage_add_hit (passage, hit);
}

static AnprPassage *
new_passage (AnprStill *still, gboolean with_hit)
{
  AnprMoment moment = ANPR_MOMENT_INIT;
  AnprBox box = { 10, 20, 100, 25 };
  g_autoptr (AnprRead) read =
      anpr_read_new (ANPR_READ_TEXT, "1-TST-001", 0.9, "ctc");
  AnprPassage *passage;

  moment.utc = g_get_real_time ();
  passage = anpr_passage_new (&moment);
  anpr_passage_see (passage, &moment, &box, 0.9);
  (void) anpr_passage_add_read (passage, read, &moment, &box);
  anpr_passage_set_stills (passage, still, still);
  if (with_hit)
    add_hit (passage);
  return passage;
}

static AnprStill *
new_still (void)
{
  AnprStill *still = anpr_still_new (160, 40);

  memset (still->i420, 128, anpr_still_size (still));
  return still;
}

static GstPad *
start (GstElement *sink)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (sink, "sink");
  GstPad *source = gst_pad_new ("src", GST_PAD_SRC);
  GstSegment segment;

  (void) gst_pad_link (source, pad);
  (void) gst_pad_set_active (source, TRUE);
  (void) gst_element_set_state (sink, GST_STATE_PLAYING);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  (void) gst_pad_push_event (source, gst_event_new_stream_start ("s"));
  (void) gst_pad_push_event (source, gst_event_new_segment (&segment));
  (void) gst_pad_push (source, gst_buffer_new ());
  return source;
}

static void
feed (GstPad *source, gint per_second, gint n, gint hit_every)
{
  g_autoptr (AnprStill) still = new_still ();
  gint64 begin = g_get_monotonic_time ();

  for (gint i = 0; n == 0 || i < n; i++) {
    gint64 due = begin + (gint64) i * G_USEC_PER_SEC / per_second;
    g_autoptr (AnprPassage) passage = NULL;

    while (g_get_monotonic_time () < due)
      g_usleep ((gulong) MAX (1, due - g_get_monotonic_time ()));
    passage =
        new_passage (still, hit_every > 0 && i % hit_every == hit_every - 1);
    (void) gst_pad_push_event (source, gst_anpr_event_new_closing (passage));
  }
}

int
main (int argc, char **argv)
{
  GstElement *sink;
  GstBus *bus;
  GstPad *source;

  gst_init (NULL, NULL);
  if (argc < 5 || !(sink = gst_element_factory_make ("anprsink", NULL)))
    return 2;
  g_object_set (sink, "location", argv[1], "position", "gate", NULL);
  for (int i = 5; i < argc; i++) {
    g_auto (GStrv) parts = g_strsplit (argv[i], "=", 2);

    gst_util_set_object_arg (G_OBJECT (sink), parts[0], parts[1]);
  }
  bus = gst_bus_new ();
  gst_bus_set_sync_handler (bus, on_message, NULL, NULL);
  gst_element_set_bus (sink, bus);
  source = start (sink);
  feed (source, atoi (argv[2]), atoi (argv[3]), atoi (argv[4]));
  (void) gst_pad_push_event (source, gst_event_new_eos ());
  print_line ("eos\n");
  (void) gst_element_set_state (sink, GST_STATE_NULL);
  print_line ("end\n");
  return 0;
}
