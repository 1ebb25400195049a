/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_WEB_PASSAGE_STORE_H
#define ANPR_WEB_PASSAGE_STORE_H

#include "../../plugins/anprsink/spooldelivery.h"
#include "../../plugins/anprsink/spoolpage.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * AnprPassageStore:
 * @state: folder with the spools
 * @positions: ids of those to look into
 * @key: (nullable): file or credential with the spools' key
 *
 * The spools of an appliance, for reading. Plain data; each thread has its own.
 */
typedef struct {
  gchar *state;
  gchar **positions;
  gchar *key;
} AnprPassageStore;

AnprSpool *anpr_web_open_spool (
    const gchar *path, const gchar *key, GError **error);
void anpr_passage_store_free (AnprPassageStore *store);
GPtrArray *anpr_passage_store_get_page (
    const AnprPassageStore *store, const AnprSpoolPage *page, GError **error);
JsonObject *anpr_passage_store_find (
    const AnprPassageStore *store, const gchar *id, GError **error);
GBytes *anpr_passage_store_get_image (const AnprPassageStore *store,
    const gchar *id, const gchar *kind, GError **error);
gchar *anpr_identifier_from_time (gint64 utc);

G_END_DECLS

#endif
