/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Files of the state folder, which root may make on behalf of anprd's user. */

#include "ownedfile.h"

#include <glib/gstdio.h>
#include <unistd.h>

/**
 * anpr_owned_file_give:
 * @path: a file or folder that was just made
 *
 * What root makes in the folder of anprd's user must be that user's. Does nothing
 * for other users than root.
 */
void
anpr_owned_file_give (const gchar *path)
{
  g_autofree gchar *folder = g_path_get_dirname (path);
  GStatBuf status;

  if (geteuid () == 0 && g_stat (folder, &status) == 0)
    (void) !lchown (path, status.st_uid, status.st_gid);
}
