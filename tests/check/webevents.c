/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Server-sent events over real connections, of which some do not read: they are
 * cut, hold nobody up, and what waits for them is bounded.
 *
 * The server and the clients that read share one main loop; a client that does not
 * read needs none. */

#include "appliance/web/door.h"
#include "appliance/web/events.h"

#include <gio/gio.h>
#include <gst/check/gstcheck.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define LIMIT (30 * G_USEC_PER_SEC)
/* Of a client's window, so that the server has to wait for it soon, bytes */
#define SMALL_WINDOW 4096
#define LARGE_EVENT (64 * 1024)
/* More than the kernel takes for one connection, bytes */
#define LARGE_ANSWER (16 * 1024 * 1024)
/* Beside events: heads, chunks, events on their way */
#define SLACK (1024 * 1024)

typedef struct {
  SoupServer *server;
  AnprDoor *door;
  AnprEvents *events;
  guint16 port;
  gboolean session_ended;
  guint n_refused;
  guint n_large;
  gboolean known;
} Fixture;

static gboolean
ask (guint64 session, AnprViewer *viewer, gpointer data)
{
  return !((Fixture *) data)->session_ended;
}

static void
give_large (Fixture *fixture, SoupServerMessage *message)
{
  static gchar large[LARGE_ANSWER];

  fixture->n_large++;
  if (fixture->known)
    anpr_door_know (message);
  soup_server_message_set_status (message, 200, NULL);
  soup_server_message_set_response (
      message, "text/plain", SOUP_MEMORY_STATIC, large, sizeof large);
}

/* The path says of which session it is; a hundred are one user's */
static void
on_request (SoupServer *server, SoupServerMessage *message, const char *path,
    GHashTable *query, gpointer data)
{
  Fixture *fixture = data;
  guint64 session = g_ascii_strtoull (path + 1, NULL, 10);
  g_autofree gchar *user =
      g_strdup_printf ("%" G_GUINT64_FORMAT, session / 100);

  if (g_str_equal (path, "/large")) {
    give_large (fixture, message);
    return;
  }
  if (!anpr_events_listen (
          fixture->events, message, user, session, ANPR_VIEWER_USUAL)) {
    fixture->n_refused++;
    soup_server_message_set_status (message, 503, NULL);
  }
}

static guint16
find_port (void)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();

  return g_socket_listener_add_any_inet_port (listener, NULL, NULL);
}

static void
set_up (Fixture *fixture)
{
  AnprDoorSettings settings = { .address = "127.0.0.1" };

  *fixture = (Fixture){ .server = g_object_new (SOUP_TYPE_SERVER, NULL) };
  soup_server_add_handler (fixture->server, NULL, on_request, fixture, NULL);
  /* another program may take it in between */
  for (guint i = 0; i < 10 && !fixture->door; i++) {
    settings.port = fixture->port = find_port ();
    fixture->door = anpr_door_open (fixture->server, &settings, NULL);
  }
  fail_unless (fixture->door != NULL);
  fixture->events = anpr_events_new (fixture->server, ask, fixture);
}

static void
iterate (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
tear_down (Fixture *fixture)
{
  anpr_events_free (fixture->events);
  anpr_door_close (fixture->door);
  iterate ();
  g_object_unref (fixture->server);
}

static void
wait_for_n (Fixture *fixture, guint n)
{
  gint64 end = g_get_monotonic_time () + LIMIT;

  while (anpr_events_get_n (fixture->events) != n) {
    fail_unless (g_get_monotonic_time () < end);
    iterate ();
  }
}

/* A browser that has asked for the events of a session */
static GSocket *
listen_as (Fixture *fixture, guint session, gint window)
{
  guint n = anpr_events_get_n (fixture->events);
  g_autofree gchar *request =
      g_strdup_printf ("GET /%u HTTP/1.1\r\nHost: localhost\r\n\r\n", session);
  g_autoptr (GSocketAddress) address =
      g_inet_socket_address_new_from_string ("127.0.0.1", fixture->port);
  GSocket *client = g_socket_new (
      G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);

  if (window)
    fail_unless (
        g_socket_set_option (client, SOL_SOCKET, SO_RCVBUF, window, NULL));
  fail_unless (g_socket_connect (client, address, NULL, NULL));
  fail_unless (g_socket_send (client, request, strlen (request), NULL, NULL)
               == (gssize) strlen (request));
  g_socket_set_blocking (client, FALSE);
  wait_for_n (fixture, n + 1);
  return client;
}

/* Takes what has come; FALSE at the end of the connection */
static gboolean
take (GSocket *client, GString *text)
{
  static gchar buffer[256 * 1024];
  g_autoptr (GError) error = NULL;
  gssize size;

  while ((size = g_socket_receive (client, buffer, sizeof buffer, NULL, &error))
         > 0) {
    if (text)
      g_string_append_len (text, buffer, size);
  }
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
}

static void
send_event (Fixture *fixture, guint number, gsize size)
{
  g_autofree gchar *filling = g_strnfill (size, 'x');
  g_autofree gchar *text = g_strdup_printf ("[%u,\"%s\"]", number, filling);
  const gchar *texts[ANPR_N_VIEWERS] = { NULL };

  texts[ANPR_VIEWER_USUAL] = text;
  anpr_events_send (fixture->events, "test", texts);
}

static void
wait_for_event (GSocket *client, GString *text, guint number)
{
  g_autofree gchar *begin = g_strdup_printf ("data: [%u,", number);
  gint64 end = g_get_monotonic_time () + LIMIT;

  while (!strstr (text->str, begin)
         || !g_str_has_suffix (text->str, "\"]\n\n\r\n")) {
    fail_unless (g_get_monotonic_time () < end, "event %u", number);
    iterate ();
    fail_unless (take (client, text), "the connection ended");
  }
}

static void
wait_for_end (GSocket *client)
{
  gint64 end = g_get_monotonic_time () + LIMIT;

  while (take (client, NULL)) {
    fail_unless (g_get_monotonic_time () < end);
    iterate ();
  }
}

/* What the kernel takes from the server for one connection at most, bytes; what it
 * takes for the client, whose window is small, is nothing beside it */
static gsize
read_kernel_bound (void)
{
  g_autofree gchar *text = NULL;
  gulong least, usual, most;

  fail_unless (
      g_file_get_contents ("/proc/sys/net/ipv4/tcp_wmem", &text, NULL, NULL));
  fail_unless (sscanf (text, "%lu %lu %lu", &least, &usual, &most) == 3);
  return most;
}

GST_START_TEST (test_listener_that_does_not_read_is_cut_and_holds_nobody_up)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gsize bound = read_kernel_bound () + ANPR_EVENTS_MAX_BYTES + SLACK;
  g_autoptr (GSocket) slow = NULL, quick = NULL;
  Fixture fixture;
  guint n = 0;

  set_up (&fixture);
  slow = listen_as (&fixture, 1, SMALL_WINDOW);
  quick = listen_as (&fixture, 2, 0);
  while (anpr_events_get_n_dropped (fixture.events) == 0) {
    send_event (&fixture, ++n, LARGE_EVENT);
    /* the other one has each, whole and at once */
    g_string_truncate (text, 0);
    wait_for_event (quick, text, n);
    fail_unless (text->len > LARGE_EVENT);
    fail_unless ((gsize) n * LARGE_EVENT < bound, "what waits has no bound");
  }
  fail_unless_equals_int (anpr_events_get_n (fixture.events), 1);
  fail_unless_equals_uint64 (anpr_events_get_n_dropped (fixture.events), 1);
  wait_for_end (slow);
  /* it connects anew, as its browser does, and listens again */
  g_set_object (&slow, NULL);
  slow = listen_as (&fixture, 1, 0);
  send_event (&fixture, ++n, 10);
  g_string_truncate (text, 0);
  wait_for_event (slow, text, n);
  g_string_truncate (text, 0);
  wait_for_event (quick, text, n);
  tear_down (&fixture);
}

GST_END_TEST;

/* The loop has no time for anybody meanwhile */
GST_START_TEST (test_number_of_events_that_wait_is_bounded)
{
  g_autoptr (GSocket) client = NULL;
  Fixture fixture;

  set_up (&fixture);
  client = listen_as (&fixture, 1, 0);
  iterate ();
  /* one is being written beside those that wait */
  for (guint i = 0; i <= ANPR_EVENTS_MAX_WAITING; i++)
    send_event (&fixture, i, 10);
  fail_unless_equals_int (anpr_events_get_n (fixture.events), 1);
  send_event (&fixture, 0, 10);
  fail_unless_equals_int (anpr_events_get_n (fixture.events), 0);
  fail_unless_equals_uint64 (anpr_events_get_n_dropped (fixture.events), 1);
  wait_for_end (client);
  tear_down (&fixture);
}

GST_END_TEST;

static void
expect_refusal (Fixture *fixture, guint session)
{
  g_autofree gchar *request =
      g_strdup_printf ("GET /%u HTTP/1.1\r\nHost: localhost\r\n\r\n", session);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = g_socket_client_connect_to_host (
      client, "127.0.0.1", fixture->port, NULL, NULL);
  gint64 end = g_get_monotonic_time () + LIMIT;
  guint n_refused = fixture->n_refused;

  fail_unless (g_output_stream_write_all (
      g_io_stream_get_output_stream (G_IO_STREAM (connection)), request,
      strlen (request), NULL, NULL, NULL));
  while (fixture->n_refused == n_refused) {
    fail_unless (g_get_monotonic_time () < end);
    iterate ();
  }
}

GST_START_TEST (test_listeners_are_bounded_each_session_and_all)
{
  g_autoptr (GPtrArray) clients =
      g_ptr_array_new_with_free_func (g_object_unref);
  Fixture fixture;

  set_up (&fixture);
  for (guint i = 0; i < ANPR_EVENTS_MAX; i++)
    g_ptr_array_add (
        clients, listen_as (&fixture, i / ANPR_EVENTS_MAX_SESSION * 100, 0));
  /* of a session that has its share, and of a new one */
  expect_refusal (&fixture, 0);
  expect_refusal (&fixture, 1000);
  fail_unless_equals_int (anpr_events_get_n (fixture.events), ANPR_EVENTS_MAX);
  tear_down (&fixture);
}

GST_END_TEST;

GST_START_TEST (test_one_user_does_not_take_all_streams)
{
  g_autoptr (GPtrArray) clients =
      g_ptr_array_new_with_free_func (g_object_unref);
  Fixture fixture;

  set_up (&fixture);
  for (guint i = 0; i < ANPR_EVENTS_MAX_USER; i++)
    g_ptr_array_add (
        clients, listen_as (&fixture, i / ANPR_EVENTS_MAX_SESSION, 0));
  expect_refusal (&fixture, 2);
  g_ptr_array_add (clients, listen_as (&fixture, 100, 0));
  tear_down (&fixture);
}

GST_END_TEST;

/* Asks for more than the kernel takes, and reads none of it */
static GSocket *
ask_and_wait (Fixture *fixture)
{
  static const gchar request[] =
      "GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n";
  g_autoptr (GSocketAddress) address =
      g_inet_socket_address_new_from_string ("127.0.0.1", fixture->port);
  GSocket *client = g_socket_new (
      G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  guint n = fixture->n_large;
  gint64 end = g_get_monotonic_time () + LIMIT;

  fail_unless (
      g_socket_set_option (client, SOL_SOCKET, SO_RCVBUF, SMALL_WINDOW, NULL));
  fail_unless (g_socket_connect (client, address, NULL, NULL));
  fail_unless (g_socket_send (client, request, strlen (request), NULL, NULL)
               == (gssize) strlen (request));
  g_socket_set_blocking (client, FALSE);
  while (fixture->n_large == n) {
    fail_unless (g_get_monotonic_time () < end);
    iterate ();
  }
  return client;
}

GST_START_TEST (test_who_takes_no_answer_gives_way_unless_known)
{
  g_autoptr (GPtrArray) clients =
      g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GSocket) known = NULL;
  Fixture fixture;

  set_up (&fixture);
  fixture.known = TRUE;
  known = ask_and_wait (&fixture);
  fixture.known = FALSE;
  for (guint i = 0; i < ANPR_DOOR_MAX + 2; i++)
    g_ptr_array_add (clients, ask_and_wait (&fixture));
  /* the first of them has been cut off, who is signed in has not */
  wait_for_end (g_ptr_array_index (clients, 0));
  fail_unless (take (known, NULL));
  tear_down (&fixture);
}

GST_END_TEST;

GST_START_TEST (test_listener_that_goes_is_forgotten)
{
  g_autoptr (GSocket) client = NULL;
  Fixture fixture;

  set_up (&fixture);
  client = listen_as (&fixture, 1, 0);
  g_socket_close (client, NULL);
  for (guint n = 0; anpr_events_get_n (fixture.events) > 0; n++) {
    fail_unless (n < 1000);
    send_event (&fixture, n, LARGE_EVENT);
    iterate ();
  }
  fail_unless_equals_uint64 (anpr_events_get_n_dropped (fixture.events), 0);
  tear_down (&fixture);
}

GST_END_TEST;

GST_START_TEST (test_stream_ends_with_its_session)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GSocket) client = NULL;
  gint64 end = g_get_monotonic_time () + LIMIT;
  Fixture fixture;

  set_up (&fixture);
  client = listen_as (&fixture, 1, 0);
  send_event (&fixture, 1, 10);
  wait_for_event (client, text, 1);
  fixture.session_ended = TRUE;
  anpr_events_check (fixture.events);
  fail_unless_equals_int (anpr_events_get_n (fixture.events), 0);
  while (!g_str_has_suffix (text->str, "\r\n0\r\n\r\n")) {
    fail_unless (g_get_monotonic_time () < end);
    iterate ();
    (void) take (client, text);
  }
  tear_down (&fixture);
}

GST_END_TEST;

static Suite *
webevents_suite (void)
{
  Suite *suite = suite_create ("webevents");
  TCase *listeners = tcase_create ("listeners");

  suite_add_tcase (suite, listeners);
  tcase_add_test (
      listeners, test_listener_that_does_not_read_is_cut_and_holds_nobody_up);
  tcase_add_test (listeners, test_number_of_events_that_wait_is_bounded);
  tcase_add_test (listeners, test_listeners_are_bounded_each_session_and_all);
  tcase_add_test (listeners, test_one_user_does_not_take_all_streams);
  tcase_add_test (listeners, test_who_takes_no_answer_gives_way_unless_known);
  tcase_add_test (listeners, test_listener_that_goes_is_forgotten);
  tcase_add_test (listeners, test_stream_ends_with_its_session);
  return suite;
}

GST_CHECK_MAIN (webevents);
