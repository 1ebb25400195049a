/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_KEEP_JOB_H
#define ANPR_KEEP_JOB_H

#include "spool.h"

G_BEGIN_DECLS

enum { ANPR_KEEP_PLATE, ANPR_KEEP_VEHICLE, ANPR_KEEP_N_KINDS };

/**
 * AnprKeepJob:
 * @passage: closed
 * @hit: whether it has one
 * @bytes: of its stills before they are JPEGs
 * @busy: being worked on, so not to be dropped
 * @encoded: @images are made
 * @told: its line is written
 * @images: (array length=n_images): its stills as JPEGs
 * @n_images: how many
 *
 * A passage on its way into the spool.
 */
typedef struct {
  AnprPassage *passage;
  gboolean hit;
  guint64 bytes;
  gboolean busy;
  gboolean encoded;
  gboolean told;
  AnprSpoolImage images[ANPR_KEEP_N_KINDS];
  guint n_images;
} AnprKeepJob;

AnprKeepJob *anpr_keep_job_new (AnprPassage *passage);
void anpr_keep_job_free (AnprKeepJob *job);
guint anpr_keep_job_encode (AnprKeepJob *job, GError **error);

G_END_DECLS

#endif
