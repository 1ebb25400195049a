/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_CHILD_PROCESS_H
#define ANPR_CHILD_PROCESS_H

#include "linechannel.h"

G_BEGIN_DECLS

/* The descriptor by which a child speaks with its parent, if not otherwise */
#define ANPR_CHILD_CHANNEL 3
#define ANPR_CHILD_STANDARD_OUTPUT 1

/**
 * AnprChildLimits:
 * @memory: resident memory that is normal, bytes; the kernel refuses more than
 *     four times that of private memory
 * @nice: how much it gives way
 * @channel: descriptor by which it speaks, 0 for %ANPR_CHILD_CHANNEL
 */
typedef struct {
  guint64 memory;
  gint nice;
  gint channel;
} AnprChildLimits;

gint anpr_child_process_spawn (const gchar *const *arguments,
    const AnprChildLimits *limits, gint *channel, GError **error);
gchar *anpr_child_process_find (const gchar *name);
guint64 anpr_child_process_get_memory (gint pid);
gchar *anpr_child_process_explain_end (gint wait_status);

/* AnprBackOff: when to try again. Plain data, all zero before the first try */
typedef struct {
  guint tries;
} AnprBackOff;

guint anpr_back_off_next (AnprBackOff *back_off, gdouble longest_seconds);
void anpr_back_off_reset (AnprBackOff *back_off);

G_END_DECLS

#endif
