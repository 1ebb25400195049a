/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Connects to the central database as forwarder and anprctl do, for the tests
 * that have PostgreSQL servers with all kinds of faults:
 *
 *   centralprobe ADDRESS CONNECT-MS CANCEL-MS QUERY-MS COMMAND [PARAMETER...]
 *
 * Prints one line: "value TEXT" (first column of the first row), or
 * "CODE SQLSTATE TEXT" of what went wrong, or "cancelled". A parameter that
 * begins with "size=" is a text of so many bytes.
 */

#include "plugins/anprsink/centralconnection.h"
#include "plugins/record/error.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PARAMETERS 8

static gpointer
cancel_later (gpointer user_data)
{
  gpointer *arguments = user_data;

  g_usleep (atoi (arguments[0]) * 1000UL);
  g_cancellable_cancel (arguments[1]);
  return NULL;
}

static int
say (const GError *error, const gchar *sqlstate)
{
  if (error->domain == G_IO_ERROR)
    printf ("cancelled\n");
  else
    printf ("%s %s %s\n", anpr_error_name (error), sqlstate[0] ? sqlstate : "-",
        error->message);
  return 1;
}

static void
take_parameter (AnprCentralParameter *parameter, const gchar *text)
{
  parameter->value = text;
  if (g_str_has_prefix (text, "size="))
    parameter->value = g_strnfill (atol (text + 5), 'x');
}

int
main (int argc, char **argv)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  AnprCentralParameter parameters[MAX_PARAMETERS] = { 0 };
  g_autoptr (AnprCentralConnection) connection = NULL;
  g_autoptr (PGresult) result = NULL;
  g_autoptr (GError) error = NULL;
  guint n = 0;

  setlocale (LC_ALL, "");
  if (argc < 6)
    return 2;
  if (atoi (argv[3]) > 0) {
    gpointer arguments[] = { argv[3], cancellable };

    g_thread_unref (g_thread_new (
        "cancel", cancel_later, g_memdup2 (arguments, sizeof arguments)));
  }
  connection =
      anpr_central_connect (argv[1], atoi (argv[2]), cancellable, &error);
  if (!connection)
    return say (error, "");
  for (int i = 6; i < argc && n < MAX_PARAMETERS; i++)
    take_parameter (&parameters[n++], argv[i]);
  result = anpr_central_query (
      connection, argv[5], parameters, n, atoi (argv[4]), cancellable, &error);
  if (!result)
    return say (error, anpr_central_connection_get_sqlstate (connection));
  printf ("value %s\n", PQntuples (result) ? PQgetvalue (result, 0, 0) : "");
  return 0;
}
