/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PLAIN_FILE_H
#define ANPR_PLAIN_FILE_H

#include <glib.h>

G_BEGIN_DECLS

gboolean anpr_plain_file_read (const gchar *path, gsize most, gchar **content,
    gsize *length, GError **error);

G_END_DECLS

#endif
