/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A library to preload: the wall clock, shifted by the seconds that stand as text
 * in the file ANPR_CLOCK_SHIFT, as somebody sets the clock of a machine while
 * programs run on it. Clocks that nobody can set are left alone. What the kernel
 * says of synchronisation is not changed.
 *
 * The file is mapped: 24 octets, blanks behind the number. Programs that begin
 * without it have the clock as it is. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SIZE 24

static const char *shift_text;

__attribute__ ((constructor)) static void
map_shift (void)
{
  const char *path = getenv ("ANPR_CLOCK_SHIFT");
  int file = path ? open (path, O_RDONLY | O_CLOEXEC) : -1;
  void *mapped;

  if (file < 0)
    return;
  mapped = mmap (NULL, SIZE, PROT_READ, MAP_SHARED, file, 0);
  if (mapped != MAP_FAILED)
    shift_text = mapped;
  close (file);
}

static long
get_shift (void)
{
  return shift_text ? strtol (shift_text, NULL, 10) : 0;
}

int
clock_gettime (clockid_t clock, struct timespec *now)
{
  static int (*next) (clockid_t, struct timespec *);
  int result;

  if (!next)
    next = (int (*) (clockid_t, struct timespec *)) dlsym (
        RTLD_NEXT, "clock_gettime");
  result = next (clock, now);
  if (result == 0
      && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    now->tv_sec += get_shift ();
  return result;
}

int
gettimeofday (struct timeval *restrict now, void *restrict zone)
{
  struct timespec exact;

  (void) zone;
  if (clock_gettime (CLOCK_REALTIME, &exact) != 0)
    return -1;
  now->tv_sec = exact.tv_sec;
  now->tv_usec = exact.tv_nsec / 1000;
  return 0;
}

time_t
time (time_t *now)
{
  struct timespec exact;

  if (clock_gettime (CLOCK_REALTIME, &exact) != 0)
    return -1;
  if (now)
    *now = exact.tv_sec;
  return exact.tv_sec;
}
