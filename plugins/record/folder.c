/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What all rooms do with folders and the files in them. Functions of their
 * arguments and the disk. */

#include "folder.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/**
 * anpr_folder_sync: (skip)
 * @folder: a folder
 *
 * Returns: whether what was made, renamed or removed in it is on the disk; errno
 *     tells why not
 */
gboolean
anpr_folder_sync (const gchar *folder)
{
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean done = fd >= 0 && fsync (fd) == 0;

  if (fd >= 0)
    close (fd);
  return done;
}

/**
 * anpr_folder_compare_names: (skip)
 * @a: pointer to a text
 * @b: pointer to another
 *
 * Returns: for g_ptr_array_sort(): by bytes, the same on every machine
 */
gint
anpr_folder_compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const gchar *const *) a, *(const gchar *const *) b);
}
