/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_LIST_VALUE_H
#define ANPR_HITMATCH_LIST_VALUE_H

#include "hitlist.h"

G_BEGIN_DECLS

#define ANPR_LIST_LOWEST_PRIORITY 100

/* What a value is said not to be when it is refused */
#define ANPR_LIST_DATE_FORM "a time such as 2026-11-23T18:30:00Z"
#define ANPR_LIST_MATCH_FORM                                                   \
  "exact, look-alike, pattern, or \"look-alike, pattern\""
#define ANPR_LIST_HOURS_FORM                                                   \
  "hours such as \"22:00-06:00\", with days such as \"1-5 08:00-18:00\" or "   \
  "\"6,7 00:00-24:00\" (1 is Monday), or empty"

gboolean anpr_list_value_date (const gchar *text, gint64 *utc);
gboolean anpr_list_value_priority (const gchar *text, guint *priority);
gboolean anpr_list_value_truth (const gchar *text, gboolean *truth);
gboolean anpr_list_value_country (const gchar *text, gchar country[3]);
gboolean anpr_list_value_modes (const gchar *text, guint *modes);
gboolean anpr_list_value_hours (const gchar *text, AnprHours *hours);
gboolean anpr_list_value_version (const gchar *text);
gboolean anpr_list_value_identifier (const gchar *text);
gint anpr_list_value_compare_versions (const gchar *a, const gchar *b);
gchar *anpr_list_value_shorten (const gchar *text);

G_END_DECLS

#endif
