/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_CENTRAL_FAULT_H
#define ANPR_CENTRAL_FAULT_H

#include <glib.h>
#include "../record/error.h"

G_BEGIN_DECLS

/* Letters of an SQLSTATE and the end */
#define ANPR_SQLSTATE_SIZE 6

AnprError anpr_central_fault_of_connecting (
    const gchar *message, gchar sqlstate[ANPR_SQLSTATE_SIZE]);
AnprError anpr_central_fault_of_sqlstate (const gchar *sqlstate);
gchar *anpr_central_fault_clean (const gchar *message);

G_END_DECLS

#endif
