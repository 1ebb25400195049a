/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* anprctl position: makes, checks, shows and tries camera places. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "command.h"
#include "configuration.h"
#include "console.h"
#include "positiontext.h"
#include "positiontrial.h"

#include <string.h>
#include <unistd.h>

#define DEFAULT_SECONDS 15
#define DEFAULT_STILL "position.jpg"

static gchar *configuration_path;
static gchar *still_path;
static gint seconds = DEFAULT_SECONDS;
static gboolean overwrite;

static const GOptionEntry entries[] = {
  { "config", 'c', 0, G_OPTION_ARG_FILENAME, &configuration_path,
      "Configuration; by default " ANPR_CONFIGURATION_DEFAULT, "FILE" },
  { "overwrite", 0, 0, G_OPTION_ARG_NONE, &overwrite,
      "new: replace a position that is there", NULL },
  { "seconds", 's', 0, G_OPTION_ARG_INT, &seconds,
      "test: how long to look, from the first picture on; 15 by default", "N" },
  { "still", 0, 0, G_OPTION_ARG_FILENAME, &still_path,
      "test: where the picture goes; " DEFAULT_STILL " by default", "FILE" },
  { NULL },
};

static AnprConfiguration *
load (void)
{
  return anpr_configuration_load (
      configuration_path ? configuration_path : ANPR_CONFIGURATION_DEFAULT);
}

static void
print_fault (const AnprSettingFault *fault)
{
  g_autofree gchar *line = anpr_setting_fault_to_string (fault);

  anpr_console_note ("%s", line);
}

static AnprPosition *
find (const AnprConfiguration *configuration, const gchar *id)
{
  for (guint i = 0; i < configuration->positions->len; i++) {
    AnprPosition *position = g_ptr_array_index (configuration->positions, i);

    if (g_str_equal (position->id, id))
      return position;
  }
  return NULL;
}

static gchar *
path_of (const AnprConfiguration *configuration, const gchar *id)
{
  g_autofree gchar *name = g_strconcat (id, ANPR_POSITION_SUFFIX, NULL);

  return g_build_filename (
      configuration->folder, ANPR_CONFIGURATION_POSITIONS, name, NULL);
}

/* Faults of one position, or of all; says how many */
static guint
tell_faults (const AnprConfiguration *configuration, const gchar *id)
{
  g_autofree gchar *path = id ? path_of (configuration, id) : NULL;
  guint n = 0;

  for (guint i = 0; i < configuration->faults->len; i++) {
    const AnprSettingFault *fault =
        g_ptr_array_index (configuration->faults, i);

    if (path && !g_str_equal (fault->file, path))
      continue;
    print_fault (fault);
    n++;
  }
  return n;
}

/* NULL if there is none without faults, having said so */
static AnprPosition *
find_or_tell (const AnprConfiguration *configuration, const gchar *id)
{
  AnprPosition *position = find (configuration, id);

  if (!position && tell_faults (configuration, id) == 0)
    anpr_console_fault (id, anpr_error_code_name (ANPR_ERROR_CONFIG_OPEN),
        "there is no such position",
        "anprctl position check names all that are there.");
  return position;
}

/* --- new ------------------------------------------------------------------ */

static gchar *
make_text (gchar **assignments, GError **error)
{
  g_autofree gchar *text = anpr_position_text_new ();

  for (guint i = 0; assignments[i]; i++) {
    gchar *assigned = anpr_position_text_assign (text, assignments[i], error);

    if (!assigned)
      return NULL;
    g_free (text);
    text = assigned;
  }
  if (isatty (STDIN_FILENO)) {
    anpr_console_note (
        "Enter alone leaves out what may be left out. What is not "
        "asked, such as [source] credentials and [lists] path, "
        "stands explained in the file.");
    return anpr_position_text_ask (text, error);
  }
  return g_steal_pointer (&text);
}

static gboolean
is_right (const AnprConfiguration *configuration, const gchar *id,
    const gchar *path, const gchar *text)
{
  g_autoptr (GPtrArray) faults = anpr_setting_faults_new ();
  g_autoptr (AnprPosition) position =
      anpr_position_parse (id, path, text, strlen (text), faults);

  if (faults->len == 0)
    anpr_position_check_around (position, configuration->folder, faults);
  anpr_setting_faults_sort (faults);
  for (guint i = 0; i < faults->len; i++)
    print_fault (g_ptr_array_index (faults, i));
  return faults->len == 0;
}

static AnprctlStatus
write_position (const gchar *path, const gchar *text)
{
  g_autofree gchar *folder = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  if (g_mkdir_with_parents (folder, 0750) != 0
      || !g_file_set_contents_full (path, text, -1,
          G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0640,
          &error)) {
    anpr_console_fault (path, anpr_error_code_name (ANPR_ERROR_OUTPUT),
        error ? error->message : "its folder cannot be made",
        anpr_error_code_advice (ANPR_ERROR_OUTPUT));
    return ANPRCTL_FAILED;
  }
  anpr_console_note ("%s: written; a running anprd begins it by itself, "
                     "anprctl position test tries it",
      path);
  return ANPRCTL_DONE;
}

static AnprctlStatus
make (gchar **arguments)
{
  g_autoptr (AnprConfiguration) configuration = load ();
  g_autofree gchar *path = path_of (configuration, arguments[0]);
  g_autoptr (GError) error = NULL;
  g_autofree gchar *text = NULL;

  if (!anpr_position_is_id (arguments[0]))
    return anprctl_usage ("NAME takes small letters, digits and -");
  if (!overwrite && g_file_test (path, G_FILE_TEST_EXISTS)) {
    anpr_console_fault (path, anpr_error_code_name (ANPR_ERROR_CONFIG_CONFLICT),
        "there is that position already",
        "Choose another name, or --overwrite.");
    return ANPRCTL_FAILED;
  }
  text = make_text (arguments + 1, &error);
  if (!text) {
    anpr_console_error (arguments[0], error);
    return ANPRCTL_USAGE;
  }
  if (!is_right (configuration, arguments[0], path, text))
    return ANPRCTL_FAILED;
  return write_position (path, text);
}

/* --- check and show ------------------------------------------------------- */

static void
tell_permission (
    const AnprConfiguration *configuration, const AnprPosition *position)
{
  AnprPermissionState state = anpr_permission_judge (
      &position->permission, anpr_configuration_get_time (configuration));
  g_autofree gchar *why =
      anpr_permission_explain (&position->permission, state);
  AnprError code;

  if (state == ANPR_PERMISSION_VALID) {
    anpr_console_note ("%s: no faults, the permission holds", position->id);
    return;
  }
  code = anpr_permission_get_code (state);
  anpr_console_fault (position->id, anpr_error_code_name (code), why,
      anpr_error_code_advice (code));
}

static AnprctlStatus
check (gchar **arguments)
{
  g_autoptr (AnprConfiguration) configuration = load ();
  guint n = 0;

  if (arguments[0]) {
    AnprPosition *position = find_or_tell (configuration, arguments[0]);

    if (position)
      tell_permission (configuration, position);
    return position ? ANPRCTL_DONE : ANPRCTL_FAILED;
  }
  n = tell_faults (configuration, NULL);
  for (guint i = 0; i < configuration->positions->len; i++)
    tell_permission (
        configuration, g_ptr_array_index (configuration->positions, i));
  return n == 0 ? ANPRCTL_DONE : ANPRCTL_FAILED;
}

static AnprctlStatus
show (gchar **arguments)
{
  g_autoptr (AnprConfiguration) configuration = load ();
  AnprPosition *position = find_or_tell (configuration, arguments[0]);
  g_autofree gchar *text = NULL;

  if (!position)
    return ANPRCTL_FAILED;
  text = anpr_position_text_show (configuration, position);
  anpr_console_print (text);
  return ANPRCTL_DONE;
}

/* --- test ----------------------------------------------------------------- */

static void
print_faults (const AnprPositionTrial *trial)
{
  for (guint i = 0; i < trial->faults->len; i++)
    anpr_console_note ("%s", (gchar *) g_ptr_array_index (trial->faults, i));
}

static void
print_trial (const AnprPositionTrial *trial, const gchar *still)
{
  const AnprCameraStatus *status = &trial->status;
  g_autofree gchar *summary = g_strdup_printf (
      "%" G_GUINT64_FORMAT " x %" G_GUINT64_FORMAT ", %.1f pictures a second, "
      "%" G_GUINT64_FORMAT " left out\nbrightness %.0f, contrast %.0f, "
      "sharpness %.1f\n%" G_GUINT64_FORMAT " plates seen, %" G_GUINT64_FORMAT
      " read, %" G_GUINT64_FORMAT " vehicles, %" G_GUINT64_FORMAT " hits\n"
      "memory %" G_GUINT64_FORMAT " MiB",
      status->width, status->height, status->fps, status->dropped,
      status->brightness, status->contrast, status->sharpness,
      status->detections, status->reads, status->passages, status->hits,
      status->memory_bytes >> 20);

  anpr_console_print (summary);
  for (guint i = 0; i < trial->texts->len; i++)
    anpr_console_print (g_ptr_array_index (trial->texts, i));
  print_faults (trial);
  if (trial->still)
    anpr_console_note ("Picture: %s", still);
}

static AnprctlStatus
test (gchar **arguments)
{
  g_autoptr (AnprConfiguration) configuration = load ();
  AnprPosition *position = find_or_tell (configuration, arguments[0]);
  const gchar *still = still_path ? still_path : DEFAULT_STILL;
  g_auto (AnprPositionTrial) trial = { 0 };
  g_autoptr (GError) error = NULL;

  if (seconds < 1)
    return anprctl_usage ("--seconds takes 1 or more");
  if (!position)
    return ANPRCTL_FAILED;
  if (anpr_permission_judge (
          &position->permission, anpr_configuration_get_time (configuration))
      != ANPR_PERMISSION_VALID) {
    tell_permission (configuration, position);
    return ANPRCTL_FAILED;
  }
  if (!anpr_position_trial_run (
          configuration, position, seconds, still, &trial, &error))
    return anprctl_failed (position->id, error);
  if (trial.status.decoded > 0) {
    print_trial (&trial, still);
    return ANPRCTL_DONE;
  }
  print_faults (&trial);
  anpr_console_fault (position->id,
      anpr_error_code_name (ANPR_ERROR_CAMERA_AWAY), "no picture came",
      "Check power, cable, address and password of the camera.");
  return ANPRCTL_FAILED;
}

/* What may follow "anprctl position"; arguments are those behind it */
static const AnprctlAction actions[] = {
  { "new", 1, G_MAXUINT, make },
  { "check", 0, 1, check },
  { "show", 1, 1, show },
  { "test", 1, 1, test },
};

static AnprctlStatus
run (gchar **arguments)
{
  return anprctl_run_action (actions, G_N_ELEMENTS (actions), arguments,
      "give new NAME, check, show NAME or test NAME");
}

const AnprctlCommand anprctl_command_position = {
  .name = "position",
  .arguments =
      "new NAME [SECTION.KEY=VALUE…] | check [NAME] | show NAME | test NAME",
  .summary = "Make, check, show and try camera places of anprd",
  .description =
      "new writes the file of a position, in which every setting is explained. "
      "What\nmust be given and is not, it asks for at a terminal:\n\n"
      "  anprctl position new gate position.place=\"Road 1\" "
      "source.uri=rtsp://…\n\n"
      "check tells all faults, and whether the permission holds. show prints "
      "every\nsetting in force and the pipeline. test runs the camera for a "
      "while as anprd\nwould, keeps nothing, and writes a picture with the "
      "plates it found drawn in.",
  .entries = entries,
  .run = run,
};
