/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What anprctl writes to its user.
 *
 * Results go to standard output, a line each, flushed at once. Faults go to
 * standard error, a line each: whom, stable code, what, what to do. On a
 * terminal the last line of standard error is a status line, which gives way to
 * every other line and comes back.
 *
 * Texts from outside (plates, lists, file names) pass anpr_console_clean(), so
 * that none of them can drive the terminal.
 *
 * Main thread only.
 */

#include "console.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEFAULT_COLUMNS 80

static const gchar *const escapes[ANPR_N_STYLES] = {
  [ANPR_STYLE_PLAIN] = "",
  [ANPR_STYLE_PLATE] = "\033[1m",
  [ANPR_STYLE_HIT] = "\033[1;41;97m",
  [ANPR_STYLE_FAINT] = "\033[2m",
  [ANPR_STYLE_WARNING] = "\033[33m",
};

/* shown now on the last line, NULL none */
static gchar *status;

static gboolean
is_terminal (gint descriptor)
{
  const gchar *terminal = g_getenv ("TERM");

  return isatty (descriptor) && g_strcmp0 (terminal, "dumb") != 0;
}

static gboolean
has_colours (void)
{
  const gchar *no_colour = g_getenv ("NO_COLOR");

  return is_terminal (STDOUT_FILENO) && (!no_colour || !*no_colour);
}

static void
hide_status (void)
{
  if (status)
    fputs ("\r\033[K", stderr);
}

static void
show_status (void)
{
  if (status)
    fputs (status, stderr);
  fflush (stderr);
}

/**
 * anpr_console_has_status:
 *
 * Returns: whether there is a terminal for a status line
 */
gboolean
anpr_console_has_status (void)
{
  return is_terminal (STDERR_FILENO);
}

/* A line that wraps could not be taken away again */
static gchar *
fit_terminal (const gchar *text)
{
  struct winsize size = { 0 };
  glong columns = DEFAULT_COLUMNS;

  if (ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
    columns = size.ws_col;
  return g_utf8_substring (
      text, 0, MIN (g_utf8_strlen (text, -1), columns - 1));
}

/**
 * anpr_console_status:
 * @text: (nullable): the status line from now on, %NULL takes it away; nothing
 *     happens where standard error is no terminal
 */
void
anpr_console_status (const gchar *text)
{
  if (!anpr_console_has_status ())
    return;
  hide_status ();
  g_free (status);
  status = text ? fit_terminal (text) : NULL;
  show_status ();
}

/**
 * anpr_console_print:
 * @line: a result, without the line's end
 */
void
anpr_console_print (const gchar *line)
{
  hide_status ();
  if (status)
    fflush (stderr);
  fputs (line, stdout);
  fputc ('\n', stdout);
  fflush (stdout);
  show_status ();
}

/**
 * anpr_console_note:
 * @format: a line for standard error, without the line's end
 */
void
anpr_console_note (const gchar *format, ...)
{
  va_list arguments;
  g_autofree gchar *line = NULL, *clean = NULL;

  va_start (arguments, format);
  line = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  clean = anpr_console_clean (line);
  hide_status ();
  fputs (clean, stderr);
  fputc ('\n', stderr);
  show_status ();
}

/**
 * anpr_console_fault:
 * @subject: the file, camera or option it is about
 * @code: stable code
 * @message: what happened
 * @advice: (nullable): what the user can do
 */
void
anpr_console_fault (const gchar *subject, const gchar *code,
    const gchar *message, const gchar *advice)
{
  g_autofree gchar *text = g_strchomp (g_strdup (message));
  gboolean stop = *text && strchr (".?!", text[strlen (text) - 1]);

  anpr_console_note ("%s: %s: %s%s%s%s", subject, code, text, stop ? "" : ".",
      advice && *advice ? " " : "", advice ? advice : "");
}

/**
 * anpr_console_error:
 * @subject: the file, camera or option it is about
 * @error: what happened
 */
void
anpr_console_error (const gchar *subject, const GError *error)
{
  anpr_console_fault (subject, anpr_error_name (error), error->message,
      error->domain == ANPR_ERROR ? anpr_error_code_advice (error->code)
                                  : NULL);
}

/**
 * anpr_console_close:
 *
 * Takes the status line away and ends standard output.
 *
 * Returns: %FALSE, having said so, if results could not be written
 */
gboolean
anpr_console_close (void)
{
  anpr_console_status (NULL);
  if (!ferror (stdout) && fflush (stdout) == 0)
    return TRUE;
  anpr_console_fault (g_get_prgname (),
      anpr_error_code_name (ANPR_ERROR_OUTPUT),
      "not all results could be written to standard output",
      anpr_error_code_advice (ANPR_ERROR_OUTPUT));
  return FALSE;
}

/**
 * anpr_console_styled:
 * @style: how
 * @text: clean text
 *
 * Returns: (transfer full): @text for standard output, with colours only on a
 *     terminal and not with NO_COLOR
 */
gchar *
anpr_console_styled (AnprStyle style, const gchar *text)
{
  if (style == ANPR_STYLE_PLAIN || !has_colours ())
    return g_strdup (text);
  return g_strconcat (escapes[style], text, "\033[0m", NULL);
}

/**
 * anpr_console_clean:
 * @text: from outside, any bytes
 *
 * Returns: (transfer full): @text as valid UTF-8 with control and format
 *     characters made visible as "?"
 */
gchar *
anpr_console_clean (const gchar *text)
{
  g_autofree gchar *valid = g_utf8_make_valid (text, -1);
  GString *clean = g_string_sized_new (strlen (valid));

  for (const gchar *at = valid; *at; at = g_utf8_next_char (at)) {
    gunichar sign = g_utf8_get_char (at);
    gboolean drives =
        g_unichar_iscntrl (sign) || g_unichar_type (sign) == G_UNICODE_FORMAT;

    g_string_append_unichar (clean, drives ? '?' : sign);
  }
  return g_string_free (clean, FALSE);
}
