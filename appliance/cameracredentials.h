/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_CAMERA_CREDENTIALS_H
#define ANPR_CAMERA_CREDENTIALS_H

#include <glib.h>

G_BEGIN_DECLS

/* A larger file of credentials is refused, bytes */
#define ANPR_CAMERA_CREDENTIALS_MAX_SIZE 4096

/* User and password of a camera; never printed */
typedef struct {
  gchar *user;
  gchar *password;
} AnprCameraCredentials;

AnprCameraCredentials *anpr_camera_credentials_load (
    const gchar *name, const gchar *folder, GError **error);
AnprCameraCredentials *anpr_camera_credentials_parse (
    const gchar *text, gsize length, GError **error);
void anpr_camera_credentials_free (AnprCameraCredentials *credentials);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (
    AnprCameraCredentials, anpr_camera_credentials_free)

G_END_DECLS

#endif
