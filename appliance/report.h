/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_REPORT_H
#define ANPR_REPORT_H

#include <glib.h>
#include "recordview.h"

G_BEGIN_DECLS

/* Passages on one page: with both stills of each it stays below some 30 MiB */
#define ANPR_REPORT_PAGE_PASSAGES 60

/**
 * AnprReportCounts:
 * @passages: of the report
 * @read: of these, with a text
 * @not_read: of these, without
 * @with_hits: of these, with a hit that may be shown
 * @positions: (element-type utf8): set of the camera places
 * @first: UTC of the earliest best shot, ISO 8601, "" unknown
 * @last: UTC of the latest
 */
typedef struct {
  guint64 passages;
  guint64 read;
  guint64 not_read;
  guint64 with_hits;
  GHashTable *positions;
  gchar *first;
  gchar *last;
} AnprReportCounts;

void anpr_report_counts_init (AnprReportCounts *counts);
void anpr_report_counts_clear (AnprReportCounts *counts);
void anpr_report_counts_add (
    AnprReportCounts *counts, const AnprRecordView *view, gboolean with_covert);

gchar *anpr_report_passage (const AnprRecordView *view, GBytes *plate,
    GBytes *vehicle, gboolean with_covert);
gchar *anpr_report_page (const AnprReportCounts *counts, const gchar *hits,
    const gchar *passages, guint page, guint n_pages);
gchar *anpr_report_page_name (guint page);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AnprReportCounts, anpr_report_counts_clear)

G_END_DECLS

#endif
