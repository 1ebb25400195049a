/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_CAMERA_STATUS_H
#define ANPR_CAMERA_STATUS_H

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Upper bounds of the latency histogram, milliseconds; what is slower counts in
 * the last one, which has none */
#define ANPR_N_LATENCIES 11
extern const guint anpr_latency_bounds[ANPR_N_LATENCIES - 1];

/* Age of the last picture while there is none: the largest number that JSON's
 * integers take here */
#define ANPR_FRAME_AGE_NONE ((guint64) G_MAXINT64)

/* AnprCameraPhase: what a camera's process is doing */
typedef enum {
  ANPR_CAMERA_PHASE_CONNECTING,   /* tried for the first time */
  ANPR_CAMERA_PHASE_PLAYING,      /* pictures come */
  ANPR_CAMERA_PHASE_RECONNECTING, /* the source is away; tried again */
  ANPR_CAMERA_PHASE_ENDED,        /* a film that is not to begin again */
  ANPR_CAMERA_PHASE_STOPPING,     /* the last passages are being kept */
  ANPR_N_CAMERA_PHASES,
} AnprCameraPhase;

/**
 * AnprCameraStatus:
 *
 * What a camera's process tells every second, numbers since the process began
 * unless said otherwise. Plain data, all zero before the first. The table in
 * camerastatus.c says what each is; anpr_camera_status_fields() gives it.
 */
typedef struct {
  guint64 phase;         /* AnprCameraPhase */
  guint64 frames_in;     /* access units that came from the camera */
  guint64 decoded;       /* pictures */
  guint64 dropped;       /* pictures left out because reading was behind */
  guint64 packets_lost;  /* of the stream, that never came or too late */
  guint64 looked_at;     /* pictures in which plates were looked for */
  guint64 detections;    /* plates found in pictures */
  guint64 reads;         /* plates read */
  guint64 passages;      /* vehicles */
  guint64 not_read;      /* of these, without a text */
  guint64 hits;          /* with lists, without covert ones */
  guint64 reconnections; /* times the source was lost */
  guint64 frame_age_ms;  /* since the last picture, or ANPR_FRAME_AGE_NONE */
  guint64 width;         /* of the picture, pixels */
  guint64 height;
  gdouble fps;         /* pictures a second over the last seconds */
  gdouble sharpness;   /* of the last picture measured, see framehealth.h */
  gdouble brightness;  /* 0..255 */
  gdouble contrast;    /* standard deviation of brightness */
  gint64 clock_source; /* AnprClockSource of the last record */
  gboolean clock_synchronised;
  gint64 clock_offset_us; /* ANPR_OFFSET_UNKNOWN */
  guint64 kept;           /* passages that are safe on the disk */
  guint64 not_kept;       /* passages lost */
  guint64 waiting;        /* passages not kept yet */
  gboolean keeping;       /* the spool works */
  guint64 spool_rows;     /* sequence of the last record */
  guint64 spool_bytes;
  guint64 list_count; /* lists in force */
  guint64 list_entries;
  guint64 cpu_us;         /* of the process */
  guint64 memory_bytes;   /* resident */
  guint64 still_utc;      /* of the last still, microseconds, 0 none */
  guint64 events_dropped; /* that found no room on the way to anprd */
  guint64 latency[ANPR_N_LATENCIES]; /* texts, by time since their picture */
  guint64 latency_sum_ms;
} AnprCameraStatus;

/* AnprStatusKind: how a number behaves; a counter only grows while the process
 * lives */
typedef enum {
  ANPR_STATUS_COUNTER,
  ANPR_STATUS_GAUGE,
  ANPR_STATUS_REAL,
  ANPR_STATUS_SIGNED,
  ANPR_STATUS_BOOLEAN,
} AnprStatusKind;

/**
 * AnprStatusField:
 * @name: in JSON, as a metric's name may contain it
 * @kind: how it behaves and which type it has
 * @offset: in #AnprCameraStatus
 * @what: what it counts
 */
typedef struct {
  const gchar *name;
  AnprStatusKind kind;
  gsize offset;
  const gchar *what;
} AnprStatusField;

const AnprStatusField *anpr_camera_status_fields (guint *n);
const AnprStatusField *anpr_camera_status_find_field (const gchar *name);
const gchar *anpr_camera_phase_to_string (AnprCameraPhase phase);
void anpr_camera_status_add_latency (
    AnprCameraStatus *status, guint64 milliseconds);
void anpr_camera_status_write (
    const AnprCameraStatus *status, JsonBuilder *builder);
gboolean anpr_camera_status_read (AnprCameraStatus *status, JsonObject *object);

G_END_DECLS

#endif
