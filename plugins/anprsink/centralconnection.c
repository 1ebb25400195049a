/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A connection to the central database on which nothing takes longer than it
 * may, and which another thread can interrupt.
 *
 * libpq is used without blocking: connecting, sending and waiting for the answer
 * each poll the socket together with the cancellable's descriptor, for what is
 * left of a deadline. Names are resolved apart (centralhosts.c) and hosts tried
 * one by one, each with its share of the time that is left, so that one that
 * swallows all packets does not use up the time of the next.
 *
 * Faults come as our codes (centralfault.c) with the first line of the server's
 * text, in English and bounded. A password is given to libpq and wiped here; it
 * is in no text.
 *
 * A connection belongs to one thread at a time; only the cancellable may be
 * touched by others. After a deadline or a cancel the answer to the command
 * that was interrupted may still come, so the connection is of no more use:
 * free it. Whether its command took effect is not known then. The server ends
 * a statement whose client is gone within 5 s (client_connection_check_interval).
 */

#include "centralconnection.h"

#include "centralfault.h"
#include "centralhosts.h"
#include "../record/passwordfile.h"

#include <errno.h>
#include <locale.h>
#include <string.h>

/* A host gets at least this long if anything is left, microseconds */
#define MIN_HOST_TIME (G_USEC_PER_SEC)

struct _AnprCentralConnection {
  PGconn *database;
  gchar *name;
  gchar sqlstate[ANPR_SQLSTATE_SIZE];
  gboolean broken;
};

typedef struct {
  gint64 deadline;
  GCancellable *cancellable;
} Limit;

/* libpq's texts in English while a call lasts, for this thread alone */
static locale_t
speak_english (void)
{
  static locale_t english;

  if (g_once_init_enter (&english)) {
    locale_t made = newlocale (LC_MESSAGES_MASK, "C", (locale_t) 0);

    g_once_init_leave (&english, made);
  }
  return uselocale (english);
}

static void
set_fault (AnprCentralConnection *connection, AnprError code,
    const gchar *message, GError **error)
{
  g_autofree gchar *text = anpr_central_fault_clean (message);

  g_set_error (error, ANPR_ERROR, code, "Central database at %s: %s",
      connection->name, text);
}

/* Waits for the socket. Returns FALSE with error when cancelled or late. */
static gboolean
wait_for (AnprCentralConnection *connection, gushort events, const Limit *limit,
    GError **error)
{
  GPollFD files[2] = { { PQsocket (connection->database), events, 0 } };
  gboolean cancelling =
      limit->cancellable
      && g_cancellable_make_pollfd (limit->cancellable, &files[1]);
  gint ready;

  do {
    gint64 left = limit->deadline - g_get_monotonic_time ();

    /* rounded up: what is left of a millisecond is no reason to spin */
    ready =
        g_poll (files, cancelling ? 2 : 1, (gint) (MAX (0, left + 999) / 1000));
  } while (ready < 0 && errno == EINTR);
  if (cancelling)
    g_cancellable_release_fd (limit->cancellable);
  if (g_cancellable_set_error_if_cancelled (limit->cancellable, error))
    return FALSE;
  if (ready > 0)
    return TRUE;
  set_fault (connection, ANPR_ERROR_CENTRAL_AWAY,
      ready == 0 ? "no answer within the time limit" : g_strerror (errno),
      error);
  return FALSE;
}

/* --- connecting --- */

static void
ignore_notice (void *unused, const char *message)
{
}

static void
override (GHashTable *settings, const gchar *keyword, const gchar *value)
{
  if (value)
    g_hash_table_insert (settings, g_strdup (keyword), g_strdup (value));
  else
    g_hash_table_remove (settings, keyword);
}

static PGconn *
start_connecting (
    GHashTable *settings, const AnprCentralHost *host, const gchar *password)
{
  guint n = 0, size = g_hash_table_size (settings) + 5;
  g_autofree const char **keywords = NULL, **values = NULL;
  GHashTableIter iter;
  gpointer keyword, value;

  override (settings, "host", host->name);
  override (settings, "hostaddr", host->number);
  override (settings, "port", host->port);
  keywords = g_new0 (const char *, size);
  values = g_new0 (const char *, size);
  g_hash_table_iter_init (&iter, settings);
  while (g_hash_table_iter_next (&iter, &keyword, &value)) {
    keywords[n] = keyword;
    values[n++] = value;
  }
  if (password) {
    keywords[n] = "password";
    values[n++] = password;
  }
  return PQconnectStartParams (keywords, values, 0);
}

static void
set_connect_fault (AnprCentralConnection *connection, GError **error)
{
  static const gchar named[] = " failed: ";
  const gchar *message = PQerrorMessage (connection->database);
  AnprError code =
      anpr_central_fault_of_connecting (message, connection->sqlstate);
  const gchar *reason = strstr (message, named);

  /* which server it was, set_fault() says */
  if (reason && g_str_has_prefix (message, "connection to server"))
    message = reason + strlen (named);
  set_fault (connection, code, message, error);
}

static gboolean
go_on_connecting (
    AnprCentralConnection *connection, const Limit *limit, GError **error)
{
  PostgresPollingStatusType step = PGRES_POLLING_WRITING;

  while (step != PGRES_POLLING_OK) {
    if (step == PGRES_POLLING_FAILED
        || PQstatus (connection->database) == CONNECTION_BAD) {
      set_connect_fault (connection, error);
      return FALSE;
    }
    if (!wait_for (connection,
            step == PGRES_POLLING_READING ? G_IO_IN : G_IO_OUT, limit, error))
      return FALSE;
    step = PQconnectPoll (connection->database);
  }
  return TRUE;
}

static gboolean
set_up_session (
    AnprCentralConnection *connection, const Limit *limit, GError **error)
{
  guint left =
      (guint) MAX (1, (limit->deadline - g_get_monotonic_time ()) / 1000);

  if (PQsetnonblocking (connection->database, 1) != 0) {
    set_connect_fault (connection, error);
    return FALSE;
  }
  return anpr_central_execute (connection,
      "SET client_connection_check_interval = 5000;"
      "SET idle_in_transaction_session_timeout = 60000",
      left, limit->cancellable, error);
}

static AnprCentralConnection *
connect_to_host (GHashTable *settings, const AnprCentralHost *host,
    const gchar *password, const Limit *limit, GError **error)
{
  g_autoptr (AnprCentralConnection) connection =
      g_new0 (AnprCentralConnection, 1);

  connection->name = anpr_central_host_to_string (host);
  connection->database = start_connecting (settings, host, password);
  if (!connection->database) {
    set_fault (connection, ANPR_ERROR_CENTRAL_AWAY, "no memory", error);
    return NULL;
  }
  (void) PQsetErrorVerbosity (connection->database, PQERRORS_VERBOSE);
  (void) PQsetNoticeProcessor (connection->database, ignore_notice, NULL);
  if (!go_on_connecting (connection, limit, error)
      || !set_up_session (connection, limit, error))
    return NULL;
  return g_steal_pointer (&connection);
}

/* The reason of one host among several: the first that is more than being away */
static void
keep_reason (GError **reason, GError *another)
{
  if (*reason
      && !g_error_matches (*reason, ANPR_ERROR, ANPR_ERROR_CENTRAL_AWAY)) {
    g_error_free (another);
    return;
  }
  g_clear_error (reason);
  *reason = another;
}

static AnprCentralConnection *
connect_to_any (GHashTable *settings, GPtrArray *hosts, const gchar *password,
    const Limit *limit, GError **error)
{
  GError *reason = NULL;

  for (guint i = 0; i < hosts->len; i++) {
    gint64 now = g_get_monotonic_time ();
    gint64 share = (limit->deadline - now) / (hosts->len - i);
    Limit own = { MIN (limit->deadline, now + MAX (share, MIN_HOST_TIME)),
      limit->cancellable };
    GError *another = NULL;
    AnprCentralConnection *connection =
        connect_to_host (settings, hosts->pdata[i], password, &own, &another);

    if (connection) {
      g_clear_error (&reason);
      return connection;
    }
    keep_reason (&reason, another);
    if (g_cancellable_is_cancelled (limit->cancellable))
      break;
  }
  g_propagate_error (error, reason);
  return NULL;
}

/**
 * anpr_central_connection_new: (skip)
 * @address: where
 * @timeout: for all of resolving, connecting and logging in, milliseconds
 * @cancellable: (nullable): ends it from any thread
 * @error: of domain %ANPR_ERROR: CENTRAL_ADDRESS (setting, password file),
 *     CENTRAL_AWAY, CENTRAL_TLS, CENTRAL_LOGIN, CENTRAL_SCHEMA (no such
 *     database); or %G_IO_ERROR_CANCELLED
 *
 * Blocks the calling thread. Settings, password and names are read anew. A host
 * that fails gives way to the next; the order is that of the address.
 *
 * Returns: (transfer full) (nullable): the connection
 */
AnprCentralConnection *
anpr_central_connection_new (const AnprCentralAddress *address, guint timeout,
    GCancellable *cancellable, GError **error)
{
  Limit limit = { g_get_monotonic_time () + (gint64) timeout * 1000,
    cancellable };
  locale_t before = speak_english ();
  g_autoptr (GHashTable) settings =
      anpr_central_address_get_settings (address, error);
  g_autoptr (GPtrArray) hosts = NULL;
  AnprCentralConnection *connection = NULL;
  gchar *password = NULL;

  /* half of the time for the name server: an answer after that is of no use */
  if (settings
      && anpr_central_address_read_password (address, &password, error))
    hosts = anpr_central_find_hosts (
        settings, limit.deadline - (gint64) timeout * 500, cancellable, error);
  if (hosts)
    connection = connect_to_any (settings, hosts, password, &limit, error);
  anpr_password_free (password);
  (void) uselocale (before);
  return connection;
}

/**
 * anpr_central_connect: (skip)
 * @address: a libpq URI or the name of a service
 * @timeout: as for anpr_central_connection_new()
 * @cancellable: as for anpr_central_connection_new()
 * @error: as for anpr_central_connection_new()
 *
 * Returns: (transfer full) (nullable): the connection
 */
AnprCentralConnection *
anpr_central_connect (const gchar *address, guint timeout,
    GCancellable *cancellable, GError **error)
{
  g_autoptr (AnprCentralAddress) parsed =
      anpr_central_address_parse (address, error);

  return parsed
             ? anpr_central_connection_new (parsed, timeout, cancellable, error)
             : NULL;
}

/**
 * anpr_central_connection_free: (skip)
 * @connection: (nullable) (transfer full): closed and freed; does not block
 */
void
anpr_central_connection_free (AnprCentralConnection *connection)
{
  if (!connection)
    return;
  PQfinish (connection->database);
  g_free (connection->name);
  g_free (connection);
}

/**
 * anpr_central_connection_get_name: (skip)
 * @connection: a connection
 *
 * Returns: host and port it is to, for messages
 */
const gchar *
anpr_central_connection_get_name (const AnprCentralConnection *connection)
{
  return connection->name;
}

/**
 * anpr_central_connection_is_usable: (skip)
 * @connection: a connection
 *
 * Returns: whether it may be used for another command
 */
gboolean
anpr_central_connection_is_usable (const AnprCentralConnection *connection)
{
  return !connection->broken
         && PQstatus (connection->database) == CONNECTION_OK;
}

/**
 * anpr_central_connection_get_sqlstate: (skip)
 * @connection: a connection
 *
 * Returns: SQLSTATE of the last command that failed, "" if the server gave none
 */
const gchar *
anpr_central_connection_get_sqlstate (const AnprCentralConnection *connection)
{
  return connection->sqlstate;
}

/* --- commands --- */

/* Sends what libpq holds, and reads meanwhile: a server that is writing to us
 * may not read before we do. */
static gboolean
send_all (AnprCentralConnection *connection, const Limit *limit, GError **error)
{
  int rest;

  while ((rest = PQflush (connection->database)) > 0) {
    if (!wait_for (connection, G_IO_IN | G_IO_OUT, limit, error))
      return FALSE;
    if (!PQconsumeInput (connection->database))
      break;
  }
  if (rest == 0)
    return TRUE;
  set_fault (connection, ANPR_ERROR_CENTRAL_AWAY,
      PQerrorMessage (connection->database), error);
  return FALSE;
}

static gboolean
read_until_ready (
    AnprCentralConnection *connection, const Limit *limit, GError **error)
{
  while (PQisBusy (connection->database)) {
    if (!wait_for (connection, G_IO_IN, limit, error))
      return FALSE;
    if (!PQconsumeInput (connection->database)) {
      set_fault (connection, ANPR_ERROR_CENTRAL_AWAY,
          PQerrorMessage (connection->database), error);
      return FALSE;
    }
  }
  return TRUE;
}

static void
note_failed (
    AnprCentralConnection *connection, const PGresult *result, GError **error)
{
  const gchar *sqlstate = PQresultErrorField (result, PG_DIAG_SQLSTATE);
  const gchar *message = PQresultErrorField (result, PG_DIAG_MESSAGE_PRIMARY);

  g_strlcpy (
      connection->sqlstate, sqlstate ? sqlstate : "", ANPR_SQLSTATE_SIZE);
  /* without a state it comes from libpq: the line broke */
  set_fault (connection, anpr_central_fault_of_sqlstate (connection->sqlstate),
      message ? message : PQresultErrorMessage (result), error);
}

static gboolean
is_good (const PGresult *result)
{
  ExecStatusType status = PQresultStatus (result);

  return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK
         || status == PGRES_EMPTY_QUERY;
}

/* All results of what was sent; the last one counts, or the first that failed. */
static PGresult *
collect_results (
    AnprCentralConnection *connection, const Limit *limit, GError **error)
{
  g_autoptr (PGresult) last = NULL;
  GError *failed = NULL;
  PGresult *result;

  for (;;) {
    if (!read_until_ready (connection, limit, failed ? NULL : &failed)) {
      connection->broken = TRUE;
      break;
    }
    result = PQgetResult (connection->database);
    if (!result)
      break;
    if (!failed && !is_good (result))
      note_failed (connection, result, &failed);
    g_clear_pointer (&last, PQclear);
    last = result;
  }
  if (!failed && !last)
    set_fault (connection, ANPR_ERROR_CENTRAL_AWAY, "the line broke", &failed);
  if (failed) {
    g_propagate_error (error, failed);
    return NULL;
  }
  return g_steal_pointer (&last);
}

static PGresult *
exchange (AnprCentralConnection *connection, gboolean sent, const Limit *limit,
    GError **error)
{
  if (!sent) {
    connection->broken = TRUE;
    set_fault (connection, ANPR_ERROR_CENTRAL_AWAY,
        PQerrorMessage (connection->database), error);
    return NULL;
  }
  if (!send_all (connection, limit, error)) {
    connection->broken = TRUE;
    return NULL;
  }
  return collect_results (connection, limit, error);
}

/**
 * anpr_central_query: (skip)
 * @connection: a usable connection
 * @command: one SQL command with $1, $2...
 * @parameters: (array length=n) (nullable): their values
 * @n: how many
 * @timeout: until its answer is here, milliseconds
 * @cancellable: (nullable): ends the wait from any thread
 * @error: of domain %ANPR_ERROR: CENTRAL_AWAY (no answer; whether it took
 *     effect is not known), CENTRAL_LOGIN (rights), CENTRAL_SCHEMA,
 *     CENTRAL_FULL, CENTRAL_REFUSED (the server has something against the
 *     data); or %G_IO_ERROR_CANCELLED
 *
 * Outside a transaction the command is one itself, and its answer comes when it
 * is committed. The answer's columns are texts.
 *
 * Returns: (transfer full) (nullable): the answer
 */
PGresult *
anpr_central_query (AnprCentralConnection *connection, const gchar *command,
    const AnprCentralParameter *parameters, guint n, guint timeout,
    GCancellable *cancellable, GError **error)
{
  Limit limit = { g_get_monotonic_time () + (gint64) timeout * 1000,
    cancellable };
  g_autofree Oid *types = g_new0 (Oid, n + 1);
  g_autofree const char **values = g_new0 (const char *, n + 1);
  g_autofree int *lengths = g_new0 (int, n + 1);
  g_autofree int *formats = g_new0 (int, n + 1);
  locale_t before = speak_english ();
  PGresult *result;

  for (guint i = 0; i < n; i++) {
    g_assert (parameters[i].length <= G_MAXINT);
    types[i] = parameters[i].type;
    values[i] = parameters[i].value;
    lengths[i] = (int) parameters[i].length;
    formats[i] = parameters[i].binary;
  }
  connection->sqlstate[0] = '\0';
  result = exchange (connection,
      PQsendQueryParams (connection->database, command, (int) n, types, values,
          lengths, formats, 0),
      &limit, error);
  (void) uselocale (before);
  return result;
}

/**
 * anpr_central_execute: (skip)
 * @connection: a usable connection
 * @commands: SQL commands between semicolons; unless they say otherwise they
 *     are one transaction
 * @timeout: as for anpr_central_query()
 * @cancellable: as for anpr_central_query()
 * @error: as for anpr_central_query()
 *
 * Returns: whether all succeeded
 */
gboolean
anpr_central_execute (AnprCentralConnection *connection, const gchar *commands,
    guint timeout, GCancellable *cancellable, GError **error)
{
  Limit limit = { g_get_monotonic_time () + (gint64) timeout * 1000,
    cancellable };
  locale_t before = speak_english ();
  g_autoptr (PGresult) result = NULL;

  connection->sqlstate[0] = '\0';
  result = exchange (
      connection, PQsendQuery (connection->database, commands), &limit, error);
  (void) uselocale (before);
  return result != NULL;
}

/**
 * anpr_central_connection_set_statement_timeout: (skip)
 * @connection: a usable connection
 * @timeout: after which the server itself ends a command, milliseconds
 * @cancellable: as for anpr_central_query()
 * @error: as for anpr_central_query()
 *
 * Returns: whether it is set
 */
gboolean
anpr_central_connection_set_statement_timeout (
    AnprCentralConnection *connection, guint timeout, GCancellable *cancellable,
    GError **error)
{
  g_autofree gchar *command =
      g_strdup_printf ("SET statement_timeout = %u", timeout);

  return anpr_central_execute (
      connection, command, timeout, cancellable, error);
}
