/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_RECORD_PASSWORD_FILE_H
#define ANPR_RECORD_PASSWORD_FILE_H

#include <glib.h>

G_BEGIN_DECLS

/* Bytes of a password; of a longer line the rest is left out */
#define ANPR_PASSWORD_FILE_MAX 1024

gchar *anpr_password_file_read (const gchar *name, const gchar **fault);
void anpr_password_free (gchar *password);

G_END_DECLS

#endif
