/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PLATEOCR_LOOKALIKE_H
#define ANPR_PLATEOCR_LOOKALIKE_H

#include <glib.h>

G_BEGIN_DECLS

gchar *anpr_look_alike_replace (const gchar *key, guint i, const gchar *sign);
gchar *anpr_look_alike_fitting (
    const gchar *key, const gchar *const *preferred);

G_END_DECLS

#endif
