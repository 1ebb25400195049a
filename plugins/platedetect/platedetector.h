/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PLATE_DETECTOR_H
#define ANPR_PLATE_DETECTOR_H

#include "platesurvey.h"
#include "polygon.h"

G_BEGIN_DECLS

/* Most plates found in a picture */
#define ANPR_DETECTOR_MAX_PLATES 64

/* Scales on which a possible plate can be looked at closely */
#define ANPR_DETECTOR_MAX_SCALES 4

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

/* A plate that is known already, from the frame before.
 *
 * plate  where it is thought to be now, and how likely it is one
 * look   whether to look at it; else nothing else is found in its place
 * found  (out) whether it was found, as plate says then */
typedef struct {
  AnprDetection plate;
  gboolean look;
  gboolean found;
} AnprKnownPlate;

typedef struct _AnprPlateDetector AnprPlateDetector;

AnprPlateDetector *anpr_plate_detector_new (AnprModel *model, GError **error);
void anpr_plate_detector_free (AnprPlateDetector *detector);
guint anpr_plate_detector_find (AnprPlateDetector *detector,
    const AnprLuma *luma, const AnprDetectOptions *options,
    AnprDetection *plates, guint n_plates);
guint anpr_plate_detector_look (AnprPlateDetector *detector,
    const AnprLuma *luma, const AnprDetectOptions *options,
    const AnprSurvey *survey, guint max_looks, guint n_scales,
    AnprKnownPlate *known, guint n_known, AnprDetection *plates,
    guint n_plates);
guint64 anpr_plate_detector_get_cost (const AnprPlateDetector *detector);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprPlateDetector, anpr_plate_detector_free)

G_END_DECLS

#endif
