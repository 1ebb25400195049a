/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The whole configuration of an appliance: anprd.conf, and one file a position
 * in positions.d beside it.
 *
 * Loading reads everything and finds all faults; nothing of what it gives
 * changes afterwards. That a permission does not hold now is no fault of the
 * configuration: it is judged while the appliance runs.
 */

#include "configuration.h"
#include "permissionclock.h"
#include "../plugins/record/folder.h"

#include <string.h>

static const AnprSetting settings[] = {
  { "appliance", "device", ANPR_SETTING_NAME, "",
      "Name of this appliance in the records; the host's name if there is "
      "none." },
  { "appliance", "state", ANPR_SETTING_PATH, "/var/lib/anpr",
      "Folder for what must survive a restart: the positions' spools." },
  { "appliance", "run", ANPR_SETTING_PATH, "/run/anpr",
      "Folder for what need not: status socket, last pictures." },
  { "appliance", "key", ANPR_SETTING_PATH, "",
      "File with the key that all spools are encrypted with, from anprctl "
      "spool "
      "key, or the name of a systemd credential; not encrypted without." },

  { "cameras", "max-memory", ANPR_SETTING_NUMBER, "512",
      "A camera's process with more memory of its own is started anew, MiB.",
      32, 16384 },
  { "cameras", "nice", ANPR_SETTING_NUMBER, "0",
      "How much the cameras' processes give way to others.", 0, 19 },
  { "cameras", "heartbeat-timeout", ANPR_SETTING_NUMBER, "10",
      "Seconds without a sign of life after which a camera's process is killed "
      "and started anew.",
      2, 600 },
  { "cameras", "stop-timeout", ANPR_SETTING_NUMBER, "10",
      "Seconds a camera's process may take to keep its last passages; then it "
      "is killed.",
      1, 600 },
  { "cameras", "restart-delay-max", ANPR_SETTING_REAL, "4",
      "Longest time between a camera's end and its next start, seconds; the "
      "first is a quarter of a second and each is twice the one before.",
      0.1, 3600 },
  { "cameras", "still-interval", ANPR_SETTING_NUMBER, "10",
      "Seconds between the pictures that show what a camera sees; 0 for none.",
      0, 3600 },

  { "forward", "central", ANPR_SETTING_TEXT, "",
      "Address of the central database, a libpq URI or service, to which all "
      "passages are forwarded; no password in it, docs/forwarding.md.",
      .most = 500 },

  { "page", "enabled", ANPR_SETTING_BOOLEAN, "true",
      "Whether the page, its API and the metrics are served." },
  { "page", "address", ANPR_SETTING_TEXT, "127.0.0.1",
      "Numeric address to serve at; another than a loopback one takes a "
      "certificate. 0.0.0.0 is all of IPv4, :: all of IPv6.",
      .most = 45 },
  { "page", "port", ANPR_SETTING_NUMBER, "8480", "Port to serve at.", 1,
      65535 },
  { "page", "certificate", ANPR_SETTING_PATH, "",
      "PEM file with the certificate of the page and those between it and its "
      "authority; without it the page is plain HTTP." },
  { "page", "key", ANPR_SETTING_PATH, "",
      "PEM file of mode 0600 with the certificate's key, if that is in a file "
      "of "
      "its own." },
  { "page", "host-names", ANPR_SETTING_TEXT, "",
      "Names people enter to get to the page, with spaces between, in small "
      "letters; numeric addresses, localhost and the host's own name count "
      "without.",
      .most = 400 },
  { "page", "metrics-token", ANPR_SETTING_PATH, "",
      "File of mode 0600 with the token that Prometheus shows, at least 16 "
      "characters; without it metrics take a session." },
};

/**
 * anpr_configuration_get_schema:
 *
 * Returns: (transfer none): what anprd.conf may hold
 */
const AnprSchema *
anpr_configuration_get_schema (void)
{
  static const AnprSchema schema = { settings, G_N_ELEMENTS (settings), NULL };

  return &schema;
}

/* Paths of positions, in order; files that editors leave beside are not seen */
static GPtrArray *
find_positions (AnprConfiguration *configuration)
{
  g_autofree gchar *folder = g_build_filename (
      configuration->folder, ANPR_CONFIGURATION_POSITIONS, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) entries = g_dir_open (folder, 0, &error);
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  const gchar *name;

  if (!entries) {
    if (!g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
      anpr_setting_faults_add (configuration->faults, folder, 0,
          ANPR_ERROR_CONFIG_OPEN, "%s", error->message);
    return paths;
  }
  while ((name = g_dir_read_name (entries))) {
    if (*name != '.' && g_str_has_suffix (name, ANPR_POSITION_SUFFIX))
      g_ptr_array_add (paths, g_build_filename (folder, name, NULL));
  }
  g_ptr_array_sort (paths, anpr_folder_compare_names);
  if (paths->len > ANPR_CONFIGURATION_MAX_POSITIONS) {
    anpr_setting_faults_add (configuration->faults, folder, 0,
        ANPR_ERROR_CONFIG_CONFLICT, "%u positions are more than %d", paths->len,
        ANPR_CONFIGURATION_MAX_POSITIONS);
    g_ptr_array_set_size (paths, ANPR_CONFIGURATION_MAX_POSITIONS);
  }
  return paths;
}

static void
load_position (AnprConfiguration *configuration, const gchar *path)
{
  guint n_faults = configuration->faults->len;
  g_autoptr (AnprPosition) position =
      anpr_position_load (path, configuration->faults);

  if (position && configuration->faults->len == n_faults)
    anpr_position_check_around (
        position, configuration->folder, configuration->faults);
  /* when there is no room for more faults, better refuse what may be right */
  if (position && configuration->faults->len == n_faults
      && n_faults < ANPR_SETTINGS_MAX_FAULTS)
    g_ptr_array_add (configuration->positions, g_steal_pointer (&position));
  else
    g_ptr_array_add (configuration->broken, anpr_position_id_of_path (path));
}

/**
 * anpr_configuration_load:
 * @path: of anprd.conf
 *
 * Returns: (transfer full): what it and the positions' files say, and all faults
 */
AnprConfiguration *
anpr_configuration_load (const gchar *path)
{
  AnprConfiguration *configuration = g_new0 (AnprConfiguration, 1);
  g_autoptr (GPtrArray) paths = NULL;

  configuration->path = g_canonicalize_filename (path, NULL);
  configuration->folder = g_path_get_dirname (configuration->path);
  configuration->faults = anpr_setting_faults_new ();
  configuration->positions =
      g_ptr_array_new_with_free_func ((GDestroyNotify) anpr_position_unref);
  configuration->broken = g_ptr_array_new_with_free_func (g_free);
  configuration->settings =
      anpr_settings_load (anpr_configuration_get_schema (), configuration->path,
          configuration->faults);
  configuration->usable = configuration->faults->len == 0;
  paths = find_positions (configuration);
  for (guint i = 0; i < paths->len; i++)
    load_position (configuration, g_ptr_array_index (paths, i));
  anpr_setting_faults_sort (configuration->faults);
  return configuration;
}

/**
 * anpr_configuration_free:
 * @configuration: (nullable) (transfer full): a configuration
 */
void
anpr_configuration_free (AnprConfiguration *configuration)
{
  if (!configuration)
    return;
  g_free (configuration->path);
  g_free (configuration->folder);
  anpr_settings_free (configuration->settings);
  g_ptr_array_unref (configuration->positions);
  g_ptr_array_unref (configuration->broken);
  g_ptr_array_unref (configuration->faults);
  g_free (configuration);
}

/**
 * anpr_configuration_get_path:
 * @configuration: a configuration
 * @group: a section of anprd.conf
 * @key: a setting there that takes a path
 *
 * Returns: (transfer full) (nullable): the path, absolute; %NULL for none
 */
gchar *
anpr_configuration_get_path (const AnprConfiguration *configuration,
    const gchar *group, const gchar *key)
{
  return anpr_settings_get_path_value (
      configuration->settings, group, key, configuration->folder);
}

/**
 * anpr_configuration_get_key:
 * @configuration: a configuration
 *
 * Returns: (transfer full) (nullable): path of the spools' key, or name of the
 *     systemd credential; %NULL if they are not encrypted
 */
gchar *
anpr_configuration_get_key (const AnprConfiguration *configuration)
{
  const gchar *key =
      anpr_settings_get (configuration->settings, "appliance", "key");

  if (*key && !strchr (key, '/') && g_getenv ("CREDENTIALS_DIRECTORY"))
    return g_strdup (key);
  return anpr_configuration_get_path (configuration, "appliance", "key");
}

static gchar *
file_of_position (const AnprConfiguration *configuration, const gchar *key,
    const gchar *position_id, const gchar *suffix)
{
  g_autofree gchar *folder =
      anpr_configuration_get_path (configuration, "appliance", key);
  g_autofree gchar *name = g_strconcat (position_id, suffix, NULL);

  return g_build_filename (folder, name, NULL);
}

/**
 * anpr_configuration_get_spool:
 * @configuration: a configuration
 * @position_id: of a position
 *
 * Returns: (transfer full): path of its spool
 */
gchar *
anpr_configuration_get_spool (
    const AnprConfiguration *configuration, const gchar *position_id)
{
  return file_of_position (configuration, "state", position_id, ".spool");
}

/**
 * anpr_configuration_get_time:
 * @configuration: of an appliance
 *
 * Returns: the time that it judges permissions by (permissionclock.c), microseconds
 *     since 1970; the system's clock where its state folder cannot be read
 */
gint64
anpr_configuration_get_time (const AnprConfiguration *configuration)
{
  g_autofree gchar *state =
      anpr_configuration_get_path (configuration, "appliance", "state");
  g_autofree gchar *path =
      g_build_filename (state, ANPR_PERMISSION_CLOCK_FILE, NULL);

  return anpr_permission_clock_peek (path);
}

/**
 * anpr_configuration_get_still:
 * @configuration: a configuration
 * @position_id: of a position
 *
 * Returns: (transfer full): path of the JPEG that shows what its camera saw last
 */
gchar *
anpr_configuration_get_still (
    const AnprConfiguration *configuration, const gchar *position_id)
{
  return file_of_position (configuration, "run", position_id, ".jpg");
}
