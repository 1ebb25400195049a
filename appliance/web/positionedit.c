/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A position's file, as the page shows and changes it. Functions of their
 * arguments; what is right is decided by position.c and setting.c alone.
 */

#include "positionedit.h"
#include "requesttext.h"
#include "../../plugins/record/jsonmember.h"

#include <string.h>

/* --- changing ------------------------------------------------------------- */

/* What GKeyFile takes for the name of a section or key */
static gboolean
is_name (const gchar *name)
{
  return *name && strlen (name) <= 64
         && !name[strspn (name, "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")];
}

static gboolean
is_value (const gchar *value)
{
  if (strlen (value) > ANPR_SETTING_MAX_VALUE)
    return FALSE;
  for (; *value; value++) {
    if (g_ascii_iscntrl (*value))
      return FALSE;
  }
  return TRUE;
}

static gboolean
set_wrong (
    GError **error, const gchar *section, const gchar *key, const gchar *what)
{
  g_set_error (error, ANPR_ERROR, ANPR_ERROR_WEB_REQUEST,
      "settings.%s.%s is %s", section, key, what);
  return FALSE;
}

static void
note_change (JsonArray *changes, const gchar *section, const gchar *key,
    const gchar *before, const gchar *after)
{
  JsonObject *change = json_object_new ();

  json_object_set_string_member (change, "section", section);
  json_object_set_string_member (change, "key", key);
  json_object_set_string_member (change, "before", before ? before : "");
  json_object_set_string_member (change, "after", after);
  json_array_add_object_element (changes, change);
}

/* Changes one setting of the text; "" and null take it out */
static gboolean
change_one (gchar **text, const gchar *section, const gchar *key,
    JsonNode *node, JsonArray *changes, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree gchar *before = NULL;
  const gchar *after = "";
  gchar *changed;

  if (!is_name (section) || !is_name (key))
    return set_wrong (error, "?", "?", "no name of a setting");
  if (JSON_NODE_HOLDS_VALUE (node)
      && json_node_get_value_type (node) == G_TYPE_STRING)
    after = json_node_get_string (node);
  else if (!JSON_NODE_HOLDS_NULL (node))
    return set_wrong (error, section, key, "no text");
  if (!is_value (after))
    return set_wrong (
        error, section, key, "too long or has control characters");
  (void) g_key_file_load_from_data (file, *text, -1, G_KEY_FILE_NONE, NULL);
  before = g_key_file_get_string (file, section, key, NULL);
  if (g_strcmp0 (before ? g_strstrip (before) : "", after) == 0)
    return TRUE;
  changed =
      anpr_settings_change (*text, section, key, *after ? after : NULL, error);
  if (!changed)
    return FALSE;
  g_free (*text);
  *text = changed;
  note_change (changes, section, key, before, after);
  return TRUE;
}

static gboolean
change_section (gchar **text, const gchar *section, JsonObject *settings,
    JsonArray *changes, GError **error)
{
  JsonObjectIter iter;
  const gchar *key;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, settings);
  while (json_object_iter_next_ordered (&iter, &key, &node)) {
    if (!change_one (text, section, key, node, changes, error))
      return FALSE;
  }
  return TRUE;
}

/**
 * anpr_position_edit:
 * @text: of a position's file
 * @settings: what is to be other: {section: {key: value}}; what it does not name
 *     stays, as do comments
 * @changes: gets an object for each setting that becomes another: section, key,
 *     before, after
 * @error: %ANPR_ERROR_WEB_REQUEST, or the text cannot be read
 *
 * Returns: (transfer full) (nullable): the new text, not checked
 */
gchar *
anpr_position_edit (
    const gchar *text, JsonObject *settings, JsonArray *changes, GError **error)
{
  g_autofree gchar *edited = g_strdup (text);
  JsonObjectIter iter;
  const gchar *section;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, settings);
  while (json_object_iter_next_ordered (&iter, &section, &node)) {
    if (!JSON_NODE_HOLDS_OBJECT (node)) {
      set_wrong (error, section, "*", "no object");
      return NULL;
    }
    if (!change_section (
            &edited, section, json_node_get_object (node), changes, error))
      return NULL;
  }
  return g_steal_pointer (&edited);
}

/* --- what takes two persons ----------------------------------------------- */

/* R41: permission records, how long passages stay, which lists are compared with
 * and where hits go, and what is done with the pictures: another pipeline could
 * leave out comparing, or play a film in place of the camera. Values of others, and
 * of addresses, which may hold a password where a file was written by hand, are not
 * told. */
static const struct {
  const gchar *section;
  const gchar *key; /* NULL for all of the section */
  gboolean hidden;
} sensitive[] = {
  { "permission", NULL, FALSE },
  { "pipeline", NULL, FALSE },
  { "parameters", NULL, TRUE },
  { "spool", "size", FALSE },
  { "spool", "retention", FALSE },
  { "spool", "keep-delivered", FALSE },
  { "lists", "path", FALSE },
  { "lists", "repeat", FALSE },
  { "lists", NULL, TRUE },
};

static gboolean
is_sensitive (const gchar *section, const gchar *key, gboolean *hidden)
{
  for (guint i = 0; i < G_N_ELEMENTS (sensitive); i++) {
    if (!g_str_equal (sensitive[i].section, section)
        || (sensitive[i].key && !g_str_equal (sensitive[i].key, key)))
      continue;
    *hidden = sensitive[i].hidden;
    return TRUE;
  }
  *hidden = TRUE;
  return FALSE;
}

/**
 * anpr_position_edit_needs_second:
 * @changes: of anpr_position_edit() or anpr_position_edit_compare()
 *
 * Returns: whether one of them takes a second person (R41)
 */
gboolean
anpr_position_edit_needs_second (JsonArray *changes)
{
  for (guint i = 0; i < json_array_get_length (changes); i++) {
    JsonObject *change = json_array_get_object_element (changes, i);
    gboolean hidden;

    if (is_sensitive (json_object_get_string_member (change, "section"),
            json_object_get_string_member (change, "key"), &hidden))
      return TRUE;
  }
  return FALSE;
}

static GKeyFile *
load_text (const gchar *text)
{
  GKeyFile *file = g_key_file_new ();

  (void) g_key_file_load_from_data (file, text, -1, G_KEY_FILE_NONE, NULL);
  return file;
}

static gchar *
get_value (GKeyFile *file, const gchar *section, const gchar *key)
{
  gchar *value = g_key_file_get_value (file, section, key, NULL);

  return value ? g_strstrip (value) : g_strdup ("");
}

static void
compare_one (GKeyFile *before, GKeyFile *after, const gchar *section,
    const gchar *key, JsonArray *changes)
{
  g_autofree gchar *old = get_value (before, section, key);
  g_autofree gchar *new = get_value (after, section, key);
  JsonObject *change;
  gboolean hidden;

  if (g_str_equal (old, new))
    return;
  (void) is_sensitive (section, key, &hidden);
  change = json_object_new ();
  json_object_set_string_member (change, "section", section);
  json_object_set_string_member (change, "key", key);
  if (!hidden) {
    json_object_set_string_member (change, "before", old);
    json_object_set_string_member (change, "after", new);
  }
  json_array_add_object_element (changes, change);
}

/* What is in @file, held against the other; with @absent only what is not there */
static void
compare_all (GKeyFile *file, GKeyFile *before, GKeyFile *after, gboolean absent,
    JsonArray *changes)
{
  g_auto (GStrv) sections = g_key_file_get_groups (file, NULL);

  for (guint i = 0; sections[i]; i++) {
    g_auto (GStrv) keys = g_key_file_get_keys (file, sections[i], NULL, NULL);

    for (guint j = 0; keys && keys[j]; j++) {
      if (absent && g_key_file_has_key (after, sections[i], keys[j], NULL))
        continue;
      compare_one (before, after, sections[i], keys[j], changes);
    }
  }
}

/**
 * anpr_position_edit_compare:
 * @before: text of a position's file
 * @after: another one; what cannot be read as one counts as nothing
 *
 * Returns: (transfer full): an object for each setting that is another: section,
 *     key, and before and after where they may be told
 */
JsonArray *
anpr_position_edit_compare (const gchar *before, const gchar *after)
{
  g_autoptr (GKeyFile) old = load_text (before), new = load_text (after);
  JsonArray *changes = json_array_new ();

  compare_all (new, old, new, FALSE, changes);
  compare_all (old, old, new, TRUE, changes);
  return changes;
}

/**
 * anpr_position_edit_get_version:
 * @text: of a file
 *
 * Returns: (transfer full): what tells this text from another
 */
gchar *
anpr_position_edit_get_version (const gchar *text)
{
  gchar *version = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);

  version[32] = '\0';
  return version;
}

/* --- showing -------------------------------------------------------------- */

static void
add_open_group (const AnprSettings *settings, JsonBuilder *builder)
{
  const gchar *group = anpr_settings_get_schema (settings)->open_group;
  g_auto (GStrv) keys = anpr_settings_get_open_keys (settings);

  if (!group)
    return;
  json_builder_set_member_name (builder, group);
  json_builder_begin_object (builder);
  for (guint i = 0; keys[i]; i++)
    anpr_json_add_text (
        builder, keys[i], anpr_settings_get (settings, group, keys[i]));
  json_builder_end_object (builder);
}

/**
 * anpr_position_edit_add_settings:
 * @settings: of a position
 * @builder: gets a value: an object of sections, each with what is set in it
 */
void
anpr_position_edit_add_settings (
    const AnprSettings *settings, JsonBuilder *builder)
{
  const AnprSchema *schema = anpr_settings_get_schema (settings);
  const gchar *group = NULL;

  json_builder_begin_object (builder);
  for (guint i = 0; i < schema->n_settings; i++) {
    const AnprSetting *setting = &schema->settings[i];

    if (g_strcmp0 (group, setting->group) != 0) {
      if (group)
        json_builder_end_object (builder);
      group = setting->group;
      json_builder_set_member_name (builder, group);
      json_builder_begin_object (builder);
    }
    if (anpr_settings_get_line (settings, group, setting->key))
      anpr_json_add_text (builder, setting->key,
          anpr_settings_get (settings, group, setting->key));
  }
  if (group)
    json_builder_end_object (builder);
  add_open_group (settings, builder);
  json_builder_end_object (builder);
}

static const gchar *const type_names[ANPR_N_SETTING_TYPES] = {
  [ANPR_SETTING_TEXT] = "text",
  [ANPR_SETTING_NAME] = "name",
  [ANPR_SETTING_BOOLEAN] = "boolean",
  [ANPR_SETTING_NUMBER] = "number",
  [ANPR_SETTING_REAL] = "real",
  [ANPR_SETTING_CHOICE] = "choice",
  [ANPR_SETTING_CHOICES] = "choices",
  [ANPR_SETTING_PATH] = "path",
  [ANPR_SETTING_URI] = "uri",
  [ANPR_SETTING_REDIS] = "redis",
  [ANPR_SETTING_POLYGONS] = "polygons",
  [ANPR_SETTING_LINE] = "line",
  [ANPR_SETTING_MOMENT] = "moment",
};

static void
add_choices (const AnprSetting *setting, JsonBuilder *builder)
{
  g_auto (GStrv) choices =
      g_strsplit (setting->choices ? setting->choices : "", "|", -1);

  json_builder_set_member_name (builder, "choices");
  json_builder_begin_array (builder);
  for (guint i = 0; choices[i]; i++)
    json_builder_add_string_value (builder, choices[i]);
  json_builder_end_array (builder);
}

static void
add_bound (JsonBuilder *builder, const gchar *name, gdouble bound)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_double_value (builder, bound);
}

/**
 * anpr_position_edit_add_schema:
 * @builder: gets a value: an array with an object for each setting there is
 */
void
anpr_position_edit_add_schema (JsonBuilder *builder)
{
  const AnprSchema *schema = anpr_position_get_schema ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < schema->n_settings; i++) {
    const AnprSetting *setting = &schema->settings[i];

    json_builder_begin_object (builder);
    anpr_json_add_text (builder, "section", setting->group);
    anpr_json_add_text (builder, "key", setting->key);
    anpr_json_add_text (builder, "type", type_names[setting->type]);
    anpr_json_add_text (builder, "default", anpr_setting_get_default (setting));
    json_builder_set_member_name (builder, "required");
    json_builder_add_boolean_value (builder, !setting->fallback);
    anpr_json_add_text (builder, "description", setting->what);
    add_choices (setting, builder);
    if (setting->least != 0 || setting->most != 0) {
      add_bound (builder, "minimum", setting->least);
      add_bound (builder, "maximum", setting->most);
    }
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

/* --- faults --------------------------------------------------------------- */

/* Where a fault is, by the line; of what is missing by what it says */
static void
find_place (
    const AnprSettingFault *fault, gchar **lines, gchar **section, gchar **key)
{
  const AnprSchema *schema = anpr_position_get_schema ();

  *section = *key = NULL;
  for (guint i = 0; fault->line > 0 && lines[i] && i < fault->line; i++) {
    g_autofree gchar *line = g_strstrip (g_strdup (lines[i]));
    gchar *end = strchr (line, *line == '[' ? ']' : '=');

    if (*line == '#' || !end)
      continue;
    *end = '\0';
    g_clear_pointer (key, g_free);
    if (*line == '[') {
      g_free (*section);
      *section = g_strdup (line + 1);
    } else if (i == fault->line - 1) {
      *key = g_strchomp (g_strdup (line));
    }
  }
  for (guint i = 0; fault->line == 0 && i < schema->n_settings; i++) {
    g_autofree gchar *beginning = g_strdup_printf ("%s in [%s] is missing",
        schema->settings[i].key, schema->settings[i].group);

    if (!g_str_has_prefix (fault->message, beginning))
      continue;
    *section = g_strdup (schema->settings[i].group);
    *key = g_strdup (schema->settings[i].key);
    return;
  }
}

static void
add_fault (const AnprSettingFault *fault, gchar **lines, JsonBuilder *builder)
{
  g_autofree gchar *section = NULL, *key = NULL;
  g_autofree gchar *file = g_path_get_basename (fault->file);

  find_place (fault, lines, &section, &key);
  json_builder_begin_object (builder);
  anpr_json_add_text (builder, "file", file);
  json_builder_set_member_name (builder, "line");
  json_builder_add_int_value (builder, fault->line);
  anpr_json_add_text (builder, "section", section ? section : "");
  anpr_json_add_text (builder, "key", key ? key : "");
  anpr_json_add_text (builder, "code", anpr_error_code_name (fault->code));
  anpr_json_add_text (builder, "message", fault->message);
  anpr_json_add_text (builder, "advice", anpr_error_code_advice (fault->code));
  json_builder_end_object (builder);
}

/**
 * anpr_position_edit_add_faults:
 * @faults: (element-type AnprSettingFault): of @text
 * @text: of a position's file
 * @builder: gets a value: an array with an object for each fault
 */
void
anpr_position_edit_add_faults (
    GPtrArray *faults, const gchar *text, JsonBuilder *builder)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  json_builder_begin_array (builder);
  for (guint i = 0; i < faults->len; i++)
    add_fault (g_ptr_array_index (faults, i), lines, builder);
  json_builder_end_array (builder);
}
