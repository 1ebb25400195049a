/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The options that choose passages of a spool, once for all commands. */

#include "spoolfilter.h"

#include <string.h>

gboolean anpr_spool_filter_hits;
gchar *anpr_spool_filter_from;
gchar *anpr_spool_filter_to;
gchar *anpr_spool_filter_position;
gint64 anpr_spool_filter_limit;
gboolean anpr_spool_filter_covert;

static gboolean
parse_time (const gchar *text, gint64 *utc, GError **error)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  g_autofree gchar *day = NULL;
  g_autoptr (GDateTime) time = NULL;

  if (!text)
    return TRUE;
  if (!strchr (text, 'T'))
    text = day = g_strconcat (text, "T00:00:00", NULL);
  time = g_date_time_new_from_iso8601 (text, zone);
  if (!time) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "\"%s\" is no time such as 2026-11-23T08:00:00", text);
    return FALSE;
  }
  *utc = g_date_time_to_unix (time) * G_USEC_PER_SEC
         + g_date_time_get_microsecond (time);
  return TRUE;
}

/**
 * anpr_spool_filter_take:
 * @filter: (out): what the options say; borrows their texts
 * @error: which option has a wrong value
 *
 * Returns: whether all are right
 */
gboolean
anpr_spool_filter_take (AnprSpoolFilter *filter, GError **error)
{
  *filter = (AnprSpoolFilter){
    .position = anpr_spool_filter_position,
    .hits_only = anpr_spool_filter_hits,
    .limit = (guint64) MAX (anpr_spool_filter_limit, 0),
    .newest_first = TRUE,
  };
  if (anpr_spool_filter_limit < 0) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "the limit cannot be negative");
    return FALSE;
  }
  return parse_time (anpr_spool_filter_from, &filter->from_utc, error)
         && parse_time (anpr_spool_filter_to, &filter->to_utc, error);
}
