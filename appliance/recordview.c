/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Records of passages as their readers want them: whatever a line holds,
 * nothing here fails but the parsing of the line itself. */

#include "recordview.h"
#include "../plugins/record/jsonmember.h"

/* The vehicle's plate is the first; a trailer's would follow */
static void
look_at_plate (AnprRecordView *view)
{
  JsonArray *plates = anpr_json_array (view->object, "plates");
  JsonObject *plate =
      anpr_json_length (plates) > 0 ? anpr_json_element (plates, 0) : NULL;

  view->state = anpr_json_string (plate, "state");
  view->text = anpr_json_string (plate, "text");
  view->raw = anpr_json_string (plate, "raw");
  view->confidence = anpr_json_number (plate, "confidence");
  view->frames = (gint64) anpr_json_number (plate, "frames");
  view->countries = anpr_json_array (plate, "countries");
  view->candidates = anpr_json_array (plate, "candidates");
  view->country = "";
  if (anpr_json_length (view->countries) > 0) {
    JsonObject *country = anpr_json_element (view->countries, 0);

    view->country = anpr_json_string (country, "code");
    view->country_score = anpr_json_number (country, "score");
  }
}

/**
 * anpr_record_view_parse:
 * @line: a record, one JSON object
 * @error: why it is none
 *
 * Returns: (transfer full) (nullable): the record
 */
AnprRecordView *
anpr_record_view_parse (const gchar *line, GError **error)
{
  g_autoptr (JsonNode) root = json_from_string (line, error);
  AnprRecordView *view;

  if (!root)
    return NULL;
  if (!JSON_NODE_HOLDS_OBJECT (root)) {
    g_set_error (error, JSON_PARSER_ERROR, JSON_PARSER_ERROR_PARSE,
        "a record is a JSON object");
    return NULL;
  }
  view = g_new0 (AnprRecordView, 1);
  view->object = json_node_dup_object (root);
  view->id = anpr_json_string (view->object, "id");
  view->position = anpr_json_string (view->object, "position");
  view->sequence = (gint64) anpr_json_number (view->object, "sequence");
  view->first_seen = anpr_json_string (view->object, "first_seen");
  view->best_seen = anpr_json_string (view->object, "best_seen");
  view->last_seen = anpr_json_string (view->object, "last_seen");
  view->direction = anpr_json_string (view->object, "direction");
  view->hits = anpr_json_array (view->object, "hits");
  view->compared = anpr_json_array (view->object, "compared");
  look_at_plate (view);
  return view;
}

/**
 * anpr_record_view_free:
 * @view: (nullable) (transfer full): a record
 */
void
anpr_record_view_free (AnprRecordView *view)
{
  if (!view)
    return;
  json_object_unref (view->object);
  g_free (view);
}

/**
 * anpr_record_view_count_hits:
 * @view: a record
 * @with_covert: count those that make no sign on site, too
 *
 * Returns: how many hits there are
 */
guint
anpr_record_view_count_hits (const AnprRecordView *view, gboolean with_covert)
{
  guint n = 0;

  for (guint i = 0; i < anpr_json_length (view->hits); i++)
    n += with_covert
         || !anpr_json_boolean (anpr_json_element (view->hits, i), "covert");
  return n;
}
