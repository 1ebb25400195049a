/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_LIST_WATCHER_H
#define ANPR_HITMATCH_LIST_WATCHER_H

#include "hitlists.h"
#include "listfreshness.h"

G_BEGIN_DECLS

/* How often the files are looked at. A change counts when it was there twice, so
 * that a file is not read while it is written. */
#define ANPR_LIST_WATCHER_PERIOD (2 * G_TIME_SPAN_SECOND)

/* AnprListWatcherListener: told without a lock held, from the watcher's thread,
 * or from the one that makes the watcher.
 *
 * loaded  the lists from now on, and what was refused (element-type GError)
 * aged    a list grew old, as anpr_list_freshness_check() has it
 */
typedef struct {
  void (*loaded) (
      const AnprHitLists *lists, const GPtrArray *errors, gpointer user_data);
  void (*aged) (const GError *error, gpointer user_data);
  gpointer user_data;
} AnprListWatcherListener;

typedef struct _AnprListWatcher AnprListWatcher;

AnprListWatcher *anpr_list_watcher_new (const gchar *path,
    const AnprListAges *ages, const AnprListWatcherListener *listener);
void anpr_list_watcher_free (AnprListWatcher *watcher);
void anpr_list_watcher_set_path (AnprListWatcher *watcher, const gchar *path);
void anpr_list_watcher_set_ages (
    AnprListWatcher *watcher, const AnprListAges *ages);
AnprHitLists *anpr_list_watcher_get_lists (AnprListWatcher *watcher);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprListWatcher, anpr_list_watcher_free)

G_END_DECLS

#endif
