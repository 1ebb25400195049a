/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PLATEOCR_PLATETILT_H
#define ANPR_PLATEOCR_PLATETILT_H

#include "platecrop.h"

G_BEGIN_DECLS

gdouble anpr_plate_picture_find_tilt (const AnprPlatePicture *picture);

G_END_DECLS

#endif
