/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SUPERVISOR_H
#define ANPR_SUPERVISOR_H

#include "fleet.h"

G_BEGIN_DECLS

typedef struct _AnprSupervisor AnprSupervisor;

/**
 * AnprSupervisorDone:
 * @user_data: of the caller
 *
 * Called once, from the main loop, when all processes have ended.
 */
typedef void (*AnprSupervisorDone) (gpointer user_data);

AnprSupervisor *anpr_supervisor_new (AnprFleet *fleet);
void anpr_supervisor_free (AnprSupervisor *supervisor);
void anpr_supervisor_apply (
    AnprSupervisor *supervisor, AnprConfiguration *configuration);
const AnprConfiguration *anpr_supervisor_get_configuration (
    AnprSupervisor *supervisor);
void anpr_supervisor_stop (
    AnprSupervisor *supervisor, AnprSupervisorDone done, gpointer user_data);
gboolean anpr_supervisor_ask_still (
    AnprSupervisor *supervisor, const gchar *id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprSupervisor, anpr_supervisor_free)

G_END_DECLS

#endif
