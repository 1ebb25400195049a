/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HTML_H
#define ANPR_HTML_H

#include <glib.h>

G_BEGIN_DECLS

gchar *anpr_html_escape (const gchar *text);
gchar *anpr_html_fill (
    const gchar *template, const gchar *first_name, ...) G_GNUC_NULL_TERMINATED;

G_END_DECLS

#endif
