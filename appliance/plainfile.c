/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Small files of others. g_file_get_contents() waits for ever for who writes into a
 * named pipe, and takes a file of any size into memory; both would stop anprd. */

#include "plainfile.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
set_failed (const gchar *path, int why, GError **error)
{
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (why),
      "\"%s\" cannot be read: %s", path, g_strerror (why));
  return FALSE;
}

static gboolean
read_at_most (int file, gchar *content, gsize most, gsize *length)
{
  *length = 0;
  while (*length < most) {
    gssize n = read (file, content + *length, most - *length);

    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return FALSE;
    if (n == 0)
      break;
    *length += n;
  }
  content[*length] = '\0';
  return TRUE;
}

/**
 * anpr_plain_file_read:
 * @path: of a regular file; symbolic links are followed
 * @most: bytes the caller takes
 * @content: (out) (array length=length): what is in it, with a 0 behind; of a
 *     larger file @most + 1 bytes
 * @length: (out): bytes
 * @error: #GFileError
 *
 * Returns: whether it could be read
 */
gboolean
anpr_plain_file_read (const gchar *path, gsize most, gchar **content,
    gsize *length, GError **error)
{
  int file = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  g_autofree gchar *buffer = NULL;
  struct stat status;
  int failed = 0;

  *content = NULL;
  *length = 0;
  if (file < 0)
    return set_failed (path, errno, error);
  if (fstat (file, &status) != 0)
    failed = errno;
  else if (!S_ISREG (status.st_mode))
    failed = S_ISDIR (status.st_mode) ? EISDIR : ENODEV;
  if (!failed) {
    buffer = g_malloc (MIN ((gsize) status.st_size, most) + 2);
    /* it may grow meanwhile, but not beyond the buffer */
    if (!read_at_most (
            file, buffer, MIN ((gsize) status.st_size, most) + 1, length))
      failed = errno;
  }
  (void) close (file);
  if (failed)
    return set_failed (path, failed, error);
  *content = g_steal_pointer (&buffer);
  return TRUE;
}
