/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "country.h"
guint
anpr_countries_rank (const gchar *key, const gchar *const *preferred,
    AnprCountry *countries, guint n_countries)
{
  return 0;
}
gdouble
anpr_countries_fit (const gchar *key, const gchar *const *preferred)
{
  return 0;
}
