/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PLATEOCR_CTCREADER_H
#define ANPR_PLATEOCR_CTCREADER_H

#include "readengine.h"
#include "../inference/modelfile.h"

G_BEGIN_DECLS

gpointer anpr_ctc_model_new (AnprModel *model, GError **error);

G_END_DECLS

#endif
