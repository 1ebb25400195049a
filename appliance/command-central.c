/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* anprctl central: the central technical database, for who runs it. A table of
 * actions, each of which takes a connection and the arguments behind its name.
 * What is allowed is decided in the database (central/), by who logs in. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "command.h"
#include "centralmigrations.h"
#include "centralretain.h"
#include "centralseal.h"
#include "console.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define ADDRESS_VARIABLE "ANPR_CENTRAL"
#define MIGRATIONS_VARIABLE "ANPR_MIGRATIONS"

/* Milliseconds */
#define CONNECT_TIMEOUT 30000
#define QUERY_TIMEOUT 600000

/* A file of changes, or of seals */
#define MAX_FILE (16 << 20)

static gchar *address;
static gchar *migrations;
static gchar *reason;
static gchar *seals;
static gchar *keys;
static gchar *secret_key;

static const GOptionEntry entries[] = {
  { "to", 't', 0, G_OPTION_ARG_STRING, &address,
      "Central database: a URI, postgresql://…, or the name of a service in "
      "pg_service.conf; by default what " ADDRESS_VARIABLE " holds",
      "ADDRESS" },
  { "migrations", 0, 0, G_OPTION_ARG_FILENAME, &migrations,
      "Folder of the migrations; by default those that came with this version",
      "FOLDER" },
  { "reason", 'r', 0, G_OPTION_ARG_STRING, &reason,
      "Why a change of the register is proposed", "TEXT" },
  { "seals", 0, 0, G_OPTION_ARG_FILENAME, &seals,
      "For check: file of lines that seal printed, to compare the log with",
      "FILE" },
  { "keys", 'k', 0, G_OPTION_ARG_FILENAME, &keys,
      "For check: folder of the public keys that seals have to be signed by",
      "FOLDER" },
  { "key", 0, 0, G_OPTION_ARG_FILENAME, &secret_key,
      "For seal: file of the secret key to sign with", "FILE" },
  { NULL },
};

static void
print_clean (const gchar *text)
{
  g_autofree gchar *clean = anpr_console_clean (text);

  anpr_console_print (clean);
}

/* --- schema --- */

static GPtrArray *
load_migrations (GError **error)
{
  const gchar *folder =
      migrations ? migrations : g_getenv (MIGRATIONS_VARIABLE);

  return anpr_migrations_load (
      folder ? folder : ANPR_DATA_DIR "/central/migrations", error);
}

static AnprctlStatus
apply (AnprCentralConnection *connection, gboolean empty)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) files = load_migrations (&error);
  g_autofree gchar *line = NULL;
  guint n = 0;

  if (!files || !anpr_migrations_apply (connection, files, empty, &n, &error))
    return anprctl_failed ("schema", error);
  line = g_strdup_printf ("%u of %u migrations applied", n, files->len);
  print_clean (line);
  return ANPRCTL_DONE;
}

static AnprctlStatus
init (AnprCentralConnection *connection, gchar **arguments)
{
  return apply (connection, TRUE);
}

static AnprctlStatus
migrate (AnprCentralConnection *connection, gchar **arguments)
{
  return apply (connection, FALSE);
}

/* --- check --- */

static gboolean
check_schema (AnprCentralConnection *connection)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) files = load_migrations (&error);
  g_autoptr (GPtrArray) applied =
      files ? anpr_migrations_applied (connection, &error) : NULL;
  g_autoptr (GPtrArray) pending =
      applied ? anpr_migrations_pending (files, applied, &error) : NULL;

  if (pending && pending->len > 0)
    g_set_error (&error, ANPR_ERROR, ANPR_ERROR_CENTRAL_MIGRATION,
        "%u of %u migrations are not applied", pending->len, files->len);
  if (error)
    anpr_console_error ("schema", error);
  return error == NULL;
}

/* A row of what does not hold: code, subject, message */
static void
show_finding (const PGresult *rows, int row)
{
  const gchar *name = PQgetvalue (rows, row, 0);
  g_autofree gchar *subject = anpr_console_clean (PQgetvalue (rows, row, 1));
  g_autofree gchar *message = anpr_console_clean (PQgetvalue (rows, row, 2));
  AnprError code;

  anpr_console_fault (subject, name, message,
      anpr_error_code_find (name, &code) ? anpr_error_code_advice (code) : "");
}

/* Returns how many, or -1 having told why not */
static int
show_findings (
    AnprCentralConnection *connection, const gchar *command, const gchar *value)
{
  const AnprCentralParameter parameter = { 0, value, 0, FALSE };
  g_autoptr (GError) error = NULL;
  g_autoptr (PGresult) rows = anpr_central_query (connection, command,
      &parameter, value ? 1 : 0, QUERY_TIMEOUT, NULL, &error);

  if (!rows) {
    anpr_console_error ("check", error);
    return -1;
  }
  for (int i = 0; i < PQntuples (rows); i++)
    show_finding (rows, i);
  return PQntuples (rows);
}

static gchar *
read_file (const gchar *path, GError **error)
{
  g_autofree gchar *text = NULL;
  g_autoptr (GError) why = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, &why)) {
    g_set_error_literal (
        error, ANPR_ERROR, ANPR_ERROR_INPUT_OPEN, why->message);
    return NULL;
  }
  if (length > MAX_FILE || strlen (text) != length
      || !g_utf8_validate (text, (gssize) length, NULL)) {
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_INPUT_FORMAT,
        "no text in UTF-8 of at most %d MiB", MAX_FILE >> 20);
    return NULL;
  }
  return g_steal_pointer (&text);
}

static gboolean
check_seal (AnprCentralConnection *connection, const gchar *line)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *seal = anpr_central_seal_open (line, keys, &error);

  if (!seal) {
    anpr_console_error (seals, error);
    return FALSE;
  }
  return show_findings (connection,
             "SELECT 'ANPR-CENTRAL-LOG', chain || ' ' || number, fault "
             "FROM anpr.verify_seal ($1::jsonb)",
             seal)
         == 0;
}

/* Whether the log still is what each of the lines sealed */
static gboolean
check_seals (AnprCentralConnection *connection)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *text = read_file (seals, &error);
  g_auto (GStrv) lines = text ? g_strsplit (text, "\n", -1) : NULL;
  gboolean good = lines != NULL;

  if (!lines)
    anpr_console_error (seals, error);
  for (guint i = 0; lines && lines[i]; i++) {
    if (lines[i][0] && !check_seal (connection, lines[i]))
      good = FALSE;
  }
  return good;
}

static AnprctlStatus
check (AnprCentralConnection *connection, gchar **arguments)
{
  gboolean good = check_schema (connection);

  good = show_findings (connection,
             "SELECT code, subject, message FROM anpr_data.findings ()", NULL)
             == 0
         && good;
  if (seals)
    good = check_seals (connection) && good;
  if (good)
    anpr_console_print ("all holds");
  return good ? ANPRCTL_DONE : ANPRCTL_FAILED;
}

/* --- the register --- */

/* What the database has against a change has a text of its own behind a mark */
static void
take_register_fault (GError **error)
{
  const gchar *mark = strstr ((*error)->message, "[ANPR-REGISTER] ");
  GError *fault;

  if (!mark)
    return;
  fault = g_error_new_literal (ANPR_ERROR, ANPR_ERROR_CENTRAL_REGISTER,
      mark + strlen ("[ANPR-REGISTER] "));
  g_clear_error (error);
  *error = fault;
}

/* Runs @command with @values; tells @done and the value it gives */
static AnprctlStatus
call (AnprCentralConnection *connection, const gchar *command,
    const gchar *const *values, const gchar *done)
{
  AnprCentralParameter parameters[2] = { { 0 } };
  g_autoptr (GError) error = NULL;
  g_autoptr (PGresult) row = NULL;
  g_autofree gchar *line = NULL;
  guint n = 0;

  for (; n < G_N_ELEMENTS (parameters) && values[n]; n++)
    parameters[n].value = values[n];
  row = anpr_central_query (
      connection, command, parameters, n, QUERY_TIMEOUT, NULL, &error);
  if (!row) {
    take_register_fault (&error);
    return anprctl_failed ("register", error);
  }
  line = g_strconcat (done, PQgetvalue (row, 0, 0), NULL);
  print_clean (line);
  return ANPRCTL_DONE;
}

static AnprctlStatus
propose (AnprCentralConnection *connection, gchar **arguments)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *text = read_file (arguments[0], &error);
  g_autoptr (JsonNode) node = text ? json_from_string (text, &error) : NULL;
  const gchar *const values[] = { text, reason, NULL };

  if (text && (!node || !JSON_NODE_HOLDS_ARRAY (node))) {
    g_clear_error (&error);
    g_set_error (&error, ANPR_ERROR, ANPR_ERROR_CENTRAL_REGISTER,
        "no JSON array of changes");
  }
  if (error)
    return anprctl_failed (arguments[0], error);
  if (!reason)
    return anprctl_usage ("say why: --reason=TEXT");
  return call (connection, "SELECT anpr.propose ($1::jsonb, $2)", values,
      "waits for another person's approval: proposal ");
}

static AnprctlStatus
approve (AnprCentralConnection *connection, gchar **arguments)
{
  const gchar *const values[] = { arguments[0], NULL };

  return call (
      connection, "SELECT anpr.approve ($1::int)", values, "in effect");
}

static AnprctlStatus
reject (AnprCentralConnection *connection, gchar **arguments)
{
  const gchar *const values[] = { arguments[0], NULL };

  return call (
      connection, "SELECT anpr.reject ($1::int)", values, "turned down");
}

static AnprctlStatus
print_rows (AnprCentralConnection *connection, const gchar *command)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PGresult) rows = anpr_central_query (
      connection, command, NULL, 0, QUERY_TIMEOUT, NULL, &error);

  if (!rows)
    return anprctl_failed ("central", error);
  for (int i = 0; i < PQntuples (rows); i++)
    print_clean (PQgetvalue (rows, i, 0));
  return ANPRCTL_DONE;
}

static AnprctlStatus
proposals (AnprCentralConnection *connection, gchar **arguments)
{
  return print_rows (
      connection, "SELECT to_jsonb (p) FROM anpr.proposals () AS p");
}

/* --- by the hour --- */

static void
print_line (const gchar *line, gpointer user_data)
{
  print_clean (line);
}

static AnprctlStatus
retain (AnprCentralConnection *connection, gchar **arguments)
{
  g_autoptr (GError) error = NULL;

  if (!anpr_central_retain (connection, print_line, NULL, &error))
    return anprctl_failed ("retain", error);
  return ANPRCTL_DONE;
}

static AnprctlStatus
seal (AnprCentralConnection *connection, gchar **arguments)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PGresult) row = NULL;
  g_autofree gchar *line = NULL;

  row = anpr_central_query (
      connection, "SELECT anpr.seal ()", NULL, 0, QUERY_TIMEOUT, NULL, &error);
  if (row)
    line = secret_key ? anpr_central_seal_sign (
               PQgetvalue (row, 0, 0), secret_key, &error)
                      : g_strdup (PQgetvalue (row, 0, 0));
  if (!line)
    return anprctl_failed ("seal", error);
  print_clean (line);
  return ANPRCTL_DONE;
}

static AnprctlStatus
gaps (AnprCentralConnection *connection, gchar **arguments)
{
  return print_rows (connection, "SELECT to_jsonb (g) FROM anpr.gaps () AS g");
}

static const struct {
  const gchar *name;
  guint n_arguments;
  AnprctlStatus (*run) (AnprCentralConnection *connection, gchar **arguments);
} actions[] = {
  { "init", 0, init },
  { "migrate", 0, migrate },
  { "check", 0, check },
  { "propose", 1, propose },
  { "approve", 1, approve },
  { "reject", 1, reject },
  { "proposals", 0, proposals },
  { "retain", 0, retain },
  { "seal", 0, seal },
  { "gaps", 0, gaps },
};

static AnprctlStatus
run_action (guint i, gchar **arguments)
{
  const gchar *where = address ? address : g_getenv (ADDRESS_VARIABLE);
  g_autoptr (GError) error = NULL;
  g_autoptr (AnprCentralConnection) connection = NULL;

  if (!where)
    return anprctl_usage (
        "give the central database, --to=ADDRESS or " ADDRESS_VARIABLE);
  connection = anpr_central_connect (where, CONNECT_TIMEOUT, NULL, &error);
  if (!connection)
    return anprctl_failed (actions[i].name, error);
  return actions[i].run (connection, arguments);
}

static AnprctlStatus
run (gchar **arguments)
{
  guint n = g_strv_length (arguments);

  for (guint i = 0; n > 0 && i < G_N_ELEMENTS (actions); i++) {
    if (!g_str_equal (arguments[0], actions[i].name))
      continue;
    if (n - 1 != actions[i].n_arguments)
      return anprctl_usage ("wrong number of arguments for %s", arguments[0]);
    return run_action (i, arguments + 1);
  }
  return anprctl_usage ("give init, migrate, check, propose, approve, reject, "
                        "proposals, retain, seal or gaps");
}

const AnprctlCommand anprctl_command_central = {
  .name = "central",
  .arguments = "ACTION [ARGUMENT]",
  .summary = "Set up and look after the central database",
  .description =
      "  init                   make the schema in an empty database\n"
      "  migrate                bring the schema to this version\n"
      "  check                  what does not hold, a line each, with its "
      "code\n"
      "  propose --reason=TEXT FILE\n"
      "                         propose the changes of the register in FILE\n"
      "  approve NUMBER         put a proposal of another person into effect\n"
      "  reject NUMBER          turn a proposal down\n"
      "  proposals              the proposals, a line of JSON each\n"
      "  retain                 erase what is past its term, make what is to "
      "come;\n"
      "                         every hour\n"
      "  seal                   print the ends of the log's chains, to be "
      "kept\n"
      "                         elsewhere; every hour\n"
      "  gaps                   numbers of passages that have not come\n\n"
      "init, migrate, check and retain are for the server's superuser. The "
      "database's\nmanual is docs/central.md.",
  .entries = entries,
  .run = run,
};
