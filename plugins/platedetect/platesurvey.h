/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PLATE_SURVEY_H
#define ANPR_PLATE_SURVEY_H

#include "platenetwork.h"

G_BEGIN_DECLS

/* Most views of a survey */
#define ANPR_SURVEY_MAX_VIEWS 128

/* The views in which plates of a picture are looked for */
typedef struct {
  AnprView views[ANPR_SURVEY_MAX_VIEWS];
  guint n_views;
} AnprSurvey;

void anpr_survey_plan (
    AnprSurvey *survey, guint width, guint height, guint min_plate_width);
void anpr_survey_plan_area (AnprSurvey *survey, guint width, guint height,
    guint min_plate_width, const AnprBox *area);
guint64 anpr_survey_get_cost (const AnprSurvey *survey);
void anpr_view_of_plate (
    AnprView *view, const AnprBox *box, gboolean known, gdouble wider);

G_END_DECLS

#endif
