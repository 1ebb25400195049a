/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* anpr-redis-cost: what it takes to look up, change and hit lists in Redis.
 *
 *   lookup ADDRESS N          lookups of reads with ten candidates, on no list
 *   update ADDRESS LIST N     from the call that adds an entry to the lookup
 *                             that finds it
 *   hits ADDRESS N            reads of plates HIT000000 to N - 1, a hundred a
 *                             second, through a live pipeline with hitmatch:
 *                             from the buffer to the hit on the bus
 *
 * Prints one JSON object: the number measured, and p50, p99 and most in
 * microseconds. Exit status: 0 done, 1 it did not work, 2 usage. */

#include <gst/app/gstappsrc.h>
#include <gst/gst.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../plugins/hitmatch/redislookup.h"
#include "../../plugins/hitmatch/redisstore.h"
#include "../../plugins/meta/gstanprmeta.h"
#include "../../plugins/record/passage.h"

#define EXIT_USAGE 2
#define TIMEOUT 5000
#define READ_INTERVAL 10000 /* microseconds */
#define CANDIDATES 10

/* Hits that did not come are waited for so long, microseconds */
#define LAST_WAIT (3 * G_TIME_SPAN_SECOND)

static gint
compare_times (gconstpointer a, gconstpointer b)
{
  gint64 left = *(const gint64 *) a, right = *(const gint64 *) b;

  return left < right ? -1 : left > right;
}

static gint64
get_share (const GArray *times, gdouble share)
{
  guint i = (guint) (share * times->len);

  return times->len == 0
             ? 0
             : g_array_index (times, gint64, MIN (i, times->len - 1));
}

static void
print_times (GArray *times)
{
  g_array_sort (times, compare_times);
  printf ("{\"n\":%u,\"p50_us\":%" G_GINT64_FORMAT
          ",\"p99_us\":%" G_GINT64_FORMAT ",\"max_us\":%" G_GINT64_FORMAT "}\n",
      times->len, get_share (times, 0.5), get_share (times, 0.99),
      get_share (times, 1));
}

static AnprRedisConnection *
open_connection (const gchar *uri)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnprRedisAddress) address = anpr_redis_address_parse (uri, &error);
  AnprRedisConnection *connection =
      address ? anpr_redis_connection_new (address, TIMEOUT, &error) : NULL;

  if (!connection)
    fprintf (stderr, "%s\n", error->message);
  return connection;
}

/* --- lookup ------------------------------------------------------------- */

static gchar *
make_plate (GRand *random)
{
  gchar *plate = g_strdup ("1AAA000");

  for (guint i = 1; i < 4; i++)
    plate[i] = (gchar) g_rand_int_range (random, 'A', 'Z' + 1);
  for (guint i = 4; i < 7; i++)
    plate[i] = (gchar) g_rand_int_range (random, '0', '9' + 1);
  return plate;
}

static AnprRead *
make_read (GRand *random)
{
  g_autofree gchar *plate = make_plate (random);
  AnprRead *read = anpr_read_new (ANPR_READ_TEXT, plate, 0.9, "cost");

  for (guint i = 0; i < CANDIDATES; i++) {
    g_autofree gchar *other = make_plate (random);

    anpr_read_add_candidate (read, other, 0.01);
  }
  return read;
}

static int
measure_lookups (AnprRedisConnection *connection, guint n)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  AnprRedisCache *cache = anpr_redis_cache_new ();

  for (guint i = 0; i < n; i++) {
    g_autoptr (AnprRead) read = make_read (random);
    g_autoptr (GError) error = NULL;
    gint64 start = g_get_monotonic_time (), time;
    g_autoptr (AnprRedisAnswer) answer = anpr_redis_lookup (connection, cache,
        read, ANPR_REDIS_ALL_PRIORITIES, anpr_redis_deadline (TIMEOUT), &error);

    if (!answer || answer->damaged > 0) {
      fprintf (stderr, "%s\n", answer ? answer->fault : error->message);
      return EXIT_FAILURE;
    }
    time = g_get_monotonic_time () - start;
    g_array_append_val (times, time);
  }
  anpr_redis_cache_free (cache);
  print_times (times);
  return EXIT_SUCCESS;
}

/* --- update ------------------------------------------------------------- */

static gboolean
is_found (AnprRedisConnection *connection, const AnprRead *read)
{
  g_autoptr (AnprRedisCache) cache = anpr_redis_cache_new ();
  g_autoptr (AnprRedisAnswer) answer = anpr_redis_lookup (connection, cache,
      read, ANPR_REDIS_ALL_PRIORITIES, anpr_redis_deadline (TIMEOUT), NULL);

  for (guint i = 0; answer && i < answer->lists->len; i++)
    if (anpr_hit_list_get_n_entries (g_ptr_array_index (answer->lists, i)) > 0)
      return TRUE;
  return FALSE;
}

static gboolean
add_and_find (AnprRedisConnection *writer, AnprRedisConnection *reader,
    const gchar *list, guint i)
{
  g_autofree gchar *plate = g_strdup_printf ("UPD%06u", i);
  g_autofree gchar *plate_column = g_strconcat ("plate=", plate, NULL);
  g_autofree gchar *entry_column = g_strdup_printf ("entry=UPD-%u", i);
  const gchar *columns[] = { entry_column, plate_column,
    "valid-until=2035-12-31T23:59:59Z", NULL };
  g_autoptr (AnprRead) read =
      anpr_read_new (ANPR_READ_TEXT, plate, 0.9, "cost");
  g_autofree gchar *version = NULL;
  g_autoptr (GError) error = NULL;

  if (!anpr_redis_add (writer, list, columns, &version, &error)) {
    fprintf (stderr, "%s\n", error->message);
    return FALSE;
  }
  return is_found (reader, read);
}

static int
measure_updates (
    AnprRedisConnection *reader, const gchar *uri, const gchar *list, guint n)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (AnprRedisConnection) writer = open_connection (uri);

  for (guint i = 0; writer && i < n; i++) {
    gint64 start = g_get_monotonic_time (), time;

    if (!add_and_find (writer, reader, list, i)) {
      fprintf (stderr, "an entry that was added is not found\n");
      return EXIT_FAILURE;
    }
    time = g_get_monotonic_time () - start;
    g_array_append_val (times, time);
  }
  print_times (times);
  return writer ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* --- hits --------------------------------------------------------------- */

/* begun: by read, when its buffer went in; lock guards all of it */
typedef struct {
  GMutex lock;
  gint64 *begun;
  guint n;
  GArray *times;
} Run;

static GstBusSyncReply
on_message (GstBus *bus, GstMessage *message, gpointer data)
{
  Run *run = data;
  gint64 now = g_get_monotonic_time ();

  if (gst_message_has_name (message, "anpr-hit")) {
    const gchar *text =
        gst_structure_get_string (gst_message_get_structure (message), "text");
    guint64 i = g_ascii_strtoull (text + strlen ("HIT"), NULL, 10);

    g_mutex_lock (&run->lock);
    if (i < run->n) {
      gint64 time = now - run->begun[i];

      g_array_append_val (run->times, time);
    }
    g_mutex_unlock (&run->lock);
  }
  return GST_BUS_DROP;
}

static GstBuffer *
make_buffer (guint i)
{
  g_autofree gchar *text = g_strdup_printf ("HIT%06u", i);
  g_autoptr (AnprRead) read = anpr_read_new (ANPR_READ_TEXT, text, 0.9, "cost");
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 16, NULL);
  GstAnprMeta *meta = gst_buffer_add_anpr_meta (buffer, 64, 64);
  AnprBox box = { 1, 2, 30, 10 };
  AnprPlate *plate = anpr_plate_new (&box, 0.9);
  AnprMoment moment = ANPR_MOMENT_INIT;

  moment.utc = g_get_real_time ();
  plate->passage = anpr_passage_new (&moment);
  (void) anpr_passage_add_read (plate->passage, read, &moment, &box);
  (void) gst_anpr_meta_add_plate (meta, buffer, plate);
  return buffer;
}

static void
push_reads (GstAppSrc *source, Run *run)
{
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < run->n; i++) {
    GstBuffer *buffer = make_buffer (i);
    gint64 wait = start + (gint64) i * READ_INTERVAL - g_get_monotonic_time ();

    if (wait > 0)
      g_usleep ((gulong) wait);
    g_mutex_lock (&run->lock);
    run->begun[i] = g_get_monotonic_time ();
    g_mutex_unlock (&run->lock);
    (void) gst_app_src_push_buffer (source, buffer);
  }
}

static void
wait_for_hits (Run *run)
{
  gint64 end = g_get_monotonic_time () + LAST_WAIT;
  guint n;

  do {
    g_usleep (READ_INTERVAL);
    g_mutex_lock (&run->lock);
    n = run->times->len;
    g_mutex_unlock (&run->lock);
  } while (n < run->n && g_get_monotonic_time () < end);
}

static int
measure_hits (const gchar *uri, guint n)
{
  g_autofree gchar *line = g_strdup_printf (
      "appsrc name=source is-live=true format=time caps=application/x-reads ! "
      "hitmatch redis=\"%s\" ! fakesink sync=false",
      uri);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline = gst_parse_launch (line, &error);
  g_autoptr (GstElement) source = NULL;
  g_autoptr (GstBus) bus = NULL;
  Run run = { .n = n };

  if (!pipeline || error) {
    fprintf (stderr, "%s\n", error->message);
    return EXIT_FAILURE;
  }
  g_mutex_init (&run.lock);
  run.begun = g_new0 (gint64, n);
  run.times = g_array_new (FALSE, FALSE, sizeof (gint64));
  bus = gst_element_get_bus (pipeline);
  gst_bus_set_sync_handler (bus, on_message, &run, NULL);
  source = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  push_reads (GST_APP_SRC (source), &run);
  wait_for_hits (&run);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  print_times (run.times);
  g_array_unref (run.times);
  g_free (run.begun);
  g_mutex_clear (&run.lock);
  return EXIT_SUCCESS;
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  if (argc == 4 && strcmp (argv[1], "hits") == 0)
    return measure_hits (argv[2], (guint) atoi (argv[3]));
  if ((argc == 4 && strcmp (argv[1], "lookup") == 0)
      || (argc == 5 && strcmp (argv[1], "update") == 0)) {
    g_autoptr (AnprRedisConnection) connection = open_connection (argv[2]);

    if (!connection)
      return EXIT_FAILURE;
    if (argc == 4)
      return measure_lookups (connection, (guint) atoi (argv[3]));
    return measure_updates (
        connection, argv[2], argv[3], (guint) atoi (argv[4]));
  }
  fprintf (stderr, "usage: anpr-redis-cost lookup ADDRESS N | "
                   "update ADDRESS LIST N | hits ADDRESS N\n");
  return EXIT_USAGE;
}
