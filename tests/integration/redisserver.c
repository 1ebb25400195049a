/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A real redis-server for a test: in a folder of its own, on a unix socket in
 * it, and ended by its process id. */

#include "redisserver.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

struct _RedisServer {
  gchar *folder;
  gchar *socket;
  gchar *uri;
  gchar **options;
  GPid pid;
};

/* The server must not outlive a test that crashes */
static void
die_with_parent (gpointer unused)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

/* options: more of redis-server's command line, NULL for none */
RedisServer *
redis_server_new (const gchar *const *options)
{
  RedisServer *server = g_new0 (RedisServer, 1);

  server->folder = g_dir_make_tmp ("anpr-redis-XXXXXX", NULL);
  server->socket = g_build_filename (server->folder, "socket", NULL);
  server->uri = g_strconcat ("unix://", server->socket, NULL);
  server->options = g_strdupv ((gchar **) options);
  redis_server_start (server);
  return server;
}

static gboolean
answers (RedisServer *server)
{
  g_autoptr (AnprRedisAddress) address =
      anpr_redis_address_parse (server->uri, NULL);
  g_autoptr (AnprRedisConnection) connection =
      anpr_redis_connection_new (address, 1000, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (redisReply) reply = NULL;

  if (!connection)
    return FALSE;
  reply = anpr_redis_call (
      connection, anpr_redis_deadline (1000), &error, "PING", NULL);
  return reply || strstr (error->message, "NOAUTH");
}

void
redis_server_start (RedisServer *server)
{
  const gchar *fixed[] = { ANPR_REDIS_SERVER, "--port", "0", "--unixsocket",
    server->socket, "--dir", server->folder, "--save", "", "--logfile",
    "redis.log" };
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (fixed); i++)
    g_ptr_array_add (arguments, (gpointer) fixed[i]);
  for (guint i = 0; server->options && server->options[i]; i++)
    g_ptr_array_add (arguments, server->options[i]);
  g_ptr_array_add (arguments, NULL);
  if (!g_spawn_async (NULL, (gchar **) arguments->pdata, NULL,
          G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL,
          die_with_parent, NULL, &server->pid, &error))
    g_error ("%s", error->message);
  for (guint i = 0; i < 500; i++) {
    if (answers (server))
      return;
    g_usleep (10000);
  }
  g_error ("redis-server does not answer");
}

void
redis_server_signal (RedisServer *server, int number)
{
  kill (server->pid, number);
}

void
redis_server_kill (RedisServer *server)
{
  if (server->pid == 0)
    return;
  kill (server->pid, SIGKILL);
  waitpid (server->pid, NULL, 0);
  server->pid = 0;
}

static void
remove_tree (const gchar *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const gchar *name;

  while (dir && (name = g_dir_read_name (dir))) {
    g_autofree gchar *child = g_build_filename (path, name, NULL);

    remove_tree (child);
  }
  g_remove (path);
}

void
redis_server_free (RedisServer *server)
{
  if (!server)
    return;
  redis_server_kill (server);
  remove_tree (server->folder);
  g_free (server->folder);
  g_free (server->socket);
  g_free (server->uri);
  g_strfreev (server->options);
  g_free (server);
}

const gchar *
redis_server_get_uri (RedisServer *server)
{
  return server->uri;
}

const gchar *
redis_server_get_folder (RedisServer *server)
{
  return server->folder;
}

AnprRedisConnection *
redis_server_connect (RedisServer *server)
{
  g_autoptr (AnprRedisAddress) address =
      anpr_redis_address_parse (server->uri, NULL);
  g_autoptr (GError) error = NULL;
  AnprRedisConnection *connection =
      anpr_redis_connection_new (address, 5000, &error);

  if (!connection)
    g_error ("%s", error->message);
  return connection;
}

/* Words of command are separated by spaces, or quoted as in a shell */
redisReply *
redis_server_call (RedisServer *server, const gchar *command)
{
  g_autoptr (AnprRedisConnection) connection = redis_server_connect (server);
  g_auto (GStrv) words = NULL;
  g_autoptr (GError) error = NULL;
  redisReply *reply;
  gint n;

  if (!g_shell_parse_argv (command, &n, &words, &error))
    g_error ("%s", error->message);
  anpr_redis_send (connection, (guint) n, (const gchar *const *) words);
  reply = anpr_redis_receive (connection, anpr_redis_deadline (5000), &error);
  if (!reply)
    g_error ("%s: %s", command, error->message);
  return reply;
}

gint64
redis_server_get_number (RedisServer *server, const gchar *command)
{
  g_autoptr (redisReply) reply = redis_server_call (server, command);

  return reply->integer;
}

void
redis_server_do (RedisServer *server, const gchar *command)
{
  redisReply *reply = redis_server_call (server, command);

  anpr_redis_reply_free (reply);
}
