/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* anprctl: the command line of gst-anpr.
 *
 * The table below is the one place that knows the commands: parsing, anprctl
 * --help, anprctl COMMAND --help and the man page (manpage.c) are made from it.
 * Each command is one file, command-NAME.c.
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "command.h"
#include "chain.h"
#include "console.h"

#include <locale.h>
#include <stdio.h>

static const AnprctlCommand *const commands[] = {
  &anprctl_command_read,
  &anprctl_command_run,
  &anprctl_command_passages,
  &anprctl_command_export,
#ifdef HAVE_LIBPQ
  &anprctl_command_forward,
  &anprctl_command_central,
  &anprctl_command_search,
#endif
  &anprctl_command_verify,
  &anprctl_command_spool,
  &anprctl_command_lists,
  &anprctl_command_pipeline,
  &anprctl_command_position,
  &anprctl_command_status,
  &anprctl_command_account,
};

static gboolean show_version;
static gboolean show_man_page;
static gchar **remaining;

static const GOptionEntry main_entries[] = {
  { "version", 0, 0, G_OPTION_ARG_NONE, &show_version, "Show the version",
      NULL },
  { "man", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &show_man_page,
      "Print the man page", NULL },
  { NULL },
};

/**
 * anprctl_command_get:
 * @i: which
 *
 * Returns: (nullable): the command, %NULL behind the last one
 */
const AnprctlCommand *
anprctl_command_get (guint i)
{
  return i < G_N_ELEMENTS (commands) ? commands[i] : NULL;
}

/**
 * anprctl_failed:
 * @subject: what it is about: a file, an address
 * @error: what is wrong with it
 *
 * Returns: %ANPRCTL_FAILED, having said so on standard error
 */
AnprctlStatus
anprctl_failed (const gchar *subject, const GError *error)
{
  anpr_console_error (subject, error);
  return ANPRCTL_FAILED;
}

/**
 * anprctl_usage:
 * @format: what is wrong with the command line
 *
 * Returns: %ANPRCTL_USAGE, having said so on standard error
 */
AnprctlStatus
anprctl_usage (const gchar *format, ...)
{
  va_list arguments;
  g_autofree gchar *text = NULL;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  anpr_console_note ("%s: %s", g_get_prgname (), text);
  anpr_console_note ("\"%s --help\" shows what it takes.", g_get_prgname ());
  return ANPRCTL_USAGE;
}

/**
 * anprctl_run_action:
 * @actions: those of a command
 * @n_actions: how many
 * @arguments: the first names one of them
 * @otherwise: what to give, for one who gave none
 *
 * Returns: what the action does, or %ANPRCTL_USAGE
 */
AnprctlStatus
anprctl_run_action (const AnprctlAction *actions, guint n_actions,
    gchar **arguments, const gchar *otherwise)
{
  guint n = g_strv_length (arguments);

  for (guint i = 0; n > 0 && i < n_actions; i++) {
    if (!g_str_equal (arguments[0], actions[i].name))
      continue;
    if (n - 1 < actions[i].min_arguments || n - 1 > actions[i].max_arguments)
      return anprctl_usage ("wrong number of arguments for %s", arguments[0]);
    return actions[i].run (arguments + 1);
  }
  return anprctl_usage ("%s", otherwise);
}

static const AnprctlCommand *
find_command (const gchar *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++) {
    if (g_str_equal (commands[i]->name, name))
      return commands[i];
  }
  return NULL;
}

static GOptionContext *
main_context (void)
{
  GOptionContext *context = g_option_context_new ("COMMAND [ARGUMENT…]");
  g_autoptr (GString) text = g_string_new (ANPRCTL_SUMMARY ".\n\nCommands:\n");

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    g_string_append_printf (
        text, "  %-10s  %s\n", commands[i]->name, commands[i]->summary);
  g_option_context_set_summary (context, text->str);
  g_option_context_set_description (context,
      "\"anprctl COMMAND --help\" tells more about each.\n\n"
      "Exit status: 0 all done; 1 some failed, each named on standard error "
      "with\na stable code; 2 wrong usage.\n");
  g_option_context_set_strict_posix (context, TRUE);
  g_option_context_add_main_entries (context, main_entries, NULL);
  return context;
}

static AnprctlStatus
run_command (const AnprctlCommand *command, gchar ***arguments)
{
  /* as a description of its own the arguments would widen the column of options */
  const GOptionEntry rest[] = {
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &remaining, NULL,
        NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context =
      g_option_context_new (*command->arguments ? command->arguments : NULL);
  g_autofree gchar *name = g_strconcat ("anprctl ", command->name, NULL);
  g_autoptr (GError) error = NULL;
  gchar *none[] = { NULL };

  g_set_prgname (name);
  g_option_context_set_summary (context, command->description);
  g_option_context_add_main_entries (context, command->entries, NULL);
  g_option_context_add_main_entries (context, rest, NULL);
  if (!g_option_context_parse_strv (context, arguments, &error))
    return anprctl_usage ("%s", error->message);
  return command->run (remaining ? remaining : none);
}

static AnprctlStatus
run_main (gchar ***arguments)
{
  g_autoptr (GOptionContext) context = main_context ();
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) rest = NULL;
  const AnprctlCommand *command;

  if (!g_option_context_parse_strv (context, arguments, &error))
    return anprctl_usage ("%s", error->message);
  if (show_version) {
    anpr_console_print ("anprctl " PACKAGE_VERSION);
    return ANPRCTL_DONE;
  }
  if (show_man_page) {
    g_autofree gchar *page = anprctl_man_page ();

    anpr_console_print (page);
    return ANPRCTL_DONE;
  }
  if (!(*arguments)[0] || !(*arguments)[1])
    return anprctl_usage ("a command is missing");
  command = find_command ((*arguments)[1]);
  if (!command)
    return anprctl_usage ("there is no command \"%s\"", (*arguments)[1]);
  rest = g_strdupv (*arguments + 1);
  return run_command (command, &rest);
}

int
main (int argc, char **argv)
{
  g_auto (GStrv) arguments = g_strdupv (argv);
  AnprctlStatus status;

  /* characters as the user's terminal has them; numbers stay in C form, since
   * other programs read them */
  setlocale (LC_CTYPE, "");
  g_set_prgname ("anprctl");
  status = run_main (&arguments);
  g_clear_pointer (&remaining, g_strfreev);
  anpr_chain_shut_down ();
  return anpr_console_close () ? status : MAX (status, ANPRCTL_FAILED);
}
