/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The text of a position's file: a new one with every setting explained, changed
 * by assignments or by asking a person, and shown. All of it from the schema.
 */

#include "positiontext.h"
#include "console.h"

#include <stdio.h>
#include <string.h>

/* Longest answer that is read, bytes */
#define MAX_ANSWER 1024

static gboolean
must_be_asked (const AnprSetting *setting)
{
  return !setting->fallback || g_str_equal (setting->group, "permission")
         || g_str_equal (setting->key, "uri");
}

/**
 * anpr_position_text_new:
 *
 * Returns: (transfer full): a position's file in which every setting stands as a
 *     comment, with what it is and takes
 */
gchar *
anpr_position_text_new (void)
{
  const AnprSchema *schema = anpr_position_get_schema ();
  GString *text = g_string_new ("# One permitted camera place.\n");
  const gchar *group = "";

  for (guint i = 0; i < schema->n_settings; i++) {
    const AnprSetting *setting = &schema->settings[i];
    g_autofree gchar *form = anpr_setting_get_form (setting);

    if (!g_str_equal (group, setting->group))
      g_string_append_printf (text, "\n[%s]\n", setting->group);
    group = setting->group;
    g_string_append_printf (text, "# %s: %s Takes %s.\n#%s=%s\n", setting->key,
        setting->what, form, setting->key, anpr_setting_get_default (setting));
  }
  g_string_append (
      text, "\n# of the pipeline: anprctl pipeline show NAME\n[parameters]\n");
  return g_string_free (text, FALSE);
}

/**
 * anpr_position_text_assign:
 * @text: a position's file
 * @assignment: "section.key=value"
 * @error: why it cannot be
 *
 * Returns: (transfer full) (nullable): the file with that set
 */
gchar *
anpr_position_text_assign (
    const gchar *text, const gchar *assignment, GError **error)
{
  const gchar *dot = strchr (assignment, '.');
  const gchar *equals = dot ? strchr (dot, '=') : NULL;
  g_autofree gchar *group = NULL, *key = NULL;

  if (!equals || dot == assignment || equals == dot + 1) {
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_CONFIG_LINE,
        "\"%s\" is not section.key=value, such as position.place=Road",
        assignment);
    return NULL;
  }
  group = g_strndup (assignment, dot - assignment);
  key = g_strndup (dot + 1, equals - dot - 1);
  if (strpbrk (group, "[]\n") || strpbrk (key, "[]\n")) {
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_CONFIG_LINE,
        "\"%s.%s\" is no setting", group, key);
    return NULL;
  }
  return anpr_settings_change (text, group, key, equals + 1, error);
}

/* Asks until the answer is right; NULL when there are no more answers */
static gchar *
ask (const AnprSetting *setting)
{
  g_autofree gchar *form = anpr_setting_get_form (setting);
  gchar answer[MAX_ANSWER];

  for (;;) {
    g_autofree gchar *wrong = NULL;

    fprintf (stderr, "\n%s\n[%s] %s (%s): ", setting->what, setting->group,
        setting->key, form);
    fflush (stderr);
    if (!fgets (answer, sizeof answer, stdin))
      return NULL;
    g_strstrip (answer);
    if (!g_utf8_validate (answer, -1, NULL))
      continue;
    wrong = anpr_setting_check (setting, answer);
    if (wrong)
      fprintf (stderr, "%s\n", wrong);
    else if (*answer || setting->fallback)
      return g_strdup (answer);
  }
}

/**
 * anpr_position_text_ask:
 * @text: a position's file
 * @error: that there are no more answers
 *
 * Asks the person at the terminal for what is not given and must be.
 *
 * Returns: (transfer full) (nullable): the file with the answers
 */
gchar *
anpr_position_text_ask (const gchar *text, GError **error)
{
  const AnprSchema *schema = anpr_position_get_schema ();
  g_autoptr (GPtrArray) faults = anpr_setting_faults_new ();
  g_autoptr (AnprPosition) position =
      anpr_position_parse ("new", "new", text, strlen (text), faults);
  gchar *answered = g_strdup (text);

  for (guint i = 0; i < schema->n_settings && answered; i++) {
    const AnprSetting *setting = &schema->settings[i];
    g_autofree gchar *answer = NULL, *before = answered;

    if (!must_be_asked (setting)
        || *anpr_position_get (position, setting->group, setting->key)) {
      answered = g_steal_pointer (&before);
      continue;
    }
    answer = ask (setting);
    if (!answer) {
      g_set_error (error, ANPR_ERROR, ANPR_ERROR_CONFIG_MISSING,
          "no answer to [%s] %s", setting->group, setting->key);
      return NULL;
    }
    answered = *answer ? anpr_settings_change (
                   before, setting->group, setting->key, answer, error)
                       : g_steal_pointer (&before);
  }
  return answered;
}

static void
append_permission (GString *text, const AnprConfiguration *configuration,
    const AnprPosition *position)
{
  AnprPermissionState state = anpr_permission_judge (
      &position->permission, anpr_configuration_get_time (configuration));
  g_autofree gchar *why =
      anpr_permission_explain (&position->permission, state);

  g_string_append_printf (text, "\npermission now: %s%s%s\n",
      state == ANPR_PERMISSION_VALID
          ? "valid"
          : anpr_error_code_name (anpr_permission_get_code (state)),
      state == ANPR_PERMISSION_VALID ? "" : ": ",
      state == ANPR_PERMISSION_VALID ? "" : why);
}

/**
 * anpr_position_text_show:
 * @configuration: of the appliance
 * @position: of it
 *
 * Returns: (transfer full): all its settings, defaults included, whether its
 *     permission holds, and the pipeline it runs; nothing secret
 */
gchar *
anpr_position_text_show (
    const AnprConfiguration *configuration, const AnprPosition *position)
{
  const AnprSchema *schema = anpr_position_get_schema ();
  GString *text = g_string_new (NULL);
  g_autofree gchar *spool =
      anpr_configuration_get_spool (configuration, position->id);
  g_autofree gchar *elements =
      anpr_position_get_elements (position, configuration->folder, spool, NULL);
  const gchar *group = "";

  for (guint i = 0; i < schema->n_settings; i++) {
    const AnprSetting *setting = &schema->settings[i];
    const gchar *value =
        anpr_position_get (position, setting->group, setting->key);

    if (!*value)
      continue;
    if (!g_str_equal (group, setting->group))
      g_string_append_printf (
          text, "%s[%s]\n", *group ? "\n" : "", setting->group);
    group = setting->group;
    g_string_append_printf (text, "%s=%s\n", setting->key, value);
  }
  append_permission (text, configuration, position);
  g_string_append_printf (
      text, "\npipeline: %s", elements ? elements : "cannot be made");
  return g_string_free (text, FALSE);
}
