/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PLATEOCR_PLATECROP_H
#define ANPR_PLATEOCR_PLATECROP_H

#include "lumapicture.h"
#include "../record/geometry.h"

G_BEGIN_DECLS

#define ANPR_MAX_PLATE_LINES 2

/* AnprPlateLine: one text line, dark on light; n_signs: how many pieces of ink
 * look like signs, 0 if they could not be told apart; sign_height: of the signs
 * in the frame, pixels, 0 if unknown. picture is
 * NULL where there is no contrast, so no text. */
typedef struct {
  AnprLumaPicture *picture;
  guint n_signs;
  gdouble sign_height;
} AnprPlateLine;

typedef struct {
  guint n_lines;
  AnprPlateLine lines[ANPR_MAX_PLATE_LINES];
} AnprPlateCrop;

AnprPlateCrop *anpr_plate_crop_new (
    const AnprLumaPlane *frame, const AnprBox *box, const AnprQuad *quad);
void anpr_plate_crop_free (AnprPlateCrop *crop);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprPlateCrop, anpr_plate_crop_free)

G_END_DECLS

#endif
