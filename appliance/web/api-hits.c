/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Hits, and what people decide about them (R17).
 *
 * A hit is unverified until a person's decision is recorded, and there is no
 * other way to make it anything else. Hits are read from the spools, where they
 * are part of their passages, and, as long as the vehicle is still in sight, from
 * the newest events of the fleet. Decisions are in decisions.c; whoever forwards
 * them to the centre asks there.
 *
 * A covert hit does not exist for who is not cleared, not even as an error of
 * another kind.
 */

#include "web-private.h"
#include "passageview.h"
#include "../../plugins/record/clock.h"
#include "../../plugins/record/jsonmember.h"

#include <math.h>
#include <string.h>

#define USUAL_LIMIT 50
#define MOST_LIMIT 200
/* Hits that began earlier are not looked for: who is at the page now decides
 * about what is driving now. Microseconds */
#define SHOWN_TIME (72 * G_TIME_SPAN_HOUR)
/* A hit is found at most so long after its passage began */
#define LONGEST_PASSAGE G_TIME_SPAN_DAY
/* Nobody takes longer over one hit, seconds */
#define MOST_SECONDS (7 * 86400.0)

typedef struct {
  AnprPassageStore *store;
  AnprViewer viewer;
  GPtrArray *events; /* of gchar: hits of the newest events */
  gchar *id;
  guint limit;
  gboolean open_only;

  AnprDecision *decision;
  gchar *instead_of;
} Question;

static void
question_free (gpointer data)
{
  Question *question = data;

  anpr_passage_store_free (question->store);
  g_ptr_array_unref (question->events);
  g_free (question->id);
  anpr_decision_free (question->decision);
  g_free (question->instead_of);
  g_free (question);
}

static Question *
begin_question (AnprRequest *request)
{
  Question *question = g_new0 (Question, 1);
  AnprFleet *fleet = request->web->fleet;

  question->store = anpr_web_get_store (request->web, NULL);
  question->viewer = anpr_account_get_viewer (request->account);
  question->events = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < anpr_fleet_get_n_cameras (fleet); i++) {
    const AnprCamera *camera = anpr_fleet_get_camera (fleet, i);

    for (GList *at = camera->events.head; at; at = at->next) {
      const AnprFleetEvent *event = at->data;

      if (event->kind == ANPR_FLEET_EVENT_HIT)
        g_ptr_array_add (question->events, g_strdup (event->json));
    }
  }
  request->data = question;
  request->free_data = question_free;
  return question;
}

/* --- gathering (in a worker) ---------------------------------------------- */

static gboolean
has_hit (GPtrArray *hits, const gchar *id)
{
  for (guint i = 0; i < hits->len; i++) {
    if (g_strcmp0 (anpr_json_get_text (g_ptr_array_index (hits, i), "id"), id)
        == 0)
      return TRUE;
  }
  return FALSE;
}

static void
add_shown (
    GPtrArray *hits, JsonObject *hit, JsonObject *record, AnprViewer viewer)
{
  const gchar *id = anpr_json_get_text (hit, "id");
  JsonObject *shown;
  gint64 utc;

  if (!anpr_identifier_get_time (id, &utc) || has_hit (hits, id))
    return;
  shown = anpr_hit_view (hit, record, viewer);
  if (shown)
    g_ptr_array_add (hits, shown);
}

static void
add_of_record (GPtrArray *hits, JsonObject *record, AnprViewer viewer)
{
  JsonArray *array = anpr_json_array (record, "hits");

  for (guint i = 0; array && i < json_array_get_length (array); i++) {
    JsonNode *node = json_array_get_element (array, i);

    if (JSON_NODE_HOLDS_OBJECT (node))
      add_shown (hits, json_node_get_object (node), record, viewer);
  }
}

/* What is in a record says more than its event did, so it comes first */
static void
add_events (GPtrArray *hits, const Question *question)
{
  for (guint i = 0; i < question->events->len; i++) {
    g_autoptr (JsonObject) hit =
        anpr_json_parse (g_ptr_array_index (question->events, i), -1);

    if (hit)
      add_shown (hits, hit, NULL, question->viewer);
  }
}

static GPtrArray *
gather (const Question *question, GError **error)
{
  g_autoptr (GPtrArray) hits =
      g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  g_autofree gchar *from =
      anpr_identifier_from_time (g_get_real_time () - SHOWN_TIME);
  AnprSpoolPage page = { NULL, from, TRUE, MOST_LIMIT };
  g_autoptr (GPtrArray) records =
      anpr_passage_store_get_page (question->store, &page, error);

  if (!records)
    return NULL;
  for (guint i = 0; i < records->len; i++)
    add_of_record (hits, g_ptr_array_index (records, i), question->viewer);
  add_events (hits, question);
  g_ptr_array_sort (hits, anpr_view_compare_newest);
  return g_steal_pointer (&hits);
}

/* The hit of that id as this viewer sees it, looked for where the time in the id
 * says; its record if it has one */
static JsonObject *
find_hit (const Question *question, JsonObject **record, GError **error)
{
  gint64 utc = 0;
  g_autofree gchar *from = NULL, *before = NULL;
  AnprSpoolPage page = { NULL, NULL, TRUE, 1000 };
  g_autoptr (GPtrArray) records = NULL, hits = NULL;

  *record = NULL;
  (void) anpr_identifier_get_time (question->id, &utc);
  page.from = from = anpr_identifier_from_time (utc - LONGEST_PASSAGE);
  page.before = before = anpr_identifier_from_time (utc + G_TIME_SPAN_MINUTE);
  records = anpr_passage_store_get_page (question->store, &page, error);
  if (!records)
    return NULL;
  for (guint i = 0; i < records->len; i++) {
    JsonObject *candidate = g_ptr_array_index (records, i);
    JsonObject *hit = anpr_hit_find (candidate, question->id);

    if (hit) {
      *record = json_object_ref (candidate);
      return anpr_hit_view (hit, candidate, question->viewer);
    }
  }
  hits = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  add_events (hits, question);
  for (guint i = 0; i < hits->len; i++) {
    JsonObject *hit = g_ptr_array_index (hits, i);

    if (g_strcmp0 (anpr_json_get_text (hit, "id"), question->id) == 0)
      return json_object_ref (hit);
  }
  return NULL;
}

/* --- showing -------------------------------------------------------------- */

/* Adds the last decision; TRUE in *open if the hit waits for one */
static gboolean
add_decision (AnprRequest *request, JsonObject *hit, gboolean *open)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonBuilder) builder = NULL;
  g_autoptr (AnprDecision) decision = anpr_decisions_find (
      request->web->decisions, anpr_json_get_text (hit, "id"), &error);

  if (error) {
    anpr_answer_set_error (&request->answer, error);
    return FALSE;
  }
  *open = !decision || decision->verdict == ANPR_VERDICT_UNDECIDED;
  if (!decision) {
    json_object_set_null_member (hit, "decision");
    return TRUE;
  }
  builder = json_builder_new ();
  anpr_decision_view (decision, builder);
  json_object_set_member (hit, "decision", json_builder_get_root (builder));
  json_object_set_string_member (hit, "state",
      decision->verdict == ANPR_VERDICT_UNDECIDED
          ? "unverified"
          : anpr_verdict_to_string (decision->verdict));
  return TRUE;
}

static void
add_object (JsonBuilder *builder, JsonObject *object)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_node_set_object (node, object);
  json_builder_add_value (builder, node);
}

static void
read_hits (AnprRequest *request)
{
  Question *question = request->data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) hits = NULL;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  guint n = 0;

  if (!anpr_request_log_texts (request, "hits-read", NULL, NULL))
    return;
  hits = gather (question, &error);
  if (!hits) {
    anpr_answer_set_error (&request->answer, error);
    return;
  }
  json_builder_begin_array (builder);
  for (guint i = 0; i < hits->len && n < question->limit; i++) {
    gboolean open = TRUE;

    if (question->viewer != ANPR_VIEWER_TECHNICIAN
        && !add_decision (request, g_ptr_array_index (hits, i), &open))
      return;
    if (question->open_only && !open)
      continue;
    add_object (builder, g_ptr_array_index (hits, i));
    n++;
  }
  json_builder_end_array (builder);
  anpr_answer_set_json (&request->answer, SOUP_STATUS_OK, builder);
}

static void
get_hits (AnprRequest *request)
{
  Question *question = begin_question (request);

  question->limit = anpr_request_get_limit (request, USUAL_LIMIT, MOST_LIMIT);
  question->open_only =
      g_strcmp0 (anpr_request_get (request, "open"), "1") == 0;
  anpr_request_work (request, request->web->disk, read_hits, NULL);
}

static void
set_missing (AnprRequest *request)
{
  anpr_answer_set_fault (
      &request->answer, ANPR_ERROR_WEB_MISSING, "There is no hit of that id");
}

/* The hit the request names; or an answer */
static JsonObject *
take_hit (AnprRequest *request, JsonObject **record)
{
  g_autoptr (GError) error = NULL;
  JsonObject *hit = find_hit (request->data, record, &error);

  if (error)
    anpr_answer_set_error (&request->answer, error);
  else if (!hit)
    set_missing (request);
  return hit;
}

static void
read_hit (AnprRequest *request)
{
  Question *question = request->data;
  g_autoptr (JsonObject) hit = NULL, record = NULL;
  gboolean open;

  if (!anpr_request_log_texts (request, "hit-read", question->id, NULL))
    return;
  hit = take_hit (request, &record);
  if (!hit || !add_decision (request, hit, &open))
    return;
  if (record)
    json_object_set_object_member (
        hit, "record", anpr_passage_view (record, question->viewer));
  anpr_answer_set_text (&request->answer, SOUP_STATUS_OK,
      "application/json; charset=utf-8", anpr_json_to_line (hit));
}

static Question *
begin_one (AnprRequest *request)
{
  Question *question;
  gint64 utc;

  if (!anpr_identifier_get_time (request->object, &utc)) {
    set_missing (request);
    return NULL;
  }
  question = begin_question (request);
  question->id = g_strdup (request->object);
  return question;
}

static void
get_hit (AnprRequest *request)
{
  if (begin_one (request))
    anpr_request_work (request, request->web->disk, read_hit, NULL);
}

/* --- deciding ------------------------------------------------------------- */

static gboolean
refuse (AnprRequest *request, const gchar *why)
{
  anpr_answer_set_fault (&request->answer, ANPR_ERROR_WEB_REQUEST, "%s", why);
  return FALSE;
}

static gboolean
take_decision (AnprRequest *request, AnprDecision *decision)
{
  const gchar *reason = anpr_json_get_text (request->body, "reason");

  if (!anpr_verdict_from_string (
          anpr_json_get_text (request->body, "decision"), &decision->verdict))
    return refuse (request, "\"decision\" is confirmed, rejected or undecided");
  if (decision->verdict == ANPR_VERDICT_REJECTED
      && (!reason || !g_strv_contains (anpr_decision_reasons, reason)))
    return refuse (request, "A rejection has a \"reason\": misread, wrong "
                            "country, stale, wrong vehicle or other");
  if (decision->verdict == ANPR_VERDICT_CONFIRMED && reason && *reason)
    return refuse (request, "A confirmation has no \"reason\"");
  if (reason && *reason && !g_strv_contains (anpr_decision_reasons, reason))
    return refuse (request, "That \"reason\" is not known");
  if (!anpr_json_get_real (request->body, "seconds", &decision->seconds)
      || decision->seconds < 0 || decision->seconds > MOST_SECONDS)
    return refuse (
        request, "\"seconds\" is how long it took, from 0 to 604800");
  decision->reason = reason && *reason ? g_strdup (reason) : NULL;
  decision->user = g_strdup (request->account->user);
  decision->hit = g_strdup (request->object);
  return TRUE;
}

static gboolean
is_stale (JsonObject *hit)
{
  return anpr_json_boolean (hit, "stale");
}

static gboolean
is_conflict (JsonObject *hit)
{
  return g_strcmp0 (anpr_json_get_text (hit, "country_grade"), "conflict") == 0;
}

/* R15, R19: neither is ever actionable, whoever looks at it */
static gboolean
check_confirmable (
    AnprRequest *request, JsonObject *hit, const AnprDecision *decision)
{
  if (decision->verdict != ANPR_VERDICT_CONFIRMED
      || (!is_stale (hit) && !is_conflict (hit)))
    return TRUE;
  anpr_answer_set_fault (&request->answer, ANPR_ERROR_WEB_CONFLICT, "%s",
      is_stale (hit)
          ? "The list was too old when the vehicle passed (R19): this hit "
            "cannot be confirmed"
          : "The country of the plate is not that of the entry (R15): this hit "
            "cannot be confirmed");
  return FALSE;
}

static void
complete (AnprDecision *decision, JsonObject *hit)
{
  const gchar *passage = anpr_json_get_text (hit, "passage");
  const gchar *position = anpr_json_get_text (hit, "position");

  decision->passage = g_strdup (passage ? passage : "");
  decision->position = g_strdup (position ? position : "");
  decision->list = g_strdup (anpr_json_get_text (hit, "list"));
  decision->version = g_strdup (anpr_json_get_text (hit, "version"));
  decision->covert = anpr_hit_is_covert (hit);
  decision->utc = g_get_real_time ();
}

static void
do_decide (AnprRequest *request)
{
  Question *question = request->data;
  AnprDecision *decision = question->decision;
  g_autoptr (JsonObject) hit = NULL, record = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonBuilder) builder = NULL;
  g_autofree gchar *seconds = g_strdup_printf ("%.1f", decision->seconds);

  hit = take_hit (request, &record);
  if (!hit || !check_confirmable (request, hit, decision))
    return;
  complete (decision, hit);
  if (!anpr_request_log_texts (request, "hit-decided", decision->hit,
          "decision", anpr_verdict_to_string (decision->verdict), "reason",
          decision->reason, "seconds", seconds, "position", decision->position,
          NULL))
    return;
  if (!anpr_decisions_add (
          request->web->decisions, decision, question->instead_of, &error)) {
    anpr_answer_set_error (&request->answer, error);
    return;
  }
  builder = json_builder_new ();
  anpr_decision_view (decision, builder);
  anpr_answer_set_json (&request->answer, SOUP_STATUS_CREATED, builder);
}

static void
end_decide (AnprRequest *request)
{
  const AnprDecision *decision = ((Question *) request->data)->decision;

  if (decision->number > 0)
    anpr_web_send_decision (request->web, decision);
}

static void
post_decision (AnprRequest *request)
{
  Question *question = begin_one (request);

  if (!question)
    return;
  question->decision = g_new0 (AnprDecision, 1);
  question->instead_of =
      g_strdup (anpr_json_get_text (request->body, "instead_of"));
  if (take_decision (request, question->decision))
    anpr_request_work (request, request->web->disk, do_decide, end_decide);
}

const AnprRoute anpr_hit_routes[] = {
  { "GET", "/api/hits", ANPR_FOR_ALL, get_hits, TRUE },
  { "GET", "/api/hits/*", ANPR_FOR (DISPATCHER) | ANPR_FOR (SUPERVISOR),
      get_hit, TRUE },
  { "POST", "/api/hits/*/decision", ANPR_FOR (DISPATCHER), post_decision,
      TRUE },
  { NULL },
};
