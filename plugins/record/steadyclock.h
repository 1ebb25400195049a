/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_RECORD_STEADY_CLOCK_H
#define ANPR_RECORD_STEADY_CLOCK_H

#include <glib.h>

G_BEGIN_DECLS

/* So much boot time may pass before the time is noted again, microseconds */
#define ANPR_STEADY_NOTE_INTERVAL (60 * G_USEC_PER_SEC)

/**
 * AnprSteadyReading:
 * @utc: the system's clock, microseconds since 1970
 * @synchronised: a time service confirms it
 * @boot: which boot of the machine this is
 * @elapsed: microseconds since that boot, on a clock that nobody sets
 *
 * What the clocks of this host say at one moment.
 */
typedef struct {
  gint64 utc;
  gboolean synchronised;
  const gchar *boot;
  gint64 elapsed;
} AnprSteadyReading;

/**
 * AnprSteadyNote:
 * @time: steady time when it was noted
 * @boot: and the boot of the machine
 * @elapsed: and its boot time
 * @sure_time: steady time when a time service confirmed the system's clock last
 * @sure_utc: and what that showed
 * @sure_boot: and the boot of the machine, "" if it was never confirmed
 *
 * What is remembered, all times in microseconds; the texts are the owner's.
 */
typedef struct {
  gint64 time;
  const gchar *boot;
  gint64 elapsed;
  gint64 sure_time;
  gint64 sure_utc;
  const gchar *sure_boot;
} AnprSteadyNote;

/* Reads the clocks, or in tests what they should say */
typedef void (*AnprSteadyRead) (AnprSteadyReading *reading, gpointer user_data);

void anpr_steady_clock_read (AnprSteadyReading *reading, gpointer unused);
gint64 anpr_steady_clock_go_on (
    const AnprSteadyNote *note, const AnprSteadyReading *now);
gboolean anpr_steady_clock_is_due (
    const AnprSteadyNote *note, const AnprSteadyReading *now);

G_END_DECLS

#endif
