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

/* The windows found, best first; grows with the picture's size only */
typedef struct {
  AnprWindow *windows;
  guint n_windows;
  guint n_allocated;
} AnprWindowList;

void anpr_window_list_find (AnprWindowList *list, const AnprPyramid *pyramid,
    guint first_level, guint max_windows);
void anpr_window_list_clear (AnprWindowList *list);

G_END_DECLS

#endif
