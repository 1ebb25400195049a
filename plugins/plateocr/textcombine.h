/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PLATEOCR_TEXTCOMBINE_H
#define ANPR_PLATEOCR_TEXTCOMBINE_H

#include "readengine.h"

G_BEGIN_DECLS

void anpr_texts_combine (
    const AnprCharacter *characters, guint n_characters, AnprReading *reading);

G_END_DECLS

#endif
