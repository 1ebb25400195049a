/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_EXPORT_H
#define ANPR_EXPORT_H

#include "../plugins/anprsink/spool.h"

G_BEGIN_DECLS

/**
 * AnprExported:
 * @passages: written
 * @read: of these, with a text
 * @with_hits: of these, with a hit that may be shown
 * @stills: pictures written
 * @pages: pages of the report
 * @index: path of the first page
 */
typedef struct {
  guint64 passages;
  guint64 read;
  guint64 with_hits;
  guint64 stills;
  guint pages;
  gchar *index;
} AnprExported;

gboolean anpr_export (const gchar *spool_path, const gchar *folder,
    const AnprSpoolFilter *filter, gboolean with_covert, AnprExported *exported,
    GError **error);
void anpr_exported_clear (AnprExported *exported);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AnprExported, anpr_exported_clear)

G_END_DECLS

#endif
