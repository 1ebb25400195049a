/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_RECORD_COUNTRY_H
#define ANPR_RECORD_COUNTRY_H

#include "read.h"

G_BEGIN_DECLS

guint anpr_countries_rank (const gchar *key, const gchar *const *preferred,
    AnprCountry *countries, guint n_countries);
gdouble anpr_countries_fit (const gchar *key, const gchar *const *preferred);

G_END_DECLS

#endif
