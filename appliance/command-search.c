/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* anprctl search: what investigators, dispatchers and supervisors ask the central
 * database. docs/search.md is the manual.
 *
 * The table of actions at the end names all there is. An action either asks a
 * question, with its reasons, in two steps, or calls a function of its role. This
 * program checks nothing of the law: the database does, and writes down what was
 * refused, too. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "command.h"
#include "centralsearch.h"
#include "console.h"
#include "localtime.h"
#include "searchcolumns.h"
#include "searchfacts.h"
#include "searchfields.h"
#include "searchpictures.h"
#include "searchprint.h"
#include "searchresult.h"

#include <string.h>

#define ADDRESS_VARIABLE "ANPR_CENTRAL"
#define TIMEOUT_SECONDS 60
#define MAX_TIMEOUT_SECONDS 3600
#define MAX_ARGUMENTS 6

static gchar *address;
static gchar *purpose;
static gchar *case_reference;
static gchar *justification;
static gchar *from;
static gchar *to;
static gchar *prosecutor_reference;
static gchar *prosecutor_date;
static gchar *prosecutor_issuer;
static gchar *prosecutor_scope;
static gchar **controllers;
static gchar **positions;
static gchar **facts;
static gchar *match;
static gchar *direction;
static gchar *plate;
static gchar *list;
static gchar *cause;
static gchar *note;
static gchar *reason;
static gchar *format_name;
static gchar *output;
static gdouble commuter_above = -1;
static gint changes;
static gint at_least;
static gint show = -1;
static gint seconds;
static gint speed;
static gint limit;
static gint suppress_hours;
static gint timeout = TIMEOUT_SECONDS;
static gboolean all;

static const GOptionEntry entries[] = {
  { "central", 'c', 0, G_OPTION_ARG_STRING, &address,
      "Central database: a URI, postgresql://…, or the name of a service in "
      "pg_service.conf; by default what " ADDRESS_VARIABLE " holds",
      "ADDRESS" },
  { "purpose", 'p', 0, G_OPTION_ARG_STRING, &purpose,
      "What for: J1, J2, J3 or B1", "CODE" },
  { "case", 0, 0, G_OPTION_ARG_STRING, &case_reference, "Reference of the case",
      "REFERENCE" },
  { "justification", 'j', 0, G_OPTION_ARG_STRING, &justification,
      "Why this is needed, in words of the case", "TEXT" },
  { "from", 0, 0, G_OPTION_ARG_STRING, &from,
      "First moment: \"2026-01-31 18:30\" here, or with an offset", "TIME" },
  { "to", 0, 0, G_OPTION_ARG_STRING, &to,
      "End, no longer part of it; by default now", "TIME" },
  { "prosecutor-reference", 0, 0, G_OPTION_ARG_STRING, &prosecutor_reference,
      "Beyond one month: reference of the prosecutor's decision", "TEXT" },
  { "prosecutor-date", 0, 0, G_OPTION_ARG_STRING, &prosecutor_date, "Its date",
      "YYYY-MM-DD" },
  { "prosecutor-issuer", 0, 0, G_OPTION_ARG_STRING, &prosecutor_issuer,
      "Who gave it", "NAME" },
  { "prosecutor-scope", 0, 0, G_OPTION_ARG_STRING, &prosecutor_scope,
      "What it allows", "TEXT" },
  { "controller", 0, 0, G_OPTION_ARG_STRING_ARRAY, &controllers,
      "Only positions of this zone; may be given again", "NAME" },
  { "position", 0, 0, G_OPTION_ARG_STRING_ARRAY, &positions,
      "Only this position; may be given again", "NAME" },
  { "match", 0, 0, G_OPTION_ARG_STRING, &match,
      "exact, look-alike or pattern; by default pattern if PLATE has ? or *, "
      "else exact",
      "HOW" },
  { "changes", 0, 0, G_OPTION_ARG_INT, &changes,
      "Signs that may differ in a look-alike: 1 or 2, by default 1", "N" },
  { "plate", 0, 0, G_OPTION_ARG_STRING, &plate,
      "place: only plates like this pattern", "PATTERN" },
  { "direction", 0, 0, G_OPTION_ARG_STRING, &direction,
      "place: in, out or unknown", "DIRECTION" },
  { "fact", 0, 0, G_OPTION_ARG_STRING_ARRAY, &facts,
      "series: positions, and from when to when; two or more",
      "P[,P…]@FROM/TO" },
  { "at-least", 0, 0, G_OPTION_ARG_INT, &at_least,
      "series: near so many facts, by default all; convoy: so often together, "
      "by default 3",
      "N" },
  { "commuter-above", 0, 0, G_OPTION_ARG_DOUBLE, &commuter_above,
      "series: base rate above which a plate is a commuter, by default 0.2",
      "RATE" },
  { "show", 0, 0, G_OPTION_ARG_INT, &show,
      "series: show the plates, of which there are as many as was told",
      "COUNT" },
  { "seconds", 0, 0, G_OPTION_ARG_INT, &seconds,
      "convoy: at most so far apart, by default 120", "N" },
  { "speed", 0, 0, G_OPTION_ARG_INT, &speed,
      "impossible: what no vehicle drives, km/h, by default 200", "N" },
  { "list", 0, 0, G_OPTION_ARG_STRING, &list, "hits: only of this list",
      "LIST" },
  { "all", 'a', 0, G_OPTION_ARG_NONE, &all,
      "hits: settled, suppressed and silent ones, too; notices: sent ones",
      NULL },
  { "cause", 0, 0, G_OPTION_ARG_STRING, &cause,
      "decide: misread, \"wrong country\", stale or \"wrong vehicle\"", "WHY" },
  { "note", 0, 0, G_OPTION_ARG_STRING, &note, "decide: a remark", "TEXT" },
  { "suppress-hours", 0, 0, G_OPTION_ARG_INT, &suppress_hours,
      "decide: for how long the same hit should not be shown again", "N" },
  { "reason", 0, 0, G_OPTION_ARG_STRING, &reason,
      "end-review: what was corrected in the list", "TEXT" },
  { "limit", 'n', 0, G_OPTION_ARG_INT, &limit, "At most so many rows", "N" },
  { "format", 'f', 0, G_OPTION_ARG_STRING, &format_name,
      "table, json, csv or geojson", "FORMAT" },
  { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
      "images, open: folder for the pictures; made if it is not there",
      "FOLDER" },
  { "timeout", 0, 0, G_OPTION_ARG_INT, &timeout,
      "Seconds after which an answer is given up; by default 60", "SECONDS" },
  { NULL },
};

typedef struct _Search Search;

/* One action. @columns: of its table. @run: FALSE with an error if it failed.
 * @call: of the function that search_call() calls */
typedef struct {
  const gchar *name;
  guint min_arguments;
  guint max_arguments;
  const AnprSearchColumn *columns;
  gboolean (*run) (Search *search, gchar **arguments, GError **error);
  const gchar *call;
} Action;

struct _Search {
  AnprCentralConnection *connection;
  const Action *action;
  AnprSearchFormat format;
  GTimeZone *zone;
  gchar *from;
  gchar *to;
  JsonObject *what;
};

/* --- what was typed ------------------------------------------------------- */

static gchar *
take_time (const Search *search, const gchar *text, GError **error)
{
  g_autoptr (GDateTime) time =
      anpr_local_time_parse (text, search->zone, error);

  return time ? anpr_local_time_to_utc (time) : NULL;
}

static gboolean
take_window (Search *search, GError **error)
{
  if (!from) {
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_PROPERTY,
        "give the window of time with --from, and --to");
    return FALSE;
  }
  search->from = take_time (search, from, error);
  search->to = search->from ? take_time (search, to ? to : "now", error) : NULL;
  return search->to != NULL;
}

static JsonObject *
make_prosecutor (void)
{
  JsonObject *decision;

  if (!prosecutor_reference && !prosecutor_date && !prosecutor_issuer
      && !prosecutor_scope)
    return NULL;
  decision = json_object_new ();
  anpr_search_set_text (decision, "reference", prosecutor_reference);
  anpr_search_set_text (decision, "date", prosecutor_date);
  anpr_search_set_text (decision, "issuer", prosecutor_issuer);
  anpr_search_set_text (decision, "scope", prosecutor_scope);
  return decision;
}

/* --- asking and telling --------------------------------------------------- */

static guint
milliseconds (void)
{
  return (guint) timeout * 1000;
}

/* A text that is no UTF-8 is made so: the database would refuse it without having
 * written down that it was asked */
static JsonArray *
ask (Search *search, const gchar *function, GError **error)
{
  g_autoptr (JsonObject) prosecutor = make_prosecutor ();
  g_autofree gchar *why =
      justification ? g_utf8_make_valid (justification, -1) : NULL;
  g_autofree gchar *which =
      case_reference ? g_utf8_make_valid (case_reference, -1) : NULL;
  g_autofree gchar *code = purpose ? g_utf8_make_valid (purpose, -1) : NULL;
  g_autofree gchar *call = g_strdup_printf ("anpr.%s($1::uuid)", function);
  g_autofree gchar *ticket = NULL;
  AnprCentralQuestion question = { function, code, which, why, search->from,
    search->to, search->what, prosecutor };
  const gchar *arguments[] = { NULL, NULL };

  anpr_search_set_texts (search->what, "controllers", controllers);
  ticket = anpr_central_search_ask (
      search->connection, &question, milliseconds (), error);
  if (!ticket)
    return NULL;
  arguments[0] = ticket;
  return anpr_central_search_rows (
      search->connection, call, arguments, milliseconds (), error);
}

static void
print_rows (const Search *search, JsonArray *rows)
{
  anpr_search_print (search->action->name, rows, search->format,
      search->action->columns, search->zone);
}

static gboolean
ask_and_print (Search *search, const gchar *function, GError **error)
{
  g_autoptr (JsonArray) rows = ask (search, function, error);

  if (rows)
    print_rows (search, rows);
  return rows != NULL;
}

/* A function that takes no ticket */
static JsonArray *
call (Search *search, const gchar *call, const gchar *const *arguments,
    GError **error)
{
  return anpr_central_search_rows (
      search->connection, call, arguments, milliseconds (), error);
}

static gboolean
call_and_print (Search *search, const gchar *function,
    const gchar *const *arguments, GError **error)
{
  g_autoptr (JsonArray) rows = call (search, function, arguments, error);

  if (rows)
    print_rows (search, rows);
  return rows != NULL;
}

/* --- investigators -------------------------------------------------------- */

static gboolean
search_plate (Search *search, gchar **arguments, GError **error)
{
  const gchar *usual = strpbrk (arguments[0], "?*") ? "pattern" : "exact";

  anpr_search_set_text (search->what, "plate", arguments[0]);
  anpr_search_set_text (search->what, "match", match ? match : usual);
  anpr_search_set_count (search->what, "changes", changes);
  anpr_search_set_texts (search->what, "positions", positions);
  anpr_search_set_count (search->what, "limit", limit);
  return take_window (search, error) && ask_and_print (search, "plate", error);
}

static gboolean
search_place (Search *search, gchar **arguments, GError **error)
{
  anpr_search_set_texts (search->what, "positions", arguments);
  anpr_search_set_text (search->what, "plate", plate);
  anpr_search_set_text (search->what, "direction", direction);
  anpr_search_set_count (search->what, "limit", limit);
  return take_window (search, error) && ask_and_print (search, "place", error);
}

static gboolean
show_series (Search *search, GError **error)
{
  json_object_set_int_member (search->what, "counted", show);
  anpr_search_set_count (search->what, "limit", limit);
  return ask_and_print (search, "series", error);
}

static gboolean
count_series (Search *search, GError **error)
{
  g_autoptr (JsonArray) rows = ask (search, "count_series", error);

  if (!rows)
    return FALSE;
  anpr_search_print ("count_series", rows, search->format,
      anpr_search_count_columns, search->zone);
  anpr_console_note ("the same with --show %" G_GINT64_FORMAT
                     " shows the plates, within the hour",
      json_object_get_int_member (
          json_array_get_object_element (rows, 0), "plates"));
  return TRUE;
}

static gboolean
search_series (Search *search, gchar **arguments, GError **error)
{
  JsonArray *array = anpr_search_facts_parse (facts, search->zone, error);

  if (!array)
    return FALSE;
  json_object_set_array_member (search->what, "facts", array);
  anpr_search_set_count (search->what, "at_least", at_least);
  if (commuter_above >= 0)
    json_object_set_double_member (
        search->what, "commuter_above", commuter_above);
  if (!take_window (search, error))
    return FALSE;
  return show < 0 ? count_series (search, error) : show_series (search, error);
}

static gboolean
search_convoy (Search *search, gchar **arguments, GError **error)
{
  anpr_search_set_text (search->what, "plate", arguments[0]);
  anpr_search_set_count (search->what, "seconds", seconds);
  anpr_search_set_count (search->what, "at_least", at_least);
  anpr_search_set_texts (search->what, "positions", positions);
  anpr_search_set_count (search->what, "limit", limit);
  return take_window (search, error) && ask_and_print (search, "convoy", error);
}

static gboolean
search_impossible (Search *search, gchar **arguments, GError **error)
{
  anpr_search_set_text (search->what, "plate", arguments[0]);
  anpr_search_set_count (search->what, "speed", speed);
  anpr_search_set_texts (search->what, "positions", positions);
  anpr_search_set_count (search->what, "limit", limit);
  return take_window (search, error)
         && ask_and_print (search, "impossible", error);
}

/* --- pictures ------------------------------------------------------------- */

static gboolean
needs_output (GError **error)
{
  if (output)
    return TRUE;
  g_set_error (error, ANPR_ERROR, ANPR_ERROR_PROPERTY,
      "give the folder for the pictures with --output");
  return FALSE;
}

static gboolean
search_images (Search *search, gchar **arguments, GError **error)
{
  g_autoptr (JsonArray) rows = NULL;

  if (!needs_output (error) || !take_window (search, error))
    return FALSE;
  anpr_search_set_texts (search->what, "passages", arguments);
  rows = ask (search, "images", error);
  return rows && anpr_search_write_pictures (rows, output, NULL, error);
}

/* --- dispatchers ---------------------------------------------------------- */

/* The ticket of a function that gives one, in a transaction of its own */
static gchar *
take_ticket (Search *search, const gchar *function,
    const gchar *const *arguments, GError **error)
{
  g_autoptr (JsonArray) rows = call (search, function, arguments, error);

  if (!rows || json_array_get_length (rows) != 1)
    return NULL;
  return g_strdup (json_object_get_string_member_with_default (
      json_array_get_object_element (rows, 0), "ticket", ""));
}

/* With a window it is a question as any other, else what waits here and now */
static gboolean
search_hits (Search *search, gchar **arguments, GError **error)
{
  const gchar *none[] = { NULL };
  g_autofree gchar *ticket = NULL;

  if (from) {
    anpr_search_set_text (search->what, "state", all ? "all" : "open");
    anpr_search_set_text (search->what, "list", list);
    anpr_search_set_count (search->what, "limit", limit);
    json_object_set_boolean_member (search->what, "silent", all);
    json_object_set_boolean_member (search->what, "suppressed", all);
    return take_window (search, error) && ask_and_print (search, "hits", error);
  }
  if (all || list) {
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_PROPERTY,
        "--all and --list are for hits of a window of time: give --from");
    return FALSE;
  }
  ticket = take_ticket (search, "anpr.attend()", none, error);
  return ticket
         && call_and_print (search, "anpr.hits($1::uuid)",
             (const gchar *const[]){ ticket, NULL }, error);
}

static gboolean
search_open (Search *search, gchar **arguments, GError **error)
{
  g_autofree gchar *ticket = NULL;
  g_autoptr (JsonArray) rows = NULL;

  if (!needs_output (error))
    return FALSE;
  ticket = take_ticket (search, "anpr.open_hit($1::uuid, $2::uuid)",
      (const gchar *const *) arguments, error);
  if (!ticket)
    return FALSE;
  rows = call (search, "anpr.hit_images($1::uuid)",
      (const gchar *const[]){ ticket, NULL }, error);
  return rows && anpr_search_write_pictures (rows, output, arguments[0], error);
}

static gboolean
search_decide (Search *search, gchar **arguments, GError **error)
{
  g_autofree gchar *term = suppress_hours
                               ? g_strdup_printf ("%d hours", suppress_hours)
                               : g_strdup ("");
  const gchar *values[] = { arguments[0], arguments[1], arguments[2],
    cause ? cause : "", note ? note : "", term, NULL };

  return call_and_print (search,
      "anpr.decide($1::uuid, $2::uuid, $3, $4, $5, $6::interval)", values,
      error);
}

/* Whatever takes its arguments as they stand */
static gboolean
search_call (Search *search, gchar **arguments, GError **error)
{
  return call_and_print (
      search, search->action->call, (const gchar *const *) arguments, error);
}

static gboolean
search_end_review (Search *search, gchar **arguments, GError **error)
{
  const gchar *values[] = { arguments[0], reason ? reason : "", NULL };

  return call_and_print (search, "anpr.end_review($1, $2)", values, error);
}

static gboolean
search_notices (Search *search, gchar **arguments, GError **error)
{
  return call_and_print (search, "anpr.notices($1::boolean)",
      (const gchar *const[]){ all ? "false" : "true", NULL }, error);
}

/* --- supervisors ---------------------------------------------------------- */

static gboolean
search_precision (Search *search, gchar **arguments, GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now (search->zone);
  g_autofree gchar *today = g_date_time_format (now, "%Y-%m-%d");

  return call_and_print (search, "anpr.precision($1::date, $2::date)",
      (const gchar *const[]){ from ? from : today, to ? to : today, NULL },
      error);
}

static gboolean
search_register (Search *search, gchar **arguments, GError **error)
{
  g_autoptr (JsonArray) rows = call (search, "anpr.register_export()",
      (const gchar *const *) arguments, error);
  g_autofree gchar *text = NULL;

  if (!rows)
    return FALSE;
  text = json_to_string (
      json_object_get_member (
          json_array_get_object_element (rows, 0), "register_export"),
      TRUE);
  anpr_console_print (text);
  return TRUE;
}

static gboolean
search_anomalies (Search *search, gchar **arguments, GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now (search->zone);
  g_autoptr (GDateTime) before = g_date_time_add_days (now, -1);
  g_autofree gchar *yesterday = g_date_time_format (before, "%Y-%m-%d");

  return call_and_print (search, "anpr.anomalies($1::date)",
      (const gchar *const[]){ arguments[0] ? arguments[0] : yesterday, NULL },
      error);
}

/* --- the command ---------------------------------------------------------- */

static const Action actions[] = {
  { "plate", 1, 1, anpr_search_passage_columns, search_plate },
  { "place", 1, 1000, anpr_search_passage_columns, search_place },
  { "series", 0, 0, anpr_search_series_columns, search_series },
  { "convoy", 1, 1, anpr_search_convoy_columns, search_convoy },
  { "impossible", 0, 1, anpr_search_impossible_columns, search_impossible },
  { "images", 1, 20, NULL, search_images },
  { "hits", 0, 0, anpr_search_hit_columns, search_hits },
  { "open", 2, 2, NULL, search_open },
  { "decide", 3, 3, anpr_search_decision_columns, search_decide },
  { "suppressions", 0, 0, anpr_search_suppression_columns, search_call,
      "anpr.suppressions()" },
  { "approve", 1, 1, anpr_search_approval_columns, search_call,
      "anpr.approve_suppression($1::bigint, true)" },
  { "refuse", 1, 1, anpr_search_approval_columns, search_call,
      "anpr.approve_suppression($1::bigint, false)" },
  { "end-review", 1, 1, anpr_search_review_columns, search_end_review },
  { "notices", 0, 0, anpr_search_notice_columns, search_notices },
  { "sent", 1, 1, anpr_search_approval_columns, search_call,
      "anpr.notice_sent($1::bigint)" },
  { "precision", 0, 0, anpr_search_precision_columns, search_precision },
  { "register", 0, 0, NULL, search_register },
  { "anomalies", 0, 1, anpr_search_anomaly_columns, search_anomalies },
};

static const Action *
find_action (const gchar *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    if (g_str_equal (actions[i].name, name))
      return &actions[i];
  return NULL;
}

static AnprctlStatus
run_action (const Action *action, gchar **arguments)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnprCentralConnection) connection = NULL;
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  g_autoptr (JsonObject) what = json_object_new ();
  Search search = { .action = action, .zone = zone, .what = what };
  gboolean done;

  if (format_name && !anpr_search_format_parse (format_name, &search.format))
    return anprctl_usage ("--format is table, json, csv or geojson");
  connection = anpr_central_search_connect (address, milliseconds (), &error);
  search.connection = connection;
  done = connection && action->run (&search, arguments, &error);
  g_free (search.from);
  g_free (search.to);
  if (done)
    return ANPRCTL_DONE;
  if (g_error_matches (error, ANPR_ERROR, ANPR_ERROR_PROPERTY))
    return anprctl_usage ("%s", error->message);
  anpr_central_search_fault (action->name, error);
  return ANPRCTL_FAILED;
}

static AnprctlStatus
run (gchar **arguments)
{
  const Action *action = arguments[0] ? find_action (arguments[0]) : NULL;
  guint n = g_strv_length (arguments);

  if (!action)
    return anprctl_usage ("say what to search: plate, place, series, convoy, "
                          "impossible, hits or another");
  if (n - 1 < action->min_arguments || n - 1 > action->max_arguments)
    return anprctl_usage ("\"%s\" takes other arguments", action->name);
  if (timeout < 1 || timeout > MAX_TIMEOUT_SECONDS)
    return anprctl_usage ("--timeout is from 1 to %d", MAX_TIMEOUT_SECONDS);
  if (!address)
    address = g_strdup (g_getenv (ADDRESS_VARIABLE));
  if (!address)
    return anprctl_usage (
        "give the central database with --central or " ADDRESS_VARIABLE);
  return run_action (action, arguments + 1);
}

const AnprctlCommand anprctl_command_search = {
  .name = "search",
  .arguments = "ACTION [ARGUMENT…]",
  .summary = "Ask the central database",
  .description =
      "Investigators, with --purpose, --case, --justification and --from:\n\n"
      "  plate PLATE          where a plate was, in order\n"
      "  place POSITION…      what passed there\n"
      "  series --fact … …    plates near several facts\n"
      "  convoy PLATE         plates that travel with it\n"
      "  impossible [PLATE]   plates faster than any vehicle\n"
      "  images PASSAGE…      pictures of passages\n\n"
      "Dispatchers:\n\n"
      "  hits                 what waits; with --from what was\n"
      "  open PASSAGE HIT     pictures of a hit\n"
      "  decide PASSAGE HIT confirm|reject|undecided\n"
      "  suppressions; approve NUMBER; refuse NUMBER\n"
      "  notices; sent NUMBER\n"
      "  end-review LIST\n\n"
      "Supervisors:\n\n"
      "  precision, register, anomalies [DAY], suppressions, notices\n\n"
      "Each question is written down with who asked and why, before it is "
      "answered; a\nrefusal names its rule. Times are local unless they have "
      "an offset; in JSON,\nCSV and GeoJSON they are in UTC.",
  .entries = entries,
  .run = run,
};
