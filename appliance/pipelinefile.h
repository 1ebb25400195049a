/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PIPELINE_FILE_H
#define ANPR_PIPELINE_FILE_H

#include <glib.h>

G_BEGIN_DECLS

#define ANPR_PIPELINE_FILE_SUFFIX ".launch"

/* Bounds of a pipeline file; a larger one is refused */
#define ANPR_PIPELINE_FILE_MAX_SIZE (64 * 1024)
#define ANPR_PIPELINE_FILE_MAX_PARAMETERS 32
#define ANPR_PIPELINE_FILE_MAX_NAME 32
/* Longest value given for a parameter, bytes */
#define ANPR_PIPELINE_FILE_MAX_VALUE 4096

typedef struct _AnprPipelineFile AnprPipelineFile;

/* AnprPipelineKind: what a parameter takes. The name in a pipeline file is that
 * of anpr_pipeline_kind_to_string(). */
typedef enum {
  ANPR_PIPELINE_KIND_PATH,
  ANPR_PIPELINE_KIND_URI,
  ANPR_PIPELINE_KIND_NAME,
  ANPR_PIPELINE_KIND_ELEMENT,
  ANPR_PIPELINE_KIND_NUMBER,
  ANPR_PIPELINE_KIND_FRACTION,
  ANPR_PIPELINE_N_KINDS,
} AnprPipelineKind;

/**
 * AnprPipelineParameter:
 * @name: lower case letters, digits and "-", as written between ${ and }
 * @kind: what it takes
 * @description: one sentence or more
 * @fallback: (nullable): its value if none is given, %NULL if one must be; ""
 *     leaves the property out
 */
typedef struct {
  gchar *name;
  AnprPipelineKind kind;
  gchar *description;
  gchar *fallback;
} AnprPipelineParameter;

AnprPipelineFile *anpr_pipeline_file_parse (
    const gchar *text, gsize length, GError **error);
AnprPipelineFile *anpr_pipeline_file_load (const gchar *path, GError **error);
AnprPipelineFile *anpr_pipeline_file_find (
    const gchar *name, const gchar *folder, GError **error);
const gchar *anpr_pipeline_file_get_folder (void);
void anpr_pipeline_file_free (AnprPipelineFile *file);

const gchar *anpr_pipeline_file_get_summary (const AnprPipelineFile *file);
const gchar *anpr_pipeline_file_get_description (const AnprPipelineFile *file);
guint anpr_pipeline_file_get_n_parameters (const AnprPipelineFile *file);
const AnprPipelineParameter *anpr_pipeline_file_get_parameter (
    const AnprPipelineFile *file, guint i);
gchar *anpr_pipeline_file_print (const AnprPipelineFile *file,
    const gchar *const *assignments, GError **error);

const gchar *anpr_pipeline_kind_to_string (AnprPipelineKind kind);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprPipelineFile, anpr_pipeline_file_free)

G_END_DECLS

#endif
