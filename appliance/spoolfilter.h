/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SPOOL_FILTER_H
#define ANPR_SPOOL_FILTER_H

#include "../plugins/anprsink/spool.h"

G_BEGIN_DECLS

extern gboolean anpr_spool_filter_hits;
extern gchar *anpr_spool_filter_from;
extern gchar *anpr_spool_filter_to;
extern gchar *anpr_spool_filter_position;
extern gint64 anpr_spool_filter_limit;
extern gboolean anpr_spool_filter_covert;

/* Options of the commands that choose passages of a spool */
#define ANPR_SPOOL_FILTER_ENTRIES                                              \
  { "hits", 0, 0, G_OPTION_ARG_NONE, &anpr_spool_filter_hits,                  \
    "Only passages with a hit", NULL },                                        \
      { "from", 0, 0, G_OPTION_ARG_STRING, &anpr_spool_filter_from,            \
        "Only from this time on, such as 2026-11-23T08:00:00 (local time, or " \
        "with Z for UTC)",                                                     \
        "TIME" },                                                              \
      { "to", 0, 0, G_OPTION_ARG_STRING, &anpr_spool_filter_to,                \
        "Only before this time", "TIME" },                                     \
      { "position", 0, 0, G_OPTION_ARG_STRING, &anpr_spool_filter_position,    \
        "Only of this camera place", "NAME" },                                 \
      { "limit", 0, 0, G_OPTION_ARG_INT64, &anpr_spool_filter_limit,           \
        "At most so many, the latest", "N" },                                  \
  {                                                                            \
    "show-covert", 0, 0, G_OPTION_ARG_NONE, &anpr_spool_filter_covert,         \
        "Show covert hits, too: for cleared users only", NULL                  \
  }

gboolean anpr_spool_filter_take (AnprSpoolFilter *filter, GError **error);

G_END_DECLS

#endif
