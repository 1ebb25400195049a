/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Records as JSON: design.md 4.2 and 4.3 name the fields. */

#include "passage-private.h"

#include <string.h>

static gdouble
round_to (gdouble value, gdouble step)
{
  return (gint64) (value / step + (value < 0 ? -0.5 : 0.5)) * step;
}

static void
set_string (JsonObject *object, const gchar *name, const gchar *value)
{
  if (value)
    json_object_set_string_member (object, name, value);
  else
    json_object_set_null_member (object, name);
}

static void
set_rate (JsonObject *object, const gchar *name, gdouble value)
{
  json_object_set_double_member (object, name, round_to (value, 1e-4));
}

static JsonArray *
signs_to_json (const AnprSign *signs, guint n)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < n; i++) {
    JsonObject *object = json_object_new ();

    set_string (object, "character", signs[i].sign);
    set_rate (object, "confidence", signs[i].confidence);
    json_array_add_object_element (array, object);
  }
  return array;
}

static JsonArray *
characters_to_json (const AnprRead *read)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < anpr_read_get_n_characters (read); i++) {
    const AnprCharacter *character = anpr_read_get_character (read, i);
    JsonObject *object = json_object_new ();

    set_string (object, "character", character->best.sign);
    set_rate (object, "confidence", character->best.confidence);
    json_object_set_array_member (object, "alternatives",
        signs_to_json (character->alternatives, character->n_alternatives));
    json_array_add_object_element (array, object);
  }
  return array;
}

static JsonArray *
candidates_to_json (const AnprRead *read)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < anpr_read_get_n_candidates (read); i++) {
    const AnprCandidate *candidate = anpr_read_get_candidate (read, i);
    JsonObject *object = json_object_new ();

    set_string (object, "text", candidate->text);
    set_rate (object, "confidence", candidate->confidence);
    json_array_add_object_element (array, object);
  }
  return array;
}

static JsonArray *
countries_to_json (const AnprRead *read)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < anpr_read_get_n_countries (read); i++) {
    const AnprCountry *country = anpr_read_get_country (read, i);
    JsonObject *object = json_object_new ();

    set_string (object, "code", country->code);
    set_rate (object, "score", country->score);
    json_array_add_object_element (array, object);
  }
  return array;
}

/**
 * anpr_read_add_to_json: (skip)
 * @read: (nullable): a read, %NULL counts as "not read"
 * @object: gets state, text, raw, confidence, lines, characters, candidates,
 *     countries, engine
 */
void
anpr_read_add_to_json (const AnprRead *read, JsonObject *object)
{
  g_autoptr (AnprRead) none = NULL;

  if (!read)
    read = none = anpr_read_new (ANPR_READ_NOT_READ, NULL, 0, NULL);
  set_string (object, "state", anpr_read_state_to_string (read->state));
  set_string (object, "text", read->text ? read->text : "");
  set_string (object, "raw", read->raw ? read->raw : "");
  set_rate (object, "confidence", read->confidence);
  json_object_set_int_member (object, "lines", read->lines);
  json_object_set_array_member (
      object, "characters", characters_to_json (read));
  json_object_set_array_member (
      object, "candidates", candidates_to_json (read));
  json_object_set_array_member (object, "countries", countries_to_json (read));
  set_string (object, "engine", read->engine);
}

static JsonObject *
box_to_json (const AnprBox *box)
{
  JsonObject *object = json_object_new ();

  json_object_set_double_member (object, "x", round_to (box->x, 0.1));
  json_object_set_double_member (object, "y", round_to (box->y, 0.1));
  json_object_set_double_member (object, "w", round_to (box->width, 0.1));
  json_object_set_double_member (object, "h", round_to (box->height, 0.1));
  return object;
}

static JsonArray *
plates_to_json (const AnprPassage *passage)
{
  JsonArray *array = json_array_new ();
  JsonObject *object = json_object_new ();
  const AnprBox *box =
      passage->best_score > 0 ? &passage->best_box : &passage->last_box;

  set_string (object, "role", "vehicle");
  anpr_read_add_to_json (anpr_vote_get_read (passage->vote), object);
  json_object_set_object_member (object, "box", box_to_json (box));
  set_rate (object, "detection_confidence",
      passage->n_frames ? passage->detection_sum / passage->n_frames : 0);
  json_object_set_int_member (object, "frames", passage->n_frames);
  json_object_set_int_member (
      object, "reads", anpr_vote_get_n_reads (passage->vote));
  json_object_set_int_member (
      object, "agreeing", anpr_vote_get_n_agreeing (passage->vote));
  json_array_add_object_element (array, object);
  return array;
}

static JsonArray *
hits_to_json (const AnprPassage *passage)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < passage->hits->len; i++)
    json_array_add_object_element (array,
        anpr_hit_to_json (g_ptr_array_index (passage->hits, i), passage->id));
  return array;
}

static JsonArray *
compared_to_json (const AnprPassage *passage)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; passage->compared && i < passage->compared->len; i++) {
    const AnprCompared *compared = g_ptr_array_index (passage->compared, i);
    JsonObject *object = json_object_new ();

    set_string (object, "list", compared->list);
    set_string (object, "version", compared->version);
    json_array_add_object_element (array, object);
  }
  return array;
}

static JsonObject *
clock_to_json (const AnprMoment *moment)
{
  JsonObject *object = json_object_new ();

  set_string (object, "source", anpr_clock_source_to_string (moment->source));
  json_object_set_boolean_member (object, "synchronised", moment->synchronised);
  if (moment->offset >= 0)
    json_object_set_int_member (object, "offset_us", moment->offset);
  else
    json_object_set_null_member (object, "offset_us");
  return object;
}

static void
set_utc (JsonObject *object, const gchar *name, gint64 utc)
{
  g_autofree gchar *text = anpr_utc_to_string (utc);

  set_string (object, name, text);
}

/**
 * anpr_passage_to_json: (skip)
 * @passage: a passage
 * @keeping: (nullable): what its keeper adds
 *
 * Returns: (transfer full): the record as of now, schema anpr.passage/1
 */
JsonObject *
anpr_passage_to_json (AnprPassage *passage, const AnprKeeping *keeping)
{
  static const AnprKeeping not_kept = { 0 };
  JsonObject *object = json_object_new ();
  AnprPassageState state;

  if (!keeping)
    keeping = &not_kept;
  set_string (object, "schema", ANPR_PASSAGE_SCHEMA);
  set_string (object, "id", passage->id);
  set_string (object, "device", keeping->device);
  set_string (object, "position", keeping->position);
  if (keeping->sequence > 0)
    json_object_set_int_member (object, "sequence", (gint64) keeping->sequence);
  else
    json_object_set_null_member (object, "sequence");

  g_mutex_lock (&passage->lock);
  state = anpr_passage_state_locked (passage);
  set_string (object, "state", anpr_passage_state_to_string (state));
  set_utc (object, "first_seen", passage->first.utc);
  set_utc (object, "best_seen", passage->best.utc);
  set_utc (object, "last_seen", passage->last.utc);
  json_object_set_object_member (
      object, "clock", clock_to_json (&passage->best));
  set_string (
      object, "direction", anpr_direction_to_string (passage->direction));
  set_string (object, "lane", keeping->lane);
  json_object_set_array_member (object, "plates", plates_to_json (passage));
  json_object_set_array_member (object, "hits", hits_to_json (passage));
  json_object_set_array_member (object, "compared", compared_to_json (passage));
  g_mutex_unlock (&passage->lock);

  json_object_set_array_member (object, "images",
      keeping->images ? json_array_ref (keeping->images) : json_array_new ());
  set_string (object, "previous_hash", keeping->previous_hash);
  set_string (object, "hash", keeping->hash);
  return object;
}

static void append_node (GString *line, JsonNode *node);

/* JSON-GLib writes 17 digits, 0.9901 as 0.99009999999999998; 15 give back the
 * same number nearly always. A point stays, so that it is read as a double. */
static void
append_double (GString *line, gdouble value)
{
  gchar digits[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (digits, sizeof digits, "%.15g", value);
  if (g_ascii_strtod (digits, NULL) != value)
    g_ascii_dtostr (digits, sizeof digits, value);
  g_string_append (line, digits);
  if (digits[strspn (digits, "-0123456789")] == '\0')
    g_string_append (line, ".0");
}

static void
append_array (GString *line, JsonArray *array)
{
  g_string_append_c (line, '[');
  for (guint i = 0; i < json_array_get_length (array); i++) {
    if (i > 0)
      g_string_append_c (line, ',');
    append_node (line, json_array_get_element (array, i));
  }
  g_string_append_c (line, ']');
}

static void
append_string (GString *line, const gchar *string)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_VALUE);
  g_autofree gchar *quoted = NULL;

  json_node_set_string (node, string);
  quoted = json_to_string (node, FALSE);
  g_string_append (line, quoted);
}

static void
append_object (GString *line, JsonObject *object)
{
  JsonObjectIter members;
  const gchar *name;
  JsonNode *node;
  gboolean first = TRUE;

  g_string_append_c (line, '{');
  json_object_iter_init_ordered (&members, object);
  while (json_object_iter_next_ordered (&members, &name, &node)) {
    if (!first)
      g_string_append_c (line, ',');
    first = FALSE;
    append_string (line, name);
    g_string_append_c (line, ':');
    append_node (line, node);
  }
  g_string_append_c (line, '}');
}

static void
append_node (GString *line, JsonNode *node)
{
  g_autofree gchar *text = NULL;

  if (JSON_NODE_HOLDS_OBJECT (node)) {
    append_object (line, json_node_get_object (node));
  } else if (JSON_NODE_HOLDS_ARRAY (node)) {
    append_array (line, json_node_get_array (node));
  } else if (JSON_NODE_HOLDS_VALUE (node)
             && json_node_get_value_type (node) == G_TYPE_DOUBLE) {
    append_double (line, json_node_get_double (node));
  } else {
    text = json_to_string (node, FALSE);
    g_string_append (line, text);
  }
}

/**
 * anpr_json_to_line: (skip)
 * @object: an object, whose numbers are finite
 *
 * Returns: (transfer full): it as one line of JSON, without the line's end;
 *     the same object always gives the same bytes
 */
gchar *
anpr_json_to_line (JsonObject *object)
{
  GString *line = g_string_new (NULL);

  append_object (line, object);
  return g_string_free (line, FALSE);
}
