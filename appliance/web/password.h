/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_WEB_PASSWORD_H
#define ANPR_WEB_PASSWORD_H

#include "../../plugins/record/passwordfile.h"

G_BEGIN_DECLS

/* Length of a password: characters at least, bytes at most */
#define ANPR_PASSWORD_LEAST 12
#define ANPR_PASSWORD_MOST 256

gchar *anpr_password_judge (const gchar *user, const gchar *password);
gchar *anpr_password_hash (const gchar *password, GError **error);
gboolean anpr_password_verify (const gchar *hash, const gchar *password);

G_END_DECLS

#endif
