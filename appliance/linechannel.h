/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_LINE_CHANNEL_H
#define ANPR_LINE_CHANNEL_H

#include <glib.h>

G_BEGIN_DECLS

/* A longer line ends the channel, bytes */
#define ANPR_LINE_CHANNEL_MAX_LINE (256 * 1024)
/* Bytes that may wait to be sent; beyond that lines are refused */
#define ANPR_LINE_CHANNEL_MAX_WAITING (1024 * 1024)

typedef struct _AnprLineChannel AnprLineChannel;

/**
 * AnprLineFunc:
 * @line: (nullable): a line without its end, %NULL if the channel has ended
 * @length: bytes; a line may hold any
 * @user_data: of the caller
 */
typedef void (*AnprLineFunc) (
    const gchar *line, gsize length, gpointer user_data);

AnprLineChannel *anpr_line_channel_new (
    gint descriptor, AnprLineFunc on_line, gpointer user_data);
void anpr_line_channel_free (AnprLineChannel *channel);
void anpr_line_channel_read_rest (AnprLineChannel *channel);
gboolean anpr_line_channel_send (AnprLineChannel *channel, const gchar *line);
gboolean anpr_line_channel_flush (AnprLineChannel *channel, guint milliseconds);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprLineChannel, anpr_line_channel_free)

G_END_DECLS

#endif
