/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SPOOL_PAGE_H
#define ANPR_SPOOL_PAGE_H

#include "spool.h"

G_BEGIN_DECLS

/**
 * AnprSpoolPage:
 * @before: (nullable): only passages with a smaller id
 * @from: (nullable): only passages with this id or a larger one
 * @hits_only: only passages with a hit
 * @limit: at most so many
 *
 * A page of passages, those that began last first: ids of passages tell when
 * they began, so pages over several spools can be put together.
 */
typedef struct {
  const gchar *before;
  const gchar *from;
  gboolean hits_only;
  guint limit;
} AnprSpoolPage;

GPtrArray *anpr_spool_get_page (
    AnprSpool *spool, const AnprSpoolPage *page, GError **error);
gchar *anpr_spool_find_record (
    AnprSpool *spool, const gchar *passage_id, GError **error);

G_END_DECLS

#endif
