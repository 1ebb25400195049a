/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_LINES_H
#define ANPR_LINES_H

#include <glib.h>

G_BEGIN_DECLS

typedef struct _AnprLines AnprLines;

AnprLines *anpr_lines_new (const gchar *path);
void anpr_lines_free (AnprLines *lines);
gboolean anpr_lines_write (AnprLines *lines, const gchar *line, GError **error);
void anpr_lines_hurry (AnprLines *lines);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprLines, anpr_lines_free)

G_END_DECLS

#endif
