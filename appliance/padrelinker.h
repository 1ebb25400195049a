/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PAD_RELINKER_H
#define ANPR_PAD_RELINKER_H

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _AnprPadRelinker AnprPadRelinker;

AnprPadRelinker *anpr_pad_relinker_new (GstBin *pipeline);
void anpr_pad_relinker_free (AnprPadRelinker *relinker);

G_END_DECLS

#endif
