/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A connection to Redis on which nothing takes longer than it may.
 *
 * hiredis has a time limit for each read of the socket, so a server that sends
 * a byte now and then holds a caller for as long as it likes. Here each reply
 * has a deadline: the socket is polled for what is left of it, and bytes are
 * read as they come. A reply is also bounded in size. Commands are sent without
 * hiredis too: its write() ends the process by SIGPIPE when the server is gone.
 *
 * A connection belongs to one thread at a time. After any fault but an error
 * reply it is of no more use, since replies still on their way would be taken
 * for those of later commands: free it and connect anew.
 */

#include "redisconnection.h"
#include "../record/error.h"
#include "../record/passwordfile.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

/* Bytes of one reply. The largest that can come of a sound store is that of a
 * lookup in 256 lists, well below it. */
#define MAX_REPLY (8 << 20)

/* hiredis reads this much at a time */
#define READ_SIZE (16 << 10)

#define MAX_ARGUMENTS 16

struct _AnprRedisConnection {
  redisContext *context;
  gchar *name;
  GString *out; /* commands that are not sent yet */
};

/**
 * anpr_redis_reply_free: (skip)
 * @reply: (transfer full): a reply
 */
void
anpr_redis_reply_free (redisReply *reply)
{
  freeReplyObject (reply);
}

/**
 * anpr_redis_deadline: (skip)
 * @timeout: milliseconds from now
 *
 * Returns: the deadline on the monotonic clock
 */
gint64
anpr_redis_deadline (guint timeout)
{
  return g_get_monotonic_time () + (gint64) timeout * 1000;
}

static void
set_fault (
    const AnprRedisConnection *connection, GError **error, const gchar *reason)
{
  g_autofree gchar *text = g_utf8_make_valid (reason, -1);

  g_set_error (error, ANPR_ERROR, ANPR_ERROR_REDIS_AWAY, "Redis at %s: %s",
      connection->name, text);
}

static redisContext *
open_context (const AnprRedisAddress *address, guint timeout)
{
  struct timeval time = { timeout / 1000, (timeout % 1000) * 1000 };

  if (address->socket)
    return redisConnectUnixWithTimeout (address->socket, time);
  return redisConnectWithTimeout (address->host, (int) address->port, time);
}

static gboolean
authenticate (AnprRedisConnection *connection, const AnprRedisAddress *address,
    gint64 deadline, GError **error)
{
  g_autoptr (redisReply) reply = NULL;
  gchar *password;

  if (!anpr_redis_address_read_password (address, &password, error))
    return FALSE;
  if (!password && !address->user)
    return TRUE;
  reply = anpr_redis_call (connection, deadline, error, "AUTH",
      address->user ? address->user : "default", password ? password : "",
      NULL);
  anpr_password_free (password);
  return reply != NULL;
}

static gboolean
select_database (AnprRedisConnection *connection,
    const AnprRedisAddress *address, gint64 deadline, GError **error)
{
  g_autofree gchar *number = g_strdup_printf ("%u", address->database);
  g_autoptr (redisReply) reply = NULL;

  if (address->database == 0)
    return TRUE;
  reply = anpr_redis_call (connection, deadline, error, "SELECT", number, NULL);
  return reply != NULL;
}

/**
 * anpr_redis_connection_new: (skip)
 * @address: where
 * @timeout: for all of connecting, milliseconds
 * @error: of domain %ANPR_ERROR
 *
 * Connects, authenticates and selects the database. The name of a host is
 * resolved by the system, which can take longer than @timeout; give a number
 * where that matters.
 *
 * Returns: (transfer full): the connection, or %NULL
 */
AnprRedisConnection *
anpr_redis_connection_new (
    const AnprRedisAddress *address, guint timeout, GError **error)
{
  g_autoptr (AnprRedisConnection) connection = g_new0 (AnprRedisConnection, 1);
  gint64 deadline = anpr_redis_deadline (timeout);

  connection->out = g_string_new (NULL);
  connection->name = anpr_redis_address_to_string (address);
  connection->context = open_context (address, timeout);
  if (!connection->context || connection->context->err) {
    set_fault (connection, error,
        connection->context ? connection->context->errstr : "no memory");
    return NULL;
  }
  if (!authenticate (connection, address, deadline, error)
      || !select_database (connection, address, deadline, error))
    return NULL;
  return g_steal_pointer (&connection);
}

/**
 * anpr_redis_connection_free: (skip)
 * @connection: (nullable) (transfer full): closed and freed
 */
void
anpr_redis_connection_free (AnprRedisConnection *connection)
{
  if (!connection)
    return;
  if (connection->context)
    redisFree (connection->context);
  g_string_free (connection->out, TRUE);
  g_free (connection->name);
  g_free (connection);
}

/**
 * anpr_redis_send: (skip)
 * @connection: a connection
 * @n: how many arguments
 * @arguments: the command, without NUL in any argument
 *
 * Puts a command in line. It is sent by the next anpr_redis_receive(); commands
 * put together travel together, and each has a reply of its own.
 */
void
anpr_redis_send (
    AnprRedisConnection *connection, guint n, const gchar *const *arguments)
{
  char *command = NULL;
  int length = redisFormatCommandArgv (
      &command, (int) n, (const char **) arguments, NULL);

  g_assert (length > 0);
  g_string_append_len (connection->out, command, length);
  redisFreeCommand (command);
}

/* Waits for the socket. Returns FALSE with error after the deadline. */
static gboolean
wait_for (AnprRedisConnection *connection, short events, gint64 deadline,
    GError **error)
{
  struct pollfd file = { .fd = connection->context->fd, .events = events };
  gint64 left;
  int ready;

  do {
    left = deadline - g_get_monotonic_time ();
    /* rounded up: what is left of a millisecond is no reason to spin */
    ready = poll (&file, 1, (int) MAX (0, (left + 999) / 1000));
  } while (ready < 0 && errno == EINTR);
  if (ready > 0)
    return TRUE;
  set_fault (connection, error,
      ready == 0 ? "no answer within the deadline" : g_strerror (errno));
  return FALSE;
}

static gboolean
write_out (AnprRedisConnection *connection, gint64 deadline, GError **error)
{
  GString *out = connection->out;

  while (out->len > 0) {
    gssize n;

    if (!wait_for (connection, POLLOUT, deadline, error))
      return FALSE;
    n = send (connection->context->fd, out->str, out->len,
        MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0)
      g_string_erase (out, 0, n);
    else if (errno != EINTR && errno != EAGAIN) {
      set_fault (connection, error, g_strerror (errno));
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
read_more (AnprRedisConnection *connection, gint64 deadline, gsize *size,
    GError **error)
{
  if (!wait_for (connection, POLLIN, deadline, error))
    return FALSE;
  *size += READ_SIZE;
  if (*size > MAX_REPLY) {
    set_fault (connection, error, "the answer is too large");
    return FALSE;
  }
  if (redisBufferRead (connection->context) == REDIS_OK)
    return TRUE;
  set_fault (connection, error, connection->context->errstr);
  return FALSE;
}

static redisReply *
receive (AnprRedisConnection *connection, gint64 deadline, GError **error)
{
  void *reply = NULL;
  gsize size = 0;

  if (!write_out (connection, deadline, error))
    return NULL;
  for (;;) {
    if (redisReaderGetReply (connection->context->reader, &reply) != REDIS_OK) {
      set_fault (connection, error, "the answer is not in Redis' protocol");
      return NULL;
    }
    if (reply)
      return reply;
    if (!read_more (connection, deadline, &size, error))
      return NULL;
  }
}

/**
 * anpr_redis_receive: (skip)
 * @connection: a connection with commands put in line
 * @deadline: on the monotonic clock, see anpr_redis_deadline()
 * @error: of domain %ANPR_ERROR: what went wrong, or the text of an error reply
 *
 * Returns: (transfer full): the reply to the oldest command that has none yet,
 *     never an error reply; %NULL otherwise
 */
redisReply *
anpr_redis_receive (
    AnprRedisConnection *connection, gint64 deadline, GError **error)
{
  g_autoptr (redisReply) reply = receive (connection, deadline, error);

  if (reply && reply->type == REDIS_REPLY_ERROR) {
    set_fault (connection, error, reply->str);
    return NULL;
  }
  return g_steal_pointer (&reply);
}

/**
 * anpr_redis_call: (skip)
 * @connection: a connection without commands in line
 * @deadline: as for anpr_redis_receive()
 * @error: as for anpr_redis_receive()
 * @...: the command's arguments, %NULL-terminated, at most 16
 *
 * Returns: (transfer full): the reply, or %NULL
 */
redisReply *
anpr_redis_call (
    AnprRedisConnection *connection, gint64 deadline, GError **error, ...)
{
  const gchar *arguments[MAX_ARGUMENTS], *argument;
  va_list list;
  guint n = 0;

  va_start (list, error);
  while ((argument = va_arg (list, const gchar *)) && n < MAX_ARGUMENTS)
    arguments[n++] = argument;
  va_end (list);
  anpr_redis_send (connection, n, arguments);
  return anpr_redis_receive (connection, deadline, error);
}
