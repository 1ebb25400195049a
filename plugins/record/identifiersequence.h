/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_RECORD_IDENTIFIER_SEQUENCE_H
#define ANPR_RECORD_IDENTIFIER_SEQUENCE_H

#include <glib.h>

G_BEGIN_DECLS

/**
 * AnprIdentifierSequence:
 * @lock: guards the rest
 * @stamp: of the last id: Unix time in milliseconds, then 12 bits of counter
 *
 * Ids that sort in the order they were made. All zero is a sequence that has
 * made none; it needs no clearing.
 */
typedef struct {
  GMutex lock;
  guint64 stamp;
} AnprIdentifierSequence;

gchar *anpr_identifier_sequence_next (
    AnprIdentifierSequence *sequence, gint64 utc);

G_END_DECLS

#endif
