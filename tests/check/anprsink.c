/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The fixture's source pad has no source behind it, so to the sink the stream is
 * not live; a GstHarness always is. */

#include <fcntl.h>
#include <glib/gstdio.h>
#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef HAVE_TURBOJPEG
#include <turbojpeg.h>
#endif

#include "plugins/anprsink/spool.h"
#include "plugins/anprsink/stilljpeg.h"
#include "plugins/anprsink/writer.h"
#include "plugins/meta/gstanprpassing.h"
#include "plugins/record/error.h"

static gchar *folder;
static gchar *spool_path;
static gchar *json_path;
static GstElement *sink;
static GstPad *source;
static GstBus *bus;

static GstStaticPadTemplate source_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

static void
setup (void)
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

static void
teardown (void)
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

static void
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

static void
start (const gchar *location, const gchar *json)
{
  g_object_set (sink, "location", location, "json", json, "position", "gate",
      "device", "box-1", NULL);
  start_stream ();
}

static void
stop (void)
{
  fail_unless_equals_int (
      gst_element_set_state (sink, GST_STATE_READY), GST_STATE_CHANGE_SUCCESS);
  gst_pad_set_active (source, FALSE);
}

static AnprStill *
new_still (guint width, guint height, guint8 luma, guint8 noise)
{
  AnprStill *still = anpr_still_new (width, height);
  gsize pixels = (gsize) width * height;

  memset (still->i420, 128, anpr_still_size (still));
  for (gsize i = 0; i < pixels; i++)
    still->i420[i] = luma + (noise ? g_random_int_range (0, noise) : 0);
  return still;
}

static AnprPassage *
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

static void
push_passages (guint n, gboolean hit, AnprStill *still)
{
  for (guint i = 0; i < n; i++) {
    g_autoptr (AnprPassage) passage = new_passage (hit, still);

    (void) gst_pad_push_event (source, gst_anpr_event_new_closing (passage));
  }
}

static void
push_eos (void)
{
  fail_unless (gst_pad_push_event (source, gst_event_new_eos ()));
}

static gboolean
is_named (GstMessage *message, const gchar *name)
{
  return GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT
         && gst_message_has_name (message, name);
}

/* Waits for the next message of that name and returns it */
static GstMessage *
wait_for (const gchar *name)
{
  while (TRUE) {
    GstMessage *message = gst_bus_timed_pop_filtered (
        bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_ELEMENT | GST_MESSAGE_ERROR);

    fail_if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR);
    if (is_named (message, name))
      return message;
    gst_message_unref (message);
  }
}

static void
wait_for_state (const gchar *state, const gchar *reason)
{
  GstMessage *message = wait_for ("anpr-sink-state");
  const GstStructure *structure = gst_message_get_structure (message);

  fail_unless_equals_string (
      gst_structure_get_string (structure, "state"), state);
  fail_unless_equals_string (
      gst_structure_get_string (structure, "reason"), reason);
  gst_message_unref (message);
}

/* Messages of that name that are on the bus already; takes all */
static guint
count_messages (const gchar *name)
{
  GstMessage *message;
  guint n = 0;

  while ((message = gst_bus_pop (bus))) {
    n += is_named (message, name);
    gst_message_unref (message);
  }
  return n;
}

/* Warnings with that code; takes all messages */
static guint
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

static guint64
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

static gboolean
collect (guint64 sequence, const gchar *record, gpointer user_data)
{
  g_ptr_array_add (user_data, g_strdup (record));
  return TRUE;
}

/* The spool's records, its chain verified */
static GPtrArray *
spool_records (void)
{
  g_autoptr (AnprSpool) spool =
      anpr_spool_open (spool_path, ANPR_SPOOL_READ, NULL, NULL);
  GPtrArray *records = g_ptr_array_new_with_free_func (g_free);
  g_auto (AnprSpoolVerdict) verdict = { 0 };

  fail_unless (spool != NULL);
  fail_unless (anpr_spool_verify (spool, NULL, &verdict, NULL));
  fail_unless (verdict.fault == NULL, "%s", verdict.fault);
  fail_unless (anpr_spool_visit (spool, NULL, collect, records, NULL));
  return records;
}

static guint
count_spool_records (void)
{
  g_autoptr (GPtrArray) records = spool_records ();

  return records->len;
}

static GStrv
json_lines (void)
{
  g_autofree gchar *text = NULL;

  fail_unless (g_file_get_contents (json_path, &text, NULL, NULL));
  if (g_str_has_suffix (text, "\n"))
    text[strlen (text) - 1] = '\0';
  return g_strsplit (text, "\n", -1);
}

GST_START_TEST (test_end_of_stream_means_kept)
{
  make_spool_folder ();
  start (spool_path, NULL);
  push_passages (50, FALSE, NULL);
  push_eos ();
  fail_unless_equals_int (count_spool_records (), 50);
  fail_unless_equals_uint64 (stat_of (sink, "kept"), 50);
  fail_unless_equals_int (count_messages ("anpr-kept"), 50);
}
GST_END_TEST

GST_START_TEST (test_each_kept_passage_is_told_with_its_sequence)
{
  make_spool_folder ();
  start (spool_path, NULL);
  wait_for_state ("keeping", "");
  for (guint64 i = 1; i <= 3; i++) {
    g_autoptr (AnprPassage) passage = new_passage (FALSE, NULL);
    GstMessage *message;
    guint64 sequence;

    gst_pad_push_event (source, gst_anpr_event_new_closing (passage));
    message = wait_for ("anpr-kept");
    fail_unless (gst_structure_get_uint64 (
        gst_message_get_structure (message), "sequence", &sequence));
    fail_unless_equals_uint64 (sequence, i);
    fail_unless_equals_string (
        gst_structure_get_string (gst_message_get_structure (message), "id"),
        anpr_passage_get_id (passage));
    gst_message_unref (message);
  }
}
GST_END_TEST

GST_START_TEST (test_lines_are_the_records_as_kept)
{
  g_autoptr (GPtrArray) records = NULL;
  g_auto (GStrv) lines = NULL;

  make_spool_folder ();
  start (spool_path, json_path);
  push_passages (20, TRUE, NULL);
  push_eos ();
  records = spool_records ();
  lines = json_lines ();
  fail_unless_equals_int (g_strv_length (lines), 20);
  fail_unless_equals_int (records->len, 20);
  for (guint i = 0; i < 20; i++) {
    g_autoptr (JsonNode) node = json_from_string (lines[i], NULL);

    fail_unless (node && JSON_NODE_HOLDS_OBJECT (node));
    fail_unless_equals_string (lines[i], g_ptr_array_index (records, i));
  }
}
GST_END_TEST

GST_START_TEST (test_used_again_it_continues_the_sequence)
{
  make_spool_folder ();
  for (guint run = 1; run <= 3; run++) {
    start (spool_path, NULL);
    push_passages (10, FALSE, NULL);
    push_eos ();
    stop ();
    fail_unless_equals_int (count_spool_records (), 10 * run);
    fail_unless_equals_uint64 (stat_of (sink, "kept"), 10);
  }
}
GST_END_TEST

GST_START_TEST (test_stopped_in_the_middle_it_keeps_what_it_has)
{
  make_spool_folder ();
  start (spool_path, NULL);
  push_passages (200, FALSE, NULL);
  stop ();
  fail_unless_equals_int (count_spool_records (), 200);
}
GST_END_TEST

GST_START_TEST (test_without_location_it_still_writes_lines)
{
  g_auto (GStrv) lines = NULL;

  start (NULL, json_path);
  push_passages (5, FALSE, NULL);
  push_eos ();
  lines = json_lines ();
  fail_unless_equals_int (g_strv_length (lines), 5);
  fail_unless (strstr (lines[0], "\"position\":\"gate\"") != NULL);
  fail_unless_equals_uint64 (stat_of (sink, "kept"), 0);
  fail_unless_equals_int (count_messages ("anpr-sink-state"), 0);
}
GST_END_TEST

GST_START_TEST (test_location_that_cannot_be_written_is_a_state)
{
  g_auto (GStrv) lines = NULL;

  start (spool_path, json_path);
  wait_for_state ("not-keeping", "ANPR-SPOOL-OPEN");
  push_passages (5, FALSE, NULL);
  push_eos ();
  lines = json_lines ();
  fail_unless_equals_int (g_strv_length (lines), 5);
  fail_unless (strstr (lines[4], "\"sequence\":null") != NULL);
  fail_unless_equals_int (count_warnings ("ANPR-SPOOL-OPEN"), 1);
  fail_unless_equals_uint64 (stat_of (sink, "waiting"), 5);
  stop ();
  fail_unless_equals_uint64 (stat_of (sink, "not-kept"), 5);
  fail_unless_equals_int (count_warnings ("ANPR-SPOOL-WRITE"), 1);
}
GST_END_TEST

GST_START_TEST (test_foreign_file_is_a_state_and_left_alone)
{
  g_autofree gchar *text = NULL;

  make_spool_folder ();
  g_file_set_contents (spool_path, "Dear diary, no database here.", -1, NULL);
  start (spool_path, NULL);
  wait_for_state ("not-keeping", "ANPR-SPOOL-SCHEMA");
  push_passages (5, FALSE, NULL);
  push_eos ();
  fail_unless (g_file_get_contents (spool_path, &text, NULL, NULL));
  fail_unless_equals_string (text, "Dear diary, no database here.");
}
GST_END_TEST

GST_START_TEST (test_what_waited_is_kept_when_the_location_comes_back)
{
  g_auto (GStrv) lines = NULL;

  start (spool_path, json_path);
  wait_for_state ("not-keeping", "ANPR-SPOOL-OPEN");
  push_passages (5, FALSE, NULL);
  make_spool_folder ();
  wait_for_state ("keeping", "");
  push_eos ();
  fail_unless_equals_int (count_spool_records (), 5);
  lines = json_lines ();
  fail_unless_equals_int (g_strv_length (lines), 5);
}
GST_END_TEST

GST_START_TEST (test_removed_spool_is_made_anew)
{
  make_spool_folder ();
  start (spool_path, NULL);
  push_passages (1, FALSE, NULL);
  gst_message_unref (wait_for ("anpr-kept"));
  fail_unless_equals_int (g_remove (spool_path), 0);
  push_passages (1, FALSE, NULL);
  wait_for_state ("not-keeping", "ANPR-SPOOL-WRITE");
  wait_for_state ("keeping", "");
  push_eos ();
  fail_unless_equals_int (count_spool_records (), 1);
}
GST_END_TEST

GST_START_TEST (test_full_spool_frees_pictures_and_goes_on)
{
  g_autoptr (AnprStill) still = new_still (320, 240, 20, 200);

  make_spool_folder ();
  g_object_set (sink, "max-size", (guint64) 1 << 20, NULL);
  start (spool_path, NULL);
  push_passages (40, FALSE, still);
  push_eos ();
  fail_unless_equals_int (count_spool_records (), 40);
  fail_unless (stat_of (sink, "images-freed") > 0);
  fail_unless (stat_of (sink, "bytes") < 3 << 20);
  fail_unless_equals_int (count_warnings ("ANPR-SPOOL-FULL"), 1);
}
GST_END_TEST

GST_START_TEST (test_spool_full_of_hits_is_a_state)
{
  g_autoptr (AnprStill) still = new_still (320, 240, 20, 200);
  g_auto (GStrv) lines = NULL;

  make_spool_folder ();
  g_object_set (sink, "max-size", (guint64) 1 << 20, NULL);
  start (spool_path, json_path);
  wait_for_state ("keeping", "");
  push_passages (40, TRUE, still);
  push_eos ();
  wait_for_state ("not-keeping", "ANPR-SPOOL-FULL");
  fail_unless (stat_of (sink, "waiting") > 0);
  fail_unless_equals_uint64 (
      stat_of (sink, "waiting") + stat_of (sink, "kept"), 40);
  lines = json_lines ();
  fail_unless_equals_int (g_strv_length (lines), 40);
}
GST_END_TEST

GST_START_TEST (test_plates_without_passages_are_not_kept)
{
  GstBuffer *buffer = gst_buffer_new ();
  GstAnprMeta *meta = gst_buffer_add_anpr_meta (buffer, 640, 480);
  AnprBox box = { 1, 2, 30, 40 };

  gst_anpr_meta_add_plate (meta, buffer, anpr_plate_new (&box, 0.5));
  make_spool_folder ();
  start (spool_path, NULL);
  fail_unless_equals_int (gst_pad_push (source, buffer), GST_FLOW_OK);
  push_eos ();
  fail_unless_equals_int (count_spool_records (), 0);
}
GST_END_TEST

GST_START_TEST (test_passage_is_told_when_seen_and_when_closed)
{
  GstBuffer *buffer = gst_buffer_new ();
  GstAnprMeta *meta = gst_buffer_add_anpr_meta (buffer, 640, 480);
  g_autoptr (AnprPassage) passage = new_passage (FALSE, NULL);
  AnprBox box = { 1, 2, 30, 40 };
  AnprPlate *plate = anpr_plate_new (&box, 0.5);
  static const gchar *const states[] = { "new", "lost" };

  plate->passage = anpr_passage_ref (passage);
  gst_anpr_meta_add_plate (meta, buffer, plate);
  start (NULL, NULL);
  fail_unless_equals_int (gst_pad_push (source, buffer), GST_FLOW_OK);
  gst_pad_push_event (source, gst_anpr_event_new_closing (passage));
  for (guint i = 0; i < G_N_ELEMENTS (states); i++) {
    GstMessage *message = wait_for ("anpr-passage");

    fail_unless_equals_string (
        gst_structure_get_string (gst_message_get_structure (message), "state"),
        states[i]);
    gst_message_unref (message);
  }
}
GST_END_TEST

GST_START_TEST (test_it_says_what_it_wants)
{
  GstAnprWanted wanted;

  start (NULL, NULL);
  gst_anpr_pad_query_wanted (source, &wanted);
  fail_unless (wanted.passages);
  fail_unless_equals_int (wanted.stills, anpr_still_jpeg_is_available ());
  stop ();
  g_object_set (sink, "images", FALSE, NULL);
  start (NULL, NULL);
  gst_anpr_pad_query_wanted (source, &wanted);
  fail_unless (wanted.passages);
  fail_if (wanted.stills);
}
GST_END_TEST

/* --- a reader that does not read --- */

static int
make_stuck_pipe (void)
{
  int reader;

  fail_unless_equals_int (mkfifo (json_path, 0600), 0);
  reader = open (json_path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  fail_if (reader < 0);
  return reader;
}

static void
wait_until_full (GstElement *element)
{
  while (stat_of (element, "waiting") < ANPR_WRITER_MAX_PASSAGES)
    g_thread_yield ();
}

static gpointer
push_too_many (gpointer unused)
{
  push_passages (2 * ANPR_WRITER_MAX_PASSAGES, FALSE, NULL);
  return NULL;
}

GST_START_TEST (test_file_waits_for_a_full_queue_until_stopped)
{
  int reader = make_stuck_pipe ();
  GThread *pushing;

  start (NULL, json_path);
  pushing = g_thread_new ("pushing", push_too_many, NULL);
  wait_until_full (sink);
  stop ();
  (void) g_thread_join (pushing);
  fail_unless_equals_uint64 (stat_of (sink, "dropped"), 0);
  close (reader);
}
GST_END_TEST

GST_START_TEST (test_flush_frees_a_stream_that_waits)
{
  int reader = make_stuck_pipe ();
  GThread *pushing;

  start (NULL, json_path);
  pushing = g_thread_new ("pushing", push_too_many, NULL);
  wait_until_full (sink);
  fail_unless (gst_pad_push_event (source, gst_event_new_flush_start ()));
  (void) g_thread_join (pushing);
  fail_unless (gst_pad_push_event (source, gst_event_new_flush_stop (TRUE)));
  close (reader);
}
GST_END_TEST

/* refused if the sink is stopped first */
static gpointer
try_to_end (gpointer unused)
{
  (void) gst_pad_push_event (source, gst_event_new_eos ());
  return NULL;
}

GST_START_TEST (test_end_of_stream_that_waits_can_be_stopped)
{
  int reader = make_stuck_pipe ();
  GThread *pushing;

  start (NULL, json_path);
  push_passages (500, FALSE, NULL);
  pushing = g_thread_new ("eos", try_to_end, NULL);
  stop ();
  (void) g_thread_join (pushing);
  close (reader);
}
GST_END_TEST

static AnprSpoolSummary
spool_summary (void)
{
  g_autoptr (AnprSpool) spool =
      anpr_spool_open (spool_path, ANPR_SPOOL_READ, NULL, NULL);
  AnprSpoolSummary summary;

  fail_unless (spool != NULL);
  fail_unless (anpr_spool_summarise (spool, &summary, NULL));
  return summary;
}

GST_START_TEST (test_live_stream_drops_the_oldest_without_a_hit)
{
  const guint n_passages = ANPR_WRITER_MAX_PASSAGES + 200;
  GstHarness *harness = gst_harness_new ("anprsink");
  int reader = make_stuck_pipe ();
  AnprSpoolSummary summary;
  guint64 dropped;

  make_spool_folder ();
  gst_element_set_bus (harness->element, bus);
  (void) gst_element_set_state (harness->element, GST_STATE_NULL);
  g_object_set (
      harness->element, "json", json_path, "location", spool_path, NULL);
  gst_harness_set_src_caps_str (harness, "application/x-any");
  gst_harness_play (harness);
  gst_harness_push (harness, gst_buffer_new ());
  for (guint i = 0; i < n_passages; i++) {
    g_autoptr (AnprPassage) passage = new_passage (i % 2, NULL);

    fail_unless (
        gst_harness_push_event (harness, gst_anpr_event_new_closing (passage)));
  }
  dropped = stat_of (harness->element, "dropped");
  fail_unless (dropped > 0);
  fail_unless (
      stat_of (harness->element, "waiting") <= ANPR_WRITER_MAX_PASSAGES);
  fail_unless_equals_int (count_warnings ("ANPR-SPOOL-OVERLOAD"), 1);
  gst_harness_teardown (harness);
  summary = spool_summary ();
  fail_unless_equals_uint64 (summary.hits, n_passages / 2);
  fail_unless_equals_uint64 (summary.passages, n_passages - dropped);
  close (reader);
}
GST_END_TEST

GST_START_TEST (test_reader_that_goes_away_is_a_warning)
{
  int reader = make_stuck_pipe ();

  start (NULL, json_path);
  push_passages (500, FALSE, NULL);
  close (reader);
  push_eos ();
  fail_unless (stat_of (sink, "lines-lost") > 0);
  fail_unless_equals_int (count_warnings ("ANPR-OUTPUT"), 1);
}
GST_END_TEST

/* --- pictures --- */

#ifdef HAVE_TURBOJPEG
/* Mean red, green and blue of a JPEG of that size */
static void
decode (GBytes *jpeg, gint width, gint height, gint *mean)
{
  tjhandle decoder = tjInitDecompress ();
  g_autofree guint8 *pixels = g_malloc ((gsize) width * height * 3);
  gint64 sums[3] = { 0 };
  gsize size;
  const guchar *data = g_bytes_get_data (jpeg, &size);
  gint w, h, subsampling, colours;

  fail_unless_equals_int (
      tjDecompressHeader3 (decoder, data, size, &w, &h, &subsampling, &colours),
      0);
  fail_unless_equals_int (w, width);
  fail_unless_equals_int (h, height);
  fail_unless_equals_int (
      tjDecompress2 (decoder, data, size, pixels, w, 0, h, TJPF_RGB, 0), 0);
  for (gsize i = 0; i < (gsize) width * height * 3; i++)
    sums[i % 3] += pixels[i];
  for (guint i = 0; i < 3; i++)
    mean[i] = (gint) (sums[i] / ((gint64) width * height));
  (void) tjDestroy (decoder);
}

static void
fill (AnprStill *still, guint8 luma, guint8 cb, guint8 cr)
{
  gsize pixels = (gsize) still->width * still->height;

  memset (still->i420, luma, pixels);
  memset (still->i420 + pixels, cb, pixels / 4);
  memset (still->i420 + pixels * 5 / 4, cr, pixels / 4);
}

GST_START_TEST (test_picture_has_the_colours_of_the_video)
{
  static const struct {
    guint8 yuv[3];
    gboolean full_range, bt709;
    gint rgb[3];
  } cases[] = {
    { { 16, 128, 128 }, FALSE, FALSE, { 0, 0, 0 } },
    { { 235, 128, 128 }, FALSE, FALSE, { 255, 255, 255 } },
    { { 255, 128, 128 }, TRUE, FALSE, { 255, 255, 255 } },
    { { 0, 128, 128 }, TRUE, TRUE, { 0, 0, 0 } },
    { { 235, 128, 128 }, FALSE, TRUE, { 255, 255, 255 } },
    /* 75 % red and 75 % blue of colour bars, in either matrix */
    { { 65, 100, 212 }, FALSE, FALSE, { 191, 0, 0 } },
    { { 51, 109, 212 }, FALSE, TRUE, { 191, 0, 0 } },
    { { 35, 212, 114 }, FALSE, FALSE, { 0, 0, 191 } },
    { { 28, 212, 120 }, FALSE, TRUE, { 0, 0, 191 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (AnprStill) still = anpr_still_new (34, 18);
    g_autoptr (GBytes) jpeg = NULL;
    gint mean[3];

    fill (still, cases[i].yuv[0], cases[i].yuv[1], cases[i].yuv[2]);
    still->full_range = cases[i].full_range;
    still->bt709 = cases[i].bt709;
    jpeg = anpr_still_to_jpeg (still, NULL);
    fail_unless (jpeg != NULL);
    decode (jpeg, 34, 18, mean);
    for (guint j = 0; j < 3; j++)
      fail_unless (ABS (mean[j] - cases[i].rgb[j]) <= 4,
          "case %u colour %u: %d, not %d", i, j, mean[j], cases[i].rgb[j]);
  }
}
GST_END_TEST

GST_START_TEST (test_stills_are_kept_as_pictures)
{
  g_autoptr (AnprStill) still = new_still (320, 240, 100, 50);
  g_autoptr (AnprPassage) passage = new_passage (FALSE, still);
  g_autoptr (AnprSpool) spool = NULL;
  static const gchar *const kinds[] = { "plate", "vehicle" };

  make_spool_folder ();
  start (spool_path, NULL);
  gst_pad_push_event (source, gst_anpr_event_new_closing (passage));
  push_eos ();
  spool = anpr_spool_open (spool_path, ANPR_SPOOL_READ, NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    g_autoptr (GBytes) jpeg = anpr_spool_get_image (
        spool, anpr_passage_get_id (passage), kinds[i], NULL);
    gint mean[3];

    fail_unless (jpeg != NULL);
    decode (jpeg, 320, 240, mean);
  }
}
GST_END_TEST

GST_START_TEST (test_without_images_none_are_kept)
{
  g_autoptr (AnprStill) still = new_still (64, 32, 100, 50);
  g_autoptr (AnprSpool) spool = NULL;
  AnprSpoolSummary summary;

  make_spool_folder ();
  g_object_set (sink, "images", FALSE, NULL);
  start (spool_path, NULL);
  push_passages (2, FALSE, still);
  push_eos ();
  spool = anpr_spool_open (spool_path, ANPR_SPOOL_READ, NULL, NULL);
  fail_unless (anpr_spool_summarise (spool, &summary, NULL));
  fail_unless_equals_uint64 (summary.passages, 2);
  fail_unless_equals_uint64 (summary.images, 0);
}
GST_END_TEST
#endif

static Suite *
anprsink_suite (void)
{
  Suite *suite = suite_create ("anprsink");
  TCase *keeping = tcase_create ("keeping");
  TCase *failing = tcase_create ("failing");
  TCase *waiting = tcase_create ("waiting");
  TCase *pictures = tcase_create ("pictures");

  suite_add_tcase (suite, keeping);
  tcase_add_checked_fixture (keeping, setup, teardown);
  tcase_add_test (keeping, test_end_of_stream_means_kept);
  tcase_add_test (keeping, test_each_kept_passage_is_told_with_its_sequence);
  tcase_add_test (keeping, test_lines_are_the_records_as_kept);
  tcase_add_test (keeping, test_used_again_it_continues_the_sequence);
  tcase_add_test (keeping, test_stopped_in_the_middle_it_keeps_what_it_has);
  tcase_add_test (keeping, test_without_location_it_still_writes_lines);
  tcase_add_test (keeping, test_plates_without_passages_are_not_kept);
  tcase_add_test (keeping, test_passage_is_told_when_seen_and_when_closed);
  tcase_add_test (keeping, test_it_says_what_it_wants);

  suite_add_tcase (suite, failing);
  tcase_add_checked_fixture (failing, setup, teardown);
  tcase_add_test (failing, test_location_that_cannot_be_written_is_a_state);
  tcase_add_test (failing, test_foreign_file_is_a_state_and_left_alone);
  tcase_add_test (
      failing, test_what_waited_is_kept_when_the_location_comes_back);
  tcase_add_test (failing, test_removed_spool_is_made_anew);
  if (anpr_still_jpeg_is_available ()) {
    tcase_add_test (failing, test_full_spool_frees_pictures_and_goes_on);
    tcase_add_test (failing, test_spool_full_of_hits_is_a_state);
  }
  tcase_add_test (failing, test_reader_that_goes_away_is_a_warning);

  suite_add_tcase (suite, waiting);
  tcase_add_checked_fixture (waiting, setup, teardown);
  tcase_add_test (waiting, test_file_waits_for_a_full_queue_until_stopped);
  tcase_add_test (waiting, test_flush_frees_a_stream_that_waits);
  tcase_add_test (waiting, test_end_of_stream_that_waits_can_be_stopped);
  tcase_add_test (waiting, test_live_stream_drops_the_oldest_without_a_hit);

  suite_add_tcase (suite, pictures);
  tcase_add_checked_fixture (pictures, setup, teardown);
#ifdef HAVE_TURBOJPEG
  tcase_add_test (pictures, test_picture_has_the_colours_of_the_video);
  tcase_add_test (pictures, test_stills_are_kept_as_pictures);
  tcase_add_test (pictures, test_without_images_none_are_kept);
#endif
  return suite;
}

GST_CHECK_MAIN (anprsink)
