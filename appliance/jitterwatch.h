/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_JITTER_WATCH_H
#define ANPR_JITTER_WATCH_H

#include <gst/gst.h>

G_BEGIN_DECLS

void anpr_jitter_watch (GstElement *buffer);

G_END_DECLS

#endif
