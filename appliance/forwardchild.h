/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_FORWARD_CHILD_H
#define ANPR_FORWARD_CHILD_H

#include "fleet.h"

G_BEGIN_DECLS

typedef struct _AnprForwardChild AnprForwardChild;

/**
 * AnprForwardDone:
 * @user_data: of the caller
 *
 * The process has ended, as asked.
 */
typedef void (*AnprForwardDone) (gpointer user_data);

AnprForwardChild *anpr_forward_child_new (AnprFleet *fleet);
void anpr_forward_child_free (AnprForwardChild *child);
void anpr_forward_child_apply (AnprForwardChild *child,
    const AnprConfiguration *configuration, gint64 now);
gboolean anpr_forward_child_stop (
    AnprForwardChild *child, AnprForwardDone done, gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprForwardChild, anpr_forward_child_free)

G_END_DECLS

#endif
