/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Passage and hit ids: UUID version 7 (RFC 9562, 5.7). 48 bits of Unix time in
 * milliseconds, so ids sort by time, then 74 random bits from GLib, which takes
 * them from the kernel. */

#include "identifier.h"

/**
 * anpr_identifier_new_at:
 * @unix_us: time to write into the id, microseconds since 1970 UTC
 *
 * Thread safe.
 *
 * Returns: (transfer full): a UUIDv7 in its 36 character form, lower case
 */
gchar *
anpr_identifier_new_at (gint64 unix_us)
{
  guint64 ms = (guint64) MAX (unix_us, 0) / 1000;
  g_autofree gchar *id = g_uuid_string_random ();
  g_autofree gchar *time = g_strdup_printf (
      "%08x-%04x-7", (guint) ((ms >> 16) & 0xffffffff), (guint) (ms & 0xffff));

  /* g_uuid_string_random() gives version 4: the variant bits are right, the
   * version digit and the time before it are replaced. */
  return g_strconcat (time, id + 15, NULL);
}

/**
 * anpr_identifier_new:
 *
 * Returns: (transfer full): a UUIDv7 of the present time
 */
gchar *
anpr_identifier_new (void)
{
  return anpr_identifier_new_at (g_get_real_time ());
}
