/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_RECORD_SERIESTABLE_H
#define ANPR_RECORD_SERIESTABLE_H

#include <glib.h>

G_BEGIN_DECLS

/* More than Europe has; rows of further countries are left out */
#define ANPR_MAX_KNOWN_COUNTRIES 64

/* Which series of which country have which forms; never changes once made */
typedef struct _AnprSeriesTable AnprSeriesTable;

AnprSeriesTable *anpr_series_table_new (
    const gchar *series, const gchar *districts);
void anpr_series_table_free (AnprSeriesTable *table);
const AnprSeriesTable *anpr_series_table_get_default (void);

guint anpr_series_table_get_n_countries (const AnprSeriesTable *table);
const gchar *anpr_series_table_get_code (
    const AnprSeriesTable *table, guint country);
void anpr_series_table_weigh (
    const AnprSeriesTable *table, const gchar *key, gdouble *weights);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprSeriesTable, anpr_series_table_free)

G_END_DECLS

#endif
