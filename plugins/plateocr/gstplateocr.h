/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef GST_PLATE_OCR_H
#define GST_PLATE_OCR_H

#include <gst/gst.h>
#include <gst/base/gstbasetransform.h>

G_BEGIN_DECLS

#define GST_TYPE_PLATE_OCR (gst_plate_ocr_get_type ())
G_DECLARE_FINAL_TYPE (
    GstPlateOcr, gst_plate_ocr, GST, PLATE_OCR, GstBaseTransform)

#define GST_TYPE_PLATE_OCR_ENGINE (gst_plate_ocr_engine_get_type ())
GType gst_plate_ocr_engine_get_type (void);

GST_ELEMENT_REGISTER_DECLARE (plateocr);

G_END_DECLS

#endif
