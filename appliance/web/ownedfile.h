/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_WEB_OWNED_FILE_H
#define ANPR_WEB_OWNED_FILE_H

#include <glib.h>

G_BEGIN_DECLS

void anpr_owned_file_give (const gchar *path);

G_END_DECLS

#endif
