/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SPOOL_RECOVER_H
#define ANPR_SPOOL_RECOVER_H

#include "spool.h"

G_BEGIN_DECLS

/**
 * AnprSpoolRecovered:
 * @aside: where the damaged file lies now
 * @copied: passages that are in the new file
 * @lost: passages that could not be read any more
 * @pictures_lost: pictures of the copied ones that could not
 *
 * What became of a damaged spool.
 */
typedef struct {
  gchar *aside;
  guint64 copied;
  guint64 lost;
  guint64 pictures_lost;
} AnprSpoolRecovered;

gboolean anpr_spool_recover (const gchar *path, AnprSpoolKeys *keys,
    AnprSpoolRecovered *recovered, GError **error);
gboolean anpr_spool_finish_recovery (const gchar *path, GError **error);
gboolean anpr_spool_erase_set_aside (const gchar *path);

G_END_DECLS

#endif
