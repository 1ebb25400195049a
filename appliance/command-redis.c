/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* anprctl lists: lists in Redis. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "redislists.h"

static const GOptionEntry entries[] = {
  ANPRCTL_REDIS_ENTRIES,
  { NULL },
};

static AnprctlStatus
run (gchar **arguments)
{
  AnprctlStatus status;

  if (anprctl_redis_lists_run (arguments, &status))
    return status;
  return anprctl_usage ("give publish, published, add, withdraw or unpublish");
}

const AnprctlCommand anprctl_command_lists = {
  .name = "lists",
  .arguments = ANPRCTL_REDIS_ARGUMENTS,
  .summary = "Put hit lists in force in Redis, and change single entries",
  .description = ANPRCTL_REDIS_DESCRIPTION,
  .entries = entries,
  .run = run,
};
