/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* anprctl passages: the passages of a spool as a table or as JSON lines. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "command.h"
#include "console.h"
#include "recordtext.h"
#include "spoolfilter.h"
#include "spoolopen.h"

static gboolean as_json;

static const GOptionEntry entries[] = {
  { "json", 0, 0, G_OPTION_ARG_NONE, &as_json,
      "Print the records as kept, a line of JSON each, covert hits included",
      NULL },
  ANPR_SPOOL_KEY_ENTRY,
  ANPR_SPOOL_FILTER_ENTRIES,
  { NULL },
};

typedef struct {
  guint64 n;
  gboolean failed;
} Listing;

/* A passage whose hits are all covert must not show by standing in a list of
 * hits */
static gboolean
must_hide (const AnprRecordView *view)
{
  return anpr_spool_filter_hits && !anpr_spool_filter_covert
         && anpr_record_view_count_hits (view, FALSE) == 0;
}

static gboolean
show_passage (guint64 sequence, const gchar *record, gpointer user_data)
{
  Listing *listing = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (AnprRecordView) view = NULL;
  g_autofree gchar *text = NULL, *line = NULL;

  if (as_json) {
    anpr_console_print (record);
    listing->n++;
    return TRUE;
  }
  view = anpr_record_view_parse (record, &error);
  if (!view) {
    anpr_console_fault ("passages",
        anpr_error_code_name (ANPR_ERROR_SPOOL_OPEN), error->message,
        anpr_error_code_advice (ANPR_ERROR_SPOOL_OPEN));
    listing->failed = TRUE;
    return TRUE;
  }
  if (must_hide (view))
    return TRUE;
  text = anpr_record_text_passage (view, anpr_spool_filter_covert);
  line = g_strdup_printf ("%8" G_GUINT64_FORMAT "  %s", sequence, text);
  anpr_console_print (line);
  listing->n++;
  return TRUE;
}

static AnprctlStatus
run (gchar **arguments)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnprSpool) spool = NULL;
  AnprSpoolFilter filter;
  Listing listing = { 0 };

  if (g_strv_length (arguments) != 1)
    return anprctl_usage ("give one spool");
  if (!anpr_spool_filter_take (&filter, &error))
    return anprctl_usage ("%s", error->message);
  spool = anpr_spool_open_with_option (arguments[0], ANPR_SPOOL_READ, &error);
  if (!spool
      || !anpr_spool_visit (spool, &filter, show_passage, &listing, &error))
    return anprctl_failed (arguments[0], error);
  if (listing.n == 0 && !as_json)
    anpr_console_note ("no passages");
  return listing.failed ? ANPRCTL_FAILED : ANPRCTL_DONE;
}

const AnprctlCommand anprctl_command_passages = {
  .name = "passages",
  .arguments = "SPOOL",
  .summary = "List the passages of a spool",
  .description = "Prints the latest passage first: number, time, position, "
                 "plate as read,\n"
                 "likeliest country, confidence, direction and hits.",
  .entries = entries,
  .run = run,
};
