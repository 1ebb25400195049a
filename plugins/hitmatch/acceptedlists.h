/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_ACCEPTED_LISTS_H
#define ANPR_HITMATCH_ACCEPTED_LISTS_H

#include "hitlistparser.h"

G_BEGIN_DECLS

/* Told how many bytes of a list file were read */
typedef void (*AnprListProgressFunc) (guint64 bytes, gpointer user_data);

/* AnprListSource: a list somebody hands in.
 *
 * file         the list; beside it lies its signature
 * keys         (nullable) folder of trusted keys, NULL not to ask for a
 *              signature
 * now          UTC, microseconds since 1970
 * progress     (nullable) told while the file is read
 */
typedef struct {
  const gchar *file;
  const gchar *keys;
  gint64 now;
  AnprListProgressFunc progress;
  gpointer user_data;
} AnprListSource;

gboolean anpr_list_sign (
    const AnprListSource *source, const gchar *secret_key, GError **error);
AnprHitList *anpr_list_verify (const AnprListSource *source, GError **error);
AnprHitList *anpr_accepted_lists_load (
    const gchar *folder, const AnprListSource *source, GError **error);
gboolean anpr_accepted_lists_remove (
    const gchar *folder, const gchar *id, GError **error);
gchar *anpr_accepted_lists_get_file (const gchar *folder, const gchar *id);

G_END_DECLS

#endif
