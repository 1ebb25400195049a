/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PLATEOCR_PLATECROP_H
#define ANPR_PLATEOCR_PLATECROP_H

#include "lumasample.h"

G_BEGIN_DECLS

/* Pixels of a plate picture */
#define ANPR_PLATE_PICTURE_WIDTH 160
#define ANPR_PLATE_PICTURE_HEIGHT 40

#define ANPR_MAX_PLATE_LINES 2

/* AnprPlatePicture: what engines look at. A plate of one line is stretched to
 * it; of one with two lines the upper is its left half and the lower its right
 * half. */
typedef struct {
  guint8 luma[ANPR_PLATE_PICTURE_HEIGHT * ANPR_PLATE_PICTURE_WIDTH];
} AnprPlatePicture;

/* AnprCropWay: what of a detector's shape is taken: the upright box, the box
 * and the slopes of the corners' sides, or the corners */
typedef enum {
  ANPR_CROP_BY_BOX,
  ANPR_CROP_BY_SLOPE,
  ANPR_CROP_BY_CORNERS,
} AnprCropWay;

/* AnprCut: how much of a plate a picture shows: a little around its area, the
 * area alone, or less at its ends, where bands and stickers are */
typedef enum {
  ANPR_CUT_WITH_MARGIN,
  ANPR_CUT_CLOSE,
  ANPR_CUT_NARROW,
} AnprCut;

/* AnprPlateArea: where the plate lies in a frame. map: from the unit square;
 * width, height: of the plate in pixels of the frame, along its sides */
typedef struct {
  AnprLumaMap map;
  gdouble width;
  gdouble height;
} AnprPlateArea;

gboolean anpr_plate_area_find (AnprPlateArea *area, const AnprLumaPlane *frame,
    const AnprBox *box, const AnprQuad *quad, AnprCropWay way);
gboolean anpr_plate_area_tilt (AnprPlateArea *area, gdouble slope);
guint anpr_plate_area_get_layouts (
    const AnprPlateArea *area, guint n_lines[ANPR_MAX_PLATE_LINES]);
gdouble anpr_plate_area_get_sign_height (
    const AnprPlateArea *area, guint n_lines);
void anpr_plate_picture_cut (AnprPlatePicture *picture,
    const AnprLumaPlane *frame, const AnprPlateArea *area, guint n_lines,
    AnprCut cut);

G_END_DECLS

#endif
