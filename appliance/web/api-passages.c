/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Passages and their pictures, out of the spools. Each look is an entry of the
 * log before it is answered (R36).
 */

#include "web-private.h"
#include "passageview.h"
#include "../../plugins/record/jsonmember.h"

#include <string.h>

#define USUAL_LIMIT 50
#define MOST_LIMIT 200

/* A question to the spools */
typedef struct {
  AnprPassageStore *store;
  AnprViewer viewer;
  gchar *id;
  gchar *kind;
  gchar *position;
  gchar *before;
  gchar *from;
  guint limit;
} Question;

static void
question_free (gpointer data)
{
  Question *question = data;

  anpr_passage_store_free (question->store);
  g_free (question->id);
  g_free (question->kind);
  g_free (question->position);
  g_free (question->before);
  g_free (question->from);
  g_free (question);
}

/* A technician sees the last minutes only */
static gchar *
get_first_id (AnprViewer viewer)
{
  return viewer == ANPR_VIEWER_TECHNICIAN
             ? anpr_identifier_from_time (g_get_real_time () - ANPR_WEB_RECENT)
             : NULL;
}

static Question *
begin_question (AnprRequest *request, const gchar *position)
{
  AnprPassageStore *store = anpr_web_get_store (request->web, position);
  Question *question;

  if (!store) {
    anpr_answer_set_fault (&request->answer, ANPR_ERROR_WEB_MISSING,
        "There is no position of that name");
    return NULL;
  }
  question = g_new0 (Question, 1);
  question->store = store;
  question->viewer = anpr_account_get_viewer (request->account);
  question->position = g_strdup (position);
  question->from = get_first_id (question->viewer);
  request->data = question;
  request->free_data = question_free;
  return question;
}

/* --- pages ---------------------------------------------------------------- */

static gboolean
log_page (AnprRequest *request, const Question *question)
{
  g_autofree gchar *limit = g_strdup_printf ("%u", question->limit);

  return anpr_request_log_texts (request, "passages-read", question->position,
      "before", question->before, "limit", limit, NULL);
}

static void
read_page (AnprRequest *request)
{
  Question *question = request->data;
  AnprSpoolPage page = { question->before, question->from, FALSE,
    question->limit };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) passages = NULL;
  g_autoptr (JsonBuilder) builder = NULL;

  if (!log_page (request, question))
    return;
  passages = anpr_passage_store_get_page (question->store, &page, &error);
  if (!passages) {
    anpr_answer_set_error (&request->answer, error);
    return;
  }
  builder = json_builder_new ();
  json_builder_begin_array (builder);
  for (guint i = 0; i < passages->len; i++) {
    JsonNode *node = json_node_new (JSON_NODE_OBJECT);

    json_node_take_object (node,
        anpr_passage_view (g_ptr_array_index (passages, i), question->viewer));
    json_builder_add_value (builder, node);
  }
  json_builder_end_array (builder);
  anpr_answer_set_json (&request->answer, SOUP_STATUS_OK, builder);
}

static void
get_passages (AnprRequest *request)
{
  const gchar *before = anpr_request_get (request, "before");
  Question *question;
  gint64 utc;

  if (before && !anpr_identifier_get_time (before, &utc)) {
    anpr_answer_set_fault (&request->answer, ANPR_ERROR_WEB_REQUEST,
        "\"before\" is the id of a passage");
    return;
  }
  question = begin_question (request, anpr_request_get (request, "position"));
  if (!question)
    return;
  question->before = g_strdup (before);
  question->limit = anpr_request_get_limit (request, USUAL_LIMIT, MOST_LIMIT);
  anpr_request_work (request, request->web->disk, read_page, NULL);
}

/* --- one ------------------------------------------------------------------ */

static void
set_missing (AnprRequest *request, const gchar *what)
{
  anpr_answer_set_fault (&request->answer, ANPR_ERROR_WEB_MISSING, "%s", what);
}

/* An id that this viewer may ask for, and the question; or an answer */
static Question *
begin_one (AnprRequest *request)
{
  Question *question;
  gint64 utc;

  if (!anpr_identifier_get_time (request->object, &utc)) {
    set_missing (request, "There is no passage of that id");
    return NULL;
  }
  question = begin_question (request, NULL);
  if (question->from && strcmp (request->object, question->from) < 0) {
    set_missing (
        request, "A technician sees passages of the last minutes only");
    return NULL;
  }
  question->id = g_strdup (request->object);
  return question;
}

static void
read_one (AnprRequest *request)
{
  Question *question = request->data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) record = NULL, shown = NULL;

  if (!anpr_request_log_texts (request, "passage-read", question->id, NULL))
    return;
  record = anpr_passage_store_find (question->store, question->id, &error);
  if (error) {
    anpr_answer_set_error (&request->answer, error);
    return;
  }
  if (!record) {
    set_missing (request, "There is no passage of that id, or not yet");
    return;
  }
  shown = anpr_passage_view (record, question->viewer);
  anpr_answer_set_text (&request->answer, SOUP_STATUS_OK,
      "application/json; charset=utf-8", anpr_json_to_line (shown));
}

static void
get_passage (AnprRequest *request)
{
  if (begin_one (request))
    anpr_request_work (request, request->web->disk, read_one, NULL);
}

static void
read_image (AnprRequest *request)
{
  Question *question = request->data;
  g_autoptr (GError) error = NULL;
  GBytes *image;

  if (!anpr_request_log_texts (
          request, "image-read", question->id, "kind", question->kind, NULL))
    return;
  image = anpr_passage_store_get_image (
      question->store, question->id, question->kind, &error);
  if (error) {
    anpr_answer_set_error (&request->answer, error);
    return;
  }
  if (!image) {
    set_missing (request, "There is no such picture, or none any more");
    return;
  }
  request->answer.status = SOUP_STATUS_OK;
  request->answer.type = "image/jpeg";
  request->answer.body = image;
}

static void
get_image (AnprRequest *request)
{
  Question *question;

  if (!g_str_equal (request->part, "plate")
      && !g_str_equal (request->part, "vehicle")) {
    set_missing (request, "Pictures are plate and vehicle");
    return;
  }
  question = begin_one (request);
  if (!question)
    return;
  question->kind = g_strdup (request->part);
  anpr_request_work (request, request->web->disk, read_image, NULL);
}

const AnprRoute anpr_passage_routes[] = {
  { "GET", "/api/passages", ANPR_FOR_ALL, get_passages, TRUE },
  { "GET", "/api/passages/*", ANPR_FOR_ALL, get_passage, TRUE },
  { "GET", "/api/passages/*/images/*", ANPR_FOR_ALL, get_image, TRUE },
  { NULL },
};
