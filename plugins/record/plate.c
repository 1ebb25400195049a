/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "plate.h"

G_DEFINE_BOXED_TYPE (AnprPlate, anpr_plate, anpr_plate_copy, anpr_plate_free)

/**
 * anpr_plate_new:
 * @box: in pixels of the frame
 * @confidence: the detector's, 0..1
 *
 * Returns: (transfer full): a plate with the box's corners, no track, no read
 */
AnprPlate *
anpr_plate_new (const AnprBox *box, gdouble confidence)
{
  AnprPlate *plate = g_new0 (AnprPlate, 1);

  plate->box = *box;
  anpr_quad_from_box (&plate->quad, box);
  plate->confidence = confidence;
  return plate;
}

/**
 * anpr_plate_copy:
 * @plate: a plate
 *
 * Returns: (transfer full): a copy that shares read and passage
 */
AnprPlate *
anpr_plate_copy (const AnprPlate *plate)
{
  AnprPlate *copy = g_memdup2 (plate, sizeof (AnprPlate));

  if (copy->read)
    anpr_read_ref (copy->read);
  if (copy->passage)
    anpr_passage_ref (copy->passage);
  return copy;
}

/**
 * anpr_plate_free:
 * @plate: (transfer full) (nullable): a plate
 */
void
anpr_plate_free (AnprPlate *plate)
{
  if (!plate)
    return;
  g_clear_pointer (&plate->read, anpr_read_unref);
  g_clear_pointer (&plate->passage, anpr_passage_unref);
  g_free (plate);
}

/**
 * anpr_plate_set_read:
 * @plate: a plate
 * @read: (transfer full) (nullable): what is read of the vehicle by now
 */
void
anpr_plate_set_read (AnprPlate *plate, AnprRead *read)
{
  g_clear_pointer (&plate->read, anpr_read_unref);
  plate->read = read;
}

/**
 * anpr_plate_scale:
 * @plate: a plate
 * @factor_x: new width of the frame over the old one
 * @factor_y: new height of the frame over the old one
 */
void
anpr_plate_scale (AnprPlate *plate, gdouble factor_x, gdouble factor_y)
{
  plate->box.x *= factor_x;
  plate->box.width *= factor_x;
  plate->box.y *= factor_y;
  plate->box.height *= factor_y;
  for (guint i = 0; i < 4; i++) {
    plate->quad.x[i] *= factor_x;
    plate->quad.y[i] *= factor_y;
  }
}

const gchar *
anpr_role_to_string (AnprRole role)
{
  return role == ANPR_ROLE_TRAILER ? "trailer" : "vehicle";
}

/**
 * anpr_plate_is_in_frame:
 * @plate: a plate
 *
 * Returns: whether it was seen in the frame whose meta it is part of, and not
 *     in one before
 */
gboolean
anpr_plate_is_in_frame (const AnprPlate *plate)
{
  return plate->track_state != ANPR_TRACK_ABSENT
         && plate->track_state != ANPR_TRACK_LOST;
}

const gchar *
anpr_track_state_to_string (AnprTrackState state)
{
  static const gchar *const names[] = {
    [ANPR_TRACK_NONE] = "none",
    [ANPR_TRACK_NEW] = "new",
    [ANPR_TRACK_UPDATE] = "update",
    [ANPR_TRACK_ABSENT] = "absent",
    [ANPR_TRACK_LOST] = "lost",
  };

  return names[state];
}
