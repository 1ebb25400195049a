/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_WEB_PAGE_FILES_H
#define ANPR_WEB_PAGE_FILES_H

#include "answer.h"

G_BEGIN_DECLS

void anpr_page_files_get (
    const gchar *path, const gchar *known_tag, AnprAnswer *answer);

G_END_DECLS

#endif
