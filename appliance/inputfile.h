/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_INPUT_FILE_H
#define ANPR_INPUT_FILE_H

#include <glib.h>

G_BEGIN_DECLS

/* Larger files are not looked through for their end, bytes */
#define ANPR_INPUT_FILE_MAX_CHECKED (64 * 1024 * 1024)

gboolean anpr_input_file_check (const gchar *path, GError **error);
gboolean anpr_input_file_ends_early (const gchar *path);
gboolean anpr_input_data_ends_early (const guint8 *data, gsize size);

G_END_DECLS

#endif
