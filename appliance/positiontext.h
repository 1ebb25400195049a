/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_POSITION_TEXT_H
#define ANPR_POSITION_TEXT_H

#include "configuration.h"

G_BEGIN_DECLS

gchar *anpr_position_text_new (void);
gchar *anpr_position_text_assign (
    const gchar *text, const gchar *assignment, GError **error);
gchar *anpr_position_text_ask (const gchar *text, GError **error);
gchar *anpr_position_text_show (
    const AnprConfiguration *configuration, const AnprPosition *position);

G_END_DECLS

#endif
