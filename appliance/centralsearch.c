/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Questions to the central database, docs/search.md.
 *
 * Asking takes two commands, each a transaction of its own: anpr.ask() writes the
 * question down and gives a ticket, anpr.FUNCTION(ticket) answers. Everything a
 * user typed travels as a parameter; the text of a command is only ever one of
 * ours.
 *
 * A refusal is the database's: its text begins with a code in brackets, which is
 * told as it is. Main thread only. */

#include "centralsearch.h"
#include "console.h"
#include "../plugins/record/error.h"
#include "../plugins/record/jsonmember.h"

#include <string.h>

/* More parameters than any call has */
#define MAX_ARGUMENTS 8

/**
 * anpr_central_search_connect:
 * @address: of the database, as docs/forwarding.md has it
 * @timeout: for connecting, milliseconds
 * @error: of domain %ANPR_ERROR
 *
 * Returns: (transfer full) (nullable): a connection that tells times in UTC
 */
AnprCentralConnection *
anpr_central_search_connect (
    const gchar *address, guint timeout, GError **error)
{
  g_autoptr (AnprCentralConnection) connection =
      anpr_central_connect (address, timeout, NULL, error);

  if (!connection
      || !anpr_central_execute (connection,
          "SET TimeZone = 'UTC'; SET DateStyle = 'ISO'", timeout, NULL, error)
      || !anpr_central_connection_set_statement_timeout (
          connection, timeout, NULL, error))
    return NULL;
  return g_steal_pointer (&connection);
}

static PGresult *
query (AnprCentralConnection *connection, const gchar *command,
    const gchar *const *arguments, guint n, guint timeout, GError **error)
{
  AnprCentralParameter parameters[MAX_ARGUMENTS] = { { 0 } };

  g_assert (n <= MAX_ARGUMENTS);
  for (guint i = 0; i < n; i++)
    parameters[i].value = arguments[i];
  return anpr_central_query (
      connection, command, parameters, n, timeout, NULL, error);
}

/**
 * anpr_central_search_ask:
 * @connection: a usable connection
 * @question: what is asked
 * @timeout: milliseconds
 * @error: of domain %ANPR_ERROR; for a refusal %ANPR_ERROR_CENTRAL_REFUSED with
 *     the code in brackets
 *
 * Returns: (transfer full) (nullable): the ticket
 */
gchar *
anpr_central_search_ask (AnprCentralConnection *connection,
    const AnprCentralQuestion *question, guint timeout, GError **error)
{
  g_autofree gchar *what = anpr_json_to_line (question->what);
  g_autofree gchar *prosecutor = anpr_json_to_line (question->prosecutor);
  const gchar *const arguments[] = { question->function, question->purpose,
    question->case_reference, question->justification, question->from,
    question->to, what, prosecutor };
  g_autoptr (PGresult) result = query (connection,
      "SELECT ticket, code, refusal FROM anpr.ask($1, $2, $3, $4, "
      "$5::timestamptz, $6::timestamptz, $7::jsonb, $8::jsonb)",
      arguments, G_N_ELEMENTS (arguments), timeout, error);

  if (!result)
    return NULL;
  if (PQntuples (result) == 1 && !PQgetisnull (result, 0, 0))
    return g_strdup (PQgetvalue (result, 0, 0));
  g_set_error (error, ANPR_ERROR, ANPR_ERROR_CENTRAL_REFUSED, "[%s] %s",
      PQntuples (result) == 1 ? PQgetvalue (result, 0, 1) : "ANPR-ASK-TICKET",
      PQntuples (result) == 1 ? PQgetvalue (result, 0, 2) : "no answer");
  return NULL;
}

static gboolean
add_row (JsonArray *rows, const gchar *text, GError **error)
{
  JsonNode *node = json_from_string (text, error);

  if (!node)
    return FALSE;
  json_array_add_element (rows, node);
  return TRUE;
}

/**
 * anpr_central_search_rows:
 * @connection: a usable connection
 * @call: the call of a function, such as "anpr.plate($1)"; never a user's text
 * @arguments: (array zero-terminated=1): its parameters; one that is empty is
 *     SQL's NULL
 * @timeout: milliseconds
 * @error: of domain %ANPR_ERROR
 *
 * Returns: (transfer full) (nullable): what it tells, an object for each row
 */
JsonArray *
anpr_central_search_rows (AnprCentralConnection *connection, const gchar *call,
    const gchar *const *arguments, guint timeout, GError **error)
{
  g_autofree gchar *command = g_strdup_printf (
      "SELECT row_to_json(t) FROM (SELECT * FROM %s) AS t", call);
  g_autoptr (JsonArray) rows = json_array_new ();
  g_autoptr (PGresult) result = NULL;
  const gchar *values[MAX_ARGUMENTS] = { NULL };
  guint n = g_strv_length ((gchar **) arguments);

  g_assert (n <= MAX_ARGUMENTS);
  for (guint i = 0; i < n; i++)
    values[i] = *arguments[i] ? arguments[i] : NULL;
  result = query (connection, command, values, n, timeout, error);
  if (!result)
    return NULL;
  for (gint i = 0; i < PQntuples (result); i++)
    if (!add_row (rows, PQgetvalue (result, i, 0), error))
      return NULL;
  return g_steal_pointer (&rows);
}

/* The code in brackets; what stands before it only says where it comes from */
static const gchar *
find_code (const gchar *message, gchar **code)
{
  const gchar *begin = strstr (message, "[ANPR-");
  const gchar *end = begin ? strchr (begin, ']') : NULL;

  if (!end)
    return NULL;
  *code = g_strndup (begin + 1, (gsize) (end - begin - 1));
  for (end++; *end == ' '; end++)
    ;
  return end;
}

/**
 * anpr_central_search_fault:
 * @subject: what it is about
 * @error: of this file's functions
 *
 * Says what is wrong, with the database's own code where it has one.
 */
void
anpr_central_search_fault (const gchar *subject, const GError *error)
{
  g_autofree gchar *code = NULL;
  const gchar *text = find_code (error->message, &code);

  if (text)
    anpr_console_fault (subject, code, text, NULL);
  else
    anpr_console_error (subject, error);
}
