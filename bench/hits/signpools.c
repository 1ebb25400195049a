/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Reads as the reader makes them, of plates that nobody has seen.
 *
 * Real cut-out plates are read and compared with their truth sign by sign: for
 * each true sign there is then a pool of what the reader said of it where it
 * was right, with its confidence and its alternatives, and one where it was
 * wrong. Plates read in another length, or with more than two signs wrong, say
 * nothing of single signs and are left out. A read of another plate is drawn
 * sign by sign from the pools; a misread has one sign from the wrong ones. */

#include "signpools.h"
#include "../../plugins/plateocr/platereader.h"
#include "../../plugins/record/platetext.h"

#include <gst/app/gstappsink.h>
#include <gst/gst.h>
#include <gst/video/video.h>
#include <string.h>

#define DECODE_TIME (30 * GST_SECOND)
#define MOST_WRONG 2
#define LEAST_CANDIDATE 0.01

void
sign_pools_init (SignPools *pools)
{
  memset (pools, 0, sizeof *pools);
  for (guint i = 0; i < ANPR_SHORT_KEY_N_SIGNS; i++) {
    pools->right[i] = g_array_new (FALSE, FALSE, sizeof (AnprCharacter));
    pools->wrong[i] = g_array_new (FALSE, FALSE, sizeof (AnprCharacter));
  }
}

void
sign_pools_clear (SignPools *pools)
{
  for (guint i = 0; i < ANPR_SHORT_KEY_N_SIGNS; i++) {
    g_array_unref (pools->right[i]);
    g_array_unref (pools->wrong[i]);
  }
}

/* --- reading ------------------------------------------------------------- */

static guint
count_wrong (const AnprKeySigns *truth, const AnprRead *read)
{
  guint n = 0;

  for (guint i = 0; i < truth->n; i++)
    n += anpr_short_key_sign (anpr_read_get_character (read, i)->best.sign)
         != truth->signs[i];
  return n;
}

static void
add_read (SignPools *pools, const gchar *text, const AnprRead *read)
{
  g_autofree gchar *key = anpr_plate_key (text);
  AnprKeySigns truth;

  pools->n_reads++;
  if (!anpr_short_key_to_signs (key, &truth)
      || anpr_read_get_n_characters (read) != truth.n
      || count_wrong (&truth, read) > MOST_WRONG)
    return;
  for (guint i = 0; i < truth.n; i++) {
    const AnprCharacter *character = anpr_read_get_character (read, i);
    gboolean right =
        anpr_short_key_sign (character->best.sign) == truth.signs[i];

    g_array_append_val (
        (right ? pools->right : pools->wrong)[truth.signs[i]], *character);
    if (right)
      pools->n_right++;
    else
      pools->n_wrong++;
  }
}

static AnprRead *
read_sample (AnprPlateReader *reader, GstSample *sample)
{
  AnprRead *read;
  GstVideoFrame video;
  GstVideoInfo info;
  AnprBox box = { 0 };
  AnprQuad quad;

  if (!gst_video_info_from_caps (&info, gst_sample_get_caps (sample))
      || !gst_video_frame_map (
          &video, &info, gst_sample_get_buffer (sample), GST_MAP_READ))
    return NULL;
  box.width = GST_VIDEO_FRAME_WIDTH (&video);
  box.height = GST_VIDEO_FRAME_HEIGHT (&video);
  anpr_quad_from_box (&quad, &box);
  read = anpr_plate_reader_read (reader, GST_VIDEO_FRAME_PLANE_DATA (&video, 0),
      (gsize) GST_VIDEO_FRAME_PLANE_STRIDE (&video, 0), (guint) box.width,
      (guint) box.height, &box, &quad);
  gst_video_frame_unmap (&video);
  return read;
}

static AnprRead *
read_picture (AnprPlateReader *reader, const gchar *path)
{
  g_autoptr (GstElement) chain = gst_parse_launch (
      "filesrc name=file ! decodebin ! videoconvert ! "
      "video/x-raw,format=GRAY8 ! appsink name=end sync=false",
      NULL);
  g_autoptr (GstElement) source = NULL;
  g_autoptr (GstElement) end = NULL;
  g_autoptr (GstSample) sample = NULL;
  AnprRead *read = NULL;

  if (!chain)
    return NULL;
  source = gst_bin_get_by_name (GST_BIN (chain), "file");
  end = gst_bin_get_by_name (GST_BIN (chain), "end");
  g_object_set (source, "location", path, NULL);
  gst_element_set_state (chain, GST_STATE_PLAYING);
  sample = gst_app_sink_try_pull_sample (GST_APP_SINK (end), DECODE_TIME);
  if (sample)
    read = read_sample (reader, sample);
  gst_element_set_state (chain, GST_STATE_NULL);
  return read;
}

/* A row of the table: path, text, country, lines */
static void
read_row (SignPools *pools, AnprPlateReader *reader, const gchar *folder,
    const gchar *row)
{
  g_auto (GStrv) fields = g_strsplit (row, "\t", 4);
  g_autofree gchar *path = NULL;
  g_autoptr (AnprRead) read = NULL;

  if (g_strv_length (fields) < 4 || strchr (fields[1], '?'))
    return;
  path = g_build_filename (folder, fields[0], NULL);
  read = read_picture (reader, path);
  if (read && read->text)
    add_read (pools, fields[1], read);
}

/**
 * sign_pools_read:
 * @pools: get what the reader makes of the signs
 * @table: of cut-out plates: path, text, country, lines, with tabs between
 * @error: why nothing could be read
 */
gboolean
sign_pools_read (SignPools *pools, const gchar *table, GError **error)
{
  const AnprReaderOptions options = { .engine = ANPR_READER_AUTO };
  g_autofree gchar *text = NULL, *folder = g_path_get_dirname (table);
  g_autoptr (AnprReaderData) data = NULL;
  g_autoptr (AnprPlateReader) reader = NULL;
  g_auto (GStrv) rows = NULL;

  if (!g_file_get_contents (table, &text, NULL, error))
    return FALSE;
  data = anpr_reader_data_load (options.engine, NULL, error);
  reader = data ? anpr_plate_reader_new (data, &options, error) : NULL;
  if (!reader)
    return FALSE;
  rows = g_strsplit (text, "\n", -1);
  for (guint i = 1; rows[0] && rows[i]; i++)
    read_row (pools, reader, folder, rows[i]);
  return TRUE;
}

/* --- drawing ------------------------------------------------------------- */

/* Which sign is misread: one that the reader misreads */
static guint
choose_wrong (const SignPools *pools, const AnprKeySigns *signs, GRand *rand)
{
  guint weights = 0, at;

  for (guint i = 0; i < signs->n; i++)
    weights += pools->wrong[signs->signs[i]]->len;
  if (weights == 0)
    return G_MAXUINT;
  at = (guint) g_rand_int_range (rand, 0, (gint) weights);
  for (guint i = 0; i < signs->n; i++) {
    guint weight = pools->wrong[signs->signs[i]]->len;

    if (at < weight)
      return i;
    at -= weight;
  }
  return G_MAXUINT;
}

static AnprCharacter
draw_character (const GArray *pool, guint8 sign, GRand *rand)
{
  AnprCharacter character = { .best = { "", 0.999 } };

  if (pool->len > 0)
    return g_array_index (pool, AnprCharacter,
        (guint) g_rand_int_range (rand, 0, (gint) pool->len));
  g_strlcpy (character.best.sign, anpr_short_key_sign_text (sign),
      sizeof character.best.sign);
  return character;
}

/* Whole texts with one sign as the reader says it may be */
static void
add_candidates (AnprRead *read)
{
  for (guint i = 0; i < anpr_read_get_n_characters (read); i++) {
    const AnprCharacter *character = anpr_read_get_character (read, i);

    for (guint k = 0; k < character->n_alternatives; k++) {
      const AnprSign *sign = &character->alternatives[k];
      gdouble confidence = read->confidence * sign->confidence
                           / MAX (character->best.confidence, 0.01);
      g_autofree gchar *text = NULL;

      if (confidence < LEAST_CANDIDATE
          || strlen (read->text) != anpr_read_get_n_characters (read))
        continue;
      text = g_strdup_printf (
          "%.*s%s%s", (gint) i, read->text, sign->sign, read->text + i + 1);
      anpr_read_add_candidate (read, text, confidence);
    }
  }
}

/**
 * sign_pools_draw:
 * @pools: what the reader makes of signs
 * @text: what the plate truly says
 * @misread: whether one sign is read wrong
 * @rand: where chance comes from
 *
 * Returns: (transfer full): a read of it
 */
AnprRead *
sign_pools_draw (
    const SignPools *pools, const gchar *text, gboolean misread, GRand *rand)
{
  AnprCharacter characters[ANPR_SHORT_KEY_SIGNS];
  g_autoptr (GString) seen = g_string_new (NULL);
  gdouble confidence = 1;
  AnprKeySigns signs;
  AnprRead *read;
  guint wrong;

  g_return_val_if_fail (anpr_short_key_to_signs (text, &signs), NULL);
  wrong = misread ? choose_wrong (pools, &signs, rand) : G_MAXUINT;
  for (guint i = 0; i < signs.n; i++) {
    guint8 sign = signs.signs[i];

    characters[i] = draw_character (
        i == wrong ? pools->wrong[sign] : pools->right[sign], sign, rand);
    g_string_append (seen, characters[i].best.sign);
    confidence *= characters[i].best.confidence;
  }
  read = anpr_read_new (ANPR_READ_TEXT, seen->str, confidence, "bench");
  for (guint i = 0; i < signs.n; i++)
    anpr_read_add_character (read, &characters[i]);
  add_candidates (read);
  return read;
}
