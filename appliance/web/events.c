/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html
 *
 * Each listener has a queue with a bound. One event at a time is given to
 * libsoup; the next when that is written. A listener whose queue is full, or that
 * has not taken an event for half a minute, is cut, counted and logged; its
 * browser connects anew and reads everything afresh. Nobody waits for it.
 *
 * Every ten seconds an event "alive" goes to all, so that a browser sees a dead
 * line; and every listener's session is asked after, as whenever one is ended: a
 * stream ends with its session, and shows what the account may see now.
 *
 * Main thread only.
 */

#include "events.h"
#include "../log.h"
#include "door.h"

typedef struct {
  AnprEvents *events;
  SoupServerMessage *message;
  gchar *user;
  guint64 session;
  AnprViewer viewer;
  GQueue waiting; /* of GBytes */
  gsize bytes;
  gint64 writing; /* since when an event is being written, 0 none is */
} Listener;

struct _AnprEvents {
  SoupServer *server;
  AnprEventsAsk ask;
  gpointer data;
  GPtrArray *listeners;
  guint beat;
  guint64 n_dropped;
};

static void
listener_free (gpointer data)
{
  Listener *listener = data;

  g_signal_handlers_disconnect_by_data (listener->message, listener);
  g_queue_clear_full (&listener->waiting, (GDestroyNotify) g_bytes_unref);
  g_object_unref (listener->message);
  g_free (listener->user);
  g_free (listener);
}

static void
drop (Listener *listener)
{
  (void) g_ptr_array_remove_fast (listener->events->listeners, listener);
}

/* Too slow */
static void
cut (Listener *listener)
{
  g_autoptr (SoupServerMessage) message = g_object_ref (listener->message);

  listener->events->n_dropped++;
  anpr_log_note (NULL, "a page that does not take its events is cut off; it "
                       "connects anew by itself");
  drop (listener);
  anpr_door_cut (message);
}

/* In order */
static void
end (Listener *listener)
{
  g_autoptr (SoupServerMessage) message = g_object_ref (listener->message);

  drop (listener);
  soup_message_body_complete (soup_server_message_get_response_body (message));
  soup_server_message_unpause (message);
}

static void
pump (Listener *listener)
{
  g_autoptr (GBytes) next = NULL;

  if (listener->writing)
    return;
  next = g_queue_pop_head (&listener->waiting);
  if (!next)
    return;
  listener->bytes -= g_bytes_get_size (next);
  listener->writing = g_get_monotonic_time ();
  soup_message_body_append_bytes (
      soup_server_message_get_response_body (listener->message), next);
  soup_server_message_unpause (listener->message);
}

static void
on_wrote (SoupServerMessage *message, gpointer data)
{
  Listener *listener = data;

  listener->writing = 0;
  pump (listener);
}

static void
on_gone (SoupServerMessage *message, gpointer data)
{
  drop (data);
}

static void
give (Listener *listener, GBytes *bytes)
{
  if (g_queue_get_length (&listener->waiting) >= ANPR_EVENTS_MAX_WAITING
      || listener->bytes + g_bytes_get_size (bytes) > ANPR_EVENTS_MAX_BYTES) {
    cut (listener);
    return;
  }
  listener->bytes += g_bytes_get_size (bytes);
  g_queue_push_tail (&listener->waiting, g_bytes_ref (bytes));
  pump (listener);
}

static GBytes *
make_event (const gchar *name, const gchar *text)
{
  gchar *event = g_strdup_printf ("event: %s\ndata: %s\n\n", name, text);

  return g_bytes_new_take (event, strlen (event));
}

/**
 * anpr_events_check:
 * @events: events
 *
 * Asks after every listener's session.
 */
void
anpr_events_check (AnprEvents *events)
{
  for (guint i = events->listeners->len; i > 0; i--) {
    Listener *listener = g_ptr_array_index (events->listeners, i - 1);

    if (!events->ask (listener->session, &listener->viewer, events->data))
      end (listener);
  }
}

static gboolean
on_beat (gpointer data)
{
  static const gchar *const alive[ANPR_N_VIEWERS] = { "{}", "{}", "{}" };
  AnprEvents *events = data;
  gint64 late =
      g_get_monotonic_time () - ANPR_EVENTS_STALL * G_TIME_SPAN_SECOND;

  for (guint i = events->listeners->len; i > 0; i--) {
    Listener *listener = g_ptr_array_index (events->listeners, i - 1);

    if (listener->writing && listener->writing < late)
      cut (listener);
  }
  anpr_events_check (events);
  anpr_events_send (events, "alive", alive);
  return G_SOURCE_CONTINUE;
}

/**
 * anpr_events_new:
 * @server: that listeners come from
 * @ask: whether a session has not ended
 * @data: for @ask
 *
 * Returns: (transfer full): events without listeners
 */
AnprEvents *
anpr_events_new (SoupServer *server, AnprEventsAsk ask, gpointer data)
{
  AnprEvents *events = g_new0 (AnprEvents, 1);

  events->server = g_object_ref (server);
  events->ask = ask;
  events->data = data;
  events->listeners = g_ptr_array_new_with_free_func (listener_free);
  events->beat = g_timeout_add_seconds (ANPR_EVENTS_BEAT, on_beat, events);
  return events;
}

/**
 * anpr_events_free:
 * @events: (nullable) (transfer full): events; all streams end
 */
void
anpr_events_free (AnprEvents *events)
{
  if (!events)
    return;
  g_source_remove (events->beat);
  g_ptr_array_unref (events->listeners);
  g_object_unref (events->server);
  g_free (events);
}

/* One user of all their sessions must leave room for others */
static gboolean
has_room (const AnprEvents *events, const gchar *user, guint64 session)
{
  guint n_session = 0, n_user = 0;

  for (guint i = 0; i < events->listeners->len; i++) {
    const Listener *listener = g_ptr_array_index (events->listeners, i);

    n_session += listener->session == session;
    n_user += g_str_equal (listener->user, user);
  }
  return events->listeners->len < ANPR_EVENTS_MAX
         && n_session < ANPR_EVENTS_MAX_SESSION
         && n_user < ANPR_EVENTS_MAX_USER;
}

/**
 * anpr_events_listen:
 * @events: events
 * @message: whose answer, with its head set, becomes a stream
 * @user: who listens
 * @session: which of theirs
 * @viewer: what they may see
 *
 * Returns: %FALSE if there are too many
 */
gboolean
anpr_events_listen (AnprEvents *events, SoupServerMessage *message,
    const gchar *user, guint64 session, AnprViewer viewer)
{
  Listener *listener;
  SoupMessageHeaders *headers =
      soup_server_message_get_response_headers (message);

  if (!has_room (events, user, session))
    return FALSE;
  listener = g_new0 (Listener, 1);
  listener->events = events;
  listener->message = g_object_ref (message);
  listener->user = g_strdup (user);
  listener->session = session;
  listener->viewer = viewer;
  g_queue_init (&listener->waiting);
  g_ptr_array_add (events->listeners, listener);
  soup_message_headers_set_encoding (headers, SOUP_ENCODING_CHUNKED);
  soup_message_headers_replace (headers, "Content-Type", "text/event-stream");
  soup_message_body_set_accumulate (
      soup_server_message_get_response_body (message), FALSE);
  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  g_signal_connect (message, "wrote-chunk", G_CALLBACK (on_wrote), listener);
  g_signal_connect (message, "finished", G_CALLBACK (on_gone), listener);
  g_signal_connect (message, "disconnected", G_CALLBACK (on_gone), listener);
  anpr_door_keep (message);
  soup_server_message_pause (message);
  {
    g_autoptr (GBytes) hello = g_bytes_new_static ("retry: 2000\n\n", 13);

    give (listener, hello);
  }
  return TRUE;
}

/**
 * anpr_events_send:
 * @events: events
 * @name: of an event
 * @texts: (nullable): for each kind of viewer one line of JSON, or %NULL where
 *     they do not see it
 */
void
anpr_events_send (AnprEvents *events, const gchar *name,
    const gchar *const texts[ANPR_N_VIEWERS])
{
  GBytes *made[ANPR_N_VIEWERS] = { NULL };

  for (guint i = events->listeners->len; i > 0; i--) {
    Listener *listener = g_ptr_array_index (events->listeners, i - 1);
    AnprViewer viewer = listener->viewer;

    if (!texts[viewer])
      continue;
    if (!made[viewer])
      made[viewer] = make_event (name, texts[viewer]);
    give (listener, made[viewer]);
  }
  for (guint i = 0; i < ANPR_N_VIEWERS; i++)
    g_clear_pointer (&made[i], g_bytes_unref);
}

/**
 * anpr_events_get_n:
 * @events: events
 *
 * Returns: streams that are open
 */
guint
anpr_events_get_n (const AnprEvents *events)
{
  return events->listeners->len;
}

/**
 * anpr_events_get_n_dropped:
 * @events: events
 *
 * Returns: listeners that were too slow
 */
guint64
anpr_events_get_n_dropped (const AnprEvents *events)
{
  return events->n_dropped;
}
