/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef GST_HIT_MATCH_H
#define GST_HIT_MATCH_H

#include <gst/base/gstbasetransform.h>

G_BEGIN_DECLS

#define GST_TYPE_HIT_MATCH (gst_hit_match_get_type ())
G_DECLARE_FINAL_TYPE (
    GstHitMatch, gst_hit_match, GST, HIT_MATCH, GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE (hitmatch);

G_END_DECLS

#endif
