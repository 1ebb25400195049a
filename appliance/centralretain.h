/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_CENTRAL_RETAIN_H
#define ANPR_CENTRAL_RETAIN_H

#include "../plugins/anprsink/centralconnection.h"

G_BEGIN_DECLS

/* Told of each thing that is done: a line for a person */
typedef void (*AnprCentralRetainFunc) (const gchar *line, gpointer user_data);

gboolean anpr_central_retain (AnprCentralConnection *connection,
    AnprCentralRetainFunc tell, gpointer user_data, GError **error);

G_END_DECLS

#endif
