/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PIPELINE_STOPPER_H
#define ANPR_PIPELINE_STOPPER_H

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _AnprPipelineStopper AnprPipelineStopper;

/* AnprStopFunc: what else is to be done for @object, in the thread that stops */
typedef void (*AnprStopFunc) (GstObject *object);

AnprPipelineStopper *anpr_pipeline_stopper_new (
    GstElement *pipeline, GstPad *entrance);
void anpr_pipeline_stopper_free (AnprPipelineStopper *stopper);

void anpr_pipeline_stopper_drain (AnprPipelineStopper *stopper);
gboolean anpr_pipeline_stopper_stop (AnprPipelineStopper *stopper,
    AnprStopFunc then, GstObject *object, guint milliseconds);
gboolean anpr_pipeline_stopper_any_left_behind (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprPipelineStopper, anpr_pipeline_stopper_free)

G_END_DECLS

#endif
