/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_FILE_SIGN_H
#define ANPR_FILE_SIGN_H

#include <glib.h>

G_BEGIN_DECLS

void anpr_file_sign (GString *signature, const gchar *path);

G_END_DECLS

#endif
