/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_LIST_IMPORT_H
#define ANPR_LIST_IMPORT_H

#include <gio/gio.h>
#include "../plugins/hitmatch/acceptedlists.h"

G_BEGIN_DECLS

gboolean anpr_list_import (const gchar *map, const AnprListSource *table,
    const gchar *output, guint64 *n_entries, GError **error);

G_END_DECLS

#endif
