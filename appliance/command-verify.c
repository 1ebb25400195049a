/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* anprctl verify: whether a spool is as it was kept. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "command.h"
#include "console.h"
#include "spoolopen.h"

#include <string.h>

/* Digits of a hash */
#define HASH_LENGTH 64

static gchar **expectations;

static const GOptionEntry entries[] = {
  { "expect", 0, 0, G_OPTION_ARG_STRING_ARRAY, &expectations,
      "A hash that was handed out before must be in the position's chain; may "
      "be given several times",
      "POSITION=HASH" },
  ANPR_SPOOL_KEY_ENTRY,
  { NULL },
};

/* NULL if one of them is none */
static GHashTable *
take_expectations (void)
{
  g_autoptr (GHashTable) expected =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (guint i = 0; expectations && expectations[i]; i++) {
    const gchar *equals = strrchr (expectations[i], '=');

    if (!equals || equals == expectations[i]
        || strspn (equals + 1, "0123456789abcdef") != HASH_LENGTH
        || equals[1 + HASH_LENGTH] != '\0')
      return NULL;
    g_hash_table_insert (expected,
        g_strndup (expectations[i], equals - expectations[i]),
        g_strdup (equals + 1));
  }
  return g_steal_pointer (&expected);
}

static void
print_verdict (const AnprSpoolVerdict *verdict)
{
  g_autofree gchar *counts = g_strdup_printf (
      "intact: %" G_GUINT64_FORMAT " records, %" G_GUINT64_FORMAT
      " more were erased by %" G_GUINT64_FORMAT " entries of the report",
      verdict->n_verified, verdict->n_erased, verdict->n_entries);

  anpr_console_print (counts);
  for (guint i = 0; i < verdict->heads->len; i++) {
    g_autofree gchar *head =
        anpr_console_clean (g_ptr_array_index (verdict->heads, i));

    anpr_console_print (head);
  }
  if (verdict->n_damaged > 0)
    anpr_console_note (
        "%" G_GUINT64_FORMAT
        " of the records that are gone were lost to a damaged disk",
        verdict->n_damaged);
}

static AnprctlStatus
run (gchar **arguments)
{
  g_autoptr (GHashTable) expected = take_expectations ();
  g_autoptr (AnprSpool) spool = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (AnprSpoolVerdict) verdict = { 0 };

  if (g_strv_length (arguments) != 1)
    return anprctl_usage ("give one spool");
  if (!expected)
    return anprctl_usage (
        "--expect takes POSITION=HASH, a hash of %d small hexadecimal digits",
        HASH_LENGTH);
  spool = anpr_spool_open_with_option (arguments[0], ANPR_SPOOL_READ, &error);
  if (!spool || !anpr_spool_verify (spool, expected, &verdict, &error))
    return anprctl_failed (arguments[0], error);
  if (verdict.fault) {
    anpr_console_fault (arguments[0],
        anpr_error_code_name (ANPR_ERROR_SPOOL_CHAIN), verdict.fault,
        anpr_error_code_advice (ANPR_ERROR_SPOOL_CHAIN));
    return ANPRCTL_FAILED;
  }
  print_verdict (&verdict);
  return ANPRCTL_DONE;
}

const AnprctlCommand anprctl_command_verify = {
  .name = "verify",
  .arguments = "SPOOL",
  .summary = "Verify that nothing in a spool was changed",
  .description =
      "Checks numbers, hashes and pictures of all records, and that what is\n"
      "missing was erased by an entry of the report. Names the first record "
      "or\n"
      "entry that is not as it was; exit status 1 then.\n\n"
      "If all is intact, prints where each chain ends, as POSITION=HASH. Keep\n"
      "that somewhere else: with --expect it shows later that the chain is\n"
      "still the same one. Works while the spool is written.",
  .entries = entries,
  .run = run,
};
