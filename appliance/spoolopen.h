/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SPOOL_OPEN_H
#define ANPR_SPOOL_OPEN_H

#include "../plugins/anprsink/spool.h"

G_BEGIN_DECLS

extern gchar *anpr_spool_key_option;

/* Option of all commands that open a spool */
#define ANPR_SPOOL_KEY_ENTRY                                                   \
  {                                                                            \
    "key", 0, 0, G_OPTION_ARG_FILENAME, &anpr_spool_key_option,                \
        "File with the key the spool is encrypted with", "FILE"                \
  }

AnprSpool *anpr_spool_open_with_option (
    const gchar *path, AnprSpoolMode mode, GError **error);

G_END_DECLS

#endif
