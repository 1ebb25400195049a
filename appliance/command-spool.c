/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* anprctl spool: keys of spools, what was erased, and erasing what is due. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "command.h"
#include "console.h"
#include "spoolopen.h"
#include "../plugins/anprsink/spoolreport.h"
#include "../plugins/anprsink/spoolretention.h"

static gboolean change;
static gint ahead_hours;

static const GOptionEntry entries[] = {
  { "change", 0, 0, G_OPTION_ARG_NONE, &change,
      "For key: put a new key before those in the file", NULL },
  { "ahead", 0, 0, G_OPTION_ARG_INT, &ahead_hours,
      "For expire: erase what becomes due within so many hours, too, until it "
      "is run again",
      "HOURS" },
  ANPR_SPOOL_KEY_ENTRY,
  { NULL },
};

static AnprctlStatus
make_key (const gchar *file)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnprSpoolKeys) keys = NULL;
  g_autofree gchar *id = NULL;
  g_autofree gchar *line = NULL;

  if (!(change ? anpr_spool_key_change (file, &error)
               : anpr_spool_key_make (file, &error)))
    return anprctl_failed (file, error);
  keys = anpr_spool_keys_load (file, &error);
  if (!keys)
    return anprctl_failed (file, error);
  id = anpr_spool_keys_get_id (keys);
  line = g_strdup_printf ("key %s", id);
  anpr_console_print (line);
  return ANPRCTL_DONE;
}

static gboolean
print_entry (guint64 number, const gchar *entry, gpointer user_data)
{
  anpr_console_print (entry);
  return TRUE;
}

static AnprctlStatus
report (const gchar *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnprSpool) spool =
      anpr_spool_open_with_option (path, ANPR_SPOOL_READ, &error);

  if (!spool || !anpr_spool_visit_report (spool, print_entry, NULL, &error))
    return anprctl_failed (path, error);
  return ANPRCTL_DONE;
}

static AnprctlStatus
expire (const gchar *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnprSpool) spool = NULL;
  g_autofree gchar *line = NULL;
  AnprSpoolExpired expired;

  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    anpr_console_fault (path, anpr_error_code_name (ANPR_ERROR_SPOOL_OPEN),
        "there is no such spool",
        anpr_error_code_advice (ANPR_ERROR_SPOOL_OPEN));
    return ANPRCTL_FAILED;
  }
  spool = anpr_spool_open_with_option (path, ANPR_SPOOL_WRITE, &error);
  if (!spool
      || !anpr_spool_expire (
          spool, ahead_hours * G_TIME_SPAN_HOUR, &expired, &error))
    return anprctl_failed (path, error);
  line = g_strdup_printf ("%" G_GUINT64_FORMAT
                          " passages erased, %" G_GUINT64_FORMAT
                          " of them never delivered",
      expired.passages, expired.undelivered);
  anpr_console_print (line);
  return ANPRCTL_DONE;
}

static const struct {
  const gchar *name;
  AnprctlStatus (*run) (const gchar *file);
} actions[] = {
  { "key", make_key },
  { "report", report },
  { "expire", expire },
};

static AnprctlStatus
run (gchar **arguments)
{
  if (ahead_hours < 0)
    return anprctl_usage ("--ahead takes hours from 0 on");
  if (g_strv_length (arguments) != 2)
    return anprctl_usage ("give key, report or expire, and one file");
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++) {
    if (g_str_equal (actions[i].name, arguments[0]))
      return actions[i].run (arguments[1]);
  }
  return anprctl_usage ("there is no \"%s\" of a spool", arguments[0]);
}

const AnprctlCommand anprctl_command_spool = {
  .name = "spool",
  .arguments = "key|report|expire FILE",
  .summary = "Make a spool's key, see what was erased, erase what is due",
  .description =
      "key FILE makes a key file that only its owner can read; with --change "
      "it\n"
      "puts a new key before those that are there, which still open what they\n"
      "have sealed.\n\n"
      "report SPOOL prints the report of erasures, a line of JSON an entry.\n\n"
      "expire SPOOL erases what has been kept for as long as it may be. "
      "Whoever\n"
      "records into the spool does that every ten minutes; this is for a "
      "spool\n"
      "that nobody records into any more.",
  .entries = entries,
  .run = run,
};
