/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_RECORD_CALENDAR_H
#define ANPR_RECORD_CALENDAR_H

#include <glib.h>

G_BEGIN_DECLS

/* The legal maximum: 12 calendar months from registration. Never more days than
 * that may be set, so a year without a leap day bounds the setting. */
#define ANPR_RETENTION_MAX_MONTHS 12
#define ANPR_RETENTION_MAX_DAYS 365

gint64 anpr_calendar_add_months (gint64 utc, guint months, GTimeZone *zone);
gint64 anpr_retention_deadline (gint64 utc, guint days, GTimeZone *zone);

G_END_DECLS

#endif
