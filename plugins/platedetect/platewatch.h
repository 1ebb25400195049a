/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PLATE_WATCH_H
#define ANPR_PLATE_WATCH_H

#include "platedetector.h"

G_BEGIN_DECLS

/* How to choose the looks at a stream.
 *
 * ANPR_WATCH_SPARING   as is worth it, within a budget
 * ANPR_WATCH_THOROUGH  each frame as if it were the only one */
typedef enum {
  ANPR_WATCH_SPARING,
  ANPR_WATCH_THOROUGH,
} AnprWatchMode;

typedef struct _AnprPlateWatch AnprPlateWatch;

AnprPlateWatch *anpr_plate_watch_new (AnprModel *model, GError **error);
void anpr_plate_watch_free (AnprPlateWatch *watch);
void anpr_plate_watch_forget (AnprPlateWatch *watch);
guint anpr_plate_watch_next (AnprPlateWatch *watch, const AnprLuma *luma,
    guint64 time, AnprWatchMode mode, const AnprDetectOptions *options,
    gboolean *looked, AnprDetection *plates, guint n_plates);
guint64 anpr_plate_watch_get_cost (const AnprPlateWatch *watch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprPlateWatch, anpr_plate_watch_free)

G_END_DECLS

#endif
