/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* anprctl lists: hit lists from their authority's desk to the camera. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "command.h"
#include "console.h"
#include "listdiff.h"
#include "listexplain.h"
#include "listimport.h"
#include "listtext.h"
#include "listtraffic.h"
#include "redislists.h"
#include "spoolopen.h"
#include "../plugins/hitmatch/acceptedlists.h"
#include "../plugins/hitmatch/hitlists.h"
#include "../plugins/hitmatch/listkey.h"

#include <glib/gstdio.h>
#include <signal.h>

/* Passages a day of one position, domain.md 4.3 */
#define USUAL_PASSAGES 10000

static gchar *folder;
static gchar *keys;
static gchar *secret_key;
static gchar *spool;
static gchar *map;
static gint passages = USUAL_PASSAGES;
static gboolean show_covert;

static const GOptionEntry entries[] = {
  { "folder", 'f', 0, G_OPTION_ARG_FILENAME, &folder,
      "Folder of the accepted lists; for explain, or any lists", "FOLDER" },
  { "keys", 'k', 0, G_OPTION_ARG_FILENAME, &keys,
      "Folder of the public keys to trust, *.pub", "FOLDER" },
  { "key", 0, 0, G_OPTION_ARG_FILENAME, &secret_key,
      "File of the secret key to sign with", "FILE" },
  { "map", 0, 0, G_OPTION_ARG_FILENAME, &map,
      "Mapping file for a table of another layout", "FILE" },
  { "spool", 0, 0, G_OPTION_ARG_FILENAME, &spool,
      "Spool whose passages false hits are counted in", "FILE" },
  { "spool-key", 0, 0, G_OPTION_ARG_FILENAME, &anpr_spool_key_option,
      "File with the key that spool is encrypted with", "FILE" },
  { "passages", 0, 0, G_OPTION_ARG_INT, &passages,
      "Passages a day to estimate false hits from, 10000", "N" },
  { "show-covert", 0, 0, G_OPTION_ARG_NONE, &show_covert,
      "Show covert entries, too: for cleared users only", NULL },
  ANPRCTL_REDIS_ENTRIES,
  { NULL },
};

/* --- progress ------------------------------------------------------------ */

/* A file on its way, for the status line */
typedef struct {
  gchar *name;
  guint64 size;
  guint percent;
} Progress;

static void
show_progress (guint64 bytes, gpointer user_data)
{
  Progress *progress = user_data;
  guint percent = (guint) MIN (bytes * 100 / MAX (progress->size, 1), 100);
  g_autofree gchar *bar = NULL, *line = NULL;

  if (percent == progress->percent)
    return;
  progress->percent = percent;
  bar = g_strnfill (percent / 5, '#');
  line = g_strdup_printf ("[%-20s] %3u %% of %s", bar, percent, progress->name);
  anpr_console_status (line);
}

static void
progress_init (Progress *progress, const gchar *file)
{
  g_autofree gchar *name = g_filename_display_basename (file);
  GStatBuf status;

  progress->name = anpr_console_clean (name);
  progress->size = g_stat (file, &status) == 0 ? (guint64) status.st_size : 0;
  progress->percent = 0;
}

static void
progress_clear (Progress *progress)
{
  anpr_console_status (NULL);
  g_free (progress->name);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Progress, progress_clear)

static void print_clean (const gchar *format, ...) G_GNUC_PRINTF (1, 2);

static void
print_clean (const gchar *format, ...)
{
  g_autofree gchar *text = NULL, *clean = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  clean = anpr_console_clean (text);
  anpr_console_print (clean);
}

/* --- keys and signatures ------------------------------------------------- */

static AnprctlStatus
generate_key (gchar **arguments)
{
  g_autofree gchar *secret =
      g_strconcat (arguments[0], ANPR_LIST_SECRET_KEY_SUFFIX, NULL);
  g_autofree gchar *public =
      g_strconcat (arguments[0], ANPR_LIST_PUBLIC_KEY_SUFFIX, NULL);
  g_autoptr (GError) error = NULL;

  if (!anpr_list_key_generate (secret, public, &error))
    return anprctl_failed (arguments[0], error);
  print_clean ("%s: the secret key; keep it where lists are signed, and only "
               "there",
      secret);
  print_clean (
      "%s: the public key; put it into the folder of trusted keys", public);
  return ANPRCTL_DONE;
}

/* Does one thing with each file that is named; func returns a line to print */
static AnprctlStatus
for_each_file (gchar **files,
    gchar *(*func) (const AnprListSource *source, GError **error))
{
  AnprctlStatus status = ANPRCTL_DONE;

  for (; *files; files++) {
    g_auto (Progress) progress = { 0 };
    AnprListSource source = { *files, keys, g_get_real_time (), show_progress,
      &progress };
    g_autoptr (GError) error = NULL;
    g_autofree gchar *line = NULL;

    progress_init (&progress, *files);
    line = func (&source, &error);
    anpr_console_status (NULL);
    if (line)
      print_clean ("%s", line);
    else
      status = anprctl_failed (*files, error);
  }
  return status;
}

static gchar *
sign_one (const AnprListSource *source, GError **error)
{
  return anpr_list_sign (source, secret_key, error) ? g_strconcat (
             source->file, ANPR_LIST_SIGNATURE_SUFFIX ": signed", NULL)
                                                    : NULL;
}

static AnprctlStatus
sign (gchar **arguments)
{
  if (!secret_key)
    return anprctl_usage ("give the file of a secret key with --key");
  return for_each_file (arguments, sign_one);
}

static gchar *
tell_sound (const AnprListSource *source, GError **error)
{
  g_autoptr (AnprHitList) list = anpr_list_verify (source, error);
  g_autofree gchar *line = list ? anpr_list_text_line (list) : NULL;

  return line ? g_strconcat (source->file, ": sound, ", line, NULL) : NULL;
}

static AnprctlStatus
check (gchar **arguments)
{
  keys = NULL;
  return for_each_file (arguments, tell_sound);
}

static AnprctlStatus
verify (gchar **arguments)
{
  if (!keys)
    return anprctl_usage ("give the folder of trusted keys with --keys");
  return for_each_file (arguments, tell_sound);
}

static AnprctlStatus
import_table (gchar **arguments)
{
  g_auto (Progress) progress = { 0 };
  AnprListSource table = { arguments[0], NULL, g_get_real_time (),
    show_progress, &progress };
  g_autoptr (GError) error = NULL;
  guint64 n_entries;

  if (!map)
    return anprctl_usage ("give a mapping file with --map");
  progress_init (&progress, arguments[0]);
  if (!anpr_list_import (map, &table, arguments[1], &n_entries, &error))
    return anprctl_failed (arguments[0], error);
  print_clean ("%s: %" G_GUINT64_FORMAT " entries", arguments[1], n_entries);
  return ANPRCTL_DONE;
}

/* --- the folder of accepted lists ---------------------------------------- */

static gchar *
load_one (const AnprListSource *source, GError **error)
{
  g_autoptr (AnprHitList) list =
      anpr_accepted_lists_load (folder, source, error);
  g_autofree gchar *line = list ? anpr_list_text_line (list) : NULL;

  return line ? g_strconcat ("in force: ", line, NULL) : NULL;
}

static AnprctlStatus
load (gchar **arguments)
{
  if (!folder || !keys)
    return anprctl_usage ("give --folder and --keys");
  return for_each_file (arguments, load_one);
}

static AnprctlStatus
remove_lists (gchar **arguments)
{
  AnprctlStatus status = ANPRCTL_DONE;

  if (!folder)
    return anprctl_usage ("give the folder of accepted lists with --folder");
  for (; *arguments; arguments++) {
    g_autoptr (GError) error = NULL;

    if (anpr_accepted_lists_remove (folder, *arguments, &error))
      print_clean ("removed: list %s", *arguments);
    else
      status = anprctl_failed (*arguments, error);
  }
  return status;
}

/* Whatever is wrong with one list is told, and the others are shown */
static AnprHitLists *
read_lists (const gchar *path, AnprctlStatus *status)
{
  g_autoptr (GPtrArray) errors = NULL;
  AnprHitLists *lists =
      anpr_hit_lists_load (path, NULL, g_get_real_time (), NULL, &errors);

  for (guint i = 0; i < errors->len; i++)
    *status = anprctl_failed (path, g_ptr_array_index (errors, i));
  return lists;
}

static AnprctlStatus
show_one (const gchar *id)
{
  g_autofree gchar *file = anpr_accepted_lists_get_file (folder, id);
  g_autoptr (GError) error = NULL;
  g_autoptr (AnprHitList) list = anpr_hit_list_open (file, &error);
  g_autofree gchar *text = NULL;

  if (!list)
    return anprctl_failed (id, error);
  text = anpr_list_text_whole (list, g_get_real_time ());
  anpr_console_print (text);
  return ANPRCTL_DONE;
}

static AnprctlStatus
show (gchar **arguments)
{
  AnprctlStatus status = ANPRCTL_DONE;
  g_autoptr (AnprHitLists) lists = NULL;

  if (!folder)
    return anprctl_usage ("give the folder of accepted lists with --folder");
  for (gchar **id = arguments; *id; id++)
    status = MAX (status, show_one (*id));
  if (*arguments)
    return status;
  lists = read_lists (folder, &status);
  for (guint i = 0; i < anpr_hit_lists_get_n_lists (lists); i++) {
    g_autofree gchar *line =
        anpr_list_text_line (anpr_hit_lists_get_list (lists, i));

    anpr_console_print (line);
  }
  return status;
}

/* --- telling ------------------------------------------------------------- */

/* Counts what it prints; silence must not tell that there is a covert entry */
static void
print_unless_covert (const gchar *text, gboolean covert, gpointer n_printed)
{
  if (covert && !show_covert)
    return;
  anpr_console_print (text);
  (*(guint *) n_printed)++;
}

static AnprHitList *
open_list (const gchar *file, GError **error)
{
  g_auto (Progress) progress = { 0 };
  AnprListSource source = { file, NULL, g_get_real_time (), show_progress,
    &progress };

  if (g_str_has_suffix (file, ANPR_HIT_LIST_INDEX_SUFFIX))
    return anpr_hit_list_open (file, error);
  progress_init (&progress, file);
  return anpr_list_verify (&source, error);
}

static AnprctlStatus
diff (gchar **arguments)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnprHitList) before = open_list (arguments[0], &error);
  g_autoptr (AnprHitList) after = NULL;
  AnprListChanges changes;
  guint n = 0;

  if (!before)
    return anprctl_failed (arguments[0], error);
  after = open_list (arguments[1], &error);
  if (!after)
    return anprctl_failed (arguments[1], error);
  anpr_list_diff (before, after, print_unless_covert, &n, &changes);
  print_clean ("version %s to %s: %u added, %u removed, %u changed",
      anpr_hit_list_get_header (before)->version,
      anpr_hit_list_get_header (after)->version, changes.added, changes.removed,
      changes.changed);
  return ANPRCTL_DONE;
}

static AnprctlStatus
explain (gchar **arguments)
{
  AnprctlStatus status = ANPRCTL_DONE;
  g_auto (AnprListTraffic) traffic = { 0 };
  g_autoptr (AnprHitLists) lists = NULL;
  g_autoptr (GError) error = NULL;
  guint n = 0;

  if (!folder)
    return anprctl_usage ("give the lists with --folder");
  if (spool && !anpr_list_traffic_read (&traffic, spool, &error))
    return anprctl_failed (spool, error);
  traffic.passages = passages;
  lists = read_lists (folder, &status);
  for (; *arguments; arguments++)
    (void) anpr_list_explain (lists, *arguments, g_get_real_time (), &traffic,
        print_unless_covert, &n);
  if (n == 0)
    anpr_console_note ("no entry has to do with it");
  return status;
}

/* --- the command --------------------------------------------------------- */

/* What may follow "anprctl lists"; arguments are those behind it */
static const AnprctlAction actions[] = {
  { "keygen", 1, 1, generate_key },
  { "import", 2, 2, import_table },
  { "sign", 1, G_MAXUINT, sign },
  { "verify", 1, G_MAXUINT, verify },
  { "check", 1, G_MAXUINT, check },
  { "load", 1, G_MAXUINT, load },
  { "remove", 1, G_MAXUINT, remove_lists },
  { "show", 0, G_MAXUINT, show },
  { "diff", 2, 2, diff },
  { "explain", 1, G_MAXUINT, explain },
};

static AnprctlStatus
run (gchar **arguments)
{
  AnprctlStatus status;

  /* too large a file is an error to be told, not the end of the process */
  signal (SIGXFSZ, SIG_IGN);
  if (anprctl_redis_lists_run (arguments, keys, &status))
    return status;
  return anprctl_run_action (actions, G_N_ELEMENTS (actions), arguments,
      "give keygen, import, sign, verify, check, load, remove, show, "
      "diff, explain, publish, published, add, withdraw or unpublish");
}

const AnprctlCommand anprctl_command_lists = {
  .name = "lists",
  .arguments = "ACTION [ARGUMENT…]",
  .summary = "Sign, verify, load, publish and explain hit lists",
  .description =
      "  keygen NAME            make NAME.key (secret) and NAME.pub\n"
      "  import --map FILE TABLE LIST\n"
      "                         make a list of a table of another layout\n"
      "  sign --key FILE LIST…  write LIST.sig beside each list\n"
      "  verify --keys FOLDER LIST…\n"
      "                         is it signed by a trusted key, sound, in "
      "date?\n"
      "  check LIST…            is it sound and in date?\n"
      "  load --folder FOLDER --keys FOLDER LIST…\n"
      "                         accept it: verified, and newer than the one in "
      "force\n"
      "  remove --folder FOLDER ID…\n"
      "                         take a list out of force\n"
      "  show --folder FOLDER [ID…]\n"
      "                         what is in force\n"
      "  diff OLD NEW           what changed, entry by entry\n"
      "  explain --folder FOLDER PLATE…\n"
      "                         what a plate would find, why, and false hits a "
      "day\n\n"
      "A refused list leaves the one before in force. What is wrong is told "
      "with file,\nline and reason; entries are not shown then.\n\n"
      "In Redis:\n\n" ANPRCTL_REDIS_DESCRIPTION,
  .entries = entries,
  .run = run,
};
