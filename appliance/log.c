/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What anprd tells its log: to the journal with fields where standard error is
 * the journal, else as lines.
 *
 * Fields beside MESSAGE and PRIORITY: ANPR_POSITION, ANPR_CODE. Texts from
 * outside are cleaned, so that none can drive a terminal or forge a line.
 *
 * Main thread only.
 */

#include "log.h"
#include "console.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const gchar *
get_field (const GLogField *fields, gsize n_fields, const gchar *key)
{
  for (gsize i = 0; i < n_fields; i++) {
    if (g_str_equal (fields[i].key, key))
      return fields[i].value;
  }
  return NULL;
}

/* What libraries say for their makers is left out, unless G_MESSAGES_DEBUG asks
 * for it: the journal would take it */
static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields,
    gpointer unused)
{
  const gchar *message = get_field (fields, n_fields, "MESSAGE");

  if (g_log_writer_default_would_drop (
          level, get_field (fields, n_fields, "GLIB_DOMAIN")))
    return G_LOG_WRITER_HANDLED;
  if (g_log_writer_is_journald (STDERR_FILENO)
      && g_log_writer_journald (level, fields, n_fields, NULL)
             == G_LOG_WRITER_HANDLED)
    return G_LOG_WRITER_HANDLED;
  if (level & (G_LOG_LEVEL_INFO | G_LOG_LEVEL_DEBUG))
    return g_log_writer_default (level, fields, n_fields, NULL);
  if (message)
    fprintf (stderr, "%s\n", message);
  fflush (stderr);
  return G_LOG_WRITER_HANDLED;
}

/**
 * anpr_log_set_up:
 *
 * Once, before anything is logged.
 */
void
anpr_log_set_up (void)
{
  g_log_set_writer_func (write_log, NULL, NULL);
}

static void
log_line (GLogLevelFlags level, const gchar *position, const gchar *code,
    const gchar *text)
{
  g_autofree gchar *clean = anpr_console_clean (text);
  const gchar *priority = level == G_LOG_LEVEL_WARNING ? "4" : "5";
  GLogField fields[5] = {
    { "MESSAGE", clean, -1 },
    { "PRIORITY", priority, -1 },
    { "SYSLOG_IDENTIFIER", g_get_prgname (), -1 },
  };
  gsize n = 3;

  if (position)
    fields[n++] = (GLogField){ "ANPR_POSITION", position, -1 };
  if (code)
    fields[n++] = (GLogField){ "ANPR_CODE", code, -1 };
  g_log_structured_array (level, fields, n);
}

/**
 * anpr_log_note:
 * @position: (nullable): the position it is about
 * @format: what happened
 */
void
anpr_log_note (const gchar *position, const gchar *format, ...)
{
  g_autofree gchar *text = NULL, *line = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  line =
      position ? g_strdup_printf ("%s: %s", position, text) : g_strdup (text);
  log_line (G_LOG_LEVEL_MESSAGE, position, NULL, line);
}

/**
 * anpr_log_fault:
 * @position: (nullable): the position it is about
 * @code: stable code
 * @message: what is wrong
 * @advice: (nullable): what to do
 */
void
anpr_log_fault (const gchar *position, const gchar *code, const gchar *message,
    const gchar *advice)
{
  gboolean stops = *message && strchr (".?!", message[strlen (message) - 1]);
  g_autofree gchar *line = g_strdup_printf ("%s%s%s: %s%s%s%s",
      position ? position : "", position ? ": " : "", code, message,
      stops ? "" : ".", advice && *advice ? " " : "", advice ? advice : "");

  log_line (G_LOG_LEVEL_WARNING, position, code, line);
}
