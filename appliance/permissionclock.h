/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PERMISSION_CLOCK_H
#define ANPR_PERMISSION_CLOCK_H

#include "../plugins/record/steadyclock.h"

G_BEGIN_DECLS

/* Of the state folder */
#define ANPR_PERMISSION_CLOCK_FILE "clock"

typedef struct _AnprPermissionClock AnprPermissionClock;

AnprPermissionClock *anpr_permission_clock_new (
    const gchar *path, AnprSteadyRead read, gpointer user_data);
void anpr_permission_clock_free (AnprPermissionClock *clock);
gint64 anpr_permission_clock_now (AnprPermissionClock *clock);
gint64 anpr_permission_clock_peek (const gchar *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprPermissionClock, anpr_permission_clock_free)

G_END_DECLS

#endif
