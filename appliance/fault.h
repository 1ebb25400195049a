/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_FAULT_H
#define ANPR_FAULT_H

#include <gst/gst.h>

G_BEGIN_DECLS

/* AnprFault: an error or warning of a pipeline in words for its user */
typedef struct {
  gboolean fatal;    /* nothing more comes of this input */
  gboolean of_input; /* not of the pipeline itself: another input may go well */
  gboolean refused;  /* user or password are not right */
  gchar *code;
  gchar *message;
  gchar *advice;
} AnprFault;

gboolean anpr_fault_parse (
    GstMessage *message, gboolean of_input, AnprFault *fault);
void anpr_fault_clear (AnprFault *fault);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AnprFault, anpr_fault_clear)

G_END_DECLS

#endif
