/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The host's clocks, and what the kernel knows of their quality.
 *
 * The kernel calls its clock unsynchronised before a time service has set it,
 * after anybody else has, and 16 s of possible error after the service fell
 * silent. That is too late here: the clock counts as synchronised while its
 * estimated error is within ANPR_CLOCK_TOLERANCE and the service was heard of
 * within the holdover. */

#include "hostclock.h"

#include "clock.h"

/* The kernel adds 500 microseconds a second to the possible error while no
 * service corrects it. Services leave up to 2048 s between two corrections;
 * after 3000 s the holdover is over. */
#define LONGEST_HOLDOVER 1500000

/* The two clocks count as read at once when it took no longer than this,
 * microseconds, and are read again when it did, because another program ran */
#define AT_ONCE 1000
#define ATTEMPTS 3

static gint64
to_microseconds (glong value, const struct timex *kernel)
{
  return kernel->status & STA_NANO ? value / 1000 : value;
}

/**
 * anpr_host_clock_judge: (skip)
 * @clock: its synchronised and offset are set
 * @state: what adjtimex(2) returned, -1 for an error
 * @kernel: what it told
 */
void
anpr_host_clock_judge (
    AnprHostClock *clock, gint state, const struct timex *kernel)
{
  gint64 correction = ABS (to_microseconds (kernel->offset, kernel));
  gint64 error = MAX ((gint64) kernel->esterror, correction);

  clock->synchronised =
      state != -1 && state != TIME_ERROR && !(kernel->status & STA_UNSYNC)
      && error <= ANPR_CLOCK_TOLERANCE && kernel->maxerror <= LONGEST_HOLDOVER;
  clock->offset = clock->synchronised ? error : ANPR_OFFSET_UNKNOWN;
}

/**
 * anpr_host_clock_read: (skip)
 * @clock: (out): what the clocks say now
 *
 * A system call that needs no privilege; does not block. Any thread.
 */
void
anpr_host_clock_read (AnprHostClock *clock)
{
  struct timex kernel = { .modes = 0 };
  gint64 before, after;

  for (guint i = 0; i < ATTEMPTS; i++) {
    before = g_get_monotonic_time ();
    clock->utc = g_get_real_time ();
    after = g_get_monotonic_time ();
    if (after - before <= AT_ONCE)
      break;
  }
  clock->monotonic = before + (after - before) / 2;
  anpr_host_clock_judge (clock, adjtimex (&kernel), &kernel);
}
