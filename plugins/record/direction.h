/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_RECORD_DIRECTION_H
#define ANPR_RECORD_DIRECTION_H

#include <glib.h>

G_BEGIN_DECLS

/* Where a vehicle goes, as the position's direction line has it */
typedef enum {
  ANPR_DIRECTION_UNKNOWN,
  ANPR_DIRECTION_IN,
  ANPR_DIRECTION_OUT,
} AnprDirection;

const gchar *anpr_direction_to_string (AnprDirection direction);

G_END_DECLS

#endif
