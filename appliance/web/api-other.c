/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Lists, the log, events, health and metrics. */

#include "web-private.h"
#include "metrics.h"
#include "../../plugins/record/clock.h"
#include "../../plugins/record/jsonmember.h"

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define USUAL_LOG 100
#define MOST_LOG 1000
#define MAX_TOKEN 256

/* --- lists ---------------------------------------------------------------- */

static void
add_list (const AnprListStatus *list, JsonBuilder *builder)
{
  g_autofree gchar *issued = anpr_utc_to_string (list->issued);
  g_autofree gchar *until = anpr_utc_to_string (list->valid_until);

  json_builder_begin_object (builder);
  anpr_json_add_text (builder, "id", list->figures.id);
  anpr_json_add_text (builder, "version", list->figures.version);
  anpr_json_add_text (builder, "authority", list->authority);
  anpr_json_add_text (builder, "category", list->category);
  anpr_json_add_number (builder, "entries", list->figures.entries);
  anpr_json_add_real (builder, "age_s", list->figures.age);
  anpr_json_add_text (builder, "issued", issued);
  anpr_json_add_text (builder, "valid_until", until);
  anpr_json_add_text (builder, "state", list->state);
  json_builder_end_object (builder);
}

static void
get_lists (AnprRequest *request)
{
  GPtrArray *lists = anpr_storage_watch_get_lists (request->web->storage);
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < lists->len; i++)
    add_list (g_ptr_array_index (lists, i), builder);
  json_builder_end_array (builder);
  anpr_answer_set_json (&request->answer, SOUP_STATUS_OK, builder);
}

/* --- the log -------------------------------------------------------------- */

/* Entries about one passage or hit */
static const gchar *const entries_of_one[] = { "passage-read", "image-read",
  "hit-read", "hit-decided", NULL };

/* Of a covert hit an entry would tell who is not cleared that there is one, and
 * when; and of a passage, that somebody who is cleared looks at it. They see who did
 * what, not with which. Its hash stays, so that the chain can be followed; an id has
 * far more random bits than can be tried. */
static gchar *
show_entry (const gchar *line, gboolean cleared)
{
  g_autoptr (JsonObject) entry = cleared ? NULL : anpr_json_parse (line, -1);
  const gchar *what = entry ? anpr_json_get_text (entry, "what") : NULL;

  if (!what || !g_strv_contains (entries_of_one, what))
    return g_strdup (cleared || entry ? line : "{}");
  json_object_set_null_member (entry, "object");
  json_object_set_null_member (entry, "details");
  return anpr_json_to_line (entry);
}

static void
read_log (AnprRequest *request)
{
  guint limit = GPOINTER_TO_UINT (request->data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) lines =
      anpr_audit_log_read (request->web->log, limit, &error);
  GString *text;

  if (!lines) {
    anpr_answer_set_error (&request->answer, error);
    return;
  }
  text = g_string_new ("[");
  for (guint i = 0; i < lines->len; i++) {
    g_autofree gchar *entry =
        show_entry (g_ptr_array_index (lines, i), request->account->cleared);

    g_string_append_printf (text, "%s%s", i ? "," : "", entry);
  }
  g_string_append_c (text, ']');
  anpr_answer_set_text (&request->answer, SOUP_STATUS_OK,
      "application/json; charset=utf-8", g_string_free (text, FALSE));
}

static void
get_log (AnprRequest *request)
{
  request->data =
      GUINT_TO_POINTER (anpr_request_get_limit (request, USUAL_LOG, MOST_LOG));
  anpr_request_work (request, request->web->disk, read_log, NULL);
}

/* --- events --------------------------------------------------------------- */

static void
log_events (AnprRequest *request)
{
  if (anpr_request_log_texts (request, "events-opened", NULL, NULL))
    request->answer.status = SOUP_STATUS_OK;
}

/* A stream has begun: its answer has been sent, as far as it can be */
static void
begin_events (AnprRequest *request)
{
  AnprAnswer head = { .status = SOUP_STATUS_OK };

  if (request->answer.status != SOUP_STATUS_OK)
    return;
  if (g_object_get_data (G_OBJECT (request->message), "anpr-gone"))
    return;
  if (g_str_equal (soup_server_message_get_method (request->message), "HEAD"))
    return;
  anpr_answer_send (&head, request->message);
  if (anpr_events_listen (request->web->events, request->message,
          request->account->user, request->session,
          anpr_account_get_viewer (request->account)))
    request->streaming = TRUE;
  else
    anpr_answer_set_fault (
        &request->answer, ANPR_ERROR_WEB_BUSY, "There are too many pages open");
}

static void
get_events (AnprRequest *request)
{
  anpr_request_work (request, request->web->disk, log_events, begin_events);
}

/* --- health and metrics --------------------------------------------------- */

static void
get_health (AnprRequest *request)
{
  gboolean up = anpr_web_is_up (request->web);

  anpr_answer_set_text (&request->answer,
      up ? SOUP_STATUS_OK : SOUP_STATUS_SERVICE_UNAVAILABLE,
      "text/plain; charset=utf-8", g_strdup (up ? "up\n" : "down\n"));
}

/* The token that Prometheus shows, out of a file that is ours alone */
static gchar *
read_token (const gchar *path)
{
  g_autofree gchar *token = NULL;
  struct stat status;
  int fd = path ? g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0) : -1;
  gchar text[MAX_TOKEN + 1];
  gssize n = -1;

  if (fd < 0)
    return NULL;
  if (fstat (fd, &status) == 0 && S_ISREG (status.st_mode)
      && !(status.st_mode & (S_IRWXG | S_IRWXO)))
    n = read (fd, text, MAX_TOKEN);
  (void) close (fd);
  if (n < 0)
    return NULL;
  text[n] = '\0';
  token = g_strdup (g_strstrip (text));
  return strlen (token) >= 16 ? g_steal_pointer (&token) : NULL;
}

static gboolean
may_read_metrics (AnprRequest *request)
{
  g_autofree gchar *token = NULL, *shown = NULL;

  if (request->account)
    return TRUE;
  shown = anpr_request_get_bearer (soup_message_headers_get_one (
      soup_server_message_get_request_headers (request->message),
      "Authorization"));
  token = shown ? read_token (request->web->metrics_token) : NULL;
  return anpr_secret_equal (token, shown);
}

static void
add_web (AnprMetrics *metrics, AnprWeb *web)
{
  const struct {
    const gchar *name;
    AnprMetricType type;
    gdouble value;
    const gchar *help;
  } figures[] = {
    { "anpr_web_connections", ANPR_METRIC_GAUGE, anpr_door_get_n (web->door),
        "Connections to the page." },
    { "anpr_web_connections_refused_total", ANPR_METRIC_COUNTER,
        anpr_door_get_n_refused (web->door),
        "Connections that came while there were too many." },
    { "anpr_web_event_streams", ANPR_METRIC_GAUGE,
        anpr_events_get_n (web->events), "Pages that listen to events." },
    { "anpr_web_event_streams_dropped_total", ANPR_METRIC_COUNTER,
        anpr_events_get_n_dropped (web->events),
        "Listeners cut off because they were too slow." },
    { "anpr_web_sessions", ANPR_METRIC_GAUGE,
        anpr_sessions_get_n (web->sessions), "Sessions." },
    { "anpr_web_sign_ins_total", ANPR_METRIC_COUNTER, web->n_signed_in,
        "Sign-ins." },
    { "anpr_web_sign_ins_failed_total", ANPR_METRIC_COUNTER,
        web->n_sign_ins_failed, "Sign-ins with a wrong name or password." },
    { "anpr_configuration_faults", ANPR_METRIC_GAUGE,
        anpr_fleet_get_faults (web->fleet)->len,
        "Faults of the configuration that was read last." },
    { "anpr_lists_refused", ANPR_METRIC_GAUGE,
        anpr_storage_watch_get_n_refused (web->storage),
        "Files of hit lists that are not in force." },
  };

  for (guint i = 0; i < G_N_ELEMENTS (figures); i++) {
    anpr_metrics_begin (
        metrics, figures[i].name, figures[i].type, figures[i].help);
    anpr_metrics_add (metrics, figures[i].value, NULL);
  }
  anpr_metrics_begin (metrics, "anpr_build_info", ANPR_METRIC_GAUGE,
      "1; the version is a label.");
  anpr_metrics_add (metrics, 1, "version", PACKAGE_VERSION, NULL);
}

static void
add_fleet (AnprMetrics *metrics, AnprWeb *web)
{
  guint n = anpr_fleet_get_n_cameras (web->fleet);
  g_autofree AnprCameraFigures *figures = g_new0 (AnprCameraFigures, n + 1);

  for (guint i = 0; i < n; i++) {
    figures[i].camera = anpr_fleet_get_camera (web->fleet, i);
    figures[i].health =
        anpr_lane_watch_find (web->lanes, figures[i].camera->id);
    figures[i].storage =
        anpr_storage_watch_find (web->storage, figures[i].camera->id);
    figures[i].unseen =
        anpr_position_watch_is_unseen (web->files, figures[i].camera->id);
  }
  anpr_metrics_add_cameras (metrics, figures, n);
}

static void
add_lists (AnprMetrics *metrics, AnprWeb *web)
{
  GPtrArray *lists = anpr_storage_watch_get_lists (web->storage);
  g_autofree AnprListFigures *figures =
      g_new0 (AnprListFigures, lists->len + 1);

  for (guint i = 0; i < lists->len; i++)
    figures[i] = ((AnprListStatus *) g_ptr_array_index (lists, i))->figures;
  anpr_metrics_add_lists (metrics, figures, lists->len);
}

static void
add_decisions (AnprMetrics *metrics, AnprWeb *web)
{
  AnprStorageFigures figures = anpr_storage_watch_get_decisions (web->storage);

  anpr_metrics_add_decisions (metrics, &figures);
}

static void
get_metrics (AnprRequest *request)
{
  AnprMetrics *metrics;

  if (!may_read_metrics (request)) {
    anpr_answer_set_fault (&request->answer, ANPR_ERROR_WEB_SIGN_IN,
        "Metrics take a session, or the token of metrics-token=");
    return;
  }
  metrics = anpr_metrics_new ();
  add_fleet (metrics, request->web);
  add_lists (metrics, request->web);
  add_decisions (metrics, request->web);
  add_web (metrics, request->web);
  anpr_metrics_add_process (metrics);
  anpr_answer_set_text (&request->answer, SOUP_STATUS_OK, ANPR_METRICS_TYPE,
      anpr_metrics_finish (metrics));
}

const AnprRoute anpr_other_routes[] = {
  { "GET", "/healthz", ANPR_FOR_ANYBODY, get_health },
  { "GET", "/metrics", ANPR_FOR_ANYBODY, get_metrics },
  { "GET", "/api/lists", ANPR_FOR_ALL, get_lists },
  { "GET", "/api/log", ANPR_FOR (TECHNICIAN) | ANPR_FOR (SUPERVISOR), get_log },
  { "GET", "/api/events", ANPR_FOR_ALL, get_events, TRUE },
  { NULL },
};
