/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_NETWORK_LAYOUT_H
#define ANPR_NETWORK_LAYOUT_H

#include "modelfile.h"

G_BEGIN_DECLS

/* Most bytes of all that a network computes on the way, and needs for it */
#define ANPR_NETWORK_MAX_BYTES (256 * 1024 * 1024)

#define ANPR_NETWORK_MAX_VALUES (ANPR_MODEL_MAX_LAYERS + 1)

typedef struct {
  guint width;
  guint height;
  guint channels;
} AnprShape;

/* How the first two layers are computed, strip by strip: so many strips of
 * so many rows of the second's result, so many of the first's for each, and so
 * many of the input for those. Some of those lie above and below the input:
 * there must be zeros. */
typedef struct {
  guint n;
  guint rows;
  guint middle_rows;
  guint input_rows;
  guint input_above;
  guint input_below;
} AnprStrips;

/* Shapes of the input (0) and what the layers make (n), and where each lies,
 * bytes from the begin of one block of @bytes */
typedef struct {
  AnprShape shapes[ANPR_NETWORK_MAX_VALUES];
  gsize places[ANPR_NETWORK_MAX_VALUES];
  gsize bytes;
  AnprStrips strips;
} AnprNetworkLayout;

gboolean anpr_network_layout_plan (AnprNetworkLayout *layout,
    const AnprModel *model, guint width, guint height);
gboolean anpr_network_layout_has_strips (const AnprModel *model);
gint anpr_network_layout_strip_row (
    const AnprNetworkLayout *layout, guint strip);

G_END_DECLS

#endif
