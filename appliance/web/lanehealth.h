/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_LANE_HEALTH_H
#define ANPR_LANE_HEALTH_H

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Hours of a week, Monday 0 h first, UTC */
#define ANPR_HEALTH_HOURS (7 * 24)
/* A picture must be bad for so long, microseconds */
#define ANPR_HEALTH_PICTURE_TIME (30 * G_TIME_SPAN_SECOND)
/* Passages the share of those not read is formed over */
#define ANPR_HEALTH_WINDOW 100

/* AnprHealthLevel: how bad it is */
typedef enum {
  ANPR_HEALTH_GOOD,
  ANPR_HEALTH_WARNING, /* somebody should look at it soon */
  ANPR_HEALTH_BAD,     /* the lane is blind or as good as blind */
  ANPR_N_HEALTH_LEVELS,
} AnprHealthLevel;

/* AnprHealthKind: what is watched of a lane (R51) */
typedef enum {
  ANPR_HEALTH_PICTURE,   /* nothing to see: dark, covered, blinded */
  ANPR_HEALTH_SHARPNESS, /* out of focus, wet, dirty, turned away */
  ANPR_HEALTH_NOT_READ,  /* more vehicles than usual without a text */
  ANPR_HEALTH_PASSAGES,  /* fewer vehicles than usual at this hour */
  ANPR_N_HEALTH_KINDS,
} AnprHealthKind;

/**
 * AnprLaneSample:
 * @utc: when, microseconds since 1970
 * @seeing: pictures come and are looked at
 * @passages: vehicles, a sum that only grows
 * @not_read: of these, without a text; a sum that only grows
 * @measured: the rest is known; a black picture is zero in everything
 * @sharpness: as AnprFrameHealth
 * @brightness: 0 to 255
 * @contrast: standard deviation of luma
 */
typedef struct {
  gint64 utc;
  gboolean seeing;
  guint64 passages;
  guint64 not_read;
  gboolean measured;
  gdouble sharpness;
  gdouble brightness;
  gdouble contrast;
} AnprLaneSample;

/**
 * AnprHealthFinding:
 * @level: how bad it is
 * @message: (nullable): in words, with the numbers; %NULL if it is good
 * @since: when that began, UTC microseconds
 */
typedef struct {
  AnprHealthLevel level;
  gchar *message;
  gint64 since;
} AnprHealthFinding;

typedef struct _AnprLaneHealth AnprLaneHealth;

AnprLaneHealth *anpr_lane_health_new (void);
void anpr_lane_health_free (AnprLaneHealth *health);
gboolean anpr_lane_health_add (
    AnprLaneHealth *health, const AnprLaneSample *sample);
const AnprHealthFinding *anpr_lane_health_get (
    const AnprLaneHealth *health, AnprHealthKind kind);
gdouble anpr_lane_health_get_passages_hour (const AnprLaneHealth *health);
gdouble anpr_lane_health_get_not_read_share (const AnprLaneHealth *health);
const gchar *anpr_health_kind_to_string (AnprHealthKind kind);
const gchar *anpr_health_level_to_string (AnprHealthLevel level);

void anpr_lane_health_write (
    const AnprLaneHealth *health, JsonBuilder *builder);
gboolean anpr_lane_health_read (AnprLaneHealth *health, JsonObject *object);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprLaneHealth, anpr_lane_health_free)

G_END_DECLS

#endif
