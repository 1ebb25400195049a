/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A unix socket in the run folder that tells everyone who connects how the fleet
 * is, one line of JSON, and hangs up. Nothing is read from it. Its mode is 0600:
 * root and the user anprd runs as may ask.
 *
 * At most MAX_CLIENTS are answered at a time, each for at most TIMEOUT; more
 * wait in the kernel's queue.
 *
 * Main thread only.
 */

#include "statusserver.h"

#include <errno.h>
#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <sys/stat.h>

#define MAX_CLIENTS 8
/* Seconds for a client to take its answer, and for anprd to give one */
#define TIMEOUT 3
#define MAX_ANSWER (4 * 1024 * 1024)

struct _AnprStatusServer {
  GSocketService *service;
  AnprFleet *fleet;
  gchar *path;
  guint n_clients;
};

typedef struct {
  AnprStatusServer *server;
  GSocketConnection *connection;
  gchar *answer;
} Client;

static void
on_written (GObject *stream, GAsyncResult *result, gpointer data)
{
  Client *client = data;

  (void) g_output_stream_write_all_finish (
      G_OUTPUT_STREAM (stream), result, NULL, NULL);
  client->server->n_clients--;
  g_socket_service_start (client->server->service);
  g_object_unref (client->connection);
  g_free (client->answer);
  g_free (client);
}

static gboolean
on_client (GSocketService *service, GSocketConnection *connection,
    GObject *source, gpointer data)
{
  AnprStatusServer *server = data;
  Client *client = g_new0 (Client, 1);
  g_autofree gchar *json = anpr_fleet_to_json (server->fleet);
  GOutputStream *stream =
      g_io_stream_get_output_stream (G_IO_STREAM (connection));

  g_socket_set_timeout (g_socket_connection_get_socket (connection), TIMEOUT);
  client->server = server;
  client->connection = g_object_ref (connection);
  client->answer = g_strconcat (json, "\n", NULL);
  if (++server->n_clients >= MAX_CLIENTS)
    g_socket_service_stop (service);
  g_output_stream_write_all_async (stream, client->answer,
      strlen (client->answer), G_PRIORITY_DEFAULT, NULL, on_written, client);
  return TRUE;
}

/**
 * anpr_status_server_new:
 * @fleet: what is told
 * @folder: where the socket is made; one that is there is replaced
 * @error: why it cannot be made
 *
 * Returns: (transfer full) (nullable): the server
 */
AnprStatusServer *
anpr_status_server_new (AnprFleet *fleet, const gchar *folder, GError **error)
{
  g_autofree gchar *path = g_build_filename (folder, ANPR_STATUS_SOCKET, NULL);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocketService) service = g_socket_service_new ();
  AnprStatusServer *server;
  mode_t mask = umask (0177);
  gboolean listens;

  (void) g_unlink (path);
  listens = g_socket_listener_add_address (G_SOCKET_LISTENER (service), address,
      G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL, error);
  umask (mask);
  if (!listens)
    return NULL;
  server = g_new0 (AnprStatusServer, 1);
  server->service = g_steal_pointer (&service);
  server->fleet = g_object_ref (fleet);
  server->path = g_steal_pointer (&path);
  g_signal_connect (
      server->service, "incoming", G_CALLBACK (on_client), server);
  g_socket_service_start (server->service);
  return server;
}

/**
 * anpr_status_server_free:
 * @server: (nullable) (transfer full): a server, at the end of the program
 */
void
anpr_status_server_free (AnprStatusServer *server)
{
  if (!server)
    return;
  g_socket_service_stop (server->service);
  g_socket_listener_close (G_SOCKET_LISTENER (server->service));
  g_object_unref (server->service);
  (void) g_unlink (server->path);
  g_free (server->path);
  g_object_unref (server->fleet);
  g_free (server);
}

/**
 * anpr_status_server_ask:
 * @folder: the run folder of an anprd
 * @error: why there is no answer
 *
 * For other programs: asks and waits, a few seconds at most.
 *
 * Returns: (transfer full) (nullable): the answer, a line of JSON
 */
gchar *
anpr_status_server_ask (const gchar *folder, GError **error)
{
  g_autofree gchar *path = g_build_filename (folder, ANPR_STATUS_SOCKET, NULL);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GString) answer = g_string_new (NULL);
  gchar part[4096];
  gssize size;

  g_socket_client_set_timeout (client, TIMEOUT);
  connection = g_socket_client_connect (
      client, G_SOCKET_CONNECTABLE (address), NULL, error);
  if (!connection)
    return NULL;
  while (answer->len < MAX_ANSWER
         && (size = g_input_stream_read (
                 g_io_stream_get_input_stream (G_IO_STREAM (connection)), part,
                 sizeof part, NULL, error))
                != 0) {
    if (size < 0)
      return NULL;
    g_string_append_len (answer, part, size);
  }
  return g_strdup (g_strchomp (answer->str));
}
