/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* User and password of a camera, from a file that only its owner may read:
 *
 *     [credentials]
 *     user=viewer
 *     password=...
 *
 * A name that is no path, where systemd set CREDENTIALS_DIRECTORY, is that of a
 * systemd credential with the same content. Memory that held a password is
 * overwritten before it is freed.
 */

#include "cameracredentials.h"
#include "../plugins/record/error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GROUP "credentials"

static void
forget (gchar *text)
{
  if (text)
    explicit_bzero (text, strlen (text));
  g_free (text);
}

/**
 * anpr_camera_credentials_free:
 * @credentials: (nullable) (transfer full): credentials; overwritten
 */
void
anpr_camera_credentials_free (AnprCameraCredentials *credentials)
{
  if (!credentials)
    return;
  forget (credentials->user);
  forget (credentials->password);
  g_free (credentials);
}

/**
 * anpr_camera_credentials_parse:
 * @text: (array length=length): what the file holds
 * @length: bytes
 * @error: what is missing, without repeating anything of it
 *
 * Returns: (transfer full) (nullable): the credentials
 */
AnprCameraCredentials *
anpr_camera_credentials_parse (const gchar *text, gsize length, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (AnprCameraCredentials) credentials =
      g_new0 (AnprCameraCredentials, 1);

  if (length > 0
      && g_key_file_load_from_data (
          file, text, length, G_KEY_FILE_NONE, NULL)) {
    credentials->user = g_key_file_get_string (file, GROUP, "user", NULL);
    credentials->password =
        g_key_file_get_string (file, GROUP, "password", NULL);
  }
  if (credentials->user && credentials->password)
    return g_steal_pointer (&credentials);
  g_set_error_literal (error, ANPR_ERROR, ANPR_ERROR_SECRET,
      "user= and password= under [credentials] are not both there");
  return NULL;
}

static gchar *
find_path (const gchar *name, const gchar *folder, gboolean *of_systemd)
{
  const gchar *credentials = g_getenv ("CREDENTIALS_DIRECTORY");

  *of_systemd = credentials && !strchr (name, '/');
  return *of_systemd ? g_build_filename (credentials, name, NULL)
                     : g_canonicalize_filename (name, folder);
}

/* Whoever else may read the file knows the password */
static gboolean
check_mode (gint descriptor, gboolean of_systemd, GError **error)
{
  struct stat status;

  if (fstat (descriptor, &status) != 0 || !S_ISREG (status.st_mode)) {
    g_set_error_literal (
        error, ANPR_ERROR, ANPR_ERROR_SECRET, "the credentials are no file");
    return FALSE;
  }
  if (!of_systemd && ((status.st_mode & 077) || status.st_uid != geteuid ())) {
    g_set_error_literal (error, ANPR_ERROR, ANPR_ERROR_SECRET,
        "others than its owner may read or own the credentials");
    return FALSE;
  }
  return TRUE;
}

/**
 * anpr_camera_credentials_load:
 * @name: path of a file, or name of a systemd credential
 * @folder: what a relative path starts from
 * @error: why it is not taken; never with anything the file holds
 *
 * Returns: (transfer full) (nullable): the credentials
 */
AnprCameraCredentials *
anpr_camera_credentials_load (
    const gchar *name, const gchar *folder, GError **error)
{
  gboolean of_systemd;
  g_autofree gchar *path = find_path (name, folder, &of_systemd);
  gchar text[ANPR_CAMERA_CREDENTIALS_MAX_SIZE];
  gint descriptor = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  AnprCameraCredentials *credentials = NULL;
  gssize size;

  if (descriptor < 0) {
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_SECRET,
        "the credentials cannot be opened: %s", g_strerror (errno));
    return NULL;
  }
  if (check_mode (descriptor, of_systemd, error)) {
    size = read (descriptor, text, sizeof text);
    credentials = anpr_camera_credentials_parse (text, MAX (size, 0), error);
    explicit_bzero (text, sizeof text);
  }
  close (descriptor);
  return credentials;
}
