/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_FORWARD_DECISIONS_H
#define ANPR_FORWARD_DECISIONS_H

#include "../plugins/anprsink/forwarder.h"

G_BEGIN_DECLS

typedef struct _AnprDecisionForwarder AnprDecisionForwarder;

AnprDecisionForwarder *anpr_decision_forwarder_new (
    const AnprForwarderSettings *settings,
    const AnprForwarderListener *listener, gpointer user_data);
void anpr_decision_forwarder_free (
    AnprDecisionForwarder *forwarder, AnprForwarderStats *last);
void anpr_decision_forwarder_get_stats (
    AnprDecisionForwarder *forwarder, AnprForwarderStats *stats);

G_END_DECLS

#endif
