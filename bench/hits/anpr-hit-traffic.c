/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* False hits a day of a look-alike list on simulated traffic, and of a plain
 * matcher that takes every text at edit distance 1.
 *
 * usage: anpr-hit-traffic TABLE ENTRIES
 *
 * Traffic is a day of 31 positions, 310,000 passages: Belgian plates of today's
 * layout, any as likely as any other, two in a hundred misread in one sign as
 * the reader misreads (signpools.c, from the cut-out plates of TABLE). The list
 * is ENTRIES plates of the same layout. A hit is false if the vehicle does not
 * have the entry's plate. Beside it 2000 passages of listed plates, each
 * misread, tell how many of them are found at all. Prints a line of JSON. */

#include "signpools.h"
#include "../../plugins/hitmatch/hitcompare.h"

#include <glib/gstdio.h>
#include <gst/gst.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PASSAGES 310000
#define MISREAD 0.02
#define WANTED 2000
#define N_GRADES 4

#define HEADER                                                                 \
  "# list: bench\n# authority: bench\n# category: stolen\n# purpose: J1\n"     \
  "# match: look-alike\n# version: 1\n"                                        \
  "# valid-from: 2020-01-01T00:00:00Z\n# valid-until: 2090-01-01T00:00:00Z\n"  \
  "entry,plate,valid-until\n"

typedef struct {
  guint hits[N_GRADES];
  guint passages;
  guint plain_passages;
} Counts;

typedef struct {
  SignPools *pools;
  AnprHitLists *lists;
  GHashTable *listed;
  GPtrArray *plates;
  GRand *rand;
  Counts false_hits;
  guint found;
  guint plain_found;
} Traffic;

static gchar *
make_plate (GRand *rand)
{
  static const gchar letters[] = "ABCDEFGHIJKLMNPQRSTUVWXYZ";
  gchar text[] = "1AAA000";

  text[0] = (gchar) ('1' + g_rand_int_range (rand, 0, 2));
  for (guint i = 1; i < 4; i++)
    text[i] = letters[g_rand_int_range (rand, 0, sizeof letters - 1)];
  for (guint i = 4; i < 7; i++)
    text[i] = (gchar) ('0' + g_rand_int_range (rand, 0, 10));
  return g_strdup (text);
}

static gboolean
make_lists (Traffic *traffic, guint n)
{
  g_autoptr (GString) text = g_string_new (HEADER);
  g_autoptr (GPtrArray) errors = NULL;
  g_autofree gchar *path = NULL;
  gint fd = g_file_open_tmp ("anpr-hits-XXXXXX.csv", &path, NULL);

  for (guint i = 0; i < n; i++) {
    gchar *plate = make_plate (traffic->rand);

    g_ptr_array_add (traffic->plates, plate);
    g_hash_table_add (traffic->listed, plate);
    g_string_append_printf (text, "E%u,%s,2089-01-01T00:00:00Z\n", i, plate);
  }
  if (fd < 0 || !g_close (fd, NULL)
      || !g_file_set_contents (path, text->str, (gssize) text->len, NULL))
    return FALSE;
  traffic->lists =
      anpr_hit_lists_load (path, NULL, g_get_real_time (), NULL, &errors);
  g_unlink (path);
  return errors->len == 0;
}

/* --- the plain matcher --------------------------------------------------- */

static gboolean
is_entry (const Traffic *traffic, const gchar *text, const gchar *but)
{
  return strcmp (text, but) != 0
         && g_hash_table_contains (traffic->listed, text);
}

static const gchar signs[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

static gboolean
finds_replaced (const Traffic *traffic, const gchar *read, const gchar *but)
{
  g_autofree gchar *text = g_strdup (read);

  for (guint i = 0; text[i]; i++) {
    for (const gchar *sign = signs; *sign; sign++) {
      text[i] = *sign;
      if (is_entry (traffic, text, but))
        return TRUE;
    }
    text[i] = read[i];
  }
  return FALSE;
}

static gboolean
finds_inserted (const Traffic *traffic, const gchar *read, const gchar *but)
{
  gchar text[ANPR_SHORT_KEY_SIZE + 1];
  gsize n = strlen (read);

  for (gsize i = 0; i <= n; i++)
    for (const gchar *sign = signs; *sign; sign++) {
      memcpy (text, read, i);
      text[i] = *sign;
      memcpy (text + i + 1, read + i, n - i + 1);
      if (is_entry (traffic, text, but))
        return TRUE;
    }
  return FALSE;
}

static gboolean
finds_removed (const Traffic *traffic, const gchar *read, const gchar *but)
{
  gchar text[ANPR_SHORT_KEY_SIZE];
  gsize n = strlen (read);

  for (gsize i = 0; i < n; i++) {
    memcpy (text, read, i);
    memcpy (text + i, read + i + 1, n - i);
    if (is_entry (traffic, text, but))
      return TRUE;
  }
  return FALSE;
}

/* Whether it finds an entry that is not but */
static gboolean
finds_plainly (const Traffic *traffic, const gchar *read, const gchar *but)
{
  return finds_replaced (traffic, read, but)
         || finds_inserted (traffic, read, but)
         || finds_removed (traffic, read, but);
}

/* --- traffic ------------------------------------------------------------- */

static GPtrArray *
compare (const Traffic *traffic, const AnprRead *read)
{
  g_autoptr (GPtrArray) compared = NULL;

  return anpr_hit_lists_compare (
      traffic->lists, read, g_get_real_time (), NULL, &compared);
}

static void
pass (Traffic *traffic)
{
  g_autofree gchar *plate = make_plate (traffic->rand);
  g_autoptr (AnprRead) read = sign_pools_draw (traffic->pools, plate,
      g_rand_double (traffic->rand) < MISREAD, traffic->rand);
  g_autoptr (GPtrArray) hits = compare (traffic, read);
  gboolean found = FALSE;

  for (guint i = 0; i < hits->len; i++) {
    const AnprHit *hit = g_ptr_array_index (hits, i);

    if (strcmp (hit->plate, plate) == 0)
      continue;
    traffic->false_hits.hits[hit->grade]++;
    found = TRUE;
  }
  traffic->false_hits.passages += found;
  traffic->false_hits.plain_passages +=
      finds_plainly (traffic, read->text, plate);
}

static void
pass_wanted (Traffic *traffic)
{
  const gchar *plate = g_ptr_array_index (traffic->plates,
      (guint) g_rand_int_range (traffic->rand, 0, (gint) traffic->plates->len));
  g_autoptr (AnprRead) read =
      sign_pools_draw (traffic->pools, plate, TRUE, traffic->rand);
  g_autoptr (GPtrArray) hits = compare (traffic, read);

  for (guint i = 0; i < hits->len; i++)
    if (strcmp (((AnprHit *) g_ptr_array_index (hits, i))->plate, plate) == 0) {
      traffic->found++;
      break;
    }
  traffic->plain_found += finds_plainly (traffic, read->text, "");
}

static void
tell (const Traffic *traffic)
{
  const Counts *counts = &traffic->false_hits;

  printf (
      "{\"passages\": %d, \"misread_rate\": %g, \"entries\": %u, "
      "\"reads_learnt_from\": %u, \"signs_right\": %u, \"signs_wrong\": %u, "
      "\"false_passages\": %u, \"plain_false_passages\": %u, ",
      PASSAGES, MISREAD, traffic->plates->len, traffic->pools->n_reads,
      traffic->pools->n_right, traffic->pools->n_wrong, counts->passages,
      counts->plain_passages);
  for (guint grade = 0; grade < N_GRADES; grade++)
    printf ("\"false_%s\": %u, ", anpr_grade_to_string (grade),
        counts->hits[grade]);
  printf ("\"misread_wanted_found\": %.3f, "
          "\"plain_misread_wanted_found\": %.3f}\n",
      (gdouble) traffic->found / WANTED,
      (gdouble) traffic->plain_found / WANTED);
}

int
main (int argc, char **argv)
{
  g_auto (SignPools) pools = { 0 };
  g_autoptr (GHashTable) listed = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) plates = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  Traffic traffic = { &pools, NULL, listed, plates, rand };
  g_autoptr (GError) error = NULL;

  gst_init (&argc, &argv);
  if (argc != 3 || atoi (argv[2]) <= 0) {
    fprintf (stderr, "usage: %s TABLE ENTRIES\n", argv[0]);
    return 2;
  }
  sign_pools_init (&pools);
  if (!sign_pools_read (&pools, argv[1], &error)) {
    fprintf (stderr, "%s\n", error->message);
    return 1;
  }
  if (pools.n_wrong == 0 || !make_lists (&traffic, (guint) atoi (argv[2]))) {
    fprintf (stderr, "no misread signs, or no list\n");
    return 1;
  }
  for (guint i = 0; i < PASSAGES; i++)
    pass (&traffic);
  for (guint i = 0; i < WANTED; i++)
    pass_wanted (&traffic);
  tell (&traffic);
  anpr_hit_lists_unref (traffic.lists);
  return 0;
}
