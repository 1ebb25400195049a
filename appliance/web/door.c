/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The door: accepts connections for libsoup, and bounds them.
 *
 * libsoup would accept as many as come and wait for each as long as it likes. So
 * the listening socket is ours: a connection gets a guest here, with a time by
 * which its next request must have come as a whole, however slowly bytes drip,
 * and after that a time by which the answer must have been taken. A guest whose
 * time is over is shut down; libsoup sees the end of the stream and clears up.
 * Streams of events have no end: anpr_door_keep() takes the clock off them, and
 * events.c watches them.
 *
 * When the house is full, a guest gives way: one that only waits, else one that has
 * not taken its answer and is nobody we know (anpr_door_know(): who is signed in).
 * Of these it is the oldest from the address that most come from, so that whoever
 * comes from one address in numbers is in the way of themselves, not of others.
 *
 * A connection carries one request: libsoup keeps none open that it has not
 * accepted by itself, and then there is less to watch. answer.c says so to clients.
 *
 * With TLS the handshake is done here, within the same time; without it only a
 * loopback address is listened at. Main thread only.
 */

#include "door.h"
#include "../../plugins/record/error.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

/* What of a request's address ties it to its guest */
#define GUEST_KEY "anpr-guest"

typedef struct {
  AnprDoor *door; /* NULL once that is closed */
  GSocketConnection *connection;
  GCancellable *cancellable; /* of the handshake */
  guint timer;
  gchar *address;
  gboolean waiting; /* no whole request is there */
  gboolean known;   /* somebody who is signed in */
  gint64 since;
} Guest;

struct _AnprDoor {
  SoupServer *server;
  GSocketService *service;
  GTlsCertificate *certificate;
  GPtrArray *guests;
  guint64 n_refused;
};

static gboolean
set_failed (
    GError **error, const gchar *format, const gchar *what, const gchar *why)
{
  g_autofree gchar *message = g_strdup_printf (format, what, why);

  g_set_error_literal (error, ANPR_ERROR, ANPR_ERROR_WEB_LISTEN, message);
  return FALSE;
}

/* --- guests --------------------------------------------------------------- */

static void
shut (Guest *guest)
{
  g_clear_handle_id (&guest->timer, g_source_remove);
  g_cancellable_cancel (guest->cancellable);
  (void) g_socket_shutdown (
      g_socket_connection_get_socket (guest->connection), TRUE, TRUE, NULL);
}

static gboolean
on_time_over (gpointer data)
{
  Guest *guest = data;

  guest->timer = 0;
  shut (guest);
  return G_SOURCE_REMOVE;
}

static void
set_time (Guest *guest, guint seconds, gboolean waiting)
{
  g_clear_handle_id (&guest->timer, g_source_remove);
  guest->waiting = waiting;
  guest->since = g_get_monotonic_time ();
  if (seconds > 0)
    guest->timer = g_timeout_add_seconds (seconds, on_time_over, guest);
}

/* The last reference to the connection is gone, so it is closed */
static void
on_gone (gpointer data, GObject *where_it_was)
{
  Guest *guest = data;

  g_clear_handle_id (&guest->timer, g_source_remove);
  if (guest->door)
    (void) g_ptr_array_remove_fast (guest->door->guests, guest);
  g_object_unref (guest->cancellable);
  g_free (guest->address);
  g_free (guest);
}

static gboolean
may_go (const Guest *guest)
{
  return guest->timer && (guest->waiting || !guest->known);
}

static guint
count_neighbours (const AnprDoor *door, const Guest *guest)
{
  guint n = 0;

  for (guint i = 0; i < door->guests->len; i++) {
    const Guest *other = g_ptr_array_index (door->guests, i);

    n += may_go (other) && g_str_equal (other->address, guest->address);
  }
  return n;
}

/* Whether the one goes before the other */
static gboolean
goes_first (const AnprDoor *door, const Guest *guest, const Guest *other)
{
  guint n = count_neighbours (door, guest);
  guint n_other = count_neighbours (door, other);

  if (n != n_other)
    return n > n_other;
  if (guest->waiting != other->waiting)
    return guest->waiting;
  return guest->since < other->since;
}

static gboolean
make_room (AnprDoor *door)
{
  Guest *first = NULL;

  if (door->guests->len < ANPR_DOOR_MAX)
    return TRUE;
  door->n_refused++;
  for (guint i = 0; i < door->guests->len; i++) {
    Guest *guest = g_ptr_array_index (door->guests, i);

    if (may_go (guest) && (!first || goes_first (door, guest, first)))
      first = guest;
  }
  if (first)
    shut (first);
  /* one is on its way out; more than a few at once are too many */
  return first && door->guests->len < ANPR_DOOR_MAX + 16;
}

static gchar *
get_address (GSocketConnection *connection)
{
  g_autoptr (GSocketAddress) remote =
      g_socket_connection_get_remote_address (connection, NULL);

  return remote ? g_inet_address_to_string (
             g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote)))
                : g_strdup ("");
}

/* --- letting in ----------------------------------------------------------- */

static void
let_in (Guest *guest, GIOStream *stream)
{
  g_autoptr (GSocketAddress) local =
      g_socket_connection_get_local_address (guest->connection, NULL);
  g_autoptr (GSocketAddress) remote =
      g_socket_connection_get_remote_address (guest->connection, NULL);
  g_autoptr (GError) error = NULL;

  if (!local || !remote)
    return;
  g_object_set_data (G_OBJECT (remote), GUEST_KEY, guest);
  if (!soup_server_accept_iostream (
          guest->door->server, stream, local, remote, &error))
    g_debug ("a connection is not taken: %s", error->message);
}

static void
on_handshake (GObject *stream, GAsyncResult *result, gpointer data)
{
  g_autoptr (GSocketConnection) connection = data;
  Guest *guest = g_object_get_data (G_OBJECT (connection), GUEST_KEY);

  if (g_tls_connection_handshake_finish (
          G_TLS_CONNECTION (stream), result, NULL)
      && guest->door)
    let_in (guest, G_IO_STREAM (stream));
  g_object_unref (stream);
}

static void
begin_handshake (Guest *guest)
{
  g_autoptr (GError) error = NULL;
  GIOStream *stream = g_tls_server_connection_new (
      G_IO_STREAM (guest->connection), guest->door->certificate, &error);

  if (!stream) {
    g_warning ("%s", error->message);
    return;
  }
  g_tls_connection_handshake_async (G_TLS_CONNECTION (stream),
      G_PRIORITY_DEFAULT, guest->cancellable, on_handshake,
      g_object_ref (guest->connection));
}

static gboolean
on_incoming (GSocketService *service, GSocketConnection *connection,
    GObject *source, gpointer data)
{
  AnprDoor *door = data;
  Guest *guest;

  if (!make_room (door))
    return TRUE;
  guest = g_new0 (Guest, 1);
  guest->door = door;
  guest->connection = connection;
  guest->address = get_address (connection);
  guest->cancellable = g_cancellable_new ();
  g_ptr_array_add (door->guests, guest);
  g_object_set_data (G_OBJECT (connection), GUEST_KEY, guest);
  g_object_weak_ref (G_OBJECT (connection), on_gone, guest);
  set_time (guest, ANPR_DOOR_REQUEST_TIME, TRUE);
  if (door->certificate)
    begin_handshake (guest);
  else
    let_in (guest, G_IO_STREAM (connection));
  return TRUE;
}

static Guest *
guest_of (SoupServerMessage *message)
{
  GSocketAddress *remote = soup_server_message_get_remote_address (message);

  return remote ? g_object_get_data (G_OBJECT (remote), GUEST_KEY) : NULL;
}

static void
on_read (SoupServer *server, SoupServerMessage *message, gpointer data)
{
  Guest *guest = guest_of (message);

  if (guest)
    set_time (guest, ANPR_DOOR_ANSWER_TIME, FALSE);
}

static void
on_finished (SoupServer *server, SoupServerMessage *message, gpointer data)
{
  Guest *guest = guest_of (message);

  if (guest)
    set_time (guest, ANPR_DOOR_REQUEST_TIME, TRUE);
}

/**
 * anpr_door_keep:
 * @message: an answer that does not end by itself, such as a stream of events;
 *     whoever writes it watches that it is taken
 */
void
anpr_door_keep (SoupServerMessage *message)
{
  Guest *guest = guest_of (message);

  if (guest)
    set_time (guest, 0, FALSE);
}

/**
 * anpr_door_know:
 * @message: a request of somebody who is signed in
 */
void
anpr_door_know (SoupServerMessage *message)
{
  Guest *guest = guest_of (message);

  if (guest)
    guest->known = TRUE;
}

/**
 * anpr_door_cut:
 * @message: of a connection that ends now
 */
void
anpr_door_cut (SoupServerMessage *message)
{
  Guest *guest = guest_of (message);

  if (guest)
    shut (guest);
}

/* --- opening -------------------------------------------------------------- */

static gboolean
check_key (const gchar *path, GError **error)
{
  struct stat status;

  if (g_stat (path, &status) != 0)
    return set_failed (error, "There is no \"%s\"%s", path, "");
  if (status.st_mode & (S_IRWXG | S_IRWXO))
    return set_failed (
        error, "Others may read the key in \"%s\"%s", path, "; chmod 600");
  return TRUE;
}

static gboolean
load_certificate (
    AnprDoor *door, const AnprDoorSettings *settings, GError **error)
{
  const gchar *key = settings->key ? settings->key : settings->certificate;
  g_autoptr (GError) failed = NULL;

  if (!settings->certificate)
    return TRUE;
  if (!check_key (key, error))
    return FALSE;
  door->certificate =
      g_tls_certificate_new_from_files (settings->certificate, key, &failed);
  return door->certificate
         || set_failed (error, "Certificate \"%s\" cannot be used: %s",
             settings->certificate, failed->message);
}

static gboolean
listen_at (AnprDoor *door, const AnprDoorSettings *settings, GError **error)
{
  g_autoptr (GInetAddress) address =
      g_inet_address_new_from_string (settings->address);
  g_autoptr (GSocketAddress) at = NULL;
  g_autoptr (GError) failed = NULL;

  if (!address)
    return set_failed (
        error, "\"%s\" is no numeric address%s", settings->address, "");
  if (!door->certificate && !g_inet_address_get_is_loopback (address))
    return set_failed (error,
        "Without a certificate the page is served on a loopback address only, "
        "not on %s%s",
        settings->address, "");
  at = g_inet_socket_address_new (address, settings->port);
  door->service = g_socket_service_new ();
  g_socket_listener_set_backlog (
      G_SOCKET_LISTENER (door->service), ANPR_DOOR_MAX);
  if (!g_socket_listener_add_address (G_SOCKET_LISTENER (door->service), at,
          G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, NULL, &failed))
    return set_failed (error, "Nobody can be served on %s: %s",
        settings->address, failed->message);
  return TRUE;
}

/**
 * anpr_door_open:
 * @server: gets the connections
 * @settings: where
 * @error: %ANPR_ERROR_WEB_LISTEN
 *
 * Returns: (transfer full) (nullable): the open door
 */
AnprDoor *
anpr_door_open (
    SoupServer *server, const AnprDoorSettings *settings, GError **error)
{
  g_autoptr (AnprDoor) door = g_new0 (AnprDoor, 1);

  door->guests = g_ptr_array_new ();
  door->server = g_object_ref (server);
  if (!load_certificate (door, settings, error)
      || !listen_at (door, settings, error))
    return NULL;
  g_signal_connect (server, "request-read", G_CALLBACK (on_read), door);
  g_signal_connect (server, "request-finished", G_CALLBACK (on_finished), door);
  g_signal_connect (door->service, "incoming", G_CALLBACK (on_incoming), door);
  return g_steal_pointer (&door);
}

/**
 * anpr_door_close:
 * @door: (nullable) (transfer full): a door; all connections end
 */
void
anpr_door_close (AnprDoor *door)
{
  if (!door)
    return;
  if (door->service) {
    g_signal_handlers_disconnect_by_data (door->service, door);
    g_socket_service_stop (door->service);
    g_socket_listener_close (G_SOCKET_LISTENER (door->service));
    g_object_unref (door->service);
  }
  g_signal_handlers_disconnect_by_data (door->server, door);
  for (guint i = 0; i < door->guests->len; i++) {
    Guest *guest = g_ptr_array_index (door->guests, i);

    guest->door = NULL;
    shut (guest);
  }
  g_ptr_array_unref (door->guests);
  g_clear_object (&door->certificate);
  g_object_unref (door->server);
  g_free (door);
}

/**
 * anpr_door_get_n:
 * @door: (nullable): a door
 *
 * Returns: connections that are open
 */
guint
anpr_door_get_n (const AnprDoor *door)
{
  return door ? door->guests->len : 0;
}

/**
 * anpr_door_get_n_refused:
 * @door: (nullable): a door
 *
 * Returns: times a connection came while there were too many
 */
guint64
anpr_door_get_n_refused (const AnprDoor *door)
{
  return door ? door->n_refused : 0;
}

/**
 * anpr_door_is_encrypted:
 * @door: a door
 *
 * Returns: whether connections use TLS
 */
gboolean
anpr_door_is_encrypted (const AnprDoor *door)
{
  return door->certificate != NULL;
}
