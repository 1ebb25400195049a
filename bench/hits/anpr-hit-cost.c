/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What it costs a camera process to compare reads with accepted lists.
 *
 * usage: anpr-hit-cost FOLDER [READS]
 *
 * Opens the lists of the folder as hitmatch does and compares reads with all of
 * them, one after another: Belgian plates at random, each with candidates and
 * with what its signs may be, every tenth one of them a listed plate. Prints a
 * line of JSON:
 *
 * lists, entries      compared with
 * open_s              time to open the lists
 * p50_us ... max_us   time a comparison takes
 * miss_p99_us         of those that found nothing, as nearly all of real traffic
 * hits                reads that found something
 * private_mb          memory of this process alone that the lists cost: what it
 *                     has more than before opening them, but for pages of files
 */

#include "plugins/hitmatch/hitcompare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define READS 200000

/* kB of memory that is this process's own */
static gdouble
get_private_kb (void)
{
  g_autofree gchar *status = NULL;
  const gchar *line;

  if (!g_file_get_contents ("/proc/self/status", &status, NULL, NULL))
    return 0;
  line = strstr (status, "RssAnon:");
  return line ? g_ascii_strtod (line + strlen ("RssAnon:"), NULL) : 0;
}

static gchar *
make_text (GRand *rand)
{
  static const gchar letters[] = "ABCDEFGHIJKLMNPQRSTUVWXYZ";
  gchar text[] = "1AAA000";

  text[0] = (gchar) ('1' + g_rand_int_range (rand, 0, 7));
  for (guint i = 1; i < 4; i++)
    text[i] = letters[g_rand_int_range (rand, 0, sizeof letters - 1)];
  for (guint i = 4; i < 7; i++)
    text[i] = (gchar) ('0' + g_rand_int_range (rand, 0, 10));
  return g_strdup (text);
}

static gchar *
take_listed (const AnprHitLists *lists, GRand *rand)
{
  const AnprHitList *list = anpr_hit_lists_get_list (lists,
      (guint) g_rand_int_range (rand, 0, anpr_hit_lists_get_n_lists (lists)));
  guint n = anpr_hit_list_get_n_entries (list);
  gchar key[ANPR_SHORT_KEY_SIZE];

  if (n == 0)
    return make_text (rand);
  anpr_short_key (
      anpr_hit_list_get_text (list,
          (guint) g_rand_int_range (rand, 0, (gint) n), ANPR_HIT_TEXT_PLATE),
      key);
  return g_strdup (key);
}

/* As a reader tells it: a sign in doubt, three other whole texts */
static AnprRead *
make_read (const gchar *text, GRand *rand)
{
  AnprRead *read = anpr_read_new (ANPR_READ_TEXT, text, 0.8, "bench");
  guint doubtful = (guint) g_rand_int_range (rand, 0, (gint) strlen (text));

  for (guint i = 0; text[i]; i++) {
    AnprCharacter character = { .best = { { text[i], '\0' }, 0.998 } };
    AnprSign other = { "8", 0.15 };

    if (i == doubtful) {
      character.best.confidence = 0.7;
      anpr_character_add_alternative (&character, &other);
    }
    anpr_read_add_character (read, &character);
  }
  anpr_read_add_candidate (read, text, 0.8);
  for (guint i = 0; i < 3; i++) {
    g_autofree gchar *other = make_text (rand);

    anpr_read_add_candidate (read, other, 0.12);
  }
  return read;
}

static gint
compare_times (gconstpointer a, gconstpointer b)
{
  gint64 left = *(const gint64 *) a, right = *(const gint64 *) b;

  return (left > right) - (left < right);
}

static gint64
get_nanoseconds (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (gint64) now.tv_sec * 1000000000 + now.tv_nsec;
}

static gboolean
compare_one (const AnprHitLists *lists, GRand *rand, guint i, gint64 *time)
{
  g_autofree gchar *text =
      i % 10 == 0 ? take_listed (lists, rand) : make_text (rand);
  g_autoptr (AnprRead) read = make_read (text, rand);
  g_autoptr (GPtrArray) compared = NULL, hits = NULL;
  gint64 start = get_nanoseconds ();

  hits =
      anpr_hit_lists_compare (lists, read, g_get_real_time (), NULL, &compared);
  *time = get_nanoseconds () - start;
  return hits->len > 0;
}

/* Microseconds that so large a part of the comparisons takes at most */
static gdouble
get_time (const GArray *times, gdouble part)
{
  if (times->len == 0)
    return 0;
  return g_array_index (times, gint64, (guint) ((times->len - 1) * part)) / 1e3;
}

static void
measure (const AnprHitLists *lists, guint n, gdouble open_s, gdouble before)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  g_autoptr (GArray) times =
      g_array_sized_new (FALSE, FALSE, sizeof (gint64), n);
  g_autoptr (GArray) misses =
      g_array_sized_new (FALSE, FALSE, sizeof (gint64), n);
  gdouble private_kb;

  for (guint i = 0; i < n; i++) {
    gint64 time;
    gboolean hit = compare_one (lists, rand, i, &time);

    g_array_append_val (times, time);
    if (!hit)
      g_array_append_val (misses, time);
  }
  private_kb = get_private_kb () - before
               - (times->len + misses->len) * sizeof (gint64) / 1024.0;
  g_array_sort (times, compare_times);
  g_array_sort (misses, compare_times);
  printf ("{\"lists\": %u, \"entries\": %" G_GUINT64_FORMAT
          ", \"open_s\": %.3f, \"p50_us\": %.2f, \"p99_us\": %.2f, "
          "\"p999_us\": %.2f, \"max_us\": %.1f, \"miss_p99_us\": %.2f, "
          "\"hits\": %u, \"private_mb\": %.2f}\n",
      anpr_hit_lists_get_n_lists (lists), anpr_hit_lists_get_n_entries (lists),
      open_s, get_time (times, 0.5), get_time (times, 0.99),
      get_time (times, 0.999), get_time (times, 1), get_time (misses, 0.99),
      n - misses->len, MAX (private_kb, 0) / 1024);
}

int
main (int argc, char **argv)
{
  guint n = argc > 2 ? (guint) atoi (argv[2]) : READS;
  g_autoptr (GPtrArray) errors = NULL;
  g_autoptr (AnprHitLists) lists = NULL;
  gdouble before = get_private_kb ();
  gint64 start = g_get_monotonic_time ();

  if (argc < 2 || n == 0) {
    fprintf (stderr, "usage: %s FOLDER [READS]\n", argv[0]);
    return 2;
  }
  lists =
      anpr_hit_lists_load (argv[1], NULL, g_get_real_time (), NULL, &errors);
  for (guint i = 0; i < errors->len; i++)
    fprintf (stderr, "%s\n",
        ((const GError *) g_ptr_array_index (errors, i))->message);
  if (errors->len > 0 || anpr_hit_lists_get_n_lists (lists) == 0)
    return 1;
  measure (lists, n,
      (gdouble) (g_get_monotonic_time () - start) / G_USEC_PER_SEC, before);
  return 0;
}
