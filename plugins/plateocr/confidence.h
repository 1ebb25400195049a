/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PLATEOCR_CONFIDENCE_H
#define ANPR_PLATEOCR_CONFIDENCE_H

#include <glib.h>

G_BEGIN_DECLS

/* AnprCalibration: what an engine's probabilities are worth. Each number is a
 * key of the file, agree and differ what another engine's opinion moves the
 * log-odds by. */
typedef struct {
  gdouble offset;
  gdouble scale;
  gdouble margin;
  gdouble height;
  gdouble syntax;
  gdouble two_lines;
  gdouble agree;
  gdouble differ;
} AnprCalibration;

/* AnprEvidence: what speaks for a text: its probability and that of the next
 * likeliest; the height of its signs in pixels of the frame, 0 unknown; how well
 * it fits a series, 0..1; lines of the plate */
typedef struct {
  gdouble probability;
  gdouble next_probability;
  gdouble sign_height;
  gdouble fit;
  guint n_lines;
} AnprEvidence;

/* Takes an engine's probabilities as they are */
#define ANPR_CALIBRATION_NONE ((AnprCalibration){ .scale = 1 })

gboolean anpr_calibration_parse (const gchar *data, gsize size,
    const gchar *name, AnprCalibration *calibration, GError **error);
gboolean anpr_calibration_load (
    const gchar *model, AnprCalibration *calibration, GError **error);
gdouble anpr_calibration_get_confidence (
    const AnprCalibration *calibration, const AnprEvidence *evidence);
gdouble anpr_confidence_move (gdouble confidence, gdouble log_odds);

G_END_DECLS

#endif
