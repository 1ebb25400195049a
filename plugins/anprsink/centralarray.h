/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_CENTRAL_ARRAY_H
#define ANPR_CENTRAL_ARRAY_H

#include "centralconnection.h"

G_BEGIN_DECLS

typedef struct _AnprCentralArray AnprCentralArray;

typedef enum {
  ANPR_CENTRAL_TEXTS,
  ANPR_CENTRAL_UUIDS,
  ANPR_CENTRAL_BYTES,
} AnprCentralArrayKind;

AnprCentralArray *anpr_central_array_new (AnprCentralArrayKind kind);
void anpr_central_array_free (AnprCentralArray *array);
void anpr_central_array_add_text (AnprCentralArray *array, const gchar *text);
void anpr_central_array_add_bytes (AnprCentralArray *array, GBytes *bytes);
gboolean anpr_central_array_add_uuid (
    AnprCentralArray *array, const gchar *uuid);
AnprCentralParameter anpr_central_array_end (AnprCentralArray *array);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprCentralArray, anpr_central_array_free)

G_END_DECLS

#endif
