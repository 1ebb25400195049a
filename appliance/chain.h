/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_CHAIN_H
#define ANPR_CHAIN_H

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _AnprChain AnprChain;

/* AnprFault: an error or warning of a chain in words for its user */
typedef struct {
  gboolean fatal;    /* nothing more comes of this input */
  gboolean of_input; /* not of the chain itself: another input may go well */
  gchar *code;
  gchar *message;
  gchar *advice;
} AnprFault;

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
gboolean anpr_fault_parse (
    GstMessage *message, gboolean of_input, AnprFault *fault);
void anpr_fault_clear (AnprFault *fault);

gboolean anpr_media_is_picture (const gchar *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprChain, anpr_chain_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AnprFault, anpr_fault_clear)

G_END_DECLS

#endif
