/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Opening a spool with the key that --key names, once for all commands. */

#include "spoolopen.h"

#include <sys/prctl.h>

gchar *anpr_spool_key_option;

/**
 * anpr_spool_open_with_option:
 * @path: a spool
 * @mode: what for
 * @error: as anpr_spool_open() and anpr_spool_keys_load()
 *
 * With a key this process leaves no core dump from now on: records lie open in
 * its memory.
 *
 * Returns: (transfer full) (nullable): the spool
 */
AnprSpool *
anpr_spool_open_with_option (
    const gchar *path, AnprSpoolMode mode, GError **error)
{
  g_autoptr (AnprSpoolKeys) keys = NULL;

  if (anpr_spool_key_option) {
    (void) prctl (PR_SET_DUMPABLE, 0);
    keys = anpr_spool_keys_load (anpr_spool_key_option, error);
    if (!keys)
      return NULL;
  }
  return anpr_spool_open (path, mode, keys, error);
}
