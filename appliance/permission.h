/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PERMISSION_H
#define ANPR_PERMISSION_H

#include "settingsfile.h"

G_BEGIN_DECLS

/* The camera may stand so far from the place that was permitted, metres */
#define ANPR_PERMISSION_MAX_DISTANCE 100

typedef enum {
  ANPR_PERMISSION_VALID,
  ANPR_PERMISSION_MISSING,
  ANPR_PERMISSION_EARLY,
  ANPR_PERMISSION_EXPIRED,
  ANPR_PERMISSION_ELSEWHERE,
} AnprPermissionState;

/**
 * AnprPermission:
 * @decision: reference of the decision
 * @place: that it permits
 * @purposes: codes of domain.md R23, with spaces between
 * @camera_type: that it permits
 * @impact_analysis: reference of the impact analysis
 * @controller: who answers for the data
 * @from_utc: microseconds since 1970, from then on
 * @until_utc: before then
 * @missing: (nullable): name of what is not there, %NULL if all is
 * @elsewhere: (nullable): how the camera's place differs, %NULL if it does not
 *
 * The record without which a position processes nothing (R1).
 */
typedef struct {
  const gchar *decision;
  const gchar *place;
  const gchar *purposes;
  const gchar *camera_type;
  const gchar *impact_analysis;
  const gchar *controller;
  gint64 from_utc;
  gint64 until_utc;
  const gchar *missing;
  gchar *elsewhere;
} AnprPermission;

void anpr_permission_read (
    AnprPermission *permission, const AnprSettings *settings);
void anpr_permission_clear (AnprPermission *permission);
AnprPermissionState anpr_permission_judge (
    const AnprPermission *permission, gint64 utc);
AnprError anpr_permission_get_code (AnprPermissionState state);
gchar *anpr_permission_explain (
    const AnprPermission *permission, AnprPermissionState state);
const gchar *anpr_permission_get_key (
    const AnprPermission *permission, AnprPermissionState state);

G_END_DECLS

#endif
