/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Positions: how they are, and their files.
 *
 * A change is checked as anprd checks it, by the same code, before anything is
 * written; it is logged before it is written; and the file is replaced whole, so
 * that anprd, which watches the folder, sees the old one or the new one. Whoever
 * changes says which version they saw. What takes two persons (R41, positionedit.c)
 * needs a second one with an account, whose password is checked like a sign-in. So
 * does acknowledging what was changed of that outside the page (positionwatch.c);
 * until then no more of it is changed here, so that nobody approves unseen what
 * they were not asked about.
 */

#include "approval.h"
#include "positionedit.h"
#include "positionseen.h"
#include "../plainfile.h"
#include "../../plugins/record/jsonmember.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_STILL (4 * 1024 * 1024)
/* Of a file that is new */
#define FILE_MODE 0640

/* What an edit takes to the worker */
typedef struct {
  gchar *id;
  gchar *path;
  gchar *version; /* that was seen; NULL for a new position */
  JsonNode *view; /* how the position is */
  gboolean known; /* the file must be there */
  AnprApproval approval;
} Edit;

static void
edit_free (gpointer data)
{
  Edit *edit = data;

  g_free (edit->id);
  g_free (edit->path);
  g_free (edit->version);
  g_clear_pointer (&edit->view, json_node_unref);
  anpr_approval_clear (&edit->approval);
  g_free (edit);
}

static Edit *
begin_edit (AnprRequest *request, const gchar *id)
{
  Edit *edit = g_new0 (Edit, 1);

  edit->id = g_strdup (id);
  edit->path = g_strdup_printf (
      "%s/%s" ANPR_POSITION_SUFFIX, request->web->positions, id);
  request->data = edit;
  request->free_data = edit_free;
  return edit;
}

/* --- reading -------------------------------------------------------------- */

static void
get_positions (AnprRequest *request)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  AnprFleet *fleet = request->web->fleet;

  json_builder_begin_array (builder);
  for (guint i = 0; i < anpr_fleet_get_n_cameras (fleet); i++) {
    json_builder_begin_object (builder);
    anpr_position_view (
        request->web, anpr_fleet_get_camera (fleet, i), builder);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
  anpr_answer_set_json (&request->answer, SOUP_STATUS_OK, builder);
}

static gboolean
read_file (AnprRequest *request, const Edit *edit, gchar **text)
{
  g_autoptr (GError) error = NULL;
  gsize length;

  *text = NULL;
  if (!edit->known && !g_file_test (edit->path, G_FILE_TEST_EXISTS)) {
    *text = g_strdup ("");
    return TRUE;
  }
  if (anpr_plain_file_read (
          edit->path, ANPR_SETTINGS_MAX_SIZE, text, &length, &error)
      && length <= ANPR_SETTINGS_MAX_SIZE && strlen (*text) == length
      && g_utf8_validate (*text, -1, NULL))
    return TRUE;
  g_clear_pointer (text, g_free);
  anpr_answer_set_fault (&request->answer, ANPR_ERROR_CONFIG_OPEN,
      "The file of position \"%s\" cannot be read: %s", edit->id,
      error ? error->message : "it is no text, or too large");
  return FALSE;
}

static void
add_members (JsonBuilder *builder, JsonNode *object)
{
  JsonObjectIter iter;
  const gchar *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, json_node_get_object (object));
  while (json_object_iter_next_ordered (&iter, &name, &node)) {
    json_builder_set_member_name (builder, name);
    json_builder_add_value (builder, json_node_copy (node));
  }
}

static void
add_unseen (AnprRequest *request, const Edit *edit, const gchar *text,
    JsonBuilder *builder)
{
  JsonArray *unseen =
      anpr_position_seen_compare (request->web->seen, edit->id, text);
  JsonNode *node;

  json_builder_set_member_name (builder, "outside");
  if (!unseen) {
    json_builder_add_null_value (builder);
    return;
  }
  node = json_node_new (JSON_NODE_ARRAY);
  json_node_take_array (node, unseen);
  json_builder_add_value (builder, node);
}

static void
show_file (AnprRequest *request)
{
  Edit *edit = request->data;
  g_autoptr (GPtrArray) faults = anpr_setting_faults_new ();
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (AnprPosition) position = NULL;
  g_autofree gchar *text = NULL, *version = NULL;

  if (!read_file (request, edit, &text))
    return;
  position =
      anpr_position_parse (edit->id, edit->path, text, strlen (text), faults);
  version = anpr_position_edit_get_version (text);
  json_builder_begin_object (builder);
  add_members (builder, edit->view);
  json_builder_set_member_name (builder, "settings");
  anpr_position_edit_add_settings (position->settings, builder);
  json_builder_set_member_name (builder, "schema");
  anpr_position_edit_add_schema (builder);
  json_builder_set_member_name (builder, "faults");
  anpr_position_edit_add_faults (faults, text, builder);
  add_unseen (request, edit, text, builder);
  anpr_json_add_text (builder, "version", version);
  anpr_json_add_text (builder, "text", text);
  json_builder_end_object (builder);
  anpr_answer_set_json (&request->answer, SOUP_STATUS_OK, builder);
  request->answer.tag = g_steal_pointer (&version);
}

static void
get_schema (AnprRequest *request)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "schema");
  anpr_position_edit_add_schema (builder);
  json_builder_end_object (builder);
  anpr_answer_set_json (&request->answer, SOUP_STATUS_OK, builder);
}

static const AnprCamera *
find_camera (AnprRequest *request)
{
  const AnprCamera *camera =
      anpr_fleet_find (request->web->fleet, request->object);

  if (!camera)
    anpr_answer_set_fault (&request->answer, ANPR_ERROR_WEB_MISSING,
        "There is no position of that name");
  return camera;
}

static void
get_position (AnprRequest *request)
{
  const AnprCamera *camera = find_camera (request);
  g_autoptr (JsonBuilder) builder = NULL;
  Edit *edit;

  if (!camera)
    return;
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  anpr_position_view (request->web, camera, builder);
  json_builder_end_object (builder);
  if (request->account->role == ANPR_ROLE_DISPATCHER) {
    anpr_answer_set_json (&request->answer, SOUP_STATUS_OK, builder);
    return;
  }
  edit = begin_edit (request, request->object);
  edit->view = json_builder_get_root (builder);
  edit->known = TRUE;
  anpr_request_work (request, request->web->disk, show_file, NULL);
}

static void
read_still (AnprRequest *request)
{
  const gchar *path = request->data;
  gchar *content = NULL;
  gsize length = 0;

  if (!anpr_plain_file_read (path, MAX_STILL, &content, &length, NULL)
      || length > MAX_STILL) {
    g_free (content);
    anpr_answer_set_fault (&request->answer, ANPR_ERROR_WEB_MISSING,
        "There is no picture of this position yet");
    return;
  }
  request->answer.status = SOUP_STATUS_OK;
  request->answer.type = "image/jpeg";
  request->answer.body = g_bytes_new_take (content, length);
}

static void
get_still (AnprRequest *request)
{
  const AnprCamera *camera = find_camera (request);

  if (!camera)
    return;
  request->data = g_strdup (camera->still_path ? camera->still_path : "");
  request->free_data = g_free;
  anpr_request_work (request, request->web->disk, read_still, NULL);
}

/* --- checking ------------------------------------------------------------- */

/* The text as the request wants it, or an answer */
static gchar *
get_wanted_text (AnprRequest *request, const Edit *edit, const gchar *text,
    JsonArray *changes)
{
  JsonObject *settings = anpr_json_object (request->body, "settings");
  g_autoptr (GError) error = NULL;
  gchar *wanted;

  if (!settings) {
    anpr_answer_set_fault (&request->answer, ANPR_ERROR_WEB_REQUEST,
        "Give \"settings\", an object of sections");
    return NULL;
  }
  wanted = anpr_position_edit (text, settings, changes, &error);
  if (!wanted && error->domain == ANPR_ERROR)
    anpr_answer_set_error (&request->answer, error);
  else if (!wanted)
    anpr_answer_set_fault (&request->answer, ANPR_ERROR_CONFIG_LINE,
        "The file of position \"%s\" has to be repaired by hand first: %s",
        edit->id, error->message);
  return wanted;
}

static GPtrArray *
find_faults (AnprRequest *request, const Edit *edit, const gchar *text)
{
  GPtrArray *faults = anpr_setting_faults_new ();
  g_autoptr (AnprPosition) position =
      anpr_position_parse (edit->id, edit->path, text, strlen (text), faults);

  if (faults->len == 0)
    anpr_position_check_around (position, request->web->folder, faults);
  return faults;
}

static void
do_check (AnprRequest *request)
{
  Edit *edit = request->data;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonArray) changes = json_array_new ();
  g_autoptr (GPtrArray) faults = NULL;
  g_autofree gchar *text = NULL, *wanted = NULL;

  if (!read_file (request, edit, &text))
    return;
  wanted = get_wanted_text (request, edit, text, changes);
  if (!wanted)
    return;
  faults = find_faults (request, edit, wanted);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "faults");
  anpr_position_edit_add_faults (faults, wanted, builder);
  anpr_json_add_flag (
      builder, "approval", anpr_position_edit_needs_second (changes));
  json_builder_end_object (builder);
  anpr_answer_set_json (&request->answer, SOUP_STATUS_OK, builder);
}

static gboolean
is_position_id (AnprRequest *request, const gchar *id)
{
  if (id && anpr_position_is_id (id) && !g_str_equal (id, "schema"))
    return TRUE;
  anpr_answer_set_fault (&request->answer, ANPR_ERROR_WEB_REQUEST,
      "A position's name has small letters, digits and -, at most %d",
      ANPR_POSITION_MAX_ID);
  return FALSE;
}

static void
check_position (AnprRequest *request)
{
  if (!is_position_id (request, request->object))
    return;
  (void) begin_edit (request, request->object);
  anpr_request_work (request, request->web->disk, do_check, NULL);
}

/* --- changing ------------------------------------------------------------- */

static gboolean
refuse_faults (AnprRequest *request, GPtrArray *faults, const gchar *text)
{
  g_autoptr (JsonBuilder) builder = NULL;

  if (faults->len == 0)
    return FALSE;
  builder = json_builder_new ();
  anpr_answer_begin_fault (
      builder, ANPR_ERROR_WEB_FAULTS, "The settings have faults");
  json_builder_set_member_name (builder, "faults");
  anpr_position_edit_add_faults (faults, text, builder);
  json_builder_end_object (builder);
  anpr_answer_set_json (&request->answer,
      anpr_answer_get_status_of (ANPR_ERROR_WEB_FAULTS), builder);
  return TRUE;
}

/* Whether nobody has changed it meanwhile */
static gboolean
check_version (AnprRequest *request, const Edit *edit, const gchar *text)
{
  g_autofree gchar *version = anpr_position_edit_get_version (text);

  if (g_strcmp0 (edit->version, version) == 0)
    return TRUE;
  anpr_answer_set_fault (&request->answer, ANPR_ERROR_WEB_VERSION,
      "The file of position \"%s\" is another one than the page showed",
      edit->id);
  return FALSE;
}

/* Nobody approves by the way what was changed elsewhere */
static gboolean
check_seen (AnprRequest *request, const Edit *edit, const gchar *text)
{
  g_autoptr (JsonArray) unseen = edit->known ? anpr_position_seen_compare (
                                     request->web->seen, edit->id, text)
                                             : NULL;

  if (!unseen)
    return TRUE;
  anpr_answer_set_fault (&request->answer, ANPR_ERROR_WEB_CONFLICT,
      "Something of this position was changed outside the page and has to be "
      "acknowledged first");
  return FALSE;
}

/* Either is noticed as a change from outside if it fails */
static void
note_written (AnprRequest *request, const Edit *edit, JsonArray *changes,
    const gchar *text)
{
  (void) anpr_position_seen_note (request->web->seen, edit->id, text, NULL);
  if (anpr_position_edit_needs_second (changes))
    (void) anpr_position_seen_accept (request->web->seen, edit->id, text, NULL);
}

static gboolean
log_change (AnprRequest *request, Edit *edit, JsonArray *changes)
{
  g_autoptr (JsonNode) details = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  g_autoptr (GError) error = NULL;

  json_object_set_array_member (object, "changes", json_array_ref (changes));
  if (edit->approval.right && anpr_position_edit_needs_second (changes))
    json_object_set_string_member (object, "approved_by", edit->approval.user);
  json_node_take_object (details, object);
  if (anpr_request_log (request,
          edit->known ? "position-changed" : "position-added", edit->id,
          details, &error))
    return TRUE;
  anpr_answer_set_error (&request->answer, error);
  return FALSE;
}

static gboolean
write_file (AnprRequest *request, const Edit *edit, const gchar *text)
{
  g_autoptr (GError) error = NULL;
  GStatBuf status;
  gint mode =
      g_stat (edit->path, &status) == 0 ? status.st_mode & 0777 : FILE_MODE;

  if (g_file_set_contents_full (edit->path, text, -1,
          G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, mode,
          &error))
    return TRUE;
  (void) anpr_request_log_texts (
      request, "change-failed", edit->id, "error", error->message, NULL);
  anpr_answer_set_fault (
      &request->answer, ANPR_ERROR_CONFIG_OPEN, "%s", error->message);
  return FALSE;
}

static void
answer_written (AnprRequest *request, const Edit *edit, const gchar *text)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree gchar *version = anpr_position_edit_get_version (text);

  json_builder_begin_object (builder);
  anpr_json_add_text (builder, "name", edit->id);
  anpr_json_add_text (builder, "version", version);
  json_builder_end_object (builder);
  anpr_answer_set_json (&request->answer,
      edit->known ? SOUP_STATUS_OK : SOUP_STATUS_CREATED, builder);
  request->answer.tag = g_steal_pointer (&version);
}

static void
edit_file (AnprRequest *request, Edit *edit, const gchar *text)
{
  g_autoptr (JsonArray) changes = json_array_new ();
  g_autofree gchar *wanted = get_wanted_text (request, edit, text, changes);
  g_autoptr (GPtrArray) faults = NULL;

  if (!wanted)
    return;
  faults = find_faults (request, edit, wanted);
  if (refuse_faults (request, faults, wanted)
      || (anpr_position_edit_needs_second (changes)
          && (!check_seen (request, edit, text)
              || !anpr_approval_check (request, &edit->approval))))
    return;
  if (json_array_get_length (changes) == 0 && edit->known) {
    answer_written (request, edit, text); /* as it was */
    return;
  }
  if (!log_change (request, edit, changes)
      || !write_file (request, edit, wanted))
    return;
  note_written (request, edit, changes, wanted);
  answer_written (request, edit, wanted);
}

static void
do_edit (AnprRequest *request)
{
  Edit *edit = request->data;
  g_autofree gchar *text = NULL;

  g_mutex_lock (&request->web->editing);
  if (!edit->known && g_file_test (edit->path, G_FILE_TEST_EXISTS))
    anpr_answer_set_fault (&request->answer, ANPR_ERROR_WEB_CONFLICT,
        "There is a position \"%s\" already", edit->id);
  else if (read_file (request, edit, &text)
           && (!edit->known || check_version (request, edit, text)))
    edit_file (request, edit, text);
  g_mutex_unlock (&request->web->editing);
}

static void
end_edit (AnprRequest *request)
{
  const Edit *edit = request->data;

  anpr_approval_end (request, &edit->approval);
  anpr_position_watch_look (request->web->files);
}

/* --- acknowledging -------------------------------------------------------- */

static gboolean
log_acknowledged (AnprRequest *request, const Edit *edit, const gchar *text,
    JsonArray *unseen)
{
  g_autofree gchar *hash =
      g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
  g_autoptr (JsonNode) details = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  g_autoptr (GError) error = NULL;

  json_object_set_string_member (object, "sha256", hash);
  json_object_set_array_member (object, "changes", json_array_ref (unseen));
  json_object_set_string_member (object, "approved_by", edit->approval.user);
  json_node_take_object (details, object);
  if (anpr_request_log (
          request, "position-acknowledged", edit->id, details, &error))
    return TRUE;
  anpr_answer_set_error (&request->answer, error);
  return FALSE;
}

static void
acknowledge (AnprRequest *request, Edit *edit, const gchar *text)
{
  g_autoptr (JsonArray) unseen =
      anpr_position_seen_compare (request->web->seen, edit->id, text);
  g_autoptr (GError) error = NULL;

  if (!unseen)
    answer_written (request, edit, text); /* nothing to acknowledge */
  else if (!anpr_approval_check (request, &edit->approval)
           || !log_acknowledged (request, edit, text, unseen))
    return;
  else if (anpr_position_seen_accept (
               request->web->seen, edit->id, text, &error))
    answer_written (request, edit, text);
  else
    anpr_answer_set_error (&request->answer, error);
}

static void
do_acknowledge (AnprRequest *request)
{
  Edit *edit = request->data;
  g_autofree gchar *text = NULL;

  g_mutex_lock (&request->web->editing);
  if (read_file (request, edit, &text) && check_version (request, edit, text))
    acknowledge (request, edit, text);
  g_mutex_unlock (&request->web->editing);
}

/* --- requests that change ------------------------------------------------- */

static void
start_edit (AnprRequest *request, Edit *edit, AnprHandler work)
{
  if (!anpr_approval_take (request, &edit->approval))
    return;
  /* Argon2id runs where its number is bounded */
  anpr_request_work (request,
      edit->approval.user ? request->web->passwords : request->web->disk, work,
      end_edit);
  if (!request->paused)
    anpr_approval_end (request, &edit->approval);
}

/* Begins to change a file that is there, and is the version that was seen */
static void
start_known (AnprRequest *request, AnprHandler work)
{
  g_autofree gchar *version =
      anpr_request_get_tag (soup_message_headers_get_one (
          soup_server_message_get_request_headers (request->message),
          "If-Match"));
  Edit *edit;

  if (!find_camera (request))
    return;
  if (!version) {
    anpr_answer_set_fault (&request->answer, ANPR_ERROR_WEB_REQUEST,
        "The header If-Match tells which version the page showed");
    return;
  }
  edit = begin_edit (request, request->object);
  edit->known = TRUE;
  edit->version = g_steal_pointer (&version);
  start_edit (request, edit, work);
}

static void
put_position (AnprRequest *request)
{
  start_known (request, do_edit);
}

static void
acknowledge_position (AnprRequest *request)
{
  start_known (request, do_acknowledge);
}

static void
post_position (AnprRequest *request)
{
  const gchar *id = anpr_json_get_text (request->body, "name");

  if (is_position_id (request, id))
    start_edit (request, begin_edit (request, id), do_edit);
}

const AnprRoute anpr_position_routes[] = {
  { "GET", "/api/positions", ANPR_FOR_ALL, get_positions },
  { "GET", "/api/positions/schema",
      ANPR_FOR (TECHNICIAN) | ANPR_FOR (SUPERVISOR), get_schema },
  { "GET", "/api/positions/*", ANPR_FOR_ALL, get_position },
  { "POST", "/api/positions", ANPR_FOR (TECHNICIAN), post_position, TRUE },
  { "PUT", "/api/positions/*", ANPR_FOR (TECHNICIAN), put_position, TRUE },
  { "POST", "/api/positions/*/check", ANPR_FOR (TECHNICIAN), check_position },
  { "POST", "/api/positions/*/acknowledge", ANPR_FOR (TECHNICIAN),
      acknowledge_position, TRUE },
  { "GET", "/api/positions/*/still", ANPR_FOR_ALL, get_still },
  { NULL },
};
