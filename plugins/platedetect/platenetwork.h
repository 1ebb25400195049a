/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PLATE_NETWORK_H
#define ANPR_PLATE_NETWORK_H

#include "lumaview.h"
#include "../inference/modelfile.h"
#include "../record/geometry.h"

G_BEGIN_DECLS

/* A plate: upright box and corners, pixels of the picture; score 0..1 */
typedef struct {
  AnprBox box;
  AnprQuad quad;
  gdouble score;
} AnprDetection;

/* The sizes of input that the network runs at, smallest first: for a plate that
 * is known, a plate that is not, and parts of a picture. A vehicle near enough
 * to be read often fits in the last but one, at little more than half the cost
 * of the largest. */
enum {
  ANPR_NETWORK_KNOWN,
  ANPR_NETWORK_CLOSE,
  ANPR_NETWORK_MEDIUM,
  ANPR_NETWORK_VEHICLE,
  ANPR_NETWORK_LARGE,
  ANPR_N_NETWORK_SIZES,
};

typedef struct {
  guint width;
  guint height;
} AnprNetworkSize;

extern const AnprNetworkSize anpr_network_sizes[ANPR_N_NETWORK_SIZES];

typedef struct _AnprPlateNetwork AnprPlateNetwork;

AnprPlateNetwork *anpr_plate_network_new (AnprModel *model, GError **error);
void anpr_plate_network_free (AnprPlateNetwork *network);
guint anpr_plate_network_look (AnprPlateNetwork *network, const AnprLuma *luma,
    const AnprView *view, gdouble least_score, AnprDetection *plates,
    guint n_plates);
gboolean anpr_detections_are_same (
    const AnprDetection *one, const AnprDetection *other);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprPlateNetwork, anpr_plate_network_free)

G_END_DECLS

#endif
