/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_LIST_AREA_H
#define ANPR_HITMATCH_LIST_AREA_H

#include "../record/passage.h"

G_BEGIN_DECLS

/* For the one who is told what is wrong with an area */
#define ANPR_LIST_AREA_FORM                                                    \
  "positions with spaces between, each a name with * for any signs, and /in "  \
  "or /out behind it where the direction matters"

/* Where a vehicle passed; the position is NULL where nobody said */
typedef struct {
  const gchar *position;
  AnprDirection direction;
} AnprHitPlace;

gboolean anpr_list_area_is_one (const gchar *text);
gboolean anpr_list_area_holds (const gchar *area, const AnprHitPlace *place);

G_END_DECLS

#endif
