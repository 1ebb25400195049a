/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_RUN_VIEW_H
#define ANPR_RUN_VIEW_H

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * AnprRunView:
 * @position: (nullable): camera place, for records that do not say it yet
 * @show_covert: show covert hits
 * @n_passages: shown by now
 * @n_hits: shown by now
 * @not_keeping: anprsink keeps nothing at the moment
 *
 * What the user of anprctl run sees of the passages.
 */
typedef struct {
  const gchar *position;
  gboolean show_covert;
  guint64 n_passages;
  guint64 n_hits;
  gboolean not_keeping;
} AnprRunView;

void anpr_run_view_show (AnprRunView *view, const GstStructure *message);
gchar *anpr_run_view_progress (
    const AnprRunView *view, GstElement *pipeline, guint64 n_frames);

G_END_DECLS

#endif
