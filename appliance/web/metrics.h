/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_WEB_METRICS_H
#define ANPR_WEB_METRICS_H

#include "../fleet.h"
#include "lanehealth.h"

G_BEGIN_DECLS

#define ANPR_METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

typedef enum {
  ANPR_METRIC_COUNTER,
  ANPR_METRIC_GAUGE,
  ANPR_METRIC_HISTOGRAM,
} AnprMetricType;

/* Text in the form Prometheus reads */
typedef struct _AnprMetrics AnprMetrics;

/**
 * AnprStorageFigures:
 * @known: the rest was found out
 * @rows: passages not delivered yet
 * @bytes: of these
 * @lag: seconds since the oldest of these was seen, 0 none
 * @refused: passages that the centre refused
 *
 * What is on its way from a spool to the centre; the same of decisions about hits.
 */
typedef struct {
  gboolean known;
  guint64 rows;
  guint64 bytes;
  gdouble lag;
  guint64 refused;
} AnprStorageFigures;

/**
 * AnprCameraFigures:
 * @camera: how it is
 * @health: (nullable): of its lane
 * @storage: of its spool
 * @unseen: whether something of its file was changed outside the page that two
 *     persons have not seen (R41)
 */
typedef struct {
  const AnprCamera *camera;
  const AnprLaneHealth *health;
  AnprStorageFigures storage;
  gboolean unseen;
} AnprCameraFigures;

/**
 * AnprListFigures:
 * @id: of a list
 * @version: of it
 * @entries: number of
 * @age: seconds since it was issued
 */
typedef struct {
  gchar *id;
  gchar *version;
  guint entries;
  gdouble age;
} AnprListFigures;

AnprMetrics *anpr_metrics_new (void);
void anpr_metrics_begin (AnprMetrics *metrics, const gchar *name,
    AnprMetricType type, const gchar *help);
void anpr_metrics_add (
    AnprMetrics *metrics, gdouble value, ...) G_GNUC_NULL_TERMINATED;
void anpr_metrics_add_cameras (
    AnprMetrics *metrics, const AnprCameraFigures *figures, guint n);
void anpr_metrics_add_decisions (
    AnprMetrics *metrics, const AnprStorageFigures *figures);
void anpr_metrics_add_lists (
    AnprMetrics *metrics, const AnprListFigures *lists, guint n);
void anpr_metrics_add_process (AnprMetrics *metrics);
gchar *anpr_metrics_finish (AnprMetrics *metrics);

G_END_DECLS

#endif
