/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_FORWARDER_H
#define ANPR_FORWARDER_H

#include <glib.h>

G_BEGIN_DECLS

/* Seconds */
#define ANPR_FORWARDER_TIMEOUT 30

typedef struct _AnprForwarder AnprForwarder;

/**
 * AnprForwarderState:
 * @ANPR_FORWARDER_OFF: nothing is to be forwarded, or it has ended
 * @ANPR_FORWARDER_CONNECTING: first try
 * @ANPR_FORWARDER_DELIVERING: connected; what is in the spool is on its way, or
 *     all of it is there
 * @ANPR_FORWARDER_WAITING: something is wrong; tried again after a pause
 */
typedef enum {
  ANPR_FORWARDER_OFF,
  ANPR_FORWARDER_CONNECTING,
  ANPR_FORWARDER_DELIVERING,
  ANPR_FORWARDER_WAITING,
} AnprForwarderState;

/**
 * AnprForwarderSettings:
 * @location: the spool
 * @key: (nullable): file with the key it is encrypted with
 * @address: of the central database, URI or service
 * @once: whether it ends by itself when all is delivered or something fails
 * @timeout: seconds after which a centre that does not answer counts as away; 0
 *     is %ANPR_FORWARDER_TIMEOUT
 */
typedef struct {
  const gchar *location;
  const gchar *key;
  const gchar *address;
  gboolean once;
  guint timeout;
} AnprForwarderSettings;

/**
 * AnprForwarderStats:
 * @state: now
 * @reason: stable code why it waits, "" else
 * @delivered: passages the centre has kept, since the start
 * @already: passages that the centre had before they were sent
 * @refused: passages the centre has refused, since the start
 * @batches: calls the centre has answered
 * @connects: connections made
 * @failures: times something failed and was to be tried again
 * @waiting: passages in the spool that are still to be delivered
 * @waiting_hits: of these, with a hit
 * @waiting_bytes: of these, bytes of records and pictures
 * @set_apart: passages in the spool that the centre refused
 * @oldest_utc: best shot of the oldest that waits, microseconds since 1970, 0
 *     if none does
 *
 * What is in the spool is as of at most a second ago.
 */
typedef struct {
  AnprForwarderState state;
  const gchar *reason;
  guint64 delivered;
  guint64 already;
  guint64 refused;
  guint64 batches;
  guint64 connects;
  guint64 failures;
  guint64 waiting;
  guint64 waiting_hits;
  guint64 waiting_bytes;
  guint64 set_apart;
  gint64 oldest_utc;
} AnprForwarderStats;

/* Told from the forwarder's thread without a lock held. `changed` for each
 * other state or reason; `failed` once for each change to the worse, and for
 * refused records once for each other reason. `ended` as the thread's last. */
typedef struct {
  void (*changed) (const AnprForwarderStats *stats, gpointer user_data);
  void (*failed) (
      const GError *error, const gchar *consequence, gpointer user_data);
  void (*ended) (gpointer user_data);
} AnprForwarderListener;

AnprForwarder *anpr_forwarder_new (const AnprForwarderSettings *settings,
    const AnprForwarderListener *listener, gpointer user_data);
void anpr_forwarder_free (AnprForwarder *forwarder, AnprForwarderStats *last);
void anpr_forwarder_wake (AnprForwarder *forwarder);
void anpr_forwarder_get_stats (
    AnprForwarder *forwarder, AnprForwarderStats *stats);

const gchar *anpr_forwarder_state_to_string (AnprForwarderState state);
gint64 anpr_forwarder_get_oldest_age (const AnprForwarderStats *stats);

G_END_DECLS

#endif
