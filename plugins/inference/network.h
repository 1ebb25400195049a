/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_NETWORK_H
#define ANPR_NETWORK_H

#include "modelfile.h"

G_BEGIN_DECLS

typedef struct _AnprNetwork AnprNetwork;

AnprNetwork *anpr_network_new (
    AnprModel *model, guint width, guint height, GError **error);
void anpr_network_free (AnprNetwork *network);
gboolean anpr_network_resize (
    AnprNetwork *network, guint width, guint height, GError **error);
gfloat *anpr_network_input (AnprNetwork *network);
gboolean anpr_network_run (AnprNetwork *network);
const gfloat *anpr_network_output (const AnprNetwork *network, guint number,
    guint *width, guint *height, guint *channels);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprNetwork, anpr_network_free)

G_END_DECLS

#endif
