/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SEARCH_PRINT_H
#define ANPR_SEARCH_PRINT_H

#include "searchresult.h"

G_BEGIN_DECLS

void anpr_search_print (const gchar *name, JsonArray *rows,
    AnprSearchFormat format, const AnprSearchColumn *columns, GTimeZone *zone);

G_END_DECLS

#endif
