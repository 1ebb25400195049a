/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A position: one permitted camera place, from its file.
 *
 * The file's name is the position's id. Its pipeline is one of the pipeline
 * files; the parameters uri, position, lists and spool of that are filled from
 * the position, the others from [parameters]. What else the position says of
 * detection, reading and lists is set on the pipeline's elements by the process
 * that runs it (the columns element and property of the schema), whatever the
 * pipeline is.
 *
 * Parsing touches no file but the one; what it names is looked for by
 * anpr_position_check_around().
 */

#include "position.h"
#include "cameracredentials.h"
#include "pipelinefile.h"
#include "plainfile.h"

#include <string.h>

/* Parameters of a pipeline that the position itself gives */
static const struct {
  const gchar *parameter;
  const gchar *group;
  const gchar *key;
} own_parameters[] = {
  { "uri", "source", "uri" },
  { "position", NULL, NULL },
  { "spool", NULL, NULL },
  { "lists", "lists", "path" },
};

/**
 * anpr_position_is_id:
 * @id: a text
 *
 * Returns: whether a position may be called so: lower case letters, digits and
 *     "-", at most %ANPR_POSITION_MAX_ID
 */
gboolean
anpr_position_is_id (const gchar *id)
{
  return strlen (id) <= ANPR_POSITION_MAX_ID
         && g_regex_match_simple (
             "^[a-z0-9][a-z0-9-]*$", id, G_REGEX_DOLLAR_ENDONLY, 0);
}

/**
 * anpr_position_id_of_path:
 * @path: of a position's file
 *
 * Returns: (transfer full): the id it would have
 */
gchar *
anpr_position_id_of_path (const gchar *path)
{
  gchar *id = g_path_get_basename (path);

  if (g_str_has_suffix (id, ANPR_POSITION_SUFFIX))
    id[strlen (id) - strlen (ANPR_POSITION_SUFFIX)] = '\0';
  return id;
}

/**
 * anpr_position_parse:
 * @id: its id
 * @path: of its file, for faults
 * @text: (array length=length): what its file holds, any bytes
 * @length: bytes
 * @faults: (element-type AnprSettingFault): where all faults are added. That the
 *     permission does not hold is none
 *
 * Returns: (transfer full): the position, to be used only if there was no fault
 */
AnprPosition *
anpr_position_parse (const gchar *id, const gchar *path, const gchar *text,
    gsize length, GPtrArray *faults)
{
  AnprPosition *position = g_new0 (AnprPosition, 1);

  g_atomic_ref_count_init (&position->count);
  position->id = g_strdup (id);
  if (!anpr_position_is_id (id))
    anpr_setting_faults_add (faults, path, 0, ANPR_ERROR_CONFIG_VALUE,
        "\"%s\" cannot name a position; it takes small letters, digits and -, "
        "at most %d",
        id, ANPR_POSITION_MAX_ID);
  position->settings = anpr_settings_parse (
      anpr_position_get_schema (), path, text, length, faults);
  anpr_permission_read (&position->permission, position->settings);
  return position;
}

/**
 * anpr_position_load:
 * @path: of its file
 * @faults: (element-type AnprSettingFault): where all faults are added
 *
 * Returns: (transfer full) (nullable): as anpr_position_parse(), %NULL if the
 *     file cannot be read
 */
AnprPosition *
anpr_position_load (const gchar *path, GPtrArray *faults)
{
  g_autofree gchar *id = anpr_position_id_of_path (path);
  g_autofree gchar *text = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  if (!anpr_plain_file_read (
          path, ANPR_SETTINGS_MAX_SIZE, &text, &length, &error)) {
    anpr_setting_faults_add (
        faults, path, 0, ANPR_ERROR_CONFIG_OPEN, "%s", error->message);
    return NULL;
  }
  return anpr_position_parse (id, path, text, length, faults);
}

AnprPosition *
anpr_position_ref (AnprPosition *position)
{
  g_atomic_ref_count_inc (&position->count);
  return position;
}

/**
 * anpr_position_unref:
 * @position: (nullable) (transfer full): a position
 */
void
anpr_position_unref (AnprPosition *position)
{
  if (!position || !g_atomic_ref_count_dec (&position->count))
    return;
  g_free (position->id);
  anpr_permission_clear (&position->permission);
  anpr_settings_free (position->settings);
  g_free (position);
}

/**
 * anpr_position_equal:
 * @a: a position
 * @b: another
 *
 * Returns: whether a camera that runs the one need not be started anew for the
 *     other
 */
gboolean
anpr_position_equal (const AnprPosition *a, const AnprPosition *b)
{
  return g_str_equal (a->id, b->id)
         && anpr_settings_equal (a->settings, b->settings);
}

const gchar *
anpr_position_get (
    const AnprPosition *position, const gchar *group, const gchar *key)
{
  return anpr_settings_get (position->settings, group, key);
}

/**
 * anpr_position_get_name:
 * @position: a position
 *
 * Returns: (transfer none): its name for people
 */
const gchar *
anpr_position_get_name (const AnprPosition *position)
{
  const gchar *name = anpr_position_get (position, "position", "name");

  return *name ? name : position->id;
}

/* The value the position itself has for a pipeline's parameter, NULL for none */
static gchar *
own_value (const AnprPosition *position, const gchar *parameter,
    const gchar *folder, const gchar *spool)
{
  for (guint i = 0; i < G_N_ELEMENTS (own_parameters); i++) {
    if (!g_str_equal (own_parameters[i].parameter, parameter))
      continue;
    if (g_str_equal (parameter, "position"))
      return g_strdup (position->id);
    if (g_str_equal (parameter, "spool"))
      return g_strdup (spool);
    if (g_str_equal (parameter, "lists"))
      return anpr_settings_get_path_value (
          position->settings, "lists", "path", folder);
    return g_strdup (anpr_position_get (
        position, own_parameters[i].group, own_parameters[i].key));
  }
  return NULL;
}

static gboolean
is_own_parameter (const gchar *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (own_parameters); i++) {
    if (g_str_equal (own_parameters[i].parameter, name))
      return TRUE;
  }
  return FALSE;
}

/* A file that a parameter names is meant from the folder of anprd.conf */
static gchar *
given_value (const AnprPosition *position, const AnprPipelineFile *file,
    const gchar *name, const gchar *folder)
{
  const gchar *value = anpr_position_get (position, "parameters", name);

  for (guint i = 0; i < anpr_pipeline_file_get_n_parameters (file); i++) {
    const AnprPipelineParameter *parameter =
        anpr_pipeline_file_get_parameter (file, i);

    if (g_str_equal (parameter->name, name) && *value
        && parameter->kind == ANPR_PIPELINE_KIND_PATH)
      return g_canonicalize_filename (value, folder);
  }
  return g_strdup (value);
}

static gchar **
make_assignments (const AnprPosition *position, const AnprPipelineFile *file,
    const gchar *folder, const gchar *spool)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) given = anpr_settings_get_open_keys (position->settings);

  for (guint i = 0; i < anpr_pipeline_file_get_n_parameters (file); i++) {
    const gchar *name = anpr_pipeline_file_get_parameter (file, i)->name;
    g_autofree gchar *value = own_value (position, name, folder, spool);
    g_autofree gchar *assignment = g_strconcat (name, "=", value, NULL);

    if (value && *value)
      g_strv_builder_add (builder, assignment);
  }
  for (guint i = 0; given[i]; i++) {
    g_autofree gchar *value = given_value (position, file, given[i], folder);
    g_autofree gchar *assignment = g_strconcat (given[i], "=", value, NULL);

    g_strv_builder_add (builder, assignment);
  }
  return g_strv_builder_end (builder);
}

/**
 * anpr_position_get_elements:
 * @position: a position
 * @folder: what relative paths start from
 * @spool: (nullable): file its passages are kept in
 * @error: what is wrong with the pipeline or its parameters
 *
 * Returns: (transfer full) (nullable): its pipeline for gst_parse_launch()
 */
gchar *
anpr_position_get_elements (const AnprPosition *position, const gchar *folder,
    const gchar *spool, GError **error)
{
  g_autoptr (AnprPipelineFile) file = anpr_pipeline_file_find (
      anpr_position_get (position, "pipeline", "name"), folder, error);
  g_auto (GStrv) assignments = NULL;

  if (!file)
    return NULL;
  assignments = make_assignments (position, file, folder, spool);
  return anpr_pipeline_file_print (
      file, (const gchar *const *) assignments, error);
}

static gboolean
is_element (const AnprPipelineFile *file, const gchar *name)
{
  for (guint i = 0; i < anpr_pipeline_file_get_n_parameters (file); i++) {
    const AnprPipelineParameter *parameter =
        anpr_pipeline_file_get_parameter (file, i);

    if (g_str_equal (parameter->name, name))
      return parameter->kind == ANPR_PIPELINE_KIND_ELEMENT;
  }
  return FALSE;
}

static void
add_parameter_fault (const AnprPosition *position, const gchar *parameter,
    const gchar *what, GPtrArray *faults)
{
  anpr_setting_faults_add (faults, anpr_settings_get_path (position->settings),
      anpr_settings_get_line (position->settings, "parameters", parameter),
      ANPR_ERROR_CONFIG_CONFLICT, "parameter \"%s\" is %s", parameter, what);
}

/* An element of one's choice, such as a filesink, could write over whatever anprd
 * may write: accounts, the log. Who may write a pipeline file may do that anyhow,
 * who may change a position may not. */
static void
check_parameters (const AnprPosition *position, const AnprPipelineFile *file,
    GPtrArray *faults)
{
  g_auto (GStrv) given = anpr_settings_get_open_keys (position->settings);

  for (guint i = 0; given[i]; i++) {
    if (is_own_parameter (given[i]))
      add_parameter_fault (
          position, given[i], "given by the position itself", faults);
    else if (file && is_element (file, given[i]))
      add_parameter_fault (position, given[i],
          "an element, which a position may not choose; write it into a "
          "pipeline "
          "file of your own",
          faults);
  }
}

/* rtspsrc takes no other, and says of those that nothing is found */
static void
check_scheme (const AnprPosition *position, GPtrArray *faults)
{
  const gchar *pipeline = anpr_position_get (position, "pipeline", "name");
  const gchar *uri = anpr_position_get (position, "source", "uri");

  if (!*uri || strchr (pipeline, '/') || !g_str_has_prefix (pipeline, "rtsp")
      || g_ascii_strncasecmp (uri, "rtsp", 4) == 0)
    return;
  anpr_setting_faults_add (faults, anpr_settings_get_path (position->settings),
      anpr_settings_get_line (position->settings, "source", "uri"),
      ANPR_ERROR_CONFIG_VALUE,
      "the address does not begin with rtsp:// or rtsps://, which pipeline "
      "\"%s\" needs",
      pipeline);
}

static void
check_lists (
    const AnprPosition *position, const gchar *folder, GPtrArray *faults)
{
  g_autofree gchar *lists = anpr_settings_get_path_value (
      position->settings, "lists", "path", folder);

  if (lists && !g_file_test (lists, G_FILE_TEST_EXISTS))
    anpr_setting_faults_add (faults,
        anpr_settings_get_path (position->settings),
        anpr_settings_get_line (position->settings, "lists", "path"),
        ANPR_ERROR_LIST_OPEN, "there is no \"%s\"", lists);
}

static void
check_credentials (
    const AnprPosition *position, const gchar *folder, GPtrArray *faults)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnprCameraCredentials) credentials = NULL;
  const gchar *name = anpr_position_get (position, "source", "credentials");

  if (!*name)
    return;
  credentials = anpr_camera_credentials_load (name, folder, &error);
  if (!credentials)
    anpr_setting_faults_add (faults,
        anpr_settings_get_path (position->settings),
        anpr_settings_get_line (position->settings, "source", "credentials"),
        ANPR_ERROR_SECRET, "%s", error->message);
}

/**
 * anpr_position_check_around:
 * @position: a position without faults of its own
 * @folder: what relative paths start from
 * @faults: (element-type AnprSettingFault): where all faults are added
 *
 * Looks for what the position names: its pipeline, lists and credentials.
 */
void
anpr_position_check_around (
    const AnprPosition *position, const gchar *folder, GPtrArray *faults)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnprPipelineFile) file = anpr_pipeline_file_find (
      anpr_position_get (position, "pipeline", "name"), folder, NULL);
  g_autofree gchar *elements = NULL;

  check_parameters (position, file, faults);
  check_scheme (position, faults);
  check_lists (position, folder, faults);
  check_credentials (position, folder, faults);
  elements =
      anpr_position_get_elements (position, folder, "spool.sqlite", &error);
  if (!elements)
    anpr_setting_faults_add (faults,
        anpr_settings_get_path (position->settings),
        anpr_settings_get_line (position->settings, "pipeline", "name"),
        error->code, "%s", error->message);
}
