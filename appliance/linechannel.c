/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Lines over a socket between two processes, in both directions.
 *
 * Belongs to one thread and its default main context; never blocks. What is read
 * is handed over line by line. Both directions are bounded: a line that is too
 * long ends the channel, as the other side's end does, and what the other side
 * does not take is refused at the sender, who knows what can be left out.
 *
 * The end is told once, from the main loop, and nothing is read or sent after
 * it. The callback may free the channel. Who hears of the other side's end by
 * another way, such as a child watch, reads the rest before freeing it.
 */

#include "linechannel.h"

#include <errno.h>
#include <glib-unix.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_SIZE 16384

struct _AnprLineChannel {
  gint descriptor;
  AnprLineFunc on_line;
  gpointer user_data;

  GByteArray *in;
  GByteArray *out;
  guint read_watch;
  guint write_watch;
  gboolean *freed; /* set while a callback runs */
};

/* Hands over whole lines; FALSE if the channel was freed by that */
static gboolean
hand_over (AnprLineChannel *channel)
{
  gboolean freed = FALSE;
  gsize begin = 0;
  guint8 *end;

  channel->freed = &freed;
  while (begin < channel->in->len
         && (end = memchr (
                 channel->in->data + begin, '\n', channel->in->len - begin))) {
    guint8 *line = channel->in->data + begin;

    *end = '\0';
    begin = end + 1 - channel->in->data;
    channel->on_line ((const gchar *) line, end - line, channel->user_data);
    if (freed)
      return FALSE;
  }
  channel->freed = NULL;
  if (begin > 0)
    g_byte_array_remove_range (channel->in, 0, begin);
  return TRUE;
}

static void
tell_end (AnprLineChannel *channel)
{
  g_clear_handle_id (&channel->read_watch, g_source_remove);
  g_clear_handle_id (&channel->write_watch, g_source_remove);
  channel->on_line (NULL, 0, channel->user_data);
}

static gboolean
on_readable (gint descriptor, GIOCondition condition, gpointer data)
{
  AnprLineChannel *channel = data;
  guint8 buffer[READ_SIZE];
  gssize size = read (descriptor, buffer, sizeof buffer);

  if (size < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (size > 0) {
    g_byte_array_append (channel->in, buffer, size);
    if (!hand_over (channel))
      return G_SOURCE_REMOVE;
    if (channel->in->len <= ANPR_LINE_CHANNEL_MAX_LINE)
      return G_SOURCE_CONTINUE;
  }
  channel->read_watch = 0;
  tell_end (channel);
  return G_SOURCE_REMOVE;
}

/* Sends what can be sent; FALSE if the other side is gone */
static gboolean
send_some (AnprLineChannel *channel)
{
  while (channel->out->len > 0) {
    gssize size = send (channel->descriptor, channel->out->data,
        channel->out->len, MSG_NOSIGNAL | MSG_DONTWAIT);

    if (size < 0 && errno == EINTR)
      continue;
    if (size < 0)
      return errno == EAGAIN || errno == EWOULDBLOCK;
    g_byte_array_remove_range (channel->out, 0, size);
  }
  return TRUE;
}

static gboolean
on_writable (gint descriptor, GIOCondition condition, gpointer data)
{
  AnprLineChannel *channel = data;

  /* that the other side is gone is told by reading */
  if (send_some (channel) && channel->out->len > 0)
    return G_SOURCE_CONTINUE;
  g_byte_array_set_size (channel->out, 0);
  channel->write_watch = 0;
  return G_SOURCE_REMOVE;
}

/**
 * anpr_line_channel_new:
 * @descriptor: (transfer full): a connected stream socket
 * @on_line: called for each line, and once for the end
 * @user_data: for it
 *
 * Returns: (transfer full): the channel
 */
AnprLineChannel *
anpr_line_channel_new (
    gint descriptor, AnprLineFunc on_line, gpointer user_data)
{
  AnprLineChannel *channel = g_new0 (AnprLineChannel, 1);

  channel->descriptor = descriptor;
  channel->on_line = on_line;
  channel->user_data = user_data;
  channel->in = g_byte_array_new ();
  channel->out = g_byte_array_new ();
  (void) g_unix_set_fd_nonblocking (descriptor, TRUE, NULL);
  channel->read_watch = g_unix_fd_add (
      descriptor, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, channel);
  return channel;
}

/* A line may have held a password */
static void
forget (GByteArray *bytes)
{
  if (bytes->len > 0)
    explicit_bzero (bytes->data, bytes->len);
  g_byte_array_unref (bytes);
}

/**
 * anpr_line_channel_free:
 * @channel: (nullable) (transfer full): a channel; what waits to be sent is lost
 */
void
anpr_line_channel_free (AnprLineChannel *channel)
{
  if (!channel)
    return;
  if (channel->freed)
    *channel->freed = TRUE;
  g_clear_handle_id (&channel->read_watch, g_source_remove);
  g_clear_handle_id (&channel->write_watch, g_source_remove);
  close (channel->descriptor);
  forget (channel->in);
  forget (channel->out);
  g_free (channel);
}

/**
 * anpr_line_channel_read_rest:
 * @channel: a channel whose other side has ended
 *
 * Hands over what came before that and has not been read yet, at once and not from
 * the main loop. The end is not told. No more is read than may wait at the other
 * side, should somebody else have its end of the socket.
 */
void
anpr_line_channel_read_rest (AnprLineChannel *channel)
{
  guint8 buffer[READ_SIZE];
  gsize left = ANPR_LINE_CHANNEL_MAX_WAITING;
  gssize size;

  if (!channel->read_watch)
    return;
  g_clear_handle_id (&channel->read_watch, g_source_remove);
  while (left > 0
         && (size = read (channel->descriptor, buffer, MIN (left, READ_SIZE)))
                > 0) {
    left -= size;
    g_byte_array_append (channel->in, buffer, size);
    if (!hand_over (channel))
      return;
  }
}

/**
 * anpr_line_channel_send:
 * @channel: a channel
 * @line: without line ends
 *
 * Returns: %FALSE if there is no room for it, or nobody to take it
 */
gboolean
anpr_line_channel_send (AnprLineChannel *channel, const gchar *line)
{
  gsize length = strlen (line);

  if (!channel->read_watch || length > ANPR_LINE_CHANNEL_MAX_LINE
      || channel->out->len + length > ANPR_LINE_CHANNEL_MAX_WAITING)
    return FALSE;
  g_byte_array_append (channel->out, (const guint8 *) line, length);
  g_byte_array_append (channel->out, (const guint8 *) "\n", 1);
  if (!send_some (channel))
    return FALSE;
  if (channel->out->len > 0 && !channel->write_watch)
    channel->write_watch =
        g_unix_fd_add (channel->descriptor, G_IO_OUT, on_writable, channel);
  return TRUE;
}

/**
 * anpr_line_channel_flush:
 * @channel: a channel
 * @milliseconds: at most to wait
 *
 * For the end of a process only: waits until all is sent.
 *
 * Returns: whether it is
 */
gboolean
anpr_line_channel_flush (AnprLineChannel *channel, guint milliseconds)
{
  gint64 end = g_get_monotonic_time () + milliseconds * 1000;

  while (
      channel->out->len > 0 && send_some (channel) && channel->out->len > 0) {
    struct pollfd poll_descriptor = { channel->descriptor, POLLOUT, 0 };
    gint64 left = (end - g_get_monotonic_time ()) / 1000;

    if (left <= 0 || poll (&poll_descriptor, 1, left) < 0)
      break;
  }
  return channel->out->len == 0;
}
