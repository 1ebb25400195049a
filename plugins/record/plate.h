/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_RECORD_PLATE_H
#define ANPR_RECORD_PLATE_H

#include <glib-object.h>
#include "passage.h"
#include "geometry.h"
#include "read.h"
#include "hit.h"

G_BEGIN_DECLS

/* A passage may hold two plates (R6) */
typedef enum {
  ANPR_ROLE_VEHICLE,
  ANPR_ROLE_TRAILER,
} AnprRole;

typedef enum {
  ANPR_TRACK_NONE,
  ANPR_TRACK_NEW,
  ANPR_TRACK_UPDATE,
  ANPR_TRACK_ABSENT,
  ANPR_TRACK_LOST,
} AnprTrackState;

#define ANPR_TYPE_PLATE (anpr_plate_get_type ())
typedef struct _AnprPlate AnprPlate;

/**
 * AnprPlate:
 * @box: in pixels of the buffer the plate's meta sits on
 * @quad: the four corners, in the same pixels
 * @confidence: the detector's, 0..1
 * @role: vehicle or trailer
 * @track_id: number of the track, 0 without one
 * @track_state: none while no tracker has seen the plate; then new or update; of
 *     one that is not in this frame, shown where it was last: absent while the
 *     vehicle may come back, lost when its passage is over
 * @read: (nullable): what was read, by now, of the vehicle
 * @passage: (nullable): the passage the plate belongs to
 *
 * A plate in one frame. Plain data, owned by its holder; @read and @passage are
 * references to shared things.
 */
struct _AnprPlate {
  AnprBox box;
  AnprQuad quad;
  gdouble confidence;
  AnprRole role;
  guint64 track_id;
  AnprTrackState track_state;
  AnprRead *read;
  AnprPassage *passage;
};

GType anpr_plate_get_type (void) G_GNUC_CONST;
AnprPlate *anpr_plate_new (const AnprBox *box, gdouble confidence);
AnprPlate *anpr_plate_copy (const AnprPlate *plate);
void anpr_plate_free (AnprPlate *plate);
gboolean anpr_plate_is_in_frame (const AnprPlate *plate);
void anpr_plate_set_read (AnprPlate *plate, AnprRead *read);
void anpr_plate_scale (AnprPlate *plate, gdouble factor_x, gdouble factor_y);

const gchar *anpr_role_to_string (AnprRole role);
const gchar *anpr_track_state_to_string (AnprTrackState state);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprPlate, anpr_plate_free)

G_END_DECLS

#endif
