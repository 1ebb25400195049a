/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_WEB_WORKER_H
#define ANPR_WEB_WORKER_H

#include <glib.h>

G_BEGIN_DECLS

/* A few threads for what blocks: the disk, Argon2id */
typedef struct _AnprWorkers AnprWorkers;

/**
 * AnprWork:
 * @data: of the caller
 */
typedef void (*AnprWork) (gpointer data);

AnprWorkers *anpr_workers_new (guint n_threads, guint max_waiting);
void anpr_workers_free (AnprWorkers *workers);
gboolean anpr_workers_do (
    AnprWorkers *workers, AnprWork work, AnprWork then, gpointer data);

G_END_DECLS

#endif
