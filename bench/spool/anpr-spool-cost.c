/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What it costs to keep passages durably on the disk of a folder.
 *
 * usage: anpr-spool-cost FOLDER [SECONDS]
 *
 * Each way is measured for SECONDS by turns, in ROUNDS rounds, in files made anew;
 * the median of the rounds counts. A passage has a record as a real one and two
 * stills: a plate of 192 x 48 and a vehicle of 640 x 480 pixels. Prints a line of
 * JSON, passages a second:
 *
 * commits               of bare SQLite: one small row a transaction, write-ahead
 *                       log, synchronous=FULL
 * single                one passage a transaction, JPEGs made before
 * together              64 at a time
 * encrypted             the same, encrypted
 * encoding              as a camera's keeper does it: its thread makes the JPEGs
 *                       and keeps what waits, encrypted
 * without_pictures      the same without pictures
 * single_cpu_us ...     CPU time of the process a passage, with what the kernel
 *                       does for it
 * bytes                 of a record in the file with all indexes, without pictures
 * encrypted_bytes       the same, encrypted
 * pictures_bytes        of the two JPEGs of a passage
 */

#include "plugins/anprsink/spoolretention.h"
#include "plugins/anprsink/stilljpeg.h"
#include "plugins/anprsink/writer.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 5
#define BATCH 64
#define FOR_SIZE 2000

typedef struct {
  const gchar *folder;
  gdouble seconds;
  AnprSpoolKeys *keys;
  gchar *key_file;
  AnprStill *plate;
  AnprStill *vehicle;
  GBytes *jpegs[2];
} Bench;

static void
fail (const gchar *what, const GError *error)
{
  g_printerr ("anpr-spool-cost: %s: %s\n", what, error ? error->message : "");
  exit (1);
}

/* As a frame of a camera: shapes, and noise that JPEG cannot leave out */
static AnprStill *
draw_still (guint width, guint height)
{
  AnprStill *still = anpr_still_new (width, height);
  g_autoptr (GRand) random = g_rand_new_with_seed (1);

  for (guint y = 0; y < height; y++) {
    for (guint x = 0; x < width; x++)
      still->i420[y * width + x] =
          (guint8) (60 + 100 * ((x / 40 + y / 30) % 2)
                    + g_rand_int_range (random, 0, 16));
  }
  memset (still->i420 + width * height, 120, width * height / 2);
  return still;
}

static AnprPassage *
new_passage (guint i, const Bench *bench)
{
  static const gchar signs[] = "ABCDEFGHIJ";
  AnprMoment moment = ANPR_MOMENT_INIT;
  AnprBox box = { 812, 640, 192, 48 };
  gchar text[] = "1ABC234";
  AnprPassage *passage;

  moment.utc = g_get_real_time ();
  passage = anpr_passage_new (&moment);
  for (guint n = 0; n < 4; n++) {
    g_autoptr (AnprRead) read = NULL;

    text[1] = signs[i % 10];
    text[3] = signs[n];
    read = anpr_read_new (ANPR_READ_TEXT, text, 0.9, "ctc");
    anpr_passage_see (passage, &moment, &box, 0.9);
    (void) anpr_passage_add_read (passage, read, &moment, &box);
  }
  anpr_passage_set_stills (passage, bench->plate, bench->vehicle);
  anpr_passage_close (passage);
  return passage;
}

static gchar *
file_in (const Bench *bench, const gchar *name)
{
  return g_build_filename (bench->folder, name, NULL);
}

static void
remove_spool (const gchar *path)
{
  static const gchar *const endings[] = { "", "-wal", "-shm", ".reserve" };

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++) {
    g_autofree gchar *file = g_strconcat (path, endings[i], NULL);

    (void) g_unlink (file);
  }
}

/* CPU time of this process so far, seconds */
static gdouble
cpu_seconds (void)
{
  struct timespec now;

  (void) clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (gdouble) now.tv_sec + (gdouble) now.tv_nsec / 1e9;
}

static gdouble
seconds_since (gint64 start)
{
  return (gdouble) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
}

/* --- bare SQLite --- */

/* What one way took in one round: of so many a second, and CPU for each */
typedef struct {
  gdouble rate;
  gdouble cpu;
} Measured;

static Measured
measured (guint64 n, gint64 start, gdouble cpu_start)
{
  return (Measured){ (gdouble) n / seconds_since (start),
    (cpu_seconds () - cpu_start) * 1e6 / (gdouble) MAX (n, 1) };
}

static Measured
measure_commits (const Bench *bench)
{
  g_autofree gchar *path = file_in (bench, "bare.sqlite");
  sqlite3 *database = NULL;
  gdouble cpu_start = cpu_seconds ();
  Measured result;
  gint64 start;
  guint n = 0;

  remove_spool (path);
  if (sqlite3_open (path, &database) != SQLITE_OK
      || sqlite3_exec (database,
             "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
             "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)",
             NULL, NULL, NULL)
             != SQLITE_OK)
    fail (path, NULL);
  start = g_get_monotonic_time ();
  while (seconds_since (start) < bench->seconds) {
    if (sqlite3_exec (database, "INSERT INTO t (b) VALUES ('a small row')",
            NULL, NULL, NULL)
        != SQLITE_OK)
      fail (path, NULL);
    n++;
  }
  result = measured (n, start, cpu_start);
  (void) sqlite3_close (database);
  remove_spool (path);
  return result;
}

/* --- the spool --- */

static void
keep_batch (const Bench *bench, AnprSpool *spool, guint n, guint n_images)
{
  AnprSpoolPlace place = { "box-1", "gate-north", "1" };
  AnprSpoolImage images[] = { { "plate", bench->jpegs[0] },
    { "vehicle", bench->jpegs[1] } };
  AnprSpoolItem items[BATCH] = { 0 };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n; i++)
    items[i] = (AnprSpoolItem){ new_passage (i, bench), images, n_images };
  if (!anpr_spool_keep (spool, &place, items, n, &error))
    fail ("keeping", error);
  for (guint i = 0; i < n; i++) {
    anpr_passage_unref (items[i].passage);
    g_free (items[i].record);
  }
}

static AnprSpool *
open_new (const gchar *path, AnprSpoolKeys *keys)
{
  g_autoptr (GError) error = NULL;
  AnprSpool *spool;

  remove_spool (path);
  spool = anpr_spool_open (path, ANPR_SPOOL_WRITE, keys, &error);
  if (!spool)
    fail (path, error);
  return spool;
}

static Measured
measure_spool (const Bench *bench, AnprSpoolKeys *keys, guint n)
{
  g_autofree gchar *path = file_in (bench, "bench.spool");
  AnprSpool *spool = open_new (path, keys);
  gint64 start = g_get_monotonic_time ();
  gdouble cpu_start = cpu_seconds ();
  guint n_kept = 0;
  Measured result;

  while (seconds_since (start) < bench->seconds) {
    keep_batch (bench, spool, n, 2);
    n_kept += n;
  }
  result = measured (n_kept, start, cpu_start);
  anpr_spool_close (spool);
  remove_spool (path);
  return result;
}

static Measured
measure_single (const Bench *bench)
{
  return measure_spool (bench, NULL, 1);
}

/* As many as the bounds of the log let into one transaction, as the keeper does */
static guint
batch_length (const Bench *bench)
{
  gsize bytes =
      g_bytes_get_size (bench->jpegs[0]) + g_bytes_get_size (bench->jpegs[1]);

  return (guint) CLAMP ((4 << 20) / bytes, 1, BATCH);
}

static Measured
measure_together (const Bench *bench)
{
  return measure_spool (bench, NULL, batch_length (bench));
}

static Measured
measure_encrypted (const Bench *bench)
{
  return measure_spool (bench, bench->keys, batch_length (bench));
}

static gdouble
measure_bytes (const Bench *bench, AnprSpoolKeys *keys)
{
  g_autofree gchar *path = file_in (bench, "size.spool");
  AnprSpool *spool = open_new (path, keys);
  AnprSpoolSummary summary;
  GStatBuf before, after;

  anpr_spool_close (spool);
  (void) g_stat (path, &before);
  spool = anpr_spool_open (path, ANPR_SPOOL_WRITE, keys, NULL);
  for (guint i = 0; i < FOR_SIZE; i += 50)
    keep_batch (bench, spool, 50, 0);
  (void) anpr_spool_summarise (spool, &summary, NULL);
  anpr_spool_close (spool);
  (void) g_stat (path, &after);
  remove_spool (path);
  return (gdouble) (after.st_size - before.st_size)
         / (gdouble) summary.passages;
}

/* --- the keeper --- */

static void
ignore_kept (AnprPassage *passage, guint64 sequence, const gchar *record,
    gpointer user_data)
{
}

static void
ignore_changed (const AnprWriterStats *stats, gpointer user_data)
{
}

static void
note_failed (const GError *error, const gchar *consequence, gpointer user_data)
{
  fail (consequence, error);
}

static Measured
measure_writer (const Bench *bench, gboolean images)
{
  static const AnprWriterListener listener = { ignore_kept, ignore_changed,
    note_failed };
  g_autofree gchar *path = file_in (bench, "keeper.spool");
  AnprWriterSettings settings = { .location = path,
    .key = bench->key_file,
    .device = "box-1",
    .position = "gate-north",
    .images = images,
    .retention = ANPR_SPOOL_DEFAULT_RETENTION,
    .keep_delivered = ANPR_SPOOL_DEFAULT_KEEP_DELIVERED };
  AnprWriter *writer;
  AnprWriterStats last;
  gdouble cpu_start;
  Measured result;
  gint64 start;

  remove_spool (path);
  writer = anpr_writer_new (&settings, &listener, NULL);
  {
    g_autoptr (AnprPassage) first = new_passage (0, bench);

    /* the file is made by then */
    anpr_writer_add (writer, first, FALSE);
    anpr_writer_drain (writer);
  }
  cpu_start = cpu_seconds ();
  start = g_get_monotonic_time ();
  for (guint i = 0; seconds_since (start) < bench->seconds; i++) {
    g_autoptr (AnprPassage) passage = new_passage (i, bench);

    anpr_writer_add (writer, passage, FALSE);
  }
  anpr_writer_drain (writer);
  anpr_writer_get_stats (writer, &last);
  result = measured (last.kept, start, cpu_start);
  anpr_writer_free (writer, &last);
  remove_spool (path);
  return result;
}

static Measured
measure_encoding (const Bench *bench)
{
  return measure_writer (bench, TRUE);
}

static Measured
measure_without_pictures (const Bench *bench)
{
  return measure_writer (bench, FALSE);
}

/* --- all of it --- */

static const struct {
  const gchar *name;
  Measured (*measure) (const Bench *bench);
} ways[] = {
  { "commits", measure_commits },
  { "single", measure_single },
  { "together", measure_together },
  { "encrypted", measure_encrypted },
  { "encoding", measure_encoding },
  { "without_pictures", measure_without_pictures },
};

static gint
compare (gconstpointer a, gconstpointer b)
{
  const gdouble *one = a, *other = b;

  return *one < *other ? -1 : *one > *other;
}

static gdouble
median (gdouble values[ROUNDS])
{
  qsort (values, ROUNDS, sizeof (gdouble), compare);
  return values[ROUNDS / 2];
}

static void
prepare (Bench *bench)
{
  g_autoptr (GError) error = NULL;

  bench->key_file = file_in (bench, "bench.key");
  (void) g_unlink (bench->key_file);
  if (!anpr_spool_key_make (bench->key_file, &error))
    fail (bench->key_file, error);
  bench->keys = anpr_spool_keys_load (bench->key_file, &error);
  bench->plate = draw_still (192, 48);
  bench->vehicle = draw_still (640, 480);
  bench->jpegs[0] = anpr_still_to_jpeg (bench->plate, &error);
  bench->jpegs[1] = error ? NULL : anpr_still_to_jpeg (bench->vehicle, &error);
  if (error)
    fail ("JPEG", error);
}

int
main (int argc, char **argv)
{
  Bench bench = { argc > 1 ? argv[1] : NULL,
    argc > 2 ? g_ascii_strtod (argv[2], NULL) : 1 };
  gdouble rates[G_N_ELEMENTS (ways)][ROUNDS];
  gdouble cpus[G_N_ELEMENTS (ways)][ROUNDS];

  if (!bench.folder || bench.seconds <= 0) {
    g_printerr ("usage: anpr-spool-cost FOLDER [SECONDS]\n");
    return 2;
  }
  prepare (&bench);
  for (guint round = 0; round < ROUNDS; round++) {
    for (guint i = 0; i < G_N_ELEMENTS (ways); i++) {
      Measured result = ways[i].measure (&bench);

      rates[i][round] = result.rate;
      cpus[i][round] = result.cpu;
    }
  }
  printf ("{");
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    printf ("\"%s\": %.0f, \"%s_cpu_us\": %.0f, ", ways[i].name,
        median (rates[i]), ways[i].name, median (cpus[i]));
  printf ("\"bytes\": %.0f, \"encrypted_bytes\": %.0f, "
          "\"pictures_bytes\": %zu}\n",
      measure_bytes (&bench, NULL), measure_bytes (&bench, bench.keys),
      g_bytes_get_size (bench.jpegs[0]) + g_bytes_get_size (bench.jpegs[1]));
  (void) g_unlink (bench.key_file);
  return 0;
}
