/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A spool's key file, of any bytes: taken or refused with a reason; what is
 * taken has a key to seal with, and the same text gives the same key. */

#include "fuzz.h"
#include "plugins/anprsink/spoolkey.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  const gchar *text = (const gchar *) data;
  g_autoptr (GError) error = NULL;
  g_autoptr (AnprSpoolKeys) keys =
      anpr_spool_keys_parse (text, size, "input", &error);
  g_autoptr (AnprSpoolKeys) same = NULL;
  g_autofree gchar *id = NULL, *same_id = NULL;

  g_assert ((keys == NULL) == (error != NULL));
  if (!keys)
    return 0;
  same = anpr_spool_keys_parse (text, size, "input", NULL);
  id = anpr_spool_keys_get_id (keys);
  same_id = anpr_spool_keys_get_id (same);
  g_assert_cmpstr (id, ==, same_id);
  return 0;
}
