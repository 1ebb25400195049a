/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Calibration files of any bytes: taken, or refused with a reason. What is taken
 * gives confidences from 0 to 1 that do not fall with the probability. */

#include "fuzz.h"
#include "plugins/plateocr/confidence.h"
#include "plugins/record/error.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  AnprCalibration calibration;
  g_autoptr (GError) error = NULL;
  gboolean taken = anpr_calibration_parse (
      (const gchar *) data, size, "file", &calibration, &error);
  gdouble last = 0;

  g_assert (taken == (error == NULL));
  if (!taken) {
    g_assert (error->domain == ANPR_ERROR);
    g_assert (g_utf8_validate (error->message, -1, NULL));
    return 0;
  }
  calibration.margin = ABS (calibration.margin);
  for (guint i = 0; i <= 10; i++) {
    AnprEvidence evidence = { i / 10.0, 0.2, 6 * i, 0.5, 2 };
    gdouble confidence =
        anpr_calibration_get_confidence (&calibration, &evidence);

    g_assert (confidence >= 0 && confidence <= 1);
    evidence.sign_height = 20;
    confidence = anpr_calibration_get_confidence (&calibration, &evidence);
    g_assert (confidence >= last && confidence <= 1);
    last = confidence;
  }
  return 0;
}
