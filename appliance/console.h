/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_CONSOLE_H
#define ANPR_CONSOLE_H

#include <glib.h>
#include "../plugins/record/error.h"

G_BEGIN_DECLS

typedef enum {
  ANPR_STYLE_PLAIN,
  ANPR_STYLE_PLATE,
  ANPR_STYLE_HIT,
  ANPR_STYLE_FAINT,
  ANPR_STYLE_WARNING,
  ANPR_N_STYLES,
} AnprStyle;

void anpr_console_print (const gchar *line);
void anpr_console_note (const gchar *format, ...) G_GNUC_PRINTF (1, 2);
void anpr_console_fault (const gchar *subject, const gchar *code,
    const gchar *message, const gchar *advice);
void anpr_console_error (const gchar *subject, const GError *error);
void anpr_console_status (const gchar *text);
gboolean anpr_console_has_status (void);
gboolean anpr_console_close (void);

gchar *anpr_console_styled (AnprStyle style, const gchar *text);
gchar *anpr_console_clean (const gchar *text);

G_END_DECLS

#endif
