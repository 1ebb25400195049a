/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SEARCH_FACTS_H
#define ANPR_SEARCH_FACTS_H

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

JsonArray *anpr_search_facts_parse (
    gchar **texts, GTimeZone *zone, GError **error);

G_END_DECLS

#endif
