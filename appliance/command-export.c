/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* anprctl export: a spool's passages as files and pages for people. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "command.h"
#include "console.h"
#include "export.h"
#include "spoolfilter.h"
#include "spoolopen.h"

static gchar *output;

static const GOptionEntry entries[] = {
  { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
      "Folder to write to; made if it is not there", "FOLDER" },
  ANPR_SPOOL_KEY_ENTRY,
  ANPR_SPOOL_FILTER_ENTRIES,
  { NULL },
};

static AnprctlStatus
run (gchar **arguments)
{
  g_autoptr (GError) error = NULL;
  AnprSpoolFilter filter;
  g_auto (AnprExported) exported = { 0 };
  g_autofree gchar *line = NULL;

  if (g_strv_length (arguments) != 1)
    return anprctl_usage ("give one spool");
  if (!output)
    return anprctl_usage ("give a folder with --output");
  if (!anpr_spool_filter_take (&filter, &error))
    return anprctl_usage ("%s", error->message);
  if (!anpr_export (arguments[0], output, &filter, anpr_spool_filter_covert,
          &exported, &error))
    return anprctl_failed (arguments[0], error);
  line = g_strdup_printf ("%" G_GUINT64_FORMAT " passages, %" G_GUINT64_FORMAT
                          " pictures: %s",
      exported.passages, exported.stills, exported.index);
  anpr_console_print (line);
  return ANPRCTL_DONE;
}

const AnprctlCommand anprctl_command_export = {
  .name = "export",
  .arguments = "SPOOL",
  .summary = "Write the passages of a spool to a folder, with pages to read",
  .description =
      "Writes passages.jsonl (the records, a line of JSON each), stills/ (the\n"
      "pictures) and index.html (all of it to look at, hits first; the page "
      "needs\nno other file and no network). The records are complete; covert "
      "hits are on\nthe pages only with --show-covert.",
  .entries = entries,
  .run = run,
};
