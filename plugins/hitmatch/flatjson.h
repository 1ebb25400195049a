/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_FLAT_JSON_H
#define ANPR_HITMATCH_FLAT_JSON_H

#include <glib.h>

G_BEGIN_DECLS

/* A place in a text that is taken apart; first: nothing of its array or object
 * came before it */
typedef struct {
  gchar *at;
  gboolean first;
} AnprFlatJson;

gboolean anpr_flat_json_begin (AnprFlatJson *json, gchar *text);
gboolean anpr_flat_json_next_object (AnprFlatJson *json, gboolean *more);
gboolean anpr_flat_json_next_member (
    AnprFlatJson *json, const gchar **name, const gchar **value);
void anpr_flat_json_append (GString *text, const gchar *value);

G_END_DECLS

#endif
