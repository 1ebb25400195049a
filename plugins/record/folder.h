/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_FOLDER_H
#define ANPR_FOLDER_H

#include <glib.h>

G_BEGIN_DECLS

gboolean anpr_folder_sync (const gchar *folder);
gint anpr_folder_compare_names (gconstpointer a, gconstpointer b);

G_END_DECLS

#endif
