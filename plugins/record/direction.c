/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "direction.h"

const gchar *
anpr_direction_to_string (AnprDirection direction)
{
  static const gchar *const names[] = {
    [ANPR_DIRECTION_UNKNOWN] = "unknown",
    [ANPR_DIRECTION_IN] = "in",
    [ANPR_DIRECTION_OUT] = "out",
  };

  return names[direction];
}
