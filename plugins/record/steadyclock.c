/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Steady time: a time of one's own, which says when something has been for long
 * enough, or is over.
 *
 * The system's clock can be set, so it must not decide alone: set back it would let
 * things stay, set forward it would end them early. Steady time is a number that
 * only grows, and it grows by what is known to have passed:
 *
 *   in one boot   by the kernel's boot time, which nobody can set and which goes
 *                 on in suspend. What the system's clock does meanwhile, in
 *                 either direction, changes nothing.
 *   over a boot   by the boot time since that boot, and by the time the machine
 *                 was off: the difference of the system's clock, but only
 *                 between two moments at which a time service confirmed it
 *                 (two sources that agree). Until it is confirmed again, the
 *                 time off does not count yet; then it does, all of it.
 *
 * It begins at the system's clock and shows about the same. Who keeps it notes it
 * once a minute; of an unconfirmed boot that is killed, at most that minute is lost.
 *
 * Any thread.
 */

#include "steadyclock.h"
#include "hostclock.h"

#include <string.h>
#include <time.h>

/**
 * anpr_steady_clock_read: (skip)
 * @reading: (out): what the clocks of this host say
 * @unused: nothing
 */
void
anpr_steady_clock_read (AnprSteadyReading *reading, gpointer unused)
{
  static gchar *boot;
  struct timespec elapsed;
  AnprHostClock host;

  if (g_once_init_enter (&boot)) {
    gchar *id = NULL;

    if (!g_file_get_contents (
            "/proc/sys/kernel/random/boot_id", &id, NULL, NULL))
      id = g_strdup ("");
    g_once_init_leave (&boot, g_strstrip (id));
  }
  anpr_host_clock_read (&host);
  (void) clock_gettime (CLOCK_BOOTTIME, &elapsed);
  reading->utc = host.utc;
  reading->synchronised = host.synchronised;
  reading->boot = boot;
  reading->elapsed = elapsed.tv_sec * G_USEC_PER_SEC + elapsed.tv_nsec / 1000;
}

/* Whether it was confirmed before this boot */
static gboolean
is_sure_before (const AnprSteadyNote *note, const AnprSteadyReading *now)
{
  return *note->sure_boot != '\0' && strcmp (note->sure_boot, now->boot) != 0;
}

/**
 * anpr_steady_clock_go_on: (skip)
 * @note: what is remembered
 * @now: a reading, later
 *
 * Returns: steady time then, microseconds since 1970 about
 */
gint64
anpr_steady_clock_go_on (
    const AnprSteadyNote *note, const AnprSteadyReading *now)
{
  gint64 time = note->time;

  if (g_strcmp0 (note->boot, now->boot) == 0)
    time += MAX (now->elapsed - note->elapsed, 0);
  else
    time += MAX (now->elapsed, 0);
  if (now->synchronised && is_sure_before (note, now))
    time = MAX (time, note->sure_time + (now->utc - note->sure_utc));
  return time;
}

/**
 * anpr_steady_clock_is_due: (skip)
 * @note: what is remembered
 * @now: a reading, later
 *
 * Returns: whether steady time should be noted again
 */
gboolean
anpr_steady_clock_is_due (
    const AnprSteadyNote *note, const AnprSteadyReading *now)
{
  return g_strcmp0 (note->boot, now->boot) != 0
         || (now->synchronised && strcmp (note->sure_boot, now->boot) != 0)
         || now->elapsed - note->elapsed >= ANPR_STEADY_NOTE_INTERVAL;
}
