/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_WEB_EVENTS_H
#define ANPR_WEB_EVENTS_H

#include "passageview.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* Streams at once, of all and of one session */
#define ANPR_EVENTS_MAX 32
#define ANPR_EVENTS_MAX_SESSION 4
#define ANPR_EVENTS_MAX_USER 8
/* What may wait for a listener: events, and bytes */
#define ANPR_EVENTS_MAX_WAITING 256
#define ANPR_EVENTS_MAX_BYTES (1024 * 1024)
/* Seconds between signs of life, and for one event to be taken */
#define ANPR_EVENTS_BEAT 10
#define ANPR_EVENTS_STALL 30

/**
 * AnprEventsAsk:
 * @session: number of a session
 * @viewer: (out): what it may see now
 * @data: of the caller
 *
 * Returns: whether the session has not ended
 */
typedef gboolean (*AnprEventsAsk) (
    guint64 session, AnprViewer *viewer, gpointer data);

typedef struct _AnprEvents AnprEvents;

AnprEvents *anpr_events_new (
    SoupServer *server, AnprEventsAsk ask, gpointer data);
void anpr_events_free (AnprEvents *events);
gboolean anpr_events_listen (AnprEvents *events, SoupServerMessage *message,
    const gchar *user, guint64 session, AnprViewer viewer);
void anpr_events_send (AnprEvents *events, const gchar *name,
    const gchar *const texts[ANPR_N_VIEWERS]);
void anpr_events_check (AnprEvents *events);
guint anpr_events_get_n (const AnprEvents *events);
guint64 anpr_events_get_n_dropped (const AnprEvents *events);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprEvents, anpr_events_free)

G_END_DECLS

#endif
