/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_STILL_JPEG_H
#define ANPR_STILL_JPEG_H

#include <glib.h>
#include "../record/still.h"

G_BEGIN_DECLS

gboolean anpr_still_jpeg_is_available (void);
GBytes *anpr_still_to_jpeg (const AnprStill *still, GError **error);

G_END_DECLS

#endif
