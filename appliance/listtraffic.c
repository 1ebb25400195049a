/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What was read of real traffic, out of a spool: texts with what the reader
 * thought of each sign, and nothing of when and where. */

#include "listtraffic.h"
#include "recordview.h"
#include "spoolopen.h"
#include "../plugins/record/jsonmember.h"

#include <string.h>

static void
take_sign (AnprSign *sign, JsonObject *object)
{
  g_strlcpy (
      sign->sign, anpr_json_string (object, "character"), sizeof sign->sign);
  sign->confidence = anpr_json_number (object, "confidence");
}

static void
add_character (AnprRead *read, JsonObject *object)
{
  JsonArray *alternatives = anpr_json_array (object, "alternatives");
  guint n = MIN (anpr_json_length (alternatives), ANPR_MAX_ALTERNATIVES);
  AnprCharacter character = { 0 };

  take_sign (&character.best, object);
  for (guint i = 0; i < n; i++) {
    AnprSign sign;

    take_sign (&sign, anpr_json_element (alternatives, i));
    anpr_character_add_alternative (&character, &sign);
  }
  anpr_read_add_character (read, &character);
}

static AnprRead *
make_read (JsonObject *plate)
{
  const gchar *text = anpr_json_string (plate, "text");
  JsonArray *characters = anpr_json_array (plate, "characters");
  JsonArray *candidates = anpr_json_array (plate, "candidates");
  AnprRead *read;

  if (!*text)
    return NULL;
  read = anpr_read_new (
      ANPR_READ_TEXT, text, anpr_json_number (plate, "confidence"), "spool");
  for (guint i = 0; i < anpr_json_length (characters); i++)
    add_character (read, anpr_json_element (characters, i));
  for (guint i = 0; i < anpr_json_length (candidates); i++) {
    JsonObject *candidate = anpr_json_element (candidates, i);
    const gchar *other = anpr_json_string (candidate, "text");

    if (*other)
      anpr_read_add_candidate (
          read, other, anpr_json_number (candidate, "confidence"));
  }
  return read;
}

static gboolean
add_passage (guint64 sequence, const gchar *record, gpointer user_data)
{
  AnprListTraffic *traffic = user_data;
  g_autoptr (AnprRecordView) view = anpr_record_view_parse (record, NULL);
  JsonArray *plates = view ? anpr_json_array (view->object, "plates") : NULL;
  AnprRead *read = anpr_json_length (plates) > 0
                       ? make_read (anpr_json_element (plates, 0))
                       : NULL;

  if (read)
    g_ptr_array_add (traffic->reads, read);
  return TRUE;
}

/**
 * anpr_list_traffic_read:
 * @traffic: (out): what was read, to be cleared
 * @spool: name of a spool
 * @error: of domain %ANPR_ERROR
 *
 * Takes the latest %ANPR_LIST_TRAFFIC_MAX passages.
 */
gboolean
anpr_list_traffic_read (
    AnprListTraffic *traffic, const gchar *spool, GError **error)
{
  const AnprSpoolFilter filter = { .limit = ANPR_LIST_TRAFFIC_MAX,
    .newest_first = TRUE };
  g_autoptr (AnprSpool) opened =
      anpr_spool_open_with_option (spool, ANPR_SPOOL_READ, error);
  AnprSpoolSummary summary;

  memset (traffic, 0, sizeof *traffic);
  if (!opened || !anpr_spool_summarise (opened, &summary, error))
    return FALSE;
  traffic->reads =
      g_ptr_array_new_with_free_func ((GDestroyNotify) anpr_read_unref);
  traffic->days = (gdouble) (summary.last_utc - summary.first_utc)
                  / ((gdouble) G_USEC_PER_SEC * 86400);
  /* the days are those of the passages that are looked at */
  if (summary.passages > ANPR_LIST_TRAFFIC_MAX)
    traffic->days *= (gdouble) ANPR_LIST_TRAFFIC_MAX / summary.passages;
  return anpr_spool_visit (opened, &filter, add_passage, traffic, error);
}

/**
 * anpr_list_traffic_clear:
 * @traffic: is emptied
 */
void
anpr_list_traffic_clear (AnprListTraffic *traffic)
{
  g_clear_pointer (&traffic->reads, g_ptr_array_unref);
}
