/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* anprctl pipeline: lists, explains and prints the pipeline files. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "command.h"
#include "console.h"
#include "pipelinefile.h"
#include "../plugins/record/folder.h"

#include <string.h>

static gboolean elements_only;

static const GOptionEntry entries[] = {
  { "elements", 0, 0, G_OPTION_ARG_NONE, &elements_only,
      "Print the elements alone, for gst_parse_launch()", NULL },
  { NULL },
};

static GPtrArray *
find_names (GError **error)
{
  g_autoptr (GDir) folder =
      g_dir_open (anpr_pipeline_file_get_folder (), 0, error);
  GPtrArray *names;
  const gchar *entry;

  if (!folder)
    return NULL;
  names = g_ptr_array_new_with_free_func (g_free);
  while ((entry = g_dir_read_name (folder))) {
    if (g_str_has_suffix (entry, ANPR_PIPELINE_FILE_SUFFIX))
      g_ptr_array_add (
          names, g_strndup (entry,
                     strlen (entry) - strlen (ANPR_PIPELINE_FILE_SUFFIX)));
  }
  g_ptr_array_sort (names, anpr_folder_compare_names);
  return names;
}

static AnprctlStatus
report (const gchar *subject, const GError *error)
{
  anpr_console_error (subject, error);
  return g_error_matches (error, ANPR_ERROR, ANPR_ERROR_PIPELINE_PARAMETER)
                 || g_error_matches (
                     error, ANPR_ERROR, ANPR_ERROR_PIPELINE_NAME)
             ? ANPRCTL_USAGE
             : ANPRCTL_FAILED;
}

static AnprctlStatus
list (gchar **arguments)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) names = find_names (&error);
  AnprctlStatus status = ANPRCTL_DONE;

  if (!names) {
    anpr_console_fault (anpr_pipeline_file_get_folder (),
        anpr_error_code_name (ANPR_ERROR_PIPELINE_NAME), error->message,
        "Set ANPR_PIPELINES to the folder of the pipeline files.");
    return ANPRCTL_FAILED;
  }
  for (guint i = 0; i < names->len; i++) {
    const gchar *name = g_ptr_array_index (names, i);
    g_autoptr (GError) fault = NULL;
    g_autoptr (AnprPipelineFile) file =
        anpr_pipeline_file_find (name, NULL, &fault);
    g_autofree gchar *line = NULL;

    if (!file) {
      anpr_console_error (name, fault);
      status = ANPRCTL_FAILED;
      continue;
    }
    line = g_strdup_printf (
        "%-12s  %s", name, anpr_pipeline_file_get_summary (file));
    anpr_console_print (line);
  }
  return status;
}

static void
append_parameter (GString *text, const AnprPipelineParameter *parameter)
{
  g_string_append_printf (text, "  %s (%s): %s", parameter->name,
      anpr_pipeline_kind_to_string (parameter->kind), parameter->description);
  if (!parameter->fallback)
    g_string_append (text, " [must be given]\n");
  else if (*parameter->fallback)
    g_string_append_printf (text, " [%s]\n", parameter->fallback);
  else
    g_string_append_c (text, '\n');
}

static AnprctlStatus
show (gchar **arguments)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnprPipelineFile) file =
      anpr_pipeline_file_find (arguments[0], NULL, &error);
  g_autoptr (GString) text = g_string_new (NULL);

  if (!file)
    return report (arguments[0], error);
  g_string_append_printf (text, "%s\n", anpr_pipeline_file_get_summary (file));
  if (*anpr_pipeline_file_get_description (file))
    g_string_append_printf (
        text, "\n%s\n", anpr_pipeline_file_get_description (file));
  g_string_append (text, "\nParameters:\n");
  for (guint i = 0; i < anpr_pipeline_file_get_n_parameters (file); i++)
    append_parameter (text, anpr_pipeline_file_get_parameter (file, i));
  g_string_truncate (text, text->len - 1);
  anpr_console_print (text->str);
  return ANPRCTL_DONE;
}

static AnprctlStatus
print (gchar **arguments)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnprPipelineFile) file =
      anpr_pipeline_file_find (arguments[0], NULL, &error);
  g_autofree gchar *elements = NULL, *line = NULL;

  if (file)
    elements = anpr_pipeline_file_print (
        file, (const gchar *const *) arguments + 1, &error);
  if (!elements)
    return report (arguments[0], error);
  /* -e: an interrupt ends the stream, so that open passages are kept */
  line =
      g_strconcat (elements_only ? "" : "gst-launch-1.0 -e ", elements, NULL);
  anpr_console_print (line);
  return ANPRCTL_DONE;
}

/* What may follow "anprctl pipeline"; arguments are those behind it */
static const AnprctlAction actions[] = {
  { "list", 0, 0, list },
  { "show", 1, 1, show },
  { "print", 1, G_MAXUINT, print },
};

static AnprctlStatus
run (gchar **arguments)
{
  return anprctl_run_action (actions, G_N_ELEMENTS (actions), arguments,
      "give list, show NAME or print NAME [KEY=VALUE…]");
}

const AnprctlCommand anprctl_command_pipeline = {
  .name = "pipeline",
  .arguments = "list | show NAME | print NAME [KEY=VALUE…]",
  .summary = "Show ready pipelines for gst-launch-1.0",
  .description =
      "list names the pipelines, show tells what one does and which parameters "
      "it\nhas, print writes it as a command line that runs as it stands, in a "
      "terminal\nor so:\n\n"
      "  eval \"$(anprctl pipeline print file file=sample.mp4)\"\n\n"
      "A NAME with a slash is the path of a pipeline file of your own.",
  .entries = entries,
  .run = run,
};
