/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_WEB_STORAGE_WATCH_H
#define ANPR_WEB_STORAGE_WATCH_H

#include "../fleet.h"
#include "decisions.h"
#include "metrics.h"
#include "worker.h"

G_BEGIN_DECLS

/* Seconds between two looks */
#define ANPR_STORAGE_WATCH_INTERVAL 15

/**
 * AnprListStatus:
 * @figures: of the list
 * @authority: of it
 * @category: of it
 * @issued: UTC, microseconds since 1970
 * @valid_until: the same
 * @state: "active", "not-valid", "aged" or "stale" (R19)
 */
typedef struct {
  AnprListFigures figures;
  gchar *authority;
  gchar *category;
  gint64 issued;
  gint64 valid_until;
  const gchar *state;
} AnprListStatus;

typedef struct _AnprStorageWatch AnprStorageWatch;

AnprStorageWatch *anpr_storage_watch_new (AnprFleet *fleet, const gchar *folder,
    const gchar *state, const gchar *key, AnprDecisions *decisions,
    AnprWorkers *disk);
void anpr_storage_watch_free (AnprStorageWatch *watch);
AnprStorageFigures anpr_storage_watch_find (
    AnprStorageWatch *watch, const gchar *id);
AnprStorageFigures anpr_storage_watch_get_decisions (AnprStorageWatch *watch);
GPtrArray *anpr_storage_watch_get_lists (AnprStorageWatch *watch);
guint anpr_storage_watch_get_n_refused (AnprStorageWatch *watch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprStorageWatch, anpr_storage_watch_free)

G_END_DECLS

#endif
