/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPRCTL_REDIS_LISTS_H
#define ANPRCTL_REDIS_LISTS_H

#include "command.h"

G_BEGIN_DECLS

extern gchar *anprctl_redis_uri;

/* For the options of "anprctl lists" */
#define ANPRCTL_REDIS_ENTRIES                                                  \
  {                                                                            \
    "redis", 0, 0, G_OPTION_ARG_STRING, &anprctl_redis_uri,                    \
        "Redis server with the lists, instead of the environment's "           \
        "ANPR_REDIS",                                                          \
        "ADDRESS"                                                              \
  }

#define ANPRCTL_REDIS_DESCRIPTION                                              \
  "  publish --keys FOLDER LIST…\n"                                          \
  "                         put lists in force: signed ones, or accepted "     \
  "ones as\n"                                                                  \
  "                         FOLDER/ID.anprlist without --keys\n"               \
  "  published              what is in force\n"                                \
  "  add LIST COLUMN=VALUE… add an entry\n"                                  \
  "  withdraw LIST PLATE [ENTRY]\n"                                            \
  "                         take out a plate's entries, or the one\n"          \
  "  unpublish LIST         take a list out of use\n\n"                        \
  "publish puts lists in force in Redis, for all appliances that use it or a " \
  "replica\nof it; a list of the same id has to have a lower version. "        \
  "published shows what\nis in force. add and withdraw change single "         \
  "entries, from the next read on:\n\n"                                        \
  "  anprctl lists add stolen entry=S-9 plate=1-XQZ-001 \\\n"                  \
  "    valid-until=2035-12-31T23:59:59Z measure=stop\n"                        \
  "  anprctl lists withdraw stolen 1-XQZ-001\n\n"                              \
  "unpublish takes a list out of use, also where appliances have it as a "     \
  "file. The\naddress is unix:///path/to/socket or redis://USER@HOST; the "    \
  "password comes from\nthe file that ?password-file= names, or from the "     \
  "environment's\nANPR_REDIS_PASSWORD."

gboolean anprctl_redis_lists_run (
    gchar **arguments, const gchar *keys, AnprctlStatus *status);

G_END_DECLS

#endif
