/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PLATE_WINDOW_H
#define ANPR_PLATE_WINDOW_H

#include "lumapyramid.h"

G_BEGIN_DECLS

/* A place that may hold a row of characters: cells of a pyramid level */
typedef struct {
  guint level;
  guint x;
  guint y;
  guint width;
  guint height;
  gfloat score;
} AnprWindow;

/* Most windows compared with one another */
#define ANPR_MAX_WINDOWS 512

/* The best windows found, best first. While it is filled it is a heap with the
 * worst one first. */
typedef struct {
  AnprWindow windows[ANPR_MAX_WINDOWS];
  guint n_windows;
} AnprWindowList;

void anpr_window_list_find (AnprWindowList *list, const AnprPyramid *pyramid,
    guint first_level, guint max_windows);

G_END_DECLS

#endif
