/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_CARRIER_H
#define ANPR_CARRIER_H

#include "centralconnection.h"
#include "forwarder.h"

G_BEGIN_DECLS

typedef struct _AnprCarrier AnprCarrier;

/**
 * AnprCarrierWork:
 * @round: one step; tells whether there may be more to do at once
 * @worked: (nullable): after each round that did not fail
 * @failed: after each that did; returns whether the connection is given up
 * @ended: the last that is called
 * @consequence: of a fault, for people
 * @interval: between rounds when there is nothing to do, microseconds
 *
 * What a carrier's thread does; all of it is called in that thread, without a
 * lock held, with the load.
 */
typedef struct {
  gboolean (*round) (gpointer load, gboolean *ret_more, GError **error);
  void (*worked) (gpointer load, gboolean more);
  gboolean (*failed) (gpointer load, const GError *error);
  void (*ended) (gpointer load);
  const gchar *consequence;
  gint64 interval;
} AnprCarrierWork;

/* Any thread */
AnprCarrier *anpr_carrier_new (const AnprForwarderSettings *settings,
    const AnprForwarderListener *listener, gpointer user_data,
    const AnprCarrierWork *work, gpointer load);
void anpr_carrier_start (AnprCarrier *carrier, const gchar *name);
void anpr_carrier_end (AnprCarrier *carrier, AnprForwarderStats *last);
void anpr_carrier_free (AnprCarrier *carrier);
void anpr_carrier_wake (AnprCarrier *carrier);
void anpr_carrier_get_stats (AnprCarrier *carrier, AnprForwarderStats *stats);

/* The carrier's own thread */
gboolean anpr_carrier_is_once (const AnprCarrier *carrier);
guint anpr_carrier_get_timeout (const AnprCarrier *carrier);
GCancellable *anpr_carrier_get_cancellable (const AnprCarrier *carrier);
AnprCentralConnection *anpr_carrier_connect (
    AnprCarrier *carrier, GError **error);
void anpr_carrier_disconnect (AnprCarrier *carrier);
void anpr_carrier_answered (AnprCarrier *carrier);
gboolean anpr_carrier_ping (AnprCarrier *carrier, GError **error);
AnprForwarderStats *anpr_carrier_lock_stats (AnprCarrier *carrier);
void anpr_carrier_unlock_stats (AnprCarrier *carrier);
void anpr_carrier_tell_refusal (AnprCarrier *carrier, gchar **last,
    const gchar *reason, const gchar *consequence, const gchar *format, ...)
    G_GNUC_PRINTF (5, 6);

G_END_DECLS

#endif
