/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gsthitstructure.h"
#include "../meta/gstanprpassing.h"
#include "../record/jsonmember.h"
#include "../record/passage.h"

static const gchar *
text_or_empty (const gchar *text)
{
  return text ? text : "";
}

/**
 * gst_hit_structure_new: (skip)
 * @hit: a hit
 * @passage_id: (nullable): of its passage
 * @text: the plate key that was read
 * @position: (nullable): the camera's place
 * @moment: when the plate was seen
 *
 * Returns: (transfer full): the structure of the `anpr-hit` message, as the
 *     section comment of hitmatch has it
 */
GstStructure *
gst_hit_structure_new (const AnprHit *hit, const gchar *passage_id,
    const gchar *text, const gchar *position, const AnprMoment *moment)
{
  g_autoptr (JsonObject) object = anpr_hit_to_json (hit, passage_id);
  g_autofree gchar *line = anpr_json_to_line (object);
  GstStructure *structure = gst_structure_new ("anpr-hit", "id", G_TYPE_STRING,
      hit->id, "passage", G_TYPE_STRING, text_or_empty (passage_id), "text",
      G_TYPE_STRING, text, "list", G_TYPE_STRING, hit->list, "version",
      G_TYPE_STRING, hit->version, "entry", G_TYPE_STRING, hit->entry, "plate",
      G_TYPE_STRING, hit->plate, "authority", G_TYPE_STRING,
      text_or_empty (hit->authority), "reference", G_TYPE_STRING,
      text_or_empty (hit->reference), "category", G_TYPE_STRING,
      text_or_empty (hit->category), "measure", G_TYPE_STRING,
      text_or_empty (hit->measure), "warning", G_TYPE_STRING,
      text_or_empty (hit->warning), "reason", G_TYPE_STRING,
      text_or_empty (hit->reason), "priority", G_TYPE_UINT, hit->priority,
      "purpose", G_TYPE_STRING, hit->purpose, "grade", G_TYPE_STRING,
      anpr_grade_to_string (hit->grade), "differing", G_TYPE_STRING,
      text_or_empty (hit->differing), "matched", G_TYPE_STRING,
      text_or_empty (hit->matched), "likelihood", G_TYPE_DOUBLE,
      hit->likelihood, "country-grade", G_TYPE_STRING,
      anpr_country_grade_to_string (hit->country_grade), "list-age",
      G_TYPE_INT64, hit->list_age, "stale", G_TYPE_BOOLEAN, hit->stale,
      "direction", G_TYPE_STRING, anpr_direction_to_string (hit->direction),
      "covert", G_TYPE_BOOLEAN, hit->covert, "late", G_TYPE_BOOLEAN, hit->late,
      "state", G_TYPE_STRING, "unverified", "position", G_TYPE_STRING,
      text_or_empty (position), "hit", G_TYPE_STRING, line, NULL);

  gst_anpr_structure_set_moment (structure, moment);
  return structure;
}
