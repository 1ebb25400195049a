/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_CENTRAL_SEAL_H
#define ANPR_CENTRAL_SEAL_H

#include <glib.h>

G_BEGIN_DECLS

gchar *anpr_central_seal_sign (
    const gchar *seal, const gchar *key_file, GError **error);
gchar *anpr_central_seal_open (
    const gchar *line, const gchar *keys, GError **error);

G_END_DECLS

#endif
