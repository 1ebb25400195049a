/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Pipeline files of any bytes: taken, or refused with a reason. What is taken
 * prints one line once its parameters have values, and refuses a parameter it
 * does not have. */

#include "fuzz.h"
#include "appliance/pipelinefile.h"

#include <string.h>

static void
check_print (const AnprPipelineFile *file)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) values = NULL;
  g_autofree gchar *line = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < anpr_pipeline_file_get_n_parameters (file); i++) {
    g_autofree gchar *value = g_strdup_printf (
        "%s=1", anpr_pipeline_file_get_parameter (file, i)->name);

    g_strv_builder_add (builder, value);
  }
  values = g_strv_builder_end (builder);
  line = anpr_pipeline_file_print (file, (const gchar *const *) values, &error);
  g_assert ((line != NULL) == (error == NULL));
  if (line)
    g_assert (strpbrk (line, "\r\n") == NULL);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  static const gchar *const unknown[] = { "no such parameter=1", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (AnprPipelineFile) file =
      anpr_pipeline_file_parse ((const gchar *) data, size, &error);
  g_autofree gchar *line = NULL;

  g_assert ((file != NULL) == (error == NULL));
  if (!file)
    return 0;
  check_print (file);
  line = anpr_pipeline_file_print (file, unknown, &error);
  g_assert (line == NULL && error != NULL);
  return 0;
}
