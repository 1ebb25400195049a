/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_CHAIN_H
#define ANPR_CHAIN_H

#include "fault.h"

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _AnprChain AnprChain;

AnprChain *anpr_chain_new (const gchar *description, GError **error);
void anpr_chain_free (AnprChain *chain);

GstElement *anpr_chain_get (AnprChain *chain, const gchar *name);
gboolean anpr_chain_set (AnprChain *chain, const gchar *name,
    const gchar *property, const gchar *value);
GstElement *anpr_chain_get_pipeline (AnprChain *chain);
GstBus *anpr_chain_get_bus (AnprChain *chain);

GstStateChangeReturn anpr_chain_open_file (AnprChain *chain, const gchar *path);
GstStateChangeReturn anpr_chain_open_uri (
    AnprChain *chain, const gchar *uri, guint latency);
void anpr_chain_drain (AnprChain *chain);
gboolean anpr_chain_close (AnprChain *chain);
void anpr_chain_shut_down (void);

guint64 anpr_chain_get_n_frames (AnprChain *chain);
gboolean anpr_chain_ended_early (AnprChain *chain);
gboolean anpr_chain_parse_fault (
    AnprChain *chain, GstMessage *message, AnprFault *fault);

gboolean anpr_media_is_picture (const gchar *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprChain, anpr_chain_free)

G_END_DECLS

#endif
