/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What a camera's process is told: one line of JSON over its channel, which is
 * the only way a camera's password takes. It is in no argument, environment or
 * file of ours, and its memory is overwritten when it has been passed on.
 */

#include "cameratask.h"
#include "cameracredentials.h"
#include "recordview.h"
#include "../plugins/record/jsonmember.h"

#include <string.h>

static void
property_free (gpointer data)
{
  AnprCameraProperty *property = data;

  g_free (property->element);
  g_free (property->property);
  g_free (property->value);
  g_free (property);
}

static AnprCameraTask *
task_new_empty (void)
{
  AnprCameraTask *task = g_new0 (AnprCameraTask, 1);

  task->properties = g_ptr_array_new_with_free_func (property_free);
  return task;
}

/**
 * anpr_camera_task_line_free:
 * @line: (nullable) (transfer full): a line with a password in it; overwritten
 */
void
anpr_camera_task_line_free (gchar *line)
{
  if (line)
    explicit_bzero (line, strlen (line));
  g_free (line);
}

/**
 * anpr_camera_task_free:
 * @task: (nullable) (transfer full): a task
 */
void
anpr_camera_task_free (AnprCameraTask *task)
{
  if (!task)
    return;
  g_free (task->position);
  g_free (task->elements);
  g_ptr_array_unref (task->properties);
  anpr_camera_task_line_free (task->user);
  anpr_camera_task_line_free (task->password);
  g_free (task->still_path);
  g_free (task);
}

static void
add_property (AnprCameraTask *task, const gchar *element, const gchar *property,
    const gchar *value)
{
  AnprCameraProperty *added = g_new (AnprCameraProperty, 1);

  added->element = g_strdup (element);
  added->property = g_strdup (property);
  added->value = g_strdup (value);
  g_ptr_array_add (task->properties, added);
}

/* What the position says of elements, by the schema's columns */
static void
add_settings (
    AnprCameraTask *task, const AnprPosition *position, const gchar *folder)
{
  const AnprSchema *schema = anpr_position_get_schema ();

  for (guint i = 0; i < schema->n_settings; i++) {
    const AnprSetting *setting = &schema->settings[i];
    g_autofree gchar *value = NULL;

    if (!setting->element)
      continue;
    if (setting->type == ANPR_SETTING_PATH)
      value = anpr_settings_get_path_value (
          position->settings, setting->group, setting->key, folder);
    else
      value =
          g_strdup (anpr_position_get (position, setting->group, setting->key));
    if (value && *value)
      add_property (task, setting->element, setting->property, value);
  }
}

static void
add_spool_settings (AnprCameraTask *task,
    const AnprConfiguration *configuration, const AnprPosition *position)
{
  const gchar *device =
      anpr_settings_get (configuration->settings, "appliance", "device");
  g_autofree gchar *size = g_strdup_printf ("%" G_GUINT64_FORMAT,
      anpr_settings_get_number (position->settings, "spool", "size") << 20);
  g_autofree gchar *key = anpr_configuration_get_key (configuration);

  add_property (task, "anprsink", "max-size", size);
  if (key)
    add_property (task, "anprsink", "key", key);
  if (*device)
    add_property (task, "anprsink", "device", device);
}

static gboolean
add_credentials (AnprCameraTask *task, const AnprPosition *position,
    const gchar *folder, GError **error)
{
  const gchar *name = anpr_position_get (position, "source", "credentials");
  g_autoptr (AnprCameraCredentials) credentials = NULL;

  if (!*name)
    return TRUE;
  credentials = anpr_camera_credentials_load (name, folder, error);
  if (!credentials)
    return FALSE;
  task->user = g_steal_pointer (&credentials->user);
  task->password = g_steal_pointer (&credentials->password);
  return TRUE;
}

/**
 * anpr_camera_task_new:
 * @configuration: of the appliance
 * @position: one without faults
 * @spool: (nullable): where passages are kept, %NULL nowhere
 * @error: what the pipeline or credentials lack
 *
 * Returns: (transfer full) (nullable): the task of its camera
 */
AnprCameraTask *
anpr_camera_task_new (const AnprConfiguration *configuration,
    const AnprPosition *position, const gchar *spool, GError **error)
{
  g_autoptr (AnprCameraTask) task = task_new_empty ();

  task->position = g_strdup (position->id);
  task->elements = anpr_position_get_elements (
      position, configuration->folder, spool, error);
  if (!task->elements
      || !add_credentials (task, position, configuration->folder, error))
    return NULL;
  add_settings (task, position, configuration->folder);
  add_spool_settings (task, configuration, position);
  task->stall_timeout =
      anpr_settings_get_number (position->settings, "source", "stall-timeout");
  task->stop_at_end =
      g_str_equal (anpr_position_get (position, "source", "at-end"), "stop");
  task->valid_until = position->permission.until_utc;
  task->still_path = anpr_configuration_get_still (configuration, position->id);
  task->still_interval = anpr_settings_get_number (
      configuration->settings, "cameras", "still-interval");
  return g_steal_pointer (&task);
}

static void
write_text (JsonBuilder *builder, const gchar *name, const gchar *value)
{
  if (!value)
    return;
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static void
write_properties (JsonBuilder *builder, const AnprCameraTask *task)
{
  json_builder_set_member_name (builder, "properties");
  json_builder_begin_array (builder);
  for (guint i = 0; i < task->properties->len; i++) {
    const AnprCameraProperty *property =
        g_ptr_array_index (task->properties, i);

    json_builder_begin_object (builder);
    write_text (builder, "element", property->element);
    write_text (builder, "property", property->property);
    write_text (builder, "value", property->value);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

/**
 * anpr_camera_task_to_line:
 * @task: a task
 *
 * Returns: (transfer full): it as one line of JSON; free with
 *     anpr_camera_task_line_free()
 */
gchar *
anpr_camera_task_to_line (const AnprCameraTask *task)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  write_text (builder, "type", "begin");
  write_text (builder, "position", task->position);
  write_text (builder, "elements", task->elements);
  write_properties (builder, task);
  write_text (builder, "user", task->user);
  write_text (builder, "password", task->password);
  anpr_json_add_number (builder, "stall_timeout", task->stall_timeout);
  json_builder_set_member_name (builder, "stop_at_end");
  json_builder_add_boolean_value (builder, task->stop_at_end);
  anpr_json_add_number (builder, "valid_until", task->valid_until);
  write_text (builder, "still_path", task->still_path);
  anpr_json_add_number (builder, "still_interval", task->still_interval);
  json_builder_set_member_name (builder, "keep_plates");
  json_builder_add_boolean_value (builder, task->keep_plates);
  json_builder_end_object (builder);
  return anpr_json_builder_to_line (builder);
}

static gchar *
read_text (JsonObject *object, const gchar *name)
{
  const gchar *value = anpr_json_string (object, name);

  return *value ? g_strdup (value) : NULL;
}

static void
read_properties (AnprCameraTask *task, JsonArray *array)
{
  for (guint i = 0; i < anpr_json_length (array); i++) {
    JsonObject *object = anpr_json_element (array, i);

    if (object)
      add_property (task, anpr_json_string (object, "element"),
          anpr_json_string (object, "property"),
          anpr_json_string (object, "value"));
  }
}

/**
 * anpr_camera_task_parse:
 * @line: (array length=length): a line
 * @length: bytes
 *
 * Returns: (transfer full) (nullable): the task it holds, %NULL if it holds none
 */
AnprCameraTask *
anpr_camera_task_parse (const gchar *line, gsize length)
{
  g_autoptr (JsonObject) object = anpr_json_parse (line, length);
  g_autoptr (AnprCameraTask) task = task_new_empty ();

  if (!object || !g_str_equal (anpr_json_string (object, "type"), "begin"))
    return NULL;
  task->position = read_text (object, "position");
  task->elements = read_text (object, "elements");
  read_properties (task, anpr_json_array (object, "properties"));
  task->user = read_text (object, "user");
  task->password = read_text (object, "password");
  task->stall_timeout = anpr_json_number (object, "stall_timeout");
  task->stop_at_end = anpr_json_boolean (object, "stop_at_end");
  task->valid_until =
      json_object_get_int_member_with_default (object, "valid_until", 0);
  task->still_path = read_text (object, "still_path");
  task->still_interval = anpr_json_number (object, "still_interval");
  task->keep_plates = anpr_json_boolean (object, "keep_plates");
  return task->position && task->elements ? g_steal_pointer (&task) : NULL;
}
