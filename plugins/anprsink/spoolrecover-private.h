/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef ANPR_SPOOL_RECOVER_PRIVATE_H
#define ANPR_SPOOL_RECOVER_PRIVATE_H

#include "spoolrecover.h"
#include "../record/error.h"

#include <sys/file.h>

G_BEGIN_DECLS

/* What a new file is called while it is made, and once it is complete */
#define ANPR_SPOOL_NEW ".new"
#define ANPR_SPOOL_COMPLETE ".recovered"

gboolean anpr_spool_fail_recovery (
    const gchar *path, const gchar *what, GError **error);
gchar *anpr_spool_name_beside (const gchar *path, const gchar *ending);
void anpr_spool_remove_beside (const gchar *path, const gchar *ending);
int anpr_spool_lock_recovery (const gchar *path, int operation);
gboolean anpr_spool_fail_locked (const gchar *path, GError **error);
gboolean anpr_spool_switch_files (
    const gchar *path, gchar **aside, GError **error);
gboolean anpr_spool_sync_folder (const gchar *path);

G_END_DECLS

#endif
