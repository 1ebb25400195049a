/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "listfixture.h"

#include "plugins/hitmatch/hitcompare.h"
#include "plugins/hitmatch/hitlistparser.h"

AnprHitList *
parse_bytes (const gchar *data, gsize length, gsize piece, GError **error)
{
  g_autoptr (AnprHitListParser) parser =
      anpr_hit_list_parser_new ("folder/a.csv", NOW);

  for (gsize i = 0; i < length; i += piece)
    if (!anpr_hit_list_parser_feed (
            parser, data + i, MIN (piece, length - i), error))
      return NULL;
  return anpr_hit_list_parser_finish (parser, error);
}

AnprHitList *
parse (const gchar *text, GError **error)
{
  return parse_bytes (text, strlen (text), 4096, error);
}

AnprHitList *
parse_good (const gchar *text)
{
  GError *error = NULL;
  AnprHitList *list = parse (text, &error);

  fail_unless (list != NULL, "refused: %s", error ? error->message : "?");
  return list;
}

guint
count_matches (const AnprHitList *list, const gchar *plate)
{
  g_autoptr (AnprRead) read =
      anpr_read_new (ANPR_READ_TEXT, plate, 0.9, "test");
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (AnprHitFound));
  AnprHitQuery query;

  anpr_hit_query_init (&query, read, NOW, NULL);
  anpr_hit_query_find (&query, list, found);
  return found->len;
}

GPtrArray *
compare_at (const AnprHitLists *lists, const gchar *plate, gint64 utc)
{
  g_autoptr (AnprRead) read =
      anpr_read_new (ANPR_READ_TEXT, plate, 0.9, "test");
  g_autoptr (GPtrArray) compared = NULL;

  return anpr_hit_lists_compare (lists, read, utc, NULL, &compared);
}
