/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What tells whether files have changed, without reading them. */

#include "filesign.h"

#include <glib/gstdio.h>

/**
 * anpr_file_sign:
 * @signature: where a line is added, unless there is no such file
 * @path: a file
 *
 * The line is another one after each change: of what it holds, or of which file it
 * is.
 */
void
anpr_file_sign (GString *signature, const gchar *path)
{
  GStatBuf status;

  if (g_stat (path, &status) == 0)
    g_string_append_printf (signature, "%s %ld %ld.%ld %lu\n", path,
        (long) status.st_size, (long) status.st_mtim.tv_sec,
        (long) status.st_mtim.tv_nsec, (gulong) status.st_ino);
}
