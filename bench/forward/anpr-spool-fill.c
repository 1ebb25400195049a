/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Fills a spool with passages as a camera's process would have kept them over
 * some time, but at once:
 *
 *   anpr-spool-fill [OPTION…] SPOOL
 *
 * Records have what a read of a Belgian plate has: ten candidates, signs with
 * alternatives, ranked countries. Stills are bytes of noise, as JPEG is to
 * everything behind the sink. Texts are drawn with a fixed seed.
 */

#include "../../plugins/anprsink/spool.h"

#include <stdio.h>
#include <string.h>

#define N_CANDIDATES 10
#define N_ALTERNATIVES 3
#define N_AT_ONCE 100
#define MAX_TEXT 8

static gint count = 1000;
static gint days;
static gint hit_every;
static gint plate_bytes;
static gint vehicle_bytes;
static gint n_positions = 1;
static gchar *position;
static gchar *key;

static const GOptionEntry entries[] = {
  { "count", 'n', 0, G_OPTION_ARG_INT, &count, "Passages", "N" },
  { "days", 'd', 0, G_OPTION_ARG_INT, &days,
      "They were seen evenly over so many days up to now", "N" },
  { "hit-every", 'e', 0, G_OPTION_ARG_INT, &hit_every,
      "Every Nth has a hit; 0 none", "N" },
  { "plate-bytes", 0, 0, G_OPTION_ARG_INT, &plate_bytes,
      "Size of a plate's still; 0 none", "N" },
  { "vehicle-bytes", 0, 0, G_OPTION_ARG_INT, &vehicle_bytes,
      "Size of a vehicle's still; 0 none", "N" },
  { "position", 'p', 0, G_OPTION_ARG_STRING, &position,
      "Name of the position; by default \"gate\"", "NAME" },
  { "key", 0, 0, G_OPTION_ARG_FILENAME, &key,
      "File with the key to encrypt the spool with", "FILE" },
  { "positions", 0, 0, G_OPTION_ARG_INT, &n_positions,
      "So many positions by turns: gate-1, gate-2…", "N" },
  { NULL },
};

static gint64 pretended;

/* In place of GLib's, for the library */
gint64
g_get_real_time (void)
{
  return pretended;
}

static void
draw_text (GRand *rand, gchar *text)
{
  static const gchar letters[] = "ABCDEFGHJKLNPRSTUVWXYZ";

  text[0] = '1' + g_rand_int_range (rand, 0, 2);
  for (guint i = 1; i < 4; i++)
    text[i] = letters[g_rand_int_range (rand, 0, sizeof letters - 1)];
  for (guint i = 4; i < 7; i++)
    text[i] = '0' + g_rand_int_range (rand, 0, 10);
  text[7] = '\0';
}

static void
add_characters (AnprRead *read, const gchar *text)
{
  for (guint i = 0; text[i]; i++) {
    AnprCharacter character = { .best = { .confidence = 0.98 } };

    character.best.sign[0] = text[i];
    for (guint j = 0; j < N_ALTERNATIVES; j++) {
      AnprSign sign = { .confidence = 0.01 / (j + 1) };

      sign.sign[0] = 'A' + (text[i] + j) % 26;
      anpr_character_add_alternative (&character, &sign);
    }
    anpr_read_add_character (read, &character);
  }
}

static AnprRead *
make_read (GRand *rand)
{
  static const AnprCountry countries[] = { { "BE", 0.9 }, { "FR", 0.05 },
    { "NL", 0.02 } };
  gchar text[MAX_TEXT];
  AnprRead *read;

  draw_text (rand, text);
  read = anpr_read_new (ANPR_READ_TEXT, text, 0.97, "ctc");
  add_characters (read, text);
  anpr_read_add_candidate (read, text, 0.97);
  for (guint i = 1; i < N_CANDIDATES; i++) {
    text[1 + i % 6] = text[1 + i % 6] == '1' ? '7' : '1';
    anpr_read_add_candidate (read, text, 0.01 / i);
  }
  anpr_read_set_countries (read, countries, G_N_ELEMENTS (countries));
  return read;
}

static AnprHit *
make_hit (const AnprRead *read)
{
  AnprHit *hit = anpr_hit_new ();

  hit->list = g_strdup ("wanted");
  hit->version = g_strdup ("20260101-1");
  hit->entry = g_strdup ("E12345");
  hit->plate = g_strdup (read->text);
  hit->authority = g_strdup ("Zone");
  hit->reference = g_strdup ("GE.12.L1.000123/2026");
  hit->category = g_strdup ("stolen");
  hit->measure = g_strdup ("stop with caution");
  hit->purpose = g_strdup ("J1");
  hit->matched = g_strdup (read->text);
  hit->likelihood = 0.97;
  hit->list_age = 3600;
  return hit;
}

static AnprPassage *
make_passage (GRand *rand, gint64 utc, gboolean with_hit)
{
  AnprMoment moment = ANPR_MOMENT_INIT;
  AnprBox box = { 600, 500, 180, 40 };
  g_autoptr (AnprRead) read = make_read (rand);
  AnprPassage *passage;

  pretended = moment.utc = utc;
  passage = anpr_passage_new (&moment);
  for (guint i = 0; i < 12; i++) {
    moment.utc = utc + i * 40000;
    anpr_passage_see (passage, &moment, &box, 0.9);
  }
  anpr_passage_add_read (passage, read, &moment, &box);
  anpr_passage_set_direction (passage, ANPR_DIRECTION_IN);
  if (with_hit) {
    g_autoptr (AnprHit) hit = make_hit (read);

    (void) anpr_passage_add_hit (passage, hit);
  }
  anpr_passage_close (passage);
  return passage;
}

static GBytes *
make_still (GRand *rand, gint size)
{
  /* as JPEG begins */
  static const guint8 start[] = { 0xff, 0xd8, 0xff };
  guint8 *data = g_malloc (size);

  for (gint i = 0; i < size; i++)
    data[i] = (guint8) g_rand_int (rand);
  memcpy (data, start, MIN ((gsize) size, sizeof start));
  return g_bytes_new_take (data, size);
}

typedef struct {
  AnprSpool *spool;
  GRand *rand;
  AnprSpoolImage images[2];
  guint n_images;
} Filling;

static void
add_still (Filling *filling, const gchar *kind, gint size)
{
  if (size > 0)
    filling->images[filling->n_images++] =
        (AnprSpoolImage){ kind, make_still (filling->rand, size) };
}

/* Passages first to first + n of all, for one position */
static gboolean
keep_some (Filling *filling, const gchar *name, gint first, gint n,
    gint64 begin, GError **error)
{
  const AnprSpoolPlace place = { "box-1", name, "1" };
  gint64 step = (gint64) days * 86400 * G_USEC_PER_SEC / count;
  AnprSpoolItem items[N_AT_ONCE] = { 0 };
  gboolean kept;

  for (gint i = 0; i < n; i++) {
    gint number = first + i;

    items[i].passage = make_passage (filling->rand, begin + number * step,
        hit_every > 0 && number % hit_every == hit_every - 1);
    items[i].images = filling->images;
    items[i].n_images = filling->n_images;
  }
  kept = anpr_spool_keep (filling->spool, &place, items, n, error);
  for (gint i = 0; i < n; i++) {
    anpr_passage_unref (items[i].passage);
    g_free (items[i].record);
  }
  return kept;
}

static gboolean
fill (Filling *filling, gint64 begin, GError **error)
{
  gint turn = 0;

  for (gint done = 0; done < count; turn++) {
    gint n = MIN (N_AT_ONCE, count - done);
    g_autofree gchar *name =
        n_positions > 1 ? g_strdup_printf ("gate-%d", turn % n_positions + 1)
                        : g_strdup (position ? position : "gate");

    if (!keep_some (filling, name, done, n, begin, error))
      return FALSE;
    done += n;
  }
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new ("SPOOL");
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (AnprSpoolKeys) keys = NULL;
  g_autoptr (GError) error = NULL;
  Filling filling = { 0 };
  gint64 begin;
  gboolean filled;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc != 2) {
    fprintf (stderr, "%s\n", error ? error->message : "give one spool");
    return 2;
  }
  pretended = g_date_time_to_unix (now) * G_USEC_PER_SEC;
  begin = pretended - (gint64) days * 86400 * G_USEC_PER_SEC;
  filling.rand = g_rand_new_with_seed (1);
  if (!key || (keys = anpr_spool_keys_load (key, &error)))
    filling.spool = anpr_spool_open (argv[1], ANPR_SPOOL_WRITE, keys, &error);
  add_still (&filling, "plate", plate_bytes);
  add_still (&filling, "vehicle", vehicle_bytes);
  filled = filling.spool && fill (&filling, begin, &error);
  if (!filled)
    fprintf (stderr, "%s\n", error->message);
  anpr_spool_close (filling.spool);
  return filled ? 0 : 1;
}
