/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Records as JSON: design.md 4.2 and 4.3 name the fields. */

#include "passage-private.h"
#include "jsonmember.h"

/* To the nearest of @steps parts of 1 */
static gdouble
round_to (gdouble value, gdouble steps)
{
  return (gint64) (value * steps + (value < 0 ? -0.5 : 0.5)) / steps;
}

static void
set_rate (JsonObject *object, const gchar *name, gdouble value)
{
  json_object_set_double_member (object, name, round_to (value, 1e4));
}

static JsonArray *
signs_to_json (const AnprSign *signs, guint n)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < n; i++) {
    JsonObject *object = json_object_new ();

    anpr_json_set_text (object, "character", signs[i].sign);
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

    anpr_json_set_text (object, "character", character->best.sign);
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

    anpr_json_set_text (object, "text", candidate->text);
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

    anpr_json_set_text (object, "code", country->code);
    set_rate (object, "score", country->score);
    json_array_add_object_element (array, object);
  }
  return array;
}

static JsonObject *
second_to_json (const AnprRead *read)
{
  JsonObject *object = json_object_new ();

  anpr_json_set_text (object, "engine", read->second_engine);
  anpr_json_set_text (
      object, "text", read->second_text ? read->second_text : "");
  set_rate (object, "confidence", read->second_confidence);
  return object;
}

/**
 * anpr_read_add_to_json: (skip)
 * @read: (nullable): a read, %NULL counts as "not read"
 * @object: gets state, text, raw, confidence, lines, characters, candidates,
 *     countries, engine, and second if another engine was asked
 */
void
anpr_read_add_to_json (const AnprRead *read, JsonObject *object)
{
  g_autoptr (AnprRead) none = NULL;

  if (!read)
    read = none = anpr_read_new (ANPR_READ_NOT_READ, NULL, 0, NULL);
  anpr_json_set_text (object, "state", anpr_read_state_to_string (read->state));
  anpr_json_set_text (object, "text", read->text ? read->text : "");
  anpr_json_set_text (object, "raw", read->raw ? read->raw : "");
  set_rate (object, "confidence", read->confidence);
  json_object_set_int_member (object, "lines", read->lines);
  json_object_set_array_member (
      object, "characters", characters_to_json (read));
  json_object_set_array_member (
      object, "candidates", candidates_to_json (read));
  json_object_set_array_member (object, "countries", countries_to_json (read));
  anpr_json_set_text (object, "engine", read->engine);
  if (read->second_engine)
    json_object_set_object_member (object, "second", second_to_json (read));
}

static JsonObject *
box_to_json (const AnprBox *box)
{
  JsonObject *object = json_object_new ();

  json_object_set_double_member (object, "x", round_to (box->x, 10));
  json_object_set_double_member (object, "y", round_to (box->y, 10));
  json_object_set_double_member (object, "w", round_to (box->width, 10));
  json_object_set_double_member (object, "h", round_to (box->height, 10));
  return object;
}

static JsonArray *
plates_to_json (const AnprPassage *passage)
{
  JsonArray *array = json_array_new ();
  JsonObject *object = json_object_new ();
  const AnprBox *box =
      passage->best_score > 0 ? &passage->best_box : &passage->last_box;

  anpr_json_set_text (object, "role", "vehicle");
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

    anpr_json_set_text (object, "list", compared->list);
    anpr_json_set_text (object, "version", compared->version);
    json_array_add_object_element (array, object);
  }
  return array;
}

static JsonObject *
clock_to_json (const AnprMoment *moment)
{
  JsonObject *object = json_object_new ();

  anpr_json_set_text (
      object, "source", anpr_clock_source_to_string (moment->source));
  json_object_set_boolean_member (object, "synchronised", moment->synchronised);
  if (moment->offset != ANPR_OFFSET_UNKNOWN)
    json_object_set_int_member (object, "offset_us", moment->offset);
  else
    json_object_set_null_member (object, "offset_us");
  return object;
}

/* The clock of the best shot tells all times of the record, so that first, best
 * and last have the order and distance of their frames, whatever happened to
 * clocks in between. */
static void
set_seen (JsonObject *object, const gchar *name, const AnprMoment *moment,
    const AnprMoment *best)
{
  g_autofree gchar *text =
      anpr_utc_to_string (anpr_moment_get_utc_by (moment, best));

  anpr_json_set_text (object, name, text);
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
  anpr_json_set_text (object, "schema", ANPR_PASSAGE_SCHEMA);
  anpr_json_set_text (object, "id", anpr_passage_get_id (passage));
  anpr_json_set_text (object, "device", keeping->device);
  anpr_json_set_text (object, "position", keeping->position);
  if (keeping->sequence > 0)
    json_object_set_int_member (object, "sequence", (gint64) keeping->sequence);
  else
    json_object_set_null_member (object, "sequence");

  passage = anpr_passage_lock (passage);
  state = anpr_passage_state_locked (passage);
  anpr_json_set_text (object, "state", anpr_passage_state_to_string (state));
  set_seen (object, "first_seen", &passage->first, &passage->best);
  set_seen (object, "best_seen", &passage->best, &passage->best);
  set_seen (object, "last_seen", &passage->last, &passage->best);
  json_object_set_object_member (
      object, "clock", clock_to_json (&passage->best));
  anpr_json_set_text (
      object, "direction", anpr_direction_to_string (passage->direction));
  anpr_json_set_text (object, "lane", keeping->lane);
  json_object_set_array_member (object, "plates", plates_to_json (passage));
  json_object_set_array_member (object, "hits", hits_to_json (passage));
  json_object_set_array_member (object, "compared", compared_to_json (passage));
  anpr_passage_unlock (passage);

  json_object_set_array_member (object, "images",
      keeping->images ? json_array_ref (keeping->images) : json_array_new ());
  anpr_json_set_text (object, "previous_hash", keeping->previous_hash);
  anpr_json_set_text (object, "hash", keeping->hash);
  return object;
}
