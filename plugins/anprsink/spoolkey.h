/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SPOOL_KEY_H
#define ANPR_SPOOL_KEY_H

#include <glib.h>

G_BEGIN_DECLS

/* Keys of one file: the one that seals, and older ones that still open */
#define ANPR_SPOOL_MAX_KEYS 8

/* No key file is longer, bytes */
#define ANPR_SPOOL_MAX_KEY_FILE 4096

typedef struct _AnprSpoolKeys AnprSpoolKeys;

gboolean anpr_spool_key_make (const gchar *file, GError **error);
gboolean anpr_spool_key_change (const gchar *file, GError **error);

AnprSpoolKeys *anpr_spool_keys_load (const gchar *file, GError **error);
AnprSpoolKeys *anpr_spool_keys_parse (
    const gchar *text, gsize length, const gchar *name, GError **error);
AnprSpoolKeys *anpr_spool_keys_ref (AnprSpoolKeys *keys);
void anpr_spool_keys_unref (AnprSpoolKeys *keys);
gchar *anpr_spool_keys_get_id (const AnprSpoolKeys *keys);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprSpoolKeys, anpr_spool_keys_unref)

G_END_DECLS

#endif
