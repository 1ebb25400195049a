/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_KEEPER_H
#define ANPR_KEEPER_H

#include "spoolretention.h"
#include "writer.h"

G_BEGIN_DECLS

typedef struct _AnprKeeper AnprKeeper;

AnprKeeper *anpr_keeper_new (const AnprWriterSettings *settings);
void anpr_keeper_free (AnprKeeper *keeper);
gboolean anpr_keeper_is_open (const AnprKeeper *keeper);
gboolean anpr_keeper_open (AnprKeeper *keeper, GError **error);
void anpr_keeper_close (AnprKeeper *keeper);
gboolean anpr_keeper_check_room (AnprKeeper *keeper, GError **error);
guint anpr_keeper_keep (
    AnprKeeper *keeper, AnprSpoolItem *items, guint n, GError **error);
gboolean anpr_keeper_expire (
    AnprKeeper *keeper, AnprSpoolExpired *expired, GError **error);
gboolean anpr_keeper_mend (
    AnprKeeper *keeper, const GError *error, GError **told);
guint64 anpr_keeper_get_bytes (const AnprKeeper *keeper);
guint64 anpr_keeper_get_images_freed (const AnprKeeper *keeper);
gboolean anpr_keeper_frees_images (const AnprKeeper *keeper);

G_END_DECLS

#endif
