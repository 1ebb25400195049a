/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Hit list files of any bytes. A list is taken or refused with a reason, the
 * same however the file is cut; every entry of a list that is taken, but for
 * patterns, is found by its plate. */

#include "fuzz.h"
#include "plugins/hitmatch/hitlistparser.h"
#include "plugins/record/error.h"

#include <string.h>

#define NOW (G_GINT64_CONSTANT (1780272000) * G_USEC_PER_SEC)

static AnprHitList *
parse (const guint8 *data, size_t size, size_t piece, GError **error)
{
  g_autoptr (AnprHitListParser) parser =
      anpr_hit_list_parser_new ("list.csv", NOW);

  for (size_t i = 0; i < size; i += piece)
    if (!anpr_hit_list_parser_feed (
            parser, (const gchar *) data + i, MIN (piece, size - i), error))
      return NULL;
  return anpr_hit_list_parser_finish (parser, error);
}

static gboolean
finds (const AnprHitList *list, const gchar *key, guint entry)
{
  const AnprListKey *keys;
  guint n = anpr_key_table_find (anpr_hit_list_get_keys (list),
      anpr_short_key_pack (key), ANPR_HIT_LIST_MAX_SAME_PLATE, &keys);

  for (guint i = 0; i < n; i++)
    if (keys[i].entry == entry && !keys[i].indirect)
      return TRUE;
  return FALSE;
}

static void
check_list (const AnprHitList *list)
{
  for (guint i = 0; i < anpr_hit_list_get_n_entries (list); i++) {
    gchar key[ANPR_SHORT_KEY_SIZE];
    AnprHitEntry entry;

    anpr_hit_list_get_entry (list, i, &entry);
    g_assert (entry.valid_from < entry.valid_until);
    g_assert (entry.priority <= 100 && entry.purpose < ANPR_N_PURPOSES);
    for (guint text = 0; text < ANPR_N_HIT_TEXTS; text++) {
      const gchar *value = anpr_hit_list_get_text (list, i, text);

      g_assert (!value || g_utf8_validate (value, -1, NULL));
    }
    if (entry.match == ANPR_LIST_MATCH_PATTERN)
      continue;
    anpr_short_key (anpr_hit_list_get_text (list, i, ANPR_HIT_TEXT_PLATE), key);
    g_assert (finds (list, key, i));
  }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (GError) whole_error = NULL, cut_error = NULL;
  g_autoptr (AnprHitList) whole = parse (data, size, size + 1, &whole_error);
  g_autoptr (AnprHitList) cut = parse (data, size, 7, &cut_error);

  g_assert ((whole == NULL) == (cut == NULL));
  g_assert ((whole == NULL) == (whole_error != NULL));
  if (!whole) {
    g_assert (whole_error->domain == ANPR_ERROR);
    g_assert_cmpstr (whole_error->message, ==, cut_error->message);
    g_assert (g_utf8_validate (whole_error->message, -1, NULL));
    return 0;
  }
  g_assert_cmpuint (anpr_hit_list_get_n_entries (whole), ==,
      anpr_hit_list_get_n_entries (cut));
  check_list (whole);
  return 0;
}
