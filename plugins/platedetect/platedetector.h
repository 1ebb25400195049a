/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PLATE_DETECTOR_H
#define ANPR_PLATE_DETECTOR_H

#include "polygon.h"
#include "../record/geometry.h"

G_BEGIN_DECLS

/* Largest side of a picture, pixels, and most plates found in one */
#define ANPR_DETECTOR_MAX_SIDE 8192
#define ANPR_DETECTOR_MAX_PLATES 64

/* threshold        least score of a plate, 0..1
 * min_plate_width  narrowest plate, pixels
 * max_plates       most plates of a picture, 1..ANPR_DETECTOR_MAX_PLATES
 * include          where plates are looked for; without polygons everywhere
 * exclude          where they are not */
typedef struct {
  gdouble threshold;
  guint min_plate_width;
  guint max_plates;
  AnprPolygons include;
  AnprPolygons exclude;
} AnprDetectOptions;

/* A plate: upright box and corners, pixels within the picture; score 0..1 */
typedef struct {
  AnprBox box;
  AnprQuad quad;
  gdouble score;
} AnprDetection;

typedef struct _AnprPlateDetector AnprPlateDetector;

AnprPlateDetector *anpr_plate_detector_new (void);
void anpr_plate_detector_free (AnprPlateDetector *detector);
guint anpr_plate_detector_find (AnprPlateDetector *detector, const guint8 *luma,
    gsize stride, guint width, guint height, const AnprDetectOptions *options,
    AnprDetection *plates, guint n_plates);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprPlateDetector, anpr_plate_detector_free)

G_END_DECLS

#endif
