/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* anprctl status: how the cameras of a running anprd are. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "command.h"
#include "configuration.h"
#include "console.h"
#include "recordview.h"
#include "statusserver.h"
#include "../plugins/record/jsonmember.h"

static gchar *configuration_path;
static gboolean as_json;

static const GOptionEntry entries[] = {
  { "config", 'c', 0, G_OPTION_ARG_FILENAME, &configuration_path,
      "Configuration of that anprd; by default " ANPR_CONFIGURATION_DEFAULT,
      "FILE" },
  { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print all of it as JSON",
      NULL },
  { NULL },
};

static void
print_camera (JsonObject *camera)
{
  JsonObject *status = json_object_get_object_member (camera, "status");
  JsonObject *total = json_object_get_object_member (camera, "total");
  const gchar *reason = anpr_json_string (camera, "reason");
  const gchar *spool = anpr_json_string (camera, "spool_reason");
  g_autofree gchar *line = g_strdup_printf (
      "%-20s %-9s %5.1f fps  %8.0f reads  %8.0f vehicles  %6.0f hits  "
      "%4.0f MiB  %3.0f starts%s%s%s%s%s%s%s%s",
      anpr_json_string (camera, "id"), anpr_json_string (camera, "state"),
      anpr_json_number (status, "fps"), anpr_json_number (total, "reads"),
      anpr_json_number (total, "passages"), anpr_json_number (total, "hits"),
      anpr_json_number (status, "memory_bytes") / (1 << 20),
      anpr_json_number (camera, "starts"), *reason ? "  " : "",
      anpr_json_string (camera, "code"), *reason ? ": " : "", reason,
      *spool ? "  " : "", anpr_json_string (camera, "spool_code"),
      *spool ? ": " : "", spool);
  g_autofree gchar *clean = anpr_console_clean (line);

  anpr_console_print (clean);
}

static AnprctlStatus
print_answer (const gchar *answer)
{
  g_autoptr (JsonNode) node = json_from_string (answer, NULL);
  JsonArray *cameras, *faults;

  if (!node || !JSON_NODE_HOLDS_OBJECT (node)) {
    anpr_console_fault ("anprd", anpr_error_code_name (ANPR_ERROR_CONFIG_OPEN),
        "its answer cannot be read", NULL);
    return ANPRCTL_FAILED;
  }
  cameras = anpr_json_array (json_node_get_object (node), "cameras");
  for (guint i = 0; i < anpr_json_length (cameras); i++)
    print_camera (anpr_json_element (cameras, i));
  faults = anpr_json_array (json_node_get_object (node), "faults");
  for (guint i = 0; i < anpr_json_length (faults); i++)
    anpr_console_note ("%s", json_array_get_string_element (faults, i));
  return ANPRCTL_DONE;
}

static AnprctlStatus
run (gchar **arguments)
{
  g_autoptr (AnprConfiguration) configuration = anpr_configuration_load (
      configuration_path ? configuration_path : ANPR_CONFIGURATION_DEFAULT);
  g_autofree gchar *folder =
      anpr_configuration_get_path (configuration, "appliance", "run");
  g_autoptr (GError) error = NULL;
  g_autofree gchar *answer = NULL;

  if (arguments[0])
    return anprctl_usage ("status takes no arguments");
  answer = anpr_status_server_ask (folder, &error);
  if (!answer) {
    anpr_console_fault (folder, anpr_error_code_name (ANPR_ERROR_CONFIG_OPEN),
        error->message, "Check that anprd runs, and that you may ask it.");
    return ANPRCTL_FAILED;
  }
  if (!as_json)
    return print_answer (answer);
  anpr_console_print (answer);
  return ANPRCTL_DONE;
}

const AnprctlCommand anprctl_command_status = {
  .name = "status",
  .arguments = "",
  .summary = "Show how the cameras of a running anprd are",
  .description = "Asks anprd over its socket in the run folder, which root and "
                 "the user it\n"
                 "runs as may do.",
  .entries = entries,
  .run = run,
};
