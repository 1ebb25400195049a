/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_MODEL_FILE_H
#define ANPR_MODEL_FILE_H

#include <glib.h>

G_BEGIN_DECLS

/* First bytes of a model file */
#define ANPR_MODEL_MAGIC "ANPRNET\n"
#define ANPR_MODEL_MAGIC_SIZE 8

/* The format this version knows */
#define ANPR_MODEL_VERSION 1

/* Bytes before the weights, and most bytes of weights */
#define ANPR_MODEL_HEADER_SIZE 56
#define ANPR_MODEL_MAX_WEIGHTS (64 * 1024 * 1024)

/* What a network is for */
typedef enum {
  ANPR_MODEL_DETECTOR = 1,
  ANPR_MODEL_READER = 2,
} AnprModelPurpose;

gboolean anpr_model_file_check (
    const gchar *path, AnprModelPurpose purpose, GError **error);

G_END_DECLS

#endif
