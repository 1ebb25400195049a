/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The man page, from the same table as --help. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "command.h"

#include <string.h>

static void
append_text (GString *page, const gchar *text)
{
  for (const gchar *at = text; *at; at++) {
    gboolean line_start = page->len == 0 || page->str[page->len - 1] == '\n';

    if (line_start && (*at == '.' || *at == '\''))
      g_string_append (page, "\\&");
    if (*at == '\\')
      g_string_append (page, "\\e");
    else if (*at == '-')
      g_string_append (page, "\\-");
    else if (g_str_has_prefix (at, "…")) {
      g_string_append (page, "...");
      at += strlen ("…") - 1;
    } else
      g_string_append_c (page, *at);
  }
}

static void
append_paragraphs (GString *page, const gchar *text)
{
  g_auto (GStrv) paragraphs = g_strsplit (text, "\n\n", -1);

  for (guint i = 0; paragraphs[i]; i++) {
    gboolean as_it_is = paragraphs[i][0] == ' ';

    g_string_append (page, as_it_is ? ".PP\n.nf\n" : ".PP\n");
    append_text (page, paragraphs[i]);
    g_string_append (page, as_it_is ? "\n.fi\n" : "\n");
  }
}

static void
append_option (GString *page, const GOptionEntry *entry)
{
  g_string_append (page, ".TP\n.B ");
  if (entry->short_name)
    g_string_append_printf (page, "\\-%c, ", entry->short_name);
  append_text (page, "--");
  append_text (page, entry->long_name);
  if (entry->arg_description) {
    g_string_append (page, "=\\fI");
    append_text (page, entry->arg_description);
    g_string_append (page, "\\fR");
  }
  g_string_append_c (page, '\n');
  append_text (page, entry->description);
  g_string_append (page, ".\n");
}

static void
append_command (GString *page, const AnprctlCommand *command)
{
  g_string_append (page, ".SS anprctl ");
  append_text (page, command->name);
  g_string_append (page, " [OPTION...] ");
  append_text (page, command->arguments);
  g_string_append_c (page, '\n');
  append_text (page, command->summary);
  g_string_append (page, ".\n");
  append_paragraphs (page, command->description);
  for (const GOptionEntry *entry = command->entries; entry->long_name; entry++)
    append_option (page, entry);
}

/**
 * anprctl_man_page:
 *
 * Returns: (transfer full): anprctl(1) in roff
 */
gchar *
anprctl_man_page (void)
{
  GString *page = g_string_new (
      ".TH ANPRCTL 1 \"\" \"gst-anpr " PACKAGE_VERSION "\" \"User Commands\"\n"
      ".SH NAME\nanprctl \\- ");

  append_text (page, ANPRCTL_SUMMARY);
  g_string_append (page,
      "\n.SH SYNOPSIS\n.B anprctl\n[\\-\\-help] [\\-\\-version]\n"
      ".I COMMAND\n[ARGUMENT...]\n.SH COMMANDS\n");
  for (guint i = 0; anprctl_command_get (i); i++)
    append_command (page, anprctl_command_get (i));
  g_string_append (page,
      ".SH EXIT STATUS\n"
      ".TP\n.B 0\nall done\n"
      ".TP\n.B 1\nsome failed; each is named on standard error with a stable "
      "code\n"
      ".TP\n.B 2\nwrong usage\n"
      ".SH ENVIRONMENT\n"
      ".TP\n.B NO_COLOR\nif set and not empty, no colours are used\n"
      ".TP\n.B ANPR_MODELS\nfolder of the models that find and read plates, "
      "instead "
      "of the installed one\n"
      ".TP\n.B ANPR_PIPELINES\nfolder of pipeline files, instead of the "
      "installed one\n"
      ".TP\n.B ANPR_CENTRAL\naddress of the central database, for central, "
      "forward and "
      "search\n"
      ".TP\n.B ANPR_REDIS\naddress of the Redis server with the lists\n"
      ".TP\n.B ANPR_REDIS_PASSWORD\npassword for it, if no file holds it\n"
      ".TP\n.B GST_DEBUG\nwhat GStreamer logs; see gst\\-launch\\-1.0(1)\n"
      ".SH SEE ALSO\ngst\\-launch\\-1.0(1), gst\\-inspect\\-1.0(1)");
  return g_string_free (page, FALSE);
}
